//! The sample data of `cargo xtask up`: it is made by the very program, and everybody in it can sign in.

use std::process::Command;

use crate::world::{portal, setting};

/// Address, role, and how many clients it sees.
const PEOPLE: &[(&str, &str, usize)] = &[
    ("partner@hartwell.example", "partner", 6),
    ("staff@hartwell.example", "staff", 3),
    ("staff2@hartwell.example", "staff", 4),
    ("partner@northgate.example", "partner", 6),
    ("staff@northgate.example", "staff", 3),
    ("staff2@northgate.example", "staff", 4),
    ("admin@acme.example", "client_admin", 1),
    ("member@acme.example", "client_member", 1),
    ("admin@birch.example", "client_admin", 1),
    ("admin@cedar.example", "client_admin", 1),
];

#[tokio::test]
async fn every_seeded_address_can_sign_in_and_sees_what_it_should() {
    let portal = portal();
    let url = portal.url().replace("127.0.0.1", "localhost");
    let seeding = tokio::task::spawn_blocking(move || Command::new(setting("PORTICO_SEED")).arg(url).output().unwrap());
    let seeded = seeding.await.unwrap();
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
    for (email, role, clients) in PEOPLE {
        let person = portal.sign_in(email).await;
        let me = person.read("/api/v1/me").await;
        assert_eq!(me["role"], *role, "{email}: {me}");
        person.read_until("/api/v1/clients", |list| (list["items"].as_array()?.len() == *clients).then_some(())).await;
        let home = person.get("/").await;
        assert_eq!(home.status, 200, "{email}: {}", home.text());
    }
}
