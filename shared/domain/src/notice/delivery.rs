//! What became of one notice on one channel: queued, sent, delivered, come back, complained about. News of that arrive
//! late, twice and in any order, and always lead to the same end.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Tier;
use crate::limits;

/// What a provider told of something that it took, the weaker word first. Of two about the same mail the stronger one
/// holds, whichever came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Sent,
    /// Not for the time being: a full mailbox, a server that is away.
    SoftBounced,
    /// After a soft bounce too: automatic answers come back as one.
    Delivered,
    /// Nobody is there. A server that took the mail may find that out later.
    HardBounced,
    /// Whoever got it called it unwanted.
    Complained,
}

impl Word {
    pub fn as_str(self) -> &'static str {
        match self {
            Word::Sent => "sent",
            Word::SoftBounced => "soft_bounced",
            Word::Delivered => "delivered",
            Word::HardBounced => "hard_bounced",
            Word::Complained => "complained",
        }
    }

    /// Higher is stronger.
    pub fn rank(self) -> u8 {
        match self {
            Word::Sent => 0,
            Word::SoftBounced => 1,
            Word::Delivered => 2,
            Word::HardBounced => 3,
            Word::Complained => 4,
        }
    }
}

/// One piece of news from a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The provider's own id of what it took.
    pub provider_id: String,
    pub word: Word,
    pub at: Timestamp,
}

/// One notice to one person on one channel, with everything that was heard of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// By the provider's id: a notice that came back may be sent again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sends: BTreeMap<String, Fate>,
}

/// The strongest word about one send, and when it was first given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Fate {
    word: Word,
    at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeardRefused {
    #[error("no provider has an id like this")]
    ProviderId,
    #[error("it was sent too often")]
    TooManySends,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Queued,
    Sent { at: Timestamp },
    Delivered { at: Timestamp },
    Bounced { hard: bool, at: Timestamp },
    Complained { at: Timestamp },
}

impl Delivery {
    /// With a piece of news; none where it says nothing new, so that nothing is written. News may come before the send
    /// itself is known: they prove it.
    pub fn hear(&self, heard: &Heard) -> Result<Option<Delivery>, HeardRefused> {
        let id = heard.provider_id.as_str();
        if id.is_empty() || id.len() > limits::PROVIDER_ID_CHARACTERS_MAX || id.chars().any(char::is_control) {
            return Err(HeardRefused::ProviderId);
        }
        let fate = Fate { word: heard.word, at: heard.at };
        let next = match self.sends.get(id) {
            None if self.sends.len() >= limits::SENDS_PER_NOTICE_MAX => return Err(HeardRefused::TooManySends),
            None => fate,
            Some(known) => known.merged(fate),
        };
        if self.sends.get(id) == Some(&next) {
            return Ok(None);
        }
        let mut sends = self.sends.clone();
        sends.insert(id.to_owned(), next);
        Ok(Some(Delivery { sends }))
    }

    /// Of several sends the one that says most of whether the person has it: a resend on its way outweighs what came
    /// back for the time being, and what arrived outweighs another send that did not.
    pub fn status(&self) -> Status {
        let weight = |word: Word| match word {
            Word::SoftBounced => 0,
            Word::Sent => 1,
            Word::HardBounced => 2,
            Word::Delivered => 3,
            Word::Complained => 4,
        };
        let strongest = self.sends.values().max_by_key(|fate| (weight(fate.word), fate.at));
        match strongest {
            None => Status::Queued,
            Some(Fate { word: Word::Sent, at }) => Status::Sent { at: *at },
            Some(Fate { word: Word::Delivered, at }) => Status::Delivered { at: *at },
            Some(Fate { word: Word::SoftBounced, at }) => Status::Bounced { hard: false, at: *at },
            Some(Fate { word: Word::HardBounced, at }) => Status::Bounced { hard: true, at: *at },
            Some(Fate { word: Word::Complained, at }) => Status::Complained { at: *at },
        }
    }

    /// When anything was first known of it.
    pub fn first_at(&self) -> Option<Timestamp> {
        self.sends.values().map(|fate| fate.at).min()
    }

    /// How often it was handed to a provider.
    pub fn sends(&self) -> usize {
        self.sends.len()
    }

    /// When it is sent again without anybody asking for it: after a soft bounce, a few times. Never to an address that
    /// is suppressed, which ends this too.
    pub fn resend_at(&self) -> Option<Timestamp> {
        let Status::Bounced { hard: false, at } = self.status() else { return None };
        let pause = limits::RESEND_AFTER_SECONDS.get(self.sends.len().checked_sub(1)?)?;
        at.checked_add(SignedDuration::from_secs(*pause)).ok()
    }

    /// Whether somebody may have it sent once more by hand: what came back, and what nobody knows to have arrived.
    pub fn may_be_resent(&self, suppressed: Option<Suppression>) -> bool {
        let is_open = matches!(self.status(), Status::Sent { .. } | Status::Bounced { .. });
        is_open && suppressed.is_none() && self.sends.len() < limits::SENDS_PER_NOTICE_MAX
    }

    /// What follows for the address that it went to.
    pub fn suppression(&self) -> Option<Suppression> {
        let why = |word| match word {
            Word::HardBounced => Some(Why::HardBounce),
            Word::Complained => Some(Why::Complaint),
            Word::Sent | Word::SoftBounced | Word::Delivered => None,
        };
        let each = self.sends.values().filter_map(|fate| Some(Suppression { why: why(fate.word)?, at: fate.at }));
        each.reduce(Suppression::merged)
    }

    /// Whether the person has it.
    fn reach(&self) -> Reach {
        match self.status() {
            Status::Delivered { .. } | Status::Complained { .. } => Reach::Reached,
            Status::Queued => Reach::Unknown { since: None },
            Status::Sent { at } => Reach::Unknown { since: Some(at) },
            Status::Bounced { at, .. } if self.resend_at().is_some() => Reach::Unknown { since: Some(at) },
            Status::Bounced { .. } => Reach::Failed,
        }
    }
}

impl Fate {
    fn merged(self, other: Fate) -> Fate {
        match self.word.cmp(&other.word) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal => Fate { at: self.at.min(other.at), ..self },
            std::cmp::Ordering::Greater => self,
        }
    }
}

enum Reach {
    Reached,
    Failed,
    /// Since when it is with the provider, once it is.
    Unknown {
        since: Option<Timestamp>,
    },
}

/// Why nothing goes to an address or number any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    HardBounce,
    Complaint,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Why::HardBounce => "hard_bounce",
            Why::Complaint => "complaint",
        }
    }
}

/// Kept with an address or number: a new one begins without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    pub why: Why,
    pub at: Timestamp,
}

impl Suppression {
    /// What is known of one address from two notices: a complaint outweighs a bounce, and the first of a sort counts.
    pub fn merged(self, other: Suppression) -> Suppression {
        match self.why.cmp(&other.why) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal => Suppression { at: self.at.min(other.at), ..self },
            std::cmp::Ordering::Greater => self,
        }
    }

    /// Whether it may be lifted by the person, or by the firm for it. A firm may know that a mailbox is back; only
    /// whoever complained can want more.
    pub fn may_be_lifted(self, by_the_person: bool) -> bool {
        by_the_person || self.why == Why::HardBounce
    }

    /// For the person and for the firm.
    pub fn sentence(self) -> &'static str {
        match self.why {
            Why::HardBounce => "Mails to this address come back: there is no such mailbox.",
            Why::Complaint => "A mail from here was marked as unwanted. No more are sent to this address.",
        }
    }
}

/// What follows from a notice that may not have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escalation {
    Nothing,
    /// Nobody knows yet: to be asked again then, or when more is heard.
    Wait {
        until: Timestamp,
    },
    /// The firm's team hears that the person does not know.
    TellFirm,
}

/// How a notice went out by mail.
#[derive(Debug, Clone, Copy)]
pub enum ByMail<'a> {
    Handed(&'a Delivery),
    /// Not sent: the address is suppressed. As good as come back.
    Withheld,
}

/// The same notice as a text message.
#[derive(Debug, Clone, Copy)]
pub enum ByText<'a> {
    /// Sent, or to be sent at the instant that its plan says.
    Planned { delivery: &'a Delivery, at: Timestamp },
    /// Not planned: no verified number, or no texts wanted.
    No,
}

/// What is critical and came back by mail goes by the firm's own people, unless a text message that went beside it tells it.
/// News of the mail and of the text may come in any order; each time it is asked anew, and what it says is done once, under a
/// key of its own.
pub fn escalate(tier: Tier, mail: ByMail<'_>, text: ByText<'_>, now: Timestamp) -> Escalation {
    let came_back = match mail {
        ByMail::Withheld => true,
        ByMail::Handed(delivery) => matches!(delivery.reach(), Reach::Failed),
    };
    if tier != Tier::Critical || !came_back {
        return Escalation::Nothing;
    }
    let (delivery, planned_at) = match text {
        ByText::Planned { delivery, at } => (delivery, at),
        ByText::No => return Escalation::TellFirm,
    };
    match delivery.reach() {
        Reach::Reached => Escalation::Nothing,
        Reach::Failed => Escalation::TellFirm,
        Reach::Unknown { since } => {
            let patience = SignedDuration::from_secs(limits::TEXT_PATIENCE_SECONDS);
            let until = since.unwrap_or(planned_at).checked_add(patience).unwrap_or(Timestamp::MAX);
            if until <= now { Escalation::TellFirm } else { Escalation::Wait { until } }
        }
    }
}

#[cfg(test)]
mod tests;
