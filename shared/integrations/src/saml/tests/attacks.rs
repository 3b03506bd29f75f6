//! Everything else that has been tried on service providers, each with the reason for which it is refused.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::made::*;
use crate::saml::Refusal;

/// Named tests from rows of (name, what is posted, why it is refused).
macro_rules! attacks {
    ($($name:ident: $posted:expr => $refusal:pat,)*) => {
        $(
            #[test]
            fn $name() {
                let field: String = $posted;
                let judged = posted(&field, NOW);
                assert!(matches!(&judged, Err($refusal)), "{judged:?}");
            }
        )*
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

fn made(change: impl FnOnce(&mut Made)) -> String {
    STANDARD.encode(Made::with(change).xml())
}

fn changed(change: impl FnOnce(String) -> String) -> String {
    STANDARD.encode(change(Made::default().xml()))
}

/// The same for a response of which only the assertion is signed: whoever carries it may change the rest.
fn carried(change: impl FnOnce(String) -> String) -> String {
    STANDARD.encode(change(Made::with(|made| made.sign_response = false).xml()))
}

fn deflated(length: usize) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    for _ in 0..length / 1024 {
        encoder.write_all(&[b'a'; 1024]).unwrap();
    }
    STANDARD.encode(encoder.finish().unwrap())
}

const SHA1_METHOD: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
const SHA256_METHOD: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256_DIGEST: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

fn bomb() -> String {
    let mut entities = String::from("<!ENTITY a \"aaaaaaaaaa\">");
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
        entities.push_str(&format!("<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10)));
    }
    format!("<!DOCTYPE x [{entities}]>")
}

attacks! {
    // Names cut in two (CVE-2017-11428), and other ways to read half of one.
    comment_in_the_name: made(|m| m.name = "alice@acme.example<!---->.evil.example".into()) => Refusal::Comment,
    comment_added_to_a_signed_name: changed(|xml| xml.replacen("alice@acme", "alice<!--x-->@acme", 1)) => Refusal::Comment,
    comment_in_an_attribute: changed(|xml| xml.replacen("Alice Archer", "Alice<!-- --> Archer", 1)) => Refusal::Comment,
    instruction_in_the_name: changed(|xml| xml.replacen("alice@acme", "alice<?x y?>@acme", 1)) => Refusal::Shape(_),
    literal_section_in_the_name: changed(|xml| xml.replacen("alice@acme", "<![CDATA[alice]]>@acme", 1)) => Refusal::Shape(_),
    element_in_the_name: made(|m| m.name = "alice@acme.example<x xmlns=\"urn:x\"/>".into()) => Refusal::Shape(_),
    two_names: made(|m| m.name = "alice</saml:NameID><saml:NameID>mallory".into()) => Refusal::Shape(_),
    empty_name: made(|m| m.name = " ".into()) => Refusal::Subject,
    // What is signed, and by whom.
    nothing_signed: made(|m| { m.sign_assertion = false; m.sign_response = false }) => Refusal::Unsigned,
    unsigned_assertion_in_a_signed_response: made(|m| m.sign_assertion = false) => Refusal::Unsigned,
    signed_assertion_in_a_response_signed_by_another: STANDARD.encode({
        let assertion = Made::default().assertion();
        Made::with(|m| { m.by_other = true; m.named = None }).around(&assertion)
    }) => Refusal::BadSignature,
    signature_taken_out_of_the_assertion: changed(|xml| {
        let assertion = cut(&xml, "<saml:Assertion ", "</saml:Assertion>").to_owned();
        let signature = cut(&assertion, "<ds:Signature ", "</ds:Signature>").to_owned();
        Made::with(|m| m.sign_response = false).around(&assertion.replacen(&signature, "", 1))
    }) => Refusal::Unsigned,
    signed_by_somebody_else: made(|m| { m.by_other = true; m.named = None }) => Refusal::BadSignature,
    signed_by_somebody_else_who_says_so: made(|m| { m.by_other = true; m.named = Some(&OTHER.certificate) }) => Refusal::OtherKey,
    signed_by_somebody_else_in_the_providers_name: made(|m| m.by_other = true) => Refusal::BadSignature,
    genuine_signature_that_names_another_key: made(|m| m.named = Some(&OTHER.certificate)) => Refusal::OtherKey,
    bare_key_in_place_of_a_certificate: carried(|xml| {
        let named = cut(&xml, "<ds:X509Data>", "</ds:X509Data>").to_owned();
        xml.replacen(&named, "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>", 1)
            .replacen("alice@acme", "mallory@acme", 1)
    }) => Refusal::BadSignature,
    changed_name: carried(|xml| xml.replacen("alice@acme", "mallory@acme", 1)) => Refusal::BadSignature,
    changed_attribute: carried(|xml| xml.replacen("Alice Archer", "Mallory", 1)) => Refusal::BadSignature,
    changed_name_under_both_signatures: changed(|xml| xml.replacen("alice@acme", "mallory@acme", 1)) => Refusal::BadSignature,
    changed_response_around_a_genuine_assertion: changed(|xml| xml.replacen("IssueInstant=\"2026-11-26T12:00:00Z\"", "IssueInstant=\"2026-11-26T12:00:01Z\"", 1)) => Refusal::BadSignature,
    signature_of_no_length: carried(|xml| {
        let value = cut(&xml, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
        xml.replacen(&value, "<ds:SignatureValue></ds:SignatureValue>", 1)
    }) => Refusal::BadSignature,
    elements_between_the_digits: carried(|xml| {
        let digest = cut(&xml, "<ds:DigestValue>", "</ds:DigestValue>").to_owned();
        xml.replacen(&digest, &digest.replacen("<ds:DigestValue>", "<ds:DigestValue><ds:X/>", 1), 1)
    }) => Refusal::Shape(_),
    second_digest: carried(|xml| {
        let digest = cut(&xml, "<ds:DigestValue>", "</ds:DigestValue>").to_owned();
        xml.replacen(&digest, &digest.repeat(2), 1)
    }) => Refusal::Shape(_),
    // Weak and absent methods.
    sha1_signature: carried(|xml| xml.replace(SHA256_METHOD, SHA1_METHOD)) => Refusal::Algorithm,
    sha1_digest: carried(|xml| xml.replace(SHA256_DIGEST, "http://www.w3.org/2000/09/xmldsig#sha1")) => Refusal::Algorithm,
    no_method: carried(|xml| xml.replace(SHA256_METHOD, "none")) => Refusal::Algorithm,
    empty_method: carried(|xml| xml.replace(SHA256_METHOD, "")) => Refusal::Algorithm,
    shared_secret_method: carried(|xml| xml.replace(SHA256_METHOD, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")) => Refusal::Algorithm,
    truncated_shared_secret: carried(|xml| xml.replace(
        &format!("<ds:SignatureMethod Algorithm=\"{SHA256_METHOD}\"/>"),
        "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>",
    )) => Refusal::Algorithm,
    md5_method: carried(|xml| xml.replace(SHA256_METHOD, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5")) => Refusal::Algorithm,
    // What the signature is about.
    signature_over_the_whole_document: carried(|xml| xml.replace("URI=\"#_assertion\"", "URI=\"\"")) => Refusal::Elsewhere,
    signature_over_a_file: carried(|xml| xml.replace("URI=\"#_assertion\"", "URI=\"file:///etc/passwd\"")) => Refusal::Elsewhere,
    signature_over_another_server: carried(|xml| xml.replace("URI=\"#_assertion\"", "URI=\"https://evil.example/x\"")) => Refusal::Elsewhere,
    signature_over_a_path: carried(|xml| xml.replace("URI=\"#_assertion\"", "URI=\"#xpointer(/)\"")) => Refusal::Elsewhere,
    signature_over_an_attachment: carried(|xml| xml.replace("URI=\"#_assertion\"", "URI=\"cid:x\"")) => Refusal::Elsewhere,
    assertion_signature_over_the_response: carried(|xml| xml.replace("URI=\"#_assertion\"", "URI=\"#_response\"")) => Refusal::Elsewhere,
    two_references: carried(|xml| {
        let reference = cut(&xml, "<ds:Reference ", "</ds:Reference>").to_owned();
        xml.replacen(&reference, &reference.repeat(2), 1)
    }) => Refusal::Shape(_),
    no_reference: carried(|xml| {
        let reference = cut(&xml, "<ds:Reference ", "</ds:Reference>").to_owned();
        xml.replacen(&reference, "", 1)
    }) => Refusal::Shape(_),
    two_signed_infos: carried(|xml| {
        let info = cut(&xml, "<ds:SignedInfo>", "</ds:SignedInfo>").to_owned();
        xml.replacen(&info, &info.repeat(2), 1)
    }) => Refusal::Shape(_),
    transform_by_path: made(|m| m.transforms = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
        <ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>not(ancestor-or-self::node())</ds:XPath></ds:Transform>".into()) => Refusal::Shape(_),
    transform_by_stylesheet: carried(|xml| xml.replace("http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>", "http://www.w3.org/TR/1999/REC-xslt-19991116\"/></ds:Transforms>")) => Refusal::Shape(_),
    one_transform_too_many: carried(|xml| xml.replace("</ds:Transforms>", "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>")) => Refusal::Shape(_),
    other_canonical_form: carried(|xml| xml.replace("<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"", "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"")) => Refusal::Shape(_),
    object_in_the_signature: carried(|xml| xml.replacen("</ds:Signature>", "<ds:Object>x</ds:Object></ds:Signature>", 1)) => Refusal::Shape(_),
    // More than one of what there is one of.
    two_assertions: STANDARD.encode({
        let second = Made::with(|m| m.assertion_id = "_second".into()).assertion();
        Made::default().around(&format!("{}{second}", Made::default().assertion()))
    }) => Refusal::SeveralAssertions,
    the_same_assertion_twice: carried(|xml| {
        let assertion = cut(&xml, "<saml:Assertion ", "</saml:Assertion>").to_owned();
        xml.replacen(&assertion, &assertion.repeat(2), 1)
    }) => Refusal::RepeatedId,
    assertion_and_encrypted_assertion: carried(|xml| xml.replace("</samlp:Response>", "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/></samlp:Response>")) => Refusal::SeveralAssertions,
    no_assertion: STANDARD.encode(Made::default().around("")) => Refusal::NoAssertion,
    repeated_id: carried(|xml| xml.replacen("ID=\"_response\"", "ID=\"_assertion\"", 1)) => Refusal::RepeatedId,
    repeated_id_in_another_spelling: carried(|xml| xml.replacen("<samlp:Status>", "<samlp:Status Id=\"_assertion\">", 1)) => Refusal::RepeatedId,
    repeated_id_in_the_xml_namespace: carried(|xml| xml.replacen("<samlp:Status>", "<samlp:Status xml:id=\"_assertion\">", 1)) => Refusal::RepeatedId,
    attribute_twice: made(|m| m.attributes = m.attributes.repeat(2)) => Refusal::Shape(_),
    two_subjects: made(|m| m.tail = "<saml:Subject><saml:NameID>mallory</saml:NameID></saml:Subject>".into()) => Refusal::Shape(_),
    two_confirmations: made(|m| m.name = "alice</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/><saml:NameID>x".into()) => Refusal::Shape(_),
    advice_in_the_assertion: made(|m| m.tail = "<saml:Advice/>".into()) => Refusal::Shape(_),
    extensions_in_the_response: carried(|xml| xml.replacen("<samlp:Status>", "<samlp:Extensions/><samlp:Status>", 1)) => Refusal::Shape(_),
    // Meant for somebody else, or from somebody else.
    wrong_destination: made(|m| m.destination = "https://other.example/sso/saml/acs".into()) => Refusal::Destination,
    no_destination: carried(|xml| xml.replacen(" Destination=\"https://portal.example/sso/saml/acs\"", "", 1)) => Refusal::Destination,
    wrong_recipient: made(|m| m.recipient = "https://other.example/sso/saml/acs".into()) => Refusal::Recipient,
    wrong_audience: made(|m| m.audience = "https://other.example/metadata".into()) => Refusal::Audience,
    audience_that_begins_like_ours: made(|m| m.audience = format!("{}x", OURSELVES.entity_id)) => Refusal::Audience,
    second_audience_that_is_not_ours: made(|m| m.audience = format!("{}</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>https://other.example", OURSELVES.entity_id)) => Refusal::Audience,
    no_audience: STANDARD.encode({
        let made = Made::with(|m| m.sign_assertion = false);
        let restriction = "<saml:AudienceRestriction><saml:Audience>https://portal.example/sso/c1/metadata</saml:Audience></saml:AudienceRestriction>";
        let bare = made.assertion().replacen(restriction, "", 1);
        let issuer = format!("<saml:Issuer>{ISSUER}</saml:Issuer>");
        let bare = bare.replacen(&issuer, &format!("{issuer}{}", made.template("_assertion")), 1);
        made.around(&made.signed(&bare))
    }) => Refusal::Audience,
    wrong_request: made(|m| m.in_response_to = "_22222222222222222222222222222222".into()) => Refusal::Request,
    wrong_request_inside: made(|m| m.confirmed_request = "_22222222222222222222222222222222".into()) => Refusal::Request,
    unasked: carried(|xml| xml.replacen(&format!(" InResponseTo=\"{REQUEST}\""), "", 1)) => Refusal::Request,
    wrong_issuer: made(|m| m.issuer = "https://other-idp.example/metadata".into()) => Refusal::Issuer(_),
    wrong_issuer_outside: made(|m| m.response_issuer = "https://other-idp.example/metadata".into()) => Refusal::Issuer(_),
    another_firms_provider: made(|m| {
        m.issuer = "https://other-idp.example/metadata".into();
        m.response_issuer = m.issuer.clone();
        m.by_other = true;
        m.named = Some(&OTHER.certificate);
    }) => Refusal::Issuer(_),
    another_firms_provider_under_this_ones_name: made(|m| { m.by_other = true; m.named = Some(&OTHER.certificate) }) => Refusal::OtherKey,
    // At another time.
    expired: made(|m| m.not_on_or_after = "2026-11-26T11:56:59Z".into()) => Refusal::Expired,
    expired_by_its_confirmation: made(|m| m.confirmed_until = "2026-11-26T11:56:59Z".into()) => Refusal::Expired,
    not_yet_valid: made(|m| m.not_before = "2026-11-26T12:03:01Z".into()) => Refusal::NotYetValid,
    never_expires: made(|m| m.confirmed_until = String::new()) => Refusal::Shape(_),
    time_without_zone: made(|m| m.not_on_or_after = "2026-11-26T12:05:00".into()) => Refusal::Shape(_),
    time_of_another_zone: made(|m| m.not_on_or_after = "2026-11-26T12:05:00+14:00".into()) => Refusal::Shape(_),
    // Not signed in at all.
    no_success: made(|m| m.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".into()) => Refusal::NoSuccess(_),
    transient_name: made(|m| m.name_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient".into()) => Refusal::Transient,
    // XML that is not meant to be read.
    doctype: changed(|xml| format!("<!DOCTYPE samlp:Response>{xml}")) => Refusal::Doctype,
    doctype_after_a_declaration: changed(|xml| format!("<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"https://evil.example/x.dtd\">{xml}")) => Refusal::Doctype,
    external_entity: changed(|xml| format!("<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>{}", xml.replacen("alice@acme", "&f;", 1))) => Refusal::Doctype,
    entity_bomb: changed(|xml| format!("{}{}", bomb(), xml.replacen("alice@acme", "&i;", 1))) => Refusal::Doctype,
    unknown_entity: changed(|xml| xml.replacen("alice@acme", "&evil;", 1)) => Refusal::NotXml,
    deflate_bomb: deflated(64 * 1024 * 1024) => Refusal::NotXml,
    too_large: STANDARD.encode(format!("<x>{}</x>", "a".repeat(256 * 1024))) => Refusal::TooLarge,
    too_deep: STANDARD.encode(format!("{}{}", "<x>".repeat(10_000), "</x>".repeat(10_000))) => Refusal::TooLarge,
    too_many_elements: STANDARD.encode(format!("<x>{}</x>", "<y/>".repeat(5_000))) => Refusal::TooLarge,
    too_many_attributes: STANDARD.encode(format!("<x {}/>", (0..500).map(|n| format!("a{n}=\"1\" ")).collect::<String>())) => Refusal::TooLarge,
    not_base64: "<samlp:Response/>".into() => Refusal::NotXml,
    not_utf8: STANDARD.encode([0xff, 0xfe, b'<', 0]) => Refusal::NotXml,
    utf16: STANDARD.encode("<x/>".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()) => Refusal::NotXml,
    two_roots: changed(|xml| xml.repeat(2)) => Refusal::NotXml,
    text_after_the_root: changed(|xml| format!("{xml}alice")) => Refusal::NotXml,
    nothing: String::new() => Refusal::NotXml,
    // Names that look like others (and parser differentials: CVE-2025-25291, -25292, CVE-2024-45409).
    response_of_another_namespace: changed(|xml| xml.replace("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.0:protocol")) => Refusal::Shape(_),
    assertion_of_another_namespace: STANDARD.encode(
        Made::with(|m| m.sign_response = false).around("<evil:Assertion xmlns:evil=\"urn:evil\" ID=\"_evil\"/>"),
    ) => Refusal::Shape(_),
    default_namespace_that_changes: carried(|xml| xml.replacen("<saml:Subject>", "<Subject xmlns=\"urn:evil\"><NameID>mallory</NameID></Subject><saml:Subject>", 1)) => Refusal::BadSignature,
    foreign_name_beside_the_real_one: made(|m| m.name = "alice</saml:NameID><NameID xmlns=\"urn:evil\">mallory</NameID><saml:NameID>x".into()) => Refusal::Shape(_),
    prefix_that_means_something_else_inside: carried(|xml| xml.replacen("<saml:Subject>", "<saml:Subject xmlns:saml=\"urn:evil\">", 1)) => Refusal::BadSignature,
    signature_of_another_namespace: carried(|xml| xml.replace("http://www.w3.org/2000/09/xmldsig#\"", "urn:evil\"")) => Refusal::Shape(_),
    signature_in_the_subject: carried(|xml| xml.replacen("<saml:Subject>", "<saml:Subject><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>", 1)) => Refusal::Shape(_),
    digest_of_another_place: carried(|xml| {
        // A second digest above the first, which another reader would find by a path from the root (CVE-2024-45409).
        let digest = cut(&xml, "<ds:DigestValue>", "</ds:DigestValue>").to_owned();
        xml.replacen("<samlp:StatusCode ", &format!("<ds:Reference xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{digest}</ds:Reference><samlp:StatusCode "), 1)
            .replacen("alice@acme", "mallory@acme", 1)
    }) => Refusal::BadSignature,
    tag_inside_a_quoted_value: changed(|xml| xml.replacen("<samlp:Status>", "<samlp:Status a=\"><saml:Assertion>\">", 1)) => Refusal::NotXml | Refusal::BadSignature | Refusal::Shape(_),
    one_attribute_twice: changed(|xml| xml.replacen(" Version=\"2.0\"", " Version=\"2.0\" Version=\"2.0\"", 1)) => Refusal::NotXml,
    two_prefixes_of_one_attribute: carried(|xml| xml.replacen(" Destination=", " p:Destination=\"x\" xmlns:p=\"urn:x\" q:Destination=\"y\" xmlns:q=\"urn:x\" Destination=", 1)) => Refusal::NotXml,
    destination_of_another_namespace: carried(|xml| xml.replacen(" Destination=", " xmlns:p=\"urn:x\" p:Destination=", 1)) => Refusal::Destination,
}

#[test]
fn how_many_were_tried() {
    // The eight by SAML Raider's names and two of our own stand in `wrapping`.
    println!("SAML: {} attacks refused, 10 of them signature wrapping", NAMES.len() + 10);
    assert!(NAMES.len() >= 80, "{}", NAMES.len());
}

/// The same assertion a second time is for whoever remembers it: what is to be remembered does not change.
#[test]
fn replays_carry_the_same_name() {
    let xml = Made::default().xml();
    let (first, second) = (judged(&xml).unwrap(), judged(&xml).unwrap());
    assert_eq!(first.assertion, second.assertion);
    assert_eq!(judged_at(&xml, "2026-11-26T12:08:01Z"), Err(Refusal::Expired));
}
