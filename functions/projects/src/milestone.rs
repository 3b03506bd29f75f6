//! A milestone marked as done by one press, and the press that takes it back.

use access::{ClientScope, OneClient};
use axum::extract::State;
use axum::response::Response;
use domain::permissions::EditProjects;
use domain::project::{MilestoneState, Project, ProjectEdit, ProjectRefused, with_state};
use domain::{MilestoneId, ProjectId};
use serde::Deserialize;
use web::{App, Failure, Path, Query, answers};

use crate::api::{Changed, store_change};
use crate::pages::Done;

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    project: ProjectId,
    milestone: MilestoneId,
}

/// How things stood before, for the way back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Before {
    /// It was being worked on; otherwise it was still to come.
    current: bool,
    /// What took its place.
    next: Option<MilestoneId>,
}

/// Neither says anything about the rest of the project, so that a change of somebody else does not matter.
pub(crate) async fn done(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let mut before = None;
    let seen = std::sync::Mutex::new(&mut before);
    let ask = |stored: &Project, _| {
        if let Ok(mut seen) = seen.lock() {
            **seen = Some(stored.clone());
        }
        let milestones = with_state(stored, &of.milestone, MilestoneState::Done).ok_or(Gone)?;
        Ok(ProjectEdit { version: stored.version, milestones: Some(milestones), ..ProjectEdit::default() })
    };
    let after = changed(store_change(&app, &scope, &of.project, ask).await?)?;
    let place = format!(
        "/clients/{}/projects/{}?done={}&milestone={}",
        scope.client(),
        of.project,
        Done::Milestone.as_str(),
        of.milestone
    );
    let was = |milestone: &MilestoneId| before.as_ref().and_then(|before| Some(before.milestone(milestone)?.state()));
    let is_now = |m: &&domain::project::Milestone| m.state() == MilestoneState::Current;
    let next = after.milestones.iter().filter(is_now).find(|m| was(&m.id) == Some(MilestoneState::Upcoming));
    let current = was(&of.milestone) == Some(MilestoneState::Current);
    let next = next.map(|m| format!("&next={}", m.id)).unwrap_or_default();
    Ok(answers::see_other(&format!("{place}&current={current}{next}")))
}

pub(crate) async fn undo(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    Query(before): Query<Before>,
) -> Result<Response, Failure> {
    let ask = |stored: &Project, _| {
        let state = if before.current { MilestoneState::Current } else { MilestoneState::Upcoming };
        let mut milestones = with_state(stored, &of.milestone, state).ok_or(Gone)?;
        // What took its place waits again, unless it was finished as well.
        let next = milestones.iter_mut().find(|m| m.id.is_some() && m.id == before.next);
        if let Some(next) = next.filter(|next| next.state == MilestoneState::Current) {
            next.state = MilestoneState::Upcoming;
        }
        Ok(ProjectEdit { version: stored.version, milestones: Some(milestones), ..ProjectEdit::default() })
    };
    changed(store_change(&app, &scope, &of.project, ask).await?)?;
    let done = Done::Undone.as_str();
    Ok(answers::see_other(&format!("/clients/{}/projects/{}?done={done}", scope.client(), of.project)))
}

/// Somebody removed the milestone meanwhile, or there never was one.
struct Gone;

fn changed(changed: Changed<Gone>) -> Result<Project, Failure> {
    match changed {
        Changed::Stored { project, .. } => Ok(*project),
        Changed::Refused { why: ProjectRefused::Stale, .. } | Changed::Unasked { why: Gone, .. } => {
            Err(Failure::NotFound)
        }
        Changed::Refused { why, .. } => Err(why.into()),
    }
}
