//! People of the firm and of its clients, and the form to invite somebody.

use std::collections::BTreeMap;

use domain::firm::OrderState;
use domain::permissions::Name as PermissionName;
use domain::person::{FieldRefused, NewPerson, PersonOrder};
use domain::{PersonId, Role, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{LastSignIn, ListedClient, ListedPerson, OrderRow};
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Choice, Field, Size, TextInput};
use web::ui::search::search_form;
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{PageHead, Row, Section, card, facts_line, page_head, rows, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Icon, SearchBox, words};

use super::{field, query_value};
use crate::people::Part;

/// The form as it was sent.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub(crate) person: NewPerson,
    pub(crate) once: String,
}

pub(crate) struct PeopleView<'a> {
    pub(crate) of_firm: &'a [ListedPerson],
    pub(crate) of_clients: &'a [ListedPerson],
    /// Where the people of clients go on.
    pub(crate) next: Option<&'a str>,
    pub(crate) is_first: bool,
    pub(crate) q: &'a str,
    pub(crate) part: Part,
    /// Those of the people shown who have ever come in.
    pub(crate) seen: &'a BTreeMap<PersonId, LastSignIn>,
    pub(crate) may: &'a (dyn Fn(PermissionName) -> bool + Sync),
    /// Orders on their way, and refused ones.
    pub(crate) orders: &'a [(&'a OrderRow, &'a PersonOrder)],
    /// By name.
    pub(crate) clients: &'a [ListedClient],
    pub(crate) typed: &'a Typed,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn people(view: &PeopleView<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    let search =
        SearchBox { action: "/firm/people".to_owned(), value: view.q.to_owned(), label: "Search people".to_owned() };
    // The form stands below lists that may be long.
    let invite = Button::quiet("Invite somebody").with_icon(Icon::Mail).link("#name");
    html! {
        (page_head(&PageHead { title: "People", actions: &actions(view, invite), ..PageHead::default() }))
        (form::error_summary(&errors))
        @if !view.orders.is_empty() {
            (section(&Section { title: "Invitations", ..Section::default() }, orders(view)))
        }
        (search_form(&search))
        (parts(view))
        @if view.of_firm.is_empty() && view.of_clients.is_empty() && view.orders.is_empty() { (nobody(view)) }
        @if !view.of_firm.is_empty() {
            (section(&Section { title: "At the firm", count: Some(view.of_firm.len()), ..Section::default() }, of_firm(view)))
        }
        @if view.part == Part::Everybody && view.q.is_empty() || !view.of_clients.is_empty() {
            (section(&Section { title: "At clients", ..Section::default() }, of_clients(view)))
        }
        (section(&Section { title: &invite_title(view), ..Section::default() }, invite_card(view)))
    }
}

/// Where else one goes from the list.
fn actions(view: &PeopleView<'_>, invite: Markup) -> Vec<Markup> {
    let further = [
        (PermissionName::AssignStaff, "Assignments", "/firm/assignments", Icon::Clients),
        (PermissionName::ViewSignIns, "Sign-ins", "/firm/sign-ins", Icon::Device),
        (PermissionName::ReviewAccess, "Review", "/firm/review", Icon::Check),
    ];
    let mut actions = vec![invite];
    let shown = further.into_iter().filter(|(name, ..)| (view.may)(*name));
    actions.extend(shown.map(|(_, label, href, icon)| Button::quiet(label).with_icon(icon).link(href)));
    actions
}

fn parts(view: &PeopleView<'_>) -> Markup {
    let kept = if view.q.is_empty() { String::new() } else { format!("&q={}", query_value(view.q)) };
    let hrefs: Vec<String> =
        Part::ALL.iter().map(|part| format!("/firm/people?show={}{kept}", part.as_str())).collect();
    let label = |part: Part| match part {
        Part::Everybody => "Everybody",
        Part::Partners => "Partners",
        Part::Staff => "Staff",
        Part::Clients => "At clients",
        Part::Ended => "Ended",
    };
    let list: Vec<Chip<'_>> = Part::ALL
        .iter()
        .zip(&hrefs)
        .map(|(part, href)| Chip { label: label(*part), href, chosen: *part == view.part, count: None })
        .collect();
    chips("Whom to show", &list)
}

fn nobody(view: &PeopleView<'_>) -> Markup {
    let (title, text) = match (view.part, view.q.is_empty()) {
        (_, false) => ("Nobody like that", "Check the spelling, or search for a part of the name or address."),
        (Part::Ended, true) => {
            ("Nobody's access has ended", "Whoever no longer gets in appears here, and can come back.")
        }
        (_, true) => ("Nobody yet", "People whom you invite appear here and can sign in at once."),
    };
    empty(&Empty { icon: Some(Icon::People), title, text, action: None })
}

fn orders(view: &PeopleView<'_>) -> Markup {
    rows(view.orders.iter().map(|(order, person)| {
        let (state, word) = match order.state {
            OrderState::Ordered | OrderState::Done => (State::WaitingOnUs, "Being set up"),
            OrderState::Refused => (State::Overdue, "Refused"),
        };
        let mut meta = vec![html! { (person.email) }, words::instant(order.at, view.now, view.zone)];
        meta.extend(order.refused.map(|why| html! { (why.to_string()) }));
        Row {
            lead: Some(mark(state)),
            title: person.name.as_str(),
            href: None,
            meta: Some(facts_line(&meta)),
            trail: Some(pill_saying(state, word)),
        }
    }))
}

fn of_firm(view: &PeopleView<'_>) -> Markup {
    let cells = |person: &ListedPerson| {
        let clients = match person.role {
            Role::Partner => html! { "All" },
            _ => html! { (person.assignments) },
        };
        vec![
            name(person),
            html! { (person.email) },
            html! { (person.role.title()) },
            clients,
            last(view, person),
            trail(person),
        ]
    };
    table(&Table {
        caption: "People of the firm",
        columns: &[
            Column::text("Name"),
            Column::text("E-mail"),
            Column::text("Role"),
            Column::number("Clients"),
            Column::text("Last signed in"),
            Column::action("Audit"),
        ],
        rows: view.of_firm.iter().map(cells).collect(),
    })
}

fn of_clients(view: &PeopleView<'_>) -> Markup {
    if view.of_clients.is_empty() {
        let title = "Nobody of a client yet";
        let text = "People whom you invite for a client appear here and can sign in at once.";
        return empty(&Empty { icon: Some(Icon::People), title, text, action: None });
    }
    let cells = |person: &ListedPerson| {
        let client = match (&person.client, &person.client_name) {
            (Some(id), Some(name)) => html! { a href={ "/firm/clients/" (id) } { (name) } },
            _ => html! {},
        };
        vec![
            name(person),
            html! { (person.email) },
            html! { (person.role.title()) },
            client,
            last(view, person),
            trail(person),
        ]
    };
    let next = view.next.map(|next| format!("/firm/people?show={}&after={}", view.part.as_str(), query_value(next)));
    html! {
        (table(&Table {
            caption: "People of clients",
            columns: &[
                Column::text("Name"),
                Column::text("E-mail"),
                Column::text("Role"),
                Column::text("Client"),
                Column::text("Last signed in"),
                Column::action("Audit"),
            ],
            rows: view.of_clients.iter().map(cells).collect(),
        }))
        (pagination(&Pages { first: (!view.is_first).then_some("/firm/people"), next: next.as_deref(), shown: None }))
    }
}

fn name(person: &ListedPerson) -> Markup {
    html! { a href={ "/firm/people/" (person.person) } { (person.name) } }
}

fn last(view: &PeopleView<'_>, person: &ListedPerson) -> Markup {
    match (person.ended_at, view.seen.get(&person.person)) {
        (Some(at), _) => html! { (pill_saying(State::Quiet, "Ended")) " " (words::instant(at, view.now, view.zone)) },
        (None, Some(seen)) => words::instant(seen.at, view.now, view.zone),
        (None, None) => pill_saying(State::WaitingOnUs, "Invited"),
    }
}

fn trail(person: &ListedPerson) -> Markup {
    let href = format!("/firm/audit?person={}", person.person);
    Button::quiet("Audit").small().about(&person.name).link(&href)
}

/// The client that the form was opened for.
fn preset<'a>(view: &PeopleView<'a>) -> Option<&'a ListedClient> {
    let chosen = view.typed.person.client.as_deref()?;
    view.clients.iter().find(|client| client.client.as_str() == chosen)
}

fn invite_title(view: &PeopleView<'_>) -> String {
    preset(view).map_or_else(|| "Invite to the firm".to_owned(), |client| format!("Invite for {}", client.name))
}

fn invite_card(view: &PeopleView<'_>) -> Markup {
    let note = match preset(view) {
        Some(_) => html! { a href="/firm/people#name" { "Invite somebody to the firm instead" } },
        None => html! {
            "Somebody of a client? Open the client under " a href="/firm/clients" { "Clients" } " and invite there."
        },
    };
    card(html! { (invite_form(view)) p { (note) } })
}

fn invite_form(view: &PeopleView<'_>) -> Markup {
    let typed = &view.typed.person;
    form::form(
        "/firm/people",
        view.csrf,
        html! {
            input type="hidden" name="once" value=(view.typed.once);
            (name_and_address(typed, view.refused))
            @match preset(view) {
                Some(client) => {
                    input type="hidden" name="client" value=(client.client);
                    (form::radios(&field("role", "Role", None, view.refused), &roles(&typed.role, true)))
                },
                None => (form::radios(&field("role", "Role", None, view.refused), &roles(&typed.role, false))),
            }
            (phone(typed, view.refused))
            (Button::primary("Invite").with_icon(Icon::Mail).submit())
        },
    )
}

/// Who is invited, and under which address.
pub(crate) fn name_and_address(typed: &NewPerson, refused: &[FieldRefused]) -> Markup {
    let off = Some("off");
    let name = TextInput {
        field: field("name", "Name", None, refused),
        value: &typed.name,
        autocomplete: off,
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let hint = "The person signs in with it, without a password, and gets a mail that says so.";
    let email = TextInput {
        autocomplete: off,
        ..TextInput::email(field("email", "E-mail", Some(hint), refused), &typed.email)
    };
    html! { (form::text_input(&name)) (form::text_input(&email)) }
}

pub(crate) fn phone(typed: &NewPerson, refused: &[FieldRefused]) -> Markup {
    let hint = "With country code, like +1 555 010 0199. Deadlines go there by text message as well.";
    form::text_input(&TextInput {
        field: Field { optional: true, ..field("phone", "Mobile phone", Some(hint), refused) },
        value: typed.phone.as_deref().unwrap_or_default(),
        kind: "tel",
        autocomplete: Some("off"),
        inputmode: Some("tel"),
        size: Size::Medium,
        ..TextInput::default()
    })
}

fn roles(chosen: &str, of_client: bool) -> Vec<Choice<'static>> {
    [
        (Role::Staff, "Staff", "Works for the firm on the clients assigned to it"),
        (Role::Partner, "Partner", "Works for the firm on every client, and manages it"),
        (Role::ClientAdmin, "Admin of a client", "Everything that its company may do here"),
        (Role::ClientMember, "Member of a client", "Projects, documents and deadlines of its company"),
    ]
    .into_iter()
    .filter(|(role, ..)| role.is_client() == of_client)
    .map(|(role, label, hint)| Choice {
        value: role.as_str(),
        label,
        hint: Some(hint),
        chosen: chosen == role.as_str(),
    })
    .collect()
}
