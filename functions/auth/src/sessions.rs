//! The list of sessions, and ending them.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::{FirmId, SessionId};
use http::StatusCode;
use serde::Deserialize;
use storage::{Current, Identity, OpenSession, Standing};
use web::{App, Failure, Page, Path, Query, answers, cookies};

use crate::framed::Framed;
use crate::{begin, choose, own, pages};

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
    let current = own::whole(&app, &token).await?;
    let (framed, found) = tokio::join!(Framed::of(&app, &token), open(&app, &current));
    let (framed, (standings, open)) = (framed?, found?);
    let view = pages::sessions::Sessions {
        open: &open,
        current: &current.row.session,
        csrf: &page.csrf,
        now: app.now(),
        zone: framed.zone(),
        done: pages::sessions::done(&done),
    };
    let (title, body) = ("Signed-in devices", pages::sessions::list(&view));
    framed.show_with(&app, &page, title, StatusCode::OK, choose::menu(&standings, &current), body).await
}

/// Every session of a person, and what the person belongs to.
pub(crate) async fn open(app: &App, current: &Current) -> Result<(Vec<Standing>, Vec<OpenSession>), Failure> {
    let identity = Identity::open(app.aws());
    let standings = begin::standings(app, &identity, &current.row).await?;
    let open = identity.sessions(current, &firms(&standings), app.now()).await?;
    Ok((standings, open))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(crate) session: SessionId,
}

pub(crate) async fn end(
    State(app): State<App>,
    token: SessionToken,
    Path(Of { session }): Path<Of>,
) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    end_one(&app, &current, &session).await?;
    if session == current.row.session {
        return Ok((cookies::end(), answers::see_other("/sign-in")).into_response());
    }
    Ok(answers::see_other("/sessions?done=ended"))
}

/// Found among the person's own: the id of anybody else's session is the id of none.
pub(crate) async fn end_one(app: &App, current: &Current, session: &SessionId) -> Result<(), Failure> {
    if *session != current.row.session {
        own::to_end_sessions(current, app.now())?;
    }
    let (_, open) = open(app, current).await?;
    let ended = open.into_iter().find(|one| one.id == *session).ok_or(Failure::NotFound)?;
    app.aws().vendor().forget(&ended.id);
    Ok(Identity::open(app.aws()).end(current, &ended.firm, &ended.id, &mut app.moment()).await?)
}

pub(crate) async fn end_others(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    end_all(&app, &current, false).await?;
    Ok(answers::see_other("/sessions?done=others"))
}

pub(crate) async fn sign_out(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    end_own(&app, &token).await?;
    Ok((cookies::end(), answers::see_other("/sign-in")).into_response())
}

pub(crate) async fn sign_out_everywhere(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    end_all(&app, &current, true).await?;
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

pub(crate) async fn end_all(app: &App, current: &Current, everywhere: bool) -> Result<(), Failure> {
    own::to_end_sessions(current, app.now())?;
    let identity = Identity::open(app.aws());
    let standings = begin::standings(app, &identity, &current.row).await?;
    Ok(identity.end_all(current, &firms(&standings), everywhere, &mut app.moment()).await?)
}

fn firms(standings: &[Standing]) -> BTreeSet<FirmId> {
    standings.iter().map(|standing| standing.firm.clone()).collect()
}
