//! Changing a connection, one thing at a time: each is an act of its own in the audit.

use access::{FirmScope, OnePerson};
use domain::audit::{Act, Object};
use domain::permissions::ManageSignIn;
use domain::sso::{Claim, Domain, Newcomers, Vouched, record_value};
use domain::text::Name;
use domain::{EmailAddress, Timestamp, limits};
use integrations::saml::{Certificate, make_own_key, removed_after};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Changed, Connection, ConnectionKind, Counter, Identity};
use web::{App, Failure};

use super::add::{self, refused};
use super::kinds::{self, outgoing};
use super::{only, refresh};
use crate::ask;

/// One change, as a form or a call sends it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) what: What,
    /// What it is about: a name, a domain, a certificate, a secret, an address.
    #[serde(default)]
    pub(super) value: String,
    /// Of `only` and `encrypt`: whether it is to be so.
    #[serde(default)]
    on: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// What the firm calls the connection.
    Name,
    /// Adds a domain, which is then to be proven.
    Claim,
    /// Looks for the domain's record.
    Check,
    /// `on`: `yes` where people of the domain sign in in no other way.
    Only,
    /// Whom it lets in for the first time. `value`: `invited`, only who is invited; or the role that whoever comes joins
    /// with, `staff` for the firm's own connection and `client_member` for a client's.
    Newcomers,
    /// Takes a domain away.
    GiveUp,
    /// Pins one more certificate.
    AddCertificate,
    /// By its fingerprint.
    RemoveCertificate,
    /// Reads configuration or metadata anew. `value`: metadata, where it is not to be fetched from where it lies.
    Renew,
    /// A new client secret.
    Secret,
    /// `on`: `yes` where the provider may encrypt assertions.
    Encrypt,
    /// Lets an address be bound to another account of the provider.
    Release,
}

impl What {
    pub(crate) fn done(self) -> &'static str {
        match self {
            What::Check => "proven",
            What::Claim => "claimed",
            What::Renew => "renewed",
            What::Release => "released",
            What::Only => "only",
            _ => "saved",
        }
    }
}

pub(super) async fn apply(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    from: Connection,
    change: &Change,
) -> Result<Connection, Failure> {
    let identity = Identity::open(app.aws());
    let value = change.value.trim();
    let on = change.on == "yes";
    let mut secret = None;
    let mut act = Act::ConnectionChanged;
    let mut object = None;
    let next = match change.what {
        What::Name => Connection { name: Name::parse(value).map_err(refused)?.to_string(), ..from.clone() },
        What::Claim => {
            let domain = Domain::parse(value).map_err(refused)?;
            (act, object) = (Act::DomainClaimed, Some(Object::new("domain", &domain)));
            free(&identity, &from, &domain).await?;
            claimed(from.clone(), domain, app.moment().next_random())?
        }
        What::Check => {
            let domain = Domain::parse(value).map_err(refused)?;
            (act, object) = (Act::DomainVerified, Some(Object::new("domain", &domain)));
            checked(app, &identity, scope, from.clone(), &domain).await?
        }
        What::Only => {
            let domain = Domain::parse(value).map_err(refused)?;
            (act, object) = (Act::OnlySsoChanged, Some(Object::new("domain", &domain)));
            only::turned(&identity, scope, from.clone(), &domain, on).await?
        }
        What::Newcomers => {
            act = Act::NewcomersChanged;
            let newcomers = Newcomers::parse(value, &from.whose()).map_err(refused)?;
            Connection { newcomers, ..from.clone() }
        }
        What::GiveUp => {
            let domain = Domain::parse(value).map_err(refused)?;
            (act, object) = (Act::DomainGivenUp, Some(Object::new("domain", &domain)));
            let mut next = from.clone();
            next.claims.retain(|claim| claim.domain != domain);
            next
        }
        What::AddCertificate => {
            let added = Certificate::parse(value).map_err(refused)?;
            certificates(from.clone(), |pinned| match pinned.contains(&added) {
                true => Err(refused("This certificate is here already.")),
                false => {
                    pinned.push(added.clone());
                    Ok(())
                }
            })?
        }
        What::RemoveCertificate => certificates(from.clone(), |pinned| {
            pinned.retain(|certificate| certificate.fingerprint() != value);
            match pinned.is_empty() {
                true => Err(refused("This is the only certificate. Add the new one first.")),
                false => Ok(()),
            }
        })?,
        What::Renew => return refresh::by_hand(app, scope, from, value).await,
        What::Secret => {
            if !matches!(from.kind, ConnectionKind::Oidc { .. }) {
                return Err(refused("Only OpenID Connect has a client secret."));
            }
            secret = Some(add::secret(value)?);
            from.clone()
        }
        What::Encrypt => {
            let mut next = from.clone();
            let ConnectionKind::Saml { encrypt_to, .. } = &mut next.kind else {
                return Err(refused("Only SAML encrypts assertions."));
            };
            *encrypt_to = None;
            if on {
                let key = make_own_key("Portico", app.moment().next_random()).map_err(Failure::bug)?;
                *encrypt_to = Some(key.certificate.to_text());
                secret = Some(key.private);
            }
            next
        }
        What::Release => return release(app, &identity, scope, from, value).await,
    };
    let changed = Changed { scope, act, object };
    let mut moment = app.moment();
    let saved = identity.save_connection(changed, &from, next, secret.as_ref(), &mut moment).await?;
    match (change.what, Domain::parse(value)) {
        (What::Only, Ok(domain)) if on => {
            only::end_the_others(app, scope, &saved, &domain).await?;
        }
        (What::GiveUp, Ok(domain)) => {
            only::end_vouched(app, scope, &saved, &[domain]).await?;
        }
        // A certificate is removed because its key may be in another's hands: whom it let in is not known.
        (What::RemoveCertificate, _) => {
            only::end_vouched(app, scope, &saved, &saved.domains()).await?;
        }
        _ => (),
    }
    Ok(saved)
}

/// A domain leads to one connection: refused where another has proven it. Between two that look at once the row of the
/// domain decides, in the transaction that saves the claim.
async fn free(identity: &Identity<'_>, connection: &Connection, domain: &Domain) -> Result<(), Failure> {
    let owner = identity.domain(domain).await?.filter(|row| row.connection != connection.connection);
    match owner {
        None => Ok(()),
        Some(owner) if owner.firm == connection.firm => Err(Failure::Refused(format!(
            "Another connection of your firm signs {domain} in already. Remove the domain there first."
        ))),
        Some(_) => Err(Failure::Refused(format!(
            "Another connection signs {domain} in already: somebody else here has proven that it is theirs. Ask whoever \
             looks after your addresses whether they connected them elsewhere, and have the domain removed there. If \
             nobody of yours did, write to whoever runs this portal."
        ))),
    }
}

fn claimed(mut next: Connection, domain: Domain, token: u128) -> Result<Connection, Failure> {
    if next.claim(&domain).is_some() {
        return Err(refused("This domain is here already."));
    }
    if next.claims.len() >= limits::DOMAINS_PER_CONNECTION_MAX {
        return Err(refused("A connection has as many domains as it can have."));
    }
    let token = format!("{token:032x}");
    next.claims.push(Claim { domain, token, vouched: None, verified_at: None, only: false });
    Ok(next)
}

async fn checked(
    app: &App,
    identity: &Identity<'_>,
    scope: &FirmScope<ManageSignIn>,
    from: Connection,
    domain: &Domain,
) -> Result<Connection, Failure> {
    if !identity.within(Counter::DomainChecks, scope.firm().as_str(), app.now()).await? {
        return Err(ask::too_many(&app.moment()));
    }
    let claim = from.claim(domain).ok_or(Failure::NotFound)?;
    let name = domain.record_name();
    let records = integrations::dns::text_records(outgoing(app), &app.config().dns_resolver, &name);
    let records = records.await.map_err(refused)?;
    if !records.contains(&record_value(&claim.token)) {
        let why = match records.as_slice() {
            [] => format!("There is no text record at {name} yet. New records can take an hour to be seen everywhere."),
            _ => format!("The text record at {name} says something else. Copy the value below exactly."),
        };
        return Err(Failure::Refused(why));
    }
    vouched(identity, from, domain, Vouched::Dns, app.now()).await
}

/// The claim as one that holds, unless the domain leads elsewhere already.
pub(super) async fn vouched(
    identity: &Identity<'_>,
    mut next: Connection,
    domain: &Domain,
    by: Vouched,
    now: Timestamp,
) -> Result<Connection, Failure> {
    free(identity, &next, domain).await?;
    let claim = next.claims.iter_mut().find(|claim| claim.domain == *domain).ok_or(Failure::NotFound)?;
    claim.vouched = Some(by);
    claim.verified_at = Some(now);
    Ok(next)
}

fn certificates(
    mut next: Connection,
    change: impl FnOnce(&mut Vec<Certificate>) -> Result<(), Failure>,
) -> Result<Connection, Failure> {
    let ConnectionKind::Saml { certificates, removed, .. } = &mut next.kind else {
        return Err(refused("Only SAML has certificates."));
    };
    let before = kinds::certificates(certificates)?;
    let mut pinned = before.clone();
    change(&mut pinned)?;
    if pinned.len() > integrations::saml::CERTIFICATES_MAX {
        return Err(refused("Remove an old certificate first."));
    }
    *removed = removed_after(std::mem::take(removed), &before, &pinned, limits::SSO_REMOVED_CERTIFICATES_MAX);
    *certificates = pinned.iter().map(Certificate::to_text).collect();
    Ok(next)
}

async fn release(
    app: &App,
    identity: &Identity<'_>,
    scope: &FirmScope<ManageSignIn>,
    from: Connection,
    value: &str,
) -> Result<Connection, Failure> {
    let email = EmailAddress::parse(value)?;
    let mac = app.aws().address_mac_as_function(&email).await?;
    let changed = Changed { scope, act: Act::SsoReleased, object: None };
    if !identity.release(changed, &from, &mac, &mut app.moment()).await? {
        return Err(refused("Nobody has signed in by this connection with that address."));
    }
    Ok(from)
}
