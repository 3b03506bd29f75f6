//! Outbox rows: what follows from a committed change, until it is handed on to a queue.

use access::ClientJob;
use domain::notice::Cause;
use domain::{OutboxId, Timestamp};
use serde::Deserialize;

use crate::client::ClientStore;
use crate::commit::{self, Write};
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;

/// What follows from a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub cause: Cause,
    pub at: Timestamp,
    /// Not handed on yet: the sweep finds it.
    pub waiting: bool,
}

#[derive(Deserialize)]
struct Stored {
    cause: Cause,
    at: Timestamp,
}

impl ClientStore<'_, ClientJob<'_>> {
    pub async fn outbox(&self, id: &OutboxId) -> Result<Option<OutboxRow>, StorageError> {
        let Some(row) = self.get(self.keys.outbox(), keys::outbox_row(id)).await? else { return Ok(None) };
        let waiting = row.contains_key("wpk");
        let Stored { cause, at } = item::read(row)?;
        Ok(Some(OutboxRow { cause, at, waiting }))
    }

    /// Takes a row out of the sweep's sight, once a queue has it. Somebody who did it before has done it.
    pub async fn hand_on(&self, id: &OutboxId) -> Result<(), StorageError> {
        let key = item::key(self.keys.outbox(), keys::outbox_row(id));
        let condition = Some("attribute_exists(wpk)");
        let mark = Write::update(self.table(), key, "REMOVE wpk, wsk", &[], Item::new(), condition)?;
        match commit::transact(&self.dynamo, vec![mark]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }
}
