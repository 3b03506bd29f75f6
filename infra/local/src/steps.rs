//! Small Python programs in the emulator's own environment, for what has to be a signed AWS call.

use std::path::Path;
use std::process::Output;

use crate::settings::Settings;
use crate::stop::{At, Stop};

/// Runs `infra/local/steps/<name>.py` against the emulator; its standard output. What it says when it fails is for the
/// reader.
pub(crate) async fn run(settings: &Settings, endpoint: &str, name: &str, args: &[&str]) -> Result<String, Stop> {
    let script = settings.root.join("infra/local/steps").join(format!("{name}.py"));
    let mut command = settings.command(&settings.python, endpoint);
    command.arg(&script).args(args).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().await.at(&settings.python)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Stop::new(format!("{name} failed\n{}", said(&output))))
}

pub(crate) fn said(output: &Output) -> String {
    let text = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    String::from_utf8_lossy(text).trim_end().to_owned()
}

/// Fills a new portal, by its own pages and API. The program is there or it is not; a portal without it is empty.
pub(crate) async fn seed(settings: &Settings, endpoint: &str, url: &str, state: &Path) -> Result<bool, Stop> {
    let script = settings.root.join("infra/local/seed/main.py");
    if !script.exists() {
        return Ok(false);
    }
    let mut command = settings.command(&settings.python, endpoint);
    command.arg(&script).arg("--url").arg(url).arg("--state").arg(state).env("PYTHONDONTWRITEBYTECODE", "1");
    // Standard output is for the address.
    let status = command.stdout(std::io::stderr()).status().await.at(&settings.python)?;
    if status.success() {
        return Ok(true);
    }
    Err(Stop::new("seeding failed; see above")
        .advising("`cargo xtask up --fresh` starts over, `cargo xtask up --no-seed` starts without the sample firms."))
}
