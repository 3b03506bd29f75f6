//! Metadata: what a provider says about itself, and what we say about us.

use jiff::Timestamp;

use super::document::{DSIG, METADATA, Node, Remarks, Tree};
use super::request::escape;
use super::{Certificate, CertificateRefused, Ourselves, Refusal};
use crate::bounds;
use crate::outgoing::Reach;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// A provider, as its metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub issuer: String,
    /// Where browsers are sent.
    pub sso_url: String,
    pub certificates: Vec<Certificate>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRefused {
    #[error("This is not metadata of an identity provider. It is an XML file that begins with EntityDescriptor.")]
    NotMetadata,
    #[error("This file describes several providers. Ask for the metadata of the one that signs your people in.")]
    Several,
    #[error("This file has expired. Download it anew from the provider.")]
    Expired,
    #[error("The provider does not offer sign-in by redirect (HTTP-Redirect), which is what is used here.")]
    NoRedirect,
    #[error("The provider's sign-in address has to begin with https://.")]
    NotSecure,
    #[error("The provider wants requests to be signed, which is not done here. Switch that off at the provider.")]
    WantsSignedRequests,
    #[error("The provider's metadata has no signing certificate.")]
    NoCertificate,
    #[error("The provider's metadata has too many signing certificates.")]
    TooManyCertificates,
    #[error("{0}")]
    Certificate(#[from] CertificateRefused),
    #[error("The metadata cannot be read. {0}")]
    Unreadable(Refusal),
}

/// Reads what was uploaded or fetched. It is trusted as whoever brought it is: its own signature would be by a key that
/// nobody here knows.
pub fn read_metadata(text: &str, reach: Reach, now: Timestamp) -> Result<Provider, MetadataRefused> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let tree = Tree::parse(text, Remarks::Allowed).map_err(|refusal| match refusal {
        Refusal::NotXml => MetadataRefused::NotMetadata,
        other => MetadataRefused::Unreadable(other),
    })?;
    let root = tree.root();
    if root.is(METADATA, "EntitiesDescriptor") {
        return Err(MetadataRefused::Several);
    }
    if !root.is(METADATA, "EntityDescriptor") {
        return Err(MetadataRefused::NotMetadata);
    }
    let until = root.attribute("validUntil").map(str::parse::<Timestamp>);
    if until.is_some_and(|until| until.is_err() || until.is_ok_and(|until| until <= now)) {
        return Err(MetadataRefused::Expired);
    }
    let issuer = root.attribute("entityID").filter(|id| !id.is_empty() && id.len() <= bounds::SUBJECT_BYTES_MAX);
    let issuer = issuer.ok_or(MetadataRefused::NotMetadata)?.to_owned();
    let descriptor = root
        .named(METADATA, "IDPSSODescriptor")
        .find(|one| one.attribute("protocolSupportEnumeration").is_some_and(|list| list.contains(PROTOCOL)))
        .ok_or(MetadataRefused::NotMetadata)?;
    if descriptor.attribute("WantAuthnRequestsSigned").is_some_and(|wants| matches!(wants, "true" | "1")) {
        return Err(MetadataRefused::WantsSignedRequests);
    }
    let sso_url = descriptor
        .named(METADATA, "SingleSignOnService")
        .find(|one| one.attribute("Binding") == Some(REDIRECT))
        .and_then(|one| one.attribute("Location"))
        .ok_or(MetadataRefused::NoRedirect)?
        .to_owned();
    if reach.check(&sso_url).is_err() {
        return Err(MetadataRefused::NotSecure);
    }
    Ok(Provider { issuer, sso_url, certificates: certificates(descriptor)? })
}

fn certificates(descriptor: Node<'_>) -> Result<Vec<Certificate>, MetadataRefused> {
    let mut found: Vec<Certificate> = Vec::new();
    for key in descriptor.named(METADATA, "KeyDescriptor") {
        if key.attribute("use").is_some_and(|what| what != "signing") {
            continue;
        }
        for info in key.named(DSIG, "KeyInfo") {
            for data in info.named(DSIG, "X509Data") {
                for certificate in data.named(DSIG, "X509Certificate") {
                    let text = certificate.text().map_err(MetadataRefused::Unreadable)?;
                    let certificate = Certificate::parse(&text)?;
                    if !found.contains(&certificate) {
                        found.push(certificate);
                    }
                }
            }
        }
    }
    match found.len() {
        0 => Err(MetadataRefused::NoCertificate),
        number if number > bounds::CERTIFICATES_MAX => Err(MetadataRefused::TooManyCertificates),
        _ => Ok(found),
    }
}

/// Our own, for the provider. `encrypt_to` is told only where the firm wants assertions encrypted: some providers
/// encrypt as soon as they see it.
pub fn write_metadata(ourselves: Ourselves<'_>, encrypt_to: Option<&Certificate>) -> String {
    let key = encrypt_to.map(|certificate| {
        format!(
            "<md:KeyDescriptor use=\"encryption\"><ds:KeyInfo xmlns:ds=\"{DSIG}\"><ds:X509Data><ds:X509Certificate>{}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
             <md:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>\
             <md:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\"/>\
             <md:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/></md:KeyDescriptor>",
            certificate.to_text()
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"{entity}\">\
         <md:SPSSODescriptor AuthnRequestsSigned=\"false\" WantAssertionsSigned=\"true\" \
         protocolSupportEnumeration=\"{PROTOCOL}\">{key}\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\
         <md:AssertionConsumerService Binding=\"{POST}\" Location=\"{acs}\" index=\"0\" isDefault=\"true\"/>\
         </md:SPSSODescriptor></md:EntityDescriptor>\n",
        entity = escape(ourselves.entity_id),
        acs = escape(ourselves.acs_url),
        key = key.unwrap_or_default(),
    )
}
