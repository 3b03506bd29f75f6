//! What ASVS 5.0 asks of browser, sign-in, sessions and access, tried from outside. Which requirement which test proves
//! stands in `tests/asvs.toml`; every test here is named there.

mod answers;
mod cookies;
mod fields;
mod forgery;
mod leaving;
mod methods;
mod pathways;
mod probes;
mod redirects;
mod sessions;
mod signing_in;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use serde_json::json;
use testkit::portal::{Answer, Http, Person, Portal, code_in, link_in};
use web::{Kind, Route};

use crate::isolation::vended::Aws;
use crate::world::{fresh, setting};

/// What belongs to somebody else, wherever a browser says where a request comes from.
const ELSEWHERE: &str = "https://evil.example";

const FORM: &str = "application/x-www-form-urlencoded";

fn routes() -> Vec<Route> {
    crate::access::functions().iter().flat_map(|routes| routes.table().to_vec()).collect()
}

fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// A route's address with these things for its parameters, and ids of nothing for the others.
fn address(route: &Route, things: &[(&str, &str)]) -> String {
    let mut path = route.path.to_owned();
    for (name, id) in things {
        path = path.replace(&format!("{{{name}}}"), id);
    }
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, &fresh());
    }
    path
}

/// The portal's own origin, as browsers name it.
fn site(http: &Http) -> String {
    http.url().replace("//127.0.0.1", "//localhost")
}

/// A browser's session cookie; empty where there is none.
fn session(http: &Http) -> String {
    let cookies = http.cookies();
    let found = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s="));
    found.unwrap_or_default().to_owned()
}

/// What the forms of a browser's pages carry.
fn form_token(http: &Http) -> String {
    crypto::SessionToken::parse(&session(http)).map(|token| token.form_token()).unwrap_or_default()
}

/// A browser that holds this one session cookie and nothing else.
fn holding(portal: &Portal, token: &str) -> Http {
    let http = portal.stranger();
    http.set_cookies(&format!("__Host-s={token}"));
    http
}

/// Whether a session cookie opens anything.
async fn is_in(portal: &Portal, token: &str) -> bool {
    let answer = holding(portal, token).get("/api/v1/me").await;
    assert!([200, 401].contains(&answer.status), "{} {}", answer.status, answer.text());
    answer.status == 200
}

/// A page as a browser asks for it.
async fn page(http: &Http, path: &str) -> Answer {
    http.raw("GET", path, &[("accept", "text/html".to_owned())], Vec::new()).await
}

/// A form as a page of the portal sends it, its token included.
async fn submit(http: &Http, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = form_token(http);
    let mut pairs = vec![("csrf", token.as_str())];
    pairs.extend_from_slice(fields);
    let headers = [
        ("accept", "text/html".to_owned()),
        ("content-type", FORM.to_owned()),
        ("origin", site(http)),
        ("sec-fetch-site", "same-origin".to_owned()),
    ];
    http.raw("POST", path, &headers, encoded(&pairs).into_bytes()).await
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let value = |text: &str| -> String {
        let each = text
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") });
        each.collect()
    };
    let pairs = pairs.iter().map(|(name, text)| format!("{name}={}", value(text)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A mail that was just asked for: the link's token and the code.
struct Mailed {
    token: String,
    code: String,
}

/// Asks for a link in this browser, and reads the mail.
async fn mailed(portal: &Portal, http: &Http, email: &str) -> Mailed {
    let before = portal.mails(email).await.len();
    let asked = http.post("/api/v1/auth/link", &json!({ "email": email })).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let mail = portal.mail_after(email, before).await;
    let link = link_in(&mail);
    let token = link.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    Mailed { token, code: code_in(&mail) }
}

/// How many mails to sign in with came to an address.
async fn links_mailed(portal: &Portal, email: &str) -> usize {
    let mails = portal.mails(email).await;
    mails.iter().filter(|mail| mail["subject"].as_str().unwrap_or_default().starts_with("Your sign-in link")).count()
}

/// Sets an app for codes up for somebody who has confirmed who they are. The code of now is left for what comes next.
async fn enrol(person: &Person) -> App {
    let offer = person.write("POST", "/api/v1/auth/factors/app", &json!({})).await;
    let app = App { seed: crypto::from_base32(offer["key"].as_str().unwrap()).unwrap() };
    person.write("PUT", "/api/v1/auth/factors/app", &json!({ "code": app.code(-1) })).await;
    app
}

struct App {
    seed: Vec<u8>,
}

impl App {
    /// The code of the step that many after the one of now.
    fn code(&self, steps: i64) -> String {
        let step = i64::try_from(domain::factors::step_of(crate::world::jiff_now())).unwrap() + steps;
        crypto::totp_code(&self.seed, u64::try_from(step).unwrap())
    }
}

/// Rows of the store about sign-in, to move their times: what has to happen after half a day cannot be waited for.
struct Rows {
    table: aws_sdk_dynamodb::Client,
    name: String,
}

impl Rows {
    async fn open() -> Rows {
        let table = aws_sdk_dynamodb::Client::new(Aws::connect().await.config());
        Rows { table, name: format!("{}-identity", setting("PORTICO_PREFIX")) }
    }

    async fn read(&self, (pk, sk): &(String, String)) -> HashMap<String, AttributeValue> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let found = self.table.get_item().table_name(&self.name).key("pk", text(pk)).key("sk", text(sk)).send().await;
        found.unwrap().item.unwrap_or_else(|| panic!("there is no row {pk} {sk}"))
    }

    async fn set(&self, place: &(String, String), name: &str, value: AttributeValue) {
        let mut row = self.read(place).await;
        assert!(row.insert(name.to_owned(), value).is_some(), "the row has no {name}");
        self.table.put_item().table_name(&self.name).set_item(Some(row)).send().await.unwrap();
    }
}

/// Moves the time at which somebody signed in: of the session, and of the proof that it hands on to those after it.
async fn signed_in_ago(rows: &Rows, token: &str, seconds: i64) {
    let place = session_row(token);
    rows.set(&place, "started_at", seconds_ago(seconds)).await;
    let mut proven = rows.read(&place).await["proven"].as_m().unwrap().clone();
    assert!(proven.insert("at".to_owned(), seconds_ago(seconds)).is_some());
    rows.set(&place, "proven", AttributeValue::M(proven)).await;
}

/// Where a session lies, by its cookie.
fn session_row(token: &str) -> (String, String) {
    let hash = crypto::SessionToken::parse(token).unwrap().hash();
    (format!("S#{hash}"), "S".to_owned())
}

/// Where a mailed link lies, by its token.
fn link_row(token: &str) -> (String, String) {
    (format!("ML#{}", crypto::tagged_token("link", token)), "L".to_owned())
}

/// An instant as rows have it.
fn seconds_ago(seconds: i64) -> AttributeValue {
    let at = jiff::Timestamp::from_second(crate::world::jiff_now().as_second() - seconds).unwrap();
    AttributeValue::S(at.to_string())
}

/// Where object storage hands files over.
fn bucket_origin() -> String {
    let path = std::path::PathBuf::from(setting("PORTICO_STATE")).join("instance.json");
    let instance: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    instance["bucket_origin"].as_str().unwrap().to_owned()
}

/// The name of a problem document.
fn problem(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned()
}

fn is_api(route: &Route) -> bool {
    route.kind == Kind::Api
}
