//! A domain whose people sign in by its provider only: what has to hold before that is turned on, and what becomes of
//! those who came in another way before.

use access::{FirmScope, OnePerson};
use domain::permissions::ManageSignIn;
use domain::person::Membership;
use domain::sso::{Domain, Door, OnlyBy};
use domain::{ConnectionId, SessionId, limits};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use storage::{Connection, FirmStore, Identity, ListedPerson, SessionInHome, StorageError};
use web::{App, Failure};

use super::add::refused;

pub(super) async fn turned(
    identity: &Identity<'_>,
    scope: &FirmScope<ManageSignIn>,
    mut next: Connection,
    domain: &Domain,
    on: bool,
) -> Result<Connection, Failure> {
    let tried = next.tried.as_ref().is_some_and(|tried| tried.good);
    let of_firm = next.whose() == Membership::Firm;
    let claim = next.claims.iter_mut().find(|claim| claim.domain == *domain).ok_or(Failure::NotFound)?;
    if on {
        if !claim.holds() {
            return Err(refused("Prove the domain first."));
        }
        if !tried {
            return Err(refused("Test the connection first, so that nobody is locked out by a mistake in it."));
        }
        let enrolled = identity.factors(scope.person()).await?.is_some_and(|factors| factors.enrolled);
        if of_firm && !enrolled {
            return Err(refused(
                "Set up a passkey or an app for codes first, under “Sign-in and security”: it is your way in if the \
                 provider is down.",
            ));
        }
    }
    claim.only = on;
    Ok(next)
}

/// Whether the rule of a domain is one for this person.
pub(super) fn decides_of(person: &ListedPerson, domain: &Domain) -> bool {
    person.is_active() && Domain::of(&person.email) == *domain
}

/// Ends the sessions and tokens that the rule, which holds by now, would not let begin. Done again it ends what is left; nobody of
/// the domain begins another one meanwhile.
pub(super) async fn end_the_others(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    connection: &Connection,
    domain: &Domain,
) -> Result<usize, Failure> {
    let rule = OnlyBy { firm: connection.firm.clone(), whose: connection.whose() };
    let count = end(app, scope, connection, std::slice::from_ref(domain), &Ends::Closed(rule)).await?;
    tracing::info!(connection.id = connection.connection.as_str(), ended = count, "only by the provider from here");
    Ok(count)
}

/// Ends the sessions of these domains' people that the connection vouched for: what they stand on is gone.
pub(super) async fn end_vouched(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    connection: &Connection,
    domains: &[Domain],
) -> Result<usize, Failure> {
    let count = end(app, scope, connection, domains, &Ends::Vouched(connection.connection.clone())).await?;
    tracing::info!(connection.id = connection.connection.as_str(), ended = count, "what vouched for sessions is gone");
    Ok(count)
}

/// Which sessions and tokens end.
enum Ends {
    /// What the rule would not let begin.
    Closed(OnlyBy),
    /// What the connection let in.
    Vouched(ConnectionId),
}

impl Ends {
    fn session(&self, person: &ListedPerson, row: &SessionInHome) -> bool {
        match self {
            Ends::Closed(rule) => rule.ends(door(rule, person), row.proven.as_ref()),
            Ends::Vouched(connection) => row.vouched_by(connection),
        }
    }

    /// Nobody knows in which way in a token was made, so that it is taken for one by mail, as such a session is.
    fn tokens(&self, person: &ListedPerson) -> bool {
        match self {
            Ends::Closed(rule) => rule.ends(door(rule, person), None),
            Ends::Vouched(_) => false,
        }
    }
}

fn door<'r>(rule: &'r OnlyBy, person: &ListedPerson) -> Door<'r> {
    Door { firm: &rule.firm, membership: rule.whose.as_str(), role: person.role }
}

/// Ends what acts as what the connection is for, of the domains' people. Whoever brings it about has just confirmed who
/// they are, and goes on in that session.
async fn end(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    connection: &Connection,
    domains: &[Domain],
    which: &Ends,
) -> Result<usize, Failure> {
    if domains.is_empty() {
        return Ok(0);
    }
    let (whose, identity) = (connection.whose(), Identity::open(app.aws()));
    let mut people = FirmStore::open(app.aws(), scope).people_of(&whose).await?;
    people.retain(|person| domains.iter().any(|domain| decides_of(person, domain)));
    let ended = stream::iter(people).map(|person| {
        let (identity, whose) = (&identity, &whose);
        async move {
            let ends = |id: &SessionId, row: &SessionInHome| {
                scope.session() != id
                    && row.membership.as_deref() == Some(whose.as_str())
                    && which.session(&person, row)
            };
            let mut moment = app.moment();
            let mut count = identity.end_closed(scope, &person.person, ends, &mut moment).await?;
            if which.tokens(&person) {
                count += identity.end_tokens(scope, &person.person, whose.as_str(), &mut moment).await?;
            }
            Ok::<usize, StorageError>(count)
        }
    });
    let count = ended.buffer_unordered(limits::SSO_ENDED_AT_ONCE).try_fold(0, async |sum, one| Ok(sum + one)).await?;
    Ok(count)
}
