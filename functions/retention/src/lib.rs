//! Archives and deletes what the firm's rules say and its people confirmed, erases clients, and once a day looks at each
//! client: rehearses its documents, has its month told, empties the bin of what lay there for a month, and takes uploads
//! that never came off the lists. What the firm writes to its clients comes to each here. One client at a time; whatever it did before it died is found and gone on from.
//!
//! Each document is judged again when its turn comes. Its event is written first, on the condition that nothing of what it
//! was judged by has changed, a hold least of all; its objects go after that.

use access::{ClientJob, Fact, Job, JobScope, OneClient};
use domain::audit::Act;
use domain::notice::RetentionMessage;
use domain::retention::{
    Action, Certificate, Erased, ErasureCommand, ErasureState, Fingerprint, Item, Run, RunCommand, RunState, Setting,
    judge, leaves_bin, rehearse, turn, turn_erasure,
};
use domain::{DocumentId, Timestamp, calendar, limits};
use jiff::SignedDuration;
use storage::{
    ClientObjects, ClientStore, ErasureRow, Expected, RunStep, StepWhat, StorageError, Tries, destroyed, outcome,
};
use web::App;
use web::worker::{Message, Outcome};

mod telling;

pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let asked: RetentionMessage = message.parse()?;
    if asked.v != 1 {
        return Err(Outcome::bury(format!("version {} of a message for retention", asked.v)));
    }
    let fact = Fact::Client { firm: asked.firm.clone(), client: asked.client.clone() };
    let scope = JobScope::enter(Job::Retention, fact, app.aws().vendor(), app.now()).await?;
    let scope = scope.of_client().ok_or_else(|| Outcome::bury("a client that is none"))?;
    let work = Work {
        now: asked.due_at.unwrap_or_else(|| app.now()),
        store: ClientStore::open(app.aws(), &scope),
        objects: ClientObjects::open_for_job(app.aws(), &scope),
        scope: &scope,
        app: &app,
    };
    if let Some(newsletter) = &asked.newsletter {
        return telling::newsletter(&work, newsletter).await;
    }
    // Whatever else waits here, or fails.
    telling::month(&work).await?;
    let mut more = work.runs().await? || work.erasures().await?;
    if !more {
        // Before the bin, which may hold more than one run looks through.
        work.rehearse().await?;
        more = work.bin().await? || work.uploads().await?;
    }
    if more {
        let once = format!("on-{}", domain::ids::ulid(app.moment().next_id()));
        return Ok(app.aws().queues().retention(&asked, &once).await?);
    }
    Ok(())
}

struct Work<'a> {
    app: &'a App,
    scope: &'a ClientJob<'a>,
    store: ClientStore<'a, ClientJob<'a>>,
    objects: ClientObjects<'a, ClientJob<'a>>,
    now: Timestamp,
}

impl Work<'_> {
    /// Goes on with what was confirmed; whether some of it is left for the next message.
    async fn runs(&self) -> Result<bool, Outcome> {
        for run in self.store.runs().await? {
            if matches!(run.state, RunState::Confirmed { .. } | RunState::Running { .. }) && self.run(run).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn run(&self, run: Run) -> Result<bool, Outcome> {
        let list = self.store.list_of(&run).await?;
        let fingerprint = Fingerprint::parse(&crypto::sha256_hex(list.text().as_bytes()))
            .map_err(|error| Outcome::bury(error.to_string()))?;
        let begun = match turn(&run, &RunCommand::Start { list: fingerprint }, self.now) {
            Ok((next, events)) => {
                if !events.is_empty() {
                    let mut moment = self.app.moment();
                    self.store.move_run(&run, &next, Act::RunStarted, None, &mut moment).await?;
                }
                next
            }
            // Too old or not its list: nothing is touched, and the page says so.
            Err(why) => {
                tracing::warn!(run = run.id.as_str(), %why, "a run does not begin");
                return Ok(false);
            }
        };
        let steps = self.store.steps(&begun.id).await?;
        for step in &steps {
            if matches!(step.what, StepWhat::Begun { .. }) {
                self.finish_step(&begun, step).await?;
            }
        }
        let is_done = |item: &&Item| !steps.iter().any(|step| step.document == item.document);
        let left: Vec<&Item> = list.items.iter().filter(is_done).collect();
        for item in left.iter().take(limits::RETENTION_STEPS_AT_ONCE) {
            self.step(&begun, item).await?;
        }
        if left.len() > limits::RETENTION_STEPS_AT_ONCE {
            return Ok(true);
        }
        self.finish(&begun).await?;
        Ok(false)
    }

    /// Judges one document as it is now, and does what the list says. A lost race is judged anew.
    async fn step(&self, run: &Run, item: &Item) -> Result<(), Outcome> {
        let zone = self.app.aws().client_brand(self.scope, self.app.now()).await?.time_zone();
        let mut tries = Tries::default();
        loop {
            let (known, holds, rules) =
                tokio::join!(self.store.known(&item.document), self.store.holds(), self.store.retention_rules(),);
            let (known, holds, rules) = (known?, holds?, rules?);
            let setting = Setting { rules: &rules, holds: &holds.list, zone: &zone };
            let facts = known.as_ref().map(|known| &known.facts);
            let known = match (judge(item, facts, &setting, run.day), &known) {
                (Ok(()), Some(known)) => known,
                (Err(why), _) => {
                    return Ok(self.store.step_skipped(&run.id, &item.document, why, self.app.now()).await?);
                }
                (Ok(()), None) => return Err(Outcome::bury("a document that is not there was judged")),
            };
            let versions = self.objects.versions_of(&item.document).await?;
            let (by, mut moment) = ((&rules, &holds), self.app.moment());
            let done = match item.action {
                Action::Archive => {
                    let count = versions.iter().filter(|one| one.is_original()).count() as u64;
                    self.store.archive_document(&run.id, known, by, count, &mut moment).await
                }
                Action::Delete => {
                    let count = versions.len() as u64;
                    self.store.destroy_document(&run.id, item, known, by, count, &mut moment).await
                }
            };
            if let Err(error) = done {
                tries.another(error).await?;
                continue;
            }
            if let Some(begun) = self.store.step(&run.id, &item.document).await? {
                self.finish_step(run, &begun).await?;
            }
            return Ok(());
        }
    }

    /// The event is written: now its objects.
    async fn finish_step(&self, run: &Run, begun: &RunStep) -> Result<(), Outcome> {
        let StepWhat::Begun { action, .. } = begun.what else { return Ok(()) };
        let versions = self.objects.versions_of(&begun.document).await?;
        match action {
            Action::Archive => self.objects.archive_versions(&versions).await?,
            Action::Delete => self.objects.delete_versions(versions).await?,
        }
        Ok(self.store.step_done(&run.id, begun, self.app.now()).await?)
    }

    async fn finish(&self, run: &Run) -> Result<(), Outcome> {
        let (steps, list) = (self.store.steps(&run.id).await?, self.store.list_of(run).await?);
        let command = RunCommand::Finish { outcome: outcome(&steps) };
        let mut moment = self.app.moment();
        let (done, events) = turn(run, &command, moment.now).map_err(|why| Outcome::Retry { why: why.to_string() })?;
        if events.is_empty() {
            return Ok(());
        }
        let certificate = Certificate::of(self.scope.client_firm(), &done, destroyed(&list, &steps));
        let proof = certificate.map(|certificate| crypto::sha256_hex(certificate.text().as_bytes()));
        match self.store.move_run(run, &done, Act::RunFinished, proof, &mut moment).await {
            Err(StorageError::Stale) => Ok(()),
            answer => Ok(answer.map(|_| ())?),
        }
    }

    /// Goes on with an erasure whose wait is over; whether some of it is left for the next message.
    async fn erasures(&self) -> Result<bool, Outcome> {
        for row in self.store.erasures().await? {
            let open = matches!(row.erasure.state, ErasureState::Waiting { .. } | ErasureState::Destroying { .. });
            if open && self.erase(row).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn erase(&self, row: ErasureRow) -> Result<bool, Outcome> {
        let holds = self.store.holds().await?;
        let begun = match turn_erasure(&row.erasure, &ErasureCommand::Destroy, &holds.list, self.now) {
            Ok((next, events)) => {
                if !events.is_empty() {
                    // Its people are in it again: whoever still wants it erased archives it first.
                    if !self.store.is_archived().await? {
                        tracing::info!(erasure = row.erasure.id.as_str(), "an erasure waits: its client was restored");
                        return Ok(false);
                    }
                    self.store.begin_erasure(&row.erasure, &next, &holds, &mut self.app.moment()).await?;
                }
                next
            }
            // It waits, or is held: the next day looks again.
            Err(why) => {
                tracing::info!(erasure = row.erasure.id.as_str(), %why, "an erasure waits");
                return Ok(false);
            }
        };
        if row.key_gone_at.is_none() {
            self.store.destroy_key(&begun, &mut self.app.moment()).await?;
        }
        if row.counted.is_none() {
            let all = self.objects.any_versions(usize::MAX).await?;
            self.store.note_counted(&begun.id, all.len() as u64).await?;
        }
        let some = self.objects.any_versions(limits::ERASURE_DELETES_AT_ONCE).await?;
        if !some.is_empty() {
            self.objects.delete_versions(some).await?;
            return Ok(true);
        }
        if self.store.sweep_rows(limits::ERASURE_DELETES_AT_ONCE).await? {
            return Ok(true);
        }
        let noted = self.store.erasure(&begun.id).await?;
        let noted = noted.ok_or_else(|| Outcome::bury("an erasure's record is gone"))?;
        let (Some(key_gone_at), Some(object_versions)) = (noted.key_gone_at, noted.counted) else {
            return Err(Outcome::Retry { why: "an erasure is not noted yet".into() });
        };
        let command = ErasureCommand::Finish { erased: Erased { keys: 1, object_versions }, key_gone_at };
        let mut moment = self.app.moment();
        let (done, _) =
            turn_erasure(&begun, &command, &[], moment.now).map_err(|why| Outcome::bury(why.to_string()))?;
        let text = done.certificate(self.scope.client_firm()).unwrap_or_default();
        self.store.finish_erasure(&begun, &done, crypto::sha256_hex(text.as_bytes()), &mut moment).await?;
        tracing::warn!(client.id = self.scope.client().as_str(), object_versions, "a client is erased");
        Ok(false)
    }

    /// Removes what lay in the bin for a month; whether some of it is left for the next message.
    async fn bin(&self) -> Result<bool, Outcome> {
        for document in self.store.removals_begun().await? {
            self.finish_removal(&document).await?;
        }
        let until = self.now - SignedDuration::from_secs(limits::BIN_SECONDS);
        let zone = self.app.aws().client_brand(self.scope, self.app.now()).await?.time_zone();
        let (holds, rules) = tokio::join!(self.store.holds(), self.store.retention_rules());
        let (holds, rules) = (holds?, rules?);
        let setting = Setting { rules: &rules, holds: &holds.list, zone: &zone };
        let mut removed = 0;
        for document in self.store.binned_until(until).await? {
            if removed == limits::RETENTION_STEPS_AT_ONCE {
                return Ok(true);
            }
            // Most of what is left there has to stay, which is seen without asking for everything again.
            let known = self.store.in_bin(&document).await?;
            if known.is_some_and(|known| leaves_bin(&known.one, &setting, self.now).is_ok()) {
                removed += usize::from(self.remove(&document).await?);
            }
        }
        Ok(false)
    }

    /// Takes uploads that never came off the lists; whether some are left for the next message. One that came after all
    /// just now is left alone, and with it those of its write, till the next day.
    async fn uploads(&self) -> Result<bool, Outcome> {
        let lapsed = self.store.lapsed_uploads(self.now).await?;
        for some in lapsed.chunks(limits::DOCUMENTS_PER_CALL_MAX).take(limits::RETENTION_STEPS_AT_ONCE) {
            match self.store.remove_lapsed(some, &mut self.app.moment()).await {
                Ok(_) | Err(StorageError::Stale) => (),
                Err(why) => return Err(why.into()),
            }
        }
        Ok(lapsed.len() > limits::DOCUMENTS_PER_CALL_MAX * limits::RETENTION_STEPS_AT_ONCE)
    }

    /// Judges one document of the bin as it is now. A lost race is judged anew.
    async fn remove(&self, document: &DocumentId) -> Result<bool, Outcome> {
        let zone = self.app.aws().client_brand(self.scope, self.app.now()).await?.time_zone();
        let mut tries = Tries::default();
        loop {
            let (known, holds, rules) =
                tokio::join!(self.store.in_bin(document), self.store.holds(), self.store.retention_rules());
            let (known, holds, rules) = (known?, holds?, rules?);
            let setting = Setting { rules: &rules, holds: &holds.list, zone: &zone };
            let Some(known) = known.filter(|known| leaves_bin(&known.one, &setting, self.now).is_ok()) else {
                return Ok(false);
            };
            let count = self.objects.versions_of(document).await?.len() as u64;
            if let Err(error) = self.store.remove_binned(&known, (&rules, &holds), count, &mut self.app.moment()).await
            {
                tries.another(error).await?;
                continue;
            }
            self.finish_removal(document).await?;
            return Ok(true);
        }
    }

    /// The event is written: now its objects.
    async fn finish_removal(&self, document: &DocumentId) -> Result<(), Outcome> {
        let versions = self.objects.versions_of(document).await?;
        self.objects.delete_versions(versions).await?;
        Ok(self.store.removal_done(document).await?)
    }

    /// Writes down what the rules would do today.
    async fn rehearse(&self) -> Result<(), StorageError> {
        let (facts, holds, rules, brand) = tokio::join!(
            self.store.retention_facts(),
            self.store.holds(),
            self.store.retention_rules(),
            self.app.aws().client_brand(self.scope, self.app.now()),
        );
        let (facts, holds, rules, zone) = (facts?, holds?, rules?, brand?.time_zone());
        let setting = Setting { rules: &rules, holds: &holds.list, zone: &zone };
        let list = rehearse(self.scope.client(), &facts, &setting, calendar::today(self.now, &zone));
        self.store.expect(&Expected::of(&list)).await
    }
}
