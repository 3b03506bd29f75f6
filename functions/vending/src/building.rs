//! One zip, document by document.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::ClientJob;
use documents::Kind;
use documents::zipped::{self, Entry};
use domain::document::{Document, FileName, State as Stage};
use domain::parcel::{self, Failed, Held, Parcel, Paths, State};
use domain::{DocumentId, ProjectId, Timestamp, limits};
use storage::{Brand, ClientObjects, ClientStore, Put, Reader};
use web::copies::{self, Room, Taker};
use web::worker::Outcome;
use web::{App, Failure};

use crate::kept::{Kept, LeftOut, Underway};

/// What a zip says about itself lies in it under this name.
const NOTE: &str = "Not included.txt";

pub(crate) struct Building<'a> {
    app: &'a App,
    store: &'a ClientStore<'a, ClientJob<'a>>,
    objects: &'a ClientObjects<'a, ClientJob<'a>>,
    brand: &'a Arc<Brand>,
    reader: Reader,
    projects: BTreeMap<ProjectId, String>,
    parcel: Parcel,
    list: Vec<DocumentId>,
    kept: Kept,
    paths: Paths,
    kept_at: Timestamp,
    careful: bool,
}

impl<'a> Building<'a> {
    pub(crate) async fn open(
        app: &'a App,
        store: &'a ClientStore<'a, ClientJob<'a>>,
        objects: &'a ClientObjects<'a, ClientJob<'a>>,
        brand: &'a Arc<Brand>,
        reader: Reader,
        parcel: Parcel,
        list: Vec<DocumentId>,
    ) -> Result<Self, Outcome> {
        let kept = match &parcel.step {
            Some(step) => Kept::from_bytes(&objects.zip_step(&parcel, step).await?)
                .ok_or_else(|| Outcome::bury("a zip's last step cannot be read"))?,
            None => Kept::default(),
        };
        let projects = store.projects().await?.into_iter();
        let projects = projects.map(|project| (project.id, project.name.to_string())).collect();
        let (paths, kept_at) = (kept.paths(), app.now());
        Ok(Self { app, store, objects, brand, reader, projects, parcel, list, kept, paths, kept_at, careful: false })
    }

    /// `each`: what is done is kept after each document. `passes`: what comes next is left out.
    pub(crate) fn be_careful(&mut self, each: bool, passes: bool) {
        self.careful = each;
        if passes && self.kept.file.is_none() && self.kept.next < self.list.len() {
            let name = "A file".to_owned();
            self.kept.left_out.push(LeftOut { name, why: "It could not be copied. Download it by itself.".into() });
            self.kept.next += 1;
        }
    }

    /// Until it is made, or until the time is over: then what the next run goes on with.
    pub(crate) async fn run(mut self, ends: i64) -> Result<Option<Parcel>, Outcome> {
        while let Some(id) = self.list.get(self.kept.next).cloned() {
            let document = self.store.document_for(&id, &self.reader.viewer).await?;
            let head_is_out = self.kept.file.as_ref().is_some_and(|file| file.written_bytes.is_some());
            match (document.filter(|document| parcel::left_out(document).is_none() || !head_is_out), head_is_out) {
                (Some(document), _) => self.one(&document).await?,
                // What is announced in the zip has to follow.
                (None, true) => return self.fail(Failed::Changed).await,
                (None, false) => {
                    self.kept.file = None;
                    self.kept.holds.retain(|held| held.document != id);
                    self.kept.unseen += 1;
                    self.pass(0);
                }
            }
            let flushed = self.flush().await?;
            let now = self.app.now();
            let is_over = now.as_second() >= ends;
            if flushed
                || is_over
                || self.careful
                || now.as_second() - self.kept_at.as_second() >= limits::ZIP_STEP_SECONDS
            {
                self.keep().await?;
            }
            if is_over && self.kept.next < self.list.len() {
                return Ok(Some(self.parcel));
            }
        }
        self.close().await
    }

    async fn one(&mut self, document: &Document) -> Result<(), Outcome> {
        if let Some(why) = parcel::left_out(document) {
            self.leave_out(document, why);
            return Ok(());
        }
        let Stage::Ready { filed_as, kind, ready_at, .. } = &document.state else { return Ok(()) };
        if self.kept.file.is_some() {
            return self.go_on(document, filed_as).await;
        }
        let kind: Kind = kind.parse().map_err(|error: documents::UnknownKind| Outcome::bury(error.to_string()))?;
        // The event comes first; its id is the code on the copy.
        let (receipt, given) = self.store.give(&self.parcel, &self.reader, document, &mut self.app.moment()).await?;
        let (role, email) = (self.reader.role, self.reader.email.as_str());
        let taker = Taker { role, email, now: given.at, receipt: &receipt, room: Room::Worker };
        let mark = match copies::mark(self.brand, document, &taker) {
            Ok(mark) => mark,
            Err(failure) => return self.refused(document, failure),
        };
        // Left out after all, it is no reason to hand nothing over.
        self.kept.holds.retain(|held| held.document != document.id);
        self.kept.holds.push(Held { document: document.id.clone(), marked: mark.is_some() });
        if self.parcel.single.is_some() {
            return self.single(document, filed_as, kind, mark).await;
        }
        if mark.is_none() && document.size_bytes > limits::ZIP_PART_BYTES as u64 {
            let entry = self.entry(document, &document.name, document.size_bytes, *ready_at);
            self.kept.file = Some(Underway { entry, summed_bytes: 0, written_bytes: None });
            return self.go_on(document, filed_as).await;
        }
        let original = self.objects.filed(document, filed_as, document.size_bytes).await?;
        let original = original.ok_or_else(|| Outcome::Retry { why: "a filed document is not there".into() })?;
        let (name, bytes) = match mark {
            None => (document.name.clone(), original),
            Some(mark) => match copies::marked(kind, original, mark).await {
                Ok(copy) => (copies::name(&document.name, kind, copy.kind), copy.bytes),
                Err(failure) => return self.refused(document, failure),
            },
        };
        let mut entry = self.entry(document, &name, bytes.len() as u64, *ready_at);
        entry.crc = zipped::crc_of(0, &bytes);
        self.add(entry, &bytes);
        self.pass(document.size_bytes);
        Ok(())
    }

    /// Nothing around the copy. Where there is none, the end finds that nothing was written.
    async fn single(
        &mut self,
        document: &Document,
        filed_as: &str,
        kind: Kind,
        mark: Option<documents::Mark>,
    ) -> Result<(), Outcome> {
        if let Some(mark) = mark {
            let original = self.objects.filed(document, filed_as, document.size_bytes).await?;
            let original = original.ok_or_else(|| Outcome::Retry { why: "a filed document is not there".into() })?;
            match copies::marked(kind, original, mark).await {
                Ok(copy) => {
                    self.kept.write(&copy.bytes);
                    self.kept.single = Some(copy.kind.as_str().to_owned());
                }
                Err(failure) => return self.refused(document, failure),
            }
        }
        self.pass(document.size_bytes);
        Ok(())
    }

    /// Some more of a file that is too large for memory.
    async fn go_on(&mut self, document: &Document, filed_as: &str) -> Result<(), Outcome> {
        let Some(mut file) = self.kept.file.take() else { return Ok(()) };
        let size = file.entry.size_bytes;
        let from = file.written_bytes.unwrap_or(file.summed_bytes);
        let count = (size - from).min(limits::ZIP_PART_BYTES as u64);
        let bytes = self.objects.filed_window(document, filed_as, from, count).await?;
        let bytes = bytes.ok_or_else(|| Outcome::Retry { why: "a filed document is not there".into() })?;
        match file.written_bytes.as_mut() {
            None => {
                file.entry.crc = zipped::crc_of(file.entry.crc, &bytes);
                file.summed_bytes += count;
                if file.summed_bytes == size {
                    file.entry.offset = self.kept.offset;
                    self.kept.write(&zipped::head(&file.entry));
                    file.written_bytes = Some(0);
                }
                self.kept.file = Some(file);
            }
            Some(written) => {
                *written += count;
                self.kept.write(&bytes);
                if *written == size {
                    self.kept.entries.push(file.entry);
                    self.pass(document.size_bytes);
                } else {
                    self.kept.file = Some(file);
                }
            }
        }
        Ok(())
    }

    /// A file under a path of its own. Its checksum and its place are not known yet.
    fn entry(&mut self, document: &Document, name: &FileName, size_bytes: u64, ready_at: Timestamp) -> Entry {
        let project = self.project(document).to_owned();
        let path = self.paths.add(&project, &document.category, name.as_str());
        self.dated(path, size_bytes, ready_at)
    }

    fn dated(&self, path: String, size_bytes: u64, at: Timestamp) -> Entry {
        let there = at.to_zoned(self.brand.time_zone());
        let small = |number: i8| u8::try_from(number).unwrap_or(0);
        Entry {
            path,
            crc: 0,
            size_bytes,
            offset: 0,
            changed: at.as_second(),
            year: u16::try_from(there.year()).unwrap_or(1980),
            month: small(there.month()),
            day: small(there.day()),
            hour: small(there.hour()),
            minute: small(there.minute()),
        }
    }

    fn add(&mut self, mut entry: Entry, bytes: &[u8]) {
        entry.offset = self.kept.offset;
        self.kept.write(&zipped::head(&entry));
        self.kept.write(bytes);
        self.kept.entries.push(entry);
    }

    fn project(&self, document: &Document) -> &str {
        self.projects.get(&document.project).map_or("Other", String::as_str)
    }

    fn refused(&mut self, document: &Document, failure: Failure) -> Result<(), Outcome> {
        match failure {
            Failure::Refused(why) => {
                self.leave_out(document, &why);
                Ok(())
            }
            failure => Err(Outcome::Retry { why: failure.name().to_owned() }),
        }
    }

    fn leave_out(&mut self, document: &Document, why: &str) {
        self.kept.file = None;
        self.kept.holds.retain(|held| held.document != document.id);
        let name = format!("{}/{}/{}", self.project(document), document.category, document.name);
        self.kept.left_out.push(LeftOut { name, why: why.to_owned() });
        let counted = if parcel::left_out(document).is_none() { document.size_bytes } else { 0 };
        self.pass(counted);
    }

    fn pass(&mut self, bytes: u64) {
        self.kept.next += 1;
        self.kept.done_bytes += bytes;
    }

    /// Writes a part once there is enough for one; whether it did.
    async fn flush(&mut self) -> Result<bool, Outcome> {
        if self.kept.rest.len() < limits::ZIP_PART_BYTES {
            return Ok(false);
        }
        let bytes = std::mem::take(&mut self.kept.rest);
        match self.put(bytes).await? {
            Put::Done(tag) => self.kept.tags.push(tag),
            Put::Gone => return Err(self.begin_again().await?),
        }
        Ok(true)
    }

    async fn put(&mut self, bytes: Vec<u8>) -> Result<Put, Outcome> {
        let upload = match self.parcel.upload.clone() {
            Some(upload) => upload,
            None => self.objects.begin_zip(&self.parcel, &self.brand.key_arn).await?,
        };
        self.parcel.upload = Some(upload.clone());
        Ok(self.objects.put_zip_part(&self.parcel, &upload, self.kept.tags.len() + 1, bytes).await?)
    }

    /// Keeps what the next run would go on from. A run that was overtaken ends here.
    async fn keep(&mut self) -> Result<(), Outcome> {
        let step = self.app.fresh_key();
        let bytes = self.kept.to_bytes().map_err(|error| Outcome::retry(&error))?;
        self.objects.put_zip_step(&self.parcel, &step, bytes, &self.brand.key_arn).await?;
        let (done, done_bytes) = (self.kept.next, self.kept.done_bytes);
        let after = Parcel { step: Some(step), done, done_bytes, ..self.parcel.clone() };
        self.parcel = self.store.zip_moved(&self.parcel, after).await?;
        self.kept_at = self.app.now();
        Ok(())
    }

    /// The end of the zip. What is kept before it does not have it, so that a run after a death here does the same.
    async fn close(mut self) -> Result<Option<Parcel>, Outcome> {
        self.keep().await?;
        if self.parcel.single.is_none() {
            self.end_of_zip();
        } else if self.kept.single.is_none() {
            let why = if self.kept.unseen > 0 { Failed::NotAllowed } else { Failed::NotMarked };
            return self.fail(why).await;
        }
        let bytes = std::mem::take(&mut self.kept.rest);
        let mut zip_bytes = Some(self.kept.offset);
        let done = match self.put(bytes).await? {
            Put::Done(tag) => {
                self.kept.tags.push(tag);
                let upload = self.parcel.upload.clone().unwrap_or_default();
                self.objects.finish_zip(&self.parcel, &upload, &self.kept.tags).await?
            }
            Put::Gone => Put::Gone,
        };
        if done == Put::Gone {
            // A run before this one put it together and died, or it took so long that storage gave it up.
            zip_bytes = self.objects.zip_bytes(&self.parcel).await?;
        }
        let Some(zip_bytes) = zip_bytes else { return Err(self.begin_again().await?) };
        let (left_out, ready_at) = (self.kept.left_out_count(), self.app.now());
        let state = State::Ready {
            zip_bytes,
            left_out,
            ready_at,
            kind: self.kept.single.take(),
            holds: std::mem::take(&mut self.kept.holds),
        };
        self.store.zip_moved(&self.parcel, Parcel { state, ..self.parcel.clone() }).await?;
        Ok(None)
    }

    fn end_of_zip(&mut self) {
        if let Some(note) = self.kept.note() {
            let mut entry = self.dated(NOTE.to_owned(), note.len() as u64, self.parcel.asked_at);
            entry.crc = zipped::crc_of(0, note.as_bytes());
            self.add(entry, note.as_bytes());
        }
        let directory = zipped::directory(&self.kept.entries, self.kept.offset);
        self.kept.write(&directory);
    }

    async fn fail(self, why: Failed) -> Result<Option<Parcel>, Outcome> {
        self.store.zip_moved(&self.parcel, Parcel { state: State::Failed { why }, ..self.parcel.clone() }).await?;
        Ok(None)
    }

    /// Storage knows nothing of what was written: the next delivery begins at the start.
    async fn begin_again(&self) -> Result<Outcome, Outcome> {
        let start = Parcel { upload: None, step: None, done: 0, done_bytes: 0, ..self.parcel.clone() };
        self.store.zip_moved(&self.parcel, start).await?;
        Ok(Outcome::Retry { why: "what was written of a zip is gone".into() })
    }
}
