//! What a request has to show before its handler sees it: a bounded body and, where it may change something, that a
//! page or program of ours sent it and not a page of another site.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use domain::limits;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, Method};

use crate::door::Notes;
use crate::routes::{Access, Route};
use crate::{App, Failure, cookies, multipart};

mod ways;

pub(crate) use ways::token_may;
pub use ways::{TOKEN_MAY, VIEWING_MAY, VIEWING_SEES};

/// Routes that other sites post to by design, by method and path. Each needs a proof of its own in the request.
pub const ORIGIN_EXEMPT: &[(Method, &str)] = &[
    // A provider's page posts the answer; it is signed, and bound to the browser by a cookie.
    (Method::POST, "/sso/saml/acs"),
    // A mail program posts it for whoever presses "unsubscribe"; the address is signed.
    (Method::POST, "/unsubscribe/{token}"),
];

/// Routes that take a file beside fields. No other reads such a body.
pub const TAKES_FILES: &[(Method, &str)] =
    &[(Method::POST, "/firm/settings/logo"), (Method::POST, "/sso/new"), (Method::POST, "/sso/{connection}/renew")];

/// In calls that are not forms. A page of another site cannot add it without asking, and is never allowed to.
pub const CSRF_HEADER: &str = "x-portico-csrf";

/// The field of forms that carries the session's form token.
pub const CSRF_FIELD: &str = "csrf";

pub(crate) async fn admit(route: &Route, request: Request, app: &App) -> Result<Request, Failure> {
    let (parts, body) = request.into_parts();
    if let Some(notes) = parts.extensions.get::<Notes>() {
        notes.route(route.path);
    }
    ways::check(route, &parts.method, &parts.headers)?;
    if is_safe(&parts.method) {
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    let mut bytes = to_bytes(body, limits::BODY_BYTES_MAX).await.map_err(|_| Failure::TooLarge)?;
    if !ORIGIN_EXEMPT.iter().any(|(method, path)| *method == route.method && *path == route.path) {
        let from = Sender::of(&parts.headers, &app.config().settings.site_origin);
        let takes_files = TAKES_FILES.iter().any(|(method, path)| *method == route.method && *path == route.path);
        bytes = ours(route.access, takes_files, from, &parts.headers, bytes)?;
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Where a browser says that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    ThisSite,
    AnotherSite,
    /// No browser of this decade sends an unsafe request without saying.
    Unsaid,
}

impl Sender {
    fn of(headers: &HeaderMap, site_origin: &str) -> Sender {
        let fetch_site = headers.get("sec-fetch-site").map(|value| value.as_bytes() == b"same-origin");
        let origin = headers.get(ORIGIN).map(|value| value.as_bytes() == site_origin.as_bytes());
        match (fetch_site, origin) {
            (None, None) => Sender::Unsaid,
            // Both have to agree where both are said.
            (Some(false), _) | (_, Some(false)) => Sender::AnotherSite,
            _ => Sender::ThisSite,
        }
    }
}

/// The body, without the form's token, if the request may change something.
fn ours(access: Access, takes_files: bool, from: Sender, headers: &HeaderMap, body: Bytes) -> Result<Bytes, Failure> {
    let session = cookies::session(headers);
    match from {
        Sender::AnotherSite => return Err(Failure::CrossSite),
        // Without a cookie there is nothing that another site could make use of.
        Sender::Unsaid if session.is_some() => return Err(Failure::CrossSite),
        Sender::Unsaid | Sender::ThisSite => (),
    }
    let content = Content::of(headers, &body);
    let (body, token) = match content {
        Content::Files if takes_files => {
            let token = multipart::text(headers, &body, CSRF_FIELD);
            (body, token)
        }
        Content::Other | Content::Files => return Err(Failure::MediaType),
        Content::Form => take_token(body),
        Content::Json | Content::None => (body, None),
    };
    let Some(session) = session.filter(|_| !matches!(access, Access::Public(_))) else { return Ok(body) };
    let proven = match content {
        Content::Form | Content::Files => {
            token.is_some_and(|token| crypto::constant_time_eq(&token, &session.form_token()))
        }
        _ => headers.get(CSRF_HEADER).is_some_and(|value| value.as_bytes() == b"1"),
    };
    if proven { Ok(body) } else { Err(Failure::CrossSite) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Form,
    Json,
    None,
    /// A form with a file.
    Files,
    /// What an HTML form can also send: `text/plain`. No handler reads it.
    Other,
}

impl Content {
    fn of(headers: &HeaderMap, body: &[u8]) -> Content {
        let Some(text) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
            return if body.is_empty() { Content::None } else { Content::Other };
        };
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Content::Form,
            "application/json" => Content::Json,
            "multipart/form-data" => Content::Files,
            _ if body.is_empty() => Content::None,
            _ => Content::Other,
        }
    }
}

/// The form without its token, which no handler has a field for, and the token.
fn take_token(body: Bytes) -> (Bytes, Option<String>) {
    let is_token =
        |pair: &&[u8]| pair.strip_prefix(CSRF_FIELD.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'='));
    let pairs = || body.split(|byte| *byte == b'&');
    let mut tokens = pairs().filter(is_token);
    let token = tokens.next().map(|pair| String::from_utf8_lossy(&pair[CSRF_FIELD.len() + 1..]).into_owned());
    // Sent twice, it proves nothing.
    let token = token.filter(|_| tokens.next().is_none());
    let rest: Vec<&[u8]> = pairs().filter(|pair| !is_token(pair)).collect();
    (Bytes::from(rest.join(&b'&')), token)
}

#[cfg(test)]
mod tests;
