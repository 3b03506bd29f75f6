//! Tables as text: cells become words, whatever separates and quotes them.

use domain::document::RejectReason;
use domain::limits;

use crate::bounded::{Pages, start_of};
use crate::plain;

/// In the order in which they win where two fit equally well.
const SEPARATORS: &[char] = &[',', ';', '\t', '|'];
/// How far into a file its separator is looked for.
const LOOK_ROWS: usize = 100;
const LOOK_BYTES: usize = 64 * 1024;
/// A quote that is not closed within this is a sign like any other: inches, or a slip.
const QUOTED_BYTES_MAX: usize = 64 * 1024;
/// Rows between two looks at the time.
const ROWS_BETWEEN_LOOKS: usize = 1_000;

/// One page, a line per row, cells apart by tabs.
pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let text = plain::decoded(bytes).ok_or(RejectReason::Unreadable)?;
    pages.count(1);
    pages.push(words(&text, pages));
    Ok(())
}

fn words(text: &str, pages: &Pages) -> String {
    let (separator, mut rest) = separator(text);
    let mut words = String::new();
    for count in 1.. {
        if rest.is_empty() {
            break;
        }
        if words.len() > limits::DOCUMENT_TEXT_BYTES_MAX || (count % ROWS_BETWEEN_LOOKS == 0 && pages.over()) {
            pages.shorten();
            break;
        }
        let mut is_first = true;
        rest = row(rest, separator, |quoted, plain| {
            if !std::mem::take(&mut is_first) {
                words.push('\t');
            }
            words.push_str(quoted);
            words.push_str(plain);
            words.len() <= limits::DOCUMENT_TEXT_BYTES_MAX
        });
        words.push('\n');
    }
    words
}

/// What separates the cells, and the text behind the line by which Excel is told so.
fn separator(text: &str) -> (char, &str) {
    if let Some(said) = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(text.get(4..))
        && let Some(separator) = said.chars().next().filter(|first| !first.is_alphanumeric() && *first != '"')
    {
        let rest = &said[separator.len_utf8()..];
        if let Some(rest) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
            return (separator, rest);
        }
    }
    // The first of equals: `max_by_key` would take the last.
    let look = start_of(text, LOOK_BYTES);
    let best = SEPARATORS.iter().rev().max_by_key(|separator| fit(look, **separator));
    (best.copied().unwrap_or(','), text)
}

/// Rows that have as many cells as most, and how many cells those are.
fn fit(text: &str, separator: char) -> (usize, usize) {
    let mut counts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && counts.len() < LOOK_ROWS {
        let mut cells = 0;
        rest = row(rest, separator, |_, _| {
            cells += 1;
            true
        });
        counts.push(cells);
    }
    let of = |cells: usize| counts.iter().filter(|count| **count == cells).count();
    let usual = counts.iter().copied().filter(|cells| *cells > 1).max_by_key(|cells| (of(*cells), *cells));
    usual.map_or((0, 0), |cells| (of(cells), cells))
}

/// Hands over the cells of the first row, each as what is quoted in it and what is not, until one is refused; what
/// stands behind.
fn row(text: &str, separator: char, mut take: impl FnMut(&str, &str) -> bool) -> &str {
    let mut rest = text;
    loop {
        let (quoted, after) = quoted(rest).unwrap_or((String::new(), rest));
        let end = after.find([separator, '\n', '\r']).unwrap_or(after.len());
        rest = &after[end..];
        if !take(&quoted, &after[..end]) {
            return rest;
        }
        match rest.strip_prefix(separator) {
            Some(next) => rest = next,
            None => break,
        }
    }
    rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest)
}

/// A cell in quotes, two of which stand for one, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.trim_start_matches(' ').strip_prefix('"')?;
    let mut cell = String::new();
    let mut rest = inside;
    loop {
        let at = rest.bytes().take(QUOTED_BYTES_MAX).position(|byte| byte == b'"')?;
        cell.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(next) if cell.len() < QUOTED_BYTES_MAX => {
                cell.push('"');
                rest = next;
            }
            Some(_) => return None,
            None => return Some((cell, rest)),
        }
    }
}
