//! What a word is: the same for what is put, what is asked and what is highlighted.
//!
//! Words are runs of letters and digits. One place of a text may have more than one form, each of which finds it: an
//! umlaut is also looked for as two letters, and a word that a line's end parts is also looked for whole.

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use unicode_normalization::char::is_combining_mark;

use crate::fold::{folded, is_invisible_joint, lowered, spelt_out};
use crate::language::Language;

/// One word of a text.
pub(crate) struct Word {
    /// Byte offsets in the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// As it is compared, the main form first; never empty.
    pub(crate) forms: Vec<String>,
    /// In the languages asked for, each with its language's letter before it.
    pub(crate) stems: Vec<String>,
    /// One character of a script that is written without spaces.
    pub(crate) alone: bool,
}

pub(crate) fn words_of(text: &str, languages: &[Language]) -> Vec<Word> {
    let stemmers: Vec<_> = languages.iter().map(|language| Stems::of(*language)).collect();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(place) = Place::next(text, at) {
        at = place.end;
        let forms = place.forms(text);
        let mut stems = Vec::new();
        if !place.alone {
            for stemmer in &stemmers {
                stemmer.add(&text[place.start..place.end], &forms[0], &mut stems);
            }
        }
        words.push(Word { start: place.start, end: place.end, forms, stems, alone: place.alone });
    }
    words
}

/// Words in all their forms.
pub(crate) fn exact() -> TextAnalyzer {
    TextAnalyzer::builder(Exact).build()
}

/// Words without their endings, of a text that [`marked`] has told the language of.
pub(crate) fn stemming() -> TextAnalyzer {
    TextAnalyzer::builder(Stemming).build()
}

/// A text for [`stemming`]: an analyzer is told nothing but the text, so that the language goes before it.
pub(crate) fn marked(language: Language, text: &str) -> String {
    format!("{}{text}", language.letter())
}

pub(crate) fn in_a_word(character: char) -> bool {
    starts_a_word(character) || is_combining_mark(character) || is_invisible_joint(character)
}

fn starts_a_word(character: char) -> bool {
    character.is_alphanumeric()
}

/// Scripts written without spaces: each character is a word, or else only the start of a sentence would be found.
fn stands_alone(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a form is one such character.
pub(crate) fn is_alone(form: &str) -> bool {
    form.starts_with(stands_alone)
}

/// Where a word stands.
struct Place {
    start: usize,
    end: usize,
    alone: bool,
    /// Where a line's end parts it: the end of its first half and the start of its second.
    parted: Option<(usize, usize)>,
}

impl Place {
    fn next(text: &str, from: usize) -> Option<Place> {
        let start = text[from..].find(starts_a_word).map(|offset| from + offset)?;
        let alone = text[start..].chars().next().is_some_and(stands_alone);
        let end = end_of_word(text, start, alone);
        if !alone && let Some(second) = second_half(text, start, end) {
            return Some(Place { start, end: end_of_word(text, second, false), alone, parted: Some((end, second)) });
        }
        Some(Place { start, end, alone, parted: None })
    }

    fn forms(&self, text: &str) -> Vec<String> {
        let word = &text[self.start..self.end];
        let Some((first, second)) = self.parted else {
            let mut forms = vec![folded(word)];
            forms.extend(spelt_out(word));
            return forms;
        };
        let (first, second) = (&text[self.start..first], &text[second..self.end]);
        vec![folded(&format!("{first}{second}")), folded(first), folded(second)]
    }
}

fn end_of_word(text: &str, start: usize, alone: bool) -> usize {
    let mut characters = text[start..].char_indices();
    characters.next();
    characters
        .find(|(_, c)| if alone { !is_combining_mark(*c) } else { stands_alone(*c) || !in_a_word(*c) })
        .map_or(text.len(), |(offset, _)| start + offset)
}

/// Where the word goes on in the next line, if a hyphen at the line's end parts it: between small letters only, so that
/// a dash before a name or a number parts nothing.
fn second_half(text: &str, start: usize, end: usize) -> Option<usize> {
    let rest = text[end..].strip_prefix(['-', '\u{2010}'])?;
    let gap = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let second = text.len() - rest.len() + gap;
    let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
    (rest[..gap].contains('\n') && small(text[start..end].chars().next_back()) && small(text[second..].chars().next()))
        .then_some(second)
}

/// The endings of one language.
struct Stems {
    letter: char,
    stemmer: frostem::Stemmer,
}

impl Stems {
    fn of(language: Language) -> Stems {
        Stems { letter: language.letter(), stemmer: frostem::Stemmer::new(language.algorithm()) }
    }

    /// Of the word with its accents and of the word without them: endings are known by their accents, and some people
    /// type none.
    fn add(&self, word: &str, plain: &str, stems: &mut Vec<String>) {
        if plain.chars().any(|c| c.is_ascii_digit()) {
            return;
        }
        let mut add = |stem: &str| {
            let stem = format!("{}{stem}", self.letter);
            if !stems.contains(&stem) {
                stems.push(stem);
            }
        };
        add(&folded(&self.stemmer.stem(plain)));
        if word.is_ascii() {
            return;
        }
        let lowered = lowered(word);
        if lowered != plain && !lowered.contains(['-', '\u{2010}']) {
            add(&folded(&self.stemmer.stem(&lowered)));
        }
    }
}

/// What an analyzer gives: words are found already when the stream begins.
struct Given {
    tokens: std::vec::IntoIter<Token>,
    token: Token,
}

impl Given {
    fn of(words: Vec<Word>, terms: impl Fn(Word) -> Vec<String>) -> Given {
        let mut tokens = Vec::with_capacity(words.len());
        for (position, word) in words.into_iter().enumerate() {
            let (offset_from, offset_to) = (word.start, word.end);
            for text in terms(word) {
                tokens.push(Token { offset_from, offset_to, position, text, position_length: 1 });
            }
        }
        Given { tokens: tokens.into_iter(), token: Token::default() }
    }
}

impl TokenStream for Given {
    fn advance(&mut self) -> bool {
        let next = self.tokens.next();
        let more = next.is_some();
        self.token = next.unwrap_or_default();
        more
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[derive(Clone)]
struct Exact;

impl Tokenizer for Exact {
    type TokenStream<'a> = Given;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Given {
        Given::of(words_of(text, &[]), |word| word.forms)
    }
}

#[derive(Clone)]
struct Stemming;

impl Tokenizer for Stemming {
    type TokenStream<'a> = Given;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Given {
        let mut characters = text.chars();
        let language = characters.next().and_then(Language::of_letter);
        Given::of(words_of(characters.as_str(), language.as_slice()), |word| word.stems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::WORD_CHARACTERS_MAX;

    fn check(language: Language, text: &str, exact: &[&str], stems: &[&str]) {
        let words = words_of(text, &[language]);
        assert_eq!(words.iter().map(|w| w.forms.join("|")).collect::<Vec<_>>(), exact, "text {text:?}");
        let without_letter = |w: &Word| w.stems.iter().map(|stem| &stem[1..]).collect::<Vec<_>>().join("|");
        assert_eq!(words.iter().map(without_letter).collect::<Vec<_>>(), stems, "text {text:?}");
    }

    #[test]
    fn splits_at_what_is_no_letter_or_digit() {
        check(
            Language::English,
            "Re: the client's K-1 (2025).",
            &["re", "the", "client", "s", "k", "1", "2025"],
            &["re", "the", "client", "s", "k", "", ""],
        );
    }

    #[test]
    fn stems_each_language_by_its_own_endings() {
        check(Language::English, "Agreements signed", &["agreements", "signed"], &["agreement", "sign"]);
        check(Language::German, "Verträge Häusern", &["vertrage|vertraege", "hausern|haeusern"], &["vertrag", "haus"]);
        check(Language::Spanish, "notificación", &["notificacion"], &["notif"]);
        check(Language::Spanish, "notificaciones", &["notificaciones"], &["notif"]);
        check(Language::Russian, "договорами", &["договорами"], &["договор"]);
    }

    #[test]
    fn parts_scripts_without_spaces() {
        check(Language::English, "契約書 2025", &["契", "約", "書", "2025"], &["", "", "", ""]);
    }

    #[test]
    fn a_word_that_a_lines_end_parts_is_one() {
        check(
            Language::English,
            "the settle-\n  ment sum",
            &["the", "settlement|settle|ment", "sum"],
            &["the", "settlement", "sum"],
        );
        check(
            Language::English,
            "pages 3-\n4, non-\nEU",
            &["pages", "3", "4", "non", "eu"],
            &["page", "", "", "non", "eu"],
        );
    }

    #[test]
    fn cuts_endless_words_and_finds_none_in_punctuation() {
        assert_eq!(words_of(&"x".repeat(10_000), &[])[0].forms[0].len(), WORD_CHARACTERS_MAX);
        assert!(words_of("\"*:^~+-()[]{} \u{301}", &[]).is_empty());
    }

    #[test]
    fn offsets_are_of_the_text_itself() {
        let text = "am Mu\u{308}hlweg";
        let words = words_of(text, &[]);
        assert_eq!(&text[words[1].start..words[1].end], "Mu\u{308}hlweg");
    }
}
