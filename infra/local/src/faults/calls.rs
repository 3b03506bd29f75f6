//! The calls that were made, newest last, as far as they fit: tests count them, replay them, and check what was asked.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::request::Parts;
use serde_json::{Value, json};

use super::names;
use crate::callers::Caller;

const CALLS_MAX: usize = 50_000;
/// All bodies that are kept, together.
const BODIES_BYTES_MAX: usize = 32 * 1024 * 1024;

pub(super) struct Call {
    number: u64,
    at_ms: u64,
    /// Nobody: a browser or a test.
    pub(super) caller: Option<Caller>,
    pub(super) trace: Option<String>,
    pub(super) service: String,
    pub(super) operation: String,
    method: String,
    pub(super) path: String,
    /// Nothing when it was too big to be kept.
    pub(super) body: Option<Bytes>,
    outcome: &'static str,
    status: Option<u16>,
    took_ms: Option<u64>,
}

impl Call {
    pub(super) fn of(caller: Option<Caller>, head: &Parts, body: Option<Bytes>) -> Call {
        let text = body.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let service = names::service(head).unwrap_or_else(|| "unsigned".to_owned());
        Call {
            number: 0,
            at_ms: now_ms(),
            caller,
            trace: names::trace(&head.headers),
            operation: names::operation(&service, head, text),
            service,
            method: head.method.to_string(),
            path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            body,
            outcome: "running",
            status: None,
            took_ms: None,
        }
    }

    pub(super) fn function(&self) -> &str {
        self.caller.as_ref().map_or("", |caller| caller.function.as_str())
    }

    /// Whether the address or the body names this, such as the id of a firm.
    pub(super) fn contains(&self, text: &str) -> bool {
        let in_body = |body: &Bytes| std::str::from_utf8(body).is_ok_and(|body| body.contains(text));
        self.path.contains(text) || self.body.as_ref().is_some_and(in_body)
    }

    fn as_json(&self) -> Value {
        json!({
            "n": self.number,
            "at_ms": self.at_ms,
            "function": self.function(),
            "pid": self.caller.as_ref().map(|caller| caller.pid),
            "trace": self.trace,
            "service": self.service,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "body": self.body.as_ref().and_then(|body| std::str::from_utf8(body).ok()),
            "outcome": self.outcome,
            "status": self.status,
            "took_ms": self.took_ms,
        })
    }
}

#[derive(Default)]
pub(super) struct Calls {
    kept: VecDeque<Call>,
    /// Calls before this number have lost their bodies.
    bodiless: u64,
    bodies_bytes: usize,
    last: u64,
}

/// Which calls a test wants to see. Nothing named is everything.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) after: u64,
    pub(super) function: Option<String>,
    pub(super) trace: Option<String>,
    pub(super) service: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) contains: Option<String>,
}

impl Wanted {
    fn covers(&self, call: &Call) -> bool {
        let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        call.number > self.after
            && same(&self.function, call.function())
            && (self.trace.is_none() || self.trace == call.trace)
            && same(&self.service, &call.service)
            && same(&self.operation, &call.operation)
            && self.contains.as_deref().is_none_or(|text| call.contains(text))
    }
}

impl Calls {
    /// Remembers a call that begins; its number.
    pub(super) fn begin(&mut self, mut call: Call) -> u64 {
        self.last += 1;
        call.number = self.last;
        self.bodies_bytes += call.body.as_ref().map_or(0, Bytes::len);
        self.kept.push_back(call);
        while self.kept.len() > CALLS_MAX {
            let oldest = self.kept.pop_front();
            self.bodies_bytes -= oldest.and_then(|call| call.body).map_or(0, |body| body.len());
        }
        while self.bodies_bytes > BODIES_BYTES_MAX && self.bodiless < self.last {
            self.bodiless += 1;
            let dropped = self.get(self.bodiless).and_then(|call| call.body.take());
            self.bodies_bytes -= dropped.map_or(0, |body| body.len());
        }
        self.last
    }

    /// The first end of a call counts.
    pub(super) fn end(&mut self, number: u64, outcome: &'static str, status: Option<u16>, took: Duration) {
        if let Some(call) = self.get(number).filter(|call| call.took_ms.is_none()) {
            call.outcome = outcome;
            call.status = status;
            call.took_ms = u64::try_from(took.as_millis()).ok();
        }
    }

    fn get(&mut self, number: u64) -> Option<&mut Call> {
        let first = self.kept.front()?.number;
        self.kept.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The calls that are wanted, and the number after which the next ones will come.
    pub(super) fn list(&self, wanted: &Wanted) -> Value {
        let found: Vec<Value> = self.kept.iter().filter(|call| wanted.covers(call)).map(Call::as_json).collect();
        json!({"mark": self.last, "calls": found})
    }

    /// How many of the wanted calls each function made, by operation.
    pub(super) fn counts(&self, wanted: &Wanted) -> Value {
        let mut counts: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for call in self.kept.iter().filter(|call| wanted.covers(call)) {
            *counts.entry(call.function()).or_default().entry(&call.operation).or_default() += 1;
        }
        json!({"mark": self.last, "counts": counts})
    }

    pub(super) fn mark(&self) -> Value {
        json!({"mark": self.last})
    }
}

#[expect(clippy::disallowed_methods, reason = "when a call was made, for a reader of the list")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn call(function: &str, pid: u32, trace: &str, operation: &str, body: &'static str) -> Call {
        let target = format!("DynamoDB_20120810.{operation}");
        let request = http::Request::builder().method("POST").uri("/").header("x-amz-target", target);
        let request = request.header("x-amzn-trace-id", format!("Root={trace}"));
        let (head, ()) = request.body(()).unwrap().into_parts();
        let caller = Caller { pid, function: function.to_owned() };
        Call::of(Some(caller), &head, Some(Bytes::from_static(body.as_bytes())))
    }

    fn numbers(listed: &Value) -> Vec<u64> {
        listed["calls"].as_array().unwrap().iter().map(|call| call["n"].as_u64().unwrap()).collect()
    }

    #[test]
    fn calls_are_found_by_what_is_known_of_them() {
        let mut calls = Calls::default();
        calls.begin(call("auth", 1, "a", "GetItem", "firm-a"));
        calls.begin(call("access", 2, "a", "GetItem", "firm-b"));
        calls.begin(call("auth", 1, "b", "Query", "firm-a"));
        let list = |wanted: Wanted| numbers(&calls.list(&wanted));
        assert_eq!(list(Wanted::default()), [1, 2, 3]);
        assert_eq!(list(Wanted { after: 1, ..Wanted::default() }), [2, 3]);
        assert_eq!(list(Wanted { function: Some("auth".into()), ..Wanted::default() }), [1, 3]);
        assert_eq!(list(Wanted { trace: Some("a".into()), ..Wanted::default() }), [1, 2]);
        assert_eq!(list(Wanted { operation: Some("Query".into()), ..Wanted::default() }), [3]);
        assert_eq!(list(Wanted { contains: Some("firm-b".into()), ..Wanted::default() }), [2]);
        let counts = calls.counts(&Wanted::default());
        assert_eq!(counts["counts"], json!({"auth": {"GetItem": 1, "Query": 1}, "access": {"GetItem": 1}}));
    }

    #[test]
    fn an_outcome_is_written_to_its_own_call() {
        let mut calls = Calls::default();
        let first = calls.begin(call("auth", 1, "a", "GetItem", ""));
        calls.begin(call("auth", 1, "a", "GetItem", ""));
        calls.end(first, "answered", Some(200), Duration::from_millis(3));
        let listed = calls.list(&Wanted::default());
        assert_eq!(listed["calls"][0]["outcome"], "answered");
        assert_eq!(listed["calls"][0]["status"], 200);
        assert_eq!(listed["calls"][1]["outcome"], "running");
    }

    #[test]
    fn memory_is_bounded() {
        let mut calls = Calls::default();
        let big: &'static str = Box::leak("x".repeat(1024 * 1024).into_boxed_str());
        for _ in 0..40 {
            calls.begin(call("auth", 1, "a", "GetItem", big));
        }
        assert!(calls.bodies_bytes <= BODIES_BYTES_MAX);
        let listed = calls.list(&Wanted::default());
        assert_eq!(listed["calls"][0]["body"], Value::Null);
        assert_eq!(listed["calls"][39]["body"], *big);
        for _ in 0..CALLS_MAX {
            calls.begin(call("auth", 1, "a", "GetItem", ""));
        }
        assert_eq!(calls.kept.len(), CALLS_MAX);
        assert_eq!(calls.bodies_bytes, 0);
    }
}
