//! Deploying the staged template with `sam`, as far as something changed since the last time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::emulator::tail;
use crate::settings::{OPERATOR, PREFIX, REPLIES, SENDER, Settings};
use crate::state::State;
use crate::step;
use crate::steps;
use crate::stop::{At, Stop};

/// What `sam` uploads packages to.
const PACKAGES: &str = "portico-packages";
const FILE: &str = "deployed.json";

/// What is deployed, and where it can be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deployed {
    wanted: Wanted,
    pub(crate) api: String,
    pub(crate) bucket: String,
    pub(crate) account: String,
}

/// By which a change is noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wanted {
    templates: u64,
    parameters: Vec<String>,
    /// Size and time of each binary: reading them all would take longer than starting.
    functions: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq)]
enum Work {
    Nothing,
    Functions(Vec<String>),
    Everything,
}

/// Deploys what has to be deployed to the emulator at `endpoint`.
pub(crate) async fn deploy(
    settings: &Settings,
    state: &State,
    endpoint: &str,
    origins: Origins<'_>,
) -> Result<Deployed, Stop> {
    let wanted = Wanted::of(&settings.stage, parameters(origins))?;
    let known = read(state.dir());
    let deployed = match (work(&wanted, known.as_ref().map(|known| &known.wanted)), known) {
        (Work::Nothing, Some(known)) => return Ok(known),
        (Work::Functions(names), Some(known)) => {
            step(&format!("updating {}", names.join(", ")));
            update(settings, endpoint, &names).await?;
            Deployed { wanted, ..known }
        }
        (_, known) => {
            step("deploying");
            if known.is_none() {
                steps::run(settings, endpoint, "prepare", &[PACKAGES, SENDER]).await?;
            }
            sam(settings, state, endpoint, &wanted.parameters).await?;
            let outputs = steps::run(settings, endpoint, "outputs", &[PREFIX, PACKAGES]).await?;
            Deployed::of(wanted, &outputs)?
        }
    };
    deployed.write(state.dir())?;
    Ok(deployed)
}

/// Addresses that the deployed functions have to know.
#[derive(Clone, Copy)]
pub(crate) struct Origins<'a> {
    pub(crate) site: &'a str,
    pub(crate) bucket: &'a str,
}

fn parameters(origins: Origins<'_>) -> Vec<String> {
    let resolver = format!("{}/_dev/dns", origins.site);
    let architecture = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" };
    [
        ("StackPrefix", PREFIX),
        ("SiteOrigin", origins.site),
        ("BucketOrigin", origins.bucket),
        ("MailFrom", SENDER),
        ("ReplyDomain", REPLIES),
        // Whoever tries it out does not wait two minutes for a mail.
        ("NoticeFoldPercent", "40"),
        ("PlatformAdmins", OPERATOR),
        // Providers that somebody tries out run beside the portal, and their domains are nobody's.
        ("OutgoingLoopback", "on"),
        ("DnsResolver", &resolver),
        ("Architecture", architecture),
        ("MalwareProtection", "on"),
        // The emulator knows no Textract. The machine's own engine really reads.
        ("Ocr", "local"),
        ("AuditRetentionDays", "1"),
    ]
    .into_iter()
    .map(|(name, value)| format!("{name}={value}"))
    .collect()
}

fn work(wanted: &Wanted, known: Option<&Wanted>) -> Work {
    let Some(known) = known else { return Work::Everything };
    let same_template = wanted.templates == known.templates && wanted.parameters == known.parameters;
    if !same_template || !wanted.functions.keys().eq(known.functions.keys()) {
        return Work::Everything;
    }
    let changed = wanted.functions.iter().filter(|(name, stamp)| known.functions.get(*name) != Some(stamp));
    let changed: Vec<String> = changed.map(|(name, _)| name.clone()).collect();
    if changed.is_empty() { Work::Nothing } else { Work::Functions(changed) }
}

async fn sam(settings: &Settings, state: &State, endpoint: &str, parameters: &[String]) -> Result<(), Stop> {
    let log = state.log("deploy");
    let out = File::create(&log).at(&log)?;
    let mut command = settings.command(&settings.sam, endpoint);
    command.current_dir(&settings.stage).args(["deploy", "--template-file", "template.yaml", "--stack-name", PREFIX]);
    command.args(["--s3-bucket", PACKAGES, "--no-confirm-changeset", "--no-fail-on-empty-changeset"]);
    command.args(["--no-progressbar", "--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]);
    command.arg("--parameter-overrides").args(parameters);
    command.env("SAM_CLI_TELEMETRY", "0").env("SAM_CLI_POLL_DELAY", "0.3");
    command.env("PYTHONPATH", settings.root.join("infra/local/steps/packing"));
    // Its own settings stay out of the reader's home.
    command.env("__SAM_CLI_APP_DIR", state.dir().join("sam"));
    command.stdout(out.try_clone().at(&log)?).stderr(out);
    let status = command.status().await.at(&settings.sam)?;
    if status.success() {
        return Ok(());
    }
    Err(Stop::new(format!("the deployment failed\n{}", tail(&log)))
        .advising("Of a change that AWS refuses to make in place? `cargo xtask up --fresh` deploys anew."))
}

/// New code for functions that are deployed.
pub(crate) async fn update(settings: &Settings, endpoint: &str, functions: &[String]) -> Result<(), Stop> {
    let pairs: Vec<String> = functions
        .iter()
        .map(|name| format!("{PREFIX}-{name}={}", binaries(&settings.stage).join(name).display()))
        .collect();
    let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
    steps::run(settings, endpoint, "update", &pairs).await.map(|_| ())
}

/// Remembers that a function was updated, so that the next start does not do it again.
pub(crate) fn updated(stage: &Path, state: &Path, function: &str) -> Result<(), Stop> {
    if let Some(mut deployed) = read(state) {
        let stamp = stamp(&binaries(stage).join(function).join("bootstrap"))?;
        deployed.wanted.functions.insert(function.to_owned(), stamp);
        deployed.write(state)?;
    }
    Ok(())
}

/// What a persistent state holds. Nothing when its deployment was never finished.
pub(crate) fn read(state: &Path) -> Option<Deployed> {
    serde_json::from_slice(&fs::read(state.join(FILE)).ok()?).ok()
}

impl Deployed {
    fn of(wanted: Wanted, outputs: &str) -> Result<Deployed, Stop> {
        let outputs: BTreeMap<String, String> =
            serde_json::from_str(outputs).map_err(|why| Stop::new(format!("outputs of the stack: {why}")))?;
        let output = |name: &str| {
            outputs.get(name).cloned().ok_or_else(|| Stop::new(format!("the stack has no output `{name}`")))
        };
        let (api, bucket, account) = (output("ApiId")?, output("DocumentsBucket")?, output("Account")?);
        Ok(Deployed { wanted, api, bucket, account })
    }

    fn write(&self, state: &Path) -> Result<(), Stop> {
        let path = state.join(FILE);
        let text = serde_json::to_string_pretty(self).map_err(|why| Stop::new(why.to_string()))?;
        fs::write(&path, text).at(&path)
    }
}

impl Wanted {
    fn of(stage: &Path, parameters: Vec<String>) -> Result<Wanted, Stop> {
        let mut hasher = DefaultHasher::new();
        for path in listed(&stage.join("infra"))?.into_iter().chain([stage.join("template.yaml")]) {
            if path.extension().is_some_and(|found| found == "yaml") {
                hasher.write(path.file_name().unwrap_or_default().as_encoded_bytes());
                hasher.write(&fs::read(&path).at(&path)?);
            }
        }
        let mut functions = BTreeMap::new();
        for dir in listed(&binaries(stage))? {
            let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
            functions.insert(name, stamp(&dir.join("bootstrap"))?);
        }
        Ok(Wanted { templates: hasher.finish(), parameters, functions })
    }
}

fn binaries(stage: &Path) -> PathBuf {
    stage.join("target/lambda")
}

fn listed(dir: &Path) -> Result<Vec<PathBuf>, Stop> {
    let entries = fs::read_dir(dir).at(dir)?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().at(dir)?;
    paths.sort();
    Ok(paths)
}

fn stamp(binary: &Path) -> Result<String, Stop> {
    let found = fs::metadata(binary).at(binary)?;
    let modified = found.modified().at(binary)?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{}-{}", found.len(), modified.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(templates: u64, site: &str, functions: &[(&str, &str)]) -> Wanted {
        let functions = functions.iter().map(|&(name, stamp)| (name.to_owned(), stamp.to_owned())).collect();
        let parameters = parameters(Origins { site, bucket: "http://127.0.0.1:1" });
        Wanted { templates, parameters, functions }
    }

    #[test]
    fn only_what_changed_is_deployed() {
        let before = wanted(1, "http://localhost:1", &[("a", "1"), ("b", "1")]);
        let check = |after: Wanted, want: Work| assert_eq!(work(&after, Some(&before)), want, "{after:?}");
        check(before.clone(), Work::Nothing);
        check(wanted(1, "http://localhost:1", &[("a", "2"), ("b", "1")]), Work::Functions(vec!["a".into()]));
        check(wanted(2, "http://localhost:1", &[("a", "1"), ("b", "1")]), Work::Everything);
        check(wanted(1, "http://localhost:2", &[("a", "1"), ("b", "1")]), Work::Everything);
        check(wanted(1, "http://localhost:1", &[("a", "1")]), Work::Everything);
        check(wanted(1, "http://localhost:1", &[("a", "1"), ("b", "1"), ("c", "1")]), Work::Everything);
        assert_eq!(work(&before, None), Work::Everything);
    }

    #[test]
    fn a_stack_without_its_outputs_is_refused() {
        let some = wanted(1, "http://localhost:1", &[]);
        let whole = r#"{"ApiId": "a", "DocumentsBucket": "b", "Account": "c", "EdgeHost": "d"}"#;
        assert_eq!(Deployed::of(some.clone(), whole).unwrap().bucket, "b");
        assert!(Deployed::of(some.clone(), r#"{"ApiId": "a"}"#).unwrap_err().to_string().contains("DocumentsBucket"));
        assert!(Deployed::of(some, "oops").is_err());
    }
}
