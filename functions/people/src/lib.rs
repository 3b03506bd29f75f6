//! Carries out what a partner ordered for a person: access to the firm, or to one client of it.

use access::{Fact, Job, JobScope};
use domain::firm::{Order, OrderState};
use domain::limits;
use domain::notice::PersonMessage;
use storage::{PeopleStore, StorageError};
use web::App;
use web::worker::{Message, Outcome};

/// One order. A repeated message finds it closed.
pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let PersonMessage { firm, order, .. } = message.parse()?;
    let mut moment = app.moment();
    let fact = Fact::Order { firm, order: order.to_string() };
    let scope = JobScope::enter(Job::People, fact, app.aws().vendor(), moment.now).await?;
    let store = PeopleStore::open(app.aws(), &scope);
    for _ in 0..limits::WRITE_TRIES_MAX {
        let Some(row) = store.order(&order).await?.filter(|row| row.state == OrderState::Ordered) else {
            return Ok(());
        };
        let Order::Person(asked) = &row.what else {
            return Err(Outcome::bury("the order is of no person"));
        };
        match store.admit(&row, asked, &mut moment).await {
            // Somebody changed the person meanwhile, or the firm's list of people.
            Err(StorageError::Stale) => (),
            Ok(admitted) => {
                let refused = admitted.err().map(|refused| refused.to_string());
                tracing::info!(firm.id = scope.firm().as_str(), order.id = order.as_str(), refused, "order closed");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StorageError::Stale.into())
}
