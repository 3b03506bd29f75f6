use super::*;
use crate::EmailAddress;

fn member(role: Role) -> Member {
    Member {
        name: "Ada".into(),
        email: EmailAddress::parse("ada@x.example").unwrap(),
        role,
        phone: None,
        active: true,
        ended_at: None,
        adjusted: Adjusted::default(),
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
fn nobody_invites_themselves_or_people_of_the_firm_and_staff_name_no_admins() {
    let (own, of_firm, other) =
        (Invited { own: true, of_firm: true }, Invited { of_firm: true, ..Invited::default() }, Invited::default());
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
