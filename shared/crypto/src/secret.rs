//! What must not be printed, and where random bits come from.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A value that does not print: logging it by mistake shows its name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one call that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a browser holds to prove its session: 256 random bits. Only its hash is stored.
#[derive(Clone, Debug)]
pub struct SessionToken(Secret<String>);

impl SessionToken {
    /// `bits` are two draws of 128 random bits.
    pub fn from_bits(bits: [u128; 2]) -> Self {
        let bytes: Vec<u8> = bits.iter().flat_map(|half| half.to_be_bytes()).collect();
        Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// From a cookie; nothing where it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let ours = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        ours.then(|| Self(Secret::new(text.to_owned())))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is stored and looked up in its place.
    pub fn hash(&self) -> String {
        crate::tagged_token("session", self.expose())
    }

    /// The token that forms of this session carry; a page of another origin cannot know it.
    pub fn form_token(&self) -> String {
        crate::tagged_token("form", self.expose())
    }
}

/// 128 random bits from the operating system.
#[expect(clippy::disallowed_methods, reason = "the one place where random bits are drawn; a Moment hands them out")]
pub fn random_bits() -> u128 {
    let mut bytes = [0_u8; 16];
    // The generator of the library fails only where the system has none, and then nothing can be kept secret.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        let token = SessionToken::from_bits([1, 2]);
        assert!(!format!("{token:?}").contains(token.expose()));
    }

    #[test]
    fn only_our_tokens_parse() {
        let token = SessionToken::from_bits([u128::MAX, 7]);
        assert_eq!(SessionToken::parse(token.expose()).map(|t| t.hash()), Some(token.hash()));
        for wrong in ["", "abc", &"a".repeat(44), &("=".to_owned() + &"a".repeat(42))] {
            assert!(SessionToken::parse(wrong).is_none(), "{wrong:?}");
        }
        assert_ne!(token.hash(), token.form_token());
    }
}
