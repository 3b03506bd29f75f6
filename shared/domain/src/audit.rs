//! What is written down of every action: who, what, on which object, with which outcome. Ids only, never content.

use serde::{Deserialize, Serialize};

use crate::{ClientId, EventId, FirmId, PersonId, Role, SessionId};

/// Which chain an event is appended to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chain {
    Client {
        firm: FirmId,
        client: ClientId,
    },
    /// What was done to the firm as a whole.
    Firm {
        firm: FirmId,
    },
    Person {
        firm: FirmId,
        person: PersonId,
    },
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Who {
    Person {
        person: PersonId,
        role: Role,
        session: SessionId,
        /// As whom somebody of the firm looked at a client's portal while doing it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        viewing_as: Option<PersonId>,
    },
    /// One of our own workers, by the name of its function.
    Worker { function: String },
    /// Somebody who is not signed in.
    Nobody,
}

impl Who {
    pub fn person(person: PersonId, role: Role, session: SessionId) -> Self {
        Who::Person { person, role, session, viewing_as: None }
    }
}

macro_rules! acts {
    ($($name:ident: $text:literal, $words:literal;)*) => {
        /// The verb of an event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        pub enum Act { $(#[serde(rename = $text)] $name,)* }
        impl Act {
            pub const ALL: &[Act] = &[$(Act::$name,)*];
            pub fn as_str(self) -> &'static str { match self { $(Act::$name => $text,)* } }
            /// In words, after the name of who did it.
            pub fn words(self) -> &'static str { match self { $(Act::$name => $words,)* } }
            pub fn parse(text: &str) -> Option<Act> { Act::ALL.iter().copied().find(|act| act.as_str() == text) }
        }
    };
}

acts! {
    SignedIn: "session.started", "signed in";
    SignInRefused: "session.refused", "could not sign in";
    SignedOut: "session.ended", "signed out";
    SignedOutEverywhere: "session.ended_all", "signed out everywhere";
    SignedOutElsewhere: "session.ended_others", "signed out everywhere else";
    SecondFactorShown: "session.second_factor", "showed a second factor";
    SecondFactorRefused: "session.second_factor_refused", "could not show a second factor";
    Confirmed: "session.confirmed", "confirmed who they are";
    PasskeyAdded: "factor.passkey_added", "added a passkey";
    PasskeyRemoved: "factor.passkey_removed", "removed a passkey";
    CodeAppAdded: "factor.app_added", "set up an app for codes";
    CodeAppOffered: "factor.app_offered", "began to set up an app for codes";
    CodeAppRemoved: "factor.app_removed", "removed the app for codes";
    RecoveryCodesMade: "factor.recovery_made", "made new recovery codes";
    FactorResetOrdered: "factor.reset_ordered", "ordered a fresh start for the second factors of a person";
    FactorPolicySet: "factor.policy_set", "decided who needs a second factor";
    FactorsReset: "factor.reset", "signed in after a reset of the second factors";
    AccessRefused: "access.refused", "was refused";
    TokenMade: "token.made", "made a token for programs";
    TokenEnded: "token.ended", "ended a token for programs";
    ViewingBegun: "viewing.begun", "began to view the portal as a client";
    ViewingEnded: "viewing.ended", "stopped viewing the portal as a client";
    FirmOrdered: "firm.ordered", "ordered a firm";
    FirmCreated: "firm.created", "set up the firm";
    FirmTurnOrdered: "firm.turn_ordered", "ordered that a firm be suspended or opened again";
    FirmSuspended: "firm.suspended", "suspended the firm's portal";
    FirmResumed: "firm.resumed", "opened the firm's portal again";
    AdmissionAsked: "admission.asked", "asked to be admitted to a client";
    AdmissionOpened: "admission.opened", "was admitted to the client in an emergency";
    AdmissionTold: "admission.told", "told the partners by mail of an operator's admission";
    AdmissionUsed: "admission.used", "looked at the client's projects and list of documents";
    AdmissionEndOrdered: "admission.end_ordered", "ended an admission";
    AdmissionEnded: "admission.ended", "ended an operator's admission to the client";
    ClientOrdered: "client.ordered", "added a client";
    ClientCreated: "client.created", "set up the client";
    PersonInvited: "person.invited", "invited a person";
    PersonAdded: "person.added", "gave a person access";
    JoinAsked: "person.join_asked", "came by single sign-on without an invitation, and may join";
    PersonJoined: "person.joined", "let a person join by single sign-on";
    InvitationAccepted: "invitation.accepted", "accepted an invitation";
    InvitationMailed: "invitation.mailed", "mailed an invitation";
    InvitationWithdrawn: "invitation.withdrawn", "took an invitation back";
    RoleChanged: "membership.role_changed", "changed somebody's role";
    PermissionsChanged: "membership.permissions_changed", "changed what somebody may do";
    MembershipEnded: "membership.ended", "ended somebody's access";
    MembershipReinstated: "membership.reinstated", "gave somebody access again";
    MemberOrdered: "membership.ordered", "ordered a change of somebody's access";
    SessionEndedByFirm: "session.ended_by_firm", "signed somebody out";
    ClientRenamed: "client.renamed", "renamed the client";
    ClientContactChosen: "client.contact_chosen", "chose the client's main contact";
    ClientArchived: "client.archived", "archived the client";
    ClientRestored: "client.restored", "brought the client back";
    BrandingChanged: "firm.branding_changed", "changed the firm's name, logo or colour";
    MarksChanged: "firm.marks_changed", "decided whose copies carry a mark";
    SettingsChanged: "firm.settings_changed", "changed the firm's settings";
    NoticeRulesChanged: "firm.notices_changed", "decided how loudly people hear of things";
    NoticesChosen: "person.notices_chosen", "chose how to hear of things";
    Unsubscribed: "person.unsubscribed", "turned notices down by the link in a mail";
    PhoneCodeSent: "person.phone_code_sent", "asked for a code to prove a phone number";
    PhoneProven: "person.phone_proven", "proved a phone number";
    AddressTriedAgain: "person.address_tried_again", "had mails sent to an address again";
    PhoneNotProven: "person.phone_not_proven", "could not prove a phone number";
    TextsChanged: "firm.texts_changed", "changed the texts that the firm writes with";
    NewsletterWritten: "newsletter.written", "wrote a newsletter";
    NewsletterTried: "newsletter.tried", "had a newsletter mailed to themselves";
    NewsletterSent: "newsletter.sent", "sent a newsletter";
    NewsletterCame: "newsletter.came", "got a newsletter of the firm";
    NewsletterRemoved: "newsletter.removed", "threw a draft of a newsletter away";
    ReviewStarted: "review.started", "began a review of access";
    AccessReviewed: "review.person", "reviewed somebody's access";
    ReviewFinished: "review.finished", "finished a review of access";
    ConnectionAdded: "sso.added", "added a connection for single sign-on";
    ConnectionChanged: "sso.changed", "changed a connection for single sign-on";
    ConnectionRemoved: "sso.removed", "removed a connection for single sign-on";
    ConnectionRefreshed: "sso.refreshed", "read a provider's configuration or metadata anew";
    ConnectionTested: "sso.tested", "tested a connection for single sign-on";
    DomainClaimed: "sso.domain_claimed", "claimed a domain for single sign-on";
    DomainVerified: "sso.domain_verified", "proved a domain for single sign-on";
    DomainGivenUp: "sso.domain_given_up", "gave a domain of single sign-on up";
    NewcomersChanged: "sso.newcomers_changed", "decided who may join by single sign-on";
    OnlySsoChanged: "sso.only_changed", "changed whether a domain signs in by its provider only";
    SsoRefused: "sso.refused", "could not sign in by single sign-on";
    SsoLinked: "sso.linked", "signed in by single sign-on for the first time";
    SsoReleased: "sso.released", "released an address from single sign-on";
    StaffAssigned: "assignment.added", "assigned staff";
    StaffUnassigned: "assignment.removed", "removed an assignment";
    ProjectCreated: "project.created", "opened a project";
    ProjectChanged: "project.changed", "changed a project";
    UpdateWritten: "project.update_written", "wrote an update for the client";
    MessageWritten: "message.written", "wrote a message";
    MessageEdited: "message.edited", "changed the words of a message";
    MessagesRead: "message.read", "read messages";
    ThreadWaits: "thread.waits", "said whose answer a conversation waits for";
    MessageTaken: "message.taken_by_mail", "took a message that came by mail";
    NoteWritten: "note.written", "wrote an internal note";
    NotesRead: "note.read", "read internal notes";
    ProjectViewed: "project.viewed", "viewed a project";
    RequestSent: "request.sent", "asked the client for documents";
    RequestEdited: "request.edited", "changed what the client is asked for";
    RequestWithdrawn: "request.withdrawn", "withdrew a list of documents";
    RequestReinstated: "request.reinstated", "asked for a withdrawn list of documents again";
    RequestNotHad: "request.not_had", "said that something asked for is not there";
    RequestAccepted: "request.accepted", "accepted what came for a line of a list";
    RequestAcceptUndone: "request.accept_undone", "took an acceptance back";
    RequestNotHadUndone: "request.not_had_undone", "took back that something asked for is not there";
    RequestReturned: "request.returned", "sent what came for a line of a list back";
    UploadRequested: "document.upload_requested", "started an upload";
    FilesTaken: "document.taken_by_mail", "took files that came by mail";
    UploadSent: "document.upload_sent", "sent the last part of an upload";
    UploadCancelled: "document.upload_cancelled", "cancelled an upload";
    UploadLapsed: "document.upload_lapsed", "took an upload that never came off the list";
    DocumentReceived: "document.received", "received an upload";
    DocumentReady: "document.ready", "filed a document";
    DocumentRejected: "document.rejected", "refused a document";
    DocumentArranged: "document.arranged", "moved or renamed a document";
    DocumentDated: "document.dated", "said which tax year a document is about";
    DocumentVisibilityChanged: "document.visibility_changed", "changed who may see a document";
    DocumentTagged: "document.tagged", "changed a document's tags";
    DocumentBinned: "document.binned", "put a document into the bin";
    DocumentRestored: "document.restored", "brought a document back from the bin";
    DocumentRemoved: "document.removed", "removed a document that had lain in the bin for a month";
    DocumentPromoted: "document.promoted", "made an earlier version of a document current again";
    DocumentNotNeeded: "document.not_needed", "said that a refused file is not needed";
    DocumentNeeded: "document.needed", "asked for a refused file again";
    DocumentArchived: "document.archived", "archived a document by the firm's rules";
    DocumentDestroyed: "document.destroyed", "deleted a document by the firm's rules";
    RetentionRulesChanged: "retention.rules_changed", "changed how long documents are kept";
    HoldPlaced: "hold.placed", "placed a legal hold";
    HoldReleased: "hold.released", "released a legal hold";
    RunAsked: "retention.asked", "asked for documents to be archived or deleted";
    RunConfirmed: "retention.confirmed", "confirmed that documents are archived or deleted";
    RunCancelled: "retention.cancelled", "called off the archiving or deletion of documents";
    RunStarted: "retention.started", "began to archive or delete the documents of a list";
    RunFinished: "retention.finished", "finished archiving or deleting the documents of a list";
    ErasureAsked: "erasure.asked", "asked for the client to be erased";
    ErasureConfirmed: "erasure.confirmed", "confirmed that the client is erased";
    ErasureCancelled: "erasure.cancelled", "called off the erasure of the client";
    ErasureBegun: "erasure.begun", "began to erase the client";
    KeyDestroyed: "erasure.key_destroyed", "destroyed the client's data key";
    ErasureFinished: "erasure.finished", "erased the client";
    DocumentViewed: "document.viewed", "viewed a document";
    DocumentPreviewed: "document.previewed", "looked at pages of a document";
    DocumentDownloaded: "document.downloaded", "downloaded a document";
    ZipAsked: "document.zip_asked", "asked for documents as a zip";
    ZipTaken: "document.zip_taken", "downloaded a zip of documents";
    CopyAsked: "document.copy_asked", "asked for a marked copy of a large document";
    CopyTaken: "document.copy_taken", "downloaded a marked copy of a large document";
    DocumentsSearched: "document.searched", "searched documents";
    AuditViewed: "audit.viewed", "read the audit";
    ReminderSent: "reminder.queued", "sent a reminder";
    NoticeSent: "notice.sent", "sent a notice";
    NoticeSentAgain: "notice.sent_again", "had a notice sent again";
    NoticeCameBack: "notice.came_back", "heard that a notice came back";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Refused,
}

/// The thing acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Object {
    pub kind: String,
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The first and the last of its pages that it was about, counted from 1, where it was not about all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<(u32, u32)>,
}

impl Object {
    pub fn new(kind: &str, id: impl ToString) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string(), version: None, pages: None }
    }
    pub fn at_version(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }
    pub fn of_pages(self, first: u32, last: u32) -> Self {
        Self { pages: Some((first, last)), ..self }
    }
}

/// An event before it has its place in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub id: EventId,
    pub at: jiff::Timestamp,
    pub who: Who,
    pub act: Act,
    pub object: Object,
    pub outcome: Outcome,
    /// SHA-256 of the object's stored state after the change, hex; of a list when several objects share one event.
    pub after_hash: Option<String>,
}

impl Draft {
    pub fn new(id: EventId, at: jiff::Timestamp, who: Who, act: Act, object: Object) -> Self {
        Self { id, at, who, act, object, outcome: Outcome::Done, after_hash: None }
    }
    pub fn refused(self) -> Self {
        Self { outcome: Outcome::Refused, ..self }
    }
    pub fn after(self, hash: String) -> Self {
        Self { after_hash: Some(hash), ..self }
    }
}
