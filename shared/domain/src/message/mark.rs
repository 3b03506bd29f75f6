//! What a portal knows of one person in one thread: how far it has read, and how much it wrote lately.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Message, MessageRefused, Thread, Topic};
use crate::limits;

/// How far somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadMark {
    /// Of the last message that was shown.
    pub number: u64,
    /// Messages that the person wrote since then without being shown what came before them: no news to their writer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own: u64,
    /// What the person wrote lately, so that nobody floods the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lately: Option<Lately>,
}

/// Messages of one person in one thread since a window began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lately {
    /// When the first of them was written.
    pub since: Timestamp,
    pub count: u64,
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
        (counts && last > self.number).then_some(Self { number: last, own: 0, ..self })
    }

    /// Messages of others that came since.
    pub fn unread(self, thread: &Thread) -> u64 {
        thread.count.saturating_sub(self.number).saturating_sub(self.own)
    }

    /// Whether the person may write another message now.
    pub(super) fn may_write(self, now: Timestamp) -> Result<(), MessageRefused> {
        match self.window(now) {
            Some(lately) if lately.count >= limits::MESSAGES_PER_WINDOW_MAX => {
                let left = lately.since.as_second() + limits::MESSAGES_WINDOW_SECONDS - now.as_second();
                Err(MessageRefused::TooMany { again_in_seconds: u64::try_from(left).unwrap_or(0).max(1) })
            }
            _ => Ok(()),
        }
    }

    /// After one's own message: it is read, and what came before it only if that was.
    pub(super) fn after_writing(self, message: &Message) -> Self {
        let lately = match self.window(message.at) {
            Some(lately) => Lately { count: lately.count + 1, ..lately },
            None => Lately { since: message.at, count: 1 },
        };
        let lately = Some(lately);
        if self.number + self.own + 1 == message.number {
            Self { number: message.number, own: 0, lately }
        } else {
            Self { own: self.own + 1, lately, ..self }
        }
    }

    /// The window that is open now.
    fn window(self, now: Timestamp) -> Option<Lately> {
        self.lately.filter(|lately| now.as_second() - lately.since.as_second() < limits::MESSAGES_WINDOW_SECONDS)
    }
}
