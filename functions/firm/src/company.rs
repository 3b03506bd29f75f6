//! The people of a client's own company, for its admins: who is in, inviting, changing and ending. Orders are written
//! with the client's own keys, which reach no home; a worker carries them out.

use access::{Actor, ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::firm::{MemberOrder, Order, OrderRefused, OrderState};
use domain::permissions::{Adjusted, ManageCompany, Permission, ViewCompany};
use domain::person::change::{Around, change};
use domain::person::company::{Invited, Orderer, check_invitation};
use domain::person::{FieldRefused, Member, Membership, NewPerson, PersonOrder, TeamMember};
use domain::sso::JoinOrder;
use domain::{ClientId, EmailAddress, OrderId, PersonId, Role, Timestamp, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, OrderRow};
use web::{App, Failure, Fields, IdempotencyKey, Json, Page, Path, Place, Query, Shell, answers};

use crate::pages::company::{self as pages, CompanyView, OneView};
use crate::pages::people::Typed;
use crate::person::api::NewPermissions;
use crate::person::{PermissionOut, adjusted_to, permissions_of};

/// The company of whoever asks: pages of it have no id in their address.
async fn own<P: Permission>(app: &App, actor: &Actor) -> Result<ClientScope<P>, Failure> {
    let (vendor, now) = (app.aws().vendor(), app.now());
    let home = actor.home(vendor, now).await?;
    if !home.role().is_client() && !home.may(P::NAME) {
        return Err(Failure::Forbidden);
    }
    if !home.role().is_client() {
        return Err(Failure::Refused(
            "This page is for the people of a client. Open the client's own page instead.".into(),
        ));
    }
    let client = home.vended().grant.client.clone().ok_or(Failure::NotFound)?;
    Ok(actor.enter::<P>(client, vendor, now).await?)
}

/// People of the company in the order of their names, admins first.
async fn members(store: &ClientStore<'_, ClientScope<ViewCompany>>) -> Result<Vec<TeamMember>, Failure> {
    let mut members = store.team().await?;
    members.retain(|member| member.of_client);
    members.sort_by_cached_key(|one| (one.role != Role::ClientAdmin, one.name.to_lowercase(), one.person.clone()));
    Ok(members)
}

/// What the page shows.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    ordered: Option<OrderId>,
}

pub(crate) async fn show(
    State(app): State<App>,
    actor: Actor,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let scope = match own::<ViewCompany>(&app, &actor).await {
        // People of the firm find the same under each client.
        Err(Failure::Refused(_)) => return Ok(answers::see_other("/")),
        scope => scope?,
    };
    let typed = Typed { once: app.fresh_key(), ..Typed::default() };
    draw(&app, &scope, &page, &shown, &typed, &[]).await
}

async fn draw(
    app: &App,
    scope: &ClientScope<ViewCompany>,
    page: &Page,
    shown: &Shown,
    typed: &Typed,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (members, orders, brand) = tokio::join!(members(&store), store.company_orders(), app.brand(scope));
    let (members, orders, brand) = (members?, orders?, brand?);
    let now = app.now();
    let ordered = shown.ordered.as_ref().and_then(|ordered| orders.iter().find(|order| order.order == *ordered));
    let notice = ordered.map(notice_of);
    let open: Vec<&OrderRow> = orders.iter().filter(|order| is_shown(order, now)).collect();
    let body = pages::company(&CompanyView {
        members: &members,
        orders: &open,
        reader: scope.person(),
        manages: scope.may(ManageCompany::NAME),
        typed,
        refused,
        firm_name: &brand.firm_name,
        csrf: &page.csrf,
        now,
        zone: &brand.time_zone(),
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new("Your company", Place::Company).notice(notice.as_deref()).status(status);
    page.show(app, scope, shell, body).await
}

/// Of whom an order is.
pub(crate) fn name_in(order: &OrderRow) -> &str {
    match &order.what {
        Order::Person(person) | Order::Join(JoinOrder { person, .. }) => person.name.as_str(),
        Order::Member { name, .. } => name,
        Order::Client { name, .. } => name.as_str(),
        Order::Withdrawal { .. } => "Somebody",
    }
}

fn notice_of(order: &OrderRow) -> String {
    let name = name_in(order);
    match (&order.what, order.state) {
        (_, OrderState::Refused) => format!("Nothing was changed for {name}. The reason stands below."),
        (_, OrderState::Ordered) => format!("{name}: on its way. Reload in a moment."),
        (Order::Person(_), OrderState::Done) => format!("{name} can sign in, and has mail about it."),
        (_, OrderState::Done) => format!("{name}: done. It holds from the next request."),
    }
}

fn is_shown(order: &OrderRow, now: Timestamp) -> bool {
    match order.state {
        OrderState::Ordered => true,
        OrderState::Refused => now.as_second() - order.at.as_second() < limits::REFUSED_ORDER_SHOWN_SECONDS,
        OrderState::Done => false,
    }
}

/// Somebody of this company and of no other, whatever the form said.
fn in_company(mut new: NewPerson, client: &ClientId) -> Result<PersonOrder, Vec<FieldRefused>> {
    if Role::parse(&new.role).is_some_and(|role| !role.is_client()) {
        new.role = String::new();
    }
    new.client = Some(client.to_string());
    PersonOrder::parse(&new).map_err(|refused| {
        let words = |one: FieldRefused| match one.field {
            "role" => FieldRefused { why: "Choose admin or member.".to_owned(), ..one },
            _ => one,
        };
        refused.into_iter().map(words).collect()
    })
}

/// As whom the reader orders.
fn orderer(scope: &ClientScope<ManageCompany>) -> Result<Orderer, Failure> {
    let grant = &scope.vended().grant;
    Orderer::acting(grant.role, &grant.adjusted).ok_or(Failure::Forbidden)
}

/// What can be said at once about an invitation: whether it is for somebody whom the client's team shows already. Who
/// else of the firm there is, the worker finds.
async fn check_invited(
    app: &App,
    scope: &ClientScope<ManageCompany>,
    order: &PersonOrder,
) -> Result<Result<(), OrderRefused>, Failure> {
    let team = ClientStore::open(app.aws(), scope).team().await?;
    let known = team.iter().find(|member| member.email == order.email);
    let invited = Invited {
        own: known.is_some_and(|known| known.person == *scope.person()),
        of_firm: known.is_some_and(|known| !known.of_client),
        here: known.filter(|known| known.of_client).map(|known| known.role),
        ended_by_firm: false,
    };
    Ok(check_invitation(order.role, invited, &orderer(scope)?))
}

pub(crate) async fn invite(
    State(app): State<App>,
    actor: Actor,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let scope = own::<ManageCompany>(&app, &actor).await?;
    let typed = crate::people::read(&fields);
    let checked = match in_company(typed.person.clone(), scope.client()) {
        Ok(order) => check_invited(&app, &scope, &order).await?.map(|()| order).map_err(|why| {
            let field = if why == OrderRefused::NoAdmins { "role" } else { "email" };
            vec![FieldRefused { field, why: why.to_string() }]
        }),
        Err(refused) => Err(refused),
    };
    match checked {
        Ok(order) => {
            let key = IdempotencyKey::parse(&typed.once)?;
            let row = ordered(&app, &scope, Order::Person(order), Some(&key)).await?;
            Ok(answers::see_other(&format!("/company?ordered={}", row.order)))
        }
        Err(refused) => {
            let view = own::<ViewCompany>(&app, &actor).await?;
            draw(&app, &view, &page, &Shown::default(), &typed, &refused).await
        }
    }
}

async fn ordered(
    app: &App,
    scope: &ClientScope<ManageCompany>,
    what: Order,
    key: Option<&IdempotencyKey>,
) -> Result<OrderRow, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let row = store.order_in_company(what, key.map(IdempotencyKey::as_str), &mut app.moment()).await?;
    row.map_err(|why| Failure::Refused(why.to_string()))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    member: PersonId,
}

pub(crate) async fn show_one(
    State(app): State<App>,
    actor: Actor,
    Path(Of { member: person }): Path<Of>,
    page: Page,
) -> Result<Response, Failure> {
    let scope = own::<ViewCompany>(&app, &actor).await?;
    let store = ClientStore::open(app.aws(), &scope);
    let members = members(&store).await?;
    let member = members.iter().find(|one| one.person == person).ok_or(Failure::NotFound)?;
    let admins = members.iter().filter(|one| one.role == Role::ClientAdmin && one.person != person).count();
    let body = pages::one(&OneView {
        member,
        permissions: &permissions_of(member.role, &member.adjusted),
        is_reader: *scope.person() == person,
        is_last_admin: member.role == Role::ClientAdmin && admins == 0,
        manages: scope.may(ManageCompany::NAME),
        csrf: &page.csrf,
    });
    page.show(&app, &scope, Shell::new(&member.name, Place::Company), body).await
}

/// Orders a change of somebody who is in the company now.
async fn order_change(
    app: &App,
    actor: &Actor,
    person: &PersonId,
    even_last_admin: bool,
    asks: impl FnOnce(&TeamMember) -> Result<MemberOrder, Failure> + Send,
) -> Result<Response, Failure> {
    let scope = own::<ManageCompany>(app, actor).await?;
    let row = change_of(app, &scope, person, even_last_admin, asks).await?;
    Ok(answers::see_other(&format!("/company?ordered={}", row.order)))
}

async fn change_of(
    app: &App,
    scope: &ClientScope<ManageCompany>,
    person: &PersonId,
    even_last_admin: bool,
    asks: impl FnOnce(&TeamMember) -> Result<MemberOrder, Failure> + Send,
) -> Result<OrderRow, Failure> {
    if scope.person() == person {
        return Err(domain::person::change::ChangeRefused::Own.into());
    }
    let team = ClientStore::open(app.aws(), scope).team().await?;
    let member = team.iter().find(|member| member.of_client && member.person == *person).ok_or(Failure::NotFound)?;
    let change = asks(member)?;
    check_change(scope, member, &change, app.now())?;
    let what = Order::Member { person: person.clone(), name: member.name.clone(), change, even_last_admin };
    ordered(app, scope, what, None).await
}

/// What can be said at once about a change. Whether an admin is left is for the worker, which sees the homes.
fn check_change(
    scope: &ClientScope<ManageCompany>,
    member: &TeamMember,
    asked: &MemberOrder,
    now: Timestamp,
) -> Result<(), Failure> {
    let known = Member {
        name: member.name.clone(),
        email: member.email.clone(),
        role: member.role,
        phone: member.phone.clone(),
        active: true,
        ended_at: None,
        adjusted: member.adjusted.clone(),
        by_firm: member.by_firm.clone(),
        version: 0,
    };
    let around = Around { even_last_admin: true, by: &orderer(scope)?, ..Around::default() };
    change(&known, &Membership::Client(scope.client().clone()), &asked.change(), around, now)?;
    Ok(())
}

fn company_role(text: &str) -> Result<Role, Failure> {
    let role = Role::parse(text).filter(|role| role.is_client());
    role.ok_or_else(|| Failure::Refused("Choose admin or member.".into()))
}

pub(crate) async fn role(
    State(app): State<App>,
    actor: Actor,
    Path(Of { member: person }): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let even = fields.has("even_last_admin");
    let wanted = fields.text("role");
    order_change(&app, &actor, &person, even, |_| Ok(MemberOrder::Role { role: company_role(&wanted)? })).await
}

pub(crate) async fn permissions(
    State(app): State<App>,
    actor: Actor,
    Path(Of { member: person }): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let shown = fields.has("shown");
    let ticked = fields.all("may").filter_map(domain::PermissionName::parse).collect();
    let asks = |member: &TeamMember| {
        // A form with every tick taken out and a form that never came are told apart by this.
        if !shown {
            return Err(Failure::Refused("Open the person's page and tick there what the person may do.".into()));
        }
        Ok(MemberOrder::Permissions(adjusted_to(member.role, &ticked)))
    };
    order_change(&app, &actor, &person, false, asks).await
}

pub(crate) async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(Of { member: person }): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let even = fields.has("even_last_admin");
    order_change(&app, &actor, &person, even, |_| Ok(MemberOrder::End)).await
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MemberList {
    items: Vec<MemberOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct MemberOut {
    id: PersonId,
    name: String,
    email: EmailAddress,
    role: Role,
    permissions: Vec<PermissionOut>,
}

pub(crate) async fn list_json(State(app): State<App>, scope: ClientScope<ViewCompany>) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let out = |member: TeamMember| MemberOut {
        permissions: permissions_of(member.role, &member.adjusted),
        id: member.person,
        name: member.name,
        email: member.email,
        role: member.role,
    };
    Ok(answers::json(&MemberList { items: members(&store).await?.into_iter().map(out).collect() }))
}

/// Somebody to invite to the company.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    name: String,
    email: String,
    /// `client_admin` or `client_member`.
    role: String,
    /// With country code.
    #[serde(default)]
    phone: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Ordered {
    order: OrderId,
}

fn accepted(row: OrderRow) -> Response {
    answers::json_with(StatusCode::ACCEPTED, &Ordered { order: row.order })
}

pub(crate) async fn invite_json(
    State(app): State<App>,
    scope: ClientScope<ManageCompany>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewMember>,
) -> Result<Response, Failure> {
    let new = NewPerson { name: new.name, email: new.email, role: new.role, client: None, phone: new.phone };
    let order = in_company(new, scope.client())?;
    check_invited(&app, &scope, &order).await?.map_err(|why| Failure::Refused(why.to_string()))?;
    Ok(accepted(ordered(&app, &scope, Order::Person(order), key.as_ref()).await?))
}

/// One of a company's people; the client in the path is the scope's.
#[derive(Debug, Deserialize)]
pub(crate) struct OfCompany {
    person: PersonId,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// `client_admin` or `client_member`.
    role: String,
    /// Said by who was told that it is the company's last admin.
    #[serde(default)]
    even_last_admin: bool,
}

pub(crate) async fn role_json(
    State(app): State<App>,
    scope: ClientScope<ManageCompany>,
    Path(OfCompany { person }): Path<OfCompany>,
    Json(new): Json<NewRole>,
) -> Result<Response, Failure> {
    let role = company_role(&new.role)?;
    let asks = |_: &TeamMember| Ok(MemberOrder::Role { role });
    Ok(accepted(change_of(&app, &scope, &person, new.even_last_admin, asks).await?))
}

pub(crate) async fn permissions_json(
    State(app): State<App>,
    scope: ClientScope<ManageCompany>,
    Path(OfCompany { person }): Path<OfCompany>,
    Json(new): Json<NewPermissions>,
) -> Result<Response, Failure> {
    let adjusted: Adjusted = new.adjusted();
    let asks = |member: &TeamMember| {
        adjusted.check(member.role).map_err(|refused| Failure::Refused(refused.to_string()))?;
        Ok(MemberOrder::Permissions(adjusted.clone()))
    };
    Ok(accepted(change_of(&app, &scope, &person, false, asks).await?))
}

pub(crate) async fn end_json(
    State(app): State<App>,
    scope: ClientScope<ManageCompany>,
    Path(OfCompany { person }): Path<OfCompany>,
    Query(ending): Query<crate::person::api::Ending>,
) -> Result<Response, Failure> {
    Ok(accepted(change_of(&app, &scope, &person, ending.even_last_admin, |_| Ok(MemberOrder::End)).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfOrder {
    order: OrderId,
}

pub(crate) async fn order_json(
    State(app): State<App>,
    scope: ClientScope<ViewCompany>,
    Path(OfOrder { order }): Path<OfOrder>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let row = store.company_order(&order).await?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&crate::people::OneOrder::from(row)))
}
