//! A batch of records, sorted by whom they are about: what is to be done for each client once.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClientId, FirmId, OutboxId, PersonId};
use serde::Deserialize;
use serde_json::{Map, Value};
use storage::Streamed;

/// One change of one item, as far as it is looked at.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    #[serde(rename = "eventName")]
    change: String,
    dynamodb: Images,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Map<String, Value>,
    new_image: Option<Map<String, Value>>,
    sequence_number: String,
}

impl Record {
    fn streamed(&self) -> Streamed {
        let key = |name| text(&self.dynamodb.keys, name).unwrap_or_default();
        let attribute = |name: &str| text(self.dynamodb.new_image.as_ref()?, name);
        Streamed::of(key("pk"), key("sk"), self.change == "INSERT", attribute)
    }
}

fn text<'a>(image: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    image.get(name)?.get("S")?.as_str()
}

/// What a batch asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) clients: Vec<ClientWork>,
    /// Orders of operators and partners, with the number of each one's record.
    pub(crate) orders: Vec<(Streamed, String)>,
}

/// What is to be done for one client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientWork {
    pub(crate) firm: FirmId,
    pub(crate) client: ClientId,
    /// Rows to hand on, the oldest first.
    pub(crate) outbox: BTreeSet<OutboxId>,
    /// People whose place on the team is to be looked at.
    pub(crate) people: BTreeSet<PersonId>,
    /// The card has to be drawn anew.
    pub(crate) draws: bool,
    /// Numbers of the records that asked for any of this.
    pub(crate) numbers: Vec<String>,
}

impl Plan {
    pub(crate) fn of(records: &[Record]) -> Self {
        let mut orders = Vec::new();
        let mut clients = Clients::new();
        for record in records {
            let number = record.dynamodb.sequence_number.clone();
            match record.streamed() {
                Streamed::Outbox { firm, client, outbox } => {
                    of(&mut clients, firm, client, number).outbox.insert(outbox);
                }
                Streamed::Client { firm, client } => of(&mut clients, firm, client, number).draws = true,
                Streamed::Team { firm, client, person } => {
                    let work = of(&mut clients, firm, client, number);
                    work.people.insert(person);
                    work.draws = true;
                }
                order @ (Streamed::ClientOrdered { .. }
                | Streamed::PersonOrdered { .. }
                | Streamed::MemberOrdered { .. }
                | Streamed::JoinOrdered { .. }
                | Streamed::FirmOrdered { .. }
                | Streamed::FirmTurned { .. }
                | Streamed::Admission { .. }
                | Streamed::NewsletterOrdered { .. }) => orders.push((order, number)),
                Streamed::Nothing => (),
            }
        }
        Self { clients: clients.into_values().collect(), orders }
    }
}

type Clients = BTreeMap<(FirmId, ClientId), ClientWork>;

/// The work for a client, to which a record's number is added.
fn of(clients: &mut Clients, firm: FirmId, client: ClientId, number: String) -> &mut ClientWork {
    let work = clients.entry((firm.clone(), client.clone())).or_insert_with(|| ClientWork {
        firm,
        client,
        outbox: BTreeSet::new(),
        people: BTreeSet::new(),
        draws: false,
        numbers: Vec::new(),
    });
    work.numbers.push(number);
    work
}

#[cfg(test)]
mod tests {
    use super::*;

    const F: &str = "01ARZ3NDEKTSV4RRFFQ69G5FA0";
    const C: &str = "01ARZ3NDEKTSV4RRFFQ69G5FC0";
    const D: &str = "01ARZ3NDEKTSV4RRFFQ69G5FD0";
    const X: &str = "01ARZ3NDEKTSV4RRFFQ69G5FX0";

    fn record(number: &str, change: &str, pk: &str, sk: &str, image: Value) -> Record {
        let record = serde_json::json!({
            "eventName": change,
            "dynamodb": {
                "Keys": { "pk": { "S": pk }, "sk": { "S": sk } },
                "NewImage": image,
                "SequenceNumber": number,
            },
        });
        serde_json::from_value(record).unwrap()
    }

    #[test]
    fn one_client_is_worked_on_once() {
        let of = |client: &str| format!("T#{F}#C#{client}");
        let home = format!("T#{F}#U#{X}");
        let none = || Value::Null;
        let plan = Plan::of(&[
            record("1", "MODIFY", &of(C), &format!("PROJ#{X}"), none()),
            record("2", "INSERT", &format!("{}#OB", of(C)), &format!("OB#{X}"), none()),
            record("3", "INSERT", &of(D), "PROFILE", none()),
            record("4", "MODIFY", &of(C), &format!("DOC#{X}"), none()),
            record("5", "REMOVE", &format!("{}#OB", of(D)), &format!("OB#{X}"), none()),
            record("6", "REMOVE", &home, &format!("ASSIGN#{C}"), none()),
            record("7", "INSERT", &format!("{}#OB", of(D)), &format!("OB#{X}"), none()),
        ]);
        let told: Vec<_> = plan
            .clients
            .iter()
            .map(|work| {
                (work.client.as_str(), work.outbox.len(), work.people.len(), work.draws, work.numbers.join(" "))
            })
            .collect();
        assert_eq!(told, [(C, 1, 1, true, "1 2 4 6".to_owned()), (D, 1, 0, true, "3 7".to_owned())]);
        assert!(plan.orders.is_empty());
    }

    #[test]
    fn a_notice_alone_draws_no_card() {
        let plan = Plan::of(&[record("1", "INSERT", &format!("T#{F}#C#{C}#OB"), &format!("OB#{X}"), Value::Null)]);
        assert_eq!((plan.clients.len(), plan.clients[0].draws), (1, false));
    }

    #[test]
    fn orders_go_by_their_kind() {
        let image = |name: &str, value: &str| serde_json::json!({ name: { "S": value } });
        let plan = Plan::of(&[
            record("1", "INSERT", &format!("T#{F}"), &format!("ORDER#{X}"), image("kind", "person")),
            record("2", "INSERT", &format!("FIRM#{F}"), "FIRM", image("state", "ordered")),
            record("3", "MODIFY", &format!("FIRM#{F}"), "FIRM", image("state", "active")),
        ]);
        let firm = FirmId::parse(F).unwrap();
        let order = domain::OrderId::parse(X).unwrap();
        let want = [
            (Streamed::PersonOrdered { firm: firm.clone(), order }, "1".to_owned()),
            (Streamed::FirmOrdered { firm }, "2".to_owned()),
        ];
        assert_eq!(plan.orders, want);
        assert!(plan.clients.is_empty());
    }

    /// As it comes from the platform, recorded.
    #[test]
    fn recorded_batches_are_read() {
        let numbers = |text: &str| {
            let mut event: Value = serde_json::from_str(text).unwrap();
            let records: Vec<Record> = serde_json::from_value(event["Records"].take()).unwrap();
            let plan = Plan::of(&records);
            (plan.clients.iter().map(|work| work.numbers.len()).sum::<usize>(), plan.orders.len())
        };
        assert_eq!(numbers(include_str!("../../../events/streams/data-outbox-inserted.json")), (2, 0));
        assert_eq!(numbers(include_str!("../../../events/streams/data-outbox-expired.json")), (0, 0));
        assert_eq!(numbers(include_str!("../../../events/streams/data-project-modified.json")), (1, 0));
    }
}
