//! Retention: how long documents are kept, what is archived or destroyed and when, what a legal hold stops, and how a
//! client is erased.
//!
//! Nothing is archived or deleted but from a list that was rehearsed, seen and confirmed, for deletions by a second
//! person; each document is judged again when its turn comes, and left where it is if anything about it differs.

mod bin;
mod certificate;
mod due;
mod erasure;
mod holds;
mod rehearsal;
mod rules;
mod run;

pub use bin::{InBin, Stays, leaves_bin};
pub use certificate::{Certificate, Destroyed, Tombstone};
pub use due::{Action, Counted, Due, Facts, Place, Waits, due};
pub use erasure::{
    Erased, Erasure, ErasureCommand, ErasureEvent, ErasureRefused, ErasureState, Keeps, ask_erasure, kept_by_others,
    turn_erasure,
};
pub use holds::{Hold, HoldRefused, Released, Scope, held, is_document_held, is_project_held, place, release};
pub use rehearsal::{Fingerprint, FingerprintRefused, HeldItem, Item, Rehearsal, Setting, Skipped, judge, rehearse};
pub use rules::{Anchor, Covers, NewRule, Period, Rule, RuleRefused, Rules, RulesRefused, Then};
pub use run::{Confirmed, Event, Outcome, Run, RunCommand, RunRefused, RunState, ask, turn};

#[cfg(test)]
mod tests;
