//! Taking a copy away. The event comes first; its id is the code on the copy.

use access::{ClientScope, ObjectsScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use documents::{Kind, Mark, MarkRefused};
use domain::Timestamp;
use domain::document::{Document, State as Stage};
use domain::permissions::DownloadDocuments;
use jiff::tz::TimeZone;
use storage::{AuditReceipt, ClientObjects, ClientStore, Handing};
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
    let disposition = disposition::attachment(&document.name);
    let handing = Handing {
        disposition: &disposition,
        content_type: content_type(filed.kind),
        bucket_origin: &app.config().bucket_origin,
    };
    let marked = match filed.kind {
        Kind::Pdf => {
            let original = objects.original(&document, filed.filed_as).await?;
            let mark = mark(scope.vended().grant.email.as_str(), moment.now, &brand.time_zone(), &receipt);
            marked(original, mark).await?
        }
        _ => None,
    };
    let address = match marked {
        Some(copy) => objects.vend(&receipt, &document, copy, &brand.key_arn, handing).await?,
        None => objects.vend_original(&receipt, &document, filed.filed_as, handing).await?,
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

fn mark(viewer: &str, now: Timestamp, zone: &TimeZone, receipt: &AuditReceipt) -> Mark {
    let time = now.to_zoned(zone.clone()).strftime("%-d %b %Y %H:%M %Z");
    Mark { line: format!("{viewer} · {time}"), code: receipt.event().to_string() }
}

/// The marked copy. A signed file goes out as it is, since a mark would break what its signature proves.
async fn marked(original: Vec<u8>, mark: Mark) -> Result<Option<Vec<u8>>, Failure> {
    let work = move || documents::watermark_pdf(&original, &mark);
    match tokio::task::spawn_blocking(work).await.map_err(Failure::bug)? {
        Ok(copy) => Ok(Some(copy)),
        Err(MarkRefused::Signed) => Ok(None),
        Err(refused @ MarkRefused::TooLong { .. }) => Err(Failure::bug(refused)),
        Err(refused) => Err(Failure::Refused(format!(
            "A copy with your name on it could not be made. {refused} Ask your contact at the firm for this file."
        ))),
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
