//! What a page has to know of the request it answers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

use crate::{App, cookies};

/// Never refused: a page for somebody who is not signed in has an empty `csrf`.
#[derive(Debug, Clone)]
pub struct Page {
    /// The session's form token, for every form on the page.
    pub csrf: String,
    /// The address asked for, with its query.
    pub path: String,
    /// htmx asked for the changed part only.
    pub fragment: bool,
}

impl FromRequestParts<App> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self {
            csrf: cookies::session(&parts.headers).map(|token| token.form_token()).unwrap_or_default(),
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            fragment: wants_fragment(&parts.headers),
        })
    }
}

/// A link that htmx follows for the whole page, and a page brought back from history, are asked for whole.
pub(crate) fn wants_fragment(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).is_some_and(|value| value.as_bytes() == b"true");
    says("hx-request") && !says("hx-boosted") && !says("hx-history-restore-request")
}
