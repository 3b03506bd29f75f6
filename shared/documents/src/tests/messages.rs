//! Messages of Outlook, laid out as it does.

use domain::document::RejectReason;

use super::compound::{Item, compound, stream, wide};
use super::{check_refused, check_words as check};
use crate::Kind;

/// The list of properties of fixed size: number, type, value.
fn fixed(head: usize, properties: &[(u16, u16, u64)]) -> Item {
    let mut content = vec![0; head];
    for (number, kind, value) in properties {
        content.extend([kind.to_le_bytes(), number.to_le_bytes()].concat());
        content.extend([0; 4]);
        content.extend(value.to_le_bytes());
    }
    Item::Stream("__properties_version1.0".into(), content)
}

pub(super) fn message(mut items: Vec<Item>, properties: &[(u16, u16, u64)]) -> Vec<u8> {
    items.push(fixed(32, properties));
    items.push(Item::Folder("__nameid_version1.0".into(), Vec::new()));
    compound(items)
}

fn recipient(number: usize, kind: u64, name: &str, address: &str) -> Item {
    let items = vec![wide("3001", name), wide("39FE", address), fixed(8, &[(0x0c15, 3, kind)])];
    Item::Folder(format!("__recip_version1.0_#{number:08X}"), items)
}

#[test]
fn people_date_words_and_attachments() {
    let attached = vec![wide("3707", "list of exhibits.docx"), fixed(8, &[])];
    let inner = vec![wide("0037", "Inner"), wide("1000", "Deposit"), fixed(24, &[])];
    let forwarded = vec![Item::Folder("__substg1.0_3701000D".into(), inner), fixed(8, &[])];
    let items = vec![
        wide("0037", "The lease"),
        wide("0C1A", "Ada"),
        wide("5D01", "ada@firm.example"),
        wide("1000", "Rent is due"),
        recipient(0, 1, "Bob", "bob@client.example"),
        recipient(1, 2, "Cy", "cy@client.example"),
        recipient(2, 3, "Secret", "secret@client.example"),
        Item::Folder("__attach_version1.0_#00000000".into(), attached),
        Item::Folder("__attach_version1.0_#00000001".into(), forwarded),
    ];
    // 2020-05-01 12:30 UTC in tenths of microseconds since 1601.
    let moment = (11_644_473_600 + 1_588_336_200) * 10_000_000;
    check(
        Kind::Msg,
        &message(items, &[(0x0039, 0x40, moment)]),
        &["Subject: The lease From: Ada ada@firm.example To: Bob bob@client.example Cc: Cy cy@client.example \
           Date: 2020-05-01 12:30 UTC Rent is due Attachment: list of exhibits.docx Subject: Inner Deposit"],
    );
}

#[test]
fn people_as_the_header_names_them() {
    let header = "From: Ada <ada@firm.example>\r\nTo: Bob <bob@client.example>\r\n\r\n";
    let items = vec![
        wide("007D", header),
        wide("0C1A", "Ada L"),
        wide("0C1F", "/O=FIRM/CN=ADA"),
        recipient(0, 1, "B", "/o=FIRM/cn=bob"),
    ];
    check(Kind::Msg, &message(items, &[]), &["From: Ada ada@firm.example To: Bob bob@client.example"]);
    let shown = vec![wide("0E04", "Bob; Cy")];
    check(Kind::Msg, &message(shown, &[]), &["To: Bob; Cy"]);
}

#[test]
fn words_in_whatever_form_they_are() {
    let in_alphabet = vec![stream("0037001E", b"\xc6"), stream("1000001E", b"\xc1\xee\xe1")];
    check(Kind::Msg, &message(in_alphabet, &[(0x3ffd, 3, 1251)]), &["Subject: Ж Боб"]);
    let html = vec![wide("1000", " "), stream("10130102", "<p>Miete für <b>Mai</b></p>".as_bytes())];
    check(Kind::Msg, &message(html, &[(0x3fde, 3, 65001)]), &["Miete für Mai"]);
    let plain = b"\x24\0\0\0\x14\0\0\0MELA\0\0\0\0{\\rtf1\\ansi Rent due}".to_vec();
    check(Kind::Msg, &message(vec![stream("10090102", &plain)], &[]), &["Rent due"]);
    // The example of Microsoft's own description.
    let packed = [
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0, 0x72, 0x63,
        0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05,
        0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
    ];
    check(Kind::Msg, &message(vec![stream("10090102", &packed)], &[]), &["hello world"]);
}

/// Streams of 4096 bytes and more lie in sectors of their own.
#[test]
fn long_words() {
    let long = "Rent ".repeat(2_000);
    check(Kind::Msg, &message(vec![wide("1000", &long)], &[]), &[long.trim()]);
}

#[test]
fn damage() {
    check_refused(Kind::Msg, &compound(vec![wide("1000", "no list of properties")]), RejectReason::Unreadable);
    check_refused(Kind::Msg, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", RejectReason::Unreadable);
    check_refused(Kind::Msg, b"Rent", RejectReason::Unreadable);
}
