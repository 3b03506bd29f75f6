//! The pages of request lists, for both sides.

use std::sync::Arc;

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::{self, EditProjects, UploadDocuments};
use domain::document::Document;
use domain::permissions::{AnswerRequests, EditProjects as MayEdit, ViewDocuments};
use domain::project::Project;
use domain::request::{LineEdit, NewRequest, Request, RequestEdit, RequestRefused};
use domain::text::{Name, Note};
use domain::{ClientId, Date, ProjectId, RequestLineId, limits};
use http::StatusCode;
use serde::Deserialize;
use storage::{Brand, ClientStore};
use web::{App, Failure, Fields, Form, IdempotencyKey, Page, Path, Place, Query, Shell, answers};

use super::deciding::{self, Judged};
use super::{Of, OfLine};
use crate::facts::{Names, client_name};
use crate::pages;

/// What has just been done, in the address after a redirect.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    done: Option<String>,
    line: Option<RequestLineId>,
}

impl After {
    /// Words of ours, and the address that takes it back.
    fn said(&self, here: &str) -> Option<(&'static str, Option<String>)> {
        let undo = |line: &RequestLineId| format!("{here}/lines/{line}/undo");
        Some(match self.done.as_deref()? {
            "sent" => ("Sent. The client gets an e-mail, and reminders until everything has come.", None),
            "saved" => ("Saved.", None),
            "accepted" => ("Accepted.", self.line.as_ref().map(undo)),
            "returned" => ("Sent back. The client gets an e-mail with your reason.", None),
            "not-had" => {
                let undo = self.line.as_ref().map(|line| format!("{here}/lines/{line}/had"));
                ("Noted. The firm sees that you do not have it.", undo)
            }
            "withdrawn" => ("Withdrawn. The client is not asked for it any more.", Some(format!("{here}/reinstate"))),
            "reinstated" => ("The client is asked for it again.", None),
            _ => return None,
        })
    }
}

fn lists(client: &ClientId) -> String {
    format!("/clients/{client}/requests")
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    page: Page,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (found, projects, client, brand) = tokio::join!(
        store.requests(None, limits::PAGE_ROWS_MAX),
        store.projects(),
        client_name(&store),
        app.brand(&scope)
    );
    let (found, projects, client, brand) = (found?, projects?, client?, brand?);
    let view = pages::requests::Lists {
        client: scope.client(),
        of_client: scope.role().is_client(),
        may_edit: scope.vended().grant.may(EditProjects),
        firm: &brand.firm_name,
        requests: &found.requests,
        projects: &projects,
        today: domain::calendar::today(app.now(), &brand.time_zone()),
    };
    let shell = Shell::new("Requested documents", Place::Documents).inside(scope.client(), &client);
    page.show(&app, &scope, shell, pages::requests::lists(&view)).await
}

/// What a form of the page was refused for, beside the line that it is about.
pub(crate) struct Wrong {
    pub(crate) line: RequestLineId,
    pub(crate) field: &'static str,
    pub(crate) typed: String,
    pub(crate) why: String,
}

pub(crate) async fn one(
    State(app): State<App>,
    scope: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<Of>,
    Query(after): Query<After>,
) -> Result<Response, Failure> {
    draw(&app, &scope, &page, &of, &after, None).await
}

async fn draw(
    app: &App,
    scope: &ClientScope<ViewDocuments>,
    page: &Page,
    of: &Of,
    after: &After,
    wrong: Option<Wrong>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (found, team, client, brand) =
        tokio::join!(store.request(&of.request), store.team(), client_name(&store), app.brand(scope));
    let (request, brand, client) = (found?.ok_or(Failure::NotFound)?, brand?, client?);
    let (documents, project) =
        tokio::join!(store.some_documents(super::files(&request)), store.project(&request.project));
    let (documents, project): (Vec<Document>, Option<Project>) = (documents?, project?);
    let names = Names::new(team?, &client, &brand.firm_name);
    let (zone, now) = (brand.time_zone(), app.now());
    let grant = &scope.vended().grant;
    let view = pages::requests::Shown {
        client: scope.client(),
        of_client: scope.role().is_client(),
        may_edit: grant.may(EditProjects),
        may_upload: grant.may(UploadDocuments),
        may_answer: grant.may(PermissionName::AnswerRequests),
        request: &request,
        project: project.as_ref(),
        documents: &documents,
        names: &names,
        firm: &brand.firm_name,
        wrong: wrong.as_ref(),
        csrf: &page.csrf,
        now,
        today: domain::calendar::today(now, &zone),
        zone: &zone,
    };
    let here = format!("{}/{}", lists(scope.client()), request.id);
    let said = after.said(&here);
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new(request.title.as_str(), Place::Documents)
        .inside(scope.client(), &client)
        .notice(said.as_ref().map(|(words, _)| *words))
        .undo(said.as_ref().and_then(|(_, undo)| undo.clone()))
        .status(status);
    page.show(app, scope, shell, pages::requests::one(&view)).await
}

/// In somebody's own words.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    words: String,
}

fn to_line(client: &ClientId, of: &OfLine, done: &str) -> Response {
    answers::see_other(&format!("{}/{}?done={done}&line={}#line-{}", lists(client), of.request, of.line, of.line))
}

/// The second scope draws the page again where something is wrong: both are of one person and one client.
pub(crate) async fn not_had(
    State(app): State<App>,
    scope: ClientScope<AnswerRequests>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<OfLine>,
    Form(said): Form<Said>,
) -> Result<Response, Failure> {
    let words = if said.words.trim().is_empty() { Ok(None) } else { Note::parse(&said.words).map(Some) };
    let done = match words {
        Ok(words) => deciding::not_had(&app, &scope, (&of.request, &of.line), words.as_ref()).await,
        Err(why) => Err(why.into()),
    };
    match done {
        Ok(_) => Ok(to_line(scope.client(), &of, "not-had")),
        Err(why) => again(&app, &seen, &page, of, ("not-had", said.words), why).await,
    }
}

pub(crate) async fn had(
    State(app): State<App>,
    scope: ClientScope<AnswerRequests>,
    Path(of): Path<OfLine>,
) -> Result<Response, Failure> {
    deciding::had(&app, &scope, (&of.request, &of.line)).await?;
    Ok(answers::see_other(&format!("{}/{}#line-{}", lists(scope.client()), of.request, of.line)))
}

pub(crate) async fn send_back(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<OfLine>,
    Form(said): Form<Said>,
) -> Result<Response, Failure> {
    let done = match Note::parse(&said.words) {
        Ok(reason) => deciding::judge(&app, &scope, (&of.request, &of.line), &Judged::SentBack(reason)).await,
        Err(why) => Err(why.into()),
    };
    match done {
        Ok(_) => Ok(to_line(scope.client(), &of, "returned")),
        Err(why) => again(&app, &seen, &page, of, ("return", said.words), why).await,
    }
}

async fn again(
    app: &App,
    seen: &ClientScope<ViewDocuments>,
    page: &Page,
    of: OfLine,
    (field, typed): (&'static str, String),
    why: Failure,
) -> Result<Response, Failure> {
    let Failure::Refused(why) = why else { return Err(why) };
    let wrong = Wrong { line: of.line, field, typed, why };
    draw(app, seen, page, &Of { request: of.request }, &After::default(), Some(wrong)).await
}

pub(crate) async fn accept(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    seen: ClientScope<ViewDocuments>,
    page: Page,
    Path(of): Path<OfLine>,
) -> Result<Response, Failure> {
    match deciding::judge(&app, &scope, (&of.request, &of.line), &Judged::Accepted).await {
        Ok(_) => Ok(to_line(scope.client(), &of, "accepted")),
        Err(why) => again(&app, &seen, &page, of, ("accept", String::new()), why).await,
    }
}

pub(crate) async fn undo(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    Path(of): Path<OfLine>,
) -> Result<Response, Failure> {
    deciding::judge(&app, &scope, (&of.request, &of.line), &Judged::AcceptUndone).await?;
    Ok(answers::see_other(&format!("{}/{}#line-{}", lists(scope.client()), of.request, of.line)))
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    deciding::withdraw(&app, &scope, &of.request, true).await?;
    Ok(answers::see_other(&format!("{}/{}?done=withdrawn", lists(scope.client()), of.request)))
}

pub(crate) async fn reinstate(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    deciding::withdraw(&app, &scope, &of.request, false).await?;
    Ok(answers::see_other(&format!("{}/{}?done=reinstated", lists(scope.client()), of.request)))
}

/// What a list is made from, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(crate) project: String,
    pub(crate) template: String,
    pub(crate) title: String,
    pub(crate) due_on: String,
    /// One thing a line.
    pub(crate) lines: String,
    /// Made with the form, so that sending it twice asks once.
    pub(crate) once: String,
}

impl Typed {
    /// The element of a field: each of the pack's lists has a day of its own.
    fn at(&self, field: &'static str) -> String {
        match field {
            "due_on" if !self.template.is_empty() => pages::requests::due_id(&self.template),
            field => field.to_owned(),
        }
    }
}

pub(crate) async fn make(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    page: Page,
    Query(typed): Query<Typed>,
) -> Result<Response, Failure> {
    let typed = Typed { once: app.fresh_key(), ..typed };
    draw_make(&app, &scope, &page, &typed, None).await
}

async fn draw_make(
    app: &App,
    scope: &ClientScope<MayEdit>,
    page: &Page,
    typed: &Typed,
    wrong: Option<(&str, &str)>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (projects, client, brand) = tokio::join!(store.projects(), client_name(&store), app.brand(scope));
    let (projects, client, brand): (Vec<Project>, String, Arc<Brand>) = (projects?, client?, brand?);
    let view = pages::requests::Make {
        client: scope.client(),
        client_name: &client,
        projects: &projects,
        typed,
        wrong,
        csrf: &page.csrf,
        today: domain::calendar::today(app.now(), &brand.time_zone()),
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Ask for documents", Place::Documents).inside(scope.client(), &client).status(status);
    page.show(app, scope, shell, pages::requests::make(&view)).await
}

fn date(text: &str) -> Result<Option<Date>, Failure> {
    let text = text.trim();
    let wrong = |_| Failure::Refused("Enter the day as a date, such as 2026-12-18.".into());
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

fn read(typed: &Typed) -> Result<NewRequest, (&'static str, Failure)> {
    let is_own = typed.template.is_empty();
    let what = |line: &str| {
        Some(LineEdit { id: None, what: Name::parse(line).ok()?, help: None, due_on: None, category: None })
    };
    let lines = typed.lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let too_long = lines.clone().find(|line| Name::parse(line).is_err());
    if let Some(line) = too_long.filter(|_| is_own) {
        let why = Name::parse(line).err().map(|why| why.to_string()).unwrap_or_default();
        return Err(("lines", Failure::Refused(why)));
    }
    let title = match typed.title.trim() {
        "" => None,
        title => Some(Name::parse(title).map_err(|why| ("title", why.into()))?),
    };
    Ok(NewRequest {
        project: ProjectId::parse(&typed.project).map_err(|why| ("project", why.into()))?,
        template: (!is_own).then(|| typed.template.clone()),
        title,
        due_on: date(&typed.due_on).map_err(|why| ("due_on", why))?,
        lines: is_own.then(|| lines.filter_map(what).collect()),
    })
}

pub(crate) async fn send(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let new = match read(&typed) {
        Ok(new) => new,
        Err((field, Failure::Refused(why))) => {
            return draw_make(&app, &scope, &page, &typed, Some((&typed.at(field), &why))).await;
        }
        Err((_, failure)) => return Err(failure),
    };
    let key = IdempotencyKey::parse(&typed.once)?;
    let refused = match deciding::send(&app, &scope, new, Some(&key)).await? {
        Ok(request) => {
            return Ok(answers::see_other(&format!("{}/{}?done=sent", lists(scope.client()), request.id)));
        }
        Err(refused) => refused,
    };
    let field = match &refused {
        RequestRefused::DuePast { .. } => "due_on",
        RequestRefused::NoTitle => "title",
        _ => "lines",
    };
    match refused.into() {
        Failure::Refused(why) => draw_make(&app, &scope, &page, &typed, Some((&typed.at(field), &why))).await,
        failure => Err(failure),
    }
}

/// A line of the form that changes a list, as typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypedLine {
    pub(crate) id: String,
    pub(crate) what: String,
    pub(crate) help: String,
    pub(crate) due_on: String,
    pub(crate) category: String,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TypedList {
    pub(crate) version: u64,
    pub(crate) title: String,
    pub(crate) lines: Vec<TypedLine>,
}

impl TypedList {
    fn of(request: &Request) -> Self {
        let line = |line: &domain::request::Line| TypedLine {
            id: line.id.to_string(),
            what: line.what.to_string(),
            help: line.help.as_ref().map(|help| help.as_str().to_owned()).unwrap_or_default(),
            due_on: line.due_on.map(|day| day.to_string()).unwrap_or_default(),
            category: line.category.clone().unwrap_or_default(),
        };
        Self {
            version: request.version,
            title: request.title.to_string(),
            lines: request.lines.iter().map(line).collect(),
        }
    }

    fn from(fields: &Fields) -> Self {
        let place = |n: usize| {
            let text = |name: &str| fields.text(&format!("{name}-{n}"));
            TypedLine {
                id: text("id"),
                what: text("what"),
                help: text("help"),
                due_on: text("due_on"),
                category: text("category"),
            }
        };
        let lines = (0..limits::REQUEST_LINES_MAX + pages::requests::EMPTY_LINES).map(place);
        Self {
            version: fields.one("version").and_then(|text| text.parse().ok()).unwrap_or_default(),
            title: fields.text("title"),
            // A line without words is asked for no more.
            lines: lines.filter(|line| !line.what.trim().is_empty()).collect(),
        }
    }

    /// The change, or the field that is wrong and why.
    fn read(&self) -> Result<RequestEdit, (String, String)> {
        let at = |name: &'static str, n: usize| move |why: String| (format!("{name}-{n}"), why);
        let mut lines = Vec::with_capacity(self.lines.len());
        for (n, line) in self.lines.iter().enumerate() {
            let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            let id = given(&line.id).map(|id| RequestLineId::parse(&id)).transpose();
            lines.push(LineEdit {
                id: id.map_err(|why| at("what", n)(why.to_string()))?,
                what: Name::parse(&line.what).map_err(|why| at("what", n)(why.to_string()))?,
                help: given(&line.help)
                    .map(|help| Note::parse(&help))
                    .transpose()
                    .map_err(|why| at("help", n)(why.to_string()))?,
                due_on: given(&line.due_on)
                    .map(|day| day.parse())
                    .transpose()
                    .map_err(|_| at("due_on", n)("Enter the day as a date, such as 2026-12-18.".to_owned()))?,
                category: given(&line.category),
            });
        }
        let title = Name::parse(&self.title).map_err(|why| ("title".to_owned(), why.to_string()))?;
        Ok(RequestEdit { version: self.version, title: Some(title), lines: Some(lines), withdrawn: None })
    }
}

pub(crate) async fn edit(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    page: Page,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    draw_edit(&app, &scope, &page, &of, None).await
}

async fn draw_edit(
    app: &App,
    scope: &ClientScope<MayEdit>,
    page: &Page,
    of: &Of,
    wrong: Option<(TypedList, (String, String))>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (found, client) = tokio::join!(store.request(&of.request), client_name(&store));
    let (request, client) = (found?.ok_or(Failure::NotFound)?, client?);
    let project = store.project(&request.project).await?;
    let (typed, wrong) = match wrong {
        Some((typed, wrong)) => (typed, Some(wrong)),
        None => (TypedList::of(&request), None),
    };
    let view = pages::requests::Edit {
        client: scope.client(),
        request: &request,
        categories: project.as_ref().map_or(&[][..], |project| project.pack.categories()),
        typed: &typed,
        wrong: wrong.as_ref().map(|(field, why)| (field.as_str(), why.as_str())),
        csrf: &page.csrf,
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::new("Change what you ask for", Place::Documents).inside(scope.client(), &client).status(status);
    page.show(app, scope, shell, pages::requests::edit(&view)).await
}

pub(crate) async fn save(
    State(app): State<App>,
    scope: ClientScope<MayEdit>,
    page: Page,
    Path(of): Path<Of>,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = TypedList::from(&fields);
    let edit = match typed.read() {
        Ok(edit) => edit,
        Err(wrong) => return draw_edit(&app, &scope, &page, &of, Some((typed, wrong))).await,
    };
    let refused = match deciding::change(&app, &scope, &of.request, &edit).await? {
        Ok(request) => {
            return Ok(answers::see_other(&format!("{}/{}?done=saved", lists(scope.client()), request.id)));
        }
        Err(refused) => refused,
    };
    let field = match &refused {
        RequestRefused::DuePast { place } => format!("due_on-{place}"),
        RequestRefused::Twice { place, .. } => format!("what-{place}"),
        _ => "title".to_owned(),
    };
    match refused.into() {
        Failure::Refused(why) => draw_edit(&app, &scope, &page, &of, Some((typed, (field, why)))).await,
        failure => Err(failure),
    }
}
