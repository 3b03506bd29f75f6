//! Pages of a client, composed of components only.

use maud::{Markup, html};
use web::ui::button::actions;
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::facts::facts;
use web::ui::feedback::{Empty, Toast, empty, progress};
use web::ui::form::Choice;
use web::ui::phases::{Phases, phase_bar, phase_line};
use web::ui::search::{Found, found, search_form};
use web::ui::state::{State, mark, pill_saying};
use web::ui::structure::{Crumb, PageHead, Row, Section, avatar, card, facts_line, page_head, rows, section};
use web::ui::timeline::{Step, Timeline, timeline};
use web::ui::upload::{DropZone, PlaceChoice, drop_zone};
use web::ui::{Button, Frame, Icon, SearchBox, icon, page, words};

use crate::samples::{PHASES, at, client_frame, now, on, today, zone};

pub(crate) fn home() -> Markup {
    let needs = [
        ("Sign the engagement letter", "Lease review", words::due(on(11, 27), today()), State::WaitingOnYou),
        (
            "Upload bank statements, 2 of 5 received",
            "Acme v. Dunmore",
            words::due(on(11, 30), today()),
            State::WaitingOnYou,
        ),
        ("Invoice 2041, $4,180.00", "Acme v. Dunmore", words::due(on(11, 21), today()), State::Overdue),
    ];
    let needs = needs.map(|(title, matter, due, state)| Row {
        lead: Some(mark(state)),
        title,
        href: Some("project.html"),
        meta: Some(facts_line(&[due, html! { (matter) }])),
        ..Row::default()
    });
    let matters = [
        ("Acme v. Dunmore", 2, "Next: Depositions", on(12, 12), on(11, 27)),
        ("Lease review, 14 Harbour Street", 0, "Next: Engagement letter signed", on(11, 27), on(12, 1)),
    ];
    let matters = matters.map(|(title, phase, next, day, update)| Row {
        title,
        href: Some("project.html"),
        meta: Some(html! {
            (phase_line(&Phases { names: PHASES, current: phase })) br;
            (facts_line(&[html! { (next) ", " (words::day(day, today())) }, html! { "update by " (words::day(update, today())) }]))
        }),
        ..Row::default()
    });
    let messages = [
        (
            "Thomas Pryce",
            "The court has confirmed the date of the deposition. I suggest we meet before.",
            "2026-11-23T21:40:00Z",
        ),
        ("Maria Okafor", "Thank you, the September statement is complete.", "2026-11-20T15:12:00Z"),
    ];
    let messages = messages.map(|(who, text, when)| Row {
        lead: Some(avatar(who)),
        title: who,
        href: Some("#content"),
        meta: Some(html! { (text) br; (words::instant(at(when), now(), &zone())) }),
        ..Row::default()
    });
    let body = html! {
        (page_head(&PageHead { title: "Good morning, Ana", ..PageHead::default() }))
        (section(&Section { title: "Needs you", count: Some(3), ..Section::default() }, rows(needs)))
        (section(&Section { title: "Your matters", count: Some(2), more: Some(("All matters", "#content")), ..Section::default() }, rows(matters)))
        (section(&Section { title: "Messages", more: Some(("All messages", "#content")), ..Section::default() }, rows(messages)))
    };
    let aside = html! {
        (section(&Section { title: "Next meeting", ..Section::default() }, card(html! {
            p { strong { (words::instant(at("2026-11-24T15:00:00Z"), now(), &zone())) } }
            p { "Preparing the deposition, with Thomas Pryce. By video, 45 minutes." }
            (actions(&[Button::quiet("Move or cancel").link("#content")]))
        })))
        (section(&Section { title: "Recent files", more: Some(("All", "documents.html")), ..Section::default() }, rows([
            Row { lead: Some(icon::icon(Icon::Document)), title: "Answer to complaint.pdf", href: Some("#content"), meta: Some(words::day(on(11, 12), today())), ..Row::default() },
            Row { lead: Some(icon::icon(Icon::Document)), title: "Scheduling order.pdf", href: Some("#content"), meta: Some(words::day(on(11, 10), today())), ..Row::default() },
        ])))
    };
    page(&client_frame("Home", "Home"), body, Some(aside))
}

pub(crate) fn project() -> Markup {
    let today = today();
    let done = [
        Step {
            title: "Engagement letter signed",
            when: Some(words::day(on(8, 4), today)),
            links: &[("Engagement letter.pdf", "#content")],
            ..Step::default()
        },
        Step { title: "Complaint filed", when: Some(words::day(on(9, 2), today)), ..Step::default() },
        Step {
            title: "Answer filed",
            when: Some(words::day(on(11, 12), today)),
            note: Some("Dunmore denies the delay and claims storage costs."),
            links: &[("Answer to complaint.pdf", "#content"), ("Our summary.docx", "#content")],
            ..Step::default()
        },
    ];
    let doing = [
        Step {
            title: "Document production",
            when: Some(words::due(on(11, 30), today)),
            state: Some(pill_saying(State::WaitingOnYou, "2 of 5 received")),
            note: Some("We still need the bank statements of June, July and August."),
            ..Step::default()
        },
        Step {
            title: "Expert chosen",
            when: Some(words::due(on(11, 20), today)),
            state: Some(pill_saying(State::Overdue, "Overdue")),
            ..Step::default()
        },
    ];
    let upcoming = [
        Step { title: "Depositions", when: Some(words::day(on(12, 12), today)), ..Step::default() },
        Step {
            title: "Expert report",
            when: Some(words::day(jiff::civil::date(2027, 1, 20), today)),
            ..Step::default()
        },
        Step { title: "Pre-trial conference", ..Step::default() },
    ];
    let body = html! {
        (page_head(&PageHead {
            crumbs: &[Crumb { label: "Matters", href: "client-home.html" }],
            title: "Acme v. Dunmore",
            line: Some(html! { "You hear from us again by " strong { (words::day(on(11, 27), today)) } }),
            ..PageHead::default()
        }))
        (phase_bar(&Phases { names: PHASES, current: 2 }))
        (section(&Section { title: "Timeline", ..Section::default() }, timeline(&Timeline { done: &done, now: &doing, upcoming: &upcoming, ..Timeline::default() })))
    };
    let person = |name: &'static str, role: &'static str| Row {
        lead: Some(avatar(name)),
        title: name,
        meta: Some(html! { (role) }),
        ..Row::default()
    };
    let aside = html! {
        (section(&Section { title: "Your team", ..Section::default() }, rows([person("Thomas Pryce", "Partner"), person("Maria Okafor", "Associate"), person("Jon Lindqvist", "Paralegal")])))
        (actions(&[
            Button::primary("Ask a question").with_icon(Icon::Message).link("#content"),
            Button::quiet("Upload files").with_icon(Icon::Upload).link("documents.html"),
        ]))
        (section(&Section { title: "Facts", ..Section::default() }, card(facts(&[
            ("Court", html! { "Superior Court, Suffolk County" }),
            ("Case number", html! { "2684CV01127" }),
            ("Opened", words::day(on(8, 4), today)),
            ("Outstanding", words::money(418_000, "USD")),
        ]))))
    };
    page(&client_frame("Acme v. Dunmore", "Matters"), body, Some(aside))
}

pub(crate) fn documents() -> Markup {
    let document = |name: &'static str, category: &'static str, from: &'static str, month, day, state: Markup| Row {
        lead: Some(icon::icon(Icon::Document)),
        title: name,
        href: Some("#content"),
        meta: Some(facts_line(&[html! { (category) }, html! { "from " (from) }, words::day(on(month, day), today())])),
        trail: Some(state),
    };
    let ready = || pill_saying(State::Done, "Ready");
    let list = rows([
        document(
            "Bank statement September 2026.pdf",
            "Evidence",
            "you",
            11,
            24,
            pill_saying(State::WaitingOnUs, "Being checked"),
        ),
        document("Accounts 2025.xlsm", "Evidence", "you", 11, 24, pill_saying(State::Overdue, "Refused: macros")),
        document("Answer to complaint.pdf", "Pleadings", "Maria Okafor", 11, 12, ready()),
        document(
            "Scheduling order with a name long enough to need two lines on every phone.pdf",
            "Court orders",
            "Thomas Pryce",
            11,
            10,
            ready(),
        ),
        document("Engagement letter.pdf", "Contracts", "Thomas Pryce", 8, 4, ready()),
    ]);
    let body = html! {
        (page_head(&PageHead { title: "Documents", line: Some(html! { "Everything you and the firm have shared, in all your matters." }), ..PageHead::default() }))
        (drop_zone(&DropZone {
            client: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            category: "Evidence",
            drop_words: "Drop to upload to Acme v. Dunmore",
            project_choices: &[
                PlaceChoice { value: "1", label: "Acme v. Dunmore", categories: &["Evidence", "Other"] },
                PlaceChoice { value: "2", label: "Lease review, 14 Harbour Street", categories: &["Contracts", "Other"] },
            ],
            category_choices: &[Choice::new("Evidence", "Evidence", true), Choice::new("Other", "Other", false)],
            without_scripts: "#content",
            ..DropZone::default()
        }))
        (chips("Filter documents", &[
            Chip { label: "All", href: "#content", chosen: true, count: Some(48) },
            Chip { label: "Pleadings", href: "#content", chosen: false, count: Some(9) },
            Chip { label: "Evidence", href: "#content", chosen: false, count: Some(31) },
            Chip { label: "Contracts", href: "#content", chosen: false, count: Some(2) },
            Chip { label: "Court orders", href: "#content", chosen: false, count: Some(6) },
        ]))
        (list)
        (pagination(&Pages { first: None, next: Some("#content"), shown: Some("5 of 48 documents") }))
    };
    page(&client_frame("Documents", "Documents"), body, None)
}

pub(crate) fn search() -> Markup {
    let plain = |text: &str| (text.to_owned(), false);
    let hit = |text: &str| (text.to_owned(), true);
    let first = [plain("Answer to complaint.pdf")];
    let first_snippet = [
        plain("… denies that the "),
        hit("storage"),
        plain(" of the goods at Harbour Street caused any "),
        hit("cost"),
        plain(" to the plaintiff, and says further that …"),
    ];
    let second = [hit("Storage"), plain(" invoices 2025.xlsx")];
    let list = [
        Found {
            href: "#content",
            title: &first,
            snippet: &first_snippet,
            place: Some("Page 4"),
            meta: &[html! { "Acme v. Dunmore" }, words::day(on(11, 12), today())],
        },
        Found {
            href: "#content",
            title: &second,
            snippet: &[],
            place: None,
            meta: &[html! { "Acme v. Dunmore" }, words::day(on(9, 30), today())],
        },
    ];
    let view = SearchBox { action: "/search".into(), value: "storage cost".into(), label: "Search documents".into() };
    let body = html! {
        (page_head(&PageHead { title: "Search", ..PageHead::default() }))
        (search_form(&view))
        (section(&Section { title: "Documents", count: Some(2), ..Section::default() }, found(&list)))
    };
    page(&Frame { search: Some(view), ..client_frame("Search", "") }, body, None)
}

pub(crate) fn first_day() -> Markup {
    let body = html! {
        (page_head(&PageHead { title: "Good morning, Ana", ..PageHead::default() }))
        (section(&Section { title: "Needs you", ..Section::default() }, empty(&Empty {
            icon: Some(Icon::Check),
            title: "Nothing is waiting for you",
            text: "When the firm needs a document, a signature or a decision, it appears here and you get an e-mail.",
            action: None,
        })))
        (section(&Section { title: "Your matters", ..Section::default() }, empty(&Empty {
            icon: Some(Icon::Folder),
            title: "No matter has been opened yet",
            text: "Hartwell & Pryce opens your first one. You can already send the files that you were asked for.",
            action: Some(Button::primary("Upload files").with_icon(Icon::Upload).link("documents.html")),
        })))
        (section(&Section { title: "Set up", ..Section::default() }, card(progress("Your account", 1, 3))))
    };
    let notice = Some(Toast {
        text: "You are signed in on this device.".into(),
        undo: Some(("End it".into(), "/sessions/end".into())),
    });
    page(&Frame { notice, ..client_frame("Home", "Home") }, body, None)
}
