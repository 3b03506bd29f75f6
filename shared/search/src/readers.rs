//! Who may see an entry, and who asks.

use std::collections::BTreeSet;

use domain::PersonId;

/// No id is this, so that nobody can be called everyone.
const EVERYONE: &str = "*";

/// Whom of the client's side an entry is for. What is for the firm alone lies in another bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The whole company.
    Everyone,
    /// These people; nobody of the client's side where there are none.
    People(BTreeSet<PersonId>),
}

/// For whose eyes hits are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Somebody of the firm, or an admin of the company: all of the bundle.
    Firm,
    /// Somebody of the client's side, or whoever views the portal as one of them.
    Client(PersonId),
}

impl Readers {
    pub(crate) fn terms(&self) -> Vec<&str> {
        match self {
            Readers::Everyone => vec![EVERYONE],
            Readers::People(people) => people.iter().map(PersonId::as_str).collect(),
        }
    }
}

impl Viewer {
    /// An entry with any of these is seen; none means that nothing is hidden.
    pub(crate) fn terms(&self) -> Option<[&str; 2]> {
        match self {
            Viewer::Firm => None,
            Viewer::Client(person) => Some([EVERYONE, person.as_str()]),
        }
    }
}
