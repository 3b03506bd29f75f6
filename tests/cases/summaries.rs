//! A client's month, told to its people.

use domain::calendar;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;
use testkit::portal::Person;
use testkit::samples;

use crate::faults::delivery::Lambdas;
use crate::faults::shapes;
use crate::isolation::vended::Aws;
use crate::newsletters::text_of;
use crate::notifications::{digest_of, just_after};
use crate::world::{LawFirm, hears_at_once, jiff_now, setting};

/// The day's look at a client, as if it were noon of that day where the firm is.
async fn looked(lambdas: &Lambdas, world: &LawFirm, client: &str, day: Date) {
    let zone = calendar::zone("America/New_York").unwrap();
    let due_at = calendar::first_instant(day, jiff::civil::time(12, 0, 0, 0), &zone).unwrap();
    let body = json!({ "v": 1, "firm": world.firm.id, "client": client, "due_at": due_at }).to_string();
    let source = lambdas.source(&format!("{}-retention.fifo", setting("PORTICO_PREFIX"))).to_owned();
    let event = json!({ "Records": [shapes::message(&source, &body, Some(client))] });
    lambdas.invoke("retention", &event).await.unwrap();
}

#[tokio::test]
async fn a_month_is_told_once_to_the_clients_people_and_none_in_which_nothing_was() {
    let world = LawFirm::open().await;
    let (staff, admin) = tokio::join!(world.person("staff"), world.person("admin.acme"));
    let (birch, member) = tokio::join!(world.person("admin.birch"), world.person("member.acme"));
    hears_at_once(&admin, "summary", false).await;
    hears_at_once(&birch, "summary", false).await;
    let matter = world.matter(&staff).await;
    for name in ["lease.txt", "plan.txt"] {
        let filed = staff.upload(&world.acme, &matter, "Evidence", name, &samples::txt(name)).await.id;
        assert_eq!(staff.settled(&world.acme, &filed).await["state"], "ready");
    }
    let aws = Aws::connect().await;
    let lambdas = Lambdas::connect(&aws).await;
    let zone = calendar::zone("America/New_York").unwrap();
    let this = calendar::today(jiff_now(), &zone).first_of_month();
    let next = this.checked_add(1.month()).unwrap();
    // The next month's first days, twice on the first of them, and a day on which it is too late.
    for day in [1, 1, 3, 9] {
        let day = next.with().day(day).build().unwrap();
        looked(&lambdas, &world, &world.acme, day).await;
        looked(&lambdas, &world, &world.birch, day).await;
    }
    let told = format!("{} in short", this.strftime("%B %Y"));
    let of = async |person: &Person| {
        let mails = world.portal.mails(&person.email).await;
        mails.into_iter().filter(|mail| mail["subject"] == told.as_str()).collect::<Vec<_>>()
    };
    let mail = testkit::portal::until("the month", || async { of(&admin).await.pop() }).await;
    let text = text_of(&mail);
    assert!(text.contains("Hartwell & Pryce added 2 documents."), "{text}");
    assert!(text.contains("Acme v. Dunmore: Now in Intake. Next: Engagement letter signed, due "), "{text}");
    assert!(text.contains(&format!("/sign-in?next=/clients/{}\n", world.acme)), "{text}");
    assert_eq!(admin.get(&format!("/clients/{}", world.acme)).await.status, 200);
    // Whoever chose nothing reads it in the week's digest, whole.
    let slot = digest_of(&world, &aws, &member, 1).await;
    assert!(of(&member).await.is_empty(), "not before");
    crate::requests::tick(&lambdas, &just_after(&slot)).await;
    let digest = testkit::portal::until("the digest", || async { of(&member).await.pop() }).await;
    let text = text_of(&digest);
    assert!(text.contains(&format!("- {told}\n  Hartwell & Pryce added 2 documents.\n  Acme v. Dunmore: ")), "{text}");
    // Neither twice, nor to the firm, nor of a month in which nothing was.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    let (own, staffs, of_birch) = tokio::join!(of(&admin), of(&staff), of(&birch));
    assert_eq!((own.len(), staffs.len(), of_birch.len()), (1, 0, 0));
}
