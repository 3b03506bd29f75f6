//! Large files by the API: sent in parts, gone on with, put together, compared, given up; and what must be refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use documents::{Kind, Mark};
use serde_json::{Value, json};
use testkit::portal::Person;

use super::zips::ready;
use super::{download, matter, pdf_text};
use crate::marks::save_rule;
use crate::world::{LawFirm, fresh};

const MIB: usize = 1024 * 1024;

/// A PDF by its head, with bytes that do not repeat: the same each time.
fn large(size_bytes: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    while bytes.len() < size_bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state >> 11).to_le_bytes());
    }
    bytes.truncate(size_bytes);
    bytes
}

/// An upload in parts as a program sees it.
struct Sending {
    person: Person,
    document: String,
    url: String,
    parts: Vec<Vec<u8>>,
}

impl Sending {
    async fn start(person: &Person, client: &str, matter: &str, name: &str, bytes: &[u8]) -> Sending {
        let asked = json!({ "name": name, "size_bytes": bytes.len(), "project": matter, "category": "Evidence" });
        let ticket = person.write("POST", &format!("/api/v1/clients/{client}/documents"), &asked).await;
        let upload = &ticket["upload"];
        assert_eq!(upload["method"], "PUT", "{ticket}");
        let part_bytes = usize::try_from(upload["part_bytes"].as_u64().unwrap()).unwrap();
        let parts: Vec<Vec<u8>> = bytes.chunks(part_bytes).map(<[u8]>::to_vec).collect();
        assert_eq!(upload["parts"].as_u64(), Some(parts.len() as u64));
        let document = crate::world::id_of(&ticket, "document");
        Sending { person: person.clone(), document, url: upload["url"].as_str().unwrap().to_owned(), parts }
    }

    fn digest(&self, number: usize) -> Value {
        json!({ "number": number, "sha256": crypto::sha256_hex(&self.parts[number - 1]) })
    }

    async fn address(&self, number: usize) -> Value {
        let asked = json!({ "parts": [self.digest(number)] });
        self.person.write("POST", &self.url, &asked).await["parts"][0].clone()
    }

    /// Puts these bytes where the part's address says.
    async fn put(&self, address: &Value, checksum: &str, bytes: &[u8]) -> u16 {
        let headers = [("x-amz-checksum-sha256", checksum.to_owned())];
        let url = address["url"].as_str().unwrap();
        self.person.http().raw("PUT", url, &headers, bytes.to_vec()).await.status
    }

    async fn send(&self, number: usize) {
        let address = self.address(number).await;
        let checksum = address["checksum"].as_str().unwrap();
        assert_eq!(self.put(&address, checksum, &self.parts[number - 1]).await, 200, "part {number}");
    }

    async fn arrived(&self) -> Vec<u64> {
        let found = self.person.read(&self.url).await;
        found["arrived"].as_array().unwrap().iter().map(|part| part["number"].as_u64().unwrap()).collect()
    }

    fn complete_path(&self) -> String {
        self.url.replace("/parts", "/complete")
    }

    fn all(&self) -> Value {
        json!({ "parts": (1..=self.parts.len()).map(|number| self.digest(number)).collect::<Vec<_>>() })
    }
}

#[tokio::test]
async fn a_large_file_goes_up_in_parts_is_gone_on_with_and_comes_back_as_it_was() {
    let (world, staff, admin, matter) = matter().await;
    let unmarked = json!({ "viewers": ["clients"], "free_categories": [], "covers": true });
    assert_eq!(save_rule(&world.person("partner").await, &unmarked).await, 204);
    let bytes = large(66 * MIB);
    let sending = Sending::start(&admin, &world.acme, &matter, "Recording of the hearing.pdf", &bytes).await;
    assert_eq!(sending.parts.len(), 14);
    for number in 1..=5 {
        sending.send(number).await;
    }
    // Another browser of the same person, which knows the document's id alone.
    assert_eq!(sending.arrived().await, [1, 2, 3, 4, 5]);
    let early = admin.post(&sending.complete_path(), &sending.all()).await;
    assert_eq!(early.status, 422, "{}", early.text());
    assert!(early.text().contains("Part 6 has not arrived"), "{}", early.text());
    for number in 6..=14 {
        sending.send(number).await;
    }
    let done = admin.write("POST", &sending.complete_path(), &sending.all()).await;
    assert_eq!(done["state"], "awaiting_upload", "storage's own news comes first: {done}");
    // The answer was lost: the same call again, however far the file is by now.
    assert_eq!(admin.post(&sending.complete_path(), &sending.all()).await.status, 200);
    let settled = admin.settled(&world.acme, &sending.document).await;
    assert_eq!(settled["state"], "ready", "{settled}");
    assert_eq!(settled["digest"], crypto::sha256_hex(&bytes), "{settled}");
    assert!(download(&staff, &world.acme, &sending.document).await == bytes, "another file came back");
    let page = staff.get(&format!("/clients/{}/documents/{}", world.acme, sending.document)).await.text();
    assert!(page.contains("found by its name"), "nobody is told that its words are not searched: {page}");
    let hits = format!("/api/v1/clients/{}/search?q=hearing", world.acme);
    staff.read_until(&hits, |answer| (answer["hits"].as_array()?.len() == 1).then_some(())).await;
    let partner = world.person("partner").await;
    let events = partner.read(&format!("/api/v1/clients/{}/audit", world.acme)).await.to_string();
    assert!(events.contains("document.upload_sent"), "{events}");
}

/// A PDF of one page that is large by what is attached to it.
fn large_pdf() -> Vec<u8> {
    let mark = Mark { line: "Exhibits".into(), code: "A".into(), name: "Exhibits.heic".into(), covers: true };
    let made = documents::mark(Kind::Heic, &large(24 * MIB), &mark).unwrap();
    assert_eq!(made.kind, Kind::Pdf);
    made.bytes
}

#[tokio::test]
async fn a_large_file_is_marked_by_a_worker() {
    let (world, staff, admin, matter) = matter().await;
    let sending = Sending::start(&admin, &world.acme, &matter, "Exhibits.pdf", &large_pdf()).await;
    for number in 1..=sending.parts.len() {
        sending.send(number).await;
    }
    admin.write("POST", &sending.complete_path(), &sending.all()).await;
    assert_eq!(admin.settled(&world.acme, &sending.document).await["state"], "ready");
    let there = format!("/clients/{}/documents/{}/download", world.acme, sending.document);
    let asked = admin.get(&format!("/api/v1{there}")).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    let copy = ready(&admin, &world.acme, &id).await;
    assert_eq!((&copy["state"], &copy["left_out"]), (&json!("ready"), &json!(0)), "{copy}");
    let path = copy["file"].as_str().unwrap();
    let led = admin.get(path).await;
    let file = admin.http().raw("GET", led.header("location"), &[], Vec::new()).await;
    assert!(file.header("content-disposition").contains("Exhibits.pdf"), "{:?}", file.headers);
    assert_eq!(file.header("content-type"), "application/pdf");
    let events = world.person("partner").await.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let took = |event: &&Value| event["act"] == "document.downloaded" && event["object"]["id"] == sending.document;
    let taken: Vec<&Value> = events["items"].as_array().unwrap().iter().filter(took).collect();
    assert_eq!(taken.len(), 1, "{events}");
    let text = pdf_text(&file.body);
    assert!(text.contains(&admin.email) && text.contains(taken[0]["id"].as_str().unwrap()), "{text}");
    // It is the reader's own, and a browser is led to the page or to the file.
    assert_eq!(staff.get(path).await.status, 404);
    let led = admin.get(&there).await;
    assert_eq!(led.status, 303, "{}", led.text());
    assert!(led.header("location").contains("/documents/zips/"), "{:?}", led.headers);
    let page = admin.get(led.header("location").trim_end_matches("/download")).await.text();
    assert!(page.contains("Your copy") && !page.contains("as zip"), "{page}");
}

#[tokio::test]
async fn storage_takes_a_part_only_as_it_was_announced() {
    let (world, _, admin, matter) = matter().await;
    let bytes = large(21 * MIB);
    let sending = Sending::start(&admin, &world.acme, &matter, "Scan.pdf", &bytes).await;
    let address = sending.address(1).await;
    let checksum = address["checksum"].as_str().unwrap().to_owned();
    let mut other = sending.parts[0].clone();
    other[7] ^= 1;
    assert!(sending.put(&address, &checksum, &other).await >= 400, "a byte that flipped was taken");
    let its_own = STANDARD.encode(crypto::sha256(&other));
    assert!(sending.put(&address, &its_own, &other).await >= 400, "another digest than the signed one was taken");
    let elsewhere = json!({ "url": address["url"].as_str().unwrap().replace(&world.acme, &world.birch) });
    assert!(sending.put(&elsewhere, &checksum, &sending.parts[0]).await >= 400, "another client's place was taken");
    assert_eq!(sending.arrived().await, Vec::<u64>::new());
    for number in 1..=sending.parts.len() {
        sending.send(number).await;
    }
    // What the sender says in the end has to be what storage holds.
    let mut lies = sending.all();
    lies["parts"][1]["sha256"] = json!("0".repeat(64));
    let refused = admin.post(&sending.complete_path(), &lies).await;
    assert!(refused.status == 422 && refused.text().contains("Part 2 did not arrive"), "{}", refused.text());
    let parts = |list: Value| json!({ "parts": list });
    for (asked, why) in [
        (parts(json!([])), "1 to 20 parts"),
        (parts(json!([{ "number": 6, "sha256": "0".repeat(64) }])), "no part 6"),
        (parts(json!([{ "number": 1, "sha256": "short" }])), "SHA-256"),
    ] {
        let refused = admin.post(&sending.url, &asked).await;
        assert!(refused.status == 422 && refused.text().contains(why), "{asked}: {}", refused.text());
    }
}

#[tokio::test]
async fn an_upload_is_its_askers_alone_and_over_once_it_is_cancelled() {
    let (world, staff, admin, matter) = matter().await;
    let (member, birch) = (world.person("member.acme").await, world.person("admin.birch").await);
    let sending = Sending::start(&admin, &world.acme, &matter, "Scan.pdf", &large(21 * MIB)).await;
    sending.send(1).await;
    let asked = json!({ "parts": [sending.digest(2)] });
    let nowhere = sending.url.replace(&sending.document, &fresh());
    for (person, url, status) in [
        (&member, &sending.url, 422),
        (&staff, &sending.url, 422),
        (&birch, &sending.url, 404),
        (&admin, &nowhere, 404),
    ] {
        let complete = url.replace("/parts", "/complete");
        for (method, path, body) in
            [("POST", url, Some(&asked)), ("GET", url, None), ("DELETE", url, None), ("POST", &complete, Some(&asked))]
        {
            let answer = person.http().send(method, path, body).await;
            assert_eq!(answer.status, status, "{} {method} {path}: {}", person.email, answer.text());
        }
    }
    let signed = sending.address(2).await;
    for _ in 0..2 {
        let cancelled = admin.http().send("DELETE", &sending.url, None).await;
        assert_eq!(cancelled.json()["reason"], "cancelled", "{}", cancelled.text());
    }
    let late = sending.put(&signed, signed["checksum"].as_str().unwrap(), &sending.parts[1]).await;
    assert!(late >= 400, "storage took a part of an upload that was given up: {late}");
    assert_eq!(admin.post(&sending.url, &asked).await.status, 422);
    let page = admin.get(&format!("/clients/{}/documents/{}", world.acme, sending.document)).await.text();
    assert!(page.contains("This upload was cancelled"), "{page}");
    assert!(!admin.get("/").await.text().contains("Scan.pdf was refused"), "somebody is asked for what was cancelled");
}

#[tokio::test]
async fn what_only_a_reading_of_the_whole_makes_safe_is_refused_when_it_is_large() {
    let (world, _, admin, matter) = matter().await;
    let mut deck = testkit::samples::pptx("Talk", &["One"]);
    deck.resize(65 * MIB, 0);
    let sending = Sending::start(&admin, &world.acme, &matter, "Talk.pptx", &deck).await;
    for number in 1..=sending.parts.len() {
        sending.send(number).await;
    }
    admin.write("POST", &sending.complete_path(), &sending.all()).await;
    let settled = admin.settled(&world.acme, &sending.document).await;
    assert_eq!(settled["reason"], "too_large_to_check", "{settled}");
}

#[tokio::test]
async fn a_retried_announcement_is_the_same_upload() {
    let (world, _, admin, matter): (LawFirm, _, _, _) = matter().await;
    let path = format!("/api/v1/clients/{}/documents", world.acme);
    let asked = json!({ "name": "Scan.pdf", "size_bytes": 21 * MIB, "project": matter, "category": "Evidence" });
    let headers = [
        ("accept", "application/json".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", admin.http().url().replace("//127.0.0.1", "//localhost")),
        ("idempotency-key", fresh()),
    ];
    let mut urls = Vec::new();
    for _ in 0..2 {
        let answer = admin.http().raw("POST", &path, &headers, asked.to_string().into_bytes()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        urls.push(answer.json()["upload"]["url"].as_str().unwrap().to_owned());
    }
    assert_eq!(urls[0], urls[1]);
    assert_eq!(admin.get(&urls[0]).await.status, 200);
}
