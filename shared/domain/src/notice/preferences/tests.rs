use super::*;
use crate::notice::Tier;

fn form() -> NewPreferences {
    NewPreferences { digest_hour: "8".into(), digest_day: "monday".into(), version: 1, ..NewPreferences::default() }
}

fn choice(pace: &str, sms: bool) -> NewChoice {
    NewChoice { pace: pace.into(), sms }
}

fn check_refused(new: &NewPreferences, want: &[&str]) {
    let refused = Preferences::default().parse(new, &FirmRules::default()).err().unwrap_or_default();
    assert_eq!(refused.iter().map(|one| one.field).collect::<Vec<_>>(), want, "{new:?}");
}

#[test]
fn what_is_absent_has_a_default() {
    let read: Preferences = serde_json::from_str("{}").unwrap();
    assert_eq!(read, Preferences::default());
    assert_eq!((read.digest_hour, read.digest_day, read.quiet), (Hour::MORNING, Day::Monday, None));
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"digest_hour":8,"digest_day":"monday"}"#);
    assert!(serde_json::from_str::<Preferences>(r#"{"digest_hour":24}"#).is_err());
    assert!(serde_json::from_str::<Preferences>(r#"{"language":"<b>"}"#).is_err());
}

#[test]
fn a_form_is_read_whole_and_read_back() {
    let new = NewPreferences {
        kinds: [("document", "weekly", false), ("deadline", "at_once", false), ("newsletter", "off", true)]
            .map(|(kind, pace, sms)| (kind.to_owned(), choice(pace, sms)))
            .into(),
        zone: Some(" Europe/Berlin ".into()),
        quiet_start: Some("22:00".into()),
        quiet_end: Some("7:00".into()),
        digest_hour: "18".into(),
        digest_day: "friday".into(),
        language: Some("DE-at".into()),
        version: 1,
    };
    let rules = FirmRules::default();
    let read = Preferences::default().parse(&new, &rules).unwrap();
    let pace = |kind: Kind| read.pace(kind, rules.of(kind));
    assert_eq!(
        [Kind::Document, Kind::Deadline, Kind::Newsletter, Kind::Summary].map(pace),
        [Pace::Weekly, Pace::AtOnce, Pace::Off, Pace::Weekly]
    );
    assert!(!read.wants_sms(Kind::Deadline) && read.wants_sms(Kind::Invoice));
    assert_eq!(
        serde_json::to_string(&read).unwrap(),
        concat!(
            r#"{"kinds":{"deadline":{"no_sms":true},"document":{"pace":"weekly","no_sms":true},"#,
            r#""newsletter":{"pace":"off"}},"zone":"Europe/Berlin","quiet":{"start":"22:00","end":"07:00"},"#,
            r#""digest_hour":18,"digest_day":"friday","language":"de-AT"}"#
        )
    );
    assert_eq!(serde_json::from_str::<Preferences>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    // The next form says nothing of kinds, and takes the rest back.
    let back = read.clone().parse(&form(), &rules).unwrap();
    assert_eq!(back, Preferences { kinds: read.kinds, ..Preferences::default() });
}

#[test]
fn what_is_wrong_is_said_by_field() {
    let of = |kind: &str, pace: &str| NewPreferences { kinds: [(kind.into(), choice(pace, true))].into(), ..form() };
    let quiet = |start: &str, end: &str| NewPreferences {
        quiet_start: Some(start.into()),
        quiet_end: Some(end.into()),
        ..form()
    };
    check_refused(&form(), &[]);
    check_refused(&of("lunch", "daily"), &["kinds"]);
    check_refused(&of("document", "never"), &["document"]);
    // The firm lets documents come weekly and deadlines at once only.
    check_refused(&of("document", "weekly"), &[]);
    check_refused(&of("document", "off"), &["document"]);
    check_refused(&of("deadline", "daily"), &["deadline"]);
    check_refused(&quiet("22:00", ""), &["quiet_end"]);
    check_refused(&quiet("", "7:00"), &["quiet_start"]);
    check_refused(&quiet("late", "early"), &["quiet_start", "quiet_end"]);
    check_refused(&quiet("22:00", "22:00"), &[]);
    let wrong = NewPreferences {
        zone: Some("Mars/Olympus".into()),
        digest_hour: "24".into(),
        digest_day: "someday".into(),
        language: Some("english".into()),
        ..form()
    };
    check_refused(&wrong, &["zone", "digest_hour", "digest_day", "language"]);
}

#[test]
fn the_firm_has_the_last_word() {
    let kind = Kind::Message;
    let mut chosen = Preferences::default();
    chosen.set_pace(kind, FirmRule { tier: Tier::Standard, least: Pace::Off }, Pace::Off);
    let check = |preferences: &Preferences, tier, least, want| {
        assert_eq!(preferences.pace(kind, FirmRule { tier, least }), want, "{tier:?} {least:?}");
    };
    check(&chosen, Tier::Standard, Pace::Off, Pace::Off);
    check(&chosen, Tier::Standard, Pace::Daily, Pace::Daily);
    check(&chosen, Tier::Critical, Pace::AtOnce, Pace::AtOnce);
    // Whoever chose nothing follows the firm from one tier to another.
    let nothing = Preferences::default();
    check(&nothing, Tier::Standard, Pace::Off, Pace::AtOnce);
    check(&nothing, Tier::Informational, Pace::Off, Pace::Weekly);
    check(&nothing, Tier::Informational, Pace::Daily, Pace::Daily);
}

#[test]
fn a_zone_that_is_gone_is_the_firms() {
    let of_firm = calendar::zone("America/New_York").unwrap();
    let check = |zone: Option<&str>, want: &str| {
        let preferences = Preferences { zone: zone.map(str::to_owned), ..Preferences::default() };
        assert_eq!(preferences.time_zone(&of_firm).iana_name(), Some(want));
    };
    check(None, "America/New_York");
    check(Some("Europe/Berlin"), "Europe/Berlin");
    check(Some("Mars/Olympus"), "America/New_York");
}

#[test]
fn languages_are_tags() {
    let check = |text: &str, want: Option<&str>| {
        assert_eq!(Language::parse(text).ok().as_ref().map(Language::as_str), want, "{text:?}");
    };
    check("en", Some("en"));
    check(" EN-us", Some("en-US"));
    check("gsw", Some("gsw"));
    for wrong in ["", "e", "engl", "e1", "en-", "en-USA", "en-U1", "en_US", "en-US-x"] {
        check(wrong, None);
    }
}

#[test]
fn a_form_that_is_sent_as_it_was_shown_changes_nothing() {
    let rules = FirmRules::default();
    let new = NewPreferences {
        kinds: [("document".to_owned(), choice("daily", false)), ("message".to_owned(), choice("weekly", true))].into(),
        zone: Some("Asia/Kathmandu".into()),
        quiet_start: Some("21:30".into()),
        quiet_end: Some("06:00".into()),
        language: Some("de".into()),
        ..form()
    };
    for before in [Preferences::default(), Preferences::default().parse(&new, &rules).unwrap()] {
        let shown = before.typed(Kind::ALL, &rules, 4);
        assert_eq!((shown.kinds.len(), shown.version), (Kind::ALL.len(), 4));
        assert_eq!(before.clone().parse(&shown, &rules).unwrap(), before);
    }
}
