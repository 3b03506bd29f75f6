//! One build for everything: functions, tests, examples and the `local` program share each compiled crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::place::{Place, target};
use crate::process::{run, step};
use crate::stop::{At, Stop};

/// Programs of the workspace that are not functions.
const TOOLS: [&str; 2] = ["local", "xtask"];

/// Builds the workspace and stages the functions for deployment.
pub(crate) fn build(place: &Place) -> Result<Staged, Stop> {
    step("building (the first time takes some minutes)");
    // All targets and the whole workspace, because a narrower choice changes the features of shared crates and
    // compiles them a second time. Not `cargo lambda`, which builds for another machine: it copies every binary at
    // every build, so that each would look changed.
    run(place.cargo().args(["build", "--workspace", "--all-targets", "--target", &target()]))?;
    stage(place)
}

/// A directory from which `sam deploy` finds everything by the template's own relative paths.
pub(crate) struct Staged {
    pub(crate) dir: PathBuf,
    /// The program that runs the local AWS.
    pub(crate) local: PathBuf,
    /// Functions whose binary differs from the one staged before.
    pub(crate) changed: Vec<String>,
}

fn stage(place: &Place) -> Result<Staged, Stop> {
    let dir = place.state.join("stage");
    let lambda = dir.join("target/lambda");
    fs::create_dir_all(&lambda).at(&lambda)?;
    let mut changed = Vec::new();
    for name in functions(place)? {
        let built = place.binary(&name);
        let staged = lambda.join(&name).join("bootstrap");
        if modified(&staged).ok() == Some(modified(&built)?) {
            continue;
        }
        strip(&built, &staged)?;
        changed.push(name);
    }
    copy_templates(place, &dir)?;
    Ok(Staged { local: stage_local(place)?, dir, changed })
}

/// Run from the stage and not from where it is built, where a running program would be in the next build's way.
fn stage_local(place: &Place) -> Result<PathBuf, Stop> {
    let built = place.binary("local");
    let staged = local(place);
    if modified(&staged).ok() != Some(modified(&built)?) {
        strip(&built, &staged)?;
    }
    Ok(staged)
}

/// Where the program that runs the local AWS is started from.
pub(crate) fn local(place: &Place) -> PathBuf {
    place.state.join("stage/local")
}

/// Bin names: one directory of `functions` is one function.
pub(crate) fn functions(place: &Place) -> Result<Vec<String>, Stop> {
    let dir = place.root.join("functions");
    let mut names = Vec::new();
    for entry in fs::read_dir(&dir).at(&dir)? {
        let entry = entry.at(&dir)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().join("Cargo.toml").exists() && !TOOLS.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Nine tenths of a development binary are debug information, which nobody reads from a zip.
fn strip(built: &Path, staged: &Path) -> Result<(), Stop> {
    let dir = staged.parent().unwrap_or(staged);
    fs::create_dir_all(dir).at(dir)?;
    // Renamed into place: the file before it may be running.
    let half = staged.with_extension("new");
    run(Command::new("strip").arg("--strip-all").arg("-o").arg(&half).arg(built)).map_err(|stop| match stop {
        Stop::Start { .. } => Stop::Missing {
            what: "strip",
            hint: "It comes with the C compiler. On Debian: apt-get install binutils gcc",
        },
        other => other,
    })?;
    // The stamp by which the next run sees that this binary is the staged one.
    let at = modified(built)?;
    fs::File::options().write(true).open(&half).and_then(|file| file.set_modified(at)).at(&half)?;
    fs::rename(&half, staged).at(staged)
}

fn copy_templates(place: &Place, dir: &Path) -> Result<(), Stop> {
    for name in ["template.yaml", "samconfig.toml"] {
        copy_if_there(&place.root.join(name), &dir.join(name))?;
    }
    // Copied and not linked: nested stacks name binaries by `../target/lambda`, which must resolve inside the stage.
    copy_dir(&place.root.join("infra"), &dir.join("infra"), "yaml")?;
    copy_dir(&place.root.join("infra/policies"), &dir.join("infra/policies"), "json")
}

fn copy_dir(from: &Path, to: &Path, extension: &str) -> Result<(), Stop> {
    if to.exists() {
        // A template that was deleted must not live on in the stage.
        fs::remove_dir_all(to).at(to)?;
    }
    fs::create_dir_all(to).at(to)?;
    for entry in fs::read_dir(from).at(from)? {
        let path = entry.at(from)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            copy_if_there(&path, &to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

fn copy_if_there(from: &Path, to: &Path) -> Result<(), Stop> {
    if from.exists() {
        fs::copy(from, to).at(from)?;
    }
    Ok(())
}

fn modified(path: &Path) -> Result<SystemTime, Stop> {
    fs::metadata(path).and_then(|found| found.modified()).at(path)
}
