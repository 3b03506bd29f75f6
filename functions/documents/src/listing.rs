//! The list of a client's documents.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::packs::Pack;
use domain::permissions::ViewDocuments;
use domain::{DocumentId, ProjectId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, DocumentFilter};
use web::{App, Failure, Page, Place, Query, Shell, answers};

use crate::facts::{DocumentFacts, Names, client_name};
use crate::pages;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ListQuery {
    /// Of this project only.
    project: Option<String>,
    /// Of this category only.
    category: Option<String>,
    /// Where to go on: the `next` of the page before.
    after: Option<String>,
}

impl ListQuery {
    /// An empty field is one that was left out.
    fn read(&self) -> Result<(DocumentFilter, Option<DocumentId>), Failure> {
        Ok((
            filter(self.project.as_deref(), self.category.as_deref())?,
            given(&self.after).map(DocumentId::parse).transpose()?,
        ))
    }
}

pub(crate) fn filter(project: Option<&str>, category: Option<&str>) -> Result<DocumentFilter, Failure> {
    let said = |text: &&str| !text.is_empty();
    Ok(DocumentFilter {
        project: project.filter(said).map(ProjectId::parse).transpose()?,
        category: category.filter(said).map(str::to_owned),
    })
}

fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().filter(|text| !text.is_empty())
}

/// A page of the list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DocumentList {
    items: Vec<DocumentFacts>,
    /// Goes into `after` for the next page.
    next: Option<DocumentId>,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let (filter, after) = query.read()?;
    let store = ClientStore::open(app.aws(), &scope);
    let found = store.documents(&filter, after.as_ref(), limits::PAGE_ROWS_MAX).await?;
    let items = found.documents.iter().map(DocumentFacts::of).collect();
    Ok(answers::json(&DocumentList { items, next: found.next }))
}

pub(crate) async fn page(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    page: Page,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let (filter, after) = query.read()?;
    let store = ClientStore::open(app.aws(), &scope);
    let (found, projects, team, client, brand) = tokio::join!(
        store.documents(&filter, after.as_ref(), limits::DOCUMENTS_PER_PAGE),
        store.projects(),
        store.team(),
        client_name(&store),
        app.brand(&scope),
    );
    let (found, projects, brand) = (found?, projects?, brand?);
    let names = Names::new(team?, &client?, &brand.firm_name);
    let zone = brand.time_zone();
    let view = pages::list::List {
        client: scope.client(),
        of_client: scope.role().is_client(),
        names: &names,
        may_keep: scope.vended().grant.may_keep_internal(),
        firm: &brand.firm_name,
        filter: &filter,
        documents: &found.documents,
        from_start: after.is_none(),
        next: found.next.as_ref(),
        projects: &projects,
        noun: Pack::nouns_of(&brand.packs).trim_end_matches('s'),
        now: app.now(),
        zone: &zone,
    };
    let shell = Shell::new("Documents", Place::Documents).inside(scope.client(), names.client()).wide();
    let body = pages::list::list(&view);
    page.show(&app, &scope, shell, body).await
}
