//! What is found by which words.

use super::*;

#[test]
fn finds_a_word_and_its_page() {
    check("arbitration", &[(1, Some(3))]);
    check("RETAINER", &[(1, Some(2))]);
}

#[test]
fn finds_a_phrase_only_as_written() {
    check("\"net income before\"", &[(2, Some(1))]);
    check("\"income net\"", &[]);
    check("\"letter sets out\" ", &[(1, Some(1))]);
    check("\"fee\" ", &[]);
}

#[test]
fn finds_the_beginning_of_the_last_word() {
    check("arbit", &[(1, Some(3))]);
    check("vehi ", &[]);
}

#[test]
fn forgives_a_slip_in_a_word_that_nothing_has() {
    check("arbitrtion ", &[(1, Some(3))]);
    check("arbirtation ", &[(1, Some(3))]);
    check("morgage statement ", &[(5, Some(1))]);
    check("depreciatxon", &[(2, Some(2))]);
    check("fexs ", &[]);
}

#[test]
fn folds_accents_both_ways() {
    check("zurich ", &[(4, Some(1))]);
    check("Müller ", &[(3, Some(1))]);
    check("MULLER temoin ", &[(3, Some(1))]);
    check("résumé ", &[(3, None)]);
}

#[test]
fn a_name_has_words_as_an_index_has_them() {
    let check = |name: &str, text: &str, want: bool| assert_eq!(crate::names(name, text), want, "{name:?} {text:?}");
    check("Müller v. Dunmore", "dunm muller", true);
    check("Müller v. Dunmore", "Mueller", true);
    check("Müller v. Dunmore", "\"v. Dunmore\"", true);
    check("Müller v. Dunmore", "more", false);
    check("Müller v. Dunmore", "dunmore lease", false);
    check("Müller v. Dunmore", "?", false);
}

#[test]
fn finds_what_a_lines_end_parts() {
    let page = "The tenant agrees to the settle-\nment sum of the long\n  standing dispute.";
    let index = Index::open(&bundle(&[document(1, "x", &[page])])).expect("open");
    for text in ["settlement ", "\"the settlement sum\"", "\"long standing dispute\"", "settle "] {
        assert_eq!(ask(&index, text).len(), 1, "{text:?}");
    }
    assert_eq!(
        marked(&ask(&index, "settlement ")[0]),
        ["The tenant agrees to the [settle- ment] sum of the long standing dispute."]
    );
}

/// Scanned texts have slips of their own: one that stands somewhere hides none that does not.
#[test]
fn forgives_a_slip_that_somewhere_stands_as_typed() {
    let entries = [document(1, "a", &["the mortgage statement"]), document(2, "b", &["the morgage of a boat"])];
    let index = Index::open(&bundle(&entries)).expect("open");
    let found = |text: &str| ask(&index, text).into_iter().map(|hit| hit.id).collect::<Vec<_>>();
    assert_eq!(found("morgage statement "), [id(1)]);
    assert_eq!(found("morgage boat "), [id(2)]);
}

#[test]
fn takes_words_from_title_and_different_pages_together() {
    check("engagement arbitration ", &[(1, Some(3))]);
    check("hartwell monthly london ", &[(1, Some(3))]);
    check("engagement ", &[(1, None)]);
}

#[test]
fn falls_back_to_some_of_the_words_the_most_first() {
    let index = Index::open(&bundle(&office())).expect("open");
    let lacks = |text: &str| ask(&index, text).iter().map(|hit| hit.lacks).collect::<Vec<_>>();
    assert_eq!(lacks("retainer zeppelin "), [1]);
    assert_eq!(lacks("retainer signature "), [0]);
    check("board approved xylophone ", &[(4, Some(1))]);
    check("tax depreciation retainer ", &[(2, Some(2)), (5, None), (1, Some(2))]);
}

#[test]
fn no_text_is_an_error() {
    for text in ["", "   ", "\"", "\"\"", "?!*", "\u{0}", "\u{301}", "😀"] {
        check(text, &[]);
    }
    for text in ["a:b", "AND", "(((", "+-!{}[]^\"~*?:\\/", "title:[* TO *]", "NOT \"x", "\u{202e}fee\u{0}fee"] {
        let index = Index::open(&bundle(&office())).expect("open");
        ask(&index, text);
    }
}

#[test]
fn forgives_no_slip_where_it_may_not() {
    let index = Index::open(&bundle(&office())).expect("open");
    let found = |strictly| {
        let query = Query { strictly, limit: 20, ..Query::of(Viewer::Firm, "zurihc ") };
        index.query(&query).expect("hits").len()
    };
    assert_eq!((found(false), found(true)), (1, 0));
}
