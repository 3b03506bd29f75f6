//! What one signs in with, on its page, and the steps of setting it up.

use domain::factors::{Held, Passkey};
use domain::{EmailAddress, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use web::ui::feedback::{Banner, Tone, banner};
use web::ui::form::{self, Field};
use web::ui::structure::{PageHead, Row, Section, card, facts_line, page_head, rows, section};
use web::ui::{Button, Icon, code, icon, words};
use web::{Failure, LocalPath};

use super::passkey::form_to_make;
use super::sessions::end_others;

mod qr;

pub(crate) struct Overview<'a> {
    pub(crate) held: &'a Held,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
    /// Whether changes are open: the person has confirmed who they are just now.
    pub(crate) confirmed: bool,
    pub(crate) enrol_by: Option<Timestamp>,
    pub(crate) done: Option<&'static str>,
}

/// What a redirect says has been done.
pub(crate) fn done(word: &str) -> Option<&'static str> {
    match word {
        "app-added" => Some("The app is set up. From now on it is asked for when you sign in."),
        "app-removed" => Some("The app is removed. Its codes no longer work."),
        "passkey-added" => Some("The passkey is added. Next time you can sign in with it alone."),
        "passkey-removed" => Some("The passkey is removed and no longer works."),
        _ => None,
    }
}

pub(crate) fn overview(view: &Overview<'_>) -> Markup {
    let instant = |at: Timestamp| words::instant(at, view.now, &view.zone);
    let left = view.held.recovery.len();
    html! {
        (page_head(&PageHead {
            title: "Sign-in and security",
            line: Some(html! { "What you show, beside the mailed link, to prove that it is you." }),
            actions: &[
                Button::quiet("Signed-in devices").with_icon(Icon::Device).link("/sessions"),
                Button::quiet("Personal tokens").with_icon(Icon::Key).link("/tokens"),
                Button::quiet("Notifications").with_icon(Icon::Mail).link("/notices"),
            ],
            ..PageHead::default()
        }))
        @if let Some(done) = view.done {
            (banner(&Banner {
                tone: Tone::Done,
                title: done,
                text: Some(html! { "If somebody else may have been signed in as you, sign them out." }),
                action: Some(end_others(view.csrf)),
            }))
        }
        @if let Some(until) = view.enrol_by.filter(|_| !view.held.enrolled()) {
            (banner(&Banner {
                tone: Tone::Attention,
                title: "Your firm asks for a second factor.",
                text: Some(html! { "Add a passkey or an app by " (instant(until)) ". After that you are asked for it when you sign in." }),
                action: None,
            }))
        }
        @if !view.confirmed {
            (banner(&Banner {
                title: "To change anything here, confirm that it is you.",
                action: Some(Button::primary("Confirm").link("/confirm?next=/security")),
                ..Banner::default()
            }))
        }
        (section(&Section { title: "Passkeys", count: Some(view.held.passkeys.len()), ..Section::default() }, html! {
            @if view.held.passkeys.is_empty() {
                p { "A passkey is kept by your phone, computer or security key, and opened by its own lock. With one you sign in without waiting for mail." }
            } @else {
                (rows(view.held.passkeys.iter().map(|passkey| passkey_row(passkey, view))))
            }
            @if view.confirmed {
                (form_to_make(view.csrf, None, !view.held.enrolled()))
                noscript { p { "Adding a passkey needs a browser that runs scripts. The app below works without." } }
            }
        }))
        (section(&Section { title: "App for codes", ..Section::default() }, app_part(view)))
        (section(&Section { title: "Recovery codes", count: view.held.enrolled().then_some(left), ..Section::default() }, html! {
            @if view.held.enrolled() {
                p { "For the day on which you have neither passkey nor app at hand. Each works once; " (words::count(left, "is", "are")) " left." }
                @if view.confirmed {
                    (form::inline_form("/security/recovery", view.csrf, &[], Button::quiet("Make new codes").submit()))
                }
            } @else {
                p { "You get recovery codes with your first passkey or app." }
            }
        }))
    }
}

fn app_part(view: &Overview<'_>) -> Markup {
    let offer = form::inline_form("/security/app/new", view.csrf, &[], Button::quiet("Set up an app").submit());
    match &view.held.app {
        Some(app) => rows([Row {
            lead: Some(icon::icon(Icon::Device)),
            title: "App for codes",
            meta: Some(facts_line(&[html! { "set up " (words::instant(app.added_at, view.now, &view.zone)) }])),
            trail: view.confirmed.then(|| {
                let button = Button::quiet("Remove").small().about("the app for codes").submit();
                form::inline_form("/security/app/remove", view.csrf, &[], button)
            }),
            ..Row::default()
        }]),
        None => html! {
            p { "An app on your phone shows six digits that change every half minute. You type them when you sign in." }
            @if view.confirmed { (offer) }
        },
    }
}

fn passkey_row<'a>(passkey: &'a Passkey, view: &Overview<'_>) -> Row<'a> {
    let instant = |at| words::instant(at, view.now, &view.zone);
    let used = match passkey.used_at {
        Some(at) => html! { "last used " (instant(at)) },
        None => html! { "not used yet" },
    };
    Row {
        lead: Some(icon::icon(Icon::Key)),
        title: &passkey.name,
        meta: Some(facts_line(&[used, html! { "added " (instant(passkey.added_at)) }])),
        trail: view.confirmed.then(|| {
            let action = format!("/security/passkeys/{}/remove", passkey.id);
            form::inline_form(&action, view.csrf, &[], Button::quiet("Remove").small().about(&passkey.name).submit())
        }),
        ..Row::default()
    }
}

/// For those who may not go on without.
pub(crate) fn enrol(csrf: &str, next: Option<&LocalPath>) -> Markup {
    let fields: Vec<(&str, &str)> = next.map(|next| ("next", next.as_str())).into_iter().collect();
    html! {
        (page_head(&PageHead { title: "Add a second factor", ..PageHead::default() }))
        p { "Your firm asks for more than the mailed link. Add one of these once; it takes a minute." }
        (form_to_make(csrf, next, true))
        (section(&Section { title: "Or an app for codes", ..Section::default() }, html! {
            p { "An app on your phone shows six digits that change every half minute." }
            (form::inline_form("/security/app/new", csrf, &fields, Button::quiet("Set up an app").submit()))
        }))
        (form::inline_form("/sign-out", csrf, &[], Button::quiet("Sign out").with_icon(Icon::Leave).submit()))
    }
}

/// A key that is offered to an app.
pub(crate) struct Offer<'a> {
    pub(crate) seed: &'a str,
    pub(crate) email: &'a EmailAddress,
    pub(crate) csrf: &'a str,
    pub(crate) next: Option<&'a LocalPath>,
    pub(crate) error: Option<&'a str>,
}

/// The address that apps read from the picture.
pub(crate) fn app_address(seed: &str, email: &EmailAddress) -> String {
    let account: String = email
        .as_str()
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("otpauth://totp/Portico:{account}?secret={seed}&issuer=Portico")
}

pub(crate) fn offer(view: &Offer<'_>) -> Result<Markup, Failure> {
    let field = Field {
        name: "code",
        label: "Code from the app",
        hint: Some("The six digits that the app shows now."),
        error: view.error,
        optional: false,
    };
    let groups: Vec<&str> =
        view.seed.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let picture = qr::picture(&app_address(view.seed, view.email))?;
    Ok(html! {
        (page_head(&PageHead { title: "Set up an app for codes", ..PageHead::default() }))
        p { "Scan this with an app for codes on your phone, such as the one that keeps your passwords." }
        (card(html! {
            (picture)
            p { "Cannot scan it? Type this key into the app:" }
            p { code { (groups.join(" ")) } }
        }))
        (form::form("/security/app", view.csrf, html! {
            (code::code_input(&field))
            @if let Some(next) = view.next { input type="hidden" name="next" value=(next.as_str()); }
            (Button::primary("Set up").submit())
        }))
    })
}

pub(crate) fn codes(codes: &[String], csrf: &str, next: &str) -> Markup {
    html! {
        (page_head(&PageHead { title: "Your recovery codes", ..PageHead::default() }))
        p { "Print or write these down and keep them where you keep your keys. Each signs you in once when you have neither passkey nor app. "
            strong { "They are not shown again." } }
        (card(html! { ol { @for one in codes { li { code { (one) } } } } }))
        (Button::primary("I have kept them").link(next))
        p { "If somebody else may have been signed in as you, sign them out." }
        (end_others(csrf))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_read_the_key_and_whose_it_is() {
        let email = EmailAddress::parse("ada+law@x.example").unwrap();
        assert_eq!(
            app_address("MZXW6YTB", &email),
            "otpauth://totp/Portico:ada%2Blaw%40x.example?secret=MZXW6YTB&issuer=Portico"
        );
        let view = Offer { seed: "MZXW6YTBMZXW6YTB", email: &email, csrf: "", next: None, error: None };
        let html = offer(&view).unwrap().into_string();
        assert!(html.contains("MZXW 6YTB MZXW 6YTB") && html.contains("<svg"), "{html}");
        assert!(!html.contains("style="), "the policy refuses what is inline");
    }
}
