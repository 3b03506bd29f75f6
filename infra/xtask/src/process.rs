//! Running other programs, and telling the reader about it on standard error: standard output is for results.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use crate::stop::Stop;

/// A line for the reader. A closed terminal is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A heading before a step that takes time.
pub(crate) fn step(what: &str) {
    say(&format!("==> {what}"));
}

pub(crate) fn run(command: &mut Command) -> Result<(), Stop> {
    let status = command.status().map_err(|source| start_error(command, source))?;
    if status.success() { Ok(()) } else { Err(Stop::Failed { command: spoken(command) }) }
}

/// Runs a command whose output matters only when it fails.
pub(crate) fn run_quiet(command: &mut Command) -> Result<(), Stop> {
    let output = command.stdin(Stdio::null()).output().map_err(|source| start_error(command, source))?;
    if output.status.success() {
        return Ok(());
    }
    say(String::from_utf8_lossy(&output.stdout).trim_end());
    say(String::from_utf8_lossy(&output.stderr).trim_end());
    Err(Stop::Failed { command: spoken(command) })
}

pub(crate) fn spawn(command: &mut Command) -> Result<Child, Stop> {
    command.spawn().map_err(|source| start_error(command, source))
}

/// Whether the program is there and answers.
pub(crate) fn answers(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn start_error(command: &Command, source: std::io::Error) -> Stop {
    Stop::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

fn spoken(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
