//! Who may see a document. Everything that shows one, names one, counts one or mails about one asks here.
//!
//! What the firm keeps to itself lies apart from what it shares, in rows and objects that no role of a client reaches:
//! there the answer given here is also IAM's. Which of a client's people see what is shared is this rule alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Document, DocumentRefused};
use crate::{PersonId, limits};

/// Whom a document is for, beside the firm's people who work on the client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody at the client's company.
    #[default]
    Company,
    /// These people of the company, its admins, and whoever of it uploaded the document.
    People(BTreeSet<PersonId>),
    /// Nobody at the client.
    Firm,
}

/// The part of a client's data that something lies in. Roles differ in which of these they reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// What the firm and the client share.
    Open,
    /// What the firm keeps to itself.
    Internal,
}

impl Audience {
    pub const ALL: [Audience; 2] = [Audience::Open, Audience::Internal];
}

impl Visibility {
    pub fn is_company(&self) -> bool {
        *self == Visibility::Company
    }

    pub fn audience(&self) -> Audience {
        match self {
            Visibility::Company | Visibility::People(_) => Audience::Open,
            Visibility::Firm => Audience::Internal,
        }
    }
}

/// Who looks at a client's documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Somebody of the firm who works on the client, or a worker of ours.
    Firm {
        /// May see what the firm keeps to itself.
        internal: bool,
    },
    /// Somebody of the client's company; while the firm looks at the portal as one of its people, that person.
    Client { person: PersonId, admin: bool },
}

impl Viewer {
    /// The parts of a client's data in which there may be something for this viewer.
    pub fn reaches(&self, audience: Audience) -> bool {
        audience == Audience::Open || *self == Viewer::Firm { internal: true }
    }

    /// Whether everything in the parts that it reaches is for this viewer.
    pub fn sees_all_it_reaches(&self) -> bool {
        !matches!(self, Viewer::Client { admin: false, .. })
    }
}

/// Whether this viewer may see the document: whatever shows one asks here, and storage asks for whoever reads.
pub fn may_see(document: &Document, viewer: &Viewer) -> bool {
    document.visibility.shows(&document.by, document.by_client, viewer)
}

impl Visibility {
    /// The one rule, of a document that `by` uploaded. Admins see all of their company, as they do its people.
    pub fn shows(&self, by: &PersonId, by_client: bool, viewer: &Viewer) -> bool {
        match (viewer, self) {
            (_, Visibility::Firm) => viewer.reaches(Audience::Internal),
            (Viewer::Firm { .. } | Viewer::Client { admin: true, .. }, _) | (_, Visibility::Company) => true,
            (Viewer::Client { person, .. }, Visibility::People(named)) => {
                named.contains(person) || by_client && by == person
            }
        }
    }
}

/// Those of the company's people who see it though they are no admins; none where nobody is shut out by name.
pub fn readers(document: &Document) -> Option<BTreeSet<PersonId>> {
    match &document.visibility {
        Visibility::Company | Visibility::Firm => None,
        Visibility::People(named) => {
            Some(named.iter().chain(document.by_client.then_some(&document.by)).cloned().collect())
        }
    }
}

/// What a new document is to be seen by. Only the firm keeps something to itself, and whoever sends something does not
/// shut themselves out.
pub(super) fn of_new(asked: &Visibility, by: &PersonId, by_client: bool) -> Result<Visibility, DocumentRefused> {
    match asked {
        Visibility::Company => Ok(Visibility::Company),
        Visibility::Firm if by_client => Err(DocumentRefused::NotInternal),
        Visibility::Firm => Ok(Visibility::Firm),
        // Whoever means only themselves says so.
        Visibility::People(named) if named.is_empty() => Err(DocumentRefused::NobodyChosen),
        Visibility::People(named) => {
            let mut named = named.clone();
            if by_client {
                named.insert(by.clone());
            }
            match named.len() {
                0..=limits::DOCUMENT_PEOPLE_MAX => Ok(Visibility::People(named)),
                _ => Err(DocumentRefused::TooManyChosen { count_max: limits::DOCUMENT_PEOPLE_MAX }),
            }
        }
    }
}

/// The same of a document that is there. What is kept and what is shared lie apart: one does not become the other.
pub(super) fn changed(document: &Document, asked: &Visibility) -> Result<Visibility, DocumentRefused> {
    if asked.audience() == document.visibility.audience() {
        return of_new(asked, &document.by, document.by_client);
    }
    Err(match document.visibility.audience() {
        Audience::Open => DocumentRefused::IsShared,
        Audience::Internal => DocumentRefused::IsInternal,
    })
}

#[cfg(test)]
mod tests;
