//! Large files, part by part: addresses for the parts that come next, what has arrived, the end, and giving up. Whoever
//! asked for the ticket goes on with it, from any place; to everybody else it is none of theirs.

use access::{Actor, ClientScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::{self, Document, Event, PartDigest, PartsRefused};
use domain::permissions::UploadDocuments;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ArrivedPart, ClientStore, Tries};
use web::{App, Failure, Json, Path, answers};

use crate::facts::DocumentFacts;
use crate::opening::Of;
use crate::uploading;

/// Parts by their numbers and digests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartList {
    parts: Vec<PartDigest>,
}

/// Where one part is put.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PartAddress {
    number: u32,
    /// For `PUT`, with the header below.
    url: String,
    /// To be sent as `x-amz-checksum-sha256`.
    checksum: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PartAddresses {
    parts: Vec<PartAddress>,
    /// Afterwards the addresses are asked for anew.
    expires: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Arrived {
    size_bytes: u64,
    part_bytes: u64,
    parts: u32,
    /// Until then the upload can be gone on with.
    expires: String,
    arrived: Vec<PartDigest>,
}

type Scope = ClientScope<UploadDocuments>;
type Store<'a> = ClientStore<'a, Scope>;

pub(crate) async fn sign(
    State(app): State<App>,
    actor: Actor,
    scope: Scope,
    Path(of): Path<Of>,
    Json(asked): Json<PartList>,
) -> Result<Response, Failure> {
    let scope = uploading::lasting(&app, &actor, scope).await?;
    let store = ClientStore::open(app.aws(), &scope);
    let document = store.document(&of.document).await?.ok_or(Failure::NotFound)?;
    let parts = document.open_parts(scope.person(), app.now())?;
    let wanted = parts.to_sign(document.size_bytes, &asked.parts)?;
    let signed = store.sign_parts(&document, parts, &wanted, &app.config().bucket_origin, app.now())?;
    let expires = signed.first().map(|part| part.expires.to_string()).unwrap_or_default();
    let parts =
        signed.into_iter().map(|part| PartAddress { number: part.number, url: part.url, checksum: part.checksum });
    Ok(answers::json(&PartAddresses { parts: parts.collect(), expires }))
}

pub(crate) async fn arrived(State(app): State<App>, scope: Scope, Path(of): Path<Of>) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let document = store.document(&of.document).await?.ok_or(Failure::NotFound)?;
    let parts = document.open_parts(scope.person(), app.now())?;
    let arrived = store.arrived_parts(&document, parts).await?.ok_or(PartsRefused::Over)?;
    let document::State::AwaitingUpload { expires } = &document.state else { return Err(PartsRefused::Over.into()) };
    let as_told = |part: ArrivedPart| PartDigest { number: part.part.number, sha256: part.sha256 };
    Ok(answers::json(&Arrived {
        size_bytes: document.size_bytes,
        part_bytes: parts.part_bytes,
        parts: parts.count(document.size_bytes),
        expires: expires.to_string(),
        arrived: arrived.into_iter().map(as_told).collect(),
    }))
}

/// Written down first, with the digest that the sender computed: what is filed later is compared with it. Then storage
/// puts the parts together. A call whose answer was lost is made again, and finds nothing left to do.
pub(crate) async fn finish(
    State(app): State<App>,
    scope: Scope,
    Path(of): Path<Of>,
    Json(sent): Json<PartList>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let document = store.document(&of.document).await?.ok_or(Failure::NotFound)?;
    let parts = match document.open_parts(scope.person(), app.now()) {
        Ok(parts) => parts.clone(),
        Err(PartsRefused::Over) if has_come(&document) => return Ok(answers::json(&DocumentFacts::of(&document))),
        Err(refused) => return Err(refused.into()),
    };
    let Some(mut arrived) = store.arrived_parts(&document, &parts).await? else {
        // It was put together before, and storage's own news of it is on its way.
        return match parts.digest {
            Some(_) => Ok(answers::json(&DocumentFacts::of(&document))),
            None => Err(PartsRefused::Over.into()),
        };
    };
    arrived.sort_by_key(|part| part.part.number);
    let lies: Vec<_> = arrived.iter().map(|part| (part.part, part.sha256.clone())).collect();
    let digests = parts.whole(document.size_bytes, &sent.parts, &lies)?;
    let digest = crypto::sha256_hex(&digests);
    let decide = |document: &Document| Ok(document::sent(document, &digest));
    let document = change(&app, &store, document, decide).await?;
    store.complete_parts(&document, &parts, &sent.parts, &arrived).await?;
    Ok(answers::json(&DocumentFacts::of(&document)))
}

fn has_come(document: &Document) -> bool {
    matches!(document.state, document::State::Processing { .. } | document::State::Ready { .. })
}

pub(crate) async fn cancel(State(app): State<App>, scope: Scope, Path(of): Path<Of>) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let document = store.document(&of.document).await?.ok_or(Failure::NotFound)?;
    let now = app.now();
    let decide = |document: &Document| document::cancel(document, scope.person(), now);
    let document = change(&app, &store, document, decide).await?;
    if let Some(parts) = &document.parts {
        store.abort_parts(&document, parts).await?;
    }
    Ok(answers::json(&DocumentFacts::of(&document)))
}

/// Decides and stores; a lost race decides again on what is there then.
async fn change(
    app: &App,
    store: &Store<'_>,
    mut before: Document,
    decide: impl Fn(&Document) -> Result<(Document, Vec<Event>), PartsRefused>,
) -> Result<Document, Failure> {
    let mut moment = app.moment();
    let mut tries = Tries::default();
    loop {
        let (after, events) = decide(&before)?;
        let Some(event) = events.first() else { return Ok(after) };
        match store.change_upload(&before, &after, event, &mut moment).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
        before = store.document(&before.id).await?.ok_or(Failure::NotFound)?;
    }
}
