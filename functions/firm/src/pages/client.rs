//! One client as its firm keeps it.

use domain::permissions::Name as PermissionName;
use domain::{Timestamp, limits};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{Archived, ClientRecord, ListedPerson};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Choice, Field, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, facts_line, page_head, rows, section};
use web::ui::{Button, Icon, words};

pub(crate) struct ClientView<'a> {
    pub(crate) record: &'a ClientRecord,
    /// The client's own people; its main contact first.
    pub(crate) people: &'a [ListedPerson],
    pub(crate) staff: &'a [ListedPerson],
    pub(crate) archived: Option<&'a Archived>,
    /// A name that was sent, and why it was not taken.
    pub(crate) wrong: Option<(&'a str, &'a str)>,
    pub(crate) may: &'a (dyn Fn(PermissionName) -> bool + Sync),
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn client(view: &ClientView<'_>) -> Markup {
    let id = &view.record.client;
    let errors: Vec<(&str, &str)> = view.wrong.iter().map(|(_, why)| ("name", *why)).collect();
    let (open, audit) = (format!("/clients/{id}"), format!("/firm/audit?client={id}"));
    let retention = format!("/firm/clients/{id}/retention");
    let mut actions = vec![
        Button::quiet("Open its work").with_icon(Icon::Folder).link(&open),
        Button::quiet("Audit").with_icon(Icon::Audit).link(&audit),
    ];
    if (view.may)(PermissionName::ViewRetention) {
        actions.push(Button::quiet("Retention and holds").with_icon(Icon::Document).link(&retention));
    }
    html! {
        (page_head(&PageHead {
            title: view.record.name.as_str(),
            line: Some(html! { "Client since " (words::instant(view.record.created_at, view.now, view.zone)) }),
            crumbs: &[Crumb { label: "Clients", href: "/firm/clients" }],
            actions: &actions,
        }))
        @if let Some(archived) = view.archived { (archived_banner(view, archived)) }
        (form::error_summary(&errors))
        (people(view))
        (team(view))
        (section(&Section { title: "Name", ..Section::default() }, card(name_form(view))))
        @if view.archived.is_none() && (view.may)(PermissionName::ArchiveClients) {
            (section(&Section { title: "Archive", ..Section::default() }, card(archive_form(view))))
        }
    }
}

fn archived_banner(view: &ClientView<'_>, archived: &Archived) -> Markup {
    let restore = (view.may)(PermissionName::ArchiveClients).then(|| {
        let action = format!("/firm/clients/{}/restore", view.record.client);
        form::inline_form(&action, view.csrf, &[], Button::quiet("Bring back").small().submit())
    });
    banner(&Banner {
        tone: Tone::Attention,
        title: "This client is archived",
        text: Some(html! {
            "Since " (words::instant(archived.at, view.now, view.zone))
            ". Only partners get in; nothing reminds anybody of it. What is stored stays."
        }),
        action: restore,
    })
}

fn people(view: &ClientView<'_>) -> Markup {
    let invite = format!("/firm/people?client={}#name", view.record.client);
    let more = (view.may)(PermissionName::ManagePeople).then_some(("Invite", invite.as_str()));
    let hrefs: Vec<String> = view.people.iter().map(|one| format!("/firm/people/{}", one.person)).collect();
    section(
        &Section { title: "People of the client", count: Some(view.people.len()), more, ..Section::default() },
        html! {
            @if view.people.is_empty() {
                (empty(&Empty {
                    icon: Some(Icon::Person),
                    title: "Nobody of the client yet",
                    text: "People whom you invite for it see its projects and documents from their first sign-in.",
                    action: Some(Button::quiet("Invite somebody").link(&invite)),
                }))
            } @else {
                (rows(view.people.iter().zip(&hrefs).map(|(one, href)| Row {
                    lead: Some(avatar(&one.name)),
                    title: &one.name,
                    href: Some(href),
                    meta: Some(facts_line(&[html! { (one.role.title()) }, html! { (one.email) }])),
                    trail: (view.record.main_contact.as_ref() == Some(&one.person))
                        .then(|| pill_saying(State::Done, "Main contact")),
                })))
                (card(contact_form(view)))
            }
        },
    )
}

fn contact_form(view: &ClientView<'_>) -> Markup {
    let contact = view.record.main_contact.as_ref();
    let mut choices = vec![Choice::new("", "Nobody in particular", contact.is_none())];
    choices.extend(
        view.people.iter().map(|one| Choice::new(one.person.as_str(), &one.name, contact == Some(&one.person))),
    );
    let field = Field {
        name: "contact",
        label: "Main contact",
        hint: Some("Stands first wherever the firm looks the client up."),
        optional: true,
        ..Field::default()
    };
    form::form(
        &format!("/firm/clients/{}/contact", view.record.client),
        view.csrf,
        form::beside(&[form::select(&field, &choices), Button::quiet("Save contact").submit()]),
    )
}

fn team(view: &ClientView<'_>) -> Markup {
    let change = format!("/firm/clients/{}/team", view.record.client);
    let more = (view.may)(PermissionName::AssignStaff).then_some(("Change", change.as_str()));
    let hrefs: Vec<String> = view.staff.iter().map(|one| format!("/firm/people/{}", one.person)).collect();
    section(
        &Section { title: "Team", count: Some(view.staff.len()), more, ..Section::default() },
        html! {
            @if view.staff.is_empty() {
                (empty(&Empty {
                    icon: Some(Icon::People),
                    title: "Nobody works on it yet",
                    text: "Partners see every client. Staff see it once they are assigned.",
                    action: more.map(|_| Button::quiet("Assign staff").link(&change)),
                }))
            } @else {
                (rows(view.staff.iter().zip(&hrefs).map(|(one, href)| Row {
                    lead: Some(avatar(&one.name)),
                    title: &one.name,
                    href: Some(href),
                    meta: Some(html! { (one.email) }),
                    trail: None,
                })))
            }
        },
    )
}

fn name_form(view: &ClientView<'_>) -> Markup {
    let (value, error) = match view.wrong {
        Some((typed, why)) => (typed, Some(why)),
        None => (view.record.name.as_str(), None),
    };
    let input = TextInput {
        field: Field {
            name: "name",
            label: "Name of the client",
            hint: Some("As it should stand on every page, for the firm and for the client."),
            error,
            optional: false,
        },
        value,
        autocomplete: Some("off"),
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    form::form(
        &format!("/firm/clients/{}/name", view.record.client),
        view.csrf,
        html! { (form::text_input(&input)) (Button::quiet("Rename").submit()) },
    )
}

fn archive_form(view: &ClientView<'_>) -> Markup {
    html! {
        p {
            "When the work for a client is over, archive it. It leaves every list and board, its people and the staff "
            "no longer get in, and reminders stop. Nothing is deleted, and it can come back as it was."
        }
        (form::form(
            &format!("/firm/clients/{}/archive", view.record.client),
            view.csrf,
            html! {
                input type="hidden" name="sure" value="yes";
                (Button::quiet_danger("Archive the client").submit())
            },
        ))
    }
}
