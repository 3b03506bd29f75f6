//! The edge: everything that knows HTTP, pages, events and the environment, in one place for all functions.
//!
//! A function records its routes with [`Routes`], whose handlers take their access rule as an argument, and serves them
//! behind one door; a worker hands its handler to one of the `run_` functions of [`worker`]. Pages are built of [`ui`].

pub mod answers;
mod app;
mod asset_routes;
pub mod assets;
mod config;
pub mod cookies;
pub mod copies;
mod door;
mod extract;
mod failure;
mod frame;
pub mod guard;
mod install;
pub mod letter;
mod local_path;
mod logging;
mod multipart;
pub mod openapi;
mod routes;
pub mod ui;
pub mod worker;

pub use app::App;
pub use config::{Config, ConfigIncomplete};
pub use door::Served;
pub use extract::{Caller, Fields, Files, Form, IdempotencyKey, Json, Page, Path, Query};
pub use failure::Failure;
pub use frame::{Place, Shell, home};
pub use local_path::LocalPath;
pub use logging::{chain, start_logging};
pub use openapi::Doc;
pub use routes::{Access, Kind, Route, Routes};
