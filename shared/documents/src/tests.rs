//! Each family has one `check`; what is checked is data. Samples are real files, made by `testkit`.

mod compound;
mod copies;
mod hostile;
mod identify;
mod mark;
mod messages;
mod mutated;
mod open_document;
mod pictures;
mod replies;
mod replies_hostile;
mod rich;
mod structured;
mod tables;
mod words;

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use domain::document::RejectReason;
use zip::write::SimpleFileOptions;

use crate::{Kind, text};

/// The words of each page, with one space between any two.
fn check_words(kind: Kind, bytes: &[u8], want: &[&str]) {
    let read = text(kind, bytes).unwrap();
    let pages: Vec<String> =
        read.pages.iter().map(|page| page.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(pages, want);
    assert_eq!((read.page_count as usize, read.truncated), (want.len(), false));
}

fn check_refused(kind: Kind, bytes: &[u8], want: RejectReason) {
    assert_eq!(text(kind, bytes), Err(want));
}

/// The time that an act takes. No file, whatever is in it, may take this long.
#[expect(clippy::disallowed_methods, reason = "how long a reader takes is what is tested")]
fn in_time<T>(what: &str, act: impl FnOnce() -> T) -> T {
    const SECONDS_MAX: Duration = Duration::from_secs(10);
    let start = Instant::now();
    let done = act();
    let taken = start.elapsed();
    assert!(taken < SECONDS_MAX, "{what} took {taken:?}");
    done
}

/// A PDF of these objects, numbered from 1, the first of them the catalog. It has no table: readers search it.
fn pdf_of(objects: &[&str]) -> Vec<u8> {
    let mut file = String::from("%PDF-1.5\n");
    for (index, object) in objects.iter().enumerate() {
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    file.push_str("trailer\n<< /Root 1 0 R >>\n");
    file.into_bytes()
}

fn stream(entries: &str, data: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{data}\nendstream", data.len())
}

/// One page that draws this with these resources, and further objects from number 5 on.
fn one_page(resources: &str, drawing: &str, more: &[&str]) -> Vec<u8> {
    let page =
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {resources} >> /Contents 4 0 R >>");
    let drawing = stream("", drawing);
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.as_str(),
        drawing.as_str(),
    ];
    objects.extend_from_slice(more);
    pdf_of(&objects)
}

const HELVETICA: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// An archive of these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in parts {
        archive.start_file(*path, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const WORD_TYPES: &str = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;

fn docx_of(body: &str) -> Vec<u8> {
    let document = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    package(&[("[Content_Types].xml", WORD_TYPES), ("word/document.xml", &document)])
}

/// An OpenDocument file with this inside its body.
fn open_document(kind: &str, body: &str) -> Vec<u8> {
    let content = format!("<office:document-content><office:body>{body}</office:body></office:document-content>");
    package(&[("mimetype", &format!("application/vnd.oasis.opendocument.{kind}")), ("content.xml", &content)])
}
