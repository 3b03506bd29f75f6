//! Keys with their values, and figures.

use maud::{Markup, html};

use super::state::{State, mark};

/// A list of facts, key beside value; below each other where it is narrow.
pub fn facts(list: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (key, value) in list { div { dt { (key) } dd { (value) } } } } }
}

/// One figure with what it counts, and the list behind it.
#[derive(Default)]
pub struct Figure<'a> {
    pub label: &'a str,
    pub value: Markup,
    pub note: Option<Markup>,
    pub href: Option<&'a str>,
    /// Where the figure itself is news: its mark stands before it.
    pub state: Option<State>,
    /// The list below shows what this figure counts.
    pub chosen: bool,
}

/// A few figures side by side.
pub fn figures(list: &[Figure<'_>]) -> Markup {
    figures_in("figures", list)
}

/// Many of one kind, lower: how much stands in each phase.
pub fn figures_small(list: &[Figure<'_>]) -> Markup {
    figures_in("figures is-small", list)
}

fn figures_in(class: &str, list: &[Figure<'_>]) -> Markup {
    html! {
        ul.(class) role="list" {
            @for figure in list {
                li.figure.is-link[figure.href.is_some()].is-chosen[figure.chosen] {
                    span.figure-label {
                        @match figure.href {
                            Some(href) => a href=(href) aria-current=[figure.chosen.then_some("true")] { (figure.label) },
                            None => (figure.label),
                        }
                    }
                    span.figure-value { @if let Some(state) = figure.state { (mark(state)) } (figure.value) }
                    @if let Some(note) = &figure.note { span.figure-note { (note) } }
                }
            }
        }
    }
}
