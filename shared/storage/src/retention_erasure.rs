//! The erasure of a client: asked and confirmed by people, carried out by a worker in steps of which each can be done
//! again. Its own record outlives it, as do holds, runs and tombstones.

use access::{ClientJob, ClientScope, OneClient};
use domain::audit::{Act, Object};
use domain::permissions::EraseClients;
use domain::retention::{Erasure, ErasureState};
use domain::text::Name;
use domain::{ErasureId, Moment, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{self, AuditReceipt, Lost, Write};
use crate::error::{During, StorageError};
use crate::holds::{Holds, REASON_SEALED};
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// An erasure with what its worker noted on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRow {
    #[serde(flatten)]
    pub erasure: Erasure,
    /// When the key went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_gone_at: Option<Timestamp>,
    /// Versions of objects that were there to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
}

/// Rows of one transaction that takes rows away.
const ROWS_AT_ONCE: usize = 50;

impl<S: OneClient> ClientStore<'_, S> {
    /// The newest first, each with its reason where that can be read.
    pub async fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError> {
        let range = Range {
            pk: self.keys.retention(),
            prefix: keys::ERASURES,
            newest_first: true,
            limit: Some(limits::RETENTION_RUNS_SHOWN),
            consistent: true,
            ..Range::default()
        };
        self.query(range).await?.rows.into_iter().map(item::read).collect()
    }

    pub async fn erasure(&self, id: &ErasureId) -> Result<Option<ErasureRow>, StorageError> {
        self.get(self.keys.retention(), keys::erasure(id)).await?.map(item::read).transpose()
    }

    fn archived_key(&self) -> Item {
        item::key(keys::public(self.scope.client_firm()), keys::archived(self.scope.client()))
    }

    /// Stale where somebody restored the client.
    fn is_archived_still(&self) -> Result<Write, StorageError> {
        Write::check(&self.aws.settings().table_firm, self.archived_key(), "attribute_exists(pk)", Lost::Stale)
    }

    /// What a command changes of the row: its reason and what the worker noted stay.
    fn erasure_write(&self, before: &Erasure, after: &Erasure) -> Result<Write, StorageError> {
        let state = serde_dynamo::to_attribute_value(&after.state);
        let values = Item::from([
            (":state".to_owned(), state.map_err(|error| StorageError::bug("write a row", error))?),
            (":from".to_owned(), item::number(before.version)),
            (":to".to_owned(), item::number(after.version)),
        ]);
        let key = item::key(self.keys.retention(), keys::erasure(&after.id));
        let (expression, condition) = ("SET #state = :state, version = :to", Some("version = :from"));
        Write::update(self.table(), key, expression, &[("#state", "state")], values, condition)
    }

    async fn commit_erasure(
        &self,
        act: Act,
        after: &Erasure,
        writes: Vec<Write>,
        proof: Option<String>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let object = Object::new("erasure", &after.id).at_version(after.version);
        let mut draft = self.draft(act, object, moment);
        draft.after_hash = proof;
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}

impl ClientStore<'_, ClientScope<EraseClients>> {
    pub async fn ask_erasure(
        &self,
        erasure: &Erasure,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (pk, sk) = (self.keys.retention(), keys::erasure(&erasure.id));
        let bare = Erasure { reason: None, ..erasure.clone() };
        let mut row = item::row(&pk, &sk, &ErasureRow { erasure: bare, key_gone_at: None, counted: None })?;
        if let Some(reason) = &erasure.reason {
            row.insert(REASON_SEALED.to_owned(), item::bytes(self.seal_reason(reason, &pk, &sk).await?));
        }
        let object = Object::new("erasure", &erasure.id).at_version(erasure.version);
        let draft = self.draft(Act::ErasureAsked, object, moment);
        let writes = vec![Write::create(self.table(), row)?];
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }

    /// Stores that an erasure was confirmed or called off, if the holds are those that it was decided by. Nothing is
    /// confirmed of a client that is not archived (any more).
    pub async fn turn_erasure(
        &self,
        before: &Erasure,
        after: &Erasure,
        act: Act,
        holds: &Holds,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let mut writes = vec![self.erasure_write(before, after)?, self.held_as(holds)?];
        if matches!(after.state, ErasureState::Waiting { .. }) {
            writes.push(self.is_archived_still()?);
        }
        self.commit_erasure(act, after, writes, None, moment).await
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Whether somebody restored the client while its erasure waited: then people are in it again.
    pub async fn is_archived(&self) -> Result<bool, StorageError> {
        let request = self.dynamo.get_item().table_name(&self.aws.settings().table_firm);
        let request = request.set_key(Some(self.archived_key())).consistent_read(true);
        Ok(request.send().await.during("read whether a client is archived")?.item.is_some())
    }

    /// The erasure has begun, and from here on nothing can be held: in one transaction, so that a hold that was placed
    /// a moment before stops it, and so does whoever restored the client.
    pub async fn begin_erasure(
        &self,
        before: &Erasure,
        after: &Erasure,
        holds: &Holds,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let listed = item::key(keys::firm(self.scope.client_firm()), keys::listed_client(self.scope.client()));
        let values = Item::from([(":now".to_owned(), item::text(moment.now.to_string()))]);
        // From here on nobody restores it: what was half destroyed would be written to.
        let there = Some("attribute_exists(pk)");
        let table = &self.aws.settings().table_firm;
        let writes = vec![
            self.erasure_write(before, after)?,
            self.close_holds(holds, &after.id)?,
            self.is_archived_still()?,
            Write::update(table, listed, "SET erasing_at = :now", &[], values, there)?,
        ];
        self.commit_erasure(Act::ErasureBegun, after, writes, None, moment).await
    }

    /// Destroys the client's data key. Done once: another worker finds that it is gone.
    pub async fn destroy_key(&self, erasure: &Erasure, moment: &mut Moment) -> Result<(), StorageError> {
        let key = item::key(self.keys.data(), keys::DATA_KEY);
        let values = Item::from([(":now".to_owned(), item::text(moment.now.to_string()))]);
        let noted = item::key(self.keys.retention(), keys::erasure(&erasure.id));
        let condition = Some("attribute_not_exists(key_gone_at)");
        let writes = vec![
            Write::delete(&self.aws.settings().table_keys, key, None)?,
            Write::update(self.table(), noted, "SET key_gone_at = :now", &[], values, condition)?,
        ];
        match self.commit_erasure(Act::KeyDestroyed, erasure, writes, None, moment).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Notes how much there was, before the first of it goes: a worker that dies counts nothing twice.
    pub async fn note_counted(&self, erasure: &ErasureId, count: u64) -> Result<(), StorageError> {
        let values = Item::from([(":count".to_owned(), item::number(count))]);
        let key = item::key(self.keys.retention(), keys::erasure(erasure));
        let condition = Some("attribute_not_exists(counted)");
        let write = Write::update(self.table(), key, "SET counted = :count", &[], values, condition)?;
        match commit::transact(&self.dynamo, vec![write]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }

    /// Takes rows of the client away, up to a number; whether any are left. What keeps others right stays: who it is,
    /// without its name, and what was held and destroyed.
    pub async fn sweep_rows(&self, count_max: usize) -> Result<bool, StorageError> {
        let mut left = count_max;
        for pk in self.keys.erasable() {
            loop {
                if left == 0 {
                    return Ok(true);
                }
                let limit = Some(ROWS_AT_ONCE + 2);
                let page = self.query(Range { pk: pk.clone(), limit, consistent: true, ..Range::default() }).await?;
                let goes = |sk: &&str| ![keys::PROFILE, keys::HOLDS].contains(sk);
                let found: Vec<&str> =
                    page.rows.iter().filter_map(|row| item::text_of(row, "sk")).filter(goes).collect();
                let mut writes = Vec::with_capacity(found.len());
                for sk in found.iter().take(ROWS_AT_ONCE) {
                    writes.push(Write::delete(self.table(), item::key(&pk, *sk), None)?);
                }
                if writes.is_empty() {
                    break;
                }
                left = left.saturating_sub(writes.len());
                commit::transact(&self.dynamo, writes).await?;
            }
        }
        Ok(false)
    }

    /// The client is erased: its record says so, and the firm's list has no name of it any more; what repeats the name
    /// follows by the stream. `certificate` is the hash of what is handed out about it.
    pub async fn finish_erasure(
        &self,
        before: &Erasure,
        after: &Erasure,
        certificate: String,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let id = self.scope.client().as_str();
        let name = Name::parse(&format!("Erased client {}", &id[id.len().saturating_sub(6)..]));
        let name = name.map_err(|error| StorageError::bug("name an erased client", error))?;
        let values = Item::from([
            (":name".to_owned(), item::text(name.as_str())),
            (":now".to_owned(), item::text(moment.now.to_string())),
        ]);
        let listed = item::key(keys::firm(self.scope.client_firm()), keys::listed_client(self.scope.client()));
        let expression = "SET #name = :name, erased_at = :now REMOVE main_contact";
        let table = &self.aws.settings().table_firm;
        let writes = vec![
            self.erasure_write(before, after)?,
            Write::update(table, listed, expression, &[("#name", "name")], values, Some("attribute_exists(pk)"))?,
        ];
        self.commit_erasure(Act::ErasureFinished, after, writes, Some(certificate), moment).await
    }
}
