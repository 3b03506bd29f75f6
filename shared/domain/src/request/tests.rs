use jiff::civil::date;
use jiff::tz::TimeZone;

use super::ladder::{added, coming, days, due_days, is_rung};
use super::*;
use crate::packs::Pack;
use crate::project::card::Begun;

mod bin;

const START: &str = "2026-11-24T15:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn moment() -> Moment {
    let mut n = 100;
    Moment::new(at(START), move || {
        n += 1;
        n
    })
}

fn staff() -> PersonId {
    PersonId::from_bits(3)
}
fn client() -> PersonId {
    PersonId::from_bits(1)
}

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn ask(what: &str, due_on: Option<Date>, category: Option<&str>) -> LineEdit {
    LineEdit { id: None, what: Name::parse(what).unwrap(), help: None, due_on, category: category.map(str::to_owned) }
}

/// The firm's own day at [`START`].
const TODAY: Date = date(2026, 11, 24);

const TAX: Of<'static> =
    Of { pack: Pack::Tax, is_open: true, categories: &["Source documents", "Other"], today: TODAY };

fn new(lines: Vec<LineEdit>) -> NewRequest {
    NewRequest {
        project: ProjectId::from_bits(1),
        template: None,
        title: Some(Name::parse("Papers").unwrap()),
        due_on: Some(date(2026, 12, 18)),
        lines: Some(lines),
    }
}

/// Two lines, both asked.
fn list() -> Request {
    let lines = vec![ask("Bank statements", None, Some("Source documents")), ask("Lease", None, None)];
    send(new(lines), &TAX, 0, &staff(), &mut moment()).unwrap()
}

fn ids(request: &Request) -> Vec<RequestLineId> {
    request.lines.iter().map(|line| line.id.clone()).collect()
}

fn states(request: &Request) -> String {
    request.lines.iter().map(|line| line.state.as_str()).collect::<Vec<_>>().join(" ")
}

fn file(n: u128) -> DocumentId {
    DocumentId::from_bits(n)
}

/// A file announced for a line that has become ready.
fn given(request: &Request, line: usize, n: u128) -> (Request, Event) {
    let line = ids(request)[line].clone();
    let (handed, event) = hand_in(request, &line, &[file(n)], at(START)).unwrap().unwrap();
    assert_eq!(event, Event::HandedIn);
    filed(&handed, &line, &file(n), at("2026-11-25T10:00:00Z")).unwrap()
}

#[test]
fn a_list_is_made_from_the_pack_or_by_hand() {
    let check = |new: NewRequest, of: &Of<'_>, open, want: Result<(&str, usize), RequestRefused>| {
        let made = send(new, of, open, &staff(), &mut moment());
        assert_eq!(made.as_ref().map(|made| (made.title.as_str(), made.lines.len())).map_err(Clone::clone), want);
    };
    let pack = |name: &str| NewRequest { template: Some(name.into()), title: None, lines: None, ..new(vec![]) };
    let tax = Of { categories: Pack::Tax.categories(), ..TAX };
    check(pack("individual-return"), &tax, 0, Ok(("Papers for your tax return", 8)));
    check(pack("opening"), &tax, 0, Err(RequestRefused::NoSuchTemplate));
    let own = NewRequest { lines: Some(vec![ask("Lease", None, None)]), ..pack("individual-return") };
    check(own, &tax, 0, Ok(("Papers for your tax return", 1)));
    check(NewRequest { title: None, ..new(vec![ask("Lease", None, None)]) }, &tax, 0, Err(RequestRefused::NoTitle));
    check(new(vec![]), &tax, 0, Err(RequestRefused::NoLines));
    check(new(vec![ask("Lease", None, Some("Pleadings"))]), &tax, 0, Err(RequestRefused::NoSuchCategory));
    let count_max = limits::REQUEST_LINES_MAX;
    check(new(vec![ask("a", None, None); count_max + 1]), &tax, 0, Err(RequestRefused::TooManyLines { count_max }));
    let lease = || new(vec![ask("Lease", None, None)]);
    check(lease(), &Of { is_open: false, ..tax }, 0, Err(RequestRefused::IsClosed));
    let count_max = limits::REQUESTS_OPEN_MAX;
    check(lease(), &tax, count_max, Err(RequestRefused::TooManyOpen { count_max }));
    check(lease(), &tax, count_max - 1, Ok(("Papers", 1)));
    // A line's own day stays; others take the list's.
    let made = new(vec![ask("a", Some(date(2026, 12, 1)), None), ask("b", None, None)]);
    let made = send(made, &tax, 0, &staff(), &mut moment()).unwrap();
    assert_eq!(due_days(&made), [date(2026, 12, 1), date(2026, 12, 18)]);
    let long =
        LineEdit { help: Some(note(&"a".repeat(limits::REQUEST_REMARK_CHARACTERS_MAX + 1))), ..ask("a", None, None) };
    assert!(matches!(
        send(new(vec![long]), &tax, 0, &staff(), &mut moment()),
        Err(RequestRefused::WordsTooLong { .. })
    ));
}

#[test]
fn a_line_goes_from_asked_to_accepted_and_back_where_it_is_wrong() {
    let list = list();
    let lines = ids(&list);
    assert_eq!((states(&list).as_str(), list.progress(true).to_string().as_str()), ("asked asked", "0 of 2"));
    // An announced file has delivered nothing yet.
    let (handed, _) = hand_in(&list, &lines[0], &[file(1)], at(START)).unwrap().unwrap();
    assert_eq!((states(&handed).as_str(), handed.lines[0].files.len(), handed.version), ("asked asked", 1, 2));
    let (one, event) = filed(&handed, &lines[0], &file(1), at(START)).unwrap();
    assert_eq!((states(&one).as_str(), event), ("delivered asked", Event::Given));
    assert_eq!((one.progress(true).to_string(), one.progress(false).to_string()), ("1 of 2".into(), "0 of 2".into()));
    // The same news again, or of another file of the line, changes nothing that anybody hears of.
    assert_eq!(filed(&one, &lines[0], &file(1), at(START)), None);
    let (back, event) = send_back(&one, &lines[0], note("The wrong year."), &staff(), at(START)).unwrap().unwrap();
    assert_eq!((states(&back).as_str(), event), ("returned asked", Event::Returned { line: lines[0].clone() }));
    assert!(back.lines[0].files[0].returned);
    let again = send_back(&back, &lines[0], note("The wrong year."), &staff(), at(START));
    assert_eq!(again, Ok(None), "sent twice, it is sent back once");
    let (second, event) = given(&back, 0, 2);
    assert_eq!((states(&second).as_str(), event), ("delivered asked", Event::Given));
    assert_eq!(second.lines[0].files.iter().map(|file| file.returned).collect::<Vec<_>>(), [true, false]);
    let (all, event) =
        not_had(&second, &lines[1], Some(note("Never had one.")), &client(), at(START)).unwrap().unwrap();
    assert_eq!((states(&all).as_str(), event), ("delivered not_had", Event::Delivered));
    assert!(all.waits_for_firm() && all.delivered_at == Some(at(START)));
    let (half, event) = accept(&all, &lines[1], &staff(), at(START)).unwrap().unwrap();
    assert_eq!(
        (states(&half).as_str(), event, half.standing),
        ("delivered accepted_not_had", Event::Accepted, Standing::Open)
    );
    assert_eq!(accept(&half, &lines[1], &staff(), at(START)), Ok(None));
    let (done, event) = accept(&half, &lines[0], &staff(), at(START)).unwrap().unwrap();
    assert_eq!(
        (event, done.standing, done.progress(false).to_string()),
        (Event::Completed, Standing::Complete, "2 of 2".into())
    );
    let (undone, event) = undo_accept(&done, &lines[0], at(START)).unwrap().unwrap();
    assert_eq!(
        (event, undone.standing, states(&undone).as_str()),
        (Event::AcceptUndone, Standing::Open, "delivered accepted_not_had")
    );
    assert_eq!(undo_accept(&undone, &lines[0], at(START)), Ok(None));
}

#[test]
fn what_cannot_be_done_says_why() {
    let check = |decided: Result<Decided, RequestRefused>, want: RequestRefused| {
        assert_eq!(decided.map(|decided| decided.map(|(_, event)| event)), Err(want));
    };
    let list = list();
    let (lines, now) = (ids(&list), at(START));
    check(accept(&list, &lines[0], &staff(), now), RequestRefused::NothingCame);
    check(send_back(&list, &lines[0], note("Why?"), &staff(), now), RequestRefused::NothingCame);
    check(undo_accept(&list, &lines[0], now), RequestRefused::NotAccepted);
    check(accept(&list, &RequestLineId::from_bits(999), &staff(), now), RequestRefused::NoSuchLine);
    let one = given(&list, 0, 1).0;
    check(not_had(&one, &lines[0], None, &client(), now), RequestRefused::HasFiles);
    let accepted = accept(&one, &lines[0], &staff(), now).unwrap().unwrap().0;
    check(hand_in(&accepted, &lines[0], &[file(2)], now), RequestRefused::Settled);
    check(not_had(&accepted, &lines[0], None, &client(), now), RequestRefused::Settled);
    check(send_back(&accepted, &lines[0], note("Why?"), &staff(), now), RequestRefused::Settled);
    assert_eq!(filed(&accepted, &lines[0], &file(2), now), None);
    let long = note(&"a".repeat(limits::REQUEST_REMARK_CHARACTERS_MAX + 1));
    let characters_max = limits::REQUEST_REMARK_CHARACTERS_MAX;
    check(not_had(&list, &lines[0], Some(long), &client(), now), RequestRefused::WordsTooLong { characters_max });
    let many: Vec<DocumentId> = (0..=limits::REQUEST_FILES_MAX as u128).map(file).collect();
    let count_max = limits::REQUEST_FILES_MAX;
    check(hand_in(&list, &lines[0], &many, now), RequestRefused::TooManyFiles { count_max });
    let withdraw = RequestEdit { version: 1, withdrawn: Some(true), ..RequestEdit::default() };
    let (gone, event) = edit(&list, withdraw, TAX.categories, TODAY, &mut moment()).unwrap().unwrap();
    assert_eq!((event, gone.standing, gone.missing().count()), (Event::Withdrawn, Standing::Withdrawn, 0));
    check(hand_in(&gone, &lines[0], &[file(1)], now), RequestRefused::Withdrawn);
    check(accept(&gone, &lines[0], &staff(), now), RequestRefused::Withdrawn);
    assert_eq!(filed(&gone, &lines[0], &file(1), now), None);
    let rename = RequestEdit { version: 2, title: Some(Name::parse("Other").unwrap()), ..RequestEdit::default() };
    check(edit(&gone, rename, TAX.categories, TODAY, &mut moment()), RequestRefused::Withdrawn);
    let back = RequestEdit { version: 2, withdrawn: Some(false), ..RequestEdit::default() };
    let (back, event) = edit(&gone, back, TAX.categories, TODAY, &mut moment()).unwrap().unwrap();
    assert_eq!((event, back.standing), (Event::Reinstated, Standing::Open));
}

#[test]
fn nothing_is_asked_for_by_a_day_that_has_passed() {
    let past = RequestRefused::DuePast { place: 1 };
    let check = |due_on: &str, today: &str, want: Result<(), &RequestRefused>| {
        let of = Of { today: today.parse().unwrap(), ..TAX };
        let lines = vec![ask("Lease", None, None), ask("Payroll", Some(due_on.parse().unwrap()), None)];
        let made = send(NewRequest { due_on: None, ..new(lines) }, &of, 0, &staff(), &mut moment());
        assert_eq!(made.as_ref().map(|_| ()), want, "{due_on} on {today}");
    };
    check("2026-11-24", "2026-11-24", Ok(()));
    check("2026-11-23", "2026-11-24", Err(&past));
    check("2020-01-01", "2026-11-24", Err(&past));
    // Where the firm is, it is the evening before.
    check("2026-11-23", "2026-11-23", Ok(()));
    let of_all = NewRequest { due_on: Some(date(2026, 11, 23)), ..new(vec![ask("Lease", None, None)]) };
    assert_eq!(send(of_all, &TAX, 0, &staff(), &mut moment()), Err(RequestRefused::DuePast { place: 0 }));

    // A list that is late can be changed; its days cannot be moved to others that have passed.
    let list = list();
    let later = date(2027, 1, 5);
    let change = |due_on: Date| {
        let line = |line: &Line, due_on| LineEdit {
            id: Some(line.id.clone()),
            ..ask(line.what.as_str(), due_on, line.category.as_deref())
        };
        let lines = vec![line(&list.lines[0], Some(date(2026, 12, 18))), line(&list.lines[1], Some(due_on))];
        let change = RequestEdit { version: 1, lines: Some(lines), ..RequestEdit::default() };
        edit(&list, change, TAX.categories, later, &mut moment()).map(|decided| decided.is_some())
    };
    assert_eq!(change(date(2026, 12, 18)), Ok(false));
    assert_eq!(change(later), Ok(true));
    assert_eq!(change(date(2026, 12, 19)), Err(past));
}

#[test]
fn a_thing_is_asked_for_once() {
    let helped = |what: &str, help: &str| LineEdit { help: Some(note(help)), ..ask(what, None, None) };
    let check = |lines: Vec<LineEdit>, want: Option<usize>| {
        let made = send(new(lines.clone()), &TAX, 0, &staff(), &mut moment());
        let place = match made {
            Err(RequestRefused::Twice { place, .. }) => Some(place),
            made => made.map(|_| None).unwrap(),
        };
        assert_eq!(place, want, "{lines:?}");
    };
    check(vec![ask("Lease", None, None), ask("Payroll", None, None), ask("lease", None, Some("Other"))], Some(2));
    check(vec![helped("Bank statements", "Of 2024"), helped("Bank statements", "Of 2025")], None);
    check(vec![helped("Bank statements", "Of 2024"), helped("Bank statements", "Of 2024")], Some(1));

    // What was sent twice before can be kept, and is not added to.
    let mut list = list();
    list.lines[1].what = list.lines[0].what.clone();
    let kept = |line: &Line| LineEdit {
        id: Some(line.id.clone()),
        ..ask(line.what.as_str(), line.due_on, line.category.as_deref())
    };
    let change = |more: Option<LineEdit>| {
        let lines = list.lines.iter().map(kept).chain(more).collect();
        let change = RequestEdit { version: 1, lines: Some(lines), ..RequestEdit::default() };
        edit(&list, change, TAX.categories, TODAY, &mut moment()).map(|decided| decided.is_some())
    };
    assert_eq!(change(None), Ok(false));
    assert_eq!(change(Some(ask("Payroll", None, None))), Ok(true));
    let what = list.lines[0].what.clone();
    assert_eq!(change(Some(ask(what.as_str(), None, None))), Err(RequestRefused::Twice { place: 2, what }));
}

#[test]
fn a_card_counts_what_has_come_while_the_rest_is_missing() {
    let check = |request: &Request, want: Option<(usize, &str)>| {
        let begun = Begun::of(std::slice::from_ref(request));
        let found = begun.first().map(|begun| (begun.lines, begun.since));
        assert_eq!(found, want.map(|(lines, since)| (lines, at(since))), "{}", states(request));
    };
    let list = list();
    check(&list, None);
    let one = given(&list, 0, 1).0;
    check(&one, Some((1, "2026-11-25T10:00:00Z")));
    // What is accepted is looked at, and of what has come whole there is other news.
    check(&accept(&one, &ids(&one)[0], &staff(), at(START)).unwrap().unwrap().0, None);
    check(&given(&one, 1, 2).0, None);
}

#[test]
fn lines_are_added_changed_and_removed() {
    let list = given(&list(), 0, 1).0;
    let lines = ids(&list);
    let kept = |line: &Line| LineEdit {
        id: Some(line.id.clone()),
        help: line.help.clone(),
        ..ask(line.what.as_str(), line.due_on, line.category.as_deref())
    };
    let change = |edits: Vec<LineEdit>| {
        let change = RequestEdit { version: list.version, lines: Some(edits), ..RequestEdit::default() };
        edit(&list, change, TAX.categories, TODAY, &mut moment())
    };
    assert_eq!(change(list.lines.iter().map(kept).collect()), Ok(None), "nothing differs");
    let (more, event) =
        change(vec![kept(&list.lines[0]), kept(&list.lines[1]), ask("Payroll", None, None)]).unwrap().unwrap();
    assert_eq!((event, states(&more).as_str()), (Event::Extended, "delivered asked asked"));
    // Without what is missing nothing is with the client; the firm did that and hears of nothing.
    let (less, event) = change(vec![kept(&list.lines[0])]).unwrap().unwrap();
    assert_eq!((event, states(&less).as_str(), less.waits_for_firm()), (Event::Edited, "delivered", true));
    assert_eq!(change(vec![]), Err(RequestRefused::NoLines));
    assert_eq!(change(vec![kept(&list.lines[0]), kept(&list.lines[0])]), Err(RequestRefused::ForeignLine));
    let foreign = LineEdit { id: Some(RequestLineId::from_bits(999)), ..ask("a", None, None) };
    assert_eq!(change(vec![foreign]), Err(RequestRefused::ForeignLine));
    let stale = RequestEdit { version: 1, ..RequestEdit::default() };
    assert_eq!(edit(&list, stale, TAX.categories, TODAY, &mut moment()), Err(RequestRefused::Stale));
    // More is asked for after everything was accepted: the list is open again.
    let done = accept(&less, &lines[0], &staff(), at(START)).unwrap().unwrap().0;
    assert_eq!(done.standing, Standing::Complete);
    let change = RequestEdit {
        version: done.version,
        lines: Some(vec![kept(&done.lines[0]), ask("Payroll", None, None)]),
        ..RequestEdit::default()
    };
    let (open, event) = edit(&done, change, TAX.categories, TODAY, &mut moment()).unwrap().unwrap();
    assert_eq!((event, open.standing, open.delivered_at), (Event::Extended, Standing::Open, None));
}

#[test]
fn the_firm_hears_once_a_time_that_everything_came() {
    let (one, first) = given(&list(), 0, 1);
    let (all, second) = given(&one, 1, 2);
    assert_eq!((first, second), (Event::Given, Event::Delivered));
    // More files of the same set are no news; what is announced afterwards is.
    let lines = ids(&all);
    assert_eq!(filed(&all, &lines[1], &file(2), at(START)), None);
    let delivered_at = all.delivered_at.unwrap();
    let check = |request: &Request, announced_at: Timestamp, want| {
        assert_eq!(is_told_alone(request, &lines[1], announced_at), want, "{announced_at} {}", states(request));
    };
    check(&one, at("2027-01-01T00:00:00Z"), false);
    check(&all, at(START), false);
    check(&all, delivered_at, false);
    check(&all, at("2026-11-25T10:00:01Z"), true);
    let accepted = accept(&all, &lines[1], &staff(), delivered_at).unwrap().unwrap().0;
    check(&accepted, at(START), true);
    // Sent back and given again it is complete once more.
    let back = send_back(&all, &lines[0], note("Page 2 is missing."), &staff(), delivered_at).unwrap().unwrap().0;
    assert_eq!(back.delivered_at, None);
    assert_eq!(given(&back, 0, 3).1, Event::Delivered);
}

#[test]
fn a_file_goes_where_the_line_says() {
    let list = list();
    let check = |line: usize, said, want| assert_eq!(category_of(&list.lines[line], said, Pack::Tax), want);
    check(0, "Other", "Source documents");
    check(1, "Engagement", "Engagement");
    check(1, "", "Other");
}

#[test]
fn the_ladder_climbs_to_the_day_and_then_once_a_week() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let check = |due: &[&str], want: &[&str]| {
        let due: Vec<Date> = due.iter().map(|text| day(text)).collect();
        assert_eq!(days(&due), want.iter().map(|text| day(text)).collect::<Vec<_>>(), "{due:?}");
    };
    check(&[], &[]);
    check(
        &["2026-12-18"],
        &[
            "2026-12-11",
            "2026-12-17",
            "2026-12-18",
            "2026-12-25",
            "2027-01-01",
            "2027-01-08",
            "2027-01-15",
            "2027-01-22",
            "2027-01-29",
            "2027-02-05",
            "2027-02-12",
        ],
    );
    // The weeks of the first end where the second is due; a day that both have is one rung.
    check(
        &["2026-12-01", "2026-12-04", "2026-12-08"],
        &[
            "2026-11-24",
            "2026-11-27",
            "2026-11-30",
            "2026-12-01",
            "2026-12-03",
            "2026-12-04",
            "2026-12-07",
            "2026-12-08",
            "2026-12-15",
            "2026-12-22",
            "2026-12-29",
            "2027-01-05",
            "2027-01-12",
            "2027-01-19",
            "2027-01-26",
            "2027-02-02",
        ],
    );
    let due = [day("2026-12-18")];
    assert!(is_rung(&due, day("2026-12-25")) && !is_rung(&due, day("2026-12-24")) && !is_rung(&[], day("2026-12-25")));
}

#[test]
fn rungs_are_set_once_at_nine_by_the_firms_clock_and_only_for_what_is_missing() {
    let zone = crate::calendar::zone("America/New_York").unwrap();
    let list = list();
    let rungs = added(None, &list, &zone, at(START));
    assert_eq!(rungs.len(), 11);
    assert_eq!((rungs[0].day, rungs[0].at), (date(2026, 12, 11), at("2026-12-11T14:00:00Z")));
    // A change that leaves the days as they are sets none again; nor does one that only takes some away.
    let one = given(&list, 0, 1).0;
    assert_eq!(added(Some(&list), &one, &zone, at(START)), []);
    let all = given(&one, 1, 2).0;
    assert_eq!((due_days(&all), added(Some(&one), &all, &zone, at(START))), (vec![], vec![]));
    // What goes back to the client is reminded of again, from then on.
    let lines = ids(&all);
    let now = at("2026-12-17T14:00:00Z");
    let back = send_back(&all, &lines[0], note("The wrong year."), &staff(), now).unwrap().unwrap().0;
    assert_eq!(added(Some(&all), &back, &zone, now).first().map(|rung| rung.day), Some(date(2026, 12, 18)));
    let gone = edit(
        &back,
        RequestEdit { version: back.version, withdrawn: Some(true), ..RequestEdit::default() },
        &[],
        TODAY,
        &mut moment(),
    );
    assert_eq!(due_days(&gone.unwrap().unwrap().0), [] as [Date; 0]);
    let daily: Vec<Date> = (1..=28).map(|day| date(2027, 1, day)).collect();
    assert_eq!(coming(&daily, &TimeZone::UTC, at(START)).len(), limits::REQUEST_RUNGS_MAX);
}

#[test]
fn not_having_something_is_taken_back_until_the_firm_has_answered() {
    let list = list();
    let line = ids(&list)[0].clone();
    let said = not_had(&list, &line, Some(note("Lost.")), &client(), at(START)).unwrap().unwrap().0;
    let check = |request: &Request, want: Result<Option<&str>, RequestRefused>| {
        let undone = undo_not_had(request, &line, at(START));
        let states = undone.as_ref().map(|decided| decided.as_ref().map(|(next, _)| states(next)));
        assert_eq!(states.map_err(Clone::clone), want.map(|want| want.map(str::to_owned)));
    };
    check(&said, Ok(Some("asked asked")));
    check(&list, Ok(None));
    check(&accept(&said, &line, &staff(), at(START)).unwrap().unwrap().0, Err(RequestRefused::NotSaid));
    check(&given(&said, 0, 1).0, Err(RequestRefused::NotSaid));
}
