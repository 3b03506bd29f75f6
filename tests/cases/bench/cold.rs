//! From the start of a process to its first answer: the documents function, as it is deployed and as it is staged for the
//! tests, beside the same handler for Node and Python.
//!
//! The event is a real request for a client's list of documents. Each program asks `access` for credentials, reads the
//! rows and the client's wrapped key, has it unwrapped, opens every name and answers the same JSON. What AWS answers was
//! recorded from the local AWS with the product's own function, and comes from this process at once: what is left is
//! the program's own time.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use super::figures::{Report, Runs, figure, now};
use super::processes;
use super::runtime_api::{RuntimeApi, http_answer};
use super::stand_in::StandIn;
use super::{optimised, thorough, times};
use crate::world::{LawFirm, fresh, root, setting};

const PATIENCE: Duration = Duration::from_secs(30);
/// Events after the first, for the warm time.
const WARM: usize = 20;

#[tokio::test]
async fn the_first_answer_comes_ten_times_sooner() {
    let scene = Scene::prepare().await;
    let mut report = Report::of("cold");
    report.say(
        "compared",
        "the documents function (DynamoDB, KMS and Lambda clients built; S3 linked, a list has no use for it); the same \
         handler for Node 20 with the AWS SDK v3, unbundled, and for Python 3.11 with boto3, both with DynamoDB, KMS, \
         Lambda and S3 clients built; lean: without S3",
    );
    let mut series: Vec<Series> = scene.programs().into_iter().map(Series::of).collect();
    // One round warms the disk and is not counted.
    for round in 0..=times(15, 3) {
        for one in &mut series {
            let run = scene.run(&one.program).await;
            if round > 0 {
                one.add(&run);
            }
        }
    }
    for one in &series {
        one.tell(&report);
    }
    let (ours, others): (Vec<Series>, Vec<Series>) = series.into_iter().partition(|one| one.program.most.is_some());
    for (one, other) in ours.iter().flat_map(|one| others.iter().map(move |other| (one, other))) {
        let names = format!("{} / {}", one.program.name, other.program.name);
        let ratio = one.cold.median() / other.cold.median();
        report.hold(&format!("first answer, {names}"), ratio, one.program.most.unwrap_or_default(), "");
        let processor = one.cpu.median() / other.cpu.median();
        report.say(&format!("processor time to the first answer, {names}"), &figure(processor));
    }
    report.done();
}

/// A program that answers events.
#[derive(Clone)]
struct Program {
    name: &'static str,
    path: PathBuf,
    args: Vec<PathBuf>,
    lean: bool,
    /// Ours: the share of the others' time that it may take.
    most: Option<f64>,
}

struct Run {
    cold_ms: f64,
    cpu_ms: f64,
    warm_ms: f64,
    memory_mb: f64,
    answer: Value,
    /// Of AWS, for the first answer.
    calls: Vec<String>,
}

struct Series {
    program: Program,
    cold: Runs,
    cpu: Runs,
    warm: Runs,
    memory: Runs,
}

impl Series {
    fn of(program: Program) -> Series {
        Series { program, cold: Runs::default(), cpu: Runs::default(), warm: Runs::default(), memory: Runs::default() }
    }

    fn add(&mut self, run: &Run) {
        self.cold.add(run.cold_ms);
        self.cpu.add(run.cpu_ms);
        self.warm.add(run.warm_ms);
        self.memory.add(run.memory_mb);
    }

    fn tell(&self, report: &Report) {
        let [least, median, p95] = [self.cold.least(), self.cold.median(), self.cold.p95()].map(figure);
        report.say(
            self.program.name,
            &format!(
                "first answer after {median} ms ({least} to {p95}, {} runs), {} ms of processor time; warm {} ms; {} MB",
                self.cold.count(),
                figure(self.cpu.median()),
                figure(self.warm.median()),
                figure(self.memory.median()),
            ),
        );
    }
}

/// One request that all programs are asked, with what AWS says to it.
struct Scene {
    event: Bytes,
    aws: StandIn,
    answer: Value,
    calls: Vec<String>,
    /// What the program that runs last has printed.
    log: PathBuf,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.log);
    }
}

impl Scene {
    async fn prepare() -> Scene {
        let world = LawFirm::open().await;
        let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
        let matter = world.matter(&staff).await;
        for name in ["Deed.pdf", "Statement of claim.pdf", "Inventory, second part.pdf"] {
            let bytes = samples::pdf(name, &["A page of it."]);
            let document = admin.upload(&world.acme, &matter, "Evidence", name, &bytes).await.id;
            admin.settled(&world.acme, &document).await;
        }
        let event = event(&admin, &world.acme);
        let aws = StandIn::open().await;
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}.log", fresh()));
        let mut scene = Scene { event, aws, answer: Value::Null, calls: Vec::new(), log };
        let recorded = scene.run(&staged()).await;
        scene.aws.stop_recording();
        (scene.answer, scene.calls) = (recorded.answer, recorded.calls);
        assert_eq!(scene.calls.len(), CALLS.len(), "{:?}", scene.calls);
        assert!(scene.calls.iter().zip(CALLS).all(|(call, wanted)| call.contains(wanted)), "{:?}", scene.calls);
        assert_eq!(scene.answer["items"].as_array().map(Vec::len), Some(3), "{}", scene.answer);
        scene
    }

    fn programs(&self) -> Vec<Program> {
        let here = root().join("tests/bench");
        let python = PathBuf::from(setting("PORTICO_EMULATOR_PYTHON"));
        let other = |name, path: &Path, file, lean| Program {
            name,
            path: path.to_owned(),
            args: vec![here.join(file)],
            lean,
            most: None,
        };
        let node = |name, lean| other(name, Path::new("node"), "documents.mjs", lean);
        let python = |name, lean| other(name, &python, "documents.py", lean);
        let mut programs = vec![staged(), node("Node", false), python("Python", false)];
        if thorough() {
            programs.extend([deployed(), node("Node, lean", true), python("Python, lean", true)]);
        }
        programs
    }

    /// Starts a program, waits for its first answer and a few more, and ends it.
    async fn run(&self, program: &Program) -> Run {
        let mut api = RuntimeApi::open().await;
        api.give(&self.event);
        let mut command = self.command(program, &api);
        let started = now();
        let process = Running(command.spawn().unwrap_or_else(|why| panic!("{}: {why}", program.path.display())));
        let first = api.next(PATIENCE).await.unwrap_or_else(|| self.failed(program, "stays silent"));
        let cpu_ms = process.cpu_ms();
        let (status, answer) = http_answer(&first);
        if first.to != "response" || status != 200 {
            self.failed(program, &String::from_utf8_lossy(&first.body));
        }
        let mut calls = self.aws.take_asked();
        calls.sort();
        if self.answer != Value::Null {
            assert_eq!(answer, self.answer, "{} answers something else", program.name);
            assert_eq!(calls, self.calls, "{} asks something else", program.name);
        }
        let mut warm = Runs::default();
        for _ in 0..WARM {
            let given = now();
            api.give(&self.event);
            let next = api.next(PATIENCE).await.unwrap_or_else(|| self.failed(program, "stays silent"));
            assert_eq!(next.to, "response", "{}: {}", program.name, String::from_utf8_lossy(&next.body));
            warm.add(next.at.duration_since(given).as_secs_f64() * 1_000.0);
        }
        let memory_mb = process.memory_mb();
        self.aws.take_asked();
        let cold_ms = first.at.duration_since(started).as_secs_f64() * 1_000.0;
        Run { cold_ms, cpu_ms, warm_ms: warm.median(), memory_mb, answer, calls }
    }

    fn failed(&self, program: &Program, why: &str) -> ! {
        panic!("{}: {why}\n{}", program.name, std::fs::read_to_string(&self.log).unwrap_or_default())
    }

    /// With the variables that Lambda and the template set, and no others.
    fn command(&self, program: &Program, api: &RuntimeApi) -> Command {
        let prefix = setting("PORTICO_PREFIX");
        let mut command = Command::new(&program.path);
        command.args(&program.args).env_clear().stdin(Stdio::null());
        let log = std::fs::File::create(&self.log).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let path = std::env::split_paths(&setting("PATH")).filter(|dir| dir.is_absolute()).collect::<Vec<_>>();
        command.env("PATH", std::env::join_paths(path).unwrap()).env("LANG", "C.UTF-8");
        command.env("AWS_LAMBDA_RUNTIME_API", &api.address).env("AWS_ENDPOINT_URL", &self.aws.url);
        for (name, value) in LAMBDA {
            command.env(name, value);
        }
        for name in NAMES {
            command.env(name, "unused");
        }
        for (name, of) in
            [("FN_ACCESS", "access"), ("TABLE_DATA", "data"), ("TABLE_FIRM", "firm"), ("TABLE_KEYS", "keys")]
        {
            command.env(name, format!("{prefix}-{of}"));
        }
        command.env("PORTICO_NODE_MODULES", setting("PORTICO_NODE_MODULES"));
        // Lambda's image has its certificates in one file; Debian has each of them a second time in a directory.
        if Path::new(CERTIFICATES).exists() {
            command.env("SSL_CERT_FILE", CERTIFICATES);
        }
        if program.lean {
            command.env("BENCH_LEAN", "1");
        }
        command
    }
}

const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What an answer costs, in alphabetical order: credentials, the rows, the client's key, its unwrapping.
const CALLS: [&str; 4] =
    ["/functions/", "DynamoDB_20120810.GetItem", "DynamoDB_20120810.Query", "TrentService.Decrypt"];

const LAMBDA: [(&str, &str); 13] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("FN_NAME", "documents"),
];

/// What the template names and a list of documents has no use for.
const NAMES: [&str; 23] = [
    "STACK_PREFIX",
    "ACCOUNT_ID",
    "ROLE_PREFIX",
    "FN_ACCESS_DOCUMENTS",
    "FN_ACCESS_JOBS",
    "TABLE_AUDIT",
    "TABLE_IDENTITY",
    "TABLE_PLATFORM",
    "BUCKET_DOCUMENTS",
    "BUCKET_ORIGIN",
    "EMAIL_HMAC_KEY",
    "SITE_ORIGIN",
    "MAIL_FROM",
    "PLATFORM_ADMINS",
    "QUEUE_UPLOADS",
    "QUEUE_INDEXER",
    "QUEUE_CRITICAL",
    "QUEUE_STANDARD",
    "QUEUE_INFORMATIONAL",
    "QUEUE_PEOPLE",
    "QUEUE_PROVISIONER",
    "QUEUE_RETENTION",
    "QUEUE_VENDING",
];

fn staged() -> Program {
    let path = root().join(".portico/stage/target/lambda/documents/bootstrap");
    // The promise is the optimised build's, which takes minutes to make: this is the share that every run can afford.
    Program { name: "Rust, development build", path, args: Vec::new(), lean: false, most: Some(0.35) }
}

/// The build that is deployed.
fn deployed() -> Program {
    let path = optimised(&["--package", "fn-documents", "--bin", "documents"]).join("documents");
    Program { name: "Rust", path, args: Vec::new(), lean: false, most: Some(0.1) }
}

/// The sample of a request by HTTP, turned into one for the list, by this person.
fn event(person: &Person, client: &str) -> Bytes {
    let sample = std::fs::read(root().join("events/apigw/home-get.json")).unwrap();
    let mut event: Value = serde_json::from_slice(&sample).unwrap();
    let path = format!("/api/v1/clients/{client}/documents");
    let route = "ANY /api/v1/clients/{client}/documents";
    event["rawPath"] = json!(path);
    event["routeKey"] = json!(route);
    event["requestContext"]["routeKey"] = json!(route);
    event["requestContext"]["http"]["path"] = json!(path);
    event["pathParameters"] = json!({ "client": client });
    event["headers"]["accept"] = json!("application/json");
    // Nothing is compressed: that is one more library for the others.
    event["headers"].as_object_mut().unwrap().remove("accept-encoding");
    event["cookies"] = person.http().cookies().split("; ").map(Value::from).collect();
    Bytes::from(event.to_string())
}

/// A process that ends with the measurement.
struct Running(Child);

impl Running {
    fn cpu_ms(&self) -> f64 {
        processes::cpu_ms(self.0.id())
    }

    fn memory_mb(&self) -> f64 {
        processes::memory_mb(self.0.id()).unwrap_or(f64::NAN)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
