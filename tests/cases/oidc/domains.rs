//! Whose a domain is, and what it means that its people sign in by its provider only.

use serde_json::json;
use testkit::firm::NewPerson;
use testkit::portal::Person;

use super::forger::{Forged, Forger};
use super::{SECRET, forging, round};
use crate::factors::with_app;
use crate::idp::{self, SetUp, location, query};

/// A good test of the connection by the partner, whom the forger signs in as this.
async fn tested(set_up: &SetUp, forger: &Forger, connection: &str, email: &str) {
    let start = location(&set_up.partner.get(&format!("/sso/{connection}/try")).await);
    forger.say(&start, Forged::of(email));
    let query = idp::form(&[("state", &query(&start, "state")), ("code", "good"), ("iss", &forger.issuer)]);
    let back = format!("/sso/oidc/callback?{}", String::from_utf8(query).unwrap());
    assert_eq!(location(&set_up.partner.get(&back).await), format!("/sso/{connection}?done=tried"));
}

/// A token by which a program acts as this person.
async fn token(person: &Person) -> String {
    person.confirm().await;
    let new = json!({ "name": "Nightly export", "scopes": ["view_projects"], "read_only": true, "days": 30 });
    person.write("POST", "/api/v1/tokens", &new).await["token"].as_str().unwrap().to_owned()
}

/// What a program with the token is answered.
async fn works(set_up: &SetUp, token: &str) -> u16 {
    let headers = [("accept", "application/json".to_owned()), ("authorization", format!("Bearer {token}"))];
    let path = format!("/api/v1/clients/{}/projects", set_up.world.acme);
    set_up.world.portal.stranger().raw("GET", &path, &headers, Vec::new()).await.status
}

async fn is_in(person: &Person) -> bool {
    person.get("/api/v1/me").await.status == 200
}

#[tokio::test]
async fn a_proven_domain_is_claimed_by_nobody_else() {
    let (set_up, forger, connection) = forging().await;
    let (other, foreign, theirs) = forging().await;
    let domain = &set_up.world.domain;
    let refused = other.change(&theirs, "claim", domain, "").await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    for words in ["Another connection", "removed there", "whoever runs this portal"] {
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
    // The firm's own second connection is told where to look.
    let body = json!({
        "kind": "oidc", "name": "Second", "client": set_up.world.acme, "issuer": forger.issuer, "client_id": "portal",
        "client_secret": SECRET,
    });
    let second = set_up.connect(&body).await;
    let second = second["id"].as_str().unwrap();
    let refused = set_up.change(second, "claim", domain, "").await;
    assert!(refused.status == 422 && refused.text().contains("of your firm"), "{}", refused.text());
    // Whoever types an address of the domain is led to its owner, and once it is given up to whoever proves it then.
    let offered = async || {
        let asked = idp::form(&[("email", &set_up.world.address("staff"))]);
        let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
        let origin = ("origin", idp::site());
        set_up.world.portal.stranger().raw("POST", "/sign-in", &[kind, origin], asked).await.text()
    };
    assert!(offered().await.contains(&format!("/sso/{connection}/start")));
    assert_eq!(set_up.change(&connection, "give_up", domain, "").await.status, 200);
    assert!(!offered().await.contains("/start"));
    set_up.prove(second).await;
    assert!(offered().await.contains(&format!("/sso/{second}/start")));
    drop(foreign);
}

#[tokio::test]
async fn of_two_that_claim_a_domain_one_proves_it() {
    let (set_up, _forger, first) = forging().await;
    let (other, _foreign, second) = forging().await;
    let domain = format!("shared-{}", set_up.world.domain);
    let claim = async |of: &SetUp, connection: &str| {
        let claimed = of.change(connection, "claim", &domain, "").await;
        assert_eq!(claimed.status, 200, "{}", claimed.text());
        let domains = claimed.json()["domains"].as_array().unwrap().clone();
        domains.iter().find(|one| one["domain"] == domain.as_str()).unwrap()["record_value"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (mine, theirs) = (claim(&set_up, &first).await, claim(&other, &second).await);
    let name = format!("_portico.{domain}");
    idp::publish(&set_up.world.portal, &name, &mine).await;
    assert_eq!(set_up.change(&first, "check", &domain, "").await.status, 200);
    // With their record in the world too.
    idp::publish(&set_up.world.portal, &name, &theirs).await;
    let refused = other.change(&second, "check", &domain, "").await;
    assert!(refused.status == 422 && refused.text().contains("Another connection"), "{}", refused.text());
    // The owner gives it up; then the claim that waited can be proven.
    assert_eq!(set_up.change(&first, "give_up", &domain, "").await.status, 200);
    assert_eq!(other.change(&second, "check", &domain, "").await.status, 200);
}

#[tokio::test]
async fn sessions_end_with_what_vouched_for_them() {
    let (set_up, forger, connection) = forging().await;
    let world = &set_up.world;
    let by_mail = world.person("staff").await;
    let comes_in = async || {
        let browser = world.portal.stranger();
        let back =
            super::newcomers::way_back(&browser, &forger, &connection, "good", Forged::of(&world.address("staff")));
        assert_eq!(location(&browser.get(&back.await).await), "/");
        assert_eq!(browser.get("/api/v1/me").await.status, 200);
        browser
    };
    let first = comes_in().await;
    assert_eq!(set_up.change(&connection, "give_up", &world.domain, "").await.status, 200);
    assert_eq!(first.get("/api/v1/me").await.status, 401, "the domain is given up");
    set_up.prove(&connection).await;
    let second = comes_in().await;
    let path = format!("/api/v1/sso/{connection}");
    assert_eq!(set_up.partner.http().send("DELETE", &path, None).await.status, 204);
    assert_eq!(second.get("/api/v1/me").await.status, 401, "the connection is removed");
    assert!(is_in(&by_mail).await, "what came in another way goes on");
    assert!(is_in(&set_up.partner).await);
}

#[tokio::test]
async fn turning_other_ways_off_ends_the_sessions_that_began_by_them() {
    let (set_up, forger, connection) = forging().await;
    let world = &set_up.world;
    let partner2 =
        NewPerson { name: "Paul Pryce", email: &world.address("partner2"), role: "partner", client: None, phone: None };
    world.firm.invite(&partner2).await;
    let (by_mail, of_acme) = (world.person("staff").await, world.person("admin.acme").await);
    let without_factor = world.portal.sign_in(partner2.email).await;
    let by_provider = {
        let browser = world.portal.stranger();
        let back =
            super::newcomers::way_back(&browser, &forger, &connection, "good", Forged::of(&world.address("staff2")));
        assert_eq!(location(&browser.get(&back.await).await), "/");
        browser
    };
    tested(&set_up, &forger, &connection, &world.address("staff2")).await;
    with_app(&set_up.partner).await;
    let page = set_up.partner.get(&format!("/sso/{connection}")).await.text();
    // Both partners and both of staff; those of client companies have the domain too, and belong elsewhere.
    assert!(page.contains("4 people here have such addresses") && page.contains("signed out"), "{page}");
    assert!(is_in(&by_mail).await && is_in(&without_factor).await);
    let (of_staff, of_company) = (token(&by_mail).await, token(&of_acme).await);
    assert_eq!((works(&set_up, &of_staff).await, works(&set_up, &of_company).await), (200, 200));

    let on = set_up.change(&connection, "only", &world.domain, "yes").await;
    assert_eq!(on.status, 200, "{}", on.text());
    assert!(!is_in(&by_mail).await, "staff by mail");
    assert_eq!(works(&set_up, &of_staff).await, 401, "a program of staff");
    assert_eq!(works(&set_up, &of_company).await, 200, "a program of a client's company");
    assert!(!is_in(&without_factor).await, "a partner by mail alone");
    assert!(is_in(&set_up.partner).await, "a partner with a second factor");
    assert_eq!(by_provider.get("/api/v1/me").await.status, 200, "by the provider");
    assert!(is_in(&of_acme).await, "of a client's company");
    let events = set_up.partner.read(&format!("/api/v1/firm/people/{}/audit", world.staff_id)).await;
    assert!(events.to_string().contains("session.ended_by_firm"), "{events}");
    // Again changes nothing, and ends nothing.
    assert_eq!(set_up.change(&connection, "only", &world.domain, "yes").await.status, 200);
    assert!(is_in(&set_up.partner).await);
    assert_eq!(round(&set_up, &forger, &connection, Forged::of(&world.address("staff"))).await, (303, true));
}
