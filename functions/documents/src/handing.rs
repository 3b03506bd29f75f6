//! Files that are for a line of a request list: where they go, and the list that shows them.

use std::collections::BTreeMap;

use domain::document::{Document, NewDocument, Visibility};
use domain::permissions::UploadDocuments;
use domain::project::Project;
use domain::request::{OnLine, Request, RequestRefused, category_of, hand_in, with_files};
use domain::{RequestId, Timestamp};
use storage::ClientStore;
use web::Failure;

type Store<'a> = ClientStore<'a, access::ClientScope<UploadDocuments>>;

/// What was asked for, with the line of a refused file where another copy of it names none: the copy is for it too.
pub(crate) async fn placed(store: &Store<'_>, news: &[NewDocument]) -> Result<Vec<NewDocument>, Failure> {
    let mut placed = news.to_vec();
    for new in placed.iter_mut().filter(|new| new.request.is_none()) {
        let Some(refused) = &new.again_for else { continue };
        let Some(on) = store.document(refused).await?.and_then(|document| document.request) else { continue };
        let list = store.request(&on.list).await?;
        let takes = list.is_some_and(|list| hand_in(&list, &on.line, &[], list.changed_at).is_ok());
        new.request = Some(on).filter(|_| takes);
    }
    Ok(placed)
}

/// The lists that the files are for. One that is not the client's is not there.
pub(crate) struct Lists(BTreeMap<RequestId, Request>);

impl Lists {
    pub(crate) async fn of(store: &Store<'_>, news: &[NewDocument]) -> Result<Self, Failure> {
        let mut lists = BTreeMap::new();
        for OnLine { list, .. } in news.iter().filter_map(|new| new.request.as_ref()) {
            if !lists.contains_key(list) {
                lists.insert(list.clone(), store.request(list).await?.ok_or(Failure::NotFound)?);
            }
        }
        Ok(Self(lists))
    }

    /// In the category that its line says, where it is for one.
    pub(crate) fn in_its_place(&self, new: &NewDocument, project: &Project) -> Result<NewDocument, Failure> {
        let Some(on) = &new.request else { return Ok(new.clone()) };
        let list = self.0.get(&on.list).filter(|list| list.project == new.project).ok_or(Failure::NotFound)?;
        let line = list.line(&on.line).ok_or(Failure::NotFound)?;
        if new.visibility == Some(Visibility::Firm) {
            return Err(RequestRefused::FirmOnly.into());
        }
        Ok(NewDocument { category: category_of(line, &new.category, project.pack), ..new.clone() })
    }

    /// Each list as it is and as it is to be, with the files on their lines.
    pub(crate) fn with(&self, documents: &[Document], now: Timestamp) -> Result<Vec<(Request, Request)>, Failure> {
        let mut changed = Vec::new();
        for list in self.0.values() {
            let next = with_files(list, documents, now)?;
            changed.push((list.clone(), next.unwrap_or_else(|| list.clone())));
        }
        Ok(changed)
    }
}
