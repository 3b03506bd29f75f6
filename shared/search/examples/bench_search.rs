//! Bundle size, build and open time, and query latency at 1,000 and 10,000 documents of 400 words.
//!
//! Prints one JSON object a line: sizes in bytes, times in milliseconds.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed measurement")]

use std::time::Instant;

use search::{Entry, EntryKind, Index, Query, Writer};

const WORDS_PER_DOCUMENT: usize = 400;
const PAGES_PER_DOCUMENT: usize = 2;
const VOCABULARY_WORDS: f64 = 30_000.0;
const SEED: u64 = 0x5eed_cafe;
const WARM_ROUNDS: usize = 50;

fn main() {
    for documents in [1_000, 10_000] {
        measure(documents);
    }
}

fn measure(documents: usize) {
    let entries = corpus(documents);
    let raw: usize = entries.iter().flat_map(|entry| &entry.pages).map(String::len).sum();
    let one_more = Entry { id: id(documents), ..entries[0].clone() };

    let started = Instant::now();
    let mut writer = Writer::open(None).unwrap();
    for entry in entries {
        writer.put(entry).unwrap();
    }
    let bundle = writer.finish().unwrap();
    let build_ms = ms(started);

    let started = Instant::now();
    let mut writer = Writer::open(Some(&bundle)).unwrap();
    writer.put(one_more).unwrap();
    let updated = writer.finish().unwrap();
    let update_ms = ms(started);
    assert!(updated.len() > bundle.len() / 2);

    let started = Instant::now();
    let index = Index::open(&bundle).unwrap();
    let open_ms = ms(started);
    println!(
        r#"{{"bench":"search","documents":{documents},"text_bytes":{raw},"bundle_bytes":{},"build_ms":{build_ms:.1},"update_ms":{update_ms:.1},"open_ms":{open_ms:.2}}}"#,
        bundle.len()
    );

    for (name, text) in queries() {
        let query = Query { text, limit: 20, ..Query::default() };
        let started = Instant::now();
        let hits = index.query(&query).unwrap().len();
        let first_ms = ms(started);
        let mut warm: Vec<f64> = (0..WARM_ROUNDS)
            .map(|_| {
                let started = Instant::now();
                index.query(&query).unwrap();
                ms(started)
            })
            .collect();
        warm.sort_by(f64::total_cmp);
        let (median, p95) = (warm[WARM_ROUNDS / 2], warm[WARM_ROUNDS * 95 / 100]);
        println!(
            r#"{{"bench":"search","documents":{documents},"query":"{name}","hits":{hits},"first_ms":{first_ms:.2},"warm_ms":{median:.2},"warm_p95_ms":{p95:.2}}}"#
        );
    }
}

/// The most frequent words are the slowest; the rare ones are the usual case.
fn queries() -> Vec<(&'static str, String)> {
    let (common, frequent, middling, rare) = (word(0), word(10), word(700), word(20_000));
    vec![
        ("common word", format!("{common} ")),
        ("rare word", format!("{rare} ")),
        ("two words", format!("{frequent} {middling} ")),
        ("phrase", format!("\"{common} {frequent}\"")),
        ("beginning", middling[..3].to_string()),
        ("typo", format!("{}x ", word(15_000))),
        ("nothing", "qqqq ".to_string()),
    ]
}

fn corpus(documents: usize) -> Vec<Entry> {
    let mut state = SEED;
    (0..documents)
        .map(|number| Entry {
            id: id(number),
            kind: EntryKind::Document,
            title: format!("{} {number}.pdf", word(log_uniform(&mut state))),
            project: Some(id(number % 12)),
            category: None,
            at: 1_700_000_000_000 + number as i64,
            pages: (0..PAGES_PER_DOCUMENT)
                .map(|_| {
                    let words = (0..WORDS_PER_DOCUMENT / PAGES_PER_DOCUMENT).map(|_| word(log_uniform(&mut state)));
                    words.collect::<Vec<_>>().join(" ")
                })
                .collect(),
        })
        .collect()
}

/// Word numbers as a language has them: each power of the vocabulary equally often.
fn log_uniform(state: &mut u64) -> usize {
    let unit = (next(state) >> 11) as f64 / (1u64 << 53) as f64;
    (VOCABULARY_WORDS.powf(unit) - 1.0) as usize
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A pronounceable word for each number; the frequent ones are short.
fn word(number: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ta", "re", "mi", "lo", "su", "ne", "ka", "vi", "do", "pe", "sha", "tri", "con", "ler", "mun", "gra", "bel",
        "fos", "ward", "quin",
    ];
    let mut left = number + SYLLABLES.len();
    let mut text = String::new();
    while left > 0 {
        text.push_str(SYLLABLES[left % SYLLABLES.len()]);
        left /= SYLLABLES.len();
    }
    text
}

fn id(number: usize) -> String {
    format!("01JD00000000000000{number:08}")
}

fn ms(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}
