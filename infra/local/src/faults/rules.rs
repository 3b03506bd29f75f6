//! Faults that tests ask for: which call, counted how, and what happens to it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::Call;

/// One fault. What is not named covers every call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// `notification-delivery`, without the prefix of the deployment.
    function: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    /// Only calls whose address or body names this: an id keeps tests that run at the same time apart.
    contains: Option<String>,
    /// Counts every call of the invocation whose first call to name this is covered, from that call on.
    invocation_contains: Option<String>,
    /// The first covered call that the fault meets, from 1.
    #[serde(default = "one")]
    nth: u32,
    /// How many calls it meets, from that one on.
    #[serde(default = "one")]
    times: u32,
    action: Named,
    #[serde(default = "server_error")]
    status: u16,
    #[serde(default = "internal")]
    code: String,
    #[serde(default)]
    delay_ms: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    KillBefore,
    KillAfter,
    Error,
    DropReply,
    Delay,
}

fn one() -> u32 {
    1
}

fn server_error() -> u16 {
    500
}

fn internal() -> String {
    "InternalServerError".to_owned()
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// The function's process ends, and the call is never made.
    KillBefore,
    /// The call takes effect; then the function's process ends without the answer.
    KillAfter,
    /// The call is not made, and answered with an error.
    Error { status: u16, code: String },
    /// The call takes effect, and its answer is lost.
    DropReply,
    /// The call is made late.
    Delay { ms: u64 },
}

impl Rule {
    fn action(&self) -> Action {
        match self.action {
            Named::KillBefore => Action::KillBefore,
            Named::KillAfter => Action::KillAfter,
            Named::Error => Action::Error { status: self.status, code: self.code.clone() },
            Named::DropReply => Action::DropReply,
            Named::Delay => Action::Delay { ms: self.delay_ms },
        }
    }

    fn covers(&self, call: &Call) -> bool {
        let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        same(&self.function, call.function())
            && same(&self.service, &call.service)
            && same(&self.operation, &call.operation)
            && self.contains.as_deref().is_none_or(|text| call.contains(text))
    }
}

/// One event in one process. A process handles one event at a time, each with its own trace.
type Invocation = (Option<u32>, Option<String>);

struct Armed {
    id: u64,
    rule: Rule,
    counted: u32,
    fired: u32,
    invocation: Option<Invocation>,
}

impl Armed {
    fn judge(&mut self, call: &Call) -> Option<Action> {
        if let Some(text) = &self.rule.invocation_contains {
            let this = (call.caller.as_ref().map(|caller| caller.pid), call.trace.clone());
            match &self.invocation {
                Some(invocation) if *invocation != this => return None,
                Some(_) => {}
                None if self.rule.covers(call) && call.contains(text) => self.invocation = Some(this),
                None => return None,
            }
        }
        if !self.rule.covers(call) {
            return None;
        }
        self.counted += 1;
        let meets = self.counted >= self.rule.nth && self.counted - self.rule.nth < self.rule.times;
        if !meets {
            return None;
        }
        self.fired += 1;
        Some(self.rule.action())
    }

    fn as_json(&self) -> Value {
        json!({"id": self.id, "rule": self.rule, "counted": self.counted, "fired": self.fired})
    }
}

#[derive(Default)]
pub(super) struct Rules {
    armed: Vec<Armed>,
    last: u64,
}

impl Rules {
    /// The number by which the rule is asked for and taken back.
    pub(super) fn add(&mut self, rule: Rule) -> u64 {
        self.last += 1;
        self.armed.push(Armed { id: self.last, rule, counted: 0, fired: 0, invocation: None });
        self.last
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.armed.retain(|armed| armed.id != id);
    }

    pub(super) fn list(&self) -> Value {
        self.armed.iter().map(Armed::as_json).collect()
    }

    pub(super) fn get(&self, id: u64) -> Option<Value> {
        self.armed.iter().find(|armed| armed.id == id).map(Armed::as_json)
    }

    /// What happens to a call: the oldest rule that meets it decides, and younger ones do not count it.
    pub(super) fn judge(&mut self, call: &Call) -> Option<Action> {
        self.armed.iter_mut().find_map(|armed| armed.judge(call))
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::tests::call;
    use super::*;

    fn rules(rule: Value) -> Rules {
        let mut rules = Rules::default();
        rules.add(serde_json::from_value(rule).unwrap());
        rules
    }

    /// Which of five calls of `auth` meet the rule: three of one invocation (the second names firm-a), two of another.
    fn check(rule: Value, want: [bool; 5]) {
        let mut rules = rules(rule.clone());
        let calls = [
            call("auth", 1, "a", "GetItem", ""),
            call("auth", 1, "a", "GetItem", "firm-a"),
            call("auth", 1, "a", "TransactWriteItems", ""),
            call("auth", 1, "b", "GetItem", "firm-b"),
            call("auth", 2, "c", "GetItem", "firm-a"),
        ];
        let met = calls.each_ref().map(|call| rules.judge(call).is_some());
        assert_eq!(met, want, "{rule}");
    }

    #[test]
    fn the_nth_call_that_is_covered() {
        let (yes, no) = (true, false);
        check(json!({"action": "drop_reply"}), [yes, no, no, no, no]);
        check(json!({"action": "drop_reply", "nth": 3}), [no, no, yes, no, no]);
        check(json!({"action": "drop_reply", "nth": 2, "times": 3}), [no, yes, yes, yes, no]);
        check(json!({"action": "drop_reply", "function": "access"}), [no, no, no, no, no]);
        check(json!({"action": "drop_reply", "operation": "TransactWriteItems"}), [no, no, yes, no, no]);
        check(json!({"action": "drop_reply", "contains": "firm-a", "nth": 2}), [no, no, no, no, yes]);
        check(json!({"action": "drop_reply", "contains": "firm-b", "times": 9}), [no, no, no, yes, no]);
    }

    #[test]
    fn calls_of_one_invocation() {
        let (yes, no) = (true, false);
        check(json!({"action": "kill_after", "invocation_contains": "firm-a"}), [no, yes, no, no, no]);
        check(json!({"action": "kill_after", "invocation_contains": "firm-a", "nth": 2}), [no, no, yes, no, no]);
        check(json!({"action": "kill_after", "invocation_contains": "firm-a", "nth": 3}), [no, no, no, no, no]);
    }

    #[test]
    fn the_oldest_rule_decides() {
        let mut rules = rules(json!({"action": "delay", "delay_ms": 5}));
        rules.add(serde_json::from_value(json!({"action": "error", "status": 503})).unwrap());
        assert_eq!(rules.judge(&call("auth", 1, "a", "GetItem", "")), Some(Action::Delay { ms: 5 }));
        let error = Action::Error { status: 503, code: "InternalServerError".into() };
        assert_eq!(rules.judge(&call("auth", 1, "a", "GetItem", "")), Some(error));
        assert_eq!(rules.get(1).unwrap()["fired"], 1);
        rules.remove(1);
        assert_eq!(rules.get(1), None);
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        for rule in [json!({"action": "explode"}), json!({"action": "delay", "fucntion": "auth"}), json!({})] {
            assert!(serde_json::from_value::<Rule>(rule.clone()).is_err(), "{rule}");
        }
    }
}
