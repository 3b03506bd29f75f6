//! Confirming who one is before something sensitive: by an enrolled factor, or, as long as there is none, by a code
//! that is mailed for it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::audit::Act;
use http::StatusCode;
use serde::Deserialize;
use storage::{Current, Identity};
use web::cookies::{self, CookieChange};
use web::{App, Failure, Form, LocalPath, Page, Query, answers};

use crate::ask::{self, Asked, Purpose};
use crate::begin::Browser;
use crate::enter::{self, NotShown};
use crate::framed::Framed;
use crate::second::{self, Shown, ShownForm};
use crate::secrets::Code;
use crate::{own, pages};

#[derive(Debug, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

/// What is shown: a factor where there is one, the digits of the mail where there is none.
pub(crate) enum Confirmation {
    Factor(Shown),
    Mailed(Code),
}

/// Somebody who acts as themselves and is wholly signed in.
pub(crate) async fn acting(app: &App, token: &SessionToken) -> Result<(Current, bool), Failure> {
    let current = own::whole(app, token).await?;
    if current.row.viewing.is_some() {
        return Err(Failure::Forbidden);
    }
    let factors = Identity::open(app.aws()).factors(&current.row.person).await?;
    let enrolled = factors.is_some_and(|factors| factors.enrolled);
    Ok((current, enrolled))
}

pub(crate) async fn form(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Onward { next }): Query<Onward>,
) -> Result<Response, Failure> {
    let (current, enrolled) = acting(&app, &token).await?;
    shown(&app, &token, &page, &current, enrolled, LocalPath::parse(&next).as_ref(), Mailing::NotYet, None).await
}

/// Mails a code, for those who have nothing else.
pub(crate) async fn mail(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    browser: Browser,
    Form(Onward { next }): Form<Onward>,
) -> Result<Response, Failure> {
    let (current, enrolled) = acting(&app, &token).await?;
    let change = mailed(&app, &current, enrolled, browser).await?;
    let next = LocalPath::parse(&next);
    let page = shown(&app, &token, &page, &current, enrolled, next.as_ref(), Mailing::Sent, None).await?;
    Ok((change, page).into_response())
}

/// The cookie that binds the mailed code to this browser.
pub(crate) async fn mailed(
    app: &App,
    current: &Current,
    enrolled: bool,
    browser: Browser,
) -> Result<CookieChange, Failure> {
    if enrolled {
        return Err(Failure::Refused("Confirm by your passkey, your app or a recovery code.".into()));
    }
    match ask::ask(app, &current.row.email, Purpose::Confirm(current.row.session.clone()), browser.ask, &browser.caller)
        .await?
    {
        Asked::Sent(ask) => Ok(cookies::ask(&ask)),
        Asked::TooOften => Err(ask::too_many(&app.moment())),
    }
}

pub(crate) async fn confirm(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    browser: Browser,
    Form(form): Form<ShownForm>,
) -> Result<Response, Failure> {
    let (current, enrolled) = acting(&app, &token).await?;
    let next = LocalPath::parse(&form.next);
    let again = |words: String| {
        let (app, token, page, current, next) = (&app, &token, &page, &current, next.as_ref());
        async move { shown(app, token, page, current, enrolled, next, Mailing::Sent, Some(words)).await }
    };
    let confirmation = if enrolled {
        match form.shown() {
            Ok(shown) => Confirmation::Factor(shown),
            Err(wrong) => return again(wrong.to_string()).await,
        }
    } else {
        match Code::parse(form.code()) {
            Some(code) => Confirmation::Mailed(code),
            None => return again("Type the six digits from the mail.".to_owned()).await,
        }
    };
    match confirmed(&app, &current, confirmation, &browser).await {
        Ok(token) => {
            let to = next.unwrap_or_else(LocalPath::home);
            Ok((cookies::start(&token).and(cookies::forget_ask()), answers::see_other(to.as_str())).into_response())
        }
        Err(Failure::Refused(words)) => again(words).await,
        Err(failure) => Err(failure),
    }
}

/// The token of the session that is confirmed.
pub(crate) async fn confirmed(
    app: &App,
    current: &Current,
    confirmation: Confirmation,
    browser: &Browser,
) -> Result<SessionToken, Failure> {
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let (means, proof) = match confirmation {
        Confirmation::Factor(shown) => {
            let (means, proof) = second::proven(app, &identity, current, shown, &mut moment).await?;
            (Some(means), proof)
        }
        Confirmation::Mailed(code) => {
            let email = &current.row.email;
            let confirms = Some(&current.row.session);
            let by_code = enter::by_code(&identity, email, &code, confirms, browser.ask.as_ref(), moment.now);
            match ask::evenly(by_code).await {
                Ok(shown) => (None, shown.proof),
                Err(NotShown::Failed(failure)) => return Err(failure),
                Err(NotShown::Refused(refused, _)) => {
                    identity.not_proven(current, Act::SecondFactorRefused, &mut moment).await?;
                    return Err(Failure::Refused(refused.to_string()));
                }
            }
        }
    };
    second::stepped_up(app, &identity, current, means, proof, Act::Confirmed, &mut moment).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mailing {
    NotYet,
    Sent,
}

#[expect(clippy::too_many_arguments, reason = "one page in all its states")]
async fn shown(
    app: &App,
    token: &SessionToken,
    page: &Page,
    current: &Current,
    enrolled: bool,
    next: Option<&LocalPath>,
    mailing: Mailing,
    error: Option<String>,
) -> Result<Response, Failure> {
    let body = if enrolled {
        let identity = Identity::open(app.aws());
        let held = identity.held(identity.factors(&current.row.person).await?.as_ref()).await?;
        pages::second::to_confirm(&pages::second::Ask { held: &held, csrf: &page.csrf, next, error: error.as_deref() })
    } else {
        let email = &current.row.email;
        pages::second::to_confirm_by_mail(email, &page.csrf, next, mailing == Mailing::Sent, error.as_deref())
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Framed::of(app, token).await?.show(app, page, "Confirm that it is you", status, body).await
}
