//! Words out of PDFs, beside poppler's `pdftotext`: each file by a process of each, turn by turn.
//!
//! The product reads PDFs in a Lambda function, where poppler is not; it may take twice as long and must find the same
//! words. What is measured is the optimised build, since that is what is deployed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::samples;

use super::figures::{Report, Runs, figure, ms_since, now};
use super::optimised;
use super::words::Writer;
use crate::world::fresh;

/// Pages of a file, and how many such files.
const MADE: [(usize, usize); 5] = [(1, 8), (10, 6), (50, 2), (150, 1), (300, 1)];
const WORDS_PER_PAGE: usize = 420;
const ROUNDS: usize = 5;
/// What this machine's packages brought: real typesetting, from many programs.
const PACKAGED_MAX: usize = 20;
const PACKAGED_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Of the words that poppler finds.
const RECALL_LEAST: f64 = 0.9;

#[test]
#[ignore = "builds the documents crate with optimisations"]
fn words_of_pdfs_take_at_most_twice_poppler() {
    let ours = optimised(&["--package", "documents", "--example", "bench_text"]).join("examples/bench_text");
    let mut report = Report::of("text");
    report.say("compared", "bench_text (documents crate, release build) and pdftotext, a process per file, by turns");
    let folder = Folder::with(&MADE);
    let packaged = packaged(&folder.path);
    let made = measure(&mut report, "made", &ours, &folder.files);
    let brought = measure(&mut report, "from packages", &ours, &packaged);
    let (sum, poppler) = (made.0 + brought.0, made.1 + brought.1);
    report.hold("all files, ours / pdftotext", sum / poppler, 2.0, "");
    report.done();
}

/// The same without optimisations of the test program itself, for every run: files of the usual size.
#[test]
fn words_of_ordinary_pdfs_come_in_the_time_of_poppler() {
    let mut report = Report::of("text");
    let folder = Folder::with(&[(1, 3), (20, 1)]);
    let (mut ours, mut theirs) = (0.0, 0.0);
    for file in &folder.files {
        let bytes = std::fs::read(file).unwrap();
        let (mut mine, mut poppler) = (Runs::default(), Runs::default());
        for _ in 0..3 {
            let started = now();
            let text = documents::text(documents::Kind::Pdf, &bytes).unwrap();
            mine.add(ms_since(started));
            let started = now();
            let wanted = output(&mut pdftotext(file));
            poppler.add(ms_since(started));
            assert!(recall(&text.pages.join("\n"), &wanted) >= RECALL_LEAST, "{}", file.display());
        }
        ours += mine.least();
        theirs += poppler.least();
    }
    report.hold("ordinary files, development build / pdftotext", ours / theirs, 2.0, "");
    report.done();
}

/// The sums over these files, ours and poppler's, in milliseconds.
fn measure(report: &mut Report, name: &str, ours: &Path, files: &[PathBuf]) -> (f64, f64) {
    let (mut sum, mut poppler_sum, mut recalls, mut unread) = (0.0, 0.0, Runs::default(), Vec::new());
    let mut worst = (0.0, String::new());
    for file in files {
        let (mut mine, mut poppler) = (Runs::default(), Runs::default());
        let (mut found, mut wanted) = (String::new(), String::new());
        for _ in 0..ROUNDS {
            let started = now();
            found = output(Command::new(ours).arg(file));
            mine.add(ms_since(started));
            let started = now();
            wanted = output(&mut pdftotext(file));
            poppler.add(ms_since(started));
        }
        if wanted.split_whitespace().count() > 20 {
            recalls.add(recall(&found, &wanted));
        }
        if found.is_empty() && !wanted.trim().is_empty() {
            unread.push(file.display().to_string());
        }
        let ratio = mine.median() / poppler.median();
        if ratio > worst.0 {
            worst =
                (ratio, format!("{} ({} and {} ms)", file.display(), figure(mine.median()), figure(poppler.median())));
        }
        sum += mine.median();
        poppler_sum += poppler.median();
    }
    report.say(
        name,
        &format!(
            "{} files, {} ms, pdftotext {} ms; words found again: median {}, least {}",
            files.len(),
            figure(sum),
            figure(poppler_sum),
            figure(recalls.median()),
            figure(recalls.least()),
        ),
    );
    if !files.is_empty() {
        report.hold(&format!("{name}, ours / pdftotext"), sum / poppler_sum, 2.0, "");
        report.hold(&format!("{name}, words not found again"), 1.0 - recalls.median(), 1.0 - RECALL_LEAST, "");
        report
            .say(&format!("{name}, the slowest beside pdftotext"), &format!("{} times: {}", figure(worst.0), worst.1));
    }
    if !unread.is_empty() {
        report.say(&format!("{name}, not read"), &unread.join(" "));
    }
    (sum, poppler_sum)
}

fn pdftotext(file: &Path) -> Command {
    let mut command = Command::new("pdftotext");
    command.arg(file).arg("-");
    command
}

/// Empty where the program gives up: files of packages may be strange.
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The share of the wanted words that were found, each as often as it is wanted.
fn recall(found: &str, wanted: &str) -> f64 {
    let counts = |text: &str| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in text.split_whitespace() {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
        counts
    };
    let (found, wanted) = (counts(found), counts(wanted));
    let all: usize = wanted.values().sum();
    let again: usize = wanted.iter().map(|(word, times)| found.get(word).copied().unwrap_or(0).min(*times)).sum();
    again as f64 / all as f64
}

/// PDFs of Debian packages on this machine, in the order of their names, unpacked where they are packed.
fn packaged(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![PathBuf::from("/usr/share/doc")], Vec::new());
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let (path, Ok(about)) = (entry.path(), entry.metadata()) else { continue };
            let name = path.to_string_lossy();
            if about.is_dir() {
                open.push(path);
            } else if about.len() <= PACKAGED_BYTES_MAX && (name.ends_with(".pdf") || name.ends_with(".pdf.gz")) {
                found.push(path);
            }
        }
    }
    found.sort();
    found.truncate(PACKAGED_MAX);
    let unpacked = |path: PathBuf| {
        if path.extension().is_some_and(|ending| ending == "pdf") {
            return path;
        }
        let to = folder.join(path.file_stem().unwrap());
        let file = std::fs::File::create(&to).unwrap();
        let status = Command::new("gzip").arg("-dc").arg(&path).stdout(file).status().unwrap();
        assert!(status.success(), "{}", path.display());
        to
    };
    found.into_iter().map(unpacked).collect()
}

/// PDFs with believable pages. They go with it.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) files: Vec<PathBuf>,
}

impl Folder {
    pub(super) fn with(sizes: &[(usize, usize)]) -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", fresh()));
        std::fs::create_dir_all(&path).unwrap();
        let (mut writer, mut files) = (Writer::new(0x7e87), Vec::new());
        for (pages, count) in sizes {
            for number in 0..*count {
                let texts: Vec<String> = (0..*pages).map(|_| writer.text(WORDS_PER_PAGE)).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let file = path.join(format!("{pages}-pages-{number}.pdf"));
                std::fs::write(&file, samples::pdf("Report", &texts)).unwrap();
                files.push(file);
            }
        }
        Folder { path, files }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
