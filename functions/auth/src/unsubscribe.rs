//! Hearing less by one press in a mail, without signing in (RFC 8058). Programs look at links before people do, so that
//! looking changes nothing; what posts is the mail program, or the button of the page.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use storage::{Counter, Identity, Tries, Unsubscription};
use web::{App, Caller, Failure, Path, answers};

use crate::pages::unsubscribe as pages;
use crate::{ask, pages as own_pages};

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    token: String,
}

pub(crate) async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(Of { token }): Path<Of>,
) -> Result<Response, Failure> {
    let identity = counted(&app, &caller).await?;
    Ok(match identity.unsubscription(&token).await? {
        Some(found) => shown(&found, "Get fewer mails", pages::form(&found, &token)),
        None => gone(),
    })
}

/// Whatever the body says: that it was posted is the press.
pub(crate) async fn press(
    State(app): State<App>,
    caller: Caller,
    Path(Of { token }): Path<Of>,
) -> Result<Response, Failure> {
    let identity = counted(&app, &caller).await?;
    let mut moment = app.moment();
    let mut tries = Tries::default();
    loop {
        let Some(found) = identity.unsubscription(&token).await? else { return Ok(gone()) };
        match identity.unsubscribe(&found, &mut moment).await {
            Ok(()) => return Ok(shown(&found, "Your choice is saved", pages::done(&found))),
            Err(error) => tries.another(error).await?,
        }
    }
}

async fn counted<'a>(app: &'a App, caller: &Caller) -> Result<Identity<'a>, Failure> {
    let (identity, moment) = (Identity::open(app.aws()), app.moment());
    let within = identity.within(Counter::UnsubscribesOfSource, &caller.source(), moment.now).await?;
    if within { Ok(identity) } else { Err(ask::too_many(&moment)) }
}

fn shown(found: &Unsubscription, title: &str, body: maud::Markup) -> Response {
    answers::plain_page(StatusCode::OK, title, &found.brand.firm_name, body)
}

fn gone() -> Response {
    own_pages::shown(StatusCode::GONE, "This link does not work", pages::gone())
}
