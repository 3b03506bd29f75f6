//! A file that a page's form sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use crate::{App, Failure, multipart};

/// A form with a file. Only routes of [`crate::guard::TAKES_FILES`] are sent one.
#[derive(Debug, Clone)]
pub struct Files {
    headers: http::HeaderMap,
    body: Bytes,
}

impl Files {
    /// The bytes of a field; none where nothing was chosen.
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        multipart::field(&self.headers, &self.body, name).filter(|bytes| !bytes.is_empty())
    }

    pub fn text(&self, name: &str) -> Option<String> {
        multipart::text(&self.headers, &self.body, name)
    }
}

impl FromRequest<App> for Files {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, app).await.map_err(|_| Failure::TooLarge)?;
        Ok(Self { headers, body })
    }
}
