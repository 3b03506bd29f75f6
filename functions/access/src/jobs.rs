//! Workers: the role with the ids that the event claims, then the row that it names, read with that role. Forged ids
//! meet no row, and keys are handed out only for a row that is there and open.

use access::{Job, Keys, WireJob, WireJobAnswer, WireKeys};
use storage::Vending;

use crate::VendError;

pub(crate) async fn vend_job(vending: &Vending<'_>, asked: &WireJob) -> Result<WireJobAnswer, VendError> {
    let role = asked.job.role();
    let Some(tags) = tags(asked) else { return Ok(told(asked, WireJobAnswer::NoOpenRow)) };
    let assumed = vending.assume(role, &tags).await;
    let credentials = assumed.map_err(|source| VendError::Assume { role, source })?;
    let keys = WireKeys::new(&credentials);
    let own = Keys::new(credentials);
    let suspended = async {
        match asked.job.speaks_to_people() {
            true => vending.is_suspended(asked.fact.firm(), &own).await,
            false => Ok(false),
        }
    };
    let (open, suspended) = futures::join!(vending.is_open(&asked.fact, &own), suspended);
    let answer = match (open.map_err(VendError::Read)?, suspended.map_err(VendError::Read)?) {
        (false, _) => WireJobAnswer::NoOpenRow,
        (true, true) => WireJobAnswer::Suspended,
        (true, false) => WireJobAnswer::Granted(keys),
    };
    Ok(told(asked, answer))
}

/// The tags that the job's role demands; nothing where the fact is not of a kind that such a job has.
fn tags(asked: &WireJob) -> Option<Vec<(&'static str, &str)>> {
    let (firm, client) = (asked.fact.firm(), asked.fact.client());
    match asked.job {
        Job::Digest => Some(vec![("t", firm.as_str()), ("u", asked.fact.person()?.as_str())]),
        Job::People | Job::Provisioner => Some(vec![("t", firm.as_str())]),
        Job::DocumentProcessing
        | Job::Indexer
        | Job::MailInbound
        | Job::NotificationDelivery
        | Job::Projector
        | Job::Retention
        | Job::Schedules
        | Job::Vending => Some(vec![("t", firm.as_str()), ("c", client?.as_str())]),
    }
}

fn told(asked: &WireJob, answer: WireJobAnswer) -> WireJobAnswer {
    tracing::info!(
        job = asked.job.role(),
        firm.id = asked.fact.firm().as_str(),
        client.id = asked.fact.client().map(domain::ClientId::as_str),
        granted = matches!(answer, WireJobAnswer::Granted(_)),
        "vend job"
    );
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Fact;
    use domain::{ClientId, DocumentId, FirmId, PersonId, Timestamp};

    #[test]
    fn a_role_gets_the_tags_it_demands() {
        let (firm, client) = (FirmId::from_bits(1), ClientId::from_bits(2));
        let upload = Fact::Upload {
            firm: firm.clone(),
            client: client.clone(),
            document: DocumentId::from_bits(3),
            internal: false,
        };
        for job in Job::ALL.iter().copied() {
            let names = |fact: &Fact| {
                let asked = WireJob { job, fact: fact.clone() };
                tags(&asked).map(|tags| tags.iter().map(|(name, _)| *name).collect::<String>())
            };
            let of_firm = matches!(job, Job::People | Job::Provisioner);
            let of_person = matches!(job, Job::Digest);
            let want = if of_firm { "t" } else { "tc" };
            assert_eq!(names(&upload).as_deref(), Some(want).filter(|_| !of_person), "{job:?}");
            let digest = Fact::Digest { firm: firm.clone(), person: PersonId::from_bits(4), at: Timestamp::UNIX_EPOCH };
            let of_digest = if of_firm { Some("t") } else { of_person.then_some("tu") };
            assert_eq!(names(&digest).as_deref(), of_digest, "{job:?}");
            let order = Fact::Order { firm: firm.clone(), order: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into() };
            assert_eq!(names(&order).as_deref(), of_firm.then_some("t"), "{job:?}");
        }
    }
}
