//! What was granted from a cache is checked again beside the first read: the session, its membership and, for staff,
//! the assignment. All three lie in the person's own home, so it is one read, and it costs no extra round trip.

use std::sync::atomic::{AtomicBool, Ordering};

use access::Grant;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;

use crate::aws::Aws;
use crate::error::{During, Revoked, StorageError};
use crate::item::{self, Item};
use crate::keys;

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
    let home = keys::home(&grant.firm, &grant.person);
    let assignment = grant.assigned.then_some(grant.client.as_ref()).flatten().map(keys::assignment);
    let mut wanted = vec![keys::session(&grant.session), keys::membership(&grant.membership)];
    wanted.extend(assignment.clone());
    let rows =
        batch(dynamo, &aws.settings().table_firm, wanted.iter().map(|sk| item::key(&home, sk)).collect()).await?;
    let row = |sk: &str| rows.iter().find(|row| item::text_of(row, "sk") == Some(sk));
    if row(&wanted[0]).is_none() {
        return Err(StorageError::Revoked(Revoked::SignedOut));
    }
    let membership = row(&wanted[1]);
    let version = membership.and_then(|row| item::number_of::<u64>(row, "version"));
    let active = membership.and_then(|row| row.get("active")?.as_bool().ok()).copied().unwrap_or(false);
    if !active || version != Some(grant.membership_version) {
        return Err(StorageError::Revoked(Revoked::Changed));
    }
    match assignment {
        Some(assignment) if row(&assignment).is_none() => Err(StorageError::Revoked(Revoked::NotTheirs)),
        _ => Ok(()),
    }
}
