//! Where to go with a session.

use domain::Role;
use domain::factors::Wait;
use storage::Current;
use web::LocalPath;

use crate::begin::Entered;

/// After signing in: to what the session waits for, to the one place there is, or to the choice.
pub(crate) fn of_entered(entered: &Entered) -> String {
    let role = match entered.standings.as_slice() {
        [only] => Some(only.row.role),
        _ => None,
    };
    of_wait(entered.waits_for, role, entered.next.as_ref())
}

/// From a page that is of no use to this session.
pub(crate) fn of(current: &Current, next: Option<&LocalPath>) -> String {
    of_wait(current.row.waits_for, role(current), next)
}

/// Once nothing is waited for.
pub(crate) fn of_role(current: &Current, next: Option<&LocalPath>) -> String {
    of_wait(None, role(current), next)
}

pub(crate) fn of_wait(wait: Option<Wait>, role: Option<Role>, next: Option<&LocalPath>) -> String {
    match (wait, role) {
        (Some(Wait::SecondFactor), _) => with_next("/sign-in/second", next),
        (Some(Wait::Enrol), _) => with_next("/security/enrol", next),
        (None, Some(role)) => next.map_or_else(|| web::home(role).to_owned(), |next| next.as_str().to_owned()),
        (None, None) => with_next("/choose", next),
    }
}

/// An address that leads on to another one.
pub(crate) fn with_next(path: &str, next: Option<&LocalPath>) -> String {
    let Some(next) = next else { return path.to_owned() };
    // A path holds what would end a value: `&`, `#`, `+`, `%`.
    let escaped: String = next
        .as_str()
        .bytes()
        .map(|b| {
            let plain = b.is_ascii_alphanumeric() || b"-_.~/".contains(&b);
            if plain { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect();
    format!("{path}?next={escaped}")
}

fn role(current: &Current) -> Option<Role> {
    current.membership.as_ref().map(|membership| membership.role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_survives() {
        let check = |wait, role, next: &str, want: &str| {
            assert_eq!(of_wait(wait, role, LocalPath::parse(next).as_ref()), want, "{wait:?} {role:?} {next}");
        };
        check(None, None, "/search?q=a+b&c", "/choose?next=/search%3Fq%3Da%2Bb%26c");
        check(None, None, "//evil.example", "/choose");
        check(None, Some(Role::PlatformAdmin), "", "/platform");
        check(None, Some(Role::Staff), "/search", "/search");
        check(Some(Wait::SecondFactor), Some(Role::Staff), "/search", "/sign-in/second?next=/search");
        check(Some(Wait::Enrol), None, "", "/security/enrol");
    }
}
