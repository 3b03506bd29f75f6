//! One client at a glance, for the people of the firm.

use domain::ClientId;
use domain::document::Document;
use domain::person::TeamMember;
use domain::project::home::Coming;
use domain::project::{Project, Standing};
use maud::{Markup, html};
use web::ui::feedback::{Empty, empty};
use web::ui::structure::{PageHead, Row, Section, avatar, page_head, rows, section};
use web::ui::{Button, Icon, words};

use super::Reader;
use super::client_home::{coming_rows, project_rows, recent_files};
use super::project::reach;

pub(crate) struct Overview<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) name: &'a str,
    pub(crate) coming: &'a [Coming<'a>],
    pub(crate) projects: &'a [Project],
    pub(crate) team: &'a [TeamMember],
    pub(crate) documents: &'a [Document],
    pub(crate) may_view_as: bool,
    /// May read messages.
    pub(crate) may_talk: bool,
}

const COMING_SHOWN: usize = 8;
const FILES_SHOWN: usize = 5;

pub(crate) fn overview(view: &Overview<'_>) -> Markup {
    let (reader, client) = (view.reader, view.client);
    let open: Vec<&Project> = view.projects.iter().filter(|project| project.standing == Standing::Active).collect();
    let new = format!("Open a {}", reader.noun());
    let new_href = format!("/clients/{client}/projects/new");
    let all = format!("/clients/{client}/projects");
    let mut actions = vec![Button::quiet(&new).with_icon(Icon::Plus).link(&new_href)];
    let messages = format!("/clients/{client}/messages");
    if view.may_talk {
        actions.push(Button::quiet("Messages").with_icon(Icon::Message).about(view.name).link(&messages));
    }
    if reader.is_partner {
        let team = format!("/firm/clients/{client}/team");
        actions.push(Button::quiet("Team").with_icon(Icon::People).about(view.name).link(&team));
    }
    let view_as = format!("/clients/{client}/view-as");
    if view.may_view_as {
        actions.push(Button::quiet("See what they see").with_icon(Icon::Eye).about(view.name).link(&view_as));
    }
    let line =
        html! { (words::count(open.len(), &format!("open {}", reader.noun()), &format!("open {}", reader.nouns()))) };
    html! {
        (page_head(&PageHead { title: view.name, line: Some(line), actions: &actions, ..PageHead::default() }))
        @if !view.coming.is_empty() {
            (section(
                &Section { title: "Late or soon", ..Section::default() },
                coming_rows(view.coming.iter().take(COMING_SHOWN), reader, client),
            ))
        }
        (section(
            &Section {
                title: &reader.nouns_capital(),
                count: (!open.is_empty()).then_some(open.len()),
                more: (!view.projects.is_empty()).then_some(("All", all.as_str())),
                ..Section::default()
            },
            if open.is_empty() {
                empty(&Empty {
                    icon: Some(Icon::Folder),
                    title: &format!("No {} is open", reader.noun()),
                    text: "Opening one takes its name and its kind; phases and milestones come from the practice pack.",
                    action: None,
                })
            } else {
                project_rows(&open, reader, client)
            },
        ))
    }
}

pub(crate) fn aside(view: &Overview<'_>) -> Markup {
    let (theirs, ours): (Vec<&TeamMember>, Vec<&TeamMember>) = view.team.iter().partition(|member| member.of_client);
    html! {
        @if view.reader.is_partner {
            (people("Their people", &theirs, "Nobody of this client can sign in yet. Invite them under Team."))
            (people("Your team", &ours, "Nobody is assigned yet. Assign staff under Team."))
        } @else {
            (people("Their people", &theirs, "Nobody of this client can sign in yet. A partner invites them."))
            (people("Your team", &ours, "Nobody of the firm is assigned yet. A partner assigns staff."))
        }
        @if let Some(files) = recent_files(view.documents.iter().take(FILES_SHOWN), view.client, None, view.reader) { (files) }
    }
}

fn people(title: &str, list: &[&TeamMember], nobody: &str) -> Markup {
    let body = if list.is_empty() {
        html! { p { (nobody) } }
    } else {
        rows(list.iter().map(|member| Row {
            lead: Some(avatar(&member.name)),
            title: &member.name,
            meta: Some(reach(member)),
            ..Row::default()
        }))
    };
    section(&Section { title, ..Section::default() }, body)
}
