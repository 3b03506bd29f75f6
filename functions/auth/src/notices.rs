//! How somebody wants to hear of things: how soon of each kind, when not, and when digests come. Everybody decides it for
//! themselves; the firm says how far. No token and nobody who looks as somebody else comes in here.

use access::{Actor, HomeScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use crypto::SessionToken;
use domain::notice::clock::{Day, Hour};
use domain::notice::kind::{FirmRules, Kind, Pace};
use domain::notice::preferences::{NewPreferences, Preferences};
use domain::notice::{Tier, preferences::NewChoice};
use domain::person::FieldRefused;
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Brand, FirmStore, OwnHearing, StorageError};
use web::{App, Failure, Fields, Json, Page, Place, Query, Shell, answers};

use crate::pages::notices::{self as pages, NoticesView};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Told {
    #[serde(default)]
    done: String,
}

impl Told {
    fn notice(&self) -> Option<&'static str> {
        match self.done.as_str() {
            "saved" => Some("Saved."),
            "address" => Some("Mails go to your address again."),
            "code" => Some("A text message with six digits is on its way."),
            "phone" => Some("Your number is verified. Text messages go there from now on."),
            _ => None,
        }
    }
}

/// The person's own home, for whoever acts as themselves.
pub(crate) async fn home(app: &App, token: &SessionToken) -> Result<HomeScope, Failure> {
    let scope = Actor::of(token).home(app.aws().vendor(), app.now()).await?;
    if scope.vended().grant.viewing().is_some() { Err(Failure::Viewing) } else { Ok(scope) }
}

pub(crate) async fn show(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let scope = home(&app, &token).await?;
    stored(&app, &scope, &page, told.notice(), None).await
}

/// The page as things are, with what was wrong about a code.
pub(crate) async fn stored(
    app: &App,
    scope: &HomeScope,
    page: &Page,
    notice: Option<&str>,
    code_error: Option<&str>,
) -> Result<Response, Failure> {
    let (own, brand) = read(app, scope).await?;
    let typed = own.hearing.preferences.typed(Kind::concerning(scope.role()), &brand.notices, own.hearing.version);
    draw(app, scope, page, &own, &brand, Shown { typed: &typed, refused: &[], notice, code_error }).await
}

/// What is not as it is stored.
struct Shown<'a> {
    typed: &'a NewPreferences,
    refused: &'a [FieldRefused],
    notice: Option<&'a str>,
    code_error: Option<&'a str>,
}

async fn draw(
    app: &App,
    scope: &HomeScope,
    page: &Page,
    own: &OwnHearing,
    brand: &Brand,
    shown: Shown<'_>,
) -> Result<Response, Failure> {
    let kinds: Vec<Kind> = Kind::concerning(scope.role()).collect();
    let body = pages::page(&NoticesView {
        kinds: &kinds,
        typed: shown.typed,
        refused: shown.refused,
        own,
        brand,
        zones: &domain::calendar::zones(),
        code_error: shown.code_error,
        csrf: &page.csrf,
        now: app.now(),
    });
    let is_refused = !shown.refused.is_empty() || shown.code_error.is_some();
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Notifications", Place::Elsewhere).notice(shown.notice).status(status);
    page.show(app, scope, shell, body).await
}

/// A mail came back, and the mailbox is there again.
pub(crate) async fn try_address_again(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    lift(&app, &token).await?;
    Ok(answers::see_other("/notices?done=address"))
}

pub(crate) async fn try_address_again_json(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    lift(&app, &token).await?;
    Ok(answers::no_content())
}

async fn lift(app: &App, token: &SessionToken) -> Result<(), Failure> {
    let scope = home(app, token).await?;
    Ok(FirmStore::open(app.aws(), &scope).lift_suppression(&mut app.moment()).await?)
}

pub(crate) async fn save(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let scope = home(&app, &token).await?;
    let (own, brand) = read(&app, &scope).await?;
    let typed = typed(&fields, scope.role(), &own.hearing.preferences, &brand.notices);
    match own.hearing.preferences.clone().parse(&typed, &brand.notices) {
        Ok(preferences) => {
            kept(&app, &scope, &own, &preferences, typed.version).await?;
            Ok(answers::see_other("/notices?done=saved"))
        }
        Err(refused) => {
            let shown = Shown { typed: &typed, refused: &refused, notice: None, code_error: None };
            draw(&app, &scope, &page, &own, &brand, shown).await
        }
    }
}

/// What the form says. What it does not ask about stays as it is: the language, and text messages of what is not
/// critical.
fn typed(fields: &Fields, role: domain::Role, stored: &Preferences, rules: &FirmRules) -> NewPreferences {
    let ticked: Vec<&str> = fields.all("sms").collect();
    let choice = |kind: Kind| {
        let asked = rules.of(kind).tier == Tier::Critical;
        let sms = if asked { ticked.contains(&kind.as_str()) } else { stored.wants_sms(kind) };
        (kind.as_str().to_owned(), NewChoice { pace: fields.text(kind.as_str()), sms })
    };
    NewPreferences {
        kinds: Kind::concerning(role).filter(|kind| fields.has(kind.as_str())).map(choice).collect(),
        zone: fields.one("zone").map(str::to_owned),
        quiet_start: fields.one("quiet_start").map(str::to_owned),
        quiet_end: fields.one("quiet_end").map(str::to_owned),
        digest_hour: fields.text("digest_hour"),
        digest_day: fields.text("digest_day"),
        language: stored.language.as_ref().map(|language| language.as_str().to_owned()),
        version: fields.one("version").and_then(|version| version.parse().ok()).unwrap_or(u64::MAX),
    }
}

/// What is stored this moment: the firm's rules too, which a process keeps for a while otherwise.
async fn read(app: &App, scope: &HomeScope) -> Result<(OwnHearing, Brand), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (own, brand) = tokio::join!(store.own_hearing(), store.brand());
    Ok((own?, brand?))
}

/// Changes what the form showed, and nothing that was saved elsewhere meanwhile.
async fn kept(
    app: &App,
    scope: &HomeScope,
    own: &OwnHearing,
    preferences: &Preferences,
    version: u64,
) -> Result<(), Failure> {
    if own.hearing.version != version {
        return Err(StorageError::Stale.into());
    }
    let store = FirmStore::open(app.aws(), scope);
    Ok(store.save_preferences(&own.hearing, preferences, &mut app.moment()).await?)
}

/// How the person hears of things.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HearingOut {
    /// What can come today. Of other kinds a choice is kept as well.
    kinds: Vec<KindOut>,
    /// The person's own time zone; the firm's holds where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    zone_of_firm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_end: Option<String>,
    #[schemars(with = "u8")]
    digest_hour: Hour,
    digest_day: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// The mobile number that the firm has of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Whether a code sent there has proven it. Text messages go to no other.
    phone_proven: bool,
    /// Why no mail goes to the person's address, if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    address_refused: Option<AddressRefused>,
    version: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AddressRefused {
    /// `hard_bounce` or `complaint`.
    why: &'static str,
    #[schemars(with = "String")]
    since: domain::Timestamp,
}

#[derive(Debug, Serialize, JsonSchema)]
struct KindOut {
    kind: Kind,
    /// By the firm's rule.
    tier: Tier,
    pace: Pace,
    /// What the firm leaves to choose among.
    choices: Vec<Pace>,
    /// Whether text messages are wanted; they are sent of what is critical.
    sms: bool,
}

pub(crate) async fn show_json(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let scope = home(&app, &token).await?;
    let (own, brand) = read(&app, &scope).await?;
    let preferences = &own.hearing.preferences;
    let kind = |kind: Kind| {
        let rule = brand.notices.of(kind);
        let (pace, sms) = (preferences.pace(kind, rule), preferences.wants_sms(kind));
        KindOut { kind, tier: rule.tier, pace, choices: rule.choices().collect(), sms }
    };
    Ok(answers::json(&HearingOut {
        kinds: Kind::concerning(scope.role()).map(kind).collect(),
        zone: preferences.zone_name().map(str::to_owned),
        zone_of_firm: brand.zone.clone(),
        quiet_start: preferences.quiet.map(|quiet| quiet.start().to_string()),
        quiet_end: preferences.quiet.map(|quiet| quiet.end().to_string()),
        digest_hour: preferences.digest_hour,
        digest_day: preferences.digest_day,
        language: preferences.language.as_ref().map(|language| language.as_str().to_owned()),
        phone: own.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        phone_proven: own.has_proven_phone(),
        address_refused: own.suppressed.map(|one| AddressRefused { why: one.why.as_str(), since: one.at }),
        version: own.hearing.version,
    }))
}

pub(crate) async fn save_json(
    State(app): State<App>,
    token: SessionToken,
    Json(new): Json<NewPreferences>,
) -> Result<Response, Failure> {
    let scope = home(&app, &token).await?;
    let (own, brand) = read(&app, &scope).await?;
    let preferences = own.hearing.preferences.clone().parse(&new, &brand.notices)?;
    kept(&app, &scope, &own, &preferences, new.version).await?;
    Ok(answers::no_content())
}
