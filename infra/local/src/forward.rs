//! HTTP on loopback: serving, and passing a request on to the emulator byte for byte. Bodies are streamed and the Host
//! is kept, because requests are signed.

use std::convert::Infallible;
use std::error::Error;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

use crate::stop::Stop;

pub(crate) type Body = BoxBody<Bytes, hyper::Error>;

/// Shorter than the emulator keeps an idle connection, so that none is used as it closes.
const IDLE: Duration = Duration::from_secs(50);

/// The emulator, over connections that are kept.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: Client<HttpConnector, Body>,
    authority: Authority,
}

impl Upstream {
    pub(crate) fn new(port: u16) -> Result<Upstream, Stop> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(connector);
        let authority = format!("127.0.0.1:{port}");
        let authority = authority.parse().map_err(|why| Stop::new(format!("{authority}: {why}")))?;
        Ok(Upstream { client, authority })
    }

    /// Sends the request as it is, but for what belongs to one connection alone.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Result<Response<Incoming>, legacy::Error> {
        *request.uri_mut() = self.at(request.uri().path_and_query().cloned());
        *request.version_mut() = http::Version::HTTP_11;
        drop_hop_by_hop(request.headers_mut());
        let mut response = self.client.request(request).await?;
        drop_hop_by_hop(response.headers_mut());
        Ok(response)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Bytes, Stop> {
        let failed = |why: &dyn Error| Stop::new(format!("the local AWS does not answer {path}: {why}"));
        let mut request = Request::new(empty());
        *request.uri_mut() = self.at(Some(path.parse().map_err(|why: http::uri::InvalidUri| failed(&why))?));
        let response = self.client.request(request).await.map_err(|why| failed(&why))?;
        if response.status() != StatusCode::OK {
            return Err(Stop::new(format!("the local AWS answers {path} with {}", response.status())));
        }
        Ok(response.into_body().collect().await.map_err(|why| failed(&why))?.to_bytes())
    }

    fn at(&self, path: Option<PathAndQuery>) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
        // All three parts are there, so this cannot fail.
        Uri::from_parts(parts).unwrap_or_default()
    }
}

const HOP_BY_HOP: [HeaderName; 5] =
    [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE, header::TE, header::TRAILER];

fn drop_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers.remove(HeaderName::from_static("keep-alive"));
}

pub(crate) fn empty() -> Body {
    full(Bytes::new())
}

pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed()
}

pub(crate) fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(crate) fn json(value: &serde_json::Value) -> Response<Body> {
    answer(StatusCode::OK, "application/json", value.to_string())
}

/// Serves connections for as long as the program runs. `open` makes the handler of one connection; a handler's error
/// closes the connection without an answer.
pub(crate) async fn serve<Open, Handle, Answer, Failed>(listener: TcpListener, open: Open)
where
    Open: Fn(Ends) -> Handle,
    Handle: Fn(Request<Incoming>) -> Answer + Send + 'static,
    Answer: Future<Output = Result<Response<Body>, Failed>> + Send + 'static,
    Failed: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    loop {
        // Too many open files, for a moment: the next connection may be luckier.
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        if let Ok(ends) = Ends::of(&stream, peer) {
            let handle = open(ends);
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handle));
            tokio::spawn(connection);
        }
    }
}

/// Both ends of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
}

impl Ends {
    fn of(stream: &TcpStream, peer: SocketAddr) -> std::io::Result<Ends> {
        stream.set_nodelay(true)?;
        Ok(Ends { peer, local: stream.local_addr()? })
    }

    /// As whoever opened the connection has them: the own one, then this program's.
    pub(crate) fn of_caller(self) -> Option<(SocketAddrV4, SocketAddrV4)> {
        match (self.peer, self.local) {
            (SocketAddr::V4(theirs), SocketAddr::V4(ours)) => Some((theirs, ours)),
            _ => None,
        }
    }
}

/// Names and values of a query, decoded.
pub(crate) fn decoded_query(query: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decoded(name), decoded(value)))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut made = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (byte, hex) {
            (b'%', Some(value)) => {
                made.push(value);
                at += 2;
            }
            (b'+', _) => made.push(b' '),
            _ => made.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&made).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let found: Vec<(String, String)> = decoded_query("to=a%2Bb%40x.example&q=1+2&&flag&bad=%zz%").collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("to", "a+b@x.example"), ("q", "1 2"), ("flag", ""), ("bad", "%zz%")]);
    }

    #[test]
    fn paths_are_passed_on_as_they_are() {
        let upstream = Upstream::new(4566);
        for path in ["/", "//double//slash", "/bucket/a%2Fb%20c?x-id=GetObject&k=%C3%A9", "/a+b=c"] {
            let uri = upstream.as_ref().unwrap().at(path.parse().ok());
            assert_eq!(uri.to_string(), format!("http://127.0.0.1:4566{path}"));
        }
    }
}
