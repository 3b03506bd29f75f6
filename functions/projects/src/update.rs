//! Telling the client how a project stands, in the firm's own words.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::permissions::{EditProjects, ViewProjects};
use domain::project::update::{self, NewUpdate, Update};
use domain::project::{Project, ProjectRefused};
use domain::text::Note;
use domain::{Date, ProjectId, UpdateId, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, Once, StorageError, Tries};
use web::{App, Failure, Form, IdempotencyKey, Json, Page, Path, answers};

use crate::api::Of;
use crate::pages::Done;
use crate::show::{self, today};

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UpdateList {
    items: Vec<Update>,
}

/// The form of a project's page, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(crate) text: String,
    pub(crate) next_update_on: String,
    /// Made with the form, so that sending it twice tells the client once.
    pub(crate) once: String,
}

/// The field that is wrong, and why.
pub(crate) type Wrong = (&'static str, String);

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewProjects>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (project, items) =
        tokio::join!(store.project(&of.project), store.updates(Some(&of.project), limits::PAGE_ROWS_MAX));
    project?.ok_or(Failure::NotFound)?;
    Ok(answers::json(&UpdateList { items: items? }))
}

pub(crate) async fn create(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    key: Option<IdempotencyKey>,
    Path(of): Path<Of>,
    Json(new): Json<NewUpdate>,
) -> Result<Response, Failure> {
    let update = store(&app, &scope, &of.project, &new, key.as_ref()).await??;
    Ok(answers::json_with(StatusCode::CREATED, &update))
}

/// The second scope draws the page again where something is wrong: both are of one person and one client.
pub(crate) async fn write(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    seen: ClientScope<ViewProjects>,
    Path(of): Path<Of>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let wrong = match typed.parse() {
        Ok(new) => {
            let key = IdempotencyKey::parse(&typed.once)?;
            match store(&app, &scope, &of.project, &new, Some(&key)).await? {
                Ok(_) => {
                    let (client, done) = (scope.client(), Done::Told.as_str());
                    return Ok(answers::see_other(&format!("/clients/{client}/projects/{}?done={done}", of.project)));
                }
                Err(why) => ("next_update_on", why.to_string()),
            }
        }
        Err(wrong) => wrong,
    };
    show::refused(&app, &seen, &page, &of, typed, wrong).await
}

impl Typed {
    fn parse(&self) -> Result<NewUpdate, Wrong> {
        let text = Note::parse(&self.text).map_err(|why| ("text", why.to_string()))?;
        let day = self.next_update_on.trim();
        let next_update_on: Option<Date> = day.parse().ok();
        if !day.is_empty() && next_update_on.is_none() {
            return Err(("next_update_on", ProjectRefused::PromisedForPast.to_string()));
        }
        Ok(NewUpdate { text, next_update_on })
    }
}

/// Load, decide, store. A race that was lost is decided anew: what is written does not depend on what it met.
async fn store(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &ProjectId,
    new: &NewUpdate,
    key: Option<&IdempotencyKey>,
) -> Result<Result<Update, ProjectRefused>, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let (found, brand) = tokio::join!(store.project(id), app.brand(scope));
        let (before, brand): (Project, _) = (found?.ok_or(Failure::NotFound)?, brand?);
        let mut moment = app.moment();
        let decided = update::write(&before, new.clone(), scope.person(), today(app, &brand), &mut moment);
        let (after, update) = match decided {
            Ok(decided) => decided,
            Err(why) => return Ok(Err(why)),
        };
        let once = key.map(|key| Once { key: key.as_str(), answer: update.id.to_string() });
        match store.write_update(&before, &after, &update, once, &mut moment).await {
            Ok(_) => return Ok(Ok(update)),
            Err(StorageError::DoneBefore(answer)) => {
                return Ok(Ok(store.update(&UpdateId::parse(&answer)?).await?.ok_or(Failure::NotFound)?));
            }
            Err(error) => tries.another(error).await?,
        }
    }
}
