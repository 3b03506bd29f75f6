//! Text messages, straight to a number. No topic is involved: the role may publish to none. Which notice one was is kept
//! under the text service's id of it, in the identity table beside reply addresses: its log names nothing else.

use access::{ClientJob, Keys, OneClient};
use aws_sdk_dynamodb::Client as Dynamo;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::notice::TextPlace;
use domain::{OutboxId, PersonId, Timestamp, limits};

use crate::aws::Aws;
use crate::client::ClientStore;
use crate::error::{During, StorageError};
use crate::item;
use crate::keys;

const MAC: &str = "mac";

impl ClientStore<'_, ClientJob<'_>> {
    /// So that news of a text lead back to what it told. Without it, it counts as arrived.
    pub async fn keep_text(
        &self,
        provider_id: &str,
        outbox: &OutboxId,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let place = TextPlace {
            firm: self.scope.client_firm().clone(),
            client: self.scope.client().clone(),
            outbox: outbox.clone(),
            person: person.clone(),
        };
        let mac = self.aws.keyed_hash_by(self.scope.keys(), &place.signed_text(provider_id)).await?;
        let mut row = item::row(keys::text(provider_id), keys::REPLY, &place)?;
        row.insert(MAC.to_owned(), item::bytes(mac));
        row.insert("ttl".to_owned(), item::number(now.as_second() + limits::CLAIM_KEPT_SECONDS));
        let put = self.dynamo.put_item().table_name(&self.aws.settings().table_identity).set_item(Some(row));
        let put = put.condition_expression("attribute_not_exists(pk)");
        put.send().await.during("keep which notice a text was").map(|_| ())
    }
}

impl Aws {
    /// Which notice a text was; none for another text (a code), and for a row that was not written by somebody with the key.
    pub async fn text_place_as_function(&self, provider_id: &str) -> Result<Option<TextPlace>, StorageError> {
        let key = item::key(keys::text(provider_id), keys::REPLY);
        let request = Dynamo::new(self.own()).get_item().table_name(&self.settings().table_identity);
        let found = request.set_key(Some(key)).consistent_read(true).send().await;
        let Some(row) = found.during("look up which notice a text was")?.item else { return Ok(None) };
        let mac = item::bytes_of(&row, MAC).map(<[u8]>::to_vec);
        let place: TextPlace = item::read(row)?;
        let signed = self.keyed_hash_as_function(&place.signed_text(provider_id)).await?;
        Ok((mac.as_deref() == Some(signed.as_slice())).then_some(place))
    }
}

impl Aws {
    /// The text service's id of the message. `phone` is E.164, `text` one part in the alphabet of phones.
    pub async fn send_sms(&self, keys: &Keys, phone: &str, text: &str) -> Result<String, StorageError> {
        self.text(&self.sns(keys), phone, text).await
    }

    /// The same by the execution role, for the one function that sends codes.
    pub async fn send_sms_as_function(&self, phone: &str, text: &str) -> Result<String, StorageError> {
        self.text(&Client::new(self.own()), phone, text).await
    }

    async fn text(&self, sns: &Client, phone: &str, text: &str) -> Result<String, StorageError> {
        // Sent ahead of advertising, and not held back at night.
        let kind = MessageAttributeValue::builder().data_type("String").string_value("Transactional").build();
        let sent = sns
            .publish()
            .phone_number(phone)
            .message(text)
            .message_attributes("AWS.SNS.SMS.SMSType", kind.during("write a text message")?)
            .send()
            .await
            .during("send a text message")?;
        sent.message_id.ok_or_else(|| StorageError::bug("send a text message", "it was answered without an id"))
    }
}
