//! Copies of everything but PDFs: the mark is there, and what was there stays.

use std::io::Cursor;

use domain::limits;
use image::codecs::gif::{GifDecoder, GifEncoder};
use image::codecs::jpeg::JpegEncoder;
use image::{
    AnimationDecoder, Delay, DynamicImage, Frame, ImageDecoder, ImageEncoder, ImageFormat, RgbImage, RgbaImage,
};
use testkit::samples;
use tiff::encoder::colortype::{Gray8, RGB8};

use super::mark::{CODE, LINE, mark};
use super::{HELVETICA, one_page, open_document, package};
use crate::{Kind, Mark, MarkRefused, Marked, codes, identify, text};

fn covering() -> Mark {
    Mark { covers: true, name: "Lease of Zoë.pdf".into(), ..mark(LINE) }
}

fn inside(kind: Kind, bytes: &[u8]) -> Marked {
    let marked = crate::mark(kind, bytes, &mark(LINE)).unwrap();
    assert_eq!((marked.kind, marked.covered), (kind, None));
    marked
}

fn found(kind: Kind, bytes: &[u8]) -> Vec<String> {
    codes(kind, bytes).iter().map(ToString::to_string).collect()
}

/// Still what it was, with every word in its order, and the code once more for trace to find.
fn check(kind: Kind, bytes: &[u8]) -> String {
    let marked = inside(kind, bytes);
    let name = format!("copy.{}", kind.as_str());
    assert_eq!(identify(&name, &marked.bytes), identify(&name, bytes), "{kind:?}");
    assert_eq!(found(kind, &marked.bytes), [CODE], "{kind:?}");
    let (before, after) =
        (text(kind, bytes).unwrap().pages.concat(), text(kind, &marked.bytes).unwrap().pages.concat());
    let mut rest = after.split_whitespace();
    for word in before.split_whitespace() {
        assert!(rest.any(|other| other.contains(word)), "{kind:?}: {word:?} is not in its place in {after:?}");
    }
    assert!(after.contains(CODE), "{kind:?}: {after:?}");
    // A copy that came back as a document.
    let again = crate::mark(kind, &marked.bytes, &Mark { code: CODE.replace('V', "W"), ..mark(LINE) }).unwrap();
    assert_eq!(found(kind, &again.bytes).len(), 2, "{kind:?}");
    after
}

fn plain(kind: Kind, bytes: &[u8]) -> String {
    String::from_utf8(inside(kind, bytes).bytes).unwrap()
}

#[test]
fn office_files() {
    check(Kind::Docx, &samples::docx("Lease", &["Rent is due", "In May"]));
    check(Kind::Xlsx, &samples::xlsx(&[("Rents", &[&["May", "900"]]), ("Copy", &[&["x"]])]));
    check(Kind::Pptx, &samples::pptx("Talk", &["One", "Two"]));
    let slides = inside(Kind::Pptx, &samples::pptx("Talk", &["One", "Two"]));
    assert!(text(Kind::Pptx, &slides.bytes).unwrap().pages.iter().all(|slide| slide.contains(CODE)));
}

const MASTERS: &str = r#"<o:document-styles xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:s="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:master-styles>
<s:master-page s:name="A"/><s:master-page s:name="B"><s:footer/></s:master-page>
<s:master-page s:name="C"><s:header s:display="false"><text:p>Old</text:p></s:header><s:header-left/></s:master-page>
<s:master-page s:name="D"><s:header><s:region-left><text:p>L</text:p></s:region-left><s:region-right/></s:header></s:master-page>
</o:master-styles></o:document-styles>"#;

#[test]
fn every_kind_of_page_of_an_open_document() {
    let body = r#"<text:p xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">Rent</text:p>"#;
    let whole = |kind: &str, body: &str| {
        let content = format!(
            r#"<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="d" xmlns:presentation="p" xmlns:table="t"><o:body><o:x>{body}</o:x></o:body></o:document-content>"#
        );
        let kind = format!("application/vnd.oasis.opendocument.{kind}");
        package(&[("mimetype", &kind), ("content.xml", &content), ("styles.xml", MASTERS)])
    };
    let odt = inside(Kind::Odt, &whole("text", body));
    let styles = part(&odt.bytes, "styles.xml");
    // A, B, both of C, and D, whose first part has it.
    assert_eq!(styles.matches(CODE).count(), 5, "{styles}");
    assert!(styles.contains("display=\"true\"") && styles.contains("Old"), "{styles}");
    let sheets = format!(r#"<table:table table:name="Copy"><table:table-row>{body}</table:table-row></table:table>"#);
    let ods = inside(Kind::Ods, &whole("spreadsheet", &sheets));
    assert!(part(&ods.bytes, "content.xml").contains("table:name=\"Copy 2\""));
    let slides = format!(r#"<draw:page>{body}<presentation:notes>{body}</presentation:notes></draw:page><draw:page/>"#);
    let odp = inside(Kind::Odp, &whole("presentation", &slides));
    let content = part(&odp.bytes, "content.xml");
    assert_eq!(content.matches(CODE).count(), 2);
    assert!(content.find(CODE) < content.find("<presentation:notes>"), "{content}");
    let bare = open_document("text", body);
    assert_eq!(crate::mark(Kind::Odt, &bare, &mark(LINE)), Err(MarkRefused::UnknownKind), "there is no kind of page");
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = crate::archive::Archive::open(bytes).unwrap();
    String::from_utf8(archive.read(name).unwrap().unwrap()).unwrap()
}

#[test]
fn sections_of_word_whatever_they_say_of_their_headers() {
    const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    const TYPES: &str = r#"<Types><Override PartName="/w/main.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/w/h.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/></Types>"#;
    let check = |sections: &str, references: usize| {
        let main = format!(
            r#"<x:document xmlns:x="{W}"><x:body><x:p><x:r><x:t>Rent</x:t></x:r></x:p>{sections}</x:body></x:document>"#
        );
        let header = format!(r#"<x:hdr xmlns:x="{W}"/>"#);
        let file = package(&[("[Content_Types].xml", TYPES), ("w/main.xml", &main), ("w/h.xml", &header)]);
        let marked = inside(Kind::Docx, &file);
        let main = part(&marked.bytes, "w/main.xml");
        assert_eq!(main.matches("<w:headerReference").count(), references, "{main}");
        assert!(
            part(&marked.bytes, "w/h.xml").contains(CODE) && part(&marked.bytes, "w/copy-mark-1.xml").contains(CODE)
        );
        assert!(part(&marked.bytes, "w/_rels/main.xml.rels").contains("copy-mark-1.xml"));
        main
    };
    check("", 3);
    check("<x:sectPr/>", 3);
    check("<x:sectPr><x:headerReference x:type=\"default\"/></x:sectPr><x:sectPr/>", 2);
    check("<x:sectPr><x:headerReference x:type=\"first\"/><x:headerReference x:type=\"even\"/></x:sectPr>", 1);
    let changed = check("<x:sectPr><x:sectPrChange><x:sectPr/></x:sectPrChange></x:sectPr>", 3);
    assert!(changed.contains("<x:sectPrChange><x:sectPr/>"), "{changed}");
}

#[test]
fn footers_of_sheets_keep_their_words_within_their_bound() {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const TYPES: &str = r#"<Types><Override PartName="/b.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/s.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
    let check = |after: &str, want: &[&str]| {
        let book = format!(r#"<workbook xmlns="{MAIN}"><sheets><sheet name="A" sheetId="7"/></sheets></workbook>"#);
        let sheet = format!(r#"<worksheet xmlns="{MAIN}"><sheetData/>{after}</worksheet>"#);
        let file = package(&[("[Content_Types].xml", TYPES), ("b.xml", &book), ("s.xml", &sheet)]);
        let marked = inside(Kind::Xlsx, &file);
        assert!(part(&marked.bytes, "b.xml").contains("sheetId=\"8\""));
        let sheet = part(&marked.bytes, "s.xml");
        assert_eq!(sheet.matches(CODE).count(), 3, "{sheet}");
        want.iter().for_each(|want| assert!(sheet.contains(want), "{want} is not in {sheet}"));
    };
    check("", &["<oddFooter>&amp;L&amp;8 ada@client.example", "</headerFooter></worksheet>"]);
    check("<drawing/>", &["</headerFooter><drawing/>"]);
    check(
        "<headerFooter differentFirst=\"1\"><oddHeader>Top</oddHeader><oddFooter>&amp;CPage &amp;P</oddFooter></headerFooter>",
        &[
            "<headerFooter differentFirst=\"1\"><oddHeader>Top</oddHeader><oddFooter>&amp;L&amp;8 ada",
            "V&amp;CPage &amp;P</oddFooter><evenFooter>",
        ],
    );
    check("<headerFooter><oddFooter>&amp;LOwn</oddFooter></headerFooter>", &["&amp;LOwn&#10;&amp;8 ada"]);
    let long = "x".repeat(240);
    check(&format!("<headerFooter><oddFooter>{long}</oddFooter></headerFooter>"), &["<oddFooter>&amp;L&amp;8 ada"]);
}

#[test]
fn text_tables_and_pages() {
    let whole = format!("{LINE} {CODE}");
    assert_eq!(plain(Kind::Txt, b"Rent\r\n"), format!("{whole}\r\n\r\nRent\r\n\r\n{whole}\r\n"));
    assert_eq!(plain(Kind::Csv, b"a,b\n1,2"), format!("a,b\n1,2\n\"{whole}\"\n"));
    assert_eq!(plain(Kind::Csv, b"a,\"b"), format!("a,\"b\"\n\"{whole}\"\n"));
    check(Kind::Txt, "Zoë, £5".as_bytes());
    check(Kind::Txt, b"Zo\xeb");
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain("Zoë\nЖ".encode_utf16()).flat_map(u16::to_be_bytes).collect();
    check(Kind::Txt, &utf16);
    check(Kind::Csv, &utf16);
    check(Kind::Html, &samples::html("Terms", &["All & any"]));
    for start in ["", "<!DOCTYPE html>", "<!-- a --> <?xml version='1.0'?>\n<!doctype html>", "\u{feff}<!doctype html>"]
    {
        let page = plain(Kind::Html, format!("{start}<html><script>var a = '<body>';").as_bytes());
        assert!(page.starts_with(&format!("{start}<p style=")) && page.contains(CODE), "{page}");
    }
    let foreign = crate::mark(Kind::Html, b"<p>Rent", &mark("<b>Жő & co</b>")).unwrap();
    assert!(String::from_utf8(foreign.bytes).unwrap().contains("&#60;b&#62;&#1046;&#337; &#38; co&#60;&#47;b&#62;"));
}

#[test]
fn rich_text() {
    let check_with = |body: &str, headers: usize| {
        let file = format!("{{\\rtf1\\ansi{{\\fonttbl{{\\f0 Arial;}}}}{{\\*\\generator X;}}{body}}}");
        check(Kind::Rtf, file.as_bytes());
        let copy = plain(Kind::Rtf, file.as_bytes());
        assert_eq!(copy.matches(CODE).count(), headers, "{copy}");
        assert!(copy.starts_with("{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator X;}"), "{copy}");
        copy
    };
    check_with("\\pard Rent\\par", 4);
    check_with("{\\b Rent}", 4);
    check_with("\\sectd{\\header Old\\par}Rent\\sect{\\headerf\\pard New}Due", 6);
    let copy = crate::mark(Kind::Rtf, b"{\\rtf1 Rent}", &mark("Ж\u{1f600}{}")).unwrap();
    let copy = String::from_utf8(copy.bytes).unwrap();
    assert!(copy.contains("\\uc1\\u1046?\\{U+1F600") || copy.contains("\\u1046?"), "{copy}");
    assert!(text(Kind::Rtf, copy.as_bytes()).unwrap().pages.concat().contains("Ж\u{1f600}{}"), "{copy}");
}

/// A picture with something everywhere.
fn painted(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]))
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// How many of these rows' points changed much.
fn changed(before: &RgbImage, after: &RgbImage, rows: std::ops::Range<u32>) -> usize {
    let far =
        |x: u32, y: u32| before.get_pixel(x, y).0.iter().zip(after.get_pixel(x, y).0).any(|(a, b)| a.abs_diff(b) > 60);
    rows.flat_map(|y| (0..before.width()).map(move |x| (x, y))).filter(|(x, y)| far(*x, *y)).count()
}

#[test]
fn pictures_of_every_format() {
    let picture = painted(800, 600);
    for (kind, format) in
        [(Kind::Png, ImageFormat::Png), (Kind::Jpeg, ImageFormat::Jpeg), (Kind::Webp, ImageFormat::WebP)]
    {
        let marked = inside(kind, &encoded(&DynamicImage::ImageRgb8(picture.clone()), format));
        assert_eq!(identify(&format!("a.{}", kind.as_str()), &marked.bytes), Ok(kind));
        let copy = image::load_from_memory_with_format(&marked.bytes, format).unwrap().to_rgb8();
        assert_eq!(copy.dimensions(), picture.dimensions());
        assert!(changed(&picture, &copy, 570..600) > 5_000, "{kind:?}: no line at the foot");
        let letters = copy.rows().skip(580).flatten().filter(|point| point.0.iter().all(|part| *part < 100)).count();
        assert!(letters > 300, "{kind:?}: {letters} dark points on the light strip");
        assert!(changed(&picture, &copy, 0..60) < 500, "{kind:?}: the picture itself changed");
    }
    let see_through = RgbaImage::from_fn(400, 300, |_, _| image::Rgba([0, 0, 0, 0]));
    let marked = inside(Kind::Png, &encoded(&DynamicImage::ImageRgba8(see_through), ImageFormat::Png));
    let copy = image::load_from_memory(&marked.bytes).unwrap().to_rgba8();
    assert_eq!((copy.get_pixel(0, 0).0[3], copy.get_pixel(200, 295).0[3] > 150), (0, true));
}

/// Orientation 6 (turned to the right) and where the picture was taken.
fn exif() -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    exif.extend([0, 0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    exif
}

#[test]
fn a_photograph_is_set_upright_and_says_no_longer_where_it_was_taken() {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif()).unwrap();
    encoder.set_icc_profile(vec![7; 200]).unwrap();
    let picture = painted(640, 320);
    encoder.write_image(picture.as_raw(), 640, 320, image::ExtendedColorType::Rgb8).unwrap();
    let marked = inside(Kind::Jpeg, &bytes);
    let mut copy = image::codecs::jpeg::JpegDecoder::new(Cursor::new(&marked.bytes)).unwrap();
    assert_eq!((copy.dimensions(), copy.exif_metadata().unwrap()), ((320, 640), None));
    assert_eq!(copy.icc_profile().unwrap(), Some(vec![7; 200]));
    let (upright, copy) = (image::imageops::rotate90(&picture), DynamicImage::from_decoder(copy).unwrap().to_rgb8());
    assert!(changed(&upright, &copy, 0..100) < 500 && changed(&upright, &copy, 610..640) > 2_000);
}

#[test]
fn a_moving_picture_goes_on_moving() {
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut bytes);
        for shade in [0, 120, 240] {
            let frame = RgbaImage::from_pixel(500, 200, image::Rgba([shade, shade, shade, 255]));
            encoder.encode_frame(Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(200, 1))).unwrap();
        }
    }
    let marked = inside(Kind::Gif, &bytes);
    let frames = GifDecoder::new(Cursor::new(&marked.bytes)).unwrap().into_frames().collect_frames().unwrap();
    assert_eq!(frames.len(), 3);
    for (frame, shade) in frames.iter().zip([0_u8, 120, 240]) {
        assert_eq!(frame.delay().numer_denom_ms(), (200, 1));
        assert!(frame.buffer().get_pixel(2, 2).0[0].abs_diff(shade) < 8);
        let dark = (170..200).flat_map(|y| (0..500).map(move |x| (x, y)));
        assert!(dark.filter(|(x, y)| frame.buffer().get_pixel(*x, *y).0[0] < 90).count() > 100);
    }
}

#[test]
fn each_page_of_a_scan() {
    let mut bytes = Cursor::new(Vec::new());
    {
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
        encoder.write_image::<RGB8>(600, 400, painted(600, 400).as_raw()).unwrap();
        encoder.write_image::<Gray8>(500, 700, &vec![255; 500 * 700]).unwrap();
    }
    let marked = inside(Kind::Tiff, bytes.get_ref());
    let mut copy = tiff::decoder::Decoder::new(Cursor::new(&marked.bytes)).unwrap();
    assert_eq!(copy.dimensions().unwrap(), (600, 400));
    copy.next_image().unwrap();
    assert_eq!((copy.dimensions().unwrap(), copy.more_images()), ((500, 700), false));
    let tiff::decoder::DecodingResult::U8(points) = copy.read_image().unwrap() else { panic!("other points") };
    assert!(points[500 * 660..].iter().filter(|point| **point < 90).count() > 200);
}

#[test]
fn what_cannot_be_marked_goes_into_a_cover_or_nowhere() {
    let signed = one_page("", "", &["<< /Type /Sig /ByteRange [0 9 19 9] /Contents <00> >>", HELVETICA]);
    let tiny = samples::png();
    let heic = b"\0\0\0\x18ftypheic____".to_vec();
    let signed_word = package(&[("[Content_Types].xml", "<Types/>"), ("_xmlsignatures/sig1.xml", "<x/>")]);
    for (kind, bytes, why) in [
        (Kind::Pdf, &signed, MarkRefused::Signed),
        (Kind::Pdf, &samples::pdf_protected("Lease", &["Rent"], "secret"), MarkRefused::Protected),
        (Kind::Docx, &signed_word, MarkRefused::Signed),
        (Kind::Heic, &heic, MarkRefused::UnknownKind),
        (Kind::Png, &tiny, MarkRefused::UnknownKind),
        (Kind::Odt, &b"no package".to_vec(), MarkRefused::Unreadable),
        (Kind::Pptx, &samples::pptx("Masters alone", &[]), MarkRefused::NoPages),
    ] {
        assert_eq!(crate::mark(kind, bytes, &mark(LINE)), Err(why), "{kind:?}");
        let cover = crate::mark(kind, bytes, &covering()).unwrap();
        assert_eq!((cover.kind, cover.covered), (Kind::Pdf, Some(why)), "{kind:?}");
        assert!(crate::pdf::find(&cover.bytes, bytes, 0).is_some(), "{kind:?}: not the very bytes");
        let words = text(Kind::Pdf, &cover.bytes).unwrap().pages.concat();
        assert!(words.contains(CODE) && words.contains("the file Lease of Zoë.pdf"), "{words}");
        assert_eq!(found(Kind::Pdf, &cover.bytes), [CODE]);
    }
    let mail = samples::eml("a@firm.example", "b@client.example", "Lease", "See below.");
    let cover = crate::mark(Kind::Eml, &mail, &covering()).unwrap();
    assert_eq!((cover.kind, identify("a.eml", &cover.bytes)), (Kind::Eml, Ok(Kind::Eml)));
    assert!(crate::pdf::find(&cover.bytes, &mail, 0).is_some());
    let words = text(Kind::Eml, &cover.bytes).unwrap().pages.concat();
    assert!(words.contains(CODE) && words.contains("See below."), "{words}");
}

#[test]
fn too_many_points_are_refused() {
    // A header alone: nothing is unpacked for it.
    let side = 8_000;
    let mut png = samples::png();
    png[16..20].copy_from_slice(&u32::to_be_bytes(side));
    png[20..24].copy_from_slice(&u32::to_be_bytes(side));
    let checked = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checked);
    let refused = MarkRefused::TooManyPixels { pixels_max: limits::MARK_PIXELS_MAX };
    assert_eq!(crate::mark(Kind::Png, &png, &mark(LINE)), Err(refused));
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
