//! Verifies audit chains: reads `{"chain", "events", "head"}`, one a line, and says of each whether every link holds.
//! Exit code 1 when one does not.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use crypto::chain::stored::Stored;

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
    let stored = Stored::read(line)?;
    let events = stored.verified()?;
    let head = stored.head.map(|head| head.hash).unwrap_or_default();
    Ok(format!("holds   {}: {} events, head {}", stored.chain, events.len(), &head[..12.min(head.len())]))
}
