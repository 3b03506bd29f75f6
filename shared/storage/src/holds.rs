//! Legal holds. Those in force lie in one row beside the documents, with ids only, where every role of the client reads
//! it: whatever takes a document away is conditioned on that row's version, so that a hold wins every race. Each hold
//! whole, with its reason sealed, lies apart and stays when it is released.

use std::collections::BTreeSet;

use access::{ClientScope, OneClient};
use crypto::Aad;
use domain::audit::{Act, Object};
use domain::permissions::{PlaceHolds, ReleaseHolds, ViewRetention};
use domain::platform::Reason;
use domain::retention::Hold;
use domain::{DocumentId, ErasureId, HoldId, Moment, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once};
use crate::commit::{AuditReceipt, Lost, Write};
use crate::error::StorageError;
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// A client's holds in force, without their reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    pub list: Vec<Hold>,
    /// The erasure that has begun: nothing can be held any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasing: Option<ErasureId>,
    /// Counts changes; 0 before the first hold.
    pub(crate) version: u64,
}

impl<S: OneClient> ClientStore<'_, S> {
    /// The holds in force, as they are this moment.
    pub async fn holds(&self) -> Result<Holds, StorageError> {
        let found = self.get(self.keys.data(), keys::HOLDS.to_owned()).await?;
        found.map(item::read).transpose().map(Option::unwrap_or_default)
    }

    /// The member of a transaction that fails where a hold was placed or released since these were read. Whatever takes
    /// a document away asks for it.
    pub(crate) fn held_as(&self, holds: &Holds) -> Result<Write, StorageError> {
        let key = item::key(self.keys.data(), keys::HOLDS);
        match holds.version {
            0 => Write::check(self.table(), key, "attribute_not_exists(pk)", Lost::Stale),
            version => {
                let values = Item::from([(":holds".to_owned(), item::number(version))]);
                Write::check_that(self.table(), key, "version = :holds", values, Lost::Stale)
            }
        }
    }

    /// Puts other holds in the place of these. Stale if somebody was faster.
    pub(crate) fn next_holds(&self, before: &Holds, list: Vec<Hold>) -> Result<Write, StorageError> {
        self.holds_row(before, Holds { list, erasing: before.erasing.clone(), version: before.version + 1 })
    }

    pub(crate) fn close_holds(&self, before: &Holds, erasing: &ErasureId) -> Result<Write, StorageError> {
        let next = Holds { list: Vec::new(), erasing: Some(erasing.clone()), version: before.version + 1 };
        self.holds_row(before, next)
    }

    fn holds_row(&self, before: &Holds, mut next: Holds) -> Result<Write, StorageError> {
        for hold in &mut next.list {
            hold.reason = None;
        }
        let row = item::row(self.keys.data(), keys::HOLDS, &next)?;
        match before.version {
            0 => Write::create(self.table(), row),
            version => Write::replace(self.table(), row, version),
        }
    }

    /// A hold whole, with its reason sealed.
    async fn sealed_hold(&self, hold: &Hold) -> Result<Item, StorageError> {
        let (pk, sk) = (self.keys.retention(), keys::hold(&hold.id));
        let mut row = item::row(&pk, &sk, &Hold { reason: None, ..hold.clone() })?;
        if let Some(reason) = &hold.reason {
            row.insert(REASON_SEALED.to_owned(), item::bytes(self.seal_reason(reason, &pk, &sk).await?));
        }
        Ok(row)
    }

    pub(crate) async fn seal_reason(&self, reason: &Reason, pk: &str, sk: &str) -> Result<Vec<u8>, StorageError> {
        self.seal(reason.as_str().as_bytes(), &reason_place(pk, sk)).await
    }

    /// Why, where that can be read: the key is gone with an erasure.
    pub(crate) async fn reason_of(&self, row: &Item, pk: &str, sk: &str) -> Option<Reason> {
        let sealed = item::bytes_of(row, REASON_SEALED)?;
        let plain = self.unseal(sealed, &reason_place(pk, sk)).await.ok()?;
        Reason::parse(&String::from_utf8(plain).ok()?).ok()
    }
}

pub(crate) const REASON_SEALED: &str = "reason_sealed";

fn reason_place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "data", pk, sk, attribute: "reason" }
}

impl ClientStore<'_, ClientScope<ViewRetention>> {
    /// Every hold with its reason, the newest first: released ones too.
    pub async fn holds_of_record(&self) -> Result<Vec<Hold>, StorageError> {
        let pk = self.keys.retention();
        let range = Range { pk: pk.clone(), prefix: keys::HOLD, newest_first: true, ..Range::default() };
        let mut holds = Vec::new();
        for row in self.query_all(range, limits::HOLDS_OF_RECORD_SHOWN).await? {
            let sk = item::text_of(&row, "sk").unwrap_or_default().to_owned();
            let reason = self.reason_of(&row, &pk, &sk).await;
            holds.push(Hold { reason, ..item::read(row)? });
        }
        Ok(holds)
    }
}

impl ClientStore<'_, ClientScope<PlaceHolds>> {
    /// Places a hold beside those that were read. Stale if somebody was faster. `named` are the documents that somebody
    /// named: the hold's own list has their first versions as well.
    pub async fn place_hold(
        &self,
        hold: &Hold,
        named: &BTreeSet<DocumentId>,
        before: &Holds,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let mut list = before.list.clone();
        list.push(hold.clone());
        let mut writes =
            vec![Write::create(self.table(), self.sealed_hold(hold).await?)?, self.next_holds(before, list)?];
        // What is named is there in the same instant: a document that was destroyed a moment ago cannot be held.
        for document in named {
            let known = self.known(document).await?.ok_or(StorageError::Stale)?;
            let key = item::key(&known.pk, keys::document(document));
            writes.push(Write::check(self.table(), key, "attribute_exists(pk)", Lost::Stale)?);
        }
        let draft = self.draft(Act::HoldPlaced, Object::new("hold", &hold.id), moment).after(hash(hold)?);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }
}

impl ClientStore<'_, ClientScope<ReleaseHolds>> {
    pub async fn hold(&self, id: &HoldId) -> Result<Option<Hold>, StorageError> {
        self.get(self.keys.retention(), keys::hold(id)).await?.map(item::read).transpose()
    }

    /// Stores that a hold was released. Stale if somebody was faster.
    pub async fn release_hold(
        &self,
        released: &Hold,
        before: &Holds,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let list = before.list.iter().filter(|hold| hold.id != released.id).cloned().collect();
        let values = Item::from([(
            ":released".to_owned(),
            serde_dynamo::to_attribute_value(&released.released)
                .map_err(|error| StorageError::bug("write a row", error))?,
        )]);
        let key = item::key(self.keys.retention(), keys::hold(&released.id));
        let condition = "attribute_exists(pk) AND attribute_not_exists(released)";
        let writes = vec![
            Write::update(self.table(), key, "SET released = :released", &[], values, Some(condition))?,
            self.next_holds(before, list)?,
        ];
        let draft = self.draft(Act::HoldReleased, Object::new("hold", &released.id), moment).after(hash(released)?);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}

/// Of a hold without its reason, whose words could be guessed.
fn hash(hold: &Hold) -> Result<String, StorageError> {
    let row = serde_json::to_vec(&Hold { reason: None, ..hold.clone() });
    Ok(crypto::sha256_hex(&row.map_err(|error| StorageError::bug("write a hold", error))?))
}
