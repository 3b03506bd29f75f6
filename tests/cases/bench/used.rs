//! What one act of a person uses of AWS, in the units that AWS counts, with everything that follows from it by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use testkit::portal::{Answer, Http};

use super::calls::{Call, Calls, Trace};
use super::figures::{ms_since, now};
use crate::world::{portal, root, setting};

/// Functions that answer people; what else runs is a worker.
const HTTP_FUNCTIONS: [&str; 5] = ["auth", "projects", "documents", "firm", "platform"];
/// Nothing new for so long: whatever followed is over.
const QUIET: Duration = Duration::from_secs(4);
/// Beside the calls of an invocation, for what it does itself.
const OWN_MS: f64 = 5.0;
const READ_UNIT_BYTES: usize = 4_096;
const WRITE_UNIT_BYTES: usize = 1_024;

/// Quantities by the name of their price.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Used(pub(crate) BTreeMap<&'static str, f64>);

impl Used {
    pub(crate) fn add(&mut self, of: &'static str, quantity: f64) {
        *self.0.entry(of).or_default() += quantity;
    }

    pub(crate) fn add_all(&mut self, other: &Used, times: f64) {
        for (of, quantity) in &other.0 {
            self.add(of, quantity * times);
        }
    }

    pub(crate) fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }
}

/// The requests of one act, each with its function and how long it took.
#[derive(Default)]
pub(crate) struct Asked {
    traces: BTreeSet<String>,
    requests: Vec<(&'static str, f64)>,
    bytes_out: usize,
    files_in: usize,
}

impl Asked {
    /// A request to one of the functions, timed; it must succeed.
    pub(crate) async fn ask(
        &mut self,
        function: &'static str,
        http: &Http,
        method: &str,
        path: &str,
        headers: impl Fn(&Trace) -> Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> testkit::portal::Answer {
        let trace = Trace::new();
        let started = now();
        let answer = http.raw(method, path, &headers(&trace), body).await;
        assert!((200..400).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
        self.requests.push((function, ms_since(started)));
        self.bytes_out += answer.body.len();
        self.traces.insert(trace.id().to_owned());
        answer
    }

    /// A file handed to object storage, which has it looked through.
    pub(crate) fn took(&mut self) {
        self.files_in += 1;
    }

    /// A file that object storage sends.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.bytes_out += bytes;
    }
}

/// Counts on the calls of one firm.
pub(crate) struct Meter {
    calls: Calls,
    firm: String,
    memory_mb: BTreeMap<String, f64>,
    queries: Http,
}

impl Meter {
    pub(crate) fn of(firm: &str) -> Meter {
        Meter { calls: Calls::open(), firm: firm.to_owned(), memory_mb: memory(), queries: portal().stranger() }
    }

    /// What an act and all that follows from it use.
    pub(crate) async fn count(&self, act: impl AsyncFnOnce(&mut Asked)) -> Used {
        let mark = self.calls.mark().await;
        let mut asked = Asked::default();
        act(&mut asked).await;
        let groups = self.groups(mark, &asked).await;
        let mut used = Used::default();
        for (function, ms) in &asked.requests {
            used.add("http_api", 1.0);
            self.invocation(&mut used, function, *ms);
        }
        used.add("out_gb", asked.bytes_out as f64 / 1e9);
        if asked.files_in > 0 {
            for price in ["s3_puts", "kms_requests", "scanned_objects"] {
                used.add(price, asked.files_in as f64);
            }
        }
        used.add_all(&self.used_by(&groups).await, 1.0);
        used
    }

    /// Out of all that was called, the invocations of workers for this firm, each with its calls.
    pub(crate) fn workers(&self, calls: Vec<Call>) -> Vec<Vec<Call>> {
        grouped(calls).into_iter().filter(|group| self.counts(group, &BTreeSet::new())).collect()
    }

    /// What workers and the calls of all these invocations use.
    pub(crate) async fn used_by(&self, groups: &[Vec<Call>]) -> Used {
        let (mut used, mut answers) = (Used::default(), BTreeMap::new());
        for group in groups {
            for (function, ms) in invocations(group) {
                if !HTTP_FUNCTIONS.contains(&function) {
                    self.invocation(&mut used, function, ms);
                }
            }
            for call in group {
                self.call(&mut used, call, &mut answers).await;
            }
        }
        used
    }

    /// What the template gives a function.
    pub(crate) fn memory_mb(&self, function: &str) -> f64 {
        *self.memory_mb.get(function).unwrap_or_else(|| panic!("no memory size of {function}"))
    }

    /// What the schedule uses each minute where there is nothing to do: the least of the minutes that were seen.
    pub(crate) async fn minute(&self) -> Used {
        let mut seen: Option<Used> = None;
        for group in grouped(self.calls.after(0, &[("function", "schedules")]).await) {
            let used = self.used_by(&[group]).await;
            if seen.as_ref().is_none_or(|other| used.of("dynamodb_reads") < other.of("dynamodb_reads")) {
                seen = Some(used);
            }
        }
        seen.expect("the schedule has run")
    }

    /// Calls of these requests, and of workers that acted for this firm, by invocation.
    async fn groups(&self, mark: u64, asked: &Asked) -> Vec<Vec<Call>> {
        self.quiet(mark).await;
        let all = self.calls.after(mark, &[]).await;
        grouped(all).into_iter().filter(|group| self.counts(group, &asked.traces)).collect()
    }

    /// Waits until no worker has anything left to do for this firm.
    pub(crate) async fn quiet(&self, mark: u64) {
        let (mut count, mut since) = (0, now());
        while ms_since(since) < QUIET.as_secs_f64() * 1e3 {
            let found = self.calls.after(mark, &[("contains", &self.firm)]).await.len();
            if found != count {
                (count, since) = (found, now());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    fn counts(&self, group: &[Call], asked: &BTreeSet<String>) -> bool {
        if group.iter().any(|call| call.trace.as_ref().is_some_and(|trace| asked.contains(trace))) {
            return true;
        }
        let names = |call: &Call| {
            call.path.contains(&self.firm) || call.body.as_ref().is_some_and(|body| body.contains(&self.firm))
        };
        // Waiting for what follows asks HTTP functions too; that is the test's own doing.
        !group.iter().any(|call| HTTP_FUNCTIONS.contains(&call.function.as_str())) && group.iter().any(names)
    }

    fn invocation(&self, used: &mut Used, function: &str, ms: f64) {
        used.add("lambda_requests", 1.0);
        used.add("lambda_gb_seconds", self.memory_mb(function) / 1024.0 * ms / 1e3);
    }

    /// `answers`: how much queries found. What was asked a thousand times is asked once more for its price.
    async fn call(&self, used: &mut Used, call: &Call, answers: &mut BTreeMap<String, usize>) {
        match (call.service.as_str(), call.operation.as_str()) {
            ("dynamodb", "Query") => {
                let body = call.body.clone().unwrap_or_default();
                let bytes = match answers.get(&body) {
                    Some(bytes) => *bytes,
                    None => self.answer_bytes(call).await,
                };
                answers.insert(body, bytes);
                used.add("dynamodb_reads", read_units(bytes, &call.json()));
            }
            ("dynamodb", _) => {
                let (reads, writes) = units(&call.operation, &call.json());
                used.add("dynamodb_reads", reads);
                used.add("dynamodb_writes", writes);
            }
            ("kms", _) => used.add("kms_requests", 1.0),
            ("s3", "GetObject" | "HeadObject") => {
                used.add("s3_gets", 1.0);
                used.add("kms_requests", 1.0);
            }
            ("s3", "DeleteObject" | "DeleteObjects" | "Preflight") => {}
            ("s3", _) => {
                used.add("s3_puts", 1.0);
                used.add("kms_requests", 1.0);
            }
            // A form sent by a browser: whoever sends it says so.
            ("unsigned", _) => {}
            ("sqs", "ChangeMessageVisibility") => used.add("sqs_standard", 1.0),
            // Sent here; received and deleted by Lambda.
            ("sqs", _) => {
                let fifo = call.body.as_ref().is_some_and(|body| body.contains(".fifo"));
                used.add(if fifo { "sqs_fifo" } else { "sqs_standard" }, 3.0);
            }
            ("ses" | "email", _) => used.add("ses_mails", 1.0),
            ("sns", _) => used.add("sms", 1.0),
            // Free, or counted as the invocation that it asks for.
            ("sts" | "lambda", _) => {}
            (service, operation) => panic!("nobody knows what {service} {operation} costs"),
        }
    }

    /// How much a query found. The proxy keeps no answers, so it is asked again, by the root key.
    async fn answer_bytes(&self, call: &Call) -> usize {
        let body = call.body.clone().unwrap_or_default().into_bytes();
        as_root(&self.queries, "dynamodb", "DynamoDB_20120810.Query", body).await.body.len()
    }
}

/// Asks the local AWS by the root key, in JSON; it must succeed.
pub(crate) async fn as_root(http: &Http, service: &str, target: &str, body: Vec<u8>) -> Answer {
    let credential = format!("Credential=test/20260101/us-east-1/{service}/aws4_request");
    let headers = [
        ("x-amz-target", target.to_owned()),
        ("content-type", "application/x-amz-json-1.0".to_owned()),
        ("authorization", format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0")),
    ];
    let answer = http.raw("POST", &format!("{}/", setting("PORTICO_EMULATOR")), &headers, body).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer
}

/// By invocation; a call without a trace is a browser's and stands alone.
fn grouped(calls: Vec<Call>) -> Vec<Vec<Call>> {
    let mut groups: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    for call in calls {
        let name = call.trace.clone().unwrap_or_else(|| format!("#{}", call.n));
        groups.entry(name).or_default().push(call);
    }
    groups.into_values().collect()
}

/// Each environment that made calls under one trace, and how long its calls took.
fn invocations(group: &[Call]) -> Vec<(&str, f64)> {
    let mut spans: BTreeMap<(&str, Option<u32>), (u64, u64)> = BTreeMap::new();
    for call in group.iter().filter(|call| !call.function.is_empty()) {
        let span = spans.entry((&call.function, call.pid)).or_insert((call.at_ms, call.end_ms()));
        *span = (span.0.min(call.at_ms), span.1.max(call.end_ms()));
    }
    spans.into_iter().map(|((function, _), (start, end))| (function, (end - start) as f64 + OWN_MS)).collect()
}

/// Units of an operation on DynamoDB, by what was sent.
fn units(operation: &str, asked: &Value) -> (f64, f64) {
    let sized = |thing: &Value| thing.to_string().len().div_ceil(WRITE_UNIT_BYTES) as f64;
    // A row with work to do stands in the index of work as well.
    let indexed = |put: &Value| if put["Item"]["wpk"].is_object() { 1.0 } else { 0.0 };
    match operation {
        "GetItem" => (if asked["ConsistentRead"] == true { 1.0 } else { 0.5 }, 0.0),
        "BatchGetItem" => {
            let tables = asked["RequestItems"].as_object().into_iter().flatten();
            let units = |table: &Value| {
                let each = if table["ConsistentRead"] == true { 1.0 } else { 0.5 };
                each * table["Keys"].as_array().map_or(0, Vec::len) as f64
            };
            (tables.map(|(_, table)| units(table)).sum(), 0.0)
        }
        "TransactWriteItems" => {
            let members = asked["TransactItems"].as_array().into_iter().flatten();
            let each = |member: &Value| {
                let put = &member["Put"];
                2.0 * if put.is_object() { sized(&put["Item"]) } else { 1.0 } + indexed(put)
            };
            (0.0, members.map(each).sum())
        }
        "PutItem" => (0.0, sized(&asked["Item"]) + indexed(asked)),
        // A change of a row may take it out of the index.
        "UpdateItem" => (0.0, if asked.to_string().contains("wpk") { 2.0 } else { 1.0 }),
        "DeleteItem" => (0.0, 1.0),
        other => panic!("nobody knows what {other} costs"),
    }
}

fn read_units(bytes: usize, asked: &Value) -> f64 {
    let units = bytes.div_ceil(READ_UNIT_BYTES) as f64;
    if asked["ConsistentRead"] == true { units } else { units / 2.0 }
}

/// Of each function, from the template.
fn memory() -> BTreeMap<String, f64> {
    let mut memory = BTreeMap::new();
    for file in ["infra/api.yaml", "infra/schedules.yaml"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let mut name = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(of) = line.strip_prefix("FunctionName: !Sub '${StackPrefix}-") {
                name = of.trim_end_matches('\'').to_owned();
            }
            if let Some(mb) = line.strip_prefix("MemorySize: ") {
                memory.insert(name.clone(), mb.parse().unwrap());
            }
        }
    }
    memory
}

mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn units_are_counted_as_dynamodb_counts_them() {
        let item = json!({ "pk": { "S": "a" } });
        let work = json!({ "pk": { "S": "a" }, "wpk": { "S": "OB#1" } });
        let large = json!({ "pk": { "S": "a".repeat(1_500) } });
        let members = json!({ "TransactItems": [
            { "Put": { "Item": item } }, { "Put": { "Item": large } }, { "Put": { "Item": work } },
            { "ConditionCheck": {} }, { "Update": {} },
        ] });
        assert_eq!(units("TransactWriteItems", &members), (0.0, 2.0 + 4.0 + 3.0 + 2.0 + 2.0));
        assert_eq!(units("GetItem", &json!({})), (0.5, 0.0));
        let batch =
            json!({ "RequestItems": { "t": { "ConsistentRead": true, "Keys": [{}, {}] }, "u": { "Keys": [{}] } } });
        assert_eq!(units("BatchGetItem", &batch), (2.5, 0.0));
        assert_eq!(units("PutItem", &json!({ "Item": large })), (0.0, 2.0));
        assert_eq!(read_units(4_097, &json!({})), 1.0);
        assert_eq!(read_units(10, &json!({ "ConsistentRead": true })), 1.0);
    }

    #[test]
    fn every_function_of_the_template_has_its_memory() {
        let memory = memory();
        for function in HTTP_FUNCTIONS.into_iter().chain(["access", "access-jobs", "indexer", "schedules"]) {
            assert!(memory.get(function).is_some_and(|mb| *mb >= 128.0), "{function}: {memory:?}");
        }
    }
}
