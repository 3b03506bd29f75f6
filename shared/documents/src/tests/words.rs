use domain::document::RejectReason;
use domain::limits;
use testkit::samples::{self, Layout};

use super::{HELVETICA, check_refused, check_words as check, docx_of, one_page, package, pdf_of, stream};
use crate::{Kind, text};

/// One page in Helvetica.
fn check_drawing(drawing: &str, want: &str) {
    check(Kind::Pdf, &one_page("/Font << /F 5 0 R >>", drawing, &[HELVETICA]), &[want]);
}

/// One page in the font that is object 5.
fn check_font(objects: &[&str], shown: &str, want: &str) {
    check(Kind::Pdf, &one_page("/Font << /F 5 0 R >>", &format!("BT /F 12 Tf {shown} Tj ET"), objects), &[want]);
}

#[test]
fn pdf_by_page() {
    let pages = ["The lease of Ada.", "Rent is due in May, café included."];
    for layout in [Layout::Plain, Layout::Inherited, Layout::Rotated(90), Layout::Rotated(270), Layout::Unbalanced] {
        check(Kind::Pdf, &samples::pdf_laid_out("Lease", &pages, layout), &pages);
    }
    check(Kind::Pdf, &samples::pdf("Scan", &[""]), &[""]);
}

#[test]
fn pdf_whose_table_is_wrong_is_searched() {
    check(Kind::Pdf, &samples::pdf_broken_xref("Lease", &["One", "Two"]), &["One", "Two"]);
    let mut junk_before = b"\n\n".to_vec();
    junk_before.extend(samples::pdf("Lease", &["One"]));
    check(Kind::Pdf, &junk_before, &["One"]);
}

#[test]
fn pdf_packed_into_object_lists() {
    let mut packed = lopdf::Document::load_mem(&samples::pdf("Lease", &["One", "Two"])).unwrap();
    let mut bytes = Vec::new();
    packed.save_modern(&mut bytes).unwrap();
    assert!(crate::pdf::find(&bytes, b"/ObjStm", 0).is_some());
    check(Kind::Pdf, &bytes, &["One", "Two"]);
    // The same without its table.
    bytes.truncate(bytes.windows(9).rposition(|word| word == b"startxref").unwrap());
    check(Kind::Pdf, &bytes, &["One", "Two"]);
}

#[test]
fn pdf_as_changed_last() {
    let mut changed = samples::pdf("Lease", &["Old rent"]);
    let drawing = stream("", "BT /F1 11 Tf (New rent) Tj ET");
    let first = lopdf::Document::load_mem(&changed).unwrap();
    let contents = first.get_page_contents(first.page_iter().next().unwrap())[0].0;
    let root = first.trailer.get(b"Root").unwrap().as_reference().unwrap().0;
    let at = changed.len();
    let object = format!("\n{contents} 0 obj\n{drawing}\nendobj\n");
    let table_at = at + object.len();
    changed.extend_from_slice(object.as_bytes());
    changed.extend_from_slice(
        format!(
            "xref\n{contents} 1\n{:010} 00000 n \ntrailer\n<< /Size 99 /Root {root} 0 R /Prev {} >>\nstartxref\n{table_at}\n%%EOF\n",
            at + 1,
            first.xref_start
        )
        .as_bytes(),
    );
    check(Kind::Pdf, &changed, &["New rent"]);
}

#[test]
fn pdf_words_are_set_apart_by_distance() {
    check_drawing("BT /F 10 Tf [(Re) 20 (nt) -300 (due)] TJ ET", "Rent due");
    check_drawing("BT /F 10 Tf (Rent) Tj 40 0 Td (due) Tj ET", "Rent due");
    check_drawing("BT /F 10 Tf 12 TL (Rent) Tj T* (due) Tj (in) ' ET", "Rent due in");
    check_drawing(
        "BT /F 10 Tf 0 1 -1 0 300 100 Tm (Re) Tj (nt) Tj ET BT /F 10 Tf 0 1 -1 0 320 100 Tm (due) Tj ET",
        "Rent due",
    );
    // Letters set apart for looks are one word; gaps made by the same means are not.
    check_drawing("BT /F 10 Tf 1.5 Tc (RENT) Tj ET", "RENT");
    check_drawing("BT /F 10 Tf 3 Tc (i) Tj 0 Tc (f) Tj ET", "i f");
    check_drawing("BT /F 10 Tf (x) Tj 5 Ts (2) Tj 0 Ts (y) Tj ET", "x2y");
    check_drawing("BT /F 10 Tf 50 Tz (Re) Tj (nt) Tj ET", "Rent");
    check_drawing("BT /F 10 Tf 9 Tw (a b) Tj 0 Tw (c) Tj ET", "a bc");
    check_drawing("q 2 0 0 2 0 0 cm BT /F 10 Tf (Re) Tj ET Q BT /F 10 Tf 0 -20 Td (nt) Tj ET", "Re nt");
}

#[test]
fn pdf_pictures_inside_drawings_are_passed_over() {
    check_drawing("BI /W 1 /H 1 ID (x) Tj EIx EI BT /F 10 Tf (Rent) Tj ET", "Rent");
    check_drawing("BI /W 1 /H 1 ID never closed BT /F 10 Tf (Rent) Tj ET", "");
}

#[test]
fn pdf_strings_in_all_their_spellings() {
    check_drawing(
        r"BT /F 10 Tf (R\145\156t \(net\) (of tax) a\
s is) Tj ET",
        "Rent (net) (of tax) as is",
    );
    check_drawing("BT /F 10 Tf <52 65 6e 7 4> Tj ET % comment (no) Tj", "Rent");
    check(Kind::Pdf, &one_page("/Font << /F#31 5 0 R >>", "BT /F1 10 Tf (Rent) Tj ET", &[HELVETICA]), &["Rent"]);
}

#[test]
fn pdf_letters_by_the_fonts_alphabet() {
    let font = |encoding: &str| format!("<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding {encoding} >>");
    check_font(&[&font("/WinAnsiEncoding")], r"(\200 \351)", "€ é");
    check_font(&[&font("/MacRomanEncoding")], r"(\216)", "é");
    let named = "<< /Type /Encoding /Differences [65 /eacute /uni0416 /f_i /a.alt /u1F600 /nonsense 1 0 R] >>";
    check_font(&[&font(named)], "(ABCDEF)", "éЖfia😀F");
    check_font(&[&font("<< /Differences [-5 /x 9999999 /y 65 /eacute] >>")], "(A)", "é");
    let program = stream("", "/Encoding 256 array dup 65 /eacute put readonly def eexec dup 66 /x put");
    let own = "<< /Type /Font /Subtype /Type1 /BaseFont /X /FontDescriptor << /FontFile 6 0 R >> >>";
    check_font(&[own, &program], "(AB)", "éB");
}

#[test]
fn pdf_letters_by_character_maps() {
    let map = "1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <41> <00660069> endbfchar \
               2 beginbfrange <42> <44> <0416> <45> <46> [<0061> <0062>] endbfrange 1 beginbfchar <47> <fb01> endbfchar";
    let simple = "<< /Type /Font /Subtype /TrueType /BaseFont /X /ToUnicode 6 0 R >>";
    check_font(&[simple, &stream("", map)], "(ABDEFG)", "fiЖИabfi");
    let wide = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R \
                /DescendantFonts [<< /Subtype /CIDFontType2 /DW 500 /W [1 [250 250] 3 9 1000] >>] >>";
    let map = stream("", "1 beginbfrange <0001> <00ff> <0041> endbfrange");
    check_font(&[wide, &map], "<000100020003>", "ABC");
    // Widths tell whether there is room for a space: 2.5, 2.5 and 10 wide.
    let spaced = |gap: &str| format!("BT /F 10 Tf <0001> Tj {gap} 0 Td <0003> Tj ET");
    check(Kind::Pdf, &one_page("/Font << /F 5 0 R >>", &spaced("2.6"), &[wide, &map]), &["AC"]);
    check(Kind::Pdf, &one_page("/Font << /F 5 0 R >>", &spaced("4.6"), &[wide, &map]), &["A C"]);
    let utf16 = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /UniJIS-UTF16-H /DescendantFonts [<< >>] >>";
    check_font(&[utf16], "<6771 4eac>", "東京");
    let mapped =
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding 6 0 R /ToUnicode 7 0 R /DescendantFonts [<< >>] >>";
    let codes = stream(
        "",
        "2 begincodespacerange <00> <7f> <8000> <ffff> endcodespacerange 1 begincidrange <00> <7f> 5 endcidrange",
    );
    let letters = stream("", "2 beginbfchar <41> <0061> <8041> <0062> endbfchar");
    check_font(&[mapped, &codes, &letters], "<41804141>", "aba");
}

/// Letters of Hebrew are drawn from the left, last one first, or one by one from the right.
#[test]
fn pdf_words_that_are_read_from_the_right() {
    let font =
        "<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences [65 /uni05D0 /uni05D1 /uni05D2] >> >>";
    let check = |drawing: &str, want: &str| {
        check(Kind::Pdf, &one_page("/Font << /F 5 0 R /L 6 0 R >>", drawing, &[font, HELVETICA]), &[want]);
    };
    check("BT /F 10 Tf (CBA) Tj ET", "אבג");
    check("BT /F 10 Tf (CB A) Tj /L 10 Tf 60 0 Td (Rent) Tj /F 10 Tf 60 0 Td (CA) Tj ET", "א בג Rent אג");
    check("BT /F 10 Tf (A) Tj -7 0 Td (B) Tj -7 0 Td (C) Tj ET", "אבג");
}

#[test]
fn pdf_drawings_in_drawings_and_filled_forms() {
    let form =
        stream("/Type /XObject /Subtype /Form /Resources << /Font << /G 5 0 R >> >>", "BT /G 10 Tf (Letterhead) Tj ET");
    let picture = stream("/Subtype /Image /Width 1 /Height 1", "BT /F 10 Tf (noise) Tj ET");
    let resources = "/Font << /F 5 0 R >> /XObject << /A 6 0 R /B 7 0 R >>";
    let drawing = "q 1 0 0 1 0 700 cm /A Do Q /B Do BT /F 10 Tf (Rent) Tj ET";
    check(Kind::Pdf, &one_page(resources, drawing, &[HELVETICA, &form, &picture]), &["Letterhead Rent"]);
    let field = |more: &str| format!("<< /Subtype /Widget {more} >>");
    let look = stream("/Subtype /Form /Resources << /Font << /F 4 0 R >> >>", "BT /F 10 Tf (filled) Tj ET");
    let page = |annotation: &str| {
        let page = "<< /Type /Page /Annots [6 0 R] /MediaBox [0 0 9 9] >>";
        pdf_of(&["<< /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", page, HELVETICA, &look, annotation])
    };
    check(Kind::Pdf, &page(&field("/AP << /N 5 0 R >>")), &["filled"]);
    check(Kind::Pdf, &page(&field("/AP << /N << /On 5 0 R >> >> /AS /On")), &["filled"]);
    check(Kind::Pdf, &page(&field("/AP << /N << /On 5 0 R >> >> /AS /Off")), &[""]);
    check(Kind::Pdf, &page(&field("/F 2 /AP << /N 5 0 R >>")), &[""]);
    // Filled in by a program that leaves the drawing to whoever opens the file.
    check(Kind::Pdf, &page(&field("/FT /Tx /V (Ada)")), &["Ada"]);
    check(Kind::Pdf, &page(&field("/FT /Tx /V <feff0416>")), &["Ж"]);
    check(Kind::Pdf, &page(&field("/FT /Tx /Ff 8192 /V (secret)")), &[""]);
    check(Kind::Pdf, &page(&field("/FT /Tx /F 2 /V (Ada)")), &[""]);
    check(Kind::Pdf, &page(&field("/FT /Ch /V [] /Parent 6 0 R")), &[""]);
}

#[test]
fn pdf_packed_in_every_way_that_text_is() {
    let filtered = |entries: &str, data: &str| {
        let drawing = stream(entries, data);
        let page = "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>";
        pdf_of(&["<< /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", page, &drawing, HELVETICA])
    };
    let hex = "4254 2f46 2031 3020 5466 2028 5265 6e74 2920 546a 2045 54>";
    check(Kind::Pdf, &filtered("/Filter /ASCIIHexDecode", hex), &["Rent"]);
    let ascii85 = r"6<#&a%14m,<+T]8;fH3S+Aud-<'W`s~>";
    let document = text(Kind::Pdf, &filtered("/Filter [/ASCII85Decode]", ascii85)).unwrap();
    assert_eq!(document.page_count, 1);
    check(Kind::Pdf, &filtered("/Filter /JBIG2Decode", "BT /F 10 Tf (no) Tj ET"), &[""]);
    check(Kind::Pdf, &filtered("/Filter [/AHx /Nonsense]", hex), &[""]);
}

#[test]
fn word_by_page_break() {
    check(Kind::Docx, &samples::docx("Lease", &["Rent & <costs>", "Due"]), &["Lease Rent & <costs> Due"]);
    let run = |inside: &str| format!("<w:p><w:r>{inside}</w:r></w:p>");
    let pages = [
        run("<w:t>One</w:t><w:br w:type=\"page\"/><w:t>Two</w:t><w:tab/><w:t>too</w:t>"),
        run("<w:lastRenderedPageBreak/><w:t>Three&#8364;</w:t><w:br/><w:t>more</w:t><w:instrText>PAGE</w:instrText>"),
        "<mc:AlternateContent><mc:Choice><w:t>Box</w:t></mc:Choice><mc:Fallback><w:t>Box</w:t></mc:Fallback></mc:AlternateContent>"
            .into(),
    ];
    check(
        Kind::Docx,
        &docx_of("<wp:docPr descr=\"A house\"/><w:t>Rent</w:t><wp:docPr descr=\"\"/>"),
        &["A house Rent"],
    );
    check(Kind::Docx, &docx_of(&pages.concat()), &["One", "Two too", "Three€ more Box"]);
}

#[test]
fn word_with_notes_and_headers() {
    let part = |path: &str, kind: &str| {
        format!(
            r#"<Override PartName="/{path}" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"/>"#
        )
    };
    let types = format!(
        "<Types>{}{}</Types>",
        part("word/document2.xml", "document.main"),
        part("word/notes.xml", "footnotes")
    );
    let parts = [
        ("[Content_Types].xml", types.as_str()),
        ("word/document2.xml", "<d><w:p><w:t>Rent</w:t></w:p></d>"),
        ("word/notes.xml", "<d><w:t>net of tax</w:t></d>"),
    ];
    check(Kind::Docx, &package(&parts), &["Rent net of tax"]);
}

#[test]
fn slides_in_their_order() {
    check(Kind::Pptx, &samples::pptx("Talk", &["One", "Two\nlines"]), &["Talk One", "Talk Two lines"]);
    let slide = |words: &str| format!("<s><a:p><a:t>{words}</a:t></a:p></s>");
    let parts = [
        (
            "[Content_Types].xml",
            r#"<T><Override PartName="/ppt/p.xml" ContentType="x.presentationml.presentation.main+xml"/></T>"#,
        ),
        ("ppt/p.xml", r#"<p><p:sldId id="256" r:id="b"/><p:sldId id="257" r:id="a"/></p>"#),
        ("ppt/_rels/p.xml.rels", r#"<R><L Id="a" Target="slides/1.xml"/><L Id="b" Target="/ppt/slides/2.xml"/></R>"#),
        ("ppt/slides/1.xml", &slide("first made")),
        ("ppt/slides/2.xml", &slide("first shown")),
        ("ppt/slides/_rels/2.xml.rels", r#"<R><L Id="a" Target="../notesSlides/n.xml"/></R>"#),
        ("ppt/notesSlides/n.xml", &slide("say hello")),
    ];
    check(Kind::Pptx, &package(&parts), &["first shown say hello", "first made"]);
}

#[test]
fn workbooks_by_sheet() {
    let book =
        samples::xlsx(&[("Rents", &[&["Month", "Rent"], &["May", "900.5"]]), ("Costs", &[&["Heating & light"]])]);
    check(Kind::Xlsx, &book, &["Rents Month Rent May 900.5", "Costs Heating & light"]);
}

#[test]
fn figures_and_moments_as_excel_shows_them() {
    let sheet = |cells: &str| {
        let types =
            r#"<Types><Override PartName="/xl/workbook.xml" ContentType="x.spreadsheetml.sheet.main+xml"/></Types>"#;
        let book = r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
        let links = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
        let root = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        let styles = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;
        let cells = format!("<worksheet><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>");
        package(&[
            ("[Content_Types].xml", types),
            ("_rels/.rels", root),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", links),
            ("xl/styles.xml", styles),
            ("xl/worksheets/sheet1.xml", &cells),
        ])
    };
    let cell = |at: &str, style: u8, value: &str| format!("<c r=\"{at}1\" s=\"{style}\"><v>{value}</v></c>");
    let figures = [cell("A", 0, "0.30000000000000004"), cell("B", 0, "900"), cell("C", 0, "0.000055")].concat();
    check(Kind::Xlsx, &sheet(&figures), &["S 0.3 900 0.000055"]);
    let moments = [cell("A", 1, "43952"), cell("B", 1, "43952.5"), cell("C", 1, "0.75")].concat();
    check(Kind::Xlsx, &sheet(&moments), &["S 2020-05-01 2020-05-01 12:00:00 18:00:00"]);
}

#[test]
fn web_pages_without_their_markup() {
    let page = samples::html("Terms", &["All & any <terms>", "Due"]);
    check(Kind::Html, &page, &["Terms Terms All & any <terms> Due"]);
    let of = |html: &str, want: &str| check(Kind::Html, html.as_bytes(), &[want]);
    of("<p>One</p><p>Two", "One Two");
    of("<table><tr><td>May<td>900</table>", "May 900");
    of("one<b>wo</b>rd, <i title='a > b'>two</i>", "oneword, two");
    of("<style>p { x }</STYLE><script>if (a</b>c) 'x'</script>Rent<!-- no <b> -->s", "Rents");
    of("&eacute;&#8364;&#x416;&amp;lt; &unknown; & 1 < 2", "é€Ж&lt; &unknown; & 1 < 2");
    of("Rent<script>never closed", "Rent");
    of("Rent<", "Rent<");
}

#[test]
fn mails_with_what_is_attached() {
    let mail = samples::eml("Ada <ada@firm.example>", "bob@client.example", "The lease", "Dear Bob,\nsee the list.");
    let want = "Subject: The lease From: Ada ada@firm.example To: bob@client.example Date: 2026-03-02 09:30 UTC Dear Bob, see the list. \
                Attachment: exhibits.txt Exhibit list";
    check(Kind::Eml, &mail, &[want]);
    let html = b"From: a@b.example\nContent-Type: text/html\n\n<p>One</p><script>no</script><p>Two";
    check(Kind::Eml, html, &["From: a@b.example One Two"]);
    let forwarded =
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n\
        From: c@d.example\nSubject: Inner\n\nRent\n--x--\n";
    check(Kind::Eml, forwarded, &["From: a@b.example Subject: Inner From: c@d.example Rent"]);
}

#[test]
fn mails_in_their_alphabets() {
    let mail =
        b"From: =?GB2312?B?1cXPyMn6?= <a@b.example>\nContent-Type: text/plain; charset=gb2312\n\n\xb7\xa2\xc6\xb1";
    check(Kind::Eml, mail, &["From: 张先生 a@b.example 发票"]);
}

#[test]
fn text_in_its_encodings() {
    check(Kind::Txt, "Straße\x0cTwo".as_bytes(), &["Straße", "Two"]);
    check(Kind::Txt, b"\xef\xbb\xbfRent", &["Rent"]);
    check(Kind::Txt, b"\xff\xfe\x16\x04", &["Ж"]);
    check(Kind::Txt, b"\xfe\xff\x04\x16", &["Ж"]);
    check(Kind::Txt, b"caf\xe9;\x80 5", &["café;€ 5"]);
}

#[test]
fn pictures_have_no_pages() {
    check(Kind::Png, &samples::png(), &[]);
    check(Kind::Jpeg, b"\xff\xd8\xff", &[]);
}

#[test]
fn what_cannot_be_read_says_why() {
    check_refused(Kind::Pdf, &samples::pdf_protected("Lease", &["Rent"], "secret"), RejectReason::Protected);
    check_refused(Kind::Pdf, &samples::truncated(&samples::pdf("Lease", &["Rent"]), 20), RejectReason::Unreadable);
    check_refused(Kind::Pdf, b"%PDF-1.4\nnothing", RejectReason::Unreadable);
    check_refused(Kind::Pdf, b"", RejectReason::Empty);
    check_refused(Kind::Docx, &samples::truncated(&samples::docx("Lease", &["Rent"]), 50), RejectReason::Unreadable);
    check_refused(Kind::Docx, &docx_of("<w:p></w:q>"), RejectReason::Unreadable);
    check_refused(Kind::Xlsx, &samples::docx("Lease", &["Rent"]), RejectReason::Unreadable);
    check_refused(Kind::Txt, b"\0\0", RejectReason::Unreadable);
    check_refused(Kind::Docx, &docx_of(&" ".repeat(10 * 1024 * 1024)), RejectReason::TooMuchInside);
}

#[test]
fn long_documents_are_cut_and_say_so() {
    let long = text(Kind::Txt, "ä".repeat(limits::DOCUMENT_TEXT_BYTES_MAX).as_bytes()).unwrap();
    assert_eq!((long.truncated, long.pages[0].len()), (true, limits::DOCUMENT_TEXT_BYTES_MAX));
    let many = text(Kind::Txt, "x\x0c".repeat(limits::DOCUMENT_TEXT_PAGES_MAX + 5).as_bytes()).unwrap();
    assert!(many.truncated);
    assert_eq!(many.pages.len(), limits::DOCUMENT_TEXT_PAGES_MAX);
    assert_eq!(many.page_count as usize, limits::DOCUMENT_TEXT_PAGES_MAX + 6);
}
