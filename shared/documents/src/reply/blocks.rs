//! Headers of other mails inside of a mail: "-----Original Message-----", and "From: … Sent: … To: … Subject: …".

use super::languages::{FORWARD_BEGINS, FORWARD_PREFIXES, FORWARDED, LABELS, Label, ORIGINAL};
use super::line::Line;

/// Lines of a quoted header, and lines that one of its fields may take.
const LINES_MAX: usize = 60;
const FIELD_LINES_MAX: usize = 12;
const LABEL_CHARACTERS_MAX: usize = 24;
const FRAMED_CHARACTERS_MAX: usize = 120;

/// What a mail is about says that it passes another one on. What counts is the last thing that was done with it.
pub(crate) fn is_forward(subject: &str) -> bool {
    let prefix = subject.split([':', '：']).next().unwrap_or_default().trim().to_lowercase();
    prefix.len() < subject.len() && FORWARD_PREFIXES.contains(&prefix.as_str())
}

/// `---------- Forwarded message ---------`, `Begin forwarded message:`
pub(crate) fn begins_forward(line: &str) -> bool {
    if framed(line).is_some_and(|words| FORWARDED.iter().any(|known| words.starts_with(known))) {
        return true;
    }
    let words = line.trim().to_lowercase();
    let Some(words) = words.strip_suffix([':', '：']) else {
        return false;
    };
    FORWARD_BEGINS.contains(&words.trim_end())
}

/// `-----Original Message-----`
pub(crate) fn begins_original(line: &str) -> bool {
    framed(line).is_some_and(|words| ORIGINAL.contains(&words.as_str()))
}

/// The words between two rows of dashes.
fn framed(line: &str) -> Option<String> {
    let line = line.trim();
    if line.len() > FRAMED_CHARACTERS_MAX {
        return None;
    }
    let inside = line.strip_prefix("--")?.strip_suffix("--")?.trim_matches(['-', ' ', '\u{a0}']);
    (!inside.is_empty()).then(|| inside.to_lowercase().replace('’', "'").replace('\u{a0}', " "))
}

/// A line across the page: signs only, and many.
pub(crate) fn is_rule(line: &str) -> bool {
    const SIGNS_MIN: usize = 5;
    let line = line.trim();
    line.len() >= SIGNS_MIN && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '–' | '—' | '─' | ' ')) && {
        line.chars().filter(|c| *c != ' ').count() >= SIGNS_MIN
    }
}

/// How many of these lines are the header of a mail. None: the first does not begin one. After a rule, less proves it.
pub(crate) fn header(lines: &[Line], is_after_rule: bool) -> Option<usize> {
    let quoted = lines.first()?.quoted;
    label(&lines.first()?.text)?;
    let mut labels: Vec<Label> = Vec::new();
    let (mut has_address, mut length, mut field_lines) = (false, 0, 0);
    for (index, line) in lines.iter().take(LINES_MAX).enumerate() {
        if line.quoted != quoted || line.is_long() {
            break;
        }
        match label(&line.text) {
            Some(label) => {
                labels.push(label);
                field_lines = 0;
            }
            // Fields may be set apart, but after an empty line a mail's words begin.
            None if line.is_blank() => {
                let next = lines.get(index + 1).filter(|next| next.quoted == quoted);
                if next.is_none_or(|next| label(&next.text).is_none()) {
                    break;
                }
                continue;
            }
            None if field_lines < FIELD_LINES_MAX => field_lines += 1,
            None => break,
        }
        has_address |= line.text.contains('@');
        length = index + 1;
    }
    proves(&labels, has_address, is_after_rule).then_some(length)
}

fn proves(labels: &[Label], has_address: bool, is_after_rule: bool) -> bool {
    let has = |label: Label| labels.contains(&label);
    let is_dated = has(Label::Sent) || has(Label::Date);
    let kinds =
        [Label::From, Label::Sent, Label::Date, Label::To, Label::Subject].into_iter().filter(|it| has(*it)).count();
    // People write of where from, where to and when, too. Not with addresses, and not with what a mail is about.
    match kinds {
        0 => false,
        1 => has(Label::From) && is_after_rule && has_address,
        2 => has_address && ((has(Label::From) && (is_dated || has(Label::Subject))) || (is_dated && has(Label::To))),
        _ => has(Label::From) && (has(Label::Sent) || has(Label::Subject) || has_address),
    }
}

/// Whether a line looks like one of a header, in whatever language.
pub(crate) fn looks_like_field(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '*', '\u{a0}']);
    let colon = line.chars().take(LABEL_CHARACTERS_MAX).position(|c| matches!(c, ':' | '：'));
    colon.is_some_and(|at| at > 0) && !line.starts_with(|c: char| c.is_ascii_digit())
}

fn label(line: &str) -> Option<Label> {
    let line = line.trim_start_matches([' ', '\t', '\u{a0}', '*', '_', '|']);
    let end = line.char_indices().take(LABEL_CHARACTERS_MAX).find(|(_, c)| matches!(c, ':' | '：'))?.0;
    let word = line[..end].trim_matches(['*', '_', ' ', '\u{a0}', '\t']).to_lowercase();
    // "Re:" begins other lines as well, and a time is no label.
    LABELS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(label, _)| *label)
}
