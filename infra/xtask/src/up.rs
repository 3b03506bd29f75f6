//! `up` and `down`: one portal per checkout, with its data in `.portico`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::build::{self, Staged, build};
use crate::place::Place;
use crate::process::{say, spawn, step};
use crate::stop::{At, Stop};
use crate::tools;
use crate::watch;

#[derive(Default)]
struct Options {
    detach: bool,
    watch: bool,
    /// What `local` reads itself.
    passed_on: Vec<String>,
}

pub(crate) fn up(place: &Place, args: &[&str]) -> Result<(), Stop> {
    let options = parse(args)?;
    let staged = build(place)?;
    tools::debian(&tools::READERS)?;
    let mut command = local(place, &staged, &place.state)?;
    command.arg("up").args(&options.passed_on);
    if options.detach {
        return detach(place, command);
    }
    let child = spawn(&mut command)?;
    if options.watch { watch::watch(place, &staged, child) } else { wait(child) }
}

pub(crate) fn down(place: &Place) -> Result<(), Stop> {
    let staged = build::local(place);
    if !staged.exists() {
        say("nothing is running");
        return Ok(());
    }
    wait(spawn(Command::new(staged).arg("down").arg("--state").arg(&place.state))?)
}

/// Verifies chains of the running portal: one program reads them, another, which knows no AWS, checks each link.
pub(crate) fn audit_verify(place: &Place, chains: &[&str]) -> Result<(), Stop> {
    let instance = instance(place)?;
    build(place)?;
    with_chains(place, &instance, chains, &mut Command::new(place.example("verify")))
}

/// From the code on a leaked copy, or from the copy itself, to the event in the running portal's audit. As the audit is
/// read here, only whoever owns the table can ask.
pub(crate) fn trace(place: &Place, what: &str) -> Result<(), Stop> {
    let instance = instance(place)?;
    build(place)?;
    let codes = if Path::new(what).is_file() { codes(place, what)? } else { vec![what.to_owned()] };
    with_chains(place, &instance, &["all"], Command::new(place.example("trace")).args(codes))
}

fn codes(place: &Place, file: &str) -> Result<Vec<String>, Stop> {
    let mut read = Command::new(place.example("codes"));
    let output = read.arg(file).stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| Stop::Start { program: "codes".into(), source })?;
    if !output.status.success() {
        return Err(Stop::Found(format!("{file} leads to no event")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn instance(place: &Place) -> Result<PathBuf, Stop> {
    let instance = place.state.join("instance.json");
    if instance.exists() { Ok(instance) } else { Err(Stop::Found("no portal is running here: cargo xtask up".into())) }
}

/// Hands the chains, as they are stored, to a program that knows no AWS.
fn with_chains(place: &Place, instance: &Path, chains: &[&str], reader: &mut Command) -> Result<(), Stop> {
    let mut read = Command::new(tools::python_env(place, "emulator")?.join("python"));
    read.arg(place.root.join("infra/local/steps/chains.py")).arg(instance).args(chains).stdout(Stdio::piped());
    let mut read = spawn(&mut read)?;
    let lines = read.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let checked = wait(spawn(reader.stdin(lines))?);
    wait(read)?;
    checked
}

/// Has search indexes made anew: the step sends the messages, the indexer of the portal does the work.
pub(crate) fn rebuild_search(place: &Place, args: &[&str]) -> Result<(), Stop> {
    let mut command = Command::new(tools::python_env(place, "emulator")?.join("python"));
    command.arg(place.root.join("infra/local/steps/rebuild_search.py"));
    if args.first() != Some(&"--prefix") {
        command.arg("--instance").arg(instance(place)?);
    }
    wait(spawn(command.args(args))?)
}

fn parse(args: &[&str]) -> Result<Options, Stop> {
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(&arg) = rest.next() {
        match arg {
            "--detach" => options.detach = true,
            "--watch" => options.watch = true,
            "--fresh" | "--no-seed" | "--throwaway" => options.passed_on.push(arg.to_owned()),
            "--port" => {
                let port = rest.next().filter(|port| port.parse::<u16>().is_ok()).ok_or(Stop::Usage)?;
                options.passed_on.extend([arg.to_owned(), (*port).to_owned()]);
            }
            _ => return Err(Stop::Usage),
        }
    }
    if options.detach && options.watch { Err(Stop::Usage) } else { Ok(options) }
}

/// The program that speaks to AWS, with what it needs to know about this checkout.
pub(crate) fn local(place: &Place, staged: &Staged, state: &Path) -> Result<Command, Stop> {
    let emulator = tools::python_env(place, "emulator")?;
    let deploy = tools::python_env(place, "deploy")?;
    let mut command = Command::new(&staged.local);
    command.env("PORTICO_STATE", state).env("PORTICO_ROOT", &place.root).env("PORTICO_STAGE", &staged.dir);
    command.env("PORTICO_EMULATOR_PYTHON", emulator.join("python")).env("PORTICO_SAM", deploy.join("sam"));
    // The example of `web` that draws every component, and the one of `testkit` that fills a new portal.
    command.env("PORTICO_COMPONENTS", place.example("components")).env("PORTICO_SEED", place.example("seed"));
    Ok(command)
}

/// Returns when the portal is ready, leaving it to run on its own.
fn detach(place: &Place, mut command: Command) -> Result<(), Stop> {
    fs::create_dir_all(&place.state).at(&place.state)?;
    let log = place.state.join("up.log");
    let file = fs::File::create(&log).at(&log)?;
    step(&format!("starting; the log is {}", log.display()));
    // Its own process group: Ctrl-C in this terminal is not meant for it.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).process_group(0);
    let mut child = spawn(&mut command)?;
    match ready(&mut child) {
        Some(url) => {
            let _ = writeln!(std::io::stdout(), "{url}");
            Ok(())
        }
        None => {
            say(fs::read_to_string(&log).at(&log)?.trim_end());
            Err(Stop::Found("the portal did not start".into()))
        }
    }
}

/// The address that `local` prints when it is ready; nothing when it ended before.
pub(crate) fn ready(child: &mut Child) -> Option<String> {
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    line.starts_with("http").then(|| line.trim_end().to_owned())
}

fn wait(mut child: Child) -> Result<(), Stop> {
    let status = child.wait().map_err(|source| Stop::Start { program: "local".into(), source })?;
    if status.success() { Ok(()) } else { Err(Stop::Found("stopped with an error; see above".into())) }
}
