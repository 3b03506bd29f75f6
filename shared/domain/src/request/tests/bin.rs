use super::*;
use crate::document::{Binned, Document, FileName, Kept, State, Tags, Visibility};
use crate::request::bin::{Files, check_answer, recounted};

fn document(n: u128, binned: bool, is_ready: bool) -> Document {
    let now = at(START);
    let state = if is_ready {
        State::Ready {
            object_version: "v".into(),
            filed_as: "f".into(),
            digest: "d".into(),
            kind: "pdf".into(),
            pages: 1,
            searchable: true,
            read_by_sight: 0,
            unseen: 0,
            previews: 0,
            language: None,
            ready_at: now,
        }
    } else {
        State::Processing { object_version: "v".into() }
    };
    Document {
        id: file(n),
        project: ProjectId::from_bits(1),
        category: "Other".into(),
        name: FileName::parse("a.pdf").unwrap(),
        size_bytes: 1,
        by: client(),
        by_client: true,
        asked_at: now,
        again_for: None,
        not_needed: false,
        visibility: Visibility::Company,
        request: None,
        kept: Kept::default(),
        parts: None,
        tags: Tags::new(),
        binned: binned.then(|| Binned { by: client(), at: now, batch: crate::BatchId::from_bits(1) }),
        series: None,
        superseded: false,
        state,
        version: 1,
    }
}

/// The states of a list after a look at these files: each a number, whether it is in the bin, and whether it is ready.
fn after(request: &Request, files: &[(u128, bool, bool)]) -> String {
    let documents: Vec<Document> = files.iter().map(|(n, binned, ready)| document(*n, *binned, *ready)).collect();
    let decided = recounted(request, &Files::of(&documents), at("2026-11-26T10:00:00Z"));
    states(decided.as_ref().map_or(request, |(next, _)| next))
}

#[test]
fn a_file_in_the_bin_answers_nothing_until_it_is_brought_back() {
    let one = given(&list(), 0, 1).0;
    // The second file of a line changes its list by being announced.
    let two = hand_in(&one, &ids(&one)[0], &[file(2)], at(START)).unwrap().unwrap().0;
    let check = |request: &Request, files: &[(u128, bool, bool)], want: &str| {
        assert_eq!(after(request, files), want, "{files:?}");
    };
    check(&one, &[(1, false, true)], "delivered asked");
    check(&one, &[(1, true, true)], "asked asked");
    // Another file of the same line is left, or may be: it is not for whoever looks.
    check(&two, &[(1, true, true), (2, false, true)], "delivered asked");
    check(&two, &[(1, true, true)], "delivered asked");
    check(&two, &[(1, true, true), (2, true, true)], "asked asked");
    check(&two, &[(1, true, true), (2, false, false)], "asked asked");
    let open = recounted(&one, &Files::of(&[document(1, true, true)]), at(START)).unwrap().0;
    check(&open, &[(1, true, true)], "asked asked");
    check(&open, &[(1, false, true)], "delivered asked");
}

#[test]
fn what_is_settled_stays_and_what_was_sent_back_is_no_answer() {
    let one = given(&list(), 0, 1).0;
    let line = ids(&one)[0].clone();
    let accepted = accept(&one, &line, &staff(), at(START)).unwrap().unwrap().0;
    assert_eq!(after(&accepted, &[(1, true, true)]), "accepted asked");
    let back = send_back(&one, &line, note("The wrong year."), &staff(), at(START)).unwrap().unwrap().0;
    assert_eq!(after(&back, &[(1, false, true)]), "returned asked");
    let not_had = not_had(&list(), &line, None, &client(), at(START)).unwrap().unwrap().0;
    assert_eq!(after(&not_had, &[(1, true, true)]), "not_had asked");
}

#[test]
fn the_last_line_that_opens_or_closes_says_so() {
    let all = given(&given(&list(), 0, 1).0, 1, 2).0;
    assert!(all.waits_for_firm());
    let (open, event) = recounted(&all, &Files::of(&[document(1, true, true)]), at(START)).unwrap();
    assert_eq!((open.progress(true).to_string().as_str(), event, open.delivered_at), ("1 of 2", Event::Given, None));
    let (all, event) = recounted(&open, &Files::of(&[document(1, false, true)]), at(START)).unwrap();
    assert_eq!((all.progress(true).to_string().as_str(), event), ("2 of 2", Event::Delivered));
}

#[test]
fn what_lies_in_the_bin_is_not_accepted() {
    let one = given(&list(), 0, 1).0;
    let check = |files: &[Document], want: Result<(), RequestRefused>| {
        assert_eq!(check_answer(&one.lines[0], &Files::of(files)), want);
    };
    check(&[document(1, false, true)], Ok(()));
    check(&[document(1, true, true)], Err(RequestRefused::InBin));
    check(&[], Ok(()));
}
