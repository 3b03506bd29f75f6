//! The firm's newsletters, and one of them: as it reads, and while it is a draft the form, its trial and its sending.

use domain::firm::newsletter::{NewNewsletter, Newsletter, Recipients};
use domain::person::FieldRefused;
use domain::{NewsletterId, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{ListedClient, Newest};
use web::ui::Button;
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Choice, Field, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, facts_line, fold, note, page_head, rows, section};
use web::ui::words;

const CRUMBS: [Crumb<'static>; 2] =
    [Crumb { label: "Settings", href: "/firm/settings" }, Crumb { label: "Newsletters", href: "/firm/newsletters" }];

pub(crate) fn list(listed: &Newest<Newsletter>, now: Timestamp, zone: &TimeZone) -> Markup {
    let list = &listed.rows;
    let older = listed.next.as_ref().map(|next| format!("/firm/newsletters?after={next}"));
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
        (pagination(&Pages { next: older.as_deref(), ..Pages::default() }))
    }
}

fn clients(count: usize) -> String {
    words::count(count, "client", "clients")
}

fn all(count: usize) -> String {
    if count == 1 { "Your only client".to_owned() } else { format!("All {}", clients(count)) }
}

pub(crate) struct Form<'a> {
    pub(crate) action: &'a str,
    pub(crate) id: &'a NewsletterId,
    pub(crate) typed: &'a NewNewsletter,
    pub(crate) refused: &'a [FieldRefused],
    /// Somebody else was faster: what was typed is not saved.
    pub(crate) changed: bool,
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
    let all = all(view.clients.len());
    let edition = view.typed.edition.map(|edition| edition.to_string());
    let ids: Vec<String> = view.clients.iter().map(|client| client.client.to_string()).collect();
    let chosen: Vec<Choice<'_>> = view
        .clients
        .iter()
        .zip(&ids)
        .map(|(client, id)| Choice::new(id, client.name.as_str(), view.typed.clients.contains(id)))
        .collect();
    let which = Field { name: "clients", label: "Chosen clients", error: error("clients"), ..Field::default() };
    html! {
        @if view.changed {
            (banner(&Banner {
                tone: Tone::Attention,
                title: "Not saved yet: somebody changed it meanwhile",
                text: Some(html! { p { "Above is how it reads now, below what you typed. Save it to put yours in its place." } }),
                ..Banner::default()
            }))
        }
        (form::error_summary(&errors))
        (form::form(view.action, view.csrf, html! {
            input type="hidden" name="id" value=(view.id) autocomplete="off";
            @if let Some(edition) = &edition {
                input type="hidden" name="edition" value=(edition) autocomplete="off";
            }
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
    /// The firm's mails name nothing.
    pub(crate) is_nameless: bool,
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
            // Open where something in it was not saved; else out of the way of who only sends.
            (fold("Change it", view.form.changed || !view.form.refused.is_empty(), card(letter_form(&view.form, "Save", true))))
            (leaving(view))
        }
    }
}

/// The clients, by name where they are few.
fn recipients(view: &View<'_>) -> String {
    let known = view.form.clients;
    let chosen = match &view.of.to {
        Recipients::All => None,
        Recipients::Chosen { clients } => Some(clients),
    };
    let is_chosen = |client: &&ListedClient| chosen.is_some_and(|chosen| chosen.contains(&client.client));
    let names: Vec<&str> = known.iter().filter(is_chosen).map(|client| client.name.as_str()).collect();
    // Of what has left, to whom it did, whoever is a client by now.
    let count = view.of.sent.as_ref().map(|sent| sent.clients);
    match (chosen, count) {
        (None, None) => format!("the people of {}", lower(&all(known.len()))),
        (Some(_), None) if names.is_empty() => "nobody: the chosen clients are archived".to_owned(),
        (Some(_), _) if !names.is_empty() && names.len() <= limits::FILES_NAMED_MAX => {
            format!("the people of {}", names.join(", "))
        }
        (Some(_), None) => format!("the people of {}", clients(names.len())),
        (_, Some(count)) => format!("the people of {}", clients(count)),
    }
}

fn lower(words: &str) -> String {
    words.replacen("All ", "all ", 1).replacen("Your ", "your ", 1)
}

fn leaving(view: &View<'_>) -> Markup {
    let of = view.of;
    let count = view.form.clients.iter().filter(|client| of.to.include(&client.client)).count();
    let path = format!("/firm/newsletters/{}", of.id);
    let edition = of.edition.to_string();
    let send = format!("Send it to {}", clients(count));
    html! {
        (section(&Section { title: "Send it", ..Section::default() }, html! {
            (form::inline_form(
                &format!("{path}/trial"),
                view.form.csrf,
                &[],
                Button::quiet("Mail it to me first").about(view.own_address).submit(),
            ))
            @if count == 0 {
                p.hint { "None of its clients is there any more. Choose others first." }
            } @else {
            (fold(&send, false, card(html! {
                p {
                    "Their people hear of it at once, or in their next digest, as each of them chose. "
                    "It then stands in their portal, and cannot be taken back."
                }
                @if view.is_nameless {
                    p { "Your mails name nothing: this one says that there is a newsletter, and leads to it." }
                }
                (form::inline_form(
                    &format!("{path}/sending"),
                    view.form.csrf,
                    &[("edition", &edition)],
                    Button::primary(&send).submit(),
                ))
            })))
            }
        }))
    }
}
