//! Connections to providers of single sign-on. They lie in the identity table, reached by the one function that signs
//! people in: no role of a person reaches them, whatever that person may change by way of a page. What belongs to a
//! connection is found by it, a firm's connections by the firm, and a domain leads to the one connection it is proven for.

use access::{FirmScope, OnePerson};
use crypto::{Aad, Secret};
use domain::audit::{Act, Chain, Draft, Object, Who};
use domain::permissions::ManageSignIn;
use domain::person::Membership;
use domain::sso::{Claim, Domain, Newcomers};
use domain::{ConnectionId, EventId, FirmId, Moment, PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::commit::{Change, Write};
use crate::error::{During, StorageError};
use crate::identity::Identity;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};

const SEALED: &str = "sealed";

/// How people are known at the provider, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    Oidc {
        /// What the provider said about itself at set-up, as JSON.
        provider: String,
        issuer: String,
        client_id: String,
    },
    Saml {
        issuer: String,
        sso_url: String,
        /// Pinned: bare base64.
        certificates: Vec<String>,
        /// Fingerprints of those that somebody removed: the provider may publish them still.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<String>,
        /// Where the metadata can be read anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metadata_url: Option<String>,
        /// Of the key that the provider may encrypt to; its private half is sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encrypt_to: Option<String>,
    },
}

/// How the last try of a connection went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub at: Timestamp,
    pub good: bool,
    /// In words, for whoever sets it up.
    pub words: String,
}

/// Why what a provider says about itself could not be read anew. What was read before goes on to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRefreshed {
    pub at: Timestamp,
    pub words: String,
}

/// A connection as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub connection: ConnectionId,
    pub firm: FirmId,
    /// `FIRM` or a client's id: whom it lets in.
    pub membership: String,
    /// Of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// What the firm calls it.
    pub name: String,
    #[serde(flatten)]
    pub kind: Kind,
    #[serde(default)]
    pub claims: Vec<Claim>,
    #[serde(default)]
    pub newcomers: Newcomers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Tried>,
    /// When the provider's configuration or metadata was read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed_at: Option<Timestamp>,
    /// The last try, where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_refreshed: Option<NotRefreshed>,
    /// Who set it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<PersonId>,
    pub made_at: Timestamp,
    pub version: u64,
}

impl Connection {
    pub fn whose(&self) -> Membership {
        Membership::parse(&self.membership).unwrap_or(Membership::Firm)
    }

    pub fn claim(&self, domain: &Domain) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.domain == *domain)
    }

    /// Those that it speaks for.
    pub fn domains(&self) -> Vec<Domain> {
        self.claims.iter().filter(|claim| claim.holds()).map(|claim| claim.domain.clone()).collect()
    }

    pub fn speaks_for(&self, domain: &Domain) -> bool {
        self.claim(domain).is_some_and(Claim::holds)
    }
}

/// Where a proven domain leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRow {
    pub domain: Domain,
    /// Its own name is a reserved word of DynamoDB's expressions.
    #[serde(rename = "leads_to")]
    pub connection: ConnectionId,
    pub firm: FirmId,
    pub membership: String,
    #[serde(default)]
    pub only: bool,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    connection: ConnectionId,
}

/// Changes of a connection by a partner of its firm, with the act that each is.
pub struct Changed<'s> {
    pub scope: &'s FirmScope<ManageSignIn>,
    pub act: Act,
    /// Whom or what the act is about, where it is not the connection as a whole.
    pub object: Option<Object>,
}

/// Who has a provider's metadata or configuration read anew.
#[derive(Clone, Copy)]
pub enum Refresher<'s> {
    Partner(&'s FirmScope<ManageSignIn>),
    /// It happens by itself, and is noted with whoever set the connection up.
    Nobody(&'s PersonId),
}

impl Identity<'_> {
    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StorageError> {
        self.get(keys::connection(id), keys::CONNECTION).await?.map(item::read).transpose()
    }

    /// A connection of the firm that the scope is of; another firm's is none.
    pub async fn own_connection(
        &self,
        scope: &FirmScope<ManageSignIn>,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, StorageError> {
        let found = self.beside(scope, self.connection(id)).await?;
        Ok(found.filter(|connection| connection.firm == *scope.firm()))
    }

    /// A connection of whichever firm, for an operator.
    pub async fn connection_of_any(
        &self,
        scope: &access::PlatformScope<domain::permissions::ManageFirms>,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, StorageError> {
        self.beside(scope, self.connection(id)).await
    }

    /// Every connection of the firm, the oldest first.
    pub async fn connections(&self, scope: &FirmScope<ManageSignIn>) -> Result<Vec<Connection>, StorageError> {
        let limit = Some(limits::CONNECTIONS_PER_FIRM_MAX);
        let range = Range { pk: keys::connections(scope.firm()), limit, consistent: true, ..Range::default() };
        let listed = self.beside(scope, query(&self.dynamo, self.table(), range)).await?.rows;
        let mut wanted = Vec::new();
        for row in listed {
            let Listed { connection } = item::read(row)?;
            wanted.push(item::key(keys::connection(&connection), keys::CONNECTION));
        }
        let mut found: Vec<Connection> = Vec::new();
        for some in wanted.chunks(limits::PAGE_ROWS_MAX) {
            for row in check::batch(&self.dynamo, self.table(), some.to_vec()).await? {
                found.push(item::read(row)?);
            }
        }
        found.sort_by(|a, b| a.connection.cmp(&b.connection));
        Ok(found)
    }

    /// What only the connection itself may know: the client secret, or the private key.
    pub async fn connection_secret(&self, id: &ConnectionId) -> Result<Option<Secret<String>>, StorageError> {
        let pk = keys::connection(id);
        let Some(row) = self.get(pk.clone(), keys::CONNECTION).await? else { return Ok(None) };
        let Some(sealed) = item::bytes_of(&row, SEALED) else { return Ok(None) };
        let key = self.aws.identity_key_as_function(&pk).await?;
        let plain = key.open(sealed, &place(&pk)).during("open a connection's secret")?;
        let text = String::from_utf8(plain).during("read a connection's secret")?;
        Ok(Some(Secret::new(text)))
    }

    pub async fn add_connection(
        &self,
        scope: &FirmScope<ManageSignIn>,
        connection: &Connection,
        secret: Option<&Secret<String>>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let pk = keys::connection(&connection.connection);
        let mut row = item::row(&pk, keys::CONNECTION, connection)?;
        self.seal(&mut row, &pk, secret).await?;
        let listed = Listed { connection: connection.connection.clone() };
        let sk = connection.connection.as_str();
        let listed = item::row(keys::connections(scope.firm()), sk, &listed)?;
        let writes = vec![Write::create(self.table(), row)?, Write::create(self.table(), listed)?];
        let changed = Changed { scope, act: Act::ConnectionAdded, object: None };
        self.changed(changed, &connection.connection, 1, writes, moment).await
    }

    /// Saves what was made of `from`. A domain that begins or ceases to hold is written beside it, so that each leads to
    /// one connection at most: `Stale` where another has it, or somebody else changed this one.
    pub async fn save_connection(
        &self,
        changed: Changed<'_>,
        from: &Connection,
        next: Connection,
        secret: Option<&Secret<String>>,
        moment: &mut Moment,
    ) -> Result<Connection, StorageError> {
        let next = Connection { version: from.version + 1, ..next };
        let mut row = self.kept_sealed(&next).await?;
        self.seal(&mut row, &keys::connection(&from.connection), secret).await?;
        let mut writes = vec![Write::replace(self.table(), row, from.version)?];
        for claim in from.claims.iter().filter(|claim| claim.holds() && !next.speaks_for(&claim.domain)) {
            writes.push(self.domain_delete(&claim.domain, &from.connection)?);
        }
        for claim in next.claims.iter().filter(|claim| claim.holds()) {
            if from.claim(&claim.domain) != Some(claim) {
                writes.push(self.domain_put(&next, claim)?);
            }
        }
        self.changed(changed, &next.connection, next.version, writes, moment).await?;
        Ok(next)
    }

    pub async fn remove_connection(
        &self,
        scope: &FirmScope<ManageSignIn>,
        connection: &Connection,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let key = item::key(keys::connection(&connection.connection), keys::CONNECTION);
        let values = Item::from([(":from".to_owned(), item::number(connection.version))]);
        let listed = item::key(keys::connections(scope.firm()), connection.connection.as_str());
        let mut writes = vec![
            Write::delete(self.table(), key, Some(("version = :from", values)))?,
            Write::delete(self.table(), listed, None)?,
        ];
        for claim in connection.claims.iter().filter(|claim| claim.holds()) {
            writes.push(self.domain_delete(&claim.domain, &connection.connection)?);
        }
        let changed = Changed { scope, act: Act::ConnectionRemoved, object: None };
        self.changed(changed, &connection.connection, connection.version, writes, moment).await
    }

    /// Notes how a try went, in the chain of whoever began it.
    pub async fn tried(
        &self,
        from: &Connection,
        by: &PersonId,
        tried: Tried,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let key = item::key(keys::connection(&from.connection), keys::CONNECTION);
        let value = serde_dynamo::to_attribute_value(&tried).during("write a row")?;
        let values = Item::from([(":tried".to_owned(), value)]);
        let names = [("#tried", "tried")];
        let set = "SET #tried = :tried";
        let write = Write::update(self.table(), key, set, &names, values, Some("attribute_exists(pk)"))?;
        let object = Object::new("connection", &from.connection);
        let id = EventId::from_bits(moment.next_id());
        // The session does not come along from another site: who it is, is what the request was begun by.
        let draft = Draft::new(id, moment.now, Who::Nobody, Act::ConnectionTested, object);
        let draft = if tried.good { draft } else { draft.refused() };
        let chain = Chain::Person { firm: from.firm.clone(), person: by.clone() };
        self.commit(Change { chain, draft, writes: vec![write] }).await
    }

    /// Where a domain leads to, if it was proven for a connection.
    pub async fn domain(&self, domain: &Domain) -> Result<Option<DomainRow>, StorageError> {
        self.get(keys::domain(domain), keys::CONNECTION).await?.map(item::read).transpose()
    }

    /// An operator vouches for a claim in the place of its record.
    pub async fn vouch(
        &self,
        scope: &access::PlatformScope<domain::permissions::ManageFirms>,
        from: &Connection,
        next: Connection,
        domain: &Domain,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let next = Connection { version: from.version + 1, ..next };
        let row = self.kept_sealed(&next).await?;
        let mut writes = vec![Write::replace(self.table(), row, from.version)?];
        if let Some(claim) = next.claim(domain) {
            writes.push(self.domain_put(&next, claim)?);
        }
        let id = EventId::from_bits(moment.next_id());
        let object = Object::new("domain", domain);
        let draft = Draft::new(id, moment.now, scope.who(), Act::DomainVerified, object);
        let chain = Chain::Person { firm: scope.firm().clone(), person: scope.person().clone() };
        let in_firm = Draft { id: EventId::from_bits(moment.next_id()), ..draft.clone() };
        self.commit_by(scope, Change { chain, draft, writes }).await?;
        // The firm reads it too, with whoever set the connection up: the operator's own chain is not theirs.
        let Some(of) = next.made_by else { return Ok(()) };
        let chain = Chain::Person { firm: next.firm, person: of };
        self.commit(Change { chain, draft: in_firm, writes: Vec::new() }).await
    }

    /// What was read anew, or why it was not, in the chain of whoever asked for it. Domains are not changed by it.
    pub async fn save_refreshed(
        &self,
        from: &Connection,
        next: Connection,
        by: Refresher<'_>,
        moment: &mut Moment,
    ) -> Result<Connection, StorageError> {
        let (of, who) = match by {
            Refresher::Partner(scope) => (scope.person(), scope.who()),
            Refresher::Nobody(of) => (of, Who::Worker { function: "auth".to_owned() }),
        };
        let next = Connection { version: from.version + 1, claims: from.claims.clone(), ..next };
        let row = self.kept_sealed(&next).await?;
        let writes = vec![Write::replace(self.table(), row, from.version)?];
        let object = Object::new("connection", &next.connection).at_version(next.version);
        let id = EventId::from_bits(moment.next_id());
        let draft = Draft::new(id, moment.now, who, Act::ConnectionRefreshed, object);
        let draft = if next.not_refreshed.is_some() { draft.refused() } else { draft };
        let chain = Chain::Person { firm: next.firm.clone(), person: of.clone() };
        let change = Change { chain, draft, writes };
        match by {
            Refresher::Partner(scope) => self.commit_by(scope, change).await?,
            Refresher::Nobody(_) => self.commit(change).await?,
        }
        Ok(next)
    }

    /// The row of a connection, with what is sealed in the one that is there.
    async fn kept_sealed(&self, next: &Connection) -> Result<Item, StorageError> {
        let pk = keys::connection(&next.connection);
        let mut row = item::row(&pk, keys::CONNECTION, next)?;
        if let Some(kept) = self.get(pk, keys::CONNECTION).await?.and_then(|mut row| row.remove(SEALED)) {
            row.insert(SEALED.to_owned(), kept);
        }
        Ok(row)
    }

    fn domain_put(&self, connection: &Connection, claim: &Claim) -> Result<Write, StorageError> {
        let row = DomainRow {
            domain: claim.domain.clone(),
            connection: connection.connection.clone(),
            firm: connection.firm.clone(),
            membership: connection.membership.clone(),
            only: claim.only,
        };
        let row = item::row(keys::domain(&claim.domain), keys::CONNECTION, &row)?;
        let own = Item::from([(":own".to_owned(), item::text(connection.connection.as_str()))]);
        let free = "attribute_not_exists(pk) OR leads_to = :own";
        Write::put(self.table(), row, Some((free, own)), crate::commit::Lost::Stale)
    }

    fn domain_delete(&self, domain: &Domain, connection: &ConnectionId) -> Result<Write, StorageError> {
        let own = Item::from([(":own".to_owned(), item::text(connection.as_str()))]);
        let key = item::key(keys::domain(domain), keys::CONNECTION);
        Write::delete(self.table(), key, Some(("leads_to = :own", own)))
    }

    async fn seal(&self, row: &mut Item, pk: &str, secret: Option<&Secret<String>>) -> Result<(), StorageError> {
        let Some(secret) = secret else { return Ok(()) };
        let key = self.aws.identity_key_as_function(pk).await?;
        let sealed = key.seal(secret.expose().as_bytes(), &place(pk)).during("seal a connection's secret")?;
        row.insert(SEALED.to_owned(), item::bytes(sealed));
        Ok(())
    }

    async fn changed(
        &self,
        changed: Changed<'_>,
        id: &ConnectionId,
        version: u64,
        writes: Vec<Write>,
        moment: &mut Moment,
    ) -> Result<(), StorageError> {
        let Changed { scope, act, object } = changed;
        let object = object.unwrap_or_else(|| Object::new("connection", id).at_version(version));
        let draft = Draft::new(EventId::from_bits(moment.next_id()), moment.now, scope.who(), act, object);
        let chain = Chain::Person { firm: scope.firm().clone(), person: scope.person().clone() };
        self.commit_by(scope, Change { chain, draft, writes }).await
    }
}

fn place(pk: &str) -> Aad<'_> {
    Aad { table: "identity", pk, sk: keys::CONNECTION, attribute: SEALED }
}
