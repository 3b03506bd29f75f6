//! Which letters the mark is written in: Helvetica's, which every reader has, or those of the font that is shipped,
//! where the line holds letters that Helvetica lacks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use crate::mark::font;
use crate::pdf::helvetica;
use crate::plain;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Letters {
    /// One byte a letter, in the Windows alphabet.
    Helvetica,
    /// Two bytes a letter: its number in the font.
    Shipped,
}

impl Letters {
    pub(in crate::pdf) fn for_line(line: &str) -> Self {
        let gains = |letter: char| western(letter).is_none() && font::number(letter).is_some();
        if line.chars().any(gains) { Letters::Shipped } else { Letters::Helvetica }
    }

    /// A letter that the font lacks is written as its number, so that two viewers never look the same.
    pub(in crate::pdf) fn codes(self, text: &str) -> Vec<u16> {
        let code = |letter: char| match self {
            Letters::Helvetica => western(letter),
            Letters::Shipped => font::number(letter),
        };
        let mut codes = Vec::new();
        for letter in text.chars() {
            match code(letter) {
                Some(code) => codes.push(code),
                None => codes.extend(font::spelt(letter).chars().filter_map(code)),
            }
        }
        codes
    }

    /// Of one code, in parts of the size.
    pub(super) fn width(self, code: u16) -> f64 {
        match self {
            Letters::Helvetica => helvetica::width(u8::try_from(code).unwrap_or(u8::MAX)),
            Letters::Shipped => font::width(code),
        }
    }

    pub(in crate::pdf) fn text_width(self, codes: &[u16]) -> f64 {
        codes.iter().map(|code| self.width(*code)).sum()
    }

    pub(super) fn space(self) -> u16 {
        self.codes(" ").first().copied().unwrap_or(0x20)
    }

    /// Of a code in a drawing, in hexadecimal.
    pub(in crate::pdf) fn digits(self) -> usize {
        match self {
            Letters::Helvetica => 2,
            Letters::Shipped => 4,
        }
    }

    /// The font as an object of the file, with what is needed to show this text.
    pub(in crate::pdf) fn add_to(self, document: &mut Document, text: &str) -> ObjectId {
        match self {
            Letters::Helvetica => document.add_object(dictionary! {
                "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
            }),
            Letters::Shipped => shipped(document, text),
        }
    }
}

fn western(letter: char) -> Option<u16> {
    let shown = font::is_shown(letter);
    plain::western_byte(letter).filter(|_| shown).map(u16::from)
}

fn shipped(document: &mut Document, text: &str) -> ObjectId {
    let spelt: String = text
        .chars()
        .map(|letter| font::number(letter).map_or_else(|| font::spelt(letter), |_| letter.to_string()))
        .collect();
    let used: BTreeMap<u16, char> = spelt.chars().filter_map(|letter| Some((font::number(letter)?, letter))).collect();
    let file = document.add_object(packed(
        font::BYTES,
        dictionary! { "Length1" => i64::try_from(font::BYTES.len()).unwrap_or(i64::MAX) },
    ));
    let descriptor = document.add_object(dictionary! {
        "Type" => "FontDescriptor", "FontName" => font::NAME, "Flags" => 4, "ItalicAngle" => 0, "StemV" => 80,
        "FontBBox" => vec![(-1021).into(), (-463).into(), 1793.into(), 1232.into()],
        "Ascent" => 928, "Descent" => -236, "CapHeight" => 729, "FontFile2" => file,
    });
    let mut widths = Vec::new();
    for code in used.keys() {
        widths.push(Object::Integer(i64::from(*code)));
        widths.push(Object::Array(vec![Object::Integer((font::width(*code) * 1000.0).round() as i64)]));
    }
    let descendant = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => font::NAME, "CIDToGIDMap" => "Identity",
        "CIDSystemInfo" => dictionary! {
            "Registry" => Object::string_literal("Adobe"), "Ordering" => Object::string_literal("Identity"),
            "Supplement" => 0,
        },
        "FontDescriptor" => descriptor, "W" => widths,
    });
    let unicode = document.add_object(packed(to_unicode(&used).as_bytes(), Dictionary::new()));
    document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => font::NAME, "Encoding" => "Identity-H",
        "DescendantFonts" => vec![Object::Reference(descendant)], "ToUnicode" => unicode,
    })
}

/// Which letters the numbers stand for, so that the mark is found and copied as text.
fn to_unicode(used: &BTreeMap<u16, char>) -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Mark def /CMapType 2 def\n\
         1 begincodespacerange <0000> <ffff> endcodespacerange\n",
    );
    let used: Vec<(&u16, &char)> = used.iter().collect();
    // A list has at most a hundred lines.
    for some in used.chunks(100) {
        writeln!(map, "{} beginbfchar", some.len()).unwrap_or_default();
        for (code, letter) in some {
            let units: String = letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("{unit:04x}")).collect();
            writeln!(map, "<{code:04x}> <{units}>").unwrap_or_default();
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap CMapName currentdict /CMap defineresource pop end end");
    map
}

/// A stream of an object, made small.
pub(in crate::pdf) fn packed(bytes: &[u8], mut dictionary: Dictionary) -> Stream {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(small) => {
            dictionary.set("Filter", "FlateDecode");
            Stream::new(dictionary, small)
        }
        // Memory does not fail; if it did, the bytes are as good as they are.
        Err(_) => Stream::new(dictionary, bytes.to_vec()),
    }
}
