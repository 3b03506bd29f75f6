//! Files that come with a message: the same documents as any, shown to each reader that may see them.

use serde_json::{Value, json};
use testkit::portal::{Person, until};
use testkit::samples;

use super::thread;
use crate::documents::submit;
use crate::world::LawFirm;

/// A document that is announced, and the form to send its file with.
async fn announced(person: &Person, world: &LawFirm, matter: &str, name: &str, size: usize, whom: &Value) -> Value {
    let asked = json!({
        "name": name, "size_bytes": size, "project": matter, "category": "Correspondence", "visibility": whom,
    });
    person.write("POST", &format!("/api/v1/clients/{}/documents", world.acme), &asked).await
}

/// The same when it has arrived, and was read or refused.
async fn sent(person: &Person, world: &LawFirm, matter: &str, name: &str, bytes: &[u8], whom: &Value) -> String {
    let ticket = announced(person, world, matter, name, bytes.len(), whom).await;
    person.send_file(&ticket["upload"], name, bytes).await;
    let id = crate::world::id_of(&ticket, "document");
    person.settled(&world.acme, &id).await;
    id
}

#[tokio::test]
async fn a_message_names_its_files_while_they_are_on_their_way_and_when_they_are_there() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    let bytes = samples::pdf("Lease", &["The lease of the cormorant house."]);
    let ticket = announced(&member, &world, &matter, "Lease.pdf", bytes.len(), &json!("company")).await;
    let id = crate::world::id_of(&ticket, "document");
    let message = json!({ "text": "Here is the lease.", "attachments": [id, id] });
    let written = member.write("POST", &path, &message).await;
    assert_eq!(written["attachments"].as_array().map(Vec::len), Some(1), "{written}");
    assert_eq!(
        (&written["attachments"][0]["name"], &written["attachments"][0]["state"]),
        (&json!("Lease.pdf"), &json!("awaiting_upload"))
    );
    let shown = staff.get(&page).await.text();
    assert!(
        shown.contains("Lease.pdf") && shown.contains("On its way") && shown.contains("data-attached-state"),
        "{shown}"
    );
    member.send_file(&ticket["upload"], "Lease.pdf", &bytes).await;
    member.settled(&world.acme, &id).await;
    let seen = staff.read(&path).await;
    assert_eq!(seen["items"][0]["attachments"][0]["state"], "ready", "{seen}");
    let shown = staff.get(&format!("{page}/news?seen=0")).await.text();
    assert!(shown.contains(&format!("/clients/{}/documents/{id}", world.acme)) && shown.contains(">Ready<"), "{shown}");
    assert!(!shown.contains("data-attached-state"), "{shown}");
    // It is a document as any: filed, found by its words, and moved by the firm.
    let facts = staff.read(&format!("/api/v1/clients/{}/documents/{id}", world.acme)).await;
    let facts = if facts["document"].is_object() { &facts["document"] } else { &facts };
    assert_eq!((&facts["project"], &facts["category"]), (&json!(matter), &json!("Correspondence")), "{facts}");
    let search = format!("/api/v1/clients/{}/search?q=cormorant", world.acme);
    staff.read_until(&search, |answer| answer["hits"].as_array().filter(|hits| !hits.is_empty()).cloned()).await;
    // Other words for the message leave its files where they are.
    let edited = member.write("PATCH", &format!("{path}/1"), &json!({ "text": "The lease, as asked." })).await;
    assert_eq!(edited["attachments"][0]["document"], json!(id), "{edited}");
    // What lies in the bin is not shown.
    let edit = json!({ "version": facts["version"], "binned": true });
    staff.write("PATCH", &format!("/api/v1/clients/{}/documents/{id}", world.acme), &edit).await;
    let seen = member.read(&path).await;
    assert_eq!(seen["items"][0]["attachments"], Value::Null, "{seen}");
}

#[tokio::test]
async fn who_may_not_see_a_document_is_told_of_none() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let admin = world.person("admin.acme").await;
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    let admin_id = crate::people::id_of(&world, "admin.acme").await;
    let few = json!({ "people": [admin_id] });
    let firm = json!("firm");
    let (narrow, kept) = tokio::join!(
        sent(&staff, &world, &matter, "Narrowpaper.txt", b"For one.", &few),
        sent(&staff, &world, &matter, "Keptpaper.txt", b"For the firm.", &firm),
    );
    staff.write("POST", &path, &json!({ "text": "For Ann.", "attachments": [narrow] })).await;
    staff.write("POST", &format!("{path}/notes"), &json!({ "text": "Ours.", "attachments": [kept] })).await;
    let views = |person: Person| {
        let (path, page) = (path.clone(), page.clone());
        async move {
            let news = person.get(&format!("{page}/news?seen=0")).await.text();
            [person.read(&path).await.to_string(), person.get(&page).await.text(), news]
        }
    };
    for (person, sees_narrow, sees_kept) in [(&staff, true, true), (&admin, true, false), (&member, false, false)] {
        let [api, shown, news] = views(person.clone()).await;
        for view in [&api, &shown, &news] {
            assert!(view.contains("For Ann."), "{view}");
            assert_eq!(view.contains("Narrowpaper") || view.contains(&narrow), sees_narrow, "{}: {view}", person.email);
        }
        for view in [&shown, &news] {
            assert_eq!(view.contains("Keptpaper") || view.contains(&kept), sees_kept, "{}: {view}", person.email);
        }
    }
    let notes = staff.read(&format!("{path}/notes")).await;
    assert_eq!(notes["items"][0]["attachments"][0]["document"], json!(kept), "{notes}");
    // What the firm keeps goes with no message, what is shared with no note, and what is somebody else's with nobody's.
    for (person, to, id, part) in [
        (&staff, path.clone(), &kept, "for the firm only"),
        (&staff, format!("{path}/notes"), &narrow, "shared with the client"),
        (&admin, path.clone(), &narrow, "uploaded yourself"),
        (&member, path.clone(), &narrow, "not there any more"),
        (&member, path.clone(), &kept, "not there any more"),
    ] {
        let refused = person.http().send("POST", &to, Some(&json!({ "text": "No.", "attachments": [id] }))).await;
        assert!(refused.status == 422 && refused.text().contains(part), "{} {}", refused.status, refused.text());
    }
}

#[tokio::test]
async fn a_form_sends_files_without_words_and_loses_nothing_when_one_is_refused() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let page = format!("/clients/{}/messages/{matter}", world.acme);
    let (company, harmful) = (json!("company"), samples::eicar());
    let (good, bad) = tokio::join!(
        sent(&member, &world, &matter, "Good.txt", b"Good words.", &company),
        sent(&member, &world, &matter, "Bad.txt", &harmful, &company),
    );
    let refused = submit(&member, &page, &format!("once=one-try&text=Both+of+them.&attachments={good}+{bad}")).await;
    let text = refused.text();
    assert_eq!(refused.status, 422, "{text}");
    assert!(text.contains("Bad.txt was refused. A virus scanner") && text.contains("Both of them."), "{text}");
    assert!(text.contains(&format!("value=\"{good} {bad}\"")) && text.contains("Take off Good.txt"), "{text}");
    // The same attempt without the bad one, and without words; sent twice it is one message.
    for _ in 0..2 {
        let answer = submit(&member, &page, &format!("once=one-try&text=+&attachments={good}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let seen = staff.read(&thread(&world.acme, &matter)).await;
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(
        (&seen["items"][0]["text"], &seen["items"][0]["attachments"][0]["name"]),
        (&json!("Files attached."), &json!("Good.txt"))
    );
    let empty = submit(&member, &page, "once=another&text=+&attachments=").await;
    assert!(empty.status == 422 && empty.text().contains("Write a few words."), "{}", empty.text());
    let many = vec![good.as_str(); 21].join("+");
    let many = submit(&member, &page, &format!("once=another&text=x&attachments={many}")).await;
    assert!(many.status == 422 && many.text().contains("up to 20 files"), "{}", many.text());
}

#[tokio::test]
async fn who_attaches_may_upload_as_well_as_write() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let partner = world.person("partner").await;
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    let own = sent(&member, &world, &matter, "Own.txt", b"Words.", &json!("company")).await;
    assert!(member.get(&page).await.text().contains("Attach files"));
    partner.confirm().await;
    let person = crate::people::id_of(&world, "member.acme").await;
    let permissions = format!("/api/v1/firm/people/{person}/memberships/{}/permissions", world.acme);
    let taken = json!({ "granted": [], "removed": ["upload_documents"] });
    assert_eq!(partner.http().send("PUT", &permissions, Some(&taken)).await.status, 204);
    let message = json!({ "text": "With a file.", "attachments": [own] });
    until("the refusal", || async {
        (member.http().send("POST", &path, Some(&message)).await.status == 403).then_some(())
    })
    .await;
    // The request during which it is noticed may lead back to itself.
    let shown = until("the page", || async { Some(member.get(&page).await).filter(|page| page.status == 200) }).await;
    let shown = shown.text();
    assert!(!shown.contains("Attach files") && shown.contains("Your message"), "{shown}");
    let before = member.read(&path).await["items"].as_array().map_or(0, Vec::len);
    member.write("POST", &path, &json!({ "text": "Without one." })).await;
    assert_eq!(member.read(&path).await["items"].as_array().map(Vec::len), Some(before + 1));
}
