//! The operators' one page: firms with their state, and the form to order one.

use domain::Timestamp;
use domain::firm::{FirmState, NewFirm};
use domain::limits;
use domain::packs::Pack;
use domain::person::FieldRefused;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use storage::FirmRow;
use web::ui::choose::{Pages, pagination};
use web::ui::feedback::{Empty, empty};
use web::ui::form::{self, Choice, Field, Size, TextInput};
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Section, card, page_head, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Icon, words};

pub(crate) struct FirmsView<'a> {
    pub(crate) firms: &'a [FirmRow],
    pub(crate) is_first: bool,
    pub(crate) next: Option<&'a str>,
    pub(crate) typed: &'a NewFirm,
    pub(crate) once: &'a str,
    pub(crate) refused: &'a [FieldRefused],
    pub(crate) csrf: &'a str,
    pub(crate) now: Timestamp,
}

pub(crate) fn firms(view: &FirmsView<'_>) -> Markup {
    let line = html! { "Firms as customers. Their clients, documents and people are out of reach from here." };
    // The form stands below a list that may be long.
    let order = Button::quiet("Order a firm").with_icon(Icon::Plus).link("#name");
    html! {
        (page_head(&PageHead { title: "Firms", line: Some(line), actions: &[order], ..PageHead::default() }))
        (errors(view.refused))
        (section(&Section { title: "All firms", ..Section::default() }, list(view)))
        (section(&Section { title: "Order a firm", ..Section::default() }, card(order_form(view))))
    }
}

fn list(view: &FirmsView<'_>) -> Markup {
    if view.firms.is_empty() && view.is_first {
        return empty(&Empty {
            icon: Some(Icon::Clients),
            title: "No firms yet",
            text: "A firm that you order below appears here and is ready within seconds.",
            action: None,
        });
    }
    let next = view.next.map(|next| format!("/platform?after={next}"));
    let first = (!view.is_first).then_some("/platform");
    html! {
        (table(&Table {
            caption: "Firms",
            columns: &[
                Column::text("Name"),
                Column::text("Domain"),
                Column::text("State"),
                Column::text("Since"),
            ],
            rows: view.firms.iter().map(|row| cells(row, view.now)).collect(),
        }))
        (pagination(&Pages { first, next: next.as_deref(), shown: None }))
    }
}

fn cells(row: &FirmRow, now: Timestamp) -> Vec<Markup> {
    let (state, word) = match row.state {
        FirmState::Ordered => (State::WaitingOnUs, "Being set up"),
        FirmState::Active => (State::Done, "Active"),
        FirmState::Suspended => (State::Quiet, "Suspended"),
    };
    // Operators sit anywhere: their clock is UTC, and the title of an instant says so.
    let since = words::instant(row.active_at.unwrap_or(row.ordered_at), now, &TimeZone::UTC);
    vec![
        html! { (row.ordered.name) },
        html! { (row.ordered.domain.as_str()) },
        pill_saying(state, word),
        html! { (since) " UTC" },
    ]
}

fn errors(refused: &[FieldRefused]) -> Markup {
    let list: Vec<(&str, &str)> = refused.iter().map(|refused| (refused.field, refused.why.as_str())).collect();
    form::error_summary(&list)
}

fn order_form(view: &FirmsView<'_>) -> Markup {
    let typed = view.typed;
    let field = |name, label, hint: Option<&'static str>| {
        let refused = view.refused.iter().find(|refused| refused.field == name);
        Field { name, label, hint, error: refused.map(|refused| refused.why.as_str()), optional: false }
    };
    let text = |field, value| TextInput {
        field,
        value,
        autocomplete: Some("off"),
        characters_max: Some(limits::NAME_CHARACTERS_MAX),
        ..TextInput::default()
    };
    let accent = Field { optional: true, ..field("accent", "Colour", Some("The firm's own, such as #1f5f8b.")) };
    let packs: Vec<Choice<'_>> = Pack::ALL
        .iter()
        .map(|pack| Choice::new(pack.as_str(), pack.title(), typed.packs.iter().any(|typed| typed == pack.as_str())))
        .collect();
    let domain = field("domain", "Domain", Some("Where the firm's mail comes from, such as firm.example."));
    let zone = field("zone", "Time zone", Some("By its name, such as America/New_York."));
    let partner = field("partner_name", "First partner's name", None);
    let email = field("partner_email", "First partner's e-mail", Some("The partner can sign in with it at once."));
    form::form(
        "/platform/firms",
        view.csrf,
        html! {
            input type="hidden" name="once" value=(view.once);
            (form::text_input(&text(field("name", "Name of the firm", None), &typed.name)))
            (form::text_input(&text(domain, &typed.domain)))
            (form::text_input(&TextInput { size: Size::Medium, ..text(zone, &typed.zone) }))
            (form::text_input(&TextInput { size: Size::Short, ..text(accent, typed.accent.as_deref().unwrap_or("")) }))
            (form::checks(&field("packs", "Practices", None), &packs))
            (form::text_input(&text(partner, &typed.partner_name)))
            (form::text_input(&TextInput { autocomplete: Some("off"), ..TextInput::email(email, &typed.partner_email) }))
            (Button::primary("Order firm").submit())
        },
    )
}
