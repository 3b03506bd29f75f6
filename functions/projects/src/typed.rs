//! A project's form as it was typed. It is read leniently and drawn again word for word, so that nothing typed is lost
//! whatever is wrong with it, and whatever somebody else changed meanwhile.

use domain::project::{Milestone, MilestoneEdit, MilestoneState, Progress, Project, ProjectEdit, Standing};
use domain::text::Name;
use domain::{Date, MilestoneId, PersonId, limits};

/// Empty rows at the end of the list, for further milestones.
const SPARE_ROWS: usize = 3;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The version that the form was drawn from.
    pub(crate) version: u64,
    pub(crate) name: String,
    pub(crate) phase: String,
    pub(crate) next_update_on: String,
    pub(crate) team: Vec<String>,
    pub(crate) milestones: Vec<TypedMilestone>,
    /// What the form said when it was drawn: what differs from it was typed.
    pub(crate) drawn: Drawn,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) name: String,
    pub(crate) phase: String,
    pub(crate) next_update_on: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TypedMilestone {
    /// What the row said when it was drawn; empty for a new one.
    pub(crate) drawn: String,
    /// Empty for a new one.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) due_on: String,
    pub(crate) state: String,
    /// Where it is to stand, counted from 1.
    pub(crate) place: usize,
}

/// What somebody else changed while a form was open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It was not touched in the form, which has taken it over.
    Theirs { what: String, now: String },
    /// Both changed it; the form keeps what was typed.
    Both { what: String, typed: String, stored: String },
}

/// What is wrong with one field, by the name of its control.
pub(crate) type Wrong = Vec<(String, String)>;

impl Typed {
    pub(crate) fn of(project: &Project) -> Self {
        let mut typed = Self {
            version: project.version,
            name: project.name.to_string(),
            phase: project.phase.to_string(),
            next_update_on: project.next_update_on.map(|day| day.to_string()).unwrap_or_default(),
            team: project.team.iter().map(ToString::to_string).collect(),
            milestones: project.milestones.iter().map(TypedMilestone::of).collect(),
            drawn: Drawn::default(),
        };
        typed.drawn = Drawn {
            name: typed.name.clone(),
            phase: typed.phase.clone(),
            next_update_on: typed.next_update_on.clone(),
        };
        typed.finish();
        typed
    }

    /// From a form's fields: `name`, `title-0`, `due-0` and so on. Unknown ones are left out.
    pub(crate) fn read(fields: &[(String, String)]) -> Self {
        let mut typed = Self::default();
        let mut rows: Vec<TypedMilestone> = Vec::new();
        for (name, value) in fields {
            match (name.as_str(), name.split_once('-')) {
                ("version", _) => typed.version = value.parse().unwrap_or_default(),
                ("name", _) => typed.name = value.clone(),
                ("phase", _) => typed.phase = value.clone(),
                ("next_update_on", _) => typed.next_update_on = value.clone(),
                ("team", _) => typed.team.push(value.clone()),
                ("drawn_name", _) => typed.drawn.name = value.clone(),
                ("drawn_phase", _) => typed.drawn.phase = value.clone(),
                ("drawn_next_update_on", _) => typed.drawn.next_update_on = value.clone(),
                (_, Some((field, place))) => {
                    let place = place.parse::<usize>().ok().filter(|place| *place < ROWS_MAX);
                    let Some(place) = place else { continue };
                    if rows.len() <= place {
                        rows.resize_with(place + 1, TypedMilestone::default);
                    }
                    rows[place].set(field, value);
                }
                _ => (),
            }
        }
        typed.milestones = in_order(rows);
        typed.finish();
        typed
    }

    /// Numbers the rows and adds the spare ones.
    fn finish(&mut self) {
        self.milestones.retain(|row| !row.is_empty());
        let spare = SPARE_ROWS.min(ROWS_MAX.saturating_sub(self.milestones.len()));
        self.milestones.extend(std::iter::repeat_n(TypedMilestone::default(), spare));
        for (place, row) in self.milestones.iter_mut().enumerate() {
            row.place = place + 1;
        }
    }

    /// The change that the form asks for, or everything that is wrong with it.
    pub(crate) fn edit(&self, stored: &Project, today: Date) -> Result<ProjectEdit, Wrong> {
        let mut wrong = Wrong::new();
        let mut refuse = |field: &str, why: String| wrong.push((field.to_owned(), why));
        let name = Name::parse(&self.name).map_err(|why| refuse("name", why.to_string())).ok();
        let phase = self.phase.parse().map_err(|_| refuse("phase", "Choose a phase.".into())).ok();
        let next_update_on = day(&self.next_update_on).unwrap_or_else(|why| {
            refuse("next_update_on", why);
            None
        });
        if next_update_on.is_some_and(|day| day < today) && next_update_on != stored.next_update_on {
            refuse("next_update_on", "The promised update lies in the past. Choose today or later.".into());
        }
        let mut milestones = Vec::new();
        for (place, row) in self.milestones.iter().enumerate().filter(|(_, row)| !row.title.trim().is_empty()) {
            let title = Name::parse(&row.title).map_err(|why| refuse(&format!("title-{place}"), why.to_string())).ok();
            let due_on = day(&row.due_on).unwrap_or_else(|why| {
                refuse(&format!("due-{place}"), why);
                None
            });
            let id = MilestoneId::parse(&row.id).ok();
            let Some(title) = title else { continue };
            let state = state(&row.state);
            milestones.push(MilestoneEdit { id, title, due_on, state, done_on: None, remind_at: None });
        }
        let team = self.team.iter().filter_map(|person| PersonId::parse(person).ok()).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(ProjectEdit {
            version: self.version,
            name,
            phase,
            milestones: Some(milestones),
            team: Some(team),
            next_update_on: Some(next_update_on),
            standing: None,
        })
    }

    /// What was typed, to be saved over a version that somebody else stored meanwhile, and what that one changed. What
    /// was not touched here is taken over from there; what both changed stays as typed.
    pub(crate) fn over(&self, newer: &Project) -> (Typed, Vec<Difference>) {
        let theirs = Typed::of(newer);
        let mut merge = Merge::default();
        let phase =
            merge.field("Phase", &self.phase, &self.drawn.phase, &theirs.phase, |typed| phase_name(newer, typed));
        let name = merge.field("Name", &self.name, &self.drawn.name, &theirs.name, |typed| typed);
        let (day, drawn_day) = (&self.next_update_on, &self.drawn.next_update_on);
        let next_update_on = merge.field("Next update", day, drawn_day, &theirs.next_update_on, |typed| typed);
        let mut milestones: Vec<TypedMilestone> =
            self.milestones.iter().filter_map(|row| merge.row(row, theirs.stored(&row.id))).collect();
        for stored in theirs.milestones.iter().filter(|stored| !stored.id.is_empty()) {
            if self.stored(&stored.id).is_none() {
                merge.theirs("New milestone", &stored.words());
                milestones.push(stored.clone());
            }
        }
        let (version, team) = (newer.version, self.team.clone());
        let mut merged = Typed { version, name, phase, next_update_on, team, milestones, drawn: theirs.drawn };
        merged.finish();
        (merged, merge.differences)
    }

    fn stored(&self, id: &str) -> Option<&TypedMilestone> {
        self.milestones.iter().find(|row| !row.id.is_empty() && row.id == id)
    }
}

/// Two changes of one form, put together.
#[derive(Default)]
struct Merge {
    differences: Vec<Difference>,
}

impl Merge {
    fn theirs(&mut self, what: &str, now: &str) {
        self.differences.push(Difference::Theirs { what: what.to_owned(), now: shown(now) });
    }

    fn both(&mut self, what: &str, typed: &str, stored: &str) {
        let (typed, stored) = (shown(typed), shown(stored));
        self.differences.push(Difference::Both { what: what.to_owned(), typed, stored });
    }

    fn field<'a>(
        &mut self,
        what: &str,
        typed: &'a str,
        drawn: &str,
        stored: &'a str,
        words: impl Fn(&'a str) -> &'a str,
    ) -> String {
        let (touched, changed) = (typed.trim() != drawn, stored != drawn);
        match (touched, changed) {
            _ if typed.trim() == stored => (),
            (false, true) => {
                self.theirs(what, words(stored));
                return stored.to_owned();
            }
            (true, true) => self.both(what, words(typed), words(stored)),
            (_, false) => (),
        }
        typed.to_owned()
    }

    /// The row as it goes into the form again; none where it is gone and nobody here minded.
    fn row(&mut self, row: &TypedMilestone, stored: Option<&TypedMilestone>) -> Option<TypedMilestone> {
        let touched = row.words() != row.drawn;
        match stored {
            _ if row.id.is_empty() => Some(row.clone()),
            None if !touched => {
                self.theirs(&format!("Milestone {}", row.title.trim()), "removed");
                None
            }
            // Typed into here and removed there: it is kept, as a new one.
            None => {
                self.both("Milestone", &row.words(), "removed");
                Some(TypedMilestone { id: String::new(), drawn: String::new(), ..row.clone() })
            }
            Some(stored) if !touched && stored.words() != row.drawn => {
                self.theirs("Milestone", &stored.words());
                Some(TypedMilestone { place: row.place, ..stored.clone() })
            }
            Some(stored) => {
                if touched && stored.words() != row.drawn && stored.words() != row.words() {
                    self.both("Milestone", &row.words(), &stored.words());
                }
                Some(TypedMilestone { drawn: stored.words(), ..row.clone() })
            }
        }
    }
}

fn shown(words: &str) -> String {
    if words.trim().is_empty() { "nothing".to_owned() } else { words.trim().to_owned() }
}

/// As many as a project may have, and the spare ones.
const ROWS_MAX: usize = limits::MILESTONES_PER_PROJECT_MAX + SPARE_ROWS;

impl TypedMilestone {
    fn of(milestone: &Milestone) -> Self {
        let state = match milestone.progress {
            Progress::Upcoming => "upcoming",
            Progress::Current => "current",
            Progress::Done { .. } => "done",
        };
        let mut row = Self {
            drawn: String::new(),
            id: milestone.id.to_string(),
            title: milestone.title.to_string(),
            due_on: milestone.due_on.map(|day| day.to_string()).unwrap_or_default(),
            state: state.to_owned(),
            place: 0,
        };
        row.drawn = row.words();
        row
    }

    fn set(&mut self, field: &str, value: &str) {
        match field {
            "drawn" => value.clone_into(&mut self.drawn),
            "id" => value.clone_into(&mut self.id),
            "title" => value.clone_into(&mut self.title),
            "due" => value.clone_into(&mut self.due_on),
            "state" => value.clone_into(&mut self.state),
            "place" => self.place = value.parse().unwrap_or_default(),
            _ => (),
        }
    }

    /// A row that says nothing. One with an id says at least that it is to be removed.
    fn is_empty(&self) -> bool {
        self.id.is_empty() && self.title.trim().is_empty() && self.due_on.trim().is_empty()
    }

    fn words(&self) -> String {
        let due = if self.due_on.is_empty() { "no day" } else { self.due_on.as_str() };
        if self.title.trim().is_empty() {
            String::new()
        } else {
            format!("{}, {due}, {}", self.title.trim(), self.state)
        }
    }
}

/// Rows where their numbers put them: one that was moved up stands before the row whose number it took, one that was
/// moved down behind it.
fn in_order(rows: Vec<TypedMilestone>) -> Vec<TypedMilestone> {
    let mut rows: Vec<(usize, TypedMilestone)> = rows.into_iter().enumerate().collect();
    rows.sort_by_key(|(before, row)| {
        let before = before + 1;
        let place = if row.place == 0 { before } else { row.place };
        let side = match place.cmp(&before) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 2,
        };
        (place, side, before)
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn day(text: &str) -> Result<Option<Date>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "Write the day as year, month and day, like 2026-11-24.".to_owned())
}

fn state(text: &str) -> MilestoneState {
    match text {
        "done" => MilestoneState::Done,
        "current" => MilestoneState::Current,
        _ => MilestoneState::Upcoming,
    }
}

fn phase_name<'a>(project: &'a Project, typed: &str) -> &'a str {
    typed.parse::<usize>().ok().and_then(|place| project.phases.get(place)).map_or("", Name::as_str)
}

/// Closing and reopening have a form of their own, with this field and no other.
pub(crate) fn standing(fields: &[(String, String)]) -> Option<Standing> {
    match fields {
        [(name, value)] if name == "standing" && value == "closed" => Some(Standing::Closed),
        [(name, value)] if name == "standing" && value == "active" => Some(Standing::Active),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
