//! Taking a copy away. The event comes first; its id is the code on the copy.

use access::{ClientScope, ObjectsScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use documents::Kind;
use domain::document::{Document, State as Stage};
use domain::permissions::DownloadDocuments;
use storage::{ClientObjects, ClientStore, Handing};
use web::copies::{self, Taker};
use web::{App, Failure, Path, answers};

use crate::disposition;
use crate::opening::Of;

/// The two scopes are of one person and one client: both come from the same session and the same path.
pub(crate) async fn download(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    objects: ObjectsScope<DownloadDocuments>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (document, brand) = tokio::join!(store.document(&of.document), app.brand(&scope));
    let (document, brand) = (document?.ok_or(Failure::NotFound)?, brand?);
    let filed = Filed::of(&document)?;
    let mut moment = app.moment();
    let receipt = store.downloaded(&document, &mut moment).await?;
    let objects = ClientObjects::open(app.aws(), &objects);
    let grant = &scope.vended().grant;
    let taker = Taker { role: grant.role, email: grant.email.as_str(), now: moment.now, receipt: &receipt };
    let handing = |disposition, kind| Handing {
        disposition,
        content_type: content_type(kind),
        bucket_origin: &app.config().bucket_origin,
    };
    let address = match copies::mark(&brand, &document, &taker)? {
        Some(mark) => {
            let original = objects.original(&document, filed.filed_as).await?;
            let copy = copies::marked(filed.kind, original, mark).await?;
            let name = copies::name(&document.name, filed.kind, &copy);
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
    Ok(answers::see_other(&address))
}

struct Filed<'a> {
    filed_as: &'a str,
    kind: Kind,
}

impl<'a> Filed<'a> {
    fn of(document: &'a Document) -> Result<Self, Failure> {
        match &document.state {
            Stage::Ready { .. } if document.binned.is_some() => {
                Err(Failure::Conflict("This file is in the bin. Restore it first, then download it.".into()))
            }
            Stage::Ready { filed_as, kind, .. } => Ok(Self { filed_as, kind: kind.parse().map_err(Failure::bug)? }),
            Stage::AwaitingUpload { .. } => Err(Failure::Conflict("This file has not arrived yet.".into())),
            Stage::Processing { .. } => {
                Err(Failure::Conflict("This file is still being checked. Try again in a minute.".into()))
            }
            Stage::Rejected { reason, .. } => Err(Failure::Refused(reason.sentence().into())),
        }
    }
}

/// A page that a browser could run is handed over as bytes.
fn content_type(kind: Kind) -> &'static str {
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
