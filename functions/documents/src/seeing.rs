//! Who may see a document: what people and programs ask for, made sure of before it is decided on.

use std::collections::BTreeSet;

use access::{ClientScope, OneClient};
use axum::extract::State;
use axum::response::Response;
use domain::PersonId;
use domain::document::{DocumentEdit, DocumentRefused, NewDocument, Visibility};
use domain::permissions::{UploadDocuments, ViewDocuments};
use storage::ClientStore;
use web::{App, Failure, Fields, Page, Path, answers};

use crate::arranging;
use crate::opening::{self, Of, Wrong};

type Store<'a> = ClientStore<'a, ClientScope<UploadDocuments>>;

/// New documents with the viewers that they are to have. Another copy of a refused one is for whom that one was, where
/// nothing else is said: what was for few does not become everybody's by being sent again.
pub(crate) async fn settled(store: &Store<'_>, news: &[NewDocument]) -> Result<Vec<NewDocument>, Failure> {
    let mut settled = Vec::with_capacity(news.len());
    for new in news {
        let mut new = new.clone();
        match (&new.visibility, &new.again_for) {
            (Some(_), _) | (None, None) => (),
            (None, Some(refused)) => new.visibility = store.document(refused).await?.map(|before| before.visibility),
        }
        if let Some(visibility) = &new.visibility {
            check(store, visibility).await?;
        }
        settled.push(new);
    }
    Ok(settled)
}

/// Those who are named are of the company, and what is kept is kept by somebody who may.
pub(crate) async fn check(store: &Store<'_>, visibility: &Visibility) -> Result<(), Failure> {
    match visibility {
        Visibility::Company => Ok(()),
        Visibility::Firm if store.may_keep_internal() => Ok(()),
        Visibility::Firm => Err(DocumentRefused::NotInternal.into()),
        Visibility::People(named) => {
            let team = store.team().await?;
            let company: BTreeSet<&PersonId> =
                team.iter().filter(|member| member.of_client).map(|member| &member.person).collect();
            if named.iter().all(|person| company.contains(person)) {
                Ok(())
            } else {
                Err(DocumentRefused::NotOfCompany.into())
            }
        }
    }
}

/// What a form says: `everyone`, `people` with those who are ticked, or `firm`. Nothing where it says nothing.
pub(crate) fn read(fields: &Fields) -> Result<Option<Visibility>, Failure> {
    Ok(match fields.one("visibility") {
        Some("everyone") => Some(Visibility::Company),
        Some("people") => {
            Some(Visibility::People(fields.all("person").map(PersonId::parse).collect::<Result<_, _>>()?))
        }
        Some("firm") => Some(Visibility::Firm),
        _ => None,
    })
}

/// The form of a document's page. The second scope draws the page again where something is wrong.
pub(crate) async fn save(
    State(app): State<App>,
    scope: ClientScope<UploadDocuments>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let version: u64 = fields.text("version").parse().map_err(|_| DocumentRefused::Stale)?;
    let visibility = read(&fields)?;
    let edit = DocumentEdit { version, visibility: visibility.clone(), ..DocumentEdit::default() };
    let here = format!("/clients/{}/documents/{}", scope.client(), of.document);
    match arranging::store(&app, &scope, &of.document, |_| edit.clone()).await.map_err(Failure::from) {
        Ok(_) => Ok(answers::see_other(&format!("{here}?done=viewers"))),
        Err(Failure::Refused(why)) => {
            let wrong = Wrong::Viewers { visibility: visibility.unwrap_or_default(), why };
            opening::refused(&app, &seen, &page, &of, &wrong).await
        }
        Err(failure) => Err(failure),
    }
}
