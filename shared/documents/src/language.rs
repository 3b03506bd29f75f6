//! The language that a document is written in, where its words leave no doubt.

use domain::limits;
use whatlang::{Detector, Lang};

use crate::bounded::start_of;

/// Fewer letters say nothing for certain.
const LETTERS_MIN: usize = 40;

/// As ISO 639-3 has it: `eng`, `deu`. None where the text is too short or of several languages.
pub fn language(pages: &[String]) -> Option<&'static str> {
    let mut sample = String::new();
    for page in pages {
        sample.push_str(start_of(page, limits::LANGUAGE_SAMPLE_BYTES_MAX - sample.len()));
        sample.push('\n');
        if sample.len() >= limits::LANGUAGE_SAMPLE_BYTES_MAX {
            break;
        }
    }
    if sample.chars().filter(|letter| letter.is_alphabetic()).count() < LETTERS_MIN {
        return None;
    }
    let found = Detector::new().detect(&sample)?;
    found.is_reliable().then(|| found.lang().code())
}

/// As people say it in English.
pub fn language_title(code: &str) -> Option<&'static str> {
    Lang::from_code(code).map(|language| language.eng_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<&str>) {
        assert_eq!(language(&[String::new(), text.to_owned()]), want, "{text}");
    }

    #[test]
    fn sentences_have_one() {
        check("The tenant shall pay the rent on the first day of every month, without any deduction.", Some("eng"));
        check(
            "Der Mieter hat die Miete am ersten Tag eines jeden Monats ohne Abzug zu zahlen, und zwar im Voraus.",
            Some("deu"),
        );
        check("Le locataire doit payer le loyer le premier jour de chaque mois, sans aucune déduction.", Some("fra"));
        check("El arrendatario deberá pagar la renta el primer día de cada mes, sin ninguna deducción.", Some("spa"));
    }

    #[test]
    fn a_language_has_a_name() {
        assert_eq!(language_title("deu"), Some("German"));
        assert_eq!(language_title("xyz"), None);
    }

    #[test]
    fn a_number_has_none() {
        check("4711 / 2026", None);
        check("Rent", None);
        check("", None);
    }
}
