//! Rows for a firm of the promised size, put where the workers put them. Made through the product they would take half
//! an hour; by the root key of the local AWS they take seconds. Pages read them as any others.

use std::collections::{BTreeMap, HashMap};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use domain::packs::Pack;
use domain::project::board::Outline;
use domain::project::card::{Card, Line};
use domain::{ClientId, ProjectId};
use jiff::ToSpan as _;
use serde_json::{Map, Value, json};

use super::words::{Writer, word};
use crate::world::{jiff_now, setting};

/// Rows of one request.
const BATCH: usize = 25;

/// Clients that exist on homes, boards and lists only.
pub(crate) struct Volume {
    dynamo: Client,
    table: String,
    firm: String,
    writer: Writer,
}

impl Volume {
    pub(crate) async fn of(firm: &str) -> Volume {
        let root = Credentials::new("test", "test", None, None, "root");
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(setting("PORTICO_EMULATOR"))
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(root))
            .load()
            .await;
        let table = format!("{}-firm", setting("PORTICO_PREFIX"));
        Volume { dynamo: Client::new(&config), table, firm: firm.to_owned(), writer: Writer::new(0x0f12) }
    }

    /// So many more clients, with cards on the partners' board; on this person's home too if one is named.
    pub(crate) async fn add_clients(&mut self, count: usize, staff: Option<&str>) {
        let mut rows = Vec::new();
        let mut outlines: BTreeMap<String, Vec<(Value, Value)>> = BTreeMap::new();
        for _ in 0..count {
            let mut card = self.card();
            let line = serde_json::to_value(Outline::from(&card)).unwrap();
            outlines
                .entry(shard(&card))
                .or_default()
                .push((line, json!([card.client, card.client_name, jiff_now().as_second()])));
            let client = card.client.to_string();
            if let Some(person) = staff {
                let home = format!("T#{}#U#{person}", self.firm);
                let assigned = json!({
                    "client": client, "client_name": card.client_name, "at": jiff_now().to_string(), "by": person,
                    "version": 1,
                });
                rows.push(row(&home, &format!("ASSIGN#{client}"), assigned));
                rows.push(row(&home, &format!("CARD#{client}"), drawn(&card)));
            }
            card.staff = vec!["Sam Okafor".to_owned()];
            let listed = json!({ "client": client, "name": card.client_name, "created_at": jiff_now().to_string() });
            rows.push(row(&format!("T#{}#V#clients", self.firm), &format!("C#{client}"), drawn(&card)));
            rows.push(row(&format!("T#{}", self.firm), &format!("CLIENT#{client}"), listed));
        }
        for (shard, clients) in outlines {
            rows.push(self.with(&shard, clients).await);
        }
        put_rows(&self.dynamo, &self.table, &rows).await;
    }

    /// One of the rows that hold the outlines and names of many clients, with more of them.
    async fn with(&self, shard: &str, clients: Vec<(Value, Value)>) -> HashMap<String, AttributeValue> {
        let pk = format!("T#{}#V#outlines", self.firm);
        let key = row(&pk, shard, json!({}));
        let found = self.dynamo.get_item().table_name(&self.table).set_key(Some(key)).send().await.unwrap().item;
        let found = found.unwrap_or_default();
        let before = |name: &str| -> Vec<Value> {
            found.get(name).map_or_else(Vec::new, |text| serde_json::from_str(text.as_s().unwrap()).unwrap())
        };
        let (mut outlines, mut names) = (before("outlines"), before("names"));
        for (outline, name) in clients {
            outlines.push(outline);
            names.push(name);
        }
        let text = |list: &Vec<Value>| serde_json::to_string(list).unwrap();
        row(&pk, shard, json!({ "outlines": text(&outlines), "names": text(&names), "version": 1_000 }))
    }

    /// Clients have one to three matters; some are late.
    fn card(&mut self) -> Card {
        let name = capital(&word(40 + self.writer.number(9_000) as usize));
        let ending = ["& Sons", "Industries", "Ltd", "Partners", "Holding"][self.writer.number(5) as usize];
        let lines: Vec<Line> = (0..1 + self.writer.number(3)).map(|_| self.line()).collect();
        Card {
            client: ClientId::from_bits(id_bits()),
            client_name: format!("{name} {ending}"),
            open_projects: lines.len(),
            projects: lines,
            documents_waiting: self.writer.number(3) as usize,
            delivered: Vec::new(),
            begun: Vec::new(),
            asked: Vec::new(),
            last_activity_at: Some(jiff_now() - (self.writer.number(900) as i64).hours()),
            staff: Vec::new(),
        }
    }

    fn line(&mut self) -> Line {
        let today = jiff_now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let day = |after: u64| Some(today + (after as i64 - 10).days());
        Line {
            id: ProjectId::from_bits(id_bits()),
            name: format!("{} v. {}", capital(&self.writer.word()), capital(&self.writer.word())),
            pack: if self.writer.number(2) == 0 { Pack::Litigation } else { Pack::Tax },
            phase: 2,
            phase_count: 6,
            phase_name: "Discovery".to_owned(),
            next_title: Some("Document production".to_owned()),
            next_due: day(self.writer.number(80)),
            update_by: day(self.writer.number(40)),
        }
    }
}

/// Puts rows into a table, as many in a request as one takes.
pub(crate) async fn put_rows(dynamo: &Client, table: &str, rows: &[HashMap<String, AttributeValue>]) {
    let put = |row: &HashMap<String, AttributeValue>| {
        let put = PutRequest::builder().set_item(Some(row.clone())).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    for batch in rows.chunks(BATCH) {
        let writes = batch.iter().map(put).collect();
        let answer = dynamo.batch_write_item().request_items(table, writes).send().await.unwrap();
        assert!(answer.unprocessed_items.is_none_or(|left| left.is_empty()));
    }
}

/// Which of the rows has the client: that of the last letter of its id.
fn shard(card: &Card) -> String {
    card.client.as_str()[card.client.as_str().len() - 1..].to_owned()
}

fn id_bits() -> u128 {
    let milliseconds = u128::try_from(jiff_now().as_millisecond()).unwrap();
    (milliseconds << 80) | (crypto::random_bits() >> 48)
}

fn capital(word: &str) -> String {
    format!("{}{}", word[..1].to_uppercase(), &word[1..])
}

fn drawn(card: &Card) -> Value {
    let mut row = serde_json::to_value(card).unwrap();
    row["drawn_at"] = json!(jiff_now().as_millisecond());
    row
}

fn row(pk: &str, sk: &str, fields: Value) -> HashMap<String, AttributeValue> {
    let Value::Object(mut fields) = fields else { panic!("a row has fields") };
    fields.insert("pk".to_owned(), json!(pk));
    fields.insert("sk".to_owned(), json!(sk));
    attributes(fields)
}

fn attributes(fields: Map<String, Value>) -> HashMap<String, AttributeValue> {
    fields.into_iter().map(|(name, value)| (name, attribute(value))).collect()
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Number(value) => AttributeValue::N(value.to_string()),
        Value::String(value) => AttributeValue::S(value),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect()),
        Value::Object(fields) => AttributeValue::M(attributes(fields)),
    }
}
