//! The portal sends a browser on to its own addresses, whatever a link or form names as the place to go next.

use serde_json::json;
use testkit::portal::{Answer, Http};

use super::answers::leads_home;
use super::{Mailed, bucket_origin, encoded, page, submit};
use crate::world::LawFirm;

/// What browsers read as another site, or run.
const AWAY: [&str; 12] = [
    "https://evil.example/",
    "http:evil.example",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\n//evil.example/",
    " https://evil.example/",
    "javascript:alert(1)//evil.example",
    "data:text/html,evil.example",
    "@evil.example/",
];

/// Neither a header nor anything on the page leads away.
fn check(what: &str, next: &str, answer: &Answer) {
    for name in ["location", "hx-redirect", "hx-location", "refresh"] {
        let place = answer.header(name);
        assert!(place.is_empty() || leads_home(place, &bucket_origin()), "{what} with {next:?}: {name}: {place}");
    }
    let text = answer.text();
    let offered = ["href=\"", "action=\"", "value=\""].iter().any(|at| {
        text.split(at).skip(1).any(|rest| rest.split('"').next().is_some_and(|value| value.contains("evil.example")))
    });
    assert!(!offered, "{what} with {next:?} offers {text}");
    assert!(answer.status < 500, "{what} with {next:?}: {}", answer.status);
}

#[tokio::test]
async fn nothing_leads_to_another_site() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let stranger = world.portal.stranger();
    for next in AWAY {
        let query = encoded(&[("next", next)]);
        for path in ["/sign-in", "/sign-in/second", "/choose", "/confirm", "/security/enrol", "/sign-out"] {
            for (who, http) in [("nobody", &stranger), ("staff", staff.http())] {
                check(&format!("GET {path} by {who}"), next, &page(http, &format!("{path}?{query}")).await);
            }
        }
        // A page that says where it is being looked at, to come back to after signing in.
        let headers = [("hx-request", "true".to_owned()), ("hx-current-url", next.trim().replace(['\t', '\n'], ""))];
        check("a part of a page", next, &stranger.raw("GET", "/sessions", &headers, Vec::new()).await);
        let me = staff.read("/api/v1/me").await;
        let own = format!("{}.FIRM", me["firm"]["id"].as_str().unwrap());
        check("choosing", next, &submit(staff.http(), "/choose", &[("membership", &own), ("next", next)]).await);
    }
    // An address that looks like another site's by itself.
    for path in ["//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "/%5Cevil.example", "/.evil.example/"] {
        let answer = page(&stranger, path).await;
        check(path, "", &answer);
    }
}

#[tokio::test]
async fn signing_in_leads_to_a_page_of_the_portal() {
    let world = LawFirm::open().await;
    let email = world.address("staff");
    for next in ["https://evil.example/", "//evil.example/", "/\\evil.example/", "/\t/evil.example/"] {
        let http = world.portal.stranger();
        let Mailed { token, .. } = by_page(&world, &http, &email, next).await;
        let answer = submit(&http, "/sign-in/link", &[("token", &token)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{next:?}");
    }
    let http = world.portal.stranger();
    let Mailed { token, .. } = by_page(&world, &http, &email, "/sessions").await;
    let answer = submit(&http, "/sign-in/link", &[("token", &token)]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sessions"), "own pages are led to");
}

/// Asks on the page, with a place to go next.
async fn by_page(world: &LawFirm, http: &Http, email: &str, next: &str) -> Mailed {
    let before = world.portal.mails(email).await.len();
    let asked = submit(http, "/sign-in", &[("email", email), ("next", next)]).await;
    check("POST /sign-in", next, &asked);
    let mail = world.portal.mail_after(email, before).await;
    let link = testkit::portal::link_in(&mail);
    let token = link.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert!(!mail["text"].as_str().unwrap().contains("evil.example"), "{mail}");
    Mailed { token, code: testkit::portal::code_in(&mail) }
}

#[tokio::test]
async fn confirming_leads_to_a_page_of_the_portal() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    for next in ["https://evil.example/", "//evil.example/"] {
        let before = world.portal.mails(&staff.email).await.len();
        check("POST /confirm/mail", next, &submit(staff.http(), "/confirm/mail", &[("next", next)]).await);
        let code = testkit::portal::code_in(&world.portal.mail_after(&staff.email, before).await);
        let answer = submit(staff.http(), "/confirm", &[("code", &code), ("next", next)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{next:?}");
    }
}

/// The address that a mail leads to is the portal's own, whatever host the asking request claims to be for.
#[tokio::test]
async fn mailed_links_lead_to_the_portal_whoever_asks() {
    let world = LawFirm::open().await;
    let email = world.address("staff2");
    let http = world.portal.stranger();
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-forwarded-host", "evil.example".to_owned()),
        ("x-forwarded-proto", "http".to_owned()),
        ("forwarded", "host=evil.example".to_owned()),
        ("x-original-url", "https://evil.example/".to_owned()),
        ("referer", "https://evil.example/".to_owned()),
    ];
    let body = json!({ "email": email }).to_string().into_bytes();
    assert_eq!(http.raw("POST", "/api/v1/auth/link", &headers, body).await.status, 202);
    let mail = world.portal.mail_after(&email, 0).await;
    assert!(!mail.to_string().contains("evil.example"), "{mail}");
    let own = format!("{}/sign-in/link?", super::site(&http));
    assert!(mail["text"].as_str().unwrap().contains(&own), "{mail}");
}
