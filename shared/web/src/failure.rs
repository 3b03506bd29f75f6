//! What a handler answers when it does not do what it was asked, as one enum; and the only place where a refusal
//! becomes words, a problem document (RFC 9457) or a page.
//!
//! "Not yours" is the same variant as "not there", so that the two cannot differ by a byte. A bug shows a reference;
//! its chain of causes goes to the log, once.

use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use domain::document::DocumentRefused;
use domain::factors::Wait;
use domain::project::ProjectRefused;
use domain::request::RequestRefused;
use http::StatusCode;
use storage::{Revoked, StorageError};

mod answer;

pub(crate) use answer::{Asked, Problem, answer, keep_headers};

#[derive(Debug)]
pub enum Failure {
    /// Nobody is signed in, or no longer.
    SignIn,
    NotFound,
    /// Theirs, but the role does not include it.
    Forbidden,
    /// Theirs, once they have proved again who they are.
    Unconfirmed,
    /// The session is not good for anything else before this.
    Waits(Wait),
    /// The operator suspended the firm.
    Suspended,
    /// Looking at a client's portal as one of its people: nothing can be changed meanwhile.
    Viewing,
    /// The time for that is over.
    ViewingOver,
    /// What was sent cannot be accepted; the sentence says what to do.
    Refused(String),
    /// Somebody else was faster.
    Conflict(String),
    /// The person's own rights changed while they worked: asking again gives what holds now.
    Changed,
    TooMany {
        retry_after_seconds: u64,
    },
    TooLarge,
    /// There is such an address, but not for this method.
    Method,
    /// A body that is neither a form nor JSON.
    MediaType,
    /// An unsafe request that no page of ours has sent.
    CrossSite,
    /// Ours to mend.
    Bug(Box<dyn Error + Send + Sync>),
}

/// The failure that an answer stands for, on its way to the door, where it gets words.
#[derive(Debug, Clone)]
pub(crate) struct Failed(pub(crate) Arc<Failure>);

impl Failure {
    pub fn bug(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Bug(cause.into())
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Failure::SignIn => StatusCode::UNAUTHORIZED,
            Failure::NotFound => StatusCode::NOT_FOUND,
            Failure::Forbidden
            | Failure::CrossSite
            | Failure::Unconfirmed
            | Failure::Waits(_)
            | Failure::Suspended
            | Failure::Viewing
            | Failure::ViewingOver => StatusCode::FORBIDDEN,
            Failure::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Failure::Conflict(_) | Failure::Changed => StatusCode::CONFLICT,
            Failure::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::Method => StatusCode::METHOD_NOT_ALLOWED,
            Failure::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Failure::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Its stable name: the end of a problem's `type`, and the word in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Failure::SignIn => "sign-in",
            Failure::NotFound => "not-found",
            Failure::Forbidden => "forbidden",
            Failure::Unconfirmed => "confirmation-required",
            Failure::Waits(Wait::SecondFactor) => "second-factor-required",
            Failure::Waits(Wait::Enrol) => "enrolment-required",
            Failure::Suspended => "firm-suspended",
            Failure::Viewing => "viewing-only",
            Failure::ViewingOver => "viewing-over",
            Failure::Refused(_) => "refused",
            Failure::Conflict(_) => "conflict",
            Failure::Changed => "changed",
            Failure::TooMany { .. } => "too-many",
            Failure::TooLarge => "too-large",
            Failure::Method => "method",
            Failure::MediaType => "media-type",
            Failure::CrossSite => "cross-site",
            Failure::Bug(_) => "bug",
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Failed(Arc::new(self)));
        response
    }
}

impl From<access::Denied> for Failure {
    fn from(denied: access::Denied) -> Self {
        match denied {
            access::Denied::SignedOut => Failure::SignIn,
            access::Denied::NotTheirs => Failure::NotFound,
            access::Denied::Lacks | access::Denied::LacksWith(_) => Failure::Forbidden,
            access::Denied::Unconfirmed => Failure::Unconfirmed,
            access::Denied::Waits(wait) => Failure::Waits(wait),
            access::Denied::Suspended => Failure::Suspended,
            access::Denied::ViewingOver => Failure::ViewingOver,
            access::Denied::Vendor(_) => Failure::bug(denied),
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Revoked(Revoked::SignedOut) => Failure::SignIn,
            StorageError::Revoked(Revoked::NotTheirs) => Failure::NotFound,
            StorageError::Revoked(Revoked::Suspended) => Failure::Suspended,
            StorageError::Revoked(Revoked::Changed) => Failure::Changed,
            StorageError::Stale => Failure::Conflict(CHANGED_MEANWHILE.into()),
            // A handler that takes idempotency keys gives the answer of then; any other has sent one twice by itself.
            StorageError::DoneBefore(_) => Failure::Conflict("This has been done already.".into()),
            StorageError::Bug { .. } => Failure::bug(error),
        }
    }
}

const CHANGED_MEANWHILE: &str =
    "Somebody else changed this at the same time. Reload the page to see it, then make your change again.";

impl From<ProjectRefused> for Failure {
    fn from(refused: ProjectRefused) -> Self {
        match refused {
            ProjectRefused::Stale => Failure::Conflict(refused.to_string()),
            other => Failure::Refused(other.to_string()),
        }
    }
}

/// Refusals that are sentences for people already.
macro_rules! refused {
    ($($refusal:ty),* $(,)?) => {$(
        impl From<$refusal> for Failure {
            fn from(refused: $refusal) -> Self { Failure::Refused(refused.to_string()) }
        }
    )*};
}

impl From<DocumentRefused> for Failure {
    fn from(refused: DocumentRefused) -> Self {
        match refused {
            DocumentRefused::Stale => Failure::Conflict(refused.to_string()),
            other => Failure::Refused(other.to_string()),
        }
    }
}

impl From<RequestRefused> for Failure {
    fn from(refused: RequestRefused) -> Self {
        match refused {
            RequestRefused::Stale => Failure::Conflict(refused.to_string()),
            // A line that was taken off the list names nothing.
            RequestRefused::NoSuchLine => Failure::NotFound,
            other => Failure::Refused(other.to_string()),
        }
    }
}

refused!(
    domain::document::PartsRefused,
    domain::email::EmailRefused,
    domain::text::TextRefused,
    domain::calendar::CalendarRefused,
    domain::person::change::ChangeRefused,
    domain::firm::AssignmentRefused,
    domain::notice::phone::PhoneCodeRefused,
    domain::message::AttachRefused,
    domain::message::UnsentRefused,
    domain::parcel::ParcelRefused,
);

impl From<domain::message::MessageRefused> for Failure {
    fn from(refused: domain::message::MessageRefused) -> Self {
        match refused {
            domain::message::MessageRefused::TooMany { again_in_seconds } => {
                Failure::TooMany { retry_after_seconds: again_in_seconds }
            }
            other => Failure::Refused(other.to_string()),
        }
    }
}

/// All that is wrong with a form, for those who see none.
impl From<Vec<domain::person::FieldRefused>> for Failure {
    fn from(refused: Vec<domain::person::FieldRefused>) -> Self {
        let words: Vec<String> =
            refused.into_iter().map(|refused| format!("{}: {}", refused.field, refused.why)).collect();
        Failure::Refused(words.join(" "))
    }
}

/// An id that is none names nothing.
impl From<domain::ids::IdRefused> for Failure {
    fn from(_: domain::ids::IdRefused) -> Self {
        Failure::NotFound
    }
}
