//! The list of clients.

use domain::firm::Order;
use domain::permissions::Name as PermissionName;
use domain::project::card::Card;
use domain::{Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{ListedClient, OrderRow};
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Field, TextInput};
use web::ui::search::search_form;
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Section, card, page_head, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Icon, SearchBox, words};

/// The form as it was sent, and why it was not accepted.
#[derive(Debug, Default)]
pub(crate) struct Forming {
    pub(crate) name: String,
    pub(crate) once: String,
    pub(crate) refused: Option<String>,
}

pub(crate) struct ClientRow<'a> {
    pub(crate) client: &'a ListedClient,
    /// None until it has been drawn the first time.
    pub(crate) card: Option<&'a Card>,
}

pub(crate) struct ClientsView<'a> {
    pub(crate) rows: Vec<ClientRow<'a>>,
    pub(crate) count: usize,
    /// How many of the firm's clients are archived.
    pub(crate) archived: usize,
    pub(crate) shows_archived: bool,
    pub(crate) may: &'a (dyn Fn(PermissionName) -> bool + Sync),
    pub(crate) q: &'a str,
    pub(crate) is_first: bool,
    pub(crate) next: Option<&'a str>,
    /// Clients that were ordered and are not there yet.
    pub(crate) coming: &'a [&'a OrderRow],
    pub(crate) forming: &'a Forming,
    /// Matters or projects.
    pub(crate) nouns: &'a str,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn clients(view: &ClientsView<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.forming.refused.iter().map(|why| ("name", why.as_str())).collect();
    let search =
        SearchBox { action: "/firm/clients".to_owned(), value: view.q.to_owned(), label: "Search clients".to_owned() };
    let title = match (view.q.is_empty(), view.shows_archived) {
        (false, _) => "Found",
        (true, true) => "Archived",
        (true, false) => "All clients",
    };
    let adds = (view.may)(PermissionName::ManageClients);
    let assigns = (view.may)(PermissionName::AssignStaff);
    // The form stands below a list that may be long.
    let add = Button::quiet("Add a client").with_icon(Icon::Plus).link("#name");
    html! {
        (page_head(&PageHead {
            title: "Clients",
            actions: &[
                adds.then_some(add),
                assigns.then(|| Button::quiet("Assignments").with_icon(Icon::People).link("/firm/assignments")),
            ].into_iter().flatten().collect::<Vec<_>>(),
            ..PageHead::default()
        }))
        (form::error_summary(&errors))
        @if !view.coming.is_empty() { (coming(view.coming)) }
        @if view.count > 0 || !view.q.is_empty() { (search_form(&search)) }
        @if view.archived > 0 || view.shows_archived { (parts(view)) }
        (section(&Section { title, count: Some(view.count), ..Section::default() }, list(view)))
        @if adds { (section(&Section { title: "Add a client", ..Section::default() }, card(add_form(view)))) }
    }
}

fn parts(view: &ClientsView<'_>) -> Markup {
    chips(
        "Which clients",
        &[
            Chip { label: "Active", href: "/firm/clients", chosen: !view.shows_archived, count: None },
            Chip {
                label: "Archived",
                href: "/firm/clients?archived=1",
                chosen: view.shows_archived,
                count: Some(view.archived),
            },
        ],
    )
}

fn coming(orders: &[&OrderRow]) -> Markup {
    let names: Vec<&str> = orders
        .iter()
        .filter_map(|order| match &order.what {
            Order::Client { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    banner(&Banner {
        tone: Tone::Info,
        title: "Being set up",
        text: Some(html! { (names.join(", ")) }),
        action: Some(Button::quiet("Reload").small().link("/firm/clients")),
    })
}

fn list(view: &ClientsView<'_>) -> Markup {
    if view.rows.is_empty() {
        return nothing(view.q);
    }
    let nouns = format!("Active {}", view.nouns);
    html! {
        (table(&Table {
            caption: "Clients",
            columns: &[
                Column::text("Name"),
                Column::number(&nouns),
                Column::text("Staff"),
                Column::text("Last activity"),
                Column::action("Manage"),
            ],
            rows: view.rows.iter().map(|row| cells(row, view)).collect(),
        }))
        (pagination(&Pages { first: (!view.is_first).then_some("/firm/clients"), next: view.next, shown: None }))
    }
}

fn nothing(q: &str) -> Markup {
    if q.is_empty() {
        return empty(&Empty {
            icon: Some(Icon::Clients),
            title: "No clients yet",
            text: "Add the first one below. It takes a name and a few seconds; then assign staff and invite its people.",
            action: None,
        });
    }
    empty(&Empty {
        icon: Some(Icon::Search),
        title: "No client has that name",
        text: "Check the spelling, or search for a part of the name.",
        action: Some(Button::quiet("Show all clients").link("/firm/clients")),
    })
}

fn cells(row: &ClientRow<'_>, view: &ClientsView<'_>) -> Vec<Markup> {
    let id = &row.client.client;
    let staff = row.card.map_or(&[][..], |card| &card.staff);
    let activity = row.card.and_then(|card| card.last_activity_at).unwrap_or(row.client.created_at);
    vec![
        html! { a href={ "/clients/" (id) } { (row.client.name) } },
        html! { (row.card.map_or(0, |card| card.open_projects)) },
        match staff {
            [] => pill_saying(State::WaitingOnYou, "Nobody yet"),
            staff => html! { (short(staff)) },
        },
        words::instant(activity, view.now, view.zone),
        html! {
            @if (view.may)(PermissionName::ManageClients) {
                (Button::quiet("Manage").small().about(row.client.name.as_str()).link(&format!("/firm/clients/{id}")))
            }
        },
    ]
}

/// The first three names, and how many more.
fn short(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn add_form(view: &ClientsView<'_>) -> Markup {
    let field = Field {
        name: "name",
        label: "Name of the client",
        hint: Some("A company or a person, as it should stand on every page."),
        error: view.forming.refused.as_deref(),
        optional: false,
    };
    let input = TextInput {
        field,
        value: &view.forming.name,
        autocomplete: Some("off"),
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    form::form(
        "/firm/clients",
        view.csrf,
        html! {
            input type="hidden" name="once" value=(view.forming.once);
            (form::text_input(&input))
            (Button::primary("Add client").with_icon(Icon::Plus).submit())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_names_is_shortened() {
        let names = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
        let check = |count, want: &str| assert_eq!(short(&names(count)), want);
        check(1, "0");
        check(3, "0, 1, 2");
        check(5, "0, 1, 2 and 2 more");
    }
}
