//! The same call about somebody else.

use serde_json::Value;

/// Names of one side and what stands for each on the other. Roles that carry the tag `by` must not cross over.
pub(super) struct Swap {
    pub(super) by: &'static str,
    pub(super) pairs: Vec<(String, String)>,
}

/// All at once, so that two may change places.
pub(super) fn swapped(text: &str, pairs: &[(String, String)]) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let next = pairs.iter().filter_map(|(from, to)| Some((rest.find(from.as_str())?, from, to)));
        let Some((at, from, to)) = next.min_by_key(|(at, ..)| *at) else { return made + rest };
        made += &rest[..at];
        made += to;
        rest = &rest[at + from.len()..];
    }
}

/// Where a call reaches, as far as policies judge it: partitions, the object, the key and its context.
pub(super) fn places(service: &str, path: &str, body: Option<&str>) -> Vec<String> {
    let body: Value = body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    match service {
        "dynamodb" => {
            let mut found = Vec::new();
            partitions(&body, &mut found);
            found
        }
        "kms" => vec![body["KeyId"].to_string(), body["EncryptionContext"].to_string()],
        _ => vec![path.to_owned()],
    }
}

/// The values of `pk`, which every statement of ours calls so.
fn partitions(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value["S"].as_str().filter(|_| name == "pk" || name == ":pk") {
                    Some(pk) => found.push(pk.to_owned()),
                    None => partitions(value, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| partitions(value, found)),
        _ => {}
    }
}

#[test]
fn two_change_places() {
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let pairs = [pair("A1", "B2"), pair("B2", "A1")];
    assert_eq!(swapped("T#A1#C#B2 A1", &pairs), "T#B2#C#A1 B2");
    assert_eq!(swapped("nothing", &pairs), "nothing");
}

#[test]
fn partitions_are_found_wherever_they_stand() {
    let check = |body: &str, want: &[&str]| assert_eq!(places("dynamodb", "/", Some(body)), want, "{body}");
    check(r#"{"Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#, &["a"]);
    check(r#"{"ExpressionAttributeValues":{":pk":{"S":"a"},":first":{"S":"b"}}}"#, &["a"]);
    check(r#"{"RequestItems":{"t":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"b"}}]}}}"#, &["a", "b"]);
    check(r#"{"TransactItems":[{"Put":{"Item":{"pk":{"S":"a"},"name":{"S":"b"}}}}]}"#, &["a"]);
}
