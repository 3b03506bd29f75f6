//! Who may have which credentials: the one decision that everything else about isolation stands on. Pure.
//!
//! The session says who somebody is, the home what they are and which clients are theirs, the request what they want.
//! Whatever does not fit together is refused.

use access::{Grant, PLATFORM_FIRM, WireRefusal, WireVend};
use domain::permissions::Reach;
use domain::{ClientId, FirmId, PersonId, Role, Timestamp};
use storage::{HomeFacts, MembershipRow, PLATFORM_MEMBERSHIP, SessionRow};

/// The membership of the firm's own people.
const FIRM_MEMBERSHIP: &str = "FIRM";

/// What is to be vended: a role by its name, its tags, and what the caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vend {
    pub role: &'static str,
    pub tags: Tags,
    pub grant: Grant,
}

/// Policies compare every key with these. Each role demands exactly one of the three sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    Client { firm: FirmId, client: ClientId, person: PersonId },
    Firm { firm: FirmId, person: PersonId },
    Person { person: PersonId },
}

impl Tags {
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        match self {
            Tags::Client { firm, client, person } => {
                vec![("t", firm.as_str()), ("c", client.as_str()), ("u", person.as_str())]
            }
            Tags::Firm { firm, person } => vec![("t", firm.as_str()), ("u", person.as_str())],
            Tags::Person { person } => vec![("u", person.as_str())],
        }
    }
}

/// A refusal, and in which role whoever was refused stands: nothing where nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub why: WireRefusal,
    pub role: Option<Role>,
}

const SIGNED_OUT: Refused = Refused { why: WireRefusal::SignedOut, role: None };

/// `home` is what the home says that the session acts as; `operators` are the addresses that may run the platform.
pub fn decide(
    session: Option<&SessionRow>,
    home: Option<&HomeFacts>,
    operators: &[String],
    asked: &WireVend,
    now: Timestamp,
) -> Result<Vend, Refused> {
    let session = session.filter(|session| !session.lapsed(now)).ok_or(SIGNED_OUT)?;
    let (Some(acts_as), Some(home)) = (&session.acts_as, home) else { return Err(SIGNED_OUT) };
    if !home.session {
        return Err(SIGNED_OUT);
    }
    let membership = home.membership.as_ref().filter(|membership| membership.active).ok_or(SIGNED_OUT)?;
    if !fits(&acts_as.firm, &acts_as.membership, membership, operators) {
        return Err(SIGNED_OUT);
    }

    let role = membership.role;
    let refuse = |why| Refused { why, role: Some(role) };
    let scoped = role_for(role, asked.reach).map_err(refuse)?;
    let client = match asked.reach {
        Reach::Client | Reach::Objects => {
            let client = asked.client.clone().ok_or(refuse(WireRefusal::NotTheirs))?;
            if !theirs(membership, home, &client) {
                return Err(refuse(WireRefusal::NotTheirs));
            }
            Some(client)
        }
        Reach::Home | Reach::Firm | Reach::Audit | Reach::Platform if asked.client.is_some() => {
            return Err(refuse(WireRefusal::NotTheirs));
        }
        Reach::Home | Reach::Firm | Reach::Audit | Reach::Platform => None,
    };

    let (firm, person) = (acts_as.firm.clone(), session.person.clone());
    let tags = match (&client, asked.reach) {
        (Some(client), _) => Tags::Client { firm: firm.clone(), client: client.clone(), person: person.clone() },
        (None, Reach::Platform) => Tags::Person { person: person.clone() },
        (None, _) => Tags::Firm { firm: firm.clone(), person: person.clone() },
    };
    let grant = Grant {
        firm,
        person,
        role,
        session: session.session.clone(),
        membership: acts_as.membership.clone(),
        membership_version: membership.version,
        assigned: role == Role::Staff && client.is_some(),
        client: client.or_else(|| membership.client.clone()),
        name: membership.name.clone(),
        email: membership.email.clone(),
    };
    Ok(Vend { role: scoped, tags, grant })
}

/// Whether a membership is what its place says. Partners can write homes, so a role alone is not believed: an operator
/// is one at the platform only and only while the deployment lists the address, and a client role is of one company.
fn fits(firm: &FirmId, name: &str, membership: &MembershipRow, operators: &[String]) -> bool {
    let at_platform = firm.as_str() == PLATFORM_FIRM;
    match membership.role {
        Role::PlatformAdmin => {
            let listed = operators.iter().any(|operator| operator == membership.email.as_str());
            at_platform && name == PLATFORM_MEMBERSHIP && listed
        }
        Role::Staff | Role::Partner => !at_platform && name == FIRM_MEMBERSHIP,
        Role::ClientMember | Role::ClientAdmin => {
            !at_platform && membership.client.as_ref().is_some_and(|client| client.as_str() == name)
        }
    }
}

/// Whether the client is one that this person works on. A partner has every client of the firm; whether there is such
/// a client is found out with the keys, which reach no other firm.
fn theirs(membership: &MembershipRow, home: &HomeFacts, client: &ClientId) -> bool {
    match membership.role {
        Role::ClientMember | Role::ClientAdmin => membership.client.as_ref() == Some(client),
        Role::Staff => home.assigned.contains(client),
        Role::Partner => true,
        Role::PlatformAdmin => false,
    }
}

/// The role to assume, or why there is none. An operator has no firm, and nobody else has the platform.
fn role_for(role: Role, reach: Reach) -> Result<&'static str, WireRefusal> {
    use Role::{ClientAdmin, ClientMember, Partner, PlatformAdmin, Staff};
    match (reach, role) {
        (Reach::Client, ClientMember) => Ok("ClientMember"),
        (Reach::Client, ClientAdmin) => Ok("ClientAdmin"),
        (Reach::Client, Staff | Partner) => Ok("Staff"),
        (Reach::Objects, ClientMember) => Ok("DocOpen"),
        (Reach::Objects, ClientAdmin) => Ok("DocBill"),
        (Reach::Objects, Staff | Partner) => Ok("DocFirm"),
        (Reach::Home, ClientMember | ClientAdmin | Staff | Partner) => Ok("Home"),
        (Reach::Firm, Partner) => Ok("Partner"),
        (Reach::Audit, Partner) => Ok("Auditor"),
        (Reach::Platform, PlatformAdmin) => Ok("PlatformAdmin"),
        (Reach::Firm | Reach::Audit, ClientMember | ClientAdmin | Staff) => Err(WireRefusal::Lacks),
        (Reach::Home, PlatformAdmin) => Err(WireRefusal::Lacks),
        (Reach::Client | Reach::Objects | Reach::Firm | Reach::Audit, PlatformAdmin) => Err(WireRefusal::NotTheirs),
        (Reach::Platform, ClientMember | ClientAdmin | Staff | Partner) => Err(WireRefusal::NotTheirs),
    }
}

#[cfg(test)]
mod tests;
