use axum::body::{Body, to_bytes};
use crypto::SessionToken;
use domain::PermissionName;
use domain::permissions::ViewDocuments;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION};
use http::{HeaderMap, Request};
use serde::Deserialize;
use tower::ServiceExt as _;

use super::*;
use crate::config::tests::sample;
use crate::routes::{Access, Routes};
use crate::{Config, Doc, Form, IdempotencyKey, Json, Page, Path, Query, answers};

const PUBLIC: Access = Access::Public("a test");
const NEEDS: Access = Access::Needs(PermissionName::ViewDocuments);
const CLIENT: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Counted {
    count: u32,
}

async fn guarded(_scope: access::ClientScope<ViewDocuments>) -> &'static str {
    "yours"
}

fn routes() -> Routes {
    let doc = || Doc::new("A test");
    Routes::new("trial")
        .page(Method::GET, "/", Access::SignedIn, |_: access::Actor, page: Page| async move { page.path })
        .page(Method::GET, "/open", PUBLIC, || async { answers::html(maud::html! { p { (["open"; 100].concat()) } }) })
        .page(Method::POST, "/open", PUBLIC, |Form(Named { name }): Form<Named>| async move { name })
        .page(
            Method::POST,
            "/send",
            Access::SignedIn,
            |_: SessionToken, Form(Named { name }): Form<Named>| async move { name },
        )
        .page(Method::GET, "/clients/{client}/documents", NEEDS, guarded)
        .page(Method::GET, "/panic", PUBLIC, || async { panic!("on purpose") as () })
        .page(Method::GET, "/bug", PUBLIC, || async { Failure::bug(std::io::Error::other("table portico-data")) })
        .page(Method::GET, "/changed", PUBLIC, || async { Failure::Changed })
        .page(Method::POST, "/changed", PUBLIC, || async { Failure::Changed })
        .page(Method::GET, "/wait", PUBLIC, || async { Failure::TooMany { retry_after_seconds: 90 } })
        .page(
            Method::GET,
            "/count",
            PUBLIC,
            |Query(Counted { count }): Query<Counted>| async move { count.to_string() },
        )
        .page(Method::GET, "/out", Access::SignedIn, |_: SessionToken| async {
            (crate::cookies::end(), Failure::SignIn)
        })
        .api(Method::GET, "/api/v1/clients/{client}/documents", NEEDS, guarded, doc())
        .api(Method::POST, "/api/v1/names", PUBLIC, |Json(Named { name }): Json<Named>| async move { name }, doc())
        .api(
            Method::POST,
            "/api/v1/once",
            PUBLIC,
            |key: Option<IdempotencyKey>| async move { key.map(|key| key.as_str().to_owned()).unwrap_or_default() },
            doc(),
        )
        .api(
            Method::GET,
            "/api/v1/clients/{client}",
            PUBLIC,
            |Path(of): Path<OfClient>| async move { of.client.to_string() },
            doc(),
        )
        .api(Method::GET, "/api/v1/bug", PUBLIC, || async { Failure::bug(std::io::Error::other("secret")) }, doc())
        .with_assets()
}

#[derive(Deserialize)]
struct OfClient {
    client: ClientId,
}

fn config() -> Config {
    Config::read(sample).unwrap()
}

/// One connection for all tests: it is never used.
async fn app() -> App {
    static APP: tokio::sync::OnceCell<App> = tokio::sync::OnceCell::const_new();
    APP.get_or_init(|| async { App::connect(&config()).await }).await.clone()
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends one request, built from `"POST /path"`, header lines and a body, to the routes above.
async fn send(line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    send_to(routes().serve(app().await), line, headers, body).await
}

async fn send_to(served: Served, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = served.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 10_000_000).await.unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

fn session() -> SessionToken {
    SessionToken::from_bits([1, 2])
}

fn cookie() -> String {
    format!("__Host-s={}", session().expose())
}

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HERE: (&str, &str) = ("origin", "https://portal.example");

#[tokio::test]
async fn every_answer_has_the_headers() {
    let lines = [
        "GET /open",
        "HEAD /open",
        "GET /nowhere",
        "GET /",
        "POST /send",
        "DELETE /open",
        "OPTIONS /open",
        "TRACE /open",
        "GET /panic",
        "GET /bug",
        "GET /changed",
        "GET /wait",
        "GET /assets/nothing.css",
        "GET /api/v1/bug",
        "GET /api/nowhere",
        "POST /api/v1/names",
    ];
    for line in lines {
        let answer = send(line, &[], "").await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(answer.header("cache-control"), "no-store", "{line}");
        assert_eq!(answer.header("referrer-policy"), "strict-origin", "{line}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{line}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{line}");
        assert!(answer.header("strict-transport-security").starts_with("max-age=63072000"), "{line}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{line}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{line}: {policy}");
        assert!(policy.contains("connect-src 'self' https://p-documents.s3.eu-west-1.amazonaws.com;"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-request-id").len(), 26, "{line}");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{line}");
    }
}

#[tokio::test]
async fn assets_alone_are_kept() {
    for asset in crate::assets::all() {
        let answer = send(&format!("GET /assets/{}", asset.hashed_name), &[], "").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, asset.content_type));
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    let accent = send("GET /assets/accent/1f5f8b.css", &[], "").await;
    assert_eq!((accent.status, accent.header("cache-control")), (200, "public, max-age=86400"));
    assert_eq!(send("GET /assets/accent/1F5F8B.css", &[], "").await.status, 404);
    assert_eq!(send("GET /assets/..%2f..%2fetc%2fpasswd", &[], "").await.status, 404);
}

#[tokio::test]
async fn nobody_signed_in() {
    let home = send("GET /", &[], "").await;
    assert_eq!((home.status, home.header("location")), (303, "/sign-in"));
    let deep = send(&format!("GET /clients/{CLIENT}/documents?page=2"), &[], "").await;
    let next = format!("/sign-in?next=/clients/{CLIENT}/documents%3Fpage%3D2");
    assert_eq!((deep.status, deep.header("location")), (303, next.as_str()));
    // A bad id is no different while nobody is signed in.
    assert_eq!(send("GET /clients/x/documents", &[], "").await.status, 303);
    let sent = send("POST /send", &[HERE, FORM], "csrf=&name=a").await;
    assert_eq!(sent.status, 401);
    assert!(sent.body.contains("<html") && sent.body.contains("href=\"/sign-in\""), "{}", sent.body);
    let call = send(&format!("GET /api/v1/clients/{CLIENT}/documents"), &[], "").await;
    assert_eq!((call.status, call.header("content-type")), (401, "application/problem+json"));
    let part =
        send("GET /", &[("hx-request", "true"), ("hx-current-url", "https://portal.example/sessions")], "").await;
    assert_eq!((part.status, part.header("hx-redirect")), (401, "/sign-in?next=/sessions"));
    let part = send("GET /", &[("hx-request", "true"), ("hx-current-url", "https://evil.example/x")], "").await;
    assert_eq!(part.header("hx-redirect"), "/sign-in");
}

#[tokio::test]
async fn a_problem_for_programs_and_a_page_for_people() {
    let page = send("GET /nowhere", &[], "").await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.body.starts_with("<!DOCTYPE html>"), "{}", page.body);
    let problem = send("GET /api/nowhere", &[], "").await;
    let value: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
    assert_eq!((&value["type"], &value["status"]), (&"/problems/not-found".into(), &404.into()));
    assert!(value["detail"].as_str().unwrap().ends_with('.') && value.get("reference").is_none(), "{value}");
    let part = send("GET /nowhere", &[("hx-request", "true")], "").await;
    assert_eq!((part.status, part.header("hx-retarget")), (404, "#toasts"));
    assert!(!part.body.contains("<html"), "{}", part.body);
    let boosted = send("GET /nowhere", &[("hx-request", "true"), ("hx-boosted", "true")], "").await;
    assert!(boosted.body.contains("<html"));
}

#[tokio::test]
async fn a_bad_id_is_as_if_there_were_nothing() {
    let cookie = cookie();
    let bad = send("GET /clients/x/documents", &[("cookie", &cookie)], "").await;
    let nowhere = send("GET /nowhere", &[("cookie", &cookie)], "").await;
    assert_eq!((bad.status, &bad.body), (404, &nowhere.body));
    let bad = send("GET /api/v1/clients/x/documents", &[("cookie", &cookie)], "").await;
    let nowhere = send("GET /api/nowhere", &[("cookie", &cookie)], "").await;
    assert_eq!((bad.status, &bad.body), (404, &nowhere.body));
    assert_eq!(send("GET /api/v1/clients/x", &[], "").await.status, 404);
    assert_eq!(send(&format!("GET /api/v1/clients/{CLIENT}"), &[], "").await.body, CLIENT);
}

#[tokio::test]
async fn a_bug_shows_a_reference_and_nothing_else() {
    for line in ["GET /bug", "GET /panic"] {
        let page = send(line, &[], "").await;
        assert_eq!(page.status, 500);
        assert!(page.body.contains("reference") && !page.body.contains("portico-data"), "{}", page.body);
        assert!(!page.body.contains("on purpose"), "{}", page.body);
    }
    let problem: serde_json::Value = serde_json::from_str(&send("GET /api/v1/bug", &[], "").await.body).unwrap();
    assert_eq!(problem["reference"].as_str().unwrap().len(), 8);
    assert!(!problem.to_string().contains("secret"));
}

#[tokio::test]
async fn other_methods() {
    let options = send("OPTIONS /open", &[], "").await;
    assert_eq!((options.status, options.header("allow")), (204, "GET,HEAD,POST"));
    let delete = send("DELETE /open", &[], "").await;
    assert_eq!((delete.status, delete.header("allow")), (405, "GET,HEAD,POST"));
    let call = send("DELETE /api/v1/names", &[], "").await;
    assert_eq!((call.status, call.header("content-type")), (405, "application/problem+json"));
    assert_eq!(send("TRACE /open", &[], "").await.status, 405);
    assert_eq!(send("OPTIONS /nowhere", &[], "").await.status, 404);
}

#[tokio::test]
async fn head_gives_nothing_out() {
    let open = send("HEAD /open", &[], "").await;
    assert_eq!((open.status, open.body.as_str()), (200, ""));
    let nobody = send("HEAD /", &[], "").await;
    assert_eq!((nobody.status, nobody.header("location")), (303, "/sign-in"));
    // Whether or not the client is theirs: the handler and its view are never reached.
    let cookie = cookie();
    let somebody = send(&format!("HEAD /clients/{CLIENT}/documents"), &[("cookie", &cookie)], "").await;
    assert_eq!((somebody.status, somebody.body.as_str()), (204, ""));
    assert_eq!(send("HEAD /nowhere", &[], "").await.body, "");
}

#[tokio::test]
async fn bodies_have_a_bound() {
    let limit = domain::limits::BODY_BYTES_MAX;
    let fits = format!("name={}", "a".repeat(limit - 5));
    assert_eq!(send("POST /open", &[HERE, FORM], &fits).await.body.len(), limit - 5);
    let over = send("POST /open", &[HERE, FORM], &format!("{fits}a")).await;
    assert_eq!((over.status, over.header("content-type")), (413, "text/html; charset=utf-8"));
    let call = send("POST /api/v1/names", &[HERE, JSON], &format!("\"{}\"", "a".repeat(limit))).await;
    assert_eq!((call.status, call.header("content-type")), (413, "application/problem+json"));
}

#[tokio::test]
async fn forms_need_their_token_and_lose_it() {
    let (cookie, token) = (cookie(), session().form_token());
    let here = [HERE, FORM, ("cookie", cookie.as_str())];
    let sent = send("POST /send", &here, &format!("csrf={token}&name=a+b")).await;
    assert_eq!((sent.status, sent.body.as_str()), (200, "a b"));
    let forged = send("POST /send", &here, "csrf=0&name=a").await;
    assert_eq!(forged.status, 403);
    let foreign =
        send("POST /send", &[("origin", "https://evil.example"), here[1], here[2]], &format!("csrf={token}&name=a"))
            .await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_words() {
    let check = |answer: Answer, status: u16, words: &str| {
        let said: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer.status, status, "{said}");
        assert!(said["detail"].as_str().unwrap().contains(words), "{said}");
    };
    check(send("POST /api/v1/names", &[HERE, JSON], "{").await, 422, "The JSON could not be read: EOF");
    check(
        send("POST /api/v1/names", &[HERE, JSON], "{\"name\":\"a\",\"role\":\"partner\"}").await,
        422,
        "unknown field `role`",
    );
    check(send("POST /api/v1/names", &[HERE, FORM], "name=a").await, 415, "application/json");
    check(send("POST /api/v1/once", &[HERE, ("idempotency-key", "a b")], "").await, 422, "1 to 64 letters");
    assert_eq!(send("POST /api/v1/once", &[HERE, ("idempotency-key", "a-b_1")], "").await.body, "a-b_1");
    assert_eq!(send("POST /api/v1/once", &[HERE], "").await.body, "");
    let query = send("GET /count?count=-1", &[], "").await;
    assert!(query.status == 422 && query.body.contains("The address could not be read"), "{}", query.body);
    let form = send("POST /open", &[HERE, FORM], "name=a&admin=1").await;
    assert!(form.status == 422 && form.body.contains("unknown field `admin`"), "{}", form.body);
}

#[tokio::test]
async fn changed_rights_are_read_anew() {
    let view = send("GET /changed?a=1", &[], "").await;
    assert_eq!((view.status, view.header("location")), (303, "/changed?a=1"));
    assert_eq!(send("POST /changed", &[HERE], "").await.status, 409);
    let wait = send("GET /wait", &[], "").await;
    assert_eq!((wait.status, wait.header("retry-after")), (429, "90"));
    assert!(wait.body.contains("Wait 2 minutes"), "{}", wait.body);
}

#[tokio::test]
async fn a_failure_keeps_the_cookies_that_came_with_it() {
    let cookie = cookie();
    let out = send("GET /out", &[("cookie", &cookie)], "").await;
    assert_eq!((out.status, out.header("location")), (303, "/sign-in?next=/out"));
    assert!(out.header("set-cookie").starts_with("__Host-s=;"));
    assert_eq!(out.header("clear-site-data"), r#""storage""#);
}

#[tokio::test]
async fn answers_are_compressed_where_it_is_understood() {
    let plain = send("GET /open", &[], "").await;
    let small = send("GET /open", &[("accept-encoding", "gzip, br")], "").await;
    assert_eq!((plain.header("content-encoding"), small.header("content-encoding")), ("", "gzip"));
    let failed = send("GET /nowhere", &[("accept-encoding", "gzip")], "").await;
    assert_eq!(failed.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn behind_the_edge_nothing_comes_past_it() {
    let secret = crypto::sha256_hex(b"a long secret");
    let config = Config { origin_secret_sha256: Some(secret), ..config() };
    let app = App::connect(&config).await;
    let check = async |sent: &[(&str, &str)], want: u16| {
        let answer = send_to(routes().serve(app.clone()), "GET /open", sent, "").await;
        assert_eq!(answer.status, want, "{sent:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    };
    check(&[("x-portico-origin", "a long secret")], 200).await;
    check(&[("x-portico-origin", "another secret")], 404).await;
    check(&[], 404).await;
}

/// As the gateway sends it, through the adapter that production uses.
async fn send_event(event: &str) -> http::Response<Body> {
    let request = lambda_http::request::from_str(event).unwrap();
    let config = Config::read(|name| match name {
        "SITE_ORIGIN" => Some("http://localhost:3000".into()),
        other => sample(other),
    });
    let served =
        routes().page(Method::POST, "/sign-in", PUBLIC, |Form(form): Form<Vec<(String, String)>>| async move {
            format!("{form:?}")
        });
    served.serve(App::connect(&config.unwrap()).await).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn the_gateway_s_events_are_understood() {
    // The session comes in the list of cookies, not in a header.
    let home = send_event(include_str!("../../../../events/apigw/home-get.json")).await;
    assert_eq!((home.status().as_u16(), &home.headers()["x-request-id"]), (200, &"JKJaXmPLvHcESHA=".parse().unwrap()));
    let form = send_event(include_str!("../../../../events/apigw/sign-in-post.json")).await;
    let body = to_bytes(form.into_body(), 10_000).await.unwrap();
    assert!(!body.is_empty());
    let upload = send_event(include_str!("../../../../events/apigw/documents-upload.json")).await;
    assert_eq!(upload.status(), 405);
    assert_eq!(upload.headers()[CONTENT_TYPE], "application/problem+json");
    assert!(upload.headers().get(LOCATION).is_none() && upload.headers()[CACHE_CONTROL] == "no-store");
    assert!(upload.headers().get(COOKIE).is_none());
}

#[test]
fn the_table_is_what_was_recorded() {
    let routes = routes();
    let first = &routes.table()[0];
    assert_eq!(
        (first.function, &first.method, first.path, first.access),
        ("trial", &Method::GET, "/", Access::SignedIn)
    );
    assert_eq!(routes.table().iter().filter(|route| route.kind == crate::Kind::Api).count(), routes.docs().len());
}
