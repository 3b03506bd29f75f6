//! Personal tokens: made by somebody who has just confirmed who they are, shown once, narrowed, ended.

use domain::audit::Act;
use http::Method;
use serde_json::{Value, json};
use testkit::portal::{Answer, Http, Person, code_in};
use web::{Access, Kind};

use crate::access::functions;
use crate::isolation::vended::Aws;
use crate::world::{LawFirm, jiff_now};

/// A program: no cookies, one token.
struct Program {
    http: Http,
    token: String,
}

impl Program {
    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut headers =
            vec![("accept", "application/json".to_owned()), ("authorization", format!("Bearer {}", self.token))];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        self.http.raw(method, path, &headers, body.map(Value::to_string).unwrap_or_default().into_bytes()).await
    }

    async fn get(&self, path: &str) -> u16 {
        self.call("GET", path, None).await.status
    }
}

/// Proves once more who the person is, by the mailed code.
async fn confirm(world: &LawFirm, person: &Person) {
    let before = world.portal.mails(&person.email).await.len();
    let asked = person.post("/api/v1/auth/confirm/mail", &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let code = code_in(&world.portal.mail_after(&person.email, before).await);
    let answer = person.post("/api/v1/auth/confirm", &json!({ "code": code })).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn make(world: &LawFirm, person: &Person, scopes: &[&str], read_only: bool) -> (String, Program) {
    let new = json!({ "name": "Nightly export", "scopes": scopes, "read_only": read_only, "days": 30 });
    let made = person.post("/api/v1/tokens", &new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), Program { http: world.portal.stranger(), token: text("token") })
}

#[tokio::test]
async fn a_token_does_what_it_says_and_nothing_else() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let refused = staff.post("/api/v1/tokens", &json!({ "name": "x", "scopes": ["view_projects"], "days": 1 })).await;
    assert_eq!(refused.status, 403, "without a fresh proof");
    assert!(refused.text().contains("confirmation-required"), "{}", refused.text());
    confirm(&world, &staff).await;

    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let documents = format!("/api/v1/clients/{}/documents", world.acme);
    let new = json!({ "name": "Acme v. Dunmore", "pack": "litigation" });
    let (_, reads) = make(&world, &staff, &["view_projects"], true).await;
    assert_eq!(reads.get(&projects).await, 200);
    assert_eq!(reads.get("/api/v1/clients").await, 200, "the home comes with every token");
    assert_eq!(reads.call("POST", &projects, Some(&new)).await.status, 403, "it only reads");
    assert_eq!(reads.get(&documents).await, 403, "not of its scope");
    let other = format!("/api/v1/clients/{}/projects", world.birch);
    assert_eq!(reads.get(&other).await, 404, "not of the person");

    let (_, writes) = make(&world, &staff, &["view_projects", "edit_projects"], false).await;
    let opened = writes.call("POST", &projects, Some(&new)).await;
    assert_eq!(opened.status, 201, "no header against forgery is asked of a program: {}", opened.text());

    let wide = json!({ "name": "x", "scopes": ["manage_people"], "days": 30 });
    assert_eq!(staff.post("/api/v1/tokens", &wide).await.status, 422, "more than the person may do");
    let long = json!({ "name": "x", "scopes": ["view_projects"], "days": 366 });
    assert_eq!(staff.post("/api/v1/tokens", &long).await.status, 422, "longer than a year");
}

#[tokio::test]
async fn no_token_leads_to_another_and_none_opens_a_page() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    confirm(&world, &partner).await;
    let everything = ["view_projects", "edit_projects", "view_documents", "upload_documents"];
    let (id, program) = make(&world, &partner, &everything, false).await;
    let new = json!({ "name": "another", "scopes": ["view_projects"], "days": 1 });
    assert_eq!(program.call("POST", "/api/v1/tokens", Some(&new)).await.status, 403);
    assert_eq!(program.get("/api/v1/tokens").await, 403);
    assert_eq!(program.call("DELETE", &format!("/api/v1/tokens/{id}"), None).await.status, 403);
    // Whatever is about signing in, and every page, is closed to programs.
    let mut tried = 0;
    for route in functions().iter().flat_map(|routes| routes.table().to_vec()) {
        let about_oneself = route.access == Access::SignedIn && route.path != "/api/v1/clients";
        let page = route.kind == Kind::Page && !matches!(route.access, Access::Public(_));
        if !page && !about_oneself {
            continue;
        }
        let path = route.path.replace("{client}", &world.acme).replace(['{', '}'], "");
        let body = (route.method != Method::GET).then(|| json!({}));
        let answer = program.call(route.method.as_str(), &path, body.as_ref()).await;
        let away = answer.status == 303 && answer.header("location").starts_with("/sign-in");
        assert!(away || matches!(answer.status, 401 | 403), "{} {}: {}", route.method, route.path, answer.status);
        assert!(answer.header("set-cookie").is_empty(), "{} {}", route.method, route.path);
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
}

#[tokio::test]
async fn the_cookie_beside_a_token_is_not_looked_at() {
    let world = LawFirm::open().await;
    let (staff, partner) = (world.person("staff").await, world.person("partner").await);
    confirm(&world, &staff).await;
    let (_, program) = make(&world, &staff, &["view_projects"], true).await;
    let path = format!("/api/v1/clients/{}/projects", world.birch);
    assert_eq!(partner.get(&path).await.status, 200);
    let both = Program { http: partner.http().clone(), token: program.token.clone() };
    assert_eq!(both.get(&path).await, 404, "the partner's cookie opens nothing for the staff member's token");
    assert_eq!(both.get("/api/v1/firm/people").await, 403);
    let broken = Program { http: partner.http().clone(), token: format!("{}A", program.token) };
    assert_eq!(broken.get(&path).await, 401, "nor for a token that is none");
}

#[tokio::test]
async fn a_token_ends_at_the_next_call() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    confirm(&world, &staff).await;
    let path = format!("/api/v1/clients/{}/projects", world.acme);
    let aws = Aws::connect().await;

    // Its person ends it.
    let (id, program) = make(&world, &staff, &["view_projects"], true).await;
    assert_eq!(program.get(&path).await, 200);
    let list = staff.read("/api/v1/tokens").await;
    let line = list["items"].as_array().unwrap().iter().find(|line| line["id"] == id.as_str()).unwrap();
    assert_eq!((&line["name"], &line["read_only"]), (&json!("Nightly export"), &json!(true)));
    assert!(line["last_used"].is_string(), "{line}");
    assert!(!list.to_string().contains("pt_"), "the token is shown once");
    let ended = staff.http().send("DELETE", &format!("/api/v1/tokens/{id}"), None).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!(program.get(&path).await, 401, "a grant that was kept is worth nothing");

    // Its time is over.
    let (_, program) = make(&world, &staff, &["view_projects"], true).await;
    let hash = crypto::BearerToken::parse(&program.token).unwrap().hash();
    let past = jiff_now().checked_sub(jiff::SignedDuration::from_secs(1)).unwrap().to_string();
    aws.put_text("identity", (&format!("BT#{hash}"), "T"), "expires", Some(&past)).await;
    assert_eq!(program.get(&path).await, 401);

    // What its person may do is taken, and given back.
    let (_, program) = make(&world, &staff, &["view_projects"], true).await;
    assert_eq!(program.get(&path).await, 200);
    let taken = [domain::PermissionName::ViewProjects].into_iter().collect();
    let adjusted = domain::permissions::Adjusted { removed: taken, ..Default::default() };
    aws.adjust(&world.firm.id, &world.staff_id, "FIRM", &adjusted).await;
    let refused = program.get(&path).await;
    assert!(matches!(refused, 403 | 409), "{refused}");
    assert_eq!(program.get(&path).await, 403);
    aws.adjust(&world.firm.id, &world.staff_id, "FIRM", &Default::default()).await;
    assert_eq!(program.get(&path).await, 200);

    // The assignment ends.
    world.firm.unassign(&world.staff_id, &world.acme).await;
    assert_eq!(program.get(&path).await, 404);
    // The session that made it may end: a token is not of a session.
    world.firm.assign(&world.staff_id, &world.acme).await;
    staff.http().send("DELETE", "/api/v1/auth/session", None).await;
    assert_eq!(program.get(&path).await, 200);
}

#[tokio::test]
async fn a_person_ends_only_its_own_tokens_and_all_of_it_is_written_down() {
    let world = LawFirm::open().await;
    let (staff, partner) = (world.person("staff").await, world.person("partner").await);
    confirm(&world, &staff).await;
    let (id, program) = make(&world, &staff, &["view_projects"], true).await;
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(partner.http().send("DELETE", &path, None).await.status, 404);
    assert_eq!(program.get(&format!("/api/v1/clients/{}/projects", world.acme)).await, 200);
    assert_eq!(staff.http().send("DELETE", &path, None).await.status, 204);
    assert_eq!(staff.http().send("DELETE", &path, None).await.status, 404, "ended once");
    let events = partner.read(&format!("/api/v1/firm/people/{}/audit", world.staff_id)).await;
    let acts: Vec<&str> =
        events["items"].as_array().unwrap().iter().filter_map(|event| event["act"].as_str()).collect();
    for act in [Act::TokenMade, Act::TokenEnded] {
        assert!(acts.contains(&act.as_str()), "{acts:?}");
    }
}

#[tokio::test]
async fn the_pages_make_show_once_and_end() {
    let world = LawFirm::open().await;
    let staff = world.person("staff").await;
    let asked = staff.http().raw("GET", "/tokens/new", &[("accept", "text/html".into())], Vec::new()).await;
    assert_eq!((asked.status, asked.header("location")), (303, "/confirm?next=/tokens/new"));
    confirm(&world, &staff).await;
    let form = staff.get("/tokens/new").await.text();
    assert!(form.contains("value=\"edit_projects\"") && !form.contains("value=\"manage_people\""), "what staff may do");
    let cookies = staff.http().cookies();
    let session = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).unwrap();
    let csrf = crypto::SessionToken::parse(session).unwrap().form_token();
    let post = async |path: &str, fields: &str| {
        let headers = [
            ("accept", "text/html".to_owned()),
            ("origin", staff.http().url().replace("127.0.0.1", "localhost")),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        staff.http().raw("POST", path, &headers, format!("csrf={csrf}&{fields}").into_bytes()).await
    };
    let refused = post("/tokens/new", "name=&days=30").await;
    assert_eq!(refused.status, 422);
    let made = post("/tokens/new", "name=Ledger&scopes=view_projects&scopes=view_documents&days=7&read_only=yes").await;
    assert_eq!(made.status, 200, "{}", made.text());
    let text = made.text();
    let token = &text[text.find("pt_").expect("shown once")..][..55];
    let program = Program { http: world.portal.stranger(), token: token.to_owned() };
    assert_eq!(program.get(&format!("/api/v1/clients/{}/documents", world.acme)).await, 200);
    let list = staff.get("/tokens").await.text();
    assert!(list.contains("Ledger") && !list.contains("pt_"), "{list}");
    let at = list.find("/tokens/0").expect("a form to end it");
    let action = &list[at..at + "/tokens/".len() + 26 + "/end".len()];
    assert_eq!(post(action, "").await.status, 303);
    assert_eq!(program.get(&format!("/api/v1/clients/{}/documents", world.acme)).await, 401);
}
