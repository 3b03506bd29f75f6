//! Operators' admissions: asking for one, reading by one that is open, and ending it.

use access::{AdmissionScope, OneClient, OnePerson, PlatformScope};
use axum::extract::State;
use axum::response::Response;
use domain::document::Document;
use domain::permissions::{BreakGlass, ManageFirms};
use domain::person::FieldRefused;
use domain::platform::{AdmissionOrder, AdmissionState, EndedBy, NewAdmission, Reason, Ticket};
use domain::project::{Project, Standing};
use domain::{AdmissionId, ClientId, DocumentId, FirmId, PermissionName, ProjectId, Timestamp, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AskedAdmission, ClientStore, DocumentFilter, PlatformStore, StorageError};
use web::{App, Failure, Form, Json, Page, Path, Place, Query, Shell, answers};

use crate::pages::admissions::{self as pages, AdmissionsView, InsideView, WaitingView};

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct After {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<AdmissionId>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AdmissionList {
    items: Vec<AdmissionOut>,
    /// None at the end of the list.
    next: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OneAdmission {
    admission: AdmissionOut,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AdmissionOut {
    id: AdmissionId,
    firm: FirmId,
    firm_name: String,
    client: ClientId,
    reason: Reason,
    ticket: Ticket,
    minutes: u32,
    by_name: String,
    state: AdmissionState,
    /// Whether something can be read by it now.
    open: bool,
    #[schemars(with = "String")]
    asked_at: Timestamp,
    #[schemars(with = "Option<String>")]
    until: Option<Timestamp>,
    #[schemars(with = "Option<String>")]
    ended_at: Option<Timestamp>,
    /// `operator` or `partner`, where it ended before its time.
    ended_by: Option<&'static str>,
}

impl AdmissionOut {
    fn of(row: AskedAdmission, now: Timestamp) -> Self {
        let open = row.is_open(now);
        Self {
            open,
            id: row.admission,
            firm: row.firm,
            firm_name: row.firm_name,
            client: row.order.client,
            reason: row.order.reason,
            ticket: row.order.ticket,
            minutes: row.order.minutes,
            by_name: row.by_name,
            state: row.state,
            asked_at: row.asked_at,
            until: row.until,
            ended_at: row.ended_at,
            ended_by: row.ended_by.map(|by| match by {
                EndedBy::Operator => "operator",
                EndedBy::Partner => "partner",
            }),
        }
    }
}

/// What the client's rows say to an operator: names and states, and nothing that a document holds.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Shown {
    client: ClientId,
    client_name: String,
    #[schemars(with = "String")]
    until: Timestamp,
    projects: Vec<ProjectOut>,
    /// The newest of them.
    documents: Vec<DocumentOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ProjectOut {
    id: ProjectId,
    name: String,
    phase: String,
    closed: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DocumentOut {
    id: DocumentId,
    name: String,
    project: ProjectId,
    state: &'static str,
    size_bytes: u64,
    #[schemars(with = "String")]
    asked_at: Timestamp,
}

type Scope = PlatformScope<ManageFirms>;

/// What the page of the list is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    after: Option<AdmissionId>,
    /// For which firm the form is.
    #[serde(default)]
    firm: Option<FirmId>,
    #[serde(default)]
    ended: Option<AdmissionId>,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: Scope,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let typed = NewAdmission {
        firm: asked.firm.as_ref().map(ToString::to_string).unwrap_or_default(),
        minutes: "30".to_owned(),
        ..NewAdmission::default()
    };
    draw(&app, &scope, &page, &asked, &typed, &[]).await
}

async fn draw(
    app: &App,
    scope: &Scope,
    page: &Page,
    asked: &Asked,
    typed: &NewAdmission,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let store = PlatformStore::open(app.aws(), scope);
    let (listed, firm) = match FirmId::parse(typed.firm.trim()) {
        Ok(firm) => tokio::try_join!(store.admissions(asked.after.as_ref()), store.firm(&firm))?,
        Err(_) => (store.admissions(asked.after.as_ref()).await?, None),
    };
    let now = app.now();
    let body = pages::admissions(&AdmissionsView {
        admissions: &listed.rows,
        is_first: asked.after.is_none(),
        next: listed.next.as_deref(),
        firm: firm.as_ref(),
        typed,
        may_ask: scope.may(PermissionName::BreakGlass),
        confirmed: scope.vended().grant.confirmed(now),
        refused,
        csrf: &page.csrf,
        now,
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let notice = asked.ended.as_ref().map(|_| "The admission has ended.");
    page.show(app, scope, Shell::new("Admissions", Place::Admissions).wide().status(status).notice(notice), body).await
}

pub(crate) async fn list_json(
    State(app): State<App>,
    scope: Scope,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    let listed = PlatformStore::open(app.aws(), &scope).admissions(after.as_ref()).await?;
    let now = app.now();
    let items = listed.rows.into_iter().map(|row| AdmissionOut::of(row, now)).collect();
    Ok(answers::json(&AdmissionList { items, next: listed.next }))
}

pub(crate) async fn ask(
    State(app): State<App>,
    scope: PlatformScope<BreakGlass>,
    list: Scope,
    page: Page,
    Form(typed): Form<NewAdmission>,
) -> Result<Response, Failure> {
    match AdmissionOrder::parse(&typed) {
        Ok((firm, order)) => {
            let row = ask_for(&app, &scope, &firm, order).await?;
            Ok(answers::see_other(&format!("/platform/admissions/{}", row.admission)))
        }
        Err(refused) => draw(&app, &list, &page, &Asked::default(), &typed, &refused).await,
    }
}

pub(crate) async fn ask_json(
    State(app): State<App>,
    scope: PlatformScope<BreakGlass>,
    Json(new): Json<NewAdmission>,
) -> Result<Response, Failure> {
    let (firm, order) = AdmissionOrder::parse(&new)?;
    let row = ask_for(&app, &scope, &firm, order).await?;
    let admission = AdmissionOut::of(row, app.now());
    Ok(answers::json_with(StatusCode::ACCEPTED, &OneAdmission { admission }))
}

async fn ask_for(
    app: &App,
    scope: &PlatformScope<BreakGlass>,
    firm: &FirmId,
    order: AdmissionOrder,
) -> Result<AskedAdmission, Failure> {
    let store = PlatformStore::open(app.aws(), scope);
    let row = store.firm(firm).await?.ok_or(Failure::NotFound)?;
    Ok(store.ask_admission(firm, row.ordered.name.as_str(), order, &mut app.moment()).await?)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    admission: AdmissionId,
}

/// The client, by credentials that reach it alone, against the event that says that somebody looked.
struct Inside {
    name: String,
    projects: Vec<Project>,
    documents: Vec<Document>,
}

async fn look(app: &App, scope: &AdmissionScope) -> Result<Inside, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    store.used_admission(&mut app.moment()).await?;
    let filter = DocumentFilter::default();
    let (profile, projects, documents) = tokio::try_join!(
        store.profile(),
        store.projects(),
        store.documents(&filter, None, limits::ADMISSION_DOCUMENTS_MAX)
    )?;
    let name = profile.ok_or(Failure::NotFound)?.name.to_string();
    Ok(Inside { name, projects, documents: documents.documents })
}

/// Until it is open the page says what it waits for; afterwards what became of it.
pub(crate) async fn show(
    State(app): State<App>,
    list: Scope,
    _may: PlatformScope<BreakGlass>,
    scope: Result<AdmissionScope, Failure>,
    page: Page,
    Path(Of { admission }): Path<Of>,
) -> Result<Response, Failure> {
    let asked = PlatformStore::open(app.aws(), &list).admission(&admission).await?.ok_or(Failure::NotFound)?;
    let now = app.now();
    let scope = match scope {
        Ok(scope) => scope,
        Err(Failure::NotFound) => {
            let own = asked.by == *list.person();
            let body = pages::waiting(&WaitingView { row: &asked, own, now });
            return page.show(&app, &list, Shell::new("Admission", Place::Admissions), body).await;
        }
        Err(failure) => return Err(failure),
    };
    let inside = look(&app, &scope).await?;
    let body = pages::inside(&InsideView {
        row: &asked,
        client_name: &inside.name,
        projects: &inside.projects,
        documents: &inside.documents,
        csrf: &page.csrf,
        now,
    });
    page.show(&app, &list, Shell::new(&inside.name, Place::Admissions).wide(), body).await
}

pub(crate) async fn show_json(
    State(app): State<App>,
    list: Scope,
    scope: AdmissionScope,
    Path(Of { admission }): Path<Of>,
) -> Result<Response, Failure> {
    let asked = PlatformStore::open(app.aws(), &list).admission(&admission).await?.ok_or(Failure::NotFound)?;
    let inside = look(&app, &scope).await?;
    let projects = inside.projects.iter().map(|project| ProjectOut {
        id: project.id.clone(),
        name: project.name.to_string(),
        phase: project.phase_name().to_owned(),
        closed: project.standing == Standing::Closed,
    });
    let documents = inside.documents.iter().map(|document| DocumentOut {
        id: document.id.clone(),
        name: document.name.as_str().to_owned(),
        project: document.project.clone(),
        state: document.state.as_str(),
        size_bytes: document.size_bytes,
        asked_at: document.asked_at,
    });
    Ok(answers::json(&Shown {
        client: scope.client().clone(),
        client_name: inside.name.clone(),
        until: asked.until.unwrap_or(asked.asked_at),
        projects: projects.collect(),
        documents: documents.collect(),
    }))
}

pub(crate) async fn end(
    State(app): State<App>,
    scope: Scope,
    Path(Of { admission }): Path<Of>,
) -> Result<Response, Failure> {
    end_it(&app, &scope, &admission).await?;
    Ok(answers::see_other(&format!("/platform/admissions?ended={admission}")))
}

pub(crate) async fn end_json(
    State(app): State<App>,
    scope: Scope,
    Path(Of { admission }): Path<Of>,
) -> Result<Response, Failure> {
    let row = end_it(&app, &scope, &admission).await?;
    let admission = AdmissionOut::of(row, app.now());
    Ok(answers::json_with(StatusCode::ACCEPTED, &OneAdmission { admission }))
}

/// From then on nothing can be read by it here; a worker tells the firm. One that has ended is as it is.
async fn end_it(app: &App, scope: &Scope, id: &AdmissionId) -> Result<AskedAdmission, Failure> {
    let store = PlatformStore::open(app.aws(), scope);
    let row = store.admission(id).await?.ok_or(Failure::NotFound)?;
    if row.state != AdmissionState::Open {
        return Ok(row);
    }
    match store.end_admission(&row, &mut app.moment()).await {
        Ok(()) | Err(StorageError::Stale) => Ok(store.admission(id).await?.ok_or(Failure::NotFound)?),
        Err(error) => Err(error.into()),
    }
}
