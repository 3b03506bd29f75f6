//! Workers: a scope from a row of our own store, never from an event alone.

use std::future::Future;
use std::sync::Arc;

use domain::audit::Who;
use domain::document::Viewer;
use domain::{
    AdmissionId, ClientId, Date, DocumentId, FirmChangeId, FirmId, MilestoneId, OutboxId, ParcelId, PersonId,
    ProjectId, ReplyId, RequestId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::grant::{Grant, Keys, WireKeys};
use crate::scope::{OneClient, sealed};

macro_rules! jobs {
    ($($(#[$doc:meta])* $name:ident: $function:literal;)*) => {
        /// The workers, each with a role of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Job { $($(#[$doc])* $name,)* }

        impl Job {
            pub const ALL: &[Job] = &[$(Job::$name,)*];
            /// The role's name, without the deployment's prefix.
            pub fn role(self) -> &'static str { match self { $(Job::$name => stringify!($name),)* } }
            /// Whether people hear of what it does: it rests while their firm is suspended.
            pub fn speaks_to_people(self) -> bool {
                matches!(
                    self,
                    Job::Digest
                        | Job::MailInbound
                        | Job::NotificationDelivery
                        | Job::People
                        | Job::Schedules
                        | Job::Vending
                )
            }
            /// Whether its role reaches what the firm keeps to itself.
            pub fn handles_internal(self) -> bool {
                matches!(
                    self,
                    Job::DocumentProcessing
                        | Job::Indexer
                        | Job::NotificationDelivery
                        | Job::Retention
                        | Job::Vending
                )
            }
            pub fn function(self) -> &'static str { match self { $(Job::$name => $function,)* } }
        }
    };
}

jobs! {
    /// What one person hears of all its clients at once; each of them is read with keys of its own.
    Digest: "notification-delivery";
    DocumentProcessing: "document-processing";
    Indexer: "indexer";
    MailInbound: "mail-inbound";
    NotificationDelivery: "notification-delivery";
    People: "people";
    Projector: "projector";
    Provisioner: "provisioner";
    Retention: "retention";
    Schedules: "schedules";
    Vending: "vending";
}

/// The row that lets a worker act. The vending function reads it with the worker's own role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A document that awaits its file or its verdict.
    Upload {
        firm: FirmId,
        client: ClientId,
        document: DocumentId,
        /// Among those that the firm keeps to itself, which lie apart.
        #[serde(default)]
        internal: bool,
    },
    /// A document, whatever its state: its words are to be indexed or taken out.
    Document {
        firm: FirmId,
        client: ClientId,
        document: DocumentId,
    },
    Outbox {
        firm: FirmId,
        client: ClientId,
        outbox: OutboxId,
    },
    Due {
        firm: FirmId,
        client: ClientId,
        project: ProjectId,
        milestone: MilestoneId,
    },
    /// A rung of a request list's ladder.
    RequestDue {
        firm: FirmId,
        client: ClientId,
        request: RequestId,
        day: Date,
    },
    /// A zip that a reader asked for and that is not made yet.
    Parcel {
        firm: FirmId,
        client: ClientId,
        parcel: ParcelId,
    },
    /// A reply address that was given to one of the client's people or of its team.
    Reply {
        firm: FirmId,
        client: ClientId,
        reply: ReplyId,
    },
    /// What one person is to hear in one digest.
    Digest {
        firm: FirmId,
        person: PersonId,
        at: Timestamp,
    },
    /// A client that exists: its cards and views are to be drawn anew.
    Client {
        firm: FirmId,
        client: ClientId,
    },
    /// An order that a partner wrote: a person or a client of the firm.
    Order {
        firm: FirmId,
        order: String,
    },
    /// An order of a client's own admin: one of its people.
    CompanyOrder {
        firm: FirmId,
        client: ClientId,
        order: String,
    },
    /// That somebody is to join whom a provider of single sign-on vouches for.
    Join {
        firm: FirmId,
        person: PersonId,
        order: String,
    },
    /// A firm that an operator ordered.
    Firm {
        firm: FirmId,
    },
    /// A firm that is there: its usage is to be counted.
    Customer {
        firm: FirmId,
    },
    /// An operator's order to close a firm or to open it again.
    FirmChange {
        firm: FirmId,
        change: FirmChangeId,
    },
    /// An operator's admission, whatever its state: both of its rows are to agree, and partners to be told.
    Admission {
        firm: FirmId,
        admission: AdmissionId,
    },
}

impl Fact {
    pub fn firm(&self) -> &FirmId {
        match self {
            Fact::Upload { firm, .. }
            | Fact::Document { firm, .. }
            | Fact::Outbox { firm, .. }
            | Fact::Due { firm, .. }
            | Fact::RequestDue { firm, .. }
            | Fact::Client { firm, .. }
            | Fact::Order { firm, .. }
            | Fact::CompanyOrder { firm, .. }
            | Fact::Parcel { firm, .. }
            | Fact::Reply { firm, .. }
            | Fact::Digest { firm, .. }
            | Fact::Join { firm, .. }
            | Fact::Firm { firm }
            | Fact::Customer { firm }
            | Fact::FirmChange { firm, .. }
            | Fact::Admission { firm, .. } => firm,
        }
    }

    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Fact::Upload { client, .. }
            | Fact::Document { client, .. }
            | Fact::Outbox { client, .. }
            | Fact::Due { client, .. }
            | Fact::RequestDue { client, .. }
            | Fact::CompanyOrder { client, .. }
            | Fact::Parcel { client, .. }
            | Fact::Reply { client, .. }
            | Fact::Client { client, .. } => Some(client),
            Fact::Order { .. }
            | Fact::Digest { .. }
            | Fact::Join { .. }
            | Fact::Firm { .. }
            | Fact::Customer { .. }
            | Fact::FirmChange { .. }
            | Fact::Admission { .. } => None,
        }
    }
}

impl Fact {
    /// Whose digest it is.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Fact::Digest { person, .. } => Some(person),
            _ => None,
        }
    }
}

/// A worker's request. Private fields: made by [`JobScope::enter`] only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobRequest {
    job: Job,
    fact: Fact,
}

impl JobRequest {
    pub fn job(&self) -> Job {
        self.job
    }

    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    pub fn to_wire(&self) -> WireJob {
        WireJob { job: self.job, fact: self.fact.clone() }
    }
}

/// What the vending function of workers receives.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireJob {
    pub job: Job,
    pub fact: Fact,
}

/// Why a worker got no scope.
#[derive(Debug, thiserror::Error)]
pub enum JobDenied {
    /// There is no such row, or what it asked for is done: there is nothing to do.
    #[error("no open row")]
    NoOpenRow,
    /// The operator closed the firm: nobody of it is sent anything.
    #[error("the firm is suspended")]
    Suspended,
    #[error("the vending function could not be asked")]
    Vendor(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The vending function's answer to a worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireJobAnswer {
    Granted(WireKeys),
    NoOpenRow,
    Suspended,
}

/// Gives a worker's credentials. Implemented once, in `storage`.
pub trait JobVendor: Sync {
    fn vend_job(
        &self,
        request: JobRequest,
        now: Timestamp,
    ) -> impl Future<Output = Result<Arc<Keys>, JobDenied>> + Send;
}

/// A worker may act for one firm, and one client where the fact names one.
#[derive(Debug)]
pub struct JobScope {
    job: Job,
    firm: FirmId,
    client: Option<ClientId>,
    person: Option<PersonId>,
    keys: Arc<Keys>,
}

impl JobScope {
    pub async fn enter(job: Job, fact: Fact, vendor: &impl JobVendor, now: Timestamp) -> Result<JobScope, JobDenied> {
        let (firm, client, person) = (fact.firm().clone(), fact.client().cloned(), fact.person().cloned());
        let keys = vendor.vend_job(JobRequest { job, fact }, now).await?;
        Ok(JobScope { job, firm, client, person, keys })
    }

    pub fn job(&self) -> Job {
        self.job
    }

    pub fn firm(&self) -> &FirmId {
        &self.firm
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn who(&self) -> Who {
        Who::Worker { function: self.job.function().to_owned() }
    }

    /// The scope of the one client that the fact named; nothing where it named none.
    pub fn of_client(&self) -> Option<ClientJob<'_>> {
        Some(ClientJob { scope: self, client: self.client.as_ref()? })
    }
}

impl JobScope {
    /// The scope of the one person that the fact named; nothing where it named none.
    pub fn of_person(&self) -> Option<PersonJob<'_>> {
        Some(PersonJob { scope: self, person: self.person.as_ref()? })
    }
}

/// A job's scope that is known to be of one person.
#[derive(Debug, Clone, Copy)]
pub struct PersonJob<'a> {
    scope: &'a JobScope,
    person: &'a PersonId,
}

impl PersonJob<'_> {
    pub fn firm(&self) -> &FirmId {
        &self.scope.firm
    }
    pub fn person(&self) -> &PersonId {
        self.person
    }
    pub fn keys(&self) -> &Keys {
        &self.scope.keys
    }
}

/// A job's scope that is known to be of one client.
#[derive(Debug, Clone, Copy)]
pub struct ClientJob<'a> {
    scope: &'a JobScope,
    client: &'a ClientId,
}

impl sealed::Sealed for ClientJob<'_> {}

impl OneClient for ClientJob<'_> {
    fn client(&self) -> &ClientId {
        self.client
    }
    fn client_firm(&self) -> &FirmId {
        &self.scope.firm
    }
    fn keys(&self) -> &Keys {
        &self.scope.keys
    }
    fn client_who(&self) -> Who {
        self.scope.who()
    }
    fn viewer(&self) -> Viewer {
        Viewer::Firm { internal: self.scope.job.handles_internal() }
    }
    // The row was read just now, and a worker has no session to be revoked.
    fn unchecked(&self) -> Option<&Grant> {
        None
    }
    fn assignee(&self) -> Option<&PersonId> {
        None
    }
}
