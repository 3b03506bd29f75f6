use std::cell::RefCell;

use super::*;

fn records(text: &str) -> Vec<StreamRecord> {
    serde_json::from_str::<Batch>(text).unwrap().records
}

const OUTBOX: &str = include_str!("../../../../../events/streams/data-outbox-inserted.json");

#[test]
fn a_record_says_whose_it_is_by_its_key() {
    let inserted = records(OUTBOX);
    assert_eq!(inserted.len(), 2);
    let row = &inserted[1];
    assert_eq!((row.change, row.table()), (Change::Insert, "portico-data"));
    assert_eq!(row.pk(), "T#01JDB8Q5R0F1RM00000000000A#C#01JDB8Q5R0C11ENT00000000AB#OB");
    assert_eq!(row.sk(), "OB#01JDB9M2T00TB0X00000000001");
    assert_eq!(row.new_image().unwrap()["wpk"]["S"], "OB#3");
    assert!(row.old_image().is_none() && !row.expired());

    let modified = records(include_str!("../../../../../events/streams/data-project-modified.json"));
    assert_eq!(modified[0].change, Change::Modify);
    assert!(modified[0].new_image().is_some() && modified[0].old_image().is_some());
}

#[test]
fn what_the_table_removed_by_itself_is_known() {
    let expired = records(include_str!("../../../../../events/streams/data-outbox-expired.json"));
    assert!(expired[0].expired());
}

async fn check(outcomes: [Outcome; 2], want_done: usize, want_stop: Option<&str>) {
    let rest = RefCell::new(outcomes.into_iter());
    let handle = async |_: StreamRecord| -> Outcome { rest.borrow_mut().next().unwrap() };
    let (done, answer) = follow(records(OUTBOX), handle).await;
    let stops: Vec<_> = answer.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
    assert_eq!((done, stops), (want_done, want_stop.into_iter().collect()));
}

#[tokio::test]
async fn it_stops_where_it_failed() {
    let again = || Outcome::Retry { why: "busy".into() };
    check([Outcome::Done, Outcome::Done], 2, None).await;
    check([Outcome::Done, again()], 1, Some("440000000000000000000002")).await;
    check([again(), Outcome::Done], 0, Some("440000000000000000000001")).await;
    check([Outcome::bury("poison"), Outcome::Done], 0, Some("440000000000000000000001")).await;
}
