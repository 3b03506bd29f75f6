//! A menu that opens without scripts: `details` and `summary`. A script closes it by Escape or a press elsewhere.

use maud::{Markup, html};

use super::icon::{Icon, icon};

/// One entry: a link, or a form that changes something.
pub enum MenuItem<'a> {
    Link {
        label: &'a str,
        href: &'a str,
        icon: Option<Icon>,
    },
    /// Posts `fields` with the session's token.
    Post {
        label: &'a str,
        action: &'a str,
        csrf: &'a str,
        fields: &'a [(&'a str, &'a str)],
        icon: Option<Icon>,
    },
    /// Sets off what follows it.
    Line,
}

#[derive(Default)]
pub struct Menu<'a> {
    pub label: &'a str,
    pub items: &'a [MenuItem<'a>],
}

/// A quiet button that opens a list of things to do.
pub fn menu(view: &Menu<'_>) -> Markup {
    html! {
        details.menu data-menu {
            summary.button.is-quiet { span { (view.label) } (icon(Icon::Down)) }
            div.menu-panel { (menu_items(view.items)) }
        }
    }
}

pub(crate) fn menu_items(items: &[MenuItem<'_>]) -> Markup {
    let after_line = |place: usize| place > 0 && matches!(items[place - 1], MenuItem::Line);
    html! {
        ul.menu-list role="list" { @for (place, item) in items.iter().enumerate() { (menu_item(item, after_line(place))) } }
    }
}

/// The line is drawn by the entry that follows it: a list holds entries only.
fn menu_item(item: &MenuItem<'_>, after_line: bool) -> Markup {
    html! {
        @match item {
            MenuItem::Link { label, href, icon: picture } => li.is-apart[after_line] {
                a.menu-item href=(href) { @if let Some(picture) = picture { (icon(*picture)) } span { (label) } }
            },
            MenuItem::Post { label, action, csrf, fields, icon: picture } => li.is-apart[after_line] {
                form method="post" action=(action) {
                    (super::form::csrf_field(csrf))
                    @for (name, value) in *fields { input type="hidden" name=(name) value=(value); }
                    button.menu-item type="submit" {
                        @if let Some(picture) = picture { (icon(*picture)) } span { (label) }
                    }
                }
            },
            MenuItem::Line => {},
        }
    }
}
