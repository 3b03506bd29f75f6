//! Responses made at test time, signed with keys of test time.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_dsig::DsigContext;
use bergshamra_dsig::sign::sign;
use bergshamra_enc::EncContext;
use bergshamra_enc::encrypt::encrypt;
use bergshamra_keys::KeysManager;
use bergshamra_keys::loader::{load_rsa_private_pem, load_x509_cert_der};
use jiff::Timestamp;

use crate::saml::{Certificate, Expected, Ourselves, OwnKey, Refusal, Verified, make_own_key, verify};

pub(super) const OURSELVES: Ourselves<'static> =
    Ourselves { entity_id: "https://portal.example/sso/c1/metadata", acs_url: "https://portal.example/sso/saml/acs" };
pub(super) const ISSUER: &str = "https://idp.example/metadata";
pub(super) const REQUEST: &str = "_11111111111111111111111111111111";
pub(super) const NOW: &str = "2026-11-26T12:00:00Z";

pub(super) static IDP: LazyLock<OwnKey> = LazyLock::new(|| make_own_key("the provider", 1).unwrap());
pub(super) static OTHER: LazyLock<OwnKey> = LazyLock::new(|| make_own_key("somebody else", 2).unwrap());
pub(super) static PORTAL: LazyLock<OwnKey> = LazyLock::new(|| make_own_key("the portal", 3).unwrap());

/// Everything that a response says, as a provider says it.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) prolog: String,
    pub(super) response_id: String,
    pub(super) assertion_id: String,
    pub(super) response_issuer: String,
    pub(super) issuer: String,
    pub(super) destination: String,
    pub(super) in_response_to: String,
    pub(super) recipient: String,
    pub(super) confirmed_request: String,
    pub(super) audience: String,
    pub(super) not_before: String,
    pub(super) not_on_or_after: String,
    pub(super) confirmed_until: String,
    /// The name identifier's content, as XML.
    pub(super) name: String,
    pub(super) name_format: String,
    pub(super) status: String,
    /// More XML at the end of the assertion.
    pub(super) tail: String,
    pub(super) attributes: String,
    pub(super) method: String,
    pub(super) digest: String,
    pub(super) transforms: String,
    pub(super) sign_assertion: bool,
    pub(super) sign_response: bool,
    /// The certificate that a signature names.
    pub(super) named: Option<&'static Certificate>,
    pub(super) by_other: bool,
}

impl Default for Made {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            prolog: String::new(),
            response_id: text("_response"),
            assertion_id: text("_assertion"),
            response_issuer: text(ISSUER),
            issuer: text(ISSUER),
            destination: text(OURSELVES.acs_url),
            in_response_to: text(REQUEST),
            recipient: text(OURSELVES.acs_url),
            confirmed_request: text(REQUEST),
            audience: text(OURSELVES.entity_id),
            not_before: text("2026-11-26T11:59:30Z"),
            not_on_or_after: text("2026-11-26T12:05:00Z"),
            confirmed_until: text("2026-11-26T12:05:00Z"),
            name: text("alice@acme.example"),
            name_format: text("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
            status: text("urn:oasis:names:tc:SAML:2.0:status:Success"),
            tail: String::new(),
            attributes: text(
                "<saml:Attribute Name=\"displayName\"><saml:AttributeValue>Alice Archer</saml:AttributeValue></saml:Attribute>",
            ),
            method: text("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
            digest: text("http://www.w3.org/2001/04/xmlenc#sha256"),
            transforms: text(
                "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
                 <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
            ),
            sign_assertion: true,
            sign_response: true,
            named: Some(&IDP.certificate),
            by_other: false,
        }
    }
}

impl Made {
    pub(super) fn with(change: impl FnOnce(&mut Made)) -> Made {
        let mut made = Made::default();
        change(&mut made);
        made
    }

    /// An empty signature to be filled, over the element of this id.
    pub(super) fn template(&self, id: &str) -> String {
        let named = self.named.map(|certificate| {
            format!(
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
                certificate.to_text()
            )
        });
        format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
             <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
             <ds:SignatureMethod Algorithm=\"{}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>{}</ds:Transforms>\
             <ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>\
             <ds:SignatureValue></ds:SignatureValue>{}</ds:Signature>",
            self.method,
            self.transforms,
            self.digest,
            named.unwrap_or_default()
        )
    }

    pub(super) fn assertion(&self) -> String {
        let signature = if self.sign_assertion { self.template(&self.assertion_id) } else { String::new() };
        let xml = format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"2026-11-26T12:00:00Z\"><saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:Subject>\
             <saml:NameID Format=\"{format}\">{name}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData \
             NotOnOrAfter=\"{until}\" Recipient=\"{recipient}\" InResponseTo=\"{request}\"/></saml:SubjectConfirmation>\
             </saml:Subject><saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{to}\"><saml:AudienceRestriction>\
             <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
             <saml:AuthnStatement AuthnInstant=\"2026-11-26T12:00:00Z\"><saml:AuthnContext><saml:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
             </saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement>{tail}</saml:Assertion>",
            id = self.assertion_id,
            issuer = self.issuer,
            format = self.name_format,
            name = self.name,
            until = self.confirmed_until,
            recipient = self.recipient,
            request = self.confirmed_request,
            from = self.not_before,
            to = self.not_on_or_after,
            audience = self.audience,
            attributes = self.attributes,
            tail = self.tail,
        );
        if self.sign_assertion { self.signed(&xml) } else { xml }
    }

    /// The whole response.
    pub(super) fn xml(&self) -> String {
        self.around(&self.assertion())
    }

    /// A response around whatever stands for the assertion.
    pub(super) fn around(&self, inner: &str) -> String {
        let signature = if self.sign_response { self.template(&self.response_id) } else { String::new() };
        let issuer = match self.response_issuer.as_str() {
            "" => String::new(),
            issuer => {
                format!("<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{issuer}</saml:Issuer>")
            }
        };
        let xml = format!(
            "{prolog}<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"2026-11-26T12:00:00Z\" Destination=\"{destination}\" InResponseTo=\"{request}\">{issuer}{signature}\
             <samlp:Status><samlp:StatusCode Value=\"{status}\"/></samlp:Status>{inner}</samlp:Response>",
            prolog = self.prolog,
            id = self.response_id,
            destination = self.destination,
            request = self.in_response_to,
            status = self.status,
        );
        if self.sign_response { self.signed(&xml) } else { xml }
    }

    /// Fills the first signature of a document.
    pub(super) fn signed(&self, xml: &str) -> String {
        let key = if self.by_other { &OTHER } else { &IDP };
        let mut keys = KeysManager::new();
        keys.add_key(load_rsa_private_pem(key.private.expose().as_bytes()).unwrap());
        sign(&DsigContext::new_permissive(keys), xml).unwrap()
    }

    /// The response with its assertion encrypted to the portal.
    pub(super) fn encrypted(&self, data: &str, wrapping: &str) -> String {
        let template = format!(
            "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
             Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod Algorithm=\"{data}\"/>\
             <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey>\
             <xenc:EncryptionMethod Algorithm=\"{wrapping}\"/><xenc:CipherData><xenc:CipherValue></xenc:CipherValue>\
             </xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue></xenc:CipherValue>\
             </xenc:CipherData></xenc:EncryptedData>"
        );
        let mut keys = KeysManager::new();
        keys.add_key(load_x509_cert_der(&STANDARD.decode(PORTAL.certificate.to_text()).unwrap()).unwrap());
        let sealed = encrypt(&EncContext::new(keys), &template, self.assertion().as_bytes()).unwrap();
        self.around(&format!(
            "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{sealed}</saml:EncryptedAssertion>"
        ))
    }
}

pub(super) fn at(now: &str) -> Timestamp {
    now.parse().unwrap()
}

/// The only caller of what is under test.
pub(super) fn judged(xml: &str) -> Result<Verified, Refusal> {
    judged_at(xml, NOW)
}

pub(super) fn judged_at(xml: &str, now: &str) -> Result<Verified, Refusal> {
    posted(&STANDARD.encode(xml), now)
}

/// The field as it is posted.
pub(super) fn posted(field: &str, now: &str) -> Result<Verified, Refusal> {
    let expected = Expected {
        ourselves: OURSELVES,
        issuer: ISSUER,
        certificates: std::slice::from_ref(&IDP.certificate),
        key: Some(&PORTAL.private),
        request: REQUEST,
        now: at(now),
    };
    verify(field, &expected)
}

/// The text from one mark to another, both included.
pub(super) fn cut<'x>(xml: &'x str, from: &str, to: &str) -> &'x str {
    let begin = xml.find(from).unwrap();
    let end = begin + xml[begin..].find(to).unwrap() + to.len();
    &xml[begin..end]
}
