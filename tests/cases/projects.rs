//! Projects: opened from a pack, changed by staff, seen by the client.

use serde_json::json;

use crate::world::LawFirm;

#[tokio::test]
async fn staff_open_and_move_a_matter_and_the_client_sees_it() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let path = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    let seen = member.read(&path).await;
    let project = if seen["project"].is_object() { &seen["project"] } else { &seen };
    assert_eq!(project["name"], "Acme v. Dunmore");
    assert_eq!(project["phase"], 0);
    assert!(project["milestones"].as_array().unwrap().len() >= 5, "{project}");
    let change = json!({ "version": project["version"], "phase": 2, "next_update_on": "2030-01-04" });
    staff.write("PATCH", &path, &change).await;
    let seen = member.read(&path).await;
    let project = if seen["project"].is_object() { &seen["project"] } else { &seen };
    assert_eq!((project["phase"].as_u64(), project["next_update_on"].as_str()), (Some(2), Some("2030-01-04")));
    let stale = staff.http().send("PATCH", &path, Some(&change)).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    let member_change = member.http().send("PATCH", &path, Some(&json!({ "version": 2, "phase": 3 }))).await;
    assert_eq!(member_change.status, 403, "{}", member_change.text());
}

#[tokio::test]
async fn a_repeated_create_makes_one_matter() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    let body = json!({ "name": "Lease review", "pack": "litigation" }).to_string();
    let origin = staff.http().url().replace("127.0.0.1", "localhost");
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", origin),
        ("idempotency-key", "a-key-made-by-the-page".to_owned()),
    ];
    let first = staff.http().raw("POST", &path, &headers, body.clone().into_bytes()).await;
    let again = staff.http().raw("POST", &path, &headers, body.into_bytes()).await;
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
    assert_eq!(crate::world::id_of(&first.json(), "project"), crate::world::id_of(&again.json(), "project"));
    let list = staff.read(&path).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
}

#[tokio::test]
async fn concurrent_changes_lose_nothing() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let matter = world.matter(&staff).await;
    let path = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    let rename = |n: usize| {
        let (staff, path) = (staff.clone(), path.clone());
        async move {
            let change = json!({ "version": 1, "name": format!("Name {n}") });
            staff.http().send("PATCH", &path, Some(&change)).await.status
        }
    };
    let answers = tokio::join!(rename(1), rename(2), rename(3), rename(4));
    let mut statuses = [answers.0, answers.1, answers.2, answers.3];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
}

#[tokio::test]
async fn a_milestone_is_done_by_one_press_and_the_next_one_is_now() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let matter = world.matter(&staff).await;
    let (page, path) = (
        format!("/clients/{}/projects/{matter}", world.acme),
        format!("/api/v1/clients/{}/projects/{matter}", world.acme),
    );
    let states = || async {
        let project = staff.read(&path).await;
        let list = project["milestones"].as_array().unwrap().clone();
        let states: Vec<String> = list.iter().take(2).map(|m| m["progress"].as_str().unwrap().to_owned()).collect();
        (list[0]["id"].as_str().unwrap().to_owned(), states)
    };
    let (first, before) = states().await;
    assert_eq!(before, ["current", "upcoming"]);
    assert!(staff.get(&page).await.text().contains(&format!("/milestones/{first}/done")));
    let done = crate::documents::submit(&staff, &format!("{page}/milestones/{first}/done"), "").await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(states().await.1, ["done", "current"]);
    let after = staff.get(done.header("location")).await.text();
    let undo = after.split("action=\"").find(|part| part.contains("/undo?")).and_then(|part| part.split('"').next());
    let undo = undo.unwrap_or_else(|| panic!("no way back in {after}")).replace("&amp;", "&");
    assert_eq!(crate::documents::submit(&staff, &undo, "").await.status, 303);
    assert_eq!(states().await.1, ["current", "upcoming"]);
    let gone = format!("{page}/milestones/{}/done", crate::world::fresh());
    assert_eq!(crate::documents::submit(&staff, &gone, "").await.status, 404);
    let clients = staff.get("/clients").await.text();
    assert!(clients.contains(&format!("/clients/{}", world.acme)) && !clients.contains(&world.birch), "{clients}");
}
