//! A firm whose clients are all to hear of something at the same moment: the rows, their messages, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::notice::Tier;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Http, until};

use super::super::used::as_root;
use super::super::volume::put_rows;
use crate::faults::control::Control;
use crate::faults::kept::partition;
use crate::faults::outbox::{Fields, Outbox, cause};
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, fresh, id_of, jiff_now, setting};

const AT_ONCE: usize = 4;
/// Messages of one request.
const BATCH: usize = 10;
/// Requests at once: as quick as the local AWS takes them.
const BATCHES_AT_ONCE: usize = 8;
/// No work for the firm for so long: what follows from its rows is over.
const QUIET: Duration = Duration::from_secs(3);
/// Lower tiers first: what is critical comes when every other queue is full.
const ORDER: [Tier; 3] = [Tier::Informational, Tier::Standard, Tier::Critical];

pub(super) struct Crowd {
    pub(super) world: LawFirm,
    pub(super) aws: Aws,
    http: Http,
    clients: Vec<Client>,
}

/// A company with one admin and nobody of the firm's staff, so that each notice is one mail to one person.
struct Client {
    id: String,
    admin: String,
    project: String,
    milestone: String,
    list: String,
    mails_before: usize,
}

pub(super) struct Notice {
    client: usize,
    pub(super) outbox: String,
    pub(super) tier: Tier,
}

impl Crowd {
    pub(super) async fn open(clients: usize) -> Crowd {
        let (world, aws) = (LawFirm::open().await, Aws::connect().await);
        let public = partition(&aws, "firm", &format!("T#{}#PUB", world.firm.id)).await;
        let brand = public.iter().find(|row| row["sk"]["S"] == "BRAND").expect("a firm has a brand");
        let version: u64 = brand["version"]["N"].as_str().unwrap().parse().unwrap();
        // Told at once, as everything here is, yet by the queue of what may wait.
        let rule = json!({ "tier": Tier::Informational.as_str(), "least": "at_once" });
        let rules = json!({ "kinds": { "request": rule }, "version": version });
        world.firm.partner.write("PUT", "/api/v1/firm/settings/notices", &rules).await;
        let made = stream::iter(0..clients).map(|number| Client::make(&world, &aws, number));
        let clients = made.buffer_unordered(AT_ONCE).collect().await;
        let http = world.portal.stranger();
        let mut crowd = Crowd { world, aws, http, clients };
        crowd.lists_are_told().await;
        crowd.rest().await;
        for number in 0..crowd.clients.len() {
            crowd.clients[number].mails_before = crowd.mails_to(&crowd.clients[number].admin).await;
        }
        crowd
    }

    fn outbox<'a>(&'a self, client: &'a Client) -> Outbox<'a> {
        Outbox { firm: &self.world.firm.id, client: &client.id }
    }

    /// So many rows of each tier, of all clients by turns.
    pub(super) async fn write(&self, counts: &[(Tier, usize)]) -> Vec<Notice> {
        let tiers = counts.iter().flat_map(|(tier, count)| std::iter::repeat_n(*tier, *count));
        let notice = |(number, tier)| Notice { client: number % self.clients.len(), outbox: fresh(), tier };
        let notices: Vec<Notice> = tiers.enumerate().map(notice).collect();
        let mut rows = Vec::new();
        for (number, client) in self.clients.iter().enumerate() {
            let own = notices.iter().filter(|notice| notice.client == number);
            let row =
                |notice: &Notice| self.outbox(client).row(&notice.outbox, self.cause(notice.tier, client), jiff_now());
            rows.extend(own.map(row));
        }
        let dynamo = aws_sdk_dynamodb::Client::new(self.aws.config());
        put_rows(&dynamo, &format!("{}-data", setting("PORTICO_PREFIX")), &rows).await;
        self.rest().await;
        notices
    }

    /// What is told by itself and at once, whatever else happened: nothing here is folded.
    fn cause(&self, tier: Tier, client: &Client) -> Fields {
        match tier {
            Tier::Critical => {
                cause("deadline_reminder", &[("project", &client.project), ("milestone", &client.milestone)])
            }
            Tier::Standard => {
                let mut fields =
                    cause("project_changed", &[("project", &client.project), ("by", &self.world.staff_id)]);
                fields.insert("changes".to_owned(), AttributeValue::L(Vec::new()));
                fields
            }
            Tier::Informational => cause("request_reminder", &[("request", &client.list)]),
        }
    }

    /// A new list waits in its queue for more of its kind, while nothing else goes on.
    async fn lists_are_told(&self) {
        for client in &self.clients {
            until("word of a new list", || async {
                let rows = partition(&self.aws, "data", &self.outbox(client).place()).await;
                let is_list = |row: &&Value| row["cause"]["M"]["kind"]["S"] == "request_sent";
                let list = rows.iter().find(is_list)?["sk"]["S"].as_str()?.strip_prefix("OB#")?;
                let claim = format!("CLAIM#notice/{list}/");
                let told = |row: &Value| {
                    row["state"]["S"] == "done" && row["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with(&claim))
                };
                rows.iter().any(told).then_some(())
            })
            .await;
        }
    }

    /// The stream looks at each new row, though there is nothing to do. Nothing is measured before it has.
    async fn rest(&self) {
        let control = Control::open();
        loop {
            let mark = control.mark().await;
            tokio::time::sleep(QUIET).await;
            if control.calls(mark, &[("contains", &self.world.firm.id)]).await.is_empty() {
                return;
            }
        }
    }

    /// Everything at once; from when on each tier was in its queue.
    pub(super) async fn queue(&self, notices: &[Notice]) -> Vec<(Tier, Timestamp)> {
        let mut queued = Vec::new();
        for tier in ORDER {
            let url = self.queue_url(tier.as_str()).await;
            let bodies: Vec<String> = notices
                .iter()
                .filter(|notice| notice.tier == tier)
                .map(|notice| self.outbox(&self.clients[notice.client]).message(&notice.outbox).to_string())
                .collect();
            queued.push((tier, jiff_now()));
            let sent = bodies.chunks(BATCH).map(|bodies| async {
                let entry = |(id, body): (usize, &String)| json!({ "Id": id.to_string(), "MessageBody": body });
                let entries: Vec<Value> = bodies.iter().enumerate().map(entry).collect();
                let answer = self.sqs("SendMessageBatch", &json!({ "QueueUrl": url, "Entries": entries })).await;
                assert!(answer["Failed"].as_array().is_none_or(Vec::is_empty), "{answer}");
            });
            stream::iter(sent).buffer_unordered(BATCHES_AT_ONCE).collect::<Vec<()>>().await;
        }
        queued
    }

    async fn queue_url(&self, name: &str) -> String {
        let name = format!("{}-{name}", setting("PORTICO_PREFIX"));
        let found = self.sqs("GetQueueUrl", &json!({ "QueueName": name })).await;
        found["QueueUrl"].as_str().unwrap_or_else(|| panic!("no queue {name}: {found}")).to_owned()
    }

    async fn sqs(&self, action: &str, asked: &Value) -> Value {
        as_root(&self.http, "sqs", &format!("AmazonSQS.{action}"), asked.to_string().into_bytes()).await.json()
    }

    /// When each was told, by its claim; and how many claims there are beyond one for each.
    pub(super) async fn told(&self, notices: &[Notice]) -> (BTreeMap<String, Timestamp>, usize) {
        let ours: BTreeSet<&str> = notices.iter().map(|notice| notice.outbox.as_str()).collect();
        let (mut told, mut more) = (BTreeMap::new(), 0);
        for client in &self.clients {
            for row in partition(&self.aws, "data", &self.outbox(client).place()).await {
                let text = |name: &str| row[name]["S"].as_str();
                let claim = text("sk").and_then(|sk| sk.strip_prefix("CLAIM#notice/"));
                let Some(outbox) = claim.and_then(|effect| effect.split('/').next()) else { continue };
                if !ours.contains(outbox) || text("state") != Some("done") {
                    continue;
                }
                let at = text("done_at").unwrap().parse().unwrap();
                more += usize::from(told.insert(outbox.to_owned(), at).is_some());
            }
        }
        (told, more)
    }

    /// Mails that came to all admins since the beginning, by the word of the mail service.
    pub(super) async fn mails(&self) -> usize {
        let mut count = 0;
        for client in &self.clients {
            count += self.mails_to(&client.admin).await - client.mails_before;
        }
        count
    }

    async fn mails_to(&self, address: &str) -> usize {
        let list = self.http.get(&format!("/_dev/mail.json?to={address}")).await.json();
        list.as_array().unwrap_or_else(|| panic!("mails to {address}: {list}")).len()
    }

    /// Messages of this firm that were given up.
    pub(super) async fn dead(&self) -> usize {
        let mut dead = BTreeSet::new();
        for tier in Tier::ALL {
            let url = self.queue_url(&format!("{}-dead", tier.as_str())).await;
            // Hidden from the next look, and back for everybody else within seconds.
            let asked = json!({ "QueueUrl": url, "MaxNumberOfMessages": BATCH, "VisibilityTimeout": 10 });
            loop {
                let found = self.sqs("ReceiveMessage", &asked).await;
                let messages = found["Messages"].as_array().cloned().unwrap_or_default();
                let seen = dead.len();
                for message in &messages {
                    dead.insert((message["MessageId"].to_string(), message["Body"].to_string()));
                }
                if dead.len() == seen {
                    break;
                }
            }
        }
        dead.iter().filter(|(_, body)| body.contains(&self.world.firm.id)).count()
    }
}

impl Client {
    async fn make(world: &LawFirm, aws: &Aws, number: usize) -> Client {
        let (firm, partner) = (&world.firm, &world.firm.partner);
        let id = firm.client(&format!("Company {number}")).await;
        let admin = world.address(&format!("admin.of.{number}"));
        let new = NewPerson { name: "Ada Burst", email: &admin, role: "client_admin", client: Some(&id), phone: None };
        firm.invite(&new).await;
        // Not within this test: the clock would remind as well.
        let due = "2030-01-03T14:00:00Z";
        let milestone = json!({ "title": "Answer due", "due_on": "2030-01-04", "state": "upcoming", "remind_at": due });
        let body = json!({ "name": "Burst v. Quiet", "pack": "litigation", "milestones": [milestone] });
        let made = partner.write("POST", &format!("/api/v1/clients/{id}/projects"), &body).await;
        let project = id_of(&made, "project");
        let shown = if made["project"].is_object() { &made["project"] } else { &made };
        let milestone = id_of(&shown["milestones"][0], "milestone");
        let body = json!({ "project": project, "title": "Papers", "lines": [{ "what": "Lease" }] });
        let list = id_of(&partner.write("POST", &format!("/api/v1/clients/{id}/requests"), &body).await, "request");
        let pk = format!("T#{}#C#{id}", firm.id);
        until("a team of one", || async {
            let rows = partition(aws, "data", &pk).await;
            let members = rows.iter().filter(|row| row["sk"]["S"].as_str().unwrap_or_default().starts_with("TEAM#"));
            (members.count() == 1).then_some(())
        })
        .await;
        Client { id, admin, project, milestone, list, mails_before: 0 }
    }
}
