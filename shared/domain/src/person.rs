//! People of a firm and of its clients: what a partner orders for one, and what becomes of it.

use serde::{Deserialize, Serialize};

use crate::document::Viewer;
use crate::permissions::{self, Adjusted};
use crate::person::company::ByFirm;
use crate::{ClientId, EmailAddress, PermissionName, PersonId, Role, Timestamp, text::Name};

pub mod change;
pub mod company;

/// A phone number with its country code, as E.164 writes it: `+15550100199`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneRefused {
    #[error("Begin the number with + and the country code, like +1 555 010 0199.")]
    NoCountryCode,
    #[error("Write the number as digits, like +1 555 010 0199.")]
    NotANumber,
    #[error("That number is too short or too long. Check it against your address book.")]
    Length,
}

/// Digits of a number, country code included: E.164's own bound, and less than any country has.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

impl Phone {
    /// Takes the spaces, dashes, dots and brackets that people write numbers with.
    pub fn parse(text: &str) -> Result<Self, PhoneRefused> {
        let rest = text.trim().strip_prefix('+').ok_or(PhoneRefused::NoCountryCode)?;
        let digits: String =
            rest.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/')).collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneRefused::NotANumber);
        }
        if digits.starts_with('0') {
            return Err(PhoneRefused::NoCountryCode);
        }
        if !PHONE_DIGITS.contains(&digits.len()) {
            return Err(PhoneRefused::Length);
        }
        Ok(Self(format!("+{digits}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneRefused;
    fn try_from(text: String) -> Result<Self, PhoneRefused> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> String {
        phone.0
    }
}

/// What is wrong with one field of a form, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRefused {
    pub field: &'static str,
    pub why: String,
}

/// Collects what is wrong with a form, so that people see all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldRefused>);

impl Fields {
    pub(crate) fn take<T, E: std::fmt::Display>(&mut self, field: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|why| self.refuse(field, why.to_string())).ok()
    }

    pub(crate) fn refuse(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.push(FieldRefused { field, why: why.into() });
    }

    pub(crate) fn refused(self) -> Vec<FieldRefused> {
        self.0
    }
}

/// Somebody to invite, as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    pub name: String,
    pub email: String,
    #[schemars(with = "Role")]
    pub role: String,
    /// The client whose member or admin the person becomes; none for people of the firm.
    #[serde(default)]
    #[schemars(with = "Option<ClientId>")]
    pub client: Option<String>,
    /// With country code; critical notices go there as well.
    #[serde(default)]
    pub phone: Option<String>,
}

/// Where a person belongs: to the firm, or to one client's company.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Membership {
    Firm,
    Client(ClientId),
}

impl Membership {
    /// The firm's people: staff and partners.
    pub const FIRM: &'static str = "FIRM";

    /// The name in keys and in the JSON API.
    pub fn as_str(&self) -> &str {
        match self {
            Membership::Firm => Self::FIRM,
            Membership::Client(client) => client.as_str(),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::FIRM { Some(Self::Firm) } else { ClientId::parse(text).ok().map(Self::Client) }
    }

    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Membership::Firm => None,
            Membership::Client(client) => Some(client),
        }
    }
}

/// A parsed order of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonOrder {
    pub name: Name,
    pub email: EmailAddress,
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The invitation is mailed whether or not the person is known.
    #[serde(default)]
    pub mail_again: bool,
}

impl PersonOrder {
    pub fn parse(new: &NewPerson) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let name = fields.take("name", Name::of_person(&new.name));
        let email = fields.take("email", EmailAddress::parse(&new.email));
        let phone = given(&new.phone).and_then(|phone| fields.take("phone", Phone::parse(phone)));
        // Operators are named by the deployment, never by a firm.
        let role = Role::parse(&new.role).filter(|role| *role != Role::PlatformAdmin);
        if role.is_none() {
            fields.refuse("role", "Choose what the person does: staff, partner, or admin or member of a client.");
        }
        let asked = given(&new.client);
        let client = asked.and_then(|client| ClientId::parse(client).ok());
        match role {
            Some(role) if role.is_client() && client.is_none() => {
                fields.refuse("client", "Choose the client that the person belongs to.");
            }
            Some(role) if !role.is_client() && asked.is_some() => {
                fields.refuse("client", "People of the firm belong to no client. Leave the client out.");
            }
            _ => (),
        }
        match (name, email, role, fields.refused()) {
            (Some(name), Some(email), Some(role), refused) if refused.is_empty() => {
                Ok(Self { name, email, role, client, phone, mail_again: false })
            }
            (.., refused) => Err(refused),
        }
    }

    pub fn membership(&self) -> Membership {
        self.client.clone().map_or(Membership::Firm, Membership::Client)
    }
}

/// What was typed, unless nothing was.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// One membership: the truth about what a person is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub email: EmailAddress,
    pub role: Role,
    pub phone: Option<String>,
    pub active: bool,
    /// When it ended, while it is not active.
    pub ended_at: Option<Timestamp>,
    /// What the firm granted to and took from this person, beside the role.
    pub adjusted: Adjusted,
    /// What of this the firm decided, so that no company undoes it.
    pub by_firm: ByFirm,
    /// Counts changes: a grant of an older version is dropped.
    pub version: u64,
}

/// The membership that an order leads to. It has the known one's version where nothing differs.
pub fn admit(known: Option<&Member>, order: &PersonOrder) -> Member {
    let asked_phone = order.phone.as_ref().map(|phone| phone.as_str().to_owned());
    let wanted = Member {
        name: order.name.as_str().to_owned(),
        email: order.email.clone(),
        role: order.role,
        // An order without a number says nothing about the number that is known.
        phone: asked_phone.or_else(|| known.and_then(|known| known.phone.clone())),
        active: true,
        ended_at: None,
        adjusted: known.map(|known| known.adjusted.clone()).unwrap_or_default(),
        by_firm: known.map(|known| ByFirm { ended: false, ..known.by_firm.clone() }).unwrap_or_default(),
        version: known.map_or(1, |known| known.version),
    };
    match known {
        Some(known) if *known != wanted => Member { version: known.version + 1, ..wanted },
        _ => wanted,
    }
}

/// Somebody who hears of a client's work and is shown as its team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamMember {
    pub person: PersonId,
    pub name: String,
    pub email: EmailAddress,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Belongs to the client's company; otherwise works on it for the firm.
    pub of_client: bool,
    pub role: Role,
    /// What its company's admins see of it, and change.
    #[serde(flatten)]
    pub adjusted: Adjusted,
    #[serde(flatten)]
    pub by_firm: ByFirm,
}

impl TeamMember {
    /// Whether this person may do something, by role and by what the firm gave and took.
    pub fn may(&self, name: PermissionName) -> bool {
        permissions::may(self.role, &self.adjusted, permissions::State::Plain, name)
    }

    /// As whom this person looks at the client's documents.
    pub fn viewer(&self) -> Viewer {
        if self.of_client {
            return Viewer::Client { person: self.person.clone(), admin: self.role == Role::ClientAdmin };
        }
        Viewer::Firm { internal: self.may(PermissionName::ViewInternal) }
    }
}

/// Whether and as what a person is on a client's team, from the two memberships and the assignment in its home.
pub fn on_team(
    person: &PersonId,
    of_firm: Option<&Member>,
    of_client: Option<&Member>,
    assigned: bool,
) -> Option<TeamMember> {
    let team = |member: &Member, of_client| TeamMember {
        person: person.clone(),
        name: member.name.clone(),
        email: member.email.clone(),
        phone: member.phone.clone(),
        of_client,
        role: member.role,
        adjusted: member.adjusted.clone(),
        by_firm: member.by_firm.clone(),
    };
    // Who is both works on it for the firm: as a client's member it would hear of its own acts.
    let works = of_firm.filter(|member| member.active && !member.role.is_client() && assigned);
    let belongs = of_client.filter(|member| member.active && member.role.is_client());
    works.map(|member| team(member, false)).or_else(|| belongs.map(|member| team(member, true)))
}

#[cfg(test)]
mod tests;
