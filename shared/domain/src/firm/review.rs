//! The review of who has access: a list that a partner works through each quarter. It asks and remembers; nothing is
//! taken from anybody by itself.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PersonId, limits};

/// One round: when it began, and when somebody said that it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Counts rounds.
    pub round: u32,
    pub started_at: Timestamp,
    pub started_by: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_by: Option<PersonId>,
}

impl Review {
    pub fn is_open(&self) -> bool {
        self.finished_at.is_none()
    }
}

/// What was decided for one membership in one round: the places that were kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// Ids of clients, and `FIRM` for a membership of the firm.
    pub kept: BTreeSet<String>,
    pub at: Timestamp,
    pub by: PersonId,
}

/// Where a firm stands with its reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing to do until then.
    Rests { until: Timestamp },
    /// A quarter has passed since the last one, or since the firm began.
    Due { since: Timestamp },
    /// A round has begun.
    Open,
}

/// `began` is when the firm itself did.
pub fn standing(last: Option<&Review>, began: Timestamp, now: Timestamp) -> Standing {
    let from = match last {
        Some(review) => match review.finished_at {
            Some(at) => at,
            None => return Standing::Open,
        },
        None => began,
    };
    let due = next_due(from);
    if now >= due { Standing::Due { since: due } } else { Standing::Rests { until: due } }
}

/// A quarter later.
pub fn next_due(from: Timestamp) -> Timestamp {
    let quarter = jiff::SignedDuration::from_secs(limits::REVIEW_EVERY_DAYS * 24 * 60 * 60);
    from.checked_add(quarter).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("{text}T10:00:00Z").parse().unwrap()
    }

    fn review(finished: Option<&str>) -> Review {
        Review {
            round: 1,
            started_at: at("2026-01-02"),
            started_by: PersonId::from_bits(1),
            finished_at: finished.map(at),
            finished_by: None,
        }
    }

    #[test]
    fn a_review_is_due_a_quarter_after_the_last() {
        let check = |last: Option<Review>, now: &str, want: Standing| {
            assert_eq!(standing(last.as_ref(), at("2026-01-01"), at(now)), want, "{last:?} {now}");
        };
        check(None, "2026-03-01", Standing::Rests { until: at("2026-04-02") });
        check(None, "2026-04-02", Standing::Due { since: at("2026-04-02") });
        check(Some(review(None)), "2030-01-01", Standing::Open);
        check(Some(review(Some("2026-01-10"))), "2026-04-02", Standing::Rests { until: at("2026-04-11") });
        check(Some(review(Some("2026-01-10"))), "2026-05-01", Standing::Due { since: at("2026-04-11") });
    }
}
