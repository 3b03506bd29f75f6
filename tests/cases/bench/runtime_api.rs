//! Lambda's Runtime API on a free port of this machine: gives a program its events one by one and takes its answers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::figures::now;

/// What a program said, and when.
pub(crate) struct Said {
    pub(crate) at: Instant,
    /// `response`, or where an error was reported to.
    pub(crate) to: String,
    pub(crate) body: Bytes,
}

/// For one program.
pub(crate) struct RuntimeApi {
    pub(crate) address: String,
    events: UnboundedSender<Bytes>,
    said: UnboundedReceiver<Said>,
}

struct Turns {
    events: Mutex<UnboundedReceiver<Bytes>>,
    said: UnboundedSender<Said>,
}

impl RuntimeApi {
    pub(crate) async fn open() -> RuntimeApi {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, given) = unbounded_channel();
        let (sender, said) = unbounded_channel();
        let turns = Arc::new(Turns { events: Mutex::new(given), said: sender });
        serve(listener, move |request| turn(Arc::clone(&turns), request));
        RuntimeApi { address, events, said }
    }

    /// What the program gets as soon as it asks, or at once if it waits.
    pub(crate) fn give(&self, event: &Bytes) {
        self.events.send(event.clone()).unwrap();
    }

    /// The next thing that the program says; nothing if it stays silent.
    pub(crate) async fn next(&mut self, patience: Duration) -> Option<Said> {
        tokio::time::timeout(patience, self.said.recv()).await.ok().flatten()
    }
}

async fn turn(turns: Arc<Turns>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET && path.ends_with("/invocation/next") {
        let given = turns.events.lock().await.recv().await;
        let Some(event) = given else { return std::future::pending().await };
        return invocation(event);
    }
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let to = path.rsplit('/').next().unwrap_or_default().to_owned();
    // Nobody listens any more when the test has what it wanted.
    let _ = turns.said.send(Said { at: now(), to, body });
    answer(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}"))
}

fn invocation(event: Bytes) -> Response<Full<Bytes>> {
    let deadline = crate::world::jiff_now().as_millisecond() + 30_000;
    let mut response = answer(StatusCode::OK, event);
    let id = format!("{:032x}", crypto::random_bits());
    for (name, value) in [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-69243a2d-3b1f0c6e5d4c3b2a19080706;Sampled=0".to_owned()),
    ] {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

pub(crate) fn answer(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}

/// Answers on a port for as long as the test runs.
pub(crate) fn serve<F, A>(listener: TcpListener, handle: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // What is small is sent at once: the delay of a coalesced packet is longer than what is measured.
            let _ = stream.set_nodelay(true);
            let handle = handle.clone();
            let service = service_fn(move |request| {
                let answered = handle(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

/// The HTTP answer inside of what a function returned to its API.
pub(crate) fn http_answer(said: &Said) -> (u64, Value) {
    let returned: Value = serde_json::from_slice(&said.body).unwrap_or(Value::Null);
    let body = returned["body"].as_str().unwrap_or_default();
    (returned["statusCode"].as_u64().unwrap_or(0), serde_json::from_str(body).unwrap_or(Value::Null))
}
