//! Signing in by a mailed link or code, sessions, and what scanners and guessers meet.

use serde_json::json;
use testkit::portal::{code_in, link_in};

use crate::world::{LawFirm, counted, fresh, portal, volume};

/// Each of these must leave the link as good as it was.
const SCANNERS: [(&str, &str); 4] = [
    ("GET", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Safe Links"),
    ("HEAD", "Barracuda Sentinel"),
    ("GET", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
    ("GET", "curl/8.5.0"),
];

#[tokio::test]
async fn scanners_cannot_use_up_a_link() {
    let world = LawFirm::open().await;
    let email = world.address("admin.acme");
    let browser = world.portal.stranger();
    assert_eq!(browser.post("/api/v1/auth/link", &json!({ "email": email })).await.status, 202);
    let mail = world.portal.mail_after(&email, 0).await;
    let link = link_in(&mail);
    let fetches = volume(1_000, 60);
    for n in 0..fetches {
        let (method, agent) = SCANNERS[n % SCANNERS.len()];
        let scanner = world.portal.stranger();
        let answer = scanner.raw(method, &link, &[("user-agent", agent.to_owned())], Vec::new()).await;
        assert_eq!(answer.status, 200, "{method} by {agent}");
        assert!(!scanner.cookies().contains("__Host-s="), "a scanner got a session");
    }
    counted("scanner-like fetches of a link that left it valid and gave no session", fetches);
    let token = link.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let session = browser.post("/api/v1/auth/session", &json!({ "token": token })).await;
    assert_eq!(session.status, 200, "the link still works: {}", session.text());
    let again = browser.post("/api/v1/auth/session", &json!({ "token": token })).await;
    assert!((400..500).contains(&again.status), "a link works once, answered {}", again.status);
}

#[tokio::test]
async fn a_link_is_bound_to_the_browser_that_asked() {
    let world = LawFirm::open().await;
    let email = world.address("admin.acme");
    let browser = world.portal.stranger();
    browser.post("/api/v1/auth/link", &json!({ "email": email })).await;
    let mail = world.portal.mail_after(&email, 0).await;
    let token = link_in(&mail).split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let thief = world.portal.stranger();
    let stolen = thief.post("/api/v1/auth/session", &json!({ "token": token })).await;
    assert!((400..500).contains(&stolen.status), "answered {}", stolen.status);
    assert!(!thief.cookies().contains("__Host-s="));
    let code = code_in(&mail);
    let session = browser.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await;
    assert_eq!(session.status, 200, "{}", session.text());
}

#[tokio::test]
async fn unknown_addresses_are_answered_like_known_ones() {
    let world = LawFirm::open().await;
    let known = world.portal.stranger().post("/api/v1/auth/link", &json!({ "email": world.address("staff") })).await;
    let nobody = format!("nobody@{}.example", fresh().to_lowercase());
    let unknown = world.portal.stranger().post("/api/v1/auth/link", &json!({ "email": nobody })).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    world.portal.mail_after(&world.address("staff"), 0).await;
    assert_eq!(world.portal.mails(&nobody).await.len(), 0);
}

#[tokio::test]
async fn codes_cannot_be_guessed() {
    let world = LawFirm::open().await;
    let email = world.address("staff");
    let browser = world.portal.stranger();
    browser.post("/api/v1/auth/link", &json!({ "email": email })).await;
    let code = code_in(&world.portal.mail_after(&email, 0).await);
    for n in 0..8 {
        let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + n + 1) % 1_000_000);
        let answer = browser.post("/api/v1/auth/session", &json!({ "email": email, "code": wrong })).await;
        assert!((400..500).contains(&answer.status), "a wrong code answered {}", answer.status);
    }
    let late = browser.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await;
    assert!((400..500).contains(&late.status), "the right code after too many wrong ones answered {}", late.status);
    assert!(!browser.cookies().contains("__Host-s="));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_everywhere_ends_them_all() {
    let world = LawFirm::open().await;
    let (first, second) = (world.person("staff").await, world.person("staff").await);
    let cookies = first.http().cookies();
    assert_eq!(first.get("/api/v1/me").await.status, 200);
    assert!((200..300).contains(&first.http().send("DELETE", "/api/v1/auth/session", None).await.status));
    let replayed = world.portal.resume(&first.email, &cookies);
    assert_eq!(replayed.get("/api/v1/me").await.status, 401);
    assert_eq!(second.get("/api/v1/me").await.status, 200);
    let third = world.person("staff").await;
    assert_eq!(third.get("/api/v1/clients").await.status, 200);
    let everywhere = second.http().send("DELETE", "/api/v1/auth/sessions", None).await;
    assert!((200..300).contains(&everywhere.status), "{}", everywhere.text());
    assert_eq!(third.get("/api/v1/clients").await.status, 401, "ended at the next request, cached grant or not");
}

#[tokio::test]
async fn a_person_of_several_companies_chooses_and_sees_one_at_a_time() {
    let one = LawFirm::open().await;
    let two = LawFirm::open().await;
    let email = one.address("member.acme");
    let new = testkit::firm::NewPerson {
        name: "Max Acme",
        email: &email,
        role: "client_admin",
        client: Some(&two.birch),
        phone: None,
    };
    two.firm.invite(&new).await;
    let person = portal().sign_in(&email).await;
    let me = person
        .post("/api/v1/auth/membership", &json!({ "membership": format!("{}.{}", two.firm.id, two.birch) }))
        .await;
    assert_eq!(me.status, 200, "{}", me.text());
    assert_eq!(person.get(&format!("/api/v1/clients/{}/projects", two.birch)).await.status, 200);
    assert_eq!(person.get(&format!("/api/v1/clients/{}/projects", one.acme)).await.status, 404);
    let back =
        person.post("/api/v1/auth/membership", &json!({ "membership": format!("{}.{}", one.firm.id, one.acme) })).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(person.get(&format!("/api/v1/clients/{}/projects", one.acme)).await.status, 200);
    assert_eq!(person.get(&format!("/api/v1/clients/{}/projects", two.birch)).await.status, 404);
    let foreign =
        person.post("/api/v1/auth/membership", &json!({ "membership": format!("{}.FIRM", two.firm.id) })).await;
    assert!((400..500).contains(&foreign.status), "answered {}", foreign.status);
}

/// Links in notices lead through the page for signing in; whoever is in already is not asked again.
#[tokio::test]
async fn a_mailed_link_leads_on_while_signed_in() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let get = |path: &'static str| {
        let http = staff.http().clone();
        async move { http.raw("GET", path, &[("accept", "text/html".to_owned())], Vec::new()).await }
    };
    for (path, to) in [
        ("/sign-in?next=/sessions", "/sessions"),
        ("/sign-in", "/"),
        ("/sign-in?next=//evil.example", "/"),
        ("/sign-in/link?token=none", "/"),
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, to), "{path}");
    }
    let cookies = staff.http().cookies();
    assert_eq!(staff.http().send("DELETE", "/api/v1/auth/session", None).await.status, 204);
    staff.http().set_cookies(&cookies);
    assert_eq!(get("/sign-in?next=/sessions").await.status, 200, "a session that ended leads nowhere");
}
