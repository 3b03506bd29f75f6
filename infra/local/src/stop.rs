//! Why the program could not go on, and what the reader can do about it.

use std::fmt;
use std::io;
use std::path::Path;

#[derive(Debug)]
pub(crate) struct Stop {
    said: String,
    hint: Option<String>,
}

impl Stop {
    pub(crate) fn new(said: impl Into<String>) -> Stop {
        Stop { said: said.into(), hint: None }
    }

    pub(crate) fn advising(self, hint: impl Into<String>) -> Stop {
        Stop { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.said)
    }
}

/// Names the file, or the program, in an error of the system.
pub(crate) trait At<T> {
    fn at(self, path: &Path) -> Result<T, Stop>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Stop> {
        self.map_err(|why| Stop::new(format!("{}: {why}", path.display())))
    }
}
