//! What a partner changes of somebody holds at that person's next request, is written down, and can be taken back.

use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Person, until};

use crate::world::LawFirm;

fn membership(person: &str, place: &str) -> String {
    format!("/api/v1/firm/people/{person}/memberships/{place}")
}

pub(crate) async fn id_of(world: &LawFirm, local: &str) -> String {
    let email = world.address(local);
    let partner = world.person("partner").await;
    partner
        .read_until("/api/v1/firm/people", |people| {
            let found = people["items"].as_array()?.iter().find(|one| one["email"] == email.as_str())?;
            found["id"].as_str().map(str::to_owned)
        })
        .await
}

async fn status(person: &Person, method: &str, path: &str, body: Option<&Value>) -> u16 {
    person.http().send(method, path, body).await.status
}

/// Acts of a chain, the newest first.
async fn acts(partner: &Person, path: &str) -> Vec<String> {
    let events = partner.read(path).await;
    events["items"].as_array().unwrap().iter().map(|event| event["act"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn access_that_ends_ends_at_the_next_request_and_comes_back_whole() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    assert_eq!(staff.get(&projects).await.status, 200);

    let place = membership(&world.staff_id, "FIRM");
    assert_eq!(status(&partner, "DELETE", &place, None).await, 204);
    for path in [projects.as_str(), "/api/v1/me", "/api/v1/clients"] {
        assert_eq!(staff.get(path).await.status, 401, "{path}");
    }
    let listed = partner.read(&format!("/api/v1/firm/people/{}", world.staff_id)).await;
    assert_eq!(listed["memberships"][0]["active"], false, "{listed}");
    assert_eq!(listed["assigned"].as_array().map(Vec::len), Some(1), "assignments are kept: {listed}");

    // A session from before does not come back with the access.
    assert_eq!(status(&partner, "PUT", &format!("{place}/reinstated"), Some(&json!({}))).await, 204);
    assert_eq!(staff.get(&projects).await.status, 401);
    let again = world.person("staff").await;
    assert_eq!(again.get(&projects).await.status, 200);
    let own = acts(&partner, &format!("/api/v1/firm/people/{}/audit", id_of(&world, "partner").await)).await;
    let at = |act: &str| own.iter().position(|one| one == act).unwrap_or_else(|| panic!("no {act} in {own:?}"));
    assert!(at("membership.reinstated") < at("membership.ended"));
}

#[tokio::test]
async fn a_role_changes_only_for_who_confirmed_and_holds_at_once() {
    let world = LawFirm::open().await;
    let (partner, member) = (world.person("partner").await, world.person("member.acme").await);
    let person = id_of(&world, "member.acme").await;
    let role = format!("{}/role", membership(&person, &world.acme));
    let admin = json!({ "role": "client_admin" });
    let refused = partner.http().send("PUT", &role, Some(&admin)).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.json()["type"].as_str().unwrap().ends_with("confirmation-required"), "{}", refused.text());

    partner.confirm().await;
    let company = format!("/api/v1/clients/{}/people", world.acme);
    assert_eq!(member.get(&company).await.status, 403);
    assert_eq!(status(&partner, "PUT", &role, Some(&admin)).await, 204);
    // The request during which it is noticed may say so; the one after it has the new role.
    until("the new role", || async { (member.get(&company).await.status == 200).then_some(()) }).await;
    let wrong = json!({ "role": "partner" });
    assert_eq!(status(&partner, "PUT", &role, Some(&wrong)).await, 422);
    assert!(
        acts(&partner, &format!("/api/v1/clients/{}/audit", world.acme))
            .await
            .iter()
            .any(|act| act == "membership.role_changed")
    );
}

#[tokio::test]
async fn a_permission_that_is_taken_is_gone_at_the_next_request() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    partner.confirm().await;
    let permissions = format!("{}/permissions", membership(&world.staff_id, "FIRM"));
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let new = json!({ "name": "Matter", "pack": "litigation" });
    assert_eq!(staff.post(&projects, &new).await.status, 201);
    let taken = json!({ "granted": [], "removed": ["edit_projects"] });
    assert_eq!(status(&partner, "PUT", &permissions, Some(&taken)).await, 204);
    let refused = staff.post(&projects, &new).await.status;
    assert!(matches!(refused, 403 | 409), "{refused}");
    assert_eq!(staff.post(&projects, &new).await.status, 403);
    assert_eq!(staff.get(&projects).await.status, 200);

    let given = json!({ "granted": ["change_roles"], "removed": [] });
    assert_eq!(status(&partner, "PUT", &permissions, Some(&given)).await, 422, "no role but a partner's has it");
    let none = json!({ "granted": [], "removed": [] });
    assert_eq!(status(&partner, "PUT", &permissions, Some(&none)).await, 204);
    until("the permission is back", || async { (staff.post(&projects, &new).await.status == 201).then_some(()) }).await;
}

#[tokio::test]
async fn a_firm_keeps_a_partner_whatever_its_partners_do_to_each_other() {
    let world = LawFirm::open().await;
    let first = world.person("partner").await;
    let email = world.address("second");
    let new = NewPerson { name: "Second Partner", email: &email, role: "partner", client: None, phone: None };
    let second_id = world.firm.invite(&new).await;
    let second = world.person("second").await;
    let first_id = id_of(&world, "partner").await;
    let own = first.http().send("DELETE", &membership(&first_id, "FIRM"), None).await;
    assert_eq!(own.status, 422, "{}", own.text());

    let (second_place, first_place) = (membership(&second_id, "FIRM"), membership(&first_id, "FIRM"));
    let (one, other) = tokio::join!(
        first.http().send("DELETE", &second_place, None),
        second.http().send("DELETE", &first_place, None),
    );
    let done = [one.status, other.status].into_iter().filter(|status| *status == 204).count();
    assert_eq!(done, 1, "{} {}", one.text(), other.text());
    let left = [&first, &second];
    let mut alive = 0;
    for partner in left {
        alive += usize::from(partner.get("/api/v1/firm/people").await.status == 200);
    }
    assert_eq!(alive, 1);
}

#[tokio::test]
async fn an_invitation_is_mailed_once_can_be_mailed_again_and_be_taken_back() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let email = world.address("guest");
    let new =
        NewPerson { name: "Gus Guest", email: &email, role: "client_member", client: Some(&world.acme), phone: None };
    let person = world.firm.invite(&new).await;
    let invitations = async || -> Vec<Value> {
        let mut mails = world.portal.mails(&email).await;
        mails.retain(|mail| mail["subject"].as_str().unwrap_or_default().contains("invites you"));
        mails
    };
    let first = until("the invitation", || async { invitations().await.into_iter().next() }).await;
    let text = first["text"].as_str().unwrap();
    for words in ["Hartwell & Pryce", "Acme Industries", "Eleanor Hartwell invited you", "/sign-in"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let place = membership(&person, &world.acme);
    let again = partner.post(&format!("{place}/invitation"), &json!({})).await;
    assert_eq!(again.status, 202, "{}", again.text());
    until("a second mail", || async { (invitations().await.len() == 2).then_some(()) }).await;
    let third = partner.post(&format!("{place}/invitation"), &json!({})).await;
    assert_eq!(third.status, 422, "not again at once: {}", third.text());

    assert_eq!(status(&partner, "DELETE", &format!("{place}/invitation"), None).await, 204);
    let http = world.portal.stranger();
    let before = world.portal.mails(&email).await.len();
    assert_eq!(http.post("/api/v1/auth/link", &json!({ "email": email })).await.status, 202);
    tokio::time::timeout(std::time::Duration::from_secs(3), async {
        while world.portal.mails(&email).await.len() == before {
            tokio::task::yield_now().await;
        }
    })
    .await
    .ok();
    let listed = partner.read(&format!("/api/v1/firm/people/{person}")).await;
    assert_eq!(listed["memberships"][0]["active"], false, "{listed}");
}

#[tokio::test]
async fn inviting_changes_no_role_and_a_partner_signs_others_out() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let body = json!({ "name": "Sam Okafor", "email": world.address("staff"), "role": "partner" });
    let ordered = partner.write("POST", "/api/v1/firm/people", &body).await;
    let path = format!("/api/v1/firm/orders/{}", ordered["order"].as_str().unwrap());
    let closed = partner.read_until(&path, |order| (order["state"] != "ordered").then(|| order.clone())).await;
    assert_eq!((closed["state"].as_str(), closed["reason"].as_str()), (Some("refused"), Some("other_role")));

    let known = partner.read(&format!("/api/v1/firm/people/{}", world.staff_id)).await;
    let session = known["sessions"][0]["id"].as_str().unwrap_or_else(|| panic!("no session in {known}"));
    let end = format!("/api/v1/firm/people/{}/sessions/{session}", world.staff_id);
    assert_eq!(staff.get("/api/v1/me").await.status, 200);
    assert_eq!(status(&partner, "DELETE", &end, None).await, 204);
    assert_eq!(staff.get("/api/v1/me").await.status, 401);
    let listed = partner.read("/api/v1/firm/sign-ins").await;
    let here = |one: &&Value| one["person"] == world.staff_id.as_str();
    let one = listed["items"].as_array().unwrap().iter().find(here).unwrap_or_else(|| panic!("{listed}"));
    assert!(one["sessions"].as_array().unwrap().is_empty() && one["last_signed_in_at"].is_string(), "{one}");
}

#[tokio::test]
async fn an_archived_client_is_a_partners_alone_until_it_comes_back() {
    let world = LawFirm::open().await;
    let (partner, staff, admin) =
        (world.person("partner").await, world.person("staff").await, world.person("admin.acme").await);
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let archived = format!("/api/v1/firm/clients/{}/archived", world.acme);
    for person in [&staff, &admin] {
        assert_eq!(person.get(&projects).await.status, 200, "{}", person.email);
    }
    assert_eq!(status(&partner, "PUT", &archived, Some(&json!({ "archived": true }))).await, 204);
    for person in [&staff, &admin] {
        assert_eq!(person.get(&projects).await.status, 404, "{}", person.email);
    }
    assert_eq!(partner.get(&projects).await.status, 200);
    let names = |list: &Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    for (person, path, want) in [
        (&staff, "/api/v1/clients", vec![]),
        (&partner, "/api/v1/clients", vec!["Birch & Co"]),
        (&partner, "/api/v1/firm/clients", vec!["Birch & Co"]),
        (&partner, "/api/v1/firm/clients?archived=1", vec!["Acme Industries"]),
    ] {
        assert_eq!(names(&person.read(path).await), want, "{}: {path}", person.email);
    }
    assert_eq!(status(&partner, "PUT", &archived, Some(&json!({ "archived": false }))).await, 204);
    for person in [&staff, &admin] {
        until("everybody is back", || async { (person.get(&projects).await.status == 200).then_some(()) }).await;
    }
}

#[tokio::test]
async fn a_new_name_is_everywhere() {
    let world = LawFirm::open().await;
    let (partner, staff, admin) =
        (world.person("partner").await, world.person("staff").await, world.person("admin.acme").await);
    let contact = id_of(&world, "admin.acme").await;
    let one = format!("/api/v1/firm/clients/{}", world.acme);
    let change = json!({ "name": "Acme & Sons", "main_contact": contact });
    assert_eq!(status(&partner, "PATCH", &one, Some(&change)).await, 204);
    let kept = partner.read(&one).await;
    assert_eq!((kept["name"].as_str(), kept["main_contact"].as_str()), (Some("Acme & Sons"), Some(contact.as_str())));
    for (person, path) in [(&staff, "/"), (&partner, "/firm/clients")] {
        until("the new name on a page", || async {
            let headers = [("accept", "text/html".to_owned())];
            let page = person.http().raw("GET", path, &headers, Vec::new()).await.text();
            page.contains("Acme &amp; Sons").then_some(())
        })
        .await;
    }
    until("the new name in the company", || async {
        let me = admin.read("/api/v1/me").await;
        me.to_string().contains("Acme & Sons").then_some(())
    })
    .await;
    let stranger = json!({ "main_contact": world.staff_id });
    assert_eq!(status(&partner, "PATCH", &one, Some(&stranger)).await, 422);
}
