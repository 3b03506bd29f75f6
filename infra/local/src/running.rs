//! Commands for a portal that runs already: end it, give it a new function.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::deploy;
use crate::instance::Instance;
use crate::say;
use crate::settings::Settings;
use crate::state::holder;
use crate::stop::Stop;

const END_SECONDS: u64 = 90;
const READY_SECONDS: u64 = 120;
const POLL: Duration = Duration::from_millis(50);

/// Ends the portal that runs with this directory, and waits until it is gone.
pub(crate) async fn down(state: &Path) -> Result<(), Stop> {
    let Some(pid) = holder(state) else {
        say("nothing is running");
        return Ok(());
    };
    let mut kill = Command::new("kill");
    kill.arg("-TERM").arg(pid.to_string()).stdin(Stdio::null());
    kill.status().await.map_err(|why| Stop::new(format!("kill: {why}")))?;
    let late = Instant::now() + Duration::from_secs(END_SECONDS);
    while holder(state).is_some() {
        if Instant::now() > late {
            return Err(Stop::new(format!("process {pid} does not end"))
                .advising(format!("If it hangs: kill -KILL {pid}. The data are those of its last orderly end.")));
        }
        sleep(POLL).await;
    }
    Ok(())
}

/// Deploys the staged binary of one function; its next event meets the new one.
pub(crate) async fn update(settings: &Settings, function: &str) -> Result<(), Stop> {
    let late = Instant::now() + Duration::from_secs(READY_SECONDS);
    let instance = loop {
        if holder(&settings.state).is_none() {
            return Err(Stop::new("nothing is running").advising("Start it with: cargo xtask up"));
        }
        match Instance::read(&settings.state) {
            Some(instance) => break instance,
            None if Instant::now() > late => return Err(Stop::new("the portal does not get ready")),
            None => sleep(POLL).await,
        }
    };
    deploy::update(settings, &instance.emulator_url, &[function.to_owned()]).await?;
    deploy::updated(&settings.stage, &settings.state, function)
}
