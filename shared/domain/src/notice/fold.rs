//! What comes in a burst is told once: when a fold of news closes.

use std::ops::Range;

use jiff::{Timestamp, ToSpan};

use super::kind::Kind;
use crate::limits;

/// How long news of one kind wait for more of their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldRule {
    /// A fold closes when nothing more came for this long.
    pub window_seconds: i64,
    /// And this long after its first news at the latest, however much still comes.
    pub longest_seconds: i64,
}

impl FoldRule {
    /// A part of the time, where a deployment is in more of a hurry.
    pub fn in_percent(self, percent: i64) -> Self {
        let percent = percent.clamp(1, limits::FOLD_PERCENT_MAX);
        let of = |seconds: i64| (seconds * percent / 100).max(1);
        Self { window_seconds: of(self.window_seconds), longest_seconds: of(self.longest_seconds) }
    }
}

impl Kind {
    /// None for what is told by itself, and without waiting. Which news are told together says
    /// [`super::Cause::is_told_with`].
    pub fn fold(self) -> Option<FoldRule> {
        let rule = |window_seconds, longest_seconds| Some(FoldRule { window_seconds, longest_seconds });
        match self {
            Kind::Document | Kind::RefusedFile => rule(limits::FOLD_FILES_SECONDS, limits::FOLD_FILES_SECONDS_MAX),
            Kind::Request => rule(limits::FOLD_LIST_SECONDS, limits::FOLD_LIST_SECONDS_MAX),
            // Somebody writes in three lines what is one message.
            Kind::Message => rule(limits::FOLD_MESSAGES_SECONDS, limits::FOLD_MESSAGES_SECONDS_MAX),
            Kind::Deadline
            | Kind::Invoice
            | Kind::Signature
            | Kind::Progress
            | Kind::Appointment
            | Kind::NotReached
            | Kind::Summary
            | Kind::Newsletter => None,
        }
    }
}

/// The fold of one of these news, which are in the order of time, and the places of all that are told with it.
pub fn fold_of(rule: FoldRule, happened_at: &[Timestamp], place: usize) -> Option<(Fold, Range<usize>)> {
    let mut first = 0;
    for fold in folds(rule, happened_at) {
        let places = first..first + fold.count;
        if places.contains(&place) {
            return Some((fold, places));
        }
        first = places.end;
    }
    None
}

/// News that are told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub count: usize,
    /// What comes at this instant or later begins a fold of its own.
    pub closes_at: Timestamp,
}

impl Fold {
    fn begin(at: Timestamp, rule: FoldRule) -> Self {
        Self { first_at: at, last_at: at, count: 1, closes_at: later(at, rule.window_seconds) }
    }

    /// With one more, not before its last. None where that comes too late for it.
    fn with(self, at: Timestamp, rule: FoldRule) -> Option<Self> {
        if at >= self.closes_at {
            return None;
        }
        let count = self.count + 1;
        let closes_at = if count >= limits::NOTICES_FOLDED_MAX {
            // Nothing waits for what will not fit.
            at
        } else {
            later(at, rule.window_seconds).min(later(self.first_at, rule.longest_seconds))
        };
        Some(Self { last_at: at, count, closes_at, ..self })
    }
}

/// The folds of news that may be told together, in the order of time, by the instants at which they happened. The last
/// one is still open until it closes. The order in which the instants are given does not matter.
pub fn folds(rule: FoldRule, happened_at: &[Timestamp]) -> Vec<Fold> {
    let mut instants = happened_at.to_vec();
    instants.sort_unstable();
    let mut folds: Vec<Fold> = Vec::new();
    for at in instants {
        match folds.last().and_then(|fold| fold.with(at, rule)) {
            Some(larger) => {
                folds.pop();
                folds.push(larger);
            }
            None => folds.push(Fold::begin(at, rule)),
        }
    }
    folds
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(seconds.seconds()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: FoldRule = FoldRule { window_seconds: 10, longest_seconds: 25 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Wanted: first, last, count and close of each fold.
    fn check(seconds: &[i64], want: &[(i64, i64, usize, i64)]) {
        let mut instants: Vec<Timestamp> = seconds.iter().map(|second| at(*second)).collect();
        let want: Vec<Fold> = want
            .iter()
            .map(|(first, last, count, closes)| Fold {
                first_at: at(*first),
                last_at: at(*last),
                count: *count,
                closes_at: at(*closes),
            })
            .collect();
        assert_eq!(folds(RULE, &instants), want, "{seconds:?}");
        instants.reverse();
        assert_eq!(folds(RULE, &instants), want, "{seconds:?} the other way round");
    }

    #[test]
    fn a_burst_is_one_fold_until_it_pauses() {
        check(&[], &[]);
        check(&[0], &[(0, 0, 1, 10)]);
        check(&[0, 0, 3, 9], &[(0, 9, 4, 19)]);
        // At the very instant of the close it is too late.
        check(&[0, 9, 19], &[(0, 9, 2, 19), (19, 19, 1, 29)]);
    }

    #[test]
    fn a_burst_without_end_is_told_all_the_same() {
        let seconds: Vec<i64> = (0..60).step_by(5).collect();
        check(&seconds, &[(0, 20, 5, 25), (25, 45, 5, 50), (50, 55, 2, 65)]);
    }

    #[test]
    fn a_fold_that_is_full_closes() {
        let most = limits::NOTICES_FOLDED_MAX;
        check(&vec![0; most + 1], &[(0, 0, most, 0), (0, 0, 1, 10)]);
        // What happened at the same instant and did not fit is told with the next.
        let places = |place| fold_of(RULE, &vec![at(0); most + 2], place).map(|(_, places)| places);
        assert_eq!(places(0), Some(0..most));
        assert_eq!(places(most + 1), Some(most..most + 2));
        assert_eq!(places(most + 2), None);
    }

    #[test]
    fn a_part_of_the_time_is_a_second_at_least() {
        assert_eq!(RULE.in_percent(40), FoldRule { window_seconds: 4, longest_seconds: 10 });
        assert_eq!(RULE.in_percent(0), FoldRule { window_seconds: 1, longest_seconds: 1 });
        assert_eq!(RULE.in_percent(1_000), RULE);
    }

    /// Drawn at random, and worked out second by second.
    #[test]
    fn folds_are_as_somebody_with_a_watch_finds_them() {
        let mut dice = 7_u64;
        for round in 0..200 {
            let mut seconds: Vec<i64> = (0..20)
                .map(|_| {
                    dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    ((dice >> 33) % 120) as i64
                })
                .collect();
            seconds.sort_unstable();
            let (mut want, mut open) = (Vec::new(), None::<(i64, i64, usize)>);
            for now in 0..=200 {
                if let Some((first, last, count)) = open
                    && (now - last == RULE.window_seconds || now - first == RULE.longest_seconds)
                {
                    want.push((first, last, count, now));
                    open = None;
                }
                for _ in seconds.iter().filter(|second| **second == now) {
                    open = Some(open.map_or((now, now, 1), |(first, _, count)| (first, now, count + 1)));
                }
            }
            assert_eq!(open, None, "round {round}");
            check(&seconds, &want);
        }
    }

    #[test]
    fn every_rule_is_one_that_ends() {
        for rule in Kind::ALL.into_iter().filter_map(Kind::fold) {
            assert!(0 < rule.window_seconds && rule.window_seconds < rule.longest_seconds, "{rule:?}");
        }
        assert_eq!(Kind::Document.fold(), Some(FoldRule { window_seconds: 120, longest_seconds: 600 }));
    }
}
