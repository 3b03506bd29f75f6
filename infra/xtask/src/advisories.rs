//! Known vulnerabilities in `Cargo.lock`, by a snapshot of the public advisory database (`advisories.json`).
//!
//! The data is RustSec's advisory-db, commit bf5c0d245a92 of 2026-08-21, under CC0-1.0 and CC-BY-4.0, reduced to id,
//! package, versions and title. A snapshot, because a check that needs a network fails for reasons that are not ours.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::place::Place;
use crate::process::say;
use crate::stop::{At, Stop};

/// Fails on a vulnerability; mentions what is only informational.
pub(crate) fn check(place: &Place) -> Result<(), Stop> {
    let lock = read_toml(place, "Cargo.lock")?;
    let ignored = ignored(&read_toml(place, ".cargo/deny.toml")?);
    let path = place.root.join("infra/xtask/advisories.json");
    let text = fs::read_to_string(&path).at(&path)?;
    let snapshot: Vec<Value> =
        serde_json::from_str(&text).map_err(|why| Stop::Content { path: path.clone(), why: why.to_string() })?;
    let mut vulnerable = Vec::new();
    for package in lock.get("package").and_then(toml::Value::as_array).into_iter().flatten() {
        let (Some(name), Some(version)) = (text_of(package, "name"), text_of(package, "version")) else {
            continue;
        };
        for advisory in snapshot.iter().filter(|advisory| advisory["package"] == name) {
            let id = advisory["id"].as_str().unwrap_or("?");
            if !affects(advisory, version) || ignored.contains_key(id) {
                continue;
            }
            let title = advisory["title"].as_str().unwrap_or("");
            match advisory["informational"].as_str() {
                Some(kind) => say(&format!("    note: {id} {name} {version} ({kind}): {title}")),
                None => vulnerable.push(format!("{id} {name} {version}: {title}")),
            }
        }
    }
    if vulnerable.is_empty() {
        return Ok(());
    }
    Err(Stop::Found(format!("vulnerable dependencies:\n  {}", vulnerable.join("\n  "))))
}

fn read_toml(place: &Place, name: &str) -> Result<toml::Value, Stop> {
    let path = place.root.join(name);
    let text = fs::read_to_string(&path).at(&path)?;
    text.parse::<toml::Table>().map(toml::Value::Table).map_err(|why| Stop::Content { path, why: why.to_string() })
}

fn ignored(deny: &toml::Value) -> BTreeMap<String, String> {
    let listed = deny.get("advisories").and_then(|section| section.get("ignore")).and_then(toml::Value::as_array);
    let pair = |entry: &toml::Value| Some((text_of(entry, "id")?.to_owned(), text_of(entry, "reason")?.to_owned()));
    listed.into_iter().flatten().filter_map(pair).collect()
}

fn text_of<'a>(value: &'a toml::Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// Whether no patched and no unaffected range covers the version.
fn affects(advisory: &Value, version: &str) -> bool {
    let ranges = ["patched", "unaffected"].into_iter().filter_map(|key| advisory[key].as_array()).flatten();
    !ranges.filter_map(Value::as_str).any(|range| satisfies(version, range))
}

/// major, minor, patch, and whether it is a release: a pre-release is less than its release.
type Version = (u64, u64, u64, bool);

fn parse(text: &str) -> Version {
    let (numbers, pre) = match text.split_once(['-', '+']) {
        Some((numbers, _)) => (numbers, text.contains('-')),
        None => (text, false),
    };
    let mut parts = numbers.split('.').map(|part| part.trim().parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next(), !pre)
}

fn satisfies(version: &str, range: &str) -> bool {
    let found = parse(version);
    range.split(',').all(|part| {
        let part = part.trim();
        let split = part.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (operator, bound) = (part[..split].trim(), parse(&part[split..]));
        match operator {
            ">=" => found >= bound,
            ">" => found > bound,
            "<" => found < bound,
            "<=" => found <= bound,
            "=" => found == bound,
            _ => found >= bound && found < next_breaking(bound), // `^` and a bare version
        }
    })
}

fn next_breaking((major, minor, patch, _): Version) -> Version {
    match (major, minor) {
        (0, 0) => (0, 0, patch + 1, false),
        (0, _) => (0, minor + 1, 0, false),
        _ => (major + 1, 0, 0, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(version: &str, range: &str, want: bool) {
        assert_eq!(satisfies(version, range), want, "{version} in {range}");
    }

    #[test]
    fn ranges() {
        check("1.2.3", ">= 1.2.3", true);
        check("1.2.2", ">= 1.2.3", false);
        check("0.9.20", "< 0.10.0, >= 0.9.18", true);
        check("0.9.17", "< 0.10.0, >= 0.9.18", false);
        check("2.0.0", "> 2.0.0", false);
        check("1.0.0-rc.1", ">= 1.0.0", false);
        check("1.10.0", "^1.9", true);
        check("2.0.0", "^1.9", false);
        check("0.3.5", "^0.3.4", true);
        check("0.4.0", "^0.3.4", false);
        check("0.0.2", "^0.0.1", false);
    }

    #[test]
    fn an_advisory_covers_what_no_range_saves() {
        let advisory = serde_json::json!({"patched": [">= 1.5.0"], "unaffected": ["< 1.0.0"]});
        for (version, want) in [("0.9.0", false), ("1.2.0", true), ("1.5.0", false), ("1.5.0-beta.1", true)] {
            assert_eq!(affects(&advisory, version), want, "{version}");
        }
    }
}
