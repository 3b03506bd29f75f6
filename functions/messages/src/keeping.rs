//! What is typed and not sent: kept for whoever typed it, so that it is there again on this device and on another.

use access::ClientScope;
use axum::extract::State;
use axum::response::Response;
use domain::message::{Topic, Unsent};
use domain::permissions::{WriteInternal, WriteMessages};
use storage::{ClientStore, Writes};
use web::{App, Failure, IdempotencyKey, Json, Path, answers};

use crate::{Of, reading};

pub(crate) async fn message(
    State(app): State<App>,
    scope: ClientScope<WriteMessages>,
    Path(of): Path<Of>,
    Json(unsent): Json<Unsent>,
) -> Result<Response, Failure> {
    keep(&app, &scope, &of.topic, &unsent).await
}

pub(crate) async fn note(
    State(app): State<App>,
    scope: ClientScope<WriteInternal>,
    Path(of): Path<Of>,
    Json(unsent): Json<Unsent>,
) -> Result<Response, Failure> {
    keep(&app, &scope, &of.topic, &unsent).await
}

async fn keep<P: Writes>(
    app: &App,
    scope: &ClientScope<P>,
    topic: &Topic,
    unsent: &Unsent,
) -> Result<Response, Failure> {
    unsent.fits()?;
    IdempotencyKey::parse(&unsent.once)?;
    let store = ClientStore::open(app.aws(), scope);
    reading::known(&store, topic).await?;
    store.keep_unsent(topic, unsent, app.now()).await?;
    Ok(answers::no_content())
}
