//! Where things lie, from the environment; and how other programs are started, so that nothing they do can reach a
//! real account.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::stop::Stop;

/// Begins the name of every resource.
pub(crate) const PREFIX: &str = "portico";
pub(crate) const REGION: &str = "us-east-1";
/// The sender of every mail.
pub(crate) const SENDER: &str = "no-reply@portico.example";
/// Where answers to mails come in.
pub(crate) const REPLIES: &str = "reply.portico.example";
/// Who runs the platform here.
pub(crate) const OPERATOR: &str = "platform@portico.example";

pub(crate) struct Settings {
    pub(crate) root: PathBuf,
    pub(crate) state: PathBuf,
    /// Templates and binaries, laid out as the templates name them.
    pub(crate) stage: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) sam: PathBuf,
    /// The program that draws the page of components.
    pub(crate) components: PathBuf,
    /// The program that fills a new portal, by its own pages and API.
    pub(crate) seed: PathBuf,
    path: OsString,
    /// Variables of the reader's own AWS and proxies, and ours, which no program started here may see.
    foreign: Vec<OsString>,
}

impl Settings {
    #[expect(clippy::disallowed_methods, reason = "the one place where this program reads its environment")]
    pub(crate) fn from_env() -> Result<Settings, Stop> {
        let mut missing = Vec::new();
        let mut path = |name: &'static str| {
            std::env::var_os(name).map(PathBuf::from).unwrap_or_else(|| {
                missing.push(name);
                PathBuf::new()
            })
        };
        let settings = Settings {
            root: path("PORTICO_ROOT"),
            state: path("PORTICO_STATE"),
            stage: path("PORTICO_STAGE"),
            python: path("PORTICO_EMULATOR_PYTHON"),
            sam: path("PORTICO_SAM"),
            components: path("PORTICO_COMPONENTS"),
            seed: path("PORTICO_SEED"),
            path: std::env::var_os("PATH").unwrap_or_default(),
            foreign: std::env::vars_os().map(|(name, _)| name).filter(|name| is_foreign(name)).collect(),
        };
        if missing.is_empty() {
            return Ok(settings);
        }
        Err(Stop::new(format!("{} not set", missing.join(", "))).advising("Start it with: cargo xtask up"))
    }

    /// What has to be there before anything is started, each named with where it comes from.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        for path in [&self.python, &self.sam, &self.stage.join("template.yaml")] {
            if !path.exists() {
                return Err(Stop::new(format!("{} is missing", path.display()))
                    .advising("`cargo xtask up` installs and builds what this needs."));
            }
        }
        let wanted = [
            ("clamscan", "It scans uploads. On Debian: apt-get install clamav"),
            ("tesseract", "It reads scanned pages. On Debian: apt-get install tesseract-ocr"),
        ];
        if let Some((program, advice)) = wanted.into_iter().find(|(program, _)| !self.on_path(program)) {
            return Err(Stop::new(format!("{program} is missing")).advising(advice));
        }
        Ok(())
    }

    fn on_path(&self, program: &str) -> bool {
        std::env::split_paths(&self.path).any(|dir| dir.join(program).exists())
    }

    /// A program that can reach the emulator at `endpoint`, as its root, and no other AWS. It ends with this one.
    pub(crate) fn command(&self, program: &Path, endpoint: &str) -> Command {
        let mut command = Command::new(program);
        for name in &self.foreign {
            command.env_remove(name);
        }
        command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "test");
        command.env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_DEFAULT_REGION", REGION).env("AWS_REGION", REGION);
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

fn is_foreign(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    ["AWS_", "SAM_CLI_", "PORTICO_"].iter().any(|prefix| name.starts_with(prefix)) || name.ends_with("_PROXY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_own_account_and_proxies_stay_out() {
        for (name, want) in [
            ("AWS_PROFILE", true),
            ("AWS_ENDPOINT_URL_S3", true),
            ("https_proxy", true),
            ("PATH", false),
            ("HOME", false),
        ] {
            assert_eq!(is_foreign(name.as_ref()), want, "{name}");
        }
    }
}
