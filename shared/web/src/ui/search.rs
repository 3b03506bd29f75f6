//! Searching: the box of a search page, and what was found with the words that matched.

use domain::limits;
use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::shell::SearchBox;

/// The box as the head of a search page, with its button.
pub fn search_form(view: &SearchBox) -> Markup {
    html! {
        search {
            form.search-form action=(view.action) method="get" {
                div.search-field {
                    (icon(Icon::Search))
                    input.control.is-full type="search" name="q" value=(view.value) aria-label=(view.label) placeholder=(view.label)
                        maxlength=(limits::SEARCH_TEXT_CHARACTERS_MAX) autocomplete="off" enterkeyhint="search";
                }
                button.button.is-quiet type="submit" { span { "Search" } }
            }
        }
    }
}

/// One of several boxes of one search.
#[derive(Debug, Clone, Copy)]
pub struct SearchField<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub value: &'a str,
}

/// A search by more than one thing at once.
pub fn search_fields(action: &str, fields: &[SearchField<'_>]) -> Markup {
    search_fields_with(action, &html! {}, fields)
}

/// The same, with hidden fields that keep what else the page is about.
pub fn search_fields_with(action: &str, kept: &Markup, fields: &[SearchField<'_>]) -> Markup {
    html! {
        search {
            form.search-form.is-many action=(action) method="get" {
                (kept)
                @for field in fields {
                    div.search-field {
                        (icon(Icon::Search))
                        input.control.is-full type="search" name=(field.name) value=(field.value) aria-label=(field.label)
                            placeholder=(field.label) maxlength=(limits::SEARCH_TEXT_CHARACTERS_MAX) autocomplete="off"
                            enterkeyhint="search";
                    }
                }
                button.button.is-quiet type="submit" { span { "Search" } }
            }
        }
    }
}

/// What narrows a list, as a form whose address remembers it.
pub fn filter_form(action: &str, fields: Markup) -> Markup {
    html! { search { form.form method="get" action=(action) { (fields) } } }
}

/// One hit. `title` and `snippet` come as pieces, each matched or not.
pub struct Found<'a> {
    pub href: &'a str,
    pub title: &'a [(String, bool)],
    pub snippet: &'a [(String, bool)],
    /// Where in it, as its reader counts: "Page 3", "Slide 2"; none where a reader sees no such parts.
    pub place: Option<&'a str>,
    /// Whose, which project, when.
    pub meta: &'a [Markup],
}

pub fn found(list: &[Found<'_>]) -> Markup {
    html! { ol.card.rows.found role="list" { @for hit in list { (found_row(hit)) } } }
}

fn found_row(hit: &Found<'_>) -> Markup {
    html! {
        li.row.is-link {
            div.row-lead { (icon(Icon::Document)) }
            div.row-words {
                a.row-title href=(hit.href) { (highlighted(hit.title)) }
                @if !hit.snippet.is_empty() { p.found-snippet { (highlighted(hit.snippet)) } }
                div.row-meta {
                    div.line {
                        @if let Some(place) = hit.place { span.line-part { (place) } }
                        @for part in hit.meta { span.line-part { (part) } }
                    }
                }
            }
        }
    }
}

/// Text with the matched words marked.
pub fn highlighted(pieces: &[(String, bool)]) -> Markup {
    html! { @for (text, matched) in pieces { @if *matched { mark { (text) } } @else { (text) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_ours_and_text_is_not() {
        let pieces = [("<i>lease</i> of ".to_owned(), false), ("1<2".to_owned(), true)];
        assert_eq!(highlighted(&pieces).into_string(), "&lt;i&gt;lease&lt;/i&gt; of <mark>1&lt;2</mark>");
    }
}
