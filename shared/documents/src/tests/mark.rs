//! Marked copies are looked at with our own reader, and with pdftotext and qpdf where they are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use domain::limits;
use testkit::samples::{self, Layout};

use super::{HELVETICA, one_page, pdf_of, stream};
use crate::{Kind, Mark, MarkRefused, codes, text};

pub(super) const LINE: &str = "ada@client.example, 24 Nov 2026 10:03";
pub(super) const CODE: &str = "01JD9Z6Y7K8M9N0P1Q2R3S4T5V";

const CATALOG: &str = "<< /Type /Catalog /Pages 2 0 R >>";

pub(super) fn mark(line: &str) -> Mark {
    Mark { line: line.into(), code: CODE.into(), name: "Lease.pdf".into(), covers: false }
}

fn watermark_pdf(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let marked = crate::mark(Kind::Pdf, bytes, mark)?;
    assert_eq!((marked.kind, marked.covered), (Kind::Pdf, None));
    Ok(marked.bytes)
}

/// The copy has the same pages with the same words, and the line with the code on each.
fn check(original: &[u8], line: &str, want: &str) -> Vec<u8> {
    let marked = watermark_pdf(original, &mark(line)).unwrap();
    let want = format!("{want} {CODE}");
    let (before, after) = (text(Kind::Pdf, original).unwrap(), text(Kind::Pdf, &marked).unwrap());
    assert_eq!(after.pages.len(), before.pages.len());
    for (before, after) in before.pages.iter().zip(&after.pages) {
        assert!(after.starts_with(before.trim_end()), "{before:?} became {after:?}");
        assert!(after.contains(&want), "{want:?} is not in {after:?}");
    }
    let file = Scratch::new(&marked);
    if let Some(shown) = run("pdftotext", &["-layout", file.path(), "-"]) {
        let shown = String::from_utf8(shown.stdout).unwrap();
        let pages: Vec<&str> = shown.split_terminator('\x0c').collect();
        assert_eq!(pages.len(), before.pages.len());
        pages.iter().for_each(|page| assert!(page.contains(&want), "{want:?} is not in {page:?}"));
    }
    if let Some(checked) = run("qpdf", &["--check", file.path()]) {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
    marked
}

fn check_refused(original: &[u8], line: &str, want: MarkRefused) {
    assert_eq!(watermark_pdf(original, &mark(line)), Err(want));
}

/// A file for programs that read files.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("documents-{}-{}.pdf", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_file(Path::new(&self.0)).unwrap_or_default();
    }
}

/// None where the program is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(program).args(arguments).output().ok()
}

/// Left, top, right, bottom of each word as people see the page, in parts of its size. The program turns the words of a
/// page that lies on its side, but not its size.
fn places(marked: &[u8], word: &str, on_its_side: bool) -> Vec<[f64; 4]> {
    let file = Scratch::new(marked);
    let Some(shown) = run("pdftotext", &["-bbox", "-cropbox", file.path(), "-"]) else { return Vec::new() };
    let shown = String::from_utf8(shown.stdout).unwrap();
    let number = |line: &str, name: &str| -> f64 {
        line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let page = shown.lines().find(|line| line.contains("<page ")).unwrap();
    let size = (number(page, "width"), number(page, "height"));
    let (width, height) = if on_its_side { (size.1, size.0) } else { size };
    let words = shown.lines().filter(|line| line.contains("<word ") && line.contains(word));
    let place = |line: &str| {
        [
            number(line, "xMin") / width,
            number(line, "yMin") / height,
            number(line, "xMax") / width,
            number(line, "yMax") / height,
        ]
    };
    words.map(place).collect()
}

#[test]
fn every_page_of_every_layout() {
    let pages = ["The lease of Ada.", "Rent is due in May."];
    let turned = [90, 180, 270, -90, 450].map(Layout::Rotated);
    for layout in [Layout::Plain, Layout::Inherited, Layout::Unbalanced].into_iter().chain(turned) {
        let marked = check(&samples::pdf_laid_out("Lease", &pages, layout), LINE, LINE);
        let on_its_side = matches!(layout, Layout::Rotated(degrees) if degrees % 180 != 0);
        for [left, top, right, bottom] in places(&marked, CODE, on_its_side) {
            assert!(
                left > 0.0 && right < 1.0 && top > 0.95 && bottom < 1.0,
                "{layout:?}: {left} {top} {right} {bottom}"
            );
        }
    }
}

#[test]
fn pages_of_every_shape() {
    let sized = |boxes: &str| {
        let page = format!("<< /Type /Page {boxes} /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>");
        pdf_of(&[
            CATALOG,
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            &page,
            &stream("", "BT /F 9 Tf (Rent) Tj ET"),
            HELVETICA,
        ])
    };
    for boxes in [
        "/MediaBox [0 0 595 842] /CropBox [100 200 500 700]",
        "/MediaBox [-300 -400 300 400]",
        "/MediaBox [595 842 0 0]",
        "/MediaBox [0 0 3000 200] /Rotate 90 /CropBox [0 0 9999 9999]",
        "/MediaBox [0 0 595 842] /CropBox [9 9 9 9]",
        "/MediaBox (none)",
    ] {
        let marked = check(&sized(boxes), LINE, LINE);
        for [left, top, right, bottom] in places(&marked, CODE, boxes.contains("/Rotate 90")) {
            assert!(left > 0.0 && right < 1.0 && top > 0.8 && bottom < 1.0, "{boxes}: {left} {top} {right} {bottom}");
        }
    }
    // Smaller than anybody can read: a program still can.
    for boxes in ["/MediaBox [0 0 3.84 3.84]", "/MediaBox [0 0 9 800]", "/MediaBox [0 0 800 9]"] {
        let marked = watermark_pdf(&sized(boxes), &mark(LINE)).unwrap();
        let found: Vec<String> = codes(Kind::Pdf, &marked).iter().map(ToString::to_string).collect();
        assert_eq!(found, [CODE], "{boxes}");
    }
    // Too small for one line: several, and nothing cut.
    let marked = watermark_pdf(&sized("/MediaBox [0 0 60 60]"), &mark(LINE)).unwrap();
    let words = text(Kind::Pdf, &marked).unwrap().pages.concat();
    for word in LINE.split(' ').chain([CODE]) {
        assert!(words.contains(word), "{word:?} is not in {words:?}");
        places(&marked, word, false)
            .into_iter()
            .flatten()
            .for_each(|edge| assert!((-0.01..1.01).contains(&edge), "{word}: {edge}"));
    }
}

#[test]
fn a_long_line_is_fitted_not_cut() {
    let line = ["ada.lovelace@client.example"; 12].join(" ");
    let marked = watermark_pdf(&samples::pdf("Lease", &["Rent"]), &mark(&line)).unwrap();
    let words = text(Kind::Pdf, &marked).unwrap().pages.concat();
    // Twelve times across and twelve at the foot.
    assert_eq!(words.matches("ada.lovelace@client.example").count(), 24, "{words}");
    for place in places(&marked, "ada.lovelace", false) {
        place.into_iter().for_each(|edge| assert!((0.0..1.0).contains(&edge), "{place:?}"));
    }
    let characters_max = limits::MARK_CHARACTERS_MAX;
    check_refused(
        &samples::pdf("Lease", &["Rent"]),
        &"x".repeat(characters_max),
        MarkRefused::TooLong { characters_max },
    );
}

#[test]
fn letters_that_the_font_lacks_are_written_as_numbers() {
    let pdf = samples::pdf("Lease", &["Rent"]);
    check(&pdf, "Zoë €5 “Straße”", "Zoë €5 “Straße”");
    check(&pdf, "Жő😀", "Жő{U+1F600}");
    check(&pdf, "ada.žлωß@client.example", "ada.žлωß@client.example");
    check(&pdf, "Ж\u{ad}\u{202e}", "Ж{U+00AD}{U+202E}");
    check(&pdf, "a\nb\u{202e}c\u{ad}(d)\\", "a{U+000A}b{U+202E}c{U+00AD}(d)\\");
}

#[test]
fn resources_wherever_they_are() {
    let shapes = [
        "/Resources << /Font 6 0 R /ExtGState 6 0 R >>",
        "/Resources 6 0 R",
        "/Resources << /Font << /Mark0 5 0 R >> >>",
        "/Resources << /Font 99 0 R >>",
        "/Resources 99 0 R",
        "/Resources [1 2]",
        "",
    ];
    for resources in shapes {
        let page = format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} /Contents [4 0 R] >>");
        let drawing = stream("", "0 0 10 10 re f");
        check(
            &pdf_of(&[CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", &page, &drawing, HELVETICA, "<< >>"]),
            LINE,
            LINE,
        );
    }
}

#[test]
fn a_page_that_draws_nothing_or_leaves_its_state_open() {
    check(
        &pdf_of(&[CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /MediaBox [0 0 595 842] >>"]),
        LINE,
        LINE,
    );
    for drawing in
        ["Q Q Q", "q q q 9 0 0 9 5000 5000 cm", "Q q Q Q q 0 0 0 0 0 0 cm", "(q q q) Tj", "BI /W 1 ID q q q EI"]
    {
        let marked = check(&one_page("/Font << /F 5 0 R >>", drawing, &[HELVETICA]), LINE, LINE);
        for [left, top, right, bottom] in places(&marked, CODE, false) {
            assert!(
                left > 0.0 && right < 1.0 && top > 0.95 && bottom < 1.0,
                "{drawing}: {left} {top} {right} {bottom}"
            );
        }
    }
}

#[test]
fn a_marked_copy_can_be_marked_again() {
    let once = check(&samples::pdf("Lease", &["Rent", "Due"]), "ada@client.example", "ada@client.example");
    let twice = check(&once, "bob@client.example", "bob@client.example");
    let words = text(Kind::Pdf, &twice).unwrap().pages;
    assert!(words.iter().all(|page| page.contains(&format!("ada@client.example {CODE}"))), "{words:?}");
}

#[test]
fn a_damaged_table_is_mended_by_the_copy() {
    check(&samples::pdf_broken_xref("Lease", &["Rent", "Due"]), LINE, LINE);
}

#[test]
fn the_same_file_and_mark_give_the_same_copy() {
    let pdf = samples::pdf("Lease", &["Rent"]);
    assert_eq!(watermark_pdf(&pdf, &mark(LINE)), watermark_pdf(&pdf, &mark(LINE)));
}

#[test]
fn what_must_not_be_changed_is_refused() {
    check_refused(&samples::pdf_protected("Lease", &["Rent"], "secret"), LINE, MarkRefused::Protected);
    check_refused(&samples::pdf_protected("Lease", &["Rent"], ""), LINE, MarkRefused::Protected);
    check_refused(
        &one_page("", "", &["<< /Type /Sig /ByteRange [0 9 19 9] /Contents <00> >>"]),
        LINE,
        MarkRefused::Signed,
    );
    check_refused(&one_page("", "", &["<< /FT /Sig /V << /ByteRange [0 9 19 9] >> >>"]), LINE, MarkRefused::Signed);
    check_refused(&samples::docx("Lease", &["Rent"]), LINE, MarkRefused::Unreadable);
    check_refused(b"", LINE, MarkRefused::Unreadable);
    let pages_max = limits::DOCUMENT_MARK_PAGES_MAX;
    let kids: String = (3..pages_max + 4).map(|n| format!("{n} 0 R ")).collect();
    let tree = format!("<< /Type /Pages /Kids [{kids}] >>");
    let mut objects = vec![CATALOG, tree.as_str()];
    objects.resize(pages_max + 3, "<< /Type /Page >>");
    check_refused(&pdf_of(&objects), LINE, MarkRefused::TooManyPages { pages_max });
}
