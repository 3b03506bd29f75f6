//! A chain as it is read out of the table by whoever owns it, one line of JSON each: for programs that check it offline.

use domain::audit::Chain;
use domain::{ClientId, FirmId, PersonId};
use serde::Deserialize;

use super::{Event, Head, verify};

#[derive(Debug, Deserialize)]
pub struct Stored {
    pub chain: String,
    pub events: Vec<String>,
    pub head: Option<Head>,
}

impl Stored {
    pub fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|why| why.to_string())
    }

    /// Its events, if every link holds.
    pub fn verified(&self) -> Result<Vec<Event>, String> {
        let name = &self.chain;
        let of = named(name).ok_or_else(|| format!("{name}: no chain is called that"))?;
        let head = self.head.as_ref().ok_or_else(|| format!("{name}: it has no head"))?;
        verify(&of, &self.events, head).map_err(|why| format!("{name}: {why}"))
    }
}

/// `T#<firm>#C#<client>`, `T#<firm>#U#<person>`, or `T#<firm>` for the firm's own.
fn named(name: &str) -> Option<Chain> {
    let mut parts = name.strip_prefix("T#")?.split('#');
    let firm = FirmId::parse(parts.next()?).ok()?;
    let Some(kind) = parts.next() else { return Some(Chain::Firm { firm }) };
    match (kind, parts.next()?, parts.next()) {
        ("C", id, None) => Some(Chain::Client { firm, client: ClientId::parse(id).ok()? }),
        ("U", id, None) => Some(Chain::Person { firm, person: PersonId::parse(id).ok()? }),
        _ => None,
    }
}
