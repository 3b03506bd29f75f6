//! Practice packs: each kind of project brings its own phases, milestones, document categories, request lists and words.

use serde::{Deserialize, Serialize};

pub mod requests;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pack {
    Litigation,
    Tax,
    Consulting,
    Advice,
}

/// One milestone that a new project of a pack starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MilestoneTemplate {
    pub title: &'static str,
    /// Days after the project opens.
    pub due_after_days: i32,
}

impl Pack {
    pub const ALL: [Pack; 4] = [Pack::Litigation, Pack::Tax, Pack::Consulting, Pack::Advice];

    pub fn as_str(self) -> &'static str {
        match self {
            Pack::Litigation => "litigation",
            Pack::Tax => "tax",
            Pack::Consulting => "consulting",
            Pack::Advice => "advice",
        }
    }

    pub fn parse(text: &str) -> Option<Pack> {
        Pack::ALL.into_iter().find(|pack| pack.as_str() == text)
    }

    pub fn title(self) -> &'static str {
        match self {
            Pack::Litigation => "Litigation",
            Pack::Tax => "Tax and accounting",
            Pack::Consulting => "Consulting",
            Pack::Advice => "Financial advice",
        }
    }

    /// What the office calls one project of this pack.
    pub fn noun(self) -> &'static str {
        match self {
            Pack::Litigation => "matter",
            Pack::Tax | Pack::Consulting | Pack::Advice => "project",
        }
    }

    /// What the office calls several of them.
    pub fn nouns(self) -> &'static str {
        match self {
            Pack::Litigation => "matters",
            Pack::Tax | Pack::Consulting | Pack::Advice => "projects",
        }
    }

    /// The word for a mixture: a firm that has matters only says matters.
    pub fn nouns_of(packs: &[Pack]) -> &'static str {
        match packs {
            [first, rest @ ..] if rest.iter().all(|pack| pack.nouns() == first.nouns()) => first.nouns(),
            _ => "projects",
        }
    }

    /// The same of one of them.
    pub fn noun_of(packs: &[Pack]) -> &'static str {
        match packs {
            [first, rest @ ..] if rest.iter().all(|pack| pack.noun() == first.noun()) => first.noun(),
            _ => "project",
        }
    }

    pub fn phases(self) -> &'static [&'static str] {
        match self {
            Pack::Litigation => &["Intake", "Pleadings", "Discovery", "Motions", "Trial", "Resolution"],
            Pack::Tax => &["Engagement", "Gathering documents", "Preparation", "Review", "Filing"],
            Pack::Consulting => &["Scoping", "Discovery", "Analysis", "Recommendations", "Implementation", "Handover"],
            Pack::Advice => &["Discovery", "Analysis", "Plan", "Implementation", "Review"],
        }
    }

    pub fn milestones(self) -> &'static [MilestoneTemplate] {
        const fn after(title: &'static str, due_after_days: i32) -> MilestoneTemplate {
            MilestoneTemplate { title, due_after_days }
        }
        match self {
            Pack::Litigation => &[
                const { after("Engagement letter signed", 7) },
                const { after("Complaint or answer filed", 30) },
                const { after("Document production", 90) },
                const { after("Depositions", 135) },
                const { after("Expert report", 180) },
                const { after("Pre-trial conference", 240) },
            ],
            Pack::Tax => &[
                const { after("Engagement letter signed", 7) },
                const { after("Documents complete", 30) },
                const { after("Draft return", 60) },
                const { after("Partner review", 70) },
                const { after("Return filed", 90) },
            ],
            Pack::Consulting => &[
                const { after("Statement of work signed", 7) },
                const { after("Kick-off", 14) },
                const { after("Interim findings", 45) },
                const { after("Final report", 75) },
                const { after("Handover", 90) },
            ],
            Pack::Advice => &[
                const { after("Agreement signed", 7) },
                const { after("Financial picture complete", 21) },
                const { after("Plan presented", 45) },
                const { after("Accounts set up", 60) },
                const { after("First review", 150) },
            ],
        }
    }

    pub fn categories(self) -> &'static [&'static str] {
        match self {
            Pack::Litigation => &["Pleadings", "Evidence", "Correspondence", "Contracts", "Court orders", "Other"],
            Pack::Tax => {
                &["Tax returns", "Source documents", "Correspondence", "Financial statements", "Engagement", "Other"]
            }
            Pack::Consulting => &["Agreements", "Source material", "Deliverables", "Correspondence", "Other"],
            Pack::Advice => &["Agreements", "Statements", "Plans", "Tax documents", "Correspondence", "Other"],
        }
    }

    /// Where a file goes of which nobody said what it is: the firm puts it in its place.
    pub fn category_unsaid(self) -> &'static str {
        "Other"
    }

    /// Where files lie that came with a message, until somebody files them.
    pub fn category_of_messages(self) -> &'static str {
        "Correspondence"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn packs_fit_the_bounds() {
        for pack in Pack::ALL {
            assert!(pack.phases().len() <= limits::PHASES_PER_PROJECT_MAX, "{pack:?}");
            assert!(pack.milestones().len() <= limits::MILESTONES_PER_PROJECT_MAX, "{pack:?}");
            assert!(pack.milestones().is_sorted_by_key(|m| m.due_after_days), "{pack:?}");
            assert_eq!(pack.categories().last(), Some(&pack.category_unsaid()), "{pack:?}");
            assert!(pack.categories().contains(&pack.category_of_messages()), "{pack:?}");
            assert_eq!(Pack::parse(pack.as_str()), Some(pack));
        }
    }

    #[test]
    fn a_firm_with_matters_only_says_matters() {
        let check = |packs: &[Pack], want| {
            assert_eq!(Pack::nouns_of(packs), want, "{packs:?}");
            assert_eq!(format!("{}s", Pack::noun_of(packs)), want, "{packs:?}");
        };
        check(&[Pack::Litigation], "matters");
        check(&[Pack::Tax, Pack::Advice], "projects");
        check(&[Pack::Litigation, Pack::Tax], "projects");
        check(&[], "projects");
    }
}
