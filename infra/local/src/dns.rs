//! A name server for trying out: text records that somebody wrote by `/_dev/dns/set?name=…&value=…`, told in the form of
//! the public resolvers. Nothing else in the world sees them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

static RECORDS: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

/// Adds a record; without a value takes all of the name away.
pub(crate) fn set(query: &str) -> Value {
    let (name, value) = (part(query, "name"), part(query, "value"));
    let mut records = RECORDS.lock().unwrap_or_else(PoisonError::into_inner);
    match value.is_empty() {
        true => drop(records.remove(&name)),
        false => records.entry(name.clone()).or_default().push(value),
    }
    json!({ "name": name, "records": records.get(&name) })
}

pub(crate) fn answer(query: &str) -> Value {
    let name = part(query, "name");
    let records = RECORDS.lock().unwrap_or_else(PoisonError::into_inner);
    match records.get(&name) {
        None => json!({ "Status": 3 }),
        Some(found) => {
            let record = |text: &String| json!({ "name": name, "type": 16, "TTL": 60, "data": format!("\"{text}\"") });
            json!({ "Status": 0, "Answer": found.iter().map(record).collect::<Vec<_>>() })
        }
    }
}

/// Of what stands here nothing needs to be escaped but the `=` of a record.
fn part(query: &str, name: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next().unwrap_or_default();
    found.replace("%3D", "=").replace("%3d", "=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_told() {
        set("name=_portico.a.example&value=portico-sso%3Dx");
        assert_eq!(answer("name=_portico.a.example&type=TXT")["Answer"][0]["data"], "\"portico-sso=x\"");
        set("name=_portico.a.example");
        assert_eq!(answer("name=_portico.a.example&type=TXT")["Status"], 3);
    }
}
