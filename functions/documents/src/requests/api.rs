//! Request lists for programs.

use std::collections::BTreeMap;

use access::{ClientScope, OneClient};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::document::Document;
use domain::permissions::{AnswerRequests, EditProjects, ViewDocuments};
use domain::request::{Given, Handed, Line, LineState, NewRequest, Progress, Request, RequestEdit, Standing};
use domain::text::{Name, Note};
use domain::{Date, DocumentId, PersonId, ProjectId, RequestId, RequestLineId, limits};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::ClientStore;
use web::{App, Failure, IdempotencyKey, Json, Path, Query, answers};

use super::deciding::{self, Judged};
use super::{Of, OfLine};

/// One request list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RequestFacts {
    id: RequestId,
    project: ProjectId,
    title: Name,
    standing: Standing,
    /// Lines of which nothing is with the client any more.
    given: Progress,
    accepted: Progress,
    /// The earliest day on which something that is missing is due.
    #[schemars(with = "Option<String>")]
    next_due: Option<Date>,
    by: PersonId,
    sent_at: String,
    changed_at: String,
    /// Since when nothing is with the client any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
    version: u64,
    lines: Vec<LineFacts>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LineFacts {
    id: RequestLineId,
    what: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    due_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// `asked`, `delivered`, `not_had`, `returned`, `accepted` or `accepted_not_had`.
    state: &'static str,
    /// Why it went back to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
    /// What the client says of not having it.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Note>,
    /// Those that the reader may see; of one list only.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileFacts>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FileFacts {
    document: DocumentId,
    /// It was there when the line was sent back.
    returned: bool,
    name: String,
    /// `awaiting_upload`, `processing`, `ready` or `rejected`.
    state: &'static str,
}

impl RequestFacts {
    /// Whoever may not see a document of a line is not told that it is there.
    fn of(request: &Request, documents: Option<&[Document]>) -> Self {
        let documents: Option<BTreeMap<&DocumentId, &Document>> =
            documents.map(|documents| documents.iter().map(|of| (&of.id, of)).collect());
        Self {
            id: request.id.clone(),
            project: request.project.clone(),
            title: request.title.clone(),
            standing: request.standing,
            given: request.progress(true),
            accepted: request.progress(false),
            next_due: request.next_due(),
            by: request.by.clone(),
            sent_at: request.sent_at.to_string(),
            changed_at: request.changed_at.to_string(),
            delivered_at: request.delivered_at.map(|at| at.to_string()),
            version: request.version,
            lines: request.lines.iter().map(|line| LineFacts::of(line, documents.as_ref())).collect(),
        }
    }
}

impl LineFacts {
    fn of(line: &Line, documents: Option<&BTreeMap<&DocumentId, &Document>>) -> Self {
        let (reason, words) = match &line.state {
            LineState::Returned { reason, .. } => (Some(reason.clone()), None),
            LineState::Given(Given::NotHad { words, .. })
            | LineState::Accepted { given: Given::NotHad { words, .. }, .. } => (None, words.clone()),
            LineState::Asked | LineState::Given(_) | LineState::Accepted { .. } => (None, None),
        };
        let file = |file: &Handed, documents: &BTreeMap<&DocumentId, &Document>| {
            let of = documents.get(&file.document)?;
            Some(FileFacts {
                document: file.document.clone(),
                returned: file.returned,
                name: of.name.as_str().to_owned(),
                state: of.state.as_str(),
            })
        };
        let files = documents.map(|documents| line.files.iter().filter_map(|of| file(of, documents)).collect());
        Self {
            id: line.id.clone(),
            what: line.what.clone(),
            help: line.help.clone(),
            due_on: line.due_on,
            category: line.category.clone(),
            state: line.state.as_str(),
            reason,
            words,
            files,
        }
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ListQuery {
    /// Where to go on: the `next` of the page before.
    after: Option<String>,
}

/// A page of the lists.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RequestList {
    items: Vec<RequestFacts>,
    /// Goes into `after` for the next page.
    next: Option<RequestId>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NotHad {
    /// In the client's own words.
    words: Option<Note>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentBack {
    /// What is wrong with it, for the client to read.
    reason: Note,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let after = query.after.as_deref().filter(|text| !text.is_empty()).map(RequestId::parse).transpose()?;
    let found = ClientStore::open(app.aws(), &scope).requests(after.as_ref(), limits::PAGE_ROWS_MAX).await?;
    let items = found.requests.iter().map(|request| RequestFacts::of(request, None)).collect();
    Ok(answers::json(&RequestList { items, next: found.next }))
}

pub(crate) async fn one(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let request = store.request(&of.request).await?.ok_or(Failure::NotFound)?;
    let documents = store.some_documents(super::files(&request)).await?;
    Ok(answers::json(&RequestFacts::of(&request, Some(&documents))))
}

pub(crate) async fn send(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewRequest>,
) -> Result<Response, Failure> {
    let request = deciding::send(&app, &scope, new, key.as_ref()).await??;
    let place = format!("/api/v1/clients/{}/requests/{}", scope.client(), request.id);
    let place = HeaderValue::from_str(&place).map_err(Failure::bug)?;
    let answer = answers::json_with(StatusCode::CREATED, &RequestFacts::of(&request, None));
    Ok(([(LOCATION, place)], answer).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    Json(edit): Json<RequestEdit>,
) -> Result<Response, Failure> {
    let request = deciding::change(&app, &scope, &of.request, &edit).await??;
    Ok(answers::json(&RequestFacts::of(&request, None)))
}

pub(crate) async fn not_had(
    State(app): State<App>,
    scope: ClientScope<AnswerRequests>,
    Path(of): Path<OfLine>,
    Json(said): Json<NotHad>,
) -> Result<Response, Failure> {
    let request = deciding::not_had(&app, &scope, (&of.request, &of.line), said.words.as_ref()).await?;
    Ok(answers::json(&RequestFacts::of(&request, None)))
}

pub(crate) async fn had(
    State(app): State<App>,
    scope: ClientScope<AnswerRequests>,
    Path(of): Path<OfLine>,
) -> Result<Response, Failure> {
    let request = deciding::had(&app, &scope, (&of.request, &of.line)).await?;
    Ok(answers::json(&RequestFacts::of(&request, None)))
}

pub(crate) async fn accept(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<OfLine>,
) -> Result<Response, Failure> {
    judged(&app, &scope, &of, Judged::Accepted).await
}

pub(crate) async fn undo(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<OfLine>,
) -> Result<Response, Failure> {
    judged(&app, &scope, &of, Judged::AcceptUndone).await
}

pub(crate) async fn send_back(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<OfLine>,
    Json(sent): Json<SentBack>,
) -> Result<Response, Failure> {
    judged(&app, &scope, &of, Judged::SentBack(sent.reason)).await
}

async fn judged(
    app: &App,
    scope: &ClientScope<EditProjects>,
    of: &OfLine,
    judged: Judged,
) -> Result<Response, Failure> {
    let request = deciding::judge(app, scope, (&of.request, &of.line), &judged).await?;
    Ok(answers::json(&RequestFacts::of(&request, None)))
}
