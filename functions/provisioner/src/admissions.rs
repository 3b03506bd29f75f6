//! An operator's admission has a row with the platform and one with the firm. Whatever happened to one of them, this makes
//! the other agree, and tells the firm's partners.

use std::time::Duration;

use access::{Fact, Job, JobScope};
use domain::platform::AdmissionState;
use domain::{AdmissionId, FirmId, limits};
use storage::{AdmissionRow, ProvisionStore, StorageError};
use web::App;
use web::worker::Outcome;

use crate::letter;

pub(crate) async fn settle(app: &App, firm: FirmId, admission: AdmissionId) -> Result<(), Outcome> {
    let mut moment = app.moment();
    let fact = Fact::Admission { firm, admission: admission.clone() };
    let scope = JobScope::enter(Job::Provisioner, fact, app.aws().vendor(), moment.now).await?;
    let store = ProvisionStore::open(app.aws(), &scope);
    let (asked, row) = tokio::try_join!(store.asked_admission(&admission), store.admission(&admission))?;
    let Some(asked) = asked else { return Ok(()) };
    let ended = row.as_ref().is_some_and(|row| row.ended_at.is_some());
    let settled = match asked.state {
        AdmissionState::Asked if row.is_none() => {
            let opened = store.open_admission(&asked, &mut moment).await;
            if let Ok(true) = &opened {
                // The alarm of the deployment counts these lines.
                tracing::warn!(
                    firm.id = scope.firm().as_str(),
                    client.id = asked.order.client.as_str(),
                    person.id = asked.by.as_str(),
                    admission.id = admission.as_str(),
                    ticket = asked.order.ticket.as_str(),
                    minutes = asked.order.minutes,
                    "break-glass admission opened"
                );
            }
            opened.map(|_| ())
        }
        AdmissionState::Ending if !ended => store.end_admission(&asked, &mut moment).await,
        AdmissionState::Open | AdmissionState::Ending if ended => match &row {
            Some(row) => store.note_ended(&asked, row).await,
            None => Ok(()),
        },
        AdmissionState::Asked
        | AdmissionState::Open
        | AdmissionState::Ending
        | AdmissionState::Ended
        | AdmissionState::Refused => Ok(()),
    };
    match settled {
        // Somebody was faster, such as a partner who ended it at the same instant: look again.
        Err(StorageError::Stale) => return Err(Outcome::Retry { why: "the admission changed meanwhile".into() }),
        settled => settled?,
    }
    match store.admission(&admission).await? {
        Some(row) if row.mail_due => tell(app, &scope, &store, &row).await,
        _ => Ok(()),
    }
}

/// Mails every partner, each once: who was told is noted before the next one is.
async fn tell(app: &App, scope: &JobScope, store: &ProvisionStore<'_>, row: &AdmissionRow) -> Result<(), Outcome> {
    if !store.claim_telling(row, app.now()).await? {
        return Err(Outcome::Retry { why: "another run is sending this, or died while it was".into() });
    }
    let to_tell = store.to_tell(row).await?;
    let site = &app.aws().settings().site_origin;
    for (partner, email) in &to_tell.partners {
        let mail = letter::admission(row, &to_tell, email, site);
        let limit = Duration::from_secs(limits::NOTICE_SEND_SECONDS_MAX);
        match tokio::time::timeout(limit, app.aws().send_mail(scope.keys(), &mail)).await {
            Ok(sent) => sent?,
            Err(_) => return Err(Outcome::Retry { why: "the mail service did not answer in time".into() }),
        };
        store.told(row, partner).await?;
    }
    match store.all_told(row, &mut app.moment()).await {
        // Another run has noted it.
        Err(StorageError::Stale) => Ok(()),
        done => Ok(done?),
    }
}
