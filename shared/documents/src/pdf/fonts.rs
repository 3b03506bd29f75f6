//! Fonts: which letters the codes of a text stand for, and how wide they are.

use std::collections::BTreeMap;

use domain::limits;
use lopdf::{Dictionary, Document, Encoding, Object, Stream, dictionary};

use super::cmap::{CharacterMap, two_bytes};
use super::helvetica;
use super::pages::{entry, resolve};
use super::streams;
use super::syntax::{Lexer, Token};

/// One letter of a text.
pub(super) struct Glyph {
    pub(super) letters: String,
    /// In parts of the font's size.
    pub(super) width: f64,
    /// The one code that word spacing widens.
    pub(super) is_space_code: bool,
}

pub(super) struct Font {
    codes: Codes,
    to_unicode: Option<CharacterMap>,
    widths: BTreeMap<u32, f64>,
    /// Runs of glyphs that are equally wide, by the first: last, width.
    equal_widths: BTreeMap<u32, (u32, f64)>,
    other_width: Option<f64>,
}

enum Codes {
    /// One byte each.
    Simple(Vec<String>),
    /// As a map says.
    Mapped(CharacterMap),
    /// Two bytes, each a glyph.
    Glyphs,
    /// Two bytes, each a letter.
    Utf16,
}

impl Font {
    pub(super) fn read(document: &Document, font: &Dictionary) -> Self {
        let to_unicode = match entry(document, font, b"ToUnicode") {
            Object::Stream(stream) => map(document, stream),
            _ => None,
        };
        match name(document, font, b"Subtype") {
            b"Type0" => Self::composite(document, font, to_unicode),
            subtype => Self::simple(document, font, subtype, to_unicode),
        }
    }

    /// The first letter of a text and how many bytes it takes.
    pub(super) fn next(&self, text: &[u8]) -> (Glyph, usize) {
        let (code, length) = match &self.codes {
            Codes::Simple(_) => (u32::from(text.first().copied().unwrap_or_default()), 1),
            Codes::Mapped(map) => map.next_code(text),
            Codes::Glyphs | Codes::Utf16 => two_bytes(text),
        };
        let mapped = self.to_unicode.as_ref().and_then(|map| map.letters(code));
        let letters = mapped.or_else(|| match &self.codes {
            Codes::Simple(letters) => letters.get(code as usize).cloned(),
            Codes::Utf16 => char::from_u32(code).map(String::from),
            Codes::Mapped(_) | Codes::Glyphs => None,
        });
        let glyph = match &self.codes {
            Codes::Mapped(map) => map.glyph(code).unwrap_or(code),
            _ => code,
        };
        let is_space_code = code == 32 && length == 1;
        (Glyph { letters: letters.unwrap_or_default(), width: self.width(glyph), is_space_code }, length)
    }

    fn width(&self, glyph: u32) -> f64 {
        if let Some(width) = self.widths.get(&glyph) {
            return *width;
        }
        let run = self.equal_widths.range(..=glyph).next_back().map(|(_, run)| *run);
        let known = run.filter(|(last, _)| glyph <= *last).map(|(_, width)| width).or(self.other_width);
        known.unwrap_or_else(|| u8::try_from(glyph).map_or(0.5, helvetica::width))
    }

    fn composite(document: &Document, font: &Dictionary, to_unicode: Option<CharacterMap>) -> Self {
        let codes = match entry(document, font, b"Encoding") {
            Object::Stream(stream) => map(document, stream).map_or(Codes::Glyphs, Codes::Mapped),
            Object::Name(name) if contains(name, b"UTF16") || contains(name, b"UCS2") => Codes::Utf16,
            _ => Codes::Glyphs,
        };
        let descendants = entry(document, font, b"DescendantFonts");
        let descendant = descendants.as_array().ok().and_then(|fonts| resolve(document, fonts.first()?).as_dict().ok());
        let mut read =
            Self { codes, to_unicode, widths: BTreeMap::new(), equal_widths: BTreeMap::new(), other_width: Some(1.0) };
        if let Some(descendant) = descendant {
            read.other_width = number(entry(document, descendant, b"DW")).map(|width| width / 1000.0).or(Some(1.0));
            if let Object::Array(widths) = entry(document, descendant, b"W") {
                read.composite_widths(document, widths);
            }
        }
        read
    }

    /// `first [width width ..]` and `first last width`, mixed.
    fn composite_widths(&mut self, document: &Document, items: &[Object]) {
        let mut items = items.iter().map(|item| resolve(document, item));
        while let (Some(first), Some(second)) = (items.next(), items.next()) {
            let Some(first) = first.as_i64().ok().and_then(|first| u32::try_from(first).ok()) else { return };
            if let Object::Array(widths) = second {
                for (glyph, width) in (first..).zip(widths) {
                    self.widths.insert(glyph, number(resolve(document, width)).unwrap_or_default() / 1000.0);
                }
                continue;
            }
            let last = second.as_i64().ok().and_then(|last| u32::try_from(last).ok());
            let (Some(last), Some(width)) = (last, items.next().and_then(number)) else { return };
            self.equal_widths.insert(first, (last, width / 1000.0));
        }
    }

    fn simple(document: &Document, font: &Dictionary, subtype: &[u8], to_unicode: Option<CharacterMap>) -> Self {
        let descriptor = entry(document, font, b"FontDescriptor").as_dict().ok();
        // A font that is made of drawings has its own scale.
        let scale = match entry(document, font, b"FontMatrix") {
            Object::Array(matrix) if subtype == b"Type3" => matrix.first().and_then(number).unwrap_or(0.001).abs(),
            _ => 0.001,
        };
        let mut widths = BTreeMap::new();
        if let Object::Array(items) = entry(document, font, b"Widths") {
            let first = entry(document, font, b"FirstChar").as_i64().ok().and_then(|first| u32::try_from(first).ok());
            for (code, width) in (first.unwrap_or_default()..256).zip(items) {
                widths.insert(code, number(resolve(document, width)).unwrap_or_default() * scale);
            }
        }
        let missing = descriptor.and_then(|descriptor| number(entry(document, descriptor, b"MissingWidth")));
        let is_fixed = contains(name(document, font, b"BaseFont"), b"Courier");
        let other_width = match () {
            () if is_fixed => Some(0.6),
            () if widths.is_empty() => None,
            () => Some(missing.unwrap_or_default() * scale),
        };
        let codes = Codes::Simple(simple_letters(document, font, descriptor, subtype));
        Self { codes, to_unicode, widths, equal_widths: BTreeMap::new(), other_width }
    }
}

/// The letter of each of the 256 codes.
fn simple_letters(
    document: &Document,
    font: &Dictionary,
    descriptor: Option<&Dictionary>,
    subtype: &[u8],
) -> Vec<String> {
    let encoding = entry(document, font, b"Encoding");
    let otherwise: &[u8] = if subtype == b"TrueType" { b"WinAnsiEncoding" } else { b"StandardEncoding" };
    let (base, differences) = match encoding {
        Object::Name(base) => (base.as_slice(), None),
        Object::Dictionary(encoding) => {
            let base = entry(document, encoding, b"BaseEncoding").as_name().unwrap_or(otherwise);
            (base, entry(document, encoding, b"Differences").as_array().ok())
        }
        _ => (otherwise, None),
    };
    let mut letters = alphabet(document, base);
    if let (Object::Null, Some(Object::Stream(program))) =
        (encoding, descriptor.map(|descriptor| entry(document, descriptor, b"FontFile")))
    {
        own_letters(document, program, &mut letters);
    }
    let mut code = 0usize;
    for item in differences.into_iter().flatten() {
        match resolve(document, item) {
            Object::Integer(next) => code = usize::try_from(*next).unwrap_or(usize::MAX),
            Object::Name(name) => {
                if let (Some(letter), Some(known)) = (letters.get_mut(code), letters_of_name(document, name)) {
                    *letter = known;
                }
                code = code.saturating_add(1);
            }
            _ => (),
        }
    }
    letters
}

fn alphabet(document: &Document, name: &[u8]) -> Vec<String> {
    let font = dictionary! { "Type" => "Font", "Encoding" => Object::Name(name.to_vec()) };
    let known = font.get_font_encoding(document).ok().filter(|found| matches!(found, Encoding::OneByteEncoding(_)));
    let letter = |code: u8| match &known {
        Some(known) => known.bytes_to_string(&[code]).unwrap_or_default(),
        None => char::from(code).to_string(),
    };
    (0..=u8::MAX).map(letter).collect()
}

/// The alphabet that the font's program brings, in its part that can be read: `dup 65 /A put`.
fn own_letters(document: &Document, program: &Stream, letters: &mut [String]) {
    let Some(plain) = streams::plain(document, program, limits::PDF_STREAM_BYTES_MAX) else { return };
    let mut lexer = Lexer::new(&plain);
    while let Some(token) = lexer.next() {
        match token {
            Token::Word(b"dup") => {
                if let (Some(Token::Integer(code)), Some(Token::Name(name))) = (lexer.next(), lexer.next())
                    && let Some(letter) = usize::try_from(code).ok().and_then(|code| letters.get_mut(code))
                    && let Some(known) = letters_of_name(document, &name)
                {
                    *letter = known;
                }
            }
            // From here on the program is enciphered.
            Token::Word(b"eexec") => return,
            _ => (),
        }
    }
}

/// `eacute`, `uni00E9`, `u1F600`, `f_i`, `a.alt`: letters by the name that a font gives a glyph.
fn letters_of_name(document: &Document, name: &[u8]) -> Option<String> {
    let stem = name.split(|byte| *byte == b'.').next().filter(|stem| !stem.is_empty())?;
    let parts: Option<Vec<String>> =
        stem.split(|byte| *byte == b'_').map(|part| letters_of_part(document, part)).collect();
    parts.map(|parts| parts.concat())
}

fn letters_of_part(document: &Document, part: &[u8]) -> Option<String> {
    let name = Object::Name(part.to_vec());
    let encoding = dictionary! { "Type" => "Encoding", "Differences" => vec![0.into(), name] };
    let font = dictionary! { "Type" => "Font", "Encoding" => encoding };
    if let Ok(Encoding::Differences(differences)) = font.get_font_encoding(document)
        && let Some(glyph) = differences.map.get(&0)
    {
        return char::from_u32(u32::from(glyph.utf16_code_unit())).map(String::from);
    }
    let text = std::str::from_utf8(part).ok()?;
    let digits = text.strip_prefix("uni").or_else(|| text.strip_prefix('u'))?;
    let code = (4..=6).contains(&digits.len()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
    char::from_u32(code).map(String::from)
}

fn map(document: &Document, stream: &Stream) -> Option<CharacterMap> {
    Some(CharacterMap::parse(&streams::plain(document, stream, limits::PDF_STREAM_BYTES_MAX)?))
}

fn name<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> &'a [u8] {
    entry(document, dictionary, key).as_name().unwrap_or_default()
}

pub(super) fn number(object: &Object) -> Option<f64> {
    match object {
        Object::Integer(number) => Some(*number as f64),
        Object::Real(number) => Some(f64::from(*number)),
        _ => None,
    }
}

fn contains(name: &[u8], part: &[u8]) -> bool {
    name.windows(part.len()).any(|window| window == part)
}
