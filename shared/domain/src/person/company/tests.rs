use super::*;
use crate::person::Membership;
use crate::person::change::{Around, change};
use crate::{EmailAddress, Timestamp};

fn member(role: Role) -> Member {
    Member {
        name: "Ada".into(),
        email: EmailAddress::parse("ada@x.example").unwrap(),
        role,
        phone: None,
        active: true,
        ended_at: None,
        adjusted: Adjusted::default(),
        by_firm: crate::person::company::ByFirm::default(),
        version: 4,
    }
}

fn managing(role: Role) -> Member {
    Member { adjusted: Adjusted { granted: [Name::ManageCompany].into(), ..Adjusted::default() }, ..member(role) }
}

fn orderer(role: Role) -> Orderer {
    Orderer::acting(role, &managing(role).adjusted).unwrap()
}

#[test]
fn who_may_order_is_who_manages_the_company_now() {
    let company = ClientId::from_bits(7);
    let check = |of_firm: Option<Member>, assigned: bool, of_company: Option<Member>, want: Option<Role>| {
        let assigned = if assigned { vec![company.clone()] } else { vec![ClientId::from_bits(8)] };
        let found = Orderer::found(of_firm.as_ref(), &assigned, of_company.as_ref(), &company);
        let found = found.map(|found| match found {
            Orderer::Firm => Role::Partner,
            Orderer::Other { role, .. } => role,
        });
        assert_eq!(found, want, "{of_firm:?} {assigned:?} {of_company:?}");
    };
    let gone = |member: Member| Member { active: false, ..member };
    let mut robbed = member(Role::ClientAdmin);
    robbed.adjusted.removed = [Name::ManageCompany].into();
    check(Some(member(Role::Partner)), false, None, Some(Role::Partner));
    check(Some(member(Role::Partner)), false, Some(member(Role::ClientAdmin)), Some(Role::Partner));
    check(Some(gone(member(Role::Partner))), true, None, None);
    check(Some(managing(Role::Staff)), true, None, Some(Role::Staff));
    check(Some(managing(Role::Staff)), false, None, None);
    check(Some(member(Role::Staff)), true, None, None);
    check(None, false, Some(member(Role::ClientAdmin)), Some(Role::ClientAdmin));
    check(None, false, Some(gone(member(Role::ClientAdmin))), None);
    check(None, false, Some(robbed), None);
    check(None, false, Some(managing(Role::ClientMember)), None);
    check(None, true, None, None);
}

#[test]
fn an_invitation_changes_nobody_who_is_here() {
    for (here, role, want) in [
        (Role::ClientMember, Role::ClientMember, OrderRefused::AlreadyHere),
        (Role::ClientAdmin, Role::ClientAdmin, OrderRefused::AlreadyHere),
        (Role::ClientMember, Role::ClientAdmin, OrderRefused::OtherRole),
    ] {
        let invited = Invited { here: Some(here), ..Invited::default() };
        for by in [Role::ClientAdmin, Role::Partner] {
            assert_eq!(check_invitation(role, invited, &orderer(by)), Err(want), "{here:?} {role:?} {by:?}");
        }
    }
}

#[test]
fn nobody_invites_themselves_or_people_of_the_firm_and_staff_name_no_admins() {
    let (own, of_firm, other) = (
        Invited { own: true, of_firm: true, ..Invited::default() },
        Invited { of_firm: true, ..Invited::default() },
        Invited::default(),
    );
    for (by, role, invited, want) in [
        (Role::Staff, Role::ClientAdmin, own, Err(OrderRefused::Own)),
        (Role::Staff, Role::ClientMember, own, Err(OrderRefused::Own)),
        (Role::Partner, Role::ClientAdmin, own, Err(OrderRefused::Own)),
        (Role::Staff, Role::ClientMember, of_firm, Err(OrderRefused::OfTheFirm)),
        (Role::ClientAdmin, Role::ClientMember, of_firm, Err(OrderRefused::OfTheFirm)),
        (Role::Partner, Role::ClientMember, of_firm, Err(OrderRefused::OfTheFirm)),
        (Role::Staff, Role::ClientAdmin, other, Err(OrderRefused::NoAdmins)),
        (Role::Staff, Role::ClientMember, other, Ok(())),
        (Role::ClientAdmin, Role::ClientAdmin, other, Ok(())),
        (Role::Partner, Role::ClientAdmin, other, Ok(())),
    ] {
        assert_eq!(check_invitation(role, invited, &orderer(by)), want, "{by:?} {role:?} {invited:?}");
    }
}

#[test]
fn invitations_of_a_company_have_a_pace() {
    let now: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
    let (ada, ben) = (EmailAddress::parse("ada@x.example").unwrap(), EmailAddress::parse("ben@x.example").unwrap());
    let check = |earlier: &[(Option<&EmailAddress>, i64, usize)], want: Result<(), OrderRefused>| {
        let orders = earlier.iter().flat_map(|(invited, ago_seconds, count)| {
            let at = Timestamp::from_second(now.as_second() - ago_seconds).unwrap();
            std::iter::repeat_n(Earlier { invited: *invited, at }, *count)
        });
        assert_eq!(check_pace(&ada, orders, now), want, "{earlier:?}");
    };
    let (day, again) = (DAY_SECONDS, limits::INVITATION_AGAIN_SECONDS);
    let (many, all) = (limits::COMPANY_INVITATIONS_PER_DAY, limits::COMPANY_ORDERS_PER_DAY);
    check(&[], Ok(()));
    check(&[(Some(&ada), again - 1, 1)], Err(OrderRefused::JustInvited));
    check(&[(Some(&ada), again, 1)], Ok(()));
    check(&[(Some(&ben), 1, many - 1)], Ok(()));
    check(&[(Some(&ben), 1, many)], Err(OrderRefused::TooManyToday));
    check(&[(Some(&ben), day, many)], Ok(()));
    check(&[(None, 1, all - 1)], Ok(()));
    check(&[(None, 1, all)], Err(OrderRefused::TooManyToday));
}

const PAY: Name = Name::PayInvoices;
const WRITE: Name = Name::WriteMessages;

fn taking(removed: &[Name]) -> Adjusted {
    Adjusted { removed: removed.iter().copied().collect(), ..Adjusted::default() }
}

fn granting(granted: &[Name]) -> Adjusted {
    Adjusted { granted: granted.iter().copied().collect(), ..Adjusted::default() }
}

fn admin_without(removed: &[Name]) -> Orderer {
    Orderer::acting(Role::ClientAdmin, &taking(removed)).unwrap()
}

/// The member after changes, each by somebody; or why the last one was refused.
fn after(begin: &Member, steps: &[(Change, &Orderer)]) -> Result<Member, ChangeRefused> {
    let mut member = begin.clone();
    for (asked, by) in steps {
        let around = Around { other_admins: 1, by, ..Around::default() };
        let place = Membership::Client(ClientId::from_bits(7));
        member = change(&member, &place, asked, around, Timestamp::UNIX_EPOCH)?.unwrap_or(member);
    }
    Ok(member)
}

#[test]
fn a_company_gives_back_nothing_that_the_firm_took() {
    let (firm, company) = (Orderer::Firm, admin_without(&[]));
    let (admin, member) = (Change::Role(Role::ClientAdmin), Change::Role(Role::ClientMember));
    let nothing = Change::Permissions(Adjusted::default());
    let grants = Change::Permissions(granting(&[PAY]));
    let takes = Change::Permissions(taking(&[PAY]));
    let takes_more = Change::Permissions(taking(&[PAY, WRITE]));
    let check = |role, steps: &[(&Change, &Orderer)], want: Result<bool, ChangeRefused>| {
        let steps: Vec<(Change, &Orderer)> = steps.iter().map(|(asked, by)| ((*asked).clone(), *by)).collect();
        let found = after(&self::member(role), &steps).map(|member| held(&member).contains(&PAY));
        assert_eq!(found, want, "{role:?} {steps:?}");
    };
    let refused = Err(ChangeRefused::AskTheFirm);
    let (of_admin, of_member) = (Role::ClientAdmin, Role::ClientMember);
    check(of_admin, &[(&takes, &firm), (&nothing, &company)], refused);
    check(of_admin, &[(&takes, &firm), (&takes_more, &company)], Ok(false));
    check(of_admin, &[(&takes, &firm), (&nothing, &firm)], Ok(true));
    check(of_admin, &[(&takes, &firm), (&nothing, &firm), (&takes, &company), (&nothing, &company)], Ok(true));
    // Taken by the company first, and left so by a partner who decided.
    check(of_admin, &[(&takes, &company), (&takes_more, &firm), (&nothing, &company)], refused);
    // Round about, by way of another role.
    check(of_admin, &[(&takes, &firm), (&member, &company)], Ok(false));
    check(of_admin, &[(&takes, &firm), (&member, &company), (&admin, &company)], refused);
    check(of_admin, &[(&takes, &firm), (&member, &company), (&grants, &company)], refused);
    // The role that a partner took.
    check(of_admin, &[(&member, &firm), (&admin, &company)], refused);
    check(of_admin, &[(&member, &firm), (&admin, &firm)], Ok(true));
    // What a partner had granted and grants no more.
    check(of_member, &[(&grants, &firm), (&nothing, &firm), (&grants, &company)], refused);
    // The company's own decisions are its own to take back.
    check(of_admin, &[(&takes, &company), (&nothing, &company)], Ok(true));
    check(of_admin, &[(&member, &company), (&admin, &company)], Ok(true));
    check(of_member, &[(&grants, &company)], Ok(true));
}

#[test]
fn nobody_of_a_company_gives_more_than_they_have() {
    let bounded = admin_without(&[PAY]);
    let (whole, staff) = (admin_without(&[]), orderer(Role::Staff));
    let without = |role, removed: &[Name]| Member { adjusted: taking(removed), ..member(role) };
    let grant = |names: &[Name]| Change::Permissions(granting(names));
    // Without effect today, and with one after the next change of role.
    let latent = Change::Permissions(Adjusted { granted: [PAY].into(), removed: [PAY].into() });
    let promoted = Change::Role(Role::ClientAdmin);
    let (of_admin, of_member) = (Role::ClientAdmin, Role::ClientMember);
    for (begin, asked, by, want) in [
        (member(of_member), grant(&[PAY]), &bounded, Err(ChangeRefused::BeyondOwn)),
        (member(of_member), grant(&[Name::ViewInvoices]), &bounded, Ok(false)),
        (member(of_member), grant(&[PAY]), &staff, Err(ChangeRefused::BeyondOwn)),
        (without(of_admin, &[PAY]), grant(&[]), &bounded, Err(ChangeRefused::BeyondOwn)),
        (without(of_admin, &[PAY]), latent, &bounded, Err(ChangeRefused::BeyondOwn)),
        // Had anyway, and kept.
        (member(of_admin), Change::Permissions(taking(&[WRITE])), &bounded, Ok(true)),
        (member(of_member), promoted.clone(), &bounded, Ok(false)),
        (member(of_member), promoted.clone(), &whole, Ok(true)),
        (member(of_member), promoted, &staff, Err(ChangeRefused::NoAdmins)),
    ] {
        let found = after(&begin, &[(asked.clone(), by)]).map(|member| held(&member).contains(&PAY));
        assert_eq!(found, want, "{begin:?} {asked:?} {by:?}");
    }
}

#[test]
fn whoever_the_firm_ended_comes_back_by_the_firm() {
    let (firm, company) = (Orderer::Firm, admin_without(&[]));
    for (steps, by, want) in [
        (vec![(Change::End, &firm)], &company, Err(OrderRefused::AskTheFirm)),
        (vec![(Change::End, &firm), (Change::End, &company)], &company, Err(OrderRefused::AskTheFirm)),
        (vec![(Change::End, &firm)], &firm, Ok(())),
        (vec![(Change::End, &company)], &company, Ok(())),
        (vec![(Change::End, &firm), (Change::Reinstate, &firm), (Change::End, &company)], &company, Ok(())),
    ] {
        let ended_by_firm = after(&member(Role::ClientAdmin), &steps).unwrap().by_firm.ended;
        let invited = Invited { ended_by_firm, ..Invited::default() };
        assert_eq!(check_invitation(Role::ClientMember, invited, by), want, "{steps:?} {by:?}");
    }
    let ended = after(&member(Role::ClientAdmin), &[(Change::End, &firm)]).unwrap();
    assert_eq!(after(&ended, &[(Change::Reinstate, &company)]), Err(ChangeRefused::AskTheFirm));
}

#[test]
fn whoever_comes_has_what_the_firm_and_the_inviter_leave() {
    let taken = ByFirm { removed: [PAY].into(), ended: false };
    for (role, by_firm, by, want) in [
        (Role::ClientAdmin, ByFirm::default(), admin_without(&[]), taking(&[])),
        (Role::ClientAdmin, ByFirm::default(), admin_without(&[WRITE]), taking(&[WRITE])),
        (Role::ClientMember, ByFirm::default(), admin_without(&[WRITE, PAY]), taking(&[WRITE])),
        (Role::ClientAdmin, taken.clone(), admin_without(&[WRITE]), taking(&[PAY, WRITE])),
        (Role::ClientMember, taken.clone(), admin_without(&[]), taking(&[])),
        (Role::ClientMember, ByFirm::default(), orderer(Role::Staff), taking(&[])),
        (Role::ClientAdmin, ByFirm::default(), orderer(Role::Staff), taking(&[])),
        (Role::ClientAdmin, taken, Orderer::Firm, taking(&[])),
    ] {
        let before = Member { by_firm, adjusted: granting(&[PAY]), ..member(role) };
        let admitted = arriving(before.clone(), &by);
        assert_eq!(admitted.adjusted, want, "{before:?} {by:?}");
        assert_eq!(admitted.by_firm, if by == Orderer::Firm { ByFirm::default() } else { before.by_firm });
    }
}
