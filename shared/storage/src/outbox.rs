//! Outbox rows: what follows from a committed change, until it is handed on to a queue.

use access::{ClientJob, OneClient};
use domain::notice::{Cause, IndexMessage, IndexWork, NoticeMessage, ParcelMessage, RetentionMessage};
use domain::person::TeamMember;
use domain::{OutboxId, PersonId, Timestamp, limits};
use serde::Deserialize;

use crate::client::ClientStore;
use crate::commit::{self, Write};
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;
use crate::seen::Seen;

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

    /// What was to be told lately together with this cause, the oldest first, the cause itself among them.
    pub async fn told_with(&self, id: &OutboxId, row: &OutboxRow) -> Result<Vec<(OutboxId, Cause)>, StorageError> {
        let mut found = vec![(id.clone(), row.cause.clone())];
        if !row.cause.is_folded() {
            return Ok(found);
        }
        let since = row.at.as_second() - limits::NOTICE_FOLD_BACK_SECONDS;
        let range = Range {
            pk: self.keys.outbox(),
            prefix: keys::OUTBOX,
            newest_first: true,
            limit: Some(limits::PAGE_ROWS_MAX),
            consistent: true,
            ..Range::default()
        };
        for item in self.query(range).await?.rows {
            let other = item::text_of(&item, "sk").and_then(|sk| OutboxId::parse(sk.strip_prefix(keys::OUTBOX)?).ok());
            let Stored { cause, at } = item::read(item)?;
            let is_one = |other: &OutboxId| other != id && at.as_second() >= since && row.cause.is_told_with(&cause);
            found.extend(other.filter(is_one).map(|other| (other, cause)));
        }
        // An id begins with its time. Of a batch larger than one mail the own cause is told by all means.
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let own = found.iter().position(|(other, _)| other == id).unwrap_or(0);
        let first = (own + 1).saturating_sub(limits::NOTICES_FOLDED_MAX);
        Ok(found.into_iter().skip(first).take(limits::NOTICES_FOLDED_MAX).collect())
    }

    /// Hands a row on to whoever acts on its cause. Doing it again hands nothing on twice, unless the first one died
    /// between the queue and the mark; who takes messages knows them by their outbox id.
    pub async fn pass_on(&self, id: &OutboxId) -> Result<(), StorageError> {
        let Some(row) = self.outbox(id).await?.filter(|row| row.waiting) else { return Ok(()) };
        let (firm, client) = (self.scope.client_firm().clone(), self.scope.client().clone());
        match row.cause {
            Cause::IndexDocument { document, again } => {
                let work = IndexWork::Document { document, again };
                self.aws.queues().index(&IndexMessage { v: 1, firm, client, work }, id.as_str()).await?;
            }
            Cause::IndexMessage { topic, number, again } => {
                let work = IndexWork::Message { topic, number, again };
                self.aws.queues().index(&IndexMessage { v: 1, firm, client, work }, id.as_str()).await?;
            }
            Cause::HealIndex { audience } => {
                let work = IndexWork::Rebuild { rebuild: audience, always: false };
                self.aws.queues().index(&IndexMessage { v: 1, firm, client, work }, id.as_str()).await?;
            }
            Cause::TendRetention => {
                let message = RetentionMessage { v: 1, firm, client, due_at: None };
                self.aws.queues().retention(&message, id.as_str()).await?;
            }
            Cause::MakeParcel { parcel } => {
                let message = ParcelMessage { v: 1, firm, client, parcel };
                self.aws.queues().parcel(&message, id.as_str()).await?;
            }
            Cause::SeenDocument { document, event, by, act, at } => {
                let name = self.name_of(&by).await?;
                self.note_seen(&document, &event, &Seen { person: by, name, at, act }).await?;
            }
            cause => {
                let tier = cause.tier().ok_or_else(|| StorageError::bug("hand a cause on", "nobody acts on it"))?;
                let message = NoticeMessage { v: 1, firm, client, outbox: id.clone() };
                let after_seconds = if cause.is_folded() { limits::NOTICE_FOLD_SECONDS } else { 0 };
                self.aws.queues().notice(tier, &message, after_seconds).await?;
            }
        }
        self.hand_on(id).await
    }

    async fn name_of(&self, person: &PersonId) -> Result<String, StorageError> {
        let found = self.get(self.keys.data(), keys::team(person)).await?;
        let member: Option<TeamMember> = found.map(item::read).transpose()?;
        Ok(member.map_or_else(|| "Somebody who has left".to_owned(), |member| member.name))
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
