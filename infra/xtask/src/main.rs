//! The project's commands: `cargo xtask <command>`. Builds, checks and starts; everything that speaks to AWS is the
//! `local` program, which this one builds and runs.

mod advisories;
mod asvs;
mod build;
mod check;
mod new_function;
mod place;
mod policies;
mod process;
mod soak;
mod stop;
mod test;
mod tools;
mod up;
mod watch;

use std::process::ExitCode;

use place::Place;
use stop::Stop;

const USAGE: &str = "\
cargo xtask up [--fresh] [--port N] [--no-seed] [--throwaway] [--detach] [--watch]
                       start the portal on http://localhost:3000; the last line is its address
cargo xtask down       stop it (its data stays, unless `--throwaway`; `up --fresh` wipes)
cargo xtask test [area]
                       check, canary, every test (or one area: documents, access, notifications, ...;
                       asvs: the tests that tests/asvs.toml names, and how many of its ids they prove)
cargo xtask check      format, lints, template, licences, advisories
cargo xtask bench [name]
                       the measurements of tests/cases/bench
cargo xtask soak [area]
                       the tests at full volume; writes tests/soak.md
cargo xtask audit verify CHAIN...
                       verify hash chains of the audit log
cargo xtask trace CODE|FILE
                       who took the copy that carries this code, and when
cargo xtask rebuild search [--prefix STACK] [firm [client]]
                       search indexes anew from the kept words: of this portal, or of a deployed one
cargo xtask render-policies
                       infra/access.yaml anew from infra/policies
cargo xtask new-function NAME
                       a new function's files, and the template piece it needs";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Usage) => {
            process::say(USAGE);
            ExitCode::from(2)
        }
        Err(stop) => {
            process::say(&format!("xtask: {stop}"));
            if let Some(hint) = stop.hint() {
                process::say(hint);
            }
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<(), Stop> {
    let place = Place::from_env()?;
    match args {
        ["up", rest @ ..] => up::up(&place, rest),
        ["down"] => up::down(&place),
        ["test"] => test::test(&place, None),
        ["test", area] => test::test(&place, Some(area)),
        ["check"] => check::check(&place),
        ["render-policies"] => policies::render(&place),
        ["bench"] => test::bench(&place, None),
        ["bench", name] => test::bench(&place, Some(name)),
        ["soak"] => test::soak(&place, None),
        ["soak", area] => test::soak(&place, Some(area)),
        ["audit", "verify", chains @ ..] if !chains.is_empty() => up::audit_verify(&place, chains),
        ["trace", what] => up::trace(&place, what),
        ["rebuild", "search", rest @ ..] => up::rebuild_search(&place, rest),
        ["new-function", name] => new_function::new_function(&place, name),
        _ => Err(Stop::Usage),
    }
}
