//! Firms as customers: which there are, how far they are, ordering one. An operator's role reaches the platform's own
//! table and nothing else, so that no content could be shown here.

use access::PlatformScope;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::PermissionName::ManageFirms;
use domain::firm::{FirmOrder, FirmState, NewFirm};
use domain::ids::ulid;
use domain::packs::Pack;
use domain::permissions;
use domain::person::FieldRefused;
use domain::{EmailAddress, FirmId, Timestamp};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmRow, PlatformStore};
use web::{Access, App, Doc, Failure, Form, IdempotencyKey, Json, Page, Path, Place, Query, Routes, Shell, answers};

mod pages;

use pages::FirmsView;

pub fn routes() -> Routes {
    let operator = Access::Needs(ManageFirms);
    Routes::new("platform")
        .page(Method::GET, "/platform", operator, firms)
        .page(Method::POST, "/platform/firms", operator, order)
        .api(
            Method::GET,
            "/api/v1/platform/firms",
            operator,
            firms_json,
            Doc::new("Lists the firms, the newest first").query::<After>().answers::<FirmList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/platform/firms",
            operator,
            order_json,
            Doc::new("Orders a firm with its first partner").takes::<NewFirm>().idempotent().answers::<OneFirm>(202),
        )
        .api(
            Method::GET,
            "/api/v1/platform/firms/{firm}",
            operator,
            firm_json,
            Doc::new("One firm and how far it is").answers::<OneFirm>(200),
        )
        .api(
            Method::GET,
            "/api/v1/openapi.json",
            Access::Public("the description of the API says nothing about anybody"),
            openapi,
            Doc::new("This description"),
        )
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct After {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<FirmId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FirmList {
    items: Vec<FirmOut>,
    /// None at the end of the list.
    next: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OneFirm {
    firm: FirmOut,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FirmOut {
    id: FirmId,
    name: String,
    domain: String,
    zone: String,
    accent: Option<String>,
    packs: Vec<Pack>,
    partner_name: String,
    partner_email: EmailAddress,
    state: FirmState,
    #[schemars(with = "String")]
    ordered_at: Timestamp,
    #[schemars(with = "Option<String>")]
    active_at: Option<Timestamp>,
}

impl From<FirmRow> for FirmOut {
    fn from(row: FirmRow) -> Self {
        let FirmOrder { name, domain, zone, accent, packs, partner_name, partner_email } = row.ordered;
        Self {
            id: row.firm,
            name: name.to_string(),
            domain: domain.as_str().to_owned(),
            zone,
            accent: accent.map(|accent| accent.as_str().to_owned()),
            packs,
            partner_name: partner_name.to_string(),
            partner_email,
            state: row.state,
            ordered_at: row.ordered_at,
            active_at: row.active_at,
        }
    }
}

type Scope = PlatformScope<permissions::ManageFirms>;

#[derive(Debug, Deserialize)]
struct Shown {
    #[serde(default)]
    after: Option<FirmId>,
    /// A firm that has just been ordered.
    #[serde(default)]
    ordered: Option<FirmId>,
}

async fn firms(
    State(app): State<App>,
    scope: Scope,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let new = Typed { once: fresh_key(&app), ..Typed::default() };
    draw(&app, &scope, &page, &shown, &new, &[]).await
}

async fn order(
    State(app): State<App>,
    scope: Scope,
    page: Page,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let typed = Typed::read(fields);
    let refused = match FirmOrder::parse(&typed.firm) {
        Ok(ordered) => {
            let key = IdempotencyKey::parse(&typed.once)?;
            let store = PlatformStore::open(app.aws(), &scope);
            let row = store.order_firm(ordered, Some(key.as_str()), &mut app.moment()).await?;
            return Ok(answers::see_other(&format!("/platform?ordered={}", row.firm)));
        }
        Err(refused) => refused,
    };
    draw(&app, &scope, &page, &Shown { after: None, ordered: None }, &typed, &refused).await
}

async fn draw(
    app: &App,
    scope: &Scope,
    page: &Page,
    shown: &Shown,
    typed: &Typed,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let store = PlatformStore::open(app.aws(), scope);
    let listed = store.firms(shown.after.as_ref()).await?;
    let ordered = shown.ordered.as_ref().and_then(|firm| listed.rows.iter().find(|row| row.firm == *firm));
    let notice = ordered.map(|row| match row.state {
        FirmState::Active => format!("{} is ready. Its partner can sign in.", row.ordered.name),
        _ => format!("{} is being set up. Reload in a moment.", row.ordered.name),
    });
    let body = pages::firms(&FirmsView {
        firms: &listed.rows,
        is_first: shown.after.is_none(),
        next: listed.next.as_deref(),
        typed: &typed.firm,
        once: &typed.once,
        refused,
        csrf: &page.csrf,
        now: app.now(),
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new("Firms", Place::Firms).wide().notice(notice.as_deref()).status(status);
    page.show(app, scope, shell, body).await
}

/// The form as it was sent: what is missing is empty.
#[derive(Debug, Default)]
struct Typed {
    firm: NewFirm,
    once: String,
}

impl Typed {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "name" => typed.firm.name = value,
                "domain" => typed.firm.domain = value,
                "zone" => typed.firm.zone = value,
                "accent" => typed.firm.accent = Some(value),
                "packs" => typed.firm.packs.push(value),
                "partner_name" => typed.firm.partner_name = value,
                "partner_email" => typed.firm.partner_email = value,
                "once" => typed.once = value,
                _ => (),
            }
        }
        typed
    }
}

/// What this showing of a form is called, so that it is carried out once however often it is sent.
fn fresh_key(app: &App) -> String {
    ulid(app.moment().next_id())
}

async fn firms_json(
    State(app): State<App>,
    scope: Scope,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    let listed = PlatformStore::open(app.aws(), &scope).firms(after.as_ref()).await?;
    let items = listed.rows.into_iter().map(FirmOut::from).collect();
    Ok(answers::json(&FirmList { items, next: listed.next }))
}

async fn order_json(
    State(app): State<App>,
    scope: Scope,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewFirm>,
) -> Result<Response, Failure> {
    let ordered = FirmOrder::parse(&new).map_err(in_words)?;
    let store = PlatformStore::open(app.aws(), &scope);
    let once = key.as_ref().map(IdempotencyKey::as_str);
    let row = store.order_firm(ordered, once, &mut app.moment()).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &OneFirm { firm: row.into() }))
}

#[derive(Debug, Deserialize)]
struct Of {
    firm: FirmId,
}

async fn firm_json(State(app): State<App>, scope: Scope, Path(Of { firm }): Path<Of>) -> Result<Response, Failure> {
    let row = PlatformStore::open(app.aws(), &scope).firm(&firm).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&OneFirm { firm: row.into() }))
}

/// All that is wrong, for those who see no form.
fn in_words(refused: Vec<FieldRefused>) -> Failure {
    let words: Vec<String> = refused.into_iter().map(|refused| format!("{}: {}", refused.field, refused.why)).collect();
    Failure::Refused(words.join(" "))
}

async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], web::openapi::SERVED).into_response()
}
