//! A client's documents as rows: facts in the open, names sealed under the client's own key.

use std::collections::{BTreeMap, BTreeSet};

use access::{ClientJob, ClientScope, OneClient, OnePerson as _};
use crypto::{Aad, DataKey};
use domain::audit::{Act, Object};
use domain::document::{Document, Event, FileName, State};
use domain::notice::Cause;
use domain::permissions::UploadDocuments;
use domain::{DocumentId, Moment, PersonId, ProjectId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{AuditReceipt, Lost, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::metering;
use crate::query::Range;

/// Which documents a list is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    pub project: Option<ProjectId>,
    pub category: Option<String>,
}

/// Newest first.
#[derive(Debug)]
pub struct DocumentPage {
    pub documents: Vec<Document>,
    /// The last of these, if there are more after it.
    pub next: Option<DocumentId>,
}

/// Rows that one page of a filtered list may look through; the rest is asked for with the next page.
const ROWS_LOOKED_AT_MAX: usize = 2_000;

/// A document without its name. The state's word is an attribute of the row, so that rows can be chosen by it.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    id: DocumentId,
    project: ProjectId,
    category: String,
    size_bytes: u64,
    by: PersonId,
    by_client: bool,
    asked_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again_for: Option<DocumentId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    not_needed: bool,
    version: u64,
    #[serde(flatten)]
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
struct Count {
    documents: usize,
}

impl<S: OneClient> ClientStore<'_, S> {
    pub async fn document(&self, id: &DocumentId) -> Result<Option<Document>, StorageError> {
        let (found, key) = tokio::join!(self.get(self.keys.data(), keys::document(id)), self.data_key());
        found?.map(|row| self.document_of(row, key?)).transpose()
    }

    /// Up to `count_max` documents after the one named, which need not exist any more.
    pub async fn documents(
        &self,
        filter: &DocumentFilter,
        after: Option<&DocumentId>,
        count_max: usize,
    ) -> Result<DocumentPage, StorageError> {
        let mut filters = Vec::new();
        filters.extend(filter.project.as_ref().map(|project| ("project", project.to_string())));
        filters.extend(filter.category.as_ref().map(|category| ("category", category.clone())));
        let rows_max = if filters.is_empty() { count_max } else { limits::PAGE_ROWS_MAX.max(count_max) };
        let first = Range {
            pk: self.keys.data(),
            prefix: keys::DOCUMENTS,
            newest_first: true,
            limit: Some(rows_max),
            after: after.map(keys::document),
            filters,
            ..Range::default()
        };
        // The key is unwrapped beside the query, so that it costs no round trip of its own.
        let (found, key) = tokio::join!(self.looked_through(first, count_max, rows_max), self.data_key());
        let (rows, next) = found?;
        let next = next.and_then(|sk| DocumentId::parse(sk.strip_prefix(keys::DOCUMENTS)?).ok());
        Ok(DocumentPage { documents: self.documents_of(rows, key?)?, next })
    }

    /// Up to `count_max` rows and the sort key after which there may be more.
    async fn looked_through(
        &self,
        first: Range<'_>,
        count_max: usize,
        rows_max: usize,
    ) -> Result<(Vec<Item>, Option<String>), StorageError> {
        let (mut rows, mut looked_at, mut range) = (Vec::new(), 0, first);
        loop {
            let page = self.query(range.clone()).await?;
            rows.extend(page.rows);
            looked_at += rows_max;
            if rows.len() > count_max {
                rows.truncate(count_max);
                let last = rows.last().and_then(|row| item::text_of(row, "sk")).map(str::to_owned);
                return Ok((rows, last));
            }
            match page.next {
                Some(next) if rows.len() < count_max && looked_at < ROWS_LOOKED_AT_MAX => range.after = Some(next),
                next => return Ok((rows, next)),
            }
        }
    }

    /// What some documents are called; those that are not there are left out.
    pub async fn document_names(
        &self,
        ids: &BTreeSet<DocumentId>,
    ) -> Result<BTreeMap<DocumentId, FileName>, StorageError> {
        let wanted = ids.iter().take(limits::PAGE_ROWS_MAX).map(|id| item::key(self.keys.data(), keys::document(id)));
        let (rows, key) = tokio::join!(self.get_all(wanted.collect()), self.data_key());
        let documents = self.documents_of(rows?, key?)?;
        Ok(documents.into_iter().map(|document| (document.id, document.name)).collect())
    }

    /// Every document that is ready, for an index that is made anew.
    pub async fn ready_documents(&self) -> Result<Vec<Document>, StorageError> {
        let range = Range {
            pk: self.keys.data(),
            prefix: keys::DOCUMENTS,
            filters: vec![("state", "ready".to_owned())],
            consistent: true,
            ..Range::default()
        };
        let rows = self.query_all(range, limits::DOCUMENTS_PER_CLIENT_MAX).await?;
        self.documents_of(rows, self.data_key().await?)
    }

    /// How many documents the client has, whatever their state.
    pub async fn document_count(&self) -> Result<usize, StorageError> {
        let found = self.get(self.keys.data(), keys::DOCUMENT_COUNT.to_owned()).await?;
        Ok(found.map(item::read::<Count>).transpose()?.map_or(0, |row| row.documents))
    }

    fn documents_of(&self, rows: Vec<Item>, key: &DataKey) -> Result<Vec<Document>, StorageError> {
        rows.into_iter().map(|row| self.document_of(row, key)).collect()
    }

    fn document_of(&self, row: Item, key: &DataKey) -> Result<Document, StorageError> {
        let sealed = item::bytes_of(&row, NAME_SEALED).unwrap_or_default().to_vec();
        let row: Row = item::read(row)?;
        let name = key.open(&sealed, &name_place(&self.keys.data(), &keys::document(&row.id)));
        let name = String::from_utf8(name.during("open a document's name")?).during("open a document's name")?;
        Ok(Document {
            name: FileName::parse(&name).during("read a document's name")?,
            id: row.id,
            project: row.project,
            category: row.category,
            size_bytes: row.size_bytes,
            by: row.by,
            by_client: row.by_client,
            asked_at: row.asked_at,
            again_for: row.again_for,
            not_needed: row.not_needed,
            state: row.state,
            version: row.version,
        })
    }

    fn item_of(&self, document: &Document, key: &DataKey) -> Result<Stored, StorageError> {
        let row = Row {
            id: document.id.clone(),
            project: document.project.clone(),
            category: document.category.clone(),
            size_bytes: document.size_bytes,
            by: document.by.clone(),
            by_client: document.by_client,
            asked_at: document.asked_at,
            again_for: document.again_for.clone(),
            not_needed: document.not_needed,
            version: document.version,
            state: document.state.clone(),
        };
        let sk = keys::document(&document.id);
        let name = key.seal(document.name.as_str().as_bytes(), &name_place(&self.keys.data(), &sk));
        let name = name.during("seal a document's name")?;
        // The name counts as it is stored: a hash of its words could be guessed.
        let hashed = serde_json::json!({ "row": row, NAME_SEALED: crypto::sha256_hex(&name) });
        let mut item = item::row(self.keys.data(), sk, &row)?;
        item.insert(NAME_SEALED.to_owned(), item::bytes(name));
        Ok(Stored { item, hash: crypto::sha256_hex(hashed.to_string().as_bytes()) })
    }
}

const NAME_SEALED: &str = "name_sealed";

fn name_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "name" }
}

/// A row with the hash by which an event remembers it.
struct Stored {
    item: Item,
    hash: String,
}

impl ClientStore<'_, ClientScope<UploadDocuments>> {
    /// Stores up to a call's number of documents that await their files, as one event. Stale if `counted` is no longer
    /// the number of the client's documents.
    pub async fn request_uploads(
        &self,
        documents: &[Document],
        counted: usize,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let key = self.data_key().await?;
        let mut hashes = Vec::with_capacity(documents.len());
        let mut writes = vec![self.count(counted, counted + documents.len())?];
        for document in documents {
            let Stored { item, hash } = self.item_of(document, key)?;
            writes.push(Write::create(self.table(), item)?);
            hashes.push(hash);
        }
        let (object, hash) = match (documents, hashes.as_slice()) {
            ([one], [hash]) => (Object::new("document", &one.id).at_version(one.version), hash.clone()),
            _ => {
                let ids: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
                (Object::new("documents", ids.join(",")), crypto::sha256_hex(hashes.join(",").as_bytes()))
            }
        };
        let draft = self.draft(Act::UploadRequested, object, moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }

    /// Stores a document in its new place, under its new name, or as needed or not. Stale if somebody was faster.
    pub async fn arrange_document(
        &self,
        before: &Document,
        after: &Document,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let Stored { item, hash } = self.item_of(after, self.data_key().await?)?;
        let object = Object::new("document", &after.id).at_version(after.version);
        let act = match (before.not_needed, after.not_needed) {
            (false, true) => Act::DocumentNotNeeded,
            (true, false) => Act::DocumentNeeded,
            _ => Act::DocumentArranged,
        };
        // What is found is found by its name, and narrowed by its place.
        let is_found = matches!(after.state, State::Ready { .. });
        let causes = is_found.then(|| Cause::IndexDocument { document: after.id.clone(), again: true });
        let draft = self.draft(act, object, moment).after(hash);
        let writes = vec![Write::replace(self.table(), item, before.version)?];
        self.commit(ClientChange { draft, writes, causes: causes.into_iter().collect(), once: None }, moment).await
    }

    /// Whether whoever uploads belongs to the client's company.
    pub fn by_client(&self) -> bool {
        self.scope.role().is_client()
    }

    fn count(&self, before: usize, after: usize) -> Result<Write, StorageError> {
        let row = item::row(self.keys.data(), keys::DOCUMENT_COUNT, &Count { documents: after })?;
        if before == 0 {
            return Write::create(self.table(), row);
        }
        let values = Item::from([(":before".to_owned(), item::number(before))]);
        Write::put(self.table(), row, Some(("documents = :before", values)), Lost::Stale)
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Stores what became of a document, with its event and what follows from it. Stale if somebody was faster.
    pub async fn change_document(
        &self,
        before: &Document,
        after: &Document,
        event: &Event,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let Stored { item, hash } = self.item_of(after, self.data_key().await?)?;
        let object = Object::new("document", &after.id).at_version(after.version);
        let draft = self.draft(act(event), object, moment).after(hash);
        let mut writes = vec![Write::replace(self.table(), item, before.version)?];
        if matches!(event, Event::Ready) {
            writes.push(metering::filed(self.table(), self.keys.data(), after.size_bytes)?);
        }
        self.commit(ClientChange { draft, writes, causes: causes(after, event), once: None }, moment).await
    }
}

fn act(event: &Event) -> Act {
    match event {
        Event::UploadRequested => Act::UploadRequested,
        Event::Received => Act::DocumentReceived,
        Event::Ready => Act::DocumentReady,
        Event::Rejected { .. } => Act::DocumentRejected,
    }
}

/// Who hears of it, and what is to be done.
fn causes(document: &Document, event: &Event) -> Vec<Cause> {
    let (id, by, by_client) = (document.id.clone(), document.by.clone(), document.by_client);
    match event {
        Event::UploadRequested | Event::Received => Vec::new(),
        Event::Ready => {
            let index = Cause::IndexDocument { document: id.clone(), again: false };
            vec![Cause::DocumentReady { document: id, by, by_client }, index]
        }
        Event::Rejected { .. } => vec![Cause::DocumentRejected { document: id, by }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::document::RejectReason;

    fn row(state: State) -> Row {
        Row {
            id: DocumentId::from_bits(1),
            project: ProjectId::from_bits(2),
            category: "Other".into(),
            size_bytes: 20 * 1024 * 1024,
            by: PersonId::from_bits(3),
            by_client: true,
            asked_at: "2026-11-24T10:00:00Z".parse().unwrap(),
            again_for: None,
            not_needed: false,
            version: 3,
            state,
        }
    }

    /// Lists choose rows by `state`, and vending functions look at it.
    #[test]
    fn every_state_is_a_word_of_the_row_and_reads_back() {
        let at: Timestamp = "2026-11-24T10:00:00.25Z".parse().unwrap();
        for state in [
            State::AwaitingUpload { expires: at },
            State::Processing { object_version: "v1".into() },
            State::Ready {
                object_version: "v1".into(),
                filed_as: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(),
                digest: "d".into(),
                kind: "pdf".into(),
                pages: 12,
                searchable: true,
                ready_at: at,
            },
            State::Rejected { reason: RejectReason::Malware, at },
        ] {
            let mut item = item::row("pk", "sk", &row(state.clone())).unwrap();
            assert_eq!(item::text_of(&item, "state"), Some(state.as_str()));
            item.insert(NAME_SEALED.to_owned(), item::bytes(vec![0, 159]));
            item.insert("last_ev".to_owned(), item::text("e"));
            let read: Row = item::read(item).unwrap();
            assert_eq!((read.state, read.size_bytes, read.version), (state, 20 * 1024 * 1024, 3));
        }
    }
}
