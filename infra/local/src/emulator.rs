//! The emulator as a process: started on a port that was free, known to be ours before anything is created in it,
//! ended in order so that its state is written.

use std::fs::{self, File};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};
use tokio::time::{Instant, sleep, timeout};

use crate::callers;
use crate::forward::Upstream;
use crate::settings::Settings;
use crate::state::State;
use crate::stop::{At, Stop};

const START_SECONDS: u64 = 60;
const END_SECONDS: u64 = 60;
const POLL: Duration = Duration::from_millis(25);

pub(crate) struct Emulator {
    child: Child,
    pub(crate) pid: u32,
    /// The emulator ends when this closes.
    lifeline: Option<ChildStdin>,
    pub(crate) upstream: Upstream,
}

pub(crate) struct Options {
    pub(crate) port: u16,
    /// Where functions reach AWS; not the emulator itself, so that tests can stand in between.
    pub(crate) endpoint: String,
    pub(crate) persistent: bool,
}

impl Emulator {
    pub(crate) async fn start(settings: &Settings, state: &State, options: &Options) -> Result<Emulator, Stop> {
        let dir = state.emulator();
        let temporary = dir.join("tmp");
        // Packages unpacked by an earlier run; the emulator unpacks anew.
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir_all(&temporary).at(&temporary)?;
        let log = state.log("emulator");
        let out = File::create(&log).at(&log)?;
        let main = settings.root.join("infra/local/emulator/main.py");
        let mut command = settings.command(&settings.python, &options.endpoint);
        command.arg("-u").arg(&main).env("GATEWAY_PORT", options.port.to_string()).env("BIND_HOST", "127.0.0.1");
        command.env("AUTH", "true").env("LOG_LEVEL", "WARNING").env("SFTP_ENABLED", "0").env("IOT_MTLS_ENABLED", "0");
        command.env("TMPDIR", &temporary).env("PORTICO_LIFELINE", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("PORTICO_SIGNATURES", settings.root.join("infra/local/clamav"));
        if options.persistent {
            command.env("PERSIST_STATE", "1").env("STATE_DIR", dir.join("state"));
            command.env("S3_PERSIST", "1").env("S3_DATA_DIR", dir.join("objects"));
        }
        // Its own process group: Ctrl-C in the terminal is for this program, which ends the emulator in order.
        command.process_group(0).stdin(Stdio::piped()).stdout(out.try_clone().at(&log)?).stderr(out);
        let mut child = command.spawn().at(&settings.python)?;
        let pid = child.id().ok_or_else(|| Stop::new("the local AWS ended at once"))?;
        let lifeline = child.stdin.take();
        let mut emulator = Emulator { child, pid, lifeline, upstream: Upstream::new(options.port)? };
        emulator.answers(options.port, &log).await?;
        Ok(emulator)
    }

    /// Waits until this very process listens and is healthy.
    async fn answers(&mut self, port: u16, log: &Path) -> Result<(), Stop> {
        let late = Instant::now() + Duration::from_secs(START_SECONDS);
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Stop::new(format!("the local AWS ended while starting ({status})\n{}", tail(log))));
            }
            if callers::listens(self.pid, port) && self.upstream.get("/_ministack/health").await.is_ok() {
                return Ok(());
            }
            if Instant::now() > late {
                let said = format!("the local AWS did not answer within {START_SECONDS} seconds\n{}", tail(log));
                return Err(Stop::new(said));
            }
            sleep(POLL).await;
        }
    }

    /// Writes its state, as its end does, so that a machine that loses power does not lose everything.
    pub(crate) async fn save(&mut self) {
        if let Some(lifeline) = &mut self.lifeline {
            // An emulator that is gone is noticed by whoever waits for its end.
            let _ = lifeline.write_all(b"save\n").await;
        }
    }

    /// Returns when the process has ended by itself.
    pub(crate) async fn ended(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// Ends it with everything that it started, after it has written its state.
    pub(crate) async fn end(mut self) {
        self.lifeline.take();
        let _ = timeout(Duration::from_secs(END_SECONDS), self.child.wait()).await;
        // What is left of its group: functions in the middle of something, or an emulator that hangs.
        let group = format!("-{}", self.pid);
        let mut kill = tokio::process::Command::new("kill");
        kill.args(["-KILL", "--", &group]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = kill.status().await;
    }
}

/// The end of a log, for a reader who would otherwise have to look for it.
pub(crate) fn tail(log: &Path) -> String {
    const LINES: usize = 15;
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n");
    format!("{last}\n(the whole log: {})", log.display())
}
