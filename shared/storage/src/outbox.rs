//! Outbox rows: what follows from a committed change, until it is handed on to a queue.

use access::{ClientJob, OneClient};
use domain::notice::fold::fold_of;
use domain::notice::{Cause, IndexMessage, IndexWork, NoticeMessage, ParcelMessage, RetentionMessage, Tier};
use domain::person::TeamMember;
use domain::{OutboxId, PersonId, Timestamp, limits};
use serde::Deserialize;

use crate::client::ClientStore;
use crate::commit::{self, Write};
use crate::dues;
use crate::error::{During, StorageError};
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
    /// Where it stands among what is due, if somebody is to hear of it later.
    held: Option<String>,
}

impl OutboxRow {
    /// Whether somebody is to hear of it later.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }
}

/// What is told together with a cause.
#[derive(Debug)]
pub struct Together {
    /// The oldest first, the cause itself among them.
    pub causes: Vec<(OutboxId, Cause)>,
    /// When the last of it is in: nothing is told before.
    pub closes_at: Timestamp,
}

#[derive(Deserialize)]
struct Stored {
    cause: Cause,
    at: Timestamp,
}

impl ClientStore<'_, ClientJob<'_>> {
    pub async fn outbox(&self, id: &OutboxId) -> Result<Option<OutboxRow>, StorageError> {
        let Some(row) = self.get(self.keys.outbox(), keys::outbox_row(id)).await? else { return Ok(None) };
        let place = |prefix: &str| {
            let wpk = item::text_of(&row, "wpk").filter(|wpk| wpk.starts_with(prefix));
            wpk.and(item::text_of(&row, "wsk")).map(str::to_owned)
        };
        let (waiting, held) = (place(keys::OUTBOX).is_some(), place(keys::DUES));
        let Stored { cause, at } = item::read(row)?;
        Ok(Some(OutboxRow { cause, at, waiting, held }))
    }

    /// What is told together with this cause.
    pub async fn told_with(&self, id: &OutboxId, row: &OutboxRow) -> Result<Together, StorageError> {
        let alone = || Together { causes: vec![(id.clone(), row.cause.clone())], closes_at: row.at };
        let Some(rule) = row.cause.fold() else { return Ok(alone()) };
        let rule = rule.in_percent(self.aws.settings().fold_percent);
        let (before, after) = tokio::join!(self.beside(id, row, true), self.beside(id, row, false));
        let mut found = before?;
        found.push((row.at, id.clone(), row.cause.clone()));
        found.extend(after?);
        // An id begins with its time.
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let instants: Vec<Timestamp> = found.iter().map(|(at, ..)| *at).collect();
        let own = found.iter().position(|(_, other, _)| other == id);
        let Some((fold, places)) = own.and_then(|own| fold_of(rule, &instants, own)) else { return Ok(alone()) };
        let causes = found.drain(places).map(|(_, outbox, cause)| (outbox, cause)).collect();
        Ok(Together { causes, closes_at: fold.closes_at })
    }

    /// What happened around a cause and may be told with it: before or after.
    async fn beside(
        &self,
        id: &OutboxId,
        row: &OutboxRow,
        before: bool,
    ) -> Result<Vec<(Timestamp, OutboxId, Cause)>, StorageError> {
        let range = Range {
            pk: self.keys.outbox(),
            prefix: keys::OUTBOX,
            newest_first: before,
            after: Some(keys::outbox_row(id)),
            limit: Some(limits::PAGE_ROWS_MAX),
            consistent: true,
            ..Range::default()
        };
        let is_near = |at: Timestamp| {
            at.as_second().abs_diff(row.at.as_second()) <= limits::NOTICE_FOLD_BACK_SECONDS.unsigned_abs()
        };
        let mut found = Vec::new();
        for item in self.query(range).await?.rows {
            let other = item::text_of(&item, "sk").and_then(|sk| OutboxId::parse(sk.strip_prefix(keys::OUTBOX)?).ok());
            let Stored { cause, at } = item::read(item)?;
            let is_one = is_near(at) && row.cause.is_told_with(&cause);
            found.extend(other.filter(|_| is_one).map(|other| (at, other, cause)));
        }
        Ok(found)
    }

    /// Hands a row on to whoever acts on its cause. Doing it again hands nothing on twice, unless the first one died
    /// between the queue and the mark; who takes messages knows them by their outbox id.
    pub async fn pass_on(&self, id: &OutboxId, now: Timestamp) -> Result<(), StorageError> {
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
                let message = RetentionMessage { v: 1, firm, client, due_at: None, newsletter: None };
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
                let tier = self.tier_of(&cause, now).await?;
                let message = NoticeMessage { v: 1, firm, client, outbox: id.clone(), due_at: None };
                let settings = self.aws.settings();
                let fold = cause.fold().map(|rule| rule.in_percent(settings.fold_percent));
                // A second more: the clocks of two machines differ, and what comes too early comes twice.
                let after = fold.map_or(0, |rule| rule.window_seconds + 1);
                self.aws.queues().notice(tier, &message, after).await?;
            }
        }
        self.hand_on(id).await
    }

    /// Somebody hears of it later: it comes again at this instant.
    pub async fn hold_notice(&self, id: &OutboxId, until: Timestamp) -> Result<(), StorageError> {
        let (wpk, wsk) = dues::place(until, id.as_str());
        let asked = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(item::key(self.keys.outbox(), keys::outbox_row(id))))
            .update_expression("SET wpk = :wpk, wsk = :wsk")
            // What lapsed meanwhile is not made again.
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":wpk", item::text(wpk))
            .expression_attribute_values(":wsk", item::text(wsk));
        match asked.send().await {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            answer => answer.during("hold a notice").map(|_| ()),
        }
    }

    /// Gives what was held until now to its queue. A row that is not due yet, or was given before, stays as it is.
    pub async fn release_notice(&self, id: &OutboxId, due_at: Timestamp, now: Timestamp) -> Result<(), StorageError> {
        let Some(row) = self.outbox(id).await? else { return Ok(()) };
        let Some(place) = row.held.filter(|place| dues::is_due(place, due_at)) else { return Ok(()) };
        let (firm, client) = (self.scope.client_firm().clone(), self.scope.client().clone());
        let message = NoticeMessage { v: 1, firm, client, outbox: id.clone(), due_at: Some(due_at) };
        let tier = self.tier_of(&row.cause, now).await?;
        self.aws.queues().notice(tier, &message, 0).await?;
        let key = item::key(self.keys.outbox(), keys::outbox_row(id));
        // It may be held anew by now.
        let same = Item::from([(":place".to_owned(), item::text(place))]);
        let mark = Write::update(self.table(), key, "REMOVE wpk, wsk", &[], same, Some("wsk = :place"))?;
        match commit::transact(&self.dynamo, vec![mark]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }

    /// As the firm has it.
    async fn tier_of(&self, cause: &Cause, now: Timestamp) -> Result<Tier, StorageError> {
        let kind = cause.kind().ok_or_else(|| StorageError::bug("hand a cause on", "nobody acts on it"))?;
        Ok(self.aws.client_brand(self.scope, now).await?.notices.of(kind).tier)
    }

    async fn name_of(&self, person: &PersonId) -> Result<String, StorageError> {
        let found = self.get(self.keys.data(), keys::team(person)).await?;
        let member: Option<TeamMember> = found.map(item::read).transpose()?;
        Ok(member.map_or_else(|| "Somebody who has left".to_owned(), |member| member.name))
    }

    /// Takes a row out of the sweep's sight, once a queue has it. Somebody who did it before has done it.
    pub async fn hand_on(&self, id: &OutboxId) -> Result<(), StorageError> {
        let key = item::key(self.keys.outbox(), keys::outbox_row(id));
        // By now it may be held, which is a place of another sort.
        let waits = Item::from([(":waits".to_owned(), item::text(keys::OUTBOX))]);
        let condition = Some("begins_with(wpk, :waits)");
        let mark = Write::update(self.table(), key, "REMOVE wpk, wsk", &[], waits, condition)?;
        match commit::transact(&self.dynamo, vec![mark]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }
}
