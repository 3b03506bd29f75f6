//! The index as its callers see it. [`ask`] is the only door to `Index::query`.

mod any;
mod hits;
mod languages;
mod viewers;
mod words;
mod writing;

use crate::{Entry, EntryKind, Hit, Index, Kept, Query, Readers, Viewer, Writer};

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
