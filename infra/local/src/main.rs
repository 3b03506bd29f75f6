//! The local AWS: the pinned emulator with the real template and the real binaries, behind one address.
//!
//! `cargo xtask` builds and calls this. It runs other programs (the emulator, `sam`, a few steps in Python), stands
//! between the browser and the API (`front`) and between the functions and the emulator (`faults`), and ends
//! everything that it started.

mod args;
mod callers;
mod canary;
mod deploy;
mod dns;
mod emulator;
mod faults;
mod forward;
mod front;
mod instance;
mod mail;
mod portal;
mod running;
mod settings;
mod state;
mod steps;
mod stop;

use std::io::Write;
use std::process::ExitCode;

use args::Command;
use settings::Settings;
use stop::Stop;

const USAGE: &str = "\
local up [--port N] [--fresh] [--no-seed] [--throwaway]
local down --state DIR
local update FUNCTION
`cargo xtask up` builds what this needs and calls it.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some(command) = Command::parse(&args) else {
        say(USAGE);
        return ExitCode::from(2);
    };
    match run(command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            say(&format!("local: {stop}"));
            if let Some(hint) = stop.hint() {
                say(hint);
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Stop> {
    match command {
        Command::Up(options) => portal::up(&Settings::from_env()?, &options).await,
        Command::Update { function } => running::update(&Settings::from_env()?, &function).await,
        Command::Down { state } => running::down(&state).await,
    }
}

/// A line for the reader, on standard error: standard output is for the address. A closed terminal is no reason to
/// stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A heading before a step that takes time.
pub(crate) fn step(what: &str) {
    say(&format!("==> {what}"));
}
