//! The door of an HTTP function, around all its routes: nobody gets an answer that did not pass it. It names the
//! request, turns failures into words, adds the headers that every answer has, and writes the one log line.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::ids::ulid;
use domain::{ClientId, FirmId, PersonId};
use http::{Method, StatusCode};
use lambda_http::request::RequestContext;
use tower::Service;
use tower_http::compression::CompressionLayer;

use crate::failure::{self, Asked, Failed};
use crate::local_path::LocalPath;
use crate::{App, Failure, logging};

mod headers;

/// A function's routes behind their door.
#[derive(Clone)]
pub struct Served(axum::Router);

impl<B> Service<http::Request<B>> for Served
where
    axum::Router: Service<http::Request<B>, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = <axum::Router as Service<http::Request<B>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        self.0.call(request)
    }
}

pub(crate) fn serve(routes: axum::Router<App>, function: &'static str, app: App) -> Served {
    let routes = routes
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(other_method)
        .with_state(app.clone())
        .layer(from_fn_with_state(Door { app, function }, pass))
        .layer(CompressionLayer::new());
    Served(routes)
}

/// The router adds `Allow` by itself. No other site is ever told that it may send something.
async fn other_method(method: Method) -> Response {
    if method == Method::OPTIONS { StatusCode::NO_CONTENT.into_response() } else { Failure::Method.into_response() }
}

#[derive(Clone)]
struct Door {
    app: App,
    function: &'static str,
}

/// What is learned of a request on its way in, for the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    route: OnceLock<&'static str>,
    firm: OnceLock<FirmId>,
    client: OnceLock<ClientId>,
    person: OnceLock<PersonId>,
}

impl Notes {
    pub(crate) fn route(&self, path: &'static str) {
        let _ = self.0.route.set(path);
    }

    pub(crate) fn person(&self, firm: &FirmId, person: &PersonId) {
        let _ = self.0.firm.set(firm.clone());
        let _ = self.0.person.set(person.clone());
    }

    pub(crate) fn client(&self, client: &ClientId) {
        let _ = self.0.client.set(client.clone());
    }
}

async fn pass(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let started = started();
    let app = &door.app;
    let id = request_id(&request);
    let notes = Notes::default();
    request.extensions_mut().insert(notes.clone());
    let asked = asked(&request, &app.config().settings.site_origin);

    let response = if through_edge(&request, app.config().origin_secret_sha256.as_deref()) {
        caught(next.run(request)).await
    } else {
        // Whoever finds the API's own address finds nothing there.
        Failure::NotFound.into_response()
    };

    let failed = response.extensions().get::<Failed>().cloned();
    let mut response = match &failed {
        Some(Failed(failure)) => in_words(app, failure, &asked, response, &id).await,
        None => response,
    };
    if asked.method == Method::HEAD {
        response = Response::from_parts(response.into_parts().0, axum::body::Body::empty());
    }
    headers::add(&mut response, &asked.uri, &app.config().bucket_origin, &id);
    let known = &notes.0;
    tracing::info!(
        request.id = id,
        function = door.function,
        method = asked.method.as_str(),
        route = known.route.get(),
        status = response.status().as_u16(),
        duration_ms = milliseconds_since(started),
        failure = failed.as_ref().map(|Failed(failure)| failure.name()),
        firm.id = known.firm.get().map(FirmId::as_str),
        client.id = known.client.get().map(ClientId::as_str),
        person.id = known.person.get().map(PersonId::as_str),
        "answered"
    );
    response
}

/// The failure's answer. A bug gets its reference here, and its chain is printed here.
async fn in_words(app: &App, failure: &Failure, asked: &Asked, wordless: Response, request_id: &str) -> Response {
    let reference = match failure {
        Failure::Bug(cause) => {
            let reference = ulid(crypto::random_bits())[18..].to_owned();
            tracing::error!(request.id = request_id, reference, error = logging::chain(cause.as_ref()), "bug");
            reference
        }
        _ => String::new(),
    };
    let mut response = failure::answer(app, failure, asked, &reference).await;
    failure::keep_headers(wordless.headers(), &mut response);
    response
}

/// A panic is a bug like another: it ends the request, not the environment.
async fn caught(answer: impl Future<Output = Response>) -> Response {
    let mut answer = pin!(answer);
    std::future::poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(_) => Poll::Ready(Failure::bug("a handler panicked").into_response()),
    })
    .await
}

fn asked(request: &Request, site_origin: &str) -> Asked {
    let headers = request.headers();
    let from_page = headers.get("hx-current-url").and_then(|value| value.to_str().ok());
    Asked {
        method: request.method().clone(),
        uri: request.uri().clone(),
        fragment: crate::extract::wants_fragment(headers),
        from_page: from_page.and_then(|url| LocalPath::of_url(url, site_origin)),
        session: crate::cookies::session(headers),
    }
}

/// The gateway's name for the request, which its own log shows too.
fn request_id(request: &Request) -> String {
    match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    }
    .unwrap_or_else(|| ulid(crypto::random_bits()))
}

/// Behind the edge, only what came through it is served.
fn through_edge(request: &Request, secret_sha256: Option<&str>) -> bool {
    let Some(expected) = secret_sha256 else { return true };
    let sent = request.headers().get("x-portico-origin").map(|value| crypto::sha256_hex(value.as_bytes()));
    sent.is_some_and(|sent| crypto::constant_time_eq(&sent, expected))
}

#[expect(clippy::disallowed_methods, reason = "how long an answer took is measured here, once per request")]
fn started() -> Instant {
    Instant::now()
}

pub(crate) fn milliseconds_since(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests;
