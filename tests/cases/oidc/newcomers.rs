//! People whom a provider vouches for and nobody invited.

use serde_json::{Value, json};
use testkit::portal::Http;

use super::forger::{Forged, Forger};
use super::{SECRET, forging, round};
use crate::idp::{self, SetUp, begin, location, me, query};

impl SetUp {
    async fn newcomers(&self, connection: &str, choice: &str) {
        let answer = self.change(connection, "newcomers", choice, "").await;
        assert_eq!((answer.status, answer.json()["newcomers"].as_str()), (200, Some(choice)), "{}", answer.text());
    }

    /// The person as the firm lists it; the memberships that have this address.
    async fn listed(&self, email: &str) -> Vec<Value> {
        let people = self.partner.read("/api/v1/firm/people").await;
        people["items"].as_array().unwrap().iter().filter(|person| person["email"] == email).cloned().collect()
    }

    async fn acts_about(&self, person: &str) -> Vec<String> {
        let events = self.partner.read(&format!("/api/v1/firm/people/{person}/audit")).await;
        let act = |event: &Value| event["act"].as_str().unwrap_or_default().to_owned();
        events["items"].as_array().unwrap().iter().map(act).collect()
    }
}

/// The way back from a forger that says this, for one browser.
pub(super) async fn way_back(browser: &Http, forger: &Forger, connection: &str, code: &str, forged: Forged) -> String {
    let start = begin(browser, connection).await;
    forger.say_for(code, &start, forged);
    let query = idp::form(&[("state", &query(&start, "state")), ("code", code), ("iss", &forger.issuer)]);
    format!("/sso/oidc/callback?{}", String::from_utf8(query).unwrap())
}

#[tokio::test]
async fn whoever_comes_for_the_first_time_joins_as_staff_where_the_firm_says_so() {
    let (set_up, forger, connection) = forging().await;
    let email = set_up.world.address("newcomer");
    let new = || Forged::of(&email);
    assert_eq!(round(&set_up, &forger, &connection, new()).await, (403, false), "only who is invited, at first");
    let page = set_up.partner.get(&format!("/sso/{connection}")).await.text();
    assert!(page.contains("Only who is invited") && page.contains("Join the firm as staff"), "{page}");
    set_up.newcomers(&connection, "staff").await;

    let browser = set_up.world.portal.stranger();
    let back = way_back(&browser, &forger, &connection, "good", new()).await;
    assert_eq!(location(&browser.get(&back).await), "/");
    assert_eq!(me(&browser).await, Some((email.clone(), "staff".into())));
    let listed = set_up.listed(&email).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["role"], "staff");
    let acts = set_up.acts_about(listed[0]["id"].as_str().unwrap()).await;
    for act in ["person.join_asked", "person.joined", "invitation.accepted", "session.started", "sso.linked"] {
        assert_eq!(acts.iter().filter(|one| *one == act).count(), 1, "{act}: {acts:?}");
    }
    assert!(set_up.world.portal.mails(&email).await.is_empty(), "whoever is here needs no invitation by mail");
    // Known from now on, and nothing but staff: assigned to nobody.
    assert_eq!(round(&set_up, &forger, &connection, new()).await, (303, true));
    let clients = browser.get("/api/v1/clients").await.json();
    assert_eq!(clients["items"].as_array().map(Vec::len), Some(0), "{clients}");
    set_up.newcomers(&connection, "invited").await;
    let late = Forged::of(&set_up.world.address("late"));
    assert_eq!(round(&set_up, &forger, &connection, late).await, (403, false), "turned off again");
}

#[tokio::test]
async fn nobody_joins_without_a_verified_address_of_a_proven_domain() {
    let (set_up, forger, connection) = forging().await;
    set_up.newcomers(&connection, "staff").await;
    for choice in ["partner", "client_member", "client_admin", "platform_admin", "everybody", ""] {
        let refused = set_up.change(&connection, "newcomers", choice, "").await;
        assert_eq!(refused.status, 422, "{choice}: {}", refused.text());
    }
    let own = |local: &str| set_up.world.address(local);
    let cases: Vec<(&str, Forged)> = vec![
        ("another domain", Forged::of("newcomer@elsewhere.example")),
        ("a domain below", Forged::of(&format!("newcomer@sub.{}", set_up.world.domain))),
        ("not verified", Forged { email_verified: Some(false), ..Forged::of(&own("unverified")) }),
        ("verified or not, it does not say", Forged { email_verified: None, ..Forged::of(&own("silent")) }),
        ("no address", Forged { email: None, ..Forged::of(&own("none")) }),
    ];
    for (what, forged) in cases {
        let email = forged.email.clone().unwrap_or_default();
        assert_eq!(round(&set_up, &forger, &connection, forged).await, (403, false), "{what}");
        assert!(set_up.listed(&email).await.is_empty(), "{what}");
    }
}

#[tokio::test]
async fn access_that_ended_is_not_given_again_by_a_provider() {
    let (set_up, forger, connection) = forging().await;
    set_up.newcomers(&connection, "staff").await;
    let (email, staff) = (set_up.world.address("staff"), set_up.world.staff_id.clone());
    let membership = format!("/api/v1/firm/people/{staff}/memberships/FIRM");
    assert_eq!(set_up.partner.http().send("DELETE", &membership, None).await.status, 204);
    let browser = set_up.world.portal.stranger();
    let back = way_back(&browser, &forger, &connection, "good", Forged::of(&email)).await;
    let answer = browser.get(&back).await;
    assert!(answer.status == 403 && answer.text().contains("Your access here has ended"), "{}", answer.text());
    assert!(me(&browser).await.is_none());
    let again = set_up.partner.read(&format!("/api/v1/firm/people/{staff}")).await;
    assert!(!again.to_string().contains("\"active\":true"), "{again}");
    // A partner gives it again; then the provider's word is good once more.
    assert_eq!(set_up.partner.http().send("PUT", &format!("{membership}/reinstated"), None).await.status, 204);
    assert_eq!(round(&set_up, &forger, &connection, Forged::of(&email)).await, (303, true));
}

#[tokio::test]
async fn two_tabs_that_come_for_the_first_time_at_once_make_one_person() {
    let (set_up, forger, connection) = forging().await;
    set_up.newcomers(&connection, "staff").await;
    let email = set_up.world.address("twice");
    let (one, other) = (set_up.world.portal.stranger(), set_up.world.portal.stranger());
    let back = way_back(&one, &forger, &connection, "first", Forged::of(&email)).await;
    let back_too = way_back(&other, &forger, &connection, "second", Forged::of(&email)).await;
    let (answer, answer_too) = tokio::join!(one.get(&back), other.get(&back_too));
    assert_eq!((location(&answer), location(&answer_too)), ("/".to_owned(), "/".to_owned()));
    for browser in [&one, &other] {
        assert_eq!(me(browser).await, Some((email.clone(), "staff".into())));
    }
    let listed = set_up.listed(&email).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    let acts = set_up.acts_about(listed[0]["id"].as_str().unwrap()).await;
    assert_eq!(acts.iter().filter(|act| *act == "person.join_asked").count(), 1, "{acts:?}");
}

#[tokio::test]
async fn a_clients_people_join_its_company_as_members() {
    let (set_up, forger) = (SetUp::open().await, Forger::open().await);
    let made = set_up
        .connect(&json!({
            "kind": "oidc", "name": "Acme's", "client": set_up.world.acme, "issuer": forger.issuer,
            "client_id": "portal", "client_secret": SECRET,
        }))
        .await;
    let connection = made["id"].as_str().unwrap();
    set_up.prove(connection).await;
    for choice in ["staff", "client_admin"] {
        assert_eq!(set_up.change(connection, "newcomers", choice, "").await.status, 422, "{choice}");
    }
    set_up.newcomers(connection, "client_member").await;
    let email = set_up.world.address("new.member");
    let browser = set_up.world.portal.stranger();
    let back = way_back(&browser, &forger, connection, "good", Forged::of(&email)).await;
    assert_eq!(location(&browser.get(&back).await), "/");
    assert_eq!(me(&browser).await, Some((email.clone(), "client_member".into())));
    assert_eq!(browser.get(&format!("/api/v1/clients/{}/projects", set_up.world.acme)).await.status, 200);
    assert_eq!(browser.get(&format!("/api/v1/clients/{}/projects", set_up.world.birch)).await.status, 404);
    let listed = set_up.listed(&email).await;
    assert_eq!((listed.len(), listed[0]["role"].as_str()), (1, Some("client_member")), "{listed:?}");
}
