//! Who may have which credentials: the one decision that everything else about isolation stands on. Pure.
//!
//! The session or token says who somebody is, the home what they are and which clients are theirs, the request what they
//! want. Whatever does not fit together is refused. What the person may do decides which role it is, so that money,
//! internal notes and the firm's views are out of reach of whoever may not see them, whatever our code does.

use std::collections::BTreeSet;

use access::{Acting, Grant, PLATFORM_FIRM, ViewedAs, WireRefusal, WireVend, token_carries};
use domain::permissions::{Adjusted, Reach, State, all, may};
use domain::{ClientId, FirmId, PermissionName, PersonId, Role, Timestamp};
use storage::{Asker, HomeFacts, MembershipRow, PLATFORM_MEMBERSHIP, Viewing};

/// The membership of the firm's own people.
const FIRM_MEMBERSHIP: &str = "FIRM";

/// What is to be vended: a role by its name, its tags, and what the caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vend {
    pub role: &'static str,
    pub tags: Tags,
    pub grant: Grant,
}

/// Policies compare every key with these. Each role demands exactly its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags(Vec<(&'static str, String)>);

impl Tags {
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// A refusal, and in which role whoever was refused stands: nothing where nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub why: WireRefusal,
    pub role: Option<Role>,
}

impl Refused {
    /// Nothing that is to be written down of somebody.
    fn quietly(why: WireRefusal) -> Self {
        Self { why, role: None }
    }
}

const SIGNED_OUT: Refused = Refused { why: WireRefusal::SignedOut, role: None };

/// `home` is what was read of the home of whom `asker` is; `operators` are the addresses that may run the platform.
pub fn decide(
    asker: Option<&Asker>,
    home: Option<&HomeFacts>,
    operators: &[String],
    asked: &WireVend,
    now: Timestamp,
) -> Result<Vend, Refused> {
    let asker = asker.filter(|asker| !asker.lapsed(now)).ok_or(SIGNED_OUT)?;
    let (Some(acts_as), Some(home)) = (asker.acts_as(), home) else { return Err(SIGNED_OUT) };
    if !home.session {
        return Err(SIGNED_OUT);
    }
    let membership = home.membership.as_ref().filter(|membership| membership.active).ok_or(SIGNED_OUT)?;
    if !fits(&acts_as.firm, &acts_as.membership, membership, operators) {
        return Err(SIGNED_OUT);
    }
    if let Asker::Session(session) = asker
        && let Some(wait) = session.waits_for
    {
        return Err(Refused::quietly(WireRefusal::Waits(wait)));
    }
    if home.suspended {
        return Err(Refused::quietly(WireRefusal::Suspended));
    }

    // Nobody of an archived client's own gets in, not even to the home that is all about it.
    if membership.client.as_ref().is_some_and(|client| home.archived.contains(client)) {
        return Err(Refused::quietly(WireRefusal::NotTheirs));
    }

    let acts = Acts::of(asker, membership, home, now)?;
    let refuse = |why| Refused { why, role: Some(membership.role) };
    let powers = acts.powers();
    let scoped = role_for(&acts, &powers, asked.reach).map_err(refuse)?;
    let admission = admission(asked, home, asker.person(), now);
    let client = match asked.reach {
        Reach::Client | Reach::Objects => {
            let client = asked.client.clone().ok_or(refuse(WireRefusal::NotTheirs))?;
            if !acts.theirs(membership, home, &client) {
                return Err(refuse(WireRefusal::NotTheirs));
            }
            Some(client)
        }
        Reach::Home | Reach::Firm | Reach::Audit | Reach::Platform | Reach::Admission if asked.client.is_some() => {
            return Err(refuse(WireRefusal::NotTheirs));
        }
        Reach::Home | Reach::Firm | Reach::Audit | Reach::Platform => None,
        Reach::Admission => Some(admission.as_ref().ok_or(refuse(WireRefusal::NotTheirs))?.client.clone()),
    };

    let (firm, person) = (acts_as.firm.clone(), asker.person().clone());
    let tags = match &admission {
        Some(admission) => admission.tags(&person),
        None => tags(scoped, &firm, client.as_ref(), &person, &acts, &powers),
    };
    let viewing = acts.viewed();
    let grant = Grant {
        firm,
        person,
        role: acts.role,
        adjusted: acts.adjusted.clone(),
        session: asker.id(),
        confirmed_at: match asker {
            Asker::Session(session) => session.confirmed_at,
            Asker::Token(_) => None,
        },
        session_ends: match asker {
            Asker::Session(session) => Some(session.ends()),
            Asker::Token(_) => None,
        },
        enrol_by: match asker {
            Asker::Session(session) => session.enrol_by,
            Asker::Token(_) => None,
        },
        membership: acts_as.membership.clone(),
        membership_version: membership.version,
        assigned: membership.role == Role::Staff && (client.is_some() || viewing.is_some()),
        client: client.or_else(|| viewing.map(|viewed| viewed.client.clone())).or_else(|| membership.client.clone()),
        name: membership.name.clone(),
        email: membership.email.clone(),
        acting: acts.acting,
    };
    Ok(Vend { role: scoped, tags, grant })
}

/// As what somebody acts: as themselves, by a token, or looking at a client's portal as one of its people.
struct Acts {
    role: Role,
    adjusted: Adjusted,
    acting: Acting,
}

impl Acts {
    fn of(asker: &Asker, own: &MembershipRow, home: &HomeFacts, now: Timestamp) -> Result<Self, Refused> {
        let acting = match asker {
            Asker::Session(session) => match &session.viewing {
                Some(viewing) => return Self::viewing(viewing, own, home, now),
                None => Acting::SignedIn,
            },
            Asker::Token(token) => {
                Acting::Token { scopes: token.scopes.clone(), read_only: token.read_only, expires: token.expires }
            }
        };
        Ok(Self { role: own.role, adjusted: own.adjusted.clone(), acting })
    }

    /// Viewing lasts while whoever views may do so, has the client, and the viewed person belongs to it.
    fn viewing(viewing: &Viewing, own: &MembershipRow, home: &HomeFacts, now: Timestamp) -> Result<Self, Refused> {
        let over = Refused::quietly(WireRefusal::ViewingOver);
        let viewed = home.viewed.as_ref().filter(|viewed| {
            viewed.active && viewed.role.is_client() && viewed.client.as_ref() == Some(&viewing.client)
        });
        let allowed = may(own.role, &own.adjusted, State::Plain, PermissionName::ViewAsClient)
            && works_on(own, home, &viewing.client)
            && !home.archived.contains(&viewing.client);
        let viewed = viewed.filter(|_| allowed && now < viewing.until).ok_or(over)?;
        let acting = Acting::Viewing(ViewedAs {
            person: viewing.person.clone(),
            name: viewed.name.clone(),
            email: viewed.email.clone(),
            client: viewing.client.clone(),
            membership_version: viewed.version,
            until: viewing.until,
            own_role: own.role,
        });
        Ok(Self { role: viewed.role, adjusted: viewed.adjusted.clone(), acting })
    }

    fn viewed(&self) -> Option<&ViewedAs> {
        match &self.acting {
            Acting::Viewing(viewed) => Some(viewed),
            Acting::SignedIn | Acting::Token { .. } => None,
        }
    }

    fn powers(&self) -> Powers {
        let state = match &self.acting {
            Acting::SignedIn => State::Plain,
            Acting::Viewing(_) => State::ViewingAs,
            Acting::Token { read_only: false, .. } => State::Token,
            Acting::Token { read_only: true, .. } => State::ReadOnlyToken,
        };
        let mut names = all(self.role, &self.adjusted, state);
        if let Acting::Token { scopes, .. } = &self.acting {
            names.retain(|name| token_carries(scopes, *name));
        }
        Powers(names)
    }

    /// Whether the client is one that this person works on or belongs to. A partner has every client of the firm;
    /// whether there is such a client is found out with the keys, which reach no other firm.
    fn theirs(&self, own: &MembershipRow, home: &HomeFacts, client: &ClientId) -> bool {
        match self.viewed() {
            Some(viewed) => viewed.client == *client,
            None => works_on(own, home, client),
        }
    }
}

fn works_on(membership: &MembershipRow, home: &HomeFacts, client: &ClientId) -> bool {
    match membership.role {
        Role::ClientMember | Role::ClientAdmin => membership.client.as_ref() == Some(client),
        Role::Staff => home.assigned.contains(client) && !home.archived.contains(client),
        Role::Partner => true,
        Role::PlatformAdmin => false,
    }
}

/// All that somebody may do in the way in which they act.
struct Powers(BTreeSet<PermissionName>);

impl Powers {
    fn any(&self, wanted: impl Fn(PermissionName) -> bool) -> bool {
        self.0.iter().any(|name| wanted(*name))
    }

    fn reach(&self, reach: Reach) -> bool {
        self.any(|name| name.reach() == reach)
    }

    fn billing(&self) -> bool {
        self.any(PermissionName::is_billing)
    }

    fn internal(&self) -> bool {
        self.any(PermissionName::is_internal)
    }

    /// More of the firm than its views.
    fn of_firm(&self) -> bool {
        self.any(|name| name.reach() == Reach::Firm && name != PermissionName::ViewFirm)
    }
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

/// The role to assume, or why there is none. An operator has no firm, and nobody else has the platform. The readers of
/// documents differ in which audiences they read.
fn role_for(acts: &Acts, powers: &Powers, reach: Reach) -> Result<&'static str, WireRefusal> {
    let viewing = acts.viewed().is_some();
    match (reach, acts.role) {
        (Reach::Client | Reach::Objects | Reach::Firm | Reach::Audit, Role::PlatformAdmin) => {
            Err(WireRefusal::NotTheirs)
        }
        (Reach::Client | Reach::Objects, _) if !powers.reach(Reach::Client) => Err(WireRefusal::Lacks),
        (Reach::Client, _) if viewing => Ok("ClientView"),
        (Reach::Client, Role::ClientMember) => Ok("ClientMember"),
        (Reach::Client, Role::ClientAdmin) => Ok("ClientAdmin"),
        (Reach::Client, Role::Staff | Role::Partner) => Ok("Staff"),
        (Reach::Objects, _) => Ok(match (powers.billing(), powers.internal()) {
            (true, true) => "DocFirm",
            (true, false) => "DocBill",
            (false, true) => "DocInt",
            (false, false) => "DocOpen",
        }),
        (Reach::Home, Role::PlatformAdmin) => Err(WireRefusal::Lacks),
        (Reach::Home, _) if viewing => Ok("HomeView"),
        (Reach::Home, _) => Ok("Home"),
        (Reach::Firm, Role::Partner) if powers.of_firm() => Ok("Partner"),
        (Reach::Firm, Role::Staff | Role::Partner) if powers.reach(Reach::Firm) => Ok("FirmViews"),
        (Reach::Audit, Role::Partner) if powers.reach(Reach::Audit) => Ok("Auditor"),
        (Reach::Firm | Reach::Audit, _) => Err(WireRefusal::Lacks),
        (Reach::Platform, Role::PlatformAdmin) if powers.reach(Reach::Platform) => Ok("PlatformAdmin"),
        (Reach::Platform, Role::PlatformAdmin) => Err(WireRefusal::Lacks),
        (Reach::Admission, Role::PlatformAdmin) if powers.0.contains(&PermissionName::BreakGlass) => Ok("BreakGlass"),
        (Reach::Admission, Role::PlatformAdmin) => Err(WireRefusal::Lacks),
        (Reach::Platform | Reach::Admission, _) => Err(WireRefusal::NotTheirs),
    }
}

/// An operator's admission that is open, as the firm has it.
struct Admitted {
    firm: FirmId,
    client: ClientId,
    ticket: String,
}

impl Admitted {
    fn tags(&self, person: &PersonId) -> Tags {
        Tags(vec![
            ("t", self.firm.to_string()),
            ("c", self.client.to_string()),
            ("u", person.to_string()),
            ("ticket", self.ticket.clone()),
        ])
    }
}

/// The admission that was asked for, if it lets this person in at this moment.
fn admission(asked: &WireVend, home: &HomeFacts, person: &PersonId, now: Timestamp) -> Option<Admitted> {
    let of = asked.admission.as_ref().filter(|_| asked.reach == Reach::Admission)?;
    let found = home.admissions.iter().find(|(firm, row)| *firm == of.firm && row.admission == of.admission);
    let (firm, row) = found.filter(|(_, row)| row.admits(person, now))?;
    Some(Admitted { firm: firm.clone(), client: row.client.clone(), ticket: row.ticket.as_str().to_owned() })
}

/// What the policies of a role compare with: `t` firm, `c` client, `u` person, `v` the person viewed as; and what it
/// reaches beside that, money (`b`) and what is internal (`i`).
fn tags(role: &str, firm: &FirmId, client: Option<&ClientId>, person: &PersonId, acts: &Acts, powers: &Powers) -> Tags {
    let said = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let mut tags = Vec::new();
    if role != "PlatformAdmin" {
        tags.push(("t", firm.to_string()));
    }
    tags.extend(client.map(|client| ("c", client.to_string())));
    tags.push(("u", person.to_string()));
    if matches!(role, "ClientView" | "HomeView") {
        tags.extend(acts.viewed().map(|viewed| ("v", viewed.person.to_string())));
    }
    if matches!(role, "ClientMember" | "ClientAdmin" | "Staff" | "ClientView") {
        tags.push(("b", said(powers.billing())));
    }
    if role == "Staff" {
        tags.push(("i", said(powers.internal())));
    }
    Tags(tags)
}

#[cfg(test)]
mod tests;
