//! Uploading as the page does: a ticket from the portal, then the file as a form to object storage.

use serde_json::{Value, json};

use super::Person;

/// A document that was handed over.
#[derive(Debug, Clone)]
pub struct Uploaded {
    pub id: String,
    pub name: String,
}

impl Person {
    /// Asks for a ticket and sends the file.
    pub async fn upload(&self, client: &str, project: &str, category: &str, name: &str, bytes: &[u8]) -> Uploaded {
        let asked = json!({ "name": name, "size_bytes": bytes.len(), "project": project, "category": category });
        let ticket = self.write("POST", &format!("/api/v1/clients/{client}/documents"), &asked).await;
        self.send_file(&ticket["upload"], name, bytes).await;
        let id = ticket["document"]["id"].as_str().unwrap_or_default().to_owned();
        Uploaded { id, name: name.to_owned() }
    }

    /// Sends a file as a ticket says.
    pub async fn send_file(&self, ticket: &Value, name: &str, bytes: &[u8]) {
        let (content_type, body) = form(&ticket["fields"], name, bytes);
        let url = ticket["url"].as_str().unwrap_or_default();
        let origin = self.http().url().replace("//127.0.0.1", "//localhost");
        let headers = [("content-type", content_type), ("origin", origin)];
        let answer = self.http().raw("POST", url, &headers, body).await;
        assert!((200..300).contains(&answer.status), "send {name}: {} {}", answer.status, answer.text());
    }

    /// The document once it is ready or refused.
    pub async fn settled(&self, client: &str, document: &str) -> Value {
        self.read_until(&format!("/api/v1/clients/{client}/documents/{document}"), |found| {
            let found = if found["document"].is_object() { &found["document"] } else { found };
            matches!(found["state"].as_str(), Some("ready" | "rejected")).then(|| found.clone())
        })
        .await
    }
}

/// A browser's multipart form: the ticket's fields, then the file.
fn form(fields: &Value, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let boundary = format!("----portico{:032x}", crypto::random_bits());
    let mut body = Vec::with_capacity(bytes.len() + 4096);
    for (field, value) in fields.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let name = name.replace(['"', '\r', '\n'], "_");
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
