//! The pages about what one signs in with: passkeys, the app for codes, recovery codes.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::factors::Wait;
use http::StatusCode;
use serde::Deserialize;
use storage::Current;
use web::{App, Caller, Failure, Form, LocalPath, Page, Path, Query, answers, cookies};

use crate::factors::{Changed, Mine, NotChanged};
use crate::framed::Framed;
use crate::passkeys::{Answer, PasskeyRefused};
use crate::{onward, own, pages};

const TITLE: &str = "Sign-in and security";

#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    /// What has just been done.
    #[serde(default)]
    done: String,
}

pub(crate) async fn overview(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Told { done }): Query<Told>,
) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    let (mine, framed) = tokio::join!(Mine::of(&app, &current), Framed::of(&app, &token));
    let (mine, framed) = (mine?, framed?);
    let view = pages::security::Overview {
        held: &mine.held,
        csrf: &page.csrf,
        now: app.now(),
        zone: framed.zone(),
        confirmed: own::confirmed(&current, app.now()),
        enrol_by: current.row.enrol_by,
        done: pages::security::done(&done),
    };
    framed.show(&app, &page, TITLE, StatusCode::OK, pages::security::overview(&view)).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

/// For those whose firm asks for a second factor and who have none.
pub(crate) async fn enrol(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Onward { next }): Query<Onward>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    if current.row.waits_for != Some(Wait::Enrol) {
        let to = if current.row.waits_for.is_some() { onward::of(&current, None) } else { "/security".to_owned() };
        return Ok(answers::see_other(&to));
    }
    let next = LocalPath::parse(&next);
    let body = pages::security::enrol(&page.csrf, next.as_ref());
    Framed::of(&app, &token).await?.show(&app, &page, "Add a second factor", StatusCode::OK, body).await
}

pub(crate) async fn offer_app(
    State(app): State<App>,
    token: SessionToken,
    Form(Onward { next }): Form<Onward>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Mine::of(&app, &current).await?.offer_app(&mut app.moment()).await?;
    Ok(answers::see_other(&onward::with_next("/security/app", LocalPath::parse(&next).as_ref())))
}

/// The key, as a picture and as text, until its first code is typed.
pub(crate) async fn app_offered(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Onward { next }): Query<Onward>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    offered(&app, &token, &page, &current, &next, None).await
}

async fn offered(
    app: &App,
    token: &SessionToken,
    page: &Page,
    current: &Current,
    next: &str,
    error: Option<&str>,
) -> Result<Response, Failure> {
    let mine = Mine::of(app, current).await?;
    let Some(offer) = mine.held.offered(app.now()) else { return Ok(answers::see_other("/security")) };
    let next = LocalPath::parse(next);
    let view = pages::security::Offer {
        seed: &offer.seed,
        email: &current.row.email,
        csrf: &page.csrf,
        next: next.as_ref(),
        error,
    };
    let body = pages::security::offer(&view)?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Framed::of(app, token).await?.show(app, page, "Set up an app for codes", status, body).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn accept_app(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Form(CodeForm { code, next }): Form<CodeForm>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    match Mine::of(&app, &current).await?.accept_app(&code, &mut app.moment()).await {
        Ok(changed) => after(&app, &token, &page, &current, changed, "app-added", &next).await,
        Err(NotChanged::Refused(refused)) => {
            offered(&app, &token, &page, &current, &next, Some(&refused.to_string())).await
        }
        Err(not) => Err(not.into()),
    }
}

pub(crate) async fn remove_app(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Mine::of(&app, &current).await?.remove_app(&mut app.moment()).await?;
    Ok(answers::see_other("/security?done=app-removed"))
}

/// What the script fills in.
#[derive(Debug, Deserialize)]
pub(crate) struct PasskeyForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn add_passkey(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    caller: Caller,
    Form(form): Form<PasskeyForm>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    let answer = Answer::from_form(form.state, &form.credential)
        .ok_or_else(|| Failure::Refused(PasskeyRefused::NotRight.to_string()))?;
    let mine = Mine::of(&app, &current).await?;
    let changed = mine.add_passkey(&answer, &form.name, &caller.agent, &mut app.moment()).await?;
    after(&app, &token, &page, &current, changed, "passkey-added", &form.next).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(crate) passkey: String,
}

pub(crate) async fn remove_passkey(
    State(app): State<App>,
    token: SessionToken,
    Path(Of { passkey }): Path<Of>,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    Mine::of(&app, &current).await?.remove_passkey(&passkey, &mut app.moment()).await?;
    Ok(answers::see_other("/security?done=passkey-removed"))
}

pub(crate) async fn renew_recovery(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
) -> Result<Response, Failure> {
    let current = own::changing(&app, &token).await?;
    let changed = Mine::of(&app, &current).await?.renew_recovery(&mut app.moment()).await?;
    after(&app, &token, &page, &current, changed, "recovery-made", "").await
}

/// Codes are shown on the answer itself: nobody, not even we, can show them again.
async fn after(
    app: &App,
    token: &SessionToken,
    page: &Page,
    current: &Current,
    changed: Changed,
    done: &str,
    next: &str,
) -> Result<Response, Failure> {
    let rotated = changed.token.as_ref();
    let answer = if changed.codes.is_empty() {
        answers::see_other(&format!("/security?done={done}"))
    } else {
        let token = rotated.unwrap_or(token);
        // The forms of this page belong to the session as it is now.
        let page = Page { csrf: token.form_token(), ..page.clone() };
        let next = LocalPath::parse(next);
        let next = next.map_or_else(|| "/security".to_owned(), |next| onward::of_role(current, Some(&next)));
        let body = pages::security::codes(&changed.codes, &page.csrf, &next);
        Framed::of(app, token).await?.show(app, &page, "Your recovery codes", StatusCode::OK, body).await?
    };
    Ok(match rotated {
        Some(token) => (cookies::start(token), answer).into_response(),
        None => answer,
    })
}
