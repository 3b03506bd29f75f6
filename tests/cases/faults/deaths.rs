//! The worker of notices dies after each of its calls. Whoever should hear hears, and hears once more at the most.
//!
//! The rows that it works on are the test's own and in no queue, so that only deliveries made here meet a death: in a
//! shared batch it would hold up the notices of others.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::limits;
use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use testkit::portal::{Person, until};

use super::control::Control;
use super::delivery::{Lambdas, failures};
use super::kept::{Kept, partition};
use super::outbox::{Outbox, cause};
use super::shapes;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, counted, fresh, jiff_now, prove_phone, setting, volume};

const FUNCTION: &str = "notification-delivery";
/// Staff by mail and text message, the client's admin by mail.
const EFFECTS: usize = 3;
const DEATHS_AT_ONCE: usize = 4;

/// A reminder to be told: an outbox row about a milestone of its own.
struct Cause {
    outbox: String,
    /// In the words of its notices and of no others.
    title: String,
}

struct Desk {
    world: LawFirm,
    aws: Aws,
    lambdas: Lambdas,
    control: Control,
}

impl Desk {
    /// A firm whose client `birch` has an admin and, with a phone, one of the staff.
    async fn open() -> (Desk, Person) {
        let world = LawFirm::open().await;
        world.firm.assign(&world.staff_id, &world.birch).await;
        let staff = world.person("staff").await;
        prove_phone(&world.portal, &staff, &world.staff_phone).await;
        let aws = Aws::connect().await;
        let team = format!("T#{}#C#{}", world.firm.id, world.birch);
        until("the team of two", || async {
            let rows = partition(&aws, "data", &team).await;
            let members = rows.iter().filter(|row| row["sk"]["S"].as_str().unwrap_or_default().starts_with("TEAM#"));
            (members.count() == 2).then_some(())
        })
        .await;
        let lambdas = Lambdas::connect(&aws).await;
        (Desk { world, aws, lambdas, control: Control::open() }, staff)
    }

    async fn causes(&self, staff: &Person, count: usize) -> Vec<Cause> {
        let word = fresh()[18..].to_owned();
        let titles: Vec<String> = (0..count).map(|n| format!("Hearing {word}{n:03}")).collect();
        let mut causes = Vec::new();
        for titles in titles.chunks(limits::MILESTONES_PER_PROJECT_MAX) {
            let milestone = |title| json!({ "title": title, "due_on": "2030-01-04", "state": "upcoming" });
            let milestones: Vec<Value> = titles.iter().map(milestone).collect();
            let body = json!({ "name": "Birch v. Cole", "pack": "litigation", "milestones": milestones });
            let made = staff.write("POST", &format!("/api/v1/clients/{}/projects", self.world.birch), &body).await;
            let project = if made["project"].is_object() { &made["project"] } else { &made };
            for milestone in project["milestones"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let outbox = self.put(&text(&project["id"]), &text(&milestone["id"])).await;
                causes.push(Cause { outbox, title: text(&milestone["title"]) });
            }
        }
        assert_eq!(causes.len(), count);
        causes
    }

    fn outbox(&self) -> Outbox<'_> {
        Outbox { firm: &self.world.firm.id, client: &self.world.birch }
    }

    async fn put(&self, project: &str, milestone: &str) -> String {
        let outbox = fresh();
        let cause = cause("deadline_reminder", &[("project", project), ("milestone", milestone)]);
        self.outbox().put(&self.aws, &outbox, cause, jiff_now()).await;
        outbox
    }

    fn event(&self, cause: &Cause) -> Value {
        let body = self.outbox().message(&cause.outbox);
        shapes::batch(vec![shapes::message(self.lambdas.source(&queue()), &body.to_string(), None)])
    }

    /// How many calls a run makes that nobody disturbs.
    async fn calls_of_a_run(&self, cause: &Cause) -> usize {
        let mark = self.control.mark().await;
        let answer = self.lambdas.invoke(FUNCTION, &self.event(cause)).await.unwrap();
        assert!(failures(&answer).is_empty(), "{answer}");
        let named = self.control.calls(mark, &[("function", FUNCTION), ("contains", &cause.outbox)]).await;
        let trace = named.first().and_then(|call| call.trace.clone()).expect("a run has a trace");
        self.control.calls(mark, &[("function", FUNCTION), ("trace", &trace)]).await.len()
    }

    /// Dies after the `nth` call, if it comes to one; the message comes again at once, as one of a queue may.
    async fn die(&self, cause: &Cause, nth: usize) -> bool {
        let rule = json!({
            "function": FUNCTION, "invocation_contains": cause.outbox, "nth": nth, "action": "kill_after",
        });
        let rule = self.control.rule(&rule).await;
        let answer = self.lambdas.invoke(FUNCTION, &self.event(cause)).await;
        let met = self.control.take_back(rule).await;
        assert_eq!(answer.is_err(), met == 1, "met {met} at call {nth}, and answered {answer:?}");
        // What the dead one holds is still held, so this may end in asking for the message again.
        self.lambdas.invoke(FUNCTION, &self.event(cause)).await.unwrap();
        met == 1
    }
}

fn queue() -> String {
    format!("{}-critical", setting("PORTICO_PREFIX"))
}

#[tokio::test]
async fn a_death_after_any_call_loses_no_notice() {
    let (desk, staff) = Desk::open().await;
    let quiet = desk.causes(&staff, 1).await;
    let calls = desk.calls_of_a_run(&quiet[0]).await;
    assert!(calls >= 5 + EFFECTS * 3, "{calls}");
    let repetitions = volume(3, 1);
    let causes = desk.causes(&staff, calls * repetitions).await;
    let deaths = causes.iter().enumerate().map(|(n, cause)| desk.die(cause, n % calls + 1));
    let died: Vec<bool> = stream::iter(deaths).buffer_unordered(DEATHS_AT_ONCE).collect().await;
    let died = died.into_iter().filter(|died| *died).count();
    // A process that knows the firm's brand already makes one call less.
    assert!(died >= (calls - 1) * repetitions, "{died} of {}", causes.len());
    counted("deaths of notification-delivery, after each of its calls", died);
    tokio::time::sleep(Duration::from_secs(u64::try_from(limits::CLAIM_LEASE_SECONDS).unwrap() + 1)).await;
    for _ in 0..2 {
        let again = causes.iter().map(|cause| async {
            let answer = desk.lambdas.invoke(FUNCTION, &desk.event(cause)).await.unwrap();
            assert!(failures(&answer).is_empty(), "{}: nothing is left to wait for: {answer}", cause.title);
        });
        stream::iter(again).buffer_unordered(DEATHS_AT_ONCE).collect::<Vec<()>>().await;
    }

    let (staff_mails, admin_mails, texts) = tokio::join!(
        desk.world.portal.mails(&staff.email),
        async { desk.world.portal.mails(&desk.world.address("admin.birch")).await },
        desk.world.portal.texts(&desk.world.staff_phone),
    );
    let told = |list: &[Value], field: &str, cause: &Cause| {
        list.iter().filter(|sent| sent[field].as_str().unwrap_or_default().contains(&cause.title)).count()
    };
    let mut twice = 0;
    for (n, cause) in causes.iter().enumerate() {
        let counts =
            [told(&staff_mails, "subject", cause), told(&texts, "text", cause), told(&admin_mails, "subject", cause)];
        let nth = n % calls + 1;
        assert!(counts.iter().all(|count| *count >= 1), "dead after call {nth} of {calls}: lost, {counts:?}");
        let more = counts.iter().sum::<usize>() - EFFECTS;
        assert!(more <= 1, "dead after call {nth} of {calls}: told {more} times too often, {counts:?}");
        twice += more;
    }
    // Dead between an effect and its mark: if none of these came twice, no death met where it hurts.
    assert!(twice >= repetitions, "{twice}");
    each_is_marked_once(&desk, &causes).await;
}

/// Every effect has one claim, done, and one event.
async fn each_is_marked_once(desk: &Desk, causes: &[Cause]) {
    let kept = Kept::settled(&desk.aws, &desk.world.firm.id).await;
    let claims: BTreeSet<&str> =
        kept.rows_of("data").filter_map(|row| row["sk"]["S"].as_str()?.strip_prefix("CLAIM#")).collect();
    let events: Vec<&str> = kept.rows_of("audit").filter_map(|row| row["ev"]["S"].as_str()).collect();
    for cause in causes {
        let prefix = format!("notice/{}/", cause.outbox);
        let effects: Vec<&str> = claims.iter().copied().filter(|claim| claim.starts_with(&prefix)).collect();
        assert_eq!(effects.len(), EFFECTS, "{effects:?}");
        for effect in effects {
            let marked = events.iter().filter(|event| event.contains("notice.sent") && event.contains(effect)).count();
            assert_eq!(marked, 1, "events of {effect}");
        }
    }
}

/// The answer of AWS is lost, and the SDK makes the call again: what stands in its way is its own claim.
#[tokio::test]
async fn a_claim_whose_answer_was_lost_belongs_to_whoever_asked() {
    let (desk, staff) = Desk::open().await;
    for (place, cause) in desk.causes(&staff, EFFECTS).await.iter().enumerate() {
        let claims = format!("CLAIM#notice/{}/", cause.outbox);
        let rule = json!({
            "function": FUNCTION, "operation": "UpdateItem", "contains": claims, "nth": place + 1, "action": "drop_reply",
        });
        let rule = desk.control.rule(&rule).await;
        let answer = desk.lambdas.invoke(FUNCTION, &desk.event(cause)).await.unwrap();
        assert_eq!(desk.control.take_back(rule).await, 1, "{}", cause.title);
        assert!(failures(&answer).is_empty(), "{}: nobody else holds it: {answer}", cause.title);
        let rows = partition(&desk.aws, "data", &desk.outbox().place()).await;
        let told = rows.iter().filter(|row| row["sk"]["S"].as_str().unwrap_or_default().starts_with(&claims));
        let states: Vec<&Value> = told.map(|row| &row["state"]["S"]).collect();
        assert_eq!(states, vec!["done"; EFFECTS], "{}", cause.title);
    }
}
