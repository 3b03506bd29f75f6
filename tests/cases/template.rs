//! The template against the code: every route is caught by exactly one event of its own function, every function has
//! its role, log and alarms, every queue its dead letters, and no policy says more than it may.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use domain::limits::QUEUE_TRIES_MAX;
use serde_json::Value;

use crate::world::root;

/// `Allow` on every resource, and why: (Sid, action).
const ALLOWED_EVERYWHERE: &[(&str, &str)] = &[
    // A phone number is no resource; topics are denied beside it.
    ("Sms", "sns:Publish"),
    // A key that is made has no name yet; the request must carry the firm's tag.
    ("CreateFirmKey", "kms:CreateKey"),
    // A page's picture is sent with the request, and nothing of ours is named.
    ("ReadBySight", "textract:DetectDocumentText"),
];

/// Never granted to anybody.
const NEVER: &[&str] = &["dynamodb:Scan", "dynamodb:PartiQL", "dynamodb:Export"];

#[test]
fn every_route_is_caught_by_exactly_one_event_of_its_own_function() {
    let events = events();
    assert!(events.len() > 20, "{events:?}");
    let mut wrong = Vec::new();
    for routes in crate::access::functions() {
        for route in routes.table() {
            let caught: Vec<&(String, String)> =
                events.iter().filter(|(_, pattern)| catches(pattern, route.path)).collect();
            let owners: Vec<&str> = caught.iter().map(|(function, _)| function.as_str()).collect();
            if owners != [route.function] {
                wrong.push(format!("{} {} of {} is caught by {caught:?}", route.method, route.path, route.function));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Who has an address is swept: a function that is left out of the sweep is missing here.
    let called: BTreeSet<&str> = events.iter().map(|(function, _)| function.as_str()).collect();
    let functions = crate::access::functions();
    let swept: BTreeSet<&str> = functions.iter().map(web::Routes::function).collect();
    assert_eq!(called, swept);
}

/// (function, path) of each HTTP event, read from the lines of the stack.
fn events() -> Vec<(String, String)> {
    let text = read("infra/api.yaml");
    let mut function = String::new();
    let mut events = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.trim().strip_prefix("FunctionName: !Sub '${StackPrefix}-") {
            name.trim_end_matches('\'').clone_into(&mut function);
        }
        if let Some((_, path)) = line.split_once("Type: HttpApi,").and_then(|(_, rest)| rest.split_once("Path: '")) {
            events.push((function.clone(), path.split('\'').next().unwrap_or_default().to_owned()));
        }
    }
    events
}

fn catches(pattern: &str, path: &str) -> bool {
    let mut have = path.split('/');
    for part in pattern.split('/') {
        if part.ends_with("+}") {
            // Greedy: one part or more.
            return have.next().is_some_and(|first| !first.is_empty());
        }
        let Some(found) = have.next() else { return false };
        if !part.starts_with('{') && part != found {
            return false;
        }
    }
    have.next().is_none()
}

#[test]
fn patterns_catch_as_the_api_does() {
    for (pattern, path, want) in [
        ("/", "/", true),
        ("/clients/{client}", "/clients/{client}", true),
        ("/clients/{client}", "/clients/{client}/projects", false),
        ("/clients/{client}/projects/{rest+}", "/clients/{client}/projects/{project}/edit", true),
        ("/clients/{client}/projects/{rest+}", "/clients/{client}/projects", false),
        ("/firm/{rest+}", "/firmware/x", false),
    ] {
        assert_eq!(catches(pattern, path), want, "{pattern} {path}");
    }
}

#[test]
fn every_function_has_its_binary_role_log_and_alarms() {
    let stacks = [read("infra/api.yaml"), read("infra/schedules.yaml")].join("\n");
    let roles: BTreeMap<String, Value> = serde_json::from_str(&read("infra/policies/roles.json")).unwrap();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root().join("functions")).unwrap() {
        names.insert(entry.unwrap().file_name().into_string().unwrap());
    }
    assert!(names.len() >= 15, "{names:?}");
    for name in &names {
        for piece in [
            format!("FunctionName: !Sub '${{StackPrefix}}-{name}'"),
            format!("CodeUri: ../target/lambda/{name}/"),
            format!("Role: !Sub 'arn:aws:iam::${{AWS::AccountId}}:role/${{StackPrefix}}-fn-{name}'"),
            format!("LogGroupName: !Sub '/aws/lambda/${{StackPrefix}}-{name}', RetentionInDays: "),
            format!("AlarmName: !Sub '${{StackPrefix}}-{name}-errors'"),
            format!("AlarmName: !Sub '${{StackPrefix}}-{name}-throttles'"),
        ] {
            assert!(stacks.contains(&piece), "functions/{name}: the template lacks {piece}");
        }
        assert!(roles.contains_key(&format!("fn-{name}")), "functions/{name} has no execution role");
    }
    let deployed = stacks.lines().filter(|line| line.contains("Type: AWS::Serverless::Function")).count();
    assert_eq!(deployed, names.len());
}

#[test]
fn queues_have_dead_letters_with_alarms_and_workers_answer_per_message() {
    let queues = read("infra/queues.yaml");
    let names: Vec<&str> = queues
        .lines()
        .filter_map(|line| line.trim().strip_prefix("QueueName: !Sub '${StackPrefix}-"))
        .map(|name| name.trim_end_matches('\''))
        .collect();
    assert!(names.len() >= 14, "{names:?}");
    for name in &names {
        let plain = name.trim_end_matches(".fifo");
        if plain.ends_with("-dead") {
            assert!(queues.contains(&format!("AlarmName: !Sub '${{StackPrefix}}-{plain}'")), "{name} has no alarm");
        } else {
            let dead = name.replace(plain, &format!("{plain}-dead"));
            assert!(names.contains(&dead.as_str()), "{name} has no dead letters");
        }
    }
    let redrives =
        queues.lines().filter(|line| line.contains(&format!("maxReceiveCount: {QUEUE_TRIES_MAX} }}"))).count();
    assert_eq!(redrives, names.iter().filter(|name| !name.contains("-dead")).count());
    let workers = read("infra/schedules.yaml");
    let mapped = workers.lines().filter(|line| ["Type: SQS", "Type: DynamoDB"].contains(&line.trim())).count();
    let partial = workers.lines().filter(|line| line.contains("ReportBatchItemFailures")).count();
    assert!(mapped >= 8 && mapped == partial, "{mapped} mappings, {partial} answer per message");
}

#[test]
fn policies_allow_no_more_than_the_pinned_list_on_everything() {
    for (file, statement) in statements() {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let everything = list(&statement["Resource"]).iter().any(|resource| resource == "*");
        let actions = list(&statement["Action"]);
        if statement["Effect"] == "Allow" && everything && !file.starts_with("key-policy") {
            for action in &actions {
                assert!(ALLOWED_EVERYWHERE.contains(&(sid, action)), "{file}: {sid} allows {action} everywhere");
            }
        }
        if statement["Effect"] == "Allow" {
            for action in &actions {
                assert!(!NEVER.iter().any(|never| action.starts_with(never)), "{file}: {sid} allows {action}");
            }
            for resource in list(&statement["Resource"]) {
                assert!(!resource.contains("/index/*"), "{file}: {sid} allows every index");
            }
        }
    }
}

#[test]
fn every_grant_on_a_tenant_table_names_leading_keys_and_guards_their_absence() {
    let tables = ["-data", "-firm", "-keys", "-audit", "-identity"];
    let mut seen = 0;
    for (file, statement) in statements() {
        let actions = list(&statement["Action"]);
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let tenant = list(&statement["Resource"]).iter().any(|resource| {
            resource.contains(":table/")
                && !resource.contains("/stream/")
                && tables.iter().any(|table| resource.contains(table))
        });
        if statement["Effect"] != "Allow" || !tenant {
            continue;
        }
        seen += 1;
        let conditions = statement["Condition"].to_string();
        assert!(conditions.contains("dynamodb:LeadingKeys"), "{file}: {sid} names no leading keys");
        assert_eq!(statement["Condition"]["Null"]["dynamodb:LeadingKeys"], "false", "{file}: {sid} has no guard");
        for key in list_in(&statement["Condition"], "dynamodb:LeadingKeys") {
            assert!(
                key.len() < 2 || !key.ends_with('*') || key.ends_with("#*"),
                "{file}: {sid}: {key} has no delimiter before its wildcard"
            );
        }
        if file.contains("audit") || list(&statement["Resource"]).iter().any(|resource| resource.ends_with("-audit")) {
            for action in &actions {
                assert!(
                    !action.contains("Update") && !action.contains("Delete"),
                    "{file}: {sid} may {action} the audit"
                );
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn tables_and_buckets_keep_what_they_promise() {
    let data = read("infra/data.yaml");
    for (promise, least) in [
        ("PointInTimeRecoveryEnabled: true", 6),
        ("DeletionPolicy: Retain", 8),
        ("SSEEnabled: true", 6),
        ("BlockPublicPolicy: true", 2),
        ("BucketKeyEnabled: false", 1),
        ("Mode: COMPLIANCE", 1),
        ("s3:TlsVersion: '1.3'", 1),
    ] {
        let found = data.lines().filter(|line| line.contains(promise)).count();
        assert!(found >= least, "{promise}: {found}, expected {least}");
    }
    assert!(
        !data.contains("AWS::DynamoDB::GlobalTable") && data.matches("IndexName:").count() == 2,
        "no other index than `work`"
    );
}

fn statements() -> Vec<(String, Value)> {
    let mut statements = Vec::new();
    for entry in fs::read_dir(root().join("infra/policies")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let policy: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        if let Some(all) = policy["Statement"].as_array() {
            statements.extend(all.iter().map(|statement| (name.clone(), statement.clone())));
        }
    }
    assert!(statements.len() > 150, "{}", statements.len());
    statements
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn list_in(conditions: &Value, key: &str) -> Vec<String> {
    let operators = conditions.as_object().into_iter().flatten();
    operators.filter(|(operator, _)| *operator != "Null").flat_map(|(_, keys)| list(&keys[key])).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}
