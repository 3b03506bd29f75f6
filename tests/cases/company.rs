//! A client's own admin runs its company's list of people, within it and no further.

use serde_json::{Value, json};
use testkit::portal::{Person, until};

use crate::world::LawFirm;

/// What became of an order of a company.
async fn closed(person: &Person, client: &str, ordered: &Value) -> Value {
    let order = ordered["order"].as_str().unwrap_or_else(|| panic!("no order in {ordered}"));
    let path = format!("/api/v1/clients/{client}/people/orders/{order}");
    person.read_until(&path, |order| (order["state"] != "ordered").then(|| order.clone())).await
}

/// Until somebody is on the list in some way; the entry.
async fn listed(admin: &Person, client: &str, email: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/v1/clients/{client}/people");
    admin
        .read_until(&path, |list| {
            let same = |one: &&Value| one["email"] == email && wanted(one);
            list["items"].as_array()?.iter().find(same).cloned()
        })
        .await
}

#[tokio::test]
async fn an_admin_invites_changes_and_ends_within_its_company() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    let people = format!("/api/v1/clients/{}/people", world.acme);
    let email = world.address("new.acme");
    let new = json!({ "name": "Nia New", "email": email, "role": "client_member" });
    let ordered = admin.write("POST", &people, &new).await;
    assert_eq!(closed(&admin, &world.acme, &ordered).await["state"], "done");
    let person = listed(&admin, &world.acme, &email, |_| true).await["id"].as_str().unwrap().to_owned();
    let nia = world.portal.sign_in(&email).await;
    assert_eq!(nia.get(&format!("/api/v1/clients/{}/projects", world.acme)).await.status, 200);
    assert_eq!(nia.get(&people).await.status, 403);
    let invited = world.portal.mails(&email).await;
    let is_invitation = |mail: &Value| mail["text"].as_str().unwrap_or_default().contains("Ann Acme invited you");
    assert!(invited.iter().any(is_invitation), "{invited:?}");

    let one = format!("{people}/{person}");
    let ordered = admin.write("PUT", &format!("{one}/role"), &json!({ "role": "client_admin" })).await;
    assert_eq!(closed(&admin, &world.acme, &ordered).await["state"], "done");
    listed(&admin, &world.acme, &email, |one| one["role"] == "client_admin").await;
    let taken = json!({ "granted": [], "removed": ["pay_invoices"] });
    let ordered = admin.write("PUT", &format!("{one}/permissions"), &taken).await;
    assert_eq!(closed(&admin, &world.acme, &ordered).await["state"], "done");
    let may_pay = |one: &Value| {
        let all = one["permissions"].as_array().unwrap();
        all.iter().any(|one| one["name"] == "pay_invoices" && one["may"] == true)
    };
    listed(&admin, &world.acme, &email, |one| !may_pay(one)).await;

    let ended = admin.http().send("DELETE", &one, None).await;
    assert_eq!(ended.status, 202, "{}", ended.text());
    assert_eq!(closed(&admin, &world.acme, &ended.json()).await["state"], "done");
    assert_eq!(nia.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn an_admin_reaches_nobody_else_and_nothing_more() {
    let world = LawFirm::open().await;
    let (admin, member) = (world.person("admin.acme").await, world.person("member.acme").await);
    let people = format!("/api/v1/clients/{}/people", world.acme);
    for role in ["partner", "staff", "owner", ""] {
        let new = json!({ "name": "Eve", "email": world.address("eve"), "role": role });
        assert_eq!(admin.post(&people, &new).await.status, 422, "{role}");
    }
    let elsewhere = format!("/api/v1/clients/{}/people", world.birch);
    let new = json!({ "name": "Eve", "email": world.address("eve"), "role": "client_member" });
    assert_eq!(admin.post(&elsewhere, &new).await.status, 404);
    assert_eq!(member.post(&people, &new).await.status, 403);
    // An invitation of somebody who is here would write their name and number.
    for (email, role) in [(&admin.email, "client_admin"), (&member.email, "client_member")] {
        let new = json!({ "name": "Not Theirs", "email": email, "role": role, "phone": "+12025550199" });
        let refused = admin.post(&people, &new).await;
        assert_eq!(refused.status, 422, "{role}: {}", refused.text());
    }
    // Whoever works on the client for the firm is none of the company's people.
    let staff = format!("{people}/{}", world.staff_id);
    assert_eq!(admin.http().send("DELETE", &staff, None).await.status, 404);
    let granted = json!({ "granted": ["edit_projects"], "removed": [] });
    let list = admin.read(&people).await;
    let other = list["items"].as_array().unwrap().iter().find(|one| one["role"] == "client_member").unwrap();
    let permissions = format!("{people}/{}/permissions", other["id"].as_str().unwrap());
    assert_eq!(admin.http().send("PUT", &permissions, Some(&granted)).await.status, 422);
    let own = list["items"].as_array().unwrap().iter().find(|one| one["role"] == "client_admin").unwrap();
    let own = admin.http().send("DELETE", &format!("{people}/{}", own["id"].as_str().unwrap()), None).await;
    assert_eq!(own.status, 422, "{}", own.text());
}

#[tokio::test]
async fn the_last_admin_goes_only_with_a_warning() {
    let world = LawFirm::open().await;
    let (partner, admin) = (world.person("partner").await, world.person("admin.acme").await);
    let people = format!("/api/v1/clients/{}/people", world.acme);
    let person = listed(&partner, &world.acme, &admin.email, |_| true).await["id"].as_str().unwrap().to_owned();
    let one = format!("{people}/{person}");
    let asked = partner.http().send("DELETE", &one, None).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let refused = closed(&partner, &world.acme, &asked.json()).await;
    assert_eq!((refused["state"].as_str(), refused["reason"].as_str()), (Some("refused"), Some("last_admin")));
    assert_eq!(admin.get("/api/v1/me").await.status, 200);
    let known = format!("/api/v1/firm/people/{person}/memberships/{}", world.acme);
    assert_eq!(partner.http().send("DELETE", &known, None).await.status, 422);
    let warned = partner.http().send("DELETE", &format!("{known}?even_last_admin=true"), None).await;
    assert_eq!(warned.status, 204, "{}", warned.text());
    assert_eq!(admin.get("/api/v1/me").await.status, 401);
}

/// Somebody of the firm who was lent the company's list stays of the firm: what it makes itself there would outlive the
/// work for the client.
#[tokio::test]
async fn staff_who_manage_a_company_make_neither_themselves_nor_anybody_an_admin() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let people = format!("/api/v1/clients/{}/people", world.acme);
    partner.confirm().await;
    let lent = format!("/api/v1/firm/people/{}/memberships/FIRM/permissions", world.staff_id);
    let given = json!({ "granted": ["manage_company"], "removed": [] });
    assert_eq!(partner.http().send("PUT", &lent, Some(&given)).await.status, 204);
    let new = |local: &str, role: &str| json!({ "name": "New One", "email": world.address(local), "role": role });
    let member = new("lent.acme", "client_member");
    // The first request after the change may be the one that notices it.
    let ordered = until("the staff's new permission", || async {
        let answer = staff.post(&people, &member).await;
        (answer.status == 202).then(|| answer.json())
    });
    assert_eq!(closed(&staff, &world.acme, &ordered.await).await["state"], "done");
    for (local, role) in [("staff", "client_admin"), ("staff", "client_member"), ("other.acme", "client_admin")] {
        let refused = staff.post(&people, &new(local, role)).await;
        assert_eq!(refused.status, 422, "{local} {role}: {}", refused.text());
    }
    // Who else belongs to the firm is found where the order is carried out, whoever of the company gives it.
    let admin = world.person("admin.acme").await;
    for orderer in [&staff, &admin, &partner] {
        let ordered = orderer.write("POST", &people, &new("staff2", "client_member")).await;
        let refused = closed(orderer, &world.acme, &ordered).await;
        assert_eq!((refused["state"].as_str(), refused["reason"].as_str()), (Some("refused"), Some("of_the_firm")));
    }
}

#[tokio::test]
async fn an_admin_undoes_nothing_that_a_partner_decided_and_gives_no_more_than_it_has() {
    let world = LawFirm::open().await;
    let (partner, admin) = (world.person("partner").await, world.person("admin.acme").await);
    let people = format!("/api/v1/clients/{}/people", world.acme);
    let id = |one: Value| one["id"].as_str().unwrap().to_owned();
    let email = world.address("member.acme");
    let member = id(listed(&admin, &world.acme, &email, |_| true).await);
    let own = id(listed(&admin, &world.acme, &admin.email, |_| true).await);
    let may = |one: &Value, name: &str| {
        let all = one["permissions"].as_array().unwrap();
        all.iter().any(|one| one["name"] == name && one["may"] == true)
    };
    let of_firm = |person: &str| format!("/api/v1/firm/people/{person}/memberships/{}", world.acme);
    let adjusted = |granted: &[&str], removed: &[&str]| json!({ "granted": granted, "removed": removed });

    partner.confirm().await;
    for (person, taken) in [(&member, "write_messages"), (&own, "pay_invoices")] {
        let path = format!("{}/permissions", of_firm(person));
        assert_eq!(partner.http().send("PUT", &path, Some(&adjusted(&[], &[taken]))).await.status, 204);
    }
    listed(&partner, &world.acme, &email, |one| !may(one, "write_messages")).await;
    listed(&partner, &world.acme, &admin.email, |one| !may(one, "pay_invoices")).await;
    let permissions = format!("{people}/{member}/permissions");
    for (asked, words) in [
        (adjusted(&[], &[]), "The firm decided this"),
        (adjusted(&["pay_invoices"], &["write_messages"]), "no more than you have yourself"),
    ] {
        let refused = admin.http().send("PUT", &permissions, Some(&asked)).await;
        assert_eq!(refused.status, 422, "{asked}: {}", refused.text());
        assert!(refused.text().contains(words), "{}", refused.text());
    }
    let allowed = adjusted(&["view_invoices"], &["write_messages"]);
    let ordered = admin.write("PUT", &permissions, &allowed).await;
    assert_eq!(closed(&admin, &world.acme, &ordered).await["state"], "done");

    let second = world.address("second.acme");
    let new = json!({ "name": "Sue Second", "email": second, "role": "client_admin" });
    let ordered = admin.write("POST", &people, &new).await;
    assert_eq!(closed(&admin, &world.acme, &ordered).await["state"], "done");
    let found = listed(&admin, &world.acme, &second, |_| true).await;
    assert!(!may(&found, "pay_invoices") && may(&found, "manage_company"), "{found}");

    assert_eq!(partner.http().send("DELETE", &of_firm(&member), None).await.status, 204);
    let again = json!({ "name": "Max Acme", "email": email, "role": "client_member" });
    // Until the list has followed, the person is taken for somebody who is here.
    let ordered = until("the order", || async {
        let answer = admin.post(&people, &again).await;
        (answer.status == 202).then(|| answer.json())
    });
    let refused = closed(&admin, &world.acme, &ordered.await).await;
    assert_eq!((refused["state"].as_str(), refused["reason"].as_str()), (Some("refused"), Some("ask_the_firm")));
}

#[tokio::test]
async fn an_invitation_is_no_way_to_write_to_strangers() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    let people = format!("/api/v1/clients/{}/people", world.acme);
    let email = world.address("late.acme");
    let new = |name: &str| json!({ "name": name, "email": email, "role": "client_member" });
    for name in ["Pay at evil.example", "https://evil", "ann@evil"] {
        assert_eq!(admin.post(&people, &new(name)).await.status, 422, "{name}");
    }
    let ordered = admin.write("POST", &people, &new("St. John Late")).await;
    assert_eq!(closed(&admin, &world.acme, &ordered).await["state"], "done");
    world.portal.mail_after(&email, 0).await;
    let one = listed(&admin, &world.acme, &email, |_| true).await["id"].as_str().unwrap().to_owned();
    let ended = admin.http().send("DELETE", &format!("{people}/{one}"), None).await;
    assert_eq!(closed(&admin, &world.acme, &ended.json()).await["state"], "done");
    let again = admin.post(&people, &new("St. John Late")).await;
    assert_eq!(again.status, 422, "{}", again.text());
    assert_eq!(world.portal.mails(&email).await.len(), 1);
}
