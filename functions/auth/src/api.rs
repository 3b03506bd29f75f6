//! Signing in for programs: the same steps as the pages, as JSON.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::factors::Wait;
use domain::{ClientId, EmailAddress, FirmId, PersonId, Role};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Current, Identity, MembershipRow, PLATFORM_MEMBERSHIP, Standing};
use web::cookies;
use web::{App, Caller, Failure, Json, answers};

use crate::ask::{self, Asked, Purpose};
use crate::begin::{self, Browser};
use crate::enter::{self, Evidence};
use crate::passkeys::Answer;
use crate::secrets::{Code, LinkToken};
use crate::{own, sessions};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    email: String,
}

/// 202 for every address, known or not, and also when the address was asked for too often and nothing is mailed.
pub(crate) async fn link(
    State(app): State<App>,
    browser: Browser,
    Json(request): Json<LinkRequest>,
) -> Result<Response, Failure> {
    let email = EmailAddress::parse(&request.email)?;
    Ok(match ask::ask(&app, &email, Purpose::SignIn(None), browser.ask, &browser.caller).await? {
        Asked::Sent(browser) => (cookies::ask(&browser), StatusCode::ACCEPTED).into_response(),
        Asked::TooOften => StatusCode::ACCEPTED.into_response(),
    })
}

/// Either `token`, or `email` and `code`, both with the cookie `__Host-ask` that asking for the link has set; or
/// `passkey`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionRequest {
    /// From the mailed link.
    token: Option<String>,
    email: Option<String>,
    /// The six digits of the newest mail.
    code: Option<String>,
    /// What the browser answered to a question of `POST /api/v1/auth/passkey/question`.
    passkey: Option<Answer>,
}

impl SessionRequest {
    fn evidence(self) -> Result<Evidence, Failure> {
        let refused = |words: &str| Failure::Refused(words.to_owned());
        match (self.token, self.email, self.code, self.passkey) {
            (None, None, None, Some(answer)) => Ok(Evidence::Passkey { answer, next: None }),
            (Some(token), None, None, None) => {
                let gone = || refused(&enter::Refused::Gone.to_string());
                Ok(Evidence::Token(LinkToken::parse(&token).ok_or_else(gone)?))
            }
            (None, Some(email), Some(code), None) => {
                let code = Code::parse(&code).ok_or_else(|| refused("A code has six digits."))?;
                Ok(Evidence::Code { email: EmailAddress::parse(&email)?, code })
            }
            _ => Err(refused("Send either token, or email and code, or passkey.")),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonView {
    id: PersonId,
    name: String,
    email: EmailAddress,
}

/// One firm or company that the person belongs to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MembershipView {
    /// For `POST /api/v1/auth/membership`.
    id: String,
    firm: FirmId,
    firm_name: String,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
}

/// With one membership the session acts as it at once; with several one has to be chosen first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SignedIn {
    person: PersonView,
    memberships: Vec<MembershipView>,
    /// Until this is done the session is good for nothing else: `POST /api/v1/auth/second`, or enrolling a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<WaitView>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitView {
    SecondFactor,
    Enrol,
}

impl From<Wait> for WaitView {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::SecondFactor => WaitView::SecondFactor,
            Wait::Enrol => WaitView::Enrol,
        }
    }
}

pub(crate) async fn session(
    State(app): State<App>,
    browser: Browser,
    Json(request): Json<SessionRequest>,
) -> Result<Response, Failure> {
    let entered = enter::enter(&app, request.evidence()?, &browser).await?;
    let answer = signed_in(&entered.person, &entered.email, &entered.standings, entered.waits_for);
    Ok((entered.cookies(), answers::json(&answer)).into_response())
}

pub(crate) fn signed_in(
    person: &PersonId,
    email: &EmailAddress,
    standings: &[Standing],
    waits_for: Option<Wait>,
) -> SignedIn {
    let name = standings.first().map(|standing| standing.row.name.clone()).unwrap_or_default();
    SignedIn {
        person: PersonView { id: person.clone(), name, email: email.clone() },
        memberships: standings.iter().map(membership_view).collect(),
        waits_for: waits_for.map(WaitView::from),
    }
}

fn membership_view(standing: &Standing) -> MembershipView {
    MembershipView {
        id: begin::id_of(standing),
        firm: standing.firm.clone(),
        firm_name: standing.firm_name.clone(),
        role: standing.row.role,
        client: standing.row.client.clone(),
        client_name: standing.row.client_name.clone(),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MembershipRequest {
    /// The `id` of one of the person's memberships.
    membership: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Me {
    person: PersonView,
    firm: Named<FirmId>,
    role: Role,
    /// The company, for its own people.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Named<ClientId>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Named<Id> {
    id: Id,
    name: String,
}

pub(crate) async fn membership(
    State(app): State<App>,
    token: SessionToken,
    caller: Caller,
    Json(request): Json<MembershipRequest>,
) -> Result<Response, Failure> {
    let current = own::any(&app, &token).await?;
    let (token, standing, _) = begin::act_as(&app, &current, &request.membership, &caller).await?;
    let firm = Named { id: standing.firm.clone(), name: standing.firm_name.clone() };
    let answer = me_of(&current, &standing.row, firm);
    Ok((cookies::start(&token), answers::json(&answer)).into_response())
}

pub(crate) async fn me(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    let (Some(acts_as), Some(membership)) = (&current.row.acts_as, &current.membership) else {
        let words = "Choose one of your memberships first, by POST /api/v1/auth/membership.";
        return Err(Failure::Refused(words.into()));
    };
    let name = if acts_as.membership == PLATFORM_MEMBERSHIP {
        "Portico".to_owned()
    } else {
        let brand = Identity::open(app.aws()).brand(&acts_as.firm).await?;
        brand.map(|brand| brand.firm_name).unwrap_or_default()
    };
    Ok(answers::json(&me_of(&current, membership, Named { id: acts_as.firm.clone(), name })))
}

fn me_of(current: &Current, membership: &MembershipRow, firm: Named<FirmId>) -> Me {
    let client =
        membership.client.clone().map(|id| Named { id, name: membership.client_name.clone().unwrap_or_default() });
    let person =
        PersonView { id: current.row.person.clone(), name: membership.name.clone(), email: current.row.email.clone() };
    Me { person, firm, role: membership.role, client }
}

pub(crate) async fn sign_out(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    sessions::end_own(&app, &token).await?;
    Ok((cookies::end(), answers::no_content()).into_response())
}

pub(crate) async fn sign_out_everywhere(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let current = own::whole(&app, &token).await?;
    sessions::end_all(&app, &current, true).await?;
    Ok((cookies::end(), answers::no_content()).into_response())
}
