//! Word, Excel and PowerPoint files: the smallest packages that the programs open without offering a repair.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use super::escaped;

mod deck;

pub use deck::pptx;

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const OPEN: &str = "application/vnd.openxmlformats-officedocument";

/// A Word document with a heading and a paragraph per text.
pub fn docx(title: &str, paragraphs: &[&str]) -> Vec<u8> {
    packed(&word(title, paragraphs))
}

/// The same, carrying a macro project.
pub fn docx_with_macros(title: &str, paragraphs: &[&str]) -> Vec<u8> {
    let mut parts = word(title, paragraphs);
    parts.push(("word/vbaProject.bin".into(), "not a real project".into()));
    packed(&parts)
}

/// A workbook: sheets by name, each of rows of cells. Cells that read as numbers are numbers.
pub fn xlsx(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut shared: Vec<&str> = Vec::new();
    let mut parts: Parts = Vec::new();
    for (index, (_, rows)) in sheets.iter().enumerate() {
        let mut table = String::new();
        for (y, row) in rows.iter().enumerate() {
            let cells: String = row.iter().enumerate().map(|(x, text)| cell(x, y, text, &mut shared)).collect();
            table.push_str(&format!(r#"<row r="{}">{cells}</row>"#, y + 1));
        }
        let sheet = format!(
            r#"{XML}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{table}</sheetData></worksheet>"#
        );
        parts.push((format!("xl/worksheets/sheet{}.xml", index + 1), sheet));
    }
    let strings: String =
        shared.iter().map(|text| format!("<si><t xml:space=\"preserve\">{}</t></si>", escaped(text))).collect();
    parts.push((
        "xl/sharedStrings.xml".into(),
        format!(
            r#"{XML}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="{0}" uniqueCount="{0}">{strings}</sst>"#,
            shared.len()
        ),
    ));
    parts.push((
        "xl/styles.xml".into(),
        format!(
            r#"{XML}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"#
        ),
    ));
    let tabs: String = sheets
        .iter()
        .enumerate()
        .map(|(index, (name, _))| {
            format!(r#"<sheet name="{}" sheetId="{1}" r:id="rId{1}"/>"#, escaped(name), index + 1)
        })
        .collect();
    parts.push((
        "xl/workbook.xml".into(),
        format!(
            r#"{XML}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{MAIN}"><sheets>{tabs}</sheets></workbook>"#
        ),
    ));
    let mut links: Vec<(&str, String)> =
        (1..=sheets.len()).map(|n| ("worksheet", format!("worksheets/sheet{n}.xml"))).collect();
    links.push(("sharedStrings", "sharedStrings.xml".into()));
    links.push(("styles", "styles.xml".into()));
    parts.push(("xl/_rels/workbook.xml.rels".into(), relations(&links)));
    let mut types = vec![
        ("/xl/workbook.xml".to_owned(), format!("{OPEN}.spreadsheetml.sheet.main+xml")),
        ("/xl/sharedStrings.xml".to_owned(), format!("{OPEN}.spreadsheetml.sharedStrings+xml")),
        ("/xl/styles.xml".to_owned(), format!("{OPEN}.spreadsheetml.styles+xml")),
    ];
    types.extend(
        (1..=sheets.len())
            .map(|n| (format!("/xl/worksheets/sheet{n}.xml"), format!("{OPEN}.spreadsheetml.worksheet+xml"))),
    );
    packed(&package(&types, "xl/workbook.xml", parts))
}

/// Parts of a package: path and text.
type Parts = Vec<(String, String)>;

fn word(title: &str, paragraphs: &[&str]) -> Parts {
    let heading = format!(
        r#"<w:p><w:r><w:rPr><w:b/><w:sz w:val="32"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r></w:p>"#,
        escaped(title)
    );
    let body: String = paragraphs
        .iter()
        .map(|text| format!(r#"<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>"#, escaped(text)))
        .collect();
    let document = format!(
        r#"{XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{heading}{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:body></w:document>"#
    );
    let types = [("/word/document.xml".to_owned(), format!("{OPEN}.wordprocessingml.document.main+xml"))];
    package(&types, "word/document.xml", vec![("word/document.xml".into(), document)])
}

fn cell<'a>(x: usize, y: usize, text: &'a str, shared: &mut Vec<&'a str>) -> String {
    let place = format!("{}{}", column(x), y + 1);
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return format!(r#"<c r="{place}"><v>{text}</v></c>"#);
    }
    let index = shared.iter().position(|known| *known == text).unwrap_or_else(|| {
        shared.push(text);
        shared.len() - 1
    });
    format!(r#"<c r="{place}" t="s"><v>{index}</v></c>"#)
}

/// A, B, .. Z, AA, ..
fn column(x: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(x % 26).unwrap_or_default());
    if x < 26 { letter.to_string() } else { format!("{}{letter}", column(x / 26 - 1)) }
}

/// The parts with what every package has around them: content types first, then the root's relations.
fn package(types: &[(String, String)], main: &str, parts: Parts) -> Parts {
    let overrides: String =
        types.iter().map(|(path, kind)| format!(r#"<Override PartName="{path}" ContentType="{kind}"/>"#)).collect();
    let types = format!(
        r#"{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>"#
    );
    let mut all = vec![
        ("[Content_Types].xml".to_owned(), types),
        ("_rels/.rels".to_owned(), relations(&[("officeDocument", main.to_owned())])),
    ];
    all.extend(parts);
    all
}

fn relations(links: &[(&str, String)]) -> String {
    let links: String = links
        .iter()
        .enumerate()
        .map(|(index, (kind, target))| {
            format!(r#"<Relationship Id="rId{}" Type="{MAIN}/{kind}" Target="{target}"/>"#, index + 1)
        })
        .collect();
    format!(
        r#"{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>"#
    )
}

/// Every entry is dated 1980-01-01, so that the bytes depend on the words alone.
fn packed(parts: &Parts) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (path, text) in parts {
        let written = archive.start_file(path.as_str(), options).and_then(|()| Ok(archive.write_all(text.as_bytes())?));
        if written.is_err() {
            return Vec::new();
        }
    }
    archive.finish().map(Cursor::into_inner).unwrap_or_default()
}
