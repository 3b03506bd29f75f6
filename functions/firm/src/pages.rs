//! Views of the firm's pages: structs in, markup out; they know no storage but its rows.

use domain::person::FieldRefused;
use web::ui::form::Field;

pub(crate) mod admissions;
pub(crate) mod assignments;
pub(crate) mod audit;
pub(crate) mod client;
pub(crate) mod clients;
pub(crate) mod company;
pub(crate) mod factors;
pub(crate) mod newsletters;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod review;
pub(crate) mod settings;
pub(crate) mod settings_notices;
pub(crate) mod sign_ins;
pub(crate) mod team;
pub(crate) mod texts;

/// The words of a search.
pub(crate) fn words_of(q: &str) -> Vec<String> {
    q.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Whether a text holds every word looked for.
pub(crate) fn holds_all(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// An idempotency key that came with something else before.
pub(crate) const KEY_OF_ANOTHER: &str = "This key was used for another request. Send a new one.";

/// Words as the value of a query.
pub(crate) fn query_value(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A field of a form, with what is wrong with it.
pub(crate) fn field<'a>(
    name: &'a str,
    label: &'a str,
    hint: Option<&'a str>,
    refused: &'a [FieldRefused],
) -> Field<'a> {
    let refused = refused.iter().find(|refused| refused.field == name);
    Field { name, label, hint, error: refused.map(|refused| refused.why.as_str()), optional: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_an_address_stay_words() {
        assert_eq!(query_value("a&b=c d/é"), "a%26b%3Dc%20d%2F%C3%A9");
    }
}
