//! Whose copies of which documents carry a mark. Kept as exceptions: what nobody thought of, a new category among them,
//! is marked.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Role;
use crate::packs::Pack;
use crate::person::{FieldRefused, Fields};

/// Somebody who takes a copy, as firms tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Viewer {
    Clients,
    Staff,
    Partners,
    Operators,
}

impl Viewer {
    pub const ALL: [Viewer; 4] = [Viewer::Clients, Viewer::Staff, Viewer::Partners, Viewer::Operators];

    pub fn of(role: Role) -> Self {
        match role {
            Role::ClientMember | Role::ClientAdmin => Viewer::Clients,
            Role::Staff => Viewer::Staff,
            Role::Partner => Viewer::Partners,
            Role::PlatformAdmin => Viewer::Operators,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Viewer::Clients => "clients",
            Viewer::Staff => "staff",
            Viewer::Partners => "partners",
            Viewer::Operators => "operators",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|viewer| viewer.as_str() == text)
    }
}

/// A firm's rule. The default marks every copy, and puts what cannot be marked into a cover that is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRule {
    /// Who takes copies without a mark.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub free_viewers: BTreeSet<Viewer>,
    /// Categories of documents that nobody's copy of is marked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub free_categories: BTreeSet<String>,
    /// A file that cannot carry a mark is not handed out at all, not even inside a cover: what is inside has no mark.
    #[serde(default)]
    pub strict: bool,
}

impl MarkRule {
    pub fn marks(&self, role: Role, category: &str) -> bool {
        !self.free_viewers.contains(&Viewer::of(role)) && !self.free_categories.contains(category)
    }

    pub fn covers(&self) -> bool {
        !self.strict
    }
}

/// The rule as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMarkRule {
    /// Whose copies are marked.
    #[schemars(with = "Vec<Viewer>")]
    pub viewers: Vec<String>,
    /// Categories whose documents are not marked.
    pub free_categories: Vec<String>,
    /// Whether a file that cannot carry a mark is handed out inside a cover that does; otherwise it is not handed out.
    pub covers: bool,
    /// The version that was changed.
    pub version: u64,
}

impl MarkRule {
    pub fn parse(new: &NewMarkRule) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let marked: Option<BTreeSet<Viewer>> = new.viewers.iter().map(|viewer| Viewer::parse(viewer)).collect();
        if marked.is_none() {
            fields.refuse("viewers", "Choose from the people on the list.");
        }
        let known = |category: &String| categories(&Pack::ALL).contains(category.as_str());
        if !new.free_categories.iter().all(known) {
            fields.refuse("free_categories", "Choose from the categories on the list.");
        }
        match (marked, fields.refused()) {
            (Some(marked), refused) if refused.is_empty() => Ok(Self {
                free_viewers: Viewer::ALL.into_iter().filter(|viewer| !marked.contains(viewer)).collect(),
                free_categories: new.free_categories.iter().cloned().collect(),
                strict: !new.covers,
            }),
            (_, refused) => Err(refused),
        }
    }
}

/// Every category of these practices, each once.
pub fn categories(packs: &[Pack]) -> BTreeSet<&'static str> {
    packs.iter().flat_map(|pack| pack.categories()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(viewers: &[&str], free: &[&str], covers: bool) -> Result<MarkRule, Vec<FieldRefused>> {
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        MarkRule::parse(&NewMarkRule { viewers: owned(viewers), free_categories: owned(free), covers, version: 1 })
    }

    #[test]
    fn whose_copy_of_what_is_marked() {
        const ALL: [&str; 4] = ["clients", "staff", "partners", "operators"];
        let check = |viewers: &[&str], free: &[&str], category: &str, want: [bool; 5]| {
            let rule = rule(viewers, free, true).unwrap();
            assert_eq!(Role::ALL.map(|role| rule.marks(role, category)), want, "{viewers:?} {free:?} {category}");
        };
        check(&ALL, &[], "Pleadings", [true; 5]);
        check(&[], &[], "Pleadings", [false; 5]);
        check(&["clients"], &[], "Pleadings", [true, true, false, false, false]);
        check(&["staff", "operators"], &[], "Pleadings", [false, false, true, false, true]);
        check(&["partners"], &[], "", [false, false, false, true, false]);
        check(&ALL, &["Pleadings", "Other"], "Pleadings", [false; 5]);
        check(&ALL, &["Pleadings", "Other"], "Evidence", [true; 5]);
        check(&["clients"], &["Pleadings"], "Evidence", [true, true, false, false, false]);
        // Of a practice that the firm has given up, or of tomorrow.
        check(&ALL, &["Other"], "Wills", [true; 5]);
    }

    #[test]
    fn who_says_nothing_has_every_copy_marked() {
        let read: MarkRule = serde_json::from_str("{}").unwrap();
        assert_eq!(read, MarkRule::default());
        assert!(Role::ALL.into_iter().all(|role| read.marks(role, "Other")) && read.covers());
    }

    #[test]
    fn a_rule_is_parsed_whole() {
        assert!(!rule(&["clients"], &[], false).unwrap().covers());
        let refused = rule(&["everybody"], &["Secrets"], true).unwrap_err();
        assert_eq!(refused.iter().map(|one| one.field).collect::<Vec<_>>(), ["viewers", "free_categories"]);
    }
}
