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

    /// Of a session that looks at a client's portal as one of its people. The mark says so before the session is read;
    /// it is part of what is hashed, so that no session is found without it.
    pub fn viewing_from_bits(bits: [u128; 2]) -> Self {
        Self(Secret::new(format!("{VIEWING}{}", Self::from_bits(bits).expose())))
    }

    /// From a cookie; nothing where it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bare = if text.len() == SESSION_CHARACTERS + VIEWING.len() { text.strip_prefix(VIEWING)? } else { text };
        let ours = bare.len() == SESSION_CHARACTERS
            && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        ours.then(|| Self(Secret::new(text.to_owned())))
    }

    pub fn is_viewing(&self) -> bool {
        self.expose().len() > SESSION_CHARACTERS
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

/// 256 bits in base 64.
const SESSION_CHARACTERS: usize = 43;
const VIEWING: &str = "v.";

/// What a program holds to act for a person: 256 random bits behind a mark by which leaked ones are found. Only its
/// hash is stored.
#[derive(Clone, Debug)]
pub struct BearerToken(Secret<String>);

const BEARER: &str = "pt_";
const BEARER_CHARACTERS: usize = 52;

impl BearerToken {
    /// `bits` are two draws of 128 random bits.
    pub fn from_bits(bits: [u128; 2]) -> Self {
        let [first, second] = bits.map(domain::ids::ulid);
        Self(Secret::new(format!("{BEARER}{first}{second}")))
    }

    /// From a header; nothing where it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bits = text.strip_prefix(BEARER)?;
        let ours =
            bits.len() == BEARER_CHARACTERS && bits.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        ours.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The token itself, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub fn hash(&self) -> String {
        crate::tagged_token("bearer", self.expose())
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

    #[test]
    fn a_session_that_views_as_somebody_is_marked_and_is_none_without_the_mark() {
        let (plain, viewing) = (SessionToken::from_bits([1, 2]), SessionToken::viewing_from_bits([1, 2]));
        let parsed = SessionToken::parse(viewing.expose()).unwrap();
        assert!(parsed.is_viewing() && !plain.is_viewing());
        assert_eq!(parsed.hash(), viewing.hash());
        assert_ne!(viewing.hash(), plain.hash());
        assert!(SessionToken::parse(&format!("w.{}", plain.expose())).is_none());
        assert!(SessionToken::parse(&format!("v.v.{}", &plain.expose()[2..])).is_none());
    }

    #[test]
    fn only_our_bearer_tokens_parse() {
        let token = BearerToken::from_bits([u128::MAX, 7]);
        assert_eq!(token.expose().len(), 55);
        assert_eq!(BearerToken::parse(token.expose()).map(|t| t.hash()), Some(token.hash()));
        assert!(!format!("{token:?}").contains(token.expose()));
        for wrong in ["", "pt_", &token.expose()[3..], &format!("{}A", token.expose()), &"pt_*".repeat(13)] {
            assert!(BearerToken::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
