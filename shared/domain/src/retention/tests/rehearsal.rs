use super::*;
use crate::{HoldId, limits};

const DAY: &str = "2024-01-01";

fn rules() -> Rules {
    only([rule(Anchor::Upload, years(2), Then::ArchiveThenDelete { delete_after: years(3) })])
}

fn hold(number: u128, scope: Scope) -> Hold {
    let why = "Acme against Dunmore, letter of 3 May";
    let hold = place(&client(1), scope, why, &person(7), &[], &mut moment("2022-01-01T00:00:00Z")).unwrap();
    Hold { id: HoldId::from_bits(number), ..hold }
}

fn numbered(number: u128, uploaded_on: &str) -> Facts {
    let uploaded_at = at(&format!("{uploaded_on}T15:00:00Z"));
    Facts { document: document(number), series: document(number), uploaded_at, ..facts() }
}

#[test]
fn the_current_version_goes_last() {
    let second = || Facts { series: document(1), leads: true, ..numbered(2, "2020-03-02") };
    let both = [numbered(1, "2020-03-02"), second()];
    let found = rehearsed(&both, &rules(), &[]);
    assert_eq!(listed(&found), [(1, Action::Delete)], "the other one waits");
    let alone = [Facts { leads: false, ..second() }];
    let found = rehearsed(&alone, &rules(), &[]);
    assert_eq!(listed(&found), [(2, Action::Delete)]);
    // One that got another version after the list was made.
    let setting = Setting { rules: &rules(), holds: &[], zone: &TimeZone::UTC };
    assert_eq!(judge(&found.items[0], Some(&second()), &setting, day(DAY)), Err(Skipped::Leads));
    // It is archived like any other.
    let young = Facts { series: document(1), leads: true, ..numbered(3, "2021-03-02") };
    assert_eq!(listed(&rehearsed(&[young], &rules(), &[])), [(3, Action::Archive)]);
}

/// 1 and 2 are to be deleted, 3 to be archived, 4 is not due yet, 5 is another client's.
fn documents() -> Vec<Facts> {
    let foreign = Facts { client: client(2), ..numbered(5, "2001-01-01") };
    let of = [("2020-12-31", 1), ("2020-03-02", 2), ("2021-03-02", 3), ("2023-03-02", 4)];
    let mut documents: Vec<Facts> = of.iter().map(|(on, number)| numbered(*number, on)).collect();
    documents.push(foreign);
    documents
}

fn rehearsed(documents: &[Facts], rules: &Rules, holds: &[Hold]) -> Rehearsal {
    rehearse(&client(1), documents, &Setting { rules, holds, zone: &TimeZone::UTC }, day(DAY))
}

fn listed(rehearsal: &Rehearsal) -> Vec<(u128, Action)> {
    rehearsal.items.iter().map(|item| (item.document.bits(), item.action)).collect()
}

#[test]
fn a_rehearsal_lists_what_is_due_and_what_is_held() {
    let check = |holds: &[Hold], want: &[(u128, Action)], want_held: &[(u128, Vec<u128>)]| {
        let found = rehearsed(&documents(), &rules(), holds);
        let held = |one: &HeldItem| (one.item.document.bits(), one.holds.iter().map(HoldId::bits).collect::<Vec<_>>());
        assert_eq!(listed(&found), want, "{holds:?}");
        assert_eq!(found.held.iter().map(held).collect::<Vec<_>>(), want_held, "{holds:?}");
        assert_eq!((found.count(Action::Delete) + found.count(Action::Archive)), want.len());
    };
    let (archive, delete) = (Action::Archive, Action::Delete);
    check(&[], &[(1, delete), (2, delete), (3, archive)], &[]);
    let first = Scope::Documents { documents: [document(1), document(3)].into() };
    check(&[hold(9, first.clone())], &[(2, delete)], &[(1, vec![9]), (3, vec![9])]);
    let all = [(1, vec![8, 9]), (2, vec![8]), (3, vec![8, 9])];
    check(&[hold(9, first), hold(8, Scope::Client)], &[], &all);
}

#[test]
fn what_is_waited_for_is_counted() {
    let tax = Rule {
        covers: Covers::Category { category: "Tax documents".into() },
        ..rule(Anchor::TaxYearEnd { month: 12, day: 31 }, years(7), Then::Delete)
    };
    let rules = only([rule(Anchor::ProjectClose, years(3), Then::Delete), tax]);
    let mut documents = documents();
    documents[0].category = "Tax documents".into();
    let found = rehearsed(&documents, &rules, &[]);
    assert_eq!(found.waiting, [(Waits::ProjectClose, 3), (Waits::TaxYear, 1)].into());
    assert_eq!(found.items, []);
}

#[test]
fn a_fingerprint_stands_for_the_contents_and_nothing_else() {
    let two_holds = [hold(9, Scope::Client), hold(8, Scope::Documents { documents: [document(1)].into() })];
    let text = |documents: &[Facts], rules: &Rules, holds: &[Hold]| rehearsed(documents, rules, holds).text();
    for holds in [&[] as &[Hold], &two_holds] {
        let first = text(&documents(), &rules(), holds);
        let (mut turned, mut holds_turned) = (documents(), holds.to_vec());
        turned.reverse();
        holds_turned.reverse();
        assert_eq!(text(&turned, &rules(), &holds_turned), first);
        // What is due later, or is another client's, is not on the list.
        let mut later = documents();
        later[3].size_bytes += 1;
        later[4].size_bytes += 1;
        assert_eq!(text(&later, &rules(), holds), first);
        let changes: [fn(&mut Facts); 7] = [
            |facts| facts.document = document(77),
            |facts| facts.version += 1,
            |facts| facts.digest = "e".repeat(64),
            |facts| facts.size_bytes += 1,
            |facts| facts.category = "Other".into(),
            |facts| facts.uploaded_at = at("2020-12-30T15:00:00Z"),
            |facts| facts.uploaded_at = at("2020-12-31T15:00:01Z"),
        ];
        for (place, change) in changes.into_iter().enumerate() {
            let mut changed = documents();
            change(&mut changed[0]);
            assert_ne!(text(&changed, &rules(), holds), first, "change {place}");
        }
        let shorter = only([rule(Anchor::Upload, years(2), Then::ArchiveThenDelete { delete_after: months(35) })]);
        assert_ne!(text(&documents(), &shorter, holds), first);
    }
    assert_ne!(text(&documents(), &rules(), &two_holds[..1]), text(&documents(), &rules(), &two_holds));
    // A category cannot pretend to be more lines.
    let mut sly = documents();
    sly[0].category = "Other\"\ndelete \u{202E}x".into();
    let lines = |text: String| text.lines().count();
    assert_eq!(lines(text(&sly, &rules(), &[])), lines(text(&documents(), &rules(), &[])));
    assert!(text(&sly, &rules(), &[]).is_ascii());
}

#[test]
fn the_text_of_a_rehearsal_is_stable() {
    let found = rehearsed(&documents()[2..3], &rules(), &[]);
    let want = "portico rehearsal 1\n\
        client 00000000000000000000000001\n\
        day 2024-01-01\n\
        archive 00000000000000000000000003 version 3 \
        sha256 dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd bytes 1000 \
        uploaded 2021-03-02T15:00:00Z category \"Correspondence\" counted from 2021-03-02 due 2023-03-03 \
        rule \"All documents: archived 2 years and deleted 3 years after the upload\"\n";
    assert_eq!(found.text(), want);
}

#[test]
fn a_stored_rehearsal_reads_back() {
    let closed = Rule {
        covers: Covers::Category { category: "Other".into() },
        ..rule(Anchor::ProjectClose, years(1), Then::Delete)
    };
    let mut documents = documents();
    documents[0].category = "Other".into();
    let holds = [hold(9, Scope::Documents { documents: [document(3)].into() })];
    let found = rehearsed(&documents, &rules().with(closed, rules().version()).unwrap(), &holds);
    assert_eq!((found.items.len(), found.held.len(), found.waiting.len()), (1, 1, 1));
    assert_eq!(serde_json::from_value::<Rehearsal>(serde_json::to_value(&found).unwrap()).unwrap(), found);
}

#[test]
fn a_run_takes_what_has_been_due_for_longest() {
    let many = limits::RETENTION_RUN_DOCUMENTS_MAX as u128;
    let mut documents: Vec<Facts> = (1..=many).map(|number| numbered(number, "2020-06-01")).collect();
    documents.extend([numbered(many + 2, "2020-01-01"), numbered(many + 1, "2020-07-01")]);
    let found = rehearsed(&documents, &rules(), &[]);
    let ids: Vec<u128> = found.items.iter().map(|item| item.document.bits()).collect();
    let want: Vec<u128> = (1..many).chain([many + 2]).collect();
    assert_eq!((ids, found.left), (want, 2));
}

/// What becomes of document 1 of the list, which is to be deleted, when it and what decides are like this by then.
fn check(change: impl Fn(&mut Facts), rules_then: &Rules, holds: &[Hold], want: Result<(), Skipped>) {
    let list = rehearsed(&documents(), &rules(), &[]);
    let mut facts = documents().remove(0);
    change(&mut facts);
    let setting = Setting { rules: rules_then, holds, zone: &TimeZone::UTC };
    assert_eq!(judge(&list.items[0], Some(&facts), &setting, list.day), want, "{facts:?} {holds:?}");
}

#[test]
fn what_changed_since_is_skipped() {
    let same = |_: &mut Facts| ();
    check(same, &rules(), &[], Ok(()));
    check(|facts| facts.version += 1, &rules(), &[], Err(Skipped::Changed));
    check(|facts| facts.digest = "e".repeat(64), &rules(), &[], Err(Skipped::Changed));
    check(|facts| facts.category = "Other".into(), &rules(), &[], Err(Skipped::Changed));
    check(|facts| facts.uploaded_at = at("2020-12-30T15:00:00Z"), &rules(), &[], Err(Skipped::Changed));
    // On the list's day it would not have been deleted; that it is by the day of the run makes no difference.
    check(|facts| facts.uploaded_at = at("2021-01-01T15:00:00Z"), &rules(), &[], Err(Skipped::Changed));
    check(|facts| facts.uploaded_at = at("2022-06-01T15:00:00Z"), &rules(), &[], Err(Skipped::NotDue));
    // What the rule does not ask for makes no difference.
    check(|facts| facts.last_activity_at = at("2023-12-31T15:00:00Z"), &rules(), &[], Ok(()));
    check(|facts| facts.document = document(2), &rules(), &[], Err(Skipped::Gone));
    check(same, &only([]), &[], Err(Skipped::NotDue));
    let longer = only([rule(Anchor::Upload, years(2), Then::ArchiveThenDelete { delete_after: years(4) })]);
    check(same, &longer, &[], Err(Skipped::Changed));
    // The same days, but by a rule that says something else.
    let plain = only([rule(Anchor::Upload, years(3), Then::Delete)]);
    check(same, &plain, &[], Err(Skipped::Changed));
}

#[test]
fn what_came_under_a_hold_since_is_skipped() {
    let held = |numbers: &[u128]| Err(Skipped::Held { holds: numbers.iter().map(|n| HoldId::from_bits(*n)).collect() });
    let same = |_: &mut Facts| ();
    for scope in [
        Scope::Client,
        Scope::Project { project: ProjectId::from_bits(1) },
        Scope::Documents { documents: [document(1)].into() },
    ] {
        let placed = hold(9, scope);
        check(same, &rules(), std::slice::from_ref(&placed), held(&[9]));
        check(same, &rules(), &[placed.clone(), hold(8, Scope::Client)], held(&[8, 9]));
        // Also where something else would keep it.
        check(|facts| facts.version += 1, &only([]), std::slice::from_ref(&placed), held(&[9]));
        let released = release(&placed, &person(8), at("2023-01-01T00:00:00Z")).unwrap();
        check(same, &rules(), &[released], Ok(()));
    }
    let other = hold(9, Scope::Documents { documents: [document(2)].into() });
    check(same, &rules(), &[other], Ok(()));
    let list = rehearsed(&documents(), &rules(), &[]);
    let setting = Setting { rules: &rules(), holds: &[], zone: &TimeZone::UTC };
    assert_eq!(judge(&list.items[0], None, &setting, list.day), Err(Skipped::Gone));
}
