//! Data streams, unpacked up to a bound.

use std::io::Read;

use domain::limits;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use lopdf::{Dictionary, Document, Object, Stream};

use super::pages::resolve;
use super::syntax::{hex, is_space};

/// One code of this old method can stand for some four thousand bytes, and its decoder has no bound of its own.
const LZW_RATIO: u64 = 1_400;
/// No writer packs twice what it has packed twice.
const FILTERS_MAX: usize = 4;

/// The stream as it was before it was packed. None: more than the bound, or packed in a way that no text is (pictures).
/// A stream that breaks off gives what came before.
pub(super) fn plain(document: &Document, stream: &Stream, bytes_max: u64) -> Option<Vec<u8>> {
    let filters = list(document, &stream.dict, [b"Filter", b"F"]);
    let settings = list(document, &stream.dict, [b"DecodeParms", b"DP"]);
    if filters.len() > FILTERS_MAX {
        return None;
    }
    let mut data = stream.content.clone();
    for (index, filter) in filters.iter().enumerate() {
        let settings = settings.get(index).and_then(|settings| settings.as_dict().ok());
        data = match filter.as_name().ok()? {
            b"FlateDecode" | b"Fl" => predicted(document, inflated(&data, bytes_max)?, settings)?,
            b"LZWDecode" | b"LZW" if (data.len() as u64).saturating_mul(LZW_RATIO) <= limits::PDF_OBJECTS_BYTES_MAX => {
                library("LZWDecode", data, settings)?
            }
            b"ASCII85Decode" | b"A85" => library("ASCII85Decode", data, None)?,
            b"ASCIIHexDecode" | b"AHx" => hexadecimal(&data),
            b"Crypt" => data,
            _ => return None,
        };
    }
    (data.len() as u64 <= bytes_max).then_some(data)
}

/// One or several of something, under its name or its short name.
fn list<'a>(document: &'a Document, dictionary: &'a Dictionary, names: [&[u8]; 2]) -> Vec<&'a Object> {
    let found = names.iter().find_map(|name| dictionary.get(name).ok()).map(|found| resolve(document, found));
    match found {
        Some(Object::Array(items)) => items.iter().map(|item| resolve(document, item)).collect(),
        Some(Object::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

fn inflated(data: &[u8], bytes_max: u64) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    // A checksum that is wrong or missing does not make the data before it wrong.
    ZlibDecoder::new(data).take(bytes_max.saturating_add(1)).read_to_end(&mut plain).unwrap_or_default();
    if plain.is_empty() && data.len() > 2 {
        DeflateDecoder::new(&data[2..]).take(bytes_max.saturating_add(1)).read_to_end(&mut plain).unwrap_or_default();
    }
    (plain.len() as u64 <= bytes_max).then_some(plain)
}

/// Rows that are written as differences to the row before, as lists of objects often are.
fn predicted(document: &Document, data: Vec<u8>, settings: Option<&Dictionary>) -> Option<Vec<u8>> {
    let Some(settings) = settings else { return Some(data) };
    let number = |name: &[u8], otherwise: i64| {
        let found = settings.get(name).ok().map(|found| resolve(document, found)).and_then(|found| found.as_i64().ok());
        usize::try_from(found.unwrap_or(otherwise)).ok()
    };
    if number(b"Predictor", 1)? < 10 {
        return Some(data);
    }
    let (columns, colours, bits) = (number(b"Columns", 1)?, number(b"Colors", 1)?, number(b"BitsPerComponent", 8)?);
    let point_bits = colours.checked_mul(bits)?;
    let row_bytes = point_bits.checked_mul(columns)?.div_ceil(8);
    if row_bytes == 0 || row_bytes > data.len() {
        return None;
    }
    let mut before = vec![0; row_bytes];
    let mut plain = Vec::with_capacity(data.len());
    for row in data.chunks(row_bytes + 1) {
        let mut current = row[1..].to_vec();
        current.resize(row_bytes, 0);
        undo_differences(row[0], point_bits.div_ceil(8), &before, &mut current)?;
        plain.extend_from_slice(&current[..row.len() - 1]);
        before = current;
    }
    Some(plain)
}

/// One row, which begins with how it differs: from the left, from above, from both.
fn undo_differences(how: u8, point_bytes: usize, above: &[u8], row: &mut [u8]) -> Option<()> {
    for at in 0..row.len() {
        let corner_at = at.checked_sub(point_bytes);
        let (left, corner) = corner_at.map_or((0, 0), |before| (row[before], above[before]));
        let guess = match how {
            0 => 0,
            1 => left,
            2 => above[at],
            3 => ((u16::from(left) + u16::from(above[at])) / 2) as u8,
            4 => nearest(left, above[at], corner),
            _ => return None,
        };
        row[at] = row[at].wrapping_add(guess);
    }
    Some(())
}

/// Which of the three is nearest to the plane through them.
fn nearest(left: u8, above: u8, corner: u8) -> u8 {
    let plane = i16::from(left) + i16::from(above) - i16::from(corner);
    let far = |value: u8| (plane - i16::from(value)).abs();
    if far(left) <= far(above) && far(left) <= far(corner) {
        left
    } else if far(above) <= far(corner) {
        above
    } else {
        corner
    }
}

/// By the library's decoder, one filter at a time.
fn library(filter: &str, data: Vec<u8>, settings: Option<&Dictionary>) -> Option<Vec<u8>> {
    let mut dictionary = Dictionary::new();
    dictionary.set("Filter", filter);
    if let Some(settings) = settings {
        dictionary.set("DecodeParms", settings.clone());
    }
    Stream::new(dictionary, data).decompressed_content().ok()
}

fn hexadecimal(data: &[u8]) -> Vec<u8> {
    let digits = data.iter().take_while(|byte| **byte != b'>').filter(|byte| !is_space(**byte));
    let digits: Vec<u8> = digits.map_while(|byte| hex(*byte)).collect();
    digits.chunks(2).map(|pair| pair[0] * 16 + pair.get(1).copied().unwrap_or_default()).collect()
}
