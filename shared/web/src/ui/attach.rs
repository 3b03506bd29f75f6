//! Files that go with a message: a form that takes them as it takes words, and what a reader sees of those that came. The
//! page's upload queue sends them; the script only carries them there and notes which of them the message names.

use domain::limits;
use maud::{Markup, html};

use super::form::{Choice, csrf_field, field_error};
use super::icon::{Icon, icon};
use super::state::{State, mark};
use super::words;

/// How far a file is that came with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachedStage<'a> {
    /// On its way, or being looked at: `state_href` says when it is there.
    Checking {
        words: &'a str,
        state_href: &'a str,
    },
    Ready,
    Refused {
        why: &'a str,
    },
}

impl AttachedStage<'_> {
    fn class(self) -> &'static str {
        match self {
            AttachedStage::Checking { .. } => "is-checking",
            AttachedStage::Ready => "is-ready",
            AttachedStage::Refused { .. } => "is-refused",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub href: &'a str,
    pub size_bytes: u64,
    pub stage: AttachedStage<'a>,
}

/// The files of one message.
pub fn attached(files: &[Attached<'_>]) -> Markup {
    html! {
        @if !files.is_empty() {
            ul.attached role="list" aria-label="Files" { @for file in files { li { (chip(file)) } } }
        }
    }
}

/// All of its marks are there; its class decides which is seen, so that a file that gets ready changes by its class.
fn chip(file: &Attached<'_>) -> Markup {
    let (words, state_href) = match file.stage {
        AttachedStage::Checking { words, state_href } => (words, Some(state_href)),
        AttachedStage::Ready => ("Ready", None),
        AttachedStage::Refused { why } => (why, None),
    };
    html! {
        a.attached-file.(file.stage.class()) href=(file.href) data-attached-state=[state_href] data-ready-words="Ready" {
            span.attached-mark {
                span.attached-wait { (mark(State::WaitingOnUs)) }
                span.attached-done { (icon(Icon::Document)) }
                span.attached-wrong { (mark(State::Overdue)) }
            }
            span.attached-words {
                span.attached-name { (file.name) }
                span.attached-note { (words::size(file.size_bytes)) " · " span data-attached-words { (words) } }
            }
        }
    }
}

/// A form whose files go with its words.
#[derive(Debug, Clone, Copy, Default)]
pub struct Composer<'a> {
    /// Begins the ids of its parts: several such forms may stand on a page.
    pub id: &'a str,
    pub action: &'a str,
    pub csrf: &'a str,
    pub attach: Option<Attaching<'a>>,
    /// Takes what is typed and not sent yet.
    pub keeps: Option<&'a str>,
    /// What it shows was typed before.
    pub kept: bool,
    /// Texts that can be put into it, by their names, as they would stand there.
    pub texts: &'a [(&'a str, &'a str)],
    /// Who can be named with an `@`, each with the side it belongs to.
    pub people: &'a [(&'a str, &'a str)],
}

/// Where the files of a form go. Only for who may upload.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attaching<'a> {
    /// Takes the same message from programs: the script sends it there while files are on their way.
    pub api: &'a str,
    /// The project; empty where it is chosen among `places`.
    pub project: &'a str,
    pub places: &'a [Choice<'a>],
    pub category: &'a str,
    /// `firm` where they are for the firm only.
    pub visibility: Option<&'a str>,
    /// What a message says that has only files.
    pub bare_words: &'a str,
    /// What it names already: it was refused, or begun before.
    pub files: &'a [Attached<'a>],
    pub wrong: Option<&'a str>,
}

/// The form, with the files and its buttons under its body.
pub fn composer(view: &Composer<'_>, body: Markup, buttons: Markup) -> Markup {
    let attach = view.attach.as_ref();
    html! {
        form.form.composer id={ (view.id) "-form" } method="post" action=(view.action) novalidate
            data-attaches[attach.is_some()] data-api=[attach.map(|at| at.api)] data-project=[attach.map(|at| at.project)]
            data-category=[attach.map(|at| at.category)] data-visibility=[attach.and_then(|at| at.visibility)]
            data-bare=[attach.map(|at| at.bare_words)] data-files-max=(limits::ATTACHMENTS_PER_MESSAGE_MAX)
            data-keeps=[view.keeps] {
            (csrf_field(view.csrf))
            (body)
            (people(view.id, view.people))
            @if let Some(attach) = attach { (files(view.id, attach)) }
            div.composer-foot {
                (buttons)
                @if let Some(attach) = attach { (chooser(view.id, attach)) }
                (texts(view.texts))
                @if view.keeps.is_some() { span.composer-kept data-kept { @if view.kept { "Your draft from before" } } }
            }
            p.unseen role="status" aria-live="polite" data-attach-status {}
        }
    }
}

fn files(id: &str, attach: &Attaching<'_>) -> Markup {
    let ids: Vec<&str> = attach.files.iter().map(|file| file.id).collect();
    html! {
        input type="hidden" name="attachments" value=(ids.join(" ")) autocomplete="off" data-attach-ids;
        div.attach-wrong data-attach-wrong hidden[attach.wrong.is_none()] tabindex="-1" {
            (field_error(&format!("{id}-attachments-error"), attach.wrong.unwrap_or_default()))
        }
        ul.attach-kept role="list" aria-label="Files of this message" data-attach-kept hidden[attach.files.is_empty()] {
            @for file in attach.files {
                li data-attach-id=(file.id) {
                    (chip(file))
                    button.icon-button type="button" data-attach-off {
                        (icon(Icon::Close)) span.unseen { "Take off " (file.name) }
                    }
                }
            }
        }
        ul.card.uploads.attach-list role="list" aria-label="Files on their way" data-attach-list data-off="Take off" hidden {}
    }
}

fn chooser(id: &str, attach: &Attaching<'_>) -> Markup {
    let input = format!("{id}-files");
    html! {
        div.attach-ask {
            input.drop-input.unseen type="file" id=(input) multiple data-attach-input
                aria-describedby=[attach.wrong.map(|_| format!("{id}-attachments-error"))];
            label.button.is-quiet for=(input) { (icon(Icon::Clip)) span { "Attach files" } }
            @if !attach.places.is_empty() { (places(id, attach)) }
        }
    }
}

/// Shown under the words while a name is begun behind an `@`, by the script.
fn people(id: &str, people: &[(&str, &str)]) -> Markup {
    html! {
        @if !people.is_empty() {
            ul.name-list role="listbox" id={ (id) "-names" } aria-label="People to name" data-names hidden {
                @for (place, (name, side)) in people.iter().enumerate() {
                    li.name-choice role="option" id={ (id) "-name-" (place) } aria-selected="false" data-name=(name) {
                        span { (name) } span.name-side { (side) }
                    }
                }
            }
        }
    }
}

/// Two presses: the list, and the one that is wanted.
fn texts(texts: &[(&str, &str)]) -> Markup {
    html! {
        @if !texts.is_empty() {
            details.menu.composer-texts data-menu {
                summary.button.is-quiet { span { "Insert a template" } (icon(Icon::Down)) }
                div.menu-panel {
                    ul.menu-list role="list" {
                        @for (name, text) in texts {
                            li { button.menu-item type="button" data-insert=(text) { span { (name) } } }
                        }
                    }
                }
            }
        }
    }
}

/// Files lie in a project. Where a conversation is about none, whoever attaches them says in which.
fn places(id: &str, attach: &Attaching<'_>) -> Markup {
    let select = format!("{id}-place");
    html! {
        div.attach-place {
            label.label for=(select) { "Files are for" }
            div.select {
                select.control id=(select) autocomplete="off" data-attach-place {
                    option value="" { "Choose\u{2026}" }
                    @for place in attach.places { option value=(place.value) selected[place.chosen] { (place.label) } }
                }
                (icon(Icon::Down))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<'a>(name: &'a str, stage: AttachedStage<'a>) -> Attached<'a> {
        Attached { id: "01A", name, href: "/clients/1/documents/2", size_bytes: 12_400, stage }
    }

    #[test]
    fn a_file_says_how_far_it_is_in_words() {
        let check = |stage, want: &[&str]| {
            let html = attached(&[file("<b>.pdf", stage)]).into_string();
            for part in want {
                assert!(html.contains(part), "{part}: {html}");
            }
            assert!(html.contains("&lt;b&gt;.pdf") && html.contains("12 kB"), "{html}");
        };
        check(AttachedStage::Ready, &["is-ready", ">Ready<"]);
        check(AttachedStage::Refused { why: "This file is empty." }, &["is-refused", "This file is empty."]);
        let checking = AttachedStage::Checking { words: "Being checked", state_href: "/api/v1/x" };
        check(checking, &["is-checking", "Being checked", r#"data-attached-state="/api/v1/x""#]);
        assert_eq!(attached(&[]).into_string(), "");
    }

    #[test]
    fn a_form_takes_files_from_who_may_upload() {
        let draw = |attach| {
            let view = Composer { id: "text", action: "/m", csrf: "c", attach, ..Composer::default() };
            composer(&view, html! { "words" }, html! { "send" }).into_string()
        };
        let without = draw(None);
        assert!(!without.contains("type=\"file\"") && !without.contains("data-attaches"), "{without}");
        let with = draw(Some(Attaching { files: &[file("a.pdf", AttachedStage::Ready)], ..Attaching::default() }));
        assert!(with.contains("data-attaches") && with.contains(r#"name="attachments" value="01A""#), "{with}");
    }
}
