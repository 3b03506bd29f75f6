//! Upload tickets: documents that await their files, and the signed form to send each file with.

use std::collections::BTreeMap;

use access::{Actor, ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::{
    Document, DocumentRefused, NewDocument, Parts, PartsRefused, State as DocumentState, follow, request_upload,
};
use domain::permissions::UploadDocuments;
use domain::project::Project;
use domain::{ClientId, DocumentId, ProjectId, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{Brand, ClientStore, Once, StorageError, Tries};
use web::{App, Failure, IdempotencyKey, Json, answers};

use crate::arranging::kept_by_whom_may;
use crate::facts::DocumentFacts;
use crate::handing;
use crate::seeing;

/// One file, or up to twenty under `documents`.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "its schema is what programs read; bodies are told apart by hand, for words that help")]
pub(crate) enum NewUpload {
    Many { documents: Vec<NewDocument> },
    One(NewDocument),
}

/// Where a file is sent to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UploadForm {
    /// `POST`, as `multipart/form-data`.
    method: &'static str,
    url: String,
    /// The form's fields. The file follows as its last field, `file`.
    fields: BTreeMap<String, String>,
}

/// How a large file is sent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UploadParts {
    /// `PUT`, part by part.
    method: &'static str,
    /// Where the parts' own addresses are asked for by `POST`, what has arrived by `GET`, and the upload given up by
    /// `DELETE`.
    url: String,
    /// Each part but the last.
    part_bytes: u64,
    parts: u32,
    /// Until then the upload can be gone on with.
    expires: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Upload {
    Form(UploadForm),
    /// For files of more than 20 MB.
    Parts(UploadParts),
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Ticket {
    document: DocumentFacts,
    upload: Upload,
}

/// One ticket, or as many as were asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Started {
    Many { documents: Vec<Ticket> },
    One(Box<Ticket>),
}

pub(crate) async fn start(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<UploadDocuments>,
    key: Option<IdempotencyKey>,
    Json(body): Json<Value>,
) -> Result<Response, Failure> {
    let (news, many) = read(body)?;
    let scope = lasting(&app, &actor, scope).await?;
    let brand = app.brand(&scope).await?;
    let store = ClientStore::open(app.aws(), &scope);
    let documents = announce(&app, &store, scope.person(), &news, key.as_ref(), &brand).await?;
    let mut tickets = Vec::with_capacity(documents.len());
    for document in &documents {
        tickets.push(Ticket {
            document: DocumentFacts::of(document),
            upload: upload(&app, &store, scope.client(), document, &brand)?,
        });
    }
    let started = match tickets.pop() {
        Some(only) if !many && tickets.is_empty() => Started::One(Box::new(only)),
        last => {
            tickets.extend(last);
            Started::Many { documents: tickets }
        }
    };
    Ok(answers::json_with(StatusCode::CREATED, &started))
}

/// The files asked for, and whether they came as a list.
fn read(body: Value) -> Result<(Vec<NewDocument>, bool), Failure> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Many {
        documents: Vec<NewDocument>,
    }
    let unreadable = |error: serde_json::Error| Failure::Refused(format!("The JSON could not be read: {error}."));
    let many = body.get("documents").is_some();
    let news = if many {
        serde_json::from_value::<Many>(body).map_err(unreadable)?.documents
    } else {
        vec![serde_json::from_value(body).map_err(unreadable)?]
    };
    match news.len() {
        0 => Err(Failure::Refused("Name at least one file.".into())),
        1..=limits::DOCUMENTS_PER_CALL_MAX => Ok((news, many)),
        _ => Err(DocumentRefused::TooMany { count_max: limits::DOCUMENTS_PER_CALL_MAX }.into()),
    }
}

/// A ticket ends with the credentials that sign it: those that are about to end are asked for anew.
pub(crate) async fn lasting(
    app: &App,
    actor: &Actor,
    scope: ClientScope<UploadDocuments>,
) -> Result<ClientScope<UploadDocuments>, Failure> {
    let left = scope.keys().credentials.expires.as_second() - app.now().as_second();
    if left >= limits::UPLOAD_CREDENTIALS_SECONDS_MIN {
        return Ok(scope);
    }
    app.aws().vendor().forget(scope.session());
    Ok(actor.enter(scope.client().clone(), app.aws().vendor(), app.now()).await?)
}

type Store<'a> = ClientStore<'a, ClientScope<UploadDocuments>>;

/// Decides on all files at once and stores them as one change. A repeated call gets what the first one made.
pub(crate) async fn announce(
    app: &App,
    store: &Store<'_>,
    by: &domain::PersonId,
    news: &[NewDocument],
    key: Option<&IdempotencyKey>,
    brand: &Brand,
) -> Result<Vec<Document>, Failure> {
    let news = &handing::placed(store, news).await?[..];
    let (projects, counted, lists, news) = tokio::join!(
        projects(store, news),
        store.document_count(),
        handing::Lists::of(store, news),
        seeing::settled(store, news)
    );
    let (projects, mut counted, mut lists, news) = (projects?, counted?, lists?, news?);
    let mut moment = app.moment();
    let mut tries = Tries::default();
    loop {
        let mut documents = Vec::with_capacity(news.len());
        for (place, new) in news.iter().enumerate() {
            let project = projects.get(&new.project).ok_or(Failure::NotFound)?;
            let categories = project.pack.categories();
            let new = lists.in_its_place(new, project)?;
            let asked = request_upload(&new, categories, counted + place, by, store.by_client(), &mut moment)?;
            documents.push(match &new.replaces {
                // It lies where the one before it does, for whom that is: a line of a list may say otherwise.
                Some(_) if new.request.is_some() => {
                    return Err(Failure::Refused("A file for a request is no next version of another.".into()));
                }
                Some(before) => next_version(store, asked, before, by).await?,
                None => asked,
            });
        }
        let documents = begun(store, documents, brand).await?;
        let ids: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
        let once = key.map(|key| Once { key: key.as_str(), answer: ids.join(",") });
        let lists_then = lists.with(&documents, moment.now)?;
        match store.request_uploads(&documents, counted, &lists_then, once, &mut moment).await {
            Ok(_) => return Ok(documents),
            Err(error) => {
                give_up(store, &documents).await;
                if let StorageError::DoneBefore(answer) = error {
                    return made_before(store, &answer).await;
                }
                tries.another(error).await?;
                counted = store.document_count().await?;
                lists = handing::Lists::of(store, &news).await?;
            }
        }
    }
}

/// Large ones with the uploads that storage began for them, before their rows say so.
async fn begun(store: &Store<'_>, documents: Vec<Document>, brand: &Brand) -> Result<Vec<Document>, Failure> {
    let begin = |mut document: Document| async {
        if document.parts.is_some() {
            let upload = store.begin_parts(&document, &brand.key_arn).await?;
            document.parts = document.parts.map(|parts| Parts { upload, ..parts });
        }
        Ok(document)
    };
    futures::future::try_join_all(documents.into_iter().map(begin)).await
}

/// Of rows that were not stored. What is left is removed by the bucket's lifecycle.
async fn give_up(store: &Store<'_>, documents: &[Document]) {
    let end = |document| async move {
        let document: &Document = document;
        if let Some(parts) = &document.parts {
            let _ = store.abort_parts(document, parts).await;
        }
    };
    futures::future::join_all(documents.iter().map(end)).await;
}

/// A document that is not there has no next version.
async fn next_version(
    store: &Store<'_>,
    asked: Document,
    before: &DocumentId,
    by: &domain::PersonId,
) -> Result<Document, Failure> {
    let before = store.document(before).await?.ok_or(Failure::NotFound)?;
    let series = store.series(&before).await?;
    let next = follow(asked, &before, series.as_ref(), by, store.edits_projects())?;
    kept_by_whom_may(&next, store.may_keep_internal())?;
    Ok(next)
}

/// The projects that the files are for. One that is not the client's is not there.
async fn projects(store: &Store<'_>, news: &[NewDocument]) -> Result<BTreeMap<ProjectId, Project>, Failure> {
    let mut projects = BTreeMap::new();
    for new in news {
        if !projects.contains_key(&new.project) {
            let project = store.project(&new.project).await?.ok_or(Failure::NotFound)?;
            projects.insert(new.project.clone(), project);
        }
    }
    Ok(projects)
}

async fn made_before(store: &Store<'_>, answer: &str) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    for id in answer.split(',') {
        let id = DocumentId::parse(id).map_err(Failure::bug)?;
        documents.extend(store.document(&id).await?);
    }
    Ok(documents)
}

fn upload(
    app: &App,
    store: &Store<'_>,
    client: &ClientId,
    document: &Document,
    brand: &Brand,
) -> Result<Upload, Failure> {
    match (&document.parts, &document.state) {
        (Some(parts), DocumentState::AwaitingUpload { expires }) => Ok(Upload::Parts(UploadParts {
            method: "PUT",
            url: format!("/api/v1/clients/{}/documents/{}/parts", client, document.id),
            part_bytes: parts.part_bytes,
            parts: parts.count(document.size_bytes),
            expires: expires.to_string(),
        })),
        (None, state @ DocumentState::AwaitingUpload { .. }) if !state.missed(app.now()) => {
            Ok(Upload::Form(form(app, store, document, brand, None)?))
        }
        // A repeated call about a file that has arrived meanwhile: there is nothing to send any more.
        (_, _) => Err(PartsRefused::Over.into()),
    }
}

pub(crate) fn form(
    app: &App,
    store: &Store<'_>,
    document: &Document,
    brand: &Brand,
    redirect: Option<&str>,
) -> Result<UploadForm, Failure> {
    let origin = &app.config().bucket_origin;
    let ticket = store.upload_ticket(document, &brand.key_arn, origin, redirect, app.now())?;
    Ok(UploadForm { method: "POST", url: ticket.url, fields: ticket.fields })
}

impl UploadForm {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn fields(&self) -> &BTreeMap<String, String> {
        &self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(name: &str) -> Value {
        json!({ "name": name, "size_bytes": 5, "project": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "category": "Other" })
    }

    fn check(body: Value, want: Result<(usize, bool), &str>) {
        let read = match read(body.clone()) {
            Ok((news, many)) => Ok((news.len(), many)),
            Err(Failure::Refused(words)) => Err(words),
            Err(other) => panic!("{other:?}"),
        };
        match (&read, want) {
            (Err(words), Err(part)) => assert!(words.contains(part), "{words}"),
            _ => assert_eq!(read.as_ref().ok(), want.ok().as_ref(), "{body}"),
        }
    }

    #[test]
    fn one_file_or_a_list() {
        check(one("a.pdf"), Ok((1, false)));
        check(json!({ "documents": [one("a.pdf")] }), Ok((1, true)));
        check(json!({ "documents": vec![one("a.pdf"); 20] }), Ok((20, true)));
        check(json!({ "documents": vec![one("a.pdf"); 21] }), Err("up to 20 files"));
        check(json!({ "documents": [] }), Err("at least one"));
        check(json!({ "name": "a.pdf" }), Err("missing field"));
        check(json!(null), Err("could not be read"));
        check(json!({ "documents": 7 }), Err("could not be read"));
    }
}
