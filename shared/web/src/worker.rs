//! What runs without a person waiting: queues, the clock, and calls by our own functions.
//!
//! A worker answers per message. What failed comes again; what can never succeed is buried with its reason in the
//! dead-letter queue of its source, where a person finds it.

use std::error::Error;
use std::pin::Pin;

use access::JobDenied;
use storage::StorageError;

use crate::logging;

mod calls;
mod queue;
mod schedule;
mod upload;

pub use calls::run_calls;
pub use queue::{Message, run_sqs, run_told_and_sqs};
pub use schedule::{Tick, run_schedule};
pub use upload::{ArrivedObject, ScanResult, UploadNews, Verdict};

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Comes again within seconds, as often as [`domain::limits::QUEUE_TRIES_MAX`] says.
    Retry {
        why: String,
    },
    /// Never can succeed.
    Bury {
        why: String,
    },
}

impl Outcome {
    pub fn retry(error: &(dyn Error + 'static)) -> Self {
        Self::Retry { why: logging::chain(error) }
    }

    pub fn bury(why: impl Into<String>) -> Self {
        Self::Bury { why: why.into() }
    }
}

/// So that a handler can be `async fn(..) -> Result<(), Outcome>` and leave early with `?`.
impl From<Result<(), Outcome>> for Outcome {
    fn from(result: Result<(), Outcome>) -> Self {
        result.err().unwrap_or(Outcome::Done)
    }
}

impl From<StorageError> for Outcome {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::DoneBefore(_) => Outcome::Done,
            StorageError::Revoked(_) | StorageError::Stale | StorageError::Bug { .. } => Outcome::retry(&error),
        }
    }
}

impl From<JobDenied> for Outcome {
    fn from(denied: JobDenied) -> Self {
        match denied {
            // There is nothing to do any more: a repeated message, or one about a row that was finished otherwise.
            JobDenied::NoOpenRow => Outcome::Done,
            // What waits to be said is not said to people who cannot come in.
            JobDenied::Suspended => Outcome::Done,
            JobDenied::Vendor(_) => Outcome::retry(&denied),
        }
    }
}

/// A handler's future in a box: its whole type would else be part of every type around it, which is beyond what the
/// compiler follows.
fn boxed<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    Box::pin(future)
}

/// A message that is none of ours, whatever is tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} could not be read: {why}")]
pub struct Unreadable {
    what: &'static str,
    why: String,
}

impl Unreadable {
    pub(crate) fn new(what: &'static str, why: &impl ToString) -> Self {
        Self { what, why: why.to_string() }
    }
}

impl From<Unreadable> for Outcome {
    fn from(unreadable: Unreadable) -> Self {
        Outcome::bury(unreadable.to_string())
    }
}
