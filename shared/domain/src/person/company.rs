//! What may be ordered for the people of a client's company, and by whom. The page that takes an order and the worker
//! that carries it out ask the same questions: the page for clear words, the worker because it has the last one.

use std::collections::BTreeSet;

use crate::firm::OrderRefused;
use crate::permissions::{self, Adjusted, Name, State};
use crate::person::Member;
use crate::{ClientId, Role};

/// As whom somebody orders something for a company's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orderer {
    /// A partner: what it orders is the firm's decision.
    Firm,
    /// The company's own admin, or staff whom the firm lets manage it.
    Other { role: Role, may: BTreeSet<Name> },
}

impl Orderer {
    /// Nothing for somebody who may not manage the company.
    pub fn acting(role: Role, adjusted: &Adjusted) -> Option<Self> {
        let may = permissions::all(role, adjusted, State::Plain);
        if !may.contains(&Name::ManageCompany) {
            return None;
        }
        Some(if role == Role::Partner { Orderer::Firm } else { Orderer::Other { role, may } })
    }

    /// As the homes say when the order is carried out. An order outlives neither the membership nor the assignment of
    /// whoever gave it.
    pub fn found(
        of_firm: Option<&Member>,
        assigned: &[ClientId],
        of_company: Option<&Member>,
        company: &ClientId,
    ) -> Option<Self> {
        let active = |member: &&Member| member.active;
        let acting = |member: &Member| Self::acting(member.role, &member.adjusted);
        let works = |member: &&Member| member.role == Role::Partner || assigned.contains(company);
        let of_firm = of_firm.filter(active).filter(works).and_then(acting);
        let of_company = of_company.filter(active).filter(|member| member.role.is_client()).and_then(acting);
        match (of_firm, of_company) {
            (Some(Orderer::Firm), _) => Some(Orderer::Firm),
            (of_firm, of_company) => of_company.or(of_firm),
        }
    }

    /// Staff come and go: who speaks for a company is named by the company or by a partner.
    pub fn names_admins(&self) -> bool {
        matches!(self, Orderer::Firm | Orderer::Other { role: Role::ClientAdmin, .. })
    }
}

/// Whom an invitation to a company is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Invited {
    /// Whoever orders it.
    pub own: bool,
    /// Belongs to the firm. Somebody who works for the firm would keep a company's access after the end of the work, so
    /// that it is given where partners give access.
    pub of_firm: bool,
}

/// Whether somebody may be invited to a company from the company's own list of people.
pub fn check_invitation(role: Role, invited: Invited, by: &Orderer) -> Result<(), OrderRefused> {
    if invited.own {
        return Err(OrderRefused::Own);
    }
    if invited.of_firm {
        return Err(OrderRefused::OfTheFirm);
    }
    if role == Role::ClientAdmin && !by.names_admins() {
        return Err(OrderRefused::NoAdmins);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
