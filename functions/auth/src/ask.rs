//! Asking for a link. Whether somebody has the address is not to be told, neither by the answer nor by how long it
//! takes: everything is done alike, but that nothing is mailed where nobody would read it.

use std::time::Duration;

use domain::{EmailAddress, Moment, SessionId, limits};
use storage::{Addressee, Counter, Identity, LinkRow, StorageError};
use web::cookies::AskToken;
use web::{App, Caller, Failure, LocalPath};

use crate::mail::{self, SignInMail};
use crate::secrets::{Code, LinkToken};

/// What came of asking, the same for every address.
pub(crate) enum Asked {
    /// A link is on its way to whoever has the address; it belongs to this browser.
    Sent(AskToken),
    /// The address was asked for too often: nothing more is mailed to it for a while.
    TooOften,
}

/// What the mail is for.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// Signing in, and going on to a page.
    SignIn(Option<LocalPath>),
    /// Confirming who one is, in this session: a code and no link.
    Confirm(SessionId),
}

/// `browser` is what the browser holds from asking before: several links of one browser may be on their way.
pub(crate) async fn ask(
    app: &App,
    email: &EmailAddress,
    purpose: Purpose,
    browser: Option<AskToken>,
    caller: &Caller,
) -> Result<Asked, Failure> {
    evenly(asked(app, email, purpose, browser, caller)).await
}

/// Takes at least as long as mailing does, so that its absence is not noticed.
pub(crate) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let least = tokio::time::sleep(Duration::from_millis(limits::SIGN_IN_ANSWER_MILLISECONDS));
    tokio::join!(work, least).0
}

/// Until a window of counting ends.
pub(crate) fn too_many(moment: &Moment) -> Failure {
    let gone = moment.now.as_second().rem_euclid(limits::RATE_WINDOW_SECONDS);
    let left = limits::RATE_WINDOW_SECONDS - gone;
    Failure::TooMany { retry_after_seconds: u64::try_from(left).unwrap_or(1) }
}

async fn asked(
    app: &App,
    email: &EmailAddress,
    purpose: Purpose,
    browser: Option<AskToken>,
    caller: &Caller,
) -> Result<Asked, Failure> {
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let source = caller.source();
    let here = format!("{email} {source}");
    // What is beyond its own source's bound is not counted against the address: nobody can be locked out from there.
    let (within_source, within_here) = tokio::join!(
        identity.within(Counter::LinksOfSource, &source, moment.now),
        identity.within(Counter::LinksOfAddress, &here, moment.now),
    );
    if !within_source? {
        return Err(too_many(&moment));
    }
    if !within_here? {
        return Ok(Asked::TooOften);
    }
    let (within_address, within_day) = tokio::join!(
        identity.within(Counter::LinksAnywhere, email.as_str(), moment.now),
        identity.within(Counter::LinksDaily, email.as_str(), moment.now),
    );
    if !within_address? || !within_day? {
        return Ok(Asked::TooOften);
    }
    let mac = app.aws().address_mac_as_function(email).await?;
    let addressee = identity.addressee(&mac).await?;

    let browser = browser.unwrap_or_else(|| AskToken::from_bits(moment.next_random()));
    let (token, code) = (LinkToken::draw(&mut moment), Code::draw(&mut moment));
    let link = LinkRow {
        email: email.clone(),
        ask_hash: browser.hash(),
        code_hash: code.hash(&browser),
        tries: 0,
        asked_at: moment.now,
        place: caller.place.clone(),
        expires_second: moment.now.as_second() + limits::LINK_AGE_SECONDS_MAX,
        next: match &purpose {
            Purpose::SignIn(next) => next.as_ref().map(|next| next.as_str().to_owned()),
            Purpose::Confirm(_) => None,
        },
        confirms: match &purpose {
            Purpose::SignIn(_) => None,
            Purpose::Confirm(session) => Some(session.clone()),
        },
    };
    identity.open_link(&token.hash(), &link).await?;
    if is_known(&addressee, app, email)
        && let Err(error) = send(app, &identity, &addressee, &link, &purpose, &token, &code).await
    {
        // An answer that differs now would tell that the address is known.
        tracing::error!(error = web::chain(&error), "a sign-in mail was not sent");
    }
    Ok(Asked::Sent(browser))
}

fn is_known(addressee: &Addressee, app: &App, email: &EmailAddress) -> bool {
    !addressee.belongs.is_empty() || !addressee.invited.is_empty() || is_operator(app, email)
}

/// Whether the deployment lists the address among those who run the platform.
pub(crate) fn is_operator(app: &App, email: &EmailAddress) -> bool {
    app.config().settings.platform_admins.iter().any(|operator| operator == email.as_str())
}

async fn send(
    app: &App,
    identity: &Identity<'_>,
    addressee: &Addressee,
    link: &LinkRow,
    purpose: &Purpose,
    token: &LinkToken,
    code: &Code,
) -> Result<(), StorageError> {
    let firm = addressee.only_firm();
    let brand = match &firm {
        Some(firm) => identity.brand(firm).await?,
        None => None,
    };
    let words = SignInMail {
        to: &link.email,
        firm_name: brand.as_ref().map_or("Portico", |brand| &brand.firm_name),
        link: format!("{}/sign-in/link?token={}", app.config().settings.site_origin, token.expose()),
        code: code.expose(),
        asked_at: link.asked_at,
        place: link.place.as_deref(),
        zone: brand.as_ref().map_or(jiff::tz::TimeZone::UTC, storage::Brand::time_zone),
    };
    let mail = match purpose {
        Purpose::SignIn(_) => mail::sign_in(&words),
        Purpose::Confirm(_) => mail::confirm(&words),
    };
    let message = app.aws().send_mail_as_function(&mail).await?;
    tracing::info!(message.id = message, "a sign-in mail was sent");
    Ok(())
}
