//! Pages that ask once more who one is.

use domain::EmailAddress;
use domain::factors::Held;
use maud::{Markup, html};
use web::LocalPath;
use web::ui::form::{self, Field, Size, TextInput, text_input};
use web::ui::structure::{PageHead, page_head};
use web::ui::{Button, Icon, code};

use super::passkey::{Use, form_to_use};

pub(crate) struct Ask<'a> {
    pub(crate) held: &'a Held,
    pub(crate) csrf: &'a str,
    pub(crate) next: Option<&'a LocalPath>,
    pub(crate) error: Option<&'a str>,
}

pub(crate) fn at_sign_in(view: &Ask<'_>, email: &EmailAddress) -> Markup {
    html! {
        (page_head(&PageHead { title: "One more step", ..PageHead::default() }))
        p { "You are signing in as " strong { (email) } ". Show your second factor to go on." }
        (factor_forms(view, "/sign-in/second"))
        (form::inline_form("/sign-out", view.csrf, &[], Button::quiet("Sign in as somebody else").with_icon(Icon::Leave).submit()))
    }
}

pub(crate) fn to_confirm(view: &Ask<'_>) -> Markup {
    html! {
        (page_head(&PageHead { title: "Confirm that it is you", ..PageHead::default() }))
        p { "What comes next is sensitive, so we ask once more. After that you are not asked again for 15 minutes." }
        (factor_forms(view, "/confirm"))
    }
}

/// By the app and its recovery codes; by a passkey where there is one.
fn factor_forms(view: &Ask<'_>, action: &str) -> Markup {
    let (label, hint) = match view.held.app {
        Some(_) => ("Code", "The six digits that your app shows, or one of your recovery codes."),
        None => ("Recovery code", "One of the codes that you kept when you set up your passkey."),
    };
    let field = Field { name: "code", label, hint: Some(hint), error: view.error, optional: false };
    let input = TextInput {
        field,
        autocomplete: Some("one-time-code"),
        characters_max: Some(40),
        size: Size::Medium,
        ..TextInput::default()
    };
    let passkeys = !view.held.passkeys.is_empty();
    let with_passkey = Use {
        action,
        question: "/api/v1/auth/second/question",
        label: "Use a passkey",
        csrf: view.csrf,
        next: view.next,
    };
    html! {
        @if passkeys { (form_to_use(&with_passkey)) }
        (form::form(action, view.csrf, html! {
            (text_input(&input))
            (next_field(view.next))
            (Button::primary("Go on").submit())
        }))
    }
}

/// For those without a second factor: a code that is mailed for it.
pub(crate) fn to_confirm_by_mail(
    email: &EmailAddress,
    csrf: &str,
    next: Option<&LocalPath>,
    sent: bool,
    error: Option<&str>,
) -> Markup {
    let field = Field { name: "code", label: "Code from the mail", hint: Some("Six digits."), error, optional: false };
    let ask = |button: Markup| form::form("/confirm/mail", csrf, html! { (next_field(next)) (button) });
    html! {
        (page_head(&PageHead { title: "Confirm that it is you", ..PageHead::default() }))
        @if sent {
            p { "We have mailed a code to " strong { (email) } ". Type it here." }
            (form::form("/confirm", csrf, html! {
                (code::code_input(&field))
                (next_field(next))
                (Button::primary("Go on").submit())
            }))
            (ask(Button::quiet("Mail me a new code").with_icon(Icon::Mail).submit()))
        } @else {
            p { "What comes next is sensitive, so we ask once more. We mail a code to " strong { (email) } "." }
            (ask(Button::primary("Mail me a code").with_icon(Icon::Mail).submit()))
            // Not for whoever is on the way there.
            @if !next.is_some_and(|next| next.as_str().starts_with("/security")) {
                p { "With a passkey or an app this is quicker: set one up on the page " a href="/security" { "Sign-in and security" } "." }
            }
        }
    }
}

fn next_field(next: Option<&LocalPath>) -> Markup {
    html! { @if let Some(next) = next { input type="hidden" name="next" value=(next.as_str()); } }
}
