//! The AWS calls of one request, as the proxy between functions and the local AWS saw them begin and end.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use testkit::portal::{Http, Person, until};

use crate::faults::control::Control;
use crate::world::{jiff_now, portal, setting};

/// One call. Milliseconds are whole ones, so that two calls that met may look as if one followed the other; never the
/// other way round.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    pub(crate) n: u64,
    pub(crate) at_ms: u64,
    pub(crate) function: String,
    pub(crate) pid: Option<u32>,
    pub(crate) trace: Option<String>,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) took_ms: Option<u64>,
}

impl Call {
    /// When it had ended.
    pub(crate) fn end_ms(&self) -> u64 {
        self.at_ms + self.took_ms.unwrap_or(0)
    }

    /// A request for credentials, which a kept grant saves.
    pub(crate) fn is_vending(&self) -> bool {
        self.service == "lambda" || self.service == "sts" || self.function.starts_with("access")
    }

    pub(crate) fn json(&self) -> Value {
        self.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or(Value::Null)
    }
}

/// What the proxy remembers.
pub(crate) struct Calls {
    http: Http,
    control: Control,
}

impl Calls {
    pub(crate) fn open() -> Calls {
        Calls { http: portal().stranger(), control: Control::open() }
    }

    pub(crate) async fn mark(&self) -> u64 {
        self.control.mark().await
    }

    /// Calls after a mark, narrowed by `function`, `trace` or `contains`, once all of them have ended.
    pub(crate) async fn after(&self, mark: u64, narrowed: &[(&str, &str)]) -> Vec<Call> {
        until("calls to end", || async {
            let calls = self.begun(mark, narrowed).await;
            calls.iter().all(|call| call.took_ms.is_some()).then_some(calls)
        })
        .await
    }

    /// The same as they stand: some of them may go on.
    pub(crate) async fn begun(&self, mark: u64, narrowed: &[(&str, &str)]) -> Vec<Call> {
        let mut url = format!("{}/calls?after={mark}", setting("PORTICO_FAULT_CONTROL"));
        for (name, value) in narrowed {
            url += &format!("&{name}={value}");
        }
        let answer = self.http.raw("GET", &url, &[], Vec::new()).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        serde_json::from_value(answer.json()["calls"].take()).unwrap()
    }

    pub(crate) async fn of(&self, trace: &Trace) -> Vec<Call> {
        self.after(0, &[("trace", &trace.0)]).await
    }

    /// Makes every call that names this text late, so that calls made together are seen to meet.
    pub(crate) async fn slow(&self, text: &str, by: Duration) -> u64 {
        let rule = serde_json::json!({
            "contains": text, "action": "delay", "delay_ms": by.as_millis() as u64, "times": 1_000_000,
        });
        self.control.rule(&rule).await
    }

    pub(crate) async fn take_back(&self, rule: u64) {
        self.control.take_back(rule).await;
    }
}

/// The mark of one request, which its function puts on every call.
pub(crate) struct Trace(String);

impl Trace {
    pub(crate) fn new() -> Trace {
        Trace(format!("1-{:08x}-{:024x}", jiff_now().as_second(), crypto::random_bits() >> 32))
    }

    pub(crate) fn id(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> (&'static str, String) {
        ("x-amzn-trace-id", format!("Root={}", self.0))
    }
}

/// What a browser asks with: pages come compressed.
pub(crate) fn of_a_browser(trace: &Trace) -> Vec<(&'static str, String)> {
    vec![
        ("accept", "text/html,application/xhtml+xml".to_owned()),
        ("accept-encoding", "gzip".to_owned()),
        trace.header(),
    ]
}

/// What a script of the page asks with.
pub(crate) fn of_a_script(person: &Person, trace: &Trace) -> Vec<(&'static str, String)> {
    vec![
        ("accept", "application/json".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", person.http().url().replace("//127.0.0.1", "//localhost")),
        trace.header(),
    ]
}

/// How many of these calls waited for one another: the longest chain in which each began when the one before had ended.
pub(crate) fn depth(calls: &[Call]) -> usize {
    chain(calls).len()
}

/// The longest such chain: of all calls that may come next, the one that ends first leaves most room.
pub(crate) fn chain(calls: &[Call]) -> Vec<&Call> {
    let mut open: Vec<&Call> = calls.iter().collect();
    open.sort_by_key(|call| (call.end_ms(), call.n));
    let mut chain: Vec<&Call> = Vec::new();
    for call in open {
        if chain.last().is_none_or(|last| last.end_ms() <= call.at_ms) {
            chain.push(call);
        }
    }
    chain
}

/// `3 GetItem, 1 Query`.
pub(crate) fn operations(calls: &[Call]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls {
        *counts.entry(&call.operation).or_default() += 1;
    }
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

mod tests {
    use super::*;

    fn call(at_ms: u64, took_ms: u64) -> Call {
        Call {
            n: 0,
            at_ms,
            function: "projects".into(),
            pid: None,
            trace: None,
            service: "dynamodb".into(),
            operation: "GetItem".into(),
            path: "/".into(),
            body: None,
            status: Some(200),
            took_ms: Some(took_ms),
        }
    }

    #[test]
    fn calls_that_meet_are_one_step() {
        assert_eq!(depth(&[]), 0);
        assert_eq!(depth(&[call(0, 40), call(1, 40), call(39, 40)]), 1);
        assert_eq!(depth(&[call(0, 40), call(40, 40)]), 2);
        assert_eq!(depth(&[call(0, 200), call(0, 40), call(45, 40), call(90, 40)]), 3);
        assert_eq!(depth(&[call(90, 40), call(0, 100), call(10, 40)]), 2);
    }
}
