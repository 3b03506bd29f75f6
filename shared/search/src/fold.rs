//! Letters as they are compared: without case, accents, ligatures and soft hyphens.
//!
//! Accents may be composed or not: file names from some systems and text from many PDFs arrive decomposed.

use unicode_normalization::UnicodeNormalization;

/// A longer run of letters is cut here, alike in texts and in queries, so that it is still found.
pub(crate) const WORD_CHARACTERS_MAX: usize = 64;

/// `Müller` as `muller`, `Straße` as `strasse`, `й` as itself.
pub(crate) fn folded(word: &str) -> String {
    // Most words are plain letters, and texts have many words.
    if word.is_ascii() {
        return word.chars().take(WORD_CHARACTERS_MAX).map(|c| c.to_ascii_lowercase()).collect();
    }
    plain(word, |_, _, _| false)
}

/// `Müller` as `mueller` and `Ångström` as `aangstroem`, as those write who lack the letters; none where there are none.
pub(crate) fn spelt_out(word: &str) -> Option<String> {
    if word.is_ascii() {
        return None;
    }
    let mut any = false;
    let spelt = plain(word, |base, mark, to| {
        let second = match (base, mark) {
            ('a' | 'o' | 'u', DIAERESIS) | ('o', STROKE) => 'e',
            ('a', RING) => 'a',
            _ => return false,
        };
        to.push(second);
        any = true;
        true
    });
    any.then_some(spelt)
}

/// Small letters, composed, accents kept: what stemmers know.
pub(crate) fn lowered(word: &str) -> String {
    word.nfkc()
        .filter(|c| !is_invisible_joint(*c))
        .take(WORD_CHARACTERS_MAX)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

/// Soft hyphen, zero-width space and joiners, word joiner: there for the typesetter, not for the reader.
pub(crate) fn is_invisible_joint(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

const BREVE: char = '\u{306}';
const DIAERESIS: char = '\u{308}';
const RING: char = '\u{30a}';
/// Stands for the stroke of `ø`, which has no mark of its own that it falls apart into.
const STROKE: char = '\u{338}';

/// `spell` may write something in place of a mark: it is told the letter before it.
fn plain(word: &str, mut spell: impl FnMut(char, char, &mut String) -> bool) -> String {
    let mut text = String::with_capacity(word.len());
    let mut base = ' ';
    let characters =
        word.nfkd().filter(|c| !is_invisible_joint(*c)).take(WORD_CHARACTERS_MAX).flat_map(char::to_lowercase);
    for character in characters {
        match character {
            '\u{300}'..='\u{36f}' => {
                // Letters of their own, which Cyrillic writes with a mark: й is no и.
                if matches!((base, character), ('и' | 'у', BREVE) | ('і', DIAERESIS)) {
                    text.push(character);
                } else {
                    spell(base, character, &mut text);
                }
            }
            'ø' => {
                base = 'o';
                text.push('o');
                spell('o', STROKE, &mut text);
            }
            _ => {
                base = character;
                match letters_of(character) {
                    Some(letters) => text.push_str(letters),
                    None => text.push(character),
                }
            }
        }
    }
    if text.contains([BREVE, DIAERESIS]) { text.nfc().collect() } else { text }
}

/// Latin letters that do not fall apart by themselves, and the sigma of a word's end.
fn letters_of(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        'ŋ' => "n",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, fold: &str, spelt: Option<&str>) {
        assert_eq!((folded(word).as_str(), spelt_out(word).as_deref()), (fold, spelt), "{word:?}");
    }

    #[test]
    fn accents_go_and_letters_stay() {
        check("Müller", "muller", Some("mueller"));
        check("Mu\u{308}ller", "muller", Some("mueller"));
        check("Straße", "strasse", None);
        check("STRAẞE", "strasse", None);
        check("Ångström", "angstrom", Some("aangstroem"));
        check("Sørensen", "sorensen", Some("soerensen"));
        check("Łódź", "lodz", None);
        check("œuvre", "oeuvre", None);
        check("İstanbul", "istanbul", None);
        check("ﬁling", "filing", None);
        check("en\u{ad}gage", "engage", None);
    }

    #[test]
    fn other_scripts_are_unharmed() {
        check("Ελλάς", "ελλασ", None);
        check("ΕΛΛΑΣ", "ελλασ", None);
        check("Мой", "мой", None);
        check("её", "ее", None);
        check("Київ", "київ", None);
        check("契", "契", None);
    }
}
