//! Newsletters that came to a client from its firm.

use access::{ClientScope, OneClient};
use axum::extract::State;
use axum::response::Response;
use domain::firm::newsletter::Letter;
use domain::permissions::ReadMessages;
use domain::{NewsletterId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Came, ClientStore, Newest};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers};

use crate::pages::{Reader, newsletters as pages};

#[derive(Debug, Deserialize)]
pub(crate) struct OfNewsletter {
    newsletter: NewsletterId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CameList {
    /// The newest first.
    items: Vec<CameOut>,
    /// None at the end of the list.
    next: Option<NewsletterId>,
}

/// Where the next page of the list begins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct OlderOnes {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<NewsletterId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CameOut {
    id: NewsletterId,
    #[serde(flatten)]
    letter: Letter,
    /// When it came.
    #[schemars(with = "String")]
    at: Timestamp,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    page: Page,
    Query(older): Query<OlderOnes>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let listed = store.newsletters(older.after.as_ref());
    let (profile, came, brand) = tokio::join!(store.profile(), listed, app.brand(&scope));
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (came, brand) = (came?, brand?);
    let reader = Reader::of(&scope, &brand, app.now());
    let body = pages::list(&came, &reader, scope.client());
    let shell = Shell::new("Newsletters", Place::Messages).inside(scope.client(), profile.name.as_str());
    page.show(&app, &scope, shell, body).await
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    Path(of): Path<OfNewsletter>,
    page: Page,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (profile, came, brand) = tokio::join!(store.profile(), store.newsletter(&of.newsletter), app.brand(&scope));
    let (profile, came) = (profile?.ok_or(Failure::NotFound)?, came?.ok_or(Failure::NotFound)?);
    let brand = brand?;
    let reader = Reader::of(&scope, &brand, app.now());
    let body = pages::one(&came, &reader, scope.client());
    let shell = Shell::new(came.letter.subject.as_str(), Place::Messages).inside(scope.client(), profile.name.as_str());
    page.show(&app, &scope, shell, body).await
}

pub(crate) async fn list_json(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    Query(older): Query<OlderOnes>,
) -> Result<Response, Failure> {
    let Newest { rows, next } = ClientStore::open(app.aws(), &scope).newsletters(older.after.as_ref()).await?;
    let items = rows.into_iter().map(|Came { id, letter, at }| CameOut { id, letter, at }).collect();
    Ok(answers::json(&CameList { items, next }))
}
