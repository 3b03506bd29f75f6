//! A file of objects, opened within bounds.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::document::RejectReason;
use domain::limits;
use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::pages;
use super::streams;
use super::syntax::{Budget, Lexer, Token, find};
use super::table::{self, Place, Table};

const HEADER: &[u8] = b"%PDF-";
/// Some programs put a line before it; a file that is something else first is not taken for a PDF.
const HEADER_SPACE_BYTES_MAX: usize = 16;

pub(crate) fn starts_like_one(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let space = bytes.iter().take(HEADER_SPACE_BYTES_MAX).take_while(|byte| byte.is_ascii_whitespace()).count();
    bytes[space..].starts_with(HEADER)
}

/// Whether a password or a certificate is needed, by the tables alone.
pub(crate) fn is_protected(bytes: &[u8]) -> Result<bool, RejectReason> {
    let file = File::new(bytes).ok_or(RejectReason::Unreadable)?;
    if let Some(table) = table::follow(&file, &mut Budget::new(bytes.len())) {
        return Ok(table.trailer.has(b"Encrypt"));
    }
    match file.recover(bytes.len()) {
        Err(RejectReason::Protected) => Ok(true),
        Err(RejectReason::TooMuchInside) => Err(RejectReason::TooMuchInside),
        // The words are asked for later; a damaged file is refused then.
        Ok(_) | Err(_) => Ok(false),
    }
}

/// The whole document. A file whose tables are wrong is searched for its objects.
pub(super) fn open(bytes: &[u8]) -> Result<Document, RejectReason> {
    let file = File::new(bytes).ok_or(RejectReason::Unreadable)?;
    let mut budget = Budget::new(bytes.len());
    let followed = match table::follow(&file, &mut budget) {
        Some(table) => Some(file.load(&table, &mut budget)?),
        None if budget.is_spent() => return Err(RejectReason::TooMuchInside),
        None => None,
    };
    let count = |document: &Document| pages::all(document).len();
    match followed {
        Some(loaded) if loaded.missed == 0 && count(&loaded.document) > 0 => Ok(loaded.document),
        followed => match (followed, file.recover(bytes.len())) {
            (_, Err(RejectReason::Protected)) => Err(RejectReason::Protected),
            (Some(loaded), Ok(found)) if count(&found) > count(&loaded.document) => Ok(found),
            (Some(loaded), _) if count(&loaded.document) > 0 => Ok(loaded.document),
            (None, Ok(found)) if count(&found) > 0 => Ok(found),
            (_, Err(RejectReason::TooMuchInside)) => Err(RejectReason::TooMuchInside),
            _ => Err(RejectReason::Unreadable),
        },
    }
}

pub(super) struct File<'a> {
    /// From the header on: offsets count from there.
    pub(super) bytes: &'a [u8],
    /// Where the word `endstream` is, searched for once.
    ends: OnceCell<Vec<usize>>,
}

struct Loaded {
    document: Document,
    /// Objects that are not where the table says.
    missed: usize,
}

impl<'a> File<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let header = find(&bytes[..bytes.len().min(1024)], HEADER, 0)?;
        Some(Self { bytes: &bytes[header..], ends: OnceCell::new() })
    }

    /// The object here and its number. The table knows lengths that are kept as objects of their own.
    pub(super) fn object(&self, at: usize, table: Option<&Table>, budget: &mut Budget) -> Option<(ObjectId, Object)> {
        let mut lexer = Lexer::from(self.bytes, at);
        let id = header(&mut lexer);
        let object = id.and_then(|_| lexer.object(budget));
        // Counted whether or not it led to something.
        budget.read(lexer.at.saturating_sub(at))?;
        let (id, object) = (id?, object?);
        let Object::Dictionary(dictionary) = object else { return Some((id, object)) };
        let mut after = Lexer::new(self.window(lexer.at));
        if after.next() != Some(Token::Word(b"stream")) {
            return Some((id, Object::Dictionary(dictionary)));
        }
        let (start, end) = self.stream_data(lexer.at + after.at, &dictionary, table);
        budget.read(end - start)?;
        Some((id, Object::Stream(Stream::new(dictionary, self.bytes[start..end].to_vec()))))
    }

    /// The few bytes from here on, for a look that must not run through the file.
    fn window(&self, at: usize) -> &'a [u8] {
        const LENGTH: usize = 128;
        let at = at.min(self.bytes.len());
        &self.bytes[at..self.bytes.len().min(at + LENGTH)]
    }

    /// As long as the dictionary says if the end is there, else up to the next end.
    fn stream_data(&self, after_word: usize, dictionary: &Dictionary, table: Option<&Table>) -> (usize, usize) {
        let rest = &self.bytes[after_word..];
        let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let line_end = match &rest[spaces..] {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        let start = after_word + if line_end > 0 { spaces + line_end } else { 0 };
        let length = match dictionary.get(b"Length") {
            Ok(Object::Integer(length)) => usize::try_from(*length).ok(),
            Ok(Object::Reference((number, _))) => {
                table.and_then(|table| self.length_at(*table.places.get(number)?, *number))
            }
            _ => None,
        };
        if let Some(end) = length.and_then(|length| start.checked_add(length)).filter(|end| *end <= self.bytes.len())
            && Lexer::new(self.window(end)).next() == Some(Token::Word(b"endstream"))
        {
            return (start, end);
        }
        let ends = self.ends.get_or_init(|| {
            let mut ends = Vec::new();
            let mut from = 0;
            while let Some(at) = find(self.bytes, b"endstream", from) {
                ends.push(at);
                from = at + 9;
            }
            ends
        });
        let end = ends.get(ends.partition_point(|end| *end < start)).copied().unwrap_or(self.bytes.len());
        let data = &self.bytes[start..end];
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        (start, start + data.strip_suffix(b"\r").unwrap_or(data).len())
    }

    /// A whole number that is an object of its own. It is not followed any further.
    fn length_at(&self, place: Place, number: u32) -> Option<usize> {
        let Place::At(at) = place else { return None };
        let mut lexer = Lexer::new(self.window(at));
        match (header(&mut lexer)?, lexer.next()?) {
            ((found, _), Token::Integer(length)) if found == number => usize::try_from(length).ok(),
            _ => None,
        }
    }

    fn load(&self, table: &Table, budget: &mut Budget) -> Result<Loaded, RejectReason> {
        if table.trailer.has(b"Encrypt") {
            return Err(RejectReason::Protected);
        }
        let mut document = empty();
        document.trailer = table.trailer.clone();
        let mut missed = 0;
        let mut lists = BTreeSet::new();
        for (number, place) in &table.places {
            if budget.is_spent() {
                return Err(RejectReason::TooMuchInside);
            }
            match place {
                Place::At(at) => match self.object(*at, Some(table), budget) {
                    Some((id, object)) if id.0 == *number => drop(document.objects.insert(id, object)),
                    _ => missed += 1,
                },
                Place::Inside(list) => drop(lists.insert(*list)),
                Place::Free => (),
            }
        }
        for list in lists {
            let Ok(Object::Stream(stream)) = document.get_object((list, 0)) else {
                missed += 1;
                continue;
            };
            for (number, object) in objects_in(&document, stream, budget).unwrap_or_default() {
                if table.places.get(&number) == Some(&Place::Inside(list)) {
                    document.objects.insert((number, 0), object);
                }
            }
        }
        finish(&mut document, budget)?;
        Ok(Loaded { document, missed })
    }

    /// The document by a search for its objects.
    fn recover(&self, file_bytes: usize) -> Result<Document, RejectReason> {
        let mut budget = Budget::new(file_bytes);
        let table = table::rebuilt(self, &mut budget);
        let mut document = self.load(&table, &mut budget)?.document;
        // Lists of objects, in the order of the file, so that a newer one counts.
        let mut lists: Vec<(usize, u32)> = Vec::new();
        for (number, place) in &table.places {
            if let Place::At(at) = place
                && let Some(Object::Stream(stream)) = newest(&document, *number)
            {
                match stream.dict.get_type() {
                    Ok(b"ObjStm") => lists.push((*at, *number)),
                    Ok(b"XRef") if stream.dict.has(b"Encrypt") => return Err(RejectReason::Protected),
                    _ => (),
                }
            }
        }
        lists.sort_unstable();
        let mut inside = BTreeMap::new();
        for (_, list) in lists {
            if let Some(Object::Stream(stream)) = newest(&document, list) {
                inside.extend(objects_in(&document, stream, &mut budget).unwrap_or_default());
            }
        }
        for (number, object) in inside {
            document.objects.entry((number, 0)).or_insert(object);
        }
        let root = document.trailer.get(b"Root").and_then(Object::as_reference).ok();
        if root.is_none_or(|root| document.get_dictionary(root).is_err()) {
            let is_catalog = |object: &Object| object.as_dict().is_ok_and(|found| found.has_type(b"Catalog"));
            let catalog = document.objects.iter().rev().find(|(_, object)| is_catalog(object)).map(|(id, _)| *id);
            document.trailer.set("Root", catalog.ok_or(RejectReason::Unreadable)?);
        }
        finish(&mut document, &budget)?;
        Ok(document)
    }
}

fn empty() -> Document {
    let mut document = Document::with_version("1.7");
    // Every object is written openly, for which the older table is understood by all.
    document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
    document
}

fn finish(document: &mut Document, budget: &Budget) -> Result<(), RejectReason> {
    if budget.is_spent() {
        return Err(RejectReason::TooMuchInside);
    }
    // Whoever writes the document counts up to the highest.
    document.objects.retain(|(number, _), _| *number <= limits::PDF_OBJECT_NUMBER_MAX);
    document.max_id = document.objects.keys().map(|(number, _)| *number).max().unwrap_or_default();
    Ok(())
}

/// `number generation obj`
fn header(lexer: &mut Lexer<'_>) -> Option<ObjectId> {
    match (lexer.next()?, lexer.next()?, lexer.next()?) {
        (Token::Integer(number), Token::Integer(generation), Token::Word(b"obj")) => {
            Some((u32::try_from(number).ok()?, u16::try_from(generation).ok()?))
        }
        _ => None,
    }
}

fn newest(document: &Document, number: u32) -> Option<&Object> {
    document.objects.range((number, 0)..=(number, u16::MAX)).next_back().map(|(_, object)| object)
}

/// The objects of a packed list: pairs of number and offset, then the objects.
fn objects_in(document: &Document, stream: &Stream, budget: &mut Budget) -> Option<Vec<(u32, Object)>> {
    let data = streams::plain(document, stream, limits::PDF_OBJECTS_BYTES_MAX)?;
    budget.unpack(data.len())?;
    let first = usize::try_from(stream.dict.get(b"First").and_then(Object::as_i64).ok()?).ok()?;
    let mut heads = Lexer::new(data.get(..first)?);
    let mut objects = Vec::new();
    while let (Some(Token::Integer(number)), Some(Token::Integer(offset))) = (heads.next(), heads.next()) {
        let at = first.checked_add(usize::try_from(offset).ok()?)?;
        let mut lexer = Lexer::from(&data, at);
        if let Some(object) = lexer.object(budget) {
            objects.push((u32::try_from(number).ok()?, object));
        }
        budget.read(lexer.at.saturating_sub(at))?;
    }
    Some(objects)
}
