//! From the code on a copy to the event that wrote it down: `trace CODE...` reads the audit's chains, one a line, and
//! says who took the copy, when, of what, in which session, and whether the chain that says so holds. Exit code 1 when a
//! code is in none of them.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use crypto::chain::Event;
use crypto::chain::stored::Stored;
use domain::EventId;
use domain::audit::Who;

fn main() -> ExitCode {
    let mut open: Vec<String> = std::env::args().skip(1).map(|code| typed(&code)).collect();
    let mut out = std::io::stdout();
    if open.is_empty() {
        let _ = writeln!(out, "There is no code to look for.");
        return ExitCode::FAILURE;
    }
    let mut unread = 0;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(stored) = Stored::read(&line) else {
            unread += 1;
            continue;
        };
        // A chain that does not hold is told from all the same, and says that it does not.
        let verdict = stored.verified().map(|_| ());
        for text in &stored.events {
            let Ok(event) = serde_json::from_str::<Event>(text) else { continue };
            if let Some(place) = open.iter().position(|code| *code == event.id.as_str()) {
                open.remove(place);
                let _ = writeln!(out, "{}", told(&stored.chain, &event, &verdict));
            }
        }
    }
    for code in &open {
        let why = match EventId::parse(code) {
            Ok(_) => "no event of this portal has this code",
            Err(_) => "this is no code: it has 26 digits and letters",
        };
        let _ = writeln!(out, "{code}: {why}");
    }
    if unread > 0 {
        let _ = writeln!(out, "{unread} chains could not be read");
    }
    if open.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// As people type what they read off a picture: in small letters, with gaps, an O for a nought.
fn typed(code: &str) -> String {
    let letters =
        code.chars().filter(|letter| letter.is_ascii_alphanumeric()).map(|letter| letter.to_ascii_uppercase());
    letters
        .map(|letter| match letter {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

fn pages(event: &Event) -> String {
    event.obj.pages.map_or_else(String::new, |(first, last)| format!(", pages {first} to {last}"))
}

fn told(chain: &str, event: &Event, verdict: &Result<(), String>) -> String {
    let mut lines = vec![
        format!("code      {}", event.id),
        format!("when      {}", event.at),
        format!("act       {} ({})", event.act.as_str(), event.act.words()),
        format!("what      {} {}{}", event.obj.kind, event.obj.id, pages(event)),
        format!("outcome   {}", format!("{:?}", event.outcome).to_lowercase()),
    ];
    match &event.actor {
        Who::Person { person, role, session, viewing_as } => {
            lines.push(format!("who       person {person}, {}", role.title().to_lowercase()));
            lines.push(format!("session   {session}"));
            lines.extend(viewing_as.as_ref().map(|other| format!("viewing   as person {other}")));
        }
        Who::Worker { function } => lines.push(format!("who       the portal's own {function}")),
        Who::Nobody => lines.push("who       somebody who is not signed in".to_owned()),
    }
    lines.push(format!("chain     {chain}, event {}", event.seq));
    lines.push(match verdict {
        Ok(()) => "proof     every link of this chain holds".to_owned(),
        Err(why) => format!("proof     BROKEN: {why}"),
    });
    lines.join("\n")
}
