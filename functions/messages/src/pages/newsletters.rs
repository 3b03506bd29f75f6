//! What the firm wrote to its clients, as one of them has it.

use domain::ClientId;
use maud::{Markup, html};
use storage::{Came, Newest};
use web::ui::Icon;
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::structure::{Crumb, PageHead, Row, card, facts_line, note, page_head, rows};
use web::ui::words;

use super::Reader;

pub(crate) fn list(listed: &Newest<Came>, reader: &Reader, client: &ClientId) -> Markup {
    let came = &listed.rows;
    let older = listed.next.as_ref().map(|next| format!("/clients/{client}/newsletters?after={next}"));
    let messages = format!("/clients/{client}/messages");
    let crumbs = [Crumb { label: "Messages", href: &messages }];
    html! {
        (page_head(&PageHead { crumbs: &crumbs, title: "Newsletters", ..PageHead::default() }))
        @if came.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Mail),
                title: "No newsletters yet",
                text: &format!("What {} writes to its clients about no work of theirs stands here.", reader.firm_name),
                action: None,
            }))
        } @else {
            (list_of(came, reader, client))
        }
        (pagination(&Pages { next: older.as_deref(), ..Pages::default() }))
    }
}

/// A row each.
pub(crate) fn list_of(came: &[Came], reader: &Reader, client: &ClientId) -> Markup {
    let hrefs: Vec<String> = came.iter().map(|one| format!("/clients/{client}/newsletters/{}", one.id)).collect();
    rows(came.iter().zip(&hrefs).map(|(one, href)| Row {
        title: one.letter.subject.as_str(),
        href: Some(href),
        meta: Some(words::instant(one.at, reader.now, &reader.zone)),
        ..Row::default()
    }))
}

pub(crate) fn one(came: &Came, reader: &Reader, client: &ClientId) -> Markup {
    let (messages, all) = (format!("/clients/{client}/messages"), format!("/clients/{client}/newsletters"));
    let crumbs = [Crumb { label: "Messages", href: &messages }, Crumb { label: "Newsletters", href: &all }];
    let line = [html! { "from " (reader.firm_name) }, words::instant(came.at, reader.now, &reader.zone)];
    let head = PageHead {
        crumbs: &crumbs,
        title: came.letter.subject.as_str(),
        line: Some(facts_line(&line)),
        ..PageHead::default()
    };
    html! {
        (page_head(&head))
        (card(html! { @for paragraph in came.letter.paragraphs() { (note(paragraph)) } }))
    }
}
