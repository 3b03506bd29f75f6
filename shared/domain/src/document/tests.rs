use super::*;

fn check_name(input: &str, want: Result<&str, DocumentRefused>) {
    assert_eq!(FileName::parse(input).as_ref().map(FileName::as_str), want.as_ref().copied(), "{input:?}");
}

#[test]
fn names_are_never_paths() {
    check_name("report.pdf", Ok("report.pdf"));
    check_name("../../x", Ok("x"));
    check_name("C:\\Users\\a\\report.pdf", Ok("report.pdf"));
    check_name("..", Err(DocumentRefused::NoName));
    check_name("a/", Err(DocumentRefused::NoName));
    check_name("a\u{202E}fdp.exe", Err(DocumentRefused::NameUnreadable));
    check_name("a\0.pdf", Err(DocumentRefused::NameUnreadable));
    check_name(&"😀".repeat(255), Ok(&"😀".repeat(255)));
    check_name(&"😀".repeat(256), Err(DocumentRefused::NameTooLong { characters_max: 255 }));
}

#[test]
fn plain_names_keep_the_ending() {
    let check = |name: &str, want: &str| assert_eq!(FileName::parse(name).unwrap().plain(), want, "{name:?}");
    check("Report 2026.pdf", "Report_2026.pdf");
    check("Übersicht – Zürich.docx", "bersicht_Z_rich.docx");
    check("契約書.pdf", "document.pdf");
    check(".htaccess", "htaccess");
    check("a\"b;c=%22.txt", "a_b_c_22.txt");
    check(&format!("{}.pdf", "x".repeat(250)), &format!("{}.pdf", "x".repeat(70)));
    check("no ending", "no_ending");
    check("odd.ending that is a sentence", "odd.ending_that_is_a_sentence");
}

#[test]
fn a_ticket_is_missed_once_it_ran_out() {
    let state = State::AwaitingUpload { expires: now() };
    assert!(!state.missed(now()) && state.missed(now() + 1.second()));
    assert!(!State::Processing { object_version: "v".into() }.missed(now() + 1.second()));
}

#[test]
fn what_never_came_lapses_a_week_after_its_ticket() {
    let awaited = State::AwaitingUpload { expires: now() };
    let cancelled = State::Rejected { reason: RejectReason::Cancelled, at: now() };
    let refused = State::Rejected { reason: RejectReason::Malware, at: now() };
    let processing = State::Processing { object_version: "v".into() };
    for (state, is_sent, hours, want) in [
        (&awaited, false, 168, false),
        (&awaited, false, 169, true),
        (&awaited, true, 1_000, false),
        (&cancelled, false, 168, false),
        (&cancelled, true, 169, true),
        (&refused, false, 720, false),
        (&refused, false, 721, true),
        (&processing, true, 1_000, false),
    ] {
        assert_eq!(state.lapsed(is_sent, now() + hours.hours()), want, "{state:?} after {hours} hours");
    }
}

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn ask(name: &str, size_bytes: u64, category: &str) -> Result<Document, DocumentRefused> {
    let new = NewDocument {
        name: name.into(),
        size_bytes,
        project: ProjectId::from_bits(1),
        category: category.into(),
        again_for: None,
        visibility: None,
        request: None,
        replaces: None,
    };
    request_upload(&new, &["Evidence", "Other"], 0, &PersonId::from_bits(2), true, &mut Moment::new(now(), || 3))
}

#[test]
fn tickets_are_refused_with_the_reason() {
    assert_eq!(ask("a.pdf", 0, "Other").unwrap_err(), DocumentRefused::Empty);
    assert_eq!(
        ask("a.pdf", u64::MAX, "Other").unwrap_err(),
        DocumentRefused::TooLarge { size_bytes_max: limits::DOCUMENT_SIZE_BYTES_MAX }
    );
    assert_eq!(ask("a.pdf", 1, "Nope").unwrap_err(), DocumentRefused::NoSuchCategory);
    assert_eq!(ask("a.pdf", 1, "Other").unwrap().state.as_str(), "awaiting_upload");
}

fn checked(object_version: &str, size_bytes: u64) -> Checked {
    Checked {
        object_version: object_version.into(),
        filed_as: "f".into(),
        digest: "d".into(),
        size_bytes,
        kind: "pdf".into(),
        pages: 1,
        searchable: true,
        read_by_sight: 0,
        unseen: 0,
        previews: 0,
        language: None,
    }
}

#[test]
fn whatever_the_order_a_document_becomes_ready_once() {
    let asked = ask("a.pdf", 10, "Other").unwrap();
    let (received, events) = receive(&asked, "v1");
    assert_eq!(events, vec![Event::Received]);
    let (ready, events) = accept(&received, checked("v1", 10), now());
    assert_eq!(events, vec![Event::Ready]);
    // The verdict overtook the arrival.
    assert_eq!(accept(&asked, checked("v1", 10), now()).1, vec![Event::Ready]);
    // Each message again, late or about another version, changes nothing.
    for (after, events) in [
        receive(&ready, "v1"),
        accept(&ready, checked("v1", 10), now()),
        reject(&ready, "v1", RejectReason::Malware, now()),
        reject(&received, "v2", RejectReason::Malware, now()),
        receive(&received, "v2"),
    ] {
        assert_eq!(events, vec![]);
        assert!(after == ready || after == received);
    }
    assert_eq!(accept(&received, checked("v2", 10), now()).1, vec![]);
}

#[test]
fn a_file_larger_than_announced_is_refused() {
    let asked = ask("a.pdf", 10, "Other").unwrap();
    assert_eq!(accept(&asked, checked("v1", 11), now()).1, vec![Event::Rejected { reason: RejectReason::TooLarge }]);
}

#[test]
fn a_rejected_file_stays_rejected() {
    let (rejected, _) = reject(&ask("a.pdf", 10, "Other").unwrap(), "v1", RejectReason::Malware, now());
    assert_eq!(accept(&rejected, checked("v1", 10), now()), (rejected, vec![]));
}

#[test]
fn a_ticket_is_worth_what_its_holder_is_today() {
    use crate::Role;
    let check = |of_client, of_firm, assigned, want| {
        let standing = Standing { of_client, of_firm, assigned };
        assert_eq!(may_still_file(standing), want, "{standing:?}");
    };
    check(true, None, false, true);
    check(false, None, false, false);
    check(false, Some(Role::Partner), false, true);
    check(false, Some(Role::Staff), true, true);
    check(false, Some(Role::Staff), false, false);
    check(false, None, true, false);
}

#[test]
fn a_document_is_moved_and_renamed_with_its_ending() {
    let (received, _) = receive(&ask("Scan.pdf", 10, "Other").unwrap(), "v1");
    let (ready, _) = accept(&received, checked("v1", 10), now());
    let check = |edit: DocumentEdit, want: Result<(&str, &str, u64), DocumentRefused>| {
        let edit = DocumentEdit { version: ready.version, ..edit };
        let found = arrange(&ready, &edit, &["Evidence", "Other"], true, &hand());
        let found = found.as_ref().map(|after| (after.name.as_str(), after.category.as_str(), after.version));
        assert_eq!(found, want.as_ref().copied(), "{edit:?}");
    };
    let name = |name: &str| DocumentEdit { name: Some(name.into()), ..DocumentEdit::default() };
    check(name("Lease"), Ok(("Lease.pdf", "Other", 4)));
    check(name("Lease.PDF"), Ok(("Lease.PDF", "Other", 4)));
    check(name("Lease.exe"), Ok(("Lease.exe.pdf", "Other", 4)));
    check(name("Scan.pdf"), Ok(("Scan.pdf", "Other", 3)));
    check(name(".."), Err(DocumentRefused::NoName));
    let to = |category: &str| DocumentEdit {
        project: Some(ProjectId::from_bits(5)),
        category: Some(category.into()),
        ..DocumentEdit::default()
    };
    check(to("Evidence"), Ok(("Scan.pdf", "Evidence", 4)));
    check(to("Tax returns"), Err(DocumentRefused::NoSuchCategory));
    let moved = arrange(&ready, &DocumentEdit { version: 3, ..to("Other") }, &["Other"], true, &hand()).unwrap();
    assert_eq!(moved.project, ProjectId::from_bits(5));
    assert_eq!(
        arrange(&ready, &DocumentEdit { version: 2, ..to("Other") }, &["Other"], true, &hand()),
        Err(DocumentRefused::Stale)
    );
    let waiting = arrange(&received, &DocumentEdit { version: 2, ..to("Other") }, &["Other"], true, &hand());
    assert_eq!(waiting, Err(DocumentRefused::NotReady));
}

#[test]
fn the_firm_says_which_tax_year_a_document_is_about() {
    let document = ask("a.pdf", 10, "Other").unwrap();
    let edit = |year| DocumentEdit { version: 1, tax_year: Some(year), ..DocumentEdit::default() };
    let check = |year, by_firm, want: Result<Option<i16>, DocumentRefused>| {
        let found = arrange(&document, &edit(year), &[], by_firm, &hand());
        assert_eq!(found.map(|after| after.kept.tax_year), want, "{year:?} {by_firm}");
    };
    check(Some(2024), true, Ok(Some(2024)));
    check(None, true, Ok(None));
    check(Some(24), true, Err(DocumentRefused::NoSuchYear));
    check(Some(2024), false, Err(DocumentRefused::NotYours));
    let after = arrange(&document, &edit(Some(2024)), &[], true, &hand()).unwrap();
    assert_eq!((after.kept.arranged_at, after.version), (Some(now()), 2));
    assert_eq!(arrange(&document, &edit(None), &[], true, &hand()).unwrap(), document);
}

#[test]
fn only_what_was_refused_can_be_not_needed() {
    let asked = ask("a.pdf", 10, "Other").unwrap();
    let (rejected, _) = reject(&asked, "v1", RejectReason::Empty, now());
    let edit = |version, not_needed| DocumentEdit { version, not_needed: Some(not_needed), ..DocumentEdit::default() };
    let after = arrange(&rejected, &edit(2, true), &[], true, &hand()).unwrap();
    assert!(after.not_needed && after.version == 3);
    assert_eq!(arrange(&after, &edit(3, false), &[], true, &hand()).map(|again| again.not_needed), Ok(false));
    assert_eq!(arrange(&asked, &edit(1, true), &[], true, &hand()), Err(DocumentRefused::NotRefused));
}

#[test]
fn the_uploader_and_the_firm_put_it_in_its_place() {
    let document = ask("a.pdf", 10, "Other").unwrap();
    let (uploader, other) = (PersonId::from_bits(2), PersonId::from_bits(9));
    assert!(may_arrange(&document, &uploader, false) && may_arrange(&document, &other, true));
    assert!(!may_arrange(&document, &other, false));
}

fn hand() -> Hand {
    Hand { person: PersonId::from_bits(7), now: now(), batch: crate::BatchId::from_bits(8) }
}

fn ready() -> Document {
    let (received, _) = receive(&ask("Scan.pdf", 10, "Other").unwrap(), "v1");
    accept(&received, checked("v1", 10), now()).0
}

fn words(tags: &Tags) -> Vec<&str> {
    tags.iter().map(Tag::as_str).collect()
}

#[test]
fn tags_are_the_same_however_they_are_written() {
    let check = |typed: &[&str], want: Result<&[&str], DocumentRefused>| {
        let found = tags(typed.iter().copied());
        assert_eq!(found.as_ref().map(words), want.map(<[&str]>::to_vec).as_ref().cloned(), "{typed:?}");
    };
    check(&["  Urgent   MATTER ", "urgent matter", "Über"], Ok(&["urgent matter", "über"]));
    check(&["b, a,, a"], Ok(&["a", "b"]));
    check(&["", " , "], Ok(&[]));
    check(&["a\u{202E}b"], Err(DocumentRefused::TagUnreadable));
    let long = "x".repeat(41);
    check(&[&long], Err(DocumentRefused::TagTooLong { characters_max: 40 }));
    let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check(&many, Err(DocumentRefused::TooManyTags { count_max: 10 }));
    check(&many[..10], Ok(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]));
}

#[test]
fn the_bin_hides_and_gives_back_and_asking_twice_is_asking_once() {
    let document = ready();
    let bin = |of: &Document, binned| {
        let edit = DocumentEdit { version: of.version, binned: Some(binned), ..DocumentEdit::default() };
        arrange(of, &edit, &[], true, &hand())
    };
    let binned = bin(&document, true).unwrap();
    assert!(!binned.is_listed() && !binned.is_found() && document.is_found());
    assert_eq!((binned.version, binned.binned.as_ref().map(|bin| &bin.by)), (4, Some(&hand().person)));
    assert_eq!(bin(&binned, true).as_ref(), Ok(&binned));
    let back = bin(&binned, false).unwrap();
    assert_eq!(back, Document { version: 5, kept: back.kept.clone(), ..document.clone() });
    assert_eq!(bin(&back, false).as_ref(), Ok(&back));
    let rename = DocumentEdit { version: 4, name: Some("x".into()), ..DocumentEdit::default() };
    assert_eq!(arrange(&binned, &rename, &["Other"], true, &hand()), Err(DocumentRefused::InBin));
}

#[test]
fn what_is_on_its_way_is_not_put_into_the_bin() {
    let bin = |of: &Document, now| {
        let edit = DocumentEdit { version: of.version, binned: Some(true), ..DocumentEdit::default() };
        arrange(of, &edit, &[], true, &Hand { now, ..hand() }).map(|after| after.binned.is_some())
    };
    let asked = ask("a.pdf", 10, "Other").unwrap();
    assert_eq!(bin(&asked, now()), Err(DocumentRefused::NotReady));
    assert_eq!(bin(&asked, now() + 1.hour()), Ok(true));
    assert_eq!(bin(&receive(&asked, "v1").0, now() + 1.hour()), Err(DocumentRefused::NotReady));
    assert_eq!(bin(&reject(&asked, "v1", RejectReason::Empty, now()).0, now()), Ok(true));
}

#[test]
fn one_change_of_many_is_a_change_of_each() {
    let document = Document { tags: tags(["old, kept"]).unwrap(), ..ready() };
    let (id, list) = (&document.id, |ids: &[&DocumentId]| ids.iter().map(|id| (*id).clone()).collect::<Vec<_>>());
    let edit = DocumentsEdit {
        documents: list(&[id, id]),
        add_tags: vec!["New".into()],
        remove_tags: vec!["OLD".into()],
        category: Some("Evidence".into()),
        ..DocumentsEdit::default()
    };
    assert_eq!(edit.documents(), Ok(list(&[id])));
    let after = arrange(&document, &edit.of(&document).unwrap(), &["Evidence"], true, &hand()).unwrap();
    assert_eq!((words(&after.tags), after.category.as_str()), (vec!["kept", "new"], "Evidence"));
    assert_eq!(arrange(&after, &edit.of(&after).unwrap(), &["Evidence"], true, &hand()), Ok(after));
    // Nothing about tags leaves them alone.
    let bin = DocumentsEdit { add_tags: Vec::new(), remove_tags: Vec::new(), binned: Some(true), ..edit.clone() };
    assert_eq!(bin.of(&document).unwrap().tags, None);
    let none = DocumentsEdit { documents: Vec::new(), ..edit.clone() };
    assert_eq!(none.documents(), Err(DocumentRefused::NoneChosen));
    let many = DocumentsEdit { documents: (0..101).map(DocumentId::from_bits).collect(), ..edit };
    assert_eq!(many.documents(), Err(DocumentRefused::TooManyFiles { count_max: 100 }));
}

#[test]
fn a_next_version_takes_the_place_of_whatever_is_current_by_then() {
    let (me, other) = (PersonId::from_bits(2), PersonId::from_bits(9));
    let first = Document { tags: tags(["urgent"]).unwrap(), ..ready() };
    let asked = |id| Document { id: DocumentId::from_bits(id), ..ask("New.pdf", 10, "Evidence").unwrap() };
    let (two, three) = (asked(21), asked(22));
    assert_eq!(follow(two.clone(), &first, None, &other, false), Err(DocumentRefused::NotYours));
    let binned = Document { binned: Some(Binned { by: me.clone(), at: now(), batch: hand().batch }), ..first.clone() };
    assert_eq!(follow(two.clone(), &binned, None, &me, false), Err(DocumentRefused::InBin));
    assert_eq!(follow(two.clone(), &two, None, &me, true), Err(DocumentRefused::NotReady));
    let two = follow(two, &first, None, &me, false).unwrap();
    let three = follow(three, &first, None, &me, false).unwrap();
    // Asked for elsewhere, it goes where the one before it lies.
    assert_eq!((two.category.as_str(), words(&two.tags), two.is_listed()), ("Other", vec!["urgent"], true));
    let file = |of: &Document| accept(of, checked("v1", 10), now()).0;
    let (two, behind, series) = succeed(&file(&two), &first, &Series::of(&first));
    assert!(two.is_found() && !behind.is_listed() && behind.version == first.version + 1);
    // Both were asked for as the next of the first; the one that comes later is current.
    let (three, behind, series) = succeed(&file(&three), &two, &series);
    assert!(three.is_found() && behind.superseded && series.current == three.id);
    let ids: Vec<&DocumentId> = series.versions.iter().collect();
    assert_eq!((ids, series.version), (vec![&first.id, &two.id, &three.id], 2));
    assert_eq!(follow(asked(23), &behind, Some(&series), &me, false), Err(DocumentRefused::Superseded));
    // Back to the second, and no version is lost.
    let (again, behind, series) = promote(&behind, &three, &series).unwrap();
    assert!(again.is_found() && again.id == two.id && behind.id == three.id && behind.superseded);
    assert_eq!((series.current.clone(), series.versions.len()), (two.id, 3));
    assert_eq!(promote(&again, &again, &series), Err(DocumentRefused::Current));
    let many = Series { versions: vec![first.id.clone(); 50], ..series };
    assert_eq!(
        follow(asked(24), &again, Some(&many), &me, false),
        Err(DocumentRefused::TooManyVersions { count_max: 50 })
    );
}

#[test]
fn an_earlier_version_is_left_where_it_is() {
    let earlier = Document { superseded: true, ..ready() };
    assert!(!earlier.is_listed() && !earlier.is_found());
    let rename = DocumentEdit { version: 3, name: Some("x".into()), ..DocumentEdit::default() };
    assert_eq!(arrange(&earlier, &rename, &["Other"], true, &hand()), Err(DocumentRefused::Superseded));
}

#[test]
fn a_version_that_lies_in_the_bin_stays_there_and_comes_back_as_an_earlier_one() {
    let first = ready();
    let turn = |of: &Document, binned| {
        let edit = DocumentEdit { version: of.version, binned: Some(binned), ..DocumentEdit::default() };
        arrange(of, &edit, &[], true, &hand())
    };
    let binned = turn(&first, true).unwrap();
    let next = Document { id: DocumentId::from_bits(21), ..first.clone() };
    let (next, behind, series) = succeed(&next, &binned, &Series::of(&first));
    assert!(next.is_found() && behind.binned == binned.binned && behind.superseded);
    assert_eq!(promote(&behind, &next, &series), Err(DocumentRefused::InBin));
    let back = turn(&behind, false).unwrap();
    assert!(back.binned.is_none() && back.superseded && promote(&back, &next, &series).is_ok());
}
