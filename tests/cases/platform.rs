//! What operators do with firms: set one up, close it and open it again, see how much it uses. That they reach no content
//! is tried over every route; being admitted to a client in an emergency has a module of its own.

mod admissions;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::permissions::Reach;
use serde_json::{Value, json};
use testkit::portal::{Answer, Person, until};
use testkit::samples;
use web::Access;

use crate::access::{Things, call, functions};
use crate::faults::delivery::{Lambdas, failures};
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, confirmed_operator, fresh, jiff_now, operator, setting};

pub(crate) async fn page(person: &Person, path: &str) -> Answer {
    person.http().raw("GET", path, &[("accept", "text/html".to_owned())], Vec::new()).await
}

fn table(name: &str) -> String {
    format!("{}-{name}", setting("PORTICO_PREFIX"))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

#[tokio::test]
async fn a_firm_is_there_within_seconds_and_its_first_partner_is_invited() {
    let world = LawFirm::open().await;
    let operator = operator(&world.portal).await;
    let invited = until("the first partner's invitation", || async {
        let mails = world.portal.mails(&world.address("partner")).await;
        mails.into_iter().find(|mail| mail["subject"].as_str().unwrap_or_default().contains("invites you"))
    })
    .await;
    assert!(invited["text"].as_str().unwrap().contains("Hartwell & Pryce"), "{invited}");

    let path = format!("/api/v1/platform/firms/{}", world.firm.id);
    let found = operator.read(&path).await;
    assert_eq!((&found["firm"]["state"], &found["turns"]), (&json!("active"), &json!([])), "{found}");
    // Found by a part of its domain, and by nothing that it does not have.
    let stem = world.domain.trim_end_matches(".example");
    let listed = operator.read(&format!("/api/v1/platform/firms?q=HARTWELL+{stem}")).await;
    let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|firm| &firm["id"]).collect();
    assert_eq!(ids, [&json!(world.firm.id)], "{listed}");
    let nothing = page(&operator, &format!("/platform?q={stem}+nowhere")).await;
    assert!(nothing.text().contains("No firm of that name"), "{}", nothing.text());
    let shown = page(&operator, &format!("/platform/firms/{}", world.firm.id)).await.text();
    for words in ["America/New_York", "Eleanor Hartwell", "never been suspended", "Confirm that it is you"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
}

#[tokio::test]
async fn a_form_offers_choices_and_says_what_is_wrong_at_each_field() {
    let portal = crate::world::portal();
    let operator = operator(&portal).await;
    let form = page(&operator, "/platform/new").await.text();
    for words in ["<option value=\"America/New_York\" selected", "Burgundy", "name=\"packs\""] {
        assert!(form.contains(words), "{words} in {form}");
    }
    let cookies = operator.http().cookies();
    let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).unwrap();
    let csrf = crypto::SessionToken::parse(token).unwrap().form_token();
    let headers = [
        ("accept", "text/html".to_owned()),
        ("origin", portal.url().replace("127.0.0.1", "localhost")),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ];
    let body =
        format!("csrf={csrf}&once={}&name=Ames&zone=Mars&accent=%231d6b4f&partner_name=&partner_email=x", fresh());
    let answer = operator.http().raw("POST", "/platform/firms", &headers, body.into_bytes()).await;
    assert_eq!(answer.status, 422);
    let shown = answer.text();
    for field in ["domain", "zone", "packs", "partner_name", "partner_email"] {
        assert!(shown.contains(&format!("href=\"#{field}\"")), "{field} in {shown}");
    }
    assert!(shown.contains("value=\"Ames\""), "what was typed stays");
}

async fn state(operator: &Person, firm: &str, want: &str) {
    operator
        .read_until(&format!("/api/v1/platform/firms/{firm}"), |found| {
            (found["firm"]["state"] == want && found["firm"]["turning"].is_null()).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_suspended_firm_is_closed_at_the_next_request_and_comes_back_as_it_was() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &matter, "Other", "a.pdf", &samples::pdf("a", &["words"])).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let before = admin.read(&projects).await;
    let operator = confirmed_operator(&world.portal).await;
    let firm = &world.firm.id;
    let suspend = format!("/api/v1/platform/firms/{firm}/suspend");

    // Not without a fresh proof, and not without a reason.
    let reason = json!({ "reason": "The bill of May is not paid." });
    let unproven = crate::world::operator(&world.portal).await.post(&suspend, &reason).await;
    assert!(unproven.json()["type"].as_str().unwrap().ends_with("confirmation-required"), "{}", unproven.text());
    assert_eq!(operator.post(&suspend, &json!({ "reason": "why" })).await.status, 422);
    state(&operator, firm, "active").await;
    assert_eq!(operator.post(&suspend, &reason).await.status, 202);
    assert_eq!(operator.post(&suspend, &reason).await.status, 409, "it is ordered already, or done");
    state(&operator, firm, "suspended").await;

    // Everybody who was in is out: a cached grant, a partner, a page.
    let refused = admin.get(&projects).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.json()["type"].as_str().unwrap().ends_with("firm-suspended"), "{}", refused.text());
    assert_eq!(staff.get(&projects).await.status, 403);
    assert_eq!(world.firm.partner.get("/api/v1/firm/people").await.status, 403);
    let shown = page(&staff, "/").await;
    assert_eq!(shown.status, 403);
    assert!(shown.text().contains("This portal is suspended") && shown.text().contains("Ask"), "{}", shown.text());
    // Who signs in now is told the same.
    let late = world.person("staff2").await;
    assert!(page(&late, "/").await.text().contains("This portal is suspended"));

    // A notice that waits is not sent, by whichever way it comes.
    let address = world.address("admin.acme");
    let count = world.portal.mails(&address).await.len();
    let aws = Aws::connect().await;
    let silent = notice(&aws, &world, &document).await;
    deliver(&aws, &world, &silent).await;
    assert_eq!(world.portal.mails(&address).await.len(), count, "nobody of a suspended firm gets mail");

    assert_eq!(operator.post(&format!("/api/v1/platform/firms/{firm}/resume"), &json!({})).await.status, 202);
    state(&operator, firm, "active").await;
    assert_eq!(admin.read(&projects).await, before, "all is as it was, for the session that was kept out");
    assert_eq!(page(&late, "/").await.status, 200);
    let spoken = notice(&aws, &world, &document).await;
    deliver(&aws, &world, &spoken).await;
    world.portal.mail_after(&address, count).await;

    // The partner reads afterwards what was done, by whom and why.
    let chain = world.firm.partner.read("/api/v1/firm/audit").await;
    let acts: Vec<&str> =
        chain["items"].as_array().unwrap().iter().map(|event| event["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["firm.resumed", "firm.suspended"], "{chain}");
    assert_eq!(chain["items"][1]["actor"]["role"], "platform_admin", "{chain}");
    let told = world.firm.partner.read("/api/v1/firm/admissions").await;
    assert_eq!(told["turns"][1]["reason"], reason["reason"], "{told}");
    let shown = page(&world.firm.partner, "/firm/audit?of=firm").await.text();
    assert!(shown.contains("An operator of Portico") && shown.contains("suspended the firm"), "{shown}");
    // So can the operators, in a chain of their own.
    let own = rows_of(&aws, "platform", "begins_with(pk, :x)", "T#00000000000000000000000000#U#").await;
    let ordered = own.iter().filter(|row| row.contains("firm.turn_ordered") && row.contains(firm.as_str())).count();
    assert_eq!(ordered, 2);
}

/// Texts of all rows of a table that match, by the root key.
async fn rows_of(aws: &Aws, name: &str, filter: &str, x: &str) -> Vec<String> {
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let mut pages = dynamo
        .scan()
        .table_name(table(name))
        .filter_expression(filter)
        .expression_attribute_values(":x", text(x))
        .into_paginator()
        .items()
        .send();
    let mut rows = Vec::new();
    while let Some(row) = pages.next().await {
        rows.push(format!("{:?}", row.unwrap()));
    }
    rows
}

/// An outbox row as a change of the firm would have left it: staff filed a document for the client.
async fn notice(aws: &Aws, world: &LawFirm, document: &str) -> String {
    let id = fresh();
    let cause = json!({ "kind": "document_ready", "document": document, "by": world.staff_id, "by_client": false });
    let map = cause.as_object().unwrap().iter().map(|(name, value)| {
        let value = match value {
            Value::Bool(yes) => AttributeValue::Bool(*yes),
            other => text(other.as_str().unwrap()),
        };
        (name.clone(), value)
    });
    let dynamo = aws_sdk_dynamodb::Client::new(aws.config());
    let put = dynamo.put_item().table_name(table("data"));
    let pk = format!("T#{}#C#{}#OB", world.firm.id, world.acme);
    let put = put.item("pk", text(&pk)).item("sk", text(&format!("OB#{id}")));
    let put = put.item("cause", AttributeValue::M(map.collect())).item("at", text(&jiff_now().to_string()));
    put.send().await.unwrap();
    id
}

/// Brings the notice to the function that sends mails, as its queue would.
async fn deliver(aws: &Aws, world: &LawFirm, outbox: &str) {
    let lambdas = Lambdas::connect(aws).await;
    let queue = format!("{}-standard", setting("PORTICO_PREFIX"));
    let body = json!({ "v": 1, "firm": world.firm.id, "client": world.acme, "outbox": outbox });
    let event = json!({ "Records": [{
        "messageId": fresh(), "receiptHandle": "r", "body": body.to_string(), "attributes": {}, "messageAttributes": {},
        "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": lambdas.source(&queue), "awsRegion": "us-east-1",
    }]});
    let answer = lambdas.invoke("notification-delivery", &event).await.unwrap();
    assert!(failures(&answer).is_empty(), "{answer}");
}

#[tokio::test]
async fn usage_counts_what_is_there_and_says_nothing_else() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    let files = [samples::txt("one line of words"), samples::txt("two lines\nof words")];
    let bytes: usize = files.iter().map(Vec::len).sum();
    for (n, file) in files.iter().enumerate() {
        let document = admin.upload(&world.acme, &matter, "Other", &format!("secret {n}.txt"), file).await.id;
        assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    }
    let aws = Aws::connect().await;
    let lambdas = Lambdas::connect(&aws).await;
    let operator = operator(&world.portal).await;
    let path = format!("/api/v1/platform/firms/{}/usage", world.firm.id);
    // As the clock does it on the hour.
    let hour = jiff_now().strftime("%Y-%m-%dT%H:00:00Z").to_string();
    let tick = json!({
        "version": "0", "id": fresh(), "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
        "time": hour, "region": "us-east-1", "resources": [], "detail": {},
    });
    let day = until("the count of two documents", || async {
        // Another test may have left something that the sweep cannot do; the count is asked for all the same.
        let _answer = lambdas.invoke("schedules", &tick).await;
        let counted = operator.read(&path).await;
        (counted["items"][0]["documents"] == 2).then(|| counted["items"][0].clone())
    })
    .await;
    let numbers = ["people", "clients", "documents", "bytes"].map(|name| day[name].as_u64().unwrap());
    assert_eq!(numbers, [6, 2, 2, bytes as u64], "{day}");
    assert_eq!(day["day"].as_str().unwrap().len(), "2026-11-26".len(), "{day}");
    let listed = operator.read(&format!("/api/v1/platform/firms/{}", world.firm.id)).await;
    assert_eq!(listed["firm"]["usage"]["documents"], 2, "{listed}");

    // What the platform holds of it, and what it is counted from: nothing that anybody typed.
    let days = rows_of(&aws, "platform", "pk = :x", &format!("FIRM#{}", world.firm.id)).await;
    let counted_from = rows_of(&aws, "firm", "pk = :x", &format!("T#{}#V#usage", world.firm.id)).await;
    let days: Vec<&String> = days.iter().filter(|row| row.contains("USE#")).collect();
    assert!(!days.is_empty() && counted_from.len() == 2, "{days:?} {counted_from:?}");
    for row in days.into_iter().chain(&counted_from) {
        for word in ["Acme", "Birch", "secret", "Dunmore", "@"] {
            assert!(!row.contains(word), "{word} in {row}");
        }
    }
    // Somebody who left is not counted any more, and one who is in twice is counted once.
    let shown = page(&operator, &format!("/platform/firms/{}", world.firm.id)).await.text();
    assert!(shown.contains("6 people, 2 clients"), "{shown}");
}

#[tokio::test]
async fn no_route_leads_an_operator_to_content() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let project = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &project, "Other", "zebra.pdf", &samples::pdf("a", &["words"])).await.id;
    admin.settled(&world.acme, &document).await;
    let things = Things { client: world.acme.clone(), project, document, person: world.staff_id.clone() };
    let operator = confirmed_operator(&world.portal).await;
    let routes: Vec<web::Route> = functions().iter().flat_map(|routes| routes.table().to_vec()).collect();
    let mut tried = 0;
    for route in &routes {
        let Access::Needs(name) = route.access else { continue };
        if name.reach() == Reach::Platform {
            continue;
        }
        tried += 1;
        let answer = call(operator.http(), route, &things).await;
        let (method, path) = (&route.method, route.path);
        assert!(matches!(answer.status, 403 | 404), "{method} {path} answered an operator with {}", answer.status);
        for word in ["Acme", "Dunmore", "zebra", "Okafor"] {
            assert!(!answer.text().contains(word), "{method} {path} says {word} to an operator");
        }
    }
    assert!(tried > 60, "{tried}");
    // The vendors give an operator none of the roles that reach it.
    let aws = Aws::connect().await;
    for (reach, client) in [("client", true), ("objects", true), ("home", false), ("firm", false), ("audit", false)] {
        let vended = aws.vend(&operator, reach, client.then_some(world.acme.as_str())).await;
        assert!(vended.is_err(), "{reach}");
    }
    let keys = aws.vend(&operator, "platform", None).await.expect("an operator's own role");
    let pk = format!("T#{}#C#{}", world.firm.id, world.acme);
    let read = aws.get(Some(&keys), &table("data"), &pk, "PROFILE").await;
    assert!(read.unwrap_err().contains("AccessDenied"), "an operator's keys reach no client");
    let read = aws.get(Some(&keys), &table("firm"), &format!("T#{}", world.firm.id), "SETTINGS").await;
    assert!(read.unwrap_err().contains("AccessDenied"), "nor a firm");
    let own = aws.get(Some(&keys), &table("platform"), &format!("FIRM#{}", world.firm.id), "FIRM").await;
    assert!(own.unwrap().is_some(), "they reach the platform's own table, or nothing was proven");
}
