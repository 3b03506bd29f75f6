//! `test`, `bench` and `soak`: one local AWS of their own, on free ports, wiped afterwards.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::asvs;
use crate::build::{Staged, build};
use crate::check;
use crate::place::{Place, target};
use crate::process::{run, say, spawn, step};
use crate::soak;
use crate::stop::{At, Stop};
use crate::tools;
use crate::up;

/// Programs that tests start, and the Debian packages that bring them.
const PROGRAMS: [(&str, &str); 3] = [("chromium", "chromium"), ("pdftotext", "poppler-utils"), ("qpdf", "qpdf")];

/// The last lines of a log that are shown when tests failed.
const COMPLAINTS_SAID: usize = 40;

/// Checks, then all tests against a portal whose start proved the isolation first (its canary); or those of one area.
pub(crate) fn test(place: &Place, area: Option<&str>) -> Result<(), Stop> {
    // Before anything that takes time.
    let proofs = area == Some(asvs::AREA);
    let chosen = area.filter(|_| !proofs).map(|area| of_area(place, area)).transpose()?;
    check::check(place)?;
    let portal = Portal::start(place)?;
    if proofs || area.is_none() {
        step("the table of tests/asvs.toml");
        let table = asvs::Table::agreed(place)?;
        if proofs {
            return table.run(portal.nextest(place)?);
        }
    }
    step("tests");
    let mut tests = portal.nextest(place)?;
    if let Some(chosen) = chosen {
        tests.args(["-E", &chosen]);
    }
    run(&mut tests).inspect_err(|_| portal.say_what_went_wrong())?;
    portal.say_what_was_read();
    Ok(())
}

/// A module of `tests/cases`, a library or a function of that name: as many of them as there are.
fn of_area(place: &Place, area: &str) -> Result<String, Stop> {
    let there = |path: String| place.root.join(path).exists();
    let mut chosen = Vec::new();
    if there(format!("tests/cases/{area}.rs")) {
        chosen.push(format!("(package(e2e) & test(/^{area}::/))"));
    }
    if there(format!("shared/{area}/Cargo.toml")) {
        chosen.push(format!("package({area})"));
    }
    if there(format!("functions/{area}/Cargo.toml")) {
        chosen.push(format!("package(fn-{area})"));
    }
    if chosen.is_empty() {
        let why = format!("no area is called `{area}`: name a module of tests/cases, a library or a function");
        return Err(Stop::Found(why));
    }
    Ok(chosen.join(" | "))
}

/// Measurements: the tests of `tests/cases/bench`, which print what they find.
pub(crate) fn bench(place: &Place, name: Option<&str>) -> Result<(), Stop> {
    let portal = Portal::start(place)?;
    let chosen = format!("package(e2e) & test(/^bench::{}/)", name.unwrap_or(""));
    let mut command = portal.nextest(place)?;
    command.args(["--run-ignored", "all", "--no-capture", "-E", &chosen]).env("PORTICO_BENCH", "1");
    run(&mut command)
}

/// The same tests at the volumes that the product promises; the report is kept.
pub(crate) fn soak(place: &Place, area: Option<&str>) -> Result<(), Stop> {
    let commit = soak::commit(place)?;
    let portal = Portal::start(place)?;
    let chosen = match area {
        // The rules of an area are simulated beside the code that they are in.
        Some(area) => {
            format!("package(e2e) & test(/^{area}(::|$)/) | package(domain) & test(/^{area}::.*simulation::/)")
        }
        None => "package(e2e) & not test(/^bench::/) | package(domain) & test(/::simulation::/)".to_owned(),
    };
    let counts = portal.state.join("soak-counts");
    let mut command = portal.nextest(place)?;
    command
        .args(["--run-ignored", "all", "--no-fail-fast", "-E", &chosen])
        .env("PORTICO_SOAK", &counts)
        .stderr(Stdio::piped());
    let output = spawn(&mut command)?.wait_with_output();
    let output = output.map_err(|source| Stop::Start { program: "cargo nextest".into(), source })?;
    let lines = String::from_utf8_lossy(&output.stderr).into_owned();
    say(&lines);
    let counted = fs::read_to_string(&counts).unwrap_or_default();
    soak::write(place, area.unwrap_or("all"), &soak::section(&commit, &lines, &counted))?;
    if output.status.success() { Ok(()) } else { Err(Stop::Found("the soak found failures".into())) }
}

/// A local AWS for one run. Dropping it ends it and removes its data.
struct Portal {
    child: Child,
    state: PathBuf,
    url: String,
    stage: PathBuf,
    modules: PathBuf,
    corpus: PathBuf,
}

impl Portal {
    fn start(place: &Place) -> Result<Portal, Stop> {
        tools::nextest()?;
        tools::debian(&PROGRAMS)?;
        tools::debian(&tools::READERS)?;
        let (modules, corpus) = (tools::npm(place)?, tools::corpus(place)?);
        let staged = build(place)?;
        let state = place.target_dir.join(format!("portal-{}", std::process::id()));
        fs::create_dir_all(&state).at(&state)?;
        Self::spawn(place, &staged, state, modules, corpus)
    }

    fn spawn(
        place: &Place,
        staged: &Staged,
        state: PathBuf,
        modules: PathBuf,
        corpus: PathBuf,
    ) -> Result<Portal, Stop> {
        let mut command = up::local(place, staged, &state)?;
        command.args(["up", "--port", "0", "--no-seed", "--throwaway"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let (child, stage) = (spawn(&mut command)?, staged.dir.clone());
        let mut portal = Portal { child, state, url: String::new(), stage, modules, corpus };
        match up::ready(&mut portal.child) {
            Some(url) => portal.url = url,
            None => {
                return Err(Stop::Found("the portal for the tests did not start; see above".into()));
            }
        }
        Ok(portal)
    }

    /// The corpus' table, which the runner does not show of a test that passed.
    fn say_what_was_read(&self) {
        if let Ok(report) = fs::read_to_string(self.corpus.join("report.txt")) {
            step("words of files that nobody here made");
            say(&report);
        }
    }

    /// What the local AWS complained of, which is gone with the portal: a function that ran out of time says there which
    /// of them it was and when.
    fn say_what_went_wrong(&self) {
        let log = fs::read_to_string(self.state.join("emulator.log")).unwrap_or_default();
        let complaints: Vec<&str> =
            log.lines().filter(|line| line.contains("timed out") || line.contains(" ERROR ")).collect();
        step(&format!("{} complaints of the local AWS, the last of them", complaints.len()));
        let last = complaints.iter().skip(complaints.len().saturating_sub(COMPLAINTS_SAID));
        for line in last {
            say(line);
        }
    }

    /// The test runner. What tests know of the portal stands in `instance.json`, as `local` wrote it.
    fn nextest(&self, place: &Place) -> Result<Command, Stop> {
        let path = self.state.join("instance.json");
        let text = fs::read_to_string(&path).at(&path)?;
        let instance: serde_json::Value =
            serde_json::from_str(&text).map_err(|why| Stop::Content { path: path.clone(), why: why.to_string() })?;
        let mut command = place.cargo();
        command.args(["nextest", "run", "--workspace", "--target", &target()]);
        command.args(["--config-file", ".cargo/nextest.toml"]);
        command.env("PORTICO_URL", &self.url).env("PORTICO_STATE", &self.state).env("PORTICO_ROOT", &place.root);
        command.env("PORTICO_STAGE", &self.stage);
        command.env("PORTICO_NODE_MODULES", &self.modules).env("PORTICO_SEED", place.example("seed"));
        command.env("PORTICO_CORPUS", &self.corpus);
        command.env("PORTICO_CORPUS_PYTHON", tools::python_env(place, "corpus")?.join("python"));
        command.env("PORTICO_EMULATOR_PYTHON", tools::python_env(place, "emulator")?.join("python"));
        for (name, field) in [
            ("PORTICO_EMULATOR", "emulator_url"),
            ("PORTICO_PREFIX", "prefix"),
            ("PORTICO_API", "api_url"),
            ("PORTICO_BUCKET", "bucket"),
            ("PORTICO_FAULT_CONTROL", "fault_control"),
        ] {
            if let Some(value) = instance[field].as_str() {
                command.env(name, value);
            }
        }
        Ok(command)
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.state);
    }
}
