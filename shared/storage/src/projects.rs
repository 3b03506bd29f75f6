//! A client's projects, and the people who work on them.

use access::{ClientScope, OneClient};
use crypto::DataKey;
use domain::audit::{Act, Object};
use domain::notice::Cause;
use domain::permissions::EditProjects;
use domain::person::TeamMember;
use domain::project::update::Update;
use domain::project::{Event, Project, dues};
use domain::text::Note;
use domain::{Moment, PersonId, ProjectId, Timestamp, UpdateId, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once, TEXT_SEALED, text_place};
use crate::commit::{AuditReceipt, Write};
use crate::dues::due_writes;
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

impl<S: OneClient> ClientStore<'_, S> {
    pub async fn project(&self, id: &ProjectId) -> Result<Option<Project>, StorageError> {
        self.get(self.keys.data(), keys::project(id)).await?.map(item::read).transpose()
    }

    /// All projects, the oldest first.
    pub async fn projects(&self) -> Result<Vec<Project>, StorageError> {
        let range = Range { pk: self.keys.data(), prefix: keys::PROJECTS, consistent: true, ..Range::default() };
        let rows = self.query_all(range, limits::PROJECTS_PER_CLIENT_MAX).await?;
        rows.into_iter().map(item::read).collect()
    }

    /// What the firm wrote, the newest first; of one project or of all.
    pub async fn updates(&self, project: Option<&ProjectId>, count_max: usize) -> Result<Vec<Update>, StorageError> {
        let filters = project.map(|project| ("project", project.to_string())).into_iter().collect();
        let range = Range {
            pk: self.keys.data(),
            prefix: keys::UPDATES,
            newest_first: true,
            limit: Some(limits::UPDATES_LOOKED_THROUGH_MAX),
            filters,
            ..Range::default()
        };
        // The key is unwrapped beside the query, so that it costs no round trip of its own.
        let (found, key) = tokio::join!(self.query(range), self.data_key());
        let (rows, key) = (found?.rows, key?);
        rows.into_iter().take(count_max).map(|row| self.update_of(row, key)).collect()
    }

    pub async fn update(&self, id: &UpdateId) -> Result<Option<Update>, StorageError> {
        let (found, key) = tokio::join!(self.get(self.keys.data(), keys::update(id)), self.data_key());
        found?.map(|row| self.update_of(row, key?)).transpose()
    }

    fn update_of(&self, row: Item, key: &DataKey) -> Result<Update, StorageError> {
        const STEP: &str = "open an update";
        let sealed = item::bytes_of(&row, TEXT_SEALED).unwrap_or_default().to_vec();
        let UpdateRow { id, project, by, at } = item::read(row)?;
        let text = key.open(&sealed, &text_place(&self.keys.data(), &keys::update(&id))).during(STEP)?;
        let text = Note::parse(&String::from_utf8(text).during(STEP)?).during(STEP)?;
        Ok(Update { id, project, by, at, text })
    }

    /// Whoever hears of this client's work: its own people, and the firm's staff assigned to it.
    pub async fn team(&self) -> Result<Vec<TeamMember>, StorageError> {
        let range = Range { pk: self.keys.data(), prefix: keys::TEAM, consistent: true, ..Range::default() };
        let rows = self.query_all(range, limits::LISTENERS_PER_CLIENT_MAX).await?;
        rows.into_iter().map(item::read).collect()
    }
}

/// An update without its text.
#[derive(Debug, Serialize, Deserialize)]
struct UpdateRow {
    id: UpdateId,
    project: ProjectId,
    by: PersonId,
    at: Timestamp,
}

impl ClientStore<'_, ClientScope<EditProjects>> {
    /// Stores what was written to the client together with the project and its new promise. Stale if somebody was
    /// faster.
    pub async fn write_update(
        &self,
        before: &Project,
        after: &Project,
        update: &Update,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (pk, sk) = (self.keys.data(), keys::update(&update.id));
        let Update { id, project, by, at, text } = update;
        let row = UpdateRow { id: id.clone(), project: project.clone(), by: by.clone(), at: *at };
        let sealed = self.seal(text.as_str().as_bytes(), &text_place(&pk, &sk)).await?;
        // The text counts as it is stored: a hash of its words could be guessed.
        let hashed = serde_json::json!({ "row": row, "project": after, TEXT_SEALED: crypto::sha256_hex(&sealed) });
        let mut item = item::row(&pk, sk, &row)?;
        item.insert(TEXT_SEALED.to_owned(), item::bytes(sealed));
        let project_row = item::row(&pk, keys::project(&after.id), after)?;
        let writes =
            vec![Write::create(self.table(), item)?, Write::replace(self.table(), project_row, before.version)?];
        let cause = Cause::UpdateWritten { project: after.id.clone(), update: id.clone(), by: by.clone() };
        let object = Object::new("project", &after.id).at_version(after.version);
        let draft = self.draft(Act::UpdateWritten, object, moment);
        let draft = draft.after(crypto::sha256_hex(hashed.to_string().as_bytes()));
        self.commit(ClientChange { draft, writes, causes: vec![cause], once }, moment).await
    }

    /// Stores a new project with its reminders.
    pub async fn open_project(
        &self,
        project: &Project,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let row = item::row(self.keys.data(), keys::project(&project.id), project)?;
        let mut writes = vec![Write::create(self.table(), row)?];
        writes.extend(due_writes(self.table(), &self.keys.data(), project, &[], &dues(project), moment.now)?);
        self.commit_project(Act::ProjectCreated, project, writes, Vec::new(), once, moment).await
    }

    /// Stores a changed project, with the reminders that it has now and the notice that follows. Stale if somebody
    /// was faster.
    pub async fn save_project(
        &self,
        before: &Project,
        after: &Project,
        events: &[Event],
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let row = item::row(self.keys.data(), keys::project(&after.id), after)?;
        let mut writes = vec![Write::replace(self.table(), row, before.version)?];
        let pk = self.keys.data();
        writes.extend(due_writes(self.table(), &pk, after, &dues(before), &dues(after), moment.now)?);
        let causes = self.told(after, events);
        self.commit_project(Act::ProjectChanged, after, writes, causes, None, moment).await
    }

    /// One notice for all that a change says to the client.
    fn told(&self, project: &Project, events: &[Event]) -> Vec<Cause> {
        let changes: Vec<Event> = events.iter().filter(|event| event.is_told()).cloned().collect();
        if changes.is_empty() {
            return Vec::new();
        }
        let by = access::OnePerson::person(self.scope).clone();
        vec![Cause::ProjectChanged { project: project.id.clone(), by, changes }]
    }

    async fn commit_project(
        &self,
        act: Act,
        project: &Project,
        writes: Vec<Write>,
        causes: Vec<Cause>,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let state = serde_json::to_vec(project).during("write a project")?;
        let object = Object::new("project", &project.id).at_version(project.version);
        let draft = self.draft(act, object, moment).after(crypto::sha256_hex(&state));
        self.commit(ClientChange { draft, writes, causes, once }, moment).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::packs::Pack;
    use domain::project::{NewProject, ProjectEdit, Setting, edit, open};
    use domain::text::Name;

    /// Reminders are found by what the row says, so that it has to read back to the day.
    #[test]
    fn a_project_reads_back_from_its_row() {
        let mut moment = Moment::new("2026-11-24T15:00:00Z".parse().unwrap(), crypto::random_bits);
        let zone = domain::calendar::zone("America/New_York").unwrap();
        let setting = Setting { zone: &zone, assigned: &[] };
        let new = NewProject {
            name: Name::parse("Acme v. Dunmore").unwrap(),
            pack: Pack::Litigation,
            next_update_on: Some(jiff::civil::date(2026, 12, 4)),
            team: vec![],
            milestones: None,
            phase: 1,
        };
        let (mut project, _) = open(new, 0, &setting, &mut moment).unwrap();
        let done = domain::project::Progress::Done { done_on: jiff::civil::date(2026, 11, 24) };
        project.milestones[0].progress = done;
        let change = ProjectEdit { version: 1, next_update_on: Some(None), ..Default::default() };
        for project in [project.clone(), edit(&project, change, &setting, &mut moment).unwrap().0] {
            let mut row = item::row("pk", "sk", &project).unwrap();
            row.insert("last_ev".to_owned(), item::text("e"));
            assert_eq!(item::number_of(&row, "version"), Some(project.version));
            assert_eq!(item::read::<Project>(row).unwrap(), project);
        }
    }
}
