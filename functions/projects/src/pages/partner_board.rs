//! The partners' board: every open project of the firm, by phase and by what is late.

use domain::packs::Pack;
use domain::project::board::{Entry, by_phase, entries, figures};
use domain::project::card::Card;
use maud::{Markup, html};
use web::ui::choose::{Chip, Pages, chips, pagination};
use web::ui::facts::{Figure, figures as figures_view};
use web::ui::feedback::{Empty, empty};
use web::ui::structure::{PageHead, Section, page_head, section};
use web::ui::table::{Column, Table, table};
use web::ui::{Button, Icon, words};

use super::{Reader, capital, lateness};

pub(crate) struct PartnerBoard<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) cards: &'a [Card],
    pub(crate) shown: Shown,
    /// Where the list begins.
    pub(crate) from: usize,
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

    fn holds(self, (_, line): &Entry<'_>, reader: &Reader) -> bool {
        match self {
            Shown::All => true,
            Shown::Overdue => line.days_overdue(reader.today) > 0,
            Shown::Unheard => line.days_unheard(reader.today) > 0,
            Shown::Pack(pack) => line.pack == pack,
            Shown::Phase(pack, phase) => line.pack == pack && line.phase == phase,
        }
    }
}

/// Rows of one page of the list.
const ROWS_SHOWN: usize = 50;

pub(crate) fn board(view: &PartnerBoard<'_>) -> Markup {
    let nouns = view.reader.nouns();
    let line = html! { "Every open " (view.reader.noun()) " of the firm" };
    let actions = [Button::quiet("All clients").with_icon(Icon::Clients).link("/firm/clients")];
    let head = PageHead { title: "Board", line: Some(line), actions: &actions, ..PageHead::default() };
    if view.cards.is_empty() {
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
    let counted = figures(view.cards, view.reader.today);
    let open = format!("Open {}", view.reader.nouns());
    let (all, overdue, unheard) = (Shown::All.href(), Shown::Overdue.href(), Shown::Unheard.href());
    let figure = |label, count: usize, href| Figure { label, value: html! { (count) }, note: None, href: Some(href) };
    figures_view(&[
        figure(&open, counted.projects, &all),
        figure("Overdue", counted.overdue, &overdue),
        figure("Updates missed", counted.unheard, &unheard),
        figure("Clients", counted.clients, "/firm/clients"),
    ])
}

/// How many projects stand in each phase, one line of figures a practice.
fn phases(view: &PartnerBoard<'_>) -> Markup {
    let columns = by_phase(view.cards, view.reader.today);
    let packs: Vec<Pack> = Pack::ALL.into_iter().filter(|pack| columns.iter().any(|c| c.pack == *pack)).collect();
    html! {
        @for pack in packs {
            @let of_pack: Vec<_> = columns.iter().filter(|column| column.pack == pack).collect();
            @let hrefs: Vec<String> = of_pack.iter().map(|column| Shown::Phase(pack, column.phase).href()).collect();
            @let list: Vec<Figure<'_>> = of_pack.iter().zip(&hrefs).map(|(column, href)| Figure {
                label: column.phase_name,
                value: html! { (column.projects.len()) },
                note: late_note(column.projects.as_slice(), view.reader),
                href: Some(href),
            }).collect();
            (section(&Section { title: pack.title(), ..Section::default() }, figures_view(&list)))
        }
    }
}

fn late_note(projects: &[Entry<'_>], reader: &Reader) -> Option<Markup> {
    let late = projects.iter().filter(|(_, line)| line.days_late(reader.today) > 0).count();
    (late > 0).then(|| html! { (late) " late" })
}

fn list(view: &PartnerBoard<'_>) -> Markup {
    let reader = view.reader;
    let all = entries(view.cards, reader.today);
    let held: Vec<&Entry<'_>> = all.iter().filter(|entry| view.shown.holds(entry, reader)).collect();
    let page: Vec<&&Entry<'_>> = held.iter().skip(view.from).take(ROWS_SHOWN).collect();
    let end = view.from + page.len();
    let next = (end < held.len()).then(|| view.shown.from(end));
    let first = (view.from > 0).then(|| view.shown.href());
    let shown = format!("{} to {end} of {}", (view.from + 1).min(end), held.len());
    html! {
        (filters(view, &all))
        @if page.is_empty() {
            (empty(&Empty { icon: Some(Icon::Check), title: "Nothing here", text: "No open work matches this filter.", action: None }))
        } @else {
            (table(&Table {
                caption: "Open work by next day",
                columns: &[
                    Column::text("Name"),
                    Column::text("Client"),
                    Column::text("Phase"),
                    Column::text("Next"),
                    Column::text("Update by"),
                    Column::text("Staff"),
                ],
                rows: page.iter().map(|entry| cells(entry, reader)).collect(),
            }))
        }
        (pagination(&Pages { first: first.as_deref(), next: next.as_deref(), shown: (held.len() > ROWS_SHOWN).then_some(&shown) }))
    }
}

fn filters(view: &PartnerBoard<'_>, all: &[Entry<'_>]) -> Markup {
    let mut wanted = vec![
        (Shown::All, "All".to_owned()),
        (Shown::Overdue, "Overdue".to_owned()),
        (Shown::Unheard, "Updates missed".to_owned()),
    ];
    let packs = Pack::ALL.into_iter().filter(|pack| all.iter().any(|(_, line)| line.pack == *pack));
    wanted.extend(packs.map(|pack| (Shown::Pack(pack), pack.title().to_owned())));
    if let Shown::Phase(pack, phase) = view.shown {
        let name = pack.phases().get(phase).copied().unwrap_or("This phase");
        wanted.push((view.shown, format!("{name}, {}", pack.title())));
    }
    let hrefs: Vec<String> = wanted.iter().map(|(shown, _)| shown.href()).collect();
    let list: Vec<Chip<'_>> = wanted
        .iter()
        .zip(&hrefs)
        .map(|((shown, label), href)| Chip {
            label,
            href,
            chosen: *shown == view.shown,
            count: Some(all.iter().filter(|entry| shown.holds(entry, view.reader)).count()),
        })
        .collect();
    chips("Filter the board", &list)
}

fn cells((card, line): &Entry<'_>, reader: &Reader) -> Vec<Markup> {
    let late = lateness(line.days_overdue(reader.today), line.days_unheard(reader.today));
    vec![
        html! {
            a href=(format!("/clients/{}/projects/{}", card.client, line.id)) { (line.name) }
            @if let Some(late) = late { " " (late) }
        },
        html! { a href=(format!("/clients/{}", card.client)) { (card.client_name) } },
        html! { (line.phase_name) ", " (line.phase + 1) " of " (line.phase_count) },
        match (&line.next_title, line.next_due) {
            (Some(title), Some(day)) => html! { (title) ", " (words::day(day, reader.today)) },
            (Some(title), None) => html! { (title) },
            (None, _) => html! { "Nothing planned" },
        },
        line.update_by.map_or_else(|| html! { "Not promised" }, |day| words::day(day, reader.today)),
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
