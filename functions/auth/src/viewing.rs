//! Looking at a client's portal as one of its people would see it: begun from the client's page, ended by the banner.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::SessionToken;
use domain::permissions::ViewAsClient;
use domain::person::TeamMember;
use domain::{EmailAddress, Moment, PersonId, Role, SessionId, Timestamp};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, Identity};
use web::{App, Failure, Form, Json, Page, Place, Shell, answers, cookies};

use crate::{own, pages};

/// As whom.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Chosen {
    /// One of the client's own people.
    person: PersonId,
}

/// Whom to choose from.
pub(crate) async fn choose(
    State(app): State<App>,
    scope: ClientScope<ViewAsClient>,
    page: Page,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (profile, people) = tokio::join!(store.profile(), store.own_people());
    let (profile, people) = (profile?.ok_or(Failure::NotFound)?, people?);
    let name = profile.name.as_str();
    let body = pages::viewing::choose(scope.client(), name, &people, &page.csrf);
    let shell = Shell::new("View as a client", Place::Clients).inside(scope.client(), name);
    page.show(&app, &scope, shell, body).await
}

pub(crate) async fn begin(
    State(app): State<App>,
    scope: ClientScope<ViewAsClient>,
    token: SessionToken,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    let (token, _) = begun(&app, &scope, &token, &chosen.person).await?;
    Ok((cookies::start(&token), answers::see_other("/")).into_response())
}

pub(crate) async fn end(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let (token, client) = ended(&app, &token).await?;
    Ok((cookies::start(&token), answers::see_other(&format!("/clients/{client}"))).into_response())
}

/// One of the client's own people whose access holds.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonOut {
    id: PersonId,
    name: String,
    email: EmailAddress,
    role: Role,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PeopleOut {
    items: Vec<PersonOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BegunOut {
    person: PersonId,
    #[schemars(with = "String")]
    until: Timestamp,
}

pub(crate) async fn choose_json(State(app): State<App>, scope: ClientScope<ViewAsClient>) -> Result<Response, Failure> {
    let out =
        |person: TeamMember| PersonOut { id: person.person, name: person.name, email: person.email, role: person.role };
    let people = ClientStore::open(app.aws(), &scope).own_people().await?;
    Ok(answers::json(&PeopleOut { items: people.into_iter().map(out).collect() }))
}

pub(crate) async fn begin_json(
    State(app): State<App>,
    scope: ClientScope<ViewAsClient>,
    token: SessionToken,
    Json(chosen): Json<Chosen>,
) -> Result<Response, Failure> {
    let (token, until) = begun(&app, &scope, &token, &chosen.person).await?;
    let begun = BegunOut { person: chosen.person, until };
    Ok((cookies::start(&token), answers::json_with(StatusCode::CREATED, &begun)).into_response())
}

pub(crate) async fn end_json(State(app): State<App>, token: SessionToken) -> Result<Response, Failure> {
    let (token, _) = ended(&app, &token).await?;
    Ok((cookies::start(&token), answers::no_content()).into_response())
}

async fn begun(
    app: &App,
    scope: &ClientScope<ViewAsClient>,
    token: &SessionToken,
    person: &PersonId,
) -> Result<(SessionToken, Timestamp), Failure> {
    let people = ClientStore::open(app.aws(), scope).own_people().await?;
    if people.iter().all(|one| one.person != *person) {
        return Err(Failure::Refused("Choose one of the client's people who have access today.".into()));
    }
    let current = own::whole(app, token).await?;
    let mut moment = app.moment();
    let viewing = SessionToken::viewing_from_bits([moment.next_random(), moment.next_random()]);
    let session = new_session(&viewing, &mut moment);
    let until = Identity::open(app.aws()).begin_viewing(&current, session, scope.client(), person, &mut moment).await?;
    app.aws().vendor().forget(scope.session());
    Ok((viewing, until))
}

/// Back to oneself; and which client was looked at.
async fn ended(app: &App, token: &SessionToken) -> Result<(SessionToken, domain::ClientId), Failure> {
    let current = own::whole(app, token).await?;
    let Some(viewing) = current.row.viewing.clone() else {
        return Err(Failure::Refused("You are not viewing as a client.".into()));
    };
    let mut moment = app.moment();
    let back = SessionToken::from_bits([moment.next_random(), moment.next_random()]);
    let session = new_session(&back, &mut moment);
    Identity::open(app.aws()).end_viewing(&current, session, &mut moment).await?;
    app.aws().vendor().forget(&current.row.session);
    Ok((back, viewing.client))
}

fn new_session(token: &SessionToken, moment: &mut Moment) -> (SessionId, String) {
    (SessionId::from_bits(moment.next_id()), token.hash())
}
