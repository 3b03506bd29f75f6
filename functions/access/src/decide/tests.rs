//! The decision as tables: every role with every reach and every kind of client, and every way in which a session ends.

use std::collections::BTreeSet;

use access::{WireRefusal, WireVend};
use domain::permissions::Reach;
use domain::{ClientId, EmailAddress, FirmId, PersonId, Role, SessionId, Timestamp, limits};
use storage::{ActsAs, HomeFacts, MembershipRow, SessionRow};

use super::{Refused, Vend, decide};

const REACHES: [Reach; 6] = [Reach::Client, Reach::Objects, Reach::Home, Reach::Firm, Reach::Audit, Reach::Platform];

/// Somebody in a role, in the middle of a session.
#[derive(Clone)]
struct World {
    session: Option<SessionRow>,
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
        session: Some(SessionRow {
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
        }),
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
                version: 5,
            }),
            assigned: if role == Role::Staff { BTreeSet::from([own()]) } else { BTreeSet::new() },
        }),
        operators: vec!["ops@portico.example".into(), "ada@firm.example".into()],
        asked: WireVend { session: "h".into(), reach, client },
        now: at(200),
    }
}

impl World {
    fn decide(&self) -> Result<Vend, Refused> {
        decide(self.session.as_ref(), self.home.as_ref(), &self.operators, &self.asked, self.now)
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
    }
}

/// Reviewed as text: a change of this table is a change of who reaches what.
const TABLE: &str = "
reach     client   client_member     client_admin      staff             partner           platform_admin
client    own      ClientMember tcu  ClientAdmin tcu   Staff tcu         Staff tcu         -
client    foreign  -                 -                 -                 Staff tcu         -
client    none     -                 -                 -                 -                 -
objects   own      DocOpen tcu       DocBill tcu       DocFirm tcu       DocFirm tcu       -
objects   foreign  -                 -                 -                 DocFirm tcu       -
objects   none     -                 -                 -                 -                 -
home      own      -                 -                 -                 -                 lacks
home      foreign  -                 -                 -                 -                 lacks
home      none     Home tu           Home tu           Home tu           Home tu           lacks
firm      own      lacks             lacks             lacks             -                 -
firm      foreign  lacks             lacks             lacks             -                 -
firm      none     lacks             lacks             lacks             Partner tu        -
audit     own      lacks             lacks             lacks             -                 -
audit     foreign  lacks             lacks             lacks             -                 -
audit     none     lacks             lacks             lacks             Auditor tu        -
platform  own      -                 -                 -                 -                 -
platform  foreign  -                 -                 -                 -                 -
platform  none     -                 -                 -                 -                 PlatformAdmin u
";

#[test]
fn every_role_reach_and_client() {
    let mut printed = format!("\n{:<10}{:<9}", "reach", "client");
    for role in Role::ALL {
        printed += &format!("{:<18}", role.as_str());
    }
    for reach in REACHES {
        for (name, client) in [("own", Some(own())), ("foreign", Some(foreign())), ("none", None)] {
            printed = printed.trim_end_matches(' ').to_owned();
            printed += &format!("\n{:<10}{name:<9}", format!("{reach:?}").to_lowercase());
            for role in Role::ALL {
                printed += &format!("{:<18}", said(&world(role, reach, client.clone()).decide()));
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
                let session = world.session.unwrap();
                let acts_as = session.acts_as.unwrap();
                for (tag, value) in vend.tags.pairs() {
                    let want = match tag {
                        "t" => acts_as.firm.to_string(),
                        "u" => session.person.to_string(),
                        _ => client.clone().unwrap().to_string(),
                    };
                    assert_eq!(value, want, "{role:?} {reach:?} {tag}");
                }
                let grant = vend.grant;
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
fn membership(world: &mut World) -> &mut MembershipRow {
    home(world).membership.as_mut().unwrap()
}

#[test]
fn a_session_that_is_none() {
    check("no session", |w| w.session = None, true);
    check("nothing chosen", |w| w.session.as_mut().unwrap().acts_as = None, true);
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
            w.session.as_mut().unwrap().last_seen = at(seconds - 1);
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
    for (assigned, want) in [(vec![own()], "Staff tcu"), (vec![foreign()], "-"), (vec![], "-")] {
        let mut world = world(Role::Staff, Reach::Client, Some(own()));
        home(&mut world).assigned = assigned.into_iter().collect();
        let answer = world.decide();
        assert_eq!(said(&answer), want);
        if let Err(refused) = answer {
            assert_eq!(refused.role, Some(Role::Staff), "a refusal is written down in the person's role");
        }
    }
}
