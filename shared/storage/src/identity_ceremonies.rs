//! What a browser was asked to do with a passkey. The verifier's state stays here, sealed, under the hash of a token that
//! the browser hands back with its answer; it is used up by whatever the answer proves.

use crypto::Aad;
use domain::{PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::commit::{self, Write};
use crate::error::{During, StorageError};
use crate::identity::Identity;
use crate::identity_links::Proof;
use crate::item::{self, Item};
use crate::keys;

const SEALED: &str = "sealed";

/// One question to a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Whose answer alone counts; nobody's in particular where somebody is about to sign in.
    pub person: Option<PersonId>,
    /// The verifier's state.
    pub state: String,
}

#[derive(Serialize, Deserialize)]
struct CeremonyRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    expires_second: i64,
}

impl Identity<'_> {
    pub async fn open_ceremony(&self, hash: &str, ceremony: &Ceremony, now: Timestamp) -> Result<(), StorageError> {
        let pk = keys::one_time(hash);
        let expires_second = now.as_second() + limits::CEREMONY_SECONDS;
        let row = CeremonyRow { person: ceremony.person.clone(), expires_second };
        let mut row = item::row(&pk, keys::CEREMONY, &row)?;
        let key = self.aws.identity_key_as_function(&pk).await?;
        let sealed = key.seal(ceremony.state.as_bytes(), &place(&pk)).during("seal a passkey's question")?;
        row.insert(SEALED.to_owned(), item::bytes(sealed));
        row.insert("ttl".to_owned(), item::number(expires_second));
        commit::transact(&self.dynamo, vec![Write::create(self.table(), row)?]).await
    }

    pub async fn ceremony(&self, hash: &str, now: Timestamp) -> Result<Option<Ceremony>, StorageError> {
        let pk = keys::one_time(hash);
        let Some(row) = self.get(pk.clone(), keys::CEREMONY).await? else { return Ok(None) };
        let sealed = item::bytes_of(&row, SEALED).unwrap_or_default().to_vec();
        let CeremonyRow { person, expires_second } = item::read(row)?;
        if now.as_second() >= expires_second {
            return Ok(None);
        }
        let key = self.aws.identity_key_as_function(&pk).await?;
        let state = key.open(&sealed, &place(&pk)).during("open a passkey's question")?;
        Ok(Some(Ceremony { person, state: String::from_utf8(state).during("read a passkey's question")? }))
    }

    /// Uses the question up: an answer counts once.
    pub fn ceremony_proof(&self, hash: &str, now: Timestamp) -> Result<Proof, StorageError> {
        let values = Item::from([(":now".to_owned(), item::number(now.as_second()))]);
        let key = item::key(keys::one_time(hash), keys::CEREMONY);
        let condition = ("attribute_exists(pk) AND expires_second > :now", values);
        Ok(Proof { writes: vec![Write::delete(self.table(), key, Some(condition))?] })
    }
}

fn place(pk: &str) -> Aad<'_> {
    Aad { table: "identity", pk, sk: keys::CEREMONY, attribute: SEALED }
}
