//! A client's documents as lists show them: narrowed, newest first, by cursor; and what lies in the bin.

use access::OneClient;
use domain::document::{Audience, Document, FileName, State, Tag, Tags};
use domain::{BatchId, DocumentId, PersonId, ProjectId, Timestamp, limits};

use crate::client::ClientStore;
use crate::error::StorageError;
use crate::item;
use crate::keys;
use crate::query::Range;

/// Which documents a list is about. What lies in the bin, and earlier versions, are in none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    pub project: Option<ProjectId>,
    pub category: Option<String>,
    /// Of one of these kinds; none for any.
    pub kinds: Vec<String>,
    pub by: Option<PersonId>,
    /// Uploaded at that instant or later.
    pub from: Option<Timestamp>,
    /// Uploaded before that instant.
    pub until: Option<Timestamp>,
    pub tag: Option<Tag>,
    /// All of these are in the name, in small letters.
    pub words: Vec<String>,
}

impl DocumentFilter {
    /// Whether it leaves nothing out.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// What rows are asked for by. The rest is sealed, or of several values, and looked at here.
    pub(crate) fn by_attribute(&self) -> Vec<(&'static str, String)> {
        let mut filters = Vec::new();
        filters.extend(self.project.as_ref().map(|project| ("project", project.to_string())));
        filters.extend(self.category.as_ref().map(|category| ("category", category.clone())));
        filters.extend(self.by.as_ref().map(|by| ("by", by.to_string())));
        filters
    }

    pub(crate) fn is_of_kind(&self, state: &State) -> bool {
        match state {
            State::Ready { kind, .. } => self.kinds.is_empty() || self.kinds.contains(kind),
            _ => self.kinds.is_empty(),
        }
    }

    /// Whether it looks at what is sealed.
    pub(crate) fn is_by_name(&self) -> bool {
        self.tag.is_some() || !self.words.is_empty()
    }

    pub(crate) fn is_called(&self, name: &FileName, tags: &Tags) -> bool {
        let name = name.as_str().to_lowercase();
        self.tag.as_ref().is_none_or(|tag| tags.contains(tag))
            && self.words.iter().all(|word| name.contains(word.as_str()))
    }

    /// The first and the last key. Every id is below `~`; a key at an instant is the first of that instant.
    pub(crate) fn span(&self) -> Option<(String, String)> {
        if self.from.is_none() && self.until.is_none() {
            return None;
        }
        let from = self.from.map_or_else(|| keys::DOCUMENTS.to_owned(), key_at);
        Some((from, self.until.map_or_else(|| format!("{}~", keys::DOCUMENTS), key_at)))
    }
}

/// Newest first.
#[derive(Debug)]
pub struct DocumentPage {
    pub documents: Vec<Document>,
    /// After which there may be more.
    pub next: Option<DocumentId>,
}

/// A document's id begins with the time when it was asked for, so that a span of time is a span of keys.
fn key_at(instant: Timestamp) -> String {
    let milliseconds = u128::try_from(instant.as_millisecond()).unwrap_or(0);
    keys::document(&DocumentId::from_bits(milliseconds << 80))
}

impl<S: OneClient> ClientStore<'_, S> {
    /// What lies in the bin for this viewer, what was put there last first; `after` is the cursor of the page before. It
    /// names a document that was shown, so that it does not tell how much is there for others.
    pub async fn bin(
        &self,
        after: Option<&str>,
        count_max: usize,
    ) -> Result<(Vec<Document>, Option<String>), StorageError> {
        let after = after.and_then(keys::binned_after);
        let (open, internal) = tokio::join!(self.binned(Audience::Open, ""), self.binned(Audience::Internal, ""));
        let mut places = [open?, internal?].concat();
        places.sort_by(|a, b| b.cmp(a));
        places.retain(|place| after.as_ref().is_none_or(|after| place < after));
        let mut documents: Vec<(String, Document)> = Vec::new();
        for some in places.chunks(limits::PAGE_ROWS_MAX) {
            let ids: Vec<DocumentId> = some.iter().filter_map(|sk| keys::binned_document(sk)).collect();
            let mut found = self.documents_named(&ids).await?;
            let shown = some.iter().filter_map(|sk| Some((sk.clone(), found.remove(&keys::binned_document(sk)?)?)));
            documents.extend(shown.filter(|(_, document)| document.binned.is_some()));
            if documents.len() > count_max {
                break;
            }
        }
        let further = documents.len() > count_max;
        documents.truncate(count_max);
        let last = documents.last().filter(|_| further);
        let next = last.and_then(|(sk, _)| Some(sk.strip_prefix(keys::BIN)?.replace('#', ".")));
        Ok((documents.into_iter().map(|(_, document)| document).collect(), next))
    }

    /// What one act put into the bin, as far as it still lies there.
    pub async fn batch(&self, batch: &BatchId) -> Result<Vec<DocumentId>, StorageError> {
        let prefix = keys::bin_batch(batch);
        let (open, internal) =
            tokio::join!(self.binned(Audience::Open, &prefix), self.binned(Audience::Internal, &prefix));
        let places = [open?, internal?].concat();
        Ok(places.iter().filter_map(|sk| keys::binned_document(sk)).collect())
    }

    /// Places in the bin that were taken until then.
    pub(crate) async fn places_in_bin(&self, until: Timestamp) -> Result<Vec<String>, StorageError> {
        let mut places = Vec::new();
        for audience in Audience::ALL {
            let range = Range {
                pk: self.keys.of(audience),
                prefix: keys::BIN,
                only: Some("at"),
                consistent: true,
                ..Range::default()
            };
            for row in self.query_all(range, limits::DOCUMENTS_PER_CLIENT_MAX).await? {
                let at = item::text_of(&row, "at").and_then(|at| at.parse::<Timestamp>().ok());
                let is_old = at.is_some_and(|at| at <= until);
                places.extend(item::text_of(&row, "sk").filter(|_| is_old).map(str::to_owned));
            }
        }
        Ok(places)
    }

    /// Places in the bin, of one act or of all.
    async fn binned(&self, audience: Audience, prefix: &str) -> Result<Vec<String>, StorageError> {
        if !self.scope.viewer().reaches(audience) {
            return Ok(Vec::new());
        }
        let prefix = if prefix.is_empty() { keys::BIN } else { prefix };
        let range =
            Range { pk: self.keys.of(audience), prefix, only: Some("at"), consistent: true, ..Range::default() };
        let rows = self.query_all(range, limits::DOCUMENTS_PER_CLIENT_MAX).await?;
        Ok(rows.iter().filter_map(|row| item::text_of(row, "sk").map(str::to_owned)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_time_is_a_span_of_keys() {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let id = |at: Timestamp, rest: u128| {
            keys::document(&DocumentId::from_bits((u128::try_from(at.as_millisecond()).unwrap() << 80) + rest))
        };
        let before = Timestamp::from_millisecond(at.as_millisecond() - 1).unwrap();
        assert!(key_at(at) <= id(at, 1) && id(before, u128::MAX >> 48) < key_at(at));
        assert!(id(at, 1) < format!("{}~", keys::DOCUMENTS));
    }

    #[test]
    fn what_a_list_is_narrowed_to() {
        let name = FileName::parse("Lease of 2024.PDF").unwrap();
        let tags = domain::document::tags(["urgent"]).unwrap();
        let check = |filter: DocumentFilter, want: bool| assert_eq!(filter.is_called(&name, &tags), want, "{filter:?}");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        check(DocumentFilter { words: words(&["2024", "lease"]), ..DocumentFilter::default() }, true);
        check(DocumentFilter { words: words(&["lease", "2025"]), ..DocumentFilter::default() }, false);
        check(DocumentFilter { tag: Some(Tag::parse("URGENT").unwrap()), ..DocumentFilter::default() }, true);
        check(DocumentFilter { tag: Some(Tag::parse("urge").unwrap()), ..DocumentFilter::default() }, false);
        let pictures = DocumentFilter { kinds: words(&["png", "gif"]), ..DocumentFilter::default() };
        assert!(!pictures.is_of_kind(&State::Processing { object_version: "v".into() }) && !pictures.is_open());
    }
}
