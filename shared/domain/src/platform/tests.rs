use super::*;
use crate::FirmId;

#[test]
fn a_firm_is_closed_and_opened_only_from_the_other_state() {
    let check = |turn: Turn, state, want| assert_eq!(turn.of(state), want, "{turn:?} {state:?}");
    check(Turn::Suspend, FirmState::Active, Ok(FirmState::Suspended));
    check(Turn::Resume, FirmState::Suspended, Ok(FirmState::Active));
    check(Turn::Suspend, FirmState::Suspended, Err(TurnRefused::Suspended));
    check(Turn::Resume, FirmState::Active, Err(TurnRefused::NotSuspended));
    check(Turn::Suspend, FirmState::Ordered, Err(TurnRefused::NotThere));
    check(Turn::Resume, FirmState::Ordered, Err(TurnRefused::NotThere));
}

#[test]
fn a_reason_is_a_paragraph_that_says_something() {
    let check = |text: &str, want: Option<&str>| {
        assert_eq!(Reason::parse(text).ok().as_ref().map(Reason::as_str), want, "{text:?}");
    };
    check("  Unpaid since\n May. ", Some("Unpaid since May."));
    check("because", None);
    check(&"x".repeat(limits::REASON_CHARACTERS_MAX), Some(&"x".repeat(limits::REASON_CHARACTERS_MAX)));
    check(&"x".repeat(limits::REASON_CHARACTERS_MAX + 1), None);
    check("Unpaid \u{202e} since May", None);
}

/// Neither a key delimiter nor a wildcard of policies may get into a tag.
#[test]
fn a_ticket_is_a_number_and_no_pattern() {
    let check = |text: &str, taken: bool| assert_eq!(Ticket::parse(text).is_ok(), taken, "{text:?}");
    check(" SUP-1234 ", true);
    check("2026/17.a_b", true);
    check("", false);
    check("T-1 or more", false);
    for pattern in ["*", "T-?", "T#1", "${aws:PrincipalTag/t}"] {
        check(pattern, false);
    }
    check(&"1".repeat(limits::TICKET_CHARACTERS_MAX + 1), false);
}

#[test]
fn an_admission_is_to_one_client_for_an_hour_at_most() {
    let (firm, client) = (FirmId::from_bits(1), ClientId::from_bits(2));
    let new = |client: &str, minutes: &str| NewAdmission {
        firm: firm.to_string(),
        client: client.to_owned(),
        reason: "The partner cannot open a matter.".to_owned(),
        ticket: "SUP-1".to_owned(),
        minutes: minutes.to_owned(),
    };
    let check = |typed: &str, minutes: &str, wrong: &[&str]| {
        let parsed = AdmissionOrder::parse(&new(typed, minutes));
        match parsed {
            Ok((of, order)) => {
                assert_eq!((of, &order.client), (firm.clone(), &client), "{typed}");
                assert!(wrong.is_empty() && order.minutes <= limits::ADMISSION_MINUTES_MAX, "{typed} {minutes}");
            }
            Err(refused) => {
                assert_eq!(refused.iter().map(|refused| refused.field).collect::<Vec<_>>(), wrong, "{typed} {minutes}");
            }
        }
    };
    check(client.as_str(), "60", &[]);
    check(&format!("https://portal.example/clients/{client}/projects?x=1"), "1", &[]);
    check(&format!("/clients/{client}"), "15", &[]);
    check("Acme", "15", &["client"]);
    check(client.as_str(), "61", &["minutes"]);
    check(client.as_str(), "0", &["minutes"]);
    check("", "soon", &["client", "minutes"]);
    let nothing = AdmissionOrder::parse(&NewAdmission::default()).unwrap_err();
    let fields: Vec<_> = nothing.iter().map(|refused| refused.field).collect();
    assert_eq!(fields, ["firm", "client", "reason", "ticket", "minutes"]);
}

#[test]
fn an_admission_is_of_whoever_asked_until_it_ends() {
    let (own, other) = (PersonId::from_bits(1), PersonId::from_bits(2));
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let until = at("2026-11-26T10:00:00Z");
    let before = at("2026-11-26T09:59:59Z");
    assert!(admits(&own, until, false, &own, before));
    assert!(!admits(&own, until, false, &other, before));
    assert!(!admits(&own, until, true, &own, before));
    assert!(!admits(&own, until, false, &own, until));
}
