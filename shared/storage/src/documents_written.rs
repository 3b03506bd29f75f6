//! What is written of documents: announced, arranged, in the place of another version, filed or refused. Each is one
//! transaction with its event, on the versions that it was decided on.

use access::{ClientJob, ClientScope, OneClient, OnePerson as _};
use crypto::DataKey;
use domain::audit::{Act, Object};
use domain::document::{self, Audience, Binned, Document, Event, Series};
use domain::notice::Cause;
use domain::permissions::UploadDocuments;
use domain::request::{self, OnLine, Request};
use domain::{DocumentId, Moment, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{AuditReceipt, Lost, Write};
use crate::documents_row::Stored;
use crate::error::StorageError;
use crate::holds::Holds;
use crate::item::{self, Item};
use crate::keys;
use crate::metering;
use crate::requests;

/// A list as it was, and as it is after one of its files went into the bin or came out of it.
#[derive(Debug)]
pub struct Recounted {
    pub before: Request,
    pub after: Request,
    pub event: request::Event,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) documents: usize,
}

impl ClientStore<'_, ClientScope<UploadDocuments>> {
    /// Stores up to a call's number of documents that await their files, as one event, with the lists that they are for
    /// as they were and as they are. Stale if `counted` is no longer the number of the client's documents, or a list was
    /// changed meanwhile.
    pub async fn request_uploads(
        &self,
        documents: &[Document],
        counted: usize,
        lists: &[(Request, Request)],
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let Announced { writes, object, hash } = self.announced(documents, counted, lists).await?;
        let draft = self.draft(Act::UploadRequested, object, moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }

    /// Stores documents in their new place, under their new names, in the bin or out of it, as needed or not: as many as
    /// one write takes, as one event, with the lists that they are no answer to any more, or again. Stale if somebody
    /// was faster with any of them. Where one leaves its project, only if the holds are those by which it was allowed to.
    pub async fn arrange_documents(
        &self,
        pairs: &[(&Document, &Document)],
        (lists, zone): (&[Recounted], &TimeZone),
        holds: &Holds,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let key = self.data_key().await?;
        let (mut writes, mut causes) = (Vec::new(), Vec::new());
        let mut stored = Vec::with_capacity(pairs.len());
        for (before, after) in pairs {
            let (hash, changed, cause) = self.replaced(before, after, key)?;
            writes.extend(changed);
            causes.extend(cause);
            stored.push((&after.id, after.version, hash));
        }
        for Recounted { before, after, event } in lists {
            writes.extend(self.request_writes(before, after, zone, moment.now).await?.0);
            causes.extend(requests::causes(after, event, self.scope.person()));
        }
        let mut acts = pairs.iter().map(|(before, after)| arranged(before, after));
        let first = acts.next().unwrap_or(Act::DocumentArranged);
        let act = if acts.all(|act| act == first) { first } else { Act::DocumentArranged };
        let (object, hash) = objects(&stored);
        let draft = self.draft(act, object, moment).after(hash);
        if pairs.iter().any(|(before, after)| before.project != after.project) {
            writes.push(self.held_as(holds)?);
        }
        self.commit(ClientChange { draft, writes, causes, once: None }, moment).await
    }

    /// Makes an earlier version current again, in the place of the one that is. Stale if somebody was faster.
    pub async fn promote_document(
        &self,
        [earlier, current]: [(&Document, &Document); 2],
        series: &Series,
        holds: &Holds,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let key = self.data_key().await?;
        let (hash, mut writes, cause) = self.replaced(earlier.0, earlier.1, key)?;
        if earlier.0.project != earlier.1.project {
            writes.push(self.held_as(holds)?);
        }
        let (_, behind, gone) = self.replaced(current.0, current.1, key)?;
        writes.extend(behind);
        writes.push(self.series_row(earlier.1.visibility.audience(), series)?);
        let object = Object::new("document", &earlier.1.id).at_version(earlier.1.version);
        let draft = self.draft(Act::DocumentPromoted, object, moment).after(hash);
        let causes = cause.into_iter().chain(gone).collect();
        self.commit(ClientChange { draft, writes, causes, once: None }, moment).await
    }

    /// Whether whoever uploads may put everything of the client's in its place.
    pub fn edits_projects(&self) -> bool {
        self.scope.may(domain::PermissionName::EditProjects)
    }

    /// Whether whoever uploads belongs to the client's company.
    pub fn by_client(&self) -> bool {
        self.scope.role().is_client()
    }

    /// Whether whoever uploads may keep it for the firm only.
    pub fn may_keep_internal(&self) -> bool {
        self.scope.vended().grant.may_keep_internal()
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Stores what became of a document, with its event, what it does to the list that it is for, and what follows from
    /// it. Stale if somebody was faster.
    pub async fn change_document(
        &self,
        before: &Document,
        after: &Document,
        event: &Event,
        list: Option<&OfList>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let key = self.data_key().await?;
        let (mut writes, mut causes) = (Vec::new(), causes(after, event, list));
        let mut stored = after.clone();
        // A next version takes the place of the one that is current by now, in the same transaction.
        if let (Event::Ready, Some(first)) = (event, &after.series) {
            let known = self.series(after).await?;
            let current = known.as_ref().map_or(first, |series| &series.current);
            if let Some(current) = self.document(current).await?.filter(|current| current.id != after.id) {
                let series = known.unwrap_or_else(|| Series::of(&current));
                if document::may_succeed(after, &current, &series) {
                    let (next, behind, series) = document::succeed(after, &current, &series);
                    let (_, changed, cause) = self.replaced(&current, &behind, key)?;
                    writes.extend(changed);
                    causes.extend(cause);
                    writes.push(self.series_row(next.visibility.audience(), &series)?);
                    stored = next;
                } else {
                    // A document of its own: nothing that arrived is lost.
                    stored.series = None;
                }
            }
        }
        let (hash, changed, _) = self.replaced(before, &stored, key)?;
        writes.extend(changed);
        let object = Object::new("document", &stored.id).at_version(stored.version);
        let draft = self.draft(act(event), object, moment).after(hash);
        if matches!(event, Event::Ready) {
            writes.push(metering::filed(self.table(), self.keys.data(), after.size_bytes)?);
        }
        if let Some((next, event)) = list.and_then(|list| list.next.as_ref()) {
            writes.push(self.request_write(list.map(|list| &list.list), next).await?.0);
            causes.extend(requests::causes(next, event, &after.by));
        }
        self.commit(ClientChange { draft, writes, causes, once: None }, moment).await
    }
}

/// Rows of documents that await their files, and by what an event remembers them.
pub(crate) struct Announced {
    pub(crate) writes: Vec<Write>,
    pub(crate) object: Object,
    pub(crate) hash: String,
}

impl<S: OneClient> ClientStore<'_, S> {
    /// Whoever announces them: documents, the lists that they are for as they were and as they are, and how many the
    /// client has by then.
    pub(crate) async fn announced(
        &self,
        documents: &[Document],
        counted: usize,
        lists: &[(Request, Request)],
    ) -> Result<Announced, StorageError> {
        let key = self.data_key().await?;
        let mut stored = Vec::with_capacity(documents.len());
        let mut writes = vec![self.count(counted, counted + documents.len())?];
        for document in documents {
            let Stored { item, hash } = self.item_of(document, key)?;
            writes.push(Write::create(self.table(), item)?);
            stored.push((&document.id, document.version, hash));
        }
        for (before, after) in lists {
            writes.push(self.request_write(Some(before), after).await?.0);
        }
        let (object, hash) = objects(&stored);
        Ok(Announced { writes, object, hash })
    }

    fn count(&self, before: usize, after: usize) -> Result<Write, StorageError> {
        let row = item::row(self.keys.data(), keys::DOCUMENT_COUNT, &Count { documents: after })?;
        let values = Item::from([(":before".to_owned(), item::number(before))]);
        // A client whose last document is gone has the row already, as one that never had any has not.
        let as_read =
            if before == 0 { "attribute_not_exists(pk) OR documents = :before" } else { "documents = :before" };
        Write::put(self.table(), row, Some((as_read, values)), Lost::Stale)
    }

    fn series_row(&self, audience: Audience, series: &Series) -> Result<Write, StorageError> {
        let row = item::row(self.keys.of(audience), keys::series(&series.first), series)?;
        match series.version {
            0 | 1 => Write::create(self.table(), row),
            version => Write::replace(self.table(), row, version - 1),
        }
    }

    /// A row with its place in the bin, its hash, and what the index has to do.
    fn replaced(
        &self,
        before: &Document,
        after: &Document,
        key: &DataKey,
    ) -> Result<(String, Vec<Write>, Option<Cause>), StorageError> {
        let Stored { item, hash } = self.item_of(after, key)?;
        let mut writes = vec![Write::replace(self.table(), item, before.version)?];
        writes.extend(self.place_in_bin(before, after)?);
        // What is found is found by its name, narrowed by its place, and by those whom it is for.
        let is_indexed = before.is_found() || after.is_found();
        let cause = is_indexed.then(|| Cause::IndexDocument { document: after.id.clone(), again: true });
        Ok((hash, writes, cause))
    }

    /// What lies in the bin is listed apart, so that the bin is read without looking through everything else.
    fn place_in_bin(&self, before: &Document, after: &Document) -> Result<Option<Write>, StorageError> {
        let pk = self.keys.of(after.visibility.audience());
        let place = |bin: &Binned| keys::binned(&bin.batch, &after.id);
        Ok(match (&before.binned, &after.binned) {
            (None, Some(bin)) => {
                let row = item::row(pk, place(bin), &serde_json::json!({ "at": bin.at }))?;
                Some(Write::overwrite(self.table(), row)?)
            }
            (Some(bin), None) => Some(Write::delete(self.table(), item::key(pk, place(bin)), None)?),
            _ => None,
        })
    }
}

/// What one event is about: a document at its version, or several with the hash of the list.
pub(crate) fn objects(stored: &[(&DocumentId, u64, String)]) -> (Object, String) {
    if let [(id, version, hash)] = stored {
        return (Object::new("document", id).at_version(*version), hash.clone());
    }
    let ids: Vec<&str> = stored.iter().map(|(id, ..)| id.as_str()).collect();
    let hashes: Vec<&str> = stored.iter().map(|(.., hash)| hash.as_str()).collect();
    (Object::new("documents", ids.join(",")), crypto::sha256_hex(hashes.join(",").as_bytes()))
}

/// What was done to a document, by what differs.
fn arranged(before: &Document, after: &Document) -> Act {
    match (before.binned.is_some(), after.binned.is_some()) {
        (false, true) => return Act::DocumentBinned,
        (true, false) => return Act::DocumentRestored,
        _ => (),
    }
    match (before.not_needed, after.not_needed) {
        (false, true) => return Act::DocumentNotNeeded,
        (true, false) => return Act::DocumentNeeded,
        _ => (),
    }
    let moved = before.name != after.name || before.project != after.project || before.category != after.category;
    match () {
        () if before.visibility != after.visibility => Act::DocumentVisibilityChanged,
        () if before.tags != after.tags && !moved => Act::DocumentTagged,
        () if before.kept.tax_year != after.kept.tax_year && !moved => Act::DocumentDated,
        () => Act::DocumentArranged,
    }
}

/// The request list that a document is for, and what a file that is ready makes of it.
#[derive(Debug)]
pub struct OfList {
    list: Request,
    next: request::Decided,
    /// Part of a set that the firm hears of as one.
    quiet: bool,
}

impl OfList {
    /// Decides on a document that has just become ready.
    pub fn filed(list: Request, on: &OnLine, document: &Document, now: Timestamp) -> Self {
        let next = request::filed(&list, &on.line, &document.id, now);
        let after = next.as_ref().map_or(&list, |(next, _)| next);
        let quiet = document.by_client && !request::is_told_alone(after, &on.line, document.asked_at);
        Self { list, next, quiet }
    }
}

pub(crate) fn act(event: &Event) -> Act {
    match event {
        Event::UploadRequested => Act::UploadRequested,
        Event::Received => Act::DocumentReceived,
        Event::Ready => Act::DocumentReady,
        Event::Rejected { .. } => Act::DocumentRejected,
        Event::Sent => Act::UploadSent,
        Event::Cancelled => Act::UploadCancelled,
    }
}

/// Who hears of it, and what is to be done.
fn causes(document: &Document, event: &Event, list: Option<&OfList>) -> Vec<Cause> {
    let (id, by, by_client) = (document.id.clone(), document.by.clone(), document.by_client);
    match event {
        Event::UploadRequested | Event::Received | Event::Sent | Event::Cancelled => Vec::new(),
        Event::Ready => {
            let index = Cause::IndexDocument { document: id.clone(), again: false };
            match document.visibility.audience() {
                Audience::Open if list.is_some_and(|list| list.quiet) => vec![index],
                Audience::Open => vec![Cause::DocumentReady { document: id, by, by_client }, index],
                // The other side does not hear of it, and the own one is not told of what it does.
                Audience::Internal => vec![index],
            }
        }
        Event::Rejected { .. } => vec![Cause::DocumentRejected { document: id, by }],
    }
}
