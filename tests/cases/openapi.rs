//! The description of the API that is served is the one that the handlers give.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::{portal, root};

#[test]
fn the_served_description_is_the_handlers_own() {
    let fresh = web::openapi::rendered(&crate::access::functions());
    let path = root().join("shared/web/src/openapi.json");
    if std::fs::read_to_string(&path).unwrap() != fresh {
        let beside = std::env::temp_dir().join("portico-openapi.json");
        std::fs::write(&beside, fresh).unwrap();
        panic!("the API changed: look at the difference, then cp {} {}", beside.display(), path.display());
    }
}

#[tokio::test]
async fn it_is_served_and_names_every_call() {
    let served = portal().stranger().get("/api/v1/openapi.json").await;
    assert_eq!(served.status, 200);
    let description: Value = served.json();
    assert_eq!(description["openapi"], "3.1.0");
    let described: BTreeSet<String> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, calls)| {
            let methods = calls.as_object().unwrap().keys().filter(|method| *method != "parameters");
            methods.map(move |method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
        })
        .collect();
    let recorded: BTreeSet<String> = crate::access::functions()
        .iter()
        .flat_map(|routes| routes.table().to_vec())
        .filter(|route| route.kind == web::Kind::Api)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert!(recorded.len() > 20);
    assert_eq!(described, recorded);
}
