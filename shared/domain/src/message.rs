//! Messages between a firm and a client: one thread for each project and one for everything else; what each person has
//! read of it; whose answer it waits for. And notes that the firm keeps to itself beside them, which are a type of
//! their own, so that none can be written where a client reads.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::MessageText;
use crate::{DocumentId, MessageId, Moment, NoteId, PersonId, ProjectId, limits};

mod attached;
mod mark;
mod mentions;
mod unsent;

pub use attached::{AttachRefused, BARE_WORDS, attach};
pub use mark::ReadMark;
pub use mentions::{can_be_named, mentioned, named};
pub use unsent::{Part, Unsent, UnsentRefused, kept_until};

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
    /// Documents that came with it. Not said by itself: each reader is told of those that it may see.
    #[serde(skip)]
    pub attachments: Vec<DocumentId>,
    /// Whom its words name by an `@`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<PersonId>,
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
    /// Documents that came with it, of the firm only as it is. Each reader is told of those that it may see.
    #[serde(skip)]
    pub attachments: Vec<DocumentId>,
    /// Whom its words name by an `@`: people of the firm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefused {
    #[error("This conversation is full. Please go on in another one.")]
    Full,
    #[error("Only whoever wrote a message can change it.")]
    NotYours,
    #[error("A message can be changed for five minutes. Write another one to correct it.")]
    TooLate,
    /// More than anybody types.
    #[error("You have written very many messages here. Wait {} minutes, then send this one.", .again_in_seconds.div_ceil(60))]
    TooMany { again_in_seconds: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    pub text: MessageText,
    /// The firm wants an answer: the thread waits for the client. What a client writes waits for the firm by itself.
    #[serde(default)]
    pub answer_wanted: bool,
    /// Documents that its writer uploaded for it; their files may still be on their way.
    #[serde(default)]
    pub attachments: Vec<DocumentId>,
    /// Found in its words, never said by whoever sends it.
    #[serde(skip)]
    pub mentions: Vec<PersonId>,
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

/// The thread's next message, and its writer's mark after it. `thread` is none before its first one.
pub fn write(
    topic: &Topic,
    thread: Option<&Thread>,
    new: NewMessage,
    by: &Writer,
    mark: ReadMark,
    moment: &mut Moment,
) -> Result<(Thread, Message, ReadMark), MessageRefused> {
    let now = moment.now;
    mark.may_write(now)?;
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
        attachments: new.attachments,
        mentions: new.mentions,
    };
    let mark = mark.after_writing(&message);
    Ok((after, message, mark))
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
    if now.as_second() > editable_until(message).as_second() {
        return Err(MessageRefused::TooLate);
    }
    Ok(())
}

/// Until when its writer may change its words.
pub fn editable_until(message: &Message) -> Timestamp {
    message.at.saturating_add(jiff::SignedDuration::from_secs(limits::MESSAGE_EDIT_SECONDS)).unwrap_or(message.at)
}

/// The message with other words. Its thread moves on, so that whoever has it open sees them.
pub fn edit(
    thread: &Thread,
    message: &Message,
    (text, mentions): (MessageText, Vec<PersonId>),
    person: &PersonId,
    now: Timestamp,
) -> Result<(Thread, Message), MessageRefused> {
    may_edit(message, person, now)?;
    let thread = Thread { version: thread.version + 1, ..thread.clone() };
    Ok((thread, Message { text, mentions, edited_at: Some(now), ..message.clone() }))
}

/// The firm says whose turn it is, or that nobody waits. None where it says so already.
pub fn wait_for(thread: &Thread, side: Option<Side>, now: Timestamp) -> Option<Thread> {
    if thread.waits.map(|waits| waits.side) == side {
        return None;
    }
    let waits = side.map(|side| Waits { side, since: now });
    Some(Thread { waits, version: thread.version + 1, ..thread.clone() })
}

/// What somebody of the firm wants to note beside a thread.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    pub text: MessageText,
    /// Documents for the firm only that its writer uploaded for it.
    #[serde(default)]
    pub attachments: Vec<DocumentId>,
    /// Found in its words, never said by whoever sends it.
    #[serde(skip)]
    pub mentions: Vec<PersonId>,
}

pub fn note(topic: &Topic, new: NewNote, by: &PersonId, moment: &mut Moment) -> InternalNote {
    let NewNote { text, attachments, mentions } = new;
    let id = NoteId::from_bits(moment.next_id());
    InternalNote { id, topic: topic.clone(), by: by.clone(), at: moment.now, text, attachments, mentions }
}

#[cfg(test)]
mod tests;
