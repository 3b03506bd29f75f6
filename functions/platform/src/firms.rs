//! The list of firms, and setting one up.

use access::PlatformScope;
use axum::extract::State;
use axum::response::Response;
use domain::firm::{FirmOrder, FirmState, NewFirm};
use domain::packs::Pack;
use domain::permissions::ManageFirms;
use domain::person::FieldRefused;
use domain::platform::{Turn, Usage};
use domain::{EmailAddress, FirmId, Timestamp, calendar};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmRow, PlatformStore};
use web::{App, Failure, Fields, IdempotencyKey, Json, Page, Place, Query, Shell, answers};

use crate::pages::firms::{self as pages, FirmsView, NewFirmView};

/// Where a list goes on, or what is looked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Asked {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<FirmId>,
    /// Words of a firm's name or domain.
    #[serde(default)]
    q: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FirmList {
    items: Vec<FirmOut>,
    /// None at the end of the list.
    next: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OneFirm {
    pub(crate) firm: FirmOut,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FirmOut {
    id: FirmId,
    name: String,
    domain: String,
    zone: String,
    accent: Option<String>,
    packs: Vec<Pack>,
    partner_name: String,
    partner_email: EmailAddress,
    state: FirmState,
    /// Ordered and not carried out yet.
    turning: Option<Turn>,
    #[schemars(with = "String")]
    ordered_at: Timestamp,
    #[schemars(with = "Option<String>")]
    active_at: Option<Timestamp>,
    /// As it was counted last.
    usage: Option<Usage>,
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
            turning: row.turning,
            ordered_at: row.ordered_at,
            active_at: row.active_at,
            usage: row.usage,
        }
    }
}

type Scope = PlatformScope<ManageFirms>;

/// A page of the list, or what was found.
async fn find(app: &App, scope: &Scope, asked: &Asked) -> Result<(Vec<FirmRow>, Option<String>), Failure> {
    let store = PlatformStore::open(app.aws(), scope);
    let words = words(asked);
    if words.is_empty() {
        let listed = store.firms(asked.after.as_ref()).await?;
        return Ok((listed.rows, listed.next));
    }
    Ok((store.firms_found(&words).await?, None))
}

fn words(asked: &Asked) -> Vec<String> {
    let q = asked.q.as_deref().unwrap_or_default().to_lowercase();
    q.split_whitespace().map(str::to_owned).collect()
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: Scope,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (firms, next) = find(&app, &scope, &asked).await?;
    let body = pages::firms(&FirmsView {
        firms: &firms,
        q: asked.q.as_deref().unwrap_or_default().trim(),
        is_first: asked.after.is_none(),
        next: next.as_deref(),
        now: app.now(),
    });
    page.show(&app, &scope, Shell::new("Firms", Place::Firms).wide(), body).await
}

pub(crate) async fn list_json(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (firms, next) = find(&app, &scope, &asked).await?;
    Ok(answers::json(&FirmList { items: firms.into_iter().map(FirmOut::from).collect(), next }))
}

/// Where most firms are, until one says otherwise.
const ZONE: &str = "America/New_York";

pub(crate) async fn form(State(app): State<App>, scope: Scope, page: Page) -> Result<Response, Failure> {
    let firm = NewFirm { zone: ZONE.to_owned(), ..NewFirm::default() };
    draw(&app, &scope, &page, &Typed { firm, once: app.fresh_key() }, &[]).await
}

pub(crate) async fn order(
    State(app): State<App>,
    scope: Scope,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = Typed::read(&fields);
    let refused = match FirmOrder::parse(&typed.firm) {
        Ok(ordered) => {
            let key = IdempotencyKey::parse(&typed.once)?;
            let store = PlatformStore::open(app.aws(), &scope);
            let row = store.order_firm(ordered, Some(key.as_str()), &mut app.moment()).await?;
            return Ok(answers::see_other(&format!("/platform/firms/{}", row.firm)));
        }
        Err(refused) => refused,
    };
    draw(&app, &scope, &page, &typed, &refused).await
}

async fn draw(
    app: &App,
    scope: &Scope,
    page: &Page,
    typed: &Typed,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let body = pages::new_firm(&NewFirmView {
        typed: &typed.firm,
        zones: &calendar::zones(),
        once: &typed.once,
        refused,
        csrf: &page.csrf,
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.show(app, scope, Shell::new("Add a firm", Place::Firms).status(status), body).await
}

/// The form as it was sent: what is missing is empty.
#[derive(Debug, Default)]
struct Typed {
    firm: NewFirm,
    once: String,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let mut typed = Self::default();
        typed.firm.name = fields.text("name");
        typed.firm.domain = fields.text("domain");
        typed.firm.zone = fields.text("zone");
        typed.firm.accent = fields.one("accent").map(str::to_owned);
        typed.firm.packs = fields.all("packs").map(str::to_owned).collect();
        typed.firm.partner_name = fields.text("partner_name");
        typed.firm.partner_email = fields.text("partner_email");
        typed.once = fields.text("once");
        if typed.firm.domain.trim().is_empty()
            && let Some((_, domain)) = typed.firm.partner_email.trim().rsplit_once('@')
        {
            typed.firm.domain = domain.to_owned();
        }
        typed
    }
}

pub(crate) async fn order_json(
    State(app): State<App>,
    scope: Scope,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewFirm>,
) -> Result<Response, Failure> {
    let ordered = FirmOrder::parse(&new)?;
    let store = PlatformStore::open(app.aws(), &scope);
    let once = key.as_ref().map(IdempotencyKey::as_str);
    let row = store.order_firm(ordered, once, &mut app.moment()).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &OneFirm { firm: row.into() }))
}
