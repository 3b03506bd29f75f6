//! One client's projects: the status board, and each with its timeline.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::Document;
use domain::permissions::ViewProjects;
use domain::person::TeamMember;
use domain::project::{Project, Standing};
use domain::{calendar, limits, project};
use serde::Deserialize;
use storage::{ClientStore, DocumentFilter};
use web::{App, Failure, Page, Path, Place, Query, Shell};

use crate::api::Of;
use crate::pages::board::{self, Board};
use crate::pages::project as project_page;
use crate::pages::{Done, Reader};

/// Documents beside a project.
const FILES_SHOWN: usize = 5;

/// What has just been done, in the address after a redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    pub(crate) done: Option<String>,
}

pub(crate) async fn board(
    State(app): State<App>,
    scope: ClientScope<ViewProjects>,
    page: Page,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (profile, projects, team, brand) =
        tokio::join!(store.profile(), store.projects(), store.team(), app.brand(&scope));
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (mut projects, team, brand) = (projects?, team?, brand?);
    project::home::most_urgent_first(&mut projects);
    let (open, closed): (Vec<Project>, Vec<Project>) =
        projects.into_iter().partition(|project| project.standing == Standing::Active);
    let reader = Reader::of(&scope, &brand, app.now());
    let view = Board {
        reader: &reader,
        client: scope.client(),
        client_name: profile.name.as_str(),
        open: &open,
        closed: &closed,
        team: &team,
    };
    let title = reader.nouns_capital();
    let shell = Shell::new(&title, Place::Projects).inside(scope.client(), profile.name.as_str()).wide();
    page.show(&app, &scope, shell, board::board(&view)).await
}

pub(crate) async fn project(
    State(app): State<App>,
    scope: ClientScope<ViewProjects>,
    Path(of): Path<Of>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let newest = DocumentFilter::default();
    let (profile, found, team, documents, brand) = tokio::join!(
        store.profile(),
        store.project(&of.project),
        store.team(),
        store.documents(&newest, None, limits::RECENT_DOCUMENTS_MAX),
        app.brand(&scope),
    );
    let found = found?.ok_or(Failure::NotFound)?;
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (team, documents, brand) = (team?, documents?.documents, brand?);
    let mine: Vec<&Document> =
        documents.iter().filter(|document| document.project == found.id).take(FILES_SHOWN).collect();
    let reader = Reader::of(&scope, &brand, app.now());
    let colleagues: Vec<&TeamMember> = team.iter().filter(|member| found.team.contains(&member.person)).collect();
    let view = project_page::View {
        reader: &reader,
        client: scope.client(),
        client_name: profile.name.as_str(),
        project: &found,
        team: &colleagues,
        files: &mine,
        may_edit: scope.may(domain::PermissionName::EditProjects),
    };
    let done = after.done.as_deref().and_then(Done::parse).map(|done| done.words(found.pack));
    let shell = Shell::new(found.name.as_str(), Place::Projects)
        .inside(scope.client(), profile.name.as_str())
        .notice(done.as_deref())
        .aside(project_page::aside(&view));
    page.show(&app, &scope, shell, project_page::project(&view)).await
}

/// The civil day at the firm.
pub(crate) fn today(app: &App, brand: &storage::Brand) -> domain::Date {
    calendar::today(app.now(), &brand.time_zone())
}
