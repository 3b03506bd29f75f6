//! Answers that went well: a page or fragment, JSON, a way onward. Headers that every answer has are the door's.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use maud::Markup;
use serde::Serialize;

use crate::Failure;

pub fn html(markup: Markup) -> Response {
    html_with(StatusCode::OK, markup)
}

pub fn html_with(status: StatusCode, markup: Markup) -> Response {
    with_type(status, "text/html; charset=utf-8", markup.into_string().into_bytes())
}

/// A page for people who are not signed in.
pub fn plain_page(status: StatusCode, title: &str, firm_name: &str, body: Markup) -> Response {
    html_with(status, crate::ui::plain(title, firm_name, body))
}

pub fn json(value: &impl Serialize) -> Response {
    json_with(StatusCode::OK, value)
}

pub fn json_with(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => with_type(status, "application/json", bytes),
        Err(error) => Failure::bug(error).into_response(),
    }
}

/// After a form: the browser goes on by itself, and going back does not send the form again.
pub fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(value) => (StatusCode::SEE_OTHER, [(LOCATION, value)]).into_response(),
        Err(error) => Failure::bug(error).into_response(),
    }
}

pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

pub(crate) fn with_type(
    status: StatusCode,
    content_type: &'static str,
    bytes: impl Into<axum::body::Body>,
) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static(content_type))], bytes.into()).into_response()
}
