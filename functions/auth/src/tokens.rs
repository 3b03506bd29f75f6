//! Personal tokens: made by somebody who has just confirmed who they are, shown once, listed, ended.

use std::collections::BTreeSet;

use access::Denied;
use axum::extract::State;
use axum::response::Response;
use crypto::{BearerToken, SessionToken};
use domain::permissions::{self, State as Way};
use domain::person::FieldRefused;
use domain::tokens::TokenOrder;
use domain::{PermissionName, Timestamp, TokenId};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Current, Identity, TokenLine};
use web::{App, Failure, Form, Json, Page, Path, Query, answers};

use crate::framed::Framed;
use crate::{own, pages};

/// What is typed into the form: boxes that are ticked come one by one.
type Fields = Vec<(String, String)>;

#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    #[serde(default)]
    done: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    token: TokenId,
}

pub(crate) async fn list(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Query(Told { done }): Query<Told>,
) -> Result<Response, Failure> {
    let current = acting(&app, &token).await?;
    let (framed, tokens) = tokio::join!(Framed::of(&app, &token), tokens(&app, &current));
    let (framed, tokens) = (framed?, tokens?);
    let view = pages::tokens::List {
        tokens: &tokens,
        csrf: &page.csrf,
        now: app.now(),
        zone: &framed.zone(),
        ended: done == "ended",
    };
    framed.show(&app, &page, "Tokens for programs", StatusCode::OK, pages::tokens::list(&view)).await
}

pub(crate) async fn new(State(app): State<App>, token: SessionToken, page: Page) -> Result<Response, Failure> {
    let current = confirmed(&app, &token).await?;
    form(&app, &token, &page, &current, &domain::tokens::NewToken::default(), &[]).await
}

pub(crate) async fn make(
    State(app): State<App>,
    token: SessionToken,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Failure> {
    let current = confirmed(&app, &token).await?;
    let typed = typed(&fields);
    match made(&app, &current, &typed).await? {
        Ok(made) => {
            let framed = Framed::of(&app, &token).await?;
            let body = pages::tokens::made(&made.name, made.secret.expose(), made.expires, &framed.zone(), app.now());
            framed.show(&app, &page, "Your new token", StatusCode::OK, body).await
        }
        Err(refused) => form(&app, &token, &page, &current, &typed, &refused).await,
    }
}

pub(crate) async fn end(
    State(app): State<App>,
    token: SessionToken,
    Path(Of { token: id }): Path<Of>,
) -> Result<Response, Failure> {
    ended(&app, &token, &id).await?;
    Ok(answers::see_other("/tokens?done=ended"))
}

/// One of the person's tokens. The token itself is told once, by the call that makes it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenView {
    id: TokenId,
    name: String,
    scopes: BTreeSet<PermissionName>,
    read_only: bool,
    #[schemars(with = "String")]
    made_at: Timestamp,
    #[schemars(with = "String")]
    expires: Timestamp,
    /// To the day.
    #[schemars(with = "Option<String>")]
    last_used: Option<Timestamp>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenList {
    items: Vec<TokenView>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MadeView {
    id: TokenId,
    /// For the header `Authorization: Bearer …`. It is shown here and nowhere else.
    token: String,
    #[schemars(with = "String")]
    expires: Timestamp,
}

pub(crate) async fn list_json(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = acting(&app, &token).await?;
    let view = |line: TokenLine| TokenView {
        id: line.id,
        name: line.name,
        scopes: line.scopes,
        read_only: line.read_only,
        made_at: line.made_at,
        expires: line.expires,
        last_used: line.last_used,
    };
    Ok(answers::json(&TokenList { items: tokens(&app, &current).await?.into_iter().map(view).collect() }))
}

pub(crate) async fn make_json(
    State(app): State<App>,
    token: SessionToken,
    Json(new): Json<domain::tokens::NewToken>,
) -> Result<Response, Failure> {
    let current = confirmed(&app, &token).await?;
    match made(&app, &current, &new).await? {
        Ok(made) => {
            let view = MadeView { id: made.id, token: made.secret.expose().to_owned(), expires: made.expires };
            Ok(answers::json_with(StatusCode::CREATED, &view))
        }
        Err(refused) => {
            let why: Vec<String> = refused.into_iter().map(|refused| refused.why).collect();
            Err(Failure::Refused(why.join(" ")))
        }
    }
}

pub(crate) async fn end_json(
    State(app): State<App>,
    token: SessionToken,
    Path(Of { token: id }): Path<Of>,
) -> Result<Response, Failure> {
    ended(&app, &token, &id).await?;
    Ok(answers::no_content())
}

/// Somebody who is wholly signed in and acts as something.
async fn acting(app: &App, token: &SessionToken) -> Result<Current, Failure> {
    let current = own::whole(app, token).await?;
    if current.membership.is_none() {
        return Err(Failure::Refused("Choose first what you want to act as.".into()));
    }
    Ok(current)
}

/// A token outlives the session: it is made by whoever has just proven who they are.
async fn confirmed(app: &App, token: &SessionToken) -> Result<Current, Failure> {
    let current = acting(app, token).await?;
    if !own::confirmed(&current, app.now()) {
        return Err(Denied::Unconfirmed.into());
    }
    Ok(current)
}

async fn tokens(app: &App, current: &Current) -> Result<Vec<TokenLine>, Failure> {
    Ok(Identity::open(app.aws()).tokens(current).await?)
}

/// What a token of this person can carry. The home comes with every token.
fn may(current: &Current) -> BTreeSet<PermissionName> {
    let Some(membership) = &current.membership else { return BTreeSet::new() };
    let mut names = permissions::all(membership.role, &membership.adjusted, Way::Token);
    names.remove(&PermissionName::ViewHome);
    names
}

struct Made {
    id: TokenId,
    name: String,
    secret: BearerToken,
    expires: Timestamp,
}

async fn made(
    app: &App,
    current: &Current,
    new: &domain::tokens::NewToken,
) -> Result<Result<Made, Vec<FieldRefused>>, Failure> {
    let identity = Identity::open(app.aws());
    let mut moment = app.moment();
    let there = identity.tokens(current).await?.len();
    let order = match TokenOrder::parse(new, &may(current), there, moment.now) {
        Ok(order) => order,
        Err(refused) => return Ok(Err(refused)),
    };
    let id = TokenId::from_bits(moment.next_id());
    let secret = BearerToken::from_bits([moment.next_random(), moment.next_random()]);
    let (name, expires) = (order.name.as_str().to_owned(), order.expires);
    let row = storage::NewToken {
        id: id.clone(),
        hash: secret.hash(),
        name: name.clone(),
        scopes: order.scopes,
        read_only: order.read_only,
        expires,
    };
    identity.make_token(current, row, &mut moment).await?;
    Ok(Ok(Made { id, name, secret, expires }))
}

async fn ended(app: &App, token: &SessionToken, id: &TokenId) -> Result<(), Failure> {
    let current = acting(app, token).await?;
    let there = Identity::open(app.aws()).end_token(&current, id, &mut app.moment()).await?;
    if there { Ok(()) } else { Err(Failure::NotFound) }
}

async fn form(
    app: &App,
    token: &SessionToken,
    page: &Page,
    current: &Current,
    typed: &domain::tokens::NewToken,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let framed = Framed::of(app, token).await?;
    let view = pages::tokens::Form { may: &may(current), typed, refused, csrf: &page.csrf };
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    framed.show(app, page, "Make a token", status, pages::tokens::form(&view)).await
}

fn typed(fields: &Fields) -> domain::tokens::NewToken {
    let all = |name: &str| -> Vec<String> {
        fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect()
    };
    let one = |name: &str| all(name).into_iter().next().unwrap_or_default();
    domain::tokens::NewToken {
        name: one("name"),
        scopes: all("scopes"),
        read_only: one("read_only") == "yes",
        days: one("days").trim().parse().unwrap_or(0),
    }
}
