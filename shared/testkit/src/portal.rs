//! The portal as people and scripts use it: over HTTP, by a session of their own, with mail read where the local
//! portal shows it. Tests and the sample data come in through this door and no other.

mod http;
mod upload;

use std::time::Duration;

use serde_json::{Value, json};

pub use http::{Answer, Http};
pub use upload::Uploaded;

/// How long anything that happens behind the scenes may take before a wait gives up.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What the link of a sign-in mail begins with, after the portal's address.
const LINK: &str = "/sign-in/link?";

/// A running portal.
#[derive(Clone)]
pub struct Portal {
    http: Http,
}

/// Somebody signed in, with a browser of their own.
#[derive(Clone)]
pub struct Person {
    pub email: String,
    http: Http,
}

impl Portal {
    /// `url` as the launcher printed it, without a final slash.
    pub fn at(url: &str) -> Self {
        Self { http: Http::new(url) }
    }

    pub fn url(&self) -> &str {
        self.http.url()
    }

    /// Somebody with an empty cookie jar and a network address of their own.
    pub fn stranger(&self) -> Http {
        self.http.fresh()
    }

    /// Signs in as people do: asks for a link, reads the mail, types the code.
    pub async fn sign_in(&self, email: &str) -> Person {
        let http = self.stranger();
        let before = self.sign_in_mails(email).await.len();
        let asked = http.post("/api/v1/auth/link", &json!({ "email": email })).await;
        assert_eq!(asked.status, 202, "ask for a link for {email}: {}", asked.text());
        let mail = until(&format!("a sign-in mail to {email}"), || async {
            let mails = self.sign_in_mails(email).await;
            (mails.len() > before).then(|| mails[0].clone())
        })
        .await;
        let code = code_in(&mail);
        let session = http.post("/api/v1/auth/session", &json!({ "email": email, "code": code })).await;
        assert_eq!(session.status, 200, "sign in as {email}: {}", session.text());
        Person { email: email.to_owned(), http }
    }

    /// Takes up a session that another process began.
    pub fn resume(&self, email: &str, cookies: &str) -> Person {
        let http = self.stranger();
        http.set_cookies(cookies);
        Person { email: email.to_owned(), http }
    }

    /// Mails to an address, newest first: `{to, subject, text, html, at}`.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        self.sent("/_dev/mail.json", to).await
    }

    /// Notices come to the same address meanwhile.
    async fn sign_in_mails(&self, to: &str) -> Vec<Value> {
        let mut mails = self.mails(to).await;
        mails.retain(|mail| mail["text"].as_str().unwrap_or_default().contains(LINK));
        mails
    }

    /// Text messages to a number, newest first: `{to, text, at}`.
    pub async fn texts(&self, to: &str) -> Vec<Value> {
        self.sent("/_dev/sms.json", to).await
    }

    /// The newest mail to an address, once there are more than there were.
    pub async fn mail_after(&self, to: &str, before: usize) -> Value {
        until(&format!("a mail to {to}"), || async {
            let mails = self.mails(to).await;
            (mails.len() > before).then(|| mails[0].clone())
        })
        .await
    }

    async fn sent(&self, path: &str, to: &str) -> Vec<Value> {
        // Of this recipient alone: all mails of a long run are megabytes, and whoever waits asks many times.
        let wanted = to.replace('%', "%25").replace('+', "%2B").replace('&', "%26").replace('#', "%23");
        let list = self.http.get(&format!("{path}?to={wanted}")).await.json();
        let addressed = |sent: &Value| match &sent["to"] {
            Value::String(address) => address == to,
            Value::Array(all) => all.iter().any(|address| address == to),
            _ => false,
        };
        list.as_array().into_iter().flatten().filter(|sent| addressed(sent)).cloned().collect()
    }
}

impl Person {
    pub fn http(&self) -> &Http {
        &self.http
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.http.get(path).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.http.post(path, body).await
    }

    /// Confirms who it is, by the code that is mailed to those without a second factor. Its session gets a new token.
    pub async fn confirm(&self) {
        let portal = Portal { http: self.http.clone() };
        let before = portal.mails(&self.email).await.len();
        let asked = self.post("/api/v1/auth/confirm/mail", &json!({})).await;
        assert_eq!(asked.status, 202, "{}: ask for a code: {}", self.email, asked.text());
        let code = until(&format!("a code for {}", self.email), || async {
            let mails = portal.mails(&self.email).await;
            let new = mails.len().saturating_sub(before);
            let says = |mail: &&Value| mail["subject"].as_str().unwrap_or_default().starts_with("Your code for");
            mails.iter().take(new).find(says).map(code_in)
        })
        .await;
        let confirmed = self.post("/api/v1/auth/confirm", &json!({ "code": code })).await;
        assert_eq!(confirmed.status, 204, "{}: confirm: {}", self.email, confirmed.text());
    }

    /// A GET that must succeed.
    pub async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{}: GET {path}: {}", self.email, answer.text());
        answer.json()
    }

    /// A POST, PUT or PATCH that must succeed.
    pub async fn write(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.http.send(method, path, Some(body)).await;
        assert!(
            (200..300).contains(&answer.status),
            "{}: {method} {path}: {} {}",
            self.email,
            answer.status,
            answer.text()
        );
        answer.json()
    }

    /// Reads until `wanted` finds what it looks for.
    pub async fn read_until<T>(&self, path: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        until(&format!("{}: GET {path}", self.email), || async {
            let answer = self.get(path).await;
            (answer.status == 200).then(|| wanted(&answer.json())).flatten()
        })
        .await
    }
}

/// Six digits that stand alone.
pub fn code_in(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap_or_default();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let code = words.into_iter().find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
    code.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

/// The sign-in link in a mail, as path and query.
pub fn link_in(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap_or_default();
    let at = text.find(LINK).unwrap_or_else(|| panic!("no link in {text}"));
    text[at..].split_whitespace().next().unwrap_or_default().to_owned()
}

/// Asks again and again until there is an answer; panics when patience ends.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    until_within(PATIENCE, what, ask).await
}

/// The same for what may take longer, or has to be sooner.
pub async fn until_within<T, F: Future<Output = Option<T>>>(patience: Duration, what: &str, ask: impl Fn() -> F) -> T {
    let found = tokio::time::timeout(patience, async {
        let mut pause = Duration::from_millis(20);
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(400));
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited {} s in vain for {what}", patience.as_secs()))
}
