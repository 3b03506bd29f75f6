//! What a vendor grants: facts about the person, and credentials narrowed to what was asked.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crypto::{DataKey, Secret};
use domain::audit::Who;
use domain::document::Viewer;
use domain::permissions::{Adjusted, State, may};
use domain::{ClientId, EmailAddress, FirmId, PermissionName, PersonId, Role, SessionId, Timestamp, limits};
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
    /// In which the person acts; while viewing as a client, the role of whom it views as.
    pub role: Role,
    /// What the firm granted and took, beside the role.
    #[serde(default)]
    pub adjusted: Adjusted,
    /// The session, or the personal token.
    pub session: SessionId,
    #[serde(default)]
    pub acting: Acting,
    /// When the person last proved once more who it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When a session is over however much it is used; a token has an end of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_ends: Option<Timestamp>,
    /// Until when the person may put off to enrol a second factor that the firm asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrol_by: Option<Timestamp>,
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

/// In what way a person acts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Acting {
    #[default]
    SignedIn,
    /// Somebody of the firm looks at a client's portal as one of its people.
    Viewing(ViewedAs),
    /// A program with a personal token.
    Token { scopes: BTreeSet<PermissionName>, read_only: bool, expires: Timestamp },
}

/// As whom somebody looks at a client's portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewedAs {
    pub person: PersonId,
    pub name: String,
    pub email: EmailAddress,
    /// The person's company.
    pub client: ClientId,
    pub membership_version: u64,
    pub until: Timestamp,
    /// In which whoever looks is of the firm.
    pub own_role: Role,
}

impl Grant {
    pub fn state(&self) -> State {
        match &self.acting {
            Acting::SignedIn => State::Plain,
            Acting::Viewing(_) => State::ViewingAs,
            Acting::Token { read_only: false, .. } => State::Token,
            Acting::Token { read_only: true, .. } => State::ReadOnlyToken,
        }
    }

    /// The one question about permissions; a scope has asked it already for the permission that it names.
    pub fn may(&self, name: PermissionName) -> bool {
        let in_scope = match &self.acting {
            Acting::Token { scopes, .. } => token_carries(scopes, name),
            Acting::SignedIn | Acting::Viewing(_) => true,
        };
        in_scope && may(self.role, &self.adjusted, self.state(), name)
    }

    /// Whether the person proved once more who it is, not long ago.
    pub fn confirmed(&self, now: Timestamp) -> bool {
        self.confirmed_at.is_some_and(|at| now.as_second() - at.as_second() < limits::CONFIRMED_SECONDS)
    }

    pub fn viewing(&self) -> Option<&ViewedAs> {
        match &self.acting {
            Acting::Viewing(viewed) => Some(viewed),
            Acting::SignedIn | Acting::Token { .. } => None,
        }
    }

    /// When it ends by itself, where that is known: no cache serves it any longer.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let acting = match &self.acting {
            Acting::SignedIn => None,
            Acting::Viewing(viewed) => Some(viewed.until),
            Acting::Token { expires, .. } => Some(*expires),
        };
        acting.into_iter().chain(self.session_ends).min()
    }

    /// Who acts, for the audit: while viewing as somebody it is still the person of the firm.
    pub fn who(&self) -> Who {
        let viewed = self.viewing();
        Who::Person {
            person: self.person.clone(),
            role: viewed.map_or(self.role, |viewed| viewed.own_role),
            session: self.session.clone(),
            viewing_as: viewed.map(|viewed| viewed.person.clone()),
        }
    }

    /// As whom it looks at a client's documents: while viewing as somebody, as that person.
    pub fn viewer(&self) -> Viewer {
        if self.role.is_client() {
            Viewer::Client { person: self.shown_person().clone(), admin: self.role == Role::ClientAdmin }
        } else {
            Viewer::Firm { internal: self.may(PermissionName::ViewInternal) }
        }
    }

    /// Whether it may upload what the firm keeps to itself: who writes there reads there too.
    pub fn may_keep_internal(&self) -> bool {
        let writes = !self.role.is_client() && self.may(PermissionName::WriteInternal);
        writes && self.may(PermissionName::ViewInternal)
    }

    /// Whose portal is shown: the person's own, or that of whom it views as.
    pub fn shown_person(&self) -> &PersonId {
        self.viewing().map_or(&self.person, |viewed| &viewed.person)
    }

    pub fn shown_name(&self) -> &str {
        self.viewing().map_or(&self.name, |viewed| &viewed.name)
    }

    pub fn shown_email(&self) -> &EmailAddress {
        self.viewing().map_or(&self.email, |viewed| &viewed.email)
    }
}

/// Whose a token is, whoever holds it may know: the home comes with every token.
pub fn token_carries(scopes: &BTreeSet<PermissionName>, name: PermissionName) -> bool {
    name == PermissionName::ViewHome || scopes.contains(&name)
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
