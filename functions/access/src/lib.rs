//! The token vendors: who asked, what they are, whose the client is; then credentials narrowed to that, or a refusal.
//!
//! One library, three functions: people's own roles (`access`), the readers of document objects (`access-documents`),
//! workers (`access-jobs`). Each can assume its own roles only, so a request at the wrong one is refused twice.

pub mod decide;
mod jobs;

use std::collections::{BTreeMap, BTreeSet};

use access::{Fact, Keys, WireAnswer, WireGrant, WireJob, WireJobAnswer, WireKeys, WireRefusal, WireVend};
use domain::audit::Object;
use domain::permissions::Reach;
use domain::{Moment, Role, Timestamp, limits};
use futures::future::join_all;
use storage::{Asker, HomeFacts, StorageError, Vending};
use web::App;

use decide::{Refused, Vend, decide};

/// Which roles the running function can assume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    People,
    Documents,
}

impl Counter {
    fn serves(self, reach: Reach) -> bool {
        (reach == Reach::Objects) == (self == Counter::Documents)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum VendError {
    #[error("{0} requests at once, {max} are the most", max = limits::GRANTS_PER_CALL_MAX)]
    TooMany(usize),
    #[error("asked for {0:?} at the wrong function")]
    WrongFunction(Reach),
    #[error("could not read who asks")]
    Read(#[source] StorageError),
    #[error("could not assume the role {role}")]
    Assume {
        role: &'static str,
        #[source]
        source: StorageError,
    },
}

/// A batch of people's requests.
pub async fn answer_people(app: App, counter: Counter, asked: Vec<WireVend>) -> Result<Vec<WireAnswer>, VendError> {
    let operators = &app.config().settings.platform_admins;
    vend(&Vending::open(app.aws()), counter, operators, asked, &mut app.moment()).await
}

/// One worker's request.
pub async fn answer_worker(app: App, asked: WireJob) -> Result<WireJobAnswer, VendError> {
    jobs::vend_job(&Vending::open(app.aws()), &asked).await
}

/// What was read for one session or token.
struct Facts {
    asker: Option<Asker>,
    home: Option<HomeFacts>,
}

/// The hash of what was presented, and whether that was a personal token.
type Shown = (String, bool);

fn shown(asked: &WireVend) -> Shown {
    (asked.session.clone(), asked.bearer)
}

/// Answers a batch in its order. An error answers none of it: a caller must not take an outage for a refusal.
async fn vend(
    vending: &Vending<'_>,
    counter: Counter,
    operators: &[String],
    asked: Vec<WireVend>,
    moment: &mut Moment,
) -> Result<Vec<WireAnswer>, VendError> {
    if asked.len() > limits::GRANTS_PER_CALL_MAX {
        return Err(VendError::TooMany(asked.len()));
    }
    if let Some(wrong) = asked.iter().find(|one| !counter.serves(one.reach)) {
        return Err(VendError::WrongFunction(wrong.reach));
    }
    let facts = read_all(vending, &asked).await.map_err(VendError::Read)?;
    let decided: Vec<Result<Vend, Refused>> = asked
        .iter()
        .map(|one| {
            let found = facts.get(&shown(one));
            let (asker, home) = (found.and_then(|f| f.asker.as_ref()), found.and_then(|f| f.home.as_ref()));
            decide(asker, home, operators, one, moment.now)
        })
        .collect();
    let carried_out = join_all(asked.iter().zip(&decided).map(|(one, decision)| carry_out(vending, one, decision)));
    let touched = touch(vending, counter, &facts, &decided, &asked, moment.now);
    let (carried_out, ()) = futures::join!(carried_out, touched);
    let mut answers = Vec::with_capacity(asked.len());
    for (one, outcome) in asked.iter().zip(carried_out) {
        let outcome = outcome?;
        let asker = facts.get(&shown(one)).and_then(|found| found.asker.as_ref());
        record(vending, asker, one, &outcome, moment).await;
        answers.push(match outcome {
            Ok(granted) => WireAnswer::Granted(Box::new(granted)),
            Err(refused) => WireAnswer::Refused(refused.why),
        });
    }
    Ok(answers)
}

/// Each session once, its home with all the clients it asks for.
async fn read_all(vending: &Vending<'_>, asked: &[WireVend]) -> Result<BTreeMap<Shown, Facts>, StorageError> {
    let mut wanted: BTreeMap<Shown, (BTreeSet<_>, BTreeSet<_>)> = BTreeMap::new();
    for one in asked {
        let (clients, admissions) = wanted.entry(shown(one)).or_default();
        clients.extend(one.client.clone());
        admissions.extend(one.admission.clone());
    }
    let read = wanted.into_iter().map(|(shown, (clients, admissions))| async move {
        let asker = vending.asker(&shown.0, shown.1).await?;
        let mut home = match asker.as_ref().and_then(|asker| Some((asker, asker.acts_as()?))) {
            Some((asker, acts_as)) => Some(vending.facts(asker, acts_as, &clients).await?),
            None => None,
        };
        if let Some(home) = &mut home {
            for of in admissions {
                let found = vending.admission(&of).await?;
                home.admissions.extend(found.map(|row| (of.firm, row)));
            }
        }
        Ok((shown, Facts { asker, home }))
    });
    join_all(read).await.into_iter().collect()
}

async fn carry_out(
    vending: &Vending<'_>,
    asked: &WireVend,
    decision: &Result<Vend, Refused>,
) -> Result<Result<WireGrant, Refused>, VendError> {
    let vend = match decision {
        Ok(vend) => vend,
        Err(refused) => return Ok(Err(*refused)),
    };
    let assumed = vending.assume(vend.role, &vend.tags.pairs()).await;
    let credentials = assumed.map_err(|source| VendError::Assume { role: vend.role, source })?;
    let keys = WireKeys::new(&credentials);
    // A partner has no row that says whose a client is: the client itself has to be there, read with the keys that
    // reach this firm only. Otherwise an id of another firm would lead to empty pages in place of none.
    if let (Role::Partner, Reach::Client, Some(client)) = (vend.grant.role, asked.reach, &asked.client) {
        let fact = Fact::Client { firm: vend.grant.firm.clone(), client: client.clone() };
        if !vending.is_open(&fact, &Keys::new(credentials)).await.map_err(VendError::Read)? {
            return Ok(Err(Refused { why: WireRefusal::NotTheirs, role: Some(Role::Partner) }));
        }
    }
    Ok(Ok(WireGrant { grant: vend.grant.clone(), keys }))
}

/// Notes, now and then, that the sessions are in use. A failure costs the person at most an early sign-in.
async fn touch(
    vending: &Vending<'_>,
    counter: Counter,
    facts: &BTreeMap<Shown, Facts>,
    decided: &[Result<Vend, Refused>],
    asked: &[WireVend],
    now: Timestamp,
) {
    // The function for documents may not write here, and whoever asks there has asked for a client just before.
    if counter == Counter::Documents {
        return;
    }
    let in_use: BTreeSet<Shown> =
        asked.iter().zip(decided).filter(|(_, decision)| decision.is_ok()).map(|(one, _)| shown(one)).collect();
    let wants = |shown: &Shown| {
        let asker = facts.get(shown).and_then(|found| found.asker.as_ref());
        asker.is_some_and(|asker| asker.wants_touch(now))
    };
    for (hash, bearer) in in_use.into_iter().filter(wants) {
        if let Err(error) = vending.touch(&hash, bearer, now).await {
            tracing::warn!(error = web::chain(&error), "a session's use was not noted");
        }
    }
}

/// One line for the log; for a refusal of somebody signed in, an event too. Neither can fail the answer.
async fn record(
    vending: &Vending<'_>,
    asker: Option<&Asker>,
    asked: &WireVend,
    outcome: &Result<WireGrant, Refused>,
    moment: &mut Moment,
) {
    let acts_as = asker.and_then(Asker::acts_as);
    tracing::info!(
        firm.id = acts_as.map(|acts_as| acts_as.firm.as_str()),
        person.id = asker.map(|asker| asker.person().as_str()),
        session.id = asker.map(|asker| asker.id().to_string()),
        client.id = asked.client.as_ref().map(domain::ClientId::as_str),
        reach = ?asked.reach,
        role = outcome.as_ref().ok().map(|granted| granted.grant.role.as_str()),
        refused = outcome.as_ref().err().map(|refused| format!("{:?}", refused.why)),
        "vend"
    );
    let (Some(asker), Some(acts_as), Err(Refused { role: Some(role), .. })) = (asker, acts_as, outcome) else {
        return;
    };
    let object = match (&asked.client, &asked.admission) {
        (Some(client), _) => Object::new("client", client),
        (None, Some(of)) => Object::new("admission", &of.admission),
        (None, None) => Object::new("reach", format!("{:?}", asked.reach).to_lowercase()),
    };
    if let Err(error) = vending.refused(asker, acts_as, *role, object, moment).await {
        tracing::error!(error = web::chain(&error), "a refusal was not written down");
    }
}
