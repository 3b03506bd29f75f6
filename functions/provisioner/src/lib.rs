//! Carries out orders of firms and of clients, closes firms and opens them again, opens and ends operators' admissions,
//! counts what a firm uses, and sends newsletters on their way. What it makes is made once: a firm's key is noted before it is used, and a client's data key is
//! written only together with the client.

use access::{Fact, Job, JobScope};
use domain::firm::{FirmState, Order, OrderState};
use domain::notice::{ProvisionMessage, RetentionMessage};
use domain::{FirmChangeId, FirmId, OrderId, Timestamp};
use storage::{ProvisionStore, StorageError, TurnRow};
use web::App;
use web::worker::{Message, Outcome};

mod admissions;
mod letter;
mod newsletters;

/// One order: what the message names beside the firm, else the firm's own.
pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let ProvisionMessage { firm, order, change, admission, usage, retention, newsletter_order, .. } =
        message.parse()?;
    if let Some(order) = newsletter_order {
        return newsletters::leave(&app, firm, &order).await;
    }
    match (order, change, admission) {
        (Some(order), ..) => client(&app, firm, &order).await,
        (_, Some(change), _) => turn(&app, firm, change).await,
        (.., Some(admission)) => admissions::settle(&app, firm, admission).await,
        _ if retention.is_some() => look_through(&app, firm, retention).await,
        _ if usage => count(&app, firm).await,
        _ => self::firm(&app, firm).await,
    }
}

async fn firm(app: &App, firm: FirmId) -> Result<(), Outcome> {
    let mut moment = app.moment();
    let fact = Fact::Firm { firm: firm.clone() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), moment.now).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let Some(row) = store.ordered_firm().await?.filter(|row| row.state == FirmState::Ordered) else { return Ok(()) };
    let key = store.firm_key(&row).await?;
    store.create_firm(&row, &key, &mut moment).await?;
    tracing::info!(firm.id = scope.firm().as_str(), "firm is active");
    // Its first count; the hours after this one go on from it.
    store.count_usage(app.now()).await?;
    Ok(())
}

async fn client(app: &App, firm: FirmId, order: &OrderId) -> Result<(), Outcome> {
    let mut moment = app.moment();
    let fact = Fact::Order { firm, order: order.to_string() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), moment.now).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let Some(row) = store.order(order).await?.filter(|row| row.state == OrderState::Ordered) else { return Ok(()) };
    let Order::Client { client, name } = &row.what else {
        return Err(Outcome::bury("the order is of no client"));
    };
    store.create_client(&row, client, name, &mut moment).await?;
    tracing::info!(firm.id = scope.firm().as_str(), client.id = client.as_str(), "client is there");
    Ok(())
}

/// Closes the firm or opens it again. A repeated message finds the order done.
async fn turn(app: &App, firm: FirmId, change: FirmChangeId) -> Result<(), Outcome> {
    let mut moment = app.moment();
    let fact = Fact::FirmChange { firm, change: change.clone() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), moment.now).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let Some((turn, row)) = store.turn(&change).await? else { return Ok(()) };
    if turn.state != TurnRow::ORDERED {
        return Ok(());
    }
    let to = turn.turn.of(row.state).map_err(|why| Outcome::bury(why.to_string()))?;
    match store.carry_out(&turn, to, &mut moment).await {
        // Another delivery of the same message was faster.
        Err(StorageError::Stale) => Ok(()),
        done => {
            done?;
            tracing::warn!(firm.id = scope.firm().as_str(), state = to.as_str(), "a firm was closed or opened");
            Ok(())
        }
    }
}

/// Every client's documents are to be looked through. A tick that comes twice says it once.
async fn look_through(app: &App, firm: FirmId, due_at: Option<Timestamp>) -> Result<(), Outcome> {
    let fact = Fact::Customer { firm: firm.clone() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), app.now()).await?;
    let clients = ProvisionStore::open(app.aws(), &scope).client_ids().await?;
    let queues = app.aws().queues();
    for client in clients {
        let once = format!("{client}-{}", due_at.map_or(0, Timestamp::as_second));
        let message = RetentionMessage { v: 1, firm: firm.clone(), client, due_at, newsletter: None };
        queues.retention(&message, &once).await?;
    }
    Ok(())
}

async fn count(app: &App, firm: FirmId) -> Result<(), Outcome> {
    let now = app.now();
    let scope = JobScope::enter(Job::Provisioner, Fact::Customer { firm }, app.aws().vendor(), now).await?;
    let usage = ProvisionStore::open(app.aws(), &scope).count_usage(now).await?;
    tracing::info!(
        firm.id = scope.firm().as_str(),
        people = usage.people,
        clients = usage.clients,
        documents = usage.documents,
        bytes = usage.bytes,
        "usage"
    );
    Ok(())
}
