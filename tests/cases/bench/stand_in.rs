//! AWS for programs that are measured: it passes calls on to the local AWS once and remembers the answers, then gives
//! the same answers to everybody, at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;

use super::runtime_api::{answer, serve};
use crate::world::setting;

#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    client: Client<HttpConnector, Full<Bytes>>,
    records: AtomicBool,
    answers: Mutex<BTreeMap<String, (StatusCode, Bytes)>>,
    asked: Mutex<Vec<String>>,
}

impl StandIn {
    pub(crate) async fn open() -> StandIn {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            client: Client::builder(TokioExecutor::new()).build_http(),
            records: AtomicBool::new(true),
            answers: Mutex::default(),
            asked: Mutex::default(),
        });
        let shared = Arc::clone(&inner);
        serve(listener, move |request| pass(Arc::clone(&shared), request));
        StandIn { url, inner }
    }

    /// From now on nothing new is learnt.
    pub(crate) fn stop_recording(&self) {
        self.inner.records.store(false, Ordering::Relaxed);
    }

    /// What was asked since this was last asked, in order.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.inner.asked))
    }
}

async fn pass(inner: Arc<Inner>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let call = call(head.uri.path(), &head.headers, &body);
    lock(&inner.asked).push(call.clone());
    if inner.records.load(Ordering::Relaxed) {
        let found = ask(&inner.client, &head, body).await;
        lock(&inner.answers).insert(call.clone(), found);
    }
    let found = lock(&inner.answers).get(&call).cloned();
    match found {
        Some((status, body)) => answer(status, body),
        None => answer(StatusCode::NOT_IMPLEMENTED, Bytes::from(format!("nobody asked `{call}` before"))),
    }
}

/// A call by what it is about: `DynamoDB_20120810.Query portico-data`, or a path.
fn call(path: &str, headers: &HeaderMap, body: &[u8]) -> String {
    match headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        Some(target) => {
            let asked: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
            format!("{target} {}", asked["TableName"].as_str().unwrap_or_default()).trim_end().to_owned()
        }
        None => path.to_owned(),
    }
}

async fn ask(
    client: &Client<HttpConnector, Full<Bytes>>,
    head: &http::request::Parts,
    body: Bytes,
) -> (StatusCode, Bytes) {
    let emulator = setting("PORTICO_EMULATOR");
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder().method(head.method.clone()).uri(format!("{emulator}{path}"));
    for (name, value) in &head.headers {
        // The host too, which is signed.
        if !["accept-encoding", "content-length"].contains(&name.as_str()) {
            request = request.header(name, value);
        }
    }
    let found = client.request(request.body(Full::new(body)).unwrap()).await.unwrap();
    let status = found.status();
    (status, found.into_body().collect().await.unwrap().to_bytes())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
