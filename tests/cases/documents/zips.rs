//! Many documents as one zip: what is in it and for whom, what the audit says of it, and that it is made once, whenever
//! whoever makes it dies.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::process::Command;

use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Person, until};
use testkit::samples;

use super::{PHRASE, matter, pdf_text, submit};
use crate::faults::control::Control;
use crate::faults::delivery::Lambdas;
use crate::faults::shapes;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, counted, fresh, setting, volume};

fn at(client: &str, rest: &str) -> String {
    format!("/api/v1/clients/{client}/documents{rest}")
}

/// Asks for a zip; its id.
async fn asked(person: &Person, client: &str, body: &Value) -> String {
    let answer = person.post(&at(client, "/zip"), body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

pub(super) async fn ready(person: &Person, client: &str, id: &str) -> Value {
    let path = at(client, &format!("/zips/{id}"));
    person.read_until(&path, |zip| (zip["state"] != "making").then(|| zip.clone())).await
}

/// Asks for a zip and waits until it is there.
pub(crate) async fn made(person: &Person, client: &str, body: &Value) -> Value {
    let id = asked(person, client, body).await;
    let zip = ready(person, client, &id).await;
    assert_eq!(zip["state"], "ready", "{zip}");
    zip
}

/// The bytes of a zip that is ready, from where the portal leads.
async fn fetched(person: &Person, path: &str) -> Vec<u8> {
    let answer = person.get(path).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let file = person.http().raw("GET", answer.header("location"), &[], Vec::new()).await;
    assert_eq!(file.status, 200, "{}", file.text());
    let disposition = file.header("content-disposition");
    assert!(disposition.starts_with("attachment") && disposition.contains(".zip"), "{disposition}");
    file.body.to_vec()
}

/// Every file by its path, each compared with its checksum; and as two other programs see it.
pub(crate) fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let path = std::env::temp_dir().join(format!("{}.zip", fresh()));
    std::fs::write(&path, bytes).unwrap();
    for (program, arguments) in [("python3", vec!["-m", "zipfile", "-t"]), ("unzip", vec!["-tqq"])] {
        // Not every machine has both.
        let Ok(output) = Command::new(program).args(arguments).arg(&path).output() else { continue };
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stdout));
    }
    std::fs::remove_file(&path).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert!(files.insert(name.clone(), content).is_none(), "{name} is there twice");
    }
    files
}

async fn audit(world: &LawFirm) -> Vec<Value> {
    let partner = world.person("partner").await;
    let path = format!("/api/v1/clients/{}/audit", world.acme);
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let page = partner.read(&format!("{path}{after}")).await;
        events.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_u64() {
            Some(next) => after = format!("?after={next}"),
            None => return events,
        }
    }
}

fn acts<'a>(events: &'a [Value], act: &'a str, object: &'a str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["act"] == act && event["object"]["id"] == object).collect()
}

/// Somebody else of the same company; the id.
async fn colleague(world: &LawFirm) -> String {
    let email = world.address("other.acme");
    let client = Some(world.acme.as_str());
    let new = NewPerson { name: "Olga Acme", email: &email, role: "client_member", client, phone: None };
    world.firm.invite(&new).await
}

/// Sends a file for whom it says.
async fn filed(by: &Person, client: &str, matter: &str, name: &str, bytes: &[u8], visibility: Value) -> String {
    let asked = json!({
        "name": name, "size_bytes": bytes.len(), "project": matter, "category": "Evidence", "visibility": visibility,
    });
    let ticket = by.write("POST", &at(client, ""), &asked).await;
    by.send_file(&ticket["upload"], name, bytes).await;
    crate::world::id_of(&ticket, "document")
}

#[tokio::test]
async fn a_zip_holds_what_its_reader_sees_each_copy_marked_and_written_down_before() {
    let (world, staff, admin, matter) = matter().await;
    let member = world.person("member.acme").await;
    let other = colleague(&world).await;
    let pdf = samples::pdf("Lease", &[PHRASE]);
    let company = || json!("company");
    let mut open = Vec::new();
    for name in ["Lease.pdf", "LEASE.pdf", "Übersicht 2026.pdf"] {
        open.push(filed(&admin, &world.acme, &matter, name, &pdf, company()).await);
    }
    let kept = filed(&staff, &world.acme, &matter, "Strategy.pdf", &pdf, json!("firm")).await;
    let others = filed(&staff, &world.acme, &matter, "Board.pdf", &pdf, json!({ "people": [other] })).await;
    let binned = filed(&admin, &world.acme, &matter, "Old.pdf", &pdf, company()).await;
    let virus = filed(&admin, &world.acme, &matter, "Statement.txt", &samples::eicar(), company()).await;
    for id in open.iter().chain([&kept, &others, &binned]) {
        assert_eq!(staff.settled(&world.acme, id).await["state"], "ready");
    }
    assert_eq!(admin.settled(&world.acme, &virus).await["state"], "rejected");
    staff.write("POST", &at(&world.acme, "/bulk"), &json!({ "documents": [binned], "binned": true })).await;

    let zip = made(&member, &world.acme, &json!({ "list": { "category": "Evidence" } })).await;
    assert_eq!((&zip["files"], &zip["left_out"]), (&json!(4), &json!(1)), "{zip}");
    let file = zip["file"].as_str().unwrap();
    let files = unpacked(&fetched(&member, file).await);
    let named: Vec<&str> = files.keys().map(String::as_str).collect();
    let project = named.iter().find(|name| name.contains('/')).unwrap().split('/').next().unwrap().to_owned();
    let want = |name: &str| format!("{project}/Evidence/{name}");
    assert!(named.contains(&"Not included.txt"), "{named:?}");
    assert!(files.contains_key(&want("Übersicht 2026.pdf")), "{named:?}");
    // Two names that differ by their letters' case only would be one file on some systems.
    let leases = named.iter().filter(|name| name.to_lowercase().contains("lease")).count();
    assert!(leases == 2 && named.iter().any(|name| name.ends_with(" (2).pdf")), "{named:?}");
    assert_eq!(files.len(), 4, "{named:?}");
    let note = String::from_utf8_lossy(&files["Not included.txt"]);
    assert!(note.contains("Statement.txt") && note.contains("virus scanner"), "{note}");
    for hidden in ["Strategy", "Board", "Old"] {
        assert!(
            !note.contains(hidden) && !named.iter().any(|name| name.contains(hidden)),
            "{hidden}: {note} {named:?}"
        );
    }

    let events = audit(&world).await;
    let number = |event: &Value| event["seq"].as_u64().unwrap();
    let id = zip["id"].as_str().unwrap();
    let (asked, taken) = (acts(&events, "document.zip_asked", id), acts(&events, "document.zip_taken", id));
    assert_eq!((asked.len(), taken.len()), (1, 1), "{events:?}");
    let mut texts = files.iter().filter(|(name, _)| name.ends_with(".pdf")).map(|(_, bytes)| pdf_text(bytes));
    let texts: Vec<String> = texts.by_ref().collect();
    for document in &open {
        let given = acts(&events, "document.downloaded", document);
        assert_eq!(given.len(), 1, "{events:?}");
        assert!(number(asked[0]) < number(given[0]) && number(given[0]) < number(taken[0]), "{events:?}");
        assert_eq!(given[0]["actor"], asked[0]["actor"], "{given:?}");
        let code = given[0]["id"].as_str().unwrap();
        let carrying = texts.iter().filter(|text| text.contains(code) && text.contains(&member.email)).count();
        assert_eq!(carrying, 1, "{code} in {texts:?}");
    }
    for document in [&kept, &others, &binned, &virus] {
        assert_eq!(acts(&events, "document.downloaded", document).len(), 0, "{events:?}");
    }

    // Whoever sees more has more in it, and the firm is told who took what.
    let zip = made(&staff, &world.acme, &json!({ "documents": [kept, others, open[0]] })).await;
    assert_eq!(zip["left_out"], 0, "{zip}");
    let files = unpacked(&fetched(&staff, zip["file"].as_str().unwrap()).await);
    let named: Vec<&str> = files.keys().map(String::as_str).collect();
    assert!(files.contains_key(&want("Strategy.pdf")) && files.contains_key(&want("Board.pdf")), "{named:?}");
    assert!(files.values().all(|bytes| pdf_text(bytes).contains(&staff.email)), "{named:?}");
    let seen = staff.read(&at(&world.acme, &format!("/{}/seen", open[0]))).await;
    let by: Vec<&str> = seen["items"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(by.contains(&"Sam Okafor"), "{seen}");
}

#[tokio::test]
async fn a_zip_is_its_readers_and_nobody_elses_and_asked_for_again_it_is_the_same() {
    let (world, staff, admin, matter) = matter().await;
    let bytes = samples::txt(PHRASE);
    let id = admin.upload(&world.acme, &matter, "Evidence", "a.txt", &bytes).await.id;
    assert_eq!(admin.settled(&world.acme, &id).await["state"], "ready");
    let key = fresh();
    let ask = async |body: &Value| {
        let headers = [
            ("idempotency-key", key.clone()),
            ("content-type", "application/json".to_owned()),
            ("x-portico-csrf", "1".to_owned()),
            ("origin", admin.http().url().replace("//127.0.0.1", "//localhost")),
        ];
        admin.http().raw("POST", &at(&world.acme, "/zip"), &headers, body.to_string().into_bytes()).await
    };
    let body = json!({ "documents": [id] });
    let (one, two) = tokio::join!(ask(&body), ask(&body));
    let three = ask(&body).await;
    assert_eq!((one.status, two.status, three.status), (202, 202, 202), "{} {}", one.text(), two.text());
    let zip = one.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((&two.json()["id"], &three.json()["id"]), (&json!(zip), &json!(zip)));
    assert_eq!(ready(&admin, &world.acme, &zip).await["state"], "ready");

    let partner = world.person("partner").await;
    let member = world.person("member.acme").await;
    for other in [&staff, &partner, &member] {
        for rest in ["", "/download"] {
            let path = at(&world.acme, &format!("/zips/{zip}{rest}"));
            assert_eq!(other.get(&path).await.status, 404, "{} {path}", other.email);
            let page = format!("/clients/{}/documents/zips/{zip}{rest}", world.acme);
            assert_eq!(other.get(&page).await.status, 404, "{} {page}", other.email);
        }
    }
    let foreign = fresh();
    for (body, status) in [
        (json!({}), 422),
        (json!({ "documents": [] }), 422),
        (json!({ "documents": [foreign] }), 404),
        (json!({ "documents": ["nothing"] }), 422),
        (json!({ "documents": (0..2_001).map(|_| fresh()).collect::<Vec<_>>() }), 422),
        (json!({ "list": { "category": "Court orders" } }), 422),
        (json!({ "everything": true }), 422),
    ] {
        assert_eq!(admin.post(&at(&world.acme, "/zip"), &body).await.status, status, "{}", body.to_string().len());
    }
    let events = audit(&world).await;
    assert_eq!(acts(&events, "document.zip_asked", &zip).len(), 1, "{events:?}");
    assert_eq!(acts(&events, "document.downloaded", &id).len(), 1, "{events:?}");
}

#[tokio::test]
async fn what_was_taken_from_its_reader_since_is_not_handed_over() {
    let (world, staff, admin, matter) = matter().await;
    let member = world.person("member.acme").await;
    let id = admin.upload(&world.acme, &matter, "Evidence", "Lease.txt", &samples::txt(PHRASE)).await.id;
    assert_eq!(admin.settled(&world.acme, &id).await["state"], "ready");
    let zip = made(&member, &world.acme, &json!({ "documents": [id] })).await;
    let file = zip["file"].as_str().unwrap();
    assert_eq!(member.get(file).await.status, 303);
    let binned = |binned: bool| {
        let body = json!({ "documents": [id], "binned": binned });
        let (staff, path) = (staff.clone(), at(&world.acme, "/bulk"));
        async move { staff.write("POST", &path, &body).await }
    };
    binned(true).await;
    let refused = member.get(file).await;
    assert!(refused.status == 409 && refused.text().contains("Ask for it again"), "{}", refused.text());
    binned(false).await;
    assert_eq!(member.get(file).await.status, 303);
    let company = admin.read(&format!("/api/v1/clients/{}/people", world.acme)).await;
    let admin_id =
        company["items"].as_array().unwrap().iter().find(|one| one["role"] == "client_admin").unwrap()["id"].clone();
    let version = staff.read(&at(&world.acme, &format!("/{id}"))).await["version"].clone();
    let own = json!({ "version": version, "visibility": { "people": [admin_id] } });
    staff.write("PATCH", &at(&world.acme, &format!("/{id}")), &own).await;
    assert_eq!(member.get(file).await.status, 409);
    // Both ways of naming files at once could be more than either allows.
    let both = json!({ "list": {}, "documents": [id] });
    assert_eq!(admin.post(&at(&world.acme, "/zip"), &both).await.status, 422);
}

#[tokio::test]
async fn the_form_of_a_list_leads_to_the_zip() {
    let (world, _, admin, matter) = matter().await;
    let pages = format!("/clients/{}/documents", world.acme);
    let bytes = samples::txt(PHRASE);
    let mut ids = Vec::new();
    for name in ["one.txt", "two.txt"] {
        ids.push(admin.upload(&world.acme, &matter, "Evidence", name, &bytes).await.id);
    }
    for id in &ids {
        assert_eq!(admin.settled(&world.acme, id).await["state"], "ready");
    }
    let shown = admin.get(&pages).await.text();
    assert!(shown.contains("Download as zip") && shown.contains("Download the whole list as zip"), "{shown}");
    let key = fresh();
    let mut leads = Vec::new();
    for fields in [
        format!("key={key}&document={}&document={}", ids[0], ids[1]),
        format!("key={key}&document={}&document={}", ids[0], ids[1]),
        format!("key={key}&list=category%3DEvidence"),
        format!("key={key}&list="),
    ] {
        let answer = submit(&admin, &format!("{pages}/zip"), &fields).await;
        assert_eq!(answer.status, 303, "{fields}: {}", answer.text());
        let page = answer.header("location").trim_end_matches("/download").to_owned();
        assert!(page.starts_with(&format!("{pages}/zips/")), "{page}");
        let id = page.rsplit('/').next().unwrap();
        assert_eq!(ready(&admin, &world.acme, id).await["left_out"], 0);
        let html = admin.get(&page).await.text();
        assert!(html.contains("2 files is ready") && html.contains(&format!("{page}/download")), "{html}");
        assert_eq!(unpacked(&fetched(&admin, &format!("{page}/download")).await).len(), 2);
        leads.push(page);
    }
    assert!(leads[0] == leads[1] && leads[2] != leads[1] && leads[3] != leads[2], "{leads:?}");
    let back = pages.replace('/', "%2F");
    let nothing = submit(&admin, &format!("{pages}/zip"), &format!("key={key}&back={back}")).await;
    let page = nothing.text();
    assert!(nothing.status == 422 && page.contains("Choose the files") && page.contains("one.txt"), "{page}");
}

/// Whoever makes zips, and what it is told.
struct Maker {
    lambdas: Lambdas,
    control: Control,
    firm: String,
    client: String,
}

const FUNCTION: &str = "vending";

impl Maker {
    async fn open(world: &LawFirm) -> Maker {
        let lambdas = Lambdas::connect(&Aws::connect().await).await;
        Maker { lambdas, control: Control::open(), firm: world.firm.id.clone(), client: world.acme.clone() }
    }

    fn event(&self, zip: &str) -> Value {
        let body = json!({ "v": 1, "firm": self.firm, "client": self.client, "parcel": zip });
        let queue = format!("{}-vending.fifo", setting("PORTICO_PREFIX"));
        shapes::batch(vec![shapes::message(self.lambdas.source(&queue), &body.to_string(), Some(zip))])
    }

    /// Asks for a zip whose maker dies after its `nth` call; the zip, and whether it came to that.
    async fn asked_in_vain(&self, person: &Person, body: &Value, nth: usize) -> (String, bool) {
        // Only this client's messages name it.
        let rule =
            json!({ "function": FUNCTION, "invocation_contains": self.client, "nth": nth, "action": "kill_after" });
        let rule = self.control.rule(&rule).await;
        let zip = asked(person, &self.client, body).await;
        let path = at(&self.client, &format!("/zips/{zip}"));
        until("a death or a zip", || async {
            let fired = self.control.fired(rule).await > 0;
            (fired || person.read(&path).await["state"] != "making").then_some(())
        })
        .await;
        let met = self.control.take_back(rule).await > 0;
        (zip, met)
    }

    /// The message again, as the queue brings it after a while.
    async fn again(&self, zip: &str) {
        self.lambdas.invoke(FUNCTION, &self.event(zip)).await.unwrap();
    }
}

/// What is larger than a part of a zip, and small enough for one form. No two of its blocks are alike.
fn large() -> Vec<u8> {
    let mut text = String::new();
    for block in 0..17 * 16 {
        text += &format!("block {block}\n");
        text += &"the quiet harbour \n".repeat(64 * 1024 / 19);
    }
    text.into_bytes()
}

#[tokio::test]
async fn whenever_the_maker_dies_there_is_one_zip_and_each_copy_is_written_down_once() {
    let (world, staff, admin, matter) = matter().await;
    let partner = world.person("partner").await;
    // The clients' copies go out as they are, so that a large file is streamed.
    let version = partner.read("/api/v1/firm/settings").await["version"].clone();
    let rule = json!({ "viewers": ["staff", "partners", "operators"], "free_categories": [], "covers": true, "version": version });
    partner.write("PUT", "/api/v1/firm/settings/marks", &rule).await;
    let (large, small) = (large(), samples::txt(PHRASE));
    let mut ids = Vec::new();
    for (name, bytes) in [("a.txt", &small), ("Log.txt", &large), ("b.txt", &small)] {
        ids.push(admin.upload(&world.acme, &matter, "Evidence", name, bytes).await.id);
    }
    for id in &ids {
        assert_eq!(staff.settled(&world.acme, id).await["state"], "ready");
    }
    let (maker, body) = (Maker::open(&world).await, json!({ "documents": ids }));
    // The firm's rule is kept by processes for a minute: the marks of this firm are not known to any yet.
    let mark = maker.control.mark().await;
    let quiet = made(&admin, &world.acme, &body).await;
    let id = quiet["id"].as_str().unwrap();
    let named = maker.control.calls(mark, &[("function", FUNCTION), ("contains", id)]).await;
    let trace = named.first().and_then(|call| call.trace.clone()).expect("a run has a trace");
    let calls = maker.control.calls(mark, &[("function", FUNCTION), ("trace", &trace)]).await.len();
    assert!(calls >= 20, "{calls}");
    let whole = unpacked(&fetched(&admin, quiet["file"].as_str().unwrap()).await);
    let same =
        |zip: &BTreeMap<String, Vec<u8>>| zip.values().filter(|bytes| **bytes == small || **bytes == large).count();
    assert_eq!((whole.len(), same(&whole)), (3, 3));

    let (mut died, mut zips) = (0, 1);
    for nth in (1..=calls).step_by(volume(1, calls.div_ceil(6))) {
        let (zip, met) = maker.asked_in_vain(&admin, &body, nth).await;
        died += usize::from(met);
        zips += 1;
        for _ in 0..3 {
            maker.again(&zip).await;
        }
        let facts = ready(&admin, &world.acme, &zip).await;
        assert_eq!(facts["state"], "ready", "dead after call {nth} of {calls}: {facts}");
        assert_eq!(facts["left_out"], 0, "dead after call {nth} of {calls}: {facts}");
        let found = unpacked(&fetched(&admin, facts["file"].as_str().unwrap()).await);
        assert!(found == whole, "dead after call {nth} of {calls}: {:?}", found.keys());
    }
    assert!(died >= volume(calls - 2, 4), "{died} of {calls}");
    counted("deaths of vending, after its calls", died);
    let events = audit(&world).await;
    for id in &ids {
        assert_eq!(acts(&events, "document.downloaded", id).len(), zips, "{id}: one event for each zip");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_any_more_when_it_is_made_is_not_in_it() {
    let (world, staff, _, matter) = matter().await;
    let member = world.person("member.acme").await;
    let other = colleague(&world).await;
    let bytes = samples::txt(PHRASE);
    let mut ids = Vec::new();
    for name in ["stays.txt", "goes.txt"] {
        ids.push(filed(&staff, &world.acme, &matter, name, &bytes, json!("company")).await);
    }
    for id in &ids {
        assert_eq!(staff.settled(&world.acme, id).await["state"], "ready");
    }
    let (maker, body) = (Maker::open(&world).await, json!({ "documents": ids }));
    let (by_member, met) = maker.asked_in_vain(&member, &body, 1).await;
    let (by_staff, also) = maker.asked_in_vain(&staff, &body, 1).await;
    assert!(met && also, "{met} {also}");
    let version = staff.settled(&world.acme, &ids[1]).await["version"].clone();
    let narrowed = json!({ "version": version, "visibility": { "people": [other] } });
    let path = at(&world.acme, &format!("/{}", ids[1]));
    let changed = staff.http().send("PATCH", &path, Some(&narrowed)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    world.firm.unassign(&world.staff_id, &world.acme).await;

    maker.again(&by_member).await;
    maker.again(&by_staff).await;
    let zip = ready(&member, &world.acme, &by_member).await;
    assert_eq!((&zip["state"], &zip["left_out"]), (&json!("ready"), &json!(1)), "{zip}");
    let files = unpacked(&fetched(&member, zip["file"].as_str().unwrap()).await);
    let note = String::from_utf8_lossy(&files["Not included.txt"]);
    assert!(note.contains("not there any more") && !note.contains("goes"), "{note}");
    assert!(files.keys().any(|name| name.ends_with("stays.txt")) && files.len() == 2, "{:?}", files.keys());
    assert_eq!(staff.get(&at(&world.acme, &format!("/zips/{by_staff}"))).await.status, 404);
    world.firm.assign(&world.staff_id, &world.acme).await;
    let given_up = ready(&staff, &world.acme, &by_staff).await;
    assert_eq!(given_up["state"], "failed", "{given_up}");
    assert_eq!(staff.get(&at(&world.acme, &format!("/zips/{by_staff}/download"))).await.status, 409);
}
