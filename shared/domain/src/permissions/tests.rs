//! The table as text, and what holds for every line of it.

use super::*;

/// Reviewed as text: a change of this table is a change of who may do what.
const REVIEWED: &str = include_str!("../permissions.txt");

/// Somebody from whom nothing was taken and to whom nothing was given; one who was given everything that can be; one
/// from whom everything was taken; one with both.
fn worlds() -> [(&'static str, Adjusted); 4] {
    let every: BTreeSet<Name> = Name::ALL.iter().copied().collect();
    let none = BTreeSet::new;
    [
        ("plain", Adjusted::default()),
        ("granted", Adjusted { granted: every.clone(), removed: none() }),
        ("removed", Adjusted { granted: none(), removed: every.clone() }),
        ("both", Adjusted { granted: every.clone(), removed: every }),
    ]
}

/// One letter for each column: `p` plain, `g` everything granted, `r` everything removed, `v` viewing as, `t` token,
/// `o` read-only token; a dot where the person may not.
fn printed() -> String {
    let [(_, plain), (_, granted), (_, removed), _] = worlds();
    let mut table = format!("{:<21}{:<10}{:<9}", "permission", "reach", "asks");
    for role in Role::ALL {
        table += &format!("{:<15}", role.as_str());
    }
    for name in Name::ALL.iter().copied() {
        let reach = format!("{:?}", name.reach()).to_lowercase();
        let asks = if name.needs_confirmation() { "confirm" } else { "-" };
        table = table.trim_end().to_owned() + &format!("\n{:<21}{reach:<10}{asks:<9}", name.as_str());
        for role in Role::ALL {
            let columns = [
                ('p', &plain, State::Plain),
                ('g', &granted, State::Plain),
                ('r', &removed, State::Plain),
                ('v', &plain, State::ViewingAs),
                ('t', &plain, State::Token),
                ('o', &plain, State::ReadOnlyToken),
            ];
            let letters: String = columns
                .into_iter()
                .map(|(letter, adjusted, state)| if may(role, adjusted, state, name) { letter } else { '.' })
                .collect();
            table += &format!("{letters:<15}");
        }
    }
    table.trim_end().to_owned() + "\n"
}

#[test]
fn the_table_is_the_reviewed_one() {
    assert_eq!(printed(), REVIEWED, "printed:\n{}", printed());
}

/// Every role, adjustment, state and name that is allowed.
fn allowed() -> impl Iterator<Item = (Role, &'static str, State, Name)> {
    Role::ALL.into_iter().flat_map(|role| {
        worlds().into_iter().flat_map(move |(world, adjusted)| {
            State::ALL.into_iter().flat_map(move |state| {
                all(role, &adjusted, state).into_iter().map(move |name| (role, world, state, name))
            })
        })
    })
}

#[test]
fn a_platform_admin_reaches_the_platform_only_and_nobody_else_does() {
    for (role, world, state, name) in allowed() {
        let of_platform = name.reach() == Reach::Platform;
        assert_eq!(of_platform, role == Role::PlatformAdmin, "{role:?} {world} {state:?} {name:?}");
    }
}

#[test]
fn a_client_role_never_reaches_the_firm() {
    for (role, world, state, name) in allowed().filter(|(role, ..)| role.is_client()) {
        let own = matches!(name.reach(), Reach::Client | Reach::Objects | Reach::Home);
        assert!(own, "{role:?} {world} {state:?} {name:?}");
        assert!(!name.is_internal(), "{role:?} {world} {state:?} {name:?}");
    }
}

#[test]
fn removed_wins() {
    for (role, world, state, name) in allowed().filter(|(_, world, ..)| matches!(*world, "removed" | "both")) {
        assert!(matches!(name.reach(), Reach::Home | Reach::Platform), "{role:?} {world} {state:?} {name:?}");
    }
}

/// What a role can be given is of a reach that the role has anyway; staff alone can be given the firm's views, which
/// have credentials of their own.
#[test]
fn nothing_is_granted_across_reach() {
    for name in Name::ALL.iter().copied() {
        for role in Role::ALL.into_iter().filter(|role| name.grantable_to(*role)) {
            assert!(!name.held_by(role), "{role:?} has {name:?} anyway");
            let has_reach = Name::ALL.iter().any(|other| other.reach() == name.reach() && other.held_by(role));
            assert!(has_reach || (role, name) == (Role::Staff, Name::ViewFirm), "{role:?} {name:?}");
            assert!(!name.needs_confirmation(), "{role:?} {name:?}");
        }
    }
}

#[test]
fn who_views_as_a_client_changes_nothing() {
    for (role, world, _, name) in allowed().filter(|(_, _, state, _)| *state == State::ViewingAs) {
        assert!(name.reads(), "{role:?} {world} {name:?}");
        assert!(!matches!(name.reach(), Reach::Firm | Reach::Audit | Reach::Platform), "{role:?} {world} {name:?}");
    }
}

#[test]
fn a_token_does_nothing_that_has_to_be_confirmed() {
    for (role, world, state, name) in allowed() {
        match state {
            State::Token => assert!(!name.needs_confirmation(), "{role:?} {world} {name:?}"),
            State::ReadOnlyToken => assert!(name.reads(), "{role:?} {world} {name:?}"),
            State::Plain | State::ViewingAs => (),
        }
    }
}

/// No way of acting gives anybody more than being signed in does.
#[test]
fn every_state_narrows() {
    for (role, world, state, name) in allowed() {
        let adjusted = worlds().into_iter().find(|(name, _)| *name == world).unwrap().1;
        assert!(may(role, &adjusted, State::Plain, name), "{role:?} {world} {state:?} {name:?}");
    }
}

#[test]
fn an_adjustment_that_would_do_nothing_is_refused() {
    let one = |name| BTreeSet::from([name]);
    let check = |role, granted: &[Name], removed: &[Name], want: Result<(), AdjustmentRefused>| {
        let adjusted =
            Adjusted { granted: granted.iter().copied().collect(), removed: removed.iter().copied().collect() };
        assert_eq!(adjusted.check(role), want, "{role:?} {adjusted:?}");
    };
    use AdjustmentRefused::{NotGrantable, NotRemovable};
    check(Role::ClientMember, &[Name::ViewInvoices], &[Name::UploadDocuments], Ok(()));
    check(Role::ClientMember, &[Name::EditProjects], &[], Err(NotGrantable(Name::EditProjects)));
    check(Role::ClientMember, &[Name::ViewFirm], &[], Err(NotGrantable(Name::ViewFirm)));
    check(Role::Staff, &[Name::ViewFirm], &[Name::ViewInternal], Ok(()));
    check(Role::Staff, &[Name::ChangeRoles], &[], Err(NotGrantable(Name::ChangeRoles)));
    check(Role::Staff, &[], &[Name::ViewHome], Err(NotRemovable(Name::ViewHome)));
    check(Role::PlatformAdmin, &[], &[Name::ManageFirms], Err(NotRemovable(Name::ManageFirms)));
    assert!(!may(
        Role::Staff,
        &Adjusted { granted: one(Name::ChangeRoles), ..Adjusted::default() },
        State::Plain,
        Name::ChangeRoles
    ));
}

#[test]
fn names_are_told_apart_by_their_text_and_words() {
    let texts: BTreeSet<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
    let words: BTreeSet<&str> = Name::ALL.iter().map(|name| name.words()).collect();
    assert_eq!((texts.len(), words.len()), (Name::ALL.len(), Name::ALL.len()));
    for name in Name::ALL.iter().copied() {
        assert_eq!(Name::parse(name.as_str()), Some(name));
        assert_eq!(serde_json::to_string(&name).unwrap(), format!("\"{}\"", name.as_str()));
    }
}
