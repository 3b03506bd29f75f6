//! Factors, confirming and sessions for programs: the same steps as the pages, as JSON.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::factors::{Means, Typed};
use domain::{SessionId, Timestamp};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Counter, Identity};
use web::cookies::{self, CookieChange};
use web::{App, Caller, Failure, Json, Path, answers};

use crate::begin::{self, Browser};
use crate::confirm::{self, Confirmation};
use crate::factors::{Changed, Mine};
use crate::passkeys::{Answer, Site};
use crate::second::{self, Shown, Wrong};
use crate::secrets::Code;
use crate::security::Of as OfPasskey;
use crate::sessions::Of as OfSession;
use crate::{api, ask, own, pages, sessions};

/// A question for whoever is about to sign in, with or without an address: nothing in it tells who has a passkey.
pub(crate) async fn question(State(app): State<App>, caller: Caller) -> Result<Response, Failure> {
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    if !identity.within(Counter::PasskeysOfSource, &caller.source(), moment.now).await? {
        return Err(ask::too_many(&moment));
    }
    Ok(answers::json(&Site::of(&app)?.ask_for_one(&identity, None, &mut moment).await?))
}

/// A question for one's own passkeys, to show a second factor or to confirm.
pub(crate) async fn own_question(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let mine = Mine::of(&app, &current).await?;
    let asked = Some((&current.row.person, &mine.held));
    let identity = Identity::open(app.aws());
    Ok(answers::json(&Site::of(&app)?.ask_for_one(&identity, asked, &mut app.moment()).await?))
}

/// Either a code, of the app or a recovery code, or the answer of a passkey.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondRequest {
    code: Option<String>,
    /// To a question of `POST /api/v1/auth/second/question`.
    passkey: Option<Answer>,
}

impl SecondRequest {
    fn shown(self) -> Result<Shown, Failure> {
        match (self.code, self.passkey) {
            (Some(code), None) => {
                let typed = Typed::parse(&code).ok_or_else(|| Failure::Refused(Wrong::NotACode.to_string()))?;
                Ok(Shown::Typed(typed))
            }
            (None, Some(answer)) => Ok(Shown::Passkey(answer)),
            _ => Err(Failure::Refused("Send either code or passkey.".into())),
        }
    }
}

pub(crate) async fn second(
    State(app): State<App>,
    token: SessionToken,
    browser: Browser,
    Json(request): Json<SecondRequest>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let change = second::signed_in(&app, &current, request.shown()?, &browser).await?;
    let row = &current.row;
    let standings = begin::standings(&app, &Identity::open(app.aws()), row).await?;
    Ok((change, answers::json(&api::signed_in(&row.person, &row.email, &standings, None))).into_response())
}

/// Mails a code to those who have no second factor yet.
pub(crate) async fn confirm_mail(
    State(app): State<App>,
    token: SessionToken,
    browser: Browser,
) -> Result<Response, Failure> {
    let (current, enrolled) = confirm::acting(&app, &token).await?;
    let change = confirm::mailed(&app, &current, enrolled, browser).await?;
    Ok((change, StatusCode::ACCEPTED).into_response())
}

pub(crate) async fn confirm(
    State(app): State<App>,
    token: SessionToken,
    browser: Browser,
    Json(request): Json<SecondRequest>,
) -> Result<Response, Failure> {
    let (current, enrolled) = confirm::acting(&app, &token).await?;
    let confirmation = match (enrolled, &request.code) {
        (false, Some(code)) => {
            Confirmation::Mailed(Code::parse(code).ok_or_else(|| Failure::Refused("A code has six digits.".into()))?)
        }
        _ => Confirmation::Factor(request.shown()?),
    };
    let token = confirm::confirmed(&app, &current, confirmation, &browser).await?;
    Ok((cookies::start(&token), answers::no_content()).into_response())
}

/// What one signs in with.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FactorsView {
    /// When the app for codes was set up, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    app_added_at: Option<Timestamp>,
    passkeys: Vec<PasskeyView>,
    recovery_codes_left: usize,
    /// Until when a second factor has to be enrolled, where one is asked for and there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    enrol_by: Option<Timestamp>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PasskeyView {
    id: String,
    name: String,
    #[schemars(with = "String")]
    added_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    used_at: Option<Timestamp>,
}

pub(crate) async fn factors(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    let held = Mine::of(&app, &current).await?.held;
    let enrol_by = current.row.enrol_by.filter(|_| !held.enrolled());
    let passkeys = held.passkeys.into_iter().map(|passkey| PasskeyView {
        id: passkey.id,
        name: passkey.name,
        added_at: passkey.added_at,
        used_at: passkey.used_at,
    });
    let view = FactorsView {
        app_added_at: held.app.map(|app| app.added_at),
        passkeys: passkeys.collect(),
        recovery_codes_left: held.recovery.len(),
        enrol_by,
    };
    Ok(answers::json(&view))
}

/// A key for an app, until the first code of it is sent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OfferView {
    key: String,
    /// The same as apps read it from a picture.
    address: String,
}

pub(crate) async fn offer_app(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    let mut moment = app.moment();
    Mine::of(&app, &current).await?.offer_app(&mut moment).await?;
    let held = Mine::of(&app, &current).await?.held;
    let offer = held.offered(moment.now).ok_or_else(|| Failure::bug("an offer is gone as it is made"))?;
    let address = pages::security::app_address(&offer.seed, &current.row.email);
    Ok(answers::json(&OfferView { key: offer.seed.clone(), address }))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRequest {
    code: String,
}

/// What a change came to. Recovery codes are shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChangedView {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recovery_codes: Vec<String>,
}

pub(crate) async fn accept_app(
    State(app): State<App>,
    token: SessionToken,
    Json(request): Json<CodeRequest>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Ok(changed(Mine::of(&app, &current).await?.accept_app(&request.code, &mut app.moment()).await?))
}

pub(crate) async fn remove_app(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Mine::of(&app, &current).await?.remove_app(&mut app.moment()).await?;
    Ok(answers::no_content())
}

pub(crate) async fn passkey_question(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Ok(answers::json(&Mine::of(&app, &current).await?.ask_for_passkey(&mut app.moment()).await?))
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PasskeyRequest {
    #[serde(flatten)]
    answer: Answer,
    /// What the person calls it.
    #[serde(default)]
    name: String,
}

pub(crate) async fn add_passkey(
    State(app): State<App>,
    token: SessionToken,
    caller: Caller,
    Json(request): Json<PasskeyRequest>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    let mine = Mine::of(&app, &current).await?;
    Ok(changed(mine.add_passkey(&request.answer, &request.name, &caller.agent, &mut app.moment()).await?))
}

pub(crate) async fn remove_passkey(
    State(app): State<App>,
    token: SessionToken,
    Path(OfPasskey { passkey }): Path<OfPasskey>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Mine::of(&app, &current).await?.remove_passkey(&passkey, &mut app.moment()).await?;
    Ok(answers::no_content())
}

pub(crate) async fn renew_recovery(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Ok(changed(Mine::of(&app, &current).await?.renew_recovery(&mut app.moment()).await?))
}

fn changed(changed: Changed) -> Response {
    let answer = answers::json(&ChangedView { recovery_codes: changed.codes });
    let change: Option<CookieChange> = changed.token.as_ref().map(cookies::start);
    match change {
        Some(change) => (change, answer).into_response(),
        None => answer,
    }
}

/// One place where the person is signed in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SessionView {
    id: SessionId,
    /// The browser in words, as far as it says what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[schemars(with = "String")]
    signed_in_at: Timestamp,
    #[schemars(with = "String")]
    last_seen_at: Timestamp,
    /// By what the person signed in, in its order.
    by: Vec<Means>,
    /// The session that asks.
    current: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SessionsView {
    items: Vec<SessionView>,
}

pub(crate) async fn list(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    let (_, open) = sessions::open(&app, &current).await?;
    let view = |one: storage::OpenSession| SessionView {
        current: one.id == current.row.session,
        id: one.id,
        device: one.row.device,
        place: one.row.place,
        signed_in_at: one.row.started_at,
        last_seen_at: one.last_seen,
        by: one
            .row
            .proven
            .map(|proven| std::iter::once(proven.first).chain(proven.second).collect())
            .unwrap_or_default(),
    };
    Ok(answers::json(&SessionsView { items: open.into_iter().map(view).collect() }))
}

pub(crate) async fn end(
    State(app): State<App>,
    token: SessionToken,
    Path(OfSession { session }): Path<OfSession>,
) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    sessions::end_one(&app, &current, &session).await?;
    Ok(answers::no_content())
}

pub(crate) async fn end_others(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    sessions::end_all(&app, &current, false).await?;
    Ok(answers::no_content())
}
