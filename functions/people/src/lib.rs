//! Carries out what was ordered for a person: by a partner, access to the firm or to one client of it; by a client's own
//! admin, for the people of that client; by whoever signs people in, that somebody joins whom a provider vouches for.
//! Whoever is invited hears of it by mail.

use access::{Fact, Job, JobScope};
use domain::firm::OrderState;
use domain::limits;
use domain::notice::PersonMessage;
use storage::{OrderRow, OrderedBy, PeopleStore, StorageError, Tries};
use web::App;
use web::worker::{Message, Outcome};

mod letter;

/// One order. A repeated message finds it closed, and its mail sent.
pub async fn handle(app: App, message: Message) -> Result<(), Outcome> {
    let PersonMessage { firm, client, person, order, .. } = message.parse()?;
    let mut moment = app.moment();
    let name = order.to_string();
    let (fact, ordered) = match (client, person) {
        (Some(client), _) => {
            (Fact::CompanyOrder { firm, client: client.clone(), order: name }, OrderedBy::Company(client))
        }
        (None, Some(person)) => (Fact::Join { firm, person: person.clone(), order: name }, OrderedBy::Provider(person)),
        (None, None) => (Fact::Order { firm, order: name }, OrderedBy::Partner),
    };
    let scope = JobScope::enter(Job::People, fact, app.aws().vendor(), moment.now).await?;
    let store = PeopleStore::open(app.aws(), &scope, ordered);
    let mut tries = Tries::default();
    loop {
        let Some(row) = store.order(&order).await? else { return Ok(()) };
        if row.state != OrderState::Ordered {
            return mail(&app, &scope, &store, &row).await;
        }
        match store.carry_out(&row, &mut moment).await {
            Ok(done) => {
                let refused = done.err().map(|refused| refused.to_string());
                tracing::info!(firm.id = scope.firm().as_str(), order.id = order.as_str(), refused, "order closed");
            }
            // Somebody changed the person meanwhile, or the firm's list of people.
            Err(error) => tries.another(error).await?,
        }
    }
}

/// Mails the invitation of an order that was carried out, once.
async fn mail(app: &App, scope: &JobScope, store: &PeopleStore<'_>, row: &OrderRow) -> Result<(), Outcome> {
    if !row.mail_due {
        return Ok(());
    }
    let Some(invited) = store.to_invite(row).await? else { return Ok(()) };
    if !store.claim_mail(row, app.now()).await? {
        return Err(Outcome::Retry { why: "another run is sending this, or died while it was".into() });
    }
    let letter = letter::invitation(&invited, &app.aws().settings().site_origin);
    let limit = std::time::Duration::from_secs(limits::NOTICE_SEND_SECONDS_MAX);
    match tokio::time::timeout(limit, app.aws().send_mail(scope.keys(), &letter)).await {
        Ok(sent) => sent?,
        Err(_) => return Err(Outcome::Retry { why: "the mail service did not answer in time".into() }),
    };
    match store.mailed(row, &invited.email, &mut app.moment()).await {
        // Another run has noted it.
        Err(StorageError::Stale) => Ok(()),
        done => Ok(done?),
    }
}
