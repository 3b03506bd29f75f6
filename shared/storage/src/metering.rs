//! How much a firm uses, as numbers: counted for each client where its documents are filed, put together for the firm each
//! hour, and kept for each day in the platform's table. Nothing that people typed is among them.

use std::collections::BTreeSet;

use access::{ClientJob, OneClient};
use domain::permissions::ViewUsage;
use domain::platform::Usage;
use domain::{ClientId, FirmId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::client::ClientStore;
use crate::commit::{self, Write};
use crate::error::{During, StorageError};
use crate::firm::{ListedClient, ListedPerson};
use crate::item::{self, Item};
use crate::keys;
use crate::orders_provision::ProvisionStore;
use crate::platform::PlatformStore;
use crate::query::{Range, query};

/// What was filed for a client, beside its rows; the same in the firm's view of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Filed {
    #[serde(default)]
    documents: u64,
    #[serde(default)]
    bytes: u64,
}

/// The member of a transaction by which a client has one document more.
pub(crate) fn filed(table: &str, client_pk: String, bytes: u64) -> Result<Write, StorageError> {
    let values = Item::from([(":one".to_owned(), item::number(1)), (":bytes".to_owned(), item::number(bytes))]);
    let key = item::key(client_pk, keys::FILED);
    Write::update(table, key, "ADD documents :one, #bytes :bytes", &[("#bytes", "bytes")], values, None)
}

/// The same by which it has one less.
pub(crate) fn destroyed(table: &str, client_pk: String, bytes: u64) -> Result<Write, StorageError> {
    let values =
        Item::from([(":one".to_owned(), item::number(-1)), (":bytes".to_owned(), item::number(format!("-{bytes}")))]);
    let key = item::key(client_pk, keys::FILED);
    Write::update(table, key, "ADD documents :one, #bytes :bytes", &[("#bytes", "bytes")], values, None)
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Puts the client's numbers where the firm's are counted.
    pub async fn draw_usage(&self) -> Result<(), StorageError> {
        let found = self.get(self.keys.data(), keys::FILED.to_owned()).await?;
        let filed: Filed = found.map(item::read).transpose()?.unwrap_or_default();
        let pk = keys::usage_view(self.scope.client_firm());
        let row = item::row(pk, keys::board(self.scope.client()), &filed)?;
        // Numbers only grow, so that a slower run cannot put an older one in the place of a newer.
        let values = Item::from([(":documents".to_owned(), item::number(filed.documents))]);
        let condition = ("attribute_not_exists(documents) OR documents <= :documents", values);
        let write = Write::put(&self.aws.settings().table_firm, row, Some(condition), commit::Lost::Stale)?;
        match commit::transact(&self.dynamo, vec![write]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }
}

impl ProvisionStore<'_> {
    /// Every client that the firm lists.
    pub async fn client_ids(&self) -> Result<Vec<ClientId>, StorageError> {
        let rows = self.all(keys::firm(self.scope().firm()), keys::CLIENTS).await?;
        rows.into_iter().map(|row| item::read::<ListedClient>(row).map(|listed| listed.client)).collect()
    }

    /// Counts the firm as it is now, and keeps that as the day's count.
    pub async fn count_usage(&self, now: Timestamp) -> Result<Usage, StorageError> {
        let firm = self.scope().firm();
        let (people, clients, archived, filed) = tokio::try_join!(
            self.all(keys::firm(firm), keys::PEOPLE),
            self.all(keys::firm(firm), keys::CLIENTS),
            self.all(keys::public(firm), keys::ARCHIVED),
            self.all(keys::usage_view(firm), keys::BOARD),
        )?;
        let mut usage = Usage {
            day: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
            people: 0,
            clients: 0,
            documents: 0,
            bytes: 0,
            counted_at: now,
        };
        let mut persons: BTreeSet<domain::PersonId> = BTreeSet::new();
        for row in people {
            let person = item::read::<ListedPerson>(row)?;
            if person.is_active() {
                persons.insert(person.person);
            }
        }
        usage.people = persons.len() as u64;
        let archived: BTreeSet<ClientId> =
            archived.iter().filter_map(|row| keys::archived_client(item::text_of(row, "sk")?)).collect();
        for row in clients {
            let listed: ListedClient = item::read(row)?;
            usage.clients += u64::from(!archived.contains(&listed.client));
        }
        for row in filed {
            let filed: Filed = item::read(row)?;
            usage.documents += filed.documents;
            usage.bytes += filed.bytes;
        }
        // Counting the same again writes nothing: the same message may come twice.
        let same = |known: &Usage| Usage { counted_at: known.counted_at, ..usage.clone() } == *known;
        let known = self.ordered_firm().await?.and_then(|row| row.usage);
        if !known.as_ref().is_some_and(same) {
            self.keep_usage(&usage).await?;
        }
        Ok(usage)
    }

    async fn keep_usage(&self, usage: &Usage) -> Result<(), StorageError> {
        let pk = keys::platform_firm(self.scope().firm());
        let value: aws_sdk_dynamodb::types::AttributeValue =
            serde_dynamo::to_attribute_value(usage).during("write a row")?;
        let values = || {
            let at = item::text(usage.counted_at.to_string());
            Item::from([(":usage".to_owned(), value.clone()), (":at".to_owned(), at)])
        };
        // Of two that count at the same time, the later one stays.
        let newer = Some("attribute_not_exists(#usage) OR #usage.counted_at <= :at");
        let names = [("#usage", "usage")];
        let set = "SET #usage = :usage";
        let table = self.platform();
        let writes = vec![
            Write::update(table, item::key(&pk, keys::FIRM), set, &names, values(), newer)?,
            Write::update(table, item::key(&pk, keys::usage(usage.day)), set, &names, values(), newer)?,
        ];
        match commit::transact(self.dynamo(), writes).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }
}

impl PlatformStore<'_, ViewUsage> {
    /// The last days that were counted, the newest first.
    pub async fn usage(&self, firm: &FirmId) -> Result<Vec<Usage>, StorageError> {
        #[derive(Deserialize)]
        struct Day {
            usage: Usage,
        }
        let range = Range {
            pk: keys::platform_firm(firm),
            prefix: keys::USAGE,
            newest_first: true,
            limit: Some(limits::USAGE_DAYS_SHOWN),
            ..Range::default()
        };
        let rows = query(&self.dynamo, self.table(), range).await?.rows;
        rows.into_iter().map(|row| Ok(item::read::<Day>(row)?.usage)).collect()
    }
}

impl Aws {
    /// Every firm that there is, by the execution role of whoever has them counted.
    pub async fn all_firms(&self) -> Result<Vec<FirmId>, StorageError> {
        let dynamo = aws_sdk_dynamodb::Client::new(self.own());
        let (mut firms, mut after) = (Vec::new(), None);
        loop {
            let range = Range { pk: keys::FIRMS.to_owned(), prefix: keys::LISTED_FIRMS, after, ..Range::default() };
            let page = query(&dynamo, &self.settings().table_platform, range).await?;
            firms.extend(
                page.rows
                    .iter()
                    .filter_map(|row| FirmId::parse(item::text_of(row, "sk")?.strip_prefix(keys::LISTED_FIRMS)?).ok()),
            );
            after = page.next;
            if after.is_none() || firms.len() >= limits::FIRMS_COUNTED_MAX {
                return Ok(firms);
            }
        }
    }
}
