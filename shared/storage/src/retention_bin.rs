//! The bin's end: what lay there for a month is removed, event first. A worker that dies before the objects are gone is
//! followed by another, which finds what was begun.

use access::{ClientJob, OneClient as _};
use domain::audit::{Act, Object};
use domain::document::Binned;
use domain::retention::{InBin, Rules};
use domain::{DocumentId, Moment, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore};
use crate::commit::{self, AuditReceipt, Write};
use crate::documents_row;
use crate::error::{During, StorageError};
use crate::holds::Holds;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;
use crate::retention::Known;

/// What stays in the place of a document that was removed from the bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    pub document: DocumentId,
    pub category: String,
    pub size_bytes: u64,
    /// Of its content, where it was filed, so that a copy that turns up elsewhere is known for what it is.
    pub digest: String,
    pub binned_by: PersonId,
    pub binned_at: Timestamp,
    pub removed_at: Timestamp,
    pub object_versions: u64,
}

/// A document in the bin with all that its removal is conditioned on.
#[derive(Debug)]
pub struct KnownInBin {
    pub one: InBin,
    binned: Binned,
    known: Known,
}

impl ClientStore<'_, ClientJob<'_>> {
    /// What has lain in the bin since that instant or longer, the longest first.
    pub async fn binned_until(&self, until: Timestamp) -> Result<Vec<DocumentId>, StorageError> {
        let mut places = self.places_in_bin(until).await?;
        places.sort();
        Ok(places.iter().filter_map(|sk| keys::binned_document(sk)).collect())
    }

    /// None for what is not in the bin any more.
    pub async fn in_bin(&self, document: &DocumentId) -> Result<Option<KnownInBin>, StorageError> {
        let client = self.scope.client().clone();
        let read = |row, projects: &_| documents_row::in_bin(row, &client, projects);
        let Some((found, version, pk)) = self.known_by(document, read).await? else { return Ok(None) };
        let (one, binned) = found;
        let known = Known::new(one.facts.clone(), version, pk, Some(binned.clone()));
        Ok(Some(KnownInBin { one, binned, known }))
    }

    /// The document is gone from now on, in one transaction with the event, if it, its project, the rules and the holds
    /// are what it was judged by. Stale otherwise.
    pub async fn remove_binned(
        &self,
        removed: &KnownInBin,
        by: (&Rules, &Holds),
        object_versions: u64,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let KnownInBin { one, binned, known } = removed;
        let facts = &one.facts;
        let row = Removed {
            document: facts.document.clone(),
            category: facts.category.clone(),
            size_bytes: facts.size_bytes,
            digest: facts.digest.clone(),
            binned_by: binned.by.clone(),
            binned_at: binned.at,
            removed_at: moment.now,
            object_versions,
        };
        let hash = crypto::sha256_hex(&serde_json::to_vec(&row).during("write what was removed")?);
        let kept = item::row(self.keys.retention(), keys::removed(&facts.document), &row)?;
        let begun = item::row(self.keys.retention(), keys::removal(&facts.document), &row)?;
        let mut writes = vec![Write::create(self.table(), kept)?, Write::create(self.table(), begun)?];
        writes.extend(self.gone(known, one.filed, by)?);
        let object = Object::new("document", &facts.document).at_version(facts.version);
        let draft = self.draft(Act::DocumentRemoved, object, moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }

    /// Removals whose event is written and whose objects may be there still.
    pub async fn removals_begun(&self) -> Result<Vec<DocumentId>, StorageError> {
        let range = Range { pk: self.keys.retention(), prefix: keys::REMOVALS, consistent: true, ..Range::default() };
        let rows = self.query_all(range, usize::MAX).await?;
        let id = |row: &Item| DocumentId::parse(item::text_of(row, "sk")?.strip_prefix(keys::REMOVALS)?).ok();
        Ok(rows.iter().filter_map(id).collect())
    }

    /// Its objects are gone. It follows from an event that is written, so it is none itself.
    pub async fn removal_done(&self, document: &DocumentId) -> Result<(), StorageError> {
        let key = item::key(self.keys.retention(), keys::removal(document));
        commit::transact(&self.dynamo, vec![Write::delete(self.table(), key, None)?]).await
    }
}
