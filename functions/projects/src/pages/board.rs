//! One client's status board: open projects with phase, next day, team and promise; closed ones below.

use domain::person::TeamMember;
use domain::project::Project;
use domain::{ClientId, Date};
use maud::{Markup, html};
use web::ui::feedback::{Empty, empty};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, page_head, rows, section};
use web::ui::table::{Column, Table, cell_note, table};
use web::ui::{Button, Icon, words};

use super::{Reader, capital, phases_of};

pub(crate) struct Board<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) open: &'a [Project],
    pub(crate) closed: &'a [Project],
    pub(crate) team: &'a [TeamMember],
}

pub(crate) fn board(view: &Board<'_>) -> Markup {
    let reader = view.reader;
    let title = reader.nouns_capital();
    let client_href = format!("/clients/{}", view.client);
    let crumbs = [Crumb { label: view.client_name, href: &client_href }];
    let new = format!("Open a {}", reader.noun());
    let new_href = format!("/clients/{}/projects/new", view.client);
    let actions: Vec<Markup> =
        if reader.of_client { Vec::new() } else { vec![Button::primary(&new).with_icon(Icon::Plus).link(&new_href)] };
    let crumbs = if reader.of_client { &crumbs[..0] } else { &crumbs[..] };
    html! {
        (page_head(&PageHead { title: &title, crumbs, actions: &actions, ..PageHead::default() }))
        (section(&Section { title: "Open", count: (!view.open.is_empty()).then_some(view.open.len()), ..Section::default() }, open(view)))
        @if !view.closed.is_empty() {
            (section(&Section { title: "Closed", count: Some(view.closed.len()), ..Section::default() }, closed(view)))
        }
    }
}

fn open(view: &Board<'_>) -> Markup {
    let reader = view.reader;
    if view.open.is_empty() {
        let title = format!("No {} is open", reader.noun());
        let text = if reader.of_client {
            super::client_home::opens(reader, view.closed.is_empty())
        } else {
            "Opening one takes its name and its kind; phases and milestones come from the practice pack.".to_owned()
        };
        return empty(&Empty { icon: Some(Icon::Folder), title: &title, text: &text, action: None });
    }
    let name = capital(reader.noun());
    table(&Table {
        caption: "Open work",
        columns: &[
            Column::text(&name),
            Column::text("Phase"),
            Column::text("Next"),
            Column::text("Update by"),
            Column::text("Team"),
        ],
        rows: view.open.iter().map(|project| cells(project, view)).collect(),
    })
}

fn cells(project: &Project, view: &Board<'_>) -> Vec<Markup> {
    let today = view.reader.today;
    let next = project.next_milestone();
    let day = |day: Date| {
        if day < today { pill_saying(State::Overdue, &words::due_words(day, today)) } else { words::day(day, today) }
    };
    vec![
        html! {
            a href=(href(view.client, project)) { (project.name) }
        },
        phases_of(&project.phases, project.phase),
        match next {
            Some(next) => html! { (next.title) @if let Some(due) = next.due_on { (cell_note(day(due))) } },
            None => html! { "Nothing planned" },
        },
        project.next_update_on.map_or_else(|| html! { "Not promised" }, day),
        html! { (team_names(project, view.team)) },
    ]
}

/// The team's names; somebody who is no longer assigned is not named.
fn team_names(project: &Project, team: &[TeamMember]) -> String {
    let names: Vec<&str> = team
        .iter()
        .filter(|member| !member.of_client && project.team.contains(&member.person))
        .map(|member| member.name.as_str())
        .collect();
    if names.is_empty() { "To be named".to_owned() } else { names.join(", ") }
}

fn closed(view: &Board<'_>) -> Markup {
    let hrefs: Vec<String> = view.closed.iter().map(|project| href(view.client, project)).collect();
    rows(view.closed.iter().zip(&hrefs).map(|(project, href)| {
        let day = domain::calendar::today(project.changed_at, &view.reader.zone);
        Row {
            title: project.name.as_str(),
            href: Some(href),
            meta: Some(html! { "Closed " (words::day(day, view.reader.today)) }),
            lead: Some(mark(State::Done)),
            ..Row::default()
        }
    }))
}

fn href(client: &ClientId, project: &Project) -> String {
    format!("/clients/{client}/projects/{}", project.id)
}
