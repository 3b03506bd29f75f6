//! The files of a mail become documents: announced in their sender's name, with the rules that hold for an upload by hand,
//! and put into quarantine, from where they go on as any upload does.

use access::ClientJob;
use documents::reply::{Attachment, Place};
use domain::document::{Document, DocumentRefused, NewDocument, State, in_one_piece, request_upload};
use domain::person::TeamMember;
use domain::project::Project;
use domain::reply::{FilesRefused, MailedFile, is_worth_filing, news_of, project_of};
use domain::request::{Request, with_files};
use domain::{DocumentId, PermissionName, limits};
use storage::{ClientObjects, ClientStore, StorageError, Tries};
use web::worker::Outcome;

use crate::Came;

pub(crate) struct Filing<'a> {
    came: &'a Came<'a>,
    job: &'a ClientJob<'a>,
    store: &'a ClientStore<'a, ClientJob<'a>>,
    member: &'a TeamMember,
    /// Those that were sent: pictures of a signature or of what is quoted are not, as far as it can be told.
    sent: Vec<&'a Attachment>,
}

/// Where files go.
struct Destination {
    project: Project,
    /// Open ones of the project, as far as its sender is to answer them.
    lists: Vec<Request>,
}

impl<'a> Filing<'a> {
    pub(crate) fn of(
        came: &'a Came<'a>,
        job: &'a ClientJob<'a>,
        store: &'a ClientStore<'a, ClientJob<'a>>,
        member: &'a TeamMember,
    ) -> Self {
        let is_sent = |file: &&Attachment| match file.place {
            Place::Attached => true,
            Place::InText => is_worth_filing(file.bytes.len() as u64),
            Place::InRest => false,
        };
        let sent = came.read.attachments.iter().filter(is_sent).collect();
        Self { came, job, store, member, sent }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// As many as a message takes; an empty file is no document.
    fn files(&self) -> impl Iterator<Item = &'a Attachment> {
        self.sent.iter().copied().filter(|file| !file.bytes.is_empty()).take(limits::ATTACHMENTS_PER_MESSAGE_MAX)
    }

    /// Some of what was sent is left behind.
    pub(crate) fn has_more(&self) -> bool {
        self.came.read.attachments_left_out > 0 || self.files().count() < self.sent.len()
    }

    /// The documents that its files were announced as before.
    pub(crate) async fn known(&self) -> Result<Option<Vec<DocumentId>>, Outcome> {
        if self.is_empty() { Ok(None) } else { Ok(self.store.files_taken(self.came.id).await?) }
    }

    /// The documents that its files become.
    pub(crate) async fn filed(&self) -> Result<Result<Vec<DocumentId>, FilesRefused>, Outcome> {
        if self.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let announced = self.announced().await?;
        if let Ok(documents) = &announced {
            self.sent_on(documents).await?;
        }
        Ok(announced)
    }

    /// Load, decide, store; decided anew where it was overtaken.
    async fn announced(&self) -> Result<Result<Vec<DocumentId>, FilesRefused>, Outcome> {
        if !self.member.may(PermissionName::UploadDocuments) {
            return Ok(Err(FilesRefused::MayNotUpload));
        }
        if self.files().next().is_none() {
            return Ok(Err(FilesRefused::Empty));
        }
        let by = (self.came.id, &self.member.person);
        let mut tries = Tries::default();
        loop {
            let (to, counted) = tokio::join!(self.destination(), self.store.document_count());
            let (Some(to), counted) = (to?, counted?) else { return Ok(Err(FilesRefused::NoProject)) };
            let mut moment = self.came.app.moment();
            let mut documents: Vec<Document> = Vec::new();
            for new in self.news(&to) {
                let (existing, categories) = (counted + documents.len(), to.project.pack.categories());
                let by_client = self.member.of_client;
                match request_upload(&new, categories, existing, by.1, by_client, &mut moment) {
                    Ok(document) => documents.push(in_one_piece(document)),
                    Err(DocumentRefused::QuotaReached { .. }) => return Ok(Err(FilesRefused::Full)),
                    // What a mail can carry is a file by every other rule.
                    Err(why) => return Err(Outcome::bury(why.to_string())),
                }
            }
            let lists = on_lines(&to.lists, &mut documents, moment.now);
            match self.store.take_files(&documents, counted, &lists, by, &mut moment).await {
                Ok(_) => return Ok(Ok(documents.into_iter().map(|document| document.id).collect())),
                // Another run was faster with the same mail.
                Err(StorageError::DoneBefore(_)) => {
                    return Ok(Ok(self.store.files_taken(self.came.id).await?.unwrap_or_default()));
                }
                Err(error) => tries.another(error).await?,
            }
        }
    }

    async fn destination(&self) -> Result<Option<Destination>, Outcome> {
        let topic = &self.came.place.topic;
        let projects = match topic.project() {
            Some(id) => self.store.project(id).await?.into_iter().collect(),
            None => self.store.projects().await?,
        };
        let Some(project) = project_of(topic, &projects).cloned() else { return Ok(None) };
        // The firm asks and the client answers.
        let mut lists = if self.member.of_client { self.store.open_requests().await? } else { Vec::new() };
        lists.retain(|list| list.project == project.id);
        Ok(Some(Destination { project, lists }))
    }

    fn news(&self, to: &Destination) -> Vec<NewDocument> {
        let mailed = |file: &'a Attachment| MailedFile {
            name: &file.name,
            size_bytes: file.bytes.len() as u64,
            is_picture: file.place == Place::InText,
        };
        let files: Vec<MailedFile<'_>> = self.files().map(mailed).collect();
        news_of(&files, &to.project, &to.lists, &self.came.read.subject)
    }

    /// Puts down what documents still wait for.
    pub(crate) async fn sent_on(&self, known: &[DocumentId]) -> Result<(), Outcome> {
        let app = self.came.app;
        let objects = ClientObjects::open_for_job(app.aws(), self.job);
        let brand = app.aws().client_brand(self.job, app.now()).await?;
        for (id, file) in known.iter().zip(self.files()) {
            let document = self.store.document(id).await?;
            let waits = |document: &Document| matches!(document.state, State::AwaitingUpload { .. });
            if let Some(document) = document.filter(waits) {
                objects.put_upload(&document, file.bytes.clone(), &brand.key_arn).await?;
            }
        }
        Ok(())
    }
}

/// The lists that files are for, as they were and as they are. A list that takes no more of them gets none: they are
/// documents all the same.
fn on_lines(lists: &[Request], documents: &mut [Document], now: domain::Timestamp) -> Vec<(Request, Request)> {
    let mut changed = Vec::new();
    for list in lists {
        match with_files(list, documents, now) {
            Ok(next) => changed.extend(next.map(|next| (list.clone(), next))),
            Err(_) => {
                for document in documents.iter_mut() {
                    document.request = document.request.take().filter(|on| on.list != list.id);
                }
            }
        }
    }
    changed
}
