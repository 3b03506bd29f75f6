//! What a firm's partner ends for somebody else: one session, or all that the person has by a membership.

use serde_json::{Value, json};
use testkit::portal::{Person, until};

use super::{holding, is_in, links_mailed, page, session};
use crate::world::LawFirm;

/// The person's own sessions as a partner sees them.
async fn sessions_of(partner: &Person, person: &str) -> Vec<String> {
    let known = partner.read(&format!("/api/v1/firm/people/{person}")).await;
    let ids = known["sessions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
    ids.collect()
}

fn current(listed: &Value) -> String {
    let items = listed["items"].as_array().unwrap();
    items.iter().find(|one| one["current"] == true).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_partner_ends_sessions_of_the_firm_s_people_and_nobody_else_does() {
    let (world, other) = tokio::join!(LawFirm::open(), LawFirm::open());
    let (desk, phone, partner) =
        (world.person("staff").await, world.person("staff").await, world.person("partner").await);
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    // Granted before, so that something could be left over.
    assert_eq!(desk.get(&projects).await.status, 200);
    let of_desk = current(&desk.read("/api/v1/auth/sessions").await);
    assert_eq!(sessions_of(&partner, &world.staff_id).await.len(), 2);
    let path = format!("/api/v1/firm/people/{}/sessions/{of_desk}", world.staff_id);
    for (who, person) in [("staff", &phone), ("a client's admin", &world.person("admin.acme").await)] {
        let refused = person.http().send("DELETE", &path, None).await;
        assert!([403, 404].contains(&refused.status), "{who}: {} {}", refused.status, refused.text());
    }
    let foreign = other.person("partner").await.http().send("DELETE", &path, None).await;
    assert_eq!(foreign.status, 404, "another firm's partner: {}", foreign.text());
    assert!(is_in(&world.portal, &session(desk.http())).await);
    let ended = partner.http().send("DELETE", &path, None).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!(desk.get(&projects).await.status, 401, "at the very next request");
    assert!(!is_in(&world.portal, &session(desk.http())).await);
    assert!(is_in(&world.portal, &session(phone.http())).await, "the other one goes on");
    assert_eq!(sessions_of(&partner, &world.staff_id).await.len(), 1);
}

#[tokio::test]
async fn whoever_leaves_is_out_of_every_session_at_once() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let (desk, phone, colleague) =
        (world.person("staff").await, world.person("staff").await, world.person("admin.acme").await);
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    for person in [&desk, &phone] {
        assert_eq!(person.get(&projects).await.status, 200);
        assert_eq!(person.get("/api/v1/clients").await.status, 200);
    }
    // A link that is on its way is worth nothing afterwards either.
    let late = world.portal.stranger();
    let mailed = super::mailed(&world.portal, &late, &desk.email).await;
    let path = format!("/api/v1/firm/people/{}/memberships/FIRM", world.staff_id);
    let ended = partner.http().send("DELETE", &path, None).await;
    assert!((200..300).contains(&ended.status), "{} {}", ended.status, ended.text());
    for person in [&desk, &phone] {
        let http = holding(&world.portal, &session(person.http()));
        let answers = [
            http.get(&projects).await.status,
            http.get("/api/v1/clients").await.status,
            http.get("/api/v1/me").await.status,
            http.get("/api/v1/auth/sessions").await.status,
            http.post(&projects, &json!({ "name": "Late", "pack": "tax" })).await.status,
            page(&http, "/").await.status,
        ];
        assert_eq!(answers, [401, 401, 401, 401, 401, 303], "{}", person.email);
    }
    let refused = late.post("/api/v1/auth/session", &json!({ "token": mailed.token })).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text());
    assert_eq!(session(&late), "");
    assert_eq!(colleague.get("/api/v1/me").await.status, 200, "nobody else's");
    // Whoever asks for a link now is told what everybody is told; the link says that the access has ended, and to whom
    // to turn.
    let again = world.portal.stranger();
    let mailed = super::mailed(&world.portal, &again, &desk.email).await;
    let refused = again.post("/api/v1/auth/session", &json!({ "token": mailed.token })).await;
    assert!(refused.status == 422 && refused.text().contains("Your access has ended"), "{}", refused.text());
    assert_eq!(session(&again), "");
    // Given back, the old sessions stay ended.
    let back = partner.http().send("PUT", &format!("{path}/reinstated"), Some(&json!({}))).await;
    assert!((200..300).contains(&back.status), "{} {}", back.status, back.text());
    let again = until("the membership to be back", || async {
        let asked = world.portal.stranger();
        let before = links_mailed(&world.portal, &desk.email).await;
        asked.post("/api/v1/auth/link", &json!({ "email": desk.email })).await;
        (links_mailed(&world.portal, &desk.email).await > before).then_some(())
    });
    again.await;
    assert!(!is_in(&world.portal, &session(desk.http())).await, "an old session came back");
}
