//! From a proof to a session: what the person belongs to, what the session waits for, and what is told of it.

use access::Denied;
use axum::extract::FromRequestParts;
use crypto::{Mac, SessionToken};
use domain::factors::{self, Means, Member, Onward, Proven, Wait};
use domain::sso::Within;
use domain::{EmailAddress, Moment, PersonId, Role, SessionId, Timestamp, limits};
use http::request::Parts;
use storage::{
    Addressee, Belonging, Current, Factors, Identity, NewSession, PLATFORM_MEMBERSHIP, Proof, SessionRow, Standing,
    StorageError,
};
use web::cookies::{self, AskToken, CookieChange, DeviceToken};
use web::{App, Caller, Failure, LocalPath};

use crate::{ask, device, news, sso};

/// What a browser brings along when it signs in.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) caller: Caller,
    /// Binds a mailed link.
    pub(crate) ask: Option<AskToken>,
    /// The session it has already: no session outlives a sign-in.
    pub(crate) before: Option<SessionToken>,
    pub(crate) device: Option<DeviceToken>,
}

impl FromRequestParts<App> for Browser {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Browser {
            caller: Caller::from_request_parts(parts, app).await?,
            ask: AskToken::of(&parts.headers),
            before: cookies::session(&parts.headers),
            device: DeviceToken::of(&parts.headers),
        })
    }
}

/// Somebody who has shown who they are, by one means.
pub(crate) struct Shown {
    pub(crate) email: EmailAddress,
    pub(crate) means: Means,
    pub(crate) proof: Proof,
    /// Where the person wanted to go.
    pub(crate) next: Option<LocalPath>,
    /// What it is good for, where a provider of single sign-on said it.
    pub(crate) within: Option<Within>,
}

/// A session that has begun.
pub(crate) struct Entered {
    pub(crate) token: SessionToken,
    device: Option<DeviceToken>,
    pub(crate) person: PersonId,
    pub(crate) email: EmailAddress,
    pub(crate) standings: Vec<Standing>,
    pub(crate) next: Option<LocalPath>,
    pub(crate) waits_for: Option<Wait>,
}

impl Entered {
    /// The cookies of a browser that has just signed in.
    pub(crate) fn cookies(&self) -> CookieChange {
        let change = cookies::start(&self.token).and(cookies::forget_ask());
        match &self.device {
            Some(device) => change.and(cookies::device(device)),
            None => change,
        }
    }
}

/// Why a proof led to no session.
#[derive(Debug)]
pub(crate) enum NotBegun {
    /// Whoever it is belongs to nothing any more.
    NoMembership,
    /// All that whoever it is belongs to is reached by a provider of single sign-on only.
    OnlySso,
    /// Somebody else has used the proof up.
    UsedUp,
    /// The firms of whoever it is have ordered that this passkey is worth nothing any more.
    GivenUp,
    Failed(StorageError),
}

impl From<StorageError> for NotBegun {
    fn from(error: StorageError) -> Self {
        NotBegun::Failed(error)
    }
}

pub(crate) async fn begin(
    app: &App,
    identity: &Identity<'_>,
    shown: Shown,
    browser: &Browser,
    moment: &mut Moment,
) -> Result<Entered, NotBegun> {
    let Shown { email, means, proof, next, within } = shown;
    let mac = app.aws().address_mac_as_function(&email).await?;
    let person = PersonId::from_bits(mac.person_bits());
    let id = SessionId::from_bits(moment.next_id());
    let (addressee, factors) = tokio::join!(identity.addressee(&mac), identity.factors(&person));
    let factors = factors?;
    let mut addressee = addressee?;
    // A provider takes up no invitation of anybody else's.
    addressee.invited.retain(|invited| within.as_ref().is_none_or(|w| w.allows(&invited.firm, &invited.membership)));
    let operates = within.is_none() && ask::is_operator(app, &email);
    let belongs = belongs(identity, operates, &mac, &person, &email, addressee, &id, moment).await?;
    let mut standings = identity.standings(&person, &belongs).await?;
    sso::rule::keep_within(&mut standings, within.as_ref());
    let Some(first) = standings.first() else { return Err(NotBegun::NoMembership) };
    let enrolled = enrolled(identity, factors.as_ref(), &standings, first, means, &id, moment).await?;
    sso::rule::keep_open(identity, &email, &mut standings, means, enrolled).await?;
    if standings.is_empty() {
        return Err(NotBegun::OnlySso);
    }
    let only = standings.first().filter(|_| standings.len() == 1);
    let onward = onward(identity, &Proven::by(means, moment.now), enrolled, only, moment.now).await?;
    let token = draw(moment);
    let new = NewSession {
        id,
        token_hash: token.hash(),
        person: person.clone(),
        email: email.clone(),
        acts_as: only.map(|only| (only.acts_as(), only.row.role)),
        proven: Proven::by(means, moment.now),
        // A passkey proves two things at once, and just now.
        confirmed_at: (means == Means::Passkey).then_some(moment.now),
        waits_for: onward.waits_for,
        enrol_by: onward.enrol_by,
        viewing: None,
        within,
        device: device::words(&browser.caller.agent),
        place: browser.caller.place.clone(),
    };
    match identity.begin(new, Some(&proof), moment).await {
        Err(StorageError::Stale) => return Err(NotBegun::UsedUp),
        other => other?,
    }
    if let Some(before) = &browser.before {
        replaced(identity, before, moment).await;
    }
    // Whoever has yet to show a second factor is not in; the browser is looked at once they are.
    let device = match onward.waits_for {
        Some(Wait::SecondFactor) => None,
        _ => news::of_device(app, identity, &person, &email, &standings, browser, moment).await,
    };
    Ok(Entered { token, device, person, email, standings, next, waits_for: onward.waits_for })
}

/// Acts as another membership, with a new token: the old one ends.
pub(crate) async fn act_as(
    app: &App,
    current: &Current,
    membership: &str,
    caller: &Caller,
) -> Result<(SessionToken, Standing, Option<Wait>), Failure> {
    // Until the second factor is shown nobody is anything; who has yet to enrol may go where none is asked for.
    if current.row.waits_for == Some(Wait::SecondFactor) {
        return Err(Denied::Waits(Wait::SecondFactor).into());
    }
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let (standings, factors) =
        tokio::join!(standings(app, &identity, &current.row), identity.factors(&current.row.person));
    let standing = standings?.into_iter().find(|standing| id_of(standing) == membership).ok_or(Failure::NotFound)?;
    let enrolled = factors?.is_some_and(|factors| factors.enrolled);
    let proven = current.row.proven();
    let onward = onward(&identity, &proven, enrolled, Some(&standing), moment.now).await?;
    let token = draw(&mut moment);
    let new = NewSession {
        id: SessionId::from_bits(moment.next_id()),
        token_hash: token.hash(),
        person: current.row.person.clone(),
        email: current.row.email.clone(),
        acts_as: Some((standing.acts_as(), standing.row.role)),
        proven,
        confirmed_at: current.row.confirmed_at,
        waits_for: onward.waits_for,
        enrol_by: onward.enrol_by,
        viewing: None,
        within: current.row.within.clone(),
        device: device::words(&caller.agent),
        place: caller.place.clone(),
    };
    identity.begin(new, None, &mut moment).await?;
    identity.end_current(current, &mut moment).await?;
    app.aws().vendor().forget(&current.row.session);
    Ok((token, standing, onward.waits_for))
}

/// How a membership is named outside: `<firm>.<membership>`.
pub(crate) fn id_of(standing: &Standing) -> String {
    format!("{}.{}", standing.firm, standing.membership)
}

/// A new session's secret.
pub(crate) fn draw(moment: &mut Moment) -> SessionToken {
    SessionToken::from_bits([moment.next_random(), moment.next_random()])
}

/// What somebody who is signed in may act as.
pub(crate) async fn standings(
    app: &App,
    identity: &Identity<'_>,
    row: &SessionRow,
) -> Result<Vec<Standing>, StorageError> {
    let email = &row.email;
    let mac = app.aws().address_mac_as_function(email).await?;
    let mut belongs = identity.addressee(&mac).await?.belongs;
    belongs.retain(|belonging| belonging.membership != PLATFORM_MEMBERSHIP || ask::is_operator(app, email));
    let mut standings = identity.standings(&PersonId::from_bits(mac.person_bits()), &belongs).await?;
    sso::rule::keep_within(&mut standings, row.within.as_ref());
    let proven = row.proven();
    let enrolled = proven.second.is_some() || proven.first == Means::Passkey;
    sso::rule::keep_open(identity, email, &mut standings, proven.first, enrolled).await?;
    Ok(standings)
}

/// Everything the address belongs to, with the invitations that wait for it taken up.
#[expect(clippy::too_many_arguments, reason = "who it is, in the three forms that rows know it by")]
async fn belongs(
    identity: &Identity<'_>,
    operates: bool,
    mac: &Mac,
    person: &PersonId,
    email: &EmailAddress,
    addressee: Addressee,
    session: &SessionId,
    moment: &mut Moment,
) -> Result<Vec<Belonging>, StorageError> {
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
    if !operates {
        belongs.retain(|belonging| !at_platform(belonging));
    } else if !belongs.iter().any(at_platform) {
        belongs.push(identity.admit_operator(mac, person, email, session, moment).await?);
    }
    Ok(belongs)
}

/// Whether there is a second factor to ask for. Where every firm that the person has come in to has ordered a fresh
/// start, there is none any more, and a passkey that was just shown may be in another's hands.
async fn enrolled(
    identity: &Identity<'_>,
    factors: Option<&Factors>,
    standings: &[Standing],
    first: &Standing,
    means: Means,
    session: &SessionId,
    moment: &mut Moment,
) -> Result<bool, NotBegun> {
    let Some(factors) = factors.filter(|factors| factors.enrolled) else { return Ok(false) };
    // A provider's session knows of one firm, and one firm alone cannot order it.
    if means == Means::Sso {
        return Ok(true);
    }
    let resets = identity.resets(&factors.person, standings).await?;
    if !factors::reset_holds(factors.begun_at, resets) {
        return Ok(true);
    }
    identity.give_up_factors(factors, first, session, moment).await?;
    if means == Means::Passkey { Err(NotBegun::GivenUp) } else { Ok(false) }
}

/// What a session has to wait for, by the rule of the firm it acts in.
async fn onward(
    identity: &Identity<'_>,
    proven: &Proven,
    enrolled: bool,
    standing: Option<&Standing>,
    now: Timestamp,
) -> Result<Onward, StorageError> {
    let member = match standing.filter(|_| !enrolled) {
        Some(standing) => {
            let policy = match standing.row.role {
                // Asked for whatever the firm says.
                Role::Partner | Role::PlatformAdmin => factors::FactorPolicy::default(),
                _ => identity.factor_policy(&standing.firm).await?,
            };
            Some(Member { role: standing.row.role, policy, taken_up_at: standing.taken_up_at })
        }
        None => None,
    };
    Ok(factors::onward(proven.first, proven.second, enrolled, member, now))
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
