//! One conversation: what was said, whose turn it is, and the place to write, always open.

use domain::message::{InternalNote, Message, ReadMark, Side, Topic, Waits};
use domain::person::TeamMember;
use domain::project::Project;
use domain::{ClientId, PersonId, Timestamp, limits};
use maud::{Markup, html};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{Field, check, error_summary, form, inline_form, text_area};
use web::ui::structure::{Crumb, PageHead, card, fold, page_head};
use web::ui::thread::{From, Said, conversation, internal};
use web::ui::{Button, Icon, words};

use super::Reader;
use super::list::turn;
use crate::reading::name_of;
use crate::writing::Typed;

/// What was said, and who reads it.
pub(crate) struct Spoken<'a> {
    /// The oldest first, as are the notes.
    pub(crate) messages: &'a [Message],
    pub(crate) notes: &'a [InternalNote],
    /// There are more before these.
    pub(crate) earlier: bool,
    /// There are more after these.
    pub(crate) older: bool,
    pub(crate) team: &'a [TeamMember],
    pub(crate) me: &'a PersonId,
    /// Numbers of the reader's own messages whose words can still be changed.
    pub(crate) editable: Vec<u64>,
    /// The thread's own.
    pub(crate) version: u64,
}

/// Where a conversation stands.
pub(crate) struct Stands<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) topic: &'a Topic,
}

impl Stands<'_> {
    fn href(&self) -> String {
        format!("/clients/{}/messages/{}", self.client, self.topic)
    }
}

pub(crate) struct View<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) topic: &'a Topic,
    /// None of the general conversation.
    pub(crate) project: Option<&'a Project>,
    pub(crate) waits: Option<Waits>,
    pub(crate) spoken: &'a Spoken<'a>,
    /// How far the reader had come before this page.
    pub(crate) read_before: ReadMark,
    pub(crate) typed: &'a Typed,
    pub(crate) wrong: Option<&'a str>,
    pub(crate) note: &'a Typed,
    pub(crate) note_wrong: Option<&'a str>,
    pub(crate) may_write: bool,
    pub(crate) may_settle: bool,
    pub(crate) may_note: bool,
    pub(crate) csrf: &'a str,
}

impl View<'_> {
    pub(crate) fn title(&self) -> String {
        match (self.project, self.reader.of_client) {
            (Some(project), _) => project.name.to_string(),
            (None, true) => format!("General questions to {}", self.reader.firm_name),
            (None, false) => format!("General: {}", self.client_name),
        }
    }

    fn stands(&self) -> Stands<'_> {
        Stands { reader: self.reader, client: self.client, topic: self.topic }
    }
}

pub(crate) fn thread(view: &View<'_>) -> Markup {
    let (all, here) = (format!("/clients/{}/messages", view.client), view.stands().href());
    let crumbs = [Crumb { label: "Messages", href: &all }];
    let project = view.project.map(|project| format!("/clients/{}/projects/{}", view.client, project.id));
    let see = view.project.map(|project| format!("See the {}", project.pack.noun())).unwrap_or_default();
    let actions: Vec<Markup> =
        project.iter().map(|href| Button::quiet(&see).with_icon(Icon::Folder).link(href)).collect();
    let title = view.title();
    let spoken = view.spoken;
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: &title, line: standing(view, &here), actions: &actions }))
        @if spoken.older { p { a href=(here) { "Back to the newest messages" } } }
        @if let Some(first) = spoken.messages.first().filter(|_| spoken.earlier) {
            p { a href={ (here) "?before=" (first.number) } { "Earlier messages" } }
        }
        @if spoken.messages.is_empty() && spoken.notes.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Message),
                title: "Nothing has been written here yet",
                text: if view.reader.of_client { "Your team answers here, and you get an e-mail when it does." }
                    else { "The client gets an e-mail with what you write." },
                action: None,
            }))
        }
        (said(&view.stands(), spoken, Some(view.read_before)))
        @if view.may_write && !spoken.older { (composer(view, &here)) }
        @if view.may_note && !spoken.older { (note_composer(view, &here)) }
    }
}

/// Whose turn it is; the firm can say otherwise.
fn standing(view: &View<'_>, here: &str) -> Option<Markup> {
    let action = format!("{here}/waiting");
    let settle = |side: &str, label: &str| {
        inline_form(&action, view.csrf, &[("side", side)], Button::quiet(label).small().submit())
    };
    let waits = view.waits.map(|waits| turn(waits.side, view.reader));
    let may = view.may_settle && !view.spoken.messages.is_empty();
    if waits.is_none() && !may {
        return None;
    }
    Some(html! {
        @if let Some(waits) = waits { (waits) " " }
        @if may {
            @match view.waits.map(|waits| waits.side) {
                Some(_) => (settle("nobody", "No answer needed")),
                None => (settle("firm", "Waiting for us")),
            }
        }
    })
}

/// The messages, as a page shows them and as they are told to one that is open, which has shown what is new.
pub(crate) fn said(stands: &Stands<'_>, spoken: &Spoken<'_>, read_before: Option<ReadMark>) -> Markup {
    let (reader, here) = (stands.reader, stands.href());
    let when = |at: Timestamp| words::instant(at, reader.now, &reader.zone);
    let ids: Vec<String> = spoken.messages.iter().map(|message| format!("message-{}", message.number)).collect();
    let note_ids: Vec<String> = spoken.notes.iter().map(|note| format!("note-{}", note.id)).collect();
    let first_new = read_before
        .filter(|mark| mark.number > 0)
        .and_then(|mark| spoken.messages.iter().find(|m| m.number > mark.number && m.by != *spoken.me))
        .map(|message| message.number);
    let messages = spoken.messages.iter().zip(&ids).map(|(message, id)| {
        let edit = format!("{here}/{}/edit", message.number);
        let action = spoken.editable.contains(&message.number).then(|| Button::quiet("Change").small().link(&edit));
        let said = Said {
            id,
            who: name_of(spoken.team, &message.by),
            from: if message.by == *spoken.me { From::Reader } else { From::Other },
            text: message.text.as_str(),
            when: when(message.at),
            edited: message.edited_at.is_some(),
            first_new: first_new == Some(message.number),
            action,
        };
        (message.at, said)
    });
    // Of an older part only the notes that were written meanwhile.
    let oldest = spoken.messages.first().map(|message| message.at);
    let within = |note: &InternalNote| !spoken.earlier || oldest.is_none_or(|oldest| note.at >= oldest);
    let notes = spoken.notes.iter().zip(&note_ids).filter(|(note, _)| within(note)).map(|(note, id)| {
        let said = Said {
            id,
            who: name_of(spoken.team, &note.by),
            from: From::Note,
            text: note.text.as_str(),
            when: when(note.at),
            edited: false,
            first_new: false,
            action: None,
        };
        (note.at, said)
    });
    let mut all: Vec<(Timestamp, Said<'_>)> = messages.chain(notes).collect();
    all.sort_by_key(|(at, _)| *at);
    let news = (!spoken.older).then(|| format!("{here}/news"));
    conversation(news.as_deref(), spoken.version, all.into_iter().map(|(_, said)| said))
}

fn composer(view: &View<'_>, here: &str) -> Markup {
    let errors: Vec<(&str, &str)> = view.wrong.map(|why| ("text", why)).into_iter().collect();
    let label = if view.reader.of_client { "Your message" } else { "Message to the client" };
    let field = Field { name: "text", label, error: view.wrong, ..Field::default() };
    let asks = !view.typed.answer_wanted.is_empty() || view.waits.is_some_and(|waits| waits.side == Side::Client);
    card(html! {
        (error_summary(&errors))
        (form(here, view.csrf, html! {
            input type="hidden" name="once" value=(view.typed.once);
            (text_area(&field, &view.typed.text, 3, limits::MESSAGE_CHARACTERS_MAX))
            @if !view.reader.of_client { (check("answer_wanted", "I need an answer from the client", asks)) }
            (Button::primary("Send").with_icon(Icon::Message).submit())
        }))
    })
}

fn note_composer(view: &View<'_>, here: &str) -> Markup {
    let errors: Vec<(&str, &str)> = view.note_wrong.map(|why| ("note", why)).into_iter().collect();
    let field = Field { name: "note", label: "Note", error: view.note_wrong, ..Field::default() };
    fold(
        "Add an internal note",
        view.note_wrong.is_some(),
        internal(html! {
            (error_summary(&errors))
            (form(&format!("{here}/notes"), view.csrf, html! {
                input type="hidden" name="once" value=(view.note.once);
                (text_area(&field, &view.note.note, 3, limits::MESSAGE_CHARACTERS_MAX))
                (Button::quiet("Keep the note").with_icon(Icon::Lock).submit())
            }))
        }),
    )
}
