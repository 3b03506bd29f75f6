//! Pages of a firm, and those without navigation, composed of components only.

use maud::{Markup, html};
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::code::code_input;
use web::ui::facts::{Figure, figures};
use web::ui::feedback::{Banner, Dialog, ErrorContent, Tone, banner, dialog, error_content};
use web::ui::form::{self, Choice, Field, TextInput, date_input, error_summary, select, text_input};
use web::ui::history::{HistoryEntry, history};
use web::ui::menu::{Menu, MenuItem, menu};
use web::ui::phases::{Phases, phase_line};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, card, client_mark, facts_line, page_head, rows, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Frame, Width, page, plain, shell::plain_in, words};

use crate::samples::{PHASES, acme, at, now, on, staff_frame, today, zone};

pub(crate) fn staff_home() -> Markup {
    let client = |name: &'static str, state: Markup, line: &'static str| Row {
        lead: Some(client_mark(name)),
        title: name,
        href: Some("project-edit.html"),
        meta: Some(html! { (line) }),
        trail: Some(state),
    };
    let body = html! {
        (page_head(&PageHead { title: "Tuesday 24 November", line: Some(html! { "2 meetings, 1 deadline" }), ..PageHead::default() }))
        (section(&Section { title: "Today", ..Section::default() }, rows([
            Row { lead: Some(mark(State::WaitingOnYou)), title: "Answer to the motion to compel", href: Some("#content"), meta: Some(facts_line(&[words::due(today(), today()), html! { "Acme Holdings" }])), ..Row::default() },
            Row { lead: Some(mark(State::WaitingOnUs)), title: "Ana Mendes, preparing the deposition", href: Some("#content"), meta: Some(facts_line(&[words::instant(at("2026-11-24T15:00:00Z"), now(), &zone()), html! { "by video" }])), ..Row::default() },
        ])))
        (section(&Section { title: "Your clients", count: Some(4), more: Some(("All clients", "#content")), ..Section::default() }, rows([
            client("Acme Holdings", pill_saying(State::WaitingOnYou, "3 files to review"), "Acme v. Dunmore, Lease review"),
            client("Orchard Dental Group", pill_saying(State::Overdue, "Update 4 days late"), "Partnership agreement"),
            client("Northgate Logistics", pill_saying(State::WaitingOnUs, "Waiting on client"), "Employment claim"),
            client("Estate of R. Whitcombe", pill_saying(State::Done, "Nothing due"), "Probate"),
        ])))
    };
    page(&staff_frame("Home", "Home"), body, None)
}

pub(crate) fn project_edit() -> Markup {
    let errors = [("next-update", "The promised update lies in the past. Choose today or later.")];
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Acme Holdings", href: "#content" }, Crumb { label: "Acme v. Dunmore", href: "#content" }],
            title: "Edit matter",
            actions: &[menu(&Menu { label: "More", items: &[
                MenuItem::Link { label: "View as client", href: "#content", icon: Some(web::ui::Icon::Eye) },
                MenuItem::Line,
                MenuItem::Post { label: "Close matter", action: "/close", csrf: "sample", fields: &[], icon: Some(web::ui::Icon::Lock) },
            ] })],
            ..PageHead::default()
        }))
        (error_summary(&errors))
        (form::form("/save", "sample", html! {
            (text_input(&TextInput { field: Field { name: "name", label: "Name", ..Field::default() }, value: "Acme v. Dunmore", characters_max: Some(120), ..TextInput::default() }))
            (select(&Field { name: "phase", label: "Phase", hint: Some("The client sees it at once."), ..Field::default() }, &PHASES.iter().map(|p| Choice::new(p, p, *p == "Discovery")).collect::<Vec<_>>()))
            (date_input(&Field { name: "next-update", label: "Next update", hint: Some("The day by which the client hears from you again."), error: Some(errors[0].1), optional: false }, Some(on(11, 20)), Some(today())))
            (form::checks(&Field { name: "team", label: "Team", ..Field::default() }, &[
                Choice { value: "1", label: "Thomas Pryce", hint: Some("Partner"), chosen: true },
                Choice { value: "2", label: "Maria Okafor", hint: Some("Associate"), chosen: true },
                Choice { value: "3", label: "Jon Lindqvist", hint: Some("Paralegal"), chosen: false },
            ]))
            (web::ui::button::actions(&[Button::primary("Save and tell the client").submit_as("tell", "yes"), Button::quiet("Save without a notice").submit_as("tell", "no")]))
        }))
    };
    page(&Frame { client: Some(acme()), ..staff_frame("Edit matter", "Clients") }, body, None)
}

pub(crate) fn board() -> Markup {
    let matter = |name: &'static str, client: &'static str, phase: usize, next: Markup, update: Markup, owed: i64| {
        vec![
            html! { a href="project-edit.html" { (name) } },
            html! { (client) },
            phase_line(&Phases { names: PHASES, current: phase }),
            next,
            update,
            words::money(owed, "USD"),
        ]
    };
    let day = |month, day| words::day(on(month, day), today());
    let body = html! {
        (page_head(&PageHead { title: "Board", line: Some(html! { "Every active matter of the firm" }), actions: &[Button::primary("Open a matter").with_icon(web::ui::Icon::Plus).link("#content")], ..PageHead::default() }))
        (figures(&[
            Figure { label: "Active matters", value: html! { "38" }, note: Some(html! { "4 opened this month" }), href: Some("#content"), ..Figure::default() },
            Figure { label: "Overdue", value: html! { "3" }, state: Some(State::Overdue), note: Some(html! { "1 more than last week" }), href: Some("#content"), ..Figure::default() },
            Figure { label: "Updates missed", value: html! { "1" }, note: Some(html! { "Orchard Dental Group" }), href: Some("#content"), ..Figure::default() },
            Figure { label: "Outstanding", value: words::money(6_218_050, "USD"), note: Some(html! { "over 12 clients" }), href: Some("#content"), ..Figure::default() },
        ]))
        (section(&Section { title: "By next date", ..Section::default() }, html! {
            (chips("Filter matters", &[
                Chip { label: "All", href: "#content", chosen: true, count: Some(38) },
                Chip { label: "Overdue", href: "#content", chosen: false, count: Some(3) },
                Chip { label: "Mine", href: "#content", chosen: false, count: Some(11) },
                Chip { label: "Litigation", href: "#content", chosen: false, count: Some(26) },
                Chip { label: "Tax", href: "#content", chosen: false, count: Some(12) },
            ]))
            (table(&Table {
                caption: "Active matters by next date",
                columns: &[Column::text("Matter"), Column::text("Client"), Column::text("Phase"), Column::text("Next"), Column::text("Update by"), Column::number("Outstanding")],
                rows: vec![
                    matter("Partnership agreement", "Orchard Dental Group", 1, html! { "Draft, " (day(11, 25)) }, pill_saying(State::Overdue, "4 days late"), 0),
                    matter("Acme v. Dunmore", "Acme Holdings", 2, html! { "Depositions, " (day(12, 12)) }, day(11, 27), 418_000),
                    matter("Employment claim", "Northgate Logistics", 3, html! { "Motion hearing, " (day(12, 3)) }, day(12, 1), 1_290_050),
                    matter("Probate", "Estate of R. Whitcombe", 5, html! { "Final account, " (day(12, 18)) }, day(12, 4), 0),
                ],
            }))
            (pagination(&Pages { next: Some("#content"), shown: Some("4 of 38 matters"), ..Pages::default() }))
        }))
    };
    page(&Frame { width: Width::Board, ..staff_frame("Board", "Board") }, body, None)
}

pub(crate) fn audit() -> Markup {
    let entry = |who, what, when: &str, detail: &'static str| HistoryEntry {
        who,
        picture: None,
        what,
        when: words::instant(at(when), now(), &zone()),
        detail: Some(html! { (detail) }),
    };
    let body = html! {
        (page_head(&PageHead { title: "Audit", line: Some(html! { "Acme Holdings. Every action, in the order it happened; nothing here can be changed." }), actions: &[Button::quiet("Download as CSV").with_icon(web::ui::Icon::Download).link("#content")], ..PageHead::default() }))
        (banner(&Banner { tone: Tone::Done, title: "The chain is unbroken", text: Some(html! { "1,204 events, checked today at 09:00." }), ..Banner::default() }))
        (chips("Filter events", &[
            Chip { label: "All", href: "#content", chosen: true, count: None },
            Chip { label: "Documents", href: "#content", chosen: false, count: None },
            Chip { label: "Sign-in", href: "#content", chosen: false, count: None },
            Chip { label: "Refused", href: "#content", chosen: false, count: None },
        ]))
        (card(history(&[
            entry("Ana Mendes", "downloaded Answer to complaint.pdf", "2026-11-24T13:58:00Z", "event 1204"),
            entry("Maria Okafor", "filed Answer to complaint.pdf", "2026-11-12T16:20:00Z", "event 1203"),
            entry("Ana Mendes", "could not sign in", "2026-11-12T08:02:00Z", "event 1202, wrong code"),
        ])))
        (pagination(&Pages { first: Some("#content"), next: Some("#content"), shown: None }))
    };
    page(&Frame { client: Some(acme()), ..staff_frame("Audit", "Audit") }, body, None)
}

pub(crate) fn sign_in() -> Markup {
    let body = html! {
        (page_head(&PageHead { title: "Sign in", line: Some(html! { "We send you a link by e-mail. There is no password." }), ..PageHead::default() }))
        (form::form("/sign-in", "sample", html! {
            (text_input(&TextInput::email(Field { name: "email", label: "E-mail address", ..Field::default() }, "")))
            (Button::primary("Send me a link").submit())
        }))
    };
    plain_in("Sign in", "Hartwell & Pryce", Some("#7a1f2b"), body)
}

pub(crate) fn code() -> Markup {
    let body = html! {
        (page_head(&PageHead { title: "Check your mail", line: Some(html! { "If " strong { "ana.mendes@acme-holdings.example" } " can sign in here, a link is on its way. It works for 10 minutes." }), ..PageHead::default() }))
        (form::form("/sign-in/code", "sample", html! {
            (code_input(&Field { name: "code", label: "Code from the mail", hint: Some("Reading mail on another device? Type the six digits here."), error: Some("That is not the code of the newest mail. Look at it again, or ask for a new link."), optional: false }))
            (Button::primary("Sign in").submit())
        }))
        p { a href="sign-in.html" { "Send a new link" } }
    };
    plain("Check your mail", "Hartwell & Pryce", body)
}

pub(crate) fn error() -> Markup {
    let body = html! {
        (error_content(&ErrorContent {
            title: "This page is not here",
            text: "The address may be mistyped, or what was here belongs to somebody else. Nothing of yours is lost.",
            reference: Some("8F2K-19QD"),
            actions: &[Button::primary("Go to your home page").link("client-home.html"), Button::danger("Remove file").opens("remove", "#content")],
        }))
        (dialog(&Dialog {
            id: "remove",
            title: "Remove this file?",
            body: html! { p { "The firm and your colleagues can no longer open it. The audit keeps that it was here." } },
            action: "/remove",
            csrf: "sample",
            confirm: Button::danger("Remove file").submit(),
        }))
    };
    page(&staff_frame("Not here", ""), body, None)
}
