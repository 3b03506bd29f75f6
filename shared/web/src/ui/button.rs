//! Buttons: what happens next, in the words of what happens. One primary button a page.

use maud::{Markup, html};

use super::icon::{Icon, icon};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The one thing to do next.
    #[default]
    Primary,
    /// Everything else.
    Quiet,
    /// What cannot be taken back.
    Danger,
    /// The same where it is not what people come for.
    QuietDanger,
}

impl ButtonKind {
    pub(super) fn class(self) -> &'static str {
        match self {
            ButtonKind::Primary => "is-primary",
            ButtonKind::Quiet => "is-quiet",
            ButtonKind::Danger => "is-danger",
            ButtonKind::QuietDanger => "is-quiet is-danger-quiet",
        }
    }
}

/// What a button says and looks like; whether it is a link or sends a form is chosen by the function.
#[derive(Debug, Clone, Copy, Default)]
pub struct Button<'a> {
    pub label: &'a str,
    pub kind: ButtonKind,
    pub icon: Option<Icon>,
    /// For rows and tables: lower to look at, and as easy to hit.
    pub small: bool,
    /// Said to screen readers after the label where several buttons say the same: "Download" · "Form 1040.pdf".
    pub about: Option<&'a str>,
}

impl<'a> Button<'a> {
    pub fn primary(label: &'a str) -> Self {
        Self { label, ..Self::default() }
    }
    pub fn quiet(label: &'a str) -> Self {
        Self { label, kind: ButtonKind::Quiet, ..Self::default() }
    }
    pub fn danger(label: &'a str) -> Self {
        Self { label, kind: ButtonKind::Danger, ..Self::default() }
    }
    pub fn quiet_danger(label: &'a str) -> Self {
        Self { label, kind: ButtonKind::QuietDanger, ..Self::default() }
    }
    pub fn with_icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }
    pub fn small(self) -> Self {
        Self { small: true, ..self }
    }
    pub fn about(self, about: &'a str) -> Self {
        Self { about: Some(about), ..self }
    }

    /// Goes somewhere, or takes a file away. A download has no attribute of its own: with one, an error or a page that
    /// says "being made" would be saved as if it were the file.
    pub fn link(self, href: &str) -> Markup {
        html! { a.button.(self.kind.class()).is-small[self.small] href=(href) { (self.content()) } }
    }

    /// The same where what comes takes the button's place on this page, and leads there where scripts do not run. It keeps its
    /// id, so that whoever presses it again and again by keyboard stays where they are.
    pub fn brings(self, id: &str, href: &str) -> Markup {
        html! {
            a.button.(self.kind.class()).is-small[self.small] id=(id) href=(href) hx-get=(href) hx-swap="outerHTML" {
                (self.content())
            }
        }
    }

    /// Sends the form it stands in; shows that it works and cannot be pressed twice.
    pub fn submit(self) -> Markup {
        html! { button.button.(self.kind.class()).is-small[self.small] type="submit" { (self.content()) } }
    }

    /// Sends the form it stands in and says which of several buttons it was.
    pub fn submit_as(self, name: &str, value: &str) -> Markup {
        html! {
            button.button.(self.kind.class()).is-small[self.small] type="submit" name=(name) value=(value) {
                (self.content())
            }
        }
    }

    /// Opens a dialog of this page. `href` is the page that asks the same where scripts do not run.
    pub fn opens(self, dialog: &str, href: &str) -> Markup {
        html! {
            a.button.(self.kind.class()).is-small[self.small] href=(href) data-opens=(dialog) aria-haspopup="dialog" {
                (self.content())
            }
        }
    }

    pub(super) fn content(self) -> Markup {
        html! {
            @if let Some(picture) = self.icon { (icon(picture)) }
            span { (self.label) }
            @if let Some(about) = self.about { span.unseen { " " (about) } }
        }
    }
}

/// Buttons side by side, the main one first.
pub fn actions(buttons: &[Markup]) -> Markup {
    html! { div.actions { @for button in buttons { (button) } } }
}
