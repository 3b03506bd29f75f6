//! Who may touch what, as values that cannot be forged.
//!
//! An [`Actor`] comes from a session or a personal token and nothing else. It asks a [`Vendor`] for a scope: proof that one request may do
//! one thing with one client (or firm, or home), holding the only credentials that reach it. A worker's [`JobScope`]
//! comes from a row of our own store. Invariants: only this crate makes an actor, a request to a vendor or a scope; no
//! scope can be cloned, defaulted or read from outside.

mod grant;
mod job;
mod scope;
mod vendor;

pub use grant::{Acting, Credentials, Grant, Keys, Vended, ViewedAs, WireGrant, WireKeys, token_carries};
pub use job::{ClientJob, Fact, Job, JobDenied, JobRequest, JobScope, JobVendor, PersonJob, WireJob, WireJobAnswer};
pub use scope::{
    Actor, AdmissionScope, ClientScope, FirmScope, HomeScope, ObjectsScope, OneClient, OnePerson, PlatformScope,
};
pub use vendor::{Denied, Lease, OfFirm, VendRequest, Vendor, WireAnswer, WireRefusal, WireVend};

/// The firm that the platform's own people belong to: it has no clients and no data.
pub const PLATFORM_FIRM: &str = "00000000000000000000000000";
