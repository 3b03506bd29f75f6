//! One client's projects: the status board, and each with its timeline.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::{EditProjects, ReadMessages, UploadDocuments};
use domain::document::Document;
use domain::permissions::ViewProjects;
use domain::person::TeamMember;
use domain::project::{Project, Standing};
use domain::{MilestoneId, calendar, limits, project};
use http::StatusCode;
use serde::Deserialize;
use storage::{ClientStore, DocumentFilter};
use web::{App, Failure, Page, Path, Place, Query, Shell};

use crate::api::Of;
use crate::pages::board::{self, Board};
use crate::pages::project as project_page;
use crate::pages::{Done, Reader};
use crate::update::{Typed, Wrong};

/// Documents beside a project.
const FILES_SHOWN: usize = 5;

/// What has just been done, in the address after a redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    pub(crate) done: Option<String>,
    /// What was marked as done, and how things stood before.
    #[serde(default)]
    milestone: Option<MilestoneId>,
    #[serde(default)]
    current: bool,
    #[serde(default)]
    next: Option<MilestoneId>,
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
    draw(&app, &scope, &page, &of, &after, None).await
}

/// The page again, with what is wrong with an update for the client.
pub(crate) async fn refused(
    app: &App,
    scope: &ClientScope<ViewProjects>,
    page: &Page,
    of: &Of,
    typed: Typed,
    wrong: Wrong,
) -> Result<Response, Failure> {
    draw(app, scope, page, of, &After::default(), Some((typed, wrong))).await
}

async fn draw(
    app: &App,
    scope: &ClientScope<ViewProjects>,
    page: &Page,
    of: &Of,
    after: &After,
    refused: Option<(Typed, Wrong)>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let newest = DocumentFilter::default();
    let (profile, found, team, documents, updates, requests, brand) = tokio::join!(
        store.profile(),
        store.project(&of.project),
        store.team(),
        store.documents(&newest, None, limits::RECENT_DOCUMENTS_MAX),
        store.updates(Some(&of.project), limits::UPDATES_SHOWN_MAX),
        store.open_requests(),
        app.brand(scope),
    );
    let requests = requests?;
    let found = found?.ok_or(Failure::NotFound)?;
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (team, documents, updates, brand) = (team?, documents?.documents, updates?, brand?);
    let mine: Vec<&Document> =
        documents.iter().filter(|document| document.project == found.id).take(FILES_SHOWN).collect();
    let reader = Reader::of(scope, &brand, app.now());
    let colleagues: Vec<&TeamMember> = team.iter().filter(|member| found.team.contains(&member.person)).collect();
    let grant = &scope.vended().grant;
    let (typed, wrong) = match refused {
        Some((typed, wrong)) => (typed, Some(wrong)),
        None => {
            // A promise that still holds stays; one that is due is kept by this update.
            let promised = found.next_update_on.filter(|day| *day > reader.today);
            let next_update_on = promised.map(|day| day.to_string()).unwrap_or_default();
            (Typed { next_update_on, once: app.fresh_key(), ..Typed::default() }, None)
        }
    };
    let view = project_page::View {
        reader: &reader,
        client: scope.client(),
        client_name: profile.name.as_str(),
        project: &found,
        team: &colleagues,
        everybody: &team,
        files: &mine,
        requests: &requests.iter().filter(|request| request.project == found.id).collect::<Vec<_>>(),
        updates: &updates,
        typed: &typed,
        wrong: wrong.as_ref(),
        may_edit: grant.may(EditProjects),
        may_talk: grant.may(ReadMessages),
        may_upload: grant.may(UploadDocuments),
        may_keep: grant.may_keep_internal(),
        csrf: &page.csrf,
    };
    let done = after.done.as_deref().and_then(Done::parse);
    let said = done.map(|done| done.words(found.pack));
    let undo = after.milestone.as_ref().filter(|_| done == Some(Done::Milestone)).map(|milestone| {
        let next = after.next.as_ref().map(|next| format!("&next={next}")).unwrap_or_default();
        let of = format!("/clients/{}/projects/{}/milestones/{milestone}/undo", scope.client(), found.id);
        format!("{of}?current={}{next}", after.current)
    });
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new(found.name.as_str(), Place::Projects)
        .inside(scope.client(), profile.name.as_str())
        .notice(said.as_deref())
        .undo(undo)
        .status(status)
        .aside(project_page::aside(&view));
    page.show(app, scope, shell, project_page::project(&view)).await
}

/// The civil day at the firm.
pub(crate) fn today(app: &App, brand: &storage::Brand) -> domain::Date {
    calendar::today(app.now(), &brand.time_zone())
}
