//! Taking a copy away. The event comes first; its id is the code on the copy.

use access::{ClientScope, ObjectsScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use documents::Kind;
use domain::document::{Document, State as Stage};
use domain::parcel::Wanted;
use domain::permissions::DownloadDocuments;
use domain::{ParcelId, limits};
use storage::{ClientObjects, ClientStore, Handing};
use web::copies::{self, Room, Taker};
use web::{App, Failure, Path, answers};

use crate::opening::Of;
use crate::{disposition, zipping};

/// By a browser, which is led to the copy. The two scopes are of one person and one client: both come from the same
/// session and the same path.
pub(crate) async fn download(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    objects: ObjectsScope<DownloadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    match copy(&app, &scope, &objects, &of).await? {
        Copy::At(address) => Ok(answers::see_other(&address)),
        Copy::Later(id) => zipping::lead_to(&app, &ClientStore::open(app.aws(), &scope), scope.client(), &id).await,
    }
}

/// By a program: a copy that takes long is answered as how far it is.
pub(crate) async fn download_by_program(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    objects: ObjectsScope<DownloadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    match copy(&app, &scope, &objects, &of).await? {
        Copy::At(address) => Ok(answers::see_other(&address)),
        Copy::Later(id) => zipping::how_far(&app, &scope, &id).await,
    }
}

enum Copy {
    At(String),
    /// It is made by `vending`.
    Later(ParcelId),
}

async fn later(app: &App, scope: &ClientScope<DownloadDocuments>, document: &Document) -> Result<Copy, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let minute = app.now().as_second() / limits::COPY_ASKED_AGAIN_SECONDS;
    let key = crypto::sha256_hex(format!("copy|{}|{}|{minute}", document.id, document.version).as_bytes());
    let before = store.zip_asked_before(&key).await?;
    match before {
        Some(before) => Ok(Copy::Later(before)),
        None => Ok(Copy::Later(zipping::wanted(app, &store, Wanted::Copy(document), Vec::new(), Some(&key)).await?)),
    }
}

async fn copy(
    app: &App,
    scope: &ClientScope<DownloadDocuments>,
    objects: &ObjectsScope<DownloadDocuments>,
    of: &Of,
) -> Result<Copy, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (document, brand) = tokio::join!(store.document(&of.document), app.brand(scope));
    let (document, brand) = (document?.ok_or(Failure::NotFound)?, brand?);
    let filed = Filed::of(&document)?;
    if copies::takes_a_worker(&brand, &document, scope.vended().grant.role) {
        if scope.vended().grant.viewing().is_some() {
            return Err(Failure::Refused("A copy of a file of this size is made for its own reader only.".into()));
        }
        return later(app, scope, &document).await;
    }
    let mut moment = app.moment();
    let receipt = store.downloaded(&document, &mut moment).await?;
    let objects = ClientObjects::open(app.aws(), objects);
    let grant = &scope.vended().grant;
    let taker = Taker {
        role: grant.role,
        email: grant.email.as_str(),
        now: moment.now,
        receipt: &receipt,
        room: Room::Request,
    };
    let handing = |disposition, kind| Handing {
        disposition,
        content_type: content_type(kind),
        bucket_origin: &app.config().bucket_origin,
    };
    let address = match copies::mark(&brand, &document, &taker)? {
        Some(mark) => {
            let original = objects.original(&document, filed.filed_as).await?;
            let copy = copies::marked(filed.kind, original, mark).await?;
            let name = copies::name(&document.name, filed.kind, copy.kind);
            let disposition = disposition::attachment(&name);
            let handing = handing(&disposition, copy.kind);
            objects.vend(&receipt, &document, copy.bytes, &brand.key_arn, handing).await?
        }
        None => {
            let disposition = disposition::attachment(&document.name);
            let handing = handing(&disposition, filed.kind);
            objects.vend_original(&receipt, &document, filed.filed_as, handing).await?
        }
    };
    Ok(Copy::At(address))
}

/// What can be taken away, or looked at.
pub(crate) struct Filed<'a> {
    pub(crate) filed_as: &'a str,
    pub(crate) kind: Kind,
    /// Pages that a picture was kept of.
    pub(crate) previews: u32,
}

impl<'a> Filed<'a> {
    pub(crate) fn of(document: &'a Document) -> Result<Self, Failure> {
        match &document.state {
            Stage::Ready { .. } if document.binned.is_some() => {
                Err(Failure::Conflict("This file is in the bin. Restore it first, then download it.".into()))
            }
            Stage::Ready { filed_as, kind, previews, .. } => {
                Ok(Self { filed_as, kind: kind.parse().map_err(Failure::bug)?, previews: *previews })
            }
            Stage::AwaitingUpload { .. } => Err(Failure::Conflict("This file has not arrived yet.".into())),
            Stage::Processing { .. } => {
                Err(Failure::Conflict("This file is still being checked. Try again in a minute.".into()))
            }
            Stage::Rejected { reason, .. } => Err(Failure::Refused(reason.sentence().into())),
        }
    }
}

/// A page that a browser could run is handed over as bytes.
pub(crate) fn content_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Html | Kind::Eml => "application/octet-stream",
        kind => kind.content_type(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_browser_runs_has_its_own_type() {
        for kind in Kind::ALL {
            let content_type = content_type(*kind);
            assert!(!content_type.contains("html") && !content_type.contains("svg"), "{kind:?}");
        }
        assert_eq!(content_type(Kind::Pdf), "application/pdf");
    }
}
