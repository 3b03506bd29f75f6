//! Verifies audit chains: reads `{"chain", "events", "head"}`, one a line, and says of each whether every link holds.
//! Exit code 1 when one does not.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use crypto::chain::{self, Head};
use domain::audit::Chain;
use domain::{ClientId, FirmId, PersonId};
use serde::Deserialize;

#[derive(Deserialize)]
struct Stored {
    chain: String,
    events: Vec<String>,
    head: Option<Head>,
}

fn main() -> ExitCode {
    let mut broken = 0;
    let mut seen = 0;
    for line in std::io::stdin().lock().lines() {
        let verdict = line.map_err(|why| why.to_string()).and_then(|line| verify(&line));
        seen += 1;
        let text = match verdict {
            Ok(text) => text,
            Err(why) => {
                broken += 1;
                format!("BROKEN  {why}")
            }
        };
        let _ = writeln!(std::io::stdout(), "{text}");
    }
    let _ = writeln!(std::io::stdout(), "{seen} chains, {broken} broken");
    if broken == 0 && seen > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn verify(line: &str) -> Result<String, String> {
    let stored: Stored = serde_json::from_str(line).map_err(|why| why.to_string())?;
    let name = &stored.chain;
    let of = parse(name).ok_or_else(|| format!("{name}: no chain is called that"))?;
    let head = stored.head.ok_or_else(|| format!("{name}: it has no head"))?;
    let events = chain::verify(&of, &stored.events, &head).map_err(|why| format!("{name}: {why}"))?;
    Ok(format!("holds   {name}: {} events, head {}", events.len(), &head.hash[..12.min(head.hash.len())]))
}

/// `T#<firm>#C#<client>`, `T#<firm>#U#<person>`, or `T#<firm>` for the firm's own.
fn parse(name: &str) -> Option<Chain> {
    let mut parts = name.strip_prefix("T#")?.split('#');
    let firm = FirmId::parse(parts.next()?).ok()?;
    let Some(kind) = parts.next() else { return Some(Chain::Firm { firm }) };
    match (kind, parts.next()?, parts.next()) {
        ("C", id, None) => Some(Chain::Client { firm, client: ClientId::parse(id).ok()? }),
        ("U", id, None) => Some(Chain::Person { firm, person: PersonId::parse(id).ok()? }),
        _ => None,
    }
}
