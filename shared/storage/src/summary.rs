//! A client's month: the row that has it told, once, and what is read when it is.

use access::ClientJob;
use domain::document::Document;
use domain::notice::Cause;
use domain::notice::summary::{Month, Summary};
use domain::{Timestamp, limits};

use crate::client::ClientStore;
use crate::commit;
use crate::documents_found::DocumentFilter;
use crate::error::StorageError;

impl ClientStore<'_, ClientJob<'_>> {
    /// Has the client's people told of a month, once however often this is asked.
    pub async fn tell_month(&self, month: Month, now: Timestamp) -> Result<(), StorageError> {
        let row =
            commit::outbox_row(self.table(), self.keys.outbox(), &month.outbox(), &Cause::MonthEnded { month }, now)?;
        match commit::transact(&self.dynamo, vec![row]).await {
            // Another day's look was here before.
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }

    pub async fn summed_up(&self, month: Month) -> Result<Summary, StorageError> {
        let (projects, threads, lists, documents) =
            tokio::join!(self.projects(), self.threads(), self.open_requests(), self.documents_since(month.from));
        Ok(Summary::of(month, &projects?, &documents?, &threads?, &lists?))
    }

    /// The newest first.
    async fn documents_since(&self, from: Timestamp) -> Result<Vec<Document>, StorageError> {
        let (filter, mut after, mut found) = (DocumentFilter::default(), None, Vec::new());
        loop {
            let page = self.documents(&filter, after.as_ref(), limits::PAGE_ROWS_MAX).await?;
            let is_over = page.documents.last().is_some_and(|oldest| oldest.asked_at < from);
            found.extend(page.documents.into_iter().filter(|document| document.asked_at >= from));
            match page.next {
                Some(next) if !is_over => after = Some(next),
                _ => return Ok(found),
            }
        }
    }
}
