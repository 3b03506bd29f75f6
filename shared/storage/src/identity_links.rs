//! One-time links. A link's row lies under the hash of its token; a second row lies under the hash of what the asking
//! browser holds and points to the newest link for an address, so that the mailed code is worth something in that
//! browser only. A code that confirms belongs to one session, and signs in nobody.

use domain::{EmailAddress, SessionId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::commit::{self, Write};
use crate::error::StorageError;
use crate::identity::Identity;
use crate::item::{self, Item};
use crate::keys;

/// A link that was mailed, or would have been had anybody had the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRow {
    pub email: EmailAddress,
    /// Of what the asking browser holds.
    pub ask_hash: String,
    pub code_hash: String,
    /// Codes tried.
    pub tries: u32,
    pub asked_at: Timestamp,
    /// Where the asking browser was, if the edge said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    pub expires_second: i64,
    /// Where to go once signed in: a path of this site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The session whose person is asked once more who they are. Nothing for signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<SessionId>,
}

impl LinkRow {
    pub fn expired(&self, now: Timestamp) -> bool {
        now.as_second() >= self.expires_second
    }
}

#[derive(Serialize, Deserialize)]
struct Newest {
    link: String,
    ttl: i64,
}

/// What a proof uses up or leaves behind, in the one transaction with what it proves.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    pub(crate) writes: Vec<Write>,
}

impl Proof {
    pub fn and(mut self, other: Proof) -> Proof {
        self.writes.extend(other.writes);
        self
    }
}

impl Identity<'_> {
    /// Stores a link by the hash of its token.
    pub async fn open_link(&self, hash: &str, link: &LinkRow) -> Result<(), StorageError> {
        let mut row = item::row(keys::one_time(hash), keys::LINK, link)?;
        row.insert("ttl".to_owned(), item::number(link.expires_second));
        let newest = Newest { link: hash.to_owned(), ttl: link.expires_second };
        let sk = newest_of(&link.email, link.confirms.as_ref());
        let newest = item::row(keys::one_time(&link.ask_hash), &sk, &newest)?;
        let writes = vec![Write::create(self.table(), row)?, Write::overwrite(self.table(), newest)?];
        commit::transact(&self.dynamo, writes).await
    }

    /// Reading a link uses nothing up.
    pub async fn link(&self, hash: &str) -> Result<Option<LinkRow>, StorageError> {
        self.get(keys::one_time(hash), keys::LINK).await?.map(item::read).transpose()
    }

    /// The newest link that a browser asked for an address, with the link's hash: to sign in, or to confirm in a session.
    pub async fn newest_link(
        &self,
        ask_hash: &str,
        email: &EmailAddress,
        confirms: Option<&SessionId>,
    ) -> Result<Option<(String, LinkRow)>, StorageError> {
        let newest = self.get(keys::one_time(ask_hash), &newest_of(email, confirms)).await?;
        let Some(newest) = newest else { return Ok(None) };
        let Newest { link: hash, .. } = item::read(newest)?;
        Ok(self.link(&hash).await?.map(|row| (hash, row)))
    }

    /// Takes one of a link's few tries before a code is looked at, so that parallel guesses share them. False when none
    /// is left, or the link is gone.
    pub async fn take_try(&self, hash: &str, now: Timestamp) -> Result<bool, StorageError> {
        let key = item::key(keys::one_time(hash), keys::LINK);
        let values = Item::from([
            (":one".to_owned(), item::number(1)),
            (":most".to_owned(), item::number(limits::CODE_TRIES_MAX)),
            (":now".to_owned(), item::number(now.as_second())),
        ]);
        let condition = "attribute_exists(pk) AND #tries < :most AND #ends > :now";
        let names = [("#tries", "tries"), ("#ends", "expires_second")];
        let take = Write::update(self.table(), key, "ADD #tries :one", &names, values, Some(condition))?;
        match commit::transact(&self.dynamo, vec![take]).await {
            Ok(()) => Ok(true),
            Err(StorageError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Uses a link up, by the one who has checked that it is the asking browser's, and not expired. Of two that try at
    /// once, one wins.
    pub fn link_proof(&self, hash: &str, row: &LinkRow, now: Timestamp) -> Result<Proof, StorageError> {
        let values = Item::from([(":now".to_owned(), item::number(now.as_second()))]);
        let link = item::key(keys::one_time(hash), keys::LINK);
        let newest = item::key(keys::one_time(&row.ask_hash), newest_of(&row.email, row.confirms.as_ref()));
        let writes = vec![
            Write::delete(self.table(), link, Some(("attribute_exists(pk) AND expires_second > :now", values)))?,
            Write::delete(self.table(), newest, None)?,
        ];
        Ok(Proof { writes })
    }
}

/// Under what a browser's newest link lies. Addresses are in small letters and have an @, so that the two never meet.
fn newest_of(email: &EmailAddress, confirms: Option<&SessionId>) -> String {
    match confirms {
        Some(session) => format!("CONFIRM#{session}"),
        None => email.as_str().to_owned(),
    }
}
