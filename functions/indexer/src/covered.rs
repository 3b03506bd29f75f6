//! What this process has put into the bundle that holds, so that the messages of a batch, which the first of them has
//! done already, cost one read each.

use std::collections::BTreeMap;
use std::sync::Mutex;

use access::{ClientJob, OneClient};
use domain::document::Document;
use domain::{ClientId, DocumentId, FirmId};
use storage::IndexPointer;

struct Covered {
    firm: FirmId,
    client: ClientId,
    /// Of one audience's bundle: no other has the same.
    generation: String,
    /// With the version of the row that was indexed.
    documents: BTreeMap<DocumentId, u64>,
}

static LAST: Mutex<Option<Covered>> = Mutex::new(None);

/// Whether the bundle that the pointer names has this version of the document in it, by our own doing.
pub(crate) fn holds(scope: &ClientJob<'_>, pointer: Option<&IndexPointer>, document: &Document) -> bool {
    let Ok(last) = LAST.lock() else { return false };
    let (Some(last), Some(pointer)) = (last.as_ref(), pointer) else { return false };
    last.firm == *scope.client_firm()
        && last.client == *scope.client()
        && last.generation == pointer.generation
        && last.documents.get(&document.id) == Some(&document.version)
}

pub(crate) fn remember(scope: &ClientJob<'_>, generation: &str, documents: &[Document]) {
    if let Ok(mut last) = LAST.lock() {
        *last = Some(Covered {
            firm: scope.client_firm().clone(),
            client: scope.client().clone(),
            generation: generation.to_owned(),
            documents: documents.iter().map(|document| (document.id.clone(), document.version)).collect(),
        });
    }
}
