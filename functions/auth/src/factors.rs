//! Adding, removing and renewing what a person signs in with. Each change is one transaction with its event, and the
//! person is told of it by mail. The first factor makes the session one that has shown two.

use crypto::{SEED_BYTES, SessionToken, base32};
use domain::audit::{Act, Object};
use domain::factors::{EnrolRefused, Held, Means, recovery_code};
use domain::{Moment, Timestamp, limits, text};
use storage::{Current, Factors, Identity, Proof};
use web::{App, Failure};

use crate::passkeys::{Answer, NotUsed, PasskeyRefused, Question, Site};
use crate::second::{is_code, recovery_hash, stepped_up};
use crate::secrets::Code;
use crate::{device, news};

/// A session's person with what they have enrolled.
pub(crate) struct Mine<'a> {
    app: &'a App,
    identity: Identity<'a>,
    current: &'a Current,
    row: Option<Factors>,
    pub(crate) held: Held,
}

/// What a change came to.
pub(crate) struct Changed {
    /// The session's new token, where it stepped up.
    pub(crate) token: Option<SessionToken>,
    /// New recovery codes, shown this once.
    pub(crate) codes: Vec<String>,
}

/// Why nothing changed: in words, or our own mistake.
pub(crate) enum NotChanged {
    Refused(EnrolRefused),
    Passkey(PasskeyRefused),
    Failed(Failure),
}

impl From<Failure> for NotChanged {
    fn from(failure: Failure) -> Self {
        NotChanged::Failed(failure)
    }
}

impl From<EnrolRefused> for NotChanged {
    fn from(refused: EnrolRefused) -> Self {
        NotChanged::Refused(refused)
    }
}

impl From<NotUsed> for NotChanged {
    fn from(not: NotUsed) -> Self {
        match not {
            NotUsed::Refused(refused) => NotChanged::Passkey(refused),
            NotUsed::Failed(failure) => NotChanged::Failed(failure),
        }
    }
}

impl From<NotChanged> for Failure {
    fn from(not: NotChanged) -> Self {
        match not {
            NotChanged::Refused(refused) => Failure::Refused(refused.to_string()),
            NotChanged::Passkey(refused) => Failure::Refused(refused.to_string()),
            NotChanged::Failed(failure) => failure,
        }
    }
}

impl<'a> Mine<'a> {
    pub(crate) async fn of(app: &'a App, current: &'a Current) -> Result<Mine<'a>, Failure> {
        let identity = Identity::open(app.aws());
        let row = identity.factors(&current.row.person).await?;
        let held = identity.held(row.as_ref()).await?;
        Ok(Mine { app, identity, current, row, held })
    }

    /// A seed for an app, to be taken up by the first code of it.
    pub(crate) async fn offer_app(self, moment: &mut Moment) -> Result<(), Failure> {
        let bits = [moment.next_random().to_be_bytes(), moment.next_random().to_be_bytes()].concat();
        let held = self.held.clone().offer(base32(&bits[..SEED_BYTES]), moment.now);
        let proof = self.kept(&held, moment.now).await?;
        Ok(self.identity.change(self.current, proof, Act::CodeAppOffered, self.object(), moment).await?)
    }

    pub(crate) async fn accept_app(self, code: &str, moment: &mut Moment) -> Result<Changed, NotChanged> {
        let code = Code::parse(code).ok_or(EnrolRefused::WrongCode)?;
        let offered = self.held.offered(moment.now).ok_or(EnrolRefused::OfferGone)?.seed.clone();
        let held = self.held.clone().accept_offer(moment.now, |step| is_code(&offered, step, code.expose()))?;
        let what = "An app for codes was set up";
        Ok(self.save(held, Proof::default(), Some(Means::Totp), Act::CodeAppAdded, what, moment).await?)
    }

    pub(crate) async fn remove_app(self, moment: &mut Moment) -> Result<Changed, Failure> {
        let held = self.held.clone().without_app().ok_or(Failure::NotFound)?;
        self.save(held, Proof::default(), None, Act::CodeAppRemoved, "The app for codes was removed", moment).await
    }

    pub(crate) async fn ask_for_passkey(&self, moment: &mut Moment) -> Result<Question, Failure> {
        let row = &self.current.row;
        Site::of(self.app)?.ask_for_new(&self.identity, &row.person, &row.email, &self.held, moment).await
    }

    /// `agent` names the passkey where the person did not.
    pub(crate) async fn add_passkey(
        self,
        answer: &Answer,
        name: &str,
        agent: &str,
        moment: &mut Moment,
    ) -> Result<Changed, NotChanged> {
        let named = text::Name::parse(name).map(|name| name.as_str().to_owned());
        let name = named.ok().or_else(|| device::words(agent)).unwrap_or_else(|| "Passkey".to_owned());
        let person = &self.current.row.person;
        let made = Site::of(self.app)?.made(&self.identity, person, answer, &name, moment.now).await;
        let (passkey, proof) = made?;
        let held = self.held.clone().add_passkey(passkey)?;
        let what = format!("The passkey “{name}” was added");
        Ok(self.save(held, proof, Some(Means::Passkey), Act::PasskeyAdded, &what, moment).await?)
    }

    pub(crate) async fn remove_passkey(self, id: &str, moment: &mut Moment) -> Result<Changed, Failure> {
        let name = self.held.passkey(id).ok_or(Failure::NotFound)?.name.clone();
        let held = self.held.clone().without_passkey(id).ok_or(Failure::NotFound)?;
        let what = format!("The passkey “{name}” was removed");
        self.save(held, Proof::default(), None, Act::PasskeyRemoved, &what, moment).await
    }

    /// New recovery codes in place of the old ones.
    pub(crate) async fn renew_recovery(self, moment: &mut Moment) -> Result<Changed, Failure> {
        if !self.held.enrolled() {
            return Err(Failure::Refused(
                "Recovery codes stand in for a passkey or an app. Set one of them up first.".into(),
            ));
        }
        let (held, codes) = self.with_codes(self.held.clone(), moment);
        let what = "New recovery codes were made; the old ones no longer work";
        let changed = self.save(held, Proof::default(), None, Act::RecoveryCodesMade, what, moment).await?;
        Ok(Changed { codes, ..changed })
    }

    /// `means` is what has just been shown by enrolling it.
    async fn save(
        self,
        held: Held,
        used_up: Proof,
        means: Option<Means>,
        act: Act,
        what: &str,
        moment: &mut Moment,
    ) -> Result<Changed, Failure> {
        let first = means.is_some() && !self.held.enrolled();
        let (held, codes) = if first { self.with_codes(held, moment) } else { (held, Vec::new()) };
        let proof = used_up.and(self.kept(&held, moment.now).await?);
        let token = if first {
            Some(stepped_up(self.app, &self.identity, self.current, means, proof, act, moment).await?)
        } else {
            self.identity.change(self.current, proof, act, self.object(), moment).await?;
            None
        };
        news::of_change(self.app, &self.identity, self.current, what, moment.now).await;
        Ok(Changed { token, codes })
    }

    fn with_codes(&self, held: Held, moment: &mut Moment) -> (Held, Vec<String>) {
        let codes: Vec<String> = (0..limits::RECOVERY_CODES).map(|_| recovery_code(moment.next_random())).collect();
        let hash = |code: &String| recovery_hash(&self.current.row.person, &code.replace('-', ""));
        (Held { recovery: codes.iter().map(hash).collect(), ..held }, codes)
    }

    async fn kept(&self, held: &Held, now: Timestamp) -> Result<Proof, Failure> {
        let row = &self.current.row;
        Ok(self.identity.factors_proof(&row.person, &row.email, self.row.as_ref(), held, now).await?)
    }

    fn object(&self) -> Object {
        Object::new("person", &self.current.row.person)
    }
}
