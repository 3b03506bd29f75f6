//! Projects (or matters): open, change, remind. Dates are the firm's civil dates; reminder instants are UTC.

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{MilestoneId, Moment, PersonId, ProjectId, limits, packs::Pack, text::Name};

pub mod board;
pub mod card;
pub mod home;
pub mod update;

/// One project of one client, as stored and as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Project {
    pub id: ProjectId,
    pub name: Name,
    pub pack: Pack,
    pub phases: Vec<Name>,
    /// Index of the current phase.
    pub phase: usize,
    pub milestones: Vec<Milestone>,
    /// Staff who work on it.
    pub team: Vec<PersonId>,
    /// The day by which the client was promised to hear again.
    #[schemars(with = "Option<String>")]
    pub next_update_on: Option<Date>,
    pub standing: Standing,
    #[schemars(with = "String")]
    pub opened_at: Timestamp,
    #[schemars(with = "String")]
    pub changed_at: Timestamp,
    /// When it was closed, while it is. What is kept counts from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closed_at: Option<Timestamp>,
    /// Counts changes; a write names the version it was made from.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Active,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Milestone {
    pub id: MilestoneId,
    pub title: Name,
    #[schemars(with = "Option<String>")]
    pub due_on: Option<Date>,
    #[serde(flatten)]
    pub progress: Progress,
    /// When people are reminded of the deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub remind_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub enum Progress {
    Upcoming,
    Current,
    Done {
        #[schemars(with = "String")]
        done_on: Date,
    },
}

impl Milestone {
    pub fn state(&self) -> MilestoneState {
        match self.progress {
            Progress::Upcoming => MilestoneState::Upcoming,
            Progress::Current => MilestoneState::Current,
            Progress::Done { .. } => MilestoneState::Done,
        }
    }

    fn edit(&self, state: MilestoneState) -> MilestoneEdit {
        MilestoneEdit {
            id: Some(self.id.clone()),
            title: self.title.clone(),
            due_on: self.due_on,
            state,
            done_on: None,
            remind_at: None,
        }
    }
}

impl Project {
    pub fn phase_name(&self) -> &str {
        self.phases.get(self.phase).map_or("", Name::as_str)
    }

    /// The milestone that comes next: the earliest dated one that is not done, else the first not done.
    pub fn next_milestone(&self) -> Option<&Milestone> {
        let open = || self.milestones.iter().filter(|m| !matches!(m.progress, Progress::Done { .. }));
        open().filter(|m| m.due_on.is_some()).min_by_key(|m| m.due_on).or_else(|| open().next())
    }

    /// When it was closed; none while it is open. Nothing of a closed project changes, so that rows of before this was
    /// kept say it by their last change.
    pub fn closed(&self) -> Option<Timestamp> {
        match self.standing {
            Standing::Active => None,
            Standing::Closed => Some(self.closed_at.unwrap_or(self.changed_at)),
        }
    }

    pub fn milestone(&self, id: &MilestoneId) -> Option<&Milestone> {
        self.milestones.iter().find(|m| m.id == *id)
    }

    /// Days a deadline or promised update lies behind; 0 when nothing is late.
    pub fn overdue_days(&self, today: Date) -> i32 {
        let open =
            self.milestones.iter().filter(|m| !matches!(m.progress, Progress::Done { .. })).filter_map(|m| m.due_on);
        open.chain(self.next_update_on).map(|day| (today - day).get_days()).max().unwrap_or(0).max(0)
    }
}

/// What staff ask for when they open a project.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    pub name: Name,
    pub pack: Pack,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub next_update_on: Option<Date>,
    #[serde(default)]
    pub team: Vec<PersonId>,
    /// Left out: the pack's own milestones, dated from today.
    #[serde(default)]
    pub milestones: Option<Vec<MilestoneEdit>>,
    #[serde(default)]
    pub phase: usize,
}

/// A change: what is absent stays. `version` is the one the change was made from.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectEdit {
    pub version: u64,
    #[serde(default)]
    pub name: Option<Name>,
    #[serde(default)]
    pub phase: Option<usize>,
    /// The whole list, in order; a milestone keeps its id.
    #[serde(default)]
    pub milestones: Option<Vec<MilestoneEdit>>,
    #[serde(default)]
    pub team: Option<Vec<PersonId>>,
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<String>")]
    pub next_update_on: Option<Option<Date>>,
    #[serde(default)]
    pub standing: Option<Standing>,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MilestoneEdit {
    #[serde(default)]
    pub id: Option<MilestoneId>,
    pub title: Name,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub due_on: Option<Date>,
    #[serde(default)]
    pub state: MilestoneState,
    /// Of a milestone that is done; left out: today, or the day that is known already.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub done_on: Option<Date>,
    /// Left out: 9 in the morning of the day before, in the firm's zone.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub remind_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneState {
    #[default]
    Upcoming,
    Current,
    Done,
}

pub(crate) fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// What a change was. Kept with the notice that it causes: ids, places and days, never content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Opened,
    PhaseChanged { from: usize, to: usize },
    MilestoneDone { milestone: MilestoneId },
    UpdatePromised { on: Date },
    Edited,
    Closed,
}

impl Event {
    /// Whether the client hears of it by a notice. Wording and order are the office's own business, and a new project
    /// is told by the person who opens it.
    pub fn is_told(&self) -> bool {
        match self {
            Event::PhaseChanged { .. } | Event::MilestoneDone { .. } | Event::UpdatePromised { .. } | Event::Closed => {
                true
            }
            Event::Opened | Event::Edited => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectRefused {
    #[error("Somebody else changed this meanwhile. Reload to see it, then make your change again.")]
    Stale,
    #[error("There is no such phase.")]
    NoSuchPhase,
    #[error("A project has at most {count_max} milestones.")]
    TooManyMilestones { count_max: usize },
    #[error("Only people assigned to this client can be on the team.")]
    NotOnTeam,
    #[error("This is closed. Reopen it to change it.")]
    IsClosed,
    #[error("That milestone belongs to another project.")]
    ForeignMilestone,
    #[error("Promise the next update for today or a later day.")]
    PromisedForPast,
    #[error("A milestone cannot be done on a day that is still to come.")]
    DoneInFuture,
    #[error("This client has {count_max} projects, the most there can be.")]
    TooManyProjects { count_max: usize },
}

/// The world a decision needs: today in the firm's zone, its zone for reminders, who may be on the team.
pub struct Setting<'a> {
    pub zone: &'a jiff::tz::TimeZone,
    pub assigned: &'a [PersonId],
}

impl Setting<'_> {
    fn today(&self, now: Timestamp) -> Date {
        crate::calendar::today(now, self.zone)
    }
}

/// Opens a project from its pack.
pub fn open(
    new: NewProject,
    existing: usize,
    setting: &Setting<'_>,
    moment: &mut Moment,
) -> Result<(Project, Vec<Event>), ProjectRefused> {
    if existing >= limits::PROJECTS_PER_CLIENT_MAX {
        return Err(ProjectRefused::TooManyProjects { count_max: limits::PROJECTS_PER_CLIENT_MAX });
    }
    let phases: Vec<Name> = new.pack.phases().iter().filter_map(|phase| Name::parse(phase).ok()).collect();
    if new.phase >= phases.len() {
        return Err(ProjectRefused::NoSuchPhase);
    }
    check_team(&new.team, setting)?;
    let edits = match new.milestones {
        Some(edits) => edits,
        None => from_pack(new.pack, setting.today(moment.now)),
    };
    let project = Project {
        id: ProjectId::from_bits(moment.next_id()),
        name: new.name,
        pack: new.pack,
        phases,
        phase: new.phase,
        milestones: milestones(edits, &[], setting, moment)?,
        team: new.team,
        next_update_on: new.next_update_on,
        standing: Standing::Active,
        opened_at: moment.now,
        changed_at: moment.now,
        closed_at: None,
        version: 1,
    };
    Ok((project, vec![Event::Opened]))
}

/// Changes a project; no events when nothing differs.
pub fn edit(
    project: &Project,
    edit: ProjectEdit,
    setting: &Setting<'_>,
    moment: &mut Moment,
) -> Result<(Project, Vec<Event>), ProjectRefused> {
    if edit.version != project.version {
        return Err(ProjectRefused::Stale);
    }
    let reopened = edit.standing == Some(Standing::Active);
    if project.standing == Standing::Closed && !reopened {
        return Err(ProjectRefused::IsClosed);
    }
    let mut next = project.clone();
    if let Some(name) = edit.name {
        next.name = name;
    }
    if let Some(phase) = edit.phase {
        if phase >= next.phases.len() {
            return Err(ProjectRefused::NoSuchPhase);
        }
        next.phase = phase;
    }
    if let Some(team) = edit.team {
        check_team(&team, setting)?;
        next.team = team;
    }
    if let Some(edits) = edit.milestones {
        next.milestones = milestones(edits, &project.milestones, setting, moment)?;
        advance(project, &mut next);
    }
    if let Some(day) = edit.next_update_on {
        next.next_update_on = day;
    }
    if let Some(standing) = edit.standing {
        next.standing = standing;
        next.closed_at = match standing {
            Standing::Active => None,
            Standing::Closed => project.closed().or(Some(moment.now)),
        };
    }
    if next == *project {
        return Ok((next, Vec::new()));
    }
    next.version += 1;
    next.changed_at = moment.now;
    let events = differences(project, &next);
    Ok((next, events))
}

/// The change that gives one milestone another state and leaves all others as they are; none where it is not there.
pub fn with_state(project: &Project, id: &MilestoneId, state: MilestoneState) -> Option<Vec<MilestoneEdit>> {
    project.milestone(id)?;
    Some(project.milestones.iter().map(|m| if m.id == *id { m.edit(state) } else { m.edit(m.state()) }).collect())
}

/// Where something was finished and nothing else is being done, what comes next is.
fn advance(before: &Project, after: &mut Project) {
    let is_done = |m: &Milestone| matches!(m.progress, Progress::Done { .. });
    let finished = after.milestones.iter().any(|m| is_done(m) && !before.milestone(&m.id).is_some_and(is_done));
    if !finished || after.milestones.iter().any(|m| m.progress == Progress::Current) {
        return;
    }
    let next = after.next_milestone().map(|m| m.id.clone());
    if let Some(next) = after.milestones.iter_mut().find(|m| Some(&m.id) == next.as_ref()) {
        next.progress = Progress::Current;
    }
}

/// A reminder that should exist for a project: one per open milestone with an instant still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub milestone: MilestoneId,
    pub at: Timestamp,
}

/// The reminders a project should have. A row that differs from these is stale and dropped.
pub fn dues(project: &Project) -> Vec<Due> {
    if project.standing == Standing::Closed {
        return Vec::new();
    }
    let open = project.milestones.iter().filter(|m| !matches!(m.progress, Progress::Done { .. }));
    open.filter_map(|m| m.remind_at.map(|at| Due { milestone: m.id.clone(), at })).collect()
}

/// Whether a due row still says what the project says.
pub fn is_still_due(project: &Project, due: &Due) -> bool {
    dues(project).contains(due)
}

fn check_team(team: &[PersonId], setting: &Setting<'_>) -> Result<(), ProjectRefused> {
    if team.iter().all(|person| setting.assigned.contains(person)) { Ok(()) } else { Err(ProjectRefused::NotOnTeam) }
}

fn from_pack(pack: Pack, today: Date) -> Vec<MilestoneEdit> {
    let edit = |(place, template): (usize, &crate::packs::MilestoneTemplate)| {
        Some(MilestoneEdit {
            id: None,
            title: Name::parse(template.title).ok()?,
            due_on: today.checked_add(template.due_after_days.days()).ok(),
            state: if place == 0 { MilestoneState::Current } else { MilestoneState::Upcoming },
            done_on: None,
            remind_at: None,
        })
    };
    pack.milestones().iter().enumerate().filter_map(edit).collect()
}

fn milestones(
    edits: Vec<MilestoneEdit>,
    known: &[Milestone],
    setting: &Setting<'_>,
    moment: &mut Moment,
) -> Result<Vec<Milestone>, ProjectRefused> {
    if edits.len() > limits::MILESTONES_PER_PROJECT_MAX {
        return Err(ProjectRefused::TooManyMilestones { count_max: limits::MILESTONES_PER_PROJECT_MAX });
    }
    let mut list: Vec<Milestone> = Vec::with_capacity(edits.len());
    for edit in edits {
        let before = edit.id.as_ref().and_then(|id| known.iter().find(|m| m.id == *id));
        if edit.id.is_some() && before.is_none() || list.iter().any(|m| Some(&m.id) == edit.id.as_ref()) {
            return Err(ProjectRefused::ForeignMilestone);
        }
        let today = setting.today(moment.now);
        if edit.state == MilestoneState::Done && edit.done_on.is_some_and(|day| day > today) {
            return Err(ProjectRefused::DoneInFuture);
        }
        let progress = match (edit.state, before.map(|m| m.progress)) {
            (MilestoneState::Done, Some(done @ Progress::Done { .. })) if edit.done_on.is_none() => done,
            (MilestoneState::Done, _) => Progress::Done { done_on: edit.done_on.unwrap_or(today) },
            (MilestoneState::Current, _) => Progress::Current,
            (MilestoneState::Upcoming, _) => Progress::Upcoming,
        };
        let id = edit.id.unwrap_or_else(|| MilestoneId::from_bits(moment.next_id()));
        let moved = before.is_none_or(|m| m.due_on != edit.due_on);
        let remind_at = match edit.remind_at {
            Some(at) => Some(at),
            None if moved => edit.due_on.and_then(|day| reminder(day, setting)).filter(|at| *at > moment.now),
            None => before.and_then(|m| m.remind_at),
        };
        list.push(Milestone { id, title: edit.title, due_on: edit.due_on, progress, remind_at });
    }
    Ok(list)
}

/// 9 in the morning of the day before, in the firm's zone.
fn reminder(due_on: Date, setting: &Setting<'_>) -> Option<Timestamp> {
    let eve = due_on.checked_sub(1.day()).ok()?;
    crate::calendar::instant(eve, jiff::civil::time(9, 0, 0, 0), setting.zone).ok()
}

fn differences(before: &Project, after: &Project) -> Vec<Event> {
    let mut events = Vec::new();
    if before.phase != after.phase {
        events.push(Event::PhaseChanged { from: before.phase, to: after.phase });
    }
    let was_done = |id: &MilestoneId| before.milestone(id).is_some_and(|m| matches!(m.progress, Progress::Done { .. }));
    let done = after.milestones.iter().filter(|m| matches!(m.progress, Progress::Done { .. }) && !was_done(&m.id));
    events.extend(done.map(|m| Event::MilestoneDone { milestone: m.id.clone() }));
    if let Some(on) = after.next_update_on.filter(|day| before.next_update_on != Some(*day)) {
        events.push(Event::UpdatePromised { on });
    }
    if after.standing == Standing::Closed && before.standing == Standing::Active {
        events.push(Event::Closed);
    }
    if events.is_empty() {
        events.push(Event::Edited);
    }
    events
}

#[cfg(test)]
mod tests;
