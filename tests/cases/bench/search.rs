//! Searching one client's documents, beside SQLite's full-text index over the same text, asked the same.
//!
//! Cold is what a fresh function does once the sealed bundle is there: open the seal, open the index, ask once. Both
//! answer the twenty best with the words in their context.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crypto::{Aad, DataKey};
use search::{Entry, EntryKind, Index, Query, Readers, Viewer, Writer};
use serde_json::{Value, json};

use super::figures::{Report, Runs, figure, ms_since, now};
use super::words::{self, word};
use super::{thorough, times};
use crate::world::{root, setting};

const WORDS_PER_PAGE: usize = 200;
const PAGES_PER_DOCUMENT: usize = 2;
const HITS: usize = 20;
/// Slow searches are what people complain of elsewhere: 700 ms. A warm page has 100 ms.
const COLD_MS_MOST: f64 = 700.0;
const WARM_MS_MOST: f64 = 100.0;

#[test]
fn a_search_takes_no_time_that_anybody_notices() {
    let mut report = Report::of("search");
    report
        .say("compared", "the search crate (development build) and SQLite FTS5 (3.x of Python, optimised), in memory");
    let sizes: &[usize] = if thorough() { &[1_000, 10_000] } else { &[300] };
    for documents in sizes {
        measure(&mut report, *documents);
    }
    report.done();
}

fn measure(report: &mut Report, documents: usize) {
    let entries = corpus(documents);
    let queries = queries();
    let (rounds, cold_rounds) = (times(50, 10), times(10, 3));
    let theirs = sqlite(&entries, &queries, rounds, cold_rounds);

    let started = now();
    let mut writer = Writer::open(None).unwrap();
    for entry in entries {
        writer.put(entry).unwrap();
    }
    let bundle = writer.finish().unwrap();
    let build_ms = ms_since(started);
    let key = DataKey::new(&[7; 32]).unwrap();
    let place = Aad { table: "index", pk: "T#firm#C#client", sk: "IDX#open", attribute: "bundle" };
    let sealed = key.seal(&bundle, &place).unwrap();
    report.say(
        &format!("{documents} documents"),
        &format!(
            "index {} MB (SQLite {} MB), made in {} s (SQLite {} s)",
            figure(bundle.len() as f64 / 1e6),
            figure(number(&theirs["bytes"]) / 1e6),
            figure(build_ms / 1e3),
            figure(number(&theirs["build_ms"]) / 1e3),
        ),
    );

    let mut cold = Runs::default();
    for round in 0..cold_rounds {
        let (_, asked) = &queries[round % queries.len()];
        let started = now();
        let index = Index::open(&key.open(&sealed, &place).unwrap()).unwrap();
        index.query(&query(asked)).unwrap();
        cold.add(ms_since(started));
    }
    let name = format!("{documents} documents, cold");
    report.say(&name, &format!("median {} ms, p95 {} ms", figure(cold.median()), figure(cold.p95())));
    report.hold(&format!("{name}, p95"), cold.p95(), COLD_MS_MOST, " ms");
    report.say(&format!("{name}, ours / SQLite"), &figure(cold.median() / number(&theirs["cold_ms"])));

    let index = Index::open(&bundle).unwrap();
    let mut warm = Runs::default();
    let mut each = String::new();
    for (name, asked) in &queries {
        let wanted = query(asked);
        let hits = index.query(&wanted).unwrap().len();
        let mut runs = Runs::default();
        for _ in 0..rounds {
            let started = now();
            index.query(&wanted).unwrap();
            let took = ms_since(started);
            runs.add(took);
            warm.add(took);
        }
        let other = &theirs["queries"][name];
        let _ = write!(each, "{name} {} ms ({hits} hits)", figure(runs.median()));
        if let (Some(median), Some(found)) = (other["median_ms"].as_f64(), other["hits"].as_u64()) {
            assert_eq!(found > 0, hits > 0, "{name}: {hits} hits, SQLite has {found}");
            let _ = write!(each, ", SQLite {} ms", figure(median));
        }
        each.push_str("; ");
    }
    let name = format!("{documents} documents, warm");
    report.say(&name, each.trim_end_matches("; "));
    report.say(&name, &format!("median {} ms, p95 {} ms", figure(warm.median()), figure(warm.p95())));
    report.hold(&format!("{name}, p95"), warm.p95(), WARM_MS_MOST, " ms");
}

fn query(text: &str) -> Query {
    Query { limit: HITS, ..Query::of(Viewer::Firm, text) }
}

/// The most frequent words are the slowest; the rare ones are the usual case.
fn queries() -> Vec<(&'static str, String)> {
    let (common, frequent, middling, rare) = (word(0), word(10), word(700), word(20_000));
    vec![
        ("common word", format!("{common} ")),
        ("rare word", format!("{rare} ")),
        ("two words", format!("{frequent} {middling} ")),
        ("phrase", format!("\"{common} {frequent}\"")),
        ("beginning", middling[..3].to_owned()),
        ("slip", format!("{}x ", word(15_000))),
        ("nothing", "qqqq ".to_owned()),
    ]
}

/// The same in SQLite's words; it forgives no slips.
fn in_sqlite(name: &str, text: &str) -> Option<String> {
    let text = text.trim();
    match name {
        "slip" => None,
        "beginning" => Some(format!("{text}*")),
        _ => Some(text.to_owned()),
    }
}

fn corpus(documents: usize) -> Vec<Entry> {
    let mut writer = words::Writer::new(0x5eed_cafe);
    let entry = |number: usize| Entry {
        id: id(number),
        kind: EntryKind::Document,
        title: format!("{} {number}.pdf", writer.word()),
        project: Some(id(number % 12)),
        category: None,
        readers: Readers::Everyone,
        language: None,
        at: 1_700_000_000_000 + number as i64,
        pages: (0..PAGES_PER_DOCUMENT).map(|_| writer.text(WORDS_PER_PAGE)).collect(),
    };
    (0..documents).map(entry).collect()
}

fn id(number: usize) -> String {
    format!("01JD00000000000000{number:08}")
}

/// Builds, opens and asks; the times that it found.
fn sqlite(entries: &[Entry], queries: &[(&'static str, String)], rounds: usize, cold_rounds: usize) -> Value {
    let asked: Vec<Value> = queries
        .iter()
        .filter_map(|(name, text)| Some(json!({ "name": name, "match": in_sqlite(name, text)? })))
        .collect();
    let mut python = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
    python.arg(root().join("tests/bench/search.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", json!({ "queries": asked, "hits": HITS, "rounds": rounds, "cold_rounds": cold_rounds }))
        .unwrap();
    for entry in entries {
        writeln!(input, "{}", json!([entry.title, entry.pages.join("\n")])).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "tests/bench/search.py failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}
