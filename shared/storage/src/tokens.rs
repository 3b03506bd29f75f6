//! Personal tokens, by which programs act for a person. Each has a row under the hash of the token, by which it is
//! found, one in the home of the membership that it acts as, whose presence keeps it alive, and one that leads from its
//! id to the hash. All come and go together, with an event in the person's chain.

use std::collections::BTreeSet;

use access::{FirmScope, OnePerson};
use aws_sdk_dynamodb::Client;
use domain::audit::{Act, Chain, Draft, Object};
use domain::permissions::ManageSignIn;
use domain::{EmailAddress, EventId, Moment, PermissionName, PersonId, SessionId, Timestamp, TokenId, limits};
use serde::{Deserialize, Serialize};

use crate::check::{self, Standpoint};
use crate::commit::{Change, Write, transact};
use crate::error::{During, StorageError};
use crate::identity::Identity;
use crate::identity_sessions::Current;
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};
use crate::settings::Settings;
use crate::vending::ActsAs;

/// A token as it is looked up by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    pub token: TokenId,
    pub person: PersonId,
    pub email: EmailAddress,
    pub acts_as: ActsAs,
    /// What it carries of what the person may do; never more than that.
    pub scopes: BTreeSet<PermissionName>,
    pub read_only: bool,
    pub expires: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
}

impl TokenRow {
    /// Its id in the place that a session's has in grants and events.
    pub fn as_session(&self) -> SessionId {
        SessionId::from_bits(self.token.bits())
    }

    pub(crate) fn wants_touch(&self, now: Timestamp) -> bool {
        self.last_seen.is_none_or(|seen| now.as_second() - seen.as_second() >= limits::TOKEN_TOUCH_SECONDS)
    }
}

/// A token's row in the home of whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TokenInHome {
    token: TokenId,
    membership: String,
    name: String,
    scopes: BTreeSet<PermissionName>,
    read_only: bool,
    made_at: Timestamp,
    expires: Timestamp,
}

/// A token as its person sees it in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLine {
    pub id: TokenId,
    pub name: String,
    pub scopes: BTreeSet<PermissionName>,
    pub read_only: bool,
    pub made_at: Timestamp,
    pub expires: Timestamp,
    pub last_used: Option<Timestamp>,
}

/// A token that is about to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub id: TokenId,
    pub hash: String,
    pub name: String,
    pub scopes: BTreeSet<PermissionName>,
    pub read_only: bool,
    pub expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct HashRow {
    token: TokenId,
    hash: String,
}

impl Identity<'_> {
    /// The tokens of the membership that the session acts as, the newest first.
    pub async fn tokens(&self, of: &Current) -> Result<Vec<TokenLine>, StorageError> {
        let Some(acts_as) = &of.row.acts_as else { return Ok(Vec::new()) };
        let pk = keys::home(&acts_as.firm, &of.row.person);
        let range = Range { pk, prefix: keys::TOKENS, consistent: true, ..Range::default() };
        let page = query(&self.dynamo, &self.aws.settings().table_firm, range).await?;
        let mut own: Vec<TokenInHome> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        own.retain(|token| token.membership == acts_as.membership);
        let hashes = self.token_hashes(own.iter().map(|token| &token.token)).await?;
        let wanted = hashes.iter().map(|row| item::key(keys::token_by_hash(&row.hash), keys::TOKEN)).collect();
        let rows = check::batch(&self.dynamo, self.table(), wanted).await?;
        let used: Vec<TokenRow> = rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let line = |token: TokenInHome| TokenLine {
            last_used: used.iter().find(|row| row.token == token.token).and_then(|row| row.last_seen),
            id: token.token,
            name: token.name,
            scopes: token.scopes,
            read_only: token.read_only,
            made_at: token.made_at,
            expires: token.expires,
        };
        let mut lines: Vec<TokenLine> = own.into_iter().map(line).collect();
        lines.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(lines)
    }

    pub async fn make_token(&self, by: &Current, new: NewToken, moment: &mut Moment) -> Result<(), StorageError> {
        let acts_as = by.row.acts_as.clone().ok_or_else(|| StorageError::bug("make a token", "nothing is chosen"))?;
        let row = TokenRow {
            token: new.id.clone(),
            person: by.row.person.clone(),
            email: by.row.email.clone(),
            acts_as: acts_as.clone(),
            scopes: new.scopes.clone(),
            read_only: new.read_only,
            expires: new.expires,
            last_seen: None,
        };
        let in_home = TokenInHome {
            token: new.id.clone(),
            membership: acts_as.membership.clone(),
            name: new.name,
            scopes: new.scopes,
            read_only: new.read_only,
            made_at: moment.now,
            expires: new.expires,
        };
        let by_id = HashRow { token: new.id.clone(), hash: new.hash.clone() };
        let kept = |mut row: Item| {
            row.insert("ttl".to_owned(), item::number(new.expires.as_second()));
            row
        };
        let home = keys::home(&acts_as.firm, &by.row.person);
        let by_hash = item::row(keys::token_by_hash(&new.hash), keys::TOKEN, &row)?;
        let by_id = item::row(keys::token_by_id(&new.id), keys::TOKEN_HASH, &by_id)?;
        let in_home = item::row(home, keys::token(&new.id), &in_home)?;
        let mut writes = vec![
            Write::create(self.table(), kept(by_hash))?,
            Write::create(self.table(), kept(by_id))?,
            Write::create(&self.aws.settings().table_firm, kept(in_home))?,
        ];
        // A token outlives the session: neither a membership that ends now nor a firm that is closed leaves one behind.
        let membership = by.membership.as_ref().ok_or_else(|| StorageError::bug("make a token", "nobody acts"))?;
        let standpoint = Standpoint {
            firm: &acts_as.firm,
            person: &by.row.person,
            alive: keys::session(&by.row.session),
            membership: &acts_as.membership,
            version: membership.version,
        };
        writes.extend(standpoint.conditions(&self.aws.settings().table_firm)?);
        self.commit(of_token(by, &acts_as, Act::TokenMade, &new.id, writes, moment)).await
    }

    /// Ends a token of the membership that the session acts as; `false` where there is none of that id.
    pub async fn end_token(&self, by: &Current, id: &TokenId, moment: &mut Moment) -> Result<bool, StorageError> {
        let Some(acts_as) = by.row.acts_as.clone() else { return Ok(false) };
        let in_home = item::key(keys::home(&acts_as.firm, &by.row.person), keys::token(id));
        let found = check::batch(&self.dynamo, &self.aws.settings().table_firm, vec![in_home.clone()]).await?;
        if found.iter().all(|row| item::text_of(row, "membership") != Some(acts_as.membership.as_str())) {
            return Ok(false);
        }
        let mut writes = vec![Write::delete(&self.aws.settings().table_firm, in_home, None)?];
        writes.extend(self.hash_deletes(id).await?);
        self.commit(of_token(by, &acts_as, Act::TokenEnded, id, writes, moment)).await?;
        Ok(true)
    }

    /// Ends every token by which somebody acts as a membership of the scope's firm; how many they were. Each is an event
    /// in the chain of whom it happens to.
    pub async fn end_tokens(
        &self,
        scope: &FirmScope<ManageSignIn>,
        person: &PersonId,
        membership: &str,
        moment: &mut Moment,
    ) -> Result<usize, StorageError> {
        let home = keys::home(scope.firm(), person);
        let table_firm = &self.aws.settings().table_firm;
        let range = Range { pk: home.clone(), prefix: keys::TOKENS, consistent: true, ..Range::default() };
        let page = query(&self.dynamo, table_firm, range).await?;
        let mut theirs: Vec<TokenInHome> = page.rows.into_iter().map(item::read).collect::<Result<_, _>>()?;
        theirs.retain(|token| token.membership == membership);
        for token in &theirs {
            let mut writes = vec![Write::delete(table_firm, item::key(home.clone(), keys::token(&token.token)), None)?];
            writes.extend(self.hash_deletes(&token.token).await?);
            let id = EventId::from_bits(moment.next_id());
            let object = Object::new("token", &token.token);
            let draft = Draft::new(id, moment.now, scope.who(), Act::TokenEnded, object);
            let chain = Chain::Person { firm: scope.firm().clone(), person: person.clone() };
            self.commit(Change { chain, draft, writes }).await?;
        }
        Ok(theirs.len())
    }

    async fn hash_deletes(&self, id: &TokenId) -> Result<Vec<Write>, StorageError> {
        let mut writes = Vec::new();
        for row in self.token_hashes([id].into_iter()).await? {
            let by_hash = item::key(keys::token_by_hash(&row.hash), keys::TOKEN);
            writes.push(Write::delete(self.table(), by_hash, None)?);
            writes.push(Write::delete(self.table(), item::key(keys::token_by_id(id), keys::TOKEN_HASH), None)?);
        }
        Ok(writes)
    }

    async fn token_hashes<'t>(
        &self,
        ids: impl Iterator<Item = &'t TokenId> + Send,
    ) -> Result<Vec<HashRow>, StorageError> {
        let wanted = ids.map(|id| item::key(keys::token_by_id(id), keys::TOKEN_HASH)).collect();
        let rows = check::batch(&self.dynamo, self.table(), wanted).await?;
        rows.into_iter().map(item::read).collect()
    }
}

fn of_token(
    by: &Current,
    acts_as: &ActsAs,
    act: Act,
    token: &TokenId,
    writes: Vec<Write>,
    moment: &mut Moment,
) -> Change {
    let id = EventId::from_bits(moment.next_id());
    let draft = Draft::new(id, moment.now, by.who(), act, Object::new("token", token));
    Change { chain: Chain::Person { firm: acts_as.firm.clone(), person: by.row.person.clone() }, draft, writes }
}

pub(crate) async fn token(dynamo: &Client, settings: &Settings, hash: &str) -> Result<Option<TokenRow>, StorageError> {
    let found = dynamo
        .get_item()
        .table_name(&settings.table_identity)
        .set_key(Some(item::key(keys::token_by_hash(hash), keys::TOKEN)))
        .consistent_read(true)
        .send()
        .await
        .during("read a token")?;
    found.item.map(item::read).transpose()
}

pub(crate) async fn touch(
    dynamo: &Client,
    settings: &Settings,
    hash: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let key = item::key(keys::token_by_hash(hash), keys::TOKEN);
    let values = Item::from([(":now".to_owned(), item::text(now.to_string()))]);
    let names = [("#seen", "last_seen")];
    let condition = Some("attribute_exists(pk)");
    let write = Write::update(&settings.table_identity, key, "SET #seen = :now", &names, values, condition)?;
    transact(dynamo, vec![write]).await
}
