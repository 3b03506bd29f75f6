//! The languages whose endings are known, and which of them a text is in.

use frostem::Algorithm;

/// Of a page; whatlang needs no more to be sure.
const SAMPLE_BYTES: usize = 2_000;
/// Below it a wrong guess is as likely as a right one.
const CONFIDENCE_LEAST: f64 = 0.5;

/// A language that has a stemmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    Arabic,
    Danish,
    Dutch,
    English,
    Finnish,
    French,
    German,
    Greek,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Tamil,
    Turkish,
}

use Language::*;

/// With the code of ISO 639-1, and the letter that its stems begin with in the index: `die` of English `dies` is not
/// the German article. The letters are part of the bundle's format.
const ALL: [(Language, &str, char, Algorithm); 18] = [
    (Arabic, "ar", 'a', Algorithm::Arabic),
    (Danish, "da", 'b', Algorithm::Danish),
    (Dutch, "nl", 'c', Algorithm::Dutch),
    (English, "en", 'd', Algorithm::English),
    (Finnish, "fi", 'e', Algorithm::Finnish),
    (French, "fr", 'f', Algorithm::French),
    (German, "de", 'g', Algorithm::German),
    (Greek, "el", 'h', Algorithm::Greek),
    (Hungarian, "hu", 'i', Algorithm::Hungarian),
    (Italian, "it", 'j', Algorithm::Italian),
    (Norwegian, "no", 'k', Algorithm::Norwegian),
    (Portuguese, "pt", 'l', Algorithm::Portuguese),
    (Romanian, "ro", 'm', Algorithm::Romanian),
    (Russian, "ru", 'n', Algorithm::Russian),
    (Spanish, "es", 'o', Algorithm::Spanish),
    (Swedish, "sv", 'p', Algorithm::Swedish),
    (Tamil, "ta", 'q', Algorithm::Tamil),
    (Turkish, "tr", 'r', Algorithm::Turkish),
];

impl Language {
    /// Guessed; none where the text is too short to tell, or is in a language that has no stemmer.
    pub fn of_text(text: &str) -> Option<Language> {
        let guess = whatlang::detect(&text[..text.floor_char_boundary(SAMPLE_BYTES)])?;
        if guess.confidence() < CONFIDENCE_LEAST {
            return None;
        }
        Self::of(guess.lang())
    }

    /// From a code of ISO 639-3, as a document's language is kept.
    pub fn of_iso_639_3(code: &str) -> Option<Language> {
        whatlang::Lang::from_code(code).and_then(Self::of)
    }

    fn of(language: whatlang::Lang) -> Option<Language> {
        Some(match language {
            whatlang::Lang::Ara => Arabic,
            whatlang::Lang::Dan => Danish,
            whatlang::Lang::Nld | whatlang::Lang::Afr => Dutch,
            whatlang::Lang::Eng => English,
            whatlang::Lang::Fin => Finnish,
            whatlang::Lang::Fra => French,
            whatlang::Lang::Deu => German,
            whatlang::Lang::Ell => Greek,
            whatlang::Lang::Hun => Hungarian,
            whatlang::Lang::Ita => Italian,
            whatlang::Lang::Nob => Norwegian,
            whatlang::Lang::Por => Portuguese,
            whatlang::Lang::Ron => Romanian,
            whatlang::Lang::Rus => Russian,
            whatlang::Lang::Spa => Spanish,
            whatlang::Lang::Swe => Swedish,
            whatlang::Lang::Tam => Tamil,
            whatlang::Lang::Tur => Turkish,
            _ => return None,
        })
    }

    /// From a code of ISO 639-1, with or without a country.
    pub fn parse(code: &str) -> Option<Language> {
        let code = code.split(['-', '_']).next().unwrap_or_default();
        ALL.into_iter().find(|(_, known, ..)| known.eq_ignore_ascii_case(code)).map(|(language, ..)| language)
    }

    pub fn code(self) -> &'static str {
        self.facts().1
    }

    pub(crate) fn letter(self) -> char {
        self.facts().2
    }

    pub(crate) fn of_letter(letter: char) -> Option<Language> {
        ALL.into_iter().find(|(_, _, known, _)| *known == letter).map(|(language, ..)| language)
    }

    pub(crate) fn algorithm(self) -> Algorithm {
        self.facts().3
    }

    fn facts(self) -> (Language, &'static str, char, Algorithm) {
        ALL[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_documents_code_is_understood() {
        let check = |code, want| assert_eq!(Language::of_iso_639_3(code), want, "{code}");
        check("deu", Some(German));
        check("afr", Some(Dutch));
        check("jpn", None);
        check("de", None);
        check("", None);
    }

    fn check(text: &str, want: Option<Language>) {
        assert_eq!(Language::of_text(text), want, "{text:?}");
    }

    #[test]
    fn tells_the_languages_of_an_office() {
        check(
            "The parties agree that the retainer is due on signature and shall be paid within ten days.",
            Some(English),
        );
        check("Die Parteien vereinbaren, dass die Vergütung innerhalb von zehn Tagen zu zahlen ist.", Some(German));
        check("Les parties conviennent que les honoraires sont payables dans un délai de dix jours.", Some(French));
        check("Las partes acuerdan que los honorarios se pagarán en un plazo de diez días hábiles.", Some(Spanish));
        check("Le parti convengono che gli onorari saranno pagati entro dieci giorni dalla firma.", Some(Italian));
        check("De partijen komen overeen dat de vergoeding binnen tien dagen wordt betaald.", Some(Dutch));
        check("Стороны договорились, что вознаграждение выплачивается в течение десяти дней.", Some(Russian));
        check("Τα μέρη συμφωνούν ότι η αμοιβή καταβάλλεται εντός δέκα ημερών.", Some(Greek));
    }

    #[test]
    fn guesses_nothing_from_too_little_or_without_a_stemmer() {
        check("", None);
        check("2025 1,250,000", None);
        check("契約書は十日以内に支払うものとする。", None);
    }

    #[test]
    fn codes_and_letters_are_each_ones_own() {
        for (at, (language, code, letter, _)) in ALL.into_iter().enumerate() {
            assert_eq!(language as usize, at);
            assert_eq!((Language::parse(code), Language::of_letter(letter)), (Some(language), Some(language)));
        }
        assert_eq!(
            (Language::parse("de-CH"), Language::parse("PT_br"), Language::parse("xx")),
            (Some(German), Some(Portuguese), None)
        );
    }
}
