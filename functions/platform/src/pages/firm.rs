//! One firm: facts, usage, its state and how that came about.

use domain::firm::FirmState;
use domain::person::FieldRefused;
use domain::platform::{Turn, Usage};
use domain::{Timestamp, limits};
use maud::{Markup, html};
use storage::{FirmRow, TurnRow};
use web::ui::facts::{Figure, facts, figures};
use web::ui::feedback::{Banner, Empty, Tone, banner, empty};
use web::ui::form;
use web::ui::structure::{Crumb, PageHead, Section, card, page_head, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Icon, words};

use super::firms::{packs, people_and_clients};
use super::{confirm_first, errors, field, href, instant, state_pill, storage};

pub(crate) struct FirmView<'a> {
    pub(crate) row: &'a FirmRow,
    pub(crate) turns: &'a [TurnRow],
    pub(crate) days: &'a [Usage],
    pub(crate) may_turn: bool,
    pub(crate) may_be_admitted: bool,
    /// The operator proved once more who it is, not long ago.
    pub(crate) confirmed: bool,
    pub(crate) reason: &'a str,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
}

pub(crate) fn firm(view: &FirmView<'_>) -> Markup {
    let row = view.row;
    let line = html! {
        (state_pill(row.state)) " since " (instant(row.state_since(), view.now))
        @if let Some(size) = people_and_clients(row) { ", " (size) }
    };
    html! {
        (page_head(&PageHead {
            title: row.ordered.name.as_str(),
            line: Some(line),
            crumbs: &[Crumb { label: "Firms", href: "/platform" }],
            ..PageHead::default()
        }))
        (errors(view.refused))
        (under_way(view))
        (section(&Section { title: "Set up with", ..Section::default() }, card(set_up(row, view.now))))
        @if row.state != FirmState::Ordered {
            (usage(view))
            (section(&Section { title: "Suspending", ..Section::default() }, html! {
                @if view.may_turn { (turning(view)) }
                (history(view))
            }))
            @if view.may_be_admitted { (emergency(row)) }
        }
    }
}

/// What is being carried out now; the page looks again by itself.
fn under_way(view: &FirmView<'_>) -> Markup {
    let (title, text) = match (view.row.state, view.row.turning) {
        (FirmState::Ordered, _) => (
            "This firm is being set up",
            "Its key is made, then its settings and its first partner, who is invited by mail. This takes a few seconds.",
        ),
        (_, Some(Turn::Suspend)) => ("This firm is being suspended", "This takes a second or two."),
        (_, Some(Turn::Resume)) => ("This firm is being opened again", "This takes a second or two."),
        (_, None) => return html! {},
    };
    let address = href(&view.row.firm);
    html! {
        (banner(&Banner {
            tone: Tone::Info,
            title,
            text: Some(html! { p { (text) } }),
            action: Some(Button::quiet("Look again").link(&address)),
        }))
        div hidden hx-get=(address) hx-trigger="every 2s" hx-target="#content" hx-swap="innerHTML" {}
    }
}

fn set_up(row: &FirmRow, now: Timestamp) -> Markup {
    let ordered = &row.ordered;
    facts(&[
        ("First partner", html! { (ordered.partner_name) }),
        ("Invited at", html! { (ordered.partner_email) }),
        ("Internet domain", html! { (ordered.domain.as_str()) }),
        ("What it does", html! { (packs(row)) }),
        ("Time zone", html! { (ordered.zone) }),
        ("Added", instant(row.ordered_at, now)),
        ("Firm's id", html! { (row.firm) }),
    ])
}

fn usage(view: &FirmView<'_>) -> Markup {
    let Some(last) = &view.row.usage else {
        return section(
            &Section { title: "Usage", ..Section::default() },
            empty(&Empty {
                icon: Some(Icon::Board),
                title: "Not counted yet",
                text: "Usage is counted each hour. The first count appears here.",
                action: None,
            }),
        );
    };
    let figure = |label, value: String| Figure { label, value: html! { (value) }, ..Figure::default() };
    let today = last.day;
    html! {
        (section(&Section { title: "Usage", ..Section::default() }, html! {
            (figures(&[
                figure("People", last.people.to_string()),
                figure("Clients", last.clients.to_string()),
                figure("Documents", last.documents.to_string()),
                figure("Storage", storage(last.bytes)),
            ]))
            p.hint {
                "Counted each hour, and so since " (instant(last.counted_at, view.now))
                ". Numbers only: nobody here sees what they are of."
            }
            @if view.days.len() > 1 {
                (table(&Table {
                    caption: "Usage by day",
                    columns: &[
                        Column::text("Day"),
                        Column::number("People"),
                        Column::number("Clients"),
                        Column::number("Documents"),
                        Column::number("Storage"),
                    ],
                    rows: view.days.iter().map(|day| vec![
                        words::day(day.day, today),
                        html! { (day.people) },
                        html! { (day.clients) },
                        html! { (day.documents) },
                        html! { (storage(day.bytes)) },
                    ]).collect(),
                }))
            }
        }))
    }
}

fn turning(view: &FirmView<'_>) -> Markup {
    let firm = &view.row.firm;
    if view.row.turning.is_some() {
        return html! {};
    }
    if !view.confirmed {
        return confirm_first(&href(firm));
    }
    match view.row.state {
        FirmState::Suspended => card(html! {
            p { "Everybody of the firm can come in again at once, and finds all as it was." }
            (form::form(&format!("{}/resume", href(firm)), view.csrf, Button::primary("Open the firm again").submit()))
        }),
        _ => {
            let hint = "The firm's partners read it once the firm is open again.";
            let why = field(view.refused, "reason", "Reason", Some(hint));
            card(html! {
                p {
                    "Everybody of the firm and of its clients is kept out from their next click on, and no mails are sent. "
                    "Nothing is deleted, and you can open it again at any time."
                }
                (form::form(&format!("{}/suspend", href(firm)), view.csrf, html! {
                    (form::text_area(&why, view.reason, 3, limits::REASON_CHARACTERS_MAX))
                    (Button::danger("Suspend the firm").submit())
                }))
            })
        }
    }
}

fn history(view: &FirmView<'_>) -> Markup {
    if view.turns.is_empty() {
        return html! { p.hint { "This firm has never been suspended." } };
    }
    table(&Table {
        caption: "When this firm was suspended and opened again",
        columns: &[Column::text("What"), Column::text("When"), Column::text("By"), Column::text("Reason")],
        rows: view
            .turns
            .iter()
            .map(|turn| {
                vec![
                    html! { @match turn.turn { Turn::Suspend => "Suspended", Turn::Resume => "Opened again" } },
                    html! {
                        @match turn.done_at {
                            Some(at) => (instant(at, view.now)),
                            None => { "Ordered " (instant(turn.at, view.now)) },
                        }
                    },
                    html! { (turn.by_name) },
                    html! { @match &turn.reason { Some(reason) => (reason.as_str()), None => "–" } },
                ]
            })
            .collect(),
    })
}

fn emergency(row: &FirmRow) -> Markup {
    let ask = format!("/platform/admissions?firm={}#client", row.firm);
    section(
        &Section { title: "In an emergency", ..Section::default() },
        card(html! {
            p {
                "You can ask to be admitted to one client of this firm, to read its projects and the list of its documents for "
                "up to an hour. The firm's partners hear of it at once."
            }
            (Button::quiet("Ask to be admitted").link(&ask))
        }),
    )
}
