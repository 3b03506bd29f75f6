//! What a word is: the same for what is put, what is asked and what is highlighted.
//!
//! Words are runs of letters and digits, compared without case, accents, ligatures and soft hyphens. Accents may be
//! composed or not: file names from some systems and text from many PDFs arrive decomposed.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, RemoveLongFilter, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A longer run of letters is cut here, alike in texts and in queries, so that it is still found.
const WORD_CHARACTERS_MAX: usize = 64;
/// Folding a character can give a few; this is beyond what a word of the length above can become.
const WORD_BYTES_MAX: usize = 2_048;

/// One word of a text.
pub(crate) struct Word {
    /// Byte offsets in the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) exact: String,
    pub(crate) stem: String,
}

pub(crate) fn words_of(text: &str) -> Vec<Word> {
    let mut stems = Vec::new();
    stemming().token_stream(text).process(&mut |token| stems.push(token.text.clone()));
    let mut words = Vec::with_capacity(stems.len());
    let mut next = stems.into_iter();
    exact().token_stream(text).process(&mut |token| {
        let stem = next.next().unwrap_or_else(|| token.text.clone());
        words.push(Word { start: token.offset_from, end: token.offset_to, exact: token.text.clone(), stem });
    });
    words
}

/// Words as they stand, folded.
pub(crate) fn exact() -> TextAnalyzer {
    TextAnalyzer::builder(Words).filter(RemoveLongFilter::limit(WORD_BYTES_MAX)).filter(AsciiFoldingFilter).build()
}

/// Words without their English endings: one word for each that [`exact`] gives, in the same order.
pub(crate) fn stemming() -> TextAnalyzer {
    TextAnalyzer::builder(Words)
        .filter(RemoveLongFilter::limit(WORD_BYTES_MAX))
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

pub(crate) fn in_a_word(character: char) -> bool {
    starts_a_word(character) || is_combining_mark(character) || is_invisible_joint(character)
}

fn starts_a_word(character: char) -> bool {
    character.is_alphanumeric()
}

/// Soft hyphen, zero-width space and joiners, word joiner: there for the typesetter, not for the reader.
fn is_invisible_joint(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Scripts written without spaces: each character is a word, or else only the start of a sentence would be found.
fn stands_alone(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn fold(word: &str) -> String {
    word.nfkd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}') && !is_invisible_joint(*c))
        .take(WORD_CHARACTERS_MAX)
        .flat_map(char::to_lowercase)
        // Lower case of a dotted capital I brings a mark of its own.
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .collect()
}

#[derive(Clone)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { text, at: 0, token: Token::default() }
    }
}

struct WordStream<'a> {
    text: &'a str,
    at: usize,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(start) = self.text[self.at..].find(starts_a_word).map(|offset| self.at + offset) else {
            self.at = self.text.len();
            return false;
        };
        let end = end_of_word(self.text, start);
        self.at = end;
        // Starts at usize::MAX, so that the first word is at 0.
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.text = fold(&self.text[start..end]);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

fn end_of_word(text: &str, start: usize) -> usize {
    let mut characters = text[start..].char_indices();
    let alone = characters.next().is_some_and(|(_, first)| stands_alone(first));
    characters
        .find(|(_, c)| if alone { !is_combining_mark(*c) } else { stands_alone(*c) || !in_a_word(*c) })
        .map_or(text.len(), |(offset, _)| start + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, exact: &[&str], stems: &[&str]) {
        let words = words_of(text);
        assert_eq!(words.iter().map(|w| w.exact.as_str()).collect::<Vec<_>>(), exact, "text {text:?}");
        assert_eq!(words.iter().map(|w| w.stem.as_str()).collect::<Vec<_>>(), stems, "text {text:?}");
    }

    #[test]
    fn splits_at_what_is_no_letter_or_digit() {
        check(
            "Re: the client's K-1 (2025).",
            &["re", "the", "client", "s", "k", "1", "2025"],
            &["re", "the", "client", "s", "k", "1", "2025"],
        );
    }

    #[test]
    fn stems_english() {
        check("Agreements signed", &["agreements", "signed"], &["agreement", "sign"]);
    }

    #[test]
    fn folds_composed_and_decomposed_accents_alike() {
        check("Müller Mu\u{308}ller", &["muller", "muller"], &["muller", "muller"]);
        check("Straße Ångström œuvre", &["strasse", "angstrom", "oeuvre"], &["strass", "angstrom", "oeuvr"]);
        check("İstanbul", &["istanbul"], &["istanbul"]);
    }

    #[test]
    fn folds_ligatures_and_soft_hyphens() {
        check("ﬁling en\u{ad}gage", &["filing", "engage"], &["file", "engag"]);
    }

    #[test]
    fn parts_scripts_without_spaces() {
        check("契約書 2025", &["契", "約", "書", "2025"], &["契", "約", "書", "2025"]);
    }

    #[test]
    fn cuts_endless_words_and_finds_none_in_punctuation() {
        assert_eq!(words_of(&"x".repeat(10_000))[0].exact.len(), WORD_CHARACTERS_MAX);
        check("\"*:^~+-()[]{} \u{301}", &[], &[]);
    }

    #[test]
    fn offsets_are_of_the_text_itself() {
        let text = "am Mu\u{308}hlweg";
        let words = words_of(text);
        assert_eq!(&text[words[1].start..words[1].end], "Mu\u{308}hlweg");
    }
}
