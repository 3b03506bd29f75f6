//! Many documents as one zip: asked for here, made by `vending`, and fetched here once it is there.

use access::{ClientScope, ObjectsScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::{Document, FileName};
use domain::parcel::{self, Parcel, ParcelRefused, Standing, State as Made, Wanted};
use domain::permissions::{DownloadDocuments, DownloadInBulk, ViewDocuments};
use domain::{ClientId, DocumentId, ParcelId, PermissionName, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AsksForCopies, ClientObjects, ClientStore, Handing, Once, StorageError, Tries};
use web::{App, Failure, Fields, IdempotencyKey, Json, Page, Path, Place, Shell, answers, copies};

use crate::downloading::{self, Filed};
use crate::facts::client_name;
use crate::listing::{self, ListQuery, Told};
use crate::{bulk, disposition, pages};

/// What a zip is to hold: the documents named, or all that a list narrowed in this way shows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NewZip {
    documents: Vec<DocumentId>,
    list: Option<ListQuery>,
}

/// How far a zip is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ZipFacts {
    id: ParcelId,
    /// `making`, `ready`, `failed`, or `expired` when it is not kept any more.
    state: &'static str,
    /// Files that are done, and their bytes.
    done: usize,
    done_bytes: u64,
    /// Files that were asked for, and their bytes.
    files: usize,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip_bytes: Option<u64>,
    /// Files that are not in it; it holds a text that says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<usize>,
    /// Until then it can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// Why it failed, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// Where it is fetched once it is ready.
    file: String,
}

impl ZipFacts {
    fn of(parcel: &Parcel, client: &ClientId, now: domain::Timestamp) -> Self {
        let facts = Self {
            id: parcel.id.clone(),
            state: "making",
            done: parcel.done,
            done_bytes: parcel.done_bytes,
            files: parcel.count,
            bytes: parcel.size_bytes,
            zip_bytes: None,
            left_out: None,
            until: None,
            detail: None,
            file: format!("/api/v1/clients/{client}/documents/zips/{}/download", parcel.id),
        };
        match parcel.standing(now) {
            Standing::Making => facts,
            Standing::Ready { zip_bytes, left_out, until } => Self {
                state: "ready",
                done: parcel.count,
                zip_bytes: Some(zip_bytes),
                left_out: Some(left_out),
                until: Some(until.to_string()),
                ..facts
            },
            Standing::Failed(why) => Self { state: "failed", detail: Some(why), ..facts },
            Standing::Expired => Self { state: "expired", ..facts },
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfZip {
    parcel: ParcelId,
}

type BulkStore<'a> = ClientStore<'a, ClientScope<DownloadInBulk>>;

/// By a program: what was asked for before under the same key is answered as it is now.
pub(crate) async fn ask(
    State(app): State<App>,
    scope: ClientScope<DownloadInBulk>,
    key: Option<IdempotencyKey>,
    Json(asked): Json<NewZip>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let id = &asked_for(&app, &scope, &store, &asked, key.as_ref().map(IdempotencyKey::as_str)).await?;
    let parcel = store.asked_zip(id).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &ZipFacts::of(&parcel, scope.client(), app.now())))
}

/// By the form of a list. A small zip is waited for, and handed over at once if all of it is there; for any other there
/// is a page.
///
/// The second scope draws the list again where there is no zip: both are of one person and one client.
pub(crate) async fn save(
    State(app): State<App>,
    scope: ClientScope<DownloadInBulk>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    match begin(&app, &scope, &fields).await {
        Err(Failure::Refused(why)) => {
            let back = bulk::back(scope.client(), &fields);
            let title = "There is no zip of these".to_owned();
            let told = Told { title, lines: vec![why], undo: None, status: StatusCode::UNPROCESSABLE_ENTITY };
            listing::again(&app, &seen, &page, &back, told).await
        }
        answer => answer,
    }
}

async fn begin(app: &App, scope: &ClientScope<DownloadInBulk>, fields: &Fields) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let asked = match fields.one("list") {
        Some(query) => NewZip { documents: Vec::new(), list: Some(ListQuery::of_address(query)?) },
        None => NewZip { documents: bulk::chosen(fields)?, list: None },
    };
    // The same choice on the same page is the same zip, however often the button is pressed. No list is not the whole list.
    let chosen: Vec<&str> = asked.documents.iter().map(DocumentId::as_str).collect();
    let key = fields.one("key").map(|key| {
        let choice = format!("{key}|{}|{:?}", chosen.join(","), fields.one("list"));
        crypto::sha256_hex(choice.as_bytes())
    });
    let id = asked_for(app, scope, &store, &asked, key.as_deref()).await?;
    lead_to(app, &store, scope.client(), &id).await
}

/// To what is made, once it is there; where that takes long, to the page that says how far it is.
pub(crate) async fn lead_to<P: AsksForCopies>(
    app: &App,
    store: &ClientStore<'_, ClientScope<P>>,
    client: &ClientId,
    id: &ParcelId,
) -> Result<Response, Failure> {
    let page = format!("/clients/{client}/documents/zips/{id}");
    let step = std::time::Duration::from_millis(AWAIT_STEP_MILLISECONDS);
    for _ in 0..limits::ZIP_AWAITED_MILLISECONDS / AWAIT_STEP_MILLISECONDS {
        tokio::time::sleep(step).await;
        let parcel = store.asked_zip(id).await?.ok_or(Failure::NotFound)?;
        match parcel.standing(app.now()) {
            Standing::Making => (),
            Standing::Ready { left_out: 0, .. } => return Ok(answers::see_other(&format!("{page}/download"))),
            Standing::Ready { .. } | Standing::Failed(_) | Standing::Expired => break,
        }
    }
    Ok(answers::see_other(&page))
}

const AWAIT_STEP_MILLISECONDS: u64 = 250;

async fn asked_for(
    app: &App,
    scope: &ClientScope<DownloadInBulk>,
    store: &BulkStore<'_>,
    asked: &NewZip,
    key: Option<&str>,
) -> Result<ParcelId, Failure> {
    if let Some(key) = key
        && let Some(before) = store.zip_asked_before(key).await?
    {
        return Ok(before);
    }
    let documents = named(app, scope, store, asked).await?;
    // What is not there is among what could not be included.
    let mut missing: Vec<DocumentId> = Vec::new();
    for id in &asked.documents {
        if !missing.contains(id) && !documents.iter().any(|document| document.id == *id) {
            missing.push(id.clone());
        }
    }
    wanted(app, store, Wanted::Zip(&documents), missing, key).await
}

/// Asks for it, or for what the same key led to before.
pub(crate) async fn wanted<P: AsksForCopies>(
    app: &App,
    store: &ClientStore<'_, ClientScope<P>>,
    wanted: Wanted<'_>,
    missing: Vec<DocumentId>,
    key: Option<&str>,
) -> Result<ParcelId, Failure> {
    let documents = match wanted {
        Wanted::Zip(documents) => documents,
        Wanted::Copy(document) => std::slice::from_ref(document),
    };
    let ids: Vec<DocumentId> = documents.iter().map(|document| document.id.clone()).chain(missing).collect();
    let mut tries = Tries::default();
    loop {
        let mut moment = app.moment();
        let open = store.being_made(moment.now).await?;
        let id = ParcelId::from_bits(moment.next_id());
        let mut parcel = parcel::ask(id, store.asker(), wanted, open.count, moment.now)?;
        parcel.count = ids.len();
        let once = key.map(|key| Once { key, answer: parcel.id.to_string() });
        match store.ask_parcel(&parcel, &ids, &open, once, &mut moment).await {
            Ok(_) => return Ok(parcel.id),
            Err(StorageError::DoneBefore(answer)) => return ParcelId::parse(&answer).map_err(Failure::bug),
            Err(error) => tries.another(error).await?,
        }
    }
}

/// The documents as their reader sees them now, in the order of the list.
async fn named(
    app: &App,
    scope: &ClientScope<DownloadInBulk>,
    store: &BulkStore<'_>,
    asked: &NewZip,
) -> Result<Vec<Document>, Failure> {
    let most = limits::ZIP_DOCUMENTS_MAX;
    if asked.list.is_some() && !asked.documents.is_empty() {
        return Err(Failure::Refused("Name the documents, or a list: not both.".into()));
    }
    let Some(list) = &asked.list else {
        if asked.documents.len() > most {
            return Err(ParcelRefused::TooMany { count_max: most }.into());
        }
        let mut found = store.documents_named(&asked.documents).await?;
        let found: Vec<Document> = asked.documents.iter().filter_map(|id| found.remove(id)).collect();
        if found.is_empty() && !asked.documents.is_empty() {
            return Err(Failure::NotFound);
        }
        return Ok(found);
    };
    let filter = list.filter(&app.brand(scope).await?.time_zone()).map_err(|(_, why)| why)?;
    let (mut documents, mut after) = (Vec::new(), None);
    loop {
        let page = store.documents(&filter, after.as_ref(), most + 1 - documents.len()).await?;
        documents.extend(page.documents);
        after = page.next;
        if after.is_none() || documents.len() > most {
            return Ok(documents);
        }
    }
}

pub(crate) async fn one(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    Path(of): Path<OfZip>,
) -> Result<Response, Failure> {
    let parcel = ClientStore::open(app.aws(), &scope).own_zip(&of.parcel).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&ZipFacts::of(&parcel, scope.client(), app.now())))
}

/// Of a single copy that was just asked for.
pub(crate) async fn how_far(
    app: &App,
    scope: &ClientScope<DownloadDocuments>,
    id: &ParcelId,
) -> Result<Response, Failure> {
    let parcel = ClientStore::open(app.aws(), scope).asked_zip(id).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &ZipFacts::of(&parcel, scope.client(), app.now())))
}

/// Says how far it is and asks again by itself, then leads to the file. Without scripts it is looked at again by hand.
pub(crate) async fn page(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    page: Page,
    Path(of): Path<OfZip>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (parcel, client, brand) = tokio::join!(store.own_zip(&of.parcel), client_name(&store), app.brand(&scope));
    let (parcel, client, brand) = (parcel?.ok_or(Failure::NotFound)?, client?, brand?);
    let zone = brand.time_zone();
    let missing = match parcel.standing(app.now()) {
        Standing::Ready { left_out: 1.., .. } => store.left_out_of(&parcel).await?,
        _ => Vec::new(),
    };
    let view = pages::zip::Zip {
        client: scope.client(),
        parcel: &parcel,
        missing: &missing,
        standing: parcel.standing(app.now()),
        now: app.now(),
        zone: &zone,
    };
    let shell = Shell::new(pages::zip::title(&parcel), Place::Documents).inside(scope.client(), &client);
    page.show(&app, &scope, shell, pages::zip::zip(&view)).await
}

/// The two scopes are of one person and one client: both come from the same session and the same path.
pub(crate) async fn file(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    objects: ObjectsScope<DownloadDocuments>,
    Path(of): Path<OfZip>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (parcel, client) = tokio::join!(store.own_zip(&of.parcel), client_name(&store));
    let (parcel, client) = (parcel?.ok_or(Failure::NotFound)?, client?);
    match parcel.standing(app.now()) {
        Standing::Ready { .. } => (),
        Standing::Making => {
            let facts = ZipFacts::of(&parcel, scope.client(), app.now());
            return Ok(answers::json_with(StatusCode::ACCEPTED, &facts));
        }
        Standing::Failed(why) => return Err(Failure::Conflict(format!("{why} Ask for it again."))),
        Standing::Expired => return Err(Failure::Conflict("This is not kept any more. Ask for it again.".into())),
    }
    // A day is long: what was taken from the reader since then is not handed over.
    let Made::Ready { holds, .. } = &parcel.state else { return Err(Failure::NotFound) };
    let grant = &scope.vended().grant;
    let ids: Vec<DocumentId> = holds.iter().map(|held| held.document.clone()).collect();
    let (seen, brand) = tokio::join!(store.documents_named(&ids), app.brand(&scope));
    let (seen, brand) = (seen?, brand?);
    let may_take = parcel.single.is_some() || grant.may(PermissionName::DownloadInBulk);
    if !may_take || !parcel::still_stands(holds, &seen, |document| copies::is_marked(&brand, document, grant.role)) {
        return Err(Failure::Conflict(
            "What you may download has changed since this was made. Ask for it again.".into(),
        ));
    }
    let (name, content_type) = match (&parcel.single, &parcel.state) {
        (Some(document), Made::Ready { kind: Some(copy), .. }) => {
            let document = store.document(document).await?.ok_or(Failure::NotFound)?;
            let (filed, copy) = (Filed::of(&document)?, copy.parse().map_err(Failure::bug)?);
            (copies::name(&document.name, filed.kind, copy), downloading::content_type(copy))
        }
        _ => {
            let day = parcel.asked_at.to_zoned(brand.time_zone()).date();
            let name = FileName::parse(&format!("{client} {day}.zip"));
            (name.or_else(|_| FileName::parse(&format!("{day}.zip")))?, "application/zip")
        }
    };
    let receipt = store.zip_taken(&parcel, &mut app.moment()).await?;
    let handing = Handing {
        disposition: &disposition::attachment(&name),
        content_type,
        bucket_origin: &app.config().bucket_origin,
    };
    let objects = ClientObjects::open(app.aws(), &objects);
    Ok(answers::see_other(&objects.vend_zip(&receipt, &parcel, handing).await?))
}
