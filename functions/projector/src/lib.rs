//! Follows the tables' streams: what follows from a change goes to its queue, orders to the workers that carry them out,
//! and whatever is shown outside of a client's own rows (its team, its card on homes and boards) is drawn anew.
//!
//! A record is only a reason to look. The rows are read again, with credentials of the one client that the record's key
//! names; so a record may come twice, late or out of order.

use std::time::Duration;

use access::{Fact, Job, JobScope};
use domain::notice::{PersonMessage, ProvisionMessage};
use domain::{ClientId, FirmId};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use storage::{ClientStore, Streamed};
use web::App;
use web::worker::Outcome;

mod batch;

use batch::{ClientWork, Plan, Record};

/// A batch of a stream, or the order to draw one client anew.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    Batch {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    Rebuild {
        rebuild: Rebuild,
    },
}

#[derive(Debug, Clone, Deserialize)]
pub struct Rebuild {
    pub firm: FirmId,
    pub client: ClientId,
}

/// Which records come again. The platform goes on from the first of them, so that others may come again too.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    batch_item_failures: Vec<Failed>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    item_identifier: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the client was not drawn anew: {0}")]
pub struct NotRebuilt(String);

/// Clients that are worked on at the same time.
const TOGETHER: usize = 8;
/// What fails is tried here before its record is given back: a pause of the stream holds up everybody behind it.
const TRIES_MAX: u32 = 4;

pub async fn answer(app: App, event: Event) -> Result<Answer, NotRebuilt> {
    match event {
        Event::Batch { records } => Ok(follow(&app, records).await),
        Event::Rebuild { rebuild: Rebuild { firm, client } } => {
            tried(|| rebuild(&app, &firm, &client)).await.map_err(NotRebuilt)?;
            Ok(Answer::default())
        }
    }
}

/// Draws a client's team and cards from their source, whatever the streams said.
pub async fn rebuild(app: &App, firm: &FirmId, client: &ClientId) -> Result<(), Outcome> {
    let now = app.now();
    let fact = Fact::Client { firm: firm.clone(), client: client.clone() };
    let scope = JobScope::enter(Job::Projector, fact, app.aws().vendor(), now).await?;
    let Some(job) = scope.of_client() else { return Ok(()) };
    let store = ClientStore::open(app.aws(), &job);
    for people in store.candidates().await?.chunks(TOGETHER) {
        all(people.iter().map(|person| store.mirror(person))).await?;
    }
    store.draw_card(now).await?;
    Ok(store.draw_usage().await?)
}

async fn follow(app: &App, records: Vec<Record>) -> Answer {
    let (plan, count) = (Plan::of(&records), records.len());
    let orders = join_all(plan.orders.iter().map(|(order, number)| order_told(app, order, number)));
    let clients = async {
        let mut answers = Vec::with_capacity(plan.clients.len());
        for works in plan.clients.chunks(TOGETHER) {
            answers.extend(join_all(works.iter().map(|work| client_done(app, work))).await);
        }
        answers
    };
    let (orders, clients) = tokio::join!(orders, clients);
    let mut answer = Answer::default();
    for (numbers, why) in orders.into_iter().chain(clients).filter_map(Result::err) {
        tracing::warn!(why, records = numbers.len(), "come again");
        answer.batch_item_failures.extend(numbers.into_iter().map(|item_identifier| Failed { item_identifier }));
    }
    tracing::info!(
        records = count,
        clients = plan.clients.len(),
        orders = plan.orders.len(),
        failed = answer.batch_item_failures.len(),
        "followed"
    );
    answer
}

/// The records that come again, and why.
type Again = (Vec<String>, String);

async fn order_told(app: &App, order: &Streamed, number: &str) -> Result<(), Again> {
    tried(|| hand_order(app, order)).await.map_err(|why| (vec![number.to_owned()], why))
}

async fn client_done(app: &App, work: &ClientWork) -> Result<(), Again> {
    tried(|| one_client(app, work)).await.map_err(|why| (work.numbers.clone(), why))
}

/// Several changes of one client draw its card once.
async fn one_client(app: &App, work: &ClientWork) -> Result<(), Outcome> {
    let now = app.now();
    let fact = Fact::Client { firm: work.firm.clone(), client: work.client.clone() };
    let scope = JobScope::enter(Job::Projector, fact, app.aws().vendor(), now).await?;
    let Some(job) = scope.of_client() else { return Ok(()) };
    let store = ClientStore::open(app.aws(), &job);
    let handed = all(work.outbox.iter().map(|outbox| store.pass_on(outbox, now)));
    let drawn = async {
        all(work.people.iter().map(|person| store.mirror(person))).await?;
        if work.draws {
            store.follow_the_list().await?;
            store.draw_card(now).await?;
            store.draw_usage().await?;
        }
        Ok::<(), storage::StorageError>(())
    };
    let (handed, drawn) = tokio::join!(handed, drawn);
    handed?;
    Ok(drawn?)
}

async fn hand_order(app: &App, order: &Streamed) -> Result<(), Outcome> {
    let queues = app.aws().queues();
    match order.clone() {
        Streamed::FirmOrdered { firm } => queues.provision(&ProvisionMessage::of_firm(firm)).await?,
        Streamed::FirmTurned { firm, change } => {
            queues.provision(&ProvisionMessage { change: Some(change), ..ProvisionMessage::of_firm(firm) }).await?;
        }
        Streamed::Admission { firm, admission } => {
            let message = ProvisionMessage { admission: Some(admission), ..ProvisionMessage::of_firm(firm) };
            queues.provision(&message).await?;
        }
        Streamed::NewsletterOrdered { firm, order } => {
            queues
                .provision(&ProvisionMessage { newsletter_order: Some(order), ..ProvisionMessage::of_firm(firm) })
                .await?;
        }
        Streamed::ClientOrdered { firm, order } => {
            queues.provision(&ProvisionMessage { order: Some(order), ..ProvisionMessage::of_firm(firm) }).await?;
        }
        Streamed::PersonOrdered { firm, order } => {
            queues.person(&PersonMessage { v: 1, firm, client: None, person: None, order }).await?;
        }
        Streamed::MemberOrdered { firm, client, order } => {
            queues.person(&PersonMessage { v: 1, firm, client: Some(client), person: None, order }).await?;
        }
        Streamed::JoinOrdered { firm, person, order } => {
            queues.person(&PersonMessage { v: 1, firm, client: None, person: Some(person), order }).await?;
        }
        Streamed::Outbox { .. } | Streamed::Client { .. } | Streamed::Team { .. } | Streamed::Nothing => (),
    }
    Ok(())
}

async fn all<E>(acts: impl Iterator<Item = impl Future<Output = Result<(), E>>>) -> Result<(), E> {
    join_all(acts).await.into_iter().collect()
}

/// Until it is done, or the reason why it is not.
async fn tried<F: Future<Output = Result<(), Outcome>>>(act: impl Fn() -> F) -> Result<(), String> {
    let mut last = String::new();
    for attempt in 0..TRIES_MAX {
        match act().await {
            Ok(()) | Err(Outcome::Done) => return Ok(()),
            Err(Outcome::Bury { why }) => return Err(why),
            Err(Outcome::Retry { why }) => last = why,
        }
        tokio::time::sleep(Duration::from_millis(20_u64 << (attempt * 2))).await;
    }
    Err(last)
}
