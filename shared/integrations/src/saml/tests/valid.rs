use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::Secret;
use serde_json::Value;

use super::made::*;
use crate::outgoing::Reach;
use crate::saml::{
    Certificate, Expected, MetadataRefused, Ourselves, Refusal, RequestId, read_metadata, redirect, verify,
    write_metadata,
};

const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const RSA15: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";

fn sample(name: &str) -> String {
    let path = format!("{}/../../tests/vectors/saml/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_providers_response_is_accepted() {
    let verified = judged(&Made::default().xml()).unwrap();
    assert_eq!(verified.subject, "alice@acme.example");
    assert_eq!(verified.email(), Some("alice@acme.example"));
    assert_eq!(verified.display_name(), Some("Alice Archer"));
    assert_eq!(verified.assertion, "_assertion");
    // Until nobody would accept it any more, the tolerated error of the clock included.
    assert_eq!(verified.ends, at("2026-11-26T12:08:00Z"));
}

#[test]
fn every_form_that_providers_use_is_accepted() {
    let sha512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
    let forms = [
        ("only the assertion signed", Made::with(|made| made.sign_response = false)),
        ("no key named", Made::with(|made| made.named = None)),
        ("no issuer in the response", Made::with(|made| made.response_issuer = String::new())),
        ("SHA-512", Made::with(|made| made.method = sha512.into())),
        ("an XML declaration", Made::with(|made| made.prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".into())),
        ("a clock two minutes fast", Made::with(|made| made.not_before = "2026-11-26T12:02:00Z".into())),
        ("expired two minutes ago", Made::with(|made| made.confirmed_until = "2026-11-26T11:58:00Z".into())),
        ("characters by reference", Made::with(|made| made.name = "o&#39;neill &amp; co".into())),
        ("fractions of seconds", Made::with(|made| made.not_before = "2026-11-26T11:59:30.317Z".into())),
    ];
    for (what, made) in forms {
        assert!(judged(&made.xml()).is_ok(), "{what}: {:?}", judged(&made.xml()));
    }
    let spread = STANDARD.encode(Made::default().xml()).as_bytes().chunks(76).fold(String::new(), |mut lines, line| {
        lines.push_str(std::str::from_utf8(line).unwrap());
        lines.push_str("\r\n");
        lines
    });
    assert!(posted(&spread, NOW).is_ok(), "base64 in lines");
}

#[test]
fn encrypted_assertions_are_opened() {
    let verified = judged(&Made::default().encrypted(GCM, OAEP)).unwrap();
    assert_eq!(verified.subject, "alice@acme.example");
    let unsigned_outside = Made::with(|made| made.sign_response = false);
    assert!(judged(&unsigned_outside.encrypted(GCM, OAEP)).is_ok());
    // What notices no change by itself is opened only where a signature does.
    assert!(judged(&Made::default().encrypted(CBC, OAEP)).is_ok());
    assert_eq!(judged(&unsigned_outside.encrypted(CBC, OAEP)), Err(Refusal::EncryptedUnguarded));
    let weakly_wrapped = unsigned_outside.encrypted(GCM, OAEP).replace(OAEP, RSA15);
    assert_eq!(judged(&weakly_wrapped), Err(Refusal::Algorithm));
    // A signature outside does not stand for the one inside.
    let unsigned_inside = Made::with(|made| made.sign_assertion = false);
    assert_eq!(judged(&unsigned_inside.encrypted(GCM, OAEP)), Err(Refusal::Unsigned));
}

#[test]
fn an_encrypted_assertion_needs_our_key() {
    let field = STANDARD.encode(Made::default().encrypted(GCM, OAEP));
    let expected = |key| Expected {
        ourselves: OURSELVES,
        issuer: ISSUER,
        certificates: std::slice::from_ref(&IDP.certificate),
        key,
        request: REQUEST,
        now: at(NOW),
    };
    assert_eq!(verify(&field, &expected(None)), Err(Refusal::Encrypted));
    let other = Secret::new(OTHER.private.expose().clone());
    assert_eq!(verify(&field, &expected(Some(&other))), Err(Refusal::NotOpened));
}

#[test]
fn two_certificates_while_one_follows_the_other() {
    let pinned = [OTHER.certificate.clone(), IDP.certificate.clone()];
    let expected = Expected {
        ourselves: OURSELVES,
        issuer: ISSUER,
        certificates: &pinned,
        key: None,
        request: REQUEST,
        now: at(NOW),
    };
    assert!(verify(&STANDARD.encode(Made::default().xml()), &expected).is_ok());
    let next = Made::with(|made| {
        made.by_other = true;
        made.named = Some(&OTHER.certificate);
    });
    assert!(verify(&STANDARD.encode(next.xml()), &expected).is_ok());
}

/// Responses of two providers that others wrote, and what was made of them.
#[test]
fn real_providers_samples_are_judged_as_listed() {
    let listed: Value = serde_json::from_str(&sample("expected.json")).unwrap();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let (entity_id, acs_url) = (text(&listed, "sp_entity_id"), text(&listed, "acs_url"));
    let certificates = [Certificate::parse(&sample(&text(&listed, "idp_certificate"))).unwrap()];
    let cases = listed["cases"].as_array().unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let expected = Expected {
            ourselves: Ourselves { entity_id: &entity_id, acs_url: &acs_url },
            issuer: &text(case, "issuer"),
            certificates: &certificates,
            key: None,
            request: &text(case, "in_response_to"),
            now: at(&text(case, "clock")),
        };
        let judged = verify(&STANDARD.encode(sample(&text(case, "file"))), &expected);
        if case["accept"].as_bool().unwrap() {
            let verified = judged.unwrap_or_else(|refusal| panic!("{case}: {refusal:?}"));
            assert_eq!(verified.subject, text(case, "name_id"));
            assert_eq!(verified.email(), Some(text(case, "email").as_str()));
        } else {
            let want = match text(case, "reason").as_str() {
                "expired" => Refusal::Expired,
                "unknown request id" => Refusal::Request,
                "digest mismatch" => Refusal::BadSignature,
                "no signature" => Refusal::Unsigned,
                _ => Refusal::SeveralAssertions,
            };
            assert_eq!(judged, Err(want), "{case}");
        }
    }
}

fn provider_metadata(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><!-- Written by the provider --><md:EntityDescriptor \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{ISSUER}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor use=\"signing\">\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>\n{}\n\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>{inner}</md:IDPSSODescriptor>\
         </md:EntityDescriptor>",
        IDP.certificate.to_text()
    )
}

#[test]
fn metadata_of_a_provider_is_read() {
    let service = "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
                   Location=\"https://idp.example/sso?a=1&amp;b=2\"/>";
    let read = |text: &str| read_metadata(text, Reach::Public, at(NOW));
    let provider = read(&provider_metadata(service)).unwrap();
    assert_eq!((provider.issuer.as_str(), provider.sso_url.as_str()), (ISSUER, "https://idp.example/sso?a=1&b=2"));
    assert_eq!(provider.certificates, std::slice::from_ref(&IDP.certificate));
    let good = provider_metadata(service);
    for (text, want) in [
        (provider_metadata(""), MetadataRefused::NoRedirect),
        (good.replace("https://idp.example/sso", "http://idp.example/sso"), MetadataRefused::NotSecure),
        (good.replace("use=\"signing\"", "use=\"encryption\""), MetadataRefused::NoCertificate),
        (
            good.replace("<md:IDPSSODescriptor", "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\""),
            MetadataRefused::WantsSignedRequests,
        ),
        (good.replace("entityID=", "validUntil=\"2026-11-25T00:00:00Z\" entityID="), MetadataRefused::Expired),
        (good.replace("EntityDescriptor", "EntitiesDescriptor"), MetadataRefused::Several),
        (good.replace("<!-- Written", "<!DOCTYPE x><!-- Written"), MetadataRefused::Unreadable(Refusal::Doctype)),
        ("not at all".into(), MetadataRefused::NotMetadata),
    ] {
        assert_eq!(read(&text), Err(want), "{text}");
    }
}

#[test]
fn our_metadata_can_be_read_and_says_what_is_wanted() {
    let plain = write_metadata(OURSELVES, None);
    assert!(plain.contains("WantAssertionsSigned=\"true\"") && !plain.contains("KeyDescriptor"));
    let sealed = write_metadata(OURSELVES, Some(&PORTAL.certificate));
    assert!(sealed.contains(&PORTAL.certificate.to_text()) && sealed.contains("use=\"encryption\""));
    // Well formed; and no provider's.
    assert_eq!(read_metadata(&sealed, Reach::Public, at(NOW)), Err(MetadataRefused::NotMetadata));
}

#[test]
fn a_request_names_us_and_unpacks() {
    use std::io::Read as _;
    let id = RequestId::from_bits(7);
    let url = redirect("https://idp.example/sso?tenant=a", OURSELVES, &id, at(NOW), true);
    let packed = url.strip_prefix("https://idp.example/sso?tenant=a&SAMLRequest=").unwrap();
    let packed = packed.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(STANDARD.decode(packed).unwrap().as_slice()).read_to_string(&mut xml).unwrap();
    for part in [id.as_str(), OURSELVES.acs_url, OURSELVES.entity_id, "ForceAuthn=\"true\"", "2026-11-26T12:00:00Z"] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
}
