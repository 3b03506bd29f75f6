//! Mails as mail programs write them: beside each lies what a reader would say is new in it.

use std::path::{Path, PathBuf};

use domain::limits;
use domain::reply::ANSWER_ABOVE;
use domain::text::reorders_or_controls;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::in_time;
use crate::reply::{Automatic, PICTURE, Place, Reply, reply};

fn samples(of: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/replies").join(of);
    let entries = std::fs::read_dir(directory).unwrap();
    let mut mails: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    mails.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    mails.sort();
    mails
}

/// Every one of so many samples, but for these, says exactly what is new.
fn check(of: &str, count: usize, but_for: &[&str]) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wrong = Vec::new();
    let samples = samples(of);
    for sample in &samples {
        let name = sample.file_stem().unwrap().to_str().unwrap();
        let want = std::fs::read_to_string(sample.with_extension("txt")).unwrap();
        let got = reply(&std::fs::read(sample).unwrap()).map(|reply| reply.text);
        let is_right = got.as_ref().is_ok_and(|got| words(got) == words(&want));
        if is_right == but_for.contains(&name) {
            wrong.push(format!("{name}\n  want {want:?}\n  got  {got:?}"));
        }
    }
    assert_eq!(samples.len(), count, "samples of {of}");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), samples.len(), wrong.join("\n"));
}

#[test]
fn ours() {
    check("own", 114, &[]);
}

#[test]
fn of_other_makers() {
    // A single "From:" with nothing that makes it a header: its makers cut there, and would cut people's own lists.
    check("talon", 72, &["text-link-closed-with-quotation-marker-on-new-line"]);
}

fn of_own(name: &str) -> Reply {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/replies/own").join(name).with_extension("eml");
    reply(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn who_wrote_and_what_it_answers() {
    let reply = of_own("outlook-desktop");
    assert_eq!(reply.message_id.as_deref(), Some("CAJ5x8f0@mail.client.example"));
    assert_eq!(reply.in_reply_to.as_deref(), Some("notice-77@portico.example"));
    assert_eq!(reply.from.map(String::from).as_deref(), Some("bob@client.example"));
    assert_eq!(reply.subject, "RE: Acme v. Dunmore: new message");
    assert_eq!((reply.shortened, reply.automatic, reply.attachments_left_out), (false, None, 0));
}

#[test]
fn nobody_writes_in_two_names() {
    let check = |from: &str, want: Option<&str>| {
        let mail = format!("{from}\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n an=E2=80=AE\nX: y\n\nHi\n");
        let reply = reply(mail.as_bytes()).unwrap();
        assert_eq!(reply.from.map(String::from).as_deref(), want, "{from}");
        assert_eq!(reply.text, "Hi");
    };
    check("From: Bob <Bob@Client.example>", Some("bob@client.example"));
    // Some programs take the one for the sender, some the other.
    check("From: \"ada@firm.example\" <bob@client.example>", None);
    check("From: ada@firm.example, bob@client.example", None);
    check("From: ada@firm.example\nFrom: bob@client.example", None);
    check("From: team: bob@client.example;", None);
    check("From: bob", None);
    check("To: bob@client.example", None);
}

#[test]
fn files_and_where_they_stand() {
    let check = |name: &str, want: &[(&str, Place, usize)]| {
        let reply = of_own(name);
        let files = reply.attachments.iter().map(|file| (file.name.as_str(), file.place, file.bytes.len()));
        assert_eq!(files.collect::<Vec<_>>(), want, "{name}");
    };
    check(
        "gmail-attachments",
        &[
            ("sketch.png", Place::InText, 70),
            ("logo.png", Place::InRest, 70),
            ("Mietvertrag für März.pdf", Place::Attached, 15),
            ("Übersicht.pdf", Place::Attached, 15),
        ],
    );
    check("outlook-signature-logo", &[("image001.png", Place::InText, 70), ("lease signed.pdf", Place::Attached, 15)]);
    check("iphone-photo", &[("IMG_0042.jpeg", Place::Attached, 8)]);
    check("apple-mail-attachment", &[("Lease p3.pdf", Place::Attached, 15)]);
    check("only-file", &[("lease.pdf", Place::Attached, 15)]);
    check("gmail-web", &[]);
}

fn mixed(parts: &[&str]) -> Reply {
    let mut mail = String::from("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n");
    for part in parts {
        mail.push_str(&format!("--x\n{part}\n"));
    }
    mail.push_str("--x--\n");
    reply(mail.as_bytes()).unwrap()
}

#[test]
fn names_of_files() {
    let check = |header: &str, want: &str| {
        let reply = mixed(&["\nHi", &format!("{header}\n\nabc")]);
        assert_eq!(reply.attachments.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), [want], "{header}");
        assert_eq!((reply.text.as_str(), reply.attachments[0].bytes.as_slice()), ("Hi", &b"abc"[..]));
    };
    check("Content-Type: application/pdf; name=\"a.pdf\"", "a.pdf");
    check("Content-Type: application/pdf; name=\"../../etc/a.pdf\"", "a.pdf");
    check("Content-Type: application/pdf; name=\"a\u{202e}fdp.exe\"", "afdp.exe");
    check("Content-Type: application/pdf", "attachment-1.pdf");
    check("Content-Type: text/plain; name=\"notes.txt\"", "notes.txt");
    check("Content-Type: text/plain\nContent-Disposition: attachment", "attachment-1.txt");
    check("Content-Type: text/calendar; method=REPLY", "attachment-1.ics");
    check("Content-Type: image/png; name=\"..\"", "attachment-1.png");
    let long = format!("{}.pdf", "a".repeat(300));
    check(&format!("Content-Type: application/pdf; name=\"{long}\""), &format!("{}.pdf", "a".repeat(251)));
    let inner = mixed(&["\nHi", "Content-Type: message/rfc822\n\nSubject: The lease 1/2\n\nRent"]);
    assert_eq!(inner.attachments[0].name.as_str(), "The lease 1-2.eml");
    assert_eq!(inner.attachments[0].bytes, b"Subject: The lease 1/2\n\nRent");
    let signed = mixed(&["\nHi", "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nabc"]);
    assert_eq!(signed.attachments, []);
}

#[test]
fn many_files_are_bounded() {
    let file = "Content-Type: application/pdf; name=a.pdf\n\nabc";
    let reply = mixed(&[file; limits::REPLY_ATTACHMENTS_MAX + 3]);
    assert_eq!((reply.attachments.len(), reply.attachments_left_out), (limits::REPLY_ATTACHMENTS_MAX, 3));
}

#[test]
fn what_machines_send() {
    let check = |header: &str, want: Option<Automatic>| {
        let mail = format!("Return-Path: <bob@client.example>\nFrom: bob@client.example\n{header}\n\nHi\n");
        assert_eq!(reply(mail.as_bytes()).unwrap().automatic, want, "{header}");
    };
    check("Subject: Re: Hi", None);
    check("Auto-Submitted: no", None);
    check("Auto-Submitted: No (a person)", None);
    check("Auto-Submitted: auto-replied", Some(Automatic::AutoReply));
    check("auto-submitted: Auto-Generated; owner=x", Some(Automatic::AutoReply));
    check("X-Autoreply: yes", Some(Automatic::AutoReply));
    check("X-Autorespond: away", Some(Automatic::AutoReply));
    check("X-Auto-Response-Suppress: All", Some(Automatic::AutoReply));
    check("X-Auto-Response-Suppress: DR, OOF, AutoReply", Some(Automatic::AutoReply));
    check("X-Auto-Response-Suppress: DR, RN, NRN", None);
    check("Precedence: auto_reply", Some(Automatic::AutoReply));
    check("Precedence: bulk", Some(Automatic::Bulk));
    check("Precedence: Junk", Some(Automatic::Bulk));
    check("Precedence: list", Some(Automatic::List));
    check("Precedence: first-class", None);
    check("List-Id: Owners <owners.lists.example>", Some(Automatic::List));
    check("List-Unsubscribe: <https://lists.example/u>", Some(Automatic::List));
    check("Return-Path: <>", Some(Automatic::Bounce));
    check("Sender: MAILER-DAEMON@client.example", Some(Automatic::Bounce));
    check("Content-Type: multipart/report; report-type=delivery-status; boundary=x", Some(Automatic::Bounce));
    check("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", Some(Automatic::Receipt));
    check("X-Portico-Loop: 1", Some(Automatic::Loop));
    check(&["Received: from a by b; Tue, 2 Apr 2024 09:20:00 +0000"; limits::MAIL_HOPS_MAX].join("\n"), None);
    check(
        &["Received: from a by b; Tue, 2 Apr 2024 09:20:00 +0000"; limits::MAIL_HOPS_MAX + 1].join("\n"),
        Some(Automatic::Loop),
    );
}

/// Every piece of it, in whatever order, is read in time.
const WORDS: &[&str] = &[
    "> ",
    ">",
    "\n",
    "\r\n",
    " ",
    "On Tue, 2 Apr 2024 at 10:15, Ada <a@b.example>",
    " wrote:",
    "From: a@b.example\n",
    "Sent: 10:15\n",
    "To: b\n",
    "Subject: x\n",
    "-----Original Message-----\n",
    "---------- Forwarded message ---------\n",
    "________________________________\n",
    "-- \n",
    "--\n",
    "Sent from my iPhone\n",
    ANSWER_ABOVE,
    "<div class=gmail_quote>",
    "<blockquote type=cite>",
    "</blockquote>",
    "<p>",
    "</div>",
    "<br>",
    "<hr>",
    "<!--",
    "<script>",
    "<a href=\"http://x\">",
    "</a>",
    "<pre>",
    "<li>",
    "<ol>",
    "&nbsp;",
    "&#x202e;",
    "<div style=\"display:none\">",
    "--x\n",
    "--x--\n",
    "=\n",
    "=C3=",
    "Content-Type: multipart/mixed; boundary=x\n\n",
    "Content-Type: text/html\n\n",
    "Content-Type: message/rfc822\n\n",
    "Content-Transfer-Encoding: base64\n",
    "\u{0}",
    "\u{feff}",
    "\u{fffc}7\u{fffc}",
    "ü",
    "Rent",
    "(http://x",
    "<<",
    "@",
    "<img src=\"cid:1\">",
    "9:41",
];

#[test]
fn any_mail_is_read() {
    let config = ProptestConfig {
        cases: 1_500,
        rng_seed: RngSeed::Fixed(0x5e91_7e57),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let pieces = vec((prop::sample::select(WORDS), 1..4usize), 1..40);
    let kinds = ["text/plain", "text/html", "text/plain; format=flowed; delsp=yes", "multipart/mixed; boundary=x"];
    proptest!(config, |(pieces in pieces, kind in prop::sample::select(kinds.to_vec()), is_forward in any::<bool>())| {
        let body: String = pieces.iter().map(|(word, times)| word.repeat(*times)).collect();
        let subject = if is_forward { "Fwd: x" } else { "Re: x" };
        let mail = format!("From: a@b.example\nSubject: {subject}\nContent-Type: {kind}\n\n{body}");
        let reply = in_time("a mail", || reply(mail.as_bytes()).unwrap());
        let unseen = |c: char| c == PICTURE || (!"\n\t".contains(c) && reorders_or_controls(c));
        prop_assert!(!reply.text.contains(unseen));
        prop_assert_eq!(reply.text.trim(), &reply.text);
        prop_assert!(!reply.text.contains("\n\n\n"));
    });
}
