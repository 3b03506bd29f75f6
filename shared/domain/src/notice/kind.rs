//! Kinds of notices, as people choose among them: each has a tier, which the firm may change, and a least that people
//! may turn it down to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cause, Tier};
use crate::Role;
use crate::person::{FieldRefused, Fields};

/// What a notice is about, in the order of the settings page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Deadline,
    Invoice,
    Signature,
    Message,
    Request,
    Document,
    RefusedFile,
    Progress,
    Appointment,
    /// That somebody else was not reached.
    NotReached,
    Summary,
    Newsletter,
}

impl Kind {
    pub const ALL: [Kind; 12] = [
        Kind::Deadline,
        Kind::Invoice,
        Kind::Signature,
        Kind::Message,
        Kind::Request,
        Kind::Document,
        Kind::RefusedFile,
        Kind::Progress,
        Kind::Appointment,
        Kind::NotReached,
        Kind::Summary,
        Kind::Newsletter,
    ];

    /// The name in keys and in the JSON API.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Deadline => "deadline",
            Kind::Invoice => "invoice",
            Kind::Signature => "signature",
            Kind::Message => "message",
            Kind::Request => "request",
            Kind::Document => "document",
            Kind::RefusedFile => "refused_file",
            Kind::Progress => "progress",
            Kind::Appointment => "appointment",
            Kind::NotReached => "not_reached",
            Kind::Summary => "summary",
            Kind::Newsletter => "newsletter",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Those of which anything is sent today. The others are chosen about when there is something to send.
    pub fn sent() -> impl Iterator<Item = Kind> {
        Self::ALL.into_iter().filter(|kind| match kind {
            Kind::Deadline
            | Kind::Message
            | Kind::Request
            | Kind::Document
            | Kind::RefusedFile
            | Kind::Progress
            | Kind::NotReached
            | Kind::Summary
            | Kind::Newsletter => true,
            Kind::Invoice | Kind::Signature | Kind::Appointment => false,
        })
    }

    /// Those of which somebody of this role can hear.
    pub fn concerning(role: Role) -> impl Iterator<Item = Kind> {
        let hears = move |kind: &Kind| match kind {
            // What the firm tells its clients, and what it has to know of them.
            Kind::Progress | Kind::Summary | Kind::Newsletter => role.is_client(),
            Kind::NotReached => !role.is_client(),
            _ => true,
        };
        Self::sent().filter(move |_| role != Role::PlatformAdmin).filter(hears)
    }

    /// Unless the firm says otherwise.
    pub fn tier(self) -> Tier {
        match self {
            Kind::Deadline | Kind::Invoice | Kind::Signature => Tier::Critical,
            Kind::Message
            | Kind::Request
            | Kind::Document
            | Kind::RefusedFile
            | Kind::Progress
            | Kind::Appointment
            | Kind::NotReached => Tier::Standard,
            Kind::Summary | Kind::Newsletter => Tier::Informational,
        }
    }
}

impl Cause {
    /// As what people hear of it; `None` for work that no person hears of.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Cause::DocumentReady { .. } => Some(Kind::Document),
            Cause::DocumentRejected { .. } => Some(Kind::RefusedFile),
            Cause::ProjectChanged { .. } | Cause::UpdateWritten { .. } => Some(Kind::Progress),
            Cause::MessageWritten { .. } => Some(Kind::Message),
            Cause::DeadlineReminder { .. } => Some(Kind::Deadline),
            Cause::RequestSent { .. }
            | Cause::RequestReturned { .. }
            | Cause::RequestReminder { .. }
            | Cause::RequestDelivered { .. } => Some(Kind::Request),
            Cause::MonthEnded { .. } => Some(Kind::Summary),
            Cause::NewsletterSent { .. } => Some(Kind::Newsletter),
            Cause::NotReached { .. } => Some(Kind::NotReached),
            Cause::SendAgain { about, .. } => Some(*about),
            Cause::IndexDocument { .. }
            | Cause::IndexMessage { .. }
            | Cause::HealIndex { .. }
            | Cause::TendRetention
            | Cause::MakeParcel { .. }
            | Cause::SeenDocument { .. } => None,
        }
    }
}

/// How soon somebody hears of a kind, the soonest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    AtOnce,
    Daily,
    Weekly,
    Off,
}

impl Pace {
    pub const ALL: [Pace; 4] = [Pace::AtOnce, Pace::Daily, Pace::Weekly, Pace::Off];

    pub fn as_str(self) -> &'static str {
        match self {
            Pace::AtOnce => "at_once",
            Pace::Daily => "daily",
            Pace::Weekly => "weekly",
            Pace::Off => "off",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.as_str() == text)
    }
}

/// What a firm says of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmRule {
    pub tier: Tier,
    /// People may turn it down this far and no further.
    pub least: Pace,
}

impl FirmRule {
    /// Of a tier, where the firm says nothing else: nobody misses what is critical, and nobody has to read a newsletter.
    pub fn of_tier(tier: Tier) -> Self {
        let least = match tier {
            Tier::Critical => Pace::AtOnce,
            Tier::Standard => Pace::Weekly,
            Tier::Informational => Pace::Off,
        };
        Self { tier, least }
    }

    /// How soon somebody who chose nothing hears of it.
    pub fn pace(self) -> Pace {
        let of_tier = if self.tier == Tier::Informational { Pace::Weekly } else { Pace::AtOnce };
        of_tier.min(self.least)
    }

    /// What people may choose among, the soonest first.
    pub fn choices(self) -> impl Iterator<Item = Pace> {
        Pace::ALL.into_iter().filter(move |pace| *pace <= self.least)
    }
}

/// What a firm says of all kinds: a rule for each that is not as its own tier has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FirmRules(BTreeMap<Kind, FirmRule>);

impl FirmRules {
    pub fn of(&self, kind: Kind) -> FirmRule {
        self.0.get(&kind).copied().unwrap_or_else(|| FirmRule::of_tier(kind.tier()))
    }

    pub fn with(mut self, kind: Kind, rule: FirmRule) -> Self {
        if rule == FirmRule::of_tier(kind.tier()) {
            self.0.remove(&kind);
        } else {
            self.0.insert(kind, rule);
        }
        self
    }

    /// A kind that is left out stays as it is.
    pub fn parse(self, new: &NewFirmRules) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let mut rules = self;
        for (name, typed) in &new.kinds {
            let Some(kind) = Kind::parse(name) else {
                fields.refuse("kinds", "Choose from the kinds of notices on the list.");
                continue;
            };
            let (tier, least) = (Tier::parse(&typed.tier), Pace::parse(&typed.least));
            match (tier, least) {
                // The law lets everybody out of these.
                (Some(_), Some(least)) if kind == Kind::Newsletter && least < Pace::Off => {
                    fields.refuse(kind.as_str(), "Newsletters have to be something that people can turn off.");
                }
                (Some(tier), Some(least)) => rules = rules.with(kind, FirmRule { tier, least }),
                (None, _) => fields.refuse(kind.as_str(), "Choose how it is sent."),
                (_, None) => fields.refuse(kind.as_str(), "Choose what people may turn it down to."),
            }
        }
        let refused = fields.refused();
        if refused.is_empty() { Ok(rules) } else { Err(refused) }
    }
}

/// A firm's rules, as typed, by the names of kinds.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFirmRules {
    #[schemars(with = "BTreeMap<Kind, NewFirmRule>")]
    pub kinds: BTreeMap<String, NewFirmRule>,
    /// The version that was changed.
    pub version: u64,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFirmRule {
    #[schemars(with = "Tier")]
    pub tier: String,
    #[schemars(with = "Pace")]
    pub least: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DocumentId, MilestoneId, PersonId, ProjectId};

    #[test]
    fn names_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
        }
        for pace in Pace::ALL {
            assert_eq!(Pace::parse(pace.as_str()), Some(pace));
            assert_eq!(serde_json::to_string(&pace).unwrap(), format!("\"{}\"", pace.as_str()));
        }
        for tier in Tier::ALL {
            assert_eq!(Tier::parse(tier.as_str()), Some(tier));
            assert_eq!(serde_json::to_string(&tier).unwrap(), format!("\"{}\"", tier.as_str()));
        }
        assert!(Kind::ALL.is_sorted());
    }

    #[test]
    fn a_cause_is_of_one_kind() {
        let check = |cause: Cause, want: Option<Kind>| {
            assert_eq!(cause.kind(), want, "{cause:?}");
        };
        let (document, by) = (DocumentId::from_bits(1), PersonId::from_bits(2));
        let (project, milestone) = (ProjectId::from_bits(3), MilestoneId::from_bits(4));
        check(Cause::DeadlineReminder { project, milestone }, Some(Kind::Deadline));
        check(Cause::DocumentRejected { document: document.clone(), by }, Some(Kind::RefusedFile));
        check(Cause::IndexDocument { document, again: false }, None);
    }

    #[test]
    fn people_choose_among_what_can_come_to_them() {
        let check = |role: Role, want: usize| assert_eq!(Kind::concerning(role).count(), want, "{role:?}");
        check(Role::ClientMember, 8);
        check(Role::ClientAdmin, 8);
        check(Role::Staff, 6);
        check(Role::Partner, 6);
        check(Role::PlatformAdmin, 0);
        let hears = |role, kind| Kind::concerning(role).any(|other| other == kind);
        assert!(Kind::sent().all(|kind| hears(Role::ClientMember, kind) || hears(Role::Staff, kind)));
    }

    #[test]
    fn without_a_word_of_the_firm_the_tier_decides() {
        let check = |kind: Kind, pace: Pace, choices: &[Pace]| {
            let rule = FirmRules::default().of(kind);
            assert_eq!((rule.pace(), rule.choices().collect::<Vec<_>>().as_slice()), (pace, choices), "{kind:?}");
        };
        check(Kind::Deadline, Pace::AtOnce, &[Pace::AtOnce]);
        check(Kind::Document, Pace::AtOnce, &[Pace::AtOnce, Pace::Daily, Pace::Weekly]);
        check(Kind::Newsletter, Pace::Weekly, &Pace::ALL);
    }

    #[test]
    fn a_firm_changes_tiers_and_leasts() {
        let typed = |rules: &[(&str, &str, &str)]| {
            let rule = |tier: &str, least: &str| NewFirmRule { tier: tier.into(), least: least.into() };
            let kinds = rules.iter().map(|(kind, tier, least)| ((*kind).to_owned(), rule(tier, least))).collect();
            NewFirmRules { kinds, version: 1 }
        };
        let before = FirmRules::default().with(Kind::Summary, FirmRule { tier: Tier::Standard, least: Pace::Off });
        let new = typed(&[("message", "critical", "daily"), ("summary", "informational", "off")]);
        let rules = before.clone().parse(&new).unwrap();
        assert_eq!(rules.of(Kind::Message), FirmRule { tier: Tier::Critical, least: Pace::Daily });
        // What is as it would be anyway is not written down.
        assert_eq!(serde_json::to_string(&rules).unwrap(), r#"{"message":{"tier":"critical","least":"daily"}}"#);
        let check = |kind, tier, least, want: &[&str]| {
            let refused = before.clone().parse(&typed(&[(kind, tier, least)])).unwrap_err();
            assert_eq!(refused.iter().map(|one| one.field).collect::<Vec<_>>(), want);
        };
        check("lunch", "critical", "off", &["kinds"]);
        check("message", "loud", "off", &["message"]);
        check("message", "critical", "never", &["message"]);
        check("newsletter", "standard", "weekly", &["newsletter"]);
    }
}
