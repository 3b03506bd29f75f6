//! Changes of a table, in the order in which they happened to each partition.

use std::future::Future;
use std::sync::Arc;

use domain::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Outcome;
use super::queue::{BatchAnswer, ItemFailure};
use crate::App;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Change {
    Insert,
    Modify,
    Remove,
}

/// One change of one item, as the table's stream tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamRecord {
    #[serde(rename = "eventName")]
    pub change: Change,
    #[serde(rename = "eventSourceARN")]
    source: String,
    dynamodb: Images,
    user_identity: Option<Identity>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Map<String, Value>,
    new_image: Option<Map<String, Value>>,
    old_image: Option<Map<String, Value>>,
    sequence_number: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    principal_id: String,
}

impl StreamRecord {
    /// The table's name, out of the stream's ARN.
    pub fn table(&self) -> &str {
        self.source.split('/').nth(1).unwrap_or_default()
    }

    /// The item's partition key: the one fact of a record that says whose it is.
    pub fn pk(&self) -> &str {
        text(&self.dynamodb.keys, "pk").unwrap_or_default()
    }

    pub fn sk(&self) -> &str {
        text(&self.dynamodb.keys, "sk").unwrap_or_default()
    }

    /// The item after the change, in the table's own notation (`{"S": ..}`); none when it was removed.
    pub fn new_image(&self) -> Option<&Map<String, Value>> {
        self.dynamodb.new_image.as_ref()
    }

    pub fn old_image(&self) -> Option<&Map<String, Value>> {
        self.dynamodb.old_image.as_ref()
    }

    /// Removed by the table itself because its time had come, and by nobody's doing.
    pub fn expired(&self) -> bool {
        self.change == Change::Remove
            && self.user_identity.as_ref().is_some_and(|identity| identity.principal_id == "dynamodb.amazonaws.com")
    }
}

fn text<'a>(image: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    image.get(name)?.get("S")?.as_str()
}

#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<StreamRecord>,
}

/// Serves a table's stream until the environment ends. The handler is `async fn(App, StreamRecord) -> Outcome`, or
/// `-> Result<(), Outcome>`.
///
/// A stream has no place to bury one record by itself: what cannot succeed is tried again until the mapping has
/// isolated it and writes its position to the failure queue.
pub async fn run_stream<H, F, O>(app: App, handler: H) -> Result<(), lambda_runtime::Error>
where
    H: Fn(App, StreamRecord) -> F + Send + Sync + 'static,
    F: Future<Output = O> + Send,
    O: Into<Outcome>,
{
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Batch>| {
        let (app, handler) = (app.clone(), Arc::clone(&handler));
        async move {
            let started_at = app.now();
            let handle =
                async |record: StreamRecord| -> Outcome { super::boxed(handler(app.clone(), record)).await.into() };
            let (done, answer) = follow(event.payload.records, handle).await;
            log(&app, started_at, done, &answer);
            Ok::<_, lambda_runtime::Error>(answer)
        }
    }))
    .await
}

fn log(app: &App, started_at: Timestamp, done: usize, answer: &BatchAnswer) {
    tracing::info!(
        function = app.config().function,
        done,
        stopped_at = answer.batch_item_failures.first().map(|failure| failure.item_identifier.as_str()),
        duration_ms = app.now().as_millisecond() - started_at.as_millisecond(),
        "followed"
    );
}

/// Stops at the first record that did not succeed: it and what follows come again, in order.
async fn follow(records: Vec<StreamRecord>, handle: impl AsyncFn(StreamRecord) -> Outcome) -> (usize, BatchAnswer) {
    let mut done = 0;
    for record in records {
        let number = record.dynamodb.sequence_number.clone();
        match handle(record).await {
            Outcome::Done => done += 1,
            Outcome::Retry { why } | Outcome::Bury { why } => {
                tracing::warn!(sequence_number = number, why, "comes again");
                let failure = ItemFailure { item_identifier: number };
                return (done, BatchAnswer { batch_item_failures: vec![failure] });
            }
        }
    }
    (done, BatchAnswer::default())
}

#[cfg(test)]
mod tests;
