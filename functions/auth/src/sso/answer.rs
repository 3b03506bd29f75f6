//! Back from a provider. Each answer has one try: what the browser was sent away with is used up before the answer is
//! looked at.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use http::{HeaderMap, StatusCode};
use integrations::{oidc, saml};
use serde::Deserialize;
use storage::{Connection, ConnectionKind, Counter, Identity, Named, SsoRequest, StorageError, Tried, UsedAssertion};
use web::cookies::{self, SsoToken};
use web::{App, Failure, Form, LocalPath, Query, answers};

use super::kinds::{self, Addresses, KEYS, outgoing};
use super::land::{self, NotLanded, Refused, Said};
use super::refresh;
use crate::begin::Browser;
use crate::pages::sso::NotIn;
use crate::{ask, onward, pages};

/// Why an answer proves nothing.
#[derive(Debug, thiserror::Error)]
enum NotSaid {
    #[error("{0}")]
    Oidc(oidc::Refusal),
    #[error("{0}")]
    Saml(saml::Refusal),
    #[error("This answer of the provider was used before.")]
    Replayed,
    #[error("This browser was sent to another kind of provider.")]
    OtherKind,
    #[error("The answer does not belong to the sign-in that this browser began.")]
    OtherState,
}

pub(super) async fn callback(
    State(app): State<App>,
    browser: Browser,
    headers: HeaderMap,
    Query(answer): Query<oidc::Answer>,
) -> Result<Response, Failure> {
    let Some(back) = Back::of(&app, &browser, &headers).await? else { return Ok(begin_again()) };
    let said = match &back.connection.kind {
        ConnectionKind::Saml { .. } => Ok(Err(NotSaid::OtherKind)),
        ConnectionKind::Oidc { provider, client_id, .. } => {
            let same =
                answer.state.as_deref().is_some_and(|state| crypto::constant_time_eq(state, &back.request.answers));
            if same { by_oidc(&app, &back, provider, client_id, &answer).await } else { Ok(Err(NotSaid::OtherState)) }
        }
    };
    back.on(&app, &browser, said?).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    #[serde(rename = "SAMLResponse", default)]
    response: String,
}

pub(super) async fn acs(
    State(app): State<App>,
    browser: Browser,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, Failure> {
    let Some(back) = Back::of(&app, &browser, &headers).await? else { return Ok(begin_again()) };
    let said = match &back.connection.kind {
        ConnectionKind::Oidc { .. } => Ok(Err(NotSaid::OtherKind)),
        ConnectionKind::Saml { .. } => match by_saml(&app, &back, &back.connection, &posted.response).await? {
            Err(NotSaid::Saml(refusal)) if refresh::may_be_a_new_key(&refusal) => {
                match refresh::by_unknown_key(&app, &back.connection).await? {
                    Some(anew) => by_saml(&app, &back, &anew, &posted.response).await,
                    None => Ok(Err(NotSaid::Saml(refusal))),
                }
            }
            said => Ok(said),
        },
    };
    back.on(&app, &browser, said?).await
}

/// A browser that is back.
struct Back {
    request: SsoRequest,
    connection: Connection,
}

impl Back {
    async fn of(app: &App, browser: &Browser, headers: &HeaderMap) -> Result<Option<Back>, Failure> {
        let identity = Identity::open(app.aws());
        if !identity.within(Counter::SsoOfSource, &browser.caller.source(), app.now()).await? {
            return Err(ask::too_many(&app.moment()));
        }
        let Some(held) = SsoToken::of(headers).map(|token| token.hash()) else { return Ok(None) };
        let Some(request) = identity.sso_request(&held, app.now()).await? else { return Ok(None) };
        if !identity.take_sso_request(&held, &request).await? {
            return Ok(None);
        }
        let connection = identity.connection(&request.connection).await?;
        Ok(connection.map(|connection| Back { request, connection }))
    }

    async fn on(self, app: &App, browser: &Browser, said: Result<Said, NotSaid>) -> Result<Response, Failure> {
        let identity = Identity::open(app.aws());
        if self.request.tested_by.is_some() {
            return self.tried(app, &identity, said).await;
        }
        let said = match said {
            Ok(said) => said,
            Err(not) => {
                tracing::warn!(
                    connection.id = self.connection.connection.as_str(),
                    firm.id = self.connection.firm.as_str(),
                    why = not.to_string(),
                    "a provider's answer was refused"
                );
                return Ok(not_in(None));
            }
        };
        match land::let_in(app, &identity, &self.connection, &said, &self.request, browser).await {
            Ok(entered) => {
                let change = entered.cookies().and(cookies::forget_sso());
                Ok((change, answers::see_other(&onward::of_entered(&entered))).into_response())
            }
            Err(NotLanded::Failed(failure)) => Err(failure),
            Err(NotLanded::Refused(refused, email)) => {
                tracing::warn!(
                    connection.id = self.connection.connection.as_str(),
                    firm.id = self.connection.firm.as_str(),
                    why = name_of(&refused),
                    "a provider's person was not let in"
                );
                if let Some(email) = email {
                    land::refused(app, &identity, &self.connection, &email, &mut app.moment()).await?;
                }
                Ok(match refused {
                    Refused::JoinsSoon => joins_soon(&self.connection, &self.request),
                    refused => not_in(Some(&refused)),
                })
            }
        }
    }

    /// Tells how a try went, on the page where it was begun. Nobody is signed in by it.
    async fn tried(self, app: &App, identity: &Identity<'_>, said: Result<Said, NotSaid>) -> Result<Response, Failure> {
        let mut moment = app.moment();
        let (good, words) = match said {
            Err(not) => (false, not.to_string()),
            Ok(said) => match land::whom(app, identity, &self.connection, &said).await {
                Ok((email, named)) => (true, worked(&email, &said, &named)),
                Err(NotLanded::Refused(refused, _)) => (false, refused.to_string()),
                Err(NotLanded::Failed(failure)) => return Err(failure),
            },
        };
        let id = &self.connection.connection;
        let tried = Tried { at: moment.now, good, words };
        if let Some(by) = &self.request.tested_by {
            match identity.tried(&self.connection, by, tried, &mut moment).await {
                // Removed meanwhile.
                Ok(()) | Err(StorageError::Stale) => (),
                Err(error) => return Err(error.into()),
            }
        }
        Ok((cookies::forget_sso(), answers::see_other(&format!("/sso/{id}?done=tried"))).into_response())
    }
}

fn worked(email: &domain::EmailAddress, said: &Said, named: &Named) -> String {
    let name = said.name.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
    let known = match named {
        Named::Known(_) => "who has signed in this way before",
        Named::New => "who has not signed in this way yet",
    };
    format!("It works. The provider signed in {email}{name}, {known}.")
}

async fn by_oidc(
    app: &App,
    back: &Back,
    provider: &str,
    client_id: &str,
    answer: &oidc::Answer,
) -> Result<Result<Said, NotSaid>, Failure> {
    let provider = kinds::provider(provider)?;
    let secret = Identity::open(app.aws()).connection_secret(&back.connection.connection).await?;
    let secret = secret.ok_or_else(|| Failure::bug("an OpenID connection has no secret"))?;
    let addresses = Addresses::of(app, &back.connection.connection);
    let (nonce, verifier) = (back.request.nonce.clone().unwrap_or_default(), back.request.verifier.clone());
    let verifier = crypto::Secret::new(verifier.unwrap_or_default());
    let asked = oidc::Asked { client_id, nonce: &nonce, now: app.now() };
    let out = outgoing(app);
    let proven = async {
        let code = oidc::code(&provider, answer)?;
        let client = addresses.client(client_id, &secret);
        let token = oidc::exchange(out, &provider, client, &code, &verifier).await?;
        oidc::verify(out, &KEYS, &provider, &token, asked).await
    };
    Ok(match proven.await {
        Ok(who) => {
            let vouched = who.email_verified.unwrap_or_else(|| provider.vouches_silently());
            let verified = who.email_verified == Some(true);
            Ok(Said { subject: who.subject, email: who.email, vouched, verified, name: who.name })
        }
        Err(refusal) => Err(NotSaid::Oidc(refusal)),
    })
}

async fn by_saml(
    app: &App,
    back: &Back,
    connection: &Connection,
    response: &str,
) -> Result<Result<Said, NotSaid>, Failure> {
    let ConnectionKind::Saml { issuer, certificates, .. } = &connection.kind else {
        return Ok(Err(NotSaid::OtherKind));
    };
    let identity = Identity::open(app.aws());
    let id = &connection.connection;
    let certificates = kinds::certificates(certificates)?;
    let key = identity.connection_secret(id).await?;
    let addresses = Addresses::of(app, id);
    let expected = saml::Expected {
        ourselves: addresses.ourselves(),
        issuer,
        certificates: &certificates,
        key: key.as_ref(),
        request: &back.request.answers,
        now: app.now(),
    };
    let verified = match saml::verify(response, &expected) {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Err(NotSaid::Saml(refusal))),
    };
    let used = UsedAssertion { id: verified.assertion.clone(), until: later(verified.ends, app.now()) };
    if !identity.use_assertion(id, &used).await? {
        return Ok(Err(NotSaid::Replayed));
    }
    let email = verified.email().map(str::to_owned);
    let name = verified.display_name().map(str::to_owned);
    // There is no word for it in SAML: the domain, which is proven to be the connection's, vouches.
    Ok(Ok(Said { subject: verified.subject, email, vouched: true, verified: true, name }))
}

fn later(one: Timestamp, other: Timestamp) -> Timestamp {
    one.max(other)
}

fn name_of(refused: &Refused) -> &'static str {
    match refused {
        Refused::NoAddress => "no address",
        Refused::NotVouched => "address not verified",
        Refused::OtherDomain(_) => "domain not proven",
        Refused::AnotherAccount(_) => "another account",
        Refused::NotInvited(_) => "not invited",
        Refused::Ended(_) => "access ended",
        Refused::Full => "no room",
        Refused::JoinsSoon => "is being made",
    }
}

fn begin_again() -> Response {
    let change = cookies::forget_sso();
    (change, pages::shown(StatusCode::GONE, "Please begin again", pages::sso::begin_again())).into_response()
}

fn not_in(refused: Option<&Refused>) -> Response {
    let change = cookies::forget_sso();
    let why = match refused {
        Some(Refused::NotInvited(_)) => NotIn::Uninvited,
        Some(Refused::Ended(_)) => NotIn::Ended,
        Some(Refused::Full) => NotIn::Full,
        _ => NotIn::Unusable,
    };
    (change, pages::shown(StatusCode::FORBIDDEN, "You are not signed in", pages::sso::not_in(why))).into_response()
}

/// The worker takes longer than a browser can wait. Begun again, the sign-in finds the person made.
fn joins_soon(connection: &Connection, request: &SsoRequest) -> Response {
    let next = request.next.as_deref().and_then(LocalPath::parse);
    let start = onward::with_next(&format!("/sso/{}/start", connection.connection), next.as_ref());
    (cookies::forget_sso(), pages::shown(StatusCode::ACCEPTED, "One moment", pages::sso::joins_soon(&start)))
        .into_response()
}
