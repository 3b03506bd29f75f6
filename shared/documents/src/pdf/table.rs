//! Where the objects of a file are: as its own tables say, newest first, or as a search of the file finds them.

use std::collections::{BTreeMap, BTreeSet};

use domain::limits;
use lopdf::{Dictionary, Document, Object};

use super::file::File;
use super::streams;
use super::syntax::{Budget, Lexer, Token, find, is_space};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    At(usize),
    /// In the list of objects that is this object.
    Inside(u32),
    Free,
}

#[derive(Default)]
pub(super) struct Table {
    pub(super) places: BTreeMap<u32, Place>,
    pub(super) trailer: Dictionary,
}

impl Table {
    /// What is known already is newer.
    fn note(&mut self, number: u32, place: Place, budget: &mut Budget) -> Option<()> {
        // An entry takes about the memory of a value, and many fit into few packed bytes.
        budget.value()?;
        self.places.entry(number).or_insert(place);
        Some(())
    }

    fn note_trailer(&mut self, trailer: &Dictionary) {
        for key in [b"Root".as_slice(), b"Info", b"ID", b"Encrypt"] {
            if let (false, Ok(value)) = (self.trailer.has(key), trailer.get(key)) {
                self.trailer.set(key, value.clone());
            }
        }
    }
}

/// The chain of tables from the end of the file. None: it is broken.
pub(super) fn follow(file: &File<'_>, budget: &mut Budget) -> Option<Table> {
    let mut table = Table::default();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![start(file.bytes)?];
    while let Some(at) = waiting.pop() {
        if !seen.insert(at) {
            continue;
        }
        let mut lexer = Lexer::from(file.bytes, at);
        let trailer = match lexer.next()? {
            Token::Word(b"xref") => classic(&mut lexer, &mut table, budget)?,
            _ => packed(file, at, &mut table, budget)?,
        };
        budget.read(lexer.at.saturating_sub(at))?;
        table.note_trailer(&trailer);
        // Read last in, first out: what completes this table goes before what is older.
        for key in [b"Prev".as_slice(), b"XRefStm"] {
            if let Ok(next) = trailer.get(key).and_then(Object::as_i64) {
                waiting.push(usize::try_from(next).ok()?);
            }
        }
    }
    table.trailer.has(b"Root").then_some(table)
}

fn start(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(9).rposition(|word| word == b"startxref")?;
    match Lexer::from(bytes, at + 9).next()? {
        Token::Integer(start) => usize::try_from(start).ok(),
        _ => None,
    }
}

/// Sections of `offset generation n|f`, up to and with the trailer.
fn classic(lexer: &mut Lexer<'_>, table: &mut Table, budget: &mut Budget) -> Option<Dictionary> {
    loop {
        let first = match lexer.next()? {
            Token::Integer(first) => u32::try_from(first).ok()?,
            Token::Word(b"trailer") => return lexer.object(budget)?.as_dict().ok().cloned(),
            _ => return None,
        };
        let Some(Token::Integer(count)) = lexer.next() else { return None };
        for index in 0..u32::try_from(count).ok()? {
            let (Some(Token::Integer(offset)), Some(_)) = (lexer.next(), lexer.next()) else { return None };
            let place = match lexer.next()? {
                Token::Word(b"n") => Place::At(usize::try_from(offset).ok()?),
                Token::Word(b"f") => Place::Free,
                _ => return None,
            };
            table.note(first.checked_add(index)?, place, budget)?;
        }
    }
}

/// A table packed into a stream: rows of three fields.
fn packed(file: &File<'_>, at: usize, table: &mut Table, budget: &mut Budget) -> Option<Dictionary> {
    let (_, Object::Stream(stream)) = file.object(at, None, budget)? else { return None };
    let numbers = |key: &[u8]| -> Option<Vec<i64>> {
        stream.dict.get(key).ok()?.as_array().ok()?.iter().map(|number| number.as_i64().ok()).collect()
    };
    let widths: Vec<usize> =
        numbers(b"W")?.into_iter().map(|width| usize::try_from(width).ok()).collect::<Option<_>>()?;
    let [kind, second, third] = *widths.first_chunk()?;
    let row_bytes = kind.checked_add(second)?.checked_add(third)?;
    if row_bytes == 0 || [kind, second, third].iter().any(|width| *width > 8) {
        return None;
    }
    let size = stream.dict.get(b"Size").and_then(Object::as_i64).ok()?;
    let sections = numbers(b"Index").unwrap_or_else(|| vec![0, size]);
    let data = streams::plain(&Document::new(), &stream, limits::PDF_STREAM_BYTES_MAX)?;
    budget.unpack(data.len())?;
    let mut rows = data.chunks_exact(row_bytes);
    for section in sections.chunks_exact(2) {
        let first = u32::try_from(section[0]).ok()?;
        for index in 0..u32::try_from(section[1]).ok()? {
            // Tables that promise more rows than they have are read as far as they go.
            let Some(row) = rows.next() else { break };
            let field = |from: usize, width: usize| {
                row[from..from + width].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
            };
            let place = match if kind == 0 { 1 } else { field(0, kind) } {
                0 => Place::Free,
                1 => Place::At(usize::try_from(field(kind, second)).ok()?),
                2 => Place::Inside(u32::try_from(field(kind, second)).ok()?),
                _ => continue,
            };
            table.note(first.checked_add(index)?, place, budget)?;
        }
    }
    Some(stream.dict)
}

/// Every `number generation obj` in the file, the last of each number, and what the trailers say.
pub(super) fn rebuilt(file: &File<'_>, budget: &mut Budget) -> Table {
    let mut table = Table::default();
    let mut from = 0;
    while let Some(at) = find(file.bytes, b"obj", from) {
        from = at + 3;
        if let Some((start, number)) = header_before(file.bytes, at) {
            if budget.value().is_none() {
                break;
            }
            table.places.insert(number, Place::At(start));
        }
    }
    let mut trailers = Vec::new();
    let mut from = 0;
    while let Some(at) = find(file.bytes, b"trailer", from) {
        from = at + 7;
        let mut lexer = Lexer::from(file.bytes, from);
        trailers.extend(lexer.object(budget).and_then(|trailer| trailer.as_dict().ok().cloned()));
        from = from.max(lexer.at);
    }
    trailers.iter().rev().for_each(|trailer| table.note_trailer(trailer));
    table
}

/// The start and the number of an object whose word `obj` is here.
fn header_before(bytes: &[u8], at: usize) -> Option<(usize, u32)> {
    let (generation_start, _) = digits_before(bytes, at)?;
    let (start, number) = digits_before(bytes, generation_start)?;
    Some((start, u32::try_from(number).ok()?))
}

/// A whole number and space, up to here.
fn digits_before(bytes: &[u8], at: usize) -> Option<(usize, u64)> {
    const DIGITS_MAX: usize = 10;
    const SPACES_MAX: usize = 8;
    let back = |from: usize, max: usize, is: fn(u8) -> bool| {
        let run = bytes[..from].iter().rev().take(max).take_while(|byte| is(**byte)).count();
        (run > 0).then(|| from - run)
    };
    let end = back(at, SPACES_MAX, is_space)?;
    let start = back(end, DIGITS_MAX, |byte| byte.is_ascii_digit())?;
    Some((start, std::str::from_utf8(&bytes[start..end]).ok()?.parse().ok()?))
}
