//! A firm at work: one client with much to show and many others, the pages people look at, and the changes they make.

use serde_json::{Value, json};
use testkit::portal::{Answer, Person};
use testkit::samples;

use super::calls::{Trace, of_a_browser, of_a_script};
use super::volume::Volume;
use crate::world::{LawFirm, fresh};

/// Clients of a member of staff and of a firm: an ordinary firm, and the promised sizes.
pub(crate) const ORDINARY: (usize, usize) = (25, 60);
/// The last fifty are left to those that are ordered meanwhile.
pub(crate) const PROMISED: (usize, usize) = (60, 2_450);

/// A page that somebody looks at.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    /// Which answers it.
    pub(crate) function: &'static str,
    pub(crate) person: Person,
    pub(crate) path: String,
    /// With the number of clients.
    pub(crate) grows: bool,
    /// Looking at it is an event of the audit.
    pub(crate) writes: bool,
}

impl Page {
    pub(crate) async fn ask(&self, trace: &Trace) -> Answer {
        let answer = self.person.http().raw("GET", &self.path, &of_a_browser(trace), Vec::new()).await;
        assert_eq!(answer.status, 200, "{}: {}", self.path, answer.text());
        answer
    }
}

/// A change that somebody makes.
pub(crate) struct Change {
    pub(crate) name: &'static str,
    pub(crate) function: &'static str,
    pub(crate) person: Person,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    body: Value,
    /// What the change leads to is ended first, so that each time there is something to change.
    ended_first: bool,
}

impl Change {
    /// Its body, against what is there now.
    pub(crate) async fn ready(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        if body.get("version").is_some() {
            let found = self.person.read(&self.path).await;
            body["version"] = if found["project"].is_object() { &found["project"] } else { &found }["version"].clone();
            body["name"] = json!(format!("Acme v. Dunmore, {}", fresh()));
        }
        if self.ended_first {
            self.person.http().send("DELETE", &self.path, None).await;
        }
        body.to_string().into_bytes()
    }

    pub(crate) async fn send(&self, trace: &Trace) -> Answer {
        let body = self.ready().await;
        let answer = self.person.http().raw(self.method, &self.path, &of_a_script(&self.person, trace), body).await;
        assert!((200..300).contains(&answer.status), "{} {}: {}", self.method, self.path, answer.text());
        answer
    }
}

/// A firm at work: one client with much to show, and many others.
pub(crate) struct BusyFirm {
    pub(crate) world: LawFirm,
    volume: Volume,
    pub(crate) staff: Person,
    pub(crate) admin: Person,
    pub(crate) partner: Person,
    pub(crate) matter: String,
    pub(crate) document: String,
    /// What has been added so far, for the member of staff and for the firm.
    size: (usize, usize),
}

impl BusyFirm {
    pub(crate) async fn open() -> BusyFirm {
        let world = LawFirm::open().await;
        let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
        let partner = world.person("partner").await;
        let matter = world.matter(&staff).await;
        for number in 2..=12 {
            let body = json!({ "name": format!("Acme v. Dunmore, part {number}"), "pack": "litigation" });
            staff.write("POST", &format!("/api/v1/clients/{}/projects", world.acme), &body).await;
        }
        let text = "The harbour master of Lindisfarne, about berths and dues.";
        let document =
            admin.upload(&world.acme, &matter, "Evidence", "Deed.pdf", &samples::pdf("Deed", &[text])).await.id;
        admin.settled(&world.acme, &document).await;
        for batch in 0..4 {
            let one = |n: usize| announced(&format!("Exhibit {batch}-{n}.pdf"), &matter);
            let documents: Vec<Value> = (0..20).map(one).collect();
            let path = format!("/api/v1/clients/{}/documents", world.acme);
            admin.write("POST", &path, &json!({ "documents": documents })).await;
        }
        let found = format!("/api/v1/clients/{}/search?q=harbour", world.acme);
        admin.read_until(&found, |answer| (!answer["hits"].as_array()?.is_empty()).then_some(())).await;
        let volume = Volume::of(&world.firm.id).await;
        BusyFirm { world, volume, staff, admin, partner, matter, document, size: (1, 2) }
    }

    /// Until the member of staff has so many clients, and the firm so many.
    pub(crate) async fn grow(&mut self, staff: usize, clients: usize) {
        let of_staff = staff - self.size.0;
        let person = self.world.staff_id.clone();
        self.volume.add_clients(of_staff, Some(&person)).await;
        self.volume.add_clients(clients - self.size.1 - of_staff, None).await;
        self.size = (staff, clients);
    }

    pub(crate) fn pages(&self) -> Vec<Page> {
        let acme = &self.world.acme;
        let client = |rest: &str| format!("/clients/{acme}{rest}");
        let page = |name, function, person: &Person, path: String| Page {
            name,
            function,
            person: person.clone(),
            path,
            grows: false,
            writes: false,
        };
        let grows = |page| Page { grows: true, ..page };
        let writes = |page| Page { writes: true, ..page };
        let (matter, document) = (format!("/projects/{}", self.matter), format!("/documents/{}", self.document));
        vec![
            page("home of a client", "projects", &self.admin, "/".into()),
            grows(page("home of staff", "projects", &self.staff, "/".into())),
            grows(page("home of a partner", "projects", &self.partner, "/".into())),
            grows(page("list of clients", "firm", &self.partner, "/firm/clients".into())),
            page("people of the firm", "firm", &self.partner, "/firm/people".into()),
            page("client at a glance", "projects", &self.staff, client("")),
            page("board of a client", "projects", &self.admin, client("/projects")),
            page("matter", "projects", &self.admin, client(&matter)),
            page("form of a matter", "projects", &self.staff, client(&format!("{matter}/edit"))),
            page("documents", "documents", &self.admin, client("/documents")),
            writes(page("document", "documents", &self.admin, client(&document))),
            writes(page("search", "documents", &self.admin, client("/search?q=harbour"))),
        ]
    }

    pub(crate) fn writes(&self) -> Vec<Change> {
        let acme = &self.world.acme;
        let api = |rest: &str| format!("/api/v1/clients/{acme}{rest}");
        let change = |name, function, person: &Person, method, path: String, body| Change {
            name,
            function,
            person: person.clone(),
            method,
            path,
            body,
            ended_first: false,
        };
        let ended_first = |change| Change { ended_first: true, ..change };
        let twenty: Vec<Value> = (1..=20).map(|n| announced(&format!("Annex {n}.pdf"), &self.matter)).collect();
        let matter = api(&format!("/projects/{}", self.matter));
        let assignment = format!("/api/v1/firm/assignments/{}/{acme}", self.world.staff2_id);
        let (lease, cedar) = (json!({ "name": "Lease", "pack": "tax" }), json!({ "name": "Cedar" }));
        let (one, twenty) = (announced("Annex.pdf", &self.matter), json!({ "documents": twenty }));
        vec![
            change("open a matter", "projects", &self.staff, "POST", api("/projects"), lease),
            change("change a matter", "projects", &self.staff, "PATCH", matter, json!({ "version": 0, "phase": 2 })),
            change("announce a document", "documents", &self.admin, "POST", api("/documents"), one),
            change("announce twenty documents", "documents", &self.admin, "POST", api("/documents"), twenty),
            ended_first(change("assign staff", "firm", &self.partner, "PUT", assignment, json!({}))),
            change("order a client", "firm", &self.partner, "POST", "/api/v1/firm/clients".into(), cedar),
        ]
    }
}

fn announced(name: &str, matter: &str) -> Value {
    json!({ "name": name, "size_bytes": 40_000, "project": matter, "category": "Evidence" })
}
