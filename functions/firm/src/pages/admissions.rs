//! What operators did at this firm, for its partners.

use domain::Timestamp;
use domain::platform::{EndedBy, Turn};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::{AdmissionRow, FirmTurn};
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form;
use web::ui::state::{State, pill_saying};
use web::ui::structure::{Crumb, PageHead, Section, page_head, section};
use web::ui::table::{Column, Table, cell_note, table};
use web::ui::{Button, Icon, words};

pub(crate) struct AdmissionsView<'a> {
    pub(crate) admissions: &'a [AdmissionRow],
    pub(crate) turns: &'a [FirmTurn],
    pub(crate) is_first: bool,
    pub(crate) next: Option<&'a str>,
    pub(crate) may_end: bool,
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn admissions(view: &AdmissionsView<'_>) -> Markup {
    let line = html! {
        "Those who run Portico cannot see your clients. In an emergency one of them can be admitted to one client for an hour "
        "at most, to read its projects and the list of its documents."
    };
    html! {
        (page_head(&PageHead {
            title: "What operators did",
            line: Some(line),
            crumbs: &[Crumb { label: "Audit", href: "/firm/audit" }],
            ..PageHead::default()
        }))
        @for row in view.admissions.iter().filter(|row| row.is_open(view.now)) { (open(row, view)) }
        (section(&Section { title: "Admissions", ..Section::default() }, list(view)))
        @if !view.turns.is_empty() {
            (section(&Section { title: "Suspended and opened again", ..Section::default() }, turns(view)))
        }
    }
}

fn open(row: &AdmissionRow, view: &AdmissionsView<'_>) -> Markup {
    let action = format!("/firm/admissions/{}/end", row.admission);
    let end = Button::danger("End it now").about(row.client_name.as_str()).submit();
    banner(&Banner {
        tone: Tone::Attention,
        title: &format!("{} can read {} now", row.by_name, row.client_name),
        text: Some(html! {
            p { "Until " (words::instant(row.until, view.now, view.zone)) ". Reason: " (row.reason.as_str()) }
        }),
        action: view.may_end.then(|| form::inline_form(&action, view.csrf, &[], end)),
    })
}

fn list(view: &AdmissionsView<'_>) -> Markup {
    if view.admissions.is_empty() && view.is_first {
        return empty(&Empty {
            icon: Some(Icon::Lock),
            title: "Nobody was ever admitted",
            text: "Whoever is admitted to one of your clients appears here, and you get a mail at once.",
            action: None,
        });
    }
    let next = view.next.map(|next| format!("/firm/admissions?after={next}"));
    let first = (!view.is_first).then_some("/firm/admissions");
    html! {
        (table(&Table {
            caption: "Admissions of operators",
            columns: &[
                Column::text("Client"),
                Column::text("Who"),
                Column::text("When"),
                Column::text("Reason"),
                Column::text("State"),
            ],
            rows: view.admissions.iter().map(|row| cells(row, view)).collect(),
        }))
        (pagination(&Pages { first, next: next.as_deref(), shown: None }))
    }
}

fn cells(row: &AdmissionRow, view: &AdmissionsView<'_>) -> Vec<Markup> {
    let instant = |at| words::instant(at, view.now, view.zone);
    let ended = row.ended_at.unwrap_or(row.until);
    let (state, word) = match (&row.ended_by, row.is_open(view.now)) {
        (Some(EndedBy::Partner), _) => (State::Quiet, "Ended by a partner"),
        (Some(EndedBy::Operator), _) => (State::Quiet, "Ended by the operator"),
        (None, true) => (State::WaitingOnYou, "Open"),
        (None, false) => (State::Quiet, "Time is over"),
    };
    vec![
        html! { a href={ "/firm/audit?client=" (row.client) } { (row.client_name) } },
        html! { (row.by_name) },
        html! { (instant(row.opened_at)) (cell_note(html! { "until " (instant(ended)) })) },
        html! { (row.reason.as_str()) (cell_note(html! { "Ticket " (row.ticket.as_str()) })) },
        pill_saying(state, word),
    ]
}

fn turns(view: &AdmissionsView<'_>) -> Markup {
    table(&Table {
        caption: "When the portal was suspended and opened again",
        columns: &[Column::text("What"), Column::text("When"), Column::text("By"), Column::text("Reason")],
        rows: view
            .turns
            .iter()
            .map(|turn| {
                vec![
                    html! { @match turn.turn { Turn::Suspend => "Suspended", Turn::Resume => "Opened again" } },
                    words::instant(turn.at, view.now, view.zone),
                    html! { (turn.by_name) },
                    html! { @match &turn.reason { Some(reason) => (reason.as_str()), None => "–" } },
                ]
            })
            .collect(),
    })
}
