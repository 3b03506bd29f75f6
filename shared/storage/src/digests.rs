//! Digests: under each person what it is to hear together, as pointers to the clients' outbox rows, so that no content
//! leaves its client before it is told. Whoever tells a client's people puts lines there and can read none; whoever sends
//! a digest reads one person's, and each client with keys of its own.

use access::{ClientJob, OneClient, PersonJob};
use aws_sdk_dynamodb::Client;
use domain::ids::ulid;
use domain::notice::digest::DigestSlot;
use domain::{ClientId, Moment, OutboxId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::claims::{Leased, lease};
use crate::client::ClientStore;
use crate::commit::{self, Write};
use crate::dues;
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};

/// Of a digest that is being sent, which takes nothing more in.
const LEAVING: &str = "leaving";
pub(crate) const GONE: &str = "gone";

/// One thing that a digest tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DigestLine {
    pub client: ClientId,
    pub outbox: OutboxId,
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Puts a cause into a person's digest; a second time is the same. False where that digest has left already.
    pub async fn put_into_digest(
        &self,
        slot: &DigestSlot,
        outbox: &OutboxId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let (table, client) = (self.table(), self.scope.client());
        let pk = keys::digests(self.scope.client_firm(), &slot.person);
        let lapses = item::number(now.as_second().max(slot.at.as_second()) + limits::CLAIM_KEPT_SECONDS);
        let line = DigestLine { client: client.clone(), outbox: outbox.clone() };
        let mut line = item::row(&pk, keys::line(slot, client, outbox), &line)?;
        line.insert("ttl".to_owned(), lapses.clone());
        // What comes late is due at once: nobody looks among what was due days ago.
        let (wpk, wsk) = dues::place(slot.at.max(now), slot.person.as_str());
        let values = Item::from([
            (":wpk".to_owned(), item::text(wpk)),
            (":wsk".to_owned(), item::text(wsk)),
            (":ttl".to_owned(), lapses),
        ]);
        let names = [("#ttl", "ttl"), ("#state", "state")];
        let stays = Some("attribute_not_exists(#state)");
        let expression = "SET wpk = :wpk, wsk = :wsk, #ttl = :ttl";
        let slot = Write::update(table, item::key(&pk, keys::slot(slot)), expression, &names, values, stays)?;
        match commit::transact(&self.dynamo, vec![Write::overwrite(table, line)?, slot]).await {
            Ok(()) => Ok(true),
            Err(StorageError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// One person's digests.
pub struct DigestStore<'a> {
    aws: &'a Aws,
    scope: PersonJob<'a>,
    dynamo: Client,
}

/// The right to send one digest, until its lease ends.
#[derive(Debug)]
pub struct TakenDigest {
    fence: u64,
    /// The page to go on with: those before it are told.
    pub from: Option<String>,
}

#[derive(Debug)]
pub enum Taken {
    Yours(TakenDigest),
    /// It was sent, or there is none.
    Gone,
    /// Another run sends it.
    Held,
}

impl<'a> DigestStore<'a> {
    pub fn open(aws: &'a Aws, scope: PersonJob<'a>) -> Self {
        Self { aws, scope, dynamo: aws.dynamo(scope.keys()) }
    }

    /// From here on it takes nothing more in.
    pub async fn take(&self, slot: &DigestSlot, moment: &mut Moment) -> Result<Taken, StorageError> {
        let (now, by) = (moment.now, ulid(moment.next_id()));
        let asked = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(self.key(slot)))
            .update_expression("SET #state = :leaving, leased_by = :by, lease_until = :until ADD fence :one")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(#state) OR (#state = :leaving AND lease_until <= :now))",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":leaving", item::text(LEAVING))
            .expression_attribute_values(":now", item::number(now.as_second()))
            .expression_attribute_values(":until", item::number(now.as_second() + limits::DIGEST_LEASE_SECONDS))
            .expression_attribute_values(":one", item::number(1));
        Ok(match lease(asked, &by, "take a digest").await? {
            Leased::Yours { fence, row } => {
                let from = item::text_of(&row, "told_to").map(str::to_owned);
                Taken::Yours(TakenDigest { fence, from })
            }
            Leased::Lost { state } if state.as_deref() == Some(LEAVING) => Taken::Held,
            Leased::Lost { .. } => Taken::Gone,
        })
    }

    /// A page of what it tells, by client; and where the next one begins.
    pub async fn lines(
        &self,
        slot: &DigestSlot,
        after: Option<String>,
    ) -> Result<(Vec<DigestLine>, Option<String>), StorageError> {
        let prefix = keys::lines_of(slot);
        let range = Range {
            pk: self.pk(),
            prefix: &prefix,
            after,
            limit: Some(limits::DIGEST_NEWS_MAX),
            consistent: true,
            ..Range::default()
        };
        let page = query(&self.dynamo, self.table(), range).await?;
        let lines = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        Ok((lines, page.next))
    }

    /// All of it is told.
    pub async fn close(&self, slot: &DigestSlot, taken: &TakenDigest) -> Result<(), StorageError> {
        let asked = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(self.key(slot)))
            .update_expression("SET #state = :gone REMOVE wpk, wsk, lease_until, leased_by")
            .condition_expression("fence = :fence")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":gone", item::text(GONE))
            .expression_attribute_values(":fence", item::number(taken.fence));
        asked.send().await.during("close a digest").map(|_| ())
    }

    /// Not all of it is told: the next run may go on at once, with the page that was reached.
    pub async fn give_back(&self, slot: &DigestSlot, taken: &TakenDigest) -> Result<(), StorageError> {
        let mut asked = self
            .dynamo
            .update_item()
            .table_name(self.table())
            .set_key(Some(self.key(slot)))
            .condition_expression("fence = :fence")
            .expression_attribute_values(":now", item::number(0))
            .expression_attribute_values(":fence", item::number(taken.fence));
        asked = match &taken.from {
            None => asked.update_expression("SET lease_until = :now"),
            Some(from) => asked
                .update_expression("SET lease_until = :now, told_to = :from")
                .expression_attribute_values(":from", item::text(from)),
        };
        asked.send().await.during("give a digest back").map(|_| ())
    }

    fn table(&self) -> &'a str {
        &self.aws.settings().table_data
    }

    fn pk(&self) -> String {
        keys::digests(self.scope.firm(), self.scope.person())
    }

    fn key(&self, slot: &DigestSlot) -> Item {
        item::key(self.pk(), keys::slot(slot))
    }
}
