//! What the firm tells a client about a project in its own words, with the day by which it tells more.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Project, ProjectRefused, Standing};
use crate::text::Note;
use crate::{Moment, PersonId, ProjectId, UpdateId};

/// One update, as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Update {
    pub id: UpdateId,
    pub project: ProjectId,
    pub by: PersonId,
    #[schemars(with = "String")]
    pub at: Timestamp,
    pub text: Note,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpdate {
    pub text: Note,
    /// The day by which the client hears again; left out, none is promised.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub next_update_on: Option<Date>,
}

/// Writes an update. It keeps the promise that stood, so that the project has the new one or none.
pub fn write(
    project: &Project,
    new: NewUpdate,
    by: &PersonId,
    today: Date,
    moment: &mut Moment,
) -> Result<(Project, Update), ProjectRefused> {
    if project.standing == Standing::Closed {
        return Err(ProjectRefused::IsClosed);
    }
    if new.next_update_on.is_some_and(|day| day < today) {
        return Err(ProjectRefused::PromisedForPast);
    }
    let update = Update {
        id: UpdateId::from_bits(moment.next_id()),
        project: project.id.clone(),
        by: by.clone(),
        at: moment.now,
        text: new.text,
    };
    let project = Project {
        next_update_on: new.next_update_on,
        changed_at: moment.now,
        version: project.version + 1,
        ..project.clone()
    };
    Ok((project, update))
}

#[cfg(test)]
mod tests {
    use super::super::tests::opened;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_update_keeps_the_promise_and_makes_the_next() {
        let project = Project { next_update_on: Some(date(2026, 11, 20)), ..opened() };
        let mut moment = Moment::new("2026-11-24T15:00:00Z".parse().unwrap(), || 9);
        let today = date(2026, 11, 24);
        let mut ask = |project: &Project, next_update_on| {
            let new = NewUpdate { text: Note::parse("All is well.").unwrap(), next_update_on };
            write(project, new, &PersonId::from_bits(5), today, &mut moment)
        };
        let (after, update) = ask(&project, Some(date(2026, 12, 4))).unwrap();
        assert_eq!((after.next_update_on, after.version), (Some(date(2026, 12, 4)), project.version + 1));
        assert_eq!(
            (update.project, update.by, update.text.as_str()),
            (project.id.clone(), PersonId::from_bits(5), "All is well.")
        );
        assert_eq!(ask(&project, None).unwrap().0.next_update_on, None);
        assert_eq!(ask(&project, Some(date(2026, 11, 23))).unwrap_err(), ProjectRefused::PromisedForPast);
        let closed = Project { standing: Standing::Closed, ..project };
        assert_eq!(ask(&closed, None).unwrap_err(), ProjectRefused::IsClosed);
    }
}
