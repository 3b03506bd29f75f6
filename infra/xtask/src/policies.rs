//! `infra/access.yaml`: the roles of the deployment, rendered from `infra/policies/*.json`.
//!
//! The JSON files are the one source for the template, the simulator and the emulator's tests.
//! CloudFormation can include JSON from S3 only, so the stack file is rendered and committed, and
//! `cargo xtask check` compares it with a fresh rendering.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::Path;

use serde_json::Value;

use crate::place::Place;
use crate::stop::{At, Stop};

/// Writes `infra/access.yaml`.
pub(crate) fn render(place: &Place) -> Result<(), Stop> {
    let target = place.root.join("infra/access.yaml");
    let text = rendered(&place.root)?;
    std::fs::write(&target, text).at(&target)
}

/// Fails when `infra/access.yaml` is not what the policies say.
pub(crate) fn check(place: &Place) -> Result<(), Stop> {
    let path = place.root.join("infra/access.yaml");
    let found = std::fs::read_to_string(&path).at(&path)?;
    if found == rendered(&place.root)? {
        return Ok(());
    }
    Err(Stop::Found("infra/access.yaml is not what infra/policies say: cargo xtask render-policies".into()))
}

fn rendered(root: &Path) -> Result<String, Stop> {
    let folder = root.join("infra/policies");
    let index = folder.join("roles.json");
    let roles: BTreeMap<String, Value> = match read(&index)? {
        Value::Object(entries) => entries.into_iter().collect(),
        _ => return Err(Stop::Content { path: index, why: "an object of roles is expected".into() }),
    };

    let mut out = String::from(HEAD);
    for (name, entry) in &roles {
        let trust = entry["trust"].as_str().ok_or_else(|| malformed(&index, name, "trust"))?;
        let policies = entry["policies"].as_array().ok_or_else(|| malformed(&index, name, "policies"))?;
        let trust = read(&folder.join(format!("{trust}.json")))?;

        put(&mut out, format_args!("  {}:", logical(name)));
        put(&mut out, format_args!("    Type: AWS::IAM::Role"));
        // IAM refuses a trust in a role that does not exist yet.
        if let Some(vendor) = trusted_role(&trust) {
            put(&mut out, format_args!("    DependsOn: {}", logical(&vendor)));
        }
        put(&mut out, format_args!("    Properties:"));
        put(&mut out, format_args!("      RoleName: !Sub '${{StackPrefix}}-{name}'"));
        put(&mut out, format_args!("      AssumeRolePolicyDocument:"));
        document(&mut out, "        ", &trust, name);
        put(&mut out, format_args!("      Policies:"));
        for policy in policies {
            let policy = policy.as_str().ok_or_else(|| malformed(&index, name, "policies"))?;
            put(&mut out, format_args!("        - PolicyName: {policy}"));
            put(&mut out, format_args!("          PolicyDocument:"));
            document(&mut out, "            ", &read(&folder.join(format!("{policy}.json")))?, name);
        }
    }
    Ok(out)
}

const HEAD: &str = "\
# Rendered by `cargo xtask render-policies` from infra/policies/*.json. Edit those, not this file.
AWSTemplateFormatVersion: '2010-09-09'
Description: Portico, roles. Vended roles are named for what they may do, fn-* run the functions.
Parameters:
  StackPrefix: { Type: String }
  MailFrom: { Type: String }
Resources:
";

fn put(out: &mut String, line: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{line}");
}

fn malformed(index: &Path, role: &str, field: &str) -> Stop {
    Stop::Content { path: index.to_path_buf(), why: format!("role {role}: {field} is missing or of the wrong form") }
}

fn read(path: &Path) -> Result<Value, Stop> {
    let text = std::fs::read_to_string(path).at(path)?;
    serde_json::from_str(&text).map_err(|why| Stop::Content { path: path.to_path_buf(), why: why.to_string() })
}

/// `fn-access-jobs` → `FnAccessJobs`: a logical id is alphanumeric.
fn logical(role: &str) -> String {
    role.split('-')
        .map(|part| {
            let (first, rest) = part.split_at(part.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}

/// The role of this stack that a trust policy names, if it names one.
fn trusted_role(trust: &Value) -> Option<String> {
    let principal = trust["Statement"][0]["Principal"]["AWS"].as_str()?;
    principal.split_once("role/${StackPrefix}-").map(|(_, role)| role.to_owned())
}

/// A policy document, one statement a line, so that a change reads as one line.
fn document(out: &mut String, indent: &str, policy: &Value, role: &str) {
    let function = role.strip_prefix("fn-").unwrap_or(role);
    put(out, format_args!("{indent}Version: '2012-10-17'"));
    put(out, format_args!("{indent}Statement:"));
    for statement in policy["Statement"].as_array().into_iter().flatten() {
        put(out, format_args!("{indent}  - {}", inline(statement, function)));
    }
}

/// JSON on one line, keys sorted, with every string that names the deployment wrapped in `Fn::Sub`.
fn inline(node: &Value, function: &str) -> String {
    match node {
        Value::Object(fields) => {
            let keys: BTreeSet<&String> = fields.keys().collect();
            let parts: Vec<String> =
                keys.into_iter().map(|key| format!("{}: {}", quoted(key), inline(&fields[key], function))).collect();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(|item| inline(item, function)).collect();
            format!("[{}]", parts.join(", "))
        }
        Value::String(text) => substituted(&text.replace("${Function}", function)),
        other => other.to_string(),
    }
}

/// `${aws:…}` is IAM's to resolve, every other variable is CloudFormation's.
fn substituted(text: &str) -> String {
    let ours = text.replace("${aws:", "");
    if ours.contains("${") {
        format!("{{\"Fn::Sub\": {}}}", quoted(&text.replace("${aws:", "${!aws:")))
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
