//! The line that introduces a quote: "On Monday, 2 April 2024 at 10:15, Ada Pryce <ada@firm.example> wrote:".

use super::languages::{STARTS, WROTE};
use super::line::{Line, Role};
use crate::bounded::start_of;

/// A line is broken so often at most.
const LINES_MAX: usize = 5;
const BYTES_MAX: usize = 600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribution {
    /// Lines that it takes.
    pub(crate) lines: usize,
    /// Where it begins in its first line: people begin to write where the cursor stands.
    pub(crate) at: usize,
    /// Nobody but a program writes such a line, whatever follows it.
    pub(crate) is_certain: bool,
}

/// The introduction that begins in the first of these lines. It is one for sure, or if a quote follows.
pub(crate) fn attribution(lines: &[Line]) -> Option<Attribution> {
    let first = lines.first()?;
    if first.role == Role::Attribution {
        let length = lines.iter().take(LINES_MAX).take_while(|line| line.role == Role::Attribution).count();
        return Some(Attribution { lines: length, at: 0, is_certain: true });
    }
    if first.is_blank() {
        return None;
    }
    if runs_on(&first.text) {
        return Some(Attribution { lines: 1, at: 0, is_certain: true });
    }
    if first.is_long() {
        return None;
    }
    let mut joined = String::new();
    for (index, line) in lines.iter().take(LINES_MAX).enumerate() {
        let text = line.text.trim();
        // Polymail sets the address apart.
        if text.is_empty() && lines.get(index + 1).is_some_and(|next| next.text.starts_with('<')) {
            continue;
        }
        // The brackets around an address are a quote's sign where the line was broken before one.
        let is_rest = line.quoted == 1 && index > 0 && text.ends_with("wrote:");
        if (line.quoted > 0 && !is_rest) || text.is_empty() || joined.len() + text.len() > BYTES_MAX {
            return None;
        }
        joined.push_str(if index > 0 { " " } else { "" });
        joined.push_str(text);
        let found = whole(&joined, index == 0);
        if let Some((at, is_certain)) = found {
            let indent = if index == 0 { line.text.len() - line.text.trim_start().len() } else { 0 };
            return Some(Attribution { lines: index + 1, at: if at > 0 { at + indent } else { 0 }, is_certain });
        }
        // Only what tells of a day goes on in the next line.
        if !has_digit(&joined) && !starts(&joined.to_lowercase()) {
            return None;
        }
    }
    None
}

/// Where in the text the introduction begins that ends with it, and whether it is certain.
fn whole(text: &str, may_share: bool) -> Option<(usize, bool)> {
    let bare = text.trim_matches(['-', '*', '_', ' ']);
    let is_framed = text.starts_with("--") && text.ends_with("--");
    let ends = bare.ends_with([':', '：']) || (text.ends_with("--") && says_wrote(&bare.to_lowercase()));
    let lower = bare.to_lowercase();
    if !ends {
        // "2011/4/7 Nathan <nathan@client.example>"
        let is_dated = lower.starts_with(|c: char| c.is_ascii_digit()) && has_year(&lower) && lower.ends_with('>');
        return (is_dated && has_address(&lower)).then_some((0, false));
    }
    if is_framed && says_wrote(&lower) {
        return Some((0, true));
    }
    let wrote = says_wrote(&lower) || (lower.ends_with(" sent:") && has_address(&lower));
    let is_dated = has_time(&lower) && has_year(&lower);
    let begins = starts(&lower);
    if may_share
        && wrote
        && let Some(at) = shared(text)
    {
        return Some((at, true));
    }
    let has_address = has_address(&lower);
    let ends_in_brackets = lower.ends_with(">:") || lower.ends_with(">：");
    let ends_by_verb = WROTE.iter().any(|word| lower.trim_end_matches([':', '：']).trim_end().ends_with(word));
    let is_found = match (wrote, has_address) {
        (true, true) => true,
        // "On 5 May your colleague wrote:" may be a person's words. Programs that leave out the address sign the quote.
        (true, false) => has_digit(&lower) && begins,
        // A language that is not known here.
        (false, true) => has_digit(&lower) && (is_dated || ends_in_brackets),
        (false, false) => false,
    };
    // A person who tells what somebody wrote gives no second, and sets fewer commas.
    let is_exact = is_dated && begins && ends_by_verb && (has_seconds(&lower) || lower.matches(',').count() > 2);
    let is_certain = match (wrote, has_address) {
        (true, true) => is_dated || ends_in_brackets || (ends_by_verb && lower.contains('<')),
        (true, false) => is_exact,
        (false, _) => is_dated && begins && ends_in_brackets,
    };
    is_found.then_some((0, is_certain))
}

/// The introduction and what it introduces, in one line: "On Tue, Apr 2, 2024 at 10:15 AM, Ada<ada@firm.example> wrote: Hi".
fn runs_on(line: &str) -> bool {
    let lower = start_of(line.trim_start(), BYTES_MAX).to_lowercase();
    if !lower.contains('@') || !starts(&lower) {
        return false;
    }
    WROTE.iter().any(|word| {
        let end = lower.find(word).map(|at| at + word.len()).filter(|end| lower[*end..].starts_with(':'));
        end.is_some_and(|end| has_address(&lower[..end]) && has_time(&lower[..end]) && has_year(&lower[..end]))
    })
}

/// "reply On Wed, Apr 4, 2012 at 3:59 PM, bob@client.example wrote:"
fn shared(text: &str) -> Option<usize> {
    let at = text.match_indices("On ").map(|(at, _)| at).filter(|at| *at > 0).last()?;
    let rest = text[at..].to_lowercase();
    let before = text[..at].trim_end();
    let is_apart = text[..at].ends_with([' ', '-']);
    let start = before.trim_end_matches('-').len();
    (is_apart && start > 0 && has_time(&rest) && has_year(&rest) && says_wrote(&rest)).then_some(start)
}

fn says_wrote(lower: &str) -> bool {
    WROTE.iter().any(|word| lower.contains(word))
}

fn starts(lower: &str) -> bool {
    let bare = lower.trim_start_matches(['-', '*', '_', ' ']);
    bare.starts_with(|c: char| c.is_numeric()) || STARTS.iter().any(|start| bare.starts_with(start))
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + 1..].chars().next();
        before.is_some_and(|c| c.is_alphanumeric() || "._-+=".contains(c)) && after.is_some_and(char::is_alphanumeric)
    })
}

/// 10:15, 10.15, 10h15, 10:15 PM.
fn has_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(4).any(|four| {
        four[0].is_ascii_digit() && matches!(four[1], b':' | b'.' | b'h') && four[2..].iter().all(u8::is_ascii_digit)
    })
}

fn has_seconds(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let is_digits =
        |text: Option<&str>| text.is_some_and(|text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()));
    parts.windows(3).any(|three| {
        let hour_ends = three[0].ends_with(|c: char| c.is_ascii_digit());
        hour_ends && is_digits(Some(three[1])) && is_digits(three[2].get(..2))
    })
}

/// 2024, or a day with two digits for its year: 4/4/12, 13.02.14.
fn has_year(text: &str) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let is_year = |number: &str| number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let signs = text.bytes().collect::<Vec<u8>>();
    let is_short = signs.windows(4).any(|four| {
        matches!(four[0], b'/' | b'.' | b'-')
            && four[1].is_ascii_digit()
            && four[2].is_ascii_digit()
            && !four[3].is_ascii_digit()
    });
    numbers.into_iter().any(is_year) || is_short
}
