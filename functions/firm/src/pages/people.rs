//! People of the firm and of its clients, and the form to invite somebody.

use domain::firm::OrderState;
use domain::person::{FieldRefused, NewPerson, PersonOrder};
use domain::{Role, Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{ListedClient, ListedPerson, OrderRow};
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Choice, Field, Size, TextInput};
use web::ui::search::search_form;
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{PageHead, Row, Section, card, facts_line, page_head, rows, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Icon, SearchBox, words};

use super::{field, query_value};

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

/// Clients that the form's choice lists. More would weigh more than the rest of the page; a client's own page invites
/// its people.
const CLIENTS_LISTED_MAX: usize = 300;

pub(crate) fn people(view: &PeopleView<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    let search =
        SearchBox { action: "/firm/people".to_owned(), value: view.q.to_owned(), label: "Search people".to_owned() };
    // The form stands below lists that may be long.
    let invite = Button::quiet("Invite somebody").with_icon(Icon::Mail).link("#name");
    html! {
        (page_head(&PageHead { title: "People", actions: &[invite], ..PageHead::default() }))
        (form::error_summary(&errors))
        @if !view.orders.is_empty() {
            (section(&Section { title: "Invitations", ..Section::default() }, orders(view)))
        }
        (search_form(&search))
        @if view.q.is_empty() || !view.of_firm.is_empty() {
            (section(&Section { title: "At the firm", count: Some(view.of_firm.len()), ..Section::default() }, of_firm(view)))
        }
        (section(&Section { title: "At clients", ..Section::default() }, of_clients(view)))
        (section(&Section { title: "Invite somebody", ..Section::default() }, card(invite_form(view))))
    }
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
        vec![html! { (person.name) }, html! { (person.email) }, html! { (person.role.title()) }, clients, trail(person)]
    };
    table(&Table {
        caption: "People of the firm",
        columns: &[
            Column::text("Name"),
            Column::text("E-mail"),
            Column::text("Role"),
            Column::number("Clients"),
            Column::action("Audit"),
        ],
        rows: view.of_firm.iter().map(cells).collect(),
    })
}

fn of_clients(view: &PeopleView<'_>) -> Markup {
    if view.of_clients.is_empty() {
        let (title, text) = if view.q.is_empty() {
            ("Nobody of a client yet", "People whom you invite for a client appear here and can sign in at once.")
        } else {
            ("Nobody like that at a client", "Check the spelling, or search for a part of the name or address.")
        };
        return empty(&Empty { icon: Some(Icon::People), title, text, action: None });
    }
    let cells = |person: &ListedPerson| {
        let client = match (&person.client, &person.client_name) {
            (Some(id), Some(name)) => html! { a href={ "/firm/clients/" (id) "/team" } { (name) } },
            _ => html! {},
        };
        vec![html! { (person.name) }, html! { (person.email) }, html! { (person.role.title()) }, client, trail(person)]
    };
    let next = view.next.map(|next| format!("/firm/people?after={}", query_value(next)));
    html! {
        (table(&Table {
            caption: "People of clients",
            columns: &[
                Column::text("Name"),
                Column::text("E-mail"),
                Column::text("Role"),
                Column::text("Client"),
                Column::action("Audit"),
            ],
            rows: view.of_clients.iter().map(cells).collect(),
        }))
        (pagination(&Pages { first: (!view.is_first).then_some("/firm/people"), next: next.as_deref(), shown: None }))
    }
}

fn trail(person: &ListedPerson) -> Markup {
    let href = format!("/firm/audit?person={}", person.person);
    Button::quiet("Audit").small().about(&person.name).link(&href)
}

fn invite_form(view: &PeopleView<'_>) -> Markup {
    let typed = &view.typed.person;
    let off = Some("off");
    let name = TextInput {
        field: field("name", "Name", None, view.refused),
        value: &typed.name,
        autocomplete: off,
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let email_field = field("email", "E-mail", Some("The person signs in with it, without a password."), view.refused);
    let email = TextInput { autocomplete: off, ..TextInput::email(email_field, &typed.email) };
    let phone_hint = "With country code, like +1 555 010 0199. Deadlines go there by text message as well.";
    let phone = TextInput {
        field: Field { optional: true, ..field("phone", "Mobile phone", Some(phone_hint), view.refused) },
        value: typed.phone.as_deref().unwrap_or_default(),
        kind: "tel",
        autocomplete: off,
        inputmode: Some("tel"),
        size: Size::Medium,
        ..TextInput::default()
    };
    form::form(
        "/firm/people",
        view.csrf,
        html! {
            input type="hidden" name="once" value=(view.typed.once);
            (form::text_input(&name))
            (form::text_input(&email))
            (form::radios(&field("role", "Role", None, view.refused), &roles(&typed.role)))
            (client_choice(view))
            (form::text_input(&phone))
            (Button::primary("Invite").with_icon(Icon::Mail).submit())
        },
    )
}

fn roles(chosen: &str) -> Vec<Choice<'static>> {
    [
        (Role::Staff, "Staff", "Works for the firm on the clients assigned to it"),
        (Role::Partner, "Partner", "Works for the firm on every client, and manages it"),
        (Role::ClientAdmin, "Admin of a client", "Everything that its company may do here"),
        (Role::ClientMember, "Member of a client", "Projects, documents and deadlines of its company"),
    ]
    .into_iter()
    .map(|(role, label, hint)| Choice {
        value: role.as_str(),
        label,
        hint: Some(hint),
        chosen: chosen == role.as_str(),
    })
    .collect()
}

fn client_choice(view: &PeopleView<'_>) -> Markup {
    let chosen = view.typed.person.client.as_deref().unwrap_or_default();
    let shown = |client: &&ListedClient| client.client.as_str() == chosen;
    // The one that was come from is always among them.
    let listed = view.clients.iter().take(CLIENTS_LISTED_MAX);
    let beyond = view.clients.iter().skip(CLIENTS_LISTED_MAX).filter(shown);
    let mut choices = vec![Choice::new("", "None: works for the firm", chosen.is_empty())];
    choices.extend(
        listed
            .chain(beyond)
            .map(|client| Choice::new(client.client.as_str(), client.name.as_str(), client.client.as_str() == chosen)),
    );
    let hint = if view.clients.len() > CLIENTS_LISTED_MAX {
        "For admins and members. Not listed here? Open the client under Clients, then Team."
    } else {
        "For admins and members of a client."
    };
    form::select(&Field { optional: true, ..field("client", "Client", Some(hint), view.refused) }, &choices)
}
