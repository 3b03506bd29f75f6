//! Documents kept in order: tags, filters, many at once, the bin and the way back.

use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use super::{PHRASE, matter, submit};
use crate::world::{LawFirm, fresh};

/// Text files of these names, ready.
async fn files(world: &LawFirm, by: &Person, matter: &str, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(by.upload(&world.acme, matter, "Other", name, &samples::txt(PHRASE)).await.id);
    }
    for id in &ids {
        assert_eq!(by.settled(&world.acme, id).await["state"], "ready");
    }
    ids
}

fn list(world: &LawFirm) -> String {
    format!("/api/v1/clients/{}/documents", world.acme)
}

async fn listed(world: &LawFirm, person: &Person, query: &str) -> Vec<String> {
    let answer = person.read(&format!("{}?{query}", list(world))).await;
    let ids = answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The outcomes of one change of many, in their order.
async fn bulk(world: &LawFirm, person: &Person, body: Value) -> Vec<String> {
    let answer = person.write("POST", &format!("{}/bulk", list(world)), &body).await;
    let items = answer["items"].as_array().unwrap_or_else(|| panic!("{answer}"));
    items.iter().map(|item| item["outcome"].as_str().unwrap().to_owned()).collect()
}

/// Waits until search finds exactly these.
async fn found(world: &LawFirm, person: &Person, want: &[&String]) {
    let mut want: Vec<&str> = want.iter().map(|id| id.as_str()).collect();
    want.sort_unstable();
    let path = format!("/api/v1/clients/{}/search?q=harbour", world.acme);
    person
        .read_until(&path, |answer| {
            let mut ids: Vec<&str> = answer["hits"].as_array()?.iter().filter_map(|hit| hit["id"].as_str()).collect();
            ids.sort_unstable();
            (ids == want).then_some(())
        })
        .await;
}

#[tokio::test]
async fn what_is_in_the_bin_is_in_no_list_and_no_search_and_comes_back_as_it_was() {
    let (world, staff, admin, matter) = matter().await;
    let ids = files(&world, &admin, &matter, &["one.txt", "two.txt", "three.txt"]).await;
    found(&world, &staff, &ids.iter().collect::<Vec<_>>()).await;
    let before = admin.read(&format!("{}/{}", list(&world), ids[0])).await;

    // By the form of the list; whoever sent them may.
    let pages = format!("/clients/{}/documents", world.acme);
    let fields = format!("act=bin&document={}&document={}&back={}", ids[0], ids[1], pages.replace('/', "%2F"));
    let done = submit(&admin, &format!("{pages}/bulk"), &fields).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(listed(&world, &staff, "").await, [ids[2].clone()]);
    assert_eq!(listed(&world, &staff, "bin=1").await.len(), 2);
    found(&world, &staff, &[&ids[2]]).await;
    let shown = admin.get(done.header("location")).await.text();
    assert!(shown.contains("2 files moved to the bin") && shown.contains("/documents/restore?batch="), "{shown}");
    for path in [format!("/clients/{}", world.acme), format!("/clients/{}/projects/{matter}", world.acme)] {
        let page = staff.get(&path).await.text();
        assert!(page.contains("three.txt") && !page.contains("one.txt"), "{path}: {page}");
    }
    let page = staff.get(&format!("{pages}/{}", ids[0])).await.text();
    assert!(page.contains("This file is in the bin") && page.contains("Restore"), "{page}");
    let copy = admin.get(&format!("{}/{}/download", list(&world), ids[0])).await;
    assert_eq!(copy.status, 409, "{}", copy.text());

    // Undone as a whole, and once more, which changes nothing.
    let at = shown.split("/documents/restore?batch=").nth(1).unwrap();
    let undo = format!("{pages}/restore?batch={}", &at[..26]);
    for count in ["count=2", "count=0"] {
        let undone = submit(&admin, &undo, "").await;
        assert!(undone.status == 303 && undone.header("location").ends_with(count), "{}", undone.header("location"));
    }
    let mut after = admin.read(&format!("{}/{}", list(&world), ids[0])).await;
    assert_eq!(after["version"].as_u64(), before["version"].as_u64().map(|version| version + 2));
    after["version"] = before["version"].clone();
    assert_eq!(after, before);
    assert!(listed(&world, &staff, "bin=1").await.is_empty());
    found(&world, &staff, &ids.iter().collect::<Vec<_>>()).await;
    let events = world.person("partner").await.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let acts = |act: &str| events["items"].as_array().unwrap().iter().filter(|event| event["act"] == act).count();
    assert_eq!((acts("document.binned"), acts("document.restored")), (1, 1), "{events}");
}

#[tokio::test]
async fn many_are_changed_at_once_and_each_ones_outcome_is_told() {
    let (world, staff, admin, matter) = matter().await;
    let member = world.person("member.acme").await;
    let theirs = files(&world, &admin, &matter, &["a.txt", "b.txt"]).await;
    let own = files(&world, &member, &matter, &["c.txt"]).await;
    let foreign = fresh();
    let all = json!([theirs[0], theirs[1], own[0], foreign]);
    // Of somebody else, of another client or of nobody: told apart only by whether one may know.
    let tagged = bulk(&world, &member, json!({ "documents": all, "add_tags": ["Closing  Set"] })).await;
    assert_eq!(tagged, ["refused", "refused", "done", "not_there"]);
    let again = bulk(&world, &staff, json!({ "documents": all, "add_tags": ["closing set"] })).await;
    assert_eq!(again, ["done", "done", "unchanged", "not_there"]);
    assert_eq!(listed(&world, &admin, "tag=closing+set").await.len(), 3);
    let moved = bulk(&world, &staff, json!({ "documents": [theirs[0]], "category": "Contracts" })).await;
    assert_eq!(moved, ["done"]);
    let wrong = bulk(&world, &staff, json!({ "documents": [theirs[0]], "category": "Tax returns" })).await;
    assert_eq!(wrong, ["refused"]);
    let bulk_at = format!("{}/bulk", list(&world));
    for (body, status) in [
        (json!({ "documents": [theirs[0]], "project": fresh() }), 404),
        (json!({ "documents": [] }), 422),
        (json!({ "documents": (0..101).map(|_| fresh()).collect::<Vec<_>>(), "binned": true }), 422),
        (json!({ "documents": [theirs[0]], "add_tags": ["x".repeat(41)] }), 200),
        (json!({ "documents": ["nothing"] }), 422),
    ] {
        assert_eq!(staff.post(&bulk_at, &body).await.status, status, "{body}");
    }
    // By the form: what was not done is named with its reason.
    let fields = format!("act=bin&document={}&document={}", theirs[0], own[0]);
    let partly = submit(&member, &format!("/clients/{}/documents/bulk", world.acme), &fields).await;
    let page = partly.text();
    assert!(partly.status == 422 && page.contains("Done for 1 of 2") && page.contains("a.txt: Only who"), "{page}");
}

#[tokio::test]
async fn a_document_put_into_the_bin_and_taken_out_by_several_at_once_ends_in_one_of_both() {
    let (world, staff, admin, matter) = matter().await;
    let ids = files(&world, &admin, &matter, &["one.txt"]).await;
    let turn = |person: &Person, binned: bool| {
        let (person, path) = (person.clone(), format!("{}/bulk", list(&world)));
        let body = json!({ "documents": ids, "binned": binned });
        async move { person.post(&path, &body).await.status }
    };
    let raced = tokio::join!(turn(&staff, true), turn(&admin, true), turn(&staff, false), turn(&admin, true));
    for status in [raced.0, raced.1, raced.2, raced.3] {
        assert!(status == 200 || status == 409, "{status}");
    }
    let document = admin.read(&format!("{}/{}", list(&world), ids[0])).await;
    let in_bin = document["binned"].is_object();
    assert_eq!(listed(&world, &staff, "bin=1").await.len(), usize::from(in_bin), "{document}");
    assert_eq!(listed(&world, &staff, "").await.len(), usize::from(!in_bin), "{document}");
}

#[tokio::test]
async fn a_list_is_narrowed_by_kind_person_day_tag_and_name_and_past_matters_stay_in_it() {
    let (world, staff, admin, matter) = matter().await;
    let text = files(&world, &admin, &matter, &["Lease 2024.txt", "Notes.txt"]).await;
    let pdf = staff.upload(&world.acme, &matter, "Contracts", "Lease.pdf", &samples::pdf("L", &[PHRASE])).await.id;
    assert_eq!(staff.settled(&world.acme, &pdf).await["state"], "ready");
    let tag = bulk(&world, &staff, json!({ "documents": [text[1]], "add_tags": ["urgent"] })).await;
    assert_eq!(tag, ["done"]);
    let project = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    let version = staff.read(&project).await["version"].clone();
    staff.write("PATCH", &project, &json!({ "version": version, "standing": "closed" })).await;
    let check = async |query: &str, want: &[&String]| {
        let want: Vec<String> = want.iter().map(|id| (*id).clone()).collect();
        assert_eq!(listed(&world, &staff, query).await, want, "{query}");
    };
    let today = crate::world::jiff_now().to_zoned(jiff::tz::TimeZone::get("America/New_York").unwrap()).date();
    let yesterday = today.yesterday().unwrap();
    check("", &[&pdf, &text[1], &text[0]]).await;
    check("kind=pdf", &[&pdf]).await;
    check("kind=text", &[&text[1], &text[0]]).await;
    check(&format!("person={}", world.staff_id), &[&pdf]).await;
    check("tag=URGENT", &[&text[1]]).await;
    check("name=lease", &[&pdf, &text[0]]).await;
    check("name=2024+lease", &[&text[0]]).await;
    check(&format!("project={matter}&category=Contracts"), &[&pdf]).await;
    check(&format!("from={yesterday}"), &[&pdf, &text[1], &text[0]]).await;
    check(&format!("until={}", yesterday.yesterday().unwrap()), &[]).await;
    // Refused to programs; said to people at its field, beside the rest as it was filled in.
    for (field, wrong) in [
        ("from", "from=soon".to_owned()),
        ("from", "from=2026-12-30&until=2026-01-01".to_owned()),
        ("kind", "kind=exe".to_owned()),
        ("tag", format!("tag={}", "x".repeat(41))),
    ] {
        assert_eq!(staff.get(&format!("{}?{wrong}", list(&world))).await.status, 422, "{wrong}");
        let page = staff.get(&format!("/clients/{}/documents?name=lease&{wrong}", world.acme)).await;
        assert_eq!(page.status, 422, "{wrong}");
        let page = page.text();
        assert!(page.contains(&format!("id=\"{field}-error\"")) && page.contains("value=\"lease\""), "{page}");
    }
    let page = staff.get(&format!("/clients/{}/documents?tag=urgent&kind=text", world.acme)).await.text();
    assert!(page.contains("Tag: urgent") && page.contains("Notes.txt") && !page.contains("Lease 2024"), "{page}");
    assert!(page.contains("Acme v. Dunmore (closed)"), "{page}");
}
