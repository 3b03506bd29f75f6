//! Every test that goes in through a door of the product: HTTP, events, the template, a browser. One binary.
//!
//! An area is a module; `cargo xtask test <area>` runs one. Each test makes its own firm, so that they run side by side.

mod access;
mod assignments;
mod audit;
mod bench;
mod documents;
mod events;
mod faults;
mod firms;
mod isolation;
mod journeys;
mod layers;
mod notifications;
mod openapi;
mod projects;
mod replay;
mod sample;
mod signin;
mod template;
mod world;
