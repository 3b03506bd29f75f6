//! Conversations between a firm and a client: one for each project and one for everything else, with what the firm
//! notes for itself beside them.
//!
//! Beside them, what was sent to whom about the client, and whether it arrived.
//!
//! Messages are content: a page or an answer with their words leaves only after the event that says who reads them.

use domain::PermissionName::{
    EditProjects, ReadMessages, ViewAccessHistory, ViewInternal, WriteInternal, WriteMessages,
};
use domain::message::{NewMessage, NewNote, Topic, Unsent};
use http::Method;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use web::{Access, Doc, Routes};

mod api;
mod attaching;
mod composing;
mod keeping;
mod newsletters;
mod pages;
mod reading;
mod sent;
mod writing;

/// Which thread an address names.
#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    pub(crate) topic: Topic,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfMessage {
    pub(crate) topic: Topic,
    #[serde(deserialize_with = "number")]
    pub(crate) number: u64,
}

/// Parts of an address are text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

pub fn routes() -> Routes {
    newsletter_routes(sent_routes(api_routes(page_routes(Routes::new("messages")))))
}

fn page_routes(routes: Routes) -> Routes {
    const ALL: &str = "/clients/{client}/messages";
    const THREAD: &str = "/clients/{client}/messages/{topic}";
    const EDIT: &str = "/clients/{client}/messages/{topic}/{number}/edit";
    let (read, write) = (Access::Needs(ReadMessages), Access::Needs(WriteMessages));
    routes
        .page(Method::GET, ALL, read, reading::list)
        .page(Method::POST, ALL, write, writing::start)
        .page(Method::GET, THREAD, read, reading::thread)
        .page(Method::POST, THREAD, write, writing::write)
        .page(Method::GET, "/clients/{client}/messages/{topic}/news", read, reading::news)
        .page(Method::GET, EDIT, write, writing::form)
        .page(Method::POST, EDIT, write, writing::edit)
        .page(Method::POST, "/clients/{client}/messages/{topic}/waiting", Access::Needs(EditProjects), writing::waiting)
        .page(Method::POST, "/clients/{client}/messages/{topic}/notes", Access::Needs(WriteInternal), writing::note)
}

fn newsletter_routes(routes: Routes) -> Routes {
    let read = Access::Needs(ReadMessages);
    routes
        .page(Method::GET, "/clients/{client}/newsletters", read, newsletters::list)
        .page(Method::GET, "/clients/{client}/newsletters/{newsletter}", read, newsletters::show)
        .api(
            Method::GET,
            "/api/v1/clients/{client}/newsletters",
            read,
            newsletters::list_json,
            Doc::new("Lists the newsletters that came to the client, the newest first")
                .query::<newsletters::OlderOnes>()
                .answers::<newsletters::CameList>(200),
        )
}

fn sent_routes(routes: Routes) -> Routes {
    let (see, send) = (Access::Needs(ViewAccessHistory), Access::Needs(EditProjects));
    routes
        .page(Method::GET, "/clients/{client}/notices", see, sent::show)
        .page(Method::POST, "/clients/{client}/notices/{outbox}/{person}/again", send, sent::again)
        .api(
            Method::GET,
            "/api/v1/clients/{client}/notices",
            see,
            sent::list,
            Doc::new(
                "What was sent to whom about the client in the last 30 days, digests aside, and whether it arrived",
            )
            .query::<sent::Older>()
            .answers::<sent::SentList>(200),
        )
        .api(
            Method::POST,
            "/api/v1/clients/{client}/notices/{outbox}/{person}/again",
            send,
            sent::again_json,
            Doc::new("Has a mail sent once more that came back, or of which nobody knows whether it arrived")
                .answers_empty(204),
        )
}

fn api_routes(routes: Routes) -> Routes {
    const ALL: &str = "/api/v1/clients/{client}/messages";
    const THREAD: &str = "/api/v1/clients/{client}/messages/{topic}";
    const NOTES: &str = "/api/v1/clients/{client}/messages/{topic}/notes";
    let (read, write) = (Access::Needs(ReadMessages), Access::Needs(WriteMessages));
    routes
        .api(
            Method::GET,
            ALL,
            read,
            api::threads,
            Doc::new("Lists the client's conversations, without their words").answers::<api::ThreadList>(200),
        )
        .api(
            Method::GET,
            THREAD,
            read,
            api::messages,
            Doc::new("Messages of one conversation, the newest page first; `general` is the one of no project")
                .query::<api::Before>()
                .answers::<api::MessageList>(200),
        )
        .api(
            Method::POST,
            THREAD,
            write,
            api::write,
            Doc::new("Writes a message").takes::<NewMessage>().idempotent().answers::<api::MessageOut>(201),
        )
        .api(
            Method::PUT,
            "/api/v1/clients/{client}/messages/{topic}/draft",
            write,
            keeping::message,
            Doc::new("Keeps what was typed and not sent, for whoever typed it").takes::<Unsent>().answers_empty(204),
        )
        .api(
            Method::PUT,
            "/api/v1/clients/{client}/messages/{topic}/notes/draft",
            Access::Needs(WriteInternal),
            keeping::note,
            Doc::new("Keeps a note that was typed and not kept yet, for whoever typed it")
                .takes::<Unsent>()
                .answers_empty(204),
        )
        .api(
            Method::PATCH,
            "/api/v1/clients/{client}/messages/{topic}/{number}",
            write,
            api::edit,
            Doc::new("Changes the words of one's own message, for five minutes")
                .takes::<api::Words>()
                .answers::<api::MessageOut>(200),
        )
        .api(
            Method::PUT,
            "/api/v1/clients/{client}/messages/{topic}/waiting",
            Access::Needs(EditProjects),
            api::waiting,
            Doc::new("Says whose answer the conversation waits for")
                .takes::<api::Waiting>()
                .answers::<api::ThreadOut>(200),
        )
        .api(
            Method::GET,
            NOTES,
            Access::Needs(ViewInternal),
            api::notes,
            Doc::new("What the firm notes for itself beside a conversation").answers::<api::NoteList>(200),
        )
        .api(
            Method::POST,
            NOTES,
            Access::Needs(WriteInternal),
            api::note,
            Doc::new("Notes something for the firm only").takes::<NewNote>().idempotent().answers::<api::NoteOut>(201),
        )
}
