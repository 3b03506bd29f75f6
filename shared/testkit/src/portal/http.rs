//! A small browser: cookies, and a network address of its own, so that limits per address count one user each.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// More than a function has beside each other in a local portal.
const ENVIRONMENTS: usize = 8;

/// One browser. Clones share its cookies.
#[derive(Clone)]
pub struct Http {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Null where the body is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Http {
    pub(super) fn new(url: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_local_address(Some(IpAddr::V4(own_address())));
        // Loopback by number: an address of 127.0.0.0/8 cannot reach a name that resolves to ::1.
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { url: url.replace("//localhost", "//127.0.0.1"), client, cookies: Arc::default() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn fresh(&self) -> Self {
        Self::new(&self.url)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// Asked again where rights were changed a moment ago, as that answer tells people to: nothing was saved. Each
    /// environment of a function says it once.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut answer = self.send_once(method, path, body).await;
        for _ in 0..ENVIRONMENTS {
            if answer.status != 409 || answer.json()["type"] != "/problems/changed" {
                break;
            }
            answer = self.send_once(method, path, body).await;
        }
        answer
    }

    async fn send_once(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut headers = vec![("accept", "application/json".to_owned())];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        if method != "GET" && method != "HEAD" {
            headers.push(("x-portico-csrf", "1".to_owned()));
            headers.push(("origin", self.url.replace("//127.0.0.1", "//localhost")));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, path, &headers, body.into_bytes()).await
    }

    /// Exactly these headers, beside the cookies. `path` may be a whole address elsewhere: it gets no cookies then.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, String)], body: Vec<u8>) -> Answer {
        let elsewhere = path.starts_with("http");
        let uri = if elsewhere { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = http::Request::builder().method(method).uri(&uri);
        if !elsewhere {
            let host = self.url.trim_start_matches("http://").replace("127.0.0.1", "localhost");
            request = request.header("host", host);
            let cookies = self.cookies();
            if !cookies.is_empty() {
                request = request.header("cookie", cookies);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap_or_else(|why| panic!("{method} {uri}: {why}"));
        let answer = self.client.request(request).await.unwrap_or_else(|why| panic!("{method} {uri}: {why:?}"));
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap_or_else(|why| panic!("{method} {uri}: {why:?}")).to_bytes();
        if !elsewhere {
            self.keep(&parts.headers);
        }
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// As the Cookie header has them.
    pub fn cookies(&self) -> String {
        let jar = self.jar();
        let pairs: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub fn set_cookies(&self, header: &str) {
        let mut jar = self.jar();
        for pair in header.split("; ") {
            if let Some((name, value)) = pair.split_once('=') {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn keep(&self, headers: &http::HeaderMap) {
        let mut jar = self.jar();
        for cookie in headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = cookie.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let ended = parts.any(|part| part.trim().eq_ignore_ascii_case("max-age=0"));
            if ended || value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// One of the sixteen million addresses of this machine.
fn own_address() -> Ipv4Addr {
    let bits = crypto::random_bits().to_be_bytes();
    Ipv4Addr::new(127, bits[0], bits[1], bits[2].clamp(1, 254))
}
