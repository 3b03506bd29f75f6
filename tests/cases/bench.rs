//! Measurements, each beside something that people know, in the same minute on the same machine.
//!
//! `cargo xtask bench [name]` measures at full volume and holds every promise; the ordinary tests run a small share with
//! a wide margin, so that a promise cannot be lost unnoticed. Lines are `name: value (promise …)`. Ratios travel from
//! one machine to another; milliseconds do not, which is why the load of the machine is printed first.

mod busy_firm;
mod calls;
mod cold;
mod cost;
mod figures;
mod mark;
mod notices;
mod pages;
pub(crate) mod processes;
mod runtime_api;
mod search;
mod stand_in;
mod text;
mod used;
mod volume;
mod words;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::world::root;

/// Whether this run is `cargo xtask bench`.
#[expect(clippy::disallowed_methods, reason = "the test runner tells by the environment")]
fn thorough() -> bool {
    std::env::var("PORTICO_BENCH").is_ok()
}

/// How often something is done: for a measurement, or for the share of it that every run can afford.
fn times(whole: usize, share: usize) -> usize {
    if thorough() { whole } else { share }
}

/// The directory with what these arguments name, built as it is deployed. It has a place of its own, and takes minutes
/// only once: choosing one package changes the features of shared crates.
fn optimised(what: &[&str]) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("bench");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release"]).args(what).arg("--target-dir").arg(&dir);
    let status = cargo.current_dir(root()).stdin(Stdio::null()).status().unwrap();
    assert!(status.success(), "it does not build: {what:?}");
    dir.join("release")
}
