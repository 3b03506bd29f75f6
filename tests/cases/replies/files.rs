//! Files that come by mail: documents like any other, named by the message that they came with, and on the line of a
//! request list where there is no doubt which. Nothing is lost in silence.

use domain::limits;
use serde_json::{Value, json};
use testkit::portal::{Person, until};
use testkit::samples;

use super::{Brought, Talk, reply_address};
use crate::world::{LawFirm, fresh, id_of};

/// What a mail program sends of words and files.
fn with_files(from: &str, subject: &str, words: &str, files: &[(&str, Vec<u8>)]) -> String {
    use base64::Engine as _;
    let mut mail = format!(
        "From: Somebody <{from}>\r\nTo: Hartwell <x@y.example>\r\nSubject: {subject}\r\nMessage-ID: <{}@mail.example>\r\n\
         Date: Fri, 27 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n--part\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n",
        fresh()
    );
    for (name, bytes) in files {
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        mail.push_str(&format!(
            "--part\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            lines.join("\r\n")
        ));
    }
    mail + "--part--\r\n"
}

fn documents(world: &LawFirm) -> String {
    format!("/api/v1/clients/{}/documents", world.acme)
}

/// The newest message once it has these words.
async fn said(person: &Person, path: &str, words: &str) -> Value {
    until(&format!("the message {words:?}"), || async {
        let page = person.read(path).await;
        let newest = page["items"].as_array().unwrap().iter().max_by_key(|item| item["number"].as_u64())?.clone();
        (newest["text"] == words).then_some(newest)
    })
    .await
}

fn named(message: &Value) -> Vec<&str> {
    let mut names: Vec<&str> =
        message["attachments"].as_array().into_iter().flatten().map(|file| file["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

/// The client was told by mail that something was not taken.
async fn told(talk: &Talk, to: &str, words: &str) {
    until(&format!("word to {to}: {words}"), || async {
        let is = |mail: &Value| mail["to"] == to && mail["text"].as_str().unwrap().contains(words);
        talk.server.read().iter().any(is).then_some(())
    })
    .await;
}

#[tokio::test]
async fn files_become_documents_of_the_project_named_by_their_message() {
    let talk = Talk::begun().await;
    let admin = talk.world.address("admin.acme");
    let files = [("Lease.txt", samples::txt("the quiet harbour lease")), ("Program.pdf", samples::program())];
    let mail = with_files(&admin, "Re: New message", "Here is the lease.", &files);
    // The mail service tells of it twice, and its sender sends it twice.
    for _ in 0..2 {
        assert!(Brought::from(&admin, &talk.admin_at, mail.clone()).bring().await);
    }
    let message = said(&talk.staff, &talk.path, "Here is the lease.").await;
    assert_eq!(named(&message), ["Lease.txt", "Program.pdf"], "{message}");
    assert_eq!(message["by_name"], "Ann Acme");
    let person = talk.world.person("admin.acme").await;
    for file in message["attachments"].as_array().unwrap() {
        let id = file["document"].as_str().unwrap();
        let want = if file["name"] == "Lease.txt" { "ready" } else { "rejected" };
        let document = person.settled(&talk.world.acme, id).await;
        assert_eq!(document["state"], want, "{document}");
        assert_eq!(document["category"], "Correspondence", "{document}");
        assert_eq!(document["project"].as_str(), talk.path.rsplit('/').next(), "{document}");
        assert_eq!(document["by_client"], true, "{document}");
    }
    let taken = person.get(&format!("{}/{}/download", documents(&talk.world), id_of_ready(&message))).await;
    assert_eq!(taken.status, 303);
    // The refused one is told to its sender, as any other.
    told(&talk, &admin, "Program.pdf").await;

    let bare = with_files(&admin, "Re: New message", "", &[("Deed.txt", samples::txt("a deed"))]);
    assert!(Brought::from(&admin, &talk.admin_at, bare).bring().await);
    let message = said(&talk.staff, &talk.path, "Files attached.").await;
    assert_eq!(named(&message), ["Deed.txt"]);
    let all = talk.staff.read(&documents(&talk.world)).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 3, "each file once: {all}");
    // Both are in the record: that files were announced, and that words were taken.
    let partner = talk.world.person("partner").await;
    let events = partner.read(&format!("/api/v1/clients/{}/audit", talk.world.acme)).await;
    for (act, count) in [("document.taken_by_mail", 2), ("message.taken_by_mail", 2)] {
        let of = events["items"].as_array().unwrap().iter().filter(|event| event["act"] == act);
        assert_eq!(of.count(), count, "{act}: {events}");
    }
    // The mail about the refused one says so itself: its answer brings another.
    let of_refused = talk.address_in("admin.acme", "Or answer this mail with the right file attached.").await;
    let right =
        with_files(&admin, "Re: Please send Program.pdf again", "As text.", &[("Program.txt", samples::txt("a text"))]);
    assert!(Brought::from(&admin, &of_refused, right).bring().await);
    assert_eq!(named(&said(&talk.staff, &talk.path, "As text.").await), ["Program.txt"]);
}

fn id_of_ready(message: &Value) -> &str {
    let files = message["attachments"].as_array().unwrap();
    files.iter().find(|file| file["name"] == "Lease.txt").unwrap()["document"].as_str().unwrap()
}

#[tokio::test]
async fn a_file_that_was_asked_for_lands_on_its_line() {
    let talk = Talk::begun().await;
    let admin = talk.world.address("admin.acme");
    let project = talk.path.rsplit('/').next().unwrap();
    let lines = json!([{ "what": "Bank statements", "category": "Evidence" }, { "what": "Lease" }]);
    let list = json!({ "project": project, "title": "Papers", "lines": lines });
    let requests = format!("/api/v1/clients/{}/requests", talk.world.acme);
    let list = format!("{requests}/{}", id_of(&talk.staff.write("POST", &requests, &list).await, "request"));
    let bring = async |words: &str, name: &str| {
        let mail = with_files(&admin, "Re: New message", words, &[(name, samples::txt(words))]);
        assert!(Brought::from(&admin, &talk.admin_at, mail).bring().await);
        let message = said(&talk.staff, &talk.path, words).await;
        let id = message["attachments"][0]["document"].as_str().unwrap().to_owned();
        talk.staff.settled(&talk.world.acme, &id).await
    };
    let states = async || {
        let shown = talk.staff.read(&list).await;
        let lines = shown["lines"].as_array().unwrap().clone();
        lines.iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Which of the two lines it is for nobody can tell.
    bring("A map of the harbour.", "map.txt").await;
    assert_eq!(states().await, ["asked", "asked"]);
    let statements = bring("From the bank.", "bank_statements-october.txt").await;
    assert_eq!((statements["state"].as_str(), statements["category"].as_str()), (Some("ready"), Some("Evidence")));
    assert_eq!(states().await, ["delivered", "asked"]);
    let shown = talk.staff.read(&list).await;
    let accept = format!("{list}/lines/{}/accept", shown["lines"][0]["id"].as_str().unwrap());
    talk.staff.write("POST", &accept, &json!({})).await;
    // The only one that is missing now.
    bring("And the other paper.", "scan0001.txt").await;
    assert_eq!(states().await, ["accepted", "delivered"]);
}

#[tokio::test]
async fn a_file_that_a_browser_would_send_in_parts_comes_whole() {
    let talk = Talk::begun().await;
    let admin = talk.world.address("admin.acme");
    // Programs that show pictures stop where a picture ends.
    let mut scan = samples::png();
    scan.resize(usize::try_from(limits::UPLOAD_FORM_BYTES_MAX).unwrap() + 1, 0);
    let mail = with_files(&admin, "Re: x", "A large scan.", &[("Scan.png", scan)]);
    assert!(Brought::from(&admin, &talk.admin_at, mail).bring().await);
    let message = said(&talk.staff, &talk.path, "A large scan.").await;
    let id = message["attachments"][0]["document"].as_str().unwrap();
    let document = talk.staff.settled(&talk.world.acme, id).await;
    assert_eq!(document["state"], "ready", "{document}");
}

#[tokio::test]
async fn whoever_sends_files_that_have_no_place_is_told_so_and_keeps_the_words() {
    let talk = Talk::begun().await;
    let (world, admin) = (&talk.world, talk.world.address("admin.acme"));
    let general = format!("/api/v1/clients/{}/messages/general", world.acme);
    talk.staff.write("POST", &general, &json!({ "text": "Anything else?" })).await;
    let at = reply_address(&talk.server, &admin, "Anything else?").await;
    let second = json!({ "name": "Acme v. Harbour Board", "pack": "litigation" });
    talk.staff.write("POST", &format!("/api/v1/clients/{}/projects", world.acme), &second).await;
    let file = [("Lease.txt", samples::txt("lease"))];
    assert!(Brought::from(&admin, &at, with_files(&admin, "Re: x", "Two things.", &file)).bring().await);
    let message = said(&talk.staff, &general, "Two things.").await;
    assert_eq!(named(&message), [""; 0], "{message}");
    told(&talk, &admin, "not, because this conversation is about no one project").await;
    assert!(Brought::from(&admin, &at, with_files(&admin, "Re: x", "", &file)).bring().await);
    told(&talk, &admin, "had files and no words").await;
    let empty = [("Nothing.txt", Vec::new()), ("Lease.txt", samples::txt("lease"))];
    assert!(Brought::from(&admin, &talk.admin_at, with_files(&admin, "Re: x", "One of two.", &empty)).bring().await);
    let message = said(&talk.staff, &talk.path, "One of two.").await;
    assert_eq!(named(&message), ["Lease.txt"], "{message}");
    told(&talk, &admin, "but not all of its files").await;
    let all = talk.staff.read(&documents(world)).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all}");
}
