//! Journeys: people at a real browser, on a phone and at a desk. Scripts of `tests/journeys` act and look; here their
//! firms are made, their steps are held against the budgets, and what they saved is opened.

mod firm_setup;
mod uploads;
mod visits;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::portal::{Person, link_in, until};
use testkit::samples;

use crate::world::{LawFirm, fresh, id_of, jiff_now, root, setting};
use visits::{Places, Visit};

/// Acts that a person may be asked for, counted from the home page or the mailed link.
const BUDGETS: [(&str, usize); 11] = [
    ("see status", 1),
    ("upload a document", 2),
    ("download a document", 2),
    ("sign in", 2),
    ("ask a question", 3),
    // From the home: the question, two sentences and a press each.
    ("answer a question", 3),
    ("upload a requested document", 2),
    ("say that one does not have it", 2),
    ("ask for documents", 2),
    ("accept a list of six", 6),
    // A tick each, and the button.
    ("bin two files", 3),
];

const MATTER: &str = "Acme v. Dunmore";

#[tokio::test]
async fn a_mailed_link_or_code_lets_in_within_its_budget() {
    let world = LawFirm::open().await;
    let input = json!({
        "phone": { "email": world.address("admin.acme"), "heading": "Ann" },
        "desk": {
            "email": world.address("member.acme"), "heading": "Documents",
            "path": format!("/clients/{}/documents", world.acme),
        },
        "code": { "email": world.address("admin.birch") },
    });
    let found = walk("sign_in", input);
    assert_eq!(within_budget(&found), 3, "{found}");
}

#[tokio::test]
async fn a_foreign_browser_neither_uses_up_a_link_nor_comes_in_by_it() {
    let world = LawFirm::open().await;
    let found = walk("scanner", json!({ "email": world.address("admin.acme") }));
    assert_eq!(found["seen"].as_array().map(Vec::len), Some(2), "{found}");
}

#[tokio::test]
async fn a_passkey_is_added_and_signs_in_within_its_budget() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let side = |name: &str, person: &Person| json!({ "name": name, "email": person.email, "cookies": person.http().cookies() });
    let found = walk("passkeys", json!({ "phone": side("phone", &member), "desk": side("desk", &staff) }));
    assert_eq!(within_budget(&found), 2, "{found}");
    let seen = found["seen"].as_array().unwrap();
    assert_eq!(seen.len(), 10, "{found}");
    assert!(seen.iter().all(|one| one["rules"].as_u64() > Some(40)), "rules that were tried: {found}");
}

#[tokio::test]
async fn files_go_up_are_found_by_their_words_and_come_back_marked() {
    let world = LawFirm::open().await;
    let (admin, member) = (world.person("admin.acme").await, world.person("member.acme").await);
    open_matter(&world).await;
    let folder = Folder::new();
    let side = |name: &str, person: &Person, words: [&str; 3]| {
        json!({
            "name": name, "cookies": person.http().cookies(), "project": MATTER, "phase": "Discovery",
            "files": folder.files(name, words), "folder": folder.path,
        })
    };
    let input = json!({
        "phone": side("phone", &member, ["lighthouse of Skerryvore", "granite from Mull", "forty keepers in turn"]),
        "desk": side("desk", &admin, ["harbour of Lindisfarne", "abbot and his monks", "seven barrels of herring"]),
    });
    let found = walk("documents", input);
    assert_eq!(within_budget(&found), 6, "{found}");
    for (name, person) in [("phone", &member), ("desk", &admin)] {
        came_back_marked(&world, person, &found[name], &folder.path.join(format!("{name}.pdf"))).await;
    }
}

#[tokio::test]
async fn a_request_list_goes_from_ask_to_complete_in_two_steps_an_item() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = open_matter(&world).await;
    let folder = Folder::new();
    let input = json!({
        "desk": staff.http().cookies(), "phone": member.http().cookies(),
        "project": format!("/clients/{}/projects/{matter}", world.acme), "title": "Documents to open your matter",
        "files": folder.files("asked", ["lantern of Eddystone", "keeper of the log", "oil by the barrel"]),
    });
    let found = walk("requests", input);
    assert_eq!(within_budget(&found), 8, "{found}");
    let lists = staff.read(&format!("/api/v1/clients/{}/requests", world.acme)).await;
    assert_eq!(lists["items"][0]["standing"], "complete", "{lists}");
}

#[tokio::test]
async fn two_people_write_to_each_other_and_see_it_without_a_reload() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = open_matter(&world).await;
    let input = json!({
        "phone": member.http().cookies(), "desk": staff.http().cookies(), "project": matter, "matter": MATTER,
    });
    let found = walk("messages", input);
    assert_eq!(within_budget(&found), 2, "{found}");
}

#[tokio::test]
async fn files_are_chosen_put_into_the_bin_and_brought_back_with_scripts_and_without() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let names = ["one.txt", "two.txt", "three.txt"];
    for name in names {
        let id = admin.upload(&world.acme, &matter, "Other", name, b"words").await.id;
        assert_eq!(admin.settled(&world.acme, &id).await["state"], "ready");
    }
    let side = |name: &str, person: &Person, scripts: bool| {
        json!({
            "name": name, "cookies": person.http().cookies(), "scripts": scripts,
            "path": format!("/clients/{}/documents", world.acme), "files": names[..2], "kept": names[2..],
        })
    };
    // The one who sent them, on a phone without scripts; and the firm at a desk.
    let found = walk("order", json!({ "phone": side("phone", &admin, false), "desk": side("desk", &staff, true) }));
    assert_eq!(within_budget(&found), 2, "{found}");
}

#[tokio::test]
async fn several_files_are_taken_away_as_one_zip_with_scripts_and_without() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let names = ["one.txt", "two.txt", "three.txt"];
    for name in names {
        let id = admin.upload(&world.acme, &matter, "Other", name, b"words").await.id;
        assert_eq!(admin.settled(&world.acme, &id).await["state"], "ready");
    }
    let refused = admin.upload(&world.acme, &matter, "Other", "four.txt", &samples::eicar()).await.id;
    assert_eq!(admin.settled(&world.acme, &refused).await["state"], "rejected");
    let folder = Folder::new();
    let side = |name: &str, person: &Person, scripts: bool| {
        json!({
            "name": name, "cookies": person.http().cookies(), "scripts": scripts, "left": 1, "folder": folder.path,
            "path": format!("/clients/{}/documents", world.acme), "files": names[..2],
        })
    };
    let found = walk("zip", json!({ "phone": side("phone", &admin, true), "desk": side("desk", &staff, false) }));
    for (side, person) in [("phone", &admin), ("desk", &staff)] {
        for (which, count) in [("some", 2), ("all", 4)] {
            let bytes = std::fs::read(found[side][which].as_str().unwrap()).unwrap();
            let files = crate::documents::zips::unpacked(&bytes);
            assert_eq!(files.len(), count, "{side} {which}: {:?}", files.keys());
            let marked = files.values().filter(|text| String::from_utf8_lossy(text).contains(&person.email)).count();
            assert_eq!(marked, count.min(3), "{side} {which}: each copy names its reader");
        }
    }
}

#[tokio::test]
async fn a_documents_pages_are_seen_on_its_page_with_scripts_and_without() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let words: Vec<String> = (1..7).map(|page| format!("The quiet harbour agreement, page {page}.")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let letter = "Dear Ann,\n\nthe harbour master has answered.\tBerth 7\t900\n".repeat(9);
    let mut paths = Vec::new();
    for (name, bytes) in [("Lease.pdf", samples::pdf("Lease", &words)), ("Letter.txt", samples::txt(&letter))] {
        let id = admin.upload(&world.acme, &matter, "Evidence", name, &bytes).await.id;
        assert_eq!(admin.settled(&world.acme, &id).await["state"], "ready");
        paths.push(format!("/clients/{}/documents/{id}", world.acme));
    }
    let input = json!({
        "client": admin.http().cookies(), "firm": staff.http().cookies(), "lease": paths[0], "letter": paths[1],
    });
    let found = walk("preview", input);
    assert!(found["seen"].as_array().unwrap().iter().all(|one| one["rules"].as_u64() > Some(40)), "{found}");
}

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    open_matter(&world).await;
    let folder = Folder::new();
    let files = folder.files("keys", ["quarry of Portland", "masons and their marks", "eleven blocks of stone"]);
    let found =
        walk("keyboard", json!({ "email": admin.email, "project": MATTER, "files": files, "folder": folder.path }));
    came_back_marked(&world, &admin, &found, &folder.path.join("keys.pdf")).await;
}

#[tokio::test]
async fn without_a_network_the_portal_says_so_and_keeps_nothing_else() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    let found = walk("offline", json!({ "cookies": admin.http().cookies() }));
    let kept: Vec<&str> = found["kept"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(kept.len() == 3 && kept.iter().all(|path| path.starts_with("/assets/")), "{kept:?}");
}

#[tokio::test]
async fn reading_uploading_and_downloading_need_no_script() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    let matter = open_matter(&world).await;
    let folder = Folder::new();
    let files = folder.files("plain", ["orchard at Brogdale", "grafts of last winter", "ninety rows of pears"]);
    let ready = std::fs::read(folder.path.join("plain.pdf")).unwrap();
    let document = admin.upload(&world.acme, &matter, "Evidence", "plain.pdf", &ready).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let input = json!({
        "email": admin.email, "project": MATTER, "ready": "plain.pdf", "file": files[1], "folder": folder.path,
    });
    let found = walk("plain", input);
    came_back_marked(&world, &admin, &found, &folder.path.join("plain.pdf")).await;
}

#[tokio::test]
async fn every_page_of_the_clients_side_is_as_it_should_be() {
    let shown = Shown::prepare().await;
    shown.look_at(&["stranger", "asker", "member", "admin", "first-day", "several"]);
}

#[tokio::test]
async fn every_page_about_ones_own_sign_in_is_as_it_should_be() {
    let shown = Shown::prepare().await;
    shown.look_at(&["careful", "halfway", "enrolling"]);
}

#[tokio::test]
async fn every_page_of_the_firms_side_is_as_it_should_be() {
    let shown = Shown::prepare().await;
    shown.look_at(&["staff", "unassigned", "partner", "operator"]);
}

/// A page that is added is looked at, or this says so.
#[test]
fn no_page_is_left_out() {
    let visits = visits::all(&Places::nowhere());
    let visited = |pattern: &str| visits.iter().any(|visit| matches(pattern, visit.path.split('?').next().unwrap()));
    let pages = crate::access::functions().into_iter().flat_map(|routes| routes.table().to_vec());
    let left_out: Vec<&str> = pages
        .filter(|route| route.kind == web::Kind::Page && route.method == http::Method::GET)
        .map(|route| route.path)
        .filter(|path| {
            !path.starts_with("/assets/")
                && !path.starts_with("/firm/logo/")
                && !leads_away(path)
                && !path.ends_with("/download")
                // A part of the page that asks for it.
                && !path.ends_with("/news")
                && !visited(path)
        })
        .collect();
    assert!(left_out.is_empty(), "pages that nobody visits: {left_out:?}");
}

/// To a provider, or to what only programs read.
fn leads_away(path: &str) -> bool {
    path.starts_with("/sso/{connection}/")
}

fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

/// A matter in its third phase, with something done, something late and something promised.
async fn open_matter(world: &LawFirm) -> String {
    let staff = world.person("staff").await;
    let today = jiff_now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = |after: i64| today.saturating_add(jiff::Span::new().days(after)).to_string();
    let milestone =
        |title: &str, after: i64, state: &str| json!({ "title": title, "due_on": day(after), "state": state });
    let body = json!({
        "name": MATTER, "pack": "litigation", "phase": 2, "team": [world.staff_id], "next_update_on": day(3),
        "milestones": [
            milestone("Engagement letter signed", -96, "done"), milestone("Complaint filed", -71, "done"),
            milestone("Expert chosen", -2, "upcoming"), milestone("Document production", 5, "current"),
            milestone("Depositions", 17, "upcoming"), milestone("Pre-trial conference", 90, "upcoming"),
        ],
    });
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    // The client's team is mirrored from assignments behind the scenes.
    let made = until("a matter with its team", || async {
        let answer = staff.post(&path, &body).await;
        (answer.status == 201).then(|| answer.json())
    });
    id_of(&made.await, "project")
}

/// What the browser saved names its reader and the event; the original is what was handed over.
async fn came_back_marked(world: &LawFirm, person: &Person, found: &Value, original: &Path) {
    let text = crate::documents::pdf_text(&std::fs::read(found["saved"].as_str().unwrap()).unwrap());
    assert!(text.contains(&person.email), "no address of the reader in {text}");
    let document = found["document"].as_str().unwrap();
    let partner = world.person("partner").await;
    let events = partner.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let of_this = |event: &&Value| event["act"] == "document.downloaded" && event.to_string().contains(document);
    let code = events["items"].as_array().unwrap().iter().find(of_this).unwrap_or_else(|| panic!("{events}"));
    let code = code["id"].as_str().unwrap();
    assert!(text.contains(code), "no code {code} in {text}");
    let stored = person.read(&format!("/api/v1/clients/{}/documents/{document}", world.acme)).await;
    let digest = crypto::sha256_hex(&std::fs::read(original).unwrap());
    assert!(stored.to_string().contains(&digest), "the stored original has another digest: {stored}");
}

/// A firm with something to see on every page, and somebody of every role signed in.
struct Shown {
    people: Value,
    places: Places,
}

impl Shown {
    async fn prepare() -> Shown {
        let world = LawFirm::open().await;
        // Everybody before there is anything to tell: a notice in the mail is no link to sign in by.
        let several = belongs_twice(&world).await;
        let (admin, member) = (world.person("admin.acme").await, world.person("member.acme").await);
        let (birch, staff) = (world.person("admin.birch").await, world.person("staff").await);
        let (unassigned, partner) = (world.person("staff2").await, world.person("partner").await);
        let operator = crate::world::operator(&world.portal).await;
        let (asker, link) = asked_for_a_link(&world, "staff2").await;
        let [careful, halfway, enrolling] = with_factors(&world).await;
        partner.confirm().await;
        let connection = crate::saml::connected(&world, &partner).await;
        let matter = open_matter(&world).await;
        let closed = closed_matter(&world, &staff).await;
        let [ready, refused] = uploaded(&world, &admin, &matter).await;
        let asked = json!({ "name": "Photo.png", "size_bytes": 400, "project": matter, "category": "Evidence" });
        let documents = format!("/api/v1/clients/{}/documents", world.acme);
        let awaited = id_of(&member.write("POST", &documents, &asked).await, "document");
        let request = requested(&world, &staff, &admin, &matter).await;
        // For the history of who has seen it.
        admin.get(&format!("{documents}/{ready}/download")).await;
        let hits = format!("/api/v1/clients/{}/search?q=harbour", world.acme);
        staff.read_until(&hits, |answer| (answer["hits"].as_array()?.len() >= 2).then_some(())).await;
        let run = crate::retention::asked_for(&world, &partner, &ready).await;
        let former = world.firm.client("Former & Sons").await;
        let erasure = crate::retention::erasure_of(&partner, &former).await;
        talked(&world, &staff, &member, &matter).await;
        let zip = crate::documents::zips::made(&member, &world.acme, &json!({ "documents": [ready, refused] })).await;
        let zip = zip["id"].as_str().unwrap().to_owned();
        let [newsletter, draft] = crate::newsletters::sent_and_drafted(&partner, &member, &world.acme).await;
        let cookies = |person: &Person| person.http().cookies();
        let people = json!({
            "stranger": "", "asker": asker, "member": cookies(&member), "admin": cookies(&admin),
            "first-day": cookies(&birch), "several": cookies(&several), "staff": cookies(&staff),
            "careful": cookies(&careful), "halfway": cookies(&halfway), "enrolling": cookies(&enrolling),
            "unassigned": cookies(&unassigned), "partner": cookies(&partner), "operator": cookies(&operator),
        });
        let (client, empty, person) = (world.acme.clone(), world.birch.clone(), world.staff_id.clone());
        let company = format!("/api/v1/clients/{}/people", world.acme);
        let own = admin.read(&company).await["items"][1]["id"].as_str().unwrap().to_owned();
        Shown {
            people,
            places: Places {
                firm: world.firm.id.clone(),
                client,
                empty,
                person,
                own,
                matter,
                closed,
                ready,
                refused,
                awaited,
                request,
                connection,
                run,
                former,
                erasure,
                zip,
                newsletter,
                draft,
                link,
            },
        }
    }

    fn look_at(&self, who: &[&str]) {
        let visits: Vec<Visit> = visits::all(&self.places).into_iter().filter(|one| who.contains(&one.who)).collect();
        let listed: Vec<Value> = visits.iter().map(Visit::told).collect();
        let found = walk("pages", json!({ "people": self.people, "visits": listed }));
        let seen = found["seen"].as_array().unwrap();
        assert_eq!(seen.len(), visits.len());
        assert!(seen.iter().all(|one| one["rules"].as_u64() > Some(40)), "rules that were tried: {found}");
    }
}

/// A document that is ready, and one that is refused.
async fn uploaded(world: &LawFirm, admin: &Person, matter: &str) -> [String; 2] {
    let long = "Correspondence with the harbour master about berths, dues and the lighthouse, second part.docx";
    let files = [
        ("Deed.pdf", samples::pdf("Deed", &["The quiet harbour agreement of Lindisfarne, signed by both sides."])),
        (long, samples::docx("Letters", &["About the quiet harbour."])),
        ("Statement.txt", samples::eicar()),
    ];
    let mut ids = Vec::new();
    for (name, bytes) in &files {
        ids.push(admin.upload(&world.acme, matter, "Evidence", name, bytes).await.id);
    }
    for id in &ids {
        admin.settled(&world.acme, id).await;
    }
    [ids[0].clone(), ids[2].clone()]
}

/// A list with a line in each of the states that look different.
async fn requested(world: &LawFirm, staff: &Person, admin: &Person, matter: &str) -> String {
    let lists = format!("/api/v1/clients/{}/requests", world.acme);
    let what =
        ["Bank statements", "The lease with all of its amendments and side letters", "Photos", "Plans", "Minutes"];
    let lines: Vec<Value> = what
        .iter()
        .map(|what| json!({ "what": what, "help": "Every page, please.", "category": "Evidence" }))
        .collect();
    let new = json!({ "project": matter, "title": "Papers for the hearing", "due_on": "2031-05-02", "lines": lines });
    let list = staff.write("POST", &lists, &new).await;
    let path = format!("{lists}/{}", list["id"].as_str().unwrap());
    let line = |n: usize| list["lines"][n]["id"].as_str().unwrap().to_owned();
    for n in [0, 1] {
        let bytes = samples::txt("words");
        let on = json!({ "list": list["id"], "line": line(n) });
        let asked =
            json!({ "name": format!("Part {n}.txt"), "size_bytes": bytes.len(), "project": matter, "request": on });
        let ticket = admin.write("POST", &format!("/api/v1/clients/{}/documents", world.acme), &asked).await;
        admin.send_file(&ticket["upload"], "part.txt", &bytes).await;
        admin.settled(&world.acme, &id_of(&ticket, "document")).await;
    }
    let act = |n: usize, act: &str| format!("{path}/lines/{}/{act}", line(n));
    staff.write("POST", &act(1, "return"), &json!({ "reason": "Page 3 is missing." })).await;
    for n in [2, 3] {
        admin.write("POST", &act(n, "not-had"), &json!({ "words": "Nobody took any." })).await;
    }
    staff.write("POST", &act(3, "accept"), &json!({})).await;
    list["id"].as_str().unwrap().to_owned()
}

/// A conversation with words of both sides, and a note of the firm.
async fn talked(world: &LawFirm, staff: &Person, member: &Person, matter: &str) {
    let path = format!("/api/v1/clients/{}/messages/{matter}", world.acme);
    member.write("POST", &path, &json!({ "text": "When is the hearing?\n\nWe would like to come, all of us." })).await;
    let answer = "On the 12th at ten, at https://court.example/halls/the-great-hall-of-the-old-building-by-the-river.";
    staff.write("POST", &path, &json!({ "text": answer, "answer_wanted": true })).await;
    staff.write("POST", &format!("{path}/notes"), &json!({ "text": "Ask the clerk about the parking." })).await;
}

async fn closed_matter(world: &LawFirm, staff: &Person) -> String {
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    let made = staff.write("POST", &path, &json!({ "name": "Lease of 2024", "pack": "litigation" })).await;
    let id = id_of(&made, "project");
    staff.write("PATCH", &format!("{path}/{id}"), &json!({ "version": 1, "standing": "closed" })).await;
    id
}

/// Somebody of two companies, who has to choose.
async fn belongs_twice(world: &LawFirm) -> Person {
    let email = world.address("cara");
    for client in [&world.acme, &world.birch] {
        let new = testkit::firm::NewPerson {
            name: "Cara Both",
            email: &email,
            role: "client_member",
            client: Some(client),
            phone: None,
        };
        world.firm.invite(&new).await;
    }
    world.portal.sign_in(&email).await
}

/// Somebody with an app and confirmed just now, about to set up another; the same person with the second factor yet to
/// show; and a partner whose time to enrol one is over.
async fn with_factors(world: &LawFirm) -> [Person; 3] {
    let invite = async |local: &str, role: &str| {
        let email = world.address(local);
        let new = testkit::firm::NewPerson { name: "Fay Factor", email: &email, role, client: None, phone: None };
        world.firm.invite(&new).await;
        world.portal.sign_in(&email).await
    };
    let careful = invite("fay", "staff").await;
    crate::factors::with_everything(world, &careful).await;
    let halfway = world.portal.sign_in(&careful.email).await;
    let partner = invite("pia", "partner").await;
    crate::factors::taken_up_long_ago(world, &partner).await;
    [careful, halfway, world.portal.sign_in(&partner.email).await]
}

/// A browser that waits for its mail, and the link in it.
async fn asked_for_a_link(world: &LawFirm, local: &str) -> (String, String) {
    let email = world.address(local);
    let browser = world.portal.stranger();
    let before = world.portal.mails(&email).await.len();
    assert_eq!(browser.post("/api/v1/auth/link", &json!({ "email": email })).await.status, 202);
    (browser.cookies(), link_in(&world.portal.mail_after(&email, before).await))
}

/// Files for a browser to choose from. They go with it.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("journey-{}", fresh()));
        std::fs::create_dir_all(&path).unwrap();
        Folder { path }
    }

    /// A PDF, a letter and a table, with a phrase in each.
    fn files(&self, name: &str, [pdf, docx, xlsx]: [&str; 3]) -> Value {
        let made = [
            ("pdf", pdf, samples::pdf("Report", &["A page before it.", &format!("This is about the {pdf}.")])),
            ("docx", docx, samples::docx("Letter", &[&format!("This is about the {docx}.")])),
            ("xlsx", xlsx, samples::xlsx(&[("Ledger", &[&["Item", "Note"], &["1", xlsx]])])),
        ];
        let file = |(ending, phrase, bytes): (&str, &str, Vec<u8>)| {
            let name = format!("{name}.{ending}");
            let path = self.path.join(&name);
            std::fs::write(&path, bytes).unwrap();
            json!({ "name": name, "path": path, "phrase": phrase })
        };
        made.into_iter().map(file).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Runs a script on its input; what it found, once nothing was wrong.
pub(crate) fn walk(script: &str, mut input: Value) -> Value {
    let instance = std::fs::read(PathBuf::from(setting("PORTICO_STATE")).join("instance.json")).unwrap();
    let instance: Value = serde_json::from_slice(&instance).unwrap();
    input["url"] = json!(setting("PORTICO_URL"));
    input["bucket"] = instance["bucket_origin"].clone();
    input["screenshots"] = json!(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots"));
    let mut node = Command::new("node");
    node.arg(root().join(format!("tests/journeys/{script}.mjs")));
    node.env("PORTICO_NODE_MODULES", setting("PORTICO_NODE_MODULES"));
    let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{script}: {why}: {said}"));
    let problems: Vec<&str> = found["problems"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let stopped = found["stopped"].as_str().unwrap_or_default();
    assert!(stopped.is_empty() && problems.is_empty(), "{script}: {stopped}\n{}", problems.join("\n"));
    found
}

/// How many were counted, none of them above its budget.
fn within_budget(found: &Value) -> usize {
    let steps = found["steps"].as_array().unwrap();
    for step in steps {
        let (what, acts) = (step["what"].as_str().unwrap(), step["acts"].as_array().unwrap());
        let (_, most) = BUDGETS.iter().find(|(name, _)| *name == what).unwrap_or_else(|| panic!("no budget: {what}"));
        assert!(acts.len() <= *most, "{what} at {}: {} acts, {most} at most: {acts:?}", step["view"], acts.len());
    }
    steps.len()
}
