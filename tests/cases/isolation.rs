//! What a bug in a handler meets: credentials of the real vendors, the code's own checks left out.

mod vectors;
pub(crate) mod vended;

use std::process::Command;

use serde_json::Value;
use testkit::samples;

use crate::world::{LawFirm, jiff_now, setting};
use vended::{Aws, Keys};

/// Bugs of a handler that works for assigned staff.
const STAFF: &[&str] = &[
    "wrong_client_id",
    "firm_from_the_body",
    "scan",
    "query_language",
    "query_of_another",
    "index_of_everybody",
    "batch_with_one_foreign_key",
    "transaction_with_one_foreign_row",
    "write_outside_a_transaction",
    "batch_write",
    "audit_changed",
    "audit_deleted",
    "audit_of_another",
    "audit_read_by_a_handler",
    "assigns_itself",
    "home_of_another",
    "settings_of_the_firm",
    "wrapped_key_of_another",
    "outbox_of_another",
    "another_context",
    "no_context",
    "data_key_of_another",
    "upload_to_another",
    "assumes_a_role_itself",
    "asks_the_jobs_vendor",
];
/// Bugs of a handler that works for a client's member.
const MEMBER: &[&str] = &[
    "billing",
    "billing_written",
    "internal_notes",
    "internal_notes_written",
    "internal_document",
    "wrong_client_id",
    "query_of_another",
    "assigns_itself",
];
/// Bugs of a handler that hands out documents to a client's member.
const MEMBERS_OBJECTS: &[&str] = &["internal_object", "internal_index", "internal_listing", "object_of_another"];
/// Bugs of a handler that hands out documents.
const OBJECTS: &[&str] = &["object_of_another", "presigned_for_another", "listing_of_another"];

#[tokio::test]
async fn planted_bugs_are_refused_by_iam() {
    let (world, foreign) = tokio::join!(LawFirm::open(), LawFirm::open());
    let (staff, member) = (world.person("staff").await, world.person("member.acme").await);
    something_to_leak(&world).await;
    let aws = Aws::connect().await;
    let place = place(&aws, &world, &foreign).await;
    let keys = |person: &testkit::portal::Person, reach: &'static str| {
        let (aws, person, client) = (aws.clone(), person.clone(), world.acme.clone());
        async move { aws.vend(&person, reach, Some(&client)).await.expect("theirs, so it is vended") }
    };
    let (staff_keys, member_keys, object_keys, members_objects) = (
        keys(&staff, "client").await,
        keys(&member, "client").await,
        keys(&staff, "objects").await,
        keys(&member, "objects").await,
    );
    // The same credentials do reach what is theirs: a judge that refuses everything proves nothing.
    let profile = aws
        .get(Some(&staff_keys), &place["LEAKY_TABLE_DATA"], &format!("T#{}#C#{}", world.firm.id, world.acme), "PROFILE")
        .await;
    assert!(profile.expect("own row").is_some());
    let mut leaks = Vec::new();
    for (bugs, keys) in
        [(STAFF, &staff_keys), (MEMBER, &member_keys), (OBJECTS, &object_keys), (MEMBERS_OBJECTS, &members_objects)]
    {
        for bug in bugs {
            let outcome = plant(bug, keys, &place);
            if !outcome["refused"].is_string() {
                leaks.push(format!("{bug}: {outcome}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

pub(crate) type Place = std::collections::BTreeMap<&'static str, String>;

pub(crate) async fn place(aws: &Aws, world: &LawFirm, foreign: &LawFirm) -> Place {
    let prefix = setting("PORTICO_PREFIX");
    let partition = |client: &str| format!("T#{}#C#{client}", world.firm.id);
    let kept = |stage: &str| format!("{stage}/t/{}/c/{}/int/", world.firm.id, world.acme);
    let table_keys = format!("{prefix}-keys");
    let wrapped = async |client: &str| {
        let row = aws.get(None, &table_keys, &partition(client), "DEK#1").await.unwrap().expect("a wrapped key");
        (aws.blob(&row, "wrapped"), row["key_id"].as_s().unwrap().clone())
    };
    let ((own, key_id), (other, _)) = (wrapped(&world.acme).await, wrapped(&world.birch).await);
    Place::from([
        ("LEAKY_FIRM", world.firm.id.clone()),
        ("LEAKY_CLIENT", world.acme.clone()),
        ("LEAKY_OTHER_CLIENT", world.birch.clone()),
        ("LEAKY_FOREIGN_FIRM", foreign.firm.id.clone()),
        ("LEAKY_FOREIGN_CLIENT", foreign.acme.clone()),
        ("LEAKY_PERSON", world.staff_id.clone()),
        ("LEAKY_OTHER_PERSON", world.staff2_id.clone()),
        ("LEAKY_TABLE_DATA", format!("{prefix}-data")),
        ("LEAKY_TABLE_FIRM", format!("{prefix}-firm")),
        ("LEAKY_TABLE_AUDIT", format!("{prefix}-audit")),
        ("LEAKY_TABLE_KEYS", table_keys.clone()),
        ("LEAKY_BUCKET", setting("PORTICO_BUCKET")),
        ("LEAKY_FN_ACCESS_JOBS", format!("{prefix}-access-jobs")),
        ("LEAKY_ROLE_PREFIX", aws.role_prefix(&prefix)),
        ("LEAKY_OTHER_OBJECT", aws.one_object(&format!("clean/t/{}/c/{}/", world.firm.id, world.birch)).await),
        ("LEAKY_INTERNAL_ROW", format!("DOC#{}", aws.one_object(&kept("clean")).await.rsplit('/').nth(1).unwrap())),
        ("LEAKY_INTERNAL_OBJECT", aws.one_object(&kept("clean")).await),
        ("LEAKY_INTERNAL_INDEX", aws.one_object(&kept("index")).await),
        ("LEAKY_WRAPPED", own),
        ("LEAKY_OTHER_WRAPPED", other),
        ("LEAKY_KEY_ID", key_id),
    ])
}

/// A matter with a document, of the other client; and of the first a document that the firm keeps to itself.
pub(crate) async fn something_to_leak(world: &LawFirm) {
    let (birch, partner) = (world.person("admin.birch").await, world.person("partner").await);
    let body = serde_json::json!({ "name": "Birch v. Cole", "pack": "litigation" });
    let made = partner.write("POST", &format!("/api/v1/clients/{}/projects", world.birch), &body).await;
    let matter = crate::world::id_of(&made, "project");
    let document = birch.upload(&world.birch, &matter, "Other", "secret.pdf", &samples::pdf("s", &["secret"])).await.id;
    assert_eq!(birch.settled(&world.birch, &document).await["state"], "ready");
    let staff = world.person("staff").await;
    let bytes = samples::pdf("k", &["keptword"]);
    let kept = serde_json::json!({
        "name": "kept.pdf", "size_bytes": bytes.len(), "project": world.matter(&staff).await, "category": "Other",
        "visibility": "firm",
    });
    let ticket = staff.write("POST", &format!("/api/v1/clients/{}/documents", world.acme), &kept).await;
    staff.send_file(&ticket["upload"], "kept.pdf", &bytes).await;
    let search = format!("/api/v1/clients/{}/search?q=keptword", world.acme);
    staff.read_until(&search, |answer| answer["hits"][0]["id"].as_str().map(|_| ())).await;
}

pub(crate) fn plant(bug: &str, keys: &Keys, place: &Place) -> Value {
    let mut leaky = Command::new(env!("CARGO_BIN_EXE_leaky"));
    leaky.arg(bug).envs(place).env("AWS_ENDPOINT_URL", setting("PORTICO_EMULATOR")).env("AWS_REGION", vended::REGION);
    leaky
        .env("AWS_ACCESS_KEY_ID", &keys.id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret)
        .env("AWS_SESSION_TOKEN", &keys.token);
    let output = leaky.output().unwrap();
    assert!(output.status.success(), "{bug}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a firm takes from or grants to one person is carried by IAM, where IAM can.
#[tokio::test]
async fn what_a_person_may_not_do_is_refused_by_iam() {
    use domain::PermissionName::{self, ViewFirm, ViewInternal, ViewInvoices, WriteInternal};
    use domain::permissions::Adjusted;

    let (world, foreign) = tokio::join!(LawFirm::open(), LawFirm::open());
    let (staff, member, admin) =
        (world.person("staff").await, world.person("member.acme").await, world.person("admin.acme").await);
    something_to_leak(&world).await;
    let aws = Aws::connect().await;
    let place = place(&aws, &world, &foreign).await;
    let (data, firm) = (&place["LEAKY_TABLE_DATA"], &place["LEAKY_TABLE_FIRM"]);
    let (own, of_firm) = (format!("T#{}#C#{}", world.firm.id, world.acme), format!("T#{}", world.firm.id));
    let id = async |person: &testkit::portal::Person| {
        person.read("/api/v1/me").await["person"]["id"].as_str().unwrap().to_owned()
    };
    let (member_id, admin_id) = (id(&member).await, id(&admin).await);
    let granted = |name: PermissionName| Adjusted { granted: [name].into(), ..Adjusted::default() };
    let without =
        |names: &[PermissionName]| Adjusted { removed: names.iter().copied().collect(), ..Adjusted::default() };
    let refused = |keys: &Keys, bugs: &[&str], who: &str| {
        for bug in bugs {
            let outcome = plant(bug, keys, &place);
            assert!(outcome["refused"].is_string(), "{bug} by {who}: {outcome}");
        }
    };
    let reads = async |keys: &Keys, table: &str, pk: &str, who: &str| {
        let answer = aws.get(Some(keys), table, pk, "LEAKY").await;
        assert!(answer.is_ok(), "{pk} by {who}: {answer:?}");
    };
    let client = async |person: &testkit::portal::Person| aws.vend(person, "client", Some(&world.acme)).await.unwrap();

    // Money.
    let bill = format!("{own}#BILL");
    refused(&client(&member).await, &["billing", "billing_written"], "a member");
    aws.adjust(&world.firm.id, &member_id, &world.acme, &granted(ViewInvoices)).await;
    reads(&client(&member).await, data, &bill, "a member who was granted invoices").await;
    refused(&client(&member).await, &["internal_notes", "internal_notes_written"], "a member with invoices");
    reads(&client(&admin).await, data, &bill, "an admin").await;
    let billing: Vec<PermissionName> = PermissionName::ALL.iter().copied().filter(|name| name.is_billing()).collect();
    aws.adjust(&world.firm.id, &admin_id, &world.acme, &without(&billing)).await;
    refused(&client(&admin).await, &["billing", "billing_written"], "an admin without money");
    aws.adjust(&world.firm.id, &world.staff_id, "FIRM", &without(&billing)).await;
    refused(&client(&staff).await, &["billing", "billing_written"], "staff without money");
    reads(&client(&staff).await, data, &format!("{own}#INT"), "staff without money").await;

    // Internal notes; who has seen what stays readable, since views are written down there.
    aws.adjust(&world.firm.id, &world.staff_id, "FIRM", &without(&[ViewInternal, WriteInternal])).await;
    refused(&client(&staff).await, &["internal_notes", "internal_notes_written"], "staff without internal notes");
    reads(&client(&staff).await, data, &bill, "staff without internal notes").await;
    reads(&client(&staff).await, data, &format!("{own}#SEEN"), "staff without internal notes").await;

    // The firm's views, and nothing else of the firm.
    assert!(aws.vend(&staff, "firm", None).await.is_err(), "no view of the firm for staff");
    aws.adjust(&world.firm.id, &world.staff_id, "FIRM", &granted(ViewFirm)).await;
    let views = aws.vend(&staff, "firm", None).await.unwrap();
    reads(&views, firm, &format!("{of_firm}#V#clients"), "staff with the firm's views").await;
    let beyond =
        ["settings_of_the_firm", "home_of_another", "assigns_itself", "views_written", "billing", "wrong_client_id"];
    refused(&views, &beyond, "staff with the firm's views");
    aws.adjust(&world.firm.id, &world.staff_id, "FIRM", &Adjusted::default()).await;
    assert!(aws.vend(&staff, "firm", None).await.is_err(), "taken back");
}

#[tokio::test]
async fn vendors_give_nothing_to_those_whose_it_is_not() {
    let (world, other) = tokio::join!(LawFirm::open(), LawFirm::open());
    let aws = Aws::connect().await;
    let refused = async |person: &testkit::portal::Person, reach: &'static str, client: Option<&str>, what: &str| {
        let answer = aws.vend(person, reach, client).await;
        assert!(answer.is_err(), "{what} was vended");
    };
    let staff2 = world.person("staff2").await;
    refused(&staff2, "client", Some(&world.acme), "a client without an assignment").await;
    refused(&staff2, "objects", Some(&world.acme), "objects without an assignment").await;
    refused(&staff2, "firm", None, "the firm to staff").await;
    refused(&staff2, "audit", None, "the audit to staff").await;
    refused(&staff2, "platform", None, "the platform to staff").await;
    let birch = world.person("admin.birch").await;
    refused(&birch, "client", Some(&world.acme), "another company to a client's admin").await;
    refused(&birch, "firm", None, "the firm to a client's admin").await;
    let partner = other.person("partner").await;
    refused(&partner, "client", Some(&world.acme), "a client of another firm to a partner").await;
    refused(&partner, "platform", None, "the platform to a partner").await;
}

#[tokio::test]
async fn a_worker_gets_nothing_for_ids_that_no_row_names() {
    let world = LawFirm::open().await;
    let aws = Aws::connect().await;
    let forged = crate::world::fresh();
    for fact in [
        serde_json::json!({ "kind": "upload", "firm": world.firm.id, "client": world.acme, "document": forged }),
        serde_json::json!({ "kind": "outbox", "firm": world.firm.id, "client": world.acme, "outbox": forged }),
        serde_json::json!({ "kind": "client", "firm": world.firm.id, "client": forged }),
        serde_json::json!({ "kind": "digest", "firm": world.firm.id, "person": world.staff_id, "at": jiff_now() }),
        serde_json::json!({ "kind": "order", "firm": world.firm.id, "order": forged }),
        serde_json::json!({ "kind": "firm", "firm": forged }),
    ] {
        let job = match fact["kind"].as_str().unwrap() {
            "upload" => "DocumentProcessing",
            "outbox" => "NotificationDelivery",
            "digest" => "Digest",
            "client" => "Projector",
            "order" => "People",
            _ => "Provisioner",
        };
        let answer = aws.invoke("access-jobs", &serde_json::json!({ "job": job, "fact": fact })).await;
        assert_eq!(answer, serde_json::json!("no_open_row"), "{fact}");
    }
}

#[tokio::test]
async fn credentials_end_within_a_quarter_of_an_hour() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let keys = Aws::connect().await.vend(&staff, "client", Some(&world.acme)).await.unwrap();
    let left = keys.expires.as_second() - jiff_now().as_second();
    assert!((1..=900).contains(&left), "{left} s");
}
