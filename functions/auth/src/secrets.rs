//! What is mailed: the token of a link and the six digits beside it. Only hashes of them are stored.

use crypto::Secret;
use domain::Moment;
use web::cookies::AskToken;

/// The token of a link: 256 random bits, in letters and digits that survive every mail program.
#[derive(Debug, Clone)]
pub(crate) struct LinkToken(Secret<String>);

impl LinkToken {
    pub(crate) fn draw(moment: &mut Moment) -> Self {
        Self(Secret::new(format!("{:032x}{:032x}", moment.next_random(), moment.next_random())))
    }

    /// Nothing where it cannot be one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let ours = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        ours.then(|| Self(Secret::new(text.to_owned())))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn hash(&self) -> String {
        crypto::tagged_token("link", self.expose())
    }
}

/// Six digits. They are few, so each counts in the asking browser only, for a few tries.
#[derive(Debug, Clone)]
pub(crate) struct Code(Secret<String>);

impl Code {
    pub(crate) fn draw(moment: &mut Moment) -> Self {
        // 2^128 is so much more than a million that no code is likelier than another.
        Self(Secret::new(format!("{:06}", moment.next_random() % 1_000_000)))
    }

    /// As people type it: spaces and a dash in the middle do not matter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(7).collect();
        (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| Self(Secret::new(digits)))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Together with the browser's own secret, which is stored nowhere: a million codes are soon tried against a hash.
    pub(crate) fn hash(&self, browser: &AskToken) -> String {
        crypto::tagged_token("code", &format!("{}|{}", browser.code_salt(), self.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(bits: u128) -> Moment {
        Moment::new("2026-11-24T10:00:00Z".parse().unwrap(), move || bits)
    }

    #[test]
    fn tokens_come_back_from_links() {
        let token = LinkToken::draw(&mut moment(u128::MAX - 3));
        assert_eq!(LinkToken::parse(token.expose()).map(|parsed| parsed.hash()), Some(token.hash()));
        for wrong in ["", "abc", &"A".repeat(64), &"a".repeat(65), &format!("{}#", "a".repeat(63))] {
            assert!(LinkToken::parse(wrong).is_none(), "{wrong:?}");
        }
        assert!(!format!("{token:?}").contains(token.expose()));
    }

    #[test]
    fn codes_are_six_digits_however_they_are_typed() {
        let check = |text: &str, want: Option<&str>| {
            assert_eq!(Code::parse(text).as_ref().map(Code::expose), want, "{text:?}");
        };
        check("012345", Some("012345"));
        check(" 012 345\n", Some("012345"));
        check("012-345", Some("012345"));
        check("01234", None);
        check("0123456", None);
        check("01234a", None);
        check("٠١٢٣٤٥", None);
        assert_eq!(Code::draw(&mut moment(7)).expose(), "000007");
    }

    #[test]
    fn a_code_is_of_one_browser() {
        let code = Code::parse("012345").unwrap();
        assert_ne!(code.hash(&AskToken::from_bits(1)), code.hash(&AskToken::from_bits(2)));
    }
}
