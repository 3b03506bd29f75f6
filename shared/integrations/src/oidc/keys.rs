//! Providers' keys, kept for a while. A token by an unknown key has them read anew, but not as often as somebody with
//! forged tokens would like.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::CoreJsonWebKeySet;

use super::Refusal;
use crate::outgoing::{DOCUMENT_BYTES_MAX, Outgoing};

const KEPT_SECONDS: i64 = 60 * 60;
const AGAIN_SECONDS: i64 = 60;
const PROVIDERS_MAX: usize = 200;

struct Kept {
    keys: CoreJsonWebKeySet,
    read_at: Timestamp,
    /// When an unknown key last had them read anew.
    anew_at: Option<Timestamp>,
}

/// Lives as long as a function's environment.
#[derive(Default)]
pub struct KeyCache(Mutex<BTreeMap<String, Kept>>);

impl KeyCache {
    pub async fn keys(&self, outgoing: &Outgoing, uri: &str, now: Timestamp) -> Result<CoreJsonWebKeySet, Refusal> {
        if let Some(keys) = self.kept(uri, now) {
            return Ok(keys);
        }
        self.read(outgoing, uri, now, None).await
    }

    /// The keys read anew, unless that was done just now.
    pub async fn anew(&self, outgoing: &Outgoing, uri: &str, now: Timestamp) -> Result<CoreJsonWebKeySet, Refusal> {
        {
            let mut kept = self.lock();
            if let Some(entry) = kept.get_mut(uri) {
                if entry.anew_at.is_some_and(|at| within(at, now, AGAIN_SECONDS)) {
                    return Err(Refusal::UnknownKey);
                }
                entry.anew_at = Some(now);
            }
        }
        self.read(outgoing, uri, now, Some(now)).await
    }

    async fn read(
        &self,
        outgoing: &Outgoing,
        uri: &str,
        now: Timestamp,
        anew_at: Option<Timestamp>,
    ) -> Result<CoreJsonWebKeySet, Refusal> {
        let body = outgoing.get(uri, "application/json", DOCUMENT_BYTES_MAX).await.map_err(Refusal::Keys)?;
        let keys: CoreJsonWebKeySet = serde_json::from_slice(&body).map_err(|_| Refusal::UnknownKey)?;
        let mut kept = self.lock();
        if kept.len() >= PROVIDERS_MAX {
            kept.clear();
        }
        kept.insert(uri.to_owned(), Kept { keys: keys.clone(), read_at: now, anew_at });
        Ok(keys)
    }

    fn kept(&self, uri: &str, now: Timestamp) -> Option<CoreJsonWebKeySet> {
        let kept = self.lock();
        let entry = kept.get(uri)?;
        within(entry.read_at, now, KEPT_SECONDS).then(|| entry.keys.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Kept>> {
        // A panic elsewhere leaves at worst an older set of keys.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within(at: Timestamp, now: Timestamp, seconds: i64) -> bool {
    now.duration_since(at) < SignedDuration::from_secs(seconds)
}
