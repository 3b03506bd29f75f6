//! Signatures: first their form, which leaves no choice to whoever wrote them, then the numbers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_dsig::verify::verify_all_document_with_source;
use bergshamra_dsig::{DsigContext, VerifyResult};
use bergshamra_keys::KeysManager;

use super::document::{DSIG, Node, Tree};
use super::{Certificate, Refusal};

const EXCLUSIVE: [&str; 2] =
    ["http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"];
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const PREFIXES: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const DIGESTS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];
const METHODS: [&str; 6] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
];

/// The signature of `signed`, verified: it covers exactly this element, by one of the pinned certificates.
pub(super) fn verify(tree: &Tree<'_>, signed: Node<'_>, pinned: &[Certificate]) -> Result<(), Refusal> {
    let signature = signed.at_most_one(DSIG, "Signature")?.ok_or(Refusal::Unsigned)?;
    check_form(signature, signed)?;
    check_key_info(signature, pinned)?;
    for certificate in pinned {
        let Some(key) = certificate.key() else { continue };
        let mut keys = KeysManager::new();
        keys.add_key(key);
        // Keys of the document are never looked at. What is skipped are dates and issuers of the certificate itself:
        // it is trusted because it was set up, not because somebody signed it.
        let context = DsigContext::new(keys).with_trusted_keys_only(true).with_insecure(true);
        let results = verify_all_document_with_source(&context, tree.document(), Some(tree.text()))
            .map_err(|_| Refusal::BadSignature)?;
        let good = results.iter().any(|result| match result {
            VerifyResult::Valid { signature_node, references, .. } => {
                *signature_node == signature.id
                    && matches!(references.as_slice(), [only] if only.digest_verified && only.resolved_node == Some(signed.id))
            }
            VerifyResult::Invalid { .. } => false,
        });
        if good {
            return Ok(());
        }
    }
    Err(Refusal::BadSignature)
}

/// One reference, to the element that the signature stands in, through the two transforms that change nothing of it.
fn check_form(signature: Node<'_>, signed: Node<'_>) -> Result<(), Refusal> {
    only_children(signature, &["SignedInfo", "SignatureValue", "KeyInfo"])?;
    let info = signature.one(DSIG, "SignedInfo")?;
    only_children(info, &["CanonicalizationMethod", "SignatureMethod", "Reference"])?;
    let canonical = info.one(DSIG, "CanonicalizationMethod")?;
    if !canonical.attribute("Algorithm").is_some_and(|algorithm| EXCLUSIVE.contains(&algorithm)) {
        return Err(Refusal::Shape("a signature over another form of the document"));
    }
    only_prefixes(canonical)?;
    let method = info.one(DSIG, "SignatureMethod")?;
    if !method.attribute("Algorithm").is_some_and(|algorithm| METHODS.contains(&algorithm)) {
        return Err(Refusal::Algorithm);
    }
    if method.children().next().is_some() {
        return Err(Refusal::Algorithm);
    }
    let reference = info.one(DSIG, "Reference")?;
    only_children(reference, &["Transforms", "DigestMethod", "DigestValue"])?;
    let digest = reference.one(DSIG, "DigestMethod")?;
    if !digest.attribute("Algorithm").is_some_and(|algorithm| DIGESTS.contains(&algorithm)) {
        return Err(Refusal::Algorithm);
    }
    let own =
        signed.attribute("ID").filter(|id| !id.is_empty()).ok_or(Refusal::Shape("a signed element without id"))?;
    if reference.attribute("URI").and_then(|uri| uri.strip_prefix('#')) != Some(own) {
        return Err(Refusal::Elsewhere);
    }
    let transforms = reference.one(DSIG, "Transforms")?;
    only_children(transforms, &["Transform"])?;
    let listed: Vec<Node<'_>> = transforms.children().collect();
    let [first, second] = listed.as_slice() else {
        return Err(Refusal::Shape("transforms other than the two that are known"));
    };
    let known = first.attribute("Algorithm") == Some(ENVELOPED)
        && first.children().next().is_none()
        && second.attribute("Algorithm").is_some_and(|algorithm| EXCLUSIVE.contains(&algorithm));
    if !known {
        return Err(Refusal::Shape("transforms other than the two that are known"));
    }
    only_prefixes(*second)?;
    // What the numbers are read from is text alone, so that nothing can stand between the digits.
    reference.one(DSIG, "DigestValue")?.text()?;
    signature.one(DSIG, "SignatureValue")?.text()?;
    Ok(())
}

fn only_children(node: Node<'_>, names: &[&str]) -> Result<(), Refusal> {
    let known = node.children().all(|child| child.namespace() == DSIG && names.contains(&child.local_name()));
    if known && !node.has_loose_text() {
        Ok(())
    } else {
        Err(Refusal::Shape("a signature with parts that do not belong to it"))
    }
}

fn only_prefixes(node: Node<'_>) -> Result<(), Refusal> {
    let known = node.children().all(|child| child.is(PREFIXES, "InclusiveNamespaces"));
    if known { Ok(()) } else { Err(Refusal::Shape("a signature with parts that do not belong to it")) }
}

/// The certificate that a signature names must be a pinned one. It is not needed to verify; but a provider that has
/// changed its key and somebody who signs with his own are both told at once by it.
fn check_key_info(signature: Node<'_>, pinned: &[Certificate]) -> Result<(), Refusal> {
    let Some(info) = signature.at_most_one(DSIG, "KeyInfo")? else { return Ok(()) };
    let mut named = Vec::new();
    for data in info.named(DSIG, "X509Data") {
        for certificate in data.named(DSIG, "X509Certificate") {
            let text: String = certificate.text()?.chars().filter(|c| !c.is_whitespace()).collect();
            named.push(STANDARD.decode(text).map_err(|_| Refusal::OtherKey)?);
        }
    }
    let known = named.is_empty() || named.iter().any(|der| pinned.iter().any(|pin| pin.is(der)));
    if known { Ok(()) } else { Err(Refusal::OtherKey) }
}
