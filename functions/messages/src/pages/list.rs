//! All conversations of a client, the one that moved last first, and a place to begin or go on with one.

use domain::message::{Message, Side, Thread};
use domain::person::TeamMember;
use domain::project::Project;
use domain::{ClientId, limits};
use maud::{Markup, html};
use storage::Came;
use web::ui::button::actions;
use web::ui::feedback::{Empty, empty};
use web::ui::form::{Choice, Field, error_summary_saying, form, select, text_area};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Row, Section, avatar, card, facts_line, page_head, rows, section};
use web::ui::{Button, Icon, words};

use super::{NOT_SENT, Reader};
use crate::reading::name_of;
use crate::writing::Typed;

pub(crate) struct List<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) lines: &'a [Line<'a>],
    /// Projects that are open, to write about.
    pub(crate) open: &'a [&'a Project],
    pub(crate) team: &'a [TeamMember],
    pub(crate) typed: &'a Typed,
    pub(crate) wrong: Option<&'a str>,
    pub(crate) may_write: bool,
    /// May send files with a message.
    pub(crate) may_attach: bool,
    /// The newest newsletter, where one came.
    pub(crate) newsletter: Option<&'a Came>,
    /// May see what was sent to whom.
    pub(crate) may_see_sent: bool,
    pub(crate) csrf: &'a str,
}

pub(crate) struct Line<'a> {
    pub(crate) thread: &'a Thread,
    pub(crate) project: Option<&'a Project>,
    pub(crate) newest: Option<&'a Message>,
    pub(crate) unread: u64,
}

/// Of the newest message of a thread.
const BEGINNING_CHARACTERS: usize = 120;

pub(crate) fn list(view: &List<'_>) -> Markup {
    let sent = format!("/clients/{}/notices", view.client);
    let sent = Button::quiet("What was sent").with_icon(Icon::Mail).link(&sent);
    let actions = if view.may_see_sent { std::slice::from_ref(&sent) } else { &[] };
    // What is new is what somebody came for; what was refused is what somebody was at.
    let has_news = view.wrong.is_none() && view.lines.iter().any(|line| line.unread > 0);
    html! {
        (page_head(&PageHead { title: "Messages", actions, ..PageHead::default() }))
        @if has_news { (conversations(view)) }
        @if view.may_write { (composer(view)) }
        @if view.lines.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Message),
                title: "No messages yet",
                text: &nothing(view.reader),
                action: None,
            }))
        } @else if !has_news {
            (conversations(view))
        }
        @if let Some(newsletter) = view.newsletter { (newest_newsletter(view, newsletter)) }
    }
}

fn newest_newsletter(view: &List<'_>, newsletter: &Came) -> Markup {
    let all = format!("/clients/{}/newsletters", view.client);
    let head = Section { title: "Newsletters", more: Some(("All", &all)), ..Section::default() };
    section(&head, super::newsletters::list_of(std::slice::from_ref(newsletter), view.reader, view.client))
}

fn nothing(reader: &Reader) -> String {
    if reader.of_client {
        format!("Write above, and {} answers here. You get an e-mail when it does.", reader.firm_name)
    } else {
        "What you and the client write to each other appears here. Both sides get an e-mail.".to_owned()
    }
}

fn composer(view: &List<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.wrong.map(|why| ("text", why)).into_iter().collect();
    let about = chosen(view);
    let mut choices: Vec<Choice<'_>> = view
        .open
        .iter()
        .map(|project| Choice::new(project.id.as_str(), project.name.as_str(), about == project.id.as_str()))
        .collect();
    choices.push(Choice::new("general", "Something else", about == "general"));
    let label = if view.reader.of_client { "Ask a question or tell us something" } else { "Write to the client" };
    let field = Field { name: "text", label, error: view.wrong, ..Field::default() };
    let mut buttons = vec![Button::primary("Send").with_icon(Icon::Message).submit()];
    if view.may_attach {
        // Files are attached where the message stands: what was typed goes there with its writer.
        buttons.push(Button::quiet("Attach files").with_icon(Icon::Clip).submit_as("go_on", "files"));
    }
    card(html! {
        (error_summary_saying(NOT_SENT, &errors))
        (form(&format!("/clients/{}/messages", view.client), view.csrf, html! {
            input type="hidden" name="once" value=(view.typed.once) autocomplete="off";
            (text_area(&field, &view.typed.text, 3, limits::MESSAGE_CHARACTERS_MAX))
            @if choices.len() > 1 {
                (select(&Field { name: "topic", label: "About", ..Field::default() }, &choices))
            } @else {
                input type="hidden" name="topic" value="general";
            }
            (actions(&buttons))
        }))
    })
}

/// What was chosen before, else the only project there is: most clients have one.
fn chosen<'a>(view: &'a List<'_>) -> &'a str {
    match (view.typed.topic.as_str(), view.open) {
        ("", [first, ..]) => view
            .lines
            .iter()
            .filter_map(|line| line.project)
            .find(|project| view.open.iter().any(|open| open.id == project.id))
            .map_or(first.id.as_str(), |project| project.id.as_str()),
        ("", []) => "general",
        (typed, _) => typed,
    }
}

fn conversations(view: &List<'_>) -> Markup {
    let reader = view.reader;
    let hrefs: Vec<String> =
        view.lines.iter().map(|line| format!("/clients/{}/messages/{}", view.client, line.thread.topic)).collect();
    let titles: Vec<&str> =
        view.lines.iter().map(|line| line.project.map_or("General", |project| project.name.as_str())).collect();
    let list = rows(view.lines.iter().zip(hrefs.iter().zip(&titles)).map(|(line, (href, title))| {
        let who = name_of(view.team, &line.thread.last_by);
        let beginning = line.newest.map(|newest| newest.text.beginning(BEGINNING_CHARACTERS)).unwrap_or_default();
        let mut meta = vec![html! { (who) ": " (beginning) }];
        meta.push(words::instant(line.thread.last_at, reader.now, &reader.zone));
        Row {
            lead: Some(avatar(who)),
            title,
            href: Some(href),
            meta: Some(facts_line(&meta)),
            trail: trail(line, reader),
        }
    }));
    section(&Section { title: "Conversations", ..Section::default() }, list)
}

/// What is new for the reader comes before whose turn it is.
fn trail(line: &Line<'_>, reader: &Reader) -> Option<Markup> {
    if line.unread > 0 {
        return Some(pill_saying(State::WaitingOnYou, &format!("{} new", line.unread)));
    }
    let waits = line.thread.waits?;
    Some(turn(waits.side, reader))
}

pub(super) fn turn(side: Side, reader: &Reader) -> Markup {
    match (side, reader.of_client) {
        (Side::Client, true) => pill_saying(State::WaitingOnYou, "Your answer is wanted"),
        (Side::Firm, true) => pill_saying(State::WaitingOnUs, "Waiting for the firm"),
        (Side::Client, false) => pill_saying(State::WaitingOnUs, "Waiting for the client"),
        (Side::Firm, false) => pill_saying(State::WaitingOnYou, "Waiting for us"),
    }
}
