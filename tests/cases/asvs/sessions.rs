//! Sessions: what their cookies are made of, when they change, and everything that ends them.

use std::collections::BTreeSet;

use base64::Engine as _;
use futures::future::join_all;
use http::Method;
use serde_json::json;
use testkit::portal::Person;

use super::{
    Mailed, Rows, address, enrol, holding, is_api, is_in, is_safe, mailed, page, problem, routes, seconds_ago, session,
    session_row, signed_in_ago, submit,
};
use crate::world::LawFirm;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

#[tokio::test]
async fn session_cookies_are_random_and_mean_nothing_by_themselves() {
    let world = LawFirm::open().await;
    let people = ["staff", "staff2", "admin.acme", "member.acme", "admin.birch"];
    let mut tokens = Vec::new();
    // One after the other for each person: two that ask at once would read each other's mail.
    for _ in 0..2 {
        let begun = join_all(people.iter().map(|local| world.person(local))).await;
        tokens.extend(begun.iter().map(|person| session(person.http())));
    }
    let decode = |token: &String| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).unwrap();
    let bytes: Vec<Vec<u8>> = tokens.iter().map(decode).collect();
    assert!(bytes.iter().all(|bytes| bytes.len() == 32), "256 bits each: {tokens:?}");
    // No stretch of one is found in another of the same person or of anybody: nothing in them is fixed or counts up.
    let mut stretches = BTreeSet::new();
    for (at, part) in bytes.iter().flat_map(|bytes| bytes.chunks(4).enumerate()) {
        assert!(stretches.insert((at, part.to_vec())), "{tokens:?}");
    }
    // Half of the bits are set, give or take six standard deviations.
    let ones: u32 = bytes.iter().flatten().map(|byte| byte.count_ones()).sum();
    let bits = 256.0 * bytes.len() as f64;
    assert!((f64::from(ones) - bits / 2.0).abs() < 6.0 * (bits / 4.0).sqrt(), "{ones} of {bits}");
    // One that was never given out opens nothing, however near it is.
    let mut near = tokens[0].clone().into_bytes();
    near[7] = if near[7] == b'A' { b'B' } else { b'A' };
    assert!(!is_in(&world.portal, &String::from_utf8(near).unwrap()).await);
    assert!(is_in(&world.portal, &tokens[0]).await);
}

#[tokio::test]
async fn every_proof_makes_a_new_session_and_ends_the_one_before() {
    let world = LawFirm::open().await;
    let email = world.address("staff");
    let http = world.portal.stranger();
    // A cookie that somebody else planted is not taken over.
    let planted = crypto::SessionToken::from_bits([crypto::random_bits(), crypto::random_bits()]);
    http.set_cookies(&format!("__Host-s={}", planted.expose()));
    let sign_in = async || {
        let Mailed { token, .. } = mailed(&world.portal, &http, &email).await;
        let answer = http.post("/api/v1/auth/session", &json!({ "token": token })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        session(&http)
    };
    let first = sign_in().await;
    assert_ne!(first, planted.expose());
    assert!(!is_in(&world.portal, planted.expose()).await);
    let second = sign_in().await;
    changed(&world, &first, &second, "signing in again").await;
    let person = world.portal.resume(&email, &http.cookies());
    let firm = person.read("/api/v1/me").await["firm"]["id"].as_str().unwrap().to_owned();
    person.write("POST", "/api/v1/auth/membership", &json!({ "membership": format!("{firm}.FIRM") })).await;
    let third = session(person.http());
    changed(&world, &second, &third, "choosing").await;
    person.confirm().await;
    let fourth = session(person.http());
    changed(&world, &third, &fourth, "confirming").await;
    let app = enrol(&person).await;
    let fifth = session(person.http());
    changed(&world, &fourth, &fifth, "a new factor").await;
    // The second factor: what only waited is worth nothing afterwards.
    let again = world.portal.sign_in(&email).await;
    let waiting = session(again.http());
    again.write("POST", "/api/v1/auth/second", &json!({ "code": app.code(0) })).await;
    changed(&world, &waiting, &session(again.http()), "a second factor").await;
    let confirmed = again.post("/api/v1/auth/confirm", &json!({ "code": app.code(1) })).await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.text());
}

async fn changed(world: &LawFirm, before: &str, after: &str, by: &str) {
    assert_ne!(before, after, "{by} leaves the cookie as it was");
    assert!(!is_in(&world.portal, before).await, "{by} leaves the old session open");
    assert!(is_in(&world.portal, after).await, "{by} opens none");
}

/// A client's data and the person's own pages, asked for by somebody who has asked for nothing of it before.
async fn opens(world: &LawFirm, token: &str) -> [u16; 3] {
    let http = holding(&world.portal, token);
    let data = http.get(&format!("/api/v1/clients/{}/projects", world.acme)).await.status;
    let own = http.get("/api/v1/auth/sessions").await.status;
    [data, own, page(&http, "/").await.status]
}

#[tokio::test]
async fn a_session_nobody_uses_ends_after_half_an_hour() {
    let world = LawFirm::open().await;
    let rows = Rows::open().await;
    let (used, unused) = (session(world.person("staff").await.http()), session(world.person("staff").await.http()));
    rows.set(&session_row(&used), "last_seen", seconds_ago(29 * MINUTE)).await;
    assert_eq!(opens(&world, &used).await, [200, 200, 200], "in use");
    rows.set(&session_row(&unused), "last_seen", seconds_ago(30 * MINUTE + 1)).await;
    assert_eq!(opens(&world, &unused).await, [401, 401, 303], "asked to sign in again");
    // Asking does not bring it back.
    assert_eq!(opens(&world, &unused).await, [401, 401, 303]);
}

#[tokio::test]
async fn no_session_lasts_longer_than_twelve_hours() {
    let world = LawFirm::open().await;
    let rows = Rows::open().await;
    let (young, old) = (world.person("staff").await, world.person("staff").await);
    signed_in_ago(&rows, &session(young.http()), 12 * HOUR - MINUTE).await;
    assert_eq!(opens(&world, &session(young.http())).await, [200, 200, 200]);
    let token = session(old.http());
    signed_in_ago(&rows, &token, 12 * HOUR + 1).await;
    rows.set(&session_row(&token), "last_seen", seconds_ago(1)).await;
    assert_eq!(opens(&world, &token).await, [401, 401, 303], "however much it is used");
    // Nor does acting as another membership make a session young again; only signing in does.
    let firm = young.read("/api/v1/me").await["firm"]["id"].as_str().unwrap().to_owned();
    young.write("POST", "/api/v1/auth/membership", &json!({ "membership": format!("{firm}.FIRM") })).await;
    let row = rows.read(&session_row(&session(young.http()))).await;
    let began: jiff::Timestamp = row["started_at"].as_s().unwrap().parse().unwrap();
    assert!(crate::world::jiff_now().as_second() - began.as_second() > 11 * HOUR, "{began}");
}

#[tokio::test]
async fn signing_out_leaves_nothing_to_go_back_to() {
    let world = LawFirm::open().await;
    for by_page in [true, false] {
        let (staff, other) = (world.person("staff").await, world.person("staff").await);
        let token = session(staff.http());
        let shown = page(staff.http(), "/").await;
        // The back button: a page that was shown is not kept.
        assert_eq!((shown.status, shown.header("cache-control")), (200, "no-store"));
        assert_eq!(opens(&world, &token).await, [200, 200, 200]);
        let out = if by_page {
            submit(staff.http(), "/sign-out", &[]).await
        } else {
            staff.http().send("DELETE", "/api/v1/auth/session", None).await
        };
        assert!([204, 303].contains(&out.status), "{}", out.text());
        assert!(out.header("set-cookie").starts_with("__Host-s=; Path=/; Max-Age=0;"), "{:?}", out.headers);
        assert!(out.header("clear-site-data").contains("\"storage\""), "{:?}", out.headers);
        assert_eq!(session(staff.http()), "");
        // Whoever kept the cookie.
        assert_eq!(opens(&world, &token).await, [401, 401, 303]);
        assert!(is_in(&world.portal, &session(other.http())).await, "the person's other browser goes on");
    }
}

#[tokio::test]
async fn after_a_change_of_factors_other_sessions_can_be_ended_at_once() {
    let world = LawFirm::open().await;
    let (staff, other) = (world.person("staff").await, world.person("staff").await);
    staff.confirm().await;
    // Set up on the page, whose answer offers it.
    let offer = staff.write("POST", "/api/v1/auth/factors/app", &json!({})).await;
    let app = super::App { seed: crypto::from_base32(offer["key"].as_str().unwrap()).unwrap() };
    let added = submit(staff.http(), "/security/app", &[("code", &app.code(-1))]).await;
    assert_eq!(added.status, 200, "{}", added.text());
    assert!(offers_to_end_others(&added.text()), "{}", added.text());
    assert!(is_in(&world.portal, &session(other.http())).await, "it is offered, not done");
    let ended = submit(staff.http(), "/sessions/end-others", &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert!(!is_in(&world.portal, &session(other.http())).await);
    assert!(is_in(&world.portal, &session(staff.http())).await);
    // New recovery codes, and no app any more.
    let renewed = submit(staff.http(), "/security/recovery", &[]).await;
    assert!(renewed.status == 200 && offers_to_end_others(&renewed.text()), "{}", renewed.text());
    let removed = submit(staff.http(), "/security/app/remove", &[]).await;
    assert_eq!(removed.status, 303, "{}", removed.text());
    let after = page(staff.http(), removed.header("location")).await;
    assert!(after.status == 200 && offers_to_end_others(&after.text()), "{}", after.text());
}

fn offers_to_end_others(page: &str) -> bool {
    page.contains("action=\"/sessions/end-others\"")
}

/// Everything about what one signs in with, without having proved just now who one is.
#[tokio::test]
async fn what_one_signs_in_with_is_changed_after_a_new_proof_only() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let before = staff.read("/api/v1/auth/factors").await;
    let about_factors = ["/security", "/api/v1/auth/factors", "/api/v1/auth/passkeys"];
    let changing: Vec<_> = routes()
        .into_iter()
        .filter(|route| !is_safe(&route.method) && about_factors.iter().any(|start| route.path.starts_with(start)))
        .collect();
    assert!(changing.len() >= 12, "{}", changing.len());
    // A session that began just now has not confirmed anything, and one that did so long ago has not either.
    let rows = Rows::open().await;
    for confirmed_long_ago in [false, true] {
        if confirmed_long_ago {
            staff.confirm().await;
            let ago = seconds_ago(domain::limits::CONFIRMED_SECONDS + 1);
            rows.set(&session_row(&session(staff.http())), "confirmed_at", ago).await;
        }
        for route in &changing {
            let answer = change(&staff, route).await;
            let name = format!("{} {}", route.method, route.path);
            if is_api(route) {
                // Whatever was sent is looked at first, and says nothing about the person.
                let refused = (403, "confirmation-required".to_owned());
                assert_eq!((answer.status, problem(&answer)), refused, "{name}: {}", answer.text());
            } else {
                let to_confirm = answer.status == 303 && answer.header("location").starts_with("/confirm");
                assert!(answer.status == 403 || to_confirm, "{name}: {} {}", answer.status, answer.text());
            }
        }
        assert_eq!(staff.read("/api/v1/auth/factors").await, before);
    }
    staff.confirm().await;
    assert_eq!(staff.post("/api/v1/auth/factors/app", &json!({})).await.status, 200, "after a new proof");
}

async fn change(staff: &Person, route: &web::Route) -> testkit::portal::Answer {
    let path = address(route, &[]);
    if is_api(route) {
        let body = match (route.method.clone(), route.path) {
            (Method::PUT, "/api/v1/auth/factors/app") => json!({ "code": "000000" }),
            (Method::POST, "/api/v1/auth/passkeys") => return staff.post(&path, &passkey()).await,
            _ => json!({}),
        };
        return staff.http().send(route.method.as_str(), &path, Some(&body)).await;
    }
    submit(staff.http(), &path, &[("code", "000000")]).await
}

/// In the form of a browser's answer, so that it is read.
fn passkey() -> serde_json::Value {
    let response = json!({ "attestationObject": "AAAA", "clientDataJSON": "AAAA" });
    json!({ "state": "AAAA", "name": "x", "credential": { "id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response } })
}

#[tokio::test]
async fn everybody_sees_and_ends_their_own_sessions() {
    let world = LawFirm::open().await;
    let (desk, phone, foreign) =
        (world.person("staff").await, world.person("staff").await, world.person("admin.acme").await);
    let list = page(desk.http(), "/sessions").await;
    assert_eq!(list.status, 200);
    let ids = |text: &str| -> BTreeSet<String> {
        let each = text.split("action=\"/sessions/").skip(1).filter_map(|rest| rest.split("/end\"").next());
        each.filter(|id| id.len() == 26).map(str::to_owned).collect()
    };
    let listed = ids(&list.text());
    let current = |listed: &serde_json::Value| {
        let items = listed["items"].as_array().unwrap();
        items.iter().find(|one| one["current"] == true).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let own: BTreeSet<String> =
        [current(&desk.read("/api/v1/auth/sessions").await), current(&phone.read("/api/v1/auth/sessions").await)]
            .into();
    assert_eq!(listed, own);
    let (of_phone, of_foreign) =
        (current(&phone.read("/api/v1/auth/sessions").await), current(&foreign.read("/api/v1/auth/sessions").await));
    let refused = submit(desk.http(), &format!("/sessions/{of_foreign}/end"), &[]).await;
    assert_eq!(refused.status, 404, "somebody else's");
    assert!(is_in(&world.portal, &session(foreign.http())).await);
    let ended = submit(desk.http(), &format!("/sessions/{of_phone}/end"), &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert!(!is_in(&world.portal, &session(phone.http())).await);
    let third = world.person("staff").await;
    let kept = [session(third.http()), session(desk.http())];
    let ended = submit(desk.http(), "/sign-out-everywhere", &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    for token in kept {
        assert!(!is_in(&world.portal, &token).await);
    }
    assert!(is_in(&world.portal, &session(foreign.http())).await, "nobody else's");
}

#[tokio::test]
async fn sessions_of_a_while_ago_end_others_after_a_new_proof_only() {
    let world = LawFirm::open().await;
    let (desk, phone) = (world.person("staff").await, world.person("staff").await);
    let of_phone = phone.read("/api/v1/auth/sessions").await;
    let of_phone =
        of_phone["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap()["id"].clone();
    let of_phone = of_phone.as_str().unwrap();
    let rows = Rows::open().await;
    signed_in_ago(&rows, &session(desk.http()), domain::limits::CONFIRMED_SECONDS + 1).await;
    for page in [format!("/sessions/{of_phone}/end"), "/sessions/end-others".into(), "/sign-out-everywhere".into()] {
        let answer = submit(desk.http(), &page, &[]).await;
        let to_confirm = answer.status == 303 && answer.header("location").starts_with("/confirm");
        assert!(to_confirm || answer.status == 403, "{page}: {} {}", answer.status, answer.text());
    }
    for (method, path) in [
        ("DELETE", format!("/api/v1/auth/sessions/{of_phone}")),
        ("DELETE", "/api/v1/auth/other-sessions".into()),
        ("DELETE", "/api/v1/auth/sessions".into()),
    ] {
        let answer = desk.http().send(method, &path, Some(&json!({}))).await;
        assert_eq!((answer.status, problem(&answer).as_str()), (403, "confirmation-required"), "{method} {path}");
    }
    for person in [&desk, &phone] {
        assert!(is_in(&world.portal, &session(person.http())).await);
    }
    desk.confirm().await;
    let ended = submit(desk.http(), "/sign-out-everywhere", &[]).await;
    assert_eq!((ended.status, ended.header("location")), (303, "/sign-in"), "{}", ended.text());
    assert!(!is_in(&world.portal, &session(phone.http())).await);
}
