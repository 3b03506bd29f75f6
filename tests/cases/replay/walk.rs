//! Going through everything that a role may see, route by route: a new one is walked without being named here.

use domain::Role;
use http::Method;
use testkit::portal::Person;
use web::{Access, Route};

pub(super) struct Things {
    pub(super) client: String,
    pub(super) project: String,
    pub(super) document: String,
    pub(super) person: String,
}

/// Reads every route that the role has. All of it under one trace, so that what was vended for one request is known to be
/// this person's when a later one goes on with it.
pub(super) async fn everything(person: Person, role: Role, things: &Things) {
    let trace = format!("1-{:08x}-{:024x}", 0x6b07_0000, crypto::random_bits() >> 32);
    let routes: Vec<Route> = crate::access::functions().iter().flat_map(|all| all.table().to_vec()).collect();
    let mut read = 0;
    for route in routes.iter().filter(|route| route.method == Method::GET && has(route, role)) {
        let Some(path) = path(route.path, things) else { continue };
        let headers =
            [("accept", "text/html, application/json".to_owned()), ("x-amzn-trace-id", format!("Root={trace}"))];
        let answer = person.http().raw("GET", &path, &headers, Vec::new()).await;
        // What the document is not, is said after it was read.
        let is_refused = route.path.ends_with("/parts") && answer.status == 422;
        assert!(answer.status < 400 || is_refused, "{}: GET {path}: {} {}", person.email, answer.status, answer.text());
        read += 1;
    }
    assert!(read >= 10, "{}: {read} routes", person.email);
}

fn has(route: &Route, role: Role) -> bool {
    match route.access {
        // What has to be confirmed is walked by its own tests.
        Access::Needs(permission) => permission.held_by(role) && !permission.needs_confirmation(),
        Access::SignedIn => true,
        Access::Public(_) => false,
    }
}

/// Nothing where a route is about a thing that the test has none of.
fn path(pattern: &str, things: &Things) -> Option<String> {
    let path = pattern
        .replace("{client}", &things.client)
        .replace("{project}", &things.project)
        .replace("{document}", &things.document)
        .replace("{person}", &things.person)
        .replace("{topic}", &things.project);
    let query = match pattern.rsplit('/').next() {
        Some("search") => "?q=words",
        Some("accent") => "?accent=%231f5f8b",
        _ => "",
    };
    (!path.contains('{')).then(|| format!("{path}{query}"))
}
