//! What a client's people are told without anybody of them, or for them, having done anything: a month that is over, and
//! what the firm writes to its clients. An archived client's people are told nothing.

use access::OneClient;
use domain::NewsletterId;
use domain::notice::summary::Month;
use web::worker::Outcome;

use crate::Work;

/// A month, in the first days after it. One that was over before there was the client is none of its own.
pub(crate) async fn month(work: &Work<'_>) -> Result<(), Outcome> {
    let zone = work.app.aws().client_brand(work.scope, work.app.now()).await?.time_zone();
    let Some(month) = Month::ended(work.now, &zone) else { return Ok(()) };
    let Some(profile) = work.store.profile().await? else { return Ok(()) };
    if profile.created_at >= month.until || work.store.is_archived().await? {
        return Ok(());
    }
    Ok(work.store.tell_month(month, work.app.now()).await?)
}

/// What the firm wrote to this client among others, once it is sent.
pub(crate) async fn newsletter(work: &Work<'_>, id: &NewsletterId) -> Result<(), Outcome> {
    let (of, is_archived) = tokio::try_join!(work.store.firms_newsletter(id), work.store.is_archived())?;
    match of.filter(|of| !is_archived && of.reaches(work.scope.client())) {
        Some(of) => Ok(work.store.take_newsletter(&of, &mut work.app.moment()).await?),
        None => Ok(()),
    }
}
