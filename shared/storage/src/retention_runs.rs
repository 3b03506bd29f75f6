//! Runs of the firm's rules over one client's documents: the list that was rehearsed, what became of each document of
//! it, and what stays in the place of those that were destroyed.
//!
//! For each document the event is written first, in one transaction with its row, and its objects go after that: a
//! worker that dies in between is followed by another, which finds what was begun and finishes it.

use access::{ClientJob, ClientScope, OneClient};
use domain::audit::{Act, Object};
use domain::notice::Cause;
use domain::permissions::ConfirmDeletion;
use domain::retention::{
    Action, Destroyed, HeldItem, Item as Listed, Outcome, Rehearsal, Rules, Run, Skipped, Tombstone, Waits,
};
use domain::{Date, DocumentId, Moment, RunId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{self, AuditReceipt, Write};
use crate::error::{During, StorageError};
use crate::holds::Holds;
use crate::item::{self, Item};
use crate::keys;
use crate::metering;
use crate::query::Range;
use crate::retention::Known;

/// A part of a run's list. What is about the whole list stands in the first.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Part {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<Head>,
    #[serde(default)]
    items: Vec<Listed>,
    #[serde(default)]
    held: Vec<HeldItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    day: Date,
    // A row has texts only for the names in a map.
    waiting: Vec<(Waits, u64)>,
    left: u64,
    held_left: u64,
}

/// What became of one document of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    pub document: DocumentId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: StepWhat,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum StepWhat {
    /// The event is written; its objects may be there still.
    Begun {
        action: Action,
        object_versions: u64,
    },
    Done {
        action: Action,
        object_versions: u64,
    },
    Skipped {
        why: Skipped,
    },
}

/// Counts what became of a run's documents.
pub fn outcome(steps: &[RunStep]) -> Outcome {
    let mut outcome = Outcome::default();
    for step in steps {
        match &step.what {
            StepWhat::Skipped { .. } => outcome.skipped += 1,
            StepWhat::Begun { action: Action::Archive, .. } | StepWhat::Done { action: Action::Archive, .. } => {
                outcome.archived += 1;
            }
            StepWhat::Begun { action: Action::Delete, .. } | StepWhat::Done { action: Action::Delete, .. } => {
                outcome.deleted += 1;
            }
        }
    }
    outcome
}

/// The documents of a list that a run destroyed.
pub fn destroyed(list: &Rehearsal, steps: &[RunStep]) -> Vec<Destroyed> {
    let of = |item: &Listed| {
        let step = steps.iter().find(|step| step.document == item.document)?;
        let StepWhat::Done { action: Action::Delete, object_versions } = step.what else { return None };
        Some(Destroyed { item: item.clone(), at: step.at, object_versions })
    };
    list.items.iter().filter_map(of).collect()
}

impl<S: OneClient> ClientStore<'_, S> {
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StorageError> {
        self.get(self.keys.retention(), keys::run(id)).await?.map(item::read).transpose()
    }

    /// The newest first: an id begins with its time.
    pub async fn runs(&self) -> Result<Vec<Run>, StorageError> {
        let range = Range {
            pk: self.keys.retention(),
            prefix: keys::RUNS,
            newest_first: true,
            limit: Some(limits::RETENTION_RUNS_SHOWN),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    /// The list that a run is about, as it was stored.
    pub async fn list_of(&self, run: &Run) -> Result<Rehearsal, StorageError> {
        let prefix = keys::lists_of(&run.id);
        let range = Range { pk: self.keys.retention(), prefix: &prefix, consistent: true, ..Range::default() };
        let mut list = Rehearsal {
            client: run.client.clone(),
            day: run.day,
            items: Vec::new(),
            held: Vec::new(),
            waiting: std::collections::BTreeMap::new(),
            left: 0,
            held_left: 0,
        };
        for row in self.query_all(range, usize::MAX).await? {
            let part: Part = item::read(row)?;
            list.items.extend(part.items);
            list.held.extend(part.held);
            if let Some(Head { day, waiting, left, held_left }) = part.head {
                let waiting = waiting.into_iter().collect();
                list = Rehearsal { day, waiting, left, held_left, ..list };
            }
        }
        Ok(list)
    }

    /// What became of the documents of a run so far.
    pub async fn steps(&self, run: &RunId) -> Result<Vec<RunStep>, StorageError> {
        let prefix = keys::steps_of(run);
        let range = Range { pk: self.keys.retention(), prefix: &prefix, consistent: true, ..Range::default() };
        self.query_all(range, usize::MAX).await?.into_iter().map(item::read).collect()
    }

    pub async fn step(&self, run: &RunId, document: &DocumentId) -> Result<Option<RunStep>, StorageError> {
        self.get(self.keys.retention(), keys::step(run, document)).await?.map(item::read).transpose()
    }

    pub async fn tombstone(&self, document: &DocumentId) -> Result<Option<Tombstone>, StorageError> {
        let found = self.get(self.keys.retention(), keys::tombstone(document)).await?;
        found
            .map(|mut row| {
                for beside in ["pk", "sk", "last_ev"] {
                    row.remove(beside);
                }
                item::read(row)
            })
            .transpose()
    }

    fn run_row(&self, run: &Run) -> Result<(Item, String), StorageError> {
        let state = serde_json::to_vec(run).during("write a run")?;
        Ok((item::row(self.keys.retention(), keys::run(&run.id), run)?, crypto::sha256_hex(&state)))
    }
}

impl ClientStore<'_, ClientScope<ConfirmDeletion>> {
    /// Stores a run with the list that it is about.
    pub async fn ask_run(
        &self,
        run: &Run,
        list: &Rehearsal,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (row, _) = self.run_row(run)?;
        let mut writes = vec![Write::create(self.table(), row)?];
        let head = Head {
            day: list.day,
            waiting: list.waiting.iter().map(|(waits, count)| (*waits, *count)).collect(),
            left: list.left,
            held_left: list.held_left,
        };
        let first = Part { head: Some(head), ..Part::default() };
        let items = list.items.chunks(limits::REHEARSAL_PART_DOCUMENTS);
        let held = list.held.chunks(limits::REHEARSAL_PART_DOCUMENTS);
        let parts = std::iter::once(first)
            .chain(items.map(|items| Part { items: items.to_vec(), ..Part::default() }))
            .chain(held.map(|held| Part { held: held.to_vec(), ..Part::default() }));
        for (number, part) in parts.enumerate() {
            let row = item::row(self.keys.retention(), keys::list_part(&run.id, number), &part)?;
            writes.push(Write::create(self.table(), row)?);
        }
        let object = Object::new("retention_run", &run.id).at_version(run.version);
        let draft = self.draft(Act::RunAsked, object, moment).after(run.list.as_str().to_owned());
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }

    /// Stores that a list was confirmed or called off. Stale if somebody was faster.
    pub async fn turn_run(
        &self,
        before: &Run,
        after: &Run,
        act: Act,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (row, hash) = self.run_row(after)?;
        let writes = vec![Write::replace(self.table(), row, before.version)?];
        let object = Object::new("retention_run", &after.id).at_version(after.version);
        let draft = self.draft(act, object, moment).after(hash);
        let causes = if act == Act::RunConfirmed { vec![Cause::TendRetention] } else { Vec::new() };
        self.commit(ClientChange { draft, writes, causes, once: None }, moment).await
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Stores that a run began or is done. `proof` is the hash of what the event is to prove beside the run.
    pub async fn move_run(
        &self,
        before: &Run,
        after: &Run,
        act: Act,
        proof: Option<String>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (row, hash) = self.run_row(after)?;
        let writes = vec![Write::replace(self.table(), row, before.version)?];
        let object = Object::new("retention_run", &after.id).at_version(after.version);
        let draft = self.draft(act, object, moment).after(proof.unwrap_or(hash));
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }

    fn step_row(
        &self,
        run: &RunId,
        document: &DocumentId,
        at: Timestamp,
        what: StepWhat,
    ) -> Result<Item, StorageError> {
        let step = RunStep { document: document.clone(), at, what };
        item::row(self.keys.retention(), keys::step(run, document), &step)
    }

    /// The document is archived from now on: its row says so, in one transaction with the event, if it, its project, the
    /// rules and the holds are what they were judged by. Stale otherwise.
    pub async fn archive_document(
        &self,
        run: &RunId,
        known: &Known,
        by: (&Rules, &Holds),
        object_versions: u64,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let facts = &known.facts;
        let values = Item::from([
            (":from".to_owned(), item::number(facts.version)),
            (":to".to_owned(), item::number(facts.version + 1)),
            (":yes".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true)),
        ]);
        let key = item::key(&known.pk, keys::document(&facts.document));
        let expression = "SET archived = :yes, version = :to";
        let what = StepWhat::Begun { action: Action::Archive, object_versions };
        let mut writes = vec![
            Write::update(self.table(), key, expression, &[], values, Some("version = :from"))?,
            Write::create(self.table(), self.step_row(run, &facts.document, moment.now, what)?)?,
            self.held_as(by.1)?,
        ];
        writes.extend(self.decided_by(by.0, known)?);
        let object = Object::new("document", &facts.document).at_version(facts.version + 1);
        let draft = self.draft(Act::DocumentArchived, object, moment);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }

    /// The document is gone from now on: a tombstone stands in its place, in one transaction with the event, under the
    /// same conditions.
    pub async fn destroy_document(
        &self,
        run: &RunId,
        listed: &Listed,
        known: &Known,
        by: (&Rules, &Holds),
        object_versions: u64,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let facts = &known.facts;
        let tombstone = Tombstone::of(listed, run, moment.now);
        let hash = crypto::sha256_hex(&serde_json::to_vec(&tombstone).during("write a tombstone")?);
        let tombstone = item::row(self.keys.retention(), keys::tombstone(&facts.document), &tombstone)?;
        let what = StepWhat::Begun { action: Action::Delete, object_versions };
        let mut writes = vec![
            Write::create(self.table(), tombstone)?,
            Write::create(self.table(), self.step_row(run, &facts.document, moment.now, what)?)?,
        ];
        writes.extend(self.gone(known, true, by)?);
        let object = Object::new("document", &facts.document).at_version(facts.version);
        let draft = self.draft(Act::DocumentDestroyed, object, moment).after(hash);
        let causes = vec![Cause::IndexDocument { document: facts.document.clone(), again: true }];
        self.commit(ClientChange { draft, writes, causes, once: None }, moment).await
    }

    /// What takes a document out of every row that knows it, on the condition that it, its project, the rules and the
    /// holds are what it was judged by. Only what was filed is counted in bytes.
    pub(crate) fn gone(&self, known: &Known, filed: bool, by: (&Rules, &Holds)) -> Result<Vec<Write>, StorageError> {
        let facts = &known.facts;
        let from = Item::from([(":from".to_owned(), item::number(facts.version))]);
        let key = item::key(&known.pk, keys::document(&facts.document));
        let mut writes = vec![
            Write::delete(self.table(), key, Some(("version = :from", from)))?,
            self.held_as(by.1)?,
            self.fewer(1)?,
        ];
        if filed {
            writes.push(metering::destroyed(self.table(), self.keys.data(), facts.size_bytes)?);
        }
        if let Some(binned) = &known.binned {
            let place = keys::binned(&binned.batch, &facts.document);
            writes.push(Write::delete(self.table(), item::key(&known.pk, place), None)?);
        }
        writes.extend(self.decided_by(by.0, known)?);
        Ok(writes)
    }

    pub(crate) fn fewer(&self, count: usize) -> Result<Write, StorageError> {
        let less = i64::try_from(count).map_or(i64::MIN, |count| -count);
        let values = Item::from([(":less".to_owned(), item::number(less))]);
        let key = item::key(self.keys.data(), keys::DOCUMENT_COUNT);
        Write::update(self.table(), key, "ADD documents :less", &[], values, None)
    }

    /// What was begun is done. It follows from an event that is written, so it is none itself.
    pub async fn step_done(&self, run: &RunId, begun: &RunStep, now: Timestamp) -> Result<(), StorageError> {
        let StepWhat::Begun { action, object_versions } = begun.what else { return Ok(()) };
        let what = StepWhat::Done { action, object_versions };
        let row = self.step_row(run, &begun.document, now, what)?;
        commit::transact(&self.dynamo, vec![Write::overwrite(self.table(), row)?]).await
    }

    /// The document stays, and the run says why.
    pub async fn step_skipped(
        &self,
        run: &RunId,
        document: &DocumentId,
        why: Skipped,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = self.step_row(run, document, now, StepWhat::Skipped { why })?;
        match commit::transact(&self.dynamo, vec![Write::create(self.table(), row)?]).await {
            // Somebody told it already.
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::retention::{Hold, Scope};
    use domain::{ClientId, HoldId, PersonId};

    /// Rows come back as they were written, whatever stands beside them.
    fn check<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let mut row = item::row("pk", "sk", value).unwrap();
        row.insert("last_ev".to_owned(), item::text("e"));
        assert_eq!(item::read::<T>(row).unwrap(), *value);
    }

    #[test]
    fn what_is_kept_of_retention_reads_back() {
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let document = DocumentId::from_bits(1);
        let hold = HoldId::from_bits(2);
        for what in [
            StepWhat::Begun { action: Action::Delete, object_versions: 3 },
            StepWhat::Done { action: Action::Archive, object_versions: 1 },
            StepWhat::Skipped { why: Skipped::Held { holds: vec![hold.clone()] } },
            StepWhat::Skipped { why: Skipped::NotDue },
        ] {
            check(&RunStep { document: document.clone(), at, what });
        }
        let held = |scope| Hold {
            id: hold.clone(),
            client: ClientId::from_bits(3),
            reason: None,
            owner: PersonId::from_bits(4),
            placed_at: at,
            scope,
            released: None,
        };
        let scopes = [Scope::Client, Scope::Documents { documents: [document].into() }];
        check(&Holds { list: scopes.map(held).to_vec(), erasing: None, version: 2 });
        check(&Rules::standard());
        let waiting = vec![(Waits::TaxYear, 2), (Waits::ProjectClose, 1)];
        let expected = crate::Expected {
            client: ClientId::from_bits(3),
            day: at.to_zoned(jiff::tz::TimeZone::UTC).date(),
            archives: 1,
            deletes: 2,
            held: 3,
            waiting,
            left: 0,
        };
        check(&expected);
    }
}
