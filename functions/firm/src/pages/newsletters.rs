//! The firm's newsletters, and one of them: as it reads, and while it is a draft the form, its trial and its sending.

use domain::firm::newsletter::{NewNewsletter, Newsletter, Recipients};
use domain::person::FieldRefused;
use domain::{Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::ListedClient;
use web::ui::Button;
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Choice, Field, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, facts_line, fold, note, page_head, rows, section};
use web::ui::words;

const CRUMBS: [Crumb<'static>; 2] =
    [Crumb { label: "Settings", href: "/firm/settings" }, Crumb { label: "Newsletters", href: "/firm/newsletters" }];

pub(crate) fn list(list: &[Newsletter], now: Timestamp, zone: &TimeZone) -> Markup {
    let write = || Button::primary("Write a newsletter").link("/firm/newsletters/new");
    let actions = if list.is_empty() { Vec::new() } else { vec![write()] };
    let head = PageHead { crumbs: &CRUMBS[..1], title: "Newsletters", actions: &actions, ..PageHead::default() };
    let lines: Vec<(String, Markup, Markup)> = list
        .iter()
        .map(|of| {
            let (pill, meta) = match &of.sent {
                Some(sent) => (
                    pill_saying(State::Done, "Sent"),
                    vec![words::instant(sent.at, now, zone), html! { "to " (clients(sent.clients)) }],
                ),
                None => (
                    pill_saying(State::Quiet, "Draft"),
                    vec![html! { "changed " (words::instant(of.written_at, now, zone)) }],
                ),
            };
            (format!("/firm/newsletters/{}", of.id), facts_line(&meta), pill)
        })
        .collect();
    let shown = list.iter().zip(&lines).map(|(of, (href, meta, pill))| Row {
        title: of.letter.subject.as_str(),
        href: Some(href),
        meta: Some(meta.clone()),
        trail: Some(pill.clone()),
        ..Row::default()
    });
    html! {
        (page_head(&head))
        @if list.is_empty() {
            (empty(&Empty {
                icon: None,
                title: "No newsletters yet",
                text: "News that are about nobody's own work: new rules, a new colleague, when you are closed.",
                action: Some(write()),
            }))
        } @else {
            (rows(shown))
        }
    }
}

fn clients(count: usize) -> String {
    if count == 1 { "1 client".to_owned() } else { format!("{count} clients") }
}

pub(crate) struct Form<'a> {
    pub(crate) action: &'a str,
    pub(crate) typed: &'a NewNewsletter,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) clients: &'a [ListedClient],
    pub(crate) csrf: &'a str,
}

pub(crate) fn new(form: &Form<'_>) -> Markup {
    let head = PageHead { crumbs: &CRUMBS, title: "New newsletter", ..PageHead::default() };
    html! {
        (page_head(&head))
        p { "You see how it reads, and can have it mailed to yourself, before anybody gets it." }
        (card(letter_form(form, "Save and look at it", false)))
    }
}

fn letter_form(view: &Form<'_>, save: &'static str, may_remove: bool) -> Markup {
    let error = |field: &str| {
        let found = view.refused.iter().find(|refused| refused.field == field);
        found.map(|refused| refused.why.as_str())
    };
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    let subject = TextInput {
        field: Field { name: "subject", label: "Subject", error: error("subject"), ..Field::default() },
        value: &view.typed.subject,
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let text = Field {
        name: "text",
        label: "Text",
        hint: Some("An empty line begins a new paragraph."),
        error: error("text"),
        ..Field::default()
    };
    let to = Field { name: "to", label: "Who gets it", error: error("to"), ..Field::default() };
    let all = format!("All {}", clients(view.clients.len()));
    let ids: Vec<String> = view.clients.iter().map(|client| client.client.to_string()).collect();
    let chosen: Vec<Choice<'_>> = view
        .clients
        .iter()
        .zip(&ids)
        .map(|(client, id)| Choice::new(id, client.name.as_str(), view.typed.clients.contains(id)))
        .collect();
    let which = Field { name: "clients", label: "Chosen clients", error: error("clients"), ..Field::default() };
    html! {
        (form::error_summary(&errors))
        (form::form(view.action, view.csrf, html! {
            (form::text_input(&subject))
            (form::text_area(&text, &view.typed.text, 12, limits::MESSAGE_CHARACTERS_MAX))
            (form::radios(&to, &[
                Choice::new("all", &all, view.typed.to == "all"),
                Choice::new("chosen", "Only the clients chosen below", view.typed.to == "chosen"),
            ]))
            (form::checks(&which, &chosen))
            div.actions {
                (Button::primary(save).submit())
                @if may_remove { (Button::quiet_danger("Throw the draft away").submit_as("remove", "yes")) }
            }
        }))
    }
}

pub(crate) struct View<'a> {
    pub(crate) of: &'a Newsletter,
    pub(crate) firm_name: &'a str,
    /// Of whoever looks.
    pub(crate) own_address: &'a str,
    pub(crate) form: Form<'a>,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn one(view: &View<'_>) -> Markup {
    let of = view.of;
    let line = match &of.sent {
        Some(sent) => vec![
            pill_saying(State::Done, "Sent"),
            words::instant(sent.at, view.now, view.zone),
            html! { "to " (clients(sent.clients)) },
        ],
        None => vec![
            pill_saying(State::Quiet, "Draft"),
            html! { "changed " (words::instant(of.written_at, view.now, view.zone)) },
        ],
    };
    let head = PageHead {
        crumbs: &CRUMBS,
        title: of.letter.subject.as_str(),
        line: Some(facts_line(&line)),
        ..PageHead::default()
    };
    html! {
        (page_head(&head))
        (section(&Section { title: "As it reads", ..Section::default() }, card(html! {
            p.hint { "From " (view.firm_name) ", to " (recipients(view)) }
            @for paragraph in of.letter.paragraphs() { (note(paragraph)) }
        })))
        @if of.sent.is_none() {
            (leaving(view))
            (section(&Section { title: "Change it", ..Section::default() }, card(letter_form(&view.form, "Save", true))))
        }
    }
}

/// The clients, by name where they are few.
fn recipients(view: &View<'_>) -> String {
    let known = view.form.clients;
    let names: Vec<&str> =
        known.iter().filter(|client| view.of.to.include(&client.client)).map(|client| client.name.as_str()).collect();
    match (&view.of.to, names.as_slice()) {
        (Recipients::All, _) => format!("the people of all {}", clients(known.len())),
        (_, []) => "nobody: the chosen clients are archived".to_owned(),
        (_, few) if few.len() <= limits::FILES_NAMED_MAX => format!("the people of {}", few.join(", ")),
        (_, many) => format!("the people of {}", clients(many.len())),
    }
}

fn leaving(view: &View<'_>) -> Markup {
    let of = view.of;
    let count = view.form.clients.iter().filter(|client| of.to.include(&client.client)).count();
    let path = format!("/firm/newsletters/{}", of.id);
    let version = of.version.to_string();
    let send = format!("Send it to {}", clients(count));
    html! {
        (section(&Section { title: "Send it", ..Section::default() }, html! {
            (form::inline_form(
                &format!("{path}/trial"),
                view.form.csrf,
                &[],
                Button::quiet("Mail it to me first").about(view.own_address).submit(),
            ))
            (fold(&send, false, card(html! {
                p {
                    "Their people hear of it at once, or in their next digest, as each of them chose. "
                    "It then stands in their portal, and cannot be taken back."
                }
                (form::inline_form(
                    &format!("{path}/sending"),
                    view.form.csrf,
                    &[("version", &version)],
                    Button::primary(&send).submit(),
                ))
            })))
        }))
    }
}
