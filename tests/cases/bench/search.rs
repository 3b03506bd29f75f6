//! Searching one client's documents, beside SQLite's full-text index over the same text, asked the same. Both answer the
//! best with the words in their context.
//!
//! Warm is a query of an index that is open, as a function keeps it. Cold is a first search: the sealed bundle comes from
//! storage, is unsealed and opened by a process that has opened nothing yet, and is asked once. The function has less than one
//! processor, so that what was measured here is stretched; what storage takes is not measured here but assumed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crypto::{Aad, DataKey};
use search::{Entry, EntryKind, Index, Query, Readers, Viewer, Writer};
use serde_json::{Value, json};

use super::figures::{Report, Runs, figure, ms_since, now};
use super::optimised;
use super::words::{self, word};
use crate::world::{fresh, root, setting};

const WORDS_PER_PAGE: usize = 200;
const PAGES_PER_DOCUMENT: usize = 2;
/// As one page shows, and one more that tells of the next.
const HITS: usize = 21;
const DOCUMENTS: [usize; 2] = [1_000, 10_000];
const ROUNDS: usize = 50;
const COLD_ROUNDS: usize = 30;
/// Slow searches are what people complain of elsewhere: 700 ms.
const COLD_MS_MOST: f64 = 400.0;
const WARM_MS_MOST: f64 = 50.0;
/// What the documents function has in `infra/api.yaml`; with 1,769 MB it would have a whole processor.
const FUNCTION_MB: f64 = 1_024.0;
const PROCESSOR_MB: f64 = 1_769.0;
/// S3 in the same region, noted from memory of its guide (85 to 90 MB a second by one connection), not measured: to the first
/// byte; for each megabyte by one connection; and by several, which get no more than two's. Storage reads the first part
/// of a bundle by one, and the rest by several.
const STORAGE_MS: f64 = 30.0;
const STORAGE_MB_MS: f64 = 12.0;
const STORAGE_PART_MB: f64 = 4.2;
/// Of the development build of every run, which has a share of the documents.
const SHARE_DOCUMENTS: usize = 300;
const SHARE_ROUNDS: usize = 10;

#[test]
#[ignore = "builds the search crate with optimisations"]
fn a_search_takes_no_time_that_anybody_notices() {
    let ours = optimised(&["--package", "search", "--example", "bench_search"]).join("examples/bench_search");
    let mut report = Report::of("search");
    report.say("compared", "bench_search (search crate, release build) and SQLite FTS5 (of Python), both in memory");
    let stretch = PROCESSOR_MB / FUNCTION_MB;
    report.say("a function of 1,024 MB", &format!("times are stretched by {}", figure(stretch)));
    for documents in DOCUMENTS {
        measure(&mut report, documents, &ours, stretch);
    }
    report.done();
}

fn measure(report: &mut Report, documents: usize, ours: &Path, stretch: f64) {
    let (entries, queries) = (corpus(documents), queries());
    let bundle = Bundle::new();
    let mine = {
        let asked = queries.iter().map(|(name, text)| json!({ "name": name, "match": text })).collect();
        let lines = entries.iter().map(|entry| json!([entry.title, entry.pages]));
        told(Command::new(ours).arg(&bundle.0), &plan(asked, ROUNDS, 0), lines)
    };
    let theirs = sqlite(&entries, &queries, ROUNDS, COLD_ROUNDS);
    report.say(
        &format!("{documents} documents"),
        &format!(
            "index {} MB (SQLite {} MB), made in {} s (SQLite {} s)",
            figure(number(&mine["bytes"]) / 1e6),
            figure(number(&theirs["bytes"]) / 1e6),
            figure(number(&mine["build_ms"]) / 1e3),
            figure(number(&theirs["build_ms"]) / 1e3),
        ),
    );

    let name = format!("{documents} documents, warm");
    let mut warm = Runs::default();
    for (kind, _) in &queries {
        let (answer, other) = (&mine["queries"][kind], &theirs["queries"][kind]);
        let runs: Runs = answer["times_ms"].as_array().unwrap().iter().map(number).collect();
        answer["times_ms"].as_array().unwrap().iter().for_each(|ms| warm.add(number(ms) * stretch));
        let hits = answer["hits"].as_u64().unwrap();
        let mut line = format!("{} ms, {hits} hits", figure(runs.median()));
        if let (Some(median), Some(found)) = (other["median_ms"].as_f64(), other["hits"].as_u64()) {
            assert_eq!(found > 0, hits > 0, "{kind}: {hits} hits, SQLite has {found}");
            line += &format!(" (SQLite {} ms)", figure(median));
        }
        report.say(&format!("{name}, {kind}"), &line);
    }
    report.say(&name, &format!("median {} ms, stretched", figure(warm.median())));
    report.hold(&format!("{name}, p95, stretched"), warm.p95(), WARM_MS_MOST, " ms");

    let name = format!("{documents} documents, cold");
    let bytes = std::fs::read(&bundle.0).unwrap();
    let (seal, sealed) = Seal::of(&bytes);
    let storage_ms = storage_ms(sealed.len() as f64 / 1e6);
    let (mut cold, mut own, mut opened) = (Runs::default(), Runs::default(), Runs::default());
    for round in 0..COLD_ROUNDS {
        let started = now();
        assert_eq!(seal.open(&sealed).len(), bytes.len());
        let unsealed_ms = ms_since(started);
        let (_, asked) = &queries[round % queries.len()];
        let answer = Command::new(ours).arg(&bundle.0).arg(asked).output().unwrap();
        let answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
        let took = unsealed_ms + number(&answer["ms"]);
        opened.add(unsealed_ms + number(&answer["opened_ms"]));
        own.add(took);
        cold.add(took * stretch + storage_ms);
    }
    report.say(
        &name,
        &format!(
            "unsealed and opened in {} ms, asked after {} ms (medians; SQLite {} ms); storage {} ms, assumed",
            figure(opened.median()),
            figure(own.median()),
            figure(number(&theirs["cold_ms"])),
            figure(storage_ms),
        ),
    );
    report.hold(&format!("{name}, p95, stretched, with storage"), cold.p95(), COLD_MS_MOST, " ms");
}

fn storage_ms(mb: f64) -> f64 {
    let rest = mb - STORAGE_PART_MB;
    let first = STORAGE_MS + mb.min(STORAGE_PART_MB) * STORAGE_MB_MS;
    if rest > 0.0 { first + STORAGE_MS + rest * STORAGE_MB_MS / 2.0 } else { first }
}

/// The same without optimisations of most of what it uses, for every run.
#[test]
fn a_search_of_a_few_hundred_documents_is_quick_even_unoptimised() {
    let mut report = Report::of("search");
    let queries = queries();
    let mut writer = Writer::open(None).unwrap();
    for entry in corpus(SHARE_DOCUMENTS) {
        writer.put(entry).unwrap();
    }
    let (seal, sealed) = Seal::of(&writer.finish().unwrap());
    let query = |text: &str| Query { limit: HITS, ..Query::of(Viewer::Firm, text) };
    let (mut cold, mut warm) = (Runs::default(), Runs::default());
    for (_, asked) in &queries {
        let started = now();
        let index = Index::open(&seal.open(&sealed)).unwrap();
        index.query(&query(asked)).unwrap();
        cold.add(ms_since(started));
        for _ in 0..SHARE_ROUNDS {
            let started = now();
            index.query(&query(asked)).unwrap();
            warm.add(ms_since(started));
        }
    }
    report.hold("development build, cold, p95", cold.p95(), COLD_MS_MOST, " ms");
    report.hold("development build, warm, p95", warm.p95(), WARM_MS_MOST, " ms");
    report.done();
}

struct Seal {
    key: DataKey,
}

impl Seal {
    const PLACE: Aad<'static> = Aad { table: "index", pk: "T#firm#C#client", sk: "IDX#open", attribute: "bundle" };

    fn of(bundle: &[u8]) -> (Seal, Vec<u8>) {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(bundle, &Self::PLACE).unwrap();
        (Seal { key }, sealed)
    }

    fn open(&self, sealed: &[u8]) -> Vec<u8> {
        self.key.open(sealed, &Self::PLACE).unwrap()
    }
}

/// A file that goes with its test.
struct Bundle(PathBuf);

impl Bundle {
    fn new() -> Bundle {
        Bundle(std::env::temp_dir().join(format!("{}.bundle", fresh())))
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The most frequent words are the slowest; the rare ones are the usual case.
fn queries() -> Vec<(&'static str, String)> {
    let (common, frequent, middling, rare) = (word(0), word(10), word(700), word(20_000));
    vec![
        ("common word", format!("{common} ")),
        ("common words", format!("{common} {} {frequent} ", word(1))),
        ("rare word", format!("{rare} ")),
        ("two words", format!("{frequent} {middling} ")),
        ("phrase", format!("\"{common} {frequent}\"")),
        ("beginning", middling[..3].to_owned()),
        ("two letters", middling[..2].to_owned()),
        ("slip", format!("{}x ", word(15_000))),
        ("two slips", format!("{}x {}x ", word(15_000), word(9_000))),
        ("nothing", "qqqq ".to_owned()),
    ]
}

/// The same in SQLite's words; it forgives no slips.
fn in_sqlite(name: &str, text: &str) -> Option<String> {
    let text = text.trim();
    match name {
        "slip" | "two slips" => None,
        "beginning" | "two letters" => Some(format!("{text}*")),
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
    let asked =
        queries.iter().filter_map(|(name, text)| Some(json!({ "name": name, "match": in_sqlite(name, text)? })));
    let mut python = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
    python.arg(root().join("tests/bench/search.py"));
    let lines = entries.iter().map(|entry| json!([entry.title, entry.pages.join("\n")]));
    told(&mut python, &plan(asked.collect(), rounds, cold_rounds), lines)
}

fn plan(queries: Vec<Value>, rounds: usize, cold_rounds: usize) -> Value {
    json!({ "queries": queries, "hits": HITS, "rounds": rounds, "cold_rounds": cold_rounds })
}

/// What a program says of a plan and documents.
fn told(program: &mut Command, plan: &Value, documents: impl Iterator<Item = Value>) -> Value {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    writeln!(input, "{plan}").unwrap();
    for document in documents {
        writeln!(input, "{document}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program:?} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}
