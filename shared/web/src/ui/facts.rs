//! Keys with their values, and figures.

use maud::{Markup, html};

/// A list of facts, key beside value; below each other where it is narrow.
pub fn facts(list: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (key, value) in list { div { dt { (key) } dd { (value) } } } } }
}

/// One figure with what it counts, and the list behind it.
pub struct Figure<'a> {
    pub label: &'a str,
    pub value: Markup,
    pub note: Option<Markup>,
    pub href: Option<&'a str>,
}

/// A few figures side by side.
pub fn figures(list: &[Figure<'_>]) -> Markup {
    html! {
        ul.figures role="list" {
            @for figure in list {
                li.figure.is-link[figure.href.is_some()] {
                    span.figure-label {
                        @match figure.href { Some(href) => a href=(href) { (figure.label) }, None => (figure.label) }
                    }
                    span.figure-value { (figure.value) }
                    @if let Some(note) = &figure.note { span.figure-note { (note) } }
                }
            }
        }
    }
}
