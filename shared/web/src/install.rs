//! What makes the portal something that stands on a phone's first screen: a manifest, icons, and the one page that is shown
//! where there is no network. It names no firm: whoever uses it may be with several.

use std::sync::LazyLock;

use maud::{DOCTYPE, html};
use serde_json::json;

use crate::assets::{self, Asset, asset};
use crate::ui::Button;

const ICONS: [(&str, u32, &[u8]); 3] = [
    ("icon-180.png", 180, include_bytes!("assets/icon/icon-180.png")),
    ("icon-192.png", 192, include_bytes!("assets/icon/icon-192.png")),
    ("icon-512.png", 512, include_bytes!("assets/icon/icon-512.png")),
];
const WORKER: &str = include_str!("assets/offline-worker.js");
const WORKER_NAME: &str = "offline-worker.js";

/// Each builds on addresses of those before it, which hold their contents' hashes.
static ALL: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut all: Vec<Asset> = ICONS.map(|(name, _, bytes)| asset(name, "image/png", bytes)).into();
    let address = |all: &[Asset], name: &str| {
        let found = all.iter().find(|asset| asset.name == name);
        found.map(|asset| format!("/assets/{}", asset.hashed_name)).unwrap_or_default()
    };
    let page = asset("offline.html", "text/html; charset=utf-8", String::leak(offline_page()).as_bytes());
    all.push(page);
    let kept = [address(&all, "offline.html"), assets::url("portico.css"), assets::url("favicon.svg")];
    let worker = format!("const KEPT = {};\n{}", json!(kept), assets::bare(WORKER));
    all.push(asset(WORKER_NAME, "text/javascript; charset=utf-8", String::leak(worker).as_bytes()));
    let icons: Vec<_> = ICONS
        .iter()
        .map(|(name, size, _)| {
            json!({
                "src": address(&all, name), "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": "any maskable",
            })
        })
        .collect();
    let manifest = json!({
        "id": "/", "name": "Client portal", "short_name": "Portal", "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#ffffff", "icons": icons,
    });
    all.push(asset("portal.webmanifest", "application/manifest+json", String::leak(manifest.to_string()).as_bytes()));
    all
});

pub(crate) fn all() -> &'static [Asset] {
    &ALL
}

/// The address of one of these.
pub(crate) fn url(name: &str) -> String {
    let found = ALL.iter().find(|asset| asset.name == name);
    found.map(|asset| format!("/assets/{}", asset.hashed_name)).unwrap_or_default()
}

/// The script that may keep watch over all addresses, though it lies under `/assets/`.
pub(crate) fn is_worker(asset: &Asset) -> bool {
    asset.name == WORKER_NAME
}

pub(crate) fn worker_url() -> String {
    url(WORKER_NAME)
}

/// Without scripts, and with nothing that would have to be fetched but the style that is kept with it.
fn offline_page() -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { "You are offline" }
                meta name="color-scheme" content="light dark";
                link rel="icon" href=(assets::url("favicon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::url("portico.css"));
            }
            body.plain-page {
                header.plain-bar { span.firm { span.firm-name { "Client portal" } } }
                main.plain-content id="content" {
                    h1 { "You are offline" }
                    p { "Check your connection and try again. For your privacy nothing that you were shown is kept on this device." }
                    p { (Button::primary("Try again").link("")) }
                }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_icons_that_are_there() {
        let manifest: serde_json::Value =
            serde_json::from_slice(all().iter().find(|asset| asset.name == "portal.webmanifest").unwrap().bytes)
                .unwrap();
        for icon in manifest["icons"].as_array().unwrap() {
            let name = icon["src"].as_str().unwrap().strip_prefix("/assets/").unwrap();
            let found = assets::find(name).unwrap();
            // Width and height of a PNG stand after its first chunk's name.
            let side = |at: usize| u32::from_be_bytes(found.bytes[at..at + 4].try_into().unwrap());
            assert_eq!(icon["sizes"], format!("{}x{}", side(16), side(20)), "{name}");
        }
    }

    #[test]
    fn the_worker_keeps_what_can_be_fetched_and_watches_from_the_root() {
        let worker = assets::find(worker_url().strip_prefix("/assets/").unwrap()).unwrap();
        assert!(is_worker(worker));
        let text = std::str::from_utf8(worker.bytes).unwrap();
        let kept = text.split_once("const KEPT = ").unwrap().1.split_once(";\n").unwrap().0;
        let kept: Vec<String> = serde_json::from_str(kept).unwrap();
        assert_eq!(kept.len(), 3);
        for address in &kept {
            assert!(assets::find(address.strip_prefix("/assets/").unwrap()).is_some(), "{address}");
        }
        let page = std::str::from_utf8(assets::find(kept[0].strip_prefix("/assets/").unwrap()).unwrap().bytes).unwrap();
        assert!(kept[1..].iter().all(|address| page.contains(address)) && !page.contains("<script"), "{page}");
    }
}
