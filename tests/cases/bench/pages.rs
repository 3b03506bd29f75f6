//! Pages as people wait for them: time, bytes, and how often a function waited for AWS.
//!
//! Time is measured through the front door, every page in turn with the sign-in page, which asks AWS for nothing: what
//! that one takes is the local AWS itself. Steps are counted on the calls that the proxy saw, each made late on purpose
//! so that calls made together are seen to meet; asking for credentials is not counted, since a kept grant saves it.

use std::collections::BTreeMap;
use std::time::Duration;

use testkit::portal::{Answer, Http};

use super::busy_firm::{BusyFirm, ORDINARY, PROMISED, Page};
use super::calls::{Call, Calls, Trace, chain, depth, of_a_browser, operations};
use super::figures::{Report, Runs, figure, ms_since, now};
use super::{thorough, times};

const WARM_MS_MOST: f64 = 100.0;
const PAGE_BYTES_MOST: f64 = 50_000.0;
const SCRIPT_BYTES_MOST: f64 = 30_000.0;
const READ_STEPS_MOST: f64 = 2.0;
const WRITE_STEPS_MOST: f64 = 3.0;
/// Longer than calls that are made together lie apart on a busy machine.
const LATE: Duration = Duration::from_millis(60);
/// Requests until one is found whose grant was kept, by whichever environment answers.
const TRIES: usize = 12;

#[tokio::test]
#[ignore = "takes minutes, and milliseconds of a busy machine mean nothing"]
async fn pages_come_within_a_tenth_of_a_second() {
    let mut firm = BusyFirm::open().await;
    let mut report = Report::of("pages");
    report.say("compared", "each page and the sign-in page, which asks AWS for nothing, by turns; development build");
    for (staff, clients) in [ORDINARY, PROMISED] {
        firm.grow(staff, clients).await;
        let size = format!("{clients} clients");
        let mut pages = firm.pages();
        // What depends on the number of clients is measured at both sizes, the rest once.
        pages.retain(|page| page.grows || (staff, clients) == ORDINARY);
        timed(&mut report, &size, &firm, &pages).await;
    }
    report.done();
}

#[tokio::test]
async fn pages_are_small_and_wait_for_aws_twice_at_most() {
    let mut firm = BusyFirm::open().await;
    let mut report = Report::of("pages");
    let calls = Calls::open();
    let sizes: &[(usize, usize)] = if thorough() { &[ORDINARY, PROMISED] } else { &[ORDINARY] };
    for size in sizes {
        firm.grow(size.0, size.1).await;
        for page in firm.pages() {
            if !page.grows && *size != ORDINARY {
                continue;
            }
            let name = if page.grows { format!("{} ({} clients)", page.name, size.1) } else { page.name.to_owned() };
            weigh(&mut report, &name, &page).await;
            let most = if page.writes { WRITE_STEPS_MOST } else { READ_STEPS_MOST };
            steps(&mut report, &calls, &firm, &name, most, async |trace| page.ask(trace).await).await;
        }
        for write in firm.writes() {
            let name = format!("{} ({} clients)", write.name, size.1);
            steps(&mut report, &calls, &firm, &name, WRITE_STEPS_MOST, async |trace| write.send(trace).await).await;
        }
    }
    report.done();
}

/// What one page took.
#[derive(Default, Clone)]
struct Timed {
    whole: Runs,
    /// Between its first call to AWS and the end of the last.
    aws: Runs,
}

/// Every page in turn, many times, through the front door.
async fn timed(report: &mut Report, size: &str, firm: &BusyFirm, pages: &[Page]) {
    let (stranger, calls) = (firm.world.portal.stranger(), Calls::open());
    let mut all = vec![Timed::default(); pages.len()];
    let mut floor = Runs::default();
    let (rounds, warming) = (times(55, 12), 5);
    for round in 0..rounds + warming {
        let counted = round >= warming;
        for (page, timed) in pages.iter().zip(&mut all) {
            let (trace, started) = (Trace::new(), now());
            page.ask(&trace).await;
            let took = ms_since(started);
            if counted {
                timed.whole.add(took);
            }
            // Reading the list of calls is work for this machine too.
            if counted && round % 10 == 0 {
                timed.aws.add(span_ms(&calls.of(&trace).await));
            }
        }
        let started = now();
        stranger.raw("GET", "/sign-in", &of_a_browser(&Trace::new()), Vec::new()).await;
        if counted {
            floor.add(ms_since(started));
        }
    }
    for (page, timed) in pages.iter().zip(&all) {
        let name = if page.grows { format!("{} ({size})", page.name) } else { page.name.to_owned() };
        report.hold(&format!("{name}, warm, p50"), timed.whole.median(), WARM_MS_MOST, " ms");
        report.hold(&format!("{name}, warm, p95"), timed.whole.p95(), WARM_MS_MOST, " ms");
        let (times, aws) = (timed.whole.median() / floor.median(), timed.aws.median());
        report.say(&name, &format!("{} times the sign-in page; AWS {} ms of it", figure(times), figure(aws)));
    }
    let floor = format!("p50 {} ms, p95 {} ms, {} rounds", figure(floor.median()), figure(floor.p95()), floor.count());
    report.say("the sign-in page", &floor);
}

fn span_ms(calls: &[Call]) -> f64 {
    let first = calls.iter().map(|call| call.at_ms).min().unwrap_or(0);
    let last = calls.iter().map(Call::end_ms).max().unwrap_or(0);
    (last - first) as f64
}

/// Bytes as sent: the page with its styles, and its scripts.
async fn weigh(report: &mut Report, name: &str, page: &Page) {
    let answer = page.ask(&Trace::new()).await;
    assert_eq!(answer.header("content-encoding"), "gzip", "{name} is not compressed");
    let plain =
        page.person.http().raw("GET", &page.path, &[("accept", "text/html".to_owned())], Vec::new()).await.text();
    let mut bytes = BTreeMap::from([("style", answer.body.len()), ("script", 0)]);
    let linked = linked(&plain);
    assert!(linked.iter().any(|(kind, _)| *kind == "style") && linked.iter().any(|(kind, _)| *kind == "script"));
    for (kind, address) in &linked {
        assert!(address.starts_with("/assets/"), "{name} asks somebody else: {address}");
        *bytes.get_mut(kind).unwrap() += asset(page.person.http(), address).await;
    }
    report.hold(&format!("{name}, page with styles"), bytes["style"] as f64, PAGE_BYTES_MOST, " bytes");
    report.hold(&format!("{name}, script"), bytes["script"] as f64, SCRIPT_BYTES_MOST, " bytes");
}

async fn asset(http: &Http, address: &str) -> usize {
    let answer = http.raw("GET", address, &[("accept-encoding", "gzip".to_owned())], Vec::new()).await;
    assert_eq!(answer.status, 200, "{address}");
    answer.body.len()
}

/// Addresses of styles and scripts, each once.
fn linked(html: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for tag in html.split('<').filter_map(|rest| rest.split('>').next()) {
        let attribute = |name: &str| tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next();
        let linked = match tag.split(' ').next() {
            Some("link") if attribute("rel") == Some("stylesheet") => attribute("href").map(|to| ("style", to)),
            Some("script") => attribute("src").map(|to| ("script", to)),
            _ => None,
        };
        if let Some((kind, to)) = linked
            && !found.contains(&(kind, to.to_owned()))
        {
            found.push((kind, to.to_owned()));
        }
    }
    found
}

/// How often a request waited for AWS: the least of three requests with a kept grant, since a busy machine can draw
/// calls apart and never together.
async fn steps(
    report: &mut Report,
    calls: &Calls,
    firm: &BusyFirm,
    name: &str,
    most: f64,
    ask: impl AsyncFn(&Trace) -> Answer,
) {
    let rule = calls.slow(&firm.world.firm.id, LATE).await;
    let (mut best, mut kept): (Option<Vec<Call>>, usize) = (None, 0);
    for _ in 0..TRIES {
        let trace = Trace::new();
        ask(&trace).await;
        let made = calls.of(&trace).await;
        if made.iter().any(|call| call.is_vending()) {
            continue;
        }
        kept += 1;
        if best.as_ref().is_none_or(|other| depth(&made) < depth(other)) {
            best = Some(made);
        }
        if kept == 3 {
            break;
        }
    }
    calls.take_back(rule).await;
    let Some(made) = best else {
        report.hold(&format!("{name}, AWS steps (no request with a kept grant in {TRIES})"), f64::NAN, most, "");
        return;
    };
    assert!(!made.is_empty(), "{name}: no call of its trace was seen");
    report.hold(&format!("{name}, AWS steps"), depth(&made) as f64, most, "");
    if depth(&made) as f64 > most {
        let steps: Vec<&str> = chain(&made).iter().map(|call| call.operation.as_str()).collect();
        report.say(&format!("{name}, in turn"), &format!("{}; of {}", steps.join(" > "), operations(&made)));
    }
}

mod tests {
    use super::*;

    #[test]
    fn styles_and_scripts_are_found() {
        let html = "<html><head><link rel=\"stylesheet\" href=\"/assets/a.css\"><link rel=\"icon\" href=\"/i\">\
                    <script src=\"/assets/b.js\" defer></script><script src=\"/assets/b.js\"></script></head>";
        assert_eq!(linked(html), [("style", "/assets/a.css".to_owned()), ("script", "/assets/b.js".to_owned())]);
    }
}
