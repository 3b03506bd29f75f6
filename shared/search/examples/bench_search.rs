//! Builds an index and asks it, or opens one and asks it once. Measured as a program of its own, optimised, as it is deployed.
//!
//! `bench_search <bundle>` reads what `tests/bench/search.py` reads: one line of JSON says what to ask, each further line is
//! a document, `[title, [page]]`; it leaves the bundle at the place named. `bench_search <bundle> <words>` is a function's
//! first search: a process that has opened nothing yet, once the bytes are in its memory.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use search::{Entry, EntryKind, Index, Query, Readers, Viewer, Writer};
use serde_json::{Value, json};

type Failed = Box<dyn std::error::Error>;

/// As one page shows, and one more that tells of the next.
const HITS: usize = 21;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let answer = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [bundle] => measure(bundle),
        [bundle, words] => first(bundle, words),
        _ => Err("bench_search <bundle> [words]".into()),
    };
    match answer {
        Ok(told) => {
            let _ = writeln!(std::io::stdout(), "{told}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(bundle: &str) -> Result<Value, Failed> {
    let mut lines = std::io::stdin().lock().lines();
    let plan: Value = serde_json::from_str(&lines.next().ok_or("no plan")??)?;
    let rounds = plan["rounds"].as_u64().ok_or("no rounds")?;
    let mut entries = Vec::new();
    for line in lines {
        let (title, pages): (String, Vec<String>) = serde_json::from_str(&line?)?;
        entries.push(entry(entries.len(), title, pages));
    }
    let started = now();
    let mut writer = Writer::open(None)?;
    for entry in entries {
        writer.put(entry)?;
    }
    let bytes = writer.finish()?;
    let build_ms = ms_since(started);
    std::fs::write(bundle, &bytes)?;

    let index = Index::open(&bytes)?;
    let mut answers = serde_json::Map::new();
    for asked in plan["queries"].as_array().ok_or("no queries")? {
        let (name, words) = (asked["name"].as_str().ok_or("no name")?, asked["match"].as_str().ok_or("no words")?);
        let query = query(words);
        let mut hits = 0;
        let mut times = Vec::new();
        for _ in 0..rounds {
            let started = now();
            hits = index.query(&query)?.len();
            times.push(ms_since(started));
        }
        answers.insert(name.to_owned(), json!({ "hits": hits, "times_ms": times }));
    }
    Ok(json!({ "bytes": bytes.len(), "build_ms": build_ms, "queries": answers }))
}

fn first(bundle: &str, words: &str) -> Result<Value, Failed> {
    let bytes = std::fs::read(bundle)?;
    let started = now();
    let index = Index::open(&bytes)?;
    let opened_ms = ms_since(started);
    let hits = index.query(&query(words))?.len();
    Ok(json!({ "opened_ms": opened_ms, "ms": ms_since(started), "hits": hits }))
}

fn query(words: &str) -> Query {
    Query { limit: HITS, ..Query::of(Viewer::Firm, words) }
}

fn entry(number: usize, title: String, pages: Vec<String>) -> Entry {
    Entry {
        id: id(number),
        kind: EntryKind::Document,
        title,
        project: Some(id(number % 12)),
        category: None,
        readers: Readers::Everyone,
        language: None,
        at: 1_700_000_000_000 + number as i64,
        pages,
    }
}

fn id(number: usize) -> String {
    format!("01JD00000000000000{number:08}")
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn now() -> Instant {
    Instant::now()
}

fn ms_since(started: Instant) -> f64 {
    now().duration_since(started).as_secs_f64() * 1_000.0
}
