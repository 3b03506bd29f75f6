//! The firm's clients: found by name, added by name.

use std::collections::BTreeMap;

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::firm::{Order, OrderState};
use domain::packs::Pack;
use domain::permissions::{ManageClients, ViewFirm};
use domain::project::card::Card;
use domain::text::Name;
use domain::{ClientId, OrderId, Timestamp, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, ListedClient, OrderRow};
use web::{App, Failure, Fields, IdempotencyKey, Json, Page, Place, Query, Shell, answers};

use crate::pages::clients::{self as pages, ClientRow, ClientsView, Forming};
use crate::pages::{KEY_OF_ANOTHER, holds_all, query_value, words_of};

/// What is looked for, and where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Asked {
    /// Part of a name.
    #[serde(default)]
    pub(crate) q: Option<String>,
    /// The `next` of the page before.
    #[serde(default)]
    pub(crate) after: Option<ClientId>,
    /// Those that are archived, in place of the others.
    #[serde(default)]
    pub(crate) archived: Option<u8>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClient {
    name: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Added {
    client: AddedClient,
    order: OrderId,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AddedClient {
    id: ClientId,
    name: Name,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientList {
    items: Vec<ClientOut>,
    /// None at the end of the list.
    next: Option<ClientId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ClientOut {
    id: ClientId,
    name: Name,
    #[schemars(with = "String")]
    created_at: Timestamp,
    open_projects: usize,
    documents_waiting: usize,
    #[schemars(with = "Option<String>")]
    last_activity_at: Option<Timestamp>,
    /// Names of the staff assigned to it.
    staff: Vec<String>,
}

/// A page of the list by name.
pub(crate) struct Found {
    pub(crate) clients: Vec<(ListedClient, Option<Card>)>,
    pub(crate) next: Option<ClientId>,
    /// All that match, on every page.
    pub(crate) count: usize,
    /// How many of the firm's clients are archived.
    pub(crate) archived: usize,
}

/// Clients whose names hold what is looked for. Names are few and short: all of them are read, and figures of one page.
pub(crate) async fn find<P: Send + Sync>(
    store: &FirmStore<'_, P>,
    asked: &Asked,
    rows_max: usize,
) -> Result<Found, Failure> {
    let (clients, archived) = tokio::join!(store.clients(), store.archived());
    let archived = archived?;
    let mut listed = by_name(clients?, asked.q.as_deref());
    listed.retain(|client| archived.contains_key(&client.client) == asked.archived.is_some());
    let archived = archived.len();
    let count = listed.len();
    let start = asked.after.as_ref().and_then(|after| listed.iter().position(|client| client.client == *after));
    listed.drain(..start.map_or(0, |place| place + 1));
    let next = listed.get(rows_max).and_then(|_| listed.get(rows_max - 1)).map(|last| last.client.clone());
    listed.truncate(rows_max);
    let wanted: Vec<ClientId> = listed.iter().map(|client| client.client.clone()).collect();
    let mut cards: BTreeMap<ClientId, Card> = store.boards(&wanted).await?;
    let with_card = |client: ListedClient| {
        let card = cards.remove(&client.client);
        (client, card)
    };
    Ok(Found { clients: listed.into_iter().map(with_card).collect(), next, count, archived })
}

/// In the order of their names; those that hold every word looked for.
pub(crate) fn by_name(mut clients: Vec<ListedClient>, q: Option<&str>) -> Vec<ListedClient> {
    let words = words_of(q.unwrap_or_default());
    clients.retain(|client| holds_all(client.name.as_str(), &words));
    clients.sort_by_cached_key(|client| (client.name.as_str().to_lowercase(), client.client.clone()));
    clients
}

/// The firm has no page of its own: its clients are the first thing.
pub(crate) async fn first(_scope: FirmScope<ViewFirm>) -> Response {
    answers::see_other("/firm/clients")
}

/// The list's page, and the order that has just been given.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    added: Option<OrderId>,
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: FirmScope<ViewFirm>,
    page: Page,
    Query(asked): Query<Asked>,
    Query(Shown { added }): Query<Shown>,
) -> Result<Response, Failure> {
    let forming = Forming { once: app.fresh_key(), ..Forming::default() };
    draw(&app, &scope, &page, &asked, added.as_ref(), &forming).await
}

pub(crate) async fn add(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let mut forming = Forming { name: fields.text("name"), once: fields.text("once"), refused: None };
    let refused = match Name::parse(&forming.name) {
        Ok(name) => {
            let key = IdempotencyKey::parse(&forming.once)?;
            match order(&app, &scope, name, Some(&key)).await {
                Ok((row, ..)) => return Ok(answers::see_other(&format!("/firm/clients?added={}", row.order))),
                Err(Failure::Refused(why)) => why,
                Err(failure) => return Err(failure),
            }
        }
        Err(refused) => refused.to_string(),
    };
    forming.refused = Some(refused);
    draw(&app, &scope, &page, &Asked::default(), None, &forming).await
}

async fn draw<P: Send + Sync>(
    app: &App,
    scope: &FirmScope<P>,
    page: &Page,
    asked: &Asked,
    added: Option<&OrderId>,
    forming: &Forming,
) -> Result<Response, Failure> {
    let brand = app.brand(scope).await?;
    let store = FirmStore::open(app.aws(), scope);
    let (found, orders) = tokio::join!(find(&store, asked, limits::PAGE_ROWS_MAX), store.orders());
    let (found, orders) = (found?, orders?);
    let coming: Vec<&OrderRow> = orders
        .iter()
        .filter(|order| order.state == OrderState::Ordered && matches!(order.what, Order::Client { .. }))
        .collect();
    let added = added.and_then(|added| orders.iter().find(|order| order.order == *added));
    let notice = added.and_then(|order| match &order.what {
        Order::Client { name, .. } if order.state == OrderState::Done => Some(format!("{name} is there.")),
        Order::Client { name, .. } => Some(format!("{name} is being set up. Reload in a moment.")),
        _ => None,
    });
    let q = asked.q.as_deref().unwrap_or_default();
    let kept = if asked.archived.is_some() { "&archived=1" } else { "" };
    let next = found.next.as_ref().map(|next| format!("/firm/clients?q={}&after={next}{kept}", query_value(q)));
    let rows = found.clients.iter().map(|(client, card)| ClientRow { client, card: card.as_ref() }).collect();
    let body = pages::clients(&ClientsView {
        rows,
        count: found.count,
        archived: found.archived,
        shows_archived: asked.archived.is_some(),
        may: &|name| scope.may(name),
        q,
        is_first: asked.after.is_none(),
        next: next.as_deref(),
        coming: &coming,
        forming,
        nouns: Pack::nouns_of(&brand.packs),
        csrf: &page.csrf,
        now: app.now(),
        zone: &brand.time_zone(),
    });
    let status = if forming.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Clients", Place::Clients).wide().notice(notice.as_deref()).status(status);
    page.show(app, scope, shell, body).await
}

pub(crate) async fn list_json(
    State(app): State<App>,
    scope: FirmScope<ViewFirm>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let found = find(&store, &asked, limits::PAGE_ROWS_MAX).await?;
    let out = |(client, card): (ListedClient, Option<Card>)| {
        let card = card.unwrap_or_else(|| Card::empty(client.client.clone(), client.name.to_string()));
        ClientOut {
            id: client.client,
            name: client.name,
            created_at: client.created_at,
            open_projects: card.open_projects,
            documents_waiting: card.documents_waiting,
            last_activity_at: card.last_activity_at,
            staff: card.staff,
        }
    };
    Ok(answers::json(&ClientList { items: found.clients.into_iter().map(out).collect(), next: found.next }))
}

pub(crate) async fn add_json(
    State(app): State<App>,
    scope: FirmScope<ManageClients>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewClient>,
) -> Result<Response, Failure> {
    let (row, id, name) = order(&app, &scope, Name::parse(&new.name)?, key.as_ref()).await?;
    let added = Added { client: AddedClient { id, name }, order: row.order };
    Ok(answers::json_with(StatusCode::ACCEPTED, &added))
}

async fn order(
    app: &App,
    scope: &FirmScope<ManageClients>,
    name: Name,
    key: Option<&IdempotencyKey>,
) -> Result<(OrderRow, ClientId, Name), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    if store.clients().await?.len() >= limits::CLIENTS_PER_FIRM_MAX {
        return Err(Failure::Refused(format!("A firm has at most {} clients.", limits::CLIENTS_PER_FIRM_MAX)));
    }
    let row = store.order_client(name, key.map(IdempotencyKey::as_str), &mut app.moment()).await?;
    match row.what.clone() {
        Order::Client { client, name } => {
            tracing::info!(firm.id = scope.firm().as_str(), client.id = client.as_str(), "client ordered");
            Ok((row, client, name))
        }
        _ => Err(Failure::Conflict(KEY_OF_ANOTHER.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(q: Option<&str>, want: &[&str]) {
        let clients = ["birch & Co", "Acme Industries", "Ärzte am Park", "Acme Birch"];
        let listed = |(n, name): (usize, &&str)| ListedClient {
            client: ClientId::from_bits(n as u128),
            name: Name::parse(name).unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let found = by_name(clients.iter().enumerate().map(listed).collect(), q);
        assert_eq!(found.iter().map(|client| client.name.as_str()).collect::<Vec<_>>(), want, "{q:?}");
    }

    #[test]
    fn clients_are_found_by_words_of_their_names() {
        check(None, &["Acme Birch", "Acme Industries", "birch & Co", "Ärzte am Park"]);
        check(Some(" BIRCH "), &["Acme Birch", "birch & Co"]);
        check(Some("birch acme"), &["Acme Birch"]);
        check(Some("ärzte"), &["Ärzte am Park"]);
        check(Some("dunmore"), &[]);
    }
}
