//! The structure that the architecture promises, read from the files themselves.
//!
//! Adding an arrow, a dependency of the core or an exemption is a decision: it is made here first.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::world::root;

/// Which of our crates a library may name.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("crypto", &["domain"]),
    ("access", &["crypto", "domain"]),
    ("storage", &["access", "crypto", "domain"]),
    ("search", &["domain"]),
    ("documents", &["domain"]),
    ("integrations", &["crypto", "domain"]),
    ("web", &["access", "crypto", "documents", "domain", "storage"]),
    ("testkit", &["crypto", "domain"]),
    // They run processes; the product's crates would only slow their builds.
    ("local", &[]),
    ("xtask", &[]),
];
/// What every function may name. None names another, but for the vendors, which are one library under three roles.
const FUNCTIONS: &[&str] = &["access", "crypto", "documents", "domain", "integrations", "search", "storage", "web"];
const VENDORS: &[(&str, &[&str])] =
    &[("fn-access-documents", &["fn-access", "web"]), ("fn-access-jobs", &["fn-access", "web"])];

/// All that the core rests on: nothing that could reach a file, a socket or a clock by itself.
const DOMAIN_RESTS_ON: &[&str] = &["jiff", "schemars", "serde", "thiserror"];
/// Crates that do I/O; the libraries that promise bytes in, bytes out go without them.
const DOES_IO: &[&str] = &["aws-config", "aws-sdk", "aws-smithy", "axum", "hyper", "lambda_", "reqwest", "tokio"];
const PURE: &[&str] = &["domain", "crypto", "access", "search", "documents"];
/// Crates that speak HTTP to people, for `web`, the functions and the tools.
const SPEAKS_HTTP: &[&str] = &["axum", "hyper", "lambda_http", "maud", "tower-http"];

#[test]
fn arrows_point_inward() {
    let packages = packages();
    let ours: Vec<&str> = packages.keys().map(String::as_str).collect();
    let mut wrong = Vec::new();
    for (name, package) in &packages {
        let Some(allowed) = allowed(name) else { continue };
        for (kind, dependency) in &package.dependencies {
            let may = allowed.contains(&dependency.as_str()) || (kind == "dev-dependencies" && dependency == "testkit");
            if ours.contains(&dependency.as_str()) && !may {
                wrong.push(format!("{name} names {dependency} in its {kind}"));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

/// None for the tests alone, which may name everything.
fn allowed(package: &str) -> Option<&'static [&'static str]> {
    let pinned = ALLOWED.iter().chain(VENDORS).find(|(name, _)| *name == package);
    match pinned {
        Some((_, allowed)) => Some(allowed),
        None if package == "e2e" => None,
        None => {
            assert!(package.starts_with("fn-"), "{package} has no place among the layers yet");
            Some(FUNCTIONS)
        }
    }
}

#[test]
fn the_core_rests_on_a_pinned_list() {
    let packages = packages();
    assert_eq!(packages["domain"].named_in("dependencies"), DOMAIN_RESTS_ON);
    for name in PURE {
        let io = packages[*name].naming("dependencies", DOES_IO);
        assert_eq!(io, [] as [&str; 0], "{name} does no I/O");
    }
}

#[test]
fn only_storage_rests_on_the_aws_sdk_and_only_the_edge_on_http() {
    for (name, package) in packages() {
        // The tests look at AWS from outside, as an attacker with a handler's credentials would.
        if name != "storage" && name != "e2e" {
            assert_eq!(
                package.naming("dependencies", &["aws-config", "aws-credential", "aws-sdk", "aws-smithy"]),
                [] as [&str; 0],
                "{name}"
            );
        }
        if ["crypto", "access", "storage", "search", "documents"].contains(&name.as_str()) {
            assert_eq!(package.naming("dependencies", SPEAKS_HTTP), [] as [&str; 0], "{name}");
        }
    }
}

#[test]
fn bin_names_are_unique_and_say_their_function() {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (name, package) in packages() {
        for bin in &package.bins {
            // Equal names overwrite one another in target/lambda.
            assert_eq!(owners.insert(bin.clone(), name.clone()), None, "bin {bin} of {name}");
            let function = if name == "e2e" { "leaky" } else { name.strip_prefix("fn-").unwrap_or(&name) };
            assert_eq!(bin, function, "{name}");
        }
    }
    assert!(owners.len() >= 16, "{owners:?}");
}

#[test]
fn versions_and_lints_live_in_the_workspace() {
    for (name, package) in packages() {
        assert_eq!(package.own_versions, [] as [&str; 0], "{name}: versions belong to the workspace");
        // `unwrap` is how a test fails; the lint's own exception does not reach helpers.
        assert_eq!(package.workspace_lints, name != "e2e", "{name}: lints come from the workspace");
    }
}

/// One promise about what the sources do not say.
struct Absence {
    what: &'static str,
    words: &'static [&'static str],
    /// Paths, or beginnings or ends of paths, where it may be said.
    except: fn(&str) -> bool,
    sample: &'static str,
}

const ABSENCES: &[Absence] = &[
    Absence {
        what: "only main.rs and the config that it asks for know the environment",
        words: &["env::var", "env::args", "std::env;"],
        // An example is a program of its own.
        except: |path| {
            path.ends_with("/src/main.rs")
                || path == "shared/web/src/config.rs"
                || path.contains("/examples/")
                || is_tool(path)
        },
        sample: "let table = std::env::var(\"TABLE\");",
    },
    Absence {
        what: "only storage speaks to the AWS SDK",
        words: &["aws_sdk_", "aws_config", "aws_credential_types", "aws_smithy"],
        except: |path| path.starts_with("shared/storage/") || is_tool(path),
        sample: "use aws_sdk_dynamodb::Client;",
    },
    Absence {
        what: "only storage answers for the vendor of credentials",
        words: &["Vendor for "],
        except: |path| path.starts_with("shared/storage/"),
        sample: "impl access::Vendor for Yes {",
    },
    Absence {
        what: "routes are added only through the recorder",
        words: &["axum::Router", "Router::new"],
        except: |path| path.starts_with("shared/web/") || is_tool(path),
        sample: "let app = axum::Router::new();",
    },
    Absence {
        what: "no shared table scan, no query language and no foreign row in a request",
        words: &[".scan()", ".execute_statement()", ".batch_execute_statement()"],
        except: |path| is_tool(path),
        sample: "client.scan().table_name(table)",
    },
];

fn is_tool(path: &str) -> bool {
    path.starts_with("infra/") || path.starts_with("tests/")
}

fn broken(absence: &Absence, path: &str, source: &str) -> Vec<String> {
    if (absence.except)(path) {
        return Vec::new();
    }
    let code = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    (1..)
        .zip(code)
        .filter(|(_, line)| absence.words.iter().any(|word| line.contains(word)))
        .map(|(number, line)| format!("{path}:{number}: {}: {}", absence.what, line.trim()))
        .collect()
}

#[test]
fn sources_say_nothing_that_their_layer_may_not() {
    let sources = sources();
    assert!(sources.len() > 50, "{}", sources.len());
    let wrong: Vec<String> = ABSENCES
        .iter()
        .flat_map(|absence| sources.iter().flat_map(move |(path, source)| broken(absence, path, source)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_absence_would_be_noticed() {
    for absence in ABSENCES {
        assert_eq!(broken(absence, "functions/planted/src/lib.rs", absence.sample).len(), 1, "{}", absence.what);
        let comment = format!("// {}", absence.sample);
        assert_eq!(broken(absence, "functions/planted/src/lib.rs", &comment), [] as [&str; 0], "{}", absence.what);
    }
}

#[test]
fn modules_have_one_style_of_file() {
    let wrong: Vec<_> = sources().into_keys().filter(|path| path.ends_with("/mod.rs")).collect();
    assert_eq!(wrong, [] as [&str; 0], "a module is thing.rs, its parts are in thing/");
}

struct Package {
    /// (table, name), without the tables of the workspace itself.
    dependencies: Vec<(String, String)>,
    own_versions: Vec<String>,
    bins: Vec<String>,
    workspace_lints: bool,
}

impl Package {
    fn named_in(&self, table: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.dependencies.iter().filter(|(kind, _)| kind == table).map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    fn naming(&self, table: &str, beginnings: &[&str]) -> Vec<&str> {
        let names = self.named_in(table).into_iter();
        names.filter(|name| beginnings.iter().any(|beginning| name.starts_with(beginning))).collect()
    }

    fn read(manifest: &Path) -> (String, Package) {
        let text = fs::read_to_string(manifest).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let name = table["package"]["name"].as_str().unwrap().to_string();
        let mut package = Package {
            dependencies: Vec::new(),
            own_versions: Vec::new(),
            bins: bins(&table, manifest, &name),
            workspace_lints: table.get("lints").is_some_and(|lints| lints["workspace"].as_bool() == Some(true)),
        };
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (dependency, value) in table.get(kind).and_then(toml::Value::as_table).into_iter().flatten() {
                package.dependencies.push((kind.to_string(), dependency.clone()));
                if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                    package.own_versions.push(dependency.clone());
                }
            }
        }
        (name, package)
    }
}

fn bins(table: &toml::Table, manifest: &Path, name: &str) -> Vec<String> {
    let named = table.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
    let mut bins: Vec<String> = named.filter_map(|bin| bin["name"].as_str().map(str::to_owned)).collect();
    if bins.is_empty() && manifest.with_file_name("src").join("main.rs").exists() {
        bins.push(name.to_string());
    }
    bins
}

fn packages() -> BTreeMap<String, Package> {
    let mut manifests = vec![root().join("tests/Cargo.toml")];
    for folder in ["shared", "functions", "infra"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let manifest = entry.unwrap().path().join("Cargo.toml");
            if manifest.exists() {
                manifests.push(manifest);
            }
        }
    }
    manifests.iter().map(|manifest| Package::read(manifest)).collect()
}

/// Every Rust source by its path from the root, except this file, which names what is forbidden.
fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let mut folders: Vec<PathBuf> = ["shared", "functions", "infra", "tests"].map(|folder| root().join(folder)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.ends_with("/target") && !name.ends_with("/node_modules") {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests/cases/layers.rs" {
                sources.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}
