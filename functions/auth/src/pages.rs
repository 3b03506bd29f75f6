//! What people see of signing in and of their sessions.

use axum::response::Response;
use domain::{EmailAddress, Timestamp};
use http::StatusCode;
use maud::{Markup, html};
use storage::Standing;
use web::ui::form::{self, Field, TextInput};
use web::ui::structure::{PageHead, Row, facts_line, page_head, rows};
use web::ui::{Button, Icon, code, words};
use web::{LocalPath, answers};

use crate::begin;

pub(crate) mod notices;
pub(crate) mod passkey;
pub(crate) mod second;
pub(crate) mod security;
pub(crate) mod sessions;
pub(crate) mod sso;
pub(crate) mod sso_setup;
pub(crate) mod tokens;
pub(crate) mod unsubscribe;
pub(crate) mod viewing;

/// A page for somebody who is not inside yet.
pub(crate) fn shown(status: StatusCode, title: &str, body: Markup) -> Response {
    answers::plain_page(status, title, "Portico", body)
}

pub(crate) fn address_form(value: &str, next: Option<&LocalPath>, error: Option<&str>) -> Markup {
    let field = Field {
        name: "email",
        label: "Your e-mail address",
        hint: Some("We send you a link. There is no password."),
        error,
        optional: false,
    };
    html! {
        (page_head(&PageHead { title: "Sign in", ..PageHead::default() }))
        (form::form("/sign-in", "", html! {
            (form::text_input(&TextInput::email(field, value)))
            @if let Some(next) = next { input type="hidden" name="next" value=(next.as_str()); }
            (Button::primary("Send me a link").with_icon(Icon::Mail).submit())
        }))
        (passkey::form_to_use(&passkey::Use {
            action: "/sign-in/passkey",
            question: "/api/v1/auth/passkey/question",
            label: "Sign in with a passkey",
            csrf: "",
            next,
        }))
    }
}

/// After asking; it takes the code where the mail is read on another device.
pub(crate) fn check_mail(email: &EmailAddress, next: Option<&LocalPath>, again: bool, error: Option<&str>) -> Markup {
    let mut fields = vec![("email", email.as_str()), ("beside", "yes"), ("again", "yes")];
    fields.extend(next.map(|next| ("next", next.as_str())));
    let field = Field {
        name: "code",
        label: "Code from the mail",
        hint: Some("Six digits, if you read the mail on another device."),
        error,
        optional: false,
    };
    html! {
        (page_head(&PageHead { title: "Check your mail", ..PageHead::default() }))
        p {
            "If " strong { (email) } " is known here, a " @if again { "new " } "mail with a link is on its way. \
             Open the link in this browser, or type the code."
        }
        @if again { p { "The code of an earlier mail no longer counts; its link does." } }
        (form::form("/sign-in/code", "", html! {
            input type="hidden" name="email" value=(email);
            (code::code_input(&field))
            (Button::primary("Sign in").submit())
        }))
        p { "No mail after a minute? Look into the junk folder, or have it sent again." }
        (form::inline_form("/sign-in", "", &fields, Button::quiet("Send it again").submit()))
        p { a href="/sign-in" { "Use another address" } }
    }
}

/// The link, opened where it was asked for. Its form sends itself where scripts run: whoever asked in this browser and
/// opens the link here has said twice what they want. Nobody else gets this page, and without its form nothing happens.
pub(crate) fn confirm(email: &EmailAddress, token: &str) -> Markup {
    html! {
        (page_head(&PageHead { title: "Sign in", ..PageHead::default() }))
        p { "You are signing in as " strong { (email) } "." }
        (form::self_sending_form("/sign-in/link", "", html! {
            input type="hidden" name="token" value=(token);
            (Button::primary("Sign in").submit())
        }))
    }
}

/// The link, opened anywhere else. It names nobody.
pub(crate) fn elsewhere(asked_at: Timestamp, place: Option<&str>, now: Timestamp) -> Markup {
    let minutes = (now.as_second() - asked_at.as_second()).max(0) / 60;
    let ago = match minutes {
        0 => "less than a minute ago".to_owned(),
        _ => format!("{} ago", words::count(usize::try_from(minutes).unwrap_or(0), "minute", "minutes")),
    };
    html! {
        (page_head(&PageHead { title: "Sign in where you asked", ..PageHead::default() }))
        p { "This link was asked for in another browser or on another device, " (ago) "." }
        @if let Some(place) = place { p { "It was asked for near " (place) "." } }
        p { "Go back to where you asked and type the six digits from the mail there, or open the link there. It stays good." }
        p { "Not you? Then do nothing, and tell the code to nobody." }
        (web::ui::button::actions(&[Button::quiet("Sign in on this device instead").link("/sign-in")]))
    }
}

pub(crate) fn gone(text: &str) -> Markup {
    html! {
        (page_head(&PageHead { title: "This link no longer works", ..PageHead::default() }))
        p { (text) }
        (web::ui::button::actions(&[Button::primary("Ask for a new link").link("/sign-in")]))
    }
}

/// One button for each firm or company.
pub(crate) fn choices(standings: &[Standing], current: Option<&str>, csrf: &str, next: Option<&LocalPath>) -> Markup {
    html! {
        (page_head(&PageHead { title: "Where do you want to go?", ..PageHead::default() }))
        (rows(standings.iter().map(|standing| {
            let id = begin::id_of(standing);
            let mut fields = vec![("membership", id.as_str())];
            fields.extend(next.map(|next| ("next", next.as_str())));
            let here = current == Some(id.as_str());
            let button = Button::quiet("Open").small().about(label(standing)).submit();
            Row {
                lead: Some(web::ui::structure::avatar(&standing.firm_name)),
                title: label(standing),
                meta: Some(facts_line(&meta(standing, here))),
                trail: Some(form::inline_form("/choose", csrf, &fields, button)),
                ..Row::default()
            }
        })))
        (form::inline_form("/sign-out", csrf, &[], Button::quiet("Sign out").with_icon(Icon::Leave).submit()))
    }
}

/// The company for its own people, the firm for the firm's.
fn label(standing: &Standing) -> &str {
    standing.row.client_name.as_deref().unwrap_or(&standing.firm_name)
}

fn meta(standing: &Standing, here: bool) -> Vec<Markup> {
    let at = standing.row.client_name.as_ref().map(|_| html! { "at " (standing.firm_name) });
    let mut parts: Vec<Markup> = at.into_iter().collect();
    parts.push(html! { (standing.row.role.title()) });
    if here {
        parts.push(html! { "where you are" });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_elsewhere_names_nobody_and_has_no_button_that_signs_in() {
        let asked_at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let now: Timestamp = "2026-11-24T10:03:10Z".parse().unwrap();
        let html = elsewhere(asked_at, None, now).into_string();
        assert!(html.contains("3 minutes ago"), "{html}");
        assert!(!html.contains("<form") && !html.contains('@'), "{html}");
    }

    #[test]
    fn fields_say_what_they_take() {
        let email = address_form("a\"b", None, Some("Enter the part before the @ sign.")).into_string();
        for part in
            [r#"autocomplete="email""#, r#"aria-invalid="true""#, "Enter the part before", r#"value="a&quot;b""#]
        {
            assert!(email.contains(part), "{part} in {email}");
        }
        let code = check_mail(&EmailAddress::parse("ada@x.example").unwrap(), None, false, None).into_string();
        for part in [r#"autocomplete="one-time-code""#, r#"inputmode="numeric""#, r#"action="/sign-in/code""#] {
            assert!(code.contains(part), "{part} in {code}");
        }
    }
}
