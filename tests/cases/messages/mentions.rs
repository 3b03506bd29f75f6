//! Who is named by an `@`: found in the words, kept with the message, seen on the page.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::portal::Person;

use super::thread;
use crate::world::LawFirm;

#[tokio::test]
async fn whom_a_message_names_is_kept_with_it() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let partner = world.person("partner").await;
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    let (max, sam) = tokio::join!(crate::people::id_of(&world, "member.acme"), crate::people::id_of(&world, "staff"));
    // Both sides can be named, who belongs to another client cannot, and an address names nobody.
    let words = "@Max Acme and @sam okafor: not @Bea Birch, not post@Max Acme.";
    let written = member.write("POST", &path, &json!({ "text": words })).await;
    assert_eq!(written["mentions"], json!([max, sam]), "{written}");
    let seen = staff.read(&path).await;
    assert_eq!(seen["items"][0]["mentions"], json!([max, sam]), "{seen}");
    let shown = staff.get(&page).await.text();
    assert_eq!(shown.matches("class=\"mention\"").count(), 2, "{shown}");
    assert!(shown.contains(">@sam okafor</span>: not @Bea Birch"), "{shown}");
    // They are offered to whoever writes: the others of the conversation, with their side.
    assert!(shown.contains("data-name=\"Max Acme\"") && !shown.contains("data-name=\"Sam Okafor\""), "{shown}");
    assert!(!shown.contains("data-name=\"Bea Birch\""), "{shown}");
    let edited = member.write("PATCH", &format!("{path}/1"), &json!({ "text": "Only @Sam Okafor." })).await;
    assert_eq!(edited["mentions"], json!([sam]), "{edited}");
    // In a note of the firm only its own people, who read it.
    let note = json!({ "text": "@Sam Okafor, did @Max Acme call?" });
    let noted = partner.write("POST", &format!("{path}/notes"), &note).await;
    assert_eq!(noted["mentions"], json!([sam]), "{noted}");
    // Nobody says by hand who is named.
    let forged = json!({ "text": "Nobody.", "mentions": [sam] });
    assert_eq!(member.http().send("POST", &path, Some(&forged)).await.status, 422);
    let plain = member.write("POST", &path, &json!({ "text": "Nobody." })).await;
    assert_eq!(plain["mentions"], Value::Null, "{plain}");
}

/// Whoever is named hears of it on either side and waits for no digest; others of the own side hear nothing.
#[tokio::test]
async fn whoever_is_named_hears_of_it_at_once_on_either_side() {
    let world = LawFirm::open().await;
    world.firm.assign(&world.staff2_id, &world.acme).await;
    let (staff, staff2, member) =
        (world.person("staff").await, world.person("staff2").await, world.person("member.acme").await);
    let weekly = json!({
        "kinds": { "message": { "pace": "weekly", "sms": true } },
        "digest_hour": "8", "digest_day": "monday", "version": 0,
    });
    for person in [&member, &staff2] {
        assert_eq!(person.http().send("PUT", "/api/v1/me/notices", Some(&weekly)).await.status, 204);
    }
    let count = async |person: &Person| world.portal.mails(&person.email).await.len();
    let (of_staff, of_staff2, of_member) = (count(&staff).await, count(&staff2).await, count(&member).await);
    let path = format!("/api/v1/clients/{}/messages/general", world.acme);
    let text = "@Rita Lindqvist, who has the lease? @Max Acme, do you?";
    staff.write("POST", &path, &json!({ "text": text })).await;
    let told = world.portal.mail_after(&staff2.email, of_staff2).await;
    assert!(told["text"].as_str().unwrap().contains("Sam Okafor of Hartwell & Pryce wrote"), "{told}");
    world.portal.mail_after(&member.email, of_member).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let after = (count(&staff).await, count(&staff2).await, count(&member).await);
    assert_eq!(after, (of_staff, of_staff2 + 1, of_member + 1), "each once, and not who wrote");
}
