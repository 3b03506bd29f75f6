//! The vendors asked as functions ask them, and AWS seen with what they give.

use std::collections::HashMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::primitives::Blob;
use base64::Engine as _;
use serde_json::{Value, json};
use testkit::portal::Person;

use crate::world::setting;

pub(crate) const REGION: &str = "us-east-1";

/// The local AWS by its root key, for what only the template's owner may do: invoke a vendor, look at rows.
#[derive(Clone)]
pub(crate) struct Aws {
    config: SdkConfig,
}

/// What a vendor gave.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires: jiff::Timestamp,
}

impl Aws {
    pub(crate) async fn connect() -> Aws {
        let root = Credentials::new("test", "test", None, None, "root");
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(setting("PORTICO_EMULATOR"))
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(root))
            .load()
            .await;
        Aws { config }
    }

    /// With the root key, for clients of services that are not asked here.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Asks a vendor in a person's name, as a handler with that person's cookie would.
    pub(crate) async fn vend(&self, person: &Person, reach: &str, client: Option<&str>) -> Result<Keys, Value> {
        let cookies = person.http().cookies();
        let token = cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-s=")).expect("a session");
        let session = crypto::SessionToken::parse(token).expect("a session's token").hash();
        let asked = match client {
            Some(client) => json!([{ "session": session, "reach": reach, "client": client }]),
            None => json!([{ "session": session, "reach": reach }]),
        };
        let function = if reach == "objects" { "access-documents" } else { "access" };
        let answer = self.invoke(function, &asked).await;
        let Some(granted) = answer[0].get("granted") else { return Err(answer) };
        let keys = &granted["keys"];
        let text = |name: &str| keys[name].as_str().unwrap_or_default().to_owned();
        Ok(Keys {
            id: text("key_id"),
            secret: text("secret"),
            token: text("token"),
            expires: text("expires").parse().unwrap(),
        })
    }

    pub(crate) async fn invoke(&self, function: &str, payload: &Value) -> Value {
        let lambda = aws_sdk_lambda::Client::new(&self.config);
        let name = format!("{}-{function}", setting("PORTICO_PREFIX"));
        let answer = lambda.invoke().function_name(&name).payload(Blob::new(payload.to_string())).send().await.unwrap();
        let text = answer.payload.map(Blob::into_inner).unwrap_or_default();
        assert!(answer.function_error.is_none(), "{name}: {}", String::from_utf8_lossy(&text));
        serde_json::from_slice(&text).unwrap()
    }

    /// One row, by these keys or by the root's.
    pub(crate) async fn get(
        &self,
        keys: Option<&Keys>,
        table: &str,
        pk: &str,
        sk: &str,
    ) -> Result<Option<HashMap<String, AttributeValue>>, String> {
        let config = match keys {
            Some(keys) => {
                let vended = Credentials::new(&keys.id, &keys.secret, Some(keys.token.clone()), None, "vended");
                self.config.to_builder().credentials_provider(SharedCredentialsProvider::new(vended)).build()
            }
            None => self.config.clone(),
        };
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let request = aws_sdk_dynamodb::Client::new(&config).get_item().table_name(table);
        let answer = request.key("pk", text(pk)).key("sk", text(sk)).send().await;
        answer.map(|found| found.item).map_err(|why| format!("{why:?}"))
    }

    /// An attribute of bytes in base 64.
    pub(crate) fn blob(&self, row: &HashMap<String, AttributeValue>, name: &str) -> String {
        base64::engine::general_purpose::STANDARD.encode(row[name].as_b().unwrap().as_ref())
    }

    /// The key of some object under a prefix.
    pub(crate) async fn one_object(&self, prefix: &str) -> String {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true).build();
        let list =
            aws_sdk_s3::Client::from_conf(config).list_objects_v2().bucket(setting("PORTICO_BUCKET")).prefix(prefix);
        let found = list.send().await.unwrap();
        found
            .contents()
            .first()
            .and_then(|object| object.key())
            .unwrap_or_else(|| panic!("nothing under {prefix}"))
            .to_owned()
    }

    pub(crate) fn role_prefix(&self, prefix: &str) -> String {
        format!("arn:aws:iam::000000000000:role/{prefix}-")
    }
}
