//! One person's page.

use domain::notice::delivery::Suppression;
use domain::permissions::Name as PermissionName;
use domain::person::Membership;
use domain::{PersonId, Role, SessionId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{AssignedClient, LastSignIn, MembershipRow, SessionInHome};
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Choice, Field};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, client_mark, facts_line, page_head, rows, section};
use web::ui::{Button, Icon, words};

use crate::person::PermissionOut;

pub(crate) struct MembershipView<'a> {
    pub(crate) membership: &'a Membership,
    pub(crate) row: &'a MembershipRow,
    pub(crate) since: Option<Timestamp>,
    pub(crate) permissions: Vec<PermissionOut>,
}

pub(crate) struct PersonView<'a> {
    pub(crate) person: &'a PersonId,
    /// Those that hold first, and at least one.
    pub(crate) memberships: &'a [MembershipView<'a>],
    pub(crate) assigned: &'a [AssignedClient],
    pub(crate) sessions: &'a [(SessionId, SessionInHome)],
    pub(crate) last: Option<&'a LastSignIn>,
    /// Why nothing is mailed to it.
    pub(crate) suppressed: Option<Suppression>,
    /// It is the reader's own page.
    pub(crate) is_reader: bool,
    /// The reader proved a moment ago who it is.
    pub(crate) is_confirmed: bool,
    pub(crate) may: &'a (dyn Fn(PermissionName) -> bool + Sync),
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn person(view: &PersonView<'_>) -> Markup {
    let Some(first) = view.memberships.first() else { return html! {} };
    let audit = format!("/firm/audit?person={}", view.person);
    let line = facts_line(&[
        html! { (first.row.email) },
        match &first.row.phone {
            Some(phone) => html! { (phone) },
            None => html! { "No mobile phone" },
        },
        match view.last {
            Some(last) => html! { "Last signed in " (words::instant(last.at, view.now, view.zone)) },
            None => html! { "Has not signed in yet" },
        },
    ]);
    html! {
        (page_head(&PageHead {
            title: &first.row.name,
            line: Some(line),
            crumbs: &[Crumb { label: "People", href: "/firm/people" }],
            actions: &[Button::quiet("Audit").with_icon(Icon::Audit).link(&audit)],
        }))
        @if view.is_reader {
            (banner(&Banner {
                tone: Tone::Info,
                title: "This is you",
                text: Some(html! { "Another partner can change what you may do or end your access." }),
                action: None,
            }))
        }
        @if let Some(suppressed) = view.suppressed { (takes_nothing(view, suppressed)) }
        @for one in view.memberships { (membership(view, one)) }
        @if view.memberships.iter().any(|one| one.row.role == Role::Staff) { (assigned(view)) }
        (sessions(view))
        (factors(view))
    }
}

/// Nothing is mailed to the person: why, and who can end that.
fn takes_nothing(view: &PersonView<'_>, suppressed: Suppression) -> Markup {
    let action = format!("/firm/people/{}/address", view.person);
    let body = html! {
        p { (suppressed.sentence()) " Since " (words::instant(suppressed.at, view.now, view.zone)) "." }
        @if suppressed.may_be_lifted(false) {
            p { (form::inline_form(&action, view.csrf, &[], Button::primary("Send to it again").submit())) }
        } @else {
            p { "Only the person can ask for mails again, under Notifications. Until then, call." }
        }
    };
    section(&Section { title: "Gets no mail from here", ..Section::default() }, card(body))
}

/// For somebody whose phone is lost: a partner lets the next sign-in begin anew.
fn factors(view: &PersonView<'_>) -> Markup {
    let has_access = view.memberships.iter().any(|one| one.row.active);
    if view.is_reader || !has_access || !view.is_confirmed || !(view.may)(PermissionName::ResetFactors) {
        return html! {};
    }
    let action = format!("/firm/people/{}/factors/reset", view.person);
    section(
        &Section { title: "Second factor", ..Section::default() },
        card(html! {
            p {
                "If the phone or key that the person signs in with is lost, reset it. At the next sign-in the mailed link "
                "is enough, and a new second factor is set up then."
            }
            p { (form::inline_form(&action, view.csrf, &[], Button::quiet_danger("Reset the second factor").submit())) }
        }),
    )
}

fn membership(view: &PersonView<'_>, one: &MembershipView<'_>) -> Markup {
    let title = match (&one.row.client_name, one.membership) {
        (Some(name), _) => format!("At {name}"),
        (None, _) => "At the firm".to_owned(),
    };
    let state = match (one.row.active, view.last) {
        (false, _) => pill_saying(State::Quiet, "Ended"),
        (true, None) => pill_saying(State::WaitingOnUs, "Invited"),
        (true, Some(_)) => pill_saying(State::Done, "Has access"),
    };
    let mut known = vec![("Role", html! { (one.row.role.title()) }), ("Access", state)];
    known.extend(one.since.map(|since| ("Since", words::instant(since, view.now, view.zone))));
    known.extend(one.row.ended_at.map(|at| ("Ended", words::instant(at, view.now, view.zone))));
    let changes = one.row.active && !view.is_reader && (view.may)(PermissionName::ChangeRoles);
    html! {
        (section(&Section { title: &title, ..Section::default() }, html! {
            (card(html! { (facts(&known)) (ends(view, one)) }))
            @if changes && !view.is_confirmed { (confirm_first(view)) }
            @if changes && view.is_confirmed { (role_form(view, one)) (permission_form(view, one)) }
            @if !changes || !view.is_confirmed { (permission_list(one)) }
        }))
    }
}

fn confirm_first(view: &PersonView<'_>) -> Markup {
    let href = format!("/confirm?next=/firm/people/{}", view.person);
    banner(&Banner {
        tone: Tone::Info,
        title: "To change the role or what the person may do, confirm first that it is you",
        text: Some(html! { "It takes a moment and holds for a quarter of an hour." }),
        action: Some(Button::quiet("Confirm").with_icon(Icon::Key).small().link(&href)),
    })
}

/// What ends the membership, brings it back, or mails and withdraws its invitation.
fn ends(view: &PersonView<'_>, one: &MembershipView<'_>) -> Markup {
    if view.is_reader {
        return html! {};
    }
    let base = format!("/firm/people/{}/{}", view.person, one.membership.as_str());
    let post = |act: &str, fields: &[(&str, &str)], button: Markup| {
        form::inline_form(&format!("{base}/{act}"), view.csrf, fields, button)
    };
    let name = one.row.name.as_str();
    let may_end = (view.may)(PermissionName::EndMemberships);
    let invited = one.row.active && view.last.is_none();
    let mut buttons = Vec::new();
    if invited && (view.may)(PermissionName::ManagePeople) {
        let again = Button::quiet("Mail the invitation again").with_icon(Icon::Mail).about(name);
        buttons.push(post("invitation", &[], again.submit()));
    }
    match (one.row.active, may_end) {
        (true, true) if invited => {
            let withdraw = Button::quiet_danger("Withdraw the invitation").about(name);
            buttons.push(post("withdraw", &[], withdraw.submit()));
        }
        (true, true) => buttons.push(post("end", &[], Button::quiet_danger("End access").about(name).submit())),
        (false, true) => {
            let back = Button::quiet("Give access again").with_icon(Icon::Retry).about(name);
            buttons.push(post("reinstate", &[], back.submit()));
        }
        (_, false) => (),
    }
    html! { @if !buttons.is_empty() { (web::ui::button::actions(&buttons)) } }
}

fn role_form(view: &PersonView<'_>, one: &MembershipView<'_>) -> Markup {
    let roles = match one.membership {
        Membership::Firm => [
            (Role::Staff, "Works for the firm on the clients assigned to it"),
            (Role::Partner, "Works for the firm on every client, and manages it"),
        ],
        Membership::Client(_) => [
            (Role::ClientMember, "Projects, documents and deadlines of its company"),
            (Role::ClientAdmin, "Everything that its company may do here"),
        ],
    };
    let choices: Vec<Choice<'_>> = roles
        .into_iter()
        .map(|(role, hint)| Choice {
            value: role.as_str(),
            label: role.title(),
            hint: Some(hint),
            chosen: one.row.role == role,
        })
        .collect();
    let field = Field { name: "role", label: "Role", ..Field::default() };
    let action = format!("/firm/people/{}/{}/role", view.person, one.membership.as_str());
    card(form::form(
        &action,
        view.csrf,
        html! {
            (form::radios(&field, &choices))
            @if one.row.role == Role::ClientAdmin {
                (form::check("even_last_admin", "Even if the client has no other admin", false))
            }
            (Button::quiet("Save role").submit())
        },
    ))
}

fn permission_form(view: &PersonView<'_>, one: &MembershipView<'_>) -> Markup {
    let action = format!("/firm/people/{}/{}/permissions", view.person, one.membership.as_str());
    card(form::form(
        &action,
        view.csrf,
        html! {
            input type="hidden" name="shown" value="yes";
            (permission_checks(&one.permissions, one.row.role))
            (Button::quiet("Save").about(&format!("what {} may do", one.row.name)).submit())
        },
    ))
}

/// Everything that the person may or could do, by what it is about.
pub(crate) fn permission_checks(permissions: &[PermissionOut], role: Role) -> Markup {
    let hints = |one: &PermissionOut| match (one.of_role, one.may) {
        (true, true) => None,
        (true, false) => Some(format!("Taken away. The role {} gives it.", role.title())),
        (false, true) => Some(format!("Given to this person. The role {} does not have it.", role.title())),
        (false, false) => Some(format!("Not part of the role {}.", role.title())),
    };
    let group = |title: &str, name: &str, of_firm: bool| {
        let some: Vec<(&PermissionOut, String, Option<String>)> = permissions
            .iter()
            .filter(|one| one.of_firm == of_firm)
            .map(|one| (one, capital(one.words), hints(one)))
            .collect();
        html! {
            @if !some.is_empty() {
                (form::legend(title, html! {
                    @for (one, label, hint) in &some {
                        label.check {
                            input type="checkbox" name=(name) value=(one.name.as_str()) checked[one.may];
                            span { (label) @if let Some(hint) = hint { span.hint { (hint) } } }
                        }
                    }
                }))
            }
        }
    };
    html! {
        (group("May, with clients", "may", false))
        (group("May, for the firm", "may", true))
    }
}

/// The same to read, where nothing can be changed.
fn permission_list(one: &MembershipView<'_>) -> Markup {
    let may: Vec<String> = one.permissions.iter().filter(|one| one.may).map(|one| one.words.to_owned()).collect();
    let changed: Vec<String> = one
        .permissions
        .iter()
        .filter(|one| one.may != one.of_role)
        .map(|one| format!("{} ({})", one.words, if one.may { "given" } else { "taken away" }))
        .collect();
    let mut list = vec![("May", html! { (may.join(", ")) })];
    if !changed.is_empty() {
        list.push(("Other than the role", html! { (changed.join(", ")) }));
    }
    card(facts(&list))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn assigned(view: &PersonView<'_>) -> Markup {
    let grid = format!("/firm/assignments?person={}", view.person);
    let clients: Vec<(String, &AssignedClient)> =
        view.assigned.iter().map(|one| (format!("/firm/clients/{}", one.client), one)).collect();
    section(
        &Section {
            title: "Clients assigned",
            count: Some(view.assigned.len()),
            more: (view.may)(PermissionName::AssignStaff).then_some(("Change", grid.as_str())),
            ..Section::default()
        },
        html! {
            @if clients.is_empty() {
                (empty(&Empty {
                    icon: Some(Icon::Clients),
                    title: "No client yet",
                    text: "Staff see exactly the clients that are assigned to them.",
                    action: None,
                }))
            } @else {
                (rows(clients.iter().map(|(href, one)| Row {
                    lead: Some(client_mark(&one.client_name)),
                    title: &one.client_name,
                    href: Some(href),
                    meta: Some(html! { "Since " (words::instant(one.at, view.now, view.zone)) }),
                    trail: None,
                })))
            }
        },
    )
}

fn sessions(view: &PersonView<'_>) -> Markup {
    let may_end = (view.may)(PermissionName::EndSessions);
    section(
        &Section { title: "Signed-in devices", count: Some(view.sessions.len()), ..Section::default() },
        html! {
            @if view.sessions.is_empty() {
                (empty(&Empty {
                    icon: Some(Icon::Device),
                    title: "Not signed in anywhere",
                    text: "Devices appear here while the person is signed in.",
                    action: None,
                }))
            } @else {
                (rows(view.sessions.iter().map(|(id, row)| session_row(id, row, view, may_end))))
            }
        },
    )
}

fn session_row<'a>(id: &SessionId, row: &'a SessionInHome, view: &PersonView<'_>, may_end: bool) -> Row<'a> {
    let device = row.device.as_deref().unwrap_or("A browser that did not say what it is");
    let mut meta = vec![html! { "Signed in " (words::instant(row.started_at, view.now, view.zone)) }];
    meta.extend(row.place.as_ref().map(|place| html! { (place) }));
    let action = format!("/firm/people/{}/sessions/{id}/end", view.person);
    let end = || form::inline_form(&action, view.csrf, &[], Button::quiet("Sign out").small().about(device).submit());
    Row {
        lead: Some(web::ui::icon::icon(Icon::Device)),
        title: device,
        href: None,
        meta: Some(facts_line(&meta)),
        trail: may_end.then(end),
    }
}
