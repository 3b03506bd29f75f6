//! What a cause is about, read from the client's rows when it is told.

use access::ClientJob;
use domain::document::RejectReason;
use domain::document::State;
use domain::notice::Cause;
use domain::notice::sms;
use domain::notice::words::{Reader, Told, Words, words};
use domain::person::TeamMember;
use domain::project::{Event, Progress, Project, Standing};
use domain::{Date, DocumentId, MilestoneId};
use storage::{ClientStore, StorageError};

/// Everything that the words are made of.
#[derive(Debug)]
pub(crate) struct News {
    client_name: String,
    what: What,
}

#[derive(Debug)]
enum What {
    DocumentReady { id: DocumentId, name: String, project: Option<String>, by: Option<String> },
    DocumentRejected { id: DocumentId, name: String, reason: RejectReason },
    ProjectChanged { project: Project, changes: Vec<Event> },
    Deadline { project: Project, milestone: MilestoneId },
}

/// None where there is nothing to tell any more.
pub(crate) async fn read(
    store: &ClientStore<'_, ClientJob<'_>>,
    cause: &Cause,
    team: &[TeamMember],
) -> Result<Option<News>, StorageError> {
    let what = match cause {
        Cause::DocumentReady { document, by, .. } => {
            let Some(found) = store.document(document).await? else { return Ok(None) };
            if !matches!(found.state, State::Ready { .. }) {
                return Ok(None);
            }
            let project = store.project(&found.project).await?.map(|project| project.name.to_string());
            let by = team.iter().find(|member| member.person == *by).map(|member| member.name.clone());
            What::DocumentReady { id: found.id, name: found.name.as_str().to_owned(), project, by }
        }
        Cause::DocumentRejected { document, .. } => {
            let Some(found) = store.document(document).await? else { return Ok(None) };
            let State::Rejected { reason, .. } = found.state else { return Ok(None) };
            What::DocumentRejected { id: found.id, name: found.name.as_str().to_owned(), reason }
        }
        Cause::ProjectChanged { project, changes, .. } => {
            let Some(project) = store.project(project).await? else { return Ok(None) };
            What::ProjectChanged { project, changes: changes.clone() }
        }
        Cause::DeadlineReminder { project, milestone } => {
            let Some(project) = store.project(project).await?.filter(|project| is_open(project, milestone)) else {
                return Ok(None);
            };
            What::Deadline { project, milestone: milestone.clone() }
        }
        Cause::IndexDocument { .. } | Cause::SeenDocument { .. } => return Ok(None),
    };
    let client_name = store.profile().await?.map(|profile| profile.name.to_string()).unwrap_or_default();
    Ok(Some(News { client_name, what }))
}

/// A deadline that was met or given up meanwhile is no news.
fn is_open(project: &Project, milestone: &MilestoneId) -> bool {
    let milestone = project.milestone(milestone);
    project.standing == Standing::Active
        && milestone.is_some_and(|milestone| !matches!(milestone.progress, Progress::Done { .. }))
}

impl News {
    pub(crate) fn reader<'a>(&'a self, of_client: bool, firm_name: &'a str, today: Date) -> Reader<'a> {
        Reader { of_client, firm_name, client_name: &self.client_name, today }
    }

    /// The page within the client's own.
    pub(crate) fn page(&self) -> String {
        match &self.what {
            What::DocumentReady { id, .. } | What::DocumentRejected { id, .. } => format!("documents/{id}"),
            What::ProjectChanged { project, .. } | What::Deadline { project, .. } => format!("projects/{}", project.id),
        }
    }

    pub(crate) fn words(&self, reader: &Reader<'_>) -> Words {
        words(&self.told(), reader)
    }

    /// Critical news alone have a form for phones.
    pub(crate) fn text_message(&self, reader: &Reader<'_>, site: &str) -> Option<String> {
        match self.told() {
            Told::Deadline { project, milestone } => Some(sms::deadline(project, milestone, reader, site)),
            Told::DocumentReady { .. } | Told::DocumentRejected { .. } | Told::ProjectChanged { .. } => None,
        }
    }

    fn told(&self) -> Told<'_> {
        match &self.what {
            What::DocumentReady { name, project, by, .. } => {
                Told::DocumentReady { name, project: project.as_deref(), by: by.as_deref() }
            }
            What::DocumentRejected { name, reason, .. } => Told::DocumentRejected { name, reason: *reason },
            What::ProjectChanged { project, changes } => Told::ProjectChanged { project, changes },
            What::Deadline { project, milestone } => match project.milestone(milestone) {
                Some(milestone) => Told::Deadline { project, milestone },
                // Read together with its project, so it is there.
                None => Told::ProjectChanged { project, changes: &[] },
            },
        }
    }
}
