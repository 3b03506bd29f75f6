//! When a document is due, from facts alone. Days are those of the firm's own zone: a project that is closed in the
//! evening in New York is closed that day there, though it is the next day in UTC.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Anchor, Rule, Rules, Then};
use crate::{ClientId, DocumentId, ProjectId, calendar, packs::Pack};

/// Where a document lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    InUse,
    /// Where keeping costs less; still readable at once.
    Archived,
    /// Somebody took it away and can bring it back to where it was. It is due as before, but nothing is archived from
    /// here.
    Binned {
        archived: bool,
    },
}

/// What decides about one filed document, as it stands at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub document: DocumentId,
    /// The first version of it, which is itself where there is no other.
    pub series: DocumentId,
    /// It is the current of several versions: nothing finds the others but through it.
    pub leads: bool,
    pub client: ClientId,
    pub project: ProjectId,
    /// Of its project.
    pub pack: Pack,
    pub category: String,
    pub size_bytes: u64,
    pub digest: String,
    /// The document's own, which counts changes of it.
    pub version: u64,
    pub uploaded_at: Timestamp,
    pub last_activity_at: Timestamp,
    /// When its project was closed; none while it is open.
    pub closed_at: Option<Timestamp>,
    /// The year in which the tax year ends that it is about, where somebody said so.
    pub tax_year: Option<i16>,
    pub place: Place,
}

/// What a rule still waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// The project is open.
    ProjectClose,
    /// Nobody said which tax year it is about. It is kept until somebody does: a guess could destroy too early.
    TaxYear,
}

impl Waits {
    pub fn as_str(self) -> &'static str {
        match self {
            Waits::ProjectClose => "project_close",
            Waits::TaxYear => "tax_year",
        }
    }

    /// The end of "3 documents wait until …", where projects are called by this word.
    pub fn words(self, noun: &str) -> String {
        match self {
            Waits::ProjectClose => format!("the {noun} is closed"),
            Waits::TaxYear => "somebody enters the tax year".to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Archive,
    Delete,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Archive => "archive",
            Action::Delete => "delete",
        }
    }
}

/// A rule, and the day of the event that it counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'a> {
    pub rule: &'a Rule,
    pub from: Date,
}

/// What comes next for a document. `on` is the first day of it: the day after the period's last, because a period is
/// kept whole, to its last hour, whatever the hour of the event was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due<'a> {
    /// No rule covers it: it is kept for good.
    NoRule,
    NotAnchored {
        rule: &'a Rule,
        waits: Waits,
    },
    Archive {
        counted: Counted<'a>,
        on: Date,
        /// When it is to be deleted, whether it was archived by then or not.
        delete_on: Option<Date>,
    },
    Delete {
        counted: Counted<'a>,
        on: Date,
    },
    /// Its rule archives only, and it is archived, or in the bin.
    Settled {
        counted: Counted<'a>,
    },
}

impl<'a> Due<'a> {
    /// What is to be done on a day, and since when.
    pub fn by(&self, day: Date) -> Option<(Action, Date, Counted<'a>)> {
        match *self {
            Due::Archive { counted, delete_on: Some(on), .. } | Due::Delete { counted, on } if on <= day => {
                Some((Action::Delete, on, counted))
            }
            Due::Archive { counted, on, .. } if on <= day => Some((Action::Archive, on, counted)),
            _ => None,
        }
    }
}

pub fn due<'a>(facts: &Facts, rules: &'a Rules, zone: &TimeZone) -> Due<'a> {
    let Some(rule) = rules.decides(&facts.category, facts.pack) else { return Due::NoRule };
    let from = match anchored(facts, rule.anchor, zone) {
        Ok(from) => from,
        Err(waits) => return Due::NotAnchored { rule, waits },
    };
    let counted = Counted { rule, from };
    let first_day = |period: super::Period| period.last_day(from).tomorrow().unwrap_or(Date::MAX);
    let on = first_day(rule.period);
    match (rule.then, facts.place) {
        (Then::Delete, _) => Due::Delete { counted, on },
        (Then::ArchiveThenDelete { delete_after }, Place::InUse) => {
            Due::Archive { counted, on, delete_on: Some(first_day(delete_after)) }
        }
        (Then::ArchiveThenDelete { delete_after }, Place::Archived | Place::Binned { .. }) => {
            Due::Delete { counted, on: first_day(delete_after) }
        }
        (Then::Archive, Place::InUse) => Due::Archive { counted, on, delete_on: None },
        (Then::Archive, Place::Archived | Place::Binned { .. }) => Due::Settled { counted },
    }
}

/// The day of the event that a rule counts from.
fn anchored(facts: &Facts, anchor: Anchor, zone: &TimeZone) -> Result<Date, Waits> {
    match anchor {
        Anchor::ProjectClose => facts.closed_at.map(|at| calendar::today(at, zone)).ok_or(Waits::ProjectClose),
        Anchor::TaxYearEnd { month, day } => {
            let end = |year| {
                let first = Date::new(year, month, 1).ok()?;
                Date::new(year, month, day.min(first.days_in_month())).ok()
            };
            facts.tax_year.and_then(end).ok_or(Waits::TaxYear)
        }
        // Nothing was done with a document before it was there.
        Anchor::LastActivity => Ok(calendar::today(facts.last_activity_at.max(facts.uploaded_at), zone)),
        Anchor::Upload => Ok(calendar::today(facts.uploaded_at, zone)),
    }
}
