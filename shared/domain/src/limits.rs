//! Every bound of the product, in one place. The unit is the last word of the name.

pub const EMAIL_BYTES_MAX: usize = 254;
pub const NAME_CHARACTERS_MAX: usize = 120;
pub const FILE_NAME_CHARACTERS_MAX: usize = 255;
pub const SEARCH_TEXT_CHARACTERS_MAX: usize = 200;
pub const SEARCH_WORDS_MAX: usize = 64;
/// Hits of one search over all its pages.
pub const SEARCH_HITS_MAX: usize = 1_000;
pub const SEARCH_SNIPPET_CHARACTERS_MAX: usize = 240;
/// Text of one document that the index takes.
pub const SEARCH_ENTRY_PAGES_MAX: usize = 5_000;
pub const SEARCH_ENTRY_BYTES_MAX: usize = 4 * 1024 * 1024;
pub const NOTE_CHARACTERS_MAX: usize = 2_000;

/// Rows of one page of any list.
pub const PAGE_ROWS_MAX: usize = 100;
/// JSON or form body of a request.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

pub const SESSION_AGE_SECONDS_MAX: i64 = 12 * 60 * 60;
pub const SESSION_IDLE_SECONDS_MAX: i64 = 30 * 60;
/// `last_seen` is stamped at most this often, so idle is judged to this much.
pub const SESSION_TOUCH_SECONDS: i64 = 5 * 60;
/// Sessions one person may hold; the oldest is ended beyond it.
pub const SESSIONS_PER_PERSON_MAX: usize = 50;

pub const LINK_AGE_SECONDS_MAX: i64 = 10 * 60;
pub const CODE_TRIES_MAX: u32 = 5;
/// Links asked for one address in one window of [`RATE_WINDOW_SECONDS`].
pub const LINKS_PER_ADDRESS_MAX: u32 = 10;
/// Links asked from one network address in one window.
pub const LINKS_PER_SOURCE_MAX: u32 = 300;
/// Wrong codes for one address in one window; the mailed link goes on working.
pub const WRONG_CODES_PER_ADDRESS_MAX: u32 = 15;
pub const RATE_WINDOW_SECONDS: i64 = 15 * 60;

/// Life of vended credentials: the shortest that the token service gives.
pub const GRANT_SECONDS: i32 = 900;
/// A cached grant is dropped this long before its credentials end.
pub const GRANT_MARGIN_SECONDS: i64 = 120;
pub const GRANTS_PER_CALL_MAX: usize = 25;
pub const GRANTS_CACHED_MAX: usize = 500;

/// One file of the first cut: what a request can watermark within its five seconds.
pub const DOCUMENT_SIZE_BYTES_MAX: u64 = 20 * 1024 * 1024;
pub const DOCUMENTS_PER_CALL_MAX: usize = 20;
pub const DOCUMENTS_PER_CLIENT_MAX: usize = 10_000;
pub const UPLOAD_TICKET_SECONDS: i64 = 15 * 60;
/// A presigned download: long enough for a redirect, too short to pass on.
pub const DOWNLOAD_LINK_SECONDS: u64 = 60;

pub const PROJECTS_PER_CLIENT_MAX: usize = 500;
pub const PHASES_PER_PROJECT_MAX: usize = 12;
pub const MILESTONES_PER_PROJECT_MAX: usize = 60;
pub const ASSIGNMENTS_PER_PERSON_MAX: usize = 60;
pub const MEMBERSHIPS_PER_PERSON_MAX: usize = 50;

/// Tries of one optimistic write before the caller is told to reload.
pub const WRITE_TRIES_MAX: u32 = 8;
/// All tries of one worker's write together.
pub const WORKER_WRITE_SECONDS_MAX: u64 = 30;
/// An idempotency record's life.
pub const IDEMPOTENCY_SECONDS: i64 = 24 * 60 * 60;
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 64;
/// A claim on an effect: after this another worker may take it over.
pub const CLAIM_LEASE_SECONDS: i64 = 60;
/// A finished claim is kept this long, longer than any queue keeps a message.
pub const CLAIM_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;
/// The sweep looks for outbox rows older than this.
pub const OUTBOX_STALE_SECONDS: i64 = 60;
/// How far back the due sweep looks for reminders that an outage left behind.
pub const DUE_BACKLOG_MINUTES_MAX: i64 = 24 * 60;
pub const DUE_SHARDS: u64 = 8;
pub const OUTBOX_SHARDS: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_agree_with_each_other() {
        const { assert!(SESSION_TOUCH_SECONDS < SESSION_IDLE_SECONDS_MAX) };
        const { assert!(SESSION_IDLE_SECONDS_MAX < SESSION_AGE_SECONDS_MAX) };
        const { assert!((DOWNLOAD_LINK_SECONDS as i64) < GRANT_MARGIN_SECONDS) };
        const { assert!((GRANT_MARGIN_SECONDS as i32) < GRANT_SECONDS) };
    }
}
