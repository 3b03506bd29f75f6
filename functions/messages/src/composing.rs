//! Where somebody writes: what was typed there before, the files that go with it, and the firm's texts to write with.

use access::{ClientScope, OneClient, OnePerson};
use domain::PermissionName::{UploadDocuments, WriteMessages};
use domain::firm::texts::Texts;
use domain::limits;
use domain::message::{Part, Topic};
use domain::permissions::ReadMessages;
use domain::project::{Project, Standing};
use storage::ClientStore;
use web::{App, Failure};

use crate::attaching::{self, FileShown, Files};
use crate::reading::Refused;
use crate::writing::{Typed, Wrong};

/// What the firm keeps to write with, for whoever writes for it.
pub(crate) async fn texts(
    store: &ClientStore<'_, ClientScope<ReadMessages>>,
    scope: &ClientScope<ReadMessages>,
) -> Result<Texts, Failure> {
    if scope.role().is_client() || !scope.may(WriteMessages) {
        return Ok(Texts::default());
    }
    Ok(store.texts().await?)
}

/// What is known of whoever writes, and to whom.
pub(crate) struct Facts<'a> {
    pub(crate) client: &'a str,
    pub(crate) project: Option<&'a str>,
    pub(crate) addressee: Option<&'a str>,
    pub(crate) writer: &'a str,
    pub(crate) firm: &'a str,
}

impl Facts<'_> {
    /// Each text by its name, as it would stand in the message.
    pub(crate) fn fill(&self, texts: &Texts) -> Vec<(String, String)> {
        let first_name = self.addressee.and_then(|name| name.split_whitespace().next());
        let facts: Vec<(&str, &str)> = [
            ("client", Some(self.client)),
            ("project", self.project),
            ("first name", first_name),
            ("my name", Some(self.writer)),
            ("firm", Some(self.firm)),
        ]
        .into_iter()
        .filter_map(|(word, value)| Some((word, value?)))
        .collect();
        texts.items.iter().map(|text| (text.name.as_str().to_owned(), text.filled(&facts))).collect()
    }
}

/// Where files of the general conversation can lie: a document is of a project.
pub(crate) async fn places(
    store: &ClientStore<'_, ClientScope<ReadMessages>>,
    scope: &ClientScope<ReadMessages>,
    topic: &Topic,
) -> Result<Vec<Project>, Failure> {
    if topic.project().is_some() || !scope.may(UploadDocuments) {
        return Ok(Vec::new());
    }
    let projects = store.projects().await?;
    Ok(projects.into_iter().filter(|project| project.standing == Standing::Active).collect())
}

/// A composer as it is drawn: what was typed, what is wrong with it, and the files that go with it.
pub(crate) struct Composed {
    pub(crate) typed: Typed,
    pub(crate) wrong: Option<Wrong>,
    pub(crate) files: Vec<FileShown>,
    /// It was typed before, and is as it was left.
    pub(crate) kept: bool,
}

impl Composed {
    /// What was refused; else what the person left there, where it may write at all.
    pub(crate) async fn of(
        app: &App,
        store: &ClientStore<'_, ClientScope<ReadMessages>>,
        scope: &ClientScope<ReadMessages>,
        topic: &Topic,
        part: Part,
        refused: Result<Refused, bool>,
    ) -> Result<Self, Failure> {
        let unsent = match &refused {
            Err(true) => store.unsent(topic, part, app.now()).await?,
            _ => None,
        };
        let kept = unsent.is_some();
        let (mut typed, wrong) = composed(app, refused.ok());
        if let Some(unsent) = unsent {
            typed = typed.with(unsent, part);
        }
        let ids = attaching::ids(&typed.attachments)?;
        let ids = &ids[..ids.len().min(limits::ATTACHMENTS_PER_MESSAGE_MAX)];
        let files = Files::read(store, scope, ids.iter()).await?.shown(ids, scope.client(), app.now());
        Ok(Self { typed, wrong, files, kept })
    }

    /// What is wrong with one of its fields.
    pub(crate) fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(of, _)| *of == field).map(|(_, why)| why.as_str())
    }
}

pub(crate) fn composed(app: &App, refused: Option<Refused>) -> (Typed, Option<Wrong>) {
    match refused {
        Some(refused) => (refused.typed, Some(refused.wrong)),
        None => (Typed { once: app.fresh_key(), ..Typed::default() }, None),
    }
}
