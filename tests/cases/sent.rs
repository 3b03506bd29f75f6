//! What became of what was sent: the mail service's news reach the firm's page, and what follows from them.
//!
//! The mail service's own simulator plays mailboxes that take nothing: `bounce@`, `complaint@` and, here, `soft@`.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Person, until};

use crate::faults::delivery::Lambdas;
use crate::faults::kept::partition;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, fresh, hears_at_once, phone, prove_phone};

/// Long enough for whatever should not come to come.
const QUIET: Duration = Duration::from_secs(6);

/// Somebody of `acme` whose mailbox does this; signed in, and the id.
async fn somebody(world: &LawFirm, mailbox: &str) -> (Person, String) {
    invited(world, mailbox, None).await
}

async fn invited(world: &LawFirm, mailbox: &str, phone: Option<&str>) -> (Person, String) {
    let email = format!("{mailbox}+{}@simulator.amazonses.com", fresh().to_lowercase());
    let new = NewPerson { name: "Ana Ruiz", email: &email, role: "client_member", client: Some(&world.acme), phone };
    let id = world.firm.invite(&new).await;
    (world.portal.sign_in(&email).await, id)
}

/// The same with a number that is theirs, and text messages about what is critical.
async fn texted(world: &LawFirm, mailbox: &str, phone: &str) -> String {
    let (person, id) = invited(world, mailbox, Some(phone)).await;
    prove_phone(&world.portal, &person, phone).await;
    hears_at_once(&person, "message", true).await;
    id
}

/// The firm takes messages for critical.
async fn messages_are_critical(partner: &Person) {
    let settings = partner.read("/api/v1/firm/settings").await;
    let rule = json!({ "tier": "critical", "least": "at_once" });
    let rules = json!({ "kinds": { "message": rule }, "version": settings["version"] });
    partner.write("PUT", "/api/v1/firm/settings/notices", &rules).await;
}

async fn write(world: &LawFirm, staff: &Person, text: &str) {
    let path = format!("/api/v1/clients/{}/messages/general", world.acme);
    staff.write("POST", &path, &json!({ "text": text })).await;
}

/// What was sent to somebody, the newest first.
async fn sent_to(world: &LawFirm, staff: &Person, person: &str) -> Vec<Value> {
    let all = staff.read(&format!("/api/v1/clients/{}/notices", world.acme)).await;
    all["items"].as_array().unwrap().iter().filter(|one| one["person"] == person).cloned().collect()
}

/// As soon as the newest that was sent to somebody is in this state.
async fn newest(world: &LawFirm, staff: &Person, person: &str, state: &str) -> Value {
    until(&format!("{state} of what was sent"), || async {
        sent_to(world, staff, person).await.into_iter().next().filter(|one| one["state"] == state)
    })
    .await
}

#[tokio::test]
async fn the_firm_sees_what_arrived_and_nothing_goes_to_an_address_that_takes_nothing() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let (gone, gone_id) = somebody(&world, "bounce").await;
    let before = world.portal.mails(&gone.email).await.len();
    let member = world.person("member.acme").await;
    write(&world, &staff, "The hearing is on Friday.").await;

    let came_back = newest(&world, &staff, &gone_id, "came_back").await;
    assert_eq!(
        (&came_back["about"], &came_back["sends"], &came_back["channel"]),
        (&json!("message"), &json!(1), &json!("email"))
    );
    assert_eq!(world.portal.mails(&gone.email).await.len(), before + 1);
    let arrived = until("what arrived", || async {
        let all = staff.read(&format!("/api/v1/clients/{}/notices", world.acme)).await;
        all["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == "Max Acme" && one["state"] == "delivered")
            .cloned()
    })
    .await;
    let page = format!("/clients/{}/notices", world.acme);
    let shown = staff.get(&page).await.text();
    for part in ["Came back", "Delivered", "Ana Ruiz", "Max Acme", "Send again"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    // What arrived is not sent again, and none of it is for the client to see.
    let again =
        |of: &Value| format!("{page}/{}/{}/again", of["notice"].as_str().unwrap(), of["person"].as_str().unwrap());
    let refused = staff.http().send("POST", &format!("/api/v1{}", again(&arrived)), None).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(member.get(&page).await.status, 403);
    assert_eq!(member.http().send("GET", &format!("/api/v1{page}"), None).await.status, 403);

    // Nothing more goes there, and the firm sees that too.
    write(&world, &staff, "Bring the lease.").await;
    let withheld = newest(&world, &staff, &gone_id, "withheld").await;
    assert_ne!(withheld["notice"], came_back["notice"]);
    assert_eq!(world.portal.mails(&gone.email).await.len(), before + 1);

    // The person says that the mailbox is there again.
    let own = gone.read("/api/v1/me/notices").await;
    assert_eq!(own["address_refused"]["why"], "hard_bounce", "{own}");
    assert!(gone.get("/notices").await.text().contains("there is no such mailbox"));
    let lifted = crate::documents::submit(&gone, "/notices/address", "").await;
    assert_eq!(lifted.status, 303, "{}", lifted.text());
    assert!(gone.read("/api/v1/me/notices").await["address_refused"].is_null());
    // Pressed twice it is sent once.
    let (path, press) = (again(&withheld), async |path: &str| crate::documents::submit(&staff, path, "").await.status);
    assert_eq!(tokio::join!(press(&path), press(&path)), (303, 303));
    world.portal.mail_after(&gone.email, before + 1).await;
    let sent = newest(&world, &staff, &gone_id, "came_back").await;
    assert_eq!((&sent["notice"], &sent["sends"]), (&withheld["notice"], &json!(1)), "{sent}");
    // It was not there after all: the same notice shuts the address again.
    until("no mail to the address", || async {
        let own = gone.read("/api/v1/me/notices").await;
        (own["address_refused"]["why"] == "hard_bounce").then_some(())
    })
    .await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&gone.email).await.len(), before + 2);
}

#[tokio::test]
async fn what_was_not_taken_yet_is_sent_again_a_while_later() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let (full, id) = somebody(&world, "soft").await;
    let before = world.portal.mails(&full.email).await.len();
    write(&world, &staff, "The hearing is on Friday.").await;
    newest(&world, &staff, &id, "not_taken_yet").await;
    let aws = Aws::connect().await;
    let place = format!("T#{}#C#{}#OB", world.firm.id, world.acme);
    let held = until("that it is sent again", || async {
        let rows = partition(&aws, "data", &place).await;
        let row = rows.into_iter().find(|row| row["cause"]["M"]["kind"]["S"] == "send_again")?;
        let millisecond = row["wsk"]["S"].as_str()?.split('#').next()?.parse::<i64>().ok()?;
        Some(jiff::Timestamp::from_millisecond(millisecond).unwrap())
    })
    .await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&full.email).await.len(), before + 1, "not before its time");
    let lambdas = Lambdas::connect(&aws).await;
    // At a full hour the sweep does more than this.
    let minute = held.as_second().rem_euclid(3_600) / 60;
    let at = jiff::Timestamp::from_second(held.as_second() + if minute == 0 { 60 } else { 1 }).unwrap();
    crate::requests::tick(&lambdas, &at.to_string()).await;
    let mail = world.portal.mail_after(&full.email, before + 1).await;
    assert!(mail["text"].as_str().unwrap().contains("The hearing is on Friday."), "{mail}");
    let twice = until("two sends", || async {
        let newest = sent_to(&world, &staff, &id).await.into_iter().next()?;
        (newest["sends"] == 2 && newest["state"] == "not_taken_yet").then_some(newest)
    })
    .await;
    assert_eq!(sent_to(&world, &staff, &id).await.len(), 1, "one notice, sent twice: {twice}");
}

#[tokio::test]
async fn of_what_is_critical_the_firm_hears_who_was_not_reached_once() {
    let world = LawFirm::open().await;
    let (staff, partner) = (world.person("staff").await, world.person("partner").await);
    messages_are_critical(&partner).await;
    let (_, id) = somebody(&world, "bounce").await;
    let (to_staff, before) = (world.address("staff"), world.portal.mails(&world.address("staff")).await.len());
    write(&world, &staff, "The hearing is on Friday.").await;
    newest(&world, &staff, &id, "came_back").await;
    let told = world.portal.mail_after(&to_staff, before).await;
    assert_eq!(told["subject"], "Acme Industries: A mail to Ana Ruiz came back", "{told}");
    assert!(told["text"].as_str().unwrap().contains(&format!("/clients/{}/notices", world.acme)), "{told}");
    // Of the next, which is not even sent, as well.
    write(&world, &staff, "It is on Thursday now.").await;
    newest(&world, &staff, &id, "withheld").await;
    world.portal.mail_after(&to_staff, before + 1).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&to_staff).await.len(), before + 2, "once each");
}

#[tokio::test]
async fn whether_a_text_arrived_is_seen_and_the_firm_hears_where_neither_it_nor_the_mail_did() {
    let world = LawFirm::open().await;
    let (staff, partner) = (world.person("staff").await, world.person("partner").await);
    messages_are_critical(&partner).await;
    // At this number nothing arrives.
    let dead = || format!("{}0404", &phone()[..8]);
    let texts = [phone(), phone(), dead(), dead()];
    let mailboxes = ["success", "bounce", "success", "bounce"];
    let mut people = Vec::new();
    for (mailbox, phone) in mailboxes.into_iter().zip(&texts) {
        people.push(texted(&world, mailbox, phone).await);
    }
    let (to_staff, before) = (world.address("staff"), world.portal.mails(&world.address("staff")).await.len());
    write(&world, &staff, "The hearing is on Friday.").await;
    let wanted = [
        ("delivered", "delivered"),
        ("came_back", "delivered"),
        ("delivered", "came_back"),
        ("came_back", "came_back"),
    ];
    for (person, (mail, text)) in people.iter().zip(wanted) {
        until(&format!("{mail} and {text} of what was sent"), || async {
            let sent = sent_to(&world, &staff, person).await;
            let state =
                |channel: &str| sent.iter().find(|one| one["channel"] == channel).map(|one| one["state"].clone());
            (state("email") == Some(json!(mail)) && state("sms") == Some(json!(text))).then_some(())
        })
        .await;
    }
    // Of the one who got neither, once.
    let told = world.portal.mail_after(&to_staff, before).await;
    assert_eq!(told["subject"], "Acme Industries: A mail to Ana Ruiz came back", "{told}");
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&to_staff).await.len(), before + 1, "once");
}

#[tokio::test]
async fn the_firm_tries_an_address_again_that_came_back_and_none_that_wants_no_mail() {
    let world = LawFirm::open().await;
    let (staff, partner) = (world.person("staff").await, world.person("partner").await);
    let (gone, gone_id) = somebody(&world, "bounce").await;
    let (weary, weary_id) = somebody(&world, "complaint").await;
    write(&world, &staff, "The hearing is on Thursday.").await;
    for (person, why) in [(&gone, "hard_bounce"), (&weary, "complaint")] {
        until(&format!("{why} at {}", person.email), || async {
            let own = person.read("/api/v1/me/notices").await;
            (own["address_refused"]["why"] == why).then_some(())
        })
        .await;
    }
    let page = |id: &str| format!("/firm/people/{id}");
    let shown = partner.get(&page(&gone_id)).await.text();
    assert!(shown.contains("there is no such mailbox") && shown.contains("Send to it again"), "{shown}");
    let shown = partner.get(&page(&weary_id)).await.text();
    assert!(shown.contains("Only the person can ask") && !shown.contains("Send to it again"), "{shown}");
    // Only the firm's partners, and not for whoever is of another firm.
    assert_eq!(staff.http().send("POST", &format!("/api/v1{}/address", page(&gone_id)), None).await.status, 403);
    let stranger = format!("/api/v1{}/address", page(&fresh()));
    assert_eq!(partner.http().send("POST", &stranger, None).await.status, 404);
    let refused = partner.http().send("POST", &format!("/api/v1{}/address", page(&weary_id)), None).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("Only the person"), "{}", refused.text());
    // Twice is once.
    for _ in 0..2 {
        let lifted = crate::documents::submit(&partner, &format!("{}/address", page(&gone_id)), "").await;
        assert_eq!(lifted.status, 303, "{}", lifted.text());
    }
    assert!(gone.read("/api/v1/me/notices").await["address_refused"].is_null());
    assert!(!partner.get(&page(&gone_id)).await.text().contains("there is no such mailbox"));
    let own = format!("/api/v1/firm/people/{}/audit", crate::people::id_of(&world, "partner").await);
    let events = partner.read(&own).await;
    let tried = events["items"].as_array().unwrap().iter().filter(|event| event["act"] == "person.address_tried_again");
    assert_eq!(tried.count(), 1, "{events}");
}
