//! The only writer of search indexes. A client's messages come one after the other, so that one bundle follows from the
//! one before; what else became ready meanwhile goes into the same bundle, and its own message then finds it done.
//!
//! The bundle that held before stays for whoever is reading it; the one before that is let go.

mod catalog;
mod covered;

use access::{ClientJob, Fact, Job, JobScope};
use domain::document::{Audience, Document, State};
use domain::ids::ulid;
use domain::message::{Message as Talk, Topic};
use domain::notice::{IndexMessage, IndexWork};
use domain::{DocumentId, limits};
use search::Writer;
use storage::{ClientObjects, ClientStore, DocumentFilter, IndexPointer, StorageError};
use web::App;
use web::worker::{Message, Outcome};

use catalog::{Change, entry, talk};

pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let IndexMessage { v, firm, client, work } = message.parse()?;
    if v != 1 {
        return Err(Outcome::bury(format!("version {v} of a message for the index")));
    }
    // A document may be gone, and its words have to go as well: the client has to be there.
    let fact = Fact::Client { firm, client };
    let scope = JobScope::enter(Job::Indexer, fact, app.aws().vendor(), app.now()).await?;
    let scope = scope.of_client().ok_or_else(|| Outcome::bury("a document without a client"))?;
    let shelf = Shelf {
        app: &app,
        scope: &scope,
        store: ClientStore::open(app.aws(), &scope),
        objects: ClientObjects::open_for_job(app.aws(), &scope),
    };
    for _ in 0..limits::WRITE_TRIES_MAX {
        let done = match &work {
            IndexWork::Document { document, again } => shelf.index(document, *again).await,
            IndexWork::Message { topic, number, again } => shelf.index_message(topic, *number, *again).await,
            IndexWork::Rebuild { rebuild, always } => shelf.make_anew(*rebuild, *always).await,
        };
        match done {
            Err(Failed::LostRace) => (),
            Err(Failed::Other(outcome)) => return Err(outcome),
            Ok(()) => return Ok(()),
        }
    }
    Err(Outcome::Retry { why: "the index changed each time".into() })
}

/// One client's documents and index, for one message.
struct Shelf<'a> {
    app: &'a App,
    scope: &'a ClientJob<'a>,
    store: ClientStore<'a, ClientJob<'a>>,
    objects: ClientObjects<'a, ClientJob<'a>>,
}

enum Failed {
    /// Another bundle came to hold meanwhile: begin again from that one.
    LostRace,
    Other(Outcome),
}

impl<E: Into<Outcome>> From<E> for Failed {
    fn from(error: E) -> Self {
        Failed::Other(error.into())
    }
}

impl Shelf<'_> {
    async fn index(&self, asked: &DocumentId, again: bool) -> Result<(), Failed> {
        let (document, open) = tokio::join!(self.store.document(asked), self.store.index_pointer(Audience::Open));
        let (Some(document), open) = (document?, open?) else {
            return self.take_out(asked).await;
        };
        // What the firm keeps to itself is in an index of its own, which no role of the client reaches.
        let audience = document.visibility.audience();
        let pointer = if audience == Audience::Open { open } else { self.store.index_pointer(audience).await? };
        if covered::holds(self.scope, pointer.as_ref(), &document) {
            return Ok(());
        }
        let (writer, rebuilt) = self.open(audience, pointer.as_ref()).await?;
        let wanted = self.wanted(document, again, &writer).await?;
        let mut changes = Vec::with_capacity(wanted.len());
        let mut text_bytes = 0;
        let mut taken = Vec::with_capacity(wanted.len());
        for document in wanted {
            // What was asked for comes first and always; the rest waits for its own message when there is much.
            if text_bytes > limits::INDEX_RUN_TEXT_BYTES_MAX {
                break;
            }
            let change = self.change(&document).await?;
            text_bytes += change.bytes();
            changes.push(change);
            taken.push(document);
        }
        let Some((bundle, count)) = catalog::apply(writer, changes, rebuilt).await? else { return Ok(()) };
        let generation = self.hold(audience, pointer.as_ref(), &bundle, count).await?;
        covered::remember(self.scope, &generation, &taken);
        self.let_go(audience, pointer).await;
        tracing::info!(documents = taken.len(), entries = count, bytes = bundle.len(), "indexed");
        Ok(())
    }

    /// A message, and those of its thread that are not in the index yet: their own work then finds it done.
    async fn index_message(&self, topic: &Topic, number: u64, again: bool) -> Result<(), Failed> {
        let (asked, newest, team, pointer) = tokio::join!(
            self.store.message(topic, number),
            self.store.messages(topic, None, limits::MESSAGES_SHOWN_MAX),
            self.store.team(),
            self.store.index_pointer(Audience::Open),
        );
        let (Some(asked), newest, team, pointer) = (asked?, newest?.messages, team?, pointer?) else { return Ok(()) };
        let (writer, rebuilt) = self.open(Audience::Open, pointer.as_ref()).await?;
        let others = newest.into_iter().filter(|message| message.number != number);
        let differs = |message: &Talk| again && message.number == number || !writer.contains(message.id.as_str());
        let wanted: Vec<Talk> = std::iter::once(asked).chain(others).filter(differs).collect();
        let changes = wanted.iter().map(|message| Change::Put(talk(message, &team))).collect();
        let Some((bundle, count)) = catalog::apply(writer, changes, rebuilt).await? else { return Ok(()) };
        self.hold(Audience::Open, pointer.as_ref(), &bundle, count).await?;
        self.let_go(Audience::Open, pointer).await;
        tracing::info!(messages = wanted.len(), entries = count, bytes = bundle.len(), "indexed");
        Ok(())
    }

    /// Every message of every thread.
    async fn put_messages(&self, mut writer: Writer) -> Result<Writer, Failed> {
        let (threads, team) = tokio::join!(self.store.threads(), self.store.team());
        let (threads, team) = (threads?, team?);
        for thread in threads {
            let mut before = None;
            loop {
                let page = self.store.messages(&thread.topic, before, limits::INDEX_MESSAGES_AT_ONCE).await?;
                let Some(first) = page.messages.first().map(|message| message.number) else { break };
                let changes = page.messages.iter().map(|message| Change::Put(talk(message, &team))).collect();
                writer = catalog::put_all(writer, changes).await?;
                if !page.earlier {
                    break;
                }
                before = Some(first);
            }
        }
        Ok(writer)
    }

    /// The whole index from its sources: whatever it holds, or only where none opens. By now somebody may have mended it.
    async fn make_anew(&self, audience: Audience, always: bool) -> Result<(), Failed> {
        let pointer = self.store.index_pointer(audience).await?;
        let (writer, rebuilt) = match always {
            true => (self.rebuild(audience).await?, true),
            false => self.open(audience, pointer.as_ref()).await?,
        };
        let Some((bundle, count)) = catalog::apply(writer, Vec::new(), rebuilt).await? else { return Ok(()) };
        self.hold(audience, pointer.as_ref(), &bundle, count).await?;
        self.let_go(audience, pointer).await;
        tracing::info!(entries = count, bytes = bundle.len(), "an index is made anew");
        Ok(())
    }

    /// A document that was destroyed leaves the index as well.
    async fn take_out(&self, gone: &DocumentId) -> Result<(), Failed> {
        for audience in Audience::ALL {
            self.take_out_of(audience, gone).await?;
        }
        Ok(())
    }

    async fn take_out_of(&self, audience: Audience, gone: &DocumentId) -> Result<(), Failed> {
        let pointer = self.store.index_pointer(audience).await?;
        let Some(before) = &pointer else { return Ok(()) };
        let (writer, rebuilt) = self.open(audience, pointer.as_ref()).await?;
        if !rebuilt && !writer.contains(gone.as_str()) {
            return Ok(());
        }
        let change = Change::Remove(gone.to_string());
        let Some((bundle, count)) = catalog::apply(writer, vec![change], rebuilt).await? else { return Ok(()) };
        self.hold(audience, pointer.as_ref(), &bundle, count).await?;
        // Neither may the bundles stay that still hold its words.
        for old in std::iter::once(&before.generation).chain(&before.before) {
            self.objects.remove_bundle(audience, old).await?;
        }
        Ok(())
    }

    /// Stores a bundle, and lets it hold from now on in place of the one that `before` names.
    async fn hold(
        &self,
        audience: Audience,
        before: Option<&IndexPointer>,
        bundle: &[u8],
        count: usize,
    ) -> Result<String, Failed> {
        let generation = ulid(self.app.moment().next_id());
        let brand = self.app.aws().client_brand(self.scope, self.app.now()).await?;
        let stored = self.objects.put_bundle(&self.store, audience, generation.clone(), bundle, &brand.key_arn).await?;
        match self.store.move_index(before, &stored, count as u64).await {
            Err(StorageError::Stale) => Err(Failed::LostRace),
            result => Ok(result.map(|()| generation)?),
        }
    }

    /// The bundle that held before the one before.
    async fn let_go(&self, audience: Audience, before: Option<IndexPointer>) {
        if let Some(gone) = before.and_then(|pointer| pointer.before)
            && let Err(error) = self.objects.remove_bundle(audience, &gone).await
        {
            // It costs its place in the bucket and nothing else.
            tracing::warn!(error = web::chain(&error), "a bundle that no longer holds is left behind");
        }
    }

    /// What holds, ready to be changed, and whether it had to be made anew. Without a pointer it is the client's first
    /// document, or the pointer was lost: either way everything that can be found goes in.
    async fn open(&self, audience: Audience, pointer: Option<&IndexPointer>) -> Result<(Writer, bool), Failed> {
        if let Some(pointer) = pointer {
            if let Some(bundle) = self.objects.bundle(&self.store, audience, pointer).await? {
                match catalog::open(Some(bundle)).await? {
                    Ok(writer) => return Ok((writer, false)),
                    Err(why) => tracing::error!(error = web::chain(&why), "the index is broken and is made anew"),
                }
            } else {
                tracing::error!("the index is not to be had and is made anew");
            }
        }
        Ok((self.rebuild(audience).await?, true))
    }

    /// From the kept words of every document that can be found, and all messages.
    async fn rebuild(&self, audience: Audience) -> Result<Writer, Failed> {
        let mut writer = catalog::open(None).await?.map_err(broken)?;
        for some in self.store.found_documents(audience).await?.chunks(limits::INDEX_READS_AT_ONCE) {
            let changes = futures::future::try_join_all(some.iter().map(|document| self.change(document))).await?;
            writer = catalog::put_all(writer, changes).await?;
        }
        // Notes of the firm are no messages, and are found by nobody.
        if audience == Audience::Open { self.put_messages(writer).await } else { Ok(writer) }
    }

    /// The document asked for, and what else became ready, as far as the index differs from them. A document that can be
    /// found stays as it is, so that a message that comes again finds nothing to do, unless its name or place changed.
    async fn wanted(&self, asked: Document, again: bool, writer: &Writer) -> Result<Vec<Document>, Failed> {
        let newest = self.store.documents(&DocumentFilter::default(), None, limits::PAGE_ROWS_MAX).await?;
        let differs = |document: &Document| document.is_found() != writer.contains(document.id.as_str());
        let audience = asked.visibility.audience();
        let others = newest.documents.into_iter().filter(|document| {
            document.id != asked.id && document.visibility.audience() == audience && document.is_found()
        });
        let wanted: Vec<Document> = others.filter(differs).collect();
        Ok(if differs(&asked) || again && asked.is_found() { [vec![asked], wanted].concat() } else { wanted })
    }

    async fn change(&self, document: &Document) -> Result<Change, Failed> {
        let State::Ready { searchable, language, ready_at, .. } = &document.state else {
            return Ok(Change::Remove(document.id.to_string()));
        };
        // It lies in the bin, or another version stands in its place.
        if !document.is_found() {
            return Ok(Change::Remove(document.id.to_string()));
        }
        let text = if *searchable { self.objects.text(&self.store, document).await? } else { Some(Vec::new()) };
        if text.is_none() {
            tracing::error!(document.id = document.id.as_str(), "a document's words are not to be had");
        }
        Ok(Change::Put(entry(document, language.as_deref(), *ready_at, text.unwrap_or_default())))
    }
}

fn broken(why: search::Broken) -> Failed {
    Failed::Other(Outcome::retry(&why))
}
