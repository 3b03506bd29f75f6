//! What should have become of each document, worked out from the whole history at once and in another way than the
//! rules under test: stretches in which nothing changes in place of days, days counted by hand, rules written out as
//! they read, zones as their laws say. It calls nothing that it judges.

use super::timeline::{BEGIN, CATEGORIES, DAY, DAYS, Over, Timeline, What, rehearsed_at, run_at};

/// Days since 1970-01-01.
pub(super) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    // A year that begins in March has its leap day last.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

fn year_of(day: i64) -> i64 {
    let mut year = 1970 + day / 366;
    while day_number(year + 1, 1, 1) <= day {
        year += 1;
    }
    year
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn months_later(day: i64, months: i64) -> i64 {
    let year = year_of(day);
    let month = (1..=12).rev().find(|month| day_number(year, *month, 1) <= day).unwrap();
    let day_of_month = day - day_number(year, month, 1) + 1;
    let months = year * 12 + month - 1 + months;
    let (year, month) = (months / 12, months % 12 + 1);
    day_number(year, month, day_of_month.min(month_length(year, month)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    NewYork,
    Auckland,
}

impl Zone {
    pub(super) fn day_at(self, at: i64) -> i64 {
        let year = year_of(at / DAY);
        // The number of a Sunday is 3 modulo 7: 1970 began on a Thursday.
        let sunday_from = |day: i64| day + (3 - day).rem_euclid(7);
        let hours = match self {
            Zone::NewYork => {
                let summer = sunday_from(day_number(year, 3, 8)) * DAY + 7 * 3_600;
                let winter = sunday_from(day_number(year, 11, 1)) * DAY + 6 * 3_600;
                if (summer..winter).contains(&at) { -4 } else { -5 }
            }
            Zone::Auckland => {
                // Both turn on a Sunday there, which is still Saturday in UTC.
                let winter = (sunday_from(day_number(year, 4, 1)) - 1) * DAY + 14 * 3_600;
                let summer = (sunday_from(day_number(year, 9, 24)) - 1) * DAY + 14 * 3_600;
                if (winter..summer).contains(&at) { 12 } else { 13 }
            }
        };
        (at + hours * 3_600).div_euclid(DAY)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Close,
    TaxYear(i64, i64),
    Activity,
    Upload,
}

/// (which sentence of the firm's rules, from what, archived after months, deleted after months).
type Sentence = (u8, From, Option<i64>, Option<i64>);

/// The firm's rules before and after they were changed, as somebody would read them out.
fn sentence(pack: usize, category: &str, changed: bool) -> Option<Sentence> {
    match (category, pack) {
        ("Correspondence", 0) => Some((1, From::Close, None, Some(36))),
        ("Correspondence", _) if changed => Some((2, From::Activity, None, Some(24))),
        ("Correspondence", _) => Some((3, From::Activity, Some(18), Some(48))),
        ("Tax documents", _) => Some((4, From::TaxYear(12, 31), None, Some(84))),
        (_, 1) => Some((5, From::TaxYear(2, 29), Some(37), Some(84))),
        (_, 2) if changed => Some((6, From::Upload, None, Some(60))),
        (_, 2) => Some((7, From::Upload, Some(18), None)),
        _ if changed => None,
        _ => Some((8, From::Upload, None, Some(48))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Archived,
    Deleted,
}

/// All of one document's history that can matter.
struct Life<'a> {
    timeline: &'a Timeline,
    document: usize,
    zone: Zone,
    events: &'a [(i64, What)],
}

/// How a document stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stand {
    changes: usize,
    category: usize,
    rule: Option<Sentence>,
    from: Option<i64>,
    binned: bool,
}

pub(super) fn covers(timeline: &Timeline, hold: usize, document: usize) -> bool {
    let (hold, of) = (&timeline.holds[hold], &timeline.documents[document]);
    let named = match &hold.over {
        Over::Client => true,
        Over::Project(project) => *project == of.project,
        Over::Documents(documents) => documents.contains(&document),
    };
    named && hold.client == of.client
}

/// Whether any hold was in force on a document at a moment, by the history alone.
pub(super) fn held_at(timeline: &Timeline, document: usize, at: i64) -> bool {
    let covering = timeline.holds.iter().enumerate().filter(|(hold, _)| covers(timeline, *hold, document));
    covering.into_iter().any(|(_, hold)| hold.placed <= at && hold.released.is_none_or(|released| released > at))
}

/// What happened to each document, or to its project, or over it.
pub(super) fn histories(timeline: &Timeline) -> Vec<Vec<(i64, What)>> {
    let mut histories = vec![Vec::new(); timeline.documents.len()];
    for event in &timeline.events {
        let concerned: Vec<usize> = match event.what {
            What::Uploaded(of)
            | What::Active(of)
            | What::Arranged(of, _)
            | What::TaxYear(of, _)
            | What::Binned(of)
            | What::Unbinned(of) => vec![of],
            What::Closed(project) | What::Reopened(project) => {
                (0..timeline.documents.len()).filter(|of| timeline.documents[*of].project == project).collect()
            }
            What::Placed(hold) | What::Released(hold) => {
                (0..timeline.documents.len()).filter(|of| covers(timeline, hold, *of)).collect()
            }
            What::RulesChanged => (0..timeline.documents.len()).collect(),
        };
        for document in concerned {
            histories[document].push((event.at, event.what));
        }
    }
    histories
}

impl Life<'_> {
    fn before(&self, at: i64) -> impl DoubleEndedIterator<Item = (i64, What)> + '_ {
        let count = self.events.partition_point(|(then, _)| *then <= at);
        self.events[..count].iter().copied()
    }

    fn uploaded(&self) -> i64 {
        self.events.iter().find(|(_, what)| matches!(what, What::Uploaded(_))).unwrap().0
    }

    fn held(&self, at: i64) -> bool {
        let count = |wanted: fn(&What) -> bool| self.before(at).filter(|(_, what)| wanted(what)).count();
        count(|what| matches!(what, What::Placed(_))) > count(|what| matches!(what, What::Released(_)))
    }

    fn stand(&self, at: i64) -> Stand {
        let own = |(then, what): (i64, What)| {
            let own = matches!(what, What::Arranged(..) | What::TaxYear(..) | What::Binned(_) | What::Unbinned(_));
            own && then > self.uploaded()
        };
        let changes = self.before(at).filter(|event| own(*event)).count();
        let arranged = self.before(at).rev().find_map(|(_, what)| match what {
            What::Arranged(_, category) => Some(category),
            _ => None,
        });
        let category = arranged.unwrap_or(self.timeline.documents[self.document].category);
        let pack = self.timeline.projects[self.timeline.documents[self.document].project];
        let changed = self.before(at).any(|(_, what)| what == What::RulesChanged);
        let rule = sentence(pack, CATEGORIES[pack][category], changed);
        let from = rule.and_then(|(_, from, ..)| self.counted_from(from, at));
        let turned = self.before(at).rev().find(|(_, what)| matches!(what, What::Binned(_) | What::Unbinned(_)));
        let binned = matches!(turned, Some((_, What::Binned(_))));
        Stand { changes, category, rule, from, binned }
    }

    fn counted_from(&self, from: From, at: i64) -> Option<i64> {
        match from {
            From::Upload => Some(self.zone.day_at(self.uploaded())),
            From::Activity => {
                let active = |(then, what): (i64, What)| matches!(what, What::Active(_)).then_some(then);
                let last = self.before(at).filter_map(active).next_back().unwrap_or(i64::MIN);
                Some(self.zone.day_at(last.max(self.uploaded())))
            }
            From::Close => {
                let turned = |(_, what): &(i64, What)| matches!(what, What::Closed(_) | What::Reopened(_));
                match self.before(at).rev().find(turned) {
                    Some((then, What::Closed(_))) => Some(self.zone.day_at(then)),
                    _ => None,
                }
            }
            From::TaxYear(month, day) => {
                let said = |(_, what): (i64, What)| match what {
                    What::TaxYear(_, year) => Some(year),
                    _ => None,
                };
                let year = self.before(at).rev().find_map(said)?;
                Some(day_number(year, month, day.min(month_length(year, month))))
            }
        }
    }

    /// The first tick at which it is acted on after `from`, and how.
    fn next(&self, from: i64, archived: bool) -> Option<(i64, Act)> {
        let changes = self.events.iter().map(|(at, _)| *at).filter(|at| *at > from);
        let mut turns: Vec<i64> = std::iter::once(from).chain(changes).collect();
        turns.dedup();
        turns.iter().enumerate().find_map(|(place, begin)| {
            // From one change to the next all days are alike but for their number.
            let end = turns.get(place + 1).copied().unwrap_or(i64::MAX);
            let stand = self.stand(*begin);
            let (first, delete_from) = self.first_tick(&stand, *begin, archived)?;
            if self.held(*begin) || first >= DAYS || rehearsed_at(first) >= end {
                return None;
            }
            let act = match delete_from {
                Some(delete) if delete <= first => Act::Deleted,
                _ => Act::Archived,
            };
            // Something happened between the list and its run: only what is the same in all that is listed goes on.
            let run = run_at(first);
            let same = run < end || (self.stand(run) == stand && !self.held(run));
            same.then_some((first, act))
        })
    }

    /// The first tick of a stretch on which anything is due, and the one from which it is to be deleted.
    fn first_tick(&self, stand: &Stand, begin: i64, archived: bool) -> Option<(i64, Option<i64>)> {
        let (_, _, archive, delete) = stand.rule?;
        let from = stand.from?;
        let base = self.zone.day_at(rehearsed_at(0));
        let tick = |months: i64| months_later(from, months) + 1 - base;
        let archive = archive.filter(|_| !archived && !stand.binned).map(tick);
        let delete = delete.map(tick);
        let due = archive.into_iter().chain(delete).min()?;
        let begun = (begin - rehearsed_at(0) + DAY - 1).div_euclid(DAY);
        Some((due.max(begun).max(0), delete))
    }
}

/// All that should become of a document: on which days, counted from 1970, and what.
pub(super) fn acts(timeline: &Timeline, document: usize, events: &[(i64, What)], zone: Zone) -> Vec<(i64, Act)> {
    let life = Life { timeline, document, zone, events };
    let mut acts = Vec::new();
    let (mut from, mut archived) = (life.uploaded(), false);
    while let Some((tick, act)) = life.next(from, archived) {
        acts.push((zone.day_at(rehearsed_at(tick)), act));
        if act == Act::Deleted {
            break;
        }
        (from, archived) = (run_at(tick), true);
    }
    acts
}

#[test]
fn the_oracle_counts_as_calendars_do() {
    let check = |year, month, day, want| assert_eq!(day_number(year, month, day), want, "{year}-{month}-{day}");
    check(1970, 1, 1, 0);
    check(2000, 2, 29, 11_016);
    check(2020, 1, 1, BEGIN / DAY);
    check(2100, 3, 1, 47_541);
    assert_eq!((year_of(day_number(2020, 12, 31)), year_of(day_number(2021, 1, 1))), (2020, 2021));
    assert_eq!(months_later(day_number(2024, 2, 29), 12), day_number(2025, 2, 28));
    assert_eq!(months_later(day_number(2023, 12, 31), 2), day_number(2024, 2, 29));
    let day = |zone: Zone, at: &str| zone.day_at(super::at(at).as_second());
    let check = |zone, at: &str, (y, m, d)| assert_eq!(day(zone, at), day_number(y, m, d), "{zone:?} {at}");
    check(Zone::NewYork, "2024-03-10T04:59:59Z", (2024, 3, 9));
    check(Zone::NewYork, "2024-03-11T04:00:00Z", (2024, 3, 11));
    check(Zone::NewYork, "2024-11-03T04:00:00Z", (2024, 11, 3));
    check(Zone::NewYork, "2024-11-04T04:59:59Z", (2024, 11, 3));
    check(Zone::Auckland, "2024-04-06T11:00:00Z", (2024, 4, 7));
    check(Zone::Auckland, "2024-04-07T11:59:59Z", (2024, 4, 7));
    check(Zone::Auckland, "2024-09-29T10:59:59Z", (2024, 9, 29));
    check(Zone::Auckland, "2024-09-29T11:00:00Z", (2024, 9, 30));
}
