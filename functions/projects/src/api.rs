//! The JSON API of clients and projects.

use std::convert::Infallible;

use access::{Actor, ClientScope, Denied, OneClient, OnePerson};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::permissions::{EditProjects, ViewFirm, ViewProjects};
use domain::person::TeamMember;
use domain::project::card::{Asked, Card, Delivered, Line, most_urgent_first};
use domain::project::{NewProject, Project, ProjectEdit, ProjectRefused, Setting, Standing};
use domain::{ClientId, Date, PermissionName, PersonId, ProjectId, Role, Timestamp, calendar, limits, project};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, ClientsView, HomeStore, Once, StorageError, Tries};
use web::{App, Failure, IdempotencyKey, Json, Path, Query, answers};

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct After {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientList {
    items: Vec<ClientItem>,
    /// None at the end of the list.
    next: Option<ClientId>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ClientItem {
    id: ClientId,
    name: String,
    open_projects: usize,
    documents_waiting: usize,
    /// Request lists of which nothing is with the client any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    delivered: Vec<Delivered>,
    /// Conversations that wait for the firm's answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asked: Vec<Asked>,
    /// Days that the latest deadline or promised update is late.
    overdue_days: i32,
    #[schemars(with = "Option<String>")]
    last_activity_at: Option<Timestamp>,
    /// The most urgent open projects.
    projects: Vec<Line>,
    /// For partners: who of the staff is assigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    staff: Vec<String>,
}

impl ClientItem {
    fn of(card: Card, today: Date) -> Self {
        Self {
            overdue_days: card.days_late(today),
            id: card.client,
            name: card.client_name,
            open_projects: card.open_projects,
            documents_waiting: card.documents_waiting,
            delivered: card.delivered,
            asked: card.asked,
            last_activity_at: card.last_activity_at,
            projects: card.projects,
            staff: card.staff,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProjectList {
    items: Vec<ProjectOut>,
    next: Option<ProjectId>,
}

/// A project, with what a reader would else have to work out.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProjectOut {
    #[serde(flatten)]
    project: Project,
    phase_name: String,
    next_milestone: Option<Next>,
    overdue_days: i32,
    /// The team by name. Somebody who left the client's team is not in it.
    people: Vec<PersonOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Next {
    title: String,
    #[schemars(with = "Option<String>")]
    due_on: Option<Date>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PersonOut {
    id: PersonId,
    name: String,
}

impl ProjectOut {
    fn of(project: Project, team: &[TeamMember], today: Date) -> Self {
        let next = project.next_milestone();
        let people = team.iter().filter(|member| !member.of_client && project.team.contains(&member.person));
        Self {
            phase_name: project.phase_name().to_owned(),
            next_milestone: next.map(|next| Next { title: next.title.to_string(), due_on: next.due_on }),
            overdue_days: if project.standing == Standing::Closed { 0 } else { project.overdue_days(today) },
            people: people.map(|m| PersonOut { id: m.person.clone(), name: m.name.clone() }).collect(),
            project,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(crate) project: ProjectId,
}

pub(crate) async fn clients(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<After>,
) -> Result<Response, Failure> {
    let (vendor, now) = (app.aws().vendor(), app.now());
    let home = match actor.home(vendor, now).await {
        // An operator belongs to no firm and sees no client of any.
        Err(Denied::Lacks | Denied::LacksWith(_)) => return Err(Failure::Forbidden),
        home => home?,
    };
    let brand = app.brand(&home).await?;
    let today = calendar::today(now, &brand.time_zone());
    let (mut cards, next) = match home.role() {
        Role::PlatformAdmin => return Err(Failure::Forbidden),
        Role::Staff => (HomeStore::open(app.aws(), &home).assigned().await?, None),
        Role::Partner if home.may(PermissionName::ViewFirm) => {
            let scope = actor.firm::<ViewFirm>(vendor, now).await?;
            let after = query.after.as_deref().map(ClientId::parse).transpose()?;
            ClientsView::open(app.aws(), &scope).page(after.as_ref(), limits::PAGE_ROWS_MAX).await?
        }
        Role::Partner => (HomeStore::open(app.aws(), &home).assigned().await?, None),
        Role::ClientMember | Role::ClientAdmin => {
            let client = home.vended().grant.client.clone().ok_or(Failure::NotFound)?;
            let scope = actor.enter::<ViewProjects>(client.clone(), vendor, now).await?;
            let store = ClientStore::open(app.aws(), &scope);
            let (profile, projects) = tokio::join!(store.profile(), store.projects());
            let name = profile?.ok_or(Failure::NotFound)?.name.to_string();
            (vec![Card::of(client, name, &projects?)], None)
        }
    };
    if home.role() == Role::Staff {
        most_urgent_first(&mut cards, today);
    }
    let items = cards.into_iter().map(|card| ClientItem::of(card, today)).collect();
    Ok(answers::json(&ClientList { items, next }))
}

pub(crate) async fn projects(
    State(app): State<App>,
    scope: ClientScope<ViewProjects>,
    Query(query): Query<After>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (projects, team, brand) = tokio::join!(store.projects(), store.team(), app.brand(&scope));
    let (mut projects, team) = (projects?, team?);
    let today = calendar::today(app.now(), &brand?.time_zone());
    project::home::most_urgent_first(&mut projects);
    let after = query.after.as_deref().map(ProjectId::parse).transpose()?;
    let start = match after {
        None => 0,
        // A project that is gone ends the list rather than beginning it anew.
        Some(after) => {
            projects.iter().position(|project| project.id == after).map_or(projects.len(), |place| place + 1)
        }
    };
    let mut items: Vec<Project> = projects.into_iter().skip(start).take(limits::PAGE_ROWS_MAX + 1).collect();
    let more = items.len() > limits::PAGE_ROWS_MAX;
    items.truncate(limits::PAGE_ROWS_MAX);
    let next = items.last().filter(|_| more).map(|project| project.id.clone());
    let items = items.into_iter().map(|project| ProjectOut::of(project, &team, today)).collect();
    Ok(answers::json(&ProjectList { items, next }))
}

pub(crate) async fn project(
    State(app): State<App>,
    scope: ClientScope<ViewProjects>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (project, team, brand) = tokio::join!(store.project(&of.project), store.team(), app.brand(&scope));
    let project = project?.ok_or(Failure::NotFound)?;
    let today = calendar::today(app.now(), &brand?.time_zone());
    Ok(answers::json(&ProjectOut::of(project, &team?, today)))
}

pub(crate) async fn open(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    key: Option<IdempotencyKey>,
    Json(new): Json<NewProject>,
) -> Result<Response, Failure> {
    let (project, team, today) = store_new(&app, &scope, new, key.as_ref()).await?;
    let place = format!("/api/v1/clients/{}/projects/{}", scope.client(), project.id);
    let place = HeaderValue::from_str(&place).map_err(Failure::bug)?;
    let answer = answers::json_with(StatusCode::CREATED, &ProjectOut::of(project, &team, today));
    Ok(([(LOCATION, place)], answer).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    Json(edit): Json<ProjectEdit>,
) -> Result<Response, Failure> {
    match store_change(&app, &scope, &of.project, |_, _| Ok::<_, Infallible>(edit.clone())).await? {
        Changed::Stored { project, team, today } => Ok(answers::json(&ProjectOut::of(*project, &team, today))),
        Changed::Refused { why, .. } => Err(why.into()),
        Changed::Unasked { why, .. } => match why {},
    }
}

/// Opens a project once: a repeated key gives the project that it led to the first time.
pub(crate) async fn store_new(
    app: &App,
    scope: &ClientScope<EditProjects>,
    new: NewProject,
    key: Option<&IdempotencyKey>,
) -> Result<(Project, Vec<TeamMember>, Date), Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (projects, team, brand) = tokio::join!(store.projects(), store.team(), app.brand(scope));
    let (existing, team, zone) = (projects?.len(), team?, brand?.time_zone());
    let mut moment = app.moment();
    let today = calendar::today(moment.now, &zone);
    let assigned = assigned(&team);
    let setting = Setting { zone: &zone, assigned: &assigned };
    let (project, _) = project::open(new, existing, &setting, &mut moment)?;
    let once = key.map(|key| Once { key: key.as_str(), answer: project.id.to_string() });
    match store.open_project(&project, once, &mut moment).await {
        Ok(_) => Ok((project, team, today)),
        Err(StorageError::DoneBefore(answer)) => {
            let first = store.project(&ProjectId::parse(&answer)?).await?.ok_or(Failure::NotFound)?;
            Ok((first, team, today))
        }
        Err(error) => Err(error.into()),
    }
}

/// What became of a change.
pub(crate) enum Changed<E> {
    Stored {
        project: Box<Project>,
        team: Vec<TeamMember>,
        today: Date,
    },
    /// Nothing was stored; `newest` is what it would have changed.
    Refused {
        why: ProjectRefused,
        newest: Box<Project>,
    },
    /// What was sent asks for no change that could be decided on.
    Unasked {
        why: E,
        newest: Box<Project>,
    },
}

/// Load, decide, store. `ask` says what is wanted of the project as it is stored. A race that was lost is decided anew
/// on what is stored then.
pub(crate) async fn store_change<E>(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &ProjectId,
    ask: impl Fn(&Project, Date) -> Result<ProjectEdit, E>,
) -> Result<Changed<E>, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let (found, team, brand) = tokio::join!(store.project(id), store.team(), app.brand(scope));
        let (before, team, zone) = (found?.ok_or(Failure::NotFound)?, team?, brand?.time_zone());
        let mut moment = app.moment();
        let today = calendar::today(moment.now, &zone);
        let edit = match ask(&before, today) {
            Ok(edit) => edit,
            Err(why) => return Ok(Changed::Unasked { why, newest: Box::new(before) }),
        };
        let assigned = assigned(&team);
        let setting = Setting { zone: &zone, assigned: &assigned };
        let (after, events) = match project::edit(&before, edit, &setting, &mut moment) {
            Ok(decided) => decided,
            Err(why) => return Ok(Changed::Refused { why, newest: Box::new(before) }),
        };
        if events.is_empty() {
            return Ok(Changed::Stored { project: Box::new(before), team, today });
        }
        match store.save_project(&before, &after, &events, &mut moment).await {
            Ok(_) => return Ok(Changed::Stored { project: Box::new(after), team, today }),
            Err(error) => tries.another(error).await?,
        }
    }
}

/// Who may be on a project's team.
fn assigned(team: &[TeamMember]) -> Vec<PersonId> {
    team.iter().filter(|member| !member.of_client).map(|member| member.person.clone()).collect()
}
