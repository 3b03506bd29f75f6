//! Web pages: the words that people see, without tags and scripts.
//!
//! Read in one pass without building the tree: the trees of HTML's rules take time that grows with the square of their
//! depth, and a file of tags alone is deep.

use domain::document::RejectReason;
use mail_parser::decoders::html::add_html_token;

use crate::bounded::Pages;
use crate::plain;

/// Tags that may stand inside a word.
pub(crate) const WITHIN_WORDS: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];
const ENTITY_BYTES_MAX: usize = 32;

pub(crate) fn read(bytes: &[u8], pages: &Pages) -> Result<(), RejectReason> {
    let text = plain::decoded(bytes).ok_or(RejectReason::Unreadable)?;
    pages.count(1);
    pages.push(words(&text));
    Ok(())
}

pub(crate) fn words(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '<' => tag(rest, &mut words),
            '&' => entity(rest, &mut words),
            _ => None,
        };
        rest = match length {
            Some(length) => &rest[length..],
            None => {
                push(&mut words, first);
                &rest[first.len_utf8()..]
            }
        };
    }
    words
}

/// How long the tag or comment is that begins here, with what nobody sees after it. None: only a sign for less.
fn tag(rest: &str, words: &mut String) -> Option<usize> {
    let until = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    if rest.starts_with("<!--") {
        return Some(until("-->"));
    }
    let inside = &rest[1..];
    if inside.starts_with(['!', '?']) {
        return Some(until(">"));
    }
    let name_start = inside.strip_prefix('/').unwrap_or(inside);
    let name_length = name_start.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if !name_start.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let name = name_start[..name_length].to_ascii_lowercase();
    match name.as_str() {
        "td" | "th" => push(words, '\t'),
        name if WITHIN_WORDS.contains(&name) => (),
        _ => push(words, '\n'),
    }
    let end = tag_end(rest);
    if matches!(name.as_str(), "script" | "style") && !inside.starts_with('/') {
        return Some(end + unseen(&rest[end..], &name));
    }
    Some(end)
}

/// Behind the sign that closes the tag, which may also stand in quoted attributes.
pub(crate) fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => (),
        }
    }
    rest.len()
}

/// Up to the tag that closes a script or style.
pub(crate) fn unseen(rest: &str, name: &str) -> usize {
    let closes = |at: &usize| {
        rest.as_bytes()[at + 2..].get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
    };
    rest.match_indices("</").map(|(at, _)| at).find(closes).unwrap_or(rest.len())
}

fn entity(rest: &str, words: &mut String) -> Option<usize> {
    let (letters, length) = letters(rest)?;
    letters.chars().for_each(|letter| push(words, letter));
    Some(length)
}

/// What an entity stands for, and how long it is.
pub(crate) fn letters(rest: &str) -> Option<(String, usize)> {
    let length = rest.bytes().take(ENTITY_BYTES_MAX).position(|byte| byte == b';')? + 1;
    let whole = &rest[..length];
    if !whole[1..length - 1].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#') {
        return None;
    }
    let mut letters = String::new();
    add_html_token(&mut letters, whole.as_bytes(), false);
    Some((letters, length))
}

/// Space is one space, or one new line if it holds one.
fn push(words: &mut String, letter: char) {
    if !letter.is_whitespace() {
        words.push(letter);
        return;
    }
    let space = if matches!(letter, '\n' | '\r') { '\n' } else { ' ' };
    match words.chars().next_back() {
        Some(' ') if space == '\n' => {
            words.pop();
            words.push(space);
        }
        None | Some(' ' | '\n') => (),
        Some(_) => words.push(space),
    }
}
