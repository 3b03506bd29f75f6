//! The decision as tables: every role with every reach and every kind of client; what a firm granted and took; tokens;
//! viewing as a client; and every way in which a session ends.

use std::collections::BTreeSet;

use access::{Acting, OfFirm, WireRefusal, WireVend};
use domain::factors::Wait;
use domain::permissions::{Adjusted, Reach};
use domain::{
    AdmissionId, ClientId, EmailAddress, FirmId, PermissionName, PersonId, Role, SessionId, Timestamp, TokenId, limits,
};
use storage::{ActsAs, AdmissionRow, Asker, HomeFacts, MembershipRow, SessionRow, TokenRow, Viewing};

use super::{Refused, Vend, decide};

const REACHES: [Reach; 7] =
    [Reach::Client, Reach::Objects, Reach::Home, Reach::Firm, Reach::Audit, Reach::Platform, Reach::Admission];

/// Somebody in a role, in the middle of a session.
#[derive(Clone)]
struct World {
    asker: Option<Asker>,
    home: Option<HomeFacts>,
    operators: Vec<String>,
    asked: WireVend,
    now: Timestamp,
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

/// The client whose member the client roles are and which staff are assigned to; and one that is neither.
fn own() -> ClientId {
    ClientId::from_bits(7)
}
fn foreign() -> ClientId {
    ClientId::from_bits(8)
}

fn world(role: Role, reach: Reach, client: Option<ClientId>) -> World {
    let email = EmailAddress::parse("ada@firm.example").unwrap();
    let firm = if role == Role::PlatformAdmin { FirmId::from_bits(0) } else { FirmId::from_bits(1) };
    let company = role.is_client().then(own);
    let membership = match role {
        Role::PlatformAdmin => "PLATFORM".to_owned(),
        Role::Staff | Role::Partner => "FIRM".to_owned(),
        Role::ClientMember | Role::ClientAdmin => own().to_string(),
    };
    World {
        asker: Some(Asker::Session(SessionRow {
            session: SessionId::from_bits(3),
            person: PersonId::from_bits(4),
            email: email.clone(),
            acts_as: Some(ActsAs { firm, membership }),
            started_at: at(0),
            last_seen: at(100),
            proven: None,
            confirmed_at: None,
            waits_for: None,
            enrol_by: None,
            viewing: None,
            within: None,
        })),
        home: Some(HomeFacts {
            session: true,
            membership: Some(MembershipRow {
                role,
                client: company,
                client_name: None,
                name: "Ada".into(),
                email,
                phone: None,
                active: true,
                ended_at: None,
                adjusted: domain::permissions::Adjusted::default(),
                by_firm: domain::person::company::ByFirm::default(),
                version: 5,
            }),
            assigned: if role == Role::Staff { BTreeSet::from([own()]) } else { BTreeSet::new() },
            suspended: false,
            archived: BTreeSet::new(),
            viewed: None,
            admissions: Vec::new(),
        }),
        operators: vec!["ops@portico.example".into(), "ada@firm.example".into()],
        asked: WireVend { session: "h".into(), bearer: false, reach, client, admission: None },
        now: at(200),
    }
}

impl World {
    fn decide(&self) -> Result<Vend, Refused> {
        decide(self.asker.as_ref(), self.home.as_ref(), &self.operators, &self.asked, self.now)
    }
}

fn said(answer: &Result<Vend, Refused>) -> String {
    match answer {
        Ok(vend) => {
            let tags: Vec<&str> = vend.tags.pairs().iter().map(|(name, _)| *name).collect();
            format!("{} {}", vend.role, tags.concat())
        }
        Err(Refused { why: WireRefusal::SignedOut, .. }) => "out".into(),
        Err(Refused { why: WireRefusal::NotTheirs, .. }) => "-".into(),
        Err(Refused { why: WireRefusal::Lacks, .. }) => "lacks".into(),
        Err(Refused { why: WireRefusal::Waits(wait), .. }) => format!("waits {wait:?}"),
        Err(Refused { why: WireRefusal::Suspended, .. }) => "suspended".into(),
        Err(Refused { why: WireRefusal::ViewingOver, .. }) => "over".into(),
    }
}

/// Reviewed as text: a change of this table is a change of who reaches what.
const TABLE: &str = "
reach     client   client_member      client_admin       staff              partner            platform_admin
client    own      ClientMember tcub  ClientAdmin tcub   Staff tcubi        Staff tcubi        -
client    foreign  -                  -                  -                  Staff tcubi        -
client    none     -                  -                  -                  -                  -
objects   own      DocOpen tcu        DocBill tcu        DocFirm tcu        DocFirm tcu        -
objects   foreign  -                  -                  -                  DocFirm tcu        -
objects   none     -                  -                  -                  -                  -
home      own      -                  -                  -                  -                  lacks
home      foreign  -                  -                  -                  -                  lacks
home      none     Home tu            Home tu            Home tu            Home tu            lacks
firm      own      lacks              lacks              lacks              -                  -
firm      foreign  lacks              lacks              lacks              -                  -
firm      none     lacks              lacks              lacks              Partner tu         -
audit     own      lacks              lacks              lacks              -                  -
audit     foreign  lacks              lacks              lacks              -                  -
audit     none     lacks              lacks              lacks              Auditor tu         -
platform  own      -                  -                  -                  -                  -
platform  foreign  -                  -                  -                  -                  -
platform  none     -                  -                  -                  -                  PlatformAdmin u
admission own      -                  -                  -                  -                  -
admission foreign  -                  -                  -                  -                  -
admission none     -                  -                  -                  -                  -
";

#[test]
fn every_role_reach_and_client() {
    let mut printed = format!("\n{:<10}{:<9}", "reach", "client");
    for role in Role::ALL {
        printed += &format!("{:<19}", role.as_str());
    }
    for reach in REACHES {
        for (name, client) in [("own", Some(own())), ("foreign", Some(foreign())), ("none", None)] {
            printed = printed.trim_end_matches(' ').to_owned();
            printed += &format!("\n{:<10}{name:<9}", format!("{reach:?}").to_lowercase());
            for role in Role::ALL {
                printed += &format!("{:<19}", said(&world(role, reach, client.clone()).decide()));
            }
        }
    }
    assert_eq!(printed.trim_end_matches(' ').to_owned() + "\n", TABLE, "{printed}");
}

#[test]
fn tags_and_grant_are_of_the_session_and_the_client_asked_for() {
    for role in Role::ALL {
        for reach in REACHES {
            for client in [None, Some(own()), Some(foreign())] {
                let world = world(role, reach, client.clone());
                let Ok(vend) = world.decide() else { continue };
                let Some(Asker::Session(session)) = world.asker else { panic!("a session") };
                let acts_as = session.acts_as.unwrap();
                for (tag, value) in vend.tags.pairs() {
                    let want = match tag {
                        "t" => acts_as.firm.to_string(),
                        "u" => session.person.to_string(),
                        "b" if role == Role::ClientMember => "no".to_owned(),
                        "b" | "i" => "yes".to_owned(),
                        _ => client.clone().unwrap().to_string(),
                    };
                    assert_eq!(value, want, "{role:?} {reach:?} {tag}");
                }
                let grant = vend.grant;
                // A kept grant is served no longer than the session lasts.
                assert_eq!(grant.ends_at(), Some(at(limits::SESSION_AGE_SECONDS_MAX)));
                assert_eq!((grant.firm, grant.person, grant.role), (acts_as.firm, session.person, role));
                assert_eq!((grant.session, grant.membership), (session.session, acts_as.membership));
                assert_eq!(grant.membership_version, 5);
                assert_eq!(grant.client, client.clone().or_else(|| role.is_client().then(own)));
                assert_eq!(grant.assigned, role == Role::Staff && client.is_some(), "{reach:?}");
            }
        }
    }
}

/// Every role with a reach it has; `change` must make each of them signed out, or leave each as it was.
fn check(what: &str, change: impl Fn(&mut World), signed_out: bool) {
    for (role, reach, client) in [
        (Role::ClientMember, Reach::Client, Some(own())),
        (Role::ClientAdmin, Reach::Objects, Some(own())),
        (Role::Staff, Reach::Client, Some(own())),
        (Role::Staff, Reach::Home, None),
        (Role::Partner, Reach::Firm, None),
        (Role::Partner, Reach::Audit, None),
        (Role::PlatformAdmin, Reach::Platform, None),
    ] {
        let mut world = world(role, reach, client);
        assert!(world.decide().is_ok(), "{role:?}");
        change(&mut world);
        let answer = world.decide();
        assert_eq!(said(&answer) == "out", signed_out, "{what}: {role:?} {reach:?}: {}", said(&answer));
        if let Err(refused) = answer {
            assert_eq!(refused.role, None, "{what}: nobody is written down who is not signed in");
        }
    }
}

fn home(world: &mut World) -> &mut HomeFacts {
    world.home.as_mut().unwrap()
}
fn session(world: &mut World) -> &mut SessionRow {
    match world.asker.as_mut().unwrap() {
        Asker::Session(session) => session,
        Asker::Token(_) => panic!("a session"),
    }
}
fn membership(world: &mut World) -> &mut MembershipRow {
    home(world).membership.as_mut().unwrap()
}

#[test]
fn a_session_that_is_none() {
    check("no session", |w| w.asker = None, true);
    check("nothing chosen", |w| session(w).acts_as = None, true);
    check("no home", |w| w.home = None, true);
    check("ended", |w| home(w).session = false, true);
    check("no membership", |w| home(w).membership = None, true);
    check("inactive", |w| membership(w).active = false, true);
}

#[test]
fn idle_is_judged_by_the_last_use() {
    let seen_before = |seconds: i64| move |w: &mut World| w.now = at(100 + seconds);
    check("just now", seen_before(0), false);
    check("nearly idle", seen_before(limits::SESSION_IDLE_SECONDS_MAX - 1), false);
    check("idle", seen_before(limits::SESSION_IDLE_SECONDS_MAX), true);
    check("long idle", seen_before(limits::SESSION_IDLE_SECONDS_MAX * 3), true);
    check("seen by a faster clock", seen_before(-30), false);
}

#[test]
fn no_session_grows_old() {
    let aged = |seconds: i64| {
        move |w: &mut World| {
            w.now = at(seconds);
            session(w).last_seen = at(seconds - 1);
        }
    };
    check("nearly too old", aged(limits::SESSION_AGE_SECONDS_MAX - 1), false);
    check("too old", aged(limits::SESSION_AGE_SECONDS_MAX), true);
}

/// A partner can write homes: a row there makes nobody what its place does not allow.
#[test]
fn a_membership_is_what_its_place_says() {
    for place_of in Role::ALL {
        for role in Role::ALL {
            let mut world = world(place_of, Reach::Home, None);
            membership(&mut world).role = role;
            let same_kind = place_of == role
                || (place_of.is_client() && role.is_client())
                || matches!((place_of, role), (Role::Staff | Role::Partner, Role::Staff | Role::Partner));
            assert_eq!(said(&world.decide()) != "out", same_kind, "{role:?} at the place of {place_of:?}");
        }
    }
    let mut world = world(Role::ClientAdmin, Reach::Client, Some(foreign()));
    membership(&mut world).client = Some(foreign());
    assert_eq!(said(&world.decide()), "out", "a company other than the membership's");
}

#[test]
fn an_operator_is_one_while_listed() {
    let mut world = world(Role::PlatformAdmin, Reach::Platform, None);
    assert_eq!(said(&world.decide()), "PlatformAdmin u");
    world.operators = vec!["ops@portico.example".into()];
    assert_eq!(said(&world.decide()), "out");
}

#[test]
fn staff_reach_the_assigned_client_and_no_other() {
    for (assigned, want) in [(vec![own()], "Staff tcubi"), (vec![foreign()], "-"), (vec![], "-")] {
        let mut world = world(Role::Staff, Reach::Client, Some(own()));
        home(&mut world).assigned = assigned.into_iter().collect();
        let answer = world.decide();
        assert_eq!(said(&answer), want);
        if let Err(refused) = answer {
            assert_eq!(refused.role, Some(Role::Staff), "a refusal is written down in the person's role");
        }
    }
}

#[test]
fn a_session_that_waits_is_good_for_nothing_and_says_for_what() {
    for role in Role::ALL {
        for reach in REACHES {
            for wait in [Wait::SecondFactor, Wait::Enrol] {
                let mut world = world(role, reach, Some(own()));
                session(&mut world).waits_for = Some(wait);
                let refused = world.decide().unwrap_err();
                assert_eq!(refused, Refused { why: WireRefusal::Waits(wait), role: None }, "{role:?} {reach:?}");
            }
        }
    }
}

#[test]
fn nobody_of_a_suspended_firm_gets_anything() {
    for role in Role::ALL {
        for reach in REACHES {
            for client in [None, Some(own()), Some(foreign())] {
                let mut world = world(role, reach, client);
                home(&mut world).suspended = true;
                assert_eq!(said(&world.decide()), "suspended", "{role:?} {reach:?}");
            }
        }
    }
}

/// What each adjustment leads to at a reach, with the values of the tags that say so.
fn check_adjusted(role: Role, reach: Reach, granted: &[PermissionName], removed: &[PermissionName], want: &str) {
    let client = matches!(reach, Reach::Client | Reach::Objects).then(own);
    let mut world = world(role, reach, client);
    membership(&mut world).adjusted =
        Adjusted { granted: granted.iter().copied().collect(), removed: removed.iter().copied().collect() };
    let answer = world.decide();
    assert_eq!(with_powers(&answer), want, "{role:?} {reach:?} +{granted:?} -{removed:?}");
    if let Ok(vend) = answer {
        assert_eq!(vend.grant.adjusted, membership(&mut world).adjusted);
    }
}

fn with_powers(answer: &Result<Vend, Refused>) -> String {
    let Ok(vend) = answer else { return said(answer) };
    let powers = vend.tags.pairs().into_iter().filter(|(name, _)| matches!(*name, "b" | "i"));
    powers.fold(vend.role.to_owned(), |text, (name, value)| format!("{text} {name}={value}"))
}

#[test]
fn the_role_follows_what_the_person_may_do() {
    use PermissionName::{
        ApproveInvoices, EditInvoices, ExportAudit, PayInvoices, ViewAudit, ViewFirm, ViewInternal, ViewInvoices,
        ViewTrust, WriteInternal,
    };
    let billing = [ViewInvoices, ApproveInvoices, PayInvoices, EditInvoices, ViewTrust];
    let (member, admin, staff, partner) = (Role::ClientMember, Role::ClientAdmin, Role::Staff, Role::Partner);
    let everything: Vec<PermissionName> = PermissionName::ALL.to_vec();

    check_adjusted(member, Reach::Client, &[], &[], "ClientMember b=no");
    check_adjusted(member, Reach::Client, &[ViewInvoices], &[], "ClientMember b=yes");
    check_adjusted(member, Reach::Client, &[ViewInvoices], &[ViewInvoices], "ClientMember b=no");
    check_adjusted(member, Reach::Client, &[ViewInternal, ViewFirm], &[], "ClientMember b=no");
    check_adjusted(admin, Reach::Client, &[], &billing, "ClientAdmin b=no");
    check_adjusted(admin, Reach::Client, &[], &[ViewInvoices], "ClientAdmin b=yes");
    check_adjusted(member, Reach::Objects, &[ViewInvoices], &[], "DocBill");
    check_adjusted(admin, Reach::Objects, &[], &billing, "DocOpen");

    check_adjusted(staff, Reach::Client, &[], &[], "Staff b=yes i=yes");
    check_adjusted(staff, Reach::Client, &[], &[ViewInternal], "Staff b=yes i=yes");
    check_adjusted(staff, Reach::Client, &[], &[ViewInternal, WriteInternal], "Staff b=yes i=no");
    check_adjusted(staff, Reach::Client, &[], &billing, "Staff b=no i=yes");
    check_adjusted(partner, Reach::Client, &[], &[ViewInternal, WriteInternal], "Staff b=yes i=no");
    check_adjusted(staff, Reach::Objects, &[], &[ViewInternal, WriteInternal], "DocBill");
    check_adjusted(staff, Reach::Objects, &[], &billing, "DocInt");
    check_adjusted(staff, Reach::Objects, &[], &everything, "lacks");

    check_adjusted(staff, Reach::Firm, &[ViewFirm], &[], "FirmViews");
    check_adjusted(staff, Reach::Firm, &[ViewFirm], &[ViewFirm], "lacks");
    check_adjusted(staff, Reach::Firm, &everything, &[], "FirmViews");
    check_adjusted(staff, Reach::Audit, &everything, &[], "lacks");
    check_adjusted(member, Reach::Firm, &everything, &[], "lacks");
    let but_views: Vec<PermissionName> =
        everything.iter().copied().filter(|name| name.reach() == Reach::Firm && *name != ViewFirm).collect();
    check_adjusted(partner, Reach::Firm, &[], &but_views, "FirmViews");
    check_adjusted(partner, Reach::Firm, &[], &[ViewFirm], "Partner");
    check_adjusted(partner, Reach::Firm, &[], &everything, "lacks");
    check_adjusted(partner, Reach::Audit, &[], &[ViewAudit, ExportAudit], "lacks");
    for role in [member, admin, staff, partner] {
        check_adjusted(role, Reach::Client, &[], &everything, "lacks");
        check_adjusted(role, Reach::Home, &[], &everything, "Home");
    }
}

/// A token of whoever the world is about.
fn by_token(mut world: World, scopes: &[PermissionName], read_only: bool) -> World {
    let session = session(&mut world).clone();
    world.asked.bearer = true;
    world.asker = Some(Asker::Token(TokenRow {
        token: TokenId::from_bits(9),
        person: session.person,
        email: session.email,
        acts_as: session.acts_as.unwrap(),
        scopes: scopes.iter().copied().collect(),
        read_only,
        expires: at(1_000),
        last_seen: None,
    }));
    world
}

#[test]
fn a_token_carries_its_scopes_and_no_more_than_its_person_may() {
    let check = |role, reach, scopes: &[PermissionName], read_only, want: &str| {
        let client = matches!(reach, Reach::Client | Reach::Objects).then(own);
        let answer = by_token(world(role, reach, client), scopes, read_only).decide();
        assert_eq!(with_powers(&answer), want, "{role:?} {reach:?} {scopes:?} {read_only}");
    };
    use PermissionName::{EditProjects, ManageClients, PayInvoices, ViewAudit, ViewFirm, ViewInvoices, ViewProjects};
    check(Role::Staff, Reach::Client, &[ViewProjects], false, "Staff b=no i=no");
    check(Role::Staff, Reach::Client, &[EditProjects], true, "lacks");
    check(Role::Staff, Reach::Client, &[], false, "lacks");
    check(Role::Staff, Reach::Home, &[], true, "Home");
    check(Role::Staff, Reach::Firm, &[ViewFirm], false, "lacks");
    check(Role::ClientMember, Reach::Client, &[ViewInvoices, ViewProjects], false, "ClientMember b=no");
    check(Role::ClientAdmin, Reach::Client, &[ViewProjects], false, "ClientAdmin b=no");
    check(Role::ClientAdmin, Reach::Client, &[ViewInvoices], false, "ClientAdmin b=yes");
    check(Role::ClientAdmin, Reach::Client, &[PayInvoices], true, "lacks");
    check(Role::ClientAdmin, Reach::Objects, &[ViewProjects], false, "DocOpen");
    check(Role::Partner, Reach::Firm, &[ViewFirm], false, "FirmViews");
    check(Role::Partner, Reach::Firm, &[ManageClients], false, "Partner");
    check(Role::Partner, Reach::Firm, &[ManageClients, ViewFirm], true, "FirmViews");
    check(Role::Partner, Reach::Audit, &[ViewAudit], true, "Auditor");
    check(Role::Partner, Reach::Audit, &[ViewFirm], false, "lacks");
}

#[test]
fn a_token_ends_when_it_says_when_it_is_revoked_and_with_its_membership() {
    let base = || by_token(world(Role::Staff, Reach::Client, Some(own())), PermissionName::ALL, false);
    let vend = base().decide().unwrap();
    assert!(matches!(vend.grant.acting, Acting::Token { read_only: false, .. }), "{:?}", vend.grant.acting);
    assert_eq!(vend.grant.session.as_str(), TokenId::from_bits(9).as_str());
    assert_eq!(vend.grant.confirmed_at, None);
    let check = |change: fn(&mut World), want: &str| {
        let mut world = base();
        change(&mut world);
        assert_eq!(said(&world.decide()), want);
    };
    check(|w| w.now = at(1_000), "out");
    check(|w| home(w).session = false, "out");
    check(|w| membership(w).active = false, "out");
    check(|w| home(w).suspended = true, "suspended");
    check(|w| home(w).assigned.clear(), "-");
    check(|w| w.now = at(999), "Staff tcubi");
}

/// Somebody of the firm looks at the portal of `own` as somebody of it.
fn viewing_as(own_role: Role, role: Role, reach: Reach, client: Option<ClientId>) -> World {
    let mut looking = world(own_role, reach, client);
    session(&mut looking).viewing = Some(Viewing { client: own(), person: PersonId::from_bits(44), until: at(1_800) });
    let viewed = MembershipRow { version: 8, name: "Jo".into(), ..membership(&mut world(role, reach, None)).clone() };
    home(&mut looking).viewed = Some(viewed);
    looking
}

/// Reviewed as text, as the table above.
const VIEWING: &str = "
reach     client   as client_member   as client_admin
client    own      ClientView tcuvb   ClientView tcuvb
client    foreign  -                  -
client    none     -                  -
objects   own      DocOpen tcu        DocBill tcu
objects   foreign  -                  -
objects   none     -                  -
home      own      -                  -
home      foreign  -                  -
home      none     HomeView tuv       HomeView tuv
firm      own      lacks              lacks
firm      foreign  lacks              lacks
firm      none     lacks              lacks
audit     own      lacks              lacks
audit     foreign  lacks              lacks
audit     none     lacks              lacks
platform  own      -                  -
platform  foreign  -                  -
platform  none     -                  -
admission own      -                  -
admission foreign  -                  -
admission none     -                  -
";

#[test]
fn who_views_as_a_client_gets_what_looks_and_nothing_of_the_firm() {
    for own_role in [Role::Staff, Role::Partner] {
        let mut printed =
            format!("\n{:<10}{:<9}{:<19}{:<19}", "reach", "client", "as client_member", "as client_admin");
        for reach in REACHES {
            for (name, client) in [("own", Some(own())), ("foreign", Some(foreign())), ("none", None)] {
                printed = printed.trim_end_matches(' ').to_owned();
                printed += &format!("\n{:<10}{name:<9}", format!("{reach:?}").to_lowercase());
                for role in [Role::ClientMember, Role::ClientAdmin] {
                    let answer = viewing_as(own_role, role, reach, client.clone()).decide();
                    if let Err(refused) = &answer {
                        assert_eq!(refused.role, Some(own_role), "refusals are of whoever looks");
                    }
                    printed += &format!("{:<19}", said(&answer));
                }
            }
        }
        assert_eq!(printed.trim_end_matches(' ').to_owned() + "\n", VIEWING, "{own_role:?}: {printed}");
    }
}

#[test]
fn a_grant_to_view_names_both() {
    let vend = viewing_as(Role::Staff, Role::ClientAdmin, Reach::Client, Some(own())).decide().unwrap();
    let grant = &vend.grant;
    assert_eq!((grant.person.clone(), grant.role, grant.assigned), (PersonId::from_bits(4), Role::ClientAdmin, true));
    assert_eq!((grant.membership.as_str(), grant.membership_version), ("FIRM", 5));
    let viewed = grant.viewing().unwrap();
    assert_eq!(
        (viewed.person.clone(), viewed.membership_version, viewed.own_role),
        (PersonId::from_bits(44), 8, Role::Staff)
    );
    assert_eq!((grant.name.as_str(), grant.shown_name()), ("Ada", "Jo"));
    assert!(grant.may(PermissionName::ViewInvoices) && !grant.may(PermissionName::UploadDocuments));
    let domain::audit::Who::Person { person, role, viewing_as, .. } = grant.who() else { panic!("a person") };
    assert_eq!((person, role, viewing_as), (PersonId::from_bits(4), Role::Staff, Some(PersonId::from_bits(44))));
    let tag = |name| vend.tags.pairs().into_iter().find(|(tag, _)| *tag == name).unwrap().1.to_owned();
    assert_eq!(
        (tag("u"), tag("v"), tag("b")),
        (PersonId::from_bits(4).to_string(), PersonId::from_bits(44).to_string(), "yes".into())
    );
}

#[test]
fn viewing_is_over() {
    let check = |what: &str, change: fn(&mut World), want: &str| {
        let mut world = viewing_as(Role::Staff, Role::ClientMember, Reach::Client, Some(own()));
        change(&mut world);
        assert_eq!(said(&world.decide()), want, "{what}");
    };
    check("in time", |w| w.now = at(1_799), "ClientView tcuvb");
    check("its time is over", |w| w.now = at(1_800), "over");
    check("the viewed person left", |w| home(w).viewed = None, "over");
    check("the viewed person's access ended", |w| home(w).viewed.as_mut().unwrap().active = false, "over");
    check("the viewed person is of the firm now", |w| home(w).viewed.as_mut().unwrap().role = Role::Staff, "over");
    check(
        "the viewed person is of another company",
        |w| home(w).viewed.as_mut().unwrap().client = Some(foreign()),
        "over",
    );
    check("no longer assigned", |w| home(w).assigned.clear(), "over");
    let taken = |w: &mut World| {
        membership(w).adjusted.removed.insert(PermissionName::ViewAsClient);
    };
    check("no longer allowed", taken, "over");
    check("of a company oneself", |w| membership(w).active = false, "out");
    check("signed out", |w| home(w).session = false, "out");
    check("suspended", |w| home(w).suspended = true, "suspended");
}

/// What was taken from the viewed person is not shown to whoever views as it either.
#[test]
fn viewing_shows_what_the_viewed_person_may_see() {
    let mut world = viewing_as(Role::Partner, Role::ClientAdmin, Reach::Client, Some(own()));
    let viewed = home(&mut world).viewed.as_mut().unwrap();
    viewed.adjusted.removed.extend(PermissionName::ALL.iter().filter(|name| name.is_billing()));
    let vend = world.decide().unwrap();
    assert_eq!(with_powers(&Ok(vend.clone())), "ClientView b=no");
    assert!(!vend.grant.may(PermissionName::ViewInvoices));
    // And the viewer's own grants do not widen it.
    membership(&mut world).adjusted.granted.extend(PermissionName::ALL);
    assert_eq!(with_powers(&world.decide()), "ClientView b=no");
}

/// An operator asks for a client that it was admitted to, after one thing was changed.
fn admitted(change: impl FnOnce(&mut World, &mut AdmissionRow)) -> String {
    let mut world = world(Role::PlatformAdmin, Reach::Admission, None);
    let firm = FirmId::from_bits(9);
    let mut row = AdmissionRow {
        admission: AdmissionId::from_bits(10),
        client: own(),
        client_name: domain::text::Name::parse("Acme").unwrap(),
        reason: domain::platform::Reason::parse("Uploads stay unchecked.").unwrap(),
        ticket: domain::platform::Ticket::parse("SUP-1").unwrap(),
        by: PersonId::from_bits(4),
        by_name: "Ada".into(),
        opened_at: at(0),
        until: at(300),
        ended_at: None,
        ended_by: None,
        mail_due: false,
        told: Vec::new(),
    };
    world.asked.admission = Some(OfFirm { firm: firm.clone(), admission: row.admission.clone() });
    change(&mut world, &mut row);
    home(&mut world).admissions = vec![(firm, row)];
    let answer = world.decide();
    if let Ok(vend) = &answer
        && vend.role == "BreakGlass"
    {
        let client = vend.tags.pairs().iter().find(|(name, _)| *name == "c").map(|(_, value)| (*value).to_owned());
        assert_eq!((client, vend.grant.client.clone()), (Some(own().to_string()), Some(own())));
        assert!(vend.tags.pairs().contains(&("t", FirmId::from_bits(9).as_str())));
    }
    said(&answer)
}

#[test]
fn break_glass_is_vended_to_whom_an_open_admission_names_and_to_nobody_else() {
    let check = |want: &str, change: fn(&mut World, &mut AdmissionRow)| assert_eq!(admitted(change), want);
    check("BreakGlass tcuticket", |_, _| ());
    check("-", |world, _| world.asked.admission = None);
    check("-", |world, _| {
        world.asked.admission = Some(OfFirm { firm: FirmId::from_bits(8), admission: AdmissionId::from_bits(10) });
    });
    check("-", |_, row| row.admission = AdmissionId::from_bits(11));
    check("-", |_, row| row.by = PersonId::from_bits(5));
    check("-", |_, row| row.until = at(200));
    check("-", |_, row| row.ended_at = Some(at(100)));
    check("-", |world, _| world.asked.client = Some(own()));
    check("PlatformAdmin u", |world, _| world.asked.reach = Reach::Platform);
    check("-", |world, _| world.asked.reach = Reach::Client);
    check("out", |world, _| world.operators.clear());
    check("out", |world, _| home(world).session = false);
}
