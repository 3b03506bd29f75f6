use super::*;
use domain::PermissionName;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Wanted {
    /// What to look for.
    q: String,
    after: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Found {
    hits: Vec<Hit>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Hit {
    id: domain::DocumentId,
}

fn routes() -> Routes {
    Routes::new("documents")
        .api(
            Method::GET,
            "/api/v1/clients/{client}/search",
            Access::Needs(PermissionName::SearchDocuments),
            || async {},
            Doc::new("Searches one client's documents").query::<Wanted>().answers::<Found>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/documents",
            Access::Needs(PermissionName::UploadDocuments),
            || async {},
            Doc::new("Starts an upload").takes::<domain::document::NewDocument>().idempotent().answers_empty(202),
        )
        .api(
            Method::POST,
            "/api/v1/auth/link",
            Access::Public("signing in"),
            || async {},
            Doc::new("Mails a link").answers_empty(202),
        )
        .page(Method::GET, "/search", Access::SignedIn, || async {})
}

#[test]
fn describes_what_was_recorded() {
    let description = describe(&[routes()]);
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 3, "pages are not described: {paths:?}");

    let search = &paths["/api/v1/clients/{client}/search"]["get"];
    assert_eq!(search["operationId"], "get_clients_client_search");
    assert_eq!(search["x-permission"], "search_documents");
    assert_eq!(search["security"], json!([{ "session": [] }, { "token": [] }]));
    let names: Vec<_> = search["parameters"].as_array().unwrap().iter().map(|p| (&p["name"], &p["required"])).collect();
    assert_eq!(
        names,
        [(&json!("client"), &json!(true)), (&json!("after"), &json!(false)), (&json!("q"), &json!(true))]
    );
    assert_eq!(
        search["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/Found"
    );

    let upload = &paths["/api/v1/clients/{client}/documents"]["post"];
    let names: Vec<_> = upload["parameters"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["client", "x-portico-csrf", "idempotency-key"]);
    assert_eq!(upload["requestBody"]["required"], true);

    let link = &paths["/api/v1/auth/link"]["post"];
    assert_eq!((&link["security"], &link["parameters"]), (&json!([]), &json!([])));
}

#[test]
fn every_reference_leads_somewhere() {
    let description = describe(&[routes()]);
    let mut references = Vec::new();
    collect(&description, &mut references);
    assert!(references.len() > 5, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            into.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|inner| collect(inner, into));
        }
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, into)),
        _ => (),
    }
}

#[test]
fn the_same_routes_give_the_same_text() {
    assert_eq!(rendered(&[routes()]), rendered(&[routes()]));
    assert!(rendered(&[]).ends_with("}\n"));
}

#[test]
fn the_committed_description_is_one_of_this_generator() {
    let served: Value = serde_json::from_str(SERVED).unwrap();
    let fresh = describe(&[]);
    for part in ["openapi", "info", "servers"] {
        assert_eq!(served[part], fresh[part], "{part}");
    }
    assert_eq!(served["components"]["securitySchemes"], fresh["components"]["securitySchemes"]);
}
