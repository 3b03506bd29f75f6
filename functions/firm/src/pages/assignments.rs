//! The grid of staff and clients, and one of the staff alone, for whom the width of a phone is enough.

use domain::{ClientId, PersonId, limits};
use maud::{Markup, html};
use storage::ListedPerson;
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Empty, Toast, empty, toast};
use web::ui::form;
use web::ui::grid::{Grid, GridCell, Ticks, grid as cells_of, tick, ticks};
use web::ui::search::{SearchField, search_fields};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, page_head, rows, section};
use web::ui::{Button, Icon, words};

use super::query_value;
use crate::assignments::{Asked, Part};

/// One pair of the grid, `person.client` on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) person: PersonId,
    pub(crate) client: ClientId,
}

impl Cell {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (person, client) = text.split_once('.')?;
        Some(Self { person: PersonId::parse(person).ok()?, client: ClientId::parse(client).ok()? })
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.person, self.client)
    }
}

pub(crate) struct GridView<'a> {
    pub(crate) part: &'a Part,
    pub(crate) asked: &'a Asked,
    pub(crate) csrf: &'a str,
}

/// The address of this part of the grid; more is added with `&`.
pub(crate) fn href(asked: &Asked) -> String {
    let mut href = format!("/firm/assignments?from={}&staff_from={}", asked.from, asked.staff_from);
    for (name, value) in [("q", asked.q()), ("who", asked.who())] {
        if !value.is_empty() {
            href += &format!("&{name}={}", query_value(value));
        }
    }
    if let Some(person) = &asked.person {
        href += &format!("&person={person}");
    }
    href
}

/// Posting here takes a change back.
pub(crate) fn undo_href(asked: &Asked, cell: &Cell, want: bool) -> String {
    format!("{}&cell={cell}&want={}", href(asked), if want { "yes" } else { "no" })
}

pub(crate) fn grid(view: &GridView<'_>) -> Markup {
    let GridView { part, asked, csrf } = view;
    let line = html! { "Staff see exactly the clients that are ticked for them, from their next request on." };
    html! {
        (page_head(&PageHead {
            title: "Assignments",
            line: Some(line),
            crumbs: &[Crumb { label: "Clients", href: "/firm/clients" }],
            ..PageHead::default()
        }))
        (search_fields("/firm/assignments", &[
            SearchField { name: "q", label: "Search clients", value: asked.q() },
            SearchField { name: "who", label: "Search staff", value: asked.who() },
        ]))
        @if part.staff.is_empty() || part.clients.is_empty() {
            (nothing(view))
        } @else {
            (form_of_grid(view, csrf))
            (turn(view))
            (one_at_a_time(view))
        }
    }
}

fn form_of_grid(view: &GridView<'_>, csrf: &str) -> Markup {
    let part = view.part;
    let heads: Vec<(String, String)> = part
        .staff
        .iter()
        .map(|person| (person.name.clone(), words::count(person.assignments, "client", "clients")))
        .collect();
    let lines = part.clients.iter().map(|client| {
        let name = client.name.as_str();
        let cells = part.staff.iter().map(|person| {
            let cell = Cell { person: person.person.clone(), client: client.client.clone() };
            let label = format!("{} works on {name}", person.name);
            cell_markup(&cell, part.is_assigned(&cell.person, &cell.client), &label, true)
        });
        let title = html! { a href={ "/firm/clients/" (client.client) } { (name) } };
        (title, cells.collect())
    });
    let table = Grid { caption: "Staff and the clients they work on", corner: "Client", heads, rows: lines.collect() };
    ticks(&Ticks { action: &href(view.asked), csrf, fields: shown_fields(part), body: cells_of(&table), wide: true })
}

fn shown_fields(part: &Part) -> Markup {
    html! {
        @for person in &part.staff { input type="hidden" name="staff" value=(person.person); }
        @for client in &part.clients { input type="hidden" name="client" value=(client.client); }
    }
}

fn cell_markup(cell: &Cell, is: bool, label: &str, quiet: bool) -> Markup {
    tick(&GridCell { value: &cell.to_string(), on: is, label, quiet })
}

/// What is swapped in for a tick that was sent by itself, and what says so.
pub(crate) fn changed_cell(cell: &Cell, is: bool, words: &str, undo: Option<String>, csrf: &str) -> Markup {
    let said = Toast { text: words.to_owned(), undo: undo.map(|action| ("Undo".to_owned(), action)) };
    html! {
        (web::ui::grid::tick_box(&GridCell { value: &cell.to_string(), on: is, label: "", quiet: true }))
        div id="toasts" hx-swap-oob="innerHTML" { (toast(&said, csrf)) }
    }
}

fn turn(view: &GridView<'_>) -> Markup {
    let GridView { part, asked, .. } = view;
    let at = |from: usize, staff_from: usize| href(&Asked { from, staff_from, ..(*asked).clone() });
    let (clients, staff) = (limits::GRID_CLIENTS_PER_PAGE, limits::GRID_PEOPLE_PER_PAGE);
    let shown = |from: usize, count: usize, all: usize, what: &str| {
        format!("{what} {} to {} of {all}", (from + 1).min(all), (from + count).min(all))
    };
    let more_clients = (asked.from + clients < part.clients_count).then(|| at(asked.from + clients, asked.staff_from));
    let more_staff = (asked.staff_from + staff < part.staff_count).then(|| at(asked.from, asked.staff_from + staff));
    let first = at(0, asked.staff_from);
    let first_staff = at(asked.from, 0);
    html! {
        (pagination(&Pages {
            first: (asked.from > 0).then_some(&first),
            next: more_clients.as_deref(),
            shown: Some(&shown(asked.from, clients, part.clients_count, "Clients")),
        }))
        @if more_staff.is_some() || asked.staff_from > 0 {
            (pagination(&Pages {
                first: (asked.staff_from > 0).then_some(&first_staff),
                next: more_staff.as_deref(),
                shown: Some(&shown(asked.staff_from, staff, part.staff_count, "Staff")),
            }))
        }
    }
}

/// For where the grid has no room, and for whoever wants to see everything of one of them.
fn one_at_a_time(view: &GridView<'_>) -> Markup {
    let people: Vec<(String, &ListedPerson, String)> = view
        .part
        .staff
        .iter()
        .map(|person| {
            let href = format!("/firm/assignments?person={}", person.person);
            (href, person, words::count(person.assignments, "client", "clients"))
        })
        .collect();
    let clients: Vec<(String, &str)> = view
        .part
        .clients
        .iter()
        .map(|client| (format!("/firm/clients/{}/team", client.client), client.name.as_str()))
        .collect();
    html! {
        (section(
            &Section { title: "One of the staff at a time", ..Section::default() },
            rows(people.iter().map(|(href, person, count)| Row {
                lead: Some(avatar(&person.name)),
                title: &person.name,
                href: Some(href),
                trail: Some(html! { (count) }),
                ..Row::default()
            })),
        ))
        div.grid-few {
            (section(
                &Section { title: "One client at a time", ..Section::default() },
                rows(clients.iter().map(|(href, name)| Row { title: name, href: Some(href), ..Row::default() })),
            ))
        }
    }
}

pub(crate) struct OneView<'a> {
    pub(crate) person: &'a ListedPerson,
    pub(crate) part: &'a Part,
    pub(crate) asked: &'a Asked,
    pub(crate) csrf: &'a str,
}

pub(crate) fn one(view: &OneView<'_>) -> Markup {
    let OneView { person, part, asked, csrf } = view;
    let title = format!("Clients of {}", person.name);
    let line = html! {
        (words::count(person.assignments, "client", "clients")) " assigned. " (person.name)
        " sees exactly those, from the next request on."
    };
    let search = search_fields_of_one(person, asked);
    let list = html! {
        @for client in &part.clients {
            @let cell = Cell { person: person.person.clone(), client: client.client.clone() };
            (cell_markup(&cell, part.is_assigned(&cell.person, &cell.client), client.name.as_str(), false))
        }
    };
    let at = |from: usize| href(&Asked { from, ..(*asked).clone() });
    let next = asked.from + limits::GRID_CLIENTS_PER_PAGE;
    let (first, more) = (at(0), (next < part.clients_count).then(|| at(next)));
    html! {
        (page_head(&PageHead {
            title: &title,
            line: Some(line),
            crumbs: &[
                Crumb { label: "Clients", href: "/firm/clients" },
                Crumb { label: "Assignments", href: "/firm/assignments" },
            ],
            ..PageHead::default()
        }))
        (search)
        @if part.clients.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Search),
                title: "No client has that name",
                text: "Check the spelling, or search for a part of the name.",
                action: Some(Button::quiet("Show all clients").link(&format!("/firm/assignments?person={}", person.person))),
            }))
        } @else {
            (ticks(&Ticks {
                action: &href(asked),
                csrf,
                fields: shown_fields(part),
                body: card(form::legend("Works on these clients", list)),
                wide: false,
            }))
            (pagination(&Pages { first: (asked.from > 0).then_some(&first), next: more.as_deref(), shown: None }))
        }
    }
}

fn search_fields_of_one(person: &ListedPerson, asked: &Asked) -> Markup {
    let action = "/firm/assignments";
    let kept = html! { input type="hidden" name="person" value=(person.person); };
    web::ui::search::search_fields_with(
        action,
        &kept,
        &[SearchField { name: "q", label: "Search clients", value: asked.q() }],
    )
}

fn nothing(view: &GridView<'_>) -> Markup {
    let searched = !view.asked.q().is_empty() || !view.asked.who().is_empty();
    let (title, text, label, href) = match (searched, view.part.staff.is_empty()) {
        (true, _) => (
            "Nobody and nothing like that",
            "Check the spelling, or search for a part of the name.",
            "Show everything",
            "/firm/assignments",
        ),
        (false, true) => (
            "The firm has no staff yet",
            "Invite staff; then assign them here. Partners reach every client without it.",
            "Invite staff",
            "/firm/people#name",
        ),
        (false, false) => (
            "No clients yet",
            "Add the first client; then say here who works on it.",
            "Add a client",
            "/firm/clients#name",
        ),
    };
    empty(&Empty { icon: Some(Icon::People), title, text, action: Some(Button::quiet(label).link(href)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_reads_back_and_nothing_else_does() {
        let cell = Cell { person: PersonId::from_bits(1), client: ClientId::from_bits(2) };
        assert_eq!(Cell::parse(&cell.to_string()), Some(cell));
        for text in ["", ".", "a.b", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAV."] {
            assert_eq!(Cell::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_keeps_what_was_looked_for() {
        let asked = Asked { q: Some(" a&b ".into()), from: 50, ..Asked::default() };
        assert_eq!(href(&asked), "/firm/assignments?from=50&staff_from=0&q=a%26b");
    }
}
