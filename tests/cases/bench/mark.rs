//! Marking PDFs, beside `qpdf --overlay`: each file by a process of each, turn by turn.
//!
//! Both draw a page over each page. Ours draws it anew for every page's own size and rotation and reads each page's
//! drawing for what it leaves open; it may take as long all the same. What is measured is the optimised build.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use documents::{Kind, Mark};
use testkit::samples;

use super::figures::{Report, Runs, figure, ms_since, now};
use super::optimised;
use super::text::Folder;
use crate::world::fresh;

/// Pages of a file, and how many such files.
const MADE: [(usize, usize); 5] = [(1, 8), (10, 6), (50, 2), (150, 1), (300, 1)];
const ROUNDS: usize = 5;
const RATIO_MAX: f64 = 1.0;

#[test]
#[ignore = "builds the documents crate with optimisations"]
fn marks_of_pdfs_take_at_most_the_time_of_qpdfs_overlay() {
    let ours = optimised(&["--package", "documents", "--example", "bench_mark"]).join("examples/bench_mark");
    let mut report = Report::of("mark");
    report.say(
        "compared",
        "bench_mark (documents crate, release build) and qpdf --overlay, a process per file, by turns",
    );
    let folder = Folder::with(&MADE);
    let made = measure(&mut report, "made", &ours, &folder.files);
    let corpus = corpus();
    let real = measure(&mut report, "from the corpus", &ours, &corpus);
    report.hold("all files, ours / qpdf --overlay", (made.0 + real.0) / (made.1 + real.1), RATIO_MAX, "");
    report.done();
}

/// The same without optimisations of the test program itself, for every run.
#[test]
fn marks_of_ordinary_pdfs_come_in_the_time_of_qpdfs_overlay() {
    let mut report = Report::of("mark");
    let folder = Folder::with(&[(1, 3), (20, 1)]);
    let overlay = Overlay::made();
    let (mut ours, mut theirs) = (0.0, 0.0);
    for file in &folder.files {
        let bytes = std::fs::read(file).unwrap();
        let (mut mine, mut qpdf) = (Runs::default(), Runs::default());
        for _ in 0..3 {
            let started = now();
            documents::mark(Kind::Pdf, &bytes, &mark()).unwrap();
            mine.add(ms_since(started));
            let started = now();
            assert!(overlay.over(file));
            qpdf.add(ms_since(started));
        }
        ours += mine.least();
        theirs += qpdf.least();
    }
    report.hold("ordinary files, development build / qpdf --overlay", ours / theirs, 2.0 * RATIO_MAX, "");
    report.done();
}

/// The sums over these files, ours and qpdf's, in milliseconds. Files that either refuses are left out.
fn measure(report: &mut Report, name: &str, ours: &Path, files: &[PathBuf]) -> (f64, f64) {
    let overlay = Overlay::made();
    let (mut sum, mut qpdf_sum, mut bytes, mut count) = (0.0, 0.0, 0, 0);
    for file in files {
        let (mut mine, mut qpdf, mut whole) = (Runs::default(), Runs::default(), true);
        for _ in 0..ROUNDS {
            let started = now();
            let said = Command::new(ours).arg(file).arg(&overlay.copy).stderr(Stdio::null()).output().unwrap();
            mine.add(ms_since(started));
            whole &= String::from_utf8_lossy(&said.stdout).trim() == "pdf";
            let started = now();
            whole &= overlay.over(file);
            qpdf.add(ms_since(started));
        }
        if whole {
            sum += mine.median();
            qpdf_sum += qpdf.median();
            bytes += std::fs::metadata(file).unwrap().len();
            count += 1;
        }
    }
    let rate = |ms: f64| figure(bytes as f64 / 1e6 / (ms / 1e3));
    report.say(
        name,
        &format!(
            "{count} files of {} MB, {} ms ({} MB/s), qpdf {} ms ({} MB/s)",
            figure(bytes as f64 / 1e6),
            figure(sum),
            rate(sum),
            figure(qpdf_sum),
            rate(qpdf_sum),
        ),
    );
    report.say(&format!("{name}, ours / qpdf --overlay"), &figure(sum / qpdf_sum));
    (sum, qpdf_sum)
}

/// PDFs that nobody here made.
fn corpus() -> Vec<PathBuf> {
    let files = PathBuf::from(crate::world::setting("PORTICO_CORPUS")).join("files");
    let mut found: Vec<PathBuf> = std::fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "pdf"));
    found.sort();
    found
}

fn mark() -> Mark {
    Mark {
        line: "ada@client.example · 24 Nov 2026 10:03 EST".into(),
        code: "01JD9Z6Y7K8M9N0P1Q2R3S4T5V".into(),
        name: "Report.pdf".into(),
        covers: false,
    }
}

/// A page with the mark alone, which qpdf lays over every page.
struct Overlay {
    page: PathBuf,
    copy: PathBuf,
}

impl Overlay {
    fn made() -> Overlay {
        let name = |part: &str| std::env::temp_dir().join(format!("portico-{part}-{}.pdf", fresh()));
        let overlay = Overlay { page: name("overlay"), copy: name("copy") };
        let page = documents::mark(Kind::Pdf, &samples::pdf("Mark", &[""]), &mark()).unwrap();
        std::fs::write(&overlay.page, page.bytes).unwrap();
        overlay
    }

    /// Whether qpdf made a copy; it warns of what it mended.
    fn over(&self, file: &Path) -> bool {
        let mut qpdf = Command::new("qpdf");
        qpdf.arg(file).arg("--overlay").arg(&self.page).args(["--from=", "--repeat=1", "--"]).arg(&self.copy);
        let status = qpdf.stdin(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        matches!(status.code(), Some(0 | 3))
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.page);
        let _ = std::fs::remove_file(&self.copy);
    }
}
