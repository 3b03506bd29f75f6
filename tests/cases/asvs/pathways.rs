//! Whoever has a second factor shows it, whichever way they come in; until then their session opens nothing.

use std::collections::BTreeSet;

use http::Method;
use serde_json::json;
use testkit::portal::{Answer, Http, Person};
use web::{Access, Route};

use super::{App, Mailed, address, enrol, is_api, mailed, page, problem, routes, submit};
use crate::world::LawFirm;

/// By what a session begins: no other route leads to one. Each asks for what `everyone_is_asked_…` asks for below.
const WAYS: [&str; 4] = [
    "POST /sign-in/link",
    "POST /sign-in/code",
    "POST /api/v1/auth/session",
    // Two things at once: the device and the person's own lock on it.
    "POST /sign-in/passkey",
];

/// Routes that a session may use that waits for its second factor: showing one, and leaving.
const OPEN: [&str; 7] = [
    "GET /sign-in/second",
    "POST /sign-in/second",
    "POST /api/v1/auth/second",
    "POST /api/v1/auth/second/question",
    "POST /sign-out",
    "DELETE /api/v1/auth/session",
    "POST /view-as/end",
];

async fn with_a_second_factor(world: &LawFirm, local: &str) -> (Person, App) {
    let person = world.person(local).await;
    person.confirm().await;
    let app = enrol(&person).await;
    (person, app)
}

/// Signs in by one of the ways, as far as it leads.
async fn enter(world: &LawFirm, http: &Http, email: &str, way: &str) -> Answer {
    let Mailed { token, code } = mailed(&world.portal, http, email).await;
    match way {
        "link by the page" => submit(http, "/sign-in/link", &[("token", &token)]).await,
        "code by the page" => submit(http, "/sign-in/code", &[("email", email), ("code", &code)]).await,
        "link" => http.post("/api/v1/auth/session", &json!({ "token": token })).await,
        "code" => http.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn everyone_is_asked_for_the_second_factor_on_every_way_in() {
    let world = LawFirm::open().await;
    for local in ["partner", "member.acme"] {
        let (person, app) = with_a_second_factor(&world, local).await;
        for way in ["link by the page", "code by the page", "link", "code"] {
            let http = world.portal.stranger();
            let entered = enter(&world, &http, &person.email, way).await;
            assert!([200, 303].contains(&entered.status), "{way}: {}", entered.text());
            for path in ["/api/v1/me", "/api/v1/clients", "/api/v1/auth/factors", "/api/v1/auth/sessions"] {
                let answer = http.get(path).await;
                assert_eq!(
                    (answer.status, problem(&answer).as_str()),
                    (403, "second-factor-required"),
                    "{way}: {path}"
                );
            }
            let home = page(&http, "/").await;
            assert_eq!((home.status, home.header("location")), (303, "/sign-in/second"), "{way}");
        }
        let http = world.portal.stranger();
        enter(&world, &http, &person.email, "link").await;
        let shown = http.post("/api/v1/auth/second", &json!({ "code": app.code(0) })).await;
        assert_eq!(shown.status, 200, "{}", shown.text());
        assert_eq!(http.get("/api/v1/me").await.status, 200);
    }
}

/// Nothing else gives a session: what may be called without one is short, and of it only these set the cookie.
#[tokio::test]
async fn there_is_no_other_way_in() {
    let world = LawFirm::open().await;
    let known: BTreeSet<&str> = WAYS.into_iter().collect();
    let stranger = world.portal.stranger();
    for route in routes().iter().filter(|route| matches!(route.access, Access::Public(_))) {
        let name = format!("{} {}", route.method, route.path);
        let answer = match (route.method.clone(), is_api(route)) {
            (Method::GET, _) => page(&stranger, &address(route, &[])).await,
            (_, true) => stranger.post(&address(route, &[]), &json!({})).await,
            (_, false) => submit(&stranger, &address(route, &[]), &[]).await,
        };
        let begun = answer.headers.get_all("set-cookie").iter().any(|line| line.as_bytes().starts_with(b"__Host-s="));
        assert!(!begun && answer.status < 500, "{name}: {} {:?}", answer.status, answer.headers);
        // A route that signs in is named above, or is a provider's answer, which has its own proof.
        let signs_in = name.starts_with("POST /sign-in/") || name.ends_with("/auth/session");
        assert!(!signs_in || known.contains(name.as_str()), "{name} is a way in that is not listed");
    }
}

#[tokio::test]
async fn a_session_that_waits_opens_nothing() {
    let world = LawFirm::open().await;
    let (person, _) = with_a_second_factor(&world, "partner").await;
    let http = world.portal.stranger();
    enter(&world, &http, &person.email, "code").await;
    let things = [("client", world.acme.as_str()), ("person", &world.staff_id)];
    let (mut tries, mut wrong) = (0, Vec::new());
    for route in routes().iter().filter(|route| !matches!(route.access, Access::Public(_))) {
        let name = format!("{} {}", route.method, route.path);
        if OPEN.contains(&name.as_str()) {
            continue;
        }
        tries += 1;
        let answer = ask(&http, route, &address(route, &things)).await;
        let sent_on = answer.status == 303 && answer.header("location").starts_with("/sign-in/second");
        // What was sent may be looked at before the session is.
        let refused = answer.status == 403 || (answer.status == 422 && route.access == Access::SignedIn);
        if !(sent_on || refused) {
            wrong.push(format!("{name}: {} {}", answer.status, answer.header("location")));
        }
    }
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tries > 60, "{tries}");
    let again = world.portal.resume(&person.email, &person.http().cookies());
    assert_eq!(again.get("/api/v1/me").await.status, 200, "who showed it goes on");
}

async fn ask(http: &Http, route: &Route, path: &str) -> Answer {
    match (is_api(route), route.method == Method::GET) {
        (true, true) => http.get(path).await,
        (false, true) => page(http, path).await,
        (true, false) => http.send(route.method.as_str(), path, Some(&json!({}))).await,
        (false, false) => submit(http, path, &[]).await,
    }
}
