//! Character maps: from the codes of a text to letters, or to the glyphs of a font. Ranges stay ranges: a file of a few
//! bytes can name four thousand million codes.

use std::collections::BTreeMap;

use lopdf::Object;

use super::syntax::{Budget, Lexer, Token};

const RANGES_MAX: usize = 100_000;
const SPACES_MAX: usize = 256;
const CODE_BYTES_MAX: usize = 4;
/// Of one code. The longest that mean something are ligatures.
const LETTERS_MAX: usize = 32;

#[derive(Debug, Default)]
pub(super) struct CharacterMap {
    spaces: Vec<Space>,
    /// By their first codes.
    ranges: BTreeMap<u32, Range>,
}

/// Codes of so many bytes.
#[derive(Debug)]
struct Space {
    bytes: usize,
    first: u32,
    last: u32,
}

#[derive(Debug)]
struct Range {
    last: u32,
    to: Target,
}

#[derive(Debug)]
enum Target {
    /// Of the first code; those of the others count on from it.
    Letters(Vec<u16>),
    Each(Vec<Vec<u16>>),
    Glyph(u32),
}

impl CharacterMap {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(bytes);
        while let Some(token) = lexer.next() {
            let Token::Word(word) = token else { continue };
            let read = match word {
                b"begincodespacerange" => Self::space,
                b"beginbfchar" | b"begincidchar" => Self::one,
                b"beginbfrange" | b"begincidrange" => Self::range,
                _ => continue,
            };
            while map.ranges.len() < RANGES_MAX && map.spaces.len() < SPACES_MAX && read(&mut map, &mut lexer).is_some()
            {
            }
        }
        map
    }

    /// The first code of these bytes and how many of them it takes.
    pub(super) fn next_code(&self, bytes: &[u8]) -> (u32, usize) {
        let mut code = 0;
        for (index, byte) in bytes.iter().take(CODE_BYTES_MAX).enumerate() {
            code = code << 8 | u32::from(*byte);
            let fits = |space: &Space| space.bytes == index + 1 && (space.first..=space.last).contains(&code);
            if self.spaces.iter().any(fits) {
                return (code, index + 1);
            }
        }
        two_bytes(bytes)
    }

    pub(super) fn letters(&self, code: u32) -> Option<String> {
        let (first, range) = self.range_of(code)?;
        let distance = code - first;
        let units = match &range.to {
            Target::Letters(units) => {
                let mut units = units.clone();
                let last = units.last_mut()?;
                *last = last.wrapping_add(distance as u16);
                units
            }
            Target::Each(letters) => letters.get(usize::try_from(distance).ok()?)?.clone(),
            Target::Glyph(_) => return None,
        };
        Some(char::decode_utf16(units).flatten().collect())
    }

    pub(super) fn glyph(&self, code: u32) -> Option<u32> {
        let (first, range) = self.range_of(code)?;
        match range.to {
            Target::Glyph(glyph) => glyph.checked_add(code - first),
            _ => None,
        }
    }

    fn range_of(&self, code: u32) -> Option<(u32, &Range)> {
        let (first, range) = self.ranges.range(..=code).next_back()?;
        (code <= range.last).then_some((*first, range))
    }

    fn space(&mut self, lexer: &mut Lexer<'_>) -> Option<()> {
        let (first, last) = (text(lexer)?, text(lexer)?);
        self.spaces.push(Space { bytes: first.len(), first: code(&first)?, last: code(&last)? });
        Some(())
    }

    fn one(&mut self, lexer: &mut Lexer<'_>) -> Option<()> {
        let first = code(&text(lexer)?)?;
        let to = target(lexer)?;
        self.ranges.insert(first, Range { last: first, to });
        Some(())
    }

    fn range(&mut self, lexer: &mut Lexer<'_>) -> Option<()> {
        let (first, last) = (code(&text(lexer)?)?, code(&text(lexer)?)?);
        let to = target(lexer)?;
        self.ranges.insert(first, Range { last, to });
        Some(())
    }
}

/// As codes are read where nothing says otherwise.
pub(super) fn two_bytes(bytes: &[u8]) -> (u32, usize) {
    match bytes {
        [high, low, ..] => (u32::from(*high) << 8 | u32::from(*low), 2),
        [one] => (u32::from(*one), 1),
        [] => (0, 1),
    }
}

/// None, with the word read, at the end of the section.
fn text(lexer: &mut Lexer<'_>) -> Option<Vec<u8>> {
    match lexer.next()? {
        Token::Text(text, _) => Some(text),
        _ => None,
    }
}

fn target(lexer: &mut Lexer<'_>) -> Option<Target> {
    let mut budget = Budget::new(lexer.bytes.len());
    Some(match lexer.object(&mut budget)? {
        Object::String(text, _) => Target::Letters(units(&text)),
        Object::Integer(glyph) => Target::Glyph(u32::try_from(glyph).ok()?),
        Object::Array(items) => {
            Target::Each(items.iter().map(|item| item.as_str().map(units).unwrap_or_default()).collect())
        }
        _ => Target::Letters(Vec::new()),
    })
}

/// Letters as 16-bit units; a single byte is one letter of Latin-1.
fn units(text: &[u8]) -> Vec<u16> {
    match text {
        [one] => vec![u16::from(*one)],
        text => text.chunks_exact(2).take(LETTERS_MAX).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
    }
}

fn code(text: &[u8]) -> Option<u32> {
    (text.len() <= CODE_BYTES_MAX).then(|| text.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}
