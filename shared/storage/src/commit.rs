//! One transaction: the change, its audit event, the chain's head, the outbox, the idempotency record and, for staff,
//! the assignment. Nothing is written any other way, and IAM refuses what would be.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use crypto::chain::{self, Head, Link};
use domain::audit::{Chain, Draft};
use domain::notice::Cause;
use domain::{EventId, OutboxId, Timestamp, limits};

use crate::error::{During, Revoked, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::settings::Settings;

/// Proof that an event is committed. Content leaves only against one.
#[derive(Debug)]
pub struct AuditReceipt {
    event: EventId,
    seq: u64,
}

impl AuditReceipt {
    /// Of an event that was committed with the row that names it.
    pub(crate) fn noted(event: EventId) -> Self {
        Self { event, seq: 0 }
    }

    /// The code on a watermarked copy, which leads back to the event.
    pub fn event(&self) -> &EventId {
        &self.event
    }

    pub fn seq(&self) -> u64 {
        self.seq
    }
}

/// What to do when the condition of one member fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The row has another version: the caller decides again.
    Stale,
    /// The chain moved on: only the event is made anew.
    Chain,
    /// The assignment is gone.
    Assignment,
    /// The idempotency key was used.
    Repeated,
    /// What the person's scope stood on is gone.
    Scope(Revoked),
}

/// One member of a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    item: TransactWriteItem,
    lost: Lost,
}

impl Write {
    /// A new row.
    pub(crate) fn create(table: &str, item: Item) -> Result<Write, StorageError> {
        Self::put(table, item, Some(("attribute_not_exists(pk)", Item::new())), Lost::Stale)
    }

    /// A row whose stored `version` must be the one that the change was made from.
    pub(crate) fn replace(table: &str, item: Item, from_version: u64) -> Result<Write, StorageError> {
        let values = Item::from([(":from".to_owned(), item::number(from_version))]);
        Self::put(table, item, Some(("version = :from", values)), Lost::Stale)
    }

    /// A row whose old content does not matter.
    pub(crate) fn overwrite(table: &str, item: Item) -> Result<Write, StorageError> {
        Self::put(table, item, None, Lost::Stale)
    }

    pub(crate) fn put(
        table: &str,
        item: Item,
        condition: Option<(&str, Item)>,
        lost: Lost,
    ) -> Result<Write, StorageError> {
        let mut put = Put::builder().table_name(table).set_item(Some(item));
        if let Some((expression, values)) = condition {
            put = put.condition_expression(expression);
            if !values.is_empty() {
                put = put.set_expression_attribute_values(Some(values));
            }
        }
        let put = put.build().during("build a put")?;
        Ok(Write { item: TransactWriteItem::builder().put(put).build(), lost })
    }

    pub(crate) fn delete(table: &str, key: Item, condition: Option<(&str, Item)>) -> Result<Write, StorageError> {
        let mut delete = Delete::builder().table_name(table).set_key(Some(key));
        if let Some((expression, values)) = condition {
            delete = delete.condition_expression(expression);
            if !values.is_empty() {
                delete = delete.set_expression_attribute_values(Some(values));
            }
        }
        let delete = delete.build().during("build a delete")?;
        Ok(Write { item: TransactWriteItem::builder().delete(delete).build(), lost: Lost::Stale })
    }

    /// An update by expression; `names` are attribute names that the expression writes as `#x`.
    pub(crate) fn update(
        table: &str,
        key: Item,
        expression: &str,
        names: &[(&str, &str)],
        values: Item,
        condition: Option<&str>,
    ) -> Result<Write, StorageError> {
        let mut update = Update::builder().table_name(table).set_key(Some(key)).update_expression(expression);
        for (name, attribute) in names {
            update = update.expression_attribute_names(*name, *attribute);
        }
        if !values.is_empty() {
            update = update.set_expression_attribute_values(Some(values));
        }
        if let Some(condition) = condition {
            update = update.condition_expression(condition);
        }
        let update = update.build().during("build an update")?;
        Ok(Write { item: TransactWriteItem::builder().update(update).build(), lost: Lost::Stale })
    }

    pub(crate) fn check(table: &str, key: Item, condition: &str, lost: Lost) -> Result<Write, StorageError> {
        Self::check_that(table, key, condition, Item::new(), lost)
    }

    /// The same with values that the condition names.
    pub(crate) fn check_that(
        table: &str,
        key: Item,
        condition: &str,
        values: Item,
        lost: Lost,
    ) -> Result<Write, StorageError> {
        let mut check = ConditionCheck::builder().table_name(table).set_key(Some(key)).condition_expression(condition);
        if !values.is_empty() {
            check = check.set_expression_attribute_values(Some(values));
        }
        let check = check.build().during("build a check")?;
        Ok(Write { item: TransactWriteItem::builder().condition_check(check).build(), lost })
    }

    /// That an attribute, whose name may be a reserved word, is not this; a row that is not there has none.
    pub(crate) fn check_not(
        table: &str,
        key: Item,
        (attribute, value): (&str, &str),
        lost: Lost,
    ) -> Result<Write, StorageError> {
        let check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(key))
            .condition_expression("attribute_not_exists(#a) OR #a <> :value")
            .expression_attribute_names("#a", attribute)
            .expression_attribute_values(":value", item::text(value));
        let check = check.build().during("build a check")?;
        Ok(Write { item: TransactWriteItem::builder().condition_check(check).build(), lost })
    }

    /// Every row names the event that wrote it, so that the auditor of the stream finds rows without one.
    fn stamped(mut self, event: &EventId) -> Write {
        if let Some(put) = self.item.put.as_mut() {
            put.item.insert("last_ev".to_owned(), item::text(event.as_str()));
        }
        self
    }
}

/// A change with everything that must be true together with it.
pub(crate) struct Change {
    pub(crate) chain: Chain,
    pub(crate) draft: Draft,
    pub(crate) writes: Vec<Write>,
}

/// A notice or other work that follows from a change, as an outbox row.
pub(crate) fn outbox_row(
    table: &str,
    pk: String,
    id: &OutboxId,
    cause: &Cause,
    now: Timestamp,
) -> Result<Write, StorageError> {
    // The sweep finds by this what the stream did not hand on; the row is re-read by its own key.
    let shard = id.as_str().bytes().map(u64::from).sum::<u64>() % limits::OUTBOX_SHARDS;
    outbox_row_at(table, pk, id, cause, now, (format!("OB#{shard}"), format!("{:015}#{id}", now.as_millisecond())))
}

/// The same in another place of the index in which workers look: among what is due, for what waits for its time.
pub(crate) fn outbox_row_at(
    table: &str,
    pk: String,
    id: &OutboxId,
    cause: &Cause,
    now: Timestamp,
    (wpk, wsk): (String, String),
) -> Result<Write, StorageError> {
    let mut row = item::row(&pk, keys::outbox_row(id), &serde_json::json!({ "cause": cause, "at": now }))?;
    row.insert("wpk".to_owned(), item::text(wpk));
    row.insert("wsk".to_owned(), item::text(wsk));
    row.insert("ttl".to_owned(), item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS));
    Write::create(table, row)
}

/// Commits a change. Only a chain that moved on is tried again here; whatever else was lost is the caller's to decide.
pub(crate) async fn commit(dynamo: &Client, settings: &Settings, change: Change) -> Result<AuditReceipt, StorageError> {
    commit_in(dynamo, &settings.table_audit, change).await
}

/// Writes an event that stands for itself and that somebody waits for: few tries, since whoever asks much at once must
/// not make others wait.
pub(crate) async fn note(dynamo: &Client, settings: &Settings, change: Change) -> Result<(), StorageError> {
    commit_within(dynamo, &settings.table_audit, change, limits::NOTE_TRIES_MAX).await.map(|_| ())
}

/// Notes what was done outside and cannot be taken back: what is not noted is done once more, so it is tried for as long
/// as a lease holds.
pub(crate) async fn mark(dynamo: &Client, settings: &Settings, change: Change) -> Result<AuditReceipt, StorageError> {
    commit_within(dynamo, &settings.table_audit, change, limits::MARK_TRIES_MAX).await
}

/// The same with the chain in a table of its own: an operator's role reaches no other than the platform's.
pub(crate) async fn commit_in(dynamo: &Client, table: &str, change: Change) -> Result<AuditReceipt, StorageError> {
    commit_within(dynamo, table, change, limits::WRITE_TRIES_MAX).await
}

async fn commit_within(
    dynamo: &Client,
    table: &str,
    change: Change,
    tries_max: u32,
) -> Result<AuditReceipt, StorageError> {
    for attempt in 0..tries_max {
        let head = head(dynamo, table, &change.chain).await?;
        let link = chain::append(&change.chain, &head, change.draft.clone()).during("append to the audit chain")?;
        let event = &link.event.id;
        let mut writes: Vec<Write> = change.writes.iter().map(|write| write.clone().stamped(event)).collect();
        writes.extend(chain_writes(table, &change.chain, &head, &link)?);
        let items = writes.iter().map(|write| write.item.clone()).collect();
        match dynamo.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => return Ok(AuditReceipt { event: event.clone(), seq: link.event.seq }),
            Err(error) => match lost(&error, &writes) {
                Some(Lost::Chain) => pause(attempt).await,
                Some(Lost::Assignment) => return Err(StorageError::Revoked(Revoked::NotTheirs)),
                Some(Lost::Scope(why)) => return Err(StorageError::Revoked(why)),
                Some(Lost::Stale) => return Err(StorageError::Stale),
                Some(Lost::Repeated) => return Err(StorageError::DoneBefore(String::new())),
                None => return Err(StorageError::bug("commit a change", error)),
            },
        }
    }
    Err(StorageError::Stale)
}

/// The newest event of a chain.
async fn head(dynamo: &Client, table: &str, chain: &Chain) -> Result<Head, StorageError> {
    let found = dynamo
        .get_item()
        .table_name(table)
        .set_key(Some(item::key(keys::chain_head(chain), keys::HEAD)))
        .consistent_read(true)
        .send()
        .await
        .during("read a chain's head")?;
    found.item.map_or_else(|| Ok(Head::start()), item::read)
}

fn chain_writes(table: &str, chain: &Chain, before: &Head, link: &Link) -> Result<[Write; 2], StorageError> {
    let mut event = item::key(keys::chain_events(chain), keys::event(link.event.seq));
    event.insert("ev".to_owned(), item::text(&link.text));
    let event = Write::put(table, event, Some(("attribute_not_exists(pk)", Item::new())), Lost::Chain)?;
    let head = item::row(keys::chain_head(chain), keys::HEAD, &link.head)?;
    let head = if before.seq == 0 {
        Write::put(table, head, Some(("attribute_not_exists(pk)", Item::new())), Lost::Chain)?
    } else {
        let values =
            Item::from([(":seq".to_owned(), item::number(before.seq)), (":hash".to_owned(), item::text(&before.hash))]);
        // `hash` is a reserved word of expressions.
        let mut put =
            Put::builder().table_name(table).set_item(Some(head)).condition_expression("seq = :seq AND #h = :hash");
        put = put.expression_attribute_names("#h", "hash").set_expression_attribute_values(Some(values));
        let put = put.build().during("build a head")?;
        Write { item: TransactWriteItem::builder().put(put).build(), lost: Lost::Chain }
    };
    Ok([event, head])
}

/// Which member's condition failed, the gravest first; a conflict with another transaction counts as a moved chain.
fn lost(error: &SdkError<TransactWriteItemsError>, writes: &[Write]) -> Option<Lost> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error()? else {
        let again = error.as_service_error()?;
        return (again.is_transaction_in_progress_exception() || again.is_provisioned_throughput_exceeded_exception())
            .then_some(Lost::Chain);
    };
    let reasons = cancelled.cancellation_reasons();
    let failed = |lost: Lost| {
        reasons
            .iter()
            .zip(writes)
            .any(|(reason, write)| reason.code() == Some("ConditionalCheckFailed") && write.lost == lost)
    };
    let order = [
        Lost::Assignment,
        Lost::Scope(Revoked::SignedOut),
        Lost::Scope(Revoked::Suspended),
        Lost::Scope(Revoked::Changed),
        Lost::Repeated,
        Lost::Stale,
        Lost::Chain,
    ];
    if let Some(lost) = order.into_iter().find(|lost| failed(*lost)) {
        return Some(lost);
    }
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    reasons.iter().any(|reason| reason.code().is_some_and(|code| passing.contains(&code))).then_some(Lost::Chain)
}

/// Full jitter: competing writers must not meet again at the same instant.
pub(crate) async fn pause(attempt: u32) {
    let most = 10_u64 << attempt.min(6);
    let random = u64::try_from(crypto::random_bits() % u128::from(most)).unwrap_or(0);
    tokio::time::sleep(std::time::Duration::from_millis(random + 1)).await;
}

/// A transaction without an event, for what changes nothing that is audited: marks and leases.
pub(crate) async fn transact(dynamo: &Client, writes: Vec<Write>) -> Result<(), StorageError> {
    for attempt in 0..limits::WRITE_TRIES_MAX {
        let items = writes.iter().map(|write| write.item.clone()).collect();
        match dynamo.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => return Ok(()),
            Err(error) => match lost(&error, &writes) {
                Some(Lost::Chain) => pause(attempt).await,
                Some(_) => return Err(StorageError::Stale),
                None => return Err(StorageError::bug("commit a mark", error)),
            },
        }
    }
    Err(StorageError::Stale)
}
