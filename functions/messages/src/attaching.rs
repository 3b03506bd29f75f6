//! Documents that come with a message: which ones it may name, and what its readers see of them. Whoever may not see a
//! document is not told of it, whatever names it.

use std::collections::BTreeMap;

use access::{Actor, ClientScope, OneClient, OnePerson};
use domain::PermissionName::ViewDocuments;
use domain::document::{Audience, Document, State};
use domain::message::{AttachRefused, attach};
use domain::permissions::{Permission, UploadDocuments};
use domain::{ClientId, DocumentId, Timestamp, limits};
use schemars::JsonSchema;
use serde::Serialize;
use storage::ClientStore;
use web::ui::attach::{Attached, AttachedStage};
use web::{App, Failure};

/// The ids of a form's one field.
pub(crate) fn ids(field: &str) -> Result<Vec<DocumentId>, Failure> {
    field.split_whitespace().map(|id| Ok(DocumentId::parse(id)?)).collect()
}

/// The documents that a message may name of those asked for. Whoever attaches may upload as well: the scope for that is
/// asked for where something is attached only, since writing alone needs none.
pub(crate) async fn settled<P: Permission>(
    app: &App,
    actor: &Actor,
    scope: &ClientScope<P>,
    asked: &[DocumentId],
    audience: Audience,
) -> Result<Result<Vec<DocumentId>, AttachRefused>, Failure> {
    if asked.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let uploads: ClientScope<UploadDocuments> =
        actor.enter(scope.client().clone(), app.aws().vendor(), app.now()).await?;
    let store = ClientStore::open(app.aws(), &uploads);
    let found = store.documents_named(&asked[..asked.len().min(limits::ATTACHMENTS_PER_MESSAGE_MAX)]).await?;
    Ok(attach(asked, &found, uploads.person(), audience, app.now()))
}

/// The documents of some messages, as far as the reader may see them.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<DocumentId, Document>);

impl Files {
    pub(crate) async fn read<P>(
        store: &ClientStore<'_, ClientScope<P>>,
        scope: &ClientScope<P>,
        ids: impl Iterator<Item = &DocumentId>,
    ) -> Result<Self, Failure> {
        let ids: Vec<DocumentId> = ids.cloned().collect();
        if ids.is_empty() || !scope.may(ViewDocuments) {
            return Ok(Self::default());
        }
        Ok(Self(store.documents_named(&ids).await?))
    }

    /// Those of one message. What lies in the bin, or was given up by its sender, is not there.
    fn of<'a>(&'a self, ids: &'a [DocumentId]) -> impl Iterator<Item = &'a Document> {
        let seen = |document: &&Document| document.binned.is_none() && !document.state.is_cancelled();
        ids.iter().filter_map(|id| self.0.get(id)).filter(seen)
    }

    pub(crate) fn shown(&self, ids: &[DocumentId], client: &ClientId, now: Timestamp) -> Vec<FileShown> {
        self.of(ids).map(|document| FileShown::of(document, client, now)).collect()
    }

    pub(crate) fn out(&self, ids: &[DocumentId]) -> Vec<AttachmentOut> {
        self.of(ids).map(AttachmentOut::of).collect()
    }
}

/// A document that came with a message.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AttachmentOut {
    document: DocumentId,
    name: String,
    size_bytes: u64,
    /// `awaiting_upload`, `processing`, `ready` or `rejected`.
    state: &'static str,
    /// Why it was refused, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

impl AttachmentOut {
    fn of(document: &Document) -> Self {
        let detail = match &document.state {
            State::Rejected { reason, .. } => Some(reason.sentence()),
            _ => None,
        };
        Self {
            document: document.id.clone(),
            name: document.name.to_string(),
            size_bytes: document.size_bytes,
            state: document.state.as_str(),
            detail,
        }
    }
}

/// The same for a page.
#[derive(Debug)]
pub(crate) struct FileShown {
    id: DocumentId,
    name: String,
    size_bytes: u64,
    href: String,
    state_href: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Sending,
    Checking,
    Ready,
    Refused(&'static str),
}

impl FileShown {
    fn of(document: &Document, client: &ClientId, now: Timestamp) -> Self {
        let stage = match &document.state {
            state if state.missed(now) && document.parts.is_none() => Stage::Refused("It did not arrive."),
            State::AwaitingUpload { .. } => Stage::Sending,
            State::Processing { .. } => Stage::Checking,
            State::Ready { .. } => Stage::Ready,
            State::Rejected { reason, .. } => Stage::Refused(reason.sentence()),
        };
        Self {
            id: document.id.clone(),
            name: document.name.to_string(),
            size_bytes: document.size_bytes,
            href: format!("/clients/{client}/documents/{}", document.id),
            state_href: format!("/api/v1/clients/{client}/documents/{}", document.id),
            stage,
        }
    }

    pub(crate) fn chip(&self) -> Attached<'_> {
        let checking = |words| AttachedStage::Checking { words, state_href: &self.state_href };
        Attached {
            id: self.id.as_str(),
            name: &self.name,
            href: &self.href,
            size_bytes: self.size_bytes,
            stage: match self.stage {
                Stage::Sending => checking("On its way"),
                Stage::Checking => checking("Being checked"),
                Stage::Ready => AttachedStage::Ready,
                Stage::Refused(why) => AttachedStage::Refused { why },
            },
        }
    }
}
