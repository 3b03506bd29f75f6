//! What may be ordered for the people of a client's company, and by whom. The page that takes an order and the worker
//! that carries it out ask the same questions: the page for clear words, the worker because it has the last one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::firm::OrderRefused;
use crate::permissions::{self, Adjusted, Name, State};
use crate::person::Member;
use crate::person::change::{Change, ChangeRefused};
use crate::{ClientId, EmailAddress, Role, Timestamp, limits};

/// What partners decided about somebody of a company. It stands beside what holds now, which the company may change too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByFirm {
    /// Taken by a partner, with the role or by itself.
    #[serde(rename = "removed_by_firm", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed: BTreeSet<Name>,
    /// Whoever ended the membership was a partner.
    #[serde(rename = "ended_by_firm", default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

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

/// A partner's own change, where nothing else is said.
pub(crate) static FIRM: Orderer = Orderer::Firm;

fn held(member: &Member) -> BTreeSet<Name> {
    permissions::all(member.role, &member.adjusted, State::Plain)
}

/// What a change of role or permissions comes to when this one asks for it. A partner's is remembered as the firm's; any
/// other gives back nothing that the firm took, and no more than whoever asks has.
pub(crate) fn bounded(
    before: &Member,
    mut next: Member,
    change: &Change,
    by: &Orderer,
) -> Result<Member, ChangeRefused> {
    let (had, has) = (held(before), held(&next));
    let Orderer::Other { may, .. } = by else {
        if next.role.is_client() {
            next.by_firm.removed.extend(had.difference(&has).copied());
            if matches!(change, Change::Permissions(_)) {
                // Whatever the partner saw taken and left so.
                next.by_firm.removed.extend(next.adjusted.removed.iter().copied());
            }
            next.by_firm.removed.retain(|name| !has.contains(name));
        }
        return Ok(next);
    };
    // What is granted beside a role that has it anyway comes to count with the next role.
    let granted = next.adjusted.granted.difference(&before.adjusted.granted);
    let gained: BTreeSet<Name> = has.difference(&had).chain(granted).copied().collect();
    if !gained.is_disjoint(&before.by_firm.removed) {
        return Err(ChangeRefused::AskTheFirm);
    }
    match change {
        Change::Role(role) => {
            if *role == Role::ClientAdmin && before.role != Role::ClientAdmin && !by.names_admins() {
                return Err(ChangeRefused::NoAdmins);
            }
            let beyond: BTreeSet<Name> = gained.difference(may).copied().collect();
            next.adjusted.granted.retain(|name| !beyond.contains(name));
            next.adjusted.removed.extend(beyond);
        }
        Change::Permissions(_) if !gained.is_subset(may) => return Err(ChangeRefused::BeyondOwn),
        Change::Permissions(_) | Change::End | Change::Reinstate => (),
    }
    Ok(next)
}

/// Somebody who comes, or comes again: what was granted and taken belongs to the time before, except for what the firm
/// took. Whoever invites for a company hands on what was taken from the own role.
pub fn arriving(mut admitted: Member, by: &Orderer) -> Member {
    admitted.adjusted = Adjusted::default();
    match by {
        Orderer::Firm => admitted.by_firm = ByFirm::default(),
        Orderer::Other { role, may } => {
            // What the inviter's role never has, such as to answer what the firm asks for, was not taken from it.
            let lacked = |name: &Name| name.held_by(*role) && !may.contains(name);
            let taken = |name: &Name| name.is_removable() && (admitted.by_firm.removed.contains(name) || lacked(name));
            admitted.adjusted.removed = held(&admitted).into_iter().filter(taken).collect();
        }
    }
    admitted
}

/// Whom an invitation to a company is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Invited {
    /// Whoever orders it.
    pub own: bool,
    /// Belongs to the firm. Somebody who works for the firm would keep a company's access after the end of the work, so
    /// that it is given where partners give access.
    pub of_firm: bool,
    /// Is in the company, in this role.
    pub here: Option<Role>,
    /// Was in the company until a partner ended it.
    pub ended_by_firm: bool,
}

/// Whether somebody may be invited to a company from the company's own list of people.
pub fn check_invitation(role: Role, invited: Invited, by: &Orderer) -> Result<(), OrderRefused> {
    if invited.own {
        return Err(OrderRefused::Own);
    }
    if invited.of_firm {
        return Err(OrderRefused::OfTheFirm);
    }
    match invited.here {
        // An invitation that is carried out writes a name and a phone number, which are the person's and not the
        // inviter's.
        Some(here) if here == role => return Err(OrderRefused::AlreadyHere),
        Some(_) => return Err(OrderRefused::OtherRole),
        None => (),
    }
    if invited.ended_by_firm && *by != Orderer::Firm {
        return Err(OrderRefused::AskTheFirm);
    }
    if role == Role::ClientAdmin && !by.names_admins() {
        return Err(OrderRefused::NoAdmins);
    }
    Ok(())
}

/// An order that a company gave before.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// To which address an invitation went, or goes; none for a change, and for one that was refused.
    pub invited: Option<&'a EmailAddress>,
    pub at: Timestamp,
}

/// Whether one more invitation is taken now. Each is a mail in the firm's name, to an address that anybody may type.
pub fn check_pace<'a>(
    email: &EmailAddress,
    earlier: impl IntoIterator<Item = Earlier<'a>>,
    now: Timestamp,
) -> Result<(), OrderRefused> {
    let (mut orders, mut invitations) = (0, 0);
    for order in earlier {
        let age_seconds = now.as_second() - order.at.as_second();
        if age_seconds >= DAY_SECONDS {
            continue;
        }
        orders += 1;
        let Some(invited) = order.invited else { continue };
        invitations += 1;
        if invited == email && age_seconds < limits::INVITATION_AGAIN_SECONDS {
            return Err(OrderRefused::JustInvited);
        }
    }
    let is_full = invitations >= limits::COMPANY_INVITATIONS_PER_DAY || orders >= limits::COMPANY_ORDERS_PER_DAY;
    if is_full { Err(OrderRefused::TooManyToday) } else { Ok(()) }
}

const DAY_SECONDS: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests;
