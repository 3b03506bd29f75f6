//! The clock's events.

use std::future::Future;
use std::sync::Arc;

use domain::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;

use super::Outcome;
use crate::App;

/// One tick of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tick {
    pub id: String,
    /// The instant it was due, not the one at which it arrived.
    #[serde(rename = "time")]
    pub due_at: Timestamp,
    /// ARNs of the rule.
    #[serde(default)]
    resources: Vec<String>,
}

impl Tick {
    /// The rule's name: `portico-each-minute`.
    pub fn rule(&self) -> &str {
        self.resources.first().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default()
    }
}

/// Serves a schedule until the environment ends. The handler is `async fn(App, Tick) -> Outcome`, or
/// `-> Result<(), Outcome>`; what is not done fails the invocation, which the platform repeats twice.
pub async fn run_schedule<H, F, O>(app: App, handler: H) -> Result<(), lambda_runtime::Error>
where
    H: Fn(App, Tick) -> F + Send + Sync + 'static,
    F: Future<Output = O> + Send,
    O: Into<Outcome>,
{
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Tick>| {
        let (app, handler) = (app.clone(), Arc::clone(&handler));
        async move {
            let started_at = app.now();
            let outcome = super::boxed(handler(app.clone(), event.payload)).await.into();
            let failed = match outcome {
                Outcome::Done => None,
                Outcome::Retry { why } | Outcome::Bury { why } => Some(why),
            };
            tracing::info!(
                function = app.config().function,
                duration_ms = app.now().as_millisecond() - started_at.as_millisecond(),
                failed,
                "ticked"
            );
            failed.map_or(Ok(()), |why| Err(lambda_runtime::Error::from(why)))
        }
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_knows_its_rule_and_when_it_was_due() {
        let tick: Tick = serde_json::from_str(include_str!("../../../../events/schedule/each-minute.json")).unwrap();
        assert_eq!(tick.rule(), "portico-each-minute");
        assert_eq!(tick.due_at.to_string(), "2026-11-24T10:01:00Z");
    }
}
