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
        let found = arrange(&ready, &edit, &["Evidence", "Other"], true, now());
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
    let moved = arrange(&ready, &DocumentEdit { version: 3, ..to("Other") }, &["Other"], true, now()).unwrap();
    assert_eq!(moved.project, ProjectId::from_bits(5));
    assert_eq!(
        arrange(&ready, &DocumentEdit { version: 2, ..to("Other") }, &["Other"], true, now()),
        Err(DocumentRefused::Stale)
    );
    let waiting = arrange(&received, &DocumentEdit { version: 2, ..to("Other") }, &["Other"], true, now());
    assert_eq!(waiting, Err(DocumentRefused::NotReady));
}

#[test]
fn the_firm_says_which_tax_year_a_document_is_about() {
    let document = ask("a.pdf", 10, "Other").unwrap();
    let edit = |year| DocumentEdit { version: 1, tax_year: Some(year), ..DocumentEdit::default() };
    let check = |year, by_firm, want: Result<Option<i16>, DocumentRefused>| {
        let found = arrange(&document, &edit(year), &[], by_firm, now());
        assert_eq!(found.map(|after| after.kept.tax_year), want, "{year:?} {by_firm}");
    };
    check(Some(2024), true, Ok(Some(2024)));
    check(None, true, Ok(None));
    check(Some(24), true, Err(DocumentRefused::NoSuchYear));
    check(Some(2024), false, Err(DocumentRefused::NotYours));
    let after = arrange(&document, &edit(Some(2024)), &[], true, now()).unwrap();
    assert_eq!((after.kept.arranged_at, after.version), (Some(now()), 2));
    assert_eq!(arrange(&document, &edit(None), &[], true, now()).unwrap(), document);
}

#[test]
fn only_what_was_refused_can_be_not_needed() {
    let asked = ask("a.pdf", 10, "Other").unwrap();
    let (rejected, _) = reject(&asked, "v1", RejectReason::Empty, now());
    let edit = |version, not_needed| DocumentEdit { version, not_needed: Some(not_needed), ..DocumentEdit::default() };
    let after = arrange(&rejected, &edit(2, true), &[], false, now()).unwrap();
    assert!(after.not_needed && after.version == 3);
    assert_eq!(arrange(&after, &edit(3, false), &[], false, now()).map(|again| again.not_needed), Ok(false));
    assert_eq!(arrange(&asked, &edit(1, true), &[], false, now()), Err(DocumentRefused::NotRefused));
}

#[test]
fn the_uploader_and_the_firm_put_it_in_its_place() {
    let document = ask("a.pdf", 10, "Other").unwrap();
    let (uploader, other) = (PersonId::from_bits(2), PersonId::from_bits(9));
    assert!(may_arrange(&document, &uploader, false) && may_arrange(&document, &other, true));
    assert!(!may_arrange(&document, &other, false));
}
