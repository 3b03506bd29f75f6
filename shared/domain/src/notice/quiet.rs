//! Hours of the day in which a person is left alone.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use crate::limits::CLOCK_CHANGES_PER_NIGHT_MAX;

/// From a time of day to another, over midnight where the end is the earlier one. It is quiet whenever the person's own
/// clock says so: an hour that a clock shows twice is quiet twice, one that it skips is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    start: Clock,
    /// The first minute that is not quiet.
    end: Clock,
}

impl QuietHours {
    /// None where they end as they begin.
    pub fn between(start: Clock, end: Clock) -> Option<Self> {
        (start != end).then_some(Self { start, end })
    }

    pub fn start(self) -> Clock {
        self.start
    }

    pub fn end(self) -> Clock {
        self.end
    }

    fn hold(self, time: Time) -> bool {
        let (start, end) = (self.start.time(), self.end.time());
        if start <= end { start <= time && time < end } else { time >= start || time < end }
    }

    /// The first instant from this one on that is not quiet: the same where it is not.
    pub fn over_at(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        let mut at = at;
        for _ in 0..CLOCK_CHANGES_PER_NIGHT_MAX {
            let time = at.to_zoned(zone.clone()).time();
            if !self.hold(time) {
                return at;
            }
            let Some(end) = at.checked_add(self.left(time)).ok() else { return at };
            // Up to a change the clock runs evenly. From the change on it is asked anew.
            match zone.following(at).next().map(|change| change.timestamp()).filter(|change| *change <= end) {
                Some(change) => at = change,
                None => return end,
            }
        }
        at
    }

    /// What a clock that shows this time has to run until these hours end.
    fn left(self, time: Time) -> SignedDuration {
        let left = time.duration_until(self.end.time());
        if left.is_negative() { left + SignedDuration::from_hours(24) } else { left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar;

    fn check(hours: &str, zone: &str, at: &str, want: &str) {
        let (start, end) = hours.split_once('-').unwrap();
        let quiet = QuietHours::between(Clock::parse(start).unwrap(), Clock::parse(end).unwrap()).unwrap();
        let zone = calendar::zone(zone).unwrap();
        assert_eq!(quiet.over_at(at.parse().unwrap(), &zone).to_string(), want, "{hours} {at}");
    }

    #[test]
    fn a_night_and_a_noon() {
        let berlin = "Europe/Berlin";
        check("22:00-07:00", berlin, "2026-11-24T20:59:59.5Z", "2026-11-24T20:59:59.5Z");
        check("22:00-07:00", berlin, "2026-11-24T21:00:00Z", "2026-11-25T06:00:00Z");
        check("22:00-07:00", berlin, "2026-11-25T05:59:59.5Z", "2026-11-25T06:00:00Z");
        check("22:00-07:00", berlin, "2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z");
        check("12:00-13:30", "Asia/Kathmandu", "2026-11-24T06:15:00Z", "2026-11-24T07:45:00Z");
        check("22:00-00:00", "UTC", "2026-11-24T23:30:00Z", "2026-11-25T00:00:00Z");
        check("00:00-06:00", "UTC", "2026-11-24T00:00:00Z", "2026-11-24T06:00:00Z");
    }

    #[test]
    fn nights_in_which_clocks_change() {
        let (new_york, lord_howe) = ("America/New_York", "Australia/Lord_Howe");
        // An hour shorter and an hour longer.
        check("22:00-07:00", new_york, "2026-03-08T05:00:00Z", "2026-03-08T11:00:00Z");
        check("22:00-07:00", new_york, "2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z");
        // The end is skipped, to 3:00: the first instant after it. And the whole of them are.
        check("22:00-02:30", new_york, "2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z");
        check("02:10-02:50", new_york, "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z");
        // 1:30 comes twice, and so do the minutes before it. At 2:00, which is 1:00 again, it is still quiet.
        check("22:00-01:30", new_york, "2026-11-01T05:10:00Z", "2026-11-01T05:30:00Z");
        check("22:00-01:30", new_york, "2026-11-01T06:10:00Z", "2026-11-01T06:30:00Z");
        check("22:00-02:00", new_york, "2026-11-01T05:10:00Z", "2026-11-01T07:00:00Z");
        // Half an hour: 2:00 is 1:30 again, and 2:00 is 2:30.
        check("22:00-02:00", lord_howe, "2026-04-04T14:45:00Z", "2026-04-04T15:30:00Z");
        check("22:00-02:15", lord_howe, "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z");
    }
}
