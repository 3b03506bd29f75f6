//! Presentations: a line at the foot of every slide, in front of what is there.

use super::package::{Package, family};
use super::splice::{Edits, Step, escaped, namespace, walk};
use super::{Mark, MarkRefused};
use crate::xml::attribute;

/// A slide's usual size, in the format's own units: 914,400 an inch.
const SIZE: (i64, i64) = (9_144_000, 6_858_000);
const SIZE_MAX: i64 = 51_206_400;

pub(super) fn marked(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let mut package = Package::open(bytes)?;
    let described = package.described()?;
    let mains = [described.paths("presentation.main"), described.paths("slideshow.main")].concat();
    let main = package.needed(mains.first().ok_or(MarkRefused::Unreadable)?)?;
    let size = size(&main)?;
    let slides = described.paths("presentationml.slide+xml");
    // A presentation of masters alone would leave as it came.
    if slides.is_empty() {
        return Err(MarkRefused::NoPages);
    }
    for path in slides {
        let slide = package.needed(path)?;
        let changed = with_line(&slide, size, &mark.whole())?;
        package.set(path, changed);
    }
    package.finish()
}

fn size(main: &str) -> Result<(i64, i64), MarkRefused> {
    let mut size = SIZE;
    walk(main, |name, step, _| {
        if let ("sldSz", Step::Start(tag) | Step::Empty(tag)) = (name, step) {
            let length = |name| attribute(tag, name).and_then(|text| text.parse().ok());
            if let (Some(width), Some(height)) = (length("cx"), length("cy")) {
                let known = |length: i64| length.clamp(1, SIZE_MAX);
                size = (known(width), known(height));
            }
        }
    })?;
    Ok(size)
}

fn with_line(slide: &str, size: (i64, i64), line: &str) -> Result<String, MarkRefused> {
    let space = namespace(slide)?;
    let (mut id, mut end, mut empty) = (1_u32, None, None);
    walk(slide, |name, step, place| match (name, step, place.depth) {
        ("cNvPr", Step::Start(tag) | Step::Empty(tag), _) => {
            let known = attribute(tag, "id").and_then(|text| text.parse().ok()).unwrap_or(0);
            id = id.max(known);
        }
        // What programs add of their own comes last.
        ("extLst", Step::Start(_) | Step::Empty(_), 3) if end.is_none() => end = Some((place.range.start, false)),
        ("spTree", Step::End, 2) => {
            end = Some(end.filter(|(_, done)| !*done).map_or((place.range.start, true), |(at, _)| (at, true)))
        }
        ("spTree", Step::Empty(_), 2) => empty = Some(place.range.clone()),
        _ => (),
    })?;
    let drawing = family(&space).drawing;
    let (width, height) = size;
    let id = id.checked_add(1).ok_or(MarkRefused::Unreadable)?;
    let shape = format!(
        "<p:sp xmlns:p=\"{space}\" xmlns:a=\"{drawing}\"><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"Mark\"/><p:cNvSpPr \
         txBox=\"1\"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/>\
         </a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val=\"FFFFFF\"><a:alpha \
         val=\"75000\"/></a:srgbClr></a:solidFill></p:spPr><p:txBody><a:bodyPr wrap=\"square\" lIns=\"0\" tIns=\"0\" \
         rIns=\"0\" bIns=\"0\" anchor=\"ctr\"/><a:lstStyle/><a:p><a:r><a:rPr lang=\"en-US\" sz=\"800\"><a:solidFill>\
         <a:srgbClr val=\"262626\"/></a:solidFill></a:rPr><a:t>{line}</a:t></a:r></a:p></p:txBody></p:sp>",
        x = width / 50,
        y = height * 19 / 20,
        cx = width * 24 / 25,
        cy = height / 25,
        line = escaped(line),
    );
    let mut edits = Edits::default();
    match (end, empty) {
        (Some((end, _)), _) => edits.insert(end, shape),
        (None, Some(range)) => {
            let filled = super::splice::filled(&slide[range.clone()], &shape).ok_or(MarkRefused::Unreadable)?;
            edits.replace(range, filled);
        }
        (None, None) => return Err(MarkRefused::Unreadable),
    }
    Ok(edits.apply(slide))
}
