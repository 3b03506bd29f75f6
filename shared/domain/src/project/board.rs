//! Many clients at once, from their cards: figures and the partners' board by phase.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::card::{Card, Line};
use crate::packs::Pack;

/// Figures over many clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    pub clients: usize,
    pub projects: usize,
    /// Projects whose next milestone is late.
    pub overdue: usize,
    /// Projects whose promised update is late.
    pub unheard: usize,
}

pub fn figures(cards: &[Card], today: Date) -> Figures {
    let projects = || cards.iter().flat_map(|card| &card.projects);
    Figures {
        clients: cards.len(),
        projects: cards.iter().map(|card| card.open_projects).sum(),
        overdue: projects().filter(|project| project.days_overdue(today) > 0).count(),
        unheard: projects().filter(|project| project.days_unheard(today) > 0).count(),
    }
}

/// One project on a board, with the client it belongs to.
pub type Entry<'a> = (&'a Card, &'a Line);

/// The projects in one phase of one pack, over all clients.
#[derive(Debug, PartialEq, Eq)]
pub struct Column<'a> {
    pub pack: Pack,
    pub phase: usize,
    pub phase_name: &'a str,
    /// The most late first.
    pub projects: Vec<Entry<'a>>,
}

/// Every project that a card shows, the most late first.
pub fn entries(cards: &[Card], today: Date) -> Vec<Entry<'_>> {
    let mut list: Vec<Entry<'_>> =
        cards.iter().flat_map(|card| card.projects.iter().map(move |project| (card, project))).collect();
    list.sort_by_key(|(card, project)| {
        let name = (card.client_name.as_str(), project.name.as_str());
        (Reverse(project.days_late(today)), project.first_day().unwrap_or(Date::MAX), name)
    });
    list
}

/// All projects by pack and phase, in the order of the work.
pub fn by_phase(cards: &[Card], today: Date) -> Vec<Column<'_>> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    for (card, project) in entries(cards, today) {
        let place = (project.pack, project.phase, project.phase_name.as_str());
        let same = |column: &&mut Column<'_>| (column.pack, column.phase, column.phase_name) == place;
        match columns.iter_mut().find(same) {
            Some(column) => column.projects.push((card, project)),
            None => {
                let (pack, phase, phase_name) = place;
                columns.push(Column { pack, phase, phase_name, projects: vec![(card, project)] });
            }
        }
    }
    let place = |pack: Pack| Pack::ALL.iter().position(|known| *known == pack);
    columns.sort_by_key(|column| (place(column.pack), column.phase, column.phase_name));
    columns
}

#[cfg(test)]
mod tests {
    use super::super::card::most_urgent_first;
    use super::*;
    use crate::{ClientId, ProjectId};
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    fn line(name: &str, pack: Pack, phase: usize, next_due: Option<Date>, update_by: Option<Date>) -> Line {
        Line {
            id: ProjectId::from_bits(u128::from(name.as_bytes()[0])),
            name: name.to_owned(),
            pack,
            phase,
            phase_count: pack.phases().len(),
            phase_name: pack.phases()[phase].to_owned(),
            next_title: None,
            next_due,
            update_by,
        }
    }

    fn card(name: &str, projects: Vec<Line>) -> Card {
        let open_projects = projects.len();
        let client = ClientId::from_bits(u128::from(name.as_bytes()[0]));
        Card { projects, open_projects, ..Card::empty(client, name.to_owned()) }
    }

    fn cards() -> Vec<Card> {
        let tax = |name, due, update| line(name, Pack::Tax, 1, due, update);
        vec![
            card("Quiet", vec![]),
            card("Calm", vec![tax("c", None, None)]),
            card("Next week", vec![tax("w", Some(date(2026, 12, 1)), None)]),
            card("Late", vec![tax("l", Some(date(2026, 11, 22)), Some(date(2026, 12, 30)))]),
            card("Unheard", vec![line("u", Pack::Litigation, 2, None, Some(date(2026, 11, 14)))]),
            card("Promised", vec![line("p", Pack::Litigation, 0, None, Some(date(2026, 11, 25)))]),
        ]
    }

    #[test]
    fn what_is_late_comes_first_and_nobody_is_left_out() {
        let mut cards = cards();
        most_urgent_first(&mut cards, TODAY);
        let names: Vec<&str> = cards.iter().map(|card| card.client_name.as_str()).collect();
        assert_eq!(names, ["Unheard", "Late", "Promised", "Next week", "Calm", "Quiet"]);
        let want = Figures { clients: 6, projects: 5, overdue: 1, unheard: 1 };
        assert_eq!(figures(&cards, TODAY), want);
        // The same cards a month later: what was coming is late.
        assert_eq!(figures(&cards, date(2026, 12, 24)), Figures { overdue: 2, unheard: 2, ..want });
    }

    #[test]
    fn the_board_goes_by_pack_and_phase() {
        let cards = cards();
        let told: Vec<(&str, Vec<&str>)> = by_phase(&cards, TODAY)
            .iter()
            .map(|column| (column.phase_name, column.projects.iter().map(|(_, line)| line.name.as_str()).collect()))
            .collect();
        assert_eq!(
            told,
            [("Intake", vec!["p"]), ("Discovery", vec!["u"]), ("Gathering documents", vec!["l", "w", "c"])]
        );
    }

    #[test]
    fn a_stored_card_is_read_back_and_an_older_one_too() {
        let card = cards().remove(3);
        let text = serde_json::to_string(&card).unwrap();
        assert_eq!(serde_json::from_str::<Card>(&text).unwrap(), card);
        let bare = r#"{"client":"01ARZ3NDEKTSV4RRFFQ69G5FAV","client_name":"Acme"}"#;
        assert_eq!(serde_json::from_str::<Card>(bare).unwrap().open_projects, 0);
    }
}
