//! The erasure of a client: its data key is destroyed, so that what it sealed is noise to everybody, and every version
//! of its objects is deleted. Two people, a wait, and no way back.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Confirmed, Hold};
use crate::platform::{Reason, ReasonRefused};
use crate::{ClientId, ErasureId, FirmId, HoldId, Moment, PersonId, limits};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub id: ErasureId,
    pub client: ClientId,
    /// None to whoever cannot read it: it is sealed under the client's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub asked_by: PersonId,
    pub asked_at: Timestamp,
    pub state: ErasureState,
    pub version: u64,
}

/// What was destroyed, counted by whoever did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Erased {
    pub keys: u64,
    /// Versions of objects, replicas among them.
    pub object_versions: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ErasureState {
    /// Until somebody else confirms it, or nobody did in time.
    Asked {
        expires: Timestamp,
    },
    Waiting {
        confirmed: Confirmed,
        until: Timestamp,
    },
    /// The event is written: the key goes, then the objects.
    Destroying {
        confirmed: Confirmed,
        since: Timestamp,
    },
    Done {
        confirmed: Confirmed,
        at: Timestamp,
        erased: Erased,
        beyond_restoring_from: Timestamp,
    },
    Cancelled {
        by: PersonId,
        at: Timestamp,
    },
}

impl ErasureState {
    pub fn as_str(&self) -> &'static str {
        match self {
            ErasureState::Asked { .. } => "asked",
            ErasureState::Waiting { .. } => "waiting",
            ErasureState::Destroying { .. } => "destroying",
            ErasureState::Done { .. } => "done",
            ErasureState::Cancelled { .. } => "cancelled",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureCommand {
    Confirm {
        by: PersonId,
    },
    /// By a worker, when the wait is over.
    Destroy,
    /// By a worker. `key_gone_at` is when the last key went: backups of it live on from there.
    Finish {
        erased: Erased,
        key_gone_at: Timestamp,
    },
    Cancel {
        by: PersonId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureEvent {
    Confirmed,
    Destroying,
    Finished,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureRefused {
    #[error(transparent)]
    Reason(#[from] ReasonRefused),
    #[error("Something of this client is under a legal hold. Every hold has to be released before it can be erased.")]
    Held { holds: Vec<HoldId> },
    #[error("You asked for this erasure. Somebody else has to confirm it.")]
    SamePerson,
    #[error("Nobody confirmed this in time. Ask for it again.")]
    Expired,
    #[error("Nobody has confirmed this yet.")]
    NotConfirmed,
    #[error("This was confirmed already.")]
    ConfirmedAlready,
    #[error("The time to think again is not over yet.")]
    TooEarly { until: Timestamp },
    #[error("This has begun already and cannot be stopped.")]
    Destroying,
    #[error("This has not begun yet.")]
    NotDestroying,
    #[error("No key was destroyed, so nothing was erased yet.")]
    NoKeyDestroyed,
    #[error("This client is erased already.")]
    Done,
    #[error("This was called off. Ask for it again.")]
    Cancelled,
}

/// Asks for a client to be erased. `holds` are the client's.
pub fn ask_erasure(
    client: &ClientId,
    reason: &str,
    by: &PersonId,
    holds: &[Hold],
    moment: &mut Moment,
) -> Result<Erasure, ErasureRefused> {
    let reason = Reason::parse(reason)?;
    check_free(client, holds)?;
    Ok(Erasure {
        id: ErasureId::from_bits(moment.next_id()),
        client: client.clone(),
        reason: Some(reason),
        asked_by: by.clone(),
        asked_at: moment.now,
        state: ErasureState::Asked { expires: later(moment.now, limits::ERASURE_CONFIRM_SECONDS) },
        version: 1,
    })
}

/// What a command makes of an erasure. `holds` are the client's as they are at `now`: one that was placed during the
/// wait stops it, and once it is released the erasure can go on.
pub fn turn_erasure(
    erasure: &Erasure,
    command: &ErasureCommand,
    holds: &[Hold],
    now: Timestamp,
) -> Result<(Erasure, Vec<ErasureEvent>), ErasureRefused> {
    let next = |state, event| Ok((Erasure { state, version: erasure.version + 1, ..erasure.clone() }, vec![event]));
    let unchanged = || Ok((erasure.clone(), Vec::new()));
    match (&erasure.state, command) {
        (ErasureState::Asked { expires }, ErasureCommand::Confirm { by }) => {
            if now >= *expires {
                return Err(ErasureRefused::Expired);
            }
            if *by == erasure.asked_by {
                return Err(ErasureRefused::SamePerson);
            }
            check_free(&erasure.client, holds)?;
            let (confirmed, until) = (Confirmed { by: by.clone(), at: now }, later(now, limits::ERASURE_WAIT_SECONDS));
            next(ErasureState::Waiting { confirmed, until }, ErasureEvent::Confirmed)
        }
        (ErasureState::Waiting { confirmed, until }, ErasureCommand::Destroy) => {
            if now < *until {
                return Err(ErasureRefused::TooEarly { until: *until });
            }
            check_free(&erasure.client, holds)?;
            next(ErasureState::Destroying { confirmed: confirmed.clone(), since: now }, ErasureEvent::Destroying)
        }
        // A worker that was killed is followed by another. A hold cannot bring back what is half gone: whoever places
        // one now is told so.
        (ErasureState::Destroying { .. }, ErasureCommand::Destroy) => unchanged(),
        (ErasureState::Destroying { confirmed, .. }, ErasureCommand::Finish { erased, key_gone_at }) => {
            if erased.keys == 0 {
                return Err(ErasureRefused::NoKeyDestroyed);
            }
            let beyond_restoring_from = later(*key_gone_at, limits::KEYS_RESTORE_SECONDS);
            let (confirmed, erased) = (confirmed.clone(), *erased);
            next(ErasureState::Done { confirmed, at: now, erased, beyond_restoring_from }, ErasureEvent::Finished)
        }
        (ErasureState::Done { .. }, ErasureCommand::Finish { .. }) => unchanged(),
        (ErasureState::Asked { .. } | ErasureState::Waiting { .. }, ErasureCommand::Cancel { by }) => {
            next(ErasureState::Cancelled { by: by.clone(), at: now }, ErasureEvent::Cancelled)
        }
        (ErasureState::Asked { .. }, ErasureCommand::Destroy) => Err(ErasureRefused::NotConfirmed),
        (ErasureState::Asked { .. } | ErasureState::Waiting { .. }, ErasureCommand::Finish { .. }) => {
            Err(ErasureRefused::NotDestroying)
        }
        (ErasureState::Waiting { .. }, ErasureCommand::Confirm { .. }) => Err(ErasureRefused::ConfirmedAlready),
        (ErasureState::Destroying { .. }, ErasureCommand::Confirm { .. } | ErasureCommand::Cancel { .. }) => {
            Err(ErasureRefused::Destroying)
        }
        (ErasureState::Done { .. }, _) => Err(ErasureRefused::Done),
        (ErasureState::Cancelled { .. }, _) => Err(ErasureRefused::Cancelled),
    }
}

/// A hold on a single document is a hold on the key, which opens them all.
fn check_free(client: &ClientId, holds: &[Hold]) -> Result<(), ErasureRefused> {
    let holding = holds.iter().filter(|hold| hold.is_in_force() && hold.client == *client);
    let holds: Vec<HoldId> = holding.map(|hold| hold.id.clone()).collect();
    if holds.is_empty() { Ok(()) } else { Err(ErasureRefused::Held { holds }) }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// What a kind of records keeps of a client that was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeps {
    pub records: &'static str,
    pub keeps: &'static str,
    pub why: &'static str,
}

/// What stays, and why: shown before an erasure is confirmed, and part of its certificate.
pub fn kept_by_others() -> &'static [Keeps] {
    &[
        Keeps {
            records: "Audit",
            keeps: "every event: ids, days and hashes; what was sealed in it under the client's key cannot be read",
            why: "a chain with a gap proves nothing, and what was done has to stay provable after the data is gone",
        },
        Keeps {
            records: "Invoices and payments",
            keeps: "numbers, days, amounts and states; their lines cannot be read",
            why: "the firm has to account for its income, also towards the tax office",
        },
        Keeps {
            records: "Trust ledger",
            keeps: "days, amounts and balances of the client's account",
            why: "money held for others has to be accounted for to the last cent, whoever asks for erasure",
        },
        Keeps {
            records: "Retention",
            keeps: "certificates, tombstones and released holds: ids, sizes, days and digests; why a hold was placed cannot be read",
            why: "they prove what was destroyed, by which rule and by whom",
        },
        Keeps {
            records: "List of clients",
            keeps: "the client's id and that it was erased, not its name",
            why: "what is kept elsewhere points to it",
        },
    ]
}

impl Erasure {
    /// The certificate, the same for ever for the same erasure; none before it is done.
    pub fn certificate(&self, firm: &FirmId) -> Option<String> {
        let ErasureState::Done { confirmed, at, erased, beyond_restoring_from } = &self.state else { return None };
        let kept: String = kept_by_others()
            .iter()
            .map(|one| format!("kept by {}: {}, because {}\n", one.records, one.keeps, one.why))
            .collect();
        Some(format!(
            "portico certificate of erasure 1\nfirm {firm}\nclient {}\nerasure {}\nasked by {} at {}\nconfirmed by {} at {}\n\
             finished at {at}\nkeys destroyed {}\nobject versions deleted {}\nno backup restores a key from \
             {beyond_restoring_from} on\n{kept}",
            self.client,
            self.id,
            self.asked_by,
            self.asked_at,
            confirmed.by,
            confirmed.at,
            erased.keys,
            erased.object_versions,
        ))
    }
}
