//! Signature wrapping, as the eight transformations that SAML Raider applies (its XSWHelpers, commit d9b4a54): a genuine
//! signature goes on being valid over a copy of what was signed, while the forged part stands where a reader looks.

use super::made::*;
use crate::saml::Refusal;
use crate::saml::document::{Remarks, Tree};
use crate::saml::signature;

struct Genuine {
    response: String,
    assertion: String,
    /// Of the response.
    outer: String,
    /// Of the assertion.
    inner: String,
}

fn genuine() -> Genuine {
    let response = Made::default().xml();
    let assertion = cut(&response, "<saml:Assertion ", "</saml:Assertion>").to_owned();
    let inner = cut(&assertion, "<ds:Signature ", "</ds:Signature>").to_owned();
    let outer = cut(&response, "<ds:Signature ", "</ds:Signature>").to_owned();
    assert!(judged(&response).is_ok());
    Genuine { response, assertion, outer, inner }
}

fn evil(text: &str) -> String {
    text.replace("alice@acme.example", "mallory@evil.example")
}

fn evil_assertion(text: &str) -> String {
    evil(text).replace("ID=\"_assertion\"", "ID=\"_evil_assertion_ID\"")
}

fn evil_response(text: &str) -> String {
    evil(text).replace("ID=\"_response\"", "ID=\"_evil_response_ID\"")
}

/// Refused for its form; and where the form did not count, no signature would cover the forged assertion.
fn check(xml: &str, want: Refusal) {
    assert!(xml.contains("mallory"), "nothing was forged");
    assert_eq!(judged(xml), Err(want));
    let Ok(tree) = Tree::parse(xml, Remarks::Refused) else { return };
    let pinned = std::slice::from_ref(&IDP.certificate);
    for node in tree.elements().into_iter().filter(|node| node.local_name() == "Assertion") {
        let range = tree.document().node_range(node.id).unwrap();
        if xml[range].contains("mallory") {
            assert!(signature::verify(&tree, node, pinned).is_err(), "the forged assertion is covered");
        }
    }
}

#[test]
fn xsw1_original_response_inside_the_signature() {
    let g = genuine();
    let original = g.response.replacen(&g.outer, "", 1);
    let wrapped = g.outer.replace("</ds:Signature>", &format!("{original}</ds:Signature>"));
    let forged = evil_response(&original).replacen("<samlp:Status>", &format!("{wrapped}<samlp:Status>"), 1);
    check(&forged, Refusal::RepeatedId);
}

#[test]
fn xsw2_original_response_before_the_signature() {
    let g = genuine();
    let original = g.response.replacen(&g.outer, "", 1);
    let forged =
        evil_response(&original).replacen("<samlp:Status>", &format!("{original}{}<samlp:Status>", g.outer), 1);
    check(&forged, Refusal::RepeatedId);
}

#[test]
fn xsw3_forged_assertion_before_the_original() {
    let g = genuine();
    let unsigned = Made::with(|made| made.sign_response = false).around(&g.assertion);
    let copy = evil_assertion(&g.assertion.replacen(&g.inner, "", 1));
    check(&unsigned.replacen(&g.assertion, &format!("{copy}{}", g.assertion), 1), Refusal::SeveralAssertions);
}

#[test]
fn xsw4_original_assertion_inside_the_forged_one() {
    let g = genuine();
    let copy = evil_assertion(&g.assertion.replacen(&g.inner, "", 1));
    let nested = copy.replace("</saml:Assertion>", &format!("{}</saml:Assertion>", g.assertion));
    check(&Made::with(|made| made.sign_response = false).around(&nested), Refusal::SeveralAssertions);
}

#[test]
fn xsw5_forged_assertion_keeps_the_signature() {
    let g = genuine();
    let original = g.assertion.replacen(&g.inner, "", 1);
    let both = format!("{}{original}", evil_assertion(&g.assertion));
    check(&Made::with(|made| made.sign_response = false).around(&both), Refusal::SeveralAssertions);
}

#[test]
fn xsw6_original_assertion_inside_the_kept_signature() {
    let g = genuine();
    let original = g.assertion.replacen(&g.inner, "", 1);
    let wrapped = g.inner.replace("</ds:Signature>", &format!("{original}</ds:Signature>"));
    let forged = evil_assertion(&g.assertion).replacen(&g.inner, &wrapped, 1);
    check(&Made::with(|made| made.sign_response = false).around(&forged), Refusal::SeveralAssertions);
}

#[test]
fn xsw7_forged_assertion_inside_extensions() {
    let g = genuine();
    let copy = evil(&g.assertion.replacen(&g.inner, "", 1));
    let both = format!("<samlp:Extensions>{copy}</samlp:Extensions>{}", g.assertion);
    check(&Made::with(|made| made.sign_response = false).around(&both), Refusal::RepeatedId);
}

#[test]
fn xsw8_original_assertion_inside_an_object() {
    let g = genuine();
    let original = g.assertion.replacen(&g.inner, "", 1);
    let object = format!("<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{original}</ds:Object>");
    let wrapped = g.inner.replace("</ds:Signature>", &format!("{object}</ds:Signature>"));
    let forged = evil_assertion(&g.assertion).replacen(&g.inner, &wrapped, 1);
    check(&Made::with(|made| made.sign_response = false).around(&forged), Refusal::SeveralAssertions);
}

/// The forged assertion of another name, so that there is one by count.
#[test]
fn xsw_with_the_original_under_another_name() {
    let g = genuine();
    let hidden =
        g.assertion.replace("<saml:Assertion ", "<saml:Advice ").replace("</saml:Assertion>", "</saml:Advice>");
    let forged = evil_assertion(&g.assertion).replace("</saml:Assertion>", &format!("{hidden}</saml:Assertion>"));
    let xml = Made::with(|made| made.sign_response = false).around(&forged);
    assert!(matches!(judged(&xml), Err(Refusal::Shape(_) | Refusal::Elsewhere)), "{:?}", judged(&xml));
}

/// The eight again, each with the forged part encrypted would need a signature inside: there is none to take.
#[test]
fn xsw_inside_an_encrypted_assertion() {
    let forged = Made::with(|made| {
        made.name = "mallory@evil.example".into();
        made.by_other = true;
        made.named = Some(&IDP.certificate);
        made.sign_response = false;
    });
    let gcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
    let sealed = forged.encrypted(gcm, "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p");
    assert_eq!(judged(&sealed), Err(Refusal::BadSignature));
}
