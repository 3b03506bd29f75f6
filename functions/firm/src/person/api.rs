//! One person for programs: the same as the pages, as JSON.

use std::collections::BTreeSet;

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::permissions::{Adjusted, ChangeRoles, EndMemberships, EndSessions, ManagePeople, Name as PermissionName};
use domain::person::change::Change;
use domain::{ClientId, EmailAddress, PersonId, Role, SessionId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, MemberFacts, SessionInHome};
use web::{App, Failure, Json, Path, Query, answers};

use super::{
    Known, Of, OfMembership, OfSession, PermissionOut, changed, invited_again, permissions_of, sign_out, withdrawn,
};

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonOut {
    id: PersonId,
    memberships: Vec<MembershipOut>,
    /// Staff: the clients assigned.
    assigned: Vec<AssignedOut>,
    sessions: Vec<SessionOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    last_signed_in_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct MembershipOut {
    /// `FIRM`, or a client's id.
    membership: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
    name: String,
    email: EmailAddress,
    role: Role,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    ended_at: Option<Timestamp>,
    permissions: Vec<PermissionOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AssignedOut {
    client: ClientId,
    name: String,
    #[schemars(with = "String")]
    at: Timestamp,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SessionOut {
    pub(crate) id: SessionId,
    #[schemars(with = "String")]
    pub(crate) started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
}

impl SessionOut {
    pub(crate) fn of((id, row): (SessionId, SessionInHome)) -> Self {
        Self { id, started_at: row.started_at, device: row.device, place: row.place }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Path(Of { person }): Path<Of>,
) -> Result<Response, Failure> {
    let known = Known::read(&FirmStore::open(app.aws(), &scope), &person).await?;
    let memberships = known.memberships.into_iter().map(|(membership, row, listed)| MembershipOut {
        membership: membership.as_str().to_owned(),
        client_name: row.client_name,
        permissions: permissions_of(row.role, &row.adjusted),
        name: row.name,
        email: row.email,
        role: row.role,
        active: row.active,
        since: listed.and_then(|listed| listed.since),
        ended_at: row.ended_at,
    });
    let assigned =
        known.assigned.into_iter().map(|one| AssignedOut { client: one.client, name: one.client_name, at: one.at });
    Ok(answers::json(&PersonOut {
        id: person,
        memberships: memberships.collect(),
        assigned: assigned.collect(),
        sessions: known.sessions.into_iter().map(SessionOut::of).collect(),
        last_signed_in_at: known.last.map(|last| last.at),
    }))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    role: Role,
    /// Said by who was told that it is a client's last admin.
    #[serde(default)]
    even_last_admin: bool,
}

pub(crate) async fn role(
    State(app): State<App>,
    scope: FirmScope<ChangeRoles>,
    Path(of): Path<OfMembership>,
    Json(new): Json<NewRole>,
) -> Result<Response, Failure> {
    let asks = |_: &MemberFacts| Ok(Change::Role(new.role));
    changed(&app, &scope, &of.person, &of.place()?, new.even_last_admin, &asks).await?;
    Ok(answers::no_content())
}

/// What is given to and taken from somebody beside the role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPermissions {
    pub(crate) granted: BTreeSet<PermissionName>,
    pub(crate) removed: BTreeSet<PermissionName>,
}

impl NewPermissions {
    pub(crate) fn adjusted(self) -> Adjusted {
        Adjusted { granted: self.granted, removed: self.removed }
    }
}

pub(crate) async fn permissions(
    State(app): State<App>,
    scope: FirmScope<ChangeRoles>,
    Path(of): Path<OfMembership>,
    Json(new): Json<NewPermissions>,
) -> Result<Response, Failure> {
    let adjusted = new.adjusted();
    let asks = |_: &MemberFacts| Ok(Change::Permissions(adjusted.clone()));
    changed(&app, &scope, &of.person, &of.place()?, false, &asks).await?;
    Ok(answers::no_content())
}

/// How a membership is ended.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Ending {
    /// Said by who was told that it is a client's last admin.
    #[serde(default)]
    pub(crate) even_last_admin: bool,
}

pub(crate) async fn end(
    State(app): State<App>,
    scope: FirmScope<EndMemberships>,
    Path(of): Path<OfMembership>,
    Query(ending): Query<Ending>,
) -> Result<Response, Failure> {
    changed(&app, &scope, &of.person, &of.place()?, ending.even_last_admin, &|_| Ok(Change::End)).await?;
    Ok(answers::no_content())
}

pub(crate) async fn reinstate(
    State(app): State<App>,
    scope: FirmScope<EndMemberships>,
    Path(of): Path<OfMembership>,
) -> Result<Response, Failure> {
    changed(&app, &scope, &of.person, &of.place()?, false, &|_| Ok(Change::Reinstate)).await?;
    Ok(answers::no_content())
}

pub(crate) async fn mail_again(
    State(app): State<App>,
    scope: FirmScope<ManagePeople>,
    Path(of): Path<OfMembership>,
) -> Result<Response, Failure> {
    let row = invited_again(&app, &scope, &of.person, &of.place()?).await?;
    Ok(answers::json_with(http::StatusCode::ACCEPTED, &crate::people::Invited { order: row.order }))
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    scope: FirmScope<EndMemberships>,
    Path(of): Path<OfMembership>,
) -> Result<Response, Failure> {
    withdrawn(&app, &scope, &of.person, &of.place()?).await?;
    Ok(answers::no_content())
}

pub(crate) async fn end_session(
    State(app): State<App>,
    scope: FirmScope<EndSessions>,
    Path(OfSession { person, session }): Path<OfSession>,
) -> Result<Response, Failure> {
    sign_out(&app, &scope, &person, &session).await?;
    Ok(answers::no_content())
}
