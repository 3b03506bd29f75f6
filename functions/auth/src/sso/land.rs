//! Who a provider's word is about, and what it is worth: a session within the firm or company that set the provider up.

use domain::audit::Act;
use domain::factors::Means;
use domain::sso::{Domain, Within};
use domain::{EmailAddress, Moment, PersonId, limits};
use storage::{Connection, Counter, Identity, Named, Proof, SsoRequest, StorageError};
use web::{App, Failure, LocalPath};

use super::join;
use crate::begin::{self, Browser, Entered, NotBegun, Shown};

/// What a provider said of somebody, verified.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) subject: String,
    pub(super) email: Option<String>,
    /// Whether the provider vouches for the address.
    pub(super) vouched: bool,
    /// Whether it says so in so many words, or proves it: enough for somebody whom no person has vouched for.
    pub(super) verified: bool,
    pub(super) name: Option<String>,
}

/// Why a good answer lets nobody in. The words are for whoever sets the connection up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("The provider did not send an e-mail address. Have it send one.")]
    NoAddress,
    #[error(
        "The provider says that the address is not verified, or does not say that it is. Have it send email_verified."
    )]
    NotVouched,
    #[error(
        "The provider sent an address of {0}, which is not proven for this connection. Add the domain and prove it."
    )]
    OtherDomain(String),
    #[error(
        "{0} signed in with another account of the provider before. If the account was made anew, release the address below."
    )]
    AnotherAccount(EmailAddress),
    #[error("{0} is not invited here. Invite the person first.")]
    NotInvited(EmailAddress),
    #[error("The access of {0} has ended. Give it again on the person's own page first.")]
    Ended(EmailAddress),
    #[error("The company has as many people here as it can have. End somebody's access first.")]
    Full,
    #[error("The person is being made.")]
    JoinsSoon,
}

pub(super) enum NotLanded {
    Refused(Refused, Option<EmailAddress>),
    Failed(Failure),
}

impl<T: Into<Failure>> From<T> for NotLanded {
    fn from(failure: T) -> Self {
        NotLanded::Failed(failure.into())
    }
}

/// Whom the provider means, and whether that was known.
pub(super) async fn whom(
    app: &App,
    identity: &Identity<'_>,
    connection: &Connection,
    said: &Said,
) -> Result<(EmailAddress, Named), NotLanded> {
    let named = identity.named(&connection.connection, &said.subject).await?;
    let email = match &named {
        // What the provider says of the address later does not make the person another one.
        Named::Known(email) => email.clone(),
        Named::New => {
            let address = said.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
            address.ok_or(NotLanded::Refused(Refused::NoAddress, None))?
        }
    };
    let domain = Domain::of(&email);
    if !connection.speaks_for(&domain) {
        return Err(NotLanded::Refused(Refused::OtherDomain(domain.to_string()), None));
    }
    if named == Named::New {
        if !said.vouched {
            return Err(NotLanded::Refused(Refused::NotVouched, Some(email)));
        }
        let mac = app.aws().address_mac_as_function(&email).await?;
        if identity.bound_to_another(&connection.connection, &mac, &said.subject).await? {
            return Err(NotLanded::Refused(Refused::AnotherAccount(email.clone()), Some(email)));
        }
    }
    Ok((email, named))
}

/// The session that follows, for whoever belongs here or may join.
pub(super) async fn let_in(
    app: &App,
    identity: &Identity<'_>,
    connection: &Connection,
    said: &Said,
    request: &SsoRequest,
    browser: &Browser,
) -> Result<Entered, NotLanded> {
    let mut moment = app.moment();
    let mut joined = false;
    for _ in 0..limits::WRITE_TRIES_MAX {
        let (email, named) = whom(app, identity, connection, said).await?;
        let mac = app.aws().address_mac_as_function(&email).await?;
        let person = PersonId::from_bits(mac.person_bits());
        let proof = match named {
            Named::New => identity.bind(&connection.connection, &mac, &said.subject, &email, moment.now)?,
            Named::Known(_) => Proof::default(),
        };
        let shown = Shown {
            email: email.clone(),
            means: Means::Sso,
            proof,
            next: request.next.as_deref().and_then(LocalPath::parse),
            within: Some(Within {
                firm: connection.firm.clone(),
                membership: connection.membership.clone(),
                connection: Some(connection.connection.clone()),
            }),
        };
        match begin::begin(app, identity, shown, browser, &mut moment).await {
            Ok(entered) => {
                if named == Named::New {
                    identity.sso_noted(connection, &person, Act::SsoLinked, &mut moment).await?;
                }
                return Ok(entered);
            }
            Err(NotBegun::NoMembership) if !joined => {
                join::join(identity, connection, said, &email, &person, &mut moment).await?;
                joined = true;
            }
            Err(NotBegun::NoMembership | NotBegun::OnlySso) => {
                return Err(NotLanded::Refused(Refused::NotInvited(email.clone()), Some(email)));
            }
            // Somebody bound the same name or address at the same instant: this person in another tab, or somebody else,
            // which the next look tells.
            Err(NotBegun::UsedUp) => (),
            Err(NotBegun::GivenUp) => return Err(NotLanded::Failed(StorageError::Stale.into())),
            Err(NotBegun::Failed(error)) => return Err(NotLanded::Failed(error.into())),
        }
    }
    Err(NotLanded::Failed(StorageError::Stale.into()))
}

/// Writes a refusal down where there is somebody to write it down for, and no more than so many.
pub(super) async fn refused(
    app: &App,
    identity: &Identity<'_>,
    connection: &Connection,
    email: &EmailAddress,
    moment: &mut Moment,
) -> Result<(), StorageError> {
    if !identity.within(Counter::RefusalsOfAddress, email.as_str(), moment.now).await? {
        return Ok(());
    }
    let mac = app.aws().address_mac_as_function(email).await?;
    let addressee = identity.addressee(&mac).await?;
    let here =
        |firm: &domain::FirmId, membership: &str| *firm == connection.firm && membership == connection.membership;
    let known = addressee.belongs.iter().any(|belongs| here(&belongs.firm, &belongs.membership))
        || addressee.invited.iter().any(|invited| here(&invited.firm, &invited.membership));
    if !known {
        return Ok(());
    }
    identity.sso_noted(connection, &PersonId::from_bits(mac.person_bits()), Act::SsoRefused, moment).await
}
