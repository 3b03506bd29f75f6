//! The pages of signing in. None of them needs a script, and no GET uses anything up: scanners follow links.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::EmailAddress;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use storage::Identity;
use web::cookies::{self, AskToken};
use web::{App, Caller, Failure, Form, LocalPath, Query, answers};

use crate::ask::{self, Asked};
use crate::enter::{self, Entered, Evidence, NotEntered, Refused};
use crate::pages;
use crate::secrets::{Code, LinkToken};

#[derive(Debug, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

pub(crate) async fn form(
    State(app): State<App>,
    Query(Onward { next }): Query<Onward>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let next = LocalPath::parse(&next);
    // Whoever has proven who they are and has not chosen yet is sent on to the choice.
    if let Some(token) = cookies::session(&headers) {
        let current = Identity::open(app.aws()).current(&token.hash(), app.now()).await?;
        if current.is_some_and(|current| current.row.acts_as.is_none()) {
            return Ok(answers::see_other(&pages::choose_address(next.as_ref())));
        }
    }
    Ok(pages::shown(StatusCode::OK, "Sign in", pages::address_form("", next.as_ref(), None)))
}

#[derive(Debug, Deserialize)]
pub(crate) struct AskForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn ask(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Form(form): Form<AskForm>,
) -> Result<Response, Failure> {
    let next = LocalPath::parse(&form.next);
    let email = match EmailAddress::parse(&form.email) {
        Ok(email) => email,
        Err(wrong) => {
            let body = pages::address_form(&form.email, next.as_ref(), Some(&wrong.to_string()));
            return Ok(pages::shown(StatusCode::UNPROCESSABLE_ENTITY, "Sign in", body));
        }
    };
    match ask::ask(&app, &email, next, AskToken::of(&headers), &caller).await? {
        Asked::Sent(browser) => {
            let page = pages::shown(StatusCode::OK, "Check your mail", pages::check_mail(&email, None));
            Ok((cookies::ask(&browser), page).into_response())
        }
        Asked::TooOften => Err(ask::too_many(&app.moment())),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tokened {
    #[serde(default)]
    token: String,
}

/// What the mailed link opens. It says what pressing its button would do, and does nothing.
pub(crate) async fn link(
    State(app): State<App>,
    Query(Tokened { token }): Query<Tokened>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let row = match LinkToken::parse(&token) {
        Some(token) => Identity::open(app.aws()).link(&token.hash()).await?,
        None => None,
    };
    let browser = AskToken::of(&headers);
    Ok(match enter::usable(row, browser.as_ref(), app.now()) {
        Ok(row) => pages::shown(StatusCode::OK, "Sign in", pages::confirm(&row.email, &token)),
        Err(refused) => not_by_link(&refused, StatusCode::OK, &app),
    })
}

pub(crate) async fn by_link(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Form(Tokened { token }): Form<Tokened>,
) -> Result<Response, Failure> {
    let Some(token) = LinkToken::parse(&token) else {
        return Ok(not_by_link(&Refused::Gone, StatusCode::FORBIDDEN, &app));
    };
    let before = cookies::session(&headers);
    match enter::enter(&app, Evidence::Token(token), AskToken::of(&headers).as_ref(), before, &caller).await {
        Ok(entered) => Ok(inside(&entered)),
        Err(NotEntered::Refused(refused)) => Ok(not_by_link(&refused, StatusCode::FORBIDDEN, &app)),
        Err(NotEntered::Failed(failure)) => Err(failure),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    code: String,
}

/// The code, typed into the page that said to look for the mail.
pub(crate) async fn by_code(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let Ok(email) = EmailAddress::parse(&form.email) else { return Ok(answers::see_other("/sign-in")) };
    let again = |words: &str| {
        let body = pages::check_mail(&email, Some(words));
        pages::shown(StatusCode::UNPROCESSABLE_ENTITY, "Check your mail", body)
    };
    let Some(code) = Code::parse(&form.code) else { return Ok(again("Enter the six digits from the mail.")) };
    let evidence = Evidence::Code { email: email.clone(), code };
    match enter::enter(&app, evidence, AskToken::of(&headers).as_ref(), cookies::session(&headers), &caller).await {
        Ok(entered) => Ok(inside(&entered)),
        Err(NotEntered::Refused(refused)) => Ok(again(&refused.to_string())),
        Err(NotEntered::Failed(failure)) => Err(failure),
    }
}

/// Onward with the new session: to the one place there is, or to the choice.
fn inside(entered: &Entered) -> Response {
    let to = match entered.standings.as_slice() {
        [only] => pages::onward(entered.next.as_ref(), only.row.role),
        _ => pages::choose_address(entered.next.as_ref()),
    };
    (signed_in(&entered.token), answers::see_other(&to)).into_response()
}

/// The cookies of a browser that has just signed in.
pub(crate) fn signed_in(token: &SessionToken) -> cookies::CookieChange {
    cookies::start(token).and(cookies::forget_ask())
}

/// `elsewhere` is the status of a link in another browser: looking at it is well, using it is not.
fn not_by_link(refused: &Refused, elsewhere: StatusCode, app: &App) -> Response {
    match refused {
        Refused::OtherBrowser { asked_at, place } => {
            let body = pages::elsewhere(*asked_at, place.as_deref(), app.now());
            pages::shown(elsewhere, "Sign in where you asked", body)
        }
        other => pages::shown(StatusCode::GONE, "This link no longer works", pages::gone(&other.to_string())),
    }
}
