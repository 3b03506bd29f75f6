//! What is left of somebody's memberships by the way they came in.

use domain::EmailAddress;
use domain::factors::Means;
use domain::person::Membership;
use domain::sso::{Domain, Door, OnlyBy, Within};
use storage::{Identity, Standing, StorageError};

/// A provider speaks for its own firm or company, and for nothing else that the person belongs to.
pub(crate) fn keep_within(standings: &mut Vec<Standing>, within: Option<&Within>) {
    let Some(within) = within else { return };
    standings.retain(|standing| within.allows(&standing.firm, &standing.membership));
}

/// Where the address's domain signs in by its provider only, every other way is closed there.
pub(crate) async fn keep_open(
    identity: &Identity<'_>,
    email: &EmailAddress,
    standings: &mut Vec<Standing>,
    first: Means,
    enrolled: bool,
) -> Result<(), StorageError> {
    if first == Means::Sso {
        return Ok(());
    }
    let Some(row) = identity.domain(&Domain::of(email)).await?.filter(|row| row.only) else { return Ok(()) };
    let Some(whose) = Membership::parse(&row.membership) else { return Ok(()) };
    let rule = OnlyBy { firm: row.firm, whose };
    standings.retain(|standing| {
        let door = Door { firm: &standing.firm, membership: &standing.membership, role: standing.row.role };
        !rule.closes(door, first, enrolled)
    });
    Ok(())
}
