//! Views of the firm's pages: structs in, markup out; they know no storage but its rows.

use domain::person::FieldRefused;
use web::App;
use web::ui::form::Field;

pub(crate) mod audit;
pub(crate) mod clients;
pub(crate) mod people;
pub(crate) mod team;

/// What this showing of a form is called, so that it is carried out once however often it is sent.
pub(crate) fn fresh_key(app: &App) -> String {
    domain::ids::ulid(app.moment().next_id())
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
