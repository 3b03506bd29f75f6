//! Whoever set providers up a moment ago and may no longer changes nothing by what was granted then: the function that
//! keeps connections reads and writes them with a role of its own, which refuses nobody.

use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::Person;

use super::{connected, make_own_key, metadata};
use crate::world::{LawFirm, confirmed_operator, fresh};

/// Every route about a firm's connections, asked once; what was answered. Last goes `removed`.
async fn every_route(person: &Person, connection: &str, removed: &str, name: &str) -> Vec<(String, u16)> {
    let key = make_own_key("a provider", 21).unwrap();
    let issuer = format!("https://idp.example/{}", fresh());
    let one = format!("/api/v1/sso/{connection}");
    let change = |what: &str, value: &str| Some(json!({ "what": what, "value": value }));
    let added = json!({ "kind": "saml", "name": "One more", "metadata": metadata(&issuer, &key) });
    let asked: Vec<(&str, String, Option<Value>)> = vec![
        ("GET", "/api/v1/sso".into(), None),
        ("GET", one.clone(), None),
        ("PATCH", one.clone(), change("name", name)),
        ("PATCH", one.clone(), change("newcomers", "invited")),
        ("PATCH", one.clone(), change("claim", &format!("{}.example", fresh().to_lowercase()))),
        ("PATCH", one.clone(), change("add_certificate", &key.certificate.to_text())),
        ("PATCH", one.clone(), change("remove_certificate", &key.certificate.fingerprint())),
        ("POST", "/api/v1/sso".into(), Some(added)),
        ("DELETE", format!("/api/v1/sso/{removed}"), None),
    ];
    let mut answers = Vec::new();
    for (method, path, body) in asked {
        let what = body.as_ref().and_then(|body| body["what"].as_str()).unwrap_or_default().to_owned();
        let answer = person.http().send(method, &path, body.as_ref()).await;
        answers.push((format!("{method} {path} {what}"), answer.status));
    }
    answers
}

/// A second partner of a firm, who has just used every route.
struct Second {
    world: LawFirm,
    first: Person,
    second: Person,
    second_id: String,
    connection: String,
}

impl Second {
    async fn open() -> Second {
        let world = LawFirm::open().await;
        let first = world.person("partner").await;
        first.confirm().await;
        let email = world.address("partner2");
        let new = NewPerson { name: "Piet Second", email: &email, role: "partner", client: None, phone: None };
        let second_id = world.firm.invite(&new).await;
        let second = world.portal.sign_in(&email).await;
        second.confirm().await;
        let connection = connected(&world, &second).await;
        let other = connected_too(&second).await;
        for (what, status) in every_route(&second, &connection, &other, "Our Okta").await {
            assert!((200..300).contains(&status), "{what}: {status}");
        }
        Second { world, first, second, second_id, connection }
    }

    fn membership(&self) -> String {
        format!("/api/v1/firm/people/{}/memberships/FIRM", self.second_id)
    }

    async fn all(&self) -> Value {
        self.first.read("/api/v1/sso").await
    }

    /// Each route refuses.
    async fn is_refused(&self, allowed: &[u16]) {
        for (what, status) in every_route(&self.second, &self.connection, &self.connection, "Theirs").await {
            assert!(allowed.contains(&status), "{what}: {status}");
        }
    }
}

async fn connected_too(partner: &Person) -> String {
    let key = make_own_key("a provider", 22).unwrap();
    let issuer = format!("https://idp.example/{}", fresh());
    let body = json!({ "kind": "saml", "name": "For a while", "metadata": metadata(&issuer, &key) });
    partner.write("POST", "/api/v1/sso", &body).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_partner_whose_access_ended_changes_no_connection() {
    let of = Second::open().await;
    let before = of.all().await;
    let ended = of.first.http().send("DELETE", &of.membership(), None).await;
    assert!((200..300).contains(&ended.status), "{} {}", ended.status, ended.text());
    of.is_refused(&[401]).await;
    assert_eq!(of.all().await, before);
}

#[tokio::test]
async fn a_partner_who_became_staff_changes_no_connection() {
    let of = Second::open().await;
    let before = of.all().await;
    let role = format!("{}/role", of.membership());
    let changed = of.first.http().send("PUT", &role, Some(&json!({ "role": "staff" }))).await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    // The request during which it is noticed may say that something changed.
    of.is_refused(&[401, 403, 404, 409]).await;
    assert_eq!(of.all().await, before);
}

#[tokio::test]
async fn partners_of_a_suspended_firm_change_no_connection() {
    let of = Second::open().await;
    let before = of.all().await;
    let operator = confirmed_operator(&of.world.portal).await;
    let firm = format!("/api/v1/platform/firms/{}", of.world.firm.id);
    let turned = async |want: &str| {
        operator
            .read_until(&firm, |found| {
                (found["firm"]["state"] == want && found["firm"]["turning"].is_null()).then_some(())
            })
            .await;
    };
    let reason = json!({ "reason": "The bill of May is not paid." });
    assert_eq!(operator.post(&format!("{firm}/suspend"), &reason).await.status, 202);
    turned("suspended").await;
    of.is_refused(&[403]).await;
    // Nor is a token made that would outlive the closing.
    let token = json!({ "name": "late", "scopes": ["view_firm"], "read_only": true, "days": 30 });
    let refused = of.second.post("/api/v1/tokens", &token).await;
    assert!(refused.status == 403 && refused.text().contains("suspended"), "{} {}", refused.status, refused.text());
    assert_eq!(operator.post(&format!("{firm}/resume"), &json!({})).await.status, 202);
    turned("active").await;
    assert_eq!(of.all().await, before);
}
