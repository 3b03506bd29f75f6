//! A stored connection as the library of providers takes it.

use std::sync::{LazyLock, OnceLock};

use crypto::Secret;
use domain::ConnectionId;
use integrations::oidc::{self, KeyCache};
use integrations::outgoing::{Outgoing, Reach};
use integrations::saml::{Certificate, Ourselves};
use web::{App, Failure};

/// Providers' keys, for as long as this environment lives.
pub(super) static KEYS: LazyLock<KeyCache> = LazyLock::new(KeyCache::default);

pub(super) fn outgoing(app: &App) -> &'static Outgoing {
    static OUTGOING: OnceLock<Outgoing> = OnceLock::new();
    OUTGOING.get_or_init(|| {
        Outgoing::new(if app.config().outgoing_loopback { Reach::PublicAndLoopback } else { Reach::Public })
    })
}

/// Our addresses as a provider is told them.
pub(crate) struct Addresses {
    pub(crate) entity_id: String,
    pub(crate) acs: String,
    pub(crate) callback: String,
}

impl Addresses {
    pub(super) fn of(app: &App, connection: &ConnectionId) -> Self {
        let site = &app.config().settings.site_origin;
        Self {
            entity_id: format!("{site}/sso/{connection}/metadata"),
            acs: format!("{site}/sso/saml/acs"),
            callback: format!("{site}/sso/oidc/callback"),
        }
    }

    pub(super) fn ourselves(&self) -> Ourselves<'_> {
        Ourselves { entity_id: &self.entity_id, acs_url: &self.acs }
    }

    pub(super) fn client<'a>(&'a self, id: &'a str, secret: &'a Secret<String>) -> oidc::Client<'a> {
        oidc::Client { id, secret, redirect_url: &self.callback }
    }
}

pub(super) fn provider(text: &str) -> Result<oidc::Provider, Failure> {
    serde_json::from_str(text).map_err(Failure::bug)
}

pub(super) fn certificates(texts: &[String]) -> Result<Vec<Certificate>, Failure> {
    texts.iter().map(|text| Certificate::parse(text).map_err(Failure::bug)).collect()
}
