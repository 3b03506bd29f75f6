//! Why storage did not do what it was asked.

use std::error::Error;

/// Why a scope that was granted a while ago no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// The session ended.
    SignedOut,
    /// The assignment to this client ended.
    NotTheirs,
    /// The operator suspended the firm.
    Suspended,
    /// The membership or its role changed; asking again gives what holds today.
    Changed,
}

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the scope no longer holds: {0:?}")]
    Revoked(Revoked),
    /// Somebody else changed the row: load it again and decide again.
    #[error("a newer version is stored")]
    Stale,
    /// The same idempotency key was used before; what was answered then.
    #[error("done before")]
    DoneBefore(String),
    /// Everything else: a refusal by IAM is a bug of ours, an outage is not the reader's fault.
    #[error("{what}")]
    Bug {
        what: &'static str,
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

impl StorageError {
    pub(crate) fn bug(what: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Bug { what, cause: cause.into() }
    }
}

/// Names the step in which a call failed.
pub(crate) trait During<T> {
    fn during(self, what: &'static str) -> Result<T, StorageError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> During<T> for Result<T, E> {
    fn during(self, what: &'static str) -> Result<T, StorageError> {
        self.map_err(|cause| StorageError::bug(what, cause))
    }
}
