//! One build for everything: functions, tests, examples and the `local` program share each compiled crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::place::{Place, target};
use crate::process::{run, step};
use crate::stop::{At, Stop};
use crate::tools;

/// Programs of the workspace that are not functions.
const TOOLS: [&str; 2] = ["local", "xtask"];

/// Builds the workspace and stages the functions for deployment.
pub(crate) fn build(place: &Place) -> Result<Staged, Stop> {
    let bin = tools::python_env(place, "deploy")?;
    step("building (the first time takes some minutes)");
    let mut cargo = place.cargo();
    place.with_path(&mut cargo, &bin);
    // All targets and the whole workspace, because a narrower choice changes the features of shared crates and
    // compiles them a second time. The plain compiler, because local binaries need no other machine's glibc.
    cargo.args(["lambda", "build", "--compiler", "cargo", "--workspace", "--all-targets", "--target", &target()]);
    run(cargo.arg("--lambda-dir").arg(place.lambda_dir()))?;
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
        let built = place.lambda_dir().join(&name).join("bootstrap");
        let staged = lambda.join(&name).join("bootstrap");
        if modified(&staged).ok() == Some(modified(&built)?) {
            continue;
        }
        strip(&built, &staged)?;
        changed.push(name);
    }
    copy_templates(place, &dir)?;
    let local = place.lambda_dir().join("local/bootstrap");
    Ok(Staged { dir, local, changed })
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
    run(Command::new("strip").arg("--strip-all").arg("-o").arg(staged).arg(built)).map_err(|stop| match stop {
        Stop::Start { .. } => Stop::Missing {
            what: "strip",
            hint: "It comes with the C compiler. On Debian: apt-get install binutils gcc",
        },
        other => other,
    })?;
    // The stamp by which the next run sees that this binary is the staged one.
    let at = modified(built)?;
    fs::File::options().write(true).open(staged).and_then(|file| file.set_modified(at)).at(staged)
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
