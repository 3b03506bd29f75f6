//! Many clients at once: what the partners' board counts and orders. Of each client it holds days and places alone, so
//! that those of a whole firm are read at once; what a row says comes from the client's card.

use std::cmp::Reverse;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::card::{Card, Days};
use crate::ClientId;
use crate::packs::Pack;

/// A client's card, as far as the board counts and orders it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Outline {
    pub client: ClientId,
    /// All open projects, those that do not fit the card included.
    pub open_projects: usize,
    /// Those of the card, in its order.
    pub projects: Vec<Brief>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief {
    pub pack: Pack,
    pub phase: usize,
    pub days: Days,
}

/// As it is stored: thousands of them are read for one page, so nothing is named twice.
#[derive(Serialize, Deserialize)]
struct Written(ClientId, usize, Vec<(Pack, usize, i32, i32)>);

impl From<Outline> for Written {
    fn from(outline: Outline) -> Self {
        let brief = |brief: Brief| (brief.pack, brief.phase, digits(brief.days.next_due), digits(brief.days.update_by));
        Written(outline.client, outline.open_projects, outline.projects.into_iter().map(brief).collect())
    }
}

impl From<Written> for Outline {
    fn from(Written(client, open_projects, projects): Written) -> Self {
        let brief = |(pack, phase, next_due, update_by)| Brief {
            pack,
            phase,
            days: Days { next_due: day(next_due), update_by: day(update_by) },
        };
        Self { client, open_projects, projects: projects.into_iter().map(brief).collect() }
    }
}

/// A day as `20261124`, and none as 0.
fn digits(day: Option<Date>) -> i32 {
    day.map_or(0, |day| i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day()))
}

fn day(digits: i32) -> Option<Date> {
    let part = |value: i32| i8::try_from(value).ok();
    Date::new(i16::try_from(digits / 10_000).ok()?, part(digits / 100 % 100)?, part(digits % 100)?).ok()
}

impl From<&Card> for Outline {
    fn from(card: &Card) -> Self {
        let brief = |line: &super::card::Line| Brief { pack: line.pack, phase: line.phase, days: line.days() };
        Self {
            client: card.client.clone(),
            open_projects: card.open_projects,
            projects: card.projects.iter().map(brief).collect(),
        }
    }
}

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

pub fn figures(outlines: &[Outline], today: Date) -> Figures {
    let projects = || outlines.iter().flat_map(|outline| &outline.projects);
    Figures {
        clients: outlines.len(),
        projects: outlines.iter().map(|outline| outline.open_projects).sum(),
        overdue: projects().filter(|project| project.days.overdue(today) > 0).count(),
        unheard: projects().filter(|project| project.days.unheard(today) > 0).count(),
    }
}

/// One project on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    pub client: &'a ClientId,
    /// Its place on the client's card.
    pub place: usize,
    pub brief: Brief,
}

/// Every project of every card, the most late first, then by the next day that matters.
pub fn entries(outlines: &[Outline], today: Date) -> Vec<Entry<'_>> {
    let mut list: Vec<Entry<'_>> = Vec::new();
    for outline in outlines {
        let entry = |(place, brief): (usize, &Brief)| Entry { client: &outline.client, place, brief: *brief };
        list.extend(outline.projects.iter().enumerate().map(entry));
    }
    list.sort_by_cached_key(|entry| {
        let days = entry.brief.days;
        (Reverse(days.late(today)), days.first().unwrap_or(Date::MAX), entry.client, entry.place)
    });
    list
}

#[cfg(test)]
mod tests {
    use super::super::card::{Line, most_urgent_first};
    use super::*;
    use crate::ProjectId;
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

    fn outlines() -> Vec<Outline> {
        cards().iter().map(Outline::from).collect()
    }

    #[test]
    fn what_is_late_comes_first_and_nobody_is_left_out() {
        let mut cards = cards();
        most_urgent_first(&mut cards, TODAY);
        let names: Vec<&str> = cards.iter().map(|card| card.client_name.as_str()).collect();
        assert_eq!(names, ["Unheard", "Late", "Promised", "Next week", "Calm", "Quiet"]);
        let want = Figures { clients: 6, projects: 5, overdue: 1, unheard: 1 };
        assert_eq!(figures(&outlines(), TODAY), want);
        // The same cards a month later: what was coming is late.
        assert_eq!(figures(&outlines(), date(2026, 12, 24)), Figures { overdue: 2, unheard: 2, ..want });
    }

    #[test]
    fn the_board_goes_by_what_is_late_and_then_by_the_next_day() {
        let (cards, outlines) = (cards(), outlines());
        let name = |entry: &Entry<'_>| {
            let card = cards.iter().find(|card| card.client == *entry.client).unwrap();
            card.projects[entry.place].name.clone()
        };
        let told: Vec<String> = entries(&outlines, TODAY).iter().map(name).collect();
        assert_eq!(told, ["u", "l", "p", "w", "c"]);
    }

    #[test]
    fn an_outline_is_short_and_is_read_back() {
        let outline = Outline::from(&cards()[3]);
        let text = serde_json::to_string(&outline).unwrap();
        assert_eq!(text, format!(r#"["{}",1,[["tax",1,20261122,20261230]]]"#, outline.client));
        assert_eq!(serde_json::from_str::<Outline>(&text).unwrap(), outline);
        for outline in outlines() {
            assert_eq!(serde_json::from_str::<Outline>(&serde_json::to_string(&outline).unwrap()).unwrap(), outline);
        }
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
