//! Legal holds: while one is in force, nothing that it covers is archived, deleted or erased, whatever any rule says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Facts;
use crate::platform::{Reason, ReasonRefused};
use crate::{ClientId, DocumentId, HoldId, Moment, PersonId, ProjectId, limits};

/// What a hold covers. A client or project is covered with all that it will ever have while the hold is in force, and a
/// document with its versions where its first one is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum Scope {
    Client,
    Project { project: ProjectId },
    Documents { documents: BTreeSet<DocumentId> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    pub by: PersonId,
    pub at: Timestamp,
}

/// One hold on things of one client. Several may cover the same: each has to be released by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub id: HoldId,
    pub client: ClientId,
    /// None to whoever cannot read it: it is sealed under the client's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whom to ask about it.
    pub owner: PersonId,
    pub placed_at: Timestamp,
    pub scope: Scope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Released>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoldRefused {
    #[error(transparent)]
    Reason(#[from] ReasonRefused),
    #[error("Choose at least one document to hold.")]
    NoDocuments,
    #[error("A hold names at most {count_max} documents. Hold the whole project, or place a second hold.")]
    TooManyDocuments { count_max: usize },
    #[error("This client has {count_max} holds in force, the most there can be. Release one first.")]
    TooMany { count_max: usize },
    #[error("This hold was released already.")]
    Released,
}

impl Hold {
    pub fn is_in_force(&self) -> bool {
        self.released.is_none()
    }

    pub fn covers(&self, facts: &Facts) -> bool {
        self.client == facts.client && self.is_of(&facts.project, [&facts.document, &facts.series])
    }

    /// Of a document and the first version of it, in a project of the hold's client.
    fn is_of(&self, project: &ProjectId, versions: [&DocumentId; 2]) -> bool {
        match &self.scope {
            Scope::Client => true,
            Scope::Project { project: own } => own == project,
            // With all its versions, those that are still to come among them.
            Scope::Documents { documents } => versions.iter().any(|version| documents.contains(*version)),
        }
    }
}

/// Places a hold on things of `client`. `existing` are the client's holds, released ones or not.
pub fn place(
    client: &ClientId,
    scope: Scope,
    reason: &str,
    owner: &PersonId,
    existing: &[Hold],
    moment: &mut Moment,
) -> Result<Hold, HoldRefused> {
    let reason = Reason::parse(reason)?;
    match &scope {
        Scope::Documents { documents } if documents.is_empty() => return Err(HoldRefused::NoDocuments),
        Scope::Documents { documents } if documents.len() > limits::HOLD_DOCUMENTS_MAX => {
            return Err(HoldRefused::TooManyDocuments { count_max: limits::HOLD_DOCUMENTS_MAX });
        }
        Scope::Client | Scope::Project { .. } | Scope::Documents { .. } => (),
    }
    if existing.iter().filter(|hold| hold.is_in_force()).count() >= limits::HOLDS_PER_CLIENT_MAX {
        return Err(HoldRefused::TooMany { count_max: limits::HOLDS_PER_CLIENT_MAX });
    }
    Ok(Hold {
        id: HoldId::from_bits(moment.next_id()),
        client: client.clone(),
        reason: Some(reason),
        owner: owner.clone(),
        placed_at: moment.now,
        scope,
        released: None,
    })
}

/// A hold that was released stays on record.
pub fn release(hold: &Hold, by: &PersonId, now: Timestamp) -> Result<Hold, HoldRefused> {
    if !hold.is_in_force() {
        return Err(HoldRefused::Released);
    }
    Ok(Hold { released: Some(Released { by: by.clone(), at: now }), ..hold.clone() })
}

/// Whether a document has to stay in this project: moved out of it, it would leave the hold on it.
pub fn is_project_held(holds: &[Hold], project: &ProjectId) -> bool {
    let of_it = |hold: &Hold| matches!(&hold.scope, Scope::Project { project: own } if own == project);
    holds.iter().any(|hold| hold.is_in_force() && of_it(hold))
}

/// Whether a hold in force covers a document of their client, which is one of the versions that began with `first`.
pub fn is_document_held(holds: &[Hold], project: &ProjectId, document: &DocumentId, first: &DocumentId) -> bool {
    holds.iter().any(|hold| hold.is_in_force() && hold.is_of(project, [document, first]))
}

/// The holds in force that cover a document. It may also not leave its project while one of these covers that.
pub fn held<'a>(facts: &Facts, holds: &'a [Hold]) -> Vec<&'a Hold> {
    holds.iter().filter(|hold| hold.is_in_force() && hold.covers(facts)).collect()
}
