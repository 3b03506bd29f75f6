//! Operators' admissions: the list, the form, and what an open one shows.

use domain::document::{Document, RejectReason, State as Stage};
use domain::person::FieldRefused;
use domain::platform::{AdmissionState, EndedBy, NewAdmission};
use domain::project::{Project, Standing};
use domain::{Timestamp, limits};
use maud::{Markup, html};
use storage::{AskedAdmission, FirmRow};
use web::ui::choose::{Pages, pagination};
use web::ui::facts::facts;
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form::{self, Choice, Size, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Section, card, page_head, section};
use web::ui::table::{Column, Table, cell_note, table};
use web::ui::{Button, Icon, words};

use super::{confirm_first, errors, field, href, instant};

pub(crate) struct AdmissionsView<'a> {
    pub(crate) admissions: &'a [AskedAdmission],
    pub(crate) is_first: bool,
    pub(crate) next: Option<&'a str>,
    /// For which the form is.
    pub(crate) firm: Option<&'a FirmRow>,
    pub(crate) typed: &'a NewAdmission,
    pub(crate) may_ask: bool,
    pub(crate) confirmed: bool,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
}

pub(crate) fn admissions(view: &AdmissionsView<'_>) -> Markup {
    let line = html! {
        "In an emergency you read one client's projects and list of documents, for up to "
        (limits::ADMISSION_MINUTES_MAX) " minutes. Its firm hears of it before you read anything."
    };
    html! {
        (page_head(&PageHead { title: "Admissions", line: Some(line), ..PageHead::default() }))
        (errors(view.refused))
        @if view.may_ask { (asking(view)) }
        (section(&Section { title: "So far", ..Section::default() }, list(view)))
    }
}

fn asking(view: &AdmissionsView<'_>) -> Markup {
    let Some(firm) = view.firm else {
        return html! {
            p.hint { "To ask for one, open the firm and choose " b { "Ask to be admitted" } "." }
            (Button::quiet("Firms").link("/platform"))
        };
    };
    let title = format!("Ask to be admitted at {}", firm.ordered.name);
    let body = if view.confirmed {
        card(ask_form(view, firm))
    } else {
        confirm_first(&format!("/platform/admissions%3Ffirm%3D{}", firm.firm))
    };
    section(&Section { title: &title, ..Section::default() }, body)
}

fn ask_form(view: &AdmissionsView<'_>, firm: &FirmRow) -> Markup {
    let typed = view.typed;
    let field = |name, label, hint| field(view.refused, name, label, hint);
    let text = |field, value| TextInput { field, value, autocomplete: Some("off"), ..TextInput::default() };
    let client_hint = "The client's id, or the address of one of its pages, as somebody of the firm sent it to you.";
    let minutes: Vec<Choice<'_>> = [("15", "15 minutes"), ("30", "30 minutes"), ("60", "60 minutes")]
        .into_iter()
        .map(|(value, label)| Choice::new(value, label, value == typed.minutes))
        .collect();
    form::form(
        "/platform/admissions",
        view.csrf,
        html! {
            input type="hidden" name="firm" value=(firm.firm);
            (form::text_input(&text(field("client", "Client", Some(client_hint)), &typed.client)))
            (form::text_input(&TextInput {
                size: Size::Medium,
                characters_max: Some(limits::TICKET_CHARACTERS_MAX),
                ..text(field("ticket", "Ticket", Some("The number of the request for help.")), &typed.ticket)
            }))
            (form::text_area(
                &field("reason", "Reason", Some("The firm's partners read it at once.")),
                &typed.reason,
                3,
                limits::REASON_CHARACTERS_MAX,
            ))
            (form::radios(&field("minutes", "For how long", None), &minutes))
            (Button::danger("Ask to be admitted").submit())
        },
    )
}

fn list(view: &AdmissionsView<'_>) -> Markup {
    if view.admissions.is_empty() && view.is_first {
        return empty(&Empty {
            icon: Some(Icon::Lock),
            title: "Nobody was ever admitted",
            text: "Whoever is admitted to a client appears here, with the reason.",
            action: None,
        });
    }
    let next = view.next.map(|next| format!("/platform/admissions?after={next}"));
    let first = (!view.is_first).then_some("/platform/admissions");
    html! {
        (table(&Table {
            caption: "Admissions",
            columns: &[
                Column::text("Ticket"),
                Column::text("Firm"),
                Column::text("State"),
                Column::text("By"),
                Column::text("Reason"),
            ],
            rows: view.admissions.iter().map(|row| cells(row, view.now)).collect(),
        }))
        (pagination(&Pages { first, next: next.as_deref(), shown: None }))
    }
}

fn cells(row: &AskedAdmission, now: Timestamp) -> Vec<Markup> {
    vec![
        html! {
            a href=(address(row)) { (row.order.ticket.as_str()) }
            (cell_note(html! { "Client " (row.order.client) }))
        },
        html! { a href=(href(&row.firm)) { (row.firm_name) } },
        html! { (pill(row, now)) (cell_note(instant(row.asked_at, now))) },
        html! { (row.by_name) },
        html! { (row.order.reason.as_str()) },
    ]
}

fn address(row: &AskedAdmission) -> String {
    format!("/platform/admissions/{}", row.admission)
}

fn pill(row: &AskedAdmission, now: Timestamp) -> Markup {
    let (state, word) = match (row.state, &row.ended_by) {
        (AdmissionState::Asked, _) => (State::WaitingOnUs, "Being opened"),
        (AdmissionState::Open, _) if row.is_open(now) => (State::WaitingOnYou, "Open"),
        (AdmissionState::Open, _) => (State::Quiet, "Time is over"),
        (AdmissionState::Ended, Some(EndedBy::Partner)) => (State::Quiet, "Ended by the firm"),
        (AdmissionState::Ending | AdmissionState::Ended, _) => (State::Quiet, "Ended"),
        (AdmissionState::Refused, _) => (State::Overdue, "Refused"),
    };
    pill_saying(state, word)
}

pub(crate) struct WaitingView<'a> {
    pub(crate) row: &'a AskedAdmission,
    /// The operator who reads the page asked for it.
    pub(crate) own: bool,
    pub(crate) now: Timestamp,
}

/// An admission by which nothing can be read: not yet, not any more, or not by this operator.
pub(crate) fn waiting(view: &WaitingView<'_>) -> Markup {
    let row = view.row;
    let text = match (row.state, view.own) {
        (AdmissionState::Asked, _) => "It is being written into the client's audit. Nothing can be read before that.",
        (AdmissionState::Refused, _) => {
            "There is no such client at this firm, or it took too long. Check the client's id and ask again."
        }
        (_, false) => "Somebody else asked for this. Only who asked for an admission can read by it.",
        (_, true) => "It is over. If you still need it, ask again.",
    };
    html! {
        (head(row, view.now, &[]))
        (banner(&Banner {
            tone: Tone::Info,
            title: "Nothing can be read here",
            text: Some(html! { p { (text) } }),
            action: (row.state == AdmissionState::Asked).then(|| Button::quiet("Look again").link(&address(row))),
        }))
        @if row.state == AdmissionState::Asked {
            div hidden hx-get=(address(row)) hx-trigger="every 2s" hx-target="#content" hx-swap="innerHTML" {}
        }
        (card(about(row, view.now)))
    }
}

fn head(row: &AskedAdmission, now: Timestamp, actions: &[Markup]) -> Markup {
    page_head(&PageHead {
        title: &format!("Admission {}", row.order.ticket.as_str()),
        line: Some(html! {
            (pill(row, now))
            @if let Some(until) = row.until.filter(|_| row.is_open(now)) { " until " (instant(until, now)) }
        }),
        crumbs: &[Crumb { label: "Admissions", href: "/platform/admissions" }],
        actions,
    })
}

fn about(row: &AskedAdmission, now: Timestamp) -> Markup {
    facts(&[
        ("Firm", html! { a href=(href(&row.firm)) { (row.firm_name) } }),
        ("Client", html! { (row.order.client) }),
        ("Reason", html! { (row.order.reason.as_str()) }),
        ("Asked by", html! { (row.by_name) }),
        ("Asked", instant(row.asked_at, now)),
        ("For", html! { (words::count(row.order.minutes as usize, "minute", "minutes")) }),
    ])
}

pub(crate) struct InsideView<'a> {
    pub(crate) row: &'a AskedAdmission,
    pub(crate) client_name: &'a str,
    pub(crate) projects: &'a [Project],
    pub(crate) documents: &'a [Document],
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
}

/// What an open admission shows. Nothing on it can be opened or changed.
pub(crate) fn inside(view: &InsideView<'_>) -> Markup {
    let end = format!("{}/end", address(view.row));
    let end = form::inline_form(&end, view.csrf, &[], Button::primary("I am done").submit());
    html! {
        (head(view.row, view.now, &[end]))
        (banner(&Banner {
            tone: Tone::Attention,
            title: &format!("You are reading {}", view.client_name),
            text: Some(html! { p { "Each look is written into the client's audit. Nothing can be opened or changed." } }),
            action: None,
        }))
        (section(&Section { title: "Projects", count: Some(view.projects.len()), ..Section::default() }, projects(view)))
        (section(&Section { title: "Documents", count: Some(view.documents.len()), ..Section::default() }, documents(view)))
        (section(&Section { title: "This admission", ..Section::default() }, card(about(view.row, view.now))))
    }
}

fn projects(view: &InsideView<'_>) -> Markup {
    if view.projects.is_empty() {
        return nothing("No projects", "This client has none.");
    }
    table(&Table {
        caption: "Projects",
        columns: &[
            Column::text("Name"),
            Column::text("Phase"),
            Column::text("Next milestone"),
            Column::text("Changed"),
        ],
        rows: view
            .projects
            .iter()
            .map(|project| {
                vec![
                    html! { (project.name) },
                    html! {
                        @if project.standing == Standing::Closed { (pill_saying(State::Quiet, "Closed")) }
                        @else { (project.phase_name()) }
                    },
                    html! { @match project.next_milestone() { Some(next) => (next.title), None => "–" } },
                    instant(project.changed_at, view.now),
                ]
            })
            .collect(),
    })
}

fn documents(view: &InsideView<'_>) -> Markup {
    if view.documents.is_empty() {
        return nothing("No documents", "This client has none.");
    }
    table(&Table {
        caption: "Documents, the newest first",
        columns: &[Column::text("Name"), Column::text("State"), Column::text("Added"), Column::number("Size")],
        rows: view
            .documents
            .iter()
            .map(|document| {
                vec![
                    html! { (document.name.as_str()) (cell_note(html! { (document.category) })) },
                    document_pill(&document.state),
                    instant(document.asked_at, view.now),
                    html! { (words::size(document.size_bytes)) },
                ]
            })
            .collect(),
    })
}

fn document_pill(state: &Stage) -> Markup {
    let (state, word) = match state {
        Stage::AwaitingUpload { .. } => (State::WaitingOnYou, "File awaited"),
        Stage::Processing { .. } => (State::WaitingOnUs, "Being checked"),
        Stage::Ready { .. } => (State::Done, "Filed"),
        Stage::Rejected { reason: RejectReason::Cancelled, .. } => (State::Quiet, "Cancelled"),
        Stage::Rejected { .. } => (State::Overdue, "Refused"),
    };
    pill_saying(state, word)
}

fn nothing(title: &str, text: &str) -> Markup {
    empty(&Empty { icon: Some(Icon::Document), title, text, action: None })
}
