//! The index as its callers see it. [`ask`] is the only door to `Index::query`.

use proptest::prelude::*;

use domain::PersonId;

use crate::{Broken, Entry, EntryKind, Hit, Index, Kept, Query, QueryRefused, Readers, Viewer, WriteFailed, Writer};

pub(crate) fn id(number: u32) -> String {
    format!("01JD0000000000000000{number:06}")
}

pub(crate) fn document(number: u32, title: &str, pages: &[&str]) -> Entry {
    Entry {
        id: id(number),
        kind: EntryKind::Document,
        title: title.into(),
        project: None,
        category: None,
        readers: Readers::Everyone,
        language: None,
        at: 1_700_000_000_000 + i64::from(number),
        pages: pages.iter().map(|page| page.to_string()).collect(),
    }
}

pub(crate) fn bundle(entries: &[Entry]) -> Vec<u8> {
    let mut writer = Writer::open(None).expect("an empty index");
    for entry in entries {
        assert_eq!(writer.put(entry.clone()).expect("put"), Kept::Whole);
    }
    assert_eq!(writer.count(), entries.len());
    writer.finish().expect("finish")
}

/// A small office: what most tests search in.
fn office() -> Vec<Entry> {
    let mut acme = document(4, "Acme board minutes.pdf", &["The board met in Zürich and approved the budget."]);
    acme.project = Some(id(900));
    acme.category = Some("minutes".into());
    let mut message = document(5, "About your tax return", &["Please send the mortgage statement by Friday."]);
    message.kind = EntryKind::Message;
    vec![
        document(
            1,
            "Engagement letter.pdf",
            &[
                "Hartwell & Crane LLP. This letter sets out the terms on which we act.",
                "Our fees are charged monthly. The retainer is due on signature.",
                "Disputes are settled by arbitration in London.",
            ],
        ),
        document(
            2,
            "Tax return 2025.xlsx",
            &["Net income before adjustments\n\n 1,250,000", "Depreciation of vehicles"],
        ),
        document(3, "Re\u{301}sume\u{301} de l’affaire.docx", &["Le témoin a déposé. Mu\u{308}ller était présent."]),
        acme,
        message,
    ]
}

fn ask(index: &Index, text: &str) -> Vec<Hit> {
    let query = Query { limit: 20, ..Query::of(Viewer::Firm, text) };
    index.query(&query).unwrap_or_else(|refused| panic!("query {text:?}: {refused}"))
}

/// What the office answers: number of the entry and page, best first.
fn check(text: &str, want: &[(u32, Option<u32>)]) {
    let index = Index::open(&bundle(&office())).expect("open");
    let found: Vec<_> = ask(&index, text).into_iter().map(|hit| (hit.id, hit.page)).collect();
    let want: Vec<_> = want.iter().map(|(number, page)| (id(*number), *page)).collect();
    assert_eq!(found, want, "query {text:?}");
}

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
fn stems_english() {
    check("dispute ", &[(1, Some(3))]);
    check("approving budgets ", &[(4, Some(1))]);
}

/// Pages of one document in different languages, each found by the endings of its own.
#[test]
fn stems_each_page_by_its_language() {
    let pages = [
        "Die Parteien schließen einen Vertrag über die Lieferung von Maschinen nach Zürich ab.",
        "Les parties ont conclu un accord général relatif à la livraison de machines à Genève.",
        "Las partes recibirán la notificación por escrito en el domicilio indicado en este contrato.",
        "Стороны заключили договор о поставке оборудования в течение десяти рабочих дней.",
        "The parties dies irae agree that the supplier delivers the machines within ten days.",
    ];
    let index = Index::open(&bundle(&[document(1, "x.pdf", &pages)])).expect("open");
    let page = |text: &str| ask(&index, text).first().and_then(|hit| hit.page);
    assert_eq!(page("Verträgen "), Some(1));
    assert_eq!(page("Vertraege "), Some(1));
    assert_eq!(page("vertragen "), Some(1));
    assert_eq!(page("généraux "), Some(2));
    assert_eq!(page("generaux "), Some(2));
    assert_eq!(page("notificaciones "), Some(3));
    assert_eq!(page("договорами "), Some(4));
    assert_eq!(page("delivering "), Some(5));
    // The German article is no form of the English word.
    let hits = ask(&index, "dies ");
    assert_eq!(
        marked(&hits[0]),
        ["The parties [dies] irae agree that the supplier delivers the machines within ten days."]
    );
}

#[test]
fn finds_umlauts_as_they_are_spelt_where_keyboards_lack_them() {
    let entries = [
        document(1, "a", &["Herr Müller zahlt."]),
        document(2, "b", &["Frau Mueller zahlt."]),
        document(3, "c", &["Weiss, Weiß"]),
    ];
    let index = Index::open(&bundle(&entries)).expect("open");
    let found = |text: &str| {
        let mut ids: Vec<_> = ask(&index, text).into_iter().map(|hit| hit.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(found("müller "), [id(1), id(2)]);
    assert_eq!(found("mueller "), [id(1), id(2)]);
    assert_eq!(found("muller "), [id(1)]);
    assert_eq!(found("\"frau müller\""), [id(2)]);
    assert_eq!(found("\"herr mueller zahlt\""), [id(1)]);
    assert_eq!(found("weiß "), [id(3)]);
}

#[test]
fn finds_names_in_scripts_without_spaces() {
    let entries = [
        document(1, "契約書.pdf", &["東京都港区の株式会社山田製作所は本契約を締結する。"]),
        document(2, "b", &["京都の会社。東の区。"]),
        document(3, "한국", &["계약서를 서울에서 작성한다."]),
        document(4, "d", &["สัญญาเช่าที่ดินในกรุงเทพ"]),
    ];
    let index = Index::open(&bundle(&entries)).expect("open");
    let found = |text: &str| ask(&index, text).into_iter().map(|hit| hit.id).collect::<Vec<_>>();
    assert_eq!(found("山田製作所"), [id(1)]);
    assert_eq!(found("東京"), [id(1)]);
    assert_eq!(found("契約書"), [id(1)]);
    assert_eq!(found("京都の会社"), [id(2)]);
    assert_eq!(marked(&ask(&index, "株式会社")[0]), ["東京都港区の[株式会社]山田製作所は本契約を締結する。"]);
    // Two words run together still find what has them apart.
    assert_eq!(found("山田東京"), [id(1)]);
    assert_eq!(found("계약서 서울 "), [id(3)]);
    assert_eq!(found("กรุงเทพ"), [id(4)]);
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
fn filters_by_kind_and_project() {
    let index = Index::open(&bundle(&office())).expect("open");
    let found = |text: &str, kinds: &[EntryKind], project: Option<String>| {
        let query = Query { kinds: kinds.to_vec(), project, limit: 20, ..Query::of(Viewer::Firm, text) };
        index.query(&query).expect("hits").into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(found("tax ", &[EntryKind::Message], None), [id(5)]);
    assert_eq!(found("tax ", &[EntryKind::Document, EntryKind::Project], None), [id(2)]);
    assert_eq!(found("board ", &[], Some(id(900))), [id(4)]);
    assert_eq!(found("tax ", &[], Some(id(900))), [] as [String; 0]);
    // The slip is forgiven within the filter, whatever stands outside it.
    assert_eq!(found("boards fees ", &[], Some(id(900))), [id(4)]);
}

fn person(number: u128) -> PersonId {
    PersonId::from_bits(number)
}

fn for_people(mut entry: Entry, people: &[u128]) -> Entry {
    entry.readers = Readers::People(people.iter().copied().map(person).collect());
    entry
}

/// Whatever finds an entry for one who may see it finds nothing for one who may not: words of title and page, phrases,
/// beginnings, slips, accents, words beside others, filters.
#[test]
fn who_may_not_see_an_entry_finds_nothing() {
    let mut hidden =
        document(1, "Severance of Mr Oyelaran.pdf", &["He leaves in Zürich.", "The settlement is paid in May."]);
    hidden.project = Some(id(900));
    hidden.category = Some("contracts".into());
    let open = document(2, "Minutes.pdf", &["The board met."]);
    let entries = [for_people(hidden, &[7, 8]), open, for_people(document(3, "Nobody's.pdf", &["settlement"]), &[])];
    let index = Index::open(&bundle(&entries)).expect("open");
    let asked = [
        "oyelaran ",
        "severance settlement ",
        "\"paid in may\"",
        "\"severance of mr oyelaran\"",
        "settl",
        "setlement ",
        "oyelarna",
        "zurich ",
        "Zürich leaves paid ",
        "leaving ",
        "pdf settlement ",
        "oy",
        "01JD0000000000000000000001",
        "*",
        "readers:* ",
        "settlement board xylophone ",
    ];
    for text in asked {
        for (project, category) in [(None, None), (Some(id(900)), None), (None, Some("contracts".to_owned()))] {
            let found = |viewer: Viewer| -> Vec<String> {
                let (project, category) = (project.clone(), category.clone());
                let query = Query { limit: 20, project, category, ..Query::of(viewer, text) };
                index.query(&query).expect("hits").into_iter().map(|hit| hit.id).collect()
            };
            let stranger = found(Viewer::Client(person(9)));
            assert!(!stranger.contains(&id(1)) && !stranger.contains(&id(3)), "{text:?}: {stranger:?}");
            // What the one may see, the other finds by the same words.
            for reader in [7, 8] {
                let theirs = found(Viewer::Client(person(reader)));
                assert_eq!(theirs.contains(&id(1)), found(Viewer::Firm).contains(&id(1)), "{text:?}");
                assert!(!theirs.contains(&id(3)), "{text:?}");
            }
        }
    }
    let seen = |viewer| index.query(&Query { limit: 20, ..Query::of(viewer, "settlement ") }).expect("hits").len();
    assert_eq!((seen(Viewer::Firm), seen(Viewer::Client(person(7))), seen(Viewer::Client(person(9)))), (2, 1, 0));
}

/// A slip is forgiven where the viewer's own entries have no such word, whatever stands in those of others; and a word
/// that only others have makes no hit better or worse.
#[test]
fn what_is_hidden_changes_nothing_for_the_viewer() {
    let open = || vec![document(1, "a", &["the lease of the harbour"]), document(2, "b", &["the rent of the lease"])];
    let hidden = for_people(document(3, "c", &["leese leese lease harbour harbour"]), &[7]);
    let (without, with) = (open(), [open(), vec![hidden]].concat());
    let (without, with) = (Index::open(&bundle(&without)).unwrap(), Index::open(&bundle(&with)).unwrap());
    for text in ["leese ", "lease harbour ", "rent lease ", "harb", "leese harbor "] {
        let found = |index: &Index| -> Vec<_> {
            let query = Query { limit: 20, ..Query::of(Viewer::Client(person(9)), text) };
            index.query(&query).expect("hits").into_iter().map(|hit| (hit.id, hit.page, hit.highlights)).collect()
        };
        assert_eq!(found(&with), found(&without), "{text:?}");
    }
}

#[test]
fn who_may_see_an_entry_follows_its_last_put() {
    let mut writer = Writer::open(Some(&bundle(&[document(1, "a", &["lease"])]))).expect("open");
    writer.put(for_people(document(1, "a", &["lease"]), &[7])).expect("put");
    let index = Index::open(&writer.finish().expect("finish")).expect("open");
    let seen = |number| {
        let query = Query { limit: 20, ..Query::of(Viewer::Client(person(number)), "lease ") };
        index.query(&query).expect("hits").len()
    };
    assert_eq!((seen(7), seen(9)), (1, 0));
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

#[test]
fn filters_by_category() {
    let index = Index::open(&bundle(&office())).expect("open");
    let found = |category: &str| {
        let category = Some(category.to_owned());
        let query = Query { category, limit: 20, ..Query::of(Viewer::Firm, "zurich ") };
        index.query(&query).expect("hits").len()
    };
    assert_eq!((found("minutes"), found("contracts")), (1, 0));
}

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

/// Marked words in brackets.
fn marked(hit: &Hit) -> Vec<String> {
    let mark = |highlight: &crate::Highlight| {
        let mut text = highlight.text.clone();
        for range in highlight.ranges.iter().rev() {
            text.insert(range.end, ']');
            text.insert(range.start, '[');
        }
        text
    };
    hit.highlights.iter().map(mark).collect()
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

#[test]
fn replaces_and_removes() {
    let first = bundle(&office());
    let mut writer = Writer::open(Some(&first)).expect("open");
    assert_eq!(writer.count(), 5);
    writer.put(document(1, "Engagement letter.pdf", &["Mediation in Paris."])).expect("put");
    writer.remove(&id(2));
    writer.remove(&id(777));
    assert_eq!((writer.count(), writer.contains(&id(1)), writer.contains(&id(2))), (4, true, false));
    let index = Index::open(&writer.finish().expect("finish")).expect("open");
    assert_eq!(index.count(), 4);
    assert_eq!(ask(&index, "mediation ")[0].id, id(1));
    assert_eq!(ask(&index, "arbitration "), []);
    assert_eq!(ask(&index, "depreciation "), []);
    assert_eq!(ask(&index, "zurich ").len(), 1);
}

#[test]
fn the_last_put_of_one_round_stays() {
    let mut writer = Writer::open(None).expect("open");
    writer.put(document(1, "a", &["first"])).expect("put");
    writer.put(document(1, "b", &["second", "third"])).expect("put");
    writer.put(document(2, "c", &["fourth"])).expect("put");
    writer.remove(&id(2));
    assert_eq!(writer.count(), 1);
    let index = Index::open(&writer.finish().expect("finish")).expect("open");
    assert_eq!(ask(&index, "first "), []);
    assert_eq!(ask(&index, "fourth "), []);
    assert_eq!(
        ask(&index, "third ").iter().map(|hit| (hit.title.as_str(), hit.page)).collect::<Vec<_>>(),
        [("b", Some(2))]
    );
}

#[test]
fn an_empty_index_answers_nothing_and_can_be_filled() {
    assert_eq!(ask(&Index::empty(), "fee"), []);
    let empty = Writer::open(None).expect("open").finish().expect("finish");
    assert_eq!(ask(&Index::open(&empty).expect("open"), "fee"), []);

    let mut writer = Writer::open(Some(&bundle(&[document(1, "only", &["fee"])]))).expect("open");
    writer.remove(&id(1));
    let emptied = writer.finish().expect("finish");
    assert_eq!(Index::open(&emptied).expect("open").count(), 0);
    let mut writer = Writer::open(Some(&emptied)).expect("open");
    writer.put(document(2, "again", &["fee"])).expect("put");
    assert_eq!(ask(&Index::open(&writer.finish().expect("finish")).expect("open"), "fee").len(), 1);
}

#[test]
fn keeps_page_numbers_over_empty_pages() {
    let index = Index::open(&bundle(&[document(1, "scan", &["", " \n", "stamped"])])).expect("open");
    assert_eq!(ask(&index, "stamped ")[0].page, Some(3));
}

#[test]
fn says_when_text_is_cut() {
    let mut writer = Writer::open(None).expect("open");
    let nearly_all = "é".repeat(domain::limits::SEARCH_ENTRY_BYTES_MAX / 2 - 2);
    let mut put = |number, pages: &[&str]| writer.put(document(number, "long", pages)).expect("put");
    assert_eq!(put(1, &[&nearly_all, "tail"]), Kept::Whole);
    assert_eq!(put(2, &[&nearly_all, "tails"]), Kept::Cut);
    // The bound falls within a character.
    assert_eq!(put(3, &[&nearly_all, "x", "éé"]), Kept::Cut);
    let many = vec!["x"; domain::limits::SEARCH_ENTRY_PAGES_MAX + 1];
    assert_eq!(put(4, &many), Kept::Cut);
    assert_eq!(put(5, &many[1..]), Kept::Whole);
}

#[test]
fn refuses_an_id_that_is_none() {
    let mut writer = Writer::open(None).expect("open");
    for bad in ["", "01jd0000000000000000000001", "01JD000000000000000000000", "../../../../../../../../../"] {
        let entry = Entry { id: bad.into(), ..document(1, "x", &[]) };
        assert!(matches!(writer.put(entry), Err(WriteFailed::BadId { .. })), "id {bad:?}");
    }
}

fn open_both(bytes: &[u8]) -> Result<(), Broken> {
    let read = Index::open(bytes).map(|_| ());
    assert_eq!(read.is_err(), Writer::open(Some(bytes)).is_err());
    read
}

#[test]
fn a_broken_bundle_is_told_apart() {
    let whole = bundle(&office());
    assert!(open_both(&whole).is_ok());
    assert!(matches!(open_both(b""), Err(Broken::NotABundle)));
    assert!(matches!(open_both(b"not an index at all"), Err(Broken::NotABundle)));
    let other = |at: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[at] ^= value;
        open_both(&bytes)
    };
    let newer = crate::bundle::VERSION ^ 0x80;
    assert!(matches!(other(7, 0x80), Err(Broken::OtherVersion { found }) if found == newer));
    assert!(matches!(other(8, 1), Err(Broken::Checksum)));
    assert!(matches!(other(whole.len() - 1, 1), Err(Broken::Checksum)));
    assert!(matches!(other(15, 0xff), Err(Broken::Length)));
    assert!(matches!(open_both(&[whole.as_slice(), b"x"].concat()), Err(Broken::Length)));
    let unrelated = crate::bundle::pack(&[("meta.json".into(), b"{}".to_vec())]);
    assert!(matches!(open_both(&unrelated), Err(Broken::Files(_))));
}

#[test]
fn every_truncation_is_broken() {
    let whole = bundle(&office());
    for end in (0..200).chain((200..whole.len()).step_by(61)).chain(whole.len() - 50..whole.len()) {
        assert!(open_both(&whole[..end]).is_err(), "cut at {end} of {}", whole.len());
    }
}

#[test]
fn a_thousand_documents() {
    let mut entries: Vec<_> = (0..1_000)
        .map(|number| {
            let page = format!("Matter {number} concerning party{} and the common clause", number % 7);
            document(number, &format!("file-{number}.txt"), &[&page, "second page"])
        })
        .collect();
    entries[321].pages[1] = "the quartz exhibit".into();
    let index = Index::open(&bundle(&entries)).expect("open");
    assert_eq!(index.count(), 1_000);
    assert_eq!(
        ask(&index, "quartz").into_iter().map(|hit| (hit.id, hit.page)).collect::<Vec<_>>(),
        [(id(321), Some(2))]
    );
    assert_eq!(ask(&index, "\"matter 777\"")[0].id, id(777));
    assert_eq!(ask(&index, "common clause ").len(), 20);
    let query = Query { limit: 100, offset: 100, ..Query::of(Viewer::Firm, "party3 ") };
    assert_eq!(index.query(&query).expect("hits").len(), 1_000 / 7 + 1 - 100);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_was_put_is_found_by_each_of_its_words(
        texts in proptest::collection::vec(proptest::collection::vec("(\\PC{0,12}[ \\n]){0,8}", 0..4), 1..5),
    ) {
        let entries: Vec<_> = (0u32..)
            .zip(&texts)
            .map(|(number, pages)| document(number, "untitled", &pages.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let index = Index::open(&bundle(&entries)).expect("open");
        for entry in &entries {
            for word in entry.pages.iter().flat_map(|page| page.split_whitespace()) {
                if word.contains(char::is_alphanumeric) {
                    let found = ask(&index, word);
                    prop_assert!(found.iter().any(|hit| hit.id == entry.id), "word {:?} of {:?}", word, entry);
                }
            }
        }
    }

    #[test]
    fn any_text_gets_an_answer_and_sound_highlights(text in "\\PC{0,60}", page in "\\PC{0,400}", around in 0usize..40) {
        let page = format!("{page} {} {page}", text.chars().take(around).collect::<String>());
        let index = Index::open(&bundle(&[document(1, &text, &[&page])])).expect("open");
        for hit in ask(&index, &text) {
            for highlight in hit.highlights {
                prop_assert!(highlight.text.chars().count() <= domain::limits::SEARCH_SNIPPET_CHARACTERS_MAX);
                prop_assert!(!highlight.ranges.is_empty());
                let mut end = 0;
                for range in highlight.ranges {
                    prop_assert!(range.start >= end && range.start < range.end);
                    prop_assert!(highlight.text.get(range.clone()).is_some());
                    end = range.end;
                }
            }
        }
    }

    #[test]
    fn mutated_bundles_are_broken(at in 0usize..20_000, bit in 0u8..8) {
        let mut bytes = bundle(&[document(1, "Letter", &["fees"])]);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(Index::open(&bytes).is_err());
    }
}
