//! The minute's sweep. The index of due rows is the truth about reminders, notices that are held until their people may be
//! disturbed, and digests: a tick looks at its own hour and those just
//! before it, and on the hour at the whole day before it, so that an outage delays a reminder and loses none. On the hour
//! every firm's usage is counted as well, and once a day its documents are looked through for what is due.
//!
//! The clock of a tick is the instant at which it was due. Nothing is early by it, and a tick that comes twice finds
//! nothing left to do.

use std::collections::BTreeMap;
use std::future::Future;

use access::{Fact, Job, JobScope};
use domain::notice::{DigestMessage, ProvisionMessage};
use domain::project::{Standing, is_still_due};
use domain::request::ladder;
use domain::{Date, FirmId, MilestoneId, OutboxId, ProjectId, RequestId, Timestamp, calendar, limits};
use futures::stream::{self, StreamExt};
use jiff::ToSpan;
use storage::{ClientStore, Pointers, StorageError};
use web::worker::{Outcome, Tick};
use web::{App, chain};

pub async fn tick(app: App, tick: Tick) -> Outcome {
    let now = tick.due_at;
    let mut swept = Swept::default();
    // What is due now goes first, whatever else there is to look through.
    let recent = calendar::hour_keys_back(now, 0..limits::DUE_SWEEP_HOURS);
    swept.add(due(&app, recent, now).await);
    swept.add(left_behind(&app, now).await);
    if calendar::begins_an_hour(now) {
        let day = calendar::hour_keys_back(now, limits::DUE_SWEEP_HOURS..limits::DUE_BACKLOG_HOURS_MAX);
        swept.add(due(&app, day, now).await);
        swept.add(ask_all(&app, |firm| ProvisionMessage { usage: true, ..ProvisionMessage::of_firm(firm) }).await);
        if calendar::begins_a_day(now) {
            let look = |firm| ProvisionMessage { retention: Some(now), ..ProvisionMessage::of_firm(firm) };
            swept.add(ask_all(&app, look).await);
        }
    }
    tracing::info!(found = swept.found, failed = swept.failed.len(), "swept");
    match swept.failed.into_iter().next() {
        None => Outcome::Done,
        Some(why) => Outcome::Retry { why },
    }
}

/// What a part of the sweep came to.
#[derive(Debug, Default)]
struct Swept {
    found: usize,
    /// Why something was not done. It is found again by the next tick.
    failed: Vec<String>,
}

impl Swept {
    fn add(&mut self, other: Swept) {
        self.found += other.found;
        self.failed.extend(other.failed);
    }
}

/// Reminders of these hours, in all of their shards.
async fn due(app: &App, hours: Vec<String>, now: Timestamp) -> Swept {
    let places = hours.into_iter().flat_map(|hour| (0..limits::DUE_SHARDS).map(move |shard| (hour.clone(), shard)));
    let read =
        |(hour, shard): (String, u64)| async move { app.aws().due_in(&hour, shard, now, limits::SWEEP_ROWS_MAX).await };
    sweep(places.map(read), |fact| remind(app, fact, now)).await
}

/// Has something done for every firm: its usage counted, or its documents looked through for what is due.
async fn ask_all(app: &App, asks: impl Fn(domain::FirmId) -> ProvisionMessage) -> Swept {
    let mut swept = Swept::default();
    let firms = match app.aws().all_firms().await {
        Ok(firms) => firms,
        Err(error) => {
            swept.failed.push(chain(&error));
            return swept;
        }
    };
    swept.found = firms.len();
    let queues = app.aws().queues();
    let asked = firms.into_iter().map(|firm| {
        let message = asks(firm);
        let queues = &queues;
        async move { queues.provision(&message).await }
    });
    let mut asked = stream::iter(asked).buffered(limits::SWEEP_ACTS_AT_ONCE);
    while let Some(sent) = asked.next().await {
        if let Err(error) = sent {
            // The next time asks it again.
            swept.failed.push(chain(&error));
        }
    }
    swept
}

/// Outbox rows that no queue was given within a minute of their change.
async fn left_behind(app: &App, now: Timestamp) -> Swept {
    let before = now.checked_sub(limits::OUTBOX_STALE_SECONDS.seconds()).unwrap_or(now);
    let shard_max = limits::SWEEP_ROWS_MAX / limits::OUTBOX_SHARDS as usize;
    let reads = (0..limits::OUTBOX_SHARDS).map(|shard| app.aws().left_in_outbox(shard, before, shard_max));
    sweep(reads, |fact| pass_on(app, fact)).await
}

/// Reads the index, then acts on what it points at; each for itself, so that one that fails holds up no other.
async fn sweep<R, A>(reads: impl Iterator<Item = R>, act: impl Fn(Fact) -> A) -> Swept
where
    R: Future<Output = Result<Pointers, StorageError>>,
    A: Future<Output = Result<(), Outcome>>,
{
    let mut swept = Swept::default();
    let mut facts: Vec<Fact> = Vec::new();
    let mut pages = stream::iter(reads).buffered(limits::SWEEP_READS_AT_ONCE);
    while let Some(page) = pages.next().await {
        match page {
            Ok(pointers) => facts.extend(pointers.facts),
            Err(error) => swept.failed.push(chain(&error)),
        }
    }
    // Digests of many people are due at one hour, and are found until they have left: whatever else is due goes first.
    let facts = in_turns(facts);
    let (mut digests, mut others): (Vec<Fact>, Vec<Fact>) =
        facts.into_iter().partition(|fact| matches!(fact, Fact::Digest { .. }));
    digests.truncate(limits::SWEEP_DIGESTS_MAX);
    others.truncate(limits::SWEEP_ROWS_MAX);
    others.extend(digests);
    let facts = others;
    swept.found = facts.len();
    let mut acts = stream::iter(facts).map(act).buffered(limits::SWEEP_ACTS_AT_ONCE);
    while let Some(done) = acts.next().await {
        match done {
            Ok(()) | Err(Outcome::Done) => (),
            Err(Outcome::Retry { why } | Outcome::Bury { why }) => {
                tracing::error!(why, "a pointer was not followed");
                swept.failed.push(why);
            }
        }
    }
    swept
}

/// One of each firm, then a second one of each: among what was read, what waits of one firm, such as one that is suspended, keeps
/// nobody else's from its turn.
fn in_turns(facts: Vec<Fact>) -> Vec<Fact> {
    let mut seen: BTreeMap<FirmId, usize> = BTreeMap::new();
    let turn = |fact: Fact| {
        let turn = seen.entry(fact.firm().clone()).or_default();
        *turn += 1;
        (*turn, fact)
    };
    let mut turns: Vec<(usize, Fact)> = facts.into_iter().map(turn).collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, fact)| fact).collect()
}

/// Whatever is due.
async fn remind(app: &App, fact: Fact, now: Timestamp) -> Result<(), Outcome> {
    match fact.clone() {
        Fact::Due { project, milestone, .. } => remind_of_deadline(app, fact, &project, &milestone, now).await,
        Fact::RequestDue { request, day, .. } => remind_of_request(app, fact, &request, day, now).await,
        Fact::Outbox { outbox, .. } => release(app, fact, &outbox, now).await,
        // Whoever sends it looks whether there is one.
        Fact::Digest { firm, person, at } => {
            let message = DigestMessage { v: 1, firm, person, digest: at, due_at: now };
            Ok(app.aws().queues().digest(&message).await?)
        }
        _ => Ok(()),
    }
}

/// Has a notice told that was held until now.
async fn release(app: &App, fact: Fact, outbox: &OutboxId, now: Timestamp) -> Result<(), Outcome> {
    let scope = JobScope::enter(Job::Schedules, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Ok(()) };
    Ok(ClientStore::open(app.aws(), &job).release_notice(outbox, now, app.now()).await?)
}

/// Turns a due row into a notice, if its project still asks for it.
async fn remind_of_deadline(
    app: &App,
    fact: Fact,
    project: &ProjectId,
    milestone: &MilestoneId,
    now: Timestamp,
) -> Result<(), Outcome> {
    let scope = JobScope::enter(Job::Schedules, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Ok(()) };
    let store = ClientStore::open(app.aws(), &job);
    let Some(row) = store.due(project, milestone).await? else { return Ok(()) };
    if row.at > now {
        return Ok(());
    }
    let (found, profile) = tokio::join!(store.project(project), store.profile());
    // Of an archived client nobody is reminded.
    let rests = profile?.is_none_or(|profile| profile.is_archived());
    let done = match found? {
        Some(found) if is_still_due(&found, &row.due()) && !rests => {
            store.remind(&row, &found, &mut app.moment()).await.map(|_| ())
        }
        _ => store.drop_due(&row).await,
    };
    match done {
        // The project was changed, or another tick was faster: the next one judges it anew.
        Err(StorageError::Stale) => Ok(()),
        done => Ok(done?),
    }
}

/// Turns a rung of a request list's ladder into a notice, if the list still has it; and sets those that come.
async fn remind_of_request(
    app: &App,
    fact: Fact,
    request: &RequestId,
    day: Date,
    now: Timestamp,
) -> Result<(), Outcome> {
    let scope = JobScope::enter(Job::Schedules, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Ok(()) };
    let store = ClientStore::open(app.aws(), &job);
    let Some(row) = store.request_due(request, day).await?.filter(|row| row.at <= now) else { return Ok(()) };
    let (dues, profile, brand) =
        tokio::join!(store.request_dues(request), store.profile(), app.aws().client_brand(&job, app.now()));
    let (dues, zone) = (dues?, brand?.time_zone());
    // Nobody is reminded of what a closed project or an archived client was asked for.
    let rests = profile?.is_none_or(|profile| profile.is_archived());
    let is_open = match &dues {
        Some(dues) => store.project(&dues.project).await?.is_some_and(|of| of.standing == Standing::Active),
        None => false,
    };
    let coming = dues.as_ref().map(|dues| ladder::coming(&dues.days, &zone, now)).unwrap_or_default();
    let done = match dues {
        Some(dues) if is_open && !rests && ladder::is_rung(&dues.days, day) => {
            store.remind_of_request(&row, &dues, &coming, &mut app.moment()).await.map(|_| ())
        }
        _ => store.drop_request_due(&row, &coming).await,
    };
    match done {
        // The list was changed, or another tick was faster: the next one judges it anew.
        Err(StorageError::Stale) => Ok(()),
        done => Ok(done?),
    }
}

/// Gives an outbox row to the queue of its cause.
async fn pass_on(app: &App, fact: Fact) -> Result<(), Outcome> {
    let Fact::Outbox { outbox, .. } = fact.clone() else { return Ok(()) };
    let scope = JobScope::enter(Job::Schedules, fact, app.aws().vendor(), app.now()).await?;
    let Some(job) = scope.of_client() else { return Ok(()) };
    Ok(ClientStore::open(app.aws(), &job).pass_on(&outbox, app.now()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ClientId;
    use std::cell::RefCell;

    fn fact(n: u128) -> Fact {
        let (firm, client) = (FirmId::from_bits(1), ClientId::from_bits(2));
        Fact::Outbox { firm, client, outbox: OutboxId::from_bits(n) }
    }

    #[test]
    fn a_firm_with_much_that_waits_keeps_nobody_from_its_turn() {
        let of = |firm: u128, n: u128| {
            let (firm, client) = (FirmId::from_bits(firm), ClientId::from_bits(2));
            Fact::Outbox { firm, client, outbox: OutboxId::from_bits(n) }
        };
        let waiting = vec![of(1, 1), of(1, 2), of(1, 3), of(2, 4), of(3, 5), of(2, 6)];
        let want = vec![of(1, 1), of(2, 4), of(3, 5), of(1, 2), of(2, 6), of(1, 3)];
        assert_eq!(in_turns(waiting), want);
    }

    #[tokio::test]
    async fn one_that_fails_holds_up_no_other() {
        let reads = [
            Ok(Pointers { facts: vec![fact(1), fact(2)], more: false }),
            Err(StorageError::Stale),
            Ok(Pointers { facts: vec![fact(3)], more: false }),
        ];
        let acted = RefCell::new(Vec::new());
        let swept = sweep(reads.into_iter().map(std::future::ready), |one| {
            acted.borrow_mut().push(one.clone());
            let fails = one == fact(2);
            async move { if fails { Err(Outcome::Retry { why: "no answer".into() }) } else { Ok(()) } }
        })
        .await;
        assert_eq!(acted.into_inner(), [fact(1), fact(2), fact(3)]);
        assert_eq!((swept.found, swept.failed.len()), (3, 2));
    }

    #[tokio::test]
    async fn a_run_is_bounded() {
        let many = (0..u128::try_from(limits::SWEEP_ROWS_MAX).unwrap() + 5).map(fact).collect();
        let reads = [Ok(Pointers { facts: many, more: true })];
        let swept = sweep(reads.into_iter().map(std::future::ready), |_| std::future::ready(Ok(()))).await;
        assert_eq!(swept.found, limits::SWEEP_ROWS_MAX);
    }
}
