//! The look of Portico: components as functions from a view to markup, and the page around them.
//!
//! A page is composed of these and writes no classes of its own; each component has one block in the style sheet.
//! Text is escaped by the template. Colour never says a thing alone: each state has a word and a shape too.

pub mod accent;
pub mod ask;
pub mod attach;
pub mod bulk;
pub mod button;
pub mod choose;
pub mod code;
pub mod colour;
pub mod facts;
pub mod feedback;
pub mod form;
pub mod grid;
pub mod history;
pub mod icon;
pub mod linked;
pub mod menu;
pub mod phases;
pub mod search;
pub mod shell;
pub mod state;
pub mod structure;
pub mod table;
pub mod thread;
pub mod timeline;
pub mod upload;
pub mod viewers;
pub mod words;

pub use accent::Accent;
pub use button::{Button, ButtonKind};
pub use icon::Icon;
pub use shell::{ClientTag, Frame, Membership, NavItem, SearchBox, Width, page, plain};
pub use state::State;
