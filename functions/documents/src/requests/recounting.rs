//! Files that go into the bin or come out of it: the lists that they are an answer to change with them.

use access::ClientScope;
use domain::document::Document;
use domain::permissions::UploadDocuments;
use domain::request::bin::{Files, recounted};
use domain::{RequestId, Timestamp};
use jiff::tz::TimeZone;
use storage::{ClientStore, Recounted};
use web::{App, Failure};

/// Of a list's line, and moved into the bin or out of it.
pub(crate) fn moves_answer(before: &Document, after: &Document) -> bool {
    before.request.is_some() && before.binned.is_some() != after.binned.is_some()
}

/// The lists that change with these documents, and the firm's zone, by which what is asked for again is reminded of.
pub(crate) async fn lists(
    app: &App,
    store: &ClientStore<'_, ClientScope<UploadDocuments>>,
    scope: &ClientScope<UploadDocuments>,
    pairs: &[(&Document, &Document)],
    now: Timestamp,
) -> Result<(Vec<Recounted>, TimeZone), Failure> {
    let moved: Vec<&Document> =
        pairs.iter().filter(|(before, after)| moves_answer(before, after)).map(|(_, after)| *after).collect();
    let mut ids: Vec<&RequestId> = moved.iter().filter_map(|of| Some(&of.request.as_ref()?.list)).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut lists = Vec::new();
    for id in ids {
        let Some(before) = store.request(id).await? else { continue };
        let mut documents = store.some_documents(super::files(&before)).await?;
        for document in &mut documents {
            if let Some(after) = moved.iter().find(|after| after.id == document.id) {
                document.clone_from(after);
            }
        }
        if let Some((after, event)) = recounted(&before, &Files::of(&documents), now) {
            lists.push(Recounted { before, after, event });
        }
    }
    let zone = if lists.is_empty() { TimeZone::UTC } else { app.brand(scope).await?.time_zone() };
    Ok((lists, zone))
}
