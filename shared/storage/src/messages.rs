//! Threads and messages as rows of `…#MSG`, notes of the firm as rows of `…#INT`, which no role of a client reaches; and
//! how far each person has read, in the person's own preferences. What people wrote is sealed under the client's key.

use access::{ClientScope, OneClient, OnePerson};
use crypto::DataKey;
use domain::audit::{Act, Object};
use domain::document::{Audience, Viewer};
use domain::message::{InternalNote, Message, Part, ReadMark, Thread, Topic};
use domain::notice::Cause;
use domain::permissions::{EditProjects, ReadMessages, State, ViewInternal, WriteInternal, WriteMessages};
use domain::text::MessageText;
use domain::{DocumentId, MessageId, Moment, NoteId, PersonId, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::client::{ClientChange, ClientStore, Once, TEXT_SEALED, text_place};
use crate::commit::{AuditReceipt, Write};
use crate::error::{During, StorageError};
use crate::item::{self, Item};
use crate::keys;
use crate::query::Range;

/// A message without its words. Its thread and number are its key.
#[derive(Debug, Serialize, Deserialize)]
struct MessageRow {
    id: MessageId,
    topic: Topic,
    number: u64,
    by: PersonId,
    by_client: bool,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<DocumentId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<PersonId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NoteRow {
    id: NoteId,
    topic: Topic,
    by: PersonId,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<DocumentId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<PersonId>,
}

/// A new message with its thread: the rows, what follows, and the hash that the event has of it.
pub(crate) struct Written {
    pub(crate) writes: Vec<Write>,
    pub(crate) causes: Vec<Cause>,
    pub(crate) hash: String,
}

fn unsealed(sealed: &[u8], pk: &str, sk: &str, key: &DataKey) -> Result<MessageText, StorageError> {
    const STEP: &str = "open the words of a message";
    let text = key.open(sealed, &text_place(pk, sk)).during(STEP)?;
    MessageText::parse(&String::from_utf8(text).during(STEP)?).during(STEP)
}

/// Messages of one thread, the oldest first.
#[derive(Debug)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    /// There are more before the first of these.
    pub earlier: bool,
}

impl MessagePage {
    /// How far a person has read who had come to `before` and is shown this page; none where it changes nothing.
    pub fn mark(&self, thread: Option<&Thread>, before: ReadMark) -> Option<ReadMark> {
        let (first, last) = self.messages.first().zip(self.messages.last())?;
        before.shown(first.number, last.number, thread?)
    }
}

impl<S: OneClient> ClientStore<'_, S> {
    pub async fn thread(&self, topic: &Topic) -> Result<Option<Thread>, StorageError> {
        self.get(self.keys.messages(), keys::thread(topic)).await?.map(item::read).transpose()
    }

    /// Every thread in which something was written, one for each project at most.
    pub async fn threads(&self) -> Result<Vec<Thread>, StorageError> {
        let range = Range { pk: self.keys.messages(), prefix: keys::THREADS, consistent: true, ..Range::default() };
        let rows = self.query_all(range, limits::PROJECTS_PER_CLIENT_MAX + 1).await?;
        rows.into_iter().map(item::read).collect()
    }

    /// Up to `count_max` messages before the one of this number, or the newest ones.
    pub async fn messages(
        &self,
        topic: &Topic,
        before: Option<u64>,
        count_max: usize,
    ) -> Result<MessagePage, StorageError> {
        let prefix = keys::messages_of(topic);
        let range = Range {
            pk: self.keys.messages(),
            prefix: &prefix,
            newest_first: true,
            limit: Some(count_max),
            after: before.map(|number| keys::message(topic, number)),
            consistent: true,
            ..Range::default()
        };
        let (found, key) = tokio::join!(self.query(range), self.data_key());
        let (page, key) = (found?, key?);
        let messages = page.rows.into_iter().rev().map(|row| self.message_of(row, key));
        let messages: Vec<Message> = messages.collect::<Result<_, StorageError>>()?;
        let earlier = messages.first().is_some_and(|message| message.number > 1);
        Ok(MessagePage { messages, earlier })
    }

    pub async fn message(&self, topic: &Topic, number: u64) -> Result<Option<Message>, StorageError> {
        let (found, key) = tokio::join!(self.get(self.keys.messages(), keys::message(topic, number)), self.data_key());
        found?.map(|row| self.message_of(row, key?)).transpose()
    }

    /// The newest message of each of these threads.
    pub async fn newest_messages(&self, threads: &[Thread]) -> Result<Vec<Message>, StorageError> {
        if threads.is_empty() {
            return Ok(Vec::new());
        }
        let pk = self.keys.messages();
        let wanted = |some: &[Thread]| -> Vec<Item> {
            some.iter().map(|thread| item::key(&pk, keys::message(&thread.topic, thread.count))).collect()
        };
        // So many rows are read at once.
        let reads = threads.chunks(limits::PAGE_ROWS_MAX).map(|some| self.get_all(wanted(some)));
        let (rows, key) = tokio::join!(futures::future::try_join_all(reads), self.data_key());
        let (rows, key) = (rows?, key?);
        rows.into_iter().flatten().map(|row| self.message_of(row, key)).collect()
    }

    /// The newest notes of the firm beside a thread, the oldest of them first; none for whoever may not read them.
    pub async fn internal_notes(&self, topic: &Topic, count_max: usize) -> Result<Vec<InternalNote>, StorageError> {
        if !reads_notes(&self.scope.viewer()) {
            return Ok(Vec::new());
        }
        let prefix = keys::notes_of(topic);
        let range = Range {
            pk: self.keys.internal(),
            prefix: &prefix,
            newest_first: true,
            limit: Some(count_max),
            consistent: true,
            ..Range::default()
        };
        let (found, key) = tokio::join!(self.query(range), self.data_key());
        let (page, key) = (found?, key?);
        page.rows.into_iter().rev().map(|row| self.note_of(row, key)).collect()
    }

    pub async fn internal_note(&self, topic: &Topic, id: &NoteId) -> Result<Option<InternalNote>, StorageError> {
        if !reads_notes(&self.scope.viewer()) {
            return Ok(None);
        }
        let (found, key) = tokio::join!(self.get(self.keys.internal(), keys::note(topic, id)), self.data_key());
        found?.map(|row| self.note_of(row, key?)).transpose()
    }

    fn message_of(&self, row: Item, key: &DataKey) -> Result<Message, StorageError> {
        let sealed = item::bytes_of(&row, TEXT_SEALED).unwrap_or_default().to_vec();
        let MessageRow { id, topic, number, by, by_client, at, edited_at, attachments, mentions } = item::read(row)?;
        let text = unsealed(&sealed, &self.keys.messages(), &keys::message(&topic, number), key)?;
        Ok(Message { id, topic, number, by, by_client, at, text, edited_at, attachments, mentions })
    }

    fn note_of(&self, row: Item, key: &DataKey) -> Result<InternalNote, StorageError> {
        let sealed = item::bytes_of(&row, TEXT_SEALED).unwrap_or_default().to_vec();
        let NoteRow { id, topic, by, at, attachments, mentions } = item::read(row)?;
        let text = unsealed(&sealed, &self.keys.internal(), &keys::note(&topic, &id), key)?;
        Ok(InternalNote { id, topic, by, at, text, attachments, mentions })
    }

    async fn sealed_row(
        &self,
        pk: &str,
        sk: &str,
        row: &impl Serialize,
        text: &MessageText,
    ) -> Result<(Item, String), StorageError> {
        let sealed = self.seal(text.as_str().as_bytes(), &text_place(pk, sk)).await?;
        // The words count as they are stored: a hash of them could be guessed.
        let hashed = serde_json::json!({ "row": row, TEXT_SEALED: crypto::sha256_hex(&sealed) });
        let mut stored = item::row(pk, sk, row)?;
        stored.insert(TEXT_SEALED.to_owned(), item::bytes(sealed));
        Ok((stored, crypto::sha256_hex(hashed.to_string().as_bytes())))
    }

    async fn message_row(&self, message: &Message) -> Result<(Item, String), StorageError> {
        let Message { id, topic, number, by, by_client, at, text, edited_at, attachments, mentions } = message;
        let row = MessageRow {
            id: id.clone(),
            topic: topic.clone(),
            number: *number,
            by: by.clone(),
            by_client: *by_client,
            at: *at,
            edited_at: *edited_at,
            attachments: attachments.clone(),
            mentions: mentions.clone(),
        };
        self.sealed_row(&self.keys.messages(), &keys::message(topic, *number), &row, text).await
    }

    /// What a new message is, whoever stores it.
    pub(crate) async fn written(
        &self,
        before: Option<&Thread>,
        after: &Thread,
        message: &Message,
    ) -> Result<Written, StorageError> {
        let (row, hash) = self.message_row(message).await?;
        let writes = vec![Write::create(self.table(), row)?, self.thread_write(before, after)?];
        let told = Cause::MessageWritten {
            topic: message.topic.clone(),
            number: message.number,
            by: message.by.clone(),
            by_client: message.by_client,
            named: message.mentions.clone(),
        };
        Ok(Written { writes, causes: vec![told, indexed(message)], hash })
    }

    fn thread_write(&self, before: Option<&Thread>, after: &Thread) -> Result<Write, StorageError> {
        let row = item::row(self.keys.messages(), keys::thread(&after.topic), after)?;
        match before {
            None => Write::create(self.table(), row),
            Some(before) => Write::replace(self.table(), row, before.version),
        }
    }
}

/// Whoever may read what the firm keeps to itself; IAM asks the same of the session's tags.
fn reads_notes(viewer: &Viewer) -> bool {
    viewer.reaches(Audience::Internal)
}

impl<P> ClientStore<'_, ClientScope<P>> {
    /// How far the person has read each thread of this client. Whoever looks at the portal as somebody else has no marks.
    pub async fn read_marks(&self) -> Result<Vec<(Topic, ReadMark)>, StorageError> {
        if self.scope.vended().grant.viewing().is_some() {
            return Ok(Vec::new());
        }
        let prefix = keys::read_marks_of(self.scope.client());
        let range = Range { pk: self.preferences(), prefix: &prefix, consistent: true, ..Range::default() };
        let page = self.query_firm(range).await?;
        let mark = |row: Item| {
            let sk = item::text_of(&row, "sk").unwrap_or_default();
            let topic = Topic::parse(sk.strip_prefix(&prefix).unwrap_or_default());
            let topic = topic.during("read a mark")?;
            Ok((topic, item::read(row)?))
        };
        page.rows.into_iter().map(mark).collect()
    }

    pub(crate) fn preferences(&self) -> String {
        keys::preferences(self.scope.firm(), self.scope.person())
    }

    fn mark_write(&self, topic: &Topic, mark: ReadMark) -> Result<Write, StorageError> {
        let sk = keys::read_mark(self.scope.client(), topic);
        Write::overwrite(&self.aws.settings().table_firm, item::row(self.preferences(), sk, &mark)?)
    }
}

impl ClientStore<'_, ClientScope<ReadMessages>> {
    /// That messages are shown to the person: of one thread up to a message, or the newest of all. Nothing is shown
    /// without it.
    pub async fn messages_read(
        &self,
        topic: Option<&Topic>,
        mark: Option<ReadMark>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let object = match topic {
            Some(topic) => Object::new("thread", topic),
            None => Object::new("threads", self.scope.client()),
        };
        // Whoever may only read changes nothing, not even how far the person has read.
        let only_reads = matches!(self.scope.vended().grant.state(), State::ViewingAs | State::ReadOnlyToken);
        let writes = match (topic, mark) {
            (Some(topic), Some(mark)) if !only_reads => vec![self.mark_write(topic, mark)?],
            _ => Vec::new(),
        };
        let draft = self.draft(Act::MessagesRead, object, moment);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}

impl ClientStore<'_, ClientScope<WriteMessages>> {
    /// Stores a message with its thread, and tells the other side. Stale if somebody was faster.
    pub async fn write_message(
        &self,
        before: Option<&Thread>,
        after: &Thread,
        message: &Message,
        mark: ReadMark,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let Written { mut writes, causes, hash } = self.written(before, after, message).await?;
        writes.push(self.mark_write(&after.topic, mark)?);
        if let Some(once) = &once {
            writes.push(self.sent_write(&after.topic, Part::Message, once.key, moment.now)?);
        }
        let draft = self.draft(Act::MessageWritten, object(message), moment).after(hash);
        self.commit(ClientChange { draft, writes, causes, once }, moment).await
    }

    /// Stores other words of a message. Stale if somebody was faster.
    pub async fn edit_message(
        &self,
        before: &Thread,
        after: &Thread,
        message: &Message,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let (row, hash) = self.message_row(message).await?;
        let writes = vec![Write::overwrite(self.table(), row)?, self.thread_write(Some(before), after)?];
        let draft = self.draft(Act::MessageEdited, object(message), moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: vec![indexed(message)], once: None }, moment).await
    }
}

impl ClientStore<'_, ClientScope<EditProjects>> {
    /// Stores whose answer a thread waits for. Stale if somebody was faster.
    pub async fn set_waits(
        &self,
        before: &Thread,
        after: &Thread,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let writes = vec![self.thread_write(Some(before), after)?];
        let object = Object::new("thread", &after.topic).at_version(after.version);
        let draft = self.draft(Act::ThreadWaits, object, moment);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once: None }, moment).await
    }
}

impl ClientStore<'_, ClientScope<ViewInternal>> {
    /// That the notes beside a thread are shown to the person by themselves; a thread's own page tells of both at once.
    pub async fn notes_read(&self, topic: &Topic, moment: &mut Moment) -> Result<AuditReceipt, StorageError> {
        let draft = self.draft(Act::NotesRead, Object::new("thread", topic), moment);
        self.commit(ClientChange::event(draft), moment).await
    }
}

impl ClientStore<'_, ClientScope<WriteInternal>> {
    pub async fn write_note(
        &self,
        note: &InternalNote,
        once: Option<Once<'_>>,
        moment: &mut Moment,
    ) -> Result<AuditReceipt, StorageError> {
        let InternalNote { id, topic, by, at, text, attachments, mentions } = note;
        let (attachments, mentions) = (attachments.clone(), mentions.clone());
        let row = NoteRow { id: id.clone(), topic: topic.clone(), by: by.clone(), at: *at, attachments, mentions };
        let (stored, hash) = self.sealed_row(&self.keys.internal(), &keys::note(topic, id), &row, text).await?;
        let mut writes = vec![Write::create(self.table(), stored)?];
        if let Some(once) = &once {
            writes.push(self.sent_write(topic, Part::Note, once.key, moment.now)?);
        }
        let draft = self.draft(Act::NoteWritten, Object::new("note", id), moment).after(hash);
        self.commit(ClientChange { draft, writes, causes: Vec::new(), once }, moment).await
    }
}

fn indexed(message: &Message) -> Cause {
    Cause::IndexMessage { topic: message.topic.clone(), number: message.number, again: message.edited_at.is_some() }
}

fn object(message: &Message) -> Object {
    Object::new("message", format!("{}/{}", message.topic, message.number))
}
