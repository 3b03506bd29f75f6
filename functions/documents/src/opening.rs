//! One document: its facts, its page, and who has seen it.

use std::sync::Arc;

use access::{Actor, ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::{DownloadDocuments, EditProjects, UploadDocuments, ViewRetention};
use domain::document::{Document, DocumentRefused, State as Stage, Visibility, may_arrange};
use domain::permissions::{ViewAccessHistory, ViewDocuments};
use domain::project::Project;
use domain::retention::is_document_held;
use domain::{ClientId, DocumentId, PersonId, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Brand, ClientStore, Seen};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers, copies};

use crate::arranging::Typed;
use crate::facts::{DocumentFacts, Names, client_name};
use crate::{pages, versions};

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

/// What follows the path: what has just been done, or what the bucket adds when it sends a browser back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    done: Option<String>,
    key: Option<String>,
}

/// A form that was refused, as it was typed.
pub(crate) enum Wrong {
    Place { typed: Typed, why: DocumentRefused },
    Viewers { visibility: Visibility, why: String },
}

pub(crate) async fn page(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<Of>,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    if after.key.is_some() {
        return Ok(answers::see_other(&format!("/clients/{}/documents/{}", scope.client(), of.document)));
    }
    let history = history(&app, &actor, &scope, &of.document);
    let notice = match after.done.as_deref() {
        Some("arranged") => Some("Saved."),
        Some("viewers") => Some("Saved. It is for those people from now on."),
        Some("current") => Some("This version is current now. Search finds its words in a moment."),
        Some("restored") => Some("Brought back from the bin. It is found again in a moment."),
        _ => None,
    };
    let store = ClientStore::open(app.aws(), &scope);
    let (opened, history) = tokio::join!(read(&app, &scope, &store, &of), history);
    let (opened, history) = (opened?, history?);
    // A page that waits asks again and again; there is nothing yet that could be seen.
    if matches!(opened.document.state, Stage::Ready { .. } | Stage::Rejected { .. }) {
        store.viewed(&opened.document, &mut app.moment()).await?;
    }
    let drawn = Drawn { history, wrong: None, notice };
    draw(&app, &scope, &page, &opened, &drawn).await
}

/// The page again, with what is wrong with its form. Whoever sent that has seen the page.
pub(crate) async fn refused(
    app: &App,
    scope: &ClientScope<ViewDocuments>,
    page: &Page,
    of: &Of,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let opened = read(app, scope, &store, of).await?;
    draw(app, scope, page, &opened, &Drawn { history: None, wrong: Some(wrong), notice: None }).await
}

struct Opened {
    document: Document,
    /// The newest first; none where there is no other.
    versions: Vec<Document>,
    projects: Vec<Project>,
    names: Names,
    brand: Arc<Brand>,
    /// None for whoever may not know.
    is_held: Option<bool>,
}

async fn read(
    app: &App,
    scope: &ClientScope<ViewDocuments>,
    store: &ClientStore<'_, ClientScope<ViewDocuments>>,
    of: &Of,
) -> Result<Opened, Failure> {
    let holds =
        async { if scope.vended().grant.may(ViewRetention) { store.holds().await.map(Some) } else { Ok(None) } };
    let (document, projects, team, client, brand, holds) = tokio::join!(
        store.document(&of.document),
        store.projects(),
        store.team(),
        client_name(store),
        app.brand(scope),
        holds,
    );
    let (document, brand) = (document?.ok_or(Failure::NotFound)?, brand?);
    let versions = versions::of_document(store, &document).await?;
    let names = Names::new(team?, &client?, &brand.firm_name);
    let first = document.series.as_ref().unwrap_or(&document.id);
    let is_held = holds?.map(|holds| is_document_held(&holds.list, &document.project, &document.id, first));
    Ok(Opened { document, versions, projects: projects?, names, brand, is_held })
}

struct Drawn<'a> {
    history: Option<Vec<Seen>>,
    wrong: Option<&'a Wrong>,
    notice: Option<&'a str>,
}

async fn draw(
    app: &App,
    scope: &ClientScope<ViewDocuments>,
    page: &Page,
    opened: &Opened,
    drawn: &Drawn<'_>,
) -> Result<Response, Failure> {
    let Opened { document, versions, projects, names, brand, is_held } = opened;
    let grant = &scope.vended().grant;
    let may_upload = grant.may(UploadDocuments);
    let zone = brand.time_zone();
    let view = pages::document::Opened {
        client: scope.client(),
        document,
        versions,
        names,
        projects,
        history: drawn.history.as_deref(),
        may_upload,
        may_look: grant.may(DownloadDocuments),
        may_arrange: may_upload && may_arrange(document, scope.person(), grant.may(EditProjects)),
        is_marked: copies::is_marked(brand, document, grant.role),
        may_say_year: grant.may(EditProjects),
        is_held: *is_held,
        wrong: drawn.wrong,
        csrf: &page.csrf,
        path: &page.path,
        now: app.now(),
        zone: &zone,
    };
    let status = if drawn.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new(document.name.as_str(), Place::Documents)
        .inside(scope.client(), names.client())
        .notice(drawn.notice)
        .status(status);
    page.show(app, scope, shell, pages::document::document(&view)).await
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
