//! Notices: what happened, who should hear of it, how loudly, and the key under which each is sent once.

use serde::{Deserialize, Serialize};

use crate::audit::Act;
use crate::document::Audience;
use crate::message::Topic;
use crate::{
    ClientId, DocumentId, EventId, MilestoneId, NewsletterId, OrderId, OutboxId, ParcelId, PersonId, ProjectId,
    RequestId, UpdateId, project,
};

pub mod clock;
pub mod delivery;
pub mod digest;
pub mod fold;
pub mod kind;
pub mod phone;
pub mod plan;
pub mod preferences;
mod preferences_words;
pub mod quiet;
pub mod sms;
pub mod summary;
pub mod unsubscribe;
pub mod words;

#[cfg(test)]
mod model;

pub use kind::Kind;

/// How loudly a notice is sent. One queue each, so that mail in bulk never delays a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// E-mail and SMS.
    Critical,
    /// E-mail.
    Standard,
    /// A weekly digest, unless the firm or the person wants it sooner.
    Informational,
}

impl Tier {
    pub const ALL: [Tier; 3] = [Tier::Critical, Tier::Standard, Tier::Informational];

    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Critical => "critical",
            Tier::Standard => "standard",
            Tier::Informational => "informational",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == text)
    }
}

/// Why an outbox row exists. Ids only: the words are read when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    DocumentReady {
        document: DocumentId,
        by: PersonId,
        by_client: bool,
    },
    DocumentRejected {
        document: DocumentId,
        by: PersonId,
    },
    ProjectChanged {
        project: ProjectId,
        by: PersonId,
        /// What the client is told of; more may have changed since.
        #[serde(default)]
        changes: Vec<project::Event>,
    },
    /// The firm told the client about a project in its own words.
    UpdateWritten {
        project: ProjectId,
        update: UpdateId,
        by: PersonId,
    },
    /// Somebody wrote in a conversation.
    MessageWritten {
        topic: Topic,
        /// Its place in the thread.
        number: u64,
        by: PersonId,
        by_client: bool,
        /// Whom its words name: they hear of it on either side.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        named: Vec<PersonId>,
    },
    DeadlineReminder {
        project: ProjectId,
        milestone: MilestoneId,
    },
    /// The firm asks for documents, or for more of them.
    RequestSent {
        request: RequestId,
        by: PersonId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// A line of a list went back to the client.
    RequestReturned {
        request: RequestId,
        by: PersonId,
    },
    /// A rung of the ladder: something of the list is still missing.
    RequestReminder {
        request: RequestId,
    },
    /// Nothing of the list is with the client any more.
    RequestDelivered {
        request: RequestId,
        by: PersonId,
    },
    /// A month of the client is over.
    MonthEnded {
        month: summary::Month,
    },
    /// A letter of the firm's came to the client.
    NewsletterSent {
        newsletter: NewsletterId,
    },
    /// Somebody did not get what was critical.
    NotReached {
        /// What that was about.
        outbox: OutboxId,
        person: PersonId,
    },
    /// One person is to be told once more, by mail: what it got came back, or nobody knows whether it came.
    SendAgain {
        outbox: OutboxId,
        person: PersonId,
        /// Of what is told.
        about: Kind,
    },
    /// Not for people: the document's words go into the client's search index.
    IndexDocument {
        document: DocumentId,
        /// It is in the index, under a name or in a place that it no longer has.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// Not for people: a message's words go into the client's search index.
    IndexMessage {
        topic: Topic,
        number: u64,
        /// It is in the index, with words that it no longer has.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// Not for people: a search index of the client did not open, and is to be made anew.
    HealIndex {
        audience: Audience,
    },
    /// Not for people: documents of the client are to be archived or deleted, or the client is to be erased.
    TendRetention,
    /// Not for people: a reader asked for documents as a zip.
    MakeParcel {
        parcel: ParcelId,
    },
    /// Not for people: somebody of the client's side looked at a document or took it away. Its role cannot write the
    /// firm's own history of who has seen what, so this says what to write there.
    SeenDocument {
        document: DocumentId,
        event: EventId,
        by: PersonId,
        act: Act,
        at: jiff::Timestamp,
    },
}

impl Cause {
    /// Files come in batches, and people want to hear of a batch once: whether what happened is told together with the
    /// other one. Both are of one client.
    pub fn is_told_with(&self, other: &Cause) -> bool {
        match (self, other) {
            (Cause::DocumentReady { by, by_client, .. }, Cause::DocumentReady { by: also, by_client: side, .. }) => {
                by == also && by_client == side
            }
            (Cause::DocumentRejected { by, .. }, Cause::DocumentRejected { by: also, .. }) => by == also,
            // A list is told as it stands when its mail is sent, so that one mail tells all that was done to it.
            (Cause::RequestSent { request, .. }, Cause::RequestSent { request: also, .. })
            | (Cause::RequestReturned { request, .. }, Cause::RequestReturned { request: also, .. })
            | (Cause::RequestDelivered { request, .. }, Cause::RequestDelivered { request: also, .. }) => {
                request == also
            }
            (Cause::MessageWritten { topic, by, .. }, Cause::MessageWritten { topic: also_of, by: also, .. }) => {
                topic == also_of && by == also
            }
            _ => false,
        }
    }

    /// Whether it names this person: whoever is named hears of it at once.
    pub fn names(&self, person: &PersonId) -> bool {
        matches!(self, Cause::MessageWritten { named, .. } if named.contains(person))
    }

    /// How long it waits for others that may be told with it; none for what is told by itself and at once.
    pub fn fold(&self) -> Option<fold::FoldRule> {
        self.kind().and_then(Kind::fold).filter(|_| self.is_told_with(self))
    }
}

/// A person who could hear of something at a client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    pub person: PersonId,
    /// Belongs to the client's company; otherwise to the firm's team for it.
    pub of_client: bool,
}

/// The right people: the other side of whoever acted, and never the one who acted.
pub fn recipients(cause: &Cause, listeners: &[Listener]) -> Vec<PersonId> {
    let hears = |listener: &&Listener| match cause {
        Cause::DocumentReady { by, by_client, .. } => listener.of_client != *by_client && listener.person != *by,
        Cause::MessageWritten { by, by_client, named, .. } => {
            (listener.of_client != *by_client || named.contains(&listener.person)) && listener.person != *by
        }
        Cause::DocumentRejected { by, .. } => listener.person == *by,
        Cause::ProjectChanged { by, .. } | Cause::UpdateWritten { by, .. } => {
            listener.of_client && listener.person != *by
        }
        Cause::DeadlineReminder { .. } => true,
        Cause::RequestSent { by, .. } | Cause::RequestReturned { by, .. } => {
            listener.of_client && listener.person != *by
        }
        Cause::RequestReminder { .. } | Cause::MonthEnded { .. } | Cause::NewsletterSent { .. } => listener.of_client,
        Cause::RequestDelivered { by, .. } => !listener.of_client && listener.person != *by,
        Cause::NotReached { person, .. } => !listener.of_client && listener.person != *person,
        Cause::SendAgain { person, .. } => listener.person == *person,
        Cause::IndexDocument { .. }
        | Cause::IndexMessage { .. }
        | Cause::HealIndex { .. }
        | Cause::TendRetention
        | Cause::MakeParcel { .. }
        | Cause::SeenDocument { .. } => false,
    };
    let mut people: Vec<PersonId> = listeners.iter().filter(hears).map(|l| l.person.clone()).collect();
    people.sort();
    people.dedup();
    people
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
}

impl Channel {
    fn of_rules() -> Self {
        Channel::Email
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Channel::Email, Channel::Sms].into_iter().find(|channel| channel.as_str() == text)
    }
}

/// What makes one effect itself: the same cause, person and channel give the same key on every delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectKey(String);

impl EffectKey {
    pub fn notice(outbox: &OutboxId, person: &PersonId, channel: Channel) -> Self {
        Self(format!("notice/{outbox}/{person}/{}", channel.as_str()))
    }
    /// What follows from one time that a notice was sent.
    pub fn follow_up(first: &OutboxId, person: &PersonId, what: &str) -> Self {
        Self(format!("follow/{first}/{person}/{what}"))
    }
    /// That somebody is told why a mail was not taken.
    pub fn reply_refused(reply: &crate::ReplyId, why: &str, once: &str) -> Self {
        Self(format!("reply/{reply}/{why}/{once}"))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pointer in a queue: the row that says what to do, never the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    pub client: ClientId,
    pub outbox: OutboxId,
    /// The instant of the tick that found it due, which is the message's clock; else it is the worker's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<jiff::Timestamp>,
}

/// A pointer to everything that one person hears in one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    pub person: PersonId,
    /// For when it was put together.
    pub digest: jiff::Timestamp,
    /// The instant of the tick that found it due, which is the message's clock.
    pub due_at: jiff::Timestamp,
}

/// What the mail service says of a notice that it took, put into a queue by the template's rules, and what the text
/// service does: ids and a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    pub client: ClientId,
    /// The first cause that the mail told.
    pub outbox: OutboxId,
    pub person: PersonId,
    pub provider_id: String,
    pub heard: delivery::Word,
    pub at: jiff::Timestamp,
    /// The template's rules are of mails and do not say so.
    #[serde(default = "Channel::of_rules")]
    pub channel: Channel,
}

/// Which notice a text message was. The text service tells of one by its own id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPlace {
    pub firm: crate::FirmId,
    pub client: ClientId,
    /// The first cause that it told.
    pub outbox: OutboxId,
    pub person: PersonId,
}

impl TextPlace {
    /// What is signed, so that nobody without the key can have news of one notice taken for another's.
    pub fn signed_text(&self, provider_id: &str) -> String {
        format!("text|{provider_id}|{}|{}|{}|{}", self.firm, self.client, self.outbox, self.person)
    }
}

/// What a message of a worker's queue asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ToTell {
    Heard(HeardMessage),
    Digest(DigestMessage),
    Notice(NoticeMessage),
}

/// Work for the indexer, on one of a client's indexes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    pub client: ClientId,
    #[serde(flatten)]
    pub work: IndexWork,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IndexWork {
    /// Read the document's row and put its words into (or take them out of) the index.
    Document {
        document: DocumentId,
        /// Also where it is in the index already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// Put the message's words into the index.
    Message {
        topic: Topic,
        number: u64,
        /// Also where it is in the index already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// Make the index anew from the kept words of every document and message.
    Rebuild {
        rebuild: Audience,
        /// Also one that opens. Done twice it is the same index.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        always: bool,
    },
}

/// Work for the provisioner: a firm that an operator ordered or, where one of these is named, a client that its partner
/// ordered, a firm's closing or opening, an operator's admission, the firm's usage to count, its
/// documents to look through, or a newsletter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<crate::FirmChangeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<crate::AdmissionId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub usage: bool,
    /// Every client's documents are to be looked through for what is due, at this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<jiff::Timestamp>,
    /// The order by which a newsletter leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newsletter_order: Option<OrderId>,
}

impl ProvisionMessage {
    pub fn of_firm(firm: crate::FirmId) -> Self {
        Self {
            v: 1,
            firm,
            order: None,
            change: None,
            admission: None,
            usage: false,
            retention: None,
            newsletter_order: None,
        }
    }
}

/// Work for retention: what of a client's documents is due, and what was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    pub client: ClientId,
    /// The instant of the tick that asked for it, which is the message's clock; else it is the worker's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<jiff::Timestamp>,
    /// Nothing of that: a newsletter is to come to the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newsletter: Option<NewsletterId>,
}

/// A zip to be made, or to be gone on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    pub client: ClientId,
    pub parcel: ParcelId,
}

/// A person to be invited, by the order that a partner wrote, or an admin of one client; or one to join, by an order in
/// the home that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonMessage {
    pub v: u32,
    pub firm: crate::FirmId,
    /// Whose admin wrote the order; none for the firm's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// Who is to join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    pub order: OrderId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u128) -> PersonId {
        PersonId::from_bits(n)
    }

    fn check(cause: &Cause, want: &[u128]) {
        let listeners = [
            Listener { person: person(1), of_client: true },
            Listener { person: person(2), of_client: true },
            Listener { person: person(3), of_client: false },
            Listener { person: person(3), of_client: false },
        ];
        assert_eq!(recipients(cause, &listeners), want.iter().map(|n| person(*n)).collect::<Vec<_>>(), "{cause:?}");
    }

    #[test]
    fn the_other_side_hears_once() {
        let document = DocumentId::from_bits(9);
        let project = ProjectId::from_bits(8);
        check(&Cause::DocumentReady { document: document.clone(), by: person(1), by_client: true }, &[3]);
        check(&Cause::DocumentReady { document: document.clone(), by: person(3), by_client: false }, &[1, 2]);
        check(&Cause::DocumentRejected { document: document.clone(), by: person(2) }, &[2]);
        check(&Cause::ProjectChanged { project: project.clone(), by: person(3), changes: vec![] }, &[1, 2]);
        check(&Cause::DeadlineReminder { project, milestone: MilestoneId::from_bits(7) }, &[1, 2, 3]);
        check(&Cause::IndexDocument { document: document.clone(), again: false }, &[]);
        let event = EventId::from_bits(6);
        let at = jiff::Timestamp::UNIX_EPOCH;
        let seen = Cause::SeenDocument { document, event, by: person(1), act: Act::DocumentViewed, at };
        check(&seen, &[]);
        let request = RequestId::from_bits(5);
        check(&Cause::RequestSent { request: request.clone(), by: person(3), more: false }, &[1, 2]);
        check(&Cause::RequestReturned { request: request.clone(), by: person(3) }, &[1, 2]);
        check(&Cause::RequestReminder { request: request.clone() }, &[1, 2]);
        check(&Cause::RequestDelivered { request, by: person(1) }, &[3]);
        let outbox = OutboxId::from_bits(4);
        check(&Cause::NotReached { outbox: outbox.clone(), person: person(1) }, &[3]);
        check(&Cause::SendAgain { outbox, person: person(2), about: Kind::Deadline }, &[2]);
    }

    #[test]
    fn a_batch_of_files_is_told_together_by_person_and_side() {
        let ready =
            |n, by, by_client| Cause::DocumentReady { document: DocumentId::from_bits(n), by: person(by), by_client };
        let refused = |n, by| Cause::DocumentRejected { document: DocumentId::from_bits(n), by: person(by) };
        let check = |one: &Cause, other: &Cause, want| assert_eq!(one.is_told_with(other), want, "{one:?} {other:?}");
        check(&ready(1, 1, true), &ready(2, 1, true), true);
        check(&ready(1, 1, true), &ready(2, 2, true), false);
        check(&ready(1, 1, true), &ready(2, 1, false), false);
        check(&refused(1, 1), &refused(2, 1), true);
        check(&refused(1, 1), &ready(2, 1, true), false);
        let project = ProjectId::from_bits(8);
        let update = Cause::UpdateWritten { project, update: UpdateId::from_bits(4), by: person(3) };
        check(&update, &update, false);
        assert!(ready(1, 1, true).fold().is_some() && update.fold().is_none());
        self::check(&update, &[1, 2]);
        // Of one list, whoever did it; a reminder stands for itself.
        let returned = |n, by| Cause::RequestReturned { request: RequestId::from_bits(n), by: person(by) };
        check(&returned(1, 3), &returned(1, 4), true);
        check(&returned(1, 3), &returned(2, 3), false);
        let sent = |more| Cause::RequestSent { request: RequestId::from_bits(1), by: person(3), more };
        check(&sent(false), &sent(true), true);
        check(&sent(false), &returned(1, 3), false);
        let message =
            |n, by, topic| Cause::MessageWritten { topic, number: n, by: person(by), by_client: true, named: vec![] };
        check(&message(1, 1, Topic::General), &message(2, 1, Topic::General), true);
        check(&message(1, 1, Topic::General), &message(2, 2, Topic::General), false);
        check(&message(1, 1, Topic::General), &message(2, 1, Topic::Project(ProjectId::from_bits(8))), false);
        self::check(&message(1, 1, Topic::General), &[3]);
        let named = vec![person(1), person(2)];
        let naming = Cause::MessageWritten { topic: Topic::General, number: 1, by: person(1), by_client: true, named };
        self::check(&naming, &[2, 3]);
        let reminder = Cause::RequestReminder { request: RequestId::from_bits(1) };
        check(&reminder, &reminder, false);
    }
}
