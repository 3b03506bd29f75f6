//! The browsers that a person has signed in with, by the hash of a cookie that proves nothing: it says only that there is
//! nothing new to tell.

use domain::{PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::commit::{self, Write};
use crate::error::StorageError;
use crate::identity::Identity;
use crate::item;
use crate::keys;
use crate::query::{Range, query};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The first that the person ever signed in with.
    First,
    New,
    Known,
}

#[derive(Serialize, Deserialize)]
struct DeviceRow {
    last_at: Timestamp,
}

impl Identity<'_> {
    /// Remembers a browser, and says whether it was known.
    pub async fn remember_device(&self, person: &PersonId, hash: &str, now: Timestamp) -> Result<Device, StorageError> {
        let pk = keys::person(person);
        let range = Range { pk: pk.clone(), prefix: keys::DEVICES, consistent: true, ..Range::default() };
        let mut known = Vec::new();
        for row in query(&self.dynamo, self.table(), range).await?.rows {
            let sk = item::text_of(&row, "sk").unwrap_or_default().to_owned();
            known.push((item::read::<DeviceRow>(row)?.last_at, sk));
        }
        let here = keys::device(hash);
        let device = match known.iter().any(|(_, sk)| *sk == here) {
            true => Device::Known,
            false if known.is_empty() => Device::First,
            false => Device::New,
        };
        let mut row = item::row(&pk, &here, &DeviceRow { last_at: now })?;
        row.insert("ttl".to_owned(), item::number(now.as_second() + limits::DEVICE_KNOWN_SECONDS));
        let mut writes = vec![Write::overwrite(self.table(), row)?];
        if device == Device::New && known.len() >= limits::DEVICES_PER_PERSON_MAX {
            // What was used longest ago makes room.
            known.sort();
            if let Some((_, oldest)) = known.first() {
                writes.push(Write::delete(self.table(), item::key(&pk, oldest), None)?);
            }
        }
        commit::transact(&self.dynamo, writes).await?;
        Ok(device)
    }
}
