//! Request lists as people see them: the lists of a client, one list line by line, and the forms that make and change one.

use domain::document::{Document, State as Stage};
use domain::project::{Project, Standing as ProjectStanding};
use domain::request::{Given, Line, LineState, Request, Standing};
use domain::text::Note;
use domain::{ClientId, Date, Timestamp, limits};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use web::ui::ask::{self, Item};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{
    Choice, Field, TextInput, date_input, error_summary, field_error, form, inline_form, select, text_area, text_input,
};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, facts_line, fold, note, page_head, rows, section};
use web::ui::upload::queue;
use web::ui::{Button, Icon, icon, words};

use super::{address, projects_in_order, state_of};
use crate::facts::Names;
use crate::requests::showing::{Typed, TypedLine, TypedList, Wrong};

/// What changes with the lines when a file of one has arrived.
const PROGRESS: &str = "list-progress";
const STANDS: &str = "list-stands";

/// Lines to fill in that a form has beside those that are there.
pub(crate) const EMPTY_LINES: usize = 3;

pub(crate) struct Lists<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) of_client: bool,
    pub(crate) may_edit: bool,
    pub(crate) firm: &'a str,
    pub(crate) requests: &'a [Request],
    pub(crate) projects: &'a [Project],
    pub(crate) today: Date,
}

pub(crate) fn lists(view: &Lists<'_>) -> Markup {
    let new = format!("/clients/{}/requests/new", view.client);
    let documents = format!("/clients/{}/documents", view.client);
    let ask = || Button::primary("Ask for documents").with_icon(Icon::Plus).link(&new);
    let may_ask = view.may_edit && !view.projects.is_empty();
    let head = PageHead {
        crumbs: &[Crumb { label: "Documents", href: &documents }],
        title: "Requested documents",
        actions: &may_ask.then(ask).into_iter().collect::<Vec<_>>(),
        ..PageHead::default()
    };
    let (open, over): (Vec<&Request>, Vec<&Request>) =
        view.requests.iter().partition(|request| request.standing == Standing::Open);
    html! {
        (page_head(&head))
        @if view.requests.is_empty() {
            (empty(&Empty {
                icon: Some(Icon::Document),
                title: "Nothing has been asked for",
                text: &if view.of_client {
                    format!("When {} needs documents from you, each appears here as a line that takes its file.", view.firm)
                } else {
                    "Ask for a whole set at once: the client sees a line for each, and is reminded of what is missing.".to_owned()
                },
                action: None,
            }))
        }
        @if !open.is_empty() { (list_rows(view, &open)) }
        @if !over.is_empty() { (fold("Complete or withdrawn", open.is_empty(), list_rows(view, &over))) }
    }
}

fn list_rows(view: &Lists<'_>, list: &[&Request]) -> Markup {
    let hrefs: Vec<String> =
        list.iter().map(|request| format!("/clients/{}/requests/{}", view.client, request.id)).collect();
    rows(list.iter().zip(&hrefs).map(|(request, href)| {
        let project = view.projects.iter().find(|project| project.id == request.project);
        let mut meta: Vec<Markup> = project.map(|project| html! { (project.name) }).into_iter().collect();
        meta.push(html! { (request.progress(true)) " answered" });
        if !view.of_client {
            meta.push(html! { (request.progress(false)) " accepted" });
        }
        meta.extend(request.next_due().map(|day| words::due(day, view.today)));
        Row {
            lead: Some(mark(standing(request, view.of_client).0)),
            title: request.title.as_str(),
            href: Some(href),
            meta: Some(facts_line(&meta)),
            trail: Some(pill_of(request, view.of_client)),
        }
    }))
}

/// On whom a list waits, for whoever reads.
fn standing(request: &Request, of_client: bool) -> (State, &'static str) {
    match (request.standing, request.waits_for_firm(), of_client) {
        (Standing::Complete, ..) => (State::Done, "Complete"),
        (Standing::Withdrawn, ..) => (State::Quiet, "Withdrawn"),
        (Standing::Open, true, true) => (State::WaitingOnUs, "Being looked at"),
        (Standing::Open, true, false) => (State::WaitingOnYou, "Everything has come"),
        (Standing::Open, false, true) => (State::WaitingOnYou, "Waiting for you"),
        (Standing::Open, false, false) => (State::WaitingOnUs, "With the client"),
    }
}

fn pill_of(request: &Request, of_client: bool) -> Markup {
    let (state, word) = standing(request, of_client);
    pill_saying(state, word)
}

pub(crate) struct Shown<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) of_client: bool,
    pub(crate) may_edit: bool,
    pub(crate) may_upload: bool,
    /// The viewer may say that the company does not have something.
    pub(crate) may_answer: bool,
    pub(crate) request: &'a Request,
    pub(crate) project: Option<&'a Project>,
    /// Of all lines.
    pub(crate) documents: &'a [Document],
    pub(crate) names: &'a Names,
    pub(crate) firm: &'a str,
    pub(crate) wrong: Option<&'a Wrong>,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
    pub(crate) zone: &'a TimeZone,
}

impl Shown<'_> {
    fn here(&self) -> String {
        format!("/clients/{}/requests/{}", self.client, self.request.id)
    }

    fn takes_files(&self, line: &Line) -> bool {
        self.may_upload && self.request.standing != Standing::Withdrawn && !line.state.is_accepted()
    }
}

pub(crate) fn one(view: &Shown<'_>) -> Markup {
    let request = view.request;
    let lists = format!("/clients/{}/requests", view.client);
    let edit = format!("{}/edit", view.here());
    let is_open = request.standing == Standing::Open;
    let mut facts: Vec<Markup> = Vec::new();
    if let Some(project) = view.project {
        let href = format!("/clients/{}/projects/{}", view.client, project.id);
        facts.push(html! { a href=(href) { (project.name) } });
    }
    facts.push(html! {
        span id=(PROGRESS) { (request.progress(view.of_client)) @if view.of_client { " answered" } @else { " accepted" } }
    });
    facts.extend(request.next_due().map(|day| words::due(day, view.today)));
    let mut actions = Vec::new();
    if view.may_edit && request.standing != Standing::Withdrawn {
        actions.push(Button::quiet("Change the list").with_icon(Icon::Edit).link(&edit));
    }
    if view.may_edit && is_open {
        let button = Button::quiet("Withdraw").about(request.title.as_str()).submit();
        actions.push(inline_form(&format!("{}/withdraw", view.here()), view.csrf, &[], button));
    }
    let head = PageHead {
        crumbs: &[Crumb { label: "Requested documents", href: &lists }],
        title: request.title.as_str(),
        line: Some(facts_line(&facts)),
        actions: &actions,
    };
    let errors: Vec<(String, &str)> =
        view.wrong.map(|wrong| (format!("{}-{}", wrong.field, wrong.line), wrong.why.as_str())).into_iter().collect();
    let errors: Vec<(&str, &str)> = errors.iter().map(|(field, why)| (field.as_str(), *why)).collect();
    // What waits for the reader comes first.
    let mut lines: Vec<&Line> = request.lines.iter().collect();
    lines.sort_by_key(|line| state_of_line(view, line).0 != State::WaitingOnYou);
    html! {
        (page_head(&head))
        (error_summary(&errors))
        div id=(STANDS) { (how_it_stands(view)) }
        @if view.may_upload { (queue(view.client.as_str(), request.project.as_str())) }
        (ask::items(&view.here(), &[PROGRESS, STANDS], lines.into_iter().map(|line| item(view, line))))
    }
}

fn how_it_stands(view: &Shown<'_>) -> Markup {
    let request = view.request;
    let say = |tone, title: &str, text: &str| {
        banner(&Banner { tone, title, text: Some(html! { p { (text) } }), ..Banner::default() })
    };
    match request.standing {
        Standing::Complete => say(Tone::Done, "This list is complete", "Everything on it was accepted."),
        Standing::Withdrawn => banner(&Banner {
            title: "This list was withdrawn",
            text: Some(html! { p { "Nothing on it is needed any more." } }),
            action: view.may_edit.then(|| {
                inline_form(
                    &format!("{}/reinstate", view.here()),
                    view.csrf,
                    &[],
                    Button::quiet("Ask for it again").submit(),
                )
            }),
            ..Banner::default()
        }),
        Standing::Open if request.waits_for_firm() && view.of_client => {
            let text =
                format!("{} looks through it. If something is wrong, it comes back here with the reason.", view.firm);
            say(Tone::Done, "Thank you, that was everything", &text)
        }
        Standing::Open if request.waits_for_firm() => {
            say(Tone::Attention, "Everything has come", "Accept what is right, and send back what is not.")
        }
        Standing::Open => html! {},
    }
}

fn item<'a>(view: &'a Shown<'_>, line: &'a Line) -> Item<'a> {
    let (state, word) = state_of_line(view, line);
    let mut meta: Vec<Markup> = Vec::new();
    if line.state.is_with_client() && view.request.standing == Standing::Open {
        meta.extend(line.due_on.map(|day| words::due(day, view.today)));
    }
    if !view.of_client {
        meta.extend(line.category.as_ref().map(|category| html! { (category) }));
    }
    Item {
        id: line.id.as_str(),
        list: view.request.id.as_str(),
        title: line.what.as_str(),
        state: pill_saying(state, word),
        takes_files: view.takes_files(line),
        body: html! {
            @if let Some(help) = &line.help { (note(help.as_str())) }
            @if !meta.is_empty() { (facts_line(&meta)) }
            (said(view, line))
            (files(view, line))
            @if view.takes_files(line) && (view.of_client || line.state.is_with_client()) { (send(view, line)) }
            @if view.may_answer && view.takes_files(line) { (do_not_have(view, line)) }
            @if view.may_edit { (judge(view, line)) }
        },
    }
}

/// On whom a line waits, for whoever reads. A file on its way is with the firm already.
fn state_of_line(view: &Shown<'_>, line: &Line) -> (State, &'static str) {
    let is_checked = |file: &domain::request::Handed| {
        let document = view.documents.iter().find(|document| document.id == file.document);
        document.is_some_and(|document| super::is_waiting(document, view.now))
    };
    match (&line.state, view.of_client) {
        (LineState::Accepted { given: Given::Files { .. }, .. }, _) => (State::Done, "Accepted"),
        (LineState::Accepted { given: Given::NotHad { .. }, .. }, _) => (State::Done, "Not needed"),
        (state, _) if state.is_with_client() && view.request.standing == Standing::Withdrawn => {
            (State::Quiet, "Not needed")
        }
        (state, _) if state.is_with_client() && line.files.iter().any(is_checked) => {
            (State::WaitingOnUs, "Being checked")
        }
        (LineState::Asked, true) => (State::WaitingOnYou, "To send"),
        (LineState::Asked, false) => (State::WaitingOnUs, "Asked"),
        (LineState::Returned { .. }, true) => (State::WaitingOnYou, "Came back to you"),
        (LineState::Returned { .. }, false) => (State::WaitingOnUs, "Sent back"),
        (LineState::Given(Given::Files { .. }), true) => (State::Done, "Received"),
        (LineState::Given(Given::Files { .. }), false) => (State::WaitingOnYou, "To look at"),
        (LineState::Given(Given::NotHad { .. }), true) => (State::Done, "You do not have it"),
        (LineState::Given(Given::NotHad { .. }), false) => (State::WaitingOnYou, "They do not have it"),
    }
}

/// Why it came back, or what the client says of not having it.
fn said(view: &Shown<'_>, line: &Line) -> Markup {
    match &line.state {
        LineState::Returned { reason, .. } => html! {
            (ask::said(if view.of_client { view.firm } else { "" }, reason.as_str()))
        },
        LineState::Given(Given::NotHad { words: Some(words), .. })
        | LineState::Accepted { given: Given::NotHad { words: Some(words), .. }, .. } => html! {
            (ask::said(if view.of_client { "" } else { view.names.client() }, words.as_str()))
        },
        LineState::Asked | LineState::Given(_) | LineState::Accepted { .. } => html! {},
    }
}

fn files(view: &Shown<'_>, line: &Line) -> Markup {
    let shown: Vec<(&Document, bool, String)> = line
        .files
        .iter()
        .filter_map(|file| {
            let document = view.documents.iter().find(|document| document.id == file.document)?;
            Some((document, file.returned, format!("/clients/{}/documents/{}", view.client, document.id)))
        })
        // What never arrived says nothing to anybody.
        .filter(|(document, ..)| !document.state.missed(view.now))
        .collect();
    if shown.is_empty() {
        return html! {};
    }
    let names: Vec<_> = shown.iter().map(|(document, ..)| words::file_name(document.name.as_str())).collect();
    rows(shown.iter().zip(&names).map(|((document, returned, href), name)| {
        let (state, word) = match state_of(document, view.now) {
            _ if document.binned.is_some() => (State::Quiet, "In the bin"),
            (State::Done, _) if *returned => (State::Quiet, "Sent back"),
            state => state,
        };
        let mut meta = vec![html! { (word) }, words::instant(document.asked_at, view.now, view.zone)];
        if let Stage::Rejected { reason, .. } = document.state {
            meta.push(html! { (reason.sentence()) });
        }
        Row {
            lead: Some(if state == State::Done { icon::icon(Icon::Document) } else { mark(state) }),
            title: name,
            href: Some(href),
            meta: Some(facts_line(&meta)),
            ..Row::default()
        }
    }))
}

/// Choosing a file sends it; without scripts a form of two pages does the same.
fn send(view: &Shown<'_>, line: &Line) -> Markup {
    let has_files = !line.state.is_with_client();
    let label = match line.state {
        LineState::Given(Given::NotHad { .. }) => "Send a file after all",
        _ if has_files => "Add another file",
        _ => "Choose file",
    };
    let without = address(
        &format!("/clients/{}/documents/new", view.client),
        &[("project", view.request.project.as_str()), ("list", view.request.id.as_str()), ("line", line.id.as_str())],
    );
    ask::choose_file(line.id.as_str(), label, line.what.as_str(), !has_files, &without)
}

/// One press says it; why is asked afterwards, of those who want to say more. A file can be sent all the same.
fn do_not_have(view: &Shown<'_>, line: &Line) -> Markup {
    let to = format!("{}/lines/{}/not-had", view.here(), line.id);
    let wrong = view.wrong.filter(|wrong| wrong.line == line.id && wrong.field == "not-had");
    let said = match &line.state {
        state if state.is_with_client() => {
            let button = Button::quiet("I don't have this").about(line.what.as_str()).submit();
            return inline_form(&to, view.csrf, &[], button);
        }
        LineState::Given(Given::NotHad { words, .. }) => words.as_ref().map_or("", Note::as_str),
        LineState::Asked | LineState::Returned { .. } | LineState::Given(_) | LineState::Accepted { .. } => {
            return html! {};
        }
    };
    let id = format!("not-had-{}", line.id);
    let field = Field {
        name: &id,
        label: "Why, in a few words",
        error: wrong.map(|wrong| wrong.why.as_str()),
        optional: true,
        hint: None,
    };
    fold(
        if said.is_empty() { "Say why" } else { "Change what you said" },
        wrong.is_some(),
        ask::words_form(
            &to,
            view.csrf,
            &field,
            wrong.map_or(said, |wrong| wrong.typed.as_str()),
            Button::quiet("Save").about(line.what.as_str()).submit(),
        ),
    )
}

fn judge(view: &Shown<'_>, line: &Line) -> Markup {
    let to = |act: &str| format!("{}/lines/{}/{act}", view.here(), line.id);
    if view.request.standing == Standing::Withdrawn {
        return html! {};
    }
    match &line.state {
        LineState::Given(given) => {
            let is_not_had = matches!(given, Given::NotHad { .. });
            let wrong = view.wrong.filter(|wrong| wrong.line == line.id && wrong.field == "return");
            let id = format!("return-{}", line.id);
            let label = if is_not_had { "Why you need it all the same" } else { "What is wrong with it" };
            let hint = Some("The client reads it in an e-mail and on this page.");
            let field = Field { name: &id, label, hint, error: wrong.map(|wrong| wrong.why.as_str()), optional: false };
            let accept = if is_not_had { "Do without it" } else { "Accept" };
            let refused = view.wrong.filter(|wrong| wrong.line == line.id && wrong.field == "accept");
            html! {
                @if let Some(refused) = refused { (field_error(&format!("accept-{}", line.id), &refused.why)) }
                (inline_form(&to("accept"), view.csrf, &[], Button::primary(accept).small().about(line.what.as_str()).submit()))
                (fold(if is_not_had { "Ask again" } else { "Send back" }, wrong.is_some(), ask::words_form(
                    &to("return"),
                    view.csrf,
                    &field,
                    wrong.map_or("", |wrong| wrong.typed.as_str()),
                    Button::quiet(if is_not_had { "Ask again" } else { "Send back to the client" }).about(line.what.as_str()).submit(),
                )))
            }
        }
        LineState::Accepted { .. } => inline_form(
            &to("undo"),
            view.csrf,
            &[],
            Button::quiet("Take back").small().about(line.what.as_str()).submit(),
        ),
        LineState::Asked | LineState::Returned { .. } => html! {},
    }
}

pub(crate) struct Make<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) client_name: &'a str,
    pub(crate) projects: &'a [Project],
    pub(crate) typed: &'a Typed,
    pub(crate) wrong: Option<(&'a str, &'a str)>,
    pub(crate) csrf: &'a str,
    pub(crate) today: Date,
}

/// One press sends a list of the pack as it stands; a list by hand has its own form below them.
pub(crate) fn make(view: &Make<'_>) -> Markup {
    let lists = format!("/clients/{}/requests", view.client);
    let ordered = projects_in_order(view.projects);
    let open: Vec<&Project> =
        ordered.into_iter().filter(|project| project.standing == ProjectStanding::Active).collect();
    let chosen = open.iter().find(|project| project.id.as_str() == view.typed.project).or(match open.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    let line =
        html! { "Goes to " (view.client_name) @if let Some(project) = chosen { " for " strong { (project.name) } } };
    let head = PageHead {
        crumbs: &[Crumb { label: "Requested documents", href: &lists }],
        title: "Ask for documents",
        line: Some(line),
        ..PageHead::default()
    };
    let errors: Vec<(&str, &str)> = view.wrong.into_iter().collect();
    html! {
        (page_head(&head))
        (error_summary(&errors))
        @match chosen {
            Some(project) => {
                (section(&Section { title: project.pack.title(), ..Section::default() }, templates(view, project)))
                (section(&Section { title: "Your own list", ..Section::default() }, by_hand(view, project)))
            }
            None => (for_which(view, &open)),
        }
    }
}

/// Where there is a choice, nothing is chosen beforehand.
fn for_which(view: &Make<'_>, open: &[&Project]) -> Markup {
    if open.is_empty() {
        let href = format!("/clients/{}/projects/new", view.client);
        return empty(&Empty {
            icon: Some(Icon::Folder),
            title: "Nothing is open for this client",
            text: "Documents are asked for a project. Open one first.",
            action: Some(Button::primary("Open a project").with_icon(Icon::Plus).link(&href)),
        });
    }
    let hrefs: Vec<String> =
        open.iter().map(|of| format!("/clients/{}/requests/new?project={}", view.client, of.id)).collect();
    section(
        &Section { title: "What is it for?", ..Section::default() },
        rows(open.iter().zip(&hrefs).map(|(project, href)| Row {
            lead: Some(icon::icon(Icon::Folder)),
            title: project.name.as_str(),
            href: Some(href),
            meta: Some(html! { (project.pack.title()) }),
            ..Row::default()
        })),
    )
}

/// Where the day of one of the pack's lists is entered, by the list's name.
pub(crate) fn due_id(list: &str) -> String {
    format!("due-{list}")
}

fn templates(view: &Make<'_>, project: &Project) -> Markup {
    html! {
        @for list in project.pack.request_lists() {
            @let of_list = view.typed.template == list.name;
            @let typed = view.typed.due_on.trim().parse().ok().filter(|_| of_list);
            @let due = typed.or_else(|| view.today.checked_add(list.due_after_days.days()).ok());
            @let id = due_id(list.name);
            @let error = view.wrong.filter(|(of, _)| *of == id).map(|(_, why)| why);
            (card(html! {
                h3 { (list.title) }
                (fold(&words::count(list.lines.len(), "document", "documents"), false, html! {
                    ul { @for line in list.lines { li { (line.what) } } }
                }))
                (form(&format!("/clients/{}/requests/new", view.client), view.csrf, html! {
                    input type="hidden" name="once" value=(format!("{}-{}", view.typed.once, list.name));
                    input type="hidden" name="project" value=(project.id);
                    input type="hidden" name="template" value=(list.name);
                    (ask::date_named(&Field { name: &id, label: "Due", error, ..Field::default() }, "due_on", due, view.today))
                    (Button::primary("Send to the client").about(list.title).submit())
                }))
            }))
        }
    }
}

fn by_hand(view: &Make<'_>, project: &Project) -> Markup {
    let typed = view.typed;
    let field = |name, label| Field {
        name,
        label,
        error: view.wrong.filter(|(of, _)| *of == name).map(|(_, why)| why),
        ..Field::default()
    };
    let day = typed.due_on.trim().parse().ok().filter(|_| typed.template.is_empty());
    let due = day.or_else(|| view.today.checked_add(14.days()).ok());
    card(form(
        &format!("/clients/{}/requests/new", view.client),
        view.csrf,
        html! {
            input type="hidden" name="once" value=(typed.once);
            input type="hidden" name="project" value=(project.id);
            (text_input(&TextInput {
                field: Field { hint: Some("The client sees it: Papers for the hearing"), ..field("title", "Title") },
                value: if typed.template.is_empty() { &typed.title } else { "" },
                characters_max: Some(limits::NAME_CHARACTERS_MAX),
                ..TextInput::default()
            }))
            (text_area(
                &Field { hint: Some("One document a line. Words of help, days and categories can be added to each afterwards."), ..field("lines", "What you need") },
                &typed.lines,
                6,
                limits::REQUEST_LINES_MAX * (limits::NAME_CHARACTERS_MAX + 1),
            ))
            (date_input(&Field { optional: true, ..field("due_on", "Due") }, due, Some(view.today)))
            (Button::primary("Send your list to the client").submit())
        },
    ))
}

pub(crate) struct Edit<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) request: &'a Request,
    pub(crate) categories: &'a [&'a str],
    pub(crate) typed: &'a TypedList,
    pub(crate) wrong: Option<(&'a str, &'a str)>,
    pub(crate) csrf: &'a str,
}

pub(crate) fn edit(view: &Edit<'_>) -> Markup {
    let here = format!("/clients/{}/requests/{}", view.client, view.request.id);
    let head = PageHead {
        crumbs: &[Crumb { label: view.request.title.as_str(), href: &here }],
        title: "Change what you ask for",
        line: Some(html! { "The client hears of what is added. Empty a line to take it off the list." }),
        ..PageHead::default()
    };
    let errors: Vec<(&str, &str)> = view.wrong.into_iter().collect();
    let error = |name: &str| view.wrong.filter(|(of, _)| *of == name).map(|(_, why)| why);
    let room = limits::REQUEST_LINES_MAX.saturating_sub(view.typed.lines.len()).min(EMPTY_LINES);
    let blank = vec![TypedLine::default(); room];
    html! {
        (page_head(&head))
        (error_summary(&errors))
        (form(&format!("{here}/edit"), view.csrf, html! {
            input type="hidden" name="version" value=(view.typed.version);
            (text_input(&TextInput {
                field: Field { name: "title", label: "Title", error: error("title"), ..Field::default() },
                value: &view.typed.title,
                characters_max: Some(limits::NAME_CHARACTERS_MAX),
                ..TextInput::default()
            }))
            @for (n, line) in view.typed.lines.iter().chain(&blank).enumerate() { (edit_line(view, n, line)) }
            (Button::primary("Save the list").submit())
        }))
    }
}

fn edit_line(view: &Edit<'_>, n: usize, line: &TypedLine) -> Markup {
    let names = ["what", "help", "due_on", "category"].map(|name| format!("{name}-{n}"));
    let [what, help, due_on, category] = &names;
    let error = |name: &str| view.wrong.filter(|(of, _)| *of == name).map(|(_, why)| why);
    let field = |name, label| Field { name, label, error: error(name), ..Field::default() };
    let kinds: Vec<Choice<'_>> = std::iter::once(Choice::new("", "Wherever it fits", line.category.is_empty()))
        .chain(view.categories.iter().map(|of| Choice::new(of, of, *of == line.category)))
        .collect();
    let legend = if line.id.is_empty() { format!("New line {}", n + 1) } else { format!("Line {}", n + 1) };
    web::ui::form::group(
        &format!("line-{n}"),
        &legend,
        html! {
            input type="hidden" name={ "id-" (n) } value=(line.id);
            (text_input(&TextInput {
                field: field(what, "Document"),
                value: &line.what,
                characters_max: Some(limits::NAME_CHARACTERS_MAX),
                ..TextInput::default()
            }))
            (text_area(&Field { optional: true, ..field(help, "Help") }, &line.help, 2, limits::REQUEST_REMARK_CHARACTERS_MAX))
            (date_input(&Field { optional: true, ..field(due_on, "Due") }, line.due_on.parse().ok(), None))
            (select(&field(category, "Category"), &kinds))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::{document, project, ready, zone};
    use domain::packs::Pack;
    use domain::request::{NewRequest, Of, filed, hand_in, not_had, send as send_list, send_back};
    use domain::{Moment, PersonId};

    fn list() -> Request {
        let mut n = 0;
        let mut moment = Moment::new("2026-11-24T12:00:00Z".parse().unwrap(), move || {
            n += 1;
            n
        });
        let of = Of {
            pack: Pack::Advice,
            is_open: true,
            categories: Pack::Advice.categories(),
            today: "2026-11-24".parse().unwrap(),
        };
        let new = NewRequest {
            project: domain::ProjectId::from_bits(1),
            template: Some("annual-review".into()),
            title: None,
            due_on: Some("2026-12-01".parse().unwrap()),
            lines: None,
        };
        send_list(new, &of, 0, &PersonId::from_bits(3), &mut moment).unwrap()
    }

    fn shown(request: &Request, documents: &[Document], of_client: bool) -> String {
        let names = Names::new(Vec::new(), "Acme & Sons", "Hartwell");
        let project = project(1, "Plan 2026", Pack::Advice);
        one(&Shown {
            client: &ClientId::from_bits(7),
            of_client,
            may_edit: !of_client,
            may_upload: true,
            may_answer: of_client,
            request,
            project: Some(&project),
            documents,
            names: &names,
            firm: "Hartwell",
            wrong: None,
            csrf: "c",
            now: "2026-11-24T12:00:00Z".parse().unwrap(),
            today: "2026-11-24".parse().unwrap(),
            zone: &zone(),
        })
        .into_string()
    }

    fn check(html: &str, there: &[&str], absent: &[&str]) {
        for part in there {
            assert!(html.contains(part), "{part} in {html}");
        }
        for part in absent {
            assert!(!html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn each_side_sees_what_it_has_to_do() {
        let list = list();
        let (now, staff, client) = (list.sent_at, PersonId::from_bits(3), PersonId::from_bits(1));
        let [first, second, _] = [0, 1, 2].map(|n: usize| list.lines[n].id.clone());
        check(
            &shown(&list, &[], true),
            &["0 of 3 answered", "To send", "Choose file", "I don't have this"],
            &["Send back", ">Accept<"],
        );
        check(
            &shown(&list, &[], false),
            &["0 of 3 accepted", "Asked", "Withdraw", "Change the list"],
            &["I don't have this", ">Accept<"],
        );
        let file = document("Tax <2025>.pdf", ready("pdf"));
        let handed = hand_in(&list, &first, std::slice::from_ref(&file.id), now).unwrap().unwrap().0;
        let checked = document("Tax <2025>.pdf", Stage::Processing { object_version: "v".into() });
        check(&shown(&handed, std::slice::from_ref(&checked), true), &["Being checked", "Tax &lt;2025&gt;.pdf"], &[]);
        let given = filed(&handed, &first, &file.id, now).unwrap().0;
        let given =
            not_had(&given, &second, Some(Note::parse("Lost in the move.").unwrap()), &client, now).unwrap().unwrap().0;
        let files = std::slice::from_ref(&file);
        check(
            &shown(&given, files, true),
            &["2 of 3 answered", "Received", "Add another file", "You do not have it"],
            &[],
        );
        check(
            &shown(&given, files, false),
            &["To look at", "Send back", "Do without it", "Acme &amp; Sons says:", "Lost in the move."],
            &[],
        );
        let back = send_back(&given, &first, Note::parse("The wrong year.").unwrap(), &staff, now).unwrap().unwrap().0;
        check(&shown(&back, files, true), &["Came back to you", "Hartwell says:", "The wrong year.", "Sent back"], &[]);
    }

    #[test]
    fn a_file_that_never_arrived_is_not_shown() {
        let list = list();
        let file = document("gone.pdf", Stage::AwaitingUpload { expires: "2026-11-24T11:00:00Z".parse().unwrap() });
        let handed =
            hand_in(&list, &list.lines[0].id, std::slice::from_ref(&file.id), list.sent_at).unwrap().unwrap().0;
        check(&shown(&handed, &[file], true), &["To send"], &["gone.pdf", "Being checked"]);
    }
}
