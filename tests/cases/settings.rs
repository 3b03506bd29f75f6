//! What a firm sets for itself shows, and does what its page says.

use base64::Engine as _;
use serde_json::{Value, json};
use testkit::portal::{Person, until};

use crate::world::LawFirm;

pub async fn change(partner: &Person, part: &str, mut body: Value) -> u16 {
    body["version"] = partner.read("/api/v1/firm/settings").await["version"].clone();
    partner.http().send("PUT", &format!("/api/v1/firm/settings/{part}"), Some(&body)).await.status
}

async fn page(person: &Person, path: &str) -> String {
    let answer = person.http().raw("GET", path, &[("accept", "text/html".to_owned())], Vec::new()).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

#[tokio::test]
async fn name_and_colour_are_on_every_page_and_nobody_overwrites_unseen() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    let new = json!({ "name": "Hartwell & Partners", "accent": "#ffd700" });
    assert_eq!(change(&partner, "branding", new.clone()).await, 204);
    let settings = page(&partner, "/firm/settings").await;
    assert!(settings.contains("Hartwell &amp; Partners") && settings.contains("/assets/accent/ffd700.css"));
    let mut old = new;
    old["version"] = json!(1);
    let stale = partner.http().send("PUT", "/api/v1/firm/settings/branding", Some(&old)).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    assert_eq!(change(&partner, "branding", json!({ "name": "", "accent": "gold" })).await, 422);
    let staff = world.person("staff").await;
    assert_eq!(staff.get("/api/v1/firm/settings").await.status, 403);
}

#[tokio::test]
async fn any_colour_is_readable() {
    let world = LawFirm::open().await;
    let partner = world.person("partner").await;
    for colour in ["1f5f8b", "ffd700", "ffffff", "000000", "ff0000", "00ff7f", "7f7f7f", "f8c8dc"] {
        let verdict = partner.read(&format!("/api/v1/firm/settings/accent?accent={colour}")).await;
        for part in ["text_contrast", "button_contrast"] {
            assert!(verdict[part].as_f64().unwrap() >= 4.5, "{colour}: {verdict}");
        }
    }
    assert_eq!(partner.get("/api/v1/firm/settings/accent?accent=blue").await.status, 422);
}

#[tokio::test]
async fn a_picture_is_drawn_anew_and_served_to_the_firms_own_people() {
    let world = LawFirm::open().await;
    let (partner, member) = (world.person("partner").await, world.person("member.acme").await);
    // One red pixel in a row of 16 by 16.
    let red = include_str!("settings/red.png.b64");
    let put = async |logo: &str| {
        partner.http().send("PUT", "/api/v1/firm/settings/logo", Some(&json!({ "logo": logo }))).await
    };
    let sent = put(red.trim()).await;
    assert_eq!(sent.status, 204, "{}", sent.text());
    let address = partner.read("/api/v1/firm/settings").await["logo"].as_str().unwrap().to_owned();
    let served = member.http().raw("GET", &address, &[], Vec::new()).await;
    assert_eq!((served.status, served.header("content-type")), (200, "image/png"));
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert!(served.header("cache-control").contains("immutable"), "{}", served.header("cache-control"));
    assert!(page(&partner, "/firm/settings").await.contains(&address));
    let stranger = world.portal.stranger().get(&address).await;
    assert!(stranger.status == 303 && stranger.header("location").starts_with("/sign-in"), "{}", stranger.status);
    let svg = base64::engine::general_purpose::STANDARD.encode("<svg onload='alert(1)'/>");
    assert_eq!(put(&svg).await.status, 422);
    let gone = partner.http().send("DELETE", "/api/v1/firm/settings/logo", None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(partner.read("/api/v1/firm/settings").await["logo"], Value::Null);
}

#[tokio::test]
async fn mails_say_and_do_what_the_firm_set() {
    let world = LawFirm::open().await;
    let (partner, staff) = (world.person("partner").await, world.person("staff").await);
    let rules = json!({
        "zone": "Europe/Berlin", "packs": ["litigation"], "names_in_mails": false, "mails": ["projects"],
    });
    assert_eq!(change(&partner, "rules", rules).await, 204);
    let wrong = json!({ "zone": "Mars", "packs": [], "names_in_mails": true, "mails": ["lunch"] });
    assert_eq!(change(&partner, "rules", wrong).await, 422);
    let matter = world.matter(&staff).await;
    let path = format!("/api/v1/clients/{}/projects/{matter}", world.acme);
    let version = staff.read(&path).await["version"].clone();
    let address = world.address("admin.acme");
    let is_notice = |mail: &&Value| !mail["subject"].as_str().unwrap_or_default().contains("invites you");
    staff.write("PATCH", &path, &json!({ "version": version, "phase": 1 })).await;
    let mail = until("a mail about the change", || async {
        world.portal.mails(&address).await.iter().find(is_notice).cloned()
    })
    .await;
    assert!(!mail.to_string().contains("Dunmore"), "{mail}");
}
