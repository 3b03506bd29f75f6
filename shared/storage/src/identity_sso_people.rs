//! Signing in by a provider: what a browser was sent away with, which assertions were used, and who a provider's names
//! stand for. A name is bound to the address it first came with, and the address to that name: neither another name with
//! the same address nor the same name with another address becomes anybody else.

use crypto::Mac;
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::{ConnectionId, EmailAddress, EventId, Moment, PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::commit::{self, Change, Write};
use crate::error::StorageError;
use crate::identity::Identity;
use crate::identity_links::Proof;
use crate::identity_sso::{Changed, Connection};
use crate::item::{self, Item};
use crate::keys;

/// A browser that is on its way to a provider. Found by the hash of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsoRequest {
    pub connection: ConnectionId,
    /// What the answer has to name: a request's id, or a state.
    pub answers: String,
    /// OpenID: in the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// OpenID: for the exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whoever tries the connection out: nobody is signed in by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_by: Option<PersonId>,
    pub expires_second: i64,
}

/// An assertion that must not be good again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedAssertion {
    pub id: String,
    pub until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct NameRow {
    email: EmailAddress,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct AddressRow {
    subject: String,
}

/// Who a provider's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Of the address that it first came with.
    Known(EmailAddress),
    /// Not seen yet.
    New,
}

impl Identity<'_> {
    pub async fn open_sso(&self, browser: &str, request: &SsoRequest) -> Result<(), StorageError> {
        let mut row = item::row(keys::sso_request(browser), keys::SSO_REQUEST, request)?;
        row.insert("ttl".to_owned(), item::number(request.expires_second));
        commit::transact(&self.dynamo, vec![Write::overwrite(self.table(), row)?]).await
    }

    /// What the browser was sent away with, if it is not too long ago.
    pub async fn sso_request(&self, browser: &str, now: Timestamp) -> Result<Option<SsoRequest>, StorageError> {
        let row = self.get(keys::sso_request(browser), keys::SSO_REQUEST).await?;
        let request: Option<SsoRequest> = row.map(item::read).transpose()?;
        Ok(request.filter(|request| now.as_second() < request.expires_second))
    }

    /// Uses the request up at once, before its answer is looked at: each answer has one try. False where it is used.
    pub async fn take_sso_request(&self, browser: &str, request: &SsoRequest) -> Result<bool, StorageError> {
        let values = Item::from([(":answers".to_owned(), item::text(&request.answers))]);
        let key = item::key(keys::sso_request(browser), keys::SSO_REQUEST);
        let delete = Write::delete(self.table(), key, Some(("answers = :answers", values)))?;
        match commit::transact(&self.dynamo, vec![delete]).await {
            Ok(()) => Ok(true),
            Err(StorageError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Remembers an assertion as long as anybody would accept it. False where it was used before.
    pub async fn use_assertion(
        &self,
        connection: &ConnectionId,
        assertion: &UsedAssertion,
    ) -> Result<bool, StorageError> {
        let hash = crypto::tagged_token("assertion", &format!("{connection}|{}", assertion.id));
        let mut row = item::key(keys::assertion(&hash), keys::CONNECTION);
        row.insert("ttl".to_owned(), item::number(assertion.until.as_second() + 1));
        match commit::transact(&self.dynamo, vec![Write::create(self.table(), row)?]).await {
            Ok(()) => Ok(true),
            Err(StorageError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub async fn named(&self, connection: &ConnectionId, subject: &str) -> Result<Named, StorageError> {
        let row = self.get(keys::connection(connection), &keys::subject(&subject_hash(connection, subject))).await?;
        let row: Option<NameRow> = row.map(item::read).transpose()?;
        Ok(row.map_or(Named::New, |row| Named::Known(row.email)))
    }

    /// Whether an address is bound to another name of the same connection.
    pub async fn bound_to_another(
        &self,
        connection: &ConnectionId,
        mac: &Mac,
        subject: &str,
    ) -> Result<bool, StorageError> {
        let row = self.get(keys::address(mac), &keys::bound_by(connection)).await?;
        let row: Option<AddressRow> = row.map(item::read).transpose()?;
        Ok(row.is_some_and(|row| row.subject != subject_hash(connection, subject)))
    }

    /// Binds a name and an address to each other, with the session that begins by it.
    pub fn bind(
        &self,
        connection: &ConnectionId,
        mac: &Mac,
        subject: &str,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Proof, StorageError> {
        let hash = subject_hash(connection, subject);
        let name = NameRow { email: email.clone(), at: now };
        let name = item::row(keys::connection(connection), keys::subject(&hash), &name)?;
        let address = item::row(keys::address(mac), keys::bound_by(connection), &AddressRow { subject: hash })?;
        Ok(Proof { writes: vec![Write::create(self.table(), name)?, Write::create(self.table(), address)?] })
    }

    /// Takes the binding of an address back, for somebody whose account at the provider was made anew. Nothing where
    /// there is none.
    pub async fn release(
        &self,
        changed: Changed<'_>,
        connection: &Connection,
        mac: &Mac,
        moment: &mut Moment,
    ) -> Result<bool, StorageError> {
        let sk = keys::bound_by(&connection.connection);
        let found = self.beside(changed.scope, self.get(keys::address(mac), &sk)).await?;
        let Some(row) = found else { return Ok(false) };
        let AddressRow { subject } = item::read(row)?;
        let name = item::key(keys::connection(&connection.connection), keys::subject(&subject));
        let writes = vec![
            Write::delete(self.table(), item::key(keys::address(mac), sk), None)?,
            Write::delete(self.table(), name, None)?,
        ];
        let person = PersonId::from_bits(mac.person_bits());
        let Changed { scope, act, .. } = changed;
        let id = EventId::from_bits(moment.next_id());
        let draft = Draft::new(id, moment.now, access::OnePerson::who(scope), act, Object::new("person", &person));
        let chain = Chain::Person { firm: connection.firm.clone(), person };
        self.commit_by(scope, Change { chain, draft, writes }).await?;
        Ok(true)
    }

    /// Writes down that a provider's word let nobody in, or somebody in for the first time.
    pub async fn sso_noted(
        &self,
        connection: &Connection,
        person: &PersonId,
        act: Act,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let object = Object::new("connection", &connection.connection);
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, Who::Nobody, act, object);
        let draft = if act == Act::SsoRefused { draft.refused() } else { draft };
        let chain = Chain::Person { firm: connection.firm.clone(), person: person.clone() };
        self.commit(Change { chain, draft, writes: Vec::new() }).await
    }
}

/// Until when a browser may be on its way.
pub fn sso_expiry(now: Timestamp) -> i64 {
    now.as_second() + limits::SSO_REQUEST_SECONDS
}

fn subject_hash(connection: &ConnectionId, subject: &str) -> String {
    crypto::tagged_token("subject", &format!("{connection}|{subject}"))
}
