//! Asking for credentials: the request that only an actor can make, and the two forms it has on the wire.

use std::future::Future;
use std::sync::Arc;

use domain::factors::Wait;
use domain::permissions::Reach;
use domain::{AdmissionId, ClientId, FirmId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::grant::{Grant, Vended, WireGrant};

/// A request for one scope. Private fields: only an [`crate::Actor`] asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendRequest {
    pub(crate) session: String,
    pub(crate) bearer: bool,
    pub(crate) reach: ReachKey,
    pub(crate) client: Option<ClientId>,
    pub(crate) admission: Option<OfFirm>,
}

/// An admission, and the firm that it is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfFirm {
    pub firm: FirmId,
    pub admission: AdmissionId,
}

/// [`Reach`] in an order, so that requests can be keys of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReachKey(u8);

const REACHES: [Reach; 7] =
    [Reach::Client, Reach::Objects, Reach::Home, Reach::Firm, Reach::Audit, Reach::Platform, Reach::Admission];

impl ReachKey {
    pub(crate) fn of(reach: Reach) -> Self {
        let place = REACHES.iter().position(|known| *known == reach).unwrap_or(0);
        Self(u8::try_from(place).unwrap_or(0))
    }

    fn reach(self) -> Reach {
        REACHES.get(usize::from(self.0)).copied().unwrap_or(Reach::Home)
    }
}

impl VendRequest {
    /// The hash of the session's token, or of a personal one.
    pub fn session(&self) -> &str {
        &self.session
    }

    pub fn reach(&self) -> Reach {
        self.reach.reach()
    }

    pub fn client(&self) -> Option<&ClientId> {
        self.client.as_ref()
    }

    pub fn to_wire(&self) -> WireVend {
        WireVend {
            session: self.session.clone(),
            bearer: self.bearer,
            reach: self.reach(),
            client: self.client.clone(),
            admission: self.admission.clone(),
        }
    }
}

/// What the vending function receives: a claim to be checked, of no worth by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireVend {
    pub session: String,
    /// What is named is a personal token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bearer: bool,
    pub reach: Reach,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<OfFirm>,
}

/// The vending function's answer to one of the requests it received, in their order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireAnswer {
    Granted(Box<WireGrant>),
    Refused(WireRefusal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireRefusal {
    /// No such session, or it ended.
    SignedOut,
    /// Not this person's client, firm or platform; or there is none.
    NotTheirs,
    /// Theirs, but the role does not have it.
    Lacks,
    /// The session is good for the pages that fulfil this, and for nothing else yet.
    Waits(Wait),
    /// The operator suspended the firm.
    Suspended,
    /// What was looked at as a client has ended; the session can go back to being the person's own.
    ViewingOver,
}

/// Why a scope was not given.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("not this person's")]
    NotTheirs,
    #[error("the role lacks the permission")]
    Lacks,
    /// The same, told by a lease that is theirs: with its keys the refusal can be written down in their own chain.
    #[error("the role lacks the permission")]
    LacksWith(Box<Lease>),
    /// The person has to prove once more who it is.
    #[error("a fresh proof is needed")]
    Unconfirmed,
    #[error("the session waits for {0:?}")]
    Waits(Wait),
    #[error("the firm is suspended")]
    Suspended,
    #[error("viewing as a client has ended")]
    ViewingOver,
    #[error("the vending function could not be asked")]
    Vendor(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<WireRefusal> for Denied {
    fn from(refusal: WireRefusal) -> Self {
        match refusal {
            WireRefusal::SignedOut => Denied::SignedOut,
            WireRefusal::NotTheirs => Denied::NotTheirs,
            WireRefusal::Lacks => Denied::Lacks,
            WireRefusal::Waits(wait) => Denied::Waits(wait),
            WireRefusal::Suspended => Denied::Suspended,
            WireRefusal::ViewingOver => Denied::ViewingOver,
        }
    }
}

/// Credentials as a vendor hands them over: fresh from its checks, or out of a cache.
#[derive(Debug, Clone)]
pub struct Lease {
    pub vended: Arc<Vended>,
    /// Checked just now; what comes from a cache is checked again beside the first read.
    pub fresh: bool,
}

impl Lease {
    pub fn unchecked(&self) -> Option<&Grant> {
        (!self.fresh).then_some(&self.vended.grant)
    }
}

/// Gives credentials to those who may have them. Implemented once, in `storage`.
pub trait Vendor: Sync {
    fn vend(&self, request: VendRequest, now: Timestamp) -> impl Future<Output = Result<Lease, Denied>> + Send;

    /// Drops what a cache keeps for this request.
    fn drop_kept(&self, request: &VendRequest);

    /// Several at once, answered in their order.
    fn vend_all(
        &self,
        requests: Vec<VendRequest>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Result<Lease, Denied>>, Denied>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reach_survives_the_order() {
        for reach in REACHES {
            assert_eq!(ReachKey::of(reach).reach(), reach);
        }
    }
}
