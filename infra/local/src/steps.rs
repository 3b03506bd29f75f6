//! Small Python programs in the emulator's own environment, for what has to be a signed AWS call.

use std::process::Output;

use crate::settings::Settings;
use crate::step;
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

/// Fills a new portal: `<program> URL`. Without the program a portal stays empty, and nothing is remembered.
pub(crate) async fn seed(settings: &Settings, endpoint: &str, url: &str) -> Result<bool, Stop> {
    if !settings.seed.exists() {
        return Ok(false);
    }
    step("filling it with two firms");
    // Standard output is for the address.
    let mut command = settings.command(&settings.seed, endpoint);
    let status = command.arg(url).stdout(std::io::stderr()).status().await.at(&settings.seed)?;
    if status.success() {
        return Ok(true);
    }
    Err(Stop::new("filling it failed; see above")
        .advising("`cargo xtask up --fresh` starts over, `cargo xtask up --no-seed` starts without the two firms."))
}
