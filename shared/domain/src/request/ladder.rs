//! The ladder of reminders: on which days a client is told what is still missing of a list.
//!
//! Every day on which something that is missing is due has rungs a week and a day before it and on the day itself; then
//! one a week, until the next such day takes over or the bound is reached. One rung is one mail for the whole list.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::Request;
use crate::{calendar, limits};

/// One reminder that is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    pub day: Date,
    /// 9 in the morning of that day, in the firm's zone.
    pub at: Timestamp,
}

/// The days on which something that is missing is due, the earliest first.
pub fn due_days(request: &Request) -> Vec<Date> {
    let mut days: Vec<Date> = request.missing().filter_map(|line| line.due_on).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// All days of the ladder of these due days, in order.
pub fn days(due: &[Date]) -> Vec<Date> {
    let mut days = Vec::new();
    for (place, day) in due.iter().enumerate() {
        let before = limits::REQUEST_REMIND_BEFORE_DAYS.iter().filter_map(|days| day.checked_sub(days.days()).ok());
        days.extend(before.chain([*day]));
        let ends = due.get(place + 1).copied().unwrap_or(Date::MAX);
        let weeks = (1..=limits::REQUEST_REMIND_WEEKS_MAX).filter_map(|weeks| day.checked_add(weeks.weeks()).ok());
        days.extend(weeks.take_while(|day| *day < ends));
    }
    days.sort_unstable();
    days.dedup();
    days
}

/// The next rungs, as many as are kept in store at a time.
pub fn coming(due: &[Date], zone: &TimeZone, now: Timestamp) -> Vec<Rung> {
    let rung = |day: Date| Some(Rung { day, at: calendar::instant(day, MORNING, zone).ok()? });
    days(due).into_iter().filter_map(rung).filter(|rung| rung.at > now).take(limits::REQUEST_RUNGS_MAX).collect()
}

/// Rungs that a list has after a change and did not have before it. Those it has no more are dropped when their minute
/// comes.
pub fn added(before: Option<&Request>, after: &Request, zone: &TimeZone, now: Timestamp) -> Vec<Rung> {
    let of = |request: &Request| coming(&due_days(request), zone, now);
    let had = before.map(of).unwrap_or_default();
    of(after).into_iter().filter(|rung| !had.contains(rung)).collect()
}

/// Whether the ladder still has a rung on that day.
pub fn is_rung(due: &[Date], day: Date) -> bool {
    days(due).contains(&day)
}

const MORNING: jiff::civil::Time = jiff::civil::time(9, 0, 0, 0);
