//! Mails as they leave: by SMTP, to a mail server that nobody here wrote, read by Python's parser at its strictest and
//! looked at as a mail program on a small phone shows them.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};
use testkit::portal::until;
use testkit::samples;

use crate::journeys::walk;
use crate::world::{LawFirm, fresh, id_of, root, setting};

/// What people type: other scripts, what begins a header elsewhere, what is markup elsewhere, a word as long as a line.
const MATTER: &str = "Müller ./. Süß – Räumung „Am Markt“ 🏠 <b>Bcc:</b> & Größeres, 日本語";
const WORDS: &str = "Grüße & <b>Dank</b>.\n\n.\nBcc: eve@x.example\n\nЗавтра в 10. 日本語 🏠 =20 --";

/// A mail server that keeps what comes.
pub(crate) struct Server {
    child: Child,
    port: u16,
    kept: PathBuf,
    /// What was read of it last: each reading is a parser's, and tests look often.
    read: Mutex<Vec<Value>>,
}

impl Server {
    pub(crate) fn start() -> Server {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mail-{}", fresh()));
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut python = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
        python.args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"]);
        let child = python.arg(&kept).stdout(Stdio::null()).spawn().unwrap();
        Server { child, port, kept, read: Mutex::default() }
    }

    pub(crate) fn suffix(&self) -> String {
        format!("smtp-{}.example", self.port)
    }

    /// Once it takes mail.
    pub(crate) async fn listening(&self) {
        until("the mail server", || async { std::net::TcpStream::connect(("127.0.0.1", self.port)).ok() }).await;
    }

    fn count(&self) -> usize {
        std::fs::read_dir(self.kept.join("new")).map_or(0, Iterator::count)
    }

    /// The oldest first.
    pub(crate) fn read(&self) -> Vec<Value> {
        let mut read = self.read.lock().unwrap();
        if self.count() == read.len() {
            return read.clone();
        }
        let mut judge = Command::new(setting("PORTICO_EMULATOR_PYTHON"));
        let output = judge.arg(root().join("tests/judges/mails.py")).arg(&self.kept).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        *read = serde_json::from_slice(&output.stdout).unwrap();
        read.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.kept);
    }
}

fn text(mail: &Value) -> &str {
    mail["text"].as_str().unwrap()
}

#[tokio::test]
async fn mails_leave_whole_are_read_strictly_and_shown_on_a_small_phone() {
    let server = Server::start();
    server.listening().await;
    let world = LawFirm::open_under(&server.suffix()).await;
    let (staff, admin) = (world.person("staff").await, world.person("admin.acme").await);
    let client = format!("/api/v1/clients/{}", world.acme);
    let new = json!({ "name": MATTER, "pack": "litigation" });
    let made = staff.write("POST", &format!("{client}/projects"), &new).await;
    let matter = id_of(&made, "project");
    let talk = format!("{client}/messages/{matter}");
    staff.write("POST", &talk, &json!({ "text": WORDS })).await;
    // Of both sides: a file that is ready, one that is refused, a list.
    admin.upload(&world.acme, &matter, "Evidence", "Räumung „Entwurf“ & <1>.txt", &samples::txt("words")).await;
    admin.upload(&world.acme, &matter, "Evidence", "Rechnung.pdf", &samples::program()).await;
    let lines = json!([{ "what": "Kontoauszüge <2026>" }]);
    let list = json!({ "project": matter, "title": "Für die Akte", "due_on": "2030-01-04", "lines": lines });
    staff.write("POST", &format!("{client}/requests"), &list).await;
    let (to_admin, to_staff) = (world.address("admin.acme"), world.address("staff"));
    let told = [
        ("sign-in", &to_admin, "/sign-in/link?"),
        ("message", &to_admin, "Grüße & <b>Dank</b>."),
        ("refused", &to_admin, "Rechnung.pdf"),
        ("list", &to_admin, "Für die Akte"),
        ("document", &to_staff, "Räumung „Entwurf“ & <1>.txt"),
    ];
    let is = |mail: &Value, to: &str, words: &str| mail["to"] == to && text(mail).contains(words);
    let mails = until("a mail of each kind", || async {
        let mails = server.read();
        told.iter().all(|(_, to, words)| mails.iter().any(|mail| is(mail, to, words))).then_some(mails)
    })
    .await;
    // Another one of the same conversation, and one of another page.
    staff.write("POST", &talk, &json!({ "text": "Noch etwas." })).await;
    let mails = until("another mail of the conversation", || async {
        let later = server.read();
        (later.len() > mails.len() && later.iter().any(|mail| is(mail, &to_admin, "Noch etwas."))).then_some(later)
    })
    .await;
    let found = |name: &str| {
        let (_, to, words) = told.iter().find(|(one, ..)| *one == name).unwrap();
        mails.iter().find(|mail| is(mail, to, words)).unwrap()
    };

    for mail in &mails {
        let (to, words) = (mail["to"].as_str().unwrap(), mail["words"].as_array().unwrap());
        assert_eq!(mail["envelope"][1], to, "the envelope is the reader's alone: {mail}");
        assert_eq!(mail["loads"], json!([]), "a mail loads something: {mail}");
        let links = mail["links"].as_array().unwrap();
        let own = |link: &Value| link.as_str().is_some_and(|link| link.starts_with(&setting("PORTICO_URL")));
        assert!(!links.is_empty() && links.iter().all(own), "{links:?}");
        // Both forms say the same: every line of one stands in the other.
        let plain = text(mail).split_whitespace().collect::<Vec<_>>().join(" ");
        for line in words.iter().filter_map(Value::as_str) {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(plain.contains(&line) || line == "Hartwell & Pryce", "{line:?} is not in {plain}");
        }
        assert!(links.iter().all(|link| text(mail).contains(link.as_str().unwrap())), "{mail}");
    }
    let message = found("message");
    assert_eq!(message["from"], "Hartwell & Pryce");
    assert!(message["subject"].as_str().unwrap().contains("Müller ./. Süß"), "{message}");
    for line in WORDS.lines().filter(|line| !line.is_empty()) {
        assert!(text(message).contains(line), "{line:?} is not in {message}");
    }
    // A conversation stays together in a mail program, and nothing else is with it.
    let again = mails.iter().find(|mail| text(mail).contains("Noch etwas.")).unwrap();
    let of_thread = |mail: &Value| mail["references"].as_str().map(str::to_owned);
    assert!(of_thread(message).is_some_and(|id| id.contains(&matter)), "{message}");
    assert_eq!((of_thread(message), &message["answers"]), (of_thread(again), &again["references"]));
    assert_ne!(of_thread(message), of_thread(found("list")));
    assert_eq!(of_thread(found("sign-in")), None);

    // One press in the mail program, as it makes it (RFC 8058), turns messages down; what has to come offers none.
    assert_eq!((&message["press"], &found("sign-in")["less"]), (&json!("List-Unsubscribe=One-Click"), &Value::Null));
    let less = message["less"].as_str().unwrap().trim_matches(['<', '>']);
    let path = less.strip_prefix(&setting("PORTICO_URL")).unwrap();
    let pressed = crate::hearing::press(&world, path).await;
    assert!(pressed.text().contains("Messages: in a weekly digest from now on."), "{}", pressed.text());
    let own = admin.read("/api/v1/me/notices").await;
    let messages = own["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == "message").unwrap();
    assert_eq!(messages["pace"], "weekly", "{own}");

    let shown: Vec<Value> = told
        .iter()
        .map(|(name, ..)| json!({ "name": name, "html": found(name)["html"], "text": found(name)["text"] }))
        .collect();
    let looked = walk("mails", json!({ "mails": shown }));
    assert_eq!(looked["looked"], told.len(), "{looked}");
    assert!(looked["rules"].as_u64() > Some(40), "rules that were tried: {looked}");
}
