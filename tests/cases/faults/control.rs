//! The fault control of the local AWS: which calls the functions made, and which of them are to go wrong.

use serde::Deserialize;
use serde_json::Value;
use testkit::portal::Http;

use crate::world::{portal, setting};

pub(crate) struct Control {
    http: Http,
    url: String,
}

/// One call of a function, as the proxy between it and AWS saw it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call {
    pub(crate) function: String,
    pub(crate) trace: Option<String>,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// None where it was too big to be kept.
    pub(crate) body: Option<String>,
    pub(crate) status: Option<u16>,
}

impl Call {
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.path, self.body.as_deref().unwrap_or_default())
    }
}

impl Control {
    pub(crate) fn open() -> Control {
        Control { http: portal().stranger(), url: setting("PORTICO_FAULT_CONTROL") }
    }

    /// Calls from now on come after this number.
    pub(crate) async fn mark(&self) -> u64 {
        self.ask("GET", "/mark", None).await["mark"].as_u64().unwrap()
    }

    /// Calls after a mark, narrowed by `function`, `trace`, `service`, `operation` or `contains`.
    pub(crate) async fn calls(&self, after: u64, narrowed: &[(&str, &str)]) -> Vec<Call> {
        let mut path = format!("/calls?after={after}");
        for (name, value) in narrowed {
            path += &format!("&{name}={value}");
        }
        serde_json::from_value(self.ask("GET", &path, None).await["calls"].take()).unwrap()
    }

    /// Asks for a fault; the number by which it is taken back.
    pub(crate) async fn rule(&self, rule: &Value) -> u64 {
        self.ask("POST", "/rules", Some(rule)).await["id"].as_u64().unwrap()
    }

    /// Takes a fault back, and says how many calls it met.
    pub(crate) async fn take_back(&self, rule: u64) -> u64 {
        self.ask("DELETE", &format!("/rules/{rule}"), None).await["fired"].as_u64().unwrap()
    }

    /// How many calls a fault has met so far.
    pub(crate) async fn fired(&self, rule: u64) -> u64 {
        self.ask("GET", &format!("/rules/{rule}"), None).await["fired"].as_u64().unwrap()
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.http.raw(method, &format!("{}{path}", self.url), &[], body.into_bytes()).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        answer.json()
    }
}
