//! The request that a browser carries to the provider, in the address.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;

use super::Ourselves;

/// What the response has to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    pub fn from_bits(bits: u128) -> Self {
        // An XML id does not begin with a digit.
        Self(format!("_{bits:032x}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The provider's address with the request in it. `again` asks for a proof anew, whatever session the provider has.
pub fn redirect(sso_url: &str, ourselves: Ourselves<'_>, id: &RequestId, now: Timestamp, again: bool) -> String {
    let at = now.strftime("%Y-%m-%dT%H:%M:%SZ");
    let force = if again { " ForceAuthn=\"true\"" } else { "" };
    let xml = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{id}\" Version=\"2.0\" \
         IssueInstant=\"{at}\" Destination=\"{destination}\"{force} AssertionConsumerServiceURL=\"{acs}\" \
         ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\">\
         <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{issuer}</saml:Issuer>\
         <samlp:NameIDPolicy AllowCreate=\"true\"/></samlp:AuthnRequest>",
        id = id.as_str(),
        destination = escape(sso_url),
        acs = escape(ourselves.acs_url),
        issuer = escape(ourselves.entity_id),
    );
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let bytes = deflated.write_all(xml.as_bytes()).and_then(|()| deflated.finish()).unwrap_or_default();
    let separator = if sso_url.contains('?') { '&' } else { '?' };
    format!("{sso_url}{separator}SAMLRequest={}", percent(&STANDARD.encode(bytes)))
}

/// For text and quoted attributes of XML.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

fn percent(base64: &str) -> String {
    base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}
