//! A document as a row: facts in the open, name and tags sealed under the client's own key, and what retention judges of it.

use std::collections::BTreeMap;

use access::OneClient;
use crypto::{Aad, DataKey};
use domain::document::{Binned, Document, FileName, Kept, Parts, State, Tags, Viewer, Visibility};
use domain::project::Project;
use domain::request::OnLine;
use domain::retention::{Facts, InBin, Place};
use domain::{ClientId, DocumentId, PersonId, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::client::ClientStore;
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;

/// A document without its name. The state's word is an attribute of the row, so that rows can be chosen by it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: DocumentId,
    pub(crate) project: ProjectId,
    pub(crate) category: String,
    pub(crate) size_bytes: u64,
    pub(crate) by: PersonId,
    pub(crate) by_client: bool,
    pub(crate) asked_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) again_for: Option<DocumentId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) not_needed: bool,
    #[serde(default, skip_serializing_if = "Visibility::is_company")]
    pub(crate) visibility: Visibility,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<OnLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parts: Option<Parts>,
    #[serde(flatten)]
    pub(crate) kept: Kept,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) binned: Option<Binned>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<DocumentId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) superseded: bool,
    pub(crate) version: u64,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// A row as it was read, before its name is opened.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) row: Row,
    pub(crate) name: Vec<u8>,
    pub(crate) tags: Vec<u8>,
}

impl Sealed {
    pub(crate) fn is_for(&self, viewer: &Viewer) -> bool {
        self.row.visibility.shows(&self.row.by, self.row.by_client, viewer)
    }
}

/// A row with the hash by which an event remembers it.
pub(crate) struct Stored {
    pub(crate) item: Item,
    pub(crate) hash: String,
}

impl<S: OneClient> ClientStore<'_, S> {
    /// A row says whom it is for, and where it lies does too: no client's role can write a document that passes for one
    /// of the firm's own, nor does one of those lie by mistake where clients read.
    pub(crate) fn read_row(&self, row: Item) -> Result<Sealed, StorageError> {
        let sealed = |attribute| item::bytes_of(&row, attribute).unwrap_or_default().to_vec();
        let (name, tags) = (sealed(NAME_SEALED), sealed(TAGS_SEALED));
        let pk = item::text_of(&row, "pk").map(str::to_owned);
        let row: Row = item::read(row)?;
        if pk.as_deref() != Some(self.keys.of(row.visibility.audience()).as_str()) {
            return Err(StorageError::bug("read a document", "it lies among those of another audience"));
        }
        Ok(Sealed { row, name, tags })
    }

    pub(crate) fn documents_of(&self, rows: Vec<Sealed>, key: &DataKey) -> Result<Vec<Document>, StorageError> {
        rows.into_iter().map(|row| self.document_of(row, key)).collect()
    }

    /// Its name and tags.
    pub(crate) fn opened(
        &self,
        Sealed { row, name, tags }: &Sealed,
        key: &DataKey,
    ) -> Result<(FileName, Tags), StorageError> {
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

    pub(crate) fn document_of(&self, sealed: Sealed, key: &DataKey) -> Result<Document, StorageError> {
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
    let (has_versions, former) = (row.series.is_some(), row.kept.former.clone());
    let (digest, uploaded_at, filed) = match &row.state {
        State::Ready { digest, ready_at, .. } => (digest.clone(), *ready_at, true),
        State::AwaitingUpload { .. } | State::Processing { .. } | State::Rejected { .. } => {
            (String::new(), row.asked_at, false)
        }
    };
    let facts = facts_of(row, digest, uploaded_at, client, projects);
    let binned_at = binned.at;
    Ok(facts.map(|facts| (InBin { facts, binned_at, filed, former, has_versions }, binned)))
}

const NAME_SEALED: &str = "name_sealed";
const TAGS_SEALED: &str = "tags_sealed";

fn name_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "name" }
}

fn tags_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "tags" }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::document::RejectReason;
    use domain::limits;

    pub(crate) fn row(state: State) -> Row {
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
