//! Text without pages: a line of its own, in the file's own encoding.

use std::fmt::Write as _;

use super::{Mark, MarkRefused, font};
use crate::plain;

/// How a text writes its letters.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Utf8,
    /// One byte a letter, which one is the writer's secret: only what is the same in all of them is safe.
    OneByte,
    Utf16(fn(u16) -> [u8; 2]),
}

impl Encoding {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Encoding::Utf16(u16::to_le_bytes),
            [0xfe, 0xff, ..] => Encoding::Utf16(u16::to_be_bytes),
            _ if std::str::from_utf8(bytes).is_ok() => Encoding::Utf8,
            _ => Encoding::OneByte,
        }
    }

    fn write(self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::OneByte => {
                let spelt = |letter: char| if letter.is_ascii() { letter.to_string() } else { font::spelt(letter) };
                text.chars().map(spelt).collect::<String>().into_bytes()
            }
            Encoding::Utf16(unit) => text.encode_utf16().flat_map(unit).collect(),
        }
    }

    /// What stands before the first letter.
    fn start(bytes: &[u8]) -> usize {
        match bytes {
            [0xef, 0xbb, 0xbf, ..] => 3,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => 2,
            _ => 0,
        }
    }
}

/// Before the first line and after the last: a copy that is cut keeps one of them.
pub(super) fn text(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let (decoded, encoding) = read(bytes)?;
    let end = line_end(&decoded);
    let (start, whole) = (Encoding::start(bytes), mark.whole());
    let mut copy = bytes[..start].to_vec();
    copy.extend(encoding.write(&format!("{whole}{end}{end}")));
    copy.extend_from_slice(&bytes[start..]);
    copy.extend(encoding.write(&format!("{}{end}{whole}{end}", if decoded.ends_with('\n') { "" } else { end })));
    Ok(copy)
}

/// A last line with one cell. Programs take the first line for the names of the columns, and know no comments; a line
/// at the end is one record with less in it, which they read past.
pub(super) fn table(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let (decoded, encoding) = read(bytes)?;
    let end = line_end(&decoded);
    let before = if decoded.ends_with('\n') || decoded.is_empty() { "" } else { end };
    // An open quotation would swallow the line.
    let close = if decoded.matches('"').count() % 2 == 1 { "\"" } else { "" };
    let cell = mark.whole().replace('"', "\"\"");
    let mut copy = bytes.to_vec();
    copy.extend(encoding.write(&format!("{close}{before}\"{cell}\"{end}")));
    Ok(copy)
}

/// Right after the page says what it is: what follows may be open to the end (a script, a comment), and would swallow
/// a line at the end.
pub(super) fn page(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    let (decoded, encoding) = read(bytes)?;
    let place = after_doctype(&decoded);
    let width = match encoding {
        Encoding::Utf16(_) => decoded[..place].encode_utf16().count() * 2,
        Encoding::Utf8 => place,
        Encoding::OneByte => decoded[..place].chars().count(),
    };
    let place = Encoding::start(bytes) + width;
    let mut line = String::new();
    for letter in mark.whole().chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '.' | '@' | ':' | '-' | '{' | '}' | '+') {
            line.push(letter);
        } else {
            write!(line, "&#{};", u32::from(letter)).unwrap_or_default();
        }
    }
    let style = "display:block!important;visibility:visible!important;position:static!important;margin:0;\
                 padding:4px 8px;background:#fff;color:#222;font:12px sans-serif;border-bottom:1px solid #888";
    let mut copy = bytes[..place].to_vec();
    copy.extend(encoding.write(&format!("<p style=\"{style}\">{line}</p>")));
    copy.extend_from_slice(&bytes[place..]);
    Ok(copy)
}

fn read(bytes: &[u8]) -> Result<(String, Encoding), MarkRefused> {
    Ok((plain::decoded(bytes).ok_or(MarkRefused::Unreadable)?, Encoding::of(bytes)))
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Past comments, the declaration and the doctype, as far as they are whole.
fn after_doctype(text: &str) -> usize {
    let (mut place, mut after) = (0, 0);
    loop {
        let rest = &text[place..];
        let trimmed = rest.trim_start();
        place += rest.len() - trimmed.len();
        let is_doctype = trimmed.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
        let end = if trimmed.starts_with("<!--") {
            "-->"
        } else if is_doctype || trimmed.starts_with("<?") {
            ">"
        } else {
            return after;
        };
        let Some(length) = trimmed.find(end) else { return after };
        place += length + end.len();
        after = place;
    }
}
