//! A code by text message, by which somebody proves that the mobile number which the firm has of them is theirs. Until
//! then nothing is sent there but the code.

use access::{HomeScope, OnePerson};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::notice::phone::{PhoneCode, PhoneCodeRefused};
use domain::notice::sms;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use storage::FirmStore;
use web::{App, Failure, Form, Json, Page, answers};

use crate::notices;
use crate::secrets::Code;

pub(crate) async fn send(State(app): State<App>, token: SessionToken, page: Page) -> Result<Response, Failure> {
    let scope = notices::home(&app, &token).await?;
    match sent(&app, &scope).await {
        Ok(()) => Ok(answers::see_other("/notices?done=code")),
        Err(Failure::Refused(words)) => notices::stored(&app, &scope, &page, None, Some(&words)).await,
        Err(failure) => Err(failure),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    /// The six digits of the text message.
    #[serde(default)]
    code: String,
}

pub(crate) async fn prove(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Form(Typed { code }): Form<Typed>,
) -> Result<Response, Failure> {
    let scope = notices::home(&app, &token).await?;
    match proven(&app, &scope, &code).await {
        Ok(()) => Ok(answers::see_other("/notices?done=phone")),
        Err(Failure::Refused(words)) => notices::stored(&app, &scope, &page, None, Some(&words)).await,
        Err(failure) => Err(failure),
    }
}

pub(crate) async fn send_json(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    sent(&app, &notices::home(&app, &token).await?).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

pub(crate) async fn prove_json(
    State(app): State<App>,
    token: SessionToken,
    Json(Typed { code }): Json<Typed>,
) -> Result<Response, Failure> {
    proven(&app, &notices::home(&app, &token).await?, &code).await?;
    Ok(answers::no_content())
}

/// The code is counted before it is sent: one that did not go out counts as well, and none goes out uncounted.
async fn sent(app: &App, scope: &HomeScope) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let own = store.own_hearing().await?;
    let phone = own.phone.ok_or(PhoneCodeRefused::NoPhone)?;
    let mut moment = app.moment();
    let code = Code::draw(&mut moment);
    let hash = app.aws().phone_code_hash_as_function(scope.firm(), scope.person(), &phone, code.expose()).await?;
    let row = PhoneCode::send(own.code.as_ref(), phone, hash, moment.now)?;
    store.save_phone_code(own.code.as_ref(), &row, &mut moment).await?;
    let text = sms::phone_code(&app.brand(scope).await?.firm_name, code.expose());
    let message = app.aws().send_sms_as_function(row.phone.as_str(), &text).await?;
    tracing::info!(message.id = message, "a code was sent to a phone");
    Ok(())
}

async fn proven(app: &App, scope: &HomeScope, typed: &str) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let own = store.own_hearing().await?;
    let phone = own.phone.ok_or(PhoneCodeRefused::NoPhone)?;
    let asked = own.code.ok_or(PhoneCodeRefused::NoneSent)?;
    let code = Code::parse(typed).ok_or(PhoneCodeRefused::NotACode)?;
    let mut moment = app.moment();
    let tried = asked.tried(&phone, moment.now)?;
    store.count_phone_try(&asked, &tried).await?;
    let hash = app.aws().phone_code_hash_as_function(scope.firm(), scope.person(), &phone, code.expose()).await?;
    if !crypto::constant_time_eq(&hash, &tried.hash) {
        store.phone_not_proven(&mut moment).await?;
        return Err(PhoneCodeRefused::Wrong.into());
    }
    Ok(store.save_proven_phone(&own.hearing, &tried, &mut moment).await?)
}
