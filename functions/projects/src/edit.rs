//! Opening a project from its pack, and changing one. Both are plain forms: two steps to open, one page to change all.

use std::convert::Infallible;

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::packs::Pack;
use domain::permissions::EditProjects;
use domain::person::TeamMember;
use domain::project::{NewProject, Project, ProjectEdit, ProjectRefused, Standing};
use domain::text::Name;
use domain::{Date, PersonId, limits};
use http::StatusCode;
use storage::{Brand, ClientStore};
use web::{App, Failure, Form, IdempotencyKey, Page, Path, Place, Shell, answers};

use crate::api::{Changed, Of, store_change, store_new};
use crate::pages::edit::{self, EditView, NewView};
use crate::pages::{Done, Reader};
use crate::show::today;
use crate::typed::{Difference, Typed, Wrong, standing};

type Fields = Vec<(String, String)>;

pub(crate) async fn new(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    page: Page,
) -> Result<Response, Failure> {
    let room = Room::load(&app, &scope).await?;
    // Whoever opens it works on it, where they are assigned.
    let own = room.staff().any(|member| member.person == *scope.person()).then(|| scope.person().to_string());
    let typed = TypedNew { team: own.into_iter().collect(), once: app.fresh_key(), ..TypedNew::default() };
    draw_new(&app, &scope, &page, &room, &typed, &Wrong::new()).await
}

pub(crate) async fn open(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Failure> {
    let typed = TypedNew::read(&fields);
    let brand = app.brand(&scope).await?;
    let wrong = match typed.parse(&brand, today(&app, &brand)) {
        Ok(new) => {
            let key = IdempotencyKey::parse(&typed.once)?;
            match store_new(&app, &scope, new, Some(&key)).await {
                Ok((project, ..)) => return Ok(to_project(&scope, &project, Done::Opened)),
                Err(Failure::Refused(why)) => vec![("name".to_owned(), why)],
                Err(failure) => return Err(failure),
            }
        }
        Err(wrong) => wrong,
    };
    let room = Room::load(&app, &scope).await?;
    draw_new(&app, &scope, &page, &room, &typed, &wrong).await
}

pub(crate) async fn form(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    page: Page,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (room, found) = tokio::join!(Room::load_with(&app, &scope, &store), store.project(&of.project));
    let (room, project) = (room?, found?.ok_or(Failure::NotFound)?);
    let drawn = Drawn { project: &project, typed: &Typed::of(&project), wrong: &Wrong::new(), differences: &[] };
    draw_edit(&app, &scope, &page, &room, &drawn).await
}

pub(crate) async fn save(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Failure> {
    if let Some(standing) = standing(&fields) {
        return save_standing(&app, &scope, &of, standing).await;
    }
    let typed = Typed::read(&fields);
    let (newest, typed, wrong, differences) =
        match store_change(&app, &scope, &of.project, |stored, today| typed.edit(stored, today)).await? {
            Changed::Stored { project, .. } => return Ok(to_project(&scope, &project, Done::Saved)),
            Changed::Unasked { why, newest } => (newest, typed, why, Vec::new()),
            Changed::Refused { why: ProjectRefused::Stale, newest } => {
                let (merged, differences) = typed.over(&newest);
                (newest, merged, Wrong::new(), differences)
            }
            Changed::Refused { why, newest } => {
                (newest, typed, vec![(edit::field_of(&why).to_owned(), why.to_string())], Vec::new())
            }
        };
    let room = Room::load(&app, &scope).await?;
    let drawn = Drawn { project: &newest, typed: &typed, wrong: &wrong, differences: &differences };
    draw_edit(&app, &scope, &page, &room, &drawn).await
}

/// Closing and reopening say nothing about the rest of the project, so that a change of somebody else does not matter.
async fn save_standing(
    app: &App,
    scope: &ClientScope<EditProjects>,
    of: &Of,
    standing: Standing,
) -> Result<Response, Failure> {
    let ask = |stored: &Project, _| -> Result<ProjectEdit, Infallible> {
        Ok(ProjectEdit { version: stored.version, standing: Some(standing), ..ProjectEdit::default() })
    };
    match store_change(app, scope, &of.project, ask).await? {
        Changed::Stored { project, .. } => {
            let done = if standing == Standing::Closed { Done::Closed } else { Done::Reopened };
            Ok(to_project(scope, &project, done))
        }
        // Pressed twice: it is closed already.
        Changed::Refused { why: ProjectRefused::IsClosed, newest } => Ok(to_project(scope, &newest, Done::Closed)),
        Changed::Refused { why, .. } => Err(why.into()),
        Changed::Unasked { why, .. } => match why {},
    }
}

/// What both forms show around the fields.
struct Room {
    client_name: String,
    team: Vec<TeamMember>,
    brand: std::sync::Arc<Brand>,
}

impl Room {
    async fn load(app: &App, scope: &ClientScope<EditProjects>) -> Result<Self, Failure> {
        Self::load_with(app, scope, &ClientStore::open(app.aws(), scope)).await
    }

    async fn load_with(
        app: &App,
        scope: &ClientScope<EditProjects>,
        store: &ClientStore<'_, ClientScope<EditProjects>>,
    ) -> Result<Self, Failure> {
        let (profile, team, brand) = tokio::join!(store.profile(), store.team(), app.brand(scope));
        let profile = profile?.ok_or(Failure::NotFound)?;
        Ok(Self { client_name: profile.name.to_string(), team: team?, brand: brand? })
    }

    /// Who may be on a project's team.
    fn staff(&self) -> impl Iterator<Item = &TeamMember> {
        self.team.iter().filter(|member| !member.of_client)
    }
}

/// The form for a new project, as typed.
#[derive(Debug, Default)]
pub(crate) struct TypedNew {
    pub(crate) name: String,
    pub(crate) pack: String,
    pub(crate) next_update_on: String,
    pub(crate) team: Vec<String>,
    /// Made with the form, so that sending it twice opens one project.
    pub(crate) once: String,
}

impl TypedNew {
    fn read(fields: &Fields) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "name" => value.clone_into(&mut typed.name),
                "pack" => value.clone_into(&mut typed.pack),
                "next_update_on" => value.clone_into(&mut typed.next_update_on),
                "once" => value.clone_into(&mut typed.once),
                "team" if typed.team.len() < limits::LISTENERS_PER_CLIENT_MAX => typed.team.push(value.clone()),
                _ => (),
            }
        }
        typed
    }

    fn parse(&self, brand: &Brand, today: Date) -> Result<NewProject, Wrong> {
        let mut wrong = Wrong::new();
        let name = Name::parse(&self.name).map_err(|why| wrong.push(("name".to_owned(), why.to_string()))).ok();
        let pack = Pack::parse(&self.pack).filter(|pack| brand.packs.contains(pack));
        if pack.is_none() {
            wrong.push(("pack".to_owned(), "Choose what kind of work it is.".to_owned()));
        }
        let typed_day = self.next_update_on.trim();
        let next_update_on: Option<Date> = typed_day.parse().ok();
        if !typed_day.is_empty() && next_update_on.is_none_or(|day| day < today) {
            wrong.push(("next_update_on".to_owned(), "Choose today or a later day.".to_owned()));
        }
        match (name, pack) {
            (Some(name), Some(pack)) if wrong.is_empty() => {
                let team = self.team.iter().filter_map(|person| PersonId::parse(person).ok()).collect();
                Ok(NewProject { name, pack, next_update_on, team, milestones: None, phase: 0 })
            }
            _ => Err(wrong),
        }
    }
}

async fn draw_new(
    app: &App,
    scope: &ClientScope<EditProjects>,
    page: &Page,
    room: &Room,
    typed: &TypedNew,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let staff: Vec<&TeamMember> = room.staff().collect();
    let reader = Reader::of(scope, &room.brand, app.now());
    let view = NewView {
        reader: &reader,
        client: scope.client(),
        client_name: &room.client_name,
        packs: &room.brand.packs,
        staff: &staff,
        typed,
        wrong,
        csrf: &page.csrf,
    };
    let title = edit::new_title(&room.brand.packs);
    let shell = Shell::new(&title, Place::Projects).inside(scope.client(), &room.client_name).status(status(wrong));
    page.show(app, scope, shell, edit::new(&view)).await
}

struct Drawn<'a> {
    project: &'a Project,
    typed: &'a Typed,
    wrong: &'a Wrong,
    differences: &'a [Difference],
}

async fn draw_edit(
    app: &App,
    scope: &ClientScope<EditProjects>,
    page: &Page,
    room: &Room,
    drawn: &Drawn<'_>,
) -> Result<Response, Failure> {
    let staff: Vec<&TeamMember> = room.staff().collect();
    let view = EditView {
        client: scope.client(),
        client_name: &room.client_name,
        project: drawn.project,
        staff: &staff,
        typed: drawn.typed,
        wrong: drawn.wrong,
        differences: drawn.differences,
        csrf: &page.csrf,
    };
    let status = if drawn.differences.is_empty() { status(drawn.wrong) } else { StatusCode::CONFLICT };
    let title = format!("Edit {}", drawn.project.name);
    let shell = Shell::new(&title, Place::Projects).inside(scope.client(), &room.client_name).status(status);
    page.show(app, scope, shell, edit::edit(&view)).await
}

fn status(wrong: &Wrong) -> StatusCode {
    if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

fn to_project(scope: &ClientScope<EditProjects>, project: &Project, done: Done) -> Response {
    answers::see_other(&format!("/clients/{}/projects/{}?done={}", scope.client(), project.id, done.as_str()))
}
