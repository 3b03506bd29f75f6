//! Every test that goes in through a door of the product: HTTP, events, the template, a browser. One binary.
//!
//! An area is a module; `cargo xtask test <area>` runs one. Each test makes its own firm, so that they run side by side.

mod access;
mod assignments;
mod asvs;
mod audit;
mod bench;
mod company;
mod corpus;
mod documents;
mod events;
mod factors;
mod faults;
mod firms;
mod fuzz;
mod idp;
mod isolation;
mod journeys;
mod layers;
mod mails;
mod marks;
mod messages;
mod notifications;
mod oidc;
mod openapi;
mod people;
mod platform;
mod projects;
mod replay;
mod replies;
mod requests;
mod retention;
mod review;
mod saml;
mod sample;
mod searching;
mod settings;
mod sight;
mod signin;
mod template;
mod tokens;
mod viewing;
mod visibility;
mod world;
