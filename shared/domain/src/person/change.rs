//! Changing what somebody is: another role, single permissions, the end of a membership and its return. Pure: who asks
//! and who else is there are arguments.

use crate::permissions::{Adjusted, AdjustmentRefused};
use crate::person::company::{self, Orderer};
use crate::person::{Member, Membership};
use crate::{Role, Timestamp};

/// What is to become of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Role(Role),
    Permissions(Adjusted),
    End,
    Reinstate,
}

/// What is true around a membership while it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around<'a> {
    /// Whoever changes it is the person itself.
    pub own: bool,
    /// Other active admins of the same client; of no meaning for people of the firm.
    pub other_admins: usize,
    /// Whoever changes it was told that it is the client's last admin, and goes on.
    pub even_last_admin: bool,
    /// As whom it is changed.
    pub by: &'a Orderer,
}

impl Default for Around<'_> {
    fn default() -> Self {
        Self { own: false, other_admins: 0, even_last_admin: false, by: &company::FIRM }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefused {
    /// With it there is always somebody left: whoever ends another's membership keeps the own.
    #[error("This is your own access. Somebody else with the same rights has to change it.")]
    Own,
    #[error("This is the client's last admin. Name another admin first, or confirm that it shall have none.")]
    LastAdmin,
    #[error("People of the firm are staff or partners, and people of a client are its admins or members.")]
    OtherSide,
    #[error("This access has ended. Bring it back first.")]
    Ended,
    #[error("The firm decided this. Ask the firm to change it.")]
    AskTheFirm,
    #[error("You can give no more than you have yourself. Ask the firm.")]
    BeyondOwn,
    #[error("An admin is named by the company's own admins or by a partner.")]
    NoAdmins,
    #[error(transparent)]
    Permissions(#[from] AdjustmentRefused),
}

/// The membership after the change, under its next version; none where it is like that already.
pub fn change(
    member: &Member,
    membership: &Membership,
    change: &Change,
    around: Around<'_>,
    now: Timestamp,
) -> Result<Option<Member>, ChangeRefused> {
    if around.own {
        return Err(ChangeRefused::Own);
    }
    let mut next = member.clone();
    match change {
        Change::Role(role) => {
            living(member)?;
            if !role_fits(*role, membership) {
                return Err(ChangeRefused::OtherSide);
            }
            next.role = *role;
            next.adjusted = fitted(&member.adjusted, *role);
        }
        Change::Permissions(adjusted) => {
            living(member)?;
            adjusted.check(member.role)?;
            next.adjusted = adjusted.clone();
        }
        Change::End => {
            // Whoever ended it first has ended it.
            next.by_firm.ended = if member.active { *around.by == Orderer::Firm } else { member.by_firm.ended };
            next.active = false;
            next.ended_at = member.ended_at.or(Some(now));
        }
        Change::Reinstate => {
            if member.by_firm.ended && *around.by != Orderer::Firm {
                return Err(ChangeRefused::AskTheFirm);
            }
            next.active = true;
            next.ended_at = None;
            next.by_firm.ended = false;
        }
    }
    if matches!(change, Change::Role(_) | Change::Permissions(_)) {
        next = company::bounded(member, next, change, around.by)?;
    }
    if next == *member {
        return Ok(None);
    }
    if leads(member) && !leads(&next) && around.other_admins == 0 && !around.even_last_admin {
        return Err(ChangeRefused::LastAdmin);
    }
    next.version += 1;
    Ok(Some(next))
}

/// Whether a role is one of the place: the firm, or a client.
pub fn role_fits(role: Role, membership: &Membership) -> bool {
    match membership {
        Membership::Firm => matches!(role, Role::Staff | Role::Partner),
        Membership::Client(_) => role.is_client(),
    }
}

/// What can be given to and taken from somebody of this role, of what was.
pub fn fitted(adjusted: &Adjusted, role: Role) -> Adjusted {
    Adjusted {
        granted: adjusted.granted.iter().copied().filter(|name| name.grantable_to(role)).collect(),
        removed: adjusted.removed.iter().copied().filter(|name| name.held_by(role) && name.is_removable()).collect(),
    }
}

fn living(member: &Member) -> Result<(), ChangeRefused> {
    if member.active { Ok(()) } else { Err(ChangeRefused::Ended) }
}

/// An admin who speaks for a client.
fn leads(member: &Member) -> bool {
    member.active && member.role == Role::ClientAdmin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::Name;
    use crate::{ClientId, EmailAddress};

    fn member(role: Role) -> Member {
        Member {
            name: "Ada".into(),
            email: EmailAddress::parse("ada@x.example").unwrap(),
            role,
            phone: None,
            active: true,
            ended_at: None,
            adjusted: Adjusted::default(),
            by_firm: company::ByFirm::default(),
            version: 4,
        }
    }

    fn of_client() -> Membership {
        Membership::Client(ClientId::from_bits(7))
    }

    fn check(role: Role, asked: &Change, around: Around<'_>, want: Result<bool, ChangeRefused>) {
        let membership = if role.is_client() { of_client() } else { Membership::Firm };
        let found = change(&member(role), &membership, asked, around, Timestamp::UNIX_EPOCH);
        assert_eq!(found.as_ref().map(Option::is_some).map_err(|why| *why), want, "{role:?} {asked:?} {around:?}");
        if let Ok(Some(next)) = found {
            assert_eq!(next.version, 5, "{role:?} {asked:?}");
        }
    }

    #[test]
    fn nobody_changes_the_own_access_so_somebody_is_always_left() {
        let own = Around { own: true, other_admins: 3, even_last_admin: true, ..Around::default() };
        for asked in [Change::End, Change::Role(Role::Staff), Change::Permissions(Adjusted::default())] {
            check(Role::Partner, &asked, own, Err(ChangeRefused::Own));
        }
        check(Role::Partner, &Change::End, Around::default(), Ok(true));
        check(Role::Partner, &Change::Role(Role::Staff), Around::default(), Ok(true));
        check(Role::Staff, &Change::Role(Role::Staff), Around::default(), Ok(false));
    }

    #[test]
    fn the_last_admin_goes_only_with_a_warning() {
        let alone = Around::default();
        check(Role::ClientAdmin, &Change::End, alone, Err(ChangeRefused::LastAdmin));
        check(Role::ClientAdmin, &Change::Role(Role::ClientMember), alone, Err(ChangeRefused::LastAdmin));
        check(Role::ClientAdmin, &Change::End, Around { even_last_admin: true, ..alone }, Ok(true));
        check(Role::ClientAdmin, &Change::End, Around { other_admins: 1, ..alone }, Ok(true));
        check(Role::ClientMember, &Change::End, alone, Ok(true));
    }

    #[test]
    fn roles_stay_on_their_side() {
        check(Role::Staff, &Change::Role(Role::ClientAdmin), Around::default(), Err(ChangeRefused::OtherSide));
        check(Role::ClientMember, &Change::Role(Role::Partner), Around::default(), Err(ChangeRefused::OtherSide));
        check(Role::Staff, &Change::Role(Role::PlatformAdmin), Around::default(), Err(ChangeRefused::OtherSide));
    }

    #[test]
    fn an_end_keeps_what_was_and_comes_back_whole() {
        let removed = Adjusted { removed: [Name::ViewInternal].into(), ..Adjusted::default() };
        let before = Member { adjusted: removed, ..member(Role::Staff) };
        let now = "2026-11-24T15:00:00Z".parse().unwrap();
        let step = |from: &Member, asked| change(from, &Membership::Firm, &asked, Around::default(), now);
        let ended = step(&before, Change::End).unwrap().unwrap();
        assert_eq!((ended.active, ended.ended_at), (false, Some(now)));
        assert_eq!(step(&ended, Change::End), Ok(None));
        assert_eq!(step(&ended, Change::Role(Role::Partner)), Err(ChangeRefused::Ended));
        let back = step(&ended, Change::Reinstate).unwrap().unwrap();
        assert_eq!(back, Member { version: 6, ..before });
    }

    #[test]
    fn another_role_keeps_only_what_fits_it() {
        let adjusted = Adjusted { granted: [Name::ViewInvoices].into(), removed: [Name::WriteMessages].into() };
        let before = Member { adjusted, ..member(Role::ClientMember) };
        let asked = Change::Role(Role::ClientAdmin);
        let next = change(&before, &of_client(), &asked, Around::default(), Timestamp::UNIX_EPOCH).unwrap().unwrap();
        assert!(next.adjusted.granted.is_empty() && next.adjusted.removed.contains(&Name::WriteMessages));
        check(
            Role::Staff,
            &Change::Permissions(Adjusted { granted: [Name::ChangeRoles].into(), ..Adjusted::default() }),
            Around::default(),
            Err(ChangeRefused::Permissions(AdjustmentRefused::NotGrantable(Name::ChangeRoles))),
        );
    }
}
