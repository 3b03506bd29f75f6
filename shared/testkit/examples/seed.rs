//! Fills a fresh portal with two firms at work, through the product's own endpoints: `seed <url>`.

#[path = "seed/accounting.rs"]
mod accounting;
#[path = "seed/files.rs"]
mod files;
#[path = "seed/law.rs"]
mod law;
#[path = "seed/plan.rs"]
mod plan;

use std::process::ExitCode;

use plan::{ClientPlan, FirmPlan, ProjectPlan};
use serde_json::{Value, json};
use testkit::firm::{Firm, NewFirm, NewPerson};
use testkit::portal::{Person, Portal};

const OPERATOR: &str = "platform@portico.example";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("seed <url>");
        return ExitCode::FAILURE;
    };
    let portal = Portal::at(&url);
    let operator = portal.sign_in(OPERATOR).await;
    let law = law::firm();
    let accounting = accounting::firm();
    tokio::join!(set_up(&portal, &operator, &law), set_up(&portal, &operator, &accounting));
    ExitCode::SUCCESS
}

async fn set_up(portal: &Portal, operator: &Person, plan: &FirmPlan) {
    let email = |local: &str| format!("{local}@{}", plan.domain);
    let new = NewFirm {
        name: plan.name,
        domain: plan.domain,
        zone: plan.zone,
        accent: Some(plan.accent),
        packs: plan.packs,
        partner_name: plan.partner,
        partner_email: &email("partner"),
    };
    let firm = Firm::order(portal, operator, &new).await;
    eprintln!("    {}: ready for its partner", plan.name);
    let mut clients = Vec::new();
    for client in &plan.clients {
        clients.push(firm.client(client.name).await);
    }
    let invite = async |name: &str, email: &str, role: &str, client: Option<&str>, phone: Option<&str>| {
        firm.invite(&NewPerson { name, email, role, client, phone }).await
    };
    let [first, second] = plan.staff;
    let staff = invite(first.0, &email("staff"), "staff", None, Some(first.1)).await;
    let staff2 = invite(second.0, &email("staff2"), "staff", None, Some(second.1)).await;
    for (client, id) in plan.clients.iter().zip(&clients) {
        for person in client.people {
            invite(person.name, person.email, person.role, Some(id), person.phone).await;
        }
    }
    // The first works on exactly three clients, the second on the others and shares one with the first.
    for id in &clients[..3] {
        firm.assign(&staff, id).await;
    }
    for id in &clients[2..] {
        firm.assign(&staff2, id).await;
    }
    eprintln!("    {}: {} clients, their people and assignments", plan.name, clients.len());
    let (one, two) = (portal.sign_in(&email("staff")).await, portal.sign_in(&email("staff2")).await);
    for (place, (client, id)) in plan.clients.iter().zip(&clients).enumerate() {
        let (worker, worker_id) = if place < 3 { (&one, &staff) } else { (&two, &staff2) };
        for project in client.projects {
            open_project(worker, worker_id, id, project).await;
        }
        let uploader = match client.people.first() {
            Some(person) => portal.sign_in(person.email).await,
            None => worker.clone(),
        };
        upload_all(worker, &uploader, client, id).await;
        talk(worker, &uploader, client, id).await;
    }
    eprintln!("    {}: projects and documents", plan.name);
}

async fn open_project(worker: &Person, worker_id: &str, client: &str, plan: &ProjectPlan) {
    // The team is mirrored from assignments behind the scenes; it may take a moment to be allowed on a project.
    let path = format!("/api/v1/clients/{client}/projects");
    let body = json!({
        "name": plan.name,
        "pack": plan.pack,
        "phase": plan.phase,
        "team": [worker_id],
        "next_update_on": plan.day(plan.update_in),
        "milestones": plan.milestones(),
    });
    testkit::portal::until(&format!("project {}", plan.name), || async {
        let answer = worker.post(&path, &body).await;
        (answer.status == 201).then_some(())
    })
    .await;
}

/// What both sides say about the client's first project.
async fn talk(worker: &Person, client_side: &Person, plan: &ClientPlan, client: &str) {
    let [first, ..] = plan.projects else { return };
    let projects = worker.read(&format!("/api/v1/clients/{client}/projects")).await;
    let list = projects["items"].as_array().into_iter().flatten();
    let found: Vec<&Value> = list.filter(|project| project["name"] == first.name).collect();
    let topic = found.first().and_then(|project| project["id"].as_str()).unwrap_or_default();
    for words in plan.talk {
        let by = if words.from_firm { worker } else { client_side };
        by.write("POST", &format!("/api/v1/clients/{client}/messages/{topic}"), &json!({ "text": words.text })).await;
    }
}

/// The client's own files, and one from the firm.
async fn upload_all(worker: &Person, uploader: &Person, plan: &ClientPlan, client: &str) {
    let projects = worker.read(&format!("/api/v1/clients/{client}/projects")).await;
    let by_name = |name: &str| {
        let list = projects["items"].as_array().into_iter().flatten();
        let found: Vec<&Value> = list.filter(|project| project["name"] == name).collect();
        found.first().and_then(|project| project["id"].as_str()).unwrap_or_default().to_owned()
    };
    let mut sent = Vec::new();
    for (from_firm, file) in plan.files.iter().map(|file| (file.from_firm, file)) {
        let person = if from_firm { worker } else { uploader };
        let bytes = files::bytes(file);
        sent.push(person.upload(client, &by_name(file.project), file.category, file.name, &bytes).await.id);
    }
    for document in sent {
        let settled = worker.settled(client, &document).await;
        assert_eq!(settled["state"], "ready", "{settled}");
    }
}
