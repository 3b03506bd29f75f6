//! The audit as JSON: one chain, the newest events first. Reading it is an event itself, written before it is read.

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::audit::{Act, Chain, Object, Outcome, Who};
use domain::permissions::{ViewAudit, ViewFirm};
use domain::person::Membership;
use domain::{ClientId, EventId, PersonId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AuditRow, AuditStore, FirmStore};
use web::{App, Failure, Path, Query, answers};

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct After {
    /// The number of the last event of the page before.
    #[serde(default)]
    after: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventList {
    items: Vec<EventOut>,
    /// None at the beginning of the chain.
    next: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventOut {
    id: EventId,
    seq: u64,
    #[schemars(with = "String")]
    at: Timestamp,
    /// Who did it: a person with role and session, one of our functions, or nobody who was signed in.
    #[schemars(with = "serde_json::Value")]
    actor: Who,
    act: Act,
    /// The act in words.
    words: String,
    object: Object,
    outcome: Outcome,
    /// The hash of the event before, which links them.
    prev: String,
}

impl From<AuditRow> for EventOut {
    fn from(AuditRow { event, .. }: AuditRow) -> Self {
        let words = event.act.words().to_owned();
        Self {
            id: event.id,
            seq: event.seq,
            at: event.at,
            actor: event.actor,
            act: event.act,
            words,
            object: event.obj,
            outcome: event.outcome,
            prev: event.prev,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfClient {
    client: ClientId,
}

pub(crate) async fn of_client(
    State(app): State<App>,
    audit: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    Path(OfClient { client }): Path<OfClient>,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &firm);
    store.client(&client).await?.ok_or(Failure::NotFound)?;
    store.audit_viewed(Object::new("client", &client), &mut app.moment()).await?;
    let chains = AuditStore::open(app.aws(), &audit);
    page(&chains, &chains.client_chain(&client), &after).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfPerson {
    person: PersonId,
}

pub(crate) async fn of_person(
    State(app): State<App>,
    audit: FirmScope<ViewAudit>,
    firm: FirmScope<ViewFirm>,
    Path(OfPerson { person }): Path<OfPerson>,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &firm);
    let of_firm = store.people_of(&Membership::Firm).await?.into_iter().any(|listed| listed.person == person);
    if !of_firm && !store.everybody().await?.into_iter().any(|listed| listed.person == person) {
        return Err(Failure::NotFound);
    }
    store.audit_viewed(Object::new("person", &person), &mut app.moment()).await?;
    let chains = AuditStore::open(app.aws(), &audit);
    page(&chains, &chains.person_chain(&person), &after).await
}

async fn page(chains: &AuditStore<'_>, chain: &Chain, after: &After) -> Result<Response, Failure> {
    let (rows, next) = chains.page(chain, after.after).await?;
    Ok(answers::json(&EventList { items: rows.into_iter().map(EventOut::from).collect(), next }))
}
