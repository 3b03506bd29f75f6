//! Word and PowerPoint files: packages of XML parts. Parts are found by the types that the package gives them, since
//! programs differ in how they name them.

use std::collections::BTreeMap;

use domain::document::RejectReason;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::Kind;
use crate::archive::Archive;
use crate::bounded::Pages;
use crate::xml::{attribute, for_each_tag, letter, part};

/// What a package says of itself in `[Content_Types].xml`.
pub(crate) struct Package {
    pub(crate) kind: Option<Kind>,
    pub(crate) has_macros: bool,
    /// Path and type of each part that is named.
    parts: Vec<(String, String)>,
}

impl Package {
    pub(crate) fn read(archive: &mut Archive<'_>) -> Result<Self, RejectReason> {
        let mut parts = Vec::new();
        // An archive without it is an ordinary archive.
        for_each_tag(&part(archive, "[Content_Types].xml")?.unwrap_or_default(), |tag| {
            // What holds for every part of an ending holds for the main part too, where it is not named.
            if matches!(tag.local_name().as_ref(), "Override" | "Default") {
                let path = attribute(tag, "PartName").unwrap_or_default();
                parts
                    .push((path.trim_start_matches('/').to_owned(), attribute(tag, "ContentType").unwrap_or_default()));
            }
        })?;
        let has = |word: &str| parts.iter().any(|(_, kind)| kind.contains(word));
        let kind = if has("wordprocessingml.document.main") {
            Some(Kind::Docx)
        } else if has("spreadsheetml.sheet.main") {
            Some(Kind::Xlsx)
        } else if has("presentationml.presentation.main") || has("presentationml.slideshow.main") {
            Some(Kind::Pptx)
        } else {
            None
        };
        Ok(Self { kind, has_macros: has("macroEnabled") || has("vbaProject"), parts })
    }

    pub(crate) fn paths(&self, kind: &str) -> Vec<&str> {
        self.parts
            .iter()
            .filter(|(path, of)| !path.is_empty() && of.contains(kind))
            .map(|(path, _)| path.as_str())
            .collect()
    }
}

/// A page per page break: where Word broke the page when it saved, or where a person asked for it. Headers, footers,
/// notes and comments follow on the last page.
pub(crate) fn document(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let mut archive = Archive::open(bytes)?;
    let package = Package::read(&mut archive)?;
    let main = package.paths("wordprocessingml.document.main").first().copied().ok_or(RejectReason::Unreadable)?;
    let mut found = words(&part(&mut archive, main)?.ok_or(RejectReason::Unreadable)?)?;
    for kind in ["header", "footer", "footnotes", "endnotes", "comments"] {
        for path in package.paths(&format!("wordprocessingml.{kind}+xml")) {
            let more = words(&part(&mut archive, path)?.unwrap_or_default())?.concat();
            if let Some(last) = found.last_mut() {
                last.push_str(&more);
            }
        }
    }
    pages.count(found.len());
    found.into_iter().all(|page| pages.push(page));
    Ok(())
}

/// A page per slide, in the order of the presentation, its notes below.
pub(crate) fn slides(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let mut archive = Archive::open(bytes)?;
    let package = Package::read(&mut archive)?;
    let mains = [package.paths("presentation.main"), package.paths("slideshow.main")].concat();
    let main = mains.first().copied().ok_or(RejectReason::Unreadable)?;
    let links = relations(&mut archive, main)?;
    let mut slides = Vec::new();
    for_each_tag(&part(&mut archive, main)?.ok_or(RejectReason::Unreadable)?, |tag| {
        if tag.local_name().as_ref() == "sldId" {
            // Two attributes are called `id`; the one of the relations has a prefix.
            let id = tag.attributes().flatten().find(|a| a.key.as_ref() != "id" && a.key.local_name().as_ref() == "id");
            slides.extend(id.and_then(|id| links.get(id.value.as_ref()).cloned()));
        }
    })?;
    pages.count(slides.len());
    for slide in slides {
        let mut page = words(&part(&mut archive, &slide)?.ok_or(RejectReason::Unreadable)?)?.concat();
        let notes: Vec<String> =
            relations(&mut archive, &slide)?.into_values().filter(|p| p.contains("notesSlide")).collect();
        for path in notes {
            page.push_str(&words(&part(&mut archive, &path)?.unwrap_or_default())?.concat());
        }
        if !pages.push(page) {
            break;
        }
    }
    Ok(())
}

/// Text of the runs of a part, with its paragraphs, tabs and page breaks. Word and PowerPoint give these the same names
/// in different namespaces.
fn words(xml: &str) -> Result<Vec<String>, RejectReason> {
    let mut reader = Reader::from_str(xml);
    let mut pages = vec![String::new()];
    let mut in_text = false;
    // Drawings stand twice, the second time for programs that do not know the first.
    let mut fallbacks = 0usize;
    loop {
        let event = reader.read_event().map_err(|_| RejectReason::Unreadable)?;
        let page = pages.last_mut().ok_or(RejectReason::Unreadable)?;
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => in_text = fallbacks == 0,
                "Fallback" => fallbacks += 1,
                _ => separate(&tag, &mut pages),
            },
            Event::Empty(tag) => separate(&tag, &mut pages),
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => in_text = false,
                "Fallback" => fallbacks = fallbacks.saturating_sub(1),
                "p" => page.push('\n'),
                "tc" => page.push('\t'),
                _ => (),
            },
            Event::Text(text) if in_text => page.push_str(&text.xml10_content()),
            Event::CData(text) if in_text => page.push_str(&text.xml10_content()),
            Event::GeneralRef(name) if in_text => page.extend(letter(&name)),
            Event::Eof => return Ok(pages),
            _ => (),
        }
    }
}

/// What stands between runs of text.
fn separate(tag: &BytesStart<'_>, pages: &mut Vec<String>) {
    let Some(page) = pages.last_mut() else { return };
    match tag.local_name().as_ref() {
        "tab" => page.push('\t'),
        "br" if attribute(tag, "w:type").as_deref() != Some("page") => page.push('\n'),
        "br" | "lastRenderedPageBreak" if !page.trim().is_empty() => pages.push(String::new()),
        "cr" => page.push('\n'),
        "noBreakHyphen" => page.push('-'),
        // What a picture shows, in words for people who do not see it.
        "docPr" | "cNvPr" => {
            if let Some(words) = attribute(tag, "descr").filter(|words| !words.is_empty()) {
                page.push_str(&format!(" {words} "));
            }
        }
        _ => (),
    }
}

/// Where a part's links lead, by their ids.
fn relations(archive: &mut Archive<'_>, path: &str) -> Result<BTreeMap<String, String>, RejectReason> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut links = BTreeMap::new();
    for_each_tag(&part(archive, &format!("{folder}/_rels/{name}.rels"))?.unwrap_or_default(), |tag| {
        if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
            links.insert(id, beside(folder, &target));
        }
    })?;
    Ok(links)
}

/// A link's target as a path from the root of the package.
fn beside(folder: &str, target: &str) -> String {
    if let Some(from_root) = target.strip_prefix('/') {
        return from_root.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').collect();
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." => (),
            step => steps.push(step),
        }
    }
    steps.join("/")
}
