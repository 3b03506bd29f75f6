//! The audit: every act is an event of a chain that verifies, and only partners read it.

use serde_json::{Value, json};
use testkit::samples;

use crate::documents::download;
use crate::world::LawFirm;

#[tokio::test]
async fn a_days_work_is_written_down_in_order() {
    let world = LawFirm::open().await;
    let (staff, admin, partner) =
        (world.person("staff").await, world.person("admin.acme").await, world.person("partner").await);
    let matter = world.matter(&staff).await;
    let path = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    staff.write("PATCH", &path, &json!({ "version": 1, "phase": 1 })).await;
    let document =
        admin.upload(&world.acme, &matter, "Evidence", "Lease.pdf", &samples::pdf("Lease", &["words"])).await.id;
    admin.settled(&world.acme, &document).await;
    download(&admin, &world.acme, &document).await;
    admin.read(&format!("/api/v1/clients/{}/search?q=words", world.acme)).await;
    let audit = format!("/api/v1/clients/{}/audit", world.acme);
    let wanted = [
        "client.created",
        "assignment.added",
        "project.created",
        "project.changed",
        "document.upload_requested",
        "document.received",
        "document.ready",
        "document.downloaded",
        "document.searched",
    ];
    let events = partner.read(&audit).await;
    let items = events["items"].as_array().unwrap();
    let acts: Vec<&str> = items.iter().rev().map(|event| event["act"].as_str().unwrap()).collect();
    let mut places = wanted.iter().map(|act| acts.iter().position(|found| found == act));
    assert!(places.all(|place| place.is_some()), "wanted {wanted:?}, found {acts:?}");
    let numbers: Vec<u64> = items.iter().rev().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=items.len() as u64).collect::<Vec<_>>());
    let text = events.to_string();
    assert!(!text.contains("Lease.pdf") && !text.contains("Acme v. Dunmore"), "content in the audit: {text}");
    for person in [&staff, &admin] {
        let status = person.get(&audit).await.status;
        assert!(status == 403 || status == 404, "{} read the audit: {status}", person.email);
    }
}

#[tokio::test]
async fn refused_access_is_written_down() {
    let world = LawFirm::open().await;
    let (staff, partner) = (world.person("staff").await, world.person("partner").await);
    assert_eq!(staff.get(&format!("/api/v1/clients/{}/projects", world.birch)).await.status, 404);
    let events = partner.read(&format!("/api/v1/firm/people/{}/audit", world.staff_id)).await;
    let acts: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["act"]).collect();
    assert!(acts.iter().any(|act| **act == "access.refused"), "{acts:?}");
    assert!(acts.iter().any(|act| **act == "session.started"), "{acts:?}");
    // What one's role lacks within one's own client is written down as well.
    let member = world.person("member.acme").await;
    let refused = member.post(&format!("/api/v1/clients/{}/projects", world.acme), &serde_json::json!({})).await;
    assert_eq!(refused.status, 403);
    let me = member.read("/api/v1/me").await;
    let id = me["person"]["id"].as_str().unwrap();
    let events = partner.read(&format!("/api/v1/firm/people/{id}/audit")).await;
    let acts: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["act"]).collect();
    assert!(acts.iter().any(|act| **act == "access.refused"), "{acts:?}");
}
