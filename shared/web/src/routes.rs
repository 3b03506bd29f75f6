//! The recorder of routes: the only way to add one. What it records is what is served, so a test that sweeps the table
//! sweeps the router itself.

use std::future::Future;
use std::pin::Pin;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use domain::PermissionName;
use http::{Method, StatusCode};

use crate::openapi::Doc;
use crate::{App, door, guard};

/// Who may come in. For `Needs`, the handler takes a scope of the same permission: the scope is the check, and the
/// sweep tries every role against this word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, for this reason. Pinned by a list.
    Public(&'static str),
    /// Whoever holds a session, whatever its role; the handler takes an `Actor` or a `SessionToken`.
    SignedIn,
    Needs(PermissionName),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Page,
    Api,
}

/// One route as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub function: &'static str,
    pub method: Method,
    /// With parameters in braces, as in the template: `/clients/{client}/documents`.
    pub path: &'static str,
    pub access: Access,
    pub kind: Kind,
}

/// The routes of one function.
pub struct Routes {
    function: &'static str,
    router: axum::Router<App>,
    table: Vec<Route>,
    docs: Vec<(Route, Doc)>,
}

impl Routes {
    /// `function` as in the template's `FN_NAME`.
    pub fn new(function: &'static str) -> Self {
        Self { function, router: axum::Router::new(), table: Vec::new(), docs: Vec::new() }
    }

    pub fn page<H, T>(self, method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let route = Route { function: self.function, method, path, access, kind: Kind::Page };
        self.record(route, handler)
    }

    /// A call of the JSON API; what describes it to programs stands beside it.
    pub fn api<H, T>(mut self, method: Method, path: &'static str, access: Access, handler: H, doc: Doc) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let route = Route { function: self.function, method, path, access, kind: Kind::Api };
        self.docs.push((route.clone(), doc));
        self.record(route, handler)
    }

    /// Every route, in the order of recording.
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    pub fn docs(&self) -> &[(Route, Doc)] {
        &self.docs
    }

    pub fn function(&self) -> &'static str {
        self.function
    }

    /// What `lambda_http::run` runs.
    pub fn serve(self, app: App) -> door::Served {
        door::serve(self.router, self.function, app)
    }

    fn record<H, T>(mut self, route: Route, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        // A method that no filter names could never be called: the route is in the table and the sweep reports it.
        if let Ok(filter) = MethodFilter::try_from(route.method.clone()) {
            let mut methods = on(filter, Guarded { route: route.clone(), handler });
            if route.method == Method::GET && !matches!(route.access, Access::Public(_)) {
                methods = methods.on(MethodFilter::HEAD, Guarded { route: route.clone(), handler: seen_before });
            }
            self.router = self.router.route(route.path, methods);
        }
        self.table.push(route);
        self
    }
}

/// HEAD of what needs a session. Views of content are written down when they are given out, and HEAD gives out nothing:
/// it answers whoever holds a session alike, whether or not there is something behind the address.
async fn seen_before(_actor: access::Actor) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// A handler behind its guard, which knows the route that was matched.
#[derive(Clone)]
struct Guarded<H> {
    route: Route,
    handler: H,
}

impl<H, T> Handler<T, App> for Guarded<H>
where
    H: Handler<T, App>,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, app: App) -> Self::Future {
        Box::pin(async move {
            match guard::admit(&self.route, request, &app).await {
                Ok(request) => self.handler.call(request, app).await,
                Err(failure) => failure.into_response(),
            }
        })
    }
}
