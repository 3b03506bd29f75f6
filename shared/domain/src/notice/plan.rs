//! When and how one notice reaches one person.

use jiff::{Timestamp, tz::TimeZone};

use super::digest::{DigestSlot, next_daily, next_weekly};
use super::kind::{FirmRule, Kind, Pace};
use super::preferences::Preferences;
use super::{Channel, Tier};
use crate::PersonId;

/// What is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    pub kind: Kind,
    /// Of what is told together, when the last of it is in: where its fold closes.
    pub happened_at: Timestamp,
    /// By when it has to be known: the end of the day on which something is due, the beginning of a meeting.
    pub due_at: Option<Timestamp>,
}

/// To whom.
#[derive(Debug, Clone, Copy)]
pub struct Hearer<'a> {
    pub person: &'a PersonId,
    pub preferences: &'a Preferences,
    /// The number is known to be this person's.
    pub phone_verified: bool,
    /// It is about this very person: named in a message, by an `@`.
    pub is_named: bool,
    /// The firm's zone, for whoever has none of its own.
    pub zone: &'a TimeZone,
}

/// One way in which it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub channel: Channel,
    /// Never before it happened.
    pub at: Timestamp,
    /// With what else is due to this digest; by itself where there is none.
    pub digest: Option<DigestSlot>,
}

/// Every way in which it is told; none for whoever turned it off.
pub type Plan = Vec<Leg>;

/// - At once, e-mail: what is critical goes out at any hour, since a mail wakes nobody; anything else at the end of
///   quiet hours.
/// - At once, SMS: what is critical, to a verified number, unless it is not wanted; at the end of quiet hours, unless it
///   is due by then. A text about what was due before can wait.
/// - Daily and weekly: in that digest, by e-mail alone. A digest comes at the hour that was asked for, quiet or not.
/// - Nothing waits until it is of no use: what is due by the end of quiet hours, or by its digest, is told at once.
pub fn plan(news: &News, rule: FirmRule, hearer: &Hearer<'_>) -> Plan {
    let preferences = hearer.preferences;
    // Whoever is named is waited for. Off is off.
    let pace = match preferences.pace(news.kind, rule) {
        Pace::Daily | Pace::Weekly if hearer.is_named => Pace::AtOnce,
        pace => pace,
    };
    if pace == Pace::Off {
        return Vec::new();
    }
    if let Some(at) = digest_at(news, pace, hearer) {
        let digest = Some(DigestSlot { person: hearer.person.clone(), at });
        return vec![Leg { channel: Channel::Email, at, digest }];
    }
    let is_critical = rule.tier == Tier::Critical;
    let mail_at = if is_critical { news.happened_at } else { disturbs_at(news, hearer) };
    let mut legs = vec![Leg { channel: Channel::Email, at: mail_at, digest: None }];
    if is_critical && pace == Pace::AtOnce && hearer.phone_verified && preferences.wants_sms(news.kind) {
        legs.push(Leg { channel: Channel::Sms, at: disturbs_at(news, hearer), digest: None });
    }
    legs
}

/// From when on the news may disturb: when quiet hours are over, or at once where that is too late.
fn disturbs_at(news: &News, hearer: &Hearer<'_>) -> Timestamp {
    let Some(quiet) = hearer.preferences.quiet else { return news.happened_at };
    let over_at = quiet.over_at(news.happened_at, &hearer.time_zone());
    if news.is_late_at(over_at) { news.happened_at } else { over_at }
}

/// None where it comes in no digest, because that was not asked for or would be too late.
fn digest_at(news: &News, pace: Pace, hearer: &Hearer<'_>) -> Option<Timestamp> {
    let Preferences { digest_hour, digest_day, .. } = hearer.preferences;
    let zone = hearer.time_zone();
    let at = match pace {
        Pace::AtOnce | Pace::Off => None,
        Pace::Daily => next_daily(news.happened_at, *digest_hour, &zone),
        Pace::Weekly => next_weekly(news.happened_at, *digest_day, *digest_hour, &zone),
    };
    at.filter(|at| !news.is_late_at(*at))
}

impl News {
    /// Whether what is still to come now is over by then.
    fn is_late_at(&self, at: Timestamp) -> bool {
        self.due_at.is_some_and(|due| self.happened_at < due && due <= at)
    }
}

impl Hearer<'_> {
    fn time_zone(&self) -> TimeZone {
        self.preferences.time_zone(self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar;
    use crate::notice::clock::Clock;
    use crate::notice::kind::FirmRules;
    use crate::notice::quiet::QuietHours;

    /// Quiet from ten to seven, digests on Mondays and at eight, in New York.
    fn preferences() -> Preferences {
        let clock = |text: &str| Clock::parse(text).unwrap();
        let mut preferences = Preferences::default();
        preferences.quiet = QuietHours::between(clock("22:00"), clock("07:00"));
        preferences
    }

    fn with(kind: Kind, rule: FirmRule, pace: Pace) -> Preferences {
        let mut preferences = preferences();
        preferences.set_pace(kind, rule, pace);
        preferences
    }

    /// Wanted: `email 2026-11-24T13:00:00Z digest`.
    fn check(news: &News, rule: FirmRule, preferences: &Preferences, phone_verified: bool, want: &[&str]) {
        let (person, zone) = (PersonId::from_bits(1), calendar::zone("America/New_York").unwrap());
        let hearer = Hearer { person: &person, preferences, phone_verified, is_named: false, zone: &zone };
        let plan: Vec<String> = plan(news, rule, &hearer)
            .iter()
            .map(|leg| {
                assert!(leg.digest.as_ref().is_none_or(|slot| slot.person == person && slot.at == leg.at));
                let digest = if leg.digest.is_some() { " digest" } else { "" };
                format!("{} {}{digest}", leg.channel.as_str(), leg.at)
            })
            .collect();
        assert_eq!(plan, want, "{news:?}");
    }

    fn news(kind: Kind, happened_at: &str, due_at: Option<&str>) -> News {
        News { kind, happened_at: happened_at.parse().unwrap(), due_at: due_at.map(|at| at.parse().unwrap()) }
    }

    const EVENING: &str = "2026-11-25T04:30:00Z";
    const NOON: &str = "2026-11-24T17:00:00Z";

    #[test]
    fn what_is_critical_is_mailed_at_any_hour_and_rings_no_phone_at_night() {
        let rule = FirmRules::default().of(Kind::Deadline);
        let check = |due, verified, want: &[&str]| {
            check(&news(Kind::Deadline, EVENING, due), rule, &preferences(), verified, want);
        };
        let mail = "email 2026-11-25T04:30:00Z";
        check(None, false, &[mail]);
        check(None, true, &[mail, "sms 2026-11-25T12:00:00Z"]);
        check(Some("2026-11-25T12:00:01Z"), true, &[mail, "sms 2026-11-25T12:00:00Z"]);
        // Due by the end of the night, and over already.
        check(Some("2026-11-25T12:00:00Z"), true, &[mail, "sms 2026-11-25T04:30:00Z"]);
        check(Some(EVENING), true, &[mail, "sms 2026-11-25T12:00:00Z"]);
        let noon = ["email 2026-11-24T17:00:00Z", "sms 2026-11-24T17:00:00Z"];
        self::check(&news(Kind::Deadline, NOON, None), rule, &preferences(), true, &noon);
    }

    #[test]
    fn what_is_not_critical_waits_for_the_morning() {
        let rule = FirmRules::default().of(Kind::Appointment);
        let check = |due, want: &str| {
            check(&news(Kind::Appointment, EVENING, due), rule, &preferences(), true, &[want]);
        };
        check(None, "email 2026-11-25T12:00:00Z");
        // A meeting before the night ends.
        check(Some("2026-11-25T11:30:00Z"), "email 2026-11-25T04:30:00Z");
    }

    #[test]
    fn whoever_is_named_waits_for_no_digest() {
        let (person, zone) = (PersonId::from_bits(1), calendar::zone("America/New_York").unwrap());
        let rule = FirmRule { least: Pace::Off, ..FirmRules::default().of(Kind::Message) };
        let check = |pace: Pace, is_named: bool, want: &[&str]| {
            let preferences = with(Kind::Message, rule, pace);
            let hearer =
                Hearer { person: &person, preferences: &preferences, phone_verified: false, is_named, zone: &zone };
            let plan = plan(&news(Kind::Message, NOON, None), rule, &hearer);
            assert_eq!(plan.iter().map(|leg| leg.at.to_string()).collect::<Vec<_>>(), want, "{pace:?} {is_named}");
        };
        check(Pace::Daily, false, &["2026-11-25T13:00:00Z"]);
        check(Pace::Daily, true, &[NOON]);
        check(Pace::Weekly, true, &[NOON]);
        check(Pace::Off, true, &[]);
    }

    #[test]
    fn digests_come_at_their_hour() {
        let check = |kind: Kind, pace: Pace, at: &str, due: Option<&str>, want: &[&str]| {
            let rule = FirmRule { least: Pace::Off, ..FirmRules::default().of(kind) };
            check(&news(kind, at, due), rule, &with(kind, rule, pace), true, want);
        };
        check(Kind::Document, Pace::Daily, EVENING, None, &["email 2026-11-25T13:00:00Z digest"]);
        check(Kind::Document, Pace::Weekly, EVENING, None, &["email 2026-11-30T13:00:00Z digest"]);
        check(Kind::Document, Pace::Off, EVENING, None, &[]);
        // Where the firm lets it be turned down, nobody who did so is rung up.
        check(Kind::Deadline, Pace::Daily, NOON, None, &["email 2026-11-25T13:00:00Z digest"]);
        // The digest would come too late.
        let tomorrow = Some("2026-11-25T20:00:00Z");
        check(Kind::Appointment, Pace::Daily, NOON, tomorrow, &["email 2026-11-25T13:00:00Z digest"]);
        check(Kind::Appointment, Pace::Weekly, NOON, tomorrow, &["email 2026-11-24T17:00:00Z"]);
        check(Kind::Appointment, Pace::Weekly, EVENING, tomorrow, &["email 2026-11-25T12:00:00Z"]);
    }

    #[test]
    fn the_tier_is_the_firms() {
        let rule = FirmRule::of_tier(Tier::Critical);
        let both = ["email 2026-11-24T17:00:00Z", "sms 2026-11-24T17:00:00Z"];
        check(&news(Kind::Message, NOON, None), rule, &preferences(), true, &both);
        let rule = FirmRule::of_tier(Tier::Informational);
        check(&news(Kind::Message, NOON, None), rule, &preferences(), true, &["email 2026-11-30T13:00:00Z digest"]);
    }

    #[test]
    fn whoever_wants_no_texts_gets_none() {
        let silent: Preferences = serde_json::from_str(r#"{"kinds":{"deadline":{"no_sms":true}}}"#).unwrap();
        let rule = FirmRules::default().of(Kind::Deadline);
        check(&news(Kind::Deadline, NOON, None), rule, &silent, true, &["email 2026-11-24T17:00:00Z"]);
    }
}
