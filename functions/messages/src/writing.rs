//! Writing: messages, other words for one, whose answer is waited for, and notes of the firm. Load, decide, store; what
//! was overtaken is decided anew, since what is written does not depend on what it met.

use access::{Actor, ClientScope, OneClient, OnePerson};
use axum::extract::State;
use axum::response::Response;
use domain::document::Audience;
use domain::message::{
    self, BARE_WORDS, InternalNote, Message, MessageRefused, NewMessage, NewNote, Part, ReadMark, Side, Thread, Topic,
    Unsent, Writer,
};
use domain::permissions::{EditProjects, ReadMessages, WriteInternal, WriteMessages};
use domain::text::MessageText;
use domain::{MessageId, NoteId, Timestamp};
use serde::Deserialize;
use storage::{ClientStore, Once, StorageError, Tries};
use web::{App, Failure, Form, IdempotencyKey, Page, Path, answers};

use crate::reading::{self, Refused};
use crate::{Of, OfMessage, attaching};

/// The composer, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    /// Where it was chosen: on the page of all conversations.
    pub(crate) topic: String,
    pub(crate) text: String,
    pub(crate) answer_wanted: String,
    /// In the place of the text where it is a note: both fields stand on one page.
    pub(crate) note: String,
    /// Ids of documents, with spaces between.
    pub(crate) attachments: String,
    /// Made with the form, so that sending it twice writes one message.
    pub(crate) once: String,
    /// On the page of all conversations: not to be sent yet, but gone on with in the conversation itself.
    pub(crate) go_on: String,
}

impl Typed {
    /// What was typed before, under the key of a new attempt.
    pub(crate) fn with(self, unsent: Unsent, part: Part) -> Self {
        let attachments: Vec<&str> = unsent.attachments.iter().map(|id| id.as_str()).collect();
        let attachments = attachments.join(" ");
        match part {
            Part::Message => {
                let answer_wanted = if unsent.answer_wanted { "on".to_owned() } else { String::new() };
                Self { text: unsent.text, answer_wanted, attachments, ..self }
            }
            Part::Note => Self { note: unsent.text, attachments, ..self },
        }
    }
}

/// Why something was not sent, and the field that it is about.
pub(crate) type Wrong = (&'static str, String);

/// Whoever sends files need not write anything beside them.
fn words(typed: &str, has_files: bool) -> Result<MessageText, String> {
    let bare = has_files && typed.trim().is_empty();
    MessageText::parse(if bare { BARE_WORDS } else { typed }).map_err(|why| why.to_string())
}

/// From the page of all conversations. The second scope draws it again where something is wrong.
pub(crate) async fn start(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<WriteMessages>,
    seen: ClientScope<ReadMessages>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let topic = Topic::parse(&typed.topic)?;
    let answer = match typed.go_on.as_str() {
        "" => sent(&app, &actor, &scope, &topic, &typed).await?,
        _ => gone_on(&app, &scope, &topic, &typed).await?,
    };
    match answer {
        Ok(answer) => Ok(answer),
        Err(wrong) => reading::list_refused(&app, &seen, &page, Refused { typed, wrong }).await,
    }
}

/// With what was typed so far, below what may have been typed there before.
async fn gone_on(
    app: &App,
    scope: &ClientScope<WriteMessages>,
    topic: &Topic,
    typed: &Typed,
) -> Result<Result<Response, Wrong>, Failure> {
    IdempotencyKey::parse(&typed.once)?;
    let store = ClientStore::open(app.aws(), scope);
    let (known, before) = tokio::join!(reading::known(&store, topic), store.unsent(topic, Part::Message, app.now()));
    known?;
    let unsent = before?.unwrap_or_default().with_more(&typed.text, app.fresh_key());
    if let Err(why) = unsent.fits() {
        return Ok(Err(("text", why.to_string())));
    }
    store.keep_unsent(topic, &unsent, app.now()).await?;
    Ok(Ok(answers::see_other(&format!("/clients/{}/messages/{topic}#message-form", scope.client()))))
}

pub(crate) async fn write(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<WriteMessages>,
    seen: ClientScope<ReadMessages>,
    Path(of): Path<Of>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    match sent(&app, &actor, &scope, &of.topic, &typed).await? {
        Ok(answer) => Ok(answer),
        Err(wrong) => reading::thread_refused(&app, &seen, &page, &of.topic, Refused { typed, wrong }).await,
    }
}

async fn sent(
    app: &App,
    actor: &Actor,
    scope: &ClientScope<WriteMessages>,
    topic: &Topic,
    typed: &Typed,
) -> Result<Result<Response, Wrong>, Failure> {
    let asked = attaching::ids(&typed.attachments)?;
    let text = match words(&typed.text, !asked.is_empty()) {
        Ok(text) => text,
        Err(why) => return Ok(Err(("text", why))),
    };
    let attachments = match attaching::settled(app, actor, scope, &asked, Audience::Open).await? {
        Ok(attachments) => attachments,
        Err(why) => return Ok(Err(("attachments", why.to_string()))),
    };
    let new = NewMessage { text, answer_wanted: !typed.answer_wanted.is_empty(), attachments, mentions: Vec::new() };
    let key = IdempotencyKey::parse(&typed.once)?;
    Ok(match store(app, scope, topic, &new, Some(&key)).await? {
        Ok(message) => Ok(back(scope.client(), topic, "sent", Some(message.number))),
        Err(why) => Err(("text", why.to_string())),
    })
}

fn back(client: &domain::ClientId, topic: &Topic, done: &str, number: Option<u64>) -> Response {
    let place = number.map(|number| format!("#message-{number}")).unwrap_or_default();
    answers::see_other(&format!("/clients/{client}/messages/{topic}?done={done}{place}"))
}

pub(crate) async fn store(
    app: &App,
    scope: &ClientScope<WriteMessages>,
    topic: &Topic,
    new: &NewMessage,
    key: Option<&IdempotencyKey>,
) -> Result<Result<Message, MessageRefused>, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let by = Writer { person: scope.person().clone(), by_client: scope.role().is_client() };
    let mut tries = Tries::default();
    loop {
        let (known, thread, marks, team) =
            tokio::join!(reading::known(&store, topic), store.thread(topic), store.read_marks(), store.team());
        known?;
        let (thread, marks) = (thread?, marks?);
        let mut moment = app.moment();
        let mentions = message::mentioned(new.text.as_str(), &team?, Part::Message);
        let new = NewMessage { mentions, ..new.clone() };
        let decided = message::write(topic, thread.as_ref(), new, &by, ReadMark::of(&marks, topic), &mut moment);
        let (after, message, mark) = match decided {
            Ok(decided) => decided,
            Err(why) => return Ok(Err(why)),
        };
        let once = key.map(|key| Once { key: key.as_str(), answer: message.id.to_string() });
        match store.write_message(thread.as_ref(), &after, &message, mark, once, &mut moment).await {
            Ok(_) => return Ok(Ok(message)),
            Err(StorageError::DoneBefore(answer)) => {
                // Only what this person wrote in this very thread: writing is no right to read.
                let id = MessageId::parse(&answer)?;
                let own = |message: &Message| message.id == id && message.by == by.person;
                let first = store.message(topic, id.number()).await?.filter(own);
                return Ok(Ok(first.ok_or(Failure::NotFound)?));
            }
            Err(error) => tries.another(error).await?,
        }
    }
}

/// The page on which a message's words are changed.
pub(crate) async fn form(
    State(app): State<App>,
    scope: ClientScope<WriteMessages>,
    seen: ClientScope<ReadMessages>,
    Path(of): Path<OfMessage>,
    page: Page,
) -> Result<Response, Failure> {
    let (_, message) = editable(&ClientStore::open(app.aws(), &scope), &scope, &of, app.now()).await?;
    reading::edit_form(&app, &seen, &page, &message, None).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Edited {
    text: String,
}

pub(crate) async fn edit(
    State(app): State<App>,
    scope: ClientScope<WriteMessages>,
    seen: ClientScope<ReadMessages>,
    Path(of): Path<OfMessage>,
    page: Page,
    Form(typed): Form<Edited>,
) -> Result<Response, Failure> {
    match MessageText::parse(&typed.text) {
        Ok(text) => {
            store_edit(&app, &scope, &of, &text).await?;
            Ok(back(scope.client(), &of.topic, "edited", Some(of.number)))
        }
        Err(why) => {
            let (_, message) = editable(&ClientStore::open(app.aws(), &scope), &scope, &of, app.now()).await?;
            reading::edit_form(&app, &seen, &page, &message, Some((&typed.text, &why.to_string()))).await
        }
    }
}

async fn editable(
    store: &ClientStore<'_, ClientScope<WriteMessages>>,
    scope: &ClientScope<WriteMessages>,
    of: &OfMessage,
    now: Timestamp,
) -> Result<(Thread, Message), Failure> {
    let (thread, message) = tokio::join!(store.thread(&of.topic), store.message(&of.topic, of.number));
    let (thread, message) = thread?.zip(message?).ok_or(Failure::NotFound)?;
    message::may_edit(&message, scope.person(), now)?;
    Ok((thread, message))
}

pub(crate) async fn store_edit(
    app: &App,
    scope: &ClientScope<WriteMessages>,
    of: &OfMessage,
    text: &MessageText,
) -> Result<Message, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mentions = message::mentioned(text.as_str(), &store.team().await?, Part::Message);
    let mut tries = Tries::default();
    loop {
        let mut moment = app.moment();
        let (thread, message) = editable(&store, scope, of, moment.now).await?;
        let words = (text.clone(), mentions.clone());
        let (after, changed) = message::edit(&thread, &message, words, scope.person(), moment.now)?;
        match store.edit_message(&thread, &after, &changed, &mut moment).await {
            Ok(_) => return Ok(changed),
            Err(error) => tries.another(error).await?,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Turn {
    /// `firm`, `client` or `nobody`.
    side: String,
}

pub(crate) async fn waiting(
    State(app): State<App>,
    scope: ClientScope<EditProjects>,
    Path(of): Path<Of>,
    Form(turn): Form<Turn>,
) -> Result<Response, Failure> {
    let side = match turn.side.as_str() {
        "firm" => Some(Side::Firm),
        "client" => Some(Side::Client),
        "nobody" => None,
        _ => return Err(Failure::Refused("Choose whose answer the conversation waits for.".into())),
    };
    store_waiting(&app, &scope, &of.topic, side).await?;
    Ok(back(scope.client(), &of.topic, "waits", None))
}

pub(crate) async fn store_waiting(
    app: &App,
    scope: &ClientScope<EditProjects>,
    topic: &Topic,
    side: Option<Side>,
) -> Result<Thread, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let mut tries = Tries::default();
    loop {
        let thread = store.thread(topic).await?.ok_or(Failure::NotFound)?;
        let mut moment = app.moment();
        let Some(after) = message::wait_for(&thread, side, moment.now) else { return Ok(thread) };
        match store.set_waits(&thread, &after, &mut moment).await {
            Ok(_) => return Ok(after),
            Err(error) => tries.another(error).await?,
        }
    }
}

pub(crate) async fn note(
    State(app): State<App>,
    actor: Actor,
    scope: ClientScope<WriteInternal>,
    seen: ClientScope<ReadMessages>,
    Path(of): Path<Of>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    match noted(&app, &actor, &scope, &of.topic, &typed).await? {
        Ok(answer) => Ok(answer),
        Err(wrong) => reading::note_refused(&app, &seen, &page, &of.topic, Refused { typed, wrong }).await,
    }
}

async fn noted(
    app: &App,
    actor: &Actor,
    scope: &ClientScope<WriteInternal>,
    topic: &Topic,
    typed: &Typed,
) -> Result<Result<Response, Wrong>, Failure> {
    let asked = attaching::ids(&typed.attachments)?;
    let text = match words(&typed.note, !asked.is_empty()) {
        Ok(text) => text,
        Err(why) => return Ok(Err(("note", why))),
    };
    let attachments = match attaching::settled(app, actor, scope, &asked, Audience::Internal).await? {
        Ok(attachments) => attachments,
        Err(why) => return Ok(Err(("attachments", why.to_string()))),
    };
    let key = IdempotencyKey::parse(&typed.once)?;
    store_note(app, scope, topic, NewNote { text, attachments, mentions: Vec::new() }, Some(&key)).await?;
    Ok(Ok(back(scope.client(), topic, "noted", None)))
}

pub(crate) async fn store_note(
    app: &App,
    scope: &ClientScope<WriteInternal>,
    topic: &Topic,
    new: NewNote,
    key: Option<&IdempotencyKey>,
) -> Result<InternalNote, Failure> {
    let store = ClientStore::open(app.aws(), scope);
    let (known, team) = tokio::join!(reading::known(&store, topic), store.team());
    known?;
    let mentions = message::mentioned(new.text.as_str(), &team?, Part::Note);
    let new = NewNote { mentions, ..new };
    let mut moment = app.moment();
    let note = message::note(topic, new, scope.person(), &mut moment);
    let once = key.map(|key| Once { key: key.as_str(), answer: note.id.to_string() });
    match store.write_note(&note, once, &mut moment).await {
        Ok(_) => Ok(note),
        Err(StorageError::DoneBefore(answer)) => {
            store.internal_note(topic, &NoteId::parse(&answer)?).await?.ok_or(Failure::NotFound)
        }
        Err(error) => Err(error.into()),
    }
}
