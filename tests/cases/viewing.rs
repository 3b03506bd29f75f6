//! Looking at a client's portal as one of its people: the same pages, nothing changed, written down at both ends.

use domain::audit::Act;
use domain::permissions::Adjusted;
use domain::{PermissionName, Role};
use http::Method;
use serde_json::json;
use testkit::portal::Person;
use testkit::samples;
use web::{Access, Kind};

use crate::access::{Things, call, functions};
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, counted, jiff_now};

struct Scene {
    world: LawFirm,
    staff: Person,
    admin: Person,
    admin_id: String,
    project: String,
    document: String,
}

impl Scene {
    async fn open() -> Scene {
        let world = LawFirm::open().await;
        let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
        let project = world.matter(&staff).await;
        let document = admin.upload(&world.acme, &project, "Other", "a.pdf", &samples::pdf("a", &["words"])).await.id;
        admin.settled(&world.acme, &document).await;
        let admin_id = admin.read("/api/v1/me").await["person"]["id"].as_str().unwrap().to_owned();
        Scene { world, staff, admin, admin_id, project, document }
    }

    /// Staff begin to view as the client's admin.
    async fn begin(&self) {
        let path = format!("/api/v1/clients/{}/view-as", self.world.acme);
        let people = self.staff.read(&path).await;
        let ids: Vec<&str> = people["items"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
        assert!(ids.contains(&self.admin_id.as_str()) && !ids.contains(&self.world.staff_id.as_str()), "{people}");
        let begun = self.staff.post(&path, &json!({ "person": self.admin_id })).await;
        assert_eq!(begun.status, 201, "{}", begun.text());
    }

    fn things(&self) -> Things {
        Things {
            client: self.world.acme.clone(),
            project: self.project.clone(),
            document: self.document.clone(),
            person: self.admin_id.clone(),
        }
    }

    async fn page(&self, person: &Person, path: &str) -> String {
        let answer = person.http().raw("GET", path, &[("accept", "text/html".to_owned())], Vec::new()).await;
        assert_eq!(answer.status, 200, "{}: {path}: {}", person.email, answer.text());
        answer.text()
    }
}

/// What the page says, without its bars: and without what is of one session or one moment.
fn main_of(page: &str) -> String {
    let from = page.find("<main").expect("a main");
    let until = page.find("</main>").expect("its end");
    let mut text = page[from..until].to_owned();
    for (mark, end) in [("name=\"csrf\" value=\"", '"'), ("name=\"once\" value=\"", '"')] {
        while let Some(at) = text.find(mark) {
            let rest = at + mark.len() + text[at + mark.len()..].find(end).unwrap();
            text.replace_range(at..rest, "");
        }
    }
    text
}

#[tokio::test]
async fn who_views_sees_what_the_client_sees() {
    let scene = Scene::open().await;
    let pages = [
        "/".to_owned(),
        format!("/clients/{}/projects", scene.world.acme),
        format!("/clients/{}/projects/{}", scene.world.acme, scene.project),
        format!("/clients/{}/documents", scene.world.acme),
        format!("/clients/{}/documents/{}", scene.world.acme, scene.document),
    ];
    let before = scene.page(&scene.staff, &pages[3]).await;
    assert!(!before.contains("You see the portal as"));
    scene.begin().await;
    for path in &pages {
        let (theirs, shown) = (scene.page(&scene.admin, path).await, scene.page(&scene.staff, path).await);
        // What offers to change something is offered to the client alone.
        similar(path, &without_forms(&main_of(&theirs)), &without_forms(&main_of(&shown)));
        assert!(shown.contains("You see the portal as Ann Acme sees it"), "{path}: a banner");
        assert!(shown.contains("Ann Acme") && shown.contains("/view-as/end"), "{path}");
        assert!(!theirs.contains("You see the portal as"), "{path}");
    }
    // The firm is not behind it.
    for path in ["/firm/people", "/firm/clients", "/api/v1/firm/people"] {
        let status = scene.staff.get(path).await.status;
        assert!(matches!(status, 403 | 404), "{path} answered {status}");
    }
    let other = format!("/api/v1/clients/{}/projects", scene.world.birch);
    assert_eq!(scene.staff.get(&other).await.status, 404);
}

/// Of a list whose rows can be chosen the rows stay: they are shown to whoever views, without the boxes.
fn without_forms(text: &str) -> String {
    // The next version is sent by no form of the page's own, and is offered to the client alone like one.
    let mut text = text.to_owned();
    while let Some(at) = text.find("data-replaces=") {
        let from = text[..at].rfind("<section").unwrap_or(at);
        let until = text[at..].find("</section>").map_or(text.len(), |end| at + end);
        text.replace_range(from..until, "");
    }
    let mut parts = text.split("<form");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| match part.split_once("</form>") {
        Some(_) if part.starts_with(" class=\"bulk\"") => part,
        Some((_, after)) => after,
        None => "",
    });
    first + &rest.collect::<String>()
}

/// Every line that is shown to whoever views is shown to the client as well; the client may be offered more, since it
/// may also change things.
fn similar(path: &str, theirs: &str, shown: &str) {
    let words = |text: &str| -> Vec<String> {
        text.split(['<', '>']).map(str::trim).filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
    };
    let (theirs, shown) = (words(theirs), words(shown));
    let mut rest = theirs.iter();
    for piece in &shown {
        assert!(rest.any(|other| other == piece), "{path}: {piece:?} is shown to whoever views only");
    }
    // A matter offers an upload to the client, which is two fifths of its page.
    assert!(shown.len() * 2 >= theirs.len(), "{path}: {} of {} pieces", shown.len(), theirs.len());
}

#[tokio::test]
async fn nothing_can_be_changed_meanwhile() {
    let scene = Scene::open().await;
    scene.begin().await;
    let aws = Aws::connect().await;
    let things = scene.things();
    let mut tried = 0;
    let leaving = ["/view-as/end", "/api/v1/auth/view-as", "/sign-out", "/api/v1/auth/session"];
    for route in functions().iter().flat_map(|routes| routes.table().to_vec()) {
        let changes = !matches!(route.method, Method::GET | Method::HEAD);
        let public = matches!(route.access, Access::Public(_));
        if !changes || public || leaving.contains(&route.path) {
            continue;
        }
        let answer = call(scene.staff.http(), &route, &things).await;
        assert_eq!(answer.status, 403, "{} {}: {}", route.method, route.path, answer.text());
        let told = if route.kind == Kind::Api { "viewing-only" } else { "You are only looking" };
        assert!(answer.text().contains(told), "{} {}: {}", route.method, route.path, answer.text());
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
    counted("routes that change something, tried while viewing as a client and refused", tried);
    // And a bug in a handler would be refused by IAM.
    let keys = aws.vend(&scene.staff, "client", Some(&scene.world.acme)).await.unwrap();
    let own = format!("T#{}#C#{}", scene.world.firm.id, scene.world.acme);
    crate::isolation::something_to_leak(&scene.world).await;
    let place = crate::isolation::place(&aws, &scene.world, &scene.world).await;
    assert!(aws.get(Some(&keys), &place["LEAKY_TABLE_DATA"], &own, "PROFILE").await.unwrap().is_some());
    for bug in ["writes_while_viewing", "internal_notes", "wrong_client_id", "assigns_itself"] {
        let outcome = crate::isolation::plant(bug, &keys, &place);
        assert!(outcome["refused"].is_string(), "{bug}: {outcome}");
    }
}

#[tokio::test]
async fn both_ends_are_written_down_and_so_is_what_was_seen() {
    let scene = Scene::open().await;
    let partner = scene.world.person("partner").await;
    scene.begin().await;
    scene.page(&scene.staff, &format!("/clients/{}/documents/{}", scene.world.acme, scene.document)).await;
    let ended = scene.staff.http().send("DELETE", "/api/v1/auth/view-as", None).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!(scene.staff.read("/api/v1/me").await["role"], "staff", "back to oneself");
    assert!(
        scene.staff.post(&format!("/api/v1/clients/{}/projects", scene.world.acme), &json!({})).await.status == 422
    );

    let own = partner.read(&format!("/api/v1/firm/people/{}/audit", scene.world.staff_id)).await;
    let event = |act: Act| {
        let items = own["items"].as_array().unwrap();
        items.iter().find(|event| event["act"] == act.as_str()).cloned().unwrap_or_else(|| panic!("{act:?} in {own}"))
    };
    assert_eq!(event(Act::ViewingBegun)["actor"]["viewing_as"], scene.admin_id.as_str());
    event(Act::ViewingEnded);
    let seen = partner.read(&format!("/api/v1/clients/{}/audit", scene.world.acme)).await;
    let viewed = seen["items"].as_array().unwrap().iter().find(|event| {
        event["act"] == Act::DocumentViewed.as_str() && event["actor"]["person"] == scene.world.staff_id.as_str()
    });
    let viewed = viewed.unwrap_or_else(|| panic!("{seen}"));
    assert_eq!(viewed["actor"]["role"], "staff", "the person of the firm saw it");
    assert_eq!(viewed["actor"]["viewing_as"], scene.admin_id.as_str());
}

#[tokio::test]
async fn it_ends_with_its_time_and_with_what_it_stands_on() {
    let scene = Scene::open().await;
    let aws = Aws::connect().await;
    let (firm, acme) = (scene.world.firm.id.clone(), scene.world.acme.clone());
    let path = format!("/api/v1/clients/{acme}/projects");
    let status = async || scene.staff.get(&path).await;
    let over = async |what: &str| {
        let answer = status().await;
        assert_eq!(answer.status, 403, "{what}: {}", answer.text());
        assert!(answer.text().contains("viewing-over"), "{what}: {}", answer.text());
    };
    let back = async || {
        assert_eq!(scene.staff.http().send("DELETE", "/api/v1/auth/view-as", None).await.status, 204);
        assert_eq!(status().await.status, 200);
    };

    scene.begin().await;
    assert_eq!(status().await.status, 200);
    let none = Adjusted { removed: [PermissionName::ViewAsClient].into(), ..Adjusted::default() };
    aws.adjust(&firm, &scene.world.staff_id, "FIRM", &none).await;
    over("the permission is taken").await;
    aws.adjust(&firm, &scene.world.staff_id, "FIRM", &Adjusted::default()).await;
    back().await;

    // What is taken from the viewed person is not shown to whoever views.
    scene.begin().await;
    assert_eq!(status().await.status, 200);
    let less = Adjusted { removed: [PermissionName::ViewProjects].into(), ..Adjusted::default() };
    aws.adjust(&firm, &scene.admin_id, &acme, &less).await;
    assert_eq!(status().await.status, 403);
    aws.adjust(&firm, &scene.admin_id, &acme, &Adjusted::default()).await;
    assert_eq!(status().await.status, 200);
    back().await;

    scene.begin().await;
    assert_eq!(status().await.status, 200);
    scene.world.firm.unassign(&scene.world.staff_id, &acme).await;
    over("the assignment ended").await;
    scene.world.firm.assign(&scene.world.staff_id, &acme).await;
    back().await;

    // Its time is over: a grant kept meanwhile says so itself.
    scene.begin().await;
    let cookies = scene.staff.http().cookies();
    let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).unwrap();
    let hash = crypto::SessionToken::parse(token).unwrap().hash();
    let past = jiff_now().checked_sub(jiff::SignedDuration::from_secs(1)).unwrap().to_string();
    aws.end_viewing(&hash, &past).await;
    let answer = status().await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let page = scene.staff.http().raw("GET", "/", &[("accept", "text/html".into())], Vec::new()).await;
    assert!(page.text().contains("Back to your own portal") && page.text().contains("/view-as/end"), "{}", page.text());
    back().await;
}

#[tokio::test]
async fn only_those_may_view_who_work_on_the_client() {
    let scene = Scene::open().await;
    let (staff2, birch) = (scene.world.person("staff2").await, scene.world.person("admin.birch").await);
    let path = format!("/api/v1/clients/{}/view-as", scene.world.acme);
    let body = json!({ "person": scene.admin_id });
    assert_eq!(staff2.post(&path, &body).await.status, 404);
    assert!(matches!(birch.post(&path, &body).await.status, 403 | 404));
    assert_eq!(scene.admin.post(&path, &body).await.status, 403, "a client views as nobody");
    // Nobody of another company, and nobody of the firm.
    let birch_id = birch.read("/api/v1/me").await["person"]["id"].as_str().unwrap().to_owned();
    for person in [birch_id, scene.world.staff2_id.clone()] {
        assert_eq!(scene.staff.post(&path, &json!({ "person": person })).await.status, 422);
    }
    let partner = scene.world.person("partner").await;
    assert_eq!(partner.post(&path, &body).await.status, 201);
    assert!(PermissionName::ViewAsClient.held_by(Role::Partner));
    assert_eq!(partner.get(&format!("/api/v1/clients/{}/projects", scene.world.acme)).await.status, 200);
    assert_eq!(partner.get(&format!("/api/v1/clients/{}/projects", scene.world.birch)).await.status, 404);
}
