//! What a firm sets for itself: name, colour, time zone, practices, and what its mails say and are sent for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Colour, packs};
use crate::notice::{Cause, Kind};
use crate::packs::Pack;
use crate::person::{FieldRefused, Fields};
use crate::{calendar, text::Name};

/// What a firm is called and how its pages look, as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBranding {
    pub name: String,
    /// `#rrggbb`; Portico's own colour where it is left out.
    #[serde(default)]
    pub accent: Option<String>,
    /// The version that was changed.
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branding {
    pub name: Name,
    pub accent: Option<Colour>,
}

impl Branding {
    pub fn parse(new: &NewBranding) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let name = fields.take("name", Name::parse(&new.name));
        let typed = new.accent.as_deref().map(str::trim).filter(|accent| !accent.is_empty());
        let accent = typed.and_then(|accent| fields.take("accent", Colour::parse(accent)));
        match (name, fields.refused()) {
            (Some(name), refused) if refused.is_empty() => Ok(Self { name, accent }),
            (_, refused) => Err(refused),
        }
    }
}

/// Where a firm works and what its mails do, as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRules {
    /// IANA name of the firm's time zone, `America/New_York`.
    pub zone: String,
    #[schemars(with = "Vec<Pack>")]
    pub packs: Vec<String>,
    /// Whether mails name documents, projects and people; otherwise they say only that there is something to see.
    pub names_in_mails: bool,
    /// Kinds of mails that are sent. Reminders of deadlines always are.
    #[schemars(with = "Vec<MailKind>")]
    pub mails: Vec<String>,
    /// The version that was changed.
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub zone: String,
    pub packs: Vec<Pack>,
    pub mails: MailRules,
}

impl Rules {
    pub fn parse(new: &NewRules) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let zone = new.zone.trim().to_owned();
        if calendar::zone(&zone).is_err() {
            fields.refuse("zone", "Choose a time zone by its name, like America/New_York.");
        }
        let packs = packs(&new.packs);
        if packs.is_none() {
            fields.refuse("packs", "Choose at least one of the practices on the list.");
        }
        let sent: Option<BTreeSet<MailKind>> = new.mails.iter().map(|kind| MailKind::parse(kind)).collect();
        if sent.is_none() {
            fields.refuse("mails", "Choose from the kinds of mails on the list.");
        }
        match (packs, sent, fields.refused()) {
            (Some(packs), Some(sent), refused) if refused.is_empty() => {
                let off = MailKind::ALL.into_iter().filter(|kind| !sent.contains(kind)).collect();
                Ok(Self { zone, packs, mails: MailRules { nameless: !new.names_in_mails, off } })
            }
            (.., refused) => Err(refused),
        }
    }
}

/// A kind of mails that a firm may switch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// A document is there, or could not be filed.
    Documents,
    /// Something about a project changed.
    Projects,
}

impl MailKind {
    pub const ALL: [MailKind; 2] = [MailKind::Documents, MailKind::Projects];

    pub fn as_str(self) -> &'static str {
        match self {
            MailKind::Documents => "documents",
            MailKind::Projects => "projects",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind of a cause; none for what is always sent.
    pub fn of(cause: &Cause) -> Option<Self> {
        // What is sent once more was sent before.
        let kind = cause.kind().filter(|_| !matches!(cause, Cause::SendAgain { .. }))?;
        match kind {
            Kind::Document | Kind::RefusedFile => Some(MailKind::Documents),
            Kind::Progress => Some(MailKind::Projects),
            Kind::Deadline
            | Kind::Invoice
            | Kind::Signature
            | Kind::Message
            | Kind::Request
            | Kind::Appointment
            | Kind::NotReached
            | Kind::Summary
            | Kind::Newsletter => None,
        }
    }
}

/// What a firm says of its mails. The default is what most want: all of them, saying what they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRules {
    /// Mails name no document, project or person.
    #[serde(default)]
    pub nameless: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<MailKind>,
}

impl MailRules {
    pub fn sends(&self, cause: &Cause) -> bool {
        MailKind::of(cause).is_none_or(|kind| !self.off.contains(&kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DocumentId, MilestoneId, PersonId, ProjectId};

    #[test]
    fn branding_is_parsed_whole() {
        let check = |name: &str, accent: Option<&str>, want: &[&str]| {
            let new = NewBranding { name: name.into(), accent: accent.map(str::to_owned), version: 1 };
            let refused = Branding::parse(&new).err().unwrap_or_default();
            assert_eq!(refused.iter().map(|refused| refused.field).collect::<Vec<_>>(), want, "{new:?}");
        };
        check("Hartwell", Some("#1F5F8B"), &[]);
        check("Hartwell", Some(" "), &[]);
        check(" ", Some("blue"), &["name", "accent"]);
    }

    #[test]
    fn rules_are_parsed_whole() {
        let rules = |zone: &str, packs: &[&str], mails: &[&str]| {
            Rules::parse(&NewRules {
                zone: zone.into(),
                packs: packs.iter().map(ToString::to_string).collect(),
                names_in_mails: false,
                mails: mails.iter().map(ToString::to_string).collect(),
                version: 1,
            })
        };
        let found = rules("America/New_York", &["tax"], &["documents"]).unwrap();
        assert_eq!(found.mails, MailRules { nameless: true, off: [MailKind::Projects].into() });
        let refused = rules("Mars/Olympus", &[], &["lunch"]).unwrap_err();
        assert_eq!(refused.iter().map(|one| one.field).collect::<Vec<_>>(), ["zone", "packs", "mails"]);
    }

    #[test]
    fn deadlines_are_always_told() {
        let off = MailRules { nameless: false, off: MailKind::ALL.into() };
        let (project, by) = (ProjectId::from_bits(1), PersonId::from_bits(2));
        let document = DocumentId::from_bits(4);
        let milestone = MilestoneId::from_bits(3);
        let check = |cause: Cause, want: bool| {
            assert_eq!((off.sends(&cause), MailRules::default().sends(&cause)), (want, true))
        };
        check(Cause::DeadlineReminder { project: project.clone(), milestone }, true);
        check(Cause::ProjectChanged { project, by: by.clone(), changes: vec![] }, false);
        check(Cause::DocumentRejected { document, by }, false);
    }
}
