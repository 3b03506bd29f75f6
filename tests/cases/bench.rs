//! Measurements, each beside something that people know, in the same minute on the same machine.
//!
//! `cargo xtask bench [name]` measures at full volume and holds every promise; the ordinary tests run a small share with
//! a wide margin, so that a promise cannot be lost unnoticed. Lines are `name: value (promise …)`. Ratios travel from
//! one machine to another; milliseconds do not, which is why the load of the machine is printed first.

mod cold;
mod figures;
mod runtime_api;
mod search;
mod stand_in;
mod text;
mod words;

/// Whether this run is `cargo xtask bench`.
#[expect(clippy::disallowed_methods, reason = "the test runner tells by the environment")]
fn thorough() -> bool {
    std::env::var("PORTICO_BENCH").is_ok()
}

/// How often something is done: for a measurement, or for the share of it that every run can afford.
fn times(whole: usize, share: usize) -> usize {
    if thorough() { whole } else { share }
}
