//! Five thousand notices queued at once, what is critical last: how long each tier waits, what the worker holds of memory,
//! how often it is refused, and what a thousand of them cost.
//!
//! Here two cores do what in AWS 32 environments do side by side, so that seconds measured here are of no use there; ratios
//! and counts are. How long it takes there is worked out from the calls that were counted and from times that are
//! assumed, and said so. Rows are of many clients, as of a firm at work: what is told is noted in its client's chain of
//! events, which takes one after another.

mod crowd;
mod watch;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::notice::Tier;
use jiff::Timestamp;

use super::calls::{Call, chain};
use super::cost::{self, Prices};
use super::figures::{Report, Runs, figure, ms_since, now};
use super::used::Meter;
use super::{thorough, times};
use crate::isolation::vended::Aws;
use crate::world::setting;
use crowd::{Crowd, Notice};
use watch::{FUNCTION, VENDOR, Watch, is_mail, most_at_once, span, tier_of};

const NOTICES: (usize, usize) = (5_000, 250);
const CLIENTS: (usize, usize) = (20, 4);
/// Longer than the third pause after which a message comes again.
const PATIENCE: Duration = Duration::from_secs(150);
/// Of the others, in hundredths: told before the last critical one. Twenty of the 32 at once are for what is critical, so
/// that meanwhile the others have twelve: 500 to 300 of 4,500. To that come 120 that were on their way, and those that are
/// told while 500 requests fill the queues and twenty processes start on two cores.
const OTHERS_BEFORE_MOST: f64 = 40.0;
/// Of the waits' medians. In the share, the critical ones are three batches beside twelve, and all of these take as long.
const WAIT_RATIO_MOST: (f64, f64) = (0.5, 1.0);
/// The function has 512 MB.
const MEMORY_MB_MOST: f64 = 128.0;
/// The peak at the end beside that when a fifth was told: what grows with the number would have grown fivefold.
const GROWTH_MOST: f64 = 1.25;
const REFUSED_PERCENT_MOST: f64 = 1.0;
/// Commits that met another one of the same client's, for each notice: beyond one, most work would be done for nothing.
const MET_MOST: f64 = 1.0;

/// Milliseconds of a call in the same region, noted from memory and not measured.
const ASSUMED: &str =
    "a DynamoDB call 6 ms, a transaction 15, KMS 10, STS 25, a mail 120, an invocation 10 and its own time";
/// With so many megabytes a function has a whole processor.
const PROCESSOR_MB: f64 = 1_769.0;
/// What SES allows an account that has just left its sandbox.
const MAILS_PER_SECOND: f64 = 14.0;

#[tokio::test]
async fn what_is_critical_is_told_first_whatever_waits() {
    let count = times(NOTICES.0, NOTICES.1);
    let crowd = Crowd::open(times(CLIENTS.0, CLIENTS.1)).await;
    let (critical, informational) = (count / 10, count * 3 / 10);
    let counts = [
        (Tier::Critical, critical),
        (Tier::Standard, count - critical - informational),
        (Tier::Informational, informational),
    ];
    let notices = crowd.write(&counts).await;
    let mut report = Report::of("notices");
    let words: Vec<String> = counts.iter().map(|(tier, count)| format!("{count} {}", tier.as_str())).collect();
    report.say("queued at once", &format!("{count}: {}, critical last", words.join(", ")));

    let mut watch = Watch::begin(&crowd.world.firm.id).await;
    let queued = crowd.queue(&notices).await;
    let early_mb = all_told(&mut watch, count).await;

    let (told, more_claims) = crowd.told(&notices).await;
    let mails = crowd.mails().await as f64;
    report.hold("lost", (count - told.len()) as f64, 0.0, "");
    report.hold("claims beyond one each", more_claims as f64, 0.0, "");
    report.hold("mails too many", mails - count as f64, 0.0, "");
    report.hold("mails too few", count as f64 - mails, 0.0, "");
    waits(&mut report, &notices, &queued, &told);
    memory(&mut report, &watch, early_mb);
    let cpu_ms = [FUNCTION, VENDOR].map(|function| watch.cpu_ms(function));
    let meter = Meter::of(&crowd.world.firm.id);
    let groups = meter.workers(watch.into_calls());
    at_once(&mut report, &crowd.aws, &groups, &notices).await;
    refusals(&mut report, &groups, count as f64);
    report.hold("dead letters", crowd.dead().await as f64, 0.0, "");
    let there = OnAws::of(&groups, count as f64, cpu_ms, [FUNCTION, VENDOR].map(|name| meter.memory_mb(name)));
    there.tell(&report, &crowd.aws).await;
    price(&report, &meter, &groups, count as f64, &there).await;
    report.done();
}

/// Watches until all are told and nothing goes on; the peak of memory when a fifth was.
async fn all_told(watch: &mut Watch, count: usize) -> f64 {
    let (mut told, mut since, mut early_mb) = (0, now(), None);
    loop {
        let is_quiet = watch.look().await;
        if watch.told() != told {
            (told, since) = (watch.told(), now());
        }
        if told * 5 >= count {
            early_mb = early_mb.or(Some(watch.peak_mb()));
        }
        if told >= count && is_quiet {
            return early_mb.unwrap_or(f64::NAN);
        }
        let waited = Duration::from_millis(ms_since(since) as u64);
        assert!(waited < PATIENCE, "{told} of {count} are told, and no more for {waited:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn waits(report: &mut Report, notices: &[Notice], queued: &[(Tier, Timestamp)], told: &BTreeMap<String, Timestamp>) {
    let of = |wanted: &dyn Fn(Tier) -> bool| -> Runs {
        let wait = |notice: &Notice| {
            let (_, from) = queued.iter().find(|(tier, _)| *tier == notice.tier)?;
            Some((told.get(&notice.outbox)?.as_millisecond() - from.as_millisecond()) as f64 / 1e3)
        };
        notices.iter().filter(|notice| wanted(notice.tier)).filter_map(wait).collect()
    };
    for tier in Tier::ALL {
        let waits = of(&|other| other == tier);
        let (median, p95) = (figure(waits.median()), figure(waits.p95()));
        report.say(&format!("{}, wait on this machine", tier.as_str()), &format!("median {median} s, p95 {p95} s"));
    }
    let (critical, others) = (of(&|tier| tier == Tier::Critical), of(&|tier| tier != Tier::Critical));
    let most = if thorough() { WAIT_RATIO_MOST.0 } else { WAIT_RATIO_MOST.1 };
    report.hold("median wait, critical / others", critical.median() / others.median(), most, "");
    let at = |wanted: bool| {
        let of = notices.iter().filter(move |notice| (notice.tier == Tier::Critical) == wanted);
        of.filter_map(|notice| told.get(&notice.outbox).copied())
    };
    let last = at(true).max().unwrap_or(Timestamp::MAX);
    let before = at(false).filter(|at| *at < last).count() as f64 / at(false).count() as f64 * 100.0;
    let name = "others told before the last critical one";
    if thorough() {
        report.hold(name, before, OTHERS_BEFORE_MOST, " %");
    } else {
        // What is on its way when the critical ones come is half of so few.
        report.say(name, &format!("{} %", figure(before)));
    }
}

fn memory(report: &mut Report, watch: &Watch, early_mb: f64) {
    let peak = watch.peak_mb();
    report.say("processes of the worker", &watch.processes().to_string());
    report.hold("peak memory of a process (development build)", peak, MEMORY_MB_MOST, " MB");
    let name = "peak memory, at the end / when a fifth was told";
    if thorough() {
        report.hold(name, peak / early_mb, GROWTH_MOST, "");
    } else {
        // Most processes have had one batch.
        report.say(name, &figure(peak / early_mb));
    }
}

/// No queue has more of the worker at once than its mapping says.
async fn at_once(report: &mut Report, aws: &Aws, groups: &[Vec<Call>], notices: &[Notice]) {
    let tiers: BTreeMap<&str, Tier> = notices.iter().map(|notice| (notice.outbox.as_str(), notice.tier)).collect();
    for (tier, most) in mappings(aws).await {
        let own = groups.iter().filter(|group| tier_of(group, &tiers) == Some(tier));
        let spans: Vec<(u64, u64)> = own.filter_map(|group| span(group)).collect();
        let name = format!("{}, at once", tier.as_str());
        report.say(&format!("{}, invocations", tier.as_str()), &spans.len().to_string());
        report.hold(&name, most_at_once(&spans) as f64, most, "");
    }
}

/// How many of each queue's batches are worked on at once, as deployed.
async fn mappings(aws: &Aws) -> Vec<(Tier, f64)> {
    let listed = aws_sdk_lambda::Client::new(aws.config()).list_event_source_mappings().send().await.unwrap();
    let of = |tier: Tier| {
        let queue = format!(":{}-{}", setting("PORTICO_PREFIX"), tier.as_str());
        let of_queue = |arn: Option<&str>| arn.is_some_and(|arn| arn.ends_with(&queue));
        let found = listed.event_source_mappings().iter().find(|mapping| of_queue(mapping.event_source_arn()));
        let most = found.and_then(|mapping| mapping.scaling_config()?.maximum_concurrency());
        (tier, f64::from(most.unwrap_or_else(|| panic!("{queue} has no bound"))))
    };
    Tier::ALL.map(of).into()
}

/// A condition that did not hold is an answer and no refusal: a chain that moved on, a claim of somebody else.
fn refusals(report: &mut Report, groups: &[Vec<Call>], count: f64) {
    let all = || groups.iter().flatten();
    let of = |wanted: &dyn Fn(&Call) -> bool| all().filter(|call| wanted(call)).count() as f64;
    let is_condition = |call: &Call| {
        call.status == Some(400) && matches!(call.operation.as_str(), "TransactWriteItems" | "UpdateItem")
    };
    let refused = of(&|call| call.status.is_some_and(|status| status >= 400) && !is_condition(call));
    let calls = of(&|_| true);
    report.say("calls of AWS", &format!("{} ({} for each notice)", calls, figure(calls / count)));
    report.hold("calls refused or throttled", refused / calls * 100.0, REFUSED_PERCENT_MOST, " %");
    report.say("calls that nobody answered in time", &of(&|call| call.status.is_none()).to_string());
    let met = of(&|call| is_condition(call) && call.operation == "TransactWriteItems");
    report.hold("commits that met another, for each notice", met / count, MET_MOST, "");
    report.say("messages that came again", &of(&|call| call.operation == "ChangeMessageVisibility").to_string());
}

fn assumed_ms(call: &Call) -> f64 {
    match (call.service.as_str(), call.operation.as_str()) {
        ("dynamodb", "TransactWriteItems") => 15.0,
        ("sts", _) => 25.0,
        ("kms" | "lambda" | "sqs", _) => 10.0,
        _ if is_mail(call) => 120.0,
        _ => 6.0,
    }
}

/// How long a notice would take in AWS.
struct OnAws {
    notice_ms: f64,
    /// Of it, what the worker's own processor takes.
    own_ms: f64,
    /// An invocation of the vendor, and how many of them a notice needs.
    vendor_ms: f64,
    vendor_times: f64,
    memory_mb: [f64; 2],
}

impl OnAws {
    /// A batch is told one after another, so that the calls of an invocation that waited for each other are those of all
    /// its notices.
    fn of(groups: &[Vec<Call>], count: f64, cpu_ms: [f64; 2], memory_mb: [f64; 2]) -> OnAws {
        let chained = |function: &str| -> f64 {
            let of = |group: &Vec<Call>| -> f64 {
                let own: Vec<Call> = group.iter().filter(|call| call.function == function).cloned().collect();
                chain(&own).into_iter().map(assumed_ms).sum()
            };
            groups.iter().map(of).sum()
        };
        let is_vending = |call: &&Call| call.function == FUNCTION && call.service == "lambda";
        let asked = groups.iter().flatten().filter(is_vending).count() as f64;
        let stretched = |place: usize| cpu_ms[place] * PROCESSOR_MB / memory_mb[place];
        let vendor_ms = if asked > 0.0 { (chained(VENDOR) + stretched(1)) / asked } else { 0.0 };
        let own_ms = stretched(0) / count;
        let notice_ms = chained(FUNCTION) / count + vendor_ms * asked / count + own_ms;
        OnAws { notice_ms, own_ms, vendor_ms, vendor_times: asked / count, memory_mb }
    }

    fn gb_seconds(&self) -> f64 {
        let of = |ms: f64, mb: f64| ms / 1e3 * mb / 1_024.0;
        of(self.notice_ms, self.memory_mb[0]) + of(self.vendor_ms * self.vendor_times, self.memory_mb[1])
    }

    async fn tell(&self, report: &Report, aws: &Aws) {
        report.say("in AWS, assumed and not measured", ASSUMED);
        report.say(
            "in AWS, a notice",
            &format!(
                "{} ms one after another: its calls by these times, {} ms of the vendor, {} ms of its own processor \
                 (development build, by {} MB)",
                figure(self.notice_ms),
                figure(self.vendor_ms * self.vendor_times),
                figure(self.own_ms),
                self.memory_mb[0],
            ),
        );
        let (mut asked, mut longest) = (0.0, 0.0_f64);
        for (tier, most) in mappings(aws).await {
            let hundredths = match tier {
                Tier::Critical => 10.0,
                Tier::Standard => 60.0,
                Tier::Informational => 30.0,
            };
            let waiting = NOTICES.0 as f64 * hundredths / 100.0;
            let seconds = waiting * self.notice_ms / 1e3 / most;
            (asked, longest) = (asked + most * 1e3 / self.notice_ms, longest.max(seconds));
            let name = format!("in AWS, {waiting} {} ones", tier.as_str());
            report.say(&name, &format!("{} s, {most} at once, each batch one after another", figure(seconds)));
        }
        let least = NOTICES.0 as f64 / MAILS_PER_SECOND;
        report.say(
            &format!("in AWS, {} queued at once", NOTICES.0),
            &format!(
                "{} s, if the mail service takes {} mails a second; {} s at the {MAILS_PER_SECOND} of a new account",
                figure(longest),
                figure(asked),
                figure(longest.max(least)),
            ),
        );
    }
}

/// From the queue on: what wrote the rows and handed them on belongs to what people did (`bench cost`).
async fn price(report: &Report, meter: &Meter, groups: &[Vec<Call>], count: f64, there: &OnAws) {
    const OF: f64 = 1_000.0;
    let prices = Prices::read();
    prices.introduce(report);
    let mut used = meter.used_by(groups).await;
    let batches = groups.iter().filter(|group| span(group).is_some()).count() as f64;
    // Each is sent by itself; a batch is received and deleted as one.
    used.add("sqs_standard", count + 2.0 * batches);
    let here = used.0.insert("lambda_gb_seconds", there.gb_seconds() * count).unwrap_or_default();
    report.say(
        "GB-seconds of 1,000 notices",
        &format!(
            "{} by the times assumed above, which is what is priced; {} on this machine, where all wait for two cores",
            figure(there.gb_seconds() * OF),
            figure(here / count * OF),
        ),
    );
    let mut thousand = super::used::Used::default();
    thousand.add_all(&used, OF / count);
    let total = cost::table(report, "1,000 notices", &thousand, &prices);
    report.say("1,000 notices", &format!("{} $", figure(total)));
}
