//! The review of access: gone through by hand, remembered, and never taking anything by itself.

use serde_json::{Value, json};

use crate::world::LawFirm;

#[tokio::test]
async fn a_review_is_gone_through_and_takes_only_what_it_is_told() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let before = partner.read("/api/v1/firm/review").await;
    assert_eq!((before["state"].as_str(), before["all"].as_u64()), (Some("rests"), Some(0)), "{before}");
    assert_eq!(partner.post("/api/v1/firm/review", &json!({ "act": "start" })).await.status, 204);
    let open = partner.read("/api/v1/firm/review").await;
    assert_eq!((open["state"].as_str(), open["done"].as_u64()), (Some("open"), Some(0)), "{open}");
    let all = open["all"].as_u64().unwrap();
    // A partner, two staff, three people of clients.
    assert_eq!(all, 6, "{open}");
    let early = partner.post("/api/v1/firm/review", &json!({ "act": "finish" })).await;
    assert_eq!(early.status, 422, "{}", early.text());
    assert_eq!(staff.get(&projects).await.status, 200, "nothing is taken by itself");

    for one in open["people"].as_array().unwrap() {
        let places: Vec<&str> =
            one["access"].as_array().unwrap().iter().map(|access| access["place"].as_str().unwrap()).collect();
        let (membership, person) = (one["membership"].as_str().unwrap(), one["person"].as_str().unwrap());
        let path = format!("/api/v1/firm/review/{membership}/{person}");
        let takes = person == world.staff_id;
        let (remove, keep): (Vec<&str>, Vec<&str>) =
            places.iter().partition(|place| takes && **place == world.acme.as_str());
        assert_eq!(!remove.is_empty(), takes, "{one}");
        let body = json!({ "keep": keep, "remove": remove });
        let saved = partner.http().send("PUT", &path, Some(&body)).await;
        assert_eq!(saved.status, 204, "{}", saved.text());
    }
    assert_eq!(staff.get(&projects).await.status, 404, "what was taken ended at once");
    assert_eq!(staff.get("/api/v1/me").await.status, 200);
    let done = partner.read("/api/v1/firm/review?all=1").await;
    assert_eq!(done["done"].as_u64(), Some(all), "{done}");
    assert!(done["people"].as_array().unwrap().iter().all(|one| one["reviewed"] == true), "{done}");
    assert_eq!(partner.post("/api/v1/firm/review", &json!({ "act": "finish" })).await.status, 204);
    let after = partner.read("/api/v1/firm/review").await;
    assert_eq!(after["state"], "rests", "{after}");
    assert!(
        after["finished_by"].is_string() && after["next_due_at"].as_str() > after["finished_at"].as_str(),
        "{after}"
    );
}

#[tokio::test]
async fn somebody_who_comes_meanwhile_is_reviewed_too() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    assert_eq!(partner.post("/api/v1/firm/review", &json!({ "act": "start" })).await.status, 204);
    let before = partner.read("/api/v1/firm/review").await["all"].as_u64().unwrap();
    let email = world.address("late");
    let new = testkit::firm::NewPerson { name: "Lou Late", email: &email, role: "staff", client: None, phone: None };
    world.firm.invite(&new).await;
    let after = partner.read("/api/v1/firm/review").await;
    assert_eq!(after["all"].as_u64(), Some(before + 1));
    let listed = |one: &Value| one["name"] == "Lou Late";
    assert!(after["people"].as_array().unwrap().iter().any(listed), "{after}");
}
