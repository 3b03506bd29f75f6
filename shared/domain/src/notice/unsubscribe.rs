//! One press in a mail program, without signing in (RFC 8058): what it does to a person's preferences, and what the page
//! behind it says.

use super::kind::{FirmRule, FirmRules, Kind, Pace};
use super::preferences::Preferences;
use crate::ids::{ID_CHARACTERS, ulid};
use crate::{FirmId, PersonId};

/// Who turns what down, as the address says it that a mail carries. It is stored nowhere: the rest of the address is a
/// keyed hash of it, and nobody without the key can make another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribeLink {
    pub firm: FirmId,
    pub person: PersonId,
    /// Each once, and one at least.
    pub kinds: Vec<Kind>,
}

impl UnsubscribeLink {
    pub fn new(firm: &FirmId, person: &PersonId, kinds: &[Kind]) -> Self {
        let mut kinds = kinds.to_vec();
        kinds.sort();
        kinds.dedup();
        Self { firm: firm.clone(), person: person.clone(), kinds }
    }

    /// What is signed. Nothing else that is hashed by the same key begins with this word.
    pub fn signed_text(&self) -> String {
        format!("unsubscribe|{}|{}|{}", self.firm, self.person, self.letters())
    }

    /// The last part of the address: ids, a letter for each kind, and the first half of a keyed hash of 32 bytes. None
    /// where that is shorter, or where there is nothing to turn down.
    pub fn token(&self, mac: &[u8]) -> Option<String> {
        let mac = ulid(u128::from_be_bytes(mac.get(..16)?.try_into().ok()?));
        let letters = self.letters();
        (!letters.is_empty()).then(|| format!("{}{}{mac}{letters}", self.firm, self.person))
    }

    /// What a token claims. It is true if the token that the claim is signed with is the same one, letter by letter.
    pub fn parse(token: &str) -> Option<Self> {
        let part = |n: usize| token.get(n * ID_CHARACTERS..(n + 1) * ID_CHARACTERS);
        let (firm, person) = (FirmId::parse(part(0)?).ok()?, PersonId::parse(part(1)?).ok()?);
        let letters = token.get(3 * ID_CHARACTERS..)?;
        if letters.is_empty() || letters.len() > Kind::ALL.len() {
            return None;
        }
        let kinds: Vec<Kind> = letters.chars().map(of_letter).collect::<Option<_>>()?;
        let is_twice = |(n, kind): (usize, &Kind)| kinds[..n].contains(kind);
        (!kinds.iter().enumerate().any(is_twice)).then_some(Self { firm, person, kinds })
    }

    fn letters(&self) -> String {
        self.kinds.iter().copied().map(letter).collect()
    }
}

/// A letter stays what it is: mails are kept for years.
fn letter(kind: Kind) -> char {
    match kind {
        Kind::Deadline => 'd',
        Kind::Invoice => 'i',
        Kind::Signature => 's',
        Kind::Message => 'm',
        Kind::Request => 'r',
        Kind::Document => 'n',
        Kind::RefusedFile => 'f',
        Kind::Progress => 'p',
        Kind::Appointment => 'a',
        Kind::NotReached => 'o',
        Kind::Summary => 'u',
        Kind::Newsletter => 'l',
    }
}

fn of_letter(text: char) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| letter(*kind) == text)
}

/// Whether a mail of this kind carries the header for it: only where pressing it would change something.
pub fn is_offered(kind: Kind, rule: FirmRule, preferences: &Preferences) -> bool {
    preferences.pace(kind, rule) < rule.least
}

/// What pressing it came to, for one of the kinds that the mail told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsubscribed {
    pub kind: Kind,
    /// How it comes from now on: as little as the firm allows.
    pub pace: Pace,
}

/// Turns down the kinds that a mail told of as far as the firm allows: off, else weekly or daily. Never up. Pressed twice
/// it is the same.
pub fn unsubscribe(
    mut preferences: Preferences,
    kinds: &[Kind],
    rules: &FirmRules,
) -> (Preferences, Vec<Unsubscribed>) {
    let mut came_to = Vec::new();
    for kind in kinds.iter().copied() {
        let rule = rules.of(kind);
        preferences.set_pace(kind, rule, rule.least);
        came_to.push(Unsubscribed { kind, pace: rule.least });
    }
    came_to.sort_by_key(|one| one.kind);
    came_to.dedup();
    (preferences, came_to)
}

impl Unsubscribed {
    /// On the page, one line for each kind.
    pub fn sentence(self, firm_name: &str) -> String {
        let kind = self.kind.title();
        match self.pace {
            Pace::Off => format!("{kind}: off. You get no more mails about this."),
            Pace::Weekly => {
                format!("{kind}: in a weekly digest from now on. {firm_name} sends this once a week at least.")
            }
            Pace::Daily => {
                format!("{kind}: in a daily digest from now on. {firm_name} sends this once a day at least.")
            }
            Pace::AtOnce => format!("{kind}: still immediately. {firm_name} sends this to everybody it concerns."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Tier;

    /// Stands for a hash by a key: each letter of the text matters.
    fn mac(link: &UnsubscribeLink) -> [u8; 32] {
        let mut sum = [7_u8; 32];
        for (n, byte) in link.signed_text().bytes().enumerate() {
            let place = n % 32;
            sum[place] = sum[place].wrapping_mul(31).wrapping_add(byte);
            sum[(place + 1) % 32] ^= sum[place].rotate_left(3);
        }
        // Only the first half is told, so that all of it has to get there.
        for n in 0..16 {
            sum[n] ^= sum[n + 16];
        }
        sum
    }

    fn is_true(token: &str) -> bool {
        UnsubscribeLink::parse(token).is_some_and(|link| link.token(&mac(&link)).as_deref() == Some(token))
    }

    #[test]
    fn a_token_is_read_back_and_no_other_is_true() {
        let (firm, person) = (FirmId::from_bits(u128::MAX / 3), PersonId::from_bits(u128::MAX / 7));
        for kinds in [&[Kind::Document][..], &[Kind::Newsletter, Kind::Message, Kind::Message], &Kind::ALL] {
            let link = UnsubscribeLink::new(&firm, &person, kinds);
            let token = link.token(&mac(&link)).unwrap();
            assert_eq!(UnsubscribeLink::parse(&token).as_ref(), Some(&link));
            assert!(is_true(&token) && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
            // Every single letter changed into every other one, left out, or written twice.
            for place in 0..token.len() {
                for other in ('0'..='9').chain('A'..='Z').chain('a'..='z').chain(['-', '/', '\u{e9}']) {
                    let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
                    assert!(changed == token || !is_true(&changed), "{changed}");
                }
                assert!(!is_true(&format!("{}{}", &token[..place], &token[place + 1..])));
                assert!(!is_true(&format!("{}{}", &token[..=place], &token[place..])));
            }
        }
        for wrong in ["", "x", &"A".repeat(78), &"0".repeat(90), &"é".repeat(45)] {
            assert_eq!(UnsubscribeLink::parse(wrong), None, "{wrong:?}");
        }
        assert_eq!(UnsubscribeLink::new(&firm, &person, &[]).token(&[0; 32]), None);
        assert_eq!(UnsubscribeLink::new(&firm, &person, &Kind::ALL).token(&[0; 15]), None);
    }

    #[test]
    fn every_kind_has_a_letter_of_its_own() {
        let letters: std::collections::BTreeSet<char> = Kind::ALL.into_iter().map(letter).collect();
        assert_eq!(letters.len(), Kind::ALL.len());
        assert!(Kind::ALL.into_iter().all(|kind| of_letter(letter(kind)) == Some(kind)));
    }

    fn rules() -> FirmRules {
        FirmRules::default()
            .with(Kind::Progress, FirmRule { tier: Tier::Standard, least: Pace::Off })
            .with(Kind::Message, FirmRule { tier: Tier::Critical, least: Pace::Daily })
    }

    fn check(kind: Kind, offered: bool, want: Pace, words: &str) {
        let rules = rules();
        let rule = rules.of(kind);
        let before = Preferences::default();
        assert_eq!(is_offered(kind, rule, &before), offered, "{kind:?}");
        let (after, came_to) = unsubscribe(before, &[kind, kind], &rules);
        assert_eq!(came_to, [Unsubscribed { kind, pace: want }]);
        assert_eq!(came_to[0].sentence("Hartwell & Pryce"), words);
        assert_eq!(after.pace(kind, rule), want);
        assert!(!is_offered(kind, rule, &after));
        assert_eq!(unsubscribe(after.clone(), &[kind], &rules), (after, came_to));
    }

    #[test]
    fn turns_down_as_far_as_the_firm_allows() {
        check(Kind::Progress, true, Pace::Off, "Progress: off. You get no more mails about this.");
        check(
            Kind::Document,
            true,
            Pace::Weekly,
            "New documents: in a weekly digest from now on. Hartwell & Pryce sends this once a week at least.",
        );
        check(
            Kind::Message,
            true,
            Pace::Daily,
            "Messages: in a daily digest from now on. Hartwell & Pryce sends this once a day at least.",
        );
        check(
            Kind::Deadline,
            false,
            Pace::AtOnce,
            "Deadlines: still immediately. Hartwell & Pryce sends this to everybody it concerns.",
        );
    }

    #[test]
    fn a_digest_is_of_many_kinds_and_the_rest_stays() {
        let rules = rules();
        let kinds = [Kind::Newsletter, Kind::Document];
        let (after, came_to) = unsubscribe(Preferences::default(), &kinds, &rules);
        assert_eq!(came_to.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::Document, Kind::Newsletter]);
        for kind in Kind::ALL {
            let rule = rules.of(kind);
            let want = if kinds.contains(&kind) { rule.least } else { rule.pace() };
            assert_eq!(after.pace(kind, rule), want, "{kind:?}");
        }
    }
}
