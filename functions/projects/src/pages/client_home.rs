//! A client's home: what needs them, what comes up, where their projects stand.

use domain::document::{Document, RejectReason, State as DocumentState};
use domain::message::Thread;
use domain::project::home::{Coming, first_name, greeting};
use domain::project::update::Update;
use domain::project::{Project, Standing};
use domain::request::Request;
use domain::{ClientId, ProjectId, limits};
use maud::{Markup, html};
use web::ui::feedback::{Empty, all_clear, empty};
use web::ui::form::inline_form;
use web::ui::icon::icon;
use web::ui::state::{State, mark};
use web::ui::structure::{PageHead, Row, Section, card, facts_line, note, page_head, rows, section};
use web::ui::viewers::viewers_mark;
use web::ui::{Button, Icon, words};

use super::{Reader, missed, next_words, phases_of};

pub(crate) struct ClientHome<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) client: &'a ClientId,
    /// The person's own name.
    pub(crate) name: &'a str,
    /// Documents of this person that were refused, to be sent again.
    pub(crate) again: &'a [&'a Document],
    /// Lists of documents that the firm asks for.
    pub(crate) requests: &'a [Request],
    pub(crate) csrf: &'a str,
    pub(crate) coming: &'a [Coming<'a>],
    pub(crate) projects: &'a [Project],
    /// What the firm wrote, the newest first.
    pub(crate) updates: &'a [Update],
    /// The newest, of both sides.
    pub(crate) documents: &'a [Document],
    /// With something new for the reader, or in which an answer is wanted.
    pub(crate) conversations: &'a [Conversation],
    pub(crate) may_ask: bool,
}

/// A conversation, without its words.
pub(crate) struct Conversation {
    pub(crate) thread: Thread,
    pub(crate) unread: u64,
    pub(crate) wanted: bool,
}

/// Dates shown of those that come up.
const COMING_SHOWN: usize = 8;
const FILES_SHOWN: usize = 5;

pub(crate) fn home(view: &ClientHome<'_>) -> Markup {
    let title = format!("{}, {}", greeting(view.reader.now, &view.reader.zone), first_name(view.name));
    let messages = format!("/clients/{}/messages", view.client);
    let ask = || Button::quiet("Ask a question").with_icon(Icon::Message).link(&messages);
    let actions: Vec<Markup> = view.may_ask.then(ask).into_iter().collect();
    html! {
        (page_head(&PageHead { title: &title, actions: &actions, ..PageHead::default() }))
        (needs_you(view))
        (news(view))
        (your_projects(view))
        @if !view.coming.is_empty() {
            (section(
                &Section { title: "Coming up", ..Section::default() },
                coming_rows(view.coming.iter().take(COMING_SHOWN), view.reader, view.client),
            ))
        }
    }
}

fn needs_you(view: &ClientHome<'_>) -> Markup {
    let mut asked: Vec<&Request> = view.requests.iter().filter(|request| request.missing().next().is_some()).collect();
    // What is late or due first stands first, what has no day last.
    asked.sort_by_key(|request| (request.next_due().is_none(), request.next_due(), request.sent_at));
    let all = view.again.len() + asked.len() + view.conversations.len();
    let count = (all > 0).then_some(all);
    let body = if all == 0 {
        let text =
            format!("When {} needs something from you, it appears here and you get an e-mail.", view.reader.firm_name);
        all_clear("Nothing is waiting for you", &text)
    } else {
        let items: Vec<Again<'_>> = view.again.iter().filter_map(|document| Again::of(view, document)).collect();
        let hrefs: Vec<String> =
            asked.iter().map(|request| format!("/clients/{}/requests/{}", view.client, request.id)).collect();
        let lists = asked.iter().zip(&hrefs).map(|(request, href)| asked_row(request, href, view));
        let talks: Vec<(String, String)> = view.conversations.iter().map(|of| talk(of, view)).collect();
        let talks = view.conversations.iter().zip(&talks).map(|(of, (title, href))| Row {
            lead: Some(mark(State::WaitingOnYou)),
            title,
            href: Some(href),
            meta: Some(facts_line(&[words::instant(of.thread.last_at, view.reader.now, &view.reader.zone)])),
            ..Row::default()
        });
        rows(talks.chain(lists).chain(items.iter().map(|again| Row {
            lead: Some(mark(State::WaitingOnYou)),
            title: &again.title,
            href: Some(&again.href),
            meta: Some(facts_line(&[again.place.clone(), html! { (again.why) }])),
            trail: Some(inline_form(
                &format!("{}/not-needed", again.href),
                view.csrf,
                &[],
                Button::quiet("Not needed").small().about(again.name).submit(),
            )),
        })))
    };
    section(&Section { title: "Needs you", count, ..Section::default() }, body)
}

/// What a conversation is called on the list, and where it is.
fn talk(of: &Conversation, view: &ClientHome<'_>) -> (String, String) {
    let topic = &of.thread.topic;
    let project = topic.project().and_then(|id| view.projects.iter().find(|project| project.id == *id));
    let about = project.map_or_else(|| "your general questions".to_owned(), |project| project.name.to_string());
    let unread = usize::try_from(of.unread).unwrap_or(usize::MAX);
    let title = match (unread, of.wanted) {
        (0, _) => format!("Your answer is wanted: {about}"),
        (count, true) => {
            format!("{}, an answer is wanted: {about}", words::count(count, "new message", "new messages"))
        }
        (count, false) => format!("{}: {about}", words::count(count, "new message", "new messages")),
    };
    (title, format!("/clients/{}/messages/{topic}", view.client))
}

/// A list of documents with how many of them have been given.
pub(super) fn asked_row<'a>(request: &'a Request, href: &'a str, view: &ClientHome<'_>) -> Row<'a> {
    let project = view.projects.iter().find(|project| project.id == request.project);
    let mut meta: Vec<Markup> = project.map(|project| html! { (project.name) }).into_iter().collect();
    meta.push(html! { (request.progress(true)) " answered" });
    Row {
        lead: Some(mark(State::WaitingOnYou)),
        title: request.title.as_str(),
        href: Some(href),
        meta: Some(facts_line(&meta)),
        trail: request.next_due().map(|day| words::deadline(day, view.reader.today)),
    }
}

/// The newest word from the firm on each project that was written about lately.
fn news(view: &ClientHome<'_>) -> Markup {
    let reader = view.reader;
    let oldest = reader.now.as_second() - limits::UPDATE_SHOWN_DAYS * 24 * 60 * 60;
    let mut shown: Vec<(&Project, &Update)> = Vec::new();
    for update in view.updates.iter().filter(|update| update.at.as_second() >= oldest) {
        let project = view.projects.iter().find(|project| project.id == update.project);
        if let Some(project) = project.filter(|project| !shown.iter().any(|(known, _)| known.id == project.id)) {
            shown.push((project, update));
        }
    }
    if shown.is_empty() {
        return html! {};
    }
    let title = format!("From {}", reader.firm_name);
    section(
        &Section { title: &title, ..Section::default() },
        html! {
            @for (project, update) in shown {
                (card(html! {
                    h3 { a href=(format!("/clients/{}/projects/{}", view.client, project.id)) { (project.name) } }
                    (note(update.text.as_str()))
                    (facts_line(&[words::instant(update.at, reader.now, &reader.zone)]))
                }))
            }
        },
    )
}

/// A refused file in a row; its page takes the other copy.
struct Again<'a> {
    name: &'a str,
    title: String,
    href: String,
    place: Markup,
    why: &'static str,
}

impl<'a> Again<'a> {
    fn of(view: &ClientHome<'_>, document: &'a Document) -> Option<Self> {
        let DocumentState::Rejected { reason, .. } = document.state else { return None };
        let project = view.projects.iter().find(|project| project.id == document.project);
        Some(Self {
            name: document.name.as_str(),
            title: format!("{} was refused", words::file_name(document.name.as_str())),
            href: format!("/clients/{}/documents/{}", view.client, document.id),
            place: html! { @if let Some(project) = project { (project.name) ", " } (document.category) },
            why: reason.sentence(),
        })
    }
}

/// Deadlines and promised updates, for either side: what, of which project, and at the end of the row when.
pub(super) fn coming_rows<'a>(
    list: impl Iterator<Item = &'a Coming<'a>>,
    reader: &Reader,
    client: &ClientId,
) -> Markup {
    let today = reader.today;
    let items: Vec<(&str, String, Markup, Markup, Markup)> = list
        .map(|coming| {
            let project = coming.project();
            let lead = if coming.on() < today { mark(State::Overdue) } else { icon(Icon::Calendar) };
            let (title, was) = match coming {
                Coming::Deadline { milestone, .. } => (milestone.title.as_str(), "was due"),
                Coming::Update { .. } if reader.of_client => ("You hear from us", "was promised for"),
                Coming::Update { .. } => ("Update for the client", "was promised for"),
            };
            let mut meta = vec![html! { (project.name) }];
            meta.extend(missed(coming.on(), today, was));
            let href = format!("/clients/{client}/projects/{}", project.id);
            (title, href, lead, facts_line(&meta), words::deadline(coming.on(), today))
        })
        .collect();
    rows(items.iter().map(|(title, href, lead, meta, when)| Row {
        lead: Some(lead.clone()),
        title,
        href: Some(href),
        meta: Some(meta.clone()),
        trail: Some(when.clone()),
    }))
}

fn your_projects(view: &ClientHome<'_>) -> Markup {
    let (reader, client) = (view.reader, view.client);
    let open: Vec<&Project> = view.projects.iter().filter(|project| project.standing == Standing::Active).collect();
    let title = format!("Your {}", reader.nouns());
    let all = format!("/clients/{client}/projects");
    let all_label = format!("All {}", reader.nouns());
    let body = if open.is_empty() {
        let none = format!("No {} is open", reader.noun());
        let text = opens(reader, view.projects.is_empty());
        // Files are kept by project, and closed ones still take them.
        let upload =
            Button::quiet("Upload files").with_icon(Icon::Upload).link(&format!("/clients/{client}/documents"));
        let action = (!view.projects.is_empty()).then_some(upload);
        empty(&Empty { icon: Some(Icon::Folder), title: &none, text: &text, action })
    } else {
        project_rows(&open, reader, client)
    };
    let more = (!view.projects.is_empty()).then_some((all_label.as_str(), all.as_str()));
    section(
        &Section { title: &title, count: (!open.is_empty()).then_some(open.len()), more, ..Section::default() },
        body,
    )
}

/// Who begins what, where nothing is open.
pub(super) fn opens(reader: &Reader, first: bool) -> String {
    let which = if first { "your first" } else { "the next" };
    format!("{} opens {which} one, and you get an e-mail when its status changes.", reader.firm_name)
}

/// One row a project: phase, what is next, when the client hears again.
pub(super) fn project_rows(projects: &[&Project], reader: &Reader, client: &ClientId) -> Markup {
    let hrefs: Vec<String> =
        projects.iter().map(|project| format!("/clients/{client}/projects/{}", project.id)).collect();
    rows(projects.iter().zip(&hrefs).map(|(project, href)| {
        let next = project.next_milestone();
        let mut facts: Vec<Markup> = Vec::new();
        facts.extend(next_words(next.map(|m| m.title.as_str()), next.and_then(|m| m.due_on), reader.today));
        facts.extend(project.next_update_on.map(|day| html! { "update by " (words::day(day, reader.today)) }));
        Row {
            title: project.name.as_str(),
            href: Some(href),
            meta: Some(html! {
                (phases_of(&project.phases, project.phase))
                @if !facts.is_empty() { (facts_line(&facts)) }
            }),
            trail: state_of(project, reader),
            ..Row::default()
        }
    }))
}

/// What is late about a project, in the words of whoever reads.
pub(super) fn state_of(project: &Project, reader: &Reader) -> Option<Markup> {
    if project.standing == Standing::Closed {
        return Some(web::ui::state::pill(State::Quiet));
    }
    let line = domain::project::card::Line::of(project);
    super::lateness(line.days().overdue(reader.today), line.days().unheard(reader.today))
}

pub(crate) fn aside(view: &ClientHome<'_>) -> Option<Markup> {
    recent_files(view.documents.iter().take(FILES_SHOWN), view.client, None, view.reader)
}

/// The newest files with a way to all of them, or to all of one project; nothing where there are none.
pub(super) fn recent_files<'a>(
    documents: impl Iterator<Item = &'a Document>,
    client: &ClientId,
    project: Option<&ProjectId>,
    reader: &Reader,
) -> Option<Markup> {
    let list = format!("/clients/{client}/documents");
    let all = project.map_or_else(|| list.clone(), |project| format!("{list}?project={project}"));
    let items: Vec<(&Document, String)> =
        documents.map(|document| (document, format!("{list}/{}", document.id))).collect();
    if items.is_empty() {
        return None;
    }
    let names: Vec<std::borrow::Cow<'_, str>> =
        items.iter().map(|(document, _)| words::file_name(document.name.as_str())).collect();
    let list = rows(items.iter().zip(&names).map(|((document, href), name)| {
        let day = domain::calendar::today(document.asked_at, &reader.zone);
        let (lead, state) = match &document.state {
            DocumentState::Ready { .. } => (icon(Icon::Document), document.category.as_str()),
            state @ DocumentState::AwaitingUpload { .. } if state.missed(reader.now) => {
                (mark(State::Quiet), "Not received")
            }
            DocumentState::AwaitingUpload { .. } => (mark(State::WaitingOnUs), "Uploading"),
            DocumentState::Processing { .. } => (mark(State::WaitingOnUs), "Being checked"),
            DocumentState::Rejected { reason: RejectReason::Cancelled, .. } => (mark(State::Quiet), "Cancelled"),
            DocumentState::Rejected { .. } => (mark(State::Overdue), "Refused"),
        };
        let mut parts = vec![html! { (state) }, words::day(day, reader.today)];
        parts.extend(viewers_mark(&document.visibility));
        Row { lead: Some(lead), title: name, href: Some(href), meta: Some(facts_line(&parts)), ..Row::default() }
    }));
    Some(section(&Section { title: "Recent files", more: Some(("All", &all)), ..Section::default() }, list))
}
