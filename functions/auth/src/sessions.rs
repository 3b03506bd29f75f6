//! Choosing what to act as, the list of sessions, and ending them.

use std::collections::BTreeSet;

use access::{Actor, Denied, OnePerson};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::permissions::ManageFirms;
use domain::{FirmId, SessionId};
use http::StatusCode;
use jiff::tz::TimeZone;
use serde::Deserialize;
use storage::{Current, Identity, Standing};
use web::ui::Membership;
use web::{App, Caller, Failure, Form, LocalPath, Page, Path, Place, Query, Shell, answers, cookies};

use crate::{enter, pages};

/// The session behind a cookie, or the way to get one.
pub(crate) async fn current(app: &App, token: &SessionToken) -> Result<Current, Failure> {
    Identity::open(app.aws()).current(&token.hash(), app.now()).await?.ok_or(Failure::SignIn)
}

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
    let current = current(&app, &token).await?;
    let standings = enter::standings(&app, &Identity::open(app.aws()), &current.row.email).await?;
    let acts_as = current.row.acts_as.as_ref().map(|acts_as| format!("{}.{}", acts_as.firm, acts_as.membership));
    let body = pages::choices(&standings, acts_as.as_deref(), &page.csrf, LocalPath::parse(&next).as_ref());
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
    let current = current(&app, &token).await?;
    let (token, standing) = enter::act_as(&app, &current, &choice.membership, &caller).await?;
    let to = pages::onward(LocalPath::parse(&choice.next).as_ref(), standing.row.role);
    Ok((cookies::start(&token), answers::see_other(&to)).into_response())
}

#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    /// What has just been done.
    #[serde(default)]
    done: String,
}

pub(crate) async fn list(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Told { done }): Query<Told>,
) -> Result<Response, Failure> {
    let actor = Actor::of(&token);
    match actor.home(app.aws().vendor(), app.now()).await {
        Ok(home) => {
            let zone = app.brand(&home).await?.time_zone();
            listed(&app, &token, &page, &home, zone, done == "ended").await
        }
        // Operators have no home of a firm.
        Err(Denied::Lacks) => {
            let platform = actor.platform::<ManageFirms>(app.aws().vendor(), app.now()).await?;
            listed(&app, &token, &page, &platform, TimeZone::UTC, done == "ended").await
        }
        Err(denied) => Err(denied.into()),
    }
}

async fn listed(
    app: &App,
    token: &SessionToken,
    page: &Page,
    scope: &impl OnePerson,
    zone: TimeZone,
    ended: bool,
) -> Result<Response, Failure> {
    let current = current(app, token).await?;
    let identity = Identity::open(app.aws());
    let standings = enter::standings(app, &identity, &current.row.email).await?;
    let open = identity.sessions(&current.row.person, &firms(&standings), app.now()).await?;
    let view =
        pages::Sessions { open: &open, current: &current.row.session, csrf: &page.csrf, now: app.now(), zone, ended };
    let shell = Shell::new("Signed-in devices", Place::Elsewhere).memberships(memberships(&standings, &current));
    page.show(app, scope, shell, pages::sessions(&view)).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    session: SessionId,
}

pub(crate) async fn end(
    State(app): State<App>,
    token: SessionToken,
    Path(Of { session }): Path<Of>,
) -> Result<Response, Failure> {
    let current = current(&app, &token).await?;
    let identity = Identity::open(app.aws());
    let standings = enter::standings(&app, &identity, &current.row.email).await?;
    // Found among the person's own: the id of anybody else's session is the id of none.
    let open = identity.sessions(&current.row.person, &firms(&standings), app.now()).await?;
    let ended = open.into_iter().find(|one| one.id == session).ok_or(Failure::NotFound)?;
    identity.end(&current, &ended.firm, &ended.id, &mut app.moment()).await?;
    if ended.id == current.row.session {
        return Ok((cookies::end(), answers::see_other("/sign-in")).into_response());
    }
    Ok(answers::see_other("/sessions?done=ended"))
}

pub(crate) async fn sign_out(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    end_own(&app, &token).await?;
    Ok((cookies::end(), answers::see_other("/sign-in")).into_response())
}

pub(crate) async fn sign_out_everywhere(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    end_all(&app, &token).await?;
    Ok((cookies::end(), answers::see_other("/sign-in")).into_response())
}

/// A session that has ended already is as good as one that ends now.
pub(crate) async fn end_own(app: &App, token: &SessionToken) -> Result<(), Failure> {
    let identity = Identity::open(app.aws());
    if let Some(current) = identity.current(&token.hash(), app.now()).await? {
        app.aws().vendor().forget(&current.row.session);
        identity.end_current(&current, &mut app.moment()).await?;
    }
    Ok(())
}

pub(crate) async fn end_all(app: &App, token: &SessionToken) -> Result<(), Failure> {
    let current = current(app, token).await?;
    let identity = Identity::open(app.aws());
    let standings = enter::standings(app, &identity, &current.row.email).await?;
    Ok(identity.end_all(&current, &firms(&standings), &mut app.moment()).await?)
}

fn firms(standings: &[Standing]) -> BTreeSet<FirmId> {
    standings.iter().map(|standing| standing.firm.clone()).collect()
}

/// For the menu that switches between them.
fn memberships(standings: &[Standing], current: &Current) -> Vec<Membership> {
    let acts_as = current.row.acts_as.as_ref();
    let membership = |standing: &Standing| Membership {
        label: match &standing.row.client_name {
            Some(client) => format!("{client} at {}", standing.firm_name),
            None => standing.firm_name.clone(),
        },
        value: enter::id_of(standing),
        current: acts_as == Some(&standing.acts_as()),
    };
    standings.iter().map(membership).collect()
}
