//! Proving once more who one is: at sign-in beside the mailed link, and later before what asks for it. A code of the
//! app, a passkey or a recovery code; each right one makes a session with a new token in place of the old one.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::{SessionToken, constant_time_eq, from_base32, totp_code};
use domain::audit::Act;
use domain::factors::{Held, Means, Typed, Wait};
use domain::{Moment, SessionId, Timestamp};
use http::StatusCode;
use serde::Deserialize;
use storage::{Current, Factors, Identity, Proof, Step, StorageError};
use web::cookies;
use web::{App, Failure, Form, LocalPath, Page, Query, answers};

use crate::begin::{self, Browser};
use crate::passkeys::{self, Answer, NotUsed, PasskeyRefused, Site};
use crate::{ask, news, onward, own, pages};

/// What somebody shows.
pub(crate) enum Shown {
    Typed(Typed),
    Passkey(Answer),
}

/// Why it proves nothing, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Wrong {
    #[error("Type the six digits that your app shows, or one of your recovery codes.")]
    NotACode,
    #[error(
        "That code is not right, or was used before. Type the newest code of your app, or a recovery code that is left."
    )]
    Code,
    #[error("{0}")]
    Passkey(PasskeyRefused),
    #[error("You have no second factor yet. Set one up on the page Sign-in and security.")]
    NothingEnrolled,
}

pub(crate) enum NotProven {
    Wrong(Wrong),
    Failed(Failure),
}

impl From<Failure> for NotProven {
    fn from(failure: Failure) -> Self {
        NotProven::Failed(failure)
    }
}

impl From<StorageError> for NotProven {
    fn from(error: StorageError) -> Self {
        NotProven::Failed(error.into())
    }
}

impl From<NotProven> for Failure {
    fn from(not: NotProven) -> Self {
        match not {
            NotProven::Wrong(wrong) => Failure::Refused(wrong.to_string()),
            NotProven::Failed(failure) => failure,
        }
    }
}

/// Both forms of the page come here: a code was typed, or the script filled in what the browser answered.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ShownForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    pub(crate) next: String,
}

impl ShownForm {
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn shown(self) -> Result<Shown, Wrong> {
        if self.credential.is_empty() {
            return Typed::parse(&self.code).map(Shown::Typed).ok_or(Wrong::NotACode);
        }
        let answer = Answer::from_form(self.state, &self.credential);
        answer.map(Shown::Passkey).ok_or(Wrong::Passkey(PasskeyRefused::NotRight))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

pub(crate) async fn form(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Onward { next }): Query<Onward>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let next = LocalPath::parse(&next);
    if current.row.waits_for != Some(Wait::SecondFactor) {
        return Ok(answers::see_other(&onward::of(&current, next.as_ref())));
    }
    asked_again(&app, &current, &page, next.as_ref(), None).await
}

pub(crate) async fn prove(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    browser: Browser,
    Form(form): Form<ShownForm>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let next = LocalPath::parse(&form.next);
    let shown = match form.shown() {
        Ok(shown) => shown,
        Err(wrong) => return asked_again(&app, &current, &page, next.as_ref(), Some(&wrong)).await,
    };
    match signed_in(&app, &current, shown, &browser).await {
        Ok(change) => {
            let to = onward::of_role(&current, next.as_ref());
            Ok((change, answers::see_other(&to)).into_response())
        }
        Err(NotProven::Wrong(wrong)) => asked_again(&app, &current, &page, next.as_ref(), Some(&wrong)).await,
        Err(NotProven::Failed(failure)) => Err(failure),
    }
}

async fn asked_again(
    app: &App,
    current: &Current,
    page: &Page,
    next: Option<&LocalPath>,
    wrong: Option<&Wrong>,
) -> Result<Response, Failure> {
    let identity = Identity::open(app.aws());
    let held = identity.held(identity.factors(&current.row.person).await?.as_ref()).await?;
    let wrong = wrong.map(Wrong::to_string);
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = pages::second::Ask { held: &held, csrf: &page.csrf, next, error: wrong.as_deref() };
    Ok(pages::shown(status, "One more step", pages::second::at_sign_in(&view, &current.row.email)))
}

/// The second factor of a session that waits for it: the cookies of the one that takes its place.
pub(crate) async fn signed_in(
    app: &App,
    current: &Current,
    shown: Shown,
    browser: &Browser,
) -> Result<cookies::CookieChange, NotProven> {
    if current.row.waits_for != Some(Wait::SecondFactor) {
        return Err(Failure::Refused("This session waits for no second factor.".into()).into());
    }
    let mut moment = app.moment();
    let identity = Identity::open(app.aws());
    let (means, proof) = proven(app, &identity, current, shown, &mut moment).await?;
    let token = stepped_up(app, &identity, current, Some(means), proof, Act::SecondFactorShown, &mut moment).await?;
    let row = &current.row;
    let standings = begin::standings(app, &identity, row).await?;
    let device = news::of_device(app, &identity, &row.person, &row.email, &standings, browser, &mut moment).await;
    if means == Means::RecoveryCode {
        news::of_recovery(app, &identity, current, moment.now).await;
    }
    let change = cookies::start(&token);
    Ok(device.iter().fold(change, |change, device| change.and(cookies::device(device))))
}

/// Makes the session that takes the current one's place.
pub(crate) async fn stepped_up(
    app: &App,
    identity: &Identity<'_>,
    current: &Current,
    second: Option<Means>,
    proof: Proof,
    act: Act,
    moment: &mut Moment,
) -> Result<SessionToken, Failure> {
    let token = begin::draw(moment);
    // Whatever the means, whoever has used it has one, but for the mailed code.
    let enrolled = second.is_some();
    let step = Step { id: SessionId::from_bits(moment.next_id()), token_hash: token.hash(), second, enrolled };
    identity.step_up(current, step, proof, act, moment).await?;
    app.aws().vendor().forget(&current.row.session);
    Ok(token)
}

/// Checks what is shown against what the person has enrolled.
pub(crate) async fn proven(
    app: &App,
    identity: &Identity<'_>,
    current: &Current,
    shown: Shown,
    moment: &mut Moment,
) -> Result<(Means, Proof), NotProven> {
    let factors = taken(identity, current, moment.now).await?;
    let person = &factors.person;
    let held = identity.held(Some(&factors)).await?;
    let checked = check(app, identity, person, shown, held, moment.now).await;
    let (held, means, used_up) = match checked {
        Ok(checked) => checked,
        Err(NotProven::Wrong(wrong)) => {
            ask::evenly(identity.not_proven(current, Act::SecondFactorRefused, moment)).await?;
            return Err(NotProven::Wrong(wrong));
        }
        Err(failed) => return Err(failed),
    };
    let kept = identity.factors_proof(person, &factors.email, Some(&factors), &held, moment.now).await?;
    Ok((means, used_up.and(kept)))
}

/// The factors, once a try was counted against them.
async fn taken(identity: &Identity<'_>, current: &Current, now: Timestamp) -> Result<Factors, NotProven> {
    for _ in 0..domain::limits::WRITE_TRIES_MAX {
        let factors = identity.factors(&current.row.person).await?.filter(|factors| factors.enrolled);
        let factors = factors.ok_or(NotProven::Wrong(Wrong::NothingEnrolled))?;
        let wait = factors.tries.wait_seconds(now);
        if wait > 0 {
            return Err(Failure::TooMany { retry_after_seconds: wait }.into());
        }
        if let Some(factors) = identity.take_factor_try(&factors, now).await? {
            return Ok(factors);
        }
    }
    Err(StorageError::Stale.into())
}

async fn check(
    app: &App,
    identity: &Identity<'_>,
    person: &domain::PersonId,
    shown: Shown,
    held: Held,
    now: Timestamp,
) -> Result<(Held, Means, Proof), NotProven> {
    let typed = match shown {
        Shown::Typed(typed) => typed,
        Shown::Passkey(answer) => {
            let (ceremony, proof) = passkeys::asked(identity, &answer, now).await.map_err(not_used)?;
            if ceremony.person.as_ref() != Some(person) {
                return Err(not_used(PasskeyRefused::Gone.into()));
            }
            let (held, means) = Site::of(app)?.used(&ceremony, &answer, held, now).map_err(not_used)?;
            return Ok((held, means, proof));
        }
    };
    let used = match typed {
        Typed::Code(code) => held.used_code(now, |seed, step| is_code(seed, step, &code)),
        Typed::Recovery(code) => held.used_recovery(&recovery_hash(person, &code)),
    };
    let (held, means) = used.ok_or(NotProven::Wrong(Wrong::Code))?;
    Ok((held, means, Proof::default()))
}

fn not_used(not: NotUsed) -> NotProven {
    match not {
        NotUsed::Refused(refused) => NotProven::Wrong(Wrong::Passkey(refused)),
        NotUsed::Failed(failure) => NotProven::Failed(failure),
    }
}

/// Whether a code is that of a step of the seed.
pub(crate) fn is_code(seed: &str, step: u64, code: &str) -> bool {
    from_base32(seed).is_some_and(|seed| constant_time_eq(&totp_code(&seed, step), code))
}

/// `code` without what separates its groups. It has 120 random bits: no table of hashes is of use against it.
pub(crate) fn recovery_hash(person: &domain::PersonId, code: &str) -> String {
    crypto::tagged_token("recovery", &format!("{person}|{code}"))
}
