//! Newsletters to the firm's clients: drafted, tried on their writer, sent once.

use access::{FirmScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::{SendNewsletters as MaySend, WriteNewsletters as MayWrite};
use domain::firm::newsletter::{Letter, NewNewsletter, Newsletter, NewsletterRefused, Recipients, Sent};
use domain::permissions::{SendNewsletters, WriteNewsletters};
use domain::person::FieldRefused;
use domain::{ClientId, NewsletterId, Timestamp};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{FirmStore, ListedClient, Newest, Newsletters, StorageError};
use web::{Access, App, Doc, Failure, Fields, Json, Page, Path, Place, Query, Routes, Shell, answers};

use crate::clients::by_name;
use crate::pages::newsletters as pages;

const LIST: &str = "/firm/newsletters";

pub(crate) fn routes(routes: Routes) -> Routes {
    let (write, send) = (Access::Needs(MayWrite), Access::Needs(MaySend));
    let (page, all, one) =
        ("/firm/newsletters/{newsletter}", "/api/v1/firm/newsletters", "/api/v1/firm/newsletters/{newsletter}");
    let list = Doc::new("Lists the firm's newsletters, the newest first").query::<Older>();
    let new = Doc::new("Drafts a newsletter to all clients, or to chosen ones").takes::<NewNewsletter>();
    let show = Doc::new("A newsletter");
    let change = Doc::new("Changes a draft").takes::<NewNewsletter>();
    let remove = Doc::new("Throws a draft away");
    let trial = Doc::new("Mails a draft to whoever asks, and to nobody else");
    let leave = Doc::new("Sends a draft to its clients, once").takes::<Sending>();
    routes
        .page(Method::GET, LIST, write, list_page)
        .page(Method::POST, LIST, write, write_page)
        .page(Method::GET, "/firm/newsletters/new", write, new_page)
        .page(Method::GET, page, write, show_page)
        .page(Method::POST, page, write, save_page)
        .page(Method::POST, "/firm/newsletters/{newsletter}/trial", write, try_page)
        .page(Method::POST, "/firm/newsletters/{newsletter}/sending", send, send_page)
        .api(Method::GET, all, write, list_json, list.answers::<NewsletterList>(200))
        .api(Method::POST, all, write, write_json, new.answers::<NewsletterOut>(201))
        .api(Method::GET, one, write, show_json, show.answers::<NewsletterOut>(200))
        .api(Method::PUT, one, write, save_json, change.answers::<NewsletterOut>(200))
        .api(Method::DELETE, one, write, remove_json, remove.answers_empty(204))
        .api(
            Method::POST,
            "/api/v1/firm/newsletters/{newsletter}/trial",
            write,
            try_json,
            trial.answers::<NewsletterOut>(202),
        )
        .api(
            Method::POST,
            "/api/v1/firm/newsletters/{newsletter}/sending",
            send,
            send_json,
            leave.answers::<NewsletterOut>(202),
        )
}

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    newsletter: NewsletterId,
}

/// The edition that was looked at before it was sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sending {
    edition: u64,
}

/// Where the next page of the list begins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Older {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<NewsletterId>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NewsletterList {
    items: Vec<NewsletterOut>,
    /// None at the end of the list.
    next: Option<NewsletterId>,
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
    /// Of its words and of whom it is for: to be named by whoever changes or sends it.
    edition: u64,
}

impl From<Newsletter> for NewsletterOut {
    fn from(of: Newsletter) -> Self {
        let Newsletter { id, letter, to, written_at, sent, edition, .. } = of;
        Self { id, letter, to, written_at, sent, edition }
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
        edition: fields.text("edition").parse().ok(),
    }
}

fn conflict(refused: NewsletterRefused) -> Failure {
    Failure::Conflict(refused.to_string())
}

/// Those to whom anything can be sent, by name.
async fn clients<P: Send + Sync>(store: &FirmStore<'_, P>) -> Result<Vec<ListedClient>, Failure> {
    let (clients, archived) = tokio::join!(store.clients(), store.archived());
    let (mut clients, archived) = (by_name(clients?, None), archived?);
    clients.retain(|client| !archived.contains_key(&client.client));
    Ok(clients)
}

fn ids(clients: &[ListedClient]) -> Vec<ClientId> {
    clients.iter().map(|client| client.client.clone()).collect()
}

async fn found<P: Newsletters + Send + Sync>(
    store: &FirmStore<'_, P>,
    id: &NewsletterId,
) -> Result<Newsletter, Failure> {
    store.newsletter(id).await?.ok_or(Failure::NotFound)
}

/// Of a draft alone: the address of its page may be opened again once it was sent.
const SAVED: &str = "Saved. Nobody has it yet.";

/// Why what was typed was not saved.
enum Wrong {
    Fields(Vec<FieldRefused>),
    /// Somebody was faster, or has sent it.
    Changed,
}

/// Inner: what was typed is refused at its fields.
type Written = Result<Newsletter, Vec<FieldRefused>>;

/// Of a form that comes twice the draft that it made before.
async fn written(
    app: &App,
    scope: &FirmScope<WriteNewsletters>,
    id: NewsletterId,
    new: &NewNewsletter,
) -> Result<Written, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let known = ids(&clients(&store).await?);
    let mut moment = app.moment();
    let draft = match Newsletter::draft(id, new, &known, scope.person().clone(), moment.now) {
        Ok(draft) => draft,
        Err(refused) => return Ok(Err(refused)),
    };
    match store.save_newsletter(None, &draft, &mut moment).await {
        Ok(()) => Ok(Ok(draft)),
        // The same form a second time: by two presses, or after the way back with other words in it.
        Err(StorageError::Stale) => match store.newsletter(&draft.id).await? {
            Some(there) if there.letter == draft.letter && there.to == draft.to => Ok(Ok(there)),
            _ => Err(StorageError::Stale.into()),
        },
        Err(error) => Err(error.into()),
    }
}

async fn saved(
    app: &App,
    scope: &FirmScope<WriteNewsletters>,
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

async fn removed(app: &App, scope: &FirmScope<WriteNewsletters>, id: &NewsletterId) -> Result<(), Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let of = found(&store, id).await?;
    if of.sent.is_some() {
        return Err(conflict(NewsletterRefused::Sent));
    }
    Ok(store.remove_newsletter(&of, &mut app.moment()).await?)
}

async fn tried(app: &App, scope: &FirmScope<WriteNewsletters>, id: &NewsletterId) -> Result<Newsletter, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let of = found(&store, id).await?;
    let next = of.tried().map_err(conflict)?;
    store.try_newsletter(&of, &next, &mut app.moment()).await?;
    Ok(next)
}

async fn sent(
    app: &App,
    scope: &FirmScope<SendNewsletters>,
    id: &NewsletterId,
    edition: u64,
) -> Result<Newsletter, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (known, of) = tokio::join!(clients(&store), found(&store, id));
    let (known, of) = (ids(&known?), of?);
    let mut moment = app.moment();
    // Pressed twice, it has left once.
    if of.sent.is_some() && of.edition == edition {
        return Ok(of);
    }
    let next = of.send(edition, &known, scope.person().clone(), moment.now).map_err(conflict)?;
    store.send_newsletter(&of, &next, &mut moment).await?;
    Ok(next)
}

async fn list_page(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    page: Page,
    Query(done): Query<Done>,
    Query(older): Query<Older>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), &scope);
    let listed = store.newsletters(older.after.as_ref());
    let (brand, list) = tokio::join!(app.aws().brand(&scope, app.now()), listed);
    let (brand, list) = (brand?, list?);
    let notice = (done.done.as_deref() == Some("removed")).then_some("The draft is gone.");
    let shell = Shell::new("Newsletters", Place::Settings).notice(notice);
    let body = pages::list(&list, app.now(), &brand.time_zone());
    page.show(&app, &scope, shell, body).await
}

async fn new_page(State(app): State<App>, scope: FirmScope<WriteNewsletters>, page: Page) -> Result<Response, Failure> {
    let new = NewNewsletter { to: "all".to_owned(), ..NewNewsletter::default() };
    let id = NewsletterId::from_bits(app.moment().next_id());
    draw_new(&app, &scope, &page, (&id, &new), &[]).await
}

async fn draw_new(
    app: &App,
    scope: &FirmScope<WriteNewsletters>,
    page: &Page,
    (id, typed): (&NewsletterId, &NewNewsletter),
    refused: &[FieldRefused],
) -> Result<Response, Failure> {
    let clients = clients(&FirmStore::open(app.aws(), scope)).await?;
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new("New newsletter", Place::Settings).status(status);
    let form = pages::Form { action: LIST, id, typed, refused, changed: false, clients: &clients, csrf: &page.csrf };
    page.show(app, scope, shell, pages::new(&form)).await
}

async fn write_page(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = typed(&fields);
    let id = NewsletterId::parse(&fields.text("id")).map_err(|_| Failure::Refused("Open the form again.".into()))?;
    match written(&app, &scope, id.clone(), &new).await {
        Ok(Ok(draft)) => Ok(answers::see_other(&format!("{LIST}/{}?done=saved", draft.id))),
        Ok(Err(refused)) => draw_new(&app, &scope, &page, (&id, &new), &refused).await,
        // What was typed is not lost by it.
        Err(Failure::Conflict(_)) => draw(&app, &scope, &page, &id, None, Some((&new, Wrong::Changed))).await,
        Err(failure) => Err(failure),
    }
}

async fn show_page(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
    page: Page,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let notice = match done.done.as_deref() {
        Some("saved") => Some(SAVED),
        Some("tried") => Some("It is on its way to your own address."),
        Some("sent") => Some("Sent. Your clients' people hear of it as each of them chose."),
        _ => None,
    };
    draw(&app, &scope, &page, &of.newsletter, notice, None).await
}

async fn draw(
    app: &App,
    scope: &FirmScope<WriteNewsletters>,
    page: &Page,
    id: &NewsletterId,
    notice: Option<&str>,
    wrong: Option<(&NewNewsletter, Wrong)>,
) -> Result<Response, Failure> {
    let store = FirmStore::open(app.aws(), scope);
    let (brand, of, clients) = tokio::join!(app.aws().brand(scope, app.now()), found(&store, id), clients(&store));
    let (brand, of, clients) = (brand?, of?, clients?);
    let notice = notice.filter(|notice| *notice != SAVED || of.sent.is_none());
    let kept = NewNewsletter::of(&of);
    let none: &[FieldRefused] = &[];
    let (typed, status, refused, changed) = match &wrong {
        None => (&kept, StatusCode::OK, none, false),
        Some((typed, Wrong::Fields(refused))) => (*typed, StatusCode::UNPROCESSABLE_ENTITY, refused.as_slice(), false),
        Some((typed, Wrong::Changed)) => (*typed, StatusCode::CONFLICT, none, true),
    };
    // Saved once more, it takes the place of what it says now, which its writer has seen by then.
    let typed = &NewNewsletter { edition: Some(of.edition), ..typed.clone() };
    let shell = Shell::new(of.letter.subject.as_str(), Place::Settings).notice(notice).status(status);
    let view = pages::View {
        of: &of,
        firm_name: &brand.firm_name,
        own_address: scope.vended().grant.email.as_str(),
        form: pages::Form {
            action: &format!("{LIST}/{id}"),
            id,
            typed,
            refused,
            changed,
            clients: &clients,
            csrf: &page.csrf,
        },
        is_nameless: brand.mails.nameless,
        now: app.now(),
        zone: &brand.time_zone(),
    };
    page.show(app, scope, shell, pages::one(&view)).await
}

async fn save_page(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
    page: Page,
    fields: Fields,
) -> Result<Response, Failure> {
    if fields.has("remove") {
        removed(&app, &scope, &of.newsletter).await?;
        return Ok(answers::see_other("/firm/newsletters?done=removed"));
    }
    let new = typed(&fields);
    let wrong = match saved(&app, &scope, &of.newsletter, &new).await {
        Ok(Ok(_)) => return Ok(answers::see_other(&format!("{LIST}/{}?done=saved", of.newsletter))),
        Ok(Err(refused)) => Wrong::Fields(refused),
        // What was typed is not lost by it.
        Err(Failure::Conflict(_)) => Wrong::Changed,
        Err(failure) => return Err(failure),
    };
    draw(&app, &scope, &page, &of.newsletter, None, Some((&new, wrong))).await
}

async fn try_page(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    tried(&app, &scope, &of.newsletter).await?;
    Ok(answers::see_other(&format!("{LIST}/{}?done=tried", of.newsletter)))
}

async fn send_page(
    State(app): State<App>,
    scope: FirmScope<SendNewsletters>,
    Path(of): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let seen = fields.text("edition").parse().unwrap_or_default();
    sent(&app, &scope, &of.newsletter, seen).await?;
    Ok(answers::see_other(&format!("{LIST}/{}?done=sent", of.newsletter)))
}

async fn list_json(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Query(older): Query<Older>,
) -> Result<Response, Failure> {
    let Newest { rows, next } = FirmStore::open(app.aws(), &scope).newsletters(older.after.as_ref()).await?;
    Ok(answers::json(&NewsletterList { items: rows.into_iter().map(NewsletterOut::from).collect(), next }))
}

async fn write_json(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Json(new): Json<NewNewsletter>,
) -> Result<Response, Failure> {
    let id = NewsletterId::from_bits(app.moment().next_id());
    let draft = written(&app, &scope, id, &new).await??;
    Ok(answers::json_with(StatusCode::CREATED, &NewsletterOut::from(draft)))
}

async fn show_json(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let of = found(&FirmStore::open(app.aws(), &scope), &of.newsletter).await?;
    Ok(answers::json(&NewsletterOut::from(of)))
}

async fn save_json(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
    Json(new): Json<NewNewsletter>,
) -> Result<Response, Failure> {
    let next = saved(&app, &scope, &of.newsletter, &new).await??;
    Ok(answers::json(&NewsletterOut::from(next)))
}

async fn remove_json(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    removed(&app, &scope, &of.newsletter).await?;
    Ok(answers::no_content())
}

async fn try_json(
    State(app): State<App>,
    scope: FirmScope<WriteNewsletters>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let next = tried(&app, &scope, &of.newsletter).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &NewsletterOut::from(next)))
}

async fn send_json(
    State(app): State<App>,
    scope: FirmScope<SendNewsletters>,
    Path(of): Path<Of>,
    Json(Sending { edition }): Json<Sending>,
) -> Result<Response, Failure> {
    let next = sent(&app, &scope, &of.newsletter, edition).await?;
    Ok(answers::json_with(StatusCode::ACCEPTED, &NewsletterOut::from(next)))
}
