//! What is typed and not sent: there again for whoever typed it, for nobody else, and gone when it is sent.

use serde_json::json;

use super::thread;
use crate::documents::submit;
use crate::world::LawFirm;

#[tokio::test]
async fn what_was_typed_is_there_again_for_its_writer_alone_until_it_is_sent() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let admin = world.person("admin.acme").await;
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    let draft = format!("{path}/draft");
    let typed = |text: &str, once: &str| json!({ "text": text, "once": once });
    let keep = async |body: &serde_json::Value| member.http().send("PUT", &draft, Some(body)).await.status;
    assert_eq!(keep(&typed("Half a petrel", "first-try")).await, 204);
    assert_eq!(keep(&typed("Half a petrel, and", "first-try")).await, 204);
    let device = world.portal.sign_in(&member.email).await;
    for shown in [member.get(&page).await.text(), device.get(&page).await.text()] {
        assert!(
            shown.contains(">Half a petrel, and</textarea>") && shown.contains("Your draft from before"),
            "{shown}"
        );
    }
    let elsewhere = member.get(&format!("/clients/{}/messages/general", world.acme)).await.text();
    for shown in [staff.get(&page).await.text(), admin.get(&page).await.text(), elsewhere] {
        assert!(!shown.contains("petrel"), "{shown}");
    }
    assert_eq!(staff.read(&path).await["items"], json!([]), "no message before it is sent");
    // Sent, it is gone, and what comes late of that attempt does not bring it back.
    let answer = submit(&member, &page, "once=first-try&text=A+whole+petrel.").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(keep(&typed("Half a petrel, and", "first-try")).await, 204);
    let shown = member.get(&page).await.text();
    assert!(shown.contains("A whole petrel.") && !shown.contains("Half a petrel"), "{shown}");
    // The next attempt is kept, and what is emptied is not.
    assert_eq!(keep(&typed("A second petrel", "second-try")).await, 204);
    assert!(member.get(&page).await.text().contains(">A second petrel</textarea>"));
    assert_eq!(keep(&typed("  ", "second-try")).await, 204);
    let shown = member.get(&page).await.text();
    assert!(!shown.contains("second petrel") && !shown.contains("Your draft from before"), "{shown}");
}

#[tokio::test]
async fn what_was_begun_on_the_list_goes_on_in_its_conversation_where_files_are_attached() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let list = format!("/clients/{}/messages", world.acme);
    // Files lie in a project: where there is none, none can be attached.
    assert!(!member.get(&list).await.text().contains("Attach files"));
    let matter = world.matter(&staff).await;
    assert!(member.get(&list).await.text().contains("Attach files"));
    let go_on = async |once: &str, text: &str| {
        submit(&member, &list, &format!("once={once}&topic={matter}&text={text}&go_on=files")).await
    };
    let answer = go_on("first-try", "Half+a+petrel").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = format!("{list}/{matter}");
    assert_eq!(crate::idp::location(&answer), format!("{page}#message-form"));
    assert_eq!(go_on("second-try", "and+a+whole+one").await.status, 303);
    let shown = member.get(&page).await.text();
    assert!(shown.contains(">Half a petrel\n\nand a whole one</textarea>"), "{shown}");
    // With nothing typed it is the way there, and what was typed stays.
    assert_eq!(go_on("third-try", "").await.status, 303);
    assert!(member.get(&page).await.text().contains(">Half a petrel\n\nand a whole one</textarea>"));
    assert_eq!(staff.read(&thread(&world.acme, &matter)).await["items"], json!([]), "nothing is sent by it");
    let too_much = "x".repeat(9_990);
    assert_eq!(go_on("fourth-try", &too_much).await.status, 422);
}

#[tokio::test]
async fn a_draft_has_its_bounds_and_a_note_is_kept_apart() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let (path, page) = (thread(&world.acme, &matter), format!("/clients/{}/messages/{matter}", world.acme));
    let draft = format!("{path}/draft");
    let note = format!("{path}/notes/draft");
    let fine = json!({ "text": "x", "once": "a" });
    for (path, body, status) in [
        (&draft, json!({ "text": "x".repeat(10_001), "once": "a" }), 422),
        (&draft, json!({ "text": "x", "once": "no key at all" }), 422),
        (&draft, json!({ "text": "x" }), 422),
        (&note, fine.clone(), 403),
        (&format!("{}/draft", thread(&world.birch, "general")), fine.clone(), 404),
        (&format!("{}/draft", thread(&world.acme, "01ARZ3NDEKTSV4RRFFQ69G5FAV")), fine, 404),
    ] {
        let answer = member.http().send("PUT", path, Some(&body)).await;
        assert_eq!(answer.status, status, "{path} {}", answer.text());
    }
    let kept = json!({ "text": "Ours: half a note", "once": "n1" });
    assert_eq!(staff.http().send("PUT", &note, Some(&kept)).await.status, 204);
    let asked = json!({ "text": "Half a question", "once": "m1", "answer_wanted": true });
    assert_eq!(staff.http().send("PUT", &draft, Some(&asked)).await.status, 204);
    let shown = staff.get(&page).await.text();
    assert!(
        shown.contains(">Ours: half a note</textarea>") && shown.contains(">Half a question</textarea>"),
        "{shown}"
    );
    // The one that is kept for the firm leaves the other where it is.
    let answer = submit(&staff, &format!("{page}/notes"), "once=n1&note=Ours:+a+note").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let shown = staff.get(&page).await.text();
    assert!(!shown.contains("half a note") && shown.contains(">Half a question</textarea>"), "{shown}");
    assert!(!member.get(&page).await.text().contains("Half a question"));
}
