//! The process that opens a stranger's file: this same program, started again with one word. It has no credentials, little
//! memory and little time, and whoever started it can end it, so that no file costs more than itself.
//!
//! It reads an order and the file from its input, and writes what it finds to its output, piece by piece: each piece is
//! four bytes of length and the piece.

use std::io::{Read as _, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use documents::{Drawn, Kind, Look, Text};
use domain::document::RejectReason;
use domain::limits;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// The first word: read the file of an order.
pub const READER: &str = "reader";
/// The first word: become the program that follows, within the same limits.
pub const LIMITED: &str = "limited";

/// What is to be done with the file that follows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Order {
    Identify {
        name: String,
    },
    Read {
        name: String,
    },
    Draw {
        kind: String,
        pages: Vec<usize>,
        look: ForWhat,
    },
    /// No file follows: its words were read before.
    Typeset {
        kind: String,
        pages: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ForWhat {
    Reading,
    Preview,
}

/// What a file is and says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub kind: String,
    pub pages: Vec<String>,
    pub page_count: u32,
    /// Pages that have to be read by sight, counted from 0.
    pub unread: Vec<usize>,
}

/// Comes before a page's picture.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Sheet {
    pub(crate) page: usize,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Does what the process was started for; none where it was started for none of it.
pub fn serve(words: &[String]) -> Option<ExitCode> {
    let done = match words {
        [word, ..] if word == READER => limit().ok().and_then(|()| read()),
        // Only comes back when it could not.
        [word, program, rest @ ..] if word == LIMITED => limit().ok().and_then(|()| {
            drop(Command::new(program).args(rest).exec());
            None
        }),
        _ => return None,
    };
    Some(if done.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the process may take, from here on and whatever it becomes.
fn limit() -> std::io::Result<()> {
    let to = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, to(limits::READER_ADDRESSES_BYTES_MAX))?;
    setrlimit(Resource::Cpu, to(limits::READER_PROCESSOR_SECONDS_MAX))?;
    setrlimit(Resource::Core, to(0))?;
    // It writes to its output alone.
    setrlimit(Resource::Fsize, to(0))?;
    Ok(())
}

fn read() -> Option<()> {
    let mut input = std::io::stdin().lock();
    let mut length = [0; 4];
    input.read_exact(&mut length).ok()?;
    let mut order = vec![0; u32::from_le_bytes(length) as usize];
    input.read_exact(&mut order).ok()?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).ok()?;
    match serde_json::from_slice(&order).ok()? {
        Order::Identify { name } => say(&documents::identify(&name, &bytes).map(Kind::as_str)),
        Order::Read { name } => say(&found(&name, &bytes)),
        Order::Draw { kind, pages, look } => {
            let look = match look {
                ForWhat::Reading => Look::Reading,
                ForWhat::Preview => Look::Preview,
            };
            documents::draw(kind.parse().ok()?, &bytes, &pages, look, &mut hand_over);
            Some(())
        }
        Order::Typeset { kind, pages } => {
            documents::typeset(kind.parse().ok()?, &pages, &mut hand_over);
            Some(())
        }
    }
}

/// Whether anybody takes more.
fn hand_over(drawn: Drawn) -> bool {
    let sheet = Sheet { page: drawn.page, width: drawn.width, height: drawn.height };
    say(&sheet).is_some() && piece(&drawn.jpeg).is_some()
}

fn found(name: &str, bytes: &[u8]) -> Result<Found, RejectReason> {
    let kind = documents::identify(name, bytes)?;
    let text = documents::text(kind, bytes)?;
    let unread = documents::unread(kind, bytes, &text);
    let Text { pages, page_count, .. } = text;
    Ok(Found { kind: kind.as_str().to_owned(), pages, page_count, unread })
}

fn say(what: &impl Serialize) -> Option<()> {
    piece(&serde_json::to_vec(what).ok()?)
}

fn piece(bytes: &[u8]) -> Option<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(&u32::try_from(bytes.len()).ok()?.to_le_bytes()).ok()?;
    output.write_all(bytes).ok()?;
    output.flush().ok()
}
