//! Everything that can be said about the code without running it.

use std::fs;
use std::process::Command;

use crate::advisories;
use crate::place::{Place, target};
use crate::policies;
use crate::process::{run, run_quiet, step};
use crate::stop::{At, Stop};
use crate::tools;

pub(crate) fn check(place: &Place) -> Result<(), Stop> {
    step("format");
    run(place.cargo().args(["fmt", "--all", "--check", "--", "--files-with-diff"]))
        .map_err(|_| Stop::Found("the files above are not formatted: cargo fmt --all".into()))?;
    step("lints");
    let mut clippy = place.cargo();
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--target", &target(), "--", "-D", "warnings"]);
    run(&mut clippy)?;
    step("advisories");
    advisories::check(place)?;
    step("bans and licences");
    let bin = tools::python_env(place, "checks")?;
    // A build fetches what this machine needs; the judge looks at every platform's crates, and has no network.
    run_quiet(place.cargo().args(["fetch", "--locked"]))?;
    let mut deny = Command::new(bin.join("cargo-deny"));
    deny.current_dir(&place.root).args([
        "--offline",
        "--config",
        ".cargo/deny.toml",
        "check",
        "bans",
        "licenses",
        "sources",
    ]);
    run_quiet(&mut deny)?;
    templates(place)
}

/// The root template and each stack that it nests, which the tool does not follow by itself.
fn templates(place: &Place) -> Result<(), Stop> {
    step("templates");
    policies::check(place)?;
    let bin = tools::python_env(place, "deploy")?;
    let infra = place.root.join("infra");
    let mut files = vec![place.root.join("template.yaml")];
    for entry in fs::read_dir(&infra).at(&infra)? {
        files.push(entry.at(&infra)?.path());
    }
    for file in files.iter().filter(|path| path.exists() && path.extension().is_some_and(|found| found == "yaml")) {
        let mut validate = Command::new(bin.join("sam"));
        validate.current_dir(&place.root).args(["validate", "--lint", "--template"]).arg(file);
        validate.env("SAM_CLI_TELEMETRY", "0").env("AWS_DEFAULT_REGION", "us-east-1");
        run_quiet(&mut validate)?;
    }
    Ok(())
}
