//! A client as its firm keeps it: what it is called, whom one asks for first, and whether it is archived. The row of an
//! archived client lies where every role of the firm reads it: it ends the way in at the next request of everybody but
//! partners, and takes the client off every list.

use std::collections::BTreeMap;

use access::OnePerson;
use aws_sdk_dynamodb::Client;
use domain::audit::{Act, Chain, Object};
use domain::permissions::{ArchiveClients, ManageClients};
use domain::text::Name;
use domain::{ClientId, FirmId, Moment, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::commit::{self, Change, Lost, Write};
use crate::error::StorageError;
use crate::firm::FirmStore;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};

/// A client's line in the firm's list, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRecord {
    pub client: ClientId,
    pub name: Name,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_contact: Option<PersonId>,
    /// Since when its erasure cannot be stopped any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasing_at: Option<Timestamp>,
}

/// When a client was archived, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    pub at: Timestamp,
    pub by: PersonId,
}

impl<P: Send + Sync> FirmStore<'_, P> {
    pub async fn client_record(&self, client: &ClientId) -> Result<Option<ClientRecord>, StorageError> {
        self.get(self.pk(), keys::listed_client(client)).await?.map(item::read).transpose()
    }

    pub async fn archived(&self) -> Result<BTreeMap<ClientId, Archived>, StorageError> {
        archived(&self.dynamo, self.table(), self.scope.firm()).await
    }

    async fn save_client(
        &self,
        act: Act,
        client: &ClientId,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let chain = Chain::Client { firm: self.scope.firm().clone(), client: client.clone() };
        let draft = self.draft(act, Object::new("client", client), moment);
        let change = Change { chain, draft, writes };
        commit::commit(&self.dynamo, self.aws.settings(), change).await.map(|_| ())
    }
}

/// A firm's clients that are archived, by whatever role of the firm.
pub(crate) async fn archived(
    dynamo: &Client,
    table: &str,
    firm: &FirmId,
) -> Result<BTreeMap<ClientId, Archived>, StorageError> {
    let mut archived = BTreeMap::new();
    let mut after = None;
    loop {
        let pk = keys::public(firm);
        let range = Range { pk, prefix: keys::ARCHIVED, consistent: true, after, ..Range::default() };
        let page = query(dynamo, table, range).await?;
        for row in page.rows {
            if let Some(client) = keys::archived_client(item::text_of(&row, "sk").unwrap_or_default()) {
                archived.insert(client, item::read(row)?);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(archived);
        }
    }
}

impl FirmStore<'_, ManageClients> {
    /// Everything that repeats the name follows by the stream.
    pub async fn rename(&self, record: &ClientRecord, name: &Name, moment: &mut Moment) -> Result<(), StorageError> {
        let values = Item::from([
            (":from".to_owned(), item::text(record.name.as_str())),
            (":name".to_owned(), item::text(name.as_str())),
        ]);
        let key = item::key(self.pk(), keys::listed_client(&record.client));
        let names = [("#name", "name")];
        let write = Write::update(self.table(), key, "SET #name = :name", &names, values, Some("#name = :from"))?;
        self.save_client(Act::ClientRenamed, &record.client, vec![write], moment).await
    }

    pub async fn choose_contact(
        &self,
        client: &ClientId,
        contact: Option<&PersonId>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let key = item::key(self.pk(), keys::listed_client(client));
        let there = Some("attribute_exists(pk)");
        let write = match contact {
            Some(contact) => {
                let values = Item::from([(":contact".to_owned(), item::text(contact.as_str()))]);
                Write::update(self.table(), key, "SET main_contact = :contact", &[], values, there)?
            }
            None => Write::update(self.table(), key, "REMOVE main_contact", &[], Item::new(), there)?,
        };
        self.save_client(Act::ClientContactChosen, client, vec![write], moment).await
    }
}

impl FirmStore<'_, ArchiveClients> {
    pub async fn archive(&self, client: &ClientId, moment: &mut Moment) -> Result<(), StorageError> {
        let archived = Archived { at: moment.now, by: self.scope.person().clone() };
        let row = item::row(keys::public(self.scope.firm()), keys::archived(client), &archived)?;
        let write = Write::create(self.table(), row)?;
        self.save_client(Act::ClientArchived, client, vec![write], moment).await
    }

    /// Stale of one that is not archived, and of one that is being erased, or was: nothing of it is to be written any more.
    pub async fn restore(&self, client: &ClientId, moment: &mut Moment) -> Result<(), StorageError> {
        let key = item::key(keys::public(self.scope.firm()), keys::archived(client));
        let listed = item::key(self.pk(), keys::listed_client(client));
        let writes = vec![
            Write::delete(self.table(), key, Some(("attribute_exists(pk)", Item::new())))?,
            Write::check(self.table(), listed, "attribute_not_exists(erasing_at)", Lost::Stale)?,
        ];
        self.save_client(Act::ClientRestored, client, writes, moment).await
    }
}
