//! Asking the vending functions for credentials, and keeping what they grant for as long as it lasts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::{
    Denied, JobDenied, JobRequest, JobVendor, Keys, Lease, VendRequest, Vended, Vendor, WireAnswer, WireJobAnswer,
};
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use domain::permissions::Reach;
use domain::{SessionId, Timestamp, limits};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::settings::Settings;

/// The one implementation of a vendor: it calls the functions that may assume roles.
pub struct LambdaVendor {
    lambda: Client,
    access: String,
    access_documents: String,
    access_jobs: String,
    /// By the whole request: session, reach and client. A key that lacked one would hand one client's keys to another.
    grants: Mutex<BTreeMap<VendRequest, Arc<Vended>>>,
    jobs: Mutex<BTreeMap<JobRequest, Arc<Keys>>>,
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl LambdaVendor {
    pub(crate) fn new(own: &SdkConfig, settings: &Settings) -> Self {
        // A vendor answers in milliseconds or is in trouble: wait three seconds, ask once more.
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(3)).build();
        let config = aws_sdk_lambda::config::Builder::from(own)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        Self {
            lambda: Client::from_conf(config.build()),
            access: settings.fn_access.clone(),
            access_documents: settings.fn_access_documents.clone(),
            access_jobs: settings.fn_access_jobs.clone(),
            grants: Mutex::default(),
            jobs: Mutex::default(),
        }
    }

    /// Drops whatever was granted to a session.
    pub fn forget(&self, session: &SessionId) {
        if let Ok(mut grants) = self.grants.lock() {
            grants.retain(|_, vended| vended.grant.session != *session);
        }
    }

    async fn invoke<T: DeserializeOwned>(&self, function: &str, asked: &impl Serialize) -> Result<T, Cause> {
        let payload = Blob::new(serde_json::to_vec(asked)?);
        let answer = self.lambda.invoke().function_name(function).payload(payload).send().await?;
        let payload = answer.payload.unwrap_or_else(|| Blob::new([]));
        if let Some(failed) = answer.function_error {
            // Its own log has the reason; a payload with credentials never comes with this.
            return Err(format!("{function} failed: {failed}").into());
        }
        Ok(serde_json::from_slice(payload.as_ref())?)
    }

    fn kept(&self, request: &VendRequest, now: Timestamp) -> Option<Lease> {
        let grants = self.grants.lock().ok()?;
        let vended = grants.get(request)?;
        let ended = vended.grant.ends_at().is_some_and(|at| at <= now);
        (lasts(&vended.keys, now) && !ended).then(|| Lease { vended: Arc::clone(vended), fresh: false })
    }

    fn keep(&self, request: VendRequest, vended: &Arc<Vended>, now: Timestamp) {
        // An operator's role cannot read its own session, so that nothing could check a kept grant; nor whether an
        // admission is still open.
        if matches!(request.reach(), Reach::Platform | Reach::Admission) {
            return;
        }
        let Ok(mut grants) = self.grants.lock() else { return };
        if grants.len() >= limits::GRANTS_CACHED_MAX {
            grants.retain(|_, vended| lasts(&vended.keys, now));
            if grants.len() >= limits::GRANTS_CACHED_MAX {
                grants.clear();
            }
        }
        grants.insert(request, Arc::clone(vended));
    }
}

fn lasts(keys: &Keys, now: Timestamp) -> bool {
    keys.credentials.expires.as_second() - now.as_second() > limits::GRANT_MARGIN_SECONDS
}

impl Vendor for LambdaVendor {
    async fn vend(&self, request: VendRequest, now: Timestamp) -> Result<Lease, Denied> {
        let mut answers = self.vend_all(vec![request], now).await?;
        answers.pop().unwrap_or(Err(Denied::NotTheirs))
    }

    fn drop_kept(&self, request: &VendRequest) {
        if let Ok(mut grants) = self.grants.lock() {
            grants.remove(request);
        }
    }

    async fn vend_all(&self, requests: Vec<VendRequest>, now: Timestamp) -> Result<Vec<Result<Lease, Denied>>, Denied> {
        let mut answers: Vec<Option<Result<Lease, Denied>>> =
            requests.iter().map(|request| self.kept(request, now).map(Ok)).collect();
        for objects in [false, true] {
            let open: Vec<usize> = (0..requests.len())
                .filter(|&place| answers[place].is_none() && (requests[place].reach() == Reach::Objects) == objects)
                .collect();
            let function = if objects { &self.access_documents } else { &self.access };
            for places in open.chunks(limits::GRANTS_PER_CALL_MAX) {
                let asked: Vec<_> = places.iter().map(|&place| requests[place].to_wire()).collect();
                let granted: Vec<WireAnswer> = self.invoke(function, &asked).await.map_err(Denied::Vendor)?;
                if granted.len() != asked.len() {
                    return Err(Denied::Vendor("the vending function answered another number of requests".into()));
                }
                for (&place, answer) in places.iter().zip(granted) {
                    answers[place] = Some(match answer {
                        WireAnswer::Granted(grant) => {
                            let vended = Arc::new(grant.open());
                            self.keep(requests[place].clone(), &vended, now);
                            Ok(Lease { vended, fresh: true })
                        }
                        WireAnswer::Refused(refusal) => Err(refusal.into()),
                    });
                }
            }
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or(Err(Denied::NotTheirs))).collect())
    }
}

impl JobVendor for LambdaVendor {
    async fn vend_job(&self, request: JobRequest, now: Timestamp) -> Result<Arc<Keys>, JobDenied> {
        // Only what stays true is kept: a client exists, while an upload or an order is closed by the first who acts.
        let keeps = matches!(request.fact(), access::Fact::Client { .. });
        if keeps && let Ok(mut jobs) = self.jobs.lock() {
            jobs.retain(|_, keys| lasts(keys, now));
            if let Some(keys) = jobs.get(&request) {
                return Ok(Arc::clone(keys));
            }
        }
        let answer = self.invoke(&self.access_jobs, &request.to_wire()).await.map_err(JobDenied::Vendor)?;
        match answer {
            WireJobAnswer::Granted(keys) => {
                let keys = Arc::new(keys.open());
                if keeps && let Ok(mut jobs) = self.jobs.lock() {
                    jobs.insert(request, Arc::clone(&keys));
                }
                Ok(keys)
            }
            WireJobAnswer::NoOpenRow => Err(JobDenied::NoOpenRow),
            WireJobAnswer::Suspended => Err(JobDenied::Suspended),
        }
    }
}
