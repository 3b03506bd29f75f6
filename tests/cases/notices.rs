//! Thousands of random steps against a plain model of who hears of what, how and when: people change what they want, the
//! firm its rules, things happen around changes of clocks, messages come twice, the worker dies, and the clock ticks on.
//! What is told has to be what the model says, at the tick that it says.
//!
//! Things happen at instants of years to come, so that nothing is told before this test's own ticks: rows that no queue
//! was given, brought to the worker as its queue would. From there on it is the deployed portal that holds, digests and
//! sends.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};

use crate::world::{counted, volume};

mod desk;
#[path = "../../shared/domain/src/notice/model/dice.rs"]
mod dice;
mod model;
// The one of the rules' own model, which calls nothing that either judges.
#[expect(dead_code, reason = "not all of it is wanted here")]
#[path = "../../shared/domain/src/notice/model/oracle.rs"]
mod oracle;

use desk::Desk;
use dice::Dice;
use model::{BROUGHT_AGAIN, Model, What};

/// Seeds and when their walks begin, in seconds since 1970: some days before clocks change in Berlin and New York, in autumn
/// and in spring. Each has its own firm and is months away from the others, since the sweep is everybody's; none goes
/// back, since what was told stays told. A whole walk is less than three months.
const WALKS: [(u64, i64); 8] = [
    (1, 1_824_787_020),
    (2, 1_836_278_220),
    (3, 1_855_977_420),
    (4, 1_867_556_220),
    (5, 1_887_599_820),
    (6, 1_899_091_020),
    (7, 1_919_049_420),
    (8, 1_930_540_620),
];
/// All of them are the whole; every run goes a part of half of them.
const WALKS_OF_A_RUN: usize = 4;
/// Of each walk.
const STEPS: usize = 1_250;
/// After so many all that is to come comes.
const STEPS_OF_AN_EPOCH: usize = 125;
/// For how long a message may be on its way: a claim of a run that died is waited for once or twice.
const MESSAGE_SECONDS_MAX: usize = 45;
/// The sweep looks through its own hour and so many before it.
const SWEPT_SECONDS: i64 = 3 * 3_600;
/// The firm changes a rule so often on a walk: processes keep the old ones for a minute, which is waited for.
const RULES_OF_A_WALK: usize = 4;

/// Beside each other: a walk waits for the local AWS most of its time.
#[tokio::test]
async fn people_hear_exactly_what_the_model_says() {
    // A firm with its people is a burst of work: one after the other beside other tests, four at once where there are none.
    let walks = WALKS.into_iter().take(volume(WALKS.len(), WALKS_OF_A_RUN));
    let open = |(seed, now)| async move { (seed, now, Desk::open(seed).await) };
    let begun: Vec<(u64, i64, Desk)> = stream::iter(walks).map(open).buffered(volume(4, 1)).collect().await;
    join_all(begun.into_iter().map(|(seed, now, desk)| walk(seed, now, desk, volume(STEPS, STEPS / 10)))).await;
}

/// How often what happened: a walk on which nothing happens proves nothing.
#[derive(Debug, Default)]
struct Seen {
    happened: usize,
    preferences: usize,
    rules: usize,
    duplicates: usize,
    deaths: usize,
    /// Answers of AWS that never came: to a mail that was taken, as good as a death.
    lost_answers: usize,
    faults: usize,
    ticks: usize,
}

struct Walk {
    seed: u64,
    dice: Dice,
    desk: Desk,
    model: Model,
    /// Seconds since 1970.
    now: i64,
    ticked_at: i64,
    told: usize,
    seen: Seen,
}

async fn walk(seed: u64, now: i64, desk: Desk, steps: usize) {
    let model = Model::new(desk.people());
    let mut walk = Walk { seed, dice: Dice(seed), desk, model, now, ticked_at: now, told: 0, seen: Seen::default() };
    let rules = volume(RULES_OF_A_WALK, 1);
    for step in 0..steps {
        if step % (steps / rules) == 0 {
            walk.turn_over().await;
            walk.change_rule().await;
        } else if step % STEPS_OF_AN_EPOCH == 0 {
            walk.turn_over().await;
        }
        // However the dice fall, the worker dies once.
        walk.step(step, step == steps / 2).await;
    }
    walk.turn_over().await;
    let Walk { seen, model, desk, told, .. } = walk;
    println!("seed {seed}, {steps} steps: {seen:?}, {:?}", model.seen);
    let extra = desk.sent_too_often().await;
    assert!(extra <= seen.deaths + seen.lost_answers, "seed {seed}: {extra} mails too many, {seen:?}");
    // All that can happen did.
    let enough = steps / 100;
    assert!(seen.happened > steps / 3 && seen.preferences > enough && seen.duplicates > enough, "{seen:?}");
    assert!(seen.ticks > enough && seen.rules > 0 && seen.deaths > 0, "{seen:?}");
    let ways = model.seen;
    assert!(ways.at_once > enough && ways.held > enough && ways.digests > enough && ways.texts > 0, "{ways:?}");
    counted("random steps of people, preferences, zones, clocks, notices and faults against the model", steps);
    counted("notices told exactly as the model says", told);
    counted("deaths of the worker among them", seen.deaths);
    counted("answers of AWS that were lost, and errors", seen.lost_answers + seen.faults);
    counted("mails more than once", extra);
}

impl Walk {
    async fn step(&mut self, step: usize, dies: bool) {
        self.now += 1 + self.dice.seconds(600);
        if dies {
            for _ in 0..20 {
                if self.seen.deaths == 0 {
                    self.happen(step, Some(("kill_after", 12))).await;
                }
            }
            return;
        }
        match self.dice.below(40) {
            0..=3 => self.change_preferences(step).await,
            4..=7 => self.tick(step).await,
            8..=10 => self.bring_again(step).await,
            _ => self.happen(step, None).await,
        }
    }

    /// Whatever is still to come comes, a week of it and more.
    async fn turn_over(&mut self) {
        while let Some(next) = self.model.next_due() {
            self.now = self.now.max(next);
            self.tick_at(usize::MAX).await;
        }
        // Nothing of this epoch was told that should not be, however long ago it was.
        self.be_quiet().await;
        self.settle(usize::MAX, None).await;
        self.told += self.model.told.len();
        self.model.forget();
        self.desk.begin_epoch();
    }

    async fn change_rule(&mut self) {
        let (kind, rule) = self.model.other_rule(&mut |bound| self.dice.below(bound));
        self.desk.change_rule(kind, rule).await;
        self.model.rules[kind] = rule;
        self.seen.rules += 1;
    }

    async fn change_preferences(&mut self, step: usize) {
        self.be_quiet().await;
        let of = self.dice.below(self.desk.people().len());
        let new = self.model.draw_preferences(&mut |bound| self.dice.below(bound));
        let accepted = self.desk.save_preferences(of, &new.form).await;
        assert_eq!(accepted, new.accepted, "seed {}, step {step}: {:?}", self.seed, new.form);
        if accepted {
            self.model.take(of, new);
        }
        self.seen.preferences += 1;
    }

    async fn happen(&mut self, step: usize, fault: Option<(&'static str, usize)>) {
        let what = What::ALL[self.dice.below(What::ALL.len())];
        // Some come in bursts.
        let burst = if what.is_folded() && self.dice.one_in(3) { 2 + self.dice.below(3) } else { 1 };
        for _ in 0..burst {
            let row = self.desk.happen(what, self.now, &mut |bound| self.dice.below(bound)).await;
            let number = self.model.happened(row, self.now);
            self.bring(number, step, fault).await;
            self.seen.happened += 1;
            if burst > 1 {
                self.now += 1 + self.dice.seconds(3);
            }
        }
    }

    async fn bring_again(&mut self, step: usize) {
        let count = self.model.rows.len();
        if count == 0 {
            return;
        }
        let number = count - 1 - self.dice.below(count.min(BROUGHT_AGAIN));
        self.bring(number, step, None).await;
        self.seen.duplicates += 1;
    }

    /// As its queue would, with a fault on the way now and then.
    async fn bring(&mut self, number: usize, step: usize, fault: Option<(&'static str, usize)>) {
        let drawn = match self.dice.below(240) {
            0 => Some("kill_after"),
            1 => Some("kill_before"),
            2..=5 => Some("error"),
            6..=7 => Some("drop_reply"),
            _ => None,
        };
        let fault = fault.or(drawn.map(|action| (action, 1 + self.dice.below(24))));
        let row = &self.model.rows[number];
        let met = self.desk.bring(&row.outbox, self.now, fault).await;
        if let Some((action, _)) = fault.filter(|_| met) {
            match action {
                "error" => self.seen.faults += 1,
                "drop_reply" => self.seen.lost_answers += 1,
                _ => self.seen.deaths += 1,
            }
        }
        self.model.brought(number, self.now);
        self.settle(step, Some(number)).await;
    }

    /// Half of them at the very instant at which something is due, or the second before it.
    async fn tick(&mut self, step: usize) {
        if let Some(next) = self.model.next_due().filter(|_| self.dice.one_in(2)) {
            self.now = (next - self.dice.seconds(2)).max(self.now);
        } else {
            self.now += self.dice.seconds(3 * 3_600);
        }
        self.tick_at(step).await;
    }

    /// The sweep looks back for three hours: whatever was due meanwhile had its ticks.
    async fn tick_at(&mut self, step: usize) {
        let until = self.now;
        while let Some(next) = self.model.next_due().filter(|next| *next < until) {
            self.now = next.max(self.ticked_at);
            self.tick_once(step).await;
        }
        self.now = until;
        self.tick_once(step).await;
    }

    async fn tick_once(&mut self, step: usize) {
        // At a full hour the sweep looks after the usage and the retention of every firm: of this deployment too, and years
        // ahead of its time.
        if self.now.rem_euclid(3_600) < 60 {
            self.now += 60 - self.now.rem_euclid(3_600);
        }
        self.ticked_at = self.now;
        self.desk.tick(self.now).await;
        let first = self.model.first_due(self.now).or(self.model.rows.len().checked_sub(1));
        self.model.tick(self.now);
        self.seen.ticks += 1;
        self.settle(step, first).await;
    }

    /// What was released may be on its way to somebody who is told nothing by it, as long as nobody's wishes change. The
    /// queues are everybody's: one that is never empty had what is this walk's own done by then.
    async fn be_quiet(&self) {
        for _ in 0..MESSAGE_SECONDS_MAX {
            if self.desk.is_quiet().await {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Until what the model says is told, and held until then. Nothing else may be told.
    ///
    /// Asked about are the row that may have changed first and all after it; or all of the epoch.
    async fn settle(&mut self, step: usize, first: Option<usize>) {
        let place = format!("seed {}, step {step}, at {}", self.seed, self.now);
        let from = first.and_then(|first| self.model.first_with(first));
        let wanted = &self.model.told;
        for pause in 0_usize.. {
            // What is missing may have been told by an older one.
            let from = from.filter(|_| pause % 30 != 29);
            let (waits, mut held) = (self.model.held(from), self.desk.held(from).await);
            // A message that came late, of a clock that has gone on since, holds its row once more: in an hour that only the
            // sweep of full hours looks through, which this walk leaves out. What it were to tell is told, or lost below.
            held.retain(|row, until| waits.contains_key(row) || *until > self.ticked_at - SWEPT_SECONDS);
            let told = self.desk.told(from).await;
            let more: Vec<_> = told.difference(wanted).take(3).collect();
            assert!(more.is_empty(), "{place}: told, and should not be: {more:?}");
            if wanted.is_subset(told) && held == waits {
                return;
            }
            let lost: Vec<_> = wanted.difference(told).take(3).cloned().collect();
            let other = |a: &BTreeMap<String, i64>, b: &BTreeMap<String, i64>| {
                a.iter().find(|(row, until)| b.get(*row) != Some(until)).map(|(row, until)| (row.clone(), *until))
            };
            let (not_held, held_else) = (other(&waits, &held), other(&held, &waits));
            if pause >= 600 {
                let why = match lost.first() {
                    Some(lost) => self.desk.why_not(lost).await,
                    None => String::new(),
                };
                panic!("{place}: not told: {lost:?}, not held: {not_held:?}, held: {held_else:?}\n{why}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            // What came late for the tick finds the next one, which is the same again: at a later instant it would wake
            // what the model lets sleep.
            if pause % 30 == 29 && self.ticked_at.rem_euclid(3_600) >= 60 {
                self.desk.tick(self.ticked_at).await;
            }
        }
    }
}
