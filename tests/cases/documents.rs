//! Documents: handed over, checked, found by words inside, taken away with a watermark; and what must be refused.

use std::process::Command;

use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use crate::world::{LawFirm, fresh};

const PHRASE: &str = "the quiet harbour agreement of Lindisfarne";

/// A matter with a staff member and a client's admin at work on it.
async fn matter() -> (LawFirm, Person, Person, String) {
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

async fn post_form(person: &Person, url: &str, fields: &Value, bytes: &[u8]) -> u16 {
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
