//! Every sample in `events/`, brought twice to the function whose trigger it is a sample of, about a real firm. The
//! second time changes nothing. A new sample is delivered without being named here.

mod stand_in;

use std::fs;
use std::path::{Path, PathBuf};

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;
use web::Route;

use crate::faults::delivery::{Lambdas, failures};
use crate::faults::kept::{Kept, versions};
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, jiff_now, root, setting};
use stand_in::{Ids, placed};

const AT_ONCE: usize = 4;
/// The source of a schedule's events.
const CLOCK: &str = "aws.events";

/// One sample, about the test's firm.
struct Sample {
    name: String,
    event: Value,
    function: String,
}

#[tokio::test]
async fn every_sample_is_delivered_twice_and_the_second_time_changes_nothing() {
    let world = LawFirm::open().await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let matter = world.matter(&staff).await;
    for n in 0..2 {
        let bytes = samples::txt(&format!("words {n}"));
        let document = admin.upload(&world.acme, &matter, "Evidence", &format!("Ledger {n}.txt"), &bytes).await.id;
        assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    }
    let partner = world.person("partner").await;
    partner.confirm().await;
    crate::newsletters::sent_and_drafted(&partner, &admin, &world.acme).await;
    crate::documents::zips::made(&admin, &world.acme, &json!({ "list": {} })).await;
    let aws = Aws::connect().await;
    let lambdas = Lambdas::connect(&aws).await;
    let ids = Ids {
        firm: world.firm.id.clone(),
        client: world.acme.clone(),
        kept: Kept::settled(&aws, &world.firm.id).await,
        session: session_of(&staff),
    };
    let paths = samples_in(&root().join("events"));
    assert!(paths.len() >= 25, "{paths:?}");
    let mut samples = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(root().join("events")).unwrap().display().to_string();
        let text = placed(&fs::read_to_string(path).unwrap(), &ids);
        let mut event: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        if event["source"] == CLOCK {
            event["time"] = json!(jiff_now().strftime("%Y-%m-%dT%H:%M:00Z").to_string());
        }
        let event = about_an_upload(&world, &aws, &admin, &matter, event).await;
        let function = function_of(&event, &lambdas).unwrap_or_else(|| panic!("{name} is an event of no function"));
        samples.push(Sample { name, event, function });
    }

    let first = deliver(&lambdas, &samples).await;
    let before = Kept::settled(&aws, &world.firm.id).await;
    let second = deliver(&lambdas, &samples).await;
    let after = Kept::settled(&aws, &world.firm.id).await;
    let mut wrong: Vec<String> = before.differences(&after);
    for ((sample, first), second) in samples.iter().zip(first).zip(second) {
        wrong.extend(why_wrong(sample, &first, &second));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type Answer = Result<Value, String>;

async fn deliver(lambdas: &Lambdas, samples: &[Sample]) -> Vec<Answer> {
    let deliveries = samples.iter().map(|sample| lambdas.invoke(&sample.function, &sample.event));
    stream::iter(deliveries).buffered(AT_ONCE).collect().await
}

/// The first may race with what happens by itself, and ask to come again; the second has nothing left to wait for.
fn why_wrong(sample: &Sample, first: &Answer, second: &Answer) -> Option<String> {
    let name = &sample.name;
    let (first, second) = match (first, second) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(why), _) | (_, Err(why)) => return Some(format!("{name}: {why}")),
    };
    let (once, twice) = (&first["statusCode"], &second["statusCode"]);
    let of_people = !once.is_null();
    if of_people && (once != twice || once.as_u64().is_none_or(|status| status >= 400)) {
        return Some(format!("{name}: answered {first}, then {second}"));
    }
    (!failures(second).is_empty()).then(|| format!("{name}: is to come a third time: {second}"))
}

fn samples_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(samples_in(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn session_of(person: &Person) -> crypto::SessionToken {
    let cookies = person.http().cookies();
    let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).expect("a session");
    crypto::SessionToken::parse(token).expect("a session's token")
}

/// News of uploads: each is about an upload of its own, which the bucket and the scanner tell of as well.
async fn about_an_upload(world: &LawFirm, aws: &Aws, admin: &Person, matter: &str, mut event: Value) -> Value {
    let body = event["Records"][0]["body"].as_str().unwrap_or_default();
    let Ok(mut news) = serde_json::from_str::<Value>(body) else { return event };
    let place = ["/detail/s3ObjectDetails", "/Records/0/s3/object"].into_iter().find(|at| news.pointer(at).is_some());
    let Some(named) = place.and_then(|place| news.pointer_mut(place)) else { return event };
    let document = admin.upload(&world.acme, matter, "Other", "Note.txt", &samples::txt("a note")).await.id;
    let prefix = format!("quarantine/t/{}/c/{}/open/{document}", world.firm.id, world.acme);
    let object = versions(aws, &prefix).await.pop().expect("the upload lies in quarantine");
    let is_plain = |key: &Value| key.as_str().is_some_and(|key| !key.contains('%'));
    named["versionId"] = json!(object.id);
    for name in ["key", "objectKey"] {
        if is_plain(&named[name]) {
            named[name] = json!(object.key);
        }
    }
    event["Records"][0]["body"] = json!(news.to_string());
    event
}

/// Whose trigger this is an event of, by the deployed mappings, the recorded routes and the template.
fn function_of(event: &Value, lambdas: &Lambdas) -> Option<String> {
    if let Some(source) = event["Records"][0]["eventSourceARN"].as_str() {
        return lambdas.mapped_to(source).map(str::to_owned);
    }
    if let Some(arn) = event["Records"][0]["ses"]["receipt"]["action"]["functionArn"].as_str() {
        let name = arn.rsplit(':').next()?;
        return name.strip_prefix(&format!("{}-", setting("PORTICO_PREFIX"))).map(str::to_owned);
    }
    // A log's lines go to the one function that has a subscription.
    if event["awslogs"].is_object() {
        return Some("notification-delivery".to_owned());
    }
    if let Some(http) = event["requestContext"]["http"].as_object() {
        let routes: Vec<Route> = crate::access::functions().iter().flat_map(|all| all.table().to_vec()).collect();
        let (method, path) = (http["method"].as_str()?, http["path"].as_str()?);
        let found = routes.iter().find(|route| route.method.as_str() == method && leads_to(route.path, path));
        return found.map(|route| route.function.to_owned());
    }
    if event["source"] == CLOCK {
        return scheduled(event["resources"][0].as_str()?.rsplit('/').next()?);
    }
    let asked = event.as_array();
    let of_objects = |asked: &Vec<Value>| asked.iter().all(|one| one["reach"] == "objects");
    match asked {
        Some(asked) if of_objects(asked) => Some("access-documents".to_owned()),
        Some(_) => Some("access".to_owned()),
        None => event["job"].is_string().then(|| "access-jobs".to_owned()),
    }
}

fn leads_to(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let same = |(wanted, found): (&&str, &&str)| wanted.starts_with('{') || wanted == found;
    pattern.len() == path.len() && pattern.iter().zip(&path).all(same)
}

/// The function of a schedule, by the name of its rule.
fn scheduled(rule: &str) -> Option<String> {
    let text = fs::read_to_string(root().join("infra/schedules.yaml")).unwrap();
    let name = rule.strip_prefix(&format!("{}-", setting("PORTICO_PREFIX")))?;
    let rule = format!("Type: Schedule, Properties: {{ Schedule: rate(1 minute), Name: !Sub '${{StackPrefix}}-{name}'");
    let before = &text[..text.find(&rule)?];
    let (_, last) = before.rsplit_once("FunctionName: !Sub '${StackPrefix}-")?;
    last.split('\'').next().map(str::to_owned)
}
