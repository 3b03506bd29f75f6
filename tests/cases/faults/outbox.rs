//! Outbox rows as they are once a queue has them, so that neither the stream nor the sweep hands them on: their messages
//! are for the test to bring, when and as often as it likes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::limits;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::isolation::vended::Aws;
use crate::world::setting;

/// Attributes by name, as the client of DynamoDB takes them.
pub(crate) type Fields = HashMap<String, AttributeValue>;

/// Of one client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outbox<'a> {
    pub(crate) firm: &'a str,
    pub(crate) client: &'a str,
}

impl Outbox<'_> {
    /// The partition of its rows, and of claims on what follows from them.
    pub(crate) fn place(&self) -> String {
        format!("T#{}#C#{}#OB", self.firm, self.client)
    }

    pub(crate) fn row(&self, id: &str, cause: Fields, at: Timestamp) -> Fields {
        let ttl = at.as_second() + limits::CLAIM_KEPT_SECONDS;
        Fields::from([
            ("pk".to_owned(), AttributeValue::S(self.place())),
            ("sk".to_owned(), AttributeValue::S(format!("OB#{id}"))),
            ("cause".to_owned(), AttributeValue::M(cause)),
            ("at".to_owned(), AttributeValue::S(at.to_string())),
            ("ttl".to_owned(), AttributeValue::N(ttl.to_string())),
        ])
    }

    pub(crate) async fn put(&self, aws: &Aws, id: &str, cause: Fields, at: Timestamp) {
        let request = aws_sdk_dynamodb::Client::new(aws.config())
            .put_item()
            .table_name(format!("{}-data", setting("PORTICO_PREFIX")))
            .set_item(Some(self.row(id, cause, at)));
        request.send().await.unwrap();
    }

    /// What its queue would hold.
    pub(crate) fn message(&self, id: &str) -> Value {
        json!({ "v": 1, "firm": self.firm, "client": self.client, "outbox": id })
    }
}

/// A cause that is about things by their ids.
pub(crate) fn cause(kind: &str, about: &[(&str, &str)]) -> Fields {
    let named = [("kind", kind)].into_iter().chain(about.iter().copied());
    named.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned()))).collect()
}
