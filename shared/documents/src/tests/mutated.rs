//! Good files, changed at random: always the same changes, so that a failure comes again. Whatever comes of reading
//! one, it comes in time, and our own readers do not even fail inside the net that holds them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

use super::hostile::looked_at;
use super::messages::message;
use super::{compound::wide, in_time, open_document, package};
use crate::bounded::Pages;
use crate::{Kind, csv, identify, odf, outlook, rtf, text};

const CASES: u32 = 1_000;
const CHANGES_MAX: usize = 8;
const SEED: RngSeed = RngSeed::Fixed(0x0c0d_edca_5e5e_ed01);

/// What a careless or hostile hand does to bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Cut(Index),
    /// A number of four bytes, where such numbers stand.
    Number(Index, u32),
    Say(Index, &'static str),
}

/// What readers listen to.
const WORDS: &[&str] = &[
    "{",
    "}",
    "\\u",
    "\\uc",
    "\\bin",
    "\\'",
    "{\\*",
    "-",
    "65536",
    "99999999999",
    "\\v",
    "\\page",
    "\\fonttbl",
    "\\htmlrtf",
    "\"",
    "<",
    "</",
    "/>",
    "&#",
    ";",
    "<text:p>",
    "</text:p>",
    "<table:table>",
    "</table:table>",
    "<text:note>",
    "sep=",
];
const NUMBERS: &[u32] = &[0, 1, 2, 3, 15, 16, 17, 0x40, 0x1000, 0x7fff_ffff, 0xffff_fffa, 0xffff_fffe, 0xffff_ffff];

fn change() -> impl Strategy<Value = Change> {
    // Numbers at their ends, and signs that mean something to one of the readers.
    let byte = prop_oneof![
        any::<u8>(),
        Just(0),
        Just(0xff),
        Just(0x7f),
        Just(0x80),
        prop::sample::select(b"{}\\<>/&;\"'*u-9".to_vec())
    ];
    let at = any::<Index>;
    prop_oneof![
        6 => (at(), byte.clone()).prop_map(|(at, byte)| Change::Set(at, byte)),
        3 => (at(), vec(byte, 1..6)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (at(), 1usize..40).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (at(), 1usize..40, 1usize..400).prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        1 => at().prop_map(Change::Cut),
        4 => (at(), prop::sample::select(NUMBERS)).prop_map(|(at, number)| Change::Number(at, number)),
        4 => (at(), prop::sample::select(WORDS)).prop_map(|(at, word)| Change::Say(at, word)),
    ]
}

fn changed(whole: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        let end = |at: usize, more: usize| (at + more).min(length);
        match change {
            Change::Set(at, byte) => bytes[at.index(length)] = *byte,
            Change::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Remove(at, more) => {
                let at = at.index(length);
                bytes.drain(at..end(at, *more));
            }
            Change::Repeat(at, more, times) => {
                let at = at.index(length);
                let piece = bytes[at..end(at, *more)].repeat(*times);
                bytes.splice(at..at, piece);
            }
            Change::Cut(at) => bytes.truncate(at.index(length)),
            Change::Number(at, number) => {
                let at = at.index(length) / 4 * 4;
                bytes.splice(at..end(at, 4), number.to_le_bytes());
            }
            Change::Say(at, word) => {
                let at = at.index(length);
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

fn check(kind: Kind, whole: &[u8]) {
    assert!(
        text(kind, whole).is_ok_and(|text| text.pages.concat().contains("Rent")),
        "{kind:?}: what is changed is good"
    );
    let config =
        ProptestConfig { cases: CASES, rng_seed: SEED, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(changes in vec(change(), 1..CHANGES_MAX))| {
        let bytes = changed(whole, &changes);
        let name = format!("changed.{}", kind.as_str());
        let _any = in_time("what it is", || identify(&name, &bytes));
        let words = in_time("its words", || text(kind, &bytes));
        looked_at("its pages", kind, &bytes, &words);
        let pages = Pages::default();
        let _any = in_time("its words, without a net", || match kind {
            Kind::Rtf => rtf::read(&bytes, &pages),
            Kind::Odt | Kind::Ods | Kind::Odp => odf::read(kind, &bytes, &pages),
            Kind::Msg => outlook::read(&bytes, &pages),
            Kind::Csv => csv::read(&bytes, &pages),
            _ => Ok(()),
        });
    });
}

#[test]
fn rich_text() {
    let whole =
        br"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset128 Mincho;}}{\info{\title L}}
\pard\uc1 Rent \u1046?\f1\'93\'8c\f0{\*\shppict{\pict\bin4 abcd}}{\field{\*\fldinst PAGE}{\fldrslt 7}}\cell\row\page
{\v hidden}{\footnote net}\u-10179?\u-8704?\par}";
    check(Kind::Rtf, whole);
    let page =
        br"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 Rent{\*\htmltag84 &nbsp;}{\*\htmltag72 </p>}}";
    check(Kind::Rtf, page);
}

#[test]
fn open_documents() {
    let table = "<table:table table:name=\"T\"><table:table-row><table:table-cell office:value=\"9\"><text:p>Rent</text:p>\
                 </table:table-cell><table:table-cell office:value=\"9\"/></table:table-row></table:table>";
    let text = format!(
        "<text:p>Rent<text:s/><text:note><text:note-body><text:p>&#8364;</text:p></text:note-body></text:note></text:p>{table}"
    );
    check(Kind::Odt, &open_document("text", &text));
    check(Kind::Ods, &open_document("spreadsheet", table));
    check(Kind::Odp, &open_document("presentation", "<draw:page><text:p>Rent</text:p></draw:page>"));
    // Not packed, so that changes reach the words and not only the packing.
    let plain = format!("<d>{text}</d>");
    for (part, words) in
        [("content.xml", plain.as_str()), ("styles.xml", "<style:header><text:p>Rent</text:p></style:header>")]
    {
        changed_part(part, words);
    }
}

/// Changes inside of one part, which is then packed.
fn changed_part(part: &str, words: &str) {
    let config =
        ProptestConfig { cases: CASES, rng_seed: SEED, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(changes in vec(change(), 1..CHANGES_MAX))| {
        let bytes = changed(words.as_bytes(), &changes);
        let words = String::from_utf8_lossy(&bytes);
        let parts = [("mimetype", "application/vnd.oasis.opendocument.text"), (part, &*words)];
        let parts = if part == "content.xml" { package(&parts) } else { package(&[parts[0], ("content.xml", "<d/>"), parts[1]]) };
        let _any = in_time(part, || odf::read(Kind::Odt, &parts, &Pages::default()));
        let _any = in_time(part, || odf::read(Kind::Ods, &parts, &Pages::default()));
    });
}

#[test]
fn messages() {
    let long = "Rent ".repeat(500);
    check(
        Kind::Msg,
        &message(vec![wide("0037", "Lease"), wide("1000", &long)], &[(0x0039, 0x40, 132_000_000_000_000_000)]),
    );
    let packed = b"\x24\0\0\0\x14\0\0\0LZFu\0\0\0\0\x00{\\rtf1\\a\x00nsi Rent\x00 due}   ".to_vec();
    check(Kind::Msg, &message(vec![super::compound::stream("10090102", &packed)], &[]));
}

#[test]
fn tables() {
    check(Kind::Csv, "month;rent\r\n\"May\";\"Rent \"\"net\"\"\"\r\n\u{fc};900\r\n".as_bytes());
    check(Kind::Csv, b"sep=|\na|Rent\n");
}
