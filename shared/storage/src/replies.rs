//! Answers by mail: the addresses at which people answer, in the identity table; the mails that came, as the mail service
//! put them down; and the messages that are made of them.

use access::{ClientJob, OneClient};
use aws_sdk_dynamodb::Client;
use domain::audit::{Act, Object};
use domain::message::{Message, ReadMark, Thread, Topic};
use domain::reply::ReplyPlace;
use domain::{Moment, PersonId, ReplyId, Timestamp, limits};

use crate::aws::Aws;
use crate::client::{ClientChange, ClientStore};
use crate::commit::{AuditReceipt, Lost, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::settings::Settings;

/// Where the mail service puts what came.
const RECEIVED: &str = "inbound/";

/// What an address was made for, as its row says.
async fn place(dynamo: &Client, settings: &Settings, reply: &ReplyId) -> Result<Option<ReplyPlace>, StorageError> {
    let key = item::key(keys::reply(reply), keys::REPLY);
    let request = dynamo.get_item().table_name(&settings.table_identity).set_key(Some(key));
    let found = request.consistent_read(true).send().await.during("look a reply address up")?.item;
    found.map(item::read).transpose()
}

impl ClientStore<'_, ClientJob<'_>> {
    /// The address at which a person answers in a thread: the same one each time. It is good for a while after the last
    /// mail that carries it.
    pub async fn reply_address(
        &self,
        topic: &Topic,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Option<String>, StorageError> {
        let settings = self.aws.settings();
        if settings.reply_domain.is_empty() {
            return Ok(None);
        }
        let place = ReplyPlace {
            firm: self.scope.client_firm().clone(),
            client: self.scope.client().clone(),
            topic: topic.clone(),
            person: person.clone(),
        };
        let reply = self.aws.reply_id(self.scope.keys(), &place).await?;
        let mut row = item::row(keys::reply(&reply), keys::REPLY, &place)?;
        row.insert("ttl".to_owned(), item::number(now.as_second() + limits::REPLY_ADDRESS_SECONDS));
        let put = self.dynamo.put_item().table_name(&settings.table_identity).set_item(Some(row));
        put.send().await.during("keep a reply address")?;
        Ok(Some(reply.address(&settings.reply_domain)))
    }

    /// How far a person has read a thread.
    pub async fn read_mark_of(&self, person: &PersonId, topic: &Topic) -> Result<ReadMark, StorageError> {
        let key = item::key(self.preferences_of(person), keys::read_mark(self.scope.client(), topic));
        let request = self.dynamo.get_item().table_name(&self.aws.settings().table_firm).set_key(Some(key));
        let found = request.consistent_read(true).send().await.during("read a mark")?.item;
        Ok(found.map(item::read).transpose()?.unwrap_or_default())
    }

    fn preferences_of(&self, person: &PersonId) -> String {
        keys::preferences(self.scope.client_firm(), person)
    }

    /// Stores a message that came by mail, in the name of its writer, while that is still one of the team. `mail` is what
    /// makes the mail itself: one that came before is done before. Stale if somebody was faster, or the writer is gone.
    pub async fn take_message(
        &self,
        before: Option<&Thread>,
        after: &Thread,
        message: &Message,
        mark: ReadMark,
        mail: &str,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let written = self.written(before, after, message).await?;
        let mark_sk = keys::read_mark(self.scope.client(), &after.topic);
        let mark = item::row(self.preferences_of(&message.by), mark_sk, &mark)?;
        let member = item::key(self.keys.data(), keys::team(&message.by));
        let taken = item::key(self.keys.messages(), keys::taken(mail));
        let mut writes = written.writes;
        writes.push(Write::overwrite(&self.aws.settings().table_firm, mark)?);
        writes.push(Write::check(self.table(), member, "attribute_exists(pk)", Lost::Stale)?);
        writes.push(Write::put(self.table(), taken, Some(("attribute_not_exists(pk)", Item::new())), Lost::Repeated)?);
        let object = Object::new("message", format!("{}/{}", message.topic, message.number));
        let draft = self.draft(Act::MessageTaken, object, moment).after(written.hash);
        self.commit(ClientChange { draft, writes, causes: written.causes, once: None }, moment).await
    }
}

impl Aws {
    /// What an address was made for, by the function that receives mail. None for one that was never made or that
    /// lapsed, and for a row that was not written by somebody with the key.
    pub async fn reply_place_as_function(&self, reply: &ReplyId) -> Result<Option<ReplyPlace>, StorageError> {
        let dynamo = Client::new(self.own());
        let Some(place) = place(&dynamo, self.settings(), reply).await? else { return Ok(None) };
        let signed = self.keyed_hash_as_function(&place.signed_text()).await?;
        Ok((ReplyId::of_mac(&signed).as_ref() == Some(reply)).then_some(place))
    }

    /// A mail as it came, by the mail service's name of it; none where it was dealt with before, and of one that is larger than
    /// what is read here.
    pub async fn received_mail(&self, message_id: &str) -> Result<Option<Vec<u8>>, StorageError> {
        const STEP: &str = "read a mail that came";
        let request = self.s3_as_function().get_object().bucket(&self.settings().bucket_mail);
        let answer = request.key(format!("{RECEIVED}{message_id}")).send().await;
        let object = match answer {
            Err(error) if error.as_service_error().is_some_and(|why| why.is_no_such_key()) => return Ok(None),
            answer => answer.during(STEP)?,
        };
        let too_large = object.content_length().is_none_or(|length| length > limits::MAIL_BYTES_MAX as i64);
        if too_large {
            tracing::warn!(mail = message_id, "a mail is too large to be read");
            return Ok(None);
        }
        Ok(Some(object.body.collect().await.during(STEP)?.to_vec()))
    }

    /// Takes a mail away that was dealt with: what it said lies in its conversation, under its client's key.
    pub async fn forget_mail(&self, message_id: &str) -> Result<(), StorageError> {
        let request = self.s3_as_function().delete_object().bucket(&self.settings().bucket_mail);
        request.key(format!("{RECEIVED}{message_id}")).send().await.during("take a mail away")?;
        Ok(())
    }
}
