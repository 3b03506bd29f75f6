//! From a proof to a session: a link or a code in the browser that asked for it, taken once.
//!
//! Only the asking browser can sign in, by the link as well as by the code. A link opened anywhere else, by a scanner,
//! in a mail program's own window or on another device, signs in nobody and uses nothing up: it says when it was asked
//! for and that the code is to be typed where that was. The alternative, to let another browser in after a
//! confirmation, would let in whoever comes upon the mail, and a scanner that presses buttons.

use crypto::{Mac, SessionToken, constant_time_eq};
use domain::factors::{Means, Proven};
use domain::{EmailAddress, Moment, PersonId, SessionId, Timestamp, limits};
use storage::{
    Belonging, Counter, Current, Identity, LinkRow, NewSession, PLATFORM_MEMBERSHIP, Proof, Standing, StorageError,
    platform_firm,
};
use web::cookies::AskToken;
use web::{App, Caller, Failure, LocalPath};

use crate::ask;
use crate::device;
use crate::secrets::{Code, LinkToken};

/// What somebody presents.
pub(crate) enum Evidence {
    Token(LinkToken),
    Code { email: EmailAddress, code: Code },
}

/// A session that has begun.
pub(crate) struct Entered {
    pub(crate) token: SessionToken,
    pub(crate) person: PersonId,
    pub(crate) email: EmailAddress,
    pub(crate) standings: Vec<Standing>,
    /// Where the person wanted to go.
    pub(crate) next: Option<LocalPath>,
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
}

/// Refused, or our own mistake.
pub(crate) enum NotEntered {
    Refused(Refused),
    Failed(Failure),
}

impl From<Refused> for NotEntered {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StorageError> for NotEntered {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<NotEntered> for Failure {
    fn from(not: NotEntered) -> Self {
        match not {
            NotEntered::Refused(refused) => Failure::Refused(refused.to_string()),
            NotEntered::Failed(failure) => failure,
        }
    }
}

/// Whether a link's page may offer to sign in. Reads only.
pub(crate) fn usable(row: Option<LinkRow>, browser: Option<&AskToken>, now: Timestamp) -> Result<LinkRow, Refused> {
    let row = row.filter(|row| !row.expired(now)).ok_or(Refused::Gone)?;
    if browser.is_some_and(|browser| constant_time_eq(&browser.hash(), &row.ask_hash)) {
        return Ok(row);
    }
    Err(Refused::OtherBrowser { asked_at: row.asked_at, place: row.place })
}

/// Signs in. `before` is the session that the browser already has: it ends, since no session outlives a sign-in.
pub(crate) async fn enter(
    app: &App,
    evidence: Evidence,
    browser: Option<&AskToken>,
    before: Option<SessionToken>,
    caller: &Caller,
) -> Result<Entered, NotEntered> {
    let least = tokio::time::sleep(std::time::Duration::from_millis(limits::SIGN_IN_ANSWER_MILLISECONDS));
    let entered = entered(app, evidence, browser, before, caller).await;
    if entered.is_err() {
        // A refusal is written down where there is somebody to write it down for: the time must not tell.
        least.await;
    }
    entered
}

async fn entered(
    app: &App,
    evidence: Evidence,
    browser: Option<&AskToken>,
    before: Option<SessionToken>,
    caller: &Caller,
) -> Result<Entered, NotEntered> {
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let means = match &evidence {
        Evidence::Token(_) => Means::Link,
        Evidence::Code { .. } => Means::Code,
    };
    let checked = match &evidence {
        Evidence::Token(token) => check_token(&identity, token, browser, moment.now).await?,
        Evidence::Code { email, code } => check_code(&identity, email, code, browser, moment.now).await?,
    };
    let (proof, link) = match checked {
        Checked::Proven(proof, link) => (proof, link),
        Checked::Refused(refused, email) => {
            if let Some(email) = email {
                write_down(app, &identity, &email, &mut moment).await?;
            }
            return Err(refused.into());
        }
    };

    let mac = app.aws().address_mac_as_function(&link.email).await?;
    let person = PersonId::from_bits(mac.person_bits());
    let session = SessionId::from_bits(moment.next_id());
    let belongs = belongs(app, &identity, &mac, &person, &link.email, &session, &mut moment).await?;
    let standings = identity.standings(&person, &belongs).await?;
    let token = SessionToken::from_bits([moment.next_random(), moment.next_random()]);
    let acts_as = match standings.as_slice() {
        [] => return Err(Refused::NoMembership.into()),
        [only] => Some((only.acts_as(), only.row.role)),
        _ => None,
    };
    let new = NewSession {
        id: session,
        token_hash: token.hash(),
        person: person.clone(),
        email: link.email.clone(),
        acts_as,
        proven: Proven::by(means, moment.now),
        confirmed_at: None,
        waits_for: None,
        enrol_by: None,
        viewing: None,
        device: device::words(&caller.agent),
        place: caller.place.clone(),
    };
    match identity.begin(new, Some(&proof), &mut moment).await {
        Err(StorageError::Stale) => return Err(Refused::Gone.into()),
        other => other?,
    }
    if let Some(before) = before {
        replaced(&identity, &before, &mut moment).await;
    }
    let next = link.next.as_deref().and_then(LocalPath::parse);
    Ok(Entered { token, person, email: link.email, standings, next })
}

/// Acts as another membership, with a new token: the old one ends.
pub(crate) async fn act_as(
    app: &App,
    current: &Current,
    membership: &str,
    caller: &Caller,
) -> Result<(SessionToken, Standing), Failure> {
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let standings = standings(app, &identity, &current.row.email).await?;
    let standing = standings.into_iter().find(|standing| id_of(standing) == membership).ok_or(Failure::NotFound)?;
    let token = SessionToken::from_bits([moment.next_random(), moment.next_random()]);
    let new = NewSession {
        id: SessionId::from_bits(moment.next_id()),
        token_hash: token.hash(),
        person: current.row.person.clone(),
        email: current.row.email.clone(),
        acts_as: Some((standing.acts_as(), standing.row.role)),
        proven: current.row.proven(),
        confirmed_at: current.row.confirmed_at,
        waits_for: current.row.waits_for,
        enrol_by: current.row.enrol_by,
        viewing: None,
        device: device::words(&caller.agent),
        place: caller.place.clone(),
    };
    identity.begin(new, None, &mut moment).await?;
    identity.end_current(current, &mut moment).await?;
    Ok((token, standing))
}

/// How a membership is named outside: `<firm>.<membership>`.
pub(crate) fn id_of(standing: &Standing) -> String {
    format!("{}.{}", standing.firm, standing.membership)
}

/// What somebody who is signed in may act as.
pub(crate) async fn standings(
    app: &App,
    identity: &Identity<'_>,
    email: &EmailAddress,
) -> Result<Vec<Standing>, StorageError> {
    let mac = app.aws().address_mac_as_function(email).await?;
    let mut belongs = identity.addressee(&mac).await?.belongs;
    belongs.retain(|belonging| belonging.membership != PLATFORM_MEMBERSHIP || ask::is_operator(app, email));
    identity.standings(&PersonId::from_bits(mac.person_bits()), &belongs).await
}

enum Checked {
    Proven(Proof, LinkRow),
    /// With the address that it was about, where there is one.
    Refused(Refused, Option<EmailAddress>),
}

async fn check_token(
    identity: &Identity<'_>,
    token: &LinkToken,
    browser: Option<&AskToken>,
    now: Timestamp,
) -> Result<Checked, StorageError> {
    let hash = token.hash();
    let row = identity.link(&hash).await?;
    let email = row.as_ref().map(|row| row.email.clone());
    Ok(match usable(row, browser, now) {
        Ok(row) => Checked::Proven(Proof::new(&hash, &row), row),
        Err(refused) => Checked::Refused(refused, email),
    })
}

async fn check_code(
    identity: &Identity<'_>,
    email: &EmailAddress,
    code: &Code,
    browser: Option<&AskToken>,
    now: Timestamp,
) -> Result<Checked, StorageError> {
    // Who never asked for a link of this address in this browser has no code to try, and spends none of anybody's tries.
    let Some(browser) = browser else { return Ok(Checked::Refused(Refused::NothingAsked, None)) };
    let Some((hash, row)) = identity.newest_link(&browser.hash(), email).await? else {
        return Ok(Checked::Refused(Refused::NothingAsked, None));
    };
    if row.expired(now) {
        return Ok(Checked::Refused(Refused::NothingAsked, Some(row.email)));
    }
    // Both are counted before the code is looked at, so that guesses made at once share what is left.
    let within = identity.within(Counter::CodesOfAddress, email.as_str(), now).await?
        && identity.within(Counter::CodesDaily, email.as_str(), now).await?;
    if !within || !identity.take_try(&hash, now).await? {
        return Ok(Checked::Refused(Refused::NoTriesLeft, Some(row.email)));
    }
    if constant_time_eq(&code.hash(browser), &row.code_hash) {
        return Ok(Checked::Proven(Proof::new(&hash, &row), row));
    }
    Ok(Checked::Refused(Refused::WrongCode, Some(row.email)))
}

/// Everything the address belongs to, with the invitations that wait for it taken up.
async fn belongs(
    app: &App,
    identity: &Identity<'_>,
    mac: &Mac,
    person: &PersonId,
    email: &EmailAddress,
    session: &SessionId,
    moment: &mut Moment,
) -> Result<Vec<Belonging>, StorageError> {
    let addressee = identity.addressee(mac).await?;
    let mut belongs = addressee.belongs;
    for invited in &addressee.invited {
        let of_firm = belongs.iter().filter(|belonging| belonging.firm == invited.firm).count();
        if of_firm >= limits::MEMBERSHIPS_PER_FIRM_MAX {
            continue;
        }
        let taken = identity.adopt(mac, person, invited, session, moment).await?;
        belongs.retain(|old| (&old.firm, &old.membership) != (&taken.firm, &taken.membership));
        belongs.push(taken);
    }
    let at_platform = |belonging: &Belonging| belonging.membership == PLATFORM_MEMBERSHIP;
    if !ask::is_operator(app, email) {
        belongs.retain(|belonging| !at_platform(belonging));
    } else if !belongs.iter().any(at_platform) {
        belongs.push(identity.admit_operator(mac, person, email, session, moment).await?);
    }
    Ok(belongs)
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
    if addressee.belongs.is_empty() && addressee.invited.is_empty() {
        return Ok(());
    }
    let firm = addressee.only_firm().unwrap_or_else(platform_firm);
    identity.sign_in_refused(&firm, &PersonId::from_bits(mac.person_bits()), moment).await
}

/// The new session is there already: what keeps the old one is a nuisance, and no reason to refuse it.
async fn replaced(identity: &Identity<'_>, before: &SessionToken, moment: &mut Moment) {
    let ended = match identity.current(&before.hash(), moment.now).await {
        Ok(Some(current)) => identity.end_current(&current, moment).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        tracing::error!(error = web::chain(&error), "the session before was not ended");
    }
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
    }
}
