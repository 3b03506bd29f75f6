//! Clients, people, orders and assignments as JSON.

use access::FirmScope;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::firm::{self, Order, OrderState};
use domain::permissions::{AssignStaff, ManageClients, ManagePeople, ViewFirm};
use domain::person::{NewPerson, PersonOrder};
use domain::text::Name;
use domain::{ClientId, EmailAddress, OrderId, PersonId, Role, Timestamp, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{AssignmentFacts, FirmStore, OrderRow, StorageError};
use web::{App, Failure, IdempotencyKey, Json, Path, Query, answers};

use crate::in_words;

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientList {
    items: Vec<ClientOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientOut {
    id: ClientId,
    name: Name,
    #[schemars(with = "Option<String>")]
    created_at: Option<Timestamp>,
}

pub(crate) async fn clients(State(app): State<App>, scope: FirmScope<ViewFirm>) -> Result<Response, Failure> {
    let rows = FirmStore::open(app.aws(), &scope).clients().await?;
    let out =
        |row: storage::ListedClient| ClientOut { id: row.client, name: row.name, created_at: Some(row.created_at) };
    Ok(answers::json(&ClientList { items: rows.into_iter().map(out).collect() }))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClient {
    name: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientOrdered {
    client: ClientOut,
    order: OrderId,
}

pub(crate) async fn order_client(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewClient>,
) -> Result<Response, Failure> {
    let name = Name::parse(&new.name)?;
    let store = FirmStore::open(app.aws(), &scope);
    let row = store.order_client(name, key.as_ref().map(IdempotencyKey::as_str), &mut app.moment()).await?;
    let Order::Client { client, name } = row.what else {
        return Err(Failure::Conflict("This key was used for another order. Send the request with a new one.".into()));
    };
    let client = ClientOut { id: client, name, created_at: None };
    Ok(answers::json_with(StatusCode::ACCEPTED, &ClientOrdered { client, order: row.order }))
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct After {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PeopleList {
    items: Vec<PersonOut>,
    /// None at the end of the list.
    next: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonOut {
    id: PersonId,
    /// `FIRM`, or a client's id.
    membership: String,
    name: String,
    email: EmailAddress,
    role: Role,
    client: Option<ClientId>,
    client_name: Option<Name>,
    phone: Option<String>,
    /// How many clients are assigned to somebody of the staff.
    assignments: usize,
}

pub(crate) async fn people(
    State(app): State<App>,
    scope: FirmScope<ViewFirm>,
    Query(After { after }): Query<After>,
) -> Result<Response, Failure> {
    let listed = FirmStore::open(app.aws(), &scope).people(after.as_deref()).await?;
    let out = |row: storage::ListedPerson| PersonOut {
        id: row.person,
        membership: row.membership,
        name: row.name,
        email: row.email,
        role: row.role,
        client: row.client,
        client_name: row.client_name,
        phone: row.phone,
        assignments: row.assignments,
    };
    Ok(answers::json(&PeopleList { items: listed.rows.into_iter().map(out).collect(), next: listed.next }))
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Ordered {
    order: OrderId,
}

pub(crate) async fn order_person(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewPerson>,
) -> Result<Response, Failure> {
    let person = PersonOrder::parse(&new).map_err(in_words)?;
    let store = FirmStore::open(app.aws(), &scope);
    let row = store.order_person(person, key.as_ref().map(IdempotencyKey::as_str), &mut app.moment()).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &Ordered { order: row.order }))
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OrderOut {
    id: OrderId,
    state: OrderState,
    /// Why it was refused, in a sentence.
    detail: Option<String>,
    #[schemars(with = "String")]
    at: Timestamp,
}

impl From<OrderRow> for OrderOut {
    fn from(row: OrderRow) -> Self {
        let detail = row.refused.map(|refused| refused.to_string());
        Self { id: row.order, state: row.state, detail, at: row.at }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfOrder {
    order: OrderId,
}

pub(crate) async fn order(
    State(app): State<App>,
    scope: FirmScope<ViewFirm>,
    Path(OfOrder { order }): Path<OfOrder>,
) -> Result<Response, Failure> {
    let row = FirmStore::open(app.aws(), &scope).order(&order).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&OrderOut::from(row)))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Assignment {
    person: PersonId,
    client: ClientId,
}

pub(crate) async fn assign(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Path(of): Path<Assignment>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let mut moment = app.moment();
    for _ in 0..limits::WRITE_TRIES_MAX {
        let facts = store.assignment(&of.person, &of.client).await?.ok_or(Failure::NotFound)?;
        let wanted = firm::assign(facts.assignee).map_err(|refused| Failure::Refused(refused.to_string()))?;
        if !wanted || done(store.assign(&facts, &mut moment).await)? {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Err(StorageError::Stale.into())
}

pub(crate) async fn unassign(
    State(app): State<App>,
    scope: FirmScope<AssignStaff>,
    Path(of): Path<Assignment>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let mut moment = app.moment();
    for _ in 0..limits::WRITE_TRIES_MAX {
        let facts = store.assignment(&of.person, &of.client).await?.ok_or(Failure::NotFound)?;
        if !facts.assignee.assigned || done(store.unassign(&facts, &mut moment).await)? {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Err(StorageError::Stale.into())
}

/// Whether a write was made; not where somebody else was faster and it is to be decided again.
fn done(written: Result<(), StorageError>) -> Result<bool, Failure> {
    match written {
        Ok(()) => Ok(true),
        Err(StorageError::Stale) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
