//! Word files: the mark stands in every header, and where a page would have none it gets one. Headers are inherited from
//! section to section, so that the first section needs all three of them: of first pages, of even ones and of the rest.

use std::collections::BTreeSet;

use super::package::{Package, family};
use super::splice::{Edits, Step, append, escaped, namespace, walk};
use super::{Mark, MarkRefused};

const HEADER: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml";
const KINDS: [&str; 3] = ["default", "first", "even"];

pub(super) fn marked(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let mut package = Package::open(bytes)?;
    let described = package.described()?;
    let main = described.paths("wordprocessingml.document.main").first().map(ToString::to_string);
    let main = main.ok_or(MarkRefused::Unreadable)?;
    let document = package.needed(&main)?;
    let space = namespace(&document)?;
    let paragraph = paragraph(&space, &mark.whole());
    for path in described.paths("wordprocessingml.header+xml") {
        if let Some(header) = package.part(path)? {
            package.set(path, append(&header, &paragraph)?);
        }
    }
    let family = family(&space);
    let header = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:hdr xmlns:w=\"{space}\" \
         xmlns:r=\"{}\">{paragraph}</w:hdr>",
        family.relations
    );
    let relation = format!("{}/header", family.relations);
    let id = package.add(&main, "xml", HEADER, &relation, header)?;
    package.set(&main, with_headers(&document, &space, family.relations, &id)?);
    package.finish()
}

fn paragraph(space: &str, line: &str) -> String {
    let line = escaped(line);
    format!(
        "<w:p xmlns:w=\"{space}\"><w:pPr><w:spacing w:before=\"0\" w:after=\"0\"/></w:pPr><w:r><w:rPr>\
         <w:color w:val=\"404040\"/><w:sz w:val=\"14\"/></w:rPr><w:t xml:space=\"preserve\">{line}</w:t></w:r></w:p>"
    )
}

/// What the first section says of its headers, and where.
#[derive(Default)]
struct First {
    /// Between its start and its end.
    open: bool,
    done: bool,
    has: BTreeSet<String>,
    /// Inside of it, right after its start; or the whole of it where it is empty.
    place: Option<(std::ops::Range<usize>, bool)>,
}

fn with_headers(document: &str, space: &str, relations: &str, id: &str) -> Result<String, MarkRefused> {
    let mut first = First::default();
    // Sections as they were before a tracked change.
    let mut former = 0_usize;
    let mut body_end = None;
    walk(document, |name, step, place| match (name, step) {
        ("sectPrChange", Step::Start(_)) => former += 1,
        ("sectPrChange", Step::End) => former = former.saturating_sub(1),
        _ if former > 0 => (),
        ("sectPr", Step::Start(_)) if !first.done && !first.open => {
            first.open = true;
            first.place = Some((place.range.end..place.range.end, false));
        }
        ("sectPr", Step::Empty(_)) if !first.done && !first.open => {
            first.done = true;
            first.place = Some((place.range.clone(), true));
        }
        ("sectPr", Step::End) if first.open => (first.open, first.done) = (false, true),
        ("headerReference", Step::Start(tag) | Step::Empty(tag)) if first.open => {
            let kind = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == "type");
            first.has.insert(kind.map_or_else(|| "default".to_owned(), |kind| kind.value.to_string()));
        }
        ("body", Step::End) if place.depth == 1 => body_end = Some(place.range.start),
        _ => (),
    })?;
    let missing: String = KINDS
        .iter()
        .filter(|kind| !first.has.contains(**kind))
        .map(|kind| {
            format!("<w:headerReference xmlns:w=\"{space}\" xmlns:r=\"{relations}\" w:type=\"{kind}\" r:id=\"{id}\"/>")
        })
        .collect();
    let mut edits = Edits::default();
    match (first.place, body_end) {
        (Some((place, true)), _) => {
            let filled = super::splice::filled(&document[place.clone()], &missing).ok_or(MarkRefused::Unreadable)?;
            edits.replace(place, filled);
        }
        (Some((place, false)), _) => edits.insert(place.start, missing),
        (None, Some(end)) => edits.insert(end, format!("<w:sectPr xmlns:w=\"{space}\">{missing}</w:sectPr>")),
        (None, None) => return Err(MarkRefused::Unreadable),
    }
    Ok(edits.apply(document))
}
