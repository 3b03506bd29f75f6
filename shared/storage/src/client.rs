//! One client's rows, opened from a scope: what every part of `storage` that is about a client stands on.

use access::OneClient;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use crypto::{Aad, DataKey};
use domain::audit::{Act, Chain, Draft, Object};
use domain::notice::Cause;
use domain::{EventId, Moment, OutboxId, limits};
use tokio::sync::Mutex;

use crate::aws::Aws;
use crate::check::{self, Check};
use crate::commit::{self, AuditReceipt, Change, Lost, Write};
use crate::error::{During, Revoked, StorageError};
use crate::item::{self, Item};
use crate::keys::{self, ClientKeys};
use crate::query::{Page, Range, query};

/// A client's data, as far as the scope's credentials go.
pub struct ClientStore<'a, S> {
    pub(crate) aws: &'a Aws,
    pub(crate) scope: &'a S,
    pub(crate) keys: ClientKeys,
    pub(crate) dynamo: Client,
    check: Check<'a>,
    /// Held by the one who has the data key unwrapped, for all who need it at once.
    unwrapping: Mutex<()>,
}

/// Where rows hold what somebody wrote: updates, messages, notes.
pub(crate) const TEXT_SEALED: &str = "text_sealed";

pub(crate) fn text_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "text" }
}

/// What a retried request is recognised by: the person's own key, and what was answered.
pub struct Once<'a> {
    pub key: &'a str,
    /// What a repetition is answered with: ids, never content.
    pub answer: String,
}

/// A change to commit: rows, the event that describes them, and what follows from it.
pub(crate) struct ClientChange<'a> {
    pub(crate) draft: Draft,
    pub(crate) writes: Vec<Write>,
    pub(crate) causes: Vec<Cause>,
    pub(crate) once: Option<Once<'a>>,
}

impl ClientChange<'_> {
    /// An event by itself: something was seen or taken away.
    pub(crate) fn event(draft: Draft) -> Self {
        Self { draft, writes: Vec::new(), causes: Vec::new(), once: None }
    }
}

impl<'a, S: OneClient> ClientStore<'a, S> {
    pub fn open(aws: &'a Aws, scope: &'a S) -> Self {
        let dynamo = aws.dynamo(scope.keys());
        let (keys, check) = (ClientKeys::new(scope), Check::new(aws, scope.unchecked()));
        Self { aws, scope, keys, dynamo, check, unwrapping: Mutex::default() }
    }

    /// An event about this client by whoever holds the scope.
    pub(crate) fn draft(&self, act: Act, object: Object, moment: &mut Moment) -> Draft {
        Draft::new(EventId::from_bits(moment.next_id()), moment.now, self.scope.client_who(), act, object)
    }

    pub(crate) fn chain(&self) -> Chain {
        Chain::Client { firm: self.scope.client_firm().clone(), client: self.scope.client().clone() }
    }

    pub(crate) fn table(&self) -> &str {
        &self.aws.settings().table_data
    }

    /// One row, consistently.
    pub(crate) async fn get(&self, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let read = async {
            let request = self.dynamo.get_item().table_name(self.table()).set_key(Some(item::key(pk, sk)));
            Ok(request.consistent_read(true).send().await.during("read a client's row")?.item)
        };
        self.check.beside(&self.dynamo, read).await
    }

    /// One row of the firm's table: of what the scope's credentials reach there.
    pub(crate) async fn get_firm(&self, pk: String, sk: String) -> Result<Option<Item>, StorageError> {
        let table = &self.aws.settings().table_firm;
        let read = async {
            let request = self.dynamo.get_item().table_name(table).set_key(Some(item::key(pk, sk)));
            Ok(request.consistent_read(true).send().await.during("read a row of the person's")?.item)
        };
        self.check.beside(&self.dynamo, read).await
    }

    /// Many rows of this client's, consistently; those that are not there are left out.
    pub(crate) async fn get_all(&self, wanted: Vec<Item>) -> Result<Vec<Item>, StorageError> {
        self.check.beside(&self.dynamo, check::batch(&self.dynamo, self.table(), wanted)).await
    }

    /// A page of rows of one partition.
    pub(crate) async fn query(&self, range: Range<'_>) -> Result<Page, StorageError> {
        self.check.beside(&self.dynamo, query(&self.dynamo, self.table(), range)).await
    }

    /// A page of rows of the firm's table: of what the scope's credentials reach there.
    pub(crate) async fn query_firm(&self, range: Range<'_>) -> Result<Page, StorageError> {
        let table = &self.aws.settings().table_firm;
        self.check.beside(&self.dynamo, query(&self.dynamo, table, range)).await
    }

    /// All rows of a range, page after page, up to `rows_max`.
    pub(crate) async fn query_all(&self, range: Range<'_>, rows_max: usize) -> Result<Vec<Item>, StorageError> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = self.query(Range { after: after.take(), ..range.clone() }).await?;
            rows.extend(page.rows);
            match page.next {
                Some(next) if rows.len() < rows_max => after = Some(next),
                _ => return Ok(rows),
            }
        }
    }

    pub(crate) async fn commit(
        &self,
        change: ClientChange<'_>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let ClientChange { draft, mut writes, causes, once } = change;
        for cause in &causes {
            let id = OutboxId::from_bits(moment.next_id());
            writes.push(commit::outbox_row(self.table(), self.keys.outbox(), &id, cause, moment.now)?);
        }
        if let Some(once) = &once {
            writes.push(self.idempotency_row(once, moment)?);
        }
        if let Some(person) = self.scope.assignee() {
            let key = item::key(keys::home(self.scope.client_firm(), person), keys::assignment(self.scope.client()));
            let table = &self.aws.settings().table_firm;
            writes.push(Write::check(table, key, "attribute_exists(pk)", Lost::Assignment)?);
        }
        self.check.first(&self.dynamo).await?;
        let change = Change { chain: self.chain(), draft, writes };
        match commit::commit(&self.dynamo, self.aws.settings(), change).await {
            Err(StorageError::DoneBefore(_)) => Err(self.done_before(once.as_ref()).await?),
            answer => answer,
        }
    }

    /// Rows that change nothing that is audited: what the person keeps for itself. The scope is checked as for any change.
    pub(crate) async fn put_aside(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        self.check.first(&self.dynamo).await?;
        commit::transact(&self.dynamo, writes).await
    }

    fn idempotency_row(&self, once: &Once<'_>, moment: &Moment) -> Result<Write, StorageError> {
        let mut row = item::key(self.keys.idempotency(), self.idempotency_key(once.key));
        row.insert("answer".to_owned(), item::text(&once.answer));
        row.insert("ttl".to_owned(), item::number(moment.now.as_second() + limits::IDEMPOTENCY_SECONDS));
        Write::put(self.table(), row, Some(("attribute_not_exists(pk)", Item::new())), Lost::Repeated)
    }

    /// Of one person: nobody is answered with what somebody else's key led to.
    fn idempotency_key(&self, key: &str) -> String {
        match self.scope.client_who() {
            domain::audit::Who::Person { person, .. } => format!("{person}#{key}"),
            _ => key.to_owned(),
        }
    }

    async fn done_before(&self, once: Option<&Once<'_>>) -> Result<StorageError, StorageError> {
        let answer = match once {
            Some(once) => self.answered_before(once.key).await?,
            None => None,
        };
        Ok(StorageError::DoneBefore(answer.unwrap_or_default()))
    }

    /// What the person's own idempotency key led to.
    pub(crate) async fn answered_before(&self, key: &str) -> Result<Option<String>, StorageError> {
        let found = self.get(self.keys.idempotency(), self.idempotency_key(key)).await?;
        Ok(found.as_ref().and_then(|row| item::text_of(row, "answer")).map(str::to_owned))
    }

    /// The client's data key: unwrapped once for the life of the credentials, also for many who need it at once.
    pub(crate) async fn data_key(&self) -> Result<&DataKey, StorageError> {
        let keys = self.scope.keys();
        if let Some(key) = keys.data_key() {
            return Ok(key);
        }
        let _alone = self.unwrapping.lock().await;
        match keys.data_key() {
            Some(key) => Ok(key),
            None => Ok(keys.keep_data_key(self.unwrapped().await?)),
        }
    }

    async fn unwrapped(&self) -> Result<DataKey, StorageError> {
        let table = &self.aws.settings().table_keys;
        let wrapped = self
            .dynamo
            .get_item()
            .table_name(table)
            .set_key(Some(item::key(self.keys.data(), keys::DATA_KEY)))
            .send()
            .await
            .during("read a client's data key")?;
        // An erased client is not there for anybody.
        let wrapped = wrapped.item.ok_or(StorageError::Revoked(Revoked::NotTheirs))?;
        let blob = item::bytes_of(&wrapped, "wrapped").unwrap_or_default();
        let plain = self
            .aws
            .kms(self.scope.keys())
            .decrypt()
            .ciphertext_blob(Blob::new(blob))
            .set_key_id(item::text_of(&wrapped, "key_id").map(str::to_owned))
            .encryption_context("firm", self.scope.client_firm().as_str())
            .encryption_context("client", self.scope.client().as_str())
            .send()
            .await
            .during("unwrap a client's data key")?;
        let plain = plain.plaintext.unwrap_or_else(|| Blob::new([]));
        DataKey::new(plain.as_ref()).during("unwrap a client's data key")
    }

    pub(crate) async fn seal(&self, plain: &[u8], place: &Aad<'_>) -> Result<Vec<u8>, StorageError> {
        self.data_key().await?.seal(plain, place).during("seal a field")
    }

    pub(crate) async fn unseal(&self, sealed: &[u8], place: &Aad<'_>) -> Result<Vec<u8>, StorageError> {
        self.data_key().await?.open(sealed, place).during("open a sealed field")
    }
}
