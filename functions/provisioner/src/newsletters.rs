//! A newsletter on its way: to its writer, who tries it, or to each client that it is meant for, whose own worker judges that
//! once more. What is told of it twice is told once there.

use std::time::Duration;

use access::{Fact, Job, JobScope};
use domain::notice::RetentionMessage;
use domain::{FirmId, NewsletterId, OrderId, limits};
use futures::stream::{self, StreamExt};
use storage::{NewsletterOrder, ProvisionStore, Trial};
use web::worker::Outcome;
use web::{App, letter};

pub(crate) async fn leave(app: &App, firm: FirmId, order: &OrderId) -> Result<(), Outcome> {
    let fact = Fact::Customer { firm: firm.clone() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), app.now()).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let Some(NewsletterOrder { newsletter, trial }) = store.newsletter_order(order).await? else { return Ok(()) };
    match trial {
        Some(trial) => try_it(app, &scope, &store, &newsletter, &trial).await,
        None => to_clients(app, &store, &firm, &newsletter).await,
    }
}

/// What clients' people read, to whoever wrote it. A firm that was suspended meanwhile tries nothing.
async fn try_it(
    app: &App,
    scope: &JobScope,
    store: &ProvisionStore<'_>,
    newsletter: &NewsletterId,
    trial: &Trial,
) -> Result<(), Outcome> {
    let (brand, to, is_suspended) =
        tokio::try_join!(store.brand(), store.partner_address(&trial.to), store.is_suspended())?;
    let Some((brand, to)) = brand.zip(to).filter(|_| !is_suspended) else { return Ok(()) };
    let link = format!("{}/firm/newsletters/{newsletter}", app.aws().settings().site_origin);
    let lines: Vec<String> = trial.letter.paragraphs().map(str::to_owned).collect();
    let mail = letter::Letter {
        from: &brand.firm_name,
        head: &brand.firm_name,
        subject: &format!("Trial: {}", trial.letter.subject),
        lines: &lines,
        button: "Send it, or change it",
        link: &link,
        footer: "Only you get this: it is a trial of a newsletter. Your clients' people get it with a link to read it in the portal.",
        answer_above: None,
    };
    let limit = Duration::from_secs(limits::NOTICE_SEND_SECONDS_MAX);
    match tokio::time::timeout(limit, app.aws().send_mail(scope.keys(), &mail.to(&to))).await {
        Ok(sent) => Ok(sent.map(|_| ())?),
        Err(_) => Err(Outcome::Retry { why: "the mail service did not answer in time".into() }),
    }
}

/// Several at a time, since a firm has thousands.
async fn to_clients(app: &App, store: &ProvisionStore<'_>, firm: &FirmId, id: &NewsletterId) -> Result<(), Outcome> {
    let (Some(of), clients) = tokio::try_join!(store.newsletter(id), store.client_ids())? else { return Ok(()) };
    let queues = app.aws().queues();
    let asked = clients.into_iter().filter(|client| of.reaches(client)).map(|client| {
        let once = format!("{client}-{id}");
        let newsletter = Some(id.clone());
        let message = RetentionMessage { v: 1, firm: firm.clone(), client, due_at: None, newsletter };
        let queues = &queues;
        async move { queues.retention(&message, &once).await }
    });
    let mut asked = stream::iter(asked).buffered(limits::SWEEP_ACTS_AT_ONCE);
    while let Some(sent) = asked.next().await {
        sent?;
    }
    Ok(())
}
