//! Judging a response. Everything here refuses; what is left at the end is believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use super::document::{ASSERTION, DSIG, Node, PROTOCOL, Remarks, Tree};
use super::{Expected, Refusal, TRANSIENT_FORMAT, Verified, encrypted, signature};
use crate::bounds;

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// Judges the field `SAMLResponse` of a posted form.
pub fn verify(field: &str, expected: &Expected<'_>) -> Result<Verified, Refusal> {
    if field.len() > bounds::SAML_FORM_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let compact: String = field.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(compact).map_err(|_| Refusal::NotXml)?;
    let text = String::from_utf8(bytes).map_err(|_| Refusal::NotXml)?;
    verify_xml(&text, expected)
}

fn verify_xml(text: &str, expected: &Expected<'_>) -> Result<Verified, Refusal> {
    let tree = Tree::parse(text, Remarks::Refused)?;
    let response = tree.root();
    check_response_form(&tree)?;
    let signed = response.at_most_one(DSIG, "Signature")?.is_some();
    check_status(response)?;
    check_envelope(response, expected)?;
    // A signature that stands there has to be right, even where the assertion's own would do.
    if signed {
        signature::verify(&tree, response, expected.certificates)?;
    }
    if let Some(closed) = response.at_most_one(ASSERTION, "EncryptedAssertion")? {
        let opened = encrypted::open(&tree, closed, signed, expected.key)?;
        let tree = Tree::parse(&opened, Remarks::Refused)?;
        // The response's own signature was about the sealed form, and has been verified on it.
        let assertion = the_assertion(&tree)?;
        if !assertion.parent().is_some_and(|parent| parent.is(ASSERTION, "EncryptedAssertion")) {
            return Err(Refusal::Shape("an assertion beside the encrypted one"));
        }
        check_form_after_opening(&tree)?;
        return judge(&tree, assertion, expected);
    }
    let assertion = the_assertion(&tree)?;
    if assertion.parent().map(|parent| parent.id) != Some(response.id) {
        return Err(Refusal::Shape("an assertion in another place"));
    }
    judge(&tree, assertion, expected)
}

/// One response at the root, one assertion in it, signatures where they belong and nowhere else.
fn check_response_form(tree: &Tree<'_>) -> Result<(), Refusal> {
    let response = tree.root();
    if !response.is(PROTOCOL, "Response") || response.attribute("Version") != Some("2.0") {
        return Err(Refusal::Shape("no SAML 2.0 response"));
    }
    tree.refuse_repeated_ids()?;
    let elements = tree.elements();
    let assertions = elements.iter().filter(|node| matches!(node.local_name(), "Assertion" | "EncryptedAssertion"));
    match assertions.count() {
        0 => return Err(Refusal::NoAssertion),
        1 => (),
        _ => return Err(Refusal::SeveralAssertions),
    }
    if elements.iter().filter(|node| node.local_name() == "Response").count() != 1 {
        return Err(Refusal::Shape("a response within a response"));
    }
    for node in response.children() {
        let known = match node.local_name() {
            "Issuer" | "Assertion" | "EncryptedAssertion" => node.namespace() == ASSERTION,
            "Signature" => node.namespace() == DSIG,
            "Status" => node.namespace() == PROTOCOL,
            _ => false,
        };
        if !known {
            return Err(Refusal::Shape("a part that no response has"));
        }
    }
    check_signature_places(tree)
}

fn check_form_after_opening(tree: &Tree<'_>) -> Result<(), Refusal> {
    tree.refuse_repeated_ids()?;
    if tree.elements().iter().filter(|node| node.local_name() == "Response").count() != 1 {
        return Err(Refusal::Shape("a response within a response"));
    }
    check_signature_places(tree)
}

fn check_signature_places(tree: &Tree<'_>) -> Result<(), Refusal> {
    for node in tree.elements() {
        if node.local_name() != "Signature" {
            continue;
        }
        let beneath =
            node.parent().is_some_and(|parent| parent.is(PROTOCOL, "Response") || parent.is(ASSERTION, "Assertion"));
        if node.namespace() != DSIG || !beneath {
            return Err(Refusal::Shape("a signature in another place"));
        }
    }
    Ok(())
}

fn the_assertion<'t>(tree: &'t Tree<'_>) -> Result<Node<'t>, Refusal> {
    let mut found = tree.elements().into_iter().filter(|node| node.local_name() == "Assertion");
    let first = found.next().ok_or(Refusal::NoAssertion)?;
    if found.next().is_some() {
        return Err(Refusal::SeveralAssertions);
    }
    if first.is(ASSERTION, "Assertion") { Ok(first) } else { Err(Refusal::Shape("an assertion of another standard")) }
}

fn check_status(response: Node<'_>) -> Result<(), Refusal> {
    let status = response.one(PROTOCOL, "Status")?;
    let code = status.one(PROTOCOL, "StatusCode")?;
    let value = code.attribute("Value").unwrap_or_default();
    if value == SUCCESS {
        return Ok(());
    }
    let inner = code.at_most_one(PROTOCOL, "StatusCode")?.and_then(|code| code.attribute("Value"));
    let short = |code: &str| code.rsplit(':').next().unwrap_or_default().chars().take(60).collect::<String>();
    Err(Refusal::NoSuccess(inner.map_or_else(|| short(value), short)))
}

/// What the response itself says about where it comes from and goes.
fn check_envelope(response: Node<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    if let Some(issuer) = response.at_most_one(ASSERTION, "Issuer")? {
        check_issuer(issuer, expected)?;
    }
    if response.attribute("Destination") != Some(expected.ourselves.acs_url) {
        return Err(Refusal::Destination);
    }
    if response.attribute("InResponseTo") != Some(expected.request) {
        return Err(Refusal::Request);
    }
    Ok(())
}

fn check_issuer(issuer: Node<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let text = issuer.text()?;
    if text == expected.issuer { Ok(()) } else { Err(Refusal::Issuer(text.chars().take(200).collect())) }
}

/// The assertion: signed as itself, by a pinned certificate; then meant for us, now, in answer to our request.
fn judge(tree: &Tree<'_>, assertion: Node<'_>, expected: &Expected<'_>) -> Result<Verified, Refusal> {
    signature::verify(tree, assertion, expected.certificates)?;
    check_assertion_form(assertion)?;
    check_issuer(assertion.one(ASSERTION, "Issuer")?, expected)?;
    let skew = SignedDuration::from_secs(bounds::SKEW_SECONDS);
    let conditions = assertion.one(ASSERTION, "Conditions")?;
    let ends = check_window(conditions, expected.now, skew)?;
    check_audience(conditions, expected)?;
    let subject = assertion.one(ASSERTION, "Subject")?;
    let confirmed_until = check_confirmation(subject, expected, skew)?;
    check_statements(assertion, expected.now, skew)?;
    let (subject, subject_format) = read_subject(subject)?;
    let attributes = read_attributes(assertion)?;
    let id = assertion.attribute("ID").unwrap_or_default().to_owned();
    // After the later of the two no copy of it is accepted any more.
    let ends = ends.map_or(confirmed_until, |ends| ends.max(confirmed_until));
    let ends = ends.checked_add(skew).map_err(|_| Refusal::Shape("a time that no clock shows"))?;
    Ok(Verified { subject, subject_format, attributes, assertion: id, ends })
}

/// Children by name, so that nothing rides along that another reader would take for something.
fn check_assertion_form(assertion: Node<'_>) -> Result<(), Refusal> {
    if assertion.attribute("Version") != Some("2.0") {
        return Err(Refusal::Shape("no SAML 2.0 assertion"));
    }
    for child in assertion.children() {
        let known = match child.local_name() {
            "Signature" => child.namespace() == DSIG,
            "Issuer" | "Subject" | "Conditions" | "AuthnStatement" | "AttributeStatement" => {
                child.namespace() == ASSERTION
            }
            _ => false,
        };
        if !known {
            return Err(Refusal::Shape("a part that no assertion has"));
        }
    }
    let of_assertion = |node: Node<'_>, names: &[&str]| {
        node.children().all(|child| child.namespace() == ASSERTION && names.contains(&child.local_name()))
    };
    let subject = assertion.one(ASSERTION, "Subject")?;
    let conditions = assertion.one(ASSERTION, "Conditions")?;
    let known = of_assertion(subject, &["NameID", "EncryptedID", "SubjectConfirmation"])
        && of_assertion(conditions, &["AudienceRestriction", "OneTimeUse", "ProxyRestriction"])
        && conditions.named(ASSERTION, "AudienceRestriction").all(|one| of_assertion(one, &["Audience"]))
        && assertion.named(ASSERTION, "AttributeStatement").all(|one| of_assertion(one, &["Attribute"]))
        && !assertion.has_loose_text();
    if known { Ok(()) } else { Err(Refusal::Shape("a part that no assertion has")) }
}

/// When the window ends, where it does.
fn check_window(node: Node<'_>, now: Timestamp, skew: SignedDuration) -> Result<Option<Timestamp>, Refusal> {
    if let Some(begins) = instant(node, "NotBefore")?
        && begins > now.saturating_add(skew).unwrap_or(Timestamp::MAX)
    {
        return Err(Refusal::NotYetValid);
    }
    let ends = instant(node, "NotOnOrAfter")?;
    if ends.is_some_and(|ends| ends <= now.saturating_sub(skew).unwrap_or(Timestamp::MIN)) {
        return Err(Refusal::Expired);
    }
    Ok(ends)
}

fn instant(node: Node<'_>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = node.attribute(name) else { return Ok(None) };
    // SAML's times are UTC; anything else is a provider of another kind.
    let utc = text.ends_with('Z') && text.len() <= 40;
    let read = text.parse().ok().filter(|_| utc);
    read.map(Some).ok_or(Refusal::Shape("a time that no clock shows"))
}

fn check_audience(conditions: Node<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let mut restricted = false;
    for restriction in conditions.named(ASSERTION, "AudienceRestriction") {
        restricted = true;
        let mut ours = false;
        for audience in restriction.named(ASSERTION, "Audience") {
            ours |= audience.text()? == expected.ourselves.entity_id;
        }
        if !ours {
            return Err(Refusal::Audience);
        }
    }
    if restricted { Ok(()) } else { Err(Refusal::Audience) }
}

/// That whoever brings the assertion is who it is about: until when.
fn check_confirmation(subject: Node<'_>, expected: &Expected<'_>, skew: SignedDuration) -> Result<Timestamp, Refusal> {
    let confirmation = subject.one(ASSERTION, "SubjectConfirmation")?;
    if confirmation.attribute("Method") != Some(BEARER) {
        return Err(Refusal::Shape("a subject that is confirmed in another way"));
    }
    let data = confirmation.one(ASSERTION, "SubjectConfirmationData")?;
    if confirmation.children().count() != 1 || data.children().next().is_some() || data.has_loose_text() {
        return Err(Refusal::Shape("a subject that is confirmed in another way"));
    }
    if data.attribute("Recipient") != Some(expected.ourselves.acs_url) {
        return Err(Refusal::Recipient);
    }
    if data.attribute("InResponseTo") != Some(expected.request) {
        return Err(Refusal::Request);
    }
    check_window(data, expected.now, skew)?.ok_or(Refusal::Shape("an assertion that never expires"))
}

fn check_statements(assertion: Node<'_>, now: Timestamp, skew: SignedDuration) -> Result<(), Refusal> {
    let mut signed_in = false;
    for statement in assertion.named(ASSERTION, "AuthnStatement") {
        signed_in = true;
        let over = instant(statement, "SessionNotOnOrAfter")?;
        if over.is_some_and(|over| over <= now.saturating_sub(skew).unwrap_or(Timestamp::MIN)) {
            return Err(Refusal::Expired);
        }
        if instant(statement, "AuthnInstant")?.is_some_and(|at| at > now.saturating_add(skew).unwrap_or(Timestamp::MAX))
        {
            return Err(Refusal::NotYetValid);
        }
    }
    if signed_in { Ok(()) } else { Err(Refusal::Subject) }
}

fn read_subject(subject: Node<'_>) -> Result<(String, Option<String>), Refusal> {
    let name = subject.at_most_one(ASSERTION, "NameID")?.ok_or(Refusal::Subject)?;
    if subject.at_most_one(ASSERTION, "EncryptedID")?.is_some() {
        return Err(Refusal::Subject);
    }
    let format = name.attribute("Format").map(str::to_owned);
    if format.as_deref() == Some(TRANSIENT_FORMAT) {
        return Err(Refusal::Transient);
    }
    let text = name.text()?;
    let fits = !text.is_empty() && text.len() <= bounds::SUBJECT_BYTES_MAX && !text.chars().any(char::is_control);
    if fits { Ok((text, format)) } else { Err(Refusal::Subject) }
}

fn read_attributes(assertion: Node<'_>) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let mut read = Vec::new();
    for statement in assertion.named(ASSERTION, "AttributeStatement") {
        for attribute in statement.named(ASSERTION, "Attribute") {
            let name = attribute.attribute("Name").ok_or(Refusal::Shape("an attribute without a name"))?.to_owned();
            let mut values = Vec::new();
            for value in attribute.named(ASSERTION, "AttributeValue") {
                // Values with a structure of their own are nothing that is read here.
                if value.children().next().is_none() {
                    values.push(value.text()?);
                }
            }
            if read.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::Shape("an attribute that is given twice"));
            }
            read.push((name, values));
            if read.len() > bounds::SAML_ATTRIBUTES_MAX {
                return Err(Refusal::TooLarge);
            }
        }
    }
    Ok(read)
}
