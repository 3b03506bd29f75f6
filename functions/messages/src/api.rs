//! The JSON API of conversations.

use access::{Actor, ClientScope, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::Audience;
use domain::message::{InternalNote, Message, NewMessage, NewNote, ReadMark, Side, Thread, Topic, Waits};
use domain::permissions::{EditProjects, ReadMessages, ViewInternal, WriteInternal, WriteMessages};
use domain::person::TeamMember;
use domain::text::MessageText;
use domain::{Timestamp, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::ClientStore;
use web::{App, Failure, IdempotencyKey, Json, Path, Query, answers};

use crate::attaching::{self, AttachmentOut, Files};
use crate::reading::{known, name_of};
use crate::{Of, OfMessage, writing};

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ThreadList {
    items: Vec<ThreadOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ThreadOut {
    /// The project's id, or `general`.
    topic: Topic,
    /// Messages so far.
    count: u64,
    /// Those that the caller has not been shown yet.
    unread: u64,
    #[schemars(with = "String")]
    last_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<Waits>,
}

impl ThreadOut {
    fn of(thread: Thread, mark: ReadMark) -> Self {
        let unread = mark.unread(&thread);
        Self { topic: thread.topic, count: thread.count, unread, last_at: thread.last_at, waits: thread.waits }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MessageList {
    /// The oldest first.
    items: Vec<MessageOut>,
    /// For `before`: where the page of older ones ends. None at the beginning of the conversation.
    next: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MessageOut {
    #[serde(flatten)]
    message: Message,
    by_name: String,
    /// The documents that came with it, as far as the caller may see them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentOut>,
}

impl MessageOut {
    fn of(message: Message, team: &[TeamMember], files: &Files) -> Self {
        let attachments = files.out(&message.attachments);
        Self { by_name: name_of(team, &message.by).to_owned(), message, attachments }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoteList {
    /// The oldest first.
    items: Vec<NoteOut>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoteOut {
    #[serde(flatten)]
    note: InternalNote,
    by_name: String,
    /// The documents that came with it, as far as the caller may see them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentOut>,
}

impl NoteOut {
    fn of(note: InternalNote, by_name: &str, files: &Files) -> Self {
        let attachments = files.out(&note.attachments);
        Self { by_name: by_name.to_owned(), note, attachments }
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Before {
    /// The `next` of the page before.
    #[serde(default)]
    before: Option<u64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    text: MessageText,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    /// None where nobody waits.
    side: Option<Side>,
}

pub(crate) async fn threads(State(app): State<App>, scope: ClientScope<ReadMessages>) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (threads, marks) = tokio::join!(store.threads(), store.read_marks());
    let (mut threads, marks) = (threads?, marks?);
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.last_at));
    let items = threads.into_iter().map(|thread| {
        let mark = ReadMark::of(&marks, &thread.topic);
        ThreadOut::of(thread, mark)
    });
    Ok(answers::json(&ThreadList { items: items.collect() }))
}

pub(crate) async fn messages(
    State(app): State<App>,
    scope: ClientScope<ReadMessages>,
    Path(of): Path<Of>,
    Query(query): Query<Before>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (known, thread, page, team, marks) = tokio::join!(
        known(&store, &of.topic),
        store.thread(&of.topic),
        store.messages(&of.topic, query.before, limits::MESSAGES_SHOWN_MAX),
        store.team(),
        store.read_marks(),
    );
    known?;
    let (thread, page, team, marks) = (thread?, page?, team?, marks?);
    let mark = page.mark(thread.as_ref(), ReadMark::of(&marks, &of.topic));
    store.messages_read(Some(&of.topic), mark, &mut app.moment()).await?;
    let files = Files::read(&store, &scope, page.messages.iter().flat_map(|message| &message.attachments)).await?;
    let next = page.messages.first().map(|message| message.number).filter(|_| page.earlier);
    let items = page.messages.into_iter().map(|message| MessageOut::of(message, &team, &files)).collect();
    Ok(answers::json(&MessageList { items, next }))
}

pub(crate) async fn write(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<WriteMessages>,
    key: Option<IdempotencyKey>,
    Path(of): Path<Of>,
    Json(new): Json<NewMessage>,
) -> Result<Response, Failure> {
    let attachments = attaching::settled(&app, &actor, &scope, &new.attachments, Audience::Open).await??;
    let new = NewMessage { attachments, ..new };
    let message = writing::store(&app, &scope, &of.topic, &new, key.as_ref()).await??;
    Ok(answers::json_with(StatusCode::CREATED, &own(&app, message, &scope).await?))
}

pub(crate) async fn edit(
    State(app): State<App>,
    scope: ClientScope<WriteMessages>,
    Path(of): Path<OfMessage>,
    Json(words): Json<Words>,
) -> Result<Response, Failure> {
    let message = writing::store_edit(&app, &scope, &of, &words.text).await?;
    Ok(answers::json(&own(&app, message, &scope).await?))
}

/// What its writer has just written.
async fn own(app: &App, message: Message, scope: &ClientScope<WriteMessages>) -> Result<MessageOut, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let files = Files::read(&store, scope, message.attachments.iter()).await?;
    let attachments = files.out(&message.attachments);
    Ok(MessageOut { message, by_name: scope.vended().grant.shown_name().to_owned(), attachments })
}

pub(crate) async fn waiting(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    Json(waiting): Json<Waiting>,
) -> Result<Response, Failure> {
    let thread = writing::store_waiting(&app, &scope, &of.topic, waiting.side).await?;
    let marks = ClientStore::open(app.aws(), &scope).read_marks().await?;
    let mark = ReadMark::of(&marks, &of.topic);
    Ok(answers::json(&ThreadOut::of(thread, mark)))
}

pub(crate) async fn notes(
    State(app): State<App>,
    scope: ClientScope<ViewInternal>,
    Path(of): Path<Of>,
) -> Result<Response, Failure> {
    let store = ClientStore::open(app.aws(), &scope);
    let (known, notes, team) =
        tokio::join!(known(&store, &of.topic), store.internal_notes(&of.topic, limits::NOTES_SHOWN_MAX), store.team());
    known?;
    let (notes, team) = (notes?, team?);
    store.notes_read(&of.topic, &mut app.moment()).await?;
    let files = Files::read(&store, &scope, notes.iter().flat_map(|note| &note.attachments)).await?;
    let out = |note: InternalNote| {
        let by_name = name_of(&team, &note.by);
        NoteOut::of(note, by_name, &files)
    };
    Ok(answers::json(&NoteList { items: notes.into_iter().map(out).collect() }))
}

pub(crate) async fn note(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<WriteInternal>,
    key: Option<IdempotencyKey>,
    Path(of): Path<Of>,
    Json(new): Json<NewNote>,
) -> Result<Response, Failure> {
    let attachments = attaching::settled(&app, &actor, &scope, &new.attachments, Audience::Internal).await??;
    let new = NewNote { attachments, ..new };
    let note = writing::store_note(&app, &scope, &of.topic, new, key.as_ref()).await?;
    let store = ClientStore::open(app.aws(), &scope);
    let files = Files::read(&store, &scope, note.attachments.iter()).await?;
    let by_name = scope.vended().grant.shown_name();
    Ok(answers::json_with(StatusCode::CREATED, &NoteOut::of(note, by_name, &files)))
}
