//! Starting the process that opens a file, and ending it when its time is over.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use documents::Drawn;
use domain::document::RejectReason;
use domain::limits;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use web::worker::Outcome;

use crate::child::{ForWhat, Found, LIMITED, Order, READER, Sheet};

/// No piece is larger: the longest is a whole text.
const PIECE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Starts this program again, for one file each time.
#[derive(Debug, Clone)]
pub struct Reader {
    program: PathBuf,
    time: Duration,
}

impl Reader {
    pub fn new(program: PathBuf) -> Self {
        Self { program, time: Duration::from_secs(limits::READER_SECONDS_MAX) }
    }

    /// The same, with less time for what a file is and says.
    pub fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// This very program, even where another has taken its place meanwhile.
    pub fn myself() -> Self {
        Self::new(PathBuf::from("/proc/self/exe"))
    }

    /// What a file is and says. A file that ends its reader, or is not read in time, is refused.
    pub async fn read(&self, name: &str, bytes: &[u8]) -> Result<Result<Found, RejectReason>, Outcome> {
        let order = Order::Read { name: name.to_owned() };
        Ok(self.one(&order, bytes).await?.unwrap_or(Err(RejectReason::TookTooMuch)))
    }

    /// Why a file that the scanner did not open is refused.
    pub async fn why_refused(&self, name: &str, bytes: &[u8]) -> Result<RejectReason, Outcome> {
        let order = Order::Identify { name: name.to_owned() };
        let found: Option<Result<String, RejectReason>> = self.one(&order, bytes).await?;
        Ok(found.unwrap_or(Err(RejectReason::TookTooMuch)).err().unwrap_or(RejectReason::ScanFailed))
    }

    /// Pictures of these pages: as many as can be drawn in this time.
    pub async fn draw(
        &self,
        kind: &str,
        bytes: &[u8],
        pages: &[usize],
        look: ForWhat,
        time: Duration,
    ) -> Result<Vec<Drawn>, Outcome> {
        self.drawn(&Order::Draw { kind: kind.to_owned(), pages: pages.to_vec(), look }, bytes, time).await
    }

    /// Pages of these words set in type: as many as can be made in this time.
    pub async fn typeset(&self, kind: &str, pages: &[String], time: Duration) -> Result<Vec<Drawn>, Outcome> {
        self.drawn(&Order::Typeset { kind: kind.to_owned(), pages: pages.to_vec() }, &[], time).await
    }

    async fn drawn(&self, order: &Order, bytes: &[u8], time: Duration) -> Result<Vec<Drawn>, Outcome> {
        let pieces = self.pieces(order, bytes, time).await?;
        let drawn = pieces.chunks_exact(2).filter_map(|pair| {
            let Sheet { page, width, height } = serde_json::from_slice(&pair[0]).ok()?;
            Some(Drawn { page, width, height, jpeg: pair[1].clone() })
        });
        Ok(drawn.collect())
    }

    /// Another program, within the limits of a reader; its output, if it ended well and in time.
    pub async fn other(&self, words: &[&str], input: &[u8], time: Duration) -> Result<Option<Vec<u8>>, Outcome> {
        let mut command = self.command(LIMITED);
        // Beside others that read other files, a program of many threads only gets into their way.
        command.args(words).env("OMP_THREAD_LIMIT", "1");
        let mut child = command.spawn().map_err(|error| Outcome::retry(&error))?;
        let (mut to, mut from) = (child.stdin.take(), child.stdout.take());
        let parts = [input];
        let work = async {
            let take = async {
                let mut output = Vec::new();
                from.as_mut()?.take(PIECE_BYTES_MAX as u64).read_to_end(&mut output).await.ok()?;
                Some(output)
            };
            let (_, output) = tokio::join!(feed(&mut to, &parts), take);
            child.wait().await.ok().filter(std::process::ExitStatus::success)?;
            output
        };
        let Ok(output) = tokio::time::timeout(time, work).await else {
            end(&mut child).await;
            return Ok(None);
        };
        Ok(output)
    }

    async fn one<T: DeserializeOwned>(&self, order: &Order, bytes: &[u8]) -> Result<Option<T>, Outcome> {
        let pieces = self.pieces(order, bytes, self.time).await?;
        Ok(pieces.first().and_then(|piece| serde_json::from_slice(piece).ok()))
    }

    /// The pieces that came before the process ended, by itself or because its time was over.
    async fn pieces(&self, order: &Order, bytes: &[u8], time: Duration) -> Result<Vec<Vec<u8>>, Outcome> {
        let order = serde_json::to_vec(order).map_err(|error| Outcome::retry(&error))?;
        let length = u32::try_from(order.len()).map_err(|error| Outcome::retry(&error))?.to_le_bytes();
        let mut child = self.command(READER).spawn().map_err(|error| Outcome::retry(&error))?;
        let (mut to, mut from) = (child.stdin.take(), child.stdout.take());
        let mut pieces = Vec::new();
        let parts = [length.as_slice(), order.as_slice(), bytes];
        let work = async {
            let take = async {
                if let Some(from) = from.as_mut() {
                    while let Some(piece) = piece(from).await {
                        pieces.push(piece);
                    }
                }
            };
            tokio::join!(feed(&mut to, &parts), take);
            child.wait().await
        };
        match tokio::time::timeout(time, work).await {
            Ok(Ok(status)) if status.success() => (),
            Ok(ended) => {
                tracing::warn!(ended = ?ended.ok().map(|status| status.to_string()), "a file ended its reader")
            }
            Err(_) => {
                end(&mut child).await;
                tracing::warn!("a file's reader was ended: its time was over");
            }
        }
        Ok(pieces)
    }

    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(&self.program);
        // Nothing of ours goes with it: no credentials, no names of tables.
        command.arg(word).env_clear().current_dir("/").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }
}

/// Waits until it is gone, so that what it held is free for the next file.
async fn end(child: &mut Child) {
    if let Err(error) = child.kill().await {
        tracing::error!(why = %error, "a file's reader could not be ended");
    }
}

/// Whoever does not want the rest has ended already.
async fn feed(to: &mut Option<tokio::process::ChildStdin>, parts: &[&[u8]]) {
    if let Some(mut to) = to.take() {
        for part in parts {
            if to.write_all(part).await.is_err() {
                return;
            }
        }
        drop(to.shutdown().await);
    }
}

async fn piece(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let length = from.read_u32_le().await.ok()? as usize;
    if length > PIECE_BYTES_MAX {
        return None;
    }
    // Read as it comes: a length that is promised is not set aside.
    let mut piece = Vec::new();
    from.take(length as u64).read_to_end(&mut piece).await.ok()?;
    (piece.len() == length).then_some(piece)
}
