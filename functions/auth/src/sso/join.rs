//! Somebody whom a provider vouches for and nobody invited, where the connection lets such people join. An order goes to
//! the worker that makes people, and the browser waits the second that this takes.

use std::time::Duration;

use domain::firm::OrderRefused;
use domain::sso::{JoinOrder, Newcomer, NotJoining};
use domain::{EmailAddress, Moment, PersonId, limits};
use storage::{Connection, Identity, Joining};

use super::land::{NotLanded, Refused, Said};

/// The person is made, or was already. That the address is of a domain which is proven for the connection has been seen
/// to before.
pub(super) async fn join(
    identity: &Identity<'_>,
    connection: &Connection,
    said: &Said,
    email: &EmailAddress,
    person: &PersonId,
    moment: &mut Moment,
) -> Result<(), NotLanded> {
    let refused = |why: Refused| NotLanded::Refused(why, Some(email.clone()));
    let who = Newcomer { email, verified: said.verified, name: said.name.as_deref() };
    let order = JoinOrder::new(&connection.connection, connection.newcomers, &connection.whose(), who);
    let order = order.map_err(|not| match not {
        NotJoining::OnlyInvited => refused(Refused::NotInvited(email.clone())),
        NotJoining::NotVerified => refused(Refused::NotVouched),
    })?;
    let order = identity.order_join(connection, person, order, moment).await?;
    for _ in 0..limits::SSO_JOIN_WAIT_MILLISECONDS / limits::SSO_JOIN_LOOK_MILLISECONDS {
        match identity.joining(&connection.firm, person, &order).await? {
            Joining::Done => return Ok(()),
            Joining::Refused(why) => return Err(refused(words(why, email))),
            Joining::Waits => tokio::time::sleep(Duration::from_millis(limits::SSO_JOIN_LOOK_MILLISECONDS)).await,
        }
    }
    Err(NotLanded::Refused(Refused::JoinsSoon, None))
}

fn words(why: OrderRefused, email: &EmailAddress) -> Refused {
    match why {
        OrderRefused::Ended => Refused::Ended(email.clone()),
        OrderRefused::TooMany => Refused::Full,
        _ => Refused::NotInvited(email.clone()),
    }
}
