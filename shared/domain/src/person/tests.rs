use super::*;

fn check_phone(input: &str, want: Result<&str, PhoneRefused>) {
    assert_eq!(Phone::parse(input).as_ref().map(Phone::as_str), want.as_ref().copied(), "{input:?}");
}

#[test]
fn phones_have_a_country_code() {
    check_phone(" +1 (555) 010-0199 ", Ok("+15550100199"));
    check_phone("+49 30/901.820", Ok("+4930901820"));
    check_phone("555 010 0199", Err(PhoneRefused::NoCountryCode));
    check_phone("+0155501001", Err(PhoneRefused::NoCountryCode));
    check_phone("+1 555 CALL NOW", Err(PhoneRefused::NotANumber));
    check_phone("+1 555 010 0199\n", Ok("+15550100199"));
    check_phone("+1 555\n010 0199", Err(PhoneRefused::NotANumber));
    check_phone("+1555010", Err(PhoneRefused::Length));
    check_phone("+1234567890123456", Err(PhoneRefused::Length));
    check_phone("+", Err(PhoneRefused::Length));
    check_phone("+１５５５０１０", Err(PhoneRefused::NotANumber));
}

fn typed(role: &str, client: Option<&str>) -> NewPerson {
    NewPerson {
        name: " Ada Pryce ".into(),
        email: "Ada@Firm.example".into(),
        role: role.into(),
        client: client.map(str::to_owned),
        phone: None,
    }
}

/// The fields that are refused; none when the order is accepted.
fn check_order(new: &NewPerson, want: &[&str]) {
    let refused = PersonOrder::parse(new).err().unwrap_or_default();
    assert_eq!(refused.iter().map(|refused| refused.field).collect::<Vec<_>>(), want, "{new:?}");
}

#[test]
fn orders_are_parsed_whole() {
    let client = ClientId::from_bits(7);
    check_order(&typed("staff", None), &[]);
    check_order(&typed("partner", Some("")), &[]);
    check_order(&typed("client_admin", Some(client.as_str())), &[]);
    check_order(&typed("client_member", None), &["client"]);
    check_order(&typed("client_member", Some("x")), &["client"]);
    check_order(&typed("staff", Some(client.as_str())), &["client"]);
    check_order(&typed("platform_admin", None), &["role"]);
    check_order(&typed("owner", None), &["role"]);
    check_order(&NewPerson { phone: Some("12".into()), ..typed("staff", None) }, &["phone"]);
    check_order(&NewPerson { phone: Some(" ".into()), ..typed("staff", None) }, &[]);
    check_order(&NewPerson::default(), &["name", "email", "role"]);

    let order = PersonOrder::parse(&typed("client_admin", Some(client.as_str()))).unwrap();
    assert_eq!((order.name.as_str(), order.email.as_str()), ("Ada Pryce", "ada@firm.example"));
    assert_eq!(order.membership(), Membership::Client(client));
}

#[test]
fn memberships_have_names() {
    for membership in [Membership::Firm, Membership::Client(ClientId::from_bits(7))] {
        assert_eq!(Membership::parse(membership.as_str()), Some(membership));
    }
    assert_eq!(Membership::parse("PLATFORM"), None);
}

fn member(role: Role) -> Member {
    Member {
        name: "Ada Pryce".into(),
        email: EmailAddress::parse("ada@firm.example").unwrap(),
        role,
        phone: Some("+15550100199".into()),
        active: true,
        ended_at: None,
        adjusted: Adjusted::default(),
        by_firm: crate::person::company::ByFirm::default(),
        version: 3,
    }
}

/// The version and phone that an order of a staff member leads to.
fn check_admitted(known: Option<Member>, want: u64, phone: Option<&str>) {
    let order = PersonOrder::parse(&typed("staff", None)).unwrap();
    let admitted = admit(known.as_ref(), &order);
    assert_eq!((admitted.version, admitted.phone.as_deref()), (want, phone), "{known:?}");
    assert!(admitted.active && admitted.role == Role::Staff);
}

#[test]
fn only_a_change_counts() {
    check_admitted(None, 1, None);
    check_admitted(Some(member(Role::Staff)), 3, Some("+15550100199"));
    check_admitted(Some(member(Role::Partner)), 4, Some("+15550100199"));
    check_admitted(Some(Member { active: false, ..member(Role::Staff) }), 4, Some("+15550100199"));
    check_admitted(Some(Member { name: "Ada".into(), phone: None, ..member(Role::Staff) }), 4, None);
}

/// Whether the person is on the team, and for which side.
fn check_team(of_firm: Option<Member>, of_client: Option<Member>, assigned: bool, want: Option<bool>) {
    let found = on_team(&PersonId::from_bits(1), of_firm.as_ref(), of_client.as_ref(), assigned);
    assert_eq!(found.map(|found| found.of_client), want, "{of_firm:?} {of_client:?} {assigned}");
}

#[test]
fn the_team_is_assigned_staff_and_the_clients_own() {
    let gone = |role| Member { active: false, ..member(role) };
    check_team(Some(member(Role::Staff)), None, true, Some(false));
    check_team(Some(member(Role::Staff)), None, false, None);
    check_team(Some(gone(Role::Staff)), None, true, None);
    check_team(Some(member(Role::Partner)), None, true, Some(false));
    check_team(Some(member(Role::Partner)), None, false, None);
    check_team(None, None, true, None);
    check_team(None, Some(member(Role::ClientMember)), false, Some(true));
    check_team(None, Some(gone(Role::ClientAdmin)), false, None);
    check_team(Some(member(Role::Staff)), Some(member(Role::ClientAdmin)), true, Some(false));
    check_team(Some(member(Role::Staff)), Some(member(Role::ClientAdmin)), false, Some(true));
}
