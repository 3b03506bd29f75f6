//! Messages between a firm and a client: one thread for each project and one for everything else; what each person has
//! read of it; whose answer it waits for. And notes that the firm keeps to itself beside them, which are a type of
//! their own, so that none can be written where a client reads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::MessageText;
use crate::{MessageId, Moment, NoteId, PersonId, ProjectId, limits};

/// What a thread is about. In addresses and keys `general`, or the project's id, which is never that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Topic {
    General,
    Project(ProjectId),
}

const GENERAL: &str = "general";

impl Topic {
    pub fn parse(text: &str) -> Result<Self, crate::ids::IdRefused> {
        if text == GENERAL { Ok(Topic::General) } else { ProjectId::parse(text).map(Topic::Project) }
    }
    pub fn as_str(&self) -> &str {
        match self {
            Topic::General => GENERAL,
            Topic::Project(project) => project.as_str(),
        }
    }
    pub fn project(&self) -> Option<&ProjectId> {
        match self {
            Topic::General => None,
            Topic::Project(project) => Some(project),
        }
    }
}

impl TryFrom<String> for Topic {
    type Error = crate::ids::IdRefused;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> String {
        topic.as_str().to_owned()
    }
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Firm,
    Client,
}

impl Side {
    pub fn of(by_client: bool) -> Self {
        if by_client { Side::Client } else { Side::Firm }
    }
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Firm => "firm",
            Side::Client => "client",
        }
    }
}

/// A thread without its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub topic: Topic,
    /// Messages so far. They are numbered from 1, and none is ever taken out.
    pub count: u64,
    /// When the last of them was written, and by whom.
    pub last_at: Timestamp,
    pub last_by: PersonId,
    pub last_by_client: bool,
    /// Whose answer it waits for, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Waits>,
    /// Grows with every change, that of a message's words included.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Waits {
    pub side: Side,
    #[schemars(with = "String")]
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Message {
    pub id: MessageId,
    pub topic: Topic,
    /// Its place in the thread, from 1.
    pub number: u64,
    pub by: PersonId,
    pub by_client: bool,
    #[schemars(with = "String")]
    pub at: Timestamp,
    pub text: MessageText,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub edited_at: Option<Timestamp>,
}

/// What the firm's people write to each other beside a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct InternalNote {
    pub id: NoteId,
    pub topic: Topic,
    pub by: PersonId,
    #[schemars(with = "String")]
    pub at: Timestamp,
    pub text: MessageText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefused {
    #[error("This conversation is full. Please go on in another one.")]
    Full,
    #[error("Only whoever wrote a message can change it.")]
    NotYours,
    #[error("A message can be changed for five minutes. Write another one to correct it.")]
    TooLate,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    pub text: MessageText,
    /// The firm wants an answer: the thread waits for the client. What a client writes waits for the firm by itself.
    #[serde(default)]
    pub answer_wanted: bool,
}

/// Who writes, and for which side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    pub person: PersonId,
    pub by_client: bool,
}

/// The lower bits of a message's id.
const NUMBER_BITS: u128 = (1 << 32) - 1;

impl MessageId {
    /// An id that holds the message's number, so that whoever has nothing else finds its row: a hit of a search.
    fn of(number: u64, moment: &mut Moment) -> Self {
        Self::from_bits(moment.next_id() & !NUMBER_BITS | u128::from(number) & NUMBER_BITS)
    }

    pub fn number(&self) -> u64 {
        u64::try_from(self.bits() & NUMBER_BITS).unwrap_or(0)
    }
}

/// The thread's next message. `thread` is none before its first one.
pub fn write(
    topic: &Topic,
    thread: Option<&Thread>,
    new: NewMessage,
    by: &Writer,
    moment: &mut Moment,
) -> Result<(Thread, Message), MessageRefused> {
    let now = moment.now;
    let count = thread.map_or(0, |thread| thread.count);
    if count >= limits::MESSAGES_PER_THREAD_MAX {
        return Err(MessageRefused::Full);
    }
    let waits = match (by.by_client, new.answer_wanted) {
        // A second question of the same side goes on waiting since the first.
        (true, _) => Some(still(thread, Side::Firm, now)),
        (false, true) => Some(still(thread, Side::Client, now)),
        (false, false) => None,
    };
    let after = Thread {
        topic: topic.clone(),
        count: count + 1,
        last_at: now,
        last_by: by.person.clone(),
        last_by_client: by.by_client,
        waits,
        version: thread.map_or(1, |thread| thread.version + 1),
    };
    let message = Message {
        id: MessageId::of(after.count, moment),
        topic: topic.clone(),
        number: after.count,
        by: by.person.clone(),
        by_client: by.by_client,
        at: now,
        text: new.text,
        edited_at: None,
    };
    Ok((after, message))
}

fn still(thread: Option<&Thread>, side: Side, now: Timestamp) -> Waits {
    let before = thread.and_then(|thread| thread.waits).filter(|waits| waits.side == side);
    before.unwrap_or(Waits { side, since: now })
}

/// Whether its writer can still change the message.
pub fn may_edit(message: &Message, person: &PersonId, now: Timestamp) -> Result<(), MessageRefused> {
    if message.by != *person {
        return Err(MessageRefused::NotYours);
    }
    if now.as_second() - message.at.as_second() > limits::MESSAGE_EDIT_SECONDS {
        return Err(MessageRefused::TooLate);
    }
    Ok(())
}

/// The message with other words. Its thread moves on, so that whoever has it open sees them.
pub fn edit(
    thread: &Thread,
    message: &Message,
    text: MessageText,
    person: &PersonId,
    now: Timestamp,
) -> Result<(Thread, Message), MessageRefused> {
    may_edit(message, person, now)?;
    let thread = Thread { version: thread.version + 1, ..thread.clone() };
    Ok((thread, Message { text, edited_at: Some(now), ..message.clone() }))
}

/// The firm says whose turn it is, or that nobody waits. None where it says so already.
pub fn wait_for(thread: &Thread, side: Option<Side>, now: Timestamp) -> Option<Thread> {
    if thread.waits.map(|waits| waits.side) == side {
        return None;
    }
    let waits = side.map(|side| Waits { side, since: now });
    Some(Thread { waits, version: thread.version + 1, ..thread.clone() })
}

pub fn note(topic: &Topic, text: MessageText, by: &PersonId, moment: &mut Moment) -> InternalNote {
    InternalNote { id: NoteId::from_bits(moment.next_id()), topic: topic.clone(), by: by.clone(), at: moment.now, text }
}

/// How far somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadMark {
    /// Of the last message that was shown.
    pub number: u64,
    /// Messages that the person wrote since then without being shown what came before them: no news to their writer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ReadMark {
    /// Of one thread, among all of a person's.
    pub fn of(marks: &[(Topic, ReadMark)], topic: &Topic) -> Self {
        marks.iter().find(|(of, _)| of == topic).map(|(_, mark)| *mark).unwrap_or_default()
    }

    /// After messages `first` to `last` were shown; none where that changes nothing. The newest page counts for all before
    /// it; an older part only where nothing unread lies between.
    pub fn shown(self, first: u64, last: u64, thread: &Thread) -> Option<Self> {
        let counts = last >= thread.count || first <= self.number + 1;
        (counts && last > self.number).then_some(Self { number: last, own: 0 })
    }

    /// Messages of others that came since.
    pub fn unread(self, thread: &Thread) -> u64 {
        thread.count.saturating_sub(self.number).saturating_sub(self.own)
    }

    /// After one's own message: it is read, and what came before it only if that was.
    pub fn after_writing(self, message: &Message) -> Self {
        if self.number + self.own + 1 == message.number {
            Self { number: message.number, own: 0 }
        } else {
            Self { own: self.own + 1, ..self }
        }
    }
}

#[cfg(test)]
mod tests;
