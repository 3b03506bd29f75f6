//! Bodies, queries, paths and keys as types. What does not parse is refused in words.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, RawPathParams, Request};
use domain::limits;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{App, Failure};

/// A form that a page sent. The session's form token has been taken out. Use [`Fields`](super::Fields)
/// where a field may occur more than once.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        match axum::extract::Form::<T>::from_request(request, app).await {
            Ok(axum::extract::Form(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable("form", &rejection)),
        }
    }
}

/// A JSON document.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Failure::MediaType);
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|_| Failure::TooLarge)?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| unreadable("JSON", &error))
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        match axum::extract::Query::<T>::from_request_parts(parts, app).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable("address", &rejection)),
        }
    }
}

/// The path's parameters, into a struct with their names. What does not parse names nothing.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Failure::NotFound)?;
        let pairs: serde_json::Map<String, serde_json::Value> =
            params.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        serde_json::from_value(pairs.into()).map(Self).map_err(|_| Failure::NotFound)
    }
}

/// What the caller calls this attempt, so that a repeated one is not done twice: header `Idempotency-Key`. Take
/// `Option<IdempotencyKey>` where it may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// From the header, or from a form's field.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let fits = (1..=limits::IDEMPOTENCY_KEY_CHARACTERS_MAX).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Ok(Self(text.to_owned()));
        }
        Err(Failure::Refused(format!(
            "An idempotency key has 1 to {} letters, digits, dashes and underscores.",
            limits::IDEMPOTENCY_KEY_CHARACTERS_MAX
        )))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl OptionalFromRequestParts<App> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Failure> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(None) };
        value.to_str().map_err(|_| ()).map_or_else(|()| Self::parse(""), Self::parse).map(Some)
    }
}

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let given = <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        given.ok_or_else(|| Failure::Refused("Send the header Idempotency-Key.".into()))
    }
}

/// The parser's own words name the field and what was expected; they repeat nothing but what the caller sent.
fn unreadable(what: &str, error: &dyn std::error::Error) -> Failure {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Failure::Refused(format!("The {what} could not be read: {innermost}."))
}
