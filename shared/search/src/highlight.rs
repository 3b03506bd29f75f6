//! The lines around a match, with the matching words marked.

use std::ops::Range;

use domain::limits;

use crate::language::Language;
use crate::query::Part;
use crate::words::{Word, words_of};

/// Snippets of one hit: a second and a third only for parts that the ones before do not show.
const HIGHLIGHTS_MAX: usize = 3;
/// Matches of one page that are weighed; the rest of a long page is seldom needed.
const MATCHES_MAX: usize = 1_000;
/// Characters shown before the first match.
const LEAD_CHARACTERS: usize = 60;
const CUT: char = '…';

/// A piece of a page or title: at most [`limits::SEARCH_SNIPPET_CHARACTERS_MAX`] characters, white space run together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    pub text: String,
    /// Byte ranges of `text`, ascending, apart from each other, on character boundaries.
    pub ranges: Vec<Range<usize>>,
}

/// None if no part stands in `text`, which is stemmed by `language`.
pub(crate) fn highlights_in(text: &str, language: Language, parts: &[Part]) -> Vec<Highlight> {
    let matches = matches_in(&words_of(text, &[language]), parts);
    let mut shown = 0u64;
    let mut highlights = Vec::new();
    while highlights.len() < HIGHLIGHTS_MAX {
        let Some(window) = best_window(text, &matches, shown) else { break };
        shown |= window.parts;
        highlights.push(snippet(text, &window, &matches));
    }
    highlights
}

/// One place where a part stands: byte offsets of the page.
struct Match {
    start: usize,
    end: usize,
    parts: u64,
}

struct Window {
    start: usize,
    end: usize,
    parts: u64,
}

fn matches_in(words: &[Word], parts: &[Part]) -> Vec<Match> {
    let mut matches: Vec<Match> = Vec::new();
    for at in 0..words.len() {
        for (number, part) in parts.iter().enumerate() {
            let count = part.words_at(&words[at..]);
            if count == 0 {
                continue;
            }
            let (start, end) = (words[at].start, words[at + count - 1].end);
            match matches.last_mut() {
                // Parts that overlap are one mark.
                Some(last) if start < last.end => {
                    last.end = last.end.max(end);
                    last.parts |= 1 << number;
                }
                _ => matches.push(Match { start, end, parts: 1 << number }),
            }
        }
        if matches.len() >= MATCHES_MAX {
            break;
        }
    }
    matches
}

/// The window with the most parts not yet shown, the first of equals.
fn best_window(text: &str, matches: &[Match], shown: u64) -> Option<Window> {
    let mut best: Option<(u32, usize, Window)> = None;
    for (number, first) in matches.iter().enumerate().filter(|(_, m)| m.parts & !shown != 0) {
        let window = window_from(text, first, &matches[number..]);
        let new_parts = (window.parts & !shown).count_ones();
        let count = matches[number..].iter().take_while(|m| m.end <= window.end).count();
        if best.as_ref().is_none_or(|(parts, marks, _)| (new_parts, count) > (*parts, *marks)) {
            best = Some((new_parts, count, window));
        }
    }
    best.map(|(_, _, window)| window)
}

fn window_from(text: &str, first: &Match, matches: &[Match]) -> Window {
    let start = text[..first.start].char_indices().rev().take(LEAD_CHARACTERS).last().map_or(first.start, |(at, _)| at);
    let start = next_word_break(text, start, first.start);
    // Two characters are kept for the signs of cutting.
    let room = limits::SEARCH_SNIPPET_CHARACTERS_MAX - 2;
    let end = text[start..].char_indices().nth(room).map_or(text.len(), |(offset, _)| start + offset);
    let parts = matches.iter().take_while(|m| m.end <= end).fold(first.parts, |parts, m| parts | m.parts);
    Window { start, end, parts }
}

/// The first place from `start` on, up to `limit`, where a word begins.
fn next_word_break(text: &str, start: usize, limit: usize) -> usize {
    if start == 0 {
        return 0;
    }
    let space = text[start..limit].find(char::is_whitespace);
    space.map_or(start, |offset| start + offset)
}

fn snippet(text: &str, window: &Window, matches: &[Match]) -> Highlight {
    let shown = &text[window.start..window.end];
    let mut end = window.end;
    if end < text.len()
        && let Some(offset) = shown.rfind(char::is_whitespace)
        && matches.iter().all(|m| m.start >= window.end || m.end <= window.start + offset)
    {
        end = window.start + offset;
    }
    let mut line = Line::default();
    if !text[..window.start].trim().is_empty() {
        line.text.push(CUT);
    }
    let mut at = window.start;
    for found in matches.iter().filter(|m| m.start >= window.start && m.start < end) {
        line.push(&text[at..found.start]);
        at = found.end.min(end);
        line.mark(&text[found.start..at]);
    }
    line.push(&text[at..end]);
    let cut_end = !text[end..].trim().is_empty();
    let Line { mut text, ranges } = line;
    text.truncate(text.trim_end().len());
    if cut_end {
        text.push(CUT);
    }
    Highlight { text, ranges }
}

#[derive(Default)]
struct Line {
    text: String,
    ranges: Vec<Range<usize>>,
}

impl Line {
    fn push(&mut self, piece: &str) {
        for character in piece.chars() {
            if !character.is_whitespace() && !character.is_control() {
                self.text.push(character);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', CUT]) {
                self.text.push(' ');
            }
        }
    }

    fn mark(&mut self, piece: &str) {
        let start = self.text.len();
        self.push(piece);
        if self.text.len() > start {
            self.ranges.push(start..self.text.len());
        }
    }
}

impl Part {
    /// How many of the words, from the first on, are this part; 0 if it does not stand here.
    fn words_at(&self, words: &[Word]) -> usize {
        let Some(first) = words.first() else { return 0 };
        let in_any = |forms: &[String], fits: &dyn Fn(&str, &str) -> bool| {
            forms.iter().any(|form| first.forms.iter().any(|word| fits(form, word)))
        };
        match self {
            Part::Word { forms, stems, may_go_on } => usize::from(
                in_any(forms, &|form, word| form == word || *may_go_on && word.starts_with(form))
                    || stems.iter().any(|stem| first.stems.contains(stem)),
            ),
            Part::Typo { forms, stems, may_go_on } => usize::from(
                in_any(forms, &|form, word| is_near(form, word, *may_go_on))
                    || stems.iter().any(|stem| first.stems.iter().any(|word| is_near(stem, word, false))),
            ),
            Part::Phrase(places) => {
                let stands = |(forms, word): (&Vec<String>, &Word)| forms.iter().any(|form| word.forms.contains(form));
                let all = words.len() >= places.len() && places.iter().zip(words).all(stands);
                if all { places.len() } else { 0 }
            }
            Part::Neighbours(characters) => {
                let [first, second, ..] = words else { return 0 };
                let stands = |pair: &[String]| first.forms.contains(&pair[0]) && second.forms.contains(&pair[1]);
                if characters.windows(2).any(stands) { 2 } else { 0 }
            }
        }
    }
}

/// One letter too many, too few, wrong, or two swapped; with `may_go_on`, of a beginning of `word`.
fn is_near(typed: &str, word: &str, may_go_on: bool) -> bool {
    let (typed, word): (Vec<char>, Vec<char>) = (typed.chars().collect(), word.chars().collect());
    let same = typed.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let (typed, word) = (&typed[same..], &word[same..]);
    let fits = |typed: &[char], word: &[char]| if may_go_on { word.starts_with(typed) } else { word == typed };
    if fits(typed, word) {
        return true;
    }
    let too_many = typed.get(1..).is_some_and(|typed| fits(typed, word));
    let too_few = word.get(1..).is_some_and(|word| fits(typed, word));
    let wrong = typed.get(1..).zip(word.get(1..)).is_some_and(|(typed, word)| fits(typed, word));
    let swapped = typed.len() > 1
        && word.len() > 1
        && typed[0] == word[1]
        && typed[1] == word[0]
        && fits(&typed[2..], &word[2..]);
    too_many || too_few || wrong || swapped
}
