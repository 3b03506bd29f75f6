//! Identity providers that the tests start: real ones, as npm has them, and one that says whatever a test wants.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use testkit::portal::{Answer, Http, Person, Portal, until};

use crate::world::{LawFirm, fresh, root, setting};

/// A process that ends with its test.
pub(crate) struct Running {
    child: Child,
    pub(crate) url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// npm's oidc-provider.
pub(crate) fn openid(port: u16, client: &str, secret: &str, redirect: &str, alg: &str) -> Running {
    let options =
        json!({ "port": port, "client": client, "secret": secret, "redirect": redirect, "alg": alg }).to_string();
    let mut node = Command::new("node");
    node.arg(root().join("tests/idp/openid.mjs")).arg(options);
    started(node, port)
}

/// npm's saml-idp, signing with the key of these files.
pub(crate) fn saml_idp(port: u16, acs: &str, audience: &str, keys: &Keys) -> Running {
    let mut node = Command::new("node");
    node.arg(PathBuf::from(setting("PORTICO_NODE_MODULES")).join("saml-idp/bin/run.js"));
    node.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--issuer", &format!("urn:test:{port}")]);
    node.args(["--acsUrl", acs, "--audience", audience, "--serviceProviderId", audience]);
    node.arg("--cert").arg(&keys.certificate).arg("--key").arg(&keys.key);
    started(node, port)
}

#[expect(clippy::disallowed_methods, reason = "it waits for a process of the machine")]
fn started(mut node: Command, port: u16) -> Running {
    node.env("PORTICO_NODE_MODULES", setting("PORTICO_NODE_MODULES")).env("NODE_NO_WARNINGS", "1");
    let mut child = node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    // The rest of what it says is of no interest, but has to go somewhere.
    std::thread::spawn(move || out.lines().for_each(drop));
    let deadline = std::time::Duration::from_secs(30);
    let begun = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < deadline, "a provider did not start on {port}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Running { child, url: format!("http://127.0.0.1:{port}") }
}

/// A certificate and its key in files.
pub(crate) struct Keys {
    folder: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Keys {
    pub(crate) fn write(own: &integrations::saml::OwnKey) -> Keys {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("idp-{}", fresh()));
        std::fs::create_dir_all(&folder).unwrap();
        let keys = Keys { certificate: folder.join("idp.crt"), key: folder.join("idp.pem"), folder };
        std::fs::write(&keys.certificate, pem(&own.certificate.to_text())).unwrap();
        std::fs::write(&keys.key, own.private.expose()).unwrap();
        keys
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn pem(base64: &str) -> String {
    let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// The portal as browsers name it.
pub(crate) fn site() -> String {
    setting("PORTICO_URL").replace("//127.0.0.1", "//localhost")
}

/// Writes a text record where the local portal looks for them.
pub(crate) async fn publish(portal: &Portal, name: &str, value: &str) {
    let answer = portal.stranger().get(&format!("/_dev/dns/set?name={name}&value={}", value.replace('=', "%3D"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// A firm whose partner sets single sign-on up.
pub(crate) struct SetUp {
    pub(crate) world: LawFirm,
    pub(crate) partner: Person,
}

impl SetUp {
    pub(crate) async fn open() -> SetUp {
        let world = LawFirm::open().await;
        let partner = world.person("partner").await;
        partner.confirm().await;
        SetUp { world, partner }
    }

    pub(crate) async fn connect(&self, body: &Value) -> Value {
        self.partner.write("POST", "/api/v1/sso", body).await
    }

    pub(crate) async fn change(&self, connection: &str, what: &str, value: &str, on: &str) -> Answer {
        let body = json!({ "what": what, "value": value, "on": on });
        self.partner.http().send("PATCH", &format!("/api/v1/sso/{connection}"), Some(&body)).await
    }

    /// Claims the firm's own domain for the connection and proves it by its record.
    pub(crate) async fn prove(&self, connection: &str) {
        let domain = self.world.domain.clone();
        let claimed = self.change(connection, "claim", &domain, "").await;
        assert_eq!(claimed.status, 200, "{}", claimed.text());
        let record = &claimed.json()["domains"][0];
        publish(&self.world.portal, record["record_name"].as_str().unwrap(), record["record_value"].as_str().unwrap())
            .await;
        let checked = self.change(connection, "check", &domain, "").await;
        assert_eq!(checked.status, 200, "{}", checked.text());
        assert_eq!(checked.json()["domains"][0]["verified_by"], "dns", "{}", checked.text());
    }
}

/// Where an answer leads to, which is a redirect.
pub(crate) fn location(answer: &Answer) -> String {
    assert!((300..400).contains(&answer.status), "no redirect: {} {}", answer.status, answer.text());
    answer.header("location").to_owned()
}

/// A value of an address's query.
pub(crate) fn query(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap_or((url, ""));
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

/// Begins a sign-in; where the browser is sent to.
pub(crate) async fn begin(browser: &Http, connection: &str) -> String {
    location(&browser.get(&format!("/sso/{connection}/start")).await)
}

/// Who a browser is signed in as: the address, and the role.
pub(crate) async fn me(browser: &Http) -> Option<(String, String)> {
    let answer = browser.get("/api/v1/me").await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (answer.status == 200).then(|| (text(&answer.json()["person"]["email"]), text(&answer.json()["role"])))
}

/// What a partner reads of the last try.
pub(crate) async fn tried(set_up: &SetUp, connection: &str) -> (bool, String) {
    let view = until("the try to be noted", || async {
        let view = set_up.partner.read(&format!("/api/v1/sso/{connection}")).await;
        view["tried"].is_object().then_some(view)
    })
    .await;
    (view["tried"]["good"].as_bool().unwrap(), view["tried"]["detail"].as_str().unwrap().to_owned())
}
