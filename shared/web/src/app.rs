//! What lives as long as a function's environment: its configuration, its connection to AWS, its clock.

use std::sync::Arc;

use access::OnePerson;
use domain::{Moment, Timestamp};
use storage::{Aws, Brand};

use crate::{Config, Failure};

/// Shared by all requests or messages of one environment.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    config: Config,
    aws: Aws,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl App {
    pub async fn connect(config: &Config) -> App {
        Self::connect_with_clock(config, system_clock).await
    }

    /// The same with a clock of one's own, where an instant matters.
    pub async fn connect_with_clock(config: &Config, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> App {
        let aws = Aws::connect(config.settings.clone()).await;
        App(Arc::new(Inner { config: config.clone(), aws, clock: Box::new(clock) }))
    }

    pub fn aws(&self) -> &Aws {
        &self.0.aws
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// The instant and the random bits of one request or message: made once, passed down.
    pub fn moment(&self) -> Moment {
        Moment::new(self.now(), crypto::random_bits)
    }

    /// What one showing of a form is called, so that it is carried out once however often it is sent.
    pub fn fresh_key(&self) -> String {
        domain::ids::ulid(self.moment().next_id())
    }

    /// Name, colour and time zone of the firm that a scope is of.
    pub async fn brand(&self, scope: &impl OnePerson) -> Result<Arc<Brand>, Failure> {
        Ok(self.aws().brand(scope, self.now()).await?)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read; everything below takes a Moment")]
fn system_clock() -> Timestamp {
    Timestamp::now()
}
