//! Who may do what: named permissions, the five roles as sets of them, and what a firm grants to or takes from one
//! person. One table, printed and reviewed as text.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Role;

mod table;

pub use table::*;

/// Whose data a permission is about, and so which credentials it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// One client's data.
    Client,
    /// The objects (originals, text, index) of one client's documents.
    Objects,
    /// The person's own home.
    Home,
    /// The firm's settings, people and views.
    Firm,
    /// The firm's audit chains, to read.
    Audit,
    /// Firms as customers.
    Platform,
    /// Rows of one client, to read, by an operator who was admitted to it. No permission reaches there by itself.
    Admission,
}

/// How much a permission lets somebody do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    /// Look only: it stays while viewing as a client, and a read-only token may carry it.
    Reads,
    Writes,
    /// Sensitive: who has it proves once more who it is.
    Confirmed,
}

/// The type that stands for one permission in a handler's signature.
pub trait Permission: Send + Sync + 'static {
    const NAME: Name;
}

impl Name {
    pub fn parse(text: &str) -> Option<Name> {
        Name::ALL.iter().copied().find(|name| name.as_str() == text)
    }

    /// Whether it only looks: what is left while viewing as a client, and what a read-only token may carry.
    pub fn reads(self) -> bool {
        self.power() == Power::Reads
    }

    /// Whether it asks for a fresh proof of who the person is.
    pub fn needs_confirmation(self) -> bool {
        self.power() == Power::Confirmed
    }

    /// Whether a firm may take it from a person. Nobody loses the home: who should have none has no membership.
    pub fn is_removable(self) -> bool {
        !matches!(self.reach(), Reach::Home | Reach::Platform)
    }

    /// Whether it is about money: what lies in a client's billing partition and under its `bill` objects.
    pub fn is_billing(self) -> bool {
        matches!(
            self,
            Name::ViewInvoices | Name::ApproveInvoices | Name::PayInvoices | Name::EditInvoices | Name::ViewTrust
        )
    }

    /// Whether it is about what no client sees.
    pub fn is_internal(self) -> bool {
        matches!(self, Name::ViewInternal | Name::WriteInternal)
    }
}

/// What a firm changed for one person, beside its role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub granted: BTreeSet<Name>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed: BTreeSet<Name>,
}

/// Why a change of somebody's permissions was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdjustmentRefused {
    #[error("This cannot be given to somebody in that role. Change the role instead.")]
    NotGrantable(Name),
    #[error("This cannot be taken from somebody in that role.")]
    NotRemovable(Name),
}

impl Adjusted {
    pub fn is_empty(&self) -> bool {
        self.granted.is_empty() && self.removed.is_empty()
    }

    /// Whether a person of this role can have it. What was written for another role is without effect all the same.
    pub fn check(&self, role: Role) -> Result<(), AdjustmentRefused> {
        if let Some(name) = self.granted.iter().find(|name| !name.held_by(role) && !name.grantable_to(role)) {
            return Err(AdjustmentRefused::NotGrantable(*name));
        }
        match self.removed.iter().find(|name| !name.is_removable()) {
            Some(name) => Err(AdjustmentRefused::NotRemovable(*name)),
            None => Ok(()),
        }
    }
}

/// In what way somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Themselves, signed in.
    Plain,
    /// Somebody of the firm who looks at a client's portal as one of its people: the role is that person's.
    ViewingAs,
    /// A program with a personal token. No program can prove once more who it is.
    Token,
    ReadOnlyToken,
}

impl State {
    pub const ALL: [State; 4] = [State::Plain, State::ViewingAs, State::Token, State::ReadOnlyToken];

    fn leaves(self, name: Name) -> bool {
        match self {
            State::Plain => true,
            State::ViewingAs => name.reads() && matches!(name.reach(), Reach::Client | Reach::Objects | Reach::Home),
            State::Token => !name.needs_confirmation(),
            State::ReadOnlyToken => name.reads(),
        }
    }
}

/// The one rule: the role has it or the firm granted it, the firm did not take it, and the way of acting leaves it.
pub fn may(role: Role, adjusted: &Adjusted, state: State, name: Name) -> bool {
    let granted = adjusted.granted.contains(&name) && name.grantable_to(role);
    let removed = adjusted.removed.contains(&name) && name.is_removable();
    (name.held_by(role) || granted) && !removed && state.leaves(name)
}

/// All that somebody may do.
pub fn all(role: Role, adjusted: &Adjusted, state: State) -> BTreeSet<Name> {
    Name::ALL.iter().copied().filter(|name| may(role, adjusted, state, *name)).collect()
}

#[cfg(test)]
mod tests;
