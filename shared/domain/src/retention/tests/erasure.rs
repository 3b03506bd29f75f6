use super::*;
use crate::{FirmId, HoldId};

const ASKED: &str = "2024-01-01T12:00:00Z";
const CONFIRMED: &str = "2024-01-03T12:00:00Z";
/// A week after it was confirmed.
const OVER: &str = "2024-01-10T12:00:00Z";
const ASKER: u128 = 1;
const OTHER: u128 = 2;
const WHY: &str = "Request of the client, 28 December";

fn asked() -> Erasure {
    ask_erasure(&client(1), WHY, &person(ASKER), &[], &mut moment(ASKED)).unwrap()
}

fn confirm(by: u128) -> ErasureCommand {
    ErasureCommand::Confirm { by: person(by) }
}

fn finish(keys: u64) -> ErasureCommand {
    ErasureCommand::Finish { erased: Erased { keys, object_versions: 40 }, key_gone_at: at("2024-01-10T12:00:05Z") }
}

fn cancel() -> ErasureCommand {
    ErasureCommand::Cancel { by: person(ASKER) }
}

/// What these commands at these times make of the one that was asked for.
fn after(way: &[(ErasureCommand, &str)]) -> Erasure {
    way.iter().fold(asked(), |erasure, (command, now)| turn_erasure(&erasure, command, &[], at(now)).unwrap().0)
}

fn way(length: usize) -> Vec<(ErasureCommand, &'static str)> {
    let whole = [(confirm(OTHER), CONFIRMED), (ErasureCommand::Destroy, OVER), (finish(1), OVER)];
    whole.into_iter().take(length).collect()
}

fn hold(of: u128, scope: Scope) -> Hold {
    place(&client(of), scope, WHY, &person(7), &[], &mut moment("2024-01-04T00:00:00Z")).unwrap()
}

fn check(
    erasure: &Erasure,
    next: ErasureCommand,
    holds: &[Hold],
    now: &str,
    want: Result<(&str, &[ErasureEvent]), ErasureRefused>,
) {
    let found = turn_erasure(erasure, &next, holds, at(now));
    let short = found.as_ref().map(|(erasure, events)| (erasure.state.as_str(), events.as_slice()));
    assert_eq!(short, want.as_ref().map(|want| *want), "{erasure:?} {next:?} {now}");
}

#[test]
fn an_erasure_takes_two_people_and_a_wait() {
    let confirmed = Ok(("waiting", &[ErasureEvent::Confirmed] as &[ErasureEvent]));
    check(&asked(), confirm(ASKER), &[], CONFIRMED, Err(ErasureRefused::SamePerson));
    check(&asked(), confirm(OTHER), &[], "2024-01-08T11:59:59Z", confirmed);
    check(&asked(), confirm(OTHER), &[], "2024-01-08T12:00:00Z", Err(ErasureRefused::Expired));
    check(&asked(), ErasureCommand::Destroy, &[], OVER, Err(ErasureRefused::NotConfirmed));
    let waiting = after(&way(1));
    let until = at(OVER);
    check(&waiting, ErasureCommand::Destroy, &[], "2024-01-10T11:59:59Z", Err(ErasureRefused::TooEarly { until }));
    check(&waiting, ErasureCommand::Destroy, &[], OVER, Ok(("destroying", &[ErasureEvent::Destroying])));
    check(&waiting, confirm(OTHER), &[], CONFIRMED, Err(ErasureRefused::ConfirmedAlready));
}

#[test]
fn an_erasure_goes_its_way_once() {
    let cancelled = Ok(("cancelled", &[ErasureEvent::Cancelled] as &[ErasureEvent]));
    check(&asked(), cancel(), &[], OVER, cancelled.clone());
    check(&after(&way(1)), cancel(), &[], OVER, cancelled);
    check(&asked(), finish(1), &[], OVER, Err(ErasureRefused::NotDestroying));
    check(&after(&way(1)), finish(1), &[], OVER, Err(ErasureRefused::NotDestroying));
    let destroying = after(&way(2));
    check(&destroying, ErasureCommand::Destroy, &[], OVER, Ok(("destroying", &[])));
    check(&destroying, cancel(), &[], OVER, Err(ErasureRefused::Destroying));
    check(&destroying, confirm(OTHER), &[], OVER, Err(ErasureRefused::Destroying));
    check(&destroying, finish(0), &[], OVER, Err(ErasureRefused::NoKeyDestroyed));
    check(&destroying, finish(1), &[], OVER, Ok(("done", &[ErasureEvent::Finished])));
    let done = after(&way(3));
    check(&done, finish(1), &[], OVER, Ok(("done", &[])));
    for command in [confirm(OTHER), ErasureCommand::Destroy, cancel()] {
        check(&done, command, &[], OVER, Err(ErasureRefused::Done));
    }
    let off = after(&[(cancel(), CONFIRMED)]);
    for command in [confirm(OTHER), ErasureCommand::Destroy, finish(1), cancel()] {
        check(&off, command, &[], OVER, Err(ErasureRefused::Cancelled));
    }
}

#[test]
fn any_hold_stops_an_erasure() {
    let one_document = Scope::Documents { documents: [document(99)].into() };
    for scope in [Scope::Client, Scope::Project { project: ProjectId::from_bits(1) }, one_document] {
        let holds = [hold(1, scope)];
        let held = || ErasureRefused::Held { holds: vec![holds[0].id.clone()] };
        let found = ask_erasure(&client(1), WHY, &person(ASKER), &holds, &mut moment(ASKED));
        assert_eq!(found, Err(held()));
        check(&asked(), confirm(OTHER), &holds, CONFIRMED, Err(held()));
        check(&after(&way(1)), ErasureCommand::Destroy, &holds, OVER, Err(held()));
        // It can be called off all the same.
        check(&after(&way(1)), cancel(), &holds, OVER, Ok(("cancelled", &[ErasureEvent::Cancelled])));
        let released = [release(&holds[0], &person(8), at(CONFIRMED)).unwrap()];
        check(
            &after(&way(1)),
            ErasureCommand::Destroy,
            &released,
            OVER,
            Ok(("destroying", &[ErasureEvent::Destroying])),
        );
    }
    let foreign = [hold(2, Scope::Client)];
    check(&after(&way(1)), ErasureCommand::Destroy, &foreign, OVER, Ok(("destroying", &[ErasureEvent::Destroying])));
    let all = [hold(1, Scope::Client), foreign[0].clone(), Hold { id: HoldId::from_bits(3), ..hold(1, Scope::Client) }];
    let own = vec![all[0].id.clone(), HoldId::from_bits(3)];
    check(&asked(), confirm(OTHER), &all, CONFIRMED, Err(ErasureRefused::Held { holds: own }));
}

#[test]
fn the_certificate_says_from_when_no_backup_helps_and_what_others_keep() {
    for length in 0..3 {
        assert_eq!(after(&way(length)).certificate(&FirmId::from_bits(6)), None);
    }
    let done = after(&way(3));
    let text = done.certificate(&FirmId::from_bits(6)).unwrap();
    let want = format!(
        "portico certificate of erasure 1\n\
         firm 00000000000000000000000006\n\
         client 00000000000000000000000001\n\
         erasure {}\n\
         asked by 00000000000000000000000001 at 2024-01-01T12:00:00Z\n\
         confirmed by 00000000000000000000000002 at 2024-01-03T12:00:00Z\n\
         finished at 2024-01-10T12:00:00Z\n\
         keys destroyed 1\n\
         object versions deleted 40\n\
         no backup restores a key from 2024-01-11T12:00:05Z on\n\
         kept by Audit: every event",
        done.id,
    );
    assert!(text.starts_with(&want), "{text}");
    let kept = kept_by_others();
    assert_eq!(text.lines().filter(|line| line.starts_with("kept by ")).count(), kept.len());
    for records in ["Audit", "Invoices and payments", "Trust ledger"] {
        assert!(
            kept.iter().any(|one| one.records == records && !one.keeps.is_empty() && !one.why.is_empty()),
            "{records}"
        );
    }
    assert!(!text.contains(WHY), "a reason may name people: it is kept beside the certificate, sealed");
}

#[test]
fn a_stored_erasure_reads_back() {
    let short = ask_erasure(&client(1), "because", &person(ASKER), &[], &mut moment(ASKED));
    assert!(matches!(short, Err(ErasureRefused::Reason(_))), "{short:?}");
    for erasure in (0..=3).map(|length| after(&way(length))).chain([after(&[(cancel(), CONFIRMED)])]) {
        assert_eq!(serde_json::from_value::<Erasure>(serde_json::to_value(&erasure).unwrap()).unwrap(), erasure);
    }
}
