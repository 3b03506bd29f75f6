//! Looking at pages without taking a copy. The event comes first; each picture is a copy of its own with the mark that the
//! firm's rule asks for, and the event's id is its code.

use access::{ClientScope, ObjectsScope, OneClient as _, OnePerson as _};
use axum::extract::State;
use axum::response::Response;
use documents::Kind;
use domain::document::Document;
use domain::limits;
use domain::permissions::DownloadDocuments;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AuditReceipt, Brand, ClientObjects, ClientStore};
use web::copies::{self, Room, Taker};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers};

use crate::downloading::Filed;
use crate::facts::client_name;
use crate::opening::Of;
use crate::pages::preview::{self, Looked, Picture};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PreviewQuery {
    /// The page to begin with, counted from 1.
    from: Option<u32>,
}

/// Pictures of pages, made for one reader.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PreviewList {
    items: Vec<PagePicture>,
    /// Pages that can be looked at.
    previews: u32,
    /// The page to go on with.
    next: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PagePicture {
    page: u32,
    /// Of a JPEG, good for a minute.
    address: String,
    width: u32,
    height: u32,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    objects: ObjectsScope<DownloadDocuments>,
    Path(of): Path<Of>,
    Query(query): Query<PreviewQuery>,
) -> Result<Response, Failure> {
    let looked = look(&app, &scope, &objects, &of, &query).await?;
    let (previews, next) = (looked.previews, looked.next());
    let items = looked.pictures.into_iter().map(|picture| {
        let Picture { page, address, width, height } = picture;
        PagePicture { page, address, width, height }
    });
    Ok(answers::json(&PreviewList { items: items.collect(), previews, next }))
}

/// A page of its own, and what the document's page asks for to put into itself.
pub(crate) async fn page(
    State(app): State<App>,
    scope: ClientScope<DownloadDocuments>,
    objects: ObjectsScope<DownloadDocuments>,
    page: Page,
    Path(of): Path<Of>,
    Query(query): Query<PreviewQuery>,
) -> Result<Response, Failure> {
    let looked = look(&app, &scope, &objects, &of, &query).await?;
    if page.fragment {
        return Ok(answers::html(preview::part(scope.client(), &looked)));
    }
    let client = client_name(&ClientStore::open(app.aws(), &scope)).await?;
    let shell = Shell::new(looked.document.name.as_str(), Place::Documents).inside(scope.client(), &client);
    page.show(&app, &scope, shell, preview::page(scope.client(), &looked)).await
}

/// The two scopes are of one person and one client: both come from the same session and the same path.
async fn look(
    app: &App,
    scope: &ClientScope<DownloadDocuments>,
    objects: &ObjectsScope<DownloadDocuments>,
    of: &Of,
    query: &PreviewQuery,
) -> Result<Looked, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (document, brand) = tokio::join!(store.document(&of.document), app.brand(scope));
    let (document, brand) = (document?.ok_or(Failure::NotFound)?, brand?);
    let Filed { filed_as, previews, .. } = Filed::of(&document)?;
    let filed_as = filed_as.to_owned();
    let from = query.from.unwrap_or(1).max(1);
    // Nothing leaves, so nothing is written down.
    let Some((first, last)) = wanted(from, previews) else {
        return Ok(Looked { document, from, previews, pictures: Vec::new(), refused: None });
    };
    let mut moment = app.moment();
    let receipt = store.previewed(&document, (first, last), &mut moment).await?;
    let grant = &scope.vended().grant;
    let taker = Taker {
        role: grant.role,
        email: grant.email.as_str(),
        now: moment.now,
        receipt: &receipt,
        room: Room::Request,
    };
    let copier = Copier {
        app,
        brand: &brand,
        objects: ClientObjects::open(app.aws(), objects),
        document: &document,
        filed_as: &filed_as,
        taker: &taker,
        receipt: &receipt,
    };
    let copies = stream::iter(first..=last).map(|page| copier.copy(page)).buffered(limits::PREVIEWS_AT_ONCE);
    let copies: Result<Vec<Picture>, Failure> = copies.try_collect().await;
    let (pictures, refused) = match copies {
        Ok(pictures) => (pictures, None),
        // A mark that does not fit is no mishap: the reader is told where it would have stood.
        Err(Failure::Refused(why)) => (Vec::new(), Some(why)),
        Err(failure) => return Err(failure),
    };
    Ok(Looked { document, from, previews, pictures, refused })
}

/// The pages that a look from here shows, of those that there are.
fn wanted(from: u32, previews: u32) -> Option<(u32, u32)> {
    (from <= previews).then(|| (from, previews.min(from.saturating_add(limits::PREVIEW_PAGES_PER_LOOK - 1))))
}

struct Copier<'a> {
    app: &'a App,
    brand: &'a Brand,
    objects: ClientObjects<'a, ObjectsScope<DownloadDocuments>>,
    document: &'a Document,
    filed_as: &'a str,
    taker: &'a Taker<'a>,
    receipt: &'a AuditReceipt,
}

impl Copier<'_> {
    async fn copy(&self, page: u32) -> Result<Picture, Failure> {
        let original = self.objects.preview(self.receipt, self.document, self.filed_as, page).await?;
        let copy = match copies::mark_of_picture(self.brand, self.document, self.taker) {
            Some(mark) => copies::marked(Kind::Jpeg, original, mark).await?.bytes,
            None => original,
        };
        let (width, height) = documents::size(&copy).ok_or_else(|| Failure::bug("a page's picture is no picture"))?;
        let (key_arn, origin) = (&self.brand.key_arn, &self.app.config().bucket_origin);
        let address = self.objects.vend_preview(self.receipt, self.document, (page, copy), key_arn, origin).await?;
        Ok(Picture { page, address, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_shows_a_few_pages_of_those_that_there_are() {
        let check = |from, previews, want| assert_eq!(wanted(from, previews), want, "{from} of {previews}");
        check(1, 0, None);
        check(1, 1, Some((1, 1)));
        check(1, 20, Some((1, 4)));
        check(5, 6, Some((5, 6)));
        check(7, 6, None);
        check(u32::MAX, 6, None);
        check(u32::MAX, u32::MAX, Some((u32::MAX, u32::MAX)));
    }
}
