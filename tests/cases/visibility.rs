//! Whom a document is for: everybody at the company, some of its people, or the firm only. Every door asks, and what is not
//! for somebody is not there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Person, until};
use testkit::samples;

use crate::isolation::vended::Aws;
use crate::world::{LawFirm, fresh, setting};

/// In every document of the scene.
const WORD: &str = "ambergris";
/// How soon a search follows a change.
const SEARCH_SECONDS_MAX: i64 = 5;

struct Scene {
    world: LawFirm,
    matter: String,
    partner: Person,
    staff: Person,
    admin: Person,
    member: Person,
    /// Another member of the same company, with the id.
    other: Person,
    other_id: String,
    /// Ids by name: `company`, `people` (for the other one), `firm`, all by staff, and `own`, by the member for the other one.
    documents: BTreeMap<&'static str, String>,
}

impl Scene {
    async fn open() -> Scene {
        let world = LawFirm::open().await;
        let email = world.address("other.acme");
        let new = NewPerson {
            name: "Olga Acme",
            email: &email,
            role: "client_member",
            client: Some(&world.acme),
            phone: None,
        };
        let other_id = world.firm.invite(&new).await;
        let (partner, staff) = tokio::join!(world.person("partner"), world.person("staff"));
        let (admin, member) = tokio::join!(world.person("admin.acme"), world.person("member.acme"));
        let other = world.person("other.acme").await;
        let matter = world.matter(&staff).await;
        let mut scene =
            Scene { world, matter, partner, staff, admin, member, other, other_id, documents: BTreeMap::new() };
        let people = json!({ "people": [scene.other_id] });
        for (name, by, visibility) in [
            ("company", &scene.staff, json!("company")),
            ("people", &scene.staff, people.clone()),
            ("firm", &scene.staff, json!("firm")),
            ("own", &scene.member, people),
        ] {
            let id = scene.upload(by, name, &visibility).await;
            scene.documents.insert(name, id);
        }
        for (name, id) in &scene.documents {
            let settled = scene.partner.settled(&scene.world.acme, id).await;
            assert_eq!(settled["state"], "ready", "{name}: {settled}");
        }
        scene
    }

    async fn upload(&self, by: &Person, name: &str, visibility: &Value) -> String {
        let bytes = samples::pdf(name, &[&format!("{WORD} and {name}word on a page")]);
        let file = format!("{name}paper.pdf");
        let asked = json!({
            "name": file, "size_bytes": bytes.len(), "project": self.matter, "category": "Other", "visibility": visibility,
        });
        let ticket = by.write("POST", &self.api("documents"), &asked).await;
        by.send_file(&ticket["upload"], &file, &bytes).await;
        ticket["document"]["id"].as_str().expect("an id").to_owned()
    }

    fn api(&self, rest: &str) -> String {
        format!("/api/v1/clients/{}/{rest}", self.world.acme)
    }

    fn viewers(&self) -> [(&Person, &'static [&'static str]); 5] {
        [
            (&self.partner, &["company", "firm", "own", "people"]),
            (&self.staff, &["company", "firm", "own", "people"]),
            (&self.admin, &["company", "own", "people"]),
            (&self.member, &["company", "own"]),
            (&self.other, &["company", "own", "people"]),
        ]
    }

    /// The scene's names among some ids.
    fn names<'a>(&self, ids: impl Iterator<Item = &'a str>) -> BTreeSet<&'static str> {
        let ids: BTreeSet<&str> = ids.collect();
        self.documents.iter().filter(|(_, id)| ids.contains(id.as_str())).map(|(name, _)| *name).collect()
    }

    async fn listed(&self, person: &Person) -> BTreeSet<&'static str> {
        let list = person.read(&self.api("documents")).await;
        self.names(list["items"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()))
    }

    async fn found(&self, person: &Person, path: &str) -> BTreeSet<&'static str> {
        let answer = person.read(path).await;
        self.names(answer["hits"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()))
    }

    async fn search(&self, person: &Person) -> BTreeSet<&'static str> {
        self.found(person, &self.api(&format!("search?q={WORD}"))).await
    }

    /// The names that a page says.
    async fn on_page(&self, person: &Person, path: &str) -> BTreeSet<&'static str> {
        let text = page(person, path).await;
        self.documents.keys().copied().filter(|name| text.contains(&format!("{name}paper.pdf"))).collect()
    }
}

async fn page(person: &Person, path: &str) -> String {
    let answer = person.http().raw("GET", path, &[("accept", "text/html".to_owned())], Vec::new()).await;
    assert_eq!(answer.status, 200, "{}: {path}: {}", person.email, answer.text());
    answer.text()
}

/// A refusal without the ids that were asked for.
fn refusal(answer: &testkit::portal::Answer, ids: &[&str]) -> (u16, String) {
    let text = ids.iter().fold(answer.text(), |text, id| text.replace(id, "…"));
    (answer.status, text)
}

#[tokio::test]
async fn every_door_shows_what_is_for_its_viewer_and_nothing_else() {
    let scene = Scene::open().await;
    // The indexes have everything before anybody is asked what they find.
    for (name, id) in &scene.documents {
        let path = scene.api(&format!("search?q={name}word"));
        scene.partner.read_until(&path, |answer| (answer["hits"][0]["id"] == json!(id)).then_some(())).await;
    }
    let (acme, matter) = (&scene.world.acme, &scene.matter);
    for (viewer, want) in scene.viewers() {
        let want: BTreeSet<&str> = want.iter().copied().collect();
        let who = &viewer.email;
        assert_eq!(scene.listed(viewer).await, want, "list, {who}");
        assert_eq!(scene.search(viewer).await, want, "search, {who}");
        assert_eq!(scene.found(viewer, &format!("/api/v1/search?q={WORD}")).await, want, "search of all, {who}");
        assert_eq!(scene.on_page(viewer, &format!("/clients/{acme}/documents")).await, want, "list's page, {who}");
        assert_eq!(scene.on_page(viewer, &format!("/clients/{acme}/search?q={WORD}")).await, want, "found, {who}");
        assert_eq!(scene.on_page(viewer, &format!("/search?q={WORD}")).await, want, "found of all, {who}");
        assert_eq!(scene.on_page(viewer, &format!("/clients/{acme}/projects/{matter}")).await, want, "matter, {who}");
        assert_eq!(scene.on_page(viewer, &format!("/clients/{acme}")).await, want, "the client's home, {who}");
        for (name, id) in &scene.documents {
            let seen = want.contains(name);
            // By its words, by its name, by a slip of the keyboard.
            for q in [format!("{name}word"), format!("{name}paper"), format!("{name}ward")] {
                let found = scene.found(viewer, &scene.api(&format!("search?q={q}"))).await;
                assert_eq!(found.contains(name), seen, "{q}, {who}: {found:?}");
            }
            let none = fresh();
            for rest in ["", "/download", "/preview"] {
                for prefix in ["/api/v1", ""] {
                    let at = |id: &str| format!("{prefix}/clients/{acme}/documents/{id}{rest}");
                    let (one, missing) = (viewer.get(&at(id)).await, viewer.get(&at(&none)).await);
                    assert_eq!(missing.status, 404);
                    if seen {
                        assert_eq!(one.status, if rest == "/download" { 303 } else { 200 }, "{name}{rest}, {who}");
                    } else {
                        let (one, missing) = (refusal(&one, &[id]), refusal(&missing, &[&none]));
                        assert_eq!(one.0, missing.0, "{name}{rest}, {who}");
                        if prefix == "/api/v1" {
                            assert_eq!(one.1, missing.1, "{name}{rest}, {who}");
                        }
                    }
                }
            }
            if !seen {
                let edit = json!({ "version": 3, "name": "stolen.pdf", "visibility": "company" });
                let answer = viewer.http().send("PATCH", &scene.api(&format!("documents/{id}")), Some(&edit)).await;
                assert_eq!(answer.status, 404, "{name}, {who}: {}", answer.text());
            }
        }
    }
    // What the firm keeps to itself says so wherever the firm meets it.
    let kept = format!("/clients/{acme}/documents/{}", scene.documents["firm"]);
    assert_eq!(
        scene.staff.read(&scene.api(&format!("documents/{}", scene.documents["firm"]))).await["visibility"],
        "firm"
    );
    assert!(page(&scene.staff, &kept).await.contains("Only Hartwell &amp; Pryce sees this document"));
}

#[tokio::test]
async fn a_change_of_viewers_holds_at_the_next_request_and_in_search_within_seconds() {
    let scene = Scene::open().await;
    let path = scene.api(&format!("documents/{}", scene.documents["people"]));
    let set = async |visibility: Value| {
        let version = scene.staff.read(&path).await["version"].clone();
        let edit = json!({ "version": version, "visibility": visibility });
        scene.staff.write("PATCH", &path, &edit).await;
        crate::world::jiff_now()
    };
    let in_search = async |seen: bool, since: jiff::Timestamp| {
        let want = if seen { "found" } else { "not found" };
        until(&format!("the document {want}"), || async {
            (scene.search(&scene.member).await.contains("people") == seen).then_some(())
        })
        .await;
        let took = crate::world::jiff_now().as_second() - since.as_second();
        assert!(took <= SEARCH_SECONDS_MAX, "{want} after {took} s");
    };
    scene
        .staff
        .read_until(&scene.api("search?q=peopleword"), |answer| answer["hits"][0]["id"].as_str().map(|_| ()))
        .await;
    assert!(!scene.search(&scene.member).await.contains("people"));
    for _ in 0..2 {
        let since = set(json!("company")).await;
        assert!(scene.listed(&scene.member).await.contains("people"));
        assert_eq!(scene.member.get(&format!("{path}/download")).await.status, 303);
        in_search(true, since).await;
        let since = set(json!({ "people": [scene.other_id] })).await;
        assert!(!scene.listed(&scene.member).await.contains("people"));
        for rest in ["download", "preview"] {
            assert_eq!(scene.member.get(&format!("{path}/{rest}")).await.status, 404);
        }
        in_search(false, since).await;
    }
    let events = scene.partner.read(&scene.api("audit")).await;
    let changed = events["items"].as_array().unwrap().iter().filter(|one| one["act"] == "document.visibility_changed");
    assert_eq!(changed.count(), 4, "{events}");
}

#[tokio::test]
async fn who_may_say_whom_a_document_is_for() {
    let scene = Scene::open().await;
    let ask = |visibility: Value| json!({ "name": "a.pdf", "size_bytes": 10, "project": scene.matter, "category": "Other", "visibility": visibility });
    for (by, visibility) in [
        (&scene.member, json!("firm")),
        (&scene.admin, json!("firm")),
        (&scene.member, json!({ "people": [scene.world.staff_id] })),
        (&scene.staff, json!({ "people": [scene.world.staff_id] })),
        (&scene.staff, json!({ "people": [fresh()] })),
        (&scene.staff, json!({ "people": [] })),
        (&scene.member, json!({ "people": [] })),
        (&scene.staff, json!("everybody")),
    ] {
        let answer = by.post(&scene.api("documents"), &ask(visibility.clone())).await;
        assert_eq!(answer.status, 422, "{visibility} by {}: {}", by.email, answer.text());
    }
    // Whoever sends something sees it, whomever they name.
    let own = scene.member.read(&scene.api(&format!("documents/{}", scene.documents["own"]))).await;
    assert_eq!(own["visibility"]["people"].as_array().unwrap().len(), 2, "{own}");
    // What is shared is not hidden, what is kept is not shared, and neither by somebody whose it is not.
    for (by, name, visibility, status) in [
        (&scene.staff, "company", json!("firm"), 422),
        (&scene.staff, "firm", json!("company"), 422),
        (&scene.staff, "firm", json!({ "people": [scene.other_id] }), 422),
        (&scene.other, "company", json!({ "people": [scene.other_id] }), 422),
        (&scene.member, "own", json!("firm"), 422),
        (&scene.member, "own", json!("company"), 200),
    ] {
        let path = scene.api(&format!("documents/{}", scene.documents[name]));
        let version = by.read(&path).await["version"].clone();
        let edit = json!({ "version": version, "visibility": visibility });
        let answer = by.http().send("PATCH", &path, Some(&edit)).await;
        assert_eq!(answer.status, status, "{name} to {visibility} by {}: {}", by.email, answer.text());
    }
    // Another copy of a refused file is for whom that one was.
    let refused = {
        let bytes = samples::eicar();
        let asked = json!({
            "name": "eicar.txt", "size_bytes": bytes.len(), "project": scene.matter, "category": "Other",
            "visibility": { "people": [scene.other_id] },
        });
        let ticket = scene.member.write("POST", &scene.api("documents"), &asked).await;
        scene.member.send_file(&ticket["upload"], "eicar.txt", &bytes).await;
        let id = ticket["document"]["id"].as_str().unwrap().to_owned();
        assert_eq!(scene.member.settled(&scene.world.acme, &id).await["state"], "rejected");
        id
    };
    let again = json!({
        "name": "a.txt", "size_bytes": 10, "project": scene.matter, "category": "Other", "again_for": refused,
    });
    let again = scene.member.write("POST", &scene.api("documents"), &again).await;
    assert_eq!(again["document"]["visibility"]["people"].as_array().map(Vec::len), Some(2), "{again}");
}

#[tokio::test]
async fn nobody_is_mailed_about_what_they_may_not_see() {
    let scene = Scene::open().await;
    let told = async |person: &Person, name: &str| {
        let file = format!("{name}paper.pdf");
        let mails = scene.world.portal.mails(&person.email).await;
        mails.iter().any(|mail| mail.to_string().contains(&file))
    };
    // The other one's mail names both; the member's, which is made in the same run, is there as well by then.
    for (person, name) in [(&scene.other, "people"), (&scene.member, "company"), (&scene.admin, "people")] {
        until(&format!("{} told of {name}", person.email), || async { told(person, name).await.then_some(()) }).await;
    }
    until("staff told of the member's", || async { told(&scene.staff, "own").await.then_some(()) }).await;
    for (person, names) in [
        (&scene.member, &["people", "firm"][..]),
        (&scene.other, &["firm"]),
        (&scene.admin, &["firm"]),
        (&scene.staff, &["firm"]),
    ] {
        for name in names {
            assert!(!told(person, name).await, "{} was told of {name}", person.email);
        }
    }
}

#[tokio::test]
async fn who_views_as_somebody_sees_what_that_one_sees() {
    let scene = Scene::open().await;
    let me = scene.member.read("/api/v1/me").await["person"]["id"].clone();
    let begun = scene.staff.post(&scene.api("view-as"), &json!({ "person": me })).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let want: BTreeSet<&str> = ["company", "own"].into();
    assert_eq!(scene.listed(&scene.staff).await, want);
    until("the index", || async { scene.search(&scene.member).await.contains("own").then_some(()) }).await;
    assert!(scene.search(&scene.staff).await.is_subset(&want));
    for name in ["people", "firm"] {
        let path = scene.api(&format!("documents/{}", scene.documents[name]));
        assert_eq!(scene.staff.get(&path).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn a_list_does_not_tell_how_much_is_for_others() {
    let world = LawFirm::open().await;
    let (staff, member, admin) =
        tokio::join!(world.person("staff"), world.person("member.acme"), world.person("admin.acme"));
    let matter = world.matter(&staff).await;
    let admin_id = admin.read("/api/v1/me").await["person"]["id"].clone();
    let path = format!("/api/v1/clients/{}/documents", world.acme);
    let announce = async |name: &str, count: usize, visibility: Value| {
        let one =
            json!({ "name": name, "size_bytes": 9, "project": matter, "category": "Other", "visibility": visibility });
        staff.write("POST", &path, &json!({ "documents": vec![one; count] })).await;
    };
    announce("first.pdf", 1, json!("company")).await;
    // More than a page of what is for somebody else, and of what is for the firm.
    for _ in 0..6 {
        announce("hidden.pdf", 20, json!({ "people": [admin_id] })).await;
    }
    announce("kept.pdf", 20, json!("firm")).await;
    announce("last.pdf", 1, json!("company")).await;
    let list = member.read(&path).await;
    let names: Vec<&str> = list["items"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!((names.as_slice(), &list["next"]), (&["last.pdf", "first.pdf"][..], &Value::Null), "{list}");
    // Those who see it all go through all of it, in one order, both audiences together.
    for (person, count) in [(&admin, 122), (&staff, 142)] {
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let some = person.read(&format!("{path}?after={after}")).await;
            ids.extend(some["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            match some["next"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => break,
            }
        }
        let ordered: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), ordered.len()), (count, count), "{}", person.email);
        assert!(ordered.into_iter().rev().eq(ids.iter()), "{}", person.email);
    }
}

/// With the client's own keys and the code's checks out of the way: rows, objects and index of what the firm keeps.
#[tokio::test]
async fn what_the_firm_keeps_lies_where_no_role_of_the_client_reaches() {
    let scene = Scene::open().await;
    let aws = Aws::connect().await;
    let (firm, client) = (&scene.world.firm.id, &scene.world.acme);
    let (table, id) = (format!("{}-data", setting("PORTICO_PREFIX")), &scene.documents["firm"]);
    let (open, kept) = (format!("T#{firm}#C#{client}"), format!("T#{firm}#C#{client}#INT"));
    // It is there, and not where clients read.
    let row = format!("DOC#{id}");
    assert!(aws.get(None, &table, &kept, &row).await.unwrap().is_some());
    assert!(aws.get(None, &table, &open, &row).await.unwrap().is_none());
    until("the index of what is kept", || async { aws.get(None, &table, &kept, "IDX#int").await.unwrap() }).await;
    for stage in ["clean", "derived"] {
        let object = aws.one_object(&format!("{stage}/t/{firm}/c/{client}/int/{id}")).await;
        assert!(object.contains(id.as_str()), "{object}");
    }
    for person in [&scene.member, &scene.admin] {
        let keys = aws.vend(person, "client", Some(client)).await.expect("theirs, so it is vended");
        assert!(aws.get(Some(&keys), &table, &open, "PROFILE").await.expect("own row").is_some());
        for sk in [row.as_str(), "IDX#int"] {
            assert!(aws.get(Some(&keys), &table, &kept, sk).await.is_err(), "{} reads {sk}", person.email);
        }
    }
}
