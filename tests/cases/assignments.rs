//! Staff see exactly the clients that are assigned to them, wherever clients are to be seen, and from the next request on
//! none that was taken from them.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use testkit::firm::{Firm, NewFirm, NewPerson};
use testkit::portal::{Person, until};
use testkit::samples;

use crate::faults::delivery::shuffled;
use crate::world::{LawFirm, counted, fresh, id_of, operator, portal, volume};

const AT_ONCE: usize = 8;
const SEED: u64 = 0x5eed_0002;
/// In one document of each client.
const PHRASE: &str = "the quiet harbour agreement";
const SEARCH: &str = "q=%22quiet+harbour+agreement%22";

/// Ids of clients.
type Clients = BTreeSet<String>;

#[tokio::test]
async fn staff_see_exactly_the_clients_assigned_to_them() {
    let (firm, domain) = new_firm().await;
    let clients = with_documents(&firm, volume(60, 12)).await;
    let counts = [0, 1, 3, volume(25, 5)];
    let staff = stream::iter(counts).map(|count| {
        let (firm, domain, clients) = (&firm, &domain, &clients);
        async move {
            let theirs: Clients = shuffled(clients.clone(), SEED + count as u64).into_iter().take(count).collect();
            let email = format!("staff{count}@{domain}");
            let name = format!("Staff of {count}");
            let new = NewPerson { name: &name, email: &email, role: "staff", client: None, phone: None };
            let id = firm.invite(&new).await;
            for client in &theirs {
                firm.assign(&id, client).await;
            }
            (id, firm.portal.sign_in(&email).await, theirs)
        }
    });
    let staff: Vec<(String, Person, Clients)> = staff.buffered(counts.len()).collect().await;
    // Whatever is indexed is found by who has all of it; then nothing is missing to others because it is late.
    for (_, person, theirs) in &staff {
        until("the indexes of all documents", || async { (found(person).await.len() >= theirs.len()).then_some(()) })
            .await;
    }
    for (_, person, theirs) in &staff {
        sees_exactly(person, theirs).await;
        let others = clients.iter().filter(|client| !theirs.contains(*client));
        for other in others.take(3) {
            for path in [format!("/clients/{other}"), format!("/api/v1/clients/{other}/projects")] {
                assert_eq!(person.get(&path).await.status, 404, "{}: {path}", person.email);
            }
        }
    }
    let all: Clients = clients.into_iter().collect();
    assert_eq!(listed(&firm.partner).await, all, "the partner's list");

    // One is taken away, and no other goes with it.
    let (id, person, theirs) = &staff[2];
    let taken = theirs.first().unwrap();
    firm.unassign(id, taken).await;
    let left: Clients = theirs.iter().filter(|client| *client != taken).cloned().collect();
    sees_exactly(person, &left).await;
    counted(&format!("clients of a firm whose staff see {counts:?} of them (seed {SEED:#x})"), all.len());
}

async fn new_firm() -> (Firm, String) {
    let portal = portal();
    let operator = operator(&portal).await;
    let domain = format!("{}.example", &fresh().to_lowercase()[14..]);
    let partner_email = format!("partner@{domain}");
    let new = NewFirm {
        name: "Hartwell & Pryce",
        domain: &domain,
        zone: "America/New_York",
        accent: None,
        packs: &["litigation"],
        partner_name: "Eleanor Hartwell",
        partner_email: &partner_email,
    };
    (Firm::order(&portal, &operator, &new).await, domain)
}

/// Clients, each with a matter and a document that has the phrase.
async fn with_documents(firm: &Firm, count: usize) -> Vec<String> {
    let made = stream::iter(0..count).map(|n| async move {
        let (name, partner) = (format!("Client {n:02}"), &firm.partner);
        let client = firm.client(&name).await;
        let body = json!({ "name": "Harbour", "pack": "litigation" });
        let matter = partner.write("POST", &format!("/api/v1/clients/{client}/projects"), &body).await;
        let matter = id_of(&matter, "project");
        let document = partner.upload(&client, &matter, "Other", "Harbour.txt", &samples::txt(PHRASE)).await.id;
        assert_eq!(partner.settled(&client, &document).await["state"], "ready");
        client
    });
    made.buffered(AT_ONCE).collect().await
}

/// On the home page, in the list and in the search over all clients, both as pages and as JSON.
async fn sees_exactly(person: &Person, theirs: &Clients) {
    let home = page(person, "/").await;
    let seen = BTreeMap::from([
        ("home", linked(&home)),
        ("list", listed(person).await),
        ("search", found(person).await),
        ("search page", found_on_pages(person).await),
    ]);
    for (place, clients) in seen {
        assert_eq!(&clients, theirs, "{}: {place}", person.email);
    }
}

async fn page(person: &Person, path: &str) -> String {
    let headers = [("accept", "text/html".to_owned())];
    let answer = person.http().raw("GET", path, &headers, Vec::new()).await;
    assert_eq!(answer.status, 200, "{}: {path}", person.email);
    answer.text()
}

/// Every client that a page leads to.
fn linked(html: &str) -> Clients {
    let links = html.split("href=\"/clients/").skip(1);
    links.filter_map(|rest| rest.split(['"', '/', '?']).next()).map(str::to_owned).collect()
}

async fn listed(person: &Person) -> Clients {
    let mut clients = Clients::new();
    let mut after = String::new();
    loop {
        let answer = person.read(&format!("/api/v1/clients{after}")).await;
        let ids: Vec<String> =
            answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        let count = clients.len() + ids.len();
        clients.extend(ids);
        assert_eq!(clients.len(), count, "a client is listed twice");
        match answer["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => return clients,
        }
    }
}

async fn found(person: &Person) -> Clients {
    let mut clients = Clients::new();
    for answer in search(person).await {
        clients.extend(answer["hits"].as_array().unwrap().iter().map(|hit| hit["client"].as_str().unwrap().to_owned()));
    }
    clients
}

/// Every page of answers.
async fn search(person: &Person) -> Vec<Value> {
    let mut answers = Vec::new();
    let mut after = String::new();
    loop {
        let answer = person.read(&format!("/api/v1/search?{SEARCH}{after}")).await;
        let next = answer["next"].as_str().map(|next| format!("&after={next}"));
        answers.push(answer);
        match next {
            Some(next) => after = next,
            None => return answers,
        }
    }
}

async fn found_on_pages(person: &Person) -> Clients {
    let mut clients = Clients::new();
    let mut after = String::new();
    for answer in search(person).await {
        clients.extend(linked(&page(person, &format!("/search?{SEARCH}{after}")).await));
        after = answer["next"].as_str().map(|next| format!("&after={next}")).unwrap_or_default();
    }
    clients
}

/// Requests that are in a function at once, so that several of its processes keep a grant.
const WARM: usize = 3;

#[tokio::test]
async fn an_assignment_that_ends_ends_reads_and_writes_at_the_next_request() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let matter = world.matter(&staff).await;
    let client = format!("/clients/{}", world.acme);
    let project = format!("/api/v1{client}/projects/{matter}");
    let reads = [
        client.clone(),
        format!("{client}/projects/{matter}"),
        format!("{client}/projects/{matter}/edit"),
        format!("{client}/documents"),
        format!("{client}/search?q=words"),
        project.clone(),
        format!("/api/v1{client}/projects"),
        format!("/api/v1{client}/documents"),
        format!("/api/v1{client}/search?q=words"),
    ];
    let statuses = async || -> Vec<u16> {
        let all = (0..WARM).flat_map(|_| reads.iter()).map(|path| async { staff.get(path).await.status });
        stream::iter(all).buffered(AT_ONCE).collect().await
    };
    assert!(statuses().await.iter().all(|status| *status == 200));

    world.firm.unassign(&world.staff_id, &world.acme).await;
    let after = statuses().await;
    assert!(after.iter().all(|status| *status == 404), "{after:?} of {reads:?}");
    let change = json!({ "version": 1, "phase": 1 });
    let new = json!({ "name": "Another", "pack": "litigation" });
    let upload = json!({ "name": "a.txt", "size_bytes": 5, "project": matter, "category": "Other" });
    for (method, path, body) in [
        ("PATCH", project.clone(), &change),
        ("POST", format!("/api/v1{client}/projects"), &new),
        ("POST", format!("/api/v1{client}/documents"), &upload),
    ] {
        let answer = staff.http().send(method, &path, Some(body)).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
    assert_eq!(linked(&page(&staff, "/").await), Clients::new());
    assert_eq!(listed(&staff).await, Clients::new());
    let partner = world.person("partner").await;
    assert_eq!(partner.read(&project).await["version"], 1, "it was changed");
    let documents = partner.read(&format!("/api/v1{client}/documents")).await;
    assert_eq!(documents["items"].as_array().map(Vec::len), Some(0), "{documents}");

    world.firm.assign(&world.staff_id, &world.acme).await;
    assert!(statuses().await.iter().all(|status| *status == 200), "assigned again");
}
