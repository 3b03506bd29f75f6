//! The one way out to servers that a firm named. They may name anything, so that the client trusts no name: the address
//! is resolved once, judged, and connected to as it was judged; there are no redirects, and everything has a bound.

mod address;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The whole exchange, from the name to the last byte.
const SECONDS_MAX: u64 = 5;
/// Of an answer, unless the caller says otherwise.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Sets of keys and metadata, which some providers fill with everything they have.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
const URL_BYTES_MAX: usize = 2_000;

/// How far out one may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// Also this machine, in the clear: for running the portal locally.
    PublicAndLoopback,
}

/// Where a request may not go, or what went wrong on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingFailed {
    #[error("An address has to be complete and begin with https://.")]
    Address,
    #[error("This address leads into a private network.")]
    Private,
    #[error("There is no server of that name.")]
    Name,
    #[error("The server does not answer.")]
    Connection,
    #[error("The server's certificate is not one that browsers trust.")]
    Certificate,
    #[error("The server took too long.")]
    TooSlow,
    #[error("The server's answer is too large.")]
    TooLarge,
    #[error("The server sends on to another address. Enter the one where it answers itself.")]
    Redirect,
    #[error("The server does not speak HTTP as expected.")]
    Protocol,
}

struct Target {
    host: String,
    port: u16,
    tls: bool,
    loopback: bool,
}

impl Reach {
    /// Whether an address could be gone to, as far as it can be told without asking for its name.
    pub fn check(self, url: &str) -> Result<(), OutgoingFailed> {
        self.target(url).map(|_| ())
    }

    fn target(self, url: &str) -> Result<(Target, Uri), OutgoingFailed> {
        let plain = url.len() <= URL_BYTES_MAX && url.is_ascii() && !url.contains(['#', '\\', ' ']);
        let uri: Uri = if plain { url.parse().ok() } else { None }.ok_or(OutgoingFailed::Address)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let host = authority.map(http::uri::Authority::host).ok_or(OutgoingFailed::Address)?.to_owned();
        let loopback = address::is_loopback_host(&host);
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if loopback && self == Reach::PublicAndLoopback => false,
            _ => return Err(OutgoingFailed::Address),
        };
        if loopback && self != Reach::PublicAndLoopback {
            return Err(OutgoingFailed::Private);
        }
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok((Target { host, port, tls, loopback }, uri))
    }
}

/// A client for servers outside.
#[derive(Clone)]
pub struct Outgoing {
    reach: Reach,
    tls: Arc<OnceLock<Option<Arc<ClientConfig>>>>,
}

impl Outgoing {
    pub fn new(reach: Reach) -> Self {
        Self { reach, tls: Arc::new(OnceLock::new()) }
    }

    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Reads a document: 200 with at most so many bytes.
    pub async fn get(&self, url: &str, accept: &str, bytes_max: usize) -> Result<Vec<u8>, OutgoingFailed> {
        let request = Request::builder().method(Method::GET).uri(url).header(header::ACCEPT, accept).body(Vec::new());
        let answer = self.send(request.map_err(|_| OutgoingFailed::Address)?, bytes_max).await?;
        if answer.status() == StatusCode::OK { Ok(answer.into_body()) } else { Err(OutgoingFailed::Protocol) }
    }

    /// Any answer but a redirect.
    pub async fn send(&self, request: Request<Vec<u8>>, bytes_max: usize) -> Result<Response<Vec<u8>>, OutgoingFailed> {
        let exchange = self.exchange(request, bytes_max);
        tokio::time::timeout(Duration::from_secs(SECONDS_MAX), exchange).await.map_err(|_| OutgoingFailed::TooSlow)?
    }

    async fn exchange(&self, request: Request<Vec<u8>>, bytes_max: usize) -> Result<Response<Vec<u8>>, OutgoingFailed> {
        let (target, uri) = self.reach.target(&request.uri().to_string())?;
        let stream = connect(&target).await?;
        if !target.tls {
            return speak(stream, request, &uri, bytes_max).await;
        }
        let config = self.tls.get_or_init(trusted).clone().ok_or(OutgoingFailed::Certificate)?;
        let name = ServerName::try_from(target.host.trim_matches(['[', ']']).to_owned());
        let name = name.map_err(|_| OutgoingFailed::Address)?;
        let stream = TlsConnector::from(config).connect(name, stream).await;
        speak(stream.map_err(|_| OutgoingFailed::Certificate)?, request, &uri, bytes_max).await
    }
}

/// To the address that was judged: a second question about the name could be answered differently.
async fn connect(target: &Target) -> Result<TcpStream, OutgoingFailed> {
    let host = target.host.trim_matches(['[', ']']);
    let found = tokio::net::lookup_host((host, target.port)).await.map_err(|_| OutgoingFailed::Name)?;
    let found: Vec<SocketAddr> = found.collect();
    // One private address among several is enough: such a name is not there to be reached from outside.
    let allowed = |address: &SocketAddr| {
        if target.loopback { address.ip().is_loopback() } else { address::is_public(address.ip()) }
    };
    if found.is_empty() {
        return Err(OutgoingFailed::Name);
    }
    if !found.iter().all(allowed) {
        return Err(OutgoingFailed::Private);
    }
    for address in found.iter().take(2) {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(OutgoingFailed::Connection)
}

async fn speak<S>(
    stream: S,
    request: Request<Vec<u8>>,
    uri: &Uri,
    bytes_max: usize,
) -> Result<Response<Vec<u8>>, OutgoingFailed>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|_| OutgoingFailed::Connection)?;
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    let (mut parts, body) = request.into_parts();
    parts.uri = uri.path_and_query().map_or_else(|| Uri::from_static("/"), |path| Uri::from(path.clone()));
    parts.headers.insert(header::HOST, authority.parse().map_err(|_| OutgoingFailed::Address)?);
    parts.headers.insert(header::USER_AGENT, header::HeaderValue::from_static("portico"));
    let request = Request::from_parts(parts, Full::new(Bytes::from(body)));
    // The connection is driven beside the request, and dropped with it.
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(|_| OutgoingFailed::Protocol)?;
        if answer.status().is_redirection() {
            return Err(OutgoingFailed::Redirect);
        }
        // Nothing compressed was asked for: what is small on the wire could be anything unpacked.
        let plain = answer.headers().get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
        if !plain {
            return Err(OutgoingFailed::Protocol);
        }
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, bytes_max).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                OutgoingFailed::TooLarge
            } else {
                OutgoingFailed::Protocol
            }
        })?;
        Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
    };
    tokio::pin!(connection, exchange);
    tokio::select! {
        done = &mut exchange => done,
        ended = &mut connection => {
            ended.map_err(|_| OutgoingFailed::Protocol)?;
            // What has arrived can still be read.
            exchange.await
        }
    }
}

/// The authorities that this machine trusts.
fn trusted() -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests;
