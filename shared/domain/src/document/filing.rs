//! Where a document is kept beyond its project and category: its tags, and whether it lies in the bin.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, DocumentEdit, DocumentRefused, State};
use crate::{BatchId, DocumentId, PersonId, ProjectId, limits, text};

/// A word or two that people put on documents to find them by. The same however it is written: small letters, single
/// spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    pub fn parse(text: &str) -> Result<Self, DocumentRefused> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let tag = words.join(" ").to_lowercase();
        if tag.is_empty() || tag.contains(',') || tag.chars().any(text::reorders_or_controls) {
            return Err(DocumentRefused::TagUnreadable);
        }
        if tag.chars().count() > limits::TAG_CHARACTERS_MAX {
            return Err(DocumentRefused::TagTooLong { characters_max: limits::TAG_CHARACTERS_MAX });
        }
        Ok(Self(tag))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tag {
    type Error = DocumentRefused;
    fn try_from(text: String) -> Result<Self, DocumentRefused> {
        Self::parse(&text)
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> String {
        tag.0
    }
}

/// A document's tags, each once.
pub type Tags = BTreeSet<Tag>;

/// As they are typed into one field, or come as a list. What is empty between two commas is no tag.
pub fn tags<'a>(typed: impl IntoIterator<Item = &'a str>) -> Result<Tags, DocumentRefused> {
    let typed = typed.into_iter().flat_map(|text| text.split(',')).filter(|text| !text.trim().is_empty());
    let tags: Tags = typed.map(Tag::parse).collect::<Result<_, _>>()?;
    if tags.len() > limits::TAGS_PER_DOCUMENT_MAX {
        return Err(DocumentRefused::TooManyTags { count_max: limits::TAGS_PER_DOCUMENT_MAX });
    }
    Ok(tags)
}

/// That a document lies in the bin: since when, by whom, and with which others it came there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binned {
    pub by: PersonId,
    pub at: Timestamp,
    pub batch: BatchId,
}

/// Who changes documents, when, and the name of this one act, by which it can be taken back as a whole.
#[derive(Debug, Clone)]
pub struct Hand {
    pub person: PersonId,
    pub now: Timestamp,
    pub batch: BatchId,
}

impl Document {
    /// Whether lists show it: it is not in the bin, and no other version stands in its place.
    pub fn is_listed(&self) -> bool {
        self.binned.is_none() && !self.superseded
    }

    /// Whether its words can be found.
    pub fn is_found(&self) -> bool {
        self.is_listed() && matches!(self.state, State::Ready { .. })
    }
}

/// Into the bin or out of it. One that is where it should be stays as it is, so that asking twice is asking once.
pub(super) fn turn(document: &Document, binned: bool, hand: &Hand) -> Result<Option<Binned>, DocumentRefused> {
    match (&document.binned, binned) {
        (Some(_), false) | (None, false) => Ok(None),
        (Some(before), true) => Ok(Some(before.clone())),
        (None, true) => {
            let settled = match &document.state {
                State::Ready { .. } | State::Rejected { .. } => true,
                state @ State::AwaitingUpload { .. } => state.missed(hand.now),
                State::Processing { .. } => false,
            };
            if !settled {
                return Err(DocumentRefused::NotReady);
            }
            Ok(Some(Binned { by: hand.person.clone(), at: hand.now, batch: hand.batch.clone() }))
        }
    }
}

/// One change of several documents: of each as it is stored, so that there are no versions to name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentsEdit {
    pub documents: Vec<DocumentId>,
    #[serde(default)]
    pub project: Option<ProjectId>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub add_tags: Vec<String>,
    #[serde(default)]
    pub remove_tags: Vec<String>,
    /// Into the bin, or out of it again.
    #[serde(default)]
    pub binned: Option<bool>,
}

impl DocumentsEdit {
    /// Each document once, in the order of the list.
    pub fn documents(&self) -> Result<Vec<DocumentId>, DocumentRefused> {
        let mut seen = BTreeSet::new();
        let documents: Vec<DocumentId> = self.documents.iter().filter(|id| seen.insert(*id)).cloned().collect();
        match documents.len() {
            0 => Err(DocumentRefused::NoneChosen),
            1..=limits::DOCUMENTS_PER_BULK_MAX => Ok(documents),
            _ => Err(DocumentRefused::TooManyFiles { count_max: limits::DOCUMENTS_PER_BULK_MAX }),
        }
    }

    /// What it asks of one document.
    pub fn of(&self, document: &Document) -> Result<DocumentEdit, DocumentRefused> {
        let (add, remove) = (of_list(&self.add_tags)?, of_list(&self.remove_tags)?);
        let tagged = !add.is_empty() || !remove.is_empty();
        let after = document.tags.difference(&remove).chain(&add).map(|tag| tag.as_str().to_owned());
        Ok(DocumentEdit {
            version: document.version,
            project: self.project.clone(),
            category: self.category.clone(),
            tags: tagged.then(|| after.collect()),
            binned: self.binned,
            ..DocumentEdit::default()
        })
    }
}

fn of_list(list: &[String]) -> Result<Tags, DocumentRefused> {
    tags(list.iter().map(String::as_str))
}
