//! A client's documents as rows: facts in the open, names sealed under the client's own key.
//!
//! This is the one door to documents: whatever is read here is what the scope's own viewer may see, and nothing tells
//! what it may not see from what is not there. What the firm keeps to itself lies in a partition of its own.

use std::collections::{BTreeMap, BTreeSet};

use access::OneClient;
use domain::document::{Audience, Document, FileName, Series, Viewer};
use domain::{DocumentId, limits};

use crate::client::ClientStore;
use crate::documents_found::{DocumentFilter, DocumentPage};
use crate::documents_row::Sealed;
use crate::documents_written::Count;
use crate::error::StorageError;
use crate::item;
use crate::keys;
use crate::query::Range;

/// Rows that are read at once where many of them may be for others.
const ROWS_AT_ONCE: usize = 1_000;

impl<S: OneClient> ClientStore<'_, S> {
    /// None where there is none that the scope's viewer may see.
    pub async fn document(&self, id: &DocumentId) -> Result<Option<Document>, StorageError> {
        self.document_for(id, &self.scope.viewer()).await
    }

    /// The same as somebody else sees it, for whoever acts for that person. No more than the scope itself may see.
    pub async fn document_for(&self, id: &DocumentId, viewer: &Viewer) -> Result<Option<Document>, StorageError> {
        let own = &self.scope.viewer();
        let read = |audience: Audience| async move {
            let reached = [own, viewer].iter().all(|viewer| viewer.reaches(audience));
            if reached { self.get(self.keys.of(audience), keys::document(id)).await } else { Ok(None) }
        };
        let (internal, open, key) = tokio::join!(read(Audience::Internal), read(Audience::Open), self.data_key());
        // Nobody of the client can write where the firm keeps its own: what is said there counts.
        let Some(row) = internal?.or(open?) else { return Ok(None) };
        let row = self.read_row(row)?;
        let seen = [own, viewer].iter().all(|viewer| row.is_for(viewer));
        if seen { self.document_of(row, key?).map(Some) } else { Ok(None) }
    }

    /// Up to `count_max` documents after the one named, which need not exist any more.
    pub async fn documents(
        &self,
        filter: &DocumentFilter,
        after: Option<&DocumentId>,
        count_max: usize,
    ) -> Result<DocumentPage, StorageError> {
        let viewer = &self.scope.viewer();
        let read = |audience: Audience| async move {
            if viewer.reaches(audience) {
                self.looked_through(audience, filter, after, count_max, viewer).await
            } else {
                Ok(Looked::default())
            }
        };
        // The key is unwrapped beside the queries, so that it costs no round trip of its own.
        let (open, internal, key) = tokio::join!(read(Audience::Open), read(Audience::Internal), self.data_key());
        let Looked { rows, next } = together(open?, internal?, count_max);
        Ok(DocumentPage { documents: self.documents_of(rows, key?)?, next })
    }

    /// Up to `count_max` rows of one audience for this viewer, and the document after which there may be more.
    ///
    /// Whoever does not see all that it reaches is not told how much there is for others: the next page begins after a
    /// document that was shown, and only if there is another one to show.
    async fn looked_through(
        &self,
        audience: Audience,
        filter: &DocumentFilter,
        after: Option<&DocumentId>,
        count_max: usize,
        viewer: &Viewer,
    ) -> Result<Looked, StorageError> {
        let all_is_for_them = viewer.sees_all_it_reaches();
        let (at_once, looked_at_max) = match (filter.is_open(), all_is_for_them) {
            (true, true) => (count_max + 1, limits::DOCUMENTS_LOOKED_THROUGH_MAX),
            (false, true) => (limits::PAGE_ROWS_MAX.max(count_max + 1), limits::DOCUMENTS_LOOKED_THROUGH_MAX),
            (_, false) => (limits::PAGE_ROWS_MAX.max(count_max + 1), limits::DOCUMENTS_PER_CLIENT_MAX),
        };
        let mut range = Range {
            pk: self.keys.of(audience),
            prefix: keys::DOCUMENTS,
            newest_first: true,
            limit: Some(at_once),
            after: after.map(keys::document),
            between: filter.span(),
            filters: filter.by_attribute(),
            absent: &["binned", "superseded"],
            ..Range::default()
        };
        let (mut rows, mut looked_at) = (Vec::new(), 0);
        loop {
            let page = self.query(range.clone()).await?;
            for row in page.rows {
                let row = self.read_row(row)?;
                let is_shown = row.is_for(viewer) && !row.row.state.is_cancelled() && filter.is_of_kind(&row.row.state);
                if is_shown && self.is_called(filter, &row).await? {
                    rows.push(row);
                }
            }
            looked_at += range.limit.unwrap_or_default();
            if rows.len() > count_max {
                rows.truncate(count_max);
                let next = rows.last().map(|row| row.row.id.clone());
                return Ok(Looked { rows, next });
            }
            match page.next {
                Some(next) if looked_at < looked_at_max => range.after = Some(next),
                Some(next) if all_is_for_them => {
                    let next = next.strip_prefix(keys::DOCUMENTS).and_then(|id| DocumentId::parse(id).ok());
                    return Ok(Looked { rows, next });
                }
                _ => return Ok(Looked { rows, next: None }),
            }
            range.limit = Some(if all_is_for_them && filter.is_open() { at_once } else { ROWS_AT_ONCE });
        }
    }

    /// Whether its name and tags, which are sealed, are those that the list is narrowed to.
    async fn is_called(&self, filter: &DocumentFilter, row: &Sealed) -> Result<bool, StorageError> {
        if !filter.is_by_name() {
            return Ok(true);
        }
        let (name, tags) = self.opened(row, self.data_key().await?)?;
        Ok(filter.is_called(&name, &tags))
    }

    /// Some documents that the scope's viewer may see, whatever their state and place; the others are left out, and one
    /// that is named twice is read once.
    pub async fn documents_named(&self, ids: &[DocumentId]) -> Result<BTreeMap<DocumentId, Document>, StorageError> {
        let viewer = &self.scope.viewer();
        let ids: Vec<&DocumentId> = ids.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = BTreeMap::new();
        for some in ids.chunks(limits::PAGE_ROWS_MAX) {
            let read = |audience: Audience| async move {
                if !viewer.reaches(audience) {
                    return Ok(Vec::new());
                }
                let pk = self.keys.of(audience);
                self.get_all(some.iter().map(|id| item::key(&pk, keys::document(id))).collect()).await
            };
            let (open, internal, key) = tokio::join!(read(Audience::Open), read(Audience::Internal), self.data_key());
            let key = key?;
            // What the firm keeps counts, as it does for one.
            for row in [open?, internal?].concat() {
                let row = self.read_row(row)?;
                if row.is_for(viewer) {
                    found.insert(row.row.id.clone(), self.document_of(row, key)?);
                }
            }
        }
        Ok(found)
    }

    /// What some documents are called; those that are not there are left out.
    pub async fn document_names(
        &self,
        ids: &BTreeSet<DocumentId>,
    ) -> Result<BTreeMap<DocumentId, FileName>, StorageError> {
        let documents = self.some_documents(ids.iter().take(limits::PAGE_ROWS_MAX).cloned().collect()).await?;
        Ok(documents.into_iter().map(|document| (document.id, document.name)).collect())
    }

    /// Those of these that the scope's viewer may see, in the order of their ids.
    pub async fn some_documents(&self, ids: BTreeSet<DocumentId>) -> Result<Vec<Document>, StorageError> {
        let ids: Vec<DocumentId> = ids.into_iter().collect();
        Ok(self.documents_named(&ids).await?.into_values().collect())
    }

    /// Every document of an audience that can be found and that the scope's viewer may see, for an index that is made anew.
    pub async fn found_documents(&self, audience: Audience) -> Result<Vec<Document>, StorageError> {
        let viewer = self.scope.viewer();
        if !viewer.reaches(audience) {
            return Ok(Vec::new());
        }
        let rows = self.query_all(self.found(audience), limits::DOCUMENTS_PER_CLIENT_MAX).await?;
        let rows: Vec<Sealed> = rows.into_iter().map(|row| self.read_row(row)).collect::<Result<_, _>>()?;
        self.documents_of(rows.into_iter().filter(|row| row.is_for(&viewer)).collect(), self.data_key().await?)
    }

    /// Whether there is one of these among the newest of the audience.
    pub async fn has_found(&self, audience: Audience) -> Result<bool, StorageError> {
        let viewer = self.scope.viewer();
        if !viewer.reaches(audience) {
            return Ok(false);
        }
        let range = Range { newest_first: true, limit: Some(limits::PAGE_ROWS_MAX), ..self.found(audience) };
        for row in self.query(range).await?.rows {
            if self.read_row(row)?.is_for(&viewer) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn found(&self, audience: Audience) -> Range<'static> {
        Range {
            pk: self.keys.of(audience),
            prefix: keys::DOCUMENTS,
            filters: vec![("state", "ready".to_owned())],
            absent: &["binned", "superseded"],
            consistent: true,
            ..Range::default()
        }
    }

    /// How many documents the client has, whatever their state.
    pub async fn document_count(&self) -> Result<usize, StorageError> {
        let found = self.get(self.keys.data(), keys::DOCUMENT_COUNT.to_owned()).await?;
        Ok(found.map(item::read::<Count>).transpose()?.map_or(0, |row| row.documents))
    }

    /// The versions of a document that has others; none where it has none. They are for whom the document is.
    pub async fn series(&self, document: &Document) -> Result<Option<Series>, StorageError> {
        let Some(first) = &document.series else { return Ok(None) };
        let found = self.get(self.keys.of(document.visibility.audience()), keys::series(first)).await?;
        found.map(item::read).transpose()
    }
}

/// The newest rows of a range, and the document after which there may be more.
#[derive(Debug, Default)]
struct Looked {
    rows: Vec<Sealed>,
    next: Option<DocumentId>,
}

/// Two audiences as one list, newest first, as far as both were looked through.
fn together(one: Looked, other: Looked, count_max: usize) -> Looked {
    let mut next = one.next.max(other.next);
    let mut rows: Vec<Sealed> = one.rows.into_iter().chain(other.rows).collect();
    rows.retain(|row| next.as_ref().is_none_or(|next| row.row.id >= *next));
    rows.sort_by(|a, b| b.row.id.cmp(&a.row.id));
    if rows.len() > count_max {
        rows.truncate(count_max);
        next = rows.last().map(|row| row.row.id.clone());
    }
    Looked { rows, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents_row::Row;
    use crate::documents_row::tests::row;
    use domain::document::State;

    fn looked(ids: &[u128], next: Option<u128>) -> Looked {
        let sealed = |id: &u128| Sealed {
            row: Row { id: DocumentId::from_bits(*id), ..row(State::Processing { object_version: "v".into() }) },
            name: Vec::new(),
            tags: Vec::new(),
        };
        Looked { rows: ids.iter().map(sealed).collect(), next: next.map(DocumentId::from_bits) }
    }

    #[test]
    fn two_audiences_are_one_list() {
        let check = |one: Looked, other: Looked, want: &[u128], next: Option<u128>| {
            let both = together(one, other, 3);
            let ids: Vec<DocumentId> = both.rows.into_iter().map(|row| row.row.id).collect();
            assert_eq!(ids, want.iter().copied().map(DocumentId::from_bits).collect::<Vec<_>>());
            assert_eq!(both.next, next.map(DocumentId::from_bits));
        };
        check(looked(&[], None), looked(&[], None), &[], None);
        check(looked(&[9, 7], None), looked(&[8], None), &[9, 8, 7], None);
        check(looked(&[9, 7], None), looked(&[8, 6], None), &[9, 8, 7], Some(7));
        // Below 7 there may be more of the first: what the second has there waits for the next page.
        check(looked(&[9, 8, 7], Some(7)), looked(&[6, 5], None), &[9, 8, 7], Some(7));
        check(looked(&[9], Some(5)), looked(&[8, 4], Some(2)), &[9, 8], Some(5));
        check(looked(&[2], Some(2)), looked(&[9, 8, 7], Some(7)), &[9, 8, 7], Some(7));
    }
}
