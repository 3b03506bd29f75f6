//! Batches from a queue.

use std::future::Future;
use std::sync::Arc;

use domain::{Timestamp, limits};
use futures::future::join_all;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Outcome, Unreadable};
use crate::App;

/// One message of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    #[serde(rename = "messageId")]
    pub id: String,
    /// ARN of the queue it came from.
    #[serde(rename = "eventSourceARN")]
    pub queue: String,
    pub body: String,
    /// What this delivery of it is called.
    #[serde(default)]
    receipt_handle: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    message_group_id: Option<String>,
    approximate_receive_count: Option<String>,
    /// Milliseconds since 1970.
    sent_timestamp: Option<String>,
}

impl Message {
    /// One of our own messages: ids as JSON. Another version or another form is unreadable.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        serde_json::from_str(&self.body).map_err(|error| Unreadable::new("a message", &error))
    }

    /// In a FIFO queue, what it is in order with.
    pub fn group(&self) -> Option<&str> {
        self.attributes.message_group_id.as_deref()
    }

    /// How often it has come, this time included.
    pub fn tries(&self) -> u32 {
        self.attributes.approximate_receive_count.as_deref().and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    pub fn sent_at(&self) -> Option<Timestamp> {
        let milliseconds = self.attributes.sent_timestamp.as_deref()?.parse().ok()?;
        Timestamp::from_millisecond(milliseconds).ok()
    }
}

#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

/// Which messages come again. The mapping has `ReportBatchItemFailures`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchAnswer {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// Serves a queue until the environment ends. The handler is `async fn(App, Message) -> Outcome`, or
/// `-> Result<(), Outcome>`; it sees one message at a time, in the queue's order.
pub async fn run_sqs<H, F, O>(app: App, handler: H) -> Result<(), lambda_runtime::Error>
where
    H: Fn(App, Message) -> F + Send + Sync + 'static,
    F: Future<Output = O> + Send,
    O: Into<Outcome>,
{
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Batch>| {
        let (app, handler) = (app.clone(), Arc::clone(&handler));
        async move { batch(&app, &*handler, event.payload, event.context.deadline).await }
    }))
    .await
}

/// The same for a function that is also told of things directly: it puts them into its own queue, so that whatever fails
/// comes again as messages do.
pub async fn run_told_and_sqs<Q, T, G, E, H, F, O>(app: App, told: T, handler: H) -> Result<(), lambda_runtime::Error>
where
    Q: DeserializeOwned + Send + 'static,
    T: Fn(App, Q) -> G + Send + Sync + 'static,
    G: Future<Output = Result<(), E>> + Send,
    E: std::error::Error + Send + Sync + 'static,
    H: Fn(App, Message) -> F + Send + Sync + 'static,
    F: Future<Output = O> + Send,
    O: Into<Outcome>,
{
    let (told, handler) = (Arc::new(told), Arc::new(handler));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<ToldOrBatch<Q>>| {
        let (app, told, handler) = (app.clone(), Arc::clone(&told), Arc::clone(&handler));
        async move {
            match event.payload {
                ToldOrBatch::Told(of) => {
                    super::boxed(told(app, of)).await?;
                    Ok(BatchAnswer::default())
                }
                ToldOrBatch::Batch(payload) => batch(&app, &*handler, payload, event.context.deadline).await,
            }
        }
    }))
    .await
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ToldOrBatch<Q> {
    Told(Q),
    Batch(Batch),
}

async fn batch<H, F, O>(
    app: &App,
    handler: &H,
    payload: Batch,
    deadline_ms: u64,
) -> Result<BatchAnswer, lambda_runtime::Error>
where
    H: Fn(App, Message) -> F,
    F: Future<Output = O> + Send,
    O: Into<Outcome>,
{
    let started_at = app.now();
    let deadline = Timestamp::from_millisecond(i64::try_from(deadline_ms)?)?;
    let is_late = || deadline.as_second() - app.now().as_second() < limits::WORKER_MARGIN_SECONDS;
    let handle = async |message: Message| -> Outcome { super::boxed(handler(app.clone(), message)).await.into() };
    let bury = async |message: &Message, why: &str| -> Result<(), Outcome> {
        Ok(super::boxed(app.aws().bury(&message.queue, &message.body, why)).await?)
    };
    let came = payload.records.clone();
    let delivered = deliver(payload.records, is_late, handle, bury).await;
    come_again_soon(app, came.iter().filter(|message| delivered.comes_again(message))).await;
    delivered.log(app, started_at);
    Ok(delivered.answer)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Delivered {
    answer: BatchAnswer,
    done: usize,
    buried: usize,
}

impl Delivered {
    fn comes_again(&self, message: &Message) -> bool {
        self.answer.batch_item_failures.iter().any(|failure| failure.item_identifier == message.id)
    }

    fn log(&self, app: &App, started_at: Timestamp) {
        tracing::info!(
            function = app.config().function,
            done = self.done,
            retried = self.answer.batch_item_failures.len(),
            buried = self.buried,
            duration_ms = app.now().as_millisecond() - started_at.as_millisecond(),
            "delivered"
        );
    }
}

/// The queue's own pause is as long as its slowest worker may take, half an hour for uploads: a fault of a second must not
/// hold a person's file up for so long. Where the pause cannot be shortened it stays.
async fn come_again_soon(app: &App, messages: impl Iterator<Item = &Message>) {
    let soon = messages.map(|message| async move {
        let pause = pause_seconds(message.tries());
        let asked = super::boxed(app.aws().come_again(&message.queue, &message.receipt_handle, pause));
        if let Err(error) = asked.await {
            tracing::warn!(message.id = message.id, error = crate::chain(&error), "comes again after the whole pause");
        }
    });
    join_all(soon).await;
}

/// Longer each time.
fn pause_seconds(tries: u32) -> i32 {
    let pauses = limits::RETRY_PAUSE_SECONDS;
    pauses[(tries.saturating_sub(1) as usize).min(pauses.len() - 1)]
}

async fn deliver(
    messages: Vec<Message>,
    is_late: impl Fn() -> bool,
    handle: impl AsyncFn(Message) -> Outcome,
    bury: impl AsyncFn(&Message, &str) -> Result<(), Outcome>,
) -> Delivered {
    let mut delivered = Delivered::default();
    // What follows a failed message of its group has to wait for it, or it would overtake.
    let mut held: Vec<String> = Vec::new();
    for message in messages {
        let group = message.group().filter(|_| message.queue.ends_with(".fifo")).map(str::to_owned);
        let waits = group.as_ref().is_some_and(|group| held.contains(group));
        let outcome = if waits {
            Outcome::Retry { why: "an earlier message of its group failed".into() }
        } else if is_late() {
            Outcome::Retry { why: "no time left in this invocation".into() }
        } else {
            match handle(message.clone()).await {
                Outcome::Bury { why } => match bury(&message, &why).await {
                    Ok(()) => Outcome::Bury { why },
                    Err(failed) => failed,
                },
                other => other,
            }
        };
        let tries = message.tries();
        match outcome {
            Outcome::Done => delivered.done += 1,
            Outcome::Bury { why } => {
                tracing::error!(message.id = message.id, tries, why, "buried");
                delivered.buried += 1;
            }
            Outcome::Retry { why } => {
                tracing::warn!(message.id = message.id, tries, why, "comes again");
                held.extend(group);
                delivered.answer.batch_item_failures.push(ItemFailure { item_identifier: message.id });
            }
        }
    }
    delivered
}

#[cfg(test)]
mod tests;
