//! Nobody floods the other side: more than anybody types waits, with the words kept.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::limits;
use serde_json::json;

use super::thread;
use crate::documents::submit;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, id_of, setting};

/// As if the person had written so much within the window in which its last message lies.
async fn has_written(firm: &str, person: &str, client: &str, count: u64) {
    let aws = Aws::connect().await;
    let update = aws_sdk_dynamodb::Client::new(aws.config())
        .update_item()
        .table_name(format!("{}-firm", setting("PORTICO_PREFIX")))
        .key("pk", AttributeValue::S(format!("T#{firm}#U#{person}#PREF")))
        .key("sk", AttributeValue::S(format!("READ#{client}#general")))
        .update_expression("SET lately.#count = :count")
        .condition_expression("lately.#count = :one")
        .expression_attribute_names("#count", "count")
        .expression_attribute_values(":count", AttributeValue::N(count.to_string()))
        .expression_attribute_values(":one", AttributeValue::N("1".into()));
    update.send().await.expect("its first message was counted");
}

#[tokio::test]
async fn whoever_writes_more_than_anybody_types_waits_and_keeps_the_words() {
    let world = LawFirm::open().await;
    let (member, admin) = (world.person("member.acme").await, world.person("admin.acme").await);
    let path = thread(&world.acme, "general");
    let me = id_of(&member.read("/api/v1/me").await, "person");
    let one = |text: &str| json!({ "text": text });
    member.write("POST", &path, &one("The first.")).await;
    has_written(&world.firm.id, &me, &world.acme, limits::MESSAGES_PER_WINDOW_MAX - 1).await;
    member.write("POST", &path, &one("The last that goes.")).await;

    let refused = member.post(&path, &one("One too many.")).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=limits::MESSAGES_WINDOW_SECONDS.unsigned_abs()).contains(&wait), "{wait}");
    let page = format!("/clients/{}/messages/general", world.acme);
    let shown = submit(&member, &page, "once=one-try&text=Kept:+%3Cone%3E+too+many.").await;
    assert_eq!(shown.status, 422, "{}", shown.text());
    let html = shown.text();
    assert!(
        html.contains("You have written very many messages here.") && html.contains("Kept: &lt;one&gt; too many."),
        "{html}"
    );
    // Others of the client write as before.
    admin.write("POST", &path, &one("Mine is the only one.")).await;
    let texts = member.read(&path).await["items"].to_string();
    assert!(texts.contains("The last that goes.") && !texts.contains("too many"), "{texts}");
}
