//! The table `tests/asvs.toml`: which tests prove what the security standard asks for. It is compared with the tests that
//! there are, and run as a whole: each requirement of its pinned lists needs tests, and every one of them has to pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::place::{Place, target};
use crate::process::{say, spawn};
use crate::stop::{At, Stop};

/// What `cargo xtask test` calls it, and the module of `tests/cases` whose tests are all in the table.
pub(crate) const AREA: &str = "asvs";
const PACKAGE_OF_CASES: &str = "e2e";
const FILE: &str = "tests/asvs.toml";

/// Each area's pinned list, and what stands for each of its requirements.
pub(crate) struct Table {
    areas: Vec<Area>,
}

struct Area {
    name: String,
    required: Vec<String>,
    items: Vec<Item>,
}

struct Item {
    id: String,
    tests: Vec<Test>,
}

/// One test, as the runner knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    package: String,
    name: String,
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.name)
    }
}

impl Test {
    /// `web door::tests::other_methods`.
    fn parse(text: &str) -> Option<Test> {
        let (package, name) = text.split_once(' ')?;
        (!package.is_empty() && !name.contains(' ')).then(|| Test { package: package.into(), name: name.into() })
    }

    /// As the runner reports it: `web::web$door::tests::other_methods`, `#2` behind it at a second try.
    fn of_report(text: &str) -> Option<Test> {
        let (binary, name) = text.split_once('$')?;
        let package = binary.split("::").next()?;
        let name = name.split('#').next()?;
        Some(Test { package: package.into(), name: name.into() })
    }
}

impl Table {
    /// The table, once it agrees with the tests that there are.
    pub(crate) fn agreed(place: &Place) -> Result<Table, Stop> {
        let path = place.root.join(FILE);
        let text = fs::read_to_string(&path).at(&path)?;
        let table = Table::parse(&text).map_err(|why| Stop::Content { path, why })?;
        let wrong = table.wrong(&listed(place)?);
        if wrong.is_empty() { Ok(table) } else { Err(Stop::Found(format!("{FILE}:\n    {}", wrong.join("\n    ")))) }
    }

    /// Runs exactly the tests that are named, by this command of the runner.
    pub(crate) fn run(&self, mut runner: Command) -> Result<(), Stop> {
        runner.args(["--no-fail-fast", "--message-format", "libtest-json", "-E", &self.chosen()]);
        runner.env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1").stdout(Stdio::piped());
        let output = spawn(&mut runner)?.wait_with_output();
        let output = output.map_err(|source| Stop::Start { program: "cargo nextest".into(), source })?;
        let verdict = self.verdict(&passed(&String::from_utf8_lossy(&output.stdout)));
        say("");
        for line in &verdict.lines {
            say(line);
        }
        if verdict.unproven.is_empty() && output.status.success() {
            return Ok(());
        }
        Err(Stop::Found(format!("without passing tests: {}", verdict.unproven.join(", "))))
    }

    fn parse(text: &str) -> Result<Table, String> {
        let document: toml::Table = text.parse().map_err(|why: toml::de::Error| why.to_string())?;
        let areas = document.into_iter().map(|(name, area)| Area::parse(name, &area)).collect::<Result<_, _>>()?;
        Ok(Table { areas })
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        self.areas.iter().flat_map(|area| &area.items)
    }

    fn tests(&self) -> BTreeSet<&Test> {
        self.items().flat_map(|item| &item.tests).collect()
    }

    /// What is amiss, in words.
    fn wrong(&self, there: &BTreeSet<Test>) -> Vec<String> {
        let mut wrong = Vec::new();
        for area in &self.areas {
            let named: BTreeSet<&str> = area.items.iter().map(|item| item.id.as_str()).collect();
            let missing = area.required.iter().filter(|id| !named.contains(id.as_str()));
            wrong.extend(missing.map(|id| format!("{id} of {} has no entry", area.name)));
            let unasked = area.items.iter().filter(|item| !area.required.contains(&item.id));
            wrong.extend(unasked.map(|item| format!("{} is not on the list of {}", item.id, area.name)));
        }
        let mut seen = BTreeSet::new();
        for item in self.items() {
            if !seen.insert(&item.id) {
                wrong.push(format!("{} has two entries", item.id));
            }
            if item.tests.is_empty() {
                wrong.push(format!("{} names no test", item.id));
            }
            let absent = item.tests.iter().filter(|test| !there.contains(test));
            wrong.extend(absent.map(|test| format!("{}: there is no test `{test}`", item.id)));
        }
        let named = self.tests();
        let own = format!("{AREA}::");
        let unnamed = there.iter().filter(|test| test.package == PACKAGE_OF_CASES && test.name.starts_with(&own));
        wrong.extend(unnamed.filter(|test| !named.contains(test)).map(|test| format!("nothing names `{test}`")));
        wrong
    }

    /// In the runner's language.
    fn chosen(&self) -> String {
        let each = self.tests().into_iter().map(|test| format!("(package(={}) & test(={}))", test.package, test.name));
        each.collect::<Vec<_>>().join(" | ")
    }

    fn verdict(&self, passed: &BTreeSet<Test>) -> Verdict {
        let (mut lines, mut unproven, mut all) = (Vec::new(), Vec::new(), 0);
        for area in &self.areas {
            let lacking = |item: &&Item| item.tests.is_empty() || item.tests.iter().any(|test| !passed.contains(test));
            let bad: Vec<String> = area.items.iter().filter(lacking).map(|item| item.id.clone()).collect();
            let (listed, tests) = (area.required.len(), area.items.iter().flat_map(|item| &item.tests));
            let tests: BTreeSet<&Test> = tests.collect();
            let proven = listed.saturating_sub(bad.len());
            lines.push(format!("{}: {proven} of {listed} by {} tests", area.name, tests.len()));
            all += listed;
            unproven.extend(bad);
        }
        let proven = all.saturating_sub(unproven.len());
        lines.push(format!("ASVS 5.0: {proven} of {all} listed ids have passing tests ({} tests)", self.tests().len()));
        Verdict { lines, unproven }
    }
}

struct Verdict {
    lines: Vec<String>,
    unproven: Vec<String>,
}

impl Area {
    fn parse(name: String, area: &toml::Value) -> Result<Area, String> {
        let required = texts(area.get("required")).ok_or(format!("{name} lacks `required`, a list of ids"))?;
        let items = area.get("item").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let items = items.iter().map(|item| Item::parse(&name, item)).collect::<Result<_, _>>()?;
        Ok(Area { name, required, items })
    }
}

impl Item {
    fn parse(area: &str, item: &toml::Value) -> Result<Item, String> {
        let text = |field: &str| item.get(field).and_then(toml::Value::as_str).filter(|text| !text.is_empty());
        let id = text("id").ok_or(format!("an entry of {area} has no id"))?.to_owned();
        text("asks").ok_or(format!("{id} does not say what is asked"))?;
        let named = texts(item.get("tests")).ok_or(format!("{id} lacks `tests`, a list of names"))?;
        let parse = |name: &String| Test::parse(name).ok_or(format!("{id}: `{name}` is no package and test"));
        Ok(Item { tests: named.iter().map(parse).collect::<Result<_, _>>()?, id })
    }
}

fn texts(value: Option<&toml::Value>) -> Option<Vec<String>> {
    value?.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Every test that the runner would run.
fn listed(place: &Place) -> Result<BTreeSet<Test>, Stop> {
    let mut list = place.cargo();
    list.args(["nextest", "list", "--workspace", "--target", &target(), "--config-file", ".cargo/nextest.toml"]);
    list.args(["--message-format", "json"]).stdout(Stdio::piped());
    let output = spawn(&mut list)?.wait_with_output();
    let output = output.map_err(|source| Stop::Start { program: "cargo nextest".into(), source })?;
    if !output.status.success() {
        return Err(Stop::Failed { command: "cargo nextest list".into() });
    }
    let list: Value = serde_json::from_slice(&output.stdout)
        .map_err(|why| Stop::Found(format!("`cargo nextest list` is not understood: {why}")))?;
    Ok(tests_of(&list))
}

fn tests_of(list: &Value) -> BTreeSet<Test> {
    let suites = list["rust-suites"].as_object().into_iter().flatten();
    let each = suites.flat_map(|(_, suite)| {
        let package = suite["package-name"].as_str().unwrap_or_default();
        let run = suite["testcases"].as_object().into_iter().flatten().filter(|(_, test)| test["ignored"] == false);
        run.map(move |(name, _)| Test { package: package.to_owned(), name: name.clone() })
    });
    each.collect()
}

/// Those whose last word is that they passed.
fn passed(report: &str) -> BTreeSet<Test> {
    let mut last: BTreeMap<Test, bool> = BTreeMap::new();
    for event in report.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let ended = event["event"].as_str().filter(|said| event["type"] == "test" && *said != "started");
        if let Some((said, test)) = ended.zip(event["name"].as_str().and_then(Test::of_report)) {
            last.insert(test, said == "ok");
        }
    }
    last.into_iter().filter(|(_, ok)| *ok).map(|(test, _)| test).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"
        [browser]
        required = ["3.3.1", "3.3.2"]
        [[browser.item]]
        id = "3.3.1"
        asks = "Secure"
        tests = ["web cookies::a", "e2e asvs::b"]
        [[browser.item]]
        id = "3.3.2"
        asks = "SameSite"
        tests = ["web cookies::a"]
    "#;

    fn set(names: &[&str]) -> BTreeSet<Test> {
        names.iter().map(|name| Test::parse(name).unwrap()).collect()
    }

    fn wrong(table: &str, there: &[&str]) -> Vec<String> {
        Table::parse(table).unwrap().wrong(&set(there))
    }

    #[test]
    fn a_table_agrees_with_the_tests_that_there_are() {
        let there = ["web cookies::a", "e2e asvs::b"];
        assert_eq!(wrong(TABLE, &there), [] as [&str; 0]);
        assert_eq!(wrong(TABLE, &there[..1]), ["3.3.1: there is no test `e2e asvs::b`"]);
        assert_eq!(wrong(TABLE, &[there[0], there[1], "e2e asvs::c"]), ["nothing names `e2e asvs::c`"]);
        assert_eq!(
            wrong(&TABLE.replace(r#""3.3.2"]"#, r#""3.3.2", "3.3.3"]"#), &there),
            ["3.3.3 of browser has no entry"]
        );
        assert_eq!(wrong(&TABLE.replace(r#", "3.3.2"]"#, "]"), &there), ["3.3.2 is not on the list of browser"]);
        assert_eq!(wrong(&TABLE.replace(r#"["web cookies::a"]"#, "[]"), &there), ["3.3.2 names no test"]);
        assert_eq!(
            wrong(&TABLE.replace(r#"id = "3.3.2""#, r#"id = "3.3.1""#), &there),
            ["3.3.2 of browser has no entry", "3.3.1 has two entries"]
        );
    }

    #[test]
    fn a_table_that_cannot_be_read_says_why() {
        let check = |from: &str, to: &str, want: &str| {
            let why = Table::parse(&TABLE.replace(from, to)).err().unwrap_or_default();
            assert!(why.contains(want), "{why}");
        };
        check(r#"asks = "Secure""#, "", "3.3.1 does not say what is asked");
        check("web cookies::a", "cookies::a", "`cookies::a` is no package and test");
        check("required", "wanted", "browser lacks `required`");
    }

    #[test]
    fn an_id_counts_when_all_of_its_tests_passed() {
        let table = Table::parse(TABLE).unwrap();
        let all = table.verdict(&set(&["web cookies::a", "e2e asvs::b"]));
        assert_eq!(
            all.lines,
            ["browser: 2 of 2 by 2 tests", "ASVS 5.0: 2 of 2 listed ids have passing tests (2 tests)"]
        );
        let some = table.verdict(&set(&["web cookies::a"]));
        assert_eq!((some.unproven, some.lines[0].as_str()), (vec!["3.3.1".to_owned()], "browser: 1 of 2 by 2 tests"));
        assert_eq!(table.chosen(), "(package(=e2e) & test(=asvs::b)) | (package(=web) & test(=cookies::a))");
    }

    #[test]
    fn the_runner_is_understood() {
        let report = r#"
            {"type":"suite","event":"started","test_count":3}
            {"type":"test","event":"started","name":"web::web$a::b"}
            {"type":"test","event":"ok","name":"web::web$a::b","exec_time":0.1}
            {"type":"test","event":"failed","name":"e2e::e2e$asvs::c","exec_time":0.1}
            {"type":"test","event":"ignored","name":"e2e::e2e$asvs::d"}
            {"type":"test","event":"failed","name":"web::web$a::e"}
            {"type":"test","event":"ok","name":"web::web$a::e#2"}
        "#;
        assert_eq!(passed(report), set(&["web a::b", "web a::e"]));
        let list = serde_json::json!({ "rust-suites": { "e2e::e2e": {
            "package-name": "e2e", "testcases": { "asvs::c": { "ignored": false }, "bench::d": { "ignored": true } },
        } } });
        assert_eq!(tests_of(&list), set(&["e2e asvs::c"]));
    }
}
