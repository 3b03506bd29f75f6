//! The people of a client's own company, as its admins see them.

use domain::firm::{MemberOrder, Order, OrderState};
use domain::person::{FieldRefused, TeamMember};
use domain::{PersonId, Role, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::OrderRow;
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Tone, banner};
use web::ui::form::{self, Choice, Field};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, facts_line, fold, page_head, rows, section};
use web::ui::{Button, Icon, words};

use super::field;
use super::people::{Typed, name_and_address, phone};
use super::person::permission_checks;
use crate::company::name_in;
use crate::person::PermissionOut;

pub(crate) struct CompanyView<'a> {
    /// Admins first.
    pub(crate) members: &'a [TeamMember],
    /// Orders on their way, and refused ones.
    pub(crate) orders: &'a [&'a OrderRow],
    pub(crate) reader: &'a PersonId,
    /// Whether the reader may change anything.
    pub(crate) manages: bool,
    pub(crate) typed: &'a Typed,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) firm_name: &'a str,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn company(view: &CompanyView<'_>) -> Markup {
    let errors: Vec<(&str, &str)> = view.refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    let line = format!("Who of your company gets in here. {} sees this list too.", view.firm_name);
    let invite = Button::quiet("Invite a colleague").with_icon(Icon::Mail).link("#name");
    let actions = if view.manages { vec![invite] } else { Vec::new() };
    html! {
        (page_head(&PageHead { title: "Your company", line: Some(html! { (line) }), actions: &actions, ..PageHead::default() }))
        (form::error_summary(&errors))
        @if !view.orders.is_empty() {
            (section(&Section { title: "On its way", ..Section::default() }, orders(view)))
        }
        (section(&Section { title: "People", count: Some(view.members.len()), ..Section::default() }, members(view)))
        @if view.manages {
            (section(&Section { title: "Invite a colleague", ..Section::default() }, card(invite_form(view))))
        }
    }
}

fn orders(view: &CompanyView<'_>) -> Markup {
    rows(view.orders.iter().map(|order| {
        let (state, word) = match order.state {
            OrderState::Ordered | OrderState::Done => (State::WaitingOnUs, "On its way"),
            OrderState::Refused => (State::Overdue, "Refused"),
        };
        let what = match &order.what {
            Order::Member { change: MemberOrder::End, .. } => "End of access",
            Order::Member { change: MemberOrder::Role { .. }, .. } => "Another role",
            Order::Member { change: MemberOrder::Permissions(_), .. } => "What the person may do",
            _ => "Invitation",
        };
        let mut meta = vec![html! { (what) }, words::instant(order.at, view.now, view.zone)];
        meta.extend(order.refused.map(|why| html! { (why.to_string()) }));
        Row {
            lead: Some(mark(state)),
            title: name_in(order),
            href: None,
            meta: Some(facts_line(&meta)),
            trail: Some(pill_saying(state, word)),
        }
    }))
}

fn members(view: &CompanyView<'_>) -> Markup {
    let hrefs: Vec<String> = view.members.iter().map(|one| format!("/company/{}", one.person)).collect();
    rows(view.members.iter().zip(&hrefs).map(|(one, href)| Row {
        lead: Some(avatar(&one.name)),
        title: &one.name,
        href: Some(href),
        meta: Some(facts_line(&about(one, one.person == *view.reader))),
        trail: None,
    }))
}

fn about(one: &TeamMember, is_reader: bool) -> Vec<Markup> {
    let mut parts = vec![html! { (one.role.title()) }, html! { (one.email) }];
    if is_reader {
        parts.push(html! { "you" });
    }
    parts
}

fn role_choices(chosen: Option<Role>) -> Vec<Choice<'static>> {
    [
        (Role::ClientMember, "Member", "Projects, documents and deadlines of your company"),
        (Role::ClientAdmin, "Admin", "Everything that your company may do here, and this list"),
    ]
    .into_iter()
    .map(|(role, label, hint)| Choice { value: role.as_str(), label, hint: Some(hint), chosen: chosen == Some(role) })
    .collect()
}

fn invite_form(view: &CompanyView<'_>) -> Markup {
    let chosen = Role::parse(&view.typed.person.role);
    form::form(
        "/company",
        view.csrf,
        html! {
            input type="hidden" name="once" value=(view.typed.once);
            (name_and_address(&view.typed.person, view.refused))
            (form::radios(&field("role", "Role", None, view.refused), &role_choices(chosen)))
            (phone(&view.typed.person, view.refused))
            (Button::primary("Invite").with_icon(Icon::Mail).submit())
        },
    )
}

pub(crate) struct OneView<'a> {
    pub(crate) member: &'a TeamMember,
    pub(crate) permissions: &'a [PermissionOut],
    pub(crate) is_reader: bool,
    pub(crate) is_last_admin: bool,
    pub(crate) manages: bool,
    pub(crate) csrf: &'a str,
}

pub(crate) fn one(view: &OneView<'_>) -> Markup {
    let OneView { member, .. } = view;
    let may: Vec<&str> = view.permissions.iter().filter(|one| one.may).map(|one| one.words).collect();
    html! {
        (page_head(&PageHead {
            title: &member.name,
            line: Some(facts_line(&[html! { (member.role.title()) }, html! { (member.email) }])),
            crumbs: &[Crumb { label: "Your company", href: "/company" }],
            ..PageHead::default()
        }))
        @if view.is_reader || !view.manages {
            @if view.is_reader {
                (banner(&Banner {
                    tone: Tone::Info,
                    title: "This is you",
                    text: Some(html! { "Another admin, or the firm, can change what you may do." }),
                    action: None,
                }))
            }
            (card(facts(&[("You may", html! { (may.join(", ")) })])))
        } @else {
            @if view.is_last_admin {
                (banner(&Banner {
                    tone: Tone::Attention,
                    title: "The only other admin",
                    text: Some(html! { "Beside you nobody else of your company is one. Think of holidays before you change that." }),
                    action: None,
                }))
            }
            (section(&Section { title: "Role", ..Section::default() }, card(role_form(view))))
            (section(&Section { title: "May do", ..Section::default() }, card(permission_form(view))))
            (section(&Section { title: "End", ..Section::default() }, card(end_form(view))))
        }
    }
}

fn role_form(view: &OneView<'_>) -> Markup {
    let field = Field { name: "role", label: "Role", ..Field::default() };
    form::form(
        &format!("/company/{}/role", view.member.person),
        view.csrf,
        html! {
            (form::radios(&field, &role_choices(Some(view.member.role))))
            (Button::quiet("Save role").submit())
        },
    )
}

fn permission_form(view: &OneView<'_>) -> Markup {
    form::form(
        &format!("/company/{}/permissions", view.member.person),
        view.csrf,
        html! {
            input type="hidden" name="shown" value="yes";
            (permission_checks(view.permissions, view.member.role))
            (Button::quiet("Save").about(&format!("what {} may do", view.member.name)).submit())
        },
    )
}

fn end_form(view: &OneView<'_>) -> Markup {
    html! {
        p { (view.member.name) " no longer gets in, from the next click on. What was done here stays." }
        // Two presses: an end is taken back only by inviting anew.
        (fold("End access", false, html! {
            p { "To let " (view.member.name) " in again, you would invite anew." }
            (form::form(
                &format!("/company/{}/end", view.member.person),
                view.csrf,
                Button::quiet_danger("End access now").about(&view.member.name).submit(),
            ))
        }))
    }
}
