//! The sweep: every recorded route, tried by everybody. A new route is swept without being named here.

mod powers;

use domain::permissions::Reach;
use domain::{PermissionName, Role};
use http::Method;
use serde_json::json;
use testkit::portal::{Answer, Http, Person};
use testkit::samples;
use web::{Access, Kind, Route, Routes};

use crate::world::{LawFirm, counted, fresh, operator};

/// The routes of every function that people call.
pub(crate) fn functions() -> Vec<Routes> {
    vec![
        fn_auth::routes(),
        fn_documents::routes(),
        fn_firm::routes(),
        fn_messages::routes(),
        fn_platform::routes(),
        fn_projects::routes(),
    ]
}

fn routes() -> Vec<Route> {
    functions().iter().flat_map(|routes| routes.table().to_vec()).collect()
}

/// Public routes, each for a reason that stands beside it. Adding one is a decision, made here first.
const PUBLIC: &[&str] = &[
    "GET /sign-in",
    "POST /sign-in",
    "GET /sign-in/sent",
    "GET /sign-in/sent-again",
    "GET /sign-in/link",
    "POST /sign-in/link",
    "POST /sign-in/code",
    "POST /sign-in/passkey",
    "GET /assets/accent/{name}",
    "GET /assets/{name}",
    "GET /sso/{connection}/start",
    "GET /sso/{connection}/metadata",
    "GET /sso/oidc/callback",
    "POST /sso/saml/acs",
    "GET /unsubscribe/{token}",
    "POST /unsubscribe/{token}",
    "POST /api/v1/auth/link",
    "POST /api/v1/auth/session",
    "POST /api/v1/auth/passkey/question",
    "GET /api/v1/openapi.json",
];

#[test]
fn public_routes_are_a_pinned_list() {
    let mut public: Vec<String> = routes()
        .iter()
        .filter(|route| matches!(route.access, Access::Public(_)))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let mut pinned: Vec<String> = PUBLIC.iter().map(ToString::to_string).collect();
    public.sort();
    pinned.sort();
    assert_eq!(public, pinned);
}

#[test]
fn a_route_with_a_client_in_it_needs_a_permission_of_a_client() {
    for route in routes().iter().filter(|route| route.path.contains("{client}")) {
        assert!(matches!(route.access, Access::Needs(_)), "{} {}", route.method, route.path);
    }
}

/// Somebody who tries, and what the firm's own client `acme` is to them.
struct Tried<'a> {
    name: &'a str,
    http: &'a Http,
    role: Option<Role>,
    /// `acme` is theirs.
    theirs: bool,
    /// Belongs to the firm, as staff or partner, or to one of its clients.
    of_firm: bool,
}

/// Ids of things that exist.
pub(crate) struct Things {
    pub(crate) client: String,
    pub(crate) project: String,
    pub(crate) document: String,
    pub(crate) person: String,
}

#[tokio::test]
async fn everybody_meets_what_the_route_table_says() {
    let (world, other) = tokio::join!(LawFirm::open(), LawFirm::open());
    let staff = world.person("staff").await;
    let (staff2, admin, member, birch, partner) = (
        world.person("staff2").await,
        world.person("admin.acme").await,
        world.person("member.acme").await,
        world.person("admin.birch").await,
        world.person("partner").await,
    );
    let (other_partner, other_staff) = (other.person("partner").await, other.person("staff").await);
    let operator = operator(&world.portal).await;
    let project = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &project, "Other", "a.pdf", &samples::pdf("a", &["words"])).await.id;
    admin.settled(&world.acme, &document).await;
    let own = Things { client: world.acme.clone(), project, document, person: world.staff_id.clone() };
    let nobody = Things { client: fresh(), project: fresh(), document: fresh(), person: fresh() };
    let stranger = world.portal.stranger();
    fn tried<'a>(name: &'a str, person: &'a Person, role: Role, theirs: bool, of_firm: bool) -> Tried<'a> {
        Tried { name, http: person.http(), role: Some(role), theirs, of_firm }
    }
    let everybody = [
        Tried { name: "nobody signed in", http: &stranger, role: None, theirs: false, of_firm: false },
        tried("partner of another firm", &other_partner, Role::Partner, false, false),
        tried("staff of another firm", &other_staff, Role::Staff, false, false),
        tried("another client's admin", &birch, Role::ClientAdmin, false, true),
        tried("unassigned staff", &staff2, Role::Staff, false, true),
        tried("an operator", &operator, Role::PlatformAdmin, false, false),
        tried("member", &member, Role::ClientMember, true, true),
        tried("admin", &admin, Role::ClientAdmin, true, true),
        tried("assigned staff", &staff, Role::Staff, true, true),
        tried("partner", &partner, Role::Partner, true, true),
    ];
    let mut swept = futures::future::join_all(everybody.iter().map(|who| sweep(who, false, &own, &nobody))).await;
    // What changes the firm itself could change who everybody is: those who may do it do it when the others are done.
    for who in &everybody {
        swept.push(sweep(who, true, &own, &nobody).await);
    }
    let tries: usize = swept.iter().map(|(tries, _)| tries).sum();
    let wrong: Vec<String> = swept.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(tries > 300, "{tries}");
    assert!(wrong.is_empty(), "{} of {tries}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{} routes × {} callers: {tries} tries, 0 leaks", routes().len(), everybody.len());
    counted("tries of every route by everybody, 0 leaks", tries);
}

/// Every route by one of them, one after the other, as a browser would.
async fn sweep(who: &Tried<'_>, last: bool, own: &Things, nobody: &Things) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut tries = 0;
    for route in routes().iter().filter(|route| !ends_the_session(route) && changes_the_firm(route, who) == last) {
        tries += 1;
        let answer = call(who.http, route, own).await;
        if let Some(why) = mismatch(route, who, &answer) {
            let (method, path) = (&route.method, route.path);
            wrong.push(format!(
                "{method} {path} by {}: {why}, answered {} {}",
                who.name,
                answer.status,
                short(&answer)
            ));
        }
        // An id that does not exist is answered as another's is.
        if route.path.contains("{client}") && who.role.is_some() {
            let absent = call(who.http, route, nobody).await;
            if absent.status != 404 && !(absent.status == 403 && lacks(route, who)) {
                let (method, path) = (&route.method, route.path);
                wrong.push(format!("{method} {path} by {} with ids of nobody: {}", who.name, absent.status));
            }
        }
    }
    (tries, wrong)
}

/// Whether this would change who may do what, since who tries it may do so.
fn changes_the_firm(route: &Route, who: &Tried<'_>) -> bool {
    let Access::Needs(name) = route.access else { return false };
    let changes = !matches!(route.method, Method::GET | Method::HEAD);
    let of_firm = matches!(name.reach(), Reach::Firm | Reach::Platform) || name == PermissionName::ManageCompany;
    changes && of_firm && who.role.is_some_and(|role| name.held_by(role))
}

/// Tried elsewhere: after these the tried person is somebody else.
fn ends_the_session(route: &Route) -> bool {
    [
        "/sign-out",
        "/sign-out-everywhere",
        "/choose",
        "/api/v1/auth/session",
        "/api/v1/auth/sessions",
        "/api/v1/auth/membership",
        "/api/v1/auth/other-sessions",
        "/sessions/end-others",
        "/view-as/end",
        "/api/v1/auth/view-as",
        "/clients/{client}/view-as",
        "/api/v1/clients/{client}/view-as",
    ]
    .contains(&route.path)
        && !(route.path.ends_with("{client}/view-as") && route.method == Method::GET)
        || route.path.starts_with("/sign-in")
}

fn lacks(route: &Route, who: &Tried<'_>) -> bool {
    match (route.access, who.role) {
        (Access::Needs(name), Some(role)) => !name.held_by(role),
        _ => false,
    }
}

/// Why an answer is not what the table says.
fn mismatch(route: &Route, who: &Tried<'_>, answer: &Answer) -> Option<&'static str> {
    let status = answer.status;
    if status >= 500 {
        return Some("a failure of ours");
    }
    let signs_in = status == 401 || (status == 303 && answer.header("location").starts_with("/sign-in"));
    let Access::Needs(permission) = route.access else {
        let public = matches!(route.access, Access::Public(_));
        return (!public && who.role.is_none() && !signs_in).then_some("expected to be asked to sign in");
    };
    let Some(role) = who.role else {
        return (!signs_in).then_some("expected to be asked to sign in");
    };
    let of_client = route.path.contains("{client}");
    if of_client && !who.theirs {
        // A role that never has the permission may be told so: that says nothing about the client.
        let told = status == 403 && !permission.held_by(role);
        return (status != 404 && !told).then_some("another's client must look as if it were not there");
    }
    if !permission.held_by(role) {
        return (status != 403 && status != 404).then_some("the role lacks the permission");
    }
    // The role has it, once who holds it has proven once more who they are. That is asked before ids are looked at, so it
    // says nothing about them.
    let asked =
        status == 403 && (answer.text().contains("confirmation-required") || answer.text().contains("/confirm"));
    let led = status == 303 && answer.header("location").starts_with("/confirm");
    let is_asked = permission.needs_confirmation() && (asked || led);
    if !who.of_firm && foreign_firm(permission) && role != Role::PlatformAdmin && route.path.contains('{') {
        return (!is_asked && status != 404 && status != 422 && status != 400).then_some("another firm's ids");
    }
    if permission.needs_confirmation() {
        return (!is_asked).then_some("expected to be asked for a fresh proof");
    }
    let refused = signs_in || status == 403 || (status == 404 && knows_its_ids(route));
    refused.then_some("the role has the permission")
}

fn foreign_firm(permission: PermissionName) -> bool {
    !permission.held_by(Role::PlatformAdmin)
}

/// Every parameter of the path is one of a thing that exists.
fn knows_its_ids(route: &Route) -> bool {
    let known = ["{client}", "{project}", "{document}", "{person}"];
    let mut parts = route.path.split('/').filter(|part| part.starts_with('{'));
    parts.all(|part| known.contains(&part)) && route.method == Method::GET
}

pub(crate) async fn call(http: &Http, route: &Route, things: &Things) -> Answer {
    let path = route
        .path
        .replace("{client}", &things.client)
        .replace("{project}", &things.project)
        .replace("{document}", &things.document)
        .replace("{person}", &things.person)
        .replace("{*rest}", "nothing");
    let mut path: String = path;
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, &fresh());
    }
    if path.ends_with("/search") {
        path += "?q=words";
    }
    let unsafe_method = route.method != Method::GET && route.method != Method::HEAD;
    if route.kind == Kind::Api {
        let body = unsafe_method.then(|| json!({}));
        return http.send(route.method.as_str(), &path, body.as_ref()).await;
    }
    let mut headers = vec![("accept", "text/html".to_owned())];
    let mut body = Vec::new();
    if unsafe_method {
        headers.push(("origin", http.url().replace("127.0.0.1", "localhost")));
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        let session = http.cookies().split("; ").find_map(|pair| pair.strip_prefix("__Host-s=").map(str::to_owned));
        if let Some(token) = session.as_deref().and_then(crypto::SessionToken::parse) {
            body = format!("csrf={}", token.form_token()).into_bytes();
        }
    }
    http.raw(route.method.as_str(), &path, &headers, body).await
}

fn short(answer: &Answer) -> String {
    answer.text().chars().take(120).collect::<String>().replace('\n', " ")
}
