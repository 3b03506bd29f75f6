//! People of the firm and of its clients: listed, invited, changed by inviting them again.

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::firm::{Order, OrderRefused, OrderState};
use domain::permissions::{ManagePeople, ViewFirm};
use domain::person::{FieldRefused, Membership, NewPerson, PersonOrder};
use domain::sso::JoinOrder;
use domain::text::Name;
use domain::{ClientId, EmailAddress, OrderId, PersonId, Role, Timestamp, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, Listed, ListedPerson, OrderRow};
use web::{App, Failure, Fields, IdempotencyKey, Json, Page, Path, Place, Query, Shell, answers};

use crate::pages::people::{self as pages, PeopleView, Typed};
use crate::pages::{KEY_OF_ANOTHER, holds_all, words_of};

/// Whose people, and where the list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Asked {
    /// Only people of this client.
    #[serde(default)]
    client: Option<ClientId>,
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonList {
    items: Vec<PersonOut>,
    /// None at the end of the list.
    next: Option<String>,
}

/// One membership of a person; somebody who belongs to two clients is listed twice.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonOut {
    id: PersonId,
    name: String,
    email: EmailAddress,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Staff: how many clients are assigned.
    assignments: usize,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    ended_at: Option<Timestamp>,
}

impl From<ListedPerson> for PersonOut {
    fn from(row: ListedPerson) -> Self {
        Self {
            id: row.person,
            name: row.name,
            email: row.email,
            role: row.role,
            client: row.client,
            client_name: row.client_name,
            phone: row.phone,
            assignments: row.assignments,
            active: row.ended_at.is_none(),
            ended_at: row.ended_at,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Invited {
    pub(crate) order: OrderId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OneOrder {
    id: OrderId,
    kind: OrderKind,
    state: OrderState,
    #[schemars(with = "String")]
    at: Timestamp,
    by: PersonId,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<OrderRefused>,
    /// The same as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The client that was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OrderKind {
    Client,
    Person,
}

impl From<OrderRow> for OneOrder {
    fn from(row: OrderRow) -> Self {
        let (kind, client) = match row.what {
            Order::Client { client, .. } => (OrderKind::Client, Some(client)),
            Order::Person(_) | Order::Join(_) | Order::Withdrawal { .. } | Order::Member { .. } => {
                (OrderKind::Person, None)
            }
        };
        Self {
            id: row.order,
            kind,
            state: row.state,
            at: row.at,
            by: row.by,
            reason: row.refused,
            detail: row.refused.map(|refused| refused.to_string()),
            client,
        }
    }
}

/// What the page shows.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    /// Part of a name or address.
    #[serde(default)]
    q: Option<String>,
    /// The client that the form is filled in for.
    #[serde(default)]
    client: Option<ClientId>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    invited: Option<OrderId>,
    /// One part of the list.
    #[serde(default)]
    show: Option<String>,
}

/// A part of the list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Everybody,
    Partners,
    Staff,
    Clients,
    Ended,
}

impl Part {
    pub(crate) const ALL: [Part; 5] = [Part::Everybody, Part::Partners, Part::Staff, Part::Clients, Part::Ended];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Part::Everybody => "everybody",
            Part::Partners => "partners",
            Part::Staff => "staff",
            Part::Clients => "clients",
            Part::Ended => "ended",
        }
    }

    fn parse(text: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|part| Some(part.as_str()) == text).unwrap_or(Part::Everybody)
    }

    /// Those whose access has ended are apart from all others.
    fn holds(self, person: &ListedPerson) -> bool {
        person.is_active() == (self != Part::Ended)
            && match self {
                Part::Everybody | Part::Ended => true,
                Part::Partners => person.role == Role::Partner,
                Part::Staff => person.role == Role::Staff,
                Part::Clients => person.role.is_client(),
            }
    }
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let mut typed = Typed { once: app.fresh_key(), ..Typed::default() };
    if let Some(client) = &shown.client {
        typed.person.client = Some(client.to_string());
        typed.person.role = Role::ClientAdmin.as_str().to_owned();
    }
    draw(&app, &scope, &page, &shown, &typed, &[]).await
}

pub(crate) async fn invite(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = read(&fields);
    let refused = match PersonOrder::parse(&typed.person) {
        Ok(order) => {
            let key = IdempotencyKey::parse(&typed.once)?;
            let row = self::order(&app, &scope, order, Some(&key)).await?;
            return Ok(answers::see_other(&format!("/firm/people?invited={}", row.order)));
        }
        Err(refused) => refused,
    };
    draw(&app, &scope, &page, &Shown::default(), &typed, &refused).await
}

/// The form as it was sent.
pub(crate) fn read(fields: &Fields) -> Typed {
    let mut typed = Typed::default();
    typed.person.name = fields.text("name");
    typed.person.email = fields.text("email");
    typed.person.role = fields.text("role");
    typed.person.client = fields.one("client").map(str::to_owned);
    typed.person.phone = fields.one("phone").map(str::to_owned);
    typed.once = fields.text("once");
    typed
}

async fn draw(
    app: &App,
    scope: &FirmScope<ManagePeople>,
    page: &Page,
    shown: &Shown,
    typed: &Typed,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let brand = app.brand(scope).await?;
    let store = FirmStore::open(app.aws(), scope);
    let q = shown.q.as_deref().unwrap_or_default().trim();
    let part = Part::parse(shown.show.as_deref());
    // Who ended is looked for among everybody; else the people of clients come page by page.
    let searches = !q.is_empty() || part == Part::Ended;
    let of_firm = async {
        match searches {
            false => store.people_of(&Membership::Firm).await,
            true => Ok(found(store.everybody().await?, q, part)),
        }
    };
    let of_clients = async {
        match !searches {
            true => store.people(shown.after.as_deref()).await,
            false => Ok(Listed { rows: Vec::new(), next: None }),
        }
    };
    let (of_firm, of_clients, orders, clients) = tokio::join!(of_firm, of_clients, store.orders(), store.clients());
    let (first, of_clients, orders, mut clients) = (of_firm?, of_clients?, orders?, clients?);
    let (mut of_firm, mut rest): (Vec<_>, Vec<_>) = first.into_iter().partition(|person| person.client.is_none());
    rest.extend(of_clients.rows.into_iter().filter(|person| person.client.is_some()));
    of_firm.retain(|person| part.holds(person));
    rest.retain(|person| part.holds(person));
    let people: Vec<PersonId> = of_firm.iter().chain(&rest).map(|person| person.person.clone()).collect();
    let seen = store.last_sign_ins(&people).await?;
    of_firm.sort_by_cached_key(|person| person.name.to_lowercase());
    clients.sort_by_cached_key(|client| client.name.as_str().to_lowercase());
    let notice = shown.invited.as_ref().and_then(|invited| orders.iter().find(|order| order.order == *invited));
    let notice = notice.map(notice_of);
    let next = of_clients.next.as_deref().filter(|next| !next.starts_with(Membership::FIRM));
    let body = pages::people(&PeopleView {
        of_firm: &of_firm,
        of_clients: &rest,
        next,
        is_first: shown.after.is_none(),
        q,
        part,
        seen: &seen,
        may: &|name| scope.may(name),
        orders: &open(&orders, app.now()),
        clients: &clients,
        typed,
        refused,
        csrf: &page.csrf,
        now: app.now(),
        zone: &brand.time_zone(),
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new("People", Place::People).wide().notice(notice.as_deref()).status(status);
    page.show(app, scope, shell, body).await
}

fn notice_of(order: &OrderRow) -> String {
    let name = match &order.what {
        Order::Person(person) | Order::Join(JoinOrder { person, .. }) => person.name.as_str(),
        Order::Client { name, .. } => name.as_str(),
        Order::Member { name, .. } => name.as_str(),
        Order::Withdrawal { .. } => "The person",
    };
    match order.state {
        OrderState::Done => format!("{name} can sign in, and has mail about it."),
        OrderState::Ordered => format!("{name} can sign in within a moment."),
        OrderState::Refused => format!("{name} was not invited. The reason stands below."),
    }
}

/// Orders of people that are not done: on their way, or refused of late.
fn open(orders: &[OrderRow], now: Timestamp) -> Vec<(&OrderRow, &PersonOrder)> {
    let is_shown = |order: &&OrderRow| match order.state {
        OrderState::Ordered => true,
        OrderState::Refused => now.as_second() - order.at.as_second() < limits::REFUSED_ORDER_SHOWN_SECONDS,
        OrderState::Done => false,
    };
    let mut shown = Vec::new();
    for order in orders.iter().filter(is_shown) {
        if let Order::Person(person) = &order.what {
            shown.push((order, person));
        }
    }
    shown
}

fn found(people: Vec<ListedPerson>, q: &str, part: Part) -> Vec<ListedPerson> {
    let words = words_of(q);
    let holds = |person: &ListedPerson| {
        let client = person.client_name.as_ref().map_or("", |name| name.as_str());
        holds_all(&format!("{} {} {client}", person.name, person.email), &words)
    };
    let mut people: Vec<ListedPerson> =
        people.into_iter().filter(|person| part.holds(person) && holds(person)).collect();
    people.truncate(limits::PAGE_ROWS_MAX);
    people
}

pub(crate) async fn list_json(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let listed = match asked.client {
        Some(client) => {
            let client = store.client(&client).await?.ok_or(Failure::NotFound)?;
            Listed { rows: store.people_of(&Membership::Client(client.client)).await?, next: None }
        }
        None => store.people(asked.after.as_deref()).await?,
    };
    let items = listed.rows.into_iter().map(PersonOut::from).collect();
    Ok(answers::json(&PersonList { items, next: listed.next }))
}

pub(crate) async fn invite_json(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewPerson>,
) -> Result<Response, Failure> {
    let order = PersonOrder::parse(&new)?;
    let row = self::order(&app, &scope, order, key.as_ref()).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &Invited { order: row.order }))
}

async fn order(
    app: &App,
    scope: &FirmScope<ManagePeople>,
    order: PersonOrder,
    key: Option<&IdempotencyKey>,
) -> Result<OrderRow, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let row = store.order_person(order, key.map(IdempotencyKey::as_str), &mut app.moment()).await?;
    if !matches!(row.what, Order::Person(_)) {
        return Err(Failure::Conflict(KEY_OF_ANOTHER.into()));
    }
    tracing::info!(firm.id = scope.firm().as_str(), order.id = row.order.as_str(), "person ordered");
    Ok(row)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    order: OrderId,
}

pub(crate) async fn order_json(
    State(app): State<App>,
    scope: FirmScope<ViewFirm>,
    Path(Of { order }): Path<Of>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let row = store.order(&order).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&OneOrder::from(row)))
}
