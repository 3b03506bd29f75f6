//! OpenDocument texts, spreadsheets and presentations: packages whose words stand in one part.

use domain::document::RejectReason;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::Kind;
use crate::archive::Archive;
use crate::bounded::Pages;
use crate::xml::{attribute, for_each_tag, letter, part};

/// Steps between two looks at the time.
const STEPS_BETWEEN_LOOKS: usize = 10_000;

/// What the package says it is. None: it is no OpenDocument file, or a kind of one that we do not take.
pub(crate) fn kind(archive: &mut Archive<'_>) -> Result<Option<Kind>, RejectReason> {
    let Some(content_type) = part(archive, "mimetype")? else { return Ok(None) };
    let kind = match content_type.trim().strip_prefix("application/vnd.oasis.opendocument.") {
        Some("text") => Kind::Odt,
        Some("spreadsheet") => Kind::Ods,
        Some("presentation") => Kind::Odp,
        _ => return Ok(None),
    };
    if is_protected(archive)? { Err(RejectReason::Protected) } else { Ok(Some(kind)) }
}

/// Programs in a package. The lists of libraries that are written without any are none.
pub(crate) fn runs(name: &str) -> bool {
    let of_basic = name.starts_with("Basic/") && name.ends_with(".xml");
    let list = name.ends_with("/script-lb.xml") || name.ends_with("/script-lc.xml");
    (of_basic && !list) || (name.starts_with("Scripts/") && !name.ends_with('/'))
}

/// Parts are enciphered one by one, and the list of parts says which; or all of them together in one.
fn is_protected(archive: &mut Archive<'_>) -> Result<bool, RejectReason> {
    if archive.names()?.iter().any(|name| name == "encrypted-package") {
        return Ok(true);
    }
    let mut found = false;
    for_each_tag(&part(archive, "META-INF/manifest.xml")?.unwrap_or_default(), |tag| {
        found |= tag.local_name().as_ref() == "encryption-data";
    })?;
    Ok(found)
}

/// A page per sheet or slide; of a text, a page per page break that the program noted when it saved, headers and
/// footers on the last.
pub(crate) fn read(kind: Kind, bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let mut archive = Archive::open(bytes)?;
    if is_protected(&mut archive)? {
        return Err(RejectReason::Protected);
    }
    let content = part(&mut archive, "content.xml")?.ok_or(RejectReason::Unreadable)?;
    let mut found = Words::of(kind, None).read(&content, pages)?;
    if kind == Kind::Odt {
        let styles = part(&mut archive, "styles.xml")?.unwrap_or_default();
        let more = Words::of(kind, Some(0)).read(&styles, pages)?.concat();
        if let Some(last) = found.last_mut() {
            last.push_str(&more);
        }
    }
    pages.count(found.len());
    found.into_iter().all(|page| pages.push(page));
    Ok(())
}

struct Words {
    kind: Kind,
    pages: Vec<String>,
    /// Open headers and footers where only these count: other parts of the styles are samples for the writer.
    frames: Option<usize>,
    /// Open elements that hold text: a paragraph may hold a frame of paragraphs.
    texts: usize,
    /// Open elements from one on that nobody sees.
    unseen: usize,
    tables: usize,
    notes: usize,
    /// Where the open cell began, and its value in case it shows nothing.
    cell: Option<(usize, String)>,
}

impl Words {
    fn of(kind: Kind, frames: Option<usize>) -> Self {
        // Sheets and slides begin pages themselves.
        let pages = if kind == Kind::Odt { vec![String::new()] } else { Vec::new() };
        Self { kind, pages, frames, texts: 0, unseen: 0, tables: 0, notes: 0, cell: None }
    }

    fn read(mut self, xml: &str, pages: &Pages) -> Result<Vec<String>, RejectReason> {
        let mut reader = Reader::from_str(xml);
        for step in 1.. {
            if step % STEPS_BETWEEN_LOOKS == 0 && pages.over() {
                break;
            }
            match reader.read_event().map_err(|_| RejectReason::Unreadable)? {
                Event::Start(tag) => self.start(&tag),
                Event::Empty(tag) => {
                    self.start(&tag);
                    self.end(tag.name().as_ref(), tag.local_name().as_ref());
                }
                Event::End(tag) => self.end(tag.name().as_ref(), tag.local_name().as_ref()),
                Event::Text(text) => self.push(&text.xml10_content()),
                Event::CData(text) => self.push(&text.xml10_content()),
                Event::GeneralRef(name) => self.push(&letter(&name).map(String::from).unwrap_or_default()),
                Event::Eof => break,
                _ => (),
            }
        }
        Ok(self.pages)
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        if self.unseen > 0 || self.is_unseen(tag) {
            self.unseen += 1;
            return;
        }
        match tag.local_name().as_ref() {
            "p" | "h" => {
                self.separate('\n');
                self.texts += 1;
            }
            "s" => self.separate(' '),
            "tab" => self.separate('\t'),
            "line-break" => self.separate('\n'),
            "note" | "annotation" => {
                self.separate(' ');
                self.notes += 1;
            }
            "note-body" => self.separate(' '),
            "soft-page-break" if self.kind == Kind::Odt && self.has_words() => self.pages.push(String::new()),
            "page" if self.kind == Kind::Odp => self.pages.push(String::new()),
            "table" => {
                if self.kind == Kind::Ods && self.tables == 0 {
                    self.pages.push(format!("{}\n", attribute(tag, "table:name").unwrap_or_default()));
                }
                self.tables += 1;
            }
            "table-cell" => {
                let value = ["office:string-value", "office:value", "office:date-value", "office:boolean-value"];
                let value = value.iter().find_map(|name| attribute(tag, name)).unwrap_or_default();
                self.cell = self.pages.last().map(|page| (page.len(), value));
            }
            "header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first" => {
                self.frames = self.frames.map(|open| open + 1);
            }
            _ if describes(tag.name().as_ref()) => {
                self.separate(' ');
                self.texts += 1;
            }
            _ => (),
        }
    }

    fn end(&mut self, name: &str, local_name: &str) {
        if self.unseen > 0 {
            self.unseen -= 1;
            return;
        }
        match local_name {
            "p" | "h" => {
                self.separate('\n');
                self.texts = self.texts.saturating_sub(1);
            }
            "note" | "annotation" => {
                self.separate(' ');
                self.notes = self.notes.saturating_sub(1);
            }
            "table" => self.tables = self.tables.saturating_sub(1),
            "table-cell" => {
                if let (Some((start, value)), Some(page)) = (self.cell.take(), self.pages.last_mut()) {
                    if page.len() == start && self.kind == Kind::Ods {
                        page.push_str(&value);
                    }
                    page.truncate(page.trim_end_matches('\n').len().max(start));
                }
                self.separate('\t');
            }
            "table-row" => self.separate('\n'),
            "header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first" => {
                self.frames = self.frames.map(|open| open.saturating_sub(1));
            }
            _ if describes(name) => {
                self.texts = self.texts.saturating_sub(1);
                self.separate(' ');
            }
            _ => (),
        }
    }

    /// What was deleted and is kept for whoever takes it back; who wrote a remark and when.
    fn is_unseen(&self, tag: &BytesStart<'_>) -> bool {
        match tag.name().as_ref() {
            "text:tracked-changes" | "table:tracked-changes" => true,
            "dc:creator" | "dc:date" => self.notes > 0,
            _ => false,
        }
    }

    fn push(&mut self, text: &str) {
        if self.texts > 0
            && self.unseen == 0
            && self.frames != Some(0)
            && let Some(page) = self.pages.last_mut()
        {
            page.push_str(text);
        }
    }

    /// What stands between words, once.
    fn separate(&mut self, space: char) {
        if let Some(page) = self.pages.last_mut()
            && self.frames != Some(0)
            && !page.is_empty()
            && !page.ends_with(['\n', '\t', ' '])
        {
            page.push(space);
        }
    }

    fn has_words(&self) -> bool {
        self.pages.last().is_some_and(|page| !page.trim().is_empty())
    }
}

/// What a picture shows, in words for people who do not see it.
fn describes(name: &str) -> bool {
    matches!(name, "svg:title" | "svg:desc")
}
