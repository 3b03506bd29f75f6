//! The firm in which the walk goes on, its people, and the deployed portal as the walk sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::ids::ulid;
use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Person, until};
use testkit::samples;

use super::model::{Effect, Happened, PACES, TIERS, What, kind_name};
use crate::faults::control::Control;
use crate::faults::delivery::{Lambdas, failures};
use crate::faults::kept::{Kept, partition};
use crate::faults::outbox::{Fields, Outbox};
use crate::faults::shapes;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, fresh, id_of, phone, prove_phone, setting};

const FUNCTION: &str = "notification-delivery";
/// A day on which nothing that a milestone is about is due by itself, and the first instant after it in New York.
const DUE: [(&str, i64); 8] = [
    ("2027-11-07", 1_825_650_000),
    ("2028-03-26", 1_837_742_400),
    ("2028-11-05", 1_857_099_600),
    ("2029-03-25", 1_869_192_000),
    ("2029-11-04", 1_888_549_200),
    ("2030-03-31", 1_901_246_400),
    ("2030-11-03", 1_919_998_800),
    ("2031-03-30", 1_932_696_000),
];

struct Somebody {
    id: String,
    of_client: bool,
    has_phone: bool,
    person: Person,
    /// Of what the person chose.
    version: u64,
    /// Mails that came before the walk began.
    mails_before: usize,
    phone: Option<String>,
}

pub(super) struct Desk {
    world: LawFirm,
    aws: Aws,
    lambdas: Lambdas,
    control: Control,
    /// Addresses of the tiers' queues.
    queues: Vec<String>,
    people: Vec<Somebody>,
    phones: Vec<bool>,
    brand_version: u64,
    /// What causes are about.
    project: String,
    milestones: Vec<String>,
    list: String,
    documents: [String; 3],
    random: u128,
    /// The first row of this epoch.
    first: Option<String>,
    told: BTreeSet<Effect>,
    /// What the providers called what they took, by person and channel, of all epochs.
    taken: BTreeMap<(usize, &'static str), BTreeSet<String>>,
}

fn text_of<'a>(row: &'a Fields, name: &str) -> Option<&'a str> {
    row.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

impl Desk {
    pub(super) async fn open(seed: u64) -> Desk {
        let world = LawFirm::open().await;
        let mut people = Vec::new();
        for (local, role, of_client, has_phone) in [("ida", "staff", false, true), ("mo", "client_admin", true, true)] {
            let phone = has_phone.then(phone);
            let email = world.address(local);
            let client = of_client.then_some(world.acme.as_str());
            let new = NewPerson { name: local, email: &email, role, client, phone: phone.as_deref() };
            let id = world.firm.invite(&new).await;
            if !of_client {
                world.firm.assign(&id, &world.acme).await;
            }
            people.push((id, local, of_client, phone));
        }
        let aws = Aws::connect().await;
        let lambdas = Lambdas::connect(&aws).await;
        let staff = world.person("staff").await;
        let admin = world.person("admin.acme").await;
        let milestone = |day: &str| json!({ "title": format!("Due {day}"), "due_on": day, "state": "upcoming", "remind_at": "2026-01-01T00:00:00Z" });
        let milestones: Vec<Value> = DUE.iter().map(|(day, _)| milestone(day)).collect();
        let body = json!({ "name": "Acme v. Dunmore", "pack": "litigation", "milestones": milestones });
        let made = staff.write("POST", &format!("/api/v1/clients/{}/projects", world.acme), &body).await;
        let project = id_of(&made, "project");
        let shown = if made["project"].is_object() { &made["project"] } else { &made };
        let milestones = shown["milestones"].as_array().unwrap().iter().map(|one| id_of(one, "milestone")).collect();
        let list = json!({ "project": project, "title": "Papers", "lines": [{ "what": "Lease" }] });
        let list = staff.write("POST", &format!("/api/v1/clients/{}/requests", world.acme), &list).await;
        for (who, text) in [(&staff, "from the firm"), (&admin, "from the client")] {
            let to = format!("/api/v1/clients/{}/messages/general", world.acme);
            who.write("POST", &to, &json!({ "text": text })).await;
        }
        let of_firm = staff.upload(&world.acme, &project, "Evidence", "Firm.txt", &samples::txt("words")).await.id;
        let of_client = admin.upload(&world.acme, &project, "Evidence", "Client.txt", &samples::txt("words")).await.id;
        let refused = admin.upload(&world.acme, &project, "Evidence", "Program.pdf", &samples::program()).await.id;
        for document in [&of_firm, &of_client, &refused] {
            admin.settled(&world.acme, document).await;
        }
        let list = id_of(&list, "request");
        let documents = [of_firm, of_client, refused];
        let sqs = aws_sdk_sqs::Client::new(aws.config());
        let mut queues = Vec::new();
        for tier in TIERS {
            let name = format!("{}-{tier}", setting("PORTICO_PREFIX"));
            queues.push(sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap());
        }
        let mut desk = Desk {
            aws,
            queues,
            lambdas,
            control: Control::open(),
            people: Vec::new(),
            phones: Vec::new(),
            brand_version: 0,
            project,
            milestones,
            list,
            documents,
            random: u128::from(seed) << 64,
            first: None,
            told: BTreeSet::new(),
            taken: BTreeMap::new(),
            world,
        };
        desk.seat(people, admin).await;
        desk
    }

    /// Everybody of the team, in the order of their ids: signed in, phones proven, and nothing more on its way to them.
    async fn seat(&mut self, invited: Vec<(String, &str, bool, Option<String>)>, admin: Person) {
        let world = &self.world;
        let pk = format!("T#{}#C#{}", world.firm.id, world.acme);
        let team = until("a team of five", || async {
            let rows = partition(&self.aws, "data", &pk).await;
            let is_member = |row: &Value| row["sk"]["S"].as_str().unwrap_or_default().starts_with("TEAM#");
            let members: Vec<Value> = rows.into_iter().filter(is_member).collect();
            (members.len() == 5).then_some(members)
        })
        .await;
        for member in team {
            let text = |name: &str| member[name]["S"].as_str().unwrap().to_owned();
            let (id, email) = (text("person"), text("email"));
            let phone = invited.iter().find(|one| one.0 == id).and_then(|one| one.3.clone());
            let person = if email == admin.email { admin.clone() } else { world.portal.sign_in(&email).await };
            if let Some(phone) = &phone {
                prove_phone(&world.portal, &person, phone).await;
            }
            let version = person.read("/api/v1/me/notices").await["version"].as_u64().unwrap();
            let of_client = member["of_client"]["BOOL"].as_bool().unwrap();
            let has_phone = phone.is_some();
            self.people.push(Somebody { id, of_client, has_phone, person, version, mails_before: 0, phone });
        }
        self.phones = self.people.iter().map(|somebody| somebody.has_phone).collect();
        Kept::settled(&self.aws, &self.world.firm.id).await;
        for somebody in &mut self.people {
            somebody.mails_before = self.world.portal.mails(&somebody.person.email).await.len();
        }
        let public = partition(&self.aws, "firm", &format!("T#{}#PUB", self.world.firm.id)).await;
        let brand = public.iter().find(|row| row["sk"]["S"] == "BRAND").expect("a firm has a brand");
        self.brand_version = brand["version"]["N"].as_str().unwrap().parse().unwrap();
    }

    /// Whether each has a phone that is proven.
    pub(super) fn people(&self) -> &[bool] {
        &self.phones
    }

    fn place_of(&self, email: &str) -> usize {
        self.people.iter().position(|one| one.person.email == email).unwrap()
    }

    /// Something happens at an instant: its row, as it is once a queue has it.
    pub(super) async fn happen(&mut self, what: What, at: i64, draw: &mut dyn FnMut(usize) -> usize) -> Happened {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let (staff, admin) =
            (self.place_of(&self.world.address("staff")), self.place_of(&self.world.address("admin.acme")));
        let by = |place: usize| text(&self.people[place].id);
        let is = AttributeValue::Bool;
        let [of_firm, of_client, refused] = &self.documents;
        let number = |n: &str| AttributeValue::N(n.to_owned());
        let milestone = draw(DUE.len());
        let fields: Vec<(&str, AttributeValue)> = match what {
            What::Deadline => vec![
                ("kind", text("deadline_reminder")),
                ("project", text(&self.project)),
                ("milestone", text(&self.milestones[milestone])),
            ],
            What::MessageOfFirm => vec![
                ("kind", text("message_written")),
                ("topic", text("general")),
                ("number", number("1")),
                ("by", by(staff)),
                ("by_client", is(false)),
            ],
            What::MessageOfClient => vec![
                ("kind", text("message_written")),
                ("topic", text("general")),
                ("number", number("2")),
                ("by", by(admin)),
                ("by_client", is(true)),
            ],
            What::List => vec![("kind", text("request_reminder")), ("request", text(&self.list))],
            What::DocumentOfFirm => vec![
                ("kind", text("document_ready")),
                ("document", text(of_firm)),
                ("by", by(staff)),
                ("by_client", is(false)),
            ],
            What::DocumentOfClient => vec![
                ("kind", text("document_ready")),
                ("document", text(of_client)),
                ("by", by(admin)),
                ("by_client", is(true)),
            ],
            What::Refused => {
                vec![("kind", text("document_rejected")), ("document", text(refused)), ("by", by(admin))]
            }
            What::Progress => vec![
                ("kind", text("project_changed")),
                ("project", text(&self.project)),
                ("by", by(staff)),
                ("changes", AttributeValue::L(Vec::new())),
            ],
        };
        let side = |of_client: bool| self.side(of_client);
        let hearers = match what {
            What::Deadline => (0..self.people.len()).collect(),
            What::MessageOfFirm | What::DocumentOfFirm | What::List | What::Progress => side(true),
            What::MessageOfClient | What::DocumentOfClient => side(false),
            What::Refused => vec![admin],
        };
        // The one who acted hears nothing of it, and is never of the side that does.
        let due = (what == What::Deadline).then_some(DUE[milestone].1);
        let cause = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let outbox = self.put(cause, at).await;
        Happened { outbox, what, hearers, due }
    }

    fn side(&self, of_client: bool) -> Vec<usize> {
        (0..self.people.len()).filter(|place| self.people[*place].of_client == of_client).collect()
    }

    async fn put(&mut self, cause: Fields, at: i64) -> String {
        self.random += 1;
        let outbox = ulid((u128::try_from(at).unwrap() * 1_000) << 80 | (self.random & ((1 << 80) - 1)));
        self.first.get_or_insert_with(|| outbox.clone());
        let instant = jiff::Timestamp::from_second(at).unwrap();
        self.outbox().put(&self.aws, &outbox, cause, instant).await;
        outbox
    }

    fn outbox(&self) -> Outbox<'_> {
        Outbox { firm: &self.world.firm.id, client: &self.world.acme }
    }

    /// The worker gets the message, as at an instant, until nothing of it is to come again. Whether the fault met a call.
    pub(super) async fn bring(&self, outbox: &str, at: i64, fault: Option<(&str, usize)>) -> bool {
        let due_at = jiff::Timestamp::from_second(at).unwrap();
        let mut body = self.outbox().message(outbox);
        body["due_at"] = json!(due_at);
        let queue = format!("{}-standard", setting("PORTICO_PREFIX"));
        let event = shapes::batch(vec![shapes::message(self.lambdas.source(&queue), &body.to_string(), None)]);
        let mut met = false;
        if let Some((action, nth)) = fault {
            let rule = json!({ "function": FUNCTION, "invocation_contains": outbox, "nth": nth, "action": action });
            let rule = self.control.rule(&rule).await;
            // It dies, or answers that the message is to come again, or does it all the same.
            let answer = self.lambdas.invoke(FUNCTION, &event).await;
            met = self.control.take_back(rule).await > 0;
            if answer.is_ok_and(|answer| failures(&answer).is_empty()) {
                return met;
            }
        }
        for _ in 0..40 {
            let answer = self.lambdas.invoke(FUNCTION, &event).await;
            if answer.as_ref().is_ok_and(|answer| failures(answer).is_empty()) {
                return met;
            }
            // What a dead one holds is held for a quarter of a minute.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("{outbox} is never told whole");
    }

    /// The minute's tick, at an instant of years to come.
    pub(super) async fn tick(&self, at: i64) {
        let event = json!({
            "version": "0", "id": fresh(), "detail-type": "Scheduled Event", "source": "aws.events",
            "account": "000000000000", "time": jiff::Timestamp::from_second(at).unwrap(), "region": "us-east-1",
            "resources": [], "detail": {},
        });
        // Another test may have left something that the sweep cannot do.
        let _answer = self.lambdas.invoke("schedules", &event).await;
    }

    pub(super) fn begin_epoch(&mut self) {
        (self.first, self.told) = (None, BTreeSet::new());
    }

    /// What is told in this epoch, by the word of the providers: of rows from one on it is asked anew.
    pub(super) async fn told(&mut self, from: Option<&str>) -> &BTreeSet<Effect> {
        for row in self.rows_from("CLAIM#notice/", from).await {
            let text = |name: &str| text_of(&row, name);
            if text("state") != Some("done") {
                continue;
            }
            let parts: Vec<&str> = text("sk").unwrap().split('/').collect();
            let [_, outbox, person, channel] = parts[..] else { panic!("a claim like {parts:?}") };
            let person = self.people.iter().position(|one| one.id == person).expect("one of the team");
            let channel = if channel == "sms" { "sms" } else { "email" };
            self.told.insert(Effect { outbox: outbox.to_owned(), person, channel });
            self.taken.entry((person, channel)).or_default().insert(text("provider_id").unwrap().to_owned());
        }
        &self.told
    }

    /// What is held of rows from one on, and until when.
    pub(super) async fn held(&self, from: Option<&str>) -> BTreeMap<String, i64> {
        let held = |row: &Fields| {
            let outbox = text_of(row, "sk")?.strip_prefix("OB#")?.to_owned();
            let (millisecond, _) = text_of(row, "wsk")?.split_once('#')?;
            Some((outbox, millisecond.parse::<i64>().unwrap() / 1_000))
        };
        self.rows_from("OB#", from).await.iter().filter_map(held).collect()
    }

    /// Whether no message of a tier waits or is being worked on.
    pub(super) async fn is_quiet(&self) -> bool {
        for url in &self.queues {
            if self.waiting(url).await > 0 {
                return false;
            }
        }
        true
    }

    /// Messages that wait or are being worked on.
    async fn waiting(&self, url: &str) -> u64 {
        let sqs = aws_sdk_sqs::Client::new(self.aws.config());
        let asked = sqs.get_queue_attributes().queue_url(url);
        let waiting = QueueAttributeName::ApproximateNumberOfMessages;
        let taken = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let counts = asked.attribute_names(waiting).attribute_names(taken).send().await.unwrap().attributes.unwrap();
        counts.values().map(|count| count.parse::<u64>().unwrap()).sum()
    }

    /// Why somebody may not have been told: the claim of it, the person's digests, and what the queues gave up.
    pub(super) async fn why_not(&self, lost: &Effect) -> String {
        let person = &self.people[lost.person].id;
        let about = |row: &&Value| row["sk"]["S"].as_str().unwrap_or_default().contains(&lost.outbox);
        let rows = partition(&self.aws, "data", &self.outbox().place()).await;
        let claims: Vec<&Value> = rows.iter().filter(about).collect();
        let digests = partition(&self.aws, "data", &format!("T#{}#U#{person}#DIG", self.world.firm.id)).await;
        let mut dead = Vec::new();
        for url in &self.queues {
            dead.push(self.waiting(&format!("{url}-dead")).await);
        }
        format!("{claims:#?}\n{digests:#?}\nin the queues of what failed: {dead:?}")
    }

    /// Rows in the client's outbox, of one sort: of this epoch, or from one on.
    async fn rows_from(&self, sort: &str, from: Option<&str>) -> Vec<Fields> {
        let Some(first) = from.or(self.first.as_deref()) else { return Vec::new() };
        let dynamo = aws_sdk_dynamodb::Client::new(self.aws.config());
        let mut pages = dynamo
            .query()
            .table_name(format!("{}-data", setting("PORTICO_PREFIX")))
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(self.outbox().place()))
            .expression_attribute_values(":first", AttributeValue::S(format!("{sort}{first}")))
            .expression_attribute_values(":last", AttributeValue::S(format!("{sort}~")))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await {
            rows.extend(page.unwrap().items.unwrap_or_default());
        }
        rows
    }

    /// Whether it was accepted.
    pub(super) async fn save_preferences(&mut self, of: usize, form: &Value) -> bool {
        let somebody = &mut self.people[of];
        let mut form = form.clone();
        form["version"] = json!(somebody.version);
        let answer = somebody.person.http().send("PUT", "/api/v1/me/notices", Some(&form)).await;
        match answer.status {
            204 => somebody.version += 1,
            422 => (),
            status => panic!("{status}: {}", answer.text()),
        }
        answer.status == 204
    }

    pub(super) async fn change_rule(&mut self, kind: usize, (tier, least): (usize, usize)) {
        let rule = json!({ "tier": TIERS[tier], "least": PACES[least] });
        let new = json!({ "kinds": { kind_name(kind): rule }, "version": self.brand_version });
        self.world.firm.partner.write("PUT", "/api/v1/firm/settings/notices", &new).await;
        self.brand_version += 1;
        // As long as a process keeps what it knows of a firm.
        tokio::time::sleep(Duration::from_secs(61)).await;
    }

    /// Mails and text messages beyond those that the portal knows of.
    pub(super) async fn sent_too_often(&self) -> usize {
        let mut more = 0;
        for (place, somebody) in self.people.iter().enumerate() {
            let taken = |channel| self.taken.get(&(place, channel)).map_or(0, BTreeSet::len);
            let mails = self.world.portal.mails(&somebody.person.email).await.len() - somebody.mails_before;
            assert!(mails >= taken("email"), "{}: {mails} mails came", somebody.person.email);
            more += mails - taken("email");
            if let Some(phone) = &somebody.phone {
                // The first was the code.
                let texts = self.world.portal.texts(phone).await.len() - 1;
                assert!(texts >= taken("sms"), "{phone}: {texts} texts came");
                more += texts - taken("sms");
            }
        }
        more
    }
}
