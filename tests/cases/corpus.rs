//! Words of files that nobody here made (`tests/corpus.toml`), beside what other programs read in them. The test command
//! lays the files out with `tests/judges/corpus.py` and names their folder.
//!
//! A word is what search finds: letters and digits in a row, in small letters. It counts as often as it stands there.
//! The table stands in `report.txt` of that folder as well, since a runner shows what failing tests print only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use documents::{Kind, identify, text};

use crate::world::{counted, setting};

const FILES_LEAST: usize = 150;
const MEDIAN_LEAST: f64 = 0.98;
/// Files below are listed with a reason.
const RECALL_LEAST: f64 = 0.9;
const TIME_MAX: Duration = Duration::from_secs(10);

#[test]
fn words_of_files_that_nobody_here_made() {
    let folder = PathBuf::from(setting("PORTICO_CORPUS"));
    let files: Vec<File> = std::fs::read_to_string(folder.join("list.tsv")).unwrap().lines().map(File::of).collect();
    assert!(files.len() >= FILES_LEAST, "only {} files", files.len());
    let (mut table, mut wrong) = (BTreeMap::<Kind, Row>::new(), Vec::new());
    for file in &files {
        let row = table.entry(file.kind).or_default();
        let (found, taken) = file.read(&folder);
        row.files += 1;
        row.slowest = row.slowest.max(taken);
        if taken > TIME_MAX {
            wrong.push(format!("{file}: took {taken:?}"));
        }
        match found {
            Found::Refused(reason) if reason == file.refused => row.refused += 1,
            Found::Refused(reason) => wrong.push(format!("{file}: refused as {reason}")),
            Found::Words { .. } if !file.refused.is_empty() => {
                wrong.push(format!("{file}: not refused as {}", file.refused));
            }
            Found::Words { recall: None, .. } => row.unjudged.push(format!("{file}: {}", file.unread)),
            Found::Words { recall: Some(recall), missing } => {
                row.recalls.push(recall);
                if recall < RECALL_LEAST {
                    row.under.push(format!("{file}: {:.1} %: {} (missing: {missing})", recall * 100.0, file.why));
                }
                if recall < file.least {
                    wrong.push(format!(
                        "{file}: {:.1} % of the words, {:.1} % wanted",
                        recall * 100.0,
                        file.least * 100.0
                    ));
                }
            }
        }
    }
    let mut report =
        String::from("format  files  judged  all words  >= 90 %  median %  least %  refused  slowest ms\n");
    for (kind, row) in &table {
        report.push_str(&row.line(*kind));
        counted(&format!("{} files of others: {}", kind.as_str(), row.summary()), row.files);
        if row.median() < MEDIAN_LEAST {
            wrong.push(format!("{}: median {:.2} %", kind.as_str(), row.median() * 100.0));
        }
    }
    report.push_str("\nunder 90 %, each with its reason\n");
    table.values().flat_map(|row| &row.under).for_each(|line| report.push_str(&format!("  {line}\n")));
    report.push_str("\nnot judged: the other reader finds no words or gives up\n");
    table.values().flat_map(|row| &row.unjudged).for_each(|line| report.push_str(&format!("  {line}\n")));
    println!("{report}");
    std::fs::write(folder.join("report.txt"), report).unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A line of the list.
struct File {
    number: String,
    kind: Kind,
    origin: String,
    refused: String,
    least: f64,
    why: String,
    /// Why the other reader gave up.
    unread: String,
}

enum Found {
    Refused(String),
    /// None: the other reader found no words either.
    Words {
        recall: Option<f64>,
        /// Some of the words that only the other reader finds.
        missing: String,
    },
}

impl File {
    fn of(line: &str) -> Self {
        let [number, kind, origin, refused, least, why, unread] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not a line of the list: {line}");
        };
        Self {
            number: number.into(),
            kind: kind.parse().unwrap(),
            origin: origin.into(),
            refused: refused.into(),
            least: if least.is_empty() { RECALL_LEAST } else { least.parse().unwrap() },
            why: why.into(),
            unread: unread.into(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "how long a reader takes is what is tested")]
    fn read(&self, folder: &Path) -> (Found, Duration) {
        let name = format!("{}.{}", self.number, self.kind.as_str());
        let bytes = std::fs::read(folder.join("files").join(&name)).unwrap();
        let wanted = std::fs::read_to_string(folder.join(format!("files/{}.words", self.number))).unwrap();
        let start = Instant::now();
        let read = identify(&name, &bytes).and_then(|kind| text(kind, &bytes));
        let taken = start.elapsed();
        let found = match read {
            Err(reason) => Found::Refused(format!("{reason:?}")),
            Ok(text) => {
                let (recall, missing) = recall(&text.pages.join("\n"), &wanted);
                Found::Words { recall, missing }
            }
        };
        (found, taken)
    }
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.number, self.kind.as_str(), self.origin)
    }
}

#[derive(Default)]
struct Row {
    files: usize,
    refused: usize,
    recalls: Vec<f64>,
    slowest: Duration,
    under: Vec<String>,
    unjudged: Vec<String>,
}

impl Row {
    fn median(&self) -> f64 {
        let mut recalls = self.recalls.clone();
        recalls.sort_by(f64::total_cmp);
        recalls.get(recalls.len() / 2).copied().unwrap_or(0.0)
    }

    fn least(&self) -> f64 {
        self.recalls.iter().copied().fold(1.0, f64::min)
    }

    fn at_least(&self, share: f64) -> usize {
        self.recalls.iter().filter(|recall| **recall >= share).count()
    }

    /// In words, for the report of the soak.
    fn summary(&self) -> String {
        format!(
            "{} judged by another reader, median {:.2} % of its words, least {:.1} %, {} under 90 %, slowest {} ms",
            self.recalls.len(),
            self.median() * 100.0,
            self.least() * 100.0,
            self.recalls.len() - self.at_least(RECALL_LEAST),
            self.slowest.as_millis(),
        )
    }

    fn line(&self, kind: Kind) -> String {
        format!(
            "{:6} {:6} {:7} {:10} {:8} {:9.2} {:8.1} {:8} {:11}\n",
            kind.as_str(),
            self.files,
            self.recalls.len(),
            self.at_least(1.0),
            self.at_least(RECALL_LEAST),
            self.median() * 100.0,
            self.least() * 100.0,
            self.refused,
            self.slowest.as_millis(),
        )
    }
}

/// The share of the wanted words that were found, and some that were not.
fn recall(found: &str, wanted: &str) -> (Option<f64>, String) {
    const SHOWN: usize = 8;
    let (found, wanted) = (words(found), words(wanted));
    let of = |word: &String| found.get(word).copied().unwrap_or(0);
    let all: usize = wanted.values().sum();
    let again: usize = wanted.iter().map(|(word, times)| of(word).min(*times)).sum();
    let missing: Vec<&str> =
        wanted.iter().filter(|(word, times)| of(word) < **times).map(|(word, _)| word.as_str()).take(SHOWN).collect();
    ((all > 0).then(|| again as f64 / all as f64), missing.join(" "))
}

fn words(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    counts
}
