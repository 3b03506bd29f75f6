use super::*;
use crate::person::NewPerson;
use crate::{EmailAddress, Role};

fn typed() -> NewFirm {
    NewFirm {
        name: "Hartwell & Pryce".into(),
        domain: " Hartwell.Example ".into(),
        zone: "America/New_York".into(),
        accent: Some("#1F5F8B".into()),
        packs: vec!["litigation".into(), "tax".into(), "litigation".into()],
        partner_name: "Ada Pryce".into(),
        partner_email: "ada@hartwell.example".into(),
    }
}

/// The fields that are refused; none when the order is accepted.
fn check(new: &NewFirm, want: &[&str]) {
    let refused = FirmOrder::parse(new).err().unwrap_or_default();
    assert_eq!(refused.iter().map(|refused| refused.field).collect::<Vec<_>>(), want, "{new:?}");
}

#[test]
fn firms_are_parsed_whole() {
    let order = FirmOrder::parse(&typed()).unwrap();
    assert_eq!(order.packs, [Pack::Litigation, Pack::Tax]);
    assert_eq!(order.accent.as_ref().map(Colour::as_str), Some("#1f5f8b"));
    assert_eq!(order.domain.as_str(), "hartwell.example");
    check(&NewFirm { accent: None, ..typed() }, &[]);
    check(&NewFirm { accent: Some(String::new()), ..typed() }, &[]);
    check(&NewFirm { accent: Some("blue".into()), ..typed() }, &["accent"]);
    check(&NewFirm { zone: "Mars/Olympus".into(), ..typed() }, &["zone"]);
    check(&NewFirm { packs: vec![], ..typed() }, &["packs"]);
    check(&NewFirm { packs: vec!["plumbing".into()], ..typed() }, &["packs"]);
    check(&NewFirm::default(), &["name", "domain", "zone", "packs", "partner_name", "partner_email"]);
}

#[test]
fn a_stored_order_reads_back() {
    let order = FirmOrder::parse(&typed()).unwrap();
    assert_eq!(serde_json::from_value::<FirmOrder>(serde_json::to_value(&order).unwrap()).unwrap(), order);
    let person = PersonOrder::parse(&person("staff", None)).unwrap();
    for order in [Order::Person(person), Order::Client { client: ClientId::from_bits(1), name: order.name }] {
        assert_eq!(serde_json::from_value::<Order>(serde_json::to_value(&order).unwrap()).unwrap(), order);
    }
}

fn check_domain(text: &str, accepted: bool) {
    assert_eq!(Domain::parse(text).is_ok(), accepted, "{text:?}");
}

#[test]
fn domains() {
    check_domain("firm.example", true);
    check_domain("my-firm.co.example", true);
    check_domain("firm", false);
    check_domain("-firm.example", false);
    check_domain("firm..example", false);
    check_domain("fi rm.example", false);
    check_domain("firm.example/x", false);
    check_domain(&format!("{}.example", "a".repeat(64)), false);
}

fn person(role: &str, client: Option<&ClientId>) -> NewPerson {
    NewPerson {
        name: "Ben Ito".into(),
        email: "ben@firm.example".into(),
        role: role.into(),
        client: client.map(ToString::to_string),
        phone: None,
    }
}

fn known(role: Role, active: bool) -> Member {
    Member {
        name: "Ben Ito".into(),
        email: EmailAddress::parse("ben@firm.example").unwrap(),
        role,
        phone: None,
        active,
        ended_at: None,
        adjusted: Adjusted::default(),
        by_firm: crate::person::company::ByFirm::default(),
        version: 1,
    }
}

fn check_person(role: &str, exists: bool, known: Option<&Member>, want: Result<(), OrderRefused>) {
    let client = role.starts_with("client").then(|| ClientId::from_bits(7));
    let order = PersonOrder::parse(&person(role, client.as_ref())).unwrap();
    assert_eq!(check_order(&order, exists, known), want, "{role} {exists} {known:?}");
}

#[test]
fn an_order_needs_its_client_and_changes_no_role() {
    check_person("client_member", true, None, Ok(()));
    check_person("client_member", false, None, Err(OrderRefused::NoSuchClient));
    check_person("staff", false, None, Ok(()));
    check_person("staff", false, Some(&known(Role::Staff, true)), Ok(()));
    check_person("staff", false, Some(&known(Role::Partner, true)), Err(OrderRefused::OtherRole));
    check_person("partner", false, Some(&known(Role::Staff, true)), Err(OrderRefused::OtherRole));
    check_person("client_admin", true, Some(&known(Role::ClientMember, true)), Err(OrderRefused::OtherRole));
    // Whoever left comes back as what the invitation says.
    check_person("staff", false, Some(&known(Role::Partner, false)), Ok(()));
}

fn check_assignment(role: Option<Role>, assignments: usize, assigned: bool, want: Result<bool, AssignmentRefused>) {
    assert_eq!(assign(Assignee { role, assignments, assigned }), want, "{role:?} {assignments} {assigned}");
}

#[test]
fn only_staff_are_assigned_and_not_without_end() {
    let count_max = crate::limits::ASSIGNMENTS_PER_PERSON_MAX;
    check_assignment(Some(Role::Staff), 0, false, Ok(true));
    check_assignment(Some(Role::Staff), count_max - 1, false, Ok(true));
    check_assignment(Some(Role::Staff), count_max, false, Err(AssignmentRefused::TooMany { count_max }));
    check_assignment(Some(Role::Staff), count_max, true, Ok(false));
    check_assignment(Some(Role::Partner), 0, false, Err(AssignmentRefused::NotStaff));
    check_assignment(Some(Role::ClientAdmin), 0, false, Err(AssignmentRefused::NotStaff));
    check_assignment(None, 0, false, Err(AssignmentRefused::NotStaff));
}

#[test]
fn an_order_is_in_the_audit_what_it_asks_for() {
    let member = |change| {
        let person = crate::PersonId::from_bits(1);
        Order::Member { person, name: "Ann".to_owned(), change, even_last_admin: false }.act()
    };
    assert_eq!(member(MemberOrder::Role { role: Role::ClientAdmin }), Act::RoleChanged);
    assert_eq!(member(MemberOrder::Permissions(Adjusted::default())), Act::PermissionsChanged);
    assert_eq!(member(MemberOrder::End), Act::MembershipEnded);
}
