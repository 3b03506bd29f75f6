//! The adapters to AWS, and the only place that knows keys, tables, buckets and queues.
//!
//! A client's data is opened from a scope ([`ClientStore::open`]) and reached with that scope's credentials; no
//! function here takes a firm's or client's id in a scope's place. Every write is one transaction with its audit event.

mod audit_log;
mod aws;
mod brand;
mod check;
mod client;
mod commit;
mod error;
mod identity;
mod identity_address;
mod identity_links;
mod identity_people;
mod identity_sessions;
mod item;
mod keys;
mod mail;
mod query;
mod settings;
mod vending;
mod vendor;

pub use audit_log::{AuditRow, AuditStore};
pub use aws::Aws;
pub use brand::Brand;
pub use client::{ClientStore, Once};
pub use commit::AuditReceipt;
pub use error::{Revoked, StorageError};
pub use identity::{Counter, Identity};
pub use identity_links::{LinkRow, Proof};
pub use identity_people::{Addressee, Belonging, InvitationRow, PLATFORM_MEMBERSHIP, Standing, platform_firm};
pub use identity_sessions::{Current, NewSession, OpenSession, SessionInHome};
pub use mail::{HeaderText, Mail};
pub use settings::Settings;
pub use vending::{ActsAs, HomeFacts, MembershipRow, SessionRow, Vending};
pub use vendor::LambdaVendor;
