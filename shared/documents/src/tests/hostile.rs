//! Files made to cost more than they are. Each must end in time, and without taking the process with it.

use std::io::Write as _;

use domain::document::RejectReason;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use testkit::samples;

use super::compound::{Item, compound, wide};
use super::messages::message;
use super::{HELVETICA, in_time, one_page, open_document, package, pdf_of, stream};
use crate::bounded::Pages;
use crate::{Kind, Look, Text, draw, identify, is_drawable, pdf, text, typeset};

/// What comes of reading it. What it is and how it is marked may end in any way, but must end.
fn check(what: &str, kind: Kind, bytes: &[u8], want: impl FnOnce(Result<Text, RejectReason>) -> bool) {
    let name = format!("hostile.{}", kind.as_str());
    let _any = in_time(what, || identify(&name, bytes));
    // Our own loops have no net here: they must not even fail.
    let mark = super::mark::mark("ada@client.example");
    drop(in_time(what, || crate::mark::inside(kind, bytes, &mark)));
    if kind == Kind::Pdf {
        let _any = in_time(what, || pdf::read(bytes, &Pages::default()));
    }
    let read = in_time(what, || text(kind, bytes));
    looked_at(what, kind, bytes, &read);
    let shown = format!("{:.200}", format!("{read:?}"));
    assert!(want(read), "{what}: {shown}");
}

/// As its page shows it: drawn, or its words set in type. What draws a PDF has no bounds of its own on what a page may
/// take; it is held by those of its process, and the tests of the process see that it is.
pub(super) fn looked_at(what: &str, kind: Kind, bytes: &[u8], read: &Result<Text, RejectReason>) {
    // One page says it: the next would only be drawn like it.
    let mut each = |_| false;
    in_time(what, || match read {
        _ if kind == Kind::Pdf => (),
        _ if is_drawable(kind) => draw(kind, bytes, &[0], Look::Preview, &mut each),
        // A few lines of one file in sixteen: that many letters end is tested beside what sets them.
        Ok(_) if !checksum(bytes).is_multiple_of(16) => (),
        Ok(text) => {
            let first = text.pages.iter().take(9).map(|page| page.chars().take(200).collect()).collect::<Vec<_>>();
            typeset(kind, &first, &mut each);
        }
        Err(_) => (),
    });
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut checksum = flate2::Crc::new();
    checksum.update(bytes);
    checksum.sum()
}

fn refused(want: RejectReason) -> impl FnOnce(Result<Text, RejectReason>) -> bool {
    move |read| read == Err(want)
}

fn says(want: &str) -> impl FnOnce(Result<Text, RejectReason>) -> bool {
    move |read| read.is_ok_and(|text| text.pages.iter().any(|page| page.contains(want)))
}

fn deflated(bytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let block = vec![b' '; 1024 * 1024];
    (0..bytes / block.len()).for_each(|_| encoder.write_all(&block).unwrap());
    encoder.finish().unwrap()
}

/// Every sample, cut at every fiftieth byte.
#[test]
fn cut_off_anywhere() {
    let samples = [
        (Kind::Pdf, samples::pdf("Lease", &["Rent is due", "In May"])),
        (Kind::Pdf, samples::pdf_broken_xref("Lease", &["Rent is due"])),
        (Kind::Pdf, samples::pdf_protected("Lease", &["Rent is due"], "secret")),
        (Kind::Docx, samples::docx("Lease", &["Rent is due"])),
        (Kind::Xlsx, samples::xlsx(&[("Rents", &[&["May", "900"]])])),
        (Kind::Pptx, samples::pptx("Talk", &["One", "Two"])),
        (Kind::Html, samples::html("Terms", &["All & any"])),
        (Kind::Eml, samples::eml("a@firm.example", "b@client.example", "Lease", "See below.")),
        (Kind::Txt, samples::eicar()),
        (Kind::Png, samples::png()),
        (
            Kind::Rtf,
            b"{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset204 A;}}\\f0 Rent \\u1046?\\'c6\\bin2 {}{\\*\\x y}\\page due}"
                .to_vec(),
        ),
        (Kind::Odt, open_document("text", "<text:p>Rent</text:p>")),
        (Kind::Msg, message(vec![wide("0037", "Lease"), wide("1000", &"Rent ".repeat(900))], &[])),
        (Kind::Csv, b"\"a\";\"b\nc\"\nd;e\n".repeat(9)),
    ];
    for (kind, whole) in samples {
        for length in (0..whole.len()).step_by(50) {
            let what = format!("{kind:?} cut at {length}");
            check(&what, kind, &whole[..length], |_| true);
        }
    }
}

/// Room for what a table says that it holds: found by the soak, which asked for a hundred gigabytes.
#[test]
fn a_workbook_of_more_words_than_it_has_bytes() {
    let whole = samples::xlsx(&[("Rents", &[&["May", "900"]])]);
    let part = crate::archive::Archive::open(&whole).unwrap().read("xl/sharedStrings.xml").unwrap().unwrap();
    let part = String::from_utf8(part).unwrap();
    let said = |count: &str| {
        let part = part.replace("uniqueCount=\"1\"", &format!("uniqueCount=\"{count}\""));
        let changed = std::collections::BTreeMap::from([("xl/sharedStrings.xml".to_owned(), part.into_bytes())]);
        crate::archive::rewritten(&whole, &changed).unwrap()
    };
    assert!(part.contains("uniqueCount=\"1\""), "{part}");
    check("a few more", Kind::Xlsx, &said("9"), says("May"));
    for count in ["4294967295", "18446744073709551615"] {
        check(count, Kind::Xlsx, &said(count), refused(RejectReason::Unreadable));
    }
}

/// Every byte of a PDF in turn, changed to one that means something.
#[test]
fn changed_anywhere() {
    let whole = samples::pdf("Lease", &["Rent"]);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] = [b'9', b'[', b'<', b'(', b'/', b' ', 0xff][at % 7];
        check(&format!("changed at {at}"), Kind::Pdf, &changed, |_| true);
    }
}

#[test]
fn drawings_that_draw_themselves() {
    let itself = stream("/Subtype /Form", "BT /F 9 Tf (again) Tj ET /A Do");
    let resources = "/Font << /F 5 0 R >> /XObject << /A 6 0 R >>";
    check("itself", Kind::Pdf, &one_page(resources, "/A Do", &[HELVETICA, &itself]), |read| {
        read.is_ok_and(|text| text.truncated && text.pages[0].contains("again"))
    });
    // Each draws the next a hundred times, ten deep.
    let twice = |next: usize| stream("/Subtype /Form", &format!("/N{next} Do ").repeat(100));
    let forms: Vec<String> = (1..11).map(twice).collect();
    let names: String = (0..10).map(|n| format!("/N{n} {} 0 R ", n + 5)).collect();
    let more: Vec<&str> = forms.iter().map(String::as_str).collect();
    check("each other", Kind::Pdf, &one_page(&format!("/XObject << {names} >>"), "/N0 Do", &more), |read| {
        read.is_ok_and(|text| text.truncated)
    });
}

#[test]
fn character_maps_of_everything() {
    let font = "<< /Subtype /TrueType /ToUnicode 6 0 R >>";
    let map = stream("", "1 beginbfrange <00000000> <ffffffff> <0041> endbfrange");
    let page = one_page("/Font << /F 5 0 R >>", "BT /F 9 Tf (\\001) Tj ET", &[font, &map]);
    check("all codes", Kind::Pdf, &page, says("B"));
    let long = stream("", &format!("1 beginbfchar <41> <{}> endbfchar", "0041".repeat(1_000_000)));
    let page = one_page("/Font << /F 5 0 R >>", &format!("BT /F 9 Tf ({}) Tj ET", "A".repeat(100_000)), &[font, &long]);
    check("one code, a million letters", Kind::Pdf, &page, |read| read.is_ok());
    let nested = stream("", &format!("1 beginbfchar <41> {} endbfchar", "[".repeat(1_000_000)));
    check("nested", Kind::Pdf, &one_page("/Font << /F 5 0 R >>", "BT /F 9 Tf (A) Tj ET", &[font, &nested]), |read| {
        read.is_ok()
    });
    let widths = "<< /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /W [0 4294967295 500] >>] >>";
    check("all widths", Kind::Pdf, &one_page("/Font << /F 5 0 R >>", "BT /F 9 Tf (AB) Tj ET", &[widths]), |read| {
        read.is_ok()
    });
}

#[test]
fn trees_that_lead_to_themselves() {
    let pages = "<< /Type /Pages /Kids [2 0 R 3 0 R 3 0 R] /Parent 2 0 R >>";
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>";
    check("pages", Kind::Pdf, &pdf_of(&["<< /Pages 2 0 R >>", pages, page]), |read| {
        read.is_ok_and(|text| text.page_count == 1)
    });
    check(
        "references",
        Kind::Pdf,
        &pdf_of(&["<< /Pages 2 0 R >>", "3 0 R", "2 0 R"]),
        refused(RejectReason::Unreadable),
    );
    let length = "<< /Length 4 0 R >>\nstream\nBT ET\nendstream";
    check("lengths", Kind::Pdf, &pdf_of(&["<< /Pages 2 0 R >>", pages, page, length]), |read| read.is_ok());
    let prev = b"%PDF-1.4\nxref\n0 0\ntrailer\n<< /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF";
    check("tables", Kind::Pdf, prev, refused(RejectReason::Unreadable));
}

/// Whoever writes a copy writes a table of every number up to the highest.
#[test]
fn numbers_without_end() {
    let mut page = one_page("/Font << /F 5 0 R >>", "BT /F 9 Tf (Rent) Tj ET", &[HELVETICA]);
    let at = pdf::find(&page, b"trailer", 0).unwrap();
    page.splice(at..at, *b"4294967295 0 obj\n(far)\nendobj\n");
    check("numbers", Kind::Pdf, &page, says("Rent"));
}

#[test]
fn tables_without_end() {
    for entries in [
        "/W [0 0 0] /Index [0 9000000000000000000]",
        "/W [1 9999999999999 1]",
        "/W [-1 1 1]",
        "/W [1 1 1] /Index [0 99]",
    ] {
        let table = stream(&format!("/Type /XRef /Size 9 /Root 1 0 R {entries}"), "\x01\x09\x01");
        let file = format!("%PDF-1.5\n7 0 obj\n{table}\nendobj\nstartxref\n9\n%%EOF");
        check(entries, Kind::Pdf, file.as_bytes(), refused(RejectReason::Unreadable));
    }
}

#[test]
fn nesting_without_end() {
    let deep = |open: &str| pdf_of(&["<< /Pages 2 0 R >>", &open.repeat(500_000)]);
    for open in ["[", "<<", "<</a", "(", "<</a["] {
        check(open, Kind::Pdf, &deep(open), |read| read.is_err());
    }
    let states = "q ".repeat(500_000);
    check(
        "states",
        Kind::Pdf,
        &one_page("/Font << /F 5 0 R >>", &(states + "BT /F 9 Tf (Rent) Tj ET"), &[HELVETICA]),
        says("Rent"),
    );
    check("tags", Kind::Html, "<div>".repeat(500_000).as_bytes(), |read| read.is_ok());
    check("attributes", Kind::Html, format!("<p {}>Rent", "a=1 ".repeat(500_000)).as_bytes(), says("Rent"));
    check("signs", Kind::Html, "<".repeat(1_000_000).as_bytes(), |read| read.is_ok());
    let parts = "--x\nContent-Type: multipart/mixed; boundary=x\n\n".repeat(50_000);
    let mail = format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n{parts}");
    check("parts", Kind::Eml, mail.as_bytes(), says("a@b.example"));
    let messages = format!("From: a@b.example\n{}", "Content-Type: message/rfc822\n\n".repeat(50_000));
    check("messages", Kind::Eml, messages.as_bytes(), says("a@b.example"));
}

#[test]
fn more_values_than_memory() {
    let zeros = format!("[{}]", "0 ".repeat(3_500_000));
    check("zeros", Kind::Pdf, &pdf_of(&["<< /Pages 2 0 R >>", &zeros]), refused(RejectReason::TooMuchInside));
    let endless: String = (1..100_000).map(|n| format!("{n} 0 obj<<>>stream\n")).collect();
    check("no end", Kind::Pdf, format!("%PDF-1.4\n{endless}").as_bytes(), refused(RejectReason::TooMuchInside));
    let overlaid: String = (1..60).map(|n| format!("{n} 0 obj[")).collect();
    let overlaid = format!("%PDF-1.4\n{overlaid}({})", "x".repeat(5_000_000));
    check("overlaid", Kind::Pdf, overlaid.as_bytes(), |read| read.is_err());
}

#[test]
fn streams_that_unpack_to_too_much() {
    let bomb = deflated(80 * 1024 * 1024);
    let with = |head: &str| {
        let mut file = format!("%PDF-1.5\n{head} /Length {} >>\nstream\n", bomb.len()).into_bytes();
        file.extend_from_slice(&bomb);
        file.extend_from_slice(b"\nendstream\nendobj\n");
        file
    };
    let mut list = with("1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode");
    list.extend_from_slice(b"trailer << /Root 1 0 R >>");
    check("list of objects", Kind::Pdf, &list, |read| read.is_err());
    let mut table = with("7 0 obj\n<< /Type /XRef /W [1 1 1] /Size 900000000 /Root 1 0 R /Filter /FlateDecode");
    table.extend_from_slice(b"startxref\n9\n%%EOF");
    check("table", Kind::Pdf, &table, |read| read.is_err());
    let mut drawing = with("4 0 obj\n<< /Filter [/FlateDecode /FlateDecode]");
    drawing.extend_from_slice(b"1 0 obj << /Pages 2 0 R >> endobj 2 0 obj << /Kids [3 0 R] >> endobj ");
    drawing.extend_from_slice(b"3 0 obj << /Type /Page /Contents 4 0 R >> endobj trailer << /Root 1 0 R >>");
    check("drawing", Kind::Pdf, &drawing, |read| read.is_ok_and(|text| text.pages == [""]));
}

#[test]
fn sheets_with_one_far_cell() {
    let cell = r#"<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData></worksheet>"#;
    let book = r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let links = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let root = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let types =
        r#"<Types><Override PartName="/xl/workbook.xml" ContentType="x.spreadsheetml.sheet.main+xml"/></Types>"#;
    let parts = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", links),
        ("xl/worksheets/sheet1.xml", cell),
    ];
    check("far cell", Kind::Xlsx, &package(&parts), says("7"));
}

#[test]
fn rich_text_without_end() {
    let deep = |inside: &str, times: usize| format!("{{\\rtf1 {}", inside.repeat(times));
    check("groups", Kind::Rtf, deep("{", 1_000_000).as_bytes(), refused(RejectReason::TooMuchInside));
    check("words", Kind::Rtf, deep("\\page x", 500_000).as_bytes(), |read| read.is_ok_and(|text| text.truncated));
    check("skipped", Kind::Rtf, deep("\\uc2147483647\\u65?", 500_000).as_bytes(), |read| read.is_ok());
    check("data", Kind::Rtf, deep("\\bin2147483647 ", 100).as_bytes(), |read| read.is_ok());
    check("bytes", Kind::Rtf, deep("\\'e9", 4_000_000).as_bytes(), |read| read.is_ok_and(|text| text.truncated));
    let tags = format!("{{\\rtf1\\fromhtml1 {}", "{\\*\\htmltag <script>}".repeat(200_000));
    check("tags", Kind::Rtf, tags.as_bytes(), |read| read.is_ok());
    let fonts =
        format!("{{\\rtf1{{\\fonttbl {}", (0..300_000).map(|n| format!("\\f{n}\\fcharset1")).collect::<String>());
    check("fonts", Kind::Rtf, fonts.as_bytes(), |read| read.is_ok());
}

#[test]
fn open_documents_without_end() {
    let nested = "<text:p>".repeat(500_000);
    check("nested", Kind::Odt, &package(&[("mimetype", ODT), ("content.xml", &nested)]), |read| read.is_ok());
    let sheets = "<table:table table:name=\"x\"/>".repeat(100_000);
    check("sheets", Kind::Ods, &open_document("spreadsheet", &sheets), |read| read.is_ok_and(|text| text.truncated));
    let entities = format!("<!DOCTYPE d [<!ENTITY a \"{}\">]><d><text:p>&a;Rent</text:p></d>", "lol".repeat(10_000));
    check("entities", Kind::Odt, &package(&[("mimetype", ODT), ("content.xml", &entities)]), says("Rent"));
    let repeated = "<table:table><table:table-cell table:number-columns-repeated=\"4000000000\" office:value=\"7\"/></table:table>";
    check("repeated", Kind::Ods, &open_document("spreadsheet", repeated), says("7"));
}

const ODT: &str = "application/vnd.oasis.opendocument.text";

#[test]
fn compound_files_that_lead_to_themselves() {
    let whole = message(vec![wide("1000", &"Rent ".repeat(900))], &[]);
    // Every number of the header and of the folders in turn, to the start, to the end, to nowhere.
    for at in (24..512).chain(whole.len() - 1536..whole.len()).step_by(4) {
        for value in [0u32, 1, 2, 0x7fff_ffff, 0xffff_fffe] {
            let mut changed = whole.clone();
            changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
            check(&format!("{value} at {at}"), Kind::Msg, &changed, |_| true);
        }
    }
    // Each attached message holds the folder that it is in, ten times.
    let mut looped = compound(
        (0..10)
            .map(|n| {
                let inner = Item::Folder("__substg1.0_3701000D".into(), Vec::new());
                Item::Folder(format!("__attach_version1.0_#{n:08X}"), vec![inner])
            })
            .chain([Item::Stream("__properties_version1.0".into(), vec![0; 32])])
            .collect(),
    );
    let names: Vec<usize> = (0..looped.len() - 128).step_by(128).filter(|at| looped[at + 64] > 2).collect();
    let root = names.iter().position(|at| looped[*at..].starts_with(b"R\0o\0o\0t\0")).unwrap();
    let child = looped[names[root] + 76..names[root] + 80].to_vec();
    for at in &names[root + 1..] {
        if looped[at + 66] == 1 {
            looped[at + 76..at + 80].copy_from_slice(&child);
        }
    }
    check("loop", Kind::Msg, &looped, |_| true);
    let many = (0..9_000).map(|n| Item::Folder(format!("__attach_version1.0_#{n:08X}"), Vec::new())).collect();
    check("many", Kind::Msg, &message(many, &[]), refused(RejectReason::TooMuchInside));
}

#[test]
fn tables_without_rows() {
    check("quotes", Kind::Csv, ",\"".repeat(3_000_000).as_bytes(), |read| read.is_ok());
    check("open quotes", Kind::Csv, "\"a\n".repeat(2_000_000).as_bytes(), |read| read.is_ok());
    check("doubled quotes", Kind::Csv, format!("a,\"{}", "\"\"".repeat(5_000_000)).as_bytes(), |read| read.is_ok());
    check("one row", Kind::Csv, ";".repeat(10_000_000).as_bytes(), |read| read.is_ok());
}

#[test]
fn a_reader_that_fails_or_never_ends_costs_its_file_alone() {
    use crate::bounded::{Stopped, within};
    assert_eq!(within(5, || 7), Ok(7));
    assert_eq!(within(5, || -> u32 { panic!("words of a client") }), Err(Stopped::Failed));
    let (_keep, never) = std::sync::mpsc::channel::<()>();
    assert_eq!(within(1, move || never.recv().is_ok()), Err(Stopped::TookTooLong));
}
