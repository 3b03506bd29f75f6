//! The texts that a firm keeps to write with. Load, decide, store; what was overtaken is decided anew, since one text says
//! nothing of another.

use access::FirmScope;
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::ManageSettings as Manage;
use domain::TextId;
use domain::firm::texts::{KeptText, NewText, Texts};
use domain::permissions::ManageSettings;
use domain::person::FieldRefused;
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, Tries};
use web::{Access, App, Doc, Failure, Fields, Json, Page, Path, Place, Query, Routes, Shell, answers};

use crate::pages::texts as pages;

const PAGE: &str = "/firm/settings/texts";

pub(crate) fn routes(routes: Routes) -> Routes {
    let manage = Access::Needs(Manage);
    let all = "/api/v1/firm/texts";
    let one = "/api/v1/firm/texts/{text}";
    let list = Doc::new("Lists the texts that the firm's people write with");
    let add = Doc::new("Keeps another text to write with").takes::<NewText>();
    let change = Doc::new("Changes a text to write with").takes::<NewText>();
    let remove = Doc::new("Removes a text to write with");
    routes
        .page(Method::GET, PAGE, manage, show)
        .page(Method::POST, PAGE, manage, add_page)
        .page(Method::POST, "/firm/settings/texts/{text}", manage, save_page)
        .api(Method::GET, all, manage, list_json, list.answers::<TextList>(200))
        .api(Method::POST, all, manage, add_json, add.answers::<KeptText>(201))
        .api(Method::PUT, one, manage, save_json, change.answers::<KeptText>(200))
        .api(Method::DELETE, one, manage, remove_json, remove.answers_empty(204))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    text: TextId,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TextList {
    items: Vec<KeptText>,
}

#[derive(Debug, Default, Deserialize)]
struct Done {
    #[serde(default)]
    done: Option<String>,
}

/// A text's form, as typed. Several such forms stand on the page: the fields of each have its id.
fn typed(fields: &Fields, text: Option<&TextId>) -> NewText {
    let [name, body] = pages::field_names(text);
    NewText { name: fields.text(&name), body: fields.text(&body) }
}

async fn show(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let notice = match done.done.as_deref() {
        Some("added") => Some("Kept. It is there wherever a message is written."),
        Some("saved") => Some("Saved."),
        Some("removed") => Some("Removed. Messages that were written with it stay as they are."),
        _ => None,
    };
    draw(&app, &scope, &page, notice, None).await
}

async fn draw(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    page: &Page,
    notice: Option<&str>,
    wrong: Option<pages::Wrong<'_>>,
) -> Result<Response, Failure> {
    let texts = FirmStore::open(app.aws(), scope).texts().await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Message templates", Place::Settings).notice(notice).status(status);
    page.show(app, scope, shell, pages::texts(&texts, wrong.as_ref(), &page.csrf)).await
}

async fn add_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = typed(&fields, None);
    match added(&app, &scope, &typed).await? {
        Ok(_) => Ok(answers::see_other("/firm/settings/texts?done=added")),
        Err(refused) => {
            let wrong = pages::Wrong { text: None, typed: &typed, refused: &refused };
            draw(&app, &scope, &page, None, Some(wrong)).await
        }
    }
}

async fn save_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    if fields.has("remove") {
        removed(&app, &scope, &of.text).await?;
        return Ok(answers::see_other("/firm/settings/texts?done=removed"));
    }
    let typed = typed(&fields, Some(&of.text));
    match saved(&app, &scope, &of.text, &typed).await? {
        Ok(_) => Ok(answers::see_other("/firm/settings/texts?done=saved")),
        Err(refused) => {
            let wrong = pages::Wrong { text: Some(&of.text), typed: &typed, refused: &refused };
            draw(&app, &scope, &page, None, Some(wrong)).await
        }
    }
}

type Decided<T> = Result<T, Vec<FieldRefused>>;

async fn added(app: &App, scope: &FirmScope<ManageSettings>, new: &NewText) -> Result<Decided<KeptText>, Failure> {
    decided(app, scope, |texts, moment| {
        let (next, id) = texts.add(new, moment)?;
        Ok(Some((next, id)))
    })
    .await
}

async fn saved(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    text: &TextId,
    new: &NewText,
) -> Result<Decided<KeptText>, Failure> {
    decided(app, scope, |texts, _| Ok(texts.change(text, new)?.map(|next| (next, text.clone())))).await
}

async fn decided(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    decide: impl Fn(&Texts, &mut domain::Moment) -> Decided<Option<(Texts, TextId)>>,
) -> Result<Decided<KeptText>, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let mut moment = app.moment();
        let texts = store.texts().await?;
        let (next, id) = match decide(&texts, &mut moment) {
            Ok(decided) => decided.ok_or(Failure::NotFound)?,
            Err(refused) => return Ok(Err(refused)),
        };
        match store.save_texts(&texts, &next, &mut moment).await {
            Ok(()) => return Ok(Ok(next.find(&id).cloned().ok_or(Failure::NotFound)?)),
            Err(error) => tries.another(error).await?,
        }
    }
}

async fn removed(app: &App, scope: &FirmScope<ManageSettings>, text: &TextId) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let texts = store.texts().await?;
        let next = texts.remove(text).ok_or(Failure::NotFound)?;
        match store.save_texts(&texts, &next, &mut app.moment()).await {
            Ok(()) => return Ok(()),
            Err(error) => tries.another(error).await?,
        }
    }
}

async fn list_json(State(app): State<App>, scope: FirmScope<ManageSettings>) -> Result<Response, Failure> {
    let texts = FirmStore::open(app.aws(), &scope).texts().await?;
    Ok(answers::json(&TextList { items: texts.items }))
}

async fn add_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Json(new): Json<NewText>,
) -> Result<Response, Failure> {
    Ok(answers::json_with(StatusCode::CREATED, &added(&app, &scope, &new).await??))
}

async fn save_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    Json(new): Json<NewText>,
) -> Result<Response, Failure> {
    Ok(answers::json(&saved(&app, &scope, &of.text, &new).await??))
}

async fn remove_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    removed(&app, &scope, &of.text).await?;
    Ok(answers::no_content())
}
