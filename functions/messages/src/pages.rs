//! Views: structs in, markup out.

use access::OnePerson;
use domain::Timestamp;
use jiff::tz::TimeZone;
use storage::Brand;

pub(crate) mod edit;
pub(crate) mod list;
pub(crate) mod newsletters;
pub(crate) mod sent;
pub(crate) mod thread;

/// Who reads, and when.
pub(crate) struct Reader {
    pub(crate) of_client: bool,
    pub(crate) firm_name: String,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}

impl Reader {
    pub(crate) fn of(scope: &impl OnePerson, brand: &Brand, now: Timestamp) -> Self {
        Self { of_client: scope.role().is_client(), firm_name: brand.firm_name.clone(), now, zone: brand.time_zone() }
    }
}

/// Over a composer in which something is wrong.
pub(crate) const NOT_SENT: &str = "Your message has not been sent";

/// What has just been done, by its word in the address.
pub(crate) fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "sent" => "Sent.",
        "edited" => "Your message was changed.",
        "waits" => "Saved.",
        "noted" => "Noted, for the firm only.",
        _ => return None,
    })
}
