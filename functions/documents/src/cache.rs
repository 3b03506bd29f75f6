//! What an environment keeps between requests, up to so many bytes. The key holds the firm and the client: one that did
//! not would answer one client with another's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::document::Audience;
use domain::{ClientId, FirmId};

/// One bundle of one client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) firm: FirmId,
    pub(crate) client: ClientId,
    pub(crate) audience: Audience,
    pub(crate) generation: String,
}

impl Key {
    fn is_of_the_same_index(&self, other: &Key) -> bool {
        (&self.firm, &self.client, self.audience) == (&other.firm, &other.client, other.audience)
    }
}

struct Kept<T> {
    thing: Arc<T>,
    bytes: usize,
    /// When it was last asked for, in requests.
    used: u64,
}

pub(crate) struct Cache<T> {
    bytes_max: usize,
    kept: Mutex<(u64, BTreeMap<Key, Kept<T>>)>,
}

impl<T> Cache<T> {
    pub(crate) const fn new(bytes_max: usize) -> Self {
        Self { bytes_max, kept: Mutex::new((0, BTreeMap::new())) }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<T>> {
        let mut guard = self.kept.lock().ok()?;
        let (clock, kept) = &mut *guard;
        *clock += 1;
        let found = kept.get_mut(key)?;
        found.used = *clock;
        Some(Arc::clone(&found.thing))
    }

    /// Keeps it in place of what held before it, and lets go of what was not asked for the longest.
    pub(crate) fn keep(&self, key: Key, thing: Arc<T>, bytes: usize) {
        let Ok(mut guard) = self.kept.lock() else { return };
        let (clock, kept) = &mut *guard;
        kept.retain(|other, _| !other.is_of_the_same_index(&key));
        if bytes > self.bytes_max {
            return;
        }
        let mut used: usize = kept.values().map(|other| other.bytes).sum();
        while used + bytes > self.bytes_max {
            let oldest = kept.iter().min_by_key(|(_, other)| other.used).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|oldest| kept.remove(&oldest)) else { break };
            used -= gone.bytes;
        }
        *clock += 1;
        kept.insert(key, Kept { thing, bytes, used: *clock });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(firm: u128, client: u128, generation: &str) -> Key {
        let (firm, client) = (FirmId::from_bits(firm), ClientId::from_bits(client));
        Key { firm, client, audience: Audience::Open, generation: generation.into() }
    }

    fn check(cache: &Cache<&'static str>, key: &Key, want: Option<&str>) {
        assert_eq!(cache.get(key).as_deref().copied(), want, "{key:?}");
    }

    #[test]
    fn a_client_is_never_answered_with_anothers() {
        let cache = Cache::new(100);
        cache.keep(key(1, 1, "g"), Arc::new("one"), 1);
        check(&cache, &key(1, 1, "g"), Some("one"));
        check(&cache, &key(1, 2, "g"), None);
        check(&cache, &key(2, 1, "g"), None);
        check(&cache, &key(1, 1, "h"), None);
        check(&cache, &Key { audience: Audience::Internal, ..key(1, 1, "g") }, None);
    }

    #[test]
    fn what_held_before_is_let_go() {
        let cache = Cache::new(100);
        cache.keep(key(1, 1, "g"), Arc::new("old"), 60);
        cache.keep(key(1, 1, "h"), Arc::new("new"), 60);
        check(&cache, &key(1, 1, "g"), None);
        check(&cache, &key(1, 1, "h"), Some("new"));
    }

    #[test]
    fn it_holds_so_many_bytes_and_what_was_asked_for_last() {
        let cache = Cache::new(100);
        for client in 1..=3 {
            cache.keep(key(1, client, "g"), Arc::new("kept"), 30);
        }
        check(&cache, &key(1, 1, "g"), Some("kept"));
        cache.keep(key(1, 4, "g"), Arc::new("kept"), 40);
        check(&cache, &key(1, 1, "g"), Some("kept"));
        check(&cache, &key(1, 2, "g"), None);
        check(&cache, &key(1, 3, "g"), Some("kept"));
        cache.keep(key(1, 5, "g"), Arc::new("too large"), 101);
        check(&cache, &key(1, 5, "g"), None);
        check(&cache, &key(1, 4, "g"), Some("kept"));
    }
}
