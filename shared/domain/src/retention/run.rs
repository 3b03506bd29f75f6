//! A run of a firm's rules over one client's documents: rehearsed, confirmed, running, done.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Action, Fingerprint, Rehearsal};
use crate::{ClientId, Moment, PersonId, RunId, calendar, limits};

/// One run and the list that it is about. The list is stored beside it and known by its fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub client: ClientId,
    /// The day of the list, in the firm's zone.
    pub day: Date,
    pub list: Fingerprint,
    pub archives: usize,
    pub deletes: usize,
    pub asked_by: PersonId,
    pub asked_at: Timestamp,
    pub expires: Timestamp,
    pub state: RunState,
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub by: PersonId,
    pub at: Timestamp,
}

/// What became of every document of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outcome {
    pub archived: usize,
    pub deleted: usize,
    pub skipped: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    Rehearsed,
    Confirmed { confirmed: Confirmed },
    Running { confirmed: Confirmed, since: Timestamp },
    Done { confirmed: Confirmed, at: Timestamp, outcome: Outcome },
    Cancelled { by: PersonId, at: Timestamp },
}

impl RunState {
    pub fn as_str(&self) -> &'static str {
        match self {
            RunState::Rehearsed => "rehearsed",
            RunState::Confirmed { .. } => "confirmed",
            RunState::Running { .. } => "running",
            RunState::Done { .. } => "done",
            RunState::Cancelled { .. } => "cancelled",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunCommand {
    /// `seen` is the fingerprint of the list that the person was shown.
    Confirm {
        by: PersonId,
        seen: Fingerprint,
    },
    /// By a worker. `list` is the fingerprint of the list that it is about to go through, taken anew.
    Start {
        list: Fingerprint,
    },
    Finish {
        outcome: Outcome,
    },
    Cancel {
        by: PersonId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Confirmed,
    Started,
    Finished,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RunRefused {
    #[error("Nothing is due on that day, so there is nothing to confirm.")]
    NothingDue,
    #[error("That day is still to come. You can look at its list, but only a list of today or before can be run.")]
    DayToCome,
    #[error("This list is too old to be trusted. Make a new one.")]
    Expired,
    #[error("You asked for this deletion. Somebody else has to confirm it.")]
    SamePerson,
    #[error("This is not the list that is about to be run. Reload to see that one, then confirm it.")]
    OtherList,
    #[error("Nobody has confirmed this list yet.")]
    NotConfirmed,
    #[error("This list was confirmed already.")]
    ConfirmedAlready,
    #[error("This has begun already and cannot be stopped.")]
    Running,
    #[error("This has not begun yet.")]
    NotRunning,
    #[error("This was done already.")]
    Done,
    #[error("This was called off. Make a new list.")]
    Cancelled,
    #[error("What is told of this run does not add up to its list: they differ by {missing} documents.")]
    NotAccounted { missing: usize },
}

/// Asks for a rehearsed list to be run. `list` is the fingerprint of its text.
pub fn ask(
    rehearsal: &Rehearsal,
    list: Fingerprint,
    by: &PersonId,
    zone: &TimeZone,
    moment: &mut Moment,
) -> Result<Run, RunRefused> {
    if rehearsal.day > calendar::today(moment.now, zone) {
        return Err(RunRefused::DayToCome);
    }
    if rehearsal.items.is_empty() {
        return Err(RunRefused::NothingDue);
    }
    let life = SignedDuration::from_secs(limits::REHEARSAL_SECONDS);
    Ok(Run {
        id: RunId::from_bits(moment.next_id()),
        client: rehearsal.client.clone(),
        day: rehearsal.day,
        list,
        archives: rehearsal.count(Action::Archive),
        deletes: rehearsal.count(Action::Delete),
        asked_by: by.clone(),
        asked_at: moment.now,
        expires: moment.now.checked_add(life).unwrap_or(Timestamp::MAX),
        state: RunState::Rehearsed,
        version: 1,
    })
}

/// What a command makes of a run. That the people may do it is checked before; that they are two is checked here.
pub fn turn(run: &Run, command: &RunCommand, now: Timestamp) -> Result<(Run, Vec<Event>), RunRefused> {
    let next = |state, event| Ok((Run { state, version: run.version + 1, ..run.clone() }, vec![event]));
    match (&run.state, command) {
        (RunState::Rehearsed, RunCommand::Confirm { by, seen }) => {
            run.check_fresh(now)?;
            run.check_list(seen)?;
            // What is archived can be read and brought back; only what cannot be undone takes two people.
            if run.deletes > 0 && *by == run.asked_by {
                return Err(RunRefused::SamePerson);
            }
            next(RunState::Confirmed { confirmed: Confirmed { by: by.clone(), at: now } }, Event::Confirmed)
        }
        (RunState::Confirmed { confirmed }, RunCommand::Start { list }) => {
            run.check_fresh(now)?;
            run.check_list(list)?;
            next(RunState::Running { confirmed: confirmed.clone(), since: now }, Event::Started)
        }
        // A worker that was killed is followed by another, which goes on where it was, however late.
        (RunState::Running { .. }, RunCommand::Start { list }) => {
            run.check_list(list)?;
            Ok((run.clone(), Vec::new()))
        }
        (RunState::Running { confirmed, .. }, RunCommand::Finish { outcome }) => {
            run.check_accounted(outcome)?;
            next(RunState::Done { confirmed: confirmed.clone(), at: now, outcome: *outcome }, Event::Finished)
        }
        (RunState::Rehearsed | RunState::Confirmed { .. }, RunCommand::Cancel { by }) => {
            next(RunState::Cancelled { by: by.clone(), at: now }, Event::Cancelled)
        }
        // Told twice by a queue.
        (RunState::Done { outcome: known, .. }, RunCommand::Finish { outcome }) if known == outcome => {
            Ok((run.clone(), Vec::new()))
        }
        (RunState::Rehearsed, RunCommand::Start { .. }) => Err(RunRefused::NotConfirmed),
        (RunState::Rehearsed | RunState::Confirmed { .. }, RunCommand::Finish { .. }) => Err(RunRefused::NotRunning),
        (RunState::Confirmed { .. }, RunCommand::Confirm { .. }) => Err(RunRefused::ConfirmedAlready),
        (RunState::Running { .. }, RunCommand::Confirm { .. } | RunCommand::Cancel { .. }) => Err(RunRefused::Running),
        (RunState::Done { .. }, _) => Err(RunRefused::Done),
        (RunState::Cancelled { .. }, _) => Err(RunRefused::Cancelled),
    }
}

impl Run {
    fn check_fresh(&self, now: Timestamp) -> Result<(), RunRefused> {
        if now < self.expires { Ok(()) } else { Err(RunRefused::Expired) }
    }

    fn check_list(&self, list: &Fingerprint) -> Result<(), RunRefused> {
        if *list == self.list { Ok(()) } else { Err(RunRefused::OtherList) }
    }

    /// Each document of the list was archived, deleted or skipped: none was forgotten, and none came in from elsewhere.
    fn check_accounted(&self, outcome: &Outcome) -> Result<(), RunRefused> {
        let (listed, told) = (self.archives + self.deletes, outcome.archived + outcome.deleted + outcome.skipped);
        let within = outcome.archived <= self.archives && outcome.deleted <= self.deletes;
        if within && told == listed { Ok(()) } else { Err(RunRefused::NotAccounted { missing: listed.abs_diff(told) }) }
    }
}
