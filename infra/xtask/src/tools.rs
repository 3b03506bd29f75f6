//! Tools that the build and the tests need, each installed once: Python environments by the hash of their
//! requirements, Debian packages, npm packages.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::place::Place;
use crate::process::{answers, run, run_quiet, say, step};
use crate::stop::{At, Stop};

const NO_NETWORK: &str = "The first run downloads its tools and needs a network. Later runs do not.";

/// A Python environment with exactly the packages of `infra/local/tools/<name>.txt`; the path of its `bin`.
pub(crate) fn python_env(place: &Place, name: &str) -> Result<PathBuf, Stop> {
    let list = place.root.join(format!("infra/local/tools/{name}.txt"));
    let wanted = fs::read(&list).at(&list)?;
    let env = place.cache.join(format!("{name}-{:016x}", hash(&wanted)));
    let done = env.join("installed");
    if done.exists() {
        return Ok(env.join("bin"));
    }
    let python = python()?;
    step(&format!("installing Python packages ({name}) into {}", env.display()));
    // A half-made environment of an interrupted run is of no use.
    if env.exists() {
        fs::remove_dir_all(&env).at(&env)?;
    }
    fs::create_dir_all(&place.cache).at(&place.cache)?;
    run_quiet(Command::new(python).args(["-m", "venv"]).arg(&env))
        .map_err(|_| Stop::Install { what: "a Python environment", hint: "On Debian: apt-get install python3-venv" })?;
    let mut pip = Command::new(env.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"]);
    run(pip.arg(&list)).map_err(|_| Stop::Install { what: "Python packages", hint: NO_NETWORK })?;
    fs::write(&done, b"").at(&done)?;
    Ok(env.join("bin"))
}

/// Files that nobody here made, each with its words as another program reads them; the folder that they lie in.
pub(crate) fn corpus(place: &Place) -> Result<PathBuf, Stop> {
    let bin = python_env(place, "corpus")?;
    let folder = place.cache.join("corpus");
    if !folder.join("laid").exists() {
        step(&format!("fetching the corpus of documents into {}", folder.display()));
    }
    fs::create_dir_all(&folder).at(&folder)?;
    let mut lay_out = Command::new(bin.join("python"));
    lay_out.arg(place.root.join("tests/judges/corpus.py")).arg(place.root.join("tests/corpus.toml")).arg(&folder);
    run(&mut lay_out).map_err(|_| Stop::Install { what: "the corpus of documents", hint: NO_NETWORK })?;
    Ok(folder)
}

fn python() -> Result<&'static str, Stop> {
    let new_enough = "import sys, venv; sys.exit(sys.version_info < (3, 11))";
    let works = |name: &&str| {
        let mut command = Command::new(name);
        command.args(["-c", new_enough]).output().is_ok_and(|output| output.status.success())
    };
    ["python3", "python3.11", "python3.12", "python3.13"].into_iter().find(works).ok_or(Stop::Missing {
        what: "Python 3.11 or newer with its venv module",
        hint: "The local AWS runs on it. On Debian: apt-get install python3 python3-venv",
    })
}

/// Programs without which documents cannot be scanned and read: by a program or a file that each package brings.
pub(crate) const READERS: [(&str, &str); 5] = [
    ("clamscan", "clamav"),
    ("/usr/share/tesseract-ocr/5/tessdata/eng.traineddata", "tesseract-ocr"),
    ("/usr/share/tesseract-ocr/5/tessdata/deu.traineddata", "tesseract-ocr-deu"),
    ("/usr/share/tesseract-ocr/5/tessdata/fra.traineddata", "tesseract-ocr-fra"),
    ("/usr/share/tesseract-ocr/5/tessdata/spa.traineddata", "tesseract-ocr-spa"),
];

/// Debian packages, by a program or a file that each brings.
pub(crate) fn debian(wanted: &[(&str, &str)]) -> Result<(), Stop> {
    let is_missing = |brought: &str| {
        let here = if brought.starts_with('/') { Path::new(brought).exists() } else { answers("which", brought) };
        !here
    };
    let missing: Vec<&str> =
        wanted.iter().filter(|(brought, _)| is_missing(brought)).map(|&(_, package)| package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step(&format!("installing Debian packages: {}", missing.join(" ")));
    let hint = "Install the packages named above (apt-get install, as root) and run this again.";
    let mut install = Command::new("apt-get");
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive");
    if run_quiet(&mut install).is_ok() {
        return Ok(());
    }
    say("    refreshing the package list");
    run_quiet(Command::new("apt-get").arg("update")).map_err(|_| Stop::Install { what: "Debian packages", hint })?;
    run_quiet(&mut install).map_err(|_| Stop::Install { what: "Debian packages", hint })
}

/// What the browser tests and the second policy judge need, as `tests/package-lock.json` pins it; the path of
/// `node_modules`.
pub(crate) fn npm(place: &Place) -> Result<PathBuf, Stop> {
    if !answers("node", "--version") || !answers("npm", "--version") {
        return Err(Stop::Missing {
            what: "Node.js 20 or newer with npm",
            hint: "The browser tests run on it. On Debian: apt-get install nodejs npm",
        });
    }
    let lock = place.root.join("tests/package-lock.json");
    let manifest = place.root.join("tests/package.json");
    let wanted = fs::read(&lock).at(&lock)?;
    let dir = place.cache.join(format!("npm-{:016x}", hash(&wanted)));
    let done = dir.join("installed");
    if !done.exists() {
        step(&format!("installing npm packages into {}", dir.display()));
        fs::create_dir_all(&dir).at(&dir)?;
        copy(&lock, &dir.join("package-lock.json"))?;
        copy(&manifest, &dir.join("package.json"))?;
        let mut ci = Command::new("npm");
        ci.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&dir);
        run(&mut ci).map_err(|_| Stop::Install { what: "npm packages", hint: NO_NETWORK })?;
        fs::write(&done, b"").at(&done)?;
    }
    Ok(dir.join("node_modules"))
}

pub(crate) fn nextest() -> Result<(), Stop> {
    if answers("cargo-nextest", "--version") {
        return Ok(());
    }
    Err(Stop::Missing {
        what: "cargo-nextest",
        hint: "It runs the tests in parallel: cargo install --locked cargo-nextest",
    })
}

fn copy(from: &Path, to: &Path) -> Result<(), Stop> {
    fs::copy(from, to).map(|_| ()).at(from)
}

/// Names a directory after its content. A different hash in another Rust release costs one more download.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
