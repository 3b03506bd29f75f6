//! Load, decide, store. What is said of one line says nothing about the rest of its list, so that a race that was lost
//! is decided anew on what is stored then.

use access::{ClientScope, OnePerson};
use domain::permissions::{AnswerRequests, EditProjects};
use domain::project::{Project, Standing};
use domain::request::{self, Decided, NewRequest, Of as Place, Request, RequestEdit, RequestRefused};
use domain::text::Note;
use domain::{Moment, RequestId, RequestLineId};
use storage::{ClientStore, Once, StorageError, Tries};
use web::{App, Failure, IdempotencyKey};

/// Sends a list once: a repeated key gives the list that it led to the first time.
pub(crate) async fn send(
    app: &App,
    scope: &ClientScope<EditProjects>,
    new: NewRequest,
    key: Option<&IdempotencyKey>,
) -> Result<Request, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (project, open, brand) = tokio::join!(store.project(&new.project), store.open_requests(), app.brand(scope));
    // A project that is not the client's is not there.
    let (project, open, zone) = (project?.ok_or(Failure::NotFound)?, open?.len(), brand?.time_zone());
    let mut moment = app.moment();
    let request = request::send(new, &place(&project), open, scope.person(), &mut moment)?;
    let once = key.map(|key| Once { key: key.as_str(), answer: request.id.to_string() });
    match store.send_request(&request, &zone, once, &mut moment).await {
        Ok(_) => Ok(request),
        Err(StorageError::DoneBefore(answer)) => {
            store.request(&RequestId::parse(&answer)?).await?.ok_or(Failure::NotFound)
        }
        Err(error) => Err(error.into()),
    }
}

fn place(project: &Project) -> Place<'_> {
    Place { pack: project.pack, is_open: project.standing == Standing::Active, categories: project.pack.categories() }
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
    by_firm(app, scope, id, Some(line), |before, _, moment| decide(before, moment)).await
}

pub(crate) async fn change(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &RequestId,
    edit: &RequestEdit,
) -> Result<Request, Failure> {
    let decide = |before: &Request, categories: &[&str], moment: &mut Moment| {
        request::edit(before, edit.clone(), categories, moment)
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
    let decide = |before: &Request, categories: &[&str], moment: &mut Moment| {
        let edit = RequestEdit { version: before.version, withdrawn: Some(withdrawn), ..RequestEdit::default() };
        request::edit(before, edit, categories, moment)
    };
    by_firm(app, scope, id, None, decide).await
}

async fn by_firm(
    app: &App,
    scope: &ClientScope<EditProjects>,
    id: &RequestId,
    line: Option<&RequestLineId>,
    decide: impl Fn(&Request, &[&str], &mut Moment) -> Result<Decided, RequestRefused>,
) -> Result<Request, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let (found, brand) = tokio::join!(store.request(id), app.brand(scope));
        let (before, zone) = (found?.ok_or(Failure::NotFound)?, brand?.time_zone());
        let project = store.project(&before.project).await?;
        let categories = project.map_or(&[][..], |project| project.pack.categories());
        let mut moment = app.moment();
        let Some((after, event)) = decide(&before, categories, &mut moment)? else { return Ok(before) };
        match store.change_request(&before, &after, (&event, line), &zone, &mut moment).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
    }
}

/// "I don't have this": only the client's own people can say so.
pub(crate) async fn not_had(
    app: &App,
    scope: &ClientScope<AnswerRequests>,
    (id, line): (&RequestId, &RequestLineId),
    words: Option<&Note>,
) -> Result<Request, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let before = store.request(id).await?.ok_or(Failure::NotFound)?;
        let mut moment = app.moment();
        let decided = request::not_had(&before, line, words.cloned(), scope.person(), moment.now)?;
        let Some((after, event)) = decided else { return Ok(before) };
        match store.say_not_had(&before, &after, (&event, line), &mut moment).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
    }
}
