//! The versions of a document: which there are, and making an earlier one current again.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::DocumentId;
use domain::PermissionName::EditProjects;
use domain::document::{Document, DocumentRefused, may_arrange, promote};
use domain::permissions::{UploadDocuments, ViewDocuments};
use domain::retention::is_project_held;
use schemars::JsonSchema;
use serde::Serialize;
use storage::{ClientStore, Tries};
use web::{App, Failure, Path, answers};

use crate::facts::DocumentFacts;
use crate::opening::Of;

/// Every version, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VersionList {
    items: Vec<DocumentFacts>,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let document = store.document(&of.document).await?.ok_or(Failure::NotFound)?;
    let versions = of_document(&store, &document).await?;
    let items = if versions.is_empty() { vec![DocumentFacts::of(&document)] } else { facts(&versions) };
    Ok(answers::json(&VersionList { items }))
}

fn facts(versions: &[Document]) -> Vec<DocumentFacts> {
    versions.iter().map(DocumentFacts::of).collect()
}

/// The newest first; none where there is no other.
pub(crate) async fn of_document<S: OneClient>(
    store: &ClientStore<'_, S>,
    document: &Document,
) -> Result<Vec<Document>, Failure> {
    let Some(series) = store.series(document).await? else { return Ok(Vec::new()) };
    let mut found = store.documents_named(&series.versions).await?;
    Ok(series.versions.iter().rev().filter_map(|id| found.remove(id)).collect())
}

pub(crate) async fn make_current(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let document = promoted(&app, &scope, &of.document).await?;
    Ok(answers::json(&DocumentFacts::of(&document)))
}

pub(crate) async fn make_current_page(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    promoted(&app, &scope, &of.document).await?;
    Ok(answers::see_other(&format!("/clients/{}/documents/{}?done=current", scope.client(), of.document)))
}

/// Load, decide, store. One that is current already stays so: asking twice is asking once.
async fn promoted(app: &App, scope: &ClientScope<UploadDocuments>, id: &DocumentId) -> Result<Document, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let edits_projects = scope.vended().grant.may(EditProjects);
    let mut tries = Tries::default();
    loop {
        let (earlier, holds) = tokio::join!(store.document(id), store.holds());
        let (earlier, holds) = (earlier?.ok_or(Failure::NotFound)?, holds?);
        let series = store.series(&earlier).await?.ok_or(DocumentRefused::Current)?;
        let current = store.document(&series.current).await?.ok_or(Failure::NotFound)?;
        if !may_arrange(&current, scope.person(), edits_projects) {
            return Err(DocumentRefused::NotYours.into());
        }
        let (after, behind, series) = match promote(&earlier, &current, &series) {
            Err(DocumentRefused::Current) => return Ok(earlier),
            decided => decided?,
        };
        // It goes to where the current one is by now, and may be what a hold on its own project is about.
        if after.project != earlier.project && is_project_held(&holds.list, &earlier.project) {
            return Err(DocumentRefused::Held.into());
        }
        let pairs = [(&earlier, &after), (&current, &behind)];
        match store.promote_document(pairs, &series, &holds, &mut app.moment()).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
    }
}
