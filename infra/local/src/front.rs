//! The front door: one address for the portal, as CloudFront is in production, and pages for developers under `/_dev`.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use http::header::{HOST, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::net::TcpListener;

use crate::forward::{self, Body, Ends, Upstream};
use crate::stop::Stop;
use crate::{dns, mail};

/// Tries for a port that is free for both address families.
const TRIES: usize = 20;

/// The door, before anybody is let in.
pub(crate) struct Door {
    listeners: Vec<TcpListener>,
    pub(crate) port: u16,
}

impl Door {
    /// Takes the port at once, so that a busy one is known before anything else is started.
    pub(crate) async fn bind(port: u16) -> Result<Door, Stop> {
        for _ in 0..TRIES {
            let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|why| busy(port, &why))?;
            let taken = first.local_addr().map_err(|why| busy(port, &why))?.port();
            // Browsers try ::1 first for `localhost`, so it must not be somebody else's.
            match TcpListener::bind((Ipv6Addr::LOCALHOST, taken)).await {
                Ok(second) => return Ok(Door { listeners: vec![first, second], port: taken }),
                Err(why) if why.kind() != std::io::ErrorKind::AddrInUse => {
                    return Ok(Door { listeners: vec![first], port: taken }); // a machine without IPv6
                }
                Err(why) if port != 0 => return Err(busy(port, &why)),
                Err(_) => {}
            }
        }
        Err(Stop::new("no port is free for both 127.0.0.1 and ::1"))
    }

    pub(crate) fn open(self, portal: Portal) {
        let portal = Arc::new(portal);
        for listener in self.listeners {
            let portal = Arc::clone(&portal);
            tokio::spawn(forward::serve(listener, move |ends| {
                let portal = Arc::clone(&portal);
                move |request| Arc::clone(&portal).answer(ends, request)
            }));
        }
    }
}

fn busy(port: u16, why: &std::io::Error) -> Stop {
    let other = port.checked_add(1).unwrap_or(8080);
    Stop::new(format!("port {port} cannot be used: {why}"))
        .advising(format!("Stop what listens there, or take another: cargo xtask up --port {other}"))
}

/// What stands behind the door.
pub(crate) struct Portal {
    pub(crate) upstream: Upstream,
    /// By which the emulator tells this API from others.
    pub(crate) host: HeaderValue,
    pub(crate) components: PathBuf,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

impl Portal {
    async fn answer(self: Arc<Portal>, ends: Ends, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let path = request.uri().path();
        if let Some(page) = path.strip_prefix("/_dev/") {
            let query = request.uri().query().unwrap_or("");
            let shown = self.dev(page, query).await;
            return Ok(shown.unwrap_or_else(|stop| forward::answer(StatusCode::BAD_GATEWAY, TEXT, stop.to_string())));
        }
        let mut request = request.map(BodyExt::boxed);
        request.headers_mut().insert(HOST, self.host.clone());
        // A caller that names an address may: tests come from many.
        request.headers_mut().entry(FORWARDED_FOR).or_insert_with(|| address(ends.peer));
        Ok(match self.upstream.send(request).await {
            Ok(response) => response.map(BodyExt::boxed),
            Err(why) => forward::answer(StatusCode::BAD_GATEWAY, TEXT, format!("the local AWS does not answer: {why}")),
        })
    }

    async fn dev(&self, page: &str, query: &str) -> Result<Response<Body>, Stop> {
        Ok(match page {
            "mail" => forward::answer(StatusCode::OK, HTML, mail::page(&mail::mails(&self.upstream, query).await?)),
            "mail.json" => forward::json(&serde_json::json!(mail::mails(&self.upstream, query).await?)),
            "sms.json" => forward::json(&serde_json::json!(mail::texts(&self.upstream, query).await?)),
            "dns" => forward::json(&dns::answer(query)),
            "dns/set" => forward::json(&dns::set(query)),
            "components" => self.components(None).await?,
            other if other.starts_with("components/") => self.components(other.split('/').next_back()).await?,
            _ => forward::answer(StatusCode::NOT_FOUND, TEXT, "/_dev/mail, mail.json, sms.json, dns or components"),
        })
    }

    /// Every component on one page, or one page of the portal, drawn by a program of `web` that knows no data.
    async fn components(&self, name: Option<&str>) -> Result<Response<Body>, Stop> {
        if !self.components.exists() {
            let said = format!("{} is not built", self.components.display());
            return Ok(forward::answer(StatusCode::NOT_FOUND, TEXT, said));
        }
        let mut draw = tokio::process::Command::new(&self.components);
        let drawn = draw.args(name).kill_on_drop(true).output().await;
        let drawn = drawn.map_err(|why| Stop::new(format!("{}: {why}", self.components.display())))?;
        if !drawn.status.success() {
            return Err(Stop::new(String::from_utf8_lossy(&drawn.stderr).into_owned()));
        }
        Ok(forward::answer(StatusCode::OK, HTML, drawn.stdout))
    }
}

fn address(peer: SocketAddr) -> HeaderValue {
    HeaderValue::from_str(&peer.ip().to_string()).unwrap_or(HeaderValue::from_static("127.0.0.1"))
}
