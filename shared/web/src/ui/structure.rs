//! What a page is built of: its head, sections, cards, rows and faces.

use maud::{Markup, html};

use super::icon::{Icon, icon};

/// One step of the way to a page.
#[derive(Debug, Clone, Copy)]
pub struct Crumb<'a> {
    pub label: &'a str,
    pub href: &'a str,
}

/// The head of a page: where it is, its one h1, a line under it, what can be done here.
#[derive(Default)]
pub struct PageHead<'a> {
    pub crumbs: &'a [Crumb<'a>],
    pub title: &'a str,
    /// One line of context under the title; may hold pills and dates.
    pub line: Option<Markup>,
    pub actions: &'a [Markup],
}

pub fn page_head(head: &PageHead<'_>) -> Markup {
    html! {
        header.page-head {
            @if !head.crumbs.is_empty() { (breadcrumb(head.crumbs)) }
            div.page-head-line {
                div.page-head-words {
                    h1 tabindex="-1" id="page-title" { (head.title) }
                    @if let Some(line) = &head.line { div.page-head-note { (line) } }
                }
                @if !head.actions.is_empty() { (super::button::actions(head.actions)) }
            }
        }
    }
}

/// The way to this page. On phones only the last step is shown, as the way back.
pub fn breadcrumb(crumbs: &[Crumb<'_>]) -> Markup {
    html! {
        nav.breadcrumb aria-label="Breadcrumb" {
            ol { @for crumb in crumbs { li { a href=(crumb.href) { (icon(Icon::Left)) span { (crumb.label) } } } } }
        }
    }
}

/// A part of a page under an h2, with how many things it holds and a link to all of them.
#[derive(Default)]
pub struct Section<'a> {
    pub title: &'a str,
    /// Its place on the page, where something leads there.
    pub id: Option<&'a str>,
    pub count: Option<usize>,
    /// Label and address of what shows more.
    pub more: Option<(&'a str, &'a str)>,
}

pub fn section(view: &Section<'_>, body: Markup) -> Markup {
    html! {
        section.section id=[view.id] {
            div.section-head {
                h2 { (view.title) @if let Some(count) = view.count { " " span.section-count { (count) } } }
                @if let Some((label, href)) = view.more {
                    a.section-more href=(href) { (label) span.unseen { ": " (view.title) } }
                }
            }
            (body)
        }
    }
}

/// A ground of its own around what belongs together.
pub fn card(body: Markup) -> Markup {
    html! { div.card { div.card-body { (body) } } }
}

/// Words of a person, in the lines they wrote.
pub fn note(text: &str) -> Markup {
    html! { p.note { (text) } }
}

/// What few people look for, behind one press; opens without scripts.
pub fn fold(title: &str, open: bool, body: Markup) -> Markup {
    html! { details.fold open[open] { summary { (icon(Icon::Right)) span { (title) } } div.fold-body { (body) } } }
}

/// One row of a list. With an address the whole row is the link.
#[derive(Default)]
pub struct Row<'a> {
    /// A state's mark, an icon or a face.
    pub lead: Option<Markup>,
    pub title: &'a str,
    pub href: Option<&'a str>,
    /// The smaller line under the title.
    pub meta: Option<Markup>,
    /// A pill, a date, an amount or a small button at the end.
    pub trail: Option<Markup>,
}

pub fn row(view: &Row<'_>) -> Markup {
    html! {
        li.row.is-link[view.href.is_some()] {
            @if let Some(lead) = &view.lead { div.row-lead { (lead) } }
            div.row-words {
                @match view.href {
                    Some(href) => a.row-title href=(href) { (view.title) },
                    None => span.row-title { (view.title) },
                }
                @if let Some(meta) = &view.meta { div.row-meta { (meta) } }
            }
            @if let Some(trail) = &view.trail { div.row-trail { (trail) } }
            @if view.href.is_some() { span.row-go { (icon(Icon::Right)) } }
        }
    }
}

/// Rows in a card.
pub fn rows<'a>(list: impl IntoIterator<Item = Row<'a>>) -> Markup {
    html! { ul.card.rows role="list" { @for view in list { (row(&view)) } } }
}

/// Small facts in one line, separated by dots that nobody reads out.
pub fn facts_line(parts: &[Markup]) -> Markup {
    html! { div.line { @for part in parts { span.line-part { (part) } } } }
}

/// A person's face by initials. The name has to stand beside it.
pub fn avatar(name: &str) -> Markup {
    html! { span.avatar aria-hidden="true" { (initials(name)) } }
}

/// A client by initials, always in the same quiet colour: colour says how something stands. The name stands beside it.
pub fn client_mark(name: &str) -> Markup {
    html! { span.client-mark aria-hidden="true" { (initials(name)) } }
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_first_and_last_word() {
        let check = |name, want: &str| assert_eq!(initials(name), want, "{name:?}");
        check("Ana Maria Mendes", "AM");
        check("Łukasz", "Ł");
        check("  ", "");
        check("(Acme) & Sons", "AS");
        check("株式会社 山田", "株山");
    }

    #[test]
    fn a_whole_row_is_one_link_with_escaped_words() {
        let row = Row { title: "<b>Lease</b>", href: Some("/a?b=\"c\"&d"), ..Row::default() };
        let html = super::row(&row).into_string();
        assert_eq!(html.matches("<a ").count(), 1);
        assert!(html.contains("&lt;b&gt;Lease&lt;/b&gt;"), "{html}");
        assert!(html.contains(r#"href="/a?b=&quot;c&quot;&amp;d""#), "{html}");
    }
}
