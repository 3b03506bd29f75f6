//! Notices: the right people hear once, and a deadline's reminder comes at its minute by mail and text message.

use std::time::Duration;

use serde_json::json;
use testkit::portal::{Person, until};
use testkit::samples;

use crate::faults::control::Control;
use crate::faults::delivery::Lambdas;
use crate::faults::kept::partition;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, jiff_now, prove_phone};

/// Long enough for whatever should not come to come.
const QUIET: Duration = Duration::from_secs(4);

#[tokio::test]
async fn a_clients_document_is_told_to_the_team_once_and_to_nobody_else() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let count = |local: &'static str| {
        let (portal, email) = (world.portal.clone(), world.address(local));
        async move { portal.mails(&email).await.len() }
    };
    let (before_staff, before_admin, before_birch, before_staff2) =
        tokio::join!(count("staff"), count("admin.acme"), count("admin.birch"), count("staff2"));
    let document = admin.upload(&world.acme, &matter, "Evidence", "Ledger.txt", &samples::txt("words")).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let mail = world.portal.mail_after(&world.address("staff"), before_staff).await;
    assert!(
        mail["text"].as_str().unwrap().contains(&format!("/clients/{}/documents/{document}", world.acme)),
        "{mail}"
    );
    assert!(!mail["html"].as_str().unwrap_or_default().is_empty(), "{mail}");
    tokio::time::sleep(QUIET).await;
    let after = tokio::join!(count("staff"), count("admin.acme"), count("admin.birch"), count("staff2"));
    assert_eq!(after, (before_staff + 1, before_admin, before_birch, before_staff2));
}

#[tokio::test]
async fn a_batch_of_files_is_one_mail_to_each_side() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let control = Control::open();
    let mark = control.mark().await;
    let (to_staff, to_admin) = (world.address("staff"), world.address("admin.acme"));
    let (before_staff, before_admin) = tokio::join!(world.portal.mails(&to_staff), world.portal.mails(&to_admin));
    let mut ids = Vec::new();
    for n in 0..5 {
        let (name, bytes) = match n {
            0..3 => (format!("Ledger {n}.txt"), samples::txt("words")),
            _ => (format!("Program {n}.pdf"), samples::program()),
        };
        ids.push(admin.upload(&world.acme, &matter, "Evidence", &name, &bytes).await.id);
    }
    for id in &ids {
        admin.settled(&world.acme, id).await;
    }
    let told = world.portal.mail_after(&to_staff, before_staff.len()).await;
    let refused = world.portal.mail_after(&to_admin, before_admin.len()).await;
    let text = told["text"].as_str().unwrap();
    assert!((0..3).all(|n| text.contains(&format!("Ledger {n}.txt"))), "{text}");
    let text = refused["text"].as_str().unwrap();
    assert!((3..5).all(|n| text.contains(&format!("Program {n}.pdf"))), "{text}");
    tokio::time::sleep(QUIET).await;
    let (after_staff, after_admin) = tokio::join!(world.portal.mails(&to_staff), world.portal.mails(&to_admin));
    assert_eq!((after_staff.len(), after_admin.len()), (before_staff.len() + 1, before_admin.len() + 1));
    // Whoever tells them has the client's key unwrapped once for each right to it, however many names it opens.
    let called = async |operation| {
        let narrowed =
            [("function", "notification-delivery"), ("operation", operation), ("contains", world.firm.id.as_str())];
        control.calls(mark, &narrowed).await.len()
    };
    let (unwrapped, rights) = tokio::join!(called("Decrypt"), called("Invoke"));
    assert!((1..=rights).contains(&unwrapped), "{unwrapped} times with {rights} rights");
}

#[tokio::test]
async fn an_update_reaches_the_client_in_the_firms_own_words() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let before = world.portal.mails(&member.email).await.len();
    let page = format!("/clients/{}/projects/{matter}", world.acme);
    let fields = "once=a-key-of-the-form&text=The+judge+ruled+for+us.&next_update_on=2030-01-04";
    for _ in 0..2 {
        let sent = crate::documents::submit(&staff, &format!("{page}/updates"), fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
    }
    let wrong = crate::documents::submit(
        &staff,
        &format!("{page}/updates"),
        "once=another&text=Kept&next_update_on=2020-01-04",
    )
    .await;
    assert!(wrong.status == 422 && wrong.text().contains("Kept"), "{}", wrong.text());
    let refused = crate::documents::submit(&member, &format!("{page}/updates"), fields).await;
    assert_eq!(refused.status, 403);
    for path in [page.as_str(), "/"] {
        let shown = member.get(path).await.text();
        assert_eq!(shown.matches("The judge ruled for us.").count(), 1, "{path}: {shown}");
    }
    let updates = member.read(&format!("/api/v1{page}/updates")).await;
    assert_eq!(updates["items"].as_array().unwrap().len(), 1, "{updates}");
    let project = member.read(&format!("/api/v1{page}")).await;
    assert_eq!(project["next_update_on"], "2030-01-04", "{project}");
    let mail = world.portal.mail_after(&member.email, before).await;
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("The judge ruled for us.") && text.contains("4 Jan"), "{text}");
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&member.email).await.len(), before + 1);
}

#[tokio::test]
async fn a_status_change_is_told_to_the_client_once() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let matter = world.matter(&staff).await;
    let before = world.portal.mails(&world.address("member.acme")).await.len();
    let path = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    staff.write("PATCH", &path, &json!({ "version": 1, "phase": 1 })).await;
    let mail = world.portal.mail_after(&world.address("member.acme"), before).await;
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Acme v. Dunmore") && text.contains("Pleadings"), "{text}");
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&world.address("member.acme")).await.len(), before + 1);
}

#[tokio::test]
async fn a_reminder_fires_at_its_minute_once_by_mail_and_text_message() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    prove_phone(&world.portal, &staff, &world.staff_phone).await;
    let at = jiff_now().as_second() + 20;
    let remind_at = jiff::Timestamp::from_second(at).unwrap();
    let milestone =
        json!({ "title": "Answer due", "due_on": "2030-01-04", "state": "upcoming", "remind_at": remind_at });
    let body = json!({ "name": "Acme v. Dunmore", "pack": "litigation", "milestones": [milestone] });
    let before = world.portal.mails(&world.address("staff")).await.len();
    staff.write("POST", &format!("/api/v1/clients/{}/projects", world.acme), &body).await;
    // A minute's sweep comes at most 60 s after the instant; the wait has its own patience on top.
    let mail = wait_for(Duration::from_secs(150), || async {
        let mails = world.portal.mails(&world.address("staff")).await;
        mails.into_iter().find(|mail| mail["text"].as_str().unwrap_or_default().contains("Answer due"))
    })
    .await;
    assert!(jiff_now().as_second() >= at, "it came early");
    let sent_at: jiff::Timestamp = mail["at"].as_str().unwrap().parse().unwrap();
    assert!(sent_at.as_second() >= at && sent_at.as_second() <= at + 75, "due at {remind_at}, sent at {sent_at}");
    let text = wait_for(Duration::from_secs(20), || async {
        let texts = world.portal.texts(&world.staff_phone).await;
        texts.into_iter().find(|text| text["text"].as_str().unwrap_or_default().contains("Answer due"))
    })
    .await;
    assert!(text["text"].as_str().unwrap().chars().count() <= 160, "{text}");
    tokio::time::sleep(QUIET).await;
    let mails = world.portal.mails(&world.address("staff")).await;
    let reminders =
        mails.iter().filter(|mail| mail["text"].as_str().unwrap_or_default().contains("Answer due")).count();
    assert_eq!(reminders, 1, "of {} mails, {before} before", mails.len());
}

#[tokio::test]
async fn what_somebody_wants_once_a_day_comes_in_one_mail_at_its_hour() {
    let world = LawFirm::open().await;
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    let daily = json!({
        "kinds": { "progress": { "pace": "daily", "sms": true } },
        "digest_hour": "8", "digest_day": "monday", "version": 0,
    });
    assert_eq!(member.http().send("PUT", "/api/v1/me/notices", Some(&daily)).await.status, 204);
    let before = world.portal.mails(&member.email).await.len();
    let matter = world.matter(&staff).await;
    let path = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    for phase in 1..3 {
        staff.write("PATCH", &path, &json!({ "version": phase, "phase": phase })).await;
    }
    let aws = Aws::connect().await;
    let slot = digest_of(&world, &aws, &member, 2).await;
    assert!(slot.ends_with("T130000Z") || slot.ends_with("T120000Z"), "eight o'clock in New York: {slot}");
    assert_eq!(world.portal.mails(&member.email).await.len(), before, "nothing comes before");
    let at = just_after(&slot);
    let lambdas = Lambdas::connect(&aws).await;
    crate::requests::tick(&lambdas, &at).await;
    let mail = world.portal.mail_after(&member.email, before).await;
    let text = mail["text"].as_str().unwrap();
    assert!(mail["subject"].as_str().unwrap().ends_with(" updates from Hartwell & Pryce"), "{mail}");
    for part in ["Acme v. Dunmore", "Pleadings", &format!("/clients/{}/projects/{matter}", world.acme), "/notices"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    crate::requests::tick(&lambdas, &at).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(world.portal.mails(&member.email).await.len(), before + 1, "once");
}

/// The hour for which something is to be told to somebody of Acme in a digest, once there are so many lines of it.
pub async fn digest_of(world: &LawFirm, aws: &Aws, person: &Person, count: usize) -> String {
    let team = partition(aws, "data", &format!("T#{}#C#{}", world.firm.id, world.acme)).await;
    let own = team.iter().find(|row| row["email"]["S"] == person.email.as_str()).unwrap();
    let digests = format!("T#{}#U#{}#DIG", world.firm.id, own["person"]["S"].as_str().unwrap());
    until("lines of a digest", || async {
        let rows = partition(aws, "data", &digests).await;
        let keys: Vec<&str> = rows.iter().filter_map(|row| row["sk"]["S"].as_str()).collect();
        let lines = keys.iter().filter(|sk| sk.starts_with("LINE#")).count();
        let slot = keys.iter().find_map(|sk| sk.strip_prefix("SLOT#"))?;
        (lines >= count).then(|| slot.to_owned())
    })
    .await
}

/// A minute after that hour, since at the full hour the sweep does more than this.
pub fn just_after(slot: &str) -> String {
    format!("{}-{}-{}T{}:01:00Z", &slot[..4], &slot[4..6], &slot[6..8], &slot[9..11])
}

async fn wait_for<T, F: Future<Output = Option<T>>>(patience: Duration, ask: impl Fn() -> F) -> T {
    let wait = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::time::timeout(patience, wait).await.expect("it never came")
}
