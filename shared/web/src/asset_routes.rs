//! The addresses under `/assets/`, for the one function that serves them.

use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;

use crate::routes::{Access, Routes};
use crate::{Failure, Path, answers, assets, install};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Its content follows from its name and the version of the code, and the name does not change with that.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

impl Routes {
    /// Style sheet, scripts, icon and the firms' colours.
    pub fn with_assets(self) -> Self {
        let why = Access::Public("the same files for everybody, needed before signing in");
        self.page(Method::GET, "/assets/{name}", why, file).page(Method::GET, "/assets/accent/{name}", why, accent)
    }
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

async fn file(Path(Named { name }): Path<Named>) -> Result<Response, Failure> {
    let asset = assets::find(&name).ok_or(Failure::NotFound)?;
    let answer = answers::with_type(StatusCode::OK, asset.content_type, asset.bytes);
    let mut answer = ([(CACHE_CONTROL, FOR_EVER)], answer).into_response();
    if install::is_worker(asset) {
        answer.headers_mut().insert("service-worker-allowed", HeaderValue::from_static("/"));
    }
    Ok(answer)
}

async fn accent(Path(Named { name }): Path<Named>) -> Result<Response, Failure> {
    let sheet = name.strip_suffix(".css").and_then(assets::accent_css).ok_or(Failure::NotFound)?;
    let answer = answers::with_type(StatusCode::OK, "text/css; charset=utf-8", sheet);
    Ok(([(CACHE_CONTROL, FOR_A_DAY)], answer).into_response())
}
