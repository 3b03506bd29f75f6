//! Reading: all conversations of a client, one of them, and what is new in it while it is open.

use access::{ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::PermissionName::{EditProjects, UploadDocuments, ViewAccessHistory, WriteInternal, WriteMessages};
use domain::message::{InternalNote, Message, Part, ReadMark, Thread, Topic, may_edit};
use domain::permissions::ReadMessages;
use domain::person::TeamMember;
use domain::project::{Project, Standing};
use domain::{PersonId, limits};
use http::StatusCode;
use serde::Deserialize;
use storage::{ClientStore, MessagePage};
use web::{App, Failure, Page, Path, Place, Query, Shell, answers};

use crate::Of;
use crate::attaching::Files;
use crate::composing::{Composed, Facts, composed, places, texts};
use crate::pages::{Reader, done, edit as edit_page, list as list_page, thread as thread_page};
use crate::writing::{Typed, Wrong};

/// Messages that are shown after one that an address leads to.
const AFTER_ONE: u64 = 10;

/// A composer that was refused: what was typed, and why.
pub(crate) struct Refused {
    pub(crate) typed: Typed,
    pub(crate) wrong: Wrong,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct After {
    done: Option<String>,
    /// Show what came before this message.
    before: Option<u64>,
    /// Show this message among those around it.
    at: Option<u64>,
}

/// Whether there is such a conversation: every project has one, before anything was written in it.
pub(crate) async fn known<S: OneClient>(store: &ClientStore<'_, S>, topic: &Topic) -> Result<Option<Project>, Failure> {
    match topic.project() {
        None => Ok(None),
        Some(project) => Ok(Some(store.project(project).await?.ok_or(Failure::NotFound)?)),
    }
}

/// Whoever has left has no row any more.
pub(crate) fn name_of<'a>(team: &'a [TeamMember], person: &PersonId) -> &'a str {
    team.iter().find(|member| member.person == *person).map_or("Somebody who has left", |member| member.name.as_str())
}

pub(crate) async fn list(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    page: Page,
) -> Result<Response, Failure> {
    draw_list(&app, &scope, &page, None).await
}

pub(crate) async fn list_refused(
    app: &App,
    scope: &ClientScope<ReadMessages>,
    page: &Page,
    refused: Refused,
) -> Result<Response, Failure> {
    draw_list(app, scope, page, Some(refused)).await
}

async fn draw_list(
    app: &App,
    scope: &ClientScope<ReadMessages>,
    page: &Page,
    refused: Option<Refused>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (profile, projects, threads, team, marks, newsletter, brand) = tokio::join!(
        store.profile(),
        store.projects(),
        store.threads(),
        store.team(),
        store.read_marks(),
        store.newest_newsletter(),
        app.brand(scope),
    );
    let profile = profile?.ok_or(Failure::NotFound)?;
    let newsletter = newsletter?;
    let (projects, mut threads, team, marks, brand) = (projects?, threads?, team?, marks?, brand?);
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.last_at));
    let mut moment = app.moment();
    let (newest, read) = tokio::join!(store.newest_messages(&threads), store.messages_read(None, None, &mut moment));
    let newest = newest?;
    read?;
    let reader = Reader::of(scope, &brand, app.now());
    let status = status_of(refused.as_ref());
    let (typed, wrong) = composed(app, refused);
    let lines: Vec<list_page::Line<'_>> = threads
        .iter()
        .map(|thread| list_page::Line {
            thread,
            project: thread.topic.project().and_then(|id| projects.iter().find(|project| project.id == *id)),
            newest: newest.iter().find(|message| message.topic == thread.topic),
            unread: ReadMark::of(&marks, &thread.topic).unread(thread),
        })
        .collect();
    let open: Vec<&Project> = projects.iter().filter(|project| project.standing == Standing::Active).collect();
    let view = list_page::List {
        reader: &reader,
        client: scope.client(),
        lines: &lines,
        open: &open,
        team: &team,
        typed: &typed,
        wrong: wrong.as_ref().map(|(_, why)| why.as_str()),
        may_write: scope.may(WriteMessages),
        may_attach: scope.may(UploadDocuments) && !open.is_empty(),
        newsletter: newsletter.as_ref(),
        may_see_sent: scope.may(ViewAccessHistory),
        csrf: &page.csrf,
    };
    let shell = Shell::new("Messages", Place::Messages).inside(scope.client(), profile.name.as_str()).status(status);
    page.show(app, scope, shell, list_page::list(&view)).await
}

pub(crate) async fn thread(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    Path(of): Path<Of>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response, Failure> {
    draw(&app, &scope, &page, &of.topic, &after, Composers::default()).await
}

pub(crate) async fn thread_refused(
    app: &App,
    scope: &ClientScope<ReadMessages>,
    page: &Page,
    topic: &Topic,
    refused: Refused,
) -> Result<Response, Failure> {
    let composers = Composers { message: Some(refused), note: None };
    draw(app, scope, page, topic, &After::default(), composers).await
}

pub(crate) async fn note_refused(
    app: &App,
    scope: &ClientScope<ReadMessages>,
    page: &Page,
    topic: &Topic,
    refused: Refused,
) -> Result<Response, Failure> {
    let composers = Composers { message: None, note: Some(refused) };
    draw(app, scope, page, topic, &After::default(), composers).await
}

/// What was typed into either composer and refused.
#[derive(Default)]
struct Composers {
    message: Option<Refused>,
    note: Option<Refused>,
}

fn status_of(refused: Option<&Refused>) -> StatusCode {
    if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// What a thread shows, read at one moment.
struct Shown {
    thread: Option<Thread>,
    page: MessagePage,
    notes: Vec<InternalNote>,
    team: Vec<TeamMember>,
    files: Files,
}

impl Shown {
    async fn read(
        store: &ClientStore<'_, ClientScope<ReadMessages>>,
        scope: &ClientScope<ReadMessages>,
        topic: &Topic,
        before: Option<u64>,
    ) -> Result<Self, Failure> {
        let (thread, page, notes, team) = tokio::join!(
            store.thread(topic),
            store.messages(topic, before, limits::MESSAGES_SHOWN_MAX),
            store.internal_notes(topic, limits::NOTES_SHOWN_MAX),
            store.team(),
        );
        let (thread, page, notes, team) = (thread?, page?, notes?, team?);
        let of_messages = page.messages.iter().flat_map(|message| &message.attachments);
        let of_notes = notes.iter().flat_map(|note| &note.attachments);
        let files = Files::read(store, scope, of_messages.chain(of_notes)).await?;
        Ok(Self { thread, page, notes, team, files })
    }

    /// There are messages after the last of these.
    fn is_older(&self) -> bool {
        let last = self.page.messages.last().map_or(0, |message| message.number);
        self.thread.as_ref().is_some_and(|thread| thread.count > last)
    }

    /// To whom the firm writes: who of the client wrote last, or the only one there is.
    fn addressee(&self) -> Option<&str> {
        let company: Vec<&TeamMember> = self.team.iter().filter(|member| member.of_client).collect();
        let last = self.page.messages.iter().rev().find(|message| message.by_client).map(|message| &message.by);
        match (last, &company[..]) {
            (Some(by), _) => company.iter().find(|member| member.person == *by).map(|member| member.name.as_str()),
            (None, [only]) => Some(&only.name),
            (None, _) => None,
        }
    }

    fn spoken<'a>(&'a self, scope: &'a ClientScope<ReadMessages>, app: &App) -> thread_page::Spoken<'a> {
        let now = app.now();
        let own = |message: &Message| scope.may(WriteMessages) && may_edit(message, scope.person(), now).is_ok();
        let editable = self.page.messages.iter().filter(|message| own(message)).map(|message| message.number).collect();
        thread_page::Spoken {
            messages: &self.page.messages,
            notes: &self.notes,
            earlier: self.page.earlier,
            older: self.is_older(),
            team: &self.team,
            files: &self.files,
            me: scope.vended().grant.shown_person(),
            editable,
            version: self.thread.as_ref().map_or(0, |thread| thread.version),
        }
    }
}

async fn draw(
    app: &App,
    scope: &ClientScope<ReadMessages>,
    page: &Page,
    topic: &Topic,
    after: &After,
    refused: Composers,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let before = after.before.or(after.at.map(|number| number.saturating_add(AFTER_ONE)));
    let (profile, project, places, shown, marks, brand, texts) = tokio::join!(
        store.profile(),
        known(&store, topic),
        places(&store, scope, topic),
        Shown::read(&store, scope, topic, before),
        store.read_marks(),
        app.brand(scope),
        texts(&store, scope),
    );
    let profile = profile?.ok_or(Failure::NotFound)?;
    let (project, places, shown, marks, brand, texts) = (project?, places?, shown?, marks?, brand?, texts?);
    let read_before = ReadMark::of(&marks, topic);
    let moved = shown.page.mark(shown.thread.as_ref(), read_before);
    store.messages_read(Some(topic), moved, &mut app.moment()).await?;
    let reader = Reader::of(scope, &brand, app.now());
    let status = status_of(refused.message.as_ref().or(refused.note.as_ref()));
    let writes = [scope.may(WriteMessages), !scope.role().is_client() && scope.may(WriteInternal)];
    let (message, note) = tokio::join!(
        Composed::of(app, &store, scope, topic, Part::Message, refused.message.ok_or(writes[0])),
        Composed::of(app, &store, scope, topic, Part::Note, refused.note.ok_or(writes[1])),
    );
    let (message, note) = (message?, note?);
    let spoken = shown.spoken(scope, app);
    let facts = Facts {
        client: profile.name.as_str(),
        project: project.as_ref().map(|project| project.name.as_str()),
        addressee: shown.addressee(),
        writer: scope.vended().grant.shown_name(),
        firm: &brand.firm_name,
    };
    let texts = facts.fill(&texts);
    let attaches = scope.may(UploadDocuments) && (project.is_some() || !places.is_empty());
    let view = thread_page::View {
        reader: &reader,
        client: scope.client(),
        client_name: profile.name.as_str(),
        topic,
        project: project.as_ref(),
        places: &places,
        waits: shown.thread.as_ref().and_then(|thread| thread.waits),
        spoken: &spoken,
        read_before,
        message: &message,
        note: &note,
        texts: &texts,
        may_write: writes[0],
        may_settle: scope.may(EditProjects) && !scope.role().is_client(),
        may_note: writes[1],
        may_attach: attaches,
        may_keep: attaches && scope.vended().grant.may_keep_internal(),
        csrf: &page.csrf,
    };
    let said = after.done.as_deref().and_then(done);
    let title = view.title();
    let shell =
        Shell::new(&title, Place::Messages).inside(scope.client(), profile.name.as_str()).notice(said).status(status);
    let shell = shell.without_htmx();
    page.show(app, scope, shell, thread_page::thread(&view)).await
}

/// What a page that is open has seen of its thread.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Seen {
    seen: u64,
}

/// Nothing, as long as the thread stands as the page has it; else its messages anew. An open page asks every few
/// seconds, so that the first answer costs one read and no event.
pub(crate) async fn news(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    Path(of): Path<Of>,
    Query(query): Query<Seen>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let version = store.thread(&of.topic).await?.map_or(0, |thread| thread.version);
    if version <= query.seen {
        return Ok(answers::no_content());
    }
    let (shown, marks, brand) =
        tokio::join!(Shown::read(&store, &scope, &of.topic, None), store.read_marks(), app.brand(&scope));
    let (shown, marks, brand) = (shown?, marks?, brand?);
    let moved = shown.page.mark(shown.thread.as_ref(), ReadMark::of(&marks, &of.topic));
    store.messages_read(Some(&of.topic), moved, &mut app.moment()).await?;
    let reader = Reader::of(&scope, &brand, app.now());
    let place = thread_page::Stands { reader: &reader, client: scope.client(), topic: &of.topic };
    Ok(answers::html(thread_page::said(&place, &shown.spoken(&scope, &app), None)))
}

pub(crate) async fn edit_form(
    app: &App,
    scope: &ClientScope<ReadMessages>,
    page: &Page,
    message: &Message,
    refused: Option<(&str, &str)>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut moment = app.moment();
    let read = store.messages_read(Some(&message.topic), None, &mut moment);
    let (profile, read, brand) = tokio::join!(store.profile(), read, app.brand(scope));
    let (profile, brand) = (profile?.ok_or(Failure::NotFound)?, brand?);
    read?;
    let text = refused.map_or(message.text.as_str(), |(typed, _)| typed);
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let body = edit_page::edit(&edit_page::Edit {
        reader: &Reader::of(scope, &brand, moment.now),
        client: scope.client(),
        message,
        text,
        wrong: refused.map(|(_, why)| why),
        csrf: &page.csrf,
    });
    let shell =
        Shell::new("Change your message", Place::Messages).inside(scope.client(), profile.name.as_str()).status(status);
    page.show(app, scope, shell, body).await
}
