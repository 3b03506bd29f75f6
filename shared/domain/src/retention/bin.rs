//! What lies in the bin is removed for good after a month, unless somebody has to keep it.

use jiff::{SignedDuration, Timestamp};

use super::{Due, Facts, Setting, due, held};
use crate::document::FormerPlace;
use crate::limits;

/// A document in the bin, as it is when its turn comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InBin {
    pub facts: Facts,
    pub binned_at: Timestamp,
    /// Its file was checked and filed. What was refused or never came is under no rule of the firm.
    pub filed: bool,
    /// Where it was filed before it came to lie where it does.
    pub former: Vec<FormerPlace>,
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
    // What was never filed is no record, whatever is held.
    if one.filed && !held(&one.facts, setting.holds).is_empty() {
        return Err(Stays::Held);
    }
    let ruled = |facts: &Facts| due(facts, setting.rules, setting.zone) != Due::NoRule;
    // By itself, one person's moving it elsewhere takes nothing out of a rule.
    let before =
        |place: &FormerPlace| Facts { pack: place.pack, category: place.category.clone(), ..one.facts.clone() };
    if one.filed && (ruled(&one.facts) || one.former.iter().any(|place| ruled(&before(place)))) {
        return Err(Stays::Ruled);
    }
    if one.has_versions { Err(Stays::HasVersions) } else { Ok(()) }
}
