//! What every answer carries, whoever asks and whatever for: each recorded route, each kind of failure, each asset.

use testkit::portal::{Answer, Http};
use testkit::samples;

use super::{ELSEWHERE, FORM, address, is_api, page, routes, session, site};
use crate::world::{LawFirm, operator, volume};

/// Names with their values, as they are sent.
type Headers = Vec<(&'static str, String)>;

/// The status that is right, who asks, method, path, headers and body.
type Asked<'a> = (u16, &'a Http, &'static str, &'static str, Headers, Vec<u8>);

const YEAR_SECONDS: u64 = 365 * 24 * 60 * 60;

/// Browsers as they present themselves when they open an address: two of today, one from before fetch metadata.
const BROWSERS: [&[(&str, &str)]; 3] = [
    &[
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
        ),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ],
    &[
        ("user-agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"),
        ("accept", "image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "image"),
    ],
    &[("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) Safari/604.1"), ("accept", "*/*")],
];

/// The faults of all answers, each with the requirement that it breaks.
#[derive(Default)]
struct Seen {
    answers: usize,
    wrong: Vec<String>,
    cookies: usize,
}

impl Seen {
    /// What another site's page asks first is answered before any of ours is run: all that counts is that no other
    /// origin is let in.
    fn judge_preflight(&mut self, what: &str, answer: &Answer) {
        self.answers += 1;
        let shared = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        if shared.is_some() || answer.status < 400 || answer.headers.contains_key("set-cookie") {
            self.wrong.push(format!("3.4.2: {what} answered {}: {:?}", answer.status, answer.headers));
        }
    }

    fn judge(&mut self, what: &str, answer: &Answer, http: &Http, bucket: &str) {
        self.answers += 1;
        let kept = answer.status == 200 && ["/assets/", "/firm/logo/"].iter().any(|place| what.contains(place));
        for (id, why) in faults(answer, kept, &session(http), bucket) {
            self.wrong.push(format!("{id}: {what} answered {}: {why}", answer.status));
        }
        self.cookies += answer.headers.get_all("set-cookie").iter().count();
    }
}

fn faults(answer: &Answer, kept: bool, session: &str, bucket: &str) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut ask = |id: &'static str, holds: bool, why: &str| {
        if !holds {
            faults.push((id, why.to_owned()));
        }
    };
    let transport = answer.header("strict-transport-security");
    let age = transport.split(';').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
    ask("3.4.1", age.is_some_and(|age| age >= YEAR_SECONDS) && transport.contains("includeSubDomains"), transport);
    let shared = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    ask("3.4.2", shared.is_none(), &format!("{shared:?}"));
    let policy = answer.header("content-security-policy");
    let says = |directive: &str| policy.split(';').any(|part| part.trim() == directive);
    let closed = says("default-src 'none'") && says("object-src 'none'") && says("base-uri 'none'");
    let own_scripts = says("script-src 'self'") && says("style-src 'self'") && !policy.contains("unsafe");
    ask("3.4.3", closed && own_scripts, policy);
    ask("3.4.4", answer.header("x-content-type-options") == "nosniff", "nosniff is missing");
    let referrer = answer.header("referrer-policy");
    ask("3.4.5", ["no-referrer", "same-origin", "strict-origin"].contains(&referrer), referrer);
    ask("3.4.6", says("frame-ancestors 'none'"), policy);
    let opener = answer.header("cross-origin-opener-policy");
    let resource = answer.header("cross-origin-resource-policy");
    ask("3.2.1", opener == "same-origin" && resource == "same-origin", &format!("{opener} {resource}"));
    let cache = answer.header("cache-control");
    ask("14.3.2", if kept { cache.starts_with("public, max-age=") } else { cache == "no-store" }, cache);
    let typed = content_fits(answer);
    ask("4.1.1", typed.is_ok(), &typed.err().unwrap_or_default());
    for place in ["location", "hx-redirect", "refresh", "hx-location"].map(|name| answer.header(name)) {
        ask("3.7.2", place.is_empty() || leads_home(place, bucket), place);
    }
    let shown = !session.is_empty() && answer.text().contains(session);
    ask("3.3.4", !shown, "the session's secret is in the body");
    faults
}

/// Own paths, and the one address of a file that was asked for.
pub(super) fn leads_home(place: &str, bucket: &str) -> bool {
    let own = place.starts_with('/') && !place.starts_with("//") && !place.contains('\\');
    own || (place.starts_with(&format!("{bucket}/")) && place.contains("X-Amz-Signature"))
}

/// The body is what its type says, in the character set that it names.
fn content_fits(answer: &Answer) -> Result<(), String> {
    let content_type = answer.header("content-type");
    let text = answer.text();
    let fits = match content_type {
        "" => answer.body.is_empty(),
        // Without a body nothing is typed wrongly.
        _ if answer.body.is_empty() => true,
        "text/html; charset=utf-8" => text.trim_start().starts_with('<'),
        "application/json" | "application/problem+json" => !answer.json().is_null(),
        "text/css; charset=utf-8" => text.contains('{') && !text.contains("<html"),
        "text/javascript; charset=utf-8" => !text.trim_start().starts_with('<'),
        "image/svg+xml" => text.contains("<svg"),
        "image/png" => answer.body.starts_with(b"\x89PNG"),
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("{content_type:?} for {:?}", text.chars().take(60).collect::<String>())) }
}

#[tokio::test]
async fn every_answer_carries_the_browser_s_protections() {
    let world = LawFirm::open().await;
    let (staff, admin, partner) =
        (world.person("staff").await, world.person("admin.acme").await, world.person("partner").await);
    let matter = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &matter, "Other", "a.txt", &samples::txt("words")).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let operator = operator(&world.portal).await;
    let bucket = super::bucket_origin();
    let things = [("client", world.acme.as_str()), ("project", &matter), ("document", &document)];
    let nobody = world.portal.stranger();
    let everybody = [
        ("nobody", &nobody),
        ("staff", staff.http()),
        ("a client's admin", admin.http()),
        ("a partner", partner.http()),
        ("an operator", operator.http()),
    ];
    let mut seen = Seen::default();
    for (n, route) in routes().iter().enumerate() {
        let path = address(route, &things);
        // Nobody and one other in turn; everybody at full volume.
        let others = everybody[1..].iter().cycle().skip(n).take(volume(4, 1));
        for &(who, http) in everybody[..1].iter().chain(others) {
            let mut headers: Vec<(&str, String)> =
                BROWSERS[n % BROWSERS.len()].iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            headers.push(("origin", ELSEWHERE.to_owned()));
            // What another site's page asks first; and what it sends then, which is refused.
            let mut first = headers.clone();
            first.push(("access-control-request-method", route.method.to_string()));
            first.push(("access-control-request-headers", "x-portico-csrf, content-type".to_owned()));
            let answer = http.raw("OPTIONS", &path, &first, Vec::new()).await;
            seen.judge_preflight(&format!("OPTIONS {path} by {who}"), &answer);
            let answer = http.raw(route.method.as_str(), &path, &headers, Vec::new()).await;
            seen.judge(&format!("{} {path} by {who}", route.method), &answer, http, &bucket);
        }
    }
    for (what, answer) in failures(&nobody, partner.http()).await {
        seen.judge(&what, &answer, partner.http(), &bucket);
    }
    for asset in web::assets::all() {
        let path = format!("/assets/{}", asset.hashed_name);
        let answer = page(&nobody, &path).await;
        assert_eq!(answer.status, 200, "{path}");
        seen.judge(&format!("GET {path}"), &answer, &nobody, &bucket);
    }
    assert!(seen.answers > 800, "{}", seen.answers);
    assert!(seen.wrong.is_empty(), "{} of {}:\n{}", seen.wrong.len(), seen.answers, seen.wrong.join("\n"));
}

/// Every way in which an answer can be a failure, by its status.
async fn failures(nobody: &Http, somebody: &Http) -> Vec<(String, Answer)> {
    let origin = || ("origin", site(nobody));
    let json = || ("content-type", "application/json".to_owned());
    let form = || ("content-type", FORM.to_owned());
    let large = vec![b'a'; domain::limits::BODY_BYTES_MAX + 1];
    let asked: Vec<Asked<'_>> = vec![
        (404, nobody, "GET", "/nowhere", vec![], vec![]),
        (404, somebody, "GET", "/nowhere", vec![], vec![]),
        (404, nobody, "GET", "/api/nowhere", vec![], vec![]),
        (404, nobody, "GET", "/assets/../Cargo.toml", vec![], vec![]),
        (405, nobody, "DELETE", "/sign-in", vec![], vec![]),
        (405, nobody, "PUT", "/api/v1/auth/link", vec![], vec![]),
        (401, nobody, "GET", "/api/v1/me", vec![], vec![]),
        (303, nobody, "GET", "/", vec![], vec![]),
        (403, somebody, "POST", "/sign-out", vec![("origin", ELSEWHERE.to_owned())], vec![]),
        (403, somebody, "POST", "/api/v1/firm/clients", vec![("origin", ELSEWHERE.to_owned()), json()], b"{}".to_vec()),
        (413, nobody, "POST", "/sign-in", vec![origin(), form()], large.clone()),
        (413, nobody, "POST", "/api/v1/auth/link", vec![origin(), json()], large),
        (
            415,
            nobody,
            "POST",
            "/api/v1/auth/link",
            vec![origin(), ("content-type", "text/plain".to_owned())],
            b"{}".to_vec(),
        ),
        (422, nobody, "POST", "/api/v1/auth/link", vec![origin(), json()], b"{\"email\":".to_vec()),
        (422, nobody, "POST", "/sign-in", vec![origin(), form()], b"email=none".to_vec()),
    ];
    let mut answers = Vec::new();
    for (want, http, method, path, headers, body) in asked {
        let answer = http.raw(method, path, &headers, body).await;
        assert_eq!(answer.status, want, "{method} {path}: {}", answer.text());
        answers.push((format!("{method} {path} ({want})"), answer));
    }
    // A part of a page, which htmx asks for.
    let part = nobody.raw("GET", "/nowhere", &[("hx-request", "true".to_owned())], Vec::new()).await;
    answers.push(("GET /nowhere in part".to_owned(), part));
    answers
}

#[tokio::test]
async fn what_clients_send_and_what_programs_read_is_never_shown_as_a_page() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let hostile = b"<!doctype html><html><body><script>alert(document.domain)</script></body></html>".to_vec();
    let document = admin.upload(&world.acme, &matter, "Other", "page.html", &hostile).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let path = format!("/clients/{}/documents/{document}/download", world.acme);
    let found = page(admin.http(), &path).await;
    assert_eq!(found.status, 303, "{}", found.text());
    // Never the portal's own origin, and a file to keep even there.
    assert!(found.header("location").starts_with(&format!("{}/", super::bucket_origin())));
    assert_ne!(super::bucket_origin(), site(admin.http()));
    let file = admin.http().raw("GET", found.header("location"), &[], Vec::new()).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/octet-stream"));
    assert!(file.header("content-disposition").starts_with("attachment;"), "{:?}", file.headers);
    // An answer for programs, opened as a page: its words stay words.
    let tricky = "<script>alert(1)</script>";
    let made = json_of(&staff, &world, tricky).await;
    for accept in ["text/html", "*/*"] {
        let answer = staff.http().raw("GET", &made, &[("accept", accept.to_owned())], Vec::new()).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    for route in routes().iter().filter(|route| is_api(route) && route.method == http::Method::GET) {
        let answer = page(staff.http(), &address(route, &[("client", &world.acme), ("project", &matter)])).await;
        let html = answer.header("content-type").starts_with("text/html");
        assert!(!html, "GET {} is shown as a page", route.path);
    }
}

/// A matter of that name, by the address that describes it.
async fn json_of(staff: &testkit::portal::Person, world: &LawFirm, name: &str) -> String {
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    let made = staff.write("POST", &path, &serde_json::json!({ "name": name, "pack": "tax" })).await;
    format!("{path}/{}", crate::world::id_of(&made, "project"))
}

#[tokio::test]
async fn the_bucket_answers_pages_of_the_portal_alone() {
    let config = aws_sdk_s3::config::Builder::from(crate::isolation::vended::Aws::connect().await.config())
        .force_path_style(true)
        .build();
    let bucket = crate::world::setting("PORTICO_BUCKET");
    let rules = aws_sdk_s3::Client::from_conf(config).get_bucket_cors().bucket(&bucket).send().await.unwrap();
    let site = site(&crate::world::portal().stranger());
    assert!(!rules.cors_rules().is_empty());
    for rule in rules.cors_rules() {
        assert_eq!(rule.allowed_origins(), [site.as_str()], "{rule:?}");
        let methods = rule.allowed_methods();
        assert!(methods.iter().all(|method| ["GET", "PUT", "POST"].contains(&method.as_str())), "{rule:?}");
    }
}
