//! Looking at pages: which pictures there are, whose name they carry, what is written down before they leave, and who gets
//! none.

use std::collections::BTreeSet;

use documents::{Kind, Mark};
use domain::PermissionName;
use domain::permissions::Adjusted;
use serde_json::{Value, json};
use testkit::portal::{Answer, Person};
use testkit::samples;

use super::{PHRASE, matter};
use crate::faults::control::Control;
use crate::faults::kept::versions;
use crate::isolation::vended::Aws;
use crate::marks::{save_rule, trace};
use crate::world::{LawFirm, fresh, setting};

fn at(client: &str, document: &str, rest: &str) -> String {
    format!("/api/v1/clients/{client}/documents/{document}{rest}")
}

async fn filed(by: &Person, world: &LawFirm, matter: &str, name: &str, bytes: &[u8]) -> (String, Value) {
    let id = by.upload(&world.acme, matter, "Evidence", name, bytes).await.id;
    let facts = by.settled(&world.acme, &id).await;
    assert_eq!(facts["state"], "ready", "{name}: {facts}");
    (id, facts)
}

/// One picture as a browser gets it, and the event that its place names.
async fn shown(person: &Person, item: &Value) -> (Vec<u8>, String) {
    let address = item["address"].as_str().unwrap();
    let picture = person.http().raw("GET", address, &[], Vec::new()).await;
    assert_eq!(picture.status, 200, "{}", picture.text());
    assert_eq!((picture.header("content-type"), picture.header("content-disposition")), ("image/jpeg", "inline"));
    assert_eq!(picture.header("cache-control"), "private, no-store");
    let (width, height) = (item["width"].as_u64().unwrap(), item["height"].as_u64().unwrap());
    let size = documents::size(&picture.body).map(|(width, height)| (u64::from(width), u64::from(height)));
    assert_eq!(size, Some((width, height)));
    let decoded = documents::mark(Kind::Jpeg, &picture.body, &plain_mark("x"));
    assert!(decoded.is_ok_and(|copy| copy.covered.is_none()), "no picture that can be decoded");
    let place = address.split('?').next().unwrap().split('/').collect::<Vec<_>>();
    (picture.body.to_vec(), place[place.len() - 2].to_owned())
}

fn plain_mark(line: &str) -> Mark {
    Mark { line: line.into(), code: "01JD9Z6Y7K8M9N0P1Q2R3S4T5V".into(), name: "a.jpg".into(), covers: false }
}

/// What was kept of a page, read with the root's key.
async fn kept(aws: &Aws, world: &LawFirm, document: &str, page: u64) -> Vec<u8> {
    let under = format!("derived/t/{}/c/{}/open/{document}/pages/", world.firm.id, world.acme);
    let end = format!("/{page}");
    let found = versions(aws, &under).await.into_iter().find(|version| version.key.ends_with(&end));
    let key = found.unwrap_or_else(|| panic!("no page {page} under {under}")).key;
    let config = aws_sdk_s3::config::Builder::from(aws.config()).force_path_style(true).build();
    let asked = aws_sdk_s3::Client::from_conf(config).get_object().bucket(setting("PORTICO_BUCKET")).key(key);
    asked.send().await.unwrap().body.collect().await.unwrap().to_vec()
}

/// The events of looks at one document, the newest first.
async fn looks(world: &LawFirm, document: &str) -> Vec<Value> {
    let events = world.person("partner").await.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let of_this = |event: &&Value| event["act"] == "document.previewed" && event["object"]["id"] == document;
    events["items"].as_array().unwrap().iter().filter(of_this).cloned().collect()
}

/// A point with what a camera notes: where it was, and whose it is.
fn png_of_a_camera() -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let checked = [name.as_slice(), content].concat();
        let mut sum = crc32fast::Hasher::new();
        sum.update(&checked);
        [&(content.len() as u32).to_be_bytes()[..], &checked, &sum.finalize().to_be_bytes()].concat()
    };
    let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x14\0\0\0\x1aGPS 55.67,-1.80 Ann\0";
    let noted = [chunk(b"eXIf", exif), chunk(b"tEXt", b"Location\0GPS 55.67,-1.80")].concat();
    let mut bytes = samples::png();
    // Behind the header, which is 8 and 25 long.
    bytes.splice(33..33, noted);
    bytes
}

#[tokio::test]
async fn pages_of_every_kind_are_pictures_with_the_readers_mark() {
    let (world, _, admin, matter) = matter().await;
    let aws = Aws::connect().await;
    let camera = png_of_a_camera();
    assert!(camera.windows(3).any(|bytes| bytes == b"GPS"));
    let mail = samples::eml("a@b.example", "c@d.example", "Lease", PHRASE);
    let files = [
        ("Lease.pdf", samples::pdf("Lease", &[PHRASE; 6]), 6),
        ("Lease.docx", samples::docx("Lease", &[PHRASE]), 1),
        ("Rents.xlsx", samples::xlsx(&[("May", &[&["1", PHRASE]]), ("June", &[&["2", PHRASE]])]), 2),
        ("Lease.eml", mail, 1),
        ("Roof.png", camera, 1),
        ("Notes.txt", samples::txt(PHRASE), 1),
    ];
    let me = admin.read("/api/v1/me").await["person"]["id"].clone();
    let zone = world.person("partner").await.read("/api/v1/firm/settings").await["zone"].clone();
    let zone = jiff::tz::TimeZone::get(zone.as_str().unwrap()).unwrap();
    let mut codes = BTreeSet::new();
    for (name, bytes, pages) in &files {
        let (document, facts) = filed(&admin, &world, &matter, name, bytes).await;
        assert_eq!(facts["previews"], *pages, "{name}: {facts}");
        let looked = admin.read(&at(&world.acme, &document, "/preview")).await;
        let items = looked["items"].as_array().unwrap();
        assert_eq!(items.len(), (*pages).min(4), "{name}: {looked}");
        assert_eq!(looked["next"], if *pages > 4 { json!(5) } else { Value::Null }, "{name}: {looked}");
        // What was written down is there when the addresses are, and once for all of them.
        let events = looks(&world, &document).await;
        let [event] = &events[..] else { panic!("{name}: {events:?}") };
        assert_eq!((&event["object"]["pages"], &event["actor"]["person"]), (&json!([1, items.len()]), &me), "{event}");
        let code = event["id"].as_str().unwrap();
        codes.insert(code.to_owned());
        let time: jiff::Timestamp = event["at"].as_str().unwrap().parse().unwrap();
        let time = time.to_zoned(zone.clone()).strftime("%-d %b %Y %H:%M %Z");
        for (index, item) in items.iter().enumerate() {
            assert_eq!(item["page"], index + 1);
            let (picture, named) = shown(&admin, item).await;
            assert_eq!(named, code, "{name}");
            // Exactly the page that was kept, with this reader, this time and this code on it, and nothing more.
            let clean = kept(&aws, &world, &document, index as u64 + 1).await;
            let line = format!("{} · {time}", admin.email);
            let mark = Mark { line, code: code.to_owned(), ..plain_mark("") };
            let want = documents::mark(Kind::Jpeg, &clean, &mark).unwrap().bytes;
            assert!(picture == want && picture != clean, "{name}, page {}: another picture", index + 1);
            for left in [&b"Exif"[..], b"GPS", b"Location"] {
                let says = |bytes: &[u8]| bytes.windows(left.len()).any(|some| some == left);
                assert!(!says(&picture) && !says(&clean), "{name} says {}", String::from_utf8_lossy(left));
            }
        }
    }
    let codes: Vec<String> = codes.into_iter().collect();
    let (known, told) = trace(&codes);
    assert!(known && told.contains("document.previewed") && told.contains(", pages 1 to 4"), "{told}");
}

#[tokio::test]
async fn a_look_goes_on_where_it_ended_and_says_where_it_has_to_stop() {
    let (world, staff, admin, matter) = matter().await;
    let (document, facts) = filed(&admin, &world, &matter, "Long.pdf", &samples::pdf("Long", &[PHRASE; 23])).await;
    assert_eq!(facts["previews"], 20, "{facts}");
    let mut pages = Vec::new();
    let mut from = Some(1);
    while let Some(next) = from {
        let looked = admin.read(&at(&world.acme, &document, &format!("/preview?from={next}"))).await;
        pages.extend(looked["items"].as_array().unwrap().iter().map(|item| item["page"].as_u64().unwrap()));
        from = looked["next"].as_u64();
    }
    assert!(pages.iter().copied().eq(1..=20), "{pages:?}");
    assert_eq!(looks(&world, &document).await.len(), 5, "one event for each look");
    let beyond = admin.read(&at(&world.acme, &document, "/preview?from=21")).await;
    assert_eq!((&beyond["items"], &beyond["next"]), (&json!([]), &Value::Null));
    assert_eq!(looks(&world, &document).await.len(), 5, "nothing was looked at");
    for wrong in ["from=x", "from=-1", "from=1&to=9"] {
        let answer = admin.get(&at(&world.acme, &document, &format!("/preview?{wrong}"))).await;
        assert!((400..500).contains(&answer.status), "{wrong}: {}", answer.status);
    }
    let path = format!("/clients/{}/documents/{document}", world.acme);
    let page = part(&admin, &format!("{path}/preview?from=17")).await;
    assert!(page.contains("These are its first 20 pages") && !page.contains("<html"), "{page}");
    let whole = page_of(&admin, &format!("{path}/preview?from=5")).await;
    for words in ["<html", "Page 5 of Long.pdf", "Show pages 9 to 12 of 20", "/download"] {
        assert!(whole.contains(words), "{words} in {whole}");
    }
    // The firm's side sees that somebody looked, as one line; the document's own page brings no picture by itself.
    let own = page_of(&staff, &path).await;
    assert!(own.contains("hx-trigger=\"load\"") && !own.contains("<img class=\"preview"), "{own}");
    testkit::portal::until("the look in the history", || async {
        page_of(&staff, &path).await.contains("looked at its pages").then_some(())
    })
    .await;
}

async fn page_of(person: &Person, path: &str) -> String {
    let mut answer = asked(person, path, &[]).await;
    for _ in 0..8 {
        if answer.status == 303 && answer.header("location") == path {
            answer = asked(person, path, &[]).await;
        }
    }
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

/// As htmx asks for it.
async fn part(person: &Person, path: &str) -> String {
    let answer = asked(person, path, &[("hx-request", "true".to_owned())]).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

async fn asked(person: &Person, path: &str, more: &[(&'static str, String)]) -> Answer {
    let headers = [&[("accept", "text/html".to_owned())], more].concat();
    person.http().raw("GET", path, &headers, Vec::new()).await
}

#[tokio::test]
async fn whoever_may_not_take_a_copy_sees_no_page() {
    let (world, staff, admin, matter) = matter().await;
    let (member, birch) = (world.person("member.acme").await, world.person("admin.birch").await);
    let aws = Aws::connect().await;
    let (document, facts) = filed(&admin, &world, &matter, "Lease.pdf", &samples::pdf("Lease", &[PHRASE])).await;
    // As it answers who asks for the copy, word for word.
    let same = async |person: &Person, id: &str, want: u16| {
        for prefix in ["/api/v1", ""] {
            let path = |rest: &str| format!("{prefix}/clients/{}/documents/{id}/{rest}", world.acme);
            let (look, copy) = (person.get(&path("preview")).await, person.get(&path("download")).await);
            assert_eq!((look.status, copy.status), (want, want), "{}: {}", person.email, look.text());
            if prefix == "/api/v1" {
                assert_eq!(look.text(), copy.text(), "{}", person.email);
            }
        }
    };
    same(&birch, &document, 404).await;
    same(&admin, &fresh(), 404).await;
    let own = member.read("/api/v1/me").await;
    let person = own["person"]["id"].as_str().unwrap();
    let adjusted = Adjusted { removed: [PermissionName::DownloadDocuments].into(), ..Adjusted::default() };
    assert!(page_of(&member, &format!("/clients/{}/documents/{document}", world.acme)).await.contains("/preview"));
    aws.adjust(&world.firm.id, person, &world.acme, &adjusted).await;
    same(&member, &document, 403).await;
    let page = page_of(&member, &format!("/clients/{}/documents/{document}", world.acme)).await;
    assert!(!page.contains("/preview") && !page.contains("Preview"), "{page}");
    // What lies in the bin, and what is not there yet.
    let bin = json!({ "version": facts["version"], "binned": true });
    admin.write("PATCH", &at(&world.acme, &document, ""), &bin).await;
    same(&admin, &document, 409).await;
    let awaited = json!({ "name": "b.pdf", "size_bytes": 5, "project": matter, "category": "Evidence" });
    let ticket = staff.write("POST", &format!("/api/v1/clients/{}/documents", world.acme), &awaited).await;
    same(&staff, &crate::world::id_of(&ticket, "document"), 409).await;
    assert_eq!(looks(&world, &document).await, [] as [Value; 0], "nobody has seen it");
}

#[tokio::test]
async fn no_picture_leaves_before_its_event_and_none_without_a_mark_that_the_rule_asks_for() {
    let (world, staff, admin, matter) = matter().await;
    let (aws, control) = (Aws::connect().await, Control::open());
    // Before anybody looks: what a function has read of a firm's rule it believes for a minute.
    let rule = json!({ "viewers": ["clients"], "free_categories": [], "covers": true });
    assert_eq!(save_rule(&world.person("partner").await, &rule).await, 204);
    let (document, _) = filed(&admin, &world, &matter, "Lease.pdf", &samples::pdf("Lease", &[PHRASE])).await;
    let path = at(&world.acme, &document, "/preview");
    // Read and stored only after the transaction that writes it down.
    let mark = control.mark().await;
    admin.read(&path).await;
    let calls = control.calls(mark, &[("function", "documents"), ("contains", &world.acme)]).await;
    let place = |operation: &str, of: &str| {
        let is_it = |call: &crate::faults::control::Call| call.operation == operation && call.text().contains(of);
        calls.iter().position(is_it).unwrap_or_else(|| panic!("no {operation} of {of} in {calls:#?}"))
    };
    let written = place("TransactWriteItems", "document.previewed");
    assert!(written < place("GetObject", "/pages/") && written < place("PutObject", "vended/"), "{calls:#?}");
    let clean = kept(&aws, &world, &document, 1).await;
    let of = async |person: &Person| {
        let looked = person.read(&path).await;
        shown(person, &looked["items"][0]).await.0
    };
    assert!(of(&staff).await == clean, "whom the rule leaves out sees it as it is");
    assert!(of(&admin).await != clean);
    // A document that was filed before there were pictures says so, and nothing is written down of it.
    let row = (format!("T#{}#C#{}", world.firm.id, world.acme), format!("DOC#{document}"));
    let before = looks(&world, &document).await.len();
    aws.put_text("data", (&row.0, &row.1), "previews", None).await;
    assert_eq!(admin.read(&path).await, json!({ "items": [], "previews": 0, "next": null }));
    let page = page_of(&admin, &format!("/clients/{}/documents/{document}", world.acme)).await;
    assert!(page.contains("There is no preview of this file") && !page.contains("/preview"), "{page}");
    assert_eq!(looks(&world, &document).await.len(), before);
}
