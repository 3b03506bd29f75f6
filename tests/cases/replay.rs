//! Replay: every call that handlers and workers made for one client is made again with their own roles, as it was and
//! about another client and another firm. What was theirs is allowed, what is not is refused, whatever the code checks.

mod recording;
mod swapping;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use domain::Role;
use serde_json::{Value, json};
use testkit::portal::until;
use testkit::samples;

use crate::faults::control::Control;
use crate::faults::kept::{Kept, partition};
use crate::isolation::vended::{Aws, REGION};
use crate::mails::Server;
use crate::replies::answered;
use crate::world::{LawFirm, counted, root, setting, volume};
use recording::{Recorded, recorded};
use swapping::{Swap, places, swapped};

/// Of them, those that name the partition of notes and documents that no client may read.
const INTERNAL_LEAST: usize = 4;
/// Calls of a day of one firm that are judged.
const CALLS_LEAST: usize = 500;

#[tokio::test]
async fn what_was_asked_for_one_client_is_refused_for_any_other() {
    let control = Control::open();
    let mark = control.mark().await;
    let server = Server::start();
    server.listening().await;
    let suffix = server.suffix();
    let (world, foreign) = tokio::join!(LawFirm::open_under(&suffix), LawFirm::open());
    a_day(&world, &server).await;
    let aws = Aws::connect().await;
    Kept::settled(&aws, &world.firm.id).await;
    let recorded = recorded(&control, mark, &world).await;
    let swaps = swaps(&aws, &world, &foreign).await;
    let of_client = recorded.of_client(&world.acme);
    assert!(of_client.len() >= 2, "sessions of a member and an admin: {of_client:?}");
    let calls: Vec<Value> = recorded.calls.iter().map(|call| question(call, &swaps, &of_client)).collect();
    let internal =
        calls.iter().flat_map(|call| call["foreign"].as_array().unwrap()).filter(|form| form["by"] == "role");
    let internal = internal.count();
    assert!(internal >= INTERNAL_LEAST, "{internal} calls about what the firm keeps to itself");
    let covered: BTreeSet<&str> = recorded.calls.iter().map(|call| call.call.function.as_str()).collect();
    for function in WORKERS.iter().chain(HANDLERS) {
        assert!(covered.contains(function), "nothing of {function} was recorded: {covered:?}");
    }
    let judged = judge(&aws, &json!(recorded.sessions), calls);
    let wrong: Vec<String> = judged["wrong"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), judged["own"], wrong.join("\n"));
    assert!(recorded.left_out <= recorded.calls.len(), "{} calls of unknown credentials", recorded.left_out);
    let (own, tried) = (judged["own"].as_u64().unwrap(), judged["foreign"].as_u64().unwrap());
    assert!(own >= CALLS_LEAST as u64, "{own} calls were recorded");
    assert!(tried >= own, "{tried} foreign forms of {own} calls");
    counted("recorded calls replayed, each allowed", usize::try_from(own).unwrap());
    counted("calls replayed about another client or firm, each refused", usize::try_from(tried).unwrap());
    counted("calls about what the firm keeps to itself, each refused to its client's people", internal);
}

const HANDLERS: &[&str] = &["projects", "documents", "firm", "messages"];
const WORKERS: &[&str] = &[
    "document-processing",
    "indexer",
    "mail-inbound",
    "notification-delivery",
    "people",
    "projector",
    "provisioner",
    "retention",
    "vending",
];

/// Something of each kind happens, and everybody of the firm looks at everything.
async fn a_day(world: &LawFirm, server: &Server) {
    let (staff, admin, member, partner) = tokio::join!(
        world.person("staff"),
        world.person("admin.acme"),
        world.person("member.acme"),
        world.person("partner"),
    );
    let matter = world.matter(&staff).await;
    let mut documents = Vec::new();
    for n in 0..volume(6, 2) {
        let bytes = samples::pdf("Lease", &[&format!("words {n}")]);
        documents.push(admin.upload(&world.acme, &matter, "Evidence", &format!("Lease {n}.pdf"), &bytes).await.id);
    }
    let talk = format!("/api/v1/clients/{}/messages/{matter}", world.acme);
    member.write("POST", &talk, &json!({ "text": "A question." })).await;
    staff.write("POST", &format!("{talk}/notes"), &json!({ "text": "For the firm only." })).await;
    answered(server, &world.address("staff"), "A question.", "An answer.").await;
    until("the answer by mail", || async {
        let said = staff.read(&talk).await;
        (said["items"].as_array().unwrap().len() == 2).then_some(())
    })
    .await;
    for document in &documents {
        assert_eq!(admin.settled(&world.acme, document).await["state"], "ready");
    }
    let (some, all) = (json!({ "documents": documents }), json!({ "list": {} }));
    tokio::join!(
        crate::documents::zips::made(&admin, &world.acme, &some),
        crate::documents::zips::made(&staff, &world.acme, &all),
    );
    let things = walk::Things {
        client: world.acme.clone(),
        project: matter.clone(),
        document: documents[0].clone(),
        person: world.staff_id.clone(),
    };
    tokio::join!(
        walk::everything(staff, Role::Staff, &things),
        walk::everything(admin, Role::ClientAdmin, &things),
        walk::everything(member, Role::ClientMember, &things),
        walk::everything(partner.clone(), Role::Partner, &things),
    );
    crate::retention::archived(world, &partner, &documents[0]).await;
}

/// The other client of the firm, and the other firm.
async fn swaps(aws: &Aws, world: &LawFirm, foreign: &LawFirm) -> [Swap; 2] {
    let wrapped = async |of: &LawFirm, client: &str| {
        let rows = partition(aws, "keys", &format!("T#{}#C#{client}", of.firm.id)).await;
        let field = |name: &str, kind: &str| rows[0][name][kind].as_str().unwrap().to_owned();
        (field("wrapped", "B"), field("key_id", "S"))
    };
    let (acme, birch, other_acme, other_birch) = (
        wrapped(world, &world.acme).await,
        wrapped(world, &world.birch).await,
        wrapped(foreign, &foreign.acme).await,
        wrapped(foreign, &foreign.birch).await,
    );
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let client = [(&world.acme, &world.birch), (&acme.0, &birch.0)];
    let client = client.iter().flat_map(|(one, other)| [pair(one, other), pair(other, one)]).collect();
    let firm = vec![
        pair(&world.firm.id, &foreign.firm.id),
        pair(&world.acme, &foreign.acme),
        pair(&world.birch, &foreign.birch),
        pair(&world.staff_id, &foreign.staff_id),
        pair(&acme.0, &other_acme.0),
        pair(&birch.0, &other_birch.0),
        pair(&acme.1, &other_acme.1),
    ];
    [Swap { by: "c", pairs: client }, Swap { by: "t", pairs: firm }]
}

/// A call, and the forms of it that reach where it must not. A role without the tag of a swap may reach that far.
fn question(recorded: &Recorded, swaps: &[Swap], of_client: &[usize]) -> Value {
    let call = &recorded.call;
    let mut foreign: Vec<Value> = swaps
        .iter()
        .filter_map(|swap| {
            let path = swapped(&call.path, &swap.pairs);
            let body = call.body.as_ref().map(|body| swapped(body, &swap.pairs));
            let moved = places(&call.service, &path, body.as_deref())
                != places(&call.service, &call.path, call.body.as_deref());
            moved.then(|| json!({ "by": swap.by, "path": path, "body": body }))
        })
        .collect();
    // As it was, by the client's own people.
    let is_internal = call.body.as_deref().is_some_and(|body| body.contains("#INT\""));
    if is_internal {
        foreign.push(json!({ "by": "role", "as": of_client, "path": call.path, "body": call.body }));
    }
    json!({
        "sessions": recorded.sessions, "service": call.service, "operation": call.operation, "method": call.method,
        "own": { "path": call.path, "body": call.body }, "foreign": foreign,
    })
}

fn judge(aws: &Aws, sessions: &Value, calls: Vec<Value>) -> Value {
    let place = BTreeMap::from([
        ("endpoint", setting("PORTICO_EMULATOR")),
        ("region", REGION.to_owned()),
        ("role_prefix", aws.role_prefix(&setting("PORTICO_PREFIX"))),
    ]);
    let mut python = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
    python.arg(root().join("tests/judges/replay.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    let question = json!({ "place": place, "sessions": sessions, "calls": calls });
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the judge failed");
    serde_json::from_slice(&output.stdout).unwrap()
}
