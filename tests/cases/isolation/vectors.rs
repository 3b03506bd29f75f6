//! The policies, judged twice: by a simulator and by the emulator, which were written by different people.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::vended::{Aws, REGION};
use crate::world::{LawFirm, counted, root, setting};

fn cases() -> Value {
    let text = std::fs::read_to_string(root().join("tests/vectors/cases.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn judge(command: &mut Command, question: &Value) -> Value {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the judge failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn check(judged: &Value, at_least: u64) {
    let wrong: Vec<String> = judged["wrong"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), judged["judged"], wrong.join("\n"));
    assert!(judged["judged"].as_u64().unwrap() >= at_least, "{}", judged["judged"]);
}

fn simulator() -> Command {
    let mut node = Command::new("node");
    node.arg(root().join("tests/judges/simulator.mjs")).arg(root());
    node.env("PORTICO_NODE_MODULES", setting("PORTICO_NODE_MODULES"));
    node
}

#[test]
fn the_simulator_judges_every_vector_as_aws_would() {
    check(&judge(&mut simulator(), &cases()), 749);
    counted("policy vectors judged by the simulator, all as AWS would", 749);
}

#[test]
fn the_simulator_notices_a_leak() {
    // The wrong policies' leaks, turned into wishes that a faithful judge must disappoint.
    let mut vectors = cases();
    let leaks = vectors["cases"].as_array_mut().unwrap();
    leaks.retain(|case| case["note"] == "leak on purpose");
    for leak in leaks.iter_mut() {
        leak["want"] = json!("deny");
    }
    let count = leaks.len();
    assert!(count >= 5, "{count}");
    assert_eq!(judge(&mut simulator(), &vectors)["wrong"].as_array().unwrap().len(), count);
}

#[tokio::test]
async fn the_emulator_judges_the_vectors_alike() {
    let (one, two) = tokio::join!(LawFirm::open(), LawFirm::open());
    let aws = Aws::connect().await;
    let prefix = setting("PORTICO_PREFIX");
    let key = async |world: &LawFirm| {
        let row = aws.get(None, &format!("{prefix}-firm"), &format!("T#{}#PUB", world.firm.id), "BRAND").await;
        row.unwrap().expect("the firm's brand")["key_arn"].as_s().unwrap().clone()
    };
    let keys = BTreeMap::from([(one.firm.id.clone(), key(&one).await), (two.firm.id.clone(), key(&two).await)]);
    let ids = BTreeMap::from([
        ("t1", one.firm.id.clone()),
        ("t2", two.firm.id.clone()),
        ("c7", one.acme.clone()),
        ("c8", one.birch.clone()),
    ]);
    let place = json!({
        "endpoint": setting("PORTICO_EMULATOR"), "region": REGION, "prefix": prefix, "bucket": setting("PORTICO_BUCKET"),
        "role_prefix": aws.role_prefix(&prefix), "ids": ids, "keys": keys,
    });
    let mut python = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
    python.arg(root().join("tests/judges/emulator.py")).arg(root());
    let judged = judge(&mut python, &json!({ "vectors": cases(), "place": place }));
    check(&judged, 663);
    let count = usize::try_from(judged["judged"].as_u64().unwrap()).unwrap();
    counted("policy vectors judged by the emulator, all as AWS would", count);
}
