//! Text messages, straight to a number. No topic is involved: the role may publish to none.

use access::Keys;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;

use crate::aws::Aws;
use crate::error::{During, StorageError};

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
