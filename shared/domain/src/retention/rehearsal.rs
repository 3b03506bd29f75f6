//! The list of what a firm's rules would do to one client's documents on a day, made before anything is done; and the
//! judgment over each of its documents when its turn comes.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Action, Due, Facts, Hold, Rule, Rules, Waits, due, held};
use crate::{ClientId, DocumentId, HoldId, limits};

/// What decides beside the documents themselves: the firm's rules and zone, the client's holds.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub rules: &'a Rules,
    pub holds: &'a [Hold],
    pub zone: &'a TimeZone,
}

/// One document that is due, and why. All of it is confirmed: a document of which any part differs later is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub document: DocumentId,
    pub action: Action,
    pub due_on: Date,
    pub rule: Rule,
    /// The day that the rule counts from.
    pub counted_from: Date,
    pub category: String,
    pub size_bytes: u64,
    pub digest: String,
    pub version: u64,
    pub uploaded_at: Timestamp,
}

/// One document that is due and stays, because of these holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldItem {
    pub item: Item,
    pub holds: Vec<HoldId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    pub client: ClientId,
    pub day: Date,
    /// What would be archived or deleted, by document.
    pub items: Vec<Item>,
    pub held: Vec<HeldItem>,
    /// Documents whose rule waits for something, counted by what.
    pub waiting: BTreeMap<Waits, u64>,
    /// Documents that are due as well and have to wait for the next run: these have been due for longer.
    pub left: u64,
    /// Documents that are held as well and are not named here.
    #[serde(default)]
    pub held_left: u64,
}

/// The rehearsal of a day. The order in which documents and holds come makes no difference.
pub fn rehearse(client: &ClientId, documents: &[Facts], setting: &Setting<'_>, day: Date) -> Rehearsal {
    let mut rehearsal = Rehearsal {
        client: client.clone(),
        day,
        items: Vec::new(),
        held: Vec::new(),
        waiting: BTreeMap::new(),
        left: 0,
        held_left: 0,
    };
    // Another client's document has no place on this list, whoever handed it in.
    for facts in documents.iter().filter(|facts| facts.client == *client) {
        let due = due(facts, setting.rules, setting.zone);
        if let Due::NotAnchored { waits, .. } = due {
            *rehearsal.waiting.entry(waits).or_default() += 1;
        }
        let Some(item) = item(facts, &due, day) else { continue };
        match holding(facts, setting.holds) {
            // The current one of several versions goes when no other is left: a later list has it.
            holds if holds.is_empty() && facts.leads && item.action == Action::Delete => (),
            holds if holds.is_empty() => rehearsal.items.push(item),
            holds => rehearsal.held.push(HeldItem { item, holds }),
        }
    }
    rehearsal.items.sort_by(|a, b| (a.due_on, &a.document).cmp(&(b.due_on, &b.document)));
    let left = rehearsal.items.len().saturating_sub(limits::RETENTION_RUN_DOCUMENTS_MAX);
    rehearsal.items.truncate(limits::RETENTION_RUN_DOCUMENTS_MAX);
    rehearsal.left = left as u64;
    rehearsal.items.sort_by(|a, b| a.document.cmp(&b.document));
    rehearsal.held.sort_by(|a, b| a.item.document.cmp(&b.item.document));
    rehearsal.held_left = rehearsal.held.len().saturating_sub(limits::REHEARSAL_HELD_MAX) as u64;
    rehearsal.held.truncate(limits::REHEARSAL_HELD_MAX);
    rehearsal
}

fn item(facts: &Facts, due: &Due<'_>, day: Date) -> Option<Item> {
    let (action, due_on, counted) = due.by(day)?;
    Some(Item {
        document: facts.document.clone(),
        action,
        due_on,
        rule: counted.rule.clone(),
        counted_from: counted.from,
        category: facts.category.clone(),
        size_bytes: facts.size_bytes,
        digest: facts.digest.clone(),
        version: facts.version,
        uploaded_at: facts.uploaded_at,
    })
}

fn holding(facts: &Facts, holds: &[Hold]) -> Vec<HoldId> {
    let mut ids: Vec<HoldId> = held(facts, holds).into_iter().map(|hold| hold.id.clone()).collect();
    ids.sort();
    ids
}

impl Rehearsal {
    pub fn count(&self, action: Action) -> usize {
        self.items.iter().filter(|item| item.action == action).count()
    }

    /// Its contents as text that is the same for ever for the same contents: what a fingerprint is taken of. Categories
    /// are written in ASCII without line ends, so that no two lists can read the same.
    pub fn text(&self) -> String {
        let mut text = format!("portico rehearsal 1\nclient {}\nday {}\n", self.client, self.day);
        for item in &self.items {
            let _ = writeln!(text, "{} {}", item.action.as_str(), item.text());
        }
        for HeldItem { item, holds } in &self.held {
            let holds: Vec<&str> = holds.iter().map(HoldId::as_str).collect();
            let _ = writeln!(text, "held {} {} by {}", item.action.as_str(), item.text(), holds.join(","));
        }
        text
    }
}

impl Item {
    pub(super) fn text(&self) -> String {
        format!(
            "{} version {} sha256 {} bytes {} uploaded {} category \"{}\" counted from {} due {} rule \"{}\"",
            self.document,
            self.version,
            self.digest,
            self.size_bytes,
            self.uploaded_at,
            self.category.escape_default(),
            self.counted_from,
            self.due_on,
            self.rule.words().escape_default(),
        )
    }
}

/// SHA-256 of a rehearsal's text, in hex. Whoever confirms names what they saw by it; whoever runs takes it anew of the
/// list that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 characters of 0-9 and a-f")]
pub struct FingerprintRefused;

impl Fingerprint {
    pub fn parse(text: &str) -> Result<Self, FingerprintRefused> {
        let fits = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(Self(text.to_owned())) } else { Err(FingerprintRefused) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintRefused;
    fn try_from(text: String) -> Result<Self, FingerprintRefused> {
        Self::parse(&text)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> String {
        fingerprint.0
    }
}

/// Why a document of a confirmed list is left where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "skipped", rename_all = "snake_case")]
pub enum Skipped {
    Gone,
    Held {
        holds: Vec<HoldId>,
    },
    /// It, its project or its rule: it would be on another list, for another reason.
    Changed,
    NotDue,
    /// Other versions of it are there still.
    Leads,
}

impl Skipped {
    pub fn sentence(&self) -> &'static str {
        match self {
            Skipped::Gone => "It is not there any more.",
            Skipped::Held { .. } => "It came under a legal hold after this list was made, so it stays.",
            Skipped::Changed => {
                "It changed after this list was made, so it stays. If it is still due, the next list has it."
            }
            Skipped::Leads => "It is the current one of several versions, so it stays until the others are gone.",
            Skipped::NotDue => "By what is known today it is not due, so it stays.",
        }
    }
}

/// Judges one document of a confirmed list by what is known when its turn comes: `facts` and `setting` are read then.
/// `day` is the list's own, so that waiting makes nothing due. Only what is on the list is ever judged, so that nothing
/// is added to it.
pub fn judge(item: &Item, facts: Option<&Facts>, setting: &Setting<'_>, day: Date) -> Result<(), Skipped> {
    let facts = facts.filter(|facts| facts.document == item.document).ok_or(Skipped::Gone)?;
    // A hold is named before any change: it is what the people concerned have to know.
    let holds = holding(facts, setting.holds);
    if !holds.is_empty() {
        return Err(Skipped::Held { holds });
    }
    if facts.leads && item.action == Action::Delete {
        return Err(Skipped::Leads);
    }
    match self::item(facts, &due(facts, setting.rules, setting.zone), day) {
        Some(again) if again == *item => Ok(()),
        Some(_) => Err(Skipped::Changed),
        None => Err(Skipped::NotDue),
    }
}
