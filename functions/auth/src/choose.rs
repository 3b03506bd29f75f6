//! Choosing what to act as.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::factors::Wait;
use http::StatusCode;
use serde::Deserialize;
use storage::{Current, Identity, Standing};
use web::ui::Membership;
use web::{App, Caller, Failure, Form, LocalPath, Page, Query, answers, cookies};

use crate::{begin, onward, own, pages};

#[derive(Debug, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

pub(crate) async fn choices(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Onward { next }): Query<Onward>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let next = LocalPath::parse(&next);
    if current.row.waits_for == Some(Wait::SecondFactor) {
        return Ok(answers::see_other(&onward::of(&current, next.as_ref())));
    }
    let standings = begin::standings(&app, &Identity::open(app.aws()), &current.row).await?;
    let acts_as = current.row.acts_as.as_ref().map(|acts_as| format!("{}.{}", acts_as.firm, acts_as.membership));
    let body = pages::choices(&standings, acts_as.as_deref(), &page.csrf, next.as_ref());
    Ok(pages::shown(StatusCode::OK, "Where do you want to go?", body))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    membership: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn choose(
    State(app): State<App>,
    token: SessionToken,
    caller: Caller,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let (token, standing, wait) = begin::act_as(&app, &current, &choice.membership, &caller).await?;
    let to = onward::of_wait(wait, Some(standing.row.role), LocalPath::parse(&choice.next).as_ref());
    Ok((cookies::start(&token), answers::see_other(&to)).into_response())
}

/// For the menu that switches between them.
pub(crate) fn menu(standings: &[Standing], current: &Current) -> Vec<Membership> {
    let acts_as = current.row.acts_as.as_ref();
    let membership = |standing: &Standing| Membership {
        label: match &standing.row.client_name {
            Some(client) => format!("{client} at {}", standing.firm_name),
            None => standing.firm_name.clone(),
        },
        value: begin::id_of(standing),
        current: acts_as == Some(&standing.acts_as()),
    };
    standings.iter().map(membership).collect()
}
