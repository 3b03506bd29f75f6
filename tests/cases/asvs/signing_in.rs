//! Signing in against guessers and thieves: what was mailed is good once, for ten minutes, for what it was asked for; and
//! there is nobody whom nobody made.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use serde_json::json;

use super::{Mailed, Rows, link_row, links_mailed, mailed, session};
use crate::world::{LawFirm, fresh, jiff_now};

/// Names under which systems come with somebody in them, and the ones that our own papers mention.
const USUAL: [&str; 14] = [
    "admin@portico.example",
    "administrator@portico.example",
    "root@portico.example",
    "sa@portico.example",
    "test@portico.example",
    "guest@portico.example",
    "support@portico.example",
    "demo@portico.example",
    "user@portico.example",
    "admin@localhost",
    "root@localhost",
    "admin@example.com",
    "you@example.com",
    "no-reply@example.com",
];

#[tokio::test]
async fn nobody_is_there_whom_nobody_made() {
    let world = LawFirm::open().await;
    let asked = USUAL.map(|email| {
        let http = world.portal.stranger();
        async move {
            let answer = http.post("/api/v1/auth/link", &json!({ "email": email })).await;
            assert!([202, 422].contains(&answer.status), "{email}: {} {}", answer.status, answer.text());
            // A code of nobody's mail, and the one that everybody tries.
            let code = json!({ "email": email, "code": "000000" });
            let session = http.post("/api/v1/auth/session", &code).await;
            assert_eq!(session.status, 422, "{email}: {}", session.text());
            email
        }
    });
    for email in join_all(asked).await {
        assert_eq!(world.portal.mails(email).await.len(), 0, "somebody is behind {email}");
    }
    // Nor is there an operator whom whoever deploys has not named.
    let template = std::fs::read_to_string(crate::world::root().join("template.yaml")).unwrap();
    let operators =
        template.split("\n  PlatformAdmins:\n").nth(1).unwrap().split("\n  ").take_while(|line| line.starts_with(' '));
    assert!(operators.clone().count() >= 2);
    assert!(!operators.into_iter().any(|line| line.contains("Default:")), "an operator by default");
    // A firm begins with the partner who was ordered with it, and a client with nobody.
    let people = world.firm.partner.read("/api/v1/firm/people").await;
    let mut emails: Vec<&str> =
        people["items"].as_array().unwrap().iter().map(|person| person["email"].as_str().unwrap()).collect();
    emails.sort_unstable();
    let mut made: Vec<String> =
        ["partner", "staff", "staff2", "admin.acme", "member.acme", "admin.birch"].map(|one| world.address(one)).into();
    made.sort_unstable();
    assert_eq!(emails, made);
}

#[tokio::test]
async fn whoever_floods_an_address_shuts_nobody_out() {
    let world = LawFirm::open().await;
    let email = world.address("staff");
    // One network address asks over and over: some are mailed, and the answer stays what it was.
    let flood = world.portal.stranger();
    let most = usize::try_from(domain::limits::LINKS_PER_ADDRESS_MAX).unwrap();
    for n in 0..most + 4 {
        let answer = flood.post("/api/v1/auth/link", &json!({ "email": email })).await;
        assert_eq!((answer.status, answer.text().as_str()), (202, ""), "try {n}");
    }
    let mails = links_mailed(&world.portal, &email).await;
    assert!(mails <= most, "{mails} mails for {} tries", most + 4);
    // Whose address it is asks from elsewhere and is let in, by the code as well.
    assert_eq!(world.portal.sign_in(&email).await.get("/api/v1/me").await.status, 200);
}

/// Many addresses with one code each, from one place: nothing is opened, nothing is told.
#[tokio::test]
async fn trying_one_code_on_many_addresses_opens_none() {
    let world = LawFirm::open().await;
    let addresses = ["staff", "staff2", "admin.acme", "member.acme", "admin.birch"].map(|one| world.address(one));
    let nobody = format!("nobody@{}.example", fresh().to_lowercase());
    let http = world.portal.stranger();
    let mut said = Vec::new();
    for email in addresses.iter().chain([&nobody]) {
        // The victim's own mail is on its way to another browser.
        assert_eq!(world.portal.stranger().post("/api/v1/auth/link", &json!({ "email": email })).await.status, 202);
        for code in ["000000", "123456", "111111"] {
            let answer = http.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await;
            said.push((answer.status, answer.text()));
        }
    }
    assert!(said.iter().all(|answer| *answer == said[0]), "{said:?}");
    assert_eq!(said[0].0, 422);
    assert_eq!(session(&http), "");
}

#[tokio::test]
async fn a_mail_signs_in_once_by_its_code_or_its_link() {
    let world = LawFirm::open().await;
    let email = world.address("staff");
    for by_code_first in [true, false] {
        let http = world.portal.stranger();
        let Mailed { token, code } = mailed(&world.portal, &http, &email).await;
        let cookies = http.cookies();
        let (by_code, by_link) = (json!({ "email": email, "code": code }), json!({ "token": token }));
        let (first, second) = if by_code_first { (&by_code, &by_link) } else { (&by_link, &by_code) };
        assert_eq!(http.post("/api/v1/auth/session", first).await.status, 200);
        // With all that the asking browser held.
        for (what, again) in [("the same", first), ("the other", second)] {
            let thief = world.portal.stranger();
            thief.set_cookies(&cookies);
            let answer = thief.post("/api/v1/auth/session", again).await;
            assert_eq!(answer.status, 422, "{what}: {}", answer.text());
            assert_eq!(session(&thief), "");
        }
    }
    // Of many at once, one.
    let http = world.portal.stranger();
    let Mailed { token, .. } = mailed(&world.portal, &http, &email).await;
    let cookies = http.cookies();
    let tries = join_all((0..6).map(|_| {
        let (browser, body) = (world.portal.stranger(), json!({ "token": token }));
        browser.set_cookies(&cookies);
        async move { browser.post("/api/v1/auth/session", &body).await.status }
    }));
    let entered = tries.await.into_iter().filter(|status| *status == 200).count();
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn links_and_codes_end_after_ten_minutes() {
    let world = LawFirm::open().await;
    let rows = Rows::open().await;
    let email = world.address("staff");
    let number = |seconds: i64| AttributeValue::N(seconds.to_string());
    let http = world.portal.stranger();
    for by_code in [true, false] {
        let Mailed { token, code } = mailed(&world.portal, &http, &email).await;
        let place = link_row(&token);
        let row = rows.read(&place).await;
        let ends: i64 = row["expires_second"].as_n().unwrap().parse().unwrap();
        let left = ends - jiff_now().as_second();
        assert!((540..=600).contains(&left), "{left} s");
        rows.set(&place, "expires_second", number(jiff_now().as_second())).await;
        let body = if by_code { json!({ "email": email, "code": code }) } else { json!({ "token": token }) };
        let late = http.post("/api/v1/auth/session", &body).await;
        assert_eq!(late.status, 422, "{}", late.text());
        assert_eq!(session(&http), "");
        // The same row within its time: it was the time that was refused.
        rows.set(&place, "expires_second", number(jiff_now().as_second() + 30)).await;
        let answer = http.post("/api/v1/auth/session", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        http.send("DELETE", "/api/v1/auth/session", None).await;
    }
}

#[tokio::test]
async fn a_code_is_good_for_the_request_that_it_was_made_for() {
    let world = LawFirm::open().await;
    let email = world.address("staff");
    let http = world.portal.stranger();
    let first = mailed(&world.portal, &http, &email).await;
    let second = mailed(&world.portal, &http, &email).await;
    let try_code = async |http: &testkit::portal::Http, email: &str, code: &str| {
        http.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await.status
    };
    // Asked for again in the same browser: the code of before is none any more.
    if first.code != second.code {
        assert_eq!(try_code(&http, &email, &first.code).await, 422);
    }
    // Another address in the same browser; the same address in another.
    assert_eq!(try_code(&http, &world.address("staff2"), &second.code).await, 422);
    let other = world.portal.stranger();
    mailed(&world.portal, &other, &email).await;
    assert_eq!(try_code(&other, &email, &second.code).await, 422);
    assert_eq!(try_code(&world.portal.stranger(), &email, &second.code).await, 422);
    assert_eq!(try_code(&http, &email, &second.code).await, 200);
}

/// Whoever reads the store learns neither token nor code: both are hashed, the code together with what its browser
/// holds, which has 128 random bits and is not stored either.
#[tokio::test]
async fn what_was_mailed_is_stored_as_hashes_that_cannot_be_tried() {
    let world = LawFirm::open().await;
    let http = world.portal.stranger();
    let Mailed { token, code } = mailed(&world.portal, &http, &world.address("staff")).await;
    let row = Rows::open().await.read(&link_row(&token)).await;
    let asking =
        http.cookies().split("; ").find_map(|pair| pair.strip_prefix("__Host-ask=").map(str::to_owned)).unwrap();
    assert!(asking.len() == 32 && asking.bytes().all(|b| b.is_ascii_hexdigit()), "128 bits: {asking}");
    let printed = format!("{row:?}");
    assert!(!printed.contains(&token) && !printed.contains(&asking), "{printed}");
    let stored = row["code_hash"].as_s().unwrap();
    assert!(stored.len() == 64 && !stored.contains(&code));
    // What somebody with the row alone can make of every code.
    let known = row["ask_hash"].as_s().unwrap();
    for guess in [code.clone(), format!("code|{code}"), format!("{known}|{code}"), format!("code|{known}|{code}")] {
        assert_ne!(&crypto::sha256_hex(guess.as_bytes()), stored);
    }
}

#[tokio::test]
async fn a_mailed_code_confirms_or_signs_in_and_never_the_other() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let before = world.portal.mails(&staff.email).await.len();
    assert_eq!(staff.post("/api/v1/auth/confirm/mail", &json!({})).await.status, 202);
    let to_confirm = testkit::portal::code_in(&world.portal.mail_after(&staff.email, before).await);
    // With all that the browser holds.
    let thief = world.portal.stranger();
    thief.set_cookies(&staff.http().cookies());
    let entered = thief.post("/api/v1/auth/session", &json!({ "email": staff.email, "code": to_confirm })).await;
    assert_eq!(entered.status, 422, "{}", entered.text());
    let Mailed { token, code } = mailed(&world.portal, staff.http(), &staff.email).await;
    let confirmed = staff.post("/api/v1/auth/confirm", &json!({ "code": code })).await;
    assert_eq!(confirmed.status, 422, "{}", confirmed.text());
    // Each for what it was made for.
    assert_eq!(staff.post("/api/v1/auth/confirm", &json!({ "code": to_confirm })).await.status, 204);
    assert_eq!(staff.http().post("/api/v1/auth/session", &json!({ "token": token })).await.status, 200);
}
