//! The control address, by which tests read calls and ask for faults:
//!
//! ```text
//! GET    /mark                    {"mark": N}: the calls that follow have higher numbers
//! GET    /calls?after=N&…         {"mark", "calls": [{n, function, service, operation, method, path, body, status, …}]}
//! GET    /counts?after=N&…        {"mark", "counts": {function: {operation: N}}}
//!        filters: function, trace, service, operation, contains
//! POST   /rules {…}               {"id": N}: a fault, see `rules`
//! GET    /rules, /rules/ID        with how many calls were counted and met
//! DELETE /rules/ID
//! ```
//!
//! A rule is for its test alone: each adds and removes its own, since others run at the same time.

use std::convert::Infallible;
use std::sync::Arc;

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::json;

use super::Proxy;
use super::calls::Wanted;
use super::rules::Rule;
use crate::forward::{self, Body, decoded_query};

const RULE_BYTES_MAX: usize = 64 * 1024;

pub(super) async fn answer(proxy: Arc<Proxy>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let query = request.uri().query().unwrap_or("").to_owned();
    Ok(match (request.method().clone(), parts.as_slice()) {
        (Method::GET, ["mark"]) => forward::json(&proxy.calls().mark()),
        (Method::GET, ["calls"]) => match wanted(&query) {
            Ok(wanted) => forward::json(&proxy.calls().list(&wanted)),
            Err(why) => refused(&why),
        },
        (Method::GET, ["counts"]) => match wanted(&query) {
            Ok(wanted) => forward::json(&proxy.calls().counts(&wanted)),
            Err(why) => refused(&why),
        },
        (Method::GET, ["rules"]) => forward::json(&proxy.rules().list()),
        (Method::POST, ["rules"]) => match rule(request).await {
            Ok(rule) => forward::json(&json!({"id": proxy.rules().add(rule)})),
            Err(why) => refused(&why),
        },
        (method, ["rules", id]) => one_rule(&proxy, &method, id),
        _ => refused("no such address"),
    })
}

fn one_rule(proxy: &Proxy, method: &Method, id: &str) -> Response<Body> {
    let Ok(id) = id.parse() else { return refused("a rule has a number") };
    let Some(known) = proxy.rules().get(id) else { return refused("no such rule") };
    if *method == Method::DELETE {
        proxy.rules().remove(id);
    }
    forward::json(&known)
}

async fn rule(request: Request<Incoming>) -> Result<Rule, String> {
    let body = Limited::new(request.into_body(), RULE_BYTES_MAX).collect().await.map_err(|why| why.to_string())?;
    serde_json::from_slice(&body.to_bytes()).map_err(|why| why.to_string())
}

fn wanted(query: &str) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    for (name, value) in decoded_query(query) {
        match name.as_str() {
            "after" => wanted.after = value.parse().map_err(|_| format!("after: `{value}` is no number"))?,
            "function" => wanted.function = Some(value),
            "trace" => wanted.trace = Some(value),
            "service" => wanted.service = Some(value),
            "operation" => wanted.operation = Some(value),
            "contains" => wanted.contains = Some(value),
            _ => return Err(format!("no filter `{name}`")),
        }
    }
    Ok(wanted)
}

fn refused(why: &str) -> Response<Body> {
    forward::answer(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_or_refused() {
        let found = wanted("after=7&function=auth&contains=T%23F%2BA").unwrap();
        assert_eq!((found.after, found.function.as_deref()), (7, Some("auth")));
        assert_eq!(found.contains.as_deref(), Some("T#F+A"));
        assert!(wanted("after=x").is_err() && wanted("functoin=auth").is_err() && wanted("").is_ok());
    }
}
