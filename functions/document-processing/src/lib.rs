//! What becomes of an upload. Two messages tell of it, in any order and more than once: the bucket's that it arrived,
//! and the scanner's verdict. Only what the scanner calls clean is read; only what can be read is filed.
//!
//! Keys in messages are claims. The proof is the row of a document that waits for exactly this upload: without it no
//! credentials are vended, and there is nothing to do.

pub mod child;
mod large;
mod previews;
mod reader;
mod sight;

use std::time::Duration;

use access::{ClientJob, Fact, Job, JobScope};
use child::Found;
use documents::Kind;
use domain::document::{self, Audience, Document, Event, RejectReason, State};
use domain::{DocumentId, Timestamp, limits};
use storage::{Aws, Brand, ClientObjects, ClientStore, OfList, StorageError, Upload, UploadKey};
use web::App;
use web::worker::{Message, Outcome, ScanResult, UploadNews};

use previews::Shown;
use sight::{Eyes, Seen};

pub use reader::Reader;
pub use sight::{Engine, Local};

/// How files are opened here.
struct Tools {
    reader: Reader,
    engine: Engine,
}

pub async fn handle(app: App, message: Message, reader: Reader, engine: Engine) -> Result<(), Outcome> {
    let tools = Tools { reader, engine };
    match UploadNews::parse(&message)? {
        UploadNews::Trial => Ok(()),
        UploadNews::Arrived(objects) => {
            for object in objects {
                let key = ours(&app, &object.bucket, &object.key)?;
                arrived(&app, &tools, key, &object.version).await?;
            }
            Ok(())
        }
        UploadNews::Verdict(verdict) => {
            let key = ours(&app, &verdict.bucket, &verdict.key)?;
            judged(&app, &tools, key, &verdict.version, verdict.result, message.tries()).await
        }
    }
}

fn ours(app: &App, bucket: &str, key: &str) -> Result<UploadKey, Outcome> {
    let key = UploadKey::parse(key).filter(|_| bucket == app.aws().settings().bucket_documents);
    key.ok_or_else(|| Outcome::bury("the object's key is none that a ticket of ours could lead to"))
}

/// The scope of the document that waits for an upload.
async fn enter(app: &App, key: UploadKey) -> Result<(JobScope, DocumentId), Outcome> {
    let UploadKey { firm, client, audience, document } = key;
    let internal = audience == Audience::Internal;
    let fact = Fact::Upload { firm, client, document: document.clone(), internal };
    Ok((JobScope::enter(Job::DocumentProcessing, fact, app.aws().vendor(), app.now()).await?, document))
}

async fn arrived(app: &App, tools: &Tools, key: UploadKey, version: &str) -> Result<(), Outcome> {
    let (scope, id) = enter(app, key).await?;
    let scope = scope.of_client().ok_or_else(|| Outcome::bury("an upload without a client"))?;
    let desk = Desk::open(app, tools, &scope);
    desk.decide(&id, |document, _| document::receive(document, version)).await
}

async fn judged(
    app: &App,
    tools: &Tools,
    key: UploadKey,
    version: &str,
    result: ScanResult,
    tries: u32,
) -> Result<(), Outcome> {
    let (scope, id) = enter(app, key).await?;
    let scope = scope.of_client().ok_or_else(|| Outcome::bury("an upload without a client"))?;
    let desk = Desk::open(app, tools, &scope);
    let Some(document) = desk.store.document(&id).await?.filter(|document| waits_for(document, version)) else {
        return Ok(());
    };
    let finding = match result {
        ScanResult::Infected => Err(RejectReason::Malware),
        ScanResult::Failed => Err(RejectReason::ScanFailed),
        // Whatever ended the reader before would end it again, and the client would never hear of it.
        ScanResult::Clean | ScanResult::Unsupported if tries > limits::DOCUMENT_READS_MAX => {
            Err(RejectReason::Unreadable)
        }
        ScanResult::Unsupported => Err(desk.why_unsupported(&document, version).await?),
        ScanResult::Clean => desk.file(&document, version).await?,
    };
    let stands = document::may_still_file(desk.store.standing(&document.by).await?);
    match finding.and_then(|checked| if stands { Ok(checked) } else { Err(RejectReason::AccessEnded) }) {
        Ok(checked) => desk.decide(&id, |document, now| document::accept(document, checked.clone(), now)).await,
        Err(reason) => desk.decide(&id, |document, now| document::reject(document, version, reason, now)).await,
    }
}

fn waits_for(document: &Document, version: &str) -> bool {
    match &document.state {
        State::AwaitingUpload { .. } => true,
        State::Processing { object_version } => object_version == version,
        State::Ready { .. } | State::Rejected { .. } => false,
    }
}

type Finding = Result<document::Checked, RejectReason>;

/// One client's rows and objects, for one message.
struct Desk<'a> {
    app: &'a App,
    tools: &'a Tools,
    scope: &'a ClientJob<'a>,
    store: ClientStore<'a, ClientJob<'a>>,
    objects: ClientObjects<'a, ClientJob<'a>>,
}

impl<'a> Desk<'a> {
    fn open(app: &'a App, tools: &'a Tools, scope: &'a ClientJob<'a>) -> Self {
        let aws: &Aws = app.aws();
        let store = ClientStore::open(aws, scope);
        Self { app, tools, scope, store, objects: ClientObjects::open_for_job(aws, scope) }
    }

    async fn brand(&self) -> Result<std::sync::Arc<Brand>, Outcome> {
        Ok(self.app.aws().client_brand(self.scope, self.app.now()).await?)
    }

    /// Reads the upload, keeps its words, files it.
    async fn file(&self, document: &Document, version: &str) -> Result<Finding, Outcome> {
        let brand = self.brand().await?;
        if document.size_bytes > limits::DOCUMENT_READ_BYTES_MAX {
            return self.file_large(document, version, &brand).await;
        }
        let bytes = match self.fetch(document, version, &brand).await? {
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Err(reason)),
        };
        if !large::is_as_sent(document, &bytes) {
            return Ok(Err(RejectReason::Altered));
        }
        let found = match self.tools.reader.read(document.name.as_str(), &bytes).await? {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        let Found { kind, mut pages, page_count, unread } = found;
        let kind: Kind = kind.parse().map_err(|error| Outcome::retry(&error))?;
        let clock = || self.app.now();
        let eyes = Eyes {
            engine: self.tools.engine,
            reader: &self.tools.reader,
            aws: self.app.aws(),
            scope: self.scope,
            clock: &clock,
        };
        let Seen { read: read_by_sight, unseen } = eyes.read(kind.as_str(), &bytes, &unread, &mut pages).await?;
        let (filed_as, key_arn) = (filed_as(version), brand.key_arn.as_str());
        let shown = Shown { kind, bytes: &bytes, pages: &pages, filed_as: &filed_as };
        let previews = self.keep_previews(document, &shown, key_arn).await;
        let checked = document::Checked {
            object_version: version.to_owned(),
            filed_as,
            digest: crypto::sha256_hex(&bytes),
            size_bytes: bytes.len() as u64,
            kind: kind.as_str().to_owned(),
            pages: page_count,
            searchable: pages.iter().any(|page| page.contains(char::is_alphanumeric)),
            read_by_sight,
            unseen,
            previews,
            language: documents::language(&pages).map(str::to_owned),
        };
        if checked.searchable {
            self.objects.put_text(&self.store, document, &pages, key_arn).await?;
        }
        self.objects.file_original(document, &checked.filed_as, bytes, kind.content_type(), key_arn).await?;
        Ok(Ok(checked))
    }

    /// A scanner gives up on files with a password too, and those deserve their own words.
    async fn why_unsupported(&self, document: &Document, version: &str) -> Result<RejectReason, Outcome> {
        let brand = self.brand().await?;
        if document.size_bytes > limits::DOCUMENT_READ_BYTES_MAX {
            return self.why_large_unsupported(document, version, &brand).await;
        }
        match self.fetch(document, version, &brand).await? {
            Ok(bytes) => self.tools.reader.why_refused(document.name.as_str(), &bytes).await,
            Err(reason) => Ok(reason),
        }
    }

    async fn fetch(
        &self,
        document: &Document,
        version: &str,
        brand: &Brand,
    ) -> Result<Result<Vec<u8>, RejectReason>, Outcome> {
        Ok(match self.objects.upload(document, version, &brand.key_arn).await? {
            Upload::Bytes(bytes) => Ok(bytes),
            Upload::TooLarge => Err(RejectReason::TooLarge),
            Upload::ForeignKey => {
                tracing::warn!(document.id = document.id.as_str(), "an upload lies under another key than the firm's");
                Err(RejectReason::ScanFailed)
            }
            Upload::Gone => Err(RejectReason::ScanFailed),
        })
    }

    /// The request list that a file has just been filed for. Whatever else becomes of a file changes no list.
    async fn list_of(&self, document: &Document, event: &Event, now: Timestamp) -> Result<Option<OfList>, Outcome> {
        let Some(on) = document.request.as_ref().filter(|_| *event == Event::Ready) else { return Ok(None) };
        Ok(self.store.request(&on.list).await?.map(|list| OfList::filed(list, on, document, now)))
    }

    /// Decides on what is stored and stores what was decided; a lost race decides again.
    async fn decide(
        &self,
        id: &DocumentId,
        decision: impl Fn(&Document, Timestamp) -> (Document, Vec<Event>),
    ) -> Result<(), Outcome> {
        let started = self.app.now();
        let mut moment = self.app.moment();
        for attempt in 0.. {
            let Some(before) = self.store.document(id).await? else { return Ok(()) };
            let (after, events) = decision(&before, moment.now);
            let Some(event) = events.first() else { return Ok(()) };
            let list = self.list_of(&after, event, moment.now).await?;
            match self.store.change_document(&before, &after, event, list.as_ref(), &mut moment).await {
                Err(StorageError::Stale) if !is_over(started, self.app.now()) => {
                    let most = 20_u64 << u64::min(attempt, 6);
                    let pause = u64::try_from(moment.next_random() % u128::from(most)).unwrap_or(0);
                    tokio::time::sleep(Duration::from_millis(pause + 1)).await;
                }
                result => return Ok(result.map(|_| ())?),
            }
        }
        Ok(())
    }
}

/// The name under which one version of an upload is filed: the same each time, so that a repeated try leaves nothing
/// behind, and nothing that the sender has chosen.
fn filed_as(object_version: &str) -> String {
    let digest = crypto::sha256(format!("filed|{object_version}").as_bytes());
    domain::ids::ulid(digest.iter().take(16).fold(0, |bits, byte| (bits << 8) | u128::from(*byte)))
}

fn is_over(started: Timestamp, now: Timestamp) -> bool {
    now.as_second() - started.as_second() >= i64::try_from(limits::WORKER_WRITE_SECONDS_MAX).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_name() {
        let name = filed_as("v1");
        assert_eq!(name, filed_as("v1"));
        assert_ne!(name, filed_as("v2"));
        assert!(domain::DocumentId::parse(&name).is_ok(), "{name}");
    }
}
