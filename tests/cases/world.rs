//! The world of a test: the running portal, and a firm of its own with people in every role.

use std::io::Write as _;
use std::path::PathBuf;

use domain::ids::ulid;
use serde_json::{Value, json};
use testkit::firm::{Firm, NewFirm, NewPerson};
use testkit::portal::{Person, Portal, until};

/// What the launcher told about the portal.
#[expect(clippy::disallowed_methods, reason = "the test runner tells by the environment")]
pub(crate) fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this by `cargo xtask test`"))
}

/// The checkout, as the runner says: what was compiled in could be another one that shares the build directory.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(setting("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

pub(crate) fn portal() -> Portal {
    Portal::at(&setting("PORTICO_URL"))
}

/// The full volume of a promise, or the share of it that every run can afford.
#[expect(clippy::disallowed_methods, reason = "the test runner tells by the environment")]
pub(crate) fn volume(whole: usize, share: usize) -> usize {
    if std::env::var("PORTICO_SOAK").is_ok() { whole } else { share }
}

/// Notes what a test of a promised volume came to, for the report of the soak.
#[expect(clippy::disallowed_methods, reason = "the test runner tells by the environment")]
pub(crate) fn counted(what: &str, count: usize) {
    let Ok(path) = std::env::var("PORTICO_SOAK") else { return };
    // One write a line: several tests append at the same time.
    let line = format!("{what}: {count}\n");
    std::fs::File::options().create(true).append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}

/// A new ULID, for names that no other test uses.
pub(crate) fn fresh() -> String {
    let milliseconds = u128::try_from(jiff_now().as_millisecond()).unwrap();
    ulid((milliseconds << 80) | (crypto::random_bits() >> 48))
}

#[expect(clippy::disallowed_methods, reason = "a test compares what it sees with the real clock")]
pub(crate) fn jiff_now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The operator's session, begun once for all tests: the limit of links per address holds for operators too.
pub(crate) async fn operator(portal: &Portal) -> Person {
    const EMAIL: &str = "platform@portico.example";
    let path = PathBuf::from(setting("PORTICO_STATE")).join("operator.session");
    let claim = path.with_extension("claim");
    if std::fs::File::create_new(&claim).is_ok() {
        let person = portal.sign_in(EMAIL).await;
        let half = path.with_extension("half");
        std::fs::File::create(&half).unwrap().write_all(person.http().cookies().as_bytes()).unwrap();
        std::fs::rename(&half, &path).unwrap();
        return person;
    }
    let cookies = until("the operator's session", || async { std::fs::read_to_string(&path).ok() }).await;
    portal.resume(EMAIL, &cookies)
}

/// A law firm with two companies and somebody in each role.
pub(crate) struct LawFirm {
    pub(crate) portal: Portal,
    pub(crate) firm: Firm,
    /// Ends every address of this firm's people.
    pub(crate) domain: String,
    /// Both staff ids; the first is assigned to `acme` only, the second to nobody.
    pub(crate) staff_id: String,
    pub(crate) staff2_id: String,
    pub(crate) acme: String,
    pub(crate) birch: String,
}

impl LawFirm {
    pub(crate) async fn open() -> LawFirm {
        LawFirm::open_under("example").await
    }

    /// With addresses that end in this.
    pub(crate) async fn open_under(suffix: &str) -> LawFirm {
        let portal = portal();
        let operator = operator(&portal).await;
        let name = fresh().to_lowercase();
        let domain = format!("{}.{suffix}", &name[name.len() - 12..]);
        let partner_email = format!("partner@{domain}");
        let new = NewFirm {
            name: "Hartwell & Pryce",
            domain: &domain,
            zone: "America/New_York",
            accent: Some("#1f5f8b"),
            packs: &["litigation", "tax"],
            partner_name: "Eleanor Hartwell",
            partner_email: &partner_email,
        };
        let firm = Firm::order(&portal, &operator, &new).await;
        let (acme, birch) = tokio::join!(firm.client("Acme Industries"), firm.client("Birch & Co"));
        let people = [
            ("Sam Okafor", "staff", "staff", None, Some("+12025550143")),
            ("Rita Lindqvist", "staff2", "staff", None, None),
            ("Ann Acme", "admin.acme", "client_admin", Some(acme.as_str()), Some("+12025550144")),
            ("Max Acme", "member.acme", "client_member", Some(acme.as_str()), None),
            ("Bea Birch", "admin.birch", "client_admin", Some(birch.as_str()), None),
        ];
        let invited = people.map(|(name, local, role, client, phone)| {
            let (firm, domain) = (firm.clone(), domain.clone());
            let client = client.map(str::to_owned);
            async move {
                let email = format!("{local}@{domain}");
                let new = NewPerson { name, email: &email, role, client: client.as_deref(), phone };
                firm.invite(&new).await
            }
        });
        let [a, b, c, d, e] = invited;
        let (staff_id, staff2_id, ..) = tokio::join!(a, b, c, d, e);
        firm.assign(&staff_id, &acme).await;
        LawFirm { portal, firm, domain, staff_id, staff2_id, acme, birch }
    }

    pub(crate) fn address(&self, local: &str) -> String {
        format!("{local}@{}", self.domain)
    }

    /// `partner`, `staff`, `staff2`, `admin.acme`, `member.acme` or `admin.birch`, signed in.
    pub(crate) async fn person(&self, local: &str) -> Person {
        if local == "partner" {
            return self.firm.partner.clone();
        }
        self.portal.sign_in(&self.address(local)).await
    }

    /// A matter of `acme`, opened by its staff; the id.
    pub(crate) async fn matter(&self, staff: &Person) -> String {
        let body = json!({ "name": "Acme v. Dunmore", "pack": "litigation" });
        let made = staff.write("POST", &format!("/api/v1/clients/{}/projects", self.acme), &body).await;
        id_of(&made, "project")
    }
}

/// The id of a thing that an answer holds by itself or under its name.
pub(crate) fn id_of(answer: &Value, name: &str) -> String {
    let thing = if answer[name].is_object() { &answer[name] } else { answer };
    thing["id"].as_str().unwrap_or_else(|| panic!("no id of a {name} in {answer}")).to_owned()
}
