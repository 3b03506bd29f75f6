//! One project: where it stands, what was done, what is being done, what comes, and who does it.

use domain::document::Document;
use domain::person::TeamMember;
use domain::project::update::Update;
use domain::project::{Milestone, Progress, Project, Standing};
use domain::request::Request;
use domain::{ClientId, Date, limits};
use maud::{Markup, html};
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{Choice, Field, date_input, error_summary, form, inline_form, text_area};
use web::ui::phases::{Phases, phase_bar};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{
    Crumb, PageHead, Row, Section, avatar, card, facts_line, fold, note, page_head, rows, section,
};
use web::ui::timeline::{Step, Timeline, timeline};
use web::ui::upload::{DropZone, drop_zone};
use web::ui::viewers::viewers_at_upload;
use web::ui::{Button, Icon, words};

use super::Reader;
use super::client_home::recent_files;
use crate::update::{Typed, Wrong};

pub(crate) struct View<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) project: &'a Project,
    pub(crate) team: &'a [&'a TeamMember],
    /// Of the client and of the firm: for names.
    pub(crate) everybody: &'a [TeamMember],
    pub(crate) files: &'a [&'a Document],
    /// Lists of documents for this project that are open.
    pub(crate) requests: &'a [&'a Request],
    /// The newest first.
    pub(crate) updates: &'a [Update],
    /// The update that is being written.
    pub(crate) typed: &'a Typed,
    pub(crate) wrong: Option<&'a Wrong>,
    pub(crate) may_edit: bool,
    /// May read messages.
    pub(crate) may_talk: bool,
    pub(crate) may_upload: bool,
    /// May upload for the firm only.
    pub(crate) may_keep: bool,
    pub(crate) csrf: &'a str,
}

impl View<'_> {
    fn here(&self) -> String {
        format!("/clients/{}/projects/{}", self.client, self.project.id)
    }

    fn is_open(&self) -> bool {
        self.project.standing == Standing::Active
    }
}

pub(crate) fn project(view: &View<'_>) -> Markup {
    let (reader, project) = (view.reader, view.project);
    let (client_href, board_href) = (format!("/clients/{}", view.client), format!("/clients/{}/projects", view.client));
    let nouns = reader.nouns_capital();
    let crumbs = [Crumb { label: view.client_name, href: &client_href }, Crumb { label: &nouns, href: &board_href }];
    let crumbs = if reader.of_client { &crumbs[1..] } else { &crumbs[..] };
    let edit = format!("Edit {}", project.pack.noun());
    let edit_href = format!("{board_href}/{}/edit", project.id);
    let mut actions = Vec::new();
    if view.may_edit && view.is_open() {
        actions.push(Button::quiet("Update the client").with_icon(Icon::Mail).link("#update"));
    }
    let talk = if reader.of_client { "Ask a question" } else { "Messages" };
    let talk_href = format!("/clients/{}/messages/{}", view.client, project.id);
    if view.may_talk {
        actions.push(Button::quiet(talk).with_icon(Icon::Message).link(&talk_href));
    }
    let ask_href = format!("/clients/{}/requests/new?project={}", view.client, project.id);
    if view.may_edit && view.is_open() {
        actions.push(Button::quiet("Ask for documents").with_icon(Icon::Document).link(&ask_href));
    }
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
        (updates(view))
        (requests(view))
        @if view.may_upload { (upload(view)) }
        (section(&Section { title: "Timeline", ..Section::default() }, way(view)))
        (files(view))
        @if view.may_edit && view.is_open() { (new_update(view)) }
    }
}

/// What the firm wrote last, in full; what it wrote before behind one press.
fn updates(view: &View<'_>) -> Markup {
    let [newest, older @ ..] = view.updates else { return html! {} };
    let one = |update: &Update| {
        let by = view.everybody.iter().find(|member| member.person == update.by);
        let by = by.map_or(view.reader.firm_name.as_str(), |member| member.name.as_str());
        html! {
            (note(update.text.as_str()))
            (facts_line(&[html! { (by) }, words::instant(update.at, view.reader.now, &view.reader.zone)]))
        }
    };
    let title = if view.reader.of_client { "From your team" } else { "What the client was told" };
    section(
        &Section { title, ..Section::default() },
        html! {
            (card(one(newest)))
            @if !older.is_empty() { (fold("Earlier updates", false, html! { @for update in older { (card(one(update))) } })) }
        },
    )
}

/// What the client is asked for, with how far it is.
fn requests(view: &View<'_>) -> Markup {
    if view.requests.is_empty() {
        return html! {};
    }
    let all = format!("/clients/{}/requests", view.client);
    let hrefs: Vec<String> = view.requests.iter().map(|request| format!("{all}/{}", request.id)).collect();
    let title = if view.reader.of_client { "Documents we need from you" } else { "Requested documents" };
    section(
        &Section { title, more: Some(("All", &all)), ..Section::default() },
        rows(view.requests.iter().zip(&hrefs).map(|(request, href)| {
            let waits_here = request.waits_for_firm() != view.reader.of_client;
            let mut meta = vec![html! { (request.progress(true)) " answered" }];
            if !view.reader.of_client {
                meta.push(html! { (request.progress(false)) " accepted" });
            }
            Row {
                lead: Some(mark(if waits_here { State::WaitingOnYou } else { State::WaitingOnUs })),
                title: request.title.as_str(),
                href: Some(href),
                meta: Some(facts_line(&meta)),
                trail: request.next_due().map(|day| words::deadline(day, view.reader.today)),
            }
        })),
    )
}

/// The files go to this project: one press opens the picker, and the whole page takes what is dropped.
fn upload(view: &View<'_>) -> Markup {
    let (project, other) = (view.project, view.project.pack.category_unsaid());
    let kinds: Vec<Choice<'_>> =
        project.pack.categories().iter().map(|kind| Choice::new(kind, kind, *kind == other)).collect();
    let company: Vec<(&str, &str)> = view
        .everybody
        .iter()
        .filter(|member| member.of_client)
        .map(|member| (member.person.as_str(), member.name.as_str()))
        .collect();
    let viewers = viewers_at_upload(view.client_name, &view.reader.firm_name, &company, view.may_keep);
    let viewers: Vec<Choice<'_>> =
        viewers.iter().enumerate().map(|(at, (value, words))| Choice::new(value, words, at == 0)).collect();
    let drop_words = format!("Drop to upload to {}", project.name);
    let without = format!("/clients/{}/documents/new?project={}&category={other}", view.client, project.id);
    drop_zone(&DropZone {
        client: view.client.as_str(),
        project: project.id.as_str(),
        category: other,
        label: "Upload files",
        drop_words: &drop_words,
        category_choices: &kinds,
        viewer_choices: &viewers,
        without_scripts: &without,
        ..DropZone::default()
    })
}

/// Draws itself again when an upload is ready.
fn files(view: &View<'_>) -> Markup {
    html! {
        div id="files" hx-get=(view.here()) hx-trigger="portico:ready from:body" hx-select="#files" hx-swap="outerHTML" {
            @if let Some(files) = recent_files(view.files.iter().copied(), view.client, Some(&view.project.id), view.reader) {
                (files)
            }
        }
    }
}

/// Words for the client, and the next promise.
fn new_update(view: &View<'_>) -> Markup {
    let typed = view.typed;
    let field = |name, label| {
        let error = view.wrong.filter(|(of, _)| *of == name).map(|(_, why)| why.as_str());
        Field { name, label, error, ..Field::default() }
    };
    let errors: Vec<(&str, &str)> = view.wrong.map(|(field, why)| (*field, why.as_str())).into_iter().collect();
    let body = html! {
        (error_summary(&errors))
        (form(&format!("{}/updates", view.here()), view.csrf, html! {
            input type="hidden" name="once" value=(typed.once);
            (text_area(
                &Field { hint: Some("Where it stands, what comes next, what you need. The client reads it here and in an e-mail."), ..field("text", "What you want to say") },
                &typed.text,
                5,
                limits::NOTE_CHARACTERS_MAX,
            ))
            (date_input(
                &Field { hint: Some("The day by which the client hears from you again."), optional: true, ..field("next_update_on", "Next update") },
                typed.next_update_on.trim().parse().ok(),
                Some(view.reader.today),
            ))
            (Button::primary("Send to the client").submit())
        }))
    };
    html! { div id="update" { (section(&Section { title: "Update for the client", ..Section::default() }, card(body))) } }
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

fn way(view: &View<'_>) -> Markup {
    let (project, today) = (view.project, view.reader.today);
    let step = |milestone| step(view, milestone);
    let steps = |wanted: fn(&Progress) -> bool| -> Vec<Step<'_>> {
        project.milestones.iter().filter(|m| wanted(&m.progress)).map(step).collect()
    };
    let mut finished: Vec<&Milestone> =
        project.milestones.iter().filter(|m| matches!(m.progress, Progress::Done { .. })).collect();
    finished.sort_by_key(|milestone| match milestone.progress {
        Progress::Done { done_on } => done_on,
        Progress::Upcoming | Progress::Current => Date::MAX,
    });
    let done: Vec<Step<'_>> = finished.iter().copied().map(step).collect();
    let now = steps(|progress| matches!(progress, Progress::Current));
    let is_late = |m: &&Milestone| m.progress == Progress::Upcoming && m.due_on.is_some_and(|due| due < today);
    let to_come = || project.milestones.iter().filter(|m| m.progress == Progress::Upcoming);
    let late: Vec<Step<'_>> = to_come().filter(is_late).map(step).collect();
    let upcoming: Vec<Step<'_>> = to_come().filter(|m| !is_late(m)).map(step).collect();
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

fn step<'a>(view: &View<'_>, milestone: &'a Milestone) -> Step<'a> {
    let today = view.reader.today;
    let is_done = matches!(milestone.progress, Progress::Done { .. });
    let action = (view.may_edit && view.is_open() && !is_done).then(|| {
        let to = format!("{}/milestones/{}/done", view.here(), milestone.id);
        inline_form(&to, view.csrf, &[], Button::quiet("Mark done").small().about(milestone.title.as_str()).submit())
    });
    let when = match (milestone.progress, milestone.due_on) {
        (Progress::Done { done_on }, _) => Some(words::day(done_on, today)),
        (Progress::Current, Some(due)) => Some(words::due(due, today)),
        (Progress::Upcoming, Some(due)) if due < today => Some(words::due(due, today)),
        (Progress::Upcoming, Some(due)) => Some(words::day(due, today)),
        (_, None) => None,
    };
    Step { title: milestone.title.as_str(), when, action, ..Step::default() }
}

pub(crate) fn aside(view: &View<'_>) -> Markup {
    let about = format!("About this {}", view.project.pack.noun());
    let opened = domain::calendar::today(view.project.opened_at, &view.reader.zone);
    html! {
        (section(&Section { title: if view.reader.of_client { "Your team" } else { "Team" }, ..Section::default() }, team(view)))
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
        meta: Some(reach(member)),
        ..Row::default()
    }))
}

/// What somebody is, and how to reach them.
pub(super) fn reach(member: &TeamMember) -> Markup {
    let mut parts = vec![html! { (member.role.title()) }];
    parts.push(html! { a href={ "mailto:" (member.email) } { (member.email) } });
    parts.extend(member.phone.as_ref().map(|phone| html! { a href={ "tel:" (phone) } { (phone) } }));
    facts_line(&parts)
}
