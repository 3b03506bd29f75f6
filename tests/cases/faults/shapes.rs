//! Events in the platform's own shapes, made from the samples and from what is stored.

use serde_json::{Value, json};

use super::kept::{Row, Version};
use crate::world::{root, setting};

/// A sample as it lies in `events/`.
pub(crate) fn sample(name: &str) -> Value {
    let path = root().join("events").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// One message as a queue hands it over, for the first time.
pub(crate) fn message(queue_arn: &str, body: &str, group: Option<&str>) -> Value {
    let mut record = sample("sqs/notice.json")["Records"][0].take();
    record["messageId"] = json!(crate::world::fresh());
    record["body"] = json!(body);
    record["eventSourceARN"] = json!(queue_arn);
    if let Some(group) = group {
        record["attributes"]["MessageGroupId"] = json!(group);
    }
    record
}

pub(crate) fn batch(records: Vec<Value>) -> Value {
    json!({ "Records": records })
}

/// The bucket's news of an object.
pub(crate) fn arrived(object: &Version) -> String {
    let mut news: Value = inner("s3/object-created.json");
    let record = &mut news["Records"][0]["s3"];
    record["bucket"]["name"] = json!(setting("PORTICO_BUCKET"));
    record["object"]["key"] = json!(object.key);
    record["object"]["size"] = json!(object.size);
    record["object"]["versionId"] = json!(object.id);
    news.to_string()
}

/// The scanner's verdict on an object.
pub(crate) fn verdict(sample: &str, object: &Version) -> String {
    let mut news = inner(sample);
    let named = &mut news["detail"]["s3ObjectDetails"];
    named["bucketName"] = json!(setting("PORTICO_BUCKET"));
    named["objectKey"] = json!(object.key);
    named["versionId"] = json!(object.id);
    news.to_string()
}

/// What the message of a sample says.
fn inner(name: &str) -> Value {
    serde_json::from_str(sample(name)["Records"][0]["body"].as_str().unwrap()).unwrap()
}

/// A change of a row, as a table's stream tells it.
pub(crate) fn record(stream_arn: &str, change: &str, number: usize, row: &Row) -> Value {
    let image = if change == "REMOVE" { "OldImage" } else { "NewImage" };
    json!({
        "eventID": format!("{number:032x}"),
        "eventName": change,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_514_461,
            "Keys": { "pk": row["pk"], "sk": row["sk"] },
            image: row,
            "SequenceNumber": format!("{number:024}"),
            "SizeBytes": 312,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": stream_arn,
    })
}
