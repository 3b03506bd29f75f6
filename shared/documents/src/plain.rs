//! Text as it is, and in other encodings than Unicode.

use domain::document::RejectReason;

use crate::bounded::Pages;

/// How far into a file its first tag or the end of a message's header is looked for.
const LOOK_BYTES: usize = 64 * 1024;

/// The words of a text file, a page per form feed.
pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let text = decoded(bytes).ok_or(RejectReason::Unreadable)?;
    let parts: Vec<&str> = text.split('\x0c').collect();
    pages.count(parts.len());
    parts.into_iter().all(|part| pages.push(part.to_owned()));
    Ok(())
}

/// Unicode if it says or proves so, else the Windows alphabet of Western Europe. Not for content that cannot be text.
pub(crate) fn decoded(bytes: &[u8]) -> Option<String> {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Some(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Some(utf16(rest, u16::from_be_bytes));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().any(|byte| never_in_text(*byte)) {
        return None;
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| western(*byte)).collect(),
    })
}

pub(crate) fn is_text(bytes: &[u8]) -> bool {
    decoded(bytes).is_some_and(|text| !text.contains('\0'))
}

/// Whether a text that begins like one ends like one.
pub(crate) fn goes_on(head: &[u8], end: &[u8]) -> bool {
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    wide || is_text(end)
}

/// Text that a browser would take for a web page whatever its name says.
pub(crate) fn starts_like_page(bytes: &[u8]) -> bool {
    let start = look(bytes);
    let start = start.trim_start();
    ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<svg"].iter().any(|tag| start.starts_with(tag))
}

pub(crate) fn has_tags(bytes: &[u8]) -> bool {
    let start = look(bytes);
    let opens =
        |rest: &str| rest.starts_with(|next: char| next.is_ascii_lowercase() || next == '!') && rest.contains('>');
    start.split('<').skip(1).any(opens)
}

/// Header lines from the first line on, one of which every message has.
pub(crate) fn starts_like_mail(bytes: &[u8]) -> bool {
    let start = look(bytes);
    let mut known = false;
    for line in start.lines().take_while(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((field, _)) = line.split_once(':') else { return false };
        if field.is_empty() || !field.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        known |= ["from", "date", "received", "return-path", "message-id", "mime-version"].contains(&field);
    }
    known
}

/// The start in small letters.
fn look(bytes: &[u8]) -> String {
    decoded(&bytes[..bytes.len().min(LOOK_BYTES)]).unwrap_or_default().to_lowercase()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn never_in_text(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1b)
}

/// Windows-1252: Latin-1 but for these.
fn western(byte: u8) -> char {
    const SPECIAL: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => SPECIAL[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The byte that stands for a letter in Windows-1252, if one does.
pub(crate) fn western_byte(letter: char) -> Option<u8> {
    (0..=u8::MAX).find(|byte| western(*byte) == letter)
}
