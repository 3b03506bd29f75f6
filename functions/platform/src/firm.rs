//! One firm: what it is, how much it uses, and closing it or opening it again.

use access::{OnePerson, PlatformScope};
use axum::extract::State;
use axum::response::Response;
use domain::permissions::{ManageFirms, SuspendFirms, ViewUsage};
use domain::person::FieldRefused;
use domain::platform::{Reason, Turn, Usage};
use domain::{FirmId, PermissionName, Timestamp};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmRow, PlatformStore, StorageError, TurnRow};
use web::{App, Failure, Form, Json, Page, Path, Place, Shell, answers};

use crate::firms::{FirmOut, OneFirm};
use crate::pages::firm::{self as pages, FirmView};

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    firm: FirmId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Whole {
    firm: FirmOut,
    /// The newest first.
    turns: Vec<TurnOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TurnOut {
    turn: Turn,
    reason: Option<Reason>,
    by_name: String,
    #[schemars(with = "String")]
    at: Timestamp,
    /// None until it is carried out.
    #[schemars(with = "Option<String>")]
    done_at: Option<Timestamp>,
}

impl From<TurnRow> for TurnOut {
    fn from(row: TurnRow) -> Self {
        Self { turn: row.turn, reason: row.reason, by_name: row.by_name, at: row.at, done_at: row.done_at }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Days {
    items: Vec<Usage>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTurn {
    /// The firm's partners read it.
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: PlatformScope<ManageFirms>,
    usage: PlatformScope<ViewUsage>,
    page: Page,
    Path(Of { firm }): Path<Of>,
) -> Result<Response, Failure> {
    draw(&app, &scope, &usage, &page, &firm, &NewTurn::default(), &[]).await
}

async fn draw(
    app: &App,
    scope: &PlatformScope<ManageFirms>,
    usage: &PlatformScope<ViewUsage>,
    page: &Page,
    firm: &FirmId,
    typed: &NewTurn,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let (store, counts) = (PlatformStore::open(app.aws(), scope), PlatformStore::open(app.aws(), usage));
    let (row, turns, days) = tokio::try_join!(store.firm(firm), store.turns(firm), counts.usage(firm))?;
    let row = row.ok_or(Failure::NotFound)?;
    let now = app.now();
    let body = pages::firm(&FirmView {
        row: &row,
        turns: &turns,
        days: &days,
        may_turn: scope.may(PermissionName::SuspendFirms),
        may_be_admitted: scope.may(PermissionName::BreakGlass),
        confirmed: scope.vended().grant.confirmed(now),
        reason: &typed.reason,
        refused,
        csrf: &page.csrf,
        now,
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.show(app, scope, Shell::new(row.ordered.name.as_str(), Place::Firms).status(status), body).await
}

pub(crate) async fn show_json(
    State(app): State<App>,
    scope: PlatformScope<ManageFirms>,
    Path(Of { firm }): Path<Of>,
) -> Result<Response, Failure> {
    let store = PlatformStore::open(app.aws(), &scope);
    let (row, turns) = tokio::try_join!(store.firm(&firm), store.turns(&firm))?;
    let row = row.ok_or(Failure::NotFound)?;
    Ok(answers::json(&Whole { firm: row.into(), turns: turns.into_iter().map(TurnOut::from).collect() }))
}

pub(crate) async fn usage_json(
    State(app): State<App>,
    scope: PlatformScope<ViewUsage>,
    Path(Of { firm }): Path<Of>,
) -> Result<Response, Failure> {
    let store = PlatformStore::open(app.aws(), &scope);
    let (row, items) = tokio::try_join!(store.firm(&firm), store.usage(&firm))?;
    row.ok_or(Failure::NotFound)?;
    Ok(answers::json(&Days { items }))
}

pub(crate) async fn suspend(
    State(app): State<App>,
    scope: PlatformScope<SuspendFirms>,
    list: PlatformScope<ManageFirms>,
    usage: PlatformScope<ViewUsage>,
    page: Page,
    Path(Of { firm }): Path<Of>,
    Form(typed): Form<NewTurn>,
) -> Result<Response, Failure> {
    let reason = match Reason::parse(&typed.reason) {
        Ok(reason) => reason,
        Err(why) => {
            let refused = [FieldRefused { field: "reason", why: why.to_string() }];
            return draw(&app, &list, &usage, &page, &firm, &typed, &refused).await;
        }
    };
    turn(&app, &scope, &firm, Turn::Suspend, Some(reason)).await?;
    Ok(answers::see_other(&format!("/platform/firms/{firm}")))
}

pub(crate) async fn resume(
    State(app): State<App>,
    scope: PlatformScope<SuspendFirms>,
    Path(Of { firm }): Path<Of>,
) -> Result<Response, Failure> {
    turn(&app, &scope, &firm, Turn::Resume, None).await?;
    Ok(answers::see_other(&format!("/platform/firms/{firm}")))
}

pub(crate) async fn suspend_json(
    State(app): State<App>,
    scope: PlatformScope<SuspendFirms>,
    Path(Of { firm }): Path<Of>,
    Json(new): Json<NewTurn>,
) -> Result<Response, Failure> {
    let reason = Reason::parse(&new.reason).map_err(|why| Failure::Refused(why.to_string()))?;
    let row = turn(&app, &scope, &firm, Turn::Suspend, Some(reason)).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &OneFirm { firm: row.into() }))
}

pub(crate) async fn resume_json(
    State(app): State<App>,
    scope: PlatformScope<SuspendFirms>,
    Path(Of { firm }): Path<Of>,
) -> Result<Response, Failure> {
    let row = turn(&app, &scope, &firm, Turn::Resume, None).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &OneFirm { firm: row.into() }))
}

/// Orders it; a worker carries it out within a second or two.
async fn turn(
    app: &App,
    scope: &PlatformScope<SuspendFirms>,
    firm: &FirmId,
    turn: Turn,
    reason: Option<Reason>,
) -> Result<FirmRow, Failure> {
    let store = PlatformStore::open(app.aws(), scope);
    let row = store.firm(firm).await?.ok_or(Failure::NotFound)?;
    turn.of(row.state).map_err(|why| Failure::Conflict(why.to_string()))?;
    match store.order_turn(&row, turn, reason, &mut app.moment()).await {
        Err(StorageError::Stale) => {
            Err(Failure::Conflict("Somebody ordered a change of this firm just now. Look at it again.".to_owned()))
        }
        done => {
            done?;
            Ok(FirmRow { turning: Some(turn), ..row })
        }
    }
}
