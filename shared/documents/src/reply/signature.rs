//! The end of what somebody wrote that their program wrote for them. Names and greetings stay: people write those.

use super::languages::{DEVICES, SENT_FROM};
use super::line::Line;

/// RFC 3676, 4.3. Programs lose the space.
const SEPARATOR: &str = "-- ";
const SEPARATOR_WORN: &[&str] = &["--", "—", "– –", "--\u{a0}"];
/// A signature under a worn separator is no longer than this: more is text under a line.
const SIGNATURE_LINES_MAX: usize = 12;
const SENT_FROM_CHARACTERS_MAX: usize = 90;

/// How many of these lines are left before the signature.
pub(crate) fn length_without(lines: &[Line]) -> usize {
    let end = separator(lines).unwrap_or(lines.len());
    let mut left = without_blank(&lines[..end]);
    while left.last().is_some_and(|line| !line.is_long() && is_sent_from(&line.text)) {
        left = without_blank(&left[..left.len() - 1]);
    }
    left.len()
}

fn without_blank(lines: &[Line]) -> &[Line] {
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(0, |at| at + 1);
    &lines[..end]
}

fn separator(lines: &[Line]) -> Option<usize> {
    if let Some(at) = lines.iter().position(|line| line.text == SEPARATOR) {
        return Some(at);
    }
    let at = lines.iter().rposition(|line| SEPARATOR_WORN.contains(&line.text.trim()))?;
    let under = lines[at + 1..].iter().filter(|line| !line.is_blank()).count();
    (1..=SIGNATURE_LINES_MAX).contains(&under).then_some(at)
}

/// "Sent from my iPhone", "Get Outlook for iOS": one short line that begins with such words and names a device or a
/// program, not a place or a thing.
pub(crate) fn is_sent_from(line: &str) -> bool {
    let plain: String = without_links(line).to_lowercase().replace('\u{a0}', " ").replace(['’', '´'], "'");
    let words = plain.trim().trim_start_matches(['*', '_', '-', '–', ' ', '[', '(']);
    if words.chars().count() > SENT_FROM_CHARACTERS_MAX || words.ends_with('?') {
        return false;
    }
    let Some(rest) = SENT_FROM.iter().find_map(|start| words.strip_prefix(start)) else {
        return false;
    };
    if rest.trim().is_empty() {
        return true;
    }
    // The device comes at once, with its maker's name before it at most.
    let device = |word: &str| DEVICES.iter().any(|device| word.starts_with(device));
    let near = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let Some(at) = near.clone().take(5).position(device) else {
        return DEVICES_CJK.iter().any(|device| rest.contains(device));
    };
    let first_sentence_ends =
        rest.find([',', '.', ';']).map_or(usize::MAX, |end| rest[..end].split_whitespace().count());
    at < first_sentence_ends.max(1)
}

const DEVICES_CJK: &[&str] = &["iphone", "ipad", "手机", "スマート", "アイフォン", "나의"];

/// Programs write the address of a link behind its words.
fn without_links(line: &str) -> String {
    let mut words = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['<', '[', '(']) {
        let opens = &rest[start..];
        let close = match opens.as_bytes().first() {
            Some(b'<') => '>',
            Some(b'[') => ']',
            _ => ')',
        };
        let is_link = opens[1..].starts_with("http") || opens[1..].starts_with("mailto:");
        words.push_str(&rest[..start]);
        match opens.find(close) {
            Some(end) if is_link => rest = &opens[end + 1..],
            _ => {
                words.push_str(&opens[..1]);
                rest = &opens[1..];
            }
        }
    }
    words.push_str(rest);
    words
}
