//! Conversations: written by both sides, read by each, kept apart from what the firm notes for itself.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::portal::until;

use crate::world::LawFirm;

mod attachments;
mod drafts;
mod mentions;
mod pace;
mod texts;

/// Long enough for whatever should not come to come.
const QUIET: Duration = Duration::from_secs(4);

fn thread(client: &str, topic: &str) -> String {
    format!("/api/v1/clients/{client}/messages/{topic}")
}

#[tokio::test]
async fn a_question_is_asked_read_and_answered() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let (all, path) = (format!("/api/v1/clients/{}/messages", world.acme), thread(&world.acme, &matter));
    let written =
        member.write("POST", &path, &json!({ "text": "When is the hearing?\n\nWe would like to come." })).await;
    assert_eq!((&written["number"], &written["by_client"]), (&json!(1), &json!(true)), "{written}");
    // It waits for the firm, and is new to it.
    let list = staff.read(&all).await;
    assert_eq!(
        (&list["items"][0]["unread"], &list["items"][0]["waits"]["side"]),
        (&json!(1), &json!("firm")),
        "{list}"
    );
    let seen = staff.read(&path).await;
    assert_eq!(seen["items"][0]["text"], "When is the hearing?\n\nWe would like to come.");
    assert_eq!(seen["items"][0]["by_name"], written["by_name"]);
    assert_eq!(staff.read(&all).await["items"][0]["unread"], 0);
    staff.write("POST", &path, &json!({ "text": "On the 12th. Will you come?", "answer_wanted": true })).await;
    let list = member.read(&all).await;
    assert_eq!(
        (&list["items"][0]["unread"], &list["items"][0]["waits"]["side"]),
        (&json!(1), &json!("client")),
        "{list}"
    );
    let page = member.get(&format!("/clients/{}/messages/{matter}", world.acme)).await.text();
    assert!(page.contains("On the 12th. Will you come?") && page.contains("Your answer is wanted"), "{page}");
    assert_eq!(member.read(&all).await["items"][0]["unread"], 0);
    // The firm says that nobody waits.
    let settled = staff.write("PUT", &format!("{path}/waiting"), &json!({ "side": Value::Null })).await;
    assert_eq!(settled["waits"], Value::Null, "{settled}");
    let refused = member.http().send("PUT", &format!("{path}/waiting"), Some(&json!({ "side": "firm" }))).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
}

#[tokio::test]
async fn an_open_page_is_told_what_is_new_and_nothing_else() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let path = thread(&world.acme, "general");
    let news = format!("/clients/{}/messages/general/news", world.acme);
    assert_eq!(staff.get(&format!("{news}?seen=0")).await.status, 204);
    member.write("POST", &path, &json!({ "text": "Good morning." })).await;
    let fresh = staff.get(&format!("{news}?seen=0")).await;
    assert_eq!(fresh.status, 200);
    assert!(fresh.text().contains("Good morning.") && fresh.text().contains(r#"data-seen="1""#), "{}", fresh.text());
    assert_eq!(staff.get(&format!("{news}?seen=1")).await.status, 204);
    // Other words are new as well, and no more messages.
    let edit = json!({ "text": "Good morning to all." });
    member.write("PATCH", &format!("{path}/1"), &edit).await;
    let fresh = staff.get(&format!("{news}?seen=1")).await.text();
    assert!(fresh.contains("Good morning to all.") && fresh.contains("changed"), "{fresh}");
    let other = staff.http().send("PATCH", &format!("{path}/1"), Some(&edit)).await;
    assert_eq!(other.status, 422, "{}", other.text());
}

#[tokio::test]
async fn a_message_sent_twice_is_one_and_two_at_once_are_two() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let path = thread(&world.acme, "general");
    let origin = member.http().url().replace("127.0.0.1", "localhost");
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", origin),
        ("idempotency-key", "a-key-made-by-the-page".to_owned()),
    ];
    let body = json!({ "text": "Hello." }).to_string().into_bytes();
    let first = member.http().raw("POST", &path, &headers, body.clone()).await;
    let again = member.http().raw("POST", &path, &headers, body).await;
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
    assert_eq!(first.json()["number"], again.json()["number"]);
    // The same key in another conversation gives nothing of what was written there.
    let matter = thread(&world.acme, &world.matter(&staff).await);
    staff.write("POST", &matter, &json!({ "text": "Of somebody else." })).await;
    let body = json!({ "text": "Hello." }).to_string().into_bytes();
    let elsewhere = member.http().raw("POST", &matter, &headers, body).await;
    assert_eq!(elsewhere.status, 404, "{}", elsewhere.text());
    let write = |n: usize| {
        let (staff, path) = (staff.clone(), path.clone());
        async move { staff.write("POST", &path, &json!({ "text": format!("At once {n}") })).await["number"].clone() }
    };
    let (one, two, three) = tokio::join!(write(1), write(2), write(3));
    let mut numbers = [one, two, three].map(|number| number.as_u64().unwrap());
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4]);
    let seen = member.read(&path).await;
    assert_eq!(seen["items"].as_array().unwrap().len(), 4, "{seen}");
}

#[tokio::test]
async fn a_long_conversation_is_read_page_by_page() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let path = thread(&world.acme, "general");
    for n in 1..=33 {
        staff.write("POST", &path, &json!({ "text": format!("Message {n}.") })).await;
    }
    let newest = member.read(&path).await;
    let texts = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
    };
    let shown = texts(&newest);
    assert_eq!((shown.len(), shown[0].as_str(), shown[29].as_str()), (30, "Message 4.", "Message 33."));
    let older = member.read(&format!("{path}?before={}", newest["next"])).await;
    assert_eq!(texts(&older), ["Message 1.", "Message 2.", "Message 3."]);
    assert_eq!(older["next"], Value::Null);
    let page = member.get(&format!("/clients/{}/messages/general", world.acme)).await.text();
    assert!(page.contains("?before=4\"") && page.contains("data-news"), "{page}");
    // What comes next has no place under an older part.
    let part = member.get(&format!("/clients/{}/messages/general?before=4", world.acme)).await.text();
    assert!(part.contains("Message 1.") && !part.contains("data-news"), "{part}");
}

#[tokio::test]
async fn a_note_of_the_firm_is_no_clients() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    member.write("POST", &path, &json!({ "text": "A question." })).await;
    let secret = "Zebra: settle below forty";
    staff.write("POST", &format!("{path}/notes"), &json!({ "text": secret })).await;
    assert_eq!(staff.read(&format!("{path}/notes")).await["items"][0]["text"], secret);
    let shown = staff.get(&page).await.text();
    assert!(shown.contains(secret) && shown.contains("Internal note"), "{shown}");
    let refused = member.http().send("GET", &format!("{path}/notes"), None).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    for seen in [
        member.get(&page).await.text(),
        member.get(&format!("{page}/news?seen=0")).await.text(),
        member.get(&format!("/clients/{}/messages", world.acme)).await.text(),
        member.read(&path).await.to_string(),
    ] {
        assert!(seen.contains("A question.") && !seen.contains("Zebra"), "{seen}");
    }
}

#[tokio::test]
async fn the_other_side_gets_one_mail_with_the_words() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let path = thread(&world.acme, "general");
    let (before, own) = tokio::join!(world.portal.mails(&member.email), world.portal.mails(&staff.email));
    for words in ["The papers are signed.\n\nNothing else to do.", "And filed."] {
        staff.write("POST", &path, &json!({ "text": words })).await;
    }
    let mail = world.portal.mail_after(&member.email, before.len()).await;
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Nothing else to do.") && text.contains("And filed."), "{text}");
    assert!(text.contains(&format!("/clients/{}/messages/general", world.acme)), "{text}");
    tokio::time::sleep(QUIET).await;
    let (after, still) = tokio::join!(world.portal.mails(&member.email), world.portal.mails(&staff.email));
    assert_eq!((after.len(), still.len()), (before.len() + 1, own.len()));
}

#[tokio::test]
async fn a_word_of_a_message_is_found_in_a_closed_matter_by_whoever_may_read_messages() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let (other, partner) = (world.person("admin.birch").await, world.person("partner").await);
    let matter = world.matter(&staff).await;
    let path = thread(&world.acme, &matter);
    member.write("POST", &path, &json!({ "text": "The kingfisher nested by the weir." })).await;
    let project = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    let version = staff.read(&project).await["version"].clone();
    staff.write("PATCH", &project, &json!({ "version": version, "standing": "closed" })).await;
    let search = |client: &str, words: &str| format!("/api/v1/clients/{client}/search?q={words}");
    let hits = |answer: &Value| answer["hits"].as_array().filter(|hits| !hits.is_empty()).cloned();
    for person in [&member, &staff] {
        let found = person.read_until(&search(&world.acme, "kingfisher"), hits).await;
        assert_eq!((&found[0]["kind"], &found[0]["project"]), (&json!("message"), &json!(matter)), "{found:?}");
    }
    let page = member.get(&format!("/clients/{}/search?q=kingfisher", world.acme)).await.text();
    let href = format!("/clients/{}/messages/{matter}?at=1#message-1", world.acme);
    assert!(page.contains(&href), "{page}");
    assert!(member.get(href.split('#').next().unwrap()).await.text().contains("kingfisher"));
    // Other words take the place of what they were.
    member.write("PATCH", &format!("{path}/1"), &json!({ "text": "The heron nested by the weir." })).await;
    member.read_until(&search(&world.acme, "heron"), hits).await;
    assert_eq!(member.read(&search(&world.acme, "kingfisher")).await["hits"], json!([]));
    // Neither another client's people, nor who may not read messages, nor a note of the firm.
    let foreign = other.http().send("GET", &search(&world.acme, "heron"), None).await;
    assert_eq!(foreign.status, 404);
    staff.write("POST", &format!("{path}/notes"), &json!({ "text": "A porcupine in the file." })).await;
    partner.confirm().await;
    let person = crate::people::id_of(&world, "member.acme").await;
    let permissions = format!("/api/v1/firm/people/{person}/memberships/{}/permissions", world.acme);
    let taken = json!({ "granted": [], "removed": ["read_messages"] });
    assert_eq!(partner.http().send("PUT", &permissions, Some(&taken)).await.status, 204);
    // The request during which it is noticed may say so.
    let gone = |answer: &Value| (answer["hits"] == json!([])).then_some(());
    member.read_until(&search(&world.acme, "heron"), gone).await;
    until("the refusal", || async { (member.get(&path).await.status == 403).then_some(()) }).await;
    assert_eq!(staff.read(&search(&world.acme, "porcupine")).await["hits"], json!([]));
}
