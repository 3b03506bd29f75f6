//! Versions: the next one takes the place of the one before, which stays to be read and to take its place again.

use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use super::{matter, post_form, submit};
use crate::world::{LawFirm, fresh, id_of};

fn path(world: &LawFirm, rest: &str) -> String {
    format!("/api/v1/clients/{}/documents{rest}", world.acme)
}

async fn ask(
    world: &LawFirm,
    person: &Person,
    matter: &str,
    name: &str,
    size: usize,
    of: &str,
) -> testkit::portal::Answer {
    let new = json!({ "name": name, "size_bytes": size, "project": matter, "category": "Other", "replaces": of });
    person.post(&path(world, ""), &new).await
}

/// A next version, ready.
pub(crate) async fn next(world: &LawFirm, person: &Person, matter: &str, name: &str, words: &str, of: &str) -> String {
    let ticket = announced(world, person, matter, name, words, of).await;
    send(world, person, &ticket, words).await;
    id_of(&ticket, "document")
}

/// A next version whose file has not come yet.
async fn announced(world: &LawFirm, person: &Person, matter: &str, name: &str, words: &str, of: &str) -> Value {
    let ticket = ask(world, person, matter, name, samples::txt(words).len(), of).await;
    assert_eq!(ticket.status, 201, "{}", ticket.text());
    ticket.json()
}

fn ids(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until search finds this one by a word and no other.
async fn found(world: &LawFirm, person: &Person, word: &str, want: &[&str]) {
    person
        .read_until(&format!("/api/v1/clients/{}/search?q={word}", world.acme), |answer| {
            let hits: Vec<&str> = answer["hits"].as_array()?.iter().filter_map(|hit| hit["id"].as_str()).collect();
            (hits == want).then_some(())
        })
        .await;
}

/// Sends the file of a document that was announced.
async fn send(world: &LawFirm, person: &Person, ticket: &Value, words: &str) {
    let bytes = samples::txt(words);
    let (url, fields) = (ticket["upload"]["url"].as_str().unwrap(), &ticket["upload"]["fields"]);
    assert!(post_form(person, url, fields, Box::leak(bytes.into_boxed_slice())).await < 300);
    let settled = person.settled(&world.acme, &id_of(ticket, "document")).await;
    assert_eq!(settled["state"], "ready", "{settled}");
}

#[tokio::test]
async fn none_but_the_current_version_says_where_the_document_is_and_for_whom() {
    let (world, staff, admin, matter) = matter().await;
    let member = world.person("member.acme").await;
    let first = member.upload(&world.acme, &matter, "Contracts", "Lease.txt", &samples::txt("quiet")).await.id;
    assert_eq!(member.settled(&world.acme, &first).await["state"], "ready");
    let words = "announced in time";
    let pending = ask(&world, &member, &matter, "Later.txt", samples::txt(words).len(), &first).await.json();
    let pending_id = id_of(&pending, "document");
    let second = next(&world, &staff, &matter, "Second.txt", "loud", &first).await;
    let change = async |person: &Person, id: &str, edit: Value| {
        let mut edit = edit;
        edit["version"] = staff.read(&path(&world, &format!("/{id}"))).await["version"].clone();
        person.http().send("PATCH", &path(&world, &format!("/{id}")), Some(&edit)).await
    };
    let company = admin.read(&format!("/api/v1/clients/{}/people", world.acme)).await;
    let admin_id =
        company["items"].as_array().unwrap().iter().find(|one| one["role"] == "client_admin").unwrap()["id"].clone();
    let own = json!({ "visibility": { "people": [admin_id] }, "category": "Evidence" });
    assert_eq!(change(&staff, &second, own.clone()).await.status, 200);
    for id in [&first, &second] {
        let shown = staff.read(&path(&world, &format!("/{id}"))).await;
        assert_eq!((&shown["visibility"], &shown["category"]), (&own["visibility"], &json!("Evidence")), "{shown}");
    }
    // The member's own, which are versions of what is not for them any more.
    let wider = json!({ "visibility": { "people": [admin_id] } });
    for id in [&pending_id, &first] {
        let refused = change(&member, id, wider.clone()).await;
        assert_eq!(refused.status, 422, "{id}: {}", refused.text());
    }
    assert_eq!(member.get(&path(&world, &format!("/{second}"))).await.status, 404);
    // What arrives now takes nobody's place.
    send(&world, &member, &pending, words).await;
    let listed = ids(&staff.read(&path(&world, "")).await);
    assert!(listed.contains(&second) && listed.contains(&pending_id), "{listed:?}");
    let versions = ids(&staff.read(&path(&world, &format!("/{pending_id}/versions"))).await);
    assert_eq!(versions, [pending_id], "a document of its own");
}

#[tokio::test]
async fn the_next_version_takes_the_place_and_an_earlier_one_can_take_it_back() {
    let (world, staff, admin, matter) = matter().await;
    let first =
        admin.upload(&world.acme, &matter, "Contracts", "Lease.txt", &samples::txt("the quiet harbour")).await.id;
    assert_eq!(admin.settled(&world.acme, &first).await["state"], "ready");
    let tag = json!({ "documents": [first], "add_tags": ["urgent"] });
    staff.write("POST", &path(&world, "/bulk"), &tag).await;
    found(&world, &staff, "harbour", &[&first]).await;
    let second = next(&world, &admin, &matter, "Lease 2.txt", "a loud quarry", &first).await;
    let shown = staff.read(&path(&world, &format!("/{second}"))).await;
    assert_eq!((shown["category"].as_str(), &shown["tags"]), (Some("Contracts"), &json!(["urgent"])), "{shown}");
    assert_eq!(ids(&staff.read(&path(&world, "")).await), std::slice::from_ref(&second));
    found(&world, &staff, "quarry", &[&second]).await;
    found(&world, &staff, "harbour", &[]).await;
    // Both are there, to be read and taken.
    for id in [&first, &second] {
        assert_eq!(ids(&staff.read(&path(&world, &format!("/{id}/versions"))).await), [second.clone(), first.clone()]);
        assert_eq!(admin.get(&path(&world, &format!("/{id}/download"))).await.status, 303);
    }
    let page = format!("/clients/{}/documents/{first}", world.acme);
    assert!(staff.get(&page).await.text().contains("This is not the current version"));
    let rename = json!({ "version": staff.read(&path(&world, &format!("/{first}"))).await["version"], "name": "x" });
    assert_eq!(staff.http().send("PATCH", &path(&world, &format!("/{first}")), Some(&rename)).await.status, 422);

    // Only who sent it, or the firm; twice is once.
    let member = world.person("member.acme").await;
    assert_eq!(submit(&member, &format!("{page}/current"), "").await.status, 422);
    for _ in 0..2 {
        assert_eq!(submit(&admin, &format!("{page}/current"), "").await.status, 303);
    }
    assert_eq!(ids(&staff.read(&path(&world, "")).await), std::slice::from_ref(&first));
    found(&world, &staff, "harbour", &[&first]).await;
    found(&world, &staff, "quarry", &[]).await;
    let events = world.person("partner").await.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let promoted = events["items"].as_array().unwrap().iter().filter(|event| event["act"] == "document.promoted");
    assert_eq!(promoted.count(), 1, "{events}");
}

#[tokio::test]
async fn two_next_versions_at_once_follow_one_another_and_none_is_lost() {
    let (world, staff, admin, matter) = matter().await;
    let first = admin.upload(&world.acme, &matter, "Other", "Lease.txt", &samples::txt("one")).await.id;
    assert_eq!(admin.settled(&world.acme, &first).await["state"], "ready");
    // Both are announced before either is there: of what was superseded there is no next version. And both by the firm: what
    // the client sends takes no place that the firm has taken meanwhile.
    let two = announced(&world, &staff, &matter, "Two.txt", "two", &first).await;
    let three = announced(&world, &staff, &matter, "Three.txt", "three", &first).await;
    tokio::join!(send(&world, &staff, &two, "two"), send(&world, &staff, &three, "three"));
    let (two, three) = (id_of(&two, "document"), id_of(&three, "document"));
    let listed = ids(&staff.read(&path(&world, "")).await);
    assert!(listed == [two.clone()] || listed == [three.clone()], "{listed:?}");
    let mut versions = ids(&staff.read(&path(&world, &format!("/{first}/versions"))).await);
    assert_eq!(versions[0], listed[0], "the newest comes first");
    versions.sort();
    let mut want = vec![first.clone(), two, three];
    want.sort();
    assert_eq!(versions, want);
    // Of what is not theirs, not there, not current or in the bin there is no next version.
    let member = world.person("member.acme").await;
    for (person, of, status) in [(&member, &listed[0], 422), (&admin, &fresh(), 404), (&staff, &first, 422)] {
        assert_eq!(ask(&world, person, &matter, "x.txt", 5, of).await.status, status, "{of}");
    }
    staff.write("POST", &path(&world, "/bulk"), &json!({ "documents": [listed[0]], "binned": true })).await;
    assert_eq!(ask(&world, &staff, &matter, "x.txt", 5, &listed[0]).await.status, 422);
}
