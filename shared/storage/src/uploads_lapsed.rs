//! Announced files that never came, uploads that were given up, and files that were refused a month ago: their rows go, so
//! that they take no document's place.

use access::ClientJob;
use domain::audit::Act;
use domain::document::{Audience, Parts};
use domain::{DocumentId, Moment, Timestamp, limits};

use crate::client::{ClientChange, ClientStore};
use crate::commit::{AuditReceipt, Write};
use crate::documents_row::Row;
use crate::documents_written::objects;
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// A row to take away, as it was read.
#[derive(Debug)]
pub struct LapsedUpload {
    pub document: DocumentId,
    version: u64,
    pk: String,
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Those that lapsed by now. What lies in the bin goes with the bin.
    pub async fn lapsed_uploads(&self, now: Timestamp) -> Result<Vec<LapsedUpload>, StorageError> {
        let mut lapsed = Vec::new();
        for audience in Audience::ALL {
            let range =
                Range { pk: self.keys.of(audience), prefix: keys::DOCUMENTS, absent: &["binned"], ..Range::default() };
            for row in self.query_all(range, limits::DOCUMENTS_PER_CLIENT_MAX).await? {
                let pk = item::text_of(&row, "pk").unwrap_or_default().to_owned();
                let row: Row = item::read(row)?;
                let is_sent = row.parts.as_ref().is_some_and(Parts::is_sent);
                if row.state.lapsed(is_sent, now) {
                    lapsed.push(LapsedUpload { document: row.id, version: row.version, pk });
                }
            }
        }
        Ok(lapsed)
    }

    /// Takes some away, as many as one write takes, as one event. Stale if one of them is not what it was.
    pub async fn remove_lapsed(
        &self,
        some: &[LapsedUpload],
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let mut writes = vec![self.fewer(some.len())?];
        for one in some {
            let values = Item::from([(":from".to_owned(), item::number(one.version))]);
            let key = item::key(&one.pk, keys::document(&one.document));
            writes.push(Write::delete(self.table(), key, Some(("version = :from", values)))?);
        }
        let gone: Vec<_> = some.iter().map(|one| (&one.document, one.version, String::new())).collect();
        let draft = self.draft(Act::UploadLapsed, objects(&gone).0, moment);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}
