use std::cell::RefCell;

use domain::document::Audience;
use domain::notice::{IndexMessage, IndexWork, NoticeMessage};

use super::*;

fn batch(text: &str) -> Vec<Message> {
    serde_json::from_str::<Batch>(text).unwrap().records
}

/// Messages `m0`, `m1`, … of these groups, in a queue of this name.
fn messages(queue: &str, groups: &[&str]) -> Vec<Message> {
    let message = |(place, group): (usize, &&str)| Message {
        id: format!("m{place}"),
        queue: format!("arn:aws:sqs:eu-west-1:000000000000:{queue}"),
        body: place.to_string(),
        receipt_handle: String::new(),
        attributes: Attributes { message_group_id: Some((*group).to_owned()), ..Attributes::default() },
    };
    groups.iter().enumerate().map(message).collect()
}

/// Delivers messages whose bodies are places in `outcomes`: what comes again, what was handled, what was buried.
async fn check(
    messages: Vec<Message>,
    outcomes: &[Outcome],
    late_from: usize,
    grave_is_open: bool,
    want: (&[&str], &[&str], &[&str]),
) {
    let (handled, buried) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let handle = async |message: Message| -> Outcome {
        handled.borrow_mut().push(message.id.clone());
        outcomes[message.body.parse::<usize>().unwrap()].clone()
    };
    let bury = async |message: &Message, why: &str| -> Result<(), Outcome> {
        if !grave_is_open {
            return Err(Outcome::Retry { why: "no queue".into() });
        }
        buried.borrow_mut().push(format!("{} {why}", message.id));
        Ok(())
    };
    let is_late = || handled.borrow().len() >= late_from;
    let delivered = deliver(messages, is_late, handle, bury).await;
    let again: Vec<_> = delivered.answer.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
    assert_eq!((again.as_slice(), handled.borrow().as_slice()), (want.0, &*owned(want.1)));
    assert_eq!(*buried.borrow(), owned(want.2));
    assert_eq!(delivered.buried, want.2.len());
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn again() -> Outcome {
    Outcome::Retry { why: "busy".into() }
}

#[tokio::test]
async fn only_what_failed_comes_again() {
    let outcomes = [Outcome::Done, again(), Outcome::Done, Outcome::bury("poison"), Outcome::Done];
    let plain = || messages("standard", &["a", "a", "a", "a", "a"]);
    let all: &[&str] = &["m0", "m1", "m2", "m3", "m4"];
    check(plain(), &outcomes, 9, true, (&["m1"], all, &["m3 poison"])).await;
    // What cannot be buried comes again, so that its reason is not lost.
    check(plain(), &outcomes, 9, false, (&["m1", "m3"], all, &[])).await;
    // Messages for which no time is left were not started.
    check(plain(), &outcomes, 3, true, (&["m1", "m3", "m4"], &["m0", "m1", "m2"], &[])).await;
}

#[test]
fn what_fails_again_waits_longer() {
    let pauses: Vec<i32> = (0..limits::QUEUE_TRIES_MAX + 2).map(pause_seconds).collect();
    assert!(pauses.is_sorted() && pauses[0] <= 2, "{pauses:?}");
    let all: i32 = pauses[1..limits::QUEUE_TRIES_MAX as usize].iter().sum();
    assert!((30 * 60..2 * 60 * 60).contains(&all), "{all} s until nobody tries any more");
}

#[tokio::test]
async fn in_a_fifo_queue_nothing_overtakes() {
    let outcomes = [again(), Outcome::Done, Outcome::Done, Outcome::Done, Outcome::bury("poison"), Outcome::Done];
    let fifo = messages("indexer.fifo", &["a", "b", "a", "b", "b", "b"]);
    // A buried message holds nobody up; a failed one its own group only.
    check(fifo, &outcomes, 9, true, (&["m0", "m2"], &["m0", "m1", "m3", "m4", "m5"], &["m4 poison"])).await;
}

#[test]
fn the_answer_has_the_form_that_the_platform_reads() {
    let answer = BatchAnswer { batch_item_failures: vec![ItemFailure { item_identifier: "m1".into() }] };
    assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#);
    assert_eq!(serde_json::to_string(&BatchAnswer::default()).unwrap(), r#"{"batchItemFailures":[]}"#);
}

#[test]
fn our_own_messages_are_read() {
    let standard = batch(include_str!("../../../../../events/sqs/notice.json"));
    let notice: NoticeMessage = standard[0].parse().unwrap();
    assert_eq!((notice.v, standard[0].tries(), standard[0].group()), (1, 1, None));
    assert_eq!(standard[0].sent_at().unwrap().to_string(), "2026-11-24T10:01:00Z");
    assert!(standard[0].queue.ends_with(":portico-standard"));

    let indexer = batch(include_str!("../../../../../events/sqs/index-document.json"));
    assert_eq!(indexer.len(), 2);
    let work = |message: &Message| message.parse::<IndexMessage>().unwrap().work;
    assert!(indexer.iter().all(|message| matches!(work(message), IndexWork::Document { again: false, .. })));
    assert!(indexer.iter().all(|message| message.group().is_some()));
    let rebuild = batch(include_str!("../../../../../events/sqs/rebuild-index.json"));
    assert_eq!(work(&rebuild[0]), IndexWork::Rebuild { rebuild: Audience::Open, always: false });
}

#[test]
fn a_foreign_id_is_buried_with_its_reason() {
    let poisoned = batch(include_str!("../../../../../events/sqs/notice-poison-between.json"));
    let read: Vec<_> = poisoned.iter().map(|message| message.parse::<NoticeMessage>().map_err(Outcome::from)).collect();
    assert!(read[0].is_ok() && read[2].is_ok());
    assert!(matches!(&read[1], Err(Outcome::Bury { why }) if why.contains("26 characters")), "{read:?}");
}
