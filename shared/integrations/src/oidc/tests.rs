//! The rules of issuers and of lasting names, as data. What a whole token has to prove is tried over HTTP, against a
//! provider that forges.

use super::issuer::{Names, agrees, may_be_set_up, subject, vouches_silently};
use super::{Answer, Provider, Refusal, code};

const ACME: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const OTHER: &str = "11111111-2222-3333-4444-555555555555";

fn entra(directory: &str) -> String {
    format!("https://login.microsoftonline.com/{directory}/v2.0")
}

#[test]
fn an_issuer_that_is_everybody_is_none() {
    let check = |issuer: &str, want: Result<(), Refusal>| assert_eq!(may_be_set_up(issuer), want, "{issuer}");
    check("https://login.example.com", Ok(()));
    check("https://acme.okta.com/oauth2/default", Ok(()));
    check("https://accounts.google.com", Ok(()));
    check(&entra(ACME), Ok(()));
    // A directory that happens to begin like one of the names.
    check(&entra("common-sense.onmicrosoft.com"), Ok(()));
    for everybody in ["common", "organizations", "consumers", "Common", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        check(&entra(everybody), Err(Refusal::Everybody));
    }
    check("https://login.microsoftonline.com/common", Err(Refusal::Everybody));
    check(&entra("{tenantid}"), Err(Refusal::Everybody));
    check("https://login.example.com/{realm}", Err(Refusal::Everybody));
}

#[test]
fn a_configuration_is_of_the_issuer_that_was_typed() {
    let check = |typed: &str, told: &str, want: Result<(), Refusal>| {
        assert_eq!(agrees(typed, told), want, "{typed} {told}");
    };
    let other = |told: &str| Err(Refusal::OtherIssuer(told.to_owned()));
    check("https://login.example.com", "https://login.example.com", Ok(()));
    check(&entra(ACME), &entra(ACME), Ok(()));
    check("https://login.example.com", "https://login.example.com/", other("https://login.example.com/"));
    check("https://login.example.com/", "https://login.example.com", other("https://login.example.com"));
    check("https://login.example.com", "https://LOGIN.example.com", other("https://LOGIN.example.com"));
    check(
        "https://login.example.com",
        "https://login.example.com.evil.example",
        other("https://login.example.com.evil.example"),
    );
    check(&entra(ACME), &entra(OTHER), other(&entra(OTHER)));
    // A directory by its domain's name: it calls itself by its id, which is what is to be typed.
    check(&entra("acme.onmicrosoft.com"), &entra(ACME), other(&entra(ACME)));
    // Microsoft's metadata for everybody has a template where the directory belongs, whatever it was asked by.
    check(&entra("acme.example"), &entra("{tenantid}"), Err(Refusal::Everybody));
    check(&entra("{tenantid}"), &entra("{tenantid}"), Err(Refusal::Everybody));
    let long = format!("https://{}.example", "a".repeat(300));
    check("https://login.example.com", &long, other(&long[..200]));
}

#[test]
fn the_name_that_lasts() {
    let check = |issuer: &str, names: Names<'_>, want: Result<&str, Refusal>| {
        assert_eq!(subject(issuer, names).as_deref(), want.as_deref(), "{issuer} {names:?}");
    };
    let names = |sub, tid, oid| Names { sub, tid, oid };
    let plain = "https://login.example.com";
    check(plain, names("248289761001", None, None), Ok("248289761001"));
    // What only Microsoft means something by is nothing elsewhere.
    check(plain, names("248289761001", Some(OTHER), Some("x")), Ok("248289761001"));
    check(plain, names("", None, None), Err(Refusal::Subject));
    check(plain, names("a\u{0}b", None, None), Err(Refusal::Subject));
    let long = "a".repeat(100_000);
    check(plain, names(&long, None, None), Err(Refusal::Subject));
    let own = format!("{ACME}:object");
    check(&entra(ACME), names("pairwise", Some(ACME), Some("object")), Ok(own.as_str()));
    check(&entra(ACME), names("pairwise", Some(OTHER), Some("object")), Err(Refusal::Tenant));
    check(&entra(ACME), names("pairwise", None, Some("object")), Err(Refusal::Subject));
    check(&entra(ACME), names("pairwise", Some(ACME), None), Err(Refusal::Subject));
    check(&entra(ACME), names("pairwise", Some(ACME), Some("")), Err(Refusal::Subject));
    // Were a template set up all the same, no directory would be the one that it names.
    check(&entra("{tenantid}"), names("pairwise", Some(ACME), Some("object")), Err(Refusal::Tenant));
    check(&entra("common"), names("pairwise", Some(ACME), Some("object")), Err(Refusal::Tenant));
}

#[test]
fn only_one_directory_vouches_without_a_word() {
    for (issuer, silently) in [
        (entra(ACME), true),
        (entra("common"), false),
        (entra("{tenantid}"), false),
        (entra("9188040d-6c67-4c5b-b112-36a304b66dad"), false),
        ("https://login.example.com".to_owned(), false),
        (format!("https://login.microsoftonline.com.evil.example/{ACME}/v2.0"), false),
    ] {
        assert_eq!(vouches_silently(&issuer), silently, "{issuer}");
    }
}

#[test]
fn the_answer_is_of_the_provider_that_was_asked() {
    let check =
        |announces: bool, iss: Option<&str>, error: Option<&str>, sent: Option<&str>, want: Result<&str, Refusal>| {
            let provider = Provider {
                issuer: "https://login.example.com".to_owned(),
                authorization_endpoint: String::new(),
                token_endpoint: String::new(),
                jwks_uri: String::new(),
                authorization_response_iss_parameter_supported: announces,
                token_endpoint_auth_methods_supported: Vec::new(),
            };
            let text = |value: Option<&str>| value.map(str::to_owned);
            let answer = Answer { state: None, code: text(sent), iss: text(iss), error: text(error) };
            let found = code(&provider, &answer).map(|code| code.expose().clone());
            assert_eq!(found.as_deref(), want.as_deref(), "{announces} {iss:?} {error:?}");
        };
    let own = Some("https://login.example.com");
    check(true, own, None, Some("abc"), Ok("abc"));
    check(false, own, None, Some("abc"), Ok("abc"));
    check(false, None, None, Some("abc"), Ok("abc"));
    check(true, None, None, Some("abc"), Err(Refusal::NoIssuerInAnswer));
    check(true, Some("https://login.example.com/"), None, Some("abc"), Err(Refusal::MixUp));
    check(false, Some("https://other.example"), None, Some("abc"), Err(Refusal::MixUp));
    // Even a refusal is believed of the right provider only.
    check(false, Some("https://other.example"), Some("access_denied"), None, Err(Refusal::MixUp));
    check(true, own, Some("access_denied"), None, Err(Refusal::Provider("access_denied".into())));
    check(true, own, Some("<b>no</b> \n"), None, Err(Refusal::Provider("<b>no</b>".into())));
    check(true, own, None, None, Err(Refusal::Provider("it sent no code".into())));
    check(true, own, None, Some(""), Err(Refusal::Provider("it sent no code".into())));
}
