//! Single fields: what nobody is offered to write cannot be written, what somebody may not read is not sent, and what is
//! said twice is not half believed.

use http::Method;
use serde_json::{Value, json};
use testkit::portal::{Answer, Person};
use testkit::samples;

use super::{FORM, address, form_token, is_api, page, routes, session, site};
use crate::world::{LawFirm, fresh, id_of, operator};

/// Values that no answer may ever come to hold, because nobody may set what they are set for.
struct Planted {
    id: String,
    firm: String,
    client: String,
}

/// Every field that a thing of ours has and a caller must not choose.
fn planted(valid: &Value, extra: &[(&str, Value)]) -> Vec<Value> {
    let with = |(name, value): &(&str, Value)| {
        let mut body = valid.clone();
        body[*name] = value.clone();
        body
    };
    extra.iter().map(with).collect()
}

fn refused_or_ignored(what: &str, answer: &Answer, planted: &Planted) {
    let text = answer.text();
    assert!(answer.status < 500, "{what}: {} {text}", answer.status);
    let refused = (400..500).contains(&answer.status);
    let taken = [&planted.id, &planted.firm].iter().any(|value| text.contains(value.as_str()));
    assert!(refused || !taken, "{what} was taken: {text}");
}

#[tokio::test]
async fn fields_that_nobody_is_offered_cannot_be_written() {
    let (world, other) = tokio::join!(LawFirm::open(), LawFirm::open());
    let (partner, staff, admin) =
        (world.person("partner").await, world.person("staff").await, world.person("admin.acme").await);
    let planted_in = Planted { id: fresh(), firm: other.firm.id.clone(), client: world.birch.clone() };
    let (id, firm, client) = (json!(planted_in.id), json!(planted_in.firm), json!(planted_in.client));
    let matter = world.matter(&staff).await;
    let projects = format!("/api/v1/clients/{}/projects", world.acme);
    let documents = format!("/api/v1/clients/{}/documents", world.acme);
    let before = staff.read(&format!("{projects}/{matter}")).await;
    let person = json!({ "name": "New One", "email": format!("new@{}", world.domain), "role": "staff" });
    let announced = json!({ "name": "a.txt", "size_bytes": 5, "project": matter, "category": "Other" });
    let tried: Vec<(&Person, &str, String, Vec<Value>)> = vec![
        (
            &partner,
            "POST",
            "/api/v1/firm/clients".into(),
            planted(
                &json!({ "name": "New" }),
                &[("id", id.clone()), ("firm", firm.clone()), ("client", id.clone()), ("created_by", id.clone())],
            ),
        ),
        (
            &partner,
            "POST",
            "/api/v1/firm/people".into(),
            planted(
                &person,
                &[
                    ("id", id.clone()),
                    ("firm", firm.clone()),
                    ("version", json!(9)),
                    ("person", id.clone()),
                    ("active", json!(true)),
                    ("granted", json!(["ManageFirms"])),
                    ("role", json!("platform_admin")),
                ],
            ),
        ),
        (
            &staff,
            "POST",
            projects.clone(),
            planted(
                &json!({ "name": "New", "pack": "tax" }),
                &[
                    ("id", id.clone()),
                    ("client", client.clone()),
                    ("firm", firm.clone()),
                    ("version", json!(9)),
                    ("opened_by", id.clone()),
                    ("standing", json!("closed")),
                ],
            ),
        ),
        (
            &staff,
            "PATCH",
            format!("{projects}/{matter}"),
            planted(
                &json!({ "version": 1, "phase": 1 }),
                &[
                    ("id", id.clone()),
                    ("client", client.clone()),
                    ("firm", firm.clone()),
                    ("pack", json!("tax")),
                    ("opened_at", json!("2020-01-01T00:00:00Z")),
                    ("phases", json!(["x"])),
                ],
            ),
        ),
        (
            &admin,
            "POST",
            documents.clone(),
            planted(
                &announced,
                &[
                    ("id", id.clone()),
                    ("client", client.clone()),
                    ("firm", firm.clone()),
                    ("by", id.clone()),
                    ("state", json!("ready")),
                    ("by_client", json!(false)),
                    ("digest", json!("00")),
                    ("version", json!(9)),
                ],
            ),
        ),
    ];
    let mut tries = 0;
    for (who, method, path, bodies) in &tried {
        for body in bodies {
            tries += 1;
            let answer = who.http().send(method, path, Some(body)).await;
            refused_or_ignored(&format!("{method} {path} {body}"), &answer, &planted_in);
            // These mean something to the store, so that being ignored is not enough to be sure: they are refused.
            assert_eq!(answer.status, 422, "{method} {path} {body}: {}", answer.text());
        }
    }
    assert!(tries > 25, "{tries}");
    assert_eq!(staff.read(&format!("{projects}/{matter}")).await, before);
    let listed = staff.read(&documents).await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(0), "{listed}");
    // Signing in as somebody else by a field of one's own.
    let me = admin.read("/api/v1/me").await;
    for body in [
        json!({ "membership": format!("{}.FIRM", world.firm.id) }),
        json!({ "membership": format!("{}.PLATFORM", world.firm.id) }),
        json!({ "membership": "00000000000000000000000000.PLATFORM" }),
        json!({ "membership": format!("{}.{}", world.firm.id, world.birch), "role": "partner" }),
    ] {
        let answer = admin.post("/api/v1/auth/membership", &body).await;
        assert!((400..500).contains(&answer.status), "{body}: {} {}", answer.status, answer.text());
    }
    assert_eq!(admin.read("/api/v1/me").await, me);
}

/// The forms of pages are no way around it.
#[tokio::test]
async fn forms_take_the_fields_that_they_show_and_no_others() {
    let (world, operator) = tokio::join!(LawFirm::open(), async { operator(&crate::world::portal()).await });
    let partner = world.person("partner").await;
    let planted = fresh();
    let sent = [
        ("/firm/clients", format!("name=New+Company&once=a&id={planted}&client={planted}&firm={planted}")),
        (
            "/firm/people",
            format!("name=New+One&once=b&email=new2%40{}&role=platform_admin&person={planted}", world.domain),
        ),
    ];
    for (path, fields) in sent {
        let headers = [("content-type", FORM.to_owned()), ("origin", site(partner.http()))];
        let body = format!("csrf={}&{fields}", form_token(partner.http()));
        let answer = partner.http().raw("POST", path, &headers, body.into_bytes()).await;
        assert!(answer.status < 500 && !answer.header("location").contains(&planted), "{path}: {}", answer.text());
    }
    let people = partner.read("/api/v1/firm/people").await;
    assert!(!people.to_string().contains("platform_admin") && !people.to_string().contains(&planted), "{people}");
    let clients = partner.read("/api/v1/firm/clients").await;
    assert!(!clients.to_string().contains(&planted), "{clients}");
    assert_eq!(operator.get("/api/v1/me").await.status, 200);
}

/// Everything that a role's routes give, as text, with where it came from.
async fn all_shown(person: &Person, things: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    for route in routes().iter().filter(|route| route.method == Method::GET) {
        let query = if route.path.ends_with("/search") { "?q=words" } else { "" };
        let path = format!("{}{query}", address(route, things));
        let answer = if is_api(route) { person.get(&path).await } else { page(person.http(), &path).await };
        assert!(answer.status < 500, "GET {path}: {}", answer.text());
        shown.push((format!("GET {path} ({})", answer.status), answer.text()));
    }
    shown
}

#[tokio::test]
async fn nobody_is_sent_fields_that_are_not_theirs_to_read() {
    let world = LawFirm::open().await;
    let (staff, admin, member, birch) = (
        world.person("staff").await,
        world.person("admin.acme").await,
        world.person("member.acme").await,
        world.person("admin.birch").await,
    );
    let matter = world.matter(&staff).await;
    let document = admin.upload(&world.acme, &matter, "Other", "a.txt", &samples::txt("words")).await.id;
    assert_eq!(admin.settled(&world.acme, &document).await["state"], "ready");
    let partner = world.person("partner").await;
    let path = format!("/api/v1/clients/{}/projects", world.birch);
    let foreign = partner.write("POST", &path, &json!({ "name": "Secret of Birch", "pack": "tax" })).await;
    let things =
        [("client", world.acme.as_str()), ("project", &matter), ("document", &document), ("person", &world.staff_id)];
    let names = |wanted: &[&str]| -> Vec<String> { wanted.iter().map(|word| (*word).to_owned()).collect() };
    // The phone numbers of the firm's people, their addresses, and whatever is of the other company.
    let of_birch =
        [names(&["Birch &", "Secret of Birch"]), vec![world.birch.clone(), id_of(&foreign, "project")]].concat();
    let of_firm = [names(&["2025550143"]), vec![world.address("staff"), world.address("staff2")]].concat();
    let of_store =
        names(&["ask_hash", "code_hash", "token_hash", "wrapped", "object_version", "arn:aws:kms", "DEK#", "T#"]);
    for (person, hidden) in [
        (&member, [of_birch.clone(), of_firm.clone(), of_store.clone(), names(&["2025550144"])].concat()),
        (&admin, [of_birch.clone(), of_firm, of_store.clone()].concat()),
        (&staff, [of_birch, of_store.clone(), vec![world.address("admin.birch")]].concat()),
        (&partner, of_store),
    ] {
        let mut read = 0;
        for (what, text) in all_shown(person, &things).await {
            read += 1;
            for word in &hidden {
                assert!(!text.contains(word.as_str()), "{}: {what} tells {word}: {text}", person.email);
            }
        }
        assert!(read > 30, "{read}");
    }
    // The words that were looked for are there to be found by whom they belong to.
    let own = birch.read(&path).await;
    assert!(own.to_string().contains("Secret of Birch"), "{own}");
}

#[tokio::test]
async fn what_is_said_twice_is_refused() {
    let world = LawFirm::open().await;
    let (partner, admin) = (world.person("partner").await, world.person("admin.acme").await);
    let (own, other) = (session(partner.http()), session(admin.http()));
    let http = world.portal.stranger();
    let me = async |cookies: String| http.raw("GET", "/api/v1/me", &[("cookie", cookies)], Vec::new()).await.status;
    assert_eq!(me(format!("__Host-s={own}")).await, 200);
    assert_eq!(me(format!("__Host-s={own}; __Host-s={other}")).await, 401, "two sessions at once are none");
    assert_eq!(me(format!("__Host-s={other}; __Host-s={own}")).await, 401);
    // The same name in an address, in a form and in JSON.
    for path in [
        "/api/v1/firm/clients?after=01ARZ3NDEKTSV4RRFFQ69G5FAV&after=01ARZ3NDEKTSV4RRFFQ69G5FAW".to_owned(),
        format!("/api/v1/clients/{}/search?q=one&q=two", world.acme),
        "/firm/clients?q=one&q=two".to_owned(),
    ] {
        let answer = page(partner.http(), &path).await;
        assert_eq!(answer.status, 422, "GET {path}: {}", answer.text());
    }
    let token = form_token(partner.http());
    let headers = [("content-type", FORM.to_owned()), ("origin", site(partner.http()))];
    for (body, want) in [
        (format!("csrf={token}&once=c&name=One&name=Two"), 422),
        (format!("csrf={token}&csrf=0&once=c&name=One"), 403),
        (format!("csrf=0&csrf={token}&once=c&name=One"), 403),
        // What belongs into the body counts nowhere else.
        ("once=c&name=One".to_owned(), 403),
    ] {
        let path = format!("/firm/clients?csrf={token}&name=Three");
        let answer = partner.http().raw("POST", &path, &headers, body.clone().into_bytes()).await;
        assert_eq!(answer.status, want, "{body}: {}", answer.text());
    }
    let json = [
        ("content-type", "application/json".to_owned()),
        ("x-portico-csrf", "1".to_owned()),
        ("origin", site(partner.http())),
    ];
    for body in
        [r#"{"name":"One","name":"Two"}"#, r#"[{"name":"One"}]"#, r#"{"name":["One","Two"]}"#, r#"{"name":{"$ne":""}}"#]
    {
        let answer = partner.http().raw("POST", "/api/v1/firm/clients", &json, body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
    }
    let clients = partner.read("/api/v1/firm/clients").await;
    assert_eq!(clients["items"].as_array().map(Vec::len), Some(2), "{clients}");
}
