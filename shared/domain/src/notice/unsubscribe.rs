//! One press in a mail program, without signing in (RFC 8058): what it does to a person's preferences, and what the page
//! behind it says.

use super::kind::{FirmRule, FirmRules, Kind, Pace};
use super::preferences::Preferences;

/// Whether a mail of this kind carries the header for it: only where pressing it would change something.
pub fn is_offered(kind: Kind, rule: FirmRule, preferences: &Preferences) -> bool {
    preferences.pace(kind, rule) < rule.least
}

/// What pressing it came to, for one of the kinds that the mail told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsubscribed {
    pub kind: Kind,
    /// How it comes from here on: as little as the firm allows.
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
                format!("{kind}: in a weekly digest from here on. {firm_name} sends this once a week at least.")
            }
            Pace::Daily => {
                format!("{kind}: in a daily summary from here on. {firm_name} sends this once a day at least.")
            }
            Pace::AtOnce => format!("{kind}: still at once. {firm_name} sends this to everybody it concerns."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Tier;

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
            "New documents: in a weekly digest from here on. Hartwell & Pryce sends this once a week at least.",
        );
        check(
            Kind::Message,
            true,
            Pace::Daily,
            "Messages: in a daily summary from here on. Hartwell & Pryce sends this once a day at least.",
        );
        check(
            Kind::Deadline,
            false,
            Pace::AtOnce,
            "Deadlines: still at once. Hartwell & Pryce sends this to everybody it concerns.",
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
