//! One project: where it stands, what was done, what is being done, what comes, and who does it.

use domain::document::Document;
use domain::person::TeamMember;
use domain::project::{Milestone, Progress, Project, Standing};
use domain::{ClientId, Date};
use maud::{Markup, html};
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::phases::{Phases, phase_bar};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, page_head, rows, section};
use web::ui::timeline::{Step, Timeline, timeline};
use web::ui::{Button, Icon, words};

use super::Reader;
use super::client_home::recent_files;

pub(crate) struct View<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) project: &'a Project,
    pub(crate) team: &'a [&'a TeamMember],
    pub(crate) files: &'a [&'a Document],
    pub(crate) may_edit: bool,
}

pub(crate) fn project(view: &View<'_>) -> Markup {
    let (reader, project) = (view.reader, view.project);
    let (client_href, board_href) = (format!("/clients/{}", view.client), format!("/clients/{}/projects", view.client));
    let nouns = reader.nouns_capital();
    let crumbs = [Crumb { label: view.client_name, href: &client_href }, Crumb { label: &nouns, href: &board_href }];
    let crumbs = if reader.of_client { &crumbs[1..] } else { &crumbs[..] };
    let edit = format!("Edit {}", project.pack.noun());
    let edit_href = format!("{board_href}/{}/edit", project.id);
    let documents = format!("/clients/{}/documents?project={}", view.client, project.id);
    let mut actions = vec![Button::quiet("Upload files").with_icon(Icon::Upload).link(&documents)];
    if view.may_edit {
        actions.push(Button::quiet(&edit).with_icon(Icon::Edit).link(&edit_href));
    }
    let head = PageHead { crumbs, title: project.name.as_str(), line: promise(view), actions: &actions };
    let names: Vec<&str> = project.phases.iter().map(domain::text::Name::as_str).collect();
    html! {
        (page_head(&head))
        @if project.standing == Standing::Closed {
            (banner(&Banner {
                tone: Tone::Info,
                title: &format!("This {} is closed", project.pack.noun()),
                text: Some(html! { "Everything in it can still be read and downloaded." }),
                ..Banner::default()
            }))
        } @else {
            (phase_bar(&Phases { names: &names, current: project.phase }))
        }
        (section(&Section { title: "Timeline", ..Section::default() }, way(project, reader.today)))
    }
}

/// When the client hears again: the question that nobody should have to ask.
fn promise(view: &View<'_>) -> Option<Markup> {
    if view.project.standing == Standing::Closed {
        return None;
    }
    let today = view.reader.today;
    let Some(day) = view.project.next_update_on else {
        return (!view.reader.of_client).then(|| html! { "No next update is promised yet." });
    };
    let late = (today - day).get_days() > 0;
    Some(html! {
        @match (view.reader.of_client, late) {
            (true, false) => "You hear from us again by ",
            (true, true) => "We promised to tell you more by ",
            (false, _) => "The client was promised to hear by ",
        }
        strong { (words::day(day, today)) }
        @if late { " " (pill_saying(State::Overdue, &words::due_words(day, today))) }
    })
}

fn way(project: &Project, today: Date) -> Markup {
    let steps = |wanted: fn(&Progress) -> bool| -> Vec<Step<'_>> {
        project.milestones.iter().filter(|m| wanted(&m.progress)).map(|m| step(m, today)).collect()
    };
    let mut finished: Vec<&Milestone> =
        project.milestones.iter().filter(|m| matches!(m.progress, Progress::Done { .. })).collect();
    finished.sort_by_key(|milestone| match milestone.progress {
        Progress::Done { done_on } => done_on,
        Progress::Upcoming | Progress::Current => Date::MAX,
    });
    let done: Vec<Step<'_>> = finished.iter().map(|milestone| step(milestone, today)).collect();
    let now = steps(|progress| matches!(progress, Progress::Current));
    let is_late = |m: &&Milestone| m.progress == Progress::Upcoming && m.due_on.is_some_and(|due| due < today);
    let to_come = || project.milestones.iter().filter(|m| m.progress == Progress::Upcoming);
    let late: Vec<Step<'_>> = to_come().filter(is_late).map(|m| step(m, today)).collect();
    let upcoming: Vec<Step<'_>> = to_come().filter(|m| !is_late(m)).map(|m| step(m, today)).collect();
    if project.milestones.is_empty() {
        return empty(&Empty {
            icon: Some(Icon::Calendar),
            title: "No milestone yet",
            text: "Steps of the work appear here with their days, as soon as they are planned.",
            action: None,
        });
    }
    timeline(&Timeline { done: &done, late: &late, now: &now, upcoming: &upcoming })
}

fn step(milestone: &Milestone, today: Date) -> Step<'_> {
    let when = match (milestone.progress, milestone.due_on) {
        (Progress::Done { done_on }, _) => Some(words::day(done_on, today)),
        (Progress::Current, Some(due)) => Some(words::due(due, today)),
        (Progress::Upcoming, Some(due)) if due < today => Some(words::due(due, today)),
        (Progress::Upcoming, Some(due)) => Some(words::day(due, today)),
        (_, None) => None,
    };
    Step { title: milestone.title.as_str(), when, ..Step::default() }
}

pub(crate) fn aside(view: &View<'_>) -> Markup {
    let about = format!("About this {}", view.project.pack.noun());
    let opened = domain::calendar::today(view.project.opened_at, &view.reader.zone);
    html! {
        (section(&Section { title: if view.reader.of_client { "Your team" } else { "Team" }, ..Section::default() }, team(view)))
        @if let Some(files) = recent_files(view.files.iter().copied(), view.client, Some(&view.project.id), view.reader) { (files) }
        (section(&Section { title: &about, ..Section::default() }, card(facts(&[
            ("Kind", html! { (view.project.pack.title()) }),
            ("Opened", words::day(opened, view.reader.today)),
            ("Last change", words::instant(view.project.changed_at, view.reader.now, &view.reader.zone)),
        ]))))
    }
}

fn team(view: &View<'_>) -> Markup {
    if view.team.is_empty() {
        return html! { p { "To be named." } };
    }
    rows(view.team.iter().map(|member| Row {
        lead: Some(avatar(&member.name)),
        title: &member.name,
        meta: Some(html! { (member.role.title()) ", " (view.reader.firm_name) }),
        ..Row::default()
    }))
}
