//! The six digits that a person reads on one device and types on another.

use maud::{Markup, html};

use super::form::Field;

/// One box for all digits: it takes pasting, filling in by the system and screen readers, which six boxes do not. It
/// lets a space through, since mail shows the digits in two groups; the server drops it.
pub fn code_input(field: &Field<'_>) -> Markup {
    field.around(html! {
        input.control.code id=(field.name) name=(field.name) type="text" inputmode="numeric"
            autocomplete="one-time-code" pattern="[0-9 ]{6,7}" maxlength="7" required spellcheck="false"
            aria-invalid=[field.error.map(|_| "true")] aria-describedby=[field.described_by()];
    })
}
