//! Carries out orders of firms and of clients. What it makes is made once: a firm's key is noted before it is used, and
//! a client's data key is written only together with the client.

use access::{Fact, Job, JobScope};
use domain::firm::{FirmState, Order, OrderState};
use domain::notice::ProvisionMessage;
use domain::{FirmId, OrderId};
use storage::ProvisionStore;
use web::App;
use web::worker::{Message, Outcome};

/// One order: a client's where the message names one, else the firm's own.
pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let ProvisionMessage { firm, order, .. } = message.parse()?;
    match order {
        Some(order) => client(&app, firm, &order).await,
        None => self::firm(&app, firm).await,
    }
}

async fn firm(app: &App, firm: FirmId) -> Result<(), Outcome> {
    let mut moment = app.moment();
    let scope = JobScope::enter(Job::Provisioner, Fact::Firm { firm }, app.aws().vendor(), moment.now).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let Some(row) = store.ordered_firm().await?.filter(|row| row.state == FirmState::Ordered) else { return Ok(()) };
    let key = store.firm_key(&row).await?;
    store.create_firm(&row, &key, &mut moment).await?;
    tracing::info!(firm.id = scope.firm().as_str(), "firm is active");
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
