//! A client as one card, on homes of staff, on the partner's board and in lists. Cards are stored, so they hold days
//! and no distances: what is due in three days is late next week. Names, phases, days and counts, never a document's
//! title: cards lie outside of the client's own partition.

use std::cmp::Reverse;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Project, Standing};
use crate::message::{Side, Thread, Topic};
use crate::request::Request;
use crate::{ClientId, ProjectId, RequestId, limits, packs::Pack};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Card {
    pub client: ClientId,
    pub client_name: String,
    /// The most urgent open projects.
    #[serde(default)]
    pub projects: Vec<Line>,
    /// All open projects, those that do not fit the card included.
    #[serde(default)]
    pub open_projects: usize,
    /// Documents that are on their way: announced, or being checked.
    #[serde(default)]
    pub documents_waiting: usize,
    /// Request lists of which nothing is with the client any more: the firm looks through them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivered: Vec<Delivered>,
    /// Request lists of which something has come and something is still with the client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub begun: Vec<Begun>,
    /// Conversations that wait for the firm's answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_activity_at: Option<Timestamp>,
    /// Names of the staff assigned to it; on the partner's board only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff: Vec<String>,
}

/// A request list that waits for the firm; what it is called lies in the client's own rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Delivered {
    pub request: RequestId,
    pub project: ProjectId,
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// A request list of which some lines are to be looked at and others are not given yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Begun {
    pub request: RequestId,
    pub project: ProjectId,
    /// Lines to look at.
    pub lines: usize,
    /// Since when the first of them is.
    #[schemars(with = "String")]
    pub since: Timestamp,
}

impl Begun {
    /// The longest waiting first.
    pub fn of(requests: &[Request]) -> Vec<Self> {
        let begun = |request: &Request| {
            request.missing().next()?;
            let given: Vec<Timestamp> = request.lines.iter().filter_map(|line| line.state.given_at()).collect();
            Some(Self {
                request: request.id.clone(),
                project: request.project.clone(),
                lines: given.len(),
                since: given.iter().min().copied()?,
            })
        };
        let mut list: Vec<Self> = requests.iter().filter_map(begun).collect();
        list.sort_by(|a, b| (a.since, &a.request).cmp(&(b.since, &b.request)));
        list.truncate(limits::CARD_PROJECTS_MAX);
        list
    }
}

/// A conversation that waits for the firm; what was asked lies in the client's own rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Asked {
    pub topic: Topic,
    #[schemars(with = "String")]
    pub since: Timestamp,
}

impl Asked {
    /// The longest waiting first.
    pub fn of(threads: &[Thread]) -> Vec<Self> {
        let waits = |thread: &Thread| {
            let waits = thread.waits.filter(|waits| waits.side == Side::Firm)?;
            Some(Self { topic: thread.topic.clone(), since: waits.since })
        };
        let mut list: Vec<Self> = threads.iter().filter_map(waits).collect();
        list.sort_by(|a, b| (a.since, &a.topic).cmp(&(b.since, &b.topic)));
        list.truncate(limits::CARD_PROJECTS_MAX);
        list
    }
}

impl Delivered {
    /// The longest waiting first.
    pub fn of(requests: &[Request]) -> Vec<Self> {
        let waits = requests.iter().filter(|request| request.waits_for_firm());
        let mut list: Vec<Self> = waits
            .map(|request| Self {
                request: request.id.clone(),
                project: request.project.clone(),
                at: request.delivered_at.unwrap_or(request.changed_at),
            })
            .collect();
        list.sort_by(|a, b| (a.at, &a.request).cmp(&(b.at, &b.request)));
        list.truncate(limits::CARD_PROJECTS_MAX);
        list
    }
}

/// One project in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Line {
    pub id: ProjectId,
    pub name: String,
    pub pack: Pack,
    pub phase: usize,
    pub phase_count: usize,
    pub phase_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub next_due: Option<Date>,
    /// The day by which the client was promised to hear again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub update_by: Option<Date>,
}

impl Line {
    pub fn of(project: &Project) -> Self {
        let next = project.next_milestone();
        Self {
            id: project.id.clone(),
            name: project.name.to_string(),
            pack: project.pack,
            phase: project.phase,
            phase_count: project.phases.len(),
            phase_name: project.phase_name().to_owned(),
            next_title: next.map(|milestone| milestone.title.to_string()),
            next_due: next.and_then(|milestone| milestone.due_on),
            update_by: project.next_update_on,
        }
    }

    pub fn days(&self) -> Days {
        Days { next_due: self.next_due, update_by: self.update_by }
    }
}

/// The two days of a project that a board goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Of the next milestone.
    pub next_due: Option<Date>,
    /// By which the client was promised to hear again.
    pub update_by: Option<Date>,
}

impl Days {
    /// Days that the next milestone lies behind its day; 0 when it is not late.
    pub fn overdue(self, today: Date) -> i32 {
        days_late(self.next_due, today)
    }

    /// Days that the promised update is late.
    pub fn unheard(self, today: Date) -> i32 {
        days_late(self.update_by, today)
    }

    pub fn late(self, today: Date) -> i32 {
        self.overdue(today).max(self.unheard(today))
    }

    /// The first day on which something is due or promised.
    pub fn first(self) -> Option<Date> {
        self.next_due.into_iter().chain(self.update_by).min()
    }
}

fn days_late(day: Option<Date>, today: Date) -> i32 {
    day.map_or(0, |day| (today - day).get_days().max(0))
}

impl Card {
    /// The card of a client with all of its projects.
    pub fn of(client: ClientId, client_name: String, projects: &[Project]) -> Self {
        let mut lines: Vec<Line> =
            projects.iter().filter(|project| project.standing == Standing::Active).map(Line::of).collect();
        let open_projects = lines.len();
        let place = |line: &Line| line.days().first().unwrap_or(Date::MAX);
        lines.sort_by(|a, b| (place(a), &a.name, &a.id).cmp(&(place(b), &b.name, &b.id)));
        lines.truncate(limits::CARD_PROJECTS_MAX);
        Self {
            client,
            client_name,
            projects: lines,
            open_projects,
            documents_waiting: 0,
            delivered: Vec::new(),
            begun: Vec::new(),
            asked: Vec::new(),
            last_activity_at: None,
            staff: Vec::new(),
        }
    }

    /// A client of which nothing has been drawn yet.
    pub fn empty(client: ClientId, client_name: String) -> Self {
        Self::of(client, client_name, &[])
    }

    /// Days that the latest of its deadlines and promises is late.
    pub fn days_late(&self, today: Date) -> i32 {
        self.projects.iter().map(|line| line.days().late(today)).max().unwrap_or(0)
    }

    fn first_day(&self) -> Date {
        self.projects.iter().filter_map(|line| line.days().first()).min().unwrap_or(Date::MAX)
    }
}

/// What is late comes first, the longest first; then by the next day that matters; clients with nothing open last.
pub fn most_urgent_first(cards: &mut [Card], today: Date) {
    cards.sort_by_cached_key(|card| {
        let quiet = card.open_projects == 0;
        (Reverse(card.days_late(today)), card.first_day(), quiet, card.client_name.to_lowercase(), card.client.clone())
    });
}
