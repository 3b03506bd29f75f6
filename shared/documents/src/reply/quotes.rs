//! What is new among the lines of a body.
//!
//! A quote is known by its signs (`>`, or what a page marks as one), or by what introduces it. Signs end with the quote:
//! what stands between and after signed lines was newly written. A quote without signs goes on to the end of the mail.

use super::attribution::attribution;
use super::line::{Line, Role, joined};
use super::{ANSWER_ABOVE, blocks, signature};

/// A line that was broken on its way is at least this long.
const BROKEN_CHARACTERS_MIN: usize = 60;
/// Signs before a line of a mail that is passed on.
const SIGNS_MAX: usize = 10;
/// Between a line across the page and the header that it belongs to.
const LOOK_AHEAD_LINES: usize = 8;
/// A header in a language that is not known, right above where a program says that the quote begins.
const HEADER_LINES_MAX: usize = 12;

/// Only what is new, or from where the mail begins that is passed on all of the rest as well.
pub(crate) fn new_text(mut lines: Vec<Line>, is_forward: bool) -> String {
    if let Some(at) = lines.iter().position(|line| line.quoted == 0 && is_marker(&line.text)) {
        lines.truncate(at);
        lines.push(Line { role: Role::QuoteBegins, ..Line::default() });
    }
    join_leftovers(&mut lines);
    let mut kept = Kept::default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = &lines[at..];
        let found = quote(rest, kept.is_after_rule);
        let says_so = blocks::begins_forward(&line.text) && (line.quoted == 0 || !kept.has_quote);
        if says_so || (is_forward && found.is_some()) {
            return kept.with_forwarded(rest);
        }
        at += match found {
            Some(found) => {
                if line.role == Role::QuoteBegins {
                    kept.drop_unknown_header();
                }
                kept.end_before_quote(found.before);
                found.lines
            }
            None if line.role == Role::Signature => {
                kept.end_run();
                1
            }
            None => {
                kept.push(line);
                1
            }
        };
    }
    kept.end_run();
    kept.text
}

fn is_marker(line: &str) -> bool {
    const MORE_BYTES_MAX: usize = 40;
    line.len() <= ANSWER_ABOVE.len() + MORE_BYTES_MAX && line.contains(ANSWER_ABOVE.trim_matches(['—', ' ']))
}

/// A quote with what introduces it.
struct Quote<'a> {
    lines: usize,
    /// What is new in its first line.
    before: Option<&'a str>,
}

/// The quote that begins with the first of these lines.
fn quote(lines: &[Line], is_after_rule: bool) -> Option<Quote<'_>> {
    let first = lines.first()?;
    let to_the_end = Quote { lines: lines.len(), before: None };
    if first.quoted > 0 {
        return Some(Quote { lines: 1, before: None });
    }
    match first.role {
        Role::QuoteBegins => return Some(to_the_end),
        Role::Rule => {
            let next = lines.iter().skip(1).take(LOOK_AHEAD_LINES).filter(|line| !line.is_blank()).take(2);
            let fields = next.filter(|line| line.quoted == 0 && blocks::looks_like_field(&line.text)).count();
            return (fields == 2).then_some(to_the_end);
        }
        Role::Signature => return None,
        Role::Words | Role::Attribution => (),
    }
    if let Some(introduction) = attribution(lines) {
        let before = first.text.get(..introduction.at).filter(|before| !before.trim().is_empty());
        let signed = signed(&lines[introduction.lines..]).map(|quoted| introduction.lines + quoted);
        let length = signed.or(introduction.is_certain.then_some(lines.len()))?;
        return Some(Quote { lines: length, before });
    }
    let introduction = if blocks::begins_original(&first.text) {
        let empty = lines[1..].iter().take_while(|line| line.is_blank()).count();
        1 + empty + blocks::header(&lines[1 + empty..], true).unwrap_or(0)
    } else {
        blocks::header(lines, is_after_rule)?
    };
    let signed = signed(&lines[introduction..]).map(|quoted| introduction + quoted);
    Some(Quote { lines: signed.unwrap_or(lines.len()), before: None })
}

/// How many lines the quote takes that follows an introduction, if it is signed. Lines that are set in are quotes here
/// only; those with signs are found by them.
fn signed(lines: &[Line]) -> Option<usize> {
    let empty = lines.iter().take_while(|line| line.is_blank() && line.quoted == 0 && !line.indented).count();
    let first = lines.get(empty)?;
    if first.role == Role::QuoteBegins {
        return Some(empty);
    }
    let set_in = lines[empty..].iter().take_while(|line| line.indented).count();
    (first.quoted > 0 || first.indented).then_some(empty + set_in)
}

/// Signs are lost where a quoted line is broken on its way: what is left over stands between signed lines.
fn join_leftovers(lines: &mut [Line]) {
    for at in 1..lines.len().saturating_sub(1) {
        let [before, line, after] = &lines[at - 1..=at + 1] else {
            return;
        };
        let stands_between = before.quoted > 0 && after.quoted > 0 && line.is_own();
        if stands_between && is_leftover(&before.text, line.text.trim_start()) {
            lines[at].quoted = before.quoted;
        }
    }
}

fn is_leftover(before: &str, line: &str) -> bool {
    let is_link = ["(http", "<http", "[http"].iter().any(|start| line.starts_with(start));
    let link = before.rfind("(http").or(before.rfind("<http")).map(|at| &before[at..]);
    let is_open_link = link.is_some_and(|link| !link.contains([')', '>', ' ']));
    let is_broken = before.chars().count() >= BROKEN_CHARACTERS_MIN
        && !before.trim_end().ends_with(['.', '!', '?', ':', ';', ','])
        && line.starts_with(char::is_lowercase);
    is_link || is_open_link || is_broken
}

/// New text, run by run as quotes leave it.
#[derive(Default)]
struct Kept {
    text: String,
    run: Vec<Line>,
    /// The last line with words is one across the page.
    is_after_rule: bool,
    has_quote: bool,
}

impl Kept {
    fn push(&mut self, line: &Line) {
        if !line.is_blank() {
            self.is_after_rule = blocks::is_rule(&line.text);
        }
        self.run.push(line.clone());
    }

    /// The line across the page that a program puts before a quote goes with it.
    fn end_before_quote(&mut self, before: Option<&str>) {
        self.has_quote = true;
        if let Some(before) = before {
            self.run.push(Line { text: before.to_owned(), ..Line::default() });
        }
        while self.run.last().is_some_and(|line| line.is_blank() || blocks::is_rule(&line.text)) {
            self.run.pop();
        }
        self.end_run();
    }

    /// Where the quote begins for sure, what looks like a header stands right above it.
    fn drop_unknown_header(&mut self) {
        let end = self.run.iter().rposition(|line| !line.is_blank()).map_or(0, |at| at + 1);
        let fields = self.run[..end].iter().rev().take(HEADER_LINES_MAX);
        let fields: Vec<&Line> = fields.take_while(|line| blocks::looks_like_field(&line.text)).collect();
        let is_header = fields.len() > 2 && fields.iter().any(|line| line.text.contains('@'));
        if is_header {
            self.run.truncate(end - fields.len());
        }
    }

    fn end_run(&mut self) {
        let own = &self.run[..signature::length_without(&self.run)];
        let text = joined(own.iter().map(|line| line.text.as_str()).filter(|line| !stands_for_picture(line)));
        self.run.clear();
        self.add(&text);
    }

    fn add(&mut self, text: &str) {
        if !text.is_empty() && !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(text);
    }

    fn with_forwarded(mut self, lines: &[Line]) -> String {
        self.end_run();
        let all_signed = lines[1..].iter().all(|line| line.quoted > 0 || line.is_blank());
        let signs = if lines[0].quoted > 0 || !all_signed { lines[0].quoted } else { 1 };
        let forwarded: Vec<String> = lines.iter().map(|line| with_signs(line, signs)).collect();
        self.add(&joined(forwarded.iter().map(String::as_str)));
        self.text
    }
}

/// The line with the signs that it had in the mail that is passed on.
fn with_signs(line: &Line, fewer: usize) -> String {
    match line.quoted.saturating_sub(fewer) {
        0 => line.text.clone(),
        signs => format!("{} {}", ">".repeat(signs.min(SIGNS_MAX)), line.text),
    }
}

/// Programs write this into plain words where the page shows a picture.
fn stands_for_picture(line: &str) -> bool {
    let line = line.trim();
    let is_named = line.starts_with("[cid:") || line.starts_with("[image: ") || line.starts_with("<image");
    is_named && line.ends_with([']', '>'])
}
