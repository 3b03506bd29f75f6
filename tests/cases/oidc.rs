//! Signing in by OpenID Connect: with a real provider, and with one that forges.

mod domains;
mod forger;
mod newcomers;

use serde_json::json;
use testkit::portal::{Answer, Http};

use crate::idp::{self, SetUp, begin, location, me, query};
use crate::world::fresh;
use forger::{Forged, Forger};

const SECRET: &str = "a-secret-of-this-test";

/// A provider of npm, connected for the firm's own people.
pub(crate) struct Real {
    pub(crate) set_up: SetUp,
    connection: String,
    client: String,
    port: u16,
    pub(crate) running: idp::Running,
}

impl Real {
    pub(crate) async fn open(alg: &str) -> Real {
        let set_up = SetUp::open().await;
        let (port, client) = (idp::free_port(), format!("portal-{}", fresh()));
        let running = idp::openid(port, &client, SECRET, &callback(), alg);
        let made = set_up
            .connect(&json!({
                "kind": "oidc", "name": "Our provider", "issuer": running.url, "client_id": client, "client_secret": SECRET,
            }))
            .await;
        let connection = made["id"].as_str().unwrap().to_owned();
        set_up.prove(&connection).await;
        Real { set_up, connection, client, port, running }
    }

    /// Signs in at the provider by typing an address; the portal's answer to the way back.
    async fn sign_in(&self, browser: &Http, email: &str) -> Answer {
        let back = self.way_back(browser, email).await;
        browser.get(&back).await
    }

    async fn way_back(&self, browser: &Http, email: &str) -> String {
        let start = begin(browser, &self.connection).await;
        assert!(start.starts_with(&self.running.url), "{start}");
        assert_eq!(query(&start, "code_challenge_method"), "S256");
        at_the_provider(&self.running.url, &start, email).await
    }
}

fn callback() -> String {
    format!("{}/sso/oidc/callback", idp::site())
}

/// What a person does at npm's provider: signs in, and consents. The path that leads back to the portal.
async fn at_the_provider(provider: &str, start: &str, email: &str) -> String {
    let browser = testkit::portal::Portal::at(provider).stranger();
    // It writes addresses by the host that it is asked at.
    let by_name = provider.replace("127.0.0.1", "localhost");
    let path = |url: &str| {
        let own = url.strip_prefix(provider).or_else(|| url.strip_prefix(by_name.as_str()));
        own.unwrap_or(url).to_owned()
    };
    let mut next = path(start);
    for _ in 0..12 {
        let answer = browser.raw("GET", &next, &[("accept", "text/html".into())], Vec::new()).await;
        let to = match answer.status {
            200 => {
                let prompt = if answer.text().contains("name=\"login\"") { "login" } else { "consent" };
                let action = answer.text().split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
                let body = idp::form(&[("prompt", prompt), ("login", email), ("password", "any")]);
                let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
                location(&browser.raw("POST", &path(&action), &[kind], body).await)
            }
            _ => location(&answer),
        };
        if let Some(back) = to.strip_prefix(&idp::site()) {
            return back.to_owned();
        }
        next = path(&to);
    }
    panic!("the provider never led back")
}

#[tokio::test]
async fn a_real_provider_signs_in_with_code_and_pkce() {
    let real = Real::open("RS256").await;
    let staff = real.set_up.world.address("staff");
    let browser = real.set_up.world.portal.stranger();
    assert_eq!(location(&real.sign_in(&browser, &staff).await), "/");
    assert_eq!(me(&browser).await, Some((staff, "staff".into())));
}

#[tokio::test]
async fn elliptic_curves_are_as_good() {
    let real = Real::open("ES256").await;
    let staff = real.set_up.world.address("staff2");
    let browser = real.set_up.world.portal.stranger();
    assert_eq!(location(&real.sign_in(&browser, &staff).await), "/");
    assert_eq!(me(&browser).await, Some((staff, "staff".into())));
}

#[tokio::test]
async fn keys_that_the_provider_changes_are_followed() {
    let mut real = Real::open("RS256").await;
    let staff = real.set_up.world.address("staff");
    let first = real.set_up.world.portal.stranger();
    real.sign_in(&first, &staff).await;
    assert!(me(&first).await.is_some());
    let (client, port) = (real.client.clone(), real.port);
    let Real { running, .. } = &mut real;
    let ended = std::mem::replace(running, idp::openid(idp::free_port(), "nobody", SECRET, &callback(), "RS256"));
    drop(ended);
    real.running = idp::openid(port, &client, SECRET, &callback(), "RS256");
    let second = real.set_up.world.portal.stranger();
    real.sign_in(&second, &staff).await;
    assert!(me(&second).await.is_some(), "signed with a key of after the change");
}

#[tokio::test]
async fn an_answer_is_good_once_and_in_its_own_browser() {
    let real = Real::open("RS256").await;
    let staff = real.set_up.world.address("staff");
    let (own, foreign) = (real.set_up.world.portal.stranger(), real.set_up.world.portal.stranger());
    let back = real.way_back(&own, &staff).await;
    assert_eq!(foreign.get(&back).await.status, 410, "another browser");
    let other_state = back.replace("state=", "state=0");
    let mixed = real.set_up.world.portal.stranger();
    begin(&mixed, &real.connection).await;
    assert_eq!(mixed.get(&other_state).await.status, 403, "another state");
    assert_eq!(location(&own.get(&back).await), "/");
    assert_eq!(own.get(&back).await.status, 410, "a second time");
    assert!(me(&foreign).await.is_none() && me(&mixed).await.is_none());
}

#[tokio::test]
async fn nobody_uninvited_and_nobody_of_another_domain() {
    let real = Real::open("RS256").await;
    for (email, why) in [
        (real.set_up.world.address("nobody"), "not invited"),
        ("staff@elsewhere.example".to_owned(), "another domain"),
        (real.set_up.world.address("unverified"), "not verified"),
        // Belongs to a client's company: the firm's provider does not speak for it.
        (real.set_up.world.address("admin.acme"), "another membership"),
    ] {
        let browser = real.set_up.world.portal.stranger();
        let answer = real.sign_in(&browser, &email).await;
        assert_eq!(answer.status, 403, "{why}: {}", answer.text());
        assert!(me(&browser).await.is_none(), "{why}");
    }
}

#[tokio::test]
async fn a_session_of_the_provider_stays_within_its_firm() {
    let real = Real::open("RS256").await;
    let staff = real.set_up.world.address("staff");
    // The same person belongs to a client of another firm.
    let other = crate::world::LawFirm::open().await;
    let new = testkit::firm::NewPerson {
        name: "Sam Okafor",
        email: &staff,
        role: "client_admin",
        client: Some(&other.acme),
        phone: None,
    };
    other.firm.invite(&new).await;
    let by_mail = real.set_up.world.portal.sign_in(&staff).await;
    let browser = real.set_up.world.portal.stranger();
    real.sign_in(&browser, &staff).await;
    assert_eq!(me(&browser).await, Some((staff.clone(), "staff".into())));
    let choices = browser.get("/choose").await.text();
    assert_eq!(choices.matches("name=\"membership\"").count(), 1, "{choices}");
    let choices = by_mail.get("/choose").await.text();
    assert_eq!(choices.matches("name=\"membership\"").count(), 2, "{choices}");
    let there = json!({ "membership": format!("{}.{}", other.firm.id, other.acme) });
    assert_eq!(browser.post("/api/v1/auth/membership", &there).await.status, 404);
    // It neither sees nor ends what the person has elsewhere, as before the choice.
    let listed = browser.get("/api/v1/auth/sessions").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let elsewhere = by_mail.read("/api/v1/auth/sessions").await;
    let current = elsewhere["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    let path = format!("/api/v1/auth/sessions/{}", current["id"].as_str().unwrap());
    assert_eq!(browser.send("DELETE", &path, None).await.status, 404);
    assert_eq!(browser.send("DELETE", "/api/v1/auth/other-sessions", None).await.status, 204);
    assert_eq!(by_mail.get("/choose").await.status, 200);
    // Nor does it change what opens the other firm.
    assert_eq!(browser.post("/api/v1/auth/factors/app", &json!({})).await.status, 422);
}

#[tokio::test]
async fn only_by_the_provider_closes_the_mailed_way() {
    let real = Real::open("RS256").await;
    let (world, partner) = (&real.set_up.world, &real.set_up.partner);
    let refused = real.set_up.change(&real.connection, "only", &world.domain, "yes").await;
    assert!(refused.text().contains("Test the connection first"), "{}", refused.text());
    // The test is a real round, in the partner's own browser.
    let start = location(&partner.get(&format!("/sso/{}/try", real.connection)).await);
    let back = at_the_provider(&real.running.url, &start, &world.address("staff")).await;
    assert_eq!(location(&partner.get(&back).await), format!("/sso/{}?done=tried", real.connection));
    let (good, words) = idp::tried(&real.set_up, &real.connection).await;
    assert!(good && words.contains(&world.address("staff")), "{words}");
    let refused = real.set_up.change(&real.connection, "only", &world.domain, "yes").await;
    assert!(refused.text().contains("Set up a passkey"), "{}", refused.text());
}

/// A provider that says what a test wants, connected for the firm's people.
async fn forging() -> (SetUp, Forger, String) {
    let set_up = SetUp::open().await;
    let forger = Forger::open().await;
    let made = set_up
        .connect(&json!({
            "kind": "oidc", "name": "Forged", "issuer": forger.issuer, "client_id": "portal", "client_secret": SECRET,
        }))
        .await;
    let connection = made["id"].as_str().unwrap().to_owned();
    set_up.prove(&connection).await;
    (set_up, forger, connection)
}

/// One round with a forged token; whether somebody came in.
async fn round(set_up: &SetUp, forger: &Forger, connection: &str, forged: Forged) -> (u16, bool) {
    let browser = set_up.world.portal.stranger();
    let start = begin(&browser, connection).await;
    let iss = forged.iss_in_answer.clone().unwrap_or_else(|| forger.issuer.clone());
    forger.say(&start, forged);
    let query = idp::form(&[("state", &query(&start, "state")), ("code", "good"), ("iss", &iss)]);
    let answer = browser.get(&format!("/sso/oidc/callback?{}", String::from_utf8(query).unwrap())).await;
    (answer.status, me(&browser).await.is_some())
}

#[tokio::test]
async fn what_a_token_has_to_prove() {
    let (set_up, forger, connection) = forging().await;
    let good = || Forged::of(&set_up.world.address("staff"));
    assert_eq!(round(&set_up, &forger, &connection, good()).await, (303, true), "the forger's honest token");
    let text = str::to_owned;
    let forged: Vec<(&str, Forged)> = vec![
        ("wrong nonce", Forged { nonce: Some(text("another")), ..good() }),
        ("no nonce", Forged { nonce: Some(String::new()), ..good() }),
        ("wrong issuer", Forged { issuer: Some(text("https://login.example.com")), ..good() }),
        ("issuer with a slash more", Forged { issuer: Some(format!("{}/", forger.issuer)), ..good() }),
        ("mixed-up provider", Forged { iss_in_answer: Some(text("https://login.example.com")), ..good() }),
        ("another audience", Forged { audience: Some(json!("other-portal")), ..good() }),
        ("an audience too many", Forged { audience: Some(json!(["portal", "other-portal"])), ..good() }),
        ("made for another party", Forged { party: Some(text("other-portal")), ..good() }),
        ("expired", Forged { expires_in: -600, ..good() }),
        ("issued long ago", Forged { issued_ago: 3_600, ..good() }),
        ("issued in the future", Forged { issued_ago: -3_600, ..good() }),
        ("a key that nobody published", Forged { unknown_key: true, ..good() }),
        ("another key under a published name", Forged { other_key: true, ..good() }),
        ("no signature", Forged { alg: "none", ..good() }),
        ("signed with the secret", Forged { alg: "HS256", ..good() }),
        ("signed with the public key as a secret", Forged { alg: "HS256", public_as_secret: true, ..good() }),
        ("a method that is not accepted", Forged { alg: "RS512", ..good() }),
        // Who is known by the subject needs no address; whoever comes for the first time does.
        ("not verified", Forged { email_verified: Some(false), subject: text("new"), ..good() }),
        ("verified or not, it does not say", Forged { email_verified: None, subject: text("new"), ..good() }),
        ("no address", Forged { email: None, subject: text("new"), ..good() }),
        ("no subject", Forged { subject: String::new(), ..good() }),
        ("somebody else with this address", Forged { subject: text("another account"), ..good() }),
    ];
    let tried = forged.len();
    for (what, forged) in forged {
        let (status, inside) = round(&set_up, &forger, &connection, forged).await;
        assert!(!inside && status == 403, "{what}: {status}");
    }
    println!("OIDC: {tried} forged tokens refused");
    // The name that came first stays who it was, whatever address comes with it later.
    let renamed = Forged { email: Some(set_up.world.address("partner")), ..good() };
    let browser = set_up.world.portal.stranger();
    let start = begin(&browser, &connection).await;
    forger.say(&start, renamed);
    let query = idp::form(&[("state", &query(&start, "state")), ("code", "good"), ("iss", &forger.issuer)]);
    browser.get(&format!("/sso/oidc/callback?{}", String::from_utf8(query).unwrap())).await;
    assert_eq!(me(&browser).await, Some((set_up.world.address("staff"), "staff".into())));
}

#[tokio::test]
async fn another_firms_provider_opens_nothing() {
    let (set_up, forger, connection) = forging().await;
    let (other, foreign, theirs) = forging().await;
    // Begun here, answered by a provider of another firm: its code, its issuer, its token.
    let browser = set_up.world.portal.stranger();
    let start = begin(&browser, &connection).await;
    foreign.say(&start, Forged::of(&set_up.world.address("staff")));
    let query = idp::form(&[("state", &query(&start, "state")), ("code", "good"), ("iss", &foreign.issuer)]);
    let answer = browser.get(&format!("/sso/oidc/callback?{}", String::from_utf8(query).unwrap())).await;
    assert_eq!((answer.status, me(&browser).await), (403, None));
    // Their provider names somebody of this firm, at their own connection.
    let forged = Forged::of(&set_up.world.address("staff"));
    assert_eq!(round(&other, &foreign, &theirs, forged).await, (403, false));
    // Nor see or change the connection itself.
    assert_eq!(other.partner.get(&format!("/api/v1/sso/{connection}")).await.status, 404);
    assert_eq!(other.change(&connection, "name", "theirs", "").await.status, 404);
    drop(forger);
}

#[tokio::test]
async fn setting_up_says_what_is_wrong() {
    let set_up = SetUp::open().await;
    let forger = Forger::open().await;
    let check = async |issuer: &str, want: &str| {
        let body =
            json!({ "kind": "oidc", "name": "X", "issuer": issuer, "client_id": "portal", "client_secret": SECRET });
        let answer = set_up.partner.post("/api/v1/sso", &body).await;
        assert!(answer.status == 422 && answer.text().contains(want), "{issuer}: {} {}", answer.status, answer.text());
    };
    check("http://login.example.com", "begin with https://").await;
    check("https://10.0.0.1", "private network").await;
    check("https://169.254.169.254", "private network").await;
    check("https://login.microsoftonline.com/common/v2.0", "your own directory").await;
    check(&format!("{}/elsewhere", forger.issuer), "calls itself").await;
    check(&format!("{}/moved", forger.issuer), "sends on to another address").await;
    check(&format!("{}/large", forger.issuer), "too large").await;
    check(&format!("{}/nonsense", forger.issuer), "no configuration").await;
}
