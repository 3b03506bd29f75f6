//! Encrypted assertions: opened with our own key, then judged like any other.

use bergshamra_enc::EncContext;
use bergshamra_enc::decrypt::decrypt;
use bergshamra_keys::KeysManager;
use bergshamra_keys::loader::load_rsa_private_pem;
use crypto::Secret;

use super::Refusal;
use super::document::{DSIG, Node, Tree, XENC};

const KEY_METHODS: [&str; 2] =
    ["http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "http://www.w3.org/2009/xmlenc11#rsa-oaep"];
/// These notice a changed byte by themselves.
const GUARDED: [&str; 3] = [
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#aes192-gcm",
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
];
/// These do not: whoever may send changed ones and see which fail finds the content out. Under a verified signature
/// nobody can change them.
const UNGUARDED: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
];

/// The whole document with the assertion in the clear. Why it could not be opened is told to nobody.
pub(super) fn open(
    tree: &Tree<'_>,
    encrypted: Node<'_>,
    signed: bool,
    key: Option<&Secret<String>>,
) -> Result<String, Refusal> {
    let key = key.ok_or(Refusal::Encrypted)?;
    let data = encrypted.one(XENC, "EncryptedData")?;
    let method = data.one(XENC, "EncryptionMethod")?.attribute("Algorithm").unwrap_or_default();
    let known = GUARDED.contains(&method) || UNGUARDED.contains(&method);
    if !known {
        return Err(Refusal::Algorithm);
    }
    if !signed && !GUARDED.contains(&method) {
        return Err(Refusal::EncryptedUnguarded);
    }
    // One wrapped key, by a method that gives nothing away, and nothing that leads out of the document.
    let keys: Vec<Node<'_>> = tree.elements().into_iter().filter(|node| node.is(XENC, "EncryptedKey")).collect();
    let [wrapped] = keys.as_slice() else { return Err(Refusal::Shape("not exactly one wrapped key")) };
    let wrapping = wrapped.one(XENC, "EncryptionMethod")?.attribute("Algorithm").unwrap_or_default();
    if !KEY_METHODS.contains(&wrapping) {
        return Err(Refusal::Algorithm);
    }
    let inside = wrapped.parent().is_some_and(|parent| parent.is(DSIG, "KeyInfo"));
    let references = tree.elements().into_iter().any(|node| node.is(XENC, "CipherReference"));
    if !inside || references {
        return Err(Refusal::Shape("an encrypted assertion that refers to something elsewhere"));
    }
    let mut keys = KeysManager::new();
    keys.add_key(load_rsa_private_pem(key.expose().as_bytes()).map_err(|_| Refusal::NotOpened)?);
    let context = EncContext::new(keys).with_disable_cipher_reference(true).with_max_pbkdf2_iterations(0);
    decrypt(&context, tree.text()).map_err(|_| Refusal::NotOpened)
}
