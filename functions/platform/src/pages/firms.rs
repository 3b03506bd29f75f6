//! The list of firms, and the form that sets one up.

use domain::firm::NewFirm;
use domain::packs::Pack;
use domain::person::FieldRefused;
use domain::{Timestamp, limits};
use maud::{Markup, html};
use storage::FirmRow;
use web::ui::accent::PORTICO;
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Choice, Field, TextInput};
use web::ui::search::search_form;
use web::ui::structure::{Crumb, PageHead, card, page_head};
use web::ui::table::{Column, Table, cell_note, table};
use web::ui::{Button, Icon, SearchBox};

use super::{count, errors, field, href, instant, state_pill, storage};

pub(crate) struct FirmsView<'a> {
    pub(crate) firms: &'a [FirmRow],
    pub(crate) q: &'a str,
    pub(crate) is_first: bool,
    pub(crate) next: Option<&'a str>,
    pub(crate) now: Timestamp,
}

pub(crate) fn firms(view: &FirmsView<'_>) -> Markup {
    let line = html! { "Firms as customers. Their clients, documents and people are out of reach from here." };
    let add = Button::primary("Add a firm").with_icon(Icon::Plus).link("/platform/new");
    let search = SearchBox {
        action: "/platform".to_owned(),
        value: view.q.to_owned(),
        label: "Search firms by name or domain".to_owned(),
    };
    html! {
        (page_head(&PageHead { title: "Firms", line: Some(line), actions: &[add], ..PageHead::default() }))
        (search_form(&search))
        (list(view))
    }
}

fn list(view: &FirmsView<'_>) -> Markup {
    if view.firms.is_empty() && !view.q.is_empty() {
        return empty(&Empty {
            icon: Some(Icon::Search),
            title: "No firm of that name",
            text: "Try a part of its name or of its domain.",
            action: Some(Button::quiet("Show all firms").link("/platform")),
        });
    }
    if view.firms.is_empty() && view.is_first {
        return empty(&Empty {
            icon: Some(Icon::Clients),
            title: "No firms yet",
            text: "A firm that you add appears here and is ready within seconds.",
            action: Some(Button::quiet("Add a firm").link("/platform/new")),
        });
    }
    let next = view.next.map(|next| format!("/platform?after={next}"));
    let first = (!view.is_first).then_some("/platform");
    html! {
        (table(&Table {
            caption: "Firms",
            columns: &[
                Column::text("Name"),
                Column::text("State"),
                Column::number("People"),
                Column::number("Clients"),
                Column::number("Documents"),
                Column::number("Storage"),
            ],
            rows: view.firms.iter().map(|row| cells(row, view.now)).collect(),
        }))
        (pagination(&Pages { first, next: next.as_deref(), shown: None }))
    }
}

fn cells(row: &FirmRow, now: Timestamp) -> Vec<Markup> {
    let number = |of: fn(&domain::platform::Usage) -> u64| match &row.usage {
        Some(usage) => html! { (of(usage)) },
        None => html! { span.unseen { "not counted yet" } span aria-hidden="true" { "–" } },
    };
    vec![
        html! {
            a href=(href(&row.firm)) { (row.ordered.name) }
            (cell_note(html! { (row.ordered.domain.as_str()) }))
        },
        html! { (state_pill(row.state)) (cell_note(html! { "since " (instant(row.state_since(), now)) })) },
        number(|usage| usage.people),
        number(|usage| usage.clients),
        number(|usage| usage.documents),
        match &row.usage {
            Some(usage) => html! { (storage(usage.bytes)) },
            None => number(|_| 0),
        },
    ]
}

pub(crate) struct NewFirmView<'a> {
    pub(crate) typed: &'a NewFirm,
    pub(crate) zones: &'a [String],
    pub(crate) once: &'a str,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) csrf: &'a str,
}

/// Colours to begin with; the firm chooses its own, exactly, in its settings.
const COLOURS: [(&str, &str); 6] = [
    (PORTICO, "Portico's blue"),
    ("#1d6b4f", "Green"),
    ("#7a2e3a", "Burgundy"),
    ("#5b3f8c", "Violet"),
    ("#8a4b12", "Brown"),
    ("#3d4a5c", "Slate"),
];

pub(crate) fn new_firm(view: &NewFirmView<'_>) -> Markup {
    html! {
        (page_head(&PageHead {
            title: "Add a firm",
            line: Some(html! { "It is ready within seconds, and its first partner is invited by mail." }),
            crumbs: &[Crumb { label: "Firms", href: "/platform" }],
            ..PageHead::default()
        }))
        (errors(view.refused))
        (card(form(view)))
    }
}

fn form(view: &NewFirmView<'_>) -> Markup {
    let typed = view.typed;
    let text = |field, value| TextInput {
        field,
        value,
        autocomplete: Some("off"),
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let field = |name, label, hint| field(view.refused, name, label, hint);
    let accent = typed.accent.as_deref().unwrap_or(PORTICO);
    let own = (!COLOURS.iter().any(|(value, _)| *value == accent)).then(|| Choice::new(accent, accent, true));
    let colours: Vec<Choice<'_>> =
        COLOURS.iter().map(|(value, label)| Choice::new(value, label, *value == accent)).chain(own).collect();
    let zones: Vec<Choice<'_>> = view.zones.iter().map(|zone| Choice::new(zone, zone, *zone == typed.zone)).collect();
    let packs: Vec<Choice<'_>> = Pack::ALL
        .iter()
        .map(|pack| Choice::new(pack.as_str(), pack.title(), typed.packs.iter().any(|typed| typed == pack.as_str())))
        .collect();
    let domain_hint = "The end of the firm's mail addresses. Left empty, it is taken from the partner's.";
    let domain = Field { optional: true, ..field("domain", "Internet domain", Some(domain_hint)) };
    let kinds = field("packs", "What the firm does", Some("Each brings its own phases, milestones and words."));
    let email = field("partner_email", "First partner's e-mail", Some("The invitation goes there."));
    form::form(
        "/platform/firms",
        view.csrf,
        html! {
            input type="hidden" name="once" value=(view.once);
            (form::text_input(&text(field("name", "Name of the firm", None), &typed.name)))
            (form::text_input(&text(field("partner_name", "First partner's name", None), &typed.partner_name)))
            (form::text_input(&TextInput { autocomplete: Some("off"), ..TextInput::email(email, &typed.partner_email) }))
            (form::text_input(&text(domain, &typed.domain)))
            (form::checks(&kinds, &packs))
            (form::select(&field("zone", "Time zone", Some("Of the firm's office. Its days begin there.")), &zones))
            (form::select(&field("accent", "Colour", Some("To begin with. The firm chooses its own.")), &colours))
            (Button::primary("Add the firm").submit())
        },
    )
}

/// For the page of a firm that is there: what it was set up with.
pub(crate) fn packs(row: &FirmRow) -> String {
    row.ordered.packs.iter().map(|pack| pack.title()).collect::<Vec<_>>().join(", ")
}

/// "12 people, 3 clients".
pub(crate) fn people_and_clients(row: &FirmRow) -> Option<String> {
    let usage = row.usage.as_ref()?;
    let people = count(usage.people, "person", "people");
    Some(format!("{people}, {}", count(usage.clients, "client", "clients")))
}
