use domain::document::RejectReason;
use testkit::samples;

use super::compound::{compound, wide};
use super::messages::message;
use super::{WORD_TYPES, docx_of, one_page, open_document, package};
use crate::{Kind, identify, identify_by_ends};

fn check(name: &str, bytes: &[u8], want: Result<Kind, RejectReason>) {
    assert_eq!(identify(name, bytes), want, "{name}, {} bytes", bytes.len());
}

#[test]
fn content_and_name_agree() {
    let pdf = samples::pdf("Lease", &["Rent"]);
    check("lease.pdf", &pdf, Ok(Kind::Pdf));
    check("LEASE.PDF", &pdf, Ok(Kind::Pdf));
    check("a.b.pdf ", &pdf, Ok(Kind::Pdf));
    check("lease.docx", &samples::docx("Lease", &["Rent"]), Ok(Kind::Docx));
    check("rents.xlsx", &samples::xlsx(&[("Rents", &[&["May", "900"]])]), Ok(Kind::Xlsx));
    check("talk.pptx", &samples::pptx("Talk", &["One"]), Ok(Kind::Pptx));
    check("note.txt", &samples::txt("Straße"), Ok(Kind::Txt));
    check("note.txt", b"caf\xe9 in Latin-1", Ok(Kind::Txt));
    check("note.txt", b"\xff\xfeh\0i\0", Ok(Kind::Txt));
    check("rents.csv", b"month;rent\nMay;900\n", Ok(Kind::Csv));
    check("page.htm", &samples::html("Terms", &["All of them"]), Ok(Kind::Html));
    check("mail.eml", &samples::eml("a@firm.example", "b@client.example", "Lease", "See below."), Ok(Kind::Eml));
    check("letter.rtf", b"{\\rtf1\\ansi Rent}", Ok(Kind::Rtf));
    check("lease.odt", &open_document("text", ""), Ok(Kind::Odt));
    check("rents.ods", &open_document("spreadsheet", ""), Ok(Kind::Ods));
    check("talk.odp", &open_document("presentation", ""), Ok(Kind::Odp));
    check("mail.msg", &message(vec![wide("0037", "Lease")], &[]), Ok(Kind::Msg));
    check("dot.png", &samples::png(), Ok(Kind::Png));
    check("photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", Ok(Kind::Jpeg));
    check("photo.jpeg", b"\xff\xd8\xff\xe1", Ok(Kind::Jpeg));
    check("a.gif", b"GIF89a\x01\0\x01\0", Ok(Kind::Gif));
    check("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ", Ok(Kind::Webp));
    check("scan.tif", b"II*\0\x08\0\0\0", Ok(Kind::Tiff));
    check("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0", Ok(Kind::Heic));
}

#[test]
fn a_file_that_is_something_else_is_refused() {
    let wrong = Err(RejectReason::WrongExtension);
    check("lease.docx", &samples::pdf("Lease", &["Rent"]), wrong);
    check("lease.pdf", &samples::docx("Lease", &["Rent"]), wrong);
    check("lease.xlsx", &samples::docx("Lease", &["Rent"]), wrong);
    check("dot.jpg", &samples::png(), wrong);
    check("lease.pdf", b"just words", wrong);
    check("note.txt", &samples::html("Terms", &["All"]), wrong);
    check("note.csv", b"  <script>alert(1)</script>", wrong);
    check("page.html", b"no tag, 1 < 2", wrong);
    check("mail.eml", b"Dear Ada,\n\nsee below.", wrong);
    check("mail.eml", b"Note: no field that a message has\n\nsee below.", wrong);
    check("lease", &samples::pdf("Lease", &["Rent"]), wrong);
    check("note.txt", b"{\\rtf1\\ansi Rent}", wrong);
    check("letter.doc.rtf", b"Rent", wrong);
    check("rents.ods", &open_document("text", ""), wrong);
    check("lease.docx", &open_document("text", ""), wrong);
    check("lease.odt", &samples::docx("Lease", &["Rent"]), wrong);
    check("mail.eml", &message(vec![wide("0037", "Lease")], &[]), wrong);
}

#[test]
fn two_files_in_one_are_refused() {
    let picture_then_pdf = [b"GIF89a".as_slice(), &samples::pdf("Lease", &["Rent"])].concat();
    check("a.pdf", &picture_then_pdf, Err(RejectReason::WrongExtension));
    let program_then_pdf = [samples::program(), samples::pdf("Lease", &["Rent"])].concat();
    check("a.pdf", &program_then_pdf, Err(RejectReason::UnknownKind));
    let both = [
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("[Content_Types].xml", WORD_TYPES),
        ("word/document.xml", "<d/>"),
        ("content.xml", "<d/>"),
    ];
    check("lease.odt", &package(&both), Err(RejectReason::WrongExtension));
    check("lease.docx", &package(&both), Err(RejectReason::WrongExtension));
}

#[test]
fn what_we_do_not_take_is_unknown() {
    let unknown = Err(RejectReason::UnknownKind);
    check("setup.exe", &samples::program(), unknown);
    check("setup.pdf", &samples::program(), unknown);
    check("lease.pdf.exe", &samples::pdf("Lease", &["Rent"]), unknown);
    check("run.sh", b"#!/bin/sh\nrm -r x\n", unknown);
    check("logo.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", unknown);
    check("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", unknown);
    check("mail.msg", &compound(vec![wide("0037", "no list of properties")]), unknown);
    check("drawing.odg", &open_document("graphics", ""), unknown);
    check("drawing.odt", &open_document("graphics", ""), unknown);
    check("all.zip", &package(&[("a.txt", "a")]), unknown);
    check("all.docx", &package(&[("a.txt", "a")]), unknown);
    check("noise.txt", &[0, 1, 2, 3, 250], unknown);
}

#[test]
fn an_empty_file_says_so() {
    check("lease.pdf", &samples::empty(), Err(RejectReason::Empty));
    check("lease", &samples::empty(), Err(RejectReason::Empty));
}

#[test]
fn macros_are_refused_wherever_they_are() {
    let macros = Err(RejectReason::Macros);
    check("lease.docx", &samples::docx_with_macros("Lease", &["Rent"]), macros);
    check("lease.docm", &samples::docx("Lease", &["Rent"]), macros);
    check("lease.docm", &samples::docx_with_macros("Lease", &["Rent"]), macros);
    let typed = WORD_TYPES.replace("document.main", "document.main+macroEnabled.main");
    check("lease.docx", &package(&[("[Content_Types].xml", &typed), ("word/document.xml", "<d/>")]), macros);
    let nested =
        [("[Content_Types].xml", WORD_TYPES), ("word/document.xml", "<d/>"), ("word/embeddings/book.xlsm", "PK")];
    check("lease.docx", &package(&nested), macros);
    let sheets =
        [("[Content_Types].xml", WORD_TYPES), ("word/document.xml", "<d/>"), ("xl/macrosheets/sheet1.xml", "<d/>")];
    check("lease.docx", &package(&sheets), macros);
    let odt = |path: &str| {
        package(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<d/>"), (path, "<m/>")])
    };
    check("lease.odt", &odt("Basic/Standard/Module1.xml"), macros);
    check("lease.odt", &odt("Scripts/python/a.py"), macros);
    // Every file of some programs has these lists, of nothing.
    check("lease.odt", &odt("Basic/Standard/script-lb.xml"), Ok(Kind::Odt));
    // The type of the main part may be that of all parts of its ending.
    let default = WORD_TYPES.replace("Override PartName=\"/word/document.xml\"", "Default Extension=\"xml\"");
    let package_of = |types: &str| package(&[("[Content_Types].xml", types), ("word/document.xml", "<d/>")]);
    check("lease.docx", &package_of(&default), Ok(Kind::Docx));
    check("lease.docx", &package_of(&default.replace("document.main", "document.macroEnabled.main")), macros);
}

#[test]
fn passwords_are_refused() {
    let protected = Err(RejectReason::Protected);
    check("lease.pdf", &samples::pdf_protected("Lease", &["Rent"], "secret"), protected);
    // Anybody may open this one, and only its printing is forbidden; it is enciphered all the same.
    check("lease.pdf", &samples::pdf_protected("Lease", &["Rent"], ""), protected);
    let sealed: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("lease.docx", &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &sealed].concat(), protected);
    let manifest = "<m><file-entry><encryption-data/></file-entry></m>";
    let sealed = [("mimetype", "application/vnd.oasis.opendocument.text"), ("META-INF/manifest.xml", manifest)];
    check("lease.odt", &super::package(&sealed), protected);
    // What is attached may have a password: the message has none.
    let sealed = "EncryptedPackage".repeat(300);
    check("mail.msg", &message(vec![wide("37010102", &sealed)], &[]), Ok(Kind::Msg));
    let mut package = samples::docx("Lease", &["Rent"]);
    // The sign of encryption, in every entry's header, there and in the table at the end.
    for (header, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let places: Vec<usize> = (0..package.len() - 4).filter(|at| package[*at..].starts_with(header)).collect();
        places.into_iter().for_each(|at| package[at + flags] |= 1);
    }
    check("lease.docx", &package, protected);
}

#[test]
fn a_word_in_the_text_protects_nothing() {
    check("lease.pdf", &samples::pdf("see /Encrypt 5 0 R", &["Rent"]), Ok(Kind::Pdf));
    check("lease.pdf", &one_page("", "BT (see /Encrypt 5 0 R) Tj ET", &[]), Ok(Kind::Pdf));
}

#[test]
fn damaged_packages_are_unreadable() {
    let docx = samples::docx("Lease", &["Rent"]);
    check("lease.docx", &samples::truncated(&docx, 60), Err(RejectReason::Unreadable));
    let twice =
        package(&[("[Content_Types].xml", WORD_TYPES), ("word/document.xml", "<a/>"), ("word/documen2.xml", "<b/>")]);
    let renamed = String::from_utf8_lossy(&twice).matches("word/documen2.xml").count();
    assert_eq!(renamed, 2, "the name stands at the entry and in the table");
    let mut twice = twice;
    while let Some(at) = crate::pdf::find(&twice, b"word/documen2.xml", 0) {
        twice[at..at + 17].copy_from_slice(b"word/document.xml");
    }
    check("lease.docx", &twice, Err(RejectReason::Unreadable));
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    check("bomb.docx", &samples::zip_bomb_docx(), Err(RejectReason::TooMuchInside));
    // Repetition alone is no attack.
    check("long.docx", &docx_of(&"<w:p><w:r><w:t>rent</w:t></w:r></w:p>".repeat(80_000)), Ok(Kind::Docx));
    let many: Vec<(String, &str)> = (0..10_001).map(|n| (format!("word/media/{n}.xml"), "")).collect();
    let mut parts = vec![("[Content_Types].xml", WORD_TYPES), ("word/document.xml", "<d/>")];
    parts.extend(many.iter().map(|(path, content)| (path.as_str(), *content)));
    check("many.docx", &package(&parts), Err(RejectReason::TooMuchInside));
}

/// The scanner finds it; here it is what its name says.
#[test]
fn the_test_virus_is_text() {
    check("eicar.txt", &samples::eicar(), Ok(Kind::Txt));
    check("eicar.com", &samples::eicar(), Err(RejectReason::UnknownKind));
}

#[test]
fn kinds_are_read_as_they_are_written() {
    for kind in Kind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(*kind));
        assert!(!kind.title().is_empty() && kind.content_type().contains('/'), "{kind:?}");
    }
    assert_eq!("exe".parse::<Kind>(), Err(crate::UnknownKind));
}

#[test]
fn a_large_file_is_told_by_its_ends() {
    let check = |name: &str, head: &[u8], end: &[u8], want: Result<Kind, RejectReason>| {
        assert_eq!(identify_by_ends(name, head, end), want, "{name}");
    };
    let pdf = samples::pdf("Lease", &["Rent"]);
    check("scan.pdf", &pdf, &pdf, Ok(Kind::Pdf));
    check("scan.pdf", &pdf, b"trailer << /Encrypt 5 0 R >>", Err(RejectReason::Protected));
    check("scan.tif", b"II*\0\x08\0\0\0", b"\0\0", Ok(Kind::Tiff));
    check("ledger.csv", b"month;rent\nMay;900\n", b"June;900\n", Ok(Kind::Csv));
    check("ledger.csv", b"month;rent\nMay;900\n", b"MZ\x90\0", Err(RejectReason::UnknownKind));
    check("note.txt", b"\xff\xfeh\0i\0", b"h\0i\0", Ok(Kind::Txt));
    check("scan.pdf", b"month;rent\n", b"", Err(RejectReason::WrongExtension));
    check("tool.exe", b"MZ\x90\0\x03\0\0\0", b"", Err(RejectReason::UnknownKind));
    let docx = samples::docx("Lease", &["Rent"]);
    check("lease.docx", &docx, &docx, Err(RejectReason::TooLargeToCheck));
    check("lease.docm", &docx, &docx, Err(RejectReason::Macros));
    check("mail.msg", &message(vec![wide("0037", "Lease")], &[]), b"", Err(RejectReason::TooLargeToCheck));
    check("none.pdf", b"", b"", Err(RejectReason::Empty));
}
