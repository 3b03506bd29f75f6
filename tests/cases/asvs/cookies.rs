//! Every cookie that the portal sets, in every way of signing in, choosing, confirming and signing out.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::portal::Answer;

use super::{Mailed, enrol, mailed, page, routes, session, submit};
use crate::world::LawFirm;

/// Rides along when a provider's page posts its answer here, which no other cookie does.
const SSO: &str = "__Host-sso";

struct Set {
    name: String,
    line: String,
}

fn set_by(answer: &Answer) -> Vec<Set> {
    let lines = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
    lines.map(|line| Set { name: line.split('=').next().unwrap().to_owned(), line }).collect()
}

/// The attributes of one line, in lower case.
fn attributes(line: &str) -> BTreeSet<String> {
    line.split(';').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect()
}

/// All that is set on the ways in and out, with what each answer showed.
async fn all_set() -> (Vec<Set>, Vec<String>) {
    let world = LawFirm::open().await;
    let (mut set, mut wrong) = (Vec::new(), Vec::new());
    let email = world.address("staff");
    let http = world.portal.stranger();
    let mut note = |answer: &Answer, secret: &str, what: &str| {
        assert!(answer.status < 400, "{what}: {} {}", answer.status, answer.text());
        set.extend(set_by(answer));
        if !secret.is_empty() && answer.text().contains(secret) {
            wrong.push(format!("{what} shows the session's secret"));
        }
    };
    // By the pages.
    let before = world.portal.mails(&email).await.len();
    note(&submit(&http, "/sign-in", &[("email", &email)]).await, "", "asking");
    let mail = world.portal.mail_after(&email, before).await;
    let code = testkit::portal::code_in(&mail);
    let inside = submit(&http, "/sign-in/code", &[("email", &email), ("code", &code)]).await;
    note(&inside, &session(&http), "a code by the page");
    let me = http.get("/api/v1/me").await;
    note(&me, &session(&http), "who one is");
    let own = format!("{}.FIRM", me.json()["firm"]["id"].as_str().unwrap());
    let chosen = submit(&http, "/choose", &[("membership", &own)]).await;
    note(&chosen, &session(&http), "choosing");
    for path in ["/", "/sessions", "/security", "/confirm", "/choose", "/api/v1/auth/sessions", "/api/v1/auth/factors"]
    {
        note(&page(&http, path).await, &session(&http), path);
    }
    note(&submit(&http, "/sign-out", &[]).await, "", "signing out by the page");
    // For programs.
    let http = world.portal.stranger();
    let Mailed { token, .. } = mailed(&world.portal, &http, &email).await;
    let inside = http.post("/api/v1/auth/session", &json!({ "token": token })).await;
    note(&inside, &session(&http), "a link");
    note(&http.send("DELETE", "/api/v1/auth/session", None).await, "", "signing out");
    (set, wrong)
}

#[tokio::test]
async fn every_cookie_is_locked_to_this_host_and_out_of_scripts_reach() {
    let (set, _) = all_set().await;
    let names: BTreeSet<&str> = set.iter().map(|set| set.name.as_str()).collect();
    assert!(names.is_superset(&BTreeSet::from(["__Host-s", "__Host-ask", "__Host-d"])), "{names:?}");
    for Set { name, line } in &set {
        let attributes = attributes(line);
        let has = |attribute: &str| attributes.contains(attribute);
        assert!(name.starts_with("__Host-"), "{line}");
        assert!(has("secure") && has("path=/") && !attributes.iter().any(|a| a.starts_with("domain")), "{line}");
        assert!(has("httponly"), "{line}");
        let same_site = has("samesite=lax") || has("samesite=strict");
        assert!(same_site || (name == SSO && has("samesite=none")), "{line}");
    }
    // None of the recorded routes sets any other for somebody who only looks.
    let stranger = crate::world::portal().stranger();
    for route in routes().iter().filter(|route| route.method == http::Method::GET) {
        let answer = page(&stranger, &super::address(route, &[])).await;
        for Set { name, line } in set_by(&answer) {
            assert!(
                name.starts_with("__Host-") && attributes(&line).contains("httponly"),
                "GET {}: {line}",
                route.path
            );
        }
    }
}

#[tokio::test]
async fn a_session_s_secret_is_in_its_cookie_and_nowhere_else() {
    let (_, wrong) = all_set().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Nor in what scripts of the portal could keep.
    let stranger = crate::world::portal().stranger();
    let script = web::assets::all().iter().find(|asset| asset.name == "portico.js").unwrap();
    let script = page(&stranger, &format!("/assets/{}", script.hashed_name)).await.text();
    for store in ["document.cookie", "sessionStorage", "caches."] {
        assert!(!script.contains(store), "{store}");
    }
    // But for uploads that are not through yet: their ids, names and files.
    for once in
        ["indexedDB", "indexedDB.open(\"portico\", 1)", "createObjectStore(\"uploads\", ", ".objectStore(\"uploads\")"]
    {
        assert_eq!(script.matches(once).count(), 1, "{once}");
    }
    assert_eq!(script.matches("bjectStore(").count(), 2);
    // And for one switch: whether single keys do something.
    let kept = ["localStorage.getItem(SETTING)", "localStorage.setItem(SETTING, on ? \"on\" : \"off\")"];
    assert!(kept.iter().all(|one| script.matches(one).count() == 1), "{script}");
    assert_eq!(script.matches("localStorage").count(), kept.len());
    let shown = page(&stranger, "/sign-in").await.text();
    assert!(!shown.contains("<script>") && shown.contains("historyCacheSize"), "{shown}");
    assert!(shown.replace("&quot;", "\"").contains("\"historyCacheSize\":0"), "pages are kept in the browser's store");
}

#[tokio::test]
async fn stepping_up_sets_the_same_kind_of_cookie() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    staff.confirm().await;
    let app = enrol(&staff).await;
    let http = world.portal.stranger();
    let Mailed { token, .. } = mailed(&world.portal, &http, &staff.email).await;
    let first = http.post("/api/v1/auth/session", &json!({ "token": token })).await;
    let second = http.post("/api/v1/auth/second", &json!({ "code": app.code(0) })).await;
    assert_eq!(second.status, 200, "{}", second.text());
    for answer in [&first, &second] {
        let set = set_by(answer);
        let session = set.iter().find(|set| set.name == "__Host-s").unwrap();
        assert!(session.line.ends_with("Secure; HttpOnly; SameSite=Lax"), "{}", session.line);
        assert!(!answer.text().contains(&super::session(&http)));
    }
}
