//! What a month costs: the acts of a described working day, each done once and counted with all that follows from it,
//! times how often they happen, times AWS's list prices.
//!
//! Prices and the day are data beside this: `tests/bench/prices.toml`, `tests/bench/day.toml`. Processor time is of the
//! development build against the local AWS, so that its share is an upper bound.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use testkit::portal::code_in;
use testkit::samples;

use super::busy_firm::{BusyFirm, ORDINARY, PROMISED};
use super::calls::{of_a_browser, of_a_script};
use super::figures::{Report, figure};
use super::used::{Asked, Meter, Used};
use crate::world::root;

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_month_has_a_price() {
    let (prices, day): (Prices, Day) = (Prices::read(), read("day"));
    let mut firm = BusyFirm::open().await;
    let meter = Meter::of(&firm.world.firm.id);
    firm.grow(ORDINARY.0, ORDINARY.1).await;
    meter.quiet(0).await;
    let mut ordinary = BTreeMap::new();
    looking(&firm, &meter, &mut ordinary, |_| true).await;
    acting(&firm, &meter, &mut ordinary).await;
    firm.grow(PROMISED.0, PROMISED.1).await;
    let mut large = ordinary.clone();
    looking(&firm, &meter, &mut large, |grows| grows).await;
    let minute = meter.minute().await;

    let report = Report::of("cost");
    prices.introduce(&report);
    for (act, used) in &ordinary {
        report.say(act, &told(used, &prices));
    }
    for (act, used) in large.iter().filter(|(act, used)| ordinary[*act] != **used) {
        report.say(&format!("{act} ({} clients)", PROMISED.1), &told(used, &prices));
    }
    report.say("the schedule, each minute", &told(&minute, &prices));
    for month in &day.month {
        let acts = if month.large { &large } else { &ordinary };
        let used = month.used(&day, acts, &minute);
        let total = table(&report, &month.name, &used, &prices);
        report.say(&format!("{}, a month", month.name), &format!("{total:.2} $"));
        if month.clients > 0.0 {
            report.say(&format!("{}, a client's month", month.name), &format!("{:.4} $", total / month.clients));
        }
    }
    report.done();
}

#[derive(Deserialize)]
pub(crate) struct Prices {
    region: String,
    as_of: String,
    not_counted: String,
    price: Vec<Price>,
}

impl Prices {
    pub(crate) fn read() -> Prices {
        read("prices")
    }

    /// Says whose prices these are.
    pub(crate) fn introduce(&self, report: &Report) {
        report.say("prices", &format!("US dollars, list prices of {}, {}", self.region, self.as_of));
        report.say("not counted", &self.not_counted);
    }
}

#[derive(Deserialize)]
struct Price {
    of: String,
    what: String,
    per: f64,
    dollars: f64,
}

impl Price {
    fn dollars_of(&self, used: &Used) -> f64 {
        used.of(&self.of) / self.per * self.dollars
    }
}

#[derive(Deserialize)]
struct Day {
    working_days_per_month: f64,
    hours_per_month: f64,
    assumed: Assumed,
    month: Vec<Month>,
    day: BTreeMap<String, BTreeMap<String, f64>>,
}

#[derive(Deserialize)]
struct Assumed {
    document_mb: f64,
    log_bytes_per_invocation: f64,
    pollers_per_queue: f64,
    polls_per_minute: f64,
    table_mb_per_client: f64,
}

#[derive(Deserialize)]
struct Month {
    name: String,
    clients: f64,
    large: bool,
    people: BTreeMap<String, f64>,
    documents_gb: f64,
    firms: f64,
}

impl Month {
    fn used(&self, day: &Day, acts: &BTreeMap<String, Used>, minute: &Used) -> Used {
        let mut used = Used::default();
        for (kind, people) in &self.people {
            for (act, often) in &day.day[kind] {
                let one = acts.get(act).unwrap_or_else(|| panic!("nobody has done `{act}`"));
                used.add_all(one, people * often * day.working_days_per_month);
            }
        }
        used.add("scanned_gb", used.of("scanned_objects") * day.assumed.document_mb / 1e3);
        let minutes = day.hours_per_month * 60.0;
        used.add_all(minute, minutes);
        let template = Template::read();
        let polls = day.assumed.pollers_per_queue * day.assumed.polls_per_minute * minutes;
        used.add("sqs_standard", polls * template.queues);
        used.add("sqs_fifo", polls * template.queues_fifo);
        used.add("alarms", template.alarms);
        used.add("kms_keys", template.keys + self.firms);
        used.add("logs_gb", used.of("lambda_requests") * day.assumed.log_bytes_per_invocation / 1e9);
        used.add("s3_gb", self.documents_gb);
        used.add("dynamodb_gb", self.clients * day.assumed.table_mb_per_client / 1e3);
        used
    }
}

/// What stands there whether or not anybody comes.
struct Template {
    queues: f64,
    queues_fifo: f64,
    alarms: f64,
    keys: f64,
}

impl Template {
    fn read() -> Template {
        let mut text = String::new();
        for file in ["template.yaml", "infra/data.yaml", "infra/queues.yaml", "infra/api.yaml", "infra/schedules.yaml"]
        {
            text += &std::fs::read_to_string(root().join(file)).unwrap();
        }
        let count = |what: &str| text.matches(what).count() as f64;
        // Nobody listens to a dead letter queue: those that are listened to have an event each.
        let fifo = count("-indexer.fifo'").min(1.0);
        Template {
            queues: count("Type: SQS\n") - fifo,
            queues_fifo: fifo,
            alarms: count("Type: AWS::CloudWatch::Alarm"),
            keys: count("Type: AWS::KMS::Key\n"),
        }
    }
}

/// Looks at every page, or at those whose size depends on the number of clients.
async fn looking(firm: &BusyFirm, meter: &Meter, acts: &mut BTreeMap<String, Used>, wanted: impl Fn(bool) -> bool) {
    for page in firm.pages().into_iter().filter(|page| wanted(page.grows)) {
        // The first keeps a grant, as people do who look at one page after another.
        page.ask(&super::calls::Trace::new()).await;
        let used = meter
            .count(async |asked| {
                asked.ask(page.function, page.person.http(), "GET", &page.path, of_a_browser, Vec::new()).await;
            })
            .await;
        acts.insert(page.name.to_owned(), used);
    }
}

async fn acting(firm: &BusyFirm, meter: &Meter, acts: &mut BTreeMap<String, Used>) {
    for change in firm.writes() {
        let body = change.ready().await;
        let used = meter
            .count(async |asked| {
                let headers = |trace: &_| of_a_script(&change.person, trace);
                asked.ask(change.function, change.person.http(), change.method, &change.path, headers, body).await;
            })
            .await;
        acts.insert(change.name.to_owned(), used);
    }
    acts.insert("sign in".into(), meter.count(async |asked| sign_in(firm, asked).await).await);
    acts.insert("upload a document".into(), meter.count(async |asked| upload(firm, asked).await).await);
    acts.insert("download a document".into(), meter.count(async |asked| download(firm, asked).await).await);
}

async fn sign_in(firm: &BusyFirm, asked: &mut Asked) {
    let (portal, email) = (&firm.world.portal, firm.world.address("member.acme"));
    let http = portal.stranger();
    let before = portal.mails(&email).await.len();
    let headers = |trace: &_| of_a_script(&firm.admin, trace);
    let body = |body: serde_json::Value| body.to_string().into_bytes();
    asked.ask("auth", &http, "POST", "/api/v1/auth/link", headers, body(json!({ "email": email }))).await;
    let code = code_in(&portal.mail_after(&email, before).await);
    let known = body(json!({ "email": email, "code": code }));
    asked.ask("auth", &http, "POST", "/api/v1/auth/session", headers, known).await;
}

async fn upload(firm: &BusyFirm, asked: &mut Asked) {
    let text = "The harbour master of Lindisfarne, about the lighthouse.";
    let bytes = samples::pdf("Letter", &[text]);
    let wanted =
        json!({ "name": "Letter.pdf", "size_bytes": bytes.len(), "project": firm.matter, "category": "Evidence" });
    let path = format!("/api/v1/clients/{}/documents", firm.world.acme);
    let headers = |trace: &_| of_a_script(&firm.admin, trace);
    let body = wanted.to_string().into_bytes();
    let ticket = asked.ask("documents", firm.admin.http(), "POST", &path, headers, body).await.json();
    firm.admin.send_file(&ticket["upload"], "Letter.pdf", &bytes).await;
    asked.took();
    let settled = firm.admin.settled(&firm.world.acme, ticket["document"]["id"].as_str().unwrap()).await;
    assert_eq!(settled["state"], "ready", "{settled}");
}

async fn download(firm: &BusyFirm, asked: &mut Asked) {
    let path = format!("/clients/{}/documents/{}/download", firm.world.acme, firm.document);
    let answer = asked.ask("documents", firm.admin.http(), "GET", &path, of_a_browser, Vec::new()).await;
    let copy = firm.admin.http().raw("GET", answer.header("location"), &[], Vec::new()).await;
    assert_eq!(copy.status, 200, "{}", copy.text());
    let day: Day = read("day");
    asked.sent((day.assumed.document_mb * 1e6) as usize);
}

/// Prints what a month or anything else uses, line by line; the sum.
pub(crate) fn table(report: &Report, name: &str, used: &Used, prices: &Prices) -> f64 {
    let mut total = 0.0;
    for price in &prices.price {
        let (quantity, dollars) = (used.of(&price.of), price.dollars_of(used));
        if quantity > 0.0 {
            report.say(&format!("{name}, {}", price.what), &format!("{} = {} $", thousands(quantity), figure(dollars)));
        }
        total += dollars;
    }
    total
}

/// What an act uses, in a line.
fn told(used: &Used, prices: &Prices) -> String {
    let known: Vec<&str> = prices.price.iter().map(|price| price.of.as_str()).collect();
    assert!(used.0.keys().all(|of| known.contains(of)), "no price: {used:?}");
    let parts: Vec<String> = used.0.iter().map(|(of, quantity)| format!("{} {of}", figure(*quantity))).collect();
    let dollars: f64 = prices.price.iter().map(|price| price.dollars_of(used)).sum();
    format!("{} millionths of a dollar: {}", figure(dollars * 1e6), parts.join(", "))
}

fn thousands(quantity: f64) -> String {
    if quantity >= 10_000.0 { format!("{:.0} thousand", quantity / 1e3) } else { figure(quantity) }
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let text = std::fs::read_to_string(root().join(format!("tests/bench/{name}.toml"))).unwrap();
    toml::from_str(&text).unwrap_or_else(|why| panic!("tests/bench/{name}.toml: {why}"))
}

mod tests {
    use super::*;

    #[test]
    fn a_month_is_what_people_do_and_what_stands_there() {
        let day: Day = read("day");
        let prices = Prices::read();
        let mut act = Used::default();
        act.add("http_api", 1.0);
        act.add("lambda_requests", 2.0);
        act.add("scanned_objects", 1.0);
        let acts: BTreeMap<String, Used> =
            day.day.values().flat_map(|day| day.keys()).map(|name| (name.clone(), act.clone())).collect();
        let mut minute = Used::default();
        minute.add("dynamodb_reads", 12.0);
        for month in &day.month {
            let used = month.used(&day, &acts, &minute);
            let often: f64 =
                month.people.iter().map(|(kind, people)| people * day.day[kind].values().sum::<f64>()).sum();
            assert!((used.of("http_api") - often * day.working_days_per_month).abs() < 0.01, "{}", month.name);
            assert_eq!(used.of("dynamodb_reads"), 12.0 * 60.0 * day.hours_per_month);
            assert!(used.of("kms_keys") >= month.firms + 1.0);
            assert!(used.0.keys().all(|of| prices.price.iter().any(|price| price.of == *of)), "{used:?}");
        }
        let price = prices.price.iter().find(|price| price.of == "lambda_requests").unwrap();
        assert!((price.dollars_of(&act) - 4e-7).abs() < 1e-12);
    }

    #[test]
    fn the_template_is_counted() {
        let template = Template::read();
        assert!(template.queues >= 6.0 && template.queues_fifo == 1.0, "{} {}", template.queues, template.queues_fifo);
        assert!(template.alarms >= 10.0 && template.keys >= 1.0, "{} {}", template.alarms, template.keys);
    }
}
