//! A newsletter on its way: to its writer, who tries it, or to each client that the firm has, whose own worker judges
//! whether it is meant. What is told of it twice is told once there.

use access::{Fact, Job, JobScope};
use domain::notice::RetentionMessage;
use domain::{FirmId, NewsletterId, OrderId};
use storage::{NewsletterOrder, ProvisionStore};
use web::worker::Outcome;
use web::{App, letter};

pub(crate) async fn leave(app: &App, firm: FirmId, order: &OrderId) -> Result<(), Outcome> {
    let fact = Fact::Customer { firm: firm.clone() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), app.now()).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let Some(NewsletterOrder { newsletter, trial }) = store.newsletter_order(order).await? else { return Ok(()) };
    let Some(trial) = trial else { return to_clients(app, &store, &firm, &newsletter).await };
    let firm_name = store.brand().await?.map(|brand| brand.firm_name).unwrap_or_default();
    let link = format!("{}/firm/newsletters/{newsletter}", app.aws().settings().site_origin);
    let lines: Vec<String> = trial.letter.paragraphs().map(str::to_owned).collect();
    let mail = letter::Letter {
        from: &firm_name,
        head: &firm_name,
        subject: &format!("Trial: {}", trial.letter.subject),
        lines: &lines,
        button: "Send it, or change it",
        link: &link,
        footer: "Only you get this: it is a trial of a newsletter. Your clients' people get it with a link to read it in the portal.",
        answer_above: None,
    };
    app.aws().send_mail(scope.keys(), &mail.to(&trial.to)).await?;
    Ok(())
}

async fn to_clients(
    app: &App,
    store: &ProvisionStore<'_>,
    firm: &FirmId,
    newsletter: &NewsletterId,
) -> Result<(), Outcome> {
    let queues = app.aws().queues();
    for client in store.client_ids().await? {
        let once = format!("{client}-{newsletter}");
        let newsletter = Some(newsletter.clone());
        let message = RetentionMessage { v: 1, firm: firm.clone(), client, due_at: None, newsletter };
        queues.retention(&message, &once).await?;
    }
    Ok(())
}
