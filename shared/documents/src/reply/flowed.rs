//! Plain bodies: their lines, the signs of quotes before them, and lines that were broken for the way (RFC 3676).

use super::line::{Line, cleaned};

/// How a body is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flowed {
    /// A line that ends with a space goes on in the next.
    pub(crate) flowed: bool,
    /// That space is no part of the text.
    pub(crate) space_is_dropped: bool,
}

/// RFC 3676, 4.3: it ends with a space, and is whole.
const SIGNATURE: &str = "-- ";

pub(crate) fn lines(text: &str, how: Flowed, lines: &mut Vec<Line>) {
    let mut goes_on = false;
    for raw in cleaned(text).split('\n') {
        let mut line = line(raw, how);
        let joins = goes_on && line.text != SIGNATURE;
        goes_on = how.flowed && line.text.ends_with(' ') && line.text != SIGNATURE;
        if goes_on && how.space_is_dropped {
            line.text.pop();
        }
        match lines.last_mut() {
            Some(before) if joins && before.quoted == line.quoted => before.text.push_str(&line.text),
            // Nobody needs more than one empty line.
            Some(before) if before.text.is_empty() && line.text.is_empty() && before.quoted == line.quoted => (),
            _ => lines.push(line),
        }
    }
}

fn line(raw: &str, how: Flowed) -> Line {
    let (quoted, text) = unquoted(raw);
    // A space was put before what might be taken for a quote or for a mail's end.
    let stuffed = if how.flowed && quoted == 0 { text.strip_prefix(' ') } else { None };
    Line { text: stuffed.unwrap_or(text).to_owned(), quoted, ..Line::default() }
}

/// How many signs of quotes stand before a line, with spaces between them or not, and what follows them.
fn unquoted(raw: &str) -> (usize, &str) {
    // An arrow to both sides points at something.
    if !raw.starts_with('>') || raw.trim_end().ends_with("<<") {
        return (0, raw);
    }
    let mut quoted = 0;
    let mut rest = raw;
    loop {
        let next = rest.strip_prefix(' ').filter(|next| next.starts_with('>')).unwrap_or(rest);
        match next.strip_prefix('>') {
            Some(next) => (quoted, rest) = (quoted + 1, next),
            None => return (quoted, rest.strip_prefix(' ').unwrap_or(rest)),
        }
    }
}
