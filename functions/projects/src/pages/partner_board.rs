//! The partners' board: every open project of the firm, by phase and by what is late.

use std::collections::{BTreeMap, BTreeSet};

use domain::packs::Pack;
use domain::project::board::{Entry, Outline, entries, figures};
use domain::project::card::{Card, Line};
use domain::{ClientId, Date};
use maud::{Markup, html};
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::facts::{Figure, figures as figures_view, figures_small};
use web::ui::feedback::{Empty, empty};
use web::ui::phases::phase_place;
use web::ui::state::{State, pill_saying};
use web::ui::structure::{PageHead, Section, page_head, section};
use web::ui::table::{Column, Table, cell_note, table};
use web::ui::{Button, Icon, words};

use super::{Reader, capital};

pub(crate) struct PartnerBoard<'a> {
    pub(crate) reader: &'a Reader,
    /// Of every client.
    pub(crate) outlines: &'a [Outline],
    pub(crate) list: &'a List<'a>,
    /// Of the clients on this page of the list.
    pub(crate) cards: &'a BTreeMap<ClientId, Card>,
}

/// Every open project, and the page of them that is shown.
pub(crate) struct List<'a> {
    all: Vec<Entry<'a>>,
    shown: Shown,
    /// How many the filter holds, on every page.
    held: usize,
    from: usize,
    page: Vec<Entry<'a>>,
}

impl<'a> List<'a> {
    pub(crate) fn of(outlines: &'a [Outline], shown: Shown, from: usize, reader: &Reader) -> Self {
        let all = entries(outlines, reader.today);
        let held: Vec<Entry<'a>> = all.iter().filter(|entry| shown.holds(entry, reader)).copied().collect();
        let page = held.iter().skip(from).take(ROWS_SHOWN).copied().collect();
        Self { all, shown, held: held.len(), from, page }
    }

    /// Whose cards the page needs.
    pub(crate) fn clients(&self) -> BTreeSet<ClientId> {
        self.page.iter().map(|entry| entry.client.clone()).collect()
    }
}

/// What the list is narrowed to. The address holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    All,
    Overdue,
    Unheard,
    Pack(Pack),
    Phase(Pack, usize),
}

impl Shown {
    pub(crate) fn of(show: Option<&str>, pack: Option<&str>, phase: Option<usize>) -> Self {
        match (show, pack.and_then(Pack::parse), phase) {
            (Some("overdue"), ..) => Shown::Overdue,
            (Some("unheard"), ..) => Shown::Unheard,
            (_, Some(pack), Some(phase)) => Shown::Phase(pack, phase),
            (_, Some(pack), None) => Shown::Pack(pack),
            _ => Shown::All,
        }
    }

    fn href(self) -> String {
        match self {
            Shown::All => "/".to_owned(),
            Shown::Overdue => "/?show=overdue".to_owned(),
            Shown::Unheard => "/?show=unheard".to_owned(),
            Shown::Pack(pack) => format!("/?pack={}", pack.as_str()),
            Shown::Phase(pack, phase) => format!("/?pack={}&phase={phase}", pack.as_str()),
        }
    }

    fn from(self, place: usize) -> String {
        let href = self.href();
        let and = if href.contains('?') { '&' } else { '?' };
        format!("{href}{and}from={place}")
    }

    fn holds(self, entry: &Entry<'_>, reader: &Reader) -> bool {
        let brief = entry.brief;
        match self {
            Shown::All => true,
            Shown::Overdue => brief.days.overdue(reader.today) > 0,
            Shown::Unheard => brief.days.unheard(reader.today) > 0,
            Shown::Pack(pack) => brief.pack == pack,
            Shown::Phase(pack, phase) => brief.pack == pack && brief.phase == phase,
        }
    }
}

/// Rows of one page of the list.
const ROWS_SHOWN: usize = 50;

pub(crate) fn board(view: &PartnerBoard<'_>) -> Markup {
    let nouns = view.reader.nouns();
    let line = html! { "Every open " (view.reader.noun()) " of " (view.reader.firm_name) };
    let head = PageHead { title: "Board", line: Some(line), ..PageHead::default() };
    if view.outlines.is_empty() {
        return html! {
            (page_head(&PageHead { title: "Board", ..PageHead::default() }))
            (empty(&Empty {
                icon: Some(Icon::Clients),
                title: "No client has been added yet",
                text: "Add your first client, invite its people and assign staff. Their work appears here by itself.",
                action: Some(Button::primary("Add a client").with_icon(Icon::Plus).link("/firm/clients")),
            }))
        };
    }
    html! {
        (page_head(&head))
        (key_figures(view))
        (phases(view))
        (section(&Section { title: &format!("{} by next day", capital(nouns)), ..Section::default() }, list(view)))
    }
}

fn key_figures(view: &PartnerBoard<'_>) -> Markup {
    let counted = figures(view.outlines, view.reader.today);
    let open = format!("Open {}", view.reader.nouns());
    let (all, overdue, unheard) = (Shown::All.href(), Shown::Overdue.href(), Shown::Unheard.href());
    figures_view(&[
        figure(&open, counted.projects, &all),
        late(view, Shown::Overdue, figure("Overdue", counted.overdue, &overdue), counted.overdue),
        late(view, Shown::Unheard, figure("Updates missed", counted.unheard, &unheard), counted.unheard),
        figure("Clients", counted.clients, "/firm/clients"),
    ])
}

fn figure<'a>(label: &'a str, count: usize, href: &'a str) -> Figure<'a> {
    Figure { label, value: html! { (count) }, href: Some(href), ..Figure::default() }
}

/// Of what should be none.
fn late<'a>(view: &PartnerBoard<'_>, shown: Shown, figure: Figure<'a>, count: usize) -> Figure<'a> {
    let state = if count > 0 { State::Overdue } else { State::Done };
    Figure { state: Some(state), chosen: view.list.shown == shown, ..figure }
}

/// How many projects stand in each phase, one line of figures a practice, the empty phases included: where the work
/// piles up is seen at a glance.
fn phases(view: &PartnerBoard<'_>) -> Markup {
    let all = &view.list.all;
    let packs: Vec<Pack> =
        Pack::ALL.into_iter().filter(|pack| all.iter().any(|entry| entry.brief.pack == *pack)).collect();
    html! {
        @for pack in packs {
            @let shown = |phase: usize| Shown::Phase(pack, phase);
            @let hrefs: Vec<String> = (0..pack.phases().len()).map(|phase| shown(phase).href()).collect();
            @let list: Vec<Figure<'_>> = pack.phases().iter().zip(&hrefs).enumerate().map(|(phase, (name, href))| {
                let held = || all.iter().filter(move |entry| shown(phase).holds(entry, view.reader));
                let late = held().filter(|entry| entry.brief.days.late(view.reader.today) > 0).count();
                let count = held().count();
                Figure {
                    label: name,
                    value: html! { (count) },
                    note: (late > 0).then(|| html! { strong.is-late { (late) " late" } }),
                    href: (count > 0).then_some(href),
                    state: None,
                    chosen: view.list.shown == shown(phase),
                }
            }).collect();
            (section(&Section { title: pack.title(), ..Section::default() }, figures_small(&list)))
        }
    }
}

fn list(view: &PartnerBoard<'_>) -> Markup {
    let (reader, list) = (view.reader, view.list);
    let end = list.from + list.page.len();
    let next = (end < list.held).then(|| list.shown.from(end));
    let first = (list.from > 0).then(|| list.shown.href());
    let shown = format!("{} to {end} of {}", (list.from + 1).min(end), list.held);
    let name = capital(reader.noun());
    let rows = list.page.iter().filter_map(|entry| {
        let card = view.cards.get(entry.client)?;
        Some(cells(card, card.projects.get(entry.place)?, reader))
    });
    html! {
        (filters(view))
        @if list.page.is_empty() {
            (empty(&Empty { icon: Some(Icon::Check), title: "Nothing here", text: "No open work matches this filter.", action: None }))
        } @else {
            (table(&Table {
                caption: "Open work by next day",
                columns: &[
                    Column::text(&name),
                    Column::text("Phase"),
                    Column::text("Next"),
                    Column::text("Update by"),
                    Column::text("Staff"),
                ],
                rows: rows.collect(),
            }))
        }
        (pagination(&Pages { first: first.as_deref(), next: next.as_deref(), shown: (list.held > ROWS_SHOWN).then_some(&shown) }))
    }
}

fn filters(view: &PartnerBoard<'_>) -> Markup {
    let all = &view.list.all;
    let mut wanted = vec![
        (Shown::All, "All".to_owned()),
        (Shown::Overdue, "Overdue".to_owned()),
        (Shown::Unheard, "Updates missed".to_owned()),
    ];
    let packs = Pack::ALL.into_iter().filter(|pack| all.iter().any(|entry| entry.brief.pack == *pack));
    wanted.extend(packs.map(|pack| (Shown::Pack(pack), pack.title().to_owned())));
    if let Shown::Phase(pack, phase) = view.list.shown {
        let name = pack.phases().get(phase).copied().unwrap_or("This phase");
        wanted.push((view.list.shown, format!("{name}, {}", pack.title())));
    }
    let hrefs: Vec<String> = wanted.iter().map(|(shown, _)| shown.href()).collect();
    let list: Vec<Chip<'_>> = wanted
        .iter()
        .zip(&hrefs)
        .map(|((shown, label), href)| Chip {
            label,
            href,
            chosen: *shown == view.list.shown,
            count: Some(all.iter().filter(|entry| shown.holds(entry, view.reader)).count()),
        })
        .collect();
    chips("Filter the board", &list)
}

/// The name with its client below; what is late says so where its day stands.
fn cells(card: &Card, line: &Line, reader: &Reader) -> Vec<Markup> {
    let today = reader.today;
    let day = |day: Date| {
        if day < today { pill_saying(State::Overdue, &words::due_words(day, today)) } else { words::day(day, today) }
    };
    vec![
        html! {
            a href=(format!("/clients/{}/projects/{}", card.client, line.id)) { (line.name) }
            (cell_note(html! { a href=(format!("/clients/{}", card.client)) { (card.client_name) } }))
        },
        phase_place(Some(&line.phase_name), line.phase, line.phase_count),
        match (&line.next_title, line.next_due) {
            (Some(title), due) => html! { (title) @if let Some(due) = due { (cell_note(day(due))) } },
            (None, _) => html! { "Nothing planned" },
        },
        line.update_by.map_or_else(|| html! { "Not promised" }, day),
        if card.staff.is_empty() {
            html! { "Nobody assigned" }
        } else {
            html! { (card.staff.join(", ")) }
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_what_it_shows_agree() {
        let check = |show, pack, phase, want: Shown, href: &str| {
            assert_eq!(Shown::of(show, pack, phase), want);
            assert_eq!(want.href(), href);
        };
        check(None, None, None, Shown::All, "/");
        check(Some("overdue"), None, None, Shown::Overdue, "/?show=overdue");
        check(None, Some("tax"), None, Shown::Pack(Pack::Tax), "/?pack=tax");
        check(None, Some("litigation"), Some(2), Shown::Phase(Pack::Litigation, 2), "/?pack=litigation&phase=2");
        assert_eq!(Shown::of(Some("x"), Some("y"), Some(1)), Shown::All);
        assert_eq!(
            (Shown::All.from(50), Shown::Overdue.from(50)),
            ("/?from=50".into(), "/?show=overdue&from=50".into())
        );
    }
}
