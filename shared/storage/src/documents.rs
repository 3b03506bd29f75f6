//! A client's documents as rows: facts in the open, names sealed under the client's own key.
//!
//! This is the one door to documents: whatever is read here is what the scope's own viewer may see, and nothing tells
//! what it may not see from what is not there. What the firm keeps to itself lies in a partition of its own.

use std::collections::{BTreeMap, BTreeSet};

use access::{ClientJob, ClientScope, OneClient, OnePerson as _};
use crypto::{Aad, DataKey};
use domain::audit::{Act, Object};
use domain::document::{
    self, Audience, Binned, Document, Event, FileName, Kept, Parts, Series, State, Tags, Viewer, Visibility,
};
use domain::notice::Cause;
use domain::permissions::UploadDocuments;
use domain::project::Project;
use domain::request::{self, OnLine, Request};
use domain::retention::{Facts, InBin, Place};
use domain::{ClientId, DocumentId, Moment, PersonId, ProjectId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{AuditReceipt, Lost, Write};
use crate::documents_found::{DocumentFilter, DocumentPage};
use crate::error::{During, StorageError};
use crate::holds::Holds;
use crate::item::{self, Item};
use crate::keys;
use crate::metering;
use crate::query::Range;
use crate::requests;

/// Rows that are read at once where many of them may be for others.
const ROWS_AT_ONCE: usize = 1_000;

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
    #[serde(default, skip_serializing_if = "Visibility::is_company")]
    visibility: Visibility,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<OnLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<Parts>,
    #[serde(flatten)]
    kept: Kept,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binned: Option<Binned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series: Option<DocumentId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    superseded: bool,
    version: u64,
    #[serde(flatten)]
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
struct Count {
    documents: usize,
}

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
                if row.is_for(viewer) && filter.is_of_kind(&row.row.state) && self.is_called(filter, &row).await? {
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

    /// Some documents that the scope's viewer may see, whatever their state and place; the others are left out.
    pub async fn documents_named(&self, ids: &[DocumentId]) -> Result<BTreeMap<DocumentId, Document>, StorageError> {
        let viewer = &self.scope.viewer();
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

    /// Those of these that the scope's viewer may see, in no order.
    pub async fn some_documents(&self, ids: BTreeSet<DocumentId>) -> Result<Vec<Document>, StorageError> {
        let viewer = &self.scope.viewer();
        let ids: Vec<DocumentId> = ids.into_iter().collect();
        let ids = &ids;
        let read = |audience: Audience| async move {
            if !viewer.reaches(audience) {
                return Ok(Vec::new());
            }
            let pk = self.keys.of(audience);
            let mut rows = Vec::new();
            for page in ids.chunks(limits::PAGE_ROWS_MAX) {
                rows.extend(self.get_all(page.iter().map(|id| item::key(&pk, keys::document(id))).collect()).await?);
            }
            Ok::<_, StorageError>(rows)
        };
        let (open, internal, key) = tokio::join!(read(Audience::Open), read(Audience::Internal), self.data_key());
        let rows = [open?, internal?].concat().into_iter().map(|row| self.read_row(row));
        let rows: Vec<Sealed> = rows.collect::<Result<_, _>>()?;
        self.documents_of(rows.into_iter().filter(|row| row.is_for(viewer)).collect(), key?)
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

    /// A row says whom it is for, and where it lies does too: no client's role can write a document that passes for one
    /// of the firm's own, nor does one of those lie by mistake where clients read.
    fn read_row(&self, row: Item) -> Result<Sealed, StorageError> {
        let sealed = |attribute| item::bytes_of(&row, attribute).unwrap_or_default().to_vec();
        let (name, tags) = (sealed(NAME_SEALED), sealed(TAGS_SEALED));
        let pk = item::text_of(&row, "pk").map(str::to_owned);
        let row: Row = item::read(row)?;
        if pk.as_deref() != Some(self.keys.of(row.visibility.audience()).as_str()) {
            return Err(StorageError::bug("read a document", "it lies among those of another audience"));
        }
        Ok(Sealed { row, name, tags })
    }

    fn documents_of(&self, rows: Vec<Sealed>, key: &DataKey) -> Result<Vec<Document>, StorageError> {
        rows.into_iter().map(|row| self.document_of(row, key)).collect()
    }

    /// Its name and tags.
    fn opened(&self, Sealed { row, name, tags }: &Sealed, key: &DataKey) -> Result<(FileName, Tags), StorageError> {
        let (pk, sk) = (self.keys.of(row.visibility.audience()), keys::document(&row.id));
        let name = key.open(name, &name_place(&pk, &sk)).during("open a document's name")?;
        let name = String::from_utf8(name).during("open a document's name")?;
        let name = FileName::parse(&name).during("read a document's name")?;
        if tags.is_empty() {
            return Ok((name, Tags::new()));
        }
        let tags = key.open(tags, &tags_place(&pk, &sk)).during("open a document's tags")?;
        Ok((name, serde_json::from_slice(&tags).during("read a document's tags")?))
    }

    fn document_of(&self, sealed: Sealed, key: &DataKey) -> Result<Document, StorageError> {
        let (name, tags) = self.opened(&sealed, key)?;
        let row = sealed.row;
        Ok(Document {
            name,
            tags,
            id: row.id,
            project: row.project,
            category: row.category,
            size_bytes: row.size_bytes,
            by: row.by,
            by_client: row.by_client,
            asked_at: row.asked_at,
            again_for: row.again_for,
            not_needed: row.not_needed,
            visibility: row.visibility,
            request: row.request,
            kept: row.kept,
            parts: row.parts,
            binned: row.binned,
            series: row.series,
            superseded: row.superseded,
            state: row.state,
            version: row.version,
        })
    }

    pub(crate) fn item_of(&self, document: &Document, key: &DataKey) -> Result<Stored, StorageError> {
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
            visibility: document.visibility.clone(),
            request: document.request.clone(),
            kept: document.kept.clone(),
            parts: document.parts.clone(),
            binned: document.binned.clone(),
            series: document.series.clone(),
            superseded: document.superseded,
            version: document.version,
            state: document.state.clone(),
        };
        let (pk, sk) = (self.keys.of(document.visibility.audience()), keys::document(&document.id));
        let name = key.seal(document.name.as_str().as_bytes(), &name_place(&pk, &sk));
        let name = name.during("seal a document's name")?;
        // The name counts as it is stored: a hash of its words could be guessed. So do the tags.
        let mut hashed = serde_json::json!({ "row": row, NAME_SEALED: crypto::sha256_hex(&name) });
        let mut item = item::row(&pk, &sk, &row)?;
        item.insert(NAME_SEALED.to_owned(), item::bytes(name));
        if !document.tags.is_empty() {
            let tags = serde_json::to_vec(&document.tags).during("write a document's tags")?;
            let tags = key.seal(&tags, &tags_place(&pk, &sk)).during("seal a document's tags")?;
            hashed[TAGS_SEALED] = crypto::sha256_hex(&tags).into();
            item.insert(TAGS_SEALED.to_owned(), item::bytes(tags));
        }
        Ok(Stored { item, hash: crypto::sha256_hex(hashed.to_string().as_bytes()) })
    }

    /// The versions of a document that has others; none where it has none. They are for whom the document is.
    pub async fn series(&self, document: &Document) -> Result<Option<Series>, StorageError> {
        let Some(first) = &document.series else { return Ok(None) };
        let found = self.get(self.keys.of(document.visibility.audience()), keys::series(first)).await?;
        found.map(item::read).transpose()
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

/// A row as it was read, before its name is opened.
#[derive(Debug)]
struct Sealed {
    row: Row,
    name: Vec<u8>,
    tags: Vec<u8>,
}

impl Sealed {
    fn is_for(&self, viewer: &Viewer) -> bool {
        self.row.visibility.shows(&self.row.by, self.row.by_client, viewer)
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

/// What decides how long a filed document is kept, of its row, with its place in the bin: its name stays sealed. None for
/// what was never filed.
pub(crate) fn facts(
    row: Item,
    client: &ClientId,
    projects: &BTreeMap<ProjectId, Project>,
) -> Result<Option<(Facts, Option<Binned>)>, StorageError> {
    let row: Row = item::read(row)?;
    let State::Ready { digest, ready_at, .. } = row.state.clone() else { return Ok(None) };
    let binned = row.binned.clone();
    Ok(facts_of(row, digest, ready_at, client, projects).map(|facts| (facts, binned)))
}

fn facts_of(
    row: Row,
    digest: String,
    uploaded_at: Timestamp,
    client: &ClientId,
    projects: &BTreeMap<ProjectId, Project>,
) -> Option<Facts> {
    // A document outlives no project; one that seemed to would be kept.
    let project = projects.get(&row.project)?;
    let last_activity_at = row.kept.arranged_at.map_or(project.changed_at, |at| at.max(project.changed_at));
    let archived = row.kept.archived;
    Some(Facts {
        series: row.series.clone().unwrap_or_else(|| row.id.clone()),
        // Whether there are others is known by whoever reads them.
        leads: row.series.is_some() && !row.superseded,
        document: row.id,
        client: client.clone(),
        project: row.project,
        pack: project.pack,
        category: row.category,
        size_bytes: row.size_bytes,
        digest,
        version: row.version,
        uploaded_at,
        last_activity_at,
        closed_at: project.closed(),
        tax_year: row.kept.tax_year,
        place: match row.binned {
            Some(_) => Place::Binned { archived },
            None if archived => Place::Archived,
            None => Place::InUse,
        },
    })
}

/// What decides whether a document leaves the bin, of its row. None for what is not there.
pub(crate) fn in_bin(
    row: Item,
    client: &ClientId,
    projects: &BTreeMap<ProjectId, Project>,
) -> Result<Option<(InBin, Binned)>, StorageError> {
    let row: Row = item::read(row)?;
    let Some(binned) = row.binned.clone() else { return Ok(None) };
    let has_versions = row.series.is_some();
    let (digest, uploaded_at, filed) = match &row.state {
        State::Ready { digest, ready_at, .. } => (digest.clone(), *ready_at, true),
        State::AwaitingUpload { .. } | State::Processing { .. } | State::Rejected { .. } => {
            (String::new(), row.asked_at, false)
        }
    };
    let facts = facts_of(row, digest, uploaded_at, client, projects);
    let binned_at = binned.at;
    Ok(facts.map(|facts| (InBin { facts, binned_at, filed, has_versions }, binned)))
}

const NAME_SEALED: &str = "name_sealed";
const TAGS_SEALED: &str = "tags_sealed";

fn name_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "name" }
}

fn tags_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "tags" }
}

/// A row with the hash by which an event remembers it.
pub(crate) struct Stored {
    pub(crate) item: Item,
    pub(crate) hash: String,
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
        let draft = self.draft(Act::UploadRequested, object, moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }

    /// Stores documents in their new place, under their new names, in the bin or out of it, as needed or not: as many as
    /// one write takes, as one event. Stale if somebody was faster with any of them. Where one leaves its project, only
    /// if the holds are those by which it was allowed to.
    pub async fn arrange_documents(
        &self,
        pairs: &[(&Document, &Document)],
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

    fn count(&self, before: usize, after: usize) -> Result<Write, StorageError> {
        let row = item::row(self.keys.data(), keys::DOCUMENT_COUNT, &Count { documents: after })?;
        let values = Item::from([(":before".to_owned(), item::number(before))]);
        // A client whose last document is gone has the row already, as one that never had any has not.
        let as_read =
            if before == 0 { "attribute_not_exists(pk) OR documents = :before" } else { "documents = :before" };
        Write::put(self.table(), row, Some((as_read, values)), Lost::Stale)
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

/// What one event is about: a document at its version, or several with the hash of the list.
fn objects(stored: &[(&DocumentId, u64, String)]) -> (Object, String) {
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
            visibility: Visibility::Company,
            request: None,
            kept: Kept::default(),
            parts: Parts::of(limits::UPLOAD_FORM_BYTES_MAX + 1),
            binned: None,
            series: None,
            superseded: false,
            version: 3,
            state,
        }
    }

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

    #[test]
    fn a_row_says_whom_it_is_for_and_rows_of_before_are_for_everybody() {
        let state = || State::Processing { object_version: "v1".into() };
        let people = Visibility::People([PersonId::from_bits(3), PersonId::from_bits(4)].into());
        for visibility in [Visibility::Company, people, Visibility::Firm] {
            let stored = item::row("pk", "sk", &Row { visibility: visibility.clone(), ..row(state()) }).unwrap();
            assert_eq!(stored.contains_key("visibility"), !visibility.is_company());
            assert_eq!(item::read::<Row>(stored).unwrap().visibility, visibility);
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
                read_by_sight: 0,
                unseen: 0,
                previews: 0,
                language: None,
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
