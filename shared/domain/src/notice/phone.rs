//! A code by text message, by which somebody proves that a number is theirs: how many are sent, how long each is good
//! and how often it may be tried. The code itself is known to the phone; here is its hash.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits::{PHONE_CODE_SECONDS, PHONE_CODE_TRIES_MAX, PHONE_CODES_MAX, PHONE_CODES_SECONDS};
use crate::person::Phone;

/// The newest code of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneCode {
    /// Where it was sent. It proves no other number.
    pub phone: Phone,
    pub hash: String,
    /// Codes tried.
    tries: u32,
    /// When codes were sent within the time in which they are counted, this one last.
    sent: Vec<Timestamp>,
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneCodeRefused {
    #[error("Your firm has no mobile number of yours. Ask it to add yours.")]
    NoPhone,
    #[error("You were sent {PHONE_CODES_MAX} codes within an hour. Wait an hour, then ask for another one.")]
    TooMany,
    #[error("No code was sent to this number. Ask for one first.")]
    NoneSent,
    #[error("That code is too old. Ask for a new one.")]
    Expired,
    #[error("That code was tried {PHONE_CODE_TRIES_MAX} times and no longer counts. Ask for a new one.")]
    TriesOver,
    #[error("Type the six digits from the text message.")]
    NotACode,
    #[error("That is not the code that was sent. Check it, and type it again.")]
    Wrong,
}

impl PhoneCode {
    /// A code in place of the one before, if another one may be sent.
    pub fn send(
        before: Option<&PhoneCode>,
        phone: Phone,
        hash: String,
        now: Timestamp,
    ) -> Result<PhoneCode, PhoneCodeRefused> {
        let is_counted = |at: &&Timestamp| now.as_second() - at.as_second() < PHONE_CODES_SECONDS;
        let sent = before.map_or(&[][..], |before| &before.sent).iter().filter(is_counted);
        let mut sent: Vec<Timestamp> = sent.copied().collect();
        if sent.len() >= PHONE_CODES_MAX {
            return Err(PhoneCodeRefused::TooMany);
        }
        sent.push(now);
        let version = before.map_or(0, |before| before.version) + 1;
        Ok(PhoneCode { phone, hash, tries: 0, sent, version })
    }

    /// Takes one of its tries, before the code is looked at: guesses side by side share them.
    pub fn tried(&self, phone: &Phone, now: Timestamp) -> Result<PhoneCode, PhoneCodeRefused> {
        if self.phone != *phone {
            return Err(PhoneCodeRefused::NoneSent);
        }
        if !self.is_good(now) {
            return Err(PhoneCodeRefused::Expired);
        }
        if self.tries >= PHONE_CODE_TRIES_MAX {
            return Err(PhoneCodeRefused::TriesOver);
        }
        Ok(PhoneCode { tries: self.tries + 1, version: self.version + 1, ..self.clone() })
    }

    /// It has proven its number and is worth nothing more. It goes on counting among those that were sent.
    pub fn used(&self) -> PhoneCode {
        PhoneCode { tries: PHONE_CODE_TRIES_MAX, version: self.version + 1, ..self.clone() }
    }

    /// Whether the person is to type it now.
    pub fn is_awaited(&self, phone: &Phone, now: Timestamp) -> bool {
        self.tried(phone, now).is_ok()
    }

    /// From when on it counts for nothing at all.
    pub fn lapses_second(&self) -> i64 {
        self.sent.last().map_or(0, |at| at.as_second() + PHONE_CODES_SECONDS)
    }

    fn is_good(&self, now: Timestamp) -> bool {
        self.sent.last().is_some_and(|at| now.as_second() - at.as_second() < PHONE_CODE_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-24T{time}Z").parse().unwrap()
    }

    fn phone(text: &str) -> Phone {
        Phone::parse(text).unwrap()
    }

    fn sent(before: Option<&PhoneCode>, time: &str) -> Result<PhoneCode, PhoneCodeRefused> {
        PhoneCode::send(before, phone("+12025550143"), "hash".into(), at(time))
    }

    #[test]
    fn a_code_is_good_for_its_number_some_minutes_and_some_tries() {
        let code = sent(None, "10:00:00").unwrap();
        let check = |code: &PhoneCode, number: &str, time: &str, want: Result<(), PhoneCodeRefused>| {
            assert_eq!(code.tried(&phone(number), at(time)).map(drop), want, "{number} {time}");
            assert_eq!(code.is_awaited(&phone(number), at(time)), want.is_ok());
        };
        check(&code, "+12025550143", "10:00:00", Ok(()));
        check(&code, "+12025550143", "10:09:59", Ok(()));
        check(&code, "+12025550143", "10:10:00", Err(PhoneCodeRefused::Expired));
        check(&code, "+12025550144", "10:00:00", Err(PhoneCodeRefused::NoneSent));
        let mut tried = code.clone();
        for n in 1..=PHONE_CODE_TRIES_MAX {
            tried = tried.tried(&code.phone, at("10:01:00")).unwrap();
            assert_eq!(tried.version, code.version + u64::from(n));
        }
        check(&tried, "+12025550143", "10:02:00", Err(PhoneCodeRefused::TriesOver));
        check(&code.used(), "+12025550143", "10:02:00", Err(PhoneCodeRefused::TriesOver));
        // The next one has tries of its own.
        let next = sent(Some(&tried), "10:03:00").unwrap();
        check(&next, "+12025550143", "10:12:59", Ok(()));
    }

    #[test]
    fn so_many_are_sent_within_an_hour_used_or_not() {
        let first = sent(None, "10:00:00").unwrap();
        let second = sent(Some(&first.used()), "10:20:00").unwrap();
        let third = sent(Some(&second), "10:40:00").unwrap();
        assert_eq!(sent(Some(&third), "10:59:59"), Err(PhoneCodeRefused::TooMany));
        let fourth = sent(Some(&third), "11:00:00").unwrap();
        assert_eq!(sent(Some(&fourth), "11:19:59"), Err(PhoneCodeRefused::TooMany));
        assert_eq!(fourth.sent.len(), PHONE_CODES_MAX);
        assert_eq!(fourth.lapses_second(), at("12:00:00").as_second());
        assert!(sent(Some(&fourth), "13:00:00").is_ok());
    }
}
