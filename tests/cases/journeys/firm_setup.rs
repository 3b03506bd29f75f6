//! A partner sets a firm up from nothing, by the keyboard alone and on a phone: a client, somebody of the staff, who works
//! on what, name and colour. Each is counted, every page is looked at, and what was done is there afterwards.

use serde_json::json;
use testkit::firm::{Firm, NewFirm};

use crate::world::{fresh, operator, portal};

/// Acts, counted from the page that one stands on; writing an e-mail takes six.
const BUDGETS: [(&str, usize); 4] = [("add a client", 2), ("invite", 5), ("assign", 4), ("brand", 4)];

#[tokio::test]
async fn a_firm_is_set_up_from_nothing_by_keyboard_on_a_phone() {
    let portal = portal();
    let operator = operator(&portal).await;
    let domain = format!("{}.example", &fresh().to_lowercase()[14..]);
    let email = format!("partner@{domain}");
    let new = NewFirm {
        name: "New Firm",
        domain: &domain,
        zone: "America/New_York",
        accent: None,
        packs: &["litigation"],
        partner_name: "Eleanor Hartwell",
        partner_email: &email,
    };
    let firm = Firm::order(&portal, &operator, &new).await;
    let staff = format!("sam@{domain}");
    let input = json!({
        "cookies": firm.partner.http().cookies(), "client": "Acme Industries", "name": "Sam Okafor", "email": staff,
        "firm": "Hartwell & Pryce", "colour": "#ffd700", "others": ["#ffffff", "#e30613", "#1f5f8b"],
    });
    let found = super::walk("firm_setup", input);
    let steps = found["steps"].as_array().unwrap();
    assert_eq!(steps.len(), BUDGETS.len(), "{found}");
    for step in steps {
        let (what, acts) = (step["what"].as_str().unwrap(), step["acts"].as_array().unwrap());
        let (_, most) = BUDGETS.iter().find(|(name, _)| *name == what).unwrap_or_else(|| panic!("no budget: {what}"));
        assert!(acts.len() <= *most, "{what}: {} acts, {most} at most: {acts:?}", acts.len());
    }
    let seen = found["seen"].as_array().unwrap();
    assert!(seen.len() >= 8 && seen.iter().all(|one| one["rules"].as_u64() > Some(40)), "{found}");

    let settings = firm.partner.read("/api/v1/firm/settings").await;
    assert_eq!((settings["name"].as_str(), settings["accent"].as_str()), (Some("Hartwell & Pryce"), Some("#1f5f8b")));
    let clients = portal.sign_in(&staff).await.read("/api/v1/clients").await;
    assert_eq!(clients["items"][0]["name"], "Acme Industries", "{clients}");
}
