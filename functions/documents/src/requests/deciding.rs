//! Load, decide, store. What is said of one line says nothing about the rest of its list, so that a race that was lost
//! is decided anew on what is stored then.

use access::{ClientScope, OnePerson};
use domain::permissions::{AnswerRequests, EditProjects};
use domain::project::{Project, Standing};
use domain::request::bin::Files;
use domain::request::{self, Decided, NewRequest, Of as Place, Request, RequestEdit, RequestRefused};
use domain::text::Note;
use domain::{Date, Moment, RequestId, RequestLineId, calendar};
use storage::{ClientStore, Once, StorageError, Tries};
use web::{App, Failure, IdempotencyKey};

/// Done, or why not: a form says a refusal at the field that it is about.
pub(crate) type Changed = Result<Result<Request, RequestRefused>, Failure>;

/// Sends a list once: a repeated key gives the list that it led to the first time.
pub(crate) async fn send(
    app: &App,
    scope: &ClientScope<EditProjects>,
    new: NewRequest,
    key: Option<&IdempotencyKey>,
) -> Changed {
    let store = ClientStore::open(app.aws(), scope);
    let (project, open, brand) = tokio::join!(store.project(&new.project), store.open_requests(), app.brand(scope));
    // A project that is not the client's is not there.
    let (project, open, zone) = (project?.ok_or(Failure::NotFound)?, open?.len(), brand?.time_zone());
    let mut moment = app.moment();
    let place = place(&project, calendar::today(moment.now, &zone));
    let request = match request::send(new, &place, open, scope.person(), &mut moment) {
        Ok(request) => request,
        Err(why) => return Ok(Err(why)),
    };
    let once = key.map(|key| Once { key: key.as_str(), answer: request.id.to_string() });
    match store.send_request(&request, &zone, once, &mut moment).await {
        Ok(_) => Ok(Ok(request)),
        Err(StorageError::DoneBefore(answer)) => {
            store.request(&RequestId::parse(&answer)?).await?.map(Ok).ok_or(Failure::NotFound)
        }
        Err(error) => Err(error.into()),
    }
}

fn place(project: &Project, today: Date) -> Place<'_> {
    let is_open = project.standing == Standing::Active;
    Place { pack: project.pack, is_open, categories: project.pack.categories(), today }
}

/// What the firm does about a line.
#[derive(Debug, Clone)]
pub(crate) enum Judged {
    Accepted,
    AcceptUndone,
    SentBack(Note),
}

pub(crate) async fn judge(
    app: &App,
    scope: &ClientScope<EditProjects>,
    (id, line): (&RequestId, &RequestLineId),
    judged: &Judged,
) -> Result<Request, Failure> {
    let decide = |before: &Request, moment: &mut Moment| match judged {
        Judged::Accepted => request::accept(before, line, scope.person(), moment.now),
        Judged::AcceptUndone => request::undo_accept(before, line, moment.now),
        Judged::SentBack(reason) => request::send_back(before, line, reason.clone(), scope.person(), moment.now),
    };
    if matches!(judged, Judged::Accepted) {
        check_answer(app, scope, (id, line)).await?;
    }
    Ok(by_firm(app, scope, id, Some(line), |before, _, moment| decide(before, moment)).await??)
}

/// What goes into the bin from here on opens the line, and is seen there.
async fn check_answer(
    app: &App,
    scope: &ClientScope<EditProjects>,
    (id, line): (&RequestId, &RequestLineId),
) -> Result<(), Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let request = store.request(id).await?.ok_or(Failure::NotFound)?;
    let line = request.line(line).ok_or(Failure::NotFound)?;
    let ids = line.files.iter().map(|file| file.document.clone()).collect();
    let documents = store.some_documents(ids).await?;
    Ok(request::bin::check_answer(line, &Files::of(&documents))?)
}

pub(crate) async fn change(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &RequestId,
    edit: &RequestEdit,
) -> Changed {
    let decide = |before: &Request, (categories, today): (&[&str], Date), moment: &mut Moment| {
        request::edit(before, edit.clone(), categories, today, moment)
    };
    by_firm(app, scope, id, None, decide).await
}

/// Withdraws a list or asks for it again, whatever else was done to it meanwhile.
pub(crate) async fn withdraw(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &RequestId,
    withdrawn: bool,
) -> Result<Request, Failure> {
    let decide = |before: &Request, (categories, today): (&[&str], Date), moment: &mut Moment| {
        let edit = RequestEdit { version: before.version, withdrawn: Some(withdrawn), ..RequestEdit::default() };
        request::edit(before, edit, categories, today, moment)
    };
    Ok(by_firm(app, scope, id, None, decide).await??)
}

async fn by_firm(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &RequestId,
    line: Option<&RequestLineId>,
    decide: impl Fn(&Request, (&[&str], Date), &mut Moment) -> Result<Decided, RequestRefused>,
) -> Changed {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let (found, brand) = tokio::join!(store.request(id), app.brand(scope));
        let (before, zone) = (found?.ok_or(Failure::NotFound)?, brand?.time_zone());
        let project = store.project(&before.project).await?;
        let categories = project.map_or(&[][..], |project| project.pack.categories());
        let mut moment = app.moment();
        let today = calendar::today(moment.now, &zone);
        let (after, event) = match decide(&before, (categories, today), &mut moment) {
            Ok(Some(decided)) => decided,
            Ok(None) => return Ok(Ok(before)),
            Err(why) => return Ok(Err(why)),
        };
        match store.change_request(&before, &after, (&event, line), &zone, &mut moment).await {
            Ok(_) => return Ok(Ok(after)),
            Err(error) => tries.another(error).await?,
        }
    }
}

/// "I don't have this": only the client's own people can say so.
pub(crate) async fn not_had(
    app: &App,
    scope: &ClientScope<AnswerRequests>,
    of: (&RequestId, &RequestLineId),
    words: Option<&Note>,
) -> Result<Request, Failure> {
    let decide = |before: &Request, line: &RequestLineId, moment: &Moment| {
        request::not_had(before, line, words.cloned(), scope.person(), moment.now)
    };
    by_client(app, scope, of, decide).await
}

/// Takes that back.
pub(crate) async fn had(
    app: &App,
    scope: &ClientScope<AnswerRequests>,
    of: (&RequestId, &RequestLineId),
) -> Result<Request, Failure> {
    by_client(app, scope, of, |before, line, moment| request::undo_not_had(before, line, moment.now)).await
}

async fn by_client(
    app: &App,
    scope: &ClientScope<AnswerRequests>,
    (id, line): (&RequestId, &RequestLineId),
    decide: impl Fn(&Request, &RequestLineId, &Moment) -> Result<Decided, RequestRefused>,
) -> Result<Request, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let (found, brand) = tokio::join!(store.request(id), app.brand(scope));
        let (before, zone) = (found?.ok_or(Failure::NotFound)?, brand?.time_zone());
        let mut moment = app.moment();
        let Some((after, event)) = decide(&before, line, &moment)? else { return Ok(before) };
        match store.say_not_had(&before, &after, (&event, line), &zone, &mut moment).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
    }
}
