//! Choosing as whom to look at a client's portal.

use domain::ClientId;
use domain::person::TeamMember;
use maud::{Markup, html};
use web::ui::feedback::{Empty, empty};
use web::ui::form;
use web::ui::structure::{Crumb, PageHead, Row, avatar, facts_line, page_head, rows};
use web::ui::{Button, Icon};

pub(crate) fn choose(client: &ClientId, name: &str, people: &[TeamMember], csrf: &str) -> Markup {
    let back = format!("/clients/{client}");
    let action = format!("/clients/{client}/view-as");
    let line = html! {
        "You see the portal as that person sees it, for half an hour. Nothing can be changed, and it is written down."
    };
    html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: name, href: &back }],
            title: "View as a client",
            line: Some(line),
            ..PageHead::default()
        }))
        @if people.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::People),
                title: "Nobody of this client has access yet",
                text: "Once somebody of the client has been invited, you can see what they see.",
                action: None,
            }))
        } @else {
            (rows(people.iter().map(|person| {
                let button = Button::quiet("View").small().about(&person.name).submit();
                let id = person.person.to_string();
                Row {
                    lead: Some(avatar(&person.name)),
                    title: &person.name,
                    meta: Some(facts_line(&[html! { (person.role.title()) }, html! { (person.email) }])),
                    trail: Some(form::inline_form(&action, csrf, &[("person", id.as_str())], button)),
                    ..Row::default()
                }
            })))
        }
    }
}
