//! What the page says back: banners, toasts, dialogs, empty states, progress, and pages about errors.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::state::{State, mark};

/// How a banner is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Info,
    Done,
    /// The reader has to do something soon.
    Attention,
    /// Something went wrong.
    Problem,
}

impl Tone {
    pub const ALL: [Tone; 4] = [Tone::Info, Tone::Done, Tone::Attention, Tone::Problem];

    fn class(self) -> &'static str {
        match self {
            Tone::Info => "is-us",
            Tone::Done => "is-done",
            Tone::Attention => "is-you",
            Tone::Problem => "is-overdue",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Tone::Info => Icon::Info,
            Tone::Done => Icon::Check,
            Tone::Attention => Icon::Clock,
            Tone::Problem => Icon::Alert,
        }
    }

    /// Said first to those who cannot see the colour.
    fn word(self) -> &'static str {
        match self {
            Tone::Info => "Note: ",
            Tone::Done => "Done: ",
            Tone::Attention => "Attention: ",
            Tone::Problem => "Problem: ",
        }
    }
}

/// A message that belongs to the page as long as it is true.
#[derive(Default)]
pub struct Banner<'a> {
    pub tone: Tone,
    pub title: &'a str,
    pub text: Option<Markup>,
    pub action: Option<Markup>,
}

pub fn banner(view: &Banner<'_>) -> Markup {
    html! {
        div.banner.(view.tone.class()) {
            (icon(view.tone.icon()))
            div.banner-words {
                p.banner-title { span.unseen { (view.tone.word()) } (view.title) }
                @if let Some(text) = &view.text { div.banner-text { (text) } }
            }
            @if let Some(action) = &view.action { div.banner-action { (action) } }
        }
    }
}

/// Says once that something has been done, with a way back where there is one.
#[derive(Debug, Clone, Default)]
pub struct Toast {
    pub text: String,
    /// Button's label and the address it posts to.
    pub undo: Option<(String, String)>,
}

/// How long a toast stays: to be read, or to be read and thought over.
const TOAST_MILLISECONDS: u32 = 6_000;
const TOAST_UNDO_MILLISECONDS: u32 = 20_000;

/// The place where toasts appear; always on the page, so that screen readers hear what is put into it.
pub(crate) fn toasts(notice: Option<&Toast>, csrf: &str) -> Markup {
    html! {
        div.toasts id="toasts" role="status" aria-live="polite" {
            @if let Some(notice) = notice { (toast(notice, csrf)) }
        }
    }
}

pub fn toast(view: &Toast, csrf: &str) -> Markup {
    let leaves = if view.undo.is_some() { TOAST_UNDO_MILLISECONDS } else { TOAST_MILLISECONDS };
    staying(view, csrf, Some(leaves))
}

/// What went wrong stays until it is closed.
pub fn error_toast(text: String) -> Markup {
    staying(&Toast { text, undo: None }, "", None)
}

fn staying(view: &Toast, csrf: &str, leaves: Option<u32>) -> Markup {
    html! {
        div.toast data-toast data-leaves=[leaves] {
            p { (view.text) }
            @if let Some((label, action)) = &view.undo {
                form method="post" action=(action) {
                    (super::form::csrf_field(csrf))
                    button.toast-action type="submit" { (label) }
                }
            }
            button.toast-close type="button" data-dismiss aria-label="Close this message" { (icon(Icon::Close)) }
        }
    }
}

/// A question over the page. It is opened by [`super::Button::opens`] with the same id.
pub struct Dialog<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub body: Markup,
    /// Where the question's form is posted to.
    pub action: &'a str,
    pub csrf: &'a str,
    /// The button that does it.
    pub confirm: Markup,
}

pub fn dialog(view: &Dialog<'_>) -> Markup {
    let title_id = format!("{}-title", view.id);
    html! {
        dialog.dialog id=(view.id) aria-labelledby=(title_id) closedby="any" {
            h2 id=(title_id) { (view.title) }
            form.form method="post" action=(view.action) {
                (super::form::csrf_field(view.csrf))
                (view.body)
                div.actions {
                    (view.confirm)
                    button.button.is-quiet type="submit" formmethod="dialog" formnovalidate data-close { span { "Cancel" } }
                }
            }
        }
    }
}

/// What will appear here and who starts it.
#[derive(Default)]
pub struct Empty<'a> {
    pub icon: Option<Icon>,
    pub title: &'a str,
    pub text: &'a str,
    pub action: Option<Markup>,
}

pub fn empty(view: &Empty<'_>) -> Markup {
    html! {
        div.empty {
            @if let Some(picture) = view.icon { (icon(picture)) }
            p.empty-title { (view.title) }
            p.empty-text { (view.text) }
            @if let Some(action) = &view.action { (action) }
        }
    }
}

/// Nothing is to be done: said in one line, since it asks for nothing.
pub fn all_clear(title: &str, text: &str) -> Markup {
    html! {
        div.card.clear {
            (mark(State::Done))
            div {
                p.clear-title { (title) }
                p.clear-text { (text) }
            }
        }
    }
}

/// How far along something is: "3 of 5 documents". The words are shown beside the bar.
pub fn progress(label: &str, done: u64, all: u64) -> Markup {
    html! {
        div.progress {
            div.progress-words { span { (label) } span.progress-count { (done) " of " (all) } }
            progress aria-label=(label) value=(done) max=(all.max(1)) {}
        }
    }
}

/// The content of a page about an error: what happened, that nothing is lost, what to do.
#[derive(Default)]
pub struct ErrorContent<'a> {
    pub title: &'a str,
    pub text: &'a str,
    /// Given to support; no meaning to anybody else.
    pub reference: Option<&'a str>,
    pub actions: &'a [Markup],
}

pub fn error_content(view: &ErrorContent<'_>) -> Markup {
    html! {
        div.error-content {
            h1 { (view.title) }
            p { (view.text) }
            @if !view.actions.is_empty() { (super::button::actions(view.actions)) }
            @if let Some(reference) = view.reference {
                p.error-reference { "If you write to us about this, name the reference " code { (reference) } "." }
            }
        }
    }
}
