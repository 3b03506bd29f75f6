//! Which certificates are pinned after a provider's metadata was read once more.

use super::Certificate;
use crate::bounds;

/// How the metadata came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// By itself, since somebody came with an unknown key: anybody can bring that about.
    Alone,
    /// Somebody of the firm had it fetched from where it lies.
    Fetched,
    /// Somebody of the firm brought the file.
    Brought,
}

/// What is pinned from here on. Nothing that happens by itself drops a pin, and what somebody removed stays away, though
/// the provider publishes it still, until somebody brings it. None where nothing would be left.
pub fn pinned_after(
    read: Read,
    before: Vec<Certificate>,
    found: Vec<Certificate>,
    removed: &[String],
) -> Option<Vec<Certificate>> {
    let stays = |certificate: &Certificate| read == Read::Brought || !removed.contains(&certificate.fingerprint());
    let found = found.into_iter().filter(stays);
    let pinned: Vec<Certificate> = match read {
        Read::Fetched | Read::Brought => found.collect(),
        Read::Alone => {
            let mut pinned = before;
            for new in found {
                if pinned.len() < bounds::CERTIFICATES_MAX && !pinned.contains(&new) {
                    pinned.push(new);
                }
            }
            pinned
        }
    };
    (!pinned.is_empty()).then_some(pinned)
}

/// The fingerprints that were removed by hand, the newest last and no more than so many, once `now` is pinned by
/// somebody in the place of `before`.
pub fn removed_after(removed: Vec<String>, before: &[Certificate], now: &[Certificate], most: usize) -> Vec<String> {
    let prints = |certificates: &[Certificate]| certificates.iter().map(Certificate::fingerprint).collect::<Vec<_>>();
    let (before, now) = (prints(before), prints(now));
    let mut removed: Vec<String> = removed.into_iter().chain(before).filter(|print| !now.contains(print)).collect();
    removed.drain(..removed.len().saturating_sub(most));
    removed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::make_own_key;

    /// Certificates by the letters of a word, the same for the same letter.
    struct Letters(Vec<(char, Certificate)>);

    impl Letters {
        fn new() -> Self {
            let made = |(at, letter)| (letter, make_own_key("a provider", 30 + at).unwrap().certificate);
            Self((0_u128..).zip("abcdef".chars()).map(made).collect())
        }

        fn of(&self, word: &str) -> Vec<Certificate> {
            let one = |letter| self.0.iter().find(|(known, _)| *known == letter).unwrap().1.clone();
            word.chars().map(one).collect()
        }

        fn prints(&self, word: &str) -> Vec<String> {
            self.of(word).iter().map(Certificate::fingerprint).collect()
        }

        fn word(&self, certificates: &[Certificate]) -> String {
            let letter = |one: &Certificate| self.0.iter().find(|(_, known)| known == one).unwrap().0;
            certificates.iter().map(letter).collect()
        }
    }

    #[test]
    fn what_somebody_removed_stays_away_and_nothing_is_dropped_by_itself() {
        let letters = Letters::new();
        for (read, before, found, removed, want) in [
            (Read::Alone, "a", "b", "", Some("ab")),
            (Read::Alone, "a", "ab", "", Some("ab")),
            // Removed by hand, and published still: whoever has its key posts a response that is signed by it.
            (Read::Alone, "a", "ab", "b", Some("a")),
            (Read::Alone, "a", "b", "b", Some("a")),
            (Read::Alone, "abcd", "e", "", Some("abcd")),
            (Read::Alone, "abc", "def", "d", Some("abce")),
            (Read::Fetched, "ab", "bc", "", Some("bc")),
            (Read::Fetched, "a", "ab", "b", Some("a")),
            (Read::Fetched, "a", "b", "b", None),
            (Read::Brought, "a", "b", "b", Some("b")),
            (Read::Brought, "ab", "c", "", Some("c")),
        ] {
            let pinned = pinned_after(read, letters.of(before), letters.of(found), &letters.prints(removed));
            let pinned = pinned.map(|pinned| letters.word(&pinned));
            assert_eq!(pinned.as_deref(), want, "{read:?} {before} {found} {removed}");
        }
    }

    #[test]
    fn what_is_removed_is_remembered_until_it_is_pinned_again() {
        let letters = Letters::new();
        for (removed, before, now, want) in
            [("", "ab", "a", "b"), ("b", "a", "ab", ""), ("b", "a", "a", "b"), ("abc", "de", "e", "bcd")]
        {
            let after = removed_after(letters.prints(removed), &letters.of(before), &letters.of(now), 3);
            assert_eq!(after, letters.prints(want), "{removed} {before} {now}");
        }
    }
}
