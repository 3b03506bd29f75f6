//! Ways to narrow and turn the pages of a list. All are links, so that the address remembers them.

use maud::{Markup, html};

use super::icon::{Icon, icon};

/// One filter: following it switches it on or off.
#[derive(Debug, Clone, Copy)]
pub struct Chip<'a> {
    pub label: &'a str,
    pub href: &'a str,
    pub chosen: bool,
    pub count: Option<usize>,
}

/// Filters in one line; on phones it scrolls sideways by itself, not the page.
pub fn chips(label: &str, list: &[Chip<'_>]) -> Markup {
    html! {
        nav.chips aria-label=(label) {
            ul role="list" {
                @for chip in list {
                    li {
                        a.chip.is-chosen[chip.chosen] href=(chip.href) aria-current=[chip.chosen.then_some("true")] {
                            @if chip.chosen { (icon(Icon::Check)) }
                            span { (chip.label) }
                            @if let Some(count) = chip.count { span.chip-count { (count) } }
                        }
                    }
                }
            }
        }
    }
}

/// Lists go forward by cursor: the next page, and the way back to the first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pages<'a> {
    pub first: Option<&'a str>,
    pub next: Option<&'a str>,
    /// "Documents 1 to 50".
    pub shown: Option<&'a str>,
}

pub fn pagination(view: &Pages<'_>) -> Markup {
    html! {
        @if view.first.is_some() || view.next.is_some() {
            nav.pages aria-label="Pages" {
                @if let Some(first) = view.first {
                    a.button.is-quiet href=(first) rel="first" { (icon(Icon::Left)) span { "Back to the start" } }
                }
                @if let Some(shown) = view.shown { span.pages-shown { (shown) } }
                @if let Some(next) = view.next {
                    a.button.is-quiet href=(next) rel="next" { span { "Show more" } (icon(Icon::Right)) }
                }
            }
        }
    }
}
