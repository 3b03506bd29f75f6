//! One conversation: what was said, whose turn it is, and the place to write, always open.

use domain::message::{BARE_WORDS, InternalNote, Message, Part, ReadMark, Side, Topic, Waits, can_be_named};
use domain::person::TeamMember;
use domain::project::Project;
use domain::{ClientId, DocumentId, PersonId, Timestamp, limits};
use maud::{Markup, html};
use web::ui::attach::{Attached, Attaching, Composer, attached, composer as composing};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{Choice, Field, check, error_summary, error_summary_saying, inline_form, text_area};
use web::ui::structure::{Crumb, PageHead, card, fold, page_head};
use web::ui::thread::{From, Said, conversation, internal, script};
use web::ui::upload::queue;
use web::ui::{Button, Icon, words};

use super::list::turn;
use super::{NOT_SENT, Reader};
use crate::attaching::{FileShown, Files};
use crate::composing::Composed;
use crate::reading::name_of;

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
    pub(crate) files: &'a Files,
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
    /// Projects that files of the general conversation can be for.
    pub(crate) places: &'a [Project],
    pub(crate) waits: Option<Waits>,
    pub(crate) spoken: &'a Spoken<'a>,
    /// How far the reader had come before this page.
    pub(crate) read_before: ReadMark,
    pub(crate) message: &'a Composed,
    pub(crate) note: &'a Composed,
    /// What the firm's people can put into a message, by name.
    pub(crate) texts: &'a [(String, String)],
    pub(crate) may_write: bool,
    pub(crate) may_settle: bool,
    pub(crate) may_note: bool,
    /// Send files with what is written to the other side, and keep them with a note.
    pub(crate) may_attach: bool,
    pub(crate) may_keep: bool,
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
        @if (view.may_attach && view.may_write || view.may_keep && view.may_note) && !spoken.older {
            (queue(view.client.as_str(), view.project.map_or("", |project| project.id.as_str())))
        }
        @if view.may_write && !spoken.older { (composer(view, &here)) }
        @if view.may_note && !spoken.older { (note_composer(view, &here)) }
        (script())
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
    let files = |ids: &[DocumentId]| {
        let shown = spoken.files.shown(ids, stands.client, reader.now);
        let chips: Vec<Attached<'_>> = shown.iter().map(FileShown::chip).collect();
        (!chips.is_empty()).then(|| attached(&chips))
    };
    let named =
        |mentions: &[PersonId]| -> Vec<&str> { mentions.iter().map(|person| name_of(spoken.team, person)).collect() };
    let message_names: Vec<Vec<&str>> = spoken.messages.iter().map(|message| named(&message.mentions)).collect();
    let note_names: Vec<Vec<&str>> = spoken.notes.iter().map(|note| named(&note.mentions)).collect();
    let messages = spoken.messages.iter().zip(ids.iter().zip(&message_names)).map(|(message, (id, named))| {
        let edit = format!("{here}/{}/edit", message.number);
        let action = spoken.editable.contains(&message.number).then(|| Button::quiet("Change").small().link(&edit));
        let said = Said {
            id,
            who: name_of(spoken.team, &message.by),
            from: if message.by == *spoken.me { From::Reader } else { From::Other },
            text: message.text.as_str(),
            named,
            when: when(message.at),
            edited: message.edited_at.is_some(),
            first_new: first_new == Some(message.number),
            files: files(&message.attachments),
            action,
        };
        (message.at, said)
    });
    // Of an older part only the notes that were written meanwhile.
    let oldest = spoken.messages.first().map(|message| message.at);
    let within = |note: &InternalNote| !spoken.earlier || oldest.is_none_or(|oldest| note.at >= oldest);
    let notes = spoken.notes.iter().zip(note_ids.iter().zip(&note_names));
    let notes = notes.filter(|(note, _)| within(note)).map(|(note, (id, named))| {
        let said = Said {
            id,
            who: name_of(spoken.team, &note.by),
            from: From::Note,
            text: note.text.as_str(),
            named,
            when: when(note.at),
            edited: false,
            first_new: false,
            files: files(&note.attachments),
            action: None,
        };
        (note.at, said)
    });
    let mut all: Vec<(Timestamp, Said<'_>)> = messages.chain(notes).collect();
    all.sort_by_key(|(at, _)| *at);
    let news = (!spoken.older).then(|| format!("{here}/news"));
    conversation(news.as_deref(), spoken.version, all.into_iter().map(|(_, said)| said))
}

fn errors<'a>(composed: &'a Composed, fields: &[&'static str]) -> Vec<(&'static str, &'a str)> {
    fields.iter().filter_map(|field| Some((*field, composed.wrong_with(field)?))).collect()
}

fn composer(view: &View<'_>, here: &str) -> Markup {
    let message = view.message;
    let label = if view.reader.of_client { "Your message" } else { "Message to the client" };
    let field = Field { name: "text", label, error: message.wrong_with("text"), ..Field::default() };
    let asks = !message.typed.answer_wanted.is_empty() || view.waits.is_some_and(|waits| waits.side == Side::Client);
    let body = html! {
        input type="hidden" name="once" value=(message.typed.once) autocomplete="off";
        (text_area(&field, &message.typed.text, 3, limits::MESSAGE_CHARACTERS_MAX))
        @if !view.reader.of_client { (check("answer_wanted", "I need an answer from the client", asks)) }
    };
    let send = Button::primary("Send").with_icon(Icon::Message).submit();
    let api = format!("/api/v1{here}");
    card(html! {
        (error_summary_saying(NOT_SENT, &errors(message, &["text"])))
        (with_files(view, &Drawn { id: "message", action: here, api: &api, internal: false, of: message }, body, send))
    })
}

fn note_composer(view: &View<'_>, here: &str) -> Markup {
    let note = view.note;
    let (action, api) = (format!("{here}/notes"), format!("/api/v1{here}/notes"));
    let field = Field { name: "note", label: "Note", error: note.wrong_with("note"), ..Field::default() };
    let body = html! {
        input type="hidden" name="once" value=(note.typed.once) autocomplete="off";
        (text_area(&field, &note.typed.note, 3, limits::MESSAGE_CHARACTERS_MAX))
    };
    let keep = Button::quiet("Keep the note").with_icon(Icon::Lock).submit();
    let part = Drawn { id: "note", action: &action, api: &api, internal: true, of: note };
    let inner = html! { (error_summary(&errors(note, &["note"]))) (with_files(view, &part, body, keep)) };
    fold("Add an internal note", note.wrong.is_some() || note.kept, internal(inner))
}

/// One of the two composers of the page.
struct Drawn<'a> {
    id: &'a str,
    action: &'a str,
    api: &'a str,
    internal: bool,
    of: &'a Composed,
}

fn with_files(view: &View<'_>, part: &Drawn<'_>, body: Markup, buttons: Markup) -> Markup {
    let places: Vec<Choice<'_>> = match view.places {
        // Where there is one only, it need not be said.
        [_] => Vec::new(),
        many => many.iter().map(|place| Choice::new(place.id.as_str(), place.name.as_str(), false)).collect(),
    };
    let of = view.project.or(view.places.first());
    let category = of.map_or("", |project| project.pack.category_of_messages());
    let chips: Vec<Attached<'_>> = part.of.files.iter().map(FileShown::chip).collect();
    let may = if part.internal { view.may_keep } else { view.may_attach };
    let attach = may.then_some(Attaching {
        api: part.api,
        project: of.filter(|_| places.is_empty()).map_or("", |project| project.id.as_str()),
        places: &places,
        category,
        visibility: part.internal.then_some("firm"),
        bare_words: BARE_WORDS,
        files: &chips,
        wrong: part.of.wrong_with("attachments"),
    });
    let keeps = format!("{}/draft", part.api);
    let texts: Vec<(&str, &str)> = match part.internal {
        true => Vec::new(),
        false => view.texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
    };
    let kind = if part.internal { Part::Note } else { Part::Message };
    let others =
        view.spoken.team.iter().filter(|member| member.person != *view.spoken.me && can_be_named(member, kind));
    let side = |of_client: bool| if of_client { view.client_name } else { view.reader.firm_name.as_str() };
    let people: Vec<(&str, &str)> = others.map(|member| (member.name.as_str(), side(member.of_client))).collect();
    let composer = Composer {
        id: part.id,
        action: part.action,
        csrf: view.csrf,
        attach,
        keeps: Some(&keeps),
        kept: part.of.kept,
        texts: &texts,
        people: &people,
    };
    composing(&composer, body, buttons)
}
