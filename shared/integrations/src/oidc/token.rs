//! What an id token has to prove before anybody is anybody.

use std::str::FromStr as _;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, IssuerUrl, Nonce,
    SignatureVerificationError,
};
use serde::{Deserialize, Serialize};

use super::issuer::{self, Names};
use super::{KeyCache, Provider, Refusal};
use crate::bounds;
use crate::outgoing::Outgoing;

/// Tokens are taken as soon as they are made; one that is older than this was kept by somebody.
const AGE_SECONDS_MAX: u64 = 10 * 60;
const TOKEN_BYTES_MAX: usize = 32 * 1024;

/// What the token is to agree with.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now: Timestamp,
}

/// Who signed in, by the provider's signed word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The lasting name of the person at this provider.
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider vouches for the address. Not said by some, who give out nothing else.
    pub email_verified: Option<bool>,
    pub name: Option<String>,
}

/// What Microsoft names people by.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Directory {
    tid: Option<String>,
    oid: Option<String>,
}

impl AdditionalClaims for Directory {}

type Token = IdToken<Directory, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<Directory, CoreGenderClaim>;

/// Verifies with the provider's keys; with freshly read ones where it has changed them.
pub async fn verify(
    outgoing: &Outgoing,
    cache: &KeyCache,
    provider: &Provider,
    token: &str,
    asked: Asked<'_>,
) -> Result<Identity, Refusal> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refusal::Subject);
    }
    let token = Token::from_str(token).map_err(|_| Refusal::NoToken)?;
    let keys = cache.keys(outgoing, &provider.jwks_uri, asked.now).await?;
    match claims(&token, provider, keys, asked) {
        Err(Refusal::UnknownKey) => {
            let keys = cache.anew(outgoing, &provider.jwks_uri, asked.now).await?;
            identity(provider, asked, claims(&token, provider, keys, asked)?)
        }
        claims => identity(provider, asked, claims?),
    }
}

fn claims<'t>(
    token: &'t Token,
    provider: &Provider,
    keys: CoreJsonWebKeySet,
    asked: Asked<'_>,
) -> Result<&'t Claims, Refusal> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| Refusal::Issuer)?;
    let now = SystemTime::from(asked.now);
    let skew = Duration::from_secs(bounds::SKEW_SECONDS.unsigned_abs());
    // As a client without a secret: a token signed with the secret, or with a public key for one, is none.
    let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new(asked.client_id.to_owned()), issuer, keys)
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256])
        .set_other_audience_verifier_fn(|_| false)
        .set_time_fn(move || now.checked_sub(skew).unwrap_or(now).into())
        .set_issue_time_verifier_fn(move |issued| {
            let issued = SystemTime::from(issued);
            let early = issued.duration_since(now).is_ok_and(|ahead| ahead > skew);
            let late = now.duration_since(issued).is_ok_and(|age| age > Duration::from_secs(AGE_SECONDS_MAX));
            if early {
                Err(EARLY.to_owned())
            } else if late {
                Err(LATE.to_owned())
            } else {
                Ok(())
            }
        });
    let nonce = |found: Option<&Nonce>| {
        let same = found.is_some_and(|found| crypto::constant_time_eq(found.secret(), asked.nonce));
        if same { Ok(()) } else { Err("another request's".to_owned()) }
    };
    token.claims(&verifier, nonce).map_err(refusal)
}

const EARLY: &str = "issued in the future";
const LATE: &str = "issued too long ago";

fn refusal(error: ClaimsVerificationError) -> Refusal {
    match error {
        ClaimsVerificationError::Expired(why) if why.contains(EARLY) => Refusal::NotYetValid,
        ClaimsVerificationError::Expired(_) => Refusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Refusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Refusal::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Refusal::Nonce,
        ClaimsVerificationError::SignatureVerification(why) => match why {
            SignatureVerificationError::NoMatchingKey => Refusal::UnknownKey,
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_)
            | SignatureVerificationError::NoSignature => Refusal::Algorithm,
            _ => Refusal::BadSignature,
        },
        ClaimsVerificationError::Unsupported(_) => Refusal::Algorithm,
        _ => Refusal::Subject,
    }
}

fn identity(provider: &Provider, asked: Asked<'_>, claims: &Claims) -> Result<Identity, Refusal> {
    // Who the token was made for has to be us as well, where it says so.
    if claims.authorized_party().is_some_and(|party| party.as_str() != asked.client_id) {
        return Err(Refusal::Audience);
    }
    let first = |localized: &openidconnect::LocalizedClaim<openidconnect::EndUserName>| {
        localized.iter().next().map(|(_, name)| name.as_str().to_owned())
    };
    let extra = claims.additional_claims();
    let names = Names { sub: claims.subject().as_str(), tid: extra.tid.as_deref(), oid: extra.oid.as_deref() };
    Ok(Identity {
        subject: issuer::subject(&provider.issuer, names)?,
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified(),
        name: claims.name().and_then(first),
    })
}
