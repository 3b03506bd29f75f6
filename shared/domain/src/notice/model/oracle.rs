//! When and how people hear of something, worked out the long way: a watch that is read minute after minute, zones as
//! their laws say, days counted by hand. Numbers only; it calls nothing that it judges.

/// Seconds since 1970 of 2026-01-01 and of 2030-01-01, in UTC.
pub(super) const BEGIN: i64 = 1_767_225_600;
pub(super) const END: i64 = 1_893_456_000;
const DAY: i64 = 86_400;
/// Walks of the deployed portal go on after the last day of the rules' own.
const LAST_YEAR: i64 = 2032;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Berlin,
    NewYork,
    LordHowe,
    Kathmandu,
}

impl Place {
    pub(super) const ALL: [Place; 4] = [Place::Berlin, Place::NewYork, Place::LordHowe, Place::Kathmandu];

    pub(super) fn name(self) -> &'static str {
        match self {
            Place::Berlin => "Europe/Berlin",
            Place::NewYork => "America/New_York",
            Place::LordHowe => "Australia/Lord_Howe",
            Place::Kathmandu => "Asia/Kathmandu",
        }
    }
}

/// The day, since 1970, of a month's first: counted up day by day from 2025 on.
fn first_of(year: i64, month: i64) -> i64 {
    let lengths = |year: i64| [31, if year % 4 == 0 { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    // 2025-01-01.
    let mut day = 20_089;
    for (of, month_of) in (2025..=year).flat_map(|year| (1..=12).map(move |month| (year, month))) {
        if (of, month_of) == (year, month) {
            break;
        }
        day += lengths(of)[month_of as usize - 1];
    }
    day
}

/// The first Sunday from a day on. 1970 began on a Thursday.
fn sunday_from(mut day: i64) -> i64 {
    while (day + 4) % 7 != 0 {
        day += 1;
    }
    day
}

/// From and until when, in seconds of UTC, a year's summer time is; where it is turned round, in the south, what lies
/// between is winter.
fn law(place: Place, year: i64) -> Option<(i64, i64)> {
    match place {
        // The last Sundays of March and October, one o'clock UTC.
        Place::Berlin => Some((
            (sunday_from(first_of(year, 4)) - 7) * DAY + 3_600,
            (sunday_from(first_of(year, 11)) - 7) * DAY + 3_600,
        )),
        // The second Sunday of March, two o'clock of winter; the first of November, two o'clock of summer.
        Place::NewYork => Some((
            (sunday_from(first_of(year, 3)) + 7) * DAY + 7 * 3_600,
            sunday_from(first_of(year, 11)) * DAY + 6 * 3_600,
        )),
        // The first Sundays of April and October, two o'clock of what is until then: on Saturday in UTC.
        Place::LordHowe => Some((
            sunday_from(first_of(year, 4)) * DAY + 2 * 3_600 - 11 * 3_600,
            sunday_from(first_of(year, 10)) * DAY + 2 * 3_600 - 10 * 3_600 - 1_800,
        )),
        Place::Kathmandu => None,
    }
}

/// All changes of clocks in these years, in seconds of UTC.
pub(super) fn changes(place: Place) -> Vec<i64> {
    (2026..2030).filter_map(|year| law(place, year)).flat_map(|(one, other)| [one, other]).collect()
}

/// A watch that shows a place's time, in minutes since 1970.
struct Watch {
    place: Place,
    /// Stretches between two changes of one year.
    between: Vec<(i64, i64)>,
}

impl Watch {
    fn of(place: Place) -> Self {
        Self { place, between: (2025..=LAST_YEAR).filter_map(|year| law(place, year)).collect() }
    }

    fn shows(&self, minute: i64) -> i64 {
        let between = self.between.iter().any(|(from, until)| *from <= minute * 60 && minute * 60 < *until);
        let offset = match (self.place, between) {
            (Place::Berlin, true) => 120,
            (Place::Berlin, false) => 60,
            (Place::NewYork, true) => -240,
            (Place::NewYork, false) => -300,
            (Place::LordHowe, true) => 630,
            (Place::LordHowe, false) => 660,
            (Place::Kathmandu, _) => 345,
        };
        minute + offset
    }
}

/// How often what is hard came up.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) held: usize,
    /// Told at night or by itself, because the morning or the digest would have been too late.
    pub(super) urgent: usize,
    /// Digests whose hour was skipped, or came twice.
    pub(super) skipped_hours: usize,
    pub(super) twofold_hours: usize,
    /// Quiet hours in which clocks changed.
    pub(super) odd_nights: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Mail,
    Text,
    Digest,
}

impl Way {
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Mail => "mail",
            Way::Text => "text",
            Way::Digest => "digest",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) way: Way,
    pub(super) at: i64,
}

/// Tier (critical, standard, informational) and least pace (at once, daily, weekly, off) of a kind, by number.
pub(super) fn usual(kind: &str) -> (usize, usize) {
    match kind {
        "deadline" | "invoice" | "signature" => (0, 0),
        "summary" | "newsletter" => (2, 3),
        _ => (1, 2),
    }
}

/// What somebody chose.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) place: Place,
    /// Minutes of the day.
    pub(super) quiet: Option<(usize, usize)>,
    pub(super) hour: usize,
    /// Since Monday.
    pub(super) day: usize,
    paces: [Option<usize>; 16],
    texts: [bool; 16],
}

/// As a tier has it that nobody turned down.
fn unchosen((tier, least): (usize, usize)) -> usize {
    if tier == 2 && least >= 2 {
        2
    } else if tier == 2 {
        least
    } else {
        0
    }
}

impl Person {
    pub(super) fn new(place: Place) -> Self {
        Self { place, quiet: None, hour: 8, day: 0, paces: [None; 16], texts: [true; 16] }
    }

    pub(super) fn choose(&mut self, kind: usize, pace: usize, texts: bool, rule: (usize, usize)) {
        self.paces[kind] = if pace == unchosen(rule) { None } else { Some(pace) };
        self.texts[kind] = texts;
    }

    fn pace(&self, kind: usize, rule: (usize, usize)) -> usize {
        match self.paces[kind] {
            Some(pace) if pace <= rule.1 => pace,
            Some(_) => rule.1,
            None => unchosen(rule),
        }
    }

    /// Whether there was anything to turn down.
    pub(super) fn turn_down(&mut self, kind: usize, rule: (usize, usize)) -> bool {
        let before = self.pace(kind, rule);
        let texts = self.texts[kind];
        self.choose(kind, rule.1, texts, rule);
        before != rule.1
    }

    pub(super) fn hears(
        &self,
        kind: usize,
        rule: (usize, usize),
        at: i64,
        due: Option<i64>,
        phone: bool,
        seen: &mut Seen,
    ) -> Vec<Told> {
        let is_ahead = due.filter(|due| *due > at);
        let pace = self.pace(kind, rule);
        if pace == 3 {
            return vec![];
        }
        if pace > 0 {
            let digest = self.digest(at, pace == 2, seen);
            if is_ahead.is_none_or(|due| due > digest) {
                return vec![Told { way: Way::Digest, at: digest }];
            }
            seen.urgent += 1;
        }
        let morning = self.morning(at, seen);
        let mut disturbed = morning;
        if morning > at {
            seen.held += 1;
            if is_ahead.is_some_and(|due| due <= morning) {
                disturbed = at;
                seen.urgent += 1;
            }
        }
        let is_critical = rule.0 == 0;
        let mut told = vec![Told { way: Way::Mail, at: if is_critical { at } else { disturbed } }];
        if is_critical && pace == 0 && phone && self.texts[kind] {
            told.push(Told { way: Way::Text, at: disturbed });
        }
        told
    }

    /// Reads the watch until it is not quiet.
    fn morning(&self, at: i64, seen: &mut Seen) -> i64 {
        let Some((start, end)) = self.quiet else { return at };
        let mut is_quiet = [false; 1_440];
        let mut minute = start;
        while minute != end {
            is_quiet[minute] = true;
            minute = (minute + 1) % 1_440;
        }
        let watch = Watch::of(self.place);
        let quiet = |minute: i64| is_quiet[watch.shows(minute) as usize % 1_440];
        let begin = at / 60;
        if !quiet(begin) {
            return at;
        }
        let mut minute = begin + 1;
        while quiet(minute) {
            minute += 1;
        }
        seen.odd_nights += usize::from(watch.shows(minute) - watch.shows(begin) != minute - begin);
        minute * 60
    }

    /// Reads the watch, from two days before on, until it shows the hour or a later one for the first time.
    fn digest(&self, at: i64, weekly: bool, seen: &mut Seen) -> i64 {
        let watch = Watch::of(self.place);
        let mut minute = at / 60 - 2 * 1_440;
        let mut latest = watch.shows(minute);
        loop {
            minute += 1;
            let shown = watch.shows(minute);
            for passed in latest + 1..=shown {
                // Day 0 was a Thursday.
                let (day, of_day) = (passed / 1_440, passed % 1_440);
                let is_due = of_day == self.hour as i64 * 60 && (!weekly || (day + 3) % 7 == self.day as i64);
                if is_due && minute * 60 > at {
                    seen.skipped_hours += usize::from(passed != shown || watch.shows(minute - 1) != passed - 1);
                    let again = |later: &i64| watch.shows(minute + later) == passed;
                    seen.twofold_hours += usize::from([30, 60].iter().any(again));
                    return minute * 60;
                }
            }
            // It shows the hour once more, and nothing comes.
            let again = shown <= latest && shown % 1_440 == self.hour as i64 * 60 && minute * 60 > at;
            seen.twofold_hours += usize::from(again);
            latest = latest.max(shown);
        }
    }
}
