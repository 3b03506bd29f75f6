//! The audit's hash chain: each event names the hash of the one before it, so that no event can be changed, dropped
//! or added afterwards without breaking every later link.

pub mod stored;

use domain::audit::{Act, Chain, Draft, Object, Outcome, Who};
use domain::{EventId, FirmId, Timestamp};
use serde::{Deserialize, Serialize};

/// The hash before the first event.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a chain stands: the number and hash of its newest event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub seq: u64,
    pub hash: String,
}

impl Head {
    pub fn start() -> Self {
        Self { seq: 0, hash: START.to_owned() }
    }
}

/// An event in its place. Its canonical JSON is what is stored, hashed and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub v: u32,
    /// The chain's firm.
    pub t: FirmId,
    /// The chain's client or person: `C#<client>` or `U#<person>`; `F` for the firm's own.
    pub of: String,
    pub seq: u64,
    pub prev: String,
    pub id: EventId,
    pub at: Timestamp,
    pub actor: Who,
    pub act: Act,
    pub obj: Object,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_h: Option<String>,
}

/// An event ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub event: Event,
    /// Canonical JSON.
    pub text: String,
    pub head: Head,
}

/// Puts a draft at the end of a chain.
pub fn append(chain: &Chain, head: &Head, draft: Draft) -> Result<Link, ChainBroken> {
    let (t, of) = names(chain);
    let event = Event {
        v: 1,
        t,
        of,
        seq: head.seq + 1,
        prev: head.hash.clone(),
        id: draft.id,
        at: draft.at,
        actor: draft.who,
        act: draft.act,
        obj: draft.object,
        outcome: draft.outcome,
        after_h: draft.after_hash,
    };
    let text = canonical(&event)?;
    let head = Head { seq: event.seq, hash: leaf(&text) };
    Ok(Link { event, text, head })
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainBroken {
    #[error("event {seq}: not an event in canonical form")]
    Form { seq: u64 },
    #[error("event {seq}: expected number {expected}")]
    Gap { seq: u64, expected: u64 },
    #[error("event {seq}: does not follow from the one before it")]
    Link { seq: u64 },
    #[error("event {seq}: belongs to another chain")]
    Foreign { seq: u64 },
    #[error("the head names event {seq}, the last one here is {last}")]
    Truncated { seq: u64, last: u64 },
    #[error("the head's hash is not that of the last event")]
    Head,
}

/// Checks every link of a whole chain, first event first, against its head; the events, parsed.
pub fn verify(chain: &Chain, texts: &[String], head: &Head) -> Result<Vec<Event>, ChainBroken> {
    let (t, of) = names(chain);
    let mut before = Head::start();
    let mut events = Vec::with_capacity(texts.len());
    for text in texts {
        let expected = before.seq + 1;
        let event: Event = serde_json::from_str(text).map_err(|_| ChainBroken::Form { seq: expected })?;
        let seq = event.seq;
        if event.seq != expected {
            return Err(ChainBroken::Gap { seq, expected });
        }
        if canonical(&event)? != *text {
            return Err(ChainBroken::Form { seq });
        }
        if event.prev != before.hash {
            return Err(ChainBroken::Link { seq });
        }
        if event.t != t || event.of != of {
            return Err(ChainBroken::Foreign { seq });
        }
        before = Head { seq, hash: leaf(text) };
        events.push(event);
    }
    if head.seq != before.seq {
        return Err(ChainBroken::Truncated { seq: head.seq, last: before.seq });
    }
    if head.hash != before.hash {
        return Err(ChainBroken::Head);
    }
    Ok(events)
}

fn names(chain: &Chain) -> (FirmId, String) {
    match chain {
        Chain::Client { firm, client } => (firm.clone(), format!("C#{client}")),
        Chain::Firm { firm } => (firm.clone(), "F".to_owned()),
        Chain::Person { firm, person } => (firm.clone(), format!("U#{person}")),
    }
}

/// Keys in order of their code units and no white space, as RFC 8785 asks; our values are strings and small integers,
/// which it writes as every serializer does.
fn canonical(event: &Event) -> Result<String, ChainBroken> {
    let seq = event.seq;
    // A Value keeps its keys sorted.
    let value = serde_json::to_value(event).map_err(|_| ChainBroken::Form { seq })?;
    Ok(value.to_string())
}

/// RFC 6962's leaf hash, so that the same bytes are the leaf of a Merkle tree.
fn leaf(text: &str) -> String {
    let mut bytes = vec![0];
    bytes.extend_from_slice(text.as_bytes());
    crate::sha256_hex(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ClientId, PersonId};

    fn chain() -> Chain {
        Chain::Client { firm: FirmId::from_bits(1), client: ClientId::from_bits(2) }
    }

    fn draft(n: u128) -> Draft {
        let who = Who::Worker { function: "projector".into() };
        let at = "2026-11-24T10:00:00.5Z".parse().unwrap();
        Draft::new(EventId::from_bits(n), at, who, Act::DocumentReady, Object::new("document", n).at_version(2))
    }

    fn of_length(length: u128) -> (Vec<String>, Head) {
        let mut head = Head::start();
        let mut texts = Vec::new();
        for n in 1..=length {
            let link = append(&chain(), &head, draft(n)).unwrap();
            texts.push(link.text);
            head = link.head;
        }
        (texts, head)
    }

    fn check(change: impl FnOnce(&mut Vec<String>, &mut Head), want: Option<ChainBroken>) {
        let (mut texts, mut head) = of_length(6);
        change(&mut texts, &mut head);
        assert_eq!(verify(&chain(), &texts, &head).err(), want);
    }

    #[test]
    fn a_whole_chain_verifies() {
        check(|_, _| (), None);
        assert_eq!(verify(&chain(), &[], &Head::start()), Ok(vec![]));
    }

    #[test]
    fn tampering_is_noticed() {
        check(
            |texts, _| texts[2] = texts[2].replace("document.ready", "document.viewed"),
            Some(ChainBroken::Link { seq: 4 }),
        );
        check(|texts, _| drop(texts.remove(2)), Some(ChainBroken::Gap { seq: 4, expected: 3 }));
        check(|texts, _| texts.swap(2, 3), Some(ChainBroken::Gap { seq: 4, expected: 3 }));
        check(|texts, _| texts.insert(3, texts[2].clone()), Some(ChainBroken::Gap { seq: 3, expected: 4 }));
        check(|texts, _| drop(texts.pop()), Some(ChainBroken::Truncated { seq: 6, last: 5 }));
        check(|texts, _| texts[5] = texts[5].replace("document.ready", "document.viewed"), Some(ChainBroken::Head));
        check(|texts, _| texts[0] = texts[0].replacen(',', ", ", 1), Some(ChainBroken::Form { seq: 1 }));
    }

    #[test]
    fn an_event_of_another_chain_is_noticed() {
        let other = Chain::Person { firm: FirmId::from_bits(1), person: PersonId::from_bits(2) };
        let link = append(&other, &Head::start(), draft(1)).unwrap();
        assert_eq!(verify(&chain(), &[link.text], &link.head), Err(ChainBroken::Foreign { seq: 1 }));
    }

    #[test]
    fn keys_are_sorted_and_without_space() {
        let link = append(&chain(), &Head::start(), draft(1)).unwrap();
        assert!(
            link.text.starts_with(r#"{"act":"document.ready","actor":{"function":"projector","kind":"worker"},"at":"#),
            "{}",
            link.text
        );
    }
}
