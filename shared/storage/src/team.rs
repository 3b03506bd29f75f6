//! A client's profile and its team: who of the firm works on it and who belongs to it, copied from the homes in which
//! that is decided, so that notices and pages find it beside the client's own rows.

use std::collections::BTreeSet;

use access::{ClientJob, OneClient};
use domain::person::{Membership, TeamMember, on_team};
use domain::text::Name;
use domain::{ClientId, PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::check;
use crate::client::ClientStore;
use crate::commit::{self, Lost, Write, pause};
use crate::error::StorageError;
use crate::firm::{ListedClient, ListedPerson};
use crate::item::{self, Item};
use crate::keys;
use crate::query::{Range, query};
use crate::vending::MembershipRow;

/// What a client is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub client: ClientId,
    pub name: Name,
    /// `active` or `archived`.
    pub state: String,
    pub created_at: Timestamp,
    pub version: u64,
}

impl Profile {
    pub(crate) fn new(client: ClientId, name: Name, created_at: Timestamp) -> Self {
        Self { client, name, state: ACTIVE.to_owned(), created_at, version: 1 }
    }

    pub fn is_archived(&self) -> bool {
        self.state == ARCHIVED
    }
}

const ACTIVE: &str = "active";
const ARCHIVED: &str = "archived";
/// Homes in which a client's new name is put at the same time.
const NAMED_TOGETHER: usize = 8;

/// What a home says of one person and one client.
struct InHome {
    member: Option<TeamMember>,
    assigned: bool,
}

impl<S: OneClient> ClientStore<'_, S> {
    /// None for a client that is not there.
    pub async fn profile(&self) -> Result<Option<Profile>, StorageError> {
        self.get(self.keys.data(), keys::PROFILE.to_owned()).await?.map(item::read).transpose()
    }
}

impl ClientStore<'_, ClientJob<'_>> {
    /// Makes the client's own profile, and the name beside its people and its assignments, agree with the firm's list:
    /// a partner writes there alone, and everything that repeats it follows.
    pub async fn follow_the_list(&self) -> Result<(), StorageError> {
        let (firm, client) = (self.scope.client_firm(), self.scope.client());
        let table_firm = &self.aws.settings().table_firm;
        let wanted = vec![
            item::key(keys::firm(firm), keys::listed_client(client)),
            item::key(keys::public(firm), keys::archived(client)),
        ];
        let (rows, profile) = tokio::join!(check::batch(&self.dynamo, table_firm, wanted), self.profile());
        let (rows, Some(profile)) = (rows?, profile?) else { return Ok(()) };
        let is_of = |sk: &str, row: &&Item| item::text_of(row, "sk") == Some(sk);
        let Some(listed) = rows.iter().find(|row| is_of(&keys::listed_client(client), row)) else { return Ok(()) };
        let listed: ListedClient = item::read(listed.clone())?;
        let state = if rows.iter().any(|row| is_of(&keys::archived(client), &row)) { ARCHIVED } else { ACTIVE };
        if profile.name == listed.name && profile.state == state {
            return Ok(());
        }
        let is_renamed = profile.name != listed.name;
        let next = Profile { name: listed.name, state: state.to_owned(), version: profile.version + 1, ..profile };
        if is_renamed {
            for people in self.candidates().await?.chunks(NAMED_TOGETHER) {
                let named = people.iter().map(|person| self.name_in_home(person, &next.name));
                futures::future::join_all(named).await.into_iter().collect::<Result<Vec<()>, _>>()?;
            }
        }
        // Last, so that whoever died before it begins again.
        let row = item::row(self.keys.data(), keys::PROFILE, &next)?;
        match commit::transact(&self.dynamo, vec![Write::replace(self.table(), row, next.version - 1)?]).await {
            Err(StorageError::Stale) => Ok(()),
            answer => answer,
        }
    }

    async fn name_in_home(&self, person: &PersonId, name: &Name) -> Result<(), StorageError> {
        let home = keys::home(self.scope.client_firm(), person);
        let client = self.scope.client();
        for sk in [keys::membership(client.as_str()), keys::assignment(client)] {
            let values = Item::from([(":name".to_owned(), item::text(name.as_str()))]);
            let key = item::key(&home, sk);
            let table_firm = &self.aws.settings().table_firm;
            let there = Some("attribute_exists(pk)");
            let write = Write::update(table_firm, key, "SET client_name = :name", &[], values, there)?;
            match commit::transact(&self.dynamo, vec![write]).await {
                // Not a member, or not assigned.
                Ok(()) | Err(StorageError::Stale) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes the copy of one person agree with its home, whatever happened there and in whichever order it is told.
    pub async fn mirror(&self, person: &PersonId) -> Result<(), StorageError> {
        for attempt in 0..limits::WRITE_TRIES_MAX {
            let (home, copy) = tokio::join!(self.in_home(person), self.get(self.keys.data(), keys::team(person)));
            let (home, copy) = (home?, copy?.map(item::read::<TeamMember>).transpose()?);
            if home.member == copy && copy.is_some() {
                return Ok(());
            }
            // Written only while the assignment stands as it was read.
            match commit::transact(&self.dynamo, self.copy(person, &home)?).await {
                Err(StorageError::Stale) => pause(attempt).await,
                answer => return answer,
            }
        }
        Err(StorageError::Stale)
    }

    fn copy(&self, person: &PersonId, home: &InHome) -> Result<Vec<Write>, StorageError> {
        let table_firm = &self.aws.settings().table_firm;
        let pk = keys::home(self.scope.client_firm(), person);
        let assignment = item::key(&pk, keys::assignment(self.scope.client()));
        let stands = if home.assigned { "attribute_exists(pk)" } else { "attribute_not_exists(pk)" };
        let stands = Write::check(table_firm, assignment, stands, Lost::Stale)?;
        let mut writes = vec![stands];
        match &home.member {
            Some(member) => {
                let row = item::row(self.keys.data(), keys::team(person), member)?;
                writes.push(Write::overwrite(self.table(), row)?);
            }
            None => {
                writes.push(Write::delete(self.table(), item::key(self.keys.data(), keys::team(person)), None)?);
            }
        }
        // The card goes with the assignment, for which it was drawn.
        if home.member.as_ref().is_none_or(|member| member.of_client) {
            let card = item::key(&pk, keys::card(self.scope.client()));
            writes.push(Write::delete(table_firm, card, None)?);
        }
        Ok(writes)
    }

    async fn in_home(&self, person: &PersonId) -> Result<InHome, StorageError> {
        let pk = keys::home(self.scope.client_firm(), person);
        let (of_firm, of_client) = (keys::membership(Membership::FIRM), keys::membership(self.scope.client().as_str()));
        let assignment = keys::assignment(self.scope.client());
        let wanted = [&of_firm, &of_client, &assignment].map(|sk| item::key(&pk, sk)).to_vec();
        let mut rows = check::batch(&self.dynamo, &self.aws.settings().table_firm, wanted).await?;
        let mut take = |sk: &str| {
            let place = rows.iter().position(|row| item::text_of(row, "sk") == Some(sk))?;
            Some(rows.swap_remove(place))
        };
        let assigned = take(&assignment).is_some();
        let member = |row: Option<Item>| row.map(item::read::<MembershipRow>).transpose();
        let (of_firm, of_client) = (member(take(&of_firm))?, member(take(&of_client))?);
        let (of_firm, of_client) = (of_firm.map(MembershipRow::member), of_client.map(MembershipRow::member));
        Ok(InHome { member: on_team(person, of_firm.as_ref(), of_client.as_ref(), assigned), assigned })
    }

    /// Everybody who could be on this client's team, and everybody who is: whom a rebuild has to look at.
    pub async fn candidates(&self) -> Result<Vec<PersonId>, StorageError> {
        let mut people: BTreeSet<PersonId> = self.team().await?.into_iter().map(|member| member.person).collect();
        for membership in [Membership::FIRM, self.scope.client().as_str()] {
            let prefix = keys::people_of(membership);
            let mut after = None;
            loop {
                let pk = keys::firm(self.scope.client_firm());
                let range = Range { pk, prefix: &prefix, after, consistent: true, ..Range::default() };
                let page = query(&self.dynamo, &self.aws.settings().table_firm, range).await?;
                for row in page.rows {
                    people.insert(item::read::<ListedPerson>(row)?.person);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(people.into_iter().collect())
    }
}
