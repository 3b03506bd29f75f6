//! Firms, their clients and their people, as operators and partners set them up.

use serde_json::json;

use crate::world::{LawFirm, operator, portal};

#[tokio::test]
async fn a_partner_sees_every_client_and_staff_exactly_the_assigned_ones() {
    let world = LawFirm::open().await;
    let (partner, staff, staff2) =
        (world.person("partner").await, world.person("staff").await, world.person("staff2").await);
    let names = |list: &serde_json::Value| {
        let mut names: Vec<String> =
            list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    partner
        .read_until("/api/v1/clients", |list| (names(list) == ["Acme Industries", "Birch & Co"]).then_some(()))
        .await;
    assert_eq!(names(&staff.read("/api/v1/clients").await), ["Acme Industries"]);
    assert_eq!(names(&staff2.read("/api/v1/clients").await), [] as [&str; 0]);
}

#[tokio::test]
async fn removing_an_assignment_ends_reads_and_writes_at_the_next_request() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    assert_eq!(staff.get(&path).await.status, 200);
    let matter = world.matter(&staff).await;
    world.firm.unassign(&world.staff_id, &world.acme).await;
    assert_eq!(staff.get(&path).await.status, 404);
    let change = json!({ "version": 1, "phase": 1 });
    assert_eq!(staff.http().send("PATCH", &format!("{path}/{matter}"), Some(&change)).await.status, 404);
    assert_eq!(staff.post(&path, &json!({ "name": "Another", "pack": "tax" })).await.status, 404);
    assert_eq!(staff.read("/api/v1/clients").await["items"].as_array().unwrap().len(), 0);
    world.firm.assign(&world.staff_id, &world.acme).await;
    assert_eq!(staff.get(&path).await.status, 200);
}

#[tokio::test]
async fn an_operator_sees_firms_and_no_content() {
    let world = LawFirm::open().await;
    let operator = operator(&portal()).await;
    let firms = operator.read("/api/v1/platform/firms").await;
    let here = firms["items"].as_array().unwrap().iter().any(|firm| firm["id"] == world.firm.id.as_str());
    assert!(here, "{firms}");
    for path in [
        format!("/api/v1/clients/{}/projects", world.acme),
        format!("/api/v1/clients/{}/documents", world.acme),
        format!("/api/v1/clients/{}/audit", world.acme),
        "/api/v1/firm/people".to_owned(),
    ] {
        let status = operator.get(&path).await.status;
        assert!(status == 404 || status == 403, "GET {path} answered an operator with {status}");
    }
}

#[tokio::test]
async fn orders_are_refused_with_words() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    for (path, body) in [
        ("/api/v1/firm/clients", json!({ "name": "" })),
        ("/api/v1/firm/clients", json!({ "name": "x".repeat(500) })),
        ("/api/v1/firm/people", json!({ "name": "A", "email": "not an address", "role": "staff" })),
        ("/api/v1/firm/people", json!({ "name": "A", "email": "a@b.example", "role": "platform_admin" })),
        ("/api/v1/firm/people", json!({ "name": "A", "email": "a@b.example", "role": "client_admin" })),
        ("/api/v1/firm/people", json!({ "name": "A", "email": "a@b.example", "role": "staff", "phone": "12" })),
    ] {
        let answer = partner.post(path, &body).await;
        assert_eq!(answer.status, 422, "{path} {body}: {}", answer.text());
        let problem = answer.json();
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{problem}");
    }
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_once_its_holder_was_unassigned() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let matter = world.matter(&staff).await;
    let asked = json!({ "name": "late.txt", "size_bytes": 5, "project": matter, "category": "Other" });
    let ticket = staff.write("POST", &format!("/api/v1/clients/{}/documents", world.acme), &asked).await;
    world.firm.unassign(&world.staff_id, &world.acme).await;
    staff.send_file(&ticket["upload"], "late.txt", b"words").await;
    let admin = world.person("admin.acme").await;
    let settled = admin.settled(&world.acme, ticket["document"]["id"].as_str().unwrap()).await;
    assert_eq!((settled["state"].as_str(), settled["reason"].as_str()), (Some("rejected"), Some("access_ended")));
}
