//! Being admitted to one client of a firm in an emergency: asked for with a reason, written down before it shows anything,
//! told to the partners at once, one client only, read only, and over when its time is or somebody ends it.

use std::collections::HashMap;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde_json::{Value, json};
use testkit::portal::{Person, until};
use testkit::samples;

use super::{page, table, text};
use crate::isolation::vended::{Aws, Keys};
use crate::world::{LawFirm, confirmed_operator, fresh, jiff_now, operator};

const ADMISSIONS: &str = "/api/v1/platform/admissions";

fn asked(world: &LawFirm, client: &str, minutes: &str) -> Value {
    json!({
        "firm": world.firm.id, "client": client, "reason": "Uploads stay unchecked since noon.", "ticket": "SUP-7",
        "minutes": minutes,
    })
}

/// Asks and waits until something can be read by it; the admission's id.
async fn open(world: &LawFirm, operator: &Person, client: &str) -> String {
    let answer = operator.write("POST", ADMISSIONS, &asked(world, client, "15")).await;
    let id = answer["admission"]["id"].as_str().unwrap().to_owned();
    operator.read_until(&format!("{ADMISSIONS}/{id}"), |shown| shown["client"].is_string().then_some(())).await;
    id
}

/// What the vendor of people's roles says to a request for an admission.
async fn vend(aws: &Aws, person: &Person, firm: &str, admission: &str) -> Result<Keys, Value> {
    let cookies = person.http().cookies();
    let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).expect("a session");
    let session = crypto::SessionToken::parse(token).expect("a session's token").hash();
    let of = json!({ "firm": firm, "admission": admission });
    let answer = aws.invoke("access", &json!([{ "session": session, "reach": "admission", "admission": of }])).await;
    let Some(granted) = answer[0].get("granted") else { return Err(answer) };
    let text = |name: &str| granted["keys"][name].as_str().unwrap_or_default().to_owned();
    Ok(Keys {
        id: text("key_id"),
        secret: text("secret"),
        token: text("token"),
        expires: text("expires").parse().unwrap(),
    })
}

async fn acts(world: &LawFirm) -> Vec<(u64, String)> {
    let chain = world.firm.partner.read(&format!("/api/v1/clients/{}/audit", world.acme)).await;
    let events = chain["items"].as_array().unwrap().iter();
    let mut acts: Vec<(u64, String)> =
        events.map(|event| (event["seq"].as_u64().unwrap(), event["act"].as_str().unwrap().to_owned())).collect();
    acts.sort();
    acts.retain(|(_, act)| act.starts_with("admission."));
    acts
}

#[tokio::test]
async fn it_is_written_down_and_told_before_it_shows_one_client_and_nothing_else() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &matter, "Other", "zebra.pdf", &samples::pdf("a", &["words"])).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let operator = confirmed_operator(&world.portal).await;
    let partner_mails = world.portal.mails(&world.address("partner")).await.len();

    // A fresh proof, a reason, a ticket and an hour at most.
    let unproven =
        crate::world::operator(&world.portal).await.post(ADMISSIONS, &asked(&world, &world.acme, "15")).await;
    assert!(unproven.json()["type"].as_str().unwrap().ends_with("confirmation-required"), "{}", unproven.text());
    for wrong in [
        asked(&world, &world.acme, "61"),
        json!({ "firm": world.firm.id, "client": world.acme, "reason": "", "ticket": "SUP-7", "minutes": "15" }),
        json!({ "firm": world.firm.id, "client": world.acme, "reason": "Uploads stay unchecked.", "ticket": "*", "minutes": "15" }),
    ] {
        assert_eq!(operator.post(ADMISSIONS, &wrong).await.status, 422, "{wrong}");
    }

    let id = open(&world, &operator, &world.acme).await;
    let shown = operator.read(&format!("{ADMISSIONS}/{id}")).await;
    assert_eq!(shown["client_name"], "Acme Industries", "{shown}");
    assert_eq!(shown["projects"][0]["name"], "Acme v. Dunmore", "{shown}");
    assert_eq!(shown["documents"][0]["name"], "zebra.pdf", "{shown}");
    let seen = page(&operator, &format!("/platform/admissions/{id}")).await;
    assert_eq!(seen.status, 200);
    assert!(seen.text().contains("zebra.pdf") && seen.text().contains("You are reading Acme"), "{}", seen.text());
    // Its event stands before each look, and each look has one.
    let acts = until("the mail's event", || async {
        let acts = acts(&world).await;
        acts.iter().any(|(_, act)| act == "admission.told").then_some(acts)
    })
    .await;
    assert_eq!(acts[0].1, "admission.opened", "{acts:?}");
    let looks = acts.iter().filter(|(_, act)| act == "admission.used").count();
    assert!(looks >= 3, "{acts:?}");

    // Every partner has a mail with who, what, until when and why; the firm's page says it too.
    let mail = world.portal.mail_after(&world.address("partner"), partner_mails).await;
    for words in ["Acme Industries", "SUP-7", "Uploads stay unchecked since noon.", "/firm/admissions"] {
        assert!(mail["text"].as_str().unwrap().contains(words), "{words} in {mail}");
    }
    assert!(
        world
            .portal
            .mails(&world.address("staff"))
            .await
            .iter()
            .all(|mail| mail["subject"] != "An operator of Portico can look at Acme Industries")
    );
    let told = world.firm.partner.read("/api/v1/firm/admissions").await;
    assert_eq!(
        (&told["items"][0]["open"], &told["items"][0]["client_name"]),
        (&json!(true), &json!("Acme Industries"))
    );
    let shown = page(&world.firm.partner, "/firm/admissions").await.text();
    assert!(shown.contains("can read Acme Industries now") && shown.contains("End it now"), "{shown}");
    assert_eq!(staff.get("/api/v1/firm/admissions").await.status, 403);

    // It opens no other door: neither the document nor the client's own pages.
    for path in [
        format!("/api/v1/clients/{}/documents/{document}", world.acme),
        format!("/api/v1/clients/{}/documents", world.acme),
        format!("/clients/{}/documents/{document}/download", world.acme),
    ] {
        assert!(matches!(operator.get(&path).await.status, 403 | 404), "{path}");
    }
    let aws = Aws::connect().await;
    let keys = vend(&aws, &operator, &world.firm.id, &id).await.expect("an open admission");
    reach(&aws, &world, &keys).await;
}

/// What AWS answers to the admission's own credentials, whatever the code would ask for.
async fn reach(aws: &Aws, world: &LawFirm, keys: &Keys) {
    let firm = &world.firm.id;
    let of = |client: &str, part: &str| format!("T#{firm}#C#{client}{part}");
    let own = aws.get(Some(keys), &table("data"), &of(&world.acme, ""), "PROFILE").await;
    assert!(own.unwrap().is_some(), "the one client's rows, or nothing was proven");
    for (name, pk, sk) in [
        ("data", of(&world.birch, ""), "PROFILE"),
        ("data", of(&world.acme, "#MSG"), "x"),
        ("data", of(&world.acme, "#BILL"), "x"),
        ("data", of(&world.acme, "#INT"), "x"),
        ("keys", of(&world.birch, ""), "DEK#1"),
        ("firm", format!("T#{firm}"), "SETTINGS"),
        ("firm", format!("T#{firm}#ADM"), "ADM#x"),
        ("audit", of(&world.acme, "#A"), "000000000001"),
    ] {
        let read = aws.get(Some(keys), &table(name), &pk, sk).await;
        assert!(read.as_ref().is_err_and(|why| why.contains("AccessDenied")), "{name} {pk}: {read:?}");
    }
    let vended = Credentials::new(&keys.id, &keys.secret, Some(keys.token.clone()), None, "admission");
    let config = aws.config().to_builder().credentials_provider(SharedCredentialsProvider::new(vended)).build();
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    let row = HashMap::from([("pk".to_owned(), text(&of(&world.acme, ""))), ("sk".to_owned(), text("PROJ#x"))]);
    let put = Put::builder().table_name(table("data")).set_item(Some(row)).build().unwrap();
    let write =
        dynamo.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build()).send().await;
    assert!(format!("{:?}", write.unwrap_err()).contains("AccessDenied"), "nothing is written by it");
    let object = aws.one_object(&format!("clean/t/{firm}/c/{}/", world.acme)).await;
    let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let bucket = crate::world::setting("PORTICO_BUCKET");
    let read = aws_sdk_s3::Client::from_conf(s3).get_object().bucket(bucket).key(object).send().await;
    assert!(format!("{:?}", read.unwrap_err()).contains("AccessDenied"), "no document leaves by it");
}

#[tokio::test]
async fn without_one_that_is_open_nothing_is_vended() {
    let world = LawFirm::open().await;
    let operator = confirmed_operator(&world.portal).await;
    let aws = Aws::connect().await;
    let refused = vend(&aws, &operator, &world.firm.id, &fresh()).await.unwrap_err();
    assert_eq!(refused[0]["refused"], "not_theirs", "{refused}");
    let id = open(&world, &operator, &world.acme).await;
    assert!(vend(&aws, &operator, &world.firm.id, &id).await.is_ok());
    // Under another firm's name, and by people of the firm, who have other roles.
    let refused = vend(&aws, &operator, &fresh(), &id).await.unwrap_err();
    assert_eq!(refused[0]["refused"], "not_theirs", "{refused}");
    for local in ["partner", "staff"] {
        let person = world.person(local).await;
        assert!(vend(&aws, &person, &world.firm.id, &id).await.is_err(), "{local}");
    }
    // Time passes: by the firm's row alone, which is what the vendor believes.
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let past = jiff_now().checked_sub(jiff::Span::new().seconds(1)).unwrap();
    let update = dynamo.update_item().table_name(table("firm"));
    let update = update.key("pk", text(&format!("T#{}#ADM", world.firm.id))).key("sk", text(&format!("ADM#{id}")));
    let update = update.update_expression("SET #u = :past").expression_attribute_names("#u", "until");
    update.expression_attribute_values(":past", AttributeValue::S(past.to_string())).send().await.unwrap();
    let refused = vend(&aws, &operator, &world.firm.id, &id).await.unwrap_err();
    assert_eq!(refused[0]["refused"], "not_theirs", "{refused}");
    assert_eq!(operator.get(&format!("{ADMISSIONS}/{id}")).await.status, 404);
    let shown = page(&operator, &format!("/platform/admissions/{id}")).await.text();
    assert!(shown.contains("Nothing can be read here") && !shown.contains("Acme"), "{shown}");
}

#[tokio::test]
async fn a_client_that_is_not_there_is_refused() {
    let (world, other) = tokio::join!(LawFirm::open(), LawFirm::open());
    let operator = confirmed_operator(&world.portal).await;
    // Another firm's client is none of this firm's.
    for client in [fresh(), other.acme.clone()] {
        let answer = operator.write("POST", ADMISSIONS, &asked(&world, &client, "15")).await;
        let id = answer["admission"]["id"].as_str().unwrap().to_owned();
        until("the refusal", || async {
            let list = operator.read(ADMISSIONS).await;
            let found = list["items"].as_array()?.iter().find(|row| row["id"] == id.as_str())?.clone();
            (found["state"] == "refused").then_some(())
        })
        .await;
        assert_eq!(operator.get(&format!("{ADMISSIONS}/{id}")).await.status, 404);
    }
    let told = world.firm.partner.read("/api/v1/firm/admissions").await;
    assert_eq!(told["items"], json!([]), "{told}");
}

#[tokio::test]
async fn a_partner_and_the_operator_each_end_it_at_once() {
    let world = LawFirm::open().await;
    let operator = confirmed_operator(&world.portal).await;
    let aws = Aws::connect().await;
    let partner = &world.firm.partner;
    let first = open(&world, &operator, &world.acme).await;
    let path = format!("/api/v1/firm/admissions/{first}/end");
    assert!(matches!(world.person("staff").await.post(&path, &json!({})).await.status, 403 | 404));
    let ended = partner.post(&path, &json!({})).await;
    assert_eq!((ended.status, &ended.json()["admission"]["ended_by"]), (200, &json!("partner")), "{}", ended.text());
    assert_eq!(operator.get(&format!("{ADMISSIONS}/{first}")).await.status, 404, "at the next request");
    assert!(vend(&aws, &operator, &world.firm.id, &first).await.is_err());
    assert_eq!(partner.post(&path, &json!({})).await.status, 200, "ending it twice is ending it once");
    // The operators' list follows.
    until("the operators' list", || async {
        let list = operator.read(ADMISSIONS).await;
        let row = list["items"].as_array()?.iter().find(|row| row["id"] == first.as_str())?.clone();
        (row["state"] == "ended" && row["ended_by"] == "partner").then_some(())
    })
    .await;

    let second = open(&world, &operator, &world.acme).await;
    assert_eq!(operator.post(&format!("{ADMISSIONS}/{second}/end"), &json!({})).await.status, 202);
    assert_eq!(operator.get(&format!("{ADMISSIONS}/{second}")).await.status, 404, "at the next request");
    until("the firm's list", || async {
        let told = partner.read("/api/v1/firm/admissions").await;
        let row = told["items"].as_array()?.iter().find(|row| row["id"] == second.as_str())?.clone();
        (row["ended_by"] == "operator").then_some(())
    })
    .await;
    assert!(vend(&aws, &operator, &world.firm.id, &second).await.is_err());
    let ended = acts(&world).await.iter().filter(|(_, act)| act == "admission.ended").count();
    assert_eq!(ended, 2, "each in the client's chain");
}

#[tokio::test]
async fn the_form_stands_where_the_operator_has_proven_who_it_is() {
    let world = LawFirm::open().await;
    let path = format!("/platform/admissions?firm={}", world.firm.id);
    let plain = operator(&world.portal).await;
    let shown = page(&plain, &path).await.text();
    assert!(shown.contains("/confirm?next=/platform/admissions") && !shown.contains("name=\"reason\""), "{shown}");
    let shown = page(&confirmed_operator(&world.portal).await, &path).await.text();
    assert!(shown.contains("name=\"reason\"") && shown.contains("60 minutes"), "{shown}");
}
