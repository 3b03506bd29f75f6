//! Firms as an operator orders them, and what partners order for their firm: clients and people.

use serde::{Deserialize, Serialize};

use crate::audit::Act;
use crate::packs::Pack;
use crate::permissions::{Adjusted, AdjustmentRefused};
use crate::person::change::{Change, ChangeRefused};
use crate::person::{FieldRefused, Fields, Member, PersonOrder};
use crate::sso::JoinOrder;
use crate::{ClientId, EmailAddress, PersonId, calendar, text::Name};

pub mod newsletter;
pub mod review;
pub mod settings;
pub mod texts;

/// A firm to order, as typed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFirm {
    pub name: String,
    /// The firm's own internet domain, `firm.example`.
    pub domain: String,
    /// IANA name of the firm's time zone, `America/New_York`.
    pub zone: String,
    /// `#rrggbb`.
    #[serde(default)]
    pub accent: Option<String>,
    /// The practice packs that the firm works with, at least one.
    #[schemars(with = "Vec<Pack>")]
    pub packs: Vec<String>,
    pub partner_name: String,
    pub partner_email: String,
}

/// A parsed order of a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmOrder {
    pub name: Name,
    pub domain: Domain,
    pub zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<Colour>,
    pub packs: Vec<Pack>,
    pub partner_name: Name,
    pub partner_email: EmailAddress,
}

impl FirmOrder {
    pub fn parse(new: &NewFirm) -> Result<Self, Vec<FieldRefused>> {
        let mut fields = Fields::default();
        let name = fields.take("name", Name::parse(&new.name));
        let domain = fields.take("domain", Domain::parse(&new.domain));
        let zone = new.zone.trim().to_owned();
        if calendar::zone(&zone).is_err() {
            fields.refuse("zone", "Choose a time zone by its name, like America/New_York.");
        }
        let accent = new.accent.as_deref().map(str::trim).filter(|accent| !accent.is_empty());
        let accent = accent.and_then(|accent| fields.take("accent", Colour::parse(accent)));
        let packs = packs(&new.packs);
        if packs.is_none() {
            fields.refuse("packs", "Choose at least one of the practices on the list.");
        }
        let partner_name = fields.take("partner_name", Name::parse(&new.partner_name));
        let partner_email = fields.take("partner_email", EmailAddress::parse(&new.partner_email));
        match (name, domain, packs, partner_name, partner_email, fields.refused()) {
            (Some(name), Some(domain), Some(packs), Some(partner_name), Some(partner_email), refused)
                if refused.is_empty() =>
            {
                Ok(Self { name, domain, zone, accent, packs, partner_name, partner_email })
            }
            (.., refused) => Err(refused),
        }
    }
}

fn packs(typed: &[String]) -> Option<Vec<Pack>> {
    let mut packs: Vec<Pack> = Vec::new();
    for pack in typed {
        let pack = Pack::parse(pack.trim())?;
        if !packs.contains(&pack) {
            packs.push(pack);
        }
    }
    (!packs.is_empty()).then_some(packs)
}

/// An internet domain, lowercased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a domain, like firm.example.")]
pub struct DomainRefused;

/// Bound of the domain name system.
const DOMAIN_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

impl Domain {
    pub fn parse(text: &str) -> Result<Self, DomainRefused> {
        let text = text.trim().to_lowercase();
        let fits = |label: &str| {
            (1..=LABEL_BYTES_MAX).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let whole = text.len() <= DOMAIN_BYTES_MAX && text.contains('.') && text.split('.').all(fits);
        if whole { Ok(Self(text)) } else { Err(DomainRefused) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Domain {
    type Error = DomainRefused;
    fn try_from(text: String) -> Result<Self, DomainRefused> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> String {
        domain.0
    }
}

/// A colour, `#1f5f8b`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Write the colour as # and six digits or letters a to f, such as #1f5f8b.")]
pub struct ColourRefused;

impl Colour {
    pub fn parse(text: &str) -> Result<Self, ColourRefused> {
        let digits = text.trim().strip_prefix('#').ok_or(ColourRefused)?;
        let whole = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if whole { Ok(Self(format!("#{}", digits.to_lowercase()))) } else { Err(ColourRefused) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Colour {
    type Error = ColourRefused;
    fn try_from(text: String) -> Result<Self, ColourRefused> {
        Self::parse(&text)
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> String {
        colour.0
    }
}

/// How far a firm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirmState {
    /// Its key, settings and first partner are being made.
    Ordered,
    Active,
    /// Nobody of it signs in until it is restored.
    Suspended,
}

impl FirmState {
    pub fn as_str(self) -> &'static str {
        match self {
            FirmState::Ordered => "ordered",
            FirmState::Active => "active",
            FirmState::Suspended => "suspended",
        }
    }
}

/// What is ordered for a firm or for one of its clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Order {
    Client {
        client: ClientId,
        name: Name,
    },
    /// An invitation whose membership has ended already: nobody is to take it up.
    Withdrawal {
        person: PersonId,
        email: EmailAddress,
        /// `FIRM`, or a client's id.
        membership: String,
    },
    Person(PersonOrder),
    /// Somebody whom a provider of single sign-on vouches for and nobody invited.
    Join(JoinOrder),
    /// A change of somebody who belongs to the client, as its own admin asked for it.
    Member {
        person: PersonId,
        /// For lists of what was ordered.
        name: String,
        change: MemberOrder,
        #[serde(default)]
        even_last_admin: bool,
    },
}

impl Order {
    /// What it is in the audit, carried out or refused.
    pub fn act(&self) -> Act {
        match self {
            Order::Client { .. } => Act::ClientCreated,
            Order::Withdrawal { .. } => Act::InvitationWithdrawn,
            Order::Person(_) => Act::PersonAdded,
            Order::Join(_) => Act::PersonJoined,
            Order::Member { change: MemberOrder::Role { .. }, .. } => Act::RoleChanged,
            Order::Member { change: MemberOrder::Permissions(_), .. } => Act::PermissionsChanged,
            Order::Member { change: MemberOrder::End, .. } => Act::MembershipEnded,
        }
    }
}

/// What a client's admin asked for one of its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum MemberOrder {
    Role { role: crate::Role },
    Permissions(Adjusted),
    End,
}

impl MemberOrder {
    pub fn change(&self) -> Change {
        match self {
            MemberOrder::Role { role } => Change::Role(*role),
            MemberOrder::Permissions(adjusted) => Change::Permissions(adjusted.clone()),
            MemberOrder::End => Change::End,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    Ordered,
    Done,
    Refused,
}

impl OrderState {
    pub fn as_str(self) -> &'static str {
        match self {
            OrderState::Ordered => "ordered",
            OrderState::Done => "done",
            OrderState::Refused => "refused",
        }
    }
}

/// Why an order could not be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum OrderRefused {
    #[error("There is no such client.")]
    NoSuchClient,
    /// Inviting needs no fresh proof of who somebody is; changing roles does.
    #[error("This person is here already, in another role. Change the role on the person's own page.")]
    OtherRole,
    #[error("There is nobody like that here.")]
    NobodyThere,
    #[error("This is your own access. Somebody else with the same rights has to change it.")]
    Own,
    #[error("This is the company's last admin. Name another admin first, or confirm that it shall have none.")]
    LastAdmin,
    #[error("This access has ended. Invite the person again.")]
    Ended,
    #[error("This cannot be given to or taken from somebody in that role.")]
    NotInThatRole,
    #[error("A company has at most {} people here. End somebody's access first.", crate::limits::PEOPLE_PER_CLIENT_MAX)]
    TooMany,
    /// What a client's admin cannot ask for.
    #[error("That cannot be ordered here.")]
    NotYours,
    #[error("This person belongs to the firm. A partner can give them access on the firm's own list of people.")]
    OfTheFirm,
    #[error("An admin is named by the company's own admins or by a partner. Invite the person as a member.")]
    NoAdmins,
    #[error("This person is here already.")]
    AlreadyHere,
    #[error("This address was invited a moment ago. Wait {} minutes before the next time.", crate::limits::INVITATION_AGAIN_SECONDS / 60)]
    JustInvited,
    #[error(
        "A company invites at most {} people a day. Invite the others tomorrow, or ask the firm.",
        crate::limits::COMPANY_INVITATIONS_PER_DAY
    )]
    TooManyToday,
    #[error("The firm decided this. Ask the firm to change it.")]
    AskTheFirm,
    #[error("You can give no more than you have yourself. Ask the firm.")]
    BeyondOwn,
}

impl From<ChangeRefused> for OrderRefused {
    fn from(refused: ChangeRefused) -> Self {
        match refused {
            ChangeRefused::Own => OrderRefused::Own,
            ChangeRefused::LastAdmin => OrderRefused::LastAdmin,
            ChangeRefused::Ended => OrderRefused::Ended,
            ChangeRefused::AskTheFirm => OrderRefused::AskTheFirm,
            ChangeRefused::BeyondOwn => OrderRefused::BeyondOwn,
            ChangeRefused::NoAdmins => OrderRefused::NoAdmins,
            ChangeRefused::OtherSide
            | ChangeRefused::Permissions(AdjustmentRefused::NotGrantable(_) | AdjustmentRefused::NotRemovable(_)) => {
                OrderRefused::NotInThatRole
            }
        }
    }
}

/// Whether an order of a person can be carried out.
pub fn check_order(order: &PersonOrder, client_exists: bool, known: Option<&Member>) -> Result<(), OrderRefused> {
    if order.client.is_some() && !client_exists {
        return Err(OrderRefused::NoSuchClient);
    }
    match known {
        Some(known) if known.active && known.role != order.role => Err(OrderRefused::OtherRole),
        _ => Ok(()),
    }
}

/// What is true of somebody whom a partner wants to assign to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignee {
    /// Of the firm; none for somebody who does not belong to it.
    pub role: Option<crate::Role>,
    pub assignments: usize,
    pub assigned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentRefused {
    #[error("Only staff are assigned to clients. Partners reach every client without it.")]
    NotStaff,
    #[error("Nobody has more than {count_max} clients. End another assignment of this person first.")]
    TooMany { count_max: usize },
}

/// Whether an assignment is to be written; `false` when it is there already.
pub fn assign(assignee: Assignee) -> Result<bool, AssignmentRefused> {
    if assignee.role != Some(crate::Role::Staff) {
        return Err(AssignmentRefused::NotStaff);
    }
    if assignee.assigned {
        return Ok(false);
    }
    let count_max = crate::limits::ASSIGNMENTS_PER_PERSON_MAX;
    if assignee.assignments >= count_max { Err(AssignmentRefused::TooMany { count_max }) } else { Ok(true) }
}

#[cfg(test)]
mod tests;
