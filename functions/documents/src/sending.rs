//! Uploading without scripts: a form that announces one file, then one that sends it to the bucket, which sends the
//! browser back to the document's page.

use access::{Actor, ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::{DocumentRefused, NewDocument, State as Stage, Visibility};
use domain::permissions::UploadDocuments;
use domain::request::OnLine;
use domain::{DocumentId, ProjectId, RequestId, RequestLineId, limits};
use http::StatusCode;
use serde::Deserialize;
use storage::ClientStore;
use web::{App, Failure, Fields, IdempotencyKey, Page, Path, Place, Query, Shell, answers};

use crate::facts::{Names, client_name};
use crate::opening::Of;
use crate::{pages, seeing, uploading};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Announced {
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) category: String,
    /// The refused document that the file is another copy of.
    pub(crate) again_for: String,
    /// What the form says of it; another copy is for whom the refused one was.
    #[serde(skip)]
    pub(crate) visibility: Option<Visibility>,
    /// The document that the file is the next version of.
    pub(crate) replaces: String,
    /// The line of a request list that it is for.
    pub(crate) list: String,
    pub(crate) line: String,
    /// Made with the form, so that sending it twice announces one file.
    pub(crate) once: String,
}

impl Announced {
    fn request(&self) -> Result<Option<OnLine>, Failure> {
        if self.list.is_empty() && self.line.is_empty() {
            return Ok(None);
        }
        Ok(Some(OnLine { list: RequestId::parse(&self.list)?, line: RequestLineId::parse(&self.line)? }))
    }
}

pub(crate) async fn ask(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    page: Page,
    Query(given): Query<Announced>,
) -> Result<Response, Failure> {
    let given = Announced { once: app.fresh_key(), ..given };
    form_page(&app, &scope, &page, &given, None).await
}

const NO_PLACE: &str = "Choose what the file is for.";

/// How large the file is, no form without scripts can tell: it is announced as large as one form can send.
pub(crate) async fn announce(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let given = Announced {
        name: fields.text("name"),
        project: fields.text("project"),
        category: fields.text("category"),
        again_for: fields.text("again_for"),
        replaces: fields.text("replaces"),
        visibility: seeing::read(&fields)?,
        list: fields.text("list"),
        line: fields.text("line"),
        once: fields.text("once"),
    };
    let key = IdempotencyKey::parse(&given.once)?;
    let store = ClientStore::open(app.aws(), &scope);
    if given.project.is_empty() {
        return form_page(&app, &scope, &page, &given, Some(("project", NO_PLACE))).await;
    }
    if matches!(&given.visibility, Some(Visibility::People(named)) if named.is_empty()) {
        let why = DocumentRefused::NobodyChosen.to_string();
        return form_page(&app, &scope, &page, &given, Some(("person", &why))).await;
    }
    let new = NewDocument {
        name: given.name.clone(),
        size_bytes: limits::UPLOAD_FORM_BYTES_MAX,
        project: ProjectId::parse(&given.project)?,
        category: given.category.clone(),
        again_for: named(&given.again_for)?,
        visibility: given.visibility.clone(),
        request: given.request()?,
        replaces: named(&given.replaces)?,
    };
    let brand = app.brand(&scope).await?;
    match uploading::announce(&app, &store, scope.person(), &[new], Some(&key), &brand).await {
        Ok(documents) => {
            let id = documents.first().map(|document| document.id.as_str()).unwrap_or_default();
            Ok(answers::see_other(&format!("/clients/{}/documents/{id}/send", scope.client())))
        }
        Err(Failure::Refused(words)) => form_page(&app, &scope, &page, &given, Some(("name", &words))).await,
        Err(failure) => Err(failure),
    }
}

fn named(id: &str) -> Result<Option<DocumentId>, Failure> {
    Ok(Some(id).filter(|id| !id.is_empty()).map(DocumentId::parse).transpose()?)
}

async fn form_page(
    app: &App,
    scope: &ClientScope<UploadDocuments>,
    page: &Page,
    given: &Announced,
    error: Option<(&str, &str)>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (projects, client, team, brand) =
        tokio::join!(store.projects(), client_name(&store), store.team(), app.brand(scope));
    let (projects, client) = (projects?, client?);
    let names = Names::new(team?, &client, &brand?.firm_name);
    let may_keep = store.may_keep_internal();
    let view =
        pages::send::Asked { client: scope.client(), projects: &projects, names: &names, may_keep, given, error };
    let body = pages::send::announce(&view, &page.csrf);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell =
        Shell::new(if given.replaces.is_empty() { "Upload a file" } else { "Upload a new version" }, Place::Documents)
            .inside(scope.client(), &client)
            .status(status);
    page.show(app, scope, shell, body).await
}

pub(crate) async fn send(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<UploadDocuments>,
    page: Page,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let scope = uploading::lasting(&app, &actor, scope).await?;
    let store = ClientStore::open(app.aws(), &scope);
    let (document, client, brand) = tokio::join!(store.document(&of.document), client_name(&store), app.brand(&scope));
    let (document, client, brand) = (document?.ok_or(Failure::NotFound)?, client?, brand?);
    let here = format!("/clients/{}/documents/{}", scope.client(), document.id);
    // A ticket is its asker's, and there is one file to a document.
    let awaits = matches!(document.state, Stage::AwaitingUpload { .. }) && !document.state.missed(app.now());
    if !awaits || document.by != *scope.person() || document.parts.is_some() {
        return Ok(answers::see_other(&here));
    }
    let redirect = format!("{}{here}", app.config().settings.site_origin);
    let form = uploading::form(&app, &store, &document, &brand, Some(&redirect))?;
    let shell = Shell::new("Choose the file", Place::Documents).inside(scope.client(), &client);
    page.show(&app, &scope, shell, pages::send::send(&document, &form)).await
}
