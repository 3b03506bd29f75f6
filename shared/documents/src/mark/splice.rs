//! Words put into XML that stays as it is everywhere else. What is put in names its own namespaces and writes letters
//! as numbers, so that neither the prefixes nor the encoding of the part around it matter.

use std::fmt::Write as _;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::MarkRefused;

/// Where an element begins or ends.
pub(super) enum Step<'a> {
    /// Opens and has an end of its own.
    Start(BytesStart<'a>),
    /// Opens and ends at once.
    Empty(BytesStart<'a>),
    End,
    Words(String),
}

/// Where a step stands in the part.
pub(super) struct Place {
    pub(super) range: Range<usize>,
    /// Elements around it.
    pub(super) depth: usize,
}

/// Calls for each step, in order, with the local name of the element that it is of.
pub(super) fn walk(xml: &str, mut act: impl FnMut(&str, &Step<'_>, &Place)) -> Result<(), MarkRefused> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    loop {
        let start = at(&reader)?;
        let event = reader.read_event().map_err(|_| MarkRefused::Unreadable)?;
        let range = start..at(&reader)?;
        let depth = open.len();
        match event {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                act(&name, &Step::Start(tag), &Place { range, depth });
                open.push(name);
            }
            Event::Empty(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                act(&name, &Step::Empty(tag), &Place { range, depth });
            }
            Event::End(_) => {
                let name = open.pop().ok_or(MarkRefused::Unreadable)?;
                act(&name, &Step::End, &Place { range, depth: depth - 1 });
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                if let Some(name) = open.last() {
                    act(name, &Step::Words(xml[range.clone()].to_owned()), &Place { range, depth });
                }
            }
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err(MarkRefused::Unreadable),
            _ => (),
        }
    }
}

fn at(reader: &Reader<&[u8]>) -> Result<usize, MarkRefused> {
    usize::try_from(reader.buffer_position()).map_err(|_| MarkRefused::Unreadable)
}

/// Changes of one part, each where it stood before.
#[derive(Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(super) fn insert(&mut self, at: usize, words: String) {
        self.0.push((at..at, words));
    }

    pub(super) fn replace(&mut self, range: Range<usize>, words: String) {
        self.0.push((range, words));
    }

    /// Puts words into an element that ends at once, so that it ends after them.
    pub(super) fn fill(&mut self, xml: &str, place: &Place, words: &str) {
        if let Some(filled) = filled(&xml[place.range.clone()], words) {
            self.replace(place.range.clone(), filled);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn apply(mut self, xml: &str) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut changed = String::with_capacity(xml.len() + self.0.iter().map(|(_, words)| words.len()).sum::<usize>());
        let mut done = 0;
        for (range, words) in self.0 {
            changed.push_str(&xml[done..range.start.max(done)]);
            changed.push_str(&words);
            done = range.end.max(done);
        }
        changed.push_str(&xml[done..]);
        changed
    }
}

/// `<a b="c"/>` with words in it.
pub(super) fn filled(tag: &str, words: &str) -> Option<String> {
    let open = tag.strip_suffix("/>")?.trim_end();
    let name = open.strip_prefix('<')?.split(|c: char| c.is_ascii_whitespace()).next()?;
    Some(format!("{open}>{words}</{name}>"))
}

/// Adds to the end of the part's outermost element.
pub(super) fn append(xml: &str, words: &str) -> Result<String, MarkRefused> {
    let mut edits = Edits::default();
    walk(xml, |_, step, place| {
        if place.depth == 0 {
            match step {
                Step::End => edits.insert(place.range.start, words.to_owned()),
                Step::Empty(_) => edits.fill(xml, place, words),
                _ => (),
            }
        }
    })?;
    if edits.is_empty() { Err(MarkRefused::Unreadable) } else { Ok(edits.apply(xml)) }
}

/// The namespace of the part's outermost element.
pub(super) fn namespace(xml: &str) -> Result<String, MarkRefused> {
    let mut found = None;
    walk(xml, |_, step, place| {
        if let (0, Step::Start(tag) | Step::Empty(tag)) = (place.depth, step) {
            let name = tag.name();
            let declared = match name.prefix() {
                Some(prefix) => format!("xmlns:{}", prefix.as_ref()),
                None => "xmlns".to_owned(),
            };
            found = crate::xml::attribute(tag, &declared);
        }
    })?;
    found.ok_or(MarkRefused::Unreadable)
}

/// Letters that mean themselves, whatever the part's encoding is.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() && !matches!(letter, '<' | '>' | '&' | '"' | '\'') {
            escaped.push(letter);
        } else {
            write!(escaped, "&#{};", u32::from(letter)).unwrap_or_default();
        }
    }
    escaped
}
