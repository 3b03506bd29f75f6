//! A client's month: the row that has it told, once, and what is read when it is.

use access::ClientJob;
use domain::document::Document;
use domain::message::Thread;
use domain::notice::Cause;
use domain::notice::summary::{Month, Summary};
use domain::{Timestamp, limits};
use futures::future::join_all;

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
        let (projects, conversations, lists, documents) = tokio::join!(
            self.projects(),
            self.conversations_in(&month),
            self.open_requests(),
            self.documents_in(&month),
        );
        Ok(Summary::of(month, &projects?, &documents?, conversations?, &lists?))
    }

    async fn conversations_in(&self, month: &Month) -> Result<usize, StorageError> {
        let threads = self.threads().await?;
        let had = join_all(threads.iter().map(|thread| self.had_messages(thread, month))).await;
        let had: Vec<bool> = had.into_iter().collect::<Result<_, StorageError>>()?;
        Ok(had.into_iter().filter(|had| *had).count())
    }

    /// Whether somebody wrote in it then. A thread says when its last message was; of one that went on since, the last
    /// one before is looked for.
    async fn had_messages(&self, thread: &Thread, month: &Month) -> Result<bool, StorageError> {
        if thread.last_at < month.until {
            return Ok(month.has(thread.last_at));
        }
        let mut before = None;
        for _ in 0..limits::MONTH_PAGES_MAX {
            let page = self.messages(&thread.topic, before, limits::PAGE_ROWS_MAX).await?;
            if let Some(last) = page.messages.iter().rfind(|message| message.at < month.until) {
                return Ok(month.has(last.at));
            }
            match page.messages.first().filter(|_| page.earlier) {
                Some(first) => before = Some(first.number),
                None => return Ok(false),
            }
        }
        // As busy as that, it was in the month as well.
        Ok(true)
    }

    /// The newest first.
    async fn documents_in(&self, month: &Month) -> Result<Vec<Document>, StorageError> {
        let filter = DocumentFilter { from: Some(month.from), until: Some(month.until), ..DocumentFilter::default() };
        let (mut after, mut found) = (None, Vec::new());
        for _ in 0..limits::MONTH_PAGES_MAX {
            let page = self.documents(&filter, after.as_ref(), limits::PAGE_ROWS_MAX).await?;
            found.extend(page.documents);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(found)
    }
}
