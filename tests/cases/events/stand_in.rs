//! Samples name things that are nowhere. Here each name becomes that of a thing of its kind which a real firm has; what
//! kind it is, the words around it say.

use std::collections::BTreeMap;

use crate::faults::kept::Kept;
use crate::world::setting;

const ID_CHARACTERS: usize = 26;
/// SHA-256 of a session's token in hex.
const SESSION_CHARACTERS: usize = 64;

pub(super) struct Ids {
    pub(super) firm: String,
    pub(super) client: String,
    pub(super) kept: Kept,
    pub(super) session: crypto::SessionToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Firm,
    Client,
    Project,
    Document,
    Outbox,
    Order,
    Parcel,
    Newsletter,
    NewsletterOrder,
}

impl Ids {
    fn all(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::Firm => vec![self.firm.clone()],
            Kind::Client => vec![self.client.clone()],
            Kind::Project => self.kept.ids("PROJ#"),
            Kind::Document => self.kept.ids("DOC#"),
            Kind::Outbox => self.kept.ids("OB#"),
            Kind::Order => self.kept.ids_in(&format!("T#{}", self.firm), "ORDER#"),
            Kind::Parcel => self.kept.ids("PARCEL#"),
            Kind::Newsletter => self.kept.ids("NL#"),
            Kind::NewsletterOrder => self.kept.ids_in("#NL", "ORDER#"),
        }
    }
}

/// The text of a sample about the real firm. The first name of a kind is the firm's first thing of it, and so on.
pub(super) fn placed(text: &str, ids: &Ids) -> String {
    let mut names: BTreeMap<(Kind, &str), String> = BTreeMap::new();
    let mut made = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, id) in id_like(text) {
        let Some(kind) = kind_of(&text[..at]) else { continue };
        let things = ids.all(kind);
        let known = names.keys().filter(|(of, _)| *of == kind).count();
        let name = names.entry((kind, id)).or_insert_with(|| things[known % things.len()].clone());
        made += &text[rest..at];
        made += name;
        rest = at + ID_CHARACTERS;
    }
    made += &text[rest..];
    let made = made.replace("http://localhost:3000", &setting("PORTICO_URL"));
    let made = made.replace(&format!("__Host-s={}", "A".repeat(43)), &format!("__Host-s={}", ids.session.expose()));
    after_each(&made, "\"session\": \"", SESSION_CHARACTERS, &ids.session.hash())
}

/// Runs of exactly 26 characters of an id, and where they begin.
fn id_like(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    let is_of_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    for (at, byte) in text.bytes().chain([0]).enumerate() {
        match start {
            None if is_of_id(byte) => start = Some(at),
            Some(from) if !is_of_id(byte) => {
                // In a word with small letters it is no id.
                let alone = !byte.is_ascii_lowercase();
                if alone && at - from == ID_CHARACTERS {
                    found.push((from, &text[from..at]));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// What is named after these words; nothing where they do not say.
fn kind_of(before: &str) -> Option<Kind> {
    let before = before.replace('\\', "");
    let words = [
        ("FIRM#", Kind::Firm),
        ("C#", Kind::Client),
        ("T#", Kind::Firm),
        ("PROJ#", Kind::Project),
        ("DOC#", Kind::Document),
        ("OB#", Kind::Outbox),
        ("#NL\"},\"sk\":{\"S\":\"ORDER#", Kind::NewsletterOrder),
        ("ORDER#", Kind::Order),
        ("quarantine/t/", Kind::Firm),
        ("/c/", Kind::Client),
        ("/clients/", Kind::Client),
        ("/open/", Kind::Document),
        ("\"MessageGroupId\":\"", Kind::Firm),
        // After the firm in a group's name.
        (".", Kind::Client),
        ("\"firm\":\"", Kind::Firm),
        ("\"client\":\"", Kind::Client),
        ("\"project\":\"", Kind::Project),
        ("\"document\":\"", Kind::Document),
        ("\"outbox\":\"", Kind::Outbox),
        ("\"order\":\"", Kind::Order),
        ("\"newsletter_order\":\"", Kind::NewsletterOrder),
        ("\"newsletter\":\"", Kind::Newsletter),
        ("\"newsletter\":{\"S\":\"", Kind::Newsletter),
        ("\"parcel\":\"", Kind::Parcel),
    ];
    let close: String = before.chars().filter(|c| !c.is_whitespace()).collect();
    words.into_iter().find(|(words, _)| close.ends_with(words)).map(|(_, kind)| kind)
}

/// Replaces the characters that follow each place of these words.
fn after_each(text: &str, words: &str, count: usize, by: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(words) {
        let from = at + words.len();
        made += &rest[..from];
        made += by;
        rest = rest.get(from + count..).unwrap_or_default();
    }
    made + rest
}

#[test]
fn names_are_told_apart_by_what_stands_before_them() {
    for (before, want) in [
        (r#"{\"v\":1,\"firm\":\""#, Some(Kind::Firm)),
        (r#""client": ""#, Some(Kind::Client)),
        ("\"S\": \"T#01JDB8Q5R0F1RM00000000000A#C#", Some(Kind::Client)),
        ("\"S\": \"FIRM#", Some(Kind::Firm)),
        ("/api/v1/clients/", Some(Kind::Client)),
        ("open/a+b%2B%C3%BC/", None),
        ("\"by\": { \"S\": \"", None),
    ] {
        assert_eq!(kind_of(before), want, "{before}");
    }
    let ids: Vec<usize> =
        id_like("01JDB8Q5R0F1RM00000000000A.01JDB8Q5R0C11ENT00000000AB x ABC").iter().map(|(at, _)| *at).collect();
    assert_eq!(ids, [0, 27]);
}
