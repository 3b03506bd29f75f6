//! Connecting a provider: what it says about itself is read and judged before anything is stored.

use access::{FirmScope, OnePerson};
use crypto::Secret;
use domain::permissions::ManageSignIn;
use domain::person::Membership;
use domain::sso::Newcomers;
use domain::text::Name;
use domain::{ClientId, ConnectionId, limits};
use integrations::oidc;
use integrations::outgoing::DOCUMENT_BYTES_MAX;
use integrations::saml::{Certificate, Provider, read_metadata};
use schemars::JsonSchema;
use serde::Deserialize;
use storage::{Connection, ConnectionKind, FirmStore, Identity};
use web::{App, Failure};

use super::kinds::outgoing;

/// A provider as typed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConnection {
    /// `oidc` or `saml`.
    #[serde(default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) name: String,
    /// The client whose people it lets in; none for the firm's own.
    #[serde(default)]
    pub(crate) client: String,
    /// OpenID Connect: the issuer's address.
    #[serde(default)]
    pub(crate) issuer: String,
    #[serde(default)]
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) client_secret: String,
    /// SAML: where the provider's metadata lies, or the metadata itself.
    #[serde(default)]
    pub(crate) metadata_url: String,
    #[serde(default)]
    pub(crate) metadata: String,
}

pub(super) fn refused(why: impl ToString) -> Failure {
    Failure::Refused(why.to_string())
}

pub(super) async fn add(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    new: &NewConnection,
) -> Result<Connection, Failure> {
    let identity = Identity::open(app.aws());
    let name = Name::parse(&new.name).map_err(|why| refused(format!("Name: {why}")))?;
    let (whose, client_name) = whose(app, scope, &new.client).await?;
    if identity.connections(scope).await?.len() >= limits::CONNECTIONS_PER_FIRM_MAX {
        return Err(refused("The firm has as many connections as it can have. Remove one first."));
    }
    let (kind, secret) = match new.kind.as_str() {
        "oidc" => {
            let (kind, secret) = openid(app, new).await?;
            (kind, Some(secret))
        }
        "saml" => (saml(app, new).await?, None),
        _ => return Err(refused("Choose what the provider speaks: OpenID Connect or SAML.")),
    };
    let mut moment = app.moment();
    let connection = Connection {
        connection: ConnectionId::from_bits(moment.next_id()),
        firm: scope.firm().clone(),
        membership: whose.as_str().to_owned(),
        client_name,
        name: name.to_string(),
        kind,
        claims: Vec::new(),
        newcomers: Newcomers::default(),
        tried: None,
        refreshed_at: Some(moment.now),
        not_refreshed: None,
        made_by: Some(scope.person().clone()),
        made_at: moment.now,
        version: 1,
    };
    identity.add_connection(scope, &connection, secret.as_ref(), &mut moment).await?;
    Ok(connection)
}

async fn whose(
    app: &App,
    scope: &FirmScope<ManageSignIn>,
    client: &str,
) -> Result<(Membership, Option<String>), Failure> {
    if client.is_empty() {
        return Ok((Membership::Firm, None));
    }
    let nobody = || refused("Choose whose people sign in by it: the firm's, or those of a client.");
    let id = ClientId::parse(client).map_err(|_| nobody())?;
    let found = FirmStore::open(app.aws(), scope).client(&id).await?.ok_or_else(nobody)?;
    Ok((Membership::Client(id), Some(found.name.to_string())))
}

async fn openid(app: &App, new: &NewConnection) -> Result<(ConnectionKind, Secret<String>), Failure> {
    let client_id = new.client_id.trim();
    if client_id.is_empty() || client_id.len() > 500 || client_id.chars().any(char::is_control) {
        return Err(refused("Enter the client id that the provider shows for this portal."));
    }
    let secret = secret(&new.client_secret)?;
    let provider = oidc::discover(outgoing(app), &new.issuer).await.map_err(refused)?;
    let kind = ConnectionKind::Oidc {
        issuer: provider.issuer.clone(),
        provider: serde_json::to_string(&provider).map_err(Failure::bug)?,
        client_id: client_id.to_owned(),
    };
    Ok((kind, secret))
}

pub(super) fn secret(text: &str) -> Result<Secret<String>, Failure> {
    let text = text.trim();
    if text.is_empty() || text.len() > 1_000 || text.chars().any(char::is_control) {
        return Err(refused("Enter the client secret that the provider shows for this portal."));
    }
    Ok(Secret::new(text.to_owned()))
}

async fn saml(app: &App, new: &NewConnection) -> Result<ConnectionKind, Failure> {
    let url = new.metadata_url.trim();
    let (provider, metadata_url) = match (url, new.metadata.trim()) {
        ("", "") => return Err(refused("Enter where the provider's metadata lies, or paste it.")),
        ("", text) => (read(app, text)?, None),
        (url, _) => (fetched(app, url).await?, Some(url.to_owned())),
    };
    Ok(ConnectionKind::Saml {
        issuer: provider.issuer,
        sso_url: provider.sso_url,
        certificates: provider.certificates.iter().map(Certificate::to_text).collect(),
        removed: Vec::new(),
        metadata_url,
        encrypt_to: None,
    })
}

/// Metadata that somebody brought.
pub(super) fn read(app: &App, text: &str) -> Result<Provider, Failure> {
    if text.len() > limits::SSO_METADATA_CHARACTERS_MAX {
        return Err(refused("This is larger than any provider's metadata."));
    }
    read_metadata(text, outgoing(app).reach(), app.now()).map_err(refused)
}

pub(super) async fn fetched(app: &App, url: &str) -> Result<Provider, Failure> {
    let accept = "application/samlmetadata+xml, application/xml, text/xml";
    let bytes = outgoing(app).get(url, accept, DOCUMENT_BYTES_MAX).await;
    let bytes = bytes.map_err(|why| refused(format!("The metadata could not be read there. {why}")))?;
    let text = String::from_utf8(bytes).map_err(|_| refused("What lies there is no metadata."))?;
    read_metadata(&text, outgoing(app).reach(), app.now()).map_err(refused)
}
