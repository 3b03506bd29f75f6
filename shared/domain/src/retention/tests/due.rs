use super::*;
use crate::Date;

fn check_last_day(from: &str, period: Period, want: &str) {
    assert_eq!(period.last_day(day(from)), day(want), "{from} {period:?}");
}

#[test]
fn periods_end_on_the_same_day_or_the_months_last() {
    check_last_day("2020-03-02", years(3), "2023-03-02");
    check_last_day("2024-02-29", years(1), "2025-02-28");
    check_last_day("2024-02-29", years(4), "2028-02-29");
    check_last_day("2024-02-29", years(76), "2100-02-28");
    check_last_day("2023-02-28", years(1), "2024-02-28");
    check_last_day("2024-01-31", months(1), "2024-02-29");
    check_last_day("2023-01-31", months(1), "2023-02-28");
    check_last_day("2023-01-31", months(2), "2023-03-31");
    // Not by way of 28 February 2025.
    check_last_day("2024-02-29", Period::of(1, 1).unwrap(), "2025-03-29");
    check_last_day("2023-12-31", months(2), "2024-02-29");
    check_last_day("9990-01-01", years(100), "9999-12-31");
}

/// What is due, since when and counted from when, on that day; and that it is nothing the day before.
fn check(facts: &Facts, rules: &Rules, zone_name: &str, from: &str, want: (Action, &str)) {
    let zone = zone(zone_name);
    let due = due(facts, rules, &zone);
    let on = day(want.1);
    let found = due.by(on).map(|(action, on, counted)| (action, on, counted.from));
    assert_eq!(found, Some((want.0, on, day(from))), "{facts:?} {rules:?} {zone_name}");
    let before = due.by(on.yesterday().unwrap()).map(|(action, ..)| action);
    assert!(before.is_none_or(|before| before < want.0), "{facts:?} {rules:?} {zone_name}: {before:?} a day early");
}

#[test]
fn a_period_is_kept_whole_and_the_day_after_it_is_due() {
    let deleted = |anchor| only([rule(anchor, years(3), Then::Delete)]);
    let closed = Facts { closed_at: Some(at("2021-05-06T15:00:00Z")), tax_year: Some(2019), ..facts() };
    let check = |anchor, from, on| check(&closed, &deleted(anchor), "UTC", from, (Action::Delete, on));
    check(Anchor::Upload, "2020-03-02", "2023-03-03");
    check(Anchor::LastActivity, "2020-04-02", "2023-04-03");
    check(Anchor::ProjectClose, "2021-05-06", "2024-05-07");
    check(Anchor::TaxYearEnd { month: 12, day: 31 }, "2019-12-31", "2023-01-01");
    check(Anchor::TaxYearEnd { month: 4, day: 5 }, "2019-04-05", "2022-04-06");
    check(Anchor::TaxYearEnd { month: 2, day: 29 }, "2019-02-28", "2022-03-01");
}

#[test]
fn leap_days() {
    let on_leap_day = Facts { uploaded_at: at("2024-02-29T12:00:00Z"), ..facts() };
    let check = |period, on| {
        let rules = only([rule(Anchor::Upload, period, Then::Delete)]);
        check(&on_leap_day, &rules, "UTC", "2024-02-29", (Action::Delete, on));
    };
    // Kept through 28 February, gone from 1 March.
    check(years(1), "2025-03-01");
    check(years(4), "2028-03-01");
    check(months(12), "2025-03-01");
    let leap_year = Facts { tax_year: Some(2024), ..facts() };
    let rules = only([rule(Anchor::TaxYearEnd { month: 2, day: 29 }, years(7), Then::Delete)]);
    super::due::check(&leap_year, &rules, "UTC", "2024-02-29", (Action::Delete, "2031-03-01"));
}

#[test]
fn days_are_those_of_the_firms_zone() {
    let rules = only([rule(Anchor::Upload, years(1), Then::Delete)]);
    let check = |uploaded: &str, zone, from, on| {
        let facts = Facts { uploaded_at: at(uploaded), ..facts() };
        check(&facts, &rules, zone, from, (Action::Delete, on));
    };
    // Half past eleven in the evening, half past midnight, and the same a season later.
    check("2024-02-29T04:30:00Z", "America/New_York", "2024-02-28", "2025-03-01");
    check("2024-02-29T05:30:00Z", "America/New_York", "2024-02-29", "2025-03-01");
    check("2024-03-01T04:59:59Z", "America/New_York", "2024-02-29", "2025-03-01");
    check("2024-03-01T05:00:00Z", "America/New_York", "2024-03-01", "2025-03-02");
    check("2024-07-01T03:59:59Z", "America/New_York", "2024-06-30", "2025-07-01");
    check("2024-07-01T04:00:00Z", "America/New_York", "2024-07-01", "2025-07-02");
    // The last second of a year there, most of a day before it is over here.
    check("2023-12-31T10:59:59Z", "Pacific/Auckland", "2023-12-31", "2025-01-01");
    check("2023-12-31T11:00:00Z", "Pacific/Auckland", "2024-01-01", "2025-01-02");
    // A day that Samoa left out.
    check("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31", "2013-01-01");
    check("2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29", "2012-12-30");
}

#[test]
fn what_has_not_happened_is_waited_for() {
    let check = |facts: &Facts, anchor, want: Option<Waits>| {
        let rules = only([rule(anchor, years(3), Then::Delete)]);
        let utc = TimeZone::UTC;
        let found = match due(facts, &rules, &utc) {
            Due::NotAnchored { waits, .. } => Some(waits),
            _ => None,
        };
        assert_eq!(found, want, "{facts:?} {anchor:?}");
        assert!(want.is_none() || due(facts, &rules, &utc).by(Date::MAX).is_none(), "{facts:?}");
    };
    let closed = Facts { closed_at: Some(at("2021-05-06T15:00:00Z")), ..facts() };
    let year_end = Anchor::TaxYearEnd { month: 12, day: 31 };
    check(&facts(), Anchor::ProjectClose, Some(Waits::ProjectClose));
    check(&closed, Anchor::ProjectClose, None);
    check(&facts(), year_end, Some(Waits::TaxYear));
    check(&Facts { tax_year: Some(2020), ..facts() }, year_end, None);
    check(&Facts { tax_year: Some(i16::MAX), ..facts() }, year_end, Some(Waits::TaxYear));
    check(&facts(), Anchor::Upload, None);
    // Activity that is older than the upload counts from the upload.
    let rules = only([rule(Anchor::LastActivity, years(1), Then::Delete)]);
    let early = Facts { last_activity_at: at("2001-01-01T00:00:00Z"), ..facts() };
    super::due::check(&early, &rules, "UTC", "2020-03-02", (Action::Delete, "2021-03-03"));
}

#[test]
fn archive_first_and_delete_later_count_from_the_same_day() {
    let rules = only([rule(Anchor::Upload, years(2), Then::ArchiveThenDelete { delete_after: years(7) })]);
    let at_place = |place| Facts { uploaded_at: at("2024-02-29T12:00:00Z"), place, ..facts() };
    let check = |place, want| check(&at_place(place), &rules, "UTC", "2024-02-29", want);
    check(Place::InUse, (Action::Archive, "2026-03-01"));
    check(Place::InUse, (Action::Delete, "2031-03-01"));
    check(Place::Archived, (Action::Delete, "2031-03-01"));
    // Nothing is archived out of the bin.
    check(Place::Binned { archived: false }, (Action::Delete, "2031-03-01"));
    let utc = TimeZone::UTC;
    let rules = only([rule(Anchor::Upload, years(2), Then::Archive)]);
    for place in [Place::Archived, Place::Binned { archived: false }, Place::Binned { archived: true }] {
        assert!(matches!(due(&at_place(place), &rules, &utc), Due::Settled { .. }), "{place:?}");
    }
    super::due::check(&at_place(Place::InUse), &rules, "UTC", "2024-02-29", (Action::Archive, "2026-03-01"));
    assert_eq!(due(&facts(), &only([]), &utc), Due::NoRule);
}
