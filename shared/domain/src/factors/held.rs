//! What one person has enrolled: an app that shows codes, passkeys, recovery codes. Pure decisions over it; the
//! arithmetic of codes and signatures is handed in.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Means;
use crate::limits;

/// All factors of a person. It is sealed as a whole where it is stored, and prints no secret.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Held {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<CodeApp>,
    /// A seed that was shown and of which no code has been typed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Offered>,
    #[serde(default)]
    pub passkeys: Vec<Passkey>,
    /// Hashes of the recovery codes that are left.
    #[serde(default)]
    pub recovery: Vec<String>,
}

/// An app that shows a new code every half minute (RFC 6238).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeApp {
    pub seed: String,
    /// The step of the last code that counted: no step counts twice.
    pub last_step: u64,
    pub added_at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    pub seed: String,
    pub at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// A hash of the credential's own id, which is of any length.
    pub id: String,
    pub name: String,
    /// The verifier's state: public key and counter.
    pub state: String,
    pub added_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (app, passkeys, left) = (self.app.is_some(), self.passkeys.len(), self.recovery.len());
        write!(f, "Held(app: {app}, passkeys: {passkeys}, recovery: {left})")
    }
}

/// What somebody typed where a code of the app or a recovery code is asked for: they cannot be taken for each other.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits.
    Code(String),
    /// As it is hashed: letters and digits without what separates them.
    Recovery(String),
}

impl Typed {
    pub fn parse(text: &str) -> Option<Typed> {
        let text = text.trim();
        if text.len() > 100 {
            return None;
        }
        let marks: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let digits = marks.bytes().all(|b| b.is_ascii_digit());
        if digits && marks.len() == CODE_DIGITS {
            return Some(Typed::Code(marks));
        }
        // As people read letters off paper: no capitals, and what looks like a digit is one.
        let plain: String = marks.to_ascii_uppercase().replace(['I', 'L'], "1").replace('O', "0");
        let ours = plain.len() == RECOVERY_CHARACTERS && plain.bytes().all(|b| ALPHABET.contains(&b));
        ours.then_some(Typed::Recovery(plain))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Typed::Code(_) => "Code(..)",
            Typed::Recovery(_) => "Recovery(..)",
        })
    }
}

const CODE_DIGITS: usize = 6;
/// 24 characters of 5 bits: enough that a plain hash keeps them secret.
const RECOVERY_CHARACTERS: usize = 24;
const RECOVERY_GROUP: usize = 4;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new recovery code of 120 random bits, in groups as it is shown and typed.
pub fn recovery_code(bits: u128) -> String {
    let letters: Vec<char> =
        (0..RECOVERY_CHARACTERS).map(|place| char::from(ALPHABET[(bits >> (place * 5)) as usize & 31])).collect();
    let groups: Vec<String> = letters.chunks(RECOVERY_GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// The step of an instant: half minutes since 1970.
pub fn step_of(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0) / limits::TOTP_STEP_SECONDS
}

/// The step whose code was typed, if any counts: the one of now, one before or after it for clocks that differ, and
/// later than the last that counted. `is_right` says whether the typed code is that of a step.
pub fn step_that_counts(now: Timestamp, last_step: Option<u64>, is_right: impl Fn(u64) -> bool) -> Option<u64> {
    let here = step_of(now);
    let near = here.saturating_sub(limits::TOTP_SKEW_STEPS)..=here + limits::TOTP_SKEW_STEPS;
    // Every step is tried, so that the time it takes does not tell which one was right.
    let right: Vec<u64> = near.filter(|step| is_right(*step)).collect();
    right.into_iter().find(|step| last_step.is_none_or(|last| *step > last))
}

/// Why a factor was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolRefused {
    #[error("You have as many passkeys as there can be. Remove one that you no longer use, then add this one.")]
    TooManyPasskeys,
    #[error("This passkey is on your list already.")]
    KnownPasskey,
    #[error("That key was shown too long ago. Start again and scan the new one.")]
    OfferGone,
    #[error("That code is not right. Check that the clock of your phone is right, and type the newest code.")]
    WrongCode,
}

impl Held {
    /// Whether there is anything to ask for beside the mailed link. Recovery codes alone are none: they stand in for a
    /// factor that was lost.
    pub fn enrolled(&self) -> bool {
        self.app.is_some() || !self.passkeys.is_empty()
    }

    pub fn offer(self, seed: String, at: Timestamp) -> Held {
        Held { offered: Some(Offered { seed, at }), ..self }
    }

    /// The seed that is being set up, as long as it is fresh.
    pub fn offered(&self, now: Timestamp) -> Option<&Offered> {
        let age = |offered: &&Offered| now.as_second() - offered.at.as_second();
        self.offered.as_ref().filter(|offered| age(offered) < limits::TOTP_OFFER_SECONDS)
    }

    /// Takes the offered seed up, once a code of it was typed. The old app, if there was one, no longer counts.
    pub fn accept_offer(self, now: Timestamp, is_right: impl Fn(u64) -> bool) -> Result<Held, EnrolRefused> {
        let seed = self.offered(now).ok_or(EnrolRefused::OfferGone)?.seed.clone();
        let step = step_that_counts(now, None, is_right).ok_or(EnrolRefused::WrongCode)?;
        Ok(Held { app: Some(CodeApp { seed, last_step: step, added_at: now }), offered: None, ..self })
    }

    pub fn add_passkey(mut self, passkey: Passkey) -> Result<Held, EnrolRefused> {
        if self.passkeys.iter().any(|known| known.id == passkey.id) {
            return Err(EnrolRefused::KnownPasskey);
        }
        if self.passkeys.len() >= limits::PASSKEYS_PER_PERSON_MAX {
            return Err(EnrolRefused::TooManyPasskeys);
        }
        self.passkeys.push(passkey);
        Ok(self)
    }

    pub fn passkey(&self, id: &str) -> Option<&Passkey> {
        self.passkeys.iter().find(|passkey| passkey.id == id)
    }

    /// Nothing where there is none of that id. With the last factor its recovery codes go.
    pub fn without_passkey(mut self, id: &str) -> Option<Held> {
        let before = self.passkeys.len();
        self.passkeys.retain(|passkey| passkey.id != id);
        (self.passkeys.len() < before).then(|| self.tidy())
    }

    pub fn without_app(self) -> Option<Held> {
        self.app.is_some().then(|| Held { app: None, offered: None, ..self }.tidy())
    }

    /// After a passkey was used: its new state, when, and as what it proves.
    pub fn used_passkey(mut self, id: &str, state: String, at: Timestamp) -> (Held, Means) {
        for passkey in self.passkeys.iter_mut().filter(|passkey| passkey.id == id) {
            passkey.state = state.clone();
            passkey.used_at = Some(at);
        }
        (self, Means::Passkey)
    }

    /// After a code of the app was typed. Nothing where no step counts, or there is no app.
    pub fn used_code(mut self, now: Timestamp, is_right: impl Fn(&str, u64) -> bool) -> Option<(Held, Means)> {
        let app = self.app.as_mut()?;
        let seed = app.seed.clone();
        app.last_step = step_that_counts(now, Some(app.last_step), |step| is_right(&seed, step))?;
        Some((self, Means::Totp))
    }

    /// Spends a recovery code: each works once.
    pub fn used_recovery(mut self, hash: &str) -> Option<(Held, Means)> {
        let before = self.recovery.len();
        self.recovery.retain(|known| known != hash);
        (self.recovery.len() < before).then_some((self, Means::RecoveryCode))
    }

    fn tidy(self) -> Held {
        if self.enrolled() { self } else { Held::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn passkey(id: &str) -> Passkey {
        let added_at = at("2026-11-24T10:00:00Z");
        Passkey { id: id.to_owned(), name: "Phone".into(), state: "{}".into(), added_at, used_at: None }
    }

    #[test]
    fn a_code_counts_one_step_around_now_and_once() {
        let now = at("2026-11-24T10:00:15Z");
        let here = step_of(now);
        let check = |typed_of: u64, last: Option<u64>, want: Option<u64>| {
            assert_eq!(step_that_counts(now, last, |step| step == typed_of), want, "{typed_of} after {last:?}");
        };
        check(here, None, Some(here));
        check(here - 1, None, Some(here - 1));
        check(here + 1, None, Some(here + 1));
        check(here - 2, None, None);
        check(here + 2, None, None);
        check(here, Some(here), None);
        check(here - 1, Some(here), None);
        check(here + 1, Some(here), Some(here + 1));
        check(here, Some(here + 1), None);
    }

    #[test]
    fn the_steps_edges_are_those_of_the_clock() {
        let check = |text: &str, want: u64| assert_eq!(step_of(at(text)), want, "{text}");
        check("1970-01-01T00:00:00Z", 0);
        check("1970-01-01T00:00:29Z", 0);
        check("1970-01-01T00:00:30Z", 1);
        check("1970-01-01T00:00:59Z", 1);
        check("2005-03-18T01:58:29Z", 37_037_036);
    }

    #[test]
    fn what_is_typed_is_one_or_the_other() {
        let code = recovery_code(u128::MAX >> 3);
        let check = |text: &str, want: Option<Typed>| assert_eq!(Typed::parse(text), want, "{text:?}");
        check(" 012 345\n", Some(Typed::Code("012345".into())));
        check("01234", None);
        check("0123456", None);
        check("٠١٢٣٤٥", None);
        check(&code, Some(Typed::Recovery(code.replace('-', ""))));
        check(&code.to_lowercase().replace('-', " "), Some(Typed::Recovery(code.replace('-', ""))));
        check("iLoO-0000-0000-0000-0000-0000", Some(Typed::Recovery(format!("1100{}", "0".repeat(20)))));
        check("uuuu-0000-0000-0000-0000-0000", None);
        check(&"0".repeat(23), None);
        check(&"0".repeat(200), None);
        assert!(!format!("{:?}", Typed::parse("012345")).contains("012345"));
    }

    #[test]
    fn recovery_codes_are_long_and_differ() {
        assert_eq!(recovery_code(0), "0000-0000-0000-0000-0000-0000");
        assert_eq!(recovery_code((1 << 120) - 1), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_ne!(recovery_code(1), recovery_code(1 << 119));
    }

    #[test]
    fn a_recovery_code_works_once() {
        let held = Held { recovery: vec!["a".into(), "b".into()], ..Held::default() };
        assert_eq!(held.clone().used_recovery("c"), None);
        let (held, means) = held.used_recovery("a").unwrap();
        assert_eq!((held.recovery.as_slice(), means), (&["b".to_owned()][..], Means::RecoveryCode));
        assert_eq!(held.used_recovery("a"), None);
    }

    #[test]
    fn an_app_is_enrolled_by_its_first_code_and_that_code_is_used_up() {
        let (now, later) = (at("2026-11-24T10:00:15Z"), at("2026-11-24T10:09:59Z"));
        let offered = Held::default().offer("SEED".into(), now);
        assert!(!offered.enrolled());
        let wrong = offered.clone().accept_offer(later, |_| false);
        assert_eq!(wrong, Err(EnrolRefused::WrongCode));
        let late = offered.clone().accept_offer(at("2026-11-24T10:15:15Z"), |_| true);
        assert_eq!(late, Err(EnrolRefused::OfferGone));
        let here = step_of(later);
        let held = offered.accept_offer(later, |step| step == here).unwrap();
        assert!(held.enrolled() && held.offered.is_none());
        assert_eq!(held.clone().used_code(later, |_, step| step == here), None, "the code that enrolled it");
        let (held, _) = held.used_code(later, |seed, step| seed == "SEED" && step == here + 1).unwrap();
        assert_eq!(held.app.map(|app| app.last_step), Some(here + 1));
    }

    #[test]
    fn passkeys_are_few_and_different() {
        let mut held = Held::default();
        for n in 0..limits::PASSKEYS_PER_PERSON_MAX {
            held = held.add_passkey(passkey(&n.to_string())).unwrap();
        }
        assert_eq!(held.clone().add_passkey(passkey("0")), Err(EnrolRefused::KnownPasskey));
        assert_eq!(held.clone().add_passkey(passkey("x")), Err(EnrolRefused::TooManyPasskeys));
        assert_eq!(held.clone().without_passkey("x"), None);
        let (held, _) = held.used_passkey("1", "new".into(), at("2026-11-24T11:00:00Z"));
        assert_eq!(held.passkey("1").map(|one| (one.state.as_str(), one.used_at.is_some())), Some(("new", true)));
        assert_eq!(held.passkey("0").map(|one| (one.state.as_str(), one.used_at.is_some())), Some(("{}", false)));
    }

    #[test]
    fn recovery_codes_go_with_the_last_factor() {
        let held = Held { recovery: vec!["a".into()], ..Held::default() }.add_passkey(passkey("k")).unwrap();
        assert!(held.enrolled());
        assert_eq!(held.without_passkey("k"), Some(Held::default()));
        assert_eq!(Held::default().without_app(), None);
    }

    #[test]
    fn nothing_of_it_prints() {
        let app = CodeApp { seed: "SEED".into(), last_step: 1, added_at: at("2026-11-24T10:00:00Z") };
        let held = Held { app: Some(app), recovery: vec!["HASH".into()], ..Held::default() };
        assert_eq!(format!("{held:?}"), "Held(app: true, passkeys: 0, recovery: 1)");
    }
}
