//! The vendors asked as functions ask them, and AWS seen with what they give.

use std::collections::{BTreeSet, HashMap};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::primitives::Blob;
use base64::Engine as _;
use domain::PermissionName;
use domain::permissions::Adjusted;
use serde_json::{Value, json};
use testkit::portal::{Person, until};

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
        until(&format!("an answer of {name}"), || async {
            let asked = lambda.invoke().function_name(&name).payload(Blob::new(payload.to_string()));
            let answer = asked.send().await.unwrap();
            let text = answer.payload.map(Blob::into_inner).unwrap_or_default();
            let said = String::from_utf8_lossy(&text);
            // Its three seconds are short on a machine that tests use to its limit.
            if answer.function_error.is_some() && said.contains("Task timed out") {
                return None;
            }
            assert!(answer.function_error.is_none(), "{name}: {said}");
            Some(serde_json::from_slice(&text).unwrap())
        })
        .await
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

    /// Changes what somebody may do beside the role, as the firm's pages do: with the membership's version.
    pub(crate) async fn adjust(&self, firm: &str, person: &str, membership: &str, adjusted: &Adjusted) {
        let names = |names: &BTreeSet<PermissionName>| {
            AttributeValue::L(names.iter().map(|name| AttributeValue::S(name.as_str().to_owned())).collect())
        };
        let update = aws_sdk_dynamodb::Client::new(&self.config)
            .update_item()
            .table_name(format!("{}-firm", setting("PORTICO_PREFIX")))
            .key("pk", AttributeValue::S(format!("T#{firm}#U#{person}")))
            .key("sk", AttributeValue::S(format!("M#{membership}")))
            .update_expression("SET granted = :g, removed = :r, version = version + :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":g", names(&adjusted.granted))
            .expression_attribute_values(":r", names(&adjusted.removed))
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        update.send().await.expect("the membership is there");
    }

    /// Puts one attribute of one row to a text, or takes it away.
    pub(crate) async fn put_text(&self, table: &str, (pk, sk): (&str, &str), name: &str, text: Option<&str>) {
        let update = aws_sdk_dynamodb::Client::new(&self.config)
            .update_item()
            .table_name(format!("{}-{table}", setting("PORTICO_PREFIX")))
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .expression_attribute_names("#n", name);
        let update = match text {
            Some(text) => update
                .update_expression("SET #n = :v")
                .expression_attribute_values(":v", AttributeValue::S(text.to_owned())),
            None => update.update_expression("REMOVE #n"),
        };
        update.send().await.expect("the row can be changed");
    }

    /// Lets the time end for which a session views as a client.
    pub(crate) async fn end_viewing(&self, hash: &str, until: &str) {
        let update = aws_sdk_dynamodb::Client::new(&self.config)
            .update_item()
            .table_name(format!("{}-identity", setting("PORTICO_PREFIX")))
            .key("pk", AttributeValue::S(format!("S#{hash}")))
            .key("sk", AttributeValue::S("S".into()))
            .update_expression("SET viewing.#until = :until")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":until", AttributeValue::S(until.to_owned()));
        update.send().await.expect("the session views as somebody");
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
