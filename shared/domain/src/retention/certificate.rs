//! What stays of what was destroyed: a certificate of each run, and a tombstone in each document's place. Ids, sizes,
//! days and digests; never a name, never content.

use std::fmt::Write;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Action, Confirmed, Fingerprint, Item, Run, RunState};
use crate::{ClientId, DocumentId, FirmId, PersonId, RunId};

/// One document that a run destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroyed {
    pub item: Item,
    pub at: Timestamp,
    /// Versions of its objects that were deleted, replicas and derived ones among them.
    pub object_versions: u64,
}

/// States what a run destroyed, by which rule, and who asked and who confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub firm: FirmId,
    pub client: ClientId,
    pub run: RunId,
    pub list: Fingerprint,
    pub asked_by: PersonId,
    pub asked_at: Timestamp,
    pub confirmed: Confirmed,
    pub finished_at: Timestamp,
    /// By document.
    pub destroyed: Vec<Destroyed>,
}

impl Certificate {
    /// None unless the run is done and destroyed exactly as many documents as are told here.
    pub fn of(firm: &FirmId, run: &Run, mut destroyed: Vec<Destroyed>) -> Option<Self> {
        let RunState::Done { confirmed, at, outcome } = &run.state else { return None };
        destroyed.retain(|one| one.item.action == Action::Delete);
        destroyed.sort_by(|a, b| a.item.document.cmp(&b.item.document));
        destroyed.dedup_by(|a, b| a.item.document == b.item.document);
        (!destroyed.is_empty() && destroyed.len() == outcome.deleted).then(|| Self {
            firm: firm.clone(),
            client: run.client.clone(),
            run: run.id.clone(),
            list: run.list.clone(),
            asked_by: run.asked_by.clone(),
            asked_at: run.asked_at,
            confirmed: confirmed.clone(),
            finished_at: *at,
            destroyed,
        })
    }

    pub fn size_bytes(&self) -> u64 {
        self.destroyed.iter().map(|one| one.item.size_bytes).sum()
    }

    /// The text that is filed and hashed into the audit: the same for ever for the same certificate.
    pub fn text(&self) -> String {
        let mut text = format!(
            "portico certificate of destruction 1\nfirm {}\nclient {}\nrun {}\nlist sha256 {}\nasked by {} at {}\n\
             confirmed by {} at {}\nfinished at {}\ndocuments {}\nbytes {}\n",
            self.firm,
            self.client,
            self.run,
            self.list.as_str(),
            self.asked_by,
            self.asked_at,
            self.confirmed.by,
            self.confirmed.at,
            self.finished_at,
            self.destroyed.len(),
            self.size_bytes(),
        );
        for Destroyed { item, at, object_versions } in &self.destroyed {
            let _ = writeln!(text, "destroyed {} object versions {object_versions} at {at}", item.text(),);
        }
        text
    }
}

/// What stays in the place of a document that was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    pub document: DocumentId,
    pub category: String,
    pub size_bytes: u64,
    /// Of its content, so that a copy that turns up elsewhere is known for what it is, and the audit still agrees.
    pub digest: String,
    pub uploaded_at: Timestamp,
    pub counted_from: Date,
    pub due_on: Date,
    pub destroyed_at: Timestamp,
    /// In words: a rule that is changed later does not change what was done.
    pub rule: String,
    pub run: RunId,
}

impl Tombstone {
    pub fn of(item: &Item, run: &RunId, destroyed_at: Timestamp) -> Self {
        Self {
            document: item.document.clone(),
            category: item.category.clone(),
            size_bytes: item.size_bytes,
            digest: item.digest.clone(),
            uploaded_at: item.uploaded_at,
            counted_from: item.counted_from,
            due_on: item.due_on,
            destroyed_at,
            rule: item.rule.words(),
            run: run.clone(),
        }
    }
}
