//! What scanners look for on every site: what development leaves behind, and methods that no page needs.

use std::collections::BTreeSet;

use super::{page, routes};
use crate::world::{LawFirm, portal, setting};

/// Files of a checkout, of a deployment and of other people's frameworks.
const LEFTOVERS: [&str; 26] = [
    "/.git/config",
    "/.git/HEAD",
    "/.git/index",
    "/assets/.git/config",
    "/.svn/entries",
    "/.hg/store",
    "/.gitignore",
    "/.env",
    "/.aws/credentials",
    "/.cargo/config.toml",
    "/.DS_Store",
    "/Cargo.toml",
    "/Cargo.lock",
    "/template.yaml",
    "/samconfig.toml",
    "/bootstrap",
    "/backup.zip",
    "/web.config",
    "/server-status",
    "/phpinfo.php",
    "/assets/",
    "/assets/portico.css",
    "/assets/..%2f..%2fCargo.toml",
    "/assets/%2e%2e/%2e%2e/Cargo.toml",
    "/api",
    "/api/v1/",
];

/// Descriptions, measurements and switches.
const INNER: [&str; 22] = [
    "/metrics",
    "/health",
    "/healthz",
    "/status",
    "/debug",
    "/debug/pprof",
    "/debug/vars",
    "/actuator",
    "/actuator/env",
    "/swagger",
    "/swagger-ui.html",
    "/swagger.json",
    "/openapi.json",
    "/docs",
    "/graphql",
    "/console",
    "/trace",
    "/logs",
    "/internal",
    "/api/v1/metrics",
    "/api/v1/health",
    "/api/v1/debug",
];

#[tokio::test]
async fn nothing_of_the_source_or_the_deployment_is_served() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    for http in [&world.portal.stranger(), partner.http()] {
        let nowhere = page(http, "/nowhere-at-all").await;
        for path in LEFTOVERS {
            let answer = page(http, path).await;
            let same = path.starts_with("/api") || answer.text() == nowhere.text();
            assert!(answer.status == 404 && same, "GET {path}: {} {}", answer.status, answer.text());
        }
    }
}

#[tokio::test]
async fn what_is_only_for_us_is_nowhere_to_be_found() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    for http in [&world.portal.stranger(), partner.http()] {
        for path in INNER {
            let answer = page(http, path).await;
            assert_eq!(answer.status, 404, "GET {path}: {}", answer.text());
        }
    }
    // The pages for developers are the launcher's: the product itself knows none of them.
    for path in ["/_dev/mail", "/_dev/mail.json", "/_dev/sms.json", "/_dev/components"] {
        let answer =
            portal().stranger().raw("GET", &format!("{}{path}", setting("PORTICO_API")), &[], Vec::new()).await;
        assert_eq!(answer.status, 404, "GET {path}: {}", answer.text());
    }
    // No header tells what the product is made of.
    let answer = page(&portal().stranger(), "/sign-in").await;
    for name in ["server", "x-powered-by", "x-aspnet-version", "x-amzn-trace-id", "via"] {
        let told = answer.header(name).to_lowercase();
        assert!(
            !["rust", "hyper", "axum", "lambda", "python"].iter().any(|word| told.contains(word)),
            "{name}: {told}"
        );
    }
}

#[tokio::test]
async fn trace_and_other_odd_methods_are_refused_everywhere() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let all = routes();
    let paths: BTreeSet<String> = all.iter().map(|route| super::address(route, &[("client", &world.acme)])).collect();
    assert!(paths.len() > 60);
    let echoed = "echo-of-a-secret";
    for path in paths.iter().map(String::as_str).chain(["/", "/nowhere"]) {
        for method in ["TRACE", "TRACK", "PROPFIND", "DEBUG"] {
            let headers = [("x-secret", echoed.to_owned()), ("max-forwards", "0".to_owned())];
            let answer = partner.http().raw(method, path, &headers, Vec::new()).await;
            assert!((400..=501).contains(&answer.status) && answer.status != 500, "{method} {path}: {}", answer.status);
            let told = format!("{:?} {}", answer.headers, answer.text());
            assert!(!told.contains(echoed) && !told.contains("__Host-s="), "{method} {path}: {told}");
        }
    }
    assert_eq!(partner.get("/api/v1/me").await.status, 200);
}
