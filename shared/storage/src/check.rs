//! What was granted from a cache is checked again beside the first read: the session or token, its membership, the
//! firm's state, for staff the assignment, and whom somebody views as. All lie in one table, so it is one read, and it
//! costs no extra round trip.

use std::sync::atomic::{AtomicBool, Ordering};

use access::{Acting, Grant};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::firm::FirmState;
use domain::{FirmId, PersonId, Role};

use crate::aws::Aws;
use crate::commit::{Lost, Write};
use crate::error::{During, Revoked, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::vending::{Found, suspends};

/// One check for one store, made with its first read.
pub(crate) struct Check<'a> {
    aws: &'a Aws,
    grant: Option<&'a Grant>,
    done: AtomicBool,
}

impl<'a> Check<'a> {
    pub(crate) fn new(aws: &'a Aws, grant: Option<&'a Grant>) -> Self {
        Self { aws, grant, done: AtomicBool::new(false) }
    }

    /// The read's answer, if the scope still holds; a refusal for which the check has a reason is that reason.
    pub(crate) async fn beside<T>(
        &self,
        dynamo: &Client,
        read: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        let Some(grant) = self.grant.filter(|_| !self.done.swap(true, Ordering::Relaxed)) else {
            return read.await;
        };
        let (answer, checked) = tokio::join!(read, still_holds(self.aws, dynamo, grant));
        if let Err(StorageError::Revoked(why)) = checked {
            self.aws.vendor().forget(&grant.session);
            return Err(StorageError::Revoked(why));
        }
        checked?;
        answer
    }
}

impl Check<'_> {
    /// The check by itself, for a write that no read came before.
    pub(crate) async fn first(&self, dynamo: &Client) -> Result<(), StorageError> {
        self.beside(dynamo, std::future::ready(Ok(()))).await
    }
}

/// Rows by their keys, consistently. What is missing is not there: a batch that was answered in part is an error.
pub(crate) async fn batch(dynamo: &Client, table: &str, wanted: Vec<Item>) -> Result<Vec<Item>, StorageError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
    let request = request.during("build a batch")?;
    let found = dynamo.batch_get_item().request_items(table, request).send().await.during("read a batch")?;
    if found.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
        return Err(StorageError::bug("read a batch", "it was answered in part"));
    }
    Ok(found.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default())
}

async fn still_holds(aws: &Aws, dynamo: &Client, grant: &Grant) -> Result<(), StorageError> {
    let places = Places::of(grant);
    let found = Found(batch(dynamo, &aws.settings().table_firm, places.keys()).await?);
    match places.lost(grant, &found) {
        Some(why) => Err(StorageError::Revoked(why)),
        None => Ok(()),
    }
}

/// What somebody acts by: a session or token that is there, and a membership that is as it was read.
pub(crate) struct Standpoint<'s> {
    pub(crate) firm: &'s FirmId,
    pub(crate) person: &'s PersonId,
    /// The row of the session or token in the person's home.
    pub(crate) alive: String,
    pub(crate) membership: &'s str,
    pub(crate) version: u64,
}

impl<'s> Standpoint<'s> {
    pub(crate) fn of(grant: &'s Grant) -> Self {
        Self {
            firm: &grant.firm,
            person: &grant.person,
            alive: alive(grant),
            membership: &grant.membership,
            version: grant.membership_version,
        }
    }

    /// The check as conditions of a transaction, for what a function writes with its own role: no keys of the person
    /// would be refused there, and what was read before may have changed since.
    pub(crate) fn conditions(self, table_firm: &str) -> Result<Vec<Write>, StorageError> {
        let home = keys::home(self.firm, self.person);
        let alive = item::key(home.clone(), self.alive);
        let membership = item::key(home, keys::membership(self.membership));
        let as_read = Item::from([
            (":yes".to_owned(), AttributeValue::Bool(true)),
            (":version".to_owned(), item::number(self.version)),
        ]);
        let holds = "active = :yes AND version = :version";
        let state = item::key(keys::public(self.firm), keys::STATE);
        let suspended = ("state", FirmState::Suspended.as_str());
        Ok(vec![
            Write::check(table_firm, alive, "attribute_exists(pk)", Lost::Scope(Revoked::SignedOut))?,
            Write::check_that(table_firm, membership, holds, as_read, Lost::Scope(Revoked::Changed))?,
            Write::check_not(table_firm, state, suspended, Lost::Scope(Revoked::Suspended))?,
        ])
    }
}

/// The row in the person's home that keeps a session or token alive.
fn alive(grant: &Grant) -> String {
    match grant.acting {
        Acting::Token { .. } => keys::token_of_session(&grant.session),
        Acting::SignedIn | Acting::Viewing(_) => keys::session(&grant.session),
    }
}

/// Where the rows lie that a grant stands on.
struct Places {
    alive: Place,
    membership: Place,
    state: Place,
    /// Of a client that is archived; partners go on.
    archived: Option<Place>,
    assignment: Option<Place>,
    viewed: Option<Place>,
}

type Place = (String, String);

impl Places {
    fn of(grant: &Grant) -> Self {
        let own = keys::home(&grant.firm, &grant.person);
        let assigned = grant.assigned.then_some(grant.client.as_ref()).flatten();
        Self {
            alive: (own.clone(), alive(grant)),
            membership: (own.clone(), keys::membership(&grant.membership)),
            state: (keys::public(&grant.firm), keys::STATE.to_owned()),
            archived: grant
                .client
                .as_ref()
                .filter(|_| grant.role != Role::Partner || grant.viewing().is_some())
                .map(|client| (keys::public(&grant.firm), keys::archived(client))),
            assignment: assigned.map(|client| (own.clone(), keys::assignment(client))),
            viewed: grant
                .viewing()
                .map(|viewed| (keys::home(&grant.firm, &viewed.person), keys::membership(viewed.client.as_str()))),
        }
    }

    fn keys(&self) -> Vec<Item> {
        let places = [&self.alive, &self.membership, &self.state].into_iter();
        places
            .chain(&self.archived)
            .chain(&self.assignment)
            .chain(&self.viewed)
            .map(|(pk, sk)| item::key(pk, sk))
            .collect()
    }

    /// Why the grant no longer holds.
    fn lost(&self, grant: &Grant, found: &Found) -> Option<Revoked> {
        let row = |(pk, sk): &Place| found.at(pk, sk);
        let holds = |place: &Place, version: u64| row(place).is_some_and(|row| is_active(row, version));
        if row(&self.alive).is_none() {
            return Some(Revoked::SignedOut);
        }
        if row(&self.state).is_some_and(suspends) {
            return Some(Revoked::Suspended);
        }
        if !holds(&self.membership, grant.membership_version) {
            return Some(Revoked::Changed);
        }
        if let (Some(viewed), Some(place)) = (grant.viewing(), &self.viewed)
            && !holds(place, viewed.membership_version)
        {
            return Some(Revoked::Changed);
        }
        if self.archived.as_ref().is_some_and(|place| row(place).is_some()) {
            return Some(if grant.viewing().is_some() { Revoked::Changed } else { Revoked::NotTheirs });
        }
        match &self.assignment {
            // Whoever views as somebody is told that it is over, by asking anew.
            Some(assignment) if row(assignment).is_none() && grant.viewing().is_some() => Some(Revoked::Changed),
            Some(assignment) if row(assignment).is_none() => Some(Revoked::NotTheirs),
            _ => None,
        }
    }
}

fn is_active(row: &Item, version: u64) -> bool {
    let active = row.get("active").and_then(|active| active.as_bool().ok()).copied().unwrap_or(false);
    active && item::number_of::<u64>(row, "version") == Some(version)
}
