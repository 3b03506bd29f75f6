//! Newsletters to the firm's clients: drafted, tried on their writer, sent once.

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::ManageSettings as Manage;
use domain::firm::newsletter::{Letter, NewNewsletter, Newsletter, NewsletterRefused, Recipients, Sent};
use domain::permissions::ManageSettings;
use domain::person::FieldRefused;
use domain::{ClientId, NewsletterId, Timestamp};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, ListedClient};
use web::{Access, App, Doc, Failure, Fields, Json, Page, Path, Place, Query, Routes, Shell, answers};

use crate::clients::by_name;
use crate::pages::newsletters as pages;

const LIST: &str = "/firm/newsletters";

pub(crate) fn routes(routes: Routes) -> Routes {
    let manage = Access::Needs(Manage);
    let (page, all, one) =
        ("/firm/newsletters/{newsletter}", "/api/v1/firm/newsletters", "/api/v1/firm/newsletters/{newsletter}");
    let list = Doc::new("Lists the firm's newsletters, the newest first");
    let write = Doc::new("Drafts a newsletter to all clients, or to chosen ones").takes::<NewNewsletter>();
    let show = Doc::new("A newsletter");
    let change = Doc::new("Changes a draft").takes::<NewNewsletter>();
    let remove = Doc::new("Throws a draft away");
    let trial = Doc::new("Mails a draft to whoever asks, and to nobody else");
    let send = Doc::new("Sends a draft to its clients, once").takes::<Sending>();
    routes
        .page(Method::GET, LIST, manage, list_page)
        .page(Method::POST, LIST, manage, write_page)
        .page(Method::GET, "/firm/newsletters/new", manage, new_page)
        .page(Method::GET, page, manage, show_page)
        .page(Method::POST, page, manage, save_page)
        .page(Method::POST, "/firm/newsletters/{newsletter}/trial", manage, try_page)
        .page(Method::POST, "/firm/newsletters/{newsletter}/sending", manage, send_page)
        .api(Method::GET, all, manage, list_json, list.answers::<NewsletterList>(200))
        .api(Method::POST, all, manage, write_json, write.answers::<NewsletterOut>(201))
        .api(Method::GET, one, manage, show_json, show.answers::<NewsletterOut>(200))
        .api(Method::PUT, one, manage, save_json, change.answers::<NewsletterOut>(200))
        .api(Method::DELETE, one, manage, remove_json, remove.answers_empty(204))
        .api(Method::POST, "/api/v1/firm/newsletters/{newsletter}/trial", manage, try_json, trial.answers_empty(202))
        .api(
            Method::POST,
            "/api/v1/firm/newsletters/{newsletter}/sending",
            manage,
            send_json,
            send.answers::<NewsletterOut>(202),
        )
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    newsletter: NewsletterId,
}

/// The version that was looked at before it was sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sending {
    version: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NewsletterList {
    items: Vec<NewsletterOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NewsletterOut {
    id: NewsletterId,
    #[serde(flatten)]
    letter: Letter,
    to: Recipients,
    #[schemars(with = "String")]
    written_at: Timestamp,
    /// None of a draft.
    sent: Option<Sent>,
    version: u64,
}

impl From<Newsletter> for NewsletterOut {
    fn from(of: Newsletter) -> Self {
        let Newsletter { id, letter, to, written_at, sent, version, .. } = of;
        Self { id, letter, to, written_at, sent, version }
    }
}

#[derive(Debug, Default, Deserialize)]
struct Done {
    #[serde(default)]
    done: Option<String>,
}

fn typed(fields: &Fields) -> NewNewsletter {
    NewNewsletter {
        subject: fields.text("subject"),
        text: fields.text("text"),
        to: fields.text("to"),
        clients: fields.all("clients").map(str::to_owned).collect(),
    }
}

fn conflict(refused: NewsletterRefused) -> Failure {
    Failure::Conflict(refused.to_string())
}

/// Those to whom anything can be sent, by name.
async fn clients(store: &FirmStore<'_, ManageSettings>) -> Result<Vec<ListedClient>, Failure> {
    let (clients, archived) = tokio::join!(store.clients(), store.archived());
    let (mut clients, archived) = (by_name(clients?, None), archived?);
    clients.retain(|client| !archived.contains_key(&client.client));
    Ok(clients)
}

fn ids(clients: &[ListedClient]) -> Vec<ClientId> {
    clients.iter().map(|client| client.client.clone()).collect()
}

async fn found(store: &FirmStore<'_, ManageSettings>, id: &NewsletterId) -> Result<Newsletter, Failure> {
    store.newsletter(id).await?.ok_or(Failure::NotFound)
}

/// Inner: what was typed is refused at its fields.
type Written = Result<Newsletter, Vec<FieldRefused>>;

async fn written(app: &App, scope: &FirmScope<ManageSettings>, new: &NewNewsletter) -> Result<Written, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let known = ids(&clients(&store).await?);
    let mut moment = app.moment();
    let draft = match Newsletter::draft(new, &known, scope.person().clone(), &mut moment) {
        Ok(draft) => draft,
        Err(refused) => return Ok(Err(refused)),
    };
    store.save_newsletter(None, &draft, &mut moment).await?;
    Ok(Ok(draft))
}

async fn saved(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    id: &NewsletterId,
    new: &NewNewsletter,
) -> Result<Written, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (known, of) = tokio::join!(clients(&store), found(&store, id));
    let (known, of) = (ids(&known?), of?);
    let mut moment = app.moment();
    let next = match of.change(new, &known, scope.person().clone(), moment.now).map_err(conflict)? {
        Ok(next) => next,
        Err(refused) => return Ok(Err(refused)),
    };
    store.save_newsletter(Some(&of), &next, &mut moment).await?;
    Ok(Ok(next))
}

async fn removed(app: &App, scope: &FirmScope<ManageSettings>, id: &NewsletterId) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let of = found(&store, id).await?;
    if of.sent.is_some() {
        return Err(conflict(NewsletterRefused::Sent));
    }
    Ok(store.remove_newsletter(&of, &mut app.moment()).await?)
}

async fn tried(app: &App, scope: &FirmScope<ManageSettings>, id: &NewsletterId) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let of = found(&store, id).await?;
    let next = of.tried().map_err(conflict)?;
    let to = &scope.vended().grant.email;
    Ok(store.try_newsletter(&of, &next, to, &mut app.moment()).await?)
}

async fn sent(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    id: &NewsletterId,
    version: u64,
) -> Result<Newsletter, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (known, of) = tokio::join!(clients(&store), found(&store, id));
    let (known, of) = (ids(&known?), of?);
    let mut moment = app.moment();
    let next = of.send(version, &known, scope.person().clone(), moment.now).map_err(conflict)?;
    store.send_newsletter(&of, &next, &mut moment).await?;
    Ok(next)
}

async fn list_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let (brand, list) = tokio::join!(app.aws().brand(&scope, app.now()), store.newsletters());
    let (brand, list) = (brand?, list?);
    let notice = (done.done.as_deref() == Some("removed")).then_some("The draft is gone.");
    let shell = Shell::new("Newsletters", Place::Settings).notice(notice);
    let body = pages::list(&list, app.now(), &brand.time_zone());
    page.show(&app, &scope, shell, body).await
}

async fn new_page(State(app): State<App>, scope: FirmScope<ManageSettings>, page: Page) -> Result<Response, Failure> {
    let new = NewNewsletter { to: "all".to_owned(), ..NewNewsletter::default() };
    draw_new(&app, &scope, &page, &new, &[]).await
}

async fn draw_new(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    page: &Page,
    typed: &NewNewsletter,
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let clients = clients(&FirmStore::open(app.aws(), scope)).await?;
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new("New newsletter", Place::Settings).status(status);
    let form = pages::Form { action: LIST, typed, refused, clients: &clients, csrf: &page.csrf };
    page.show(app, scope, shell, pages::new(&form)).await
}

async fn write_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = typed(&fields);
    match written(&app, &scope, &new).await? {
        Ok(draft) => Ok(answers::see_other(&format!("{LIST}/{}?done=saved", draft.id))),
        Err(refused) => draw_new(&app, &scope, &page, &new, &refused).await,
    }
}

async fn show_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let notice = match done.done.as_deref() {
        Some("saved") => Some("Saved. Nobody has it yet."),
        Some("tried") => Some("It is on its way to your own address."),
        Some("sent") => Some("Sent. Your clients' people hear of it as each of them chose."),
        _ => None,
    };
    draw(&app, &scope, &page, &of.newsletter, notice, None).await
}

async fn draw(
    app: &App,
    scope: &FirmScope<ManageSettings>,
    page: &Page,
    id: &NewsletterId,
    notice: Option<&str>,
    wrong: Option<(&NewNewsletter, &[FieldRefused])>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (brand, of, clients) = tokio::join!(app.aws().brand(scope, app.now()), found(&store, id), clients(&store));
    let (brand, of, clients) = (brand?, of?, clients?);
    let kept = NewNewsletter::of(&of);
    let (typed, refused) = wrong.unwrap_or((&kept, &[]));
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new(of.letter.subject.as_str(), Place::Settings).notice(notice).status(status);
    let view = pages::View {
        of: &of,
        firm_name: &brand.firm_name,
        own_address: scope.vended().grant.email.as_str(),
        form: pages::Form { action: &format!("{LIST}/{id}"), typed, refused, clients: &clients, csrf: &page.csrf },
        now: app.now(),
        zone: &brand.time_zone(),
    };
    page.show(app, scope, shell, pages::one(&view)).await
}

async fn save_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    if fields.has("remove") {
        removed(&app, &scope, &of.newsletter).await?;
        return Ok(answers::see_other("/firm/newsletters?done=removed"));
    }
    let new = typed(&fields);
    match saved(&app, &scope, &of.newsletter, &new).await? {
        Ok(_) => Ok(answers::see_other(&format!("{LIST}/{}?done=saved", of.newsletter))),
        Err(refused) => draw(&app, &scope, &page, &of.newsletter, None, Some((&new, &refused))).await,
    }
}

async fn try_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    tried(&app, &scope, &of.newsletter).await?;
    Ok(answers::see_other(&format!("{LIST}/{}?done=tried", of.newsletter)))
}

async fn send_page(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let seen = fields.text("version").parse().unwrap_or_default();
    sent(&app, &scope, &of.newsletter, seen).await?;
    Ok(answers::see_other(&format!("{LIST}/{}?done=sent", of.newsletter)))
}

async fn list_json(State(app): State<App>, scope: FirmScope<ManageSettings>) -> Result<Response, Failure> {
    let list = FirmStore::open(app.aws(), &scope).newsletters().await?;
    Ok(answers::json(&NewsletterList { items: list.into_iter().map(NewsletterOut::from).collect() }))
}

async fn write_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Json(new): Json<NewNewsletter>,
) -> Result<Response, Failure> {
    let draft = written(&app, &scope, &new).await??;
    Ok(answers::json_with(StatusCode::CREATED, &NewsletterOut::from(draft)))
}

async fn show_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let of = found(&FirmStore::open(app.aws(), &scope), &of.newsletter).await?;
    Ok(answers::json(&NewsletterOut::from(of)))
}

async fn save_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    Json(new): Json<NewNewsletter>,
) -> Result<Response, Failure> {
    let next = saved(&app, &scope, &of.newsletter, &new).await??;
    Ok(answers::json(&NewsletterOut::from(next)))
}

async fn remove_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    removed(&app, &scope, &of.newsletter).await?;
    Ok(answers::no_content())
}

async fn try_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
) -> Result<StatusCode, Failure> {
    tried(&app, &scope, &of.newsletter).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn send_json(
    State(app): State<App>,
    scope: FirmScope<ManageSettings>,
    Path(of): Path<Of>,
    Json(Sending { version }): Json<Sending>,
) -> Result<Response, Failure> {
    let next = sent(&app, &scope, &of.newsletter, version).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &NewsletterOut::from(next)))
}
