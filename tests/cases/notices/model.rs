//! Who hears of what, how and when, said plainly.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::oracle::{self, Place, Told, Way};

/// One notice to one person (by its place) on one channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Effect {
    pub(super) outbox: String,
    pub(super) person: usize,
    pub(super) channel: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Deadline,
    MessageOfFirm,
    MessageOfClient,
    List,
    DocumentOfFirm,
    DocumentOfClient,
    Refused,
    Progress,
}

impl What {
    pub(super) const ALL: [What; 8] = [
        What::Deadline,
        What::MessageOfFirm,
        What::MessageOfClient,
        What::List,
        What::DocumentOfFirm,
        What::DocumentOfClient,
        What::Refused,
        What::Progress,
    ];

    /// By the order of the settings page.
    fn kind(self) -> usize {
        match self {
            What::Deadline => 0,
            What::MessageOfFirm | What::MessageOfClient => 3,
            What::List => 4,
            What::DocumentOfFirm | What::DocumentOfClient => 5,
            What::Refused => 6,
            What::Progress => 7,
        }
    }

    /// For how long it waits for more of its kind, and for how long at the most: what the local deployment makes of it.
    fn waits(self) -> Option<(i64, i64)> {
        match self {
            What::MessageOfFirm | What::MessageOfClient => Some((12, 48)),
            What::DocumentOfFirm | What::DocumentOfClient | What::Refused => Some((48, 240)),
            What::Deadline | What::List | What::Progress => None,
        }
    }

    pub(super) fn is_folded(self) -> bool {
        self.waits().is_some()
    }
}

/// What is told, and to whom it could be.
#[derive(Debug, Clone)]
pub(super) struct Happened {
    pub(super) outbox: String,
    pub(super) what: What,
    /// People who may hear of it, by their places.
    pub(super) hearers: Vec<usize>,
    /// By when it has to be known.
    pub(super) due: Option<i64>,
}

pub(super) struct Row {
    pub(super) outbox: String,
    of: Happened,
    at: i64,
    /// When somebody looks at it again.
    wake: Option<i64>,
}

struct Somebody {
    plain: oracle::Person,
    has_phone: bool,
}

#[derive(Default)]
struct Slot {
    lines: BTreeSet<usize>,
    /// Its own instant, or that at which the last of what came late was put there.
    due: i64,
    has_left: bool,
}

/// How often each came up.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Ways {
    pub(super) at_once: usize,
    pub(super) held: usize,
    pub(super) digests: usize,
    pub(super) texts: usize,
}

pub(super) struct Model {
    people: Vec<Somebody>,
    /// Tier and least of each kind.
    pub(super) rules: Vec<(usize, usize)>,
    pub(super) rows: Vec<Row>,
    slots: BTreeMap<(usize, i64), Slot>,
    pub(super) told: BTreeSet<Effect>,
    pub(super) seen: Ways,
}

const KINDS: [&str; 11] = [
    "deadline",
    "invoice",
    "signature",
    "message",
    "request",
    "document",
    "refused_file",
    "progress",
    "appointment",
    "summary",
    "newsletter",
];
pub(super) const TIERS: [&str; 3] = ["critical", "standard", "informational"];
pub(super) const PACES: [&str; 4] = ["at_once", "daily", "weekly", "off"];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Only the last so many rows are brought again.
pub(super) const BROUGHT_AGAIN: usize = 40;
/// More than can happen while one fold is open.
const LARGEST_FOLD: usize = 12;
/// Those that these walks are about.
const USED: [usize; 6] = [0, 3, 4, 5, 6, 7];
/// Where the firm is.
const FIRM: Place = Place::NewYork;

pub(super) fn kind_name(kind: usize) -> &'static str {
    KINDS[kind]
}

/// A form, and what it makes of its person.
pub(super) struct Drawn {
    pub(super) form: Value,
    pub(super) accepted: bool,
    place: Option<Place>,
    quiet: Option<(usize, usize)>,
    hour: usize,
    day: usize,
    kinds: BTreeMap<usize, (usize, bool)>,
}

type Draw<'a> = &'a mut dyn FnMut(usize) -> usize;

impl Model {
    /// Of people with or without a phone that is proven to be theirs.
    pub(super) fn new(phones: &[bool]) -> Self {
        let somebody = |has_phone: &bool| Somebody { plain: oracle::Person::new(FIRM), has_phone: *has_phone };
        Self {
            people: phones.iter().map(somebody).collect(),
            rules: KINDS.iter().map(|kind| oracle::usual(kind)).collect(),
            rows: Vec::new(),
            slots: BTreeMap::new(),
            told: BTreeSet::new(),
            seen: Ways::default(),
        }
    }

    /// Nothing of it is to come any more.
    pub(super) fn forget(&mut self) {
        self.rows.clear();
        self.slots.clear();
        self.told.clear();
    }

    pub(super) fn other_rule(&self, draw: Draw<'_>) -> (usize, (usize, usize)) {
        (USED[draw(USED.len())], (draw(3), draw(4).max(draw(4))))
    }

    pub(super) fn draw_preferences(&self, draw: Draw<'_>) -> Drawn {
        let place = [None, Some(0), Some(1), Some(2), Some(3)][draw(5)].map(|place: usize| Place::ALL[place]);
        let quiet = match draw(6) {
            0 => None,
            1 => Some((draw(48) * 30, draw(48) * 30)),
            // Around the hours at which clocks change.
            2 | 3 => Some((22 * 60, 45 + draw(11) * 15)),
            _ => Some((draw(4) * 15 + 60, draw(1440))),
        };
        // The hours that are skipped or come twice, as often as all others.
        let hour = if draw(2) == 0 { 1 + draw(2) } else { draw(24) };
        let day = draw(7);
        let kinds: BTreeMap<usize, (usize, bool)> =
            (0..2).map(|_| (USED[draw(USED.len())], (draw(4).min(draw(4)), draw(4) != 0))).collect();
        let clock = |minute: usize| format!("{}:{:02}", minute / 60, minute % 60);
        let choice = |(kind, (pace, sms)): (&usize, &(usize, bool))| {
            (KINDS[*kind].to_owned(), json!({ "pace": PACES[*pace], "sms": sms }))
        };
        let form = json!({
            "kinds": kinds.iter().map(choice).collect::<serde_json::Map<_, _>>(),
            "zone": place.map(Place::name),
            "quiet_start": quiet.map(|(start, _)| clock(start)),
            "quiet_end": quiet.map(|(_, end)| clock(end)),
            "digest_hour": hour.to_string(),
            "digest_day": DAYS[day],
        });
        let accepted = kinds.iter().all(|(kind, (pace, _))| *pace <= self.rules[*kind].1);
        Drawn { form, accepted, place, quiet, hour, day, kinds }
    }

    pub(super) fn take(&mut self, of: usize, drawn: Drawn) {
        let plain = &mut self.people[of].plain;
        for (kind, (pace, sms)) in drawn.kinds {
            plain.choose(kind, pace, sms, self.rules[kind]);
        }
        plain.place = drawn.place.unwrap_or(FIRM);
        (plain.quiet, plain.hour, plain.day) = (drawn.quiet, drawn.hour, drawn.day);
    }

    pub(super) fn happened(&mut self, of: Happened, at: i64) -> usize {
        self.rows.push(Row { outbox: of.outbox.clone(), of, at, wake: None });
        self.rows.len() - 1
    }

    /// Told with which others, and when the last of them is in.
    fn together(&self, number: usize) -> (Vec<usize>, i64) {
        let row = &self.rows[number];
        let Some((pause, longest)) = row.of.what.waits() else { return (vec![number], row.at) };
        let (mut fold, mut first, mut closes): (Vec<usize>, i64, i64) = (Vec::new(), 0, 0);
        for (other, its) in self.rows.iter().enumerate().filter(|(_, its)| its.of.what == row.of.what) {
            if fold.is_empty() || its.at >= closes {
                if fold.contains(&number) {
                    break;
                }
                fold.clear();
                first = its.at;
            }
            fold.push(other);
            closes = (its.at + pause).min(first + longest);
        }
        (fold, closes)
    }

    /// Somebody looks at it.
    pub(super) fn brought(&mut self, number: usize, now: i64) {
        let (fold, closes) = self.together(number);
        if now < closes {
            self.rows[number].wake = Some(closes);
            return;
        }
        let of = self.rows[number].of.clone();
        let mut later = None::<i64>;
        for person in of.hearers {
            for Told { way, at } in self.hears(person, of.what, closes, of.due) {
                let channel = if way == Way::Text { "sms" } else { "email" };
                if way == Way::Digest {
                    let slot = self.slots.entry((person, at)).or_default();
                    if slot.has_left {
                        self.tell(number, &fold, person, channel);
                    } else {
                        slot.lines.insert(number);
                        slot.due = at.max(now);
                        self.seen.digests += 1;
                    }
                } else if at > now {
                    later = Some(later.map_or(at, |first| first.min(at)));
                    self.seen.held += 1;
                } else {
                    self.tell(number, &fold, person, channel);
                    self.seen.at_once += 1;
                    self.seen.texts += usize::from(way == Way::Text);
                }
            }
        }
        if later.is_some() {
            self.rows[number].wake = later;
        }
    }

    pub(super) fn tick(&mut self, now: i64) {
        let awake: Vec<usize> =
            (0..self.rows.len()).filter(|number| self.rows[*number].wake.is_some_and(|wake| wake <= now)).collect();
        for number in awake {
            self.rows[number].wake = None;
            self.brought(number, now);
        }
        let leaving: Vec<(usize, i64)> =
            self.due_slots().filter(|(_, slot)| slot.due <= now).map(|(of, _)| *of).collect();
        for (person, at) in leaving {
            let Some(slot) = self.slots.get_mut(&(person, at)) else { continue };
            slot.has_left = true;
            for number in slot.lines.clone() {
                // Turned off meanwhile, it is not told.
                let what = self.rows[number].of.what;
                if !self.hears(person, what, now, None).is_empty() {
                    self.tell(number, &[number], person, "email");
                }
            }
        }
    }

    /// Rows that are looked at again, and when: from one on.
    pub(super) fn held(&self, from: Option<&str>) -> BTreeMap<String, i64> {
        let rows = self.rows.iter().filter(|row| from.is_none_or(|from| row.outbox.as_str() >= from));
        rows.filter_map(|row| Some((row.outbox.clone(), row.wake?))).collect()
    }

    /// The first row of which a tick may tell something: what is awake by then, and what digests due by then hold.
    pub(super) fn first_due(&self, now: i64) -> Option<usize> {
        let awake = (0..self.rows.len()).filter(|number| self.rows[*number].wake.is_some_and(|wake| wake <= now));
        let lines =
            self.due_slots().filter(|(_, slot)| slot.due <= now).flat_map(|(_, slot)| slot.lines.iter().copied());
        awake.chain(lines).min()
    }

    /// The first row that may be told together with one.
    pub(super) fn first_with(&self, number: usize) -> Option<&str> {
        self.rows.get(number.saturating_sub(LARGEST_FOLD)).map(|row| row.outbox.as_str())
    }

    fn due_slots(&self) -> impl Iterator<Item = (&(usize, i64), &Slot)> {
        self.slots.iter().filter(|(_, slot)| !slot.has_left)
    }

    /// When something comes next.
    pub(super) fn next_due(&self) -> Option<i64> {
        self.rows.iter().filter_map(|row| row.wake).chain(self.due_slots().map(|(_, slot)| slot.due)).min()
    }

    fn hears(&self, person: usize, what: What, at: i64, due: Option<i64>) -> Vec<Told> {
        let Somebody { plain, has_phone } = &self.people[person];
        let (kind, mut seen) = (what.kind(), oracle::Seen::default());
        plain.hears(kind, self.rules[kind], at, due, *has_phone, &mut seen)
    }

    /// The row, and what is told with it, unless it was told before: the others come by themselves then.
    fn tell(&mut self, row: usize, together: &[usize], person: usize, channel: &'static str) {
        let own = Effect { outbox: self.rows[row].outbox.clone(), person, channel };
        if self.told.contains(&own) {
            return;
        }
        for number in together {
            let outbox = self.rows[*number].outbox.clone();
            self.told.insert(Effect { outbox, person, channel });
        }
    }
}
