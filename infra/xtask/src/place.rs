//! Where things lie: the checkout, the cache of tools, the build directory, the state of a running portal.

use std::path::PathBuf;
use std::process::Command;

use crate::stop::Stop;

pub(crate) struct Place {
    pub(crate) root: PathBuf,
    /// Tools that are downloaded once per machine: `PORTICO_CACHE`, or `~/.cache/portico`.
    pub(crate) cache: PathBuf,
    pub(crate) target_dir: PathBuf,
    /// What `up` keeps between runs.
    pub(crate) state: PathBuf,
}

impl Place {
    #[expect(clippy::disallowed_methods, reason = "the one place where this program reads its environment")]
    pub(crate) fn from_env() -> Result<Place, Stop> {
        // Cargo says at run time whose program it runs. What was compiled in could be another checkout's, where two
        // of them share a build directory.
        let manifest =
            std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest.ancestors().nth(2).unwrap_or(&manifest).to_path_buf();
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let cache = match (std::env::var_os("PORTICO_CACHE"), home) {
            (Some(named), _) => PathBuf::from(named),
            (None, Some(home)) => home.join(".cache/portico"),
            (None, None) => {
                return Err(Stop::Missing {
                    what: "a directory for tools",
                    hint: "Set HOME, or PORTICO_CACHE to a directory that may hold about 600 MB.",
                });
            }
        };
        let target_dir = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(named) => root.join(named), // an absolute one replaces the root
            None => root.join("target"),
        };
        Ok(Place { state: root.join(".portico"), root, cache, target_dir })
    }

    /// A built binary.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target_dir.join(target()).join("debug").join(name)
    }

    /// A built example, which is how a library brings a program along.
    pub(crate) fn example(&self, name: &str) -> PathBuf {
        self.binary("examples").join(name)
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target_dir);
        command
    }
}

/// The host's own Linux triple. Naming it, even where it is the host, keeps build scripts apart from the product, so
/// that one set of compiled crates serves the functions, the tests and the lints' sources alike.
pub(crate) fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
