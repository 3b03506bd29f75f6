//! The rules of the business, pure: types, states, decisions, permissions, limits, words.
//!
//! Invariant: nothing here does I/O, reads a clock or draws a random number. Time and ids arrive in a [`Moment`].

pub mod audit;
pub mod calendar;
pub mod document;
pub mod email;
pub mod factors;
pub mod firm;
pub mod ids;
pub mod limits;
pub mod marking;
pub mod message;
pub mod moment;
pub mod notice;
pub mod packs;
pub mod parcel;
pub mod permissions;
pub mod person;
pub mod platform;
pub mod project;
pub mod reply;
pub mod request;
pub mod retention;
pub mod roles;
pub mod sso;
pub mod text;
pub mod tokens;

pub use email::EmailAddress;
pub use ids::{
    AdmissionId, BatchId, ClientId, ConnectionId, DocumentId, ErasureId, EventId, FirmChangeId, FirmId, HoldId,
    MessageId, MilestoneId, NewsletterId, NoteId, OrderId, OutboxId, ParcelId, PersonId, ProjectId, ReplyId, RequestId,
    RequestLineId, RunId, SessionId, TextId, TokenId, UpdateId,
};
pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use moment::Moment;
pub use permissions::Name as PermissionName;
pub use roles::Role;
