//! An e-mail address, as far as it can be judged without sending to it.

use serde::{Deserialize, Serialize};

use crate::limits;

/// Trimmed and lowercased: two spellings of one address are one address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailRefused {
    #[error("Enter an e-mail address with an @ sign, like name@company.com.")]
    NoAtSign,
    #[error("Enter the part before the @ sign.")]
    NoName,
    #[error("Enter the whole address, like name@company.com.")]
    NoDomain,
    #[error("An e-mail address has no spaces or special characters.")]
    BadCharacter,
    #[error("That address is too long.")]
    TooLong,
}

impl EmailAddress {
    pub fn parse(text: &str) -> Result<Self, EmailRefused> {
        let text = text.trim().to_lowercase();
        if text.len() > limits::EMAIL_BYTES_MAX {
            return Err(EmailRefused::TooLong);
        }
        let (name, host) = text.rsplit_once('@').ok_or(EmailRefused::NoAtSign)?;
        if name.is_empty() {
            return Err(EmailRefused::NoName);
        }
        let label_fits =
            |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !host.contains('.') || !host.split('.').all(|label| !label.is_empty()) {
            return Err(EmailRefused::NoDomain);
        }
        // A header line is made of these: line breaks, commas and angle brackets must never pass.
        let name_fits = name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        if !name_fits || !host.split('.').all(label_fits) {
            return Err(EmailRefused::BadCharacter);
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailRefused;
    fn try_from(text: String) -> Result<Self, EmailRefused> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, want: Result<&str, EmailRefused>) {
        assert_eq!(EmailAddress::parse(input).as_ref().map(EmailAddress::as_str), want.as_ref().copied(), "{input:?}");
    }

    #[test]
    fn parses_at_the_door() {
        check(" Ada@Firm.example ", Ok("ada@firm.example"));
        check("a.b+c@x-y.example", Ok("a.b+c@x-y.example"));
        check("ada", Err(EmailRefused::NoAtSign));
        check("@firm.example", Err(EmailRefused::NoName));
        check("ada@firm", Err(EmailRefused::NoDomain));
        check("ada@firm..example", Err(EmailRefused::NoDomain));
        check("ada@x.example\nbcc: b@x.example", Err(EmailRefused::BadCharacter));
        check("a da@x.example", Err(EmailRefused::BadCharacter));
        check("a<b>@x.example", Err(EmailRefused::BadCharacter));
        check(&format!("{}@x.example", "a".repeat(300)), Err(EmailRefused::TooLong));
    }
}
