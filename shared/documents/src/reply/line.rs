//! Lines of a mail's body, as far as the body says what they are.

use domain::text;

/// Stands around the number of a picture where it is shown. No body holds it by itself: [`cleaned`] drops it.
pub(crate) const PICTURE: char = '\u{fffc}';

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Without the signs of a quote.
    pub(crate) text: String,
    /// How often it was quoted. None: it stands in the mail itself.
    pub(crate) quoted: usize,
    /// Set in from its surroundings, as quotes are, and as people set in what they write.
    pub(crate) indented: bool,
    pub(crate) role: Role,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Words,
    /// The program says that this introduces a quote.
    Attribution,
    /// The program says that this is the signature.
    Signature,
    /// The program says that all from here on is quoted. Without words.
    QuoteBegins,
    /// A line across the page. A quote begins here, if it looks like one.
    Rule,
}

impl Line {
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// In the mail itself, and it says something.
    pub(crate) fn is_own(&self) -> bool {
        self.quoted == 0 && !self.is_blank()
    }

    /// No more than the first lines of a paragraph are looked at for an end that they do not have.
    pub(crate) fn is_long(&self) -> bool {
        const BYTES_MAX: usize = 600;
        self.text.len() > BYTES_MAX
    }
}

/// Line ends are as one system has them, and what people cannot see is left out.
pub(crate) fn cleaned(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => (),
            '\r' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            '\n' | '\t' => cleaned.push(letter),
            '\u{feff}' | PICTURE => (),
            letter if text::reorders_or_controls(letter) => (),
            letter => cleaned.push(letter),
        }
    }
    cleaned
}

/// The text without the marks of pictures, and the numbers of those that it held.
pub(crate) fn without_pictures(text: &str) -> (String, Vec<usize>) {
    if !text.contains(PICTURE) {
        return (text.to_owned(), Vec::new());
    }
    let mut words = String::with_capacity(text.len());
    let mut pictures = Vec::new();
    for (position, piece) in text.split(PICTURE).enumerate() {
        match (position % 2, piece.parse()) {
            (1, Ok(number)) => pictures.push(number),
            _ => words.push_str(piece),
        }
    }
    (joined(words.lines()), pictures)
}

/// Trimmed, with no more than one line in a row empty.
pub(crate) fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    let mut is_empty_before = true;
    for line in lines.map(str::trim_end) {
        if line.is_empty() && is_empty_before {
            continue;
        }
        is_empty_before = line.is_empty();
        text.push_str(line);
        text.push('\n');
    }
    text.trim().to_owned()
}
