//! OpenID Connect, as a relying party: discovery, the code flow with PKCE, and what an id token has to prove.

mod exchange;
mod issuer;
mod keys;
#[cfg(test)]
mod tests;
mod token;

use crypto::Secret;
use openidconnect::{PkceCodeChallenge, PkceCodeVerifier};
use serde::{Deserialize, Serialize};

use crate::outgoing::{ANSWER_BYTES_MAX, Outgoing, OutgoingFailed};

pub use exchange::exchange;
pub use keys::KeyCache;
pub use token::{Asked, Identity, verify};

/// What a provider says about itself, kept with the connection: signing in asks nobody what it was told at set-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    /// Whether the callback always names the issuer (RFC 9207), so that its absence is a fault.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
}

impl Provider {
    /// Whether it vouches for addresses by giving them out at all.
    pub fn vouches_silently(&self) -> bool {
        issuer::vouches_silently(&self.issuer)
    }
}

/// How we are known to a provider.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    pub id: &'a str,
    pub secret: &'a Secret<String>,
    pub redirect_url: &'a str,
}

/// Why a sign-in is refused. The words are for whoever sets the connection up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The provider's configuration could not be read at {at}. {why}")]
    Discovery { at: String, why: OutgoingFailed },
    #[error("What lies at {0} is no configuration of an OpenID provider.")]
    NotAProvider(String),
    #[error("The provider calls itself {0}. Enter exactly that as the issuer.")]
    OtherIssuer(String),
    #[error(
        "This is Microsoft's address for everybody. Enter the one of your own directory: https://login.microsoftonline.com/<tenant id>/v2.0"
    )]
    Everybody,
    #[error("One of the provider's addresses does not begin with https://.")]
    NotSecure,
    #[error("The provider refused: {0}.")]
    Provider(String),
    #[error("The answer came from another provider than the one that was asked.")]
    MixUp,
    #[error("The provider did not say who answers, though it announces that it always does.")]
    NoIssuerInAnswer,
    #[error("The provider did not take the code: {0}. Check client id and client secret.")]
    Exchange(String),
    #[error("The provider could not be reached for exchanging the code. {0}")]
    Unreachable(OutgoingFailed),
    #[error("The provider's answer has no id token. Have it use the scope openid.")]
    NoToken,
    #[error("The provider's keys could not be read. {0}")]
    Keys(OutgoingFailed),
    #[error("The id token is signed with a key that the provider does not publish.")]
    UnknownKey,
    #[error("The id token is signed in a way that is not accepted. Have the provider use RS256 or ES256.")]
    Algorithm,
    #[error("The id token's signature is wrong.")]
    BadSignature,
    #[error("The id token is from another issuer.")]
    Issuer,
    #[error("The id token is meant for another client id.")]
    Audience,
    #[error(
        "The id token has expired, or was issued too long ago. If that happens to everybody, the provider's clock is off."
    )]
    Expired,
    #[error("The id token is from the future. The provider's clock is fast.")]
    NotYetValid,
    #[error("The id token answers another request than this browser's.")]
    Nonce,
    #[error("The id token is of another directory than the one that is set up here.")]
    Tenant,
    #[error("The id token does not say who signed in, or not in a form that can be used.")]
    Subject,
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Reads the configuration of an issuer, which has to call itself what it was called.
pub async fn discover(outgoing: &Outgoing, issuer: &str) -> Result<Provider, Refusal> {
    let issuer = issuer.trim();
    issuer::may_be_set_up(issuer)?;
    let at = format!("{}{DISCOVERY}", issuer.trim_end_matches('/'));
    let body = outgoing.get(&at, "application/json", ANSWER_BYTES_MAX).await;
    let body = body.map_err(|why| Refusal::Discovery { at: at.clone(), why })?;
    let provider: Provider = serde_json::from_slice(&body).map_err(|_| Refusal::NotAProvider(at))?;
    issuer::agrees(issuer, &provider.issuer)?;
    let addresses = [&provider.authorization_endpoint, &provider.token_endpoint, &provider.jwks_uri];
    if addresses.into_iter().any(|address| outgoing.reach().check(address).is_err()) {
        return Err(Refusal::NotSecure);
    }
    Ok(provider)
}

/// What a browser is sent away with, and what has to be kept until it is back.
pub struct Start {
    pub url: String,
    pub verifier: Secret<String>,
}

/// The provider's address with the question in it. `state` and `nonce` are fresh random words; `bits` are for PKCE.
pub fn start(provider: &Provider, client: Client<'_>, state: &str, nonce: &str, bits: [u128; 2], again: bool) -> Start {
    let bytes: Vec<u8> = bits.iter().flat_map(|half| half.to_be_bytes()).collect();
    // Hexadecimal: 64 characters of those that PKCE allows.
    let verifier = crypto::hex(&bytes);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("response_mode", "query")
        .append_pair("client_id", client.id)
        .append_pair("redirect_uri", client.redirect_url)
        .append_pair("scope", "openid email profile")
        .append_pair("state", state)
        .append_pair("nonce", nonce)
        .append_pair("code_challenge", challenge.as_str())
        .append_pair("code_challenge_method", "S256");
    if again {
        query.append_pair("prompt", "login");
    }
    let separator = if provider.authorization_endpoint.contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}{}", provider.authorization_endpoint, query.finish());
    Start { url, verifier: Secret::new(verifier) }
}

/// What came back in the address, before anything of it is believed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answer {
    pub state: Option<String>,
    pub code: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
}

/// The code, if the provider that was asked gives one. That `state` is this browser's has been seen to before.
pub fn code(provider: &Provider, answer: &Answer) -> Result<Secret<String>, Refusal> {
    match &answer.iss {
        Some(issuer) if *issuer != provider.issuer => return Err(Refusal::MixUp),
        None if provider.authorization_response_iss_parameter_supported => return Err(Refusal::NoIssuerInAnswer),
        _ => (),
    }
    if let Some(error) = &answer.error {
        return Err(Refusal::Provider(error.chars().filter(|c| c.is_ascii_graphic()).take(60).collect()));
    }
    let code = answer.code.clone().filter(|code| !code.is_empty() && code.len() <= 4_096);
    code.map(Secret::new).ok_or_else(|| Refusal::Provider("it sent no code".into()))
}
