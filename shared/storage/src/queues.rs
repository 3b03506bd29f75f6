//! Queues, by the execution role: messages are pointers, ids and nothing else.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use domain::notice::{
    DigestMessage, HeardMessage, IndexMessage, NoticeMessage, ParcelMessage, PersonMessage, ProvisionMessage,
    RetentionMessage, Tier,
};
use domain::reply::MailMessage;
use serde::Serialize;

use crate::aws::Aws;
use crate::error::{During, StorageError};
use crate::settings::Settings;

/// A queue holds a message back no longer than this.
const SQS_DELAY_SECONDS_MAX: i32 = 900;
/// A reason as a person reads it beside a buried message.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// The queues that our functions feed.
pub struct Queues<'a> {
    settings: &'a Settings,
    sqs: Client,
}

/// How a queue keeps order: what is in order with what, and what makes a message itself.
struct InOrder<'a> {
    group: &'a str,
    once: &'a str,
}

impl Aws {
    pub fn queues(&self) -> Queues<'_> {
        Queues { settings: self.settings(), sqs: Client::new(self.own()) }
    }

    /// Puts a message that never can succeed where a person finds it, with the reason: into the dead-letter queue of
    /// the queue it came from.
    pub async fn bury(&self, queue_arn: &str, message: &str, why: &str) -> Result<(), StorageError> {
        let queues = self.queues();
        let url = dead_url(&all(self.settings()), queue_arn)
            .ok_or_else(|| StorageError::bug("bury a message", format!("{queue_arn} is none of our queues")))?;
        // A message buried twice within minutes is one message.
        let once = crypto::sha256_hex(format!("{message}|{why}").as_bytes());
        let order = url.ends_with(FIFO).then_some(InOrder { group: "buried", once: &once });
        queues.send(&url, message, order, Some(why)).await
    }

    /// A message that failed comes again after so many seconds in place of its queue's own pause.
    pub async fn come_again(&self, queue_arn: &str, receipt: &str, seconds: i32) -> Result<(), StorageError> {
        let url = own_url(&all(self.settings()), queue_arn).ok_or_else(|| {
            StorageError::bug("have a message come again", format!("{queue_arn} is none of our queues"))
        })?;
        let asked = self.queues().sqs.change_message_visibility().queue_url(url).receipt_handle(receipt);
        asked.visibility_timeout(seconds).send().await.during("have a message come again").map(|_| ())
    }
}

impl Queues<'_> {
    /// People are to hear of something, after so many seconds.
    pub async fn notice(&self, tier: Tier, message: &NoticeMessage, after_seconds: i64) -> Result<(), StorageError> {
        let queue = match tier {
            Tier::Critical => &self.settings.queue_critical,
            Tier::Standard => &self.settings.queue_standard,
            Tier::Informational => &self.settings.queue_informational,
        };
        let after = i32::try_from(after_seconds).unwrap_or(SQS_DELAY_SECONDS_MAX).clamp(0, SQS_DELAY_SECONDS_MAX);
        let sent = self.sqs.send_message().queue_url(queue).message_body(json(message)?).delay_seconds(after);
        sent.send().await.during("send a message").map(|_| ())
    }

    /// Somebody's digest is to be sent.
    pub async fn digest(&self, message: &DigestMessage) -> Result<(), StorageError> {
        self.send(&self.settings.queue_informational, &json(message)?, None, None).await
    }

    /// Words of a document, a message or a project are to be indexed or taken out; `once` names the change, so that its repetition is dropped.
    pub async fn index(&self, message: &IndexMessage, once: &str) -> Result<(), StorageError> {
        let order = InOrder { group: message.client.as_str(), once };
        self.send(&self.settings.queue_indexer, &json(message)?, Some(order), None).await
    }

    /// A client's documents are to be looked through for what is due, or it is to be told of a month; `once` names why, so that its repetition is dropped.
    pub async fn retention(&self, message: &RetentionMessage, once: &str) -> Result<(), StorageError> {
        let order = InOrder { group: message.client.as_str(), once };
        self.send(&self.settings.queue_retention, &json(message)?, Some(order), None).await
    }

    /// A zip is to be made or gone on with; `once` names from where, so that its repetition is dropped.
    pub async fn parcel(&self, message: &ParcelMessage, once: &str) -> Result<(), StorageError> {
        let order = InOrder { group: message.parcel.as_str(), once };
        self.send(&self.settings.queue_vending, &json(message)?, Some(order), None).await
    }

    /// A mail is to be taken. What one person sends to one conversation is in order.
    pub async fn mail(&self, message: &MailMessage) -> Result<(), StorageError> {
        let once = crypto::sha256_hex(format!("{}|{}", message.mail, message.reply).as_bytes());
        let order = InOrder { group: message.reply.as_str(), once: &once };
        self.send(&self.settings.queue_mail, &json(message)?, Some(order), None).await
    }

    /// What became of a notice.
    pub async fn news(&self, message: &HeardMessage) -> Result<(), StorageError> {
        self.send(&self.settings.queue_news, &json(message)?, None, None).await
    }

    /// The same, to be asked again after so many seconds.
    pub async fn news_later(&self, message: &HeardMessage, seconds: i32) -> Result<(), StorageError> {
        let request = self.sqs.send_message().queue_url(&self.settings.queue_news).message_body(json(message)?);
        request.delay_seconds(seconds).send().await.during("send a message").map(|_| ())
    }

    /// A firm or a client is to be made, or something is to be done for all clients of a firm.
    pub async fn provision(&self, message: &ProvisionMessage) -> Result<(), StorageError> {
        self.send(&self.settings.queue_provisioner, &json(message)?, None, None).await
    }

    /// A person is to be given access.
    pub async fn person(&self, message: &PersonMessage) -> Result<(), StorageError> {
        self.send(&self.settings.queue_people, &json(message)?, None, None).await
    }

    async fn send(
        &self,
        url: &str,
        body: &str,
        order: Option<InOrder<'_>>,
        reason: Option<&str>,
    ) -> Result<(), StorageError> {
        let mut request = self.sqs.send_message().queue_url(url).message_body(body);
        if let Some(InOrder { group, once }) = order {
            request = request.message_group_id(group).message_deduplication_id(once);
        }
        if let Some(reason) = reason.map(printable).filter(|reason| !reason.is_empty()) {
            let value = MessageAttributeValue::builder().data_type("String").string_value(reason);
            request = request.message_attributes("reason", value.build().during("send a message")?);
        }
        request.send().await.during("send a message").map(|_| ())
    }
}

const FIFO: &str = ".fifo";

fn own_url<'a>(queues: &[&'a String], queue_arn: &str) -> Option<&'a str> {
    let name = queue_arn.rsplit(':').next()?;
    queues.iter().map(|url| url.as_str()).find(|url| url.rsplit_once('/').is_some_and(|(_, known)| known == name))
}

/// The address of a queue's dead-letter queue, which stands beside it under its name with `-dead`.
fn dead_url(queues: &[&String], queue_arn: &str) -> Option<String> {
    let (base, name) = own_url(queues, queue_arn)?.rsplit_once('/')?;
    let dead = match name.strip_suffix(FIFO) {
        Some(stem) => format!("{stem}-dead{FIFO}"),
        None => format!("{name}-dead"),
    };
    Some(format!("{base}/{dead}"))
}

fn all(settings: &Settings) -> [&String; 11] {
    [
        &settings.queue_uploads,
        &settings.queue_indexer,
        &settings.queue_critical,
        &settings.queue_standard,
        &settings.queue_informational,
        &settings.queue_people,
        &settings.queue_provisioner,
        &settings.queue_retention,
        &settings.queue_vending,
        &settings.queue_mail,
        &settings.queue_news,
    ]
}

/// The characters that a message attribute can hold, and no more than a person reads.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .take(REASON_CHARACTERS_MAX)
        .collect()
}

fn json(message: &impl Serialize) -> Result<String, StorageError> {
    serde_json::to_string(message).during("write a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arn: &str, want: Option<&str>) {
        let queues = ["people", "indexer.fifo"].map(|name| format!("http://localhost:4566/000000000000/p-{name}"));
        assert_eq!(dead_url(&queues.each_ref(), arn).as_deref(), want, "{arn}");
    }

    #[test]
    fn a_dead_letter_queue_stands_beside_its_queue() {
        check("arn:aws:sqs:eu-west-1:000000000000:p-people", Some("http://localhost:4566/000000000000/p-people-dead"));
        check(
            "arn:aws:sqs:eu-west-1:000000000000:p-indexer.fifo",
            Some("http://localhost:4566/000000000000/p-indexer-dead.fifo"),
        );
        check("arn:aws:sqs:eu-west-1:000000000000:other", None);
        check("", None);
    }

    #[test]
    fn a_reason_fits_an_attribute() {
        assert_eq!(printable("a\u{0}b\nc"), "abc");
        assert_eq!(printable(&"x".repeat(5_000)).len(), REASON_CHARACTERS_MAX);
    }
}
