//! What goes wrong by itself: workers die, events come again and in any order. State changes once, nobody is forgotten.

pub(crate) mod control;
mod deaths;
pub(crate) mod delivery;
pub(crate) mod kept;
pub(crate) mod outbox;
mod repeats;
pub(crate) mod shapes;
