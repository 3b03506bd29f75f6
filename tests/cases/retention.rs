//! How long documents are kept: rules, holds, a list that two people agree on, what a run leaves behind, and a client that
//! is erased.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::{Aad, DataKey};
use futures::StreamExt as _;
use serde_json::{Value, json};
use testkit::portal::Person;
use testkit::samples;

use crate::documents::{submit, versions};
use crate::faults::delivery::Lambdas;
use crate::faults::kept::{partition, versions};
use crate::faults::shapes;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, counted, fresh, id_of, jiff_now, setting, volume};

/// A law firm with a second partner, and documents of a tax project.
struct Desk {
    world: LawFirm,
    partner: Person,
    second: Person,
    project: String,
}

impl Desk {
    async fn open() -> Desk {
        let world = LawFirm::open().await;
        let email = world.address("second");
        let new =
            testkit::firm::NewPerson { name: "Paul Pryce", email: &email, role: "partner", client: None, phone: None };
        world.firm.invite(&new).await;
        let (partner, second) = (world.person("partner").await, world.person("second").await);
        partner.confirm().await;
        second.confirm().await;
        let body = json!({ "name": "Returns", "pack": "tax" });
        let made = partner.write("POST", &format!("/api/v1/clients/{}/projects", world.acme), &body).await;
        let project = id_of(&made, "project");
        Desk { world, partner, second, project }
    }

    fn at(&self, rest: &str) -> String {
        format!("/api/v1/firm/clients/{}/retention{rest}", self.world.acme)
    }

    fn documents(&self) -> String {
        format!("/api/v1/clients/{}/documents", self.world.acme)
    }

    /// A document of a tax year that ended so long ago that it is due.
    async fn old_document(&self, category: &str, words: &str) -> String {
        let name = format!("{words}.txt");
        let client = &self.world.acme;
        let sent = self.partner.upload(client, &self.project, category, &name, &samples::txt(words)).await.id;
        let ready = self.partner.settled(client, &sent).await;
        assert_eq!(ready["state"], "ready", "{ready}");
        let body = json!({ "version": ready["version"], "tax_year": 2010 });
        self.partner.write("PATCH", &format!("{}/{sent}", self.documents()), &body).await;
        sent
    }

    async fn post(&self, rest: &str, body: &Value) -> testkit::portal::Answer {
        keyed(&self.partner, &self.at(rest), body).await
    }

    async fn made(&self, rest: &str, body: &Value) -> String {
        asked(&self.partner, &self.at(rest), body).await
    }

    /// Asked for by one partner and confirmed by the other.
    async fn confirmed(&self) -> String {
        let run = self.made("/runs", &json!({})).await;
        let list = self.partner.read(&self.at(&format!("/runs/{run}"))).await["list"]["list"].clone();
        let path = self.at(&format!("/runs/{run}/confirmed"));
        let sure = self.second.http().send("PUT", &path, Some(&json!({ "list": list }))).await;
        assert_eq!(sure.status, 204, "{}", sure.text());
        run
    }

    async fn done(&self, run: &str) -> Value {
        let path = self.at(&format!("/runs/{run}"));
        self.partner.read_until(&path, |run| (run["state"] == "done").then(|| run.clone())).await
    }

    /// Every version of what a document, or the whole client, left behind, found with the root's key.
    async fn left(&self, aws: &Aws, document: &str) -> Vec<String> {
        let place = format!("t/{}/c/{}", self.world.firm.id, self.world.acme);
        let mut left = Vec::new();
        for stage in ["quarantine", "clean", "derived", "index", "vended"] {
            for audience in ["open", "bill", "int"] {
                let found = versions(aws, &format!("{stage}/{place}/{audience}/{document}")).await;
                left.extend(found.into_iter().map(|version| version.key));
            }
        }
        left
    }

    async fn finds(&self, words: &str) -> usize {
        let path = format!("/api/v1/clients/{}/search?q={words}", self.world.acme);
        self.partner.read(&path).await["hits"].as_array().map_or(0, Vec::len)
    }
}

#[tokio::test]
async fn a_run_does_what_its_rehearsal_said_and_a_hold_wins() {
    let desk = Desk::open().await;
    let (aws, acme) = (Aws::connect().await, desk.world.acme.clone());
    let rules = desk.partner.read("/api/v1/firm/retention").await;
    let words: Vec<&str> =
        rules["rules"].as_array().unwrap().iter().filter_map(|rule| rule["words"].as_str()).collect();
    assert!(words.iter().any(|rule| rule.starts_with("Correspondence: deleted 3 years after")), "{words:?}");
    assert!(
        words.iter().any(|rule| rule.contains("deleted 7 years after the tax year ends (31 December)")),
        "{words:?}"
    );
    let rule = json!({
        "version": rules["version"], "category": "Engagement", "pack": "tax", "anchor": "tax_year_end",
        "tax_year_ends": "12-31", "years": "1", "then": "archive",
    });
    let stale = desk
        .partner
        .http()
        .send(
            "PUT",
            "/api/v1/firm/retention/rules",
            Some(&json!({
                "version": 99, "anchor": "upload", "years": "1", "then": "delete",
            })),
        )
        .await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    desk.partner.write("PUT", "/api/v1/firm/retention/rules", &rule).await;

    let (gone, held) =
        (desk.old_document("Tax returns", "zebrafish").await, desk.old_document("Other", "platypus").await);
    let also_gone = desk.old_document("Source documents", "capybara").await;
    let archived = desk.old_document("Engagement", "wombat").await;
    let young = desk.partner.upload(&acme, &desk.project, "Tax returns", "New.txt", &samples::txt("numbat")).await.id;
    desk.partner.settled(&acme, &young).await;
    testkit::portal::until("the index", || async { (desk.finds("zebrafish").await == 1).then_some(()) }).await;
    // Words and pictures of pages among it.
    let left = desk.left(&aws, &gone).await;
    assert!(
        left.iter().any(|key| key.ends_with("/text")) && left.iter().any(|key| key.contains("/pages/")),
        "{left:?}"
    );

    let today = desk.partner.read(&desk.at("")).await["today"].clone();
    let listed = |document: &str, action: &str| {
        let items = today["items"].as_array().unwrap();
        assert!(
            items.iter().any(|item| item["document"] == document && item["action"] == action),
            "{document} {today}"
        );
    };
    listed(&gone, "delete");
    listed(&also_gone, "delete");
    listed(&held, "delete");
    listed(&archived, "archive");
    assert_eq!(today["items"].as_array().unwrap().len(), 4, "{today}");
    assert_eq!(today["waiting"]["tax_year"], 1, "{today}");

    let run = desk.made("/runs", &json!({})).await;
    let asked = desk.partner.read(&desk.at(&format!("/runs/{run}"))).await;
    assert_eq!((&asked["list"]["items"], &asked["list"]["list"]), (&today["items"], &today["list"]));
    let confirm = |by: &Person, list: Value| {
        let (path, by) = (desk.at(&format!("/runs/{run}/confirmed")), by.clone());
        async move { by.http().send("PUT", &path, Some(&json!({ "list": list }))).await.status }
    };
    assert_eq!(confirm(&desk.partner, today["list"].clone()).await, 422, "whoever asked does not confirm");
    assert_eq!(confirm(&desk.second, json!("0".repeat(64))).await, 422, "a list that nobody saw");
    let staff = desk.world.person("staff").await;
    assert_eq!(confirm(&staff, today["list"].clone()).await, 403);
    // Between the rehearsal and the run.
    let hold =
        desk.made("/holds", &json!({ "documents": [held], "reason": "Subpoena of the Southern District." })).await;
    assert_eq!(confirm(&desk.second, today["list"].clone()).await, 204);
    let done = desk.done(&run).await;
    assert_eq!(done["outcome"], json!({ "archived": 1, "deleted": 2, "skipped": 1 }), "{done}");
    for item in today["items"].as_array().unwrap() {
        let (document, became) =
            (item["document"].as_str().unwrap(), &done["became"][item["document"].as_str().unwrap()]);
        match (document == held, item["action"].as_str()) {
            (true, _) => assert!(became.as_str().unwrap().contains("legal hold"), "{done}"),
            (false, Some("delete")) => assert_eq!(became, "deleted", "{done}"),
            (false, _) => assert_eq!(became, "archived", "{done}"),
        }
        let certified = done["certificate"].as_str().unwrap().contains(item["digest"].as_str().unwrap());
        assert_eq!(certified, became == "deleted", "{done}");
    }

    for document in [&gone, &also_gone] {
        assert_eq!(desk.partner.get(&format!("{}/{document}", desk.documents())).await.status, 404);
        assert_eq!(desk.left(&aws, document).await, [] as [String; 0], "every version is gone");
        let pk = format!("T#{}#C#{acme}#RET", desk.world.firm.id);
        let table = format!("{}-data", setting("PORTICO_PREFIX"));
        let tombstone = aws.get(None, &table, &pk, &format!("TOMB#{document}")).await.unwrap().expect("a tombstone");
        assert!(!tombstone.contains_key("name_sealed"), "{tombstone:?}");
    }
    testkit::portal::until("the index without it", || async { (desk.finds("zebrafish").await == 0).then_some(()) })
        .await;
    assert_eq!(desk.finds("platypus").await, 1);
    for document in [&held, &archived] {
        let copy = desk.partner.get(&format!("{}/{document}/download", desk.documents())).await;
        assert!(matches!(copy.status, 200 | 303), "{}: {}", copy.status, copy.text());
    }
    let one = desk.partner.read(&format!("{}/{archived}", desk.documents())).await;
    assert!(one.to_string().contains("\"archived\":true"), "{one}");
    assert!(tags(&aws, &desk, &archived).await.contains(&("archive".to_owned(), "yes".to_owned())));
    assert!(tags(&aws, &desk, &held).await.is_empty());

    // Moved out of a project that is held, a document would leave the hold.
    let other = desk
        .partner
        .write("POST", &format!("/api/v1/clients/{acme}/projects"), &json!({ "name": "Later", "pack": "tax" }))
        .await;
    let on_project =
        desk.made("/holds", &json!({ "project": desk.project, "reason": "Audit by the tax office." })).await;
    let version = desk.partner.settled(&acme, &young).await["version"].clone();
    let moved = json!({ "version": version, "project": id_of(&other, "project") });
    let at = format!("{}/{young}", desk.documents());
    let moves = || desk.partner.http().send("PATCH", &at, Some(&moved));
    assert_eq!(moves().await.status, 422, "it stays where it is held");
    let off = desk.partner.http().send("DELETE", &desk.at(&format!("/holds/{on_project}")), None).await;
    assert_eq!(off.status, 204, "{}", off.text());
    assert_eq!(moves().await.status, 200, "and may go when the hold is released");

    // Released, it is due with the next list.
    let released = desk.partner.http().send("DELETE", &desk.at(&format!("/holds/{hold}")), None).await;
    assert_eq!(released.status, 204, "{}", released.text());
    let next = desk.partner.read(&desk.at("")).await["today"].clone();
    assert_eq!(next["items"].as_array().unwrap().len(), 1, "{next}");
    let holds = desk.partner.read(&desk.at("")).await["holds"].clone();
    let reason = "Subpoena of the Southern District.";
    let first = holds.as_array().unwrap().iter().find(|hold| hold["reason"] == reason).expect("the first hold");
    assert!(first["released_at"].is_string(), "{holds}");
    verified(&aws, &desk.world).await;
}

#[tokio::test]
async fn rules_are_refused_at_their_fields_and_taken_back() {
    let desk = Desk::open().await;
    let (partner, path) = (&desk.partner, "/firm/retention");
    let version = async || partner.read("/api/v1/firm/retention").await["version"].to_string();
    let wrong = "anchor=project_close&tax_year_ends=12-31&years=many&then=delete&delete_years=9";
    let page = submit(partner, path, &format!("version={}&{wrong}", version().await)).await;
    let (status, page) = (page.status, page.text());
    assert_eq!(status, 422, "{page}");
    for part in ["3 things need your attention", "value=\"many\"", "value=\"9\"", "the project is closed"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for field in ["tax_year_ends", "years", "delete_years"] {
        assert!(
            page.contains(&format!("id=\"{field}-error\"")) && page.contains(&format!("href=\"#{field}\"")),
            "{page}"
        );
    }

    // One rule in place of another, and back; removed, and back.
    let letters = "category=Correspondence&pack=";
    let standard = "Correspondence: deleted 3 years after the project is closed";
    let taken_back = async |changed: testkit::portal::Answer, said: &str| {
        assert_eq!(changed.status, 303, "{}", changed.text());
        let (to, place) = changed.header("location").split_once('#').unwrap();
        let page = partner.get(to).await.text();
        assert!(page.contains(said) && page.contains("deleted 3 years after"), "{page}");
        let undo = page.split("action=\"/firm/retention/undo").nth(1).unwrap().split('"').next().unwrap();
        let undone = submit(partner, &format!("{path}/undo{}", undo.replace("&amp;", "&")), "").await;
        assert!(undone.status == 303 && undone.header("location").ends_with(place), "{}", undone.text());
        let rules = partner.read("/api/v1/firm/retention").await;
        assert!(rules["rules"].as_array().unwrap().iter().any(|rule| rule["words"] == standard), "{rules}");
    };
    let seven = format!("version={}&{letters}&anchor=upload&years=7&then=delete", version().await);
    taken_back(submit(partner, path, &seven).await, "It took the place of this one").await;
    let removed = submit(partner, &format!("{path}/remove"), &format!("version={}&{letters}", version().await)).await;
    taken_back(removed, "The rule is removed").await;
}

#[tokio::test]
async fn versions_are_held_together_and_the_current_one_goes_last() {
    let desk = Desk::open().await;
    let (world, acme) = (&desk.world, desk.world.acme.clone());
    let first = desk.old_document("Tax returns", "aardvark").await;
    let second = versions::next(world, &desk.partner, &desk.project, "Second.txt", "pangolin", &first).await;
    let due = async || {
        let today = desk.partner.read(&desk.at("")).await["today"].clone();
        let ids = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|item| item["document"].as_str().unwrap().to_owned()).collect()
        };
        (ids(&today["items"]), ids(&today["held"]))
    };
    assert_eq!(due().await, (vec![first.clone()], vec![]), "the current one waits for the other");
    // Whoever holds what they see holds what it was before.
    let why = "Subpoena of the Southern District.";
    let hold = desk.made("/holds", &json!({ "documents": [second], "reason": why })).await;
    assert_eq!(due().await, (vec![], vec![first.clone(), second.clone()]));
    let off = desk.partner.http().send("DELETE", &desk.at(&format!("/holds/{hold}")), None).await;
    assert_eq!(off.status, 204, "{}", off.text());

    // They lie together wherever the current one is put, so that a hold on a project is one on all of them.
    let projects = format!("/api/v1/clients/{acme}/projects");
    let other = desk.partner.write("POST", &projects, &json!({ "name": "Later", "pack": "tax" })).await;
    let version = desk.partner.settled(&acme, &second).await["version"].clone();
    let moved = json!({ "version": version, "project": id_of(&other, "project") });
    desk.partner.write("PATCH", &format!("{}/{second}", desk.documents()), &moved).await;
    let on_project = desk.made("/holds", &json!({ "project": moved["project"], "reason": why })).await;
    assert_eq!(due().await, (vec![], vec![first.clone(), second.clone()]));
    let off = desk.partner.http().send("DELETE", &desk.at(&format!("/holds/{on_project}")), None).await;
    assert_eq!(off.status, 204, "{}", off.text());

    // One after the other; what lay in the bin leaves no place there.
    let bulk = json!({ "documents": [second], "binned": true });
    desk.partner.write("POST", &format!("{}/bulk", desk.documents()), &bulk).await;
    for (gone, left) in [(&first, vec![second.clone()]), (&second, vec![])] {
        let run = desk.confirmed().await;
        assert_eq!(desk.done(&run).await["outcome"], json!({ "archived": 0, "deleted": 1, "skipped": 0 }));
        assert_eq!(desk.partner.get(&format!("{}/{gone}", desk.documents())).await.status, 404);
        assert_eq!(due().await, (left, vec![]));
        if gone == &first {
            // What its first version stood for can be held still.
            let hold = desk.made("/holds", &json!({ "documents": [second], "reason": why })).await;
            assert_eq!(due().await, (vec![], vec![second.clone()]));
            let off = desk.partner.http().send("DELETE", &desk.at(&format!("/holds/{hold}")), None).await;
            assert_eq!(off.status, 204, "{}", off.text());
        }
    }
    let rows = partition(&Aws::connect().await, "data", &format!("T#{}#C#{acme}", world.firm.id)).await;
    let places: Vec<&str> =
        rows.iter().filter_map(|row| row["sk"]["S"].as_str()).filter(|sk| sk.starts_with("BIN#")).collect();
    assert_eq!(places, [] as [&str; 0]);
}

/// A document of `acme` that is due by a rule of its own, and the list that a partner asked for; the run's id.
pub(crate) async fn asked_for(world: &LawFirm, partner: &Person, document: &str) -> String {
    let rule = json!({
        "version": 1, "category": "Evidence", "anchor": "tax_year_end", "tax_year_ends": "12-31", "years": "2",
        "then": "delete",
    });
    partner.write("PUT", "/api/v1/firm/retention/rules", &rule).await;
    let of = format!("/api/v1/clients/{}/documents/{document}", world.acme);
    let version = partner.settled(&world.acme, document).await["version"].as_u64().unwrap();
    partner.write("PATCH", &of, &json!({ "version": version, "tax_year": 2010 })).await;
    let at = format!("/api/v1/firm/clients/{}/retention", world.acme);
    asked(
        partner,
        &format!("{at}/holds"),
        &json!({ "reason": "Subpoena of the Southern District.", "documents": [document] }),
    )
    .await;
    partner.write("PATCH", &of, &json!({ "version": version + 1, "tax_year": 2011 })).await;
    let holds = partner.read(&at).await["holds"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(partner.http().send("DELETE", &format!("{at}/holds/{holds}"), None).await.status, 204);
    asked(partner, &format!("{at}/runs"), &json!({})).await
}

/// A document of `acme` goes where keeping costs less, by a rule of its own and a list that needs no second partner.
pub(crate) async fn archived(world: &LawFirm, partner: &Person, document: &str) {
    partner.confirm().await;
    let rule = json!({
        "version": 1, "category": "Evidence", "anchor": "tax_year_end", "tax_year_ends": "12-31", "years": "2",
        "then": "archive",
    });
    partner.write("PUT", "/api/v1/firm/retention/rules", &rule).await;
    let of = format!("/api/v1/clients/{}/documents/{document}", world.acme);
    let version = partner.settled(&world.acme, document).await["version"].clone();
    partner.write("PATCH", &of, &json!({ "version": version, "tax_year": 2010 })).await;
    let runs = format!("/api/v1/firm/clients/{}/retention/runs", world.acme);
    let run = format!("{runs}/{}", asked(partner, &runs, &json!({})).await);
    let list = partner.read(&run).await["list"]["list"].clone();
    let sure = partner.http().send("PUT", &format!("{run}/confirmed"), Some(&json!({ "list": list }))).await;
    assert_eq!(sure.status, 204, "{}", sure.text());
    let done = partner.read_until(&run, |run| (run["state"] == "done").then(|| run.clone())).await;
    assert_eq!(done["outcome"]["archived"], 1, "{done}");
}

/// What is made by a call that takes a key; the id.
async fn asked(partner: &Person, path: &str, body: &Value) -> String {
    let answer = keyed(partner, path, body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn keyed(partner: &Person, path: &str, body: &Value) -> testkit::portal::Answer {
    let headers = [
        ("idempotency-key", fresh()),
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", partner.http().url().replace("//127.0.0.1", "//localhost")),
    ];
    partner.http().raw("POST", path, &headers, body.to_string().into_bytes()).await
}

/// The tags of a document's filed original.
async fn tags(aws: &Aws, desk: &Desk, document: &str) -> Vec<(String, String)> {
    let place = format!("clean/t/{}/c/{}/open/{document}", desk.world.firm.id, desk.world.acme);
    let original = versions(aws, &place).await.pop().expect("an original");
    let config = aws_sdk_s3::config::Builder::from(aws.config()).force_path_style(true).build();
    let asked = aws_sdk_s3::Client::from_conf(config).get_object_tagging().bucket(setting("PORTICO_BUCKET"));
    let found = asked.key(original.key).version_id(original.id).send().await.unwrap();
    found.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// Whatever a hold that was accepted names is there afterwards, row and original, however the run and it raced.
#[tokio::test]
async fn nothing_under_a_hold_is_touched_in_a_race() {
    let desk = Desk::open().await;
    let aws = Aws::connect().await;
    let count = volume(40, 6);
    // What races is below: a few at a time, as people file them.
    let filed = futures::stream::iter(0..count).map(|n| {
        let desk = &desk;
        async move { desk.old_document("Tax returns", &format!("ledger{n}")).await }
    });
    let documents: Vec<String> = filed.buffered(5).collect().await;
    let run = desk.confirmed().await;
    // All holds of a client are conditioned on each other, so that a stampede of them would race itself and not the run.
    let placed = futures::stream::iter(&documents).map(|document| {
        let desk = &desk;
        async move {
            let body = json!({ "documents": [document], "reason": "Expected litigation of 2026." });
            (document, desk.post("/holds", &body).await.status)
        }
    });
    let placed: Vec<(&String, u16)> = placed.buffered(8).collect().await;
    let done = desk.done(&run).await;
    let (mut held, mut gone) = (0, 0);
    for (document, status) in placed {
        let there = desk.partner.get(&format!("{}/{document}", desk.documents())).await.status == 200;
        let left = desk.left(&aws, document).await;
        let original = left.iter().any(|key| key.starts_with("clean/"));
        if status == 201 {
            assert!(there && original, "{document} is held and gone: {done}");
            held += 1;
        }
        assert_eq!(there, original, "{document}: row and objects go together");
        assert_eq!(!there, done["became"][document] == "deleted", "{document}: {done}");
        gone += usize::from(!there);
    }
    assert_eq!(done["outcome"]["deleted"], gone, "{done}");
    counted("documents raced by a hold and a run", count);
    counted("of them held", held);
}

/// Archives a client, and asks for it to be erased; the erasure's id.
pub(crate) async fn erasure_of(partner: &Person, client: &str) -> String {
    let archived = format!("/api/v1/firm/clients/{client}/archived");
    assert_eq!(partner.http().send("PUT", &archived, Some(&json!({ "archived": true }))).await.status, 204);
    let path = format!("/api/v1/firm/clients/{client}/retention/erasures");
    testkit::portal::until("the archived client's profile", || async {
        let answer = keyed(partner, &path, &json!({ "reason": "The client asked to be forgotten." })).await;
        (answer.status == 201).then(|| answer.json()["id"].as_str().unwrap().to_owned())
    })
    .await
}

/// Every data key of the firm that can be unwrapped by the owner of the account, for whichever of its clients.
async fn unwrapped(aws: &Aws, desk: &Desk) -> Vec<DataKey> {
    let firm = desk.world.firm.id.as_str();
    let kms = aws_sdk_kms::Client::new(aws.config());
    let (mut keys, mut rows) = (Vec::new(), 0);
    for client in [&desk.world.acme, &desk.world.birch] {
        for row in partition(aws, "keys", &format!("T#{firm}#C#{client}")).await {
            rows += 1;
            let wrapped = STANDARD.decode(row["wrapped"]["B"].as_str().unwrap()).unwrap();
            for context in [&desk.world.acme, &desk.world.birch] {
                let request = kms.decrypt().ciphertext_blob(aws_sdk_kms::primitives::Blob::new(wrapped.clone()));
                let request = request.encryption_context("firm", firm).encryption_context("client", context);
                if let Ok(plain) = request.send().await {
                    keys.push(DataKey::new(plain.plaintext.unwrap().as_ref()).unwrap());
                }
            }
        }
    }
    assert!(rows > 0 && !keys.is_empty(), "the firm's other client keeps its key");
    keys
}

#[tokio::test]
async fn an_erased_client_cannot_be_read_by_any_credentials() {
    let desk = Desk::open().await;
    let (aws, acme) = (Aws::connect().await, desk.world.acme.clone());
    let document = desk.old_document("Other", "narwhal").await;
    let prefix = setting("PORTICO_PREFIX");
    let base = format!("T#{}#C#{acme}", desk.world.firm.id);
    let keys_table = format!("{prefix}-keys");
    let row = aws.get(None, &format!("{prefix}-data"), &base, &format!("DOC#{document}")).await.unwrap().unwrap();
    let sealed = row["name_sealed"].as_b().unwrap().clone().into_inner();
    let place = Aad { table: "data", pk: &base, sk: &format!("DOC#{document}"), attribute: "name" };
    let opened = || async {
        let mut opened = unwrapped(&aws, &desk).await.into_iter().map(|key| key.open(&sealed, &place));
        opened.find_map(Result::ok).map(|name| String::from_utf8(name).unwrap())
    };
    assert_eq!(opened().await.as_deref(), Some("narwhal.txt"), "what a copy from before would say, with its key");
    assert!(aws.get(None, &keys_table, &base, "DEK#1").await.unwrap().is_some());

    let why = json!({ "reason": "The client asked to be forgotten." });
    assert_eq!(desk.post("/erasures", &why).await.status, 422, "not before it is archived");
    let erasure = erasure_of(&desk.partner, &acme).await;
    let path = desk.at(&format!("/erasures/{erasure}"));
    let confirm = format!("{path}/confirmed");
    assert_eq!(desk.partner.http().send("PUT", &confirm, None).await.status, 422, "a second person");
    assert_eq!(desk.second.http().send("PUT", &confirm, None).await.status, 204);
    // A day before the wait is over nothing happens; after it, everything goes.
    let lambdas = Lambdas::connect(&aws).await;
    let tend = |days: i64| {
        let due_at = jiff_now() + jiff::SignedDuration::from_hours(24 * days);
        let body = json!({ "v": 1, "firm": desk.world.firm.id, "client": acme, "due_at": due_at }).to_string();
        let source = lambdas.source(&format!("{prefix}-retention.fifo"));
        let event = json!({ "Records": [shapes::message(source, &body, Some(acme.as_str()))] });
        let lambdas = &lambdas;
        async move { lambdas.invoke("retention", &event).await.unwrap() }
    };
    tend(6).await;
    assert_eq!(desk.partner.read(&path).await["state"], "waiting");
    assert!(desk.left(&aws, "").await.iter().any(|key| key.contains("/pages/")));
    // Whoever restores the client meanwhile keeps it: its people are in it again.
    let archived = format!("/api/v1/firm/clients/{acme}/archived");
    let archive = async |archive: bool| {
        let answer = desk.partner.http().send("PUT", &archived, Some(&json!({ "archived": archive }))).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    };
    archive(false).await;
    tend(8).await;
    assert_eq!(desk.partner.read(&path).await["state"], "waiting");
    assert_eq!(opened().await.as_deref(), Some("narwhal.txt"));
    archive(true).await;
    tend(8).await;
    let done = desk.partner.read_until(&path, |one| (one["state"] == "done").then(|| one.clone())).await;
    let certificate = done["certificate"].as_str().unwrap();
    assert!(certificate.contains("keys destroyed 1\n") && certificate.contains("no backup restores a key from"));
    assert!(!certificate.contains("object versions deleted 0\n"), "{certificate}");

    assert_eq!(desk.left(&aws, "").await, [] as [String; 0]);
    assert!(
        aws.get(None, &keys_table, &base, "DEK#1").await.unwrap().is_none(),
        "the key is gone for the root as well"
    );
    assert_eq!(opened().await, None, "a copy from before, by every key that the root can still unwrap");
    for reach in ["client", "objects"] {
        let vended = aws.vend(&desk.partner, reach, Some(&acme)).await.expect("a partner is given credentials still");
        let key = aws.get(Some(&vended), &keys_table, &base, "DEK#1").await;
        assert!(!matches!(key, Ok(Some(_))), "{reach}: no role finds a key");
    }
    assert!(aws.get(None, &format!("{prefix}-data"), &base, &format!("DOC#{document}")).await.unwrap().is_none());
    let list = desk.partner.get(&desk.documents()).await;
    assert!(list.status == 404 || list.json()["items"] == json!([]), "{}", list.text());
    for gone in [format!("{}/{document}", desk.documents())] {
        assert_eq!(desk.partner.get(&gone).await.status, 404, "{gone}");
    }
    testkit::portal::until("the list without the name", || async {
        let listed = desk.partner.read("/api/v1/firm/clients?archived=1").await.to_string();
        (!listed.contains("Acme Industries")).then_some(())
    })
    .await;
    let back = desk.partner.http().send("PUT", &archived, Some(&json!({ "archived": false }))).await;
    assert!(back.status == 422 && back.text().contains("stays archived"), "{}", back.text());
    verified(&aws, &desk.world).await;
}

#[tokio::test]
async fn the_bin_is_emptied_of_what_lay_there_for_a_month_and_nobody_has_to_keep() {
    let desk = Desk::open().await;
    let (aws, acme) = (Aws::connect().await, desk.world.acme.clone());
    let body = json!({ "name": "Lease", "pack": "litigation" });
    let made = desk.partner.write("POST", &format!("/api/v1/clients/{acme}/projects"), &body).await;
    let project = id_of(&made, "project");
    let mut ids = Vec::new();
    for (category, word) in [
        ("Evidence", "goes"),
        ("Evidence", "held"),
        ("Correspondence", "ruled"),
        ("Evidence", "back"),
        ("Correspondence", "moved"),
    ] {
        let (name, bytes) = (format!("{word}.txt"), samples::txt(word));
        ids.push(desk.partner.upload(&acme, &project, category, &name, &bytes).await.id);
    }
    for id in &ids {
        assert_eq!(desk.partner.settled(&acme, id).await["state"], "ready");
    }
    let bulk = |documents: Value, binned: bool| {
        let body = json!({ "documents": documents, "binned": binned });
        let (partner, path) = (&desk.partner, format!("{}/bulk", desk.documents()));
        async move { partner.write("POST", &path, &body).await["items"].clone() }
    };
    // Filed elsewhere it is still what the rule keeps.
    let version = desk.partner.settled(&acme, &ids[4]).await["version"].clone();
    let elsewhere = json!({ "version": version, "category": "Evidence" });
    desk.partner.write("PATCH", &format!("{}/{}", desk.documents(), ids[4]), &elsewhere).await;
    bulk(json!(ids), true).await;
    let in_bin = async || {
        let list = desk.partner.read(&format!("{}?bin=1", desk.documents())).await;
        let items = list["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        items.collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!(in_bin().await.len(), 5);
    desk.made("/holds", &json!({ "documents": [ids[1]], "reason": "Subpoena of the Southern District." })).await;
    let lambdas = Lambdas::connect(&aws).await;
    let tend = async |days: i64| tended(&lambdas, &desk.world.firm.id, &acme, days).await;
    tend(29).await;
    assert_eq!(in_bin().await.len(), 5, "nothing goes before its time");
    // Until then each can be brought back.
    assert_eq!(bulk(json!([ids[3]]), false).await[0]["outcome"], "done");
    tend(31).await;
    assert_eq!(in_bin().await, [ids[1].clone(), ids[2].clone(), ids[4].clone()].into(), "held, or kept by a rule");
    assert_eq!(desk.partner.get(&format!("{}/{}", desk.documents(), ids[0])).await.status, 404);
    assert_eq!(desk.left(&aws, &ids[0]).await, [] as [String; 0], "every version is gone");
    for id in &ids[1..] {
        assert!(desk.left(&aws, id).await.iter().any(|key| key.starts_with("clean/")), "{id}");
    }
    assert_eq!(bulk(json!([ids[0]]), false).await[0]["outcome"], "not_there");
    // It comes twice, and changes nothing.
    tend(31).await;
    let events = desk.partner.read(&format!("/api/v1/clients/{acme}/audit")).await;
    let removed: Vec<&Value> =
        events["items"].as_array().unwrap().iter().filter(|event| event["act"] == "document.removed").collect();
    assert_eq!((removed.len(), &removed[0]["object"]["id"]), (1, &json!(ids[0])), "{events}");
    let pk = format!("T#{}#C#{acme}#RET", desk.world.firm.id);
    let table = format!("{}-data", setting("PORTICO_PREFIX"));
    let kept = aws.get(None, &table, &pk, &format!("REMOVED#{}", ids[0])).await.unwrap().expect("what stays of it");
    assert!(kept["digest"].as_s().unwrap().len() == 64 && !kept.contains_key("name_sealed"), "{kept:?}");
    assert!(
        aws.get(None, &table, &pk, &format!("REMOVAL#{}", ids[0])).await.unwrap().is_none(),
        "nothing is left to do"
    );
    // Released, it goes with the next day's look.
    let holds = desk.partner.read(&desk.at("")).await["holds"][0]["id"].as_str().unwrap().to_owned();
    let off = desk.partner.http().send("DELETE", &desk.at(&format!("/holds/{holds}")), None).await;
    assert_eq!(off.status, 204, "{}", off.text());
    tend(32).await;
    assert_eq!(in_bin().await, [ids[2].clone(), ids[4].clone()].into());
    verified(&aws, &desk.world).await;
}

/// The day's look at a client, that many days from now.
async fn tended(lambdas: &Lambdas, firm: &str, client: &str, days: i64) {
    let due_at = jiff_now() + jiff::SignedDuration::from_hours(24 * days);
    let body = json!({ "v": 1, "firm": firm, "client": client, "due_at": due_at }).to_string();
    let source = lambdas.source(&format!("{}-retention.fifo", setting("PORTICO_PREFIX"))).to_owned();
    let event = json!({ "Records": [shapes::message(&source, &body, Some(client))] });
    lambdas.invoke("retention", &event).await.unwrap();
}

/// Files that were announced and never came, and uploads that were cancelled, take no document's place for ever.
#[tokio::test]
async fn uploads_that_never_came_are_taken_off_after_a_week() {
    let desk = Desk::open().await;
    let (aws, acme) = (Aws::connect().await, desk.world.acme.clone());
    let lambdas = Lambdas::connect(&aws).await;
    let body = json!({ "name": "Lease", "pack": "litigation" });
    let made = desk.partner.write("POST", &format!("/api/v1/clients/{acme}/projects"), &body).await;
    let project = id_of(&made, "project");
    let announced = async |name: &str, size_bytes: u64| {
        let asked = json!({ "name": name, "size_bytes": size_bytes, "project": project, "category": "Evidence" });
        id_of(&desk.partner.write("POST", &desk.documents(), &asked).await, "document")
    };
    let mut gone = vec![announced("never.txt", 10).await, announced("large.pdf", 90_000_000).await];
    let cancelled = announced("cancelled.pdf", 90_000_000).await;
    let filed = desk.partner.upload(&acme, &project, "Evidence", "filed.txt", &samples::txt("filed")).await.id;
    assert_eq!(desk.partner.settled(&acme, &filed).await["state"], "ready");
    let at = |id: &str| format!("{}/{id}", desk.documents());
    let off = desk.partner.http().send("DELETE", &format!("{}/parts", at(&cancelled)), None).await;
    assert_eq!(off.status, 200, "{}", off.text());
    let listed = async || {
        let list = desk.partner.read(&desk.documents()).await;
        let names = list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect::<std::collections::BTreeSet<String>>()
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(listed().await, names(&["never.txt", "large.pdf", "filed.txt"]), "what was cancelled is in no list");
    let count = async || {
        let pk = format!("T#{}#C#{acme}", desk.world.firm.id);
        let row = aws.get(None, &format!("{}-data", setting("PORTICO_PREFIX")), &pk, "DOCCOUNT").await.unwrap();
        row.expect("the client's count")["documents"].as_n().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(count().await, 4);
    // The large one can be gone on with for five days.
    tended(&lambdas, &desk.world.firm.id, &acme, 8).await;
    assert_eq!(listed().await, names(&["large.pdf", "filed.txt"]));
    tended(&lambdas, &desk.world.firm.id, &acme, 13).await;
    tended(&lambdas, &desk.world.firm.id, &acme, 13).await;
    assert_eq!(listed().await, names(&["filed.txt"]));
    assert_eq!(count().await, 1);
    gone.push(cancelled);
    for id in &gone {
        assert_eq!(desk.partner.get(&at(id)).await.status, 404, "{id}");
    }
    let events = desk.partner.read(&format!("/api/v1/clients/{acme}/audit")).await;
    let events = events["items"].as_array().unwrap();
    let lapsed: Vec<&str> = events
        .iter()
        .filter(|event| event["act"] == "document.upload_lapsed")
        .flat_map(|event| event["object"]["id"].as_str().unwrap().split(','))
        .collect();
    assert_eq!(lapsed.len(), 3, "{events:?}");
    assert!(gone.iter().all(|id| lapsed.contains(&id.as_str())), "{events:?}");
    verified(&aws, &desk.world).await;
}

/// Every event of the client's chain is there and hangs on the one before, to the head.
async fn verified(aws: &Aws, world: &LawFirm) {
    let (base, table) =
        (format!("T#{}#C#{}", world.firm.id, world.acme), format!("{}-audit", setting("PORTICO_PREFIX")));
    let head = aws.get(None, &table, &format!("{base}#H"), "HEAD").await.unwrap().expect("a chain's head");
    let head = json!({
        "seq": head["seq"].as_n().unwrap().parse::<u64>().unwrap(), "hash": head["hash"].as_s().unwrap(),
    });
    let mut pages = aws_sdk_dynamodb::Client::new(aws.config())
        .query()
        .table_name(&table)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", aws_sdk_dynamodb::types::AttributeValue::S(format!("{base}#A")))
        .into_paginator()
        .items()
        .send();
    let mut texts = Vec::new();
    while let Some(row) = pages.next().await {
        texts.push(row.unwrap()["ev"].as_s().unwrap().clone());
    }
    let chain = domain::audit::Chain::Client {
        firm: domain::FirmId::parse(&world.firm.id).unwrap(),
        client: domain::ClientId::parse(&world.acme).unwrap(),
    };
    let head = serde_json::from_value(head).unwrap();
    let events = crypto::chain::verify(&chain, &texts, &head).expect("an unbroken chain");
    assert!(events.len() > 5);
}
