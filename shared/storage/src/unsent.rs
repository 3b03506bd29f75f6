//! What people typed and have not sent, in the person's own preferences, sealed under the client's key (0029). What was
//! sent leaves a row without words, so that a late copy of the draft does not bring it back.

use access::{ClientScope, OneClient, OnePerson};
use crypto::Aad;
use domain::message::{Part, Topic, Unsent, kept_until};
use domain::permissions::{Permission, WriteInternal, WriteMessages};
use domain::{Timestamp, limits};

use crate::client::ClientStore;
use crate::commit::{Lost, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;

const SEALED: &str = "unsent_sealed";
/// The key of the attempt by which it was sent.
const SENT: &str = "sent";

/// Permissions to write in a conversation, each with the composer that it is for.
pub trait Writes: Permission {
    const PART: Part;
}

impl Writes for WriteMessages {
    const PART: Part = Part::Message;
}

impl Writes for WriteInternal {
    const PART: Part = Part::Note;
}

fn place<'a>(pk: &'a str, sk: &'a str) -> Aad<'a> {
    Aad { table: "firm", pk, sk, attribute: "unsent" }
}

impl<P> ClientStore<'_, ClientScope<P>> {
    /// What the person left in a composer. Whoever looks at the portal as somebody else has typed nothing there.
    pub async fn unsent(&self, topic: &Topic, part: Part, now: Timestamp) -> Result<Option<Unsent>, StorageError> {
        if self.scope.vended().grant.viewing().is_some() {
            return Ok(None);
        }
        let (pk, sk) = (self.preferences(), keys::unsent(self.scope.client(), topic, part));
        let Some(row) = self.get_firm(pk.clone(), sk.clone()).await? else { return Ok(None) };
        let lives = item::number_of::<i64>(&row, "ttl").is_some_and(|until| until > now.as_second());
        let Some(sealed) = item::bytes_of(&row, SEALED).filter(|_| lives) else { return Ok(None) };
        let plain = self.unseal(sealed, &place(&pk, &sk)).await?;
        serde_json::from_slice(&plain).during("open what was typed").map(Some)
    }

    /// The row that says that what was typed was sent.
    pub(crate) fn sent_write(
        &self,
        topic: &Topic,
        part: Part,
        once: &str,
        now: Timestamp,
    ) -> Result<Write, StorageError> {
        let mut row = item::key(self.preferences(), keys::unsent(self.scope.client(), topic, part));
        row.insert(SENT.to_owned(), item::text(once));
        row.insert("ttl".to_owned(), item::number(now.as_second() + limits::SENT_KNOWN_SECONDS));
        Write::overwrite(&self.aws.settings().table_firm, row)
    }
}

impl<P: Writes> ClientStore<'_, ClientScope<P>> {
    /// Keeps what was typed in the place of what was kept before; nothing where it was sent meanwhile. No event: it is
    /// no act towards anybody before it is sent.
    pub async fn keep_unsent(&self, topic: &Topic, unsent: &Unsent, now: Timestamp) -> Result<(), StorageError> {
        let (pk, sk) = (self.preferences(), keys::unsent(self.scope.client(), topic, P::PART));
        let table = &self.aws.settings().table_firm;
        let values = Item::from([(":once".to_owned(), item::text(&unsent.once))]);
        let condition = Some(("attribute_not_exists(sent) OR sent <> :once", values));
        let write = if unsent.is_empty() {
            Write::delete(table, item::key(pk, sk), condition)?
        } else {
            let plain = serde_json::to_vec(unsent).during("write down what was typed")?;
            let sealed = self.seal(&plain, &place(&pk, &sk)).await?;
            let mut row = item::key(pk, sk);
            row.insert(SEALED.to_owned(), item::bytes(sealed));
            row.insert("ttl".to_owned(), item::number(kept_until(now).as_second()));
            Write::put(table, row, condition, Lost::Repeated)?
        };
        match self.put_aside(vec![write]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }
}
