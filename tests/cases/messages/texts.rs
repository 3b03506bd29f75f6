//! Texts that a firm keeps to write with.

use serde_json::json;

use crate::documents::submit;
use crate::world::LawFirm;

const TEXTS: &str = "/api/v1/firm/texts";

#[tokio::test]
async fn a_text_of_the_firm_is_put_into_a_message_with_its_words_filled_in() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let member = world.person("member.acme").await;
    let matter = world.matter(&staff).await;
    let page = format!("/clients/{}/messages/{matter}", world.acme);
    member.write("POST", &super::thread(&world.acme, &matter), &json!({ "text": "Did they come?" })).await;
    let body = "Dear {first name},\n\nthe papers of {client} came. {my name}, {firm}";
    let text = partner.write("POST", TEXTS, &json!({ "name": "Papers came", "body": body })).await;
    let shown = staff.get(&page).await.text();
    let filled = "Dear Max,\n\nthe papers of Acme Industries came. Sam Okafor, Hartwell &amp; Pryce";
    assert!(shown.contains("Insert a template") && shown.contains(filled), "{shown}");
    // Of the general conversation there is no project: its place stays, to be filled by hand.
    let of = format!("{TEXTS}/{}", text["id"].as_str().unwrap());
    partner.write("PUT", &of, &json!({ "name": "Papers came", "body": "On {project}." })).await;
    let general = staff.get(&format!("/clients/{}/messages/general", world.acme)).await.text();
    assert!(general.contains("data-insert=\"On {project}.\""), "{general}");
    // A client is offered none, and whoever does not decide for the firm changes none.
    let theirs = member.get(&page).await.text();
    assert!(!theirs.contains("Insert a template") && !theirs.contains("data-insert"), "{theirs}");
    for (person, method, path) in [(&member, "GET", TEXTS), (&staff, "GET", TEXTS), (&staff, "DELETE", of.as_str())] {
        let status = person.http().send(method, path, None).await.status;
        assert!(matches!(status, 403 | 404), "{method} {path}: {status}");
    }
    assert_eq!(partner.http().send("DELETE", &of, None).await.status, 204);
    assert_eq!(partner.http().send("DELETE", &of, None).await.status, 404, "gone is gone");
    assert!(!staff.get(&page).await.text().contains("data-insert"));
    let own = format!("/api/v1/firm/people/{}/audit", crate::people::id_of(&world, "partner").await);
    let events = partner.read(&own).await;
    let changed = events["items"].as_array().unwrap().iter().filter(|event| event["act"] == "firm.texts_changed");
    assert_eq!(changed.count(), 3, "{events}");
}

#[tokio::test]
async fn a_partner_keeps_texts_on_a_page_and_loses_nothing_that_is_refused() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let page = "/firm/settings/texts";
    let refused = submit(&partner, page, "name=Hello&body=Dear+%7Bclinet%7D").await;
    let text = refused.text();
    assert_eq!(refused.status, 422, "{text}");
    assert!(text.contains("{clinet} stands for nothing") && text.contains(">Dear {clinet}</textarea>"), "{text}");
    assert_eq!(submit(&partner, page, "name=Hello&body=Dear+%7Bclient%7D").await.status, 303);
    let again = submit(&partner, page, "name=hello&body=x").await;
    assert!(again.status == 422 && again.text().contains("of this name already"), "{}", again.text());
    let id = partner.read(TEXTS).await["items"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("{page}/{id}");
    let refused = submit(&partner, &one, &format!("name-{id}=&body-{id}=Kept+words")).await;
    assert!(refused.status == 422 && refused.text().contains(">Kept words</textarea>"), "{}", refused.text());
    assert_eq!(submit(&partner, &one, &format!("name-{id}=Greeting&body-{id}=Good+day")).await.status, 303);
    let shown = partner.get(page).await.text();
    assert!(shown.contains("Greeting") && shown.contains(">Good day</textarea>"), "{shown}");
    assert_eq!(submit(&partner, &one, "remove=yes").await.status, 303);
    assert!(partner.get(page).await.text().contains("No templates yet"));
}
