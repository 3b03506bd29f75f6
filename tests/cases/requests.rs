//! Request lists: from ask to complete, who may do what, who hears of it and how often, and the ladder of reminders at
//! its own days.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::portal::{Person, until};
use testkit::samples;

use crate::documents::submit;
use crate::faults::delivery::Lambdas;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, fresh};

/// Long enough for whatever should not come to come.
const QUIET: Duration = Duration::from_secs(4);

/// A firm with a list of two lines by hand: `Bank statements` as evidence, `Lease` wherever its sender says.
pub(crate) struct Asked {
    pub(crate) world: LawFirm,
    pub(crate) staff: Person,
    pub(crate) admin: Person,
    pub(crate) matter: String,
    pub(crate) list: Value,
}

impl Asked {
    pub(crate) async fn open(due_on: &str) -> Self {
        let world = LawFirm::open().await;
        let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
        let matter = world.matter(&staff).await;
        let lines = json!([{ "what": "Bank statements", "category": "Evidence" }, { "what": "Lease" }]);
        let new = json!({ "project": matter, "title": "Papers for the hearing", "due_on": due_on, "lines": lines });
        let list = staff.write("POST", &format!("/api/v1/clients/{}/requests", world.acme), &new).await;
        Self { world, staff, admin, matter, list }
    }

    pub(crate) fn path(&self) -> String {
        format!("/api/v1/clients/{}/requests/{}", self.world.acme, self.list["id"].as_str().unwrap())
    }

    fn line(&self, place: usize) -> String {
        self.list["lines"][place]["id"].as_str().unwrap().to_owned()
    }

    fn act(&self, place: usize, act: &str) -> String {
        format!("{}/lines/{}/{act}", self.path(), self.line(place))
    }

    /// Hands a file in for a line; the document's id.
    async fn hand_in(&self, by: &Person, place: usize, name: &str, bytes: &[u8]) -> String {
        let on = json!({ "list": self.list["id"], "line": self.line(place) });
        let asked = json!({ "name": name, "size_bytes": bytes.len(), "project": self.matter, "request": on });
        let ticket = by.write("POST", &format!("/api/v1/clients/{}/documents", self.world.acme), &asked).await;
        by.send_file(&ticket["upload"], name, bytes).await;
        crate::world::id_of(&ticket, "document")
    }

    async fn given(&self, place: usize, name: &str) -> Value {
        let document = self.hand_in(&self.admin, place, name, &samples::txt("words")).await;
        let settled = self.admin.settled(&self.world.acme, &document).await;
        assert_eq!(settled["state"], "ready", "{settled}");
        settled
    }

    async fn states(&self) -> Vec<String> {
        let list = self.admin.read(&self.path()).await;
        let lines = list["lines"].as_array().unwrap();
        lines.iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Mails to somebody whose subject holds these words.
    async fn told(&self, local: &str, words: &str) -> Vec<Value> {
        let mut mails = self.world.portal.mails(&self.world.address(local)).await;
        mails.retain(|mail| mail["subject"].as_str().unwrap_or_default().contains(words));
        mails
    }

    async fn told_once(&self, local: &str, words: &str) -> Value {
        until(&format!("a mail that says {words}"), || async { self.told(local, words).await.pop() }).await
    }
}

#[tokio::test]
async fn a_list_goes_from_ask_to_complete() {
    let asked = Asked::open("2031-01-10").await;
    let Asked { staff, admin, .. } = &asked;
    assert_eq!(asked.states().await, ["asked", "asked"]);
    let told = asked.told_once("admin.acme", "Please send: Papers for the hearing").await;
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("Bank statements, due Fri 10 Jan 2031") && text.contains("/requests/"), "{text}");

    // A file that is refused has delivered nothing; another copy of it is for the same line.
    let refused = asked.hand_in(admin, 0, "program.pdf", &samples::program()).await;
    assert_eq!(admin.settled(&asked.world.acme, &refused).await["state"], "rejected");
    assert_eq!(asked.states().await, ["asked", "asked"]);
    let again = json!({
        "name": "again.txt", "size_bytes": 5, "project": asked.matter, "category": "Other", "again_for": refused,
    });
    let ticket = admin.write("POST", &format!("/api/v1/clients/{}/documents", asked.world.acme), &again).await;
    assert_eq!(ticket["document"]["request"]["line"], asked.line(0), "{ticket}");
    assert_eq!(ticket["document"]["category"], "Evidence", "{ticket}");

    let document = asked.given(0, "statements.txt").await;
    assert_eq!(document["category"], "Evidence", "{document}");
    assert_eq!(asked.states().await, ["delivered", "asked"]);
    let list = admin.read(&asked.path()).await;
    assert_eq!((&list["given"]["done"], &list["given"]["of"]), (&json!(1), &json!(2)), "{list}");
    let files = list["lines"][0]["files"].as_array().unwrap();
    let shown: Vec<(&Value, &Value)> = files.iter().map(|file| (&file["name"], &file["state"])).collect();
    assert_eq!(shown.len(), 3, "{list}");
    assert_eq!(shown[2], (&json!("statements.txt"), &json!("ready")), "{list}");

    // Sent back with a reason, twice by the same press; then given again.
    let reason = json!({ "reason": "These are of the year before." });
    for _ in 0..2 {
        staff.write("POST", &asked.act(0, "return"), &reason).await;
    }
    let list = admin.read(&asked.path()).await;
    assert_eq!(list["lines"][0]["reason"], "These are of the year before.", "{list}");
    assert_eq!(list["lines"][0]["files"][2]["returned"], true, "{list}");
    asked.given(0, "statements 2030.txt").await;
    admin.write("POST", &asked.act(1, "not-had"), &json!({ "words": "We never had one." })).await;
    assert_eq!(asked.states().await, ["delivered", "not_had"]);
    let delivered = staff.read(&asked.path()).await;
    assert_eq!(delivered["lines"][1]["words"], "We never had one.", "{delivered}");
    assert!(delivered["delivered_at"].is_string() && delivered["next_due"].is_null(), "{delivered}");

    // The firm asks again for what it does not believe, and accepts it in the end.
    staff.write("POST", &asked.act(1, "return"), &json!({ "reason": "Page 3 of the contract names it." })).await;
    assert_eq!(asked.states().await, ["delivered", "returned"]);
    admin.write("POST", &asked.act(1, "not-had"), &json!({})).await;
    for place in [0, 1, 1] {
        staff.write("POST", &asked.act(place, "accept"), &json!({})).await;
    }
    assert_eq!(asked.states().await, ["accepted", "accepted_not_had"]);
    assert_eq!(admin.read(&asked.path()).await["standing"], "complete");
    staff.write("POST", &asked.act(0, "undo"), &json!({})).await;
    assert_eq!(admin.read(&asked.path()).await["standing"], "open");
    assert_eq!(asked.states().await, ["delivered", "accepted_not_had"]);

    // Each is in the audit once, by what it was.
    let partner = asked.world.person("partner").await;
    let events = partner.read(&format!("/api/v1/clients/{}/audit", asked.world.acme)).await;
    let count = |act: &str| events["items"].as_array().unwrap().iter().filter(|event| event["act"] == act).count();
    let acts = ["request.sent", "request.returned", "request.not_had", "request.accepted", "request.accept_undone"];
    assert_eq!(acts.map(count), [1, 2, 2, 2, 1], "{events}");
}

#[tokio::test]
async fn lists_come_from_the_pack_once_and_are_changed_while_they_are_open() {
    let asked = Asked::open("2031-01-17").await;
    let Asked { staff, admin, world, .. } = &asked;
    let lists = format!("/api/v1/clients/{}/requests", world.acme);
    let new = json!({ "project": asked.matter, "template": "opening", "due_on": "2031-01-17" });
    let headers = [
        ("accept", "application/json".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", staff.http().url().replace("//127.0.0.1", "//localhost")),
        ("idempotency-key", fresh()),
    ];
    let send = || staff.http().raw("POST", &lists, &headers, new.to_string().into_bytes());
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status), (201, 201), "{}", second.text());
    let list = first.json();
    assert_eq!(list["id"], second.json()["id"], "a retried call made a second list");
    let lines = list["lines"].as_array().unwrap().clone();
    assert!(lines.len() >= 5 && lines.iter().all(|line| line["due_on"] == "2031-01-17"), "{list}");
    let path = format!("{lists}/{}", list["id"].as_str().unwrap());

    let kept = |line: &Value| {
        let kept = ["id", "what", "help", "due_on", "category"];
        Value::Object(kept.iter().map(|name| ((*name).to_owned(), line[*name].clone())).collect())
    };
    let mut edits: Vec<Value> = lines.iter().skip(1).map(kept).collect();
    edits.push(json!({ "what": "Photos of the site", "help": "As many as you have.", "category": "Evidence" }));
    let edit = json!({ "version": 1, "title": "To begin with", "lines": edits });
    let changed = staff.write("PATCH", &path, &edit).await;
    assert_eq!((changed["title"].as_str(), changed["version"].as_u64()), (Some("To begin with"), Some(2)), "{changed}");
    assert_eq!(changed["lines"].as_array().unwrap().len(), lines.len(), "{changed}");
    assert_eq!(staff.http().send("PATCH", &path, Some(&edit)).await.status, 409, "an old version was taken");
    for wrong in [
        json!({ "version": 2, "lines": [] }),
        json!({ "version": 2, "lines": [{ "what": "x", "category": "Tax returns" }] }),
        json!({ "version": 2, "lines": [{ "what": " " }] }),
        json!({ "version": 2, "lines": [{ "id": fresh(), "what": "x" }] }),
    ] {
        let answer = staff.http().send("PATCH", &path, Some(&wrong)).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text());
    }
    let all = admin.read(&lists).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all}");
    // Withdrawn, it takes nothing any more.
    staff.write("PATCH", &path, &json!({ "version": 2, "withdrawn": true })).await;
    let line = changed["lines"][0]["id"].as_str().unwrap();
    let late = admin.post(&format!("{path}/lines/{line}/not-had"), &json!({})).await;
    assert!(late.status == 422 && late.text().contains("withdrawn"), "{}", late.text());
    for wrong in [
        json!({ "project": asked.matter, "template": "individual-return" }),
        json!({ "project": asked.matter, "title": "Nothing" }),
        json!({ "project": asked.matter, "lines": [{ "what": "x" }] }),
    ] {
        assert_eq!(staff.post(&lists, &wrong).await.status, 422, "{wrong}");
    }
    let foreign = json!({ "project": fresh(), "template": "opening" });
    assert_eq!(staff.post(&lists, &foreign).await.status, 404);
}

#[tokio::test]
async fn each_side_does_its_own_and_others_find_nothing() {
    let asked = Asked::open("2031-01-24").await;
    let Asked { staff, admin, world, .. } = &asked;
    let (birch, staff2) = (world.person("admin.birch").await, world.person("staff2").await);
    asked.given(0, "statements.txt").await;
    let reason = json!({ "reason": "Why?" });
    let check = |who: Person, path: String, body: Value, want: u16| async move {
        let answer = who.post(&path, &body).await;
        assert_eq!(answer.status, want, "{}: {path}: {}", who.email, answer.text());
    };
    let lists = format!("/api/v1/clients/{}/requests", world.acme);
    let new = json!({ "project": asked.matter, "template": "opening" });
    check(admin.clone(), lists.clone(), new.clone(), 403).await;
    check(admin.clone(), asked.act(0, "accept"), json!({}), 403).await;
    check(admin.clone(), asked.act(0, "undo"), json!({}), 403).await;
    check(admin.clone(), asked.act(0, "return"), reason.clone(), 403).await;
    assert_eq!(
        admin.http().send("PATCH", &asked.path(), Some(&json!({ "version": 3, "withdrawn": true }))).await.status,
        403
    );
    check(staff.clone(), asked.act(1, "not-had"), json!({}), 403).await;
    for stranger in [&birch, &staff2] {
        check(stranger.clone(), lists.clone(), new.clone(), 404).await;
        check(stranger.clone(), asked.act(0, "accept"), json!({}), 404).await;
        check(stranger.clone(), asked.act(1, "not-had"), json!({}), 404).await;
        assert_eq!(stranger.get(&asked.path()).await.status, 404);
    }
    // Nothing was changed, and what is out of turn is refused in words.
    assert_eq!(asked.states().await, ["delivered", "asked"]);
    check(staff.clone(), asked.act(1, "accept"), json!({}), 422).await;
    check(staff.clone(), asked.act(1, "return"), reason, 422).await;
    check(admin.clone(), asked.act(0, "not-had"), json!({}), 422).await;
    check(staff.clone(), format!("{}/lines/{}/accept", asked.path(), fresh()), json!({}), 404).await;

    // A file for a list of somebody else's, of another project or for a line that is not there is not taken.
    let documents = format!("/api/v1/clients/{}/documents", world.acme);
    let other = world.matter(staff).await;
    for (project, list, line) in [
        (asked.matter.clone(), fresh(), asked.line(1)),
        (asked.matter.clone(), asked.list["id"].as_str().unwrap().to_owned(), fresh()),
        (other, asked.list["id"].as_str().unwrap().to_owned(), asked.line(1)),
    ] {
        let on = json!({ "list": list, "line": line });
        check(
            admin.clone(),
            documents.clone(),
            json!({ "name": "a.txt", "size_bytes": 5, "project": project, "request": on }),
            404,
        )
        .await;
    }
    staff.write("POST", &asked.act(0, "accept"), &json!({})).await;
    let on = json!({ "list": asked.list["id"], "line": asked.line(0) });
    let late = json!({ "name": "a.txt", "size_bytes": 5, "project": asked.matter, "request": on });
    check(admin.clone(), documents.clone(), late, 422).await;
    // What is settled holds up nothing else.
    let on = json!({ "list": asked.list["id"], "line": asked.line(1) });
    let other = json!({ "name": "a.txt", "size_bytes": 5, "project": asked.matter, "request": on });
    check(admin.clone(), documents, other, 201).await;
}

#[tokio::test]
async fn the_firm_hears_once_that_everything_came_however_the_files_race() {
    let world = LawFirm::open().await;
    let (staff, admin, member) =
        (world.person("staff").await, world.person("admin.acme").await, world.person("member.acme").await);
    let matter = world.matter(&staff).await;
    let lines: Vec<Value> = (0..5).map(|n| json!({ "what": format!("Thing {n}") })).collect();
    let new = json!({ "project": matter, "title": "Five things", "lines": lines });
    let list = staff.write("POST", &format!("/api/v1/clients/{}/requests", world.acme), &new).await;
    let asked = Asked { world, staff, admin, matter, list };
    let before = asked.told("staff", "").await.len();
    // Four lines at once by two people, one of them by two files, beside the fifth that nobody has.
    let files = [(0, "a.txt"), (1, "b.txt"), (2, "c.txt"), (3, "d.txt"), (3, "e.txt")];
    let sent = files.iter().enumerate().map(|(n, (place, name))| {
        let by = if n % 2 == 0 { &asked.admin } else { &member };
        let asked = &asked;
        async move { asked.hand_in(by, *place, name, &samples::txt("words")).await }
    });
    let not_had = asked.act(4, "not-had");
    let (documents, _) = tokio::join!(join_all(sent), async { asked.admin.write("POST", &not_had, &json!({})).await });
    for document in &documents {
        assert_eq!(asked.admin.settled(&asked.world.acme, document).await["state"], "ready");
    }
    assert_eq!(asked.states().await, ["delivered", "delivered", "delivered", "delivered", "not_had"]);
    let told = asked.told_once("staff", "Everything has come: Five things").await;
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("do not have this") && text.contains("Thing 4") && !text.contains("Thing 3"), "{text}");
    tokio::time::sleep(QUIET).await;
    // One mail for the whole set, and none for its files.
    assert_eq!(asked.told("staff", "").await.len(), before + 1);

    // What goes back is told in one mail; given again, the firm hears once more. A file after that is news by itself.
    for (place, reason) in [(0, "The wrong year."), (1, "Page 2 is missing.")] {
        asked.staff.write("POST", &asked.act(place, "return"), &json!({ "reason": reason })).await;
    }
    let back = asked.told_once("member.acme", "Please look at 2 things again: Five things").await;
    let text = back["text"].as_str().unwrap();
    assert!(text.contains("Thing 0: The wrong year.") && text.contains("Thing 1: Page 2 is missing."), "{text}");
    tokio::time::sleep(QUIET).await;
    assert_eq!(asked.told("member.acme", "Please look at").await.len(), 1);
    let (first, second) = tokio::join!(asked.given(0, "a 2030.txt"), asked.given(1, "b 2030.txt"));
    assert!(first["request"].is_object() && second["request"].is_object(), "{first}");
    until("the second time", || async { (asked.told("staff", "Everything has come").await.len() == 2).then_some(()) })
        .await;
    asked.given(2, "later.txt").await;
    until("news of a file", || async { asked.told("staff", "New document: later.txt").await.pop() }).await;
    assert_eq!(asked.told("staff", "").await.len(), before + 3);
}

#[tokio::test]
async fn pages_do_the_same_without_scripts() {
    let asked = Asked::open("2031-01-31").await;
    let Asked { staff, admin, world, .. } = &asked;
    let of = format!("/clients/{}", world.acme);
    let list = format!("{of}/requests/{}", asked.list["id"].as_str().unwrap());
    let line = |place: usize| format!("{list}/lines/{}", asked.line(place));
    let home = admin.get("/").await.text();
    assert!(home.contains(&format!("href=\"{list}\"")) && home.contains("0 of 2"), "{home}");
    let shown = admin.get(&list).await.text();
    let without = format!("list={}&amp;line={}", asked.list["id"].as_str().unwrap(), asked.line(0));
    assert!(shown.contains(&without) && shown.contains("I don't have this"), "{shown}");
    // A file without scripts: announced for the line, then sent from the page that follows.
    let fields = format!(
        "once={}&name=a.txt&project={}&list={}&line={}",
        fresh(),
        asked.matter,
        asked.list["id"].as_str().unwrap(),
        asked.line(0)
    );
    let announced = submit(admin, &format!("{of}/documents/new"), &fields).await;
    assert_eq!(announced.status, 303, "{}", announced.text());
    let twice = submit(admin, &format!("{of}/documents/new"), &fields).await;
    assert_eq!(twice.header("location"), announced.header("location"), "pressed twice, one file is announced");
    let document = announced.header("location").rsplit('/').nth(1).unwrap().to_owned();
    let document = admin.read(&format!("/api/v1{of}/documents/{document}")).await;
    assert_eq!((&document["category"], &document["request"]["line"]), (&json!("Evidence"), &json!(asked.line(0))));
    asked.given(0, "b.txt").await;

    let said = submit(admin, &format!("{}/not-had", line(1)), "words=We+never+had+one.").await;
    assert_eq!(said.status, 303, "{}", said.text());
    let page = staff.get(&list).await.text();
    for part in ["Everything has come", "We never had one.", "To look at", "Do without it"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let empty = submit(staff, &format!("{}/return", line(0)), "words=+").await;
    assert!(empty.status == 422 && empty.text().contains("Write a few words."), "{}", empty.text());
    assert_eq!(submit(admin, &format!("{}/accept", line(0)), "").await.status, 403);
    let accepted = submit(staff, &format!("{}/accept", line(0)), "").await;
    assert_eq!(accepted.status, 303, "{}", accepted.text());
    let page = staff.get(accepted.header("location").split('#').next().unwrap()).await.text();
    assert!(page.contains(&format!("{}/undo", line(0))) && page.contains("1 of 2 accepted"), "{page}");
    assert_eq!(submit(staff, &format!("{}/undo", line(0)), "").await.status, 303);
    assert_eq!(asked.states().await, ["delivered", "not_had"]);
    until("the list on the home of staff", || async {
        staff.get("/").await.text().contains(&format!("href=\"{list}\"")).then_some(())
    })
    .await;

    // Changed by hand: one line more, one gone; then withdrawn and asked for again.
    let version = staff.read(&asked.path()).await["version"].as_u64().unwrap();
    let fields = format!(
        "version={version}&title=Papers&id-0={}&what-0=Bank+statements&category-0=Evidence&what-1=&id-1={}&what-2=Payroll&due_on-2=2031-02-03",
        asked.line(0),
        asked.line(1)
    );
    let saved = submit(staff, &format!("{list}/edit"), &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert_eq!(asked.states().await, ["delivered", "asked"]);
    assert_eq!(submit(staff, &format!("{list}/withdraw"), "").await.status, 303);
    assert!(admin.get(&list).await.text().contains("This list was withdrawn"));
    assert!(!admin.get("/").await.text().contains(&list));
    assert_eq!(submit(staff, &format!("{list}/reinstate"), "").await.status, 303);

    // Made from the pack by one form, twice by the same press.
    let new = format!("{of}/requests/new?project={}", asked.matter);
    let page = staff.get(&new).await.text();
    let once = page.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = format!("once={once}&project={}&template=opening&due_on=2031-02-10", asked.matter);
    let (first, second) = (
        submit(staff, &format!("{of}/requests/new"), &fields).await,
        submit(staff, &format!("{of}/requests/new"), &fields).await,
    );
    assert_eq!((first.status, first.header("location")), (303, second.header("location")), "{}", second.text());
    let own = format!("once={once}-own&project={}&title=By+hand&lines=Passport%0D%0A%0D%0ALease&due_on=", asked.matter);
    let made = submit(staff, &format!("{of}/requests/new"), &own).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let lists = admin.read(&format!("/api/v1{of}/requests")).await;
    assert_eq!(lists["items"].as_array().unwrap().len(), 3, "{lists}");
    assert_eq!(lists["items"][0]["lines"].as_array().unwrap().len(), 2, "{lists}");
    let none =
        submit(staff, &format!("{of}/requests/new"), &format!("once=x&project={}&title=x&lines=", asked.matter)).await;
    assert!(none.status == 422 && none.text().contains("Ask for at least one thing."), "{}", none.text());

    // What cannot be asked is said at its field, of the pack's lists as of those by hand, and to programs.
    let refused = async |fields: &str, at: &str, why: &str| {
        let fields = format!("once=y&project={}&{fields}", asked.matter);
        let page = submit(staff, &format!("{of}/requests/new"), &fields).await;
        let (status, page) = (page.status, page.text());
        assert!(status == 422 && page.contains(&format!("id=\"{at}-error\"")) && page.contains(why), "{page}");
    };
    refused("title=x&lines=Lease&due_on=2020-01-01", "due_on", "Choose a day from today on.").await;
    refused("template=opening&due_on=2020-01-01", "due-opening", "Choose a day from today on.").await;
    refused("title=x&lines=Lease%0D%0Alease", "lines", "“lease” is asked for twice.").await;
    let past = json!({ "project": asked.matter, "template": "opening", "due_on": "2020-01-01" });
    let answer = staff.post(&format!("/api/v1{of}/requests"), &past).await;
    assert!(answer.status == 422 && answer.text().contains("Choose a day from today on."), "{}", answer.text());
}

/// The minute's tick as the clock sends it, at an instant of our own.
pub(crate) async fn tick(lambdas: &Lambdas, at: &str) {
    let event = json!({
        "version": "0", "id": fresh(), "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
        "time": at, "region": "us-east-1", "resources": [], "detail": {},
    });
    // Another test may have left something that the sweep cannot do.
    let _answer = lambdas.invoke("schedules", &event).await;
}

#[tokio::test]
async fn a_file_in_the_bin_answers_nothing_and_not_having_is_taken_back() {
    let asked = Asked::open("2031-01-10").await;
    let Asked { world, staff, admin, .. } = &asked;
    let document = asked.given(0, "statements.txt").await["id"].as_str().unwrap().to_owned();
    let bulk = format!("/api/v1/clients/{}/documents/bulk", world.acme);
    let binned = async |binned: bool| {
        let done = admin.write("POST", &bulk, &json!({ "documents": [document], "binned": binned })).await;
        assert_eq!(done["items"][0]["outcome"], "done", "{done}");
    };
    let given = async || admin.read(&asked.path()).await["given"]["done"].clone();
    assert_eq!((asked.states().await, given().await), (vec!["delivered".into(), "asked".into()], json!(1)));
    binned(true).await;
    assert_eq!((asked.states().await, given().await), (vec!["asked".into(), "asked".into()], json!(0)));
    assert_eq!(staff.post(&asked.act(0, "accept"), &json!({})).await.status, 422);
    binned(false).await;
    assert_eq!(asked.states().await, ["delivered", "asked"]);

    // What was accepted stays; an acceptance that is taken back finds its file in the bin.
    staff.write("POST", &asked.act(0, "accept"), &json!({})).await;
    binned(true).await;
    assert_eq!(asked.states().await, ["accepted", "asked"]);
    staff.write("POST", &asked.act(0, "undo"), &json!({})).await;
    let refused = staff.post(&asked.act(0, "accept"), &json!({})).await;
    assert!(refused.status == 422 && refused.text().contains("lies in the bin"), "{}", refused.text());
    let form = format!(
        "/clients/{}/requests/{}/lines/{}/accept",
        world.acme,
        asked.list["id"].as_str().unwrap(),
        asked.line(0)
    );
    let page = submit(staff, &form, "").await;
    assert!(page.status == 422 && page.text().contains("In the bin"), "{}", page.text());

    admin.write("POST", &asked.act(1, "not-had"), &json!({})).await;
    for _ in 0..2 {
        admin.write("POST", &asked.act(1, "had"), &json!({})).await;
    }
    assert_eq!(asked.states().await[1], "asked");
    assert_eq!(staff.post(&asked.act(1, "had"), &json!({})).await.status, 403);
}

#[tokio::test]
async fn the_ladder_reminds_of_what_is_missing_on_its_days_and_of_nothing_else() {
    let asked = Asked::open("2031-03-21").await;
    let lambdas = Lambdas::connect(&Aws::connect().await).await;
    let reminders = || asked.told("member.acme", "still missing");
    let count = |want: usize| {
        let reminders = &reminders;
        async move {
            until(&format!("{want} reminders"), || async { (reminders().await.len() >= want).then_some(()) }).await;
            tokio::time::sleep(QUIET).await;
            assert_eq!(reminders().await.len(), want);
        }
    };
    // 9 in the morning in New York, a week before: the minute before it, it, and the same again.
    for at in ["2031-03-14T12:59:00Z", "2031-03-14T13:00:00Z", "2031-03-14T13:00:00Z", "2031-03-14T13:01:00Z"] {
        tick(&lambdas, at).await;
    }
    count(1).await;
    let mail = reminders().await.pop().unwrap();
    let text = mail["text"].as_str().unwrap();
    assert!(mail["subject"].as_str().unwrap().contains("2 of 2 still missing, due Fri 21 Mar 2031"), "{mail}");
    assert!(text.contains("Bank statements, due") && text.contains("Lease, due"), "{text}");
    // What has come is not asked for on the next rung, the day before; a day between is none.
    asked.given(0, "statements.txt").await;
    tick(&lambdas, "2031-03-17T13:00:00Z").await;
    tick(&lambdas, "2031-03-20T13:00:00Z").await;
    count(2).await;
    let mail = reminders().await.swap_remove(0);
    assert!(mail["subject"].as_str().unwrap().contains("1 of 2 still missing"), "{mail}");
    assert!(!mail["text"].as_str().unwrap().contains("Bank statements"), "{mail}");
    // Nothing is missing on the day itself; what goes back then is asked for a week later.
    asked.admin.write("POST", &asked.act(1, "not-had"), &json!({})).await;
    tick(&lambdas, "2031-03-21T13:00:00Z").await;
    asked.staff.write("POST", &asked.act(0, "return"), &json!({ "reason": "The wrong year." })).await;
    tick(&lambdas, "2031-03-28T13:00:00Z").await;
    count(3).await;
    // Silent while the client is archived, and again when it is back.
    let partner = asked.world.person("partner").await;
    let archived = format!("/api/v1/firm/clients/{}/archived", asked.world.acme);
    let archive = |on: bool| {
        let (partner, archived) = (&partner, &archived);
        async move { partner.write("PUT", archived, &json!({ "archived": on })).await }
    };
    archive(true).await;
    tick(&lambdas, "2031-04-04T13:00:00Z").await;
    archive(false).await;
    tick(&lambdas, "2031-04-11T13:00:00Z").await;
    count(4).await;
    // Withdrawn, it asks for nothing; and the last rung of all is eight weeks after the day.
    let list = asked.staff.read(&asked.path()).await;
    let edit = |list: &Value, withdrawn: bool| json!({ "version": list["version"], "withdrawn": withdrawn });
    let list = asked.staff.write("PATCH", &asked.path(), &edit(&list, true)).await;
    tick(&lambdas, "2031-04-18T13:00:00Z").await;
    asked.staff.write("PATCH", &asked.path(), &edit(&list, false)).await;
    tick(&lambdas, "2031-05-16T13:00:00Z").await;
    tick(&lambdas, "2031-05-23T13:00:00Z").await;
    count(5).await;
    assert_eq!(asked.told("staff", "still missing").await.len(), 0, "the firm is reminded of what it asked for");
}
