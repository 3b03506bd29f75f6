//! Ten years of a firm, drawn at random from a seed: uploads, activity, closes, holds. Numbers only, so that the rules
//! under test and the oracle read the same history and share nothing else.

/// Seconds since 1970 of 2020-01-01 and of 2030-01-01, in UTC.
pub(super) const BEGIN: i64 = 1_577_836_800;
pub(super) const END: i64 = 1_893_456_000;
pub(super) const DAY: i64 = 24 * 60 * 60;
pub(super) const DAYS: i64 = (END - BEGIN) / DAY;

/// Each day a list is made, and two hours later it is run.
pub(super) fn rehearsed_at(tick: i64) -> i64 {
    BEGIN + tick * DAY + 12 * 60 * 60
}
pub(super) fn run_at(tick: i64) -> i64 {
    rehearsed_at(tick) + 2 * 60 * 60
}

/// Packs by number, and the categories that documents of them have here.
pub(super) const CATEGORIES: [&[&str]; 4] = [
    &["Correspondence", "Pleadings"],
    &["Correspondence", "Tax returns"],
    &["Correspondence", "Deliverables"],
    &["Correspondence", "Tax documents", "Plans"],
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Uploaded(usize),
    Active(usize),
    /// Filed under another of its pack's categories.
    Arranged(usize, usize),
    TaxYear(usize, i64),
    Binned(usize),
    Unbinned(usize),
    Closed(usize),
    Reopened(usize),
    Placed(usize),
    Released(usize),
    RulesChanged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) at: i64,
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    pub(super) client: usize,
    pub(super) project: usize,
    pub(super) category: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Over {
    Client,
    Project(usize),
    Documents(Vec<usize>),
}

#[derive(Debug, Clone)]
pub(super) struct Hold {
    pub(super) client: usize,
    pub(super) over: Over,
    pub(super) placed: i64,
    pub(super) released: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) clients: usize,
    /// The pack of each; its client is its number modulo theirs.
    pub(super) projects: Vec<usize>,
    pub(super) documents: Vec<Document>,
    pub(super) holds: Vec<Hold>,
    /// By time.
    pub(super) events: Vec<Event>,
}

/// SplitMix64: small, and the same on every machine.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound.unsigned_abs()) as i64
    }

    fn index(&mut self, bound: usize) -> usize {
        self.below(bound as i64) as usize
    }

    fn one_in(&mut self, odds: i64) -> bool {
        self.below(odds) == 0
    }

    /// An instant from `from` on, often one at which something could go wrong: around midnight in either zone, at a
    /// leap day or a year's end, between a rehearsal and its run, at the very second of one.
    fn instant(&mut self, from: i64) -> i64 {
        let mut day = from / DAY + 1 + self.below(((END - from) / DAY - 1).max(1));
        if self.one_in(12) {
            // 28 and 29 February and 1 March of leap years, the ends of some years.
            let days = [18_320, 18_321, 18_322, 19_781, 19_782, 19_783, 21_242, 21_243, 21_244, 18_627, 19_357, 20_088];
            day = days[self.index(days.len())];
        }
        let second = match self.below(8) {
            0 => [17_999, 18_000, 14_399, 14_400][self.index(4)],
            1 => [39_599, 39_600, 43_199, 43_200][self.index(4)],
            2 => 46_800 + self.below(60),
            3 => [50_399, 50_400, 50_401][self.index(3)],
            _ => self.below(DAY),
        };
        (day * DAY + second).max(from + 1)
    }
}

pub(super) fn drawn(seed: u64, documents: usize) -> Timeline {
    let mut dice = Dice(seed);
    let clients = (documents / 250).max(5);
    let projects = (0..clients * 6).map(|_| dice.index(CATEGORIES.len())).collect();
    let mut timeline = Timeline { clients, projects, documents: vec![], holds: vec![], events: vec![] };
    timeline.events.push(Event { at: BEGIN + 6 * 365 * DAY + 13 * 60 * 60, what: What::RulesChanged });
    for project in 0..timeline.projects.len() {
        timeline.draw_closes(project, &mut dice);
    }
    for _ in 0..documents {
        timeline.draw_document(&mut dice);
    }
    for _ in 0..clients * 8 {
        timeline.draw_hold(&mut dice);
    }
    timeline.sort();
    timeline
}

impl Timeline {
    pub(super) fn client_of(&self, project: usize) -> usize {
        project % self.clients
    }

    /// Something happens to a document between the rehearsal of a tick and its run.
    pub(super) fn disturb(&mut self, document: usize, tick: i64, dice: &mut Dice) {
        let at = rehearsed_at(tick) + 1 + dice.below(run_at(tick) - rehearsed_at(tick));
        let Document { client, project, category } = self.documents[document];
        match dice.below(8) {
            0 => self.push(at, What::Active(document)),
            1 => self.push(at, What::Arranged(document, 1 - category.min(1))),
            2 => self.push(at, What::TaxYear(document, 2014 + dice.below(4))),
            3 => self.push(at, What::Binned(document)),
            4 => self.push(at, What::Reopened(project)),
            5 => self.place(client, Over::Documents(vec![document]), at, Some(at + 1 + dice.below(40 * DAY))),
            6 => self.place(client, Over::Project(project), at, Some(at + 1 + dice.below(DAY))),
            // Over again before anybody looks.
            _ => self.place(client, Over::Client, at - 1, Some(at)),
        }
        self.sort();
    }

    /// Of two at the same second the first drawn comes first, for everybody.
    fn sort(&mut self) {
        self.events.sort_by_key(|event| event.at);
        self.events.retain(|event| event.at < END);
    }

    fn push(&mut self, at: i64, what: What) {
        self.events.push(Event { at, what });
    }

    /// Closed after a year or more, sometimes opened again, sometimes within the hour.
    fn draw_closes(&mut self, project: usize, dice: &mut Dice) {
        let mut at = BEGIN;
        while !dice.one_in(4) {
            let earliest = at + dice.below(3 * 365) * DAY;
            at = dice.instant(earliest);
            self.push(at, What::Closed(project));
            if !dice.one_in(3) {
                return;
            }
            at = if dice.one_in(2) { at + 1 + dice.below(3_600) } else { dice.instant(at) };
            self.push(at, What::Reopened(project));
        }
    }

    fn draw_document(&mut self, dice: &mut Dice) {
        let number = self.documents.len();
        let project = dice.index(self.projects.len());
        let categories = CATEGORIES[self.projects[project]].len();
        let document = Document { client: self.client_of(project), project, category: dice.index(categories) };
        let uploaded = loop {
            let at = dice.instant(BEGIN);
            if at < BEGIN + 8 * 365 * DAY {
                break at;
            }
        };
        self.documents.push(document);
        self.push(uploaded, What::Uploaded(number));
        for _ in 0..dice.below(4) {
            let at = dice.instant(uploaded);
            self.push(at, What::Active(number));
        }
        if dice.one_in(6) {
            let (at, category) = (dice.instant(uploaded), dice.index(categories));
            self.push(at, What::Arranged(number, category));
        }
        while !dice.one_in(3) {
            let (at, year) = (dice.instant(uploaded), 2013 + dice.below(12));
            self.push(at, What::TaxYear(number, year));
        }
        if dice.one_in(8) {
            let at = dice.instant(uploaded);
            self.push(at, What::Binned(number));
            if dice.one_in(2) {
                let back = dice.instant(at);
                self.push(back, What::Unbinned(number));
            }
        }
    }

    fn draw_hold(&mut self, dice: &mut Dice) {
        let client = dice.index(self.clients);
        let own = |timeline: &Self, dice: &mut Dice| loop {
            let project = dice.index(timeline.projects.len());
            if timeline.client_of(project) == client {
                break project;
            }
        };
        let over = match dice.below(10) {
            0 => Over::Client,
            1..=4 => Over::Project(own(self, dice)),
            // Some of these are another client's: such a hold must not hold them.
            _ => Over::Documents((0..12).map(|_| dice.index(self.documents.len())).collect()),
        };
        let placed = dice.instant(BEGIN);
        let released = match dice.below(10) {
            0 => None,
            1 | 2 => Some(placed + 1 + dice.below(2 * DAY)),
            _ => Some(placed + 1 + dice.below(500 * DAY)),
        };
        self.place(client, over, placed, released);
    }

    fn place(&mut self, client: usize, over: Over, placed: i64, released: Option<i64>) {
        let number = self.holds.len();
        self.holds.push(Hold { client, over, placed, released });
        self.push(placed, What::Placed(number));
        if let Some(released) = released {
            self.push(released, What::Released(number));
        }
    }
}
