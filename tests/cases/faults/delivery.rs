//! Deliveries to the deployed functions, as the platform makes them: the event as the payload of an invocation.

use aws_config::retry::RetryConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use serde_json::Value;

use crate::isolation::vended::Aws;
use crate::world::setting;

/// How often the platform brings a batch before it gives up.
const DELIVERIES_MAX: usize = 5;

pub(crate) struct Lambdas {
    client: Client,
    prefix: String,
    /// Source and function of each deployed mapping.
    mappings: Vec<(String, String)>,
}

impl Lambdas {
    pub(crate) async fn connect(aws: &Aws) -> Lambdas {
        // A repetition is a delivery, which is for the test to make.
        let config = aws_sdk_lambda::config::Builder::from(aws.config()).retry_config(RetryConfig::disabled()).build();
        let client = Client::from_conf(config);
        let prefix = format!("{}-", setting("PORTICO_PREFIX"));
        let listed = client.list_event_source_mappings().send().await.unwrap();
        let mapping = |mapping: &aws_sdk_lambda::types::EventSourceMappingConfiguration| {
            let function = mapping.function_arn()?.rsplit(':').next()?.strip_prefix(&prefix)?;
            Some((mapping.event_source_arn()?.to_owned(), function.to_owned()))
        };
        let mappings: Vec<_> = listed.event_source_mappings().iter().filter_map(mapping).collect();
        assert!(mappings.len() >= 8, "{mappings:?}");
        Lambdas { client, prefix, mappings }
    }

    /// The function that a queue or a table's stream is mapped to. The name of a stream ends in an instant, which differs
    /// from deployment to deployment.
    pub(crate) fn mapped_to(&self, source: &str) -> Option<&str> {
        let place = |arn: &str| arn.split("/stream/").next().unwrap_or_default().to_owned();
        let found = self.mappings.iter().find(|(arn, _)| place(arn) == place(source));
        found.map(|(_, function)| function.as_str())
    }

    /// What a queue is called in full.
    pub(crate) fn source(&self, queue: &str) -> &str {
        let found = self.mappings.iter().find(|(arn, _)| arn.ends_with(&format!(":{queue}")));
        found.map(|(arn, _)| arn.as_str()).unwrap_or_else(|| panic!("nothing is mapped to {queue}"))
    }

    /// The stream of a table, by its plain name.
    pub(crate) fn stream(&self, table: &str) -> &str {
        let place = format!(":table/{}{table}/stream/", self.prefix);
        let found = self.mappings.iter().find(|(arn, _)| arn.contains(&place));
        found.map(|(arn, _)| arn.as_str()).unwrap_or_else(|| panic!("nothing follows {table}"))
    }

    /// One delivery: the answer, or how the function failed.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Result<Value, String> {
        let name = format!("{}{function}", self.prefix);
        let request = self.client.invoke().function_name(&name).payload(Blob::new(event.to_string()));
        let answer = request.send().await.map_err(|why| format!("{name}: {why:?}"))?;
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        let text = String::from_utf8_lossy(&payload);
        match answer.function_error {
            Some(failed) => Err(format!("{name}: {failed}: {text}")),
            None => Ok(serde_json::from_slice(&payload).unwrap_or(Value::Null)),
        }
    }

    /// A batch again and again until nothing of it is to come again, as queues and streams do.
    pub(crate) async fn deliver(&self, event: &Value) -> Result<(), String> {
        let source = event["Records"][0]["eventSourceARN"].as_str().unwrap_or_default();
        let function = self.mapped_to(source).ok_or_else(|| format!("nothing is mapped to {source}"))?;
        let mut last = String::new();
        for _ in 0..DELIVERIES_MAX {
            let answer = self.invoke(function, event).await?;
            if failures(&answer).is_empty() {
                return Ok(());
            }
            last = answer.to_string();
        }
        Err(format!("{function} answers {last} to {event}"))
    }
}

/// What an answer wants to see again.
pub(crate) fn failures(answer: &Value) -> &[Value] {
    answer["batchItemFailures"].as_array().map_or(&[], Vec::as_slice)
}

/// The same order for the same seed.
pub(crate) fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    let mut state = seed;
    let mut next = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for last in (1..items.len()).rev() {
        let other = usize::try_from(next() % (last as u64 + 1)).unwrap();
        items.swap(last, other);
    }
    items
}
