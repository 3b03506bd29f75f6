//! One portal from start to end: the order in which its parts are started, and that all of them end.

use std::fs;
use std::io::Write;
use std::time::Duration;

use http::HeaderValue;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use crate::args::Up;
use crate::canary;
use crate::deploy::{self, Deployed, Origins};
use crate::emulator::{self, Emulator, tail};
use crate::faults::Proxy;
use crate::forward::Upstream;
use crate::front::{Door, Portal};
use crate::instance::Instance;
use crate::settings::{PREFIX, REGION, Settings};
use crate::state::State;
use crate::steps;
use crate::stop::{At, Stop};
use crate::{say, step};

/// How often a state is written that its end would write too.
const SAVE_SECONDS: u64 = 300;

/// Starts the portal, says its address on standard output, and runs until it is told to end.
pub(crate) async fn up(settings: &Settings, options: &Up) -> Result<(), Stop> {
    let state = State::enter(&settings.state)?;
    settings.check()?;
    // What was deployed half is of no use, and what a test left behind is not wanted.
    if options.fresh || options.throwaway || deploy::read(state.dir()).is_none() {
        state.wipe()?;
    }
    Instance::remove(state.dir());
    let mut signals = Signals::new()?;
    let mut running = Running { settings, options, state: &state, emulator: None };
    let outcome = tokio::select! {
        outcome = running.run() => outcome,
        () = signals.any() => Ok(()),
    };
    Instance::remove(state.dir());
    if let Some(emulator) = running.emulator.take() {
        step("stopping");
        tokio::select! {
            () = emulator.end() => {}
            // Asked twice: the emulator is killed as it is dropped.
            () = signals.any() => {}
        }
    }
    if options.throwaway {
        state.wipe()?;
    }
    outcome
}

struct Running<'a> {
    settings: &'a Settings,
    options: &'a Up,
    state: &'a State,
    /// Outlives the rest, so that it is ended in order however the rest ends.
    emulator: Option<Emulator>,
}

impl Running<'_> {
    /// Returns only when something fails.
    async fn run(&mut self) -> Result<(), Stop> {
        let door = Door::bind(self.options.port).await?;
        let ports = self.state.ports()?;
        let url = format!("http://localhost:{}", door.port);
        let emulator_url = format!("http://127.0.0.1:{}", ports.emulator);
        let proxy_url = format!("http://127.0.0.1:{}", ports.proxy);

        step("starting the local AWS");
        let proxy = Proxy::new(Upstream::new(ports.emulator)?);
        let control = proxy.serve(ports.proxy).await?;
        let emulator_options = emulator::Options {
            port: ports.emulator,
            endpoint: proxy_url.clone(),
            persistent: !self.options.throwaway,
        };
        let emulator = Emulator::start(self.settings, self.state, &emulator_options).await?;
        proxy.functions_of(emulator.pid);
        let upstream = emulator.upstream.clone();
        self.emulator = Some(emulator);

        // Presigned addresses are made by functions, with the endpoint that they know.
        let origins = Origins { site: &url, bucket: &proxy_url };
        let deployed = deploy::deploy(self.settings, self.state, &emulator_url, origins).await?;
        self.save().await;
        canary::sing(self.settings, &emulator_url, &deployed.account).await?;

        let components = self.settings.components.clone();
        door.open(Portal { upstream, host: api_host(&deployed, ports.emulator)?, components });
        let instance = Instance {
            url: url.clone(),
            api_url: format!("{emulator_url}/_aws/execute-api/{}", deployed.api),
            emulator_url: emulator_url.clone(),
            proxy_url: proxy_url.clone(),
            fault_control: format!("http://127.0.0.1:{control}"),
            prefix: PREFIX.to_owned(),
            bucket: deployed.bucket,
            bucket_origin: proxy_url,
            account: deployed.account,
            region: REGION.to_owned(),
            pid: std::process::id(),
        };
        instance.write(self.state.dir())?;
        if self.options.seed && !self.state.seeded().exists() {
            self.seed(&emulator_url, &url).await?;
        }
        say(&format!("    mail and SMS that it sends: {url}/_dev/mail"));
        let mut out = std::io::stdout();
        let _ = writeln!(out, "{url}").and_then(|()| out.flush());
        self.stay().await
    }

    async fn seed(&mut self, endpoint: &str, url: &str) -> Result<(), Stop> {
        if steps::seed(self.settings, endpoint, url).await? {
            let marker = self.state.seeded();
            fs::write(&marker, b"").at(&marker)?;
            self.save().await;
        }
        Ok(())
    }

    /// What is thrown away is not gathered either: that holds every call up, for seconds in a long run.
    async fn save(&mut self) {
        if self.options.throwaway {
            return;
        }
        if let Some(emulator) = &mut self.emulator {
            emulator.save().await;
        }
    }

    /// Until the emulator ends, which it should not.
    async fn stay(&mut self) -> Result<(), Stop> {
        let mut clock = interval(Duration::from_secs(SAVE_SECONDS));
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let Some(emulator) = &mut self.emulator else { return Ok(()) };
            tokio::select! {
                _ = emulator.ended() => {
                    return Err(Stop::new(format!("the local AWS ended\n{}", tail(&self.state.log("emulator")))));
                }
                _ = clock.tick() => self.save().await,
            }
        }
    }
}

fn api_host(deployed: &Deployed, port: u16) -> Result<HeaderValue, Stop> {
    let host = format!("{}.execute-api.localhost:{port}", deployed.api);
    HeaderValue::from_str(&host).map_err(|why| Stop::new(format!("{host}: {why}")))
}

/// What ends a program in order: Ctrl-C, `down`, a terminal that closes.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> Result<Signals, Stop> {
        let on = |kind| signal(kind).map_err(|why| Stop::new(format!("signals: {why}")));
        Ok(Signals([on(SignalKind::interrupt())?, on(SignalKind::terminate())?, on(SignalKind::hangup())?]))
    }

    async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
