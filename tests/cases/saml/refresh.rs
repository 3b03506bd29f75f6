//! What a provider says about itself, read anew and uploaded.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use integrations::saml::{OwnKey, make_own_key};
use serde_json::{Value, json};

use super::{Own, metadata, post, request_of};
use crate::idp::{SetUp, begin, location, me, site};
use crate::world::fresh;

/// A place where metadata lies, which a test changes.
struct Published {
    url: String,
    text: Arc<Mutex<String>>,
}

impl Published {
    async fn open(text: String) -> Published {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://127.0.0.1:{}/metadata", listener.local_addr().unwrap().port());
        let text = Arc::new(Mutex::new(text));
        let served = Arc::clone(&text);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = Arc::clone(&served);
                let service = service_fn(move |_| {
                    let body = Bytes::from(served.lock().unwrap().clone());
                    async move { Ok::<_, Infallible>(Response::new(Full::new(body))) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Published { url, text }
    }

    fn say(&self, text: String) {
        *self.text.lock().unwrap() = text;
    }
}

/// A provider that publishes its metadata, connected for the firm's people.
async fn publishing() -> (Own, Published) {
    let set_up = SetUp::open().await;
    let key = make_own_key("a provider", 11).unwrap();
    let issuer = format!("https://idp.example/{}", fresh());
    let published = Published::open(metadata(&issuer, &key)).await;
    let made = set_up.connect(&json!({ "kind": "saml", "name": "Own", "metadata_url": published.url })).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let (connection, entity_id) = (text("id"), text("entity_id"));
    set_up.prove(&connection).await;
    (Own { set_up, connection, entity_id, issuer, key }, published)
}

impl Own {
    /// A round with a response that is signed by this key; whether somebody came in.
    async fn signed_by(&self, key: &OwnKey) -> bool {
        let browser = self.set_up.world.portal.stranger();
        let request = request_of(&begin(&browser, &self.connection).await);
        let response = self.response(&request, &self.set_up.world.address("staff"));
        post(&browser, &response.signed(key)).await;
        me(&browser).await.is_some()
    }

    async fn view(&self) -> Value {
        self.set_up.partner.read(&format!("/api/v1/sso/{}", self.connection)).await
    }
}

#[tokio::test]
async fn a_certificate_that_the_provider_changes_is_followed_once_in_a_while() {
    let (own, published) = publishing().await;
    assert!(own.signed_by(&own.key).await);
    let before = own.view().await;
    let (second, third) = (make_own_key("a provider", 12).unwrap(), make_own_key("a provider", 13).unwrap());
    published.say(metadata(&own.issuer, &second));
    assert!(own.signed_by(&second).await, "its metadata has the new certificate");
    let after = own.view().await;
    assert_ne!(before["certificates"], after["certificates"]);
    assert!(after["refreshed_at"].as_str() > before["refreshed_at"].as_str(), "{after}");
    assert!(own.signed_by(&own.key).await, "what happens by itself drops no certificate");
    published.say(metadata(&own.issuer, &third));
    assert!(!own.signed_by(&third).await, "read once in five minutes, however many come");
    let renewed = own.set_up.change(&own.connection, "renew", "", "").await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    assert!(own.signed_by(&third).await, "somebody had it read");
    assert!(!own.signed_by(&own.key).await, "the old certificates are gone from the metadata");
    assert!(!own.signed_by(&second).await);
}

#[tokio::test]
async fn a_certificate_that_somebody_removed_stays_away_though_it_is_published() {
    let (own, published) = publishing().await;
    let stolen = make_own_key("a provider", 17).unwrap();
    let print = stolen.certificate.fingerprint();
    let added = own.set_up.change(&own.connection, "add_certificate", &stolen.certificate.to_text(), "").await;
    assert_eq!(added.status, 200, "{}", added.text());
    let removed = own.set_up.change(&own.connection, "remove_certificate", &print, "").await;
    assert_eq!(removed.status, 200, "{}", removed.text());
    published.say(metadata(&own.issuer, &stolen));
    let before = own.view().await;
    assert!(!own.signed_by(&stolen).await, "anybody can post what it signed");
    let refused = own.set_up.change(&own.connection, "renew", "", "").await;
    assert!(refused.status == 422 && refused.text().contains("removed here"), "{}", refused.text());
    assert!(!own.signed_by(&stolen).await);
    assert_eq!(own.view().await["certificates"], before["certificates"]);
    assert!(own.signed_by(&own.key).await);
    // Whoever adds it by hand means it; what is brought as a file is not overtaken by what lies at the address.
    let again = own.set_up.change(&own.connection, "add_certificate", &stolen.certificate.to_text(), "").await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert!(own.signed_by(&stolen).await);
    let brought = own.set_up.change(&own.connection, "renew", &metadata(&own.issuer, &own.key), "").await;
    assert_eq!(brought.status, 200, "{}", brought.text());
    assert!(!own.signed_by(&stolen).await);
    let refused = own.set_up.change(&own.connection, "renew", "", "").await;
    assert!(refused.status == 422 && refused.text().contains("not known where it lies"), "{}", refused.text());
}

#[tokio::test]
async fn metadata_that_cannot_be_used_changes_nothing_and_is_told() {
    let (own, published) = publishing().await;
    let before = own.view().await;
    let thief = make_own_key("a thief", 14).unwrap();
    published.say(metadata("https://other.example/idp", &thief));
    assert!(!own.signed_by(&thief).await, "another provider's metadata");
    let after = own.view().await;
    assert_eq!(before["certificates"], after["certificates"]);
    assert_eq!(before["refreshed_at"], after["refreshed_at"]);
    let why = after["not_refreshed"]["detail"].as_str().unwrap_or_default();
    assert!(why.contains("another provider"), "{after}");
    published.say("<html>We are moving</html>".into());
    let refused = own.set_up.change(&own.connection, "renew", "", "").await;
    assert!(refused.status == 422 && refused.text().contains("not metadata"), "{}", refused.text());
    let page = own.set_up.partner.get(&format!("/sso/{}", own.connection)).await.text();
    assert!(page.contains("could not be read anew") && page.contains("not metadata"), "{page}");
    assert!(own.signed_by(&own.key).await, "what was read before goes on to hold");
    published.say(metadata(&own.issuer, &own.key));
    let renewed = own.set_up.change(&own.connection, "renew", "", "").await;
    assert_eq!((renewed.status, renewed.json().get("not_refreshed")), (200, None), "{}", renewed.text());
}

/// A form with a file, as browsers write it.
fn multipart(fields: &[(&str, &str)], file: &str) -> (String, Vec<u8>) {
    let boundary = "----a-boundary-of-this-test";
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata_file\"; filename=\"idp.xml\"\r\n\
         Content-Type: text/xml\r\n\r\n{file}\r\n--{boundary}--\r\n"
    );
    (format!("multipart/form-data; boundary={boundary}"), body.into_bytes())
}

#[tokio::test]
async fn metadata_comes_as_a_file_too() {
    let set_up = SetUp::open().await;
    let (key, next) = (make_own_key("a provider", 15).unwrap(), make_own_key("a provider", 16).unwrap());
    let issuer = format!("https://idp.example/{}", fresh());
    let form = set_up.partner.get("/sso/new").await.text();
    let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let send = async |path: &str, fields: &[(&str, &str)], file: &str| {
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        let (kind, body) = multipart(&fields, file);
        set_up.partner.http().raw("POST", path, &[("content-type", kind), ("origin", site())], body).await
    };
    let typed = [("kind", "saml"), ("name", "By file"), ("client", ""), ("metadata", ""), ("metadata_url", "")];
    let refused = send("/sso/new", &typed, "<html/>").await;
    assert!(refused.status == 422 && refused.text().contains("not metadata"), "{}", refused.text());
    let made = location(&send("/sso/new", &typed, &metadata(&issuer, &key)).await);
    let connection = made.strip_prefix("/sso/").unwrap().split('?').next().unwrap().to_owned();
    let renew = format!("/sso/{connection}/renew");
    let refused = send(&renew, &[], &metadata("https://other.example/idp", &next)).await;
    assert!(refused.status == 422 && refused.text().contains("another provider"), "{}", refused.text());
    let empty = send(&renew, &[], "").await;
    assert!(empty.status == 422 && empty.text().contains("Choose the provider"), "{}", empty.text());
    let padded = format!("<!--{}--></md:EntityDescriptor>", " ".repeat(210 * 1024));
    let large = metadata(&issuer, &next).replace("</md:EntityDescriptor>", &padded);
    let refused = send(&renew, &[], &large).await;
    assert!(refused.status == 422 && refused.text().contains("larger than any"), "{}", refused.text());
    let done = send(&renew, &[], &metadata(&issuer, &next)).await;
    assert_eq!(location(&done), format!("/sso/{connection}?done=renewed"));
    let view = set_up.partner.read(&format!("/api/v1/sso/{connection}")).await;
    let print = integrations::saml::Certificate::parse(&next.certificate.to_text()).unwrap().fingerprint();
    assert_eq!(view["certificates"], json!([print]));
}
