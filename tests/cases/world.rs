//! The world of a test: the running portal, and a firm of its own with people in every role.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use domain::ids::ulid;
use serde_json::{Value, json};
use testkit::firm::{Firm, NewFirm, NewPerson};
use testkit::portal::{Person, Portal, code_in, until};

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

/// The operator that `cargo xtask up` makes: one session for all tests, which each of them keeps awake.
pub(crate) async fn operator(portal: &Portal) -> Person {
    shared_session(portal, "operator", Duration::from_mins(20), false).await
}

/// The same, having just proven once more who it is: a quarter of an hour is what that lasts, and each proof makes a new
/// token.
pub(crate) async fn confirmed_operator(portal: &Portal) -> Person {
    shared_session(portal, "operator-confirmed", Duration::from_mins(7), true).await
}

/// Signed in by whichever test comes first, and anew once it is older than that. One at a time: two sign-ins of one
/// address would read each other's mail.
async fn shared_session(portal: &Portal, name: &str, age: Duration, confirms: bool) -> Person {
    const EMAIL: &str = "platform@portico.example";
    let state = PathBuf::from(setting("PORTICO_STATE"));
    let path = state.join(format!("{name}.session"));
    // The lock ends with the file, or with the process.
    let turn = File::create(state.join("operator.lock")).unwrap();
    until("the turn to sign the operator in", || async { turn.try_lock().ok() }).await;
    let written = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    let is_young = |at: &SystemTime| at.elapsed().is_ok_and(|old| old < age);
    // One of a portal that was begun anew since is nobody's.
    if written(&path).filter(is_young) > written(&state.join("instance.json")) {
        return portal.resume(EMAIL, &std::fs::read_to_string(&path).unwrap());
    }
    let person = portal.sign_in(EMAIL).await;
    if confirms {
        person.confirm().await;
    }
    std::fs::write(&path, person.http().cookies()).unwrap();
    person
}

/// A number of a phone that no other test has.
pub(crate) fn phone() -> String {
    format!("+1202{:07}", crypto::random_bits() % 10_000_000)
}

/// Has somebody prove the number that the firm has of them: without that, no text messages go there.
pub(crate) async fn prove_phone(portal: &Portal, person: &Person, phone: &str) {
    let before = portal.texts(phone).await.len();
    let sent = person.post("/api/v1/me/notices/phone/code", &json!({})).await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    let code = until("a code by text message", || async {
        let texts = portal.texts(phone).await;
        (texts.len() > before).then(|| code_in(&texts[0]))
    })
    .await;
    person.write("PUT", "/api/v1/me/notices/phone", &json!({ "code": code })).await;
}

/// Has somebody hear of a kind at once, by mail and, where that is said, by text message.
pub(crate) async fn hears_at_once(person: &Person, kind: &str, sms: bool) {
    let own = person.read("/api/v1/me/notices").await;
    let change = json!({
        "kinds": { kind: { "pace": "at_once", "sms": sms } },
        "digest_hour": own["digest_hour"].to_string(), "digest_day": own["digest_day"], "version": own["version"],
    });
    person.write("PUT", "/api/v1/me/notices", &change).await;
}

/// A law firm with two companies and somebody in each role.
pub(crate) struct LawFirm {
    pub(crate) portal: Portal,
    pub(crate) firm: Firm,
    /// Ends every address of this firm's people.
    pub(crate) domain: String,
    /// Both staff ids; the first is assigned to `acme` only, the second to nobody.
    pub(crate) staff_id: String,
    /// Of the first.
    pub(crate) staff_phone: String,
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
        let (staff_phone, admin_phone) = (phone(), phone());
        let people = [
            ("Sam Okafor", "staff", "staff", None, Some(staff_phone.clone())),
            ("Rita Lindqvist", "staff2", "staff", None, None),
            ("Ann Acme", "admin.acme", "client_admin", Some(acme.as_str()), Some(admin_phone)),
            ("Max Acme", "member.acme", "client_member", Some(acme.as_str()), None),
            ("Bea Birch", "admin.birch", "client_admin", Some(birch.as_str()), None),
        ];
        let addresses = people.each_ref().map(|(_, local, ..)| format!("{local}@{domain}"));
        let new: Vec<NewPerson<'_>> = people
            .iter()
            .zip(&addresses)
            .map(|((name, _, role, client, phone), email)| NewPerson {
                name,
                email,
                role,
                client: *client,
                phone: phone.as_deref(),
            })
            .collect();
        let invited = firm.invite_all(&new).await;
        let (staff_id, staff2_id) = (invited[0].clone(), invited[1].clone());
        firm.assign(&staff_id, &acme).await;
        LawFirm { portal, firm, domain, staff_id, staff_phone, staff2_id, acme, birch }
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
