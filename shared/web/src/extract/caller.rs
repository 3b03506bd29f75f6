//! Where a request comes from, for limits and for the list of sessions.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};
use lambda_http::request::RequestContext;

use crate::App;

/// Words of a browser about itself that are kept.
const AGENT_CHARACTERS_MAX: usize = 200;
const PLACE_CHARACTERS_MAX: usize = 80;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// None where the gateway did not say: a limit then counts all such callers as one.
    pub address: Option<IpAddr>,
    pub agent: String,
    /// "Utrecht, NL", from the edge only.
    pub place: Option<String>,
}

impl Caller {
    /// What limits are counted by: one address of version 4, or one network of version 6, where a household has 2⁶⁴.
    pub fn source(&self) -> String {
        match self.address.map(|address| address.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }

    /// Headers of the edge count only where the edge proves itself: anybody can send them.
    fn of(headers: &HeaderMap, context: Option<&RequestContext>, behind_edge: bool) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let gateway = match context {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
            _ => None,
        };
        let viewer = if behind_edge { text("cloudfront-viewer-address").and_then(without_port) } else { None };
        let place = behind_edge.then(|| {
            let parts = [text("cloudfront-viewer-city"), text("cloudfront-viewer-country")];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        Self {
            address: viewer.or(gateway).and_then(|address| address.trim().parse().ok()),
            agent: shown(text(header::USER_AGENT.as_str()).unwrap_or_default(), AGENT_CHARACTERS_MAX),
            place: place.filter(|place| !place.is_empty()).map(|place| shown(&place, PLACE_CHARACTERS_MAX)),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let behind_edge = app.config().origin_secret_sha256.is_some();
        Ok(Self::of(&parts.headers, parts.extensions.get::<RequestContext>(), behind_edge))
    }
}

/// `198.51.100.7:1234` or `2001:db8::1:1234`: the port is after the last colon.
fn without_port(address: &str) -> Option<&str> {
    address.rsplit_once(':').map(|(address, _)| address.trim_matches(['[', ']']))
}

fn shown(text: &str, characters_max: usize) -> String {
    text.chars().filter(|c| !domain::text::reorders_or_controls(*c)).take(characters_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str) -> Caller {
        Caller { address: address.parse().ok(), agent: String::new(), place: None }
    }

    #[test]
    fn a_household_is_one_source() {
        let check = |address, want: &str| assert_eq!(caller(address).source(), want);
        check("198.51.100.7", "198.51.100.7");
        check("::ffff:198.51.100.7", "198.51.100.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
        check("", "unknown");
    }

    #[test]
    fn the_edge_is_believed_only_where_it_proves_itself() {
        let mut headers = HeaderMap::new();
        headers.insert("cloudfront-viewer-address", "2001:db8:1:2::9:4711".parse().unwrap());
        headers.insert("cloudfront-viewer-city", "Utrecht".parse().unwrap());
        headers.insert("cloudfront-viewer-country", "NL".parse().unwrap());
        let open = Caller::of(&headers, None, false);
        assert_eq!((open.source().as_str(), open.place), ("unknown", None));
        let behind = Caller::of(&headers, None, true);
        assert_eq!((behind.source().as_str(), behind.place.as_deref()), ("2001:db8:1:2::/64", Some("Utrecht, NL")));
    }
}
