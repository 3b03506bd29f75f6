//! From what a person typed to what is looked up.
//!
//! Only quotation marks have a meaning: a pair of them makes a phrase. Every other sign merely parts words, so that
//! no text is a syntax error.

use domain::limits;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, Occur, PhraseQuery, Query as Lookup, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{TantivyError, Term};

use crate::EntryKind;
use crate::fields::Fields;
use crate::language::Language;
use crate::readers::Viewer;
use crate::words::{self, Word, words_of};

/// Shorter beginnings would match nearly everything.
const PREFIX_CHARACTERS_MIN: usize = 2;
/// In shorter words one slip gives another word too often.
const TYPO_CHARACTERS_MIN: usize = 5;
/// Stems are shorter than their words; not counting the language's letter.
const TYPO_STEM_CHARACTERS_MIN: usize = 4;

const PHRASE_WAYS_MAX: usize = 16;

/// A title says more about an entry than a page does, and a word as typed more than its stem or beginning.
const TITLE_BOOST: f32 = 3.0;
const STEM_BOOST: f32 = 0.7;
const BEGINNING_SCORE: f32 = 0.3;
const TYPO_SCORE: f32 = 0.2;

#[derive(Clone, Debug)]
pub struct Query {
    pub text: String,
    /// Who asks: entries that are not for this eye do not exist for the query.
    pub viewer: Viewer,
    /// Empty means every kind.
    pub kinds: Vec<EntryKind>,
    pub project: Option<String>,
    pub category: Option<String>,
    /// Words as typed only: no slip of the keyboard is forgiven. For asking several indexes alike.
    pub strictly: bool,
    /// Hits wanted; at most `PAGE_ROWS_MAX` are given.
    pub limit: usize,
    pub offset: usize,
}

impl Query {
    /// Everything that `viewer` may see, and no hits yet: `limit` is still to be set.
    pub fn of(viewer: Viewer, text: impl Into<String>) -> Query {
        let text = text.into();
        Query { text, viewer, kinds: Vec::new(), project: None, category: None, strictly: false, limit: 0, offset: 0 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum QueryRefused {
    #[error("a search takes at most {characters_max} characters")]
    TooLong { characters_max: usize },
    #[error("a search takes at most {words_max} words")]
    TooManyWords { words_max: usize },
    #[error("a search shows at most {hits_max} hits")]
    TooFar { hits_max: usize },
    /// A fault of ours, not of the person who searched.
    #[error("the search index could not be read")]
    Engine(#[source] TantivyError),
}

/// One thing that an entry should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// In any of its forms, or with another ending.
    Word { forms: Vec<String>, stems: Vec<String>, may_go_on: bool },
    /// The word, one slip of the keyboard away.
    Typo { forms: Vec<String>, stems: Vec<String>, may_go_on: bool },
    /// Words as written, one after the other, each in any of its forms.
    Phrase(Vec<Vec<String>>),
    /// Any two neighbours of a run of characters that is written without spaces.
    Neighbours(Vec<String>),
}

/// Parts are remembered as bits of one number.
const _: () = assert!(limits::SEARCH_WORDS_MAX <= u64::BITS as usize);

/// `languages` are those whose endings count.
pub(crate) fn parts_of(text: &str, languages: &[Language]) -> Result<Vec<Part>, QueryRefused> {
    if text.chars().count() > limits::SEARCH_TEXT_CHARACTERS_MAX {
        return Err(QueryRefused::TooLong { characters_max: limits::SEARCH_TEXT_CHARACTERS_MAX });
    }
    let pieces: Vec<&str> = text.split(is_quotation_mark).collect();
    // While the last word is still being typed, its beginning is enough.
    let unfinished = text.chars().next_back().is_some_and(words::in_a_word);
    let mut parts = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let last = number + 1 == pieces.len();
        let words = words_of(piece, languages);
        // A mark without its partner encloses nothing.
        if number % 2 == 1 && !last {
            parts.extend(phrase(words));
        } else {
            parts.extend(singles(words, last && unfinished));
        }
    }
    let mut distinct: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        if !distinct.contains(&part) {
            distinct.push(part);
        }
    }
    if distinct.len() > limits::SEARCH_WORDS_MAX {
        return Err(QueryRefused::TooManyWords { words_max: limits::SEARCH_WORDS_MAX });
    }
    Ok(distinct)
}

fn is_quotation_mark(character: char) -> bool {
    matches!(character, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '«' | '»')
}

fn phrase(words: Vec<Word>) -> Option<Part> {
    (!words.is_empty()).then(|| Part::Phrase(words.into_iter().map(|word| word.forms).collect()))
}

/// A part for each word; characters that stand together without spaces are one.
fn singles(words: Vec<Word>, unfinished: bool) -> Vec<Part> {
    let last_end = words.last().map(|word| word.end);
    let mut parts = Vec::with_capacity(words.len());
    let mut run: Vec<Word> = Vec::new();
    for word in words {
        if !word.alone || run.last().is_some_and(|before| before.end != word.start) {
            parts.extend(phrase(std::mem::take(&mut run)));
        }
        if word.alone {
            run.push(word);
        } else {
            let unfinished = unfinished && Some(word.end) == last_end;
            parts.push(single(word, unfinished));
        }
    }
    parts.extend(phrase(run));
    parts
}

fn single(word: Word, unfinished: bool) -> Part {
    let long = word.forms[0].chars().count() >= PREFIX_CHARACTERS_MIN;
    // Korean hangs its particles on the word.
    let may_go_on = long && (unfinished || word.forms[0].starts_with(is_jamo));
    Part::Word { forms: word.forms, stems: word.stems, may_go_on }
}

fn is_jamo(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{11ff}')
}

impl Part {
    /// What to look up when nothing has the word; none where one slip would mean too many other words.
    pub(crate) fn forgiving(&self) -> Option<Part> {
        match self {
            Part::Word { forms, stems, may_go_on } if forms[0].chars().count() >= TYPO_CHARACTERS_MIN => {
                Some(Part::Typo { forms: forms.clone(), stems: stems.clone(), may_go_on: *may_go_on })
            }
            Part::Phrase(places) if places.len() > 2 && places.iter().all(|forms| words::is_alone(&forms[0])) => {
                Some(Part::Neighbours(places.iter().map(|forms| forms[0].clone()).collect()))
            }
            _ => None,
        }
    }

    pub(crate) fn lookup(&self, fields: &Fields) -> Box<dyn Lookup> {
        let title = self.lookup_in(fields.title, fields.title_stem);
        let body = self.lookup_in(fields.body, fields.body_stem);
        any_of(vec![Box::new(BoostQuery::new(title, TITLE_BOOST)), body])
    }

    fn lookup_in(&self, exact_field: Field, stem_field: Field) -> Box<dyn Lookup> {
        let mut ways: Vec<Box<dyn Lookup>> = Vec::new();
        match self {
            Part::Word { forms, stems, may_go_on } => {
                ways.extend(forms.iter().map(|form| term(exact_field, form)));
                for stem in stems {
                    ways.push(Box::new(BoostQuery::new(term(stem_field, stem), STEM_BOOST)));
                }
                if *may_go_on {
                    for form in forms {
                        let beginning = FuzzyTermQuery::new_prefix(Term::from_field_text(exact_field, form), 0, true);
                        ways.push(Box::new(ConstScoreQuery::new(Box::new(beginning), BEGINNING_SCORE)));
                    }
                }
                any_of(ways)
            }
            Part::Typo { forms, stems, may_go_on } => {
                for form in forms {
                    let exact = Term::from_field_text(exact_field, form);
                    ways.push(Box::new(if *may_go_on {
                        FuzzyTermQuery::new_prefix(exact, 1, true)
                    } else {
                        FuzzyTermQuery::new(exact, 1, true)
                    }));
                }
                for stem in stems.iter().filter(|stem| stem.chars().count() > TYPO_STEM_CHARACTERS_MIN) {
                    ways.push(Box::new(FuzzyTermQuery::new(Term::from_field_text(stem_field, stem), 1, true)));
                }
                Box::new(ConstScoreQuery::new(any_of(ways), TYPO_SCORE))
            }
            Part::Phrase(places) => {
                any_of(ways_to_say(places).iter().map(|words| in_a_row(exact_field, words)).collect())
            }
            Part::Neighbours(characters) => {
                for pair in characters.windows(2) {
                    let pair = in_a_row(exact_field, &[&pair[0], &pair[1]]);
                    ways.push(Box::new(ConstScoreQuery::new(pair, TYPO_SCORE)));
                }
                any_of(ways)
            }
        }
    }
}

/// Every choice of one form for each place, up to a bound: words with more than one form are rare.
fn ways_to_say(places: &[Vec<String>]) -> Vec<Vec<&str>> {
    let mut ways: Vec<Vec<&str>> = vec![Vec::new()];
    for forms in places {
        let forms = if ways.len() * forms.len() > PHRASE_WAYS_MAX { &forms[..1] } else { forms };
        let mut longer = Vec::with_capacity(ways.len() * forms.len());
        for way in &ways {
            longer.extend(forms.iter().map(|form| [way.as_slice(), &[form.as_str()]].concat()));
        }
        ways = longer;
    }
    ways
}

fn in_a_row(field: Field, words: &[&str]) -> Box<dyn Lookup> {
    match words {
        [word] => term(field, word),
        _ => Box::new(PhraseQuery::new(words.iter().map(|word| Term::from_field_text(field, word)).collect())),
    }
}

/// `lookup` among the entries that the viewer may see and the query's filters let through.
pub(crate) fn filtered(lookup: Box<dyn Lookup>, query: &Query, fields: &Fields) -> Box<dyn Lookup> {
    let mut clauses = vec![(Occur::Must, lookup)];
    if !query.kinds.is_empty() {
        let kinds = query.kinds.iter().map(|kind| keyword(fields.kind, kind.as_str())).collect();
        clauses.push((Occur::Must, without_score(any_of(kinds))));
    }
    for (field, value) in [(fields.project, &query.project), (fields.category, &query.category)] {
        if let Some(value) = value {
            clauses.push((Occur::Must, without_score(keyword(field, value))));
        }
    }
    if let Some(terms) = query.viewer.terms() {
        let readers = terms.into_iter().map(|reader| keyword(fields.readers, reader)).collect();
        clauses.push((Occur::Must, without_score(any_of(readers))));
    }
    if clauses.len() == 1 { clauses.remove(0).1 } else { Box::new(BooleanQuery::new(clauses)) }
}

fn any_of(ways: Vec<Box<dyn Lookup>>) -> Box<dyn Lookup> {
    Box::new(BooleanQuery::union(ways))
}

fn without_score(lookup: Box<dyn Lookup>) -> Box<dyn Lookup> {
    Box::new(ConstScoreQuery::new(lookup, 0.0))
}

fn keyword(field: Field, value: &str) -> Box<dyn Lookup> {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

fn term(field: Field, word: &str) -> Box<dyn Lookup> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(exact: &str, stem: &str, may_go_on: bool) -> Part {
        let stems = if stem.is_empty() { vec![] } else { vec![format!("{}{stem}", Language::English.letter())] };
        Part::Word { forms: vec![exact.into()], stems, may_go_on }
    }

    fn phrase_of(words: &[&str]) -> Part {
        Part::Phrase(words.iter().map(|word| vec![word.to_string()]).collect())
    }

    fn check(text: &str, want: &[Part]) {
        assert_eq!(parts_of(text, &[Language::English]).expect("a query that is not refused"), want, "text {text:?}");
    }

    #[test]
    fn the_last_word_may_go_on_until_it_is_left() {
        check("Signed agreem", &[word("signed", "sign", false), word("agreem", "agreem", true)]);
        check("signed ", &[word("signed", "sign", false)]);
        check("exhibit b", &[word("exhibit", "exhibit", false), word("b", "b", false)]);
    }

    #[test]
    fn pairs_of_quotation_marks_make_phrases() {
        check("\"Fee Agreement\" 2025 ", &[phrase_of(&["fee", "agreement"]), word("2025", "", false)]);
        check("“net income”", &[phrase_of(&["net", "income"])]);
        check("\"signed\"", &[phrase_of(&["signed"])]);
    }

    #[test]
    fn a_single_mark_is_nothing() {
        check("\"fee sche", &[word("fee", "fee", false), word("sche", "sche", true)]);
        check("\"\" \"?\" \"", &[]);
    }

    #[test]
    fn syntax_of_search_engines_is_plain_text() {
        check(
            "title:(fee AND -x)^2~ ",
            &[
                word("title", "titl", false),
                word("fee", "fee", false),
                word("and", "and", false),
                word("x", "x", false),
                word("2", "", false),
            ],
        );
    }

    #[test]
    fn runs_without_spaces_are_phrases() {
        check("契約書 東京", &[phrase_of(&["契", "約", "書"]), phrase_of(&["東", "京"])]);
        check("ABC株式 x", &[word("abc", "abc", false), phrase_of(&["株", "式"]), word("x", "x", false)]);
    }

    #[test]
    fn an_umlaut_is_looked_for_both_ways() {
        let forms = |word: &str, other: &str| vec![word.to_owned(), other.to_owned()];
        assert_eq!(
            parts_of("\"Herr Müller\"", &[]).expect("parts"),
            [Part::Phrase(vec![vec!["herr".to_owned()], forms("muller", "mueller")])]
        );
        assert_eq!(ways_to_say(&[forms("a", "b"), vec!["c".to_owned()]]), [["a", "c"], ["b", "c"]]);
        assert_eq!(ways_to_say(&vec![forms("a", "b"); 40]).len(), PHRASE_WAYS_MAX);
    }

    #[test]
    fn says_the_same_once() {
        check("fee Fee FÉE ", &[word("fee", "fee", false)]);
    }

    #[test]
    fn refuses_what_is_too_long() {
        let longest = "é".repeat(limits::SEARCH_TEXT_CHARACTERS_MAX);
        assert!(parts_of(&longest, &[]).is_ok());
        assert!(matches!(parts_of(&format!("{longest}x"), &[]), Err(QueryRefused::TooLong { .. })));
        let many: String = (0..limits::SEARCH_WORDS_MAX + 1).map(|n| format!("{n} ")).collect();
        assert!(matches!(parts_of(&many, &[]), Err(QueryRefused::TooManyWords { .. })), "{}", many.len());
    }
}
