//! Away to a provider, with what binds its answer to this browser; and our metadata, for providers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::Secret;
use domain::sso::Domain;
use domain::{ConnectionId, EmailAddress, PersonId};
use http::header::CONTENT_TYPE;
use integrations::oidc;
use integrations::saml::{Certificate, RequestId, redirect, write_metadata};
use serde::Deserialize;
use storage::{Connection, ConnectionKind, Counter, DomainRow, Identity, SsoRequest, StorageError, sso_expiry};
use web::cookies::{self, SsoToken};
use web::{App, Caller, Failure, LocalPath, Path, Query, answers};

use super::kinds::{self, Addresses};
use crate::ask;

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(super) connection: ConnectionId,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

pub(super) async fn start(
    State(app): State<App>,
    caller: Caller,
    Path(Of { connection }): Path<Of>,
    Query(Onward { next }): Query<Onward>,
) -> Result<Response, Failure> {
    let identity = Identity::open(app.aws());
    if !identity.within(Counter::SsoOfSource, &caller.source(), app.now()).await? {
        return Err(ask::too_many(&app.moment()));
    }
    let connection = identity.connection(&connection).await?.ok_or(Failure::NotFound)?;
    away(&app, &identity, &connection, LocalPath::parse(&next), None).await
}

/// Sends the browser away. Whoever only tries the connection out is asked by the provider anew, whatever session they
/// have there: the try is to show what everybody will see.
pub(super) async fn away(
    app: &App,
    identity: &Identity<'_>,
    connection: &Connection,
    next: Option<LocalPath>,
    tested_by: Option<PersonId>,
) -> Result<Response, Failure> {
    let mut moment = app.moment();
    let browser = SsoToken::from_bits(moment.next_random());
    let addresses = Addresses::of(app, &connection.connection);
    let again = tested_by.is_some();
    let mut request = SsoRequest {
        connection: connection.connection.clone(),
        answers: String::new(),
        nonce: None,
        verifier: None,
        next: next.map(|next| next.as_str().to_owned()),
        tested_by,
        expires_second: sso_expiry(moment.now),
    };
    let url = match &connection.kind {
        ConnectionKind::Oidc { provider, client_id, .. } => {
            let (state, nonce) = (random(moment.next_random()), random(moment.next_random()));
            let bits = [moment.next_random(), moment.next_random()];
            // The secret is for the exchange; here the client is only named.
            let nothing = Secret::new(String::new());
            let client = addresses.client(client_id, &nothing);
            let start = oidc::start(&kinds::provider(provider)?, client, &state, &nonce, bits, again);
            request.answers = state;
            request.nonce = Some(nonce);
            request.verifier = Some(start.verifier.expose().clone());
            start.url
        }
        ConnectionKind::Saml { sso_url, .. } => {
            let id = RequestId::from_bits(moment.next_random());
            request.answers = id.as_str().to_owned();
            redirect(sso_url, addresses.ourselves(), &id, moment.now, again)
        }
    };
    identity.open_sso(&browser.hash(), &request).await?;
    Ok((cookies::sso(&browser), answers::see_other(&url)).into_response())
}

fn random(bits: u128) -> String {
    format!("{bits:032x}")
}

/// What a provider is given to know us by.
pub(super) async fn metadata(State(app): State<App>, Path(Of { connection }): Path<Of>) -> Result<Response, Failure> {
    let found = Identity::open(app.aws()).connection(&connection).await?.ok_or(Failure::NotFound)?;
    let ConnectionKind::Saml { encrypt_to, .. } = &found.kind else { return Err(Failure::NotFound) };
    let certificate = encrypt_to.as_deref().map(Certificate::parse).transpose().map_err(Failure::bug)?;
    let text = write_metadata(Addresses::of(&app, &connection).ourselves(), certificate.as_ref());
    Ok(([(CONTENT_TYPE, "application/samlmetadata+xml")], text).into_response())
}

/// The provider that an address's domain signs in by. It is told to whoever types an address of the domain: whether
/// there is such a person is not.
pub(crate) async fn offered(app: &App, email: &EmailAddress) -> Result<Option<DomainRow>, StorageError> {
    Identity::open(app.aws()).domain(&Domain::of(email)).await
}
