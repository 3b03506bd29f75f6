//! What lies in the bin is removed for good after a month, unless somebody has to keep it.

use jiff::{SignedDuration, Timestamp};

use super::{Due, Facts, Setting, due, held};
use crate::limits;

/// A document in the bin, as it is when its turn comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InBin {
    pub facts: Facts,
    pub binned_at: Timestamp,
    /// Its file was checked and filed. What was refused or never came is under no rule of the firm.
    pub filed: bool,
    /// There are other versions of it, which are found by the series that it is in.
    pub has_versions: bool,
}

/// Why it stays in the bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    NotYet,
    /// A legal hold covers it.
    Held,
    /// A rule of the firm says how long it is kept, and takes it away itself when two people confirmed it.
    Ruled,
    HasVersions,
}

/// Whether it goes.
pub fn leaves_bin(one: &InBin, setting: &Setting<'_>, now: Timestamp) -> Result<(), Stays> {
    if now < one.binned_at + SignedDuration::from_secs(limits::BIN_SECONDS) {
        return Err(Stays::NotYet);
    }
    if !held(&one.facts, setting.holds).is_empty() {
        return Err(Stays::Held);
    }
    if one.filed && due(&one.facts, setting.rules, setting.zone) != Due::NoRule {
        return Err(Stays::Ruled);
    }
    if one.has_versions { Err(Stays::HasVersions) } else { Ok(()) }
}
