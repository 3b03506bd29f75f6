//! How people want to hear of things: their own page, the number they prove, the firm's rules above it, and the link in a
//! mail that turns things down without signing in.

use domain::notice::Kind;
use domain::notice::unsubscribe::UnsubscribeLink;
use domain::{FirmId, PersonId};
use serde_json::{Value, json};
use testkit::firm::NewPerson;
use testkit::portal::{Answer, Person, code_in, until};

use crate::documents::submit;
use crate::isolation::vended::Aws;
use crate::world::LawFirm;

const OWN: &str = "/api/v1/me/notices";

/// What a person reads of one kind.
async fn kind_of(person: &Person, kind: &str) -> Value {
    let own = person.read(OWN).await;
    let kinds = own["kinds"].as_array().unwrap();
    kinds.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {own}")).clone()
}

/// A change of everything but what is given.
fn change(own: &Value, kinds: Value) -> Value {
    json!({
        "kinds": kinds, "digest_hour": own["digest_hour"].to_string(), "digest_day": own["digest_day"],
        "version": own["version"],
    })
}

async fn put(person: &Person, path: &str, body: &Value) -> Answer {
    person.http().send("PUT", path, Some(body)).await
}

/// The firm's rule for one kind, as a partner sets it.
async fn rule(partner: &Person, kind: &str, tier: &str, least: &str) -> Answer {
    let version = partner.read("/api/v1/firm/settings").await["version"].clone();
    let body = json!({ "kinds": { kind: { "tier": tier, "least": least } }, "version": version });
    put(partner, "/api/v1/firm/settings/notices", &body).await
}

#[tokio::test]
async fn what_somebody_chooses_is_kept_and_shown() {
    let world = LawFirm::open().await;
    let (member, staff) = (world.person("member.acme").await, world.person("staff").await);
    let page = member.get("/notices").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(
        page.text().contains("Same as the firm (America/New_York)") && page.text().contains("We have no mobile number")
    );
    assert!(page.text().contains("Progress") && page.text().contains("Newsletter"), "{}", page.text());
    // What the firm tells its clients comes to nobody of its own.
    let own = staff.read(OWN).await;
    assert!(
        own["kinds"].as_array().unwrap().iter().all(|one| one["kind"] != "progress" && one["kind"] != "newsletter"),
        "{own}"
    );
    let saved = submit(
        &member,
        "/notices",
        "version=0&deadline=at_once&message=daily&document=weekly&zone=Europe%2FBerlin&quiet_start=22%3A00&\
         quiet_end=07%3A00&digest_hour=18&digest_day=friday",
    )
    .await;
    assert_eq!((saved.status, saved.header("location")), (303, "/notices?done=saved"), "{}", saved.text());
    let own = member.read(OWN).await;
    assert_eq!(
        (&own["zone"], &own["quiet_start"], &own["quiet_end"], &own["digest_hour"], &own["digest_day"]),
        (&json!("Europe/Berlin"), &json!("22:00"), &json!("07:00"), &json!(18), &json!("friday")),
        "{own}"
    );
    assert_eq!((&own["version"], &own["zone_of_firm"]), (&json!(1), &json!("America/New_York")));
    assert_eq!(kind_of(&member, "message").await["pace"], "daily");
    // The tick for text messages was taken away, where one is asked for; elsewhere nothing was said of them.
    assert_eq!(kind_of(&member, "deadline").await["sms"], false);
    assert_eq!(kind_of(&member, "message").await["sms"], true);
    // What the form left out is as it was.
    assert_eq!(kind_of(&member, "request").await["pace"], "at_once");
    let page = member.get("/notices").await.text();
    assert!(page.contains(r#"value="22:00""#) && page.contains(r#"<option value="18" selected>"#), "{page}");
    // It is written down, and nobody else's choice moved.
    let people = world.firm.partner.read("/api/v1/firm/people").await;
    let id = person_id(&people, &world.address("member.acme"));
    let events = world.firm.partner.read(&format!("/api/v1/firm/people/{id}/audit")).await;
    assert!(events["items"].as_array().unwrap().iter().any(|one| one["act"] == "person.notices_chosen"), "{events}");
    assert_eq!(staff.read(OWN).await["version"], 0);
}

#[tokio::test]
async fn what_is_refused_stands_at_its_field_and_nothing_is_lost() {
    let world = LawFirm::open().await;
    let member = world.person("member.acme").await;
    let wrong = submit(
        &member,
        "/notices",
        "version=0&deadline=off&message=daily&zone=Mars&quiet_start=21%3A30&quiet_end=&digest_hour=25&digest_day=friday",
    )
    .await;
    let page = wrong.text();
    assert_eq!(wrong.status, 422, "{page}");
    for field in ["deadline", "zone", "quiet_end", "digest_hour"] {
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{field}: {page}");
    }
    assert!(page.contains("The firm sends this immediately to everybody."), "{page}");
    assert!(page.contains(r#"value="21:30""#) && page.contains(r#"<option value="friday" selected>"#), "{page}");
    assert!(page.contains(r#"<option value="daily" selected>"#) && page.contains(r#"value="Mars" selected"#), "{page}");
    assert_eq!(member.read(OWN).await["version"], 0);
    // The same for programs.
    let own = member.read(OWN).await;
    let refused = put(&member, OWN, &change(&own, json!({ "deadline": { "pace": "weekly" } }))).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let unknown = put(&member, OWN, &change(&own, json!({ "lunch": { "pace": "weekly" } }))).await;
    assert_eq!(unknown.status, 422, "{}", unknown.text());
    // Whoever changes what somebody changed meanwhile is told so.
    let weekly = change(&own, json!({ "message": { "pace": "weekly", "sms": true } }));
    assert_eq!(put(&member, OWN, &weekly).await.status, 204);
    let stale = put(&member, OWN, &weekly).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    let stale = submit(&member, "/notices", "version=0&message=daily&digest_hour=8&digest_day=monday").await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    assert_eq!(kind_of(&member, "message").await["pace"], "weekly");
}

#[tokio::test]
async fn the_firm_says_how_far_things_are_turned_down() {
    let world = LawFirm::open().await;
    let (partner, staff, member) =
        (world.person("partner").await, world.person("staff").await, world.person("member.acme").await);
    let own = member.read(OWN).await;
    let weekly = change(&own, json!({ "message": { "pace": "weekly", "sms": true } }));
    assert_eq!(put(&member, OWN, &weekly).await.status, 204);
    let set = rule(&partner, "message", "critical", "daily").await;
    assert_eq!(set.status, 204, "{}", set.text());
    // What was chosen before holds as far as the firm lets it.
    let message = kind_of(&member, "message").await;
    assert_eq!((&message["pace"], &message["tier"]), (&json!("daily"), &json!("critical")), "{message}");
    assert_eq!(message["choices"], json!(["at_once", "daily"]));
    let own = member.read(OWN).await;
    let weekly = change(&own, json!({ "message": { "pace": "weekly", "sms": true } }));
    assert_eq!(put(&member, OWN, &weekly).await.status, 422);
    let page = member.get("/notices").await.text();
    assert!(page.contains("The firm sends this once a day at least."), "{page}");
    assert!(page.contains(r#"name="sms" value="message""#), "{page}");
    // On the page, and written down.
    let settings = partner.read("/api/v1/firm/settings").await;
    let stored = settings["notices"].as_array().unwrap().iter().find(|one| one["kind"] == "message").unwrap();
    assert_eq!(stored, &json!({ "kind": "message", "tier": "critical", "least": "daily" }));
    let form = format!("version={}&progress=standard&progress_least=off", settings["version"]);
    let saved = submit(&partner, "/firm/settings/notices", &form).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/firm/settings?done=notices"), "{}", saved.text());
    assert_eq!(kind_of(&member, "progress").await["choices"], json!(["at_once", "daily", "weekly", "off"]));
    let stale = submit(&partner, "/firm/settings/notices", &form).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    let wrong = submit(&partner, "/firm/settings/notices", "version=9&progress=loud&progress_least=weekly").await;
    assert!(wrong.status == 422 && wrong.text().contains(r#"id="progress-error""#), "{}", wrong.text());
    assert_eq!(rule(&partner, "newsletter", "standard", "weekly").await.status, 422);
    let refused = put(&staff, "/api/v1/firm/settings/notices", &json!({ "kinds": {}, "version": 1 })).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
}

/// Texts with a code that went to a number, the newest first.
async fn codes(world: &LawFirm, phone: &str) -> Vec<String> {
    let texts = world.portal.texts(phone).await;
    let is_code = |text: &&Value| text["text"].as_str().unwrap_or_default().contains("your code is");
    texts.iter().filter(is_code).map(code_in).collect()
}

/// The newest one, once there are so many.
async fn code(world: &LawFirm, phone: &str, count: usize) -> String {
    until(&format!("code {count} by text message to {phone}"), || async {
        let codes = codes(world, phone).await;
        (codes.len() == count).then(|| codes[0].clone())
    })
    .await
}

/// Somebody with a number that nobody of another test has.
async fn with_a_phone(world: &LawFirm) -> (String, Person, String) {
    let phone = crate::world::phone();
    let email = world.address("phone.acme");
    let new = NewPerson {
        name: "Pia Acme",
        email: &email,
        role: "client_member",
        client: Some(&world.acme),
        phone: Some(&phone),
    };
    let id = world.firm.invite(&new).await;
    (id, world.portal.sign_in(&email).await, phone)
}

#[tokio::test]
async fn a_number_is_proven_by_the_code_that_was_sent_there() {
    let world = LawFirm::open().await;
    let member = world.person("member.acme").await;
    let (id, pia, phone) = with_a_phone(&world).await;
    let send = async || pia.post("/api/v1/me/notices/phone/code", &json!({})).await;
    let prove = async |code: &str| put(&pia, "/api/v1/me/notices/phone", &json!({ "code": code })).await;
    // Nobody proves what the firm does not have, or what was not sent.
    let none = member.post("/api/v1/me/notices/phone/code", &json!({})).await;
    assert!(none.status == 422 && none.text().contains("no mobile number"), "{}", none.text());
    let early = prove("123456").await;
    assert!(early.status == 422 && early.text().contains("Ask for one first"), "{}", early.text());
    let own = pia.read(OWN).await;
    assert_eq!((&own["phone"], &own["phone_proven"]), (&json!(phone), &json!(false)), "{own}");
    assert!(pia.get("/notices").await.text().contains("Send me a code"));

    assert_eq!(send().await.status, 202);
    let first = code(&world, &phone, 1).await;
    assert!(pia.get("/notices").await.text().contains(r#"action="/notices/phone""#));
    // Five wrong ones, of which one is no code and counts for nothing; then the right one is worth nothing.
    let wrong = if first == "000000" { "000001" } else { "000000" };
    assert!(prove("12345").await.text().contains("Type the six digits"));
    for _ in 0..4 {
        let answer = prove(wrong).await;
        assert!(answer.status == 422 && answer.text().contains("not the code that was sent"), "{}", answer.text());
    }
    let page = submit(&pia, "/notices/phone", &format!("code={wrong}")).await;
    assert!(page.status == 422 && page.text().contains("not the code that was sent"), "{}", page.text());
    let over = prove(&first).await;
    assert!(over.status == 422 && over.text().contains("no longer counts"), "{}", over.text());
    assert_eq!(pia.read(OWN).await["phone_proven"], false);

    // A new one, typed on the page as people type it.
    let asked = submit(&pia, "/notices/phone/code", "").await;
    assert_eq!((asked.status, asked.header("location")), (303, "/notices?done=code"), "{}", asked.text());
    let second = code(&world, &phone, 2).await;
    let proven = submit(&pia, "/notices/phone", &format!("code={}+{}", &second[..3], &second[3..])).await;
    assert_eq!((proven.status, proven.header("location")), (303, "/notices?done=phone"), "{}", proven.text());
    assert_eq!(pia.read(OWN).await["phone_proven"], true);
    assert!(pia.get("/notices").await.text().contains("Verified"));
    assert_eq!(prove(&second).await.status, 422, "a code is used once");
    // Three within an hour.
    assert_eq!(send().await.status, 202);
    let fourth = send().await;
    assert!(fourth.status == 422 && fourth.text().contains("3 codes within an hour"), "{}", fourth.text());
    // Only hashes are stored.
    let table = format!("{}-firm", crate::world::setting("PORTICO_PREFIX"));
    let place = format!("T#{}#U#{id}#PREF", world.firm.id);
    let row = Aws::connect().await.get(None, &table, &place, "PHONECODE").await.unwrap().expect("the code's row");
    assert!(!format!("{row:?}").contains(&second), "the code lies open");
}

fn person_id(people: &Value, email: &str) -> String {
    let one = people["items"].as_array().unwrap().iter().find(|one| one["email"] == email);
    one.unwrap_or_else(|| panic!("no {email} in {people}"))["id"].as_str().unwrap().to_owned()
}

/// The link of a mail that told somebody of these.
async fn link(world: &LawFirm, email: &str, kinds: &[Kind]) -> String {
    let people = world.firm.partner.read("/api/v1/firm/people").await;
    let person = PersonId::parse(&person_id(&people, email)).unwrap();
    let link = UnsubscribeLink::new(&FirmId::parse(&world.firm.id).unwrap(), &person, kinds);
    let mac = crate::factors::keyed_hash(&Aws::connect().await, &link.signed_text()).await;
    format!("/unsubscribe/{}", link.token(&mac).unwrap())
}

/// As a mail program posts it.
pub(crate) async fn press(world: &LawFirm, path: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    world.portal.stranger().raw("POST", path, &headers, b"List-Unsubscribe=One-Click".to_vec()).await
}

#[tokio::test]
async fn a_press_in_a_mail_turns_down_and_a_look_does_not() {
    let world = LawFirm::open().await;
    let member = world.person("member.acme").await;
    let path = link(&world, &world.address("member.acme"), &[Kind::Document, Kind::Deadline]).await;
    let look = world.portal.stranger().get(&path).await;
    assert_eq!(look.status, 200, "{}", look.text());
    assert!(
        look.text().contains("New documents: in a weekly digest") && look.text().contains("<form"),
        "{}",
        look.text()
    );
    assert_eq!(member.read(OWN).await["version"], 0, "looking changed something");
    let pressed = press(&world, &path).await;
    assert_eq!(pressed.status, 200, "{}", pressed.text());
    assert!(pressed.text().contains("New documents: in a weekly digest from now on."), "{}", pressed.text());
    assert!(pressed.text().contains("Deadlines: still immediately."), "{}", pressed.text());
    let own = member.read(OWN).await;
    assert_eq!(own["version"], 1, "{own}");
    assert_eq!(kind_of(&member, "document").await["pace"], "weekly");
    assert_eq!(kind_of(&member, "message").await["pace"], "at_once");
    // Twice is once: no other version, no other event.
    assert_eq!(press(&world, &path).await.status, 200);
    assert_eq!(member.read(OWN).await["version"], 1);
    let people = world.firm.partner.read("/api/v1/firm/people").await;
    let id = person_id(&people, &world.address("member.acme"));
    let events = world.firm.partner.read(&format!("/api/v1/firm/people/{id}/audit")).await;
    let presses = events["items"].as_array().unwrap().iter().filter(|one| one["act"] == "person.unsubscribed");
    assert_eq!(presses.count(), 1, "{events}");
    // The page's own button does the same, and once it is so there is nothing to press.
    let look = world.portal.stranger().get(&path).await.text();
    assert!(!look.contains("<form") && look.contains("the fewest mails"), "{look}");
    // The person takes it back, signed in.
    let own = member.read(OWN).await;
    let back = change(&own, json!({ "document": { "pace": "at_once", "sms": true } }));
    assert_eq!(put(&member, OWN, &back).await.status, 204);
    assert_eq!(kind_of(&member, "document").await["pace"], "at_once");
}

#[tokio::test]
async fn no_other_link_works() {
    let world = LawFirm::open().await;
    let (partner, member) = (world.person("partner").await, world.person("member.acme").await);
    let path = link(&world, &world.address("member.acme"), &[Kind::Message]).await;
    let gone = world.portal.stranger().get("/unsubscribe/none").await;
    assert_eq!(gone.status, 410, "{}", gone.text());
    let places = ["/unsubscribe/".len(), "/unsubscribe/".len() + 30, path.len() - 10, path.len() - 1];
    for place in places {
        for other in ['7', 'A', 'd'] {
            let changed = format!("{}{other}{}", &path[..place], &path[place + 1..]);
            if changed == path {
                continue;
            }
            let (look, pressed) = (world.portal.stranger().get(&changed).await, press(&world, &changed).await);
            assert_eq!((look.status, pressed.status), (410, 410), "{changed}");
            assert_eq!(pressed.text(), gone.text(), "{changed}");
        }
    }
    assert_eq!(member.read(OWN).await["version"], 0);
    // Somebody who has left looks like a link that never was.
    let people = partner.read("/api/v1/firm/people").await;
    let id = person_id(&people, &world.address("member.acme"));
    let place = format!("/api/v1/firm/people/{id}/memberships/{}", world.acme);
    let ended = partner.http().send("DELETE", &place, None).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    let pressed = press(&world, &path).await;
    assert_eq!((pressed.status, pressed.text()), (410, gone.text()));
}
