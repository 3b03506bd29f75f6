//! Rich text: the line stands in every header, and in those of a first section that has none. Sections inherit them.

use std::fmt::Write as _;

use super::{Mark, MarkRefused};
use crate::rtf::{self, Sign, Signs};

const HEADERS: [&str; 4] = ["header", "headerl", "headerr", "headerf"];
/// Groups before the text. Those that a program may pass over stand there too.
const TABLES: &[&str] =
    &["fonttbl", "filetbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "revtbl", "info"];
const NESTING_MAX: usize = 10_000;

pub(super) fn marked(bytes: &[u8], mark: &Mark) -> Result<Vec<u8>, MarkRefused> {
    if !rtf::starts_like_one(bytes) {
        return Err(MarkRefused::Unreadable);
    }
    let (mut signs, mut depth, mut text_at) = (Signs::of(bytes), 0_usize, None);
    // After the word that begins a header.
    let mut headers: Vec<usize> = Vec::new();
    // The group that opened last says next what it is for.
    let mut opened = None;
    loop {
        let at = signs.at();
        let Some(sign) = signs.next() else { break };
        let before = opened.take();
        match sign {
            Sign::Open => {
                depth += 1;
                if depth > NESTING_MAX {
                    return Err(MarkRefused::TooMuchInside);
                }
                opened = Some(at);
            }
            Sign::Close => depth = depth.saturating_sub(1),
            Sign::Word(word, _) if before.is_some() => {
                if HEADERS.contains(&word) {
                    headers.push(signs.at());
                } else if depth == 2 && text_at.is_none() && !TABLES.contains(&word) {
                    text_at = before;
                }
            }
            Sign::Word("par" | "page" | "sect" | "tab" | "line", _) if depth == 1 && text_at.is_none() => {
                text_at = Some(at);
            }
            Sign::Letter(_) | Sign::Byte(_) if text_at.is_none() => match (depth, before) {
                (1, _) => text_at = Some(at),
                (2, Some(before)) => text_at = Some(before),
                _ => (),
            },
            _ => (),
        }
        if depth == 0 {
            break;
        }
    }
    // A text without words: before the sign that ends it.
    let end = bytes.iter().rposition(|byte| *byte == b'}').ok_or(MarkRefused::Unreadable)?;
    let place = text_at.unwrap_or(end);
    let line = line(&mark.whole());
    let all: String = HEADERS.iter().map(|name| format!("{{\\{name} {line}}}")).collect();
    let mut edits: Vec<(usize, &str)> = headers.iter().map(|at| (*at, line.as_str())).collect();
    edits.push((place, &all));
    // The ones of our own first, where both stand at the same place: what follows takes their place.
    edits.sort_by_key(|(at, _)| *at);
    let mut copy = Vec::with_capacity(bytes.len() + edits.len() * all.len());
    let mut done = 0;
    for (at, words) in edits {
        copy.extend_from_slice(&bytes[done..at]);
        copy.extend_from_slice(words.as_bytes());
        done = at;
    }
    copy.extend_from_slice(&bytes[done..]);
    Ok(copy)
}

/// A paragraph of its own, in letters that every alphabet has.
fn line(text: &str) -> String {
    let mut line = String::from("{\\pard\\plain\\fs14 ");
    for letter in text.chars() {
        if letter.is_ascii() && !matches!(letter, '\\' | '{' | '}') {
            line.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(line, "\\uc1\\u{}?", unit.cast_signed()).unwrap_or_default();
            }
        }
    }
    line.push_str("\\par}");
    line
}
