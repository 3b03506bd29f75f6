//! The forms that a passkey fills in. Where scripts do not run, or the browser knows no passkeys, they do not show.

use maud::{Markup, html};
use web::LocalPath;
use web::ui::form::{Field, TextInput, csrf_field, text_input};
use web::ui::{Button, Icon};

/// A form that shows a passkey.
pub(crate) struct Use<'a> {
    pub(crate) action: &'a str,
    /// Where the script gets the question for the browser.
    pub(crate) question: &'a str,
    pub(crate) label: &'a str,
    pub(crate) csrf: &'a str,
    pub(crate) next: Option<&'a LocalPath>,
}

pub(crate) fn form_to_use(view: &Use<'_>) -> Markup {
    html! {
        form.form method="post" action=(view.action) novalidate data-passkey="get" data-question=(view.question) hidden {
            (filled_in(view.csrf, view.next))
            (Button::quiet(view.label).with_icon(Icon::Key).submit())
        }
    }
}

/// A form that makes a passkey.
pub(crate) fn form_to_make(csrf: &str, next: Option<&LocalPath>, primary: bool) -> Markup {
    let field = Field {
        name: "name",
        label: "Name of the passkey",
        hint: Some("So that you recognise it later, like “Phone” or “Blue key”."),
        optional: true,
        ..Field::default()
    };
    let button = if primary { Button::primary("Add a passkey") } else { Button::quiet("Add a passkey") };
    html! {
        form.form method="post" action="/security/passkeys" novalidate data-passkey="create"
            data-question="/api/v1/auth/passkeys/question" hidden {
            (filled_in(csrf, next))
            (text_input(&TextInput { field, characters_max: Some(60), ..TextInput::default() }))
            (button.with_icon(Icon::Key).submit())
        }
    }
}

fn filled_in(csrf: &str, next: Option<&LocalPath>) -> Markup {
    html! {
        (csrf_field(csrf))
        @if let Some(next) = next { input type="hidden" name="next" value=(next.as_str()); }
        input type="hidden" name="state";
        input type="hidden" name="credential";
        // Where the script says what went wrong.
        p role="alert" data-passkey-problem hidden {}
    }
}
