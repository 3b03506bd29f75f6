//! A zip of documents that one reader takes away: who asked, how far it is, what files in it are called.
//!
//! It is made after it was asked for, so that everything about the reader is found out again then: a parcel says who
//! asked, and nothing of what that person may see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::{Document, State as Stage};
use crate::{DocumentId, ParcelId, PersonId, SessionId, Timestamp, limits};

mod paths;

pub use paths::Paths;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    pub id: ParcelId,
    pub by: PersonId,
    /// As what the person asked: `FIRM`, or the client's id.
    pub membership: String,
    pub session: SessionId,
    /// The reader may see what the firm keeps to itself, so that the zip lies among that.
    pub internal: bool,
    pub asked_at: Timestamp,
    /// Of what was asked for: files, and their bytes.
    pub count: usize,
    pub size_bytes: u64,
    pub done: usize,
    pub done_bytes: u64,
    /// This file as itself and in no zip: a marked copy that takes longer to make than a request may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single: Option<DocumentId>,
    /// What was kept last to go on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The upload in parts that the zip is written by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    #[serde(flatten)]
    pub state: State,
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    Making,
    Ready {
        zip_bytes: u64,
        /// Files that are not in it; it says why.
        left_out: usize,
        ready_at: Timestamp,
        /// Of a single copy: what it is, which is a cover's kind where the file is inside one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// The files in it, to be looked at again by whoever hands it over.
        #[serde(default)]
        holds: Vec<Held>,
    },
    Failed {
        why: Failed,
    },
}

/// A copy in a zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub document: DocumentId,
    pub marked: bool,
}

/// Whether what was made for a reader may still be handed over: each of its files is there for that reader as it was.
/// `is_marked` says how the reader would be given a file today.
pub fn still_stands(
    holds: &[Held],
    seen: &BTreeMap<DocumentId, Document>,
    is_marked: impl Fn(&Document) -> bool,
) -> bool {
    holds.iter().all(|held| {
        seen.get(&held.document)
            .is_some_and(|document| left_out(document).is_none() && (held.marked || !is_marked(document)))
    })
}

/// Why there will be no zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// Whoever asked may not take them any more.
    NotAllowed,
    /// A file went away while it was being written.
    Changed,
    /// A single copy could not carry its mark.
    NotMarked,
}

impl Failed {
    pub fn sentence(self) -> &'static str {
        match self {
            Failed::NotAllowed => "What you may see has changed since you asked.",
            Failed::Changed => "A file was removed while it was being put into the zip.",
            Failed::NotMarked => "A copy with your name on it could not be made of this file.",
        }
    }
}

/// What somebody who looks at it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Making,
    Ready {
        zip_bytes: u64,
        left_out: usize,
        until: Timestamp,
    },
    Failed(&'static str),
    /// It was there, and is not kept any longer.
    Expired,
}

impl Parcel {
    pub fn standing(&self, now: Timestamp) -> Standing {
        let after = |from: Timestamp, seconds: i64| from + jiff::SignedDuration::from_secs(seconds);
        match &self.state {
            State::Making if now >= after(self.asked_at, limits::ZIP_PATIENCE_SECONDS) => {
                Standing::Failed("Something held it up.")
            }
            State::Making => Standing::Making,
            State::Ready { zip_bytes, left_out, ready_at, .. } => {
                let until = after(*ready_at, limits::ZIP_KEPT_SECONDS);
                if now >= until {
                    return Standing::Expired;
                }
                Standing::Ready { zip_bytes: *zip_bytes, left_out: *left_out, until }
            }
            State::Failed { why } => Standing::Failed(why.sentence()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParcelRefused {
    #[error("Choose the files that you want to download.")]
    NothingChosen,
    #[error("None of these files can be downloaded yet.")]
    NothingReady,
    #[error("A zip holds at most {count_max} files. Choose fewer, or one project or category at a time.")]
    TooMany { count_max: usize },
    #[error("These files have {} GB together, and a zip holds at most {} GB. Choose fewer.", gigabytes(*size_bytes), gigabytes(*size_bytes_max))]
    TooLarge { size_bytes: u64, size_bytes_max: u64 },
    #[error("{count_max} zips are being made for you. Wait until one of them is ready.")]
    TooManyAtOnce { count_max: usize },
}

fn gigabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024 * 1024)
}

/// Who asks, as its scope says.
#[derive(Debug, Clone)]
pub struct Asker {
    pub person: PersonId,
    pub membership: String,
    pub session: SessionId,
    pub internal: bool,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// A zip of these documents, which the asker sees now.
    Zip(&'a [Document]),
    /// The marked copy of one, which takes long to make.
    Copy(&'a Document),
}

/// `open` are those of the asker that are being made.
pub fn ask(
    id: ParcelId,
    asker: Asker,
    wanted: Wanted<'_>,
    open: usize,
    now: Timestamp,
) -> Result<Parcel, ParcelRefused> {
    let (documents, single) = match wanted {
        Wanted::Zip(documents) => (documents, None),
        Wanted::Copy(document) => (std::slice::from_ref(document), Some(document.id.clone())),
    };
    if documents.is_empty() {
        return Err(ParcelRefused::NothingChosen);
    }
    if documents.len() > limits::ZIP_DOCUMENTS_MAX {
        return Err(ParcelRefused::TooMany { count_max: limits::ZIP_DOCUMENTS_MAX });
    }
    let size_bytes: u64 = documents.iter().filter(|one| left_out(one).is_none()).map(|one| one.size_bytes).sum();
    if size_bytes > limits::ZIP_BYTES_MAX {
        return Err(ParcelRefused::TooLarge { size_bytes, size_bytes_max: limits::ZIP_BYTES_MAX });
    }
    if documents.iter().all(|one| left_out(one).is_some()) {
        return Err(ParcelRefused::NothingReady);
    }
    if open >= limits::ZIPS_AT_ONCE {
        return Err(ParcelRefused::TooManyAtOnce { count_max: limits::ZIPS_AT_ONCE });
    }
    Ok(Parcel {
        id,
        by: asker.person,
        membership: asker.membership,
        session: asker.session,
        internal: asker.internal,
        asked_at: now,
        count: documents.len(),
        size_bytes,
        done: 0,
        done_bytes: 0,
        single,
        step: None,
        upload: None,
        state: State::Making,
        version: 1,
    })
}

/// Why a document that the reader sees is in no zip, as it is now.
pub fn left_out(document: &Document) -> Option<&'static str> {
    match &document.state {
        _ if document.binned.is_some() => Some("It is in the bin."),
        Stage::Ready { .. } => None,
        Stage::AwaitingUpload { .. } => Some("It has not arrived yet."),
        Stage::Processing { .. } => Some("It is still being checked."),
        Stage::Rejected { reason, .. } => Some(reason.sentence()),
    }
}

#[cfg(test)]
mod tests;
