//! What stands between the functions and the emulator: it passes every call on, remembers it, and breaks the one that
//! a test asked to be broken.

mod calls;
mod control;
mod names;
mod rules;

use std::fmt;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::callers::{Caller, Callers};
use crate::forward::{self, Body, Ends, Upstream};
use crate::settings::PREFIX;
use crate::stop::Stop;
use calls::{Call, Calls};
use rules::{Action, Rules};

/// Bodies up to this size are kept for tests to read; bigger ones (documents) pass through unread.
const BODY_BYTES_MAX: u64 = 1024 * 1024;

/// Who stands at the other end of one connection, once somebody asked.
type Known = Arc<OnceCell<Option<Caller>>>;

pub(crate) struct Proxy {
    upstream: Upstream,
    callers: Callers,
    emulator: AtomicU32,
    calls: Mutex<Calls>,
    rules: Mutex<Rules>,
}

impl Proxy {
    pub(crate) fn new(upstream: Upstream) -> Arc<Proxy> {
        let (calls, rules) = (Mutex::default(), Mutex::default());
        let callers = Callers::of_deployment(PREFIX);
        Arc::new(Proxy { upstream, callers, emulator: AtomicU32::new(0), calls, rules })
    }

    /// Whose children the functions are.
    pub(crate) fn functions_of(&self, emulator: u32) {
        self.emulator.store(emulator, Ordering::Relaxed);
    }

    /// Serves the functions on `port` and the tests on a free port, which it returns.
    pub(crate) async fn serve(self: &Arc<Proxy>, port: u16) -> Result<u16, Stop> {
        let failed = |why: std::io::Error| Stop::new(format!("the fault proxy cannot listen: {why}"));
        let functions = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let tests = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let control_port = tests.local_addr().map_err(failed)?.port();
        let proxy = Arc::clone(self);
        tokio::spawn(forward::serve(functions, move |ends| {
            let (proxy, caller) = (Arc::clone(&proxy), Arc::new(OnceCell::new()));
            move |request| Arc::clone(&proxy).pass(ends, Arc::clone(&caller), request)
        }));
        let proxy = Arc::clone(self);
        tokio::spawn(forward::serve(tests, move |_| {
            let proxy = Arc::clone(&proxy);
            move |request| control::answer(Arc::clone(&proxy), request)
        }));
        Ok(control_port)
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(
        self: Arc<Proxy>,
        ends: Ends,
        known: Known,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Cut> {
        let emulator = self.emulator.load(Ordering::Relaxed);
        let caller = known.get_or_init(|| self.callers.find(emulator, ends)).await.clone();
        let pid = caller.as_ref().map(|caller| caller.pid);
        let (head, body) = request.into_parts();
        let (kept, body) = keep(body).await?;
        let call = Call::of(caller, &head, kept);
        let service = call.service.clone();
        let action = self.rules().judge(&call);
        let number = self.calls().begin(call);
        let began = Instant::now();
        // A caller that lost its patience hangs up, and the rest of this is not run.
        let _left = Left { proxy: &self, number, began };
        let ended = |outcome: &'static str, status| self.calls().end(number, outcome, status, began.elapsed());
        match action {
            Some(Action::KillBefore) => {
                kill(pid).await;
                ended("killed before", None);
                return Err(Cut::Asked);
            }
            Some(Action::Error { status, code }) => {
                ended("error", Some(status));
                return Ok(names::error(&service, status, &code));
            }
            Some(Action::Delay { ms }) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Some(Action::KillAfter | Action::DropReply) | None => {}
        }
        let response = self.upstream.send(Request::from_parts(head, body)).await.map_err(|why| {
            ended("unanswered", None);
            Cut::Unreachable(why)
        })?;
        let status = Some(response.status().as_u16());
        match action {
            Some(Action::KillAfter | Action::DropReply) => {
                // The whole answer, so that the effect is there before its cause is gone.
                let _ = response.into_body().collect().await;
                if action == Some(Action::KillAfter) {
                    kill(pid).await;
                    ended("killed after", status);
                } else {
                    ended("reply dropped", status);
                }
                Err(Cut::Asked)
            }
            _ => {
                ended("answered", status);
                Ok(response.map(BodyExt::boxed))
            }
        }
    }
}

/// Ends a call that nothing else ended.
struct Left<'a> {
    proxy: &'a Proxy,
    number: u64,
    began: Instant,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.proxy.calls().end(self.number, "left by its caller", None, self.began.elapsed());
    }
}

/// Reads a small body; leaves a big one to be streamed.
async fn keep(body: Incoming) -> Result<(Option<Bytes>, Body), Cut> {
    let small = body.size_hint().upper().is_some_and(|bytes| bytes <= BODY_BYTES_MAX);
    if !small {
        return Ok((None, body.boxed()));
    }
    let bytes = body.collect().await.map_err(Cut::Caller)?.to_bytes();
    Ok((Some(bytes.clone()), forward::full(bytes)))
}

/// Ends a function as a machine that fails would: without a word.
async fn kill(pid: Option<u32>) {
    if let Some(pid) = pid {
        let mut kill = tokio::process::Command::new("kill");
        kill.arg("-KILL").arg(pid.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = kill.status().await;
    }
}

/// Why a connection is closed without an answer.
#[derive(Debug)]
enum Cut {
    Asked,
    Caller(hyper::Error),
    Unreachable(hyper_util::client::legacy::Error),
}

impl fmt::Display for Cut {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Cut::Asked => "a test asked for it",
            Cut::Caller(_) => "the caller went away",
            Cut::Unreachable(_) => "the emulator did not answer",
        })
    }
}

impl std::error::Error for Cut {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Cut::Asked => None,
            Cut::Caller(why) => Some(why),
            Cut::Unreachable(why) => Some(why),
        }
    }
}
