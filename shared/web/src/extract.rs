//! What a handler may ask for as an argument. The access rule is one of them: a scope is given or the handler does not
//! run, and each refusal is a [`Failure`].

use access::{Actor, AdmissionScope, ClientScope, Denied, FirmScope, ObjectsScope, OnePerson, PlatformScope};
use axum::extract::{FromRequestParts, RawPathParams};
use crypto::SessionToken;
use domain::audit::Object;
use domain::permissions::{BreakGlass, ManageFirms, Permission, Reach};
use domain::{AdmissionId, ClientId};
use http::header::AUTHORIZATION;
use http::request::Parts;

use storage::PlatformStore;

use crate::door::Notes;
use crate::{App, Failure, cookies};

mod caller;
mod fields;
mod input;
mod page;
mod upload;

pub use caller::Caller;
pub use fields::Fields;
pub use input::{Form, IdempotencyKey, Json, Path, Query};
pub use page::Page;
pub(crate) use page::wants_fragment;
pub use upload::Files;

/// The secret in the session's cookie. Whether it is one of a session is found out by asking for a scope.
impl FromRequestParts<App> for SessionToken {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        cookies::session(&parts.headers).ok_or(Failure::SignIn)
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        if parts.headers.contains_key(AUTHORIZATION) {
            return cookies::bearer(&parts.headers).map(|token| Actor::of_bearer(&token)).ok_or(Failure::SignIn);
        }
        Ok(Actor::of(&SessionToken::from_request_parts(parts, app).await?))
    }
}

/// Of the client that the path names as `{client}`.
impl<P: Permission> FromRequestParts<App> for ClientScope<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let client = client(parts, app).await?;
        let object = Object::new("client", &client);
        given::<P, _>(parts, app, object, actor.enter(client, app.aws().vendor(), app.now()).await).await
    }
}

/// The objects of the client that the path names as `{client}`.
impl<P: Permission> FromRequestParts<App> for ObjectsScope<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let client = client(parts, app).await?;
        let object = Object::new("client", &client);
        given::<P, _>(parts, app, object, actor.enter_objects(client, app.aws().vendor(), app.now()).await).await
    }
}

/// The firm's settings and views, its audit, or the person's own home: where the permission reaches.
impl<P: Permission> FromRequestParts<App> for FirmScope<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let actor = Actor::from_request_parts(parts, app).await?;
        match P::NAME.reach() {
            Reach::Home | Reach::Firm | Reach::Audit => {
                let object = Object::new("permission", P::NAME.as_str());
                given::<P, _>(parts, app, object, actor.firm(app.aws().vendor(), app.now()).await).await
            }
            Reach::Client | Reach::Objects | Reach::Platform | Reach::Admission => {
                Err(Failure::bug(format!("{} is no permission of a firm", P::NAME.as_str())))
            }
        }
    }
}

impl<P: Permission> FromRequestParts<App> for PlatformScope<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let object = Object::new("permission", P::NAME.as_str());
        given::<P, _>(parts, app, object, actor.platform(app.aws().vendor(), app.now()).await).await
    }
}

/// Of the admission that the path names as `{admission}`: the platform knows which firm it is of.
impl FromRequestParts<App> for AdmissionScope {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let platform = PlatformScope::<ManageFirms>::from_request_parts(parts, app).await?;
        // A fresh proof is asked for before ids are looked at, as everywhere.
        PlatformScope::<BreakGlass>::from_request_parts(parts, app).await?;
        let actor = Actor::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Failure::NotFound)?;
        let Some((_, text)) = params.iter().find(|(name, _)| *name == "admission") else {
            return Err(Failure::bug("an admission needs a path with {admission}"));
        };
        let id = AdmissionId::parse(text)?;
        let now = app.now();
        let asked = PlatformStore::open(app.aws(), &platform).admission(&id).await?;
        let asked = asked.filter(|asked| asked.is_open(now)).ok_or(Failure::NotFound)?;
        if let Some(notes) = parts.extensions.get::<Notes>() {
            notes.client(&asked.order.client);
        }
        let object = Object::new("admission", &id);
        given::<BreakGlass, _>(parts, app, object, actor.admitted(asked.firm, id, app.aws().vendor(), now).await).await
    }
}

async fn client(parts: &mut Parts, app: &App) -> Result<ClientId, Failure> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Failure::NotFound)?;
    let Some((_, text)) = params.iter().find(|(name, _)| *name == "client") else {
        return Err(Failure::bug("a scope of a client needs a path with {client}"));
    };
    let client = ClientId::parse(text)?;
    if let Some(notes) = parts.extensions.get::<Notes>() {
        notes.client(&client);
    }
    Ok(client)
}

/// The scope, with its ids noted for the log; or the refusal, written down where the vending function has not done it.
async fn given<P: Permission, S: OnePerson>(
    parts: &Parts,
    app: &App,
    object: Object,
    asked: Result<S, Denied>,
) -> Result<S, Failure> {
    let scope = match asked {
        Err(Denied::LacksWith(lease)) => {
            if let Err(error) = app.aws().refused(&lease, object, &mut app.moment()).await {
                let error = crate::chain(&error);
                tracing::error!(permission = P::NAME.as_str(), error, "a refusal was not written down");
            }
            return Err(Failure::Forbidden);
        }
        asked => asked?,
    };
    if let Some(notes) = parts.extensions.get::<Notes>() {
        notes.person(scope.firm(), scope.person());
    }
    Ok(scope)
}
