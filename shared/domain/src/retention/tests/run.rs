use super::*;
use crate::{FirmId, RunId};

const ASKED: &str = "2024-01-01T12:00:00Z";
const SOON: &str = "2024-01-02T12:00:00Z";
/// The first moment after a week.
const LATE: &str = "2024-01-08T12:00:00Z";
const ASKER: u128 = 1;
const OTHER: u128 = 2;

/// Two documents to delete and one to archive, or that one alone.
fn list(deletes: bool) -> Rehearsal {
    let of = |number: u128, on: &str| Facts {
        document: document(number),
        uploaded_at: at(&format!("{on}T15:00:00Z")),
        ..facts()
    };
    let documents = [of(3, "2021-03-02"), of(1, "2020-12-31"), of(2, "2020-03-02")];
    let rules = only([rule(Anchor::Upload, years(2), Then::ArchiveThenDelete { delete_after: years(3) })]);
    let setting = Setting { rules: &rules, holds: &[], zone: &TimeZone::UTC };
    rehearse(&client(1), if deletes { &documents } else { &documents[..1] }, &setting, day("2024-01-01"))
}

fn asked(deletes: bool) -> Run {
    let list = list(deletes);
    ask(&list, fingerprint(&list.text()), &person(ASKER), &TimeZone::UTC, &mut moment(ASKED)).unwrap()
}

fn confirm(by: u128) -> RunCommand {
    RunCommand::Confirm { by: person(by), seen: asked(true).list }
}

fn start() -> RunCommand {
    RunCommand::Start { list: asked(true).list }
}

fn finish(archived: usize, deleted: usize, skipped: usize) -> RunCommand {
    RunCommand::Finish { outcome: Outcome { archived, deleted, skipped } }
}

fn cancel() -> RunCommand {
    RunCommand::Cancel { by: person(ASKER) }
}

/// The run that these commands make of the one that was asked for, all soon after.
fn after(commands: &[RunCommand]) -> Run {
    commands.iter().fold(asked(true), |run, command| turn(&run, command, at(SOON)).unwrap().0)
}

fn check(commands: &[RunCommand], next: RunCommand, now: &str, want: Result<(&str, &[Event]), RunRefused>) {
    let run = after(commands);
    let found = turn(&run, &next, at(now));
    let short = found.as_ref().map(|(run, events)| (run.state.as_str(), events.as_slice()));
    assert_eq!(short, want.as_ref().map(|want| *want), "{commands:?} {next:?} {now}");
    if let Ok((after, events)) = &found {
        assert_eq!(after.version, run.version + events.len() as u64);
    }
}

#[test]
fn a_deletion_is_confirmed_by_somebody_else() {
    check(&[], confirm(OTHER), SOON, Ok(("confirmed", &[Event::Confirmed])));
    check(&[], confirm(ASKER), SOON, Err(RunRefused::SamePerson));
    check(&[confirm(OTHER)], confirm(OTHER), SOON, Err(RunRefused::ConfirmedAlready));
    // A list that only archives can be undone: one person is enough.
    let archives = asked(false);
    let own = RunCommand::Confirm { by: person(ASKER), seen: archives.list.clone() };
    assert_eq!(turn(&archives, &own, at(SOON)).map(|(_, events)| events), Ok(vec![Event::Confirmed]));
}

#[test]
fn only_the_list_that_was_seen_is_run() {
    let other = || fingerprint("another list");
    check(&[], RunCommand::Confirm { by: person(OTHER), seen: other() }, SOON, Err(RunRefused::OtherList));
    check(&[confirm(OTHER)], RunCommand::Start { list: other() }, SOON, Err(RunRefused::OtherList));
    check(&[confirm(OTHER), start()], RunCommand::Start { list: other() }, SOON, Err(RunRefused::OtherList));
}

#[test]
fn a_run_goes_its_way_once() {
    let (confirmed, done) = (confirm(OTHER), [confirm(OTHER), start(), finish(1, 1, 1)]);
    let running = [confirmed.clone(), start()];
    check(&[], start(), SOON, Err(RunRefused::NotConfirmed));
    check(&[], finish(1, 2, 0), SOON, Err(RunRefused::NotRunning));
    check(&[], cancel(), SOON, Ok(("cancelled", &[Event::Cancelled])));
    check(&done[..1], start(), SOON, Ok(("running", &[Event::Started])));
    check(&done[..1], finish(1, 2, 0), SOON, Err(RunRefused::NotRunning));
    check(&done[..1], cancel(), SOON, Ok(("cancelled", &[Event::Cancelled])));
    check(&running, start(), SOON, Ok(("running", &[])));
    check(&running, confirm(OTHER), SOON, Err(RunRefused::Running));
    check(&running, cancel(), SOON, Err(RunRefused::Running));
    check(&running, finish(1, 2, 0), SOON, Ok(("done", &[Event::Finished])));
    check(&done, finish(1, 1, 1), SOON, Ok(("done", &[])));
    check(&done, finish(1, 2, 0), SOON, Err(RunRefused::Done));
    for command in [confirm(OTHER), start(), cancel()] {
        check(&done, command, SOON, Err(RunRefused::Done));
    }
    for command in [confirm(OTHER), start(), finish(1, 2, 0), cancel()] {
        check(&[cancel()], command.clone(), SOON, Err(RunRefused::Cancelled));
        check(&[confirmed.clone(), cancel()], command, SOON, Err(RunRefused::Cancelled));
    }
}

#[test]
fn an_old_list_is_not_trusted() {
    check(&[], confirm(OTHER), "2024-01-08T11:59:59Z", Ok(("confirmed", &[Event::Confirmed])));
    check(&[], confirm(OTHER), LATE, Err(RunRefused::Expired));
    check(&[confirm(OTHER)], start(), LATE, Err(RunRefused::Expired));
    check(&[], cancel(), LATE, Ok(("cancelled", &[Event::Cancelled])));
    // What began in time is brought to its end.
    check(&[confirm(OTHER), start()], start(), LATE, Ok(("running", &[])));
    check(&[confirm(OTHER), start()], finish(1, 2, 0), LATE, Ok(("done", &[Event::Finished])));
}

#[test]
fn every_document_of_the_list_is_accounted_for() {
    let running = [confirm(OTHER), start()];
    let check = |archived, deleted, skipped, missing: Option<usize>| {
        let want = missing
            .map_or(Ok(("done", &[Event::Finished] as &[Event])), |missing| Err(RunRefused::NotAccounted { missing }));
        check(&running, finish(archived, deleted, skipped), SOON, want);
    };
    check(1, 2, 0, None);
    check(0, 0, 3, None);
    check(1, 1, 0, Some(1));
    check(1, 2, 1, Some(1));
    // As many, but one deleted that was to be archived.
    check(0, 3, 0, Some(0));
}

#[test]
fn a_list_of_a_day_to_come_is_only_to_look_at() {
    let check = |now: &str, zone_name: &str, want: Result<(), RunRefused>| {
        let list = list(true);
        let found = ask(&list, fingerprint(&list.text()), &person(ASKER), &zone(zone_name), &mut moment(now));
        assert_eq!(found.map(|_| ()), want, "{now} {zone_name}");
    };
    check("2024-01-01T04:59:59Z", "America/New_York", Err(RunRefused::DayToCome));
    check("2024-01-01T05:00:00Z", "America/New_York", Ok(()));
    check("2023-12-31T11:00:00Z", "Pacific/Auckland", Ok(()));
    check("2023-12-31T10:59:59Z", "Pacific/Auckland", Err(RunRefused::DayToCome));
    check("2025-01-01T00:00:00Z", "UTC", Ok(()));
    let nothing = Rehearsal { items: vec![], ..list(true) };
    let found = ask(&nothing, fingerprint(""), &person(ASKER), &TimeZone::UTC, &mut moment(ASKED));
    assert_eq!(found, Err(RunRefused::NothingDue));
}

#[test]
fn stored_runs_read_back() {
    let way = [confirm(OTHER), start(), finish(1, 2, 0)];
    let runs = (0..=way.len()).map(|length| after(&way[..length])).chain([after(&[cancel()])]);
    for run in runs {
        assert_eq!(serde_json::from_value::<Run>(serde_json::to_value(&run).unwrap()).unwrap(), run);
    }
}

fn destroyed() -> Vec<Destroyed> {
    let delete = |item: &Item| item.action == Action::Delete;
    let items = list(true).items.into_iter().filter(delete).rev();
    items.map(|item| Destroyed { item, at: at("2024-01-02T12:00:01Z"), object_versions: 4 }).collect()
}

#[test]
fn a_certificate_states_what_a_run_destroyed() {
    let done = after(&[confirm(OTHER), start(), finish(1, 2, 0)]);
    let certificate = Certificate::of(&FirmId::from_bits(6), &done, destroyed()).unwrap();
    let list = fingerprint(&list(true).text());
    let digest = "d".repeat(64);
    let want = format!(
        "portico certificate of destruction 1\n\
         firm 00000000000000000000000006\n\
         client 00000000000000000000000001\n\
         run {}\n\
         list sha256 {}\n\
         asked by 00000000000000000000000001 at 2024-01-01T12:00:00Z\n\
         confirmed by 00000000000000000000000002 at 2024-01-02T12:00:00Z\n\
         finished at 2024-01-02T12:00:00Z\n\
         documents 2\n\
         bytes 2000\n\
         destroyed 00000000000000000000000001 version 3 sha256 {digest} bytes 1000 uploaded 2020-12-31T15:00:00Z \
         category \"Correspondence\" counted from 2020-12-31 due 2024-01-01 \
         rule \"All documents: archived 2 years and deleted 3 years after the upload\" \
         object versions 4 at 2024-01-02T12:00:01Z\n\
         destroyed 00000000000000000000000002 version 3 sha256 {digest} bytes 1000 uploaded 2020-03-02T15:00:00Z \
         category \"Correspondence\" counted from 2020-03-02 due 2023-03-03 \
         rule \"All documents: archived 2 years and deleted 3 years after the upload\" \
         object versions 4 at 2024-01-02T12:00:01Z\n",
        done.id,
        list.as_str(),
    );
    assert_eq!(certificate.text(), want);
    let stored = serde_json::to_value(&certificate).unwrap();
    assert_eq!(serde_json::from_value::<Certificate>(stored).unwrap(), certificate);
}

#[test]
fn no_certificate_says_more_or_less_than_was_destroyed() {
    let check = |commands: &[RunCommand], destroyed: Vec<Destroyed>, want: bool| {
        let found = Certificate::of(&FirmId::from_bits(6), &after(commands), destroyed);
        assert_eq!(found.is_some(), want, "{commands:?} {found:?}");
    };
    let done = [confirm(OTHER), start(), finish(1, 2, 0)];
    check(&done, destroyed(), true);
    check(&done[..2], destroyed(), false);
    check(&done, destroyed().drain(..1).collect(), false);
    check(&done, vec![destroyed().remove(0), destroyed().remove(0)], false);
    check(&[confirm(OTHER), start(), finish(1, 1, 1)], destroyed(), false);
    check(&[confirm(OTHER), start(), finish(1, 0, 2)], vec![], false);
}

#[test]
fn a_tombstone_has_no_name_and_no_content() {
    let item = list(true).items.remove(0);
    let stone = Tombstone::of(&item, &RunId::from_bits(5), at(SOON));
    let stored = serde_json::to_value(&stone).unwrap();
    let keys: Vec<&str> = stored.as_object().unwrap().keys().map(String::as_str).collect();
    let want = [
        "category",
        "counted_from",
        "destroyed_at",
        "digest",
        "document",
        "due_on",
        "rule",
        "run",
        "size_bytes",
        "uploaded_at",
    ];
    assert_eq!(keys, want);
    assert_eq!(serde_json::from_value::<Tombstone>(stored.clone()).unwrap(), stone);
    let mut named = stored;
    named["name"] = "Letter to Ada.pdf".into();
    assert!(serde_json::from_value::<Tombstone>(named).is_err());
}
