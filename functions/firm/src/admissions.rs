//! What the platform's operators did at this firm: who was admitted to a client in an emergency, and when the portal was
//! suspended. A partner ends an admission at once.

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::permissions::{EndSessions, ViewSignIns};
use domain::platform::{EndedBy, Reason, Ticket, Turn};
use domain::{AdmissionId, ClientId, PermissionName, Timestamp};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AdmissionRow, FirmStore, FirmTurn};
use web::{Access, App, Doc, Failure, Page, Path, Place, Query, Routes, Shell, answers};

use crate::pages::admissions::{self as pages, AdmissionsView};

pub(crate) fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(PermissionName::ViewSignIns);
    let end = Access::Needs(PermissionName::EndSessions);
    routes
        .page(Method::GET, "/firm/admissions", view, show)
        .page(Method::POST, "/firm/admissions/{admission}/end", end, self::end)
        .api(
            Method::GET,
            "/api/v1/firm/admissions",
            view,
            show_json,
            Doc::new("What operators did at this firm: admissions to its clients, the newest first, and suspensions")
                .query::<After>()
                .answers::<Done>(200),
        )
        .api(
            Method::POST,
            "/api/v1/firm/admissions/{admission}/end",
            end,
            end_json,
            Doc::new("Ends an operator's admission at once").answers::<OneAdmission>(200),
        )
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct After {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<AdmissionId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Done {
    items: Vec<AdmissionOut>,
    /// None at the end of the list.
    next: Option<String>,
    turns: Vec<TurnOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OneAdmission {
    admission: AdmissionOut,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AdmissionOut {
    id: AdmissionId,
    client: ClientId,
    client_name: String,
    by_name: String,
    reason: Reason,
    ticket: Ticket,
    /// Whether something can be read by it now.
    open: bool,
    #[schemars(with = "String")]
    opened_at: Timestamp,
    #[schemars(with = "String")]
    until: Timestamp,
    #[schemars(with = "Option<String>")]
    ended_at: Option<Timestamp>,
    /// `operator` or `partner`, where it ended before its time.
    ended_by: Option<&'static str>,
}

impl AdmissionOut {
    fn of(row: AdmissionRow, now: Timestamp) -> Self {
        Self {
            open: row.is_open(now),
            id: row.admission,
            client: row.client,
            client_name: row.client_name.to_string(),
            by_name: row.by_name,
            reason: row.reason,
            ticket: row.ticket,
            opened_at: row.opened_at,
            until: row.until,
            ended_at: row.ended_at,
            ended_by: row.ended_by.map(|by| match by {
                EndedBy::Operator => "operator",
                EndedBy::Partner => "partner",
            }),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct TurnOut {
    turn: Turn,
    reason: Option<Reason>,
    by_name: String,
    #[schemars(with = "String")]
    at: Timestamp,
}

impl From<FirmTurn> for TurnOut {
    fn from(row: FirmTurn) -> Self {
        Self { turn: row.turn, reason: row.reason, by_name: row.by_name, at: row.at }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    after: Option<AdmissionId>,
    #[serde(default)]
    ended: Option<AdmissionId>,
}

async fn show(
    State(app): State<App>,
    scope: FirmScope<ViewSignIns>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (listed, turns) = tokio::try_join!(store.admissions(asked.after.as_ref()), store.turns())?;
    let brand = app.brand(&scope).await?;
    let body = pages::admissions(&AdmissionsView {
        admissions: &listed.rows,
        turns: &turns,
        is_first: asked.after.is_none(),
        next: listed.next.as_deref(),
        may_end: scope.may(PermissionName::EndSessions),
        csrf: &page.csrf,
        now: app.now(),
        zone: &brand.time_zone(),
    });
    let notice = asked.ended.as_ref().map(|_| "The admission has ended. Nothing can be read by it any more.");
    page.show(&app, &scope, Shell::new("Operators", Place::Audit).wide().notice(notice), body).await
}

async fn show_json(
    State(app): State<App>,
    scope: FirmScope<ViewSignIns>,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (listed, turns) = tokio::try_join!(store.admissions(after.as_ref()), store.turns())?;
    let now = app.now();
    Ok(answers::json(&Done {
        items: listed.rows.into_iter().map(|row| AdmissionOut::of(row, now)).collect(),
        next: listed.next,
        turns: turns.into_iter().map(TurnOut::from).collect(),
    }))
}

#[derive(Debug, Deserialize)]
struct Of {
    admission: AdmissionId,
}

async fn end(
    State(app): State<App>,
    scope: FirmScope<EndSessions>,
    Path(Of { admission }): Path<Of>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    store.end_admission(&admission, &mut app.moment()).await?.ok_or(Failure::NotFound)?;
    Ok(answers::see_other(&format!("/firm/admissions?ended={admission}")))
}

async fn end_json(
    State(app): State<App>,
    scope: FirmScope<EndSessions>,
    Path(Of { admission }): Path<Of>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let row = store.end_admission(&admission, &mut app.moment()).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&OneAdmission { admission: AdmissionOut::of(row, app.now()) }))
}
