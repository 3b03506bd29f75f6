//! Putting a document in its place: another project or category, another name, other tags, the bin; and saying of a
//! refused one that no other copy of it is needed.

use access::{ClientScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::EditProjects;
use domain::document::{
    Document, DocumentEdit, DocumentRefused, Hand, Visibility, arrange, is_beside, may_arrange, put_beside,
};
use domain::ids::IdRefused;
use domain::permissions::{UploadDocuments, ViewDocuments};
use domain::project::Project;
use domain::retention::is_project_held;
use domain::{ClientId, DocumentId, ProjectId};
use serde::Deserialize;
use storage::{ClientStore, Holds, StorageError, Tries};
use web::{App, Failure, Form, Json, Page, Path, answers};

use crate::bulk::hand;
use crate::facts::DocumentFacts;
use crate::opening::{self, Of, Wrong};
use crate::requests::recounting;
use crate::{seeing, versions};

/// The form of a document's page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(crate) version: u64,
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) category: String,
    /// Shown to the firm only.
    pub(crate) tax_year: Option<String>,
    /// Separated by commas.
    pub(crate) tags: String,
}

impl Typed {
    /// Nothing where the form did not ask for it.
    fn tax_year(&self) -> Result<Option<Option<i16>>, DocumentRefused> {
        match self.tax_year.as_deref().map(str::trim) {
            None => Ok(None),
            Some("") => Ok(Some(None)),
            Some(year) => Ok(Some(Some(year.parse().map_err(|_| DocumentRefused::NoSuchYear)?))),
        }
    }
}

/// Why nothing was changed: refused, which a form says at the field that it is about, or anything else.
#[derive(Debug)]
pub(crate) enum NotChanged {
    Refused(DocumentRefused),
    Failed(Failure),
}

impl From<DocumentRefused> for NotChanged {
    fn from(refused: DocumentRefused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Failure> for NotChanged {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StorageError> for NotChanged {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<IdRefused> for NotChanged {
    fn from(refused: IdRefused) -> Self {
        Self::Failed(refused.into())
    }
}

impl From<NotChanged> for Failure {
    fn from(why: NotChanged) -> Self {
        match why {
            NotChanged::Refused(refused) => refused.into(),
            NotChanged::Failed(failure) => failure,
        }
    }
}

pub(crate) async fn change(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
    Json(edit): Json<DocumentEdit>,
) -> Result<Response, Failure> {
    let document = store(&app, &scope, &of.document, |_| edit.clone()).await?;
    Ok(answers::json(&DocumentFacts::of(&document)))
}

/// The second scope draws the page again where something is wrong: both are of one person and one client.
pub(crate) async fn save(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<Of>,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let here = format!("/clients/{}/documents/{}", client(&scope), of.document);
    match save_typed(&app, &scope, &of.document, &typed).await {
        Ok(_) => Ok(answers::see_other(&format!("{here}?done=arranged"))),
        Err(NotChanged::Refused(why)) if why != DocumentRefused::Stale => {
            opening::refused(&app, &seen, &page, &of, &Wrong::Place { typed, why }).await
        }
        Err(why) => Err(why.into()),
    }
}

async fn save_typed(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    document: &DocumentId,
    typed: &Typed,
) -> Result<Document, NotChanged> {
    let edit = DocumentEdit {
        version: typed.version,
        name: Some(typed.name.clone()),
        project: Some(ProjectId::parse(&typed.project)?),
        category: Some(typed.category.clone()),
        tax_year: typed.tax_year()?,
        tags: Some(vec![typed.tags.clone()]),
        ..DocumentEdit::default()
    };
    store(app, scope, document, |_| edit.clone()).await
}

pub(crate) async fn not_needed(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    need(&app, &scope, &of.document, true).await?;
    Ok(answers::see_other(&format!("/clients/{}?done=not-needed&document={}", client(&scope), of.document)))
}

/// Takes the other one back.
pub(crate) async fn needed(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    need(&app, &scope, &of.document, false).await?;
    Ok(answers::see_other(&format!("/clients/{}", client(&scope))))
}

/// Says nothing about the rest of the document, so that a change of somebody else does not matter.
async fn need(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    document: &DocumentId,
    not_needed: bool,
) -> Result<(), Failure> {
    let edit = |stored: &Document| DocumentEdit {
        version: stored.version,
        not_needed: Some(not_needed),
        ..DocumentEdit::default()
    };
    store(app, scope, document, edit).await?;
    Ok(())
}

fn client(scope: &ClientScope<UploadDocuments>) -> &ClientId {
    access::OneClient::client(scope)
}

/// Load, decide, store. `ask` says what is wanted of the document as it is stored. A race that was lost is decided anew
/// on what is stored then.
pub(crate) async fn store(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    id: &DocumentId,
    ask: impl Fn(&Document) -> DocumentEdit,
) -> Result<Document, NotChanged> {
    let store = ClientStore::open(app.aws(), scope);
    let rights = Rights::of(scope);
    let hand = hand(app, scope);
    let mut tries = Tries::default();
    loop {
        let (found, projects, holds) = tokio::join!(store.document(id), store.projects(), store.holds());
        let (before, projects, holds) = (found?.ok_or(Failure::NotFound)?, projects?, holds?);
        let edit = ask(&before);
        let after = decide(&before, &edit, &projects, &holds, &hand, rights)?;
        if after.visibility != before.visibility {
            seeing::check(&store, &after.visibility).await?;
        }
        if after == before {
            return Ok(before);
        }
        let others = other_versions(&store, &before, &after, &holds).await?;
        let pairs = [(&before, &after)].into_iter().chain(others.iter().map(|(before, after)| (before, after)));
        let (pairs, mut moment) = (pairs.collect::<Vec<_>>(), app.moment());
        let (lists, zone) = recounting::lists(app, &store, scope, &pairs, moment.now).await?;
        match store.arrange_documents(&pairs, (&lists, &zone), &holds, &mut moment).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
    }
}

/// Where a document belongs, whom it is for and its year hold for every version of it, and are those of the current one:
/// none but that can say them. What follows from the change, as pairs of before and after.
pub(crate) async fn other_versions(
    store: &ClientStore<'_, ClientScope<UploadDocuments>>,
    before: &Document,
    after: &Document,
    holds: &Holds,
) -> Result<Vec<(Document, Document)>, NotChanged> {
    if before.series.is_none() || is_beside(before, after) {
        return Ok(Vec::new());
    }
    if store.series(before).await?.is_none_or(|series| series.current != before.id) {
        return Err(DocumentRefused::Superseded.into());
    }
    let versions = versions::of_document(store, before).await?.into_iter();
    let others: Vec<Document> = versions.filter(|version| version.id != before.id).collect();
    let leaves =
        |version: &Document| version.project != after.project && is_project_held(&holds.list, &version.project);
    if others.iter().any(leaves) {
        return Err(DocumentRefused::Held.into());
    }
    let moved = others.into_iter().filter(|version| !is_beside(version, after));
    Ok(moved.map(|version| (version.clone(), put_beside(&version, after))).collect())
}

/// What decides over what a person may do to a document that they see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rights {
    pub(crate) edits_projects: bool,
    pub(crate) keeps_internal: bool,
}

impl Rights {
    pub(crate) fn of(scope: &ClientScope<UploadDocuments>) -> Self {
        let grant = &scope.vended().grant;
        Self { edits_projects: grant.may(EditProjects), keeps_internal: grant.may_keep_internal() }
    }
}

/// Seeing what the firm keeps to itself is one right, changing it another.
pub(crate) fn kept_by_whom_may(document: &Document, keeps_internal: bool) -> Result<(), DocumentRefused> {
    if document.visibility == Visibility::Firm && !keeps_internal {
        return Err(DocumentRefused::NotInternal);
    }
    Ok(())
}

/// What one person's change makes of a document. A project that is not the client's is not there.
pub(crate) fn decide(
    before: &Document,
    edit: &DocumentEdit,
    projects: &[Project],
    holds: &Holds,
    hand: &Hand,
    rights: Rights,
) -> Result<Document, NotChanged> {
    let Rights { edits_projects, keeps_internal } = rights;
    if !may_arrange(before, &hand.person, edits_projects) {
        return Err(DocumentRefused::NotYours.into());
    }
    kept_by_whom_may(before, keeps_internal)?;
    let place = edit.project.as_ref().unwrap_or(&before.project);
    let categories = match projects.iter().find(|project| project.id == *place) {
        Some(project) => project.pack.categories(),
        None if edit.project.is_some() => return Err(NotChanged::Failed(Failure::NotFound)),
        None => &[],
    };
    let mut after = arrange(before, edit, categories, edits_projects, hand)?;
    let former = projects.iter().find(|project| project.id == before.project);
    if let Some(former) = former.filter(|_| (&after.project, &after.category) != (&before.project, &before.category)) {
        after.kept.remember(former.pack, &before.category);
    }
    if after.project != before.project && is_project_held(&holds.list, &before.project) {
        return Err(DocumentRefused::Held.into());
    }
    Ok(after)
}
