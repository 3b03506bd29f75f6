//! Text typed by people, parsed once: trimmed, bounded, free of control characters.

use serde::{Deserialize, Serialize};

use crate::limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    #[error("Enter a name.")]
    Empty,
    #[error("Write a few words.")]
    NoWords,
    #[error("Use at most {characters_max} characters.")]
    TooLong { characters_max: usize },
    #[error("Remove the control characters.")]
    ControlCharacter,
    #[error("Write a name without /, : and @, and put a space after a dot.")]
    LooksLikeAddress,
}

/// One line: the name of a person, company, project or milestone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, TextRefused> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextRefused::Empty);
        }
        if text.chars().count() > limits::NAME_CHARACTERS_MAX {
            return Err(TextRefused::TooLong { characters_max: limits::NAME_CHARACTERS_MAX });
        }
        if text.chars().any(reorders_or_controls) {
            return Err(TextRefused::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name of somebody to invite. It stands in a mail of the firm's to an address that anybody may have typed, so
    /// that it must be nothing that mail programs make a link of.
    pub fn of_person(text: &str) -> Result<Self, TextRefused> {
        let name = Self::parse(text)?;
        if name.0.split_whitespace().any(looks_like_address) {
            return Err(TextRefused::LooksLikeAddress);
        }
        Ok(name)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A word with a scheme, a path or a domain in it. Initials are no domain: `J.R.R.`, `J.Smith`.
fn looks_like_address(word: &str) -> bool {
    // What reads as `/`, `:`, `@` or a dot is one to a mail program too.
    if word.contains(['/', ':', '@', '\\', '／', '：', '＠', '∕', '⁄']) {
        return true;
    }
    let mut parts = word.split(['.', '。', '．', '｡']).map(|part| {
        let letters: Vec<char> = part.chars().filter(|c| c.is_alphanumeric()).collect();
        (letters.len(), letters.first().is_some_and(|first| first.is_uppercase()))
    });
    let mut before = parts.next().map_or(0, |(letters, _)| letters);
    parts.any(|(letters, capital)| {
        let joined = before > 0 && letters > 1 && (before > 1 || !capital);
        before = letters;
        joined
    })
}

impl TryFrom<String> for Name {
    type Error = TextRefused;
    fn try_from(text: String) -> Result<Self, TextRefused> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Several lines in somebody's own words. Line ends are as one system has them, and no more than one line stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

/// Lines in one's own words, up to so many characters.
fn lines(text: &str, characters_max: usize) -> Result<String, TextRefused> {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.trim().lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|before| !before.is_empty()) {
            lines.push(line);
        }
    }
    let text = lines.join("\n");
    if text.is_empty() {
        return Err(TextRefused::NoWords);
    }
    if text.chars().count() > characters_max {
        return Err(TextRefused::TooLong { characters_max });
    }
    if text.chars().any(|c| c != '\n' && c != '\t' && reorders_or_controls(c)) {
        return Err(TextRefused::ControlCharacter);
    }
    Ok(text)
}

impl Note {
    pub fn parse(text: &str) -> Result<Self, TextRefused> {
        lines(text, limits::NOTE_CHARACTERS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its paragraphs.
    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.0.split("\n\n")
    }
}

impl TryFrom<String> for Note {
    type Error = TextRefused;
    fn try_from(text: String) -> Result<Self, TextRefused> {
        Self::parse(&text)
    }
}

impl From<Note> for String {
    fn from(note: Note) -> String {
        note.0
    }
}

/// What somebody writes to somebody: a [`Note`] that may be longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct MessageText(String);

impl MessageText {
    pub fn parse(text: &str) -> Result<Self, TextRefused> {
        lines(text, limits::MESSAGE_CHARACTERS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its beginning in one line, for lists.
    pub fn beginning(&self, characters_max: usize) -> String {
        let line: String = self.0.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= characters_max {
            return line;
        }
        let cut: String = line.chars().take(characters_max.saturating_sub(1)).collect();
        format!("{}…", cut.trim_end())
    }
}

impl TryFrom<String> for MessageText {
    type Error = TextRefused;
    fn try_from(text: String) -> Result<Self, TextRefused> {
        Self::parse(&text)
    }
}

impl From<MessageText> for String {
    fn from(text: MessageText) -> String {
        text.0
    }
}

/// Control characters, and those that turn the reading direction: `exe.fdp` must not read as `pdf.exe`.
pub fn reorders_or_controls(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, want: Result<&str, TextRefused>) {
        assert_eq!(Name::parse(input).as_ref().map(Name::as_str), want.as_ref().copied(), "{input:?}");
    }

    #[test]
    fn notes_keep_their_paragraphs() {
        let check = |input: &str, want: Result<&str, TextRefused>| {
            assert_eq!(Note::parse(input).as_ref().map(Note::as_str), want.as_ref().copied(), "{input:?}");
        };
        check("  Hello \r\nworld\r\n\r\n\r\n\r\nBye ", Ok("Hello\nworld\n\nBye"));
        check(" \n ", Err(TextRefused::NoWords));
        check("a\u{202E}b", Err(TextRefused::ControlCharacter));
        check(&"x".repeat(2_001), Err(TextRefused::TooLong { characters_max: 2_000 }));
        assert_eq!(Note::parse("a\n\nb\nc").unwrap().paragraphs().collect::<Vec<_>>(), ["a", "b\nc"]);
    }

    #[test]
    fn a_message_is_longer_than_a_note_and_begins_in_one_line() {
        assert!(MessageText::parse(&"x".repeat(10_000)).is_ok());
        let too_long = Err(TextRefused::TooLong { characters_max: 10_000 });
        assert_eq!(MessageText::parse(&"x".repeat(10_001)), too_long);
        let text = MessageText::parse("Hello,\n\ncan you send it?").unwrap();
        assert_eq!(text.beginning(24), "Hello, can you send it?");
        assert_eq!(text.beginning(12), "Hello, can…");
    }

    #[test]
    fn names_of_people_are_no_addresses() {
        let check = |input: &str, is_name: bool| {
            let want = if is_name { Ok(input) } else { Err(TextRefused::LooksLikeAddress) };
            assert_eq!(Name::of_person(input).as_ref().map(Name::as_str), want.as_ref().copied(), "{input:?}");
        };
        for name in [
            "Ann Acme",
            "St. John",
            "J.R.R. Tolkien",
            "J.Smith",
            "J. Smith",
            "Dr. Ada Pryce Ph.D.",
            "Sammy Davis Jr.",
            "Jean-Luc d'Arc",
            "O’Neil",
            "Zoë Ångström",
            "株式会社",
            "Ann <b>",
            "Tan Ah Kow (Alex)",
            "Mary-Ann St. Clair, Esq.",
            "M.A.C. Müller",
            "李.",
            "...",
            "Martin Luther King, Jr.",
        ] {
            check(name, true);
        }
        for name in [
            "evil.example",
            "Ann, see evil.example",
            "Evil.Example",
            "x.com",
            "https://evil",
            "a/b",
            "Ann: pay now",
            "ann@evil",
            "www.evil.example now",
            "evil。example",
            "evil．example",
            "10.20.30.40",
            "(evil.example)",
            "evil.example.",
            "evil\\share",
            "a.b.co",
            "пример.рф",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn parses_names() {
        check("  Acme v. Dunmore ", Ok("Acme v. Dunmore"));
        check("Zoë Ångström 株式会社", Ok("Zoë Ångström 株式会社"));
        check("   ", Err(TextRefused::Empty));
        check("a\nb", Err(TextRefused::ControlCharacter));
        check("a\u{202E}b", Err(TextRefused::ControlCharacter));
        check(&"x".repeat(121), Err(TextRefused::TooLong { characters_max: 120 }));
    }
}
