//! Handlers with the bugs that handlers have, one a name: `leaky <bug>` in the environment of vended credentials.
//!
//! It prints one JSON object: `{"refused": reason}` where AWS refused the call, `{"leaked": what}` where it answered.
//! The code's own checks are absent on purpose: what stops these is IAM.

mod bugs;

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::json;

/// What a bug needs to know: ids and names, from the environment with `LEAKY_` before them.
pub(crate) struct Place(BTreeMap<String, String>);

impl Place {
    #[expect(clippy::disallowed_methods, reason = "a program's own main reads its environment")]
    fn from_env() -> Self {
        let named =
            std::env::vars().filter_map(|(name, value)| Some((name.strip_prefix("LEAKY_")?.to_lowercase(), value)));
        Place(named.collect())
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_else(|| panic!("LEAKY_{} is not set", name.to_uppercase()))
    }

    /// The partition of the client whose credentials these are.
    pub(crate) fn own(&self) -> String {
        format!("T#{}#C#{}", self.get("firm"), self.get("client"))
    }

    /// The partition of another client of the same firm.
    pub(crate) fn other(&self) -> String {
        format!("T#{}#C#{}", self.get("firm"), self.get("other_client"))
    }

    /// The partition of a client of another firm.
    pub(crate) fn foreign(&self) -> String {
        format!("T#{}#C#{}", self.get("foreign_firm"), self.get("foreign_client"))
    }
}

/// What came of a bug.
pub(crate) enum Outcome {
    Refused(String),
    Leaked(String),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(bug) = std::env::args().nth(1) else { return ExitCode::FAILURE };
    let place = Place::from_env();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await;
    let outcome = bugs::run(&bug, &config, &place).await;
    let line = match outcome {
        Outcome::Refused(why) => json!({ "refused": why }),
        Outcome::Leaked(what) => json!({ "leaked": what }),
    };
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
    ExitCode::SUCCESS
}
