//! What happened at a client in a month and what waits for it: counts and names, read when it is told.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::document::{Document, State, Visibility};
use crate::limits;
use crate::project::{Progress, Project, Standing};
use crate::request::Request;
use crate::text::Name;
use crate::{OutboxId, calendar};

/// A month in the firm's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// From this instant, and before the other one.
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Month {
    /// The month that ended a few days ago or less, which is told as long as that is so: an outage of a day skips none.
    pub fn ended(now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let today = calendar::today(now, zone);
        if today.day() > limits::MONTH_TOLD_DAYS {
            return None;
        }
        let after = today.first_of_month();
        let first = after.checked_sub(1.month()).ok()?;
        let begins = |day| calendar::first_instant(day, Time::midnight(), zone).ok();
        Some(Self { first, from: begins(first)?, until: begins(after)? })
    }

    /// Under which it is told, once for each client, whatever zone the firm has by then.
    pub fn outbox(&self) -> OutboxId {
        let end = calendar::day_end(self.first.last_of_month(), &TimeZone::UTC).unwrap_or(self.until);
        OutboxId::from_bits(u128::from(end.as_millisecond().unsigned_abs()) << 80)
    }

    /// `November 2026`.
    pub fn words(&self) -> String {
        self.first.strftime("%B %Y").to_string()
    }

    pub fn has(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    fn has_day(&self, day: Date) -> bool {
        day.first_of_month() == self.first
    }
}

/// What people of the client's side are told of a month. It counts and names only what everybody of the company may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub month: Month,
    pub documents_of_firm: usize,
    pub documents_of_client: usize,
    /// In which somebody wrote.
    pub conversations: usize,
    pub projects: Vec<ProjectMonth>,
    /// Lines of request lists that are with the client now, and the first day by which one is due.
    pub asked: usize,
    pub asked_by: Option<Date>,
}

/// One project of which there is something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectMonth {
    pub name: Name,
    /// Milestones that were reached in the month.
    pub reached: Vec<Name>,
    /// It was closed in the month.
    pub closed: bool,
    /// Where it stands now and what comes next, while it is open.
    pub phase: Option<Name>,
    pub next: Option<(Name, Option<Date>)>,
}

impl Summary {
    pub fn of(
        month: Month,
        projects: &[Project],
        documents: &[Document],
        conversations: usize,
        lists: &[Request],
    ) -> Self {
        let is_counted = |document: &&Document| {
            month.has(document.asked_at)
                && matches!(document.state, State::Ready { .. })
                && document.visibility == Visibility::Company
        };
        let of_side =
            |by_client| documents.iter().filter(is_counted).filter(|document| document.by_client == by_client).count();
        Self {
            month,
            documents_of_firm: of_side(false),
            documents_of_client: of_side(true),
            conversations,
            projects: Self::projects(&month, projects),
            asked: lists.iter().map(|list| list.missing().count()).sum(),
            asked_by: lists.iter().filter_map(Request::next_due).min(),
        }
    }

    /// Those first in which something happened.
    fn projects(month: &Month, projects: &[Project]) -> Vec<ProjectMonth> {
        let mut found: Vec<_> = projects.iter().filter_map(|project| ProjectMonth::of(month, project)).collect();
        found.sort_by_key(|project| project.reached.is_empty() && !project.closed);
        found
    }

    /// Nothing happened, and nothing waits for anybody: nobody is written to about that.
    pub fn is_nothing(&self) -> bool {
        let Self { documents_of_firm, documents_of_client, conversations, projects, asked, .. } = self;
        documents_of_firm + documents_of_client + conversations + asked == 0
            && projects.iter().all(|project| project.reached.is_empty() && !project.closed)
    }
}

impl ProjectMonth {
    fn of(month: &Month, project: &Project) -> Option<Self> {
        let is_open = project.standing == Standing::Active;
        let closed = project.closed().is_some_and(|at| month.has(at));
        if (!is_open && !closed) || project.opened_at >= month.until {
            return None;
        }
        let reached = project
            .milestones
            .iter()
            .filter(|milestone| matches!(milestone.progress, Progress::Done { done_on } if month.has_day(done_on)));
        let next = project.next_milestone().filter(|_| is_open);
        Some(Self {
            name: project.name.clone(),
            reached: reached.map(|milestone| milestone.title.clone()).collect(),
            closed,
            phase: project.phases.get(project.phase).cloned().filter(|_| is_open),
            next: next.map(|milestone| (milestone.title.clone(), milestone.due_on)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(now: &str, zone: &str, want: Option<(&str, &str, &str)>) {
        let month = Month::ended(now.parse().unwrap(), &calendar::zone(zone).unwrap());
        let found = month.map(|month| (month.first.to_string(), month.from.to_string(), month.until.to_string()));
        let want = want.map(|(first, from, until)| (first.to_owned(), from.to_owned(), until.to_owned()));
        assert_eq!(found, want, "{now} {zone}");
    }

    #[test]
    fn a_month_is_told_in_the_first_days_after_it() {
        let november = Some(("2026-11-01", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"));
        check("2026-12-01T00:00:00Z", "UTC", november);
        check("2026-12-05T23:59:59Z", "UTC", november);
        check("2026-12-06T00:00:00Z", "UTC", None);
        check("2026-11-30T23:59:59Z", "UTC", None);
        // It is still November there.
        check("2026-12-01T04:59:00Z", "America/New_York", None);
        // Across the end of daylight saving, and of a year.
        check(
            "2026-12-02T00:00:00Z",
            "America/New_York",
            Some(("2026-11-01", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z")),
        );
        check("2027-01-01T00:00:00Z", "UTC", Some(("2026-12-01", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")));
    }

    #[test]
    fn a_month_is_itself_on_whatever_day_and_in_whatever_zone_it_is_told() {
        let told = |now: &str, zone: &str| {
            Month::ended(now.parse().unwrap(), &calendar::zone(zone).unwrap()).unwrap().outbox()
        };
        let first = told("2026-12-01T12:00:00Z", "UTC");
        assert_eq!(first, told("2026-12-04T12:00:00Z", "America/New_York"));
        assert_ne!(first, told("2027-01-02T12:00:00Z", "UTC"));
    }
}
