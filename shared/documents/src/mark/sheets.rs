//! Workbooks: the line stands in the footer of every sheet, where it is printed, and on a last sheet of its own, where
//! it is seen. Cells that people and programs count on stay as they are.

use std::collections::BTreeMap;

use super::package::{ADDED, Package, family};
use super::splice::{Edits, Step, escaped, namespace, walk};
use super::{Mark, MarkRefused};
use crate::xml::attribute;

/// The bound of the format, in letters.
const FOOTER_CHARACTERS_MAX: usize = 255;
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
/// What may follow the footer in a sheet, by the format's order.
const AFTER: &[&str] = &[
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
];

pub(super) fn marked(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let mut package = Package::open(bytes)?;
    let described = package.described()?;
    for kind in ["spreadsheetml.worksheet+xml", "spreadsheetml.chartsheet+xml"] {
        for path in described.paths(kind) {
            if let Some(sheet) = package.part(path)? {
                package.set(path, with_footer(&sheet, mark)?);
            }
        }
    }
    let main = described.paths("spreadsheetml.sheet.main").first().map(ToString::to_string);
    let main = main.ok_or(MarkRefused::Unreadable)?;
    let book = package.needed(&main)?;
    let space = namespace(&book)?;
    let relations = family(&space).relations;
    let sheet = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"{space}\"><sheetData><row \
         r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{}</t></is></c></row></sheetData></worksheet>",
        escaped(&mark.whole())
    );
    let id = package.add(&main, "xml", SHEET, &format!("{relations}/worksheet"), sheet)?;
    package.set(&main, with_sheet(&book, &space, relations, &id)?);
    package.finish()
}

fn with_sheet(book: &str, space: &str, relations: &str, id: &str) -> Result<String, MarkRefused> {
    let (mut number, mut names, mut end) = (0_u32, Vec::new(), None);
    walk(book, |name, step, place| match (name, step, place.depth) {
        ("sheet", Step::Start(tag) | Step::Empty(tag), 2) => {
            number = number.max(attribute(tag, "sheetId").and_then(|id| id.parse().ok()).unwrap_or(0));
            names.push(attribute(tag, "name").unwrap_or_default().to_lowercase());
        }
        ("sheets", Step::End, 1) => end = Some(place.range.start),
        _ => (),
    })?;
    let number = number.checked_add(1).ok_or(MarkRefused::Unreadable)?;
    let free = |name: &String| !names.contains(&name.to_lowercase());
    let name = std::iter::once("Copy".to_owned()).chain((2..).map(|count| format!("Copy {count}"))).find(free);
    let sheet = format!(
        "<sheet xmlns=\"{space}\" xmlns:r=\"{relations}\" name=\"{}\" sheetId=\"{number}\" r:id=\"{id}\"/>",
        name.unwrap_or_else(|| ADDED.to_owned())
    );
    let mut edits = Edits::default();
    edits.insert(end.ok_or(MarkRefused::Unreadable)?, sheet);
    Ok(edits.apply(book))
}

/// The footers of a sheet as they are written in it.
#[derive(Default)]
struct Footers {
    /// The whole element, and its start without the sign that closes it.
    range: Option<(usize, usize)>,
    start: String,
    /// Headers and footers, by name.
    texts: BTreeMap<String, String>,
    /// Where the element belongs if there is none.
    place: Option<usize>,
}

fn with_footer(sheet: &str, mark: &Mark) -> Result<String, MarkRefused> {
    let space = namespace(sheet)?;
    let mut found = Footers::default();
    walk(sheet, |name, step, place| match (name, step, place.depth) {
        ("headerFooter", Step::Start(_) | Step::Empty(_), 1) => {
            let tag = &sheet[place.range.clone()];
            found.start = tag.trim_end_matches('>').trim_end_matches('/').trim_end().to_owned();
            found.range = Some((place.range.start, place.range.end));
        }
        ("headerFooter", Step::End, 1) => {
            found.range = found.range.map(|(start, _)| (start, place.range.end));
        }
        (name, Step::Words(words), 3) if found.range.is_some() && found.place.is_none() => {
            found.texts.entry(name.to_owned()).or_default().push_str(words);
        }
        (name, Step::Start(_) | Step::Empty(_), 1) if AFTER.contains(&name) && found.place.is_none() => {
            found.place = Some(place.range.start);
        }
        (_, Step::End, 0) => found.place = found.place.or(Some(place.range.start)),
        _ => (),
    })?;
    let mut edits = Edits::default();
    if let Some((start, end)) = found.range {
        edits.replace(start..end, footers(&found.start, &found.texts, mark));
    } else {
        let start = format!("<headerFooter xmlns=\"{space}\"");
        edits.insert(found.place.ok_or(MarkRefused::Unreadable)?, footers(&start, &found.texts, mark));
    }
    Ok(edits.apply(sheet))
}

/// All six in their order, the footers with the line. Prefixes are those of the element around them.
fn footers(start: &str, texts: &BTreeMap<String, String>, mark: &Mark) -> String {
    let name = start.trim_start_matches('<').split(|c: char| c.is_ascii_whitespace()).next().unwrap_or("headerFooter");
    let prefix = name.strip_suffix("headerFooter").unwrap_or_default();
    let mut element = format!("{start}>");
    for page in ["odd", "even", "first"] {
        for part in ["Header", "Footer"] {
            let known = texts.get(&format!("{page}{part}"));
            let text = match (part, known) {
                ("Footer", known) => with_line(known.map_or("", String::as_str), mark),
                (_, Some(known)) => known.clone(),
                (_, None) => continue,
            };
            element.push_str(&format!("<{prefix}{page}{part}>{text}</{prefix}{page}{part}>"));
        }
    }
    element.push_str(&format!("</{name}>"));
    element
}

/// Left of what the footer says; below it if something is there. A footer that would grow too long gives way: a copy
/// without a mark is worse than one without a page number.
fn with_line(known: &str, mark: &Mark) -> String {
    let code = format!(" {}", mark.code);
    let room = FOOTER_CHARACTERS_MAX - "&amp;L&amp;8 ".len() - code.chars().count();
    let doubled: String = super::font::plain_line(&mark.line).replace('&', "&&");
    let line: String = if doubled.chars().count() > room { doubled.chars().take(room).collect() } else { doubled };
    let line = escaped(&format!("{}{code}", line.trim_end_matches('&')));
    let is_free = !known.contains("&amp;L") && !known.contains("&#38;L");
    let both = if is_free { format!("&amp;L&amp;8 {line}{known}") } else { format!("{known}&#10;&amp;8 {line}") };
    // Counted as written, which is never less than what is meant.
    let fits = both.replace("&amp;", "&").chars().count() <= FOOTER_CHARACTERS_MAX;
    if fits { both } else { format!("&amp;L&amp;8 {line}") }
}
