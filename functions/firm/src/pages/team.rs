//! Who of the firm works on a client, and who belongs to it.

use domain::PersonId;
use maud::{Markup, html};
use storage::{ListedClient, ListedPerson};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Choice, Field};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, page_head, rows, section};
use web::ui::{Button, Icon};

pub(crate) struct TeamView<'a> {
    pub(crate) client: &'a ListedClient,
    /// By name.
    pub(crate) staff: &'a [ListedPerson],
    pub(crate) assigned: &'a [PersonId],
    /// People of the client itself.
    pub(crate) members: &'a [ListedPerson],
    pub(crate) refused: Option<&'a str>,
    pub(crate) csrf: &'a str,
}

pub(crate) fn team(view: &TeamView<'_>) -> Markup {
    let name = view.client.name.as_str();
    let title = format!("Team of {name}");
    let own = format!("/firm/clients/{}", view.client.client);
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|why| ("staff", *why)).collect();
    let invite = format!("/firm/people?client={}#name", view.client.client);
    let audit = format!("/firm/audit?client={}", view.client.client);
    html! {
        (page_head(&PageHead {
            title: &title,
            crumbs: &[Crumb { label: "Clients", href: "/firm/clients" }, Crumb { label: name, href: &own }],
            actions: &[Button::quiet("Audit").with_icon(Icon::Audit).link(&audit)],
            ..PageHead::default()
        }))
        (form::error_summary(&errors))
        (section(&Section { title: "Staff", ..Section::default() }, staff(view)))
        (section(
            &Section { title: "People of the client", more: Some(("Invite", &invite)), ..Section::default() },
            members(view, &invite),
        ))
    }
}

fn staff(view: &TeamView<'_>) -> Markup {
    if view.staff.is_empty() {
        return empty(&Empty {
            icon: Some(Icon::People),
            title: "The firm has no staff yet",
            text: "Invite staff under People; then assign them here. Partners reach every client without it.",
            action: Some(Button::quiet("Invite staff").link("/firm/people")),
        });
    }
    let label = |person: &ListedPerson| match person.assignments {
        1 => "1 client".to_owned(),
        count => format!("{count} clients"),
    };
    let hints: Vec<String> = view.staff.iter().map(label).collect();
    let choices: Vec<Choice<'_>> = view
        .staff
        .iter()
        .zip(&hints)
        .map(|(person, hint)| Choice {
            value: person.person.as_str(),
            label: &person.name,
            hint: Some(hint),
            chosen: view.assigned.contains(&person.person),
        })
        .collect();
    let field = Field {
        name: "staff",
        label: "Who works on this client",
        hint: Some("Staff see exactly the clients that are ticked for them. Partners see every client."),
        error: view.refused,
        optional: false,
    };
    card(form::form(
        &format!("/firm/clients/{}/team", view.client.client),
        view.csrf,
        html! {
            @for person in view.staff { input type="hidden" name="shown" value=(person.person); }
            (form::checks(&field, &choices))
            (Button::primary("Save").submit())
        },
    ))
}

fn members(view: &TeamView<'_>, invite: &str) -> Markup {
    if view.members.is_empty() {
        return empty(&Empty {
            icon: Some(Icon::Person),
            title: "Nobody of the client yet",
            text: "People whom you invite for it see its projects and documents from their first sign-in.",
            action: Some(Button::quiet("Invite somebody").link(invite)),
        });
    }
    rows(view.members.iter().map(|person| Row {
        lead: Some(avatar(&person.name)),
        title: &person.name,
        href: None,
        meta: Some(html! { (person.email) }),
        trail: Some(html! { (person.role.title()) }),
    }))
}
