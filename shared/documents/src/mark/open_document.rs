//! OpenDocument files. Texts and spreadsheets have the line in the header of every kind of page, spreadsheets also on a
//! last sheet of their own, where it is seen without printing; presentations on every slide.

use super::package::Package;
use super::splice::{Edits, Step, escaped, filled, walk};
use super::{Mark, MarkRefused};
use crate::Kind;

const OF: &str = "urn:oasis:names:tc:opendocument:xmlns";

pub(super) fn marked(kind: Kind, bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let mut package = Package::open(bytes)?;
    if crate::odf::kind(package.archive())? != Some(kind) {
        return Err(MarkRefused::Unreadable);
    }
    let paragraph = format!("<text:p xmlns:text=\"{OF}:text:1.0\">{}</text:p>", escaped(&mark.whole()));
    if kind == Kind::Odp {
        let content = package.needed("content.xml")?;
        package.set("content.xml", on_slides(&content, &paragraph)?);
        return package.finish();
    }
    let styles = package.part("styles.xml")?.ok_or(MarkRefused::UnknownKind)?;
    package.set("styles.xml", in_headers(&styles, &paragraph)?);
    if kind == Kind::Ods {
        let content = package.needed("content.xml")?;
        package.set("content.xml", on_a_sheet(&content, &paragraph)?);
    }
    package.finish()
}

/// In each header of each kind of page; a kind that has none gets one.
fn in_headers(styles: &str, paragraph: &str) -> Result<String, MarkRefused> {
    let mut edits = Edits::default();
    let (mut pages, mut has_header, mut inside, mut in_region) = (0, false, 0, false);
    let mut after_start = 0;
    walk(styles, |name, step, place| match (name, step) {
        ("master-page", Step::Start(_)) if place.depth == 2 => {
            (pages, has_header, after_start) = (pages + 1, false, place.range.end);
        }
        ("master-page", Step::Empty(_)) if place.depth == 2 => {
            pages += 1;
            edits.fill(styles, place, &header(paragraph));
        }
        ("master-page", Step::End) if place.depth == 2 && !has_header => edits.insert(after_start, header(paragraph)),
        ("header" | "header-left" | "header-first", Step::Start(_)) if place.depth == 3 => {
            (has_header, inside, in_region) = (has_header || name == "header", 3, false);
            edits.replace(place.range.clone(), shown(&styles[place.range.clone()]));
        }
        ("header" | "header-left" | "header-first", Step::Empty(_)) if place.depth == 3 => {
            has_header |= name == "header";
            let tag = shown(&styles[place.range.clone()]);
            edits.replace(place.range.clone(), filled(&tag, paragraph).unwrap_or(tag));
        }
        ("header" | "header-left" | "header-first", Step::End) if place.depth == 3 => {
            inside = 0;
            if !in_region {
                edits.insert(place.range.start, paragraph.to_owned());
            }
        }
        // A spreadsheet's header has up to three parts beside each other.
        ("region-left" | "region-center" | "region-right", Step::Empty(_)) if inside == 3 && !in_region => {
            in_region = true;
            edits.fill(styles, place, paragraph);
        }
        ("region-left" | "region-center" | "region-right", Step::End) if inside == 3 && !in_region => {
            in_region = true;
            edits.insert(place.range.start, paragraph.to_owned());
        }
        _ => (),
    })?;
    if pages == 0 { Err(MarkRefused::UnknownKind) } else { Ok(edits.apply(styles)) }
}

fn header(paragraph: &str) -> String {
    format!("<style:header xmlns:style=\"{OF}:style:1.0\">{paragraph}</style:header>")
}

/// A header that is switched off is switched on.
fn shown(tag: &str) -> String {
    tag.replace("display=\"false\"", "display=\"true\"").replace("display='false'", "display='true'")
}

/// In front of what is on each slide, before what moves on it and what is noted to it.
fn on_slides(content: &str, paragraph: &str) -> Result<String, MarkRefused> {
    let frame = format!(
        "<draw:frame xmlns:draw=\"{OF}:drawing:1.0\" xmlns:svg=\"{OF}:svg-compatible:1.0\" svg:x=\"0.3cm\" \
         svg:y=\"0.2cm\" svg:width=\"20cm\" svg:height=\"0.8cm\"><draw:text-box>{paragraph}</draw:text-box></draw:frame>"
    );
    let mut edits = Edits::default();
    let (mut slides, mut placed) = (0, false);
    walk(content, |name, step, place| match (name, step, place.depth) {
        ("page", Step::Start(_), 3) => (slides, placed) = (slides + 1, false),
        ("page", Step::Empty(_), 3) => {
            slides += 1;
            edits.fill(content, place, &frame);
        }
        ("page", Step::End, 3) if !placed => edits.insert(place.range.start, frame.clone()),
        ("notes" | "animations" | "par" | "seq" | "iterate", Step::Start(_) | Step::Empty(_), 4) if !placed => {
            placed = true;
            edits.insert(place.range.start, frame.clone());
        }
        _ => (),
    })?;
    if slides == 0 { Err(MarkRefused::UnknownKind) } else { Ok(edits.apply(content)) }
}

/// After the last sheet.
fn on_a_sheet(content: &str, paragraph: &str) -> Result<String, MarkRefused> {
    let mut end = None;
    let mut names = Vec::new();
    walk(content, |name, step, place| {
        if name == "table" && place.depth == 3 {
            match step {
                Step::Start(tag) | Step::Empty(tag) => {
                    let called = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == "name");
                    names.extend(called.map(|called| called.value.to_lowercase()));
                    if matches!(step, Step::Empty(_)) {
                        end = Some(place.range.end);
                    }
                }
                Step::End => end = Some(place.range.end),
                Step::Words(_) => (),
            }
        }
    })?;
    let free = |name: &String| !names.contains(&name.to_lowercase());
    let name = std::iter::once("Copy".to_owned()).chain((2..).map(|count| format!("Copy {count}"))).find(free);
    let sheet = format!(
        "<table:table xmlns:table=\"{OF}:table:1.0\" xmlns:office=\"{OF}:office:1.0\" table:name=\"{}\"><table:table-column/>\
         <table:table-row><table:table-cell office:value-type=\"string\">{paragraph}</table:table-cell>\
         </table:table-row></table:table>",
        name.unwrap_or_default()
    );
    let mut edits = Edits::default();
    edits.insert(end.ok_or(MarkRefused::UnknownKind)?, sheet);
    Ok(edits.apply(content))
}
