//! How fast codes may be tried. Each wrong one makes the next wait longer, up to a bound: who guesses is slowed down,
//! and whoever is slowed down by a stranger's guesses gets in after a while, by themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits;

/// Wrong tries since the last right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    #[serde(default)]
    pub wrong: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
}

impl Tries {
    /// Seconds until the next try is looked at; 0 where it is looked at now.
    pub fn wait_seconds(&self, now: Timestamp) -> u64 {
        let Some(last_at) = self.last_at else { return 0 };
        let since = now.as_second() - last_at.as_second();
        u64::try_from(delay_seconds(self.wrong) - since).unwrap_or(0)
    }

    /// With one more, which counts as wrong until it turns out right.
    pub fn with_one_more(&self, now: Timestamp) -> Tries {
        let forgotten = |last: Timestamp| now.as_second() - last.as_second() >= limits::TRIES_FORGOTTEN_SECONDS;
        let wrong = if self.last_at.is_some_and(forgotten) { 0 } else { self.wrong };
        Tries { wrong: wrong.saturating_add(1), last_at: Some(now) }
    }
}

/// A few tries are free; from then on the wait doubles.
fn delay_seconds(wrong: u32) -> i64 {
    let Some(beyond) = wrong.checked_sub(limits::TRIES_FREE) else { return 0 };
    if beyond == 0 {
        return 0;
    }
    (1_i64 << beyond.min(20)).min(limits::TRY_DELAY_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let waits: Vec<i64> = (0..16).map(delay_seconds).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delay_seconds(u32::MAX), limits::TRY_DELAY_SECONDS_MAX);
    }

    #[test]
    fn a_lock_out_ends_by_itself() {
        let last_at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let check = |wrong: u32, now: &str, want: u64| {
            let tries = Tries { wrong, last_at: Some(last_at) };
            assert_eq!(tries.wait_seconds(now.parse().unwrap()), want, "{wrong} at {now}");
        };
        check(4, "2026-11-24T10:00:00Z", 0);
        check(6, "2026-11-24T10:00:00Z", 4);
        check(6, "2026-11-24T10:00:03Z", 1);
        check(6, "2026-11-24T10:00:04Z", 0);
        check(1_000_000, "2026-11-24T10:14:59Z", 1);
        check(1_000_000, "2026-11-24T10:15:00Z", 0);
        assert_eq!(Tries::default().wait_seconds(last_at), 0);
    }

    #[test]
    fn old_tries_are_forgotten() {
        let last_at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let tries = Tries { wrong: 9, last_at: Some(last_at) };
        let check = |now: &str, want: u32| assert_eq!(tries.with_one_more(now.parse().unwrap()).wrong, want, "{now}");
        check("2026-11-25T09:59:59Z", 10);
        check("2026-11-25T10:00:00Z", 1);
    }
}
