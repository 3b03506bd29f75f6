//! Who has seen a document: views, looks at pages and downloads as audited events, and the firm's own list of them beside the document,
//! which no client's role can read.

use access::{ClientJob, ClientScope, OnePerson};
use domain::audit::{Act, Object};
use domain::document::{Audience, Document};
use domain::notice::Cause;
use domain::permissions::{DownloadDocuments, SearchDocuments, ViewAccessHistory, ViewDocuments};
use domain::{DocumentId, EventId, Moment, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore};
use crate::commit::{self, AuditReceipt, Write};
use crate::error::StorageError;
use crate::item;
use crate::keys;
use crate::query::Range;

/// One line of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub person: PersonId,
    pub name: String,
    pub at: Timestamp,
    pub act: Act,
}

impl ClientStore<'_, ClientScope<ViewAccessHistory>> {
    /// Newest first.
    pub async fn who_has_seen(&self, document: &DocumentId, count_max: usize) -> Result<Vec<Seen>, StorageError> {
        let prefix = keys::seen_of(document);
        let range = Range {
            pk: self.keys.seen(),
            prefix: &prefix,
            newest_first: true,
            limit: Some(count_max),
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }
}

impl ClientStore<'_, ClientScope<ViewDocuments>> {
    /// Somebody opened the document's page.
    pub async fn viewed(&self, document: &Document, moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        self.seen(Act::DocumentViewed, document_object(document), document, moment).await
    }
}

impl ClientStore<'_, ClientScope<DownloadDocuments>> {
    /// Somebody is about to be given a copy.
    pub async fn downloaded(&self, document: &Document, moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        self.seen(Act::DocumentDownloaded, document_object(document), document, moment).await
    }

    /// Somebody is about to look at pictures of these pages, counted from 1.
    pub async fn previewed(
        &self,
        document: &Document,
        (first, last): (u32, u32),
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let object = document_object(document).of_pages(first, last);
        self.seen(Act::DocumentPreviewed, object, document, moment).await
    }
}

impl ClientStore<'_, ClientScope<SearchDocuments>> {
    /// Somebody is about to be shown what was found. What was searched for is not written down: it is content. Indexes
    /// that did not open are made anew.
    pub async fn searched(&self, broken: &[Audience], moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        let object = Object::new("client", access::OneClient::client(self.scope));
        let mut change = ClientChange::event(self.draft(Act::DocumentsSearched, object, moment));
        change.causes.extend(broken.iter().map(|audience| Cause::HealIndex { audience: *audience }));
        self.commit(change, moment).await
    }
}

impl<P: Send + Sync> ClientStore<'_, ClientScope<P>> {
    async fn seen(
        &self,
        act: Act,
        object: Object,
        document: &Document,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let draft = self.draft(act, object, moment);
        let (by, at, event) = (self.scope.person().clone(), draft.at, draft.id.clone());
        let mut change = ClientChange::event(draft);
        if self.scope.role().is_client() {
            change.causes.push(Cause::SeenDocument { document: document.id.clone(), event, by, act, at });
        } else {
            let seen = Seen { person: by, name: self.scope.vended().grant.name.clone(), at, act };
            change.writes.push(row(self.table(), self.keys.seen(), &document.id, &event, &seen)?);
        }
        self.commit(change, moment).await
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// What [`Cause::SeenDocument`] asks for. Written again it is the same row, and the event behind it is audited.
    pub async fn note_seen(&self, document: &DocumentId, event: &EventId, seen: &Seen) -> Result<(), StorageError> {
        let row = row(self.table(), self.keys.seen(), document, event, seen)?;
        commit::transact(&self.dynamo, vec![row]).await
    }
}

fn document_object(document: &Document) -> Object {
    Object::new("document", &document.id).at_version(document.version)
}

pub(crate) fn row(
    table: &str,
    pk: String,
    document: &DocumentId,
    event: &EventId,
    seen: &Seen,
) -> Result<Write, StorageError> {
    Write::overwrite(table, item::row(pk, keys::seen(document, event), seen)?)
}
