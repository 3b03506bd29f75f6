use super::*;
use crypto::SessionToken;
use domain::PermissionName;
use http::header::COOKIE;

const SITE: &str = "https://portal.example";
const PUBLIC: Access = Access::Public("signing in");
const NEEDS: Access = Access::Needs(PermissionName::UploadDocuments);

fn token() -> SessionToken {
    SessionToken::from_bits([3, 4])
}

/// One request of the matrix.
#[derive(Debug, Clone, Copy)]
struct Sent {
    access: Access,
    origin: Option<&'static str>,
    fetch_site: Option<&'static str>,
    session: bool,
    content_type: Option<&'static str>,
    header: Option<&'static str>,
    body: &'static str,
}

/// A program's call with a session, as it should be.
const CALL: Sent = Sent {
    access: NEEDS,
    origin: Some(SITE),
    fetch_site: Some("same-origin"),
    session: true,
    content_type: Some("application/json"),
    header: Some("1"),
    body: "{}",
};
/// A page's form with a session; `TOKEN` stands for the session's form token.
const FORM: Sent = Sent {
    content_type: Some("application/x-www-form-urlencoded"),
    header: None,
    body: "name=a%20b&csrf=TOKEN&csrfx=1",
    ..CALL
};

fn judge(sent: Sent) -> Result<String, &'static str> {
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: Option<&str>| {
        if let Some(value) = value {
            headers.insert(name, value.parse().unwrap());
        }
    };
    set("origin", sent.origin);
    set("sec-fetch-site", sent.fetch_site);
    set("content-type", sent.content_type);
    set(CSRF_HEADER, sent.header);
    if sent.session {
        headers.insert(COOKIE, format!("{}={}", cookies::SESSION, token().expose()).parse().unwrap());
    }
    let body = Bytes::from(sent.body.replace("TOKEN", &token().form_token()));
    let from = Sender::of(&headers, SITE);
    ours(sent.access, false, from, &headers, body)
        .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
        .map_err(|failure| failure.name())
}

#[test]
fn the_matrix_of_senders() {
    let foreign = Some("https://evil.example");
    let cases: &[(&str, Sent, Result<&str, &str>)] = &[
        // Calls of programs.
        ("a call as it should be", CALL, Ok("{}")),
        ("origin alone", Sent { fetch_site: None, ..CALL }, Ok("{}")),
        ("fetch metadata alone", Sent { origin: None, ..CALL }, Ok("{}")),
        ("neither", Sent { origin: None, fetch_site: None, ..CALL }, Err("cross-site")),
        ("another origin", Sent { origin: foreign, ..CALL }, Err("cross-site")),
        ("another origin, no metadata", Sent { origin: foreign, fetch_site: None, ..CALL }, Err("cross-site")),
        ("a hidden origin", Sent { origin: Some("null"), fetch_site: None, ..CALL }, Err("cross-site")),
        (
            "our host as a prefix",
            Sent { origin: Some("https://portal.example.evil.example"), ..CALL },
            Err("cross-site"),
        ),
        ("another scheme", Sent { origin: Some("http://portal.example"), ..CALL }, Err("cross-site")),
        ("a neighbouring host", Sent { fetch_site: Some("same-site"), ..CALL }, Err("cross-site")),
        ("cross-site metadata", Sent { origin: None, fetch_site: Some("cross-site"), ..CALL }, Err("cross-site")),
        ("an address typed", Sent { origin: None, fetch_site: Some("none"), ..CALL }, Err("cross-site")),
        ("no header", Sent { header: None, ..CALL }, Err("cross-site")),
        ("a wrong header", Sent { header: Some("true"), ..CALL }, Err("cross-site")),
        ("no body", Sent { content_type: None, body: "", ..CALL }, Ok("")),
        ("no body and no header", Sent { content_type: None, body: "", header: None, ..CALL }, Err("cross-site")),
        (
            "no cookie, origin unsaid",
            Sent { session: false, origin: None, fetch_site: None, header: None, ..CALL },
            Ok("{}"),
        ),
        ("no cookie, another site", Sent { session: false, origin: foreign, ..CALL }, Err("cross-site")),
        // Bodies that an HTML form can send and no handler reads.
        ("plain text", Sent { content_type: Some("text/plain"), ..CALL }, Err("media-type")),
        (
            "a part of several",
            Sent { content_type: Some("multipart/form-data; boundary=x"), ..CALL },
            Err("media-type"),
        ),
        ("no type", Sent { content_type: None, ..CALL }, Err("media-type")),
        // Forms.
        ("a form as it should be", FORM, Ok("name=a%20b&csrfx=1")),
        (
            "with a charset",
            Sent { content_type: Some("application/x-www-form-urlencoded; charset=UTF-8"), ..FORM },
            Ok("name=a%20b&csrfx=1"),
        ),
        ("token first", Sent { body: "csrf=TOKEN&name=a", ..FORM }, Ok("name=a")),
        ("token only", Sent { body: "csrf=TOKEN", ..FORM }, Ok("")),
        ("no token", Sent { body: "name=a", ..FORM }, Err("cross-site")),
        ("an empty token", Sent { body: "csrf=&name=a", ..FORM }, Err("cross-site")),
        ("another session's token", Sent { body: "csrf=0000&name=a", ..FORM }, Err("cross-site")),
        ("two tokens", Sent { body: "csrf=0000&csrf=TOKEN", ..FORM }, Err("cross-site")),
        ("the header does not stand in", Sent { header: Some("1"), body: "name=a", ..FORM }, Err("cross-site")),
        ("right token, another site", Sent { origin: foreign, ..FORM }, Err("cross-site")),
        ("right token, origin unsaid", Sent { origin: None, fetch_site: None, ..FORM }, Err("cross-site")),
        ("nobody signed in: the scope refuses", Sent { session: false, body: "csrf=&name=a", ..FORM }, Ok("name=a")),
        // Signing in.
        ("public form", Sent { access: PUBLIC, session: false, body: "csrf=&email=a", ..FORM }, Ok("email=a")),
        ("public form beside a session", Sent { access: PUBLIC, body: "email=a", ..FORM }, Ok("email=a")),
        (
            "public form of another site",
            Sent { access: PUBLIC, session: false, origin: foreign, ..FORM },
            Err("cross-site"),
        ),
        (
            "public call without a browser",
            Sent { access: PUBLIC, session: false, origin: None, fetch_site: None, header: None, ..CALL },
            Ok("{}"),
        ),
    ];
    for (what, sent, want) in cases {
        assert_eq!(judge(*sent).as_ref().map(String::as_str).map_err(|name| *name), *want, "{what}");
    }
}

#[test]
fn exemptions_are_pinned() {
    // An exemption is a decision: it is made here first.
    assert_eq!(ORIGIN_EXEMPT, &[(Method::POST, "/sso/saml/acs"), (Method::POST, "/unsubscribe/{token}")]);
}
