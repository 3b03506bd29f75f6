//! Why a command could not go on, and what the reader can do about it.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("unknown command")]
    Usage,
    #[error("`{command}` failed")]
    Failed { command: String },
    #[error("`{program}` could not be started: {source}")]
    Start { program: String, source: io::Error },
    #[error("{what} is missing")]
    Missing { what: &'static str, hint: &'static str },
    #[error("installing {what} failed")]
    Install { what: &'static str, hint: &'static str },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {why}", path.display())]
    Content { path: PathBuf, why: String },
    #[error("{0}")]
    Found(String),
}

impl Stop {
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Stop::Missing { hint, .. } | Stop::Install { hint, .. } => Some(hint),
            _ => None,
        }
    }
}

/// Names the file in an error of the file system.
pub(crate) trait At<T> {
    fn at(self, path: impl Into<PathBuf>) -> Result<T, Stop>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: impl Into<PathBuf>) -> Result<T, Stop> {
        self.map_err(|source| Stop::File { path: path.into(), source })
    }
}
