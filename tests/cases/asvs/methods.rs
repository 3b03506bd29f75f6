//! Looking changes nothing: what changes something is asked for by POST, PUT, PATCH or DELETE and in no other way.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;
use testkit::portal::Person;

use super::{address, is_safe, routes};
use crate::world::{LawFirm, operator, volume};

/// Ways in which frameworks let a harmless method stand for another.
const DISGUISES: [(&str, &str); 3] =
    [("x-http-method-override", "DELETE"), ("x-http-method", "DELETE"), ("x-method-override", "POST")];

/// Everything that a partner can see of what the routes change.
async fn state(partner: &Person, staff: &Person, world: &LawFirm) -> Vec<Value> {
    let mut state = Vec::new();
    for (person, path) in [
        (partner, "/api/v1/firm/clients".to_owned()),
        (partner, "/api/v1/firm/people".to_owned()),
        (staff, format!("/api/v1/clients/{}/projects", world.acme)),
        (staff, format!("/api/v1/clients/{}/documents", world.acme)),
        (staff, "/api/v1/auth/factors".to_owned()),
        (partner, "/api/v1/auth/factors".to_owned()),
    ] {
        state.push(person.read(&path).await);
    }
    // When a session was last seen may change by looking; that it is there may not.
    let sessions = staff.read("/api/v1/auth/sessions").await;
    state.push(sessions["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect());
    state
}

#[tokio::test]
async fn what_only_looks_changes_nothing() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let operator = operator(&world.portal).await;
    let matter = world.matter(&staff).await;
    let other = world.person("staff").await;
    let things = [("client", world.acme.as_str()), ("project", &matter), ("person", &world.staff_id)];
    let before = state(&partner, &staff, &world).await;
    let all = routes();
    let looked_at: BTreeSet<&str> =
        all.iter().filter(|route| route.method == Method::GET).map(|route| route.path).collect();
    let mut wrong = Vec::new();
    let mut tries = 0;
    for (n, route) in all.iter().filter(|route| !is_safe(&route.method)).enumerate() {
        let path = address(route, &things);
        for query in ["", "?_method=DELETE&name=Other&role=partner&phase=2&code=000000"] {
            for method in ["GET", "HEAD", "OPTIONS"] {
                // One person for each in turn; all three at full volume.
                let people = [&partner, &staff, &operator];
                for person in people.into_iter().cycle().skip(n).take(volume(3, 1)) {
                    tries += 1;
                    let mut headers: Vec<(&str, String)> =
                        DISGUISES.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
                    headers.push(("x-portico-csrf", "1".to_owned()));
                    headers.push(("sec-fetch-site", "same-origin".to_owned()));
                    let answer = person.http().raw(method, &format!("{path}{query}"), &headers, Vec::new()).await;
                    let only_changes = !looked_at.contains(route.path);
                    // Where nothing can be looked at there is nothing for these methods; asking what there is is well.
                    if only_changes && method != "OPTIONS" && answer.status != 405 {
                        wrong.push(format!("{method} {path}{query} by {}: {}", person.email, answer.status));
                    }
                    if answer.status >= 500 || answer.headers.contains_key("set-cookie") {
                        wrong.push(format!(
                            "{method} {path}{query} by {}: {} {:?}",
                            person.email, answer.status, answer.headers
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
    for person in [&partner, &staff, &operator, &other] {
        assert_eq!(person.get("/api/v1/me").await.status, 200, "{} was signed out", person.email);
    }
    assert_eq!(state(&partner, &staff, &world).await, before);
}
