//! Newsletters: drafted and tried by a partner, sent once, and read by the people of those clients alone.

use serde_json::{Value, json};
use testkit::portal::{Person, until};

use crate::documents::submit;
use crate::world::{LawFirm, hears_at_once};

const ALL: &str = "/api/v1/firm/newsletters";

fn letter(to: &str, clients: &[&str]) -> Value {
    json!({
        "subject": "New rules for <trusts>", "text": "Dear clients,\n\nthere are new rules.\nRead them.",
        "to": to, "clients": clients,
    })
}

/// Lines end as in any text of ours.
pub fn text_of(mail: &Value) -> String {
    mail["text"].as_str().unwrap().replace("\r\n", "\n")
}

async fn mails_about(world: &LawFirm, person: &Person, subject: &str) -> Vec<Value> {
    let mut mails = world.portal.mails(&person.email).await;
    mails.retain(|mail| mail["subject"] == subject);
    mails
}

/// One that came to this client, and one that nobody has yet.
pub async fn sent_and_drafted(partner: &Person, member: &Person, client: &str) -> [String; 2] {
    let drafted = async || {
        let draft = partner.write("POST", ALL, &letter("chosen", &[client])).await;
        draft["id"].as_str().unwrap().to_owned()
    };
    let [sent, draft] = [drafted().await, drafted().await];
    partner.write("POST", &format!("{ALL}/{sent}/sending"), &json!({ "edition": 1 })).await;
    let path = format!("/api/v1/clients/{client}/newsletters");
    member.read_until(&path, |list| (!list["items"].as_array()?.is_empty()).then_some(())).await;
    [sent, draft]
}

#[tokio::test]
async fn a_newsletter_is_tried_by_its_writer_and_then_comes_once_to_those_it_was_written_for() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let (admin, birch) = (world.person("admin.acme").await, world.person("admin.birch").await);
    hears_at_once(&admin, "newsletter", false).await;
    hears_at_once(&birch, "newsletter", false).await;
    let draft = partner.write("POST", ALL, &letter("chosen", &[&world.acme])).await;
    let one = format!("{ALL}/{}", draft["id"].as_str().unwrap());
    let subject = draft["subject"].as_str().unwrap();
    // A trial goes to whoever asks for it, and to nobody else.
    assert_eq!(partner.http().send("POST", &format!("{one}/trial"), Some(&json!({}))).await.status, 202);
    let trial = format!("Trial: {subject}");
    let mail = until("the trial", || async { mails_about(&world, &partner, &trial).await.pop() }).await;
    assert!(text_of(&mail).contains("there are new rules.\nRead them."), "{mail}");
    assert!(mail["html"].as_str().unwrap().contains("New rules for &lt;trusts&gt;"), "{mail}");
    // It is sent by whoever proves anew who they are, and by nobody who has not seen what it says now.
    let send = format!("{one}/sending");
    let first = json!({ "edition": draft["edition"] });
    let asked = partner.http().send("POST", &send, Some(&first)).await;
    assert!(asked.status == 403 && asked.text().contains("confirmation-required"), "{}", asked.text());
    partner.confirm().await;
    let mut words = letter("chosen", &[&world.acme]);
    words["edition"] = draft["edition"].clone();
    let changed = partner.write("PUT", &one, &words).await;
    for (method, path, body) in [("POST", &send, &first), ("PUT", &one, &words)] {
        let stale = partner.http().send(method, path, Some(body)).await;
        assert_eq!(stale.status, 409, "{method} {}", stale.text());
    }
    let second = json!({ "edition": changed["edition"] });
    let sent = partner.write("POST", &send, &second).await;
    assert_eq!(sent["sent"]["clients"], 1, "{sent}");
    // Pressed twice, it leaves once.
    assert_eq!(partner.write("POST", &send, &second).await["sent"], sent["sent"]);
    let mail = until("the newsletter", || async { mails_about(&world, &admin, subject).await.pop() }).await;
    let text = text_of(&mail);
    let own = format!("/clients/{}/newsletters/{}", world.acme, draft["id"].as_str().unwrap());
    assert!(text.contains("Dear clients,\n\nthere are new rules.\nRead them.") && text.contains(&own), "{text}");
    // It stands in the portal of that client, for its people and for the firm's who work for it.
    for person in [&admin, &staff] {
        let page = person.get(&own).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains("New rules for &lt;trusts&gt;") && page.text().contains("there are new rules."));
        let list = person.get(&format!("/clients/{}/messages", world.acme)).await.text();
        assert!(list.contains(&own), "{list}");
    }
    // Sent is sent: neither again, nor changed, nor taken away.
    for (method, path, body) in [
        ("POST", &send, first),
        ("POST", &format!("{one}/trial"), json!({})),
        ("PUT", &one, words),
        ("DELETE", &one, json!(null)),
    ] {
        let answer = partner.http().send(method, path, Some(&body).filter(|body| !body.is_null())).await;
        assert_eq!(answer.status, 409, "{method} {path}: {}", answer.text());
    }
    // Nobody else's: not in a mail, not by its address, not in a list.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(mails_about(&world, &birch, subject).await.is_empty());
    assert_eq!(mails_about(&world, &admin, subject).await.len(), 1);
    let of_birch = own.replace(&world.acme, &world.birch);
    assert_eq!(birch.get(&of_birch).await.status, 404);
    let list = birch.read(&format!("/api/v1/clients/{}/newsletters", world.birch)).await;
    assert_eq!(list["items"], json!([]));
    for (person, path) in [(&staff, ALL), (&staff, one.as_str()), (&admin, ALL), (&admin, one.as_str())] {
        let status = person.get(path).await.status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
    }
    let own_acts = format!("/api/v1/firm/people/{}/audit", crate::people::id_of(&world, "partner").await);
    let events = partner.read(&own_acts).await;
    for (act, count) in [("newsletter.written", 2), ("newsletter.tried", 1), ("newsletter.sent", 1)] {
        let found = events["items"].as_array().unwrap().iter().filter(|event| event["act"] == act).count();
        assert_eq!(found, count, "{act} in {events}");
    }
    let events = partner.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let came = events["items"].as_array().unwrap().iter().filter(|event| event["act"] == "newsletter.came");
    assert_eq!(came.count(), 1, "{events}");
}

#[tokio::test]
async fn an_archived_client_gets_none_and_a_firm_whose_mails_name_nothing_tells_only_that_there_is_one() {
    let world = LawFirm::open().await;
    let (partner, admin) = (world.person("partner").await, world.person("admin.acme").await);
    let birch = world.person("admin.birch").await;
    hears_at_once(&admin, "newsletter", false).await;
    hears_at_once(&birch, "newsletter", false).await;
    let rules = json!({ "zone": "America/New_York", "packs": ["litigation"], "names_in_mails": false, "mails": [] });
    assert_eq!(crate::settings::change(&partner, "rules", rules).await, 204);
    partner.confirm().await;
    let archived = format!("/api/v1/firm/clients/{}/archived", world.birch);
    assert_eq!(partner.http().send("PUT", &archived, Some(&json!({ "archived": true }))).await.status, 204);
    let draft = partner.write("POST", ALL, &letter("all", &[])).await;
    let send = format!("{ALL}/{}/sending", draft["id"].as_str().unwrap());
    let sent = partner.write("POST", &send, &json!({ "edition": draft["edition"] })).await;
    assert_eq!(sent["sent"]["clients"], 1, "{sent}");
    let quiet = "A newsletter from Hartwell & Pryce";
    let mail = until("the newsletter", || async { mails_about(&world, &admin, quiet).await.pop() }).await;
    assert!(!mail.to_string().contains("trusts"), "{mail}");
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(mails_about(&world, &birch, quiet).await.is_empty());
}

#[tokio::test]
async fn to_all_means_to_whoever_is_a_client_when_it_leaves() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let draft = partner.write("POST", ALL, &letter("all", &[])).await;
    let one = format!("{ALL}/{}", draft["id"].as_str().unwrap());
    let late = world.firm.client("Cedar & Sons").await;
    partner.confirm().await;
    let sent = partner.write("POST", &format!("{one}/sending"), &json!({ "edition": draft["edition"] })).await;
    assert_eq!(sent["sent"]["clients"], 3, "{sent}");
    let staff = world.person("staff").await;
    world.firm.assign(&world.staff_id, &late).await;
    for client in [&world.acme, &late] {
        let path = format!("/api/v1/clients/{client}/newsletters");
        let came = staff.read_until(&path, |list| list["items"].as_array()?.first().cloned()).await;
        assert_eq!(came["id"], draft["id"]);
    }
}

#[tokio::test]
async fn a_partner_writes_one_on_a_page_and_loses_nothing_that_is_refused() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let list = "/firm/newsletters";
    assert!(partner.get(list).await.text().contains("No newsletters yet"));
    let id = form_id(&partner).await;
    let refused = submit(&partner, list, &format!("id={id}&subject=&text=Kept+words&to=chosen")).await;
    let text = refused.text();
    assert_eq!(refused.status, 422, "{text}");
    assert!(text.contains(">Kept words</textarea>") && text.contains("Choose at least one client"), "{text}");
    assert!(text.contains("Write a subject."), "{text}");
    let form = format!("subject=Holidays&text=We+are+closed.&to=chosen&clients={}&clients={}", world.acme, world.birch);
    // Pressed twice, it is one draft.
    for _ in 0..2 {
        let saved = submit(&partner, list, &format!("id={id}&{form}")).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        assert_eq!(crate::idp::location(&saved), format!("{list}/{id}?done=saved"));
    }
    assert_eq!(partner.read(ALL).await["items"].as_array().unwrap().len(), 1);
    let page = format!("{list}/{id}");
    let shown = partner.get(&page).await.text();
    assert!(shown.contains("We are closed.") && shown.contains("Send it to 2 clients"), "{shown}");
    let changed = submit(&partner, &page, &format!("edition=1&{}", form.replace("closed", "open"))).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    // The edition of before is on a page that is still open elsewhere: it is not sent, and what is typed there not lost.
    let late = submit(&partner, &page, &format!("edition=1&{}", form.replace("closed", "moving"))).await;
    let text = late.text();
    assert_eq!(late.status, 409, "{text}");
    assert!(text.contains("We are moving.</textarea>") && text.contains("We are open."), "{text}");
    partner.confirm().await;
    let stale = submit(&partner, &format!("{page}/sending"), "edition=1").await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    let sent = submit(&partner, &format!("{page}/sending"), "edition=2").await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let shown = partner.get(&page).await.text();
    assert!(shown.contains("We are open.") && !shown.contains("<textarea"), "{shown}");
    let id = form_id(&partner).await;
    assert_eq!(submit(&partner, list, &format!("id={id}&{form}")).await.status, 303);
    assert_eq!(submit(&partner, &format!("{list}/{id}"), "remove=yes").await.status, 303);
    assert_eq!(partner.get(&format!("{list}/{id}")).await.status, 404);
}

/// The number that a form for a new one gives to it.
async fn form_id(partner: &Person) -> String {
    let form = partner.get("/firm/newsletters/new").await.text();
    let (_, after) = form.split_once(r#"name="id" value=""#).unwrap();
    after.split('"').next().unwrap().to_owned()
}
