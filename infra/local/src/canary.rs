//! The canary: the deployed roles refuse one firm what is another's. Nothing starts when they do not.

use crate::settings::{PREFIX, Settings};
use crate::steps;
use crate::stop::Stop;

/// The number of decisions that were asked for; every one was right.
pub(crate) async fn sing(settings: &Settings, endpoint: &str, account: &str) -> Result<u32, Stop> {
    let asked = steps::run(settings, endpoint, "canary", &[PREFIX, account]).await.map_err(|stop| {
        Stop::new(format!("isolation does not hold here, so nothing is started: {stop}"))
            .advising("Of a policy just changed? Then read it again. Of a damaged state? `cargo xtask up --fresh`.")
    })?;
    asked.trim().parse().map_err(|_| Stop::new(format!("the canary said: {asked}")))
}
