//! Everything that a firm's day sent to workers, brought again five times in another order.

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use testkit::samples;

use super::control::Control;
use super::delivery::{Lambdas, shuffled};
use super::kept::{Kept, versions};
use super::shapes;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, counted, setting, volume};

const TIMES: usize = 5;
const SEED: u64 = 0x5eed_0001;
const AT_ONCE: usize = 4;
/// Rows whose changes are followed lie in these tables.
const STREAMED: [&str; 3] = ["data", "firm", "platform"];
const RECORDS_PER_BATCH: usize = 25;
const MESSAGES_PER_BATCH: usize = 10;

#[tokio::test]
async fn what_comes_again_in_any_order_changes_nothing() {
    let control = Control::open();
    let mark = control.mark().await;
    let world = LawFirm::open().await;
    a_day(&world).await;
    let aws = Aws::connect().await;
    let before = Kept::settled(&aws, &world.firm.id).await;
    let mails_before = mails(&world).await;
    assert!(mails_before.iter().all(|(_, count)| *count > 0), "{mails_before:?}");

    let lambdas = Lambdas::connect(&aws).await;
    let mut batches = messages(&control, mark, &world, &lambdas).await;
    let told = batches.len();
    batches.extend(uploads(&aws, &world, &lambdas).await);
    assert!(batches.len() > told && told > 0, "{told} of {}", batches.len());
    batches.extend(records(&before, &lambdas));
    let count = batches.len();
    let deliveries = shuffled(batches, SEED).into_iter().map(|batch| {
        let lambdas = &lambdas;
        async move { lambdas.deliver(&batch).await }
    });
    let answers: Vec<Result<(), String>> = stream::iter(deliveries).buffer_unordered(AT_ONCE).collect().await;
    let failed: Vec<String> = answers.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} of {count}:\n{}", failed.len(), failed.join("\n"));

    let after = Kept::settled(&aws, &world.firm.id).await;
    let differences = before.differences(&after);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(mails(&world).await, mails_before);
    counted(&format!("batches of events brought again, {TIMES} times each (seed {SEED:#x})"), count);
}

/// Something of each kind that workers hear of.
async fn a_day(world: &LawFirm) {
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    // Not within this test: the clock would remind between the two looks at what is kept.
    let due = "2030-01-03T14:00:00Z";
    let milestone = json!({ "title": "Answer due", "due_on": "2030-01-04", "state": "upcoming", "remind_at": due });
    let body = json!({ "name": "Acme v. Dunmore", "pack": "litigation", "milestones": [milestone] });
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    let matter = crate::world::id_of(&staff.write("POST", &path, &body).await, "project");
    let path = format!("{path}/{matter}");
    staff.write("PATCH", &path, &json!({ "version": 1, "phase": 1 })).await;
    let mut documents = Vec::new();
    for n in 0..volume(20, 2) {
        let bytes = samples::txt(&format!("words {n}"));
        documents.push(admin.upload(&world.acme, &matter, "Evidence", &format!("Ledger {n}.txt"), &bytes).await.id);
    }
    documents.push(admin.upload(&world.acme, &matter, "Other", "Virus.txt", &samples::eicar()).await.id);
    for document in &documents {
        admin.settled(&world.acme, document).await;
    }
    // Whether they were told together or not: each is named once.
    let names: Vec<String> = (0..documents.len() - 1).map(|n| format!("Ledger {n}.txt")).collect();
    let staff_mails = || async {
        let mails = world.portal.mails(&staff.email).await;
        let told = |name: &&String| {
            mails.iter().any(|mail| mail["text"].as_str().is_some_and(|text| text.contains(name.as_str())))
        };
        let more = names.len().saturating_sub(domain::limits::FILES_NAMED_MAX);
        (names.iter().filter(told).count() + more >= names.len()).then_some(())
    };
    testkit::portal::until("the team's notices", staff_mails).await;
}

/// How many mails each of the people has got.
async fn mails(world: &LawFirm) -> Vec<(&'static str, usize)> {
    let mut counts = Vec::new();
    for local in ["staff", "admin.acme", "member.acme"] {
        counts.push((local, world.portal.mails(&world.address(local)).await.len()));
    }
    counts
}

/// The firm's messages as they were sent to queues, in batches of the same queue.
async fn messages(control: &Control, mark: u64, world: &LawFirm, lambdas: &Lambdas) -> Vec<Value> {
    let sent =
        control.calls(mark, &[("service", "sqs"), ("operation", "SendMessage"), ("contains", &world.firm.id)]).await;
    let mut by_queue: std::collections::BTreeMap<String, Vec<Value>> = std::collections::BTreeMap::new();
    for call in sent {
        let request: Value = serde_json::from_str(call.body.as_deref().unwrap_or_default()).unwrap();
        let queue = request["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let source = lambdas.source(queue);
        let body = request["MessageBody"].as_str().unwrap_or_default();
        let message = shapes::message(source, body, request["MessageGroupId"].as_str());
        by_queue.entry(source.to_owned()).or_default().push(message);
    }
    let kinds: Vec<&str> = by_queue.keys().map(|arn| arn.rsplit(':').next().unwrap_or_default()).collect();
    for kind in ["standard", "indexer.fifo", "people", "provisioner"] {
        let queue = format!("{}-{kind}", setting("PORTICO_PREFIX"));
        assert!(kinds.contains(&queue.as_str()), "nothing was sent to {queue}: {kinds:?}");
    }
    by_queue.into_values().flat_map(|messages| batches(&messages, MESSAGES_PER_BATCH)).collect()
}

/// Both kinds of news of every upload.
async fn uploads(aws: &Aws, world: &LawFirm, lambdas: &Lambdas) -> Vec<Value> {
    let source = lambdas.source(&format!("{}-uploads", setting("PORTICO_PREFIX")));
    let objects = versions(aws, &format!("quarantine/t/{}/", world.firm.id)).await;
    let news = objects.iter().flat_map(|object| {
        let clean = shapes::verdict("guardduty/no-threats-found.json", object);
        let infected = shapes::verdict("guardduty/threats-found.json", object);
        [shapes::arrived(object), clean, infected]
    });
    let messages: Vec<Value> = news.map(|body| shapes::message(source, &body, None)).collect();
    batches(&messages, 1)
}

/// Every kind of change of every row, true or not: a record is only a reason to look.
fn records(kept: &Kept, lambdas: &Lambdas) -> Vec<Value> {
    let mut all = Vec::new();
    let mut number = 0;
    for table in STREAMED {
        let stream = lambdas.stream(table);
        let mut records = Vec::new();
        for row in kept.rows_of(table) {
            for change in ["INSERT", "MODIFY", "REMOVE"] {
                number += 1;
                records.push(shapes::record(stream, change, number, row));
            }
        }
        assert!(!records.is_empty(), "no rows of {table}");
        all.extend(batches(&records, RECORDS_PER_BATCH));
    }
    all
}

/// Each record as often as it is to come, in batches of one source.
fn batches(records: &[Value], size: usize) -> Vec<Value> {
    let many: Vec<Value> = (0..TIMES).flat_map(|_| records.iter().cloned()).collect();
    shuffled(many, SEED + 1).chunks(size).map(|some| shapes::batch(some.to_vec())).collect()
}
