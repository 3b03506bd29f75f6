//! The pages of signing in. None of them needs a script, and no GET uses anything up: scanners follow links.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::EmailAddress;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use storage::Identity;
use web::cookies::{self, AskToken};
use web::{App, Failure, Form, LocalPath, Query, answers};

use crate::ask::{self, Asked, Purpose};
use crate::begin::{Browser, Entered};
use crate::enter::{self, Evidence, NotEntered, Refused};
use crate::framed::Framed;
use crate::passkeys::{Answer, PasskeyRefused};
use crate::secrets::{Code, LinkToken};
use crate::{onward, pages, sso};

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
    // Whoever is signed in goes where the link wanted them; with a factor to show or a choice to make, to that.
    if let Some(to) = inside_already(&app, &headers, next.as_ref()).await? {
        return Ok(answers::see_other(&to));
    }
    Ok(pages::shown(StatusCode::OK, "Sign in", pages::address_form("", next.as_ref(), None)))
}

#[derive(Debug, Deserialize)]
pub(crate) struct AskForm {
    #[serde(default)]
    email: String,
    /// Sent where a mail is wanted although the address's organisation has a sign-in of its own.
    #[serde(default)]
    beside: String,
    /// Sent by the page that waits for a mail.
    #[serde(default)]
    again: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn ask(
    State(app): State<App>,
    browser: Browser,
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
    if form.beside.is_empty()
        && let Some(row) = sso::offered(&app, &email).await?
    {
        let body = pages::sso::offer(&row, &email, next.as_ref());
        return Ok(pages::shown(StatusCode::OK, "Your organisation's sign-in", body));
    }
    match ask::ask(&app, &email, Purpose::SignIn(next.clone()), browser.ask, &browser.caller).await? {
        Asked::Sent(browser) => {
            let change = cookies::ask(&browser).and(cookies::asked(&email));
            let place = if form.again.is_empty() { SENT } else { SENT_AGAIN };
            Ok((change, answers::see_other(&onward::with_next(place, next.as_ref()))).into_response())
        }
        Asked::TooOften => Err(ask::too_many(&app.moment())),
    }
}

/// Where the mail is waited for. An address of its own: loading it again sends nothing, and going back to it shows it.
const SENT: &str = "/sign-in/sent";
const SENT_AGAIN: &str = "/sign-in/sent-again";

pub(crate) async fn sent(
    State(app): State<App>,
    Query(onward): Query<Onward>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    waiting(&app, onward, &headers, false).await
}

pub(crate) async fn sent_again(
    State(app): State<App>,
    Query(onward): Query<Onward>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    waiting(&app, onward, &headers, true).await
}

async fn waiting(app: &App, Onward { next }: Onward, headers: &HeaderMap, again: bool) -> Result<Response, Failure> {
    let next = LocalPath::parse(&next);
    if let Some(to) = inside_already(app, headers, next.as_ref()).await? {
        return Ok(answers::see_other(&to));
    }
    // An hour later, or in another browser, there is nothing to wait for.
    let asked = cookies::asked_address(headers).filter(|_| AskToken::of(headers).is_some());
    Ok(match asked {
        Some(email) => {
            pages::shown(StatusCode::OK, "Check your mail", pages::check_mail(&email, next.as_ref(), again, None))
        }
        None => answers::see_other("/sign-in"),
    })
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
        // An old mail, opened by somebody who is signed in.
        Err(refused) => match inside_already(&app, &headers, None).await? {
            Some(to) => answers::see_other(&to),
            None => not_by_link(&refused, StatusCode::OK, &app),
        },
    })
}

/// Where a browser goes on that has a session already.
async fn inside_already(app: &App, headers: &HeaderMap, next: Option<&LocalPath>) -> Result<Option<String>, Failure> {
    let Some(token) = cookies::session(headers) else { return Ok(None) };
    let Some(current) = Identity::open(app.aws()).current(&token.hash(), app.now()).await? else { return Ok(None) };
    let begun = current.row.acts_as.is_none() || current.row.waits_for.is_some();
    // A session that leads nowhere, as of a firm that is suspended, would be sent back here for ever.
    let leads_on = begun || matches!(Framed::of(app, &token).await, Ok(Framed::Home(..) | Framed::Platform(_)));
    Ok(leads_on.then(|| onward::of(&current, next)))
}

pub(crate) async fn by_link(
    State(app): State<App>,
    browser: Browser,
    Form(Tokened { token }): Form<Tokened>,
) -> Result<Response, Failure> {
    let Some(token) = LinkToken::parse(&token) else {
        return Ok(not_by_link(&Refused::Gone, StatusCode::FORBIDDEN, &app));
    };
    match enter::enter(&app, Evidence::Token(token), &browser).await {
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
    browser: Browser,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let Ok(email) = EmailAddress::parse(&form.email) else { return Ok(answers::see_other("/sign-in")) };
    let again = |words: &str| {
        let body = pages::check_mail(&email, None, false, Some(words));
        pages::shown(StatusCode::UNPROCESSABLE_ENTITY, "Check your mail", body)
    };
    let Some(code) = Code::parse(&form.code) else { return Ok(again("Enter the six digits from the mail.")) };
    let evidence = Evidence::Code { email: email.clone(), code };
    match enter::enter(&app, evidence, &browser).await {
        Ok(entered) => Ok(inside(&entered)),
        Err(NotEntered::Refused(refused)) => Ok(again(&refused.to_string())),
        Err(NotEntered::Failed(failure)) => Err(failure),
    }
}

/// What the script filled in, from the browser's passkey.
#[derive(Debug, Deserialize)]
pub(crate) struct PasskeyForm {
    #[serde(default)]
    state: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn by_passkey(
    State(app): State<App>,
    browser: Browser,
    Form(form): Form<PasskeyForm>,
) -> Result<Response, Failure> {
    let next = LocalPath::parse(&form.next);
    let again = |refused: &str| {
        let body = pages::address_form("", next.as_ref(), Some(refused));
        pages::shown(StatusCode::UNPROCESSABLE_ENTITY, "Sign in", body)
    };
    let Some(answer) = Answer::from_form(form.state, &form.credential) else {
        return Ok(again(&PasskeyRefused::NotRight.to_string()));
    };
    match enter::enter(&app, Evidence::Passkey { answer, next: next.clone() }, &browser).await {
        Ok(entered) => Ok(inside(&entered)),
        Err(NotEntered::Refused(refused)) => Ok(again(&refused.to_string())),
        Err(NotEntered::Failed(failure)) => Err(failure),
    }
}

/// Onward with the new session.
fn inside(entered: &Entered) -> Response {
    (entered.cookies(), answers::see_other(&onward::of_entered(entered))).into_response()
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
