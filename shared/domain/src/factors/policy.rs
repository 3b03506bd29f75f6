//! Who has to have a second factor, from when on, and what that makes of a session that begins.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Means, Wait};
use crate::{Role, limits};

/// What a firm asks of some of its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    #[default]
    Optional,
    Required,
}

/// A firm's rule about second factors. Partners and operators are not in it: of them one is always asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FactorPolicy {
    #[serde(default)]
    pub staff: Asked,
    #[serde(default)]
    pub clients: Asked,
}

impl FactorPolicy {
    pub fn asks(self, role: Role) -> bool {
        let asked = match role {
            Role::Partner | Role::PlatformAdmin => Asked::Required,
            Role::Staff => self.staff,
            Role::ClientMember | Role::ClientAdmin => self.clients,
        };
        asked == Asked::Required
    }
}

/// The membership that a session is about to act as.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub role: Role,
    pub policy: FactorPolicy,
    /// When the person took the membership up; unknown counts as long ago.
    pub taken_up_at: Option<Timestamp>,
}

/// What a session has to wait for, and until when the person may put off to enrol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Onward {
    pub waits_for: Option<Wait>,
    pub enrol_by: Option<Timestamp>,
}

/// After the first means was shown. `member` is nothing before there is a choice; what it asks is judged at the choice.
pub fn onward(first: Means, second: Option<Means>, enrolled: bool, member: Option<Member>, now: Timestamp) -> Onward {
    // A passkey is something one has and, by its check of the person, something one is or knows. A firm's own sign-in
    // asks for what that firm wants asked.
    if matches!(first, Means::Passkey | Means::Sso) || second.is_some() {
        return Onward::default();
    }
    if enrolled {
        return Onward { waits_for: Some(Wait::SecondFactor), enrol_by: None };
    }
    let Some(member) = member.filter(|member| member.policy.asks(member.role)) else { return Onward::default() };
    let until = member.taken_up_at.and_then(|at| at.checked_add(PUT_OFF).ok()).filter(|until| now < *until);
    match until {
        Some(until) => Onward { waits_for: None, enrol_by: Some(until) },
        None => Onward { waits_for: Some(Wait::Enrol), enrol_by: None },
    }
}

const PUT_OFF: jiff::SignedDuration = jiff::SignedDuration::from_secs(limits::ENROL_WITHIN_SECONDS);

/// What one firm of a person says about a fresh start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirmSays {
    /// The person has come in there, by its own choice where there was one.
    pub used: bool,
    /// When a partner ordered it last.
    pub reset_at: Option<Timestamp>,
}

/// Whether a reset that partners ordered holds: every firm that the person has come in to has ordered it since the
/// factors were enrolled. One firm alone must not open a person's way into another; the platform never orders one. A firm
/// in which the person never was has no say: anybody's invitation makes one belong, and would keep others' resets from
/// holding, while nothing there was ever reached by the factors that go.
pub fn reset_holds(begun_at: Timestamp, firms: impl IntoIterator<Item = FirmSays>) -> bool {
    let mut used = firms.into_iter().filter(|firm| firm.used).peekable();
    used.peek().is_some() && used.all(|firm| firm.reset_at.is_some_and(|at| at > begun_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONAL: FactorPolicy = FactorPolicy { staff: Asked::Optional, clients: Asked::Optional };
    const STRICT: FactorPolicy = FactorPolicy { staff: Asked::Required, clients: Asked::Required };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn partners_and_operators_are_always_asked() {
        let check = |policy: FactorPolicy, want: [bool; 5]| {
            assert_eq!(Role::ALL.map(|role| policy.asks(role)), want, "{policy:?}");
        };
        assert_eq!(Role::ALL[3..], [Role::Partner, Role::PlatformAdmin]);
        check(OPTIONAL, [false, false, false, true, true]);
        check(STRICT, [true; 5]);
        check(FactorPolicy { staff: Asked::Required, ..OPTIONAL }, [false, false, true, true, true]);
        check(FactorPolicy { clients: Asked::Required, ..OPTIONAL }, [true, true, false, true, true]);
    }

    #[test]
    fn what_a_session_waits_for() {
        let now = at("2026-11-24T10:00:00Z");
        let (fresh, late) = (Some(at("2026-11-10T10:00:01Z")), Some(at("2026-11-10T10:00:00Z")));
        let by = at("2026-11-24T10:00:01Z");
        let none = Onward::default();
        let second = Onward { waits_for: Some(Wait::SecondFactor), enrol_by: None };
        let enrol = Onward { waits_for: Some(Wait::Enrol), enrol_by: None };
        let put_off = Onward { waits_for: None, enrol_by: Some(by) };
        let partner = |taken_up_at| Some(Member { role: Role::Partner, policy: OPTIONAL, taken_up_at });
        let staff = |policy, taken_up_at| Some(Member { role: Role::Staff, policy, taken_up_at });
        for (first, second_shown, enrolled, member, want) in [
            (Means::Link, None, true, staff(OPTIONAL, late), second),
            (Means::Code, None, true, None, second),
            (Means::Code, Some(Means::Totp), true, partner(late), none),
            (Means::Passkey, None, true, partner(late), none),
            (Means::Sso, None, false, partner(late), none),
            (Means::Link, None, false, None, none),
            (Means::Link, None, false, staff(OPTIONAL, late), none),
            (Means::Link, None, false, staff(STRICT, fresh), put_off),
            (Means::Link, None, false, staff(STRICT, late), enrol),
            (Means::Link, None, false, partner(fresh), put_off),
            (Means::Link, None, false, partner(late), enrol),
            (Means::Link, None, false, partner(None), enrol),
        ] {
            let got = onward(first, second_shown, enrolled, member, now);
            assert_eq!(got, want, "{first:?} {second_shown:?} {enrolled} {member:?}");
        }
    }

    #[test]
    fn a_reset_holds_where_every_firm_that_was_used_has_ordered_it() {
        let begun = at("2026-11-01T00:00:00Z");
        let (before, after) = (Some(at("2026-10-31T00:00:00Z")), Some(at("2026-11-02T00:00:00Z")));
        let used = |reset_at| FirmSays { used: true, reset_at };
        let never = |reset_at| FirmSays { used: false, reset_at };
        for (firms, want) in [
            (vec![], false),
            (vec![used(after)], true),
            (vec![used(before)], false),
            (vec![used(Some(begun))], false),
            (vec![used(None)], false),
            (vec![used(after), used(None)], false),
            (vec![used(after), used(before)], false),
            (vec![used(after), used(after)], true),
            // Invited by somebody, taken up, and no more.
            (vec![used(after), never(None)], true),
            (vec![used(after), never(before)], true),
            (vec![used(after), used(None), never(None)], false),
            // Nor does such a firm order anything.
            (vec![used(None), never(after)], false),
            (vec![never(after)], false),
            (vec![never(None)], false),
        ] {
            assert_eq!(reset_holds(begun, firms.clone()), want, "{firms:?}");
        }
    }
}
