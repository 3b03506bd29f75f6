//! Passkeys: what a browser is asked, and what its answer is worth. Every one is kept on the device with its person's id,
//! so that signing in needs no address; each use is checked by the device's own lock, so that it counts as two factors.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto::{Secret, tagged_token};
use domain::factors::{Held, Means, Passkey as Entry};
use domain::{EmailAddress, Moment, PersonId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storage::{Ceremony, Identity, Proof};
use web::{App, Failure};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// What a browser is asked to do, for its own interface to passkeys.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Question {
    /// Comes back with the answer.
    state: String,
    /// `publicKey` of `navigator.credentials.create` or `.get`, bytes as base64url.
    options: Value,
}

/// What a browser answers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    /// Of the question.
    state: String,
    /// What the browser's interface gave, bytes as base64url.
    credential: Value,
}

impl Answer {
    /// From a form, where the credential is text.
    pub(crate) fn from_form(state: String, credential: &str) -> Option<Answer> {
        Some(Answer { state, credential: serde_json::from_str(credential).ok()? })
    }
}

/// Why an answer is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PasskeyRefused {
    #[error("That took too long, or was sent before. Try again with your passkey.")]
    Gone,
    #[error("That passkey is not known here. Sign in another way, then add it on the page Sign-in and security.")]
    Unknown,
    #[error("Your browser's answer could not be checked. Try again with your passkey.")]
    NotRight,
    #[error("This passkey may have been copied, so it was not accepted. Sign in another way and remove it.")]
    Copied,
}

/// Refused, or our own mistake.
pub(crate) enum NotUsed {
    Refused(PasskeyRefused),
    Failed(Failure),
}

impl<T: Into<Failure>> From<T> for NotUsed {
    fn from(failure: T) -> Self {
        NotUsed::Failed(failure.into())
    }
}

impl From<PasskeyRefused> for NotUsed {
    fn from(refused: PasskeyRefused) -> Self {
        NotUsed::Refused(refused)
    }
}

/// The site that passkeys are of.
pub(crate) struct Site(Webauthn);

impl Site {
    pub(crate) fn of(app: &App) -> Result<Site, Failure> {
        let origin = Url::parse(&app.config().settings.site_origin).map_err(Failure::bug)?;
        let host = origin.host_str().ok_or_else(|| Failure::bug("the site's origin has no host"))?;
        let site = WebauthnBuilder::new(host, &origin).map_err(Failure::bug)?.rp_name("Portico").build();
        Ok(Site(site.map_err(Failure::bug)?))
    }

    /// Asks for a new passkey of a person.
    pub(crate) async fn ask_for_new(
        &self,
        identity: &Identity<'_>,
        person: &PersonId,
        email: &EmailAddress,
        held: &Held,
        moment: &mut Moment,
    ) -> Result<Question, Failure> {
        let known = held.passkeys.iter().map(|entry| Ok(stored(entry)?.cred_id().clone()));
        let known = known.collect::<Result<Vec<_>, Failure>>()?;
        let user = Uuid::from_u128(person.bits());
        let asked = self.0.start_passkey_registration(user, email.as_str(), email.as_str(), Some(known));
        let (challenge, state) = asked.map_err(Failure::bug)?;
        let mut options = serde_json::to_value(&challenge.public_key).map_err(Failure::bug)?;
        // One that is not kept on the device could not be used without an address.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        let state = serde_json::to_string(&state).map_err(Failure::bug)?;
        ask(identity, Ceremony { person: Some(person.clone()), state }, options, moment).await
    }

    /// The new passkey that a browser has made, with what its question uses up.
    pub(crate) async fn made(
        &self,
        identity: &Identity<'_>,
        person: &PersonId,
        answer: &Answer,
        name: &str,
        now: Timestamp,
    ) -> Result<(Entry, Proof), NotUsed> {
        let (ceremony, proof) = asked(identity, answer, now).await?;
        if ceremony.person.as_ref() != Some(person) {
            return Err(PasskeyRefused::Gone.into());
        }
        let state: PasskeyRegistration = serde_json::from_str(&ceremony.state).map_err(|_| PasskeyRefused::Gone)?;
        let made: RegisterPublicKeyCredential = read(answer)?;
        let passkey = self.0.finish_passkey_registration(&made, &state).map_err(refused)?;
        let entry = Entry {
            id: id_of(passkey.cred_id().as_ref()),
            name: name.to_owned(),
            state: serde_json::to_string(&passkey).map_err(Failure::bug)?,
            added_at: now,
            used_at: None,
        };
        Ok((entry, proof))
    }

    /// Asks for a passkey: of anybody who is about to sign in, or of one person, whose own are named.
    pub(crate) async fn ask_for_one(
        &self,
        identity: &Identity<'_>,
        of: Option<(&PersonId, &Held)>,
        moment: &mut Moment,
    ) -> Result<Question, Failure> {
        let (challenge, state) = self.0.start_discoverable_authentication().map_err(Failure::bug)?;
        let mut options = serde_json::to_value(&challenge.public_key).map_err(Failure::bug)?;
        if let Some((_, held)) = of {
            let text = |id: &[u8]| URL_SAFE_NO_PAD.encode(id);
            let allow =
                |entry: &Entry| Ok(json!({ "type": "public-key", "id": text(stored(entry)?.cred_id().as_ref()) }));
            let allowed = held.passkeys.iter().map(allow).collect::<Result<Vec<_>, Failure>>()?;
            options["allowCredentials"] = allowed.into();
        }
        let state = serde_json::to_string(&state).map_err(Failure::bug)?;
        ask(identity, Ceremony { person: of.map(|(person, _)| person.clone()), state }, options, moment).await
    }

    /// What an answer proves with a person's passkeys: those as they are afterwards.
    pub(crate) fn used(
        &self,
        ceremony: &Ceremony,
        answer: &Answer,
        held: Held,
        now: Timestamp,
    ) -> Result<(Held, Means), NotUsed> {
        let state: DiscoverableAuthentication =
            serde_json::from_str(&ceremony.state).map_err(|_| PasskeyRefused::Gone)?;
        let shown: PublicKeyCredential = read(answer)?;
        let entry = held.passkey(&id_of(shown.get_credential_id())).ok_or(PasskeyRefused::Unknown)?.clone();
        let mut passkey = stored(&entry)?;
        let result = self.0.finish_discoverable_authentication_v2(&shown, state, &passkey).map_err(refused)?;
        if !result.user_verified() {
            return Err(PasskeyRefused::NotRight.into());
        }
        passkey.update_credential(&result);
        let state = serde_json::to_string(&passkey).map_err(Failure::bug)?;
        Ok(held.used_passkey(&entry.id, state, now))
    }
}

/// Whose passkey an answer says it is of; to be believed once it is checked.
pub(crate) fn claimed_by(answer: &Answer) -> Option<PersonId> {
    let shown: PublicKeyCredential = read(answer).ok()?;
    let user = Uuid::from_slice(shown.get_user_unique_id()?).ok()?;
    Some(PersonId::from_bits(user.as_u128()))
}

/// The question behind an answer, and its being used up.
pub(crate) async fn asked(
    identity: &Identity<'_>,
    answer: &Answer,
    now: Timestamp,
) -> Result<(Ceremony, Proof), NotUsed> {
    let hash = tagged_token("passkey", &answer.state);
    let ceremony = identity.ceremony(&hash, now).await?.ok_or(PasskeyRefused::Gone)?;
    Ok((ceremony, identity.ceremony_proof(&hash, now)?))
}

async fn ask(
    identity: &Identity<'_>,
    ceremony: Ceremony,
    options: Value,
    moment: &mut Moment,
) -> Result<Question, Failure> {
    let state = Secret::new(format!("{:032x}", moment.next_random()));
    identity.open_ceremony(&tagged_token("passkey", state.expose()), &ceremony, moment.now).await?;
    Ok(Question { state: state.expose().clone(), options })
}

fn stored(entry: &Entry) -> Result<Passkey, Failure> {
    serde_json::from_str(&entry.state).map_err(Failure::bug)
}

fn id_of(credential: &[u8]) -> String {
    crypto::sha256_hex(credential)
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, PasskeyRefused> {
    serde_json::from_value(answer.credential.clone()).map_err(|_| PasskeyRefused::NotRight)
}

fn refused(error: WebauthnError) -> PasskeyRefused {
    tracing::warn!(why = %error, "a passkey was not accepted");
    match error {
        WebauthnError::CredentialPossibleCompromise => PasskeyRefused::Copied,
        _ => PasskeyRefused::NotRight,
    }
}
