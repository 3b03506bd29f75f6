//! The session behind a cookie, as the pages about oneself ask for it.

use access::Denied;
use crypto::SessionToken;
use domain::Timestamp;
use domain::factors::Wait;
use storage::{Current, Identity};
use web::{App, Failure};

/// Whatever it waits for: only for what fulfils the waiting, and for signing out.
pub(crate) async fn any(app: &App, token: &SessionToken) -> Result<Current, Failure> {
    Identity::open(app.aws()).current(&token.hash(), app.now()).await?.ok_or(Failure::SignIn)
}

/// One that waits for nothing.
pub(crate) async fn whole(app: &App, token: &SessionToken) -> Result<Current, Failure> {
    let current = any(app, token).await?;
    match current.row.waits_for {
        Some(wait) => Err(Denied::Waits(wait).into()),
        None => Ok(current),
    }
}

/// One that may change what its person signs in with: proven once more just now, or about to enrol the first factor
/// that the firm asks for, right after signing in.
pub(crate) async fn changing(app: &App, token: &SessionToken) -> Result<Current, Failure> {
    let current = any(app, token).await?;
    // What a firm's provider says opens that firm. What somebody signs in with opens all they belong to.
    if current.row.within.is_some() {
        return Err(Failure::Refused(
            "You signed in with your organisation's own sign-in. To change what you sign in with here, sign in by mail \
             first."
                .into(),
        ));
    }
    match current.row.waits_for {
        // Once the person has enrolled elsewhere, a session from before is one of whoever has the mailbox, no more.
        Some(Wait::Enrol) => {
            let factors = Identity::open(app.aws()).factors(&current.row.person).await?;
            return match factors {
                Some(factors) if factors.enrolled => Err(Denied::Waits(Wait::SecondFactor).into()),
                _ => Ok(current),
            };
        }
        Some(Wait::SecondFactor) => return Err(Denied::Waits(Wait::SecondFactor).into()),
        None => (),
    }
    // Whoever looks at a client's portal does not act as themselves.
    if current.row.viewing.is_some() {
        return Err(Failure::Forbidden);
    }
    if !confirmed(&current, app.now()) {
        return Err(Denied::Unconfirmed.into());
    }
    Ok(current)
}

/// For ending sessions that somebody may be using: whoever comes upon an open browser shall not throw its owner out
/// everywhere. Whoever signed in just now, as from a new phone in place of a lost one, has proven enough.
pub(crate) fn to_end_sessions(current: &Current, now: Timestamp) -> Result<(), Failure> {
    let age_seconds = now.as_second() - current.row.started_at.as_second();
    if age_seconds < domain::limits::CONFIRMED_SECONDS || confirmed(current, now) {
        return Ok(());
    }
    Err(Denied::Unconfirmed.into())
}

/// Whether the person has proven once more who they are, a short while ago.
pub(crate) fn confirmed(current: &Current, now: Timestamp) -> bool {
    let since = |at: Timestamp| now.as_second() - at.as_second();
    current.row.confirmed_at.is_some_and(|at| since(at) < domain::limits::CONFIRMED_SECONDS)
}
