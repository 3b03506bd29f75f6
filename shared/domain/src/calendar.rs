//! Dates and times as people say them. Instants are UTC everywhere; a zone is applied only to show or to compute one.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarRefused {
    #[error("There is no time zone called {0}.")]
    UnknownZone(String),
    #[error("That date is out of range.")]
    OutOfRange,
    #[error("The first day is after the last.")]
    FirstAfterLast,
}

/// Days from one to another; either end may be open.
pub fn days(first: Option<Date>, last: Option<Date>) -> Result<(Option<Date>, Option<Date>), CalendarRefused> {
    let is_backwards = first.zip(last).is_some_and(|(first, last)| first > last);
    if is_backwards { Err(CalendarRefused::FirstAfterLast) } else { Ok((first, last)) }
}

/// A zone by its IANA name, such as `America/New_York`.
pub fn zone(name: &str) -> Result<TimeZone, CalendarRefused> {
    TimeZone::get(name).map_err(|_| CalendarRefused::UnknownZone(name.chars().take(64).collect()))
}

/// The instant of a local time. A time that a clock change skips becomes the next one that exists; one that occurs
/// twice is the first.
pub fn instant(date: Date, time: Time, zone: &TimeZone) -> Result<Timestamp, CalendarRefused> {
    let local = date.to_datetime(time);
    zone.to_ambiguous_zoned(local).compatible().map(|zoned| zoned.timestamp()).map_err(|_| CalendarRefused::OutOfRange)
}

/// The first instant of a day at which a clock shows this time or a later one: where a clock change skips the time, the
/// instant of the change; where it occurs twice, the first of the two.
pub fn first_instant(date: Date, time: Time, zone: &TimeZone) -> Result<Timestamp, CalendarRefused> {
    let local = date.to_datetime(time);
    let instant = |offset: Offset| offset.to_timestamp(local).map_err(|_| CalendarRefused::OutOfRange);
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => instant(offset),
        AmbiguousOffset::Fold { before, .. } => instant(before),
        // Read by the clock that goes ahead, the time lies before the change; by the other, at it or after.
        AmbiguousOffset::Gap { after, .. } => {
            let changes = zone.following(instant(after)?).next();
            changes.map(|change| change.timestamp()).ok_or(CalendarRefused::OutOfRange)
        }
    }
}

/// The first instant after a day. None at the end of the calendar.
pub fn day_end(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    first_instant(date.tomorrow().ok()?, Time::midnight(), zone).ok()
}

/// "Tue 24 Nov", with the year when it is not the reader's current one.
pub fn day_words(date: Date, today: Date) -> String {
    if date.year() == today.year() {
        date.strftime("%a %-d %b").to_string()
    } else {
        date.strftime("%a %-d %b %Y").to_string()
    }
}

/// "today", "tomorrow, Wed 25 Nov" or the day itself: for a sentence that says when something is due.
pub fn near_day_words(date: Date, today: Date) -> String {
    match (date - today).get_days() {
        0 => "today".to_owned(),
        1 => format!("tomorrow, {}", day_words(date, today)),
        _ => day_words(date, today),
    }
}

/// "Tue 24 Nov, 10:00" in the given zone.
pub fn instant_words(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now): (Zoned, Zoned) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    format!("{}, {}", day_words(at.date(), now.date()), at.strftime("%H:%M"))
}

/// The date in a zone at an instant.
pub fn today(now: Timestamp, zone: &TimeZone) -> Date {
    now.to_zoned(zone.clone()).date()
}

/// The hour of an instant as a key of the due index: `20261124T10`, UTC.
pub fn hour_key(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H").to_string()
}

/// The keys of the hour of an instant and of those before it, the latest first.
pub fn hour_keys_back(at: Timestamp, hours: std::ops::Range<i64>) -> Vec<String> {
    let earlier = |back: i64| at.checked_sub(back.hours()).ok();
    hours.filter_map(earlier).map(hour_key).collect()
}

/// Every time zone that has a place of its own, by name, to choose from.
pub fn zones() -> Vec<String> {
    let continents = ["Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    let known = jiff::tz::db().available().map(|name| name.to_string());
    let mut zones: Vec<String> = known.filter(|name| continents.iter().any(|place| name.starts_with(place))).collect();
    zones.push("UTC".to_owned());
    zones.sort();
    zones.dedup();
    zones
}

/// Whether it is the first minute of an hour.
pub fn begins_an_hour(at: Timestamp) -> bool {
    at.to_zoned(TimeZone::UTC).minute() == 0
}

/// Whether a day of UTC begins with this minute.
pub fn begins_a_day(at: Timestamp) -> bool {
    at.as_second().rem_euclid(24 * 60 * 60) < 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn check_instant(day: Date, at: Time, in_zone: &str, want: &str) {
        assert_eq!(instant(day, at, &zone(in_zone).unwrap()).unwrap().to_string(), want);
    }

    #[test]
    fn local_times_across_clock_changes() {
        check_instant(date(2026, 11, 24), time(9, 0, 0, 0), "America/New_York", "2026-11-24T14:00:00Z");
        check_instant(date(2026, 7, 24), time(9, 0, 0, 0), "America/New_York", "2026-07-24T13:00:00Z");
        // 02:30 does not exist on this day, and 01:30 exists twice on the other.
        check_instant(date(2026, 3, 8), time(2, 30, 0, 0), "America/New_York", "2026-03-08T07:30:00Z");
        check_instant(date(2026, 11, 1), time(1, 30, 0, 0), "America/New_York", "2026-11-01T05:30:00Z");
    }

    #[test]
    fn first_instants_across_clock_changes() {
        let check = |day: Date, at: Time, in_zone: &str, want: &str| {
            assert_eq!(first_instant(day, at, &zone(in_zone).unwrap()).unwrap().to_string(), want);
        };
        check(date(2026, 11, 24), time(9, 0, 0, 0), "America/New_York", "2026-11-24T14:00:00Z");
        check(date(2026, 3, 8), time(2, 0, 0, 0), "America/New_York", "2026-03-08T07:00:00Z");
        check(date(2026, 3, 8), time(2, 30, 0, 0), "America/New_York", "2026-03-08T07:00:00Z");
        check(date(2026, 11, 1), time(1, 30, 0, 0), "America/New_York", "2026-11-01T05:30:00Z");
        // The whole day was skipped.
        check(date(2011, 12, 30), time(8, 0, 0, 0), "Pacific/Apia", "2011-12-30T10:00:00Z");
    }

    #[test]
    fn days_go_forward() {
        let check = |first: Option<Date>, last: Option<Date>, is_sound: bool| {
            let want = if is_sound { Ok((first, last)) } else { Err(CalendarRefused::FirstAfterLast) };
            assert_eq!(days(first, last), want, "{first:?} {last:?}");
        };
        let (early, late) = (Some(date(2026, 1, 1)), Some(date(2026, 12, 30)));
        check(early, late, true);
        check(late, late, true);
        check(late, early, false);
        check(late, None, true);
        check(None, early, true);
        check(None, None, true);
    }

    #[test]
    fn words() {
        let now: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let zone = zone("Europe/Berlin").unwrap();
        assert_eq!(instant_words(now, now, &zone), "Tue 24 Nov, 16:00");
        assert_eq!(day_words(date(2027, 1, 20), date(2026, 11, 24)), "Wed 20 Jan 2027");
        assert_eq!(near_day_words(date(2026, 11, 25), date(2026, 11, 24)), "tomorrow, Wed 25 Nov");
        assert_eq!(near_day_words(date(2026, 11, 23), date(2026, 11, 24)), "Mon 23 Nov");
        assert_eq!(hour_key(now), "20261124T15");
        assert_eq!(hour_keys_back("2026-11-24T00:30:00Z".parse().unwrap(), 0..2), ["20261124T00", "20261123T23"]);
        let check = |at: &str, want| assert_eq!(begins_an_hour(at.parse().unwrap()), want, "{at}");
        check("2026-11-24T10:00:59Z", true);
        check("2026-11-24T10:01:00Z", false);
        assert_eq!(super::zone("Mars/Olympus"), Err(CalendarRefused::UnknownZone("Mars/Olympus".into())));
    }
}
