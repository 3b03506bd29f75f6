//! What a provider says about itself, read anew: because somebody asks for it, with a file that somebody brings, or since
//! a response came that is signed with a key unknown here. Providers change their certificates, and say so there.

use access::FirmScope;
use domain::permissions::ManageSignIn;
use domain::{Timestamp, limits};
use integrations::oidc;
use integrations::saml::{self, Certificate, Read, pinned_after, removed_after};
use storage::{Connection, ConnectionKind, Counter, Identity, NotRefreshed, Refresher, StorageError};
use web::{App, Failure};

use super::add::{self, refused};
use super::kinds::{self, outgoing};

/// As somebody of the firm asks for it. `text` is metadata that the person brings; without it is read what lies where the
/// connection's lies. What cannot be used is told, and noted beside what goes on to hold.
pub(super) async fn by_hand(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    from: Connection,
    text: &str,
) -> Result<Connection, Failure> {
    let identity = Identity::open(app.aws());
    let read = if text.is_empty() { Read::Fetched } else { Read::Brought };
    let found = read_anew(app, from.clone(), text, read).await;
    let (next, told) = match found {
        Ok(next) => (refreshed(next, app.now()), None),
        // What somebody brings and cannot be read says nothing about the provider.
        Err(Failure::Refused(why)) if !text.is_empty() => return Err(Failure::Refused(why)),
        Err(Failure::Refused(why)) => (not_refreshed(from.clone(), &why, app.now()), Some(why)),
        Err(failure) => return Err(failure),
    };
    let saved = identity.save_refreshed(&from, next, Refresher::Partner(scope), &mut app.moment()).await?;
    told.map_or(Ok(saved), |why| Err(Failure::Refused(why)))
}

/// Whether a response may be refused only because the provider has changed its certificate meanwhile.
pub(super) fn may_be_a_new_key(refusal: &saml::Refusal) -> bool {
    matches!(refusal, saml::Refusal::OtherKey | saml::Refusal::BadSignature)
}

/// Reads the metadata anew since a response is signed with a key unknown here; the connection with other certificates,
/// where it has others then. Anybody can send such responses: it is done once in a while, however many come.
pub(super) async fn by_unknown_key(app: &App, from: &Connection) -> Result<Option<Connection>, Failure> {
    let ConnectionKind::Saml { metadata_url: Some(_), certificates: before, .. } = &from.kind else { return Ok(None) };
    // What happens by itself is in the chain of whoever set the connection up.
    let Some(made_by) = &from.made_by else { return Ok(None) };
    let identity = Identity::open(app.aws());
    if !identity.within(Counter::MetadataReads, from.connection.as_str(), app.now()).await? {
        return Ok(None);
    }
    let next = match read_anew(app, from.clone(), "", Read::Alone).await {
        // Whatever strangers post, what says nothing new is not written, nor is the chain made longer by it.
        Ok(next) if next.kind == from.kind && from.not_refreshed.is_none() => return Ok(None),
        Err(Failure::Refused(why)) if from.not_refreshed.as_ref().is_some_and(|before| before.words == why) => {
            return Ok(None);
        }
        Ok(next) => refreshed(next, app.now()),
        Err(Failure::Refused(why)) => not_refreshed(from.clone(), &why, app.now()),
        Err(failure) => return Err(failure),
    };
    let saved = match identity.save_refreshed(from, next, Refresher::Nobody(made_by), &mut app.moment()).await {
        Ok(saved) => saved,
        // Somebody changed the connection meanwhile: what it has by now is as good.
        Err(StorageError::Stale) => match identity.connection(&from.connection).await? {
            Some(now) => now,
            None => return Ok(None),
        },
        Err(error) => return Err(error.into()),
    };
    let changed = matches!(&saved.kind, ConnectionKind::Saml { certificates, .. } if certificates != before);
    tracing::info!(connection.id = from.connection.as_str(), changed, "metadata read since a key is unknown");
    Ok(changed.then_some(saved))
}

/// What the provider says now. It has to be the same provider still: another one would speak for the same domains.
async fn read_anew(app: &App, mut next: Connection, text: &str, read: Read) -> Result<Connection, Failure> {
    match &mut next.kind {
        ConnectionKind::Oidc { .. } if !text.is_empty() => {
            return Err(refused("Only SAML has metadata to paste or upload."));
        }
        ConnectionKind::Oidc { provider, issuer, .. } => {
            let found = oidc::discover(outgoing(app), issuer).await.map_err(refused)?;
            *provider = serde_json::to_string(&found).map_err(Failure::bug)?;
        }
        ConnectionKind::Saml { issuer, sso_url, certificates, removed, metadata_url, .. } => {
            let found = match (text, metadata_url.as_deref()) {
                ("", None) => {
                    return Err(refused("Upload or paste the provider's metadata: it is not known where it lies."));
                }
                ("", Some(url)) => add::fetched(app, url).await?,
                (text, _) => add::read(app, text)?,
            };
            if found.issuer != *issuer {
                return Err(refused(format!("This is the metadata of another provider, {}.", found.issuer)));
            }
            *sso_url = found.sso_url;
            let before = kinds::certificates(certificates)?;
            let pinned = pinned_after(read, before.clone(), found.certificates, removed).ok_or_else(|| {
                refused(
                    "The provider publishes only certificates that were removed here. If you trust one of them again, \
                     add it by itself.",
                )
            })?;
            if read == Read::Brought {
                // What lies at the address is not what somebody has chosen to believe instead.
                *metadata_url = None;
                *removed =
                    removed_after(std::mem::take(removed), &before, &pinned, limits::SSO_REMOVED_CERTIFICATES_MAX);
            }
            *certificates = pinned.iter().map(Certificate::to_text).collect();
        }
    }
    Ok(next)
}

fn refreshed(connection: Connection, at: Timestamp) -> Connection {
    Connection { refreshed_at: Some(at), not_refreshed: None, ..connection }
}

fn not_refreshed(connection: Connection, why: &str, at: Timestamp) -> Connection {
    Connection { not_refreshed: Some(NotRefreshed { at, words: why.to_owned() }), ..connection }
}
