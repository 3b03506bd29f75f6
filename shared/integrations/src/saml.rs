//! SAML 2.0, as a service provider: asks a provider to sign somebody in by redirect, and judges what comes back by form.
//!
//! The message is parsed once. Its form has to be exactly the one that providers write, so that there is one assertion,
//! in one place, with a signature of its own; that signature has to verify with a pinned certificate and to cover this
//! very node of the tree; and who signed in is read from that node alone.

mod certificate;
mod document;
mod encrypted;
mod metadata;
mod pins;
mod request;
mod response;
mod signature;
#[cfg(test)]
mod tests;

use crypto::Secret;
use jiff::Timestamp;

pub use crate::bounds::CERTIFICATES_MAX;
pub use certificate::{Certificate, CertificateRefused, KeyNotMade, OwnKey, make_own_key};
pub use metadata::{MetadataRefused, Provider, read_metadata, write_metadata};
pub use pins::{Read, pinned_after, removed_after};
pub use request::{RequestId, redirect};
pub use response::verify;

/// Our side of one connection, as the provider has it.
#[derive(Debug, Clone, Copy)]
pub struct Ourselves<'a> {
    /// What we are called; also the audience of assertions.
    pub entity_id: &'a str,
    /// Where responses are posted.
    pub acs_url: &'a str,
}

/// What a response has to agree with.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub ourselves: Ourselves<'a>,
    /// The provider's name.
    pub issuer: &'a str,
    /// The one in use and the next: nothing else is trusted.
    pub certificates: &'a [Certificate],
    /// Of the key that opens encrypted assertions, where the connection has one.
    pub key: Option<&'a Secret<String>>,
    /// The request that this browser was sent with.
    pub request: &'a str,
    pub now: Timestamp,
}

/// Who signed in, by the provider's signed word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The lasting name of the person at this provider.
    pub subject: String,
    /// What kind of name that is.
    pub subject_format: Option<String>,
    /// Names with their values, in the order of the assertion.
    pub attributes: Vec<(String, Vec<String>)>,
    /// To be remembered until `ends`, so that it is good once.
    pub assertion: String,
    pub ends: Timestamp,
}

const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const TRANSIENT_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
/// Where providers put an address, the surest first.
const EMAIL_NAMES: [&str; 6] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "email",
    "mail",
    "emailAddress",
    "Email",
];
const NAME_NAMES: [&str; 5] = [
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "displayName",
    "name",
    "cn",
];

impl Verified {
    /// The address that the provider gives, whether or not it may give one of that domain.
    pub fn email(&self) -> Option<&str> {
        let named = self.first_of(&EMAIL_NAMES);
        let by_subject = (self.subject_format.as_deref() == Some(EMAIL_FORMAT)).then_some(self.subject.as_str());
        named.or(by_subject)
    }

    pub fn display_name(&self) -> Option<&str> {
        self.first_of(&NAME_NAMES)
    }

    fn first_of(&self, names: &[&str]) -> Option<&str> {
        let value = |name: &str| {
            let found = self.attributes.iter().find(|(known, _)| known == name);
            found.and_then(|(_, values)| values.first()).map(String::as_str).filter(|value| !value.is_empty())
        };
        names.iter().find_map(|name| value(name))
    }
}

/// Why a response is refused. The words are for whoever sets the connection up; others hear that it did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The response is larger or more deeply nested than any provider's.")]
    TooLarge,
    #[error("The response is not readable XML in base64.")]
    NotXml,
    #[error("The response has a document type declaration. No provider sends one, and it could be used to attack.")]
    Doctype,
    #[error("The response has a comment in it. Comments can be used to cut a name in two.")]
    Comment,
    #[error("The response is not built like a provider's: {0}.")]
    Shape(&'static str),
    #[error("Two parts of the response have the same id, so that a signature could mean either.")]
    RepeatedId,
    #[error("The response has more than one assertion.")]
    SeveralAssertions,
    #[error("The response has no assertion.")]
    NoAssertion,
    #[error("The provider did not sign anybody in. It says: {0}.")]
    NoSuccess(String),
    #[error("The assertion is not signed. Have the provider sign assertions, not only responses.")]
    Unsigned,
    #[error(
        "Signed or encrypted with a method that is no longer safe. Have the provider use RSA or ECDSA with SHA-256, and RSA-OAEP with AES for encryption."
    )]
    Algorithm,
    #[error(
        "Signed with a certificate that is not set up here. If the provider has changed its certificate, add the new one."
    )]
    OtherKey,
    #[error("The signature does not fit the content, or was made with another key than the one set up here.")]
    BadSignature,
    #[error("The signature is about another part of the response.")]
    Elsewhere,
    #[error(
        "The assertion is encrypted, and this connection has no key to open it. Switch encryption on here first, or off at the provider."
    )]
    Encrypted,
    #[error(
        "The assertion is encrypted with AES-CBC in a response without a signature, which can be abused. Have the provider sign the response too, or encrypt with AES-GCM."
    )]
    EncryptedUnguarded,
    #[error("The encrypted assertion does not open. The provider may have an older certificate of this connection.")]
    NotOpened,
    #[error("The response comes from {0}, not from the provider that is set up here.")]
    Issuer(String),
    #[error(
        "The response is meant for another address than this connection's (its Destination). Set the provider's reply address to the one shown here."
    )]
    Destination,
    #[error(
        "The assertion is meant for another address than this connection's (its Recipient). Set the provider's reply address to the one shown here."
    )]
    Recipient,
    #[error(
        "The assertion is meant for somebody else (its Audience). Set the provider's identifier for us to the one shown here."
    )]
    Audience,
    #[error("The response does not answer the request that this browser was sent with.")]
    Request,
    #[error("The response has expired. If that happens to everybody, the provider's clock is slow.")]
    Expired,
    #[error("The response is not valid yet. If that happens to everybody, the provider's clock is fast.")]
    NotYetValid,
    #[error("The assertion says nothing about who signed in, or not in a form that can be used.")]
    Subject,
    #[error(
        "The provider names the person differently each time. Have it send a lasting name identifier, such as “persistent” or the e-mail address."
    )]
    Transient,
}
