//! Everything that is stored of one firm, to be compared with itself later. Read by the root key: what no function may
//! see whole.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use domain::notice::Kind;
use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use testkit::portal::until_within;

use crate::isolation::vended::Aws;
use crate::world::{jiff_now, setting};

/// Two looks this far apart that see the same have seen all.
const QUIET: Duration = Duration::from_millis(1500);
/// What is told in a burst waits for its pause, and what was held until then for the minute's sweep.
const REST: Duration = Duration::from_secs(240);
const READS_AT_ONCE: usize = 8;
/// What the local deployment says of the time for which bursts are waited for (`NoticeFoldPercent`).
const FOLD_PERCENT: i64 = 40;
const STAGES: [&str; 5] = ["quarantine", "clean", "derived", "index", "vended"];

/// A row in DynamoDB's own JSON.
pub(crate) type Row = Value;

/// Rows and objects by where they lie.
#[derive(Debug, PartialEq)]
pub(crate) struct Kept {
    rows: BTreeMap<(String, String, String), Row>,
    objects: BTreeSet<String>,
}

impl Kept {
    /// Once everything that follows from the last change is done.
    pub(crate) async fn settled(aws: &Aws, firm: &str) -> Kept {
        until_within(REST, &format!("rest in firm {firm}"), || async {
            let first = Kept::read(aws, firm).await;
            if !first.is_at_rest() {
                return None;
            }
            tokio::time::sleep(QUIET).await;
            (Kept::read(aws, firm).await == first).then_some(first)
        })
        .await
    }

    async fn read(aws: &Aws, firm: &str) -> Kept {
        let settings = partition(aws, "firm", &format!("T#{firm}")).await;
        let named = |prefix: &str| -> BTreeSet<String> {
            let names = settings.iter().filter_map(|row| row["sk"]["S"].as_str()?.strip_prefix(prefix));
            names.map(|name| name.rsplit('#').next().unwrap_or_default().to_owned()).collect()
        };
        let mut places = vec![("platform", format!("FIRM#{firm}"))];
        places.extend(
            ["", "#PUB", "#SEQ", "#NL", "#V#clients", "#V#outlines"].map(|part| ("firm", format!("T#{firm}{part}"))),
        );
        for client in named("CLIENT#") {
            let of_client = |part: &str| format!("T#{firm}#C#{client}{part}");
            places.extend(
                ["", "#OB", "#INT", "#SEEN", "#IDEM", "#MSG", "#BILL", "#VND", "#GIV"]
                    .map(|part| ("data", of_client(part))),
            );
            places.extend(["#A", "#H"].map(|part| ("audit", of_client(part))));
            places.push(("keys", of_client("")));
        }
        for person in named("PERSON#") {
            let of_person = |part: &str| format!("T#{firm}#U#{person}{part}");
            places.extend(["", "#PREF"].map(|part| ("firm", of_person(part))));
            places.extend(["#A", "#H"].map(|part| ("audit", of_person(part))));
        }
        let reads = stream::iter(places).map(|(table, pk)| async move { (table, partition(aws, table, &pk).await) });
        let mut rows = BTreeMap::new();
        let mut pages = reads.buffer_unordered(READS_AT_ONCE);
        while let Some((table, page)) = pages.next().await {
            for row in page {
                let key = |name: &str| row[name]["S"].as_str().unwrap_or_default().to_owned();
                rows.insert((table.to_owned(), key("pk"), key("sk")), row);
            }
        }
        let mut objects = BTreeSet::new();
        for stage in STAGES {
            let versions = versions(aws, &format!("{stage}/t/{firm}/")).await;
            objects.extend(versions.into_iter().map(|version| format!("{} {}", version.key, version.id)));
        }
        Kept { rows, objects }
    }

    /// Nothing waits for a stream, a queue or a scanner.
    fn is_at_rest(&self) -> bool {
        let mut ready: BTreeMap<&str, u64> = BTreeMap::new();
        let mut indexed: BTreeMap<&str, u64> = BTreeMap::new();
        for ((table, pk, sk), row) in &self.rows {
            if table != "data" {
                continue;
            }
            let state = row["state"]["S"].as_str();
            let handed_on = !(sk.starts_with("OB#") && row["wpk"].is_object());
            let told = !(sk.starts_with("OB#") && is_folded(row));
            let carried_out = !(sk.starts_with("CLAIM#") && state != Some("done"));
            let checked = !(sk.starts_with("DOC#") && state == Some("processing"));
            if !handed_on || !told || !carried_out || !checked {
                return false;
            }
            // Messages are in their client's index as well.
            if sk.starts_with("DOC#") && state == Some("ready") || sk.starts_with("MSG#") {
                *ready.entry(pk.strip_suffix("#MSG").unwrap_or(pk)).or_default() += 1;
            }
            if sk == "IDX#open" {
                indexed.insert(pk, row["count"]["N"].as_str().and_then(|count| count.parse().ok()).unwrap_or(0));
            }
        }
        ready.iter().all(|(pk, count)| indexed.get(pk) == Some(count))
    }

    /// Rows of one table in the order of their keys.
    pub(crate) fn rows_of(&self, table: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |((of, _, _), _)| of == table).map(|(_, row)| row)
    }

    /// Ids of the rows whose sort key begins so, such as `DOC#`, in their order.
    pub(crate) fn ids(&self, prefix: &str) -> Vec<String> {
        self.ids_in("", prefix)
    }

    /// The same of rows in partitions that end so, such as `#NL`.
    pub(crate) fn ids_in(&self, partition: &str, prefix: &str) -> Vec<String> {
        let keys = self.rows.keys().filter(|(_, pk, _)| pk.ends_with(partition));
        let ids = keys.filter_map(|(_, _, sk)| sk.strip_prefix(prefix));
        ids.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What differs later. The instant at which a card was drawn is no state: the same card may be drawn again.
    pub(crate) fn differences(&self, later: &Kept) -> Vec<String> {
        let places: BTreeSet<_> = self.rows.keys().chain(later.rows.keys()).collect();
        let differs =
            |place: &&&(String, String, String)| seen(self.rows.get(**place)) != seen(later.rows.get(**place));
        let shown = |row: Option<&Row>| row.map_or_else(|| "nothing".to_owned(), Value::to_string);
        let rows = places.iter().filter(differs).map(|place| {
            let (before, after) = (shown(self.rows.get(*place)), shown(later.rows.get(*place)));
            format!("{} {} {}: {before}\n  became {after}", place.0, place.1, place.2)
        });
        let objects = self.objects.symmetric_difference(&later.objects).map(|object| format!("object {object}"));
        rows.chain(objects).collect()
    }
}

/// What comes in bursts waits in its queue for more of the kind: nothing says so but how young it is.
fn is_folded(row: &Row) -> bool {
    let kind = match row["cause"]["M"]["kind"]["S"].as_str() {
        Some("document_ready" | "document_rejected") => Kind::Document,
        Some("request_sent" | "request_returned" | "request_delivered") => Kind::Request,
        Some("message_written") => Kind::Message,
        _ => return false,
    };
    let at: Option<jiff::Timestamp> = row["at"]["S"].as_str().and_then(|at| at.parse().ok());
    let waits = kind.fold().map_or(0, |fold| fold.in_percent(FOLD_PERCENT).window_seconds + 5);
    at.is_some_and(|at| jiff_now().as_second() - at.as_second() < waits)
}

fn seen(row: Option<&Row>) -> Option<Row> {
    let mut row = row.cloned();
    if let Some(fields) = row.as_mut().and_then(Value::as_object_mut) {
        fields.remove("drawn_at");
    }
    row
}

/// All rows of a partition, by the table's plain name.
pub(crate) async fn partition(aws: &Aws, table: &str, pk: &str) -> Vec<Row> {
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let mut pages = dynamo
        .query()
        .table_name(format!("{}-{table}", setting("PORTICO_PREFIX")))
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
        .consistent_read(true)
        .into_paginator()
        .send();
    let mut rows = Vec::new();
    while let Some(page) = pages.next().await {
        rows.extend(
            page.unwrap().items.unwrap_or_default().into_iter().map(|row| wire(&AttributeValue::M(row))["M"].take()),
        );
    }
    rows
}

fn wire(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(is) => json!({ "BOOL": is }),
        AttributeValue::Null(is) => json!({ "NULL": is }),
        AttributeValue::B(bytes) => json!({ "B": base64::engine::general_purpose::STANDARD.encode(bytes.as_ref()) }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(wire).collect::<Vec<_>>() }),
        AttributeValue::M(map) => {
            let fields: BTreeMap<&String, Value> = map.iter().map(|(name, value)| (name, wire(value))).collect();
            json!({ "M": fields })
        }
        other => panic!("no row of ours holds {other:?}"),
    }
}

/// One version of an object in the bucket of documents.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) size: i64,
}

pub(crate) async fn versions(aws: &Aws, prefix: &str) -> Vec<Version> {
    let config = aws_sdk_s3::config::Builder::from(aws.config()).force_path_style(true).build();
    let list = aws_sdk_s3::Client::from_conf(config).list_object_versions().bucket(setting("PORTICO_BUCKET"));
    let found = list.prefix(prefix).send().await.unwrap();
    assert_ne!(found.is_truncated(), Some(true), "more versions under {prefix} than one page holds");
    let versions = found.versions().iter().map(|version| Version {
        key: version.key().unwrap_or_default().to_owned(),
        id: version.version_id().unwrap_or_default().to_owned(),
        size: version.size().unwrap_or_default(),
    });
    versions.collect()
}
