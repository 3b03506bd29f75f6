//! Rebuild on change, and redeploy only the functions whose binary changed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::SystemTime;

use crate::build::{Staged, build};
use crate::place::Place;
use crate::process::{run, say, step};
use crate::stop::{At, Stop};
use crate::up;

/// What a function is made of. A template change needs a new `up`.
const SOURCES: [&str; 4] = ["shared", "functions", "Cargo.toml", "Cargo.lock"];

/// Runs until the portal ends.
pub(crate) fn watch(place: &Place, staged: &Staged, mut portal: Child) -> Result<(), Stop> {
    let mut seen = newest(place)?;
    loop {
        if let Ok(Some(status)) = portal.try_wait() {
            return if status.success() { Ok(()) } else { Err(Stop::Found("the portal stopped".into())) };
        }
        pause();
        let now = newest(place)?;
        if now <= seen {
            continue;
        }
        seen = now;
        // A source that does not compile is the usual state of affairs while writing.
        if let Err(stop) = rebuild(place, staged) {
            say(&format!("    not redeployed: {stop}"));
        }
    }
}

fn rebuild(place: &Place, before: &Staged) -> Result<(), Stop> {
    let staged = build(place)?;
    for function in &staged.changed {
        step(&format!("redeploying {function}"));
        run(up::local(place, before, &place.state)?.args(["update", function]))?;
    }
    say(&format!("    {} functions redeployed", staged.changed.len()));
    Ok(())
}

/// `sleep` is a process here, because a thread that sleeps is denied in this house and a timer needs a runtime.
fn pause() {
    let _ = Command::new("sleep").arg("0.5").status();
}

fn newest(place: &Place) -> Result<SystemTime, Stop> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in SOURCES {
        visit(&place.root.join(source), &mut newest)?;
    }
    Ok(newest)
}

fn visit(path: &Path, newest: &mut SystemTime) -> Result<(), Stop> {
    let found = fs::metadata(path).at(path)?;
    if found.is_dir() {
        for entry in fs::read_dir(path).at(path)? {
            visit(&entry.at(path)?.path(), newest)?;
        }
    } else {
        *newest = (*newest).max(found.modified().at(path)?);
    }
    Ok(())
}
