//! What a hit says, how hits are marked, and in which order they come.

use super::*;
use crate::QueryRefused;

#[test]
fn a_hit_says_what_was_put() {
    let index = Index::open(&bundle(&office())).expect("open");
    let hits = ask(&index, "zurich ");
    assert_eq!(hits.len(), 1);
    let hit = &hits[0];
    assert_eq!((hit.kind, hit.title.as_str()), (EntryKind::Document, "Acme board minutes.pdf"));
    assert_eq!((hit.project.clone(), hit.category.as_deref()), (Some(id(900)), Some("minutes")));
    assert_eq!(hit.at, 1_700_000_000_004);
    assert!(hit.score > 0.0);
}

fn check_marks(entry: Entry, text: &str, want: &[&str]) {
    let index = Index::open(&bundle(&[entry])).expect("open");
    let hits = ask(&index, text);
    assert_eq!(hits.len(), 1, "query {text:?}");
    for highlight in &hits[0].highlights {
        assert!(highlight.text.chars().count() <= domain::limits::SEARCH_SNIPPET_CHARACTERS_MAX, "{highlight:?}");
    }
    assert_eq!(marked(&hits[0]), want, "query {text:?}");
}

#[test]
fn marks_each_way_of_matching() {
    let entry = || document(1, "Letter.pdf", &["Our  fees are\ncharged monthly; Mu\u{308}ller agrees."]);
    check_marks(entry(), "fee ", &["Our [fees] are charged monthly; Mu\u{308}ller agrees."]);
    check_marks(entry(), "mon", &["Our fees are charged [monthly]; Mu\u{308}ller agrees."]);
    check_marks(entry(), "\"fees are charged\"", &["Our [fees are charged] monthly; Mu\u{308}ller agrees."]);
    check_marks(entry(), "muller chraged ", &["Our fees are [charged] monthly; [Mu\u{308}ller] agrees."]);
    check_marks(entry(), "letter ", &["[Letter].pdf"]);
}

#[test]
fn cuts_a_long_page_around_the_match() {
    let filler = "lorem ipsum dolor sit amet ".repeat(40);
    let page = format!("{filler}the settlement sum {filler}");
    check_marks(
        document(1, "x", &[&page]),
        "settlement ",
        &["…lorem ipsum dolor sit amet lorem ipsum dolor sit amet the \
        [settlement] sum lorem ipsum dolor sit amet lorem ipsum dolor sit amet lorem ipsum dolor sit amet lorem ipsum \
        dolor sit amet lorem ipsum dolor sit amet lorem ipsum dolor sit amet…"],
    );
}

#[test]
fn shows_far_apart_words_in_a_highlight_each() {
    let page = format!("alpha {} omega", "lorem ipsum ".repeat(100));
    let index = Index::open(&bundle(&[document(1, "x", &[&page])])).expect("open");
    let marks = marked(&ask(&index, "alpha omega ")[0]);
    assert_eq!(marks.len(), 2);
    assert!(marks[0].starts_with("[alpha] lorem") && marks[1].ends_with("ipsum [omega]"), "{marks:?}");
}

#[test]
fn newer_wins_among_equals_and_pages_of_hits_follow_each_other() {
    let same: Vec<_> = (0..30).map(|number| document(number, "Invoice", &["payable on receipt"])).collect();
    let index = Index::open(&bundle(&same)).expect("open");
    let page = |offset, limit| {
        let query = Query { limit, offset, ..Query::of(Viewer::Firm, "receipt") };
        index.query(&query).expect("hits").into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    let newest_first: Vec<_> = (0..30).rev().map(id).collect();
    assert_eq!(page(0, 100), newest_first);
    assert_eq!([page(0, 12), page(12, 12), page(24, 12)].concat(), newest_first);
    assert_eq!(page(0, 0), [] as [String; 0]);
    assert_eq!(page(0, usize::MAX).len(), 30);
}

#[test]
fn refuses_what_is_out_of_bounds() {
    let index = Index::empty();
    let query = |text: &str, offset| index.query(&Query { limit: 10, offset, ..Query::of(Viewer::Firm, text) });
    assert!(matches!(query(&"x".repeat(201), 0), Err(QueryRefused::TooLong { .. })));
    assert!(matches!(query("x", usize::MAX), Err(QueryRefused::TooFar { .. })));
    assert!(matches!(query("x", 991), Err(QueryRefused::TooFar { .. })));
    assert_eq!(query("x", 990).expect("hits"), []);
}
