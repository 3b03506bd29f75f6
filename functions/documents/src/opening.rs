//! One document: its facts, its page, and who has seen it.

use access::{Actor, ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::State as Stage;
use domain::permissions::{ViewAccessHistory, ViewDocuments};
use domain::{ClientId, DocumentId, PersonId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, Seen};
use web::{App, Failure, Page, Path, Place, Shell, answers};

use crate::facts::{DocumentFacts, Names, client_name};
use crate::pages;

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(crate) document: DocumentId,
}

pub(crate) async fn one(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let found = ClientStore::open(app.aws(), &scope).document(&of.document).await?;
    Ok(answers::json(&DocumentFacts::of(&found.ok_or(Failure::NotFound)?)))
}

/// Somebody saw the document's page or took a copy.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SeenBy {
    person: PersonId,
    name: String,
    act: domain::audit::Act,
    at: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SeenList {
    items: Vec<SeenBy>,
}

pub(crate) async fn seen(
    State(app): State<App>,
    scope: ClientScope<ViewAccessHistory>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (document, seen) =
        tokio::join!(store.document(&of.document), store.who_has_seen(&of.document, limits::PAGE_ROWS_MAX));
    document?.ok_or(Failure::NotFound)?;
    let items = seen?.into_iter().map(|seen| {
        let Seen { person, name, at, act } = seen;
        SeenBy { person, name, act, at: at.to_string() }
    });
    Ok(answers::json(&SeenList { items: items.collect() }))
}

pub(crate) async fn page(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (document, team, client, history, brand) = tokio::join!(
        store.document(&of.document),
        store.team(),
        client_name(&store),
        history(&app, &actor, &scope, &of.document),
        app.brand(&scope),
    );
    let (document, brand, history) = (document?.ok_or(Failure::NotFound)?, brand?, history?);
    let names = Names::new(team?, &client?, &brand.firm_name);
    let project = match document.state {
        // A page that waits asks again and again; there is nothing yet that could be seen.
        Stage::AwaitingUpload { .. } | Stage::Processing { .. } => store.project(&document.project).await?,
        Stage::Ready { .. } | Stage::Rejected { .. } => {
            let mut moment = app.moment();
            let (viewed, project) =
                tokio::join!(store.viewed(&document, &mut moment), store.project(&document.project));
            viewed?;
            project?
        }
    };
    let zone = brand.time_zone();
    let view = pages::document::Opened {
        client: scope.client(),
        document: &document,
        names: &names,
        project: project.as_ref(),
        history: history.as_deref(),
        path: &page.path,
        now: app.now(),
        zone: &zone,
    };
    let shell = Shell::new(document.name.as_str(), Place::Documents).inside(scope.client(), names.client());
    let body = pages::document::document(&view);
    page.show(&app, &scope, shell, body).await
}

/// For the firm's side only: the scope is asked for again with the permission that clients lack.
async fn history(
    app: &App,
    actor: &Actor,
    scope: &ClientScope<ViewDocuments>,
    document: &DocumentId,
) -> Result<Option<Vec<Seen>>, Failure> {
    if scope.role().is_client() {
        return Ok(None);
    }
    let client: ClientId = scope.client().clone();
    let scope: ClientScope<ViewAccessHistory> = actor.enter(client, app.aws().vendor(), app.now()).await?;
    Ok(Some(ClientStore::open(app.aws(), &scope).who_has_seen(document, limits::SEEN_SHOWN_MAX).await?))
}
