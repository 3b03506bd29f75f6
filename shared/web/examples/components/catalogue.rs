//! Every component in every state.

use maud::{Markup, html};
use web::ui::button::actions;
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::code::code_input;
use web::ui::facts::{Figure, facts, figures, figures_small};
use web::ui::feedback::{Banner, Dialog, Empty, Toast, Tone, all_clear, banner, dialog, empty, progress, toast};
use web::ui::form::{
    self, Choice, Field, FormRow, Size, TextInput, beside, checks, date_input, error_summary, form_rows, group, radios,
    select, text_area, text_input,
};
use web::ui::history::{HistoryEntry, history};
use web::ui::menu::{Menu, MenuItem, menu};
use web::ui::phases::{Phases, phase_bar, phase_line, phase_place};
use web::ui::search::{Found, found, search_form};
use web::ui::state::{State, mark, pill};
use web::ui::structure::{
    Crumb, PageHead, Row, Section, avatar, card, client_mark, facts_line, page_head, rows, section,
};
use web::ui::table::{Column, Table, table};
use web::ui::timeline::{Step, Timeline, timeline};
use web::ui::upload::{UploadLine, UploadStage, upload_list};
use web::ui::{Accent, Button, Frame, Icon, Width, icon, page as shell_page, words};

use crate::samples::{ACCENTS, PHASES, acme, at, now, on, staff_frame, today, zone};

pub(crate) fn page() -> Markup {
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Development", href: "#content" }, Crumb { label: "Design", href: "#content" }],
            title: "Components",
            line: Some(html! { "Each in every state. The system's setting decides between light and dark." }),
            actions: &[Button::primary("Main action").link("#content"), Button::quiet("Other action").link("#content")],
        }))
        (part("Buttons", buttons()))
        (part("States, faces, dots, icons", states()))
        (part("Cards and rows", list_rows()))
        (part("Table", tables()))
        (part("Phases and timeline", phases()))
        (part("Form", form_parts()))
        (part("Form with errors", form_errors()))
        (part("Banners, toast, dialog", feedback()))
        (part("Empty and progress", waiting()))
        (part("Filters and pages", choosing()))
        (part("Uploads", upload_list(&uploads())))
        (part("Search", searching()))
        (part("Facts, figures, history", known()))
        (part("Accents", accents()))
    };
    let aside = html! { (part("Beside the content", card(html! { p { "Context on wide screens, below the content on narrow ones." } }))) };
    shell_page(
        &Frame { client: Some(acme()), width: Width::Board, ..staff_frame("Components", "Board") },
        body,
        Some(aside),
    )
}

fn part(title: &str, body: Markup) -> Markup {
    section(&Section { title, ..Section::default() }, body)
}

fn buttons() -> Markup {
    html! {
        (card(html! {
            (actions(&[Button::primary("Send to client").link("#content"), Button::quiet("Save draft").link("#content"), Button::danger("Remove file").link("#content")]))
            (actions(&[Button::primary("Upload").with_icon(Icon::Upload).link("#content"), Button::quiet("Download").with_icon(Icon::Download).about("Form 1040.pdf").link("#content")]))
            (actions(&[Button::primary("Accept").small().link("#content"), Button::quiet("Return").small().link("#content"), Button::danger("End").small().link("#content"), Button::quiet_danger("Sign out everywhere").small().link("#content")]))
            (menu(&Menu { label: "More", items: &[
                MenuItem::Link { label: "View as client", href: "#content", icon: Some(Icon::Eye) },
                MenuItem::Line,
                MenuItem::Post { label: "Close matter", action: "/close", csrf: "sample", fields: &[("a", "b")], icon: Some(Icon::Lock) },
            ] }))
        }))
    }
}

fn states() -> Markup {
    card(html! {
        div { @for state in State::ALL { (pill(state)) " " } }
        div { @for state in State::ALL { (mark(state)) " " } }
        div { (client_mark("Acme Holdings")) " " (client_mark("Birch")) }
        (facts(&[("Faces", html! { (avatar("Ana Mendes")) (avatar("Łukasz")) (avatar("")) }), ("Icons", html! { @for picture in Icon::ALL { (icon::icon(*picture)) " " } })]))
        p { "Money " (words::money(123_450, "USD")) ", a day " (words::day(on(11, 30), today())) ", near " (words::day_near(on(11, 26), today())) ", due " (words::due(on(11, 20), today())) ", an instant " (words::instant(now(), now(), &zone())) ", a size " (words::size(1_250_000)) ", a count " (words::count(1, "document", "documents")) "." }
    })
}

fn list_rows() -> Markup {
    rows([
        Row { title: "Only a title", ..Row::default() },
        Row {
            title: "A link with everything",
            href: Some("#content"),
            lead: Some(mark(State::WaitingOnYou)),
            meta: Some(facts_line(&[html! { "Acme v. Dunmore" }, words::due(on(11, 27), today())])),
            trail: Some(pill(State::WaitingOnYou)),
        },
        Row {
            title: "A person",
            lead: Some(avatar("Ana Mendes")),
            meta: Some(html! { "ana.mendes@acme-holdings.example" }),
            trail: Some(Button::quiet("End session").small().link("#content")),
            ..Row::default()
        },
        Row {
            title: "An_unbroken_file_name_that_has_to_break_somewhere_because_it_is_wider_than_any_phone_2026_final.pdf",
            href: Some("#content"),
            lead: Some(icon::icon(Icon::Document)),
            meta: Some(html! { "Evidence" }),
            trail: Some(words::money(418_000, "USD")),
        },
    ])
}

fn tables() -> Markup {
    table(&Table {
        caption: "Invoices",
        columns: &[
            Column::text("Invoice"),
            Column::text("Matter"),
            Column::text("State"),
            Column::number("Amount"),
            Column::action("Actions"),
        ],
        rows: vec![
            vec![
                html! { a href="#content" { "2041" } },
                html! { "Acme v. Dunmore" },
                pill(State::Overdue),
                words::money(418_000, "USD"),
                Button::quiet("Approve").small().about("invoice 2041").link("#content"),
            ],
            vec![
                html! { a href="#content" { "2038" } },
                html! { "Lease review, 14 Harbour Street" },
                pill(State::Done),
                words::money(95_000, "USD"),
                Button::quiet("Download").small().about("invoice 2038").link("#content"),
            ],
        ],
    })
}

fn phases() -> Markup {
    let step = |title, when| Step { title, when, ..Step::default() };
    html! {
        (phase_bar(&Phases { names: PHASES, current: 2 }))
        (card(html! {
            (phase_line(&Phases { names: PHASES, current: 0 })) " "
            (phase_line(&Phases { names: PHASES, current: 6 })) " "
            (phase_place(Some("Discovery"), 2, 6))
        }))
        (timeline(&Timeline {
            done: &[step("Complaint filed", Some(words::day(on(9, 2), today()))), Step { title: "Answer filed", when: Some(words::day(on(11, 12), today())), note: Some("With two exhibits."), links: &[("Answer.pdf", "#content")], ..Step::default() }],
            late: &[step("Exhibit list", Some(words::due(on(11, 20), today())))],
            now: &[Step { title: "Document production", when: Some(words::due(on(11, 30), today())), state: Some(pill(State::WaitingOnYou)), ..Step::default() }],
            upcoming: &[step("Depositions", Some(words::day(on(12, 12), today()))), step("Trial", None)],
        }))
    }
}

fn form_parts() -> Markup {
    form::form(
        "/save",
        "sample",
        html! {
            (text_input(&TextInput { field: Field { name: "c-name", label: "Name", hint: Some("As on the letterhead."), ..Field::default() }, value: "Acme Holdings", ..TextInput::default() }))
            (text_input(&TextInput { field: Field { name: "c-zip", label: "Postcode", optional: true, ..Field::default() }, autocomplete: Some("postal-code"), size: Size::Short, ..TextInput::default() }))
            (select(&Field { name: "c-phase", label: "Phase", ..Field::default() }, &PHASES.iter().map(|p| Choice::new(p, p, *p == "Discovery")).collect::<Vec<_>>()))
            (date_input(&Field { name: "c-due", label: "Due", ..Field::default() }, Some(on(11, 30)), None))
            (radios(&Field { name: "c-role", label: "Role", ..Field::default() }, &[Choice { value: "staff", label: "Staff", hint: Some("Sees the clients assigned to them."), chosen: true }, Choice { value: "partner", label: "Partner", hint: Some("Sees every client."), chosen: false }]))
            (checks(&Field { name: "c-team", label: "Team", ..Field::default() }, &[Choice::new("1", "Maria Okafor", true), Choice::new("2", "Jon Lindqvist", false)]))
            (text_area(&Field { name: "c-note", label: "Note", hint: Some("The client does not see it."), ..Field::default() }, "Called on Monday.", 4, 2_000))
            (beside(&[select(&Field { name: "c-who", label: "Who", ..Field::default() }, &[Choice::new("1", "Maria Okafor", true)]), date_input(&Field { name: "c-by", label: "By", ..Field::default() }, Some(on(11, 30)), None)]))
            (group("c-address", "Address", text_input(&TextInput { field: Field { name: "c-street", label: "Street", ..Field::default() }, ..TextInput::default() })))
            (form_rows(&[row_of("Milestone 1", "1"), row_of("Milestone 2", "2")]))
            (code_input(&Field { name: "c-code", label: "Code from the mail", ..Field::default() }))
            (Button::primary("Save and tell the client").submit())
        },
    )
}

fn row_of(name: &'static str, number: &str) -> FormRow<'static> {
    let names = ["title", "due", "state", "place"].map(|part| format!("c-{part}-{number}"));
    let [title, due, state, place] = names.each_ref().map(String::as_str);
    let text = Field { name: title, label: "Title", ..Field::default() };
    FormRow {
        name,
        fields: vec![
            select(&Field { name: place, label: "Place", ..Field::default() }, &[Choice::new("1", number, true)]),
            text_input(&TextInput { field: text, value: "Depositions", ..TextInput::default() }),
            date_input(&Field { name: due, label: "Due", ..Field::default() }, Some(on(12, 12)), None),
            select(
                &Field { name: state, label: "State", ..Field::default() },
                &[Choice::new("next", "Upcoming", true)],
            ),
        ],
    }
}

fn form_errors() -> Markup {
    let wrong =
        [("e-mail", "Enter an address like name@example.com."), ("e-due", "Choose a day that is still to come.")];
    html! {
        (error_summary(&wrong))
        (form::form("/save", "sample", html! {
            (text_input(&TextInput::email(Field { name: "e-mail", label: "E-mail address", error: Some(wrong[0].1), ..Field::default() }, "ana@")))
            (date_input(&Field { name: "e-due", label: "Due", hint: Some("The client is reminded the day before."), error: Some(wrong[1].1), optional: false }, Some(on(11, 1)), Some(today())))
        }))
    }
}

fn feedback() -> Markup {
    html! {
        @for tone in Tone::ALL {
            (banner(&Banner { tone, title: "The set is complete", text: Some(html! { "All five statements were received." }), action: Some(Button::quiet("Review").small().link("#content")) }))
        }
        (toast(&Toast { text: "Answer.pdf was moved to Pleadings.".into(), undo: Some(("Undo".into(), "/undo".into())) }, "sample"))
        (actions(&[Button::danger("Remove file").opens("c-remove", "#content")]))
        (dialog(&Dialog { id: "c-remove", title: "Remove this file?", body: html! { p { "Your colleagues can no longer open it. The audit keeps that it was here." } }, action: "/remove", csrf: "sample", confirm: Button::danger("Remove file").submit() }))
    }
}

fn waiting() -> Markup {
    html! {
        (all_clear("Nothing is waiting for you", "When the firm needs something from you, it appears here."))
        (empty(&Empty { icon: Some(Icon::Document), title: "No documents yet", text: "Files that you or the firm add appear here.", action: Some(Button::primary("Upload files").with_icon(Icon::Upload).link("#content")) }))
        (card(html! { (progress("Bank statements", 3, 5)) (progress("Nothing asked for", 0, 0)) }))
    }
}

fn choosing() -> Markup {
    let chip = |label, chosen, count| Chip { label, href: "#content", chosen, count };
    html! {
        (chips("Filter", &[chip("All", false, Some(48)), chip("Pleadings", true, Some(9)), chip("Evidence", false, Some(31)), chip("Correspondence", false, None), chip("Contracts", false, None)]))
        (pagination(&Pages { first: Some("#content"), next: Some("#content"), shown: Some("Documents 51 to 100") }))
    }
}

fn uploads() -> [UploadLine<'static>; 10] {
    let line = |name, stage| UploadLine { name, size_bytes: 1_840_000, stage, in_parts: false };
    [
        line("June.pdf", UploadStage::Waiting),
        line("July.pdf", UploadStage::Sending { percent: 62 }),
        UploadLine {
            size_bytes: 2_000_000_000,
            in_parts: true,
            ..line("Hearing.pdf", UploadStage::Sending { percent: 9 })
        },
        UploadLine { in_parts: true, ..line("Site plan.tiff", UploadStage::Paused { percent: 35 }) },
        UploadLine { in_parts: true, ..line("Ledger.csv", UploadStage::Unfinished { percent: 80 }) },
        line("August.pdf", UploadStage::Checking),
        line("September.pdf", UploadStage::Ready),
        line("October.pdf", UploadStage::Failed { why: "The connection broke. Nothing is lost: try again." }),
        line(
            "Accounts 2025.xlsm",
            UploadStage::Rejected {
                why: "This file contains macros, which can be harmful. Save it without macros and upload it again.",
            },
        ),
        line("Old.pdf", UploadStage::Cancelled),
    ]
}

fn searching() -> Markup {
    let view = web::ui::SearchBox {
        action: "/search".into(),
        value: "storage cost".into(),
        label: "Search in documents".into(),
    };
    let title = [("Answer to complaint.pdf".to_owned(), false)];
    let snippet = [
        ("… the ".to_owned(), false),
        ("storage".to_owned(), true),
        (" of the goods caused no ".to_owned(), false),
        ("cost".to_owned(), true),
        (" …".to_owned(), false),
    ];
    html! {
        (search_form(&view))
        (found(&[Found { href: "#content", title: &title, snippet: &snippet, place: Some("Page 4"), meta: &[html! { "Acme v. Dunmore" }] }]))
    }
}

fn known() -> Markup {
    let in_phases: Vec<Figure<'_>> = PHASES
        .iter()
        .enumerate()
        .map(|(count, name)| Figure {
            label: name,
            value: html! { (count) },
            href: (count > 0).then_some("#content"),
            note: (count == 4).then(|| html! { strong.is-late { "1 late" } }),
            chosen: count == 2,
            ..Figure::default()
        })
        .collect();
    html! {
        (figures_small(&in_phases))
        (figures(&[
            Figure { label: "Active matters", value: html! { "38" }, note: Some(html! { "4 opened this month" }), href: Some("#content"), ..Figure::default() },
            Figure { label: "Outstanding", value: words::money(6_218_050, "USD"), ..Figure::default() },
        ]))
        (part("Access", card(html! {
            (facts(&[("Opened", words::day(on(8, 4), today())), ("Court", html! { "Superior Court, Suffolk County" })]))
            (history(&[HistoryEntry { who: "Ana Mendes", picture: None, what: "downloaded this document", when: words::instant(at("2026-11-24T13:58:00Z"), now(), &zone()), detail: Some(html! { "event 1204" }) }]))
        })))
    }
}

fn accents() -> Markup {
    let row = |colour: &&'static str| {
        let accent = Accent::parse(colour).ok()?;
        let cell = |colour: String| html! { code { (colour) } };
        Some(vec![
            cell((*colour).into()),
            cell(accent.light.fill.to_string()),
            cell(accent.light.text.to_string()),
            cell(accent.dark.fill.to_string()),
            cell(accent.dark.text.to_string()),
        ])
    };
    table(&Table {
        caption: "What becomes of a firm's colour",
        columns: &[
            Column::text("Asked"),
            Column::text("Light button"),
            Column::text("Light text"),
            Column::text("Dark button"),
            Column::text("Dark text"),
        ],
        rows: ACCENTS.iter().filter_map(row).collect(),
    })
}
