//! What a vendor grants: facts about the person, and credentials narrowed to what was asked.

use std::sync::OnceLock;

use crypto::{DataKey, Secret};
use domain::{ClientId, EmailAddress, FirmId, PersonId, Role, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

/// Short-lived keys of a scoped role.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub key_id: String,
    pub secret: Secret<String>,
    pub token: Secret<String>,
    pub expires: Timestamp,
}

/// Who the person is, in which role, as read from our own store when it was vended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub firm: FirmId,
    pub person: PersonId,
    pub role: Role,
    pub session: SessionId,
    /// Which of the person's memberships the session acts as: `FIRM`, `PLATFORM` or a client's id.
    pub membership: String,
    /// Counts changes of that membership; a grant of an older one is dropped.
    pub membership_version: u64,
    /// The client whose data the credentials reach; for a client role also its own company where none was asked.
    pub client: Option<ClientId>,
    /// Staff: the assignment is checked again beside every first read.
    pub assigned: bool,
    pub name: String,
    pub email: EmailAddress,
}

/// Credentials, and what was unwrapped with them.
#[derive(Debug)]
pub struct Keys {
    pub credentials: Credentials,
    /// The client's data key, once a request needed it.
    data_key: OnceLock<DataKey>,
}

impl Keys {
    pub fn new(credentials: Credentials) -> Self {
        Self { credentials, data_key: OnceLock::new() }
    }

    pub fn data_key(&self) -> Option<&DataKey> {
        self.data_key.get()
    }

    /// Keeps a key that was unwrapped with these credentials.
    pub fn keep_data_key(&self, key: DataKey) -> &DataKey {
        self.data_key.get_or_init(|| key)
    }
}

/// A grant with its keys, shared by the requests that a cache serves with it.
#[derive(Debug)]
pub struct Vended {
    pub grant: Grant,
    pub keys: Keys,
}

/// Keys on their way from a vending function to its caller. They are never stored or logged.
#[derive(Clone, Serialize, Deserialize)]
pub struct WireKeys {
    key_id: String,
    secret: String,
    token: String,
    expires: Timestamp,
}

impl WireKeys {
    pub fn new(credentials: &Credentials) -> Self {
        Self {
            key_id: credentials.key_id.clone(),
            secret: credentials.secret.expose().clone(),
            token: credentials.token.expose().clone(),
            expires: credentials.expires,
        }
    }

    pub fn open(self) -> Keys {
        Keys::new(Credentials {
            key_id: self.key_id,
            secret: Secret::new(self.secret),
            token: Secret::new(self.token),
            expires: self.expires,
        })
    }
}

impl std::fmt::Debug for WireKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WireKeys({})", self.key_id)
    }
}

/// A person's grant on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WireGrant {
    pub grant: Grant,
    pub keys: WireKeys,
}

impl WireGrant {
    pub fn open(self) -> Vended {
        Vended { grant: self.grant, keys: self.keys.open() }
    }
}
