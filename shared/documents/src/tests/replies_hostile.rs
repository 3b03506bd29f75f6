//! Mails made to cost time or memory.

use domain::limits;

use super::in_time;
use crate::reply::{Reply, ReplyError, reply};

const MANY: usize = 100_000;
const LONG_BYTES: usize = 10 * 1024 * 1024;

fn read(what: &str, kind: &str, body: &str) -> Result<Reply, ReplyError> {
    let mail = format!("From: a@b.example\nSubject: Fwd: x\nContent-Type: {kind}\n\n{body}");
    let forward = in_time(what, || reply(mail.as_bytes()));
    let answer = mail.replacen("Fwd:", "Re:", 1);
    in_time(what, || reply(answer.as_bytes())).and(forward)
}

#[test]
fn many_lines() {
    for line in [
        ">\n",
        "> ",
        ">",
        "\n",
        " \n",
        "> \nx\n",
        "On\n",
        "On Tue, 2 Apr 2024\n",
        "On Tue, 2 Apr 2024 at 10:15, Ada wrote:\n",
        "On 5 May you wrote:\n\n",
        "Ada <a@b.example> wrote: On Tue 2024 10:15 ",
        "From: a\n",
        "From: a@b.example\nx\n",
        "To: a\n\n",
        "-----Original Message-----\n\n",
        "_____\n",
        "-- \n",
        "--\nx\n",
        "Sent from my iPhone\n",
        "Sent from <<<<[[[[((((",
        "---------- Forwarded message ---------\n> \n",
        "x \n",
        "> x \n",
        "[cid:1]\n",
    ] {
        let body = line.repeat(MANY);
        for kind in ["text/plain", "text/plain; format=flowed; delsp=yes"] {
            let read = read(line, kind, &body).unwrap();
            assert!(read.text.chars().count() <= limits::REPLY_TEXT_CHARACTERS_MAX);
        }
    }
}

#[test]
fn long_lines() {
    for word in ["x", ">", "> ", "- ", "_", "On ", "wrote: ", "@", "é", "=", "<http", ":", "\u{a0}"] {
        let body = word.repeat(LONG_BYTES / word.len());
        let read = read(word, "text/plain", &body).unwrap();
        assert!(read.shortened || read.text.len() <= limits::REPLY_TEXT_CHARACTERS_MAX);
    }
}

#[test]
fn pages() {
    for tag in [
        "<div>",
        "<blockquote type=cite>",
        "<blockquote type=cite><div>",
        "<div class=gmail_signature>x",
        "<div style='display:none'>",
        "<hr>",
        "<hr>x",
        "<div style='border-top:solid'>",
        "<br>",
        "<p>",
        "<ol><li>",
        "<pre>\n",
        "<a href='http://x'>x",
        "<a href='http://x'>x</a>",
        "<a href=\"",
        "<!--",
        "<script>",
        "</div>",
        "<",
        "&",
        "&#",
        "<x a=b c=d ",
        "<img src='cid:1'>",
        "<td>",
        "<title>",
        "<div class=gmail_attr>x</div>",
    ] {
        let body = tag.repeat(MANY);
        let read = read(tag, "text/html", &body).unwrap();
        assert!(read.text.chars().count() <= limits::REPLY_TEXT_CHARACTERS_MAX, "{tag}");
    }
    let deep = "<blockquote type=cite><div>".repeat(MANY / 100) + &"x ".repeat(MANY * 10);
    assert!(read("words in a deep quote", "text/html", &deep).is_ok());
    let bodies = format!("--x\nContent-Type: text/html\n\n{}\n", "<br>".repeat(20_000)).repeat(450);
    assert!(read("many pages", "multipart/mixed; boundary=x", &bodies).unwrap().shortened);
}

#[test]
fn many_and_deep_parts() {
    let refused = |what: &str, kind: &str, body: &str| {
        assert_eq!(read(what, kind, body), Err(ReplyError::TooComplex), "{what}");
    };
    let multipart = "multipart/mixed; boundary=x";
    refused("many parts", multipart, &"--x\n\nHi\n".repeat(MANY));
    let deep = |count: usize| -> String {
        (0..count)
            .map(|depth| format!("--b{depth}\nContent-Type: multipart/mixed; boundary=b{}\n\n", depth + 1))
            .collect()
    };
    refused("deep parts", "multipart/mixed; boundary=b0", &deep(MANY));
    let fits = deep(limits::MAIL_NESTING_MAX - 1) + &format!("--b{}\n\nHi", limits::MAIL_NESTING_MAX - 1);
    assert_eq!(read("parts as deep as may be", "multipart/mixed; boundary=b0", &fits).unwrap().text, "Hi");
    let one_more = deep(limits::MAIL_NESTING_MAX) + &format!("--b{}\n\nHi", limits::MAIL_NESTING_MAX);
    refused("parts one deeper", "multipart/mixed; boundary=b0", &one_more);
}

#[test]
fn parts_without_ends_and_mails_in_mails() {
    let multipart = "multipart/mixed; boundary=x";
    let endless = format!("--x\nContent-Type: multipart/mixed; boundary=y\n\n{}", "--x \u{e9}\n--y-\n".repeat(MANY));
    assert!(read("boundaries that are none", multipart, &endless).is_ok());
    let mails = "Content-Type: message/rfc822\n\n".repeat(MANY);
    assert_eq!(read("mails in mails", "message/rfc822", &mails).unwrap().attachments.len(), 1);
    let encoded = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n".repeat(MANY);
    assert!(read("encoded mails in mails", "message/rfc822", &encoded).is_ok());
    let alternatives = format!("--x\nContent-Type: text/html\n\n{}\n", "<p>x".repeat(1_000)).repeat(400);
    assert!(read("many forms of the same", "multipart/alternative; boundary=x", &alternatives).is_ok());
}

#[test]
fn headers() {
    let long = format!("From: a@b.example\nSubject: {}\n\nHi", "x".repeat(limits::MAIL_HEADER_BYTES_MAX));
    assert_eq!(in_time("a long header", || reply(long.as_bytes())), Err(ReplyError::TooComplex));
    for (field, word) in [
        ("Subject", "=?utf-8?Q?x?= "),
        ("From", "a@b.example, "),
        ("From", "("),
        ("From", "<"),
        ("References", "<a@b> "),
        ("Message-ID", "<"),
        ("Content-Type", "text/plain; a="),
        ("Content-Type", "("),
        ("Received", "from a by b "),
        ("Received", "("),
        ("Date", "1 "),
        ("X", "y\n "),
        ("A: b\nB", ""),
    ] {
        let times = (limits::MAIL_HEADER_BYTES_MAX - 200) / (word.len() + 1);
        let mail = format!("From: a@b.example\n{field}: {}\n\nHi", word.repeat(times));
        let read = in_time(field, || reply(mail.as_bytes())).unwrap();
        assert!(read.subject.chars().count() <= limits::MAIL_SUBJECT_CHARACTERS_MAX);
    }
    let fields = format!("From: a@b.example\n{}\nHi", "X: y\n".repeat(40_000));
    assert!(in_time("many fields", || reply(fields.as_bytes())).is_ok());
}

#[test]
fn large_mails() {
    assert_eq!(
        reply(&vec![b'x'; limits::MAIL_BYTES_MAX + 1]),
        Err(ReplyError::TooLarge { bytes_max: limits::MAIL_BYTES_MAX })
    );
    for none in ["", "\n", "\n\n\n"] {
        assert_eq!(reply(none.as_bytes()), Err(ReplyError::Unreadable), "{none:?}");
    }
    let file = "QUJD".repeat(15) + "\n";
    let body = format!(
        "--x\n\nHi\n--x\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n{}--x--\n",
        file.repeat(39 * 1024 * 1024 / file.len())
    );
    let read = read("a large file", "multipart/mixed; boundary=x", &body).unwrap();
    assert_eq!((read.text.as_str(), read.attachments[0].bytes.len() > 25 * 1024 * 1024), ("Hi", true));
    let long = "Rent. ".repeat(limits::REPLY_TEXT_CHARACTERS_MAX);
    let cut = reply(format!("From: a@b.example\n\n{long}").as_bytes()).unwrap();
    assert_eq!((cut.text.chars().count(), cut.shortened), (limits::REPLY_TEXT_CHARACTERS_MAX, true));
}
