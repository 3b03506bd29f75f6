//! Second factors, confirming and one's own sessions, as programs meet them. Clocks are not moved: a code is made for
//! the step that a test wants, and rows that have to be old are written so.

mod authenticator;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::factors::step_of;
use serde_json::{Value, json};
use testkit::portal::{Answer, Person, code_in, until};

use crate::isolation::vended::Aws;
use crate::world::{LawFirm, jiff_now, setting};
use authenticator::Authenticator;

/// An app on a phone.
pub(crate) struct App {
    seed: Vec<u8>,
}

impl App {
    /// The code of the step that many after the one of now.
    fn code(&self, steps: i64) -> String {
        let step = i64::try_from(step_of(jiff_now())).unwrap() + steps;
        crypto::totp_code(&self.seed, u64::try_from(step).unwrap())
    }
}

/// Sets an app up for somebody who has nothing yet; the app and the recovery codes.
pub(crate) async fn with_app(person: &Person) -> (App, Vec<String>) {
    person.confirm().await;
    let offer = person.write("POST", "/api/v1/auth/factors/app", &json!({})).await;
    let key = offer["key"].as_str().unwrap();
    assert!(offer["address"].as_str().unwrap().contains(key));
    let app = App { seed: crypto::from_base32(key).unwrap() };
    // The step before: the one of now is left for what comes next.
    let path = "/api/v1/auth/factors/app";
    let mut set_up = person.http().send("PUT", path, Some(&json!({ "code": app.code(-1) }))).await;
    if set_up.status == 422 {
        // Another step began on the way, and two before is too old.
        set_up = person.http().send("PUT", path, Some(&json!({ "code": app.code(-1) }))).await;
    }
    let set_up = set_up.json();
    let codes: Vec<String> =
        set_up["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{set_up}");
    (app, codes)
}

/// An app, a passkey and the key of another app that is not set up yet, for pages that show all of it.
pub(crate) async fn with_everything(world: &LawFirm, person: &Person) {
    with_app(person).await;
    registered(world, person, "Blue key").await;
    person.write("POST", "/api/v1/auth/factors/app", &json!({})).await;
}

async fn second(person: &Person, code: &str) -> Answer {
    person.post("/api/v1/auth/second", &json!({ "code": code })).await
}

fn problem(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap_or_default().to_owned()
}

fn token(person: &Person) -> String {
    let cookies = person.http().cookies();
    cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_code_of_the_app_is_asked_for_beside_the_link_and_counts_once() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let before = token(&staff);
    let (app, _) = with_app(&staff).await;
    assert_ne!(token(&staff), before, "whoever enrols gets another token");
    assert_eq!(staff.get("/api/v1/clients").await.status, 200);

    let again = world.portal.sign_in(&staff.email).await;
    let waiting = token(&again);
    for path in ["/api/v1/me", "/api/v1/clients", "/api/v1/auth/factors", "/api/v1/auth/sessions"] {
        let answer = again.get(path).await;
        assert_eq!((answer.status, problem(&answer).as_str()), (403, "/problems/second-factor-required"), "{path}");
    }
    let page = again.http().raw("GET", "/", &[("accept", "text/html".into())], Vec::new()).await;
    assert_eq!((page.status, page.header("location")), (303, "/sign-in/second"));
    for wrong in [app.code(3), app.code(-3), "nonsense".into()] {
        assert_eq!(second(&again, &wrong).await.status, 422, "{wrong}");
    }
    // Made at once: another step may begin before they are sent.
    let (used, earlier, next) = (app.code(0), app.code(-1), app.code(1));
    let shown = second(&again, &used).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert_eq!(shown.json()["person"]["email"], json!(staff.email));
    assert_ne!(token(&again), waiting, "a token that waited is worth nothing afterwards");
    let old = world.portal.resume(&staff.email, &format!("__Host-s={waiting}"));
    assert_eq!(old.get("/api/v1/me").await.status, 401);
    assert_eq!(again.get("/api/v1/clients").await.status, 200);

    // The same code within its half minute, from another browser that has the mail.
    let thief = world.portal.sign_in(&staff.email).await;
    for replayed in [used, earlier] {
        assert_eq!(second(&thief, &replayed).await.status, 422, "a code counts once, and none before it");
    }
    // One step ahead: a phone whose clock is fast.
    assert_eq!(second(&thief, &next).await.status, 200);
}

#[tokio::test]
async fn a_wait_is_told_with_the_session() {
    let world = LawFirm::open().await;
    let member = world.person("member.acme").await;
    let (app, _) = with_app(&member).await;
    let http = world.portal.stranger();
    let session = asked_and_answered(&world, &http, &member.email).await;
    assert_eq!(session["waits_for"], "second_factor", "{session}");
    assert_eq!(http.post("/api/v1/auth/second", &json!({ "code": app.code(0) })).await.status, 200);
    let (plain, http) = (world.address("admin.birch"), world.portal.stranger());
    let session = asked_and_answered(&world, &http, &plain).await;
    assert!(session.get("waits_for").is_none(), "{session}");
}

/// Signs in by the mailed code; the answer.
async fn asked_and_answered(world: &LawFirm, http: &testkit::portal::Http, email: &str) -> Value {
    let before = world.portal.mails(email).await.len();
    http.post("/api/v1/auth/link", &json!({ "email": email })).await;
    let code = code_in(&world.portal.mail_after(email, before).await);
    let answer = http.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn recovery_codes_work_once_and_new_ones_replace_them() {
    let world = LawFirm::open().await;
    let admin = world.person("admin.acme").await;
    let (app, codes) = with_app(&admin).await;
    let first = world.portal.sign_in(&admin.email).await;
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(second(&first, &typed).await.status, 200);
    assert_eq!(first.read("/api/v1/auth/factors").await["recovery_codes_left"], 9);
    let told = told_of(&world, &admin.email, "recovery code").await;
    assert!(told["text"].as_str().unwrap().contains("/sessions"), "{told}");
    let again = world.portal.sign_in(&admin.email).await;
    assert_eq!(second(&again, &codes[0]).await.status, 422, "used up");
    assert_eq!(second(&again, &codes[1]).await.status, 200);
    let made = again.write("POST", "/api/v1/auth/factors/recovery-codes", &json!({})).await;
    let new = made["recovery_codes"][0].as_str().unwrap().to_owned();
    let last = world.portal.sign_in(&admin.email).await;
    assert_eq!(second(&last, &codes[2]).await.status, 422, "of the old set");
    assert_eq!(second(&last, &new).await.status, 200);
    drop(app);
}

/// The newest mail that says so.
async fn told_of(world: &LawFirm, email: &str, words: &str) -> Value {
    until(&format!("a mail about {words}"), || async {
        let mails = world.portal.mails(email).await;
        mails.into_iter().find(|mail| mail["text"].as_str().is_some_and(|text| text.contains(words)))
    })
    .await
}

#[tokio::test]
async fn guessing_is_slowed_down_and_never_locked_out() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let (app, _) = with_app(&staff).await;
    let (guesser, own) = (world.portal.sign_in(&staff.email).await, world.portal.sign_in(&staff.email).await);
    for n in 0..5 {
        assert_eq!(second(&guesser, &app.code(5)).await.status, 422, "try {n}");
    }
    let slowed = second(&own, &app.code(0)).await;
    assert_eq!(slowed.status, 429, "even the right code waits: {}", slowed.text());
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    // By itself, and soon: whoever has the app is let in.
    let shown = until("the wait to be over", || async {
        let answer = second(&own, &app.code(0)).await;
        (answer.status != 429).then_some(answer)
    });
    assert_eq!(shown.await.status, 200);
    // A right one forgives the wrong ones before it.
    let next = world.portal.sign_in(&staff.email).await;
    assert_eq!(second(&next, &app.code(1)).await.status, 200);
}

#[tokio::test]
async fn guesses_at_once_share_their_tries() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let (app, _) = with_app(&staff).await;
    let guesser = world.portal.sign_in(&staff.email).await;
    let wrong = app.code(7);
    let answers = futures::future::join_all((0..12).map(|_| second(&guesser, &wrong))).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 422).count();
    // Five are looked at before there is a wait; others are told to wait, or that somebody was faster.
    assert!(looked_at <= 5, "{looked_at} of 12 guesses at once were looked at");
    assert!(answers.iter().any(|answer| answer.status == 429));
    assert!(answers.iter().all(|answer| answer.status < 500));
}

#[tokio::test]
async fn what_is_sensitive_asks_once_more_and_moves_the_session() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let refused = staff.post("/api/v1/auth/factors/app", &json!({})).await;
    assert_eq!((refused.status, problem(&refused).as_str()), (403, "/problems/confirmation-required"));
    let before = token(&staff);
    // Without a second factor, by a mailed code: a wrong one is refused, the right one counts once.
    let mails = world.portal.mails(&staff.email).await.len();
    assert_eq!(staff.post("/api/v1/auth/confirm/mail", &json!({})).await.status, 202);
    let mail = world.portal.mail_after(&staff.email, mails).await;
    assert!(!mail["text"].as_str().unwrap().contains("http"), "no link, nothing to sign in by: {mail}");
    let code = code_in(&mail);
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    assert_eq!(staff.post("/api/v1/auth/confirm", &json!({ "code": wrong })).await.status, 422);
    let confirmed = staff.post("/api/v1/auth/confirm", &json!({ "code": code })).await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.text());
    assert_ne!(token(&staff), before);
    let stolen = world.portal.resume(&staff.email, &format!("__Host-s={before}"));
    assert_eq!(stolen.get("/api/v1/clients").await.status, 401, "the token before the step up");
    assert_eq!(staff.post("/api/v1/auth/confirm", &json!({ "code": code })).await.status, 422);
    assert_eq!(staff.post("/api/v1/auth/factors/app", &json!({})).await.status, 200);
    // With one, by it alone.
    let (app, _) = with_app(&world.person("admin.acme").await).await;
    let admin = world.portal.sign_in(&world.address("admin.acme")).await;
    let (used, next) = (app.code(0), app.code(1));
    assert_eq!(second(&admin, &used).await.status, 200);
    assert_eq!(admin.post("/api/v1/auth/confirm/mail", &json!({})).await.status, 422);
    assert_eq!(admin.post("/api/v1/auth/confirm", &json!({ "code": used })).await.status, 422, "a replay");
    assert_eq!(admin.post("/api/v1/auth/confirm", &json!({ "code": next })).await.status, 204);
}

#[tokio::test]
async fn a_passkey_is_enough_and_each_of_its_answers_counts_once() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    staff.confirm().await;
    let mut passkey = registered(&world, &staff, "Blue key").await;
    let listed = staff.read("/api/v1/auth/factors").await;
    assert_eq!(listed["passkeys"][0]["name"], "Blue key", "{listed}");
    told_of(&world, &staff.email, "“Blue key” was added").await;

    let http = world.portal.stranger();
    let question = http.post("/api/v1/auth/passkey/question", &json!({})).await.json();
    assert!(question["options"]["allowCredentials"].as_array().is_none_or(Vec::is_empty), "{question}");
    let answer = json!({ "passkey": passkey.show(&question) });
    let session = http.post("/api/v1/auth/session", &answer).await;
    assert_eq!(session.status, 200, "{}", session.text());
    assert!(session.json().get("waits_for").is_none(), "a passkey counts as two");
    assert_eq!(http.get("/api/v1/clients").await.status, 200);
    let replayed = world.portal.stranger().post("/api/v1/auth/session", &answer).await;
    assert_eq!(replayed.status, 422, "{}", replayed.text());

    // As the second factor beside a link, its own are named; and to confirm.
    let again = world.portal.sign_in(&staff.email).await;
    let question = again.write("POST", "/api/v1/auth/second/question", &json!({})).await;
    let named = &question["options"]["allowCredentials"];
    assert!(named[0]["id"].is_string() && named[1].is_null(), "as browsers read it: {named}");
    let shown = again.post("/api/v1/auth/second", &json!({ "passkey": passkey.show(&question) })).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let question = again.write("POST", "/api/v1/auth/second/question", &json!({})).await;
    let confirmed = again.post("/api/v1/auth/confirm", &json!({ "passkey": passkey.show(&question) })).await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.text());

    let id = again.read("/api/v1/auth/factors").await["passkeys"][0]["id"].as_str().unwrap().to_owned();
    let removed = again.http().send("DELETE", &format!("/api/v1/auth/passkeys/{id}"), None).await;
    assert_eq!(removed.status, 204, "{}", removed.text());
    assert_eq!(by_passkey(&world, &mut passkey).await.status, 422, "removed");
}

async fn registered(world: &LawFirm, person: &Person, name: &str) -> Authenticator {
    let mut passkey = Authenticator::at(world.portal.url());
    let question = person.write("POST", "/api/v1/auth/passkeys/question", &json!({})).await;
    let mut answer = passkey.make(&question);
    answer["name"] = json!(name);
    person.write("POST", "/api/v1/auth/passkeys", &answer).await;
    passkey
}

/// Signs in by nothing else, in a browser of its own.
async fn by_passkey(world: &LawFirm, passkey: &mut Authenticator) -> Answer {
    let http = world.portal.stranger();
    let question = http.post("/api/v1/auth/passkey/question", &json!({})).await.json();
    http.post("/api/v1/auth/session", &json!({ "passkey": passkey.show(&question) })).await
}

#[tokio::test]
async fn passkeys_that_are_not_right_are_refused() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    staff.confirm().await;
    let mut passkey = registered(&world, &staff, "").await;
    assert_eq!(by_passkey(&world, &mut passkey).await.status, 200);

    passkey.verifies = false;
    assert_eq!(by_passkey(&world, &mut passkey).await.status, 422, "nobody was looked at");
    passkey.verifies = true;
    let origin = std::mem::replace(&mut passkey.origin, "http://localhost.evil.example".into());
    assert_eq!(by_passkey(&world, &mut passkey).await.status, 422, "asked by another site");
    passkey.origin = origin;
    let site = std::mem::replace(&mut passkey.site, "evil.example".into());
    assert_eq!(by_passkey(&world, &mut passkey).await.status, 422, "made for another site");
    passkey.site = site;
    // The question of one browser, answered for somebody who is signed in: not what was asked.
    let question = staff.write("POST", "/api/v1/auth/second/question", &json!({})).await;
    let crossed = json!({ "passkey": passkey.show(&question) });
    assert_eq!(world.portal.stranger().post("/api/v1/auth/session", &crossed).await.status, 422);
    // A stranger's passkey, which was never added.
    let mut unknown = Authenticator::at(world.portal.url());
    unknown.make(&staff.write("POST", "/api/v1/auth/passkeys/question", &json!({})).await);
    assert_eq!(by_passkey(&world, &mut unknown).await.status, 422);

    let counter = passkey.counter;
    assert_eq!(by_passkey(&world, &mut passkey).await.status, 200, "still good");
    // A copy counts from where it was copied, and so gives itself away.
    passkey.counter = counter;
    let copied = by_passkey(&world, &mut passkey).await;
    assert_eq!(copied.status, 422);
    assert!(copied.text().contains("may have been copied"), "{}", copied.text());
    told_of(&world, &staff.email, "may have been copied").await;
}

/// A clock of its own would be needed to wait two weeks; the row that remembers the beginning is written old.
#[tokio::test]
async fn who_has_to_have_a_second_factor_may_put_it_off_for_two_weeks() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let factors = partner.read("/api/v1/auth/factors").await;
    let by: jiff::Timestamp = factors["enrol_by"].as_str().unwrap().parse().unwrap();
    let days = (by.as_second() - jiff_now().as_second()) as f64 / 86_400.0;
    assert!((13.9..=14.0).contains(&days), "{days} days");
    let staff = world.person("staff").await;
    assert!(staff.read("/api/v1/auth/factors").await.get("enrol_by").is_none(), "nobody asks staff here");

    taken_up_long_ago(&world, &partner).await;
    let late = world.portal.sign_in(&partner.email).await;
    let refused = late.get("/api/v1/clients").await;
    assert_eq!((refused.status, problem(&refused).as_str()), (403, "/problems/enrolment-required"));
    let page = late.http().raw("GET", "/firm/people", &[("accept", "text/html".into())], Vec::new()).await;
    assert_eq!((page.status, page.header("location")), (303, "/security/enrol?next=/firm/people"), "nowhere else");
    // Right after the link nothing more is asked for before enrolling.
    let waiting = token(&late);
    let offer = late.write("POST", "/api/v1/auth/factors/app", &json!({})).await;
    let app = App { seed: crypto::from_base32(offer["key"].as_str().unwrap()).unwrap() };
    late.write("PUT", "/api/v1/auth/factors/app", &json!({ "code": app.code(0) })).await;
    assert_ne!(token(&late), waiting);
    assert_eq!(late.get("/api/v1/clients").await.status, 200, "in, with two factors");
    assert_eq!(partner.get("/api/v1/clients").await.status, 200, "a session from before goes on");
}

/// Writes into the address's list that the membership was taken up fifteen days ago.
pub(crate) async fn taken_up_long_ago(world: &LawFirm, person: &Person) {
    let aws = Aws::connect().await;
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let table = format!("{}-identity", setting("PORTICO_PREFIX"));
    let pk = address_key(&aws, &person.email).await;
    let text = |value: String| AttributeValue::S(value);
    let ago = jiff_now() - jiff::SignedDuration::from_hours(15 * 24);
    dynamo
        .update_item()
        .table_name(&table)
        .key("pk", text(pk))
        .key("sk", text(format!("M#{}#FIRM", world.firm.id)))
        .update_expression("SET taken_up_at = :at")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":at", text(ago.to_string()))
        .send()
        .await
        .unwrap();
}

/// Under which an address is looked up: the key service makes it.
async fn address_key(aws: &Aws, email: &str) -> String {
    format!("E#{}", crypto::hex(&keyed_hash(aws, email).await))
}

/// What the portal's own key makes of a text.
pub(crate) async fn keyed_hash(aws: &Aws, text: &str) -> Vec<u8> {
    let kms = aws_sdk_kms::Client::new(aws.config());
    let keys = kms.list_keys().send().await.unwrap();
    for key in keys.keys() {
        let id = key.key_id().unwrap_or_default();
        let told = kms.describe_key().key_id(id).send().await.unwrap();
        let usage = told.key_metadata.and_then(|key| key.key_usage);
        if usage != Some(aws_sdk_kms::types::KeyUsageType::GenerateVerifyMac) {
            continue;
        }
        let mac = kms
            .generate_mac()
            .key_id(id)
            .mac_algorithm(aws_sdk_kms::types::MacAlgorithmSpec::HmacSha256)
            .message(aws_sdk_kms::primitives::Blob::new(text))
            .send()
            .await
            .unwrap();
        return mac.mac.unwrap().into_inner();
    }
    panic!("no key for addresses")
}

#[tokio::test]
async fn secrets_are_sealed_where_they_lie() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    staff.confirm().await;
    let offer = staff.write("POST", "/api/v1/auth/factors/app", &json!({})).await;
    let aws = Aws::connect().await;
    let table = format!("{}-identity", setting("PORTICO_PREFIX"));
    let row = aws.get(None, &table, &format!("P#{}", world.staff_id), "FACTORS").await.unwrap().unwrap();
    let printed = format!("{row:?}");
    let sealed = row["sealed"].as_b().unwrap();
    let key = offer["key"].as_str().unwrap();
    assert!(!printed.contains(key), "the key lies open");
    assert!(!sealed.as_ref().windows(key.len()).any(|part| part == key.as_bytes()));
    assert!(sealed.as_ref().starts_with(b"P1"), "sealed as everything is");
}

#[tokio::test]
async fn a_stolen_cookie_stops_within_one_request_of_signing_out_everywhere() {
    let world = LawFirm::open().await;
    let (desk, phone) = (world.person("staff").await, world.person("staff").await);
    let stolen = world.portal.resume(&desk.email, &desk.http().cookies());
    // Both have grants in the functions' caches.
    for _ in 0..3 {
        assert_eq!(stolen.get("/api/v1/clients").await.status, 200);
        assert_eq!(stolen.get(&format!("/api/v1/clients/{}/projects", world.acme)).await.status, 200);
    }
    let listed = phone.read("/api/v1/auth/sessions").await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{listed}");
    assert_eq!(items.iter().filter(|one| one["current"] == true).count(), 1);
    assert!(items.iter().all(|one| one["by"] == json!(["code"])), "{listed}");
    let everywhere = phone.http().send("DELETE", "/api/v1/auth/sessions", None).await;
    assert_eq!(everywhere.status, 204);
    assert_eq!(stolen.get(&format!("/api/v1/clients/{}/projects", world.acme)).await.status, 401, "the very next one");
    assert_eq!(stolen.get("/api/v1/clients").await.status, 401);
    assert_eq!(phone.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn one_session_or_all_others_can_be_ended() {
    let world = LawFirm::open().await;
    let (one, two, three) = (world.person("staff").await, world.person("staff").await, world.person("staff").await);
    let other = world.person("admin.acme").await;
    let id = |listed: &Value| {
        let items = listed["items"].as_array().unwrap();
        items.iter().find(|one| one["current"] == true).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let of_two = id(&two.read("/api/v1/auth/sessions").await);
    let foreign = other.http().send("DELETE", &format!("/api/v1/auth/sessions/{of_two}"), None).await;
    assert_eq!(foreign.status, 404, "somebody else's session is none");
    assert_eq!(one.http().send("DELETE", &format!("/api/v1/auth/sessions/{of_two}"), None).await.status, 204);
    assert_eq!(two.get("/api/v1/me").await.status, 401);
    assert_eq!(three.get("/api/v1/me").await.status, 200);
    assert_eq!(one.http().send("DELETE", "/api/v1/auth/other-sessions", None).await.status, 204);
    assert_eq!(three.get("/api/v1/me").await.status, 401);
    assert_eq!(one.get("/api/v1/me").await.status, 200);
    assert_eq!(other.get("/api/v1/me").await.status, 200, "nobody else's");
}

#[tokio::test]
async fn a_new_device_is_told_and_a_known_one_is_not() {
    let world = LawFirm::open().await;
    let email = world.address("member.acme");
    let news = || async {
        let mails = world.portal.mails(&email).await;
        mails.iter().filter(|mail| mail["subject"].as_str().unwrap_or_default().starts_with("New sign-in")).count()
    };
    let http = world.portal.stranger();
    asked_and_answered(&world, &http, &email).await;
    assert_eq!(news().await, 0, "the first one ever");
    // The same browser, after it signed out.
    assert_eq!(http.send("DELETE", "/api/v1/auth/session", None).await.status, 204);
    asked_and_answered(&world, &http, &email).await;
    assert_eq!(news().await, 0, "known");
    asked_and_answered(&world, &world.portal.stranger(), &email).await;
    until("a mail about a new device", || async { (news().await == 1).then_some(()) }).await;
}

/// What is done for an address that somebody has takes no longer than what is done for any other.
#[tokio::test]
async fn unknown_addresses_take_as_long_as_known_ones() {
    let world = LawFirm::open().await;
    let known = world.address("staff");
    let nobody = format!("nobody@{}.example", crate::world::fresh().to_lowercase());
    let least = std::time::Duration::from_millis(domain::limits::SIGN_IN_ANSWER_MILLISECONDS);
    for email in [&known, &nobody] {
        let http = world.portal.stranger();
        let asked = timed(http.post("/api/v1/auth/link", &json!({ "email": email }))).await;
        assert!(asked.1 >= least, "{email}: asking took {:?}", asked.1);
        let wrong = timed(http.post("/api/v1/auth/session", &json!({ "email": email, "code": "000000" }))).await;
        assert_eq!(wrong.0.status, 422, "{}", wrong.0.text());
        assert!(wrong.1 >= least, "{email}: refusing took {:?}", wrong.1);
        // Nothing in a question for a passkey is about anybody, and its refusal takes as long.
        let question = http.post("/api/v1/auth/passkey/question", &json!({})).await.json();
        let mut passkey = Authenticator::at(world.portal.url());
        let refused = timed(http.post("/api/v1/auth/session", &json!({ "passkey": passkey.show(&question) }))).await;
        assert_eq!(refused.0.status, 422);
        assert!(refused.1 >= least, "refusing a passkey took {:?}", refused.1);
    }
}

#[expect(clippy::disallowed_methods, reason = "how long an answer takes is what is looked at")]
async fn timed<T>(ask: impl Future<Output = T>) -> (T, std::time::Duration) {
    let began = std::time::Instant::now();
    let answer = ask.await;
    (answer, began.elapsed())
}

/// Of two firms' partners one alone cannot open a person's way into the other firm.
#[tokio::test]
async fn a_reset_holds_once_every_firm_of_the_person_has_ordered_it() {
    let (one, two, stranger) = (LawFirm::open().await, LawFirm::open().await, LawFirm::open().await);
    let email = one.address("staff");
    let new = testkit::firm::NewPerson { name: "Sam", email: &email, role: "staff", client: None, phone: None };
    let staff = one.person("staff").await;
    let (_, codes) = with_app(&staff).await;
    let mut passkey = registered(&one, &staff, "Lost").await;
    two.firm.invite(&new).await;
    let joined = one.portal.sign_in(&email).await;
    assert_eq!(second(&joined, &codes[0]).await.status, 200);
    let chosen = json!({ "membership": format!("{}.FIRM", two.firm.id) });
    assert_eq!(joined.post("/api/v1/auth/membership", &chosen).await.status, 200);
    // Taken up at the next sign-in and never used: whoever may invite has no say about the factors.
    stranger.firm.invite(&new).await;
    // What is read below is the newest mail.
    until("the stranger's invitation", || async {
        let mails = one.portal.mails(&email).await;
        let invites = |mail: &&Value| mail["text"].as_str().unwrap_or_default().contains("invited you");
        (mails.iter().filter(invites).count() == 3).then_some(())
    })
    .await;
    let waits = || async {
        let http = one.portal.stranger();
        asked_and_answered(&one, &http, &email).await.get("waits_for").cloned()
    };
    order_reset(&one, &one.staff_id).await;
    assert_eq!(waits().await, Some(json!("second_factor")), "only one of two");
    assert_eq!(by_passkey(&one, &mut passkey).await.status, 200);
    order_reset(&two, &one.staff_id).await;
    assert_eq!(by_passkey(&one, &mut passkey).await.status, 422, "whoever has it now");
    assert_eq!(waits().await, None, "both: the link alone lets in, once more");
    let fresh = one.portal.sign_in(&email).await;
    let membership = json!({ "membership": format!("{}.FIRM", one.firm.id) });
    assert_eq!(fresh.post("/api/v1/auth/membership", &membership).await.status, 200);
    let (_, codes) = with_app(&fresh).await;
    assert_eq!(waits().await, Some(json!("second_factor")), "an old order is spent");
    drop(codes);
}

/// As a partner's page does it.
async fn order_reset(world: &LawFirm, person: &str) {
    world.firm.partner.confirm().await;
    let path = format!("/api/v1/firm/people/{person}/factors/reset");
    world.firm.partner.write("POST", &path, &json!({})).await;
}
