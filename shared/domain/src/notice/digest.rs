//! When digests come, and what makes one of them itself.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::clock::{Day, Hour};
use crate::{PersonId, calendar};

const INSTANT: &str = "%Y%m%dT%H%M%SZ";

/// One digest of one person: everything that is due to it at this instant is one mail, whatever it is about and whether
/// it comes daily or weekly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestSlot {
    pub person: PersonId,
    pub at: Timestamp,
}

impl DigestSlot {
    /// `20261124T080000Z`: in the order of time.
    pub fn instant(&self) -> String {
        self.at.strftime(INSTANT).to_string()
    }

    /// An instant as [`Self::instant`] writes it.
    pub fn parse_instant(text: &str) -> Option<Timestamp> {
        let civil = jiff::civil::DateTime::strptime(INSTANT, text).ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    }
}

/// The next daily digest strictly after an instant. None at the end of the calendar.
pub fn next_daily(after: Timestamp, hour: Hour, zone: &TimeZone) -> Option<Timestamp> {
    next(after, hour, zone, |_| true)
}

/// The next weekly digest strictly after an instant. None at the end of the calendar.
pub fn next_weekly(after: Timestamp, day: Day, hour: Hour, zone: &TimeZone) -> Option<Timestamp> {
    let weekday: Weekday = day.weekday();
    next(after, hour, zone, |date| date.weekday() == weekday)
}

fn next(after: Timestamp, hour: Hour, zone: &TimeZone, is_due: impl Fn(Date) -> bool) -> Option<Timestamp> {
    // Where a clock is set back over midnight, tomorrow's may be over while it is still today.
    let today = calendar::today(after, zone);
    let days = (0..=8).map_while(|days| today.checked_add(days.days()).ok()).filter(|date| is_due(*date));
    let slots = days.map_while(|date| calendar::first_instant(date, hour.time(), zone).ok());
    slots.into_iter().find(|slot| *slot > after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YORK: &str = "America/New_York";

    fn daily(hour: i8, zone: &str, after: &str, want: &str) {
        let next = next_daily(after.parse().unwrap(), Hour::new(hour).unwrap(), &calendar::zone(zone).unwrap());
        assert_eq!(next.unwrap().to_string(), want, "{hour} {zone} {after}");
    }

    fn weekly(day: Day, hour: i8, zone: &str, after: &str, want: &str) {
        let next = next_weekly(after.parse().unwrap(), day, Hour::new(hour).unwrap(), &calendar::zone(zone).unwrap());
        assert_eq!(next.unwrap().to_string(), want, "{day:?} {hour} {zone} {after}");
    }

    #[test]
    fn comes_at_the_next_hour_strictly_after() {
        daily(8, NEW_YORK, "2026-11-24T12:59:59Z", "2026-11-24T13:00:00Z");
        daily(8, NEW_YORK, "2026-11-24T13:00:00Z", "2026-11-25T13:00:00Z");
        daily(8, "Asia/Kathmandu", "2026-11-24T02:15:00.001Z", "2026-11-25T02:15:00Z");
        weekly(Day::Monday, 8, NEW_YORK, "2026-11-23T12:59:59Z", "2026-11-23T13:00:00Z");
        weekly(Day::Monday, 8, NEW_YORK, "2026-11-23T13:00:00Z", "2026-11-30T13:00:00Z");
        // It is Tuesday in Berlin already.
        weekly(Day::Tuesday, 0, "Europe/Berlin", "2026-11-23T22:59:00Z", "2026-11-23T23:00:00Z");
        weekly(Day::Tuesday, 0, "Europe/Berlin", "2026-11-23T23:00:00Z", "2026-11-30T23:00:00Z");
    }

    #[test]
    fn an_hour_that_is_skipped_or_comes_twice() {
        daily(2, NEW_YORK, "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z");
        daily(2, NEW_YORK, "2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z");
        daily(2, "Australia/Lord_Howe", "2026-10-03T15:29:00Z", "2026-10-03T15:30:00Z");
        // The first of two; between them, and after them, it is tomorrow's.
        daily(1, NEW_YORK, "2026-11-01T04:59:00Z", "2026-11-01T05:00:00Z");
        daily(1, NEW_YORK, "2026-11-01T05:30:00Z", "2026-11-02T06:00:00Z");
        daily(1, NEW_YORK, "2026-11-01T06:00:00Z", "2026-11-02T06:00:00Z");
        weekly(Day::Sunday, 2, NEW_YORK, "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z");
        // Midnight itself is skipped, and comes twice.
        daily(0, "America/Asuncion", "2024-10-06T03:30:00Z", "2024-10-06T04:00:00Z");
        daily(0, "America/Havana", "2026-11-01T03:59:00Z", "2026-11-01T04:00:00Z");
        daily(0, "America/Asuncion", "2024-03-24T02:30:00Z", "2024-03-24T04:00:00Z");
        daily(0, "America/Asuncion", "2024-03-24T03:30:00Z", "2024-03-24T04:00:00Z");
    }

    #[test]
    fn nothing_comes_after_the_end_of_the_calendar() {
        assert_eq!(next_daily(Timestamp::MAX, Hour::MORNING, &TimeZone::UTC), None);
        assert_eq!(next_weekly(Timestamp::MAX, Day::Monday, Hour::MORNING, &TimeZone::UTC), None);
        assert!(next_daily(Timestamp::MIN, Hour::MORNING, &TimeZone::UTC).is_none_or(|at| at > Timestamp::MIN));
    }

    #[test]
    fn a_slot_has_one_key() {
        let slot = |at: &str| DigestSlot { person: PersonId::from_bits(7), at: at.parse().unwrap() };
        assert_eq!(slot("2026-11-24T13:00:00Z").instant(), "20261124T130000Z");
        assert!(slot("2026-11-24T13:00:00Z").instant() < slot("2026-11-25T02:15:00Z").instant());
        let (at, parse) = (slot("2026-11-24T13:00:00Z"), DigestSlot::parse_instant);
        assert_eq!(parse(&at.instant()), Some(at.at));
        assert_eq!((parse("20261124T1300"), parse("20261324T130000Z"), parse("")), (None, None, None));
    }
}
