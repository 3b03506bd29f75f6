//! Documents: handed over, checked, found by words inside, taken away with a watermark; and what must be refused.

mod large;

use std::process::Command;

use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use crate::world::{LawFirm, fresh};

mod organised;
mod previews;
pub(crate) mod versions;
pub(crate) mod zips;

pub(crate) const PHRASE: &str = "the quiet harbour agreement of Lindisfarne";

/// A matter with a staff member and a client's admin at work on it.
pub(crate) async fn matter() -> (LawFirm, Person, Person, String) {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    (world, staff, admin, matter)
}

#[tokio::test]
async fn each_format_becomes_ready_and_is_found_by_a_phrase_inside_it() {
    let (world, staff, admin, matter) = matter().await;
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("harbour.pdf", samples::pdf("Harbour", &[PHRASE])),
        ("harbour.docx", samples::docx("Harbour", &[PHRASE])),
        ("harbour.xlsx", samples::xlsx(&[("Ledger", &[&["Item", "Note"], &["1", PHRASE]])])),
        ("harbour.pptx", samples::pptx("Harbour", &[PHRASE])),
        ("harbour.txt", samples::txt(PHRASE)),
        ("harbour.html", samples::html("Harbour", &[PHRASE])),
        ("harbour.eml", samples::eml("a@b.example", "c@d.example", "Harbour", PHRASE)),
    ];
    let mut ids = Vec::new();
    for (name, bytes) in &files {
        ids.push(admin.upload(&world.acme, &matter, "Evidence", name, bytes).await.id);
    }
    for (id, (name, _)) in ids.iter().zip(&files) {
        let settled = admin.settled(&world.acme, id).await;
        assert_eq!(settled["state"], "ready", "{name}: {settled}");
    }
    let path = format!("/api/v1/clients/{}/search?q=%22quiet+harbour+agreement%22", world.acme);
    let found = staff
        .read_until(&path, |answer| {
            let hits = answer["hits"].as_array()?;
            (hits.len() >= files.len()).then(|| hits.clone())
        })
        .await;
    let mut found: Vec<&str> = found.iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    found.sort_unstable();
    ids.sort();
    assert_eq!(found, ids);
    let none = staff.read(&format!("/api/v1/clients/{}/search?q=zanzibar", world.acme)).await;
    assert_eq!(none["hits"].as_array().unwrap().len(), 0, "{none}");
}

#[tokio::test]
async fn a_downloaded_copy_names_its_reader_and_the_original_stays_as_it_was() {
    let (world, _, admin, matter) = matter().await;
    let original = samples::pdf("Harbour", &[PHRASE]);
    let document = admin.upload(&world.acme, &matter, "Evidence", "Lease.pdf", &original).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let copy = download(&admin, &world.acme, &document).await;
    assert_ne!(copy, original);
    let text = pdf_text(&copy);
    assert!(text.contains(&admin.email), "no address of the reader in {text}");
    assert!(text.contains("quiet harbour"), "{text}");
    let partner = world.person("partner").await;
    let events = partner.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let download = events["items"].as_array().unwrap().iter().find(|event| event["act"] == "document.downloaded");
    let code = download.unwrap_or_else(|| panic!("no event of the download in {events}"))["id"].as_str().unwrap();
    assert!(text.contains(code), "no code {code} in {text}");
    let digest = crypto::sha256_hex(&original);
    let stored = admin.read(&format!("/api/v1/clients/{}/documents/{document}", world.acme)).await;
    assert!(stored.to_string().contains(&digest), "the stored original has another digest: {stored}");
}

/// Follows the answer to where the copy lies.
pub(crate) async fn download(person: &Person, client: &str, document: &str) -> Vec<u8> {
    let answer = person.get(&format!("/api/v1/clients/{client}/documents/{document}/download")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let file = person.http().raw("GET", answer.header("location"), &[], Vec::new()).await;
    assert_eq!(file.status, 200, "{}", file.text());
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);
    file.body.to_vec()
}

pub fn pdf_text(bytes: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("{}.pdf", fresh()));
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn what_is_harmful_or_broken_is_refused_in_words_and_the_pipeline_goes_on() {
    let (world, _, admin, matter) = matter().await;
    let hostile: Vec<(&str, Vec<u8>, &str)> = vec![
        ("eicar.txt", samples::eicar(), "malware"),
        ("bomb.docx", samples::zip_bomb_docx(), "too_much_inside"),
        ("picture.pdf", samples::png(), "wrong_extension"),
        ("program.pdf", samples::program(), "unknown_kind"),
        ("protected.pdf", samples::pdf_protected("Harbour", &[PHRASE], "secret"), "protected"),
    ];
    let mut ids = Vec::new();
    for (name, bytes, _) in &hostile {
        ids.push(admin.upload(&world.acme, &matter, "Other", name, bytes).await.id);
    }
    let broken =
        admin.upload(&world.acme, &matter, "Other", "xref.pdf", &samples::pdf_broken_xref("Harbour", &[PHRASE])).await;
    let after = admin.upload(&world.acme, &matter, "Other", "after.txt", &samples::txt(PHRASE)).await;
    for (id, (name, _, reason)) in ids.iter().zip(&hostile) {
        let settled = admin.settled(&world.acme, id).await;
        assert_eq!(
            (settled["state"].as_str(), settled["reason"].as_str()),
            (Some("rejected"), Some(*reason)),
            "{name}: {settled}"
        );
        let words = settled["detail"].as_str().or(settled["reason_sentence"].as_str()).unwrap_or_default();
        assert!(words.len() > 20, "{name}: a sentence for people, got {settled}");
        let refused = admin.get(&format!("/api/v1/clients/{}/documents/{id}/download", world.acme)).await;
        assert!((400..500).contains(&refused.status), "{name}: answered {}", refused.status);
    }
    // Read where the table can be rebuilt, refused in words where not; never stuck.
    let broken = admin.settled(&world.acme, &broken.id).await;
    assert!(broken["state"] == "ready" || broken["reason"] == "unreadable", "{broken}");
    assert_eq!(admin.settled(&world.acme, &after.id).await["state"], "ready");
}

#[tokio::test]
async fn tickets_are_refused_at_the_door() {
    let (world, _, admin, matter) = matter().await;
    let path = format!("/api/v1/clients/{}/documents", world.acme);
    let ask = |name: String, size: u64, category: &str| json!({ "name": name, "size_bytes": size, "project": matter, "category": category });
    for body in [
        ask("empty.pdf".into(), 0, "Other"),
        ask("large.pdf".into(), 1 << 40, "Other"),
        ask("a.pdf".into(), 10, "No such category"),
        ask("\u{1F600}".repeat(256), 10, "Other"),
        ask("..".into(), 10, "Other"),
        json!({ "documents": vec![ask("a.pdf".into(), 10, "Other"); 21] }),
    ] {
        let answer = admin.post(&path, &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert!(answer.json()["detail"].as_str().is_some_and(|words| words.len() > 10), "{}", answer.text());
    }
    let foreign = json!({ "name": "a.pdf", "size_bytes": 10, "project": fresh(), "category": "Other" });
    assert_eq!(admin.post(&path, &foreign).await.status, 404);
    for (name, kept) in [("../../x.txt", "x.txt".to_owned()), ("emoji", "\u{1F600}".repeat(251) + ".txt")] {
        let name = if name == "emoji" { kept.clone() } else { name.to_owned() };
        let uploaded = admin.upload(&world.acme, &matter, "Other", &name, b"words").await;
        let settled = admin.settled(&world.acme, &uploaded.id).await;
        assert_eq!((settled["state"].as_str(), settled["name"].as_str()), (Some("ready"), Some(kept.as_str())));
        download(&admin, &world.acme, &uploaded.id).await;
    }
}

#[tokio::test]
async fn a_ticket_takes_one_file_of_the_announced_size_in_its_own_place() {
    let (world, _, admin, matter) = matter().await;
    let asked = json!({ "name": "a.txt", "size_bytes": 5, "project": matter, "category": "Other" });
    let ticket = admin.write("POST", &format!("/api/v1/clients/{}/documents", world.acme), &asked).await;
    let upload = &ticket["upload"];
    let send = |fields: Value, bytes: &'static [u8]| {
        let (admin, url) = (admin.clone(), upload["url"].as_str().unwrap().to_owned());
        async move { post_form(&admin, &url, &fields, bytes).await }
    };
    assert!(send(upload["fields"].clone(), b"far more than announced").await >= 400, "a larger file was taken");
    let mut elsewhere = upload["fields"].clone();
    elsewhere["key"] = json!(elsewhere["key"].as_str().unwrap().replace(&world.acme, &world.birch));
    assert!(send(elsewhere, b"words").await >= 400, "another client's place was taken");
    assert!(send(upload["fields"].clone(), b"words").await < 300, "the announced file was refused");
}

pub(crate) async fn post_form(person: &Person, url: &str, fields: &Value, bytes: &[u8]) -> u16 {
    let boundary = "----a-boundary";
    let mut body = String::new();
    for (name, value) in fields.as_object().unwrap() {
        let value = value.as_str().unwrap();
        body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
    let mut body = body.into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let headers = [("content-type", format!("multipart/form-data; boundary={boundary}"))];
    person.http().raw("POST", url, &headers, body).await.status
}

#[tokio::test]
async fn staff_see_who_has_seen_a_document_and_clients_do_not() {
    let (world, staff, admin, matter) = matter().await;
    let document =
        admin.upload(&world.acme, &matter, "Evidence", "Lease.pdf", &samples::pdf("Harbour", &[PHRASE])).await.id;
    admin.settled(&world.acme, &document).await;
    download(&admin, &world.acme, &document).await;
    let path = format!("/clients/{}/documents/{document}", world.acme);
    testkit::portal::until("the access history on the document's page", || async {
        let page = staff.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.text().contains("Ann Acme").then_some(())
    })
    .await;
    let page = admin.get(&path).await.text();
    assert!(!page.contains("Sam Okafor"), "a client sees who of the firm has seen the document");
}

/// A form of a page, as a browser without scripts sends it.
pub(crate) async fn submit(person: &Person, path: &str, fields: &str) -> testkit::portal::Answer {
    let http = person.http();
    let session = http.cookies().split("; ").find_map(|pair| pair.strip_prefix("__Host-s=").map(str::to_owned));
    let token = session.as_deref().and_then(crypto::SessionToken::parse).unwrap();
    let headers = [
        ("accept", "text/html".to_owned()),
        ("origin", http.url().replace("127.0.0.1", "localhost")),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ];
    let body = format!("csrf={}&{fields}", token.form_token());
    http.raw("POST", path, &headers, body.into_bytes()).await
}

/// Another copy of a refused file, as the page sends it.
async fn send_again(person: &Person, client: &str, matter: &str, name: &str, of: &str) -> String {
    let bytes = b"words";
    let asked =
        json!({ "name": name, "size_bytes": bytes.len(), "project": matter, "category": "Other", "again_for": of });
    let ticket = person.write("POST", &format!("/api/v1/clients/{client}/documents"), &asked).await;
    let (url, fields) = (ticket["upload"]["url"].as_str().unwrap(), &ticket["upload"]["fields"]);
    assert!(post_form(person, url, fields, bytes).await < 300);
    crate::world::id_of(&ticket, "document")
}

#[tokio::test]
async fn a_refused_file_asks_its_sender_until_a_copy_of_it_came_or_it_is_not_needed() {
    let (world, _, admin, matter) = matter().await;
    let member = world.person("member.acme").await;
    let mut refused = Vec::new();
    for name in ["first.pdf", "second.pdf"] {
        let id = admin.upload(&world.acme, &matter, "Other", name, &samples::program()).await.id;
        assert_eq!(admin.settled(&world.acme, &id).await["state"], "rejected");
        refused.push(id);
    }
    let asks = |person: Person| async move {
        let page = person.get("/").await.text();
        ["first.pdf", "second.pdf"].map(|name| page.contains(&format!("{name} was refused")))
    };
    assert_eq!(asks(admin.clone()).await, [true, true]);
    assert_eq!(asks(member.clone()).await, [false, false], "somebody else is asked");
    // The page of the file takes another copy in the same place.
    let page = admin.get(&format!("/clients/{}/documents/{}", world.acme, refused[0])).await.text();
    for part in [format!("data-again-for=\"{}\"", refused[0]), format!("data-project=\"{matter}\"")] {
        assert!(page.contains(&part), "{part} in {page}");
    }
    // Another file in the same place is another file.
    let other = admin.upload(&world.acme, &matter, "Other", "third.txt", b"words").await.id;
    assert_eq!(admin.settled(&world.acme, &other).await["state"], "ready");
    assert_eq!(asks(admin.clone()).await, [true, true]);
    let copy = send_again(&admin, &world.acme, &matter, "first.txt", &refused[0]).await;
    assert_eq!(admin.settled(&world.acme, &copy).await["state"], "ready");
    assert_eq!(asks(admin.clone()).await, [false, true]);

    let second = format!("/clients/{}/documents/{}", world.acme, refused[1]);
    assert_eq!(submit(&member, &format!("{second}/not-needed"), "").await.status, 422);
    let settled = submit(&admin, &format!("{second}/not-needed"), "").await;
    assert_eq!(settled.status, 303, "{}", settled.text());
    let home = admin.get(settled.header("location")).await.text();
    assert!(home.contains(&format!("{second}/needed")) && home.contains("Nothing is waiting for you"), "{home}");
    assert_eq!(submit(&admin, &format!("{second}/needed"), "").await.status, 303);
    assert_eq!(asks(admin).await, [false, true]);
}

#[tokio::test]
async fn a_document_is_moved_and_renamed_by_its_sender_and_the_firm_and_found_in_its_new_place() {
    let (world, staff, admin, matter) = matter().await;
    let member = world.person("member.acme").await;
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let lease = staff.write("POST", &projects, &json!({ "name": "Lease review", "pack": "litigation" })).await;
    let lease = crate::world::id_of(&lease, "project");
    let id = member.upload(&world.acme, &matter, "Other", "Scan 1.txt", &samples::txt(PHRASE)).await.id;
    let ready = member.settled(&world.acme, &id).await;
    let path = format!("/api/v1/clients/{}/documents/{id}", world.acme);
    let change = |version: &Value, with: Value| {
        let mut body = with;
        body["version"] = version.clone();
        body
    };
    let rename = change(&ready["version"], json!({ "name": "Harbour agreement", "category": "Contracts" }));
    assert_eq!(admin.http().send("PATCH", &path, Some(&rename)).await.status, 422, "not the sender");
    let renamed = member.write("PATCH", &path, &rename).await;
    assert_eq!(
        (renamed["name"].as_str(), renamed["category"].as_str()),
        (Some("Harbour agreement.txt"), Some("Contracts"))
    );
    assert_eq!(member.http().send("PATCH", &path, Some(&rename)).await.status, 409, "made from an older version");
    let wrong = change(&renamed["version"], json!({ "category": "Tax returns" }));
    assert_eq!(staff.http().send("PATCH", &path, Some(&wrong)).await.status, 422);
    let foreign = change(&renamed["version"], json!({ "project": fresh() }));
    assert_eq!(staff.http().send("PATCH", &path, Some(&foreign)).await.status, 404);
    // By the form of its page.
    let fields = format!("version={}&name=Harbour.txt&project={lease}&category=Contracts", renamed["version"]);
    let saved = submit(&staff, &format!("/clients/{}/documents/{id}", world.acme), &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let search = format!("/api/v1/clients/{}/search?q=harbour&project={lease}&category=Contracts", world.acme);
    let hit = staff
        .read_until(&search, |answer| {
            answer["hits"].as_array()?.iter().find(|hit| hit["title"] == "Harbour.txt").cloned()
        })
        .await;
    assert_eq!(hit["id"], id.as_str());
    let old = staff.read(&format!("/api/v1/clients/{}/search?q=harbour&project={matter}", world.acme)).await;
    assert_eq!(old["hits"].as_array().unwrap().len(), 0, "{old}");
    let events = world.person("partner").await.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let of_this = |event: &&Value| event["act"] == "document.arranged" && event["object"]["id"] == id.as_str();
    assert_eq!(events["items"].as_array().unwrap().iter().filter(of_this).count(), 2, "{events}");
}

#[tokio::test]
async fn a_copys_code_leads_to_its_event_and_the_event_to_its_document() {
    let (world, _, admin, matter) = matter().await;
    let document =
        admin.upload(&world.acme, &matter, "Evidence", "Lease.pdf", &samples::pdf("Harbour", &[PHRASE])).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    download(&admin, &world.acme, &document).await;
    let partner = world.person("partner").await;
    let events = partner.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let event = events["items"].as_array().unwrap().iter().find(|event| event["act"] == "document.downloaded").unwrap();
    let code = event["id"].as_str().unwrap();
    let found = partner.get(&format!("/firm/audit?q={}", code.to_lowercase())).await;
    assert_eq!(found.status, 303, "{}", found.text());
    let place = format!("/firm/audit?client={}&event={}", world.acme, event["seq"]);
    assert_eq!(found.header("location"), place);
    let page = partner.get(&place).await.text();
    let link = format!("href=\"/clients/{}/documents/{document}\"", world.acme);
    for part in ["downloaded a document: Lease.pdf", link.as_str(), "Technical"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let list = partner.get(&format!("/firm/audit?client={}", world.acme)).await.text();
    assert!(list.contains("Today") && list.contains("downloaded a document: Lease.pdf"), "{list}");
    let none = partner.get(&format!("/firm/audit?q={}", fresh())).await;
    assert!(none.status == 200 && none.text().contains("No event has this code"), "{}", none.text());
}

#[tokio::test]
async fn a_partner_finds_clients_and_documents_at_once() {
    let (world, _, admin, matter) = matter().await;
    let id = admin.upload(&world.acme, &matter, "Evidence", "Lease.txt", &samples::txt(PHRASE)).await.id;
    assert_eq!(admin.settled(&world.acme, &id).await["state"], "ready");
    let partner = world.person("partner").await;
    partner
        .read_until("/api/v1/search?q=harbour", |answer| (!answer["hits"].as_array()?.is_empty()).then_some(()))
        .await;
    let page = partner.get("/search?q=harbour").await.text();
    assert!(
        page.contains(&format!("/clients/{}/documents/{id}", world.acme)) && page.contains("Acme Industries"),
        "{page}"
    );
    let page = partner.get("/search?q=acme").await.text();
    assert!(page.contains(&format!("href=\"/clients/{}\"", world.acme)), "{page}");
    assert!(partner.get("/").await.text().contains("action=\"/search\""));
    let long = partner.get(&format!("/search?q={}", "x".repeat(201))).await;
    assert!(long.status == 422 && long.text().contains("at most 200 characters"), "{}", long.text());
}

#[tokio::test]
async fn what_the_bucket_adds_to_an_address_is_taken_off() {
    let (world, _, admin, matter) = matter().await;
    let id = admin.upload(&world.acme, &matter, "Other", "a.txt", b"words").await.id;
    let page = format!("/clients/{}/documents/{id}", world.acme);
    let answer = admin.get(&format!("{page}?bucket=b&key=quarantine%2Ft&etag=%22e%22")).await;
    assert_eq!((answer.status, answer.header("location")), (303, page.as_str()));
}
