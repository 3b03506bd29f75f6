//! In what way a request comes: with a session's cookie, with a personal token, or with the cookie of somebody who looks
//! at a client's portal as one of its people; and which routes each of them may call at all. What they may do there is
//! found out by the scope.

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use super::is_safe;
use crate::routes::{Access, Kind, Route};
use crate::{Failure, cookies};

type Named = &'static [(Method, &'static str)];

/// Of the routes for whoever is signed in, those for programs with a token. The others are about the person's own
/// sign-in: no token leads to a session or to another token.
pub const TOKEN_MAY: Named = &[(Method::GET, "/api/v1/clients")];

/// What changes something and is possible while viewing as a client: leaving.
pub const VIEWING_MAY: Named = &[
    (Method::POST, "/view-as/end"),
    (Method::DELETE, "/api/v1/auth/view-as"),
    (Method::POST, "/sign-out"),
    (Method::DELETE, "/api/v1/auth/session"),
];

/// Of the routes for whoever is signed in, those of a client's portal. The others show whoever looks, not the client.
pub const VIEWING_SEES: Named = &[(Method::GET, "/"), (Method::GET, "/api/v1/clients")];

/// Whether a program with a token may call this route for whoever is signed in.
pub(crate) fn token_may(route: &Route) -> bool {
    TOKEN_MAY.iter().any(|(method, path)| *method == route.method && *path == route.path)
}

pub(super) fn check(route: &Route, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let named = |list: Named| list.iter().any(|(method, path)| *method == route.method && *path == route.path);
    let for_anybody = route.access == Access::SignedIn;
    if matches!(route.access, Access::Public(_)) {
        return Ok(());
    }
    if headers.contains_key(AUTHORIZATION) {
        return match route.kind {
            // Pages are for people, and what they show leads to forms that no program sends.
            Kind::Page => Err(Failure::SignIn),
            Kind::Api if for_anybody && !token_may(route) => Err(Failure::Forbidden),
            Kind::Api => Ok(()),
        };
    }
    if !cookies::session(headers).is_some_and(|token| token.is_viewing()) {
        return Ok(());
    }
    let looks = is_safe(method) && (!for_anybody || named(VIEWING_SEES));
    if looks || named(VIEWING_MAY) { Ok(()) } else { Err(Failure::Viewing) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::PermissionName::ViewProjects;

    const BEARER: &str = "Bearer pt_x";

    fn answer(kind: Kind, access: Access, method: Method, path: &'static str, headers: &HeaderMap) -> &'static str {
        let route = Route { function: "f", method: method.clone(), path, access, kind };
        check(&route, &method, headers).map_or_else(|failure| failure.name(), |()| "in")
    }

    fn with(name: http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_token_calls_the_api_and_nothing_about_sign_in() {
        let headers = with(AUTHORIZATION, BEARER);
        let check =
            |kind, access, method, path, want| assert_eq!(answer(kind, access, method, path, &headers), want, "{path}");
        let needs = Access::Needs(ViewProjects);
        check(Kind::Api, needs, Method::GET, "/api/v1/clients/{client}/projects", "in");
        check(Kind::Api, needs, Method::POST, "/api/v1/clients/{client}/projects", "in");
        check(Kind::Page, needs, Method::GET, "/clients/{client}", "sign-in");
        check(Kind::Api, Access::SignedIn, Method::GET, "/api/v1/clients", "in");
        check(Kind::Api, Access::SignedIn, Method::POST, "/api/v1/tokens", "forbidden");
        check(Kind::Api, Access::SignedIn, Method::GET, "/api/v1/tokens", "forbidden");
        check(Kind::Api, Access::Public("x"), Method::POST, "/api/v1/auth/session", "in");
    }

    #[test]
    fn who_views_as_a_client_looks_and_leaves() {
        let token = crypto::SessionToken::viewing_from_bits([1, 2]);
        let headers = with(http::header::COOKIE, &format!("{}={}", cookies::SESSION, token.expose()));
        let check =
            |kind, access, method, path, want| assert_eq!(answer(kind, access, method, path, &headers), want, "{path}");
        let needs = Access::Needs(ViewProjects);
        check(Kind::Page, needs, Method::GET, "/clients/{client}/projects", "in");
        check(Kind::Page, needs, Method::POST, "/clients/{client}/projects", "viewing-only");
        check(Kind::Api, needs, Method::DELETE, "/api/v1/x", "viewing-only");
        check(Kind::Page, Access::SignedIn, Method::GET, "/", "in");
        check(Kind::Page, Access::SignedIn, Method::GET, "/sessions", "viewing-only");
        check(Kind::Page, Access::SignedIn, Method::POST, "/choose", "viewing-only");
        check(Kind::Page, Access::SignedIn, Method::POST, "/view-as/end", "in");
        check(Kind::Page, Access::SignedIn, Method::POST, "/sign-out", "in");
    }

    #[test]
    fn a_plain_session_is_held_up_by_none_of_this() {
        let token = crypto::SessionToken::from_bits([1, 2]);
        let headers = with(http::header::COOKIE, &format!("{}={}", cookies::SESSION, token.expose()));
        assert_eq!(answer(Kind::Page, Access::SignedIn, Method::POST, "/choose", &headers), "in");
        assert_eq!(answer(Kind::Page, Access::SignedIn, Method::POST, "/choose", &HeaderMap::new()), "in");
    }
}
