//! Calls by our own functions: how the vending functions are asked.

use std::future::Future;
use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{App, logging};

/// Answers calls until the environment ends. The handler is `async fn(App, Q) -> Result<A, E>`. An error is logged with
/// its chain; the caller learns only that there was one.
pub async fn run_calls<Q, A, E, H, F>(app: App, handler: H) -> Result<(), lambda_runtime::Error>
where
    Q: DeserializeOwned + Send + 'static,
    A: Serialize,
    E: std::error::Error + 'static,
    H: Fn(App, Q) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, E>> + Send,
{
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Q>| {
        let (app, handler) = (app.clone(), Arc::clone(&handler));
        async move {
            let started_at = app.now();
            let answer = super::boxed(handler(app.clone(), event.payload)).await;
            tracing::info!(
                function = app.config().function,
                duration_ms = app.now().as_millisecond() - started_at.as_millisecond(),
                failed = answer.as_ref().err().map(|error| logging::chain(error)),
                "called"
            );
            answer.map_err(|_| lambda_runtime::Error::from("the call failed; its log says why"))
        }
    }))
    .await
}
