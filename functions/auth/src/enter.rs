//! Signing in: a link or a code in the browser that asked for it, taken once, or a passkey.
//!
//! Only the asking browser can sign in, by the link as well as by the code. A link opened anywhere else, by a scanner,
//! in a mail program's own window or on another device, signs in nobody and uses nothing up: it says when it was asked
//! for and that the code is to be typed where that was. The alternative, to let another browser in after a
//! confirmation, would let in whoever comes upon the mail, and a scanner that presses buttons.

use crypto::constant_time_eq;
use domain::factors::Means;
use domain::{EmailAddress, Moment, PersonId, SessionId, Timestamp, limits};
use storage::{Counter, Identity, LinkRow, Proof, StorageError, platform_firm};
use web::cookies::AskToken;
use web::{App, Failure, LocalPath};

use crate::begin::{self, Browser, Entered, NotBegun, Shown};
use crate::passkeys::{self, Answer, NotUsed, PasskeyRefused, Site};
use crate::secrets::{Code, LinkToken};
use crate::{ask, news};

/// What somebody presents.
pub(crate) enum Evidence {
    Token(LinkToken),
    Code { email: EmailAddress, code: Code },
    Passkey { answer: Answer, next: Option<LocalPath> },
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("This link has been used or is too old. Ask for a new one.")]
    Gone,
    #[error(
        "This link was asked for in another browser, and works only there. Open it there, or type the code from the \
         mail where you asked."
    )]
    OtherBrowser { asked_at: Timestamp, place: Option<String> },
    #[error("No mail that was asked for in this browser is still good. Ask for a new one.")]
    NothingAsked,
    #[error("That is not the code of the newest mail. Check the six digits, or ask for a new mail.")]
    WrongCode,
    #[error("Too many codes were tried. Open the link in the mail, or ask for a new mail.")]
    NoTriesLeft,
    #[error("Your access has ended. Ask the firm if you need it again.")]
    NoMembership,
    #[error(
        "Your organisation signs in with its own sign-in. Enter your address on the sign-in page to go there. Partners \
         need a passkey or an app for codes to sign in without it."
    )]
    OnlySso,
    #[error(transparent)]
    Passkey(PasskeyRefused),
}

/// Refused, or our own mistake.
pub(crate) enum NotEntered {
    Refused(Refused),
    Failed(Failure),
}

impl From<NotEntered> for Failure {
    fn from(not: NotEntered) -> Self {
        match not {
            NotEntered::Refused(refused) => Failure::Refused(refused.to_string()),
            NotEntered::Failed(failure) => failure,
        }
    }
}

/// A refusal with the address that it is about, where there is one; or our own mistake.
pub(crate) enum NotShown {
    Refused(Refused, Option<EmailAddress>),
    Failed(Failure),
}

impl<T: Into<Failure>> From<T> for NotShown {
    fn from(failure: T) -> Self {
        NotShown::Failed(failure.into())
    }
}

/// Whether a link's page may offer to sign in. Reads only.
pub(crate) fn usable(row: Option<LinkRow>, browser: Option<&AskToken>, now: Timestamp) -> Result<LinkRow, Refused> {
    let row = row.filter(|row| !row.expired(now) && row.confirms.is_none()).ok_or(Refused::Gone)?;
    if browser.is_some_and(|browser| constant_time_eq(&browser.hash(), &row.ask_hash)) {
        return Ok(row);
    }
    Err(Refused::OtherBrowser { asked_at: row.asked_at, place: row.place })
}

pub(crate) async fn enter(app: &App, evidence: Evidence, browser: &Browser) -> Result<Entered, NotEntered> {
    let least = tokio::time::sleep(std::time::Duration::from_millis(limits::SIGN_IN_ANSWER_MILLISECONDS));
    let entered = entered(app, evidence, browser).await;
    if entered.is_err() {
        // A refusal is written down where there is somebody to write it down for: the time must not tell.
        least.await;
    }
    entered
}

async fn entered(app: &App, evidence: Evidence, browser: &Browser) -> Result<Entered, NotEntered> {
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let ask = browser.ask.as_ref();
    let shown = match evidence {
        Evidence::Token(token) => by_token(&identity, &token, ask, moment.now).await,
        Evidence::Code { email, code } => by_code(&identity, &email, &code, None, ask, moment.now).await,
        Evidence::Passkey { answer, next } => by_passkey(app, &identity, &answer, next, &mut moment).await,
    };
    let shown = match shown {
        Ok(shown) => shown,
        Err(NotShown::Failed(failure)) => return Err(NotEntered::Failed(failure)),
        Err(NotShown::Refused(refused, about)) => {
            if let Some(email) = about {
                let written = write_down(app, &identity, &email, &mut moment).await;
                written.map_err(|error| NotEntered::Failed(error.into()))?;
            }
            return Err(NotEntered::Refused(refused));
        }
    };
    let passkey = shown.means == Means::Passkey;
    begin::begin(app, &identity, shown, browser, &mut moment).await.map_err(|not| match not {
        NotBegun::NoMembership => NotEntered::Refused(Refused::NoMembership),
        NotBegun::OnlySso => NotEntered::Refused(Refused::OnlySso),
        NotBegun::GivenUp => NotEntered::Refused(Refused::Passkey(PasskeyRefused::Unknown)),
        NotBegun::UsedUp if passkey => NotEntered::Refused(Refused::Passkey(PasskeyRefused::Gone)),
        NotBegun::UsedUp => NotEntered::Refused(Refused::Gone),
        NotBegun::Failed(error) => NotEntered::Failed(error.into()),
    })
}

async fn by_token(
    identity: &Identity<'_>,
    token: &LinkToken,
    browser: Option<&AskToken>,
    now: Timestamp,
) -> Result<Shown, NotShown> {
    let hash = token.hash();
    let row = identity.link(&hash).await?;
    let email = row.as_ref().map(|row| row.email.clone());
    let row = usable(row, browser, now).map_err(|refused| NotShown::Refused(refused, email))?;
    Ok(shown_by(Means::Link, identity.link_proof(&hash, &row, now)?, row))
}

/// The code of the newest mail that this browser asked for: to sign in, or to confirm in a session.
pub(crate) async fn by_code(
    identity: &Identity<'_>,
    email: &EmailAddress,
    code: &Code,
    confirms: Option<&SessionId>,
    browser: Option<&AskToken>,
    now: Timestamp,
) -> Result<Shown, NotShown> {
    // Who never asked for a link of this address in this browser has no code to try, and spends none of anybody's tries.
    let Some(browser) = browser else { return Err(NotShown::Refused(Refused::NothingAsked, None)) };
    let Some((hash, row)) = identity.newest_link(&browser.hash(), email, confirms).await? else {
        return Err(NotShown::Refused(Refused::NothingAsked, None));
    };
    if row.expired(now) {
        return Err(NotShown::Refused(Refused::NothingAsked, Some(row.email)));
    }
    // Both are counted before the code is looked at, so that guesses made at once share what is left.
    let within = identity.within(Counter::CodesOfAddress, email.as_str(), now).await?
        && identity.within(Counter::CodesDaily, email.as_str(), now).await?;
    if !within || !identity.take_try(&hash, now).await? {
        return Err(NotShown::Refused(Refused::NoTriesLeft, Some(row.email)));
    }
    if !constant_time_eq(&code.hash(browser), &row.code_hash) {
        return Err(NotShown::Refused(Refused::WrongCode, Some(row.email)));
    }
    Ok(shown_by(Means::Code, identity.link_proof(&hash, &row, now)?, row))
}

fn shown_by(means: Means, proof: Proof, row: LinkRow) -> Shown {
    let next = row.next.as_deref().and_then(LocalPath::parse);
    Shown { email: row.email, means, proof, next, within: None }
}

/// A passkey alone: the device says whose it is, and has looked at its person.
async fn by_passkey(
    app: &App,
    identity: &Identity<'_>,
    answer: &Answer,
    next: Option<LocalPath>,
    moment: &mut Moment,
) -> Result<Shown, NotShown> {
    let not = |used: NotUsed, about: Option<&EmailAddress>| match used {
        NotUsed::Refused(refused) => NotShown::Refused(Refused::Passkey(refused), about.cloned()),
        NotUsed::Failed(failure) => NotShown::Failed(failure),
    };
    let unknown = || NotShown::Refused(Refused::Passkey(PasskeyRefused::Unknown), None);
    let (ceremony, asked) = passkeys::asked(identity, answer, moment.now).await.map_err(|used| not(used, None))?;
    // A question to somebody who is signed in already is not one about signing in.
    let claimed = passkeys::claimed_by(answer).filter(|_| ceremony.person.is_none()).ok_or_else(unknown)?;
    let factors = identity.factors(&claimed).await?.ok_or_else(unknown)?;
    let held = identity.held(Some(&factors)).await?;
    let email = factors.email.clone();
    let (held, means) = match Site::of(app)?.used(&ceremony, answer, held, moment.now) {
        Ok(used) => used,
        Err(refused) => {
            if matches!(refused, NotUsed::Refused(PasskeyRefused::Copied)) {
                news::of_copy(app, identity, &email, moment.now).await;
            }
            return Err(not(refused, Some(&email)));
        }
    };
    let kept = identity.factors_proof(&claimed, &email, Some(&factors), &held, moment.now).await?;
    Ok(Shown { email, means, proof: asked.and(kept), next, within: None })
}

/// An event in the chain of the person who has the address; nothing where nobody has it, and no more than so many.
async fn write_down(
    app: &App,
    identity: &Identity<'_>,
    email: &EmailAddress,
    moment: &mut Moment,
) -> Result<(), StorageError> {
    if !identity.within(Counter::RefusalsOfAddress, email.as_str(), moment.now).await? {
        return Ok(());
    }
    let mac = app.aws().address_mac_as_function(email).await?;
    let addressee = identity.addressee(&mac).await?;
    if addressee.belongs.is_empty() && addressee.invited.is_empty() && !ask::is_operator(app, email) {
        return Ok(());
    }
    let firm = addressee.only_firm().unwrap_or_else(platform_firm);
    identity.sign_in_refused(&firm, &PersonId::from_bits(mac.person_bits()), moment).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-24T10:05:00Z";

    fn row(browser: &AskToken) -> LinkRow {
        let asked_at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        LinkRow {
            email: EmailAddress::parse("ada@x.example").unwrap(),
            ask_hash: browser.hash(),
            code_hash: String::new(),
            tries: 0,
            asked_at,
            place: None,
            expires_second: asked_at.as_second() + limits::LINK_AGE_SECONDS_MAX,
            next: None,
            confirms: None,
        }
    }

    fn check(row: Option<LinkRow>, browser: Option<&AskToken>, now: &str, want: Option<Refused>) {
        assert_eq!(usable(row, browser, now.parse().unwrap()).err(), want);
    }

    #[test]
    fn a_link_is_usable_where_it_was_asked_for() {
        let (asking, other) = (AskToken::from_bits(1), AskToken::from_bits(2));
        let elsewhere = Refused::OtherBrowser { asked_at: row(&asking).asked_at, place: None };
        check(Some(row(&asking)), Some(&asking), NOW, None);
        check(Some(row(&asking)), Some(&other), NOW, Some(elsewhere.clone()));
        check(Some(row(&asking)), None, NOW, Some(elsewhere));
        check(None, Some(&asking), NOW, Some(Refused::Gone));
        check(Some(row(&asking)), Some(&asking), "2026-11-24T10:09:59Z", None);
        check(Some(row(&asking)), Some(&asking), "2026-11-24T10:10:00Z", Some(Refused::Gone));
        let to_confirm = LinkRow { confirms: Some(SessionId::from_bits(1)), ..row(&asking) };
        check(Some(to_confirm), Some(&asking), NOW, Some(Refused::Gone));
    }
}
