//! A firm made through the product's own endpoints: ordered by an operator, staffed by its partner.

use serde_json::{Value, json};

use crate::portal::{Person, Portal, until};

/// What a new firm is to be called.
#[derive(Debug, Clone)]
pub struct NewFirm<'a> {
    pub name: &'a str,
    /// Its people's addresses end in this.
    pub domain: &'a str,
    pub zone: &'a str,
    pub accent: Option<&'a str>,
    pub packs: &'a [&'a str],
    pub partner_name: &'a str,
    pub partner_email: &'a str,
}

/// A firm that is ready, with its partner signed in.
#[derive(Clone)]
pub struct Firm {
    pub id: String,
    pub portal: Portal,
    pub partner: Person,
}

/// Somebody to invite.
#[derive(Debug, Clone)]
pub struct NewPerson<'a> {
    pub name: &'a str,
    pub email: &'a str,
    /// `staff`, `partner`, `client_admin` or `client_member`.
    pub role: &'a str,
    pub client: Option<&'a str>,
    pub phone: Option<&'a str>,
}

impl Firm {
    /// Orders a firm as an operator and waits until its partner can sign in.
    pub async fn order(portal: &Portal, operator: &Person, new: &NewFirm<'_>) -> Firm {
        let body = json!({
            "name": new.name, "domain": new.domain, "zone": new.zone, "accent": new.accent, "packs": new.packs,
            "partner_name": new.partner_name, "partner_email": new.partner_email,
        });
        let ordered = operator.write("POST", "/api/v1/platform/firms", &body).await;
        let id = text(&ordered["firm"]["id"]);
        operator
            .read_until(&format!("/api/v1/platform/firms/{id}"), |found| {
                let found = if found["firm"].is_object() { &found["firm"] } else { found };
                (found["state"] == "active").then_some(())
            })
            .await;
        let partner = portal.sign_in(new.partner_email).await;
        Firm { id, portal: portal.clone(), partner }
    }

    /// Adds a client and waits until it is there; its id.
    pub async fn client(&self, name: &str) -> String {
        let ordered = self.partner.write("POST", "/api/v1/firm/clients", &json!({ "name": name })).await;
        self.done(&text(&ordered["order"])).await;
        text(&ordered["client"]["id"])
    }

    /// Invites somebody and waits until the address can sign in; the person's id.
    pub async fn invite(&self, new: &NewPerson<'_>) -> String {
        self.invite_all(std::slice::from_ref(new)).await.remove(0)
    }

    /// Invites several at once; their ids, in this order.
    pub async fn invite_all(&self, all: &[NewPerson<'_>]) -> Vec<String> {
        let mut orders = Vec::new();
        for new in all {
            let body = json!({
                "name": new.name, "email": new.email, "role": new.role, "client": new.client, "phone": new.phone,
            });
            orders.push(self.partner.write("POST", "/api/v1/firm/people", &body).await);
        }
        // One after the other: they go on meanwhile, and are asked for once each when it is their turn.
        for ordered in orders {
            self.done(&text(&ordered["order"])).await;
        }
        self.partner
            .read_until("/api/v1/firm/people", |people| {
                let items = people["items"].as_array()?;
                let id = |new: &NewPerson<'_>| {
                    items.iter().find(|person| person["email"] == new.email).map(|person| text(&person["id"]))
                };
                all.iter().map(id).collect::<Option<Vec<String>>>()
            })
            .await
    }

    pub async fn assign(&self, person: &str, client: &str) {
        self.partner.write("PUT", &format!("/api/v1/firm/assignments/{person}/{client}"), &json!({})).await;
    }

    pub async fn unassign(&self, person: &str, client: &str) {
        let path = format!("/api/v1/firm/assignments/{person}/{client}");
        let answer = self.partner.http().send("DELETE", &path, None).await;
        assert!((200..300).contains(&answer.status), "unassign: {} {}", answer.status, answer.text());
    }

    async fn done(&self, order: &str) {
        let path = format!("/api/v1/firm/orders/{order}");
        let state = until(&format!("order {order}"), || async {
            let found = self.partner.get(&path).await.json();
            let found = if found["order"].is_object() { found["order"].clone() } else { found };
            matches!(found["state"].as_str(), Some("done" | "refused")).then_some(found)
        })
        .await;
        assert_eq!(state["state"], "done", "order {order}: {state}");
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other["id"].as_str().unwrap_or_default().to_owned(),
    }
}
