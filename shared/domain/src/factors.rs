//! How a person proves who it is: what was presented at sign-in, and what a session still waits for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod held;
mod policy;
mod tries;

pub use held::{CodeApp, EnrolRefused, Held, Offered, Passkey, Typed, recovery_code, step_of, step_that_counts};
pub use policy::{Asked, FactorPolicy, FirmSays, Member, Onward, onward, reset_holds};
pub use tries::Tries;

/// One way of proving it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The link that was mailed to the address.
    Link,
    /// The code in the same mail.
    Code,
    Passkey,
    Totp,
    RecoveryCode,
    /// The firm's or company's own sign-in.
    Sso,
}

impl Means {
    /// In words, after "signed in by".
    pub fn words(self) -> &'static str {
        match self {
            Means::Link => "mailed link",
            Means::Code => "mailed code",
            Means::Passkey => "passkey",
            Means::Totp => "code of an app",
            Means::RecoveryCode => "recovery code",
            Means::Sso => "your organisation's sign-in",
        }
    }
}

/// What a session stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    pub first: Means,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Means>,
    /// When the person last signed in: neither a change of membership nor a step-up makes a session younger.
    pub at: Timestamp,
}

impl Proven {
    pub fn by(first: Means, at: Timestamp) -> Self {
        Self { first, second: None, at }
    }
}

/// What a session waits for before it is good for anything but the pages that fulfil it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// The person has a second factor, and has not shown it yet.
    SecondFactor,
    /// The firm asks for a second factor, the time to enrol is over, and the person has none.
    Enrol,
}
